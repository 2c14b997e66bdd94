//! Which shell is spoken to, and how what it has to run gets there.

use super::{Ctx, shell_names};
use crate::error::{Error, Result};
use crate::output::Output;
use crate::shell::detect::{self, Evidence, Found};
use crate::shell::{Emitter, find};
use crate::tr;

/// The shell to print for: `--shell`, DCTX_SHELL, the parent processes, `$SHELL` as the last guess.
///
/// # Errors
/// [`Error::UnknownShell`], [`Error::NoShell`].
pub fn shell_for(ctx: &Ctx<'_>, named: Option<&str>) -> Result<&'static dyn Emitter> {
    let from_env = ctx.env.text("DCTX_SHELL");
    if let Some(name) = named.or(from_env.as_deref()) {
        let unknown = || Error::UnknownShell { name: name.to_owned(), known: shell_names() };
        return find(name).ok_or_else(unknown);
    }
    let lang = ctx.out.lang;
    let shell_variable = ctx.env.get("SHELL");
    let none = || Error::NoShell { known: shell_names() };
    let detected =
        detect::detect(&detect::SystemProcesses, shell_variable.as_deref()).ok_or_else(none)?;
    match (detected.found, &detected.evidence) {
        (Found::Unsupported(name), _) => {
            Err(Error::UnknownShell { name: name.to_owned(), known: shell_names() })
        }
        (Found::Shell(shell), Evidence::ShellVariable(_)) => {
            let name = shell.name();
            ctx.out.say(&tr!(
                lang,
                "guessing {name} from $SHELL; --shell says it for sure",
                "根据 $SHELL 猜测为 {name}；可用 --shell 明确指定"
            ));
            Ok(shell)
        }
        (Found::Shell(shell), Evidence::Process { pid, program, .. }) => {
            let name = shell.name();
            ctx.out.detail(&tr!(
                lang,
                "shell: {name} (process {pid} is {program})",
                "shell：{name}（进程 {pid} 是 {program}）"
            ));
            Ok(shell)
        }
    }
}

/// Where the script goes: the descriptor that the shell function opened, or standard output, also where
/// `--shell` asks for another language than the function evaluates.
pub fn descriptor(ctx: &Ctx<'_>, shell: &dyn Emitter) -> Option<u32> {
    let function = ctx.env.text("DCTX_SHELL").and_then(|name| find(&name))?;
    let fd = ctx.env.text("DCTX_FD")?.parse().ok()?;
    (function.name() == shell.name()).then_some(fd)
}

/// Whether the function of the init script is what called, and evaluates for `shell`.
#[must_use]
pub fn hooked(ctx: &Ctx<'_>, shell: &dyn Emitter) -> bool {
    let function = ctx.env.text("DCTX_SHELL").and_then(|name| find(&name));
    let called = ctx.env.get("DCTX_HOOK").is_some() || ctx.env.get("DCTX_FD").is_some();
    called && function.is_some_and(|function| function.name() == shell.name())
}

/// Whether that shell looks at each prompt whether something has changed.
#[must_use]
pub fn prompts(ctx: &Ctx<'_>, shell: &dyn Emitter) -> bool {
    hooked(ctx, shell) && ctx.env.get("DCTX_HOOK").is_some_and(|hook| hook == "prompt")
}

/// What stands where the hook was, as `NAME=VALUE`, if something has been assigned there since the init script put the
/// hook in: `PROMPT_COMMAND=history -a`. `None` where the hook is in place, and where there is none.
#[must_use]
pub fn hook_lost(ctx: &Ctx<'_>) -> Option<String> {
    let hook = ctx.env.filled("DCTX_HOOK")?.to_string_lossy().into_owned();
    hook.strip_prefix("lost ").map(ToOwned::to_owned)
}

/// Writes the script, all at once.
///
/// # Errors
/// What the system says.
pub fn deliver(ctx: &Ctx<'_>, shell: &dyn Emitter, script: &[u8]) -> Result<()> {
    match descriptor(ctx, shell) {
        Some(fd) => ctx.out.script_to_fd(fd, script),
        None => ctx.out.data(script),
    }
}

/// After a failure: a statement that makes `eval "$(dctx …)"` fail, on standard output. A person who
/// reads that on a terminal has no use for it, and the shell function sees the exit status itself.
pub fn deliver_failure(ctx: &Ctx<'_>, named: Option<&str>, code: u8) {
    if ctx.env.stdout_tty {
        return;
    }
    let quiet = Output::new(ctx.env, Some(false), true, false);
    let silent = Ctx { out: &quiet, ..*ctx };
    let text = match shell_for(&silent, named) {
        Ok(shell) if descriptor(ctx, shell).is_some() => return,
        Ok(shell) => match shell.fail(code) {
            text if text.is_empty() => text,
            text => format!("{text}\n"),
        },
        // The shell function looks at the status.
        Err(_) if ctx.env.get("DCTX_FD").is_some() => return,
        // Every shell there is fails on this, if only because it knows no such command.
        Err(_) => "false;\n".to_owned(),
    };
    // The error that led here is the one to report.
    let _ = ctx.out.data(text.as_bytes());
}
