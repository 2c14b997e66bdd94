//! Who speaks TLS, and which.

use super::{Rule, inner, outer, tls};
use crate::check::id::Id;

/// Who speaks TLS, and which.
pub(super) const MODE: &[Rule] = &[
    inner(Id::TlsExpected, &["client sent an http request to an https"]),
    inner(Id::TlsExpected, &["the plain http request was sent to https port"]),
    inner(Id::TlsExpected, &["malformed http response \"\\x15\\x03"]),
    inner(Id::NotDocker, &["malformed http response \""]),
    inner(Id::NotDocker, &["malformed http status code \""]),
    inner(Id::TlsExpected, &["badstatusline(", "\\x15\\x03"]),
    inner(Id::NotDocker, &["badstatusline("]),
    inner(Id::NotDocker, &["parse error: expected http/"]),
    outer(Id::TlsExpected, &["are you trying to connect to a tls-enabled daemon without tls"]),
    inner(Id::PlainExpected, &["server gave http response to https client"]),
    inner(Id::PlainExpected, &["ssl: wrong version number"]),
    // OpenSSL 3.2
    inner(Id::PlainExpected, &["[ssl] record layer failure"]),
    // before Go 1.11 it took the letters "P/" of HTTP/1.1 for a length
    inner(Id::PlainExpected, &["tls: oversized record received with length 20527"]),
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
    // OpenSSL before 1.1
    inner(Id::PlainExpected, &["ssl: unknown protocol"]),
    inner(Id::PlainExpected, &["ssl23 get server hello", "unknown protocol"]),
    inner(Id::PlainExpected, &["unsupported or unrecognized ssl message"]),
    inner(Id::PlainExpected, &["received corrupt message", "invalidcontenttype"]),
    inner(
        Id::PlainExpected,
        &["cannot determine the frame size or a corrupted frame was received"],
    ),
    inner(Id::TlsVersion, &["received fatal alert: protocol version"]),
    inner(Id::TlsVersion, &["no appropriate protocol (protocol is disabled"]),
    tls(Id::TlsVersion, &["no protocols available"]),
    inner(Id::TlsCipher, &["received fatal alert: handshake failure"]),
    tls(Id::TlsCipher, &["no shared cipher"]),
];
