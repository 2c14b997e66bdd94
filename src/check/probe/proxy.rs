//! HTTP proxies exactly as docker takes them: go-connections `sockets.ConfigureTransport` has Go's
//! `http.ProxyFromEnvironment`, whose rules are in golang.org/x/net/http/httpproxy.

use std::io::{self, Read as _, Write as _};
use std::net::IpAddr;

use super::wire::Wire;
use crate::cert::base64;
use crate::env::Env;

/// A proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::check) struct Proxy {
    /// How it is spoken to.
    pub(super) kind: Kind,
    /// Its host, IPv6 without brackets.
    pub(super) host: String,
    /// Its port.
    pub(super) port: u16,
    /// The header line that names the user, with its end; empty without one.
    pub(super) authorization: String,
    /// User and password as SOCKS takes them.
    pub(super) login: Option<(String, String)>,
    /// As it is told to people: the variable's value without user and password, either of which may be a secret.
    pub(in crate::check) shown: String,
    /// The variable that names it.
    pub(in crate::check) var: &'static str,
}

/// See [`Proxy::kind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS.
    Https,
    /// SOCKS 5.
    Socks,
}

/// The proxy that docker would use for this host, if any.
pub(in crate::check) fn choose(env: &Env, tls: bool, host: &str, port: u16) -> Option<Proxy> {
    let names = if tls { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    let (var, value) = names.into_iter().find_map(|name| Some((name, env.text(name)?)))?;
    // Go refuses it in a CGI program, where a request's `Proxy:` header could set it
    if !tls && env.filled("REQUEST_METHOD").is_some() {
        return None;
    }
    let except = ["NO_PROXY", "no_proxy"].into_iter().find_map(|name| env.text(name));
    if !used(except.as_deref().unwrap_or_default(), host, port) {
        return None;
    }
    parse(var, &value)
}

/// Go's `config.useProxy`: never for this machine, and not for what NO_PROXY lists.
fn used(except: &str, host: &str, port: u16) -> bool {
    if host == "localhost" {
        return false;
    }
    let address = host.split('%').next().unwrap_or(host).parse::<IpAddr>().ok().map(canonical);
    if address.is_some_and(|address| address.is_loopback()) {
        return false;
    }
    let host = host.to_lowercase();
    !except
        .split(',')
        .any(|entry| matches(entry.trim().to_lowercase().as_str(), &host, port, address))
}

/// `::ffff:a.b.c.d` is `a.b.c.d` to Go.
fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// One entry of NO_PROXY: `*`, an address range, an address or a name with an optional port.
fn matches(entry: &str, host: &str, port: u16, address: Option<IpAddr>) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some((base, bits)) = range(entry) {
        return address.is_some_and(|address| within(address, base, bits));
    }
    let (name, only) = split_port(entry);
    if only.is_some_and(|only| only != port.to_string()) || name.is_empty() {
        return false;
    }
    if let Ok(listed) = name.parse::<IpAddr>() {
        return address == Some(canonical(listed));
    }
    // a name never stands for an address
    if address.is_some() {
        return false;
    }
    let name = if name.starts_with("*.") { name.get(1..).unwrap_or_default() } else { name };
    match name.strip_prefix('.') {
        Some(_) => host.ends_with(name),
        None => host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')),
    }
}

/// Go's `net.SplitHostPort` where it succeeds, and the whole where it does not.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    if let Some(inside) = entry.strip_prefix('[') {
        return match inside.split_once(']') {
            Some((host, rest)) if rest.starts_with(':') => (host, rest.strip_prefix(':')),
            // brackets without a port are a mistake to Go, and match nothing
            _ => (entry, None),
        };
    }
    match entry.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, Some(port).filter(|p| !p.is_empty())),
        _ => (entry, None),
    }
}

fn range(entry: &str) -> Option<(IpAddr, u32)> {
    let (base, bits) = entry.split_once('/')?;
    let base = base.parse::<IpAddr>().ok()?;
    let bits = bits.parse::<u32>().ok()?;
    (bits <= if base.is_ipv4() { 32 } else { 128 }).then_some((base, bits))
}

