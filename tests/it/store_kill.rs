//! A writer that is killed, or that the system fails, at any point leaves the old file or the new one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use dctx::store::history;
use dctx::store::write::Target;

use crate::store_write::{add, listing, loads, names, target};
use crate::support::require::{require, skip};
use crate::support::{Output, Sandbox};

/// 200 profiles as people write them, with comments everywhere.
pub(crate) fn commented(profiles: usize) -> String {
    let mut text = String::from("# Docker hosts of the lab 实验室\nschema = 1\n");
    for i in 0..profiles {
        text += &format!(
            "\n# host {i}\n[profiles.host-{i}]\nhost = \"tcp://192.0.2.{}:2375\" # rack {}\ndescription = \"机器 {i}\"\n# tags = [\"old\"]\n",
            i % 250,
            i / 8
        );
    }
    text
}

fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|l| l.find('#').map(|at| &l[at..])).collect()
}

/// Numbers that look random and are the same in every run (xorshift).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

fn command(sb: &Sandbox, name: &str) -> Command {
    let mut command = sb.dctx(["add", name, "tcp://192.0.2.1:2375"]).into_command();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[test]
fn a_thousand_kills_lose_nothing() {
    let sb = Sandbox::in_memory();
    let t = target(&sb);
    let start = commented(200);
    sb.write("home/.config/dctx/config.toml", &start);
    let dir = t.config.parent().unwrap();
    // How long one takes here and now.
    let begin = Instant::now();
    for i in 0..10 {
        assert!(command(&sb, &format!("warm-{i}")).status().unwrap().success());
    }
    let usual = begin.elapsed() / 10;
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    // Kills come around the moment of the change: later after one that came before it, else earlier.
    let mut aim = usual;
    let (mut finished, mut applied, mut leftovers) = (Vec::new(), 0, 0);
    for i in 0..1000 {
        let name = format!("new-{i}");
        let mut child = command(&sb, &name).spawn().unwrap();
        thread::sleep(aim * u32::try_from(700 + random.below(600)).unwrap() / 1000);
        let _ = child.kill();
        let done = child.wait().unwrap().success();
        let text = fs::read_to_string(&t.config).unwrap();
        assert!(text.starts_with(&start), "after kill {i}:\n{text}");
        let now = names(&text);
        if done {
            finished.push(name);
        } else if now.contains(&name) {
            applied += 1;
        }
        aim = if now.contains(&format!("new-{i}")) { aim * 95 / 100 } else { aim * 105 / 100 };
        assert!(finished.iter().all(|n| now.contains(n)), "kill {i} lost one of {finished:?}");
        assert_eq!(now.len(), 210 + finished.len() + applied);
        let beside = listing(dir);
        leftovers += beside.len() - 1;
        assert!(beside.len() <= 2, "{beside:?}");
    }
    let text = fs::read_to_string(&t.config).unwrap();
    assert_eq!(comments(&text), comments(&start));
    // The next one clears up, and what was changed last can be taken back.
    add(&t, "last").unwrap();
    assert_eq!(listing(dir), ["config.toml"]);
    history::undo(&t, &mut || ()).unwrap();
    assert_eq!(fs::read_to_string(&t.config).unwrap(), text);
    println!(
        "1000 kills within {usual:?}: {} finished, {applied} killed after the change, {} before; a temporary file was left {leftovers} times",
        finished.len(),
        1000 - finished.len() - applied
    );
    assert!(finished.len() + applied < 1000, "none was killed before its change");
}

/// Whether strace is there and may trace: some containers forbid it.
pub(crate) fn strace_works() -> bool {
    let Some(strace) = require("strace") else { return false };
    let out = Command::new(strace).args(["-o", "/dev/null", "true"]).output().unwrap();
    if !out.status.success() {
        skip(&format!("strace: {}", String::from_utf8_lossy(&out.stderr)));
    }
    out.status.success()
}

/// A sandbox that can be put back to where it was.
struct Scene {
    sb: Sandbox,
    t: Target,
    /// Path and bytes of every file of dctx's directories.
    files: BTreeMap<PathBuf, Vec<u8>>,
    trace: PathBuf,
}

fn files(dir: &Path, out: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
}

impl Scene {
    /// A file with a full history, so that all is done that a write can have to do.
    fn new() -> Self {
        let sb = Sandbox::in_memory();
        let t = target(&sb);
        sb.write("home/.config/dctx/config.toml", commented(3));
        for i in 0..history::KEPT {
            add(&t, &format!("past-{i}")).unwrap();
        }
        let mut all = BTreeMap::new();
        files(&sb.home(), &mut all);
        let trace = sb.path("trace");
        Self { sb, t, files: all, trace }
    }

    fn reset(&self) {
        let mut now = BTreeMap::new();
        files(&self.sb.home(), &mut now);
        for (path, _) in now.iter().filter(|(path, _)| !self.files.contains_key(*path)) {
            fs::remove_file(path).unwrap();
        }
        for (path, bytes) in self.files.iter().filter(|(path, bytes)| now.get(*path) != Some(bytes))
        {
            fs::write(path, bytes).unwrap();
        }
    }

    /// Runs `dctx` under strace with these options more.
    fn traced(&self, args: &[&str], more: &[&str]) -> Output {
        let mut all = vec!["-f", "-o", self.trace.to_str().unwrap()];
        all.extend(more);
        all.push(env!("CARGO_BIN_EXE_dctx"));
        all.extend(args);
        self.sb.sh("strace", all).run()
    }

    fn config(&self) -> Vec<u8> {
        fs::read(&self.t.config).unwrap()
    }

    /// The system calls of one undisturbed run from the lock on: name, and how many of that name there were
    /// before and including it. And what the file is afterwards.
    fn calls(&self, args: &[&str]) -> (Vec<(String, usize)>, Vec<u8>) {
        self.traced(args, &[]).done();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut calls = Vec::new();
        let mut locked = false;
        for line in fs::read_to_string(&self.trace).unwrap().lines() {
            let Some((call, _)) =
                line.split_once(' ').and_then(|(_, rest)| rest.trim().split_once('('))
            else {
                continue;
            };
            let count = seen.entry(call.to_owned()).or_default();
            *count += 1;
            locked |= line.contains("/lock-");
            if locked {
                calls.push((call.to_owned(), *count));
            }
        }
        assert!(calls.len() > 30, "{calls:?}");
        let new = self.config();
        self.reset();
        (calls, new)
    }

    /// Every file that dctx keeps beside the profile file is whole, and the next writer has free way.
    fn is_sound(&self, what: &str) {
        let mut now = BTreeMap::new();
        files(&self.t.state.join("history"), &mut now);
        let versions = now.iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "toml"));
        for (path, bytes) in versions {
            assert!(loads(std::str::from_utf8(bytes).unwrap()).is_ok(), "{what}: {path:?}");
            assert!(!bytes.is_empty(), "{what}: {path:?}");
        }
        let before = self.config();
        add(&self.t, "afterwards").unwrap_or_else(|e| panic!("{what}: {e:?}"));
        assert_eq!(listing(self.t.config.parent().unwrap()), ["config.toml"], "{what}");
        history::undo(&self.t, &mut || ()).unwrap_or_else(|e| panic!("{what}: {e:?}"));
        assert_eq!(self.config(), before, "{what}");
    }
}

