//! The picker of `use` without a name: on a terminal the profiles are shown and one is chosen; elsewhere
//! they are listed, and the name has to be typed.
//!
//! Everything is drawn on standard error: standard output is what the shell evaluates. Whoever leaves
//! without a choice leaves everything as it was.

pub mod draw;
pub mod fzf;
pub mod keys;
pub mod list;
#[cfg(unix)]
pub mod tty;

use std::collections::HashMap;

use self::draw::Life;
use self::list::{List, Row, Tls};
use super::{Ctx, ls};
use crate::cert::read::certificates;
use crate::error::{Error, Result};
use crate::in_force::Used;
use crate::output::{Cell, Style, table};
use crate::profile::{Profile, TlsMode, certs};
use crate::store::parse::{Entry, Picker, Settings};
use crate::store::{Store, Warning};
use crate::tr;

/// The most lines of the picker on a terminal that has no other screen: as many stay empty below the prompt.
#[cfg(unix)]
const ONE_SCREEN: usize = 8;

/// The most rows of the list for those who cannot pick: a script's log is no place for thousands.
const LISTED: usize = 100;

/// The name of the profile that a person picks.
///
/// # Errors
/// [`Error::UsageOf`] where nobody can be asked, after a list of what there is; [`Error::NotChosen`] where
/// nothing was picked; [`Error::Picker`]; what is wrong with the profile file.
pub fn name(ctx: &Ctx<'_>) -> Result<String> {
    let store = Store::load(ctx.env)?;
    for warning in &store.warnings {
        // What is missing here may be what is looked for.
        if let Warning::Layer(error) = warning {
            ctx.out.warn_error(&tr!(ctx.out.lang, "skipped: ", "已跳过："), error, &[]);
        }
    }
    if store.entries.is_empty() {
        return Err(Error::UsageOf {
            message: "use needs the name of a profile, and there are none yet",
            message_zh: "use 需要主机配置名，而现在还没有主机配置",
            run: "dctx add NAME tcp://HOST:2376 --certs DIR",
        });
    }
    let used = ls::used(ctx, &store);
    let entries = store.entries.iter().enumerate();
    let rows = entries.map(|(at, entry)| row(ctx, at, entry, &used)).collect();
    let mut list = List::new(rows, ctx.env.text("DCTX_PREVIOUS").as_deref());
    let dumb = ctx.env.get("TERM").is_some_and(|term| term == "dumb");
    if ctx.env.stderr_tty && !ctx.no_input && !dumb {
        match store.settings.picker {
            Picker::Fzf => return fzf::ask(ctx, &list),
            #[cfg(unix)]
            Picker::Builtin => {
                if let Ok(tty) = tty::Tty::open(ctx.env) {
                    return ask(ctx, tty, &store, &mut list);
                }
            }
            #[cfg(not(unix))]
            Picker::Builtin => {}
        }
    }
    tell(ctx, &store);
    Err(Error::UsageOf {
        message: "use needs the name of a profile, or - for the one before",
        message_zh: "use 需要主机配置名，或用 - 表示上一个",
        run: "dctx use NAME",
    })
}

fn row(ctx: &Ctx<'_>, at: usize, entry: &Entry, used: &Used) -> Row {
    let row = Row {
        at,
        name: entry.name.clone(),
        current: used.in_force() == Some(&entry.name),
        mark: ls::mark(used, &entry.name),
        ..Row::default()
    };
    match &entry.profile {
        Err(Error::Profile { fault, .. }) => {
            Row { broken: Some(fault.message(ctx.out.lang)), ..row }
        }
        Err(error) => Row { broken: Some(error.message(ctx.out.lang)), ..row },
        Ok(profile) => {
            let (style, word) = ls::tls_word(profile);
            Row {
                host: profile.docker_host(),
                tls: Tls(style, word),
                tags: profile.tags.join(" "),
                about: profile.description.clone().unwrap_or_default(),
                protected: profile.protected,
                ..row
            }
        }
    }
}

