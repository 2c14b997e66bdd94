//! Behind every path that dctx reads there may be a pipe that nobody writes to, an endless device, a socket, a directory
//! or a gigabyte. None is waited for, none is read whole, what it is instead is said, and `reset` works.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use crate::support::profiles::{CONFIG, certs};
use crate::support::{Output, Sandbox, require};

const LAYER: &str = "home/.config/dctx/profiles.d/team.toml";

/// What may be there, and what is said of it.
const KINDS: [(&str, &str); 6] = [
    ("pipe", "it is a named pipe, not a file"),
    ("/dev/zero", "it is a device, not a file"),
    ("/dev/random", "it is a device, not a file"),
    ("socket", "it is a socket, not a file"),
    ("directory", "it is a directory"),
    ("large", "it is larger than 16 MiB"),
];

/// Puts it there, in the place of whatever was.
fn put(sb: &Sandbox, path: &Path, kind: &str) {
    let _ = fs::remove_dir_all(path);
    let _ = fs::remove_file(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    match kind {
        "pipe" => drop(sb.sh("mkfifo", [path]).run().done()),
        // where it is to be, the path is too long for one
        "socket" => {
            drop(UnixListener::bind(sb.path("s")).unwrap());
            fs::rename(sb.path("s"), path).unwrap();
        }
        "directory" => fs::create_dir(path).unwrap(),
        // a gigabyte without a block on the disk
        "large" => fs::File::create(path).unwrap().set_len(1 << 30).unwrap(),
        device => symlink(device, path).unwrap(),
    }
}

/// Runs dctx in bounded time and memory; a reader of a device would end by one of the two.
fn bounded(sb: &Sandbox, args: &[&str]) -> Option<Output> {
    let (bash, timeout) = (require("bash")?, require("timeout")?);
    let dctx = crate::support::sandbox::dctx_bin().to_str().unwrap();
    // 300 MB of addresses
    let line = "ulimit -v 300000; exec \"$@\"";
    let words = ["60", bash.to_str().unwrap(), "-c", line, "x", dctx];
    let out = sb.sh(timeout, words.into_iter().chain(args.iter().copied())).run();
    assert_ne!(out.code(), 124, "{args:?} hangs");
    assert!(!out.err().contains("memory allocation"), "{args:?}: {}", out.err());
    assert!(!out.err().contains("panicked"), "{args:?}: {}", out.err());
    Some(out)
}

#[track_caller]
fn resets(sb: &Sandbox) {
    let Some(out) = bounded(sb, &["reset", "--shell", "bash"]) else { return };
    assert_eq!(out.code(), 0, "{}", out.err());
}

/// The profile file: every command that needs it says what it is instead, with the command that shows it.
#[test]
fn the_profile_file() {
    for (kind, said) in KINDS {
        let sb = Sandbox::new();
        put(&sb, &sb.path(CONFIG), kind);
        for args in [
            &["use", "a", "--shell", "bash"][..],
            &["ls"],
            &["show", "a"],
            &["exec", "a", "--", "true"],
        ] {
            let Some(out) = bounded(&sb, args) else { return };
            let file = "[SB]/home/.config/dctx/config.toml";
            // as the shell that asks evaluates it, or the one that is named
            let reset = match args.contains(&"--shell") {
                true => "eval \"$(dctx reset --shell bash)\"",
                false => "eval \"$(dctx reset)\"",
            };
            let wanted = format!(
                "dctx: cannot read {file}: {said}\nhint: look at it: ls -lL {file}\n\
                 hint: to return to local docker without this file: {reset}\n"
            );
            let code = if args[0] == "exec" { 125 } else { 4 };
            assert_eq!((out.code(), out.err()), (code, wanted), "{kind}: {args:?}");
        }
        // what would write it leaves it as it is
        for args in [&["add", "b", "tcp://127.0.0.1:1"][..], &["undo"], &["rm", "a"]] {
            let Some(out) = bounded(&sb, args) else { return };
            assert_ne!(out.code(), 0, "{kind}: {args:?}");
            assert!(fs::symlink_metadata(sb.path(CONFIG)).is_ok(), "{kind}: {args:?}");
        }
        for args in
            [&["current"][..], &["__complete", "names", ""], &["__hook"], &["check", "--offline"]]
        {
            let Some(_) = bounded(&sb, args) else { return };
        }
        resets(&sb);
    }
}

/// A shared layer: it is skipped, and everything else works.
#[test]
fn a_layer() {
    for (kind, said) in KINDS.into_iter().filter(|(kind, _)| *kind != "directory") {
        let sb = Sandbox::new();
        sb.write(CONFIG, "[profiles.a]\nhost = \"tcp://127.0.0.1:1\"\n");
        put(&sb, &sb.path(LAYER), kind);
        let Some(out) = bounded(&sb, &["ls", "-q"]) else { return };
        let wanted = format!("dctx: skipped: cannot read [SB]/{LAYER}: {said}\n");
        assert_eq!((out.code(), out.out().as_str(), out.err()), (0, "a\n", wanted), "{kind}");
        for args in [&["use", "a", "--shell", "bash"][..], &["__complete", "names", ""]] {
            let Some(out) = bounded(&sb, args) else { return };
            assert_eq!(out.code(), 0, "{kind}: {args:?}: {}", out.err());
        }
        let Some(bash) = require("bash") else { return };
        // what a new shell does at its first prompt
        let dctx = crate::support::sandbox::dctx_bin().to_str().unwrap();
        let line =
            format!("ulimit -v 300000; PWD=$HOME DCTX_HOOK=prompt DCTX_SHELL=bash {dctx} __hook");
        let out = sb.sh("timeout", ["60", bash.to_str().unwrap(), "-c", &line]).run();
        assert_eq!(out.code(), 0, "{kind}: {}", out.err());
        resets(&sb);
    }
}

/// What dctx keeps: the choice for every shell, what was seen of a shared profile, results, history, the note of
/// directories, and the lock.
#[test]
fn what_dctx_keeps() {
    for (kind, _) in KINDS {
        let sb = Sandbox::new();
        sb.write(CONFIG, "[profiles.a]\nhost = \"tcp://127.0.0.1:1\"\ndirs = [\"~/x\"]\n");
        sb.write(LAYER, "[profiles.b]\nhost = \"tcp://127.0.0.1:1\"\n");
        for path in [
            "home/.local/state/dctx/universal",
            "home/.local/state/dctx/seen/b",
            "home/.local/state/dctx/dirs",
            "home/.cache/dctx/checks.json",
        ] {
            put(&sb, &sb.path(path), kind);
        }
        for args in [
            &["use", "a", "--shell", "bash"][..],
            &["use", "b", "--shell", "bash"],
            &["ls", "--check"],
            &["current"],
            &["check", "--offline"],
            &["__hook"],
        ] {
            let Some(_) = bounded(&sb, args) else { return };
        }
        let Some(out) = bounded(&sb, &["use", "b", "--shell", "bash"]) else { return };
        assert_eq!(out.code(), 7, "{kind}: what cannot be read asks: {}", out.err());
        resets(&sb);
    }
}

/// docker's own files, and fish's: `reset` reads them, and works.
#[test]
fn files_of_other_programs() {
    for (kind, _) in KINDS {
        let sb = Sandbox::new();
        sb.write(CONFIG, "[profiles.a]\nhost = \"tcp://127.0.0.1:1\"\n");
        for path in [
            "home/.docker/config.json",
            "home/.config/fish/fish_variables",
            "home/.testcontainers.properties",
        ] {
            put(&sb, &sb.path(path), kind);
        }
        for args in [
            &["use", "a", "--shell", "bash"][..],
            &["use", "a", "--shell", "fish"],
            &["reset", "--shell", "fish"],
            &["current"],
            &["check", "--offline"],
        ] {
            let Some(out) = bounded(&sb, args) else { return };
            assert!(args[0] == "check" || out.code() == 0, "{kind}: {args:?}: {}", out.err());
        }
        // a context whose file it is
        let _ = fs::remove_dir_all(sb.path("home/.docker"));
        sb.write("home/.docker/config.json", "{\"currentContext\":\"x\"}");
        let sum = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
        put(&sb, &sb.path(format!("home/.docker/contexts/meta/{sum}/meta.json")), kind);
        let Some(_) = bounded(&sb, &["current"]) else { return };
        resets(&sb);
    }
}

/// Certificates and keys, each of the three.
#[test]
fn certificates() {
    for (kind, _) in KINDS {
        for name in ["ca.pem", "cert.pem", "key.pem"] {
            let sb = Sandbox::new();
            let dir = certs(&sb, "home/c");
            sb.write(CONFIG, "[profiles.a]\nhost = \"tcp://127.0.0.1:1\"\ncerts = \"~/c\"\n");
            put(&sb, &dir.join(name), kind);
            for args in [
                &["use", "a", "--shell", "bash"][..],
                &["check", "a", "--offline"],
                &["check", "a", "--fix", "--offline"],
                &["show", "a"],
                &["cert", "show", "a"],
                &["server", "a"],
            ] {
                let Some(out) = bounded(&sb, args) else { return };
                let refused = args[0] == "use" && kind != "large";
                assert!(!refused || out.code() == 4, "{kind} {name} {args:?}: {}", out.err());
            }
            // the same, named by a shared layer, at the prompt
            fs::rename(sb.path(CONFIG), sb.path("home/own")).unwrap();
            sb.write(
                LAYER,
                "[profiles.a]\nhost = \"tcp://127.0.0.1:1\"\ncerts = \"~/c\"\ndirs = [\"~\"]\n",
            );
            sb.write("home/.local/state/dctx/seen/a", "{\"schema\":2,\"fields\":{}}");
            let Some(_) = bounded(&sb, &["__hook"]) else { return };
            resets(&sb);
        }
    }
}
