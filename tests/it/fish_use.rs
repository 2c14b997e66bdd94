//! fish: universal by default, right with inherited globals and older universals, for running and for new
//! shells, and the session alone where that is asked for.

use std::fs;

use crate::support::{Sandbox, require};

/// A profile store with a plain and a verified host.
fn sandbox() -> Sandbox {
    let sb = Sandbox::new();
    let certs = sb.path("certs a:b");
    for file in ["ca.pem", "cert.pem", "key.pem"] {
        let path = sb.write(certs.join(file), "");
        set_mode(&path, 0o400);
    }
    set_mode(&certs, 0o700);
    sb.write(
        "home/.config/dctx/config.toml",
        format!(
            "[profiles.a]\nhost = \"tcp://a.example:2375\"\n\
             [profiles.b]\nhost = \"tcp://b.example:2376\"\ncerts = \"{}\"\n",
            certs.display()
        ),
    );
    sb
}

fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs a script in a new fish; `set` is what it inherits. Returns what it prints.
#[track_caller]
fn fish(sb: &Sandbox, set: &[(&str, &str)], script: &str) -> String {
    let out = sb.sh("fish", ["-c", script]).envs(set.iter().copied()).run();
    assert_eq!(out.code(), 0, "{script}\n{}{}", out.out(), out.err());
    out.out()
}

/// What a program started from this fish sees of the host, and whether the variable is there at all.
const SEES: &str = "env | grep -c '^DOCKER_HOST='; printenv DOCKER_HOST; true";

#[test]
fn what_is_chosen_holds_in_every_new_fish_until_it_is_revoked() {
    if require("fish").is_none() {
        return;
    }
    let sb = sandbox();
    fish(&sb, &[], "dctx use a | source");
    assert_eq!(fish(&sb, &[], SEES), "1\ntcp://a.example:2375\n");
    fish(&sb, &[], "dctx use b | source");
    assert_eq!(
        fish(&sb, &[], "printenv DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_CERT_PATH DCTX_PREVIOUS"),
        "tcp://b.example:2376\n1\n[SB]/certs a:b\na\n"
    );
    // a value with a colon, in a variable whose name ends in PATH, is one value and stays one
    assert_eq!(
        fish(&sb, &[], "count $DOCKER_CERT_PATH; echo $DOCKER_CERT_PATH"),
        "1\n[SB]/certs a:b\n"
    );
    fish(&sb, &[], "dctx use - | source");
    assert_eq!(fish(&sb, &[], SEES), "1\ntcp://a.example:2375\n");
    fish(&sb, &[], "dctx reset | source");
    assert_eq!(fish(&sb, &[], "env | grep -E '^(DOCKER|DCTX)_'; true"), "");
    let left = fs::read_to_string(sb.config().join("fish/fish_variables")).unwrap();
    assert!(!left.contains("DOCKER") && !left.contains("DCTX"), "{left}");
}

/// Former states, what is there after use A, and what after reset: in the shell itself, and in a new one
/// that inherits nothing.
#[test]
fn former_globals_and_universals_come_back_where_they_are_local() {
    if require("fish").is_none() {
        return;
    }
    let local = "unix:///run/user/1000/docker.sock";
    let other = "unix:///run/other.sock";
    let remote = "tcp://old.example:2375";
    // universal before, inherited, global set in the shell; afterwards here, afterwards in a new fish
    let cases: &[[Option<&str>; 5]] = &[
        [None, None, None, None, None],
        [None, Some(local), None, Some(local), None],
        [None, Some(remote), None, None, None],
        [None, Some(""), None, Some(""), None],
        [None, None, Some(local), Some(local), None],
        [Some(local), None, None, Some(local), Some(local)],
        [Some(remote), None, None, None, None],
        [Some(local), Some(local), None, Some(local), Some(local)],
        [Some(other), Some(local), None, Some(local), Some(other)],
        [Some(remote), Some(local), None, Some(local), None],
        [Some(local), Some(remote), None, Some(local), Some(local)],
        [Some(remote), None, Some(remote), None, None],
        [Some(local), None, Some(""), Some(""), Some(local)],
    ];
    for [universal, inherited, global, here, new] in cases {
        let case = format!("universal {universal:?}, inherited {inherited:?}, global {global:?}");
        let sb = sandbox();
        if let Some(value) = universal {
            fish(&sb, &[], &format!("set -Ux DOCKER_HOST '{value}'"));
        }
        let set: Vec<(&str, &str)> =
            inherited.iter().map(|value| ("DOCKER_HOST", *value)).collect();
        let global =
            global.map(|value| format!("set -gx DOCKER_HOST '{value}';")).unwrap_or_default();
        let seen = |value: &Option<&str>| match value {
            Some(value) => format!("1\n{value}\n"),
            None => "0\n".to_owned(),
        };
        let script = format!("{global} dctx use a | source; {SEES}; dctx reset | source; {SEES}");
        let wanted = format!("1\ntcp://a.example:2375\n{}", seen(here));
        assert_eq!(fish(&sb, &set, &script), wanted, "{case}");
        assert_eq!(fish(&sb, &[], SEES), seen(new), "a new fish: {case}");
        // without a use before it, reset leaves what is local and takes away the rest
        let sb = sandbox();
        if let Some(value) = universal {
            fish(&sb, &[], &format!("set -Ux DOCKER_HOST '{value}'"));
        }
        let script = format!("{global} dctx reset | source; {SEES}");
        assert_eq!(fish(&sb, &set, &script), seen(here), "reset alone: {case}");
        assert_eq!(fish(&sb, &[], SEES), seen(new), "reset alone, a new fish: {case}");
    }
}