/// The names with their hosts, for those who have to type one.
fn tell(ctx: &Ctx<'_>, store: &Store) {
    let lang = ctx.out.lang;
    let line = |entry: &Entry| {
        let (host, guard) = match &entry.profile {
            Ok(profile) if profile.protected => {
                (profile.docker_host(), tr!(lang, "protected", "受保护"))
            }
            Ok(profile) => (profile.docker_host(), String::new()),
            Err(_) => (tr!(lang, "not valid", "无效"), String::new()),
        };
        [entry.name.as_str(), &host, &guard].map(|text| Cell::new(Style::Plain, text)).to_vec()
    };
    let rows: Vec<_> = store.entries.iter().take(LISTED).map(line).collect();
    let mut text = table(ctx.out, &rows);
    if let more @ 1.. = store.entries.len().saturating_sub(LISTED) {
        text.push_str(&tr!(lang, "and {more} more: dctx ls", "另有 {more} 个：dctx ls"));
    }
    ctx.out.raw(text.trim_end());
}

/// How long the certificates of a profile are good: the client's, and the CA's that is the profile's own.
/// `None` where it has none, or where a bundle of many says nothing.
fn life(ctx: &Ctx<'_>, profile: &Profile, settings: &Settings) -> Option<Life> {
    let home = ctx.env.home();
    let Ok(material) = certs::locate(profile, &ctx.look(home.as_deref(), settings)) else {
        return Some(Life::Unusable);
    };
    let material = material?;
    let client = material.pair.map(|(cert, _)| match certificates(&cert, ctx.out.lang) {
        Ok(all) => all.first().map_or(Life::Unusable, |first| Life::Days(first.days_left())),
        Err(_) => Life::Unusable,
    });
    let ca = match certificates(&material.ca, ctx.out.lang) {
        _ if profile.tls == TlsMode::System => None,
        Ok(all) if all.len() > 8 => None,
        // While one CA takes over from another, the one that lasts is enough.
        Ok(all) => all.iter().map(|ca| ca.days_left()).max().map(Life::Days),
        Err(_) => Some(Life::Unusable),
    };
    match (client, ca) {
        (Some(Life::Days(client)), Some(Life::Days(ca))) => Some(Life::Days(client.min(ca))),
        (Some(Life::Unusable), _) | (_, Some(Life::Unusable)) => Some(Life::Unusable),
        (one, other) => one.or(other),
    }
}

/// Shows the list and reads keys until one of the profiles is chosen.
#[cfg(unix)]
fn ask(ctx: &Ctx<'_>, mut tty: tty::Tty, store: &Store, list: &mut List) -> Result<String> {
    use keys::{Key, Keys};
    use tty::Event;

    /// How long the rest of a sequence may take. A person who presses Esc does not notice.
    const SEQUENCE: std::time::Duration = std::time::Duration::from_millis(100);

    let mut lives: HashMap<usize, Option<Life>> = HashMap::new();
    let screen = Screen::new(ctx);
    let mut keys = Keys::default();
    let mut remark: Option<String> = None;
    let mut bytes = [0; 1024];
    loop {
        let (columns, rows) = tty.size();
        let size = (columns, if screen.one { rows.min(ONE_SCREEN) } else { rows });
        let mut look = |row: &Row| {
            *lives.entry(row.at).or_insert_with(|| {
                let profile = store.entries.get(row.at)?.profile.as_ref().ok()?;
                life(ctx, profile, &store.settings)
            })
        };
        let paint = |style, text: &str| ctx.out.err_styled(style, text);
        let mut brush = draw::Brush { lang: ctx.out.lang, paint: &paint, life: &mut look };
        screen.draw(&draw::frame(list, size, remark.as_deref(), &mut brush));
        let patience = keys.pending().then_some(SEQUENCE);
        let given_up = match tty.wait(&mut bytes, patience) {
            Event::Ended(code) => return Err(Error::NotChosen(code)),
            Event::Changed => {
                screen.wipe();
                continue;
            }
            Event::Nothing => keys.give_up(),
            Event::Typed(count) => {
                keys.feed(bytes.get(..count).unwrap_or_default());
                None
            }
        };
        let mut next = given_up.or_else(|| keys.take());
        while let Some(key) = next {
            remark = None;
            match key {
                Key::Escape | Key::Interrupt => return Err(Error::NotChosen(130)),
                Key::Enter => match taken(ctx, list) {
                    Ok(name) => return Ok(name),
                    Err(why) => remark = why,
                },
                key => list.press(key, draw::height(size.1)),
            }
            next = keys.take();
        }
    }
}

