//! `dctx explain` takes its text from arguments, a pipe or a terminal, names the profile that the words are about and no
//! other, and lets its files make them more exact, and nothing else.

use serde_json::{Value, json};

use crate::support::certs::{Ca, EXPIRED, Leaf, VALID};
use crate::support::profiles::{CONFIG, in_force};
use crate::support::terminal::Terminal;
use crate::support::{Sandbox, require};

const SECOND: &str = "error during connect: Get https://10.141.20.83:2376/v1.34/info: x509: certificate is valid for 192.168.57.110, 192.168.199.100, 127.0.0.1, not 10.141.20.83";

const EXPLAINED: &str = "\
name-mismatch  the server's certificate is for 192.168.57.110, 192.168.199.100, 127.0.0.1, not for 10.141.20.83
hint: use a name that it lists: dctx add NAME tcp://192.168.57.110:2376 --certs DIR
hint: use a name that it lists: dctx add NAME tcp://192.168.199.100:2376 --certs DIR
hint: have the server's certificate issued again by its CA, with serverAuth and IP:192.168.57.110, IP:192.168.199.100, IP:127.0.0.1, IP:10.141.20.83, and put it on the host
";

fn sandbox() -> Sandbox {
    let mut sb = Sandbox::new();
    sb.set_env("DCTX_SHELL", "bash");
    sb
}

#[test]
fn arguments_and_a_pipe_say_the_same() {
    let sb = sandbox();
    sb.dctx(["explain", SECOND]).run().is(6, EXPLAINED, "");
    sb.dctx(["explain"]).args(SECOND.split(' ')).run().is(6, EXPLAINED, "");
    let pasted = format!("\u{1b}[32m$\u{1b}[0m docker -H 10.141.20.83:2376 info\r\n{SECOND}\r\n$ ");
    sb.dctx(["explain"]).stdin(pasted).run().is(6, EXPLAINED, "");
    // bytes that are no text do not matter
    let mut bytes = vec![0xff, 0xfe, b'\n'];
    bytes.extend(SECOND.as_bytes());
    sb.dctx(["explain"]).stdin(bytes).run().is(6, EXPLAINED, "");
    let zh = sb.dctx(["explain", SECOND]).env("DCTX_LANG", "zh").run();
    assert!(
        zh.out().starts_with("name-mismatch  服务器证书适用于 192.168.57.110、"),
        "{}",
        zh.out()
    );
    assert!(zh.out().contains("\n提示（改用证书列出的地址）：dctx add NAME "), "{}", zh.out());
}

#[test]
fn nothing_and_the_unknown() {
    let sb = sandbox();
    let nothing = "dctx: there is nothing to explain: no text, and nothing to read\n\
                   hint: type: docker ps 2>&1 | dctx explain\n";
    sb.dctx(["explain"]).run().is(2, "", nothing);
    sb.dctx(["explain"]).stdin(" \n\r\n").run().is(2, "", nothing);
    sb.dctx(["explain", ""]).run().is(2, "", nothing);
    let unknown = "dctx: dctx does not know these words, or they mean more than one thing\n\
                   hint: look at the connection itself: dctx check\n";
    let text = "Error response from daemon: No such container: web";
    sb.dctx(["explain", text]).run().is(1, "", unknown);
    sb.dctx(["explain"]).stdin("28.2.2\n").run().is(1, "", unknown);
    let registry = r#"Error response from daemon: Get "https://registry.example.com/v2/": x509: certificate signed by unknown authority"#;
    let other = "dctx: this is about a registry or another server that docker asked, not about the connection to docker\n\
                 hint: look at the connection itself: dctx check\n";
    sb.dctx(["explain", registry]).run().is(1, "", other);
    let out = sb.dctx(["explain", "--json", text]).run();
    assert_eq!(out.code(), 1);
    let wanted = json!({"schema": 1, "id": "unknown", "code": 1, "cause": null, "fix": [], "profile": null, "endpoint": null});
    assert_eq!(serde_json::from_str::<Value>(&out.out()).unwrap(), wanted);
    let missing = sb.dctx(["explain", "-p", "nope", SECOND]).run();
    assert_eq!((missing.code(), missing.data().as_str()), (3, ""));
}

