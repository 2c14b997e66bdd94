//! Why a daemon takes no client certificate, or not this one.

use super::servers::Openssl;
use super::*;
use crate::support::certs::{Ca, EXPIRED, NOT_YET};
use crate::support::{Sandbox, require};
use std::fs;

/// Directories with every wrong client certificate, for a daemon of `ca`; each with the id that it has to give.
fn wrong(sb: &Sandbox, ca: &Ca) -> Vec<(std::path::PathBuf, &'static str)> {
    let other = Ca::with("other CA", crate::support::certs::VALID, sb.path("other"));
    // made anew under the same name
    let twin = Ca::new(sb.path("twin"));
    let dir = |name: &str, by: &Ca, leaf: Option<&Leaf<'_>>| {
        let dir = by.client_dir(sb.path(name), leaf);
        fs::copy(ca.pem(), dir.join("ca.pem")).unwrap();
        dir
    };
    let client = Leaf::CLIENT;
    let lone = dir("lone", ca, Some(&client));
    fs::remove_file(lone.join("key.pem")).unwrap();
    vec![
        (dir("none", ca, None), "client-cert-required"),
        (lone, "client-cert-required"),
        (dir("foreign", &other, Some(&client)), "client-unknown-ca"),
        (dir("same-name", &twin, Some(&client)), "client-unknown-ca"),
        (dir("expired", ca, Some(&Leaf { dates: EXPIRED, ..client })), "client-expired"),
        (dir("not-yet", ca, Some(&Leaf { dates: NOT_YET, ..client })), "client-expired"),
        (dir("usage", ca, Some(&Leaf { eku: Some("serverAuth"), ..client })), "client-usage"),
    ]
}

#[test]
fn of_the_real_daemon() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = Sandbox::new();
    for (dir, id) in wrong(&sb, &daemon.ca) {
        let report = run(&tls(&daemon.tcp(), &dir));
        let diagnosis = failed(&report);
        assert_eq!(diagnosis.id.as_str(), id, "{}: {report:#?}", dir.display());
        assert_eq!(diagnosis.facts.accepted, ["dctx test CA"], "{report:#?}");
        // without extended key usage, a certificate is for everything
    }
    let any = daemon.ca.client_dir(sb.path("any"), Some(&Leaf { eku: None, ..Leaf::CLIENT }));
    good(&tls(&daemon.tcp(), &any));
}

/// TLS 1.2 refuses within the handshake, and with another alert.
#[test]
fn in_both_versions() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let ca = Ca::new(sb.path("ca"));
    let server = ca.server_dir(sb.path("s"), &Leaf::server(&["IP:127.0.0.1"]));
    let all = wrong(&sb, &ca);
    for version in ["-tls1_2", "-tls1_3"] {
        let flags = [version, "-Verify", "2", "-CAfile", "ca.pem", "-verify_return_error"];
        for (dir, id) in &all {
            let server = Openssl::start(&server, &flags);
            let report = run(&tls(&server.tcp(), dir));
            assert_eq!(
                failed(&report).id.as_str(),
                *id,
                "{version} {}: {report:#?}",
                dir.display()
            );
        }
    }
}

/// An unknown reason is told as one.
#[test]
fn for_no_reason_given() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let ca = Ca::new(sb.path("ca"));
    let client = ca.client_dir(sb.path("client"), Some(&Leaf::CLIENT));
    let dir = ca.server_dir(sb.path("s"), &Leaf::server(&["IP:127.0.0.1"]));
    // a server that announces our CA and trusts another one of the same name
    let twin = Ca::new(sb.path("twin"));
    fs::copy(twin.pem(), dir.join("twin.pem")).unwrap();
    let flags = ["-Verify", "2", "-CAfile", "twin.pem", "-verify_return_error"];
    let server = Openssl::start(&dir, &flags);
    let report = run(&tls(&server.tcp(), &client));
    let id = failed(&report).id.as_str();
    assert!(["client-rejected", "client-unknown-ca"].contains(&id), "{report:#?}");
}
