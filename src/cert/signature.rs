//! Public keys, and whether one of them made a signature. Three answers: good, bad, and *cannot tell*, because Go
//! verifies with keys and algorithms that ring does not have (P-521, RSA above 8192 bits).

use ring::signature as r;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::curve;
use super::strict::{INTEGER, SEQUENCE, Strict};
use super::x509::hex;

/// A digest of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How a certificate is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA, PKCS #1 v1.5.
    Rsa(Hash),
    /// RSA-PSS with a salt as long as the digest, which is all that Go knows.
    RsaPss(Hash),
    /// ECDSA.
    Ecdsa(Hash),
    /// Ed25519.
    Ed25519,
    /// With SHA-1 or MD5, which Go refuses; its name there.
    Weak(&'static str),
    /// One that Go does not know, by its number.
    Unknown(String),
}

impl Algorithm {
    /// Reads the contents of an algorithm identifier, as Go's getSignatureAlgorithmFromAI does.
    #[must_use]
    pub fn parse(contents: &[u8]) -> Self {
        let mut from = Strict::new(contents);
        let oid = from.oid().unwrap_or_default();
        match oid.as_str() {
            "1.2.840.113549.1.1.11" => Self::Rsa(Hash::Sha256),
            "1.2.840.113549.1.1.12" => Self::Rsa(Hash::Sha384),
            "1.2.840.113549.1.1.13" => Self::Rsa(Hash::Sha512),
            "1.2.840.113549.1.1.10" => pss(from).map_or(Self::Unknown(oid), Self::RsaPss),
            "1.2.840.10045.4.3.2" => Self::Ecdsa(Hash::Sha256),
            "1.2.840.10045.4.3.3" => Self::Ecdsa(Hash::Sha384),
            "1.2.840.10045.4.3.4" => Self::Ecdsa(Hash::Sha512),
            "1.3.101.112" if from.is_empty() => Self::Ed25519,
            "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => Self::Weak("SHA1-RSA"),
            "1.2.840.10045.4.1" => Self::Weak("ECDSA-SHA1"),
            "1.2.840.10040.4.3" => Self::Weak("DSA-SHA1"),
            "1.2.840.113549.1.1.4" => Self::Weak("MD5-RSA"),
            _ => Self::Unknown(oid),
        }
    }

    /// Its name, as Go has it.
    #[must_use]
    pub fn name(&self) -> String {
        let digest = |hash: &Hash| match hash {
            Hash::Sha256 => "SHA256",
            Hash::Sha384 => "SHA384",
            Hash::Sha512 => "SHA512",
        };
        match self {
            Self::Rsa(hash) => format!("{}-RSA", digest(hash)),
            Self::RsaPss(hash) => format!("{}-RSAPSS", digest(hash)),
            Self::Ecdsa(hash) => format!("ECDSA-{}", digest(hash)),
            Self::Ed25519 => "Ed25519".to_owned(),
            Self::Weak(name) => (*name).to_owned(),
            Self::Unknown(oid) => oid.clone(),
        }
    }
}

/// The digest of PSS parameters that Go knows (RFC 4055 §3.1): MGF1 with the same digest, a salt of its length, trailer
/// 1. What is left out is SHA-1, 20 and 1.
fn pss(mut from: Strict<'_>) -> Option<Hash> {
    let mut all = from.inside(SEQUENCE)?;
    let mut field = |tag| all.optional(tag).map(|it| it.map(Strict::new));
    let digest = |mut algorithm: Strict<'_>| {
        let oid = algorithm.oid()?;
        let null = algorithm.is_empty() || algorithm.tagged(0x05).is_some_and(<[u8]>::is_empty);
        (null && algorithm.is_empty()).then_some(oid)
    };
    let hash = digest(field(0xa0)??.inside(SEQUENCE)?)?;
    let mut mask = field(0xa1)??.inside(SEQUENCE)?;
    let mgf1 = mask.oid()? == "1.2.840.113549.1.1.8";
    let same = digest(mask.inside(SEQUENCE)?)? == hash;
    let salt = field(0xa2)??.int64(INTEGER)?;
    let trailer = field(0xa3)?.map_or(Some(1), |mut trailer| trailer.int64(INTEGER))?;
    let hash = match (hash.as_str(), salt) {
        ("2.16.840.1.101.3.4.2.1", 32) => Hash::Sha256,
        ("2.16.840.1.101.3.4.2.2", 48) => Hash::Sha384,
        ("2.16.840.1.101.3.4.2.3", 64) => Hash::Sha512,
        _ => return None,
    };
    (mgf1 && same && trailer == 1).then_some(hash)
}

/// What a key is. Sizes in bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Kind {
    /// RSA with a modulus of so many bits.
    Rsa(usize),
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// Another curve, by its name or number.
    Curve(String),
    /// Ed25519.
    Ed25519,
    /// Something else, by its number.
    Other(String),
}

