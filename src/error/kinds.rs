//! What can be wrong with one thing: a name, an address, a setting, a file, a value. Data only; the words are
//! in the neighbouring files.

use std::io;
use std::path::PathBuf;

/// What is wrong with a profile name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameFault {
    /// Nothing at all.
    Empty,
    /// More than 63 characters.
    TooLong,
    /// Does not begin with a letter or digit.
    Start,
    /// Holds this character.
    Char(char),
    /// Ends with a dot (Windows drops it from file names).
    EndDot,
    /// Means something else to docker, dctx or Windows.
    Reserved,
}

/// What is wrong with a host address, and why docker would go astray with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointFault {
    /// No `scheme://`.
    NoScheme,
    /// `http`, `https`, `fd`, upper case or anything else that is not tcp, ssh, unix, npipe.
    Scheme(String),
    /// No host name or address.
    NoHost,
    /// An IPv6 address without brackets.
    Brackets,
    /// `%zone` where a URL wants `%25zone`.
    Zone,
    /// Not a host name or an address.
    Host(String),
    /// Begins with a dash, which ssh would read as an option.
    Dash,
    /// Not a number from 1 to 65535.
    Port(String),
    /// `user:password@` before a tcp host, which docker drops.
    UserInfo,
    /// `?query` or `#fragment`, which docker drops or refuses.
    Query,
    /// A password, which docker refuses for ssh.
    Password,
    /// Not a login name.
    User(String),
    /// `%` in a tcp path, which docker decodes twice and others once or not at all.
    Escape,
    /// A character in the path of a remote socket that the remote shell might take for its own.
    SocketChar(char),
    /// A socket path that is not absolute, so docker would look below the current directory.
    RelativePath,
    /// A socket path longer than the system takes (docker panics).
    PathTooLong,
    /// No path.
    NoPath,
    /// A blank, control or invisible character.
    Char(char),
    /// npipe outside Windows, where docker panics.
    NpipeHere,
}

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A list of texts.
    Texts,
    /// A table.
    Table,
    /// A table whose values are texts.
    TextTable,
    /// A path that is not empty.
    Path,
    /// A path in UTF-8, as everything in the profile file.
    Utf8Path,
    /// A TLS mode.
    TlsMode,
    /// An API version.
    Version,
    /// A span of time.
    Duration,
    /// `NAME=VALUE` on the command line.
    Assignment,
    /// A word that is not empty.
    Words,
    /// A whole number from 1.
    Schema,
    /// `universal` or `session`.
    Scope,
    /// `builtin` or `fzf`.
    Picker,
}

/// What is wrong with one setting of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileFault {
    /// The host is not one.
    Endpoint {
        /// What was written.
        input: String,
        /// What is wrong with it.
        fault: EndpointFault,
        /// What to write instead, where that is clear.
        write: Option<String>,
    },
    /// The table's name is not a profile name.
    Name(NameFault),
    /// A key that profiles do not have.
    UnknownKey {
        /// The key.
        key: String,
        /// The key that was probably meant.
        similar: Option<String>,
    },
    /// No `host`.
    NoHost,
    /// Not a table.
    NoTable,
    /// A value of the wrong kind.
    Kind {
        /// The key.
        key: String,
        /// What it takes.
        expected: Expected,
    },
    /// A private key, where the path of its file or a text was expected.
    PrivateKey(String),
    /// A control, bidirectional or invisible character.
    Char {
        /// The key.
        key: String,
        /// The character.
        found: char,
    },
    /// A variable that a profile may not set.
    EnvName {
        /// The name.
        name: String,
        /// The names that it may.
        allowed: &'static [&'static str],
    },
    /// Two settings that exclude each other.
    Conflict(&'static str, &'static str),
    /// A TLS mode needs something that is missing, such as `verify` without certificates.
    Needs {
        /// What needs it.
        what: &'static str,
        /// The keys of which one is needed.
        needs: &'static [&'static str],
    },
    /// A key that does not fit the host's scheme, such as certificates for ssh.
    NotFor {
        /// The key.
        what: &'static str,
        /// The scheme.
        scheme: &'static str,
    },
    /// A key that a read-only layer may not use.
    NotInLayer(&'static str),
    /// A key that this version cannot honour yet, so it will not pretend to.
    Unsupported(&'static str),
}

/// What is wrong with a certificate file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertFault {
    /// Not there.
    Missing,
    /// A directory with none of the files in it.
    NoCerts,
    /// A file where a directory is wanted.
    NotADirectory,
    /// A directory or device where a file is wanted.
    NotAFile,
    /// There but not readable.
    Unreadable(io::ErrorKind),
    /// A private key that others can read (mode).
    Exposed(u32),
    /// A CA, or a directory on the way to it, that others can write (mode).
    Writable(u32),
    /// `cert.pem` without `key.pem` or the other way round: docker silently sends none.
    Alone {
        /// The missing one.
        missing: PathBuf,
    },
    /// No file with system certificates was found.
    NoSystemBundle,
}

/// What is wrong with a value for a given shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueFault {
    /// A NUL byte: no environment can hold it.
    Nul,
    /// Not UTF-8, and this shell (or this scope) holds only text.
    NotUtf8,
    /// `NAME=value` of 128 KiB or more: the kernel would refuse every command afterwards
    /// (`execve(2)`, `MAX_ARG_STRLEN`).
    TooLong,
    /// A line of more than 8191 characters, the most that cmd reads.
    TooLongForCmd,
    /// A character that this shell or format cannot express.
    Char(char),
}
