//! fish (3.1 on): the scopes are the point here.
//!
//! fish looks a name up in the function's scope, then among its global variables, then among the
//! universal ones. What fish inherits becomes global, so a universal variable alone would be hidden
//! by an older copy in this very shell: every line names its scope, and a universal one erases the
//! global first. Nothing is done about a variable that the calling function holds as a local one
//! (`set -l`): it hides what is set here until that function ends, as it would hide a `set -gx`
//! typed there.
//!
//! `--unpath`, because fish takes every name that ends in PATH (such as `DOCKER_CERT_PATH`) for a list
//! and would cut its value at each colon. `true`, because `set` leaves the status of whatever ran
//! before where it succeeds, and `set -e` fails where there is nothing to erase.

use super::{EmitError, Emitter, Exports, held, refuse};
use crate::error::ValueFault;
use crate::exports::{Change, Export, Scope};

/// The friendly interactive shell.
#[derive(Debug)]
pub(super) struct Fish;

impl Emitter for Fish {
    fn name(&self) -> &'static str {
        "fish"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["fish"]
    }

    fn has_universal(&self) -> bool {
        true
    }

    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError> {
        let mut text = String::new();
        for export in exports.iter() {
            let name = export.var.as_str();
            let line = match (held(export)?, export.scope) {
                (Some(value), Scope::Session) => {
                    format!("set -gx --unpath {name} {}; true;\n", quote(value))
                }
                (Some(value), Scope::Universal) => {
                    storable(export, value)?;
                    format!("set -eg {name}; set -Ux --unpath {name} {}; true;\n", quote(value))
                }
                (None, _) if export.change == Change::Uncover => format!("set -eg {name}; true;\n"),
                // without the empty global the universal value would come to light in this session;
                // docker takes an empty variable as an unset one
                (None, Scope::Session) => {
                    format!("set -eg {name}; set -qU {name}; and set -gx {name} ''; true;\n")
                }
                (None, Scope::Universal) => format!("set -eg {name}; set -eU {name}; true;\n"),
            };
            text.push_str(&line);
        }
        Ok(text.into_bytes())
    }

    fn fail(&self, _status: u8) -> String {
        // `return N` is an error in a sourced pipe before fish 3.4, and `(exit N)` is no fish
        "false;".to_owned()
    }

    fn load(&self, command: &str) -> String {
        format!("{command} | source")
    }
}

/// The value as one word: printable ASCII in apostrophes, within which only `\` and `'` are special,
/// and every other byte as `\XHH` between them.
fn quote(value: &[u8]) -> String {
    let mut word = String::with_capacity(value.len() + 2);
    let mut inside = false;
    for byte in value {
        let text = matches!(byte, b' '..=b'~');
        if text != inside {
            word.push('\'');
            inside = text;
        }
        match byte {
            b'\\' | b'\'' => word.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => word.push(char::from(*byte)),
            _ => word.push_str(&format!("\\X{byte:02x}")),
        }
    }
    if inside {
        word.push('\'');
    } else if word.is_empty() {
        word.push_str("''");
    }
    word
}

/// What fish keeps in its file of universal variables. It stores lists with U+001E between the items,
/// an empty list as U+001D, and drops a variable with the characters that it uses for its own ends
/// (`src/env_universal_common.cpp`, `src/common.h` in fish 3.6).
fn storable(export: &Export, value: &[u8]) -> Result<(), EmitError> {
    let text = std::str::from_utf8(value).map_err(|_| refuse(export, ValueFault::NotUtf8))?;
    let lost = |c: char| matches!(c, '\u{1e}' | '\u{f600}'..='\u{f6ff}' | '\u{fdd0}'..='\u{fdef}');
    let found = if text == "\u{1d}" { Some('\u{1d}') } else { text.chars().find(|c| lost(*c)) };
    found.map_or(Ok(()), |c| Err(refuse(export, ValueFault::Char(c))))
}
