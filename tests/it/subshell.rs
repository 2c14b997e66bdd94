//! A sub-shell is on its profile whatever the person's own files say, is otherwise the shell that they know, and leaves
//! the shell before it as it was.

use std::fs;

use crate::support::Sandbox;
use crate::support::require;
use crate::support::terminal::Terminal;

const PROFILES: &str = "\
[profiles.coreos]
host = \"tcp://192.0.2.1\"

[profiles.lab]
host = \"tcp://192.0.2.2\"
dirs = [\"~/work\"]

[profiles.prod]
host = \"tcp://192.0.2.9\"
protected = true
";

/// The start-up file of each shell: a prompt, an alias, and a DOCKER_HOST that must not win.
const FILES: &[(&str, &str)] = &[
    ("home/.bashrc", "PS1='> '\nalias hi='echo hello'\nexport DOCKER_HOST=tcp://rc.example\n"),
    (
        "home/.zshrc",
        "PROMPT='> '\nalias hi='echo hello'\nexport DOCKER_HOST=tcp://rc.example\nHISTFILE=~/.zsh_history\nSAVEHIST=99\n",
    ),
    (
        "home/.config/fish/config.fish",
        "set fish_greeting\nfunction fish_prompt; echo -n '> '; end\nalias hi 'echo hello'\nset -gx DOCKER_HOST tcp://rc.example\n",
    ),
    ("home/.shrc", "PS1='> '\nalias hi='echo hello'\nexport DOCKER_HOST=tcp://rc.example\n"),
    ("home/.yashrc", "PS1='> '\nalias hi='echo hello'\nexport DOCKER_HOST=tcp://rc.example\n"),
    (
        "home/.tcshrc",
        "set prompt='> '\nalias hi 'echo hello'\nsetenv DOCKER_HOST tcp://rc.example\n",
    ),
    (
        "home/.config/elvish/rc.elv",
        "set edit:prompt = { put '> ' }\nset edit:rprompt = { }\nset-env DOCKER_HOST tcp://rc.example\nfn hi { echo hello }\n",
    ),
    (
        "home/.xonshrc",
        "$PROMPT = '> '\naliases['hi'] = 'echo hello'\n$DOCKER_HOST = 'tcp://rc.example'\n",
    ),
];

fn prepare() -> Sandbox {
    let mut sb = Sandbox::new();
    sb.write("home/.config/dctx/config.toml", PROFILES);
    for (file, text) in FILES {
        sb.write(file, text);
    }
    for (name, value) in [("TERM", "xterm-256color"), ("XONSH_SHOW_TRACEBACK", "0")] {
        sb.set_env(name, value);
    }
    sb
}

/// The shells with a program here: how the sub-shell is asked for, whether the word `hi` is known in it.
const SHELLS: &[(&str, &str)] = &[
    ("bash", "bash"),
    ("zsh", "zsh"),
    ("fish", "fish"),
    ("dash", "dash"),
    ("ksh93", "ksh93"),
    ("mksh", "mksh"),
    ("yash", "yash"),
    ("tcsh", "tcsh"),
    ("elvish", "elvish"),
    ("xonsh", "xonsh"),
];

const OUTER: &str = "env | grep -E '^(DOCKER_|DCTX_)' | sort";

/// An outer bash without any hook, at whose prompt a sub-shell is started.
fn outer(sb: &Sandbox) -> Option<Terminal<'_>> {
    let terminal = Terminal::start(sb, &["bash", "--norc", "--noprofile", "-i"])?;
    terminal.line("PS1='outer$ '; clear");
    terminal.until("the outer prompt", |screen| screen == "outer$\n");
    Some(terminal)
}

/// Last line of the screen.
fn ends(screen: &str, end: &str) -> bool {
    screen.trim_end().ends_with(end.trim_end())
}

