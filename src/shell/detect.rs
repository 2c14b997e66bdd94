//! Which shell dctx was called from: the nearest ancestor process that is one, else a guess.
//!
//! `$SHELL` is the login shell and says nothing about the shell at work (it stays when bash runs
//! inside fish), and no shell exports its version variable. But in `eval "$(dctx …)"`, a pipe or a
//! substitution the parent of dctx is always a process whose executable is the shell. Programs between
//! the two (sudo, env, xargs, make, timeout, python) are passed over. One case cannot be told: a
//! `sh` script that calls dctx for a fish which sources its output; `--shell` is for that.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::{Emitter, SHELLS};

/// How many ancestors are looked at.
const DEPTH: usize = 10;

/// The processes of this machine, as far as detection asks about them.
pub trait Processes {
    /// The process that started this one.
    fn start(&self) -> Option<u32>;
    /// The executable of `pid`; None where it may not be read (another user's process).
    fn exe(&self, pid: u32) -> Option<PathBuf>;
    /// The name that the kernel keeps of `pid`: of the program, or of the script that it runs.
    fn comm(&self, pid: u32) -> Option<OsString>;
    /// The arguments of `pid`, its own name first; empty where unknown.
    fn args(&self, pid: u32) -> Vec<OsString>;
    /// The parent of `pid`.
    fn parent(&self, pid: u32) -> Option<u32>;
}

/// What was found.
#[derive(Debug, Clone, Copy)]
pub enum Found {
    /// A shell that dctx writes for.
    Shell(&'static dyn Emitter),
    /// A shell that dctx knows by this name and does not write for. To look further up would find
    /// another shell, and text that this one misreads.
    Unsupported(&'static str),
}

/// Why it is taken for the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// An ancestor process.
    Process {
        /// Its id.
        pid: u32,
        /// The name that told what it is.
        program: String,
        /// How many processes lie between it and dctx.
        passed: usize,
    },
    /// Only the variable `SHELL`, with this value: a guess that the caller has to admit.
    ShellVariable(OsString),
}

/// What [`detect`] found, and why.
#[derive(Debug, Clone)]
pub struct Detected {
    /// The shell.
    pub found: Found,
    /// What speaks for it.
    pub evidence: Evidence,
}

impl Detected {
    /// Whether nothing but `$SHELL` speaks for it.
    #[must_use]
    pub fn guessed(&self) -> bool {
        matches!(self.evidence, Evidence::ShellVariable(_))
    }
}

/// Looks for the nearest shell among the ancestors, then at `shell_env` (the value of `SHELL`).
/// None where neither tells a shell that dctx knows. `--shell` and `DCTX_SHELL`, which go before
/// all this, are the caller's.
#[must_use]
pub fn detect(view: &dyn Processes, shell_env: Option<&OsStr>) -> Option<Detected> {
    let mut next = view.start();
    for passed in 0..DEPTH {
        let Some(pid) = next.filter(|pid| *pid != 0) else { break };
        if let Some((found, program)) = shell_of(view, pid) {
            return Some(Detected { found, evidence: Evidence::Process { pid, program, passed } });
        }
        next = view.parent(pid).filter(|parent| *parent != pid);
    }
    let value = shell_env?;
    let found = known(&program_name(value)?)?;
    Some(Detected { found, evidence: Evidence::ShellVariable(value.to_owned()) })
}

/// The shell that `pid` is, with the name that told.
fn shell_of(view: &dyn Processes, pid: u32) -> Option<(Found, String)> {
    // the executable first: a bash script that is called `fish` has that for its kernel name
    let Some(program) = view.exe(pid).and_then(|exe| program_name(exe.as_os_str())) else {
        let name = program_name(&view.comm(pid)?)?;
        return known(&name).map(|found| (found, name));
    };
    if program.starts_with("busybox") && passes_on(view, pid) {
        return None;
    }
    let python = program.starts_with("python") || program.starts_with("pypy");
    let found = if python && xonsh(view, pid) { lookup("xonsh") } else { known(&program) };
    found.map(|found| (found, program))
}

/// Whether this busybox runs one of its programs that start others, not a shell. The kernel's name is
/// that of the applet or of a script; where it is `busybox` itself, the applet is the first argument.
fn passes_on(view: &dyn Processes, pid: u32) -> bool {
    let name = view.comm(pid).and_then(|comm| program_name(&comm));
    let applet = match name.as_deref() {
        Some(name) if name.starts_with("busybox") => {
            view.args(pid).get(1).and_then(|arg| program_name(arg))
        }
        _ => name,
    };
    applet.is_some_and(|applet| BUSYBOX_STARTERS.contains(&applet.as_str()))
}

/// Whether this Python is xonsh: it has renamed itself to `xonsh …`, or was started as `python xonsh`
/// or `python -m xonsh`.
fn xonsh(view: &dyn Processes, pid: u32) -> bool {
    let is = |name: &OsStr| {
        let text = name.to_string_lossy();
        let first = text.split_whitespace().next().unwrap_or_default();
        first.rsplit('/').next() == Some("xonsh")
    };
    let option = |arg: &OsString| arg.as_encoded_bytes().starts_with(b"-");
    view.comm(pid).is_some_and(|comm| is(&comm))
        || view.args(pid).iter().skip(1).find(|arg| !option(arg)).is_some_and(|arg| is(arg))
}

/// What a program of this name is.
fn known(name: &str) -> Option<Found> {
    // bash, then bash5 or zsh-5.9, then bash-static
    let digits = |name: &str| -> String {
        name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end_matches('-').into()
    };
    let plain = name.strip_suffix("-static").unwrap_or(name);
    let base = plain.split('.').next().unwrap_or(plain);
    [name, plain, &digits(plain), base].into_iter().find_map(lookup)
}

fn lookup(name: &str) -> Option<Found> {
    let shell = SHELLS.iter().copied().find(|shell| shell.programs().contains(&name));
    shell.map(Found::Shell).or_else(|| {
        UNSUPPORTED
            .iter()
            .find(|(program, _)| *program == name)
            .map(|(_, shell)| Found::Unsupported(shell))
    })
}

/// The last part of a path, as the name of a program: no leading `-` (a login shell), no ` (deleted)`
/// (the package was upgraded while the shell ran), no `.exe`, and what Nix wraps without its wrapping.
fn program_name(path: &OsStr) -> Option<String> {
    let text = path.to_str()?;
    let text = text.strip_suffix(" (deleted)").unwrap_or(text);
    let name = text.rsplit(['/', '\\']).next()?;
    let name = name.strip_prefix('-').unwrap_or(name);
    let name = name.strip_prefix('.').and_then(|n| n.strip_suffix("-wrapped")).unwrap_or(name);
    let lower = name.to_ascii_lowercase();
    let name = lower.strip_suffix(".exe").unwrap_or(&lower);
    (!name.is_empty()).then(|| name.to_owned())
}

/// Shells without an emitter: the name of the program and of the shell. A program that an emitter
/// claims is never looked up here.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("brush", "brush"),
    ("es", "es"),
    ("ion", "ion"),
    ("murex", "murex"),
    ("oil", "osh"),
    ("oils-for-unix", "osh"),
    ("oksh", "oksh"),
    ("osh", "osh"),
    ("rc", "rc"),
    ("ysh", "ysh"),
];