fn within(address: IpAddr, base: IpAddr, bits: u32) -> bool {
    match (address, base) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let shift = 32 - bits;
            let top = |ip: std::net::Ipv4Addr| u32::from(ip).checked_shr(shift).unwrap_or(0);
            top(a) == top(b)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let shift = 128 - bits;
            let top = |ip: std::net::Ipv6Addr| u128::from(ip).checked_shr(shift).unwrap_or(0);
            top(a) == top(b)
        }
        _ => false,
    }
}

/// Go's `parseProxy`: without a scheme it is `http://`; what is no address is no proxy.
fn parse(var: &'static str, value: &str) -> Option<Proxy> {
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    let (kind, default) = match scheme.to_ascii_lowercase().as_str() {
        "https" => (Kind::Https, 443),
        "socks5" | "socks5h" => (Kind::Socks, 1080),
        // Go speaks HTTP to whatever else there is
        _ => (Kind::Http, 80),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (login, address) = match authority.rsplit_once('@') {
        Some((login, address)) => (Some(login), address),
        None => (None, authority),
    };
    let (host, port) = split_port(address);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = port.map_or(Some(default), |port| port.parse().ok())?;
    if host.is_empty() {
        return None;
    }
    let login = login.map(|login| {
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        (decode(user), decode(password))
    });
    let authorization = login.as_ref().map_or_else(String::new, |(user, password)| {
        let pair = base64::encode(format!("{user}:{password}").as_bytes());
        format!("Proxy-Authorization: Basic {}\r\n", String::from_utf8_lossy(&pair))
    });
    let host_shown = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let shown = format!("{}://{host_shown}:{port}", scheme.to_ascii_lowercase());
    Some(Proxy { kind, host: host.to_owned(), port, authorization, login, shown, var })
}

/// `%41` is `A`.
fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let hex = |digit: Option<u8>| char::from(digit.unwrap_or_default()).to_digit(16);
        match (byte, hex(ahead.next()), hex(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A way through a SOCKS 5 proxy (RFC 1928, with the user and password of RFC 1929), which resolves the name itself,
/// as Go asks it to.
///
/// # Errors
/// What it said.
pub(super) fn socks(
    wire: &mut Wire,
    proxy: &Proxy,
    host: &str,
    port: u16,
) -> Result<(), Option<String>> {
    let io = |error: io::Error| Some(error.to_string());
    let methods: &[u8] = if proxy.login.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] };
    wire.write_all(methods).map_err(io)?;
    let mut two = [0_u8; 2];
    wire.read_exact(&mut two).map_err(io)?;
    match (two, &proxy.login) {
        ([5, 0], _) => {}
        ([5, 2], Some((user, password))) => {
            let mut message = vec![1];
            for text in [user, password] {
                message.push(u8::try_from(text.len()).map_err(|_| None)?);
                message.extend(text.bytes());
            }
            wire.write_all(&message).map_err(io)?;
            wire.read_exact(&mut two).map_err(io)?;
            if two != [1, 0] {
                return Err(Some("authentication failed".to_owned()));
            }
        }
        ([5, _], _) => return Err(Some("no acceptable authentication method".to_owned())),
        _ => return Err(Some("not a SOCKS 5 proxy".to_owned())),
    }
    let mut message = vec![5, 1, 0];
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(four)) => {
            message.push(1);
            message.extend(four.octets());
        }
        Ok(IpAddr::V6(six)) => {
            message.push(4);
            message.extend(six.octets());
        }
        Err(_) => {
            message.push(3);
            message.push(u8::try_from(host.len()).map_err(|_| None)?);
            message.extend(host.bytes());
        }
    }
    message.extend(port.to_be_bytes());
    wire.write_all(&message).map_err(io)?;
    let mut head = [0_u8; 4];
    wire.read_exact(&mut head).map_err(io)?;
    let [_, reply, _, kind] = head;
    if reply != 0 {
        return Err(Some(socks_text(reply).to_owned()));
    }
    let mut rest = match kind {
        1 => vec![0; 6],
        4 => vec![0; 18],
        _ => {
            let mut length = [0_u8];
            wire.read_exact(&mut length).map_err(io)?;
            vec![0; usize::from(length[0]) + 2]
        }
    };
    wire.read_exact(&mut rest).map_err(io)
}

/// RFC 1928 §6.
fn socks_text(reply: u8) -> &'static str {
    match reply {
        2 => "connection not allowed by ruleset",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        _ => "general SOCKS server failure",
    }
}
