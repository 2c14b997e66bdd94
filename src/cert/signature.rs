//! Public keys, and whether one of them made a signature. Three answers: good, bad, and *cannot tell*, because Go
//! verifies with keys and algorithms that ring does not have (P-521, RSA above 8192 bits).

use ring::signature as r;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

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
    /// Reads an algorithm identifier, as Go's getSignatureAlgorithmFromAI does.
    #[must_use]
    pub fn new(from: &AlgorithmIdentifier<'_>) -> Self {
        let oid = from.algorithm.to_id_string();
        match oid.as_str() {
            "1.2.840.113549.1.1.11" => Self::Rsa(Hash::Sha256),
            "1.2.840.113549.1.1.12" => Self::Rsa(Hash::Sha384),
            "1.2.840.113549.1.1.13" => Self::Rsa(Hash::Sha512),
            "1.2.840.113549.1.1.10" => pss(from).map_or(Self::Unknown(oid), Self::RsaPss),
            "1.2.840.10045.4.3.2" => Self::Ecdsa(Hash::Sha256),
            "1.2.840.10045.4.3.3" => Self::Ecdsa(Hash::Sha384),
            "1.2.840.10045.4.3.4" => Self::Ecdsa(Hash::Sha512),
            "1.3.101.112" => Self::Ed25519,
            "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => Self::Weak("SHA1-RSA"),
            "1.2.840.10045.4.1" => Self::Weak("ECDSA-SHA1"),
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

/// The digest of PSS parameters that Go knows: MGF1 with the same digest, a salt of its length, trailer 1.
fn pss(from: &AlgorithmIdentifier<'_>) -> Option<Hash> {
    let params = RsaSsaPssParams::try_from(from.parameters.as_ref()?).ok()?;
    let mask = params.mask_gen_algorithm().ok()?;
    let same = mask.hash == *params.hash_algorithm_oid()
        && mask.mgf.to_id_string() == "1.2.840.113549.1.1.8"
        && params.trailer_field() == 1;
    let hash = match (params.hash_algorithm_oid().to_id_string().as_str(), params.salt_length()) {
        ("2.16.840.1.101.3.4.2.1", 32) => Hash::Sha256,
        ("2.16.840.1.101.3.4.2.2", 48) => Hash::Sha384,
        ("2.16.840.1.101.3.4.2.3", 64) => Hash::Sha512,
        _ => return None,
    };
    same.then_some(hash)
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
        let bytes = from.subject_public_key.data.to_vec();
        let mut refused = None;
        let parameters = from.algorithm.parameters.as_ref();
        let kind = match from.algorithm.algorithm.to_id_string().as_str() {
            "1.2.840.113549.1.1.1" => {
                if parameters.is_none_or(|p| p.tag().0 != 5) {
                    refused = Some("x509: RSA key missing NULL parameters");
                }
                modulus_bits(&bytes).map_or_else(
                    || {
                        refused = Some("x509: invalid RSA public key");
                        Kind::Rsa(0)
                    },
                    Kind::Rsa,
                )
            }
            "1.2.840.10045.2.1" => {
                let oid = parameters.and_then(|p| p.as_oid().ok()).map(|oid| oid.to_id_string());
                let kind = Kind::curve(&oid.unwrap_or_default());
                let known = matches!(&kind, Kind::P256 | Kind::P384 | Kind::P521)
                    || matches!(&kind, Kind::Curve(name) if name == "P-224");
                if !known {
                    refused = Some("x509: unsupported elliptic curve");
                }
                kind
            }
            "1.3.101.112" => {
                if bytes.len() != 32 {
                    refused = Some("x509: wrong Ed25519 public key size");
                }
                Kind::Ed25519
            }
            other => Kind::Other(other.to_owned()),
        };
        (Self { kind, bytes, spki: from.raw.to_vec() }, refused)
    }

    /// The first bytes of the SHA-256 of the key, for telling two keys apart.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        use sha2::Digest as _;
        hex(&sha2::Sha256::digest(&self.spki))
    }
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
