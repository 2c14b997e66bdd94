//! A failure is visible: whatever goes wrong, standard output holds a failing statement and nothing else,
//! the shell's status says so, and the environment stays as it was.

use std::fs;

use crate::support::{Sandbox, require};

/// How a shell is run, how it loads text, and the failing statement for exit code `N`.
struct Shell {
    program: &'static str,
    flags: &'static [&'static str],
    name: &'static str,
    fails: fn(i32) -> String,
}

fn subshell(code: i32) -> String {
    format!("(exit {code});\n")
}

fn plain_false(_: i32) -> String {
    "false;\n".to_owned()
}

const SHELLS: &[Shell] = &[
    Shell { program: "bash", flags: &["-c"], name: "bash", fails: subshell },
    Shell { program: "bash", flags: &["--posix", "-c"], name: "bash", fails: subshell },
    Shell { program: "zsh", flags: &["-f", "-c"], name: "zsh", fails: subshell },
    Shell { program: "dash", flags: &["-c"], name: "sh", fails: subshell },
    Shell { program: "busybox", flags: &["ash", "-c"], name: "sh", fails: subshell },
    Shell { program: "posh", flags: &["-c"], name: "sh", fails: subshell },
    Shell { program: "ksh", flags: &["-c"], name: "ksh", fails: subshell },
    Shell { program: "mksh", flags: &["-c"], name: "mksh", fails: subshell },
    Shell { program: "yash", flags: &["-c"], name: "yash", fails: subshell },
    Shell { program: "tcsh", flags: &["-f", "-c"], name: "tcsh", fails: subshell },
    Shell { program: "fish", flags: &["-c"], name: "fish", fails: plain_false },
];

impl Shell {
    /// The script that loads `dctx ARGS`, and writes `STATUS DOCKER_HOST` behind it.
    fn script(&self, args: &str) -> String {
        match self.name {
            "fish" => format!("dctx {args} | source; echo $status $DOCKER_HOST"),
            "tcsh" => format!("eval \"`dctx {args}`\"; echo $status $DOCKER_HOST"),
            _ => format!("eval \"$(dctx {args})\"; echo $? $DOCKER_HOST"),
        }
    }

    /// The same with a command that must not run after it.
    fn chained(&self, args: &str) -> Vec<String> {
        match self.name {
            "fish" => vec![format!("dctx {args} | source; and touch ran")],
            "tcsh" => vec![format!("eval \"`dctx {args}`\" && touch ran")],
            _ => vec![
                format!("eval \"$(dctx {args})\" && touch ran"),
                format!("set -e; eval \"$(dctx {args})\"; touch ran"),
                format!("set -eu; out=\"$(dctx {args})\"; eval \"$out\"; touch ran"),
                format!("eval $(dctx {args}) && touch ran"),
            ],
        }
    }

    fn run(&self, sb: &Sandbox, script: &str) -> crate::support::Output {
        let args = self.flags.iter().copied().chain([script]);
        sb.sh(self.program, args).env("DOCKER_HOST", "tcp://before.example:1").run()
    }
}

/// What goes wrong: the store, the arguments, the exit code.
fn cases(sb: &Sandbox) -> Vec<(&'static str, i32)> {
    let key = sb.write("exposed/key.pem", "");
    for file in ["ca.pem", "cert.pem"] {
        sb.write(format!("exposed/{file}"), "");
    }
    sb.write("alone/cert.pem", "");
    sb.write("alone/ca.pem", "");
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(key, fs::Permissions::from_mode(0o644)).unwrap();
    let here = sb.dir().display();
    sb.write(
        "home/.config/dctx/config.toml",
        format!(
            "[profiles.good]\nhost = \"tcp://good.example:2375\"\n\
             [profiles.missing]\nhost = \"tcp://a.example\"\ncerts = \"/no/such/dir\"\n\
             [profiles.alone]\nhost = \"tcp://a.example\"\ncerts = \"{here}/alone\"\n\
             [profiles.exposed]\nhost = \"tcp://a.example\"\ncerts = \"{here}/exposed\"\n\
             [profiles.misspelt]\nhost = \"tcp://a.example\"\nprotcted = true\n\
             [profiles.misread]\nhost = \"a.example:2376\"\n\
             [profiles.guarded]\nhost = \"tcp://a.example\"\nprotected = true\n\
             [profiles.pipe]\nhost = \"npipe:////./pipe/docker_engine\"\n"
        ),
    );
    vec![
        ("use nosuch", 3),
        ("use -", 3),
        ("use", 2),
        ("use bad/name", 2),
        ("use good --no-such-flag", 2),
        ("use good --session --universal", 2),
        ("use good good", 2),
        ("use missing", 4),
        ("use alone", 4),
        ("use exposed", 4),
        ("use misspelt", 4),
        ("use misread", 4),
        ("use pipe", 4),
        ("use guarded", 7),
        ("use guarded --confirm good", 7),
        ("reset --no-such-flag", 2),
    ]
}

