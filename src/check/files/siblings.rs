//! Other files of the same directory: one of another name where one is missing, the one that fits where one does not,
//! and keys that should not be there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cert::key::{self, Belongs, PrivateKey};
use crate::cert::pem;
use crate::cert::signature::PublicKey;
use crate::cert::x509::Cert;

/// So many files of a directory are looked into.
const MAX_FILES: usize = 64;

/// Names under which the key of a CA is kept: docker's guide, cfssl, mkcert, easy-rsa.
const CA_KEYS: [&str; 5] = ["ca-key.pem", "ca.key", "cakey.pem", "rootCA-key.pem", "ca-priv.pem"];

/// Names that stand for docker's.
const LIKE: [(&str, &[&str]); 3] = [
    ("ca.pem", &["ca-cert.pem", "ca.crt", "cacert.pem", "rootCA.pem", "ca.cer"]),
    ("cert.pem", &["client.pem", "client-cert.pem", "cert.crt", "client.crt"]),
    ("key.pem", &["client-key.pem", "client.key", "cert.key", "key.key"]),
];

/// A file beside `missing` that is probably meant by it.
pub(super) fn like(missing: &Path) -> Option<PathBuf> {
    let name = missing.file_name()?.to_str()?;
    let (_, others) = LIKE.iter().find(|(docker, _)| *docker == name)?;
    others.iter().map(|other| missing.with_file_name(other)).find(|path| path.is_file())
}

/// Private keys without a passphrase that are a CA's by their name, beside the CA.
pub(super) fn ca_keys(ca: &Path) -> Vec<PathBuf> {
    let open = |path: &PathBuf| {
        let pem = pem::open(path).and_then(|file| file.pem());
        pem.is_ok_and(|pem| key::read(&pem).is_ok())
    };
    CA_KEYS.iter().map(|name| ca.with_file_name(name)).filter(open).collect()
}

/// The file beside `beside` with the key of `public`.
pub(super) fn key_of(public: &PublicKey, beside: &Path) -> Option<PathBuf> {
    all(beside).into_iter().find(|path| {
        let pem = pem::open(path).and_then(|file| file.pem());
        let key = pem.ok().and_then(|pem| key::read(&pem).ok());
        key.is_some_and(|key| key.belongs_to(public) == Belongs::Yes)
    })
}

/// The file beside `beside` whose first certificate `key` belongs to.
pub(super) fn cert_of(key: &PrivateKey, beside: &Path) -> Option<PathBuf> {
    all(beside).into_iter().find(|path| {
        let Ok(pem) = pem::open(path).and_then(|file| file.pem()) else { return false };
        let first = pem.labelled("CERTIFICATE").next();
        let cert = first.and_then(|block| Cert::from_der(&block.contents).ok());
        cert.is_some_and(|cert| key.belongs_to(&cert.key) == Belongs::Yes)
    })
}

/// The files of the same directory, except itself, by name.
fn all(beside: &Path) -> Vec<PathBuf> {
    let Some(dir) = beside.parent() else { return Vec::new() };
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let entries = entries.filter_map(Result::ok).take(MAX_FILES * 16);
    let files = entries.map(|entry| entry.path()).filter(|path| path != beside && path.is_file());
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    files.truncate(MAX_FILES);
    files
}
