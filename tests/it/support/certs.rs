//! Certificates made by the real `openssl` at run time: authorities, servers, clients, and every way they can be wrong.
//! P-256 throughout, so a set takes some milliseconds. Private keys exist only in the directory they are made in.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Valid on every day these tests may run; fixed, so that a test may compare a printed date.
pub(crate) const VALID: (&str, &str) = ("20200101000000Z", "20491231235959Z");
/// Over long ago.
pub(crate) const EXPIRED: (&str, &str) = ("20200101000000Z", "20210101000000Z");
/// Begins when nobody runs these tests any more.
pub(crate) const NOT_YET: (&str, &str) = ("20480101000000Z", "20491231235959Z");

/// `openssl ca` wants its settings in a file: copy the request's extensions, ask for nothing but a name.
const CONFIG: &str = "\
[ca]
default_ca = d
[d]
database = db
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = p
copy_extensions = copy
unique_subject = no
[p]
commonName = supplied
[req]
distinguished_name = dn
[dn]
";

/// What one certificate says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaf<'a> {
    /// The common name of the subject.
    pub(crate) cn: &'a str,
    /// `IP:…` and `DNS:…`; none leaves the extension out.
    pub(crate) sans: &'a [&'a str],
    /// `serverAuth`, `clientAuth`, both with a comma; none leaves the extension out.
    pub(crate) eku: Option<&'a str>,
    /// First and last moment, as `YYYYMMDDHHMMSSZ`.
    pub(crate) dates: (&'a str, &'a str),
}

impl Leaf<'_> {
    /// A client that every daemon of the same authority accepts.
    pub(crate) const CLIENT: Leaf<'static> =
        Leaf { cn: "client", sans: &[], eku: Some("clientAuth"), dates: VALID };
}

impl<'a> Leaf<'a> {
    /// A server under these names.
    pub(crate) fn server(sans: &'a [&'a str]) -> Self {
        Leaf { cn: "server", sans, eku: Some("serverAuth"), dates: VALID }
    }
}

/// A certificate authority: `ca.pem` and `ca-key.pem` in a directory of its own.
#[derive(Debug)]
pub(crate) struct Ca {
    dir: PathBuf,
    /// `openssl ca` keeps a list in a file, and not in time for another at work.
    signing: Mutex<()>,
}

impl Ca {
    /// Makes the directory and a self-signed authority in it.
    pub(crate) fn new(dir: impl Into<PathBuf>) -> Self {
        Self::with("dctx test CA", VALID, dir)
    }

    /// The same with a name and dates of the caller's choice.
    pub(crate) fn with(cn: &str, dates: (&str, &str), dir: impl Into<PathBuf>) -> Self {
        Self::that(cn, "TRUE", dates, dir)
    }

    /// One that says of itself that it is no authority, and signs all the same.
    pub(crate) fn pretended(cn: &str, dir: impl Into<PathBuf>) -> Self {
        Self::that(cn, "FALSE", VALID, dir)
    }

    fn that(cn: &str, may_sign: &str, dates: (&str, &str), dir: impl Into<PathBuf>) -> Self {
        let ca = Ca { dir: dir.into(), signing: Mutex::new(()) };
        private_dir(&ca.dir);
        fs::write(ca.dir.join("config"), CONFIG).unwrap();
        fs::write(ca.dir.join("db"), "").unwrap();
        let key = ca.dir.join("ca-key.pem");
        let extensions = [
            &format!("basicConstraints=critical,CA:{may_sign}"),
            "keyUsage=critical,keyCertSign,cRLSign",
            // which OpenSSL asks of a CA where it is strict
            "subjectKeyIdentifier=hash",
        ];
        let request = ca.request(cn, &key, &extensions);
        ca.sign(&request, &["-selfsign"], dates, &ca.pem());
        ca
    }

    /// The same authority, name and key, with a certificate of other dates, as when one is renewed; `ca.pem` alone.
    pub(crate) fn again(&self, dates: (&str, &str), pem: &Path) {
        let request = self.dir.join("again.csr");
        let mut openssl = self.openssl("x509");
        openssl.args(["-x509toreq", "-copy_extensions", "copy", "-in", "ca.pem"]);
        finish(openssl.args(["-signkey", "ca-key.pem", "-out"]).arg(&request));
        self.sign(&request, &["-selfsign"], dates, pem);
    }

