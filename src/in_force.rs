//! Where docker goes from here, and whose doing that is: the one judge of it.
//!
//! It reads what the docker command reads, in docker's order (docker/cli `cli/command/cli.go`, `resolveContextName` and
//! `resolveDockerEndpoint`): DOCKER_HOST, DOCKER_CONTEXT, `currentContext` of `config.json`, the default; an empty
//! variable counts as one that is not set. `current`, `ls`, the picker, every message that says where this shell points,
//! and `check` ask it. The prompts cannot, for they start no process: they compare what `use` noted in DCTX_SAVED
//! ([`Saved::set`]) with the variables, which is what [`used`] does here.

mod host;

use std::ffi::OsString;

use serde::Serialize;

pub use host::docker_reads;

use crate::env::Env;
use crate::exports::{DirMark, Saved, Scope, destination_of};
use crate::interop::docker::{Contexts, DEFAULT_HOST};
use crate::interop::sockets;
use crate::profile::{Profile, TlsMode};

/// Which setting decides, in docker's order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecidedBy {
    /// DOCKER_HOST.
    DockerHost,
    /// DOCKER_CONTEXT.
    DockerContext,
    /// `currentContext` of docker's `config.json`.
    CurrentContext,
    /// A TLS variable without a host, which makes docker go to `tcp://localhost:2376`.
    TlsVariable,
    /// Nothing: docker's default.
    Default,
}

/// How docker uses TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// Plain, or a socket.
    Off,
    /// The server is verified.
    Verified,
    /// TLS without verification.
    Unverified,
    /// The context decides.
    Context,
}

/// What kind of place it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeadsTo {
    /// A socket where a docker of this machine listens ([`sockets::is_local_docker`]).
    LocalDocker,
    /// Another socket of this machine, at whose other end may be anything.
    Socket,
    /// An address of a network.
    Remote,
    /// There is no such context, or docker refuses the address.
    Nowhere,
}

/// What has become of the last `use` in this shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Used {
    /// No profile is in use.
    Nothing,
    /// The variables are those that `use` of this profile set.
    InForce(String),
    /// This profile was used, and the variables that choose an endpoint have been changed since.
    Changed(String),
    /// The variables are those that `use` of this profile set, and the profile has been changed since: it leads elsewhere.
    Redefined(String),
}

impl Used {
    /// The profile, if what it set is still in force.
    #[must_use]
    pub fn in_force(&self) -> Option<&str> {
        match self {
            Self::InForce(name) => Some(name),
            Self::Nothing | Self::Changed(_) | Self::Redefined(_) => None,
        }
    }

    /// The same beside `profile`, what the profile in force is now: whether docker still goes where that leads, by its
    /// address and its way of using TLS. `None` where there is no such profile any more, or where it is not valid.
    #[must_use]
    pub fn beside(self, env: &Env, profile: Option<&Profile>) -> Self {
        match (self, profile) {
            (Self::InForce(name), Some(profile)) if !leads_there(env, profile) => {
                Self::Redefined(name)
            }
            (used, _) => used,
        }
    }
}

fn leads_there(env: &Env, profile: &Profile) -> bool {
    let is = |name: &str| env.filled(name).is_some();
    env.get("DOCKER_HOST").is_some_and(|host| host == *profile.docker_host())
        && is("DOCKER_TLS_VERIFY") == matches!(profile.tls, TlsMode::Verify | TlsMode::System)
        && is("DOCKER_TLS") == (profile.tls == TlsMode::Insecure)
}

/// Whether what `use` set is still in force. Costs nothing but a look at seven variables.
#[must_use]
pub fn used(env: &Env) -> Used {
    let Some(name) = env.text("DCTX_PROFILE") else { return Used::Nothing };
    let saved = env.filled("DCTX_SAVED").and_then(|text| Saved::decode(&text));
    match is_in_force(env, saved.as_ref()) {
        true => Used::InForce(name),
        false => Used::Changed(name),
    }
}

fn is_in_force(env: &Env, saved: Option<&Saved>) -> bool {
    let set = saved.and_then(|saved| saved.set.as_ref());
    set.is_some_and(|set| *set == destination_of(&|name| env.get(name)))
}

/// The answer.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct InForce {
    /// The active profile, if what it set is still in force.
    pub profile: Option<String>,
    /// Where docker goes; `None` where a context does not exist, or docker refuses DOCKER_HOST.
    pub endpoint: Option<String>,
    /// Which setting decides.
    pub decided_by: DecidedBy,
    /// The context that decides, if one does.
    pub context: Option<String>,
    /// TLS.
    pub tls: Tls,
    /// The directory of the certificates docker reads, where a variable names it.
    pub cert_path: Option<String>,
    /// Whether this is the docker of this machine.
    pub local: bool,
    /// What kind of place it is.
    pub leads_to: LeadsTo,
    /// When the use of the profile ends by itself, in seconds since 1970; it may be over.
    pub expires: Option<u64>,
    /// Whether the profile was chosen for every shell.
    pub universal: bool,
    /// The directory that this shell is in for the profile's sake.
    pub directory: Option<String>,
    /// The profile that was used and whose variables have been changed since.
    pub changed_since: Option<String>,
    /// Variables that are set and do not change where docker goes: what is left of a profile that is not in force, or
    /// what another setting hides.
    pub without_effect: Vec<&'static str>,
}