/// The warning that stops nobody ends with 0.
#[test]
fn exit_codes_are_those_of_the_diagnosis() {
    let sb = sandbox();
    for (code, text) in [
        (
            0,
            r#"Warning: DOCKER_HOST environment variable overrides the active context. To use "lab", either set the global --context flag, or unset DOCKER_HOST environment variable."#,
        ),
        (
            4,
            "Failed to initialize: failed to retrieve context tls info: tls: private key does not match public key",
        ),
        (
            5,
            "Cannot connect to the Docker daemon at tcp://127.0.0.1:2999. Is the docker daemon running?",
        ),
        (6, "Error response from daemon: Client sent an HTTP request to an HTTPS server."),
    ] {
        let out = sb.dctx(["explain", text]).run();
        assert_eq!((out.code(), out.err().as_str()), (code, ""), "{text}");
        assert!(!out.out().is_empty());
    }
}

#[test]
fn hostile_words_stay_words() {
    let sb = sandbox();
    let text = "x509: certificate is valid for \u{202e}$(reboot)\u{200b};x, not a'b$(reboot)";
    let out = sb.dctx(["explain", text]).run();
    assert_eq!(out.code(), 6);
    assert!(!out.out().chars().any(|c| c != '\n' && dctx::text::is_hidden(c)), "{:?}", out.out());
    assert!(!out.out().contains("dctx edit") && !out.out().contains("dctx add"), "{}", out.out());
}

/// A set of files of a host on 10.141.20.83, made by `ca` with a client as `leaf`.
fn host(sb: &Sandbox, name: &str, ca: &Ca, leaf: Option<&Leaf<'_>>) {
    let dir = ca.client_dir(sb.path(format!("home/{name}")), leaf);
    let dir = dir.display();
    let file = sb.path(CONFIG);
    let before = std::fs::read_to_string(&file).unwrap_or_else(|_| "schema = 1\n".to_owned());
    let host = "tcp://10.141.20.83:2376";
    sb.write(
        CONFIG,
        format!("{before}\n[profiles.{name}]\nhost = \"{host}\"\ncerts = \"{dir}\"\n"),
    );
}

#[test]
fn files_make_the_words_more_exact() {
    if require("openssl").is_none() {
        return;
    }
    let sb = sandbox();
    let good = Ca::new(sb.path("ca"));
    let old = Ca::with("old CA", EXPIRED, sb.path("old"));
    host(&sb, "good", &good, Some(&Leaf::CLIENT));
    host(&sb, "late", &good, Some(&Leaf { dates: EXPIRED, ..Leaf::CLIENT }));
    host(
        &sb,
        "server",
        &good,
        Some(&Leaf { eku: Some("serverAuth"), dates: VALID, ..Leaf::CLIENT }),
    );
    host(&sb, "alone", &good, None);
    host(&sb, "old", &old, Some(&Leaf::CLIENT));
    let explain = |profile: &str, text: &str| {
        let out = sb.dctx(["explain", "--json", "-p", profile, text]).run();
        let json: Value = serde_json::from_str(&out.out()).unwrap();
        assert_eq!(json["profile"], profile);
        assert_eq!(json["code"], out.code());
        (json["id"].as_str().unwrap().to_owned(), json["cause"].as_str().unwrap().to_owned())
    };
    let refused = r#"the server probably has client authentication (--tlsverify) enabled; check your TLS client certification settings: Get "https://10.141.20.83:2376/v1.50/version": remote error: tls: bad certificate"#;
    let expired = r#"error during connect: Get "https://10.141.20.83:2376/v1.50/version": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-23T21:41:59Z is after 2021-01-01T00:00:00Z"#;
    // as it was said, where the files are as they should be
    assert_eq!(explain("good", refused).0, "client-rejected");
    assert_eq!(explain("good", expired).0, "server-expired");
    let (id, cause) = explain("late", refused);
    assert_eq!(id, "client-expired");
    assert!(cause.contains("/late/cert.pem") && cause.contains("2021-01-01"), "{cause}");
    assert_eq!(explain("server", refused).0, "client-usage");
    assert_eq!(explain("alone", refused).0, "client-cert-required");
    let (id, cause) = explain("old", expired);
    assert_eq!(id, "ca-expired");
    assert!(cause.contains("old CA") && cause.contains("/old/ca.pem"), "{cause}");
    // what is wrong with the files and is not what was said stays out of it
    assert_eq!(explain("old", SECOND).0, "name-mismatch");
    assert_eq!(explain("late", expired).0, "server-expired");
}

