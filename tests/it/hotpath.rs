//! The commands that a shell evaluates do no more than they must: no child, no network, no keyring, few
//! system calls; and the shortcut past clap reads a command line as clap does.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;

use clap::Parser as _;
use dctx::cli::{Cli, plain};

use crate::support::{Sandbox, require};

/// System calls that start a process, reach a network or a keyring, or wait for something.
const NEVER: [&str; 12] = [
    "clone",
    "clone3",
    "fork",
    "vfork",
    "socket",
    "socketpair",
    "connect",
    "bind",
    "add_key",
    "request_key",
    "keyctl",
    "nanosleep",
];

/// The most system calls that `use` may need; a program that does nothing needs 64 of them, or 54 with
/// the unwinder linked in. Each of the four files is looked at before it is opened (see `src/file.rs`), and the
/// mathematical library, which this build is linked with, takes eight to load.
const MOST: usize = 115;

/// The words that command lines are made of.
const WORDS: [&str; 31] = [
    "coreos",
    "-",
    "",
    "--shell",
    "--shell=bash",
    "bash",
    "fish",
    "--session",
    "-U",
    "--universal",
    "--all",
    "--json",
    "-q",
    "-qU",
    "-v",
    "--confirm",
    "--accept",
    "--no-input",
    "--color",
    "never",
    "--",
    "-h",
    "--help",
    "-V",
    "help",
    "use",
    "names",
    "names-hosts",
    "中文",
    "a=b",
    "-x",
];

/// What is read without clap means the same to clap: every command line of up to three words after the
/// verb, and of four where the third is taken.
#[test]
fn the_shortcut_reads_what_clap_reads() {
    let mut taken = 0;
    for verb in ["use", "env", "reset", "off", "current", "__complete", "ls", "--shell", "-q"] {
        let mut lines: Vec<Vec<&str>> = vec![vec!["dctx", verb]];
        for words in 0..=4 {
            for line in &lines {
                let args: Vec<OsString> = line.iter().map(OsString::from).collect();
                let Some(read) = plain::read(&args) else { continue };
                let clap = Cli::try_parse_from(&args);
                let clap = clap.unwrap_or_else(|e| panic!("clap refuses {line:?}: {e}"));
                assert_eq!(format!("{read:?}"), format!("{clap:?}"), "{line:?}");
                taken += 1;
            }
            // What has been refused with three words is not taken with four: a flag does not go away.
            let keep = |line: &&Vec<&str>| {
                let args: Vec<OsString> = line.iter().map(OsString::from).collect();
                words < 3 || line.last() == Some(&"--shell") || plain::read(&args).is_some()
            };
            let longer = |line: &Vec<&'static str>| {
                let line = line.clone();
                WORDS.map(move |word| [line.as_slice(), &[word]].concat())
            };
            lines = lines.iter().filter(keep).flat_map(longer).collect();
        }
    }
    assert!(taken > 2_000, "only {taken} command lines were read without clap");
}

/// The command lines that hooks, completion scripts and people use do take the shortcut.
#[test]
fn the_plain_command_lines_take_the_shortcut() {
    let lines: [&[&str]; 12] = [
        &["use", "coreos"],
        &["use", "-"],
        &["env", "coreos"],
        &["use", "coreos", "--shell", "bash"],
        &["use", "--shell", "bash", "coreos"],
        &["use", "coreos", "--session"],
        &["use", "-U", "coreos"],
        &["reset"],
        &["off", "--shell", "fish"],
        &["current"],
        &["__complete", "names-hosts"],
        &["__complete", "names", ""],
    ];
    for line in lines {
        let args = std::iter::once(&"dctx").chain(line).map(OsString::from).collect::<Vec<_>>();
        assert!(plain::read(&args).is_some(), "{line:?} goes through clap");
    }
    use std::os::unix::ffi::OsStringExt as _;
    let name = OsString::from_vec(b"core\xffos".to_vec());
    assert!(plain::read(&["dctx".into(), "use".into(), name]).is_none());
}