impl Kind {
    /// The kind that a curve's number stands for.
    #[must_use]
    pub fn curve(oid: &str) -> Self {
        match oid {
            "1.2.840.10045.3.1.7" => Self::P256,
            "1.3.132.0.34" => Self::P384,
            "1.3.132.0.35" => Self::P521,
            "1.3.132.0.33" => Self::Curve("P-224".to_owned()),
            "1.3.132.0.10" => Self::Curve("secp256k1".to_owned()),
            "" => Self::Curve("a curve without a name".to_owned()),
            _ => Self::Curve(oid.to_owned()),
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA-{bits}"),
            Self::P256 => f.write_str("P-256"),
            Self::P384 => f.write_str("P-384"),
            Self::P521 => f.write_str("P-521"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Curve(name) | Self::Other(name) => f.write_str(name),
        }
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// What it is.
    pub kind: Kind,
    /// The key itself: a PKCS #1 `RSAPublicKey`, a point, or 32 bytes.
    pub bytes: Vec<u8>,
    /// The whole `SubjectPublicKeyInfo`.
    pub spki: Vec<u8>,
}

impl PublicKey {
    /// Reads it; and why Go's parser refuses the certificate for it, if it does.
    #[must_use]
    pub fn new(from: &SubjectPublicKeyInfo<'_>) -> (Self, Option<&'static str>) {
        Self::parse(from.raw)
    }

    /// Reads a whole `SubjectPublicKeyInfo`; and why Go's parser refuses the certificate for it, if it does (crypto/x509
    /// parser.go, `parsePublicKey`). A key of a kind that Go does not know is refused only where it would be used.
    #[must_use]
    pub fn parse(spki: &[u8]) -> (Self, Option<&'static str>) {
        let none = Kind::Other(String::new());
        let mut key = Self { kind: none, bytes: Vec::new(), spki: spki.to_vec() };
        let refused = key.read(spki).err();
        (key, refused)
    }

    fn read(&mut self, spki: &[u8]) -> Result<(), &'static str> {
        let mut outer = Strict::new(spki).inside(SEQUENCE).ok_or("x509: malformed spki")?;
        let algorithm = outer.inside(SEQUENCE);
        let mut algorithm = algorithm.ok_or("x509: malformed public key algorithm identifier")?;
        let oid = algorithm.oid().ok_or("x509: malformed OID")?;
        let parameters = match algorithm.is_empty() {
            true => None,
            false => Some(algorithm.element().ok_or("x509: malformed parameters")?.1),
        };
        let (bytes, _) = outer.bits().ok_or("x509: malformed subjectPublicKey")?;
        self.bytes = bytes;
        let result = match oid.as_str() {
            "1.2.840.113549.1.1.1" => {
                self.kind = Kind::Rsa(modulus_bits(&self.bytes).unwrap_or(0));
                match parameters {
                    Some([0x05, 0x00]) => rsa(&self.bytes),
                    _ => Err("x509: RSA key missing NULL parameters"),
                }
            }
            "1.2.840.10045.2.1" => {
                let curve = parameters.and_then(|all| Strict::new(all).oid());
                self.kind = Kind::curve(&curve.clone().unwrap_or_default());
                match (curve, curve::on(&self.kind, &self.bytes)) {
                    (None, _) => Err("x509: invalid ECDSA parameters"),
                    (_, None) => Err("x509: unsupported elliptic curve"),
                    (_, Some(false)) => Err("x509: failed to unmarshal elliptic curve point"),
                    (_, Some(true)) => Ok(()),
                }
            }
            "1.3.101.112" => {
                self.kind = Kind::Ed25519;
                match (parameters, self.bytes.len()) {
                    (Some(_), _) => Err("x509: Ed25519 key encoded with illegal parameters"),
                    (_, 32) => Ok(()),
                    _ => Err("x509: wrong Ed25519 public key size"),
                }
            }
            "1.3.101.110" => match (parameters, self.bytes.len()) {
                (Some(_), _) => Err("x509: X25519 key encoded with illegal parameters"),
                (_, 32) => Ok(()),
                _ => Err("crypto/ecdh: invalid public key"),
            },
            "1.2.840.10040.4.1" => dsa(&self.bytes, parameters.unwrap_or_default()),
            _ => Ok(()),
        };
        if matches!(&self.kind, Kind::Other(_)) {
            self.kind = Kind::Other(oid);
        }
        result
    }

    /// Go's type of the key, where TLS does not take such a key in a certificate; `<nil>` where Go does not know it.
    #[must_use]
    pub fn unsupported(&self) -> Option<&'static str> {
        match &self.kind {
            Kind::Other(oid) if oid == "1.3.101.110" => Some("*ecdh.PublicKey"),
            Kind::Other(oid) if oid == "1.2.840.10040.4.1" => Some("*dsa.PublicKey"),
            Kind::Other(_) => Some("<nil>"),
            _ => None,
        }
    }

