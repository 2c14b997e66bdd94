//! Server certificates of every kind, on a real dockerd: it starts with all of them, and says nothing.

use std::fs;
use std::path::Path;
use std::process::Command;

use dctx::check::id::Id;

use super::{Row, copy, row};
use crate::cert_make::{cert, certs};
use crate::lab::programs::openssl;
use crate::lab::scene::Scene;
use crate::support::Sandbox;
use crate::support::certs::{Ca, EXPIRED, Leaf, NOT_YET, VALID};
use crate::support::dockerd::{Dockerd, Tls, free_port};
use crate::support::zoo::{CA, Made, Spec, Zoo};

const UNKNOWN: &[&str] = &["x509: certificate signed by unknown authority"];
const DATES: &[&str] = &["x509: certificate has expired or is not yet valid"];
const NO_IP: &[&str] = &["because it doesn't contain any IP SANs"];
/// Go says the one where the name would fit, the other where it would not.
const NO_SAN: &[&str] = &["because it doesn't contain any IP SANs", "legacy Common Name field"];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = names();
    rows.extend(chains());
    rows.extend(between());
    rows.extend(times());
    rows.extend(handshakes());
    rows
}

fn names() -> Vec<Row> {
    vec![
        row(
            "another address",
            Id::NameMismatch,
            &["certificate is valid for 127.0.0.1, not 127.0.0.2"],
            || {
                let daemon = Dockerd::mutual()?;
                Some(Scene::tls(&daemon.tcp_wrong_name(), |_| daemon.certs.clone()))
            },
        ),
        row(
            "another name",
            Id::NameMismatch,
            &["certificate is valid for coreos1, not localhost"],
            || under("localhost", &Leaf::server(&["DNS:coreos1", "IP:192.0.2.7"])),
        ),
        row(
            "a wildcard for one label, under none",
            Id::NameMismatch,
            &["certificate is valid for *.localhost, not localhost"],
            || under("localhost", &Leaf::server(&["DNS:*.localhost"])),
        ),
        row("common name alone, by address", Id::NoSan, NO_SAN, || {
            under("127.0.0.1", &Leaf { cn: "127.0.0.1", ..Leaf::server(&[]) })
        }),
        row("common name alone, by name", Id::NoSan, &["legacy Common Name field"], || {
            under("localhost", &Leaf { cn: "localhost", ..Leaf::server(&[]) })
        }),
        row("an address written as a name", Id::NoSan, NO_IP, || {
            under("127.0.0.1", &Leaf::server(&["DNS:127.0.0.1"]))
        }),
        row("names alone, by address", Id::NoSan, NO_IP, || {
            under("127.0.0.1", &Leaf::server(&["DNS:localhost"]))
        }),
        row(
            "addresses alone, by name",
            Id::NoSan,
            &["certificate is not valid for any names", "IP SANs"],
            || under("localhost", &Leaf::server(&["IP:127.0.0.1"])),
        ),
    ]
}

