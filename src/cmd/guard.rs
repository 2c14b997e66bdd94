//! Guards: a protected profile asks for its name, a shared one that has changed asks whether it is right as it is now.
//! These are two questions, and each has an answer of its own: `--confirm NAME` and `--accept SUM`, where SUM stands for
//! the profile as it is now and for no other.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use super::Ctx;
use crate::error::{Again, Change, Error, Guard, Result, reason};
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

/// Lets `profile` be used, or not. `verb` is the command it is for and `rest` what else was on its line, each word with
/// a space before it, for the advice.
///
/// # Errors
/// [`Error::Changed`] or [`Error::Protected`] when it was not accepted or confirmed.
pub fn pass(
    ctx: &Ctx<'_>,
    profile: &Profile,
    answers: Answers<'_>,
    verb: &'static str,
    rest: impl FnOnce() -> String,
) -> Result<()> {
    let name = &profile.name;
    let asked = match profile.origin.layer {
        true => {
            skipped(ctx);
            accepted(ctx, profile, answers, &ctx.env.dirs()?.state)
        }
        false => Ok((false, None)),
    };
    let (remember, accept) = match asked {
        Ok(found) => found,
        Err((how, changes, sum)) => {
            let confirmed = answers.confirm.filter(|typed| profile.protected && typed == name);
            let answers = confirmed.map(|name| format!(" --confirm {name}")).unwrap_or_default();
            return Err(Error::Changed {
                name: name.clone(),
                path: profile.origin.path.clone(),
                changes,
                sum,
                protected: profile.protected,
                how,
                again: Again { verb, rest: rest(), answers },
            });
        }
    };
    if profile.protected
        && let Err(how) = confirmed(ctx, profile, answers.confirm)
    {
        let answers = accept.map(|sum| format!(" --accept {sum}")).unwrap_or_default();
        return Err(Error::Protected {
            name: name.clone(),
            endpoint: profile.docker_host(),
            how,
            again: Again { verb, rest: rest(), answers },
        });
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

/// Why a shared profile that has changed was not accepted, what has changed, and the sum that accepts it.
type Refused = (Guard, Vec<Change>, String);

/// Asks whether a shared profile that has changed is right. Whether there is something to remember, and the sum by which
/// it was accepted on the command line.
fn accepted(
    ctx: &Ctx<'_>,
    profile: &Profile,
    answers: Answers<'_>,
    state: &Path,
) -> Result<(bool, Option<String>), Refused> {
    let home = ctx.env.home();
    let differences = match seen::compare(state, profile, home.as_deref()) {
        Seen::Same => return Ok((false, None)),
        Seen::New => return Ok((true, None)),
        Seen::Changed(differences) => differences,
    };
    let sum = seen::sum(profile, home.as_deref());
    if answers.accept == Some(&*sum) {
        return Ok((true, Some(sum)));
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
    let how = match answers.accept {
        // The profile has changed since that was printed.
        Some(_) => wrong(ctx),
        None => match ask(ctx, &question) {
            Ok(answer) if matches!(answer.trim(), "yes" | "是") => return Ok((true, None)),
            Ok(_) => Guard::WrongAnswer,
            Err(how) => how,
        },
    };
    Err((how, changes, sum))
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
    crate::store::dirs::learn(ctx.env, [profile]);
    if let Err((path, why)) = seen::remember(&state, profile, home.as_deref()) {
        let (path, why) = (ctx.tilde(&path), reason(&why, lang));
        ctx.out.warn(
            &tr!(
                lang,
                "{path} could not be written ({why}): a later change of {name} will not be noticed",
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
        return if typed == name { Ok(()) } else { Err(wrong(ctx)) };
    }
    let question = tr!(
        lang,
        "{name} is protected ({endpoint}).\nType its name to go on: ",
        "{name} 受保护（{endpoint}）。\n请输入它的名称以继续："
    );
    match ask(ctx, &question) {
        Err(how) => Err(how),
        Ok(answer) if answer.trim() == name => Ok(()),
        Ok(_) => Err(Guard::WrongAnswer),
    }
}

/// What a wrong answer on the command line means: on a terminal the question can still be asked.
fn wrong(ctx: &Ctx<'_>) -> Guard {
    match terminal(ctx) {
        Ok(_) => Guard::WrongAnswer,
        Err(_) => Guard::WrongFlag,
    }
}

/// The terminal to ask on. Standard input may be the script that is being read, and standard output goes to the shell.
fn terminal(ctx: &Ctx<'_>) -> Result<File, Guard> {
    if ctx.no_input {
        return Err(Guard::NoInput);
    }
    if !ctx.env.stdin_tty && !ctx.env.stderr_tty {
        return Err(Guard::NoTerminal);
    }
    OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(|_| Guard::NoTerminal)
}

/// Asks on the terminal.
fn ask(ctx: &Ctx<'_>, question: &str) -> Result<String, Guard> {
    let mut tty = terminal(ctx)?;
    let lines: Vec<_> = question.split('\n').map(clean).collect();
    let mut answer = String::new();
    // An answer that cannot be read is none that agrees.
    let _ = tty
        .write_all(lines.join("\n").as_bytes())
        .and_then(|()| BufReader::new(&tty).read_line(&mut answer));
    Ok(answer)
}
