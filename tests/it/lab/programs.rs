//! Programs that run as long as a test holds them, and end with the process of the tests however that ends.

use std::fs::{self, DirBuilder};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const KEEPER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/keeper.sh");

/// A program that has not started by now will not.
const PATIENCE: Duration = Duration::from_secs(60);

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
