//! Full, read-only and busy disks: what was there stays, and the error says which file and why.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dctx::error::Error;
use dctx::store::history;
use dctx::store::write::Warning;

use crate::store_write::{add, listing, names, target};
use crate::support::Sandbox;
use crate::support::require::{require, skip};

/// A mount that goes with the test.
struct Mount(PathBuf);

impl Mount {
    fn new(args: &[&str], on: &Path) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            skip("only root can mount");
            return None;
        }
        let out = Command::new(require("mount")?).args(args).arg(on).output().unwrap();
        if !out.status.success() {
            skip(&format!("cannot mount: {}", String::from_utf8_lossy(&out.stderr)));
            return None;
        }
        Some(Self(on.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_keeps_what_was_there() {
    let sb = Sandbox::new();
    let t = target(&sb);
    let dir = t.config.parent().unwrap().to_owned();
    fs::create_dir(&dir).unwrap();
    let Some(_mount) = Mount::new(&["-t", "tmpfs", "-o", "size=16k", "tmpfs"], &dir) else {
        return;
    };
    let mut added = Vec::new();
    let error = loop {
        let name = format!("p{}", added.len());
        let before = fs::read(&t.config).unwrap_or_default();
        match add(&t, &name) {
            Ok(_) => added.push(name),
            Err(error) => {
                assert_eq!(fs::read(&t.config).unwrap(), before);
                break error;
            }
        }
        assert!(added.len() < 5000);
    };
    let Error::Write { path, source } = error else { panic!("{error:?}") };
    assert_eq!(path, t.config);
    assert_eq!(source.kind(), std::io::ErrorKind::StorageFull);
    assert_eq!(names(&fs::read_to_string(&t.config).unwrap()), added);
    assert_eq!(listing(&dir), ["config.toml"]);
    println!("full after {} profiles, all kept", added.len());
}

#[test]
fn a_disk_too_full_for_the_old_version_refuses_the_change() {
    let sb = Sandbox::new();
    let t = target(&sb);
    fs::create_dir(&t.state).unwrap();
    let Some(_mount) = Mount::new(&["-t", "tmpfs", "-o", "size=16k", "tmpfs"], &t.state) else {
        return;
    };
    add(&t, "a").unwrap();
    fs::write(t.state.join("fill"), vec![b'#'; 12288]).unwrap();
    let before = format!("schema = 1\n# {}\n", "x".repeat(5000));
    fs::write(&t.config, &before).unwrap();
    let error = add(&t, "b").unwrap_err();
    let Error::Write { path, source } = error else { panic!("{error:?}") };
    assert!(path.starts_with(&t.state), "{path:?}");
    assert_eq!(source.kind(), std::io::ErrorKind::StorageFull);
    assert_eq!(fs::read_to_string(&t.config).unwrap(), before);
    assert_eq!(listing(t.config.parent().unwrap()), ["config.toml"]);
}

#[test]
fn what_cannot_be_replaced_is_never_overwritten() {
    let sb = Sandbox::new();
    let t = target(&sb);
    let dir = t.config.parent().unwrap().to_owned();
    let text = "schema = 1\n# the one\n";
    let refused = |kind| {
        let error = add(&t, "a").unwrap_err();
        assert_eq!(error.code(), 4);
        let Error::Write { path, source } = error else { panic!("{error:?}") };
        assert_eq!(path, t.config);
        assert_eq!(source.kind(), kind);
        assert_eq!(fs::read_to_string(&t.config).unwrap(), text);
        assert_eq!(listing(&dir), ["config.toml"]);
        assert_eq!(history::newest(&t), None, "a version without a change");
    };
    fs::create_dir(&dir).unwrap();
    {
        let Some(_mount) = Mount::new(&["-t", "tmpfs", "tmpfs"], &dir) else { return };
        fs::write(&t.config, text).unwrap();
        let remount = Command::new("mount").args(["-o", "remount,ro"]).arg(&dir).status().unwrap();
        assert!(remount.success());
        refused(std::io::ErrorKind::ReadOnlyFilesystem);
    }
    {
        fs::write(&t.config, "").unwrap();
        let other = sb.write("other.toml", text);
        let Some(_mount) = Mount::new(&["--bind", other.to_str().unwrap()], &t.config) else {
            return;
        };
        refused(std::io::ErrorKind::ResourceBusy);
    }
}

#[test]
fn a_read_only_state_directory_is_told_and_gone_without() {
    let sb = Sandbox::new();
    let t = target(&sb);
    fs::create_dir(&t.state).unwrap();
    let Some(_mount) = Mount::new(&["-t", "tmpfs", "-o", "ro", "tmpfs"], &t.state) else { return };
    let written = add(&t, "a").unwrap();
    assert!(matches!(written.warnings[..], [Warning::State { .. }]), "{written:?}");
    assert_eq!(names(&fs::read_to_string(&t.config).unwrap()), ["a"]);
    assert_eq!(listing(t.config.parent().unwrap()), ["config.toml"]);
    assert!(matches!(history::undo(&t, &mut || ()), Err(Error::NothingToUndo)));
}
