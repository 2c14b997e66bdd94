//! `edit` by flags, `rename`, `rm` and `undo` change what they are asked to, or nothing; and say what a
//! shell or a shared profile has to do with it.

use std::fs;

use crate::support::profiles::{CONFIG, certs, config, export, files, in_force};
use crate::support::require;
use crate::support::{Cmd, Sandbox};

fn sandbox() -> Sandbox {
    let mut sb = Sandbox::new();
    sb.set_env("DCTX_SHELL", "bash");
    sb
}

fn dctx(sb: &Sandbox, args: &str) -> Cmd {
    sb.dctx(args.split(' '))
}

const CHANGED: &str = "dctx: changed a; to take it back: dctx undo\n";

/// A flag, the line it makes, and the key that takes it out again.
const FLAGS: &[(&str, &str, &str)] = &[
    ("--tls insecure", "tls = \"insecure\"", "tls"),
    ("--protected", "protected = true", "protected"),
    ("--protected=false", "protected = false", "protected"),
    ("--description 生产", "description = \"生产\"", "description"),
    ("--tag a --tag b", "tags = [\"a\", \"b\"]", "tags"),
    ("--dir ~/x", "dirs = [\"~/x\"]", "dirs"),
    ("--max-use 1h30m", "max-use = \"1h30m\"", "max-use"),
    ("--api-version 1.41", "api-version = \"1.41\"", "api-version"),
    ("--env COMPOSE_PROFILES=x", "env = { COMPOSE_PROFILES = \"x\" }", "env"),
];

#[test]
fn each_flag_changes_its_key_and_unset_takes_it_out() {
    let sb = sandbox();
    let plain = "# mine\n[profiles.a]\nhost = \"tcp://h\" # here\n";
    for (flags, line, key) in FLAGS {
        sb.write(CONFIG, plain);
        dctx(&sb, &format!("edit a {flags}")).run().done();
        assert_eq!(config(&sb).unwrap(), format!("{plain}{line}\n"), "{flags}");
        let same = dctx(&sb, &format!("edit a {flags}")).run();
        same.ok("", "dctx: a already has these values\n");
        dctx(&sb, &format!("edit a --unset {key}")).run().ok("", CHANGED);
        assert_eq!(config(&sb).unwrap(), plain, "{flags}");
        let again = dctx(&sb, &format!("edit a --unset {key}")).run();
        again.ok("", "dctx: a already has these values\n");
    }
    dctx(&sb, "edit a --host tcp://i").run().ok("", CHANGED);
    assert_eq!(config(&sb).unwrap(), plain.replace("//h", "//i"));
    let every: Vec<&str> = dctx::profile::KEYS.into_iter().filter(|key| *key != "host").collect();
    for key in &every {
        dctx(&sb, &format!("edit a --unset {key}")).run().done();
    }
    // certs, ca, cert, key and key-command have tests of their own; no key is forgotten
    let tried: Vec<&str> = FLAGS.iter().map(|(_, _, key)| *key).collect();
    let rest = ["certs", "ca", "cert", "key", "key-command"];
    assert!(every.iter().all(|key| tried.contains(key) || rest.contains(key)), "{every:?}");
    assert_eq!(dctx(&sb, "edit a --unset host").run().code(), 2);
}

