//! The judge of the server's certificates, by docker's rules, and what each fault is called here.

use std::path::Path;

use rustls::pki_types::CertificateDer;

use super::Run;
use super::client::now;
use super::ears::{Judge, Seen};
use crate::cert::pem;
use crate::cert::verify::{Fault, Place, Usage, verify};
use crate::cert::x509::{Cert, Summary};
use crate::check::diagnosis::{CertFacts, Diagnosis, Facts};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::note::Note;

/// A certificate that ends within as many days is worth a look.
const SOON: i64 = 30;

/// Says of a chain what docker would say of it at `host`.
pub(super) fn judge(run: &Run<'_>, host: &str) -> Judge {
    let roots = roots(run.target.ca.as_deref());
    let (host, facts) = (host.to_owned(), run.facts());
    Box::new(move |sent| match chain(sent) {
        Ok(chain) => match verify(&chain, &roots, Some(&host), Usage::Server, now()) {
            Ok(_) => Vec::new(),
            Err(faults) => findings(faults, &facts),
        },
        Err(said) => {
            let facts = Facts { said: Some(said), ..facts.clone() };
            vec![Finding::diagnosis("chain", Diagnosis::with(Id::UnknownCa, facts))]
        }
    })
}

/// For a server that is not to be verified.
pub(super) fn nobody() -> Judge {
    Box::new(|_| Vec::new())
}

fn chain(sent: &[CertificateDer<'_>]) -> Result<Vec<Cert>, String> {
    sent.iter().map(|der| Cert::from_der(der)).collect()
}

/// The certificates that docker trusts: those of this file, less what it cannot read (Go: `AppendCertsFromPEM`).
pub(super) fn roots(ca: Option<&Path>) -> Vec<Cert> {
    let Some(pem) = ca.and_then(|ca| pem::open(ca).ok()).and_then(|file| file.pem().ok()) else {
        return Vec::new();
    };
    let blocks = pem.blocks.iter().filter(|block| block.label == "CERTIFICATE" && !block.headers);
    blocks.filter_map(|block| Cert::from_der(&block.contents).ok()).collect()
}

/// Each fault once, the first one first: docker tells that one alone.
fn findings(faults: Vec<Fault>, facts: &Facts) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    for fault in faults {
        let finding = match diagnosis(fault, facts.clone()) {
            Some((topic, diagnosis)) => Finding::diagnosis(topic, diagnosis),
            // alone it decides; beside what is certain it adds nothing
            None if all.is_empty() => Finding::note("chain", Note::Unproven),
            None => continue,
        };
        if !all.contains(&finding) {
            all.push(finding);
        }
    }
    all
}

/// What a fault of a server's chain is called, with its topic; `None` for what only others can tell.
fn diagnosis(fault: Fault, mut facts: Facts) -> Option<(&'static str, Diagnosis)> {
    let mut of = |cert: &Summary| facts.cert = Some(facts_of(cert));
    let (topic, id) = match fault {
        Fault::Expired { place, cert } => {
            of(&cert);
            ("dates", if place == Place::Leaf { Id::ServerExpired } else { Id::CaExpired })
        }
        Fault::NotYetValid { cert, .. } => {
            of(&cert);
            ("dates", Id::ServerNotYetValid)
        }
        Fault::NameMismatch { cert, listed } => {
            of(&cert);
            facts.listed = listed;
            ("name", Id::NameMismatch)
        }
        Fault::NoSan { cert, common_name } => {
            of(&cert);
            facts.common_name = common_name;
            ("name", Id::NoSan)
        }
        Fault::NoIpSan { cert, listed, .. } | Fault::NoDnsSan { cert, listed } => {
            of(&cert);
            facts.listed = listed;
            ("name", Id::NoSan)
        }
        Fault::UnknownAuthority { cert, trusted, .. }
        | Fault::MissingIntermediate { cert, trusted }
        | Fault::SelfSigned { cert, trusted, .. } => {
            of(&cert);
            facts.given = trusted.first().map(facts_of);
            ("chain", Id::UnknownCa)
        }
        Fault::SameNameOtherKey { cert, ca, .. } => {
            of(&cert);
            facts.given = Some(facts_of(&ca));
            ("chain", Id::UnknownCa)
        }
        Fault::IssuerNotCa { cert, issuer, .. } => {
            of(&cert);
            facts.given = Some(facts_of(&issuer));
            ("chain", Id::IssuerNotCa)
        }
        Fault::PathLength { cert, .. } => {
            of(&cert);
            facts.said = Some("too many intermediates for path length constraint".to_owned());
            ("chain", Id::IssuerNotCa)
        }
        Fault::NameConstraint { cert, name, .. } => {
            of(&cert);
            facts.said = Some(format!("a CA of the chain may not sign for {name}"));
            ("chain", Id::IssuerNotCa)
        }
        Fault::WeakSignature { cert, algorithm } | Fault::UnknownAlgorithm { cert, algorithm } => {
            of(&cert);
            facts.algorithm = Some(algorithm);
            ("chain", Id::WeakSignature)
        }
        Fault::Usage { cert, listed, .. } => {
            of(&cert);
            facts.said = Some(listed.join(", "));
            ("usage", Id::ServerUsage)
        }
        Fault::Malformed { cert, why, .. } => {
            of(&cert);
            facts.said = Some(why.to_owned());
            ("chain", Id::UnknownCa)
        }
        Fault::CriticalExtension { cert, extensions, .. } => {
            of(&cert);
            facts.said = Some(format!("unhandled critical extension {}", extensions.join(", ")));
            ("chain", Id::UnknownCa)
        }
        Fault::Empty => {
            facts.said = Some("no certificate".to_owned());
            ("chain", Id::UnknownCa)
        }
        Fault::TooManyChecks => {
            facts.said = Some("signature check attempts limit reached".to_owned());
            ("chain", Id::UnknownCa)
        }
        Fault::CannotCheck { .. } => return None,
    };
    Some((topic, Diagnosis::with(id, facts)))
}

/// What is told of a certificate.
pub(super) fn facts_of(cert: &Summary) -> CertFacts {
    CertFacts {
        subject: cert.subject.clone(),
        issuer: cert.issuer.clone(),
        sha256: cert.sha256.clone(),
        not_before: cert.not_before,
        not_after: cert.not_after,
    }
}

/// Says whom the certificates showed the server to be, and for how long they still do.
pub(super) fn trusted(run: &mut Run<'_>, seen: &Seen) {
    let leaf = seen.chain.first().and_then(|der| Cert::from_der(der).ok());
    let Some(leaf) = leaf else { return };
    let (not_after, days) = (leaf.not_after, (leaf.not_after - now()).div_euclid(86_400));
    let note = Note::Trusted { subject: leaf.summary().subject, not_after, days };
    if days < SOON { run.warn("chain", note) } else { run.ok("chain", note) }
}
