//! Certificates over a whole life, by the real daemon and the real client: made, handed out, renewed by everybody,
//! changed to another CA in four steps with one who is late at each, pinned and revoked, expired.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cert_make::{cert, certs};
use crate::cert_wire::{info, reaches, refused};
use crate::support::dockerd::{Dockerd, free_port, told_why};
use crate::support::{Output, Sandbox, require};
use dctx::cert::make::authority::Authority;
use dctx::cert::make::issue::{Plan, Role};
use dctx::cert::make::set;
use dctx::cert::x509::Cert;

fn ready() -> bool {
    require("docker").is_some() && require("dockerd").is_some()
}

/// A file of one person's working directory, given to another.
fn give(from: &Sandbox, file: impl AsRef<Path>, to: &Sandbox, name: &str) {
    to.write(format!("work/{name}"), fs::read(from.work().join(file)).unwrap());
}

/// The command that a hint advises after `says`, run as it is printed.
#[track_caller]
pub(crate) fn follow(sb: &Sandbox, out: &Output, says: &str) -> Output {
    let hints = out.err();
    let command = hints.lines().find_map(|line| line.split_once(says)).map(|(_, command)| command);
    let command = command.unwrap_or_else(|| panic!("no \"{says}\" in {hints}"));
    sb.sh("sh", ["-c", command.trim_start_matches(": ")]).run()
}

/// Asks for a certificate and gets it, by files alone; `who` has nothing but what the other side handed over.
#[track_caller]
fn ask(owner: &Sandbox, who: &Sandbox, name: &str) {
    let csr = who.work().join("lab.csr");
    let _ = fs::remove_file(&csr);
    cert(who, "request lab").run().done();
    give(who, "lab.csr", owner, &format!("{name}.csr"));
    let _ = fs::remove_file(owner.work().join("answer.toml"));
    cert(owner, &format!("sign lab {name}.csr --for {name} --out answer.toml")).run().done();
    give(owner, "answer.toml", who, "answer.toml");
    cert(who, "import answer.toml").run().done();
}

/// Hands on the CA alone.
#[track_caller]
fn pass_on(owner: &Sandbox, who: &Sandbox) -> Output {
    give(owner, certs(owner, "lab").join("ca.pem"), who, "ca.pem");
    let out = cert(who, "import ca.pem --as lab").run();
    assert_eq!(out.code(), 0, "{}", out.err());
    out
}

fn read(dir: &Path, file: &str) -> Cert {
    set::certificate(&dir.join(file)).unwrap()
}

fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

fn formers(dir: &Path) -> Vec<PathBuf> {
    dctx::cert::make::place::formers(dir).iter().map(|name| dir.join(name)).collect()
}

