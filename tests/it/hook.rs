//! With the init script loaded, plain `dctx use` and `dctx reset` act on the shell itself; every other command, and
//! everything else about the shell, is as it was.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use dctx::cmd::init::{SHELLS, script};

use crate::support::shells::{Build, Env, each_build, env_file};
use crate::support::terminal::Terminal;
use crate::support::{Sandbox, require};

const A: &str = "tcp://a.example:2375";
const B: &str = "tcp://b.example:2376";

/// What a certificate directory may be called, if it must.
const DIRECTORY: &str = "ce rts'\"$(touch pwned)`touch pwned`;touch pwned;\\!*";

/// A plain profile, a verified one, and one that has to be confirmed.
fn prepare(sb: &Sandbox) -> PathBuf {
    let certs = sb.path(DIRECTORY);
    for file in ["ca.pem", "cert.pem", "key.pem"] {
        let path = sb.write(certs.join(file), "");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    }
    fs::set_permissions(&certs, fs::Permissions::from_mode(0o700)).unwrap();
    sb.write(
        "home/.config/dctx/config.toml",
        format!(
            "[profiles.a]\nhost = \"{A}\"\n[profiles.b]\nhost = \"{B}\"\ncerts = '''{}'''\n\
             [profiles.guarded]\nhost = \"tcp://g.example:2375\"\nprotected = true\n",
            certs.display()
        ),
    );
    certs
}

/// The line of the start-up file.
fn load(shell: &str) -> String {
    match shell {
        "fish" => "dctx init fish | source".to_owned(),
        _ => format!("eval \"$(dctx init {shell})\""),
    }
}

/// The shells whose hook is a function that evaluates text from a descriptor; elvish, nu, xonsh and PowerShell have
/// other words for everything that is done here, and stand in `table.rs`.
const FUNCTIONS: [&str; 7] = ["bash", "zsh", "sh", "ksh", "mksh", "yash", "fish"];

/// Runs `test` for every build of these shells, with the line that loads the script.
#[track_caller]
fn each_hook(test: impl Fn(&Build, &Sandbox, &str) + Sync) {
    each_build(|build, sb| {
        if FUNCTIONS.contains(&build.emitter.name()) {
            prepare(sb);
            test(build, sb, &load(build.emitter.name()));
        }
    });
}

/// The variables of `after` that are not the same in `before`; None for what is gone.
fn change<'a>(before: &'a Env, after: &'a Env) -> BTreeMap<&'a str, Option<&'a str>> {
    let names = before.keys().chain(after.keys());
    let changed = names.filter(|name| before.get(*name) != after.get(*name));
    changed.map(|name| (name.as_str(), after.get(name).map(String::as_str))).collect()
}

/// What `use` of a profile sets, but for DCTX_SAVED.
fn expect<'a>(
    profile: &'a str,
    host: &'a str,
    certs: Option<&'a str>,
    previous: Option<&'a str>,
) -> BTreeMap<&'a str, Option<&'a str>> {
    let mut set = BTreeMap::from([
        ("DOCKER_HOST", Some(host)),
        ("DOCKER_MACHINE_NAME", Some(profile)),
        ("DCTX_PROFILE", Some(profile)),
    ]);
    if let Some(dir) = certs {
        set.extend([("DOCKER_CERT_PATH", Some(dir)), ("DOCKER_TLS_VERIFY", Some("1"))]);
    }
    set.extend(previous.map(|name| ("DCTX_PREVIOUS", Some(name))));
    set
}

