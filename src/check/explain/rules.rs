//! The phrases by which a diagnosis is known. The first rule of which every phrase is in the line decides, so that what
//! is more exact stands before what is less. Texts: docker/cli 20.10 to 29 and of 2017, Go's crypto/tls, crypto/x509 and
//! net, OpenSSL as Python, Node and curl pass it on, urllib3, Java's JSSE, hyper and rustls, OpenSSH.

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

/// Stands at the end of each line, for the phrases that mean something only there.
const END: &str = "(end)";

/// Signs of a client that connects.
const CLIENT: [&str; 23] = [
    "error response from daemon",
    "docker",
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
];

/// Signs of a program that verifies a certificate.
const TLS: [&str; 12] = [
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
];

/// What is known of a line; `plain` as [`super::text::plain`] makes it.
pub(super) fn of(plain: &str) -> Option<(Id, Weight)> {
    let plain = &format!("{}{END}", plain.trim_end_matches([' ', '"', '\'', '.', ')', ',']));
    if let Some((_, said)) = plain.split_once("tls handshake error from ") {
        return of_daemon(said).map(|id| (id, Weight::Inner));
    }
    let near = |near: Near| match near {
        Near::Nothing => true,
        Near::Client => CLIENT.iter().any(|sign| plain.contains(sign)),
        Near::Tls => TLS.iter().any(|sign| plain.contains(sign)),
    };
    let fits = |list: &[Rule]| {
        let rule = list
            .iter()
            .find(|rule| rule.3.iter().all(|phrase| plain.contains(phrase)) && near(rule.2))?;
        Some((rule.0, rule.1))
    };
    // Of docker by ssh only ssh's own part tells anything: what is around it is always the same.
    if plain.contains("system dial-stdio") {
        return fits(SSH);
    }
    [SSH, LOCAL, TRUST, MODE, REACH].into_iter().find_map(fits)
}

/// What a daemon's log says of a client that it refused (Go's net/http `Server`).
fn of_daemon(said: &str) -> Option<Id> {
    let known = [
        ("client didn't provide a certificate", Id::ClientCertRequired),
        ("incompatible key usage", Id::ClientUsage),
        ("certificate has expired", Id::ClientExpired),
        ("signed by unknown authority", Id::ClientUnknownCa),
        ("client sent an http request to an https server", Id::TlsExpected),
    ];
    known.into_iter().find(|(words, _)| said.contains(words)).map(|(_, id)| id)
}

/// ssh's words, and what docker says of it.
const SSH: &[Rule] = &[
    // docker 20.10, whose Go says so of what is not on the PATH
    inner(Id::SshMissing, &["ssh resolves to executable in current directory"]),
    inner(Id::SshMissing, &["exec: \"ssh\": executable file not found"]),
    inner(Id::SshHostKey, &["remote host identification has changed"]),
    inner(Id::SshHostKey, &["host key verification failed"]),
    inner(Id::SshHostKey, &["server '", "not found in known hosts"]),
    inner(Id::SshAuth, &["permission denied (publickey"]),
    inner(Id::SshAuth, &["permission denied (password"]),
    inner(Id::SshAuth, &["permission denied (keyboard-interactive"]),
    inner(Id::SshAuth, &["permission denied (gssapi"]),
    inner(Id::SshAuth, &["too many authentication failures"]),
    inner(Id::SshAuth, &["no supported authentication methods available"]),
    inner(Id::SshUnreachable, &["ssh: connect to host ", " port "]),
    inner(Id::SshUnreachable, &["ssh: could not resolve hostname "]),
    inner(Id::SshUnreachable, &["kex exchange identification: "]),
    inner(Id::SshUnreachable, &["during banner exchange"]),
    inner(Id::SshNoDocker, &["has exited with exit status 127"]),
    inner(Id::SshNoDocker, &["system dial-stdio", "docker: not found"]),
    inner(Id::SshNoDocker, &["system dial-stdio", "docker: command not found"]),
    inner(Id::SshNoDocker, &["system dial-stdio", "'docker' is not recognized"]),
    inner(Id::SshNoDaemon, &["docker daemon at http://docker.example.com"]),
    inner(Id::SshNoDaemon, &["docker api at http://docker.example.com"]),
    inner(Id::SshNoDaemon, &["system dial-stdio", "cannot connect to the docker daemon"]),
    inner(
        Id::SshNoDaemon,
        &["system dial-stdio", "permission denied while trying to connect to the docker"],
    ),
];

