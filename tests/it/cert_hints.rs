//! Whoever is refused is told what to type, and what is typed is not refused in its turn for ever: from every state that
//! certificates can be in, every command leads along its hints to something that works.

use std::fs;

use crate::cert_make::{cert, certs};
use crate::support::{Output, Sandbox, require};

/// A state, and how to get there from nothing; `bundle.toml`, `ca.pem`, `r.csr`, `pin.pem` and `DIR` are at hand.
type State = (&'static str, fn(&Sandbox));

fn imported(sb: &Sandbox) {
    cert(sb, "import bundle.toml").run().done();
}

fn pinned(sb: &Sandbox) {
    cert(sb, "import pinned.toml").run().done();
}

const HOST: &str = "tcp://127.0.0.1:2376";

const STATES: [State; 12] = [
    ("nothing", |_| {}),
    ("a profile without certificates", |sb| {
        sb.dctx(["add", "lab", HOST]).run().done();
    }),
    ("certificates from elsewhere", |sb| {
        sb.dctx(["add", "lab", HOST, "--certs", "DIR"]).run().done();
    }),
    ("certificates from elsewhere, with their CA", |sb| {
        sb.dctx(["add", "lab", HOST, "--certs", "CADIR"]).run().done();
    }),
    ("made here", |sb| {
        cert(sb, "new lab --host tcp://127.0.0.1:2376 --no-passphrase").run().done();
    }),
    ("made here, and the profile gone", |sb| {
        cert(sb, "new lab --host tcp://127.0.0.1:2376 --no-passphrase").run().done();
        sb.dctx(["rm", "lab"]).run().done();
    }),
    ("pinned here", |sb| {
        cert(sb, "new lab --host tcp://127.0.0.1:2376 --pin").run().done();
    }),
    ("handed out", imported),
    ("handed out, and the profile gone", |sb| {
        imported(sb);
        sb.dctx(["rm", "lab"]).run().done();
    }),
    ("handed out by one who pins", pinned),
    ("asked for", |sb| {
        cert(sb, "request lab --out asked.csr").run().done();
    }),
    ("copied", |sb| {
        cert(sb, "copy lab DIR --host tcp://127.0.0.1:2376").run().done();
    }),
];

const COMMANDS: [&str; 15] = [
    "cert new lab",
    "cert new lab --host tcp://127.0.0.1:2376",
    "cert renew lab",
    "cert renew lab --ca",
    "cert request lab",
    "cert import bundle.toml",
    "cert import ca.pem",
    "cert import ca.pem --as lab",
    "cert copy lab DIR",
    "cert client lab --for eve",
    "cert sign lab r.csr --for eve",
    "cert authorize lab pin.pem",
    "cert revoke lab eve",
    "cert rotate-ca lab",
    "cert show lab",
];

/// The commands that are advised, with something real where a word stands for something.
fn advised(sb: &Sandbox, out: &Output) -> Vec<String> {
    let err = out.err().replace("[SB]", sb.dir().to_str().unwrap());
    let hints = err.lines().filter(|line| line.starts_with("hint: "));
    let runs = hints.filter_map(|line| {
        let at = [": dctx ", ": mv "].iter().filter_map(|start| line.rfind(start)).min()?;
        // a command after another one belongs to it
        let at = line.find(": dctx ").map_or(at, |first| first.min(at));
        Some(line.get(at + 2..)?.to_owned())
    });
    let real = |run: String| {
        let words =
            [("WHO.toml", "who.toml"), ("WHO", "eve"), ("HOST", "127.0.0.1"), ("FILE", "pin.pem")];
        let mut run = words.iter().fold(run, |run, (word, real)| run.replace(word, real));
        if run.contains("--ca-from DIR") {
            run = run.replace("--ca-from DIR", "--ca-from CADIR");
        }
        // no passphrase can be typed here
        if run.contains("cert new") && !run.contains("--pin") || run.contains("rotate-ca") {
            run.push_str(" --no-passphrase");
        }
        run
    };
    runs.map(real).collect()
}

/// Runs `line` in a copy of what is in `home` and `work`, and so on with what it advises. `Err` is how it got stuck.
fn walk(sb: &Sandbox, line: &str, path: &[String]) -> Result<(), String> {
    let mut path = path.to_vec();
    if path.iter().any(|before| before == line) {
        return Err(format!("in a circle: {path:?}, {line}"));
    }
    path.push(line.to_owned());
    let saved = sb.path(format!("saved{}", path.len()));
    let copy = format!("rm -rf {0}; mkdir {0}; cp -a home work {0}", saved.display());
    let back = format!("rm -rf home work; cp -a {}/. .", saved.display());
    let sh = |script: &str| {
        sb.sh("sh", ["-ec", &format!("cd {}; {script}", sb.dir().display())]).run().done();
    };
    sh(&copy);
    let out = sb.sh("sh", ["-c", line]).env("EDITOR", "true").run();
    if out.code() == 0 {
        sh(&back);
        return Ok(());
    }
    let said = out.err();
    assert!(!said.contains("unexpected argument") && !said.contains("Usage:"), "{path:?}: {said}");
    let next = advised(sb, &out);
    // what has to be done on another machine is said in words
    let words = said.lines().any(|line| line.starts_with("hint: ")) && next.is_empty();
    let mut stuck = vec![format!("{path:?}: {said}")];
    let mut found = words;
    for line in next {
        // each is tried: advice that is refused is worse than none
        match walk(sb, &line, &path) {
            Ok(()) => found = true,
            Err(why) => stuck.push(why),
        }
        sh(&back);
    }
    if found { Ok(()) } else { Err(stuck.join("\n")) }
}

#[test]
fn every_refusal_leads_to_something_that_works() {
    if require("openssl").is_none() {
        return;
    }
    let owner = Sandbox::in_memory();
    cert(&owner, "new lab --host tcp://127.0.0.1:2376 --no-passphrase").run().done();
    cert(&owner, "client lab --for ana --out bundle.toml").run().done();
    cert(&owner, "new pin --host tcp://127.0.0.1:2376 --pin").run().done();
    cert(&owner, "client pin --for ana --out pinned.toml").run().done();
    let pinned = fs::read_to_string(owner.work().join("pinned.toml")).unwrap();
    let other = Sandbox::in_memory();
    cert(&other, "request x --out r.csr").run().done();
    cert(&other, "request y --pin --out pin.pem").run().done();
    let mut stuck = Vec::new();
    for (state, make) in STATES {
        for line in COMMANDS {
            let sb = Sandbox::in_memory();
            sb.write("work/bundle.toml", fs::read(owner.work().join("bundle.toml")).unwrap());
            sb.write("work/pinned.toml", pinned.replace("name = \"pin\"", "name = \"lab\""));
            for file in ["r.csr", "pin.pem"] {
                sb.write(format!("work/{file}"), fs::read(other.work().join(file)).unwrap());
            }
            let set = certs(&owner, "lab");
            sb.write("work/ca.pem", fs::read(set.join("ca.pem")).unwrap());
            for dir in ["DIR", "CADIR"] {
                let from = [set.join("ca.pem"), set.join("cert.pem"), set.join("key.pem")];
                fs::create_dir(sb.work().join(dir)).unwrap();
                for file in from {
                    fs::copy(&file, sb.work().join(dir).join(file.file_name().unwrap())).unwrap();
                }
            }
            fs::copy(set.join("ca/ca-key.pem"), sb.work().join("CADIR/ca-key.pem")).unwrap();
            make(&sb);
            let mut line = format!("dctx {line}");
            if line.contains("cert new") || line.contains("rotate-ca") {
                line.push_str(" --no-passphrase");
            }
            if let Err(why) = walk(&sb, &line, &[]) {
                stuck.push(format!("{state}: {why}"));
            }
        }
    }
    assert!(stuck.is_empty(), "{}", stuck.join("\n\n"));
}
