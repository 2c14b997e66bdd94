//! Shared profiles are read in order, one level deep, and never written; and they are inert.

use std::fs;

use serde_json::Value;

use crate::support::profiles::{CONFIG, certs, config, export, files, mode};
use crate::support::{Cmd, Output, Sandbox};

fn dctx(sb: &Sandbox, args: &str) -> Cmd {
    sb.dctx(args.split(' '))
}

fn profile(name: &str, host: &str) -> String {
    format!("[profiles.{name}]\nhost = \"{host}\"\n")
}

/// A file of `profiles.d`.
fn layer(sb: &Sandbox, file: &str, text: &str) {
    sb.write(format!("home/.config/dctx/profiles.d/{file}"), text);
}

/// Names with the files they are from, in the order of `ls`; those that are hidden with a `-` before.
fn listed(out: &Output) -> Vec<String> {
    let json: Value = serde_json::from_str(&out.out()).unwrap();
    let text = |item: &Value| {
        let file = item["file"].as_str().unwrap().rsplit("/dctx/").next().unwrap().to_owned();
        let hidden = if item["shadowed"] == true { "-" } else { "" };
        format!("{hidden}{} {file}", item["name"].as_str().unwrap())
    };
    json["profiles"].as_array().unwrap().iter().map(text).collect()
}

#[test]
fn the_first_definition_wins_in_the_order_of_files() {
    let sb = Sandbox::new();
    sb.write(CONFIG, profile("own", "tcp://own") + &profile("a", "tcp://a-own"));
    layer(&sb, "20-b.toml", &(profile("a", "tcp://a-20") + &profile("b", "tcp://b-20")));
    layer(&sb, "10-a.toml", &(profile("b", "tcp://b-10") + &profile("c", "tcp://c-10")));
    layer(&sb, "team/z.toml", &(profile("c", "tcp://c-team") + &profile("d", "tcp://d-team")));
    layer(&sb, "team/deeper/x.toml", &profile("deep", "tcp://deep"));
    layer(&sb, ".hidden.toml", &profile("hidden", "tcp://hidden"));
    layer(&sb, ".git/x.toml", &profile("git", "tcp://git"));
    layer(&sb, "README.md", "not TOML");
    layer(&sb, "x.toml.bak", "not TOML");
    let out = dctx(&sb, "ls --json").run();
    out.done();
    assert_eq!(out.err(), "");
    assert_eq!(
        listed(&out),
        [
            "own config.toml",
            "a config.toml",
            "b profiles.d/10-a.toml",
            "c profiles.d/10-a.toml",
            "d profiles.d/team/z.toml",
            "-a profiles.d/20-b.toml",
            "-b profiles.d/20-b.toml",
            "-c profiles.d/team/z.toml",
        ]
    );
    for (name, host) in
        [("a", "a-own"), ("b", "b-10"), ("c", "c-10"), ("d", "d-team"), ("own", "own")]
    {
        let got = export(&sb, name, "DOCKER_HOST").unwrap();
        assert_eq!(got, format!("tcp://{host}:2375"));
    }
    let d = "~/.config/dctx/profiles.d";
    let table = format!(
        "NAME  HOST               TLS  TAGS  DESCRIPTION  DEFINED IN
own   tcp://own:2375     off                     ~/.config/dctx/config.toml:1
a     tcp://a-own:2375   off                     ~/.config/dctx/config.toml:3
b     tcp://b-10:2375    off                     {d}/10-a.toml:1
c     tcp://c-10:2375    off                     {d}/10-a.toml:3
d     tcp://d-team:2375  off                     {d}/team/z.toml:3
shadowed: a in {d}/20-b.toml:1
shadowed: b in {d}/20-b.toml:3
shadowed: c in {d}/team/z.toml:1
"
    );
    dctx(&sb, "ls -l").run().ok(&table, "");
    let show = dctx(&sb, "show d").run();
    assert!(show.out().contains(&format!("  defined in  {d}/team/z.toml:3  (read-only)\n")));
}

