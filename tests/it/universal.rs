//! A choice for every shell is one choice: whole at any moment, the same for all whoever chooses at once, kept as it was
//! confirmed, and never more than what a profile could say.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{Sandbox, require};

const PROFILES: &str = "\
[profiles.a]
host = \"tcp://192.0.2.1\"
env = { BUILDX_BUILDER = \"core\" }

[profiles.b]
host = \"tcp://192.0.2.2\"

[profiles.prod]
host = \"tcp://192.0.2.9\"
protected = true
";

fn prepare() -> Sandbox {
    let sb = Sandbox::new();
    sb.write("home/.config/dctx/config.toml", PROFILES);
    sb
}

fn file(sb: &Sandbox) -> PathBuf {
    sb.state().join("dctx/universal")
}

/// What a shell is told at its next prompt that is in this state.
fn at_prompt(sb: &Sandbox, saved: Option<&str>) -> crate::support::Output {
    let mut command = sb.dctx(["__hook"]).env("DCTX_SHELL", "bash").env("DCTX_HOOK", "prompt");
    if let Some(saved) = saved {
        command = command.env("DCTX_SAVED", saved);
    }
    command.run()
}

fn choose(sb: &Sandbox, name: &str) {
    sb.dctx(["use", "-U", name, "--shell", "bash", "--confirm", name]).run().done();
}

/// What was chosen is what new shells get, whatever becomes of the profile; revoking it takes back what it brought.
#[test]
fn it_is_kept_as_it_was_chosen() {
    let sb = prepare();
    choose(&sb, "a");
    sb.write("home/.config/dctx/config.toml", "not = [TOML");
    let first = at_prompt(&sb, None).done().out();
    assert!(first.contains("DOCKER_HOST='tcp://192.0.2.1:2375'"), "{first}");
    assert!(
        first.contains("BUILDX_BUILDER='core'") && first.contains("DCTX_PROFILE='a'"),
        "{first}"
    );
    let mode = fs::metadata(file(&sb)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let saved = first.split("DCTX_SAVED=$'").nth(1).and_then(|rest| rest.split('\'').next());
    let saved = saved.unwrap().replace("\\043", "#").replace("\\054", ",").replace("\\041", "!");
    // up to date: nothing to say
    at_prompt(&sb, Some(&saved)).ok("", "");
    sb.dctx(["reset", "-U", "--shell", "bash"]).run().done();
    assert!(!file(&sb).exists());
    let gone = at_prompt(&sb, Some(&saved));
    assert_eq!(gone.err(), "dctx: back to local docker, like every other shell\n");
    assert!(
        gone.out().contains("BUILDX_BUILDER") && gone.out().contains("unset -v"),
        "{}",
        gone.out()
    );
    // a second time: nothing to take back, and no fault
    sb.dctx(["reset", "-U", "--shell", "bash"]).run().done();
    at_prompt(&sb, None).ok("", "");
}

/// What this session chose, or reset, stays.
#[test]
fn a_session_goes_its_own_way() {
    let sb = prepare();
    choose(&sb, "a");
    for own in ["", "s1,@=0000000000000000", "u1,@=0000000000000000"] {
        at_prompt(&sb, Some(own)).ok("", "");
    }
}

/// Many choose at the same moment: one of them is last, and all follow that one.
#[test]
fn of_many_who_choose_at_once_one_is_followed_by_all() {
    if require("bash").is_none() {
        return;
    }
    let sb = prepare();
    let many: String =
        (0..12).map(|n| format!("[profiles.p{n}]\nhost = \"tcp://192.0.2.{n}\"\n")).collect();
    sb.write("home/.config/dctx/config.toml", many);
    let children: Vec<_> = (0..12)
        .map(|n| {
            let script = format!(
                "eval \"$(dctx init bash)\"\nuntil [ -e go ]; do sleep 0.01; done\n\
                 for i in 1 2 3 4 5; do dctx use -U p{n}; done\ntouch done{n}\n\
                 until [ -e settled ]; do sleep 0.05; done\ndctx __hook\necho \"$DOCKER_HOST $DCTX_PROFILE\"\n"
            );
            let mut command = sb.sh("bash", ["-c", &script]).into_command();
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    sb.write("work/go", "");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !(0..12).all(|n| sb.work().join(format!("done{n}")).exists()) {
        assert!(Instant::now() < deadline, "not all have chosen");
        sleep(Duration::from_millis(20));
    }
    sb.write("work/settled", "");
    let said: Vec<String> = children
        .into_iter()
        .map(|child| String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
        .collect();
    let n = said[0].trim().rsplit('p').next().unwrap();
    assert_eq!(said[0], format!("tcp://192.0.2.{n}:2375 p{n}\n"));
    assert!(said.iter().all(|one| *one == said[0]), "{said:?}");
}

/// A process that is killed while it chooses leaves the former choice or the new one.
#[test]
fn one_who_is_killed_leaves_a_whole_choice() {
    let sb = prepare();
    choose(&sb, "a");
    for n in 0..150_u64 {
        let name = if n % 2 == 0 { "b" } else { "a" };
        let mut command = sb.dctx(["use", "-U", name, "--shell", "bash"]).into_command();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_micros(n * 40 % 4000));
        let _ = child.kill();
        child.wait().unwrap();
        let out = at_prompt(&sb, None).done().out();
        let whole = ["192.0.2.1:2375", "192.0.2.2:2375"].iter().any(|host| out.contains(host));
        assert!(whole, "after {n} kills: {out}");
    }
    // and nothing that grows: what they left is swept away by later ones once it is old
    let left = || {
        let entries = fs::read_dir(sb.state().join("dctx")).unwrap().map(|e| e.unwrap().path());
        entries.filter(|path| path.to_str().unwrap().ends_with('~')).collect::<Vec<_>>()
    };
    let stale = sb.write("home/.local/state/dctx/universal.4711~", "half");
    for path in left() {
        sb.sh("touch", ["-d", "2 minutes ago"]).arg(path).run().done();
    }
    choose(&sb, "a");
    assert!(!stale.exists() && left().is_empty(), "{:?}", left());
}

/// What stands in the file is used only if dctx could have written it, and others cannot.
#[test]
fn a_file_that_is_not_right_is_refused_by_name() {
    let sb = prepare();
    choose(&sb, "a");
    let path = file(&sb);
    let good = fs::read_to_string(&path).unwrap();
    let refused = |what: &str| {
        let out = at_prompt(&sb, None);
        let hint = "hint: to delete it: dctx reset -U\n";
        assert_eq!((out.code(), out.out().as_str()), (0, ""), "{what}");
        assert!(
            out.err().contains("universal") && out.err().ends_with(hint),
            "{what}: {}",
            out.err()
        );
    };
    for (what, from, to) in [
        ("another schema", "\"schema\":1", "\"schema\":2"),
        ("a control character", "tcp://192.0.2.1:2375", "tcp://192.0.2.1:2375\\u001b[2J"),
        ("a name that is none", "\"name\":\"a\"", "\"name\":\"$(id)\""),
        ("a variable that no profile may set", "BUILDX_BUILDER", "LD_PRELOAD"),
        ("TLS without certificates", "\"tls\":\"off\"", "\"tls\":\"verify\""),
        ("something unknown", "\"schema\":1", "\"schema\":1,\"more\":1"),
        ("half of it", "\"tls\"", "\n"),
    ] {
        assert!(good.contains(from), "{what}: {from} in {good}");
        fs::write(&path, good.replace(from, to)).unwrap();
        refused(what);
    }
    fs::write(&path, "").unwrap();
    refused("nothing");
    fs::write(&path, good).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o622)).unwrap();
    refused("others can write it");
    sb.dctx(["reset", "-U", "--shell", "bash"]).run().done();
    at_prompt(&sb, None).ok("", "");
}

/// One that has an end is over for everybody then, also for shells that start later.
#[test]
fn its_end_is_everybodys() {
    let sb = prepare();
    let args = ["use", "-U", "a", "--for", "1s"];
    let hooked =
        |command: crate::support::Cmd| command.env("DCTX_SHELL", "bash").env("DCTX_HOOK", "prompt");
    hooked(sb.dctx(args)).run().done();
    sleep(Duration::from_millis(1100));
    at_prompt(&sb, None).ok("", "");
    assert!(!file(&sb).exists());
}

/// What cannot follow a choice for every shell is told so; the settings say how far a plain `use` reaches.
#[test]
fn how_far_a_plain_use_reaches_is_a_setting() {
    let sb = prepare();
    let out = sb.dctx(["use", "-U", "a", "--shell", "json"]).run();
    assert_eq!((out.code(), out.data().as_str()), (2, ""), "{}", out.err());
    assert!(
        out.err().starts_with("dctx: json cannot follow a choice for every shell\n"),
        "{}",
        out.err()
    );
    assert!(!file(&sb).exists());
    sb.write(
        "home/.config/dctx/config.toml",
        format!("[settings]\nbash-scope = \"universal\"\nfish-scope = \"session\"\n{PROFILES}"),
    );
    sb.dctx(["use", "a", "--shell", "zsh"]).run().done();
    assert!(!file(&sb).exists());
    sb.dctx(["use", "a", "--shell", "bash", "--session"]).run().done();
    assert!(!file(&sb).exists());
    sb.dctx(["use", "a", "--shell", "bash"]).run().done();
    assert!(file(&sb).exists());
    let fish = sb.dctx(["use", "a", "--shell", "fish"]).run().done().out();
    assert!(fish.contains("set -gx") && !fish.contains("set -Ux"), "{fish}");
    sb.write(
        "home/.config/dctx/config.toml",
        format!("[settings]\nbsh-scope = \"universal\"\n{PROFILES}"),
    );
    let out = sb.dctx(["use", "a", "--shell", "zsh"]).run();
    assert!(out.err().contains("unknown key settings.bsh-scope"), "{}", out.err());
}
