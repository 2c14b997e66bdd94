//! Which file is really meant, and what is in it.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::file::{self, MAX_PROFILES};

/// More links than the kernel itself follows (`path_resolution(7)`).
const MAX_LINKS: usize = 40;

/// The file behind all links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Real {
    /// Absolute, its directories without links as far as they exist.
    pub(in crate::store) path: PathBuf,
    /// Whether the configured path was itself a link.
    pub(in crate::store) linked: bool,
}

impl Real {
    /// The file's name in the state directory: the first 16 hexadecimal digits of the SHA-256 of its path.
    pub(in crate::store) fn key(&self) -> String {
        let sum = Sha256::digest(self.path.as_os_str().as_encoded_bytes());
        sum.iter().take(8).map(|b| format!("{b:02x}")).collect()
    }

    /// The directory it is in.
    pub(in crate::store) fn dir(&self) -> &Path {
        parent(&self.path)
    }
}

/// Follows the links that `config` is, each relative to the directory it stands in. The last one
/// may lead to a file that does not exist yet.
///
/// # Errors
/// [`Error::LinkLoop`], [`Error::Read`].
pub(in crate::store) fn resolve(config: &Path) -> Result<Real> {
    let failed = |path: &Path, source: io::Error| {
        if is_loop(&source) {
            Error::LinkLoop(config.to_owned())
        } else {
            Error::Read { path: path.to_owned(), source }
        }
    };
    let mut path = config.to_owned();
    let mut linked = false;
    for _ in 0..=MAX_LINKS {
        match fs::read_link(&path) {
            Ok(to) => path = parent(&path).join(to),
            // Not a link, or nothing there.
            Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::NotFound) => {
                let Some(name) = path.file_name() else {
                    let source = io::Error::from(io::ErrorKind::IsADirectory);
                    return Err(Error::Read { path, source });
                };
                let dir = canonical(parent(&path)).map_err(|e| failed(&path, e))?;
                return Ok(Real { path: dir.join(name), linked });
            }
            Err(e) => return Err(failed(&path, e)),
        }
        linked = true;
    }
    Err(Error::LinkLoop(config.to_owned()))
}

/// The directory of `path`; `.` for a bare name, whose `parent()` is empty.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if dir.as_os_str().is_empty() => Path::new("."),
        Some(dir) => dir,
        None => Path::new("/"),
    }
}

/// As `fs::canonicalize`, for a directory that may not exist yet or only in part.
fn canonical(dir: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => match dir.file_name() {
            Some(name) if dir != parent(dir) => Ok(canonical(parent(dir))?.join(name)),
            _ => Err(e),
        },
        other => other,
    }
}

#[cfg(unix)]
fn is_loop(e: &io::Error) -> bool {
    e.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
fn is_loop(_: &io::Error) -> bool {
    false
}

/// A file as it was at one moment; the absent file has no bytes.
#[derive(Debug)]
pub(in crate::store) struct Snapshot {
    /// What was in it.
    pub(in crate::store) bytes: Vec<u8>,
    /// What the system says of it; `None` if it was not there.
    pub(in crate::store) meta: Option<Metadata>,
}

impl Snapshot {
    /// Reads a regular file, or notes that there is none.
    ///
    /// # Errors
    /// [`Error::Read`], also for a directory, a device or a pipe: `config.toml` linked to
    /// `/dev/null` must not end with the device replaced by a file.
    pub(in crate::store) fn read(path: &Path) -> Result<Self> {
        let failed = |source| Error::Read { path: path.to_owned(), source };
        let (file, meta) = match file::open(path) {
            Ok(both) => both,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { bytes: Vec::new(), meta: None });
            }
            Err(e) => return Err(failed(e)),
        };
        let bytes = file::rest(&file, &meta, MAX_PROFILES).map_err(failed)?;
        Ok(Self { bytes, meta: Some(meta) })
    }

    /// Whether the file is still this one, by what the system says of it and by its bytes.
    pub(in crate::store) fn is_current(&self, path: &Path) -> Result<bool> {
        let now = Self::read(path)?;
        Ok(match (&self.meta, &now.meta) {
            (None, None) => true,
            (Some(a), Some(b)) => same(a, b) && self.bytes == now.bytes,
            _ => false,
        })
    }

    /// When it was last written.
    pub(in crate::store) fn modified(&self) -> Option<SystemTime> {
        self.meta.as_ref().and_then(|m| m.modified().ok())
    }
}

#[cfg(unix)]
fn same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let key = |m: &Metadata| (m.dev(), m.ino(), m.mtime(), m.mtime_nsec(), m.len());
    key(a) == key(b)
}

#[cfg(not(unix))]
fn same(a: &Metadata, b: &Metadata) -> bool {
    a.len() == b.len() && a.modified().ok() == b.modified().ok()
}
