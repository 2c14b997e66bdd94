//! `exec`: one command on a profile; the shell stays as it is.

use std::process::Command;

use super::{Ctx, guard, key, switch};
use crate::cli;
use crate::error::{Error, Result};
use crate::exports::{Change, DirChange, Scope, Shell, UseInput, for_use};
use crate::store;

/// `dctx exec NAME -- CMD…`. On Unix the command takes this process's place, so its status, its signals
/// and the terminal are its own.
///
/// # Errors
/// What keeps it from being started; the caller makes 125, 126 or 127 of it, as env(1) does.
pub fn run(ctx: &Ctx<'_>, args: &cli::Exec) -> Result<u8> {
    let (profile, settings) = store::find(ctx.env, &args.name)?;
    let to = switch::destination(ctx, &profile, &settings)?;
    let answers =
        guard::Answers { confirm: args.confirm.as_deref(), accept: args.accept.as_deref() };
    guard::pass(ctx, &profile, answers, "exec", || {
        let words = args.command.iter().map(|word| word.to_string_lossy());
        format!(" -- {}", shell_words::join(words))
    })?;
    key::provide_for_this(ctx, &profile, &settings, &to)?;
    let exports = for_use(&UseInput {
        to: &to,
        here: &Shell::plain(ctx.env),
        scope: Scope::Session,
        token: None,
        dir: &DirChange::ByHand,
    });
    let (program, rest) = args.command.split_first().ok_or(Error::EditAborted)?;
    let mut command = Command::new(program);
    command.args(rest);
    for export in exports.iter() {
        match &export.change {
            Change::Set(value) => command.env(export.var.as_str(), value),
            Change::Unset | Change::Uncover => command.env_remove(export.var.as_str()),
        };
    }
    // How dctx was called is not the command's business, and the words for the prompt of this shell are not its own.
    for name in ["DCTX_FD", "DCTX_SHELL", "DCTX_HOOK", "DCTX_PROMPT"] {
        command.env_remove(name);
    }
    let program = program.to_string_lossy().into_owned();
    ctx.say_odd(None);
    start(command).map_err(|source| {
        key::leave(ctx, Some(key::Holder::This), &[]);
        Error::Start { program, source }
    })
}

/// Lets `command` take this process's place; where a system has no such thing, waits for it.
///
/// # Errors
/// Why it could not be started.
#[cfg(unix)]
pub(super) fn start(mut command: Command) -> Result<u8, std::io::Error> {
    use std::os::unix::process::CommandExt as _;
    // Comes back only when it could not be started.
    Err(command.exec())
}

#[cfg(not(unix))]
pub(super) fn start(mut command: Command) -> Result<u8, std::io::Error> {
    let status = command.status()?;
    Ok(status.code().and_then(|code| u8::try_from(code & 0xff).ok()).unwrap_or(1))
}
