//! The writer replaces the right file, keeps what should be kept of it, and touches nothing when it cannot.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dctx::error::{Error, Result};
use dctx::store::write::{self, Target, Warning, Written};
use dctx::store::{document, history, parse};

use crate::support::Sandbox;
use crate::support::require::{require, skip};

/// What every change must pass: it loads as any command would load it.
pub(crate) fn loads(text: &str) -> Result<()> {
    parse::parse(Path::new("config.toml"), text, false).map(drop)
}

pub(crate) fn target(sb: &Sandbox) -> Target {
    at(sb, sb.config().join("dctx/config.toml"))
}

pub(crate) fn at(sb: &Sandbox, config: impl Into<PathBuf>) -> Target {
    Target { config: config.into(), state: sb.state().join("dctx") }
}

/// Adds a profile, and fails if it has to wait.
pub(crate) fn add(target: &Target, name: &str) -> Result<Written> {
    let mut edit =
        |doc: &mut document::Document| document::insert(doc, name, &[("host", "tcp://h:1".into())]);
    // Other tests of this process start programs: between fork and exec the child has a copy of the
    // lock's descriptor, so a lock that was just given back may still be held for a moment.
    let mut wait = || ();
    write::update(target, &loads, &mut edit, &mut wait).map(|(_, written)| written)
}

