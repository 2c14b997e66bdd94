//! Keys with a passphrase: PKCS #8 with PBES2 (RFC 8018), read and written; and what OpenSSL before 3.0 wrote
//! (`Proc-Type: 4,ENCRYPTED`, RFC 1423), read.

use std::num::NonZeroU32;

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::{
    BlockCipher, BlockDecryptMut, BlockEncryptMut as _, KeyInit, KeyIvInit as _,
    block_padding::Pkcs7,
};
use md5::{Digest as _, Md5};
use ring::pbkdf2;
use scrypt::scrypt;

use super::der::Reader;
use super::encode::{integer, octets, oid, sequence};
use super::key::{self, PrivateKey};
use super::make::keys::random;
use super::pem::Pem;
use super::secret::Secret;
use crate::error::Result;

/// Rounds of PBKDF2: OWASP's figure for HMAC-SHA-256.
const ROUNDS: u32 = 600_000;
/// More rounds than this is a file that wants to keep us busy.
const MAX_ROUNDS: u32 = 10_000_000;
/// The same for scrypt, in bytes of memory, eight times what OpenSSL takes; and how often it is gone over.
const MAX_MEMORY: u64 = 256 << 20;
const MAX_PASSES: u64 = 16;

const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
const HMAC_SHA256: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x09";
const AES256_CBC: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a";

/// Why a key stays closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// Encrypted in a way that is not read here: its name or number.
    Unknown(String),
    /// It is not whole.
    Malformed,
    /// The passphrase is another, or the file is damaged: nothing tells these apart.
    Wrong,
}

/// A key with a passphrase, and all that opens it but that.
pub struct Encrypted {
    kdf: Kdf,
    salt: Vec<u8>,
    cipher: Cipher,
    iv: Vec<u8>,
    data: Vec<u8>,
}

impl std::fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Encrypted")
    }
}

/// What makes a key for the cipher of a passphrase.
enum Kdf {
    /// PBKDF2 (RFC 8018, 5.2).
    Pbkdf2(pbkdf2::Algorithm, NonZeroU32),
    /// scrypt (RFC 7914).
    Scrypt(scrypt::Params),
    /// EVP_BytesToKey(3) with MD5 and one round, which RFC 1423's headers mean in OpenSSL.
    BytesToKey,
}

/// The ciphers that openssl has ever encrypted keys with by default or by its documents' examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    Des3,
}

impl Encrypted {
    /// What is closed in a file of which [`key::read`] says that it is.
    ///
    /// # Errors
    /// Why no passphrase would open it.
    pub fn read(pem: &Pem) -> Result<Self, Closed> {
        let block = key::block(pem).ok_or(Closed::Malformed)?;
        if block.encrypted {
            rfc1423(&block.dek_info, &block.contents)
        } else {
            pkcs8(&block.contents).ok_or(Closed::Malformed)?
        }
    }

    /// The key, by its passphrase.
    ///
    /// # Errors
    /// [`Closed::Wrong`].
    pub fn open(&self, passphrase: &[u8]) -> Result<PrivateKey, Closed> {
        let key = self.kdf.derive(passphrase, &self.salt, self.cipher.key_size());
        let der = self.cipher.decrypt(&key.ok_or(Closed::Wrong)?, &self.iv, &self.data);
        // A wrong passphrase passes the padding once in 256 times, and gives no key then.
        der.and_then(|der| PrivateKey::from_der(&der)).ok_or(Closed::Wrong)
    }
}

