//! Whether a certificate is for a host (Go's Certificate.VerifyHostname): addresses are looked for among addresses
//! only, names among DNS names only, and the common name counts for nothing.

use std::net::IpAddr;

use super::x509::{Cert, Names};

/// Whether `cert` lists `host`, which is an address (with or without brackets) or a name.
#[must_use]
pub fn covers(cert: &Cert, host: &str) -> bool {
    let none = Names::default();
    let names = cert.names.as_ref().unwrap_or(&none);
    match address(host) {
        Some(ip) => names.ips.iter().any(|listed| listed.to_canonical() == ip.to_canonical()),
        None => {
            let host = host.to_ascii_lowercase();
            let valid = is_name(&host, false);
            names.dns.iter().any(|pattern| {
                if valid && is_name(pattern, true) {
                    matches(pattern, &host)
                } else {
                    !matches!(host.as_str(), "" | ".") && pattern.eq_ignore_ascii_case(&host)
                }
            })
        }
    }
}

/// The address that `host` is, if it is one. An address with a zone is none, as in Go.
#[must_use]
pub fn address(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

/// Whether a DNS name of a certificate matches a host name; a `*` stands for exactly one label, the first.
#[must_use]
pub fn matches(pattern: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    if pattern.is_empty() || host.is_empty() {
        return false;
    }
    let (mut pattern, mut host) = (pattern.split('.').enumerate(), host.split('.'));
    loop {
        match (pattern.next(), host.next()) {
            (None, None) => return true,
            (Some((0, "*")), Some(_)) => {}
            (Some((_, a)), Some(b)) if a.eq_ignore_ascii_case(b) => {}
            _ => return false,
        }
    }
}

/// Go's validHostname: letters, digits, `-` and `_` in labels that are not empty; a pattern may begin with `*.`.
fn is_name(name: &str, pattern: bool) -> bool {
    let name = if pattern { name } else { name.strip_suffix('.').unwrap_or(name) };
    if name.is_empty() || name == "*" {
        return false;
    }
    name.split('.').enumerate().all(|(at, label)| {
        if pattern && at == 0 && label == "*" {
            return true;
        }
        let fine = |(at, byte): (usize, u8)| {
            byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' && at != 0
        };
        !label.is_empty() && label.bytes().enumerate().all(fine)
    })
}
