//! Where docker went.

use std::path::PathBuf;

use super::{after, host_port, number, word};
use crate::check::diagnosis::Facts;

/// What stands for the host in a URL that goes through ssh (docker/cli `connhelper`) or podman's socket.
const STAND_INS: [&str; 3] = ["docker.example.com", "docker", "d"];

/// Where docker went.
pub(super) fn of(line: &str, facts: &mut Facts) {
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
        // docker-machine
        if let Some((host, port)) =
            after(line, "for host \"").and_then(|rest| rest.split('"').next()).map(host_port)
        {
            (facts.host, facts.port) = (Some(host), port);
        }
        // .NET
        if let Some(rest) = after(line, "onnection refused (").filter(|rest| !rest.starts_with('C'))
        {
            (facts.host, facts.port) = some_host(&word(rest));
        }
        if let Some(rest) = after(line, "resolve host: ") {
            facts.host = Some(word(rest));
        }
        if let Some(rest) = after(line, "Failed to connect to ") {
            facts.host = Some(word(rest));
            facts.port = after(rest, " port ").and_then(number);
        }
    }
    for marker in ["connect ENOENT ", "connect EACCES ", "connect EPERM ", "dial unix "] {
        if let Some(rest) = after(line, marker) {
            facts.path = Some(PathBuf::from(word(rest)));
        }
    }
    // Testcontainers, bollard
    for marker in ["NoSuchFileException (", "AccessDeniedException (", "Socket not found: "] {
        if let Some(path) = after(line, marker).map(word).filter(|path| path.starts_with('/')) {
            facts.path = Some(PathBuf::from(path));
        }
    }
    // of Windows: //./pipe/NAME or \\.\pipe\NAME
    let pipe = after(line, "//./pipe/").or_else(|| after(line, "\\\\.\\pipe\\"));
    let pipe = pipe
        .or_else(|| after(line, "pipe%2F"))
        .map(|name| word(name.split('/').next().unwrap_or_default()));
    if let Some(name) = pipe.filter(|name| !name.is_empty() && !name.contains("ssh-agent")) {
        facts.path = None;
        facts.endpoint = Some(format!("npipe:////./pipe/{name}"));
    } else if line.contains("'CreateFile'")
        || line.contains("'WaitNamedPipe'")
        || line.contains("http+docker://localnpipe")
    {
        facts.endpoint = Some("npipe:////./pipe/docker_engine".to_owned());
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

/// `Get "https://h:2376/v1.50/info"`, with quotes or without.
fn url(line: &str, facts: &mut Facts) {
    let rest = after(line, "https://").or_else(|| after(line, "http://"));
    let Some(rest) = rest else { return };
    let authority = rest.split(['/', '"', '\'', ' ', ',', ')']).next().unwrap_or_default();
    let authority = authority.trim_end_matches('.');
    // docker's stand-in for a host that it reaches by ssh, and Windows' and Unix's sockets as hosts
    if authority.is_empty() || STAND_INS.contains(&authority) || authority.starts_with('%') {
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