/// The active profile is named, and changed by what is advised, only where the words are about its host.
#[test]
fn only_the_profile_that_is_meant_is_named() {
    let sb = sandbox();
    let file = "schema = 1\n\n[profiles.lab]\nhost = \"tcp://10.141.20.83:2376\"\ntls = \"insecure\"\n\n\
                [profiles.pi]\nhost = \"ssh://pi@raspberrypi\"\n";
    sb.write(CONFIG, file);
    let first = |active: &str, text: &str| {
        let out = sb.dctx(["explain", "--json", text]).envs(in_force(active, "tcp://h:1")).run();
        let json: Value = serde_json::from_str(&out.out()).unwrap();
        let run = json["fix"][0]["run"].as_str().unwrap_or_default().to_owned();
        (json["profile"].clone(), run)
    };
    let edit = "dctx edit lab --host tcp://192.168.57.110:2376";
    assert_eq!(first("lab", SECOND), (json!("lab"), edit.to_owned()));
    let add = "dctx add NAME tcp://192.168.57.110:2376 --certs DIR";
    assert_eq!(first("pi", SECOND), (Value::Null, add.to_owned()));
    // an active profile that is gone is no reason to explain nothing
    assert_eq!(first("gone", SECOND), (Value::Null, add.to_owned()));
    // words without a host are about the active one
    let bare = "x509: certificate signed by unknown authority";
    assert_eq!(first("lab", bare), (json!("lab"), "dctx edit lab --ca FILE".to_owned()));
    let remote = "Cannot connect to the Docker daemon at http://docker.example.com. Is the docker daemon running?";
    assert_eq!(first("pi", remote), (json!("pi"), "ssh pi@raspberrypi docker version".to_owned()));
    // local docker is not the profile
    let local = "Cannot connect to the Docker daemon at unix:///var/run/nope.sock. Is the docker daemon running?";
    assert_eq!(first("lab", local).0, Value::Null);
}

/// A socket that is there is not missing, though docker says the same.
#[test]
fn a_socket_that_is_there_is_stale() {
    let sb = sandbox();
    let there = sb.write("work/x.sock", "");
    let text = |path: &str| {
        format!(
            "Cannot connect to the Docker daemon at unix://{path}. Is the docker daemon running?"
        )
    };
    let id = |path: &str| {
        let out = sb.dctx(["explain", &text(path)]).run().out();
        out.split(' ').next().unwrap().to_owned()
    };
    assert_eq!(id(there.to_str().unwrap()), "unix-stale");
    assert_eq!(id(sb.path("nope.sock").to_str().unwrap()), "unix-missing");
}

/// On a terminal it says what to do, and waits for the end.
#[test]
fn pasted_on_a_terminal() {
    let sb = sandbox();
    let dctx = crate::support::sandbox::dctx_bin();
    let Some(terminal) = Terminal::start(
        &sb,
        &["sh", "-c", &format!("{} explain; echo code $?; sleep 60", dctx.display())],
    ) else {
        return;
    };
    terminal.shows("paste what docker said, press Enter, then Ctrl-D");
    terminal.line("x509: certificate is valid for coreos1, not localhost");
    terminal.press(&["C-d"]);
    terminal.shows("name-mismatch");
    terminal.shows("code 6");
}