    /// The authority's certificate.
    pub(crate) fn pem(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// Issues one certificate and its key (mode 0600) at the given paths.
    pub(crate) fn issue(&self, leaf: &Leaf<'_>, cert: &Path, key: &Path) {
        self.issue_with("sha256", leaf, cert, key);
    }

    /// The same, signed over a digest of the caller's choice, such as `sha1`.
    pub(crate) fn issue_with(&self, digest: &str, leaf: &Leaf<'_>, cert: &Path, key: &Path) {
        let mut extensions = vec!["basicConstraints=critical,CA:FALSE".to_owned()];
        if !leaf.sans.is_empty() {
            extensions.push(format!("subjectAltName={}", leaf.sans.join(",")));
        }
        extensions.extend(leaf.eku.map(|eku| format!("extendedKeyUsage={eku}")));
        let extensions: Vec<&str> = extensions.iter().map(String::as_str).collect();
        let request = self.request(leaf.cn, key, &extensions);
        let pem = self.pem();
        let by = ["-md", digest, "-cert", pem.to_str().unwrap()];
        self.sign(&request, &by, leaf.dates, cert);
    }

    /// A directory as docker's client wants it: `ca.pem`, and with a leaf `cert.pem` and `key.pem`.
    pub(crate) fn client_dir(&self, dir: impl Into<PathBuf>, leaf: Option<&Leaf<'_>>) -> PathBuf {
        let dir = dir.into();
        private_dir(&dir);
        fs::copy(self.pem(), dir.join("ca.pem")).unwrap();
        if let Some(leaf) = leaf {
            self.issue(leaf, &dir.join("cert.pem"), &dir.join("key.pem"));
        }
        dir
    }

    /// A directory as dockerd wants it: `ca.pem`, `server-cert.pem`, `server-key.pem`.
    pub(crate) fn server_dir(&self, dir: impl Into<PathBuf>, leaf: &Leaf<'_>) -> PathBuf {
        let dir = self.client_dir(dir, None);
        self.issue(leaf, &dir.join("server-cert.pem"), &dir.join("server-key.pem"));
        dir
    }

    fn request(&self, cn: &str, key: &Path, extensions: &[&str]) -> PathBuf {
        let request = key.with_extension("csr");
        let mut openssl = self.openssl("req");
        openssl.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]);
        openssl.args(["-subj", &format!("/CN={cn}")]).arg("-keyout").arg(key);
        for extension in extensions {
            openssl.args(["-addext", extension]);
        }
        finish(openssl.arg("-out").arg(&request));
        request
    }

    fn sign(&self, request: &Path, by: &[&str], (from, to): (&str, &str), out: &Path) {
        let mut openssl = self.openssl("ca");
        openssl.args(["-batch", "-notext", "-startdate", from, "-enddate", to]).args(by);
        openssl.arg("-keyfile").arg(self.dir.join("ca-key.pem"));
        let one_at_a_time = self.signing.lock().unwrap_or_else(PoisonError::into_inner);
        finish(openssl.arg("-in").arg(request).arg("-out").arg(out));
        drop(one_at_a_time);
        fs::remove_file(request).unwrap();
    }

    fn openssl(&self, what: &str) -> Command {
        let mut openssl = Command::new("openssl");
        openssl.arg(what).current_dir(&self.dir);
        if what != "x509" {
            openssl.args(["-config", "config"]);
        }
        openssl
    }
}

fn private_dir(dir: &Path) {
    DirBuilder::new().mode(0o700).recursive(true).create(dir).unwrap();
}

#[track_caller]
fn finish(command: &mut Command) {
    let out = command.output().expect("openssl is installed");
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// What the other tests take for right or wrong certificates is so in openssl's own eyes.
#[test]
fn openssl_agrees() {
    if super::require("openssl").is_none() {
        return;
    }
    let sb = super::Sandbox::new();
    let ca = Ca::new(sb.path("ca"));
    let good = ca.server_dir(sb.path("good"), &Leaf::server(&["IP:127.0.0.1", "DNS:localhost"]));
    let late = Leaf { dates: EXPIRED, ..Leaf::CLIENT };
    let late = ca.client_dir(sb.path("late"), Some(&late));
    let other = Ca::with("another CA", VALID, sb.path("other"));
    let verify = |ca: PathBuf, purpose: &str, more: &[&str], cert: PathBuf| {
        let mut openssl = Command::new("openssl");
        openssl.args(["verify", "-purpose", purpose, "-CAfile"]).arg(ca).args(more).arg(cert);
        let out = openssl.output().unwrap();
        (out.status.success(), String::from_utf8(out.stderr).unwrap())
    };
    let server = || good.join("server-cert.pem");
    assert_eq!(verify(ca.pem(), "sslserver", &[], server()), (true, String::new()));
    assert_eq!(verify(ca.pem(), "sslserver", &["-verify_ip", "127.0.0.1"], server()).1, "");
    for (ca, purpose, more, cert, says) in [
        (ca.pem(), "sslserver", &["-verify_ip", "127.0.0.2"][..], server(), "IP address mismatch"),
        (ca.pem(), "sslclient", &[], server(), "unsuitable certificate purpose"),
        (other.pem(), "sslserver", &[], server(), "unable to get local issuer certificate"),
        (ca.pem(), "sslclient", &[], late.join("cert.pem"), "certificate has expired"),
    ] {
        let (passed, stderr) = verify(ca, purpose, more, cert);
        assert!(!passed && stderr.contains(says), "{says}: {stderr}");
    }
}
