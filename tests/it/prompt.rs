//! At the prompt of bash, zsh and fish, typed as a person does: what is in force is in sight, a use ends when its time
//! is over, a directory switches and goes back, and a choice for every shell reaches every shell.

use std::fs;

use crate::support::Sandbox;
use crate::support::terminal::Terminal;

/// The shells, how each is started, and the file that it reads first.
const SHELLS: [(&str, &[&str], &str); 3] = [
    ("bash", &["bash", "--noprofile", "-i"], "home/.bashrc"),
    ("zsh", &["zsh", "-d", "-i"], "home/.zshrc"),
    ("fish", &["fish"], "home/.config/fish/config.fish"),
];

const PROFILES: &str = "\
[profiles.coreos]
host = \"tcp://192.0.2.1\"

[profiles.lab]
host = \"tcp://192.0.2.2\"
dirs = [\"~/shop\"]

[profiles.tools]
host = \"tcp://192.0.2.3\"
dirs = [\"~/shop/tools\"]

[profiles.prod]
host = \"tcp://192.0.2.9\"
protected = true
dirs = [\"~/live\"]
";

const COREOS: &str = "dctx: coreos  tcp://192.0.2.1:2375  no TLS";
const LAB: &str = "dctx: lab  tcp://192.0.2.2:2375  no TLS";
const TOOLS: &str = "dctx: tools  tcp://192.0.2.3:2375  no TLS";
const PROD: &str = "dctx: prod  tcp://192.0.2.9:2375  no TLS";
const BACK: &str = "(back to local docker: dctx reset)";
const EVERY: &str = "(for every shell; back to local docker: dctx reset)";
const LOCAL: &str = "dctx: back to local docker";

/// What a reset of one session says of the choice for every shell.
fn alone(name: &str) -> String {
    format!(
        "dctx: only in this shell; every other shell stays on {name} (to reset those too: dctx reset -U)"
    )
}

/// Everything docker and dctx look at in the environment.
const ENV: &str = "env | grep -E '^(DOCKER_|DCTX_)' | grep -vE 'DCTX_(SAVED|PREVIOUS)=' | sort";

fn prepare() -> Sandbox {
    let mut sb = Sandbox::new();
    sb.write("home/.config/dctx/config.toml", PROFILES);
    for dir in ["home/shop/src", "home/shop/tools", "home/live"] {
        fs::create_dir_all(sb.path(dir)).unwrap();
    }
    sb.set_env("TERM", "xterm-256color");
    for (name, value) in [
        ("home/.bashrc", "PS1='> '\neval \"$(dctx init bash --prompt)\"\n"),
        ("home/.zshrc", "PROMPT='> '\neval \"$(dctx init zsh --prompt)\"\n"),
        (
            "home/.config/fish/config.fish",
            // a suggestion that is drawn as a line is run would stay on the screen
            "set fish_greeting\nset -g fish_autosuggestion_enabled 0\nfunction fish_prompt; echo -n '> '; end\ndctx init fish --prompt | source\n",
        ),
    ] {
        sb.write(name, value);
    }
    sb
}

/// A person at a terminal, and the screen as it has to be by now.
struct Session<'a> {
    terminal: Terminal<'a>,
    shell: &'static str,
    screen: String,
}

impl<'a> Session<'a> {
    /// Starts the shell; `said` is what it says before its first prompt.
    fn start(sb: &'a Sandbox, shell: &'static str, said: &str, prompt: &str) -> Option<Self> {
        let (_, argv, _) = SHELLS.into_iter().find(|(name, ..)| *name == shell).unwrap();
        let terminal = Terminal::sized(sb, (120, 50), argv)?;
        let mut session = Self { terminal, shell, screen: String::new() };
        session.says(said, prompt);
        Some(session)
    }

    fn says(&mut self, said: &str, prompt: &str) {
        if !said.is_empty() {
            self.screen.push_str(said);
            self.screen.push('\n');
        }
        self.screen.push_str(prompt);
        let trim = |text: &str| -> String {
            text.trim_end().lines().map(|line| format!("{}\n", line.trim_end())).collect()
        };
        let wanted = trim(&self.screen);
        let what = format!("{}, this screen:\n{wanted}", self.shell);
        self.terminal.until(&what, |screen| trim(screen) == wanted);
    }

    /// Types a line; the shell says that, and shows this prompt.
    fn types(&mut self, line: &str, said: &str, prompt: &str) {
        self.terminal.line(line);
        self.screen.push_str(line);
        self.screen.push('\n');
        self.says(said, prompt);
    }

    /// The environment of what is started from here, without what is said elsewhere.
    fn env(&mut self) -> String {
        self.terminal.press(&["C-l"]);
        let env = self.terminal.ask(&format!("sh -c \"{ENV}\""));
        self.terminal.line("clear");
        let prompt = self.screen.lines().last().unwrap_or_default().to_owned();
        self.screen.clear();
        self.says("", &prompt);
        env
    }
}

/// The first minute: use, a typing error, a protected profile, reset. The status of the last command stays.
#[test]
fn the_first_minute() {
    for (shell, ..) in SHELLS {
        let sb = prepare();
        let Some(mut at) = Session::start(&sb, shell, "", "> ") else { continue };
        assert_eq!(at.env(), "");
        let back = if shell == "fish" { EVERY } else { BACK };
        at.types("dctx use coreos", &format!("{COREOS}   {back}"), "(coreos) > ");
        at.types(
            "dctx use coreso",
            "dctx: no profile named \"coreso\"\n\
             hint: did you mean coreos? all of them: dctx ls\n\
             dctx: this shell still points at coreos (tcp://192.0.2.1:2375)",
            "(coreos) > ",
        );
        at.types(
            "dctx use prod",
            "prod is protected (tcp://192.0.2.9:2375).\nType its name to go on:",
            "",
        );
        at.screen = at.screen.trim_end().to_owned() + " ";
        at.types("prod", &format!("{PROD}   {BACK}"), "(prod protected) > ");
        at.types("false", "", "(prod protected) > ");
        let status = if shell == "fish" { "echo $status" } else { "echo $?" };
        at.types(status, "1", "(prod protected) > ");
        if shell == "fish" {
            // prod was for this session alone
            at.types("dctx reset", &format!("{LOCAL}\n{}", alone("coreos")), "> ");
            at.types("dctx reset -U", LOCAL, "> ");
        } else {
            at.types("dctx reset", LOCAL, "> ");
        }
        assert_eq!(at.env(), "");
    }
}

/// A use with an end is over at the first prompt after it.
#[test]
fn a_use_ends_when_its_time_is_over() {
    for (shell, ..) in SHELLS {
        let sb = prepare();
        let Some(mut at) = Session::start(&sb, shell, "", "> ") else { continue };
        let back = if shell == "fish" { EVERY } else { BACK };
        let said = |time: &str| format!("{COREOS}   (for {time}; {})", &back[1..back.len() - 1]);
        at.types("dctx use coreos --for 30m", &said("30m"), "(coreos) > ");
        let expires = |env: String| {
            let line = env.lines().find_map(|line| line.strip_prefix("DCTX_EXPIRES="));
            line.map(|at| at.parse::<u64>().unwrap())
        };
        let now = || {
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
        };
        let at_30 = expires(at.env()).unwrap();
        assert!((now() + 1500..=now() + 1800).contains(&at_30), "{shell}: {at_30}");
        at.types("dctx use coreos --for 2s", &said("2s"), "(coreos) > ");
        at.types("sleep 3", "dctx: coreos expired: back to local docker", "> ");
        assert_eq!(at.env(), "", "{shell}");
    }
}

/// Where nothing would notice, a use with an end is refused, and nothing is changed.
#[test]
fn without_the_hook_no_end_is_promised() {
    let sb = prepare();
    sb.write(
        "home/.config/dctx/config.toml",
        "[profiles.a]\nhost = \"tcp://192.0.2.1\"\nmax-use = \"30m\"\n",
    );
    let hint = "hint: add this line to the shell's start-up file: eval \"$(dctx init bash)\"\n\
                hint: for one command: dctx exec a -- CMD\n";
    let max = "dctx: a may be used for 30m at a time (max-use): this shell has no hook to end it\n";
    sb.dctx(["use", "a", "--shell", "bash"]).run().is(7, "(exit 7);\n", &format!("{max}{hint}"));
    let limit = "dctx: a for 10m: this shell has no hook to end it\n";
    let args = ["use", "a", "--shell", "bash", "--for", "10m"];
    sb.dctx(args).run().is(7, "(exit 7);\n", &format!("{limit}{hint}"));
    // A script that loaded the function shows no prompt.
    let script = "eval \"$(dctx init bash)\"; dctx use a --for 10m; echo $? ${DOCKER_HOST-unset}";
    let hint = "hint: for one command: dctx exec a -- CMD\n";
    sb.sh("bash", ["-c", script]).run().ok("7 unset\n", &format!("{limit}{hint}"));
    // No longer than the profile allows, and as long if nothing is said.
    let hooked = |more: &[&str]| {
        let args = [&["use", "a"], more].concat();
        sb.dctx(args).env("DCTX_SHELL", "bash").env("DCTX_HOOK", "prompt").run()
    };
    let long = "dctx: a may be used for 30m at a time (max-use), not for 31m\n\
                hint: for the longest time allowed: dctx use a\n";
    hooked(&["--for", "31m"]).is(7, "(exit 7);\n", long);
    assert!(hooked(&[]).done().out().contains("DCTX_EXPIRES="));
    let wrong = "dctx: --for takes a span of time such as 30m or 8h\n";
    let out = hooked(&["--for", "soon"]);
    assert_eq!((out.code(), out.out().as_str()), (2, "(exit 2);\n"));
    assert!(out.err().starts_with("dctx: --for"), "{} is not {wrong}", out.err());
    sb.dctx(["exec", "a", "--", "printenv", "DOCKER_HOST"]).run().ok("tcp://192.0.2.1:2375\n", "");
}

/// Entering a directory switches, the innermost wins, leaving goes back to what was before; what a person chooses
/// there stays until it is left; a protected profile is never reached.
#[test]
fn directories_switch_and_go_back() {
    for (shell, ..) in SHELLS {
        let sb = prepare();
        let Some(mut at) = Session::start(&sb, shell, "", "> ") else { continue };
        at.types("cd ~/shop", &format!("{LAB}   (for ~/shop)"), "(lab) > ");
        at.types("cd src", "", "(lab) > ");
        at.types("cd ../tools", &format!("{TOOLS}   (for ~/shop/tools)"), "(tools) > ");
        at.types("cd ..", &format!("{LAB}   (for ~/shop)"), "(lab) > ");
        at.types("cd", "dctx: left ~/shop: back to local docker", "> ");
        assert_eq!(at.env(), "", "{shell}");

        // back to what a person chose before
        let session = if shell == "fish" { " --session" } else { "" };
        at.types(
            &format!("dctx use coreos{session}"),
            &format!("{COREOS}   {BACK}"),
            "(coreos) > ",
        );
        at.types("cd ~/shop", &format!("{LAB}   (for ~/shop)"), "(lab) > ");
        at.types("cd", &format!("{COREOS}   (left ~/shop)"), "(coreos) > ");
        // by hand inside: until leaving
        at.types("cd ~/shop", &format!("{LAB}   (for ~/shop)"), "(lab) > ");
        at.types(&format!("dctx use tools{session}"), &format!("{TOOLS}   {BACK}"), "(tools) > ");
        at.types("cd src", "", "(tools) > ");
        at.types("cd", &format!("{COREOS}   (left ~/shop)"), "(coreos) > ");
        at.types("cd ~/shop", &format!("{LAB}   (for ~/shop)"), "(lab) > ");
        at.types("dctx reset", LOCAL, "> ");
        at.types("cd src", "", "> ");
        at.types("cd", &format!("{COREOS}   (left ~/shop)"), "(coreos) > ");
        let _ = at.env();

        at.types(
            "cd ~/live",
            "dctx: ~/live belongs to prod, which is protected: entering a directory never switches to it\n\
             hint: to switch to it: dctx use prod",
            "(coreos) > ",
        );
        at.types("cd", "", "(coreos) > ");
        at.types("dctx reset", LOCAL, "> ");
        assert_eq!(at.env(), "", "{shell}");
    }
}

/// bash and zsh have for every shell what fish has: new shells start with it, running ones take it up at the next
/// prompt, what one session chose stays, and revoking reaches all.
#[test]
fn a_choice_for_every_shell_reaches_every_shell() {
    for (one, other) in [("bash", "zsh"), ("zsh", "bash"), ("fish", "fish")] {
        let sb = prepare();
        let (flag, every, revoked) = match one {
            "fish" => ("", EVERY.to_owned(), LOCAL),
            _ => (
                " -U",
                "(for every shell; back to local docker: dctx reset -U)".to_owned(),
                "dctx: back to local docker, like every other shell",
            ),
        };
        let chosen = "(chosen for every shell)";
        let Some(mut first) = Session::start(&sb, one, "", "> ") else { continue };
        let Some(mut second) = Session::start(&sb, other, "", "> ") else { continue };
        let fish = one == "fish";
        // fish takes it up by itself, and shows it at once, behind a prompt that nobody touches
        let takes = |session: &mut Session<'_>, said: &str, prompt: &str| {
            if fish {
                let typed = session.screen.trim_end_matches(|c| c != '\n').to_owned();
                session.screen = typed;
                session.says("", prompt);
            }
            session.types("true", if fish { "" } else { said }, prompt);
        };
        first.types(
            &format!("dctx use coreos{flag}"),
            &format!("{COREOS}   {every}"),
            "(coreos) > ",
        );
        takes(&mut second, &format!("{COREOS}   {chosen}"), "(coreos) > ");
        assert_eq!(first.env(), second.env());
        // another shell wants another one, and has the last word
        second.types(&format!("dctx use tools{flag}"), &format!("{TOOLS}   {every}"), "(tools) > ");
        takes(&mut first, &format!("{TOOLS}   {chosen}"), "(tools) > ");
        // a new shell starts with it
        let said = if fish { String::new() } else { format!("{TOOLS}   {chosen}") };
        let mut third = Session::start(&sb, other, &said, "(tools) > ").unwrap();
        // one session goes its own way
        let session = if fish { " --session" } else { "" };
        third.types(&format!("dctx use lab{session}"), &format!("{LAB}   {BACK}"), "(lab) > ");
        first.types(
            &format!("dctx use coreos{flag}"),
            &format!("{COREOS}   {every}"),
            "(coreos) > ",
        );
        third.types("true", "", "(lab) > ");
        // back to local docker there alone
        let alone = format!("{LOCAL}\n{}", alone("coreos"));
        third.types(&format!("dctx reset{session}"), &alone, "> ");
        takes(&mut second, &format!("{COREOS}   {chosen}"), "(coreos) > ");
        // revoked everywhere
        second.types("dctx reset -U", LOCAL, "> ");
        takes(&mut first, revoked, "> ");
        for session in [&mut first, &mut second] {
            assert_eq!(session.env(), "", "{one}, {other}");
        }
        third.types("true", "", "> ");
        let fourth = Session::start(&sb, other, "", "> ");
        assert!(fourth.is_some());
    }
}
