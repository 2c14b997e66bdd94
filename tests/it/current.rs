//! `current` says where docker goes from here, and why; the real client agrees, whatever decides.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::certs::Ca;
use crate::support::profiles::CONFIG;
use crate::support::{Output, Sandbox, require};

/// A sandbox with docker contexts `far` and `near`, and one profile.
fn sandbox() -> Sandbox {
    let mut sb = Sandbox::new();
    sb.write(CONFIG, "[profiles.a]\nhost = \"tcp://a.example\"\n");
    for (name, host) in
        [("far", "tcp://far.example:2376"), ("near", "unix:///run/user/7/docker.sock")]
    {
        let sum = sb.sh("sha256sum", [] as [&str; 0]).stdin(name).run();
        let sum = sum.out().split_whitespace().next().unwrap().to_owned();
        let meta = json!({
            "Name": name, "Metadata": {},
            "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": false}},
        });
        sb.write(format!("home/.docker/contexts/meta/{sum}/meta.json"), meta.to_string());
    }
    sb.set_env("DCTX_SHELL", "bash");
    sb
}

fn answer(sb: &Sandbox, vars: &[(&str, &str)]) -> Value {
    let out = sb.dctx(["current", "--json"]).envs(vars.iter().copied()).run();
    out.done();
    assert_eq!(out.err(), "");
    serde_json::from_str(&out.out()).unwrap()
}

/// What the real client says of the endpoint in force; `None` where it fails.
fn docker(sb: &Sandbox, docker: &PathBuf, vars: &[(&str, &str)]) -> Option<String> {
    let args = ["context", "inspect", "--format", "{{json .Endpoints.docker.Host}}"];
    let path = format!("{}:/usr/bin:/bin", sb.path("bin").display());
    let out: Output = sb.sh(docker, args).envs(vars.iter().copied()).env("PATH", path).run();
    (out.code() == 0).then(|| serde_json::from_str(&out.out()).unwrap())
}

