//! A shared profile that has changed since it was last used asks first, whatever changed, and says what; its answer is
//! its own and stands for the profile as it is now.

use std::fs;

use crate::support::profiles::{CONFIG, certs, exports, files, mode};
use crate::support::{Cmd, Sandbox, require};

const LAYER: &str = "home/.config/dctx/profiles.d/t.toml";
const FILE: &str = "[SB]/home/.config/dctx/profiles.d/t.toml";

fn dctx(sb: &Sandbox, args: &str) -> Cmd {
    sb.dctx(args.split(' '))
}

/// `[profiles.a]` with this host, and what follows.
fn layer(sb: &Sandbox, host: &str, more: &str) {
    sb.write(LAYER, format!("[profiles.a]\nhost = \"{host}\"\n{more}"));
}

/// The sum that the refusal of `use a` prints, after `dctx: a has changed …` and these lines.
#[track_caller]
fn refused(sb: &Sandbox, lines: &[String], flags: &str) -> String {
    let out = dctx(sb, "use a --shell bash").run();
    let err = out.err();
    let sum = err.split(" --accept ").nth(1).and_then(|rest| rest.split(' ').next());
    let sum = sum.unwrap_or_else(|| panic!("{err}")).to_owned();
    assert!(sum.len() == 16 && sum.bytes().all(|b| b.is_ascii_hexdigit()), "{err}");
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    let said = format!(
        "dctx: a has changed since it was last used; it is defined in {FILE}\n{lines}\
         hint: look at it: dctx show a\n\
         hint: if that is right: eval \"$(dctx use a{flags} --accept {sum} --shell bash)\"\n"
    );
    out.is(7, "(exit 7);\n", &said);
    sum
}

/// Everything that changes what happens asks, is named with its value before and after, and is accepted by its own
/// flag alone.
#[test]
fn every_change_asks_and_is_named() {
    let sb = Sandbox::new();
    let c = certs(&sb, "c").display().to_string();
    let d = files(&sb, "d", &["ca.crt", "client.pem", "client-key.pem"]).display().to_string();
    let tls = |dir: &str| format!("certs = \"{dir}\"\n");
    let (plain, verify) = ("tcp://h", "tcp://h:2376");
    let line = |text: &str| vec![text.to_owned()];
    for (before, after, said) in [
        (
            (plain, String::new()),
            ("tcp://i", String::new()),
            line("host: tcp://h:2375 → tcp://i:2375"),
        ),
        (
            (plain, String::new()),
            (verify, String::new()),
            line("host: tcp://h:2375 → tcp://h:2376"),
        ),
        (("ssh://h", String::new()), (plain, String::new()), line("host: ssh://h → tcp://h:2375")),
        (
            (verify, tls(&c)),
            (verify, tls(&c) + "tls = \"insecure\"\n"),
            line("tls: verify → insecure"),
        ),
        (
            (plain, "protected = true\n".to_owned()),
            (plain, String::new()),
            line("protected: true → false"),
        ),
        ((plain, String::new()), (plain, "dirs = [\"~\"]\n".to_owned()), line("dirs: not set → ~")),
        (
            (plain, "dirs = [\"~/a\"]\n".to_owned()),
            (plain, "dirs = [\"~/a\", \"~/b\"]\n".to_owned()),
            line("dirs: ~/a → ~/a, ~/b"),
        ),
        (
            (plain, "env = { BUILDX_BUILDER = \"one\" }\n".to_owned()),
            (plain, "env = { BUILDX_BUILDER = \"two\", COMPOSE_PROFILES = \"x\" }\n".to_owned()),
            vec![
                "env.BUILDX_BUILDER: one → two".to_owned(),
                "env.COMPOSE_PROFILES: not set → x".to_owned(),
            ],
        ),
        (
            (plain, "max-use = \"30m\"\n".to_owned()),
            (plain, String::new()),
            line("max-use: 30m → not set"),
        ),
        (
            (plain, String::new()),
            (plain, "api-version = \"1.41\"\n".to_owned()),
            line("api-version: not set → 1.41"),
        ),
        (
            (
                verify,
                format!("ca = \"{c}/ca.pem\"\ncert = \"{c}/cert.pem\"\nkey = \"{c}/key.pem\"\n"),
            ),
            (
                verify,
                format!(
                    "ca = \"{c}/ca.pem\"\ncert = \"{c}/cert.pem\"\nkey = \"{d}/client-key.pem\"\n"
                ),
            ),
            line("key: [SB]/c/key.pem → [SB]/d/client-key.pem"),
        ),
    ] {
        let _ = fs::remove_dir_all(sb.state().join("dctx/seen"));
        layer(&sb, before.0, &before.1);
        dctx(&sb, "exec a --confirm a -- true").run().ok("", "");
        assert!(sb.state().join("dctx/seen/a").exists(), "{before:?}");
        layer(&sb, after.0, &after.1);
        for _ in 0..2 {
            let sum = refused(&sb, &said, "");
            // the name answers another question, and another sum is another profile's
            for wrong in ["--confirm a", "--accept a", "--accept 0123456789abcdef"] {
                let out = dctx(&sb, &format!("use a --shell bash {wrong}")).run();
                assert_eq!((out.code(), out.out().as_str()), (7, "(exit 7);\n"), "{wrong}");
            }
            let out = dctx(&sb, "exec a --confirm a -- true").run();
            assert_eq!(out.code(), 125);
            let hint = format!("dctx exec a --accept {sum} -- true\n");
            assert!(out.err().ends_with(&hint), "{}", out.err());
        }
        let sum = refused(&sb, &said, "");
        dctx(&sb, "show a").run().done();
        dctx(&sb, &format!("exec a --accept {sum} -- true")).run().ok("", "");
        // it has been accepted, and asks no more; back again is a change too
        dctx(&sb, "exec a -- true").run().ok("", "");
        layer(&sb, before.0, &before.1);
        assert_eq!(dctx(&sb, "exec a --confirm a -- true").run().code(), 125, "{before:?}");
    }
}

