//! A daemon that is reached by TCP: name, connection, proxy, TLS, request.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::client::{self, Client};
use super::dial::{self, Attempt};
use super::http::{self, Trouble};
use super::proxy::{self, Kind, Proxy};
use super::said::Said;
use super::wire::{self, Socket, Wire};
use super::{Run, handshake, judge, tls, trust};
use crate::check::id::Id;
use crate::check::note::Note;
use crate::profile::TlsMode;
use crate::profile::endpoint::{Endpoint, PORT_PLAIN, PORT_TLS};

/// How long the other well-known port may take to answer.
const OTHER_PORT: Duration = Duration::from_secs(1);

/// See [`super::probe`].
pub(super) fn probe(run: &mut Run<'_>, path: &str) {
    let target = run.target;
    let Endpoint::Tcp { host, port, .. } = &target.endpoint else { return };
    let host = host.trim_start_matches('[').trim_end_matches(']').replacen("%25", "%", 1);
    let port = port.unwrap_or(if run.tls() { PORT_TLS } else { PORT_PLAIN });
    if target.endpoint.is_unspecified() {
        run.warn("host", Said::Unspecified);
    }
    let via = proxy::choose(&target.env, run.tls(), &host, port);
    let Some((stream, address)) = open(run, &host, port, via.as_ref()) else { return };
    let mut wire = Wire::new(Socket::Tcp(stream), run.end);
    if let Some(proxy) = via.as_ref().filter(|proxy| run.tls() || proxy.kind == Kind::Socks)
        && !tunnel(run, &mut wire, proxy, &host, port)
    {
        return;
    }
    let authority = authority(&host, port);
    if run.tls() {
        over_tls(run, wire, &host, &authority, path);
        return;
    }
    let plain_proxy = via.as_ref().filter(|proxy| proxy.kind == Kind::Http);
    let request = match plain_proxy {
        Some(proxy) => {
            let whole = format!("http://{authority}{path}{}", run.question());
            http::request(&whole, &authority, &proxy.authorization)
        }
        None => http::request(&format!("{path}{}", run.question()), &authority, ""),
    };
    let start = Instant::now();
    match http::exchange(&mut wire, &request) {
        Ok(answer) => {
            let docker = judge::answer(run, &answer, plain_proxy, wire::micros(start));
            let local = via.is_none() && address.ip().is_loopback();
            if docker && !local {
                let address = if via.is_some() { authority } else { address.to_string() };
                run.warn("auth", Said::Exposed { address });
            }
        }
        Err(Trouble::Closed(0) | Trouble::Reset) if via.is_none() && speaks_tls(run, address) => {
            run.fail("http", Id::TlsExpected, |_| {});
        }
        Err(trouble) => judge::trouble(run, "http", trouble, wire.first(), plain_proxy),
    }
}

/// Whether who closed without a word does so because TLS is spoken there: OpenSSL's servers are like that.
fn speaks_tls(run: &Run<'_>, address: SocketAddr) -> bool {
    let end = run.end.within(OTHER_PORT);
    let tried = dial::connect(&[address], end).pop();
    let Some(Ok(stream)) = tried.map(|attempt| attempt.result) else { return false };
    let wire = Wire::new(Socket::Tcp(stream), end);
    // its hello is enough: nothing is sent
    let (seen, _) = tls::handshake(wire, "", true, trust::nobody(), None);
    !seen.chain.is_empty()
}

/// `HOST:PORT`, with IPv6 in brackets and without a zone (RFC 6874 §3: it means nothing elsewhere).
fn authority(host: &str, port: u16) -> String {
    let bare = host.split('%').next().unwrap_or(host);
    if bare.contains(':') { format!("[{bare}]:{port}") } else { format!("{bare}:{port}") }
}

