//! Whom a check is about, and what came of it.

use std::path::PathBuf;
use std::time::Duration;

use super::finding::{Finding, Level};
use crate::env::Env;
use crate::profile::certs::{self, Look};
use crate::profile::endpoint::Endpoint;
use crate::profile::{Profile, TlsMode};

/// A daemon to ask, and what docker would bring along.
#[derive(Debug, Clone)]
pub struct Target {
    /// The profile, if it is one.
    pub profile: Option<String>,
    /// The file that defines it, where dctx does not write it.
    pub layer: Option<PathBuf>,
    /// Where it is.
    pub endpoint: Endpoint,
    /// How TLS is used.
    pub tls: TlsMode,
    /// The files that docker would open: the CA, the client certificate and its key, as far as they are named. Each
    /// may be missing or wrong: `files` says so, and the probe goes on with those that are right.
    pub ca: Option<PathBuf>,
    /// The client certificate.
    pub cert: Option<PathBuf>,
    /// Its key.
    pub key: Option<PathBuf>,
    /// Where the key is, if docker finds it in no file and it was not fetched.
    pub apart: Option<Apart>,
    /// The server's certificate that is kept here to be put on the host, if this is where it is made.
    pub kept_server: Option<PathBuf>,
    /// Whether dctx keeps the certificates.
    pub kept: bool,
    /// The API version that is pinned.
    pub api_version: Option<String>,
    /// The environment that docker would run in, once the profile is used: its proxies are the ones that count.
    pub env: Env,
    /// Whether it is enough to know that docker answers, and with which API: for many hosts. `GET /_ping` costs a daemon
    /// nothing; for `GET /version` it starts runc and docker-init to ask them theirs (moby 20.10, `daemon/info.go`).
    pub brief: bool,
    /// Whether it is looked at, too, whether the host's sshd forwards docker's socket, which programs without `ssh://`
    /// need: that is a second login.
    pub forwarding: bool,
    /// The longest that the whole probe may take.
    pub limit: Duration,
}

impl Target {
    /// The daemon of `profile`, with the files that it names, in the environment `env`.
    #[must_use]
    pub fn of(profile: &Profile, look: &Look<'_>, env: Env, limit: Duration) -> Self {
        let [ca, cert, key] = certs::paths(profile, look);
        Self {
            profile: Some(profile.name.clone()),
            layer: profile.origin.layer.then(|| profile.origin.path.clone()),
            endpoint: profile.host.clone(),
            tls: profile.tls,
            ca,
            cert,
            key,
            apart: None,
            kept_server: None,
            kept: false,
            api_version: profile.api_version.clone(),
            env,
            brief: false,
            forwarding: false,
            limit,
        }
    }
}

/// Where a private key is that docker cannot read where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Apart {
    /// In the keyring.
    Keyring,
    /// A program prints it.
    Command,
    /// In this file, with a passphrase.
    Passphrase(PathBuf),
}

/// What came of a probe.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// In the order in which things were looked at.
    pub findings: Vec<Finding>,
    /// The daemon, as far as it told.
    pub server: Option<Server>,
    /// How long it all took, in microseconds.
    pub micros: u64,
}

/// What a daemon says of itself (`GET /version`, or the headers of `GET /_ping`). Texts are as they came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// Its version.
    pub version: String,
    /// The newest API version that it speaks.
    pub api: String,
    /// The oldest; empty where only `/_ping` was asked.
    pub min_api: String,
    /// Its operating system and architecture, such as `linux/amd64`.
    pub platform: String,
    /// How far its clock is ahead of ours, in seconds; `None` where it sent no date.
    pub skew: Option<i64>,
}

impl Report {
    /// The exit code: of the first failure, which is the one to mend first; 0 without any.
    #[must_use]
    pub fn code(&self) -> u8 {
        self.findings.iter().map(Finding::code).find(|code| *code != 0).unwrap_or(0)
    }

    /// How bad the worst of it is.
    #[must_use]
    pub fn level(&self) -> Level {
        self.findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok)
    }
}
