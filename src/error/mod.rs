//! Everything that can go wrong, as data; and, in one exhaustive match each, what it says, what it
//! advises and which exit code it has.
//!
//! A message says what and where. A hint says what to do, and where there is a command for it, the
//! whole command to paste. Nothing here prints.

mod blocked;
mod cert;
mod fault;
mod hints;
mod kinds;
mod making;
mod not_pem;
mod pem_file;
mod secret;
mod server;
mod span;
mod syntax;
mod text;

use std::fmt;
use std::io;
use std::path::PathBuf;

pub use blocked::{write_hints, write_refused};
pub use kinds::{CertFault, EndpointFault, Expected, NameFault, ProfileFault, ValueFault};
pub use making::{CaFault, MakeFault};
pub use not_pem::{Der, NotPem, Wanted};
pub use pem_file::FileFault;
pub use secret::{PlaceFault, SecretFault};
pub use server::{JsonFault, ServerFault, Unfit};
pub use span::span;
pub use syntax::{Broken, TomlFault};
pub use text::{changed, reason};

/// The language of messages and hints; data, JSON and exit codes are never translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

/// `tr!(lang, "English {x}", "中文 {x}")`: one text in the language asked for, both side by side.
#[macro_export]
macro_rules! tr {
    ($lang:expr, $en:literal, $zh:literal $(, $($args:tt)*)?) => {
        match $lang {
            $crate::error::Lang::En => format!($en $(, $($args)*)?),
            $crate::error::Lang::Zh => format!($zh $(, $($args)*)?),
        }
    };
}

/// One piece of advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What it is for, without a full stop.
    pub say: String,
    /// The whole command to type, if there is one.
    pub run: Option<String>,
}

impl Hint {
    /// Advice with a command.
    pub fn run(say: impl Into<String>, run: impl Into<String>) -> Self {
        Self { say: say.into(), run: Some(run.into()) }
    }

    /// Advice without one.
    pub fn say(say: impl Into<String>) -> Self {
        Self { say: say.into(), run: None }
    }

    /// What stands in front of it and the rest of the line, as `hint:` and ` to fix it: dctx edit`. Chinese has one colon a
    /// line: `提示` and `（修正）：dctx edit`.
    #[must_use]
    pub fn labelled(&self, lang: Lang) -> (&'static str, String) {
        let line = self.line(lang);
        match (lang, &self.run) {
            (Lang::En, _) => ("hint:", format!(" {line}")),
            (Lang::Zh, None) => ("提示：", line),
            (Lang::Zh, Some(run)) => ("提示", format!("（{}）：{run}", self.say)),
        }
    }

    /// Both on one line.
    #[must_use]
    pub fn line(&self, lang: Lang) -> String {
        let say = &self.say;
        match &self.run {
            Some(run) => tr!(lang, "{say}: {run}", "{say}：{run}"),
            None => say.clone(),
        }
    }
}

/// A text with its place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line itself.
    pub excerpt: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// What has changed in a shared profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The key.
    pub key: String,
    /// Its value before; `None` where it had none.
    pub was: Option<String>,
    /// Whether that is known.
    pub known: bool,
    /// Its value now; `None` where it has none.
    pub now: Option<String>,
}

