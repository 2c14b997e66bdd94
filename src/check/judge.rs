//! From what is wrong with a chain of certificates to the diagnoses of it.

use super::diagnosis::{CertFacts, Diagnosis, Facts};
use super::id::Id;
use super::note::Note;
use crate::cert::verify::{Fault, Place};
use crate::cert::x509::Summary;

/// As many diagnoses are told of one chain.
const DIAGNOSES_MAX: usize = 6;
/// As many characters are kept of what docker would say.
const WORDS_MAX: usize = 1000;
/// As many characters are kept of why something is wrong.
const SAID_MAX: usize = 300;

impl From<&Summary> for CertFacts {
    fn from(cert: &Summary) -> Self {
        let Summary { subject, issuer, sha256, not_before, not_after, .. } = cert.clone();
        Self { subject, issuer, sha256, not_before, not_after }
    }
}

/// The diagnoses of a server's chain, the first being what docker says. `base` is what else is known: the host, the
/// profile, the file of the CA. What only docker can verify is no diagnosis, but one of [`notes`].
#[must_use]
pub fn server(faults: &[Fault], base: &Facts) -> Vec<Diagnosis> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.ok().and_then(|now| i64::try_from(now.as_secs()).ok()).unwrap_or_default();
    let host = base.host.as_deref().unwrap_or_default();
    let told = faults.iter().filter_map(|fault| {
        let mut diagnosis = diagnose(fault, base, &SERVER)?;
        diagnosis.facts.words = fault.docker(host, now).map(|words| cut(&words, WORDS_MAX));
        Some(diagnosis)
    });
    bounded(told)
}

/// A server that means harm may have a thousand faults: the first is what docker tells, and of each kind two are enough.
fn bounded(all: impl Iterator<Item = Diagnosis>) -> Vec<Diagnosis> {
    let mut told: Vec<Diagnosis> = Vec::new();
    for diagnosis in all {
        let same = told.iter().filter(|other| other.id == diagnosis.id).count();
        if same < 2 && told.len() < DIAGNOSES_MAX {
            told.push(diagnosis);
        }
    }
    told
}

/// The beginning of a text that may be as long as its certificate.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The diagnoses of a client's chain, judged against the CAs whose clients the daemon takes, as far as they are known.
#[must_use]
pub fn client(faults: &[Fault], base: &Facts) -> Vec<Diagnosis> {
    bounded(faults.iter().filter_map(|fault| diagnose(fault, base, &CLIENT)))
}

/// What is to be said beside the diagnoses of these faults.
#[must_use]
pub fn notes(faults: &[Fault]) -> Vec<Note> {
    let note = |fault: &Fault| match fault {
        Fault::CannotCheck { cert, algorithm } => {
            let (subject, algorithm) = (cert.subject.clone(), algorithm.clone());
            Some(Note::CannotCheck { subject, algorithm })
        }
        Fault::MissingIntermediate { cert, .. } => {
            Some(Note::IntermediateMissing { issuer: cert.issuer.clone() })
        }
        _ => None,
    };
    faults.iter().filter_map(note).collect()
}

/// The topic under which a diagnosis of a certificate stands.
#[must_use]
pub const fn topic(id: Id) -> &'static str {
    match id {
        Id::NameMismatch | Id::NoSan => "name",
        Id::ServerExpired | Id::ServerNotYetValid | Id::CaExpired | Id::ClientExpired => "dates",
        Id::ServerUsage | Id::ClientUsage => "usage",
        _ => "chain",
    }
}

/// The ids that differ between the two sides.
struct Side {
    expired: Id,
    not_yet: Id,
    usage: Id,
    unknown: Id,
    /// docker says this of a file of its own, or of what comes over the wire.
    unparsable: Id,
    policy: Id,
    client: bool,
}

const SERVER: Side = Side {
    expired: Id::ServerExpired,
    not_yet: Id::ServerNotYetValid,
    usage: Id::ServerUsage,
    unknown: Id::UnknownCa,
    unparsable: Id::CertUnparsable,
    policy: Id::ServerUsage,
    client: false,
};
const CLIENT: Side = Side {
    expired: Id::ClientExpired,
    not_yet: Id::ClientExpired,
    usage: Id::ClientUsage,
    unknown: Id::ClientUnknownCa,
    unparsable: Id::CertInvalid,
    policy: Id::ClientRejected,
    client: true,
};

