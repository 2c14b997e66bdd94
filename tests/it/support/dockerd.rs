//! A real dockerd on loopback, with its own directories, stopped by process id however the test process ends.
//!
//! Starting one takes a third of a second. The three that most tests can share ([`Dockerd::mutual`],
//! [`Dockerd::server_only`], [`Dockerd::plain`]) start once per test process; anything odd gets its own.
//! Statics are never dropped: `keeper.sh` stops a daemon when the pipe that this process holds closes.

use super::certs::{Ca, Leaf};
use super::require::{require, skip};
use super::run::Output;
use std::fs::{self, DirBuilder};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const KEEPER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/keeper.sh");

/// A daemon that has not answered by now will not; generous, because builders are slow.
const PATIENCE: Duration = Duration::from_secs(90);

/// The server certificate of the shared daemons is for this address; they listen on 127.0.0.2 too, to be wrong there.
const RIGHT_NAME: &[&str] = &["IP:127.0.0.1"];

/// Whom the daemon's TCP port lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    /// Clients with a certificate of its CA (`--tlsverify`).
    Mutual,
    /// Anyone, encrypted (`--tls --tlsverify=false`).
    ServerOnly,
    /// Anyone, in plain text.
    Plain,
}

/// Runs a docker client that a server may refuse, until docker's words say why.
///
/// In TLS 1.3 the server judges the client's certificate after the client has finished its part (RFC 8446 §4.4.4): a client
/// that still writes its request may find the connection closed before it has read the alert that says why. Docker then reports the
/// closed connection alone, now and then.
pub(crate) fn told_why(mut run: impl FnMut() -> Output) -> Output {
    let mut out = run();
    for _ in 0..20 {
        if !hung_up(&out) {
            break;
        }
        out = run();
    }
    out
}

/// Whether docker failed and reports nothing but the end of the connection.
pub(crate) fn hung_up(out: &Output) -> bool {
    let says = out.err();
    let ends =
        ["connection reset", "broken pipe", "EOF", "use of closed network connection", "write: "];
    let why = ["tls: ", "x509: "];
    out.code() != 0
        && ends.iter().any(|end| says.contains(end))
        && !why.iter().any(|why| says.contains(why))
}

/// One running daemon. Dropping it stops it and removes its data.
#[derive(Debug)]
pub(crate) struct Dockerd {
    dir: PathBuf,
    port: u16,
    /// The authority that signed the server's certificate, and that clients have to be of.
    pub(crate) ca: Ca,
    /// A directory with the `ca.pem`, `cert.pem` and `key.pem` that the daemon accepts.
    pub(crate) certs: PathBuf,
    /// A directory with nothing but the `ca.pem`.
    pub(crate) ca_only: PathBuf,
    keeper: Child,
    /// Closing it is what stops the daemon.
    pipe: Option<ChildStdin>,
}

