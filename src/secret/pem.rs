//! Private keys in PEM: read in every form that OpenSSL writes, decrypted, and written as PKCS#8, which every
//! docker client reads.
//!
//! The forms: `PRIVATE KEY` (PKCS#8, RFC 5958), `RSA PRIVATE KEY` (PKCS#1, RFC 8017 A.1.2), `EC PRIVATE KEY` (RFC 5915),
//! `ENCRYPTED PRIVATE KEY` (PBES2, RFC 8018), and the older encryption by headers (RFC 1421 §4.6.1, RFC 1423 §1, with
//! OpenSSL's EVP_BytesToKey and AES as PEM_read_bio_PrivateKey(3) has it).

use aes::cipher::{BlockCipherDecrypt as _, KeyInit as _};
use aes::{Aes128, Aes192, Aes256};
use md5::{Digest as _, Md5};
use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use zeroize::Zeroizing;

use crate::error::SecretFault;

/// A private key as PKCS#8 in DER; wiped from memory when it is dropped.
pub struct Key(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// What is in a file.
#[derive(Debug)]
pub enum Found {
    /// A key that anybody can use who can read it.
    Plain(Key),
    /// A key with a passphrase.
    Encrypted(Encrypted),
    /// None.
    Nothing,
}

/// A key with a passphrase.
#[derive(Debug)]
pub enum Encrypted {
    /// PKCS#8's EncryptedPrivateKeyInfo in DER.
    Pkcs8(Zeroizing<Vec<u8>>),
    /// Encrypted by headers.
    Headers {
        /// The label, which says what it is once it is decrypted.
        label: String,
        /// The value of DEK-Info.
        info: String,
        /// The ciphertext.
        body: Zeroizing<Vec<u8>>,
    },
}

/// Why a passphrase does not open a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// It is another one.
    Wrong,
    /// In a way that is not read here.
    Cipher(String),
}

/// Whether a key belongs to a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belongs {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Of a kind whose public half cannot be computed here (P-521, RSA below 2048 bits …).
    Unknown,
}

/// What a scheme is called that has no name here.
const UNKNOWN: &str = "a scheme of PKCS#8";

const PKCS8: &str = "PRIVATE KEY";
const PKCS1: &str = "RSA PRIVATE KEY";
const SEC1: &str = "EC PRIVATE KEY";

impl Key {
    /// From PKCS#8 in DER; `None` where it is something else.
    #[must_use]
    pub fn from_der(der: Zeroizing<Vec<u8>>) -> Option<Self> {
        // PrivateKeyInfo ::= SEQUENCE { version INTEGER, algorithm SEQUENCE, key OCTET STRING, … }
        let (0x30, body, []) = tlv(&der)? else { return None };
        let (0x02, _, rest) = tlv(body)? else { return None };
        let (0x30, _, rest) = tlv(rest)? else { return None };
        let (0x04, _, _) = tlv(rest)? else { return None };
        Some(Self(der))
    }

    fn labelled(label: &str, der: Zeroizing<Vec<u8>>) -> Option<Self> {
        // rsaEncryption with NULL (RFC 8017 A.1), id-ecPublicKey (RFC 5480 §2.1.1)
        const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
        const EC: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";
        let algorithm = match label {
            PKCS1 => RSA.to_vec(),
            SEC1 => [EC, curve(&der)?].concat(),
            _ => return Self::from_der(der),
        };
        tlv(&der)?;
        let mut body = Zeroizing::new(Vec::with_capacity(der.len() + 64));
        body.extend_from_slice(b"\x02\x01\x00");
        put(&mut body, 0x30, &algorithm);
        put(&mut body, 0x04, &der);
        let mut out = Zeroizing::new(Vec::with_capacity(body.len() + 8));
        put(&mut out, 0x30, &body);
        Self::from_der(out)
    }

    /// PKCS#8 in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0
    }

    /// PKCS#8 in PEM.
    #[must_use]
    pub fn pem(&self) -> Zeroizing<String> {
        let body = base64(&self.0);
        let mut out = Zeroizing::new(String::with_capacity(body.len() + body.len() / 64 + 80));
        out.push_str("-----BEGIN PRIVATE KEY-----\n");
        for (at, c) in body.chars().enumerate() {
            if at > 0 && at % 64 == 0 {
                out.push('\n');
            }
            out.push(c);
        }
        out.push_str("\n-----END PRIVATE KEY-----\n");
        out
    }

    /// Whether the first certificate of this PEM text is for this key.
    ///
    /// # Errors
    /// One sentence: what the text is instead of a certificate.
    pub fn belongs(&self, cert: &[u8]) -> Result<Belongs, String> {
        let wanted = public_key(cert)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.der()));
        let Ok(key) = rustls::crypto::ring::sign::any_supported_type(&key) else {
            return Ok(Belongs::Unknown);
        };
        Ok(match key.public_key() {
            Some(public) if public.as_ref() == wanted => Belongs::Yes,
            Some(_) => Belongs::No,
            None => Belongs::Unknown,
        })
    }
}

