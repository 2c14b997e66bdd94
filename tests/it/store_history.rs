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
    history::undo(t, &mut || ())
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
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    fs::File::options().write(true).open(&t.config).unwrap().set_modified(long_ago).unwrap();

    add(&t, "a").unwrap();
    let changed = text(&t);
    assert_eq!(history::newest(&t), Some(long_ago));
    for _ in 0..3 {
        let undone = undo(&t).unwrap();
        assert_eq!(text(&t), original);
        assert!(undone.written.changed && undone.written.warnings.is_empty());
        let (from, to) = (undone.replaced.as_slice(), undone.restored.as_slice());
        assert_eq!((from, to, undone.kept), (changed.as_bytes(), original.as_bytes(), None));
        undo(&t).unwrap();
        assert_eq!(text(&t), changed);
        assert_eq!(listing(&versions(&t)).len(), 1);
    }
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
    assert_eq!((text(&t).as_str(), undone.restored.as_slice()), ("", &b""[..]));
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
fn a_broken_file_is_exchanged_for_what_was_written_last() {
    for broken in [&b"[profiles.a\nhost = "[..], b"\xff\xfe", b"<<<<<<< HEAD\n", b""] {
        let sb = Sandbox::new();
        let t = target(&sb);
        for name in ["a", "b", "c"] {
            add(&t, name).unwrap();
        }
        let good = text(&t);
        for _ in 0..3 {
            fs::write(&t.config, broken).unwrap();
            let undone = undo(&t).unwrap();
            assert_eq!(text(&t), good);
            // the broken one is kept, and comes back
            let newest = versions(&t).join(listing(&versions(&t)).pop().unwrap());
            assert_eq!(fs::read(&newest).unwrap(), broken);
            assert_eq!(undone.kept, (!broken.is_empty()).then_some(newest));
            undo(&t).unwrap();
            assert_eq!(fs::read(&t.config).unwrap(), broken);
            undo(&t).unwrap();
            assert_eq!(text(&t), good);
        }
    }
}

/// Where it is not known what dctx wrote last (a killed writer, an older dctx), the newest version is gone back to.
#[test]
fn without_a_note_of_what_was_written_the_newest_version_is_it() {
    let sb = Sandbox::new();
    let t = target(&sb);
    add(&t, "a").unwrap();
    let one = text(&t);
    add(&t, "b").unwrap();
    fs::remove_dir_all(t.state.join("written")).unwrap();
    fs::write(&t.config, "# mine\n").unwrap();
    undo(&t).unwrap();
    assert_eq!(text(&t), one);
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