/// Applets of busybox that start other programs and so may stand between a shell and dctx.
const BUSYBOX_STARTERS: &[&str] = &[
    "chpst",
    "chroot",
    "chrt",
    "crond",
    "cttyhack",
    "env",
    "envdir",
    "find",
    "flock",
    "getty",
    "inetd",
    "init",
    "ionice",
    "login",
    "nice",
    "nohup",
    "nsenter",
    "run-parts",
    "runsv",
    "script",
    "setarch",
    "setpriv",
    "setsid",
    "softlimit",
    "start-stop-daemon",
    "su",
    "tcpsvd",
    "telnetd",
    "time",
    "timeout",
    "unshare",
    "watch",
    "xargs",
];

/// The real processes, read from `/proc` when asked for. Elsewhere nothing is known, and `$SHELL` decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemProcesses;

#[cfg(target_os = "linux")]
impl Processes for SystemProcesses {
    fn start(&self) -> Option<u32> {
        Some(std::os::unix::process::parent_id())
    }

    fn exe(&self, pid: u32) -> Option<PathBuf> {
        std::fs::read_link(format!("/proc/{pid}/exe")).ok()
    }

    fn comm(&self, pid: u32) -> Option<OsString> {
        let mut name = std::fs::read(format!("/proc/{pid}/comm")).ok()?;
        if name.last() == Some(&b'\n') {
            name.pop();
        }
        Some(os_string(name))
    }

    fn args(&self, pid: u32) -> Vec<OsString> {
        let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        // every argument ends with a NUL
        let Some(bytes) = bytes.strip_suffix(b"\0") else { return Vec::new() };
        bytes.split(|byte| *byte == 0).map(|arg| os_string(arg.to_vec())).collect()
    }

    fn parent(&self, pid: u32) -> Option<u32> {
        parent_in_stat(&std::fs::read(format!("/proc/{pid}/stat")).ok()?)
    }
}

#[cfg(target_os = "linux")]
fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(target_os = "linux"))]
impl Processes for SystemProcesses {
    fn start(&self) -> Option<u32> {
        None
    }

    fn exe(&self, _pid: u32) -> Option<PathBuf> {
        None
    }

    fn comm(&self, _pid: u32) -> Option<OsString> {
        None
    }

    fn args(&self, _pid: u32) -> Vec<OsString> {
        Vec::new()
    }

    fn parent(&self, _pid: u32) -> Option<u32> {
        None
    }
}

/// The parent's id in the text of `/proc/PID/stat` (proc(5)): `1234 (any )( name) S 77 …`. The name
/// may hold anything, so the fields are counted from the last closing parenthesis.
#[must_use]
pub fn parent_in_stat(stat: &[u8]) -> Option<u32> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(stat.get(end + 1..)?).ok()?;
    rest.split_whitespace().nth(1)?.parse().ok()
}
