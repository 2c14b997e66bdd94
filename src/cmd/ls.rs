//! `ls`: the profiles, one a line.

use std::mem::ManuallyDrop;

use serde::Serialize;

use super::check::results::{Results, Shown};
use super::{Ctx, current};
use crate::cli;
use crate::error::{Error, Hint, Result};
use crate::in_force::{self, Used};
use crate::output::{Cell, Output, Style, table};
use crate::profile::{Profile, TlsMode};
use crate::store::parse::Entry;
use crate::store::{Store, Warning};
use crate::tr;

#[derive(Serialize)]
struct List<'a> {
    schema: u8,
    profiles: Vec<Item<'a>>,
}

/// A profile as `ls --json` shows it; `error` where it is not valid.
#[derive(Serialize)]
struct Item<'a> {
    name: &'a str,
    active: bool,
    host: Option<String>,
    tls: Option<TlsMode>,
    protected: Option<bool>,
    description: Option<&'a str>,
    tags: &'a [String],
    file: String,
    line: usize,
    read_only: bool,
    shadowed: bool,
    error: Option<String>,
    /// What the last check said; with `--check`, and then null where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<Option<Shown>>,
}

/// Whether `name` matches a pattern with `*` and `?`.
#[must_use]
pub fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    // The place to go back to: a star, and how far it has been tried.
    let (mut p, mut n, mut star) = (0, 0, None::<(usize, usize)>);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || Some(c) == name.get(n) => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, tried)) => {
                    star = Some((at, tried + 1));
                    p = at + 1;
                    n = tried + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|c| *c == '*'))
}

/// The one word that says how a host is reached.
pub(super) fn tls_word(profile: &Profile) -> (Style, &'static str) {
    use crate::profile::endpoint::Endpoint;
    match (&profile.host, profile.tls) {
        (Endpoint::Ssh { .. }, _) => (Style::Plain, "ssh"),
        (Endpoint::Unix(_) | Endpoint::Npipe(_), _) => (Style::Plain, "local"),
        (_, TlsMode::Verify) => (Style::Plain, "verify"),
        (_, TlsMode::System) => (Style::Plain, "system"),
        (_, TlsMode::Insecure) => (Style::Yellow, "insecure!"),
        (_, TlsMode::Off) => (Style::Yellow, "off"),
    }
}

/// `dctx ls`.
///
/// # Errors
/// When the user's file cannot be read, or nothing matches.
pub fn run(ctx: &Ctx<'_>, args: &cli::Ls) -> Result<()> {
    // Not given back piece by piece: the process ends with this.
    let store = ManuallyDrop::new(Store::load(ctx.env)?);
    let lang = ctx.out.lang;
    let wanted = |entry: &&Entry| {
        let named = args.glob.as_ref().is_none_or(|pattern| glob(pattern, &entry.name));
        let tagged = args.tag.as_ref().is_none_or(|tag| {
            entry.profile.as_ref().is_ok_and(|profile| profile.tags.contains(tag))
        });
        named && tagged
    };
    let entries: Vec<&Entry> = store.entries.iter().filter(wanted).collect();
    warn(ctx, &store, &entries);
    let used = used(ctx, &store);
    let results = args.check.then(|| Results::load(ctx));
    let results = results.as_ref();
    if args.json {
        let shown = entries.iter().map(|e| (*e, false));
        let hidden = store.shadowed.iter().filter(wanted).map(|e| (e, true));
        let profiles =
            shown.chain(hidden).map(|(e, s)| item(e, s, used.in_force(), results)).collect();
        return ctx.out.report(&super::json(&List { schema: 1, profiles }));
    }
    if entries.is_empty() {
        let asked = args.glob.as_deref().or(args.tag.as_deref());
        if let (Some(what), false) = (asked, store.entries.is_empty()) {
            return Err(Error::NoMatch(what.to_owned()));
        }
        if !ctx.out.quiet {
            let hint = Hint::run(
                tr!(lang, "add one", "请添加"),
                "dctx add NAME tcp://HOST:2376 --certs DIR",
            );
            ctx.out.warn(&tr!(lang, "there are no profiles yet", "还没有主机配置"), &[hint]);
        }
        return Ok(());
    }
    if ctx.out.quiet {
        let names: String =
            entries.iter().map(|entry| format!("{}\n", crate::text::clean(&entry.name))).collect();
        return ctx.out.report(&names);
    }
    let mut rows = vec![header(ctx, args)];
    rows.extend(entries.iter().map(|entry| row(ctx, entry, args, &used, results)));
    // What goes into a file or a pipe is whole.
    let columns = ctx.env.stdout_tty.then(|| ctx.out.columns(ctx.env)).flatten();
    let mut text = match columns {
        Some(columns) => fitted(ctx.out, rows, args, columns),
        None => table(ctx.out, &rows),
    };
    if args.long {
        for entry in store.shadowed.iter().filter(wanted) {
            let (name, path) = (&entry.name, ctx.tilde(&entry.origin.path));
            let line = entry.origin.line;
            text.push_str(&crate::text::clean(&tr!(
                lang,
                "shadowed: {name} in {path}:{line}",
                "被遮蔽：{path}:{line} 中的 {name}"
            )));
            text.push('\n');
        }
    }
    ctx.out.report(&text)?;
    match &used {
        Used::Changed(name) if entries.iter().any(|entry| entry.name == *name) => {
            changed(ctx, name)
        }
        Used::Redefined(name) if entries.iter().any(|entry| entry.name == *name) => {
            redefined(ctx, name);
        }
        _ => {}
    }
    Ok(())
}

