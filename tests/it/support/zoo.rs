//! Certificates of every odd kind, made by the real `openssl` at run time: any key, any extension, any digest, any
//! dates, signed by anybody. [`super::certs`] is for the usual ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use super::certs::VALID;

/// `openssl ca` in its most permissive form.
const CONFIG: &str = "\
[ca]
default_ca = d
[d]
database = db
new_certs_dir = .
rand_serial = yes
default_md = default
policy = p
unique_subject = no
preserve = yes
[p]
[req]
distinguished_name = dn
[dn]
";

/// The extension of a CA.
pub(crate) const CA: &[&str] =
    &["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];

/// Where keys and certificates are made.
pub(crate) struct Zoo {
    dir: PathBuf,
    next: AtomicU64,
}

/// A certificate and its key.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

/// What one certificate is to be.
#[derive(Clone, Copy)]
pub(crate) struct Spec<'a> {
    /// `P-256`, `secp256k1` and other curves, `RSA:2048`, `ED25519`.
    pub(crate) key: &'a str,
    /// Its name, as `/O=…/CN=…`.
    pub(crate) subject: &'a str,
    /// Lines of an extension file; none makes a version 1 certificate.
    pub(crate) ext: &'a [&'a str],
    /// The digest of its signature.
    pub(crate) digest: &'a str,
    /// First and last moment.
    pub(crate) dates: (&'a str, &'a str),
    /// Who signs it; none is itself.
    pub(crate) by: Option<&'a Made>,
    /// A key to take instead of a new one.
    pub(crate) reuse: Option<&'a Made>,
    /// More arguments of `openssl ca`.
    pub(crate) args: &'a [&'a str],
}

impl Default for Spec<'_> {
    fn default() -> Self {
        Spec {
            key: "P-256",
            subject: "/CN=server",
            ext: &[],
            digest: "default",
            dates: VALID,
            by: None,
            reuse: None,
            args: &[],
        }
    }
}

impl Zoo {
    pub(crate) fn new(dir: PathBuf) -> Self {
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("config"), CONFIG).unwrap();
        fs::write(dir.join("db"), "").unwrap();
        Zoo { dir, next: AtomicU64::new(0) }
    }

    /// A CA of this name.
    pub(crate) fn ca(&self, subject: &str) -> Made {
        self.make(&Spec { subject, ext: CA, ..Spec::default() })
    }

    /// A server certificate with these extensions.
    pub(crate) fn leaf(&self, by: &Made, ext: &[&str]) -> Made {
        self.make(&Spec { by: Some(by), ext, ..Spec::default() })
    }

    /// Makes one.
    #[track_caller]
    pub(crate) fn make(&self, spec: &Spec<'_>) -> Made {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let at = |name: &str| self.dir.join(format!("{n}-{name}"));
        let made = Made { cert: at("cert.pem"), key: at("key.pem") };
        match spec.reuse {
            Some(other) => drop(fs::copy(&other.key, &made.key).unwrap()),
            None => self.key(spec.key, &made.key),
        }
        let request = at("request");
        let mut openssl = self.openssl("req");
        openssl.args(["-new", "-utf8", "-subj", spec.subject, "-key"]).arg(&made.key);
        finish(openssl.arg("-out").arg(&request));
        let mut openssl = self.openssl("ca");
        let (from, to) = spec.dates;
        openssl.args(["-batch", "-notext", "-preserveDN", "-startdate", from, "-enddate", to]);
        openssl.args(["-md", spec.digest]).args(spec.args);
        match spec.by {
            Some(by) => openssl.arg("-cert").arg(&by.cert).arg("-keyfile").arg(&by.key),
            None => openssl.args(["-selfsign", "-keyfile"]).arg(&made.key),
        };
        if !spec.ext.is_empty() {
            let ext = at("ext");
            fs::write(&ext, spec.ext.join("\n") + "\n").unwrap();
            openssl.arg("-extfile").arg(ext);
        }
        finish(openssl.arg("-in").arg(&request).arg("-out").arg(&made.cert));
        made
    }

    /// A private key (PKCS #8), mode 0600.
    #[track_caller]
    pub(crate) fn key(&self, kind: &str, out: &Path) {
        let mut openssl = self.openssl("genpkey");
        match kind.strip_prefix("RSA:") {
            Some(bits) => {
                openssl.args(["-algorithm", "RSA", "-pkeyopt", &format!("rsa_keygen_bits:{bits}")])
            }
            None if kind == "ED25519" => openssl.args(["-algorithm", kind]),
            None => {
                openssl.args(["-algorithm", "EC", "-pkeyopt", &format!("ec_paramgen_curve:{kind}")])
            }
        };
        finish(openssl.arg("-out").arg(out));
    }

    /// One file of several.
    pub(crate) fn bundle(&self, files: &[&Path]) -> PathBuf {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let out = self.dir.join(format!("{n}-bundle.pem"));
        let parts: Vec<u8> = files.iter().flat_map(|file| fs::read(file).unwrap()).collect();
        fs::write(&out, parts).unwrap();
        out
    }

    /// `openssl` in this directory. Old algorithms are made, too.
    pub(crate) fn openssl(&self, what: &str) -> Command {
        let mut openssl = Command::new("openssl");
        openssl.arg(what).current_dir(&self.dir);
        if matches!(what, "req" | "ca") {
            openssl.args(["-config", "config"]);
        }
        openssl
    }
}

/// Runs it to its end, which has to be a good one.
#[track_caller]
pub(crate) fn finish(command: &mut Command) {
    let out = command.output().expect("openssl is installed");
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
}
