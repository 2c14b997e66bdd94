//! An editor that saves while dctx writes loses nothing, at whatever moment it saves.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use dctx::error::Error;
use dctx::store::{document, history, write};

use crate::store_write::{add, listing, loads, names, target};
use crate::support::Sandbox;

/// Saves as most editors do: a new file takes the place of the old one.
fn save(path: &Path, text: &str) {
    let temp = path.with_extension("swp");
    fs::write(&temp, text).unwrap();
    fs::rename(&temp, path).unwrap();
}

/// The ways in which a file changes under a writer; each returns what must be in the file afterwards.
fn meddle(path: &Path, how: usize, round: usize) -> String {
    let old = fs::read_to_string(path).unwrap();
    let line = format!("# saved {round}\n");
    match how {
        0 => save(path, &(old + &line)),
        1 => File::options().append(true).open(path).unwrap().write_all(line.as_bytes()).unwrap(),
        2 => {
            // Same length, same time, same inode: only the bytes tell.
            let time = fs::metadata(path).unwrap().modified().unwrap();
            let word = format!("{round:06}");
            let at = old.find("# mark ").unwrap() + 7;
            let mut file = File::options().write(true).open(path).unwrap();
            file.write_all(format!("{}{word}{}", &old[..at], &old[at + 6..]).as_bytes()).unwrap();
            file.set_modified(time).unwrap();
            return format!("# mark {word}\n");
        }
        3 => {
            // Other inode and time, same bytes.
            save(path, &old);
            return String::new();
        }
        _ => {
            fs::remove_file(path).unwrap();
            return String::new();
        }
    }
    line
}

#[test]
fn a_save_between_reading_and_replacing_is_kept() {
    let sb = Sandbox::new();
    let t = target(&sb);
    sb.write("home/.config/dctx/config.toml", "schema = 1\n# mark 000000\n");
    let mut redone = 0;
    for round in 0..200 {
        let how = round % 4;
        let name = format!("p{round}");
        let mut kept = None;
        let mut calls = 0;
        let mut edit = |doc: &mut document::Document| {
            calls += 1;
            document::insert(doc, &name, &[("host", "tcp://h:1".into())])?;
            if kept.is_none() {
                kept = Some(meddle(&t.config, how, round));
            }
            Ok(())
        };
        let (_, written) = write::update(&t, &loads, &mut edit, &mut || ()).unwrap();
        assert!(written.changed);
        redone += calls - 1;
        let text = fs::read_to_string(&t.config).unwrap();
        assert!(text.contains(&kept.unwrap()), "round {round}: {text}");
        assert_eq!(names(&text).len(), round + 1, "{text}");
    }
    assert_eq!(redone, 200, "every one was noticed");
    assert_eq!(listing(t.config.parent().unwrap()), ["config.toml"]);
}

#[test]
fn a_file_that_comes_or_goes_meanwhile_is_noticed() {
    let sb = Sandbox::new();
    let t = target(&sb);
    // It was not there, and then it was.
    let mut first = true;
    let mut edit = |doc: &mut document::Document| {
        if std::mem::take(&mut first) {
            sb.write("home/.config/dctx/config.toml", "# theirs\n");
        }
        document::insert(doc, "a", &[("host", "tcp://h:1".into())])
    };
    write::update(&t, &loads, &mut edit, &mut || ()).unwrap();
    let text = fs::read_to_string(&t.config).unwrap();
    assert!(text.starts_with("# theirs\n") && names(&text) == ["a"], "{text}");
    // It was there, and then it was not.
    let mut first = true;
    let mut edit = |doc: &mut document::Document| {
        if std::mem::take(&mut first) {
            meddle(&t.config, 4, 0);
        }
        document::insert(doc, "b", &[("host", "tcp://h:1".into())])
    };
    write::update(&t, &loads, &mut edit, &mut || ()).unwrap();
    assert_eq!(names(&fs::read_to_string(&t.config).unwrap()), ["b"]);
    // The link leads elsewhere now: neither file is touched.
    let (one, two) = (sb.write("one.toml", "# one\n"), sb.write("two.toml", "# two\n"));
    fs::remove_file(&t.config).unwrap();
    symlink(&one, &t.config).unwrap();
    let mut edit = |doc: &mut document::Document| {
        let _ = fs::remove_file(&t.config);
        symlink(&two, &t.config).unwrap();
        document::insert(doc, "a", &[("host", "tcp://h:1".into())])
    };
    let error = write::update(&t, &loads, &mut edit, &mut || ()).unwrap_err();
    assert!(matches!(error, Error::Contended(_)));
    assert_eq!(fs::read_to_string(&one).unwrap(), "# one\n");
    assert_eq!(fs::read_to_string(&two).unwrap(), "# two\n");
}

#[test]
fn a_file_that_never_rests_is_given_up() {
    let sb = Sandbox::new();
    let t = target(&sb);
    sb.write("home/.config/dctx/config.toml", "schema = 1\n");
    let mut round = 0;
    let mut edit = |doc: &mut document::Document| {
        round += 1;
        meddle(&t.config, 1, round);
        document::insert(doc, "a", &[("host", "tcp://h:1".into())])
    };
    let error = write::update(&t, &loads, &mut edit, &mut || ()).unwrap_err();
    assert!(matches!(error, Error::Contended(_)));
    assert_eq!(round, 5);
    assert_eq!(listing(t.config.parent().unwrap()), ["config.toml"]);
    assert_eq!(history::newest(&t), None);
}

/// Saves at random moments, so also in the few microseconds between the last look and the rename.
#[test]
fn an_editor_racing_with_a_writer_loses_nothing() {
    let sb = Sandbox::in_memory();
    let t = target(&sb);
    sb.write("home/.config/dctx/config.toml", "schema = 1\n");
    let barrier = Barrier::new(2);
    // Judged at the end: a panic in between would leave the other thread waiting for ever.
    let mut rounds = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..2000 {
                barrier.wait();
                thread::sleep(Duration::from_micros(round * 7 % 400));
                save(&t.config, &format!("schema = 1\n# saved {round}\n"));
                barrier.wait();
            }
        });
        for round in 0..2000 {
            barrier.wait();
            let result = add(&t, &format!("p{round}"));
            barrier.wait();
            rounds.push((result, fs::read_to_string(&t.config)));
        }
    });
    let (mut first, mut second, mut gave_up) = (0, 0, 0);
    for (round, (result, text)) in rounds.into_iter().enumerate() {
        let text = text.unwrap();
        // The editor knows nothing of us and may come last; but what it saved is there.
        assert!(text.contains(&format!("# saved {round}\n")), "round {round} lost: {text}");
        match result {
            Ok(_) if text.contains(&format!("[profiles.p{round}]\n")) => second += 1,
            Ok(_) => first += 1,
            Err(Error::Contended(_)) => gave_up += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    println!("2000 rounds: we wrote first {first}, second {second}, gave up {gave_up}");
    assert!(listing(t.config.parent().unwrap()).iter().all(|n| n != "config.swp"));
}
