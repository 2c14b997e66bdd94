//! What is said of this machine and this shell: data. The words are in [`super::words`].

use std::path::PathBuf;

use crate::check::id::Id;
use crate::error::EndpointFault;

/// One thing about this machine or this shell. Texts from outside are kept as they came; whoever prints cleans
/// them. `unset` is the line that takes a variable away in the shell at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The docker client that a shell would start.
    Docker {
        /// Where it is.
        path: PathBuf,
        /// What it says its version is.
        version: String,
        /// Others further down PATH, which it hides.
        others: Vec<PathBuf>,
    },
    /// There is no docker client on PATH.
    NoDocker,
    /// It is there and does not tell its version.
    DockerSilent {
        /// Where it is.
        path: PathBuf,
    },
    /// The ssh program.
    Ssh {
        /// Where it is.
        path: PathBuf,
    },
    /// There is none, and a profile needs it.
    NoSsh,
    /// The profile file.
    Store {
        /// The file, with `~`.
        file: String,
        /// How many profiles there are, in it and in the layers.
        profiles: usize,
        /// Its mode; `None` where there are no modes.
        mode: Option<u32>,
        /// How many profiles others of the same name hide.
        shadowed: usize,
    },
    /// No profiles.
    NoProfiles {
        /// The file that will hold them, with `~`.
        file: String,
    },
    /// Others can write the profile file.
    StoreOpen {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Profiles that are not valid.
    Broken {
        /// Their names, each of which may hold anything.
        names: Vec<String>,
    },
    /// dctx runs for root, by somebody else's hand.
    Sudo {
        /// Who called.
        user: String,
        /// The profile file that is read, with `~`.
        file: String,
    },
    /// The shell at work.
    Shell {
        /// Its name.
        name: String,
        /// Whether the hook is there.
        hooked: bool,
        /// What to put into its start-up file.
        init: Option<String>,
        /// Whether nothing but `$SHELL` tells.
        guessed: bool,
    },
    /// The hook does not run any more: what it was in has been assigned since.
    HookLost {
        /// What it was in: PROMPT_COMMAND, precmd_functions, PS1.
        var: String,
        /// What is there now, where the shell tells.
        now: String,
        /// The file and the line of a start-up file that assigned it, where one was found.
        by: Option<(PathBuf, usize)>,
        /// What installs it.
        init: Option<String>,
    },
    /// No shell that dctx knows.
    NoShell,
    /// A universal variable of fish that a global one hides.
    Hidden {
        /// The variable.
        var: &'static str,
        /// The universal value.
        universal: String,
        /// The global one.
        global: String,
    },
    /// A TLS variable with no host beside it.
    TlsAlone {
        /// The variable.
        var: &'static str,
        /// Its value.
        value: String,
        /// The line that takes it away.
        unset: String,
    },
    /// `DOCKER_TLS_VERIFY` is not `1`.
    TlsVerify {
        /// Its value, perhaps empty.
        value: String,
        /// The line that takes it away.
        unset: String,
    },
    /// `DOCKER_TLS`: TLS that verifies nothing.
    TlsUnverified {
        /// Its value.
        value: String,
        /// The line that takes it away.
        unset: String,
    },
    /// `DOCKER_CERT_PATH` where TLS is off.
    CertPathAlone {
        /// Its value.
        value: String,
        /// The line that takes it away.
        unset: String,
    },
    /// `DOCKER_API_VERSION` is no version.
    ApiVersion {
        /// Its value.
        value: String,
        /// The line that takes it away.
        unset: String,
    },
    /// `DOCKER_MACHINE_NAME` names what docker does not go to.
    MachineName {
        /// Its value.
        value: String,
        /// The line that takes it away.
        unset: String,
    },
    /// TLS is on and DOCKER_CERT_PATH is not set: docker has a place of its own, and others have none.
    CertPathUnset {
        /// Where docker looks.
        dir: PathBuf,
        /// The line that sets it.
        set: Option<String>,
    },
    /// `DOCKER_MACHINE_NAME` names a machine that docker-machine does not have any more.
    MachineGone {
        /// The name.
        name: String,
        /// Where docker-machine would have it.
        dir: PathBuf,
        /// The line that takes it away.
        unset: String,
    },
    /// `DOCKER_MACHINE_NAME` names a machine, and another variable leads to another one.
    MachineOther {
        /// The name.
        name: String,
        /// The variable.
        var: &'static str,
        /// Its value.
        value: String,
        /// What docker-machine has for that machine.
        has: String,
        /// The line that takes it away.
        unset: String,
    },
    /// The variables are not those that `use` set.
    Changed {
        /// The profile that was used.
        profile: String,
    },
    /// The directory that DOCKER_CERT_PATH names is gone.
    CertDirGone {
        /// The directory.
        path: PathBuf,
        /// The profile whose it was.
        profile: Option<String>,
    },
    /// `DOCKER_HOST` is something that docker reads otherwise, or not at all.
    HostMisread {
        /// Its value.
        value: String,
        /// What is wrong.
        fault: EndpointFault,
        /// What to write.
        write: Option<String>,
    },
    /// `DOCKER_HOST` has no port and TLS is on: docker takes 2375.
    HostPort {
        /// Its value.
        value: String,
        /// What to write.
        write: String,
    },
    /// `DOCKER_HOST` lacks a scheme or a port: docker fills it in, others do not.
    HostLoose {
        /// Its value.
        value: String,
        /// What docker makes of it.
        write: String,
    },
    /// `DOCKER_HOST` hides a context.
    ContextHidden {
        /// The context.
        name: String,
        /// Whether `DOCKER_CONTEXT` names it, not docker's configuration.
        by_variable: bool,
        /// Whether dctx set `DOCKER_HOST`.
        ours: bool,
    },
    /// Nothing is set, and docker's own current context leads to another machine.
    ContextRemote {
        /// The context.
        name: String,
        /// Where it leads.
        endpoint: String,
    },
    /// docker's configuration is not JSON.
    ConfigBroken {
        /// The file.
        path: PathBuf,
    },
    /// A file that makes a library go elsewhere.
    Overrides {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// Its value.
        value: String,
    },
    /// A proxy stands between docker and its host.
    Proxied {
        /// The variable.
        var: &'static str,
        /// The proxy, without a password.
        proxy: String,
        /// The host that it is asked for.
        host: String,
    },
    /// `ALL_PROXY` alone, which docker does not read.
    AllProxy {
        /// The variable.
        var: &'static str,
    },
    /// Nothing was connected to.
    Offline,
    /// The mode of a file was mended.
    Mended {
        /// The file.
        path: PathBuf,
        /// Its mode before.
        was: u32,
        /// Its mode now.
        now: u32,
    },
    /// The mode of a file that others can reach is not mended here.
    LeftAlone {
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        why: Left,
    },
    /// The mode of a file could not be mended.
    NotMended {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: std::io::ErrorKind,
    },
}

