//! cmd.exe: `SET "A=v"`, one a line.
//!
//! cmd has no quoting: it replaces `%NAME%` (and `!NAME!` with delayed expansion) inside quotes, too, and
//! a quote in a value turns `&`, `|`, `<`, `>` and `^` into what they are outside of one. So a value with
//! any of these is refused, and so is everything but printable ASCII: `FOR /f` reads a program's output
//! in the console's code page, which dctx cannot know. cmd cannot hold an empty variable: `SET "A="` unsets
//! it, which docker takes for the same.

use super::{EmitError, Emitter, Exports, held_text, refuse};
use crate::error::ValueFault;

/// The command line of Windows.
#[derive(Debug)]
pub(super) struct Cmd;

/// The longest line that cmd reads (Microsoft's "Command prompt line string limitation").
const MAX_LINE: usize = 8191;

impl Emitter for Cmd {
    fn name(&self) -> &'static str {
        "cmd"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["cmd"]
    }

    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError> {
        let mut text = String::new();
        for export in exports.iter() {
            let value = held_text(export)?.unwrap_or_default();
            let bad = |c: &char| !matches!(c, ' '..='~') || "\"%!^&|<>".contains(*c);
            if let Some(c) = value.chars().find(bad) {
                return Err(refuse(export, ValueFault::Char(c)));
            }
            let line = format!("SET \"{}={value}\"", export.var.as_str());
            if line.len() > MAX_LINE {
                return Err(refuse(export, ValueFault::TooLongForCmd));
            }
            text.push_str(&line);
            text.push('\n');
        }
        Ok(text.into_bytes())
    }

    /// A process that ends with the status. `exit /b` would close the window it is typed in.
    fn fail(&self, status: u8) -> String {
        format!("cmd /d /c exit {}", status.max(1))
    }

    /// To be typed; in a batch file `%i` is written `%%i`.
    fn load(&self, command: &str) -> String {
        format!("@FOR /f \"tokens=*\" %i IN ('{command}') DO @%i")
    }
}