#[test]
fn it_is_the_shell_that_they_know_on_the_profile() {
    for (shell, program) in SHELLS {
        if require(program).is_none() {
            continue;
        }
        let sb = prepare();
        let Some(terminal) = outer(&sb) else { return };
        terminal.line("export ENV=$HOME/.shrc DOCKER_HOST=unix:///before.sock; clear");
        terminal.until("the outer prompt", |screen| screen == "outer$\n");
        let before = terminal.ask(OUTER);
        terminal.line(&format!("clear; dctx shell coreos --shell {shell}"));
        let said = "dctx: coreos  tcp://192.0.2.1:2375  no TLS   (sub-shell: exit returns to the previous shell)";
        terminal.until(&format!("{shell}: the prompt with its prefix"), |screen| {
            screen.contains(said) && ends(screen, "(coreos) >")
        });
        // the person's own words are known, and their host is not the one
        terminal.line("hi");
        terminal
            .until(&format!("{shell}: hello"), |screen| screen.lines().any(|line| line == "hello"));
        let echo = match *shell {
            "elvish" => "echo host=$E:DOCKER_HOST",
            _ => "echo host=$DOCKER_HOST",
        };
        terminal.line(echo);
        terminal.until(&format!("{shell}: the host"), |screen| {
            screen.lines().any(|line| line.trim_end() == "host=tcp://192.0.2.1:2375")
                && ends(screen, "(coreos) >")
        });
        // and what it starts sees all of it
        terminal.line("env | grep '^DCTX_SUBSHELL='; env | grep '^DCTX_START'");
        terminal.until(&format!("{shell}: what is started there"), |screen| {
            screen.lines().any(|line| line.trim_end() == "DCTX_SUBSHELL=coreos")
                && ends(screen, "(coreos) >")
        });
        assert!(!terminal.screen().contains("DCTX_START="), "{shell}: {}", terminal.screen());
        // what is changed by hand shows; nothing of tcsh's is asked before its prompts
        if *shell != "tcsh" {
            terminal.line(match *shell {
                "fish" => "set -gx DOCKER_HOST tcp://by.hand:1",
                "elvish" => "set-env DOCKER_HOST tcp://by.hand:1",
                "xonsh" => "$DOCKER_HOST = 'tcp://by.hand:1'",
                _ => "export DOCKER_HOST=tcp://by.hand:1",
            });
            terminal.until(&format!("{shell}: that it was changed"), |screen| {
                ends(screen, "(coreos?) >")
            });
        }
        terminal.line("exit 7");
        terminal.until(&format!("{shell}: the end"), |screen| ends(screen, "outer$"));
        // the exit of xonsh 0.13 takes no status
        let status = if *shell == "xonsh" { "0\n" } else { "7\n" };
        assert_eq!(terminal.ask("echo $?"), status, "{shell}");
        assert_eq!(terminal.ask(OUTER), before, "{shell}");
    }
}

/// Inside, plain use and reset work, another `shell` takes the place of this one, and directories switch nothing.
#[test]
fn inside_one_another_takes_its_place() {
    for shell in ["bash", "zsh", "fish"] {
        if require(shell).is_none() {
            continue;
        }
        let sb = prepare();
        fs::create_dir_all(sb.home().join("work")).unwrap();
        let Some(terminal) = outer(&sb) else { return };
        terminal.line(&format!("dctx shell coreos --shell {shell}"));
        terminal.until("the sub-shell", |screen| ends(screen, "(coreos) >"));
        let pid = if shell == "fish" { "$fish_pid" } else { "$$" };
        let first = terminal.ask(&format!("echo {pid}"));
        terminal.line("dctx shell lab");
        let screen = terminal.until("another", |screen| ends(screen, "(lab) >"));
        let said = "dctx: lab  tcp://192.0.2.2:2375  no TLS   (same sub-shell: exit returns to the previous shell)";
        assert!(screen.contains(said), "{screen}");
        assert_eq!(terminal.ask(&format!("echo {pid}")), first, "{shell}: the same process");
        assert_eq!(
            terminal.ask("printenv DCTX_SUBSHELL DOCKER_HOST"),
            "lab\ntcp://192.0.2.2:2375\n"
        );
        terminal.line("dctx use coreos");
        terminal.until("use", |screen| ends(screen, "(coreos) >"));
        terminal.line("cd ~/work");
        assert_eq!(terminal.ask("printenv DOCKER_HOST"), "tcp://192.0.2.1:2375\n", "{shell}");
        terminal.line("dctx shell prod");
        terminal.shows("Type its name to go on:");
        terminal.line("prod");
        terminal.until("a protected one", |screen| ends(screen, "(prod protected) >"));
        terminal.line("dctx reset");
        terminal.until("reset", |screen| ends(screen, "\n>"));
        terminal.line("exit");
        terminal.until("the outer shell", |screen| ends(screen, "outer$"));
        assert_eq!(terminal.ask(OUTER), "", "{shell}");
    }
}

