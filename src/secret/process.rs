//! Processes that hold a key: told apart by their id and the time they were started, because ids come again.

use std::fs;

/// One process of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    /// Its id; 0 for all of them, on systems where dctx cannot tell one from another.
    pub pid: u32,
    /// When it was started, in clock ticks since the machine was (proc_pid_stat(5), field 22); 0 where that is not known.
    pub start: u64,
}

/// What is asked of `/proc/PID/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    parent: u32,
    group: u32,
    start: u64,
    stack: u64,
}

/// On systems without `/proc` every shell is held to be one: the first that goes takes the key along.
pub const ANY: Process = Process { pid: 0, start: 0 };

impl Process {
    /// This process, which keeps its id through execve(2).
    #[must_use]
    pub fn this() -> Self {
        let pid = std::process::id();
        stat(pid).map_or(Self { pid, start: 0 }, |stat| Self { pid, start: stat.start })
    }

    /// The shell that a person sees as one, for `pid`, which may be a copy of it: bash and its like start one for
    /// `$(…)`, which is gone in a moment. A copy has been made by fork(2) alone, so its stack begins where its parent's
    /// does, which is another place after every execve(2); one that is a process group of its own is a job of its own,
    /// such as `( … )` typed at a prompt, with an environment of its own.
    #[must_use]
    pub fn shell(pid: u32) -> Self {
        let mut pid = pid;
        let Some(mut found) = stat(pid).filter(|_| cfg!(target_os = "linux")) else { return ANY };
        while found.group != pid
            && let Some(above) = stat(found.parent)
            && above.stack == found.stack
            && found.stack != 0
            && line(found.parent) == line(pid)
        {
            (pid, found) = (found.parent, above);
        }
        Self { pid, start: found.start }
    }

    /// Whether it is still there.
    #[must_use]
    pub fn is_alive(self) -> bool {
        if self == ANY {
            return true;
        }
        // Without `/proc` only that there is one of that id can be told.
        #[cfg(all(unix, not(target_os = "linux")))]
        if self.start == 0 {
            let pid = i32::try_from(self.pid).ok().and_then(rustix::process::Pid::from_raw);
            return pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok());
        }
        stat(self.pid).is_some_and(|stat| stat.start == self.start)
    }

    /// `PID-START`
    #[must_use]
    pub fn name(self) -> String {
        format!("{}-{}", self.pid, self.start)
    }

    /// Reads [`Self::name`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (pid, start) = name.split_once('-')?;
        Some(Self { pid: pid.parse().ok()?, start: start.parse().ok()? })
    }
}

/// The namespace that process ids are of (pid_namespaces(7)); empty where it cannot be told. A reference from another
/// one, such as a container that shares the directory, is nobody's here to judge.
#[must_use]
pub fn namespace() -> String {
    let link = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    link.to_string_lossy().into_owned()
}

fn line(pid: u32) -> Option<Vec<u8>> {
    fs::read(format!("/proc/{pid}/cmdline")).ok()
}

fn stat(pid: u32) -> Option<Stat> {
    read(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// The text of `/proc/PID/stat`. The name in parentheses may hold anything, so fields are counted from the last one;
/// a zombie (state Z, X) is gone.
fn read(text: &[u8]) -> Option<Stat> {
    let end = text.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(text.get(end + 1..)?).ok()?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    // the first of these is field 3
    let field = |number: usize| fields.get(number - 3).copied();
    if matches!(field(3)?, "Z" | "X" | "x") {
        return None;
    }
    Some(Stat {
        parent: field(4)?.parse().ok()?,
        group: field(5)?.parse().ok()?,
        start: field(22)?.parse().ok()?,
        stack: field(28)?.parse().ok()?,
    })
}

impl Process {
    /// Waits until it is gone.
    pub fn wait_until_gone(self) {
        #[cfg(target_os = "linux")]
        if let Some(pid) = i32::try_from(self.pid).ok().and_then(rustix::process::Pid::from_raw)
            && let Ok(fd) = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty())
        {
            use rustix::event::{PollFd, PollFlags, poll};
            // It may have been another one's id by then.
            while self.is_alive() {
                let _ = poll(&mut [PollFd::new(&fd, PollFlags::IN)], None);
            }
            return;
        }
        while self.is_alive() {
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
    }
}
