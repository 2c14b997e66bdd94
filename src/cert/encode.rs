//! DER (X.690), written: the few types that certificates, requests and keys consist of; and PEM around it. Names of
//! things are RFC 5280's.

use std::net::IpAddr;

use super::base64;

/// An element: its tag, and its contents in parts.
#[must_use]
pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(length + 6);
    out.push(tag);
    match u8::try_from(length) {
        Ok(short @ ..0x80) => out.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let digits = bytes.get(zeros..).unwrap_or_default();
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            out.extend_from_slice(digits);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// A SEQUENCE.
#[must_use]
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

/// An OBJECT IDENTIFIER, from its encoded arcs.
#[must_use]
pub fn oid(arcs: &[u8]) -> Vec<u8> {
    tlv(0x06, &[arcs])
}

/// A positive INTEGER from big-endian bytes.
#[must_use]
pub fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = number.get(zeros..).filter(|digits| !digits.is_empty()).unwrap_or(&[0]);
    let sign: &[u8] = if digits.first().is_some_and(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
    tlv(0x02, &[sign, digits])
}

/// An OCTET STRING.
#[must_use]
pub fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, &[bytes])
}

/// A BIT STRING of whole bytes.
#[must_use]
pub fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes])
}

/// A time: UTCTime through 2049 and GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5). `seconds` since 1970; what no
/// calendar has is the end of 9999, which stands for no end there.
#[must_use]
pub fn time(seconds: i64) -> Vec<u8> {
    let at = crate::text::date::civil(seconds).unwrap_or(((9999, 12, 31), (23, 59, 59)));
    let ((year, month, day), (hour, minute, second)) = at;
    let tail = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if (1950..2050).contains(&year) {
        let year = year % 100;
        tlv(0x17, &[format!("{year:02}{tail}").as_bytes()])
    } else {
        tlv(0x18, &[format!("{year:04}{tail}").as_bytes()])
    }
}

/// The name `O=…, CN=…`, each in UTF-8.
#[must_use]
pub fn name(organization: &str, common_name: &str) -> Vec<u8> {
    let attribute = |kind: &[u8], value: &str| {
        let value = tlv(0x0c, &[value.as_bytes()]);
        tlv(0x31, &[&sequence(&[&oid(kind), &value])])
    };
    let o = attribute(b"\x55\x04\x0a", organization);
    sequence(&[&o, &attribute(b"\x55\x04\x03", common_name)])
}

/// One extension.
#[must_use]
pub fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 0x01, 0xff] } else { &[] };
    sequence(&[&oid(id), critical, &octets(value)])
}

/// A DNS name among alternative names.
#[must_use]
pub fn dns(name: &str) -> Vec<u8> {
    tlv(0x82, &[name.as_bytes()])
}

/// An address among alternative names.
#[must_use]
pub fn ip(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => tlv(0x87, &[&v4.octets()]),
        IpAddr::V6(v6) => tlv(0x87, &[&v6.octets()]),
    }
}

/// PEM (RFC 7468): lines of 64 characters, each with an end. The caller overwrites what was secret.
#[must_use]
pub fn pem(label: &str, der: &[u8]) -> String {
    // Room for all of it: a text that grows would leave copies of a key behind.
    let mut out = String::with_capacity(der.len() / 3 * 4 + der.len() / 48 + 2 * label.len() + 64);
    out.push_str(&format!("-----BEGIN {label}-----\n"));
    for line in der.chunks(48) {
        base64::push(&mut out, line);
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}
