//! The client's certificate: which one docker would send, and why a daemon has not taken it.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::AlertDescription as Alert;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::x509::X509Name;

use super::tls::Seen;
use crate::check::diagnosis::{CertFacts, Diagnosis, Facts};
use crate::check::id::Id;

/// The largest file that is read: a system's CA bundle is a quarter of a megabyte.
const FILE_MAX: u64 = 4 << 20;
/// How many of the server's CAs are told.
const ACCEPTED_MAX: usize = 20;

/// A certificate with its key.
#[derive(Debug)]
pub(super) struct Ready {
    /// For rustls.
    pub(super) key: Arc<CertifiedKey>,
    /// The issuers of all certificates in the file, in DER: one of them has to be in the server's list.
    issuers: Vec<Vec<u8>>,
}

impl Ready {
    /// Whether a server that takes client certificates of these CAs (none: of any) gets this one.
    pub(super) fn is_of(&self, accepted: &[Vec<u8>]) -> bool {
        accepted.is_empty() || self.issuers.iter().any(|issuer| accepted.contains(issuer))
    }

    fn leaf(&self) -> Option<&CertificateDer<'static>> {
        self.key.cert.first()
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

/// Reads a file of bounded size; a pipe or a directory is refused.
pub(super) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a file"));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(FILE_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The pair that docker would send.
pub(super) fn load(cert: Option<&Path>, key: Option<&Path>) -> Client {
    let (Some(cert), Some(key)) = (cert, key) else { return Client::None };
    let read = |path: &Path| match read_file(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Client::Missing(path.to_path_buf()))
        }
        Err(_) => Err(Client::Unusable(path.to_path_buf())),
    };
    let (cert_pem, key_pem) = match (read(cert), read(key)) {
        (Ok(cert), Ok(key)) => (cert, key),
        // neither is there: that is a directory with a CA alone
        (Err(Client::Missing(_)), Err(Client::Missing(_))) => return Client::None,
        (Err(client), _) | (_, Err(client)) => return client,
    };
    let unusable = |path: &Path| Client::Unusable(path.to_path_buf());
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&cert_pem).filter_map(Result::ok).collect();
    let Some(issuers) = issuers(&chain) else { return unusable(cert) };
    let Ok(private) = PrivateKeyDer::from_pem_slice(&key_pem) else { return unusable(key) };
    match rustls::crypto::ring::sign::any_supported_type(&private) {
        Ok(signer) => {
            let certified = CertifiedKey::new(chain, signer);
            if matches!(
                certified.keys_match(),
                Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch))
            ) {
                return unusable(key);
            }
            Client::Ready(Arc::new(Ready { key: Arc::new(certified), issuers }))
        }
        Err(_) => Client::Foreign(key.to_path_buf()),
    }
}

/// `None` unless there is a certificate, and all of them can be read.
fn issuers(chain: &[CertificateDer<'_>]) -> Option<Vec<Vec<u8>>> {
    let issuer = |der: &CertificateDer<'_>| {
        X509Certificate::from_der(der).ok().map(|(_, cert)| cert.issuer().as_raw().to_vec())
    };
    let all: Option<Vec<_>> = chain.iter().map(issuer).collect();
    all.filter(|all| !all.is_empty())
}

/// Why the server has refused: it asked for a client certificate, and `alert` is what it said, if it said anything.
///
/// The alert alone tells little: Go's daemons say `bad certificate` for almost everything, later ones `certificate
/// required` also where docker withheld the certificate. What we have, and what was asked for, tells more.
pub(super) fn refused(
    client: &Client,
    seen: &Seen,
    alert: Option<Alert>,
    mut facts: Facts,
) -> Diagnosis {
    facts.said = alert.map(alert_text);
    facts.accepted = seen.accepted.iter().take(ACCEPTED_MAX).map(|name| dn(name)).collect();
    let ready = match client {
        Client::Ready(ready) => ready,
        Client::Missing(path) | Client::Unusable(path) | Client::Foreign(path) => {
            facts.path = Some(path.clone());
            return Diagnosis::with(Id::ClientCertRequired, facts);
        }
        Client::None => return Diagnosis::with(Id::ClientCertRequired, facts),
    };
    let parsed = ready.leaf().and_then(|der| X509Certificate::from_der(der).ok());
    let Some((_, leaf)) = parsed else { return Diagnosis::with(Id::ClientRejected, facts) };
    facts.cert = ready.leaf().map(|der| cert_facts(der, &leaf));
    let now = now();
    let validity = leaf.validity();
    let id = if !ready.is_of(&seen.accepted) {
        Id::ClientUnknownCa
    } else if now > validity.not_after.timestamp() || now < validity.not_before.timestamp() {
        Id::ClientExpired
    } else if !for_clients(&leaf) {
        Id::ClientUsage
    } else {
        match alert {
            // its name is in the list: a CA that was made again under the same name
            Some(Alert::UnknownCA) => Id::ClientUnknownCa,
            Some(Alert::CertificateExpired) => Id::ClientExpired,
            _ => Id::ClientRejected,
        }
    };
    Diagnosis::with(id, facts)
}

/// Go (`crypto/x509`, `checkChainForKeyUsage`): no extended key usage at all is any.
fn for_clients(cert: &X509Certificate<'_>) -> bool {
    match cert.extended_key_usage() {
        Ok(Some(usage)) => usage.value.client_auth || usage.value.any,
        Ok(None) => true,
        Err(_) => false,
    }
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// What is told of a certificate.
pub(super) fn cert_facts(der: &[u8], cert: &X509Certificate<'_>) -> CertFacts {
    use sha2::Digest as _;
    let sum = sha2::Sha256::digest(der);
    CertFacts {
        subject: name(cert.subject()),
        issuer: name(cert.issuer()),
        sha256: sum.iter().map(|byte| format!("{byte:02x}")).collect(),
        not_before: cert.validity().not_before.timestamp(),
        not_after: cert.validity().not_after.timestamp(),
    }
}

fn name(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|cn| cn.as_str().ok());
    common.map_or_else(|| name.to_string(), ToOwned::to_owned)
}

fn dn(der: &[u8]) -> String {
    X509Name::from_der(der).map_or_else(|_| "?".to_owned(), |(_, parsed)| name(&parsed))
}

/// The alert by the name that RFC 8446 §6 gives it, with blanks, as Go prints it.
pub(super) fn alert_text(alert: Alert) -> String {
    let words: &str = match alert {
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
