//! What a prompt shows is so: where the variables are not those that `use` set, whatever changed them, a question mark is
//! behind the name, in every shell with a hook.

use std::fs;

use crate::support::terminal::Terminal;
use crate::support::{Sandbox, require};

const PROFILES: &str = "\
[profiles.coreos]
host = \"tcp://127.0.0.7:2376\"

[profiles.spaced]
host = \"tcp://127.0.0.7:2377\"
tls = \"insecure\"
certs = \"~/two  words, 中 $x\"

[profiles.prod]
host = \"tcp://127.0.0.9:2376\"
protected = true
";

/// How a shell is started, its start-up file, the line there, and how a variable is set and taken away.
struct Shell {
    name: &'static str,
    argv: &'static [&'static str],
    file: &'static str,
    line: &'static str,
    set: &'static str,
    unset: &'static str,
}

const fn posix(
    name: &'static str,
    argv: &'static [&'static str],
    file: &'static str,
    line: &'static str,
) -> Shell {
    Shell { name, argv, file, line, set: "export NAME=VALUE", unset: "unset NAME" }
}

const SHELLS: &[Shell] = &[
    posix("bash", &["bash", "--noprofile", "-i"], "home/.bashrc", "eval \"$(dctx init bash)\""),
    posix("zsh", &["zsh", "-d", "-i"], "home/.zshrc", "eval \"$(dctx init zsh)\""),
    posix("ksh", &["ksh93", "-i"], "home/.kshrc", "eval \"$(dctx init ksh)\""),
    posix("mksh", &["mksh", "-i"], "home/.mkshrc", "eval \"$(dctx init mksh)\""),
    posix("yash", &["yash", "-i"], "home/.yashrc", "eval \"$(dctx init yash)\""),
    Shell {
        name: "fish",
        argv: &["fish"],
        file: "home/.config/fish/config.fish",
        line: "set fish_greeting\ndctx init fish | source",
        set: "set -gx NAME VALUE",
        unset: "set -e NAME",
    },
    Shell {
        name: "elvish",
        argv: &["elvish"],
        file: "home/.config/elvish/rc.elv",
        line: "eval (dctx init elvish | slurp)",
        set: "set-env NAME VALUE",
        unset: "unset-env NAME",
    },
    Shell {
        name: "xonsh",
        argv: &["xonsh"],
        file: "home/.xonshrc",
        line: "execx(__import__('subprocess').check_output('dctx init xonsh'.split(), text=True, env=${...}.detype()))",
        set: "$NAME = 'VALUE'",
        unset: "del $NAME",
    },
];

/// What prompts show: dctx's words, and what starship and its like read.
fn shown(terminal: &Terminal<'_>) -> String {
    // what was typed has run by then, and the prompt after it was shown
    terminal.ask("echo");
    terminal
        .ask("sh -c 'echo \"${DCTX_PROMPT-none} ${DOCKER_MACHINE_NAME-none}\"'")
        .trim()
        .to_owned()
}

impl Shell {
    fn set(&self, name: &str, value: &str) -> String {
        self.set.replace("NAME", name).replace("VALUE", value)
    }

    fn unset(&self, name: &str) -> String {
        self.unset.replace("NAME", name)
    }

    /// The shell at its first prompt.
    fn start<'a>(&self, sb: &'a Sandbox) -> Option<Terminal<'a>> {
        let terminal = Terminal::start(sb, self.argv)?;
        // what is typed before its first prompt is lost
        if self.name == "xonsh" {
            terminal.until("a prompt", |screen| screen.trim_end().ends_with(['#', '$', '@']));
        }
        Some(terminal)
    }

    /// With `before` and `after` around the line of the hook.
    fn prepare(&self, before: &str, after: &str) -> Option<Sandbox> {
        require(self.argv[0])?;
        let mut sb = Sandbox::new();
        sb.write("home/.config/dctx/config.toml", PROFILES);
        let certs = sb.path("home/two  words, 中 $x");
        crate::support::profiles::certs(&sb, certs.to_str().unwrap());
        sb.set_env("TERM", "xterm-256color");
        sb.set_env("ENV", sb.path(self.file).to_str().unwrap());
        sb.write(self.file, format!("{before}\n{}\n{after}\n", self.line));
        Some(sb)
    }
}

