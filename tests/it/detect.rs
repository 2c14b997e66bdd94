//! The shell that dctx was called from is found among its ancestors; a shell it does not know is not passed over.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use dctx::shell::{Detected, Evidence, Found, Processes, SystemProcesses, detect, parent_in_stat};

/// One process of an invented machine.
#[derive(Default)]
struct Process {
    exe: Option<&'static str>,
    comm: &'static str,
    args: Vec<&'static str>,
}

/// Ancestors, nearest first; they have the ids 100, 99 …; and what was asked about them.
struct Tree(Vec<Process>, RefCell<Vec<String>>);

impl Tree {
    fn of(&self, pid: u32) -> Option<&Process> {
        self.0.get(usize::try_from(100_u32.checked_sub(pid)?).unwrap())
    }

    fn asked(&self, what: &str, pid: u32) {
        self.1.borrow_mut().push(format!("{what} {pid}"));
    }
}

impl Processes for Tree {
    fn start(&self) -> Option<u32> {
        Some(100)
    }

    fn exe(&self, pid: u32) -> Option<PathBuf> {
        self.asked("exe", pid);
        self.of(pid)?.exe.map(Into::into)
    }

    fn comm(&self, pid: u32) -> Option<OsString> {
        self.asked("comm", pid);
        let comm = self.of(pid)?.comm;
        (!comm.is_empty()).then(|| comm.into())
    }

    fn args(&self, pid: u32) -> Vec<OsString> {
        self.asked("args", pid);
        self.of(pid).map(|p| p.args.iter().map(Into::into).collect()).unwrap_or_default()
    }

    fn parent(&self, pid: u32) -> Option<u32> {
        self.asked("parent", pid);
        self.of(pid - 1).map(|_| pid - 1)
    }
}

fn exe(path: &'static str) -> Process {
    Process { exe: Some(path), ..Process::default() }
}

fn comm(name: &'static str) -> Process {
    Process { comm: name, ..Process::default() }
}

/// `name`, `?name` for a shell that is known and not supported, `~name` where it was guessed, or `none`.
fn told(found: Option<&Detected>) -> String {
    let Some(detected) = found else { return "none".to_owned() };
    let guess = if detected.guessed() { "~" } else { "" };
    match detected.found {
        Found::Shell(emitter) => format!("{guess}{}", emitter.name()),
        Found::Unsupported(name) => format!("{guess}?{name}"),
    }
}

fn detected(processes: Vec<Process>, shell: Option<&str>) -> String {
    told(detect(&Tree(processes, RefCell::default()), shell.map(OsStr::new)).as_ref())
}

/// The executable says what it is, whatever directory, version or state it is in.
#[test]
fn executables() {
    for (path, shell) in [
        ("/usr/bin/bash", "bash"),
        ("/bin/zsh", "zsh"),
        ("/bin/zsh-5.9", "zsh"),
        ("/bin/zsh5", "zsh"),
        ("/usr/local/bin/bash5.2", "bash"),
        ("/bin/bash-static", "bash"),
        ("/bin/zsh5-static", "zsh"),
        ("/usr/bin/fish (deleted)", "fish"),
        ("/usr/bin/fish4 (deleted)", "fish"),
        ("/nix/store/abc-fish-4.0/bin/.fish-wrapped", "fish"),
        ("/bin/dash", "sh"),
        ("/bin/sh", "sh"),
        ("/bin/ash", "sh"),
        ("/bin/posh", "sh"),
        ("/bin/ksh93", "ksh"),
        ("/bin/ksh", "ksh"),
        ("/opt/ksh2020", "ksh"),
        ("/bin/mksh", "mksh"),
        ("/usr/lib/klibc/lksh", "mksh"),
        ("/usr/bin/yash", "yash"),
        ("/bin/tcsh", "tcsh"),
        ("/bin/bsd-csh", "none"),
        ("/bin/csh", "tcsh"),
        ("/c/git/usr/bin/bash.exe", "bash"),
        ("C:\\git\\usr\\bin\\BASH.EXE", "bash"),
        ("/usr/bin/elvish", "elvish"),
        ("/usr/bin/nu", "nu"),
        ("/opt/microsoft/powershell/7/pwsh", "pwsh"),
        ("/usr/bin/xonsh", "xonsh"),
        ("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe", "pwsh"),
        ("C:\\Windows\\System32\\cmd.exe", "cmd"),
        ("/usr/bin/brush", "?brush"),
        ("/usr/bin/fisherman", "none"),
        ("/usr/bin/bashful", "none"),
        ("/usr/bin/ssh", "none"),
        ("/usr/bin/json", "none"),
        ("/usr/bin/dotenv", "none"),
        ("/", "none"),
    ] {
        assert_eq!(detected(vec![exe(path)], None), shell, "{path}");
    }
}

