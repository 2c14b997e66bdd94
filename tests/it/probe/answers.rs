//! Whoever answers is told for what it is.

use super::*;
use dctx::check::diagnosis::Found;

fn plain(address: &str) -> Target {
    target(&format!("tcp://{address}"))
}

#[track_caller]
fn found(address: &str) -> (String, Option<Found>) {
    let report = run(&plain(address));
    let diagnosis = failed(&report);
    (diagnosis.id.as_str().to_owned(), diagnosis.facts.found.clone())
}

fn page(status: u16, server: Option<&str>, location: Option<&str>) -> Option<Found> {
    let (server, location) = (server.map(str::to_owned), location.map(str::to_owned));
    Some(Found::Http { status, server, location })
}

#[test]
fn other_servers() {
    let not = "not-docker".to_owned();
    let nginx = "Server: nginx\r\n";
    let html = "<html><head><title>Welcome</title></head></html>";
    for (answer, expected) in [
        (http("200 OK", nginx, html), page(200, Some("nginx"), None)),
        (http("401 Unauthorized", "", ""), page(401, None, None)),
        (
            http("403 Forbidden", "", r#"{"message":"authorization denied by plugin"}"#),
            page(403, None, None),
        ),
        (http("302 Found", "Location: https://x/\r\n", ""), page(302, None, Some("https://x/"))),
        (http("200 OK", "", r#"{"hello":[1,2,3]}"#), page(200, None, None)),
        (http("200 OK", "", "[1,2"), page(200, None, None)),
        (
            "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n".to_owned(),
            Some(Found::Ssh("SSH-2.0-OpenSSH_9.2p1 Debian-2".into())),
        ),
        ("220 mail ESMTP\r\n".to_owned(), Some(Found::Garbage)),
        ("\0\u{1}\u{2}".to_owned(), Some(Found::Garbage)),
        (String::new(), Some(Found::Closed)),
        ("HTTP/1.1 200 OK\r\nContent-Le".to_owned(), Some(Found::Closed)),
    ] {
        assert_eq!(found(&answering(answer.clone())), (not.clone(), expected), "{answer:?}");
    }
    // closed with unread data in its buffer: the kernel resets
    let reset = server(|stream| {
        thread::sleep(Duration::from_millis(50));
        drop(stream);
    });
    assert_eq!(found(&reset), (not, Some(Found::Reset)));
}

/// The message of an authorization plugin is what helps.
#[test]
fn what_was_said_is_kept() {
    let body = r#"{"message":"authorization denied by plugin x: \u001b[31mno"}"#;
    let report = run(&plain(&answering(http("403 Forbidden", "", body))));
    let said = failed(&report).facts.said.clone().unwrap();
    assert_eq!(said, "authorization denied by plugin x: \u{1b}[31mno");
}

#[test]
fn docker_in_every_framing() {
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        &VERSION[..5],
        VERSION.len() - 5,
        &VERSION[5..]
    );
    for answer in [
        http("200 OK", "", VERSION),
        format!("HTTP/1.0 200 OK\r\n\r\n{VERSION}"),
        format!("HTTP/1.1 100 Continue\r\n\r\n{}", http("200 OK", "", VERSION)),
        http("200 OK", "", VERSION).replace("\r\n", "\n"),
        chunked,
    ] {
        let report = good(&plain(&answering(answer.clone())));
        assert_eq!(report.server.unwrap().version, "20.10.24", "{answer}");
    }
}

#[test]
fn podman_versions_and_clocks() {
    let podman = r#"{"Components":[{"Name":"Podman Engine","Version":"5.1"}],"Version":"5.1","ApiVersion":"1.41","MinAPIVersion":"1.24"}"#;
    let report = good(&plain(&answering(http("200 OK", "", podman))));
    assert!(notes(&report).contains(&&Said::Podman { version: "5.1".into() }), "{report:#?}");
    let new = r#"{"Version":"40","ApiVersion":"1.60","MinAPIVersion":"1.52"}"#;
    let report = good(&plain(&answering(http("200 OK", "", new))));
    assert!(notes(&report).contains(&&Said::ApiFloor { min_api: "1.52".into() }), "{report:#?}");
    let old = r#"{"Version":"17.09","ApiVersion":"1.32","MinAPIVersion":"1.12"}"#;
    let report = good(&plain(&answering(http("200 OK", "", old))));
    assert!(notes(&report).contains(&&Said::ApiCeiling { api: "1.32".into() }), "{report:#?}");
    // RFC 9110's own example is 784,111,777 seconds after 1970
    let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    let report = good(&plain(&answering(http("200 OK", date, VERSION))));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let skew = report.server.as_ref().unwrap().skew.unwrap();
    let wanted = 784_111_777 - i64::try_from(now.as_secs()).unwrap();
    assert!((skew - wanted).abs() < 120, "{skew}");
    let is_skew = |note: &&&Said| matches!(note, Said::Skew { seconds } if *seconds == skew);
    assert!(notes(&report).iter().any(|note| is_skew(&note)), "{report:#?}");
}

/// What servers with TLS say to plain HTTP, and what the alert of one that says nothing else looks like.
#[test]
fn plain_to_tls() {
    let go = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
    let nginx = "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>";
    for answer in [
        go.into(),
        http("400 Bad Request", "", nginx).into_bytes(),
        b"\x15\x03\x01\x00\x02\x02\x46".to_vec(),
    ] {
        assert_eq!(found(&answering(answer)).0, "tls-expected");
    }
}

/// OpenSSL's servers close without a word.
#[test]
fn plain_to_openssl() {
    if crate::support::require("openssl").is_none() {
        return;
    }
    let sb = crate::support::Sandbox::new();
    let ca = crate::support::certs::Ca::new(sb.path("ca"));
    let dir = ca.server_dir(sb.path("s"), &Leaf::server(&["IP:127.0.0.1"]));
    for flags in [&[][..], &["-tls1_2"], &["-Verify", "2", "-verify_return_error"]] {
        let server = super::servers::Openssl::start(&dir, flags);
        assert_eq!(id(&target(&server.tcp())), "tls-expected", "{flags:?}");
    }
}

/// The request is docker's: its host, its base path.
#[test]
fn the_request() {
    let (tx, rx) = mpsc::channel();
    let address = server(move |mut stream| {
        tx.send(request(&mut stream)).unwrap();
        let _ = stream.write_all(http("200 OK", "", VERSION).as_bytes());
    });
    good(&target(&format!("tcp://{address}/base")));
    let head = rx.recv().unwrap();
    assert!(head.starts_with("GET /base/version HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("\r\nHost: {address}\r\n")), "{head}");
    assert!(head.contains("\r\nConnection: close\r\n"), "{head}");
}

/// Local sockets: absent, forbidden, left behind, and no socket at all.
#[test]
fn local_sockets() {
    use std::os::unix::net::UnixListener;
    let sb = crate::support::Sandbox::new();
    let at = |name: &str| target(&format!("unix://{}", sb.path(name).display()));
    assert_eq!(id(&at("none.sock")), "unix-missing");
    assert_eq!(id(&at("work/none.sock")), "unix-missing");
    sb.write("plain", "");
    assert_eq!(id(&at("plain")), "unix-stale");
    drop(UnixListener::bind(sb.path("stale.sock")).unwrap());
    assert_eq!(id(&at("stale.sock")), "unix-stale");
    let report = run(&at("work"));
    assert_eq!(failed(&report).facts.found, Some(Found::Directory));
    let silent = UnixListener::bind(sb.path("silent.sock")).unwrap();
    assert_eq!(id(&Target { limit: SHORT, ..at("silent.sock") }), "timeout");
    drop(silent);
    assert_eq!(id(&target("npipe:////./pipe/docker_engine")), "endpoint-invalid");
}
