//! What a person needs to know of a PEM file with certificates. Reads; judges nothing.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The largest file that is looked at, in bytes: a bundle of every public CA is a fifth of that.
const MAX_FILE: u64 = 1 << 20;

/// One certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// The common name, or the whole subject where there is none.
    pub subject: String,
    /// The same of its issuer.
    pub issuer: String,
    /// Begin of its validity, in seconds since 1970.
    pub not_before: i64,
    /// End of its validity, in seconds since 1970.
    pub not_after: i64,
    /// The names and addresses it is for, as `DNS:` and `IP:`.
    pub names: Vec<String>,
    /// Whether it may sign others.
    pub ca: bool,
}

impl Certificate {
    /// Whole days until it expires; negative once it has.
    #[must_use]
    pub fn days_left(&self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        (self.not_after - i64::try_from(now).unwrap_or(i64::MAX)).div_euclid(86_400)
    }
}

/// The certificates of a PEM file, in order.
///
/// # Errors
/// One sentence: what the file is instead.
pub fn certificates(path: &Path) -> Result<Vec<Certificate>, String> {
    let size = fs::metadata(path).map_err(|e| e.to_string())?.len();
    if size > MAX_FILE {
        return Err(format!("{size} bytes, too large for a certificate"));
    }
    let bytes = fs::read(path).map_err(|e| e.to_string())?;
    let mut out = Vec::new();
    for block in Pem::iter_from_buffer(&bytes) {
        let block = block.map_err(|e| e.to_string())?;
        if block.label != "CERTIFICATE" {
            continue;
        }
        let (_, certificate) =
            X509Certificate::from_der(&block.contents).map_err(|e| e.to_string())?;
        out.push(describe(&certificate));
    }
    if out.is_empty() { Err("no certificate in PEM form".to_owned()) } else { Ok(out) }
}

fn describe(certificate: &X509Certificate<'_>) -> Certificate {
    let name = |name: &x509_parser::x509::X509Name<'_>| {
        let common = name.iter_common_name().next().and_then(|cn| cn.as_str().ok());
        common.map_or_else(|| name.to_string(), ToOwned::to_owned)
    };
    let names = certificate
        .subject_alternative_name()
        .ok()
        .flatten()
        .map(|extension| extension.value.general_names.iter().filter_map(alternative).collect())
        .unwrap_or_default();
    Certificate {
        subject: name(certificate.subject()),
        issuer: name(certificate.issuer()),
        not_before: certificate.validity().not_before.timestamp(),
        not_after: certificate.validity().not_after.timestamp(),
        names,
        ca: certificate.is_ca(),
    }
}

fn alternative(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(format!("DNS:{name}")),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(std::net::IpAddr::from);
            let v6 = <[u8; 16]>::try_from(*bytes).map(std::net::IpAddr::from);
            v4.or(v6).ok().map(|address| format!("IP:{address}"))
        }
        _ => None,
    }
}