/// An executable that may not be read (another user's process): the kernel's name, as login shells have it too.
#[test]
fn names_where_executables_are_hidden() {
    for (name, shell) in [
        ("-zsh", "zsh"),
        ("bash", "bash"),
        ("-csh", "tcsh"),
        ("fish", "fish"),
        ("sshd", "none"),
        ("", "none"),
    ] {
        assert_eq!(detected(vec![comm(name)], None), shell, "{name}");
    }
    let script = Process { exe: Some("/usr/bin/bash"), comm: "fish", ..Process::default() };
    assert_eq!(
        detected(vec![script, exe("/usr/bin/zsh")], None),
        "bash",
        "a bash script named fish"
    );
}

/// What stands between is passed over; the nearest shell counts.
#[test]
fn programs_between() {
    let sudo =
        || vec![exe("/usr/bin/sudo"), comm("sudo"), exe("/usr/bin/fish"), exe("/usr/bin/bash")];
    assert_eq!(detected(sudo(), Some("/bin/zsh")), "fish");
    let found = detect(&Tree(sudo(), RefCell::default()), None).unwrap();
    let evidence = Evidence::Process { pid: 98, program: "fish".to_owned(), passed: 2 };
    assert_eq!(found.evidence, evidence);
    for between in [
        "/usr/bin/xargs",
        "/usr/bin/make",
        "/usr/bin/timeout",
        "/usr/bin/env",
        "/usr/bin/python3.11",
    ] {
        assert_eq!(detected(vec![exe(between), exe("/bin/zsh")], None), "zsh", "{between}");
    }
    // tmux, a terminal, a login: no shell in between, so not further than the nearest one
    assert_eq!(detected(vec![exe("/usr/bin/tmux"), exe("/usr/bin/fish")], None), "fish");
    // ten are looked at, and no more
    let far = |n: usize| (0..n).map(|_| exe("/usr/bin/make")).chain([exe("/bin/zsh")]).collect();
    assert_eq!(detected(far(9), None), "zsh");
    assert_eq!(detected(far(10), None), "none");
    assert_eq!(detected(far(10), Some("/bin/fish")), "~fish");
}

/// busybox is a shell, or xargs; Python is xonsh, or anything.
#[test]
fn programs_of_many_faces() {
    let busybox = |comm, args: &[&'static str]| Process {
        exe: Some("/bin/busybox"),
        comm,
        args: args.to_vec(),
    };
    let zsh = || exe("/bin/zsh");
    assert_eq!(detected(vec![busybox("sh", &[]), zsh()], None), "sh");
    assert_eq!(detected(vec![busybox("busybox", &["busybox", "ash"]), zsh()], None), "sh");
    assert_eq!(detected(vec![busybox("deploy.sh", &[]), zsh()], None), "sh");
    assert_eq!(detected(vec![busybox("xargs", &[]), zsh()], None), "zsh");
    assert_eq!(
        detected(vec![busybox("busybox", &["busybox", "timeout", "9"]), zsh()], None),
        "zsh"
    );
    assert_eq!(detected(vec![exe("/bin/busybox.nosuid")], None), "sh");

    let python = |comm, args: &[&'static str]| Process {
        exe: Some("/usr/bin/python3.11"),
        comm,
        args: args.to_vec(),
    };
    assert_eq!(detected(vec![python("xonsh", &[]), zsh()], None), "xonsh");
    assert_eq!(detected(vec![python("xonsh --no-rc -", &[]), zsh()], None), "xonsh");
    assert_eq!(
        detected(vec![python("python3", &["python3", "-m", "xonsh"]), zsh()], None),
        "xonsh"
    );
    assert_eq!(
        detected(vec![python("python3", &["python3", "-u", "/usr/bin/xonsh"]), zsh()], None),
        "xonsh"
    );
    assert_eq!(
        detected(vec![python("python3", &["python3", "tool.py", "xonsh"]), zsh()], None),
        "zsh"
    );
}

