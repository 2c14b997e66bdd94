//! `check` without a name finds what is odd about this machine and this shell, says what to type, and finds nothing
//! where nothing is.

use serde_json::Value;

use crate::support::Sandbox;
use crate::support::profiles::{CONFIG, mode};

/// Address of a documentation network (RFC 5737): nobody is there, and offline nobody is asked.
const HOST: &str = "tcp://192.0.2.1:2375";

/// A sandbox with a docker and an ssh that are only there.
fn sandbox() -> Sandbox {
    let mut sb = Sandbox::new();
    sb.script("bin/docker", "#!/bin/sh\necho 'Docker version 99.1.2, build abc'\n");
    sb.script("bin/ssh", "#!/bin/sh\n");
    sb.set_env("PATH", sb.path("bin"));
    sb.set_env("DCTX_SHELL", "bash");
    sb
}

/// What is said of the machine with these variables: level, topic, id, text, first command.
#[track_caller]
fn machine(sb: &Sandbox, vars: &[(&str, &str)]) -> Vec<[String; 5]> {
    let out = sb.dctx_from(called_by(vars), ["check", "--offline", "--json"]);
    let out = out.envs(vars.iter().copied()).run();
    assert_eq!(out.err(), "");
    let json: Value = serde_json::from_str(&out.out()).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let item = |f: &Value| {
        let fix = &f["fix"][0];
        let fix = if fix["run"].is_null() { &fix["say"] } else { &fix["run"] };
        [text(&f["level"]), text(&f["topic"]), text(&f["id"]), text(&f["text"]), text(fix)]
    };
    let items: Vec<_> = json["machine"].as_array().unwrap().iter().map(item).collect();
    let failed = items.iter().any(|item| item[0] == "fail");
    assert!(!failed || out.code() != 0, "{items:#?}");
    items
}

/// The shell that these variables say calls.
fn called_by<'v>(vars: &[(&str, &'v str)]) -> Option<&'v str> {
    vars.iter().find(|(name, _)| *name == "DCTX_SHELL").map(|(_, shell)| *shell)
}

/// The same without what is as it should be.
#[track_caller]
fn odd(sb: &Sandbox, vars: &[(&str, &str)]) -> Vec<[String; 5]> {
    let mut items = machine(sb, vars);
    items.retain(|item| item[0] != "ok");
    items
}

/// Exactly one thing is odd, and it is this: level, topic, id, part of the text, first advice.
#[track_caller]
fn one(sb: &Sandbox, vars: &[(&str, &str)], wanted: [&str; 5]) {
    let found = odd(sb, vars);
    let [item] = &found[..] else { panic!("{vars:?}: {found:#?}") };
    let got: Vec<&str> = item.iter().map(String::as_str).collect();
    assert_eq!([got[0], got[1], got[2], got[4]], [wanted[0], wanted[1], wanted[2], wanted[4]]);
    assert!(got[3].contains(wanted[3]), "{}", got[3]);
}

#[test]
fn a_machine_that_is_well() {
    let sb = sandbox();
    sb.dctx(["add", "p", HOST]).run().done();
    mode(sb.path(CONFIG), 0o600);
    let out = sb.dctx(["check", "--offline"]).run();
    out.ok(
        "\
ok    docker  [SB]/bin/docker 99.1.2
ok    store   ~/.config/dctx/config.toml, 1 profile, mode 0600
ok    shell   bash, without the hook
              hint: eval \"$(dctx init bash)\"   (for plain dctx use, in its start-up file)

ok  local docker  unix:///var/run/docker.sock  (not connected)
  ok    offline  not connected to (--offline)

nothing is wrong on this machine; no daemon was connected to (--offline)
",
        "",
    );
    let narrow = sb.dctx(["check", "--offline"]).env("COLUMNS", "60").run();
    assert!(narrow.out().contains(
        "              hint: for plain dctx use, in its start-up file:\n                    eval \"$(dctx init bash)\"\n"
    ), "{}", narrow.out());
    let hooked = machine(&sb, &[("DCTX_HOOK", "prompt")]);
    assert_eq!(hooked[2][3], "bash, with the hook");
    assert_eq!(hooked[2][4], "", "nothing is to be done");
}

