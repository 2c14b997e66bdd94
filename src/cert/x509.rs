//! One certificate, with everything that the judge and the messages need of it. Reads; judges nothing.

use std::net::IpAddr;

use sha2::{Digest as _, Sha256};

use super::constraints::Constraints;
use super::dn::Dn;
use super::pem::Pem;
use super::policy::Policies;
use super::signature::{Algorithm, Kind, PublicKey};
use super::strict::{SEQUENCE, Strict};

mod extensions;
mod parse;

/// The largest certificate that is read, in bytes. TLS itself allows 16 MiB; real ones have some thousand.
const MAX_DER: usize = 1 << 20;

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cert {
    /// All of it, as it came.
    pub der: Vec<u8>,
    /// The part that is signed.
    pub signed: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
    /// How it is signed.
    pub algorithm: Algorithm,
    /// 1, 2 or 3.
    pub version: u32,
    /// The serial number as it is encoded: big-endian two's complement.
    pub serial: Vec<u8>,
    /// Whose it is.
    pub subject: Dn,
    /// Who signed it.
    pub issuer: Dn,
    /// Begin of its validity, in seconds since 1970.
    pub not_before: i64,
    /// End of its validity, in seconds since 1970.
    pub not_after: i64,
    /// The names it is for; `None` without the extension.
    pub names: Option<Names>,
    /// Basic constraints; `None` without the extension.
    pub basic: Option<Basic>,
    /// Extended key usage; `None` without the extension, or where it lists none (Go takes that for the same).
    pub usages: Option<Usages>,
    /// Whether key usage, where it is present and says anything, allows to sign certificates.
    pub may_sign: bool,
    /// Whether key usage is present.
    pub has_key_usage: bool,
    /// Whether basic constraints are marked critical.
    pub basic_critical: bool,
    /// Certificate policies, and what of them it requires below it.
    pub policies: Policies,
    /// Name constraints of a CA; `None` without the extension.
    pub constraints: Option<Constraints>,
    /// Critical extensions that Go does not know, by their numbers.
    pub unhandled: Vec<String>,
    /// Subject key identifier; empty without the extension.
    pub subject_key_id: Vec<u8>,
    /// Key identifier of the issuer; empty where there is none.
    pub authority_key_id: Vec<u8>,
    /// The public key.
    pub key: PublicKey,
    /// SHA-256 of all of it.
    pub sha256: [u8; 32],
    /// Why Go's parser refuses it, in its words; `None` where it does not. What is readable of it is read all the same.
    pub refused: Option<String>,
}

/// Subject alternative names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// DNS names, as written.
    pub dns: Vec<String>,
    /// Addresses.
    pub ips: Vec<IpAddr>,
    /// Mail addresses.
    pub emails: Vec<String>,
    /// URIs.
    pub uris: Vec<String>,
    /// The extension's value; by it Go tells two certificates apart.
    pub der: Vec<u8>,
}

impl Names {
    /// All DNS names and addresses, as `DNS:…` and `IP:…`.
    #[must_use]
    pub fn listed(&self) -> Vec<String> {
        let dns = self.dns.iter().map(|name| format!("DNS:{name}"));
        dns.chain(self.ips.iter().map(|ip| format!("IP:{ip}"))).collect()
    }
}

/// Basic constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basic {
    /// May sign certificates.
    pub ca: bool,
    /// How many CAs may stand between it and a leaf.
    pub path_len: Option<i64>,
}

/// What a certificate may be used for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Usages {
    /// Everything.
    pub any: bool,
    /// As a server.
    pub server: bool,
    /// As a client.
    pub client: bool,
    /// All that are listed: `serverAuth`, `clientAuth`, … or numbers.
    pub listed: Vec<String>,
}

/// What a message tells of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// The subject: its common name, or all of it.
    pub subject: String,
    /// The issuer, likewise.
    pub issuer: String,
    /// SHA-256 of the whole certificate, in hexadecimal.
    pub sha256: String,
    /// Begin of its validity, in seconds since 1970.
    pub not_before: i64,
    /// End of its validity, in seconds since 1970.
    pub not_after: i64,
    /// What Go calls it as a candidate: the common name, an organization, or the serial number.
    pub called: String,
}