fn chains() -> Vec<Row> {
    vec![
        row("another CA", Id::UnknownCa, UNKNOWN, || {
            let sb = Sandbox::new();
            signed_by(&Ca::with("another CA", VALID, sb.path("ca")), false)
        }),
        row("a CA made anew under the same name", Id::UnknownCa, UNKNOWN, || {
            let sb = Sandbox::new();
            signed_by(&Ca::new(sb.path("ca")), false)
        }),
        row("signed by itself", Id::UnknownCa, UNKNOWN, || {
            let own = |ca: &Ca, dir: &Path| {
                ca.server_dir(dir, &Leaf::server(&[]));
                let mut openssl = Command::new("openssl");
                openssl.args(["req", "-x509", "-days", "3650", "-key", "server-key.pem"]);
                openssl.args(["-subj", "/CN=server", "-addext", "subjectAltName=IP:127.0.0.1"]);
                openssl.args(["-out", "server-cert.pem"]).current_dir(dir);
                assert!(openssl.status().unwrap().success());
            };
            let daemon = Dockerd::with(Tls::ServerOnly, own)?;
            Some(Scene::tls(&daemon.tcp(), |_| daemon.certs.clone()).hold(daemon))
        }),
        row(
            "signed by one that may not",
            Id::IssuerNotCa,
            &["parent certificate cannot sign this kind of certificate"],
            || {
                let sb = Sandbox::new();
                signed_by(&Ca::pretended("pretended CA", sb.path("ca")), true)
            },
        ),
        row("signed with SHA-1", Id::WeakSignature, &["insecure algorithm"], || {
            let weak = |ca: &Ca, dir: &Path| {
                ca.client_dir(dir, None);
                let leaf = Leaf::server(&["IP:127.0.0.1"]);
                ca.issue_with(
                    "sha1",
                    &leaf,
                    &dir.join("server-cert.pem"),
                    &dir.join("server-key.pem"),
                );
            };
            let daemon = Dockerd::with(Tls::Mutual, weak)?;
            Some(Scene::tls(&daemon.tcp(), |_| daemon.certs.clone()).hold(daemon))
        }),
        row(
            "renewed and not started again",
            Id::ServerRestartNeeded,
            &["certificate is valid for"],
            || {
                let port = free_port();
                let scene = Scene::tls(&format!("tcp://127.0.0.2:{port}"), |sb| {
                    let new = format!("new p --host tcp://127.0.0.1:{port} --no-passphrase");
                    cert(sb, &new).run().done();
                    let dir = certs(sb, "p");
                    copy(&dir.join("server"), sb.path("host"));
                    cert(sb, "renew p --san 127.0.0.2").run().done();
                    dir
                });
                let daemon = Dockerd::serve(&scene.sb.path("host"), port)?;
                Some(scene.hold(daemon))
            },
        )
        // which only what is kept tells
        .alone(&[Id::NameMismatch]),
        row(
            "made for clients",
            Id::ServerUsage,
            &["certificate specifies an incompatible key usage"],
            || {
                under(
                    "127.0.0.1",
                    &Leaf { eku: Some("clientAuth"), ..Leaf::server(&["IP:127.0.0.1"]) },
                )
            },
        ),
    ]
}

/// What is wrong above the server's certificate, or unreadable in it.
fn between() -> Vec<Row> {
    const IP: &str = "subjectAltName=IP:127.0.0.1";
    vec![
        row(
            "an intermediate that is no CA",
            Id::IntermediateNotCa,
            &["certificate is not authorized to sign other certificates"],
            || {
                chained(|zoo| {
                    let ca = zoo.ca("/CN=docs CA");
                    // an old one without extensions, of which docker says so in these words
                    let old = Spec { subject: "/CN=old", by: Some(&ca), ..Spec::default() };
                    let old = zoo.make(&old);
                    (vec![zoo.leaf(&old, &[IP]), old], ca)
                })
            },
        ),
        row(
            "a name that the CA may not sign for",
            Id::NameConstraint,
            &["not authorized to sign for this name: IP address \"127.0.0.1\" is not permitted"],
            || {
                chained(|zoo| {
                    let within = "nameConstraints=critical,permitted;IP:10.0.0.0/255.0.0.0";
                    let ext = [CA[0], within];
                    let ca =
                        zoo.make(&Spec { subject: "/CN=within", ext: &ext, ..Spec::default() });
                    (vec![zoo.leaf(&ca, &[IP])], ca)
                })
            },
        ),
        row(
            "more CAs than the path length allows",
            Id::PathLength,
            &["too many intermediates for path length constraint"],
            || {
                chained(|zoo| {
                    let ext = ["basicConstraints=critical,CA:TRUE,pathlen:0"];
                    let ca = zoo.make(&Spec { subject: "/CN=short", ext: &ext, ..Spec::default() });
                    let inter =
                        Spec { subject: "/CN=inter", by: Some(&ca), ext: CA, ..Spec::default() };
                    let inter = zoo.make(&inter);
                    (vec![zoo.leaf(&inter, &[IP]), inter], ca)
                })
            },
        ),
        row(
            "an extension that must be understood and is not",
            Id::CertUnparsable,
            &["x509: unhandled critical extension"],
            || {
                chained(|zoo| {
                    let ca = zoo.ca("/CN=docs CA");
                    (vec![zoo.leaf(&ca, &[IP, "1.2.3.4=critical,DER:05:00"])], ca)
                })
            },
        ),
    ]
}