#[test]
fn use_and_reset_act_on_this_shell() {
    each_hook(|build, sb, load| {
        let certs = crate::support::shells::escape(sb.path(DIRECTORY).to_str().unwrap().as_bytes());
        let st = build.status();
        let out = build.run(
            sb,
            &format!(
                "{load}\nenv -0 > before.env\n\
                 dctx use a\necho {st}\nenv -0 > a.env\n\
                 dctx use b\necho {st}\nenv -0 > b.env\n\
                 dctx use typo\necho {st}\nenv -0 > typo.env\n\
                 dctx use -\necho {st}\nenv -0 > dash.env\n\
                 dctx --color never -q env b\necho {st}\nenv -0 > env.env\n\
                 dctx reset\necho {st}\nenv -0 > reset.env\n\
                 dctx use a\ndctx off --all\necho {st}\nenv -0 > off.env\n"
            ),
        );
        // see `the_line_for_a_shell_without_the_function_still_works`
        let fail = if build.is("fish") { "false;\n" } else { "" };
        out.is(
            0,
            &format!("0\n0\n{fail}3\n0\n0\n0\n0\n"),
            &format!(
                "dctx: no profile named \"typo\"\nhint: all of them: dctx ls\n\
                 dctx: this shell still points at b ({B})\n"
            ),
        );
        let env = |name: &str| env_file(sb, &format!("{name}.env"));
        let before = env("before");
        for (name, wanted) in [
            ("a", expect("a", A, None, None)),
            ("b", expect("b", B, Some(&certs), Some("a"))),
            ("typo", expect("b", B, Some(&certs), Some("a"))),
            ("dash", expect("a", A, None, Some("b"))),
            ("env", expect("b", B, Some(&certs), Some("a"))),
            // for `use -`
            ("reset", BTreeMap::from([("DCTX_PREVIOUS", Some("b"))])),
            ("off", BTreeMap::new()),
        ] {
            let after = env(name);
            let mut changed = change(&before, &after);
            let saved = changed.remove("DCTX_SAVED");
            let chosen = wanted.contains_key("DCTX_PROFILE");
            assert_eq!(saved.is_some(), chosen, "{}: {name}", build.label);
            assert_eq!(changed, wanted, "{}: {name}", build.label);
        }
        build.no_stray_file(sb);
    });
}

/// The other commands, and what only prints, go their way as if there were no function.
#[test]
fn everything_else_is_as_without_the_function() {
    each_hook(|build, sb, load| {
        let name = build.emitter.name();
        let command = match name {
            "fish" => format!("function dctx; DCTX_SHELL={name} command dctx $argv; end"),
            _ => format!("dctx() {{ DCTX_SHELL={name} command dctx \"$@\"; }}"),
        };
        // the failing statement is for a shell without the function, which sees the status itself
        let without = |text: String| -> Vec<String> {
            let lines =
                text.lines().filter(|line| *line != "false;" && !line.starts_with("(exit "));
            lines.map(str::to_owned).collect()
        };
        for line in [
            "dctx",
            "dctx -q",
            "dctx --version",
            "dctx ls -q",
            "dctx show a",
            "dctx nonsense",
            "dctx use",
            "dctx use --help",
            "dctx use --nonsense",
            "dctx use guarded",
            "dctx use a --shell json",
            "dctx use a --shell=dotenv",
            "dctx use a --shell nonsense",
            "dctx exec a -- sh -c 'echo \"$0-$DOCKER_HOST-$DCTX_FD-$DCTX_SHELL\"; exit 9' 'a  *'",
            "echo in | dctx exec a -- cat",
            "dctx exec a -- sh -c 'test -e /proc/self/fd/3 || echo closed'",
            "dctx exec a -- sh -c 'test -e /proc/self/fd/4 || echo closed'",
        ] {
            let run = |first: &str| {
                build.run(
                    sb,
                    &format!("{first}\n{line}\necho {}\nprintenv DOCKER_HOST\n", build.status()),
                )
            };
            let (plain, hooked) = (run(&command), run(load));
            // but for what has to be typed to change this shell
            let typed = ["dctx use NAME", "dctx use guarded --confirm guarded", "dctx reset"];
            let bare = |text: String| {
                typed.iter().fold(text, |text, line| text.replace(&build.emitter.load(line), line))
            };
            assert_eq!(bare(hooked.err()), bare(plain.err()), "{}: {line}", build.label);
            assert_eq!(without(hooked.out()), without(plain.out()), "{}: {line}", build.label);
        }
        build.no_stray_file(sb);
    });
}

