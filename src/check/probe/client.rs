//! The client's certificate: which one docker would send, and why a daemon has not taken it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::AlertDescription as Alert;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;

use super::ears::Seen;
use super::trust;
use crate::cert::dn::Dn;
use crate::cert::key::{self, Belongs};
use crate::cert::pem::{self, Bad};
use crate::cert::verify::{Fault, Place, Usage, verify};
use crate::cert::x509::Cert;
use crate::check::diagnosis::{Diagnosis, Facts};
use crate::check::id::Id;
use crate::check::judge;

/// How many of the server's CAs are told.
const ACCEPTED_MAX: usize = 20;

/// A certificate with its key.
#[derive(Debug)]
pub(super) struct Ready {
    /// For rustls.
    pub(super) key: Arc<CertifiedKey>,
    /// All certificates of the file, ours first.
    chain: Vec<Cert>,
}

impl Ready {
    /// Whether a server that takes client certificates of these CAs (none: of any) gets this one: one certificate of
    /// the file has to be issued by one of them (Go: crypto/tls, `CertificateRequestInfo.SupportsCertificate`).
    pub(super) fn is_of(&self, accepted: &[Vec<u8>]) -> bool {
        accepted.is_empty() || self.chain.iter().any(|cert| accepted.contains(&cert.issuer.der))
    }
}

/// The client certificate, as far as there is one.
#[derive(Debug)]
pub(super) enum Client {
    /// The profile has none.
    None,
    /// This file is not there; docker drops the other one without a word.
    Missing(PathBuf),
    /// This file is of no use, which the check of the files explains.
    Unusable(PathBuf),
    /// The key is of a kind that docker can use, and dctx cannot.
    Foreign(PathBuf),
    /// Both are right.
    Ready(Arc<Ready>),
}

/// The pair that docker would send.
pub(super) fn load(cert: Option<&Path>, key: Option<&Path>) -> Client {
    let (Some(cert), Some(key)) = (cert, key) else { return Client::None };
    let (cert_file, key_file) = match (pem::open(cert), pem::open(key)) {
        (Ok(cert), Ok(key)) => (cert, key),
        // neither is there: that is a directory with a CA alone
        (Err(Bad::Missing), Err(Bad::Missing)) => return Client::None,
        (Err(Bad::Missing), _) => return Client::Missing(cert.to_path_buf()),
        (_, Err(Bad::Missing)) => return Client::Missing(key.to_path_buf()),
        (Err(_), _) => return Client::Unusable(cert.to_path_buf()),
        (_, Err(_)) => return Client::Unusable(key.to_path_buf()),
    };
    let unusable = |path: &Path| Client::Unusable(path.to_path_buf());
    let Ok(blocks) = cert_file.pem() else { return unusable(cert) };
    let ders = || blocks.blocks.iter().filter(|block| block.label == "CERTIFICATE");
    let chain: Vec<Cert> =
        ders().filter_map(|block| Cert::from_der(&block.contents).ok()).collect();
    let Some(leaf) = chain.first() else { return unusable(cert) };
    let private = key_file.pem().ok().and_then(|pem| key::read(&pem).ok());
    let Some(private) = private else { return unusable(key) };
    if private.belongs_to(&leaf.key) == Belongs::No {
        return unusable(key);
    }
    let signer = private
        .for_rustls(&leaf.key)
        .and_then(|key| rustls::crypto::ring::sign::any_supported_type(&key).ok());
    let Some(signer) = signer else { return Client::Foreign(key.to_path_buf()) };
    let certs = ders().map(|block| CertificateDer::from(block.contents.to_vec())).collect();
    let key = Arc::new(CertifiedKey::new(certs, signer));
    Client::Ready(Arc::new(Ready { key, chain }))
}

