//! Where a profile leads, with every file found and every default filled in: what a shell is told, and
//! what is kept of a choice for every shell, so that no later change of the profile changes it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Profile, TlsMode, env_allowed, name};

/// A host to go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// The profile's name.
    pub name: String,
    /// DOCKER_HOST, port included.
    pub host: String,
    /// How TLS is used.
    pub tls: TlsMode,
    /// DOCKER_CERT_PATH; `None` exactly when the mode is off.
    pub cert_dir: Option<PathBuf>,
    /// DOCKER_API_VERSION.
    pub api_version: Option<String>,
    /// The profile's own variables.
    pub env: BTreeMap<String, String>,
    /// The host that proxies are bypassed for, where it is reached by TCP.
    pub proxy_host: Option<String>,
    /// Whether DOCKER_MACHINE_NAME is set for prompts.
    pub machine_name: bool,
    /// Whether the profile is protected.
    pub protected: bool,
    /// When the use ends, in seconds since 1970.
    pub expires: Option<u64>,
}

impl Destination {
    /// Where `profile` leads; `cert_dir` is `None` exactly when its mode is off.
    #[must_use]
    pub fn of(profile: &Profile, cert_dir: Option<PathBuf>, machine_name: bool) -> Self {
        Self {
            name: profile.name.clone(),
            host: profile.docker_host(),
            tls: profile.tls,
            cert_dir,
            api_version: profile.api_version.clone(),
            env: profile.env.clone(),
            proxy_host: profile.host.proxy_host().map(ToOwned::to_owned),
            machine_name,
            protected: profile.protected,
            expires: None,
        }
    }

    /// Whether everything in it is what a profile could have said; it may come from a file.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let hidden = |text: &str| crate::text::hidden_in(text).is_some();
        let dir = self.cert_dir.as_deref();
        name::check(&self.name).is_ok()
            && !self.host.is_empty()
            && !hidden(&self.host)
            && dir.is_some() == (self.tls != TlsMode::Off)
            && dir.is_none_or(std::path::Path::is_absolute)
            && self.env.iter().all(|(name, value)| env_allowed(name) && !hidden(value))
            && [&self.api_version, &self.proxy_host].into_iter().flatten().all(|text| !hidden(text))
    }

    /// Whether its time is over at `now`, in seconds since 1970.
    #[must_use]
    pub fn is_over(&self, now: u64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}
