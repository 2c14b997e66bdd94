//! The client certificate and its key.

use std::path::Path;

use super::super::diagnosis::{Diagnosis, Facts, Found};
use super::super::finding::Finding;
use super::super::id::Id;
use super::super::judge;
use super::super::note::Note;
use super::super::target::Apart;
use super::{Look, siblings};
use crate::cert::key::{self, Belongs, NoKey, PrivateKey};
use crate::cert::label::is_key;
use crate::cert::pem::Pem;
use crate::cert::verify::{Fault, Usage, verify};
use crate::cert::x509::Cert;
use crate::error::NotPem;
use crate::profile::TlsMode;
use crate::profile::certs::exposed;

const CERT: &str = "cert";
const KEY: &str = "key";

/// Looks at the pair; `roots` is what the CA's file trusts.
pub(super) fn check(look: &mut Look<'_>, roots: &[Cert]) {
    let there = |path: &Path| std::fs::symlink_metadata(path).is_ok();
    if let (Some(apart), Some(cert)) = (look.target.apart.clone(), look.target.cert.clone()) {
        return without_key(look, &cert, apart, roots);
    }
    let (cert, key) = match (look.target.cert.clone(), look.target.key.clone()) {
        (Some(cert), Some(key)) if there(&cert) || there(&key) => (cert, key),
        // One alone is named: the other has to be as well, or docker silently sends none.
        (Some(one), None) | (None, Some(one)) if there(&one) => {
            let mut facts = look.facts(&one);
            facts.other = facts.path.take();
            look.fail(CERT, Id::CertMissing, facts);
            return;
        }
        _ => {
            look.ok(CERT, Note::NoClientCert);
            return;
        }
    };
    let (has_cert, has_key) = (there(&cert), there(&key));
    if !(has_cert && has_key) {
        let (missing, other) = if has_key { (&cert, &key) } else { (&key, &cert) };
        let mut facts = look.facts(missing);
        facts.other = siblings::like(missing).or_else(|| Some(other.clone()));
        look.fail(if has_key { CERT } else { KEY }, Id::CertMissing, facts);
    }
    let certs_pem = if has_cert { read(look, CERT, &cert, Id::CertInvalid) } else { None };
    let key_pem = if has_key { read(look, KEY, &key, Id::KeyInvalid) } else { None };
    if let (Some(one), Some(other)) = (&certs_pem, &key_pem)
        && swapped(one, other)
    {
        let mut facts = look.facts(&cert);
        facts.other = Some(key);
        look.fail(CERT, Id::PairSwapped, facts);
        return;
    }
    let certs = certs_pem.map(|pem| client(look, &cert, &pem, roots)).unwrap_or_default();
    let private = key_pem.and_then(|pem| private(look, &key, &pem));
    if let (Some(leaf), Some(private)) = (certs.first(), private) {
        belongs(look, (&cert, &certs, leaf), (&key, &private));
    }
}

/// The certificate alone: its key is elsewhere, and was left there.
fn without_key(look: &mut Look<'_>, cert: &Path, apart: Apart, roots: &[Cert]) {
    if let Some(pem) = read(look, CERT, cert, Id::CertInvalid) {
        client(look, cert, &pem, roots);
    }
    let closed = match &apart {
        Apart::Passphrase(key) => read(look, KEY, &key.clone(), Id::KeyInvalid).is_some(),
        Apart::Keyring | Apart::Command => true,
    };
    if closed {
        look.ok(KEY, Note::KeyNotFetched(apart));
    }
}

/// Opens one of the two, and judges who else can read a key.
fn read(look: &mut Look<'_>, topic: &'static str, path: &Path, invalid: Id) -> Option<Pem> {
    let file = look.open(topic, path)?;
    if let (KEY, Some(mode)) = (topic, exposed(&file.meta)) {
        look.exposed(topic, path, mode);
    }
    look.pem(topic, path, &file, invalid)
}

fn swapped(cert: &Pem, key: &Pem) -> bool {
    let certificate = |pem: &Pem| pem.labelled("CERTIFICATE").next().is_some();
    let private = |pem: &Pem| pem.blocks.iter().any(|block| is_key(block.label));
    private(cert) && !certificate(cert) && certificate(key) && !private(key)
}

