//! Whatever a damaged profile file holds, it is told by line and column, nothing panics, and `reset` works.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use dctx::env::Env;
use dctx::error::{Error, Lang, TomlFault};
use dctx::store::document::{self, Document};
use dctx::store::{self, Store, place};

use crate::store_kill::{Random, strace_works};
use crate::support::Sandbox;

/// A file with a bit of everything.
const SEED: &str = r#"# 实验室的主机
schema = 1
x-note = "mine"

[settings]
machine-name = true

[profiles.coreos]
host = "tcp://192.168.57.110:2376" # VirtualBox
tls = "insecure"
description = "机器 \"one\" \u4e2d"
tags = ["lab", 'old',
  "x", # why
]
max-use = "30m"

[profiles.coreos.env]
BUILDX_BUILDER = "core"

[profiles."plain.1"]
host = "tcp://10.0.0.1:2375"
env = { DOCKER_BUILDKIT = "1", COMPOSE_PROJECT_NAME = 'p' }

# by ssh
[profiles.over-ssh]
host = 'ssh://me@example.org:22'
x-own.a.b = 2024-01-01
protected = false
"#;

const NAMES: [&str; 3] = ["coreos", "plain.1", "over-ssh"];

/// Bytes that mean something to TOML, or to nobody.
const BYTES: &[u8] = b"\0\xff\"\n\\'[]{}=.,# \r\t0a\xe4\x80\x7f\x1b";

