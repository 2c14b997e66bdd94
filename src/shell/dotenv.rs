//! A `.env` file, for programs that load one into their environment, and for `set -a; . ./FILE` in a shell.
//!
//! docker compose reads one as well (`env_file:`, `--env-file`, or `.env` beside the file), for the services and for
//! `${…}`; where compose itself connects it takes from the environment alone since v2 (docker/compose#9871).
//!
//! Readers differ in what a backslash, a dollar sign and a line end mean in it, so only what has one
//! meaning for all of them is written: compose-go, godotenv, python-dotenv, dotenv for node, and
//! `set -a; . ./FILE` in a shell. The rest is refused. Not for `docker run --env-file`, which takes
//! quotes as part of the value (`cli/compose/kvfile` in docker/cli). Variables that are unset are not
//! listed: the format cannot say it.

use super::{EmitError, Emitter, Exports, Kind, held_text, refuse};
use crate::error::ValueFault;

/// `NAME='value'`, one a line, in UTF-8.
#[derive(Debug)]
pub(super) struct Dotenv;

impl Emitter for Dotenv {
    fn name(&self) -> &'static str {
        "dotenv"
    }

    fn programs(&self) -> &'static [&'static str] {
        &[]
    }

    fn kind(&self) -> Kind {
        Kind::Data
    }

    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError> {
        let mut text = String::new();
        for export in exports.iter() {
            let Some(value) = held_text(export)? else { continue };
            let word = quote(value).map_err(|c| refuse(export, ValueFault::Char(c)))?;
            text.push_str(&format!("{}={word}\n", export.var.as_str()));
        }
        Ok(text.into_bytes())
    }

    fn fail(&self, _status: u8) -> String {
        String::new()
    }

    fn load(&self, command: &str) -> String {
        format!("{command} > .env")
    }
}

/// `'…'` takes everything but an apostrophe literally, save a backslash before another one or at the
/// end; `"…"` takes an apostrophe, and expands `$`, `` ` `` and backslashes. No reader but the shell
/// agrees with another one about control characters.
///
/// # Errors
/// The first character that stands in the way.
fn quote(value: &str) -> Result<String, char> {
    if let Some(c) = value.chars().find(|c| c.is_control()) {
        return Err(c);
    }
    if value.contains('\'') {
        return match value.chars().find(|c| "\"$`\\".contains(*c)) {
            Some(_) => Err('\''),
            None => Ok(format!("\"{value}\"")),
        };
    }
    if value.ends_with('\\') || value.contains(r"\\") {
        return Err('\\');
    }
    Ok(format!("'{value}'"))
}