/// A `reset` of one session hides the choice for every shell as long as there is one; after that, the session follows the
/// next one as every shell does.
#[test]
fn a_reset_hides_a_choice_only_while_there_is_one() {
    for shell in SHELLS.iter().filter(|shell| shell.name != "fish") {
        let Some(sb) = shell.prepare("", "") else { continue };
        let Some(terminal) = shell.start(&sb) else { return };
        let name = shell.name;
        let elsewhere = |args: &[&str]| {
            sb.dctx_from(Some("bash"), args).run().done();
        };
        elsewhere(&["use", "coreos", "-U"]);
        assert_eq!(shown(&terminal), "coreos coreos", "{name}");
        terminal.line("dctx reset");
        assert_eq!(shown(&terminal), "none none", "{name}");
        elsewhere(&["use", "coreos", "-U"]);
        assert_eq!(shown(&terminal), "none none", "{name}");
        elsewhere(&["reset", "-U"]);
        assert_eq!(shown(&terminal), "none none", "{name}");
        elsewhere(&["use", "coreos", "-U"]);
        assert_eq!(shown(&terminal), "coreos coreos", "{name}");
    }
}

/// By hand, one variable after the other, and back again.
#[test]
fn what_is_changed_by_hand_shows_at_the_next_prompt() {
    for shell in SHELLS {
        let Some(sb) = shell.prepare("", "") else { continue };
        let Some(terminal) = shell.start(&sb) else { return };
        let name = shell.name;
        let session = if name == "fish" { " --session" } else { "" };
        terminal.line(&format!("dctx use coreos{session}"));
        assert_eq!(shown(&terminal), "coreos coreos", "{name}");
        terminal.line(&shell.set("DOCKER_HOST", "tcp://127.0.0.3:1"));
        assert_eq!(shown(&terminal), "coreos? coreos?", "{name}");
        terminal.line(&shell.set("DOCKER_HOST", "tcp://127.0.0.7:2376"));
        assert_eq!(shown(&terminal), "coreos coreos", "{name}");
        terminal.line(&shell.set("DOCKER_TLS_VERIFY", "1"));
        assert_eq!(shown(&terminal), "coreos? coreos?", "{name}");
        terminal.line(&shell.unset("DOCKER_TLS_VERIFY"));
        assert_eq!(shown(&terminal), "coreos coreos", "{name}");
        terminal.line(&shell.set("DOCKER_CONTEXT", "far"));
        assert_eq!(shown(&terminal), "coreos? coreos?", "{name}");
        terminal.line(&format!("dctx use spaced{session}"));
        assert_eq!(shown(&terminal), "spaced spaced", "{name}");
        terminal.line(&shell.set("DOCKER_CERT_PATH", "/elsewhere"));
        assert_eq!(shown(&terminal), "spaced? spaced?", "{name}");
        terminal.line(&format!("dctx use prod --confirm prod{session}"));
        assert_eq!(shown(&terminal), "prod protected prod", "{name}");
        terminal.line(&shell.unset("DOCKER_HOST"));
        assert_eq!(shown(&terminal), "prod? protected prod?", "{name}");
        let list = terminal.ask("dctx ls --color never");
        assert!(list.contains("\n?  prod ") && !list.contains('*'), "{name}: {list}");
        terminal.line("dctx reset");
        assert_eq!(shown(&terminal), "none none", "{name}");
    }
}

/// A start-up file that sets DOCKER_HOST wins over what a shell inherits: an inner shell says so once, and shows it.
#[test]
fn a_start_up_file_that_sets_docker_host_is_seen() {
    for shell in SHELLS {
        let line = shell.set("DOCKER_HOST", "tcp://127.0.0.3:1");
        for (before, after) in [(line.as_str(), ""), ("", line.as_str())] {
            let Some(sb) = shell.prepare(before, after) else { continue };
            let Some(terminal) = shell.start(&sb) else { return };
            let name = shell.name;
            let session = if name == "fish" { " --session" } else { "" };
            terminal.line(&format!("dctx use coreos{session}"));
            assert_eq!(shown(&terminal), "coreos coreos", "{name}");
            terminal.line(&shell.argv.join(" "));
            terminal.shows("this shell points at tcp://127.0.0.3:1: the variables have been");
            assert_eq!(shown(&terminal), "coreos? coreos?", "{name}: {before} {after}");
            let here = terminal.ask("dctx current");
            assert!(here.starts_with("no profile  tcp://127.0.0.3:1  no TLS\n"), "{name}: {here}");
            terminal.line(&format!("dctx use coreos{session}"));
            assert_eq!(shown(&terminal), "coreos coreos", "{name}");
        }
    }
}

