//! docker's own configuration: `config.json` and the context store (docker/cli `cli/config`,
//! `cli/context/store`). Read only.

use std::cell::OnceCell;
use std::path::PathBuf;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::env::Env;
use crate::file::{self, MAX_STATE};

/// The address docker takes when nothing says otherwise (docker/cli `opts.DefaultHost`).
pub const DEFAULT_HOST: &str =
    if cfg!(windows) { "npipe:////./pipe/docker_engine" } else { "unix:///var/run/docker.sock" };

/// docker's configuration directory, looked into only when asked.
#[derive(Debug)]
pub struct Contexts {
    dir: Option<PathBuf>,
    current: OnceCell<Option<String>>,
}

#[derive(Deserialize)]
struct Config {
    #[serde(rename = "currentContext")]
    current_context: Option<String>,
}

/// A context's `meta.json`. Go's decoder is case-insensitive, and people write these files with other
/// tools, so the two spellings that occur are both taken.
#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "Endpoints", alias = "endpoints")]
    endpoints: Endpoints,
}

#[derive(Deserialize)]
struct Endpoints {
    docker: Docker,
}

#[derive(Deserialize)]
struct Docker {
    #[serde(rename = "Host", alias = "host", default)]
    host: String,
    #[serde(rename = "SkipTLSVerify", alias = "skipTLSVerify", default)]
    skip_verify: bool,
}

impl Contexts {
    /// The directory that this environment names.
    #[must_use]
    pub fn of(env: &Env) -> Self {
        Self { dir: env.docker_config(), current: OnceCell::new() }
    }

    /// The current context of `config.json`; `None` for `default`, and where there is no such file or it
    /// cannot be read (docker warns and goes on likewise).
    #[must_use]
    pub fn current(&self) -> Option<&str> {
        let read = || {
            let bytes = file::read(&self.dir.as_ref()?.join("config.json"), MAX_STATE).ok()?;
            let config: Config = serde_json::from_slice(&bytes).ok()?;
            config.current_context.filter(|name| !name.is_empty() && name != "default")
        };
        self.current.get_or_init(read).as_deref()
    }

    /// The address a context leads to; `None` where there is no such context. Its directory is the
    /// SHA-256 of its name.
    #[must_use]
    pub fn host(&self, name: &str) -> Option<String> {
        Some(self.meta(name)?.host)
    }

    fn meta(&self, name: &str) -> Option<Docker> {
        let meta = self.dir.as_ref()?.join("contexts/meta").join(sum(name)).join("meta.json");
        let meta: Meta = serde_json::from_slice(&file::read(&meta, MAX_STATE).ok()?).ok()?;
        Some(meta.endpoints.docker)
    }

    /// The directory where a context keeps ca.pem, cert.pem and key.pem, which need not be there; and whether it
    /// leaves the server unverified. `None` where there is no such context.
    #[must_use]
    pub fn tls(&self, name: &str) -> Option<(PathBuf, bool)> {
        let dir = self.dir.as_ref()?.join("contexts/tls").join(sum(name)).join("docker");
        Some((dir, self.meta(name)?.skip_verify))
    }

    /// Whether a context leads to this machine. `default` stands for the environment and the local socket.
    #[must_use]
    pub fn is_local(&self, name: &str) -> bool {
        let local = |host: String| {
            host.is_empty() || host.starts_with("unix://") || host.starts_with("npipe://")
        };
        name == "default" || self.host(name).is_some_and(local)
    }

    /// Name and address of the current context, if it leads elsewhere. A context that does not exist is
    /// not local either: docker fails with it.
    #[must_use]
    pub fn remote_current(&self) -> Option<(&str, String)> {
        let name = self.current()?;
        (!self.is_local(name)).then(|| (name, self.host(name).unwrap_or_else(|| "?".to_owned())))
    }
}

/// The directory of a context: the SHA-256 of its name.
fn sum(name: &str) -> String {
    Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect()
}
