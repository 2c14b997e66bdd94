//! A wire on which no read or write outlasts the probe's deadline, and which takes only so much.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// What a whole probe may receive: headers, body and TLS' own share are far less.
const RECEIVED_MAX: usize = 4 << 20;
/// How much of the beginning is kept, to see what speaks there.
const FIRST: usize = 64;

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
