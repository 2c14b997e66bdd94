//! Servers that are no docker, or an odd one: threads of this process on loopback.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How often a server looks whether it is still wanted.
const TICK: Duration = Duration::from_millis(100);
/// A server on a free port of 127.0.0.1, each connection in a thread. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    accepting: Option<thread::JoinHandle<()>>,
}

/// A connection, and whether the server is to end.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    over: Arc<AtomicBool>,
}

impl Server {
    /// Starts one that does this with each connection.
    pub(crate) fn start(serve: impl Fn(Peer) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (over, serve) = (Arc::new(AtomicBool::new(false)), Arc::new(serve));
        let ended = Arc::clone(&over);
        let accepting = thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                stream.set_read_timeout(Some(TICK)).unwrap();
                stream.set_write_timeout(Some(TICK)).unwrap();
                let (serve, over) = (Arc::clone(&serve), Arc::clone(&ended));
                thread::spawn(move || serve(Peer { stream, over }));
            }
        });
        Server { address, over, accepting: Some(accepting) }
    }

    /// One that reads a request, and answers each with these bytes.
    pub(crate) fn http(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |mut peer| {
            while let Some(line) = peer.request() {
                if !peer.send(without_body(&line, &answer)) {
                    break;
                }
            }
        })
    }

    /// `tcp://127.0.0.1:PORT`.
    pub(crate) fn tcp(&self) -> String {
        format!("tcp://{}", self.address)
    }

    /// `http://127.0.0.1:PORT`, for a proxy.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

impl Peer {
    /// Whether somebody still wants an answer.
    pub(crate) fn wanted(&self) -> bool {
        !self.over.load(Ordering::Relaxed)
    }

    /// The first line of a request, read with its headers; None at the end of the connection.
    pub(crate) fn request(&mut self) -> Option<String> {
        let (mut got, mut byte) = (Vec::new(), [0]);
        while self.wanted() && got.len() < 65536 {
            match self.stream.read(&mut byte) {
                Ok(0) => return None,
                Ok(_) => got.push(byte[0]),
                Err(e) if waits(&e) => {}
                Err(_) => return None,
            }
            if got.ends_with(b"\r\n\r\n") {
                let got = String::from_utf8_lossy(&got).into_owned();
                return got.lines().next().map(str::to_owned);
            }
        }
        None
    }

    /// Sends it all, unless nobody reads.
    pub(crate) fn send(&mut self, mut bytes: &[u8]) -> bool {
        while self.wanted() && !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(n) => bytes = &bytes[n..],
                Err(e) if waits(&e) => {}
                Err(_) => return false,
            }
        }
        bytes.is_empty()
    }

    /// Reads what comes, and says nothing.
    pub(crate) fn listen(&mut self) {
        let mut bytes = [0; 4096];
        while self.wanted() {
            match self.stream.read(&mut bytes) {
                Ok(0) => return,
                Ok(_) => {}
                Err(e) if waits(&e) => {}
                Err(_) => return,
            }
        }
    }

    /// Waits for the first byte, and leaves it unread.
    pub(crate) fn spoken_to(&self) -> bool {
        while self.wanted() {
            match self.stream.peek(&mut [0]) {
                Ok(n) => return n > 0,
                Err(e) if waits(&e) => {}
                Err(_) => return false,
            }
        }
        false
    }
}

/// What of an answer goes to this request: HEAD gets the headers alone (RFC 9110 section 9.3.2).
pub(super) fn without_body<'a>(line: &str, answer: &'a [u8]) -> &'a [u8] {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    match end.filter(|_| line.starts_with("HEAD ")) {
        Some(end) => &answer[..end + 4],
        None => answer,
    }
}

fn waits(e: &std::io::Error) -> bool {
    use std::io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(e.kind(), WouldBlock | TimedOut | Interrupted)
}

/// Accepts, reads, and never answers.
pub(crate) fn silent() -> Server {
    Server::start(|mut peer| peer.listen())
}

/// Hears something, and breaks the connection: what is closed with bytes unread is reset.
pub(crate) fn resetting() -> Server {
    Server::start(|peer| {
        peer.spoken_to();
    })
}

/// Hears something, and says goodbye.
pub(crate) fn closing() -> Server {
    Server::start(|mut peer| {
        if peer.spoken_to() {
            let _ = peer.stream.shutdown(std::net::Shutdown::Write);
            peer.listen();
        }
    })
}

/// Says this at once, as servers do whose turn it is to speak first.
pub(crate) fn greeting(words: &'static [u8]) -> Server {
    Server::start(move |mut peer| {
        peer.send(words);
        peer.listen();
    })
}

/// Waits for a request of any kind, and answers with this.
pub(crate) fn answering(words: &'static [u8]) -> Server {
    Server::start(move |mut peer| {
        if peer.spoken_to() {
            peer.send(words);
            let _ = peer.stream.shutdown(std::net::Shutdown::Write);
            peer.listen();
        }
    })
}

/// A whole HTTP answer.
pub(crate) fn page(status: &str, headers: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

/// A daemon that speaks these API versions, as far as the client asks before it does anything.
pub(crate) fn fake_daemon(min: &'static str, max: &'static str) -> Server {
    Server::start(move |mut peer| {
        while let Some(line) = peer.request() {
            if !peer.send(&daemon_says(&line, min, max)) {
                break;
            }
        }
    })
}

/// That daemon's answer to a request with this first line.
pub(super) fn daemon_says(line: &str, min: &str, max: &str) -> Vec<u8> {
    let path = line.split(' ').nth(1).unwrap_or("/");
    let headers =
        format!("Api-Version: {max}\r\nOstype: linux\r\nServer: Docker/99.0.0 (linux)\r\n");
    let json = "application/json";
    if path == "/_ping" {
        let body = if line.starts_with("HEAD") { "" } else { "OK" };
        return page("200 OK", &headers, "text/plain; charset=utf-8", body);
    }
    let number = |version: &str| -> (u32, u32) {
        let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
        (major.parse().unwrap_or(0), minor.parse().unwrap_or(0))
    };
    let asked = path.strip_prefix("/v").and_then(|rest| rest.split('/').next());
    let asked = asked.filter(|asked| asked.starts_with(|c: char| c.is_ascii_digit()));
    match asked {
        Some(asked) if number(asked) < number(min) => {
            let message = format!(
                "client version {asked} is too old. Minimum supported API version is {min}, please upgrade your client to a newer version"
            );
            page("400 Bad Request", &headers, json, &format!("{{\"message\":\"{message}\"}}\n"))
        }
        Some(asked) if number(asked) > number(max) => {
            let message = format!(
                "client version {asked} is too new. Maximum supported API version is {max}"
            );
            page("400 Bad Request", &headers, json, &format!("{{\"message\":\"{message}\"}}\n"))
        }
        _ => {
            let body = format!(
                "{{\"Version\":\"99.0.0\",\"ApiVersion\":\"{max}\",\"MinAPIVersion\":\"{min}\",\"Os\":\"linux\",\"Arch\":\"amd64\"}}\n"
            );
            page("200 OK", &headers, json, &body)
        }
    }
}
