//! A daemon that is reached by ssh, as docker does it (docker/cli cli/connhelper): ssh runs `docker system dial-stdio`
//! there, and its pipes are the connection. It never asks anything, and is gone when the probe is.

use std::io::{self, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::dial;
use super::http::{self, Trouble};
use super::said::Said;
use super::wire::{self, Deadline, Pipe, Socket, Wire};
use super::{Run, judge};
use crate::check::diagnosis::Found;
use crate::check::id::Id;

/// What docker's client calls the daemon behind ssh (docker/cli cli/connhelper).
const HOST: &str = "docker.example.com";
/// How much of what ssh says is kept.
const STDERR_MAX: usize = 16 << 10;
/// How long ssh may take to end by itself after it closed its output, to tell its status.
const ENDING: Duration = Duration::from_secs(1);

/// See [`super::probe`].
pub(super) fn probe(
    run: &mut Run<'_>,
    user: Option<&str>,
    host: &str,
    port: Option<u16>,
    socket: &str,
) {
    let start = Instant::now();
    let mut session = match Session::start(run, user, host, port, socket) {
        Ok(session) => session,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return run.fail("ssh", Id::SshMissing, |_| {});
        }
        Err(error) => {
            return run.fail_note("ssh", Said::Local { said: error.to_string() });
        }
    };
    let mut wire = Wire::new(Socket::Pipe(session.pipe()), run.end);
    let result = http::exchange(&mut wire, &http::request(run.question(), HOST, ""));
    let micros = wire::micros(start);
    match result {
        Ok(answer) => {
            session.stop(Duration::ZERO);
            judge::answer(run, &answer, None, micros);
        }
        Err(trouble) => {
            // its end closes ssh's input, so that it ends where it still waits
            drop(wire);
            let ending = matches!(trouble, Trouble::Closed(_) | Trouble::Reset | Trouble::Io(_));
            let wait = if ending { ENDING.min(run.end.left()) } else { Duration::ZERO };
            let status = session.stop(wait);
            failed(run, user, &trouble, status, &session.said());
        }
    }
}

/// Says why, from what ssh said last and how it ended.
fn failed(
    run: &mut Run<'_>,
    user: Option<&str>,
    trouble: &Trouble,
    status: Option<ExitStatus>,
    stderr: &str,
) {
    let code = status.and_then(|status| status.code());
    let id = id_of(stderr, code, trouble);
    let line = telling(stderr, id);
    let waited = if id == Id::Timeout { run.limit_ms() } else { None };
    run.fail("ssh", id, |facts| {
        facts.user = user.map(|user| user.replace("%5C", "\\").replace("%40", "@"));
        facts.said = line;
        facts.waited = waited;
        if let (Id::NotDocker, Trouble::Garbage(_)) = (id, trouble) {
            facts.found = Some(Found::Garbage);
            facts.said = judge::trouble_text(trouble);
        }
    });
}

/// ssh's words come from OpenSSH (sshconnect.c, sshconnect2.c, packet.c), docker's from its client; a remote shell says
/// in its own language that there is no docker, and by the status 127.
const WORDS: &[(&str, Id)] = &[
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", Id::SshHostKey),
    ("Host key verification failed", Id::SshHostKey),
    ("host key is known for", Id::SshHostKey),
    ("Cannot connect to the Docker daemon", Id::SshNoDaemon),
    ("failed to connect to the docker API", Id::SshNoDaemon),
    ("permission denied while trying to connect", Id::SshNoDaemon),
    ("dial unix", Id::SshNoDaemon),
    ("Could not resolve hostname", Id::SshUnreachable),
    ("Connection refused", Id::SshUnreachable),
    ("Connection timed out", Id::SshUnreachable),
    ("Operation timed out", Id::SshUnreachable),
    ("No route to host", Id::SshUnreachable),
    ("Network is unreachable", Id::SshUnreachable),
    ("Too many authentication failures", Id::SshAuth),
    ("authentication methods available", Id::SshAuth),
    ("kex_exchange_identification", Id::SshUnreachable),
    ("Connection closed by", Id::SshUnreachable),
    ("Connection reset by", Id::SshUnreachable),
    ("is not a docker command", Id::SshNoDocker),
];

fn id_of(stderr: &str, code: Option<i32>, trouble: &Trouble) -> Id {
    // "docker: Permission denied" is a shell's word, with the status 126
    if matches!(code, Some(126 | 127)) {
        return Id::SshNoDocker;
    }
    if let Some((_, id)) = WORDS.iter().find(|(words, _)| stderr.contains(words)) {
        return *id;
    }
    if stderr.contains("Permission denied (") || stderr.contains(": Permission denied") {
        return Id::SshAuth;
    }
    if stderr.contains("docker: not found") || stderr.contains("command not found") {
        return Id::SshNoDocker;
    }
    match (trouble, code) {
        (Trouble::Timeout, _) => Id::Timeout,
        (Trouble::Garbage(_) | Trouble::TooLong(_), _) => Id::NotDocker,
        // ssh's own status for everything that is its own
        (_, Some(255)) => Id::SshUnreachable,
        _ => Id::SshNoDaemon,
    }
}

/// The line that says it; else the last one, which is where programs say why.
fn telling(stderr: &str, id: Id) -> Option<String> {
    let lines = || stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let words = || WORDS.iter().filter(|(_, of)| *of == id);
    let line = lines()
        .find(|line| words().any(|(words, _)| line.contains(words)))
        .or_else(|| lines().find(|line| id == Id::SshAuth && line.contains("Permission denied")))
        .or_else(|| lines().next_back())?;
    Some(line.chars().take(512).collect())
}

