//! DOCKER_HOST as the docker command reads it (docker/cli `opts/hosts.go`, `ParseHost`), which is not how dctx reads
//! the address of a profile: docker takes much that it then understands as something else.

use crate::interop::docker::DEFAULT_HOST;
use crate::profile::endpoint::PORT_PLAIN;

/// Where docker goes when TLS is on and no host is named (`DefaultTLSHost`).
pub(super) const DEFAULT_TLS_HOST: &str = "tcp://localhost:2376";

/// The address that docker makes of `value`; `None` where it refuses it. `tls`: whether TLS is on, which decides where
/// docker goes for a value of blanks.
#[must_use]
pub fn docker_reads(value: &str, tls: bool) -> Option<String> {
    let value = value.trim();
    if value.is_empty() {
        return Some(if tls { DEFAULT_TLS_HOST } else { DEFAULT_HOST }.to_owned());
    }
    let (scheme, rest) = value.split_once("://").unwrap_or(("tcp", value));
    // said twice, it is taken off twice
    let rest = rest.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://")).unwrap_or(rest);
    match scheme {
        "tcp" => tcp(rest),
        "unix" | "npipe" if rest.contains("://") => None,
        "unix" if rest.is_empty() => Some("unix:///var/run/docker.sock".to_owned()),
        "npipe" if rest.is_empty() => Some("npipe:////./pipe/docker_engine".to_owned()),
        "unix" | "npipe" => Some(format!("{scheme}://{rest}")),
        "fd" | "ssh" => Some(value.to_owned()),
        _ => None,
    }
}

/// `ParseTCPAddr`.
fn tcp(rest: &str) -> Option<String> {
    if rest.contains("://") {
        return None;
    }
    let filled = match rest {
        _ if rest.ends_with("]:") => format!("{rest}{PORT_PLAIN}"),
        _ => rest.to_owned(),
    };
    let (authority, path) = url(&filled)?;
    let (host, port) =
        split(&authority).or_else(|| split(&join(&authority, &PORT_PLAIN.to_string())))?;
    let host = if host.is_empty() { "localhost".to_owned() } else { host };
    let port = if port.is_empty() { PORT_PLAIN.to_string() } else { port };
    Some(format!("tcp://{}{path}", join(&host, &port)))
}

/// Host and path of a URL without its scheme, decoded (net/url `Parse`); `None` where Go refuses it.
fn url(text: &str) -> Option<(String, String)> {
    if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return None;
    }
    let text = text.split_once('#').map_or(text, |(before, _)| before);
    let text = text.split_once('?').map_or(text, |(before, _)| before);
    let slash = text.find('/').unwrap_or(text.len());
    let (authority, path) = text.split_at(slash);
    let host = match authority.rsplit_once('@') {
        Some((user, _)) if !user.bytes().all(is_of_userinfo) => return None,
        Some((user, host)) => decoded(user, &|_| true, false).map(|_| host)?,
        None => authority,
    };
    Some((self::host(host)?, decoded(path, &|_| true, false)?))
}

/// net/url `validUserinfo`.
fn is_of_userinfo(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte)
}

/// net/url `parseHost`.
fn host(text: &str) -> Option<String> {
    let is_port = |rest: &str| {
        rest.is_empty()
            || rest.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()))
    };
    if text.starts_with('[') {
        let end = text.rfind(']')?;
        let (address, port) = text.split_at(end);
        is_port(port.strip_prefix(']')?).then_some(())?;
        if let Some(zone) = address.find("%25") {
            let (address, zone) = address.split_at(zone);
            let zone = decoded(zone, &|_| true, false)?;
            return Some(format!("{}{zone}{}", of_host(address)?, of_host(port)?));
        }
    } else if let Some(colon) = text.rfind(':') {
        is_port(text.split_at(colon).1).then_some(())?;
    }
    of_host(text)
}

/// net/url `unescape` with `encodeHost`: in a name only bytes that are no ASCII may be written as `%XX`, and a percent
/// sign.
fn of_host(text: &str) -> Option<String> {
    let plain = |byte: u8| {
        byte >= 0x80 || byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte)
    };
    decoded(text, &plain, true)
}

/// With `%XX` as the bytes that they stand for; `None` for a percent sign that is not followed by two digits, and for
/// a byte that may not stand there.
fn decoded(text: &str, plain: &dyn Fn(u8) -> bool, host: bool) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(Some(byte).filter(|byte| plain(*byte))?);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let byte = u8::try_from(digit()? * 16 + digit()?).ok()?;
        if host && byte < 0x80 && byte != b'%' {
            return None;
        }
        out.push(byte);
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

/// Go's `net.SplitHostPort`.
fn split(text: &str) -> Option<(String, String)> {
    let (before, port) = text.rsplit_once(':')?;
    let host = match before.strip_prefix('[') {
        Some(inner) => {
            let inner = inner.strip_suffix(']')?;
            (!inner.contains(']')).then_some(inner)?
        }
        None if before.contains(':') => return None,
        None => before,
    };
    let stray = host.contains('[') || port.contains(['[', ']']) || host.contains(']');
    (!stray).then(|| (host.to_owned(), port.to_owned()))
}

/// Go's `net.JoinHostPort`.
fn join(host: &str, port: &str) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