/// Another CA or another client certificate, under whatever name, with the file that it is in.
#[test]
fn other_certificates_ask() {
    let sb = Sandbox::new();
    let c = certs(&sb, "c").display().to_string();
    let d = files(&sb, "d", &["ca.crt", "client.pem", "client-key.pem"]).display().to_string();
    for (text, path, key) in [
        (format!("certs = \"{c}\"\n"), "c/ca.pem", "ca"),
        (format!("certs = \"{d}\"\n"), "d/ca.crt", "ca"),
        (format!("ca = \"{c}/ca.pem\"\n"), "c/ca.pem", "ca"),
        (format!("certs = \"{c}\"\n"), "c/cert.pem", "cert"),
    ] {
        let _ = fs::remove_dir_all(sb.state().join("dctx/seen"));
        let write = |text: &str| {
            mode(sb.path(path), 0o644);
            fs::write(sb.path(path), text).unwrap();
            mode(sb.path(path), 0o444);
        };
        write("one");
        layer(&sb, "tcp://h", &text);
        exports(&sb, "a");
        exports(&sb, "a");
        write("two");
        let sums = [
            "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
            "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3",
        ];
        let [was, now] = sums.map(|sum| format!("[SB]/{path} (SHA-256 {sum})"));
        let sum = refused(&sb, &[format!("{key}: {was} → {now}")], "");
        dctx(&sb, &format!("use a --shell json --accept {sum}")).run().done();
        exports(&sb, "a");
    }
}

