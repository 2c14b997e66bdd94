//! Getting a connection: names to addresses, one address after the other as Go tries them, and a wire on which no
//! read or write outlasts the probe's limit.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Enough for getaddrinfo and for rustls; five hundred probes run at once.
const STACK: usize = 256 * 1024;
/// How long the other family waits for the first (Go: `net.Dialer.FallbackDelay`, RFC 8305).
const FALLBACK: Duration = Duration::from_millis(300);
/// What a whole probe may receive: headers, body and TLS' own share are far less.
const RECEIVED_MAX: usize = 4 << 20;
/// How much of the beginning is kept, to see what speaks there.
const FIRST: usize = 64;
/// More addresses than that are not tried.
const ADDRESSES_MAX: usize = 16;

/// When everything has to be over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    end: Instant,
}

impl Deadline {
    /// `limit` from now.
    pub(super) fn after(limit: Duration) -> Self {
        let now = Instant::now();
        // a limit beyond what the clock can count is an hour
        Self { end: now.checked_add(limit).unwrap_or(now + Duration::from_secs(3600)) }
    }

    /// What is left; zero once it is over.
    pub(super) fn left(self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// What is left, as a timeout that the system takes; an error once it is over.
    pub(super) fn timeout(self) -> io::Result<Duration> {
        let left = self.left();
        if left.is_zero() { Err(timed_out()) } else { Ok(left.max(Duration::from_millis(1))) }
    }

    /// The same end, or `limit` from now where that is sooner.
    pub(super) fn within(self, limit: Duration) -> Self {
        Self { end: self.end.min(Self::after(limit).end) }
    }
}

pub(super) fn timed_out() -> io::Error {
    io::Error::from(io::ErrorKind::TimedOut)
}

/// Microseconds since `start`.
pub(super) fn micros(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX)
}

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
    let name = host.to_owned();
    let mut found = apart(end, move || {
        let all = (name.as_str(), port).to_socket_addrs()?;
        Ok(all.take(ADDRESSES_MAX).collect::<Vec<_>>())
    })?;
    found.dedup();
    if found.is_empty() { Err(io::Error::other("no address")) } else { Ok(found) }
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

/// What carries the bytes.
#[derive(Debug)]
pub(super) enum Socket {
    /// TCP, perhaps through a proxy.
    Tcp(TcpStream),
    /// A local socket.
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixStream),
    /// The two pipes of a child, or a named pipe: a thread reads, because a pipe knows no timeout.
    Pipe(Pipe),
}

/// See [`Socket::Pipe`].
#[derive(Debug)]
pub(super) struct Pipe {
    /// What is to be sent; a thread writes it.
    pub(super) write: mpsc::Sender<Vec<u8>>,
    /// What came; empty at the end.
    pub(super) read: mpsc::Receiver<io::Result<Vec<u8>>>,
    /// What came and is not yet taken.
    pub(super) rest: Vec<u8>,
}

/// A connection with a deadline and a limit. It keeps the first bytes that came.
#[derive(Debug)]
pub(super) struct Wire {
    socket: Socket,
    end: Deadline,
    first: Vec<u8>,
    received: usize,
}

impl Wire {
    /// On `socket`, until `end`.
    pub(super) fn new(socket: Socket, end: Deadline) -> Self {
        if let Socket::Tcp(stream) = &socket {
            // one small request: waiting for more to send would only cost time
            let _ = stream.set_nodelay(true);
        }
        Self { socket, end, first: Vec::new(), received: 0 }
    }

    /// The first bytes that came, at most 64.
    pub(super) fn first(&self) -> &[u8] {
        &self.first
    }

    /// Forgets the first bytes: what a proxy said is not what the server says.
    pub(super) fn forget(&mut self) {
        self.first.clear();
    }

    fn read_once(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let timeout = self.end.timeout()?;
        match &mut self.socket {
            Socket::Tcp(stream) => {
                stream.set_read_timeout(Some(timeout))?;
                stream.read(buf)
            }
            #[cfg(unix)]
            Socket::Unix(stream) => {
                stream.set_read_timeout(Some(timeout))?;
                stream.read(buf)
            }
            Socket::Pipe(pipe) => {
                if pipe.rest.is_empty() {
                    pipe.rest = match pipe.read.recv_timeout(timeout) {
                        Ok(result) => result?,
                        Err(RecvTimeoutError::Timeout) => return Err(timed_out()),
                        Err(RecvTimeoutError::Disconnected) => return Ok(0),
                    };
                }
                let count = pipe.rest.len().min(buf.len());
                for (to, from) in buf.iter_mut().zip(pipe.rest.drain(..count)) {
                    *to = from;
                }
                Ok(count)
            }
        }
    }

    fn write_once(&mut self, buf: &[u8]) -> io::Result<usize> {
        let timeout = self.end.timeout()?;
        match &mut self.socket {
            Socket::Tcp(stream) => {
                stream.set_write_timeout(Some(timeout))?;
                stream.write(buf)
            }
            #[cfg(unix)]
            Socket::Unix(stream) => {
                stream.set_write_timeout(Some(timeout))?;
                stream.write(buf)
            }
            Socket::Pipe(pipe) => match pipe.write.send(buf.to_vec()) {
                Ok(()) => Ok(buf.len()),
                Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
            },
        }
    }
}

/// A signal is no answer, and a timeout has two names.
fn settle(mut once: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match once() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(timed_out()),
            other => return other,
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.received >= RECEIVED_MAX {
            return Err(io::Error::other("it sends more than any docker daemon"));
        }
        let count = settle(|| self.read_once(buf))?;
        self.received = self.received.saturating_add(count);
        let room = FIRST.saturating_sub(self.first.len());
        self.first.extend(buf.iter().take(count.min(room)));
        Ok(count)
    }
}

impl Write for Wire {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        settle(|| self.write_once(buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
