//! JSON for programs: `{"schema":1,"env":{"A":"v","B":null}}`, where null means "unset".

use super::{EmitError, Emitter, Exports, Kind, held_text};

/// One object on one line, in 7-bit ASCII, so that no code page on the way to the reader matters.
#[derive(Debug)]
pub(super) struct Json;

impl Emitter for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn programs(&self) -> &'static [&'static str] {
        &[]
    }

    fn kind(&self) -> Kind {
        Kind::Data
    }

    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError> {
        let mut members = Vec::new();
        for export in exports.iter() {
            let value = held_text(export)?.map_or_else(|| "null".to_owned(), string);
            members.push(format!("\"{}\":{value}", export.var.as_str()));
        }
        Ok(format!("{{\"schema\":1,\"env\":{{{}}}}}\n", members.join(",")).into_bytes())
    }

    fn fail(&self, _status: u8) -> String {
        String::new()
    }

    fn load(&self, command: &str) -> String {
        command.to_owned()
    }
}

/// A JSON string (RFC 8259 §7); what is not printable ASCII as `\uXXXX` in UTF-16.
fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.push('"');
    out
}
