//! Whatever stands inside `$(…)`: nothing but a `use` or `reset` that worked evaluates to a success, in any shell. What
//! is data stays so, byte for byte, in pipes and files.

use std::fmt::Write as _;
use std::fs;

use crate::support::Sandbox;
use crate::support::profiles::CONFIG;
use crate::support::shells::{Build, each_build, env_file, same};

/// Descriptions, tags, names and hosts that would be commands to a shell that evaluates them.
const PROFILES: &str = r#"
[profiles.coreos]
host = "tcp://127.0.0.7:2375"
description = "$(touch pwn1) `touch pwn2`; touch pwn3 \" ; touch pwn4 ; ' ) ( touch pwn5 ) \\"
tags = ["touch", "touch pwn6"]

[profiles.true]
host = "unix:///tmp/$(touch pwn7);touch pwn8.sock"
description = "&& touch pwn9 || touch pwn10 | touch pwn11 > pwn12"

[profiles.prod]
host = "tcp://127.0.0.8:2376"
tls = "insecure"
protected = true
"#;

/// Command lines that fail: typos, guesses, flags, missing and wrong arguments.
const FAIL: &[&str] = &[
    "",
    "nope",
    "coreos",
    "usee coreos",
    "delete coreos",
    "switch coreos",
    "set coreos",
    "status",
    "test coreos",
    "run coreos -- true",
    "inspect coreos",
    "create x tcp://h",
    "version",
    "completion bash",
    "--nope",
    "-x",
    "-v",
    "--color",
    "--color maybe use coreos",
    "-H tcp://127.0.0.7:2375 use coreos",
    "--host x ps",
    "help nope",
    "__nope",
    "use",
    "use nope",
    "use -",
    "use --",
    "use coreos extra",
    "use --foo",
    "use coreos --foo",
    "use coreos --shell",
    "use coreos --shell nope",
    "use nope --shell json",
    "use nope --shell dotenv",
    "use coreos --session -U",
    "use coreos --for",
    "use coreos --for x",
    "use coreos --for 5m",
    "use prod",
    "use prod --confirm nope",
    "use coreos --check",
    "use coreos --json",
    "use -x",
    "env nope",
    "env",
    "reset x",
    "reset --nope",
    "reset --shell",
    "reset --shell nope",
    "off x",
    "current x",
    "ls --nope",
    "ls a b",
    "ls --check --long --what",
    "add",
    "add x",
    "add x h",
    "add tcp://h x",
    "add coreos tcp://h",
    "add x tcp://h --tls maybe",
    "add x tcp://h --cert /",
    "edit nope --tag x",
    "edit --nope",
    "edit coreos --protected no",
    "show nope",
    "show --nope",
    "rename",
    "rename coreos",
    "rename nope x",
    "mv coreos true",
    "rm",
    "rm nope",
    "remove",
    "undo x",
    "exec",
    "exec coreos",
    "exec nope -- true",
    "exec coreos docker ps",
    "exec coreos -- /nonexistent",
    "exec prod -- true",
    "shell",
    "shell coreos",
    "shell nope",
    "shell prod",
    "check nope",
    "check --jobs 0",
    "check -a coreos",
    "doctor nope",
    "explain --nope",
    "server",
    "server nope",
    "server coreos --port 0",
    "server coreos --undo",
    "cert",
    "cert nope",
    "cert new",
    "cert new nope",
    "cert show /nonexistent",
    "cert renew nope",
    "cert import /nonexistent",
    "init",
    "init nope",
    "completions",
    "completions nope",
    "man",
    "__watch",
    "__watch x --nope",
    "__complete",
];

/// Pages and data: a success on a terminal or in a pipe.
const READ: &[&str] = &[
    "help",
    "help use",
    "help cert new",
    "--help",
    "-h",
    "use --help",
    "cert --help",
    "coreos --help",
    "--version",
    "-V",
    "ls",
    "ls -l",
    "ls --check",
    "ls --json",
    "show coreos",
    "show true",
    "show coreos --json",
    "current",
    "current --json",
    "check --offline",
    "check -a --offline",
    "check coreos --offline --json",
    "explain 'x509: certificate is valid for a, not b'",
    "explain 'x509: certificate is valid for a, not b' --json",
    "server prod --insecure",
    "list -l",
    "doctor --offline",
];

