//! What a file is that has no PEM in it and is not text: DER (X.690) of one kind or another, and PKCS #12.

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer as _;

use super::der::Reader;
use super::key::PrivateKey;
use super::x509::Cert;
use crate::error::{Der, NotPem};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
/// `1.2.840.113549.1.7`: PKCS #7's kinds of contents, of which 1 is data, and 2 is signed data.
const PKCS7: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07";

/// What it is; `None` where it is nothing that certificates or keys are kept in.
#[must_use]
pub fn kind(bytes: &[u8]) -> Option<NotPem> {
    if is_pkcs12(bytes) {
        return Some(NotPem::Pkcs12);
    }
    let inside = Reader::new(bytes).sequence().filter(|inside| inside.len() > 16);
    if inside.is_none() && inner(bytes).is_some_and(|inside| inside.starts_with(PKCS7)) {
        return Some(NotPem::Der(Der::Pkcs7));
    }
    let inside = inside?;
    let mut parts = Reader::new(inside);
    let (first, second) = (parts.any(), parts.any());
    let is_request =
        || X509CertificationRequest::from_der(bytes).is_ok_and(|(rest, _)| rest.is_empty());
    Some(NotPem::Der(match (first, second.map(|(tag, _)| tag)) {
        _ if Cert::from_der(bytes).is_ok() => Der::Certificate,
        _ if PrivateKey::from_der(bytes).is_some() => Der::Key,
        _ if inside.starts_with(PKCS7) => Der::Pkcs7,
        // a version before all: RSAPrivateKey, ECPrivateKey, OneAsymmetricKey
        (Some((INTEGER, [0 | 1])), Some(INTEGER | OCTETS | SEQUENCE)) => Der::Key,
        // EncryptedPrivateKeyInfo: an algorithm, and octets
        (Some((SEQUENCE, _)), Some(OCTETS)) => Der::ClosedKey,
        _ if is_request() => Der::Request,
        _ => Der::Other,
    }))
}

/// A PFX (RFC 7292, section 4): version 3, and contents that PKCS #7 describes. Written by some with lengths that are not
/// definite (BER), so that the elements' ends are not looked for.
fn is_pkcs12(bytes: &[u8]) -> bool {
    let contents = inner(bytes).and_then(|inside| inside.strip_prefix(&[INTEGER, 1, 3]));
    contents.and_then(inner).is_some_and(|info| info.starts_with(PKCS7))
}

/// What is behind the tag and the length of a SEQUENCE, without regard to its end.
fn inner(bytes: &[u8]) -> Option<&[u8]> {
    let (&length, rest) = bytes.strip_prefix(&[SEQUENCE])?.split_first()?;
    let more = if length > 0x80 { usize::from(length & 0x7f) } else { 0 };
    rest.get(more..).filter(|_| more <= 4)
}