/// What has become of the last `use`, also by what the profile is now.
pub(super) fn used(ctx: &Ctx<'_>, store: &Store) -> Used {
    let used = in_force::used(ctx.env);
    let entry = used.in_force().and_then(|name| store.entry(name).ok());
    let profile = entry.and_then(|entry| entry.profile.as_ref().ok());
    used.clone().beside(ctx.env, profile)
}

/// Says that this shell is where the profile led before it was changed, and how to follow.
pub(super) fn redefined(ctx: &Ctx<'_>, name: &str) {
    let (lang, endpoint) = (ctx.out.lang, ctx.env.get("DOCKER_HOST").unwrap_or_default());
    let endpoint = endpoint.to_string_lossy();
    let endpoint = crate::text::clean(&endpoint);
    let hint = Hint::run(tr!(lang, "to follow", "使用新的值"), format!("dctx use {name}"));
    ctx.out.warn(
        &tr!(
            lang,
            "{name} has been changed since dctx use {name}: this shell still points at {endpoint}",
            "{name} 在 dctx use {name} 之后被改过：当前 shell 仍指向 {endpoint}"
        ),
        &[hint],
    );
}

/// The least that tags and addresses are cut to: below that they say nothing.
const LEAST: (usize, usize) = (8, 12);

/// The table for a terminal of so many columns: what is long and tells least is cut first, and with `-l`, where there is no
/// room for description and file beside the rest, they stand on lines of their own.
fn fitted(out: &Output, mut rows: Vec<Vec<Cell>>, args: &cli::Ls, columns: usize) -> String {
    let tags = if args.check { 5 } else { 4 };
    let mut below: Vec<Vec<Cell>> = Vec::new();
    if args.long && wide(&rows) > columns {
        below = rows.iter_mut().map(|row| row.drain(row.len().min(tags + 1)..).collect()).collect();
    }
    // Tags first, then the address, and never the name.
    for (at, least) in [(tags, LEAST.0), (2, LEAST.1)] {
        let excess = wide(&rows).saturating_sub(columns);
        let width = width(&rows, at);
        if excess > 0 && at == 2 && width.saturating_sub(excess) < least {
            // Without room for both, tags are left out.
            rows.iter_mut().for_each(|row| row.truncate(tags));
        }
        let excess = wide(&rows).saturating_sub(columns);
        let room = width.saturating_sub(excess).max(least.min(width));
        if excess > 0 {
            for cell in rows.iter_mut().filter_map(|row| row.get_mut(at)) {
                let whole = std::mem::replace(cell, Cell::plain(""));
                *cell = if at == tags { whole.cut(room) } else { whole.cut_middle(room) };
            }
        }
    }
    if below.is_empty() {
        return table(out, &rows);
    }
    let (mut text, mut heading) = (String::new(), true);
    for (line, more) in table(out, &rows).lines().zip(below) {
        text.push_str(line);
        text.push('\n');
        // The words above them are not needed.
        if !std::mem::take(&mut heading) {
            for (at, cell) in more.into_iter().enumerate().filter(|(_, cell)| cell.width() > 0) {
                let room = columns.saturating_sub(4);
                // The description, then the file.
                let cell = if at == 0 { cell.cut(room) } else { cell.cut_middle(room) };
                text.push_str(&table(out, &[vec![Cell::plain("  "), cell]]));
            }
        }
    }
    text
}

fn width(rows: &[Vec<Cell>], at: usize) -> usize {
    rows.iter().filter_map(|row| row.get(at)).map(Cell::width).max().unwrap_or(0)
}

/// How wide a table is, with two blanks between its columns.
fn wide(rows: &[Vec<Cell>]) -> usize {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths = (0..columns).map(|at| width(rows, at)).filter(|width| *width > 0);
    widths.map(|width| width + 2).sum::<usize>().saturating_sub(2)
}