/// A connection to the daemon, or to the proxy in front of it.
fn open(
    run: &mut Run<'_>,
    host: &str,
    port: u16,
    via: Option<&Proxy>,
) -> Option<(std::net::TcpStream, SocketAddr)> {
    if let Some(proxy) = via {
        let note = Said::ViaProxy { proxy: proxy.shown.clone(), var: proxy.var.to_owned() };
        run.warn("proxy", note);
        if proxy.kind == Kind::Https {
            run.warn("proxy", Said::ProxyKind { proxy: proxy.shown.clone() });
            return None;
        }
    }
    let (name, number) = via.map_or((host, port), |proxy| (proxy.host.as_str(), proxy.port));
    let start = Instant::now();
    let addresses = match dial::resolve(name, number, run.end) {
        Ok(addresses) => addresses,
        Err(error) => {
            let waited =
                (error.kind() == io::ErrorKind::TimedOut).then(|| run.limit_ms()).flatten();
            let said = waited.is_none().then(|| plain(&error));
            match via {
                Some(proxy) => proxy_failed(run, proxy, said),
                None => run.fail("dns", Id::Dns, |facts| {
                    facts.said = said;
                    facts.waited = waited;
                }),
            }
            return None;
        }
    };
    if name.parse::<std::net::IpAddr>().is_err() {
        let addresses = addresses.iter().map(|address| address.ip().to_string()).collect();
        let micros = wire::micros(start);
        run.ok("dns", Said::Resolved { host: name.to_owned(), addresses, micros });
    }
    let mut failed = Vec::new();
    for Attempt { address, result, micros } in dial::connect(&addresses, run.end) {
        match result {
            Ok(stream) => {
                for (address, error) in failed {
                    let (address, id) = (SocketAddr::to_string(&address), id_of(&error));
                    run.warn("tcp", Said::Passed { address, id: id.unwrap_or(Id::NoRoute) });
                }
                run.ok("tcp", Note::Open { address: address.to_string(), micros });
                return Some((stream, address));
            }
            Err(error) => failed.push((address, error)),
        }
    }
    match via {
        Some(proxy) => {
            let said = failed.first().map(|(_, error)| plain(error));
            proxy_failed(run, proxy, said);
        }
        None => unreachable_host(run, &failed),
    }
    None
}

/// No address answered. Go tells the first one's error; here each is told.
fn unreachable_host(run: &mut Run<'_>, failed: &[(SocketAddr, io::Error)]) {
    let mut told = Vec::new();
    let mut refused = None;
    // a family of addresses that this machine has no route for explains less than what the other one says
    let mut failed: Vec<&(SocketAddr, io::Error)> = failed.iter().collect();
    failed.sort_by_key(|(_, error)| id_of(error) == Some(Id::NoRoute));
    for (address, error) in failed {
        let Some(id) = id_of(error) else {
            run.fail_note("tcp", Said::Local { said: plain(error) });
            continue;
        };
        if id == Id::Refused {
            refused = Some(*address);
        }
        // one diagnosis of a kind; the address tells which
        if told.contains(&id) {
            continue;
        }
        told.push(id);
        let waited = if id == Id::Timeout { run.limit_ms() } else { None };
        run.fail("tcp", id, |facts| {
            facts.address = Some(address.to_string());
            facts.said = Some(plain(error));
            facts.waited = waited;
        });
    }
    let other = match refused.map(|address| address.port()) {
        Some(PORT_TLS) => PORT_PLAIN,
        Some(_) => PORT_TLS,
        None => return,
    };
    if let Some(mut address) = refused {
        address.set_port(other);
        let tried = dial::connect(&[address], run.end.within(OTHER_PORT));
        if tried.iter().any(|attempt| attempt.result.is_ok()) {
            run.warn("tcp", Said::OtherPort { port: other });
        }
    }
}

