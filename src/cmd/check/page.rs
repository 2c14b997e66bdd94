//! A check as a person reads it: one page for one host, one line each for many.

use super::outcome::{Outcome, Said};
use super::wrap::{blanks, columns, hanging, padded};
use crate::check::clients::{Row, Verdict};
use crate::check::finding::Level;
use crate::cmd::{Ctx, advice};
use crate::error::{Hint, Lang};
use crate::output::{Cell, Style, table};
use crate::text::clean;
use crate::tr;

/// The narrowest and the widest that lines are made for: longer ones are hard to read.
const WIDTHS: (usize, usize) = (40, 110);

/// How pages are drawn.
#[derive(Debug)]
pub(super) struct Page<'a> {
    ctx: &'a Ctx<'a>,
    lang: Lang,
    /// The columns of the terminal; `None` where there is none, and nothing is wrapped.
    width: Option<usize>,
    /// Whether signs stand for words in titles.
    signs: bool,
}

impl<'a> Page<'a> {
    pub(super) fn new(ctx: &'a Ctx<'a>) -> Self {
        let width = ctx.out.columns(ctx.env).map(|width| width.clamp(WIDTHS.0, WIDTHS.1));
        Self { ctx, lang: ctx.out.lang, width, signs: signs(ctx) }
    }

    fn level(&self, level: Level) -> String {
        match level {
            Level::Ok => tr!(self.lang, "ok", "正常"),
            Level::Warn => tr!(self.lang, "warn", "警告"),
            Level::Fail => tr!(self.lang, "fail", "失败"),
        }
    }

    fn sign(&self, level: Level) -> String {
        match (self.signs, level) {
            (true, Level::Ok) => "✓".to_owned(),
            (true, Level::Warn) => "!".to_owned(),
            (true, Level::Fail) => "✗".to_owned(),
            (false, level) => self.level(level),
        }
    }

    fn styled(&self, level: Level, text: &str) -> String {
        self.ctx.out.out_styled(style(level), text)
    }

    /// One host: its title, what was found, and what to do about the first failure.
    pub(super) fn host(&self, outcome: &Outcome) -> String {
        let mut text = self.title(outcome);
        let shown: Vec<&Said> = outcome.said.iter().filter(|said| self.shows(said)).collect();
        let first = outcome.failure();
        let later = |said: &Said| !first.is_some_and(|first| std::ptr::eq(first, said));
        text.push_str(&self.rows(&shown, 2, &later));
        text.push_str(&first.map(|first| self.mend(first)).unwrap_or_default());
        text.push_str(&self.clients(outcome));
        text
    }

    /// Which clients work with a host.
    fn clients(&self, outcome: &Outcome) -> String {
        if outcome.clients.is_empty() || self.ctx.out.quiet {
            return String::new();
        }
        let row = |row: &Row| {
            let style = match row.verdict {
                Verdict::Works => Style::Green,
                Verdict::WorksUnverified | Verdict::Elsewhere => Style::Yellow,
                Verdict::Fails => Style::Red,
            };
            let (verdict, why) = (row.verdict.text(self.lang), row.why.text(self.lang));
            vec![
                Cell::plain("   "),
                Cell::plain(row.client.name()),
                Cell::new(style, &verdict),
                Cell::plain(&why),
            ]
        };
        let rows: Vec<Vec<Cell>> = outcome.clients.iter().map(row).collect();
        let head = tr!(self.lang, "Clients:", "客户端：");
        format!("  {}\n{}", self.ctx.out.out_styled(Style::Cyan, &head), table(self.ctx.out, &rows))
    }

    /// What to do about the first failure, and what docker says to it.
    fn mend(&self, first: &Said) -> String {
        let mut text = String::new();
        let fixes = advice::spoken(self.ctx, first.fixes(self.lang));
        if !fixes.is_empty() {
            let head = match fixes.len() {
                1 => tr!(self.lang, "Fix:", "解决办法："),
                _ => tr!(self.lang, "Fix, best first:", "解决办法（最好的在前）："),
            };
            text.push_str(&format!("  {}\n", self.ctx.out.out_styled(Style::Cyan, &head)));
            text.push_str(&self.fixes(&fixes));
        }
        if let Some(words) = first.docker_says() {
            // In one line, as people search for it.
            let head = tr!(self.lang, "docker would say: ", "docker 的报错：");
            text.push_str(&format!("  {head}{}\n", clean(&words)));
        }
        text
    }