/// Why `--fix` leaves a file alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// A read-only layer names it, this one.
    Layer(PathBuf),
    /// There is neither a key nor a certificate in it.
    NoPem,
    /// A directory with more in it than keys and certificates.
    MixedDirectory,
}

impl Note {
    /// The diagnosis that it is a case of.
    #[must_use]
    pub const fn id(&self) -> Option<Id> {
        match self {
            Self::Hidden { .. }
            | Self::TlsAlone { .. }
            | Self::TlsVerify { .. }
            | Self::TlsUnverified { .. }
            | Self::CertPathAlone { .. }
            | Self::ApiVersion { .. }
            | Self::MachineName { .. }
            | Self::CertPathUnset { .. }
            | Self::MachineGone { .. }
            | Self::MachineOther { .. }
            | Self::Changed { .. }
            | Self::ContextRemote { .. } => Some(Id::Leftover),
            Self::HookLost { .. } => Some(Id::HookLost),
            Self::ContextHidden { ours, .. } if !*ours => Some(Id::Leftover),
            Self::CertDirGone { .. } => Some(Id::CertMissing),
            Self::HostMisread { .. } | Self::HostPort { .. } => Some(Id::EndpointInvalid),
            Self::NoSsh => Some(Id::SshMissing),
            Self::Proxied { .. } => Some(Id::Proxy),
            _ => None,
        }
    }
}
