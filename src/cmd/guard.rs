//! Guards: a protected profile asks for its name, a shared one that has changed asks again.

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Write as _};

use super::Ctx;
use crate::error::{Error, Guard, Result};
use crate::profile::Profile;
use crate::store::seen;
use crate::tr;

/// Lets `profile` be used, or not.
///
/// # Errors
/// [`Error::Protected`] or [`Error::Changed`] when it was not confirmed.
pub fn pass(ctx: &Ctx<'_>, profile: &Profile, confirm: Option<&str>) -> Result<()> {
    if profile.protected {
        confirmed(ctx, profile, confirm, &|lang| {
            let (name, endpoint) = (&profile.name, profile.docker_host());
            tr!(lang, "{name} is protected ({endpoint}).", "{name} 受保护({endpoint})。")
        })
        .map_err(|how| Error::Protected {
            name: profile.name.clone(),
            endpoint: profile.docker_host(),
            how,
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
            let now = profile.docker_host();
            let path = ctx.tilde(&profile.origin.path);
            let name = &profile.name;
            confirmed(ctx, profile, confirm, &|lang| {
                tr!(
                    lang,
                    "{name} is not what it was: it was {was}, and is now {now} (in {path}).",
                    "{name} 与上次不同:原为 {was},现为 {now}(位于 {path})。"
                )
            })
            .map_err(|_| Error::Changed {
                name: profile.name.clone(),
                was: was.clone(),
                now: profile.docker_host(),
                path: profile.origin.path.clone(),
            })?;
        }
    }
    seen::remember(&state, profile, home.as_deref());
    Ok(())
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
    let ask = tr!(lang, "Type its name to go on: ", "请输入它的名称以继续:");
    let text = format!("{}\n{ask}", question(lang));
    let mut answer = String::new();
    let asked =
        tty.write_all(text.as_bytes()).and_then(|()| BufReader::new(&tty).read_line(&mut answer));
    match asked {
        Ok(_) if answer.trim() == profile.name => Ok(()),
        _ => Err(Guard::WrongName),
    }
}