#[test]
fn by_a_ca_from_new_to_expired() {
    if !ready() {
        return;
    }
    let [owner, ana, bob, carl] = [(); 4].map(|()| Sandbox::new());
    let port = free_port();
    cert(&owner, &format!("new lab --host tcp://127.0.0.1:{port} --no-passphrase")).run().done();
    let server = certs(&owner, "lab").join("server");
    let start = || Dockerd::serve(&server, port);
    let all =
        |daemon: &Dockerd, who: &[&Sandbox]| who.iter().for_each(|sb| reaches(sb, "lab", daemon));

    // handed out: with its key to two, by a request to one
    for (who, name) in [(&ana, "ana"), (&carl, "carl")] {
        cert(&owner, &format!("client lab --for {name} --out {name}.toml")).run().done();
        give(&owner, format!("{name}.toml"), who, "lab.toml");
        let out = cert(who, "import lab.toml").run();
        assert!(out.done().err().contains("rm lab.toml"), "the file holds a key: {}", out.err());
    }
    ask(&owner, &bob, "bob");
    let Some(daemon) = start() else { return };
    all(&daemon, &[&owner, &ana, &bob, &carl]);

    // renewed, each by the way that the refusal points out
    cert(&owner, "renew lab").run().done();
    for (who, name) in [(&ana, "ana"), (&bob, "bob")] {
        let dir = certs(who, "lab");
        let (before, key) = (read(&dir, "cert.pem"), fs::read(dir.join("key.pem")).unwrap());
        let _ = fs::remove_file(who.work().join("lab.csr"));
        let out = cert(who, "renew lab").run();
        assert_eq!(out.code(), 4, "{}", out.err());
        follow(who, &out, "a request for them").done();
        // meanwhile everything is as it was
        reaches(who, "lab", &daemon);
        ask(&owner, who, name);
        assert_ne!(read(&dir, "cert.pem").serial, before.serial);
        assert_eq!(fs::read(dir.join("key.pem")).unwrap(), key, "the key never travelled");
        let [former] = &formers(&dir)[..] else { panic!("{:?}", formers(&dir)) };
        assert_eq!(read(former, "cert.pem"), before);
    }
    drop(daemon);
    let Some(daemon) = start() else { return };
    all(&daemon, &[&owner, &ana, &bob, &carl]);
    drop(daemon);

    // 1: everybody gets both CAs, but for carl; and who gets a certificate now is told of it
    cert(&owner, "rotate-ca lab --phase 1 --no-passphrase").run().done();
    let out = cert(&owner, "client lab --for dora --out dora.toml").run();
    assert!(out.done().err().contains("is signed by the old one"), "{}", out.err());
    [&ana, &bob].iter().for_each(|who| drop(pass_on(&owner, who)));
    let Some(daemon) = start() else { return };
    all(&daemon, &[&owner, &ana, &bob, &carl]);
    // 2: the server is of the new one. carl is late, and gets in again as soon as he has the file
    cert(&owner, "rotate-ca lab --phase 2").run().done();
    // not put on the host yet: everybody is let in as before
    all(&daemon, &[&owner, &ana, &bob, &carl]);
    drop(daemon);
    let Some(daemon) = start() else { return };
    all(&daemon, &[&owner, &ana, &bob]);
    let out = info(&carl, "lab");
    assert!(out.code() != 0 && out.err().contains("unknown authority"), "{}", out.err());
    pass_on(&owner, &carl);
    reaches(&carl, "lab", &daemon);
    // what is renewed between two steps is none of the others' step
    cert(&owner, "renew lab").run().done();
    let out = cert(&owner, "rotate-ca lab --phase 4").run();
    assert!(out.code() == 2 && out.err().contains("that is 3"), "{}", out.err());
    let out = cert(&owner, "renew lab --ca").run();
    assert!(out.code() == 2 && out.err().contains("is being changed"), "{}", out.err());
    drop(daemon);
    // 3: the others' certificates. bob is late
    cert(&owner, "rotate-ca lab").run().done();
    cert(&owner, "client lab --for ana --out ana3.toml").run().done();
    give(&owner, "ana3.toml", &ana, "lab3.toml");
    cert(&ana, "import lab3.toml").run().done();
    ask(&owner, &carl, "carl");
    let Some(daemon) = start() else { return };
    all(&daemon, &[&owner, &ana, &bob, &carl]);
    // 4: as long as the host has not got it, all is as before; then bob is out, until he has another
    cert(&owner, "rotate-ca lab").run().done();
    all(&daemon, &[&owner, &ana, &bob, &carl]);
    drop(daemon);
    let Some(daemon) = start() else { return };
    all(&daemon, &[&owner, &ana, &carl]);
    refused(&bob, "lab");
    give(&owner, "dora.toml", &bob, "dora.toml");
    cert(&bob, "import dora.toml --as dora").run().done();
    refused(&bob, "dora");
    ask(&owner, &bob, "bob");
    reaches(&bob, "lab", &daemon);
    // nobody trusts the old one any more
    for who in [&ana, &bob, &carl] {
        pass_on(&owner, who);
        assert_eq!(set::certificates(&certs(who, "lab").join("ca.pem")).unwrap().len(), 1);
        reaches(who, "lab", &daemon);
    }
    // its own certificate renewed, the CA is handed on alone
    cert(&owner, "renew lab --ca --days 4000").run().done();
    pass_on(&owner, &ana);
    reaches(&ana, "lab", &daemon);

    // expired: docker is refused, and the way that check points out leads back in
    let dir = certs(&bob, "lab");
    expire(&owner, &dir);
    refused_or_expired(&bob);
    let out = bob.dctx(["check", "lab"]).run();
    assert_eq!(out.code(), 6, "{}", out.out());
    assert!(out.out().contains("expired"), "{}", out.out());
    ask(&owner, &bob, "bob");
    reaches(&bob, "lab", &daemon);
}

/// The daemon's words are others for an expired certificate, by its version.
#[track_caller]
fn refused_or_expired(sb: &Sandbox) {
    let out = told_why(|| info(sb, "lab"));
    assert!(out.code() != 0 && out.err().contains("certificate"), "{}", out.err());
}