#[test]
fn certificates_named_otherwise_take_the_place_of_the_former() {
    let sb = sandbox();
    let c = certs(&sb, "c").display().to_string();
    let d = files(&sb, "d", &["root", "me", "my-key"]).display().to_string();
    let base = "[profiles.a]\nhost = \"tcp://h\"\n";
    let one = format!("ca = \"{d}/root\"\ncert = \"{d}/me\"\nkey = \"{d}/my-key\"\n");
    sb.write(CONFIG, format!("{base}{one}"));
    dctx(&sb, &format!("edit a --certs {c}")).run().ok("", CHANGED);
    assert_eq!(config(&sb).unwrap(), format!("{base}certs = \"{c}\"\n"));
    // The other way round, what is not named stays what it was in the directory.
    for (flag, file) in [("ca", "root"), ("key", "my-key")] {
        let rest = |key: &str| match key == flag {
            true => format!("{d}/{file}"),
            false => format!("{c}/{key}.pem"),
        };
        dctx(&sb, &format!("edit a --{flag} {d}/{file}")).run().ok("", CHANGED);
        let mut lines: Vec<String> =
            config(&sb).unwrap().lines().skip(2).map(str::to_owned).collect();
        lines.sort();
        assert_eq!(lines, ["ca", "cert", "key"].map(|key| format!("{key} = \"{}\"", rest(key))));
        dctx(&sb, &format!("edit a --certs {c}")).run().ok("", CHANGED);
    }
    dctx(&sb, &format!("edit a --certs {c} --ca {d}/root")).run().is(
        2,
        "",
        "dctx: certs and ca cannot be used together\n",
    );
    let flags = format!("--unset certs --ca {d}/root --cert {d}/me --key {d}/my-key");
    dctx(&sb, &format!("edit a {flags}")).run().ok("", CHANGED);
    assert_eq!(config(&sb).unwrap(), format!("{base}{one}"));
    let alone = format!(
        "{CHANGED}dctx: no client certificate: the docker command can do that; docker-py, \
         dockerode and compose's children cannot\n"
    );
    dctx(&sb, "edit a --unset cert --unset key").run().ok("", &alone);
    dctx(&sb, "edit a --unset ca").run().ok("", CHANGED);
    assert_eq!(export(&sb, "a", "DOCKER_HOST").as_deref(), Some("tcp://h:2375"));
}

#[test]
fn an_edit_that_would_not_load_changes_nothing() {
    let sb = sandbox();
    let c = certs(&sb, "c").display().to_string();
    let before = format!("[profiles.a]\nhost = \"tcp://h\"\ncerts = \"{c}\"\n");
    sb.write(CONFIG, &before);
    for (args, said) in [
        ("--host ssh://h --certs c", "certs has no meaning for ssh://"),
        ("--tls off", "tls = \"off\" and certs cannot be used together"),
        ("--max-use soon", "max-use must be a time such as 30m"),
        ("--max-use 30", "max-use must be a time such as 30m"),
        ("--max-use 0s", "max-use must be a time such as 30m"),
        ("--max-use 99999999999999999999h", "max-use must be a time such as 30m"),
        ("--api-version v1.41", "api-version must be a version such as 1.41"),
        ("--api-version 1", "api-version must be a version such as 1.41"),
        ("--api-version 1.41.1", "api-version must be a version such as 1.41"),
        ("--env COMPOSE_PROFILES", "env must be NAME=VALUE"),
        ("--description a\u{202e}b", "description contains U+202E, which is invisible"),
        ("--description a\u{1b}[2J", "description contains U+001B, which is invisible"),
        ("--tag a\u{200d}b", "tags contains U+200D, which is invisible"),
        ("--tag ", "tags must be words that are not empty"),
        ("--dir ", "dirs must be a path"),
        ("--certs ", "certs must be a path"),
    ] {
        let said = format!("dctx: {said}\n");
        dctx(&sb, &format!("edit a {args}")).run().is(2, "", &said);
        assert_eq!(config(&sb).unwrap(), before, "{args}");
    }
    for name in [
        "PATH",
        "LD_PRELOAD",
        "DOCKER_HOST",
        "DOCKER_CONFIG",
        "COMPOSE_FILE",
        "BUILDKIT_HOST",
        // another endpoint, address, image or class; a weaker check; files; more rights; what removes containers
        "TESTCONTAINERS_TC_HOST",
        "TESTCONTAINERS_HOST_OVERRIDE",
        "TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE",
        "TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX",
        "TESTCONTAINERS_RYUK_CONTAINER_IMAGE",
        "TESTCONTAINERS_RYUK_CONTAINER_PRIVILEGED",
        "TESTCONTAINERS_IMAGE_SUBSTITUTOR",
        "BUILDKIT_SYNTAX",
        "BUILDKIT_SOURCE_POLICY",
        "BUILDX_CONFIG",
        "DOCKER_CONTENT_TRUST",
        "DOCKER_CONTENT_TRUST_SERVER",
        "COMPOSE_TLS_VERSION",
        "COMPOSE_ENV_FILES",
        "COMPOSE_DISABLE_ENV_FILE",
        "COMPOSE_PATH_SEPARATOR",
        "COMPOSE_REMOVE_ORPHANS",
        "COMPOSE_ANYTHING",
        "",
        "compose_x",
        "COMPOSE_",
        "HTTP_PROXY",
    ] {
        let said = format!(
            "dctx: env may not set \"{name}\"\nhint: allowed: {}\n",
            dctx::profile::ENV_NAMES.join(", ")
        );
        dctx(&sb, &format!("edit a --env {name}=x")).run().is(2, "", &said);
        assert_eq!(config(&sb).unwrap(), before, "{name}");
    }
    for args in ["edit --host tcp://h", "edit --tls off"] {
        let said = "dctx: edit with flags needs the name of a profile\n\
                    hint: type: dctx edit NAME --host HOST\n";
        dctx(&sb, args).run().is(2, "", said);
    }
}

