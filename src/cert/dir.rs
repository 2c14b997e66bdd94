//! What is in a directory with certificates, told by what its files hold and not by what they are called.

use std::path::{Path, PathBuf};

use super::key::{self, Belongs, NoKey, PrivateKey};
use super::pem::{self, Bad};
use super::signature::Signature;
use super::verify::signed;
use super::x509::Cert;
use crate::error::Lang;
use crate::profile::certs::names;
use crate::tr;

/// So many files are looked into.
const MAX_FILES: usize = 64;
/// A file with more certificates than this is a bundle of public CAs.
const MAX_CERTS: usize = 20;

/// A file that has to do with certificates.
#[derive(Debug)]
pub struct Seen {
    /// Which one.
    pub path: PathBuf,
    /// Its certificates, as far as they can be read.
    pub certs: Vec<Cert>,
    /// Its private key.
    pub key: Key,
    /// What it is instead of a PEM file, where that can be made one.
    pub instead: Option<Bad>,
}

/// Whether there is a private key.
#[derive(Debug)]
pub enum Key {
    /// There is none.
    None,
    /// One that can be read.
    Open(Box<PrivateKey>),
    /// One with a passphrase.
    Closed,
}

impl Seen {
    /// Looks into one file; `None` for what has nothing to do with certificates.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let seen = |certs, key, instead| Some(Self { path: path.to_owned(), certs, key, instead });
        let pem = match pem::open(path).and_then(|file| file.pem()) {
            Ok(pem) => pem,
            Err(bad) if bad.is_convertible() => return seen(Vec::new(), Key::None, Some(bad)),
            Err(_) => return None,
        };
        let certs = pem.labelled("CERTIFICATE").take(MAX_CERTS + 1);
        let certs: Vec<Cert> = certs.filter_map(|b| Cert::from_der(&b.contents).ok()).collect();
        let key = match key::read(&pem) {
            Ok(key) => Key::Open(Box::new(key)),
            Err(NoKey::Encrypted) => Key::Closed,
            Err(NoKey::Label(_) | NoKey::Explicit | NoKey::Malformed(_)) => Key::None,
        };
        if certs.is_empty() && matches!(key, Key::None) {
            return None;
        }
        seen(certs, key, None)
    }

    /// The first certificate, where a key may belong to it: a client's or a server's.
    fn leaf(&self) -> Option<&Cert> {
        self.certs.first().filter(|cert| !cert.is_ca() || cert.basic.is_none())
    }

    fn is_ca(&self) -> bool {
        // One of version 1 may sign, whoever it was made for: only where it signed itself it was made for that.
        let is_ca = |cert: &Cert| cert.is_ca() && (cert.basic.is_some() || cert.is_self_issued());
        self.certs.len() <= MAX_CERTS && self.certs.first().is_some_and(is_ca)
    }

    /// What it is, in few words.
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        let usages = self.certs.first().and_then(|cert| cert.usages.as_ref());
        match (&self.instead, &self.key) {
            (Some(Bad::Pkcs12), _) => "PKCS#12".to_owned(),
            (Some(Bad::Der(_)), _) => "DER".to_owned(),
            (Some(_), _) => tr!(lang, "not readable as PEM", "不是可读的 PEM"),
            (None, _) if self.certs.len() > MAX_CERTS => tr!(lang, "a bundle of CAs", "CA 证书包"),
            (None, Key::None) if self.is_ca() => tr!(lang, "a CA", "CA 证书"),
            (None, Key::None) => match usages {
                Some(usages) if usages.server && !usages.client => {
                    tr!(lang, "a server certificate", "服务器证书")
                }
                Some(usages) if usages.client && !usages.server => {
                    tr!(lang, "a client certificate", "客户端证书")
                }
                _ => tr!(lang, "a certificate", "证书"),
            },
            (None, Key::Closed) => tr!(lang, "a private key with a passphrase", "有口令的私钥"),
            (None, Key::Open(_)) => tr!(lang, "a private key", "私钥"),
        }
    }
}

