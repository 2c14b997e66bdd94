//! Certificates and requests, written and signed.
//!
//! The profile is RFC 5280's: version 3, a serial number of 16 random bytes, both key identifiers, key usage and
//! basic constraints marked critical, and an extended key usage that says one thing. The issuer's name is copied byte
//! for byte from the CA's certificate, because that is what verifiers compare: a name that is taken apart and written
//! again loses repeated attributes.

use sha2::{Digest as _, Sha256};

use super::keys::{Signer, random};
use super::names::Sans;
use crate::cert::encode::{extension, integer, sequence, time, tlv};
use crate::cert::signature::{Kind, PublicKey, Signature};
use crate::cert::verify::{self, Usage};
use crate::cert::x509::Cert;
use crate::error::{CaFault, Error, MakeFault, Result};

/// Seconds of a day.
pub const DAY: i64 = 86_400;
/// A clock of the host that is behind ours by less than this still takes the certificate.
pub const BACKDATE: i64 = 3600;
/// A CA outlives several generations of what it signs: changing it means to visit every machine.
pub const CA_DAYS: u32 = 3650;
/// The longest that Apple's verifier takes for a server; docker itself has no limit.
pub const SERVER_DAYS: u32 = 825;
/// Docker cannot revoke, so a lost client key works until its certificate ends.
pub const CLIENT_DAYS: u32 = 365;

const SUBJECT_KEY_ID: &[u8] = b"\x55\x1d\x0e";
const KEY_USAGE: &[u8] = b"\x55\x1d\x0f";
const ALT_NAMES: &[u8] = b"\x55\x1d\x11";
const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1d\x13";
const AUTHORITY_KEY_ID: &[u8] = b"\x55\x1d\x23";
const EXTENDED_KEY_USAGE: &[u8] = b"\x55\x1d\x25";
const SERVER_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x01";
const CLIENT_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";

/// What a certificate is for.
#[derive(Debug, Clone)]
pub enum Role {
    /// It signs others, and none of them may.
    Ca,
    /// It is a server's, under these names.
    Server(Sans),
    /// It is a client's.
    Client,
}

/// A certificate that is to be.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// The subject, encoded.
    pub subject: Vec<u8>,
    /// Whose key it is about.
    pub public: &'a PublicKey,
    /// What for.
    pub role: Role,
    /// Its last moment, in seconds since 1970.
    pub not_after: i64,
    /// The key identifier to keep, where the key is one that had a certificate before.
    pub key_id: Option<Vec<u8>>,
}

/// Who signs.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// The certificate.
    pub cert: Cert,
    /// Its key.
    pub signer: Signer,
}

/// The identifier of a key: the first 160 bits of its SHA-256 (RFC 7093, method 1).
#[must_use]
pub fn key_id(public: &PublicKey) -> Vec<u8> {
    Sha256::digest(&public.bytes).iter().take(20).copied().collect()
}

fn random_serial() -> Result<Vec<u8>> {
    let mut serial = random::<16>()?;
    // Positive, and always of the same length.
    serial[0] = serial[0] & 0x7f | 0x40;
    Ok(serial.to_vec())
}

/// Signs `plan` by `signer`, whose name is `issuer` and whose key has this identifier.
fn sign(
    plan: &Plan<'_>,
    signer: &Signer,
    issuer: &[u8],
    issuer_id: &[u8],
    now: i64,
) -> Result<Cert> {
    let own_id = plan.key_id.clone().unwrap_or_else(|| key_id(plan.public));
    let rsa = matches!(plan.public.kind, Kind::Rsa(_));
    let usage: &[u8] = match &plan.role {
        Role::Ca => &[0x03, 0x02, 0x01, 0x06],
        // An RSA key may also be what a session key is encrypted to, in TLS 1.2.
        _ if rsa => &[0x03, 0x02, 0x05, 0xa0],
        _ => &[0x03, 0x02, 0x07, 0x80],
    };
    let constraints: &[u8] = match &plan.role {
        Role::Ca => &[0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, 0x00],
        _ => &[0x30, 0x00],
    };
    let mut extensions = vec![
        extension(BASIC_CONSTRAINTS, true, constraints),
        extension(KEY_USAGE, true, usage),
        extension(SUBJECT_KEY_ID, false, &tlv(0x04, &[&own_id])),
        extension(AUTHORITY_KEY_ID, false, &sequence(&[&tlv(0x80, &[issuer_id])])),
    ];
    let only =
        |usage: &[u8]| extension(EXTENDED_KEY_USAGE, false, &sequence(&[&tlv(0x06, &[usage])]));
    match &plan.role {
        Role::Ca => {}
        Role::Server(sans) => {
            extensions.push(only(SERVER_AUTH));
            extensions.push(extension(ALT_NAMES, false, &sans.der()));
        }
        Role::Client => extensions.push(only(CLIENT_AUTH)),
    }
    let extensions: Vec<&[u8]> = extensions.iter().map(Vec::as_slice).collect();
    let extensions = tlv(0xa3, &[&sequence(&extensions)]);
    let serial = integer(&random_serial()?);
    let validity = sequence(&[&time(now - BACKDATE), &time(plan.not_after)]);
    let der = signer.sign(|algorithm| {
        sequence(&[
            &[0xa0, 0x03, 0x02, 0x01, 0x02],
            &serial,
            algorithm,
            issuer,
            &validity,
            &plan.subject,
            &plan.public.spki,
            &extensions,
        ])
    })?;
    let cert = Cert::from_der(&der);
    cert.map_err(|_| Error::Make(MakeFault::NotSigned("what was signed cannot be read")))
}