/// `eval "$(dctx use NAME)"` runs the function in a subshell, where nothing that it does stays.
#[test]
fn the_line_for_a_shell_without_the_function_still_works() {
    each_hook(|build, sb, load| {
        let st = build.status();
        let (yes, no) = (build.emitter.load("dctx use a"), build.emitter.load("dctx use typo"));
        let and = if build.is("fish") { "; and" } else { " &&" };
        let out = build.run(
            sb,
            &format!(
                "{load}\n{yes}\necho {st}\nprintenv DOCKER_HOST DCTX_PROFILE\n\
                 {no}{and} echo went on\nprintenv DOCKER_HOST\n{}\necho {st}\nprintenv DOCKER_HOST\n",
                build.emitter.load("dctx reset"),
            ),
        );
        assert_eq!(out.out(), format!("0\n{A}\na\n{A}\n0\n"), "{}: {}", build.label, out.err());
    });
}

#[test]
fn a_subshell_keeps_it_to_itself() {
    each_hook(|build, sb, load| {
        if build.is("fish") {
            return;
        }
        let out = build.run(
            sb,
            &format!("{load}\ndctx use a\n(dctx use b >sub.txt; printenv DOCKER_HOST)\nprintenv DOCKER_HOST\n"),
        );
        assert_eq!(out.out(), format!("{B}\n{A}\n"), "{}: {}", build.label, out.err());
    });
}

/// Loaded twice, over an alias, by a shell that ends at every fault and overwrites no file: nothing is left
/// behind, and a failing use ends it with its status.
#[test]
fn it_is_right_in_a_strict_shell_and_over_an_alias() {
    each_hook(|build, sb, load| {
        let (alias, strict, leftovers) = match build.emitter.name() {
            "fish" => (
                "alias dctx 'command dctx --color never'",
                "",
                "set -n | string match '*__dctx*'; true",
            ),
            "bash" => (
                "shopt -s expand_aliases; alias dctx='dctx --color never'",
                "set -euC -o pipefail",
                "set | grep '^__dctx' || true",
            ),
            "zsh" => (
                "alias dctx='dctx --color never'",
                "setopt errexit warncreateglobal errreturn noclobber nounset extendedglob ksharrays \
                 shwordsplit globsubst rcquotes typesetsilent",
                "set | grep '^__dctx' || true",
            ),
            _ => (
                "alias dctx='dctx --color never' 2>err.txt || true",
                "set -euC",
                "set | grep '^__dctx' || true",
            ),
        };
        let script = format!(
            "{alias}\n{strict}\n{load}\n{load}\ndctx use a\nprintenv DOCKER_HOST\ndctx use b\nprintenv DOCKER_HOST\n\
             dctx reset\nprintenv DOCKER_HOST || echo gone\n{leftovers}\ndctx use typo\necho went on\n"
        );
        let out = build.run(sb, &script);
        let hints = "dctx: no profile named \"typo\"\nhint: all of them: dctx ls\n";
        if build.is("fish") {
            out.is(0, &format!("{A}\n{B}\ngone\nfalse;\nwent on\n"), hints);
        } else {
            out.is(3, &format!("{A}\n{B}\ngone\n"), hints);
        }
        build.no_stray_file(sb);
    });
}

