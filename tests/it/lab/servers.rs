//! Servers that are no docker, or an odd one: threads of this process on loopback, and programs that are ended with it.

use std::fs::{self, DirBuilder};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

const KEEPER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/keeper.sh");

/// How often a server looks whether it is still wanted.
const TICK: Duration = Duration::from_millis(100);
/// A program that has not started by now will not.
const PATIENCE: Duration = Duration::from_secs(60);

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
fn without_body<'a>(line: &str, answer: &'a [u8]) -> &'a [u8] {
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

fn daemon_says(line: &str, min: &str, max: &str) -> Vec<u8> {
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

/// A TLS server that tells a client whose certificate it refuses why, as daemons built with a newer Go do, where the
/// real one of these tests says `bad certificate` to all. `dir` is one that dockerd would take.
pub(crate) fn telling(dir: &Path) -> Server {
    let config = Arc::new(tls(dir, true, 1));
    Server::start(move |peer| {
        serve_tls(&config, peer, |line| daemon_says(line, "1.24", "1.50"));
    })
}

/// A TLS server that lets everybody in, and answers each request with these bytes.
pub(crate) fn web_tls(dir: &Path, answer: Vec<u8>) -> Server {
    long_chain(dir, 1, answer)
}

/// The same, whose certificate comes so many times.
pub(crate) fn long_chain(dir: &Path, copies: usize, answer: Vec<u8>) -> Server {
    let config = Arc::new(tls(dir, false, copies));
    Server::start(move |peer| serve_tls(&config, peer, |line| without_body(line, &answer).to_vec()))
}

fn serve_tls(config: &Arc<ServerConfig>, peer: Peer, answer: impl Fn(&str) -> Vec<u8>) {
    // rustls reads whole records: no ticks, or it would give up
    peer.stream.set_read_timeout(Some(PATIENCE)).unwrap();
    peer.stream.set_write_timeout(Some(PATIENCE)).unwrap();
    let session = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut tls = BufReader::new(StreamOwned::new(session, peer.stream));
    let mut line = String::new();
    while tls.read_line(&mut line).is_ok_and(|n| n > 0) {
        let mut header = String::new();
        while tls.read_line(&mut header).is_ok_and(|n| n > 2) {
            header.clear();
        }
        if tls.get_mut().write_all(&answer(&line)).is_err() {
            return;
        }
        line.clear();
    }
}

fn tls(dir: &Path, wants_clients: bool, copies: usize) -> ServerConfig {
    let certs = |name: &str| -> Vec<CertificateDer<'static>> {
        let all = CertificateDer::pem_file_iter(dir.join(name)).unwrap();
        all.map(Result::unwrap).collect()
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = if wants_clients {
        let mut roots = RootCertStore::empty();
        for ca in certs("ca.pem") {
            roots.add(ca).unwrap();
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        builder.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    let key = PrivateKeyDer::from_pem_file(dir.join("server-key.pem")).unwrap();
    let chain = certs("server-cert.pem");
    let length = chain.len() * copies;
    let chain = chain.into_iter().cycle().take(length).collect();
    builder.with_single_cert(chain, key).unwrap()
}

/// A program that runs as long as this is held, and ends with this process however that ends.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Its directory, with what it wrote in `log`; removed in the end.
    pub(crate) dir: PathBuf,
    keeper: Child,
    pipe: Option<ChildStdin>,
}

impl Kept {
    /// A directory of its own for a program.
    pub(crate) fn dir(what: &str) -> PathBuf {
        use std::sync::atomic::AtomicU64;
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let base = fs::canonicalize(std::env::temp_dir()).unwrap();
        loop {
            let n = NEXT.fetch_add(1, Ordering::Relaxed);
            let dir = base.join(format!("dctx-{what}-{}-{n}", std::process::id()));
            if DirBuilder::new().mode(0o755).create(&dir).is_ok() {
                return dir;
            }
        }
    }

    /// Starts a program whose directory this is; waits until its log holds `ready`.
    pub(crate) fn start(dir: PathBuf, program: &[&str], ready: &str) -> Result<Self, String> {
        let mut command = Command::new("sh");
        command.arg(KEEPER).arg(&dir).args(program);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", &dir).env("TMPDIR", &dir);
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = command.spawn().unwrap();
        let mut pid = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut pid).unwrap();
        let pipe = keeper.stdin.take();
        let kept = Kept { dir, keeper, pipe };
        let deadline = Instant::now() + PATIENCE;
        while !kept.log().contains(ready) {
            let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
            let ended = stat.map_or(true, |stat| stat.contains(") Z "));
            if ended || Instant::now() > deadline {
                return Err(kept.log());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(kept)
    }

    /// What it wrote so far.
    pub(crate) fn log(&self) -> String {
        let bytes = fs::read(self.dir.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.pipe = None;
        let _ = self.keeper.wait();
    }
}

/// `openssl s_server` with these arguments on a free port: what no other server of today does. Its address.
pub(crate) fn openssl(certs: &Path, args: &[&str]) -> (Kept, String) {
    let (cert, key) = (certs.join("server-cert.pem"), certs.join("server-key.pem"));
    let mut program = vec!["openssl", "s_server", "-accept", "127.0.0.1:0"];
    program.extend(["-cert", cert.to_str().unwrap(), "-key", key.to_str().unwrap()]);
    program.extend(args);
    let kept = Kept::start(Kept::dir("s_server"), &program, "\nACCEPT ")
        .unwrap_or_else(|log| panic!("openssl s_server: {log}"));
    let log = kept.log();
    let (_, after) = log.split_once("\nACCEPT ").unwrap();
    let address = format!("tcp://{}", after.lines().next().unwrap());
    (kept, address)
}

/// A port that nobody listens on just now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// Listens, and has no place for another connection: the kernel drops what asks for one, as a firewall does.
pub(crate) fn full() -> (Kept, String) {
    let script = "\
import socket, time
s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen(0)
held = []
for _ in range(4):
    c = socket.socket()
    c.settimeout(0.3)
    held.append(c)
    try:
        c.connect(s.getsockname())
    except OSError:
        print('full', s.getsockname()[1], flush=True)
        break
time.sleep(1000)
";
    let program = [super::scene::python(), "-c", script];
    let kept = Kept::start(Kept::dir("full"), &program, "full ")
        .unwrap_or_else(|log| panic!("python3: {log}"));
    let log = kept.log();
    let port = log.trim().rsplit(' ').next().unwrap().to_owned();
    (kept, format!("tcp://127.0.0.1:{port}"))
}
