//! Keys in the private directory, and who holds them.
//!
//! `KEYS/NAME-SUM/` has ca.pem (a link), cert.pem, key.pem, and `refs/PID-START` for each shell that uses it; SUM is over
//! the certificate and the way to the CA, so that every shell on a profile shares one, and a renewed certificate gets
//! another. It comes by rename(2), whole, with its first reference in it, and it goes the same way: under another
//! name first, then its key is overwritten and unlinked. Whatever a killed process leaves has that process in its name,
//! and the next run of dctx takes it away. One lock orders those who come and those who go.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::process::{self, Process};
use crate::cert::key::PrivateKey;
use crate::cert::pem;

/// The file whose lock it is.
const LOCK: &str = "lock";
const NEW: &str = ".new-";
const OLD: &str = ".old-";
const REFS: &str = "refs";

/// How long a lock is waited for. What is done under it takes less than a millisecond.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is to be put there.
#[derive(Debug)]
pub struct Material<'a> {
    /// The CA, which is linked to.
    pub ca: &'a Path,
    /// The client certificate, in PEM.
    pub cert: &'a [u8],
    /// Its key.
    pub key: &'a PrivateKey,
}

/// The name of the directory for a profile's certificate; `ca` is the path of its CA.
#[must_use]
pub fn name(profile: &str, ca: &Path, cert: &[u8]) -> String {
    let mut text = ca.as_os_str().as_encoded_bytes().to_vec();
    text.push(0);
    text.extend_from_slice(cert);
    format!("{profile}-{}", super::sum(&text, 8))
}

/// Adds `holder` to those who use what is there; `false` when nothing is.
///
/// # Errors
/// What the system says.
pub fn join(keys: &Path, name: &str, holder: Process) -> io::Result<bool> {
    let dir = keys.join(name);
    if !is_there(&dir) {
        return Ok(false);
    }
    let _lock = lock(keys)?;
    if !is_there(&dir) {
        return Ok(false);
    }
    refer(&dir, holder).map(|()| true)
}

/// Puts a key there, held by `holder`. Somebody who was quicker is joined.
///
/// # Errors
/// What the system says; nothing is left behind then.
pub fn put(keys: &Path, name: &str, material: &Material<'_>, holder: Process) -> io::Result<()> {
    let dir = keys.join(name);
    let new = keys.join(format!("{NEW}{}", Process::this().name()));
    let made = fill(&new, material, holder).and_then(|()| {
        let _lock = lock(keys)?;
        if is_there(&dir) {
            refer(&dir, holder)?;
            return wipe(&new);
        }
        // One that has no key is of no use to anybody.
        if fs::symlink_metadata(&dir).is_ok() {
            discard(keys, &dir)?;
        }
        fs::rename(&new, &dir)
    });
    made.inspect_err(|_| {
        let _ = wipe(&new);
    })
}

/// Whether there is anything but the lock.
#[must_use]
pub fn any(keys: &Path) -> bool {
    fs::read_dir(keys).is_ok_and(|mut all| all.any(|e| e.is_ok_and(|e| e.file_name() != LOCK)))
}

/// Takes `holder` from every key but those in `except`, and away with what nobody holds any more: also what killed
/// processes left.
///
/// # Errors
/// What the system says of the first that could not be taken away; the others are.
pub fn release(keys: &Path, holder: Option<Process>, except: &[PathBuf]) -> io::Result<()> {
    let _lock = lock(keys)?;
    let entries: Vec<PathBuf> = fs::read_dir(keys)?.flatten().map(|entry| entry.path()).collect();
    let here = process::namespace();
    let mut first = Ok(());
    for path in entries {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let done = match name.strip_prefix(NEW).or_else(|| name.strip_prefix(OLD)) {
            Some(owner) => match Process::parse(owner) {
                Some(owner) if owner.is_alive() && owner != Process::this() => Ok(()),
                _ => wipe(&path),
            },
            None if name == LOCK => Ok(()),
            None => {
                let leaver = holder.filter(|_| !except.contains(&path));
                if is_held(&path, leaver, &here) { Ok(()) } else { discard(keys, &path) }
            }
        };
        first = first.and(done);
    }
    first
}

/// Whether a key is there.
#[must_use]
pub fn is_there(dir: &Path) -> bool {
    fs::symlink_metadata(dir.join("key.pem")).is_ok_and(|meta| meta.is_file())
}

fn fill(new: &Path, material: &Material<'_>, holder: Process) -> io::Result<()> {
    wipe(new)?;
    super::place::private_dir(new)?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(material.ca, new.join("ca.pem"))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o444);
    // A key that stands in the same file is the one that is asked for by its passphrase, or none.
    let certs = pem::only_certificates(material.cert);
    options.open(new.join("cert.pem"))?.write_all(certs.as_bytes())?;
    super::place::private_dir(&new.join(REFS))?;
    refer(new, holder)?;
    super::write_key(&new.join("key.pem"), &material.key.pem())
}

fn refer(dir: &Path, holder: Process) -> io::Result<()> {
    let path = dir.join(REFS).join(holder.name());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => file.write_all(process::namespace().as_bytes()),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e),
    }
}

/// Whether anybody still holds what is in `dir`, once `leaver` has left. References to processes that are gone go too.
fn is_held(dir: &Path, leaver: Option<Process>, here: &str) -> bool {
    let mut held = false;
    for entry in fs::read_dir(dir.join(REFS)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(process) = name.to_str().and_then(Process::parse) else { continue };
        let foreign = || {
            crate::file::text(&entry.path(), crate::file::MAX_STATE)
                .is_ok_and(|there| !there.is_empty() && there != here)
        };
        if Some(process) != leaver && (process.is_alive() || foreign()) {
            held = true;
        } else {
            let _ = fs::remove_file(entry.path());
        }
    }
    held
}

/// Takes a directory out of use, then away.
fn discard(keys: &Path, dir: &Path) -> io::Result<()> {
    let old = keys.join(format!("{OLD}{}", Process::this().name()));
    wipe(&old)?;
    fs::rename(dir, &old)?;
    wipe(&old)
}

/// Overwrites the key in `dir` and removes it all; nothing there is fine.
fn wipe(dir: &Path) -> io::Result<()> {
    let key = dir.join("key.pem");
    if let Ok(meta) = fs::symlink_metadata(&key)
        && meta.is_file()
    {
        overwrite(&key, meta.len())?;
        fs::remove_file(&key)?;
    }
    match fs::remove_dir_all(dir) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// In memory the bytes of a file are in one place, so what is written over them replaces them.
fn overwrite(key: &Path, length: u64) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(key, fs::Permissions::from_mode(0o600))?;
    }
    let mut file = OpenOptions::new().write(true).open(key)?;
    let length = usize::try_from(length.min(super::MAX_KEY)).unwrap_or_default();
    file.write_all(&vec![0; length])
}

/// Waits for the lock, no longer than [`PATIENCE`].
fn lock(keys: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // Both, for a pipe in its place is not waited for then.
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(keys.join(LOCK))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(e)) => return Err(e),
            Err(TryLockError::WouldBlock) if Instant::now() > deadline => {
                return Err(io::Error::from(io::ErrorKind::TimedOut));
            }
            Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(2)),
        }
    }
}