/// What a failure to connect is; `None` where this machine could not even try.
fn id_of(error: &io::Error) -> Option<Id> {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused => Some(Id::Refused),
        Kind::TimedOut | Kind::WouldBlock => Some(Id::Timeout),
        Kind::PermissionDenied => Some(Id::NetProhibited),
        Kind::ConnectionReset | Kind::ConnectionAborted => Some(Id::NotDocker),
        Kind::HostUnreachable
        | Kind::NetworkUnreachable
        | Kind::NetworkDown
        | Kind::AddrNotAvailable
        | Kind::InvalidInput => Some(Id::NoRoute),
        _ => None,
    }
}

/// The system's words without Rust's number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(at) => text.get(..at).unwrap_or(&text).to_owned(),
        None => text,
    }
}

fn proxy_failed(run: &mut Run<'_>, proxy: &Proxy, said: Option<String>) {
    run.fail("proxy", Id::Proxy, |facts| {
        facts.proxy = Some(proxy.shown.clone());
        facts.var = Some((proxy.var.to_owned(), proxy.shown.clone()));
        facts.said = said;
    });
}

/// Asks a proxy for a way through: CONNECT (RFC 9110 §9.3.6), or SOCKS 5.
fn tunnel(run: &mut Run<'_>, wire: &mut Wire, proxy: &Proxy, host: &str, port: u16) -> bool {
    let result = match proxy.kind {
        Kind::Socks => proxy::socks(wire, proxy, host, port),
        Kind::Http | Kind::Https => connect(wire, proxy, &authority(host, port)),
    };
    wire.forget();
    let Err(said) = result else { return true };
    proxy_failed(run, proxy, said);
    false
}

fn connect(wire: &mut Wire, proxy: &Proxy, authority: &str) -> Result<(), Option<String>> {
    use std::io::Write as _;
    let agent = concat!("dctx/", env!("CARGO_PKG_VERSION"));
    let request = format!(
        "CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: {agent}\r\n{}\r\n",
        proxy.authorization
    );
    let answer = match wire.write_all(request.as_bytes()) {
        Ok(()) => http::head_only(wire),
        Err(error) => Err(error.into()),
    };
    match answer {
        // Go takes 200 alone
        Ok(answer) if answer.status == 200 => Ok(()),
        Ok(answer) => Err(Some(judge::status_text(answer.status))),
        Err(trouble) => Err(judge::trouble_text(&trouble)),
    }
}

fn over_tls(run: &mut Run<'_>, wire: Wire, host: &str, authority: &str, path: &str) {
    let target = run.target;
    let insecure = target.tls == TlsMode::Insecure;
    let client = client::load(target.cert.as_deref(), target.key.as_deref());
    let ready = match &client {
        Client::Ready(ready) => Some(Arc::clone(ready)),
        _ => None,
    };
    let judge = if insecure { trust::nobody() } else { trust::judge(run, host) };
    let start = Instant::now();
    let (seen, result) = tls::handshake(wire, host, !insecure, judge, ready);
    let micros = wire::micros(start);
    let mut stream = match result {
        Ok(stream) => stream,
        Err((trouble, first)) => {
            handshake::failed(run, &seen, trouble, &first, &client);
            return;
        }
    };
    let (version, cipher) = (stream.version().to_owned(), stream.cipher());
    run.ok("tls", Said::Tls { version, cipher, micros });
    if insecure {
        run.warn("tls", Said::NotVerified);
    } else {
        trust::trusted(run, &seen);
    }
    let start = Instant::now();
    let request = http::request(&format!("{path}{}", run.question()), authority, "");
    let answer = http::exchange(&mut stream, &request);
    let micros = wire::micros(start);
    match answer {
        Ok(answer) => {
            if judge::answer(run, &answer, None, micros) && !(seen.asked && seen.offered) {
                run.warn("auth", Said::NoClientAuth);
            }
        }
        // in TLS 1.3 the server looks at our certificate when we have already begun
        Err(trouble)
            if seen.asked
                && matches!(trouble, Trouble::Tls(_) | Trouble::Closed(0) | Trouble::Reset) =>
        {
            handshake::refused(run, &seen, &trouble, &client);
        }
        Err(trouble) => judge::trouble(run, "http", trouble, &[], None),
    }
}
