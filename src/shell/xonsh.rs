//! xonsh (0.13 on): Python, with `$A` for a variable of the environment.
//!
//! xonsh takes names that end in PATH or DIRS (such as `DOCKER_CERT_PATH`) for lists of paths, and would
//! put the home directory for a `~` and values for `$NAME` in them. `register` makes such a name a text,
//! for this shell; it stays one after the variable has gone.
//!
//! It is not loaded through `$(…)`: xonsh 0.13 now and then loses the output of a program that ends at once
//! (its reader may start when the program has ended; 1 in 100 on a busy machine), and then goes on as if
//! there had been none. Python's own `subprocess` loses nothing, and raises when dctx fails.

use super::{EmitError, Emitter, Exports, held};

/// xonsh.
#[derive(Debug)]
pub(super) struct Xonsh;

impl Emitter for Xonsh {
    fn name(&self) -> &'static str {
        "xonsh"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["xonsh"]
    }

    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError> {
        let mut text = String::new();
        for export in exports.iter() {
            let name = export.var.as_str();
            match held(export)? {
                Some(value) => {
                    if name.ends_with("PATH") || name.ends_with("DIRS") {
                        text.push_str(&format!("${{...}}.register('{name}', type='str');\n"));
                    }
                    text.push_str(&format!("${name} = {};\n", quote(value)));
                }
                // `del` raises where there is nothing to delete
                None => text.push_str(&format!("${{...}}.pop('{name}', None);\n")),
            }
        }
        Ok(text.into_bytes())
    }

    fn fail(&self, status: u8) -> String {
        format!("raise RuntimeError('dctx failed with status {}');", status.max(1))
    }

    /// The environment is handed over, because Python's own stays as it was when xonsh started.
    fn load(&self, command: &str) -> String {
        format!(
            "execx(__import__('subprocess').check_output('{command}'.split(), text=True, env=${{...}}.detype()))"
        )
    }
}

/// The value as a Python expression: a literal where it is printable ASCII, else the bytes themselves,
/// decoded as Python will encode them again for every program (`os.fsdecode`). Characters would do in
/// UTF-8 locales alone.
fn quote(value: &[u8]) -> String {
    let mut word = String::from("'");
    for byte in value {
        match byte {
            b'\'' | b'\\' => word.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => word.push(char::from(*byte)),
            _ => word.push_str(&format!("\\x{byte:02x}")),
        }
    }
    word.push('\'');
    if value.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return word;
    }
    format!("__import__('os').fsdecode(b{word})")
}
