//! What is handed over: one TOML file with a host, its CA, a certificate, and the key where that is not with the
//! other already. Untrusted when it is read.

use std::path::Path;

use serde::Deserialize;
use toml_edit::{DocumentMut, value};

use crate::cert::key::{Belongs, PrivateKey};
use crate::cert::make::set::{self, wrong};
use crate::cert::secret::Secret;
use crate::cert::x509::Cert;
use crate::error::{FileFault, Result};

/// What is taken in, from a file of ours or from one with certificates alone.
pub(super) struct Bundle {
    /// What whoever handed it over calls the host.
    pub(super) name: Option<String>,
    /// Its address.
    pub(super) host: Option<String>,
    /// The CAs, or the server's own certificate where it is pinned.
    pub(super) roots: Vec<Cert>,
    /// The client's certificate with whatever chain stands behind it.
    pub(super) chain: Vec<Cert>,
    /// The client's certificate.
    pub(super) leaf: Option<Cert>,
    /// Its key, as PEM.
    pub(super) key: Option<Secret>,
    /// Whether there is a key of which nothing here can be the certificate.
    pub(super) stray: bool,
}

/// Reads what was handed over: the TOML that `cert client`, `cert sign` and `cert authorize` write, or PEM with a new CA,
/// with a certificate that answers a request, or with both.
///
/// # Errors
/// It cannot be read, or is something else.
pub(super) fn read(path: &Path) -> Result<Bundle> {
    let bytes = set::bytes(path)?;
    if let Ok(mut hand) = Hand::parse(path, &bytes) {
        let chain = match hand.cert.as_deref() {
            Some(cert) => set::certificates_in(path, cert.as_bytes())?,
            None => Vec::new(),
        };
        let key = hand.key.take().map(|key| Secret::new(key.into_bytes()));
        return Ok(Bundle {
            name: Some(std::mem::take(&mut hand.name)),
            host: Some(std::mem::take(&mut hand.host)),
            roots: set::certificates_in(path, hand.ca.as_bytes())?,
            leaf: chain.first().cloned(),
            chain,
            stray: false,
            key,
        });
    }
    let other = || wrong(path, FileFault::NotHandedOver);
    let certs = set::certificates_in(path, &bytes).map_err(|_| other())?;
    let (roots, mut chain): (Vec<Cert>, Vec<Cert>) =
        certs.into_iter().partition(|cert| cert.is_ca() || cert.is_self_issued());
    // What a client shows of itself to be let in is for the other side.
    if roots.iter().any(|cert| !cert.is_ca() && is_clients(cert)) {
        return Err(wrong(path, FileFault::ForAuthorize));
    }
    chain.truncate(1);
    let leaf = chain.first().cloned();
    let key = set::private_key_in(path, &bytes).ok();
    let fits = |key: &PrivateKey| {
        leaf.as_ref().is_some_and(|leaf| key.belongs_to(&leaf.key) != Belongs::No)
    };
    let stray = key.as_ref().is_some_and(|key| !fits(key));
    let key = key.filter(fits).map(|key| key.pem());
    Ok(Bundle { name: None, host: None, roots, chain, leaf, key, stray })
}

/// The certificates in a file that may be a client's, and whose they are where it says so: what was handed over holds the
/// other side's, too.
///
/// # Errors
/// There is none.
pub(super) fn clients(path: &Path) -> Result<(Option<String>, Vec<Cert>)> {
    let bytes = set::bytes(path)?;
    match Hand::parse(path, &bytes) {
        Ok(hand) => {
            let cert = hand.cert.as_deref().unwrap_or_default();
            let who = Some(hand.who.clone()).filter(|who| !who.is_empty());
            Ok((who, set::certificates_in(path, cert.as_bytes())?))
        }
        Err(_) => Ok((None, set::certificates_in(path, &bytes)?)),
    }
}

/// Whether a certificate is for clients, and not for servers.
pub(super) fn is_clients(cert: &Cert) -> bool {
    cert.usages.as_ref().is_some_and(|usages| usages.client && !usages.server)
}

/// What stands in a file of ours.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hand {
    /// The version of this format.
    pub(super) schema: u32,
    /// `client`, or `ca` where there is nothing but a CA.
    pub(super) kind: String,
    /// What whoever handed it over calls the host.
    pub(super) name: String,
    /// Its address.
    pub(super) host: String,
    /// Whose it is.
    #[serde(rename = "for", default)]
    pub(super) who: String,
    /// The CA, as PEM.
    pub(super) ca: String,
    /// The certificate, as PEM.
    pub(super) cert: Option<String>,
    /// Its key, as PEM.
    pub(super) key: Option<String>,
}

impl Hand {
    /// The text of the file.
    pub(super) fn text(&self) -> Secret {
        let head = match self.key {
            Some(_) => {
                "# A docker client certificate WITH ITS KEY: whoever has this file is root on that host.\n"
            }
            None => "# A docker client certificate; its key is with the one who asked for it.\n",
        };
        let mut doc = DocumentMut::new();
        let texts = [
            ("kind", Some(&self.kind)),
            ("name", Some(&self.name)),
            ("host", Some(&self.host)),
            ("for", Some(&self.who)),
            ("ca", Some(&self.ca)),
            ("cert", self.cert.as_ref()),
            ("key", self.key.as_ref()),
        ];
        doc.insert("schema", value(i64::from(self.schema)));
        for (key, text) in texts {
            if let Some(text) = text {
                doc.insert(key, value(text));
            }
        }
        Secret::new(format!("{head}# To take it in: dctx cert import FILE\n{doc}").into_bytes())
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Self> {
        let other = || wrong(path, FileFault::NotHandedOver);
        let text = std::str::from_utf8(bytes).map_err(|_| other())?;
        let hand: Self = toml::from_str(text).map_err(|_| other())?;
        let whole = match hand.kind.as_str() {
            "client" => hand.cert.is_some(),
            "ca" => hand.cert.is_none() && hand.key.is_none(),
            _ => false,
        };
        if hand.schema != 1 || !whole { Err(other()) } else { Ok(hand) }
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let _ = self.key.take().map(|key| Secret::new(key.into_bytes()));
    }
}
