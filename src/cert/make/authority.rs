//! A CA that signs: its certificate and its key, from dctx itself or from openssl, cfssl, docker-machine or mkcert.

use std::path::{Path, PathBuf};

use super::issue::{DAY, Issuer};
use super::keys::Signer;
use super::set::{self, wrong};
use crate::cert::encrypt::{Closed, Encrypted};
use crate::cert::key::{self, Belongs, NoKey, PrivateKey};
use crate::cert::pem::{self, Pem};
use crate::cert::x509::Cert;
use crate::error::{Error, FileFault, MakeFault, Result};
use crate::profile::certs::names::AUTHORITIES;

/// A CA in a directory.
#[derive(Debug, Clone)]
pub struct Authority {
    /// The certificate's file.
    pub cert_path: PathBuf,
    /// The key's file.
    pub key_path: PathBuf,
    /// The certificate.
    pub cert: Cert,
}

impl Authority {
    /// Looks for one in a directory, by the names that programs give it.
    ///
    /// # Errors
    /// There is none, it cannot be read, is no CA, or has expired.
    pub fn find(dir: &Path, now: i64) -> Result<Self> {
        let found = AUTHORITIES
            .into_iter()
            .map(|(cert, key)| (dir.join(cert), dir.join(key)))
            .find(|(cert, key)| cert.exists() && key.exists());
        let Some((cert_path, key_path)) = found else {
            let file = if dir.join("ca.pem").exists() { "ca-key.pem" } else { "ca.pem" };
            return Err(wrong(&dir.join(file), FileFault::Missing));
        };
        let cert = set::certificate(&cert_path)?;
        if !cert.is_ca() {
            return Err(wrong(&cert_path, FileFault::NotCa));
        }
        if cert.not_after < now {
            return Err(wrong(&cert_path, FileFault::Expired((now - cert.not_after) / DAY)));
        }
        Ok(Self { cert_path, key_path, cert })
    }

    /// The same of a CA that has expired and is to be renewed.
    ///
    /// # Errors
    /// As [`Self::find`], but for the date.
    pub fn find_expired(dir: &Path) -> Result<Self> {
        Self::find(dir, i64::MIN)
    }

    /// Whether its key has a passphrase.
    ///
    /// # Errors
    /// The key's file cannot be read.
    pub fn is_encrypted(&self) -> Result<bool> {
        Ok(matches!(key::read(&self.key_pem()?), Err(NoKey::Encrypted)))
    }

    fn key_pem(&self) -> Result<Pem> {
        pem::blocks(&set::bytes(&self.key_path)?).map_err(|why| set::bad(&self.key_path, &why))
    }

    /// Opens the key. `passphrase` is none where it has none.
    ///
    /// # Errors
    /// [`MakeFault::WrongPassphrase`]; the key is no key, belongs to another certificate, or is of a kind that cannot
    /// sign here.
    pub fn open(&self, passphrase: Option<&[u8]>) -> Result<Issuer> {
        let key = self.key(passphrase)?;
        if key.belongs_to(&self.cert.key) == Belongs::No {
            return Err(wrong(&self.key_path, FileFault::OtherKey(self.cert_path.clone())));
        }
        let signer = Signer::new(&key, &self.cert.key);
        let kind = || wrong(&self.key_path, FileFault::KeyKind(key.kind.to_string()));
        Ok(Issuer { cert: self.cert.clone(), signer: signer.ok_or_else(kind)? })
    }

    fn key(&self, passphrase: Option<&[u8]>) -> Result<PrivateKey> {
        let Some(passphrase) = passphrase else { return set::private_key(&self.key_path) };
        let opened = Encrypted::read(&self.key_pem()?).and_then(|key| key.open(passphrase));
        opened.map_err(|closed| match closed {
            Closed::Wrong => Error::Make(MakeFault::WrongPassphrase(self.key_path.clone())),
            Closed::Unknown(name) => wrong(&self.key_path, FileFault::Cipher(name)),
            Closed::Malformed => wrong(&self.key_path, FileFault::BadKey),
        })
    }
}
