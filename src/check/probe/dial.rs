//! Getting a connection: names to addresses, and one address after the other as Go tries them.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::wire::{Deadline, micros, timed_out};

/// Enough for getaddrinfo and for rustls; five hundred probes run at once.
const STACK: usize = 256 * 1024;
/// How long the other family waits for the first (Go: `net.Dialer.FallbackDelay`, RFC 8305).
const FALLBACK: Duration = Duration::from_millis(300);
/// More addresses than that are not tried.
const ADDRESSES_MAX: usize = 16;

/// Runs `work` in a thread of its own and waits for it until `end`. What cannot be interrupted (a resolver, a connect
/// to a full queue) is left behind then, and ends by itself.
pub(super) fn apart<T: Send + 'static>(
    end: Deadline,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (tx, rx) = mpsc::sync_channel(1);
    spawn(move || drop(tx.send(work())))?;
    match rx.recv_timeout(end.left()) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => Err(timed_out()),
        Err(RecvTimeoutError::Disconnected) => Err(io::Error::other("the thread ended")),
    }
}

/// A thread with a small stack.
pub(super) fn spawn(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().stack_size(STACK).spawn(work).map(drop)
}

/// The addresses of `host`, in the order in which they are tried.
///
/// # Errors
/// What the resolver says; [`io::ErrorKind::TimedOut`] when it says nothing until `end`.
pub(super) fn resolve(host: &str, port: u16, end: Deadline) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    if cfg!(target_os = "linux") && host.is_ascii() && !is_domain(host) {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "docker's resolver knows no such name",
        ));
    }
    let name = host.to_owned();
    let mut found = apart(end, move || {
        // Go finds a name that ends with a dot in /etc/hosts as well, where the system's resolver does not.
        let bare = name.strip_suffix('.').filter(|bare| bare.contains('.'));
        let all = (name.as_str(), port).to_socket_addrs().or_else(|error| match bare {
            Some(bare) => (bare, port).to_socket_addrs(),
            None => Err(error),
        })?;
        Ok(all.take(ADDRESSES_MAX).collect::<Vec<_>>())
    })?;
    found.dedup();
    if found.is_empty() { Err(io::Error::other("no address")) } else { Ok(found) }
}

/// Whether docker's own resolver asks for a name at all (Go: net, `isDomainName`, which docker's client for Linux goes
/// by): letters, digits, `_` and inner hyphens, and not digits alone, which the system takes for an address.
fn is_domain(name: &str) -> bool {
    if name == "." {
        return true;
    }
    let bare = name.strip_suffix('.').unwrap_or(name);
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    bare.len() <= 253
        && bare.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(fine)
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
        && bare.bytes().any(|byte| !byte.is_ascii_digit() && byte != b'.')
}

/// One address that was tried.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) address: SocketAddr,
    pub(super) result: io::Result<TcpStream>,
    pub(super) micros: u64,
}

/// Tries the addresses as Go does (net/dial.go `dialParallel`, `dialSerial`): those of the first one's family one
/// after the other, those of the other family beside them after 300 ms or when the first have failed. Ends with the
/// first that answers, which is then the last in the list.
pub(super) fn connect(addresses: &[SocketAddr], end: Deadline) -> Vec<Attempt> {
    let first = addresses.first().map(SocketAddr::is_ipv4);
    let (one, other): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addresses.iter().partition(|address| Some(address.is_ipv4()) == first);
    let mut tried = Vec::new();
    if other.is_empty() {
        serial(&one, end, &mut |attempt| {
            tried.push(attempt);
            true
        });
        return tried;
    }
    let (tx, rx) = mpsc::channel();
    let run = |list: Vec<SocketAddr>| {
        let tx = tx.clone();
        spawn(move || {
            serial(&list, end, &mut |attempt| tx.send(Some(attempt)).is_ok());
            drop(tx.send(None));
        })
        .is_ok()
    };
    let mut running = usize::from(run(one));
    let mut other = Some(other);
    let mut fallback = end.within(FALLBACK);
    while running > 0 || other.is_some() {
        let wait = if other.is_some() && running > 0 { fallback.left() } else { end.left() };
        let message = if running > 0 { rx.recv_timeout(wait) } else { Ok(None) };
        match message {
            Ok(Some(attempt)) => {
                let done = attempt.result.is_ok();
                tried.push(attempt);
                if done {
                    break;
                }
            }
            Ok(None) => {
                running = running.saturating_sub(1);
                if let Some(list) = other.take() {
                    running += usize::from(run(list));
                }
            }
            Err(_) => match other.take() {
                Some(list) if !end.left().is_zero() => {
                    fallback = end;
                    running += usize::from(run(list));
                }
                _ => break,
            },
        }
    }
    if tried.is_empty()
        && let Some(address) = addresses.first()
    {
        tried.push(Attempt { address: *address, result: Err(timed_out()), micros: 0 });
    }
    tried
}

/// One after the other; each gets its share of what is left, and at least two seconds of it (Go: `partialDeadline`).
fn serial(addresses: &[SocketAddr], end: Deadline, tell: &mut dyn FnMut(Attempt) -> bool) {
    let mut rest = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    for address in addresses {
        let left = end.left();
        let share = (left / rest.max(1)).max(Duration::from_secs(2)).min(left);
        rest = rest.saturating_sub(1);
        let start = Instant::now();
        let result = match Deadline::after(share).timeout() {
            Ok(timeout) => TcpStream::connect_timeout(address, timeout),
            Err(error) => Err(error),
        };
        let done = result.is_ok();
        let go_on = tell(Attempt { address: *address, result, micros: micros(start) });
        if done || !go_on {
            return;
        }
    }
}