/// Files, addresses, contexts, API versions.
const LOCAL: &[Rule] = &[
    inner(Id::EndpointInvalid, &["ssh host connection is not valid"]),
    inner(Id::EndpointInvalid, &["invalid ssh url"]),
    inner(Id::EndpointInvalid, &["invalid bind address"]),
    inner(Id::EndpointInvalid, &["unable to parse docker host"]),
    inner(Id::EndpointInvalid, &["parse \"tcp://", "invalid "]),
    inner(Id::EndpointInvalid, &["parse tcp://", "invalid "]),
    inner(Id::EndpointInvalid, &["unable to resolve docker endpoint: parse "]),
    inner(Id::EndpointInvalid, &["dial tcp: address ", ": invalid port"]),
    inner(Id::EndpointInvalid, &["unsupported protocol scheme \"ssh\""]),
    inner(Id::ContextMissing, &["context \"", ": context not found"]),
    inner(Id::ContextMissing, &["context \"", "\" does not exist"]),
    inner(Id::ContextMissing, &["current context \"", "is not found on the file system"]),
    inner(Id::Leftover, &["docker host environment variable overrides the active context"]),
    inner(Id::ApiTooOld, &["client version ", " is too old. minimum supported api version is "]),
    inner(Id::ApiTooNew, &["client version ", " is too new. maximum supported api version is "]),
    inner(Id::ApiTooNew, &["client is newer than server (client api version: "]),
    inner(Id::PairSwapped, &["pem inputs may have been switched"]),
    inner(Id::KeyMismatch, &["private key does not match public key"]),
    inner(Id::KeyMismatch, &["key values mismatch"]),
    inner(Id::KeyEncrypted, &["private key is encrypted - support for encrypted private keys"]),
    inner(Id::KeyEncrypted, &["could not get passphrase"]),
    inner(Id::KeyInvalid, &["no valid private key found"]),
    inner(Id::KeyInvalid, &["tls: failed to parse private key"]),
    inner(Id::KeyInvalid, &["tls: failed to find", "in key input"]),
    inner(Id::CertInvalid, &["ca.pem seems invalid"]),
    inner(Id::CertInvalid, &["tls: failed to find", "in certificate input"]),
    inner(Id::CertInvalid, &["read ", ".pem: is a directory"]),
    inner(Id::CertMissing, &["open ", ".pem: no such file or directory"]),
    inner(Id::CertMissing, &["open ", ".pem: the system cannot find the"]),
    inner(Id::CertMissing, &["enoent: no such file or directory, open '", ".pem'"]),
    inner(
        Id::CertMissing,
        &["tlsparametererror", "path to a certificate and key files must be provided"],
    ),
    inner(
        Id::CertMissing,
        &["path to a certificate and key files must be provided through the client cert param"],
    ),
    inner(Id::CertMissing, &["invalid ca certificate provided for"]),
    inner(Id::CertMissing, &["could not find the tls certificate file, invalid path"]),
    inner(Id::CertMissing, &["could not find the tls key file, invalid path"]),
    inner(Id::CertMissing, &["could not find a suitable tls ca certificate bundle, invalid path"]),
    inner(Id::CertUnreadable, &["open ", ".pem: permission denied"]),
    inner(Id::CertUnreadable, &["open ", ".pem: access is denied"]),
    inner(Id::CertUnreadable, &["eacces: permission denied, open '", ".pem'"]),
];

