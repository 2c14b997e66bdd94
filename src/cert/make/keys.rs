//! Keys: making them, and signing with them. What is made is PKCS #8 version 1, which everything reads; ring's own
//! Ed25519 form is version 2, which OpenSSL 3.0 does not (openssl#9134).

use std::sync::Arc;

use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{self as r, KeyPair as _};
use rustls::SignatureScheme;
use rustls::sign::SigningKey;
use x509_parser::prelude::{FromDer as _, SubjectPublicKeyInfo};

use crate::cert::encode::{bits, octets, oid, pem, sequence};
use crate::cert::key::{EC_PUBLIC_KEY, P256, P384, PrivateKey};
use crate::cert::secret::Secret;
use crate::cert::signature::{Kind, PublicKey};
use crate::error::{Error, MakeFault, Result};

/// What `--key-type` offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// NIST P-256: small, fast, and known to every client there is.
    P256,
    /// NIST P-384.
    P384,
    /// Ed25519.
    Ed25519,
}

impl KeyType {
    /// The kind of a key that there is, or P-256 in place of one that is not made here.
    #[must_use]
    pub const fn like(kind: &Kind) -> Self {
        match kind {
            Kind::P384 => Self::P384,
            Kind::Ed25519 => Self::Ed25519,
            _ => Self::P256,
        }
    }
}

/// A private key that was made here.
#[derive(Debug)]
pub struct NewKey {
    /// PKCS #8.
    pub der: Secret,
    /// Its public half.
    pub public: PublicKey,
}

/// A private key at hand, ready to sign.
#[derive(Debug, Clone)]
pub struct Signer {
    /// Its public half.
    pub public: PublicKey,
    key: Arc<dyn SigningKey>,
}

const ED25519: &[u8] = b"\x2b\x65\x70";

/// So many random bytes.
///
/// # Errors
/// The system has none.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map(|()| bytes).map_err(|_| Error::Make(MakeFault::NoRandom))
}

impl NewKey {
    /// Makes one.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn generate(kind: KeyType) -> Result<Self> {
        let no = |()| Error::Make(MakeFault::NoRandom);
        let source = SystemRandom::new();
        let (der, spki) = match kind {
            KeyType::P256 | KeyType::P384 => {
                let (algorithm, curve) = match kind {
                    KeyType::P256 => (&r::ECDSA_P256_SHA256_ASN1_SIGNING, P256),
                    _ => (&r::ECDSA_P384_SHA384_ASN1_SIGNING, P384),
                };
                let made = r::EcdsaKeyPair::generate_pkcs8(algorithm, &source);
                let der = Secret::copy(made.map_err(|_| no(()))?.as_ref());
                let pair = r::EcdsaKeyPair::from_pkcs8(algorithm, &der, &source);
                let pair = pair.map_err(|_| no(()))?;
                let point = bits(pair.public_key().as_ref());
                (der, sequence(&[&sequence(&[&oid(EC_PUBLIC_KEY), &oid(curve)]), &point]))
            }
            KeyType::Ed25519 => {
                let seed = Secret::new(random::<32>()?.to_vec());
                let pair = r::Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| no(()))?;
                let algorithm = sequence(&[&oid(ED25519)]);
                let inner = Secret::new(octets(&seed));
                let der = sequence(&[&[2, 1, 0], &algorithm, &Secret::new(octets(&inner))]);
                (Secret::new(der), sequence(&[&algorithm, &bits(pair.public_key().as_ref())]))
            }
        };
        let (_, parsed) = SubjectPublicKeyInfo::from_der(&spki).map_err(|_| no(()))?;
        Ok(Self { der, public: PublicKey::new(&parsed).0 })
    }

    /// The key as a PEM file has it.
    #[must_use]
    pub fn pem(&self) -> Secret {
        Secret::new(pem("PRIVATE KEY", &self.der).into_bytes())
    }

    /// Ready to sign.
    ///
    /// # Errors
    /// Never for what was made here.
    pub fn signer(&self) -> Result<Signer> {
        let key = PrivateKey::from_der(&self.der);
        key.and_then(|key| Signer::new(&key, &self.public))
            .ok_or(Error::Make(MakeFault::NotSigned("the new key cannot sign")))
    }
}

impl Signer {
    /// A private key beside its public half; `None` where ring cannot sign with it (P-521, secp256k1, RSA below 2048
    /// or above 4096 bits).
    #[must_use]
    pub fn new(key: &PrivateKey, public: &PublicKey) -> Option<Self> {
        let der = key.for_rustls(public)?;
        let key = rustls::crypto::ring::sign::any_supported_type(&der).ok()?;
        Some(Self { public: public.clone(), key })
    }

    /// The AlgorithmIdentifier of its signatures, and the same in TLS.
    fn scheme(&self) -> Option<(Vec<u8>, SignatureScheme)> {
        Some(match self.public.kind {
            Kind::Rsa(_) => (
                sequence(&[&oid(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), &[5, 0]]),
                SignatureScheme::RSA_PKCS1_SHA256,
            ),
            Kind::P256 => (
                sequence(&[&oid(b"\x2a\x86\x48\xce\x3d\x04\x03\x02")]),
                SignatureScheme::ECDSA_NISTP256_SHA256,
            ),
            Kind::P384 => (
                sequence(&[&oid(b"\x2a\x86\x48\xce\x3d\x04\x03\x03")]),
                SignatureScheme::ECDSA_NISTP384_SHA384,
            ),
            Kind::Ed25519 => (sequence(&[&oid(ED25519)]), SignatureScheme::ED25519),
            _ => return None,
        })
    }

    /// `body` with its signature: `SIGNED{…}` of X.509. The body is given what the AlgorithmIdentifier is, because a
    /// certificate says it inside, too.
    ///
    /// # Errors
    /// The key cannot be used.
    pub fn sign(&self, body: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<Vec<u8>> {
        let no = || Error::Make(MakeFault::NotSigned("the key cannot sign"));
        let (algorithm, scheme) = self.scheme().ok_or_else(no)?;
        let signer = self.key.choose_scheme(&[scheme]).ok_or_else(no)?;
        let body = body(&algorithm);
        let signature = signer.sign(&body).map_err(|_| no())?;
        Ok(sequence(&[&body, &algorithm, &bits(&signature)]))
    }
}
