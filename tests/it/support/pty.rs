//! A shell at a terminal of its own, without a picture of the screen: what is typed goes in, what is written comes out.
//! Much cheaper than [`super::terminal`], for thousands of lines.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::Sandbox;

/// What has not come by now will not; generous, because builders are slow.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Default)]
struct Written {
    text: Mutex<(Vec<u8>, bool)>,
    more: Condvar,
}

/// A running program; ended on drop, with all that it started at this terminal.
pub(crate) struct Pty {
    child: Child,
    master: File,
    written: Arc<Written>,
}

impl Pty {
    /// Starts it in the home directory, with more variables.
    pub(crate) fn start(sb: &Sandbox, argv: &[&str], env: &[(String, String)]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = OpenOptions::new().read(true).write(true).open(name).unwrap();
        // `setsid` makes what it has as standard input the terminal of a new session
        let command = sb.sh("setsid", ["-c"]).args(argv).envs(env.iter().cloned()).cwd(sb.home());
        let mut command = command.into_command();
        command
            .stdin(Stdio::from(slave.try_clone().unwrap()))
            .stdout(Stdio::from(slave.try_clone().unwrap()))
            .stderr(Stdio::from(slave));
        let child = command.spawn().unwrap();
        drop(command);
        let written = Arc::new(Written::default());
        let master = File::from(master);
        let (mut from, to) = (master.try_clone().unwrap(), Arc::clone(&written));
        thread::spawn(move || {
            let mut part = [0; 4096];
            loop {
                // where all have closed it, reading it fails
                let n = from.read(&mut part).unwrap_or(0);
                let mut text = to.text.lock().unwrap();
                text.0.extend_from_slice(&part[..n]);
                text.1 = n == 0;
                to.more.notify_all();
                if n == 0 {
                    break;
                }
            }
        });
        Pty { child, master, written }
    }

    /// Types a line, and waits until what is written from then on is as wanted; returns what `wanted` makes of it.
    #[track_caller]
    pub(crate) fn line<T>(&mut self, line: &str, wanted: impl Fn(&[u8]) -> Option<T>) -> T {
        self.written.text.lock().unwrap().0.clear();
        self.master.write_all(format!("{line}\r").as_bytes()).unwrap();
        self.until(line, wanted)
    }

    /// The same without typing anything.
    #[track_caller]
    pub(crate) fn until<T>(&self, what: &str, wanted: impl Fn(&[u8]) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut text = self.written.text.lock().unwrap();
        loop {
            if let Some(found) = wanted(&text.0) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let shown = String::from_utf8_lossy(&text.0);
            assert!(!left.is_zero() && !text.1, "no answer to {what}:\n{shown}\n{shown:?}");
            text = self.written.more.wait_timeout(text, left).unwrap().0;
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // the first of its session: what else is in the foreground of this terminal gets a hang-up
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