/// Whose certificate is not accepted, and why.
const TRUST: &[Rule] = &[
    inner(Id::NameMismatch, &["certificate is valid for ", ", not "]),
    inner(Id::NoSan, &["because it doesn't contain any ip sans"]),
    inner(Id::NoSan, &["certificate is not valid for any names, but wanted to match "]),
    inner(Id::NoSan, &["certificate relies on legacy common name field"]),
    inner(Id::IssuerNotCa, &["parent certificate cannot sign this kind of certificate"]),
    inner(Id::IntermediateNotCa, &["certificate is not authorized to sign other certificates"]),
    inner(Id::NameConstraint, &["certificate is not authorized to sign for this name"]),
    inner(Id::NameConstraint, &["x509: cannot parse dnsname "]),
    inner(Id::NameConstraint, &["x509: cannot parse rfc822name "]),
    inner(Id::PathLength, &["too many intermediates for path length constraint"]),
    inner(Id::CertUnparsable, &["tls: failed to parse certificate from server: "]),
    inner(Id::CertUnparsable, &["x509: unhandled critical extension"]),
    inner(Id::WeakSignature, &["cannot verify signature: insecure algorithm"]),
    inner(Id::UnknownCa, &["x509: certificate signed by unknown authority"]),
    inner(Id::UnknownCa, &["x509: ", "certificate is not trusted"]),
    inner(
        Id::ServerNotYetValid,
        &["x509: certificate has expired or is not yet valid: ", " is before "],
    ),
    inner(
        Id::ServerExpired,
        &["x509: certificate has expired or is not yet valid: ", " is after "],
    ),
    // before Go 1.15 it did not say which, and a terminal may have broken the line before it does
    outer(Id::ServerExpired, &["x509: certificate has expired or is not yet valid"]),
    inner(Id::ServerUsage, &["x509: certificate specifies an incompatible key usage"]),
    // the daemon's word on the client
    inner(Id::ClientCertRequired, &["tls: certificate required"]),
    inner(Id::ClientCertRequired, &["alert certificate required"]),
    inner(Id::ClientCertRequired, &["fatal alert: certificate required"]),
    inner(Id::ClientExpired, &["tls: expired certificate"]),
    inner(Id::ClientExpired, &["alert certificate expired"]),
    inner(Id::ClientExpired, &["fatal alert: certificate expired"]),
    inner(Id::ClientUnknownCa, &["tls: unknown certificate authority"]),
    inner(Id::ClientUnknownCa, &["alert unknown ca"]),
    inner(Id::ClientUnknownCa, &["fatal alert: unknown ca"]),
    inner(Id::ClientRejected, &["remote error: tls: bad certificate"]),
    inner(Id::ClientRejected, &["alert bad certificate"]),
    inner(Id::ClientRejected, &["fatal alert: bad certificate"]),
    inner(Id::ClientRejected, &["received fatal alert: badcertificate"]),
    inner(Id::ClientCertRequired, &["received fatal alert: certificaterequired"]),
    // OpenSSL, as Python, Node and curl pass it on
    tls(Id::NameMismatch, &["ip address mismatch"]),
    tls(Id::NameMismatch, &["hostname mismatch"]),
    inner(Id::NameMismatch, &["no alternative certificate subject name matches target host name"]),
    inner(Id::NameMismatch, &["certificate subject name", "does not match target host name"]),
    inner(Id::NoSan, &["does not match certificate's altnames", "is not cert's cn:"]),
    inner(Id::NoSan, &["does not match certificate's altnames", "cert's list:(end)"]),
    inner(Id::NameMismatch, &["does not match certificate's altnames"]),
    outer(Id::NameMismatch, &["err tls cert altname invalid"]),
    inner(Id::NoSan, &["no subject alternative names present"]),
    inner(Id::NameMismatch, &["no subject alternative names matching ip address"]),
    inner(Id::NameMismatch, &["no subject alternative dns name matching"]),
    inner(Id::NameMismatch, &["invalid peer certificate", "not valid for name"]),
    inner(Id::NameMismatch, &["invalid peer certificate", "notvalidforname"]),
    tls(Id::UnknownCa, &["self-signed certificate"]),
    tls(Id::UnknownCa, &["self signed certificate"]),
    tls(Id::UnknownCa, &["unable to get local issuer certificate"]),
    tls(Id::UnknownCa, &["unable to get issuer certificate"]),
    tls(Id::UnknownCa, &["unable to verify the first certificate"]),
    tls(Id::UnknownCa, &["unable to verify leaf signature"]),
    tls(Id::UnknownCa, &["self signed cert in chain"]),
    tls(Id::UnknownCa, &["depth zero self signed cert"]),
    inner(Id::UnknownCa, &["unable to find valid certification path to requested target"]),
    inner(Id::UnknownCa, &["invalid peer certificate", "unknownissuer"]),
    tls(Id::ServerNotYetValid, &["certificate is not yet valid"]),
    tls(Id::ServerNotYetValid, &["cert not yet valid"]),
    inner(Id::ServerNotYetValid, &["invalid peer certificate", "not valid yet"]),
    inner(Id::ServerNotYetValid, &["certificatenotyetvalidexception"]),
    tls(Id::ServerExpired, &["certificate has expired"]),
    tls(Id::ServerExpired, &["cert has expired"]),
    inner(Id::ServerExpired, &["invalid peer certificate", "expired"]),
    inner(Id::ServerExpired, &["certificateexpiredexception"]),
    tls(Id::WeakSignature, &["ca md too weak"]),
    tls(Id::ServerUsage, &["unsuitable certificate purpose"]),
    tls(Id::ServerUsage, &["unsupported certificate purpose"]),
    tls(Id::ServerUsage, &["invalid purpose"]),
    tls(Id::IssuerNotCa, &["invalid ca certificate"]),
];