/// A profile that was wrong before stays where it is, and its fault is told with its line, not as if it had
/// just been typed.
#[test]
fn a_former_fault_is_not_blamed_on_the_edit() {
    let sb = sandbox();
    let before = "[profiles.a]\nhost = \"tcp://h\"\nprotcted = true\n";
    sb.write(CONFIG, before);
    let said = "dctx: [SB]/home/.config/dctx/config.toml:3:1: profile a: unknown key protcted; \
                did you mean protected?\n    3 | protcted = true\n      | ^\nhint: to fix it: dctx edit a\n";
    dctx(&sb, "edit a --host tcp://i").run().is(4, "", said);
    assert_eq!(config(&sb).unwrap(), before);
    // another profile can still be changed, and this one removed
    dctx(&sb, "add b tcp://b").run().done();
    dctx(&sb, "edit b --host tcp://c").run().done();
    dctx(&sb, "rm a").run().ok("", "dctx: removed a; to take it back: dctx undo\n");
    assert_eq!(config(&sb).unwrap(), "[profiles.b]\nhost = \"tcp://c\"\n");
}

#[test]
fn renaming_keeps_everything_but_the_name() {
    let sb = sandbox();
    let before = "[profiles.a] # the first\nhost = \"tcp://h\"\nenv.COMPOSE_PROFILES = \"x\"\n\n[profiles.b]\nhost = \"tcp://b\"\n";
    sb.write(CONFIG, before);
    let taken = "dctx: there is a profile named b already, in [SB]/home/.config/dctx/config.toml\n\
                 hint: to change it: dctx edit b\n";
    dctx(&sb, "rename a b").run().is(1, "", taken);
    let none = "dctx: no profile named \"x\"\nhint: all of them: dctx ls\n";
    dctx(&sb, "rename x y").run().is(3, "", none);
    dctx(&sb, "rename a a").run().ok("", "dctx: a already has that name\n");
    assert_eq!(config(&sb).unwrap(), before);
    let said = "dctx: a is now c; to take it back: dctx undo\n";
    dctx(&sb, "rename a c").run().ok("", said);
    assert_eq!(config(&sb).unwrap(), before.replace("profiles.a", "profiles.c"));
    // A shell that is on it says the old name until it is told.
    let told = "dctx: c is now d; to take it back: dctx undo\n\
                dctx: this shell still says c; to take the new name: eval \"$(dctx use d)\"\n";
    let host = "tcp://a:2375";
    dctx(&sb, "rename c d").envs(in_force("c", host)).run().ok("", told);
    let hooked = "dctx: d is now e; to take it back: dctx undo\n\
                  dctx: this shell still says d; to take the new name: dctx use e\n";
    let shell = dctx(&sb, "rename d e").envs(in_force("d", host));
    shell.env("DCTX_HOOK", "1").run().ok("", hooked);
    // One whose variables have been changed since is not.
    let said = "dctx: e is now f; to take it back: dctx undo\n";
    let shell = dctx(&sb, "rename e f").envs(in_force("e", host));
    shell.env("DOCKER_HOST", "tcp://other:1").run().ok("", said);
    // A name that is none can be given up for one that is.
    sb.write(CONFIG, "[profiles.\"a b\"]\nhost = \"tcp://h\"\n");
    sb.dctx(["rename", "a b", "ab"])
        .run()
        .ok("", "dctx: a b is now ab; to take it back: dctx undo\n");
    assert_eq!(config(&sb).unwrap(), "[profiles.ab]\nhost = \"tcp://h\"\n");
}