    /// Whether a line is for those who want to hear of failures alone.
    pub(super) fn shows(&self, said: &Said) -> bool {
        !self.ctx.out.quiet || said.level() == Level::Fail
    }

    /// The same of a host.
    pub(super) fn tells(&self, outcome: &Outcome) -> bool {
        !self.ctx.out.quiet || outcome.level() == Level::Fail
    }

    fn title(&self, outcome: &Outcome) -> String {
        let level = outcome.level();
        let sign = self.sign(level);
        let name = clean(&outcome.who.title(self.lang)).into_owned();
        let endpoint = clean(&outcome.endpoint).into_owned();
        let id = outcome.id().map(|id| id.as_str()).unwrap_or_default();
        let behind = if self.signs { " " } else { "  " };
        let mut used = columns(&sign) + behind.len() + columns(&name);
        if !endpoint.is_empty() {
            used += 2 + columns(&endpoint);
        }
        // Its first word is about the files alone then.
        let unasked = match self.unasked(outcome).is_empty() {
            true => String::new(),
            false => tr!(self.lang, "  (not connected)", "  （未连接）"),
        };
        used += columns(&unasked);
        let gap = self.width.map_or(0, |width| width.saturating_sub(used + id.len()));
        let mut text = format!(
            "{}{behind}{}",
            self.styled(level, &sign),
            self.ctx.out.out_styled(Style::Bold, &name)
        );
        if !endpoint.is_empty() {
            text.push_str(&format!("  {endpoint}"));
        }
        text.push_str(&unasked);
        if !id.is_empty() {
            text.push_str(&format!("{}{}", blanks(gap.max(2)), self.styled(level, id)));
        }
        text.push('\n');
        text
    }

    /// What was found, one after another; `advise` says beside which of it stands what to do.
    pub(super) fn rows(
        &self,
        said: &[&Said],
        indent: usize,
        advise: &dyn Fn(&Said) -> bool,
    ) -> String {
        let levels = [Level::Ok, Level::Warn, Level::Fail].map(|level| columns(&self.level(level)));
        let levels = levels.into_iter().max().unwrap_or(4);
        let topic = |said: &Said| topic(said.topic(), self.lang);
        let topics = said.iter().map(|said| columns(&topic(said))).max().unwrap_or(0);
        let hang = indent + levels + 2 + topics + 2;
        let mut out = String::new();
        for said in said {
            let level = said.level();
            let word = self.level(level);
            let gap = blanks(levels - columns(&word) + 2);
            let topic = padded(&topic(said), topics);
            let text = clean(&said.text(self.lang)).into_owned();
            let text = hanging(&text, hang, self.width);
            let word = self.styled(level, &word);
            out.push_str(&format!("{}{word}{gap}{topic}  {text}\n", blanks(indent)));
            if advise(said) {
                for fix in advice::spoken(self.ctx, said.fixes(self.lang)) {
                    out.push_str(&self.beside(&fix, level, hang));
                }
            }
        }
        out
    }

    /// One piece of advice below a finding: `fix: unset -v DOCKER_TLS   (unset it)`.
    fn beside(&self, fix: &Hint, level: Level, hang: usize) -> String {
        let head = match level {
            Level::Ok => tr!(self.lang, "hint: ", "提示："),
            _ => tr!(self.lang, "fix: ", "修复："),
        };
        let say = clean(&fix.say).into_owned();
        let inner = hang + columns(&head);
        let head = self.ctx.out.out_styled(Style::Cyan, head.trim_end())
            + if head.ends_with(' ') { " " } else { "" };
        let text = match fix.run.as_ref().map(|run| clean(run).into_owned()) {
            None => hanging(&say, inner, self.width),
            Some(run) => {
                let behind = tr!(self.lang, "   ({say})", "   （{say}）");
                let fits = self
                    .width
                    .is_none_or(|width| inner + columns(&run) + columns(&behind) <= width);
                match fits {
                    true => format!("{run}{behind}"),
                    false => {
                        let say = hanging(&say, inner, self.width);
                        let say = tr!(self.lang, "{say}:", "{say}：");
                        format!("{say}\n{}{run}", blanks(inner))
                    }
                }
            }
        };
        format!("{}{head}{text}\n", blanks(hang))
    }

