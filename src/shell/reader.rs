//! Who reads what dctx writes into a descriptor: the shell that called it, or another program.
//!
//! `$(dctx …)` and the shell function's descriptor are pipes (in ksh93 a file that has lost its name), and the shell
//! itself holds the end that is read. `/proc/PID/fd` tells; where there is no such thing, the kind of the descriptor
//! has to do.

/// What may be known of one process's hold on a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    /// It has the end that is read, on a descriptor other than its standard input.
    Reads,
    /// It has that end as its standard input: `dctx ls | while read …` in a shell that runs the loop itself.
    ReadsAsInput,
    /// It has none.
    No,
    /// Its descriptors may not be looked at.
    Unknown,
}

/// Whether descriptor `fd` of this process is one that a shell above it opened to read it itself, as the function of
/// `dctx init` does. A number that was inherited, made up, or stands for a file is none, and neither is one that is
/// standard input, output or error as well: what is written there reaches a shell that evaluates it, or nothing at all.
#[must_use]
pub fn is_taken(fd: u32) -> bool {
    let Some(pipe) = sys::pipe(fd) else { return false };
    // (Where standard error is closed, bash's copy of itself has the end that it reads there.)
    let same = |other| sys::pipe(other) == Some(pipe) && sys::is_writable(other);
    if [0, 1, 2].into_iter().any(|other| other == fd || same(other)) {
        return false;
    }
    let mut unknown = false;
    for pid in sys::ancestors() {
        match sys::hold(pid, pipe) {
            Hold::Reads | Hold::ReadsAsInput => return true,
            Hold::Unknown => unknown = true,
            Hold::No => {}
        }
    }
    unknown
}

/// Whether standard output is a pipe, or the file without a name that stands for one in ksh93.
#[must_use]
pub fn is_output_piped() -> bool {
    sys::pipe(1).is_some()
}

/// Whether the process `pid` started this one, or one of those that did.
#[must_use]
pub fn is_above(pid: u32) -> bool {
    sys::ancestors().any(|above| above == pid) || cfg!(not(target_os = "linux"))
}

/// Whether the process `shell` waits for standard output itself, as in `$(dctx …)` and `dctx … | source`. A shell that
/// is about to hand the pipe on (`dctx … | grep`) has it for a moment as well, and its child may be moving it to another
/// descriptor while it is looked at. So it has to be seen asleep several times, without a child that has the pipe.
#[must_use]
pub fn waits_for_output(shell: u32) -> bool {
    let Some(pipe) = sys::pipe(1) else { return false };
    let mut asleep = 0;
    for _ in 0..PATIENCE {
        let sleeps = sys::sleeps(shell);
        if sys::hold(shell, pipe) != Hold::Reads {
            return false;
        }
        // After the shell: what it was about to start is there by now.
        if sys::children(shell).into_iter().any(|pid| sys::hold(pid, pipe) != Hold::No) {
            return false;
        }
        asleep = if sleeps { asleep + 1 } else { 0 };
        if asleep == LOOKS {
            return true;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    false
}

/// How often in a row a shell has to be seen asleep.
const LOOKS: usize = 4;

/// How often a shell is looked at in all; after that it is taken for one that hands the pipe on.
const PATIENCE: usize = 500;

#[cfg(target_os = "linux")]
mod sys {
    use std::fs::{self, Metadata};
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};

    use super::super::detect::{Processes as _, SystemProcesses};
    use super::Hold;

    /// A pipe, or a file without a name: device and inode.
    pub(super) type Pipe = (u64, u64);

    /// How many ancestors are looked at.
    const DEPTH: usize = 10;

    pub(super) fn pipe(fd: u32) -> Option<Pipe> {
        let found = fs::metadata(format!("/proc/self/fd/{fd}")).ok()?;
        let fits = found.file_type().is_fifo() || (found.is_file() && found.nlink() == 0);
        fits.then(|| id(&found))
    }

    /// Whether a descriptor of this process was opened for writing.
    pub(super) fn is_writable(fd: u32) -> bool {
        access("self", &fd.to_string()).is_some_and(|mode| mode != 0)
    }

    fn id(found: &Metadata) -> Pipe {
        (found.dev(), found.ino())
    }

    pub(super) fn ancestors() -> impl Iterator<Item = u32> {
        let next = |pid: &u32| SystemProcesses.parent(*pid).filter(|above| *above != 0);
        std::iter::successors(SystemProcesses.start(), next).take(DEPTH)
    }

    pub(super) fn hold(pid: u32, pipe: Pipe) -> Hold {
        let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return Hold::Unknown };
        let mut held = Hold::No;
        for entry in entries.flatten() {
            if !fs::metadata(entry.path()).is_ok_and(|found| id(&found) == pipe) {
                continue;
            }
            let number = entry.file_name();
            if !readable(pid, &number.to_string_lossy()) {
                continue;
            }
            if number != "0" {
                return Hold::Reads;
            }
            held = Hold::ReadsAsInput;
        }
        held
    }

    /// Whether a descriptor was opened for reading.
    fn readable(pid: u32, fd: &str) -> bool {
        access(&pid.to_string(), fd).is_some_and(|mode| mode != 1)
    }

    /// How a descriptor was opened: the last octal digit of its flags is the access mode (proc_pid_fdinfo(5), open(2)),
    /// 0 for reading, 1 for writing, 2 for both.
    fn access(pid: &str, fd: &str) -> Option<u8> {
        let text = fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).ok()?;
        let flags = text.lines().find_map(|line| line.strip_prefix("flags:"))?;
        flags.trim().bytes().last().map(|digit| digit & 3)
    }

    /// Whether its first thread sleeps (state S, proc_pid_stat(5)).
    pub(super) fn sleeps(pid: u32) -> bool {
        let stat = fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
        let end = stat.iter().rposition(|byte| *byte == b')');
        end.and_then(|end| stat.get(end + 2)) == Some(&b'S')
    }

    pub(super) fn children(pid: u32) -> Vec<u32> {
        let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let this = std::process::id();
        let text = text.unwrap_or_default();
        text.split_whitespace()
            .filter_map(|pid| pid.parse().ok())
            .filter(|pid| *pid != this)
            .collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod sys {
    use super::Hold;

    /// A pipe: device and inode.
    pub(super) type Pipe = (u64, u64);

    #[cfg(unix)]
    pub(super) fn pipe(fd: u32) -> Option<Pipe> {
        use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
        let found = std::fs::metadata(format!("/dev/fd/{fd}")).ok()?;
        found.file_type().is_fifo().then(|| (found.dev(), found.ino()))
    }

    #[cfg(not(unix))]
    pub(super) fn pipe(_fd: u32) -> Option<Pipe> {
        None
    }

    pub(super) fn is_writable(_fd: u32) -> bool {
        // What is told apart by /proc elsewhere.
        true
    }

    pub(super) fn ancestors() -> impl Iterator<Item = u32> {
        // One of which nothing can be told.
        std::iter::once(0)
    }

    pub(super) fn hold(_pid: u32, _pipe: Pipe) -> Hold {
        Hold::Unknown
    }

    pub(super) fn sleeps(_pid: u32) -> bool {
        false
    }

    pub(super) fn children(_pid: u32) -> Vec<u32> {
        Vec::new()
    }
}