/// SubjectPublicKeyInfo of the first certificate of a PEM text, in DER.
///
/// # Errors
/// One sentence: what it is instead.
pub fn public_key(cert: &[u8]) -> Result<Vec<u8>, String> {
    for block in Pem::iter_from_buffer(cert) {
        let block = block.map_err(|e| e.to_string())?;
        if block.label == "CERTIFICATE" {
            let (_, cert) =
                X509Certificate::from_der(&block.contents).map_err(|e| e.to_string())?;
            return Ok(cert.public_key().raw.to_vec());
        }
    }
    Err("no certificate in PEM form".to_owned())
}

/// The first private key of a PEM text.
#[must_use]
pub fn read(text: &[u8]) -> Found {
    let Ok(text) = std::str::from_utf8(text) else { return Found::Nothing };
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let Some((label, body)) = after.split_once("-----") else { break };
        let Some((body, after)) = body.split_once("-----END ") else { break };
        rest = after;
        if !label.ends_with(PKCS8) || label.len() > 40 {
            continue;
        }
        if let Some(found) = block(label, body) {
            return found;
        }
    }
    Found::Nothing
}

fn block(label: &str, body: &str) -> Option<Found> {
    let mut encrypted = None;
    let mut data = Zeroizing::new(String::with_capacity(body.len()));
    for line in body.lines().map(str::trim) {
        match line.split_once(':') {
            Some(("DEK-Info", info)) => encrypted = Some(info.trim().to_owned()),
            Some(_) => {}
            None => data.push_str(line),
        }
    }
    let der = unbase64(data.as_bytes())?;
    Some(match (label, encrypted) {
        ("ENCRYPTED PRIVATE KEY", _) => Found::Encrypted(Encrypted::Pkcs8(der)),
        (_, Some(info)) => {
            Found::Encrypted(Encrypted::Headers { label: label.to_owned(), info, body: der })
        }
        _ => Found::Plain(Key::labelled(label, der)?),
    })
}

impl Encrypted {
    /// The way in which it is encrypted, where that is none that is read here.
    #[must_use]
    pub fn unreadable(&self) -> Option<String> {
        match self {
            Self::Pkcs8(der) => EncryptedPrivateKeyInfoRef::try_from(der.as_slice())
                .is_err()
                .then(|| UNKNOWN.to_owned()),
            Self::Headers { info, .. } => {
                let cipher = info.split(',').next().unwrap_or_default().trim();
                let known = ["AES-128-CBC", "AES-192-CBC", "AES-256-CBC"].contains(&cipher);
                (!known).then(|| cipher.to_owned())
            }
        }
    }

    /// The key, by its passphrase.
    ///
    /// # Errors
    /// Why it stays closed.
    pub fn open(&self, passphrase: &[u8]) -> Result<Key, Closed> {
        match self {
            Self::Pkcs8(der) => {
                let unknown = || Closed::Cipher(UNKNOWN.to_owned());
                let info =
                    EncryptedPrivateKeyInfoRef::try_from(der.as_slice()).map_err(|_| unknown())?;
                let open = info.decrypt(passphrase).map_err(|error| match error {
                    pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::DecryptFailed)
                    | pkcs8::Error::Asn1(_) => Closed::Wrong,
                    _ => unknown(),
                })?;
                let der = Zeroizing::new(open.as_bytes().to_vec());
                Key::from_der(der).ok_or(Closed::Wrong)
            }
            Self::Headers { label, info, body } => {
                let der = by_headers(info, body, passphrase)?;
                Key::labelled(label, der).ok_or(Closed::Wrong)
            }
        }
    }
}

/// Decrypts what RFC 1423's headers describe.
fn by_headers(info: &str, body: &[u8], pass: &[u8]) -> Result<Zeroizing<Vec<u8>>, Closed> {
    let unknown = || Closed::Cipher(info.split(',').next().unwrap_or_default().to_owned());
    let (cipher, iv) = info.split_once(',').ok_or_else(unknown)?;
    let iv = unhex(iv.trim()).filter(|iv| iv.len() == 16).ok_or_else(unknown)?;
    let size = match cipher.trim() {
        "AES-128-CBC" => 16,
        "AES-192-CBC" => 24,
        "AES-256-CBC" => 32,
        _ => return Err(unknown()),
    };
    // EVP_BytesToKey(3): MD5, one round, the salt is the first half of the initialisation vector.
    let salt = iv.get(..8).unwrap_or_default();
    let mut key = Zeroizing::new(Vec::with_capacity(48));
    let mut last = Zeroizing::new(Vec::with_capacity(16));
    while key.len() < size {
        let mut hash = Md5::new();
        hash.update(&*last);
        hash.update(pass);
        hash.update(salt);
        last.clear();
        last.extend_from_slice(&hash.finalize());
        key.extend_from_slice(&last);
    }
    let key = key.get(..size).unwrap_or_default();
    let mut out = Zeroizing::new(body.to_vec());
    let done = match size {
        16 => {
            Aes128::new_from_slice(key).ok().map(|aes| cbc(&mut out, &iv, |b| aes.decrypt_block(b)))
        }
        24 => {
            Aes192::new_from_slice(key).ok().map(|aes| cbc(&mut out, &iv, |b| aes.decrypt_block(b)))
        }
        _ => {
            Aes256::new_from_slice(key).ok().map(|aes| cbc(&mut out, &iv, |b| aes.decrypt_block(b)))
        }
    };
    if done != Some(true) {
        return Err(Closed::Wrong);
    }
    // RFC 1423 §1.1: as many bytes of padding as each of them says.
    let padding = out.last().copied().map_or(0, usize::from);
    let length = out.len().checked_sub(padding).ok_or(Closed::Wrong)?;
    let fine = (1..=16).contains(&padding)
        && out.get(length..).is_some_and(|end| end.iter().all(|b| usize::from(*b) == padding));
    if !fine {
        return Err(Closed::Wrong);
    }
    out.truncate(length);
    Ok(out)
}