pub(crate) fn names(text: &str) -> Vec<String> {
    let parsed = parse::parse(Path::new("config.toml"), text, false).unwrap();
    parsed.entries.into_iter().map(|e| e.name).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

/// All files below a directory but those of the state, to see that nothing is left over.
pub(crate) fn listing(dir: &Path) -> Vec<String> {
    let mut out: Vec<String> =
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    out.sort();
    out
}

#[test]
fn the_first_profile_makes_a_private_file() {
    let sb = Sandbox::new();
    let t = target(&sb);
    let written = add(&t, "a").unwrap();
    assert!(written.changed && written.warnings.is_empty(), "{written:?}");
    assert_eq!(written.path, fs::canonicalize(&t.config).unwrap());
    assert_eq!(
        fs::read_to_string(&t.config).unwrap(),
        "schema = 1\n\n[profiles.a]\nhost = \"tcp://h:1\"\n"
    );
    assert_eq!(mode(&t.config), 0o600);
    assert_eq!(mode(t.config.parent().unwrap()), 0o700);
    assert_eq!(mode(&t.state), 0o700);
    assert_eq!(listing(t.config.parent().unwrap()), ["config.toml"]);
    // Everything in the state directory is as private.
    let locks: Vec<_> = listing(&t.state);
    assert_eq!(locks.len(), 3, "{locks:?}");
    let lock = locks.iter().find(|n| n.starts_with("lock-")).unwrap();
    let key = lock.strip_prefix("lock-").unwrap();
    assert!(key.len() == 16 && key.bytes().all(|b| b.is_ascii_hexdigit()), "{key}");
    assert_eq!(mode(&t.state.join(lock)), 0o600);
    let versions = t.state.join("history").join(key);
    assert_eq!(mode(&versions), 0o700);
    assert_eq!(listing(&versions), ["000001.toml"]);
    assert_eq!(mode(&versions.join("000001.toml")), 0o600);
    let written = t.state.join("written");
    assert_eq!(mode(&written), 0o700);
    assert_eq!(listing(&written), [format!("{key}.toml")]);
    assert_eq!(mode(&written.join(format!("{key}.toml"))), 0o600);
}

#[test]
fn modes_are_kept() {
    for wanted in [0o600, 0o640, 0o644, 0o400, 0o660] {
        let sb = Sandbox::new();
        let t = target(&sb);
        sb.write("home/.config/dctx/config.toml", "schema = 1\n");
        fs::set_permissions(&t.config, fs::Permissions::from_mode(wanted)).unwrap();
        let before = fs::metadata(&t.config).unwrap().ino();
        assert!(add(&t, "a").unwrap().warnings.is_empty());
        assert_eq!(mode(&t.config), wanted);
        assert_ne!(fs::metadata(&t.config).unwrap().ino(), before, "written in place");
    }
}

#[test]
fn root_does_not_take_a_file_from_its_owner() {
    if !rustix::process::geteuid().is_root() {
        return skip("only root can give files away");
    }
    let sb = Sandbox::new();
    let t = target(&sb);
    sb.write("home/.config/dctx/config.toml", "schema = 1\n");
    std::os::unix::fs::chown(&t.config, Some(12345), Some(54321)).unwrap();
    assert!(add(&t, "a").unwrap().warnings.is_empty());
    let meta = fs::metadata(&t.config).unwrap();
    assert_eq!((meta.uid(), meta.gid()), (12345, 54321));
}

#[test]
fn a_second_hard_link_is_told() {
    let sb = Sandbox::new();
    let t = target(&sb);
    sb.write("home/.config/dctx/config.toml", "schema = 1\n");
    fs::hard_link(&t.config, sb.path("other.toml")).unwrap();
    let warnings = add(&t, "a").unwrap().warnings;
    assert!(matches!(warnings[..], [Warning::HardLink { .. }]), "{warnings:?}");
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let sb = Sandbox::new();
    let t = target(&sb);
    let nothing = |t: &Target| {
        let done = write::update(t, &loads, &mut |_| Ok(7), &mut || ()).unwrap();
        assert_eq!((done.0, done.1.changed), (7, false));
    };
    nothing(&t);
    assert!(!t.config.exists());
    add(&t, "a").unwrap();
    let before = fs::metadata(&t.config).unwrap();
    let versions = history::newest(&t);
    nothing(&t);
    let after = fs::metadata(&t.config).unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
    assert_eq!(history::newest(&t), versions);
}

#[test]
fn what_would_not_load_is_not_written() {
    let sb = Sandbox::new();
    let t = target(&sb);
    add(&t, "a").unwrap();
    let before = fs::read(&t.config).unwrap();
    let newest = history::newest(&t);
    let refuse = |_: &str| Err(Error::NoHome);
    let mut edit = |doc: &mut document::Document| document::remove(doc, "a");
    let error = write::update(&t, &refuse, &mut edit, &mut || ()).unwrap_err();
    assert!(matches!(error, Error::NoHome));
    for (new, line, column) in [("x = \n", 1, 5), ("\n[profiles]\n[profiles]\n", 3, 2)] {
        match write::replace(&t, &before, new, &loads, &mut || ()).unwrap_err() {
            Error::Syntax { place, .. } => {
                assert_eq!((place.line, place.column), (line, column));
                assert_eq!(place.path, fs::canonicalize(&t.config).unwrap());
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(fs::read(&t.config).unwrap(), before);
    assert_eq!(listing(t.config.parent().unwrap()), ["config.toml"]);
    assert_eq!(history::newest(&t), newest);
}

#[test]
fn a_broken_or_newer_file_is_not_edited() {
    let sb = Sandbox::new();
    let t = target(&sb);
    let write = |bytes: &[u8]| sb.write("home/.config/dctx/config.toml", bytes);
    let refused = |bytes: &[u8]| {
        write(bytes);
        let error = add(&t, "a").unwrap_err();
        assert_eq!(fs::read(&t.config).unwrap(), bytes);
        assert_eq!(listing(t.config.parent().unwrap()), ["config.toml"]);
        error
    };
    match refused("schema = 1\r\n\r\n描述 = 'x' y\r\n".as_bytes()) {
        Error::Syntax { place, .. } => {
            assert_eq!((place.line, place.column), (3, 1));
            assert_eq!(place.excerpt, "描述 = 'x' y");
        }
        other => panic!("{other:?}"),
    }
    let merge = "<<<<<<< ours\n[profiles.b]\n=======\n[profiles.c]\n>>>>>>> theirs\n";
    assert!(matches!(refused(merge.as_bytes()), Error::Syntax { .. }));
    assert!(matches!(refused(b"a = '\xff'\n"), Error::Encoding { offset: 5, .. }));
    assert!(matches!(refused(b"schema = 2\n[profiles.b]\n"), Error::NewerSchema { schema: 2, .. }));
    // An editor's text neither.
    let error = write::replace(&t, b"schema = 2\n[profiles.b]\n", "", &loads, &mut || ());
    assert!(matches!(error.unwrap_err(), Error::NewerSchema { schema: 2, .. }));
    // But it mends what is broken.
    write(merge.as_bytes());
    let written = write::replace(&t, merge.as_bytes(), "schema = 1\n", &loads, &mut || ()).unwrap();
    assert!(written.changed);
    assert_eq!(fs::read_to_string(&t.config).unwrap(), "schema = 1\n");
    // And only what it was shown.
    let error = write::replace(&t, merge.as_bytes(), "", &loads, &mut || ()).unwrap_err();
    assert!(matches!(error, Error::Contended(_)));
}

#[test]
fn line_ends_and_byte_order_marks_survive_the_writer() {
    for text in ["\u{feff}schema = 1\r\n# 机器\r\n", "schema = 1\r\n\r\n", "schema = 1"] {
        let sb = Sandbox::new();
        let t = target(&sb);
        sb.write("home/.config/dctx/config.toml", text);
        add(&t, "a").unwrap();
        let with = fs::read_to_string(&t.config).unwrap();
        assert!(with.starts_with(text));
        assert_eq!(with.contains("\r\n[profiles.a]\r\n"), text.contains('\r'), "{with:?}");
        let mut edit = |doc: &mut document::Document| document::remove(doc, "a");
        write::update(&t, &loads, &mut edit, &mut || ()).unwrap();
        assert_eq!(fs::read_to_string(&t.config).unwrap(), text);
    }
}

/// A process that holds the lock of the file, until it is killed.
fn holder(t: &Target) -> std::process::Child {
    let lock = listing(&t.state).into_iter().find(|n| n.starts_with("lock-")).unwrap();
    let mut flock = Command::new(require("flock").unwrap());
    // It becomes the program it runs, so that killing it ends the only holder.
    flock.arg("--no-fork").arg(t.state.join(lock)).args(["sh", "-c", "echo; exec sleep 1000"]);
    let mut child = flock.stdout(Stdio::piped()).spawn().unwrap();
    let mut byte = [0];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut byte).unwrap();
    child
}

#[test]
fn a_held_lock_is_waited_for_and_named() {
    if require("flock").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let t = target(&sb);
    add(&t, "a").unwrap();
    let mut holder = holder(&t);
    let mut waits = 0;
    let error = write::update(&t, &loads, &mut |_| Ok(()), &mut || waits += 1).unwrap_err();
    let Error::Locked { path } = error else { panic!("{error:?}") };
    assert!(path.exists() && path.starts_with(&t.state));
    assert_eq!(waits, 1);
    holder.kill().unwrap();
    holder.wait().unwrap();
}

#[test]
fn the_lock_of_a_killed_writer_is_free() {
    if require("flock").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let t = target(&sb);
    add(&t, "first").unwrap();
    for i in 0..100 {
        let mut holder = holder(&t);
        holder.kill().unwrap();
        holder.wait().unwrap();
        // `add` panics if it has to wait.
        add(&t, &format!("p{i}")).unwrap();
    }
    assert_eq!(names(&fs::read_to_string(&t.config).unwrap()).len(), 101);
}
