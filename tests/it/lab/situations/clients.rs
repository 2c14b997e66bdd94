//! Client certificates that a real dockerd refuses; and a server that says why, as newer ones do.

use std::fs;
use std::path::Path;

use dctx::check::id::Id;

use super::{Row, copy, row};
use crate::lab::scene::Scene;
use crate::lab::tls::telling;
use crate::support::Sandbox;
use crate::support::certs::{Ca, EXPIRED, Leaf, NOT_YET, VALID};
use crate::support::dockerd::{Dockerd, Tls};

/// A daemon of 2020 says the same to all of these.
const BAD: &[&str] = &["remote error: tls: bad certificate"];
/// The words are those of each of these.
const REFUSED: &[Id] = &[
    Id::ClientRejected,
    Id::ClientCertRequired,
    Id::ClientExpired,
    Id::ClientUnknownCa,
    Id::ClientUsage,
];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = old();
    rows.extend(new());
    rows
}

fn old() -> Vec<Row> {
    vec![
        row("none", Id::ClientCertRequired, BAD, || {
            let daemon = Dockerd::mutual()?;
            Some(Scene::tls(&daemon.tcp(), |_| daemon.ca_only.clone()))
        })
        .alone(REFUSED),
        row("a certificate without its key", Id::CertMissing, BAD, || without("key.pem"))
            .alone(REFUSED),
        row("a key without its certificate", Id::CertMissing, BAD, || without("cert.pem"))
            .alone(REFUSED),
        row("expired, to a daemon of 2020", Id::ClientExpired, BAD, || {
            with(&Leaf { dates: EXPIRED, ..Leaf::CLIENT })
        })
        .alone(REFUSED),
        row("not valid yet, to a daemon of 2020", Id::ClientExpired, BAD, || {
            with(&Leaf { dates: NOT_YET, ..Leaf::CLIENT })
        })
        .alone(REFUSED),
        row("made for servers", Id::ClientUsage, BAD, || {
            with(&Leaf { eku: Some("serverAuth"), ..Leaf::CLIENT })
        })
        .alone(REFUSED),
        row("of another CA", Id::ClientUnknownCa, BAD, || {
            of(Dockerd::mutual()?, |sb| Ca::with("another CA", VALID, sb.path("ca")))
        })
        .alone(REFUSED),
        row("of a CA of the same name", Id::ClientUnknownCa, BAD, || {
            of(Dockerd::mutual()?, |sb| Ca::new(sb.path("ca")))
        })
        .alone(REFUSED),
        row("the daemon's copy of the CA has expired", Id::ClientRejected, BAD, || {
            let make = |ca: &Ca, dir: &Path| {
                ca.server_dir(dir, &Leaf::server(&["IP:127.0.0.1"]));
                ca.again(EXPIRED, &dir.join("ca.pem"));
            };
            let daemon = Dockerd::with(Tls::Mutual, make)?;
            Some(Scene::tls(&daemon.tcp(), |_| daemon.certs.clone()).hold(daemon))
        })
        .alone(REFUSED),
        row("the daemon has a CA of the same name", Id::ClientRejected, BAD, || {
            let make = |ca: &Ca, dir: &Path| {
                ca.server_dir(dir, &Leaf::server(&["IP:127.0.0.1"]));
                let namesake = Ca::new(dir.join("namesake"));
                fs::copy(namesake.pem(), dir.join("ca.pem")).unwrap();
            };
            let daemon = Dockerd::with(Tls::Mutual, make)?;
            Some(Scene::tls(&daemon.tcp(), |_| daemon.certs.clone()).hold(daemon))
        })
        .alone(REFUSED),
    ]
}

fn new() -> Vec<Row> {
    vec![
        row(
            "none, to a daemon of today",
            Id::ClientCertRequired,
            &["certificate required"],
            || {
                let daemon = Dockerd::mutual()?;
                let server = telling(&daemon.server_dir());
                Some(Scene::tls(&server.tcp(), |_| daemon.ca_only.clone()).hold(server))
            },
        ),
        row(
            "of another CA, to a daemon of today",
            Id::ClientUnknownCa,
            &["certificate required"],
            || {
                let daemon = Dockerd::mutual()?;
                let server = telling(&daemon.server_dir());
                let certs = |sb: &Sandbox| {
                    let other = Ca::with("another CA", VALID, sb.path("ca"));
                    let certs = other.client_dir(sb.path("certs"), Some(&Leaf::CLIENT));
                    fs::copy(daemon.ca.pem(), certs.join("ca.pem")).unwrap();
                    certs
                };
                Some(Scene::tls(&server.tcp(), certs).hold(server))
            },
        )
        .alone(&[Id::ClientCertRequired, Id::ClientUnknownCa]),
        row("expired, to a daemon of today", Id::ClientExpired, &["expired certificate"], || {
            let daemon = Dockerd::mutual()?;
            let server = telling(&daemon.server_dir());
            let late = Leaf { dates: EXPIRED, ..Leaf::CLIENT };
            let certs = |sb: &Sandbox| daemon.ca.client_dir(sb.path("certs"), Some(&late));
            Some(Scene::tls(&server.tcp(), certs).hold(server))
        }),
    ]
}

/// This client certificate, of the daemon's own CA.
fn with(leaf: &Leaf<'_>) -> Option<Scene> {
    let daemon = Dockerd::mutual()?;
    let certs = |sb: &Sandbox| daemon.ca.client_dir(sb.path("certs"), Some(leaf));
    Some(Scene::tls(&daemon.tcp(), certs))
}

/// A client certificate of another authority; the right one for the server.
fn of(daemon: &Dockerd, ca: impl FnOnce(&Sandbox) -> Ca) -> Option<Scene> {
    let certs = |sb: &Sandbox| {
        let certs = ca(sb).client_dir(sb.path("certs"), Some(&Leaf::CLIENT));
        fs::copy(daemon.ca.pem(), certs.join("ca.pem")).unwrap();
        certs
    };
    Some(Scene::tls(&daemon.tcp(), certs))
}

fn without(name: &str) -> Option<Scene> {
    let daemon = Dockerd::mutual()?;
    let certs = |sb: &Sandbox| {
        let certs = copy(&daemon.certs, sb.path("certs"));
        fs::remove_file(certs.join(name)).unwrap();
        certs
    };
    Some(Scene::tls(&daemon.tcp(), certs))
}
