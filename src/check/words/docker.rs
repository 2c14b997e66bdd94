//! What docker itself says to a diagnosis, in its own English, for people who search for it.

use super::with::{bare, bracketed, date};
use crate::check::diagnosis::Facts;
use crate::check::id::Id;

/// One line, not yet cleaned.
pub(super) fn says(id: Id, facts: &Facts) -> Option<String> {
    let host = facts.host.as_deref().unwrap_or("HOST");
    let place = match (&facts.endpoint, facts.port) {
        (Some(endpoint), _) => endpoint.clone(),
        (None, Some(port)) => format!("tcp://{}:{port}", bracketed(host)),
        (None, None) => format!("tcp://{host}:2376"),
    };
    let socket = match (&facts.endpoint, &facts.path) {
        (Some(endpoint), _) => endpoint.clone(),
        (None, Some(path)) => format!("unix://{}", path.display()),
        (None, None) => "unix:///var/run/docker.sock".to_owned(),
    };
    let path = |else_: &str| {
        facts.path.as_ref().map_or_else(|| else_.to_owned(), |path| path.display().to_string())
    };
    let no_daemon = |at: &str| {
        format!("Cannot connect to the Docker daemon at {at}. Is the docker daemon running?")
    };
    if let Some(words) = &facts.words {
        return Some(words.clone());
    }
    let text = match id {
        // the daemon's word on a client's chain, whatever is wrong with it
        Id::IssuerNotCa
        | Id::IntermediateNotCa
        | Id::NameConstraint
        | Id::PathLength
        | Id::WeakSignature
            if facts.client =>
        {
            "remote error: tls: bad certificate".to_owned()
        }
        Id::Refused => no_daemon(&place),
        Id::Timeout => match &facts.address {
            Some(address) => format!("dial tcp {address}: i/o timeout"),
            None => "i/o timeout".to_owned(),
        },
        Id::NoRoute => "connect: no route to host".to_owned(),
        Id::NetProhibited => {
            format!("permission denied while trying to connect to the Docker daemon socket at {place}")
        }
        Id::Dns => format!("dial tcp: lookup {host}: no such host"),
        Id::TlsExpected => "Client sent an HTTP request to an HTTPS server.".to_owned(),
        Id::PlainExpected => "http: server gave HTTP response to HTTPS client".to_owned(),
        Id::NameMismatch => mismatch(facts, host),
        Id::NoSan if host.parse::<std::net::IpAddr>().is_ok() => format!(
            "x509: cannot validate certificate for {host} because it doesn't contain any IP SANs"
        ),
        Id::NoSan if facts.listed.is_empty() => {
            "x509: certificate relies on legacy Common Name field, use SANs instead".to_owned()
        }
        Id::NoSan => {
            format!("x509: certificate is not valid for any names, but wanted to match {host}")
        }
        Id::UnknownCa => "x509: certificate signed by unknown authority".to_owned(),
        Id::IssuerNotCa => "x509: certificate signed by unknown authority (possibly because of \"x509: invalid signature: parent certificate cannot sign this kind of certificate\")".to_owned(),
        Id::IntermediateNotCa => {
            "x509: certificate is not authorized to sign other certificates".to_owned()
        }
        Id::NameConstraint => {
            "x509: a root or intermediate certificate is not authorized to sign for this name"
                .to_owned()
        }
        Id::PathLength => "x509: too many intermediates for path length constraint".to_owned(),
        Id::CertUnparsable => "tls: failed to parse certificate from server: x509:".to_owned(),
        Id::WeakSignature => {
            let algorithm = facts.algorithm.as_deref().unwrap_or("SHA1-RSA");
            format!("x509: certificate signed by unknown authority (possibly because of \"x509: cannot verify signature: insecure algorithm {algorithm}\")")
        }
        Id::ServerExpired | Id::CaExpired => {
            "x509: certificate has expired or is not yet valid: current time ... is after".to_owned()
                + &end(facts.cert.as_ref().map(|cert| cert.not_after))
        }
        Id::ServerNotYetValid => {
            "x509: certificate has expired or is not yet valid: current time ... is before".to_owned()
                + &end(facts.cert.as_ref().map(|cert| cert.not_before))
        }
        Id::ServerUsage => "x509: certificate specifies an incompatible key usage".to_owned(),
        Id::ServerRestartNeeded => return None,
        Id::ClientCertRequired => "remote error: tls: certificate required".to_owned(),
        Id::ClientExpired => "remote error: tls: expired certificate".to_owned(),
        Id::ClientUnknownCa => "remote error: tls: unknown certificate authority".to_owned(),
        Id::ClientUsage | Id::ClientRejected => "remote error: tls: bad certificate".to_owned(),
        Id::KeyMismatch => "tls: private key does not match public key".to_owned(),
        Id::PairSwapped => "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched".to_owned(),
        Id::CertMissing => format!(
            "unable to resolve docker endpoint: open {}: no such file or directory",
            path("ca.pem")
        ),
        Id::CertUnreadable => {
            format!("unable to resolve docker endpoint: open {}: permission denied", path("ca.pem"))
        }
        Id::CertInvalid => match facts.path.as_deref().and_then(std::path::Path::file_name) {
            Some(name) if name == "ca.pem" => {
                "failed to retrieve context tls info: ca.pem seems invalid".to_owned()
            }
            _ => "tls: failed to find any PEM data in certificate input".to_owned(),
        },
        Id::KeyEncrypted => "private key is encrypted - support for encrypted private keys has been removed".to_owned(),
        Id::KeyInvalid => "no valid private key found".to_owned(),
        Id::TlsVersion => "remote error: tls: protocol version not supported".to_owned(),
        Id::TlsCipher => "remote error: tls: handshake failure".to_owned(),
        Id::UnixMissing | Id::UnixStale => no_daemon(&socket),
        Id::UnixPermission => {
            format!("permission denied while trying to connect to the Docker daemon socket at {socket}")
        }
        Id::ApiTooOld => {
            let api = facts.api.as_deref()?;
            let (oldest, _) = facts.api_range.as_ref()?;
            format!("client version {api} is too old. Minimum supported API version is {oldest}")
        }
        Id::ApiTooNew => {
            let api = facts.api.as_deref()?;
            let (_, newest) = facts.api_range.as_ref()?;
            format!("client version {api} is too new. Maximum supported API version is {newest}")
        }
        Id::SshAuth => "Permission denied (publickey)".to_owned(),
        Id::SshHostKey => "Host key verification failed.".to_owned(),
        Id::SshNoDocker => "docker: not found".to_owned(),
        Id::SshNoDaemon => no_daemon("http://docker.example.com"),
        Id::SshMissing => "exec: \"ssh\": executable file not found in $PATH".to_owned(),
        Id::ContextMissing => {
            let context = facts.context.as_deref()?;
            format!("context \"{context}\": context not found")
        }
        Id::ApiClientFloor => {
            let api = facts.api.as_deref()?;
            let (oldest, _) = facts.api_range.as_ref()?;
            format!("API version {api} is not supported by this client: the minimum supported API version is {oldest}")
        }
        Id::SshTooMany => "kex_exchange_identification: Connection closed by remote host".to_owned(),
        Id::BuildxEnvTls => {
            "could not create a builder instance with TLS data loaded from environment".to_owned()
        }
        // Its words for these are many, or none, or another program's.
        Id::CaIntermediate
        | Id::CaKeyUsage
        | Id::CaBundleEnv
        | Id::TlsEnvWithSocket
        | Id::ApiSdkDefault
        | Id::SshSlow
        | Id::SshForwardRefused
        | Id::SshClientMissingInSdk
        | Id::DockerMissing
        | Id::ClientOutdated
        | Id::DaemonConflict
        | Id::DaemonConfigInvalid
        | Id::DaemonSocketUnit
        | Id::DaemonCertMissing
        | Id::DaemonPortInUse => return None,
        Id::KeyExposed
        | Id::NotDocker
        | Id::Proxy
        | Id::EndpointInvalid
        | Id::SshUnreachable
        | Id::Leftover
        | Id::HookLost
        | Id::SocketElsewhere => return None,
    };
    Some(text)
}

/// Go lists what is of the kind that was asked for (crypto/x509, `HostnameError.Error`).
fn mismatch(facts: &Facts, host: &str) -> String {
    let ip = host.parse::<std::net::IpAddr>().is_ok();
    let kind = if ip { "IP:" } else { "DNS:" };
    let names: Vec<&str> =
        facts.listed.iter().filter(|name| name.starts_with(kind)).map(|name| bare(name)).collect();
    match names.is_empty() {
        true => format!("x509: certificate is not valid for any names, but wanted to match {host}"),
        false => {
            let names: String = names.join(", ").chars().take(1000).collect();
            format!("x509: certificate is valid for {names}, not {host}")
        }
    }
}

fn end(seconds: Option<i64>) -> String {
    seconds.and_then(date).map(|date| format!(" {date}T...")).unwrap_or_default()
}