/// Without the program the function says so, as the shell does.
/// Where a descriptor of the shell's is closed, the status is true: not the verb's name is evaluated (`reset` and `env` are
/// programs), and nothing is printed in place of being done.
#[test]
fn with_a_closed_descriptor_the_status_is_true() {
    each_hook(|build, sb, load| {
        let st = build.status();
        let mut script = format!("{load}\ndctx use b >/dev/null\n");
        for (n, line) in [
            "dctx env a >&-",
            "dctx off >&-",
            "dctx reset >&-",
            "dctx use a 2>&-",
            "dctx use b <&-",
            "dctx use typo 2>&-",
            "dctx use typo >&-",
        ]
        .into_iter()
        .enumerate()
        {
            // fish runs it all the same, for it needs no other descriptor
            script.push_str(&format!(
                "{line}\nset_status\nsh -c \"echo {n} $now \\${{DOCKER_HOST-none}}\" >> said.txt\n"
            ));
        }
        let keep = if build.is("fish") { "set now $status" } else { "now=$?" };
        let script = script.replace("set_status", keep);
        let out = build.run(sb, &script);
        let said = fs::read_to_string(sb.work().join("said.txt")).unwrap();
        for line in said.lines() {
            let [n, status, host] = line.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{}: {line}", build.label)
            };
            let wanted = match n {
                "0" | "3" => A,
                "1" | "2" => "none",
                _ => B,
            };
            match n {
                "5" | "6" => assert!(status != "0" && host == B, "{}: {line}", build.label),
                _ => assert_eq!(
                    status == "0",
                    host == wanted,
                    "{}: {line}\n{}",
                    build.label,
                    out.err()
                ),
            }
        }
        assert_eq!(said.lines().count(), 7, "{}: {said} {st}", build.label);
    });
}

#[test]
fn without_the_program_the_status_is_127() {
    each_hook(|build, sb, load| {
        let bin = sb.path("bin");
        fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink("/bin/sh", bin.join("sh")).unwrap();
        let set = if build.is("fish") { "set PATH " } else { "PATH=" };
        let none = format!("{set}{}", bin.display());
        let lines =
            ["dctx use a", "dctx ls"].map(|line| format!("{line}\necho {}\n", build.status()));
        let out = build.run(sb, &format!("{load}\n{none}\n{}", lines.concat()));
        let statuses: Vec<String> =
            out.out().lines().filter(|line| *line != "false;").map(str::to_owned).collect();
        assert_eq!(statuses, ["127", "127"], "{}: {}", build.label, out.err());
    });
}

/// At a terminal: the streams stay the user's, questions are asked and answered, and an interrupt at one changes
/// nothing.
#[test]
fn at_a_terminal_it_is_the_users_own() {
    for (shell, argv) in [
        ("bash", &["bash", "--norc", "--noprofile", "-i"][..]),
        ("zsh", &["zsh", "-f", "-i"]),
        ("fish", &["fish"]),
        ("sh", &["dash", "-i"]),
        ("ksh", &["ksh93", "-i"]),
        ("mksh", &["mksh", "-i"]),
        ("yash", &["yash", "--norcfile", "--noprofile", "-i"]),
    ] {
        let mut sb = Sandbox::new();
        prepare(&sb);
        sb.set_env("TERM", "screen");
        sb.set_env("PS1", "> ");
        sb.write(
            "home/.config/fish/config.fish",
            "function fish_prompt; echo -n '> '; end\nset fish_greeting\n",
        );
        let Some(terminal) = Terminal::start(&sb, argv) else { continue };
        terminal.until(&format!("a prompt of {shell}"), |screen| {
            screen.trim_end().ends_with(['>', '$', '#'])
        });
        terminal.line(&load(shell));

        terminal.line("dctx use a");
        let screen = terminal.shows("back to local docker: dctx reset)");
        assert!(screen.contains(&format!("dctx: a  {A}  no TLS")), "{shell}:\n{screen}");
        assert!(!screen.contains("export") && !screen.contains("set -"), "{shell}:\n{screen}");
        assert_eq!(terminal.ask("printenv DOCKER_HOST"), format!("{A}\n"), "{shell}");

        terminal.line("dctx use guarded");
        terminal.shows("Type its name to go on:");
        terminal.line("guarded");
        terminal.shows("dctx: guarded  tcp://g.example:2375");
        assert_eq!(terminal.ask("printenv DCTX_PROFILE"), "guarded\n", "{shell}");

        terminal.line("clear; dctx use b");
        terminal.shows("dctx: b  tcp");
        // a stop would leave a shell that waits for it, and nothing that reads the terminal
        terminal.line("clear; dctx use guarded");
        terminal.shows("Type its name to go on:");
        terminal.press(&["C-z"]);
        terminal.line("guarded");
        terminal.shows("dctx: guarded  tcp://g.example:2375");
        terminal.line("clear; dctx use b");
        terminal.shows("dctx: b  tcp");
        terminal.line("clear; dctx use guarded");
        terminal.shows("Type its name to go on:");
        terminal.press(&["C-c"]);
        assert_eq!(terminal.ask("printenv DCTX_PROFILE"), "b\n", "{shell}");

        terminal
            .line("dctx exec a -- sh -c 'test -t 0 && test -t 1 && test -t 2 && echo term''inal'");
        terminal.shows("terminal\n");
        terminal.line("dctx reset");
        terminal.shows("dctx: back to local docker");
        assert_eq!(terminal.ask("printenv DOCKER_HOST"), "", "{shell}");
    }
}

