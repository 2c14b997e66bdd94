//! A daemon that is reached by ssh, as docker does it (docker/cli cli/connhelper): ssh runs `docker system dial-stdio`
//! there, and its pipes are the connection. It never asks anything, and is gone when the probe is.

mod forward;
mod log;

use std::io::{self, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use self::log::Log;
use super::dial;
use super::http::{self, Trouble};
use super::said::Said;
use super::wire::{self, Deadline, Pipe, Socket, Wire};
use super::{Run, judge};
use crate::check::diagnosis::{Diagnosis, Facts, Found};
use crate::check::finding::Finding;
use crate::check::id::Id;

/// What docker's client calls the daemon behind ssh (docker/cli cli/connhelper).
const HOST: &str = "docker.example.com";
/// How much of what ssh says is kept.
const STDERR_MAX: usize = 64 << 10;
/// How long ssh may take to end by itself after it closed its output, to tell its status.
const ENDING: Duration = Duration::from_secs(1);
/// docker waits as long for its first answer (docker/cli cli/command/cli.go, `defaultInitTimeout`), in microseconds.
const FIRST_ANSWER: u64 = 2_000_000;
/// What is waited before a host that takes no more logins at this moment is asked again.
const AGAIN: Duration = Duration::from_millis(300);

/// See [`super::probe`].
pub(super) fn probe(
    run: &mut Run<'_>,
    user: Option<&str>,
    host: &str,
    port: Option<u16>,
    socket: &str,
) {
    let to = To { user, host, port, socket };
    let mut answer = ask(run, &to);
    // sshd turns away what is too much by chance (sshd_config(5), MaxStartups 10:30:100): another login may do
    let away = match &answer {
        Asked::Failed(failure) => failure.log.turned_away.clone(),
        _ => None,
    };
    if away.is_some() && run.end.left() > AGAIN {
        std::thread::sleep(AGAIN);
        answer = ask(run, &to);
    }
    match answer {
        Asked::NotStarted(error) if error.kind() == io::ErrorKind::NotFound => {
            run.fail("ssh", Id::SshMissing, |_| {});
        }
        Asked::NotStarted(error) => {
            run.fail_note("ssh", Said::Local { said: error.to_string() });
        }
        Asked::Failed(failure) => failed(run, &to, &failure),
        Asked::Answered { answer, micros, log } => {
            let is_docker = judge::answer(run, &answer, None, micros);
            if is_docker {
                if let Some(words) = away {
                    warn(run, &to, Id::SshTooMany, |facts| facts.said = Some(words));
                }
                well(run, &to, &log, micros);
            }
        }
    }
}

/// Whom to log in to, and as whom.
struct To<'a> {
    user: Option<&'a str>,
    host: &'a str,
    port: Option<u16>,
    socket: &'a str,
}

impl To<'_> {
    /// The user as ssh takes it.
    fn user(&self) -> Option<String> {
        self.user.map(|user| user.replace("%5C", "\\").replace("%40", "@"))
    }

    /// `-l USER -p PORT`, as far as they are given.
    fn flags(&self) -> Vec<String> {
        let user = self.user().map(|user| ["-l".to_owned(), user]);
        let port = self.port.map(|port| ["-p".to_owned(), port.to_string()]);
        user.into_iter().chain(port).flatten().collect()
    }

    /// The host as ssh takes it.
    fn host(&self) -> String {
        self.host.trim_start_matches('[').trim_end_matches(']').replacen("%25", "%", 1)
    }
}

/// What came of one login.
enum Asked {
    NotStarted(io::Error),
    Failed(Failure),
    Answered { answer: http::Answer, micros: u64, log: Log },
}

/// Why there was no answer.
struct Failure {
    trouble: Trouble,
    status: Option<ExitStatus>,
    log: Log,
}

/// Logs in and asks docker there.
fn ask(run: &Run<'_>, to: &To<'_>) -> Asked {
    let start = Instant::now();
    let mut session = match Session::start(command(run, to)) {
        Ok(session) => session,
        Err(error) => return Asked::NotStarted(error),
    };
    let mut wire = Wire::new(Socket::Pipe(session.pipe()), run.end);
    let result = http::exchange(&mut wire, &http::request(run.question(), HOST, ""));
    let micros = wire::micros(start);
    match result {
        Ok(answer) => {
            session.stop(Duration::ZERO);
            Asked::Answered { answer, micros, log: Log::of(&session.said()) }
        }
        Err(trouble) => {
            // its end closes ssh's input, so that it ends where it still waits
            drop(wire);
            let ending = matches!(trouble, Trouble::Closed(_) | Trouble::Reset | Trouble::Io(_));
            let wait = if ending { ENDING.min(run.end.left()) } else { Duration::ZERO };
            let status = session.stop(wait);
            Asked::Failed(Failure { trouble, status, log: Log::of(&session.said()) })
        }
    }
}

/// What is worth a word where docker answers. Of many hosts at once none is timed: they wait for each other here.
fn well(run: &mut Run<'_>, to: &To<'_>, log: &Log, micros: u64) {
    if let Some(line) = log.plain.lines().find(|line| line.contains(REFUSED_BY_PEER)) {
        let said = Some(line.trim().to_owned());
        warn(run, to, Id::SshTooMany, |facts| facts.said = said);
    }
    if run.brief {
        return;
    }
    // a version that is pinned is not asked for
    if micros > FIRST_ANSWER && run.target.api_version.is_none() {
        let server = run.report.server.clone().unwrap_or_default();
        warn(run, to, Id::SshSlow, |facts| {
            facts.waited = Some(micros / 1000);
            facts.api_range = Some((server.min_api, server.api));
        });
    }
    if run.target.forwarding && forward::is_refused(run, to) {
        warn(run, to, Id::SshForwardRefused, |_| {});
    }
}