/// Who speaks TLS, and which.
const MODE: &[Rule] = &[
    inner(Id::TlsExpected, &["client sent an http request to an https server"]),
    inner(Id::TlsExpected, &["the plain http request was sent to https port"]),
    inner(Id::TlsExpected, &["malformed http response \"\\x15\\x03"]),
    inner(Id::NotDocker, &["malformed http response \""]),
    inner(Id::NotDocker, &["malformed http status code \""]),
    inner(Id::NotDocker, &["badstatusline('"]),
    inner(Id::NotDocker, &["parse error: expected http/"]),
    outer(Id::TlsExpected, &["are you trying to connect to a tls-enabled daemon without tls"]),
    inner(Id::PlainExpected, &["server gave http response to https client"]),
    inner(Id::PlainExpected, &["ssl: wrong version number"]),
    inner(Id::PlainExpected, &["ssl routines", "wrong version number"]),
    inner(Id::PlainExpected, &["unrecognized ssl message"]),
    inner(Id::NotDocker, &["tls: first record does not look like a tls handshake"]),
    inner(Id::TlsVersion, &["tls: protocol version not supported"]),
    inner(Id::TlsVersion, &["tls: server selected unsupported protocol version"]),
    inner(Id::TlsVersion, &["alert protocol version"]),
    inner(Id::TlsVersion, &["ssl: unsupported protocol"]),
    inner(Id::TlsCipher, &["remote error: tls: handshake failure"]),
    inner(Id::TlsCipher, &["alert handshake failure"]),
    inner(Id::TlsCipher, &["fatal alert: handshake failure"]),
    inner(Id::TlsCipher, &["tls: server chose an unconfigured cipher suite"]),
];