/// What a fish inherits from a terminal that is older than the last universal choice does not hide that choice.
#[test]
fn a_new_fish_takes_no_stale_copy_for_a_choice() {
    if require("fish").is_none() {
        return;
    }
    let fish = |sb: &Sandbox, inherited: &[(String, String)], script: &str| {
        // that is what its first prompt does; on its own standard output it makes a terminal ready that is none
        let said = sb.path("said");
        let script = format!(
            "dctx init fish | source\nemit fish_prompt\nbegin\n{script}\nend >{}",
            said.display()
        );
        let out = sb.sh("fish", ["-i", "-c", &script]).envs(inherited.iter().cloned()).run();
        assert_eq!(out.code(), 0, "{script}: {}", out.err());
        fs::read_to_string(said).unwrap().replace(sb.dir().to_str().unwrap(), "[SB]")
    };
    // what a terminal that is started from such a shell hands on
    let managed = "env | string match -r '^(?:DOCKER|DCTX|BUILDX).*'";
    let copy =
        |sb: &Sandbox, inherited: &[(String, String)], script: &str| -> Vec<(String, String)> {
            let text = fish(sb, inherited, &format!("{script}; {managed}; true"));
            text.lines()
                .map(|l| l.split_once('=').unwrap())
                .map(|(n, v)| (n.into(), v.into()))
                .collect()
        };
    let sees = "printenv DOCKER_HOST; printenv DOCKER_TLS_VERIFY; printenv BUILDX_BUILDER; true";

    let sb = Sandbox::new();
    prepare(&sb);
    let file = sb.path("home/.config/dctx/config.toml");
    let more = "[profiles.extra]\nhost = \"tcp://e.example:2375\"\nenv = { BUILDX_BUILDER = \"one\" }\n\
                [profiles.other]\nhost = \"tcp://o.example:2375\"\nenv = { BUILDX_BUILDER = \"two\" }\n";
    fs::write(&file, fs::read_to_string(&file).unwrap() + more).unwrap();

    let stale_b = copy(&sb, &[], "dctx use b");
    assert_eq!(fish(&sb, &stale_b, sees), format!("{B}\n1\n"));
    // another choice: neither the old host nor its TLS
    fish(&sb, &[], "dctx use a");
    assert_eq!(fish(&sb, &stale_b, sees), format!("{A}\n"));
    // the same choice, whose variables are none of dctx's fixed ones
    let stale_extra = copy(&sb, &[], "dctx use extra");
    fish(&sb, &[], "dctx use other");
    assert_eq!(fish(&sb, &stale_extra, sees), "tcp://o.example:2375\ntwo\n");
    // no choice any more
    fish(&sb, &[], "dctx reset");
    assert_eq!(fish(&sb, &stale_b, sees), "");

    // a choice for one session is no stale copy, nor is the reset of one
    let session = copy(&sb, &[], "dctx use b --session");
    assert_eq!(fish(&sb, &session, sees), format!("{B}\n1\n"));
    fish(&sb, &[], "dctx use a");
    assert_eq!(fish(&sb, &session, sees), format!("{B}\n1\n"));
    let local = copy(&sb, &[], "dctx reset --session");
    assert_eq!(fish(&sb, &local, sees), "\n");

    // a value that was given to this one fish is no such copy, with or without one beside it
    let given = [("DOCKER_HOST".to_owned(), "unix:///run/given.sock".to_owned())];
    assert_eq!(fish(&sb, &given, sees), "unix:///run/given.sock\n");
    let beside = [&stale_b[..], &given[..]].concat();
    assert_eq!(fish(&sb, &beside, sees), "unix:///run/given.sock\n1\n");
    // and a script is left what it was given
    let script = format!("dctx init fish | source; {sees}");
    let run = |vars: &[(String, String)]| {
        sb.sh("fish", ["-c", &script]).envs(vars.iter().cloned()).run().done().out()
    };
    assert_eq!(run(&given), "unix:///run/given.sock\n");
    assert_eq!(run(&stale_b), format!("{B}\n1\n"));
}