/// A diagnosis that does not stop docker.
fn warn(run: &mut Run<'_>, to: &To<'_>, id: Id, more: impl FnOnce(&mut Facts)) {
    let mut facts = Facts { user: to.user(), works: true, ..run.facts() };
    more(&mut facts);
    run.report.findings.push(Finding::warning("ssh", Diagnosis::with(id, facts)));
}

/// Says why, from what ssh said last and how it ended.
fn failed(run: &mut Run<'_>, to: &To<'_>, failure: &Failure) {
    let Failure { trouble, status, log } = failure;
    let code = status.and_then(|status| status.code());
    let id = match log.turned_away {
        Some(_) => Id::SshTooMany,
        None => id_of(&log.plain, code, trouble),
    };
    let line = log.turned_away.clone().or_else(|| telling(&log.plain, id));
    let waited = if id == Id::Timeout { run.limit_ms() } else { None };
    let login = if id == Id::SshAuth { log.login() } else { None };
    let jump = log.at_jump().filter(|_| id != Id::Timeout).map(ToOwned::to_owned);
    run.fail("ssh", id, |facts| {
        facts.user = to.user();
        facts.said = line;
        facts.waited = waited;
        facts.login = login;
        facts.jump = jump;
        if let (Id::NotDocker, Trouble::Garbage(_)) = (id, trouble) {
            facts.found = Some(Found::Garbage);
            facts.said = judge::trouble_text(trouble);
        }
        if let (Id::SshNoDocker, Trouble::Garbage(_)) = (id, trouble) {
            facts.said = judge::trouble_text(trouble);
        }
    });
}

/// What ssh says where a connection that it shares (ControlMaster) gets no more sessions (OpenSSH mux.c); it makes a
/// new one then.
const REFUSED_BY_PEER: &str = "session request failed: Session open refused by peer";

/// ssh's words come from OpenSSH (sshconnect.c, sshconnect2.c, packet.c), docker's from its client; a remote shell says
/// in its own language that there is no docker, and by the status 127.
const WORDS: &[(&str, Id)] = &[
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", Id::SshHostKey),
    ("Host key verification failed", Id::SshHostKey),
    ("host key is known for", Id::SshHostKey),
    ("administratively prohibited", Id::SshForwardRefused),
    ("port forwarding failed for listen", Id::SshForwardRefused),
    ("open failed: connect failed: open failed", Id::SshTooMany),
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
    ("Permission denied (", Id::SshAuth),
    // what is said beyond a jump host that refused comes last
    ("kex_exchange_identification", Id::SshUnreachable),
    ("Connection closed by", Id::SshUnreachable),
    ("Connection reset by", Id::SshUnreachable),
    ("is not a docker command", Id::SshNoDocker),
    // csh, cmd, PowerShell and nu have no status of their own for it
    ("Command not found", Id::SshNoDocker),
    ("'docker' is not recognized", Id::SshNoDocker),
    ("Command `docker` not found", Id::SshNoDocker),
];

/// What a login shell that runs nothing says (nologin(8)).
const NO_LOGIN: &[u8] = b"This account is currently not available";

fn id_of(stderr: &str, code: Option<i32>, trouble: &Trouble) -> Id {
    if matches!(trouble, Trouble::Garbage(said) if said.starts_with(NO_LOGIN)) {
        return Id::SshNoDocker;
    }
    // "docker: Permission denied" is a shell's word, with the status 126
    if matches!(code, Some(126 | 127)) {
        return Id::SshNoDocker;
    }
    if let Some((_, id)) = WORDS.iter().find(|(words, _)| stderr.contains(words)) {
        return *id;
    }
    if stderr.contains(": Permission denied") {
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
    fn start(mut command: Command) -> io::Result<Self> {
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

    /// Whether ssh has ended.
    #[cfg(unix)]
    fn is_over(&mut self) -> bool {
        self.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)))
    }

    /// Whether what ssh said is, or is in a moment, as `is_so` wants it: a line may still be on its way.
    #[cfg(unix)]
    fn says_soon(&self, is_so: impl Fn(&str) -> bool) -> bool {
        let end = Deadline::after(Duration::from_millis(200));
        loop {
            let so = is_so(&self.said());
            if so || end.left().is_zero() {
                return so;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
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

/// docker's own command line, that ssh may not ask, and that it tells what it does.
fn command(run: &Run<'_>, to: &To<'_>) -> Command {
    let mut command = ssh(run);
    command.arg("-T").args(to.flags()).args(["--", &to.host(), "docker"]);
    if !to.socket.is_empty() {
        command.arg(format!("--host=unix://{}", to.socket));
    }
    command.args(["system", "dial-stdio"]);
    command
}

/// An ssh that asks nothing, and gives up in time.
fn ssh(run: &Run<'_>) -> Command {
    let mut command = Command::new("ssh");
    // ssh says itself why it cannot connect, if it is given up a little earlier than it
    let seconds = run.end.left().as_secs_f64();
    let seconds = if seconds > 2.0 { seconds - 1.0 } else { seconds };
    let timeout = (seconds.ceil() as u64).max(1);
    command.args(["-v", "-o", "BatchMode=yes", "-o"]).arg(format!("ConnectTimeout={timeout}"));
    for name in ["PATH", "HOME", "SSH_AUTH_SOCK"] {
        if let Some(value) = run.target.env.get(name) {
            command.env(name, value);
        }
    }
    command
}