impl Dockerd {
    /// The shared daemon that wants client certificates; None after a loud skip.
    #[track_caller]
    pub(crate) fn mutual() -> Option<&'static Self> {
        static ONE: OnceLock<Option<Dockerd>> = OnceLock::new();
        Self::shared(&ONE, Tls::Mutual)
    }

    /// The shared daemon that has TLS and lets everybody in; None after a loud skip.
    #[track_caller]
    pub(crate) fn server_only() -> Option<&'static Self> {
        static ONE: OnceLock<Option<Dockerd>> = OnceLock::new();
        Self::shared(&ONE, Tls::ServerOnly)
    }

    /// The shared daemon without TLS; None after a loud skip.
    #[track_caller]
    pub(crate) fn plain() -> Option<&'static Self> {
        static ONE: OnceLock<Option<Dockerd>> = OnceLock::new();
        Self::shared(&ONE, Tls::Plain)
    }

    #[track_caller]
    fn shared(one: &'static OnceLock<Option<Self>>, tls: Tls) -> Option<&'static Self> {
        let daemon = one.get_or_init(|| Self::start(tls, &Leaf::server(RIGHT_NAME))).as_ref();
        if daemon.is_none() {
            skip("the shared dockerd could not be started");
        }
        daemon
    }

    /// Starts one with this server certificate, listening on a unix socket and on one free port of 127.0.0.1 and
    /// 127.0.0.2. None after a loud skip: no dockerd, no openssl, not root, or no rights to run it here.
    #[track_caller]
    pub(crate) fn start(tls: Tls, server: &Leaf<'_>) -> Option<Self> {
        Self::with(tls, |ca, dir| drop(ca.server_dir(dir, server)))
    }

    /// The same with whatever `make` puts into the directory that it is given: `ca.pem` for the clients' authority,
    /// `server-cert.pem`, `server-key.pem`. It is also given the authority that [`Dockerd::certs`] are of.
    #[track_caller]
    pub(crate) fn with(tls: Tls, make: impl Fn(&Ca, &Path)) -> Option<Self> {
        let dockerd = require("dockerd")?;
        require("openssl")?;
        if !rustix::process::geteuid().is_root() {
            skip("dockerd needs root");
            return None;
        }
        loop {
            match Self::try_start(&dockerd, tls, &make) {
                Ok(daemon) => return Some(daemon),
                // somebody took the port between our look at it and the daemon's
                Err(log) if log.contains("address already in use") => {}
                Err(log) => {
                    skip(&format!("dockerd does not start here:\n{log}"));
                    return None;
                }
            }
        }
    }

    fn try_start(dockerd: &Path, tls: Tls, make: &dyn Fn(&Ca, &Path)) -> Result<Self, String> {
        let (dir, port) = (new_dir(), free_port());
        let ca = Ca::new(dir.join("ca"));
        let server = dir.join("server");
        make(&ca, &server);
        Self::launch(dockerd, tls, dir, port, ca, &server)
    }

    /// Starts one that wants client certificates, on a directory with `ca.pem`, `server-cert.pem` and `server-key.pem`
    /// that somebody else made, on this port; None after a loud skip.
    #[track_caller]
    pub(crate) fn serve(server: &Path, port: u16) -> Option<Self> {
        let dockerd = require("dockerd")?;
        require("openssl")?;
        if !rustix::process::geteuid().is_root() {
            skip("dockerd needs root");
            return None;
        }
        let dir = new_dir();
        let ca = Ca::new(dir.join("ca"));
        match Self::launch(&dockerd, Tls::Mutual, dir, port, ca, server) {
            Ok(daemon) => Some(daemon),
            Err(log) => {
                skip(&format!("dockerd does not start here:\n{log}"));
                None
            }
        }
    }

    fn launch(
        dockerd: &Path,
        tls: Tls,
        dir: PathBuf,
        port: u16,
        ca: Ca,
        server: &Path,
    ) -> Result<Self, String> {
        let certs = ca.client_dir(dir.join("client"), Some(&Leaf::CLIENT));
        let ca_only = ca.client_dir(dir.join("ca-only"), None);
        // not the machine's /etc/docker/daemon.json
        fs::write(dir.join("daemon.json"), "{}").unwrap();

        let mut command = Command::new("sh");
        command.arg(KEEPER).arg(&dir).arg(dockerd).args(arguments(tls, &dir, server, port));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", &dir).env("TMPDIR", &dir);
        // a group of its own: Ctrl-C at the terminal ends the tests, and the tests' end ends the daemon
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = command.spawn().unwrap();
        let mut pid = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut pid).unwrap();
        let pipe = keeper.stdin.take();
        let daemon = Dockerd { dir, port, ca, certs, ca_only, keeper, pipe };
        daemon.wait_until_it_answers(pid.trim())?;
        Ok(daemon)
    }

    /// The end of the log when the daemon ends, or keeps us waiting too long.
    fn wait_until_it_answers(&self, pid: &str) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        while self.ask("/_ping").is_none_or(|answer| !answer.ends_with("OK")) {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let ended = stat.is_empty() || stat.contains(") Z ");
            if ended || Instant::now() > deadline {
                let log = fs::read(self.dir.join("log")).unwrap_or_default();
                let log = String::from_utf8_lossy(&log).into_owned();
                let lines: Vec<_> = log.lines().rev().take(12).collect();
                return Err(lines.into_iter().rev().collect::<Vec<_>>().join("\n"));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// The whole answer to a GET over the unix socket, without any docker client.
    fn ask(&self, path: &str) -> Option<String> {
        let mut stream = UnixStream::connect(self.socket()).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        // HTTP/1.0: the answer ends where the connection ends
        write!(stream, "GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// The directory of its own `ca.pem`, `server-cert.pem` and `server-key.pem`.
    pub(crate) fn server_dir(&self) -> PathBuf {
        self.dir.join("server")
    }

    /// The daemon's TCP port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its endpoint under the name that is in its certificate.
    pub(crate) fn tcp(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    /// Its endpoint under a name that is not in its certificate.
    pub(crate) fn tcp_wrong_name(&self) -> String {
        format!("tcp://127.0.0.2:{}", self.port)
    }

    /// The path of its unix socket; plain whatever TLS the port has.
    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.join("docker.sock")
    }

    /// What only this daemon answers to `docker info -f '{{.Labels}}'`, with the brackets.
    pub(crate) fn label(&self) -> String {
        format!("[dctx.test={}]", self.dir.file_name().unwrap().to_str().unwrap())
    }

    /// The daemon's version, as `docker version -f '{{.Server.Version}}'` prints it.
    pub(crate) fn version(&self) -> String {
        let answer = self.ask("/version").unwrap();
        let (_, after) = answer.rsplit_once("\"Version\":\"").unwrap();
        after.split('"').next().unwrap().to_owned()
    }
}

impl Drop for Dockerd {
    fn drop(&mut self) {
        self.pipe = None;
        let _ = self.keeper.wait();
    }
}

fn arguments(tls: Tls, dir: &Path, server: &Path, port: u16) -> Vec<String> {
    let at = |name: &str| dir.join(name).display().to_string();
    let mut args: Vec<String> = [
        // nothing outside the daemon's own directory changes: no rules, no bridge, no forwarding
        "--iptables=false",
        "--ip6tables=false",
        "--ip-forward=false",
        "--bridge=none",
        &format!("--config-file={}", at("daemon.json")),
        &format!("--data-root={}", at("data")),
        &format!("--exec-root={}", at("exec")),
        &format!("--pidfile={}", at("pid")),
        &format!("--host=unix://{}", at("docker.sock")),
        &format!("--host=tcp://127.0.0.1:{port}"),
        &format!("--host=tcp://127.0.0.2:{port}"),
        &format!("--label=dctx.test={}", dir.file_name().unwrap().to_str().unwrap()),
    ]
    .map(str::to_owned)
    .into();
    match tls {
        Tls::Mutual => args.push("--tlsverify".into()),
        Tls::ServerOnly => args.extend(["--tls".into(), "--tlsverify=false".into()]),
        Tls::Plain => return args,
    }
    for (flag, file) in
        [("tlscacert", "ca.pem"), ("tlscert", "server-cert.pem"), ("tlskey", "server-key.pem")]
    {
        args.push(format!("--{flag}={}", server.join(file).display()));
    }
    args
}

fn new_dir() -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let base = fs::canonicalize(std::env::temp_dir()).unwrap();
    loop {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = base.join(format!("dctx-dockerd-{}-{n}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&dir) {
            Ok(()) => return dir,
            Err(e) => assert_eq!(e.kind(), std::io::ErrorKind::AlreadyExists, "{}", dir.display()),
        }
    }
}

/// A port that is free on both addresses just now.
pub(crate) fn free_port() -> u16 {
    loop {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = first.local_addr().unwrap().port();
        if TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), port)).is_ok() {
            return port;
        }
    }
}