/// Lines typed there are in the person's own history, and theirs are there.
#[test]
fn the_history_is_their_own() {
    for (shell, file, old) in [
        ("bash", "home/.bash_history", "echo from before\n"),
        ("zsh", "home/.zsh_history", "echo from before\n"),
        (
            "fish",
            "home/.local/share/fish/fish_history",
            "- cmd: echo from before\n  when: 1700000000\n",
        ),
    ] {
        if require(shell).is_none() {
            continue;
        }
        let sb = prepare();
        let path = sb.write(file, old);
        let Some(terminal) = outer(&sb) else { return };
        terminal.line(&format!("clear; dctx shell coreos --shell {shell}"));
        terminal.until("the sub-shell", |screen| ends(screen, "(coreos) >"));
        terminal.press(&["Up"]);
        terminal.until(&format!("{shell}: a line of before"), |screen| {
            ends(screen, "(coreos) > echo from before")
        });
        terminal.press(&["C-c"]);
        terminal.until("a prompt", |screen| ends(screen, "(coreos) >"));
        terminal.line("echo typed there");
        terminal.until("its output", |screen| screen.lines().any(|line| line == "typed there"));
        terminal.line("exit");
        terminal.until("the outer shell", |screen| ends(screen, "outer$"));
        let history = fs::read_to_string(path).unwrap();
        assert!(history.contains("echo typed there"), "{shell}: {history}");
    }
}

/// An interrupt and job control are the sub-shell's own.
#[test]
fn jobs_and_interrupts_are_its_own() {
    for shell in ["bash", "zsh", "fish"] {
        if require(shell).is_none() {
            continue;
        }
        let sb = prepare();
        let Some(terminal) = outer(&sb) else { return };
        terminal.line(&format!("dctx shell coreos --shell {shell}"));
        terminal.until("the sub-shell", |screen| ends(screen, "(coreos) >"));
        terminal.line("sleep 1000");
        terminal.shows("sleep 1000");
        std::thread::sleep(std::time::Duration::from_millis(300));
        terminal.press(&["C-z"]);
        terminal.until(&format!("{shell}: stopped"), |screen| ends(screen, "(coreos) >"));
        terminal.line("fg");
        std::thread::sleep(std::time::Duration::from_millis(300));
        terminal.press(&["C-c"]);
        terminal.until(&format!("{shell}: interrupted"), |screen| ends(screen, "(coreos) >"));
        terminal.line("exit 0");
        terminal.until("the outer shell", |screen| ends(screen, "outer$"));
    }
}

/// What cannot be is said, with dctx's own statuses.
#[test]
fn what_cannot_be_started_says_so() {
    let sb = prepare();
    let out = sb.dctx(["shell", "coreos", "--shell", "bash"]).run();
    assert_eq!((out.code(), out.data().as_str()), (125, ""));
    assert!(out.err().contains("dctx exec coreos -- sh"), "{}", out.err());
    let out = sb.dctx(["shell", "coreos", "--shell", "json"]).run();
    assert_eq!((out.code(), out.data().as_str()), (125, ""), "{}", out.err());
    let Some(terminal) = outer(&sb) else { return };
    for (n, (line, status)) in [
        ("dctx shell nope --shell bash", "125\n"),
        ("dctx shell prod --shell bash --no-input", "125\n"),
        ("dctx shell coreos --shell /no/such/bash", "127\n"),
        ("DCTX_SUBSHELL=lab dctx shell coreos", "125\n"),
    ]
    .into_iter()
    .enumerate()
    {
        terminal.line(&format!("clear; {line}; echo $? > status; echo done {n}"));
        terminal.until(line, |screen| screen.lines().any(|line| line == format!("done {n}")));
        assert_eq!(
            fs::read_to_string(sb.work().join("status")).unwrap(),
            status,
            "{line}: {}",
            terminal.screen()
        );
    }
}
