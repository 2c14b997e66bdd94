//! The phrases by which a diagnosis is known. The first rule of which every phrase is in the line decides, so that what
//! is more exact stands before what is less. Texts: docker/cli 20.10 to 29 and of 2014 to 2017, dockerd and systemd,
//! compose 1 and 2, buildx, podman, Go's crypto/tls, crypto/x509, net and x/crypto/ssh, OpenSSL as Python, Node and curl
//! pass it on, urllib3 and requests, Java's JSSE and Testcontainers, hyper and rustls, .NET, OpenSSH, paramiko and ssh2.

mod daemon;
mod local;
mod mode;
mod reach;
mod ssh;
mod trust;

use crate::check::id::Id;

/// How much a rule is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// The cause itself.
    Inner,
    /// A message around it, which more than one cause may have.
    Outer,
}

/// What else has to be in the line, where a phrase alone might be anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Near {
    /// Nothing: nobody else says it.
    Nothing,
    /// A client that connects.
    Client,
    /// A program that verifies a certificate.
    Tls,
    /// Something by way of ssh.
    Ssh,
    /// dockerd itself.
    Daemon,
}

struct Rule(Id, Weight, Near, &'static [&'static str]);

const fn inner(id: Id, all: &'static [&'static str]) -> Rule {
    Rule(id, Weight::Inner, Near::Nothing, all)
}

const fn outer(id: Id, all: &'static [&'static str]) -> Rule {
    Rule(id, Weight::Outer, Near::Nothing, all)
}

const fn client(id: Id, all: &'static [&'static str]) -> Rule {
    Rule(id, Weight::Inner, Near::Client, all)
}

const fn tls(id: Id, all: &'static [&'static str]) -> Rule {
    Rule(id, Weight::Inner, Near::Tls, all)
}

const fn ssh(id: Id, all: &'static [&'static str]) -> Rule {
    Rule(id, Weight::Inner, Near::Ssh, all)
}

const fn daemon(id: Id, all: &'static [&'static str]) -> Rule {
    Rule(id, Weight::Inner, Near::Daemon, all)
}

/// Stands at the end of each line, for the phrases that mean something only there.
const END: &str = "(end)";

/// Signs of a client that connects.
const CLIENT: [&str; 27] = [
    "error response from daemon",
    "docker",
    "podman",
    "dial tcp",
    "dial unix",
    "connectionpool(",
    "connection aborted",
    "curl: (",
    "connect e",
    "getaddrinfo",
    "hyper",
    "error trying to connect",
    "tcp connect error",
    "/v1.",
    "errno ",
    "error code: 'e",
    "code: 'e",
    "java.net.",
    "java.nio.",
    "client error (connect)",
    "tcp://",
    "unix://",
    "read econnreset",
    "dns error",
    "error during connect",
    ":2375",
    ":2376",
];

/// Signs of a program that verifies a certificate.
const TLS: [&str; 13] = [
    "certificate verify failed",
    "ssl certificate problem",
    "ssl:",
    "sslerror",
    "code: '",
    "javax.net.ssl",
    "java.security",
    "sun.security",
    "invalid peer certificate",
    "hyper",
    "error: ",
    "curl: (",
    "ssl.c:",
];

/// Signs of ssh, and of the libraries that do it.
const SSH: [&str; 7] =
    ["ssh://", "ssh: ", "paramiko", "libssh", "class=ssh", "openssh", "system dial-stdio"];

/// Signs of dockerd's own words: those of its start, and the place that journald puts before its lines. Only what
/// listens loads a pair as `(cert: …, key: …)` (go-connections `tlsconfig.Server`).
const DAEMON: [&str; 12] = [
    "dockerd",
    "failed to start daemon",
    "failed to create api server",
    "failed to load listeners",
    "failed to start docker",
    "serveapi error",
    "error starting daemon",
    "can't create daemon",
    "invalid tls configuration",
    "daemon.json",
    "docker.service",
    "x509 key pair (cert:",
];

/// What a net/http server logs of a client.
const LOG: &str = "tls handshake error from ";

/// Whether a line is one that dockerd or systemd writes on the host.
pub(super) fn is_of_host(plain: &str) -> bool {
    plain.contains(LOG) || DAEMON.iter().any(|sign| plain.contains(sign))
}

/// What is known of a line; `plain` as [`super::text::plain`] makes it.
pub(super) fn of(plain: &str) -> Option<(Id, Weight)> {
    const TRAIL: [char; 11] = [' ', '"', '\'', '.', ')', ',', '*', '`', ';', '!', '}'];
    // The line as it is, and without what quotes and encloses it, which hides its end.
    let plain = &format!("{plain}\n{}{END}", plain.trim_end_matches(TRAIL));
    if let Some((_, said)) = plain.split_once(LOG) {
        return daemon::of_log(said).map(|id| (id, Weight::Inner));
    }
    let any = |signs: &[&str]| signs.iter().any(|sign| plain.contains(sign));
    let near = |near: Near| match near {
        Near::Nothing => true,
        Near::Client => any(&CLIENT),
        Near::Tls => any(&TLS),
        Near::Ssh => any(&SSH),
        Near::Daemon => any(&DAEMON),
    };
    let fits = |list: &[Rule]| {
        let rule = list
            .iter()
            .find(|rule| rule.3.iter().all(|phrase| plain.contains(phrase)) && near(rule.2))?;
        Some((rule.0, rule.1))
    };
    // Of docker by ssh only ssh's own part tells anything: what is around it is always the same.
    if plain.contains("system dial-stdio") {
        return fits(ssh::SSH);
    }
    [daemon::DAEMON, ssh::SSH, local::LOCAL, trust::TRUST, mode::MODE, reach::REACH]
        .into_iter()
        .find_map(fits)
}