/// A shell without an emitter is told as such: the next shell further up would misread what it cannot run.
#[test]
fn a_known_shell_is_never_passed_over() {
    assert_eq!(
        detected(vec![exe("/usr/bin/brush"), exe("/bin/bash")], Some("/bin/bash")),
        "?brush"
    );
    assert_eq!(detected(vec![exe("/usr/bin/sudo"), exe("/usr/bin/rc")], Some("/bin/bash")), "?rc");
}

/// `$SHELL` is a guess, made only where no ancestor is a shell; what it names may be unknown as well.
#[test]
fn the_variable_comes_last() {
    assert_eq!(
        detected(vec![exe("/usr/bin/bash")], Some("/usr/bin/fish")),
        "bash",
        "bash inside a fish login"
    );
    let ide = || vec![exe("/usr/bin/code"), exe("/usr/lib/systemd/systemd")];
    for (value, shell) in [
        (Some("/usr/bin/fish"), "~fish"),
        (Some("/bin/zsh-5.9"), "~zsh"),
        (Some("/usr/bin/elvish"), "~elvish"),
        (Some("/usr/sbin/nologin"), "none"),
        (Some(""), "none"),
        (None, "none"),
    ] {
        assert_eq!(detected(ide(), value), shell, "{value:?}");
    }
}

/// A directly calling shell costs one look at one link.
#[test]
fn the_nearest_shell_is_asked_one_thing() {
    let tree = Tree(vec![exe("/usr/bin/fish"), exe("/usr/bin/bash")], RefCell::default());
    assert_eq!(told(detect(&tree, Some(OsStr::new("/bin/zsh"))).as_ref()), "fish");
    assert_eq!(*tree.1.borrow(), ["exe 100"]);
}

/// The name in `/proc/PID/stat` may look like the rest of the line.
#[test]
fn stat_lines() {
    for (stat, parent) in [
        (&b"42 (bash) S 41 42 42 0 -1"[..], Some(41)),
        (b"42 (a) R 7 (b) S 41 42", Some(41)),
        (b"42 (tmux: server) S 1 42", Some(1)),
        (b"42 (\xff\n) S 9) S 3 42", Some(3)),
        (b"42 (bash) S", None),
        (b"42 bash S 41", None),
        (b"42 (bash) S -1 4", None),
        (b"42 (bash)", None),
        (b"", None),
    ] {
        assert_eq!(parent_in_stat(stat), parent, "{}", stat.escape_ascii());
    }
}

/// The view of this machine's processes agrees with what the system says of them otherwise.
#[cfg(target_os = "linux")]
#[test]
fn real_processes() {
    let view = SystemProcesses;
    assert_eq!(view.start(), Some(std::os::unix::process::parent_id()));
    let me = std::process::id();
    assert_eq!(view.parent(me), view.start());
    assert_eq!(view.exe(me), std::env::current_exe().ok());
    let args: Vec<OsString> = std::env::args_os().collect();
    assert_eq!(view.args(me), args);
    let comm = view.comm(me).unwrap().into_string().unwrap();
    let exe = view.exe(me).unwrap().file_name().unwrap().to_str().unwrap().to_owned();
    assert!(!comm.ends_with('\n') && exe.starts_with(&comm), "{comm} {exe}");
    let nobody = u32::MAX;
    assert_eq!((view.exe(nobody), view.comm(nobody), view.parent(nobody)), (None, None, None));
    assert!(view.args(nobody).is_empty());
}