/// Reads an `EncryptedPrivateKeyInfo`; `None` where it is not whole.
fn pkcs8(der: &[u8]) -> Option<Result<Encrypted, Closed>> {
    let unknown = |what: String| Some(Err(Closed::Unknown(what)));
    let mut outer = Reader::new(Reader::new(der).sequence()?);
    let mut scheme = Reader::new(outer.sequence()?);
    let data = outer.octets()?.to_vec();
    let name = scheme.oid()?;
    if name != "1.2.840.113549.1.5.13" {
        return unknown(name);
    }
    let mut parts = Reader::new(scheme.sequence()?);
    let mut kdf = Reader::new(parts.sequence()?);
    let mut cipher = Reader::new(parts.sequence()?);
    let name = cipher.oid()?;
    let cipher_kind = match name.as_str() {
        "2.16.840.1.101.3.4.1.2" => Cipher::Aes128,
        "2.16.840.1.101.3.4.1.22" => Cipher::Aes192,
        "2.16.840.1.101.3.4.1.42" => Cipher::Aes256,
        "1.2.840.113549.3.7" => Cipher::Des3,
        _ => return unknown(name),
    };
    let iv = cipher.octets()?.to_vec();
    let name = kdf.oid()?;
    let with = match name.as_str() {
        "1.2.840.113549.1.5.12" => with_pbkdf2,
        "1.3.6.1.4.1.11591.4.11" => with_scrypt,
        _ => return unknown(name),
    };
    let mut parameters = Reader::new(kdf.sequence()?);
    let salt = parameters.octets()?.to_vec();
    Some(with(&mut parameters)?.map(|kdf| Encrypted { kdf, salt, cipher: cipher_kind, iv, data }))
}

/// What follows the salt in PBKDF2's parameters.
fn with_pbkdf2(parameters: &mut Reader<'_>) -> Option<Result<Kdf, Closed>> {
    let rounds = NonZeroU32::new(number(parameters.integer()?)?)?;
    if rounds.get() > MAX_ROUNDS {
        return Some(Err(Closed::Unknown(format!("{rounds} rounds of PBKDF2"))));
    }
    // The length of the key, which the cipher says as well.
    parameters.integer();
    let prf = match parameters.sequence() {
        None => "1.2.840.113549.2.7".to_owned(),
        Some(prf) => Reader::new(prf).oid()?,
    };
    let prf = match prf.as_str() {
        "1.2.840.113549.2.7" => pbkdf2::PBKDF2_HMAC_SHA1,
        "1.2.840.113549.2.9" => pbkdf2::PBKDF2_HMAC_SHA256,
        "1.2.840.113549.2.10" => pbkdf2::PBKDF2_HMAC_SHA384,
        "1.2.840.113549.2.11" => pbkdf2::PBKDF2_HMAC_SHA512,
        _ => return Some(Err(Closed::Unknown(prf))),
    };
    Some(Ok(Kdf::Pbkdf2(prf, rounds)))
}

/// What follows the salt in scrypt's parameters (RFC 7914, section 7).
fn with_scrypt(parameters: &mut Reader<'_>) -> Option<Result<Kdf, Closed>> {
    let mut next = || number(parameters.integer()?);
    let (cost, block, passes) = (next()?, next()?, next()?);
    let memory = u64::from(cost).saturating_mul(u64::from(block)).saturating_mul(128);
    if memory > MAX_MEMORY || u64::from(passes) > MAX_PASSES {
        let what = format!("scrypt (N={cost}, r={block}, p={passes})");
        return Some(Err(Closed::Unknown(what)));
    }
    if cost < 2 || !cost.is_power_of_two() {
        return None;
    }
    let log = u8::try_from(cost.trailing_zeros()).ok()?;
    let params = scrypt::Params::new(log, block, passes, scrypt::Params::RECOMMENDED_LEN);
    Some(Ok(Kdf::Scrypt(params.ok()?)))
}

/// Reads a block with `Proc-Type: 4,ENCRYPTED`; `info` is the value of its `DEK-Info` line.
fn rfc1423(info: &str, data: &[u8]) -> Result<Encrypted, Closed> {
    let (name, iv) = info.split_once(',').unwrap_or((info, ""));
    let cipher = match name.trim().to_ascii_uppercase().as_str() {
        "AES-128-CBC" => Cipher::Aes128,
        "AES-192-CBC" => Cipher::Aes192,
        "AES-256-CBC" => Cipher::Aes256,
        "DES-EDE3-CBC" => Cipher::Des3,
        other => return Err(Closed::Unknown(cipher_name(other).to_owned())),
    };
    let iv = hex(iv.trim()).ok_or(Closed::Malformed)?;
    // The first eight bytes of the IV are the salt.
    let salt = iv.get(..8).ok_or(Closed::Malformed)?.to_vec();
    Ok(Encrypted { kdf: Kdf::BytesToKey, salt, cipher, iv, data: data.to_vec() })
}

