//! What this shell's variables say beside docker's words.

use crate::check::diagnosis::{Diagnosis, Facts};
use crate::check::id::Id;

/// The diagnosis that the variables make of what was said. `text` is the whole of it, `variable` gives the value of a
/// variable as docker takes it: `None` where it is empty. Only for words that no profile is meant by.
#[must_use]
pub fn here(said: Diagnosis, text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Diagnosis {
    let named = |name: &str| variable(name).map(|value| (name.to_owned(), value));
    let Diagnosis { id, mut facts } = said;
    let id = match id {
        // TLS variables without a host send docker to localhost:2376; with one that was set by hand they are of a host
        // that is no more.
        Id::Refused if loopback(&facts) && facts.proxy.is_none() => {
            let host = named("DOCKER_HOST");
            let tls = named("DOCKER_TLS_VERIFY").or_else(|| named("DOCKER_TLS"));
            // With another host in this shell the words are of another shell.
            let here = host.as_ref().is_none_or(|(_, to)| leads(to, &facts));
            match tls.filter(|_| here) {
                Some(tls) => {
                    facts.var = host.or(Some(tls));
                    facts.context = None;
                    Id::Leftover
                }
                None => id,
            }
        }
        Id::UnknownCa if of_python(text) => {
            match named("REQUESTS_CA_BUNDLE").or_else(|| named("CURL_CA_BUNDLE")) {
                Some(bundle) => {
                    facts.var = Some(bundle);
                    Id::CaBundleEnv
                }
                None => id,
            }
        }
        Id::CaBundleEnv => {
            facts.var = named("REQUESTS_CA_BUNDLE").or_else(|| named("CURL_CA_BUNDLE"));
            id
        }
        // docker-java does not read it, so who pins it is another.
        Id::ApiSdkDefault if facts.api.is_some() && variable("DOCKER_API_VERSION") == facts.api => {
            Id::ApiTooOld
        }
        Id::ApiTooOld | Id::ApiTooNew => {
            facts.unpinned = variable("DOCKER_API_VERSION").is_none();
            id
        }
        Id::BuildxEnvTls => {
            facts.endpoint = facts.endpoint.take().or_else(|| variable("DOCKER_HOST"));
            facts.path = facts.path.take().or_else(|| variable("DOCKER_CERT_PATH").map(Into::into));
            id
        }
        id => id,
    };
    Diagnosis { id, facts }
}

/// Whether docker went to this machine, over TCP.
fn loopback(facts: &Facts) -> bool {
    let Some(host) = facts.host.as_deref() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|at| at.is_loopback() || at.is_unspecified())
}

/// Whether an address leads where docker went.
fn leads(address: &str, facts: &Facts) -> bool {
    let host = facts.host.as_deref().unwrap_or_default();
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default().trim();
    let port = facts.port.map(|port| format!(":{port}")).unwrap_or_default();
    let bracketed = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    authority == bracketed || authority == format!("{bracketed}{port}")
}

/// Whether it is Python's requests that could not verify.
fn of_python(text: &str) -> bool {
    [
        "CERTIFICATE_VERIFY_FAILED",
        "SSLError",
        "SSLCertVerificationError",
        "docker.errors",
        "SSL error:",
    ]
    .iter()
    .any(|words| text.contains(words))
}