    /// What to do, numbered; commands stand below each other where they fit.
    fn fixes(&self, fixes: &[Hint]) -> String {
        let say = |fix: &Hint| {
            let say = clean(&fix.say).into_owned();
            if fix.run.is_some() { tr!(self.lang, "{say}:", "{say}：") } else { say }
        };
        let runs = |fix: &&Hint| fix.run.is_some();
        let widest = fixes.iter().filter(runs).map(|fix| columns(&say(fix))).max().unwrap_or(0);
        let longest = fixes.iter().filter_map(|fix| fix.run.as_ref()).map(|run| columns(run)).max();
        let fits = |width: usize| 7 + widest + 2 + longest.unwrap_or(0) <= width;
        let one_line = self.width.is_none_or(fits);
        let mut out = String::new();
        for (at, fix) in fixes.iter().enumerate() {
            let lead = match fixes.len() {
                1 => blanks(4),
                _ => format!("    {}. ", at + 1),
            };
            let hang = lead.len();
            let line = match fix.run.as_ref().map(|run| clean(run).into_owned()) {
                None => hanging(&say(fix), hang, self.width),
                Some(run) if one_line => format!("{}  {run}", padded(&say(fix), widest)),
                Some(run) => {
                    let say = hanging(&say(fix), hang, self.width);
                    format!("{say}\n{}{run}", blanks(hang))
                }
            };
            out.push_str(&format!("{lead}{line}\n"));
        }
        out
    }

    /// Many hosts, one line each, the worst first, and how many of which kind there are.
    pub(super) fn fleet(&self, outcomes: &[&Outcome]) -> String {
        let shown = outcomes.iter().filter(|outcome| self.tells(outcome));
        let rows: Vec<Vec<Cell>> = shown.map(|outcome| self.line(outcome)).collect();
        let mut text = table(self.ctx.out, &self.narrowed(rows));
        if !self.ctx.out.quiet {
            text.push_str(&self.totals(outcomes));
        }
        text
    }

    /// How many hosts of which kind there are.
    pub(super) fn totals(&self, outcomes: &[&Outcome]) -> String {
        let count = |level| outcomes.iter().filter(|o| o.level() == level).count();
        let (all, ok) = (outcomes.len(), count(Level::Ok));
        let (warn, fail) = (count(Level::Warn), count(Level::Fail));
        if outcomes.iter().any(|outcome| !self.unasked(outcome).is_empty()) {
            return tr!(
                self.lang,
                "{all} profiles, none connected to (--offline): {ok} ok, {warn} with warnings, {fail} failed\n",
                "共 {all} 个主机配置，均未连接（--offline）：{ok} 个正常，{warn} 个有警告，{fail} 个失败\n"
            );
        }
        tr!(
            self.lang,
            "{all} profiles: {ok} ok, {warn} with warnings, {fail} failed\n",
            "共 {all} 个主机配置：{ok} 个正常，{warn} 个有警告，{fail} 个失败\n"
        )
    }

    fn line(&self, outcome: &Outcome) -> Vec<Cell> {
        let level = outcome.level();
        let worst = outcome.failure().or(outcome.said.iter().find(|said| said.level() == level));
        let about = match (level, worst) {
            (Level::Ok, _) | (_, None) => self.well(outcome),
            (_, Some(said)) => {
                let text = match said.id() {
                    Some(id) => format!("{id}: {}", said.text(self.lang), id = id.as_str()),
                    None => said.text(self.lang),
                };
                // A warning says that it works otherwise, which only a connection can tell.
                match self.unasked(outcome) {
                    unasked if level == Level::Warn && !unasked.is_empty() => {
                        tr!(self.lang, "{unasked}; {text}", "{unasked}；{text}")
                    }
                    _ => text,
                }
            }
        };
        let word = match self.signs {
            true => format!("{} {}", self.sign(level), self.level(level)),
            false => self.level(level),
        };
        vec![
            Cell::new(style(level), &word),
            Cell::new(Style::Bold, &outcome.who.title(self.lang)),
            Cell::plain(&outcome.endpoint),
            Cell::plain(&about),
        ]
    }

