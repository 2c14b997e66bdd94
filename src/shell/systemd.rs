//! systemd's `EnvironmentFile=` (systemd.exec(5)): `NAME='value'`, one after the other, in UTF-8.
//!
//! Both kinds of quotes may hold line ends. `'…'` takes everything but an apostrophe literally; in `"…"` a
//! backslash stands before `"`, `\`, `` ` `` and `$`, and nothing is expanded. Characters that Unicode
//! reserves for no use, and U+FEFF, make systemd drop the line: they are refused.
//!
//! Such a file cannot unset a variable; that is the unit's `UnsetEnvironment=`, which is applied last of all. What is to
//! be unset is left out: an empty DOCKER_TLS_VERIFY is a set one to some clients, and turns TLS on there.

use super::{EmitError, Emitter, Exports, Kind, held_text, refuse};
use crate::error::ValueFault;

/// A file for `EnvironmentFile=`.
#[derive(Debug)]
pub(super) struct Systemd;

impl Emitter for Systemd {
    fn name(&self) -> &'static str {
        "systemd"
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
            if let Some(c) = value.chars().find(|c| reserved(*c)) {
                return Err(refuse(export, ValueFault::Char(c)));
            }
            text.push_str(&format!("{}={}\n", export.var.as_str(), quote(value)));
        }
        Ok(text.into_bytes())
    }

    fn fail(&self, _status: u8) -> String {
        String::new()
    }

    fn load(&self, command: &str) -> String {
        format!("{command} > docker.env")
    }
}

/// U+FEFF, and the noncharacters (Unicode 16 §23.7): U+FDD0 to U+FDEF, and the last two of each plane.
fn reserved(c: char) -> bool {
    let code = u32::from(c);
    c == '\u{feff}' || (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe
}

fn quote(value: &str) -> String {
    if !value.contains('\'') {
        return format!("'{value}'");
    }
    let mut word = String::from("\"");
    for c in value.chars() {
        if "\"\\`$".contains(c) {
            word.push('\\');
        }
        word.push(c);
    }
    word.push('"');
    word
}
