//! What people type that dctx does not take is answered with the whole command that they meant, in their language and
//! with status 2; the pages of help are grouped, complete, and Chinese where Chinese is asked for.

use clap::{Command, CommandFactory as _};
use dctx::cli::{Cli, SECTIONS, zh};

use crate::support::Sandbox;
use crate::support::profiles::CONFIG;

fn sandbox() -> Sandbox {
    let sb = Sandbox::new();
    sb.write(CONFIG, "[profiles.coreos]\nhost = \"tcp://127.0.0.7:2375\"\n");
    sb
}

/// What is typed, and the first hint. `load` stands for what the shell that runs the test has around it.
const GUESSES: &[(&str, &str)] = &[
    ("delete coreos", "dctx rm coreos"),
    ("switch coreos", "LOAD dctx use coreos"),
    ("set coreos", "LOAD dctx use coreos"),
    ("usee coreos --session", "LOAD dctx use coreos --session"),
    ("coreos", "LOAD dctx use coreos"),
    ("status", "dctx current"),
    ("test coreos", "dctx check coreos"),
    ("ping coreos", "dctx check coreos"),
    ("run coreos -- docker ps", "dctx exec coreos -- docker ps"),
    ("inspect coreos --json", "dctx show coreos --json"),
    ("info coreos", "dctx show coreos"),
    ("create x tcp://127.0.0.8 --tag y", "dctx add x tcp://127.0.0.8 --tag y"),
    ("new x tcp://127.0.0.8", "dctx add x tcp://127.0.0.8"),
    ("completion bash", "dctx completions bash"),
    ("version", "dctx --version"),
    ("import bundle.toml", "dctx cert import bundle.toml"),
    ("cert nwe coreos", "dctx cert new coreos"),
    ("exec coreos docker ps -a", "dctx exec coreos -- docker ps -a"),
    ("add tcp://127.0.0.8 x --tag y", "dctx add x tcp://127.0.0.8 --tag y"),
    ("add x --host tcp://127.0.0.8", "dctx add x tcp://127.0.0.8"),
    ("add x -H tcp://127.0.0.8", "dctx add x tcp://127.0.0.8"),
    ("-H tcp://127.0.0.8 ps", "dctx add NAME tcp://127.0.0.8"),
    ("use --host tcp://127.0.0.8", "dctx add NAME tcp://127.0.0.8"),
    ("add x tcp://127.0.0.8 --cert /tmp", "dctx add x tcp://127.0.0.8 --certs /tmp"),
    ("add x tcp://127.0.0.8 --tlscacert ca.pem", "dctx add x tcp://127.0.0.8 --ca ca.pem"),
    ("add x", "dctx add x HOST"),
    ("exec coreos", "dctx exec coreos -- CMD"),
    ("rename coreos", "dctx rename coreos NEW"),
    ("use --foo", "LOAD dctx use --for TIME"),
    ("run coreos docker ps", "dctx exec coreos -- docker ps"),
    ("docker ps -a", "dctx exec NAME -- docker ps -a"),
    ("context use coreos", "LOAD dctx use coreos"),
    ("profile list", "dctx list"),
    ("goto coreos", "LOAD dctx use coreos"),
    ("prompt", "dctx init SHELL"),
    ("shellenv", "dctx init SHELL"),
    ("remov coreos", "dctx remove coreos"),
    // a likeness leads to nothing that takes something away, nor to what does something else
    ("prom", "dctx help"),
    ("restore", "dctx help"),
    ("cp coreos other", "dctx help"),
    ("copy coreos other", "dctx help"),
    ("insert coreos", "dctx help"),
    ("edit coreos --tls verfy", "dctx edit coreos --tls verify"),
];

#[test]
fn what_was_meant_is_told() {
    let sb = sandbox();
    for (typed, wanted) in GUESSES {
        // with the hook a plain `dctx use` acts; without, it is typed as the shell at work has to evaluate it
        for hook in [true, false] {
            let run = sb.dctx(typed.split(' '));
            let out = if hook { run.env("DCTX_HOOK", "1") } else { run }.run();
            let code = if typed.starts_with("exec") { 125 } else { 2 };
            assert_eq!((out.code(), out.data().as_str()), (code, ""), "{typed}: {}", out.err());
            let err = out.err();
            let mut lines = err.lines();
            assert!(lines.next().is_some_and(|line| line.starts_with("dctx: ")), "{typed}: {err}");
            let hint = lines.next().unwrap_or_default();
            let (_, run) =
                hint.strip_prefix("hint: ").and_then(|h| h.split_once(": ")).unwrap_or_default();
            let plain = wanted.strip_prefix("LOAD ").unwrap_or(wanted);
            match wanted.starts_with("LOAD ") && !hook {
                true => assert!(run.contains(plain), "{typed}: {hint}"),
                false => assert_eq!(run, plain, "{typed}: {hint}"),
            }
            assert!(!err.contains("__"), "{typed} shows internals: {err}");
            let chinese = sb.dctx(typed.split(' ')).env("DCTX_LANG", "zh").run().err();
            assert!(
                chinese.starts_with("dctx: ") && chinese.contains("提示（"),
                "{typed}: {chinese}"
            );
            assert!(
                chinese.lines().all(|line| line.chars().any(|c| ('一'..='鿿').contains(&c))),
                "{chinese}"
            );
        }
    }
}