#[test]
fn a_session_of_its_own_changes_no_other_shell() {
    if require("fish").is_none() {
        return;
    }
    let sb = sandbox();
    fish(&sb, &[], "dctx use a | source");
    let script = format!(
        "dctx use b --session | source; {SEES}; fish -c 'printenv DOCKER_HOST';
         dctx reset | source; {SEES}; printenv DCTX_PROFILE; dctx current | head -1;
         dctx reset | source; {SEES}"
    );
    // the universal variable is hidden by an empty one, which docker takes for none
    let wanted = "1\ntcp://b.example:2376\ntcp://b.example:2376\n1\n\n\nlocal docker  unix:///var/run/docker.sock\n1\n\n";
    assert_eq!(fish(&sb, &[], &script), wanted);
    assert_eq!(fish(&sb, &[], SEES), "1\ntcp://a.example:2375\n");
    // a universal choice made in such a session is one for all again
    fish(&sb, &[], "dctx use b --session | source; dctx reset | source; dctx use b -U | source");
    assert_eq!(fish(&sb, &[], SEES), "1\ntcp://b.example:2376\n");
    fish(&sb, &[], "dctx use a --session | source; dctx reset -U | source");
    assert_eq!(fish(&sb, &[], SEES), "0\n");
}

#[test]
fn the_default_scope_is_a_setting() {
    if require("fish").is_none() {
        return;
    }
    let sb = sandbox();
    sb.write(
        "home/.config/dctx/config.toml",
        "[settings]\nfish-scope = \"session\"\n[profiles.a]\nhost = \"tcp://a.example:2375\"\n",
    );
    assert_eq!(
        fish(&sb, &[], &format!("dctx use a | source; {SEES}")),
        "1\ntcp://a.example:2375\n"
    );
    assert_eq!(fish(&sb, &[], SEES), "0\n");
}

/// A script that came too late, or a shell whose function variables hide ours: what fails, fails aloud.
#[test]
fn a_failure_changes_nothing_and_stops_what_follows() {
    if require("fish").is_none() {
        return;
    }
    let sb = sandbox();
    let script = "set -Ux DOCKER_HOST keep; dctx use typo | source; and echo went on; echo $status $DOCKER_HOST";
    let out = sb.sh("fish", ["-c", script]).run();
    let said = "dctx: no profile named \"typo\"\nhint: all of them: dctx ls\n\
                dctx: this shell still points at tcp://keep:2375\n";
    out.is(0, "1 keep\n", said);
}

/// A tmux server, ended with the test, however that ends.
struct Server<'s> {
    sb: &'s Sandbox,
    socket: std::path::PathBuf,
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        self.sb.sh("tmux", ["-S", self.socket.to_str().unwrap(), "kill-server"]).run();
    }
}

/// Two running shells, typed into: the idle one takes up what the other chooses, and loses it again.
#[test]
fn a_running_fish_takes_up_what_another_chooses() {
    if require("fish").is_none() || require("tmux").is_none() {
        return;
    }
    let sb = sandbox();
    let socket = sb.path("tmux");
    let tmux = |args: &[&str]| {
        let mut all = vec!["-S", socket.to_str().unwrap(), "-f", "/dev/null"];
        all.extend(args);
        sb.sh("tmux", all).run()
    };
    let _server = Server { sb: &sb, socket: socket.clone() };
    let start = |name: &str| {
        tmux(&["new-session", "-d", "-s", name, "-x", "120", "-y", "30", "fish"]).done();
    };
    start("one");
    start("two");
    let type_line = |name: &str, line: &str| {
        tmux(&["send-keys", "-t", name, line, "Enter"]).done();
    };
    let mut step = 0;
    let mut ask = |name: &str, question: &str| {
        step += 1;
        let file = sb.path(format!("answer{step}"));
        type_line(name, &format!("{question} > {0}.part; mv {0}.part {0}", file.display()));
        for _ in 0..600 {
            if let Ok(text) = fs::read_to_string(&file) {
                return text;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("no answer in {name}:\n{}", tmux(&["capture-pane", "-p", "-t", name]).out());
    };
    // both are at their prompts before anything is chosen
    assert_eq!(ask("one", "echo ready"), "ready\n");
    assert_eq!(ask("two", "echo ready"), "ready\n");
    ask("one", "dctx use a | source; echo $status");
    assert_eq!(ask("two", "printenv DOCKER_HOST"), "tcp://a.example:2375\n");
    ask("two", "dctx use b | source; echo $status");
    assert_eq!(ask("one", "printenv DOCKER_HOST DCTX_PREVIOUS"), "tcp://b.example:2376\na\n");
    // a session choice is kept by the shell that made it
    ask("one", "dctx use a --session | source; echo $status");
    assert_eq!(ask("two", "printenv DOCKER_HOST"), "tcp://b.example:2376\n");
    ask("two", "dctx reset | source; echo $status");
    assert_eq!(ask("one", "printenv DOCKER_HOST"), "tcp://a.example:2375\n");
    assert_eq!(ask("two", "begin; env | grep -c DOCKER_; true; end"), "0\n");
}