/// One to four damages: bytes changed, lost, put in, doubled, or everything after some point gone.
fn damaged(random: &mut Random) -> Vec<u8> {
    let mut bytes = SEED.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        let at = |random: &mut Random, len: usize| random.below(len as u64 + 1) as usize;
        let from = at(random, bytes.len());
        let to = (from + at(random, 40)).min(bytes.len());
        let byte = BYTES[random.below(BYTES.len() as u64) as usize];
        match random.below(8) {
            0 => bytes.truncate(from),
            1 => drop(bytes.drain(from..to)),
            2 => bytes.insert(from, byte),
            3 => {
                let again = bytes[from..to].to_vec();
                let there = at(random, bytes.len());
                bytes.splice(there..there, again);
            }
            4 => {
                // A line doubled, as a merge does it.
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let lines: Vec<&str> = text.split_inclusive('\n').collect();
                let (a, b) = (at(random, lines.len() - 1), at(random, lines.len() - 1));
                let mut lines = lines;
                let line = lines[a.min(lines.len() - 1)];
                lines.insert(b, line);
                bytes = lines.concat().into_bytes();
            }
            _ if from < bytes.len() => bytes[from] = byte,
            _ => {}
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

/// The place of an error lies in the file.
fn is_placed(error: &Error, bytes: &[u8]) {
    match error {
        Error::Syntax { more, .. } => more.iter().for_each(|error| is_placed(error, bytes)),
        Error::Profile { name, layer, more, .. } => {
            for (place, fault) in more {
                let (name, place) = (name.clone(), place.clone());
                let (layer, fault, more) = (*layer, fault.clone(), Vec::new());
                is_placed(&Error::Profile { name, place, layer, fault, more }, bytes);
            }
        }
        _ => {}
    }
    // Every fault of the TOML reader has words of ours.
    for lang in [Lang::En, Lang::Zh] {
        let message = error.message(lang);
        let reader = ["the TOML reader says", "TOML 解析器的报错"];
        assert!(!reader.iter().any(|words| message.contains(words)), "{message}");
    }
    match error {
        Error::UnknownKey { place, .. }
        | Error::Syntax { place, .. }
        | Error::OutsideTable { place, .. }
        | Error::Profile { place, .. }
        | Error::Setting { place, .. } => {
            let text = std::str::from_utf8(bytes).unwrap();
            let lines = text.split('\n').count();
            assert!((1..=lines).contains(&place.line), "{error:?} in {text:?}");
            let line = text.split('\n').nth(place.line - 1).unwrap();
            assert!(
                (1..=line.chars().count() + 1).contains(&place.column),
                "{error:?} in {text:?}"
            );
            assert!(place.path.ends_with("config.toml"));
        }
        Error::SchemaAhead { .. } => {}
        Error::Encoding { offset, looks, .. } => {
            assert!(std::str::from_utf8(&bytes[..*offset]).is_ok());
            // UTF-16 without a mark is UTF-8 as well
            assert!(
                looks.is_some()
                    || std::str::from_utf8(bytes).is_err_and(|e| e.valid_up_to() == *offset)
            );
        }
        other => panic!("{other:?} in {:?}", String::from_utf8_lossy(bytes)),
    }
}

/// How many files were whole, how many not, and how often one profile was found in a file that is not.
#[derive(Debug, Default)]
struct Tally {
    whole: usize,
    broken: usize,
    beside: usize,
}

/// Reads and edits a file in every way there is.
fn examine(sb: &Sandbox, env: &Env, bytes: &[u8], tally: &mut Tally) {
    let path = sb.write("home/.config/dctx/config.toml", bytes);
    let shown = || String::from_utf8_lossy(bytes);
    let whole = Store::load(env);
    let _ = store::names(env);
    match &whole {
        Err(error) => {
            tally.broken += 1;
            is_placed(error, bytes);
        }
        Ok(store) => {
            tally.whole += 1;
            for entry in &store.entries {
                if let Err(error) = &entry.profile {
                    is_placed(error, bytes);
                }
            }
        }
    }
    // The quick way to one profile says what the slow one says, or that the file is broken.
    for name in NAMES {
        let quick = store::find(env, name).map(|(profile, _)| profile);
        match (&whole, quick) {
            (Ok(store), Ok(mut profile)) => {
                let slow = store.entry(name).unwrap().profile.as_ref().unwrap_or_else(|e| {
                    panic!("found quickly, but {e:?} in\n{}", shown());
                });
                // It does not count lines.
                profile.origin = slow.origin.clone();
                assert_eq!(format!("{profile:?}"), format!("{slow:?}"), "{}", shown());
            }
            (Ok(store), Err(error)) => match store.entry(name) {
                Ok(entry) => assert!(entry.profile.is_err(), "{error:?} in\n{}", shown()),
                Err(_) => assert!(matches!(error, Error::NoProfile { .. }), "{error:?}"),
            },
            (Err(_), Ok(_)) => tally.beside += 1,
            (Err(_), Err(_)) => {}
        }
    }
    // What can be edited can be edited back, to the byte.
    let Ok(text) = place::decode(&path, bytes) else { return };
    let Ok(mut document) = Document::parse(&path, text) else {
        assert!(whole.is_err(), "one TOML reader takes it, the other does not:\n{text}");
        return;
    };
    for name in document::names(&document).unwrap() {
        let mut document = document.clone();
        document::rename(&mut document, &name, "renamed").unwrap();
        match document::set(&mut document, "renamed", "tls", Some("off".into())) {
            Ok(()) => document::set(&mut document, "renamed", "env", None).unwrap(),
            // `coreos = 1`, `[[profiles.coreos]]`
            Err(Error::Syntax { wrong, .. }) => {
                assert_eq!(wrong.fault, TomlFault::NoTable("renamed".into()));
            }
            Err(other) => panic!("{other:?}"),
        }
        if document::contains(&document, "renamed").unwrap() {
            document::remove(&mut document, "renamed").unwrap();
        }
        let left = document.into_text();
        assert!(Document::parse(Path::new(""), &left).is_ok(), "{left}\nfrom\n{text}");
    }
    document::insert(&mut document, "inserted", &[("host", "tcp://h:1".into())]).unwrap();
    document::remove(&mut document, "inserted").unwrap();
    assert_eq!(document.into_text(), text);
}

fn env(sb: &Sandbox) -> Env {
    Env::of([("HOME", sb.home()), ("XDG_CONFIG_HOME", sb.config()), ("XDG_STATE_HOME", sb.state())])
}

#[test]
fn every_truncation_and_every_changed_byte_is_survived() {
    let sb = Sandbox::in_memory();
    let env = env(&sb);
    let mut tally = Tally::default();
    examine(&sb, &env, SEED.as_bytes(), &mut tally);
    assert_eq!((tally.whole, tally.broken), (1, 0));
    for at in 0..SEED.len() {
        examine(&sb, &env, &SEED.as_bytes()[..at], &mut tally);
        for byte in *b"\0\xff\"[" {
            let mut bytes = SEED.as_bytes().to_vec();
            bytes[at] = byte;
            examine(&sb, &env, &bytes, &mut tally);
        }
    }
    println!("{} truncations, {} changed bytes: {tally:?}", SEED.len(), SEED.len() * 4);
    assert!(tally.whole > 100 && tally.broken > 100);
}

#[test]
fn ten_thousand_damages_are_survived() {
    let sb = Sandbox::in_memory();
    let env = env(&sb);
    let mut tally = Tally::default();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..10_000 {
        examine(&sb, &env, &damaged(&mut random), &mut tally);
    }
    println!("10000 damaged files: {tally:?}");
    assert!(tally.whole > 100 && tally.broken > 100);
}

/// `:LINE:COLUMN` after the file's name.
fn names_a_place(err: &str) -> bool {
    err.split("config.toml:").skip(1).any(|rest| {
        let mut numbers = rest.splitn(3, ':');
        let mut number = || {
            numbers.next().is_some_and(|n| {
                n.split_whitespace().next().is_some_and(|n| n.parse::<u32>().is_ok())
            })
        };
        number() && number()
    })
}

#[test]
fn the_program_survives_ten_thousand_damages() {
    let (good, bad) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = |seed: u64| {
        let sb = Sandbox::in_memory();
        let mut random = Random(seed);
        for i in 0..5000 {
            let bytes = damaged(&mut random);
            sb.write("home/.config/dctx/config.toml", &bytes);
            let shown = String::from_utf8_lossy(&bytes);
            let run = |args: &[&str]| {
                let mut command = sb.dctx(args).into_command();
                let out = command.stdin(Stdio::null()).output().unwrap();
                let err = String::from_utf8(out.stderr).unwrap();
                let code = out.status.code().unwrap_or_else(|| panic!("{args:?}: {err}\n{shown}"));
                (code, String::from_utf8(out.stdout).unwrap(), err)
            };
            let (code, _, err) = run(&["ls"]);
            match code {
                0 => good.fetch_add(1, Ordering::Relaxed),
                4 => bad.fetch_add(1, Ordering::Relaxed),
                _ => panic!("ls: {code} {err}\n{shown}"),
            };
            let place = std::str::from_utf8(&bytes).is_err() || names_a_place(&err);
            assert!(code == 0 || place, "no place: {err}\n{shown}");
            let name = NAMES[i % 3];
            let (code, out, err) = run(&["use", "--shell", "sh", name]);
            match code {
                0 => assert!(out.contains("export DOCKER_HOST="), "{out}"),
                3 | 4 | 7 => {
                    assert_eq!(out.trim_end(), format!("(exit {code});"), "{err}\n{shown}")
                }
                _ => panic!("use: {code} {err}\n{shown}"),
            }
            let (code, out, err) = run(&["reset", "--shell", "sh"]);
            assert!(code == 0 && out.starts_with("unset "), "reset: {code} {out} {err}\n{shown}");
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| work(0x0123_4567_89ab_cdef));
        scope.spawn(|| work(0xfedc_ba98_7654_3210));
    });
    println!(
        "10000 damaged files through `ls` ({} listed, {} told by line and column), `use` and `reset`: no other exit code",
        good.into_inner(),
        bad.into_inner(),
    );
}

#[test]
fn reset_never_opens_the_profile_file() {
    if !strace_works() {
        return;
    }
    let sb = Sandbox::new();
    sb.write("home/.config/dctx/config.toml", "<<<<<<< broken");
    let trace = sb.path("trace");
    for verb in ["reset", "use"] {
        let mut args = vec!["-f", "-o", trace.to_str().unwrap(), env!("CARGO_BIN_EXE_dctx"), verb];
        args.extend(["--shell", "sh"]);
        args.extend((verb == "use").then_some("coreos"));
        sb.sh("strace", args).run();
        let opened = fs::read_to_string(&trace).unwrap().contains("config.toml");
        assert_eq!(opened, verb == "use", "{verb}");
    }
}