impl Cert {
    /// The first certificate of a PEM text.
    ///
    /// # Errors
    /// One sentence: what it is instead.
    pub fn first(text: &[u8]) -> Result<Self, String> {
        let pem = Pem::parse(text);
        match pem.labelled("CERTIFICATE").next() {
            Some(block) => Self::from_der(&block.contents),
            None => Err("no certificate in PEM form".to_owned()),
        }
    }

    /// Reads one certificate, which has to be all of `der`, as Go reads it (crypto/x509 parser.go, `parseCertificate`).
    /// One that Go refuses is read as far as possible, and says so ([`Cert::refused`]).
    ///
    /// # Errors
    /// Go's words about what is wrong, where not even the parts of it can be told from each other.
    pub fn from_der(der: &[u8]) -> Result<Self, String> {
        if der.len() > MAX_DER {
            return Err(format!("{} bytes, too large for a certificate", der.len()));
        }
        let mut cert = Self::unread(der);
        match parse::read(&mut cert, der) {
            Ok(()) => Ok(cert),
            // what was found before is what Go tells
            Err(why) => Err(cert.refused.take().unwrap_or(why)),
        }
    }

    /// What a server sent in the place of a certificate, where [`Cert::from_der`] says `why` it cannot be read.
    #[must_use]
    pub fn unreadable(der: &[u8], why: String) -> Self {
        Self { refused: Some(why), ..Self::unread(der) }
    }

    /// A certificate of which nothing is known yet.
    fn unread(der: &[u8]) -> Self {
        let kind = Kind::Other(String::new());
        Self {
            der: der.to_vec(),
            signed: Vec::new(),
            signature: Vec::new(),
            algorithm: Algorithm::Unknown(String::new()),
            version: 1,
            serial: Vec::new(),
            subject: Dn::default(),
            issuer: Dn::default(),
            not_before: 0,
            not_after: 0,
            names: None,
            basic: None,
            usages: None,
            may_sign: true,
            has_key_usage: false,
            basic_critical: false,
            policies: Policies::default(),
            constraints: None,
            unhandled: Vec::new(),
            subject_key_id: Vec::new(),
            authority_key_id: Vec::new(),
            key: PublicKey { kind, bytes: Vec::new(), spki: Vec::new() },
            sha256: Sha256::digest(der).into(),
            refused: None,
        }
    }

    /// Keeps the first reason.
    fn refuse(&mut self, why: impl Into<String>) {
        if self.refused.is_none() {
            self.refused = Some(why.into());
        }
    }

    /// Whether issuer and subject are the same. Says nothing of the signature.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer.der == self.subject.der
    }

    /// Whether Go lets it sign certificates (CheckSignatureFrom): a version 3 certificate needs basic constraints
    /// with CA:TRUE, an older one does not.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.basic.map_or(self.version < 3, |basic| basic.ca) && self.may_sign
    }

    /// What a message tells of it.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary {
            subject: self.subject.text().to_owned(),
            issuer: self.issuer.text().to_owned(),
            sha256: hex(&self.sha256),
            not_before: self.not_before,
            not_after: self.not_after,
            called: self.called(),
        }
    }

    /// What Go calls a candidate for the issuer (`UnknownAuthorityError.Error`).
    fn called(&self) -> String {
        let names = [&self.subject.common_name, &self.subject.organization];
        let name = names.into_iter().flatten().find(|name| !name.is_empty());
        name.cloned().unwrap_or_else(|| {
            let serial = num_bigint::BigInt::from_signed_bytes_be(&self.serial);
            format!("serial:{serial}")
        })
    }

    /// `DNS:…` and `IP:…` of everything it is for.
    #[must_use]
    pub fn listed(&self) -> Vec<String> {
        self.names.as_ref().map(Names::listed).unwrap_or_default()
    }
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The names of a subjectAltName extension, by their tags and in their order.
pub(super) fn san(value: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut all = Strict::new(value).inside(SEQUENCE).unwrap_or(Strict::new(&[]));
    std::iter::from_fn(move || all.any())
}
