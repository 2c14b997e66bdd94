//! Which program a sub-shell is: the one named, else the very one that dctx was called from.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::deliver::shell_for;
use super::super::{Ctx, init};
use crate::error::{Error, Result};
use crate::shell::detect::{self, Evidence, Found, Processes as _, SystemProcesses};
use crate::shell::{Emitter, Kind, SHELLS};

/// A shell and where it is.
#[derive(Debug)]
pub(super) struct Program {
    /// What it understands.
    pub(super) shell: &'static dyn Emitter,
    /// A path, or a name to be looked up on PATH.
    pub(super) path: OsString,
}

impl Program {
    /// busybox goes by the name that it is called by.
    pub(super) fn rename(&self, command: &mut Command) {
        #[cfg(unix)]
        if file_name(&self.path).is_some_and(|name| name.starts_with("busybox")) {
            std::os::unix::process::CommandExt::arg0(command, "sh");
        }
        #[cfg(not(unix))]
        let _ = command;
    }
}

/// The program: what `--shell` names, else the process that called (so that a bash from somewhere else
/// than PATH stays that bash), else what `$SHELL` says.
///
/// # Errors
/// [`Error::UnknownShell`], also for a data format; [`Error::NoShell`].
pub(super) fn find(ctx: &Ctx<'_>, asked: Option<&str>) -> Result<Program> {
    if let Some(name) = asked {
        return named(name);
    }
    let shell = shell_for(ctx, None)?;
    if shell.kind() == Kind::Data {
        return Err(unknown(shell.name()));
    }
    let path = at_work(ctx, shell).unwrap_or_else(|| main_program(shell).into());
    Ok(Program { shell, path })
}

/// The program that `--shell` names: `fish`, `ksh93`, or a path that ends in such a name.
///
/// # Errors
/// [`Error::UnknownShell`], also for a data format.
pub(super) fn named(name: &str) -> Result<Program> {
    let last = file_name(OsStr::new(name)).ok_or_else(|| unknown(name))?;
    let shell = SHELLS.iter().copied().filter(|shell| shell.kind() == Kind::Shell).find(|shell| {
        shell.name() == last
            || shell.aliases().contains(&last.as_str())
            || shell.programs().contains(&last.as_str())
    });
    let shell = shell.ok_or_else(|| unknown(name))?;
    // An alias such as `posix` is no program.
    let program =
        if shell.programs().contains(&last.as_str()) { name } else { main_program(shell) };
    Ok(Program { shell, path: program.into() })
}

/// The line that loads the shell function, where this shell has one.
pub(super) fn init_line(ctx: &Ctx<'_>) -> Option<String> {
    let detected = detect::detect(&SystemProcesses, ctx.env.get("SHELL").as_deref())?;
    match detected.found {
        Found::Shell(shell) => init::line(shell.name()),
        Found::Unsupported(_) => None,
    }
}

/// The executable of the shell that dctx was called from, if that is what `shell` is.
fn at_work(ctx: &Ctx<'_>, shell: &dyn Emitter) -> Option<OsString> {
    let detected = detect::detect(&SystemProcesses, ctx.env.get("SHELL").as_deref())?;
    match (detected.found, detected.evidence) {
        (Found::Shell(found), _) if found.name() != shell.name() => None,
        (Found::Shell(_), Evidence::Process { pid, .. }) => {
            let exe: PathBuf = SystemProcesses.exe(pid)?;
            let name = file_name(exe.as_os_str())?;
            // That of xonsh is Python, and a deleted one cannot be started.
            let itself = !name.starts_with("python") && !name.starts_with("pypy");
            (itself && exe.is_file()).then(|| exe.into_os_string())
        }
        (Found::Shell(_), Evidence::ShellVariable(path)) => {
            Path::new(&path).is_absolute().then_some(path)
        }
        (Found::Unsupported(_), _) => None,
    }
}

fn main_program(shell: &dyn Emitter) -> &'static str {
    shell.programs().first().copied().unwrap_or_else(|| shell.name())
}

/// The last part of a path, without `.exe`.
fn file_name(path: &OsStr) -> Option<String> {
    let name = Path::new(path).file_name()?.to_str()?;
    Some(name.strip_suffix(".exe").unwrap_or(name).to_owned())
}

fn unknown(name: &str) -> Error {
    let shells = SHELLS.iter().filter(|shell| shell.kind() == Kind::Shell);
    Error::UnknownShell { name: name.to_owned(), known: shells.map(|shell| shell.name()).collect() }
}
