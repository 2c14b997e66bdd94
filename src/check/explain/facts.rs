//! What a line tells beside its meaning: where docker went, which names a certificate lists, which file is missing.

mod names;
mod place;
mod ssh;

use std::path::PathBuf;

use super::{rules, text};
use crate::check::diagnosis::{CertFacts, Facts, Found};
use crate::check::id::Id;

/// The facts of `line`, which means `id`; what it does not tell of the way, the other `lines` may.
pub(super) fn of(id: Id, line: &str, lines: &[String]) -> Facts {
    let peer = after(line, "TLS handshake error from ").map(|rest| {
        let at = rest.split(": ").next().unwrap_or_default();
        host_port(at.trim()).0
    });
    let daemon = rules::is_of_host(&text::plain(line)) || is_of_host(id);
    let mut facts = Facts { daemon, peer, ..Facts::default() };
    // Of a client that came the log tells where from, and nothing of where to.
    if facts.peer.is_some() {
        return facts;
    }
    place::of(line, &mut facts);
    if facts.host.is_none() && facts.endpoint.is_none() {
        for other in lines {
            place::of(other, &mut facts);
            if facts.host.is_some() || facts.endpoint.is_some() {
                break;
            }
        }
    }
    match id {
        Id::NameMismatch | Id::NoSan => names::of(line, lines, &mut facts),
        Id::ServerExpired => {
            facts.cert = after(line, " is after ")
                .and_then(date)
                .map(|not_after| CertFacts { not_after, ..CertFacts::default() });
        }
        Id::ServerNotYetValid => {
            facts.cert = after(line, " is before ")
                .and_then(date)
                .map(|not_before| CertFacts { not_before, ..CertFacts::default() });
        }
        Id::NameConstraint => {
            facts.said = after(line, "for this name: ").map(|said| said.trim().to_owned());
        }
        Id::CertUnparsable => {
            facts.said = after(line, "from server: ").map(|said| said.trim().to_owned());
        }
        Id::WeakSignature => facts.algorithm = after(line, "insecure algorithm ").map(word),
        Id::CertMissing | Id::CertUnreadable | Id::CertInvalid | Id::KeyInvalid => {
            files(id, line, &mut facts);
        }
        Id::ApiTooOld | Id::ApiSdkDefault => {
            facts.api = after(line, "lient version ").map(word);
            let oldest = after(line, "inimum supported API version is ").map(word);
            facts.api_range = oldest.map(|oldest| (oldest, String::new()));
        }
        Id::ApiTooNew => {
            let api = after(line, "lient version ").or_else(|| after(line, "client API version: "));
            let api = api.or_else(|| after(line, "same version (client : "));
            facts.api = api.map(word);
            let newest = after(line, "aximum supported API version is ")
                .or_else(|| after(line, "server API version: "))
                .or_else(|| after(line, ", server: "));
            facts.api_range = newest.map(word).map(|newest| (String::new(), newest));
        }
        Id::ApiClientFloor => {
            facts.api = after(line, "API version ").map(word);
            let oldest = after(line, "inimum supported API version is ").map(word);
            facts.api_range = oldest.map(|oldest| (oldest, String::new()));
        }
        Id::SshAuth
        | Id::SshHostKey
        | Id::SshUnreachable
        | Id::SshNoDocker
        | Id::SshNoDaemon
        | Id::SshTooMany
        | Id::SshForwardRefused => {
            // The address of docker's own stand-in, or of a socket that ssh brings here, is not the host.
            (facts.host, facts.port, facts.path) = (None, None, None);
            ssh::of(line, &mut facts);
            if facts.host.is_none() {
                lines.iter().for_each(|line| ssh::of(line, &mut facts));
            }
            let told = match id {
                Id::SshTooMany => Some(line.to_owned()),
                Id::SshNoDaemon => ["permission denied", "no such file or directory"]
                    .into_iter()
                    .find(|words| line.contains(words))
                    .map(ToOwned::to_owned),
                Id::SshUnreachable if line.contains("ex_exchange_identification") => {
                    ["onnection closed by remote host", "onnection reset by peer"]
                        .into_iter()
                        .find(|words| line.contains(words))
                        .map(|words| format!("C{words}"))
                }
                _ => None,
            };
            facts.said = told.or(facts.said);
        }
        Id::SshClientMissingInSdk => ssh::without(line, &mut facts),
        Id::DaemonConflict => facts.var = conflict(&lines.join(" ")),
        Id::DaemonConfigInvalid => {
            let said = after(line, "daemon.json: ").or_else(|| after(line, "directives "));
            facts.said = said.map(|said| said.trim().to_owned());
        }
        Id::DaemonSocketUnit => {
            facts.said = Some(line.to_owned());
            facts.unit = line
                .split([' ', '[', ':'])
                .map(file_name)
                .find(|word| word.ends_with(".socket") && !word.starts_with('.'));
        }
        Id::DaemonCertMissing => {
            (facts.host, facts.port, facts.endpoint) = (None, None, None);
            files(id, line, &mut facts);
        }
        Id::DaemonPortInUse => {
            (facts.host, facts.port, facts.endpoint) = (None, None, None);
            facts.address = after(line, "listen tcp ")
                .map(|rest| rest.split(": ").next().unwrap_or_default().to_owned())
                .or_else(|| {
                    let rest = after(line, "listening socket (")?;
                    rest.split_once("): ").map(|(address, _)| address.to_owned())
                });
        }
        Id::CaBundleEnv => {
            facts.path = after(line, "invalid path: ").map(|path| PathBuf::from(path.trim()));
        }
        Id::CaKeyUsage => {
            let said = after(line, "certificate verify failed: ");
            facts.said =
                said.map(|said| said.split(" (_").next().unwrap_or(said).trim().to_owned());
        }
        Id::ClientOutdated => {
            let known =
                ["Not supported URL scheme http+docker", "got an unexpected keyword argument"];
            facts.said =
                known.into_iter().find(|words| line.contains(words)).map(ToOwned::to_owned);
        }
        Id::TlsEnvWithSocket => {
            facts.path = after(line, "https://%2F")
                .or_else(|| after(line, "https://%2f"))
                .map(|rest| rest.split("/").next().unwrap_or_default())
                .map(|path| {
                    PathBuf::from(format!("/{}", path.replace("%2F", "/").replace("%2f", "/")))
                });
            (facts.host, facts.port, facts.endpoint) = (None, None, None);
        }
        Id::BuildxEnvTls | Id::DockerMissing => {
            (facts.host, facts.port, facts.endpoint) = (None, None, None);
        }
        Id::SshMissing => facts.endpoint = None,
        Id::ContextMissing => {
            facts.context = quoted(line, "ontext \"").or_else(|| {
                let rest = after(line, "ontext '")?;
                rest.split('\'').next().filter(|name| !name.is_empty()).map(ToOwned::to_owned)
            });
            (facts.host, facts.port, facts.endpoint) = (None, None, None);
        }
        Id::Leftover => {
            facts.var =
                Some(("DOCKER_HOST".to_owned(), facts.endpoint.clone().unwrap_or_default()));
            facts.context = quoted(line, "To use \"");
        }
        Id::EndpointInvalid => invalid(line, &mut facts),
        Id::NotDocker => facts.found = found(line),
        Id::Proxy => facts.said = proxy(line),
        Id::Dns => facts.said = None,
        Id::ClientRejected if line.contains("bad certificate") => {
            facts.said = Some("bad certificate".to_owned());
        }
        Id::TlsCipher => facts.said = Some("handshake failure".to_owned()),
        Id::UnixMissing if !line.contains("o such file") && !line.contains("ENOENT") => {
            // The words are the same for a socket that is there and that nobody listens on.
            facts.said = Some(line.to_owned());
        }
        _ => {}
    }
    facts
}

