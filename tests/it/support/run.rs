//! Running one command in a sandbox, and comparing everything it left: status, standard output, standard error.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use dctx::shell::SHELLS;

/// A command that takes longer than this hangs: it is killed and the test fails. Not a measurement of speed.
const HANGS_AFTER: Duration = Duration::from_secs(120);

/// What stands in a compared output for the sandbox's own path, which differs from run to run.
pub(crate) const HERE: &str = "[SB]";

/// One command to run, with nothing in its environment but what the sandbox and the test gave it.
pub(crate) struct Cmd {
    command: Command,
    stdin: Option<Vec<u8>>,
    here: PathBuf,
}

impl Cmd {
    /// `command` with what it is to see set up; `here` is the path that [`HERE`] stands for.
    pub(super) fn new(command: Command, here: &Path) -> Self {
        Cmd { command, stdin: None, here: here.to_owned() }
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets several variables.
    pub(crate) fn envs<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        mut self,
        vars: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.command.envs(vars);
        self
    }

    /// Takes a variable of the sandbox away.
    pub(crate) fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(name);
        self
    }

    /// One more argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// More arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    /// What the command reads from standard input; without this it is `/dev/null`.
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// The working directory, instead of [`Sandbox::work`].
    pub(crate) fn cwd(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// The prepared command, for a test that has to hold the process itself (signals, limits, closed pipes).
    pub(crate) fn into_command(self) -> Command {
        self.command
    }

    /// Runs to the end and collects everything. Panics when the program cannot be started, or hangs.
    #[track_caller]
    pub(crate) fn run(mut self) -> Output {
        let stdin = if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() };
        self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let line = format!("{:?}", self.command.get_program());
        let mut child = match self.command.spawn() {
            Ok(child) => child,
            Err(e) => panic!("cannot start {line}: {e}"),
        };
        if let (Some(bytes), Some(mut pipe)) = (self.stdin.take(), child.stdin.take()) {
            // a program that does not read its input to the end is no fault
            thread::spawn(move || drop(pipe.write_all(&bytes)));
        }
        let stdout = collect(child.stdout.take().unwrap());
        let stderr = collect(child.stderr.take().unwrap());
        let deadline = Instant::now() + HANGS_AFTER;
        let (Some(stdout), Some(stderr)) = (until(&stdout, deadline), until(&stderr, deadline))
        else {
            let _ = child.kill();
            panic!("{:?} hangs, or left a child that holds its output", self.command);
        };
        let status = wait(&mut child, deadline);
        let what = format!("{:?}", self.command);
        let out = Output { what, here: self.here.clone(), status, stdout, stderr };
        super::hints::follow(&self.command, &self.here, &out);
        out
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (tx, rx) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        let _ = tx.send(bytes);
    });
    rx
}

fn until(rx: &mpsc::Receiver<Vec<u8>>, deadline: Instant) -> Option<Vec<u8>> {
    rx.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
}

#[track_caller]
fn wait(child: &mut Child, deadline: Instant) -> ExitStatus {
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            panic!("process {} closed its output and does not end", child.id());
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// What a finished command left: its status and every byte of its output.
#[derive(Debug)]
pub(crate) struct Output {
    what: String,
    here: PathBuf,
    /// As the kernel told it.
    pub(crate) status: ExitStatus,
    /// Every byte of standard output.
    pub(crate) stdout: Vec<u8>,
    /// Every byte of standard error.
    pub(crate) stderr: Vec<u8>,
}

impl Output {
    /// The exit code; 128 + n when signal n ended it, as a shell tells it.
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| 128 + self.status.signal().unwrap_or(0))
    }

    /// Standard output as text, with the sandbox's path replaced by [`HERE`].
    pub(crate) fn out(&self) -> String {
        self.text(&self.stdout)
    }

    /// Standard error as text, with the sandbox's path replaced by [`HERE`].
    pub(crate) fn err(&self) -> String {
        self.text(&self.stderr)
    }

    fn text(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).replace(self.here.to_str().unwrap(), HERE)
    }

    /// Status, standard output and standard error are exactly these.
    #[track_caller]
    pub(crate) fn is(&self, code: i32, stdout: &str, stderr: &str) -> &Self {
        let (mut got_out, got_err) = (self.out(), self.err());
        // Every failure ends what would be evaluated; `dollar_paren` holds that, each test need not.
        if stdout.is_empty() && self.failed_safely() {
            got_out.clear();
        }
        if self.code() != code || got_out != stdout || got_err != stderr {
            panic!(
                "{}\n--- wanted: status {code}, stdout:\n{stdout}\n--- stderr:\n{stderr}\n\
                 --- got: status {}, stdout:\n{got_out}\n--- stderr:\n{got_err}\n---\n\
                 as literals: stdout {got_out:?}, stderr {got_err:?}",
                self.what,
                self.code(),
            );
        }
        self
    }

    /// Whether it failed, and standard output has nothing but the statement that fails in a shell.
    pub(crate) fn failed_safely(&self) -> bool {
        let out = self.out();
        let statement = out.trim_end();
        self.code() != 0
            && !statement.is_empty()
            && !statement.contains('\n')
            && SHELLS.iter().any(|shell| shell.fail(self.code() as u8) == statement)
    }

    /// What a failure said on standard output beside the failing statement, which is nothing; the whole output of a success.
    pub(crate) fn data(&self) -> String {
        if self.failed_safely() { String::new() } else { self.out() }
    }

    /// Status 0, and exactly this output.
    #[track_caller]
    pub(crate) fn ok(&self, stdout: &str, stderr: &str) -> &Self {
        self.is(0, stdout, stderr)
    }

    /// Status 0, whatever it printed; for steps that only prepare a test.
    #[track_caller]
    pub(crate) fn done(&self) -> &Self {
        assert!(
            self.code() == 0,
            "{}\nstatus {}\nstdout:\n{}\nstderr:\n{}",
            self.what,
            self.code(),
            self.out(),
            self.err(),
        );
        self
    }
}