/// fish: the article's own `set -Ue`, and a global below the init line, beside a universal choice.
#[test]
fn a_universal_choice_that_something_hides_is_seen() {
    let shell = SHELLS.iter().find(|shell| shell.name == "fish").unwrap();
    let Some(sb) = shell.prepare("", "") else { return };
    let Some(terminal) = shell.start(&sb) else { return };
    terminal.line("dctx use coreos");
    assert_eq!(shown(&terminal), "coreos coreos");
    terminal.line("set -Ue DOCKER_HOST");
    assert_eq!(shown(&terminal), "coreos? coreos?");
    terminal.line("dctx use coreos");
    assert_eq!(shown(&terminal), "coreos coreos");
    terminal.line("set -gx DOCKER_HOST tcp://127.0.0.3:1");
    assert_eq!(shown(&terminal), "coreos? coreos?");
    terminal.line("set -eg DOCKER_HOST");
    assert_eq!(shown(&terminal), "coreos coreos");
    // the mark is this shell's alone, and does not outlive what it was for
    assert_eq!(terminal.ask("set -qg DOCKER_MACHINE_NAME; echo $status").trim(), "1");
    drop(terminal);
    let text = fs::read_to_string(sb.path("home/.config/fish/config.fish")).unwrap();
    sb.write(
        "home/.config/fish/config.fish",
        format!("{text}\nset -gx DOCKER_HOST tcp://127.0.0.3:1\n"),
    );
    let Some(terminal) = shell.start(&sb) else { return };
    terminal.shows("this shell points at tcp://127.0.0.3:1: the variables have been");
    assert_eq!(shown(&terminal), "coreos? coreos?");
}

/// What the hook itself reads in the state directory may be a pipe that nobody writes to: there is a prompt all the same.
#[test]
fn a_prompt_waits_for_no_pipe() {
    for shell in SHELLS {
        let Some(sb) = shell.prepare("", "") else { continue };
        for file in ["universal", "dirs"] {
            let path = sb.path("home/.local/state/dctx").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            sb.sh("mkfifo", [&path]).run().done();
        }
        let Some(terminal) = shell.start(&sb) else { return };
        assert_eq!(shown(&terminal), "none none", "{}", shell.name);
        let session = if shell.name == "fish" { " --session" } else { "" };
        terminal.line(&format!("dctx use coreos{session}"));
        assert_eq!(shown(&terminal), "coreos coreos", "{}", shell.name);
    }
}

/// A shell without the hook has nothing that keeps DCTX_PROMPT right, and what it inherited would name the former host.
#[test]
fn words_that_nothing_keeps_are_taken_away() {
    let Some(shell) = SHELLS.iter().find(|shell| shell.name == "bash") else { return };
    let Some(sb) = shell.prepare("", "") else { return };
    let Some(terminal) = shell.start(&sb) else { return };
    terminal.line("dctx use coreos");
    assert_eq!(shown(&terminal), "coreos coreos");
    assert_eq!(terminal.ask("dctx exec spaced -- printenv DCTX_PROMPT"), "");
    terminal.line("bash --norc --noprofile");
    assert_eq!(terminal.ask("printenv DCTX_PROMPT"), "coreos\n");
    for verb in ["use prod --confirm prod", "reset"] {
        terminal.line("export DCTX_PROMPT=coreos");
        terminal.line(&format!("eval \"$(dctx {verb})\""));
        assert_eq!(terminal.ask("printenv DCTX_PROMPT"), "", "{verb}");
    }
}

/// `cd` and `use` on one line: what is chosen by hand comes after the directory, and stays.
#[test]
fn what_is_chosen_after_cd_on_the_same_line_stays() {
    for shell in SHELLS {
        let Some(sb) = shell.prepare("", "") else { continue };
        let config = "home/.config/dctx/config.toml";
        let own = "[profiles.own]\nhost = \"tcp://127.0.0.4:1\"\ndirs = [\"~/d\"]\n";
        sb.write(config, format!("{PROFILES}{own}"));
        fs::create_dir_all(sb.path("home/d")).unwrap();
        let Some(terminal) = shell.start(&sb) else { return };
        let name = shell.name;
        let session = if name == "fish" { " --session" } else { "" };
        terminal.line("cd ~/d");
        assert_eq!(shown(&terminal), "own own", "{name}");
        for (line, wanted) in [
            ("cd ~; dctx use coreos", "coreos coreos"),
            ("cd ~/d; dctx use spaced", "spaced spaced"),
            ("cd ~; dctx reset", "none none"),
            ("cd ~/d; dctx reset", "none none"),
        ] {
            let session = if line.contains(" use ") { session } else { "" };
            terminal.line(&format!("{line}{session}"));
            assert_eq!(shown(&terminal), wanted, "{name}: {line}");
        }
    }
}

/// zsh: an array is its first element to some, and the functions of others before the prompt stay.
#[test]
fn with_ksh_arrays_all_functions_before_the_prompt_stay() {
    let shell = SHELLS.iter().find(|shell| shell.name == "zsh").unwrap();
    let before =
        "function one { : }; function two { : }; precmd_functions=(one two)\nsetopt ksh_arrays";
    let Some(sb) = shell.prepare(before, "") else { return };
    let Some(terminal) = shell.start(&sb) else { return };
    let functions = terminal.ask("print -r -- ${precmd_functions[@]}");
    assert!(functions.starts_with("__dctx_prompt one two"), "{functions}");
}
