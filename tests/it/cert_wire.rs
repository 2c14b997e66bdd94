//! The real daemon lets in whom it should, and nobody else: by a CA, pinned one by one, revoked, rotated. The real
//! docker client is on the other side.

use std::path::Path;

use crate::cert_make::{cert, certs};
use crate::support::dockerd::{Dockerd, free_port, told_why};
use crate::support::{Output, Sandbox, require};

/// `docker info` on a profile, through `dctx exec`.
pub(crate) fn info(sb: &Sandbox, name: &str) -> Output {
    sb.dctx(["exec", name, "--", "docker", "info", "-f", "{{.Labels}}"]).run()
}

#[track_caller]
pub(crate) fn reaches(sb: &Sandbox, name: &str, daemon: &Dockerd) {
    let out = info(sb, name);
    assert_eq!((out.out().trim_end(), out.code()), (daemon.label().as_str(), 0), "{}", out.err());
}

/// How docker says that a client certificate was refused.
#[track_caller]
pub(crate) fn refused(sb: &Sandbox, name: &str) {
    let out = told_why(|| info(sb, name));
    assert_ne!(out.code(), 0);
    let says = ["bad certificate", "certificate required", "unknown certificate authority"];
    assert!(says.iter().any(|says| out.err().contains(says)), "{}", out.err());
}

fn hand_over(from: &Sandbox, to: &Sandbox, file: &str) {
    to.write(format!("work/{file}"), std::fs::read(from.work().join(file)).unwrap());
    cert(to, &format!("import {file}")).run().done();
}

#[test]
fn a_ca_lets_in_its_own() {
    if require("docker").is_none() || require("dockerd").is_none() {
        return;
    }
    for kind in ["p256", "ed25519"] {
        let (owner, ana, eve) = (Sandbox::new(), Sandbox::new(), Sandbox::new());
        let port = free_port();
        let new =
            format!("new lab --host tcp://127.0.0.1:{port} --no-passphrase --key-type {kind}");
        cert(&owner, &new).run().done();
        // a CA of the same host's name, which is another
        cert(&eve, &new).run().done();
        cert(&owner, "client lab --for ana --out ana.toml").run().done();
        hand_over(&owner, &ana, "ana.toml");
        let server = certs(&owner, "lab").join("server");
        let Some(daemon) = Dockerd::serve(&server, port) else { return };
        reaches(&owner, "lab", &daemon);
        reaches(&ana, "lab", &daemon);
        let out = info(&eve, "lab");
        assert!(out.code() != 0 && out.err().contains("unknown authority"), "{}", out.err());
        // even who has the right ca.pem needs the right certificate
        let eves = certs(&eve, "lab");
        let right = certs(&owner, "lab").join("ca.pem");
        std::fs::remove_file(eves.join("ca.pem")).unwrap();
        std::fs::copy(right, eves.join("ca.pem")).unwrap();
        refused(&eve, "lab");
    }
}

#[test]
fn pinned_clients_are_let_in_until_they_are_revoked() {
    if require("docker").is_none() || require("dockerd").is_none() {
        return;
    }
    let (owner, bob, eve) = (Sandbox::new(), Sandbox::new(), Sandbox::new());
    let port = free_port();
    cert(&owner, &format!("new lab --host tcp://127.0.0.1:{port} --pin")).run().done();
    cert(&bob, "request lab --pin").run().done();
    let pem = bob.work().join("lab.pem");
    cert(&owner, &format!("authorize lab {} --for bob --out bob.toml", pem.display())).run().done();
    hand_over(&owner, &bob, "bob.toml");
    // has the server's certificate, which is no secret, and a key of his own
    cert(&eve, "request lab --pin --out eve.pem").run().done();
    let dir = certs(&eve, "lab");
    std::fs::copy(eve.work().join("eve.pem"), dir.join("cert.pem")).unwrap();
    std::fs::copy(certs(&owner, "lab").join("ca.pem"), dir.join("ca.pem")).unwrap();
    eve.dctx(["add", "lab", &format!("tcp://127.0.0.1:{port}"), "--certs", dir.to_str().unwrap()])
        .run()
        .done();
    let server = certs(&owner, "lab").join("server");
    let Some(daemon) = Dockerd::serve(&server, port) else { return };
    reaches(&owner, "lab", &daemon);
    reaches(&bob, "lab", &daemon);
    refused(&eve, "lab");
    drop(daemon);
    cert(&owner, "revoke lab bob").run().done();
    let Some(daemon) = Dockerd::serve(&server, port) else { return };
    reaches(&owner, "lab", &daemon);
    refused(&bob, "lab");
}

/// Nobody who keeps up is shut out on the way; whoever does not is, at its end.
#[test]
fn a_rotation_ends_without_the_old_ca() {
    if require("docker").is_none() || require("dockerd").is_none() {
        return;
    }
    let (owner, ana) = (Sandbox::new(), Sandbox::new());
    let port = free_port();
    cert(&owner, &format!("new lab --host tcp://127.0.0.1:{port} --no-passphrase")).run().done();
    cert(&owner, "client lab --for ana --out ana.toml").run().done();
    hand_over(&owner, &ana, "ana.toml");
    let (mine, anas) = (certs(&owner, "lab"), certs(&ana, "lab"));
    let server = mine.join("server");
    let pass_on = |ca: &Path| {
        std::fs::remove_file(anas.join("ca.pem")).unwrap();
        std::fs::copy(ca, anas.join("ca.pem")).unwrap();
    };
    for step in 1..=4 {
        cert(&owner, &format!("rotate-ca lab --phase {step} --no-passphrase")).run().done();
        if step == 1 {
            pass_on(&mine.join("ca.pem"));
        }
        let Some(daemon) = Dockerd::serve(&server, port) else { return };
        reaches(&owner, "lab", &daemon);
        match step {
            4 => refused(&ana, "lab"),
            _ => reaches(&ana, "lab", &daemon),
        }
    }
}
