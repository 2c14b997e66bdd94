//! What a line tells beside its meaning: where docker went, which names a certificate lists, which file is missing.

use std::path::PathBuf;

use crate::check::diagnosis::{CertFacts, Facts, Found};
use crate::check::id::Id;

/// The facts of `line`, which means `id`; what it does not tell of the way, the other `lines` may.
pub(super) fn of(id: Id, line: &str, lines: &[String]) -> Facts {
    let mut facts = Facts::default();
    place(line, &mut facts);
    if facts.host.is_none() && facts.endpoint.is_none() {
        for other in lines {
            place(other, &mut facts);
            if facts.host.is_some() || facts.endpoint.is_some() {
                break;
            }
        }
    }
    match id {
        Id::NameMismatch | Id::NoSan => names(line, &mut facts),
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
        Id::ApiTooOld => {
            facts.api = after(line, "lient version ").map(word);
            let oldest = after(line, "inimum supported API version is ").map(word);
            facts.api_range = oldest.map(|oldest| (oldest, String::new()));
        }
        Id::ApiTooNew => {
            let api = after(line, "lient version ").or_else(|| after(line, "client API version: "));
            facts.api = api.map(word);
            let newest = after(line, "aximum supported API version is ")
                .or_else(|| after(line, "server API version: "));
            facts.api_range = newest.map(word).map(|newest| (String::new(), newest));
        }
        Id::SshAuth | Id::SshHostKey | Id::SshUnreachable | Id::SshNoDocker | Id::SshNoDaemon => {
            ssh(line, &mut facts);
            if facts.host.is_none() {
                lines.iter().for_each(|line| ssh(line, &mut facts));
            }
        }
        Id::SshMissing => facts.endpoint = None,
        Id::ContextMissing => facts.context = quoted(line, "ontext \""),
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

/// Where docker went.
fn place(line: &str, facts: &mut Facts) {
    for scheme in ["tcp://", "unix://", "ssh://", "npipe://"] {
        // Not in a command that was typed, and not a format or an example.
        let Some(rest) = after(line, &format!(" at {scheme}")) else { continue };
        let rest = word(rest);
        if rest.is_empty() {
            continue;
        }
        let endpoint = format!("{scheme}{rest}");
        match scheme {
            "unix://" => facts.path = Some(PathBuf::from(rest)),
            "tcp://" => {
                let (host, port) = host_port(rest.split('/').next().unwrap_or_default());
                (facts.host, facts.port) = (Some(host), port);
            }
            _ => {}
        }
        facts.endpoint = Some(endpoint);
        break;
    }
    if facts.endpoint.is_none() {
        url(line, facts);
    }
    // Python, Node and curl
    if facts.host.is_none() {
        if let Some(rest) = after(line, "ConnectionPool(host='") {
            facts.host = rest.split('\'').next().map(ToOwned::to_owned);
            facts.port = after(rest, "port=").and_then(number);
        }
        let node = ["ECONNREFUSED ", "ETIMEDOUT ", "EHOSTUNREACH ", "ENETUNREACH "];
        for marker in node.map(|code| format!("connect {code}")) {
            match after(line, &marker).map(word) {
                Some(path) if path.starts_with('/') => facts.path = Some(PathBuf::from(path)),
                Some(address) => (facts.host, facts.port) = some_host(&address),
                None => {}
            }
        }
        for marker in ["getaddrinfo ENOTFOUND ", "getaddrinfo EAI_AGAIN ", "UnknownHostException: "]
        {
            if let Some(rest) = after(line, marker) {
                (facts.host, facts.port) = some_host(&word(rest));
            }
        }
        if let Some(rest) = after(line, "resolve host: ") {
            facts.host = Some(word(rest));
        }
        if let Some(rest) = after(line, "Failed to connect to ") {
            facts.host = Some(word(rest));
            facts.port = after(rest, " port ").and_then(number);
        }
    }
    for marker in ["connect ENOENT ", "connect EACCES ", "dial unix "] {
        if let Some(rest) = after(line, marker) {
            facts.path = Some(PathBuf::from(word(rest)));
        }
    }
    if let Some(rest) = after(line, "dial tcp ").filter(|rest| !rest.starts_with("lookup")) {
        let address = word(rest);
        let (host, port) = host_port(&address);
        // By way of a proxy it is the proxy's.
        if line.contains("proxyconnect") {
            facts.proxy = Some(address);
        } else if !host.is_empty() && host != "address" {
            facts.address = Some(address);
            if facts.host.is_none() {
                (facts.host, facts.port) = (Some(host), port);
            }
        }
    }
    if let Some(rest) = after(line, "lookup ").filter(|_| line.contains("dial tcp")) {
        facts.host = Some(word(rest));
    }
    if facts.endpoint.is_none()
        && let (Some(host), Some(port)) = (&facts.host, facts.port)
        && !line.contains("ssh: connect to")
    {
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        facts.endpoint = Some(format!("tcp://{host}:{port}"));
    }
}

fn some_host(text: &str) -> (Option<String>, Option<u16>) {
    let (host, port) = host_port(text);
    ((!host.is_empty()).then_some(host), port)
}

fn number(text: &str) -> Option<u16> {
    text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

/// `Get "https://h:2376/v1.50/info"`, with quotes or without.
fn url(line: &str, facts: &mut Facts) {
    let rest = after(line, "https://").or_else(|| after(line, "http://"));
    let Some(rest) = rest else { return };
    let authority = rest.split(['/', '"', '\'', ' ', ',', ')']).next().unwrap_or_default();
    let authority = authority.trim_end_matches('.');
    // docker's stand-in for a host that it reaches by ssh, and Windows' and Unix's sockets as hosts
    if authority.is_empty() || authority == "docker.example.com" || authority.starts_with('%') {
        return;
    }
    if ["docs.docker.com", "github.com", "www.docker.com"].contains(&authority) {
        return;
    }
    let (host, port) = host_port(authority.trim_end_matches(':'));
    if let Some(port) = port {
        facts.endpoint = Some(format!("tcp://{authority}"));
        facts.port = Some(port);
    }
    facts.host = Some(host);
}

/// The names that the server's certificate lists, and the one that it does not.
fn names(line: &str, facts: &mut Facts) {
    let kind = |name: &str| match name.parse::<std::net::IpAddr>() {
        Ok(_) => format!("IP:{name}"),
        Err(_) => format!("DNS:{name}"),
    };
    let mut wanted = None;
    // Go: valid for A, B, not C
    if let Some((listed, not)) =
        after(line, "ertificate is valid for ").and_then(|rest| rest.split_once(", not "))
    {
        facts.listed = listed.split(", ").map(|name| kind(name.trim())).collect();
        wanted = Some(word(not));
    }
    // Node: Host: H. is not in the cert's altnames: DNS:A, IP Address:B
    if let Some(rest) = after(line, "cert's altnames: ").or_else(|| after(line, "cert's list: ")) {
        let names = rest.split(", ").map(|name| name.trim().trim_end_matches(['\'', '"']));
        let typed = |name: &str| match name.strip_prefix("IP Address:") {
            Some(address) => format!("IP:{address}"),
            None if name.starts_with("DNS:") => name.to_owned(),
            None => kind(name),
        };
        facts.listed = names.filter(|name| !name.is_empty()).map(typed).collect();
    }
    let one =
        |marker: &str| after(line, marker).map(|rest| word(rest.trim_start_matches(['\'', '"'])));
    let wanted = wanted
        .or_else(|| one("cannot validate certificate for "))
        .or_else(|| one("wanted to match "))
        .or_else(|| one("altnames: IP: "))
        .or_else(|| one("altnames: Host: "))
        .or_else(|| one("certificate is not valid for "))
        .or_else(|| one("match target host name "))
        .or_else(|| one("matches target host name "))
        .or_else(|| one("matching IP address "))
        .or_else(|| one("DNS name matching "))
        .or_else(|| one("not valid for name "));
    if let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) {
        facts.host = Some(wanted);
    }
    let name = after(line, "is not cert's CN: ").map(word);
    facts.common_name = name.filter(|name| !name.is_empty());
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
    facts.path = path.filter(|path| path.ends_with(".pem")).map(PathBuf::from);
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

/// User, host and port, from the command that docker ran or from ssh's own words.
fn ssh(line: &str, facts: &mut Facts) {
    if let Some(command) = after(line, "command [ssh ") {
        // [ssh -o ConnectTimeout=30 -T -l USER -p PORT -- HOST docker …], in 20.10 [ssh -l USER -- HOST …]
        let mut words = command.split([' ', ']']);
        while let Some(word) = words.next() {
            match word {
                "-l" => facts.user = words.next().map(ToOwned::to_owned),
                "-p" => facts.port = words.next().and_then(|port| port.parse().ok()),
                "-o" => drop(words.next()),
                "--" | "" => {}
                flag if flag.starts_with('-') => {}
                host => {
                    facts.host = Some(host.to_owned());
                    break;
                }
            }
        }
    }
    let said = after(line, "stderr=").unwrap_or(line);
    if let Some(rest) = after(said, "connect to host ") {
        facts.host = Some(word(rest));
        facts.port = after(rest, " port ").and_then(number);
        facts.said = rest.split_once(": ").map(|(_, why)| why.trim().to_owned());
    }
    if let Some(rest) = after(said, "resolve hostname ") {
        let host = rest.split(':').next().unwrap_or_default();
        facts.host = Some(word(host));
        facts.said = rest.split_once(": ").map(|(_, why)| why.trim().to_owned());
    }
    if let Some((who, _)) = said.split_once(": Permission denied (") {
        let who = who.rsplit(' ').next().unwrap_or_default();
        if let Some((user, host)) = who.split_once('@') {
            (facts.user, facts.host) = (Some(user.to_owned()), Some(host.to_owned()));
        }
    }
    if line.contains("IDENTIFICATION HAS CHANGED") {
        facts.said = Some("REMOTE HOST IDENTIFICATION HAS CHANGED".to_owned());
    }
    facts.endpoint = None;
    if let Some(host) = &facts.host {
        let at = facts.user.as_deref().map(|user| format!("{user}@")).unwrap_or_default();
        let port = facts.port.map(|port| format!(":{port}")).unwrap_or_default();
        facts.endpoint = Some(format!("ssh://{at}{host}{port}"));
    }
}

/// The host that docker cannot use.
fn invalid(line: &str, facts: &mut Facts) {
    facts.host = None;
    facts.port = None;
    facts.endpoint = after(line, "bind address format: ")
        .or_else(|| after(line, "docker host `"))
        .or_else(|| after(line, "parse \""))
        .map(|rest| rest.split(['`', '"']).next().unwrap_or_default().trim().to_owned())
        .filter(|host| !host.is_empty());
    let why = after(line, "invalid SSH URL: ").or_else(|| after(line, "connection is not valid: "));
    let why =
        why.or_else(|| facts.endpoint.as_ref().and(line.rsplit_once("\": ").map(|(_, why)| why)));
    facts.said = why.map(|why| why.trim().to_owned());
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