    /// That only the files were looked at, where that is so.
    fn unasked(&self, outcome: &Outcome) -> String {
        match outcome.connected || outcome.level() == Level::Fail {
            true => String::new(),
            false => tr!(self.lang, "not connected to (--offline)", "未连接（--offline）"),
        }
    }

    /// What is told of a host that is well.
    fn well(&self, outcome: &Outcome) -> String {
        let Some(server) = &outcome.server else { return self.unasked(outcome) };
        let ms = outcome.micros / 1000;
        let (version, api) = (&server.version, &server.api);
        tr!(
            self.lang,
            "docker {version}, API {api}, {ms} ms",
            "docker {version}，API {api}，{ms} 毫秒"
        )
    }

    /// On a terminal the last cell of a row ends where the line does; in a pipe nothing is cut.
    fn narrowed(&self, rows: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
        let Some(width) = self.ctx.out.columns(self.ctx.env).filter(|_| self.ctx.env.stdout_tty)
        else {
            return rows;
        };
        let widest = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(Cell::width).max();
        let used: usize = (0..3).filter_map(widest).map(|width| width + 2).sum();
        let room = width.saturating_sub(used).max(20);
        let cut = |(at, cell): (usize, Cell)| if at < 3 { cell } else { cell.cut(room) };
        rows.into_iter().map(|row| row.into_iter().enumerate().map(cut).collect()).collect()
    }

    /// The last line of a check without a name.
    pub(super) fn total(&self, said: &[&Said], offline: bool) -> String {
        let count = |level| said.iter().filter(|said| said.level() == level).count();
        let (warn, fail) = (count(Level::Warn), count(Level::Fail));
        let lang = self.lang;
        let warnings = match warn {
            1 => tr!(lang, "1 warning", "1 个警告"),
            n => tr!(lang, "{n} warnings", "{n} 个警告"),
        };
        let failures = match fail {
            1 => tr!(lang, "1 failure", "1 个失败"),
            n => tr!(lang, "{n} failures", "{n} 个失败"),
        };
        match (fail, warn) {
            (0, 0) if offline => tr!(
                lang,
                "nothing is wrong on this machine; no daemon was connected to (--offline)\n",
                "本机没有发现问题；未连接任何守护进程（--offline）\n"
            ),
            (0, 0) => tr!(lang, "nothing is wrong\n", "一切正常\n"),
            (0, _) => format!("{warnings}\n"),
            (_, 0) => format!("{failures}\n"),
            _ => tr!(lang, "{failures}, {warnings}", "{failures}，{warnings}") + "\n",
        }
    }
}

/// Whether signs may stand for words: on a terminal that shows more than ASCII.
fn signs(ctx: &Ctx<'_>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| ctx.env.text(name));
    let utf8 = locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    utf8 && ctx.env.stdout_tty && ctx.env.get("TERM").is_some_and(|term| term != "dumb")
}

const fn style(level: Level) -> Style {
    match level {
        Level::Ok => Style::Green,
        Level::Warn => Style::Yellow,
        Level::Fail => Style::Red,
    }
}

/// What was looked at, for people; the JSON has the English word.
fn topic(topic: &'static str, lang: Lang) -> String {
    let zh = match topic {
        "store" => "配置文件",
        "env" => "环境",
        "context" => "context",
        "clients" => "客户端",
        "proxy" => "代理",
        "profile" => "主机配置",
        "offline" => "离线",
        "fix" => "修复",
        "chain" => "证书链",
        "name" => "名称",
        "key" => "私钥",
        "cert" => "证书",
        "client" => "客户端",
        "clock" => "时钟",
        "dates" => "期限",
        "endpoint" => "地址",
        "usage" => "用途",
        "auth" => "认证",
        other => other,
    };
    match lang {
        Lang::En => topic.to_owned(),
        Lang::Zh => zh.to_owned(),
    }
}