/// A store with one profile of every key that `use` looks at, and a hundred others.
fn store() -> Sandbox {
    let sb = Sandbox::new();
    let mut text = "schema = 1\n[settings]\nmachine-name = true\n".to_owned();
    for i in 0..100 {
        text +=
            &format!("[profiles.b{i}]\nhost = \"tcp://10.0.0.{i}:2376\"\ncerts = \"~/.c/{i}\"\n");
        if i == 50 {
            text += "[profiles.coreos]\nhost = \"tcp://10.1.1.1:2376\"\ncerts = \"~/certs\"\n\
                     tags = [\"lab\"]\ndescription = \"in VirtualBox\"\n";
        }
    }
    sb.write("home/.config/dctx/config.toml", text);
    for file in ["ca.pem", "cert.pem", "key.pem"] {
        let path = sb.write(format!("home/certs/{file}"), "");
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    let certs = sb.home().join("certs");
    fs::set_permissions(certs, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    sb
}

/// The names of the system calls of `dctx ARGS`, which must succeed; `None` without strace.
fn traced(sb: &Sandbox, args: &[&str]) -> Option<Vec<String>> {
    let strace = require("strace")?;
    let out = sb.path("trace");
    let dctx = crate::support::sandbox::dctx_bin().to_str().unwrap();
    // below a shell, so that the search for the one that called ends there, whatever runs the tests
    let shell = ["-c", "\"$@\"; exit $?", "sh", strace.to_str().unwrap(), "-f", "-o"];
    let words = shell.into_iter().chain([out.to_str().unwrap(), dctx]).chain(args.iter().copied());
    sb.sh("sh", words).env("SHELL", "/bin/bash").run().done();
    let text = fs::read_to_string(out).unwrap();
    let call = |line: &str| {
        let call = line.split_once(' ')?.1.trim_start().split_once('(')?.0.to_owned();
        call.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_').then_some(call)
    };
    Some(text.lines().filter_map(call).collect())
}

/// One process, which talks to nobody.
#[test]
fn no_child_no_network_no_keyring() {
    let sb = store();
    let runs: [&[&str]; 8] = [
        &["use", "coreos", "--shell", "bash"],
        &["use", "coreos"],
        &["use", "coreos", "--shell", "fish"],
        &["use", "coreos", "--shell", "json", "-q"],
        &["reset", "--shell", "bash"],
        &["current"],
        &["current", "--json"],
        &["__complete", "names-hosts", ""],
    ];
    for args in runs {
        let Some(calls) = traced(&sb, args) else { return };
        let never: BTreeSet<&str> =
            calls.iter().map(String::as_str).filter(|call| NEVER.contains(call)).collect();
        assert_eq!(never, BTreeSet::new(), "{args:?}");
        let started = calls.iter().filter(|call| call.starts_with("execve")).count();
        assert_eq!(started, 1, "{args:?} starts a program");
        assert!(calls.iter().any(|call| call == "write"), "{args:?}: {calls:?}");
    }
}

/// The budget of `use` with a client certificate. A count of calls, which does not depend on how busy the
/// machine is.
#[test]
fn use_keeps_to_its_system_calls() {
    let sb = store();
    for args in
        [&["use", "coreos", "--shell", "bash"][..], &["reset", "--shell", "bash"], &["current"]]
    {
        // keys of this user's, held by another test or a shell of the person who runs this, are looked at as well
        let keys = format!("/dev/shm/dctx-{}/keys", rustix::process::geteuid().as_raw());
        let held = || std::path::Path::new(&keys).exists();
        let before = held();
        let Some(calls) = traced(&sb, args) else { return };
        let most = if before || held() { MOST + 10 } else { MOST };
        assert!(calls.len() <= most, "{} system calls for {args:?}: {calls:?}", calls.len());
    }
}
