//! `check`: what is wrong with a host, this machine or this shell, and what to type.

use super::Ctx;
use crate::cli;
use crate::error::Result;

/// `dctx check`. Returns the worst exit code of what was found.
///
/// # Errors
/// When a profile that is named does not exist, or nothing can be printed.
pub fn run(_ctx: &Ctx<'_>, _args: &cli::Check) -> Result<u8> {
    Ok(0)
}
