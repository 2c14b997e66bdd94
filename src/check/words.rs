//! What each diagnosis says, and what it advises, in English and Chinese. One exhaustive match leads from an id to
//! the function that knows its words; cause and advice of one id stand side by side.

mod chain;
mod client;
mod daemon;
mod docker;
mod files;
mod local;
mod mend;
mod pinned;
mod reach;
mod sdk;
mod ssh;
mod tls;
mod with;

use super::diagnosis::Diagnosis;
use super::id::Id;
use crate::error::{Hint, Lang};
use crate::text::clean;
use with::{With, tighten};

/// A cause, and what to do about it, best first.
type Words = (String, Vec<Hint>);

impl Diagnosis {
    /// The cause in one sentence without a full stop, with the real names, files and dates where they are known.
    /// One line, fit for a terminal.
    #[must_use]
    pub fn cause(&self, lang: Lang) -> String {
        clean(&tighten(&self.words(lang).0)).into_owned()
    }

    /// What to do about it, best first; a command where there is one, quoted for a POSIX shell. What is said is fit
    /// for a terminal; a command holds what it has to hold, and is cleaned by whoever prints it.
    #[must_use]
    pub fn fixes(&self, lang: Lang) -> Vec<Hint> {
        let tidy =
            |hint: Hint| Hint { say: clean(&tighten(&hint.say)).into_owned(), run: hint.run };
        self.words(lang).1.into_iter().map(tidy).collect()
    }

    /// What docker itself says to this, in one line, for people who search for it; `None` where docker has no words
    /// of its own for it. In English only, as docker's are. Texts of docker 28 and 29 (docker/cli, Go's
    /// crypto/tls and crypto/x509).
    #[must_use]
    pub fn docker_says(&self) -> Option<String> {
        docker::says(self.id, &self.facts).map(|text| clean(&text).into_owned())
    }

    fn words(&self, lang: Lang) -> Words {
        let with = &With { facts: &self.facts, lang };
        // Where dockerd says it, the files are the host's, and the client is another machine's.
        if let Some(words) = self.facts.daemon.then(|| daemon::of_host(self.id, with)).flatten() {
            return words;
        }
        match self.id {
            Id::Refused => reach::refused(with),
            Id::Timeout => reach::timeout(with),
            Id::NoRoute => reach::no_route(with),
            Id::NetProhibited => reach::net_prohibited(with),
            Id::Dns => reach::dns(with),
            Id::TlsExpected => tls::tls_expected(with),
            Id::PlainExpected => tls::plain_expected(with),
            Id::NameMismatch => tls::name_mismatch(with),
            Id::NoSan => tls::no_san(with),
            Id::UnknownCa => tls::unknown_ca(with),
            Id::IssuerNotCa => chain::issuer_not_ca(with),
            Id::IntermediateNotCa => chain::intermediate_not_ca(with),
            Id::NameConstraint => chain::name_constraint(with),
            Id::PathLength => chain::path_length(with),
            Id::CertUnparsable => chain::unparsable(with),
            Id::WeakSignature => chain::weak_signature(with),
            Id::ServerExpired => tls::server_expired(with),
            Id::ServerNotYetValid => tls::server_not_yet_valid(with),
            Id::CaExpired => tls::ca_expired(with),
            Id::CaIntermediate => sdk::ca_intermediate(with),
            Id::CaKeyUsage => sdk::ca_key_usage(with),
            Id::CaBundleEnv => sdk::ca_bundle_env(with),
            Id::ServerUsage => tls::server_usage(with),
            Id::ServerRestartNeeded => pinned::restart_needed(with),
            Id::ClientCertRequired => client::required(with),
            Id::ClientExpired => client::expired(with),
            Id::ClientUnknownCa => client::unknown_ca(with),
            Id::ClientUsage => client::usage(with),
            Id::ClientRejected => client::rejected(with),
            Id::KeyMismatch => files::key_mismatch(with),
            Id::PairSwapped => files::pair_swapped(with),
            Id::CertMissing => files::cert_missing(with),
            Id::CertUnreadable => files::cert_unreadable(with),
            Id::CertInvalid => files::cert_invalid(with),
            Id::KeyEncrypted => files::key_encrypted(with),
            Id::KeyInvalid => files::key_invalid(with),
            Id::KeyExposed => files::key_exposed(with),
            Id::TlsVersion => tls::tls_version(with),
            Id::TlsCipher => tls::tls_cipher(with),
            Id::NotDocker => reach::not_docker(with),
            Id::Proxy => reach::proxy(with),
            Id::UnixMissing => local::unix_missing(with),
            Id::UnixPermission => local::unix_permission(with),
            Id::UnixStale => local::unix_stale(with),
            Id::EndpointInvalid => local::endpoint_invalid(with),
            Id::TlsEnvWithSocket => local::tls_env_with_socket(with),
            Id::ApiTooOld => local::api_too_old(with),
            Id::ApiTooNew => local::api_too_new(with),
            Id::ApiClientFloor => sdk::client_floor(with),
            Id::ApiSdkDefault => sdk::sdk_default(with),
            Id::SshAuth => ssh::auth(with),
            Id::SshHostKey => ssh::host_key(with),
            Id::SshUnreachable => ssh::unreachable(with),
            Id::SshNoDocker => ssh::no_docker(with),
            Id::SshNoDaemon => ssh::no_daemon(with),
            Id::SshMissing => ssh::missing(with),
            Id::SshTooMany => ssh::too_many(with),
            Id::SshSlow => ssh::slow(with),
            Id::SshForwardRefused => ssh::forward_refused(with),
            Id::SshClientMissingInSdk => sdk::no_ssh(with),
            Id::DockerMissing => sdk::docker_missing(with),
            Id::ClientOutdated => sdk::outdated(with),
            Id::BuildxEnvTls => sdk::buildx_env_tls(with),
            Id::DaemonConflict => daemon::conflict(with),
            Id::DaemonConfigInvalid => daemon::config_invalid(with),
            Id::DaemonSocketUnit => daemon::socket_unit(with),
            Id::DaemonCertMissing => daemon::cert_missing(with),
            Id::DaemonPortInUse => daemon::port_in_use(with),
            Id::Leftover => local::leftover(with),
            Id::HookLost => local::hook_lost(with),
            Id::SocketElsewhere => local::socket_elsewhere(with),
            Id::ContextMissing => local::context_missing(with),
        }
    }
}