/// How much is known, to choose the line that tells most.
pub(super) fn known(facts: &Facts) -> usize {
    let Facts { endpoint, host, port, address, user, path, api, api_range, context, .. } = facts;
    let texts = [endpoint, host, address, user, api, context];
    texts.iter().filter(|text| text.is_some()).count()
        + usize::from(port.is_some())
        + usize::from(path.is_some())
        + usize::from(api_range.is_some())
        + usize::from(facts.cert.is_some())
        + usize::from(facts.found.is_some())
        + facts.listed.len()
}

fn after<'t>(text: &'t str, marker: &str) -> Option<&'t str> {
    text.split_once(marker).map(|(_, rest)| rest)
}

/// The first word, without the punctuation behind it.
fn word(text: &str) -> String {
    let word = text.split([' ', '"', '\'', ',', ';', ')', '(']).next().unwrap_or_default();
    word.trim_end_matches(['.', ':']).to_owned()
}

/// What stands between `marker` and the next double quote.
fn quoted(line: &str, marker: &str) -> Option<String> {
    let rest = after(line, marker)?;
    let text = rest.split('"').next()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn number(text: &str) -> Option<u16> {
    text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

/// The last part of a path.
fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Whether the id itself says that it is dockerd's.
const fn is_of_host(id: Id) -> bool {
    matches!(
        id,
        Id::DaemonConflict
            | Id::DaemonConfigInvalid
            | Id::DaemonSocketUnit
            | Id::DaemonCertMissing
            | Id::DaemonPortInUse
    )
}

/// The setting that dockerd was given twice, with what the flag says: `hosts: (from flag: [fd://], from file: …)`.
fn conflict(text: &str) -> Option<(String, String)> {
    let (_, rest) = text.split_once("configuration file: ")?;
    let (name, rest) = rest.split_once(": (from flag: ")?;
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let flag = rest.split(", from file").next().unwrap_or_default();
    plain.then(|| (name.to_owned(), flag.to_owned()))
}

/// Splits `h:p`, `[::1]:p` or `h`.
fn host_port(text: &str) -> (String, Option<u16>) {
    let bare = |host: &str| host.trim_start_matches('[').trim_end_matches(']').to_owned();
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (bare(host), port.parse().ok())
        }
        _ => (bare(text), None),
    }
}