/// By real programs: whatever `$SHELL` says, and whatever stands between the shell and dctx.
#[test]
fn real_programs_in_between() {
    use crate::support::{Sandbox, require};
    let sb = Sandbox::new();
    sb.write("home/.config/dctx/config.toml", "[profiles.a]\nhost = \"tcp://192.0.2.1\"\n");
    // a bash script with a misleading name, and one that asks on behalf of its caller
    let fish = sb.script("work/fish", "#!/bin/bash\ndctx use a\nexit\n");
    let inner = sb.script("work/inner", "#!/usr/bin/env zsh\ndctx use a\nexit\n");
    let sudo = "sudo -n env PATH=\"$PATH\" HOME=\"$HOME\" dctx use a; true";
    for (needs, argv, wanted) in [
        (&["bash"][..], &["bash", "-c", "dctx use a; true"][..], "export "),
        (&["bash"], &["bash", "-c", "x=$(dctx use a); echo \"$x\""], "export "),
        (&["bash"], &["bash", "-c", "x=`dctx use a`; echo \"$x\""], "export "),
        (&["bash"], &["bash", "-c", "cat <(dctx use a); true"], "export "),
        (&["bash"], &["bash", "-c", "env X=1 nice dctx use a; true"], "export "),
        (&["bash"], &["bash", "-c", "echo use a | xargs dctx; true"], "export "),
        (&["bash"], &["bash", "-c", "timeout 60 dctx use a; true"], "export "),
        (&["fish"], &["fish", "-c", "dctx use a | cat; true"], "set -"),
        (&["fish"], &["fish", "-c", "echo (dctx use a); true"], "set -"),
        (&["bash", "fish"], &["bash", "-c", "fish -c 'dctx use a; true'; true"], "set -"),
        (&["bash", "fish"], &["fish", "-c", "bash -c 'dctx use a; true'; true"], "export "),
        (
            &["bash", "fish"],
            &["fish", "-c", "sh -c 'bash -c \"timeout 60 dctx use a; true\"; true'; true"],
            "export ",
        ),
        (&["bash", "sudo"], &["bash", "-c", sudo], "export "),
        (&["fish", "sudo"], &["fish", "-c", sudo], "set -"),
        (&["bash", "fish"], &["fish", "-c", fish.to_str().unwrap()], "export "),
        (&["bash", "zsh"], &["bash", "-c", inner.to_str().unwrap()], "export "),
        (&["elvish"], &["elvish", "-norc", "-c", "dctx use a"], "set-env "),
        (&["nu"], &["nu", "-n", "-c", "^dctx use a"], "{\""),
        (&["xonsh"], &["xonsh", "--no-rc", "-c", "dctx use a"], "$DOCKER"),
        (&["tcsh"], &["tcsh", "-f", "-c", "dctx use a; true"], "setenv "),
    ] {
        if !needs.iter().all(|program| require(program).is_some()) {
            continue;
        }
        // a person may have no right to it without a password
        if needs.contains(&"sudo") && sb.sh("sudo", ["-n", "true"]).run().code() != 0 {
            crate::support::require::skip("sudo asks for a password");
            continue;
        }
        // the login shell is another one each time
        for login in ["/usr/bin/fish", "/bin/bash", "/usr/bin/nu", ""] {
            let out = sb.sh(argv[0], &argv[1..]).env("SHELL", login).run();
            let text = out.out();
            assert!(text.starts_with(wanted), "{argv:?}, SHELL={login}: {text}{}", out.err());
            assert!(!out.err().contains("guess"), "{argv:?}: {}", out.err());
        }
    }
}
