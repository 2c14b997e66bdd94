//! Certificate files that are not there, not readable, or not what they should be; the daemon is right.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use dctx::check::id::Id;

use super::{Row, Words, copy, row};
use crate::lab::scene::Scene;
use crate::support::Sandbox;
use crate::support::certs::Leaf;
use crate::support::dockerd::Dockerd;

const NO_FILE: &[&str] = &["no such file or directory"];
const DENIED: &[&str] = &["permission denied"];
const BAD_CA: &[&str] = &["ca.pem seems invalid"];
const NO_PEM: &[&str] = &["failed to find any PEM data in certificate input"];
const NO_KEY: &[&str] = &["no valid private key found"];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = pairs();
    rows.extend(absent());
    rows.extend(broken());
    rows.extend(keys());
    rows
}

fn pairs() -> Vec<Row> {
    vec![
        row(
            "a key of another certificate",
            Id::KeyMismatch,
            &["private key does not match public key"],
            || {
                let daemon = Dockerd::mutual()?;
                with(|dir| {
                    daemon.ca.issue(&Leaf::CLIENT, &dir.join("other.pem"), &dir.join("key.pem"));
                })
            },
        ),
        row(
            "certificate and key exchanged",
            Id::PairSwapped,
            &["PEM inputs may have been switched"],
            || {
                with(|dir| {
                    fs::rename(dir.join("key.pem"), dir.join("x")).unwrap();
                    fs::rename(dir.join("cert.pem"), dir.join("key.pem")).unwrap();
                    fs::rename(dir.join("x"), dir.join("cert.pem")).unwrap();
                    mode(&dir.join("key.pem"), 0o600);
                })
            },
        ),
    ]
}

fn absent() -> Vec<Row> {
    vec![
        row("no such directory", Id::CertMissing, NO_FILE, || {
            with(|dir| fs::remove_dir_all(dir).unwrap())
        }),
        row("no CA", Id::CertMissing, NO_FILE, || {
            with(|dir| fs::remove_file(dir.join("ca.pem")).unwrap())
        }),
        row("a CA that is root's", Id::CertUnreadable, DENIED, || {
            with(|dir| roots(&dir.join("ca.pem")))?.by_nobody()
        }),
        row("a key that is root's", Id::CertUnreadable, DENIED, || {
            with(|dir| roots(&dir.join("key.pem")))?.by_nobody()
        }),
    ]
}

fn broken() -> Vec<Row> {
    vec![
        row("an empty CA", Id::CertInvalid, BAD_CA, || with(|dir| write(&dir.join("ca.pem"), ""))),
        row("a CA that is none", Id::CertInvalid, BAD_CA, || {
            with(|dir| write(&dir.join("ca.pem"), "garbage\n"))
        }),
        row("a web page for a CA", Id::CertInvalid, BAD_CA, || {
            with(|dir| write(&dir.join("ca.pem"), "<!DOCTYPE html>\n<html>404</html>\n"))
        }),
        row("a CA in DER", Id::CertInvalid, BAD_CA, || {
            with(|dir| {
                let (ca, der) = (dir.join("ca.pem"), dir.join("der"));
                openssl(&["x509", "-outform", "DER", "-in"], &ca, &der);
                fs::rename(der, ca).unwrap();
            })
        }),
        row("a directory for a CA", Id::CertInvalid, &["is a directory"], || {
            with(|dir| {
                fs::remove_file(dir.join("ca.pem")).unwrap();
                fs::create_dir(dir.join("ca.pem")).unwrap();
            })
        }),
        row("a certificate that is cut off", Id::CertInvalid, NO_PEM, || {
            with(|dir| cut(&dir.join("cert.pem")))
        }),
        row("an empty certificate", Id::CertInvalid, NO_PEM, || {
            with(|dir| write(&dir.join("cert.pem"), ""))
        }),
        row("a certificate that is none", Id::CertInvalid, NO_PEM, || {
            with(|dir| write(&dir.join("cert.pem"), "garbage\n"))
        }),
    ]
}

fn keys() -> Vec<Row> {
    vec![
        row(
            "a key with a passphrase, PKCS#1",
            Id::KeyEncrypted,
            &["private key is encrypted"],
            || {
                with(|dir| {
                    encrypt(&dir.join("key.pem"), &["ec", "-aes256", "-passout", "pass:x", "-in"])
                })
            },
        ),
        row(
            "a key with a passphrase, PKCS#8",
            Id::KeyEncrypted,
            &["failed to parse private key"],
            || {
                with(|dir| {
                    let args =
                        ["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:x", "-in"];
                    encrypt(&dir.join("key.pem"), &args);
                })
            },
        )
        .alone(&[Id::KeyEncrypted, Id::KeyInvalid]),
        row("a key that is none", Id::KeyInvalid, NO_KEY, || {
            with(|dir| write(&dir.join("key.pem"), "garbage\n"))
        }),
        row("an empty key", Id::KeyInvalid, NO_KEY, || with(|dir| write(&dir.join("key.pem"), ""))),
        row("a key that is cut off", Id::KeyInvalid, NO_KEY, || {
            with(|dir| cut(&dir.join("key.pem")))
        }),
        row("a key that all can read", Id::KeyExposed, &[], || {
            with(|dir| mode(&dir.join("key.pem"), 0o644))
        })
        .words(Words::Fine),
        row("a CA that others can write", Id::KeyExposed, &[], || {
            with(|dir| mode(&dir.join("ca.pem"), 0o666))
        })
        .words(Words::Fine),
    ]
}

/// A client that everything is right with, until this is done to its directory.
fn with(spoil: impl FnOnce(&Path)) -> Option<Scene> {
    let daemon = Dockerd::mutual()?;
    let certs = |sb: &Sandbox| {
        let certs = copy(&daemon.certs, sb.path("certs"));
        spoil(&certs);
        certs
    };
    Some(Scene::tls(&daemon.tcp(), certs))
}

fn write(path: &Path, text: &str) {
    // the mode stays
    fs::write(path, text).unwrap();
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn cut(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    write(path, &text[..text.len() / 2]);
}

/// Root's alone; the name of what it leads to says so, and so it stays when the rest is given away.
fn roots(path: &Path) {
    let to = path.with_file_name(format!("root-{}", path.file_name().unwrap().to_str().unwrap()));
    fs::rename(path, &to).unwrap();
    mode(&to, 0o600);
    std::os::unix::fs::symlink(to, path).unwrap();
}

fn encrypt(path: &Path, args: &[&str]) {
    let to = path.with_extension("new");
    openssl(args, path, &to);
    fs::rename(&to, path).unwrap();
    mode(path, 0o600);
}

fn openssl(args: &[&str], from: &Path, to: &Path) {
    let mut openssl = Command::new("openssl");
    let out = openssl.args(args).arg(from).arg("-out").arg(to).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}
