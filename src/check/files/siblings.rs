//! Other files of the same directory: one of another name where one is missing, the one that fits where one does not,
//! and keys that should not be there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cert::key::{self, Belongs, PrivateKey};
use crate::cert::pem;
use crate::cert::signature::{PublicKey, Signature};
use crate::cert::verify::signed;
use crate::cert::x509::Cert;
use crate::profile::certs::names;

/// So many files of a directory are looked into.
const MAX_FILES: usize = 64;

/// A file beside `missing` that is probably meant by it.
pub(super) fn like(missing: &Path) -> Option<PathBuf> {
    let role = names::role(missing.file_name()?.to_str()?)?;
    let all = names::CAS.iter().chain(names::CLIENTS.iter().flat_map(|(cert, key)| [cert, key]));
    let others = all.filter(|name| names::role(name) == Some(role));
    let mut paths = others.map(|name| missing.with_file_name(name));
    paths.find(|path| path != missing && path.is_file())
}

/// Private keys without a passphrase that are a CA's by their name, beside the CA.
pub(super) fn ca_keys(ca: &Path) -> Vec<PathBuf> {
    let open = |path: &PathBuf| {
        let pem = pem::open(path).and_then(|file| file.pem());
        pem.is_ok_and(|pem| key::read(&pem).is_ok())
    };
    let mut all: Vec<PathBuf> =
        names::AUTHORITIES.iter().map(|(_, key)| ca.with_file_name(key)).collect();
    all.sort();
    all.dedup();
    all.into_iter().filter(open).collect()
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

/// The file beside `beside` with a CA that signed `cert`.
pub(super) fn ca_of(cert: &Cert, beside: &Path) -> Option<PathBuf> {
    all(beside).into_iter().find(|path| {
        let Ok(pem) = pem::open(path).and_then(|file| file.pem()) else { return false };
        let certs = pem.labelled("CERTIFICATE").take(MAX_FILES);
        let mut cas = certs.filter_map(|block| Cert::from_der(&block.contents).ok());
        cas.any(|ca| ca.is_ca() && signed(cert, &ca) == Signature::Good)
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