#[test]
fn in_chinese() {
    let mut sb = sandbox();
    sb.set_env("DCTX_LANG", "zh");
    let out =
        sb.dctx(["check", "--offline"]).env("DOCKER_TLS_VERIFY", "0").env("DOCKER_HOST", HOST);
    let text = out.run().out();
    assert!(text.contains("警告  环境      DOCKER_TLS_VERIFY=0 会让 docker 开启 TLS"), "{text}");
    assert!(text.contains("修复：unset -v DOCKER_TLS_VERIFY   （取消设置）"), "{text}");
    assert!(text.ends_with("1 个警告\n") || text.contains("个失败"), "{text}");
}

#[test]
fn programs() {
    let mut sb = sandbox();
    sb.script("bin2/docker", "#!/bin/sh\necho nothing to say\n");
    let path = |dirs: &[&str]| {
        let dirs = dirs.iter().map(|dir| sb.path(dir).display().to_string());
        dirs.collect::<Vec<_>>().join(":")
    };
    let both = path(&["bin", "bin2"]);
    let found = machine(&sb, &[("PATH", &both)]);
    assert!(
        found[0][3].ends_with("/bin/docker 99.1.2; it hides ".to_owned().as_str())
            || found[0][3].contains("; it hides "),
        "{found:?}"
    );
    let silent = path(&["bin2"]);
    one(&sb, &[("PATH", &silent)], ["warn", "docker", "", "does not say its version", ""]);
    one(&sb, &[("PATH", "/nowhere")], ["warn", "docker", "", "no docker client on PATH", ""]);
    // one that fails, and one that never ends
    sb.script("bin3/docker", "#!/bin/sh\nexit 1\n");
    let failing = sb.path("bin3").display().to_string();
    one(&sb, &[("PATH", &failing)], ["warn", "docker", "", "does not say its version", ""]);
    sb.set_env("PATH", sb.path("none"));
    sb.dctx(["add", "pi", "ssh://pi@raspberrypi"]).run().done();
    let found = odd(&sb, &[]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((found[1][1].as_str(), found[1][2].as_str()), ("ssh", "ssh-missing"));
}

#[test]
fn the_store() {
    let sb = sandbox();
    assert!(machine(&sb, &[])[1][3].starts_with("no profiles yet in ~/.config/dctx/config.toml"));
    sb.dctx(["add", "p", HOST]).run().done();
    mode(sb.path(CONFIG), 0o666);
    one(
        &sb,
        &[],
        ["fail", "store", "", "others can write", "chmod go-w [SB]/home/.config/dctx/config.toml"],
    );
    // where modes mean nothing it is still said
    let text = std::fs::read_to_string(sb.path(CONFIG)).unwrap();
    sb.write(CONFIG, format!("{text}[settings]\nstrict-modes = false\n"));
    one(
        &sb,
        &[],
        ["warn", "store", "", "others can write", "chmod go-w [SB]/home/.config/dctx/config.toml"],
    );
    mode(sb.path(CONFIG), 0o600);
    sb.write(
        "home/.config/dctx/profiles.d/team.toml",
        "[profiles.p]\nhost = \"tcp://h:1\"\n[profiles.q]\nhots = \"x\"\n",
    );
    assert!(machine(&sb, &[])[1][3].ends_with("2 profiles, mode 0600, 1 shadowed (dctx ls -l)"));
    one(&sb, &[], ["warn", "store", "", "q is not valid", "dctx check q"]);
    sb.write("home/.config/dctx/profiles.d/broken.toml", "[profiles");
    let found = odd(&sb, &[]);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[1][3].contains("broken.toml"), "{found:#?}");
    // a file that is no TOML: the check of everything else goes on
    sb.write(CONFIG, "[profiles.p\n");
    let out = sb.dctx(["check", "--offline"]).run();
    assert_eq!((out.code(), out.err().as_str()), (4, ""));
    let text = out.out();
    assert!(text.contains("fail  store   ") && text.contains("config.toml:1:"), "{text}");
    assert!(text.contains("ok    docker"), "{text}");
}

