//! What can be said of the certificate files alone, without asking anybody: whether they are there and readable, what
//! they are, whether they belong together, and how long they last.

pub(in crate::check) mod openssl;
mod pair;
mod siblings;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::diagnosis::{Diagnosis, Facts, Found};
use super::finding::Finding;
use super::id::Id;
use super::note::Note;
use super::target::Target;
use crate::cert::pem::{self, Bad, File, Pem};
use crate::cert::verify::{Fault, Place};
use crate::cert::x509::Cert;
use crate::profile::TlsMode;
use crate::profile::certs::replaceable;
use crate::profile::endpoint::Endpoint;

/// From so many days on it is worth a warning.
const SOON: i64 = 30;
/// A file with more certificates than this is a bundle of many CAs.
const BUNDLE: usize = 8;

/// Looks at the files that docker would open for `target`, in the order CA, certificate, key. With `strict`, a key that
/// others can read and a CA that others can replace are failures, as they are for `dctx use`; otherwise warnings.
#[must_use]
pub fn check(target: &Target, strict: bool) -> Vec<Finding> {
    if target.tls == TlsMode::Off || !matches!(target.endpoint, Endpoint::Tcp { .. }) {
        return Vec::new();
    }
    let mut look = Look { target, strict, now: now(), findings: Vec::new() };
    let roots = look.ca();
    pair::check(&mut look, &roots);
    look.findings
}

/// The certificates of a file that docker takes.
fn certificates(path: &Path) -> Vec<Cert> {
    let pem = pem::open(path).ok().and_then(|file| file.pem().ok());
    let blocks = pem.iter().flat_map(|pem| pem.labelled("CERTIFICATE"));
    let certs = blocks.filter_map(|block| Cert::from_der(&block.contents).ok());
    certs.filter(|cert| cert.refused.is_none()).collect()
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(now).unwrap_or(i64::MAX)
}

/// What is looked at, and what was found so far.
struct Look<'t> {
    target: &'t Target,
    strict: bool,
    now: i64,
    findings: Vec<Finding>,
}