/// Everything dctx can fail with.
#[derive(Debug)]
pub enum Error {
    /// The command line is wrong. What was meant is found where the command line is known, in the language of the time.
    Usage {
        /// What is wrong.
        message: String,
        /// What to type instead.
        hints: Vec<Hint>,
    },
    /// Options or arguments that cannot be used together.
    UsageOf {
        /// What is wrong.
        message: &'static str,
        /// 同上。
        message_zh: &'static str,
        /// What to type.
        run: &'static str,
    },
    /// `--shell` names no shell we know.
    UnknownShell {
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// DCTX_SHELL was inherited from another kind of shell than the one that called.
    OtherShell {
        /// What DCTX_SHELL says.
        said: &'static str,
        /// The shell that called.
        found: &'static str,
    },
    /// No shell among the parent processes, and none named.
    NoShell {
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// There is no `init` script for the shell, if it is one.
    NoInit {
        /// The name.
        name: String,
        /// The shells that have one.
        known: Vec<&'static str>,
        /// What to type without one, for a shell that dctx knows.
        load: Option<String>,
    },
    /// What is printed for cannot follow a choice for every shell.
    NoUniversal(&'static str),
    /// A use that ends by itself, in a shell that would not notice.
    NoPromptHook {
        /// The profile.
        name: String,
        /// Whether the profile wants it (`max-use`), not the command line (`--for`).
        from_profile: bool,
        /// How long, in seconds.
        length: u64,
        /// What to put into the shell's start-up file, if that can help.
        init: Option<String>,
        /// What the hook was in, where something else has been assigned to that since: `PROMPT_COMMAND`.
        lost: Option<String>,
    },
    /// Longer than the profile allows.
    TooLong {
        /// The profile.
        name: String,
        /// How long it was to be, in seconds.
        asked: u64,
        /// How long it may be.
        most: u64,
    },
    /// The shell cannot hold a value.
    Inexpressible {
        /// The shell.
        shell: &'static str,
        /// The variable.
        var: String,
        /// Why.
        why: ValueFault,
    },
    /// No such profile.
    NoProfile {
        /// The name asked for.
        name: String,
        /// Similar names.
        similar: Vec<String>,
        /// Whether there are profiles at all.
        any: bool,
    },
    /// A command needs a profile, none was named and none is active.
    NoneActive,
    /// The same, where one was used and its variables have been changed since.
    ChangedSince(String),
    /// No profile matches a pattern or tag.
    NoMatch(String),
    /// `use -` with no previous profile.
    NoPrevious,
    /// Not a profile name.
    Name {
        /// What was given.
        name: String,
        /// What is wrong.
        fault: NameFault,
    },
    /// A value given on the command line does not make a profile.
    Value(ProfileFault),
    /// There is a profile of this name already.
    Exists {
        /// The name.
        name: String,
        /// The file that has it.
        path: PathBuf,
    },
    /// The profile lives in a file that dctx does not write.
    ReadOnlyLayer {
        /// The name.
        name: String,
        /// The file that owns it.
        path: PathBuf,
    },
    /// A file is not valid TOML.
    Syntax {
        /// Where.
        place: Place,
        /// What is wrong there, and what to write.
        wrong: Broken,
        /// What else is wrong with the file, in the order of its lines.
        more: Vec<Error>,
    },
    /// What is wrong with a file that is a read-only layer.
    Layer(Box<Error>),
    /// A file is not UTF-8.
    Encoding {
        /// The file.
        path: PathBuf,
        /// Offset of the first wrong byte.
        offset: usize,
        /// The line that it is on, from 1.
        line: usize,
        /// What it looks like instead, as iconv(1) calls it, if that can be told.
        looks: Option<&'static str>,
    },
    /// One profile is not valid; it fails closed, the others work.
    Profile {
        /// Its name.
        name: String,
        /// Where.
        place: Place,
        /// Whether that file is a read-only layer.
        layer: bool,
        /// What is wrong.
        fault: ProfileFault,
        /// What else is wrong with it, and where.
        more: Vec<(Place, ProfileFault)>,
    },
    /// What is wrong with a text that was typed in an editor, and is not in the file.
    Draft(Box<Self>),
    /// A key outside profiles is not known, and has no effect.
    UnknownKey {
        /// Where.
        place: Place,
        /// The key, with `settings.` before it where it is in that table.
        key: String,
        /// What was probably meant.
        similar: Option<String>,
        /// Whether it would have an effect in the user's own file.
        own_only: bool,
    },
    /// A key of a profile or of the settings stands before the first table, and has no effect.
    OutsideTable {
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// The header that it belongs below.
        table: &'static str,
    },
    /// The file has a schema that this version does not know; it is read as far as this version knows it.
    SchemaAhead {
        /// The file.
        path: PathBuf,
        /// Its schema.
        schema: i64,
    },
    /// A setting, not of a profile, has a value of the wrong kind.
    Setting {
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// What it takes.
        expected: Expected,
    },
    /// A profile's certificate file is not fit for use.
    Cert {
        /// The profile.
        profile: String,
        /// The read-only layer that defines it, if one does.
        layer: Option<PathBuf>,
        /// The file or directory.
        path: PathBuf,
        /// What is wrong.
        fault: CertFault,
    },
    /// A certificate file named on the command line is not fit for use.
    CertValue {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong.
        fault: CertFault,
    },
    /// The file was written by a newer dctx.
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        schema: i64,
    },
    /// Reading failed.
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Somebody else can say what is in the profile file.
    Untrusted {
        /// The file.
        path: PathBuf,
        /// Who, or how.
        why: crate::file::Distrust,
    },
    /// Writing failed; the file is as it was.
    Write {
        /// The file that could not be replaced (behind all links).
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another dctx holds the lock.
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// Too many symbolic links.
    LinkLoop(PathBuf),
    /// Somebody else keeps changing the file.
    Contended(PathBuf),
    /// No certificate was made.
    Make(MakeFault),
    /// No earlier version to go back to.
    NothingToUndo,
    /// No home directory.
    NoHome,
    /// A guard refused.
    Protected {
        /// The profile.
        name: String,
        /// Where it points.
        endpoint: String,
        /// What happened.
        how: Guard,
        /// The command that wanted it.
        again: Again,
    },
    /// A shared profile is not what it was when it was last used, and that was not accepted.
    Changed {
        /// The profile.
        name: String,
        /// The file that defines it.
        path: PathBuf,
        /// What has changed.
        changes: Vec<Change>,
        /// What stands for the profile as it is now (`--accept`).
        sum: String,
        /// Whether it is protected, which is another question.
        protected: bool,
        /// Why it was not accepted.
        how: Guard,
        /// The command that wanted it.
        again: Again,
    },
    /// A host is not set up (`server`).
    Server(ServerFault),
    /// A private key that is in no plain file cannot be had.
    Secret {
        /// The profile.
        profile: String,
        /// Why.
        fault: SecretFault,
    },
    /// `shell` was asked for in a place where it cannot be had.
    Subshell(SubshellFault),
    /// A program could not be started (`exec`, `shell`, an editor).
    Start {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The person left the picker without a choice, or something ended it; the exit code says which, as
    /// a shell counts signals.
    NotChosen(u8),
    /// The picker that the settings name cannot be run.
    Picker {
        /// The program.
        program: &'static str,
        /// Why.
        source: io::Error,
    },
    /// `use --check`: the profile did not pass; what is wrong has been said.
    CheckFailed {
        /// The profile.
        name: String,
        /// The id of the diagnosis, where it is one.
        id: Option<&'static str>,
        /// The exit code of the check.
        code: u8,
    },
    /// The person gave up editing; nothing was changed.
    EditAborted,
    /// The editor could not be run, or failed; nothing was changed.
    Editor {
        /// The program, as `VISUAL` or `EDITOR` names it.
        program: String,
        /// What happened.
        fault: EditorFault,
    },
    /// The directory of links to certificates could not be made.
    Links {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Anything else the system says.
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

/// The command that a guard refused, so that the hint can repeat it with the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// `use`, `exec`, `shell` or `server`.
    pub verb: &'static str,
    /// What else was on the line, each word quoted for a shell and with a space before it: ` --for 30m`, ` -- docker ps`.
    pub rest: String,
    /// The right answers that were on the line, each with a space before it: ` --accept SUM`.
    pub answers: String,
}

impl Again {
    /// The whole line, with these answers in it.
    #[must_use]
    pub fn line(&self, name: &str, answers: &str) -> String {
        let Self { verb, rest, .. } = self;
        format!("dctx {verb} {name}{answers}{rest}")
    }
}

/// Why a guard refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// There is no terminal to ask on.
    NoTerminal,
    /// `--no-input` forbids to ask.
    NoInput,
    /// What the flag says is wrong, and there is no terminal to ask on.
    WrongFlag,
    /// The answer is another, and there is a terminal to ask on again.
    WrongAnswer,
    /// Reached by `-`, which never leads to a protected profile.
    ByDash,
}

/// What became of an editor.
#[derive(Debug)]
pub enum EditorFault {
    /// It could not be started.
    Start(io::Error),
    /// It ended with this status, other than 0.
    Status(i32),
    /// A signal ended it.
    Signal,
}

/// Why there is no sub-shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubshellFault {
    /// A standard stream is no terminal.
    NoTerminal {
        /// The profile that was asked for.
        name: String,
    },
    /// This is one already, and nothing here could run what would change it.
    Inside {
        /// The profile that it was started for.
        outer: String,
        /// The profile that was asked for.
        name: String,
        /// The line that makes `dctx shell` change this shell, where there is one.
        init: Option<String>,
    },
    /// This is one already, of another shell than the one asked for.
    OtherShell {
        /// The profile that it was started for.
        outer: String,
        /// The shell that was asked for.
        shell: &'static str,
    },
}

/// A result with our [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Everything that is wrong with a profile in a file; nothing for another kind of error.
    #[must_use]
    pub fn profile_faults(&self) -> Vec<&ProfileFault> {
        match self {
            Self::Profile { fault, more, .. } => {
                std::iter::once(fault).chain(more.iter().map(|(_, fault)| fault)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The exit code, as documented in the README.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Layer(error) | Self::Draft(error) => error.code(),
            Self::NotChosen(code) | Self::CheckFailed { code, .. } => *code,
            Self::Server(fault) => fault.code(),
            Self::Secret { fault, .. } => secret::code(fault),
            Self::Make(fault) => fault.code(),
            Self::Usage { .. }
            | Self::UsageOf { .. }
            | Self::UnknownShell { .. }
            | Self::NoShell { .. }
            | Self::OtherShell { .. }
            | Self::NoInit { .. }
            | Self::Subshell(_)
            | Self::NoUniversal(_)
            | Self::Name { .. }
            | Self::Value(_) => 2,
            Self::NoProfile { .. }
            | Self::NoneActive
            | Self::ChangedSince(_)
            | Self::NoMatch(_)
            | Self::NoPrevious => 3,
            Self::Inexpressible { .. }
            | Self::ReadOnlyLayer { .. }
            | Self::Syntax { .. }
            | Self::Encoding { .. }
            | Self::Profile { .. }
            | Self::Setting { .. }
            | Self::UnknownKey { .. }
            | Self::OutsideTable { .. }
            | Self::SchemaAhead { .. }
            | Self::Cert { .. }
            | Self::CertValue { .. }
            | Self::NewerSchema { .. }
            | Self::Read { .. }
            | Self::Untrusted { .. }
            | Self::LinkLoop(_) => 4,
            Self::Write { source, .. } | Self::Links { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied
                | io::ErrorKind::ReadOnlyFilesystem
                | io::ErrorKind::ResourceBusy => 4,
                _ => 1,
            },
            Self::Protected { .. }
            | Self::Changed { .. }
            | Self::NoPromptHook { .. }
            | Self::TooLong { .. } => 7,
            Self::Start { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => 127,
                _ => 126,
            },
            Self::Exists { .. }
            | Self::Locked { .. }
            | Self::Contended(_)
            | Self::NothingToUndo
            | Self::NoHome
            | Self::EditAborted
            | Self::Editor { .. }
            | Self::Picker { .. }
            | Self::Io { .. } => 1,
        }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}