/// What Enter takes; else what there is to say about it.
#[cfg(unix)]
fn taken(ctx: &Ctx<'_>, list: &List) -> Result<String, Option<String>> {
    let lang = ctx.out.lang;
    match list.selected() {
        Some((_, Row { broken: None, name, .. })) => Ok(name.clone()),
        Some(_) => Err(Some(tr!(lang, "not valid: dctx edit", "无效：dctx edit"))),
        None => {
            let first = list.shown().next().ok_or(None)?;
            Err(Some(match first.broken {
                Some(_) => tr!(lang, "not valid: dctx edit", "无效：dctx edit"),
                None => tr!(
                    lang,
                    "protected: select it with the arrow keys first",
                    "受保护：请先用方向键选中"
                ),
            }))
        }
    }
}

/// What is on the terminal: on the alternate screen, so that whatever a change of its size makes of it,
/// the person's own lines are as they were once the picker is gone. It begins where the cursor is: a terminal
/// that has no alternate screen shows it below the command line instead, and it is taken away from there.
#[cfg(unix)]
struct Screen<'a> {
    ctx: &'a Ctx<'a>,
    /// Whether this terminal has one screen alone, so that what the picker scrolls away is gone: Linux' own console and
    /// what is like DEC's and ANSI's terminals.
    one: bool,
}

#[cfg(unix)]
impl<'a> Screen<'a> {
    fn new(ctx: &'a Ctx<'a>) -> Self {
        ctx.out.ask("\x1b[?1049h");
        let term = ctx.env.text("TERM").unwrap_or_default();
        let one = term == "linux" || ["vt", "ansi", "cons"].iter().any(|old| term.starts_with(old));
        Self { ctx, one }
    }

    /// Replaces what is there, in one piece; the cursor goes back to the first line. Nothing wraps while
    /// it is written, should this terminal take a character for wider than we do.
    fn draw(&self, frame: &draw::Frame) {
        let mut text = "\x1b[?25l\x1b[?7l\r".to_owned();
        for (at, line) in frame.lines.iter().enumerate() {
            text.push_str(if at > 0 { "\r\n" } else { "" });
            text.push_str(line);
            text.push_str("\x1b[K");
        }
        text.push_str("\x1b[J");
        if let up @ 1.. = frame.lines.len().saturating_sub(1) {
            text.push_str(&format!("\x1b[{up}A"));
        }
        text.push('\r');
        if let right @ 1.. = frame.cursor {
            text.push_str(&format!("\x1b[{right}C"));
        }
        text.push_str("\x1b[?7h\x1b[?25h");
        self.ctx.out.ask(&text);
    }

    /// Takes everything away where the terminal has another size: where the cursor is now, nobody knows.
    fn wipe(&self) {
        // Linux' own console does not break lines anew.
        self.ctx.out.ask(if self.one { "\r\x1b[J" } else { "\x1b[H\x1b[2J" });
    }
}

#[cfg(unix)]
impl Drop for Screen<'_> {
    fn drop(&mut self) {
        self.ctx.out.ask(tty::ERASE);
    }
}