#[test]
fn an_active_profile_that_is_changed_says_so() {
    let sb = sandbox();
    sb.write(CONFIG, "[profiles.a]\nhost = \"tcp://h\"\n");
    let said = format!(
        "{CHANGED}dctx: this shell still has the former values; to take the new ones: \
         eval \"$(dctx use a)\"\n"
    );
    let shell = |args: &str, name: &str| dctx(&sb, args).envs(in_force(name, "tcp://h:2375"));
    shell("edit a --host tcp://i", "a").run().ok("", &said);
    shell("edit a --host tcp://j", "b").run().ok("", CHANGED);
    // what was changed by hand is no former value of the profile's
    shell("edit a --host tcp://k", "a").env("DOCKER_HOST", "tcp://x:1").run().ok("", CHANGED);
}

#[test]
fn removing_several_removes_all_or_none() {
    let sb = sandbox();
    let before = "[profiles.a]\nhost = \"tcp://a\"\n[profiles.b]\nhost = \"tcp://b\"\n[profiles.c]\nhost = \"tcp://c\"\n";
    sb.write(CONFIG, before);
    let none = "dctx: no profile named \"nope\"\nhint: all of them: dctx ls\n";
    dctx(&sb, "rm a nope c").run().is(3, "", none);
    assert_eq!(config(&sb).unwrap(), before);
    dctx(&sb, "rm a c a").run().ok("", "dctx: removed a, c; to take it back: dctx undo\n");
    assert_eq!(config(&sb).unwrap(), "[profiles.b]\nhost = \"tcp://b\"\n");
    let last = "dctx: removed b; to take it back: dctx undo\n\
                dctx: this shell still points at b (tcp://b:2375)\n\
                hint: back to local docker: eval \"$(dctx reset)\"\n";
    dctx(&sb, "rm b").envs(in_force("b", "tcp://b:2375")).run().ok("", last);
    let universal = last.replace("dctx reset", "dctx reset -U");
    sb.write(CONFIG, "[profiles.b]\nhost = \"tcp://b\"\n");
    let shell = dctx(&sb, "rm b").envs(in_force("b", "tcp://b:2375"));
    shell.env("DCTX_SAVED", "u1,#=1,.=tcp://b:2375,,,,").run().ok("", &universal);
    // changed by hand since: docker does not go there any more
    sb.write(CONFIG, "[profiles.b]\nhost = \"tcp://b\"\n");
    let shell = dctx(&sb, "rm b").envs(in_force("b", "tcp://b:2375"));
    shell
        .env("DOCKER_HOST", "tcp://x:1")
        .run()
        .ok("", "dctx: removed b; to take it back: dctx undo\n");
    let empty = "dctx: no profile named \"b\"\nhint: there are no profiles yet; add one: \
                 dctx add NAME tcp://HOST:2376 --certs DIR\n";
    dctx(&sb, "rm b").run().is(3, "", empty);
    assert_eq!(dctx(&sb, "rm").run().code(), 2);
}

