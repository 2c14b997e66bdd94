//! Private keys: what a key file holds, whether it belongs to a certificate, and the forms that rustls and docker take.
//! One with a passphrase is [`super::encrypt`]'s. The bytes of a key are overwritten after use, and nothing here
//! prints them.

use ring::rand::SystemRandom;
use ring::signature as r;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer};

use super::der::{self, Reader};
use super::encode::{self, bits, octets, oid, sequence, tlv};
use super::label;
use super::pem::{Block, Pem};
use super::secret::Secret;
use super::signature::{Kind, PublicKey};

/// rsaEncryption (RFC 8017, A.1), id-ecPublicKey and two of its curves (RFC 5480, 2.1.1).
const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
pub(super) const EC_PUBLIC_KEY: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
pub(super) const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";
pub(super) const P384: &[u8] = b"\x2b\x81\x04\x00\x22";

/// A private key.
#[derive(Debug)]
pub struct PrivateKey {
    /// What it is, with its size.
    pub kind: Kind,
    /// How it is written.
    pub form: Form,
    /// All of it, in that form.
    der: Secret,
    material: Material,
}

/// How a private key is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `RSA PRIVATE KEY` (RFC 8017).
    Pkcs1,
    /// `EC PRIVATE KEY` (RFC 5915).
    Sec1,
    /// `PRIVATE KEY` (RFC 5958).
    Pkcs8,
}

/// Why a file gives no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoKey {
    /// It has a passphrase.
    Encrypted,
    /// There is no private key in it: the label of what is.
    Label(&'static str),
    /// A key on a curve that is written out and not named, which Go does not read.
    Explicit,
    /// It says that it is one, and cannot be read: its label.
    Malformed(&'static str),
}

/// Whether a key belongs to a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belongs {
    /// It does.
    Yes,
    /// It belongs to another.
    No,
    /// A curve that cannot be computed here, and a key that does not name its public half.
    CannotTell,
}

enum Material {
    /// A whole PKCS #1 `RSAPrivateKey`, and modulus and exponent as they stand in it.
    Rsa { key: Secret, modulus: Vec<u8>, exponent: Vec<u8> },
    /// The scalar, and the point if it is written down beside it.
    Ec { scalar: Secret, point: Option<Vec<u8>> },
    /// The seed.
    Ed25519(Secret),
    /// Something else.
    Other,
}

impl std::fmt::Debug for Material {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Material")
    }
}

/// The private key of a file: of the first block that docker takes for one (Go's tls.X509KeyPair).
///
/// # Errors
/// Why there is none.
pub fn read(pem: &Pem) -> Result<PrivateKey, NoKey> {
    let Some(block) = block(pem) else {
        let label = pem.blocks.first().map(|block| block.label);
        return Err(NoKey::Label(label.unwrap_or(label::UNKNOWN)));
    };
    if block.encrypted || block.label == "ENCRYPTED PRIVATE KEY" {
        return Err(NoKey::Encrypted);
    }
    let bad = || match is_explicit(&block.contents) {
        true => NoKey::Explicit,
        false => NoKey::Malformed(block.label),
    };
    PrivateKey::from_der(&block.contents).ok_or_else(bad)
}

/// Whether it is a key of an elliptic curve with `ECParameters` (RFC 3279, 2.3.5) where RFC 5480 wants a name, in
/// PKCS #8 or in the older form.
fn is_explicit(bytes: &[u8]) -> bool {
    let spelled_out = |parameters: &[u8]| Reader::new(parameters).sequence().is_some();
    let parameters = || {
        let mut key = Reader::new(Reader::new(bytes).sequence()?);
        key.integer()?;
        match key.sequence() {
            Some(algorithm) => {
                let mut algorithm = Reader::new(algorithm);
                let is_ec = algorithm.oid()? == "1.2.840.10045.2.1";
                Some(is_ec && algorithm.sequence().is_some())
            }
            None => {
                key.octets()?;
                key.tagged(0xa0).map(spelled_out)
            }
        }
    };
    parameters().unwrap_or(false)
}

/// The first block that docker takes for a private key.
pub(super) fn block(pem: &Pem) -> Option<&Block> {
    pem.blocks.iter().find(|block| label::is_key(block.label))
}

