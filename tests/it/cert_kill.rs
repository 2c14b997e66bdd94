//! A `cert …` that is killed at whatever moment leaves a whole set or none, and the next run clears up after it, or ends
//! what it had begun.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cert_make::{cert, certs};
use crate::store_kill::strace_works;
use crate::support::{Output, Sandbox};
use dctx::cert::make::set;

/// The calls by which files and directories come and go.
const CALLS: [&str; 11] = [
    "mkdir",
    "openat",
    "write",
    "fchmod",
    "fsync",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
];

/// A sandbox that can be put back to where it was.
struct Scene {
    sb: Sandbox,
    kept: PathBuf,
    trace: PathBuf,
}

impl Scene {
    /// As it is after these `cert …`, with these files in the working directory.
    fn after(lines: &[&str], files: &[(&str, Vec<u8>)]) -> Self {
        let sb = Sandbox::in_memory();
        for (name, bytes) in files {
            sb.write(Path::new("work").join(name), bytes);
        }
        for line in lines {
            cert(&sb, line).run().done();
        }
        let (kept, trace) = (sb.path("kept"), sb.path("trace"));
        fs::create_dir(&kept).unwrap();
        let scene = Self { sb, kept, trace };
        scene.sh("cp -a home work \"$KEPT\"");
        scene
    }

    fn sh(&self, script: &str) {
        let cd = format!("cd '{}' && {script}", self.sb.dir().display());
        self.sb.sh("sh", ["-ec", &cd]).env("KEPT", &self.kept).run().done();
    }

    fn reset(&self) {
        self.sh("rm -rf home work && cp -a \"$KEPT\"/. .");
    }

    fn traced(&self, line: &str, more: &[&str]) -> Output {
        let calls = format!("trace={}", CALLS.join(","));
        let mut all = vec!["-f", "-qq", "-o", self.trace.to_str().unwrap(), "-e", &calls];
        all.extend(more);
        all.extend([env!("CARGO_BIN_EXE_dctx"), "cert"]);
        all.extend(line.split(' '));
        self.sb.sh("strace", all).run()
    }

    /// The calls of one undisturbed run from its lock on: each name, and how many of that name there were until then.
    fn calls(&self, line: &str) -> Vec<(String, usize)> {
        self.traced(line, &[]).done();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let (mut calls, mut locked) = (Vec::new(), false);
        for traced in fs::read_to_string(&self.trace).unwrap().lines() {
            let Some((call, _)) =
                traced.split_once(' ').and_then(|(_, rest)| rest.trim().split_once('('))
            else {
                continue;
            };
            let count = seen.entry(call.to_owned()).or_default();
            *count += 1;
            locked |= traced.contains("/.lock");
            // reading what is there already changes nothing
            let changes = call != "openat" || traced.contains("O_CREAT");
            if locked && changes {
                calls.push((call.to_owned(), *count));
            }
        }
        assert!(calls.len() > 20, "{calls:?}");
        self.reset();
        calls
    }
}

/// Everything below the directory of sets that is no set, by its path in it.
fn left_over(dir: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with('.') && name != ".lock" {
            all.push(name.clone());
        }
        if entry.path().join(".unfinished").exists() {
            all.push(format!("{name}/.unfinished"));
        }
    }
    all
}

/// That certificate, key and CA of a client, and of the host if it has them here, belong together.
#[track_caller]
fn whole(dir: &Path, what: &str) {
    for (ca, cert, key) in [
        ("ca.pem", "cert.pem", "key.pem"),
        ("server/ca.pem", "server/server-cert.pem", "server/server-key.pem"),
    ] {
        if dir.join(cert).exists() || dir.join(key).exists() {
            set::pair(&dir.join(cert), &dir.join(key)).unwrap_or_else(|e| panic!("{what}: {e:?}"));
            set::certificates(&dir.join(ca)).unwrap_or_else(|e| panic!("{what}: {e:?}"));
        }
    }
}

/// Kills `line` at every call that changes something. After each: no half set; and after the same once more, all that it
/// is for, and nothing left over. `told` is how the second run says that the first one had done it.
fn killed_everywhere(scene: &Scene, line: &str, name: &str, told: &str) {
    let set = certs(&scene.sb, name);
    let parent = set.parent().unwrap().to_owned();
    let calls = scene.calls(line);
    let (mut leftovers, mut in_place) = (0, 0);
    for (call, n) in &calls {
        let inject = format!("inject={call}:signal=KILL:when={n}");
        let what = format!("{line}: {inject}");
        let out = scene.traced(line, &["-e", &inject]);
        assert_eq!(out.code(), 137, "{what}: {out:?}");
        leftovers += left_over(&parent).len();
        in_place += usize::from(set.exists());
        if set.exists() {
            whole(&set, &what);
        }
        whole(&set.join("previous"), &what);
        let _ = fs::remove_file(scene.sb.work().join("out.toml"));
        // killed at its very end, it has been done
        let done = scene.sb.dctx(["use", name, "--shell", "json"]).run().code() == 0;
        let again = cert(&scene.sb, line).run();
        let told = again.err().contains(told);
        assert!(again.code() == 0 || done && told, "{what}, and again: {}", again.err());
        assert_eq!(left_over(&parent), [] as [String; 0], "{what}");
        whole(&set, &what);
        let shown = scene.sb.dctx(["use", name, "--shell", "json"]).run();
        assert_eq!(shown.code(), 0, "{what}: {}", shown.err());
        scene.reset();
    }
    println!(
        "{line}: killed at {} calls: something was left over {leftovers} times, the set was in place {in_place} times",
        calls.len()
    );
    assert!(leftovers > 0 && in_place > 0);
}