/// An address that is not tcp:// takes no certificates: the keys about them go with the former address, and it is said.
#[test]
fn another_kind_of_host_leaves_the_certificates_behind() {
    if require("openssl").is_none() {
        return;
    }
    let sb = sandbox();
    crate::support::certs::Ca::new(sb.path("ca"))
        .client_dir(sb.work().join("c"), Some(&crate::support::certs::Leaf::CLIENT));
    dctx(&sb, "add a tcp://h --certs c --tls verify").run().done();
    let out = dctx(&sb, "edit a --host ssh://me@h").run();
    out.done();
    let said = "certificates are for tcp:// only, so these keys were removed from a: certs\n";
    assert!(out.err().contains(said), "{}", out.err());
    assert!(config(&sb).unwrap().ends_with("[profiles.a]\nhost = \"ssh://me@h\"\n"));
    let out = dctx(&sb, "undo").run();
    assert!(
        out.done().err().starts_with("dctx: a is as before; to redo: dctx undo\n"),
        "{}",
        out.err()
    );
    // what is asked for in the same breath is refused as ever
    assert_eq!(dctx(&sb, "edit a --host ssh://me@h --certs c").run().code(), 2);
}

#[test]
fn undo_goes_back_and_forth() {
    let sb = sandbox();
    let nothing = "dctx: there is no earlier version to go back to\n";
    dctx(&sb, "undo").run().is(1, "", nothing);
    let undo = |said: &str| {
        dctx(&sb, "undo").run().ok("", &format!("dctx: {said}; to redo: dctx undo\n"));
    };
    dctx(&sb, "add a tcp://h").run().done();
    let first = config(&sb).unwrap();
    undo("a is removed");
    assert_eq!(config(&sb).unwrap(), "");
    undo("a is back");
    assert_eq!(config(&sb).unwrap(), first);
    dctx(&sb, "edit a --tag x").run().done();
    undo("a is as before");
    dctx(&sb, "add b tcp://i").run().done();
    dctx(&sb, "rename b c").run().done();
    undo("c is called b again");
    dctx(&sb, "rm a b").run().done();
    undo("a, b are back");
    undo("a, b are removed");
    // a clock that was set back since is no reason to say anything else
    let file = fs::OpenOptions::new().append(true).open(sb.path(CONFIG)).unwrap();
    file.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(500)).unwrap();
    undo("a, b are back");
}

/// An edit of somebody's own is the last change: it alone is taken back, and it is kept, whatever is wrong with it.
#[test]
fn undo_takes_back_an_edit_by_hand_and_keeps_it() {
    for (broken, redone) in [
        (&b"[profiles.c]\nhost = "[..], "host has no value"),
        (b"[profiles.c]\nhost = \xff\"tcp://x\"\n", "the file is not UTF-8"),
        (b"[profiles]]\n", "config.toml:"),
    ] {
        let sb = sandbox();
        for add in ["add a tcp://h", "add b tcp://i", "add d tcp://j"] {
            dctx(&sb, add).run().done();
        }
        let written = config(&sb).unwrap();
        let mut by_hand = written.clone().into_bytes();
        by_hand.extend_from_slice(broken);
        fs::write(sb.path(CONFIG), &by_hand).unwrap();
        let out = dctx(&sb, "ls").run();
        assert_eq!(out.code(), 4);
        assert!(out.err().contains("keep this text: dctx undo\n"), "{}", out.err());
        let out = dctx(&sb, "undo").run();
        out.done();
        let said = "dctx: ~/.config/dctx/config.toml is as dctx last wrote it (profiles: a, b, d); to redo: dctx undo\n\
                    dctx: the text that was in it is kept in ~/.local/state/dctx/history/";
        assert!(out.err().starts_with(said), "{}", out.err());
        assert_eq!(config(&sb).unwrap(), written, "no profile is lost");
        let path = out.err().lines().last().unwrap().rsplit_once("~/").unwrap().1.to_owned();
        assert_eq!(fs::read(sb.home().join(path)).unwrap(), by_hand);
        // redo refuses nothing
        let out = dctx(&sb, "undo").run();
        assert_eq!(out.code(), 0, "{}", out.err());
        assert!(out.err().contains(redone), "{}", out.err());
        assert_eq!(fs::read(sb.path(CONFIG)).unwrap(), by_hand);
        dctx(&sb, "undo").run().done();
        assert_eq!(config(&sb).unwrap(), written);
        // one that is valid is taken back alone as well
        fs::write(sb.path(CONFIG), format!("{written}[profiles.mine]\nhost = \"tcp://m\"\n"))
            .unwrap();
        let out = dctx(&sb, "undo").run();
        assert!(
            out.err().starts_with("dctx: mine is removed; to redo: dctx undo\n"),
            "{}",
            out.err()
        );
        assert_eq!(config(&sb).unwrap(), written);
        // and a change by dctx after it does not touch it
        fs::write(sb.path(CONFIG), format!("{written}# mine\n")).unwrap();
        dctx(&sb, "rm a").run().done();
        dctx(&sb, "undo").run().ok("", "dctx: a is back; to redo: dctx undo\n");
        assert_eq!(config(&sb).unwrap(), format!("{written}# mine\n"));
    }
}

