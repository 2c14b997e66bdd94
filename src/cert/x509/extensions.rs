//! Extensions of a certificate, as Go reads them (crypto/x509 parser.go, `processExtensions`).

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::super::constraints::{Constraints, labels};
use super::super::strict::{
    BIT_STRING, BOOLEAN, INTEGER, OCTET_STRING, SEQUENCE, Strict, ia5, quoted,
};
use super::super::uri;
use super::{Basic, Cert, Names, Usages};

/// One extension.
struct Extension<'a> {
    oid: String,
    critical: bool,
    value: &'a [u8],
}

/// Reads the contents of the field; all extensions are told from each other before any is looked into.
pub(super) fn read(cert: &mut Cert, field: &[u8]) {
    let all = match split(field) {
        Ok(all) => all,
        Err((all, why)) => {
            cert.refuse(why);
            all
        }
    };
    for extension in all {
        match one(cert, &extension) {
            Ok(true) => {}
            Ok(false) if extension.critical => cert.unhandled.push(extension.oid),
            Ok(false) => {}
            Err(why) => cert.refuse(why),
        }
    }
}

/// The extensions; where reading them ends early, those before, and why.
fn split(field: &[u8]) -> Result<Vec<Extension<'_>>, (Vec<Extension<'_>>, String)> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let Some(mut all) = Strict::new(field).inside(SEQUENCE) else {
        return Err((found, "x509: malformed extensions".to_owned()));
    };
    while !all.is_empty() {
        let extension = all.inside(SEQUENCE).ok_or("x509: malformed extension");
        match extension.and_then(parts) {
            Ok(extension) if !seen.insert(extension.oid.clone()) => {
                let oid = quoted(&extension.oid);
                let why = format!("x509: certificate contains duplicate extension with OID {oid}");
                return Err((found, why));
            }
            Ok(extension) => found.push(extension),
            Err(why) => return Err((found, why.to_owned())),
        }
    }
    Ok(found)
}

fn parts(mut from: Strict<'_>) -> Result<Extension<'_>, &'static str> {
    let oid = from.oid().ok_or("x509: malformed extension OID field")?;
    let critical = match from.is(BOOLEAN) {
        true => from.boolean().ok_or("x509: malformed extension critical field")?,
        false => false,
    };
    let value = from.tagged(OCTET_STRING).ok_or("x509: malformed extension value field")?;
    Ok(Extension { oid, critical, value })
}