/// A cipher's name as openssl writes it, such as `CAMELLIA-256-CBC`. Anything else is not repeated: where a line break
/// is lost, it is the key.
fn cipher_name(name: &str) -> &str {
    let word = |part: &str| {
        (1..=8).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let parts = name.split('-').count();
    if (2..=4).contains(&parts) && name.split('-').all(word) { name } else { "an unknown cipher" }
}

impl Kdf {
    fn derive(&self, passphrase: &[u8], salt: &[u8], size: usize) -> Option<Secret> {
        let mut key = vec![0; size];
        match self {
            Self::Pbkdf2(prf, rounds) => pbkdf2::derive(*prf, *rounds, salt, passphrase, &mut key),
            Self::Scrypt(params) => scrypt(passphrase, salt, params, &mut key).ok()?,
            Self::BytesToKey => {
                let mut last = Secret::default();
                for part in key.chunks_mut(16) {
                    let hash = Md5::new().chain_update(&*last).chain_update(passphrase);
                    last = Secret::copy(&hash.chain_update(salt).finalize());
                    part.copy_from_slice(last.get(..part.len())?);
                }
            }
        }
        Some(Secret::new(key))
    }
}

impl Cipher {
    const fn key_size(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::Des3 => 24,
            Self::Aes256 => 32,
        }
    }

    /// `None` where the IV is not of its size, or the padding is wrong.
    fn decrypt(self, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Secret> {
        match self {
            Self::Aes128 => decrypt::<Aes128>(key, iv, data),
            Self::Aes192 => decrypt::<Aes192>(key, iv, data),
            Self::Aes256 => decrypt::<Aes256>(key, iv, data),
            Self::Des3 => decrypt::<des::TdesEde3>(key, iv, data),
        }
    }
}

fn decrypt<C>(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Secret>
where
    C: BlockCipher + BlockDecryptMut + KeyInit,
{
    let cipher = cbc::Decryptor::<C>::new_from_slices(key, iv).ok()?;
    // In place, so that it is in one buffer, and that is overwritten.
    let mut buffer = data.to_vec();
    let length = cipher.decrypt_padded_mut::<Pkcs7>(&mut buffer).ok().map(<[u8]>::len);
    let whole = Secret::new(buffer);
    whole.get(..length?).map(Secret::copy)
}

/// An `EncryptedPrivateKeyInfo` around a PKCS #8 key: PBKDF2 with HMAC-SHA-256, AES-256-CBC. OpenSSL 1.1 and
/// LibreSSL read it, too, which they would not with scrypt.
///
/// # Errors
/// The system has no random numbers.
pub fn encrypt(pkcs8: &[u8], passphrase: &[u8]) -> Result<Vec<u8>> {
    let (salt, iv) = (random::<16>()?, random::<16>()?);
    let mut key = zeroize::Zeroizing::new([0; 32]);
    let rounds = NonZeroU32::new(ROUNDS).unwrap_or(NonZeroU32::MAX);
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, passphrase, &mut *key);
    let cipher = cbc::Encryptor::<Aes256>::new((&*key).into(), &iv.into());
    let data = cipher.encrypt_padded_vec_mut::<Pkcs7>(pkcs8);
    let prf = sequence(&[&oid(HMAC_SHA256), &[5, 0]]);
    let kdf = sequence(&[&octets(&salt), &integer(&ROUNDS.to_be_bytes()), &prf]);
    let kdf = sequence(&[&oid(PBKDF2), &kdf]);
    let cipher = sequence(&[&oid(AES256_CBC), &octets(&iv)]);
    let scheme = sequence(&[&oid(PBES2), &sequence(&[&kdf, &cipher])]);
    Ok(sequence(&[&scheme, &octets(&data)]))
}

fn number(bytes: &[u8]) -> Option<u32> {
    if bytes.len() > 5 || bytes.first()? & 0x80 != 0 {
        return None;
    }
    let value = bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    u32::try_from(value).ok()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16);
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? << 4 | digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}
