//! docker's own configuration: `config.json` and the context store (docker/cli `cli/config`,
//! `cli/context/store`). Read only.

use std::cell::OnceCell;
use std::fmt;
use std::path::PathBuf;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::sockets;
use crate::env::Env;
use crate::file::{self, MAX_STATE};

/// The address docker takes when nothing says otherwise (docker/cli `opts.DefaultHost`).
pub const DEFAULT_HOST: &str =
    if cfg!(windows) { "npipe:////./pipe/docker_engine" } else { "unix:///var/run/docker.sock" };

/// docker's configuration directory, looked into only when asked.
#[derive(Debug)]
pub struct Contexts {
    env: Env,
    dir: Option<PathBuf>,
    current: OnceCell<Option<String>>,
}

/// A JSON object as Go's `encoding/json` reads one into a struct: names whatever their case, of several the last, and a
/// value of another kind than the field's is passed over.
struct Object(Vec<(String, Value)>);

impl Object {
    /// The first value of `text`, if it is an object; what comes behind it is not looked at (`json.Decoder`).
    fn first(text: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(text);
        serde_json::Deserializer::from_str(&text).into_iter().next()?.ok()
    }

    fn field<T>(&self, name: &str, of: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let named = |(key, _): &&(String, Value)| key.eq_ignore_ascii_case(name);
        self.0.iter().rev().filter(named).find_map(|(_, value)| of(value))
    }

    fn text(&self, name: &str) -> Option<String> {
        self.field(name, |value| value.as_str().map(ToOwned::to_owned))
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    all.push(entry);
                }
                Ok(Object(all))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// What a context's `meta.json` says of docker's endpoint.
struct Docker {
    host: String,
    skip_verify: bool,
}

impl Contexts {
    /// The directory that this environment names.
    #[must_use]
    pub fn of(env: &Env) -> Self {
        Self { env: env.clone(), dir: env.docker_config(), current: OnceCell::new() }
    }

    /// The current context of `config.json`; `None` for `default`, and where there is no such file or it
    /// cannot be read (docker warns and goes on likewise).
    #[must_use]
    pub fn current(&self) -> Option<&str> {
        let read = || {
            let bytes = file::read(&self.dir.as_ref()?.join("config.json"), MAX_STATE).ok()?;
            let current = Object::first(&bytes)?.text("currentContext");
            current.filter(|name| !name.is_empty() && name != "default")
        };
        self.current.get_or_init(read).as_deref()
    }

    /// The address a context leads to, as it is written there: docker fills nothing in, but takes its default where
    /// there is none. `None` where there is no such context. Its directory is the SHA-256 of its name.
    #[must_use]
    pub fn host(&self, name: &str) -> Option<String> {
        let host = self.meta(name)?.host;
        Some(if host.is_empty() { DEFAULT_HOST.to_owned() } else { host })
    }

    fn meta(&self, name: &str) -> Option<Docker> {
        let meta = self.dir.as_ref()?.join("contexts/meta").join(sum(name)).join("meta.json");
        let object = |value: &Value| Object::deserialize(value).ok();
        let meta = Object::first(&file::read(&meta, MAX_STATE).ok()?)?;
        let endpoints = meta.field("Endpoints", object)?;
        // a key of a map, which Go does not fold
        let (_, docker) = endpoints.0.iter().rev().find(|(key, _)| key == "docker")?;
        let docker = object(docker)?;
        Some(Docker {
            host: docker.text("Host").unwrap_or_default(),
            skip_verify: docker.field("SkipTLSVerify", Value::as_bool).unwrap_or_default(),
        })
    }

    /// The directory where a context keeps ca.pem, cert.pem and key.pem, which need not be there; and whether it
    /// leaves the server unverified. `None` where there is no such context.
    #[must_use]
    pub fn tls(&self, name: &str) -> Option<(PathBuf, bool)> {
        let dir = self.dir.as_ref()?.join("contexts/tls").join(sum(name)).join("docker");
        Some((dir, self.meta(name)?.skip_verify))
    }

    /// Whether a context leads to a socket of this machine, or is `default`, which stands for the environment and the
    /// local socket. What listens on a socket may still be on another machine ([`Self::is_local_docker`]).
    #[must_use]
    pub fn is_socket(&self, name: &str) -> bool {
        let socket = |host: String| host.starts_with("unix://") || host.starts_with("npipe://");
        name == "default" || self.host(name).is_some_and(socket)
    }

    /// Whether a context leads to the docker of this machine; so does `default`, as far as it is docker's to say.
    #[must_use]
    pub fn is_local_docker(&self, name: &str) -> bool {
        let local = |host: String| sockets::is_local_docker(&self.env, &host);
        name == "default" || self.host(name).is_some_and(local)
    }

    /// Name and address of the current context, if it does not lead to the docker of this machine. A context that does
    /// not exist does not either: docker fails with it.
    #[must_use]
    pub fn current_elsewhere(&self) -> Option<(&str, String)> {
        let name = self.current()?;
        let host = || self.host(name).unwrap_or_else(|| "?".to_owned());
        (!self.is_local_docker(name)).then(|| (name, host()))
    }
}

/// The directory of a context: the SHA-256 of its name.
fn sum(name: &str) -> String {
    Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect()
}
