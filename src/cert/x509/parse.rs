//! The parts of a certificate in their order (RFC 5280 §4.1), as Go's parseCertificate reads them, which stops at the first
//! that is wrong. Here the first is kept, and reading goes on as long as the parts can be told from each other.

use super::super::dn::Dn;
use super::super::moment::{self, GENERALIZED_TIME, UTC_TIME};
use super::super::signature::{Algorithm, PublicKey};
use super::super::strict::{INTEGER, SEQUENCE, Strict};
use super::{Cert, extensions};

/// Fills `cert` from all of `der`.
///
/// # Errors
/// Where reading cannot go on.
pub(super) fn read(cert: &mut Cert, der: &[u8]) -> Result<(), String> {
    let mut all = Strict::new(der);
    let mut outer = all.inside(SEQUENCE).ok_or("x509: malformed certificate")?;
    cert.signed = outer.whole(SEQUENCE).ok_or("x509: malformed tbs certificate")?.to_vec();
    let tbs = cert.signed.clone();
    let mut tbs = Strict::new(&tbs).inside(SEQUENCE).ok_or("x509: malformed tbs certificate")?;
    head(cert, &mut tbs)?;
    let inner = tbs.tagged(SEQUENCE).ok_or("x509: malformed signature algorithm identifier")?;
    let algorithm = outer.tagged(SEQUENCE).ok_or("x509: malformed algorithm identifier")?;
    if inner != algorithm {
        cert.refuse("x509: inner and outer signature algorithm identifiers don't match");
    }
    let mut identifier = Strict::new(inner);
    if identifier.oid().is_none() {
        cert.refuse("x509: malformed OID");
    } else if !identifier.is_empty() && identifier.any().is_none() {
        cert.refuse("x509: malformed parameters");
    }
    cert.algorithm = Algorithm::parse(inner);
    cert.issuer = name(cert, &mut tbs)?;
    let mut validity = tbs.inside(SEQUENCE).ok_or("x509: malformed validity")?;
    cert.not_before = time(cert, &mut validity);
    cert.not_after = time(cert, &mut validity);
    cert.subject = name(cert, &mut tbs)?;
    let spki = tbs.whole(SEQUENCE).ok_or("x509: malformed spki")?;
    let (key, refused) = PublicKey::parse(spki);
    cert.key = key;
    if let Some(why) = refused {
        cert.refuse(why);
    }
    tail(cert, &mut tbs);
    match outer.bits() {
        Some((signature, _)) => cert.signature = signature,
        None => cert.refuse("x509: malformed signature"),
    }
    if !all.is_empty() {
        cert.refuse("x509: trailing data");
    }
    Ok(())
}

/// Version and serial number.
fn head(cert: &mut Cert, tbs: &mut Strict<'_>) -> Result<(), String> {
    match tbs.optional(0xa0).ok_or("x509: malformed version")? {
        None => {}
        Some(version) => {
            let mut version = Strict::new(version);
            match version.int64(INTEGER).filter(|_| version.is_empty()) {
                Some(number @ 0..=2) => cert.version = u32::try_from(number).unwrap_or(0) + 1,
                Some(3..) => cert.refuse("x509: invalid version"),
                _ => cert.refuse("x509: malformed version"),
            }
        }
    }
    // docker's client still takes a number below zero, unlike other programs of Go since 1.23
    let serial = tbs.any().ok_or("x509: malformed serial number")?;
    match serial {
        (INTEGER, bytes) => {
            cert.serial = bytes.to_vec();
            if Strict::new(&element(INTEGER, bytes)).integer().is_none() {
                cert.refuse("x509: malformed serial number");
            }
        }
        _ => cert.refuse("x509: malformed serial number"),
    }
    Ok(())
}

/// The number's own encoding once more, of which only the first two bytes matter.
fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let start = contents.get(..contents.len().min(2)).unwrap_or_default();
    [&[tag, u8::try_from(start.len()).unwrap_or_default()], start].concat()
}

fn name(cert: &mut Cert, tbs: &mut Strict<'_>) -> Result<Dn, String> {
    // Go says issuer of both
    let all = tbs.whole(SEQUENCE).ok_or("x509: malformed issuer")?;
    let (name, refused) = Dn::parse(all);
    if let Some(why) = refused {
        cert.refuse(why);
    }
    Ok(name)
}

/// A time in seconds since 1970; 0 where it cannot be read.
fn time(cert: &mut Cert, validity: &mut Strict<'_>) -> i64 {
    let (kind, time) = if validity.is(UTC_TIME) {
        ("UTCTime", validity.tagged(UTC_TIME).and_then(moment::utc))
    } else if validity.is(GENERALIZED_TIME) {
        ("GeneralizedTime", validity.tagged(GENERALIZED_TIME).and_then(moment::generalized))
    } else {
        cert.refuse("x509: unsupported time format");
        return 0;
    };
    time.unwrap_or_else(|| {
        cert.refuse(format!("x509: malformed {kind}"));
        0
    })
}

/// What stands behind the key: nothing in version 1, and extensions in version 3 only. Go passes over the rest.
fn tail(cert: &mut Cert, tbs: &mut Strict<'_>) {
    if cert.version < 2 {
        return;
    }
    for (tag, what) in [(0x81, "issuerUniqueID"), (0x82, "subjectUniqueID")] {
        if tbs.optional(tag).is_none() {
            cert.refuse(format!("x509: malformed {what}"));
            return;
        }
    }
    if cert.version < 3 {
        return;
    }
    match tbs.optional(0xa3) {
        Some(None) => {}
        Some(Some(all)) => extensions::read(cert, all),
        None => cert.refuse("x509: malformed extensions"),
    }
}
