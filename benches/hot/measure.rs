//! Counts and times of one command.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A command line with everything it sees.
#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) home: PathBuf,
}

impl Run {
    pub(crate) fn new(program: &Path, home: &Path, args: &[&str]) -> Self {
        let args = args.iter().map(OsString::from).collect();
        Self { program: program.to_owned(), args, home: home.to_owned() }
    }

    /// This command, started by `outer`; the environment is the same few variables every time.
    fn command(&self, outer: &[&str]) -> Command {
        let mut words = outer.iter().map(OsString::from).chain([self.program.clone().into()]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).args(&self.args).env_clear();
        command.env("HOME", &self.home).env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command.env("LC_ALL", "C.UTF-8").current_dir(&self.home);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Runs it once, and says so if it does not work: a failure would be fast.
    pub(crate) fn check(&self) {
        let mut command = self.command(&[]);
        let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        assert!(
            output.status.success() && !output.stdout.is_empty(),
            "{:?} {:?}: {}",
            self.program,
            self.args,
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Instructions in user space, by valgrind. `from_shell` puts a shell between, for detection to find.
    pub(crate) fn instructions(&self, from_shell: bool) -> Option<f64> {
        let out = self.home.join("callgrind.out");
        let option = format!("--callgrind-out-file={}", out.display());
        let mut outer = vec!["valgrind", "--tool=callgrind", &option];
        if from_shell {
            // Two statements: a shell replaces itself with the last one.
            outer.splice(0..0, ["sh", "-c", "\"$@\"; exit $?", "sh"]);
        }
        let status = self.command(&outer).status().ok()?;
        let text = fs::read_to_string(out).ok().filter(|_| status.success())?;
        text.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok())
    }

    /// System calls, from `execve` to the exit.
    pub(crate) fn system_calls(&self) -> Option<f64> {
        let out = self.home.join("strace.out");
        let status = self.command(&["strace", "-f", "-o", out.to_str()?]).status().ok()?;
        let text = fs::read_to_string(out).ok().filter(|_| status.success())?;
        Some(text.lines().filter(|line| line.contains('(')).count() as f64)
    }

    /// Resident memory in KiB: the peak of all, and what is its own at the end (the rest are pages of the
    /// program and of libc, as the system's cache has them). Read while strace holds the process at its
    /// exit: what the parent is told afterwards contains the parent's own memory.
    pub(crate) fn memory(&self) -> Option<(f64, f64)> {
        let hold = "inject=exit_group:delay_enter=200000";
        let outer = ["strace", "-o", "/dev/null", "-e", "trace=exit_group", "-e", hold];
        let mut child = self.command(&outer).spawn().ok()?;
        let children = format!("/proc/{0}/task/{0}/children", child.id());
        let mut found = None;
        while child.try_wait().ok()?.is_none() {
            let pids = fs::read_to_string(&children).unwrap_or_default();
            if let Some(pid) = pids.split_whitespace().next()
                && fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == self.program)
                && let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status"))
            {
                let number = |key| -> Option<f64> {
                    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
                    line.split_whitespace().next()?.parse().ok()
                };
                found = number("VmHWM:").zip(number("RssAnon:")).or(found);
            }
            thread::sleep(Duration::from_millis(5));
        }
        found
    }
}

/// The median time of each command in milliseconds, over `rounds` rounds in which each runs once.
pub(crate) fn wall(runs: &[&Run], rounds: usize) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(rounds); runs.len()];
    for round in 0..rounds + 1 {
        for (run, times) in runs.iter().zip(&mut times) {
            let mut command = run.command(&[]);
            let start = Instant::now();
            let status = command.status();
            let took = start.elapsed().as_secs_f64() * 1e3;
            assert!(status.is_ok_and(|status| status.success()), "{:?}", run.args);
            // The first round fills the caches.
            if round > 0 {
                times.push(took);
            }
        }
    }
    times.into_iter().map(median).collect()
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Where a program is, if it is on PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|path| path.is_file())
}