#[test]
fn where_there_is_no_script_the_error_says_what_to_do() {
    let sb = Sandbox::new();
    let list = SHELLS.join(", ");
    for (name, more) in [
        ("cmd", "hint: without one: @FOR /f \"tokens=*\" %i IN ('dctx use NAME') DO @%i\n"),
        ("json", ""),
        ("nonsense", ""),
    ] {
        let wanted = format!(
            "dctx: no init script for \"{name}\"\nhint: shells that have one: {list}\n{more}"
        );
        sb.dctx(["init", name]).run().is(2, "", &wanted);
    }
    // other names of a shell are its name
    for (alias, name) in [("dash", "sh"), ("ksh93", "ksh")] {
        sb.dctx(["init", alias]).run().ok(&script(name, false).unwrap(), "");
    }
}

/// The scripts in the eyes of their own shells, and of shellcheck.
#[test]
fn the_scripts_are_clean() {
    let sb = Sandbox::new();
    for (shell, checks) in [
        ("bash", &[&["bash", "-n"][..], &["shellcheck", "-s", "bash"]][..]),
        ("zsh", &[&["zsh", "-n"]]),
        ("sh", &[&["dash", "-n"], &["shellcheck", "-s", "dash", "-e", "SC2329"]]),
        ("ksh", &[&["shellcheck", "-s", "ksh", "-e", "SC2296"]]),
        ("mksh", &[&["mksh", "-n"]]),
        ("yash", &[&["yash", "-n"], &["shellcheck", "-s", "sh"]]),
        ("fish", &[&["fish", "--no-execute"]]),
    ] {
        let file = sb.write(format!("init.{shell}"), script(shell, false).unwrap());
        for check in checks.iter().filter(|check| require(check[0]).is_some()) {
            sb.sh(check[0], &check[1..]).arg(&file).run().ok("", "");
        }
    }
    assert_eq!(SHELLS.iter().filter(|shell| script(shell, false).is_some()).count(), SHELLS.len());
}

/// What `add` says comes next is what works in this shell: plain with the function, the whole line without.
#[test]
fn what_comes_next_fits_the_shell() {
    for (program, load, without) in [
        ("bash", "eval \"$(dctx init bash)\";", "eval \"$(dctx use b)\""),
        ("zsh", "eval \"$(dctx init zsh)\";", "eval \"$(dctx use b)\""),
        ("dash", "eval \"$(dctx init sh)\";", "eval \"$(dctx use b)\""),
        ("fish", "dctx init fish | source;", "dctx use b | source"),
    ] {
        if crate::support::require(program).is_none() {
            continue;
        }
        let sb = crate::support::Sandbox::new();
        let add = |name: &str| format!("dctx add {name} tcp://192.0.2.1");
        let script = format!("{load} {}; dctx exec a -- printenv DCTX_HOOK; true", add("a"));
        let said = "dctx: added a (tcp://192.0.2.1:2375, no TLS)\nnext: dctx use a\n";
        sb.sh(program, ["-c", &script]).run().ok("", said);
        let said = format!("dctx: added b (tcp://192.0.2.1:2375, no TLS)\nnext: {without}\n");
        sb.sh(program, ["-c", &format!("{}; true", add("b"))]).run().ok("", &said);
    }
}