fn diagnose(fault: &Fault, base: &Facts, side: &Side) -> Option<Diagnosis> {
    let mut facts = Facts { client: side.client, ..base.clone() };
    let id = match fault {
        // Nothing was sent, which the handshake tells; or docker has to be asked.
        Fault::Empty | Fault::CannotCheck { .. } => return None,
        Fault::Malformed { cert, why, .. } => {
            facts.cert = Some(cert.into());
            facts.said = Some(cut(why, SAID_MAX));
            if side.client {
                // docker reads its own file before it connects
                let words = format!("failed to retrieve context tls info: {why}");
                facts.words = Some(cut(&words, WORDS_MAX));
            }
            side.unparsable
        }
        Fault::NothingTrusted { cert } => {
            facts.cert = Some(cert.into());
            side.unknown
        }
        Fault::CriticalExtension { cert, extensions, .. } => {
            facts.cert = Some(cert.into());
            let extensions = cut(&extensions.join(", "), SAID_MAX);
            facts.said = Some(format!("x509: unhandled critical extension {extensions}"));
            // docker sends one of its own, and the daemon does not take it
            if side.client { Id::ClientRejected } else { side.unparsable }
        }
        Fault::Expired { place, cert } => {
            facts.cert = Some(cert.into());
            if *place == Place::Leaf { side.expired } else { Id::CaExpired }
        }
        Fault::NotYetValid { cert, .. } => {
            facts.cert = Some(cert.into());
            side.not_yet
        }
        Fault::NameMismatch { cert, listed } => {
            facts.cert = Some(cert.into());
            facts.listed.clone_from(listed);
            Id::NameMismatch
        }
        Fault::NoSan { cert, common_name } => {
            facts.cert = Some(cert.into());
            facts.common_name.clone_from(common_name);
            Id::NoSan
        }
        Fault::NoIpSan { cert, listed, .. } | Fault::NoDnsSan { cert, listed } => {
            facts.cert = Some(cert.into());
            facts.listed.clone_from(listed);
            Id::NoSan
        }
        Fault::UnknownAuthority { cert, trusted, .. }
        | Fault::MissingIntermediate { cert, trusted }
        | Fault::SelfSigned { cert, trusted, .. } => {
            facts.cert = Some(cert.into());
            facts.given = trusted.first().map(Into::into);
            side.unknown
        }
        Fault::SameNameOtherKey { cert, ca, .. } => {
            facts.cert = Some(cert.into());
            facts.given = Some(ca.into());
            side.unknown
        }
        Fault::TooManyChecks => {
            facts.said = Some("x509: signature check attempts limit reached".to_owned());
            side.unknown
        }
        Fault::IssuerNotCa { place, issuer, .. } => {
            facts.cert = Some(issuer.into());
            if *place == Place::Intermediate {
                Id::IntermediateNotCa
            } else {
                facts.given = Some(issuer.into());
                Id::IssuerNotCa
            }
        }
        Fault::PathLength { cert, .. } => {
            facts.cert = Some(cert.into());
            Id::PathLength
        }
        Fault::NameConstraint { cert, forbidden, .. } => {
            facts.cert = Some(cert.into());
            facts.said = Some(cut(&forbidden.what, SAID_MAX));
            Id::NameConstraint
        }
        Fault::Policy { cert, .. } => {
            facts.cert = Some(cert.into());
            facts.said = fault.docker("", 0);
            side.policy
        }
        Fault::WeakSignature { cert, algorithm, .. }
        | Fault::UnknownAlgorithm { cert, algorithm, .. } => {
            facts.cert = Some(cert.into());
            facts.algorithm = Some(algorithm.clone());
            Id::WeakSignature
        }
        Fault::Usage { cert, .. } => {
            facts.cert = Some(cert.into());
            side.usage
        }
    };
    Some(Diagnosis::with(id, facts))
}
