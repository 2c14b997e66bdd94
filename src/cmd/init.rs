//! `init`: the script for a shell's start-up file.

use super::{Ctx, shell_names};
use crate::cli;
use crate::error::{Error, Result};
use crate::shell::find;

const BASH: &str = include_str!("../shell/init/bash.bash");
const POSIX: &str = include_str!("../shell/init/posix.sh");
const FISH: &str = include_str!("../shell/init/fish.fish");

/// `dctx init SHELL`.
///
/// # Errors
/// [`Error::UnknownShell`] for a shell that has no such script.
pub fn run(ctx: &Ctx<'_>, args: &cli::Init) -> Result<()> {
    let unknown = || Error::UnknownShell { name: args.shell.clone(), known: shell_names() };
    let shell = find(&args.shell).ok_or_else(unknown)?.name();
    let script = match shell {
        "bash" | "zsh" => BASH,
        "sh" | "ksh" | "mksh" | "yash" => POSIX,
        "fish" => FISH,
        _ => return Err(unknown()),
    };
    ctx.out.data(script.replace("@SHELL@", shell).as_bytes())
}