impl PrivateKey {
    /// Reads a key in any of the three forms. The label is not asked: Go tries them all, too.
    #[must_use]
    pub fn from_der(bytes: &[u8]) -> Option<Self> {
        let (form, (kind, material)) = None
            .or_else(|| Some((Form::Pkcs1, pkcs1(bytes)?)))
            .or_else(|| Some((Form::Pkcs8, pkcs8(bytes)?)))
            .or_else(|| Some((Form::Sec1, sec1(bytes, None)?)))?;
        Some(Self { kind, form, der: Secret::copy(bytes), material })
    }

    /// The key in PKCS #8, which every docker client reads: as it came, or the older form with its algorithm.
    #[must_use]
    pub fn pkcs8(&self) -> Secret {
        let algorithm = match self.form {
            Form::Pkcs8 => return self.der.clone(),
            // RFC 8017, A.1: with NULL
            Form::Pkcs1 => sequence(&[&oid(RSA), &[5, 0]]),
            Form::Sec1 => {
                sequence(&[&oid(EC_PUBLIC_KEY), named_curve(&self.der).unwrap_or_default()])
            }
        };
        let key = Secret::new(octets(&self.der));
        Secret::new(sequence(&[&[2, 1, 0], &algorithm, &key]))
    }

    /// The same as a PEM file has it.
    #[must_use]
    pub fn pem(&self) -> Secret {
        Secret::new(encode::pem("PRIVATE KEY", &self.pkcs8()).into_bytes())
    }

    /// Whether it is the private half of `public`.
    #[must_use]
    pub fn belongs_to(&self, public: &PublicKey) -> Belongs {
        let answer = |yes: bool| if yes { Belongs::Yes } else { Belongs::No };
        if self.kind != public.kind {
            return Belongs::No;
        }
        match &self.material {
            Material::Rsa { modulus, exponent, .. } => {
                let inside = Reader::new(&public.bytes).sequence().unwrap_or_default();
                let mut reader = Reader::new(inside);
                let theirs = (reader.integer(), reader.integer());
                answer(theirs == (Some(modulus.as_slice()), Some(exponent.as_slice())))
            }
            Material::Ec { scalar, point } => {
                match (pair(&self.kind, scalar, &public.bytes), point) {
                    (Some(yes), _) => answer(yes),
                    (None, Some(point)) => answer(*point == public.bytes),
                    (None, None) => Belongs::CannotTell,
                }
            }
            Material::Ed25519(seed) => {
                let ours = r::Ed25519KeyPair::from_seed_unchecked(seed);
                answer(ours.is_ok_and(|pair| {
                    r::KeyPair::public_key(&pair).as_ref() == public.bytes.as_slice()
                }))
            }
            Material::Other => Belongs::CannotTell,
        }
    }

    /// The key as rustls takes it, beside the certificate that it belongs to; `None` where ring cannot sign with it
    /// (P-521, secp256k1, RSA below 2048 or above 4096 bits). Docker may well be able to.
    #[must_use]
    pub fn for_rustls(&self, public: &PublicKey) -> Option<PrivateKeyDer<'static>> {
        let key: PrivateKeyDer<'static> = match &self.material {
            Material::Rsa { key, .. } => PrivatePkcs1KeyDer::from(key.to_vec()).into(),
            Material::Ec { scalar, .. } => {
                let (curve, size): (&[u8], usize) = match self.kind {
                    Kind::P256 => (P256, 32),
                    Kind::P384 => (P384, 48),
                    _ => return None,
                };
                let scalar = padded(scalar, size)?;
                PrivatePkcs8KeyDer::from(ec_pkcs8(curve, &scalar, &public.bytes)).into()
            }
            Material::Ed25519(seed) => {
                // RFC 8410: version 0, Ed25519, the seed in an octet string in an octet string.
                let mut der =
                    b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
                der.reserve_exact(seed.len());
                der.extend_from_slice(seed);
                PrivatePkcs8KeyDer::from(der).into()
            }
            Material::Other => return None,
        };
        rustls::crypto::ring::sign::any_supported_type(&key).is_ok().then_some(key)
    }
}

