//! The certificates of one profile, as dctx keeps them, and which file is where.
//!
//! ```text
//! DATA/certs/NAME/     ca.pem cert.pem key.pem: the profile's `certs`, with docker's names
//!   server/            ca.pem server-cert.pem server-key.pem: what the host gets
//!   ca/                ca.pem ca-key.pem: what signs; a link where the CA is kept elsewhere, nothing where pinned
//!   previous/          the former generation
//! ```

use std::path::{Path, PathBuf};

use crate::cert::key::{self, Belongs, NoKey, PrivateKey};
use crate::cert::pem::{self, Bad};
use crate::cert::secret::Secret;
use crate::cert::x509::Cert;
use crate::error::{Error, FileFault, MakeFault, Result};

/// The CA for the client, below the set.
pub const CA: &str = "ca.pem";
/// The client's certificate.
pub const CERT: &str = "cert.pem";
/// The client's key.
pub const KEY: &str = "key.pem";
/// The request that waits for its certificate.
pub const REQUEST: &str = "request.pem";
/// Its key, where the one in use is another.
pub const REQUEST_KEY: &str = "request-key.pem";
/// What the host gets.
pub const SERVER: &str = "server";
/// Whose clients the server lets in.
pub const SERVER_CA: &str = "server/ca.pem";
/// The server's certificate.
pub const SERVER_CERT: &str = "server/server-cert.pem";
/// The server's key.
pub const SERVER_KEY: &str = "server/server-key.pem";
/// What signs.
pub const AUTHORITY: &str = "ca";
/// The CA that takes over at the end of a rotation.
pub const NEXT: &str = "ca-next";
/// The step of a rotation that has been done last.
pub const PHASE: &str = "ca-next/phase";

/// How the server and its clients know each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By a CA.
    Ca,
    /// One by one.
    Pin,
    /// The client's part alone: the rest is somebody else's.
    Client,
}

/// A set.
#[derive(Debug, Clone)]
pub struct Set {
    /// The profile.
    pub name: String,
    /// Where it is.
    pub root: PathBuf,
}

impl Set {
    /// The set of that profile, whether it is there or not. `data` is dctx's data directory.
    #[must_use]
    pub fn of(data: &Path, name: &str) -> Self {
        Self { name: name.to_owned(), root: data.join("certs").join(name) }
    }

    /// The directory of all sets.
    #[must_use]
    pub fn parent(&self) -> &Path {
        self.root.parent().unwrap_or(Path::new("."))
    }

    /// A file of it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Whether there is such a file or directory.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// That it is there.
    ///
    /// # Errors
    /// [`MakeFault::NoSet`].
    pub fn there(&self) -> Result<()> {
        if self.root.is_dir() {
            return Ok(());
        }
        let (name, path) = (self.name.clone(), self.root.clone());
        Err(Error::Make(MakeFault::NoSet { name, path, profile: true }))
    }

    /// That it is there, with this file.
    ///
    /// # Errors
    /// [`MakeFault::NoSet`], [`MakeFault::Lacks`].
    pub fn with(&self, name: &str) -> Result<()> {
        self.there()?;
        if self.has(name) {
            return Ok(());
        }
        Err(Error::Make(MakeFault::Lacks { name: self.name.clone(), path: self.path(name) }))
    }

    /// Whether its client's certificate signs itself: then a daemon elsewhere has it on its list.
    #[must_use]
    pub fn client_is_pinned(&self) -> bool {
        let pinned = |cert: Cert| cert.is_self_issued() && !cert.is_ca();
        certificate(&self.path(CERT)).is_ok_and(pinned)
    }

    /// How its server and clients know each other.
    ///
    /// # Errors
    /// The server's certificate cannot be read.
    pub fn mode(&self) -> Result<Mode> {
        if !self.has(SERVER_CERT) {
            return Ok(Mode::Client);
        }
        let server = certificate(&self.path(SERVER_CERT))?;
        let pinned = server.is_self_issued() && server.basic.is_some_and(|basic| !basic.ca);
        Ok(if pinned { Mode::Pin } else { Mode::Ca })
    }
}

/// That a file is not what it should be.
#[must_use]
pub fn wrong(path: &Path, fault: FileFault) -> Error {
    Error::Make(MakeFault::File { path: path.to_owned(), fault })
}

/// What is there instead of a PEM file.
#[must_use]
pub fn bad(path: &Path, bad: &Bad) -> Error {
    wrong(path, FileFault::NotPem(*bad))
}

/// All bytes of a file, at most a megabyte.
///
/// # Errors
/// It is not there, or no file.
pub fn bytes(path: &Path) -> Result<Secret> {
    pem::open(path).map(|file| file.bytes).map_err(|why| bad(path, &why))
}

/// The certificates of a file, in order.
///
/// # Errors
/// There is none, or one of them cannot be read.
pub fn certificates(path: &Path) -> Result<Vec<Cert>> {
    certificates_in(path, &bytes(path)?)
}

/// The certificates in `bytes`, which are those of the file `path`.
///
/// # Errors
/// As [`certificates`].
pub fn certificates_in(path: &Path, bytes: &[u8]) -> Result<Vec<Cert>> {
    let pem = pem::blocks(bytes).map_err(|why| bad(path, &why))?;
    let all: Result<Vec<Cert>, String> =
        pem.labelled("CERTIFICATE").map(|block| Cert::from_der(&block.contents)).collect();
    match all {
        Ok(all) if all.is_empty() => Err(wrong(path, FileFault::NoCertificate)),
        Ok(all) => Ok(all),
        Err(why) => Err(wrong(path, FileFault::Malformed(why))),
    }
}

/// The first certificate of a file.
///
/// # Errors
/// As [`certificates`].
pub fn certificate(path: &Path) -> Result<Cert> {
    certificates(path)?.into_iter().next().ok_or_else(|| wrong(path, FileFault::NoCertificate))
}

/// The private key in a file that docker is to use.
///
/// # Errors
/// There is none, or it has a passphrase.
pub fn private_key(path: &Path) -> Result<PrivateKey> {
    private_key_in(path, &bytes(path)?)
}

/// The private key in `bytes`, which are those of the file `path`.
///
/// # Errors
/// As [`private_key`].
pub fn private_key_in(path: &Path, bytes: &[u8]) -> Result<PrivateKey> {
    let pem = pem::blocks(bytes).map_err(|why| bad(path, &why))?;
    key::read(&pem).map_err(|why| {
        let fault = match why {
            NoKey::Encrypted => FileFault::Encrypted,
            NoKey::Label(_) => FileFault::NoKey,
            NoKey::Explicit => FileFault::NotPem(Bad::Explicit),
            NoKey::Malformed(_) => FileFault::BadKey,
        };
        wrong(path, fault)
    })
}

/// A certificate and its key, which belong together.
///
/// # Errors
/// As [`certificate`] and [`private_key`]; the key belongs to another certificate.
pub fn pair(cert_path: &Path, key_path: &Path) -> Result<(Cert, PrivateKey)> {
    let (cert, key) = (certificate(cert_path)?, private_key(key_path)?);
    if key.belongs_to(&cert.key) == Belongs::No {
        return Err(wrong(key_path, FileFault::OtherKey(cert_path.to_owned())));
    }
    Ok((cert, key))
}
