//! What a person needs to know of a PEM file with certificates. Reads; judges nothing.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::pem;
use super::x509::Cert;
use crate::error::Lang;
use crate::tr;

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
/// What the file is instead, as the end of a sentence about it.
pub fn certificates(path: &Path, lang: Lang) -> Result<Vec<Certificate>, String> {
    let pem = pem::open(path).and_then(|file| file.pem()).map_err(|bad| bad.text(lang))?;
    let mut out = Vec::new();
    for block in pem.labelled("CERTIFICATE") {
        out.push(describe(&Cert::from_der(&block.contents)?));
    }
    if out.is_empty() {
        return Err(tr!(lang, "it contains no certificate", "其中没有证书"));
    }
    Ok(out)
}

fn describe(cert: &Cert) -> Certificate {
    Certificate {
        subject: cert.subject.text().to_owned(),
        issuer: cert.issuer.text().to_owned(),
        not_before: cert.not_before,
        not_after: cert.not_after,
        names: cert.listed(),
        ca: cert.basic.is_some_and(|basic| basic.ca),
    }
}