/// The variables, docker's current context, then the endpoint, what decides and whether it is local.
#[test]
fn it_says_where_docker_goes_and_why() {
    let sb = sandbox();
    let client = require("docker");
    let version = client.as_ref().map(|client| sb.sh(client, ["--version"]).run().out());
    let ancient = version.is_some_and(|version| version.starts_with("Docker version 20."));
    // docker opens ca.pem whenever TLS is on, and 20.10 looks at what is in it
    if require("openssl").is_some() {
        let ca = Ca::new(sb.path("ca"));
        sb.write("home/.docker/ca.pem", fs::read(ca.pem()).unwrap());
    }
    // 20.10 connects even to tell where it would connect to
    sb.script("bin/ssh", "#!/bin/sh\nexit 255\n");
    let socket = "unix:///var/run/docker.sock";
    let far = "tcp://far.example:2376";
    let near = "unix:///run/user/7/docker.sock";
    for (vars, current, endpoint, by, local) in [
        (&[][..], "", Some(socket), "default", true),
        (&[("DOCKER_HOST", "")], "", Some(socket), "default", true),
        (&[("DOCKER_HOST", "tcp://h:1")], "", Some("tcp://h:1"), "docker-host", false),
        (&[("DOCKER_HOST", " tcp://h:1\n")], "", Some("tcp://h:1"), "docker-host", false),
        (&[("DOCKER_HOST", "tcp://h")], "", Some("tcp://h:2375"), "docker-host", false),
        (&[("DOCKER_HOST", "h")], "", Some("tcp://h:2375"), "docker-host", false),
        (&[("DOCKER_HOST", "h:2376")], "", Some("tcp://h:2376"), "docker-host", false),
        (
            &[("DOCKER_HOST", "tcp://[::1]:2376")],
            "",
            Some("tcp://[::1]:2376"),
            "docker-host",
            false,
        ),
        (&[("DOCKER_HOST", "ssh://u@h")], "", Some("ssh://u@h"), "docker-host", false),
        (&[("DOCKER_HOST", near)], "far", Some(near), "docker-host", false),
        (&[("DOCKER_HOST", "unix://")], "far", Some(socket), "docker-host", true),
        (&[("DOCKER_HOST", " ")], "far", Some(socket), "docker-host", true),
        (&[("DOCKER_HOST", "tcp://[::1]")], "far", None, "docker-host", false),
        (&[("DOCKER_HOST", "http://h")], "", None, "docker-host", false),
        (
            &[("DOCKER_HOST", "tcp://h"), ("DOCKER_TLS_VERIFY", "1")],
            "",
            Some("tcp://h:2375"),
            "docker-host",
            false,
        ),
        (
            &[("DOCKER_HOST", "tcp://h:1"), ("DOCKER_CONTEXT", "far")],
            "near",
            Some("tcp://h:1"),
            "docker-host",
            false,
        ),
        (&[("DOCKER_CONTEXT", "far")], "", Some(far), "docker-context", false),
        (&[("DOCKER_CONTEXT", "far")], "near", Some(far), "docker-context", false),
        (&[("DOCKER_CONTEXT", "near")], "far", Some(near), "docker-context", false),
        (&[("DOCKER_CONTEXT", "")], "far", Some(far), "current-context", false),
        (&[("DOCKER_CONTEXT", "default")], "far", Some(socket), "docker-context", true),
        (&[("DOCKER_CONTEXT", "default")], "", Some(socket), "default", true),
        (&[("DOCKER_CONTEXT", "gone")], "", None, "docker-context", false),
        (&[], "far", Some(far), "current-context", false),
        (&[], "near", Some(near), "current-context", false),
        (&[], "gone", None, "current-context", false),
        (&[("DOCKER_TLS_VERIFY", "0")], "", Some("tcp://localhost:2376"), "tls-variable", false),
        (&[("DOCKER_TLS", "1")], "", Some("tcp://localhost:2376"), "tls-variable", false),
        (&[("DOCKER_TLS", "")], "", Some(socket), "default", true),
        (&[("DOCKER_TLS", "1")], "far", Some(far), "current-context", false),
        (&[("DOCKER_CERT_PATH", "/x")], "", Some(socket), "default", true),
    ] {
        let config =
            if current.is_empty() { json!({}) } else { json!({"currentContext": current}) };
        sb.write("home/.docker/config.json", config.to_string());
        let got = answer(&sb, vars);
        let what = format!("{vars:?}, current context {current:?}");
        assert_eq!(got["endpoint"], endpoint.map_or(Value::Null, Value::from), "{what}");
        assert_eq!((&got["decided_by"], &got["local"]), (&json!(by), &json!(local)), "{what}");
        // to 20.10 an empty DOCKER_CONTEXT is the name of a context that is not there
        let differs = ancient && vars.contains(&("DOCKER_CONTEXT", ""));
        if let Some(client) = client.as_ref().filter(|_| !differs) {
            assert_eq!(
                docker(&sb, client, vars).as_deref(),
                endpoint,
                "docker says otherwise: {what}"
            );
        }
        // and in words, on one or more lines
        let out = sb.dctx(["current"]).envs(vars.iter().copied()).run();
        let shown = endpoint.unwrap_or(match by {
            "docker-host" => "nowhere: docker does not accept DOCKER_HOST=",
            _ => "nowhere: there is no such context",
        });
        assert!(out.out().lines().next().unwrap().contains(shown), "{}", out.out());
    }
}

