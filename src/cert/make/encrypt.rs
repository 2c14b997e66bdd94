//! Keys with a passphrase: PKCS #8 with PBES2 (RFC 8018), read and written; and what OpenSSL before 3.0 wrote
//! (`Proc-Type: 4,ENCRYPTED`, RFC 1423), read.

use std::num::NonZeroU32;

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::{
    BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _, block_padding::Pkcs7,
};
use md5::{Digest as _, Md5};
use ring::pbkdf2;

use super::encode::{integer, octets, oid, sequence};
use super::keys::random;
use crate::cert::der::Reader;
use crate::cert::secret::Secret;
use crate::error::Result;

/// Rounds of PBKDF2: OWASP's figure for HMAC-SHA-256.
const ROUNDS: u32 = 600_000;
/// More rounds than this is a file that wants to keep us busy.
const MAX_ROUNDS: u32 = 20_000_000;

const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
const HMAC_SHA256: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x09";
const AES256_CBC: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a";

/// Why a key stays closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// Encrypted in a way that is not known here: its number or name.
    Unknown(String),
    /// The passphrase is another, or the file is damaged: nothing tells these apart.
    Wrong,
}

/// The ciphers that openssl has ever encrypted keys with by default or by its documents' examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    Des3,
}

impl Cipher {
    const fn key_size(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::Des3 => 24,
            Self::Aes256 => 32,
        }
    }

    fn decrypt(self, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Secret> {
        // In place, so that there is one copy, and that is overwritten.
        let mut buffer = data.to_vec();
        let open = |buffer: &mut [u8]| -> Option<usize> {
            match self {
                Self::Aes128 => cbc::Decryptor::<Aes128>::new_from_slices(key, iv)
                    .ok()?
                    .decrypt_padded::<Pkcs7>(buffer)
                    .ok()
                    .map(<[u8]>::len),
                Self::Aes192 => cbc::Decryptor::<Aes192>::new_from_slices(key, iv)
                    .ok()?
                    .decrypt_padded::<Pkcs7>(buffer)
                    .ok()
                    .map(<[u8]>::len),
                Self::Aes256 => cbc::Decryptor::<Aes256>::new_from_slices(key, iv)
                    .ok()?
                    .decrypt_padded::<Pkcs7>(buffer)
                    .ok()
                    .map(<[u8]>::len),
                Self::Des3 => cbc::Decryptor::<des::TdesEde3>::new_from_slices(key, iv)
                    .ok()?
                    .decrypt_padded::<Pkcs7>(buffer)
                    .ok()
                    .map(<[u8]>::len),
            }
        };
        let length = open(&mut buffer);
        let whole = Secret::new(buffer);
        whole.get(..length?).map(Secret::copy)
    }
}

/// An `EncryptedPrivateKeyInfo` around a PKCS #8 key: PBKDF2 with HMAC-SHA-256, AES-256-CBC. OpenSSL 1.1 and
/// LibreSSL read it, too, which they would not with scrypt.
///
/// # Errors
/// The system has no random numbers.
pub fn encrypt(pkcs8: &[u8], passphrase: &[u8]) -> Result<Vec<u8>> {
    let (salt, iv) = (random::<16>()?, random::<16>()?);
    let mut key = [0; 32];
    let rounds = NonZeroU32::new(ROUNDS).unwrap_or(NonZeroU32::MAX);
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, passphrase, &mut key);
    let data =
        cbc::Encryptor::<Aes256>::new(&key.into(), &iv.into()).encrypt_padded_vec::<Pkcs7>(pkcs8);
    key.fill(0);
    std::hint::black_box(&key);
    let prf = sequence(&[&oid(HMAC_SHA256), &[5, 0]]);
    let kdf = sequence(&[&octets(&salt), &integer(&ROUNDS.to_be_bytes()), &prf]);
    let kdf = sequence(&[&oid(PBKDF2), &kdf]);
    let cipher = sequence(&[&oid(AES256_CBC), &octets(&iv)]);
    let scheme = sequence(&[&oid(PBES2), &sequence(&[&kdf, &cipher])]);
    Ok(sequence(&[&scheme, &octets(&data)]))
}