/// The files of a directory that have to do with certificates, by name.
#[must_use]
pub fn look(dir: &Path) -> Vec<Seen> {
    let names = names::listed(dir).unwrap_or_default().into_iter().take(MAX_FILES);
    names.filter_map(|name| Seen::of(&dir.join(name))).collect()
}

/// The pairs of a certificate that a client can use and the key that belongs to it, each certificate once. Those that
/// say that they are for clients go before those that say nothing, and a file with the chain behind the certificate
/// before one without.
#[must_use]
pub fn clients(all: &[Seen]) -> Vec<(&Path, &Path)> {
    pairs(all, |cert| cert.usages.as_ref().map(|usages| usages.client || usages.any))
}

/// The same for a server.
#[must_use]
pub fn servers(all: &[Seen]) -> Vec<(&Path, &Path)> {
    pairs(all, |cert| cert.usages.as_ref().map(|usages| usages.server || usages.any))
}

fn pairs(all: &[Seen], fits: impl Fn(&Cert) -> Option<bool>) -> Vec<(&Path, &Path)> {
    let mut found: Vec<(bool, &Cert, &Seen, &Path)> = Vec::new();
    for seen in all {
        let Some(leaf) = seen.leaf() else { continue };
        let says = fits(leaf);
        if says == Some(false) {
            continue;
        }
        let belongs = |key: &Key| match key {
            Key::Open(key) => key.belongs_to(&leaf.key) == Belongs::Yes,
            _ => false,
        };
        // A key of its own file is better than one beside a certificate.
        let mut keys: Vec<&Seen> = all.iter().filter(|other| belongs(&other.key)).collect();
        keys.sort_by_key(|other| !other.certs.is_empty());
        let Some(key) = keys.first() else { continue };
        match found.iter_mut().find(|(_, other, ..)| other.der == leaf.der) {
            Some(there) if there.2.certs.len() < seen.certs.len() => there.2 = seen,
            Some(_) => {}
            None => found.push((says.is_none(), leaf, seen, &key.path)),
        }
    }
    let sure = found.iter().any(|(unsure, ..)| !unsure);
    let kept = found.into_iter().filter(|(unsure, ..)| !(sure && *unsure));
    kept.map(|(_, _, seen, key)| (seen.path.as_path(), key)).collect()
}

/// The file with the CA that signed the first certificate of `leaf`, or else the only one that there is.
#[must_use]
pub fn ca<'s>(all: &'s [Seen], leaf: Option<&Path>) -> Option<&'s Path> {
    let cas: Vec<&Seen> = all.iter().filter(|seen| seen.is_ca()).collect();
    let leaf = all.iter().find(|seen| Some(seen.path.as_path()) == leaf);
    let leaf = leaf.and_then(|seen| seen.certs.first());
    let signs = |seen: &&&Seen| {
        leaf.is_some_and(|leaf| seen.certs.iter().any(|ca| signed(leaf, ca) == Signature::Good))
    };
    match (cas.iter().find(signs), cas.as_slice()) {
        (Some(seen), _) => Some(&seen.path),
        (None, [one]) => Some(&one.path),
        (None, _) => None,
    }
}

/// What is not among `used`, each with what it is, as one text; `None` where there is nothing.
#[must_use]
pub fn left_out(all: &[Seen], used: &[&Path], lang: Lang) -> Option<String> {
    let other = all.iter().filter(|seen| !used.contains(&seen.path.as_path()));
    let words: Vec<String> = other
        .map(|seen| {
            let name = seen.path.file_name().unwrap_or_default().to_string_lossy();
            let what = seen.words(lang);
            tr!(lang, "{name} ({what})", "{name}（{what}）")
        })
        .collect();
    (!words.is_empty()).then(|| words.join(&tr!(lang, ", ", "、")))
}
