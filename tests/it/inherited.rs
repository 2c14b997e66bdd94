//! No variable of dctx's own that was inherited, made up, or left behind turns a command into one that did nothing and
//! succeeded.

use std::fs;

use crate::support::Sandbox;
use crate::support::profiles::CONFIG;
use crate::support::require;
use crate::support::terminal::Terminal;

const PROFILES: &str = "[profiles.lo]\nhost = \"tcp://127.0.0.7:2375\"\n\n\
    [profiles.other]\nhost = \"tcp://127.0.0.8:2375\"\nenv = { BUILDX_BUILDER = \"other\" }\n";

/// What use, a use that fails, and reset leave, each in a shell of its own.
const TRIED: &str = "\
( eval \"$(dctx use nope 2>/dev/null)\" && echo nope ran )\n\
( eval \"$(dctx use lo 2>/dev/null)\" && [ \"$DOCKER_HOST\" != tcp://127.0.0.7:2375 ] && echo \"use left $DOCKER_HOST\" )\n\
( eval \"$(dctx reset 2>/dev/null)\" && [ -n \"${DOCKER_HOST-}\" ] && echo \"reset left $DOCKER_HOST\" )\n";

/// Each variable that the program reads, with what it may hold where it lies.
const FORGED: &[(&str, &[&str])] = &[
    ("DCTX_FD", &["0", "1", "2", "3", "4", "9", "255", "-1", "x", ""]),
    (
        "DCTX_SHELL",
        &[
            "bash",
            "sh",
            "fish",
            "tcsh",
            "elvish",
            "nu",
            "xonsh",
            "pwsh",
            "cmd",
            "json",
            "dotenv",
            "systemd",
            "github-actions",
            "nope",
        ],
    ),
    ("DCTX_HOOK", &["1", "prompt", ""]),
    ("DCTX_EVAL_FILE", &["/dev/null"]),
    ("DCTX_SUBSHELL", &["lo", "gone"]),
    ("DCTX_STARTING", &["bash", "bash:1-1", "bash:$$-0", "bash:x", ":"]),
    ("DCTX_START", &["exit 0", "export DOCKER_HOST=tcp://127.0.0.66"]),
    ("DCTX_SAVED", &["", "x", "s1,@=0", "u1,#=1-2,@=0", "s1,DOCKER_HOST=tcp%3A%2F%2F127.0.0.66"]),
    ("DCTX_DIR", &["x", "/"]),
    ("DCTX_PROFILE", &["lo", "gone", "$(exit)"]),
    ("DCTX_PREVIOUS", &["gone"]),
    ("DCTX_EXPIRES", &["0", "x", "99999999999999999999"]),
];

#[test]
fn a_forged_variable_makes_no_empty_success() {
    let sb = Sandbox::new();
    sb.write(CONFIG, PROFILES);
    let mut script = "export DOCKER_HOST=tcp://127.0.0.99:2375\n".to_owned();
    let mut tried = 0;
    // 3 goes nowhere, 4 into a file, and 9 into a pipe whose reader is no shell
    for (name, values) in FORGED {
        for value in *values {
            script.push_str(&format!(
                "echo '{name}={value}'\n(\nexport {name}={}\n{TRIED})\n",
                shell_words::quote(value)
            ));
            tried += 1;
        }
    }
    // how the function calls, taken over by what it starts
    for (fd, shell, hook) in [
        ("3", "bash", "prompt"),
        ("4", "bash", "prompt"),
        ("9", "bash", "1"),
        ("9", "sh", "prompt"),
        ("3", "fish", "1"),
        ("2", "bash", "1"),
    ] {
        script.push_str(&format!(
            "echo 'fd {fd} {shell}'\n(\nexport DCTX_FD={fd} DCTX_SHELL={shell} DCTX_HOOK={hook}\n{TRIED})\n"
        ));
        tried += 1;
    }
    let file = sb.write("script.sh", script);
    let line = format!("bash {} 3>/dev/null 4>file 9> >(cat >/dev/null)", file.display());
    let out = sb.sh("bash", ["-c", &line]).run();
    let said = out.out();
    let bad: Vec<&str> =
        said.lines().filter(|line| line.contains(" ran") || line.contains(" left ")).collect();
    assert!(bad.is_empty(), "{said}");
    assert_eq!(said.lines().count(), tried, "{said}");
    println!("{tried} environments, three commands in each");
}