/// openssl with this chain, leaf first, and a client that trusts the CA beside it.
fn chained(make: impl Fn(&Zoo) -> (Vec<Made>, Made)) -> Option<Scene> {
    let sb = Sandbox::new();
    let (chain, ca) = make(&Zoo::new(sb.path("zoo")));
    let certs: Vec<Vec<u8>> = chain.iter().map(|made| fs::read(&made.cert).unwrap()).collect();
    fs::write(sb.path("server-cert.pem"), certs.concat()).unwrap();
    fs::copy(&chain[0].key, sb.path("server-key.pem")).unwrap();
    let file = sb.path("server-cert.pem");
    let (server, host) = openssl(&sb.path(""), &["-www", "-cert_chain", file.to_str().unwrap()]);
    let trusted = fs::read(&ca.cert).unwrap();
    let certs = |sb: &Sandbox| {
        let dir = sb.path("certs");
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("ca.pem"), &trusted).unwrap();
        dir
    };
    Some(Scene::tls(&host, certs).hold((server, sb)))
}

fn times() -> Vec<Row> {
    vec![
        row("expired", Id::ServerExpired, DATES, || {
            under("127.0.0.1", &Leaf { dates: EXPIRED, ..Leaf::server(&["IP:127.0.0.1"]) })
        }),
        row("not valid yet", Id::ServerNotYetValid, DATES, || {
            under("127.0.0.1", &Leaf { dates: NOT_YET, ..Leaf::server(&["IP:127.0.0.1"]) })
        }),
        row("the CA has expired", Id::CaExpired, DATES, || {
            let sb = Sandbox::new();
            signed_by(&Ca::with("old CA", EXPIRED, sb.path("ca")), true)
        })
        .alone(&[Id::ServerExpired, Id::CaExpired]),
    ]
}

fn handshakes() -> Vec<Row> {
    vec![
        row(
            "TLS 1.0 alone",
            Id::TlsVersion,
            &["protocol version not supported", "unsupported protocol version"],
            || speaking(&["-tls1", "-cipher", "ALL:@SECLEVEL=0"]),
        ),
        row(
            "TLS 1.1 alone",
            Id::TlsVersion,
            &["protocol version not supported", "unsupported protocol version"],
            || speaking(&["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]),
        ),
        row("a cipher that nobody has", Id::TlsCipher, &["handshake failure"], || {
            speaking(&["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA384"])
        }),
    ]
}

/// A daemon whose certificate is this one, under that name or address.
fn under(name: &str, leaf: &Leaf<'_>) -> Option<Scene> {
    let daemon = Dockerd::start(Tls::Mutual, leaf)?;
    let host = format!("tcp://{name}:{}", daemon.port());
    Some(Scene::tls(&host, |_| daemon.certs.clone()).hold(daemon))
}

/// A daemon whose certificate is of this authority, and a client that is given it, or not.
fn signed_by(ca: &Ca, given: bool) -> Option<Scene> {
    let make = |own: &Ca, dir: &Path| {
        ca.server_dir(dir, &Leaf::server(&["IP:127.0.0.1"]));
        fs::copy(own.pem(), dir.join("ca.pem")).unwrap();
    };
    let daemon = Dockerd::with(Tls::Mutual, make)?;
    let certs = |sb: &Sandbox| {
        let certs = copy(&daemon.certs, sb.path("certs"));
        if given {
            fs::copy(ca.pem(), certs.join("ca.pem")).unwrap();
        }
        certs
    };
    Some(Scene::tls(&daemon.tcp(), certs).hold(daemon))
}

/// No daemon of today would: openssl does.
fn speaking(args: &[&str]) -> Option<Scene> {
    let daemon = Dockerd::mutual()?;
    let (server, host) = openssl(&daemon.server_dir(), &[&["-www"], args].concat());
    Some(Scene::tls(&host, |_| daemon.certs.clone()).hold(server))
}