/// Cipher block chaining; whether the data is whole blocks.
fn cbc(data: &mut [u8], iv: &[u8], decrypt: impl Fn(&mut aes::Block)) -> bool {
    let Ok(mut before) = <[u8; 16]>::try_from(iv) else { return false };
    let mut chunks = data.chunks_exact_mut(16);
    for chunk in &mut chunks {
        let Ok(cipher) = <[u8; 16]>::try_from(&*chunk) else { return false };
        let mut block = aes::Block::from(cipher);
        decrypt(&mut block);
        for ((out, plain), before) in chunk.iter_mut().zip(block.iter()).zip(before) {
            *out = plain ^ before;
        }
        before = cipher;
    }
    chunks.into_remainder().is_empty()
}

/// Tag, content and what follows of one value in DER (X.690 §8.1); `None` where it is cut short.
fn tlv(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let mut length = usize::from(*first);
    if *first >= 0x80 {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 3 {
            return None;
        }
        let (bytes, after) = rest.split_at_checked(count)?;
        length = bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        rest = after;
    }
    let (content, after) = rest.split_at_checked(length)?;
    Some((*tag, content, after))
}

/// Writes one value in DER.
fn put(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    let bytes = content.len().to_be_bytes();
    let short = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
    let length = bytes.get(short..).unwrap_or_default();
    match length {
        [one] if *one < 0x80 => out.push(*one),
        more => {
            out.push(0x80 | u8::try_from(more.len()).unwrap_or_default());
            out.extend_from_slice(more);
        }
    }
    out.extend_from_slice(content);
}

/// The curve's object identifier, whole, of an ECPrivateKey (RFC 5915 §3, `parameters [0]`).
fn curve(der: &[u8]) -> Option<&[u8]> {
    let (0x30, mut rest, _) = tlv(der)? else { return None };
    while let Some((tag, content, after)) = tlv(rest) {
        if tag == 0xa0 {
            return Some(content);
        }
        rest = after;
    }
    None
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 (RFC 4648 §4), on one line.
#[must_use]
pub fn base64(bytes: &[u8]) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(3) * 4));
    for chunk in bytes.chunks(3) {
        let mut three = Zeroizing::new([0_u8; 3]);
        three.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        let bits = three.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        for at in 0..4 {
            let index = bits >> (18 - 6 * at) & 63;
            let c = ALPHABET.get(index).filter(|_| at <= chunk.len()).copied().unwrap_or(b'=');
            out.push(char::from(c));
        }
    }
    out
}

/// The bytes of a base64 text; blanks are passed over. `None` where it is something else.
#[must_use]
pub fn unbase64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::with_capacity(text.len() / 4 * 3 + 3));
    let (mut bits, mut count, mut padding) = (0_u32, 0_u32, 0_u32);
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        if *byte == b'=' {
            padding += 1;
            continue;
        }
        let value = ALPHABET.iter().position(|c| c == byte).filter(|_| padding == 0)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 1;
        if count == 4 {
            out.extend_from_slice(bits.to_be_bytes().get(1..)?);
            (bits, count) = (0, 0);
        }
    }
    let rest = match count {
        0 => 0,
        2 | 3 => count - 1,
        _ => return None,
    };
    bits <<= 6 * (4 - count) % 24;
    out.extend_from_slice(bits.to_be_bytes().get(1..1 + usize::try_from(rest).ok()?)?);
    (padding <= 2 && (count + padding) % 4 == 0).then_some(out)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high << 4 | low).ok(),
            _ => None,
        })
        .collect()
}

/// The key that a program or a keyring gave as text.
///
/// # Errors
/// [`SecretFault::NotAKey`], also for one with a passphrase: there is nobody to ask there.
pub fn plain(text: &[u8], from: &str) -> Result<Key, SecretFault> {
    match read(text) {
        Found::Plain(key) => Ok(key),
        Found::Encrypted(_) | Found::Nothing => Err(SecretFault::NotAKey(from.to_owned())),
    }
}
