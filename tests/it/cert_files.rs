//! Certificate files, right and wrong in every way that is known: what the check says of them, beside what the real
//! docker client makes of the same files. And whatever a file holds, nothing panics.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use dctx::cert::key::{self, Belongs, PrivateKey};
use dctx::cert::pem::{self, Bad, Pem};
use dctx::cert::verify::{Usage, verify};
use dctx::cert::x509::Cert;
use dctx::check::diagnosis::Diagnosis;
use dctx::check::files;
use dctx::check::finding::{Finding, Level, What};
use dctx::check::target::Target;
use dctx::env::Env;
use dctx::error::Lang;
use dctx::profile::TlsMode;
use dctx::profile::endpoint::Endpoint;
use proptest::prelude::*;

use crate::support::certs::{EXPIRED, NOT_YET};
use crate::support::zoo::{CA, Made, Spec, Zoo, finish};
use crate::support::{Sandbox, require};

/// Docker got as far as dialling: it has nothing against the files.
const FINE: &str = "Cannot connect to the Docker daemon";
const CLIENT: &str = "extendedKeyUsage=clientAuth";

/// A set of files as docker wants it, and the CA that made it.
struct Set {
    zoo: Zoo,
    ca: Made,
    dir: PathBuf,
}

impl Set {
    fn new(sb: &Sandbox, name: &str) -> Self {
        let zoo = Zoo::new(sb.path(format!("{name}-zoo")));
        let ca = zoo.ca("/CN=docs CA");
        let dir = sb.path(name);
        fs::create_dir(&dir).unwrap();
        let set = Set { zoo, ca, dir };
        set.put("ca.pem", &fs::read(&set.ca.cert).unwrap());
        set.client(&set.zoo.leaf(&set.ca, &[CLIENT]));
        set
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn get(&self, name: &str) -> Vec<u8> {
        fs::read(self.at(name)).unwrap()
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.at(name);
        let _ = fs::remove_file(&path);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn client(&self, made: &Made) {
        self.put("cert.pem", &fs::read(&made.cert).unwrap());
        self.put("key.pem", &fs::read(&made.key).unwrap());
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.at(name)).unwrap();
    }

    /// Key and certificate of this kind.
    fn key(&self, kind: &str) {
        let spec = Spec { key: kind, by: Some(&self.ca), ext: &[CLIENT], ..Spec::default() };
        self.client(&self.zoo.make(&spec));
    }

    /// Makes key.pem anew by an openssl command that reads it.
    fn convert(&self, args: &[&str]) {
        let out = self.at("converted");
        let mut openssl = Command::new("openssl");
        openssl.args(args).arg("-in").arg(self.at("key.pem")).arg("-out").arg(&out);
        finish(&mut openssl);
        self.put("key.pem", &fs::read(&out).unwrap());
        fs::remove_file(out).unwrap();
    }

    fn check(&self, tls: TlsMode, strict: bool) -> Vec<Finding> {
        let at = |name| Some(self.at(name));
        let target = Target {
            profile: Some("coreos".to_owned()),
            layer: None,
            endpoint: Endpoint::Tcp {
                host: "127.0.0.1".into(),
                port: Some(1),
                path: String::new(),
            },
            tls,
            ca: at("ca.pem"),
            cert: at("cert.pem"),
            key: at("key.pem"),
            apart: None,
            kept_server: None,
            kept: false,
            api_version: None,
            env: Env::of([("HOME", self.dir.parent().unwrap())]),
            brief: false,
            forwarding: false,
            limit: Duration::from_secs(1),
        };
        files::check(&target, strict)
    }
}

/// `id` of a failure, `(id)` of a warning, `+Name` of a note that warns.
fn short(findings: &[Finding]) -> String {
    let one = |finding: &Finding| match (&finding.what, finding.level) {
        (What::Diagnosis(d), Level::Fail) => Some(d.id.as_str().to_owned()),
        (What::Diagnosis(d), _) => Some(format!("({})", d.id.as_str())),
        (What::Note(_), Level::Ok) => None,
        (What::Note(note), _) => {
            let debug = format!("{note:?}");
            Some(format!("+{}", debug.split([' ', '{']).next().unwrap()))
        }
    };
    findings.iter().filter_map(one).collect::<Vec<_>>().join(" ")
}

fn only(findings: &[Finding]) -> &Diagnosis {
    let found: Vec<&Diagnosis> = findings
        .iter()
        .filter_map(|finding| match &finding.what {
            What::Diagnosis(diagnosis) => Some(diagnosis),
            What::Note(_) => None,
        })
        .collect();
    assert_eq!(found.len(), 1, "{findings:?}");
    found[0]
}

fn without_passphrase(kind: &str) -> [&'static str; 4] {
    match kind {
        "pkcs8" => ["pkey", "-aes256", "-passout", "pass:x"],
        _ => ["ec", "-aes256", "-passout", "pass:x"],
    }
}

/// One row: what is done to a good set, what the check says, and what docker says (a piece of it).
type Row = (&'static str, fn(&Set), &'static str, &'static str);

const ROWS: &[Row] = &[
    ("as it should be", |_| {}, "", FINE),
    (
        "Windows line ends",
        |s| {
            for name in ["ca.pem", "cert.pem", "key.pem"] {
                s.put(
                    name,
                    String::from_utf8(s.get(name)).unwrap().replace('\n', "\r\n").as_bytes(),
                );
            }
        },
        "",
        FINE,
    ),
    (
        "text before the block",
        |s| {
            s.put("cert.pem", &[b"subject=CN = x\n".to_vec(), s.get("cert.pem")].concat());
        },
        "",
        FINE,
    ),
    (
        "two CAs",
        |s| {
            let other = fs::read(s.zoo.ca("/CN=other").cert).unwrap();
            s.put("ca.pem", &[other, s.get("ca.pem")].concat());
        },
        "",
        FINE,
    ),
    (
        "certificate and key in one file, twice",
        |s| {
            let both = [s.get("cert.pem"), s.get("key.pem")].concat();
            s.put("cert.pem", &both);
            s.put("key.pem", &both);
        },
        "",
        FINE,
    ),
    (
        "PKCS #1",
        |s| {
            s.key("RSA:2048");
            s.convert(&["rsa", "-traditional"]);
        },
        "",
        FINE,
    ),
    ("PKCS #8, RSA", |s| s.key("RSA:2048"), "", FINE),
    ("SEC1", |s| s.convert(&["ec"]), "", FINE),
    (
        "SEC1 after EC PARAMETERS",
        |s| {
            let parameters =
                b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
            s.convert(&["ec"]);
            s.put("key.pem", &[parameters.to_vec(), s.get("key.pem")].concat());
        },
        "",
        FINE,
    ),
    ("SEC1 without the public half", |s| s.convert(&["ec", "-no_public"]), "", FINE),
    ("P-384", |s| s.key("P-384"), "", FINE),
    ("Ed25519", |s| s.key("ED25519"), "", FINE),
    ("P-521", |s| s.key("P-521"), "+KeyForDockerOnly", FINE),
    ("RSA-1024", |s| s.key("RSA:1024"), "+KeyForDockerOnly", FINE),
    ("secp256k1", |s| s.key("secp256k1"), "cert-invalid", "x509: unsupported elliptic curve"),
    (
        "no pair",
        |s| {
            s.remove("cert.pem");
            s.remove("key.pem");
        },
        "",
        FINE,
    ),
    ("no CA", |s| s.remove("ca.pem"), "cert-missing", "no such file"),
    ("no certificate", |s| s.remove("cert.pem"), "cert-missing", FINE),
    ("no key", |s| s.remove("key.pem"), "cert-missing", FINE),
    ("empty CA", |s| s.put("ca.pem", b""), "cert-invalid", "ca.pem seems invalid"),
    (
        "empty certificate",
        |s| s.put("cert.pem", b"\n"),
        "cert-invalid",
        "failed to find any PEM data in certificate input",
    ),
    ("empty key", |s| s.put("key.pem", b""), "key-invalid", "no valid private key found"),
    (
        "CA in DER",
        |s| s.put("ca.pem", &der(&s.get("ca.pem"))),
        "cert-invalid",
        "ca.pem seems invalid",
    ),
    (
        "certificate in DER",
        |s| s.put("cert.pem", &der(&s.get("cert.pem"))),
        "cert-invalid",
        "failed to find any PEM data",
    ),
    (
        "a web page",
        |s| s.put("ca.pem", b"<!DOCTYPE html>\n<html>404</html>\n"),
        "cert-invalid",
        "ca.pem seems invalid",
    ),
    (
        "cut off",
        |s| {
            let all = s.get("cert.pem");
            s.put("cert.pem", &all[..all.len() / 2]);
        },
        "cert-invalid",
        "failed to find any PEM data",
    ),
    (
        "garbage as key",
        |s| s.put("key.pem", b"hello\n"),
        "key-invalid",
        "no valid private key found",
    ),
    (
        "damaged base64",
        |s| {
            s.put(
                "ca.pem",
                &String::from_utf8(s.get("ca.pem")).unwrap().replace("\nMII", "\nM!I").into_bytes(),
            );
        },
        "cert-invalid",
        "ca.pem seems invalid",
    ),
    (
        "damaged block before the right one",
        |s| {
            let broken = b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
            s.put("ca.pem", &[broken.to_vec(), s.get("ca.pem")].concat());
        },
        "+BrokenBlock",
        FINE,
    ),
    (
        "byte order mark, CA",
        |s| s.put("ca.pem", &bom(&s.get("ca.pem"))),
        "cert-invalid",
        "ca.pem seems invalid",
    ),
    (
        "byte order mark, certificate",
        |s| s.put("cert.pem", &bom(&s.get("cert.pem"))),
        "cert-invalid",
        "failed to find any PEM data",
    ),
    (
        "byte order mark, key",
        |s| s.put("key.pem", &bom(&s.get("key.pem"))),
        "key-invalid",
        "no valid private key found",
    ),
    (
        "byte order mark before text",
        |s| s.put("ca.pem", &bom(&[b"text\n".to_vec(), s.get("ca.pem")].concat())),
        "+ByteOrderMark",
        FINE,
    ),
    (
        "UTF-16",
        |s| {
            let text = String::from_utf8(s.get("ca.pem")).unwrap();
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            s.put("ca.pem", &units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
        },
        "cert-invalid",
        "ca.pem seems invalid",
    ),
    (
        "a directory as certificate",
        |s| {
            s.remove("cert.pem");
            fs::create_dir(s.at("cert.pem")).unwrap();
        },
        "cert-invalid",
        "is a directory",
    ),
    (
        "a loop of links as key",
        |s| {
            s.remove("key.pem");
            symlink("key.pem", s.at("key.pem")).unwrap();
        },
        "cert-unreadable",
        "too many levels of symbolic links",
    ),
    (
        "a link that leads nowhere as key",
        |s| {
            s.remove("key.pem");
            symlink("gone", s.at("key.pem")).unwrap();
        },
        "cert-missing",
        FINE,
    ),
    ("key as CA", |s| s.put("ca.pem", &s.get("key.pem")), "cert-invalid", "ca.pem seems invalid"),
    (
        "request as certificate",
        |s| {
            let mut openssl = s.zoo.openssl("req");
            openssl
                .args(["-new", "-subj", "/CN=x", "-key"])
                .arg(s.at("key.pem"))
                .arg("-out")
                .arg(s.at("cert.pem"));
            finish(&mut openssl);
        },
        "cert-invalid",
        "failed to find \"CERTIFICATE\" PEM block",
    ),
    (
        "certificate as key",
        |s| s.put("key.pem", &s.get("cert.pem")),
        "key-invalid",
        "found a certificate rather than a key",
    ),
    (
        "pair swapped",
        |s| {
            let (cert, key) = (s.get("cert.pem"), s.get("key.pem"));
            s.put("cert.pem", &key);
            s.put("key.pem", &cert);
        },
        "pair-swapped",
        "PEM inputs may have been switched",
    ),
    (
        "key of another, right one beside",
        |s| {
            let key = s.get("key.pem");
            s.client(&s.zoo.leaf(&s.ca, &[CLIENT]));
            s.put("old.pem", &key);
            let cert = s.get("cert.pem");
            s.client(&s.zoo.leaf(&s.ca, &[CLIENT]));
            s.put("cert.pem", &cert);
        },
        "key-mismatch",
        "private key does not match public key",
    ),
    (
        "key of another kind",
        |s| {
            let key = s.get("key.pem");
            s.key("RSA:2048");
            s.put("key.pem", &key);
        },
        "key-mismatch",
        "private key type does not match public key type",
    ),
    (
        "CA before the certificate",
        |s| s.put("cert.pem", &[s.get("ca.pem"), s.get("cert.pem")].concat()),
        "key-mismatch +LeafNotFirst",
        "private key does not match",
    ),
    (
        "passphrase, PKCS #8",
        |s| s.convert(&without_passphrase("pkcs8")),
        "key-encrypted",
        "failed to parse private key",
    ),
    (
        "passphrase, RFC 1423",
        |s| s.convert(&without_passphrase("rfc1423")),
        "key-encrypted",
        "support for encrypted private keys has been removed",
    ),
    (
        "damaged key",
        |s| s.put("key.pem", b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"),
        "key-invalid",
        "failed to parse private key",
    ),
    (
        "key that others can read",
        |s| {
            fs::set_permissions(s.at("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
        },
        "key-exposed",
        FINE,
    ),
    (
        "CA that others can write",
        |s| {
            fs::set_permissions(s.at("ca.pem"), fs::Permissions::from_mode(0o666)).unwrap();
        },
        "key-exposed",
        FINE,
    ),
    (
        "directory that others can write",
        |s| {
            fs::set_permissions(&s.dir, fs::Permissions::from_mode(0o777)).unwrap();
        },
        "key-exposed",
        FINE,
    ),
    (
        "key of the CA beside",
        |s| s.put("ca-key.pem", &fs::read(&s.ca.key).unwrap()),
        "+CaKeyBeside",
        FINE,
    ),
    (
        "key of the CA beside, with a passphrase",
        |s| {
            let out = s.at("ca-key.pem");
            let mut openssl = Command::new("openssl");
            openssl
                .args(["pkey", "-aes256", "-passout", "pass:x", "-in"])
                .arg(&s.ca.key)
                .arg("-out")
                .arg(out);
            finish(&mut openssl);
        },
        "",
        FINE,
    ),
    ("client expired", |s| client(s, EXPIRED), "client-expired", FINE),
    ("client not yet valid", |s| client(s, NOT_YET), "client-expired", FINE),
    (
        "client for servers",
        |s| {
            s.client(
                &s.zoo.leaf(&s.ca, &["subjectAltName=IP:127.0.0.1", "extendedKeyUsage=serverAuth"]),
            )
        },
        "client-usage",
        FINE,
    ),
    (
        "client without usage",
        |s| s.client(&s.zoo.leaf(&s.ca, &["basicConstraints=CA:FALSE"])),
        "",
        FINE,
    ),
    (
        "client of another CA",
        |s| s.client(&s.zoo.leaf(&s.zoo.ca("/CN=other"), &[CLIENT])),
        "(client-unknown-ca)",
        FINE,
    ),
    (
        "client of a CA made anew",
        |s| s.client(&s.zoo.leaf(&s.zoo.ca("/CN=docs CA"), &[CLIENT])),
        "(client-unknown-ca)",
        FINE,
    ),
    (
        "client with SHA-1",
        |s| {
            s.client(&s.zoo.make(&Spec {
                by: Some(&s.ca),
                ext: &[CLIENT],
                digest: "sha1",
                ..Spec::default()
            }));
        },
        "weak-signature",
        FINE,
    ),
    (
        "client through an intermediate",
        |s| {
            let inter = s.zoo.make(&Spec {
                subject: "/CN=inter",
                by: Some(&s.ca),
                ext: CA,
                ..Spec::default()
            });
            s.client(&s.zoo.leaf(&inter, &[CLIENT]));
            s.put("cert.pem", &[s.get("cert.pem"), fs::read(&inter.cert).unwrap()].concat());
        },
        "",
        FINE,
    ),
    (
        "CA expired",
        |s| {
            let ca = s.zoo.make(&Spec {
                subject: "/CN=old",
                ext: CA,
                dates: EXPIRED,
                ..Spec::default()
            });
            s.put("ca.pem", &fs::read(&ca.cert).unwrap());
            s.client(&s.zoo.leaf(&ca, &[CLIENT]));
        },
        "ca-expired",
        FINE,
    ),
    (
        "old CA beside its successor",
        |s| {
            let old = s.zoo.make(&Spec {
                subject: "/CN=docs CA",
                ext: CA,
                dates: EXPIRED,
                reuse: Some(&s.ca),
                ..Spec::default()
            });
            s.put("ca.pem", &[fs::read(&old.cert).unwrap(), s.get("ca.pem")].concat());
        },
        "",
        FINE,
    ),
    (
        "server certificate as CA",
        |s| {
            s.put(
                "ca.pem",
                &fs::read(s.zoo.leaf(&s.ca, &["basicConstraints=CA:FALSE"]).cert).unwrap(),
            );
        },
        "+Pinned (client-unknown-ca)",
        FINE,
    ),
];

fn client(set: &Set, dates: (&str, &str)) {
    set.client(&set.zoo.make(&Spec {
        by: Some(&set.ca),
        ext: &[CLIENT],
        dates,
        ..Spec::default()
    }));
}

fn der(pem: &[u8]) -> Vec<u8> {
    pem::blocks(pem).unwrap().blocks[0].contents.to_vec()
}

fn bom(text: &[u8]) -> Vec<u8> {
    [b"\xef\xbb\xbf", text].concat()
}

#[test]
fn docker_agrees_on_every_file() {
    let (Some(_), Some(_)) = (require("docker"), require("openssl")) else { return };
    let sb = Sandbox::new();
    let mut wrong = Vec::new();
    let mut table = String::new();
    for (at, (name, change, want, docker)) in ROWS.iter().enumerate() {
        let set = Set::new(&sb, &format!("s{at}"));
        change(&set);
        let said = short(&set.check(TlsMode::Verify, true));
        let run = sb.sh("docker", ["version", "-f", "{{.Server.Version}}"]);
        let run = run.env("DOCKER_HOST", "tcp://127.0.0.1:1").env("DOCKER_TLS_VERIFY", "1");
        let out = run.env("DOCKER_CERT_PATH", &set.dir).run().err();
        let line = out.lines().last().unwrap_or_default();
        table.push_str(&format!("{name:<44} {said:<34} {line}\n"));
        if said != *want {
            wrong.push(format!(
                "{name}: we say {said:?}, wanted {want:?}: {:?}",
                set.check(TlsMode::Verify, true)
            ));
        }
        if !out.contains(docker) {
            wrong.push(format!("{name}: docker says {out:?}, wanted {docker:?}"));
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{}\n{table}", wrong.join("\n"));
}

/// The file that would fit is found and named, and what is missing is found under another name.
#[test]
fn the_file_that_fits_is_named() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let set = Set::new(&sb, "a");
    let key = set.get("key.pem");
    set.put("mine.key", &key);
    set.zoo.key("P-256", &set.at("key.pem"));
    let found = set.check(TlsMode::Verify, true);
    let facts = &only(&found).facts;
    assert_eq!((&facts.path, &facts.other), (&Some(set.at("key.pem")), &Some(set.at("mine.key"))));

    let set = Set::new(&sb, "b");
    let cert = set.get("cert.pem");
    set.client(&set.zoo.leaf(&set.ca, &[CLIENT]));
    let key = set.get("key.pem");
    set.put("right.pem", &set.get("cert.pem"));
    set.put("cert.pem", &cert);
    set.put("key.pem", &key);
    let found = set.check(TlsMode::Verify, true);
    let facts = &only(&found).facts;
    assert_eq!(
        (&facts.path, &facts.other),
        (&Some(set.at("cert.pem")), &Some(set.at("right.pem")))
    );

    let set = Set::new(&sb, "c");
    fs::rename(set.at("ca.pem"), set.at("ca-cert.pem")).unwrap();
    let found = set.check(TlsMode::Verify, true);
    assert_eq!(only(&found).facts.other, Some(set.at("ca-cert.pem")));

    let set = Set::new(&sb, "d");
    let other = set.zoo.ca("/CN=other");
    set.client(&set.zoo.leaf(&other, &[CLIENT]));
    assert_eq!(only(&set.check(TlsMode::Verify, true)).facts.other, None);
    set.put("their-ca.pem", &fs::read(&other.cert).unwrap());
    let found = set.check(TlsMode::Verify, true);
    let facts = &only(&found).facts;
    assert_eq!(facts.other, Some(set.at("their-ca.pem")));
    let name = |cert: &Option<dctx::check::diagnosis::CertFacts>| cert.clone().unwrap();
    assert_eq!(name(&facts.cert).issuer, "other");
    assert_eq!(name(&facts.given).subject, "docs CA");
}

/// What is asked of a set depends on how TLS is used: no CA is asked of a client whose server is not verified, and
/// nothing at all where there is no TLS.
#[test]
fn the_mode_decides_what_counts() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let set = Set::new(&sb, "a");
    let old =
        set.zoo.make(&Spec { subject: "/CN=old", ext: CA, dates: EXPIRED, ..Spec::default() });
    set.put("ca.pem", &fs::read(&old.cert).unwrap());
    assert_eq!(short(&set.check(TlsMode::Verify, true)), "ca-expired (client-unknown-ca)");
    assert_eq!(short(&set.check(TlsMode::Insecure, true)), "(ca-expired)");
    assert_eq!(set.check(TlsMode::Off, true), []);
    fs::set_permissions(set.at("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    set.put("ca.pem", &fs::read(&set.ca.cert).unwrap());
    assert_eq!(short(&set.check(TlsMode::Verify, true)), "key-exposed");
    assert_eq!(short(&set.check(TlsMode::Verify, false)), "(key-exposed)");
}

/// Every line that is said of files is one line, in both languages, and names the file or the certificate.
#[test]
fn notes_are_said_in_both_languages() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let mut seen = std::collections::BTreeSet::new();
    for (at, (_, change, ..)) in ROWS.iter().enumerate() {
        let set = Set::new(&sb, &format!("s{at}"));
        change(&set);
        for finding in set.check(TlsMode::Verify, true) {
            let What::Note(note) = &finding.what else { continue };
            let kind = format!("{note:?}").split([' ', '{']).next().unwrap().to_owned();
            let (en, zh) = (note.text(Lang::En), note.text(Lang::Zh));
            assert!(!en.contains('\n') && !en.ends_with('.') && en.is_ascii(), "{en}");
            assert!(!zh.contains('\n') && !zh.ends_with('。') && !zh.is_ascii(), "{zh}");
            if seen.insert(kind) {
                println!(
                    "{}\n{}",
                    en.replace(sb.dir().to_str().unwrap(), ""),
                    zh.replace(sb.dir().to_str().unwrap(), "")
                );
            }
        }
    }
    assert!(seen.len() > 8, "{seen:?}");
}

/// A pipe, a device and a file without end are told, and waited for by nobody.
#[test]
fn nothing_is_waited_for() {
    let sb = Sandbox::new();
    let fifo = sb.path("fifo");
    finish(Command::new("mkfifo").arg(&fifo));
    assert_eq!(pem::open(&fifo).err(), Some(Bad::NotAFile));
    assert_eq!(pem::open(Path::new("/dev/zero")).err(), Some(Bad::NotAFile));
    assert_eq!(pem::open(sb.dir()).err(), Some(Bad::Directory));
    let large = sb.write("large", vec![b'\n'; (1 << 20) + 1]);
    assert_eq!(pem::open(&large).err(), Some(Bad::TooLarge((1 << 20) + 1)));
    assert!(pem::open(Path::new("/proc/self/status")).is_ok(), "a file whose size is told as 0");
    assert_eq!(pem::open(&sb.path("none")).err(), Some(Bad::Missing));
}

/// A certificate that expires in less than thirty days is told while it is good.
#[test]
fn the_end_is_told_before_it_comes() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let set = Set::new(&sb, "a");
    let at = |days: i64| {
        let mut date = Command::new("date");
        date.args(["-u", "-d", &format!("{days} days"), "+%Y%m%d%H%M%SZ"]);
        String::from_utf8(date.output().unwrap().stdout).unwrap().trim().to_owned()
    };
    for (days, want) in [(29, "+Expiring"), (31, "")] {
        client(&set, ("20200101000000Z", &at(days)));
        assert_eq!(short(&set.check(TlsMode::Verify, true)), want, "{days} days");
    }
}

/// What a key is, and whether it belongs to a certificate, is the same in every form it is written in.
#[test]
fn a_key_is_the_same_in_every_form() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let set = Set::new(&sb, "a");
    let other = Cert::from_der(&der(&fs::read(&set.ca.cert).unwrap())).unwrap();
    for (kind, name, forms) in [
        ("P-256", "P-256", &["pkey", "ec"][..]),
        ("P-384", "P-384", &["pkey", "ec"]),
        ("P-521", "P-521", &["pkey", "ec"]),
        ("secp256k1", "secp256k1", &["pkey", "ec"]),
        ("RSA:2048", "RSA-2048", &["pkey", "rsa"]),
        ("ED25519", "Ed25519", &["pkey"]),
    ] {
        for form in forms {
            set.key(kind);
            let cert = Cert::from_der(&der(&set.get("cert.pem"))).unwrap();
            if *form != "pkey" {
                set.convert(if *form == "rsa" { &["rsa", "-traditional"] } else { &["ec"] });
            }
            let key = key::read(&pem::blocks(&set.get("key.pem")).unwrap()).unwrap();
            assert_eq!(key.kind.to_string(), name);
            assert_eq!(cert.key.kind.to_string(), name);
            assert_eq!(key.belongs_to(&cert.key), Belongs::Yes, "{kind} {form}");
            assert_eq!(key.belongs_to(&other.key), Belongs::No, "{kind} {form}");
            let usable = !matches!(kind, "P-521" | "secp256k1");
            assert_eq!(key.for_rustls(&cert.key).is_some(), usable, "{kind} {form}");
            let secret = set.get("key.pem");
            let shown = format!("{key:?} {:?}", pem::blocks(&secret).unwrap());
            assert!(!shown.contains("contents: ["), "{shown}");
        }
    }
}

fn samples() -> Vec<Vec<u8>> {
    let sb = Sandbox::new();
    let set = Set::new(&sb, "a");
    let ext = [
        "subjectAltName=IP:127.0.0.1,DNS:*.a.test,email:a@b.test,URI:https://a/",
        "nameConstraints=critical,permitted;DNS:a.test,excluded;IP:10.0.0.0/255.0.0.0",
        CA[0],
    ];
    let odd = set.zoo.make(&Spec { subject: "/O=示例/CN=x", ext: &ext, ..Spec::default() });
    let rsa = set.zoo.make(&Spec { key: "RSA:1024", ext: &ext, ..Spec::default() });
    [&odd.cert, &odd.key, &rsa.cert, &rsa.key].map(|path| fs::read(path).unwrap()).to_vec()
}

/// Everything that reads what comes from outside, on whatever comes.
fn read_all(bytes: &[u8]) {
    let _ = PrivateKey::from_der(bytes);
    if let Ok(pem) = pem::blocks(bytes) {
        let _ = key::read(&pem);
    }
    let mut certs: Vec<Cert> = Cert::from_der(bytes).into_iter().collect();
    certs.extend(Pem::parse(bytes).blocks.iter().filter_map(|b| Cert::from_der(&b.contents).ok()));
    for cert in &certs {
        let one = std::slice::from_ref(cert);
        for host in ["127.0.0.1", "b.a.test", "[::1]", "", "*", "."] {
            let _ = verify(one, one, Some(host), Usage::Server, 1_700_000_000);
            let _ = verify(one, &[], Some(host), Usage::Client, 1_700_000_000);
        }
        // as a chain of its own twin
        let twins = [cert.clone(), cert.clone()];
        let _ = verify(&twins, &twins, None, Usage::Server, 1_700_000_000);
        if let Some(key) = PrivateKey::from_der(bytes) {
            let _ = (key.belongs_to(&cert.key), key.for_rustls(&cert.key));
        }
    }
}

#[test]
fn nothing_that_a_file_holds_makes_us_panic() {
    if require("openssl").is_none() {
        return;
    }
    let samples = samples();
    let ders: Vec<Vec<u8>> = samples.iter().map(|sample| der(sample)).collect();
    for whole in samples.iter().chain(&ders) {
        read_all(whole);
        for end in 0..whole.len() {
            read_all(&whole[..end]);
        }
    }
    let changes = || prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    let one = 0..samples.len();
    proptest!(ProptestConfig::with_cases(2000), |(at in one, text in any::<bool>(), changes in changes())| {
        let mut bytes = if text { samples[at].clone() } else { ders[at].clone() };
        for (index, byte) in changes {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        read_all(&bytes);
    });
    proptest!(ProptestConfig::with_cases(500), |(bytes in prop::collection::vec(any::<u8>(), 0..300))| {
        read_all(&bytes);
    });
    proptest!(ProptestConfig::with_cases(500), |(text in "(-----(BEGIN|END) (CERTIFICATE|EC PRIVATE KEY)-----|[A-Za-z0-9+/=: ]{0,9}|\r|\n|Proc-Type: 4,ENCRYPTED){0,20}")| {
        read_all(text.as_bytes());
    });
}