const NEW: &str = "new lab --host tcp://127.0.0.1:2376 --no-passphrase";

#[test]
fn new_is_begun_anew() {
    if strace_works() {
        killed_everywhere(&Scene::after(&[], &[]), NEW, "lab", "already");
    }
}

#[test]
fn renew_is_done_or_not() {
    if strace_works() {
        let scene = Scene::after(&[NEW, "renew lab"], &[]);
        killed_everywhere(&scene, "renew lab --rekey", "lab", "already");
    }
}

/// Each step of a rotation is done or not, by the files and by what the next run says of them.
#[test]
fn a_step_of_a_rotation_is_done_or_not() {
    if !strace_works() {
        return;
    }
    let steps: Vec<String> =
        (1..=4).map(|n| format!("rotate-ca lab --phase {n} --no-passphrase")).collect();
    for n in 0..4 {
        let before: Vec<&str> =
            std::iter::once(NEW).chain(steps[..n].iter().map(String::as_str)).collect();
        let scene = Scene::after(&before, &[]);
        let next = if n == 3 { 1 } else { n + 2 };
        killed_everywhere(&scene, &steps[n], "lab", &format!("that is {next}"));
        // after an undisturbed one, too, the step after it is the next
        cert(&scene.sb, &steps[n]).run().done();
        let again = cert(&scene.sb, &steps[n]).run();
        if n < 3 {
            assert!(again.code() == 2 && again.err().contains(&format!("that is {next}")));
        }
        let set = certs(&scene.sb, "lab");
        let cas = set::certificates(&set.join("ca.pem")).unwrap().len();
        assert_eq!((cas, set.join("ca-next").exists()), (if n < 3 { 2 } else { 1 }, n < 3));
    }
}

/// What is taken in is there whole or not at all, be it the first certificate or one that replaces another; and so is a CA
/// that is handed on alone.
#[test]
fn an_import_is_done_or_not() {
    if !strace_works() {
        return;
    }
    let owner = Sandbox::new();
    cert(&owner, NEW).run().done();
    for name in ["ana", "again"] {
        cert(&owner, &format!("client lab --for ana --out {name}.toml")).run().done();
    }
    cert(&owner, "rotate-ca lab --no-passphrase").run().done();
    let read = |path: PathBuf| fs::read(path).unwrap();
    let files = [
        ("ana.toml", read(owner.work().join("ana.toml"))),
        ("again.toml", read(owner.work().join("again.toml"))),
        ("ca.pem", read(certs(&owner, "lab").join("ca.pem"))),
    ];
    killed_everywhere(&Scene::after(&[], &files), "import ana.toml", "lab", "already");
    let scene = Scene::after(&["import ana.toml"], &files);
    killed_everywhere(&scene, "import again.toml", "lab", "already");
    killed_everywhere(&scene, "import ca.pem --as lab", "lab", "already");
}

/// Another set may be made as if nothing had been, while one that is at work is left alone.
#[test]
fn what_others_left_is_cleared_and_who_is_at_work_is_not_disturbed() {
    let sb = Sandbox::new();
    cert(&sb, NEW).run().done();
    let parent = certs(&sb, "lab").parent().unwrap().to_owned();
    let draft = parent.join(".lab.0123456789ab");
    let unfinished = parent.join("other");
    for dir in [&draft, &unfinished] {
        fs::create_dir(dir).unwrap();
        fs::copy(certs(&sb, "lab").join("key.pem"), dir.join("key.pem")).unwrap();
    }
    fs::write(unfinished.join(".unfinished"), "").unwrap();
    // not one of ours
    fs::create_dir(parent.join(".git.d")).unwrap();
    let lock = fs::OpenOptions::new().write(true).open(parent.join(".lock")).unwrap();
    lock.lock().unwrap();
    cert(&sb, "show other").run();
    assert!(draft.exists() && unfinished.exists(), "somebody is at work");
    lock.unlock().unwrap();
    drop(lock);
    cert(&sb, "new other --host tcp://127.0.0.1:2377 --no-passphrase").run().done();
    assert!(!draft.exists() && parent.join(".git.d").exists());
    assert_ne!(
        fs::read(unfinished.join("key.pem")).unwrap(),
        fs::read(certs(&sb, "lab").join("key.pem")).unwrap()
    );
    // one that was caught between two renames is put back
    fs::rename(certs(&sb, "lab"), parent.join(".lab.old")).unwrap();
    cert(&sb, "renew lab").run().done();
    assert!(certs(&sb, "lab").join("previous").exists() && !parent.join(".lab.old").exists());
}