#[test]
fn dctx_path_names_files_and_directories_in_its_own_order() {
    let mut sb = Sandbox::new();
    layer(&sb, "unread.toml", &profile("unread", "tcp://x"));
    sb.write("work/b/2.toml", profile("two", "tcp://two"));
    sb.write("work/b/1.toml", profile("one", "tcp://one"));
    sb.write("work/a.conf", profile("one", "tcp://other") + &profile("three", "tcp://three"));
    let c = certs(&sb, "work/b/c");
    sb.write("work/b/3.toml", "[profiles.tls]\nhost = \"tcp://tls\"\ncerts = \"c\"\n");
    for (path, wanted) in [
        ("b:a.conf", ["one tcp://one:2375", "two tcp://two:2375", "three tcp://three:2375"]),
        ("a.conf:b", ["one tcp://other:2375", "two tcp://two:2375", "three tcp://three:2375"]),
        (
            "nowhere::b:a.conf:",
            ["one tcp://one:2375", "two tcp://two:2375", "three tcp://three:2375"],
        ),
    ] {
        sb.set_env("DCTX_PATH", path);
        for wanted in wanted {
            let (name, host) = wanted.split_once(' ').unwrap();
            assert_eq!(export(&sb, name, "DOCKER_HOST").as_deref(), Some(host), "{path}");
        }
        let none = "dctx: no profile named \"unread\"\nhint: all of them: dctx ls\n";
        dctx(&sb, "show unread").run().is(3, "", none);
        // relative to the file that names them, and absolute whatever DCTX_PATH is
        let dir = export(&sb, "tls", "DOCKER_CERT_PATH").unwrap();
        assert_eq!(dir.replace("[SB]", sb.dir().to_str().unwrap()), c.to_str().unwrap());
        fs::remove_dir_all(sb.state().join("dctx/seen")).unwrap();
    }
    sb.set_env("DCTX_PATH", "b:gone.toml");
    let told = "dctx: skipped: cannot read [SB]/work/gone.toml: No such file or directory\n";
    dctx(&sb, "ls -q").run().ok("one\ntwo\ntls\n", told);
}

#[test]
fn a_broken_layer_is_skipped_with_one_warning() {
    let sb = Sandbox::new();
    sb.write(CONFIG, profile("own", "tcp://own"));
    layer(&sb, "10.toml", "[profiles.prod]\nhost = \"tcp://right\n");
    layer(&sb, "20.toml", &profile("prod", "tcp://wrong"));
    layer(&sb, "30.toml", "settings.strict-modes = false\nprofles = 1\n");
    let place = "[SB]/home/.config/dctx/profiles.d/10.toml:2:20: ";
    let fault = format!(
        "{place}the value of host must have the same quote at both ends\n    2 | host = \"tcp://right\n      | {:19}^\nwrite | host = \"tcp://right\"\n",
        ""
    );
    let skipped = format!("dctx: skipped: {fault}");
    let d = "dctx: [SB]/home/.config/dctx/profiles.d/30.toml";
    let other = format!(
        "{d}:1:1: settings only has an effect in your own config.toml\n\
         {d}:2:1: unknown key profles, which has no effect; did you mean profiles?\n"
    );
    dctx(&sb, "ls -q").run().ok("own\nprod\n", &format!("{skipped}{other}"));
    // One's own do not depend on it; the others may be another host by the same name.
    let out = dctx(&sb, "use own --shell json").run();
    assert_eq!((out.code(), out.err().as_str()), (0, ""));
    let out = dctx(&sb, "use prod --shell json").run();
    assert_eq!((out.code(), out.err()), (0, skipped.clone()));
    dctx(&sb, "exec prod -- true").run().ok("", &skipped);
    // What is not found may be in it.
    let elsewhere = "hint: that file is read-only to dctx: fix it where it comes from\n";
    let out = dctx(&sb, "use staging --shell bash").run();
    out.is(4, "(exit 4);\n", &format!("dctx: {fault}{elsewhere}"));
    // A directory, and bytes that are no text, are no more in the way.
    fs::remove_file(sb.path("home/.config/dctx/profiles.d/10.toml")).unwrap();
    fs::remove_file(sb.path("home/.config/dctx/profiles.d/30.toml")).unwrap();
    layer(&sb, "latin1.toml", "");
    sb.write("home/.config/dctx/profiles.d/latin1.toml", b"# caf\xe9\n");
    let said = "dctx: skipped: [SB]/home/.config/dctx/profiles.d/latin1.toml:1: \
                the file is not UTF-8 (at byte 5)\n";
    dctx(&sb, "ls -q").run().ok("own\nprod\n", said);
}

