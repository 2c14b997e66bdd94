//! Guards: a protected profile asks for its name, a shared one that has changed asks again.

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Write as _};

use super::Ctx;
use crate::error::{Error, Guard, Result, reason};
use crate::profile::Profile;
use crate::store::{Store, Warning, seen};
use crate::text::clean;
use crate::tr;

/// Lets `profile` be used, or not. `verb` is the command it is for, for the advice.
///
/// # Errors
/// [`Error::Protected`] or [`Error::Changed`] when it was not confirmed.
pub fn pass(
    ctx: &Ctx<'_>,
    profile: &Profile,
    confirm: Option<&str>,
    verb: &'static str,
) -> Result<()> {
    let (lang, name) = (ctx.out.lang, &profile.name);
    if profile.origin.layer {
        skipped(ctx);
    }
    if profile.protected {
        confirmed(ctx, profile, confirm, &|lang| {
            let endpoint = profile.docker_host();
            tr!(lang, "{name} is protected ({endpoint}).", "{name} 受保护（{endpoint}）。")
        })
        .map_err(|how| Error::Protected {
            name: profile.name.clone(),
            endpoint: profile.docker_host(),
            how,
            verb,
        })?;
    }
    if !profile.origin.layer {
        return Ok(());
    }
    let home = ctx.env.home();
    let state = ctx.env.dirs()?.state;
    match seen::compare(&state, profile, home.as_deref()) {
        seen::Seen::Same => return Ok(()),
        seen::Seen::New => {}
        seen::Seen::Changed { was } => {
            let now = seen::describe(profile);
            let path = ctx.tilde(&profile.origin.path);
            confirmed(ctx, profile, confirm, &|lang| match was == now {
                true => tr!(
                    lang,
                    "{name} ({now}) has another CA than when it was last used (in {path}).",
                    "{name}（{now}）的 CA 与上次使用时不同（位于 {path}）。"
                ),
                false => tr!(
                    lang,
                    "{name} is not what it was: it was {was}, and is now {now} (in {path}).",
                    "{name} 与上次不同：原为 {was}，现为 {now}（位于 {path}）。"
                ),
            })
            .map_err(|_| Error::Changed {
                name: name.clone(),
                was: was.clone(),
                now: now.clone(),
                path: profile.origin.path.clone(),
                verb,
            })?;
        }
    }
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
fn confirmed(
    ctx: &Ctx<'_>,
    profile: &Profile,
    confirm: Option<&str>,
    question: &dyn Fn(crate::error::Lang) -> String,
) -> Result<(), Guard> {
    if let Some(name) = confirm {
        return if name == profile.name { Ok(()) } else { Err(Guard::WrongName) };
    }
    let terminal = ctx.env.stdin_tty || ctx.env.stderr_tty;
    if ctx.no_input || !terminal {
        return Err(Guard::NoTerminal);
    }
    // Standard input may be the script that is being read, and standard output goes to the shell.
    let tty = OpenOptions::new().read(true).write(true).open("/dev/tty");
    let Ok(mut tty) = tty else { return Err(Guard::NoTerminal) };
    let lang = ctx.out.lang;
    let ask = tr!(lang, "Type its name to go on: ", "请输入它的名称以继续：");
    let text = format!("{}\n{ask}", clean(&question(lang)));
    let mut answer = String::new();
    let asked =
        tty.write_all(text.as_bytes()).and_then(|()| BufReader::new(&tty).read_line(&mut answer));
    match asked {
        Ok(_) if answer.trim() == profile.name => Ok(()),
        _ => Err(Guard::WrongName),
    }
}