    /// The first bytes of the SHA-256 of the key, for telling two keys apart.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        use sha2::Digest as _;
        hex(&sha2::Sha256::digest(&self.spki))
    }
}

/// A PKCS #1 `RSAPublicKey`, as Go reads it.
fn rsa(key: &[u8]) -> Result<(), &'static str> {
    let mut all = Strict::new(key).inside(SEQUENCE).ok_or("x509: invalid RSA public key")?;
    let modulus = all.integer().ok_or("x509: invalid RSA modulus")?;
    let exponent = all.int64(INTEGER).ok_or("x509: invalid RSA public exponent")?;
    if !is_positive(modulus) {
        return Err("x509: RSA modulus is not a positive number");
    }
    if exponent <= 0 {
        return Err("x509: RSA public exponent is not a positive number");
    }
    Ok(())
}

fn dsa(key: &[u8], parameters: &[u8]) -> Result<(), &'static str> {
    const INVALID: &str = "x509: invalid DSA parameters";
    let key = Strict::new(key).integer().ok_or("x509: invalid DSA public key")?;
    let mut all = Strict::new(parameters).inside(SEQUENCE).ok_or(INVALID)?;
    let mut positive = is_positive(key);
    for _ in 0..3 {
        positive &= is_positive(all.integer().ok_or(INVALID)?);
    }
    if positive { Ok(()) } else { Err("x509: zero or negative DSA parameter") }
}

fn is_positive(integer: &[u8]) -> bool {
    integer.first().is_some_and(|first| first & 0x80 == 0) && integer != [0]
}

/// How long the modulus of a PKCS #1 `RSAPublicKey` is.
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let sequence = super::der::Reader::new(key).sequence()?;
    let modulus = super::der::Reader::new(sequence).integer()?;
    super::der::bits(modulus)
}

/// What came of verifying a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// Made by this key.
    Good,
    /// Not made by this key.
    Bad,
    /// Nobody here can tell.
    CannotTell,
    /// The algorithm is for another kind of key.
    WrongKind,
}

/// Whether `key` signed `signed`. An algorithm that Go refuses is the caller's to name, and a bad signature here.
#[must_use]
pub fn verify(key: &PublicKey, algorithm: &Algorithm, signed: &[u8], made: &[u8]) -> Signature {
    let with: &dyn r::VerificationAlgorithm = match (algorithm, &key.kind) {
        (Algorithm::Rsa(hash), Kind::Rsa(bits)) => match (hash, *bits) {
            (_, 8193..) => return Signature::CannotTell,
            (Hash::Sha256, 2048..) => &r::RSA_PKCS1_2048_8192_SHA256,
            (Hash::Sha384, 2048..) => &r::RSA_PKCS1_2048_8192_SHA384,
            (Hash::Sha512, 2048..) => &r::RSA_PKCS1_2048_8192_SHA512,
            // Go has no lower limit but 1024 bits, and nobody chose the old CA that is to be judged.
            (Hash::Sha256, 1024..) => &r::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            (Hash::Sha512, 1024..) => &r::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
            _ => return Signature::CannotTell,
        },
        (Algorithm::RsaPss(hash), Kind::Rsa(2048..=8192)) => match hash {
            Hash::Sha256 => &r::RSA_PSS_2048_8192_SHA256,
            Hash::Sha384 => &r::RSA_PSS_2048_8192_SHA384,
            Hash::Sha512 => &r::RSA_PSS_2048_8192_SHA512,
        },
        (Algorithm::Ecdsa(Hash::Sha256), Kind::P256) => &r::ECDSA_P256_SHA256_ASN1,
        (Algorithm::Ecdsa(Hash::Sha384), Kind::P256) => &r::ECDSA_P256_SHA384_ASN1,
        (Algorithm::Ecdsa(Hash::Sha256), Kind::P384) => &r::ECDSA_P384_SHA256_ASN1,
        (Algorithm::Ecdsa(Hash::Sha384), Kind::P384) => &r::ECDSA_P384_SHA384_ASN1,
        (Algorithm::Ed25519, Kind::Ed25519) => &r::ED25519,
        (Algorithm::RsaPss(_), Kind::Rsa(_))
        | (Algorithm::Ecdsa(_), Kind::P256 | Kind::P384 | Kind::P521 | Kind::Curve(_)) => {
            return Signature::CannotTell;
        }
        (Algorithm::Weak(_) | Algorithm::Unknown(_), _) => return Signature::Bad,
        _ => return Signature::WrongKind,
    };
    match r::UnparsedPublicKey::new(with, &key.bytes).verify(signed, made) {
        Ok(()) => Signature::Good,
        Err(_) => Signature::Bad,
    }
}