/// What works and prints nothing; each runs once in each shell, in this order.
const SILENT: &[&str] = &[
    "add new tcp://127.0.0.9",
    "edit new --tag x",
    "rename new newer",
    "rm newer",
    "undo",
    "undo",
    "man pages",
];

const BEFORE: &str = "tcp://127.0.0.99:2375";

/// One line of a script: what is evaluated, and a word into `ran.txt` if that, or what follows, was a success.
fn line(build: &Build, n: usize, args: &str, alone: bool) -> String {
    let load = build.emitter.load(&format!("dctx {args}"));
    match build.emitter.name() {
        "elvish" => format!("try {{ {load}; echo {n} >> ran.txt }} catch e {{ nop }}"),
        "nu" => format!("try {{ {load}; \"{n}\\n\" | save --append ran.txt }} catch {{ null }}"),
        "xonsh" => {
            format!("try:\n    {load}\n    echo {n} >> ran.txt\nexcept BaseException:\n    pass")
        }
        "fish" => format!("{load} && echo {n} >> ran.txt; or true"),
        // A line that cannot be parsed ends a script of these, as it should; each has a copy of the shell to itself.
        _ if !alone => format!(
            "( {load} && echo {n} >> ran.txt )\ntest \"$DOCKER_HOST\" = {BEFORE} || echo {n} host >> ran.txt"
        ),
        _ => format!("{load} && echo {n} >> ran.txt"),
    }
}

#[test]
fn nothing_else_is_a_success() {
    let total = std::sync::atomic::AtomicUsize::new(0);
    each_build(|build, sb| {
        sb.write(CONFIG, PROFILES);
        let lines: Vec<&str> = FAIL.iter().chain(READ).copied().collect();
        let all: Vec<(usize, &str, bool)> = lines
            .iter()
            .enumerate()
            .map(|(n, args)| (n, *args, false))
            .chain(SILENT.iter().enumerate().map(|(n, args)| (1000 + n, *args, true)))
            // its line has the command in quotes of its own, and one that cannot be parsed ends a whole file; and it
            // takes no failure of what it evaluates for one of its own, which `dctx 0.1.0` is
            .filter(|(_, args, _)| {
                // its line loads JSON into the environment, whatever it is about
                !(build.is("nu") && args.contains("--json"))
            })
            .filter(|(_, args, _)| {
                !build.is("xonsh") || !(args.contains('\'') || ["--version", "-V"].contains(args))
            })
            .collect();
        // not all in one: a slow shell on a busy machine would seem to hang
        for some in all.chunks(36) {
            let mut script = format!("{}\n", build.env_to("before.env"));
            for (n, args, alone) in some {
                let _ = writeln!(script, "{}", line(build, *n, args, *alone));
            }
            let _ = writeln!(script, "{}", build.env_to("after.env"));
            build.run_with(sb, [("DOCKER_HOST", BEFORE), ("DCTX_LANG", "en")], &script);
            same(&env_file(sb, "after.env"), &env_file(sb, "before.env"), &build.label);
        }
        let ran = fs::read_to_string(sb.work().join("ran.txt")).unwrap_or_default();
        let ran: Vec<String> = ran
            .lines()
            .map(|line| {
                let n: usize = line.split(' ').next().unwrap().parse().unwrap();
                format!("{line}: {:?}", lines.get(n).or_else(|| SILENT.get(n.wrapping_sub(1000))))
            })
            .collect();
        assert!(ran.is_empty(), "{}: successes: {ran:#?}", build.label);
        no_command_ran(build, sb);
        assert!(sb.work().join("pages/dctx.1").exists(), "{}: the silent ones ran", build.label);
        let count = all.len();
        total.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
        println!("{}: {count} command lines", build.label);
    });
    println!("{} evaluated in all", total.into_inner());
}

