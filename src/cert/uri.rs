//! Which URIs Go reads (net/url: `Parse`), in the words of its errors. A certificate with one that it does not read is
//! refused whole, and one under name constraints is judged by its host.

use super::strict::quoted;

/// The host of a URI, with its port, escapes taken out; empty where it has none.
///
/// # Errors
/// Go's words.
pub fn host(uri: &str) -> Result<String, String> {
    let why = |why: String| format!("parse {}: {why}", quoted(uri));
    let (rest, fragment) = uri.split_once('#').unwrap_or((uri, ""));
    let host = authority(rest).map_err(|text| format!("parse {}: {text}", quoted(rest)))?;
    unescaped(fragment, In::Fragment).map_err(why)?;
    Ok(host)
}

fn authority(uri: &str) -> Result<String, String> {
    if uri.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    if uri == "*" {
        return Ok(String::new());
    }
    let (has_scheme, rest) = scheme(uri)?;
    let rest = rest.split_once('?').map_or(rest, |(path, _)| path);
    if !rest.starts_with('/') {
        if has_scheme {
            // opaque, such as urn:example
            return Ok(String::new());
        }
        let first = rest.split('/').next().unwrap_or_default();
        if first.contains(':') {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    let mut host = String::new();
    let mut path = rest;
    let rooted = rest.starts_with("///");
    if let Some(after) = rest.strip_prefix("//").filter(|_| has_scheme || !rooted) {
        let end = after.find('/').unwrap_or(after.len());
        let (authority, after) = after.split_at_checked(end).unwrap_or((after, ""));
        host = of_authority(authority)?;
        path = after;
    }
    unescaped(path, In::Path)?;
    Ok(host)
}

/// Whether there is a scheme, and what stands behind it.
fn scheme(uri: &str) -> Result<(bool, &str), String> {
    for (at, byte) in uri.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at == 0 => break,
            b'0'..=b'9' | b'+' | b'-' | b'.' => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((true, uri.get(at + 1..).unwrap_or_default())),
            _ => break,
        }
    }
    Ok((false, uri))
}

fn of_authority(authority: &str) -> Result<String, String> {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let host = of_host(host)?;
    if let Some(user) = user {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
        if !user.bytes().all(fine) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        for part in user.splitn(2, ':') {
            unescaped(part, In::User)?;
        }
    }
    Ok(host)
}

fn of_host(host: &str) -> Result<String, String> {
    if host.starts_with('[') {
        let Some(end) = host.rfind(']') else { return Err("missing ']' in host".to_owned()) };
        let (inside, port) = host.split_at_checked(end + 1).unwrap_or((host, ""));
        if !is_port(port) {
            return Err(format!("invalid port {} after host", quoted(port)));
        }
        // RFC 6874: the zone is escaped in its own way
        if let Some(zone) = inside.find("%25") {
            let (address, zone) = inside.split_at_checked(zone).unwrap_or((inside, ""));
            let zone = zone.strip_suffix(']').unwrap_or(zone);
            let address = unescaped(address, In::Host)?;
            let zone = unescaped(zone, In::Zone)?;
            return Ok(format!("{address}{zone}]{}", unescaped(port, In::Host)?));
        }
    } else if let Some(at) = host.rfind(':') {
        let port = host.get(at..).unwrap_or_default();
        if !is_port(port) {
            return Err(format!("invalid port {} after host", quoted(port)));
        }
    }
    unescaped(host, In::Host)
}

fn is_port(port: &str) -> bool {
    port.is_empty() || port.strip_prefix(':').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
}

/// Where in a URI a text stands: what may be escaped differs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

fn unescaped(text: &str, place: In) -> Result<String, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let Some((&byte, rest)) = bytes.split_first() {
        if byte == b'%' {
            let hex = |at: usize| rest.get(at).and_then(|b| char::from(*b).to_digit(16));
            let (Some(high), Some(low)) = (hex(0), hex(1)) else {
                let cut = bytes.get(..bytes.len().min(3)).unwrap_or_default();
                return Err(bad_escape(cut));
            };
            let value = u8::try_from(high * 16 + low).unwrap_or_default();
            let cut = bytes.get(..3).unwrap_or_default();
            // in a host only bytes beyond ASCII are escaped, and the zone's own sign
            if place == In::Host && high < 8 && cut != b"%25" {
                return Err(bad_escape(cut));
            }
            let reserved = value != b' ' && !plain_in_host(value);
            if place == In::Zone && cut != b"%25" && reserved {
                return Err(bad_escape(cut));
            }
            out.push(value);
            bytes = rest.get(2..).unwrap_or_default();
            continue;
        }
        if matches!(place, In::Host | In::Zone) && byte < 0x80 && !plain_in_host(byte) {
            let found = quoted(&char::from(byte).to_string());
            return Err(format!("invalid character {found} in host name"));
        }
        out.push(byte);
        bytes = rest;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn bad_escape(cut: &[u8]) -> String {
    format!("invalid URL escape {}", quoted(&String::from_utf8_lossy(cut)))
}

/// Go's shouldEscape for hosts (RFC 3986 §3.2.2, and what browsers take).
fn plain_in_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte)
}