/// A profile of the same name in a shared file comes to light, or is hidden: the same word means another
/// host from then on.
#[test]
fn what_a_change_hides_or_uncovers_is_said() {
    let sb = sandbox();
    let layer = "[profiles.a]\nhost = \"tcp://team\"\n[profiles.z]\nhost = \"tcp://z\"\n";
    sb.write("home/.config/dctx/profiles.d/team.toml", layer);
    let file = "~/.config/dctx/profiles.d/team.toml";
    let added = format!(
        "dctx: added a (tcp://mine:2375, no TLS)\ndctx: the a in {file} is shadowed by it\n\
         next: eval \"$(dctx use a)\"\n"
    );
    dctx(&sb, "add a tcp://mine").run().ok("", &added);
    assert_eq!(export(&sb, "a", "DOCKER_HOST").as_deref(), Some("tcp://mine:2375"));
    let renamed = format!(
        "dctx: a is now z; to take it back: dctx undo\ndctx: the z in {file} is shadowed by it\n\
         dctx: a now comes from {file}\n"
    );
    dctx(&sb, "rename a z").run().ok("", &renamed);
    let removed =
        format!("dctx: removed z; to take it back: dctx undo\ndctx: z now comes from {file}\n");
    dctx(&sb, "rm z").run().ok("", &removed);
    assert_eq!(export(&sb, "z", "DOCKER_HOST").as_deref(), Some("tcp://z:2375"));
}

/// A flag gives the whole list; what that takes away is said, with the command that has all of it.
#[test]
fn what_a_list_loses_is_said() {
    let sb = sandbox();
    dctx(&sb, "add a tcp://h --tag x --tag y --dir /x --env BUILDX_BUILDER=b").run().done();
    let out = dctx(&sb, "edit a --tag z").run();
    let said = "dctx: changed a; to take it back: dctx undo\n\
                dctx: tags: x, y → z\n\
                hint: to have all of them: dctx edit a --tag x --tag y --tag z\n";
    out.ok("", said);
    dctx(&sb, "edit a --tag x --tag y --tag z")
        .run()
        .ok("", "dctx: changed a; to take it back: dctx undo\n");
    let out = dctx(&sb, "edit a --dir /y --env COMPOSE_ANSI=never").env("DCTX_LANG", "zh").run();
    let err = out.err();
    assert!(
        err.contains("dctx: dirs：/x → /y\n提示（如需全部保留）：dctx edit a --dir /x --dir /y\n"),
        "{err}"
    );
    assert!(err.contains("dctx: env：BUILDX_BUILDER=b → COMPOSE_ANSI=never\n"), "{err}");
    // nothing is lost where everything goes, which is what was asked for, or where nothing was
    dctx(&sb, "edit a --unset tags").run().ok("", "dctx: changed a; to take it back: dctx undo\n");
    dctx(&sb, "edit a --tag n").run().ok("", "dctx: changed a; to take it back: dctx undo\n");
}
