//! What is handed over: one TOML file with a host, its CA, a certificate, and the key where that is not with the
//! other already. Untrusted when it is read.

use std::path::Path;

use serde::Deserialize;
use toml_edit::{DocumentMut, value};

use crate::cert::make::set::{self, wrong};
use crate::cert::secret::Secret;
use crate::error::{FileFault, Result};

/// What stands in such a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hand {
    /// The version of this format.
    pub(super) schema: u32,
    /// Always `client`.
    pub(super) kind: String,
    /// What whoever handed it over calls the host.
    pub(super) name: String,
    /// Its address.
    pub(super) host: String,
    /// Whose it is.
    #[serde(rename = "for")]
    pub(super) who: String,
    /// The CA, as PEM.
    pub(super) ca: String,
    /// The certificate, as PEM.
    pub(super) cert: String,
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
            ("cert", Some(&self.cert)),
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

    /// Reads such a file, of at most a megabyte.
    ///
    /// # Errors
    /// It cannot be read, or is something else.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let bytes = set::bytes(path)?;
        let other = || wrong(path, FileFault::NotHandedOver);
        let text = std::str::from_utf8(&bytes).map_err(|_| other())?;
        let hand: Self = toml::from_str(text).map_err(|_| other())?;
        if hand.schema != 1 || hand.kind != "client" {
            return Err(other());
        }
        Ok(hand)
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let _ = self.key.take().map(|key| Secret::new(key.into_bytes()));
    }
}
