//! One certificate, with everything that the judge and the messages need of it. Reads; judges nothing.

use std::net::IpAddr;

use sha2::{Digest as _, Sha256};
use x509_parser::extensions::{ExtendedKeyUsage, GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::constraints::Constraints;
use super::dn::Dn;
use super::pem::Pem;
use super::signature::{Algorithm, PublicKey};

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
    /// Why Go's parser refuses it, in its words; `None` where it does not.
    pub refused: Option<&'static str>,
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
    pub path_len: Option<u32>,
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

    /// Reads one certificate, which has to be all of `der`.
    ///
    /// # Errors
    /// One sentence about what is wrong, for whoever looks into the file.
    pub fn from_der(der: &[u8]) -> Result<Self, String> {
        if der.len() > MAX_DER {
            return Err(format!("{} bytes, too large for a certificate", der.len()));
        }
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|e| e.to_string())?;
        let tbs = &parsed.tbs_certificate;
        let (key, bad_key) = PublicKey::new(&tbs.subject_pki);
        let mut cert = Self {
            der: der.to_vec(),
            signed: tbs.as_ref().to_vec(),
            signature: parsed.signature_value.data.to_vec(),
            algorithm: Algorithm::new(&parsed.signature_algorithm),
            version: tbs.version.0.saturating_add(1),
            serial: tbs.raw_serial().to_vec(),
            subject: Dn::new(&tbs.subject),
            issuer: Dn::new(&tbs.issuer),
            not_before: tbs.validity.not_before.timestamp(),
            not_after: tbs.validity.not_after.timestamp(),
            names: None,
            basic: None,
            usages: None,
            may_sign: true,
            constraints: None,
            unhandled: Vec::new(),
            subject_key_id: Vec::new(),
            authority_key_id: Vec::new(),
            key,
            sha256: Sha256::digest(der).into(),
            refused: bad_key,
        };
        if !rest.is_empty() {
            cert.refuse("x509: trailing data");
        }
        if tbs.signature != parsed.signature_algorithm {
            cert.refuse("x509: inner and outer signature algorithm identifiers don't match");
        }
        cert.extensions(&parsed);
        Ok(cert)
    }

    /// Go's parser reads the extensions one by one (crypto/x509 parser.go, processExtensions) and ends at the first
    /// that is malformed, or that is there twice.
    fn extensions(&mut self, parsed: &X509Certificate<'_>) {
        let all = parsed.extensions();
        for (at, extension) in all.iter().enumerate() {
            if all.iter().skip(at + 1).any(|other| other.oid == extension.oid) {
                self.refuse("x509: certificate contains duplicate extensions");
            }
            let mut known = true;
            match extension.parsed_extension() {
                ParsedExtension::BasicConstraints(basic) => {
                    self.basic = Some(Basic { ca: basic.ca, path_len: basic.path_len_constraint });
                }
                ParsedExtension::KeyUsage(usage) => {
                    self.may_sign = usage.flags == 0 || usage.key_cert_sign();
                }
                ParsedExtension::ExtendedKeyUsage(usage) => self.usages = usages(usage),
                ParsedExtension::SubjectAlternativeName(names) => {
                    known = self.names(&names.general_names, extension.value);
                }
                ParsedExtension::NameConstraints(constraints) => {
                    match Constraints::new(constraints) {
                        Ok((constraints, all)) => {
                            self.constraints = Some(constraints);
                            known = all;
                        }
                        Err(why) => self.refuse(why),
                    }
                }
                ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = id.0.to_vec(),
                ParsedExtension::AuthorityKeyIdentifier(id) => {
                    let id = id.key_identifier.as_ref();
                    self.authority_key_id = id.map(|id| id.0.to_vec()).unwrap_or_default();
                }
                ParsedExtension::CRLDistributionPoints(_)
                | ParsedExtension::CertificatePolicies(_)
                | ParsedExtension::PolicyConstraints(_)
                | ParsedExtension::PolicyMappings(_)
                | ParsedExtension::InhibitAnyPolicy(_)
                | ParsedExtension::AuthorityInfoAccess(_) => {}
                ParsedExtension::ParseError { .. } => self.refuse("x509: malformed extension"),
                _ => known = false,
            }
            if extension.critical && !known {
                self.unhandled.push(extension.oid.to_id_string());
            }
        }
    }

    /// Takes the alternative names over; whether there was any that Go knows.
    fn names(&mut self, all: &[GeneralName<'_>], der: &[u8]) -> bool {
        let mut names = Names { der: der.to_vec(), ..Names::default() };
        for name in all {
            match name {
                GeneralName::DNSName(name) if name.is_ascii() => names.dns.push((*name).to_owned()),
                GeneralName::RFC822Name(name) if name.is_ascii() => {
                    names.emails.push((*name).to_owned());
                }
                GeneralName::URI(name) if name.is_ascii() => names.uris.push((*name).to_owned()),
                GeneralName::IPAddress(bytes) => {
                    let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
                    let v6 = <[u8; 16]>::try_from(*bytes).map(IpAddr::from);
                    match v4.or(v6) {
                        Ok(ip) => names.ips.push(ip),
                        Err(_) => self.refuse("x509: cannot parse IP address"),
                    }
                }
                GeneralName::DNSName(_) => self.refuse("x509: SAN dNSName is malformed"),
                GeneralName::RFC822Name(_) => self.refuse("x509: SAN rfc822Name is malformed"),
                GeneralName::URI(_) => {
                    self.refuse("x509: SAN uniformResourceIdentifier is malformed");
                }
                GeneralName::Invalid(tag, _) if matches!(tag.0, 1 | 2 | 6) => {
                    self.refuse("x509: SAN is malformed");
                }
                _ => {}
            }
        }
        let any = !(names.dns.is_empty()
            && names.ips.is_empty()
            && names.emails.is_empty()
            && names.uris.is_empty());
        self.names = Some(names);
        any
    }

    fn refuse(&mut self, why: &'static str) {
        self.refused.get_or_insert(why);
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
        }
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

fn usages(usage: &ExtendedKeyUsage<'_>) -> Option<Usages> {
    let named = [
        (usage.any, "any"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let mut listed: Vec<String> =
        named.iter().filter(|(there, _)| *there).map(|(_, name)| (*name).to_owned()).collect();
    listed.extend(usage.other.iter().map(|oid| oid.to_id_string()));
    (!listed.is_empty()).then_some(Usages {
        any: usage.any,
        server: usage.server_auth,
        client: usage.client_auth,
        listed,
    })
}