#[test]
fn a_broken_profile_of_a_layer_is_mended_where_it_comes_from() {
    let sb = Sandbox::new();
    layer(
        &sb,
        "t.toml",
        "[profiles.a]\nhost = \"h\"\n[profiles.b]\nhost = \"tcp://h\"\ncerts = \"gone\"\n",
    );
    let file = "[SB]/home/.config/dctx/profiles.d/t.toml";
    let said = format!(
        "dctx: {file}:2:8: profile a: host \"h\": it has no scheme, so clients disagree on what it means\n    \
         2 | host = \"h\"\n      |        ^\n\
         hint: that file is read-only to dctx: fix it where it comes from\n"
    );
    dctx(&sb, "use a --shell bash").run().is(4, "(exit 4);\n", &said);
    let said = format!(
        "dctx: b: [SB]/home/.config/dctx/profiles.d/gone does not exist\n\
         hint: put it there, or name another one in {file} where that comes from\n"
    );
    dctx(&sb, "use b --shell bash").run().is(4, "(exit 4);\n", &said);
}

#[test]
fn what_another_file_owns_is_not_changed() {
    let sb = Sandbox::new();
    let text = profile("a", "tcp://h");
    layer(&sb, "t.toml", &text);
    let file = "[SB]/home/.config/dctx/profiles.d/t.toml";
    let said = format!(
        "dctx: a is defined in {file}, which dctx only reads\n\
         hint: change {file} where it comes from, or add your own a: \
         a profile in config.toml comes first\n"
    );
    for args in ["edit a --host tcp://i", "edit a", "rename a b", "rm a"] {
        dctx(&sb, args).env("EDITOR", "false").run().is(4, "", &said);
    }
    sb.write(CONFIG, profile("own", "tcp://own"));
    dctx(&sb, "rm own a").run().is(4, "", &said);
    assert_eq!(config(&sb).unwrap(), profile("own", "tcp://own"));
    assert_eq!(fs::read_to_string(sb.path("home/.config/dctx/profiles.d/t.toml")).unwrap(), text);
}

#[test]
fn layers_are_inert() {
    let sb = Sandbox::new();
    let c = files(&sb, "c", &["ca.pem", "cert.pem"]).display().to_string();
    for (line, key, place) in [
        ("key-command = [\"touch\", \"ran\"]", "key-command", "5:15"),
        ("key = \"keyring\"", "key = \"keyring\"", "5:7"),
    ] {
        let rest = format!("host = \"tcp://h\"\nca = \"{c}/ca.pem\"\ncert = \"{c}/cert.pem\"\n");
        let text = format!("[profiles.a]\n{rest}{line}\n");
        layer(&sb, "t.toml", &text);
        let out = dctx(&sb, "use a --shell bash").run();
        let what = format!("profile a: {key} only has an effect in your own config.toml\n");
        let head = format!("dctx: [SB]/home/.config/dctx/profiles.d/t.toml:{place}: {what}");
        assert!(out.err().starts_with(&head), "{}", out.err());
        assert_eq!((out.code(), out.out().as_str()), (4, "(exit 4);\n"));
    }
    assert!(!sb.work().join("ran").exists());
    layer(&sb, "t.toml", &(profile("a", "tcp://h") + "env = { DOCKER_CONFIG = \"/x\" }\n"));
    assert_eq!(dctx(&sb, "use a --shell bash").run().code(), 4);
    // Its settings are not ours.
    mode(files(&sb, "c", &["ca.pem"]).join("ca.pem"), 0o666);
    let text = format!(
        "[settings]\nstrict-modes = false\n[profiles.a]\nhost = \"tcp://h\"\nca = \"{c}/ca.pem\"\n"
    );
    layer(&sb, "t.toml", &text);
    assert_eq!(dctx(&sb, "use a --shell bash").run().code(), 4);
}
