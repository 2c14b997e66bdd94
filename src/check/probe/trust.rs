//! The judge of the server's certificates, by docker's rules.

use std::path::Path;

use rustls::pki_types::CertificateDer;

use super::Run;
use super::client::now;
use super::ears::{Judge, Seen};
use super::said::Said;
use crate::cert::pem;
use crate::cert::verify::{Fault, Usage, verify};
use crate::cert::x509::Cert;
use crate::check::diagnosis::{CertFacts, Diagnosis, Facts};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::judge as certs;
use crate::check::target::Target;

/// A certificate that ends within as many days is worth a look.
const SOON: i64 = 30;

/// Says of a chain what docker would say of it at `host`.
pub(super) fn judge(run: &Run<'_>, host: &str) -> Judge {
    let file = run.target.ca.clone();
    let roots = roots(file.as_deref());
    let kept = roots_of_kept(run);
    let (host, facts) = (host.to_owned(), run.facts());
    Box::new(move |sent| {
        let chain = chain(sent);
        let Err(faults) = verify(&chain, &roots, Some(&host), Usage::Server, now()) else {
            return Vec::new();
        };
        let shown = chain.first();
        let newer = shown.and_then(|shown| former(shown, kept.as_ref()));
        let good = |new: &&Cert| {
            let new = std::slice::from_ref(*new);
            verify(new, &roots, Some(&host), Usage::Server, now()).is_ok()
        };
        if let (Some(shown), Some(new)) = (shown, newer.filter(good)) {
            return vec![Finding::diagnosis("chain", restart(shown, new, &facts))];
        }
        if let Some((shown, old)) = shown.and_then(|shown| repinned(shown, &roots)) {
            let facts = Facts { path: file.clone(), ..facts.clone() };
            let own = std::slice::from_ref(shown);
            let own = verify(&chain, own, Some(&host), Usage::Server, now());
            let mut all = vec![pinned(shown, old, &facts)];
            all.extend(own.err().map(|faults| findings(&faults, &facts)).unwrap_or_default());
            return all;
        }
        findings(&faults, &facts)
    })
}

/// The server's certificate that is kept here to be put on the host, where it is right for `host` today: a daemon at which
/// docker finds another fault than with the client has not taken it up.
pub(in crate::check) fn kept_and_good(target: &Target, host: &str) -> Option<CertFacts> {
    let kept = roots(target.kept_server.as_deref()).into_iter().next()?;
    let chain = std::slice::from_ref(&kept);
    let trusted = roots(target.ca.as_deref());
    verify(chain, &trusted, Some(host), Usage::Server, now()).ok()?;
    Some((&kept.summary()).into())
}

/// The server's certificate that is kept here to be put on the host.
fn roots_of_kept(run: &Run<'_>) -> Option<Cert> {
    roots(run.target.kept_server.as_deref()).into_iter().next()
}

/// The certificate that is kept here, if `shown` is a former one of the same server: another by its fingerprint, not
/// younger, and of the same key or name.
fn former<'k>(shown: &Cert, kept: Option<&'k Cert>) -> Option<&'k Cert> {
    kept.filter(|kept| {
        let same = kept.key == shown.key || kept.subject.der == shown.subject.der;
        same && kept.sha256 != shown.sha256 && shown.not_before <= kept.not_before
    })
}

fn restart(shown: &Cert, new: &Cert, facts: &Facts) -> Diagnosis {
    let mut facts = facts.clone();
    facts.cert = Some((&shown.summary()).into());
    facts.given = Some((&new.summary()).into());
    Diagnosis::with(Id::ServerRestartNeeded, facts)
}

/// A certificate that signs itself and is no CA, and the one of the same name that is trusted in its place: a server
/// that is known by its certificate alone has got a new one.
fn repinned<'c>(shown: &'c Cert, roots: &'c [Cert]) -> Option<(&'c Cert, &'c Cert)> {
    let alone = |cert: &Cert| cert.is_self_issued() && !cert.is_ca();
    let old = roots.iter().find(|root| alone(root) && root.subject.der == shown.subject.der)?;
    (alone(shown) && old.der != shown.der).then_some((shown, old))
}

fn pinned(shown: &Cert, old: &Cert, facts: &Facts) -> Finding {
    let mut facts = facts.clone();
    facts.pinned = true;
    facts.cert = Some((&shown.summary()).into());
    facts.given = Some((&old.summary()).into());
    Finding::diagnosis("chain", Diagnosis::with(Id::UnknownCa, facts))
}

/// For a server that is not to be verified.
pub(super) fn nobody() -> Judge {
    Box::new(|_| Vec::new())
}

fn chain(sent: &[CertificateDer<'_>]) -> Vec<Cert> {
    let read = |der: &[u8]| Cert::from_der(der).unwrap_or_else(|why| Cert::unreadable(der, why));
    sent.iter().map(|der| read(der)).collect()
}

/// The certificates that docker trusts: those of this file, less what it cannot read (Go: `AppendCertsFromPEM`).
pub(super) fn roots(ca: Option<&Path>) -> Vec<Cert> {
    let Some(pem) = ca.and_then(|ca| pem::open(ca).ok()).and_then(|file| file.pem().ok()) else {
        return Vec::new();
    };
    let blocks = pem.blocks.iter().filter(|block| block.label == "CERTIFICATE" && !block.headers);
    blocks.filter_map(|block| Cert::from_der(&block.contents).ok()).collect()
}

/// Everything that is wrong: docker tells the first alone.
fn findings(faults: &[Fault], facts: &Facts) -> Vec<Finding> {
    let mut all: Vec<Finding> = certs::server(faults, facts)
        .into_iter()
        .map(|diagnosis| Finding::diagnosis(certs::topic(diagnosis.id), diagnosis))
        .collect();
    all.extend(certs::notes(faults).into_iter().map(|note| Finding::note("chain", note)));
    if all.is_empty() {
        // nothing was sent
        all.push(Finding::diagnosis("chain", Diagnosis::with(Id::UnknownCa, facts.clone())));
    }
    all
}

/// Says whom the certificates showed the server to be, and for how long they still do.
pub(super) fn trusted(run: &mut Run<'_>, seen: &Seen) {
    let leaf = seen.chain.first().and_then(|der| Cert::from_der(der).ok());
    let Some(leaf) = leaf else { return };
    let (not_after, days) = (leaf.not_after, (leaf.not_after - now()).div_euclid(86_400));
    let note = Said::Trusted { subject: leaf.summary().subject, not_after, days };
    if days < SOON {
        run.warn("chain", note)
    } else {
        run.ok("chain", note)
    }
    if let Some(new) = former(&leaf, roots_of_kept(run).as_ref()) {
        let warning = Finding::warning("chain", restart(&leaf, new, &run.facts()));
        run.report.findings.push(warning);
    }
}
