//! Whether a proxy stands between docker and its host (net/http `ProxyFromEnvironment`, golang.org/x/net
//! `http/httpproxy`): HTTPS_PROXY for TLS, HTTP_PROXY for plain, never for this machine.

use std::net::IpAddr;

use super::note::Note;
use super::{Machine, Out};
use crate::env::Env;
use crate::profile::endpoint::Endpoint;

pub(super) fn look(machine: &Machine<'_>, out: &mut Out) {
    let Some(endpoint) = &machine.way.endpoint else { return };
    let Ok(endpoint) = Endpoint::parse(endpoint) else { return };
    let tls = ["DOCKER_TLS_VERIFY", "DOCKER_TLS"].iter().any(|n| machine.env.filled(n).is_some());
    if let Some((var, proxy)) = catches(machine.env, &endpoint, tls) {
        let host = endpoint.proxy_host().unwrap_or_default().to_owned();
        out.warn("proxy", Note::Proxied { var, proxy, host });
    }
    let none = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]
        .iter()
        .all(|name| machine.env.filled(name).is_none());
    let all =
        ["ALL_PROXY", "all_proxy"].into_iter().find(|name| machine.env.filled(name).is_some());
    if let Some(var) = all.filter(|_| none && endpoint.proxy_host().is_some()) {
        out.warn("proxy", Note::AllProxy { var });
    }
}

/// The variable that sends docker through a proxy to reach `endpoint`, and the proxy without user and password.
#[must_use]
pub fn catches(env: &Env, endpoint: &Endpoint, tls: bool) -> Option<(&'static str, String)> {
    let Endpoint::Tcp { port, .. } = endpoint else { return None };
    let host = endpoint.proxy_host()?;
    let names = if tls { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    let (var, proxy) = names.into_iter().find_map(|name| Some((name, env.text(name)?)))?;
    let address = host.parse::<IpAddr>().ok();
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return None;
    }
    let list = ["NO_PROXY", "no_proxy"].into_iter().find_map(|name| env.text(name));
    let port = port.unwrap_or(if tls { 2376 } else { 2375 });
    let excepted = list.unwrap_or_default().split(',').any(|entry| {
        let entry = entry.trim().to_ascii_lowercase();
        matches(&entry, &host.to_ascii_lowercase(), address, port)
    });
    (!excepted).then(|| (var, without_password(&proxy)))
}

/// Whether an entry of NO_PROXY, in lower case, covers the host.
fn matches(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if entry.is_empty() {
        return false;
    }
    if entry == "*" {
        return true;
    }
    if let (Some((net, bits)), Some(address)) = (entry.split_once('/'), address) {
        let net: Option<IpAddr> = net.parse().ok();
        return net.zip(bits.parse().ok()).is_some_and(|(net, bits)| within(address, net, bits));
    }
    // host:port, and an IPv6 address in brackets or without
    let (name, wanted) = match entry.rsplit_once(':') {
        Some((name, wanted)) if !name.contains(':') || name.ends_with(']') => {
            (name, wanted.parse::<u16>().ok())
        }
        _ => (entry, None),
    };
    if wanted.is_some_and(|wanted| wanted != port) {
        return false;
    }
    let name = name.trim_start_matches('[').trim_end_matches(']');
    if let Some(address) = address {
        return name.parse::<IpAddr>().is_ok_and(|other| other == address);
    }
    let name = name.strip_prefix("*.").map_or(name.to_owned(), |rest| format!(".{rest}"));
    match name.strip_prefix('.') {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
        None => host == name || host.strip_suffix(&name).is_some_and(|rest| rest.ends_with('.')),
    }
}

/// Whether `address` is in the network of so many bits.
fn within(address: IpAddr, net: IpAddr, bits: u32) -> bool {
    match (address, net) {
        (IpAddr::V4(address), IpAddr::V4(net)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(address) & mask == u32::from(net) & mask
        }
        (IpAddr::V6(address), IpAddr::V6(net)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            u128::from(address) & mask == u128::from(net) & mask
        }
        _ => false,
    }
}

/// A proxy's address without user and password.
fn without_password(proxy: &str) -> String {
    let (scheme, rest) = proxy.split_once("://").map_or(("", proxy), |(s, rest)| (s, rest));
    let bare = rest.rsplit_once('@').map_or(rest, |(_, bare)| bare);
    if scheme.is_empty() { bare.to_owned() } else { format!("{scheme}://{bare}") }
}