/// A sub-shell whose start is interrupted can go elsewhere, and so can what was started from its files; a `use` in them
/// is in force until they are read, and what it brought is taken back.
#[test]
fn an_interrupted_start_leaves_a_shell_that_can_be_changed() {
    if require("tmux").is_none() {
        return;
    }
    let sb = Sandbox::new();
    sb.write(CONFIG, PROFILES);
    sb.write("home/.bashrc", "PS1='> '\n[ -e stop ] && { echo waiting; sleep 100; }\neval \"$(dctx use other)\" && echo \"during $DOCKER_HOST $BUILDX_BUILDER\" > during.txt\n");
    let Some(terminal) = Terminal::start(&sb, &["bash", "--norc", "--noprofile", "-i"]) else {
        return;
    };
    terminal.line("PS1='outer$ '; clear");
    terminal.until("the outer prompt", |screen| screen == "outer$\n");
    // read to the end: the profile that was asked for holds
    terminal.line("dctx shell lo --shell bash");
    terminal.until("the sub-shell", |screen| screen.trim_end().ends_with("(lo) >"));
    assert_eq!(terminal.ask("printenv DOCKER_HOST BUILDX_BUILDER"), "tcp://127.0.0.7:2375\n");
    assert_eq!(
        fs::read_to_string(sb.work().join("during.txt")).unwrap(),
        "during tcp://127.0.0.8:2375 other\n"
    );
    terminal.line("exit");
    terminal.until("the outer prompt", |screen| screen.trim_end().ends_with("outer$"));
    fs::write(sb.work().join("stop"), "").unwrap();
    // interrupted
    terminal.line("clear; dctx shell lo --shell bash");
    terminal.until("the start-up file", |screen| screen.lines().any(|line| line == "waiting"));
    terminal.press(&["C-c"]);
    terminal.until("a prompt", |screen| screen.trim_end().ends_with("(lo) >"));
    terminal.line("rm stop; eval \"$(dctx use nope)\" && echo lie > lie");
    terminal.line("eval \"$(dctx use other)\"; clear");
    terminal.until("a prompt", |screen| screen.trim_end() == "(other) >");
    assert_eq!(terminal.ask("printenv DOCKER_HOST"), "tcp://127.0.0.8:2375\n");
    assert_eq!(
        terminal.ask("bash -c 'eval \"$(dctx use lo)\"; printenv DOCKER_HOST'"),
        "tcp://127.0.0.7:2375\n"
    );
    assert!(!sb.work().join("lie").exists());
    terminal.line("dctx reset; clear");
    terminal.until("a prompt", |screen| screen.trim_end() == ">");
    assert_eq!(terminal.ask("printenv DOCKER_HOST; echo is=$?"), "is=1\n");
    terminal.line("exit");
}

