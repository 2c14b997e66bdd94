//! What is said on the host: dockerd's own words, and systemd's.

use super::{Rule, daemon, inner, outer};
use crate::check::id::Id;

/// dockerd's words at its start, and systemd's of its units: all about the host.
pub(super) const DAEMON: &[Rule] = &[
    inner(
        Id::DaemonConflict,
        &["the following directives are specified both as a flag and in the conf"],
    ),
    inner(Id::DaemonConfigInvalid, &["directives don't match any configuration option"]),
    outer(Id::DaemonConfigInvalid, &["unable to configure the docker daemon with file "]),
    inner(Id::DaemonSocketUnit, &["socket service ", " already active, refusing"]),
    inner(Id::DaemonSocketUnit, &["docker", "lacks listen setting. refusing"]),
    inner(Id::DaemonSocketUnit, &["docker", "lacks listenstream"]),
    inner(Id::DaemonSocketUnit, &["docker", "failed to parse address value"]),
    inner(Id::DaemonSocketUnit, &["docker", "failed to parse listenstream"]),
    inner(Id::DaemonSocketUnit, &["no sockets found via socket activation"]),
    inner(Id::DaemonPortInUse, &["docker", "failed to listen on sockets: address already in use"]),
    inner(
        Id::DaemonPortInUse,
        &["docker", "failed to create listening socket", "address already in use"],
    ),
    daemon(Id::DaemonPortInUse, &["bind: address already in use"]),
    daemon(Id::DaemonPortInUse, &["bind: only one usage of each socket address"]),
    inner(Id::DaemonPortInUse, &["listen tcp ", ":2375: bind: address already in use"]),
    inner(Id::DaemonPortInUse, &["listen tcp ", ":2376: bind: address already in use"]),
    daemon(Id::KeyMismatch, &["private key does not match public key"]),
    daemon(Id::PairSwapped, &["pem inputs may have been switched"]),
    daemon(Id::KeyEncrypted, &["key encrypted"]),
    daemon(Id::KeyEncrypted, &["make sure the key is not encrypted"]),
    daemon(Id::KeyInvalid, &["failed to parse private key"]),
    daemon(Id::CertUnreadable, &["open ", ".pem: permission denied"]),
    daemon(Id::CertInvalid, &["tls: failed to find ", "pem data in"]),
    daemon(Id::CertInvalid, &["failed to append certificates from pem file"]),
    daemon(Id::DaemonCertMissing, &[".pem: no such file or directory"]),
    daemon(Id::DaemonCertMissing, &["x509 key pair", "no such file or directory"]),
    daemon(Id::DaemonCertMissing, &["x509 key pair", "the system cannot find the"]),
    daemon(Id::DaemonCertMissing, &["read ca certificate", "no such file or directory"]),
    daemon(Id::DaemonCertMissing, &["read ca certificate", "the system cannot find the"]),
    // a Swarm manager, and dockerd before 1.7
    inner(Id::DaemonCertMissing, &["couldn't load x509 key pair (", "no such file or directory"]),
];

/// What a daemon's log says of a client that it refused (Go's net/http `Server`).
pub(super) fn of_log(said: &str) -> Option<Id> {
    let known = [
        ("client didn't provide a certificate", Id::ClientCertRequired),
        ("incompatible key usage", Id::ClientUsage),
        ("certificate has expired", Id::ClientExpired),
        ("signed by unknown authority", Id::ClientUnknownCa),
        ("client sent an http request to an https server", Id::TlsExpected),
        ("first record does not look like a tls handshake", Id::TlsExpected),
        ("client offered only unsupported versions", Id::TlsVersion),
        ("client offered an unsupported, maximum protocol version", Id::TlsVersion),
        ("unsupported sslv2 handshake received", Id::TlsVersion),
        ("no cipher suite supported by both client and server", Id::TlsCipher),
        ("remote error: tls: unknown certificate authority", Id::UnknownCa),
        ("remote error: tls: unknown certificate", Id::UnknownCa),
    ];
    known.into_iter().find(|(words, _)| said.contains(words)).map(|(_, id)| id)
}