/// A daemon that is dropped is stopped, with the containerd it started, and leaves nothing.
#[test]
fn leaves_nothing_behind() {
    let Some(daemon) = Dockerd::start(Tls::Plain, &Leaf::server(RIGHT_NAME)) else { return };
    let (dir, port) = (daemon.dir.clone(), daemon.port());
    let pid = fs::read_to_string(dir.join("pid")).unwrap();
    let containerd = fs::read_to_string(dir.join("exec/containerd/containerd.pid")).unwrap();
    for id in [&pid, &containerd] {
        assert!(Path::new("/proc").join(id.trim()).exists(), "{id}");
    }
    drop(daemon);
    for id in [&pid, &containerd] {
        assert!(!Path::new("/proc").join(id.trim()).exists(), "{id}");
    }
    assert!(!dir.exists(), "{}", dir.display());
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
}

/// The same when the process that held the pipe is killed and cannot clean up.
#[test]
fn outlives_no_killed_owner() {
    let dir = new_dir();
    let mut owner = Command::new("sleep").arg("600").stdout(Stdio::piped()).spawn().unwrap();
    let mut keeper = Command::new("sh")
        .arg(KEEPER)
        .arg(&dir)
        .args(["sleep", "600"])
        .stdin(owner.stdout.take().unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pid = String::new();
    BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut pid).unwrap();
    let daemon = Path::new("/proc").join(pid.trim());
    assert!(daemon.exists());
    owner.kill().unwrap();
    owner.wait().unwrap();
    keeper.wait().unwrap();
    assert!(!daemon.exists() && !dir.exists(), "{pid}");
}