/// `2021-01-01T00:00:00Z` in seconds since 1970 (RFC 3339), in whatever zone it is.
fn date(text: &str) -> Option<i64> {
    let text = text.split([' ', '"', ')', ',']).next()?.trim_end_matches('.');
    let (day, time) = text.split_once('T')?;
    let mut parts = day.split('-');
    let year = parts.next()?.parse().ok().filter(|year| (1..=9999).contains(year))?;
    let (month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let at = |part: &str| part.get(..2).and_then(|part| part.parse().ok()).unwrap_or(0);
    let mut clock = time.split(':').map(at);
    let mut part = || clock.next().unwrap_or(0);
    let time = (part(), part(), part());
    crate::text::date::seconds((year, month, day), time)
}

fn files(id: Id, line: &str, facts: &mut Facts) {
    let open = after(line, "open ").or_else(|| after(line, "read "));
    let path = open.map(|rest| match rest.strip_prefix('\'') {
        Some(rest) => rest.split('\'').next().unwrap_or_default(),
        // A path may have blanks; what the system says of it may not be in it.
        None => rest.split(": ").next().unwrap_or_default(),
    });
    let path = path.or_else(|| after(line, "invalid path: ").map(str::trim));
    // docker-java and Java itself; curl
    let java = || after(line, "(DOCKER_CERT_PATH) '").and_then(|rest| rest.split('\'').next());
    let thrown = || {
        let rest = after(line, "FileNotFoundException: ")
            .or_else(|| after(line, "NoSuchFileException: "))?;
        Some(rest.split(" (").next().unwrap_or(rest).trim())
    };
    let curl = || after(line, "client certificate from ").and_then(|rest| rest.split(", ").next());
    let path = path.or_else(thrown).or_else(curl);
    let pem = path.filter(|path| path.trim_end().ends_with(".pem"));
    facts.path = pem.or_else(java).map(PathBuf::from);
    if line.contains("is a directory") {
        facts.found = Some(Found::Directory);
    }
    let python = ["client_cert param", "`ca_cert`"];
    let said =
        ["ca.pem seems invalid", "failed to parse private key", "no valid private key found"];
    let known = python.iter().chain(&said).find(|words| line.contains(**words));
    if facts.path.is_none() && id != Id::CertMissing {
        facts.said = known.map(|words| (*words).to_owned());
    }
}

/// The host that docker cannot use.
fn invalid(line: &str, facts: &mut Facts) {
    facts.host = None;
    facts.port = None;
    let given = after(line, "bind address format: ")
        .or_else(|| after(line, "bind address protocol: "))
        .or_else(|| after(line, "protocol scheme found: "))
        .or_else(|| after(line, "docker host `"))
        .or_else(|| after(line, "parse \""));
    let quote = |c: char| matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’');
    let quoted = given.is_some_and(|rest| rest.starts_with(quote) && !rest.starts_with('`'));
    facts.endpoint = given
        .map(|rest| rest.trim_start_matches(quote))
        .map(|rest| rest.split(|c: char| quote(c) || c.is_whitespace()).next().unwrap_or_default())
        .map(|host| host.trim_end_matches([',', ';', '.', ')']).to_owned())
        .filter(|host| !host.is_empty());
    if let Some(said) = misplaced(line) {
        facts.said = Some(said.to_owned());
        return;
    }
    if quoted {
        facts.said = Some("the quotation marks are part of the value".to_owned());
        return;
    }
    let why = after(line, "invalid SSH URL: ").or_else(|| after(line, "connection is not valid: "));
    let why =
        why.or_else(|| facts.endpoint.as_ref().and(line.rsplit_once("\": ").map(|(_, why)| why)));
    facts.said = why.map(|why| why.trim().to_owned());
}

/// What is wrong with an address that the words do not quote.
fn misplaced(line: &str) -> Option<&'static str> {
    [
        "protocol not available",
        "no Host in request URL",
        "The requested address is not valid in its context",
        "https protocol is not supported",
        "too long",
    ]
    .into_iter()
    .find(|words| line.contains(words))
}

