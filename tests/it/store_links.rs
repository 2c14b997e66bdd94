//! Links are followed to the real file, and stay what they are.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use dctx::error::Error;
use dctx::store::history;
use dctx::store::write::Target;

use crate::store_write::{add, at, listing, names, target};
use crate::support::Sandbox;
use crate::support::require::skip;

/// One configured path that leads to `real` in some way, and stays what it is.
fn leads_to(t: &Target, real: &Path) {
    let links = |path: &Path| fs::read_link(path).ok();
    let before = links(&t.config);
    let old = fs::read_to_string(real).unwrap_or_default();
    let written = add(t, "a").unwrap();
    assert_eq!(written.path, fs::canonicalize(real).unwrap());
    assert_eq!(links(&t.config), before, "the link was replaced");
    let new = fs::read_to_string(real).unwrap();
    assert!(new.starts_with(&old) && names(&new) == ["a"], "{new}");
    assert!(listing(real.parent().unwrap()).iter().all(|n| !n.ends_with('~')));
    assert!(fs::symlink_metadata(real).unwrap().is_file());
    // And back again.
    history::undo(t, &mut || ()).unwrap();
    assert_eq!(links(&t.config), before);
    assert_eq!(fs::read_to_string(real).unwrap(), old);
}

#[test]
fn links_are_followed_and_kept() {
    let sb = Sandbox::new();
    let dir = sb.config().join("dctx");
    fs::create_dir(&dir).unwrap();
    let dots = sb.path("dots");
    fs::create_dir(&dots).unwrap();
    let real = dots.join("hosts.toml");
    let link = |n: u32, to: &Path| {
        let path = dir.join(format!("{n}.toml"));
        symlink(to, &path).unwrap();
        at(&sb, path)
    };
    fs::write(&real, "schema = 1\n").unwrap();
    leads_to(&link(1, &real), &real);
    // Relative to where the link is, whatever the working directory.
    leads_to(&link(2, Path::new("../../../dots/hosts.toml")), &real);
    // A chain of three, each relative to another directory.
    symlink("hosts.toml", dots.join("one")).unwrap();
    symlink("../dots/one", sb.work().join("two")).unwrap();
    leads_to(&link(3, &sb.work().join("two")), &real);
    // Nothing there yet.
    fs::remove_file(&real).unwrap();
    leads_to(&link(4, &dots.join("one")), &real);
    fs::remove_file(&real).unwrap();
    // A directory that is a link.
    let by_dir = sb.path("linked");
    symlink(&dots, &by_dir).unwrap();
    leads_to(&at(&sb, by_dir.join("hosts.toml")), &real);
    // Another file system.
    match Path::new("/dev/shm") {
        shm if fs::metadata(shm).is_ok_and(|m| m.dev() != fs::metadata(&dots).unwrap().dev()) => {
            let far = shm.join(format!("dctx-{}", std::process::id()));
            fs::create_dir(&far).unwrap();
            leads_to(&link(5, &far.join("x.toml")), &far.join("x.toml"));
            fs::remove_dir_all(&far).unwrap();
        }
        _ => skip("/dev/shm is not another file system"),
    }
    // Where the directory behind a link is missing, nothing is made: it may not be mounted.
    let t = link(6, &sb.path("gone/x.toml"));
    assert!(
        matches!(add(&t, "a").unwrap_err(), Error::Write { path, .. } if path == sb.path("gone/x.toml"))
    );
    assert!(!sb.path("gone").exists());
    // Round and round, and longer than the kernel goes.
    symlink("b", dir.join("a")).unwrap();
    symlink("a", dir.join("b")).unwrap();
    assert!(matches!(add(&at(&sb, dir.join("a")), "a").unwrap_err(), Error::LinkLoop(_)));
    for i in 0..50 {
        symlink(format!("l{}", i + 1), dir.join(format!("l{i}"))).unwrap();
    }
    assert!(matches!(add(&at(&sb, dir.join("l0")), "a").unwrap_err(), Error::LinkLoop(_)));
    leads_to(&at(&sb, dir.join("l12")), &dir.join("l50"));
}

#[test]
fn two_ways_to_one_file_share_lock_and_history() {
    let sb = Sandbox::new();
    let t = target(&sb);
    add(&t, "a").unwrap();
    let other = at(&sb, sb.path("link.toml"));
    symlink(&t.config, &other.config).unwrap();
    add(&other, "b").unwrap();
    history::undo(&t, &mut || ()).unwrap();
    assert_eq!(names(&fs::read_to_string(&t.config).unwrap()), ["a"]);
    assert_eq!(listing(&t.state).len(), 3);
    // And two files do not.
    let apart = at(&sb, sb.path("apart.toml"));
    assert!(matches!(history::undo(&apart, &mut || ()), Err(Error::NothingToUndo)));
    add(&apart, "c").unwrap();
    assert_eq!(listing(&t.state).len(), 4);
}

#[test]
fn what_is_not_a_file_is_left_alone() {
    let sb = Sandbox::new();
    fs::create_dir(sb.path("dir.toml")).unwrap();
    let pipe = sb.path("pipe.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [PathBuf::from("/dev/null"), sb.path("dir.toml"), pipe] {
        let link = sb.path("link.toml");
        symlink(&path, &link).unwrap();
        let kind = fs::metadata(&path).unwrap().file_type();
        assert!(matches!(add(&at(&sb, &link), "a").unwrap_err(), Error::Read { .. }));
        assert_eq!(fs::metadata(&path).unwrap().file_type(), kind);
        fs::remove_file(&link).unwrap();
    }
}