/// Why the server has refused: it asked for a client certificate, and `alert` is what it said, if it said anything.
///
/// The alert alone tells little: Go's daemons say `bad certificate` for almost everything, later ones `certificate
/// required` also where docker withheld the certificate. What we have, and what was asked for, tells more.
pub(super) fn refused(
    client: &Client,
    seen: &Seen,
    alert: Option<Alert>,
    (ca, cert): (Option<&Path>, Option<&Path>),
    mut facts: Facts,
) -> Diagnosis {
    facts.said = alert.map(alert_text);
    facts.words = alert.map(|alert| format!("remote error: tls: {}", alert_text(alert)));
    facts.accepted = seen.accepted.iter().take(ACCEPTED_MAX).map(|name| dn(name)).collect();
    let ready = match client {
        Client::Ready(ready) => ready,
        Client::Missing(path) | Client::Unusable(path) | Client::Foreign(path) => {
            facts.path = Some(path.clone());
            return Diagnosis::with(Id::ClientCertRequired, facts);
        }
        Client::None => return Diagnosis::with(Id::ClientCertRequired, facts),
    };
    let Some(leaf) = ready.chain.first() else {
        return Diagnosis::with(Id::ClientCertRequired, facts);
    };
    facts.cert = Some((&leaf.summary()).into());
    // One that signs itself is known by itself: the names that the daemon gives are those of other clients.
    facts.pinned = leaf.is_self_issued() && !leaf.is_ca();
    if facts.pinned {
        facts.path = cert.map(Path::to_path_buf);
    }
    let now = now();
    let id = if !ready.is_of(&seen.accepted) {
        Id::ClientUnknownCa
    } else if now > leaf.not_after || now < leaf.not_before {
        Id::ClientExpired
    } else if leaf.usages.as_ref().is_some_and(|usages| !usages.client && !usages.any) {
        Id::ClientUsage
    } else if alert == Some(Alert::CertificateExpired) {
        Id::ClientExpired
    } else {
        // its CA's name is in the list: one that was made again under the same name has another key
        let faults = verify(&ready.chain, &trust::roots(ca), None, Usage::Client, now).err();
        let faults = faults.unwrap_or_default();
        if let Some(id) = above(&faults) {
            let base = Facts { path: cert.map(Path::to_path_buf), ..facts.clone() };
            let told = judge::client(&faults, &base).into_iter().find(|it| it.id == id);
            if let Some(mut diagnosis) = told {
                diagnosis.facts.words = facts.words;
                return diagnosis;
            }
        }
        let other = faults.into_iter().find_map(|fault| match fault {
            Fault::SameNameOtherKey { ca, .. } => Some(ca),
            _ => None,
        });
        facts.given = other.as_ref().map(Into::into);
        match (alert, other) {
            (Some(Alert::UnknownCA), _) | (_, Some(_)) => Id::ClientUnknownCa,
            _ => Id::ClientRejected,
        }
    };
    Diagnosis::with(id, facts)
}

/// What is wrong above the client's certificate, where that is the first fault that a daemon with our CA finds.
fn above(faults: &[Fault]) -> Option<Id> {
    match faults.first()? {
        Fault::WeakSignature { .. } => Some(Id::WeakSignature),
        Fault::NameConstraint { .. } => Some(Id::NameConstraint),
        Fault::PathLength { .. } => Some(Id::PathLength),
        Fault::IssuerNotCa { place: Place::Intermediate, .. } => Some(Id::IntermediateNotCa),
        _ => None,
    }
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn dn(der: &[u8]) -> String {
    match Dn::parse(der).0.text() {
        "" => "?".to_owned(),
        name => name.to_owned(),
    }
}

/// The alert by its name in RFC 8446 §6, in the words that Go prints.
pub(super) fn alert_text(alert: Alert) -> String {
    let words = match alert {
        Alert::HandshakeFailure => "handshake failure",
        Alert::BadCertificate => "bad certificate",
        Alert::UnsupportedCertificate => "unsupported certificate",
        Alert::CertificateRevoked => "revoked certificate",
        Alert::CertificateExpired => "expired certificate",
        Alert::CertificateUnknown => "unknown certificate",
        Alert::CertificateRequired => "certificate required",
        Alert::UnknownCA => "unknown certificate authority",
        Alert::AccessDenied => "access denied",
        Alert::ProtocolVersion => "protocol version not supported",
        Alert::InsufficientSecurity => "insufficient security level",
        Alert::InternalError => "internal error",
        Alert::UnrecognisedName => "unrecognized name",
        Alert::DecryptError => "error decrypting message",
        other => return format!("{other:?}"),
    };
    words.to_owned()
}