fn found(line: &str) -> Option<Found> {
    let greeting = line.find("SSH-").and_then(|at| line.get(at..)).map(word);
    if let Some(greeting) = greeting {
        return Some(Found::Ssh(greeting.trim_end_matches("\\r\\n").to_owned()));
    }
    // HTTP/1.x SSH-2.0-OpenSSH_9.2p1 Debian-2: what stands where a status should is the end of an SSH greeting.
    if line.contains("malformed HTTP status code \"Debian")
        || line.contains("malformed HTTP status code \"Ubuntu")
    {
        return Some(Found::Ssh(String::new()));
    }
    if let Some(rest) = after(line, "request returned ") {
        let status = rest.get(..3).and_then(|status| status.parse().ok());
        let named = [("Unauthorized", 401), ("Forbidden", 403), ("Not Found", 404)];
        let by_name =
            || named.iter().find(|(name, _)| rest.starts_with(name)).map(|(_, status)| *status);
        let status = status.or_else(by_name)?;
        return Some(Found::Http { status, server: None, location: None });
    }
    if line.contains('<') {
        return Some(Found::Html);
    }
    if line.contains("reset by peer") || line.contains("ConnectionResetError") {
        return Some(Found::Reset);
    }
    let closed = line.ends_with("EOF")
        || line.contains("RemoteDisconnected")
        || line.contains("Unexpected end of file")
        || line.contains("Empty reply");
    closed.then_some(Found::Closed)
}

/// The proxy's own words.
fn proxy(line: &str) -> Option<String> {
    let known = [
        "Proxy Authentication Required",
        "Bad Gateway",
        "Gateway Timeout",
        "Forbidden",
        "Service Unavailable",
        "connection refused",
    ];
    known.into_iter().find(|words| line.contains(words)).map(ToOwned::to_owned)
}