fn no_command_ran(build: &Build, sb: &Sandbox) {
    let made =
        fs::read_dir(sb.work()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let made: Vec<String> = made.filter(|name| name.starts_with("pwn")).collect();
    assert!(made.is_empty(), "{} ran {made:?}", build.label);
}

/// The same for scripts that use `-e`, and the status that is told.
#[test]
fn the_status_is_not_zero() {
    each_build(|build, sb| {
        if build.raises() {
            return; // there is no status, and the other test catches what they raise
        }
        sb.write(CONFIG, PROFILES);
        for args in [
            "nope",
            "usee coreos",
            "help",
            "ls -l",
            "show coreos",
            "rm nope",
            "--version",
            "current --json",
        ] {
            let load = build.emitter.load(&format!("dctx {args}"));
            let script = format!("{load}\necho \"{}\" > end.txt\n", build.status());
            let code = build.run(sb, &script).code();
            // A line that cannot be parsed may have ended the shell.
            let said =
                fs::read_to_string(sb.work().join("end.txt")).unwrap_or_else(|_| code.to_string());
            assert_ne!(said.trim(), "0", "{}: {args}", build.label);
            let _ = fs::remove_file(sb.work().join("end.txt"));
        }
        no_command_ran(build, sb);
    });
}

/// Full and closed: the status says so, and nothing follows.
#[test]
fn where_nothing_can_be_written_nothing_follows() {
    let sb = Sandbox::new();
    sb.write(CONFIG, PROFILES);
    for args in [
        "use coreos",
        "reset",
        "ls",
        "ls --json",
        "show coreos",
        "current",
        "--help",
        "help use",
        "--version",
        "init bash",
        "completions bash",
        "check --offline",
    ] {
        let script = format!("dctx {args} >/dev/full && echo went on");
        let out = sb.sh("sh", ["-c", &script]).run();
        assert_ne!(out.code(), 0, "{args}");
        assert_eq!(out.out(), "", "{args}");
        assert!(out.err().contains("dctx: "), "{args}: {}", out.err());
    }
    for args in ["use coreos", "reset"] {
        let out = sb.sh("sh", ["-c", &format!("dctx {args} >&- && echo went on")]).run();
        assert_eq!((out.code() == 0, out.out().as_str()), (false, ""), "{args}");
    }
}

/// A page that says nothing because nothing was found fails a shell that reads it from a pipe or a file, too.
#[test]
fn an_empty_page_is_no_success() {
    let sb = Sandbox::new();
    sb.write(CONFIG, PROFILES);
    for line in [
        "dctx explain hello | sh && echo went on",
        "dctx explain hello > page; . ./page && echo went on",
        "eval \"$(dctx explain hello | cat)\" && echo went on",
    ] {
        let out = sb.sh("sh", ["-c", line]).run();
        assert_eq!(out.out(), "", "{line}");
    }
}

/// What a file, a program, or a script that prints other things as well gets is data and nothing else.
#[test]
fn data_stays_data() {
    each_build(|build, sb| {
        if build.raises() || build.is("tcsh") {
            return; // the lines below are for shells with a `|` and a `>` as sh has them
        }
        sb.write(CONFIG, PROFILES);
        for args in [
            "ls",
            "ls -l",
            "ls -q",
            "ls --json",
            "show coreos",
            "current",
            "help",
            "--version",
            "completions bash",
            "init bash",
        ] {
            let direct = sb.dctx(args.split(' ')).run().done().out();
            let script = format!("dctx {args} | cat > piped.txt\ndctx {args} > file.txt\n");
            for _ in 0..3 {
                build.run(sb, &script).ok("", "");
                for file in ["piped.txt", "file.txt"] {
                    let text = fs::read_to_string(sb.work().join(file)).unwrap();
                    assert_eq!(
                        text.replace(sb.dir().to_str().unwrap(), "[SB]"),
                        direct,
                        "{}: {args}, {file}",
                        build.label
                    );
                }
            }
        }
        if build.posix() && !build.is("ksh") {
            let script = "make_host() { dctx add made tcp://127.0.0.9 2>/dev/null; echo made; dctx rm made 2>/dev/null; }\n\
                          x=$(make_host)\necho \"$x\"\nx=$(dctx ls -q)\necho \"$x\"\n\
                          dctx ls | while read -r name rest; do echo \"$name\"; break; done\n";
            build.run(sb, script).ok("made\ncoreos\ntrue\nprod\nNAME\n", "");
        }
    });
}
