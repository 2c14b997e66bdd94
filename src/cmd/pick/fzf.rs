//! fzf as the picker, for those who set it.
//!
//! fzf draws on the terminal itself. It is given rows and gives one back, of which only the name is read,
//! and only if it is one of ours. Of the person's own options only those about looks are kept: others
//! run commands on what is highlighted, or choose without asking.

use std::io::Write as _;
use std::process::{Command, Stdio};

use unicode_width::UnicodeWidthStr as _;

use super::list::{List, Row};
use crate::cmd::Ctx;
use crate::error::{Error, Result};
use crate::output::Style;
use crate::text::clean;
use crate::tr;

/// Options with a value that change how fzf looks and nothing else.
const LOOKS: [&str; 18] = [
    "--color",
    "--height",
    "--min-height",
    "--layout",
    "--border",
    "--border-label",
    "--margin",
    "--padding",
    "--info",
    "--separator",
    "--scrollbar",
    "--pointer",
    "--marker",
    "--gutter",
    "--ellipsis",
    "--tabstop",
    "--style",
    "--scroll-off",
];

/// The same without a value.
const PLAIN_LOOKS: [&str; 13] = [
    "--reverse",
    "--border",
    "--no-border",
    "--no-bold",
    "--bold",
    "--black",
    "--no-unicode",
    "--unicode",
    "--ambidouble",
    "--no-separator",
    "--no-scrollbar",
    "--no-mouse",
    "--cycle",
];

/// The words of FZF_DEFAULT_OPTS that are about looks.
#[must_use]
pub fn looks(options: &str) -> Vec<String> {
    // What fzf itself could not read is left out whole.
    let words = shell_words::split(options).unwrap_or_default();
    let mut words = words.into_iter().peekable();
    let mut out = Vec::new();
    while let Some(word) = words.next() {
        let (name, joined) = match word.split_once('=') {
            Some((name, _)) => (name, true),
            None => (word.as_str(), false),
        };
        let value = LOOKS.contains(&name);
        let next = words.peek().filter(|next| !next.starts_with(['-', '+'])).cloned();
        match next {
            _ if joined && value => out.push(word),
            Some(next) if value && !joined => {
                words.next();
                out.push(format!("{word}={next}"));
            }
            _ if PLAIN_LOOKS.contains(&word.as_str()) => out.push(word),
            // Whatever this option was for, the word behind it is not read as another one.
            _ => {}
        }
    }
    out
}

/// Lets fzf ask.
///
/// # Errors
/// [`Error::Picker`] where there is no fzf, [`Error::NotChosen`] where nothing was chosen.
pub fn ask(ctx: &Ctx<'_>, list: &List) -> Result<String> {
    let failed = |source| Error::Picker { program: "fzf", source };
    let mut fzf = Command::new("fzf");
    fzf.args(["--no-multi", "--layout=reverse", "--delimiter=\t", "--with-nth=2.."]);
    fzf.arg(format!("--prompt={}", tr!(ctx.out.lang, "profile: ", "主机配置：")));
    if let Some(options) = ctx.env.text("FZF_DEFAULT_OPTS") {
        fzf.args(looks(&options));
    }
    // Best match first, unless that could put a protected profile where Enter takes it.
    if list.shown().any(|row| row.protected) {
        fzf.arg("--no-sort");
    }
    fzf.arg(if ctx.out.colors_stderr() { "--ansi" } else { "--no-color" });
    fzf.env_remove("FZF_DEFAULT_OPTS").env_remove("FZF_DEFAULT_OPTS_FILE");
    fzf.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = fzf.spawn().map_err(failed)?;
    if let Some(mut input) = child.stdin.take() {
        // It may end before it has read everything: somebody was quick.
        let _ = input.write_all(text(ctx, list).as_bytes());
    }
    let done = child.wait_with_output().map_err(failed)?;
    match done.status.code() {
        Some(0) => {
            let answer = String::from_utf8_lossy(&done.stdout);
            let name = answer.trim_end_matches('\n').split('\t').next().unwrap_or_default();
            let known = list.shown().find(|row| row.name == name);
            known.map(|row| row.name.clone()).ok_or(Error::NotChosen(130))
        }
        // Nothing matched; Esc or Ctrl-C.
        Some(1 | 130) => Err(Error::NotChosen(130)),
        _ => Err(failed(std::io::Error::other(done.status.to_string()))),
    }
}

/// The rows: the name, a tab, and what is shown of it.
fn text(ctx: &Ctx<'_>, list: &List) -> String {
    let lang = ctx.out.lang;
    let guard = tr!(lang, "protected", "受保护");
    let any = list.shown().any(|row| row.protected);
    let most = |of: &dyn Fn(&Row) -> usize| list.shown().map(of).max().unwrap_or(0);
    let name = most(&|row| clean(&row.name).width());
    let host = most(&|row| row.host.width());
    let tls = most(&|row| row.tls.1.width());
    let mut out = String::new();
    for row in list.shown() {
        let style = if row.protected { Style::Red } else { Style::Bold };
        out.push_str(&clean(&row.name));
        out.push('\t');
        let mut cell = |style, text: &str, width: usize| {
            let text = clean(text);
            out.push_str(&ctx.out.err_styled(style, &text));
            out.extend(std::iter::repeat_n(' ', width.saturating_sub(text.width())));
        };
        cell(Style::Plain, row.mark, 2);
        cell(style, &row.name, name + 2);
        if any {
            let word = if row.protected { guard.as_str() } else { "" };
            cell(Style::Red, word, guard.width() + 2);
        }
        if let Some(why) = &row.broken {
            cell(Style::Red, &tr!(lang, "not valid: {why}", "无效：{why}"), 0);
        } else {
            cell(Style::Plain, &row.host, host + 2);
            cell(row.tls.0, row.tls.1, tls + 2);
            cell(Style::Plain, &row.tags, row.tags.width() + 2);
            cell(Style::Plain, &row.about, 0);
        }
        let end = out.trim_end_matches(' ').len();
        out.truncate(end);
        out.push('\n');
    }
    out
}