/// How far it came.
const REACH: &[Rule] = &[
    inner(Id::Proxy, &["proxyconnect tcp"]),
    client(Id::Proxy, &["proxy authentication required"]),
    client(Id::Proxy, &["bad gateway"]),
    client(Id::Proxy, &["gateway timeout"]),
    client(Id::Proxy, &["proxyerror("]),
    inner(Id::Proxy, &["curl: (56)", "from proxy after connect"]),
    inner(Id::Proxy, &["curl: (56) connect tunnel failed"]),
    inner(Id::Proxy, &["error during connect", "\": forbidden(end)"]),
    inner(Id::Proxy, &["error during connect", "\": service unavailable(end)"]),
    inner(Id::NotDocker, &["request returned 401 unauthorized for api route"]),
    inner(Id::NotDocker, &["request returned 403 forbidden for api route"]),
    inner(Id::NotDocker, &["request returned 404 not found for api route"]),
    inner(Id::NotDocker, &["request returned unauthorized for api route"]),
    inner(Id::NotDocker, &["request returned forbidden for api route"]),
    inner(Id::NotDocker, &["request returned not found for api route"]),
    // the whole line, where docker gets a page for JSON
    inner(Id::NotDocker, &["invalid character '<' looking for beginning of value(end)"]),
    client(Id::NotDocker, &["invalid character '<' looking for beginning of value"]),
    // a client that was not made, because its address is not one: docker crashes where it first asks it something
    inner(Id::EndpointInvalid, &["github.com/docker/docker/client.(*client)."]),
    inner(Id::EndpointInvalid, &["github.com/moby/moby/client.(*client)."]),
    // local sockets
    inner(Id::UnixPermission, &["dial unix ", "permission denied"]),
    inner(
        Id::UnixPermission,
        &["permission denied while trying to connect to the docker daemon socket at unix://"],
    ),
    inner(
        Id::UnixPermission,
        &["permission denied while trying to connect to the docker api at unix://"],
    ),
    inner(Id::UnixPermission, &["open //./pipe/", "access is denied"]),
    inner(Id::UnixPermission, &["connection aborted", "permissionerror(13"]),
    inner(Id::UnixPermission, &["connect eacces /"]),
    inner(Id::UnixMissing, &["dial unix ", "no such file or directory"]),
    inner(Id::UnixMissing, &["open //./pipe/", "the system cannot find the file specified"]),
    inner(Id::UnixMissing, &["connection aborted", "filenotfounderror(2"]),
    inner(Id::UnixMissing, &["connect enoent /"]),
    inner(Id::UnixStale, &["dial unix ", "connection refused"]),
    inner(Id::UnixStale, &["connect econnrefused /"]),
    inner(Id::UnixStale, &["connection aborted", "connectionrefusederror(111"]),
    outer(Id::UnixMissing, &["cannot connect to the docker daemon at unix://"]),
    outer(Id::UnixMissing, &["failed to connect to the docker api at unix://"]),
    outer(Id::UnixMissing, &["cannot connect to the docker daemon at npipe://"]),
    outer(Id::UnixMissing, &["failed to connect to the docker api at npipe://"]),
    outer(Id::UnixMissing, &["couldn't connect to docker daemon at http+docker://"]),
    // names
    client(Id::Dns, &["no such host"]),
    inner(Id::Dns, &["lookup ", "server misbehaving"]),
    inner(Id::Dns, &["dial tcp: lookup "]),
    client(Id::Dns, &["nameresolutionerror("]),
    client(Id::Dns, &["failed to resolve '"]),
    client(Id::Dns, &["name or service not known"]),
    client(Id::Dns, &["temporary failure in name resolution"]),
    client(Id::Dns, &["nodename nor servname provided"]),
    inner(Id::Dns, &["getaddrinfo enotfound "]),
    inner(Id::Dns, &["getaddrinfo eai again "]),
    inner(Id::Dns, &["curl: (6) could not resolve host"]),
    inner(Id::Dns, &["java.net.unknownhostexception: "]),
    inner(Id::Dns, &["dns error: failed to lookup address information"]),
    // the way
    inner(
        Id::NetProhibited,
        &["permission denied while trying to connect to the docker daemon socket at tcp://"],
    ),
    inner(
        Id::NetProhibited,
        &["permission denied while trying to connect to the docker api at tcp://"],
    ),
    inner(Id::NetProhibited, &["dial tcp ", "connect: permission denied"]),
    inner(Id::NetProhibited, &["dial tcp ", "connect: operation not permitted"]),
    client(Id::NoRoute, &["no route to host"]),
    client(Id::NoRoute, &["network is unreachable"]),
    inner(Id::NoRoute, &["connect ehostunreach "]),
    inner(Id::NoRoute, &["connect enetunreach "]),
    client(Id::Timeout, &["i/o timeout"]),
    client(Id::Timeout, &["tls handshake timeout"]),
    client(Id::Timeout, &["connecttimeouterror("]),
    client(Id::Timeout, &["connect timeout="]),
    client(Id::Timeout, &["read timed out. (read timeout="]),
    client(Id::Timeout, &["connection timed out"]),
    client(Id::Timeout, &["operation timed out"]),
    client(Id::Timeout, &["connect timed out"]),
    client(Id::Timeout, &["context deadline exceeded"]),
    client(Id::Timeout, &["request canceled while waiting for connection"]),
    client(Id::Timeout, &["did not properly respond after a period of time"]),
    inner(Id::Timeout, &["connect etimedout "]),
    inner(Id::Timeout, &["curl: (28) "]),
    client(Id::Refused, &["connect: connection refused"]),
    client(Id::Refused, &["errno 111] connection refused"]),
    client(Id::Refused, &["connectionrefusederror: "]),
    client(Id::Refused, &["tcp connect error: connection refused"]),
    client(Id::Refused, &["tcp connect error", "connection refused (os error 111)"]),
    client(Id::Refused, &["java.net.connectexception: connection refused"]),
    client(Id::Refused, &["target machine actively refused it"]),
    inner(Id::Refused, &["connect econnrefused "]),
    inner(Id::Refused, &["curl: (7) failed to connect to "]),
    outer(Id::Refused, &["cannot connect to the docker daemon at tcp://"]),
    outer(Id::Refused, &["failed to connect to the docker api at tcp://"]),
    // what answers nothing
    inner(Id::NotDocker, &["/v1.", "connection reset by peer"]),
    inner(Id::NotDocker, &["error during connect", "connection reset by peer"]),
    inner(Id::NotDocker, &["/v1.", "\": eof(end)"]),
    inner(Id::NotDocker, &["error during connect", ": eof(end)"]),
    inner(Id::NotDocker, &["connection aborted", "remotedisconnected("]),
    inner(Id::NotDocker, &["connection aborted", "connectionreseterror("]),
    inner(Id::NotDocker, &["curl: (52) empty reply from server"]),
    outer(Id::NotDocker, &["error response from daemon: <html"]),
    outer(Id::NotDocker, &["error response from daemon: <!doctype"]),
    outer(Id::ClientRejected, &["the server probably has client authentication"]),
];
