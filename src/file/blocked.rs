//! What refuses a file to us: which directory or file on the way to it, whose it is, and how it could be had.

use std::path::{Path, PathBuf};

/// The directory or file that may not be read or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// Which one.
    pub path: PathBuf,
    /// Whether it is a directory.
    pub is_dir: bool,
    /// The number of its owner.
    pub owner: u32,
    /// The name of its owner, as `/etc/passwd` has it.
    pub name: Option<String>,
    /// Its mode, permission bits only.
    pub mode: u32,
    /// Our own number.
    pub me: u32,
}

/// Finds what keeps us from reading `path`, or from writing it or something in it, as the system judges it (access(2) by
/// effective numbers); `None` where nothing does that can be told.
#[cfg(unix)]
#[must_use]
pub fn blocker(path: &Path, write: bool) -> Option<Blocker> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    let path = std::path::absolute(path).ok()?;
    let may = |path: &Path, access| accessat(CWD, path, access, AtFlags::EACCESS).is_ok();
    let mut chain: Vec<&Path> = path.ancestors().collect();
    chain.reverse();
    let mut last_dir = None;
    for dir in chain {
        let Ok(meta) = std::fs::metadata(dir) else { break };
        if meta.is_dir() {
            if !may(dir, Access::EXEC_OK) {
                return about(dir);
            }
            last_dir = Some(dir);
        } else if !write && !may(dir, Access::READ_OK) {
            return about(dir);
        }
    }
    let dir = last_dir?;
    let wanted = match (write, dir == path) {
        (true, _) => Access::WRITE_OK,
        (false, true) => Access::READ_OK,
        (false, false) => return None,
    };
    if may(dir, wanted) { None } else { about(dir) }
}

#[cfg(unix)]
fn about(path: &Path) -> Option<Blocker> {
    use std::os::unix::fs::MetadataExt as _;
    let meta = std::fs::metadata(path).ok()?;
    let owner = meta.uid();
    Some(Blocker {
        path: path.to_owned(),
        is_dir: meta.is_dir(),
        owner,
        name: name_of(owner),
        mode: meta.mode() & 0o7777,
        me: rustix::process::geteuid().as_raw(),
    })
}

/// The login name of a number, by passwd(5).
#[cfg(unix)]
fn name_of(uid: u32) -> Option<String> {
    let text = super::text(Path::new("/etc/passwd"), super::MAX_STATE).ok()?;
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let number = fields.nth(1)?;
        (number.parse() == Ok(uid) && !name.is_empty()).then(|| name.to_owned())
    })
}

/// Modes and owners say nothing there.
#[cfg(not(unix))]
#[must_use]
pub fn blocker(_: &Path, _: bool) -> Option<Blocker> {
    None
}
