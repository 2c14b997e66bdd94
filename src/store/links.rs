//! Directories of links: docker reads ca.pem, cert.pem and key.pem from one directory and knows no other
//! names, so certificates under other names are linked into a directory of the right shape.
//!
//! `STATE/certs/NAME-SUM/` holds links, never copies, so no key is ever in a second place. SUM is over the
//! targets: a changed profile gets another directory, and shells that still use the old one keep it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::profile::certs::Material;

/// The directory with links to exactly these files; made if it is not there.
///
/// # Errors
/// [`Error::Links`] when it cannot be made.
pub fn ensure(state: &Path, name: &str, material: &Material) -> Result<PathBuf> {
    let mut wanted = vec![("ca.pem", &material.ca)];
    if let Some((cert, key)) = &material.pair {
        wanted.extend([("cert.pem", cert), ("key.pem", key)]);
    }
    let mut hash = Sha256::new();
    for (name, target) in &wanted {
        hash.update(name);
        hash.update(target.as_os_str().as_encoded_bytes());
        hash.update([0]);
    }
    let sum: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let parent = state.join("certs");
    let dir = parent.join(format!("{name}-{sum}"));
    if is_right(&dir, &wanted) {
        return Ok(dir);
    }
    let temporary = parent.join(format!(".{name}-{sum}.{}~", std::process::id()));
    let make = || -> io::Result<()> {
        super::write::private_dir(&parent)?;
        remove(&temporary)?;
        super::write::private_dir(&temporary)?;
        for (name, target) in &wanted {
            link(target, &temporary.join(name))?;
        }
        let mut tries = 3;
        while let Err(e) = fs::rename(&temporary, &dir) {
            // Another shell was first.
            if is_right(&dir, &wanted) {
                return remove(&temporary);
            }
            tries -= 1;
            if tries == 0 {
                return Err(e);
            }
            // What is there is not right.
            remove(&dir)?;
        }
        Ok(())
    };
    make().map_err(|source| {
        let _ = remove(&temporary);
        Error::Links { path: dir.clone(), source }
    })?;
    Ok(dir)
}

fn is_right(dir: &Path, wanted: &[(&str, &PathBuf)]) -> bool {
    let linked = wanted
        .iter()
        .all(|(name, target)| fs::read_link(dir.join(name)).is_ok_and(|found| found == **target));
    // A client certificate that does not belong there would be sent.
    linked && fs::read_dir(dir).is_ok_and(|entries| entries.count() == wanted.len())
}

/// Removes whatever has that name: a directory, or a file or link in its place.
fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(e) => Err(e),
    };
    match removed {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// Windows wants a privilege for symbolic links; a hard link needs none and copies no key.
#[cfg(not(unix))]
fn link(target: &Path, link: &Path) -> io::Result<()> {
    fs::hard_link(target, link)
}
