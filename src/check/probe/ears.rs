//! What is heard of a server during the handshake: its certificates, the proof that they are its own, and which client
//! certificates it asks for.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::client::Ready;
use crate::cert::signature::Kind;
use crate::cert::x509::Cert;
use crate::check::finding::Finding;

/// Says what is wrong with a chain, leaf first; nothing where it is right.
pub(super) type Judge = Box<dyn Fn(&[CertificateDer<'_>]) -> Vec<Finding> + Send + Sync>;

/// Whether the server has shown that the certificate's key is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Proof {
    /// It did not come to that.
    #[default]
    None,
    /// It has.
    Good,
    /// It has not: the signature is not of that key.
    Bad,
    /// It signs in a way that cannot be checked here, such as with P-521.
    Unknown,
}

/// What was seen of the other side.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Its certificates, leaf first.
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// What is wrong with them.
    pub(super) wrong: Vec<Finding>,
    /// See [`Proof`].
    pub(super) proof: Proof,
    /// Whether it asked for a client certificate.
    pub(super) asked: bool,
    /// The names of the CAs that it takes client certificates of, in DER; empty for any.
    pub(super) accepted: Vec<Vec<u8>>,
    /// Whether ours was offered.
    pub(super) offered: bool,
}

/// The cryptography, made once: ring's, and P-521 among what a server may sign with. Without it such a server would
/// answer with an alert, and its certificate could not even be read.
pub(super) fn provider() -> &'static Arc<CryptoProvider> {
    static ONE: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    ONE.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider()))
}

/// What is heard by the callbacks, shared with whoever waits for the handshake.
#[derive(Clone, Default)]
pub(super) struct Ears(Arc<Mutex<Seen>>);

impl Ears {
    pub(super) fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hears what the server shows of itself.
pub(super) struct Verifier {
    pub(super) ears: Ears,
    pub(super) judge: Judge,
    /// Whether a server that does not verify ends it.
    pub(super) strict: bool,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier")
    }
}

const STOP: Error = Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);

impl Verifier {
    fn proven(
        &self,
        result: Result<HandshakeSignatureValid, Error>,
        cert: &CertificateDer<'_>,
        scheme: SignatureScheme,
    ) -> Result<HandshakeSignatureValid, Error> {
        let proof = match &result {
            Ok(_) => Proof::Good,
            Err(_) if scheme == SignatureScheme::ECDSA_NISTP521_SHA512 => Proof::Unknown,
            // ring takes RSA keys from 2048 bits to 8192; a certificate that webpki cannot read has a key all the same
            Err(Error::InvalidCertificate(CertificateError::BadSignature)) if !odd_rsa(cert) => {
                Proof::Bad
            }
            Err(Error::PeerMisbehaved(_)) => Proof::Bad,
            Err(_) => Proof::Unknown,
        };
        self.ears.lock().proof = proof;
        match proof {
            Proof::Unknown if !self.strict => Ok(HandshakeSignatureValid::assertion()),
            Proof::Unknown => Err(STOP),
            _ => result,
        }
    }
}

fn odd_rsa(cert: &CertificateDer<'_>) -> bool {
    let odd = |kind| matches!(kind, Kind::Rsa(bits) if !(2048..=8192).contains(&bits));
    Cert::from_der(cert).is_ok_and(|cert| odd(cert.key.kind))
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut chain = vec![end_entity.clone().into_owned()];
        chain.extend(intermediates.iter().map(|cert| cert.clone().into_owned()));
        let wrong = (self.judge)(&chain);
        let stop = self.strict && !wrong.is_empty();
        let mut seen = self.ears.lock();
        seen.chain = chain;
        seen.wrong = wrong;
        if stop { Err(STOP) } else { Ok(ServerCertVerified::assertion()) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &provider().signature_verification_algorithms;
        self.proven(verify_tls12_signature(message, cert, dss, known), cert, dss.scheme)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &provider().signature_verification_algorithms;
        // by the bare key: webpki reads no certificates of version 1
        let result = match Cert::from_der(cert) {
            Ok(parsed) => {
                let key = SubjectPublicKeyInfoDer::from(parsed.key.spki.as_slice());
                verify_tls13_signature_with_raw_key(message, &key, dss, known)
            }
            Err(_) => Err(CertificateError::BadEncoding.into()),
        };
        self.proven(result, cert, dss.scheme)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut all = provider().signature_verification_algorithms.supported_schemes();
        all.push(SignatureScheme::ECDSA_NISTP521_SHA512);
        all
    }
}

/// Hears what the server asks for, and offers what docker would.
pub(super) struct Offer {
    pub(super) ears: Ears,
    pub(super) client: Option<Arc<Ready>>,
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Offer")
    }
}

impl ResolvesClientCert for Offer {
    fn resolve(&self, hints: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let mut seen = self.ears.lock();
        seen.asked = true;
        seen.accepted = hints.iter().map(|name| name.to_vec()).collect();
        // Go withholds a certificate that no CA of the server's list issued (crypto/tls, CertificateRequestInfo), and
        // so does docker: a server that would take it all the same does not get it from docker either.
        let client = self.client.as_ref().filter(|client| client.is_of(&seen.accepted))?;
        seen.offered = true;
        Some(Arc::clone(&client.key))
    }

    /// Also without one: otherwise nobody would tell that the server asks.
    fn has_certs(&self) -> bool {
        true
    }
}
