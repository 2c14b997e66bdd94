//! Who else can read a key, or put another CA in place of this one.

use std::fs;
use std::path::Path;

use super::Wrong;
use crate::error::CertFault;

/// OpenSSH's `sshkey_perm_ok` (authfile.c): a key of one's own that group or others can read is refused;
/// a key of somebody else's is theirs to guard.
#[cfg(unix)]
pub(super) fn not_exposed(key: &fs::Metadata) -> Result<(), CertFault> {
    use std::os::unix::fs::MetadataExt as _;
    if key.uid() == uid() && key.mode() & 0o077 != 0 {
        return Err(CertFault::Exposed(key.mode() & 0o7777));
    }
    Ok(())
}

/// OpenSSH's `safe_path` (misc.c), for the CA: whoever can write it, or a directory above it, can put
/// another one there. The path is judged as it is written and, like OpenSSH's, as it really is behind
/// links. Directories are looked at up to the home directory, which is the last, or the root where the
/// file is elsewhere. Unlike there, who owns a file is not judged (a team's directory belongs to somebody
/// else), and a sticky directory such as /tmp is safe: nobody else can rename what is in it.
#[cfg(unix)]
pub(super) fn not_writable(
    ca: &Path,
    meta: &fs::Metadata,
    home: Option<&Path>,
) -> Result<(), Wrong> {
    closed(ca, meta)?;
    let parent_dir = |part| part == std::path::Component::ParentDir;
    let mut links = is_link(ca) || ca.components().any(parent_dir);
    links |= above(ca, home)?;
    if !links {
        return Ok(());
    }
    let Ok(real) = fs::canonicalize(ca) else { return Ok(()) };
    let home = home.and_then(|home| fs::canonicalize(home).ok());
    above(&real, home.as_deref()).map(|_| ())
}

/// Judges the directories above `file`, up to `home` or the root; whether there are links among them.
#[cfg(unix)]
fn above(file: &Path, home: Option<&Path>) -> Result<bool, Wrong> {
    let mut links = false;
    for dir in file.ancestors().skip(1) {
        let Ok(mut meta) = fs::symlink_metadata(dir) else { break };
        if meta.is_symlink() {
            links = true;
            let Ok(behind) = fs::metadata(dir) else { break };
            meta = behind;
        }
        closed(dir, &meta)?;
        if home == Some(dir) {
            break;
        }
    }
    Ok(links)
}

#[cfg(unix)]
fn closed(path: &Path, meta: &fs::Metadata) -> Result<(), Wrong> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = meta.mode() & 0o7777;
    let sticky = meta.is_dir() && mode & 0o1000 != 0;
    if mode & 0o022 != 0 && !sticky {
        return Err((path.to_path_buf(), CertFault::Writable(mode)));
    }
    Ok(())
}

#[cfg(unix)]
fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink())
}

#[cfg(unix)]
fn uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
pub(super) fn not_exposed(_: &fs::Metadata) -> Result<(), CertFault> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn not_writable(_: &Path, _: &fs::Metadata, _: Option<&Path>) -> Result<(), Wrong> {
    Ok(())
}