/// Says why the profile that was used has no star.
fn changed(ctx: &Ctx<'_>, name: &str) {
    let (lang, place) = (ctx.out.lang, current::place(ctx));
    ctx.out.say(&tr!(
        lang,
        "the variables have been changed since dctx use {name}: this shell points at {place}",
        "变量在 dctx use {name} 之后被改过：当前 shell 指向 {place}"
    ));
}

/// Profiles that are not valid, layers that cannot be read, keys that mean nothing.
fn warn(ctx: &Ctx<'_>, store: &Store, entries: &[&Entry]) {
    let lang = ctx.out.lang;
    for entry in entries {
        if let Err(error) = &entry.profile {
            ctx.out.warn_error("", error, &error.hints(lang));
        }
    }
    for warning in &store.warnings {
        match warning {
            Warning::Layer(error) => {
                let before = tr!(lang, "skipped: ", "已跳过：");
                ctx.out.warn_error(&before, error, &[]);
            }
            Warning::Odd(error) => ctx.out.warn_error("", error, &[]),
        }
    }
}

/// A star before the profile whose variables are in force, a question mark before the one that was used and whose
/// variables have been changed since, or which has been changed itself.
pub(super) fn mark(used: &Used, name: &str) -> &'static str {
    match used {
        Used::InForce(active) if active == name => "*",
        Used::Changed(active) | Used::Redefined(active) if active == name => "?",
        _ => "",
    }
}

fn header(ctx: &Ctx<'_>, args: &cli::Ls) -> Vec<Cell> {
    let lang = ctx.out.lang;
    let mut names =
        vec![String::new(), tr!(lang, "NAME", "名称"), tr!(lang, "HOST", "主机"), "TLS".to_owned()];
    if args.check {
        names.push(tr!(lang, "CHECKED", "上次检查"));
    }
    names.push(tr!(lang, "TAGS", "标签"));
    if args.long {
        names.extend([tr!(lang, "DESCRIPTION", "说明"), tr!(lang, "DEFINED IN", "定义于")]);
    }
    names.iter().map(|name| Cell::new(Style::Dim, name)).collect()
}

fn row(
    ctx: &Ctx<'_>,
    entry: &Entry,
    args: &cli::Ls,
    used: &Used,
    results: Option<&Results>,
) -> Vec<Cell> {
    let (lang, long) = (ctx.out.lang, args.long);
    let mark = mark(used, &entry.name);
    let source = || format!("{}:{}", ctx.tilde(&entry.origin.path), entry.origin.line);
    let Ok(profile) = &entry.profile else {
        let invalid = tr!(lang, "not valid", "无效");
        let mut row =
            vec![Cell::plain(mark), Cell::plain(&entry.name), Cell::new(Style::Red, &invalid)];
        if long {
            // Without TLS, CHECKED, tags and description.
            let missing = if args.check { 4 } else { 3 };
            row.extend(std::iter::repeat_n(Cell::plain(""), missing));
            row.push(Cell::plain(&source()));
        }
        return row;
    };
    let name_style = if profile.protected { Style::Red } else { Style::Bold };
    let (tls_style, tls) = tls_word(profile);
    let mut words = profile.tags.clone();
    if profile.protected {
        words.push(tr!(lang, "protected", "受保护"));
    }
    let mut row = vec![
        Cell::plain(mark),
        Cell::new(name_style, &profile.name),
        Cell::plain(&profile.host.docker_host(profile.tls != TlsMode::Off)),
        Cell::new(tls_style, tls),
    ];
    row.extend(results.map(|results| results.cell(ctx, profile)));
    row.push(Cell::plain(&words.join(" ")));
    if long {
        row.push(Cell::plain(profile.description.as_deref().unwrap_or_default()));
        row.push(Cell::new(Style::Dim, &source()));
    }
    row
}

fn item<'a>(
    entry: &'a Entry,
    shadowed: bool,
    active: Option<&str>,
    results: Option<&Results>,
) -> Item<'a> {
    let profile = entry.profile.as_ref().ok();
    Item {
        name: &entry.name,
        active: !shadowed && active == Some(entry.name.as_str()),
        host: profile.map(Profile::docker_host),
        tls: profile.map(|p| p.tls),
        protected: profile.map(|p| p.protected),
        description: profile.and_then(|p| p.description.as_deref()),
        tags: profile.map(|p| p.tags.as_slice()).unwrap_or_default(),
        file: entry.origin.path.display().to_string(),
        line: entry.origin.line,
        read_only: entry.origin.layer,
        shadowed,
        // JSON is never translated.
        error: entry.profile.as_ref().err().map(|e| e.message(crate::error::Lang::En)),
        checked: results.map(|results| profile.and_then(|profile| results.of(profile))),
    }
}
