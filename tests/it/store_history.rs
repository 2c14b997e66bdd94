//! Every change can be taken back, once and exactly, and any sequence of changes does what it says.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use dctx::error::{Error, Result};
use dctx::store::history::{self, KEPT, Undone};
use dctx::store::write::Target;

use crate::store_write::{add, listing, loads, names, target};
use crate::support::Sandbox;

fn undo(t: &Target) -> Result<Undone> {
    history::undo(t, &loads, &mut || ())
}

fn text(t: &Target) -> String {
    fs::read_to_string(&t.config).unwrap()
}

/// Where the versions of the one file of this sandbox are.
fn versions(t: &Target) -> PathBuf {
    let dir = t.state.join("history");
    dir.join(&listing(&dir)[0])
}

#[test]
fn undo_of_undo_is_redo() {
    let sb = Sandbox::new();
    let t = target(&sb);
    assert!(matches!(undo(&t).unwrap_err(), Error::NothingToUndo));
    assert_eq!(history::newest(&t), None);
    let original = "# mine\nschema = 1\n";
    sb.write("home/.config/dctx/config.toml", original);
    assert!(matches!(undo(&t).unwrap_err(), Error::NothingToUndo));
    let time = |t: &Target| fs::metadata(&t.config).unwrap().modified().unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    fs::File::options().write(true).open(&t.config).unwrap().set_modified(long_ago).unwrap();

    add(&t, "a").unwrap();
    let (changed, at) = (text(&t), time(&t));
    assert_eq!(history::newest(&t), Some(long_ago));
    for _ in 0..3 {
        let undone = undo(&t).unwrap();
        assert_eq!(text(&t), original);
        assert!(undone.written.changed && undone.written.warnings.is_empty());
        assert!(undone.restored.is_some() && undone.replaced.is_some());
        undo(&t).unwrap();
        assert_eq!(text(&t), changed);
        assert_eq!(listing(&versions(&t)).len(), 1);
    }
    // Who asks is told which version it is: first by the time when it was the file.
    add(&t, "b").unwrap();
    let last = time(&t);
    let undone = undo(&t).unwrap();
    assert!(undone.restored > Some(at) && undone.replaced == Some(last));
    assert_eq!(listing(t.config.parent().unwrap()), ["config.toml"]);
}

#[test]
fn the_first_profile_can_be_taken_back() {
    let sb = Sandbox::new();
    let t = target(&sb);
    add(&t, "a").unwrap();
    let with = text(&t);
    assert!(history::newest(&t).is_some());
    let undone = undo(&t).unwrap();
    assert_eq!((text(&t).as_str(), undone.restored), ("", None));
    assert!(loads("").is_ok() && names("").is_empty());
    undo(&t).unwrap();
    assert_eq!(text(&t), with);
    undo(&t).unwrap();
    add(&t, "a").unwrap();
    assert_eq!(text(&t), with, "an empty file starts like a missing one");
}

#[test]
fn twenty_versions_are_kept() {
    let sb = Sandbox::in_memory();
    let t = target(&sb);
    let mut texts = Vec::new();
    for i in 0..27 {
        add(&t, &format!("p{i}")).unwrap();
        texts.push(text(&t));
    }
    let kept = listing(&versions(&t));
    assert_eq!(kept.len(), KEPT);
    for (name, wanted) in kept.iter().zip(&texts[26 - KEPT..]) {
        assert_eq!(&fs::read_to_string(versions(&t).join(name)).unwrap(), wanted);
    }
}

#[test]
fn a_broken_file_is_exchanged_for_the_last_good_one() {
    for broken in [&b"[profiles.a\nhost = "[..], b"\xff\xfe", b"<<<<<<< HEAD\n", b""] {
        let sb = Sandbox::new();
        let t = target(&sb);
        add(&t, "a").unwrap();
        add(&t, "b").unwrap();
        let good = text(&t);
        add(&t, "c").unwrap();
        fs::write(&t.config, broken).unwrap();
        undo(&t).unwrap();
        assert_eq!(text(&t), good);
        // The broken one is kept. It can be had by hand, if it is not what it was before the first
        // profile, which loads.
        let newest = versions(&t).join(listing(&versions(&t)).pop().unwrap());
        assert_eq!(fs::read(&newest).unwrap(), broken);
        match (undo(&t), broken.is_empty()) {
            (Ok(_), true) => assert_eq!(text(&t), ""),
            (Err(Error::Encoding { path, .. }), false) => assert_eq!(path, newest),
            (Err(Error::Syntax { place, .. }), false) => assert_eq!(place.path, newest),
            (other, _) => panic!("{other:?}"),
        }
        if !broken.is_empty() {
            assert_eq!(text(&t), good);
        }
    }
}

#[test]
fn a_version_too_many_is_passed_over() {
    let sb = Sandbox::new();
    let t = target(&sb);
    add(&t, "a").unwrap();
    let one = text(&t);
    add(&t, "b").unwrap();
    let two = text(&t);
    // As a writer leaves it that is killed just before its rename,
    let dir = versions(&t);
    fs::write(dir.join("000009.toml"), &two).unwrap();
    // or while it writes a version; and what else people leave lying about.
    fs::write(dir.join(".new.dctx~"), "half").unwrap();
    fs::write(dir.join("notes.toml"), "x").unwrap();
    fs::write(dir.join("000011.toml~"), "x").unwrap();
    undo(&t).unwrap();
    assert_eq!(text(&t), one);
    undo(&t).unwrap();
    assert_eq!(text(&t), two);
    add(&t, "c").unwrap();
    undo(&t).unwrap();
    assert_eq!(text(&t), two);
}

#[test]
fn a_newer_version_is_left_to_the_newer_dctx() {
    let sb = Sandbox::new();
    let t = target(&sb);
    add(&t, "a").unwrap();
    fs::write(&t.config, "schema = 2\n").unwrap();
    assert!(matches!(undo(&t).unwrap_err(), Error::NewerSchema { schema: 2, .. }));
    assert_eq!(text(&t), "schema = 2\n");
}

#[test]
fn without_a_place_for_the_present_version_there_is_no_undo() {
    let sb = Sandbox::new();
    let t = target(&sb);
    add(&t, "a").unwrap();
    let before = text(&t);
    // Something is in the way of the next version.
    fs::create_dir(versions(&t).join(".new.dctx~")).unwrap();
    assert!(matches!(undo(&t).unwrap_err(), Error::Write { .. }));
    assert_eq!(text(&t), before);
    assert_eq!(listing(t.config.parent().unwrap()), ["config.toml"]);
}
