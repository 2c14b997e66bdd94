//! The list of clients of a server that has no CA: their certificates one after the other, each with a line before it
//! that says whose it is. docker and openssl pass over such lines (RFC 7468, section 2).

use crate::cert::encode::pem;
use crate::cert::pem::Pem;
use crate::cert::x509::{Cert, hex};

/// One client that is let in.
#[derive(Debug, Clone)]
pub struct Pin {
    /// Whose it is, as whoever let it in called it.
    pub who: String,
    /// The certificate.
    pub cert: Cert,
}

/// The clients of a list, in order. Blocks that are no certificates are left out.
#[must_use]
pub fn read(text: &[u8]) -> Vec<Pin> {
    let lines = String::from_utf8_lossy(text);
    let mut names: Vec<String> = Vec::new();
    let mut last = String::new();
    for line in lines.lines() {
        if let Some(name) = line.strip_prefix("# ") {
            name.trim().clone_into(&mut last);
        } else if line.starts_with("-----BEGIN CERTIFICATE-----") {
            names.push(std::mem::take(&mut last));
        }
    }
    let parsed = Pem::parse(text);
    let blocks = parsed.labelled("CERTIFICATE");
    let certs = blocks.map(|block| Cert::from_der(&block.contents));
    let mut pins: Vec<Pin> = Vec::new();
    for (at, cert) in certs.enumerate() {
        if let Ok(cert) = cert {
            let named = names.get(at).filter(|name| !name.is_empty()).cloned();
            let who = named.unwrap_or_else(|| cert.subject.text().to_owned());
            pins.push(Pin { who, cert });
        }
    }
    pins
}

/// The list as a file has it.
#[must_use]
pub fn write(pins: &[Pin]) -> String {
    pins.iter().map(|pin| format!("# {}\n{}", pin.who, pem("CERTIFICATE", &pin.cert.der))).collect()
}

/// The places of the clients that `who` means: a name, a common name, or the first eight digits or more of a SHA-256
/// fingerprint, with or without colons.
#[must_use]
pub fn matching(pins: &[Pin], who: &str) -> Vec<usize> {
    let digits: String = who.chars().filter(|c| *c != ':').collect::<String>().to_ascii_lowercase();
    let fingerprint = digits.len() >= 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let fits = |pin: &Pin| {
        pin.who == who
            || pin.cert.subject.common_name.as_deref() == Some(who)
            || fingerprint && hex(&pin.cert.sha256).starts_with(&digits)
    };
    pins.iter().enumerate().filter(|(_, pin)| fits(pin)).map(|(at, _)| at).collect()
}
