//! The TLS handshake: everything is recorded and judged by others. A server that does not verify is shown no client
//! certificate and gets no request, unless the profile itself says that the server is not to be verified.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme,
};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::client::Ready;
use super::dial::Wire;
use super::http::Trouble;
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
fn provider() -> &'static Arc<CryptoProvider> {
    static ONE: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    ONE.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider()))
}

/// What is heard by the callbacks, shared with whoever waits for the handshake.
#[derive(Clone, Default)]
struct Ears(Arc<Mutex<Seen>>);

impl Ears {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Verifier {
    ears: Ears,
    judge: Judge,
    /// Whether a server that does not verify ends it.
    strict: bool,
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
    X509Certificate::from_der(cert).is_ok_and(|(_, cert)| match cert.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => !(2048..=8192).contains(&key.key_size()),
        _ => false,
    })
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
        let result = match X509Certificate::from_der(cert) {
            Ok((_, parsed)) => {
                let key = SubjectPublicKeyInfoDer::from(parsed.public_key().raw);
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

struct Offer {
    ears: Ears,
    client: Option<Arc<Ready>>,
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

/// Everything over TLS.
#[derive(Debug)]
pub(super) struct TlsStream {
    conn: ClientConnection,
    wire: Wire,
}

/// Shakes hands with the server on `wire`, which is meant to be `host`.
///
/// Returns what was seen, and the stream or why there is none; the wire's first bytes in either case.
pub(super) fn handshake(
    wire: Wire,
    host: &str,
    strict: bool,
    judge: Judge,
    client: Option<Arc<Ready>>,
) -> (Seen, Result<TlsStream, (Trouble, Vec<u8>)>) {
    let ears = Ears::default();
    let conn = connection(host, &ears, strict, judge, client);
    let result = match conn {
        Ok(conn) => {
            let mut stream = TlsStream { conn, wire };
            match stream.shake() {
                Ok(()) => Ok(stream),
                Err(trouble) => Err((trouble, stream.wire.first().to_vec())),
            }
        }
        Err(error) => Err((Trouble::Tls(error), Vec::new())),
    };
    let seen = std::mem::take(&mut *ears.lock());
    (seen, result)
}

fn connection(
    host: &str,
    ears: &Ears,
    strict: bool,
    judge: Judge,
    client: Option<Arc<Ready>>,
) -> Result<ClientConnection, Error> {
    let verifier = Verifier { ears: ears.clone(), judge, strict };
    let mut config = ClientConfig::builder_with_provider(Arc::clone(provider()))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(Arc::new(Offer { ears: ears.clone(), client }));
    config.resumption = Resumption::disabled();
    ClientConnection::new(Arc::new(config), server_name(host))
}

/// What is asked for by SNI: names, and never addresses (RFC 6066 §3). A name that is none is not asked for.
fn server_name(host: &str) -> ServerName<'static> {
    let bare = host.trim_end_matches('.');
    let none = || ServerName::from(IpAddr::from([0, 0, 0, 0]));
    ServerName::try_from(bare.to_owned()).unwrap_or_else(|_| none())
}

impl TlsStream {
    fn shake(&mut self) -> Result<(), Trouble> {
        while self.conn.is_handshaking() {
            let sent = self.send();
            if !self.conn.is_handshaking() {
                break;
            }
            // where writing fails, what the server said last tells why
            match (self.conn.read_tls(&mut self.wire), sent) {
                (Ok(0), Err(error)) => return Err(error.into()),
                (Ok(0), Ok(())) => return Err(Trouble::Closed(self.wire.first().len())),
                (Ok(_), _) => {}
                (Err(error), _) => return Err(error.into()),
            }
            if let Err(error) = self.conn.process_new_packets() {
                // the server's log should say why, too
                let _ = self.send();
                return Err(Trouble::Tls(error));
            }
        }
        let _ = self.send();
        Ok(())
    }

    fn send(&mut self) -> io::Result<()> {
        while self.conn.wants_write() {
            if self.conn.write_tls(&mut self.wire)? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    /// The version, as people write it.
    pub(super) fn version(&self) -> &'static str {
        match self.conn.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
            _ => "TLS 1.3",
        }
    }

    /// The cipher suite, by its registered name.
    pub(super) fn cipher(&self) -> String {
        let suite = self.conn.negotiated_cipher_suite().map(|suite| suite.suite());
        let name = suite.and_then(|suite| suite.as_str()).unwrap_or("?");
        // rustls' names of TLS 1.3's suites say so once more
        name.replace("TLS13_", "TLS_")
    }
}

impl Read for TlsStream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.conn.reader().read(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
            let _ = self.send();
            self.conn.read_tls(&mut self.wire)?;
            self.conn
                .process_new_packets()
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
    }
}

impl Write for TlsStream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let count = self.conn.writer().write(buf)?;
        self.send()?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}