#[test]
fn every_failure_in_every_shell() {
    for shell in SHELLS {
        if require(shell.program).is_none() {
            continue;
        }
        let sb = Sandbox::new();
        let ran = sb.work().join("ran");
        for (args, code) in cases(&sb) {
            let what = format!("{} {:?}: dctx {args}", shell.program, shell.flags);
            let direct = sb.dctx_from(Some(shell.name), args.split(' ')).run();
            assert_eq!((direct.code(), direct.out()), (code, (shell.fails)(code)), "{what}");
            assert!(!direct.err().is_empty(), "{what}");

            let out = shell.run(&sb, &shell.script(args));
            let status = if shell.name == "fish" { 1 } else { code };
            assert_eq!(
                out.out(),
                format!("{status} tcp://before.example:1\n"),
                "{what}: {}",
                out.err()
            );

            for script in shell.chained(args) {
                shell.run(&sb, &script);
                assert!(!ran.exists(), "{what}: went on after {script}");
            }
        }
        // and the test can tell: after a `use` that works, all of these go on
        for script in shell.chained("use good") {
            shell.run(&sb, &script);
            assert!(fs::remove_file(&ran).is_ok(), "{}: stopped at {script}", shell.program);
        }
    }
}

#[test]
fn a_broken_file_stops_use_and_not_reset() {
    for shell in SHELLS {
        if require(shell.program).is_none() {
            continue;
        }
        for broken in
            ["[profiles.good\n", "[profiles.good]\nhost = \"tcp://g", "\u{0}", "[[profiles]]\n"]
        {
            let sb = Sandbox::new();
            sb.write("home/.config/dctx/config.toml", broken);
            let out = shell.run(&sb, &shell.script("use good"));
            let status = if shell.name == "fish" { 1 } else { 4 };
            assert_eq!(out.out(), format!("{status} tcp://before.example:1\n"), "{}", out.err());
            assert!(out.err().contains("config.toml:"), "{}", out.err());
            let script = shell.script("reset").replace(" $DOCKER_HOST", "");
            let out = shell.run(&sb, &script);
            assert_eq!(out.out(), "0\n", "{} {broken:?}: {}", shell.program, out.err());
        }
    }
}

/// What works with a broken store, and with none, and with no home at all.
#[test]
fn what_must_always_work_does() {
    let broken = Sandbox::new();
    broken.write("home/.config/dctx/config.toml", "[profiles.good\nhost=");
    let none = Sandbox::new();
    for sb in [&broken, &none] {
        for args in [
            &["reset", "--shell", "bash"][..],
            &["reset", "--all", "--shell", "fish"],
            &["current"],
            &["current", "--json"],
            &["init", "bash"],
            &["init", "fish"],
            &["completions", "zsh"],
            &["--help"],
            &["use", "--help"],
            &["--version"],
            &["__complete", "names-hosts", ""],
        ] {
            let out = sb.dctx(args.iter().copied()).run();
            assert_eq!((out.code(), out.err().as_str()), (0, ""), "{args:?}");
            let out = sb
                .dctx(args.iter().copied())
                .env_remove("HOME")
                .env("XDG_CONFIG_HOME", "relative")
                .run();
            assert_eq!((out.code(), out.err().as_str()), (0, ""), "{args:?} without HOME");
        }
    }
}

/// A reader that went away has had enough: that is no failure. A full disk is one.
#[test]
fn a_closed_pipe_is_success_and_a_full_disk_is_not() {
    let sb = Sandbox::new();
    cases(&sb);
    for args in ["use good --shell bash", "ls", "show good", "current", "init bash", "--help"] {
        let script = format!("( dctx {args}; echo $? >&2 ) | true");
        let mut seen = String::new();
        // the reader may be gone before or after: many times, so that both happen
        for _ in 0..20 {
            seen.push_str(&sb.sh("bash", ["-c", &script]).run().err());
        }
        let codes: Vec<&str> = seen.lines().filter(|line| line.parse::<u8>().is_ok()).collect();
        assert_eq!(codes, ["0"; 20], "{args}: {seen}");
        let out = sb.sh("bash", ["-c", &format!("dctx {args} > /dev/full")]).run();
        assert_eq!(out.code(), 1, "{args}: {}", out.err());
        assert!(out.err().contains("writing to standard output"), "{args}: {}", out.err());
    }
}
