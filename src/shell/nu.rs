//! Nushell: a JSON record for `load-env`, because nu can evaluate no text at run time.
//!
//! `{"A":"v","B":null}`, where null takes the variable away from every program that nu starts: nu
//! passes on only what has a text, and null has none. The variable's name stays known to nu itself
//! with the value null; `hide-env` would remove that, too, and is what the function of `init` uses.
//!
//! A failure is a JSON string: `load-env` takes nothing but a record, so the pipeline raises an error in
//! versions of nu, too, that go on after an external program's failure in a pipe (0.107 does).

use super::{EmitError, Emitter, Exports, held_text};

/// Nushell.
#[derive(Debug)]
pub(super) struct Nu;

impl Emitter for Nu {
    fn name(&self) -> &'static str {
        "nu"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["nushell"]
    }

    fn programs(&self) -> &'static [&'static str] {
        &["nu", "nushell"]
    }

    /// One object on one line, `{}` where there is nothing to do: `load-env` wants a record.
    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError> {
        let mut members = Vec::new();
        for export in exports.iter() {
            let value = held_text(export)?.map_or_else(|| "null".to_owned(), quote);
            members.push(format!("\"{}\":{value}", export.var.as_str()));
        }
        Ok(format!("{{{}}}\n", members.join(",")).into_bytes())
    }

    fn fail(&self, status: u8) -> String {
        format!("\"dctx failed with status {}\"", status.max(1))
    }

    fn load(&self, command: &str) -> String {
        format!("{command} | from json | load-env")
    }
}

/// A JSON string (RFC 8259 §7) in printable ASCII: the rest as `\uXXXX`, in two halves from U+10000 on.
fn quote(value: &str) -> String {
    let mut word = String::from("\"");
    for unit in value.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte @ (b'"' | b'\\')) => word.extend(['\\', char::from(byte)]),
            Ok(byte @ b' '..=b'~') => word.push(char::from(byte)),
            _ => word.push_str(&format!("\\u{unit:04x}")),
        }
    }
    word.push('"');
    word
}