#[test]
fn sudo() {
    let sb = sandbox();
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let found = odd(&sb, &[("SUDO_USER", "ann")]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0][3].contains("not ann's own"), "{found:?}");
}

/// What a former host leaves behind, each by itself: the variables, what is said, what to type.
#[test]
fn leftovers() {
    let sb = sandbox();
    let warn = |text: &'static str, run: &'static str| ["warn", "env", "leftover", text, run];
    for (vars, wanted) in [
        (
            &[("DOCKER_TLS_VERIFY", "1")][..],
            warn(
                "DOCKER_TLS_VERIFY=1 with no DOCKER_HOST sends docker to tcp://localhost:2376",
                "unset -v DOCKER_TLS_VERIFY",
            ),
        ),
        (&[("DOCKER_TLS", "1")], warn("DOCKER_TLS=1 with no DOCKER_HOST", "unset -v DOCKER_TLS")),
        (
            &[("DOCKER_TLS_VERIFY", "0"), ("DOCKER_HOST", HOST)],
            warn("DOCKER_TLS_VERIFY=0 turns TLS ON", "unset -v DOCKER_TLS_VERIFY"),
        ),
        (
            &[("DOCKER_TLS_VERIFY", "false"), ("DOCKER_HOST", HOST)],
            warn("DOCKER_TLS_VERIFY=false turns TLS ON", "unset -v DOCKER_TLS_VERIFY"),
        ),
        (
            &[("DOCKER_TLS_VERIFY", "true"), ("DOCKER_HOST", HOST)],
            warn("1 works in all of them", "unset -v DOCKER_TLS_VERIFY"),
        ),
        (
            &[("DOCKER_TLS_VERIFY", ""), ("DOCKER_HOST", HOST)],
            warn("set and empty", "unset -v DOCKER_TLS_VERIFY"),
        ),
        (
            &[("DOCKER_TLS", "0"), ("DOCKER_HOST", HOST)],
            warn(
                "DOCKER_TLS=0 makes docker use TLS without verifying the server",
                "unset -v DOCKER_TLS",
            ),
        ),
        (
            &[("DOCKER_CERT_PATH", "/certs")],
            warn("DOCKER_CERT_PATH=/certs with TLS off", "unset -v DOCKER_CERT_PATH"),
        ),
        (
            &[("DOCKER_API_VERSION", "abc")],
            warn("DOCKER_API_VERSION=abc is not a version", "unset -v DOCKER_API_VERSION"),
        ),
        (
            &[("DOCKER_MACHINE_NAME", "old")],
            warn("prompts show DOCKER_MACHINE_NAME=old", "unset -v DOCKER_MACHINE_NAME"),
        ),
    ] {
        one(&sb, vars, wanted);
    }
    for fine in [
        &[("DOCKER_API_VERSION", "1.41")][..],
        &[("DOCKER_API_VERSION", "v1.41")],
        &[("DOCKER_HOST", "")],
    ] {
        assert_eq!(odd(&sb, fine), Vec::<[String; 5]>::new(), "{fine:?}");
    }
}

/// docker has a place of its own for certificates, and Go's clients have none: without DOCKER_CERT_PATH they go plain.
#[test]
fn no_cert_path() {
    let sb = sandbox();
    let tls = [("DOCKER_TLS_VERIFY", "1"), ("DOCKER_HOST", "tcp://127.0.0.1:2376")];
    let line = format!("export DOCKER_CERT_PATH='{}'", sb.path("home/.docker").display());
    let line = line.replace(sb.dir().to_str().unwrap(), "[SB]");
    one(&sb, &tls, ["warn", "env", "leftover", "Go programs connect without TLS", &line]);
    let fish = [&tls[..], &[("DCTX_SHELL", "fish"), ("DOCKER_CONFIG", "/etc/d")]].concat();
    let found = odd(&sb, &fish);
    assert!(found[0][3].contains("docker reads the certificates in /etc/d"), "{found:?}");
    assert!(found[0][4].starts_with("set -gx DOCKER_CERT_PATH "), "{found:?}");
    let ssh = [("DOCKER_TLS_VERIFY", "1"), ("DOCKER_HOST", "unix:///var/run/docker.sock")];
    assert_eq!(odd(&sb, &ssh), Vec::<[String; 5]>::new());
}