#[test]
fn help_is_help_however_it_is_asked() {
    let sb = sandbox();
    for (asked, flag) in [
        ("help", "--help"),
        ("help use", "use --help"),
        ("help cert new", "cert new --help"),
        ("help help", "--help"),
    ] {
        let page = sb.dctx(flag.split(' ')).run().done().out();
        sb.dctx(asked.split(' ')).run().ok(&page, "");
    }
    let unknown = sb.dctx(["help", "nope"]).run();
    assert_eq!(unknown.code(), 2);
    let page = sb.dctx(["--help"]).run().out();
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text:?} in {page}"));
    assert!(
        at("point this shell at a remote") < at("Usage:")
            && at("Usage:") < at("Point a shell at a host:")
    );
    assert!(at("Set up dctx:") < at("Examples:"), "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    let page = sb.dctx(["use", "--help"]).run().out();
    assert!(page.contains("picker") && SHELLS.iter().all(|shell| page.contains(shell)), "{page}");
}

const SHELLS: [&str; 13] = [
    "bash", "zsh", "sh", "ksh", "mksh", "yash", "fish", "tcsh", "elvish", "nu", "xonsh", "pwsh",
    "cmd",
];

#[test]
fn every_command_is_in_one_section() {
    let root = Cli::command();
    let mut listed: Vec<&str> =
        SECTIONS.iter().flat_map(|(_, _, verbs)| verbs.iter().copied()).collect();
    listed.sort_unstable();
    let mut visible: Vec<&str> = root
        .get_subcommands()
        .filter(|verb| !verb.is_hide_set())
        .map(Command::get_name)
        .chain(["help"])
        .collect();
    visible.sort_unstable();
    assert_eq!(listed, visible);
}

/// Every command and every argument that is shown.
#[test]
fn all_of_help_is_chinese_too() {
    fn missing(command: &Command, path: &str, out: &mut Vec<String>) {
        let shown = |arg: &&clap::Arg| !arg.is_hide_set();
        for arg in command.get_arguments().filter(shown) {
            if zh::text(path, arg.get_id().as_str()).is_none() {
                out.push(format!("{path} {}", arg.get_id()));
            }
        }
        if !path.is_empty()
            && command.get_after_help().is_some()
            && zh::text(path, "after").is_none()
        {
            out.push(format!("{path} after"));
        }
        for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
            let path = if path.is_empty() {
                verb.get_name().to_owned()
            } else {
                format!("{path} {}", verb.get_name())
            };
            if zh::about(&path).is_none() {
                out.push(path.clone());
            }
            missing(verb, &path, out);
        }
    }
    let mut root = Cli::command();
    root.build();
    let mut out = Vec::new();
    missing(&root, "", &mut out);
    assert!(out.is_empty(), "to be written in src/cli/zh.rs: {out:#?}");
    let sb = sandbox();
    for verb in root.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        let page = sb.dctx([verb.get_name(), "--help"]).env("DCTX_LANG", "zh").run().done().out();
        assert!(
            page.contains("用法：") && page.contains("选项：") && !page.contains("Options"),
            "{page}"
        );
    }
}

/// Where a value is wrong, the hint is the same line with that value put right, for the shell that is named on it.
#[test]
fn the_line_is_told_with_one_word_put_right() {
    let sb = sandbox();
    for (typed, code, wanted) in [
        ("add x 127.0.0.8:2375 --tag y", 2, "dctx add x tcp://127.0.0.8:2375 --tag y"),
        ("edit coreos --host=127.0.0.8:2375", 2, "dctx edit coreos --host=tcp://127.0.0.8:2375"),
        ("use coreos --shell bsh", 2, "eval \"$(dctx use coreos --shell bash)\""),
        (
            "use coreos --session --shell=zhs",
            2,
            "eval \"$(dctx use coreos --session --shell=zsh)\"",
        ),
        ("reset --shell fihs", 2, "dctx reset --shell fish | source"),
        ("shell coreos --shell elvihs", 125, "dctx shell coreos --shell elvish"),
        ("use coreos -U --shell cmd", 2, "dctx use coreos --session --shell cmd"),
        ("use nope --shell fish --for 5m", 3, "dctx ls"),
        ("use - --shell tcsh", 3, "eval \"`dctx reset --shell tcsh`\""),
        (
            "add x tcp://127.0.0.8 --ca /tmp --tag y",
            4,
            "dctx add x tcp://127.0.0.8 --certs /tmp --tag y",
        ),
        (
            "add x tcp://127.0.0.8 --certs=/nowhere --tag y",
            4,
            "dctx add x tcp://127.0.0.8 --ca FILE --cert FILE --key FILE --tag y",
        ),
        (
            "cert new coreos --no-input",
            7,
            "dctx cert new coreos --no-input --ca-key-command 'pass show docker/ca'",
        ),
    ] {
        for lang in ["en", "zh"] {
            let out = sb.dctx(typed.split(' ')).env("DCTX_LANG", lang).run();
            assert_eq!(out.code(), code, "{typed}: {}", out.err());
            assert!(out.err().contains(wanted), "{typed}: {}", out.err());
        }
    }
}
