//! `init`: the script for a shell's start-up file.

use super::{Ctx, shell_names};
use crate::cli;
use crate::error::{Error, Result};
use crate::shell::find;

/// The shells that have such a script, and the script.
const SCRIPTS: &[(&str, &str)] = &[
    ("bash", include_str!("../shell/init/bash.bash")),
    ("zsh", include_str!("../shell/init/bash.bash")),
    ("sh", include_str!("../shell/init/posix.sh")),
    ("ksh", include_str!("../shell/init/posix.sh")),
    ("mksh", include_str!("../shell/init/posix.sh")),
    ("yash", include_str!("../shell/init/posix.sh")),
    ("fish", include_str!("../shell/init/fish.fish")),
];

/// The names of the shells that have a script.
pub fn shells() -> impl Iterator<Item = &'static str> {
    SCRIPTS.iter().map(|(name, _)| *name)
}

/// `dctx init SHELL`.
///
/// # Errors
/// [`Error::UnknownShell`] for a shell that has no such script.
pub fn run(ctx: &Ctx<'_>, args: &cli::Init) -> Result<()> {
    let unknown = || Error::UnknownShell { name: args.shell.clone(), known: shell_names() };
    let shell = find(&args.shell).ok_or_else(unknown)?.name();
    let (_, script) = SCRIPTS.iter().find(|(name, _)| *name == shell).ok_or_else(unknown)?;
    ctx.out.data(script.replace("@SHELL@", shell).as_bytes())
}