/// The start-up files of the shells, which wait in the middle, and what ends such a wait.
const WAITING: &[(&str, &str, &str)] = &[
    (
        "bash",
        "home/.bashrc",
        "PS1='> '\ntrap 'echo mine' USR1\nwhile :; do echo waiting; sleep 100; done\nPS1='end> '\n",
    ),
    ("zsh", "home/.zshrc", "PROMPT='> '\necho waiting; sleep 100\nPROMPT='end> '\n"),
    (
        "fish",
        "home/.config/fish/config.fish",
        "set fish_greeting\nfunction fish_prompt; echo -n '> '; end\necho waiting; sleep 100\n",
    ),
    ("dash", "home/.shrc", "PS1='> '\nwhile :; do echo waiting; sleep 100; done\nPS1='end> '\n"),
    ("mksh", "home/.shrc", "PS1='> '\nwhile :; do echo waiting; sleep 100; done\nPS1='end> '\n"),
    // goes on behind what was interrupted
    ("ksh93", "home/.shrc", "PS1='> '\necho waiting; sleep 100\n"),
    ("yash", "home/.yashrc", "PS1='> '\necho waiting; sleep 100\nPS1='end> '\n"),
    ("tcsh", "home/.tcshrc", "set prompt='> '\necho waiting; sleep 100\nset prompt='end> '\n"),
    (
        "elvish",
        "home/.config/elvish/rc.elv",
        "set edit:prompt = { put '> ' }\nset edit:rprompt = { }\necho waiting; sleep 100\n",
    ),
    (
        "xonsh",
        "home/.xonshrc",
        "$PROMPT = '> '\nimport time\nprint('waiting')\ntime.sleep(100)\n$PROMPT = 'end> '\n",
    ),
];

/// Ctrl-C in a start-up file ends that file, and the sub-shell is whole all the same: the prompt says where docker goes, a
/// plain `dctx use` acts, and nothing of the start is left in the environment.
#[test]
fn an_interrupted_start_is_brought_to_its_end() {
    if require("tmux").is_none() {
        return;
    }
    for (shell, file, text) in WAITING {
        if require(shell).is_none() {
            continue;
        }
        let mut sb = Sandbox::new();
        sb.write(CONFIG, PROFILES);
        sb.write(file, text);
        sb.set_env("TERM", "xterm-256color");
        sb.set_env("XONSH_SHOW_TRACEBACK", "0");
        let ends = |screen: &str, end: &str| screen.trim_end().ends_with(end);
        let outer = ["bash", "--norc", "--noprofile", "-i"];
        let Some(terminal) = Terminal::start(&sb, &outer) else { return };
        terminal.line("PS1='outer$ '; export ENV=$HOME/.shrc; clear");
        terminal.until("the outer prompt", |screen| screen == "outer$\n");
        terminal.line(&format!("dctx shell lo --shell {shell}"));
        terminal.until("the start-up file", |s| s.lines().any(|line| line.starts_with("waiting")));
        // its child is what the signal is for, too
        std::thread::sleep(std::time::Duration::from_millis(200));
        terminal.press(&["C-c"]);
        if *shell == "yash" {
            // nothing runs before the prompt that follows an interrupt
            terminal.until("yash: a prompt", |screen| ends(screen, "\n>"));
            terminal.line("true");
        }
        terminal.until(&format!("{shell}: its prompt"), |screen| ends(screen, "(lo) >"));
        let expected =
            if *shell == "tcsh" { "eval \"`dctx use other`\"" } else { "dctx use other" };
        terminal.line(expected);
        terminal.until(&format!("{shell}: another"), |screen| ends(screen, "(other) >"));
        terminal.line("env | grep -c -e DCTX_START -e DOCKER_HOST=tcp://127.0.0.7");
        terminal.until(&format!("{shell}: no leftovers"), |screen| {
            screen.lines().any(|line| line.trim_end() == "0") && ends(screen, "(other) >")
        });
        // a second Ctrl-C is the shell's own again
        terminal.press(&["C-c"]);
        terminal.line("exit");
        terminal.until(&format!("{shell}: the end"), |screen| ends(screen, "outer$"));
    }
}

/// Nothing evaluates what a terminal shows, also while a sub-shell's mark is in force: what has to be typed is said.
#[test]
fn text_on_a_terminal_says_what_to_type_while_a_shell_starts() {
    let sb = Sandbox::new();
    sb.write(CONFIG, PROFILES);
    let Some(terminal) = Terminal::start(&sb, &["bash", "--norc", "--noprofile", "-i"]) else {
        return;
    };
    terminal.line("export DCTX_STARTING=bash:$$-$(awk '{ print $22 }' /proc/$$/stat); clear");
    terminal.line("dctx use lo");
    terminal.shows("# eval \"$(dctx use lo)\"");
}
