//! `explain`: what docker's own words mean, and what to type.

use super::Ctx;
use crate::cli;
use crate::error::Result;

/// `dctx explain`. Returns the exit code of the diagnosis.
///
/// # Errors
/// When there is nothing to explain, or nothing can be printed.
pub fn run(_ctx: &Ctx<'_>, _args: &cli::Explain) -> Result<u8> {
    Ok(0)
}
