//! A diagnosis: what is wrong, with what is known of the situation, so that its words can name the real files,
//! names and dates. Data only; the words are in [`super::words`].

use std::path::PathBuf;

use super::id::Id;
use crate::error::NotPem;

/// What is wrong, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Which one.
    pub id: Id,
    /// What is known.
    pub facts: Box<Facts>,
}

impl Diagnosis {
    /// A diagnosis of which nothing more is known.
    #[must_use]
    pub fn new(id: Id) -> Self {
        Self { id, facts: Box::default() }
    }

    /// A diagnosis with facts.
    #[must_use]
    pub fn with(id: Id, facts: Facts) -> Self {
        Self { id, facts: Box::new(facts) }
    }
}

/// What is known of a situation. Everything is optional: `explain` may know nothing but docker's words. Texts that
/// come from a server, a certificate or a file are kept as they came; whoever prints them cleans them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The profile, for the commands that mend it.
    pub profile: Option<String>,
    /// The file that defines the profile, where dctx does not write it.
    pub layer: Option<PathBuf>,
    /// Where docker goes, as in DOCKER_HOST.
    pub endpoint: Option<String>,
    /// The host alone: what a certificate has to list, what is resolved, what ssh connects to.
    pub host: Option<String>,
    /// Its port.
    pub port: Option<u16>,
    /// The address that was tried last.
    pub address: Option<String>,
    /// The login name that ssh uses.
    pub user: Option<String>,
    /// The file or directory at fault.
    pub path: Option<PathBuf>,
    /// The other file of a pair, or one that would fit.
    pub other: Option<PathBuf>,
    /// Mode bits of `path`.
    pub mode: Option<u32>,
    /// What the file is instead, or what is wrong with it.
    pub found: Option<Found>,
    /// The names that the server's certificate lists, as `DNS:…` and `IP:…`.
    pub listed: Vec<String>,
    /// The common name of a certificate without any.
    pub common_name: Option<String>,
    /// The certificate at fault.
    pub cert: Option<CertFacts>,
    /// Whether that certificate is of the client's chain; otherwise it is of the server's.
    pub client: bool,
    /// The certificate that we have instead: the CA that was given.
    pub given: Option<CertFacts>,
    /// The CAs whose client certificates the server accepts.
    pub accepted: Vec<String>,
    /// Whether both sides know each other by their certificates alone, without a CA.
    pub pinned: bool,
    /// Whether dctx keeps the certificates of the profile, so that its own commands can renew them.
    pub kept: bool,
    /// A signature algorithm.
    pub algorithm: Option<String>,
    /// How long was waited, in milliseconds.
    pub waited: Option<u64>,
    /// How far the clocks differ, in seconds: positive where the server's is ahead.
    pub skew: Option<i64>,
    /// The API version asked for.
    pub api: Option<String>,
    /// The oldest and the newest API version that the daemon speaks.
    pub api_range: Option<(String, String)>,
    /// Whether it is known that no version is pinned in this shell.
    pub unpinned: bool,
    /// The proxy, as its variable has it, without a password.
    pub proxy: Option<String>,
    /// The environment variable at fault, with its value.
    pub var: Option<(String, String)>,
    /// A docker context.
    pub context: Option<String>,
    /// A systemd unit.
    pub unit: Option<String>,
    /// Whether the words are dockerd's own, of its start or its log: what is to be done is done on its host.
    pub daemon: bool,
    /// The client of which dockerd's log speaks.
    pub peer: Option<String>,
    /// Why ssh could not log in, where its log tells.
    pub login: Option<Login>,
    /// The jump host on the way to the host, where it is the one that refuses: `[USER@]HOST[:PORT]`.
    pub jump: Option<String>,
    /// Whether docker works all the same.
    pub works: bool,
    /// What the system, the server, ssh or docker said.
    pub said: Option<String>,
    /// docker's own words for it, where they are known to the letter.
    pub words: Option<String>,
}

/// Why ssh could not log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// The host accepts this key; the file has a passphrase, and the agent does not hold it.
    Passphrase(PathBuf, Agent),
    /// The host accepts a key of the agent's, and the agent refused to sign.
    AgentRefused,
    /// Others can read this key's file, so ssh does not use it.
    KeyOpen(PathBuf),
    /// There was no key to offer.
    NoKey(Agent),
    /// So many keys were offered, and the host accepts none of them.
    NotAccepted(usize, Agent),
    /// So many keys were offered that the host gave up (MaxAuthTries).
    TooManyKeys(usize),
    /// The host takes no keys, only these methods.
    NoKeysTaken(String),
}

/// What the SSH agent has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agent {
    /// None is there: SSH_AUTH_SOCK is not set.
    No,
    /// SSH_AUTH_SOCK leads to none.
    Gone,
    /// It holds no key, or is locked.
    Empty,
    /// It holds keys.
    Keys,
}

/// What was found where something else should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file that is not a PEM file.
    File(NotPem),
    /// A directory.
    Directory,
    /// A web page.
    Html,
    /// PEM of another kind, by its label.
    Label(&'static str),
    /// None of these.
    Garbage,
    /// An SSH server, by its greeting.
    Ssh(String),
    /// A web server's answer, by its status and `Server` header.
    Http {
        /// The status.
        status: u16,
        /// The `Server` header.
        server: Option<String>,
        /// Where a redirect leads.
        location: Option<String>,
    },
    /// The connection was closed without an answer.
    Closed,
    /// The connection was reset.
    Reset,
}

/// What is told of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CertFacts {
    /// The subject: its common name, or all of it.
    pub subject: String,
    /// The issuer, likewise.
    pub issuer: String,
    /// SHA-256 of the whole certificate, in hexadecimal.
    pub sha256: String,
    /// Begin of its validity, in seconds since 1970.
    pub not_before: i64,
    /// End of its validity, in seconds since 1970.
    pub not_after: i64,
}