const COMMANDS: [&[&str]; 3] =
    [&["add", "new", "tcp://192.0.2.1:2375"], &["rm", "host-1", "past-3"], &["undo"]];

#[test]
fn a_kill_at_every_system_call_leaves_old_or_new() {
    if !strace_works() {
        return;
    }
    let scene = Scene::new();
    let old = scene.config();
    for args in COMMANDS {
        let (calls, new) = scene.calls(args);
        assert_ne!(old, new);
        let (mut olds, mut news) = (0, 0);
        for (call, n) in &calls {
            let inject = format!("inject={call}:signal=KILL:when={n}");
            let what = format!("{args:?} {inject}");
            let out = scene.traced(args, &["-e", &inject]);
            let now = scene.config();
            // The signal is sent as the call returns, so `exit_group` is the one that is never reached.
            assert!(out.code() == 137 || call == "exit_group", "{what}: {out:?}");
            assert!(now == old || now == new, "{what}: {}", String::from_utf8_lossy(&now));
            if now == old {
                olds += 1
            } else {
                news += 1
            }
            assert!(listing(scene.t.config.parent().unwrap()).len() <= 2, "{what}");
            scene.is_sound(&what);
            scene.reset();
        }
        println!("{}: killed at {} system calls: {olds} old, {news} new", args[0], calls.len());
        assert!(olds > 0 && news > 0);
    }
}

