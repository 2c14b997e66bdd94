//! One emitter per shell: the only place where [`Exports`] become shell text.
//!
//! [`SHELLS`] is the one list of shells. `--shell`, "supported shells", the README's table, completions
//! and every test matrix iterate it; a new shell is one file and one line here. Each emitter owns its
//! quoting: no function that quotes is shared across shell families.

use crate::error::ValueFault;
use crate::exports::{Exports, Var};

/// Why a value cannot be handed to a shell. The caller turns it into an error that names the variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmitError {
    /// The variable whose value the shell cannot hold.
    pub var: Var,
    /// Why.
    pub fault: ValueFault,
}

/// Whether a thing named by `--shell` is a shell or a data format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text to be evaluated by a shell.
    Shell,
    /// Text to be read by a program; never guessed by detection.
    Data,
}

/// One shell, or one data format.
pub trait Emitter: Sync + std::fmt::Debug {
    /// The name that `--shell` takes and that messages show, such as `bash`.
    fn name(&self) -> &'static str;
    /// Other names that `--shell` takes.
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }
    /// Names of executables (without directory, version and `.exe`) that are this shell.
    fn programs(&self) -> &'static [&'static str];
    /// Shell or data.
    fn kind(&self) -> Kind {
        Kind::Shell
    }
    /// Whether the shell itself has universal variables (only fish).
    fn has_universal(&self) -> bool {
        false
    }
    /// The whole text that makes `exports` true, byte for byte.
    ///
    /// # Errors
    /// [`EmitError`] names the first value that this shell cannot hold; nothing is emitted then.
    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError>;
    /// A statement that changes nothing and leaves a non-zero status, so that `eval "$(…)"` fails.
    /// `status` is dctx's exit code; shells that can pass it on do.
    fn fail(&self, status: u8) -> String;
    /// What a person types to load the output of `command` (such as `dctx use coreos`) into the shell.
    fn load(&self, command: &str) -> String;
}