/// docker-machine's variables outlive the machine, and may be of two machines.
#[test]
fn docker_machine_is_gone() {
    let sb = sandbox();
    let machines = "home/.docker/machine/machines";
    let dir = |name: &str| sb.path(format!("{machines}/{name}")).to_str().unwrap().to_owned();
    let (old, other) = (dir("old"), dir("other"));
    let vars = |certs: &'static str, host: &'static str| {
        [
            ("DOCKER_MACHINE_NAME", "old"),
            ("DOCKER_TLS_VERIFY", "1"),
            ("DOCKER_CERT_PATH", certs),
            ("DOCKER_HOST", host),
        ]
    };
    let old: &'static str = old.leak();
    let other: &'static str = other.leak();
    let found = odd(&sb, &vars(old, "tcp://127.0.0.9:2376"));
    assert!(found.iter().any(|it| it[2] == "cert-missing" && it[0] == "fail"), "{found:?}");
    let gone = found.iter().find(|it| it[3].contains("left over from docker-machine")).unwrap();
    assert_eq!((gone[2].as_str(), gone[4].as_str()), ("leftover", "eval \"$(dctx reset --all)\""));
    let config = r#"{"ConfigVersion":3,"Driver":{"IPAddress":"127.0.0.9"},"Name":"old"}"#;
    sb.write(format!("{machines}/old/config.json"), config);
    sb.write(format!("{machines}/other/config.json"), "{}");
    assert_eq!(odd(&sb, &vars(old, "tcp://127.0.0.9:2376")), Vec::<[String; 5]>::new());
    let found = odd(&sb, &vars(old, "tcp://127.0.0.8:2376"));
    assert!(found[0][3].contains("docker-machine has 127.0.0.9 for old"), "{found:?}");
    let found = odd(&sb, &vars(other, "tcp://127.0.0.9:2376"));
    assert!(found[0][3].contains("are of different machines"), "{found:?}");
}

/// The line to type is that of the shell at work.
#[test]
fn in_other_shells() {
    let sb = sandbox();
    for (shell, line) in [
        ("fish", "set -e DOCKER_TLS"),
        ("tcsh", "unsetenv DOCKER_TLS"),
        ("nu", "hide-env DOCKER_TLS"),
        ("elvish", "unset-env DOCKER_TLS"),
        ("pwsh", "$Env:DOCKER_TLS = $null"),
    ] {
        let vars = [("DCTX_SHELL", shell), ("DOCKER_TLS", "0"), ("DOCKER_HOST", HOST)];
        let found = odd(&sb, &vars);
        assert_eq!(found[0][4], line, "{shell}");
    }
}

/// What docker reads otherwise than it is written fails, and what only others misread is a warning.
#[test]
fn hosts_that_docker_misreads() {
    let sb = sandbox();
    for (host, tls, level, advice) in [
        ("http://192.0.2.1:2375", "", "fail", Some("tcp://192.0.2.1:2375")),
        ("/var/run/docker.sock", "", "fail", Some("unix:///var/run/docker.sock")),
        ("fd://", "", "fail", None),
        ("tcp://192.0.2.1", "1", "fail", Some("tcp://192.0.2.1:2376")),
        ("192.0.2.1", "1", "fail", Some("tcp://192.0.2.1:2376")),
        ("tcp://192.0.2.1", "", "warn", Some("tcp://192.0.2.1:2375")),
        ("192.0.2.1:2375", "", "warn", Some("tcp://192.0.2.1:2375")),
    ] {
        let mut vars = vec![("DOCKER_HOST", host)];
        if !tls.is_empty() {
            vars.push(("DOCKER_TLS_VERIFY", tls));
        }
        let found = odd(&sb, &vars);
        assert_eq!(found.len(), 1, "{host}: {found:#?}");
        assert_eq!((found[0][0].as_str(), found[0][1].as_str()), (level, "env"), "{host}");
        assert_eq!(found[0][2] == "endpoint-invalid", level == "fail", "{host}");
        if let Some(advice) = advice {
            assert_eq!(found[0][4], format!("write it as {advice}"), "{host}");
        }
    }
}

