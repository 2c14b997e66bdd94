//! Guards: a protected profile asks for its name, a shared one that has changed asks whether it is right as it is now.
//! These are two questions, and each has an answer of its own: `--confirm NAME` and `--accept SUM`, where SUM stands for
//! the profile as it is now and for no other.

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Write as _};

use super::Ctx;
use crate::error::{Change, Error, Guard, Result, reason};
use crate::profile::Profile;
use crate::store::seen::{Difference, Seen, Was};
use crate::store::{Store, Warning, seen};
use crate::text::clean;
use crate::tr;

/// What has been answered beforehand, on the command line.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answers<'a> {
    /// `--confirm NAME`: a protected profile is meant.
    pub confirm: Option<&'a str>,
    /// `--accept SUM`: a shared profile is right as it is now.
    pub accept: Option<&'a str>,
}

/// Lets `profile` be used, or not. `verb` is the command it is for, for the advice.
///
/// # Errors
/// [`Error::Changed`] or [`Error::Protected`] when it was not accepted or confirmed.
pub fn pass(
    ctx: &Ctx<'_>,
    profile: &Profile,
    answers: Answers<'_>,
    verb: &'static str,
) -> Result<()> {
    if profile.origin.layer {
        skipped(ctx);
    }
    let remember = accepted(ctx, profile, answers, verb)?;
    if profile.protected {
        confirmed(ctx, profile, answers.confirm).map_err(|how| Error::Protected {
            name: profile.name.clone(),
            endpoint: profile.docker_host(),
            how,
            verb,
        })?;
    }
    if remember {
        remembered(ctx, profile)?;
    }
    Ok(())
}

/// The flags that answer everything that `profile` asks now, each with a blank before it, for hints.
pub fn flags(ctx: &Ctx<'_>, profile: &Profile) -> Result<String> {
    let name = &profile.name;
    let mut out = String::new();
    if profile.protected {
        out.push_str(&format!(" --confirm {name}"));
    }
    if profile.origin.layer {
        let (home, state) = (ctx.env.home(), ctx.env.dirs()?.state);
        if let Seen::Changed(_) = seen::compare(&state, profile, home.as_deref()) {
            out.push_str(&format!(" --accept {}", seen::sum(profile, home.as_deref())));
        }
    }
    Ok(out)
}

/// Asks whether a shared profile that has changed is right; whether there is something to remember.
fn accepted(
    ctx: &Ctx<'_>,
    profile: &Profile,
    answers: Answers<'_>,
    verb: &'static str,
) -> Result<bool> {
    if !profile.origin.layer {
        return Ok(false);
    }
    let (home, state) = (ctx.env.home(), ctx.env.dirs()?.state);
    let differences = match seen::compare(&state, profile, home.as_deref()) {
        Seen::Same => return Ok(false),
        Seen::New => return Ok(true),
        Seen::Changed(differences) => differences,
    };
    let sum = seen::sum(profile, home.as_deref());
    if answers.accept == Some(&*sum) {
        return Ok(true);
    }
    let changes: Vec<Change> = differences.into_iter().map(change).collect();
    let lang = ctx.out.lang;
    let path = ctx.tilde(&profile.origin.path);
    let mut question = crate::error::changed(&profile.name, &path, &changes, lang);
    question.push_str(&tr!(
        lang,
        "\nType yes to use it as it is now: ",
        "\n要按现在的内容使用，请输入 yes："
    ));
    if answers.accept.is_none()
        && let Some(answer) = ask(ctx, &question)
        && matches!(answer.trim(), "yes" | "是")
    {
        return Ok(true);
    }
    Err(Error::Changed {
        name: profile.name.clone(),
        path: profile.origin.path.clone(),
        changes,
        sum,
        protected: profile.protected,
        verb,
    })
}

fn change(difference: Difference) -> Change {
    let Difference { key, was, now } = difference;
    let (was, known) = match was {
        Was::Known(was) => (was, true),
        Was::Unknown => (None, false),
    };
    Change { key, was, known, now }
}

fn remembered(ctx: &Ctx<'_>, profile: &Profile) -> Result<()> {
    let (lang, name) = (ctx.out.lang, &profile.name);
    let (home, state) = (ctx.env.home(), ctx.env.dirs()?.state);
    if let Err((path, why)) = seen::remember(&state, profile, home.as_deref()) {
        let (path, why) = (ctx.tilde(&path), reason(&why, lang));
        ctx.out.warn(
            &tr!(
                lang,
                "{path} could not be written ({why}): whether {name} changes will not be noticed",
                "无法写入 {path}（{why}）：{name} 若有变化将无法察觉"
            ),
            &[],
        );
    }
    Ok(())
}

/// Tells of layers that could not be read: one of them may have come before the one that this profile is
/// from, and have meant another host by its name.
fn skipped(ctx: &Ctx<'_>) {
    let Ok(store) = Store::load(ctx.env) else { return };
    for warning in &store.warnings {
        if let Warning::Layer(error) = warning {
            let before = tr!(ctx.out.lang, "skipped: ", "已跳过：");
            ctx.out.warn_error(&before, error, &[]);
        }
    }
}

/// Whether the person means it: by `--confirm NAME`, or by typing the name on the terminal.
fn confirmed(ctx: &Ctx<'_>, profile: &Profile, confirm: Option<&str>) -> Result<(), Guard> {
    let (lang, name, endpoint) = (ctx.out.lang, &profile.name, profile.docker_host());
    if let Some(typed) = confirm {
        return if typed == name { Ok(()) } else { Err(Guard::WrongName) };
    }
    let question = tr!(
        lang,
        "{name} is protected ({endpoint}).\nType its name to go on: ",
        "{name} 受保护（{endpoint}）。\n请输入它的名称以继续："
    );
    match ask(ctx, &question) {
        None => Err(Guard::NoTerminal),
        Some(answer) if answer.trim() == name => Ok(()),
        Some(_) => Err(Guard::WrongName),
    }
}

/// Asks on the terminal; `None` where there is none, or nobody is to be asked. Standard input may be the script that is
/// being read, and standard output goes to the shell.
fn ask(ctx: &Ctx<'_>, question: &str) -> Option<String> {
    let terminal = ctx.env.stdin_tty || ctx.env.stderr_tty;
    if ctx.no_input || !terminal {
        return None;
    }
    let mut tty = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    let lines: Vec<_> = question.split('\n').map(clean).collect();
    let mut answer = String::new();
    // An answer that cannot be read is none that agrees.
    let _ = tty
        .write_all(lines.join("\n").as_bytes())
        .and_then(|()| BufReader::new(&tty).read_line(&mut answer));
    Some(answer)
}
