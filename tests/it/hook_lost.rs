//! A hook that does not run any more is not relied on: what assigned the variable it was in is told, a use with an end is
//! refused, and a time that is over says so.

use crate::support::terminal::Terminal;
use crate::support::{Sandbox, require};

const PROFILES: &str = "\
[profiles.coreos]
host = \"tcp://127.0.0.7:2376\"

[profiles.short]
host = \"tcp://127.0.0.7:2376\"
max-use = \"30m\"
";

/// The shell, its start-up file, what assigns away its hook there, and what the variable is called.
const LOST: &[(&str, &[&str], &str, &str, &str)] = &[
    (
        "bash",
        &["bash", "--noprofile", "-i"],
        "home/.bashrc",
        "PROMPT_COMMAND='history -a'",
        "PROMPT_COMMAND",
    ),
    (
        "bash",
        &["bash", "--noprofile", "-i"],
        "home/.bashrc",
        "unset PROMPT_COMMAND; PROMPT_COMMAND=(true)",
        "PROMPT_COMMAND",
    ),
    ("zsh", &["zsh", "-d", "-i"], "home/.zshrc", "precmd_functions=()", "precmd_functions"),
    ("mksh", &["mksh", "-i"], "home/.mkshrc", "PS1='> '", "PS1"),
    ("yash", &["yash", "-i"], "home/.yashrc", "PROMPT_COMMAND=true", "PROMPT_COMMAND"),
];

#[test]
fn a_use_with_an_end_is_refused_where_the_hook_was_lost() {
    for (shell, argv, file, line, var) in LOST {
        if require(argv[0]).is_none() {
            continue;
        }
        let mut sb = Sandbox::new();
        sb.write("home/.config/dctx/config.toml", PROFILES);
        sb.set_env("TERM", "xterm-256color");
        sb.set_env("ENV", sb.path(file).to_str().unwrap());
        let init = format!("eval \"$(dctx init {shell})\"");
        sb.write(file, format!("{init}\n{line}\n"));
        let Some(terminal) = Terminal::start(&sb, argv) else { return };
        let why = format!(
            "the hook that would end it does not run any more, since {var} was assigned after dctx init\n"
        );
        for asked in ["dctx use coreos --for 5m", "dctx use short"] {
            let said = terminal.ask(&format!("{{ {asked}; printenv DOCKER_HOST; }}"));
            assert!(said.contains(&why) && !said.contains("tcp://"), "{line}: {said}");
            assert!(said.contains(&format!(": {init}\n")), "{line}: {said}");
        }
        // without an end it is taken
        terminal.line("dctx use coreos");
        assert_eq!(terminal.ask("printenv DOCKER_HOST"), "tcp://127.0.0.7:2376\n", "{line}");
        // and check says where it was lost
        let found = terminal.ask("dctx check --offline --json");
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        let rows = found["machine"].as_array().unwrap();
        let row = rows.iter().find(|row| row["id"] == "hook-lost").unwrap();
        let text = row["text"].as_str().unwrap();
        let place =
            format!("~/{}:2 assigns {var} after dctx init", file.strip_prefix("home/").unwrap());
        assert!(text.contains(&place), "{line}: {text}");
        assert_eq!((&row["level"], &row["fix"][0]["run"]), (&"warn".into(), &init.as_str().into()));
        // the hint, typed as it stands
        terminal.line(&init);
        terminal.line("dctx use coreos --for 5m");
        assert_ne!(terminal.ask("printenv DCTX_EXPIRES"), "", "{line}");
        let found = terminal.ask("dctx check --offline --json");
        assert!(!found.contains("hook-lost"), "{line}: {found}");
    }
}

/// Others that run there too take nothing away.
#[test]
fn a_hook_beside_others_is_in_place() {
    for (shell, argv, file, line) in [
        (
            "bash",
            &["bash", "--noprofile", "-i"][..],
            "home/.bashrc",
            "PROMPT_COMMAND=\"true; $PROMPT_COMMAND\"",
        ),
        (
            "bash",
            &["bash", "--noprofile", "-i"],
            "home/.bashrc",
            "PROMPT_COMMAND=(true \"$PROMPT_COMMAND\" true)",
        ),
        ("zsh", &["zsh", "-d", "-i"], "home/.zshrc", "precmd_functions+=(true)"),
        ("ksh", &["ksh93", "-i"], "home/.kshrc", "PS1='new> '"),
        ("mksh", &["mksh", "-i"], "home/.mkshrc", "PS1=\"new $PS1\""),
        (
            "fish",
            &["fish"],
            "home/.config/fish/config.fish",
            "function fish_prompt; echo '> '; end",
        ),
        (
            "elvish",
            &["elvish"],
            "home/.config/elvish/rc.elv",
            "set edit:before-readline = [$@edit:before-readline {||}]",
        ),
        ("xonsh", &["xonsh"], "home/.xonshrc", "$PROMPT = '> '"),
    ] {
        if require(argv[0]).is_none() {
            continue;
        }
        let mut sb = Sandbox::new();
        sb.write("home/.config/dctx/config.toml", PROFILES);
        sb.set_env("TERM", "xterm-256color");
        sb.set_env("ENV", sb.path(file).to_str().unwrap());
        let init = dctx::cmd::init::line(shell).unwrap();
        sb.write(file, format!("{init}\n{line}\n"));
        let Some(terminal) = Terminal::start(&sb, argv) else { return };
        terminal.line("dctx use short --session");
        assert_ne!(terminal.ask("printenv DCTX_EXPIRES"), "", "{line}: {}", terminal.screen());
    }
}