impl Look<'_> {
    fn ok(&mut self, topic: &'static str, note: Note) {
        self.findings.push(Finding::ok(topic, note));
    }

    fn note(&mut self, topic: &'static str, note: Note) {
        self.findings.push(Finding::note(topic, note));
    }

    fn fail(&mut self, topic: &'static str, id: Id, facts: Facts) {
        self.findings.push(Finding::diagnosis(topic, Diagnosis::with(id, facts)));
    }

    /// What is known before anything is looked at.
    fn facts(&self, path: &Path) -> Facts {
        let host = match &self.target.endpoint {
            Endpoint::Tcp { host, .. } => Some(host.clone()),
            _ => None,
        };
        Facts {
            profile: self.target.profile.clone(),
            layer: self.target.layer.clone(),
            kept: self.target.kept,
            endpoint: Some(self.target.endpoint.to_string()),
            host,
            path: Some(path.to_path_buf()),
            ..Facts::default()
        }
    }

    /// Opens a file, or says why that cannot be done.
    fn open(&mut self, topic: &'static str, path: &Path) -> Option<File> {
        match pem::open(path) {
            Ok(file) => Some(file),
            Err(bad) => {
                self.bad(topic, path, &bad, Id::CertInvalid);
                None
            }
        }
    }

    /// The blocks of a file, or what it is instead; `invalid` is what that is called.
    fn pem(&mut self, topic: &'static str, path: &Path, file: &File, invalid: Id) -> Option<Pem> {
        match file.pem() {
            Ok(pem) => {
                self.oddities(topic, path, &pem);
                Some(pem)
            }
            Err(bad) => {
                self.bad(topic, path, &bad, invalid);
                None
            }
        }
    }

    fn bad(&mut self, topic: &'static str, path: &Path, bad: &Bad, invalid: Id) {
        let mut facts = self.facts(path);
        let (id, found) = match bad {
            Bad::Missing => {
                facts.other = siblings::like(path);
                (Id::CertMissing, None)
            }
            Bad::Unreadable(kind) => {
                facts.said = Some(kind.to_string());
                (Id::CertUnreadable, None)
            }
            Bad::Directory => (invalid, Some(Found::Directory)),
            Bad::Html => (invalid, Some(Found::Html)),
            other => (invalid, Some(Found::File(*other))),
        };
        facts.found = found;
        self.fail(topic, id, facts);
    }

    /// What docker does not mind, or passes over.
    fn oddities(&mut self, topic: &'static str, path: &Path, pem: &Pem) {
        let path = || path.to_path_buf();
        if pem.bom {
            self.note(topic, Note::ByteOrderMark { path: path() });
        }
        if pem.crlf {
            self.ok(topic, Note::Crlf { path: path() });
        }
        if let Some(&label) = pem.broken.first() {
            self.note(topic, Note::BrokenBlock { path: path(), label });
        }
    }

    /// The certificates of a file, those that can be read.
    fn certs(&mut self, topic: &'static str, path: &Path, pem: &Pem) -> Vec<Cert> {
        let mut certs = Vec::new();
        for block in pem.labelled("CERTIFICATE") {
            match Cert::from_der(&block.contents) {
                Ok(cert) => certs.push(cert),
                Err(_) => {
                    let label = "CERTIFICATE";
                    self.note(topic, Note::BrokenBlock { path: path.to_path_buf(), label });
                }
            }
        }
        certs
    }

    /// Says how long a certificate is good, when it still is.
    fn life(&mut self, topic: &'static str, path: &Path, cert: &Cert) {
        let days = self.days(cert);
        let (path, subject) = (path.to_path_buf(), cert.subject.text().to_owned());
        if cert.not_before > self.now || cert.not_after < self.now {
            return;
        }
        let (issuer, key) = (cert.issuer.text().to_owned(), cert.key.kind.to_string());
        let (again, whose) = (path.clone(), subject.clone());
        self.ok(topic, Note::Cert { path, subject, issuer, key, days });
        if days < SOON {
            self.note(topic, Note::Expiring { path: again, subject: whose, days });
        }
    }

    const fn days(&self, cert: &Cert) -> i64 {
        cert.not_after.saturating_sub(self.now).div_euclid(86_400)
    }

    /// The CA's file; what is trusted by it.
    fn ca(&mut self) -> Vec<Cert> {
        const TOPIC: &str = "ca";
        let Some(path) = self.target.ca.clone() else { return Vec::new() };
        let Some(file) = self.open(TOPIC, &path) else { return Vec::new() };
        let home = self.target.env.home();
        if let Some((at, mode)) = replaceable(&path, &file.meta, home.as_deref()) {
            self.exposed(TOPIC, &at, mode);
        }
        let Some(pem) = self.pem(TOPIC, &path, &file, Id::CertInvalid) else { return Vec::new() };
        siblings::ca_keys(&path).into_iter().for_each(|key| {
            self.note(TOPIC, Note::CaKeyBeside { path: key });
        });
        let all = self.certs(TOPIC, &path, &pem);
        // docker's pool takes neither what Go cannot read, nor a block with headers.
        let (refused, certs): (Vec<Cert>, Vec<Cert>) =
            all.into_iter().partition(|cert| cert.refused.is_some());
        for cert in &refused {
            let why = cert.refused.clone().unwrap_or_default();
            let subject = cert.subject.text().to_owned();
            self.note(TOPIC, Note::CaPassedOver { path: path.clone(), subject, why });
        }
        if certs.is_empty() {
            let mut facts = self.facts(&path);
            match (refused.first(), pem.blocks.first()) {
                (Some(cert), _) => {
                    facts.cert = Some((&cert.summary()).into());
                    facts.said.clone_from(&cert.refused);
                }
                (None, Some(block)) if block.label != "CERTIFICATE" => {
                    facts.found = Some(Found::Label(block.label));
                }
                _ => facts.found = Some(Found::Garbage),
            }
            self.fail(TOPIC, Id::CertInvalid, facts);
            return certs;
        }
        self.other_name(TOPIC, &path, "ca.pem");
        self.judge_ca(TOPIC, &path, &certs);
        certs
    }

    fn judge_ca(&mut self, topic: &'static str, path: &Path, certs: &[Cert]) {
        if certs.len() > BUNDLE {
            self.ok(topic, Note::Bundle { path: path.to_path_buf(), count: certs.len() });
            openssl::look(self, path, certs);
            return;
        }
        let over = |cert: &&Cert| cert.not_after < self.now;
        // While one CA takes over from another, the old one may be over.
        let expired = certs.iter().find(over).filter(|_| certs.iter().all(|cert| over(&cert)));
        if let Some(cert) = expired {
            let mut facts = self.facts(path);
            facts.cert = Some((&cert.summary()).into());
            let fault = Fault::Expired { place: Place::Root, cert: cert.summary() };
            facts.words = fault.docker("", self.now);
            // Without verification nobody looks at it.
            let diagnosis = Diagnosis::with(Id::CaExpired, facts);
            self.findings.push(if self.target.tls == TlsMode::Insecure {
                Finding::warning(topic, diagnosis)
            } else {
                Finding::diagnosis(topic, diagnosis)
            });
        }
        for cert in certs {
            self.life(topic, path, cert);
            if !cert.is_ca() {
                let subject = cert.subject.text().to_owned();
                let note = Note::Pinned { path: path.to_path_buf(), subject };
                // One that signs itself is pinned on purpose; one of a CA may be there in the CA's place.
                if cert.is_self_issued() { self.ok(topic, note) } else { self.note(topic, note) }
            }
        }
        openssl::look(self, path, certs);
    }

    fn exposed(&mut self, topic: &'static str, path: &Path, mode: u32) {
        let mut facts = self.facts(path);
        facts.mode = Some(mode);
        let diagnosis = Diagnosis::with(Id::KeyExposed, facts);
        self.findings.push(if self.strict {
            Finding::diagnosis(topic, diagnosis)
        } else {
            Finding::warning(topic, diagnosis)
        });
    }

    /// docker reads one name only, and a profile may have another, for which dctx keeps a link.
    fn other_name(&mut self, topic: &'static str, path: &Path, name: &str) {
        let system = topic == "ca" && self.target.tls == TlsMode::System;
        let linked = self.target.profile.is_some() && !system;
        if linked && path.file_name().is_some_and(|own| own != name) {
            self.ok(topic, Note::OtherName { path: path.to_path_buf(), name: name.to_owned() });
        }
    }
}
