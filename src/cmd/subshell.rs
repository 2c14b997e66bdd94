//! `shell`: a sub-shell on a profile; the shell before it is never touched.
//!
//! The exports stand in the environment that the sub-shell starts with, as for `exec`, and they are made
//! once more after the person's own start-up files, which may set DOCKER_HOST themselves. Inside a
//! sub-shell nothing is started: the shell function evaluates a `use` for that shell.

mod program;
mod start;

use std::ffi::OsString;
use std::process::Command;

use super::deliver::{deliver, keep_running, prompts, shell_for};
use super::{Ctx, emit, guard, key, switch};
use crate::cli;
use crate::env::Env;
use crate::error::{Error, Result, SubshellFault};
use crate::exports::{
    Change, DIR, DirChange, Exports, ResetInput, Scope, Shell, UseInput, Var, for_reset, for_use,
};
use crate::interop::docker;
use crate::profile::destination::Destination;
use crate::secret::process::Process;
use crate::shell::{Emitter, reader};
use crate::store;
use crate::tr;
use start::Start;

/// In the sub-shell and all that it starts: the profile that it is for.
pub const INSIDE: Var = Var::new("DCTX_SUBSHELL");

/// While the person's start-up files are read: the language of the text that waits in DCTX_START, and the process that
/// reads them, as `bash:PID-START`.
const STARTING: &str = "DCTX_STARTING";

/// `dctx shell NAME`. On Unix the shell takes this process's place, so that job control, signals, the
/// terminal and the exit status are its own.
///
/// # Errors
/// What keeps it from being started; the caller makes 125, 126 or 127 of it, as env(1) does.
pub fn run(ctx: &Ctx<'_>, args: &cli::Shell) -> Result<u8> {
    match ctx.env.text(INSIDE.as_str()) {
        None => launch(ctx, args),
        Some(outer) => replace(ctx, args, &outer).map(|()| 0),
    }
}

/// Whether this is a sub-shell.
#[must_use]
pub fn is_inside(env: &Env) -> bool {
    env.filled(INSIDE.as_str()).is_some()
}

/// Whether this is a sub-shell in which a shell function takes what is printed.
#[must_use]
pub fn captured(ctx: &Ctx<'_>) -> bool {
    ctx.env.filled(INSIDE.as_str()).is_some() && super::deliver::captured(ctx)
}

/// The mark of a sub-shell that reads its start-up files: its language and its process. One that was inherited by
/// another process, or made up, is none.
#[must_use]
pub fn starting(env: &Env, shell: &dyn Emitter) -> bool {
    let Some(mark) = env.text(STARTING) else { return false };
    let Some((name, process)) = mark.split_once(':') else { return false };
    let Some(process) = Process::parse(process) else { return false };
    name == shell.name() && process.is_alive() && reader::is_above(process.pid)
}

/// The value of that mark for the shell that takes this process's place.
fn mark(shell: &str) -> String {
    format!("{shell}:{}", Process::this().name())
}

/// While a sub-shell reads its start-up files, a `use` in them is in force until they are read; then the sub-shell goes
/// to its own profile, by the text in DCTX_START. That text knows nothing of the other profile, so here it gets what
/// takes that one back in front.
///
/// # Errors
/// As [`emit`].
pub fn until_started(ctx: &Ctx<'_>, shell: &dyn Emitter, exports: &mut Exports) -> Result<()> {
    let Some(text) = ctx.env.text(start::TEXT) else { return Ok(()) };
    let contexts = docker::Contexts::of(ctx.env);
    let env = ctx.env.with(exports.iter().map(|export| match &export.change {
        Change::Set(value) => (export.var.as_str(), Some(value.clone())),
        Change::Unset | Change::Uncover => (export.var.as_str(), None),
    }));
    let universal = switch::universal_of(ctx, shell);
    let plan = for_reset(&ResetInput {
        here: &Shell { env: &env, universal: universal.as_ref(), choice: false },
        scope: Scope::Session,
        all: false,
        dir: &DirChange::ByHand,
        context_is_local: &|name| contexts.is_socket(name),
    });
    let back = String::from_utf8_lossy(&emit(shell, &plan.exports)?).replace('\n', " ");
    // A shell whose start was interrupted never evaluates it, and it must not grow for ever.
    if back.len() + text.len() < MOST {
        exports.set(Var::new(start::TEXT), OsString::from(back + &text), Scope::Session);
    }
    Ok(())
}

/// The most bytes that DCTX_START grows to.
const MOST: usize = 32 << 10;