/// Takes one over; whether Go knows it.
fn one(cert: &mut Cert, extension: &Extension<'_>) -> Result<bool, String> {
    let Extension { oid, critical, value } = extension;
    match oid.as_str() {
        "2.5.29.15" => {
            cert.may_sign = may_sign(value)?;
            cert.has_key_usage = true;
        }
        "2.5.29.19" => {
            cert.basic = Some(basic(value).ok_or("x509: invalid basic constraints")?);
            cert.basic_critical = *critical;
        }
        "2.5.29.17" => return names(cert, value),
        "2.5.29.30" => {
            let (constraints, known) = Constraints::parse(value)?;
            cert.constraints = Some(constraints);
            return Ok(known);
        }
        "2.5.29.31" => distribution_points(value)?,
        "2.5.29.35" => {
            if *critical {
                return Err("x509: authority key identifier incorrectly marked critical".to_owned());
            }
            let id = authority_key_id(value).ok_or("x509: invalid authority key identifier")?;
            cert.authority_key_id = id.to_vec();
        }
        "2.5.29.36" => cert.policies.read_constraints(value)?,
        "2.5.29.37" => cert.usages = usages(value).ok_or("x509: invalid extended key usages")?,
        "2.5.29.14" => {
            if *critical {
                return Err("x509: subject key identifier incorrectly marked critical".to_owned());
            }
            let id = Strict::new(value).tagged(OCTET_STRING);
            cert.subject_key_id = id.ok_or("x509: invalid subject key identifier")?.to_vec();
        }
        "2.5.29.32" => cert.policies.read_own(value)?,
        "2.5.29.33" => cert.policies.read_mappings(value)?,
        "2.5.29.54" => {
            let skip = Strict::new(value).int64(INTEGER);
            cert.policies.inhibit_any =
                Some(skip.ok_or("x509: invalid inhibit any policy extension")?);
        }
        "1.3.6.1.5.5.7.1.1" => {
            if *critical {
                return Err("x509: authority info access incorrectly marked critical".to_owned());
            }
            information_access(value).ok_or("x509: invalid authority info access")?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Key usage: whether it allows to sign certificates; one that allows nothing at all counts for nothing.
fn may_sign(value: &[u8]) -> Result<bool, &'static str> {
    let mut whole = Strict::new(value);
    let bytes = whole.tagged(BIT_STRING).map(<[u8]>::to_vec);
    let fine = Strict::new(value).bits();
    let (Some(bytes), Some((_, count))) = (bytes, fine) else {
        return Err("x509: invalid key usage");
    };
    let bit = |at: usize| {
        at < count && bytes.get(1 + at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1)
    };
    Ok(bit(5) || !(0..9).any(bit))
}

fn basic(value: &[u8]) -> Option<Basic> {
    let mut all = Strict::new(value).inside(SEQUENCE)?;
    let ca = if all.is(BOOLEAN) { all.boolean()? } else { false };
    let path_len = if all.is(INTEGER) { Some(all.int64(INTEGER)?) } else { None };
    // Go takes a number below zero for none
    Some(Basic { ca, path_len: path_len.filter(|length| *length >= 0) })
}

/// Takes the alternative names over; whether there was any that Go knows.
fn names(cert: &mut Cert, value: &[u8]) -> Result<bool, String> {
    let mut names = Names { der: value.to_vec(), ..Names::default() };
    let result = read_names(&mut names, value);
    let any = !(names.dns.is_empty()
        && names.ips.is_empty()
        && names.emails.is_empty()
        && names.uris.is_empty());
    cert.names = Some(names);
    result.map(|()| any)
}

fn read_names(names: &mut Names, value: &[u8]) -> Result<(), String> {
    let all = Strict::new(value).inside(SEQUENCE);
    let mut all = all.ok_or("x509: invalid subject alternative names")?;
    let text = |value, kind| ia5(value).map_err(|_| format!("x509: SAN {kind} is malformed"));
    while !all.is_empty() {
        let (tag, value) = all.any().ok_or("x509: invalid subject alternative name")?;
        match tag {
            0x81 => names.emails.push(text(value, "rfc822Name")?.to_owned()),
            0x82 => names.dns.push(text(value, "dNSName")?.to_owned()),
            0x86 => {
                let uri = text(value, "uniformResourceIdentifier")?;
                let cannot = |why| format!("x509: cannot parse URI {}: {why}", quoted(uri));
                let host = uri::host(uri).map_err(cannot)?;
                if labels(&host).is_none() {
                    return Err(cannot("invalid domain".to_owned()));
                }
                names.uris.push(uri.to_owned());
            }
            0x87 => {
                let v4 = <[u8; 4]>::try_from(value).map(IpAddr::from);
                let v6 = <[u8; 16]>::try_from(value).map(IpAddr::from);
                let length = value.len();
                let ip = v4.or(v6);
                names.ips.push(
                    ip.map_err(|_| format!("x509: cannot parse IP address of length {length}"))?,
                );
            }
            _ => {}
        }
    }
    Ok(())
}

fn authority_key_id(value: &[u8]) -> Option<&[u8]> {
    let mut all = Strict::new(value).inside(SEQUENCE)?;
    Some(all.optional(0x80)?.unwrap_or_default())
}

/// Extended key usage; one that lists none is the same as no extension.
#[expect(clippy::option_option, reason = "the outer one is for what cannot be read")]
fn usages(value: &[u8]) -> Option<Option<Usages>> {
    let mut all = Strict::new(value).inside(SEQUENCE)?;
    let mut usages = Usages::default();
    while !all.is_empty() {
        let oid = all.oid()?;
        let name = match oid.as_str() {
            "2.5.29.37.0" => "any",
            "1.3.6.1.5.5.7.3.1" => "serverAuth",
            "1.3.6.1.5.5.7.3.2" => "clientAuth",
            "1.3.6.1.5.5.7.3.3" => "codeSigning",
            "1.3.6.1.5.5.7.3.4" => "emailProtection",
            "1.3.6.1.5.5.7.3.8" => "timeStamping",
            "1.3.6.1.5.5.7.3.9" => "OCSPSigning",
            _ => &oid,
        };
        usages.any |= name == "any";
        usages.server |= name == "serverAuth";
        usages.client |= name == "clientAuth";
        usages.listed.push(name.to_owned());
    }
    Some((!usages.listed.is_empty()).then_some(usages))
}

fn distribution_points(value: &[u8]) -> Result<(), &'static str> {
    const POINT: &str = "x509: invalid CRL distribution point";
    let all = Strict::new(value).inside(SEQUENCE);
    let mut all = all.ok_or("x509: invalid CRL distribution points")?;
    while !all.is_empty() {
        let mut point = all.inside(SEQUENCE).ok_or(POINT)?;
        let Some(name) = point.optional(0xa0).ok_or(POINT)? else { continue };
        let mut uris = Strict::new(name).inside(0xa0).ok_or(POINT)?;
        while uris.is(0x86) {
            uris.tagged(0x86).ok_or(POINT)?;
        }
    }
    Ok(())
}

fn information_access(value: &[u8]) -> Option<()> {
    let mut all = Strict::new(value).inside(SEQUENCE)?;
    while !all.is_empty() {
        let mut access = all.inside(SEQUENCE)?;
        access.oid()?;
        access.optional(0x86)?;
    }
    Some(())
}