/// Gives the client in `dir` a certificate of the owner's CA, for its own key, that ended a minute ago.
fn expire(owner: &Sandbox, dir: &Path) {
    let ca = certs(owner, "lab").join("ca");
    // as long ago as the CA has been valid
    let past = now() - 3000;
    let issuer = Authority::find(&ca, past).unwrap().open(None).unwrap();
    let old = read(dir, "cert.pem");
    let plan = Plan {
        subject: old.subject.der.clone(),
        public: &old.key,
        role: Role::Client,
        not_after: now() - 60,
        key_id: None,
    };
    let cert = issuer.issue(&plan, past).unwrap();
    fs::remove_file(dir.join("cert.pem")).unwrap();
    fs::write(dir.join("cert.pem"), dctx::cert::encode::pem("CERTIFICATE", &cert.der)).unwrap();
}

#[test]
fn pinned_from_new_to_revoked() {
    if !ready() {
        return;
    }
    let [owner, ana, bob] = [(); 3].map(|()| Sandbox::new());
    let port = free_port();
    cert(&owner, &format!("new lab --host tcp://127.0.0.1:{port} --pin")).run().done();
    let server = certs(&owner, "lab").join("server");
    let start = || Dockerd::serve(&server, port);
    cert(&ana, "request lab --pin").run().done();
    give(&ana, "lab.pem", &owner, "ana.pem");
    cert(&owner, "authorize lab ana.pem --out ana.toml").run().done();
    give(&owner, "ana.toml", &ana, "ana.toml");
    cert(&ana, "import ana.toml").run().done();
    cert(&owner, "client lab --for bob --out bob.toml").run().done();
    give(&owner, "bob.toml", &bob, "bob.toml");
    cert(&bob, "import bob.toml").run().done();
    let list = || set::certificates(&server.join("ca.pem")).unwrap().len();
    assert_eq!(list(), 3);
    // once more: the file is written all the same, and the server is no client
    cert(&owner, "authorize lab ana.pem --out again.toml").run().done();
    assert!(owner.work().join("again.toml").exists());
    cert(&owner, "authorize lab bob.toml").run().done();
    assert_eq!(list(), 3);
    let Some(daemon) = start() else { return };
    for who in [&owner, &ana, &bob] {
        reaches(who, "lab", &daemon);
        // nothing is wrong, and nothing is said to be
        let out = who.dctx(["check", "lab"]).run();
        assert!(out.code() == 0 && !out.out().contains("warning"), "{}", out.out());
        assert!(!out.out().contains("not the CA"), "{}", out.out());
    }

    // the client's is renewed: asked for, let in, taken in
    let before = read(&certs(&ana, "lab"), "cert.pem");
    let _ = fs::remove_file(ana.work().join("lab.pem"));
    let out = cert(&ana, "renew lab").run();
    assert_eq!(out.code(), 4, "{}", out.err());
    follow(&ana, &out, "hand over to them").done();
    give(&ana, "lab.pem", &owner, "ana2.pem");
    cert(&owner, "authorize lab ana2.pem --for ana --out ana2.toml").run().done();
    give(&owner, "ana2.toml", &ana, "ana2.toml");
    cert(&ana, "import ana2.toml").run().done();
    let after = read(&certs(&ana, "lab"), "cert.pem");
    assert!(after.key == before.key && after.serial != before.serial);
    drop(daemon);
    let Some(daemon) = start() else { return };
    reaches(&ana, "lab", &daemon);
    drop(daemon);

    // the server's is renewed: who has the former one is told what it is, and how to get the new one
    cert(&owner, "renew lab --server").run().done();
    let Some(daemon) = start() else { return };
    reaches(&owner, "lab", &daemon);
    assert_ne!(info(&ana, "lab").code(), 0);
    let out = ana.dctx(["check", "lab"]).run();
    assert_eq!(out.code(), 6, "{}", out.out());
    assert!(out.out().contains("unknown-ca") || out.out().contains("renewed"), "{}", out.out());
    assert!(
        !out.out().contains("CA:TRUE") && !out.out().contains("renew lab --ca"),
        "{}",
        out.out()
    );
    let said = out.out();
    let hint = said.lines().find(|line| line.contains("dctx cert import ca.pem --as lab"));
    assert!(hint.is_some(), "{said}");
    pass_on(&owner, &ana);
    reaches(&ana, "lab", &daemon);
    drop(daemon);

    // revoked
    cert(&owner, "revoke lab bob").run().done();
    let Some(daemon) = start() else { return };
    pass_on(&owner, &bob);
    refused(&bob, "lab");
    let out = bob.dctx(["check", "lab"]).run();
    assert_eq!(out.code(), 6, "{}", out.out());
    assert!(out.out().contains("dctx cert authorize lab"), "{}", out.out());
    assert!(!out.out().contains("from client "), "{}", out.out());
    reaches(&owner, "lab", &daemon);
}
