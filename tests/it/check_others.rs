//! What docker takes and other programs do not: `check` finds it in the files, in the environment and in the versions, and
//! says what it takes.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::certs::{Ca, EXPIRED, Leaf};
use crate::support::dockerd::Dockerd;
use crate::support::{Output, Sandbox, require};

/// A directory of a client whose CA openssl makes with these extensions.
fn client(sb: &Sandbox, name: &str, extensions: &[&str]) -> PathBuf {
    let dir = sb.path(name);
    std::fs::create_dir(&dir).unwrap();
    let config = "[req]\ndistinguished_name = dn\n[dn]\n";
    std::fs::write(dir.join("config"), config).unwrap();
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-new", "-x509", "-days", "300", "-nodes", "-subj", "/CN=their CA"]);
    openssl.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-config", "config"]);
    openssl.args(["-keyout", "../their-key.pem", "-out", "ca.pem"]);
    for extension in extensions {
        openssl.args(["-addext", extension]);
    }
    let out = openssl.current_dir(&dir).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    std::fs::remove_file(dir.join("config")).unwrap();
    dir
}

/// The profile `p`, whose CA is in this directory.
fn profile(sb: &Sandbox, host: &str, certs: &Path) {
    let certs = certs.to_str().unwrap();
    let text = format!("[profiles.p]\nhost = {host:?}\ncerts = {certs:?}\n");
    sb.write("home/.config/dctx/config.toml", text);
}

/// The findings with an id that are not as they should be, each with its level and what is said.
fn odd(out: &Output) -> Vec<(String, String, String)> {
    let json: Value = serde_json::from_str(&out.out()).unwrap();
    let findings = json["profiles"][0]["findings"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .iter()
        .filter(|it| it["level"] != "ok" && !it["id"].is_null())
        .map(|it| (text(&it["id"]), text(&it["level"]), text(&it["text"])))
        .collect()
}

/// A client's row: its verdict and id.
fn row(out: &Output, client: &str) -> (String, String) {
    let json: Value = serde_json::from_str(&out.out()).unwrap();
    let rows = json["profiles"][0]["clients"].as_array().unwrap();
    let row = rows.iter().find(|row| row["client"] == client).unwrap();
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    (text("verdict"), text("id"))
}

const OFFLINE: [&str; 5] = ["check", "p", "--offline", "--json", "--clients"];

/// Python's requests takes its CAs from where these variables say, whatever docker's library gives it.
#[test]
fn another_bundle() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = Sandbox::new();
    profile(&sb, &daemon.tcp(), &daemon.certs);
    let theirs = client(&sb, "theirs", &["basicConstraints=critical,CA:TRUE"]).join("ca.pem");
    let own = daemon.certs.join("ca.pem");
    let none = sb.path("none.pem");
    let python = docker_py();
    for (vars, works) in [
        (vec![], true),
        (vec![("REQUESTS_CA_BUNDLE", &theirs)], false),
        (vec![("CURL_CA_BUNDLE", &theirs)], false),
        (vec![("REQUESTS_CA_BUNDLE", &none)], false),
        (vec![("REQUESTS_CA_BUNDLE", &own)], true),
        (vec![("REQUESTS_CA_BUNDLE", &own), ("CURL_CA_BUNDLE", &theirs)], true),
    ] {
        let run = |args: &[&str]| {
            let vars = vars.iter().map(|(name, path)| (*name, path.to_str().unwrap()));
            sb.dctx(args).envs(vars).run()
        };
        let out = run(&OFFLINE);
        let found = odd(&out);
        let (verdict, id) = row(&out, "docker-py");
        assert_eq!(found.is_empty(), works, "{vars:?}: {found:?}");
        assert_eq!(verdict == "works", works, "{vars:?}");
        assert_eq!(id == "ca-bundle-env", !works, "{vars:?}");
        if let Some((id, level, text)) = found.first() {
            assert_eq!((id.as_str(), level.as_str()), ("ca-bundle-env", "warn"));
            assert!(text.starts_with(&format!("{}=", vars[0].0)), "{text}");
        }
        // docker itself does not read them
        assert_eq!(run(&["check", "p"]).code(), 0, "{vars:?}");
        if let Some(python) = &python {
            let args =
                ["exec", "p", "--", python, "-c", "import docker; docker.from_env().version()"];
            assert_eq!(run(&args).code() == 0, works, "{vars:?}");
        }
    }
}