/// Two questions: a protected profile that has changed needs both answers, and the hint has both.
#[test]
fn a_protected_profile_that_has_changed_needs_both_answers() {
    let sb = Sandbox::new();
    layer(&sb, "tcp://h", "protected = true\n");
    dctx(&sb, "use a --shell json --confirm a").run().done();
    layer(&sb, "tcp://i", "protected = true\n");
    let sum = refused(&sb, &["host: tcp://h:2375 → tcp://i:2375".to_owned()], " --confirm a");
    // what was answered already is in the line that is advised for the rest
    let out = dctx(&sb, &format!("use a --shell bash --accept {sum}")).run();
    out.is(
        7,
        "(exit 7);\n",
        &format!(
            "dctx: a is protected (tcp://i:2375) and there is no terminal to ask on\n\
             hint: if you mean it: eval \"$(dctx use a --confirm a --accept {sum} --shell bash)\"\n"
        ),
    );
    assert_eq!(dctx(&sb, "use a --shell bash --confirm a").run().code(), 7);
    dctx(&sb, &format!("use a --shell json --confirm a --accept {sum}")).run().done();
    // what was accepted is remembered, what protects it still asks
    assert_eq!(dctx(&sb, "use a --shell bash").run().code(), 7);
    dctx(&sb, "use a --shell json --confirm a").run().done();
    // a host is not changed by ssh, and not connected to by --check, without the same answers
    layer(&sb, "tcp://127.0.0.1:1", "protected = true\n");
    let out = dctx(&sb, "use a --check --shell bash --confirm a").run();
    assert_eq!((out.code(), out.out().as_str()), (7, "(exit 7);\n"), "{}", out.err());
    assert!(out.err().starts_with("dctx: a has changed"), "{}", out.err());
    let out = dctx(&sb, "server a --insecure --port 1 --ssh root@127.0.0.1").run();
    assert!(out.err().contains(" --confirm a --accept "), "{}", out.err());
    assert_eq!(out.code(), 7);
    let out = dctx(&sb, "server a --insecure --ssh root@127.0.0.1 --yes --confirm a").run();
    assert_eq!(out.code(), 7, "{}", out.err());
    assert!(out.err().contains("a has changed"), "{}", out.err());
}

/// A directory does not lead to a shared profile that has changed, in whatever way.
#[test]
fn a_directory_does_not_lead_to_what_has_changed() {
    let sb = Sandbox::new();
    fs::create_dir_all(sb.path("home/shop")).unwrap();
    let at = |dir: &str| {
        let dir = sb.path(dir);
        sb.dctx(["__hook"])
            .env("DCTX_SHELL", "bash")
            .env("DCTX_HOOK", "prompt")
            .env("PWD", &dir)
            .cwd(&dir)
            .run()
    };
    layer(&sb, "tcp://h", "dirs = [\"~/shop\"]\n");
    dctx(&sb, "use a --shell json").run().done();
    assert!(at("home/shop").out().contains("tcp://h:2375"), "{}", at("home/shop").err());
    layer(&sb, "tcp://h", "dirs = [\"~\"]\nenv = { COMPOSE_PROJECT_NAME = \"x\" }\n");
    for dir in ["home", "home/shop"] {
        let out = at(dir);
        assert!(!out.out().contains("DOCKER_HOST"), "{}", out.out());
        assert!(out.err().contains("is new or has changed"), "{}", out.err());
    }
}

/// What says nothing of what happens may change.
#[test]
fn what_is_only_shown_may_change() {
    let sb = Sandbox::new();
    let c = certs(&sb, "c").display().to_string();
    let text = format!("certs = \"{c}\"\n");
    layer(&sb, "tcp://h", &text);
    exports(&sb, "a");
    layer(&sb, "tcp://h", &format!("{text}description = \"x\"\ntags = [\"y\"]\nx-z = 1\n"));
    exports(&sb, "a");
    layer(&sb, "tcp://h:2376", &text);
    exports(&sb, "a");
    mode(sb.path("c/key.pem"), 0o600);
    fs::write(sb.path("c/key.pem"), "renewed").unwrap();
    exports(&sb, "a");
    // One's own profile is one's own business.
    sb.write(CONFIG, "[profiles.own]\nhost = \"tcp://h\"\n");
    exports(&sb, "own");
    dctx(&sb, "edit own --host tcp://elsewhere").run().done();
    exports(&sb, "own");
    assert!(!sb.state().join("dctx/seen/own").exists());
}

