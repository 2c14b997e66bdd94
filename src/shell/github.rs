//! GitHub Actions: text for the file that `$GITHUB_ENV` names, which the runner reads after a step and
//! hands on to the later steps of the job.
//!
//! Each value stands between two lines of its own (`NAME<<DELIMITER`), so a value with line ends is one
//! value still. What the delimiter is depends on the values alone: one that none of them contains.
//!
//! A variable cannot be unset: the runner knows names and values only (`SetEnvFileCommand` in
//! `FileCommandManager.cs` of actions/runner). What is to be unset is made empty, which hides a former value:
//! docker 28.2.2 and docker-py 7.1 take an empty host, context, TLS variable, directory and version for one that is not
//! set. `CR` is refused, because the runner on Windows takes it for part of a line end.

use super::{EmitError, Emitter, Exports, Kind, held_text, refuse};
use crate::error::ValueFault;

/// `NAME<<DELIMITER`, the value, and the delimiter again, in UTF-8.
#[derive(Debug)]
pub(super) struct GithubActions;

impl Emitter for GithubActions {
    fn name(&self) -> &'static str {
        "github-actions"
    }

    fn programs(&self) -> &'static [&'static str] {
        &[]
    }

    fn kind(&self) -> Kind {
        Kind::Data
    }

    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError> {
        let mut entries = Vec::new();
        for export in exports.iter() {
            let value = held_text(export)?.unwrap_or_default();
            if value.contains('\r') {
                return Err(refuse(export, ValueFault::Char('\r')));
            }
            entries.push((export.var.as_str(), value));
        }
        let mut delimiter = "DCTX_END".to_owned();
        while entries.iter().any(|(_, value)| value.contains(&delimiter)) {
            delimiter.push('_');
        }
        let mut text = String::new();
        for (name, value) in entries {
            let end = if value.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{name}<<{delimiter}\n{value}{end}{delimiter}\n"));
        }
        Ok(text.into_bytes())
    }

    fn fail(&self, _status: u8) -> String {
        String::new()
    }

    fn load(&self, command: &str) -> String {
        format!("{command} >> \"$GITHUB_ENV\"")
    }
}