fn launch(ctx: &Ctx<'_>, args: &cli::Shell) -> Result<u8> {
    let program = program::find(ctx, args.shell.as_deref())?;
    // Without a terminal a shell reads other start-up files or none, and shows no prompt to say where
    // each line goes. `eval "$(dctx shell …)"` is the same mistake seen from the other side.
    if !(ctx.env.stdin_tty && ctx.env.stdout_tty && ctx.env.stderr_tty) {
        return Err(Error::Subshell(SubshellFault::NoTerminal { name: args.name.clone() }));
    }
    let looks = start::LOOKS.contains(&program.shell.name());
    let (to, exports) = exports(ctx, args, program.shell, looks, false)?;
    let script = emit(program.shell, &exports)?;
    let start = Start::of(ctx.env, &program, script)?;
    let mut command = Command::new(&program.path);
    program.rename(&mut command);
    command.args(&start.args);
    for export in exports.iter() {
        match &export.change {
            Change::Set(value) => command.env(export.var.as_str(), value),
            Change::Unset | Change::Uncover => command.env_remove(export.var.as_str()),
        };
    }
    // How dctx was called is not the shell's business, and the words for its prompt are its own.
    for name in ["DCTX_FD", "DCTX_SHELL", "DCTX_HOOK", "DCTX_PROMPT"] {
        command.env_remove(name);
    }
    for (name, value) in &start.env {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    said(ctx, &to, false);
    let program = program.path.to_string_lossy().into_owned();
    ctx.say_odd(None);
    super::exec::start(command).map_err(|source| {
        key::leave(ctx, Some(key::Holder::This), &[]);
        Error::Start { program, source }
    })
}

/// Everything that the sub-shell's environment gets, after the guards. `looks`: that shell looks at each
/// prompt whether its time is over. `inside`: for the sub-shell that this is called from, not for one to be started.
fn exports(
    ctx: &Ctx<'_>,
    args: &cli::Shell,
    shell: &dyn Emitter,
    looks: bool,
    inside: bool,
) -> Result<(Destination, Exports)> {
    let limit = args.limit.as_deref().map(switch::seconds).transpose()?;
    let (profile, settings) = store::find(ctx.env, &args.name)?;
    let expires = switch::ends_where(ctx, shell, &profile, limit, looks)?;
    let to = Destination { expires, ..switch::destination(ctx, &profile, &settings)? };
    let answers =
        guard::Answers { confirm: args.confirm.as_deref(), accept: args.accept.as_deref() };
    guard::pass(ctx, &profile, answers, "shell", || {
        let flag = |name: &str, value: &Option<String>| match value {
            Some(value) => format!(" {name} {}", shell_words::quote(value)),
            None => String::new(),
        };
        flag("--shell", &args.shell) + &flag("--for", &args.limit)
    })?;
    match inside {
        true => key::provide(ctx, &profile, &settings, &to, key::Holder::Shell, true)?,
        false => key::provide_for_this(ctx, &profile, &settings, &to)?,
    }
    let universal = switch::universal_of(ctx, shell);
    let mut exports = for_use(&UseInput {
        to: &to,
        here: &Shell { env: ctx.env, universal: universal.as_ref(), choice: false },
        scope: Scope::Session,
        token: None,
        dir: &DirChange::ByHand,
    });
    exports.set(INSIDE, OsString::from(&to.name), Scope::Session);
    // No directory switches anything in there.
    exports.unset(DIR, Scope::Session);
    switch::concerns(ctx, &profile, &to);
    Ok((to, exports))
}

/// `dctx shell` within a sub-shell: that one goes to the profile.
fn replace(ctx: &Ctx<'_>, args: &cli::Shell, outer: &str) -> Result<()> {
    if !captured(ctx) {
        let init = program::init_line(ctx);
        let (outer, name) = (outer.to_owned(), args.name.clone());
        return Err(Error::Subshell(SubshellFault::Inside { outer, name, init }));
    }
    let shell = shell_for(ctx, None)?;
    keep_running(ctx);
    if let Some(named) = args.shell.as_deref() {
        let wanted = program::named(named)?.shell;
        if wanted.name() != shell.name() {
            let (outer, shell) = (outer.to_owned(), wanted.name());
            return Err(Error::Subshell(SubshellFault::OtherShell { outer, shell }));
        }
    }
    let (to, exports) = exports(ctx, args, shell, prompts(ctx, shell), true)?;
    let script = emit(shell, &exports)?;
    deliver(ctx, shell, &script)?;
    key::leave_unused(ctx, to.cert_dir.as_deref(), false);
    said(ctx, &to, true);
    Ok(())
}

/// One line about where this leads; `replaced`: in a sub-shell that was there already.
fn said(ctx: &Ctx<'_>, to: &Destination, replaced: bool) {
    if !ctx.out.stderr_tty {
        return;
    }
    let (lang, line) = (ctx.out.lang, switch::headline(ctx, to));
    let limit = match to.expires.map(|at| crate::error::span(at.saturating_sub(ctx.now()), lang)) {
        Some(left) => {
            tr!(lang, "returns to local docker in {left}; ", "{left}后自动切回本地 docker；")
        }
        None => String::new(),
    };
    let note = match replaced {
        false => tr!(
            lang,
            "{limit}sub-shell: exit returns to the previous shell",
            "{limit}子 shell：exit 回到之前的 shell"
        ),
        true => tr!(
            lang,
            "{limit}same sub-shell: exit returns to the previous shell",
            "{limit}同一个子 shell；exit 回到之前的 shell"
        ),
    };
    ctx.out.say_noted(&line, &note);
}