/// The calls by which a write can go wrong. Memory and signals are not among them.
const FALLIBLE: [&str; 20] = [
    "openat",
    "read",
    "write",
    "lseek",
    "fsync",
    "fchmod",
    "fchown",
    "ftruncate",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "mkdir",
    "flock",
    "statx",
    "newfstatat",
    "readlink",
    "getdents64",
    "utimensat",
    "fcntl",
];

fn every_error(errors: &[&str]) {
    if !strace_works() {
        return;
    }
    let scene = Scene::new();
    let old = scene.config();
    for args in COMMANDS {
        let (calls, new) = scene.calls(args);
        let calls: Vec<_> = calls.iter().filter(|(c, _)| FALLIBLE.contains(&c.as_str())).collect();
        let (mut refused, mut done) = (0, 0);
        for (call, n) in &calls {
            for error in errors {
                let inject = format!("inject={call}:error={error}:when={n}");
                let what = format!("{args:?} {inject}");
                let out = scene.traced(args, &["-e", &inject]);
                let now = scene.config();
                match out.code() {
                    0 => assert!(
                        now == new,
                        "{what}: status 0, but\n{}",
                        String::from_utf8_lossy(&now)
                    ),
                    1..=7 => assert!(now == old, "{what}: failed, but changed; {}", out.err()),
                    _ => panic!("{what}: {out:?}"),
                }
                if now == old {
                    refused += 1
                } else {
                    done += 1
                }
                // An error while clearing up may leave the one temporary file.
                assert!(listing(scene.t.config.parent().unwrap()).len() <= 2, "{what}");
                scene.is_sound(&what);
                scene.reset();
            }
        }
        println!(
            "{}: {} errors at {} system calls: {refused} refused and unchanged, {done} done all the same",
            args[0],
            errors.len(),
            calls.len()
        );
        assert!(refused > 0 && done > 0);
    }
}

#[test]
fn an_io_error_at_every_system_call_is_told_truly() {
    every_error(&["EIO", "EINTR"]);
}

#[test]
fn a_full_disk_at_every_system_call_is_told_truly() {
    every_error(&["ENOSPC", "EDQUOT"]);
}

#[test]
fn a_refusal_at_every_system_call_is_told_truly() {
    every_error(&["EACCES", "EROFS"]);
}

/// Not one call but all of its kind from some point on, as when a disk is gone.
#[test]
fn errors_from_some_point_on_are_told_truly() {
    if !strace_works() {
        return;
    }
    let scene = Scene::new();
    let old = scene.config();
    for args in COMMANDS {
        let (calls, new) = scene.calls(args);
        let (mut refused, mut done) = (0, 0);
        for call in ["fsync", "write", "unlink", "rename", "renameat2", "openat", "statx", "read"] {
            for (_, n) in calls.iter().filter(|(c, _)| c == call) {
                let inject = format!("inject={call}:error=EIO:when={n}+");
                let out = scene.traced(args, &["-e", &inject]);
                let now = scene.config();
                match out.code() {
                    0 => assert!(now == new, "{args:?} {inject}"),
                    1..=7 => assert!(now == old, "{args:?} {inject}: {}", out.err()),
                    _ => panic!("{args:?} {inject}: {out:?}"),
                }
                if now == old {
                    refused += 1
                } else {
                    done += 1
                }
                scene.is_sound(&format!("{args:?} {inject}"));
                scene.reset();
            }
        }
        println!(
            "{}: from some call on EIO: {refused} refused and unchanged, {done} done all the same",
            args[0]
        );
    }
}