#[test]
fn tls_is_told_as_docker_does_it() {
    let sb = sandbox();
    for (vars, tls) in [
        (&[("DOCKER_HOST", "tcp://h:1")][..], "off"),
        (&[("DOCKER_HOST", "tcp://h:1"), ("DOCKER_TLS_VERIFY", "1")], "verified"),
        (&[("DOCKER_HOST", "tcp://h:1"), ("DOCKER_TLS_VERIFY", "0")], "verified"),
        (&[("DOCKER_HOST", "h:1"), ("DOCKER_TLS_VERIFY", "1")], "verified"),
        (&[("DOCKER_HOST", "tcp://h:1"), ("DOCKER_TLS", "0")], "unverified"),
        (
            &[("DOCKER_HOST", "tcp://h:1"), ("DOCKER_TLS", "1"), ("DOCKER_TLS_VERIFY", "1")],
            "verified",
        ),
        (&[("DOCKER_HOST", "tcp://h:1"), ("DOCKER_CERT_PATH", "/x")], "off"),
        (&[("DOCKER_HOST", "unix:///s"), ("DOCKER_TLS_VERIFY", "1")], "off"),
        (&[("DOCKER_HOST", "ssh://h"), ("DOCKER_TLS_VERIFY", "1")], "off"),
        (&[("DOCKER_CONTEXT", "far"), ("DOCKER_TLS_VERIFY", "1")], "context"),
        (&[("DOCKER_CONTEXT", "near")], "off"),
        (&[("DOCKER_TLS_VERIFY", "1")], "verified"),
        (&[], "off"),
    ] {
        assert_eq!(answer(&sb, vars)["tls"], tls, "{vars:?}");
    }
}

#[test]
fn it_knows_whether_what_dctx_set_is_still_in_force() {
    let Some(bash) = require("bash") else { return };
    let sb = sandbox();
    let run = |line: &str| {
        let script = format!("eval \"$(dctx use a)\"; {line}\ndctx current; dctx current --json");
        let out = sb.sh(&bash, ["-c", &script]).run();
        assert_eq!((out.code(), out.err().as_str()), (0, ""));
        let all = out.out();
        let (text, json) = all.split_at(all.find('{').unwrap());
        (text.to_owned(), serde_json::from_str::<Value>(json).unwrap())
    };
    let (text, json) = run("");
    assert_eq!(
        text,
        "a  tcp://a.example:2375  no TLS\n  decided by DOCKER_HOST, set by dctx use a\n"
    );
    assert_eq!((&json["profile"], &json["changed_since"]), (&json!("a"), &Value::Null));
    let (text, json) = run("export DOCKER_HOST=tcp://other:1");
    assert_eq!(
        text,
        "no profile  tcp://other:1  no TLS\n  \
         decided by DOCKER_HOST; the variables have been changed since dctx use a\n  \
         set without effect: DOCKER_MACHINE_NAME, DCTX_PROFILE (to clear: eval \"$(dctx reset)\")\n"
    );
    assert_eq!((&json["profile"], &json["changed_since"]), (&Value::Null, &json!("a")));
    let (_, json) = run("export DOCKER_TLS_VERIFY=1");
    assert_eq!((&json["profile"], &json["changed_since"]), (&Value::Null, &json!("a")));
    // what is left of it is told
    let (text, _) = run("unset DOCKER_HOST; export DOCKER_CERT_PATH=/c");
    assert_eq!(
        text,
        "local docker  unix:///var/run/docker.sock\n  \
         docker's default: neither DOCKER_HOST nor a context is set; \
         the variables have been changed since dctx use a\n  \
         set without effect: DOCKER_CERT_PATH, DOCKER_MACHINE_NAME, DCTX_PROFILE (to clear: eval \"$(dctx reset)\")\n"
    );
    let (text, _) = run("eval \"$(dctx reset)\"; export DOCKER_CERT_PATH=/c DOCKER_MACHINE_NAME=m");
    assert_eq!(
        text,
        "local docker  unix:///var/run/docker.sock\n  \
         docker's default: neither DOCKER_HOST nor a context is set\n  \
         set without effect: DOCKER_CERT_PATH, DOCKER_MACHINE_NAME (to clear: eval \"$(dctx reset --all)\")\n"
    );
    // and what is hidden by what decides
    let (text, _) =
        run("eval \"$(dctx reset)\"; export DOCKER_HOST=unix:///tmp/t.sock DOCKER_CONTEXT=far");
    assert_eq!(
        text,
        "a socket  unix:///tmp/t.sock\n  decided by DOCKER_HOST, not set by dctx\n  \
         set without effect: DOCKER_CONTEXT\n"
    );
    let (text, json) = run("eval \"$(dctx reset)\"");
    assert_eq!(
        text,
        "local docker  unix:///var/run/docker.sock\n  docker's default; nothing is set\n"
    );
    assert_eq!((&json["profile"], &json["changed_since"]), (&Value::Null, &Value::Null));
}
