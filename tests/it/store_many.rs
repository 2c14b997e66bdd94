//! Many at once: no writer's change is lost, and no reader ever sees half a file.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::store_write::{listing, names, target};
use crate::support::Sandbox;

/// Whether the profile was added; if not, another writer had the lock all the time.
fn add(sb: &Sandbox, name: &str) -> bool {
    let mut add = sb.dctx(["add", name, "tcp://192.0.2.1:2375"]).into_command();
    let out = add.stdin(Stdio::null()).output().unwrap();
    let err = String::from_utf8(out.stderr).unwrap();
    match out.status.code() {
        Some(0) => true,
        Some(1) if err.contains("has held the lock") => false,
        _ => panic!("{name}: {:?} {err}", out.status),
    }
}

fn writers_and_readers(writers: usize, adds: usize, readers: usize, reads: usize) {
    let sb = Sandbox::in_memory();
    let t = target(&sb);
    sb.write("home/.config/dctx/config.toml", "# shared by all\nschema = 1\n");
    let writing = AtomicBool::new(true);
    let during = AtomicUsize::new(0);
    let again = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sb, writing, during, again) = (&sb, &writing, &during, &again);
        let writers: Vec<_> = (0..writers)
            .map(|w| {
                scope.spawn(move || {
                    for i in 0..adds {
                        let name = format!("w{w}-{i}");
                        // On a machine with much else to do five seconds may pass in the queue;
                        // that is told, and nothing has been done then.
                        while !add(sb, &name) {
                            again.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                })
            })
            .collect();
        for _ in 0..readers {
            scope.spawn(move || {
                let mut most = 0;
                for _ in 0..reads {
                    let mut ls = sb.dctx(["ls", "-q"]).into_command();
                    let out = ls.stdin(Stdio::null()).output().unwrap();
                    let err = String::from_utf8(out.stderr).unwrap();
                    assert!(out.status.success() && err.is_empty(), "{:?}: {err}", out.status);
                    // What was there stays there.
                    let now = out.stdout.iter().filter(|b| **b == b'\n').count();
                    assert!(now >= most, "{now} profiles after {most}");
                    most = now;
                    if writing.load(Ordering::Relaxed) {
                        during.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        for writer in writers {
            writer.join().unwrap();
        }
        writing.store(false, Ordering::Relaxed);
    });
    let text = fs::read_to_string(&t.config).unwrap();
    assert!(text.starts_with("# shared by all\nschema = 1\n"));
    let all: BTreeSet<String> = names(&text).into_iter().collect();
    let wanted: BTreeSet<String> =
        (0..writers).flat_map(|w| (0..adds).map(move |i| format!("w{w}-{i}"))).collect();
    assert_eq!(all, wanted);
    assert_eq!(listing(t.config.parent().unwrap()), ["config.toml"]);
    println!(
        "{writers} writers × {adds}: {} of {} there, {} gave up waiting and tried again; {readers} readers × {reads}: {} reads, {} of them during the writes, no error",
        all.len(),
        wanted.len(),
        again.load(Ordering::Relaxed),
        readers * reads,
        during.load(Ordering::Relaxed)
    );
}

#[test]
fn no_writer_loses_a_change() {
    writers_and_readers(32, 25, 0, 0);
}

#[test]
fn no_reader_sees_half_a_file() {
    writers_and_readers(4, 100, 8, 500);
}

/// Four times as many, for whoever has the minutes.
#[test]
#[ignore = "takes minutes, and 32 x 25 runs each time: cargo test -- --ignored runs this"]
fn no_writer_loses_a_change_in_the_long_run() {
    writers_and_readers(32, 100, 0, 0);
}
