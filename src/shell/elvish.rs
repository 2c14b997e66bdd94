//! Elvish (0.19 on): `set-env A '…';`.
//!
//! Elvish parses the whole text before it runs any of it, and a command that fails raises an exception:
//! `eval (dctx use x | slurp)` stops at dctx itself, before there is anything to evaluate. `unset-env`
//! takes a name that is not there.

use super::{EmitError, Emitter, Exports, held};

/// Elvish.
#[derive(Debug)]
pub(super) struct Elvish;

impl Emitter for Elvish {
    fn name(&self) -> &'static str {
        "elvish"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["elvish"]
    }

    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError> {
        let mut text = String::new();
        for export in exports.iter() {
            let name = export.var.as_str();
            text.push_str(&match held(export)? {
                Some(value) => format!("set-env {name} {};\n", quote(value)),
                None => format!("unset-env {name};\n"),
            });
        }
        Ok(text.into_bytes())
    }

    /// An exception; elvish has no other status. One that nobody catches ends a script with status 2.
    fn fail(&self, status: u8) -> String {
        format!("fail 'dctx failed with status {}';", status.max(1))
    }

    fn load(&self, command: &str) -> String {
        format!("eval ({command} | slurp)")
    }
}

/// The value as one word: `'…'`, where `''` is an apostrophe, for printable ASCII; else `"…"` with
/// `\uXXXX`, `\UXXXXXXXX` for characters and `\xHH` for bytes that are none (elvish's language
/// reference, "Double-quoted string").
fn quote(value: &[u8]) -> String {
    if value.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return format!("'{}'", String::from_utf8_lossy(value).replace('\'', "''"));
    }
    let mut word = String::from("\"");
    for chunk in value.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => word.extend(['\\', c]),
                ' '..='~' => word.push(c),
                _ => match u32::from(c) {
                    code @ ..=0xffff => word.push_str(&format!("\\u{code:04x}")),
                    code => word.push_str(&format!("\\U{code:08x}")),
                },
            }
        }
        for byte in chunk.invalid() {
            word.push_str(&format!("\\x{byte:02x}"));
        }
    }
    word.push('"');
    word
}
