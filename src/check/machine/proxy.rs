//! Whether a proxy stands between docker and its host (net/http `ProxyFromEnvironment`, golang.org/x/net
//! `http/httpproxy`): HTTPS_PROXY for TLS, HTTP_PROXY for plain, never for this machine.

use super::note::Note;
use super::{Machine, Out};
use crate::check::probe::proxy;
use crate::env::Env;
use crate::profile::endpoint::{Endpoint, PORT_PLAIN, PORT_TLS};

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
    let port = port.unwrap_or(if tls { PORT_TLS } else { PORT_PLAIN });
    proxy::choose(env, tls, host, port).map(|proxy| (proxy.var, proxy.shown))
}
