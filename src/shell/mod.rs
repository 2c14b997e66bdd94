//! One emitter per shell: the only place where [`Exports`] become shell text.
//!
//! [`SHELLS`] is the one list of shells. `--shell`, "supported shells", the README's table, completions
//! and every test matrix iterate it; a new shell is one file and one line here. Each emitter owns its
//! quoting: no function that quotes is shared across shell families.
//!
//! What all shells' texts have in common: 7-bit ASCII, because a shell that reads text in the locale's
//! encoding can lose a closing quote to the character before it (bash under GB18030 does); one
//! statement a line, ended by `;`, so that a caller who forgets the quotes of `eval "$(…)"` still
//! runs the same statements (nu gets one line of JSON, and cmd, which has no such end, lines); no comments, which would swallow the rest of the text then. The status
//! of the whole text is not zero where a shell refused a part of it (a readonly variable).

mod cmd;
pub mod detect;
mod dotenv;
mod elvish;
mod fish;
pub mod fish_variables;
mod github;
mod json;
mod nu;
mod posix;
mod pwsh;
pub mod reader;
mod sh;
mod systemd;
mod tcsh;
mod xonsh;

use crate::error::ValueFault;
use crate::exports::{Change, Export, Exports, Var};

pub use detect::{Detected, Evidence, Found, Processes, SystemProcesses, detect, parent_in_stat};

/// Every shell and data format that dctx can write for, in the order in which people are shown them.
pub static SHELLS: &[&dyn Emitter] = &[
    &posix::BASH,
    &posix::ZSH,
    &sh::SH,
    &posix::KSH,
    &posix::MKSH,
    &sh::YASH,
    &fish::Fish,
    &tcsh::Tcsh,
    &elvish::Elvish,
    &nu::Nu,
    &xonsh::Xonsh,
    &pwsh::Pwsh,
    &cmd::Cmd,
    &json::Json,
    &dotenv::Dotenv,
    &github::GithubActions,
    &systemd::Systemd,
];

/// The emitter called `name` (as `--shell` takes it: a name or an alias, in lower case).
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Emitter> {
    SHELLS.iter().copied().find(|s| s.name() == name || s.aliases().contains(&name))
}

/// The most bytes that `NAME=value` can have: Linux takes 128 KiB with the final NUL for one string
/// of an environment (`MAX_ARG_STRLEN`, execve(2)). A shell would take a longer one, and then not
/// start a single command any more.
pub const MAX_ENTRY: usize = 128 * 1024 - 1;

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
    /// Names of executables (without directory, version and `.exe`) that are this shell; none for data.
    fn programs(&self) -> &'static [&'static str];
    /// Shell or data.
    fn kind(&self) -> Kind {
        Kind::Shell
    }
    /// Whether the shell itself has universal variables (only fish).
    fn has_universal(&self) -> bool {
        false
    }
    /// The whole text that makes `exports` true, byte for byte; ends with a newline unless it is empty.
    ///
    /// # Errors
    /// [`EmitError`] names the first value that this shell cannot hold; nothing is emitted then.
    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError>;
    /// A statement, without newline, that changes nothing and leaves a non-zero status, so that
    /// `eval "$(…)"` fails where no text at all would succeed. `status` is dctx's exit code (not 0);
    /// shells that can pass it on do. Empty for data.
    fn fail(&self, status: u8) -> String;
    /// What a person types to load the output of `command` (such as `dctx use coreos`) into the shell;
    /// for data: to get it. `command` says `--shell` itself where it has to.
    fn load(&self, command: &str) -> String;
}

/// The bytes that `export` sets its variable to, or None where it unsets it: what every environment
/// can hold, with nothing said about the shell. On Unix the bytes are the value; elsewhere they are
/// UTF-8 where the value is valid Unicode, and something that is not UTF-8 where it is not.
///
/// # Errors
/// [`ValueFault::Nul`] and [`ValueFault::TooLong`] (see [`MAX_ENTRY`]).
fn held(export: &Export) -> Result<Option<&[u8]>, EmitError> {
    let Change::Set(value) = &export.change else {
        return Ok(None);
    };
    let bytes = value.as_encoded_bytes();
    if bytes.contains(&0) {
        return Err(refuse(export, ValueFault::Nul));
    }
    if export.var.as_str().len() + 1 + bytes.len() > MAX_ENTRY {
        return Err(refuse(export, ValueFault::TooLong));
    }
    Ok(Some(bytes))
}

/// The same as text, for a shell that holds nothing but text.
///
/// # Errors
/// Those of [`held`], and [`ValueFault::NotUtf8`].
fn held_text(export: &Export) -> Result<Option<&str>, EmitError> {
    held(export)?
        .map(|bytes| std::str::from_utf8(bytes).map_err(|_| refuse(export, ValueFault::NotUtf8)))
        .transpose()
}

/// `export`'s value is not for this shell.
fn refuse(export: &Export, fault: ValueFault) -> EmitError {
    EmitError { var: export.var.clone(), fault }
}