impl Issuer {
    /// Signs a certificate; it ends no later than this CA, and is judged as docker will before anybody gets it.
    ///
    /// # Errors
    /// [`MakeFault::Refused`] where the CA's own constraints, dates or name make it worthless.
    pub fn issue(&self, plan: &Plan<'_>, now: i64) -> Result<Cert> {
        let ca = &self.cert;
        let mut plan = plan.clone();
        plan.not_after = plan.not_after.min(ca.not_after);
        let id =
            if ca.subject_key_id.is_empty() { key_id(&ca.key) } else { ca.subject_key_id.clone() };
        let cert = sign(&plan, &self.signer, &ca.subject.der, &id, now)?;
        let usage = match plan.role {
            Role::Server(_) => Usage::Server,
            _ => Usage::Client,
        };
        judged(&cert, ca, usage, now)?;
        Ok(cert)
    }
}

/// A certificate that signs itself: a CA, or a leaf that is pinned.
///
/// # Errors
/// The key cannot sign.
pub fn self_signed(plan: &Plan<'_>, signer: &Signer, now: i64) -> Result<Cert> {
    let id = plan.key_id.clone().unwrap_or_else(|| key_id(plan.public));
    let cert = sign(plan, signer, &plan.subject, &id, now)?;
    match plan.role {
        Role::Ca if verify::signed(&cert, &cert) != Signature::Good => {
            Err(Error::Make(MakeFault::NotSigned("the signature does not verify")))
        }
        Role::Ca => Ok(cert),
        Role::Server(_) => judged(&cert, &cert, Usage::Server, now).map(|()| cert.clone()),
        Role::Client => judged(&cert, &cert, Usage::Client, now).map(|()| cert.clone()),
    }
}

/// What docker will say of it.
fn judged(cert: &Cert, root: &Cert, usage: Usage, now: i64) -> Result<()> {
    let (chain, roots) = (std::slice::from_ref(cert), std::slice::from_ref(root));
    match verify::verify(chain, roots, None, usage, now) {
        Ok(_) => Ok(()),
        Err(faults) => {
            let why = faults.first().map_or_else(|| CaFault::Other(String::new()), why);
            Err(Error::Make(MakeFault::CannotSign { subject: cert.subject.text().to_owned(), why }))
        }
    }
}

/// A fault of what a CA signs.
fn why(fault: &verify::Fault) -> CaFault {
    use verify::Fault;
    match fault {
        Fault::Expired { .. } => CaFault::Expired,
        Fault::NotYetValid { .. } => CaFault::NotYetValid,
        Fault::IssuerNotCa { .. } => CaFault::NotCa,
        Fault::PathLength { .. } => CaFault::PathLength,
        Fault::NameConstraint { forbidden, .. } => CaFault::Names(forbidden.what.clone()),
        Fault::Usage { .. } => CaFault::Usage,
        Fault::UnknownAuthority { .. } | Fault::SameNameOtherKey { .. } => CaFault::OtherIssuer,
        other => CaFault::Other(format!("{other:?}").chars().take(120).collect()),
    }
}

/// A certificate request (RFC 2986): the key and a name, and nothing that whoever signs would have to trust.
///
/// # Errors
/// The key cannot sign.
pub fn request(subject: &[u8], signer: &Signer) -> Result<Vec<u8>> {
    let spki = signer.public.spki.clone();
    signer.sign(|_| sequence(&[&[0x02, 0x01, 0x00], subject, &spki, &[0xa0, 0x00]]))
}