/// The file of an earlier version had the endpoint and a sum: the rest is not known, and asks once.
#[test]
fn what_an_earlier_version_remembered_is_still_read() {
    let sb = Sandbox::new();
    layer(&sb, "tcp://h", "");
    let seen = sb.path("home/.local/state/dctx/seen/a");
    let old = |host: &str, sum: &str| {
        let _ = fs::remove_file(&seen);
        sb.write("home/.local/state/dctx/seen/a", format!("{host}\n{sum}\n"));
    };
    // sha256 of tcp://h:2375
    let sum = "279d45ed72ecb8149f8e70837f35bb838e091066c1f1cc30f8e8342d4132cb54";
    old("tcp://h:2375", sum);
    let accept = refused(&sb, &["protected: not remembered → false".to_owned()], "");
    dctx(&sb, &format!("use a --shell json --accept {accept}")).run().done();
    exports(&sb, "a");
    old("tcp://other:2375", sum);
    let told = [
        "host: tcp://other:2375 → tcp://h:2375".to_owned(),
        "protected: not remembered → false".to_owned(),
    ];
    refused(&sb, &told, "");
}

/// A file that is there and says nothing asks; one that cannot be written says so.
#[test]
fn what_is_remembered_and_cannot_be_read_asks() {
    let sb = Sandbox::new();
    layer(&sb, "tcp://h", "");
    let seen = sb.write("home/.local/state/dctx/seen", "not a directory");
    let out = dctx(&sb, "use a --shell json").run();
    let said = "dctx: ~/.local/state/dctx/seen/a could not be written (File exists): \
                a later change of a will not be noticed\n";
    assert_eq!((out.code(), out.err().as_str()), (0, said));
    fs::remove_file(&seen).unwrap();
    exports(&sb, "a");
    let unknown = [
        "host: not remembered → tcp://h:2375".to_owned(),
        "tls: not remembered → off".to_owned(),
        "protected: not remembered → false".to_owned(),
    ];
    for half in ["tcp://elsew", "", "{\"schema\":2", "{\"schema\":9,\"fields\":{}}", "\u{0}"] {
        fs::write(seen.join("a"), half).unwrap();
        let sum = refused(&sb, &unknown, "");
        dctx(&sb, &format!("use a --shell json --accept {sum}")).run().done();
        exports(&sb, "a");
    }
    assert_eq!(fs::read_dir(&seen).unwrap().count(), 1);
}

/// On a terminal the question is asked there, with what has changed, and only yes goes on.
#[test]
fn the_question_is_asked_on_the_terminal() {
    let Some(script) = require("script") else { return };
    let sb = Sandbox::new();
    layer(&sb, "tcp://h", "");
    exports(&sb, "a");
    layer(&sb, "tcp://i", "");
    let asked = "a has changed since it was last used; it is defined in \
                 ~/.config/dctx/profiles.d/t.toml\r\n  host: tcp://h:2375 → tcp://i:2375\r\n\
                 Type yes to use it as it is now: ";
    for (typed, code) in [("a\n", 7), ("y\n", 7), ("yes\n", 0), ("", 0)] {
        let command = "dctx use a --shell bash >out 2>err; echo \"=$?\"";
        let out = sb.sh(&script, ["-qec", command, "/dev/null"]).stdin(typed).run();
        if typed.is_empty() {
            assert!(!out.out().contains("Type yes"), "{}", out.out());
        } else {
            assert!(out.out().contains(asked), "{}", out.out());
        }
        assert!(out.out().contains(&format!("={code}\r\n")), "{}", out.out());
        let text = fs::read_to_string(sb.work().join("out")).unwrap();
        assert_eq!(text.contains("DOCKER_HOST"), code == 0, "{text}");
        // nobody who has just said no is told what says yes
        let err = fs::read_to_string(sb.work().join("err")).unwrap();
        assert!(!err.contains("--accept"), "{err}");
        let again = "hint: to be asked again: eval \"$(dctx use a --shell bash)\"\n";
        assert_eq!(err.ends_with(again), code == 7, "{err}");
    }
}