/// Works out where docker goes.
#[must_use]
pub fn judge(env: &Env, contexts: &Contexts) -> InForce {
    let filled = |name: &str| env.filled(name).map(|value| value.to_string_lossy().into_owned());
    let asked = if env.filled("DOCKER_TLS_VERIFY").is_some() {
        Tls::Verified
    } else if env.filled("DOCKER_TLS").is_some() {
        Tls::Unverified
    } else {
        Tls::Off
    };
    let named = || {
        filled("DOCKER_CONTEXT")
            .map(|name| (name, DecidedBy::DockerContext))
            .or_else(|| contexts.current().map(|name| (name.to_owned(), DecidedBy::CurrentContext)))
            .filter(|(name, _)| name != "default")
    };
    // The default context, which goes by the TLS variables as well, in the place of docker's current one.
    let default_named = filled("DOCKER_CONTEXT").is_some_and(|name| name == "default")
        && contexts.current().is_some_and(|name| name != "default");
    let (endpoint, decided_by, context) =
        match filled("DOCKER_HOST").map(Ok).unwrap_or_else(|| Err(named())) {
            Ok(host) => (docker_reads(&host, asked != Tls::Off), DecidedBy::DockerHost, None),
            Err(Some((name, by))) => (contexts.host(&name), by, Some(name)),
            Err(None) if asked != Tls::Off => {
                (Some(host::DEFAULT_TLS_HOST.to_owned()), DecidedBy::TlsVariable, None)
            }
            Err(None) if default_named => {
                let name = Some("default".to_owned());
                (Some(DEFAULT_HOST.to_owned()), DecidedBy::DockerContext, name)
            }
            Err(None) => (Some(DEFAULT_HOST.to_owned()), DecidedBy::Default, None),
        };
    let leads_to = match endpoint.as_deref() {
        None => LeadsTo::Nowhere,
        Some(endpoint) if sockets::is_local_docker(env, endpoint) => LeadsTo::LocalDocker,
        Some(endpoint) if endpoint.starts_with("unix://") || endpoint.starts_with("npipe://") => {
            LeadsTo::Socket
        }
        Some(_) => LeadsTo::Remote,
    };
    let by_tcp = leads_to == LeadsTo::Remote
        && !endpoint.as_ref().is_some_and(|host| host.starts_with("ssh://"));
    let tls = match (&context, leads_to) {
        (None, LeadsTo::Nowhere) => asked,
        (_, _) if !by_tcp => Tls::Off,
        (Some(_), _) => Tls::Context,
        (None, _) => asked,
    };
    let cert_path =
        filled("DOCKER_CERT_PATH").filter(|_| matches!(tls, Tls::Verified | Tls::Unverified));
    let saved = env.filled("DCTX_SAVED").and_then(|text| Saved::decode(&text));
    let used = used(env);
    let of_profile = used.in_force().is_some();
    let universal = of_profile && saved.is_some_and(|saved| saved.scope == Scope::Universal);
    let expires = env.text("DCTX_EXPIRES").and_then(|at| at.parse().ok()).filter(|_| of_profile);
    let directory = env
        .filled("DCTX_DIR")
        .and_then(|text| DirMark::decode(&text))
        .filter(|mark| of_profile && !mark.by_hand)
        .map(|mark| mark.path.to_string_lossy().into_owned());
    let (profile, changed_since) = match used {
        Used::Nothing => (None, None),
        Used::InForce(name) => (Some(name), None),
        Used::Changed(name) | Used::Redefined(name) => (None, Some(name)),
    };
    let mut answer = InForce {
        profile,
        endpoint,
        decided_by,
        context,
        tls,
        cert_path,
        local: leads_to == LeadsTo::LocalDocker,
        leads_to,
        expires,
        universal,
        directory,
        changed_since,
        without_effect: Vec::new(),
    };
    answer.without_effect = without_effect(env, &answer);
    answer
}

/// Whatever is set and does nothing.
fn without_effect(env: &Env, answer: &InForce) -> Vec<&'static str> {
    if answer.profile.is_some() {
        return Vec::new();
    }
    let tls_unused = matches!(answer.tls, Tls::Off | Tls::Context);
    // What docker-machine set beside DOCKER_HOST names that host; what is left of a profile does not.
    let name_alone = answer.changed_since.is_some() || answer.decided_by != DecidedBy::DockerHost;
    [
        ("DOCKER_TLS_VERIFY", tls_unused),
        ("DOCKER_TLS", tls_unused || env.filled("DOCKER_TLS_VERIFY").is_some()),
        ("DOCKER_CERT_PATH", tls_unused),
        ("DOCKER_CONTEXT", answer.decided_by == DecidedBy::DockerHost),
        ("DOCKER_MACHINE_NAME", name_alone),
        ("DCTX_PROFILE", true),
    ]
    .into_iter()
    .filter(|(name, unused)| {
        *unused
            && env.filled(name).is_some_and(|value: OsString| {
                // DOCKER_CONTEXT=default is what docker does without it
                *name != "DOCKER_CONTEXT" || value != "default"
            })
    })
    .map(|(name, _)| name)
    .collect()
}