/// The client certificate, with whatever chain stands behind it.
fn client(look: &mut Look<'_>, path: &Path, pem: &Pem, roots: &[Cert]) -> Vec<Cert> {
    let certs = look.certs(CERT, path, pem);
    let Some(leaf) = certs.first() else {
        let mut facts = look.facts(path);
        let label = pem.blocks.first().map(|block| block.label);
        facts.found =
            Some(label.filter(|l| *l != "CERTIFICATE").map_or(Found::Garbage, Found::Label));
        look.fail(CERT, Id::CertInvalid, facts);
        return certs;
    };
    look.other_name(CERT, path, "cert.pem");
    look.life(CERT, path, leaf);
    // Trusted itself, it is left with the faults of its own.
    let own = verify(&certs, std::slice::from_ref(leaf), None, Usage::Client, look.now);
    let own = own.err().unwrap_or_default();
    let mut base = look.facts(path);
    base.listed = leaf.listed();
    let faults = judge::client(&own, &base).into_iter();
    look.findings.extend(faults.map(|diagnosis| Finding::diagnosis(CERT, diagnosis)));
    // Which CA's clients the daemon takes is the daemon's matter. It is the same in nearly every set.
    // Where both are pinned, neither has to be of the other.
    let pinned = leaf.is_self_issued() && !roots.iter().any(Cert::is_ca);
    if look.target.tls == TlsMode::Verify && !roots.is_empty() && !pinned {
        let chain = verify(&certs, roots, None, Usage::Client, look.now).err().unwrap_or_default();
        by_ca(look, leaf, &chain, &own, &base);
    }
    certs
}

fn by_ca(look: &mut Look<'_>, leaf: &Cert, chain: &[Fault], own: &[Fault], base: &Facts) {
    // That a CA is over is said of the CA.
    let told = |fault: &&Fault| !own.contains(fault) && !matches!(fault, Fault::Expired { .. });
    let new: Vec<Fault> = chain.iter().filter(told).cloned().collect();
    for mut diagnosis in judge::client(&new, base) {
        if diagnosis.id == Id::ClientUnknownCa {
            diagnosis.facts.other = base.path.as_deref().and_then(|at| siblings::ca_of(leaf, at));
        }
        let warn = matches!(diagnosis.id, Id::ClientUnknownCa | Id::ClientExpired);
        look.findings.push(if warn {
            Finding::warning(CERT, diagnosis)
        } else {
            Finding::diagnosis(CERT, diagnosis)
        });
    }
    for note in judge::notes(&new) {
        // An intermediate of a client's chain is nobody's server.
        if matches!(note, Note::CannotCheck { .. }) {
            look.ok(CERT, note);
        }
    }
}

fn private(look: &mut Look<'_>, path: &Path, pem: &Pem) -> Option<PrivateKey> {
    let mut facts = look.facts(path);
    let id = match key::read(pem) {
        Ok(key) => {
            look.other_name(KEY, path, "key.pem");
            return Some(key);
        }
        Err(NoKey::Encrypted) => Id::KeyEncrypted,
        Err(NoKey::Label(label)) => {
            facts.found = Some(Found::Label(label));
            Id::KeyInvalid
        }
        Err(NoKey::Explicit) => {
            facts.found = Some(Found::File(NotPem::Explicit));
            Id::KeyInvalid
        }
        Err(NoKey::Malformed(label)) => {
            facts.found = Some(Found::File(NotPem::Malformed(label)));
            Id::KeyInvalid
        }
    };
    look.fail(KEY, id, facts);
    None
}

fn belongs(
    look: &mut Look<'_>,
    (cert, certs, leaf): (&Path, &[Cert], &Cert),
    (path, private): (&Path, &PrivateKey),
) {
    let kind = private.kind.to_string();
    let file = path.to_path_buf();
    match private.belongs_to(&leaf.key) {
        Belongs::Yes if private.for_rustls(&leaf.key).is_some() => {
            look.ok(KEY, Note::Key { path: file, kind });
        }
        // That docker does not read such a certificate either has been said of the certificate.
        Belongs::Yes | Belongs::CannotTell if leaf.refused.is_some() => {}
        Belongs::Yes => {
            look.ok(KEY, Note::Key { path: file.clone(), kind: kind.clone() });
            look.note(KEY, Note::KeyForDockerOnly { path: file, kind });
        }
        Belongs::CannotTell => look.note(KEY, Note::KeyUntold { path: file, kind }),
        Belongs::No => {
            let later = certs.iter().skip(1).find(|c| private.belongs_to(&c.key) == Belongs::Yes);
            let fits = siblings::key_of(&leaf.key, path);
            let mut facts = look.facts(path);
            facts.cert = Some((&leaf.summary()).into());
            facts.other = fits.clone();
            if fits.is_none() {
                // Perhaps the key is the right one, and the certificate another's.
                if let Some(other) = siblings::cert_of(private, cert) {
                    facts.path = Some(cert.to_path_buf());
                    facts.other = Some(other);
                }
            }
            let diagnosis = Diagnosis::with(Id::KeyMismatch, facts);
            look.findings.push(Finding::diagnosis(KEY, diagnosis));
            if let Some(later) = later {
                let subject = later.subject.text().to_owned();
                look.note(CERT, Note::LeafNotFirst { path: cert.to_path_buf(), subject });
            }
        }
    }
}