/// Variables that somebody changed after `use`, and a directory that is gone.
#[test]
fn after_use() {
    let sb = sandbox();
    sb.dctx(["add", "p", HOST]).run().done();
    let script = |more: &str| {
        format!("eval \"$(dctx use p --shell bash)\"; {more}dctx check --offline --json; exit 0")
    };
    let path = std::env::var("PATH").unwrap();
    let check = |more: &str| {
        let script = script(more);
        let out = sb.sh("bash", ["-c", &script]).env("TEST_PATH", &path).run();
        let json: Value = serde_json::from_str(&out.out()).unwrap();
        let odd = json["machine"].as_array().unwrap().iter().filter(|f| f["topic"] == "env");
        odd.map(|f| (f["text"].as_str().unwrap().to_owned(), f["fix"][0]["run"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(check(""), []);
    let changed = check("export DOCKER_HOST=tcp://192.0.2.7:2375; ");
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_eq!(changed[0].0, "the variables have been changed since dctx use p");
    assert_eq!(changed[0].1, "eval \"$(dctx use p)\"");
    let gone = odd(
        &sb,
        &[
            ("DOCKER_HOST", HOST),
            ("DOCKER_TLS_VERIFY", "1"),
            ("DOCKER_CERT_PATH", "/nowhere/at/all"),
        ],
    );
    assert_eq!((gone[0][0].as_str(), gone[0][2].as_str()), ("fail", "cert-missing"));
    assert!(gone[0][3].starts_with("DOCKER_CERT_PATH names /nowhere/at/all, which does not exist"));
}

/// docker's contexts: hidden, remote, missing, unreadable.
#[test]
fn contexts() {
    let sb = sandbox();
    sb.write("home/.docker/config.json", "{\"currentContext\":\"c1\"}");
    one(&sb, &[], ["fail", "context", "context-missing", "c1", "docker context ls"]);
    // sha256 of c1
    let dir = "home/.docker/contexts/meta/d0f631ca1ddba8db3bcfcb9e057cdc98d0379f1bee00e75a545147a27dadd982";
    sb.write(
        format!("{dir}/meta.json"),
        "{\"Name\":\"c1\",\"Endpoints\":{\"docker\":{\"Host\":\"tcp://192.0.2.1:2376\"}}}",
    );
    one(
        &sb,
        &[],
        [
            "warn",
            "context",
            "leftover",
            "docker goes to tcp://192.0.2.1:2376",
            "docker context use default",
        ],
    );
    one(
        &sb,
        &[("DOCKER_HOST", HOST)],
        ["warn", "context", "leftover", "docker's current context is c1", "eval \"$(dctx reset)\""],
    );
    one(
        &sb,
        &[("DOCKER_HOST", HOST), ("DOCKER_CONTEXT", "c1")],
        ["warn", "context", "leftover", "DOCKER_CONTEXT=c1 is ignored", "eval \"$(dctx reset)\""],
    );
    let missing = odd(&sb, &[("DOCKER_CONTEXT", "c2")]);
    assert_eq!((missing[0][0].as_str(), missing[0][2].as_str()), ("fail", "context-missing"));
    sb.write("home/.docker/config.json", "{");
    one(&sb, &[], ["warn", "context", "", "is not JSON", ""]);
}

#[test]
fn files_of_libraries() {
    let sb = sandbox();
    sb.write(
        "home/.testcontainers.properties",
        "# x\nryuk.disabled=true\ntc.host = tcp\\://192.0.2.8\\:2375\n",
    );
    one(
        &sb,
        &[],
        [
            "warn",
            "clients",
            "",
            "tc.host=tcp",
            "remove the line from [SB]/home/.testcontainers.properties",
        ],
    );
    sb.write("home/.testcontainers.properties", "ryuk.disabled=true\n");
    sb.write("home/.docker-java.properties", "DOCKER_HOST=tcp://192.0.2.8:2375\n");
    one(
        &sb,
        &[],
        [
            "warn",
            "clients",
            "",
            "DOCKER_HOST=tcp://192.0.2.8:2375",
            "remove the line from [SB]/home/.docker-java.properties",
        ],
    );
}

#[test]
fn proxies() {
    let sb = sandbox();
    let proxy = "http://ann:secret@proxy.example:3128";
    let base = [("DOCKER_HOST", HOST), ("HTTP_PROXY", proxy)];
    let found = odd(&sb, &base);
    assert_eq!((found[0][1].as_str(), found[0][2].as_str()), ("proxy", "proxy"), "{found:?}");
    assert!(found[0][3].contains("through http://proxy.example:3128"), "{found:?}");
    assert!(!format!("{found:?}").contains("secret"));
    for fine in ["192.0.2.1", "*", "192.0.2.0/24", "192.0.2.1:2375", "x, 192.0.2.1"] {
        let vars = [&base[..], &[("NO_PROXY", fine)]].concat();
        assert_eq!(odd(&sb, &vars), Vec::<[String; 5]>::new(), "{fine}");
    }
    for caught in ["192.0.2.10", "192.0.3.0/24", "192.0.2.1:2376", "2.0.192", ""] {
        let vars = [&base[..], &[("NO_PROXY", caught)]].concat();
        assert_eq!(odd(&sb, &vars).len(), 1, "{caught}");
    }
    let named = [("DOCKER_HOST", "tcp://web.lab.example:2375"), ("http_proxy", proxy)];
    for (list, caught) in
        [("lab.example", 0), (".lab.example", 0), ("example.com", 1), ("ab.example", 1)]
    {
        let vars = [&named[..], &[("no_proxy", list)]].concat();
        assert_eq!(odd(&sb, &vars).len(), caught, "{list}");
    }
    for fine in [
        &[("DOCKER_HOST", "tcp://127.0.0.1:2375"), ("HTTP_PROXY", proxy)][..],
        // that is for TLS
        &[("DOCKER_HOST", HOST), ("HTTPS_PROXY", proxy)],
        &[("HTTP_PROXY", proxy)],
    ] {
        assert_eq!(odd(&sb, fine), Vec::<[String; 5]>::new(), "{fine:?}");
    }
    one(
        &sb,
        &[("DOCKER_HOST", HOST), ("ALL_PROXY", proxy)],
        ["warn", "proxy", "", "docker does not read it", ""],
    );
}

/// fish's universal variables, hidden by a global one.
#[test]
fn hidden_universal_variables() {
    let sb = sandbox();
    sb.write(
        "home/.config/fish/fish_variables",
        "# This file contains fish universal variable definitions.\n# VERSION: 3.0\nSETUVAR --export DOCKER_HOST:tcp\\x3a//192\\x2e0\\x2e2\\x2e5\\x3a2375\n",
    );
    let vars = [("DCTX_SHELL", "fish"), ("DOCKER_HOST", HOST)];
    one(
        &sb,
        &vars,
        [
            "warn",
            "shell",
            "leftover",
            "universal DOCKER_HOST=tcp://192.0.2.5:2375 is hidden by a global one",
            "set -eg DOCKER_HOST",
        ],
    );
    let same = [("DCTX_SHELL", "fish"), ("DOCKER_HOST", "tcp://192.0.2.5:2375")];
    assert_eq!(odd(&sb, &same), Vec::<[String; 5]>::new());
    assert_eq!(odd(&sb, &[("DOCKER_HOST", HOST)]), Vec::<[String; 5]>::new(), "not fish");
}