/// What is over says so, and does not count down below nothing.
#[test]
fn a_time_that_is_over_is_told() {
    let Some(bash) = require("bash") else { return };
    let sb = Sandbox::new();
    sb.write("home/.config/dctx/config.toml", PROFILES);
    let script = "eval \"$(dctx use coreos --shell bash)\"; export DCTX_EXPIRES=$(($(date +%s) - 180)); \
                  dctx current; DCTX_LANG=zh dctx current; \
                  export DCTX_EXPIRES=$(($(date +%s) + 7200)); dctx current | grep itself";
    let out = sb.sh(bash, ["-c", script]).run().done().out();
    assert!(out.contains("  coreos expired 3m"), "{out}");
    assert!(out.contains(" ago (to return to local docker: eval \"$(dctx reset)\")\n"), "{out}");
    assert!(
        out.contains("  coreos 已在 3 分钟")
            && out.contains("前到期（切回本地 docker：eval \"$(dctx reset)\"）\n"),
        "{out}"
    );
    let left = out.contains("by itself in 2h\n") || out.contains("by itself in 1h59m\n");
    assert!(left, "{out}");
}

/// The line of the README alone, in a fresh home, leaves the prompt as the shell has it.
#[test]
fn the_line_alone_leaves_the_prompt_as_it_is() {
    for (shell, file) in [
        ("bash", "home/.bashrc"),
        ("zsh", "home/.zshrc"),
        ("ksh93", "home/.kshrc"),
        ("mksh", "home/.mkshrc"),
        ("yash", "home/.yashrc"),
        ("tcsh", "home/.tcshrc"),
    ] {
        if require(shell).is_none() {
            continue;
        }
        let prompt = |line: Option<&str>| {
            let mut sb = Sandbox::new();
            sb.write("home/.config/dctx/config.toml", PROFILES);
            sb.set_env("TERM", "xterm-256color");
            sb.write(file, format!("{}\n", line.unwrap_or("true")));
            let terminal = Terminal::start(&sb, &[shell])?;
            terminal.line("echo at the prompt");
            let screen = terminal.until(shell, |screen| {
                let mut lines = screen.lines().rev();
                screen.lines().any(|line| line == "at the prompt")
                    && lines.next().is_some_and(|last| last.contains(['$', '#', '%', '>']))
            });
            screen.lines().last().map(ToOwned::to_owned)
        };
        let Some(plain) = prompt(None) else { return };
        let init = dctx::cmd::init::line(shell).unwrap();
        assert_eq!(prompt(Some(&init)).as_deref(), Some(&*plain), "{shell}");
    }
}

/// The name that stood before the prompt goes with the next use or reset, for nothing would change it any more.
#[test]
fn no_prompt_keeps_a_name_that_nothing_changes_any_more() {
    for (shell, file, prompt, lose) in [
        ("bash", "home/.bashrc", "PS1='> '", "PROMPT_COMMAND='x=1'"),
        ("zsh", "home/.zshrc", "PROMPT='> '", "precmd_functions=()"),
        ("yash", "home/.yashrc", "PS1='> '", "PROMPT_COMMAND="),
    ] {
        if require(shell).is_none() {
            continue;
        }
        let mut sb = Sandbox::new();
        sb.write("home/.config/dctx/config.toml", PROFILES);
        sb.set_env("TERM", "xterm-256color");
        sb.write(file, format!("{prompt}\neval \"$(dctx init {shell} --prompt)\"\n"));
        let Some(terminal) = Terminal::start(&sb, &[shell]) else { return };
        let ends = |screen: &str, end: &str| screen.trim_end().ends_with(end);
        terminal.until("a prompt", |screen| ends(screen, ">"));
        terminal.line("dctx use coreos");
        terminal.until(&format!("{shell}: the name"), |screen| ends(screen, "(coreos) >"));
        terminal.line(lose);
        terminal.line("dctx reset; clear");
        terminal.until(&format!("{shell}: no name"), |screen| screen.trim_end() == ">");
    }
}

/// bash's variable is split by IFS, whatever that is.
#[test]
fn the_hook_runs_whatever_ifs_is() {
    if require("bash").is_none() {
        return;
    }
    let sb = Sandbox::new();
    sb.write("home/.config/dctx/config.toml", PROFILES);
    sb.write("home/.bashrc", "PS1='> ' IFS=_d\neval \"$(dctx init bash --prompt)\"\n");
    let Some(terminal) = Terminal::start(&sb, &["bash"]) else { return };
    terminal.line("dctx use coreos");
    terminal.until("the name", |screen| screen.trim_end().ends_with("(coreos) >"));
    assert!(!terminal.screen().contains("not found"), "{}", terminal.screen());
}