/// A running ssh.
struct Session {
    child: Option<Child>,
    pipe: Option<Pipe>,
    stderr: Arc<Mutex<Vec<u8>>>,
    /// Tells when standard error has ended.
    heard: mpsc::Receiver<()>,
}

impl Session {
    fn start(
        run: &Run<'_>,
        user: Option<&str>,
        host: &str,
        port: Option<u16>,
        socket: &str,
    ) -> io::Result<Self> {
        let mut command = command(run, user, host, port, socket);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // a group of its own: what ssh starts (ProxyCommand) ends with it
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (ended, heard) = mpsc::channel();
        let mut session = Self { child: Some(child), pipe: None, stderr: Arc::default(), heard };
        let (Some(mut stdin), Some(mut stdout), Some(mut stderr)) = (stdin, stdout, stderr) else {
            return Err(io::Error::other("no pipes"));
        };
        let (write, requests) = mpsc::channel::<Vec<u8>>();
        dial::spawn(move || {
            while let Ok(request) = requests.recv() {
                if stdin.write_all(&request).and_then(|()| stdin.flush()).is_err() {
                    return;
                }
            }
        })?;
        // few pieces at a time: whoever sends for ever waits
        let (answers, read) = mpsc::sync_channel(4);
        dial::spawn(move || {
            let mut piece = vec![0; 8192];
            loop {
                let result = stdout
                    .read(&mut piece)
                    .map(|count| piece.iter().take(count).copied().collect());
                let end = !matches!(&result, Ok(bytes) if !Vec::is_empty(bytes));
                if answers.send(result).is_err() || end {
                    return;
                }
            }
        })?;
        let kept = Arc::clone(&session.stderr);
        dial::spawn(move || {
            keep(&mut stderr, &kept);
            let _ = ended.send(());
        })?;
        session.pipe = Some(Pipe { write, read, rest: Vec::new() });
        Ok(session)
    }

    /// The pipes; once.
    fn pipe(&mut self) -> Pipe {
        self.pipe.take().unwrap_or_else(|| Pipe {
            write: mpsc::channel().0,
            read: mpsc::channel().1,
            rest: Vec::new(),
        })
    }

    /// Ends ssh, after `patience` at most, and everything that it started; how it ended, if by itself.
    fn stop(&mut self, patience: Duration) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        let end = Deadline::after(patience);
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if !end.left().is_zero() => std::thread::sleep(Duration::from_millis(2)),
                _ => break None,
            }
        };
        if status.is_some() {
            // what it said last may still be on its way; what it left behind (ControlPersist) may never close the pipe
            let _ = self.heard.recv_timeout(Duration::from_millis(100));
            return status;
        }
        kill(&mut child);
        // killed for good, so this returns; and where the kernel holds it, it is waited for elsewhere
        let (tx, rx) = mpsc::channel();
        let waiter = dial::spawn(move || {
            let _ = child.wait();
            let _ = tx.send(());
        });
        if waiter.is_ok() {
            let _ = rx.recv_timeout(ENDING);
        }
        let _ = self.heard.recv_timeout(Duration::from_millis(20));
        None
    }

    fn said(&self) -> String {
        let bytes = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stop(Duration::ZERO);
    }
}

#[cfg(unix)]
fn kill(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    // not yet waited for: the number is still its own
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.kill();
}

#[cfg(not(unix))]
fn kill(child: &mut Child) {
    let _ = child.kill();
}

/// Reads to the end and keeps the beginning.
fn keep(from: &mut impl Read, to: &Mutex<Vec<u8>>) {
    let mut piece = [0_u8; 4096];
    while let Ok(count) = from.read(&mut piece) {
        if count == 0 {
            return;
        }
        let mut kept = to.lock().unwrap_or_else(PoisonError::into_inner);
        let room = STDERR_MAX.saturating_sub(kept.len());
        kept.extend(piece.iter().take(count.min(room)));
    }
}

/// docker's own command line, and that ssh may not ask.
fn command(
    run: &Run<'_>,
    user: Option<&str>,
    host: &str,
    port: Option<u16>,
    socket: &str,
) -> Command {
    let mut command = Command::new("ssh");
    // ssh says itself why it cannot connect, if it is given up a little earlier than it
    let seconds = run.end.left().as_secs_f64();
    let seconds = if seconds > 2.0 { seconds - 1.0 } else { seconds };
    let timeout = (seconds.ceil() as u64).max(1);
    command.args(["-o", "BatchMode=yes", "-o"]).arg(format!("ConnectTimeout={timeout}")).arg("-T");
    if let Some(user) = user {
        command.arg("-l").arg(user.replace("%5C", "\\").replace("%40", "@"));
    }
    if let Some(port) = port {
        command.arg("-p").arg(port.to_string());
    }
    let host = host.trim_start_matches('[').trim_end_matches(']').replacen("%25", "%", 1);
    command.args(["--", host.as_str(), "docker"]);
    if !socket.is_empty() {
        command.arg(format!("--host=unix://{socket}"));
    }
    command.args(["system", "dial-stdio"]);
    for name in ["PATH", "HOME", "SSH_AUTH_SOCK"] {
        if let Some(value) = run.target.env.get(name) {
            command.env(name, value);
        }
    }
    command
}