/// Whether point and scalar are a pair; `None` for a curve that ring does not have.
fn pair(kind: &Kind, scalar: &[u8], point: &[u8]) -> Option<bool> {
    let (algorithm, size) = match kind {
        Kind::P256 => (&r::ECDSA_P256_SHA256_ASN1_SIGNING, 32),
        Kind::P384 => (&r::ECDSA_P384_SHA384_ASN1_SIGNING, 48),
        _ => return None,
    };
    let random = SystemRandom::new();
    let scalar = padded(scalar, size)?;
    let pair = r::EcdsaKeyPair::from_private_key_and_public_key(algorithm, &scalar, point, &random);
    Some(pair.is_ok())
}

/// A number in exactly `size` bytes.
fn padded(number: &[u8], size: usize) -> Option<Secret> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = number.get(zeros..)?;
    let missing = size.checked_sub(digits.len())?;
    let mut out = Vec::with_capacity(size);
    out.resize(missing, 0);
    out.extend_from_slice(digits);
    Some(Secret::new(out))
}

/// PKCS #8 around a scalar and its point; `curve` is the number of the curve.
fn ec_pkcs8(curve: &[u8], scalar: &[u8], point: &[u8]) -> Vec<u8> {
    let scalar = Secret::new(octets(scalar));
    let inner = Secret::new(sequence(&[&[2, 1, 1], &scalar, &tlv(0xa1, &[&bits(point)])]));
    let algorithm = sequence(&[&oid(EC_PUBLIC_KEY), &oid(curve)]);
    sequence(&[&[2, 1, 0], &algorithm, &Secret::new(octets(&inner))])
}

fn pkcs1(bytes: &[u8]) -> Option<(Kind, Material)> {
    let mut outer = Reader::new(bytes);
    let mut key = Reader::new(outer.sequence()?);
    let version = key.integer()?;
    let (modulus, exponent) = (key.integer()?, key.integer()?);
    // The private exponent, both primes, their exponents and the coefficient.
    for _ in 0..6 {
        key.integer()?;
    }
    if version.len() != 1 || !outer.is_empty() {
        return None;
    }
    let kind = Kind::Rsa(der::bits(modulus)?);
    let (modulus, exponent) = (modulus.to_vec(), exponent.to_vec());
    Some((kind, Material::Rsa { key: Secret::copy(bytes), modulus, exponent }))
}

fn sec1(bytes: &[u8], curve: Option<&str>) -> Option<(Kind, Material)> {
    let mut outer = Reader::new(bytes);
    let mut key = Reader::new(outer.sequence()?);
    if key.integer()? != [1] || !outer.is_empty() {
        return None;
    }
    let scalar = Secret::copy(key.octets()?);
    let named = key.tagged(0xa0).and_then(|inside| Reader::new(inside).oid());
    let point = key.tagged(0xa1).and_then(|inside| Reader::new(inside).bits().map(<[u8]>::to_vec));
    let curve = curve.map(ToOwned::to_owned).or(named)?;
    Some((Kind::curve(&curve), Material::Ec { scalar, point }))
}

/// What an `ECPrivateKey` says of its curve: the `parameters [0]` of RFC 5915, section 3.
fn named_curve(sec1: &[u8]) -> Option<&[u8]> {
    let mut key = Reader::new(Reader::new(sec1).sequence()?);
    key.integer()?;
    key.octets()?;
    key.tagged(0xa0)
}

fn pkcs8(bytes: &[u8]) -> Option<(Kind, Material)> {
    let mut outer = Reader::new(bytes);
    let mut key = Reader::new(outer.sequence()?);
    if key.integer()?.len() != 1 || !outer.is_empty() {
        return None;
    }
    let mut algorithm = Reader::new(key.sequence()?);
    let name = algorithm.oid()?;
    let inside = key.octets()?;
    Some(match name.as_str() {
        "1.2.840.113549.1.1.1" => pkcs1(inside)?,
        "1.2.840.10045.2.1" => sec1(inside, Some(&algorithm.oid()?))?,
        "1.3.101.112" => {
            let seed = Reader::new(inside).octets().filter(|seed| seed.len() == 32)?;
            (Kind::Ed25519, Material::Ed25519(Secret::copy(seed)))
        }
        _ => (Kind::Other(name), Material::Other),
    })
}