/// The PKCS #8 key in an `EncryptedPrivateKeyInfo`.
///
/// # Errors
/// Why it stays closed.
pub fn decrypt(der: &[u8], passphrase: &[u8]) -> Result<Secret, Closed> {
    let damaged = || Closed::Unknown("damaged".to_owned());
    let mut outer = Reader::new(Reader::new(der).sequence().ok_or_else(damaged)?);
    let mut scheme = Reader::new(outer.sequence().ok_or_else(damaged)?);
    let data = outer.octets().ok_or_else(damaged)?;
    let named = |reader: &mut Reader<'_>| reader.oid().ok_or_else(damaged);
    let name = named(&mut scheme)?;
    if name != "1.2.840.113549.1.5.13" {
        return Err(Closed::Unknown(name));
    }
    let mut parts = Reader::new(scheme.sequence().ok_or_else(damaged)?);
    let mut kdf = Reader::new(parts.sequence().ok_or_else(damaged)?);
    let mut cipher = Reader::new(parts.sequence().ok_or_else(damaged)?);
    let name = named(&mut kdf)?;
    if name != "1.2.840.113549.1.5.12" {
        let scrypt = name == "1.3.6.1.4.1.11591.4.11";
        return Err(Closed::Unknown(if scrypt { "scrypt".to_owned() } else { name }));
    }
    let mut kdf = Reader::new(kdf.sequence().ok_or_else(damaged)?);
    let salt = kdf.octets().ok_or_else(damaged)?;
    let rounds = kdf.integer().and_then(number).filter(|rounds| *rounds <= MAX_ROUNDS);
    let rounds = rounds.and_then(NonZeroU32::new).ok_or_else(damaged)?;
    // The length of the key, which the cipher says as well.
    kdf.integer();
    let prf = match kdf.sequence() {
        None => "1.2.840.113549.2.7".to_owned(),
        Some(prf) => named(&mut Reader::new(prf))?,
    };
    let prf = match prf.as_str() {
        "1.2.840.113549.2.7" => pbkdf2::PBKDF2_HMAC_SHA1,
        "1.2.840.113549.2.9" => pbkdf2::PBKDF2_HMAC_SHA256,
        "1.2.840.113549.2.10" => pbkdf2::PBKDF2_HMAC_SHA384,
        "1.2.840.113549.2.11" => pbkdf2::PBKDF2_HMAC_SHA512,
        other => return Err(Closed::Unknown(other.to_owned())),
    };
    let name = named(&mut cipher)?;
    let kind = match name.as_str() {
        "2.16.840.1.101.3.4.1.2" => Cipher::Aes128,
        "2.16.840.1.101.3.4.1.22" => Cipher::Aes192,
        "2.16.840.1.101.3.4.1.42" => Cipher::Aes256,
        "1.2.840.113549.3.7" => Cipher::Des3,
        _ => return Err(Closed::Unknown(name)),
    };
    let iv = cipher.octets().ok_or_else(damaged)?;
    let mut key = vec![0; kind.key_size()];
    pbkdf2::derive(prf, rounds, salt, passphrase, &mut key);
    let key = Secret::new(key);
    opened(kind.decrypt(&key, iv, data))
}

/// The key in a block with `Proc-Type: 4,ENCRYPTED`; `dek` is the value of its `DEK-Info` line.
///
/// # Errors
/// Why it stays closed.
pub fn decrypt_rfc1423(dek: &str, data: &[u8], passphrase: &[u8]) -> Result<Secret, Closed> {
    let unknown = || Closed::Unknown(dek.chars().take(64).collect());
    let (name, iv) = dek.trim().split_once(',').ok_or_else(unknown)?;
    let kind = match name.trim().to_ascii_uppercase().as_str() {
        "AES-128-CBC" => Cipher::Aes128,
        "AES-192-CBC" => Cipher::Aes192,
        "AES-256-CBC" => Cipher::Aes256,
        "DES-EDE3-CBC" => Cipher::Des3,
        _ => return Err(unknown()),
    };
    let iv = hex(iv.trim()).ok_or_else(unknown)?;
    // OpenSSL's EVP_BytesToKey with MD5, one round, the first eight bytes of the IV as the salt.
    let salt = iv.get(..8).ok_or_else(unknown)?;
    let mut key: Vec<u8> = Vec::with_capacity(64);
    let mut last: Vec<u8> = Vec::new();
    while key.len() < kind.key_size() {
        last = Md5::new()
            .chain_update(&last)
            .chain_update(passphrase)
            .chain_update(salt)
            .finalize()
            .to_vec();
        key.extend_from_slice(&last);
    }
    let _ = Secret::new(last);
    key.truncate(kind.key_size());
    let key = Secret::new(key);
    opened(kind.decrypt(&key, &iv, data))
}

/// What came out is a key only if it looks like one: a wrong passphrase passes the padding once in 256 times.
fn opened(der: Option<Secret>) -> Result<Secret, Closed> {
    let whole = |der: &[u8]| {
        let mut reader = Reader::new(der);
        reader.sequence().is_some() && reader.is_empty()
    };
    der.filter(|der| whole(der)).ok_or(Closed::Wrong)
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
