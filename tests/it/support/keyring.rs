//! A real gnome-keyring on a session bus of its own, ended with the test however that ends. Nothing else is on that bus,
//! and it starts nothing: no prompter, no second keyring.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::certs::{Ca, Leaf};
use super::require::require;
use super::sandbox::Sandbox;

const KEEPER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/keeper.sh");

/// What has not come up by now will not; generous, because builders are slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// A bus that knows no service it could start.
const BUS: &str = r#"<busconfig><type>session</type><listen>@</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"#;

/// A bus, and maybe a keyring on it.
pub(crate) struct Keyring {
    address: String,
    keeper: Child,
    pipe: Option<ChildStdin>,
    daemon: Option<Child>,
}

impl Keyring {
    /// A bus with nobody on it; None after a loud skip. `sb` gets the address in its environment.
    #[track_caller]
    pub(crate) fn bus(sb: &mut Sandbox) -> Option<Self> {
        require("dbus-daemon")?;
        let dir = sb.path("bus");
        fs::create_dir(&dir).unwrap();
        let socket = dir.join("socket");
        let address = format!("unix:path={}", socket.display());
        let config = sb.write("bus.conf", BUS.replace('@', &address));
        let mut keeper = Command::new("sh")
            .arg(KEEPER)
            .arg(&dir)
            .args(["dbus-daemon", "--nofork", "--nopidfile"])
            .arg(format!("--config-file={}", config.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pid = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut pid).unwrap();
        let pipe = keeper.stdin.take();
        sb.set_env("DBUS_SESSION_BUS_ADDRESS", &address);
        let deadline = Instant::now() + PATIENCE;
        while !socket.exists() {
            let log = fs::read_to_string(dir.join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "no bus: {log}");
            sleep(Duration::from_millis(10));
        }
        Some(Self { address, keeper, pipe, daemon: None })
    }

    /// A bus with an unlocked keyring, whose files are in the sandbox's data directory; None after a loud skip.
    #[track_caller]
    pub(crate) fn unlocked(sb: &mut Sandbox) -> Option<Self> {
        require("gnome-keyring-daemon")?;
        require("dbus-send")?;
        let mut keyring = Self::bus(sb)?;
        keyring.start(sb, true);
        Some(keyring)
    }

    /// Starts the keyring; not unlocked, it has its collection and will not open it.
    pub(crate) fn start(&mut self, sb: &Sandbox, unlock: bool) {
        let args = ["--foreground", "--components=secrets"];
        let mut command = sb.sh("gnome-keyring-daemon", args).into_command();
        if unlock {
            command.arg("--unlock");
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut daemon = command.spawn().unwrap();
        daemon.stdin.take().unwrap().write_all(b"password of the test's keyring").unwrap();
        self.daemon = Some(daemon);
        let deadline = Instant::now() + PATIENCE;
        while !self.answers(sb) {
            assert!(Instant::now() < deadline, "the keyring never came up");
            sleep(Duration::from_millis(20));
        }
    }

    fn answers(&self, sb: &Sandbox) -> bool {
        let asked = [
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/",
            "org.freedesktop.DBus.NameHasOwner",
            "string:org.freedesktop.secrets",
        ];
        sb.sh("dbus-send", asked)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .run()
            .out()
            .contains("true")
    }

    /// Sends the daemon a signal, by its process id.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.daemon.as_ref().unwrap().id()).unwrap();
        let pid = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Ends the daemon; the bus stays.
    pub(crate) fn stop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        self.stop();
        self.pipe = None;
        let _ = self.keeper.wait();
    }
}

/// A sandbox in memory, where keys may stand, with a CA and a client's certificate in `home/c`; None after a loud skip.
#[track_caller]
pub(crate) fn sandbox() -> Option<(Sandbox, PathBuf)> {
    require("openssl")?;
    let sb = Sandbox::in_memory();
    let ca = Ca::new(sb.path("ca"));
    let dir = ca.client_dir(sb.path("home/c"), Some(&Leaf::CLIENT));
    super::profiles::mode(dir.join("key.pem"), 0o400);
    Some((sb, dir))
}

/// Where the keys of a sandbox stand.
pub(crate) fn keys(sb: &Sandbox) -> PathBuf {
    sb.runtime().join("dctx/keys")
}

/// What is there but the lock.
pub(crate) fn held(sb: &Sandbox) -> Vec<PathBuf> {
    let all = fs::read_dir(keys(sb)).into_iter().flatten();
    all.map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with("lock")).collect()
}

/// The public half of a key or certificate, as openssl prints it.
#[track_caller]
pub(crate) fn public(args: &[&str], file: &std::path::Path) -> String {
    let out = Command::new("openssl").args(args).arg("-in").arg(file).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}