/// A python that has docker's library; none is no fault.
fn docker_py() -> Option<&'static str> {
    let python = "/usr/bin/python3";
    let out = Command::new(python).args(["-c", "import docker"]).output().ok()?;
    out.status.success().then_some(python)
}

/// docker's own recipe makes a CA without keyUsage, which Python 3.13 refuses, as OpenSSL does where it is strict.
#[test]
fn a_ca_that_is_not_strict() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    const CA: &str = "basicConstraints=critical,CA:TRUE";
    const USAGE: &str = "keyUsage=critical,keyCertSign,cRLSign";
    const ID: &str = "subjectKeyIdentifier=hash";
    for (at, (extensions, said)) in [
        (&[CA, USAGE, ID][..], None),
        (&[CA, ID], Some("key usage")),
        (&["basicConstraints=CA:TRUE", USAGE, ID], Some("not marked critical")),
    ]
    .into_iter()
    .enumerate()
    {
        let dir = client(&sb, &format!("ca{at}"), extensions);
        profile(&sb, "tcp://127.0.0.1:9", &dir);
        let out = sb.dctx(OFFLINE).run();
        let found = odd(&out);
        assert_eq!(found.is_empty(), said.is_none(), "{extensions:?}: {found:?}");
        // a server of it, in openssl's own eyes
        let script = "set -e
            openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=s -keyout s.key -out s.csr
            printf 'subjectKeyIdentifier=hash\\nauthorityKeyIdentifier=keyid\\n' >ext
            openssl x509 -req -in s.csr -CA ca.pem -CAkey ../their-key.pem -CAcreateserial -days 9 -extfile ext -out s.pem
            openssl verify -x509_strict -CAfile ca.pem s.pem || exit 9";
        let out = Command::new("sh").args(["-c", script]).current_dir(&dir).output().unwrap();
        let code = if said.is_none() { 0 } else { 9 };
        let why = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(code), "{extensions:?}: {why}");
        if let (Some(said), Some((id, level, text))) = (said, found.first()) {
            assert_eq!((id.as_str(), level.as_str()), ("ca-key-usage", "warn"));
            assert!(text.contains(said), "{text}");
        }
    }
}

/// An intermediate alone is enough for Go, and not for programs by OpenSSL.
#[test]
fn an_intermediate_alone() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let root = client(&sb, "root", &["basicConstraints=critical,CA:TRUE"]);
    let openssl = |args: &[&str]| {
        let out = Command::new("openssl").args(args).current_dir(&root).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    };
    let ext = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n\
               subjectKeyIdentifier=hash\n";
    std::fs::write(root.join("ext"), ext).unwrap();
    openssl(&["ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "../i.key"]);
    openssl(&["req", "-new", "-key", "../i.key", "-subj", "/CN=inter", "-out", "i.csr"]);
    let sign = ["x509", "-req", "-in", "i.csr", "-CA", "ca.pem", "-CAkey", "../their-key.pem"];
    let more = ["-CAcreateserial", "-days", "200", "-extfile", "ext", "-out", "../inter.pem"];
    openssl(&[&sign[..], &more].concat());
    let dir = sb.path("certs");
    std::fs::create_dir(&dir).unwrap();
    let inter = std::fs::read_to_string(sb.path("inter.pem")).unwrap();
    std::fs::write(dir.join("ca.pem"), &inter).unwrap();
    let leaf = Ca::new(sb.path("other"));
    leaf.issue(&Leaf::CLIENT, &dir.join("cert.pem"), &dir.join("key.pem"));
    profile(&sb, "tcp://127.0.0.1:9", &dir);
    let has = |out: &Output| odd(out).iter().any(|(id, ..)| id == "ca-intermediate");
    let out = sb.dctx(OFFLINE).run();
    assert!(has(&out), "{}", out.out());
    for client in ["docker-py", "dockerode", "Testcontainers (Node)"] {
        assert_eq!(row(&out, client), ("fails".into(), "ca-intermediate".into()), "{client}");
    }
    for client in ["docker", "Go SDK", "bollard"] {
        assert_eq!(row(&out, client).0, "works", "{client}");
    }
    let both = inter + &std::fs::read_to_string(root.join("ca.pem")).unwrap();
    std::fs::write(dir.join("ca.pem"), both).unwrap();
    assert!(!has(&sb.dctx(OFFLINE).run()));
}

/// `use` tells of a client certificate that is over, which costs it one read of a file that is open.
#[test]
fn an_expired_certificate_at_use() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let ca = Ca::new(sb.path("ca"));
    let late = Leaf { dates: EXPIRED, ..Leaf::CLIENT };
    let late = ca.client_dir(sb.path("late"), Some(&late));
    profile(&sb, "tcp://127.0.0.1:9", &late);
    let out = sb.dctx(["use", "p", "--shell", "bash"]).run();
    assert_eq!(out.code(), 0);
    let said = out.err();
    assert!(said.contains("p: the client certificate expired on 2021-01-01"), "{said}");
    assert!(said.contains("dctx check p"), "{said}");
    let good = ca.client_dir(sb.path("good"), Some(&Leaf::CLIENT));
    profile(&sb, "tcp://127.0.0.1:9", &good);
    assert_eq!(sb.dctx(["use", "p", "--shell", "bash"]).run().err(), "");
}

/// docker 29.0 to 29.2 refuse a daemon older than 25, and a daemon from 29 on refuses clients older than that.
#[test]
fn versions_that_do_not_meet() {
    let Some(daemon) = Dockerd::plain() else { return };
    let mut sb = Sandbox::new();
    let path = std::env::var("PATH").unwrap();
    sb.set_env("PATH", format!("{}:{path}", sb.path("bin").display()));
    sb.write("home/.config/dctx/config.toml", format!("[profiles.p]\nhost = {:?}\n", daemon.tcp()));
    // the daemon of the tests is docker 20.10, which speaks API 1.12 to 1.41
    if !daemon.version().starts_with("20.10") {
        return;
    }
    for (version, refuses) in [("28.2.2", false), ("29.1.3", true), ("29.3.0", false)] {
        sb.script("bin/docker", &format!("#!/bin/sh\necho 'Docker version {version}, build a'\n"));
        let out = sb.dctx(["check", "p", "--json"]).run();
        let floor = odd(&out).into_iter().any(|(id, ..)| id == "api-client-floor");
        assert_eq!(floor, refuses, "{version}: {}", out.out());
        assert_eq!(out.code(), i32::from(refuses), "{version}");
    }
}

/// What was not connected to is not called well, in any form.
#[test]
fn offline_says_so_in_every_row() {
    let sb = Sandbox::new();
    let text = "[profiles.a]\nhost = \"tcp://127.0.0.1:9\"\n[profiles.b]\nhost = \"ssh://b\"\n";
    sb.write("home/.config/dctx/config.toml", text);
    let out = sb.dctx(["check", "-a", "--offline"]).run().out();
    let rows: Vec<&str> = out.lines().collect();
    assert_eq!(rows.len(), 3, "{out}");
    assert!(rows.iter().all(|row| row.contains("--offline")), "{out}");
    let out = sb.dctx(["check", "-a", "--offline"]).env("DCTX_LANG", "zh").run().out();
    assert!(out.lines().all(|row| row.contains("未连接（--offline）")), "{out}");
    let json: Value =
        serde_json::from_str(&sb.dctx(["check", "-a", "--offline", "--json"]).run().out()).unwrap();
    for host in json["profiles"].as_array().unwrap() {
        assert_eq!(host["connected"], false);
    }
}
