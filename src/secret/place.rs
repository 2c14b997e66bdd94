//! The private directory in memory where keys stand while they are used.
//!
//! `$XDG_RUNTIME_DIR/dctx/keys`, which the XDG Base Directory Specification wants to be the user's alone (0700) and gone
//! with the login; else `/dev/shm/dctx-UID/keys`. Both are looked at before they are trusted: whose, which mode, and
//! whether they are in memory (statfs(2)). A disk is never taken for it. macOS has no such file system: there it is the
//! user's own temporary directory, and [`Place::disk`] says that this has to be told.

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::error::{PlaceFault, SecretFault};

/// A directory whose parent is fit for keys; whether it is there yet or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The directory with one directory per key.
    pub keys: PathBuf,
    /// Whether it is on a disk, so that a key that stood there may be found after it has been removed.
    pub disk: bool,
}

/// The name of the directory with one directory per key.
pub const KEYS: &str = "keys";

/// Where keys can be. None of them has been looked at, so that nothing may be done there.
#[must_use]
pub fn known(env: &Env) -> Vec<PathBuf> {
    bases(env).into_iter().map(|base| base.own.join(KEYS)).collect()
}

/// Those where there may be keys of ours: they are there, and nobody else can have put anything into them. What another
/// user planted could be a link to a key that is not to be wiped.
#[must_use]
pub fn own(env: &Env) -> Vec<PathBuf> {
    let all = bases(env).into_iter().filter(|base| ours(&base.own).is_ok());
    all.map(|base| base.own.join(KEYS)).filter(|keys| ours(keys).is_ok()).collect()
}

/// A directory of the system's, and ours in it.
struct Base {
    system: PathBuf,
    own: PathBuf,
    /// Whether the system's has to be the user's alone; a sticky one that all can write holds ours just as well.
    private: bool,
}

fn bases(env: &Env) -> Vec<Base> {
    let mut out = Vec::new();
    if let Some(dir) = env.runtime_dir() {
        out.push(Base { own: dir.join("dctx"), system: dir, private: true });
    }
    #[cfg(target_os = "linux")]
    {
        let uid = rustix::process::geteuid().as_raw();
        let system = PathBuf::from("/dev/shm");
        out.push(Base { own: system.join(format!("dctx-{uid}")), system, private: false });
    }
    #[cfg(target_os = "macos")]
    if let Some(dir) = env.filled("TMPDIR").map(PathBuf::from).filter(|dir| dir.is_absolute()) {
        out.push(Base { own: dir.join("dctx"), system: dir, private: true });
    }
    out
}

/// The place to use.
///
/// # Errors
/// [`SecretFault::NoPlace`] says what is wrong with the first one.
pub fn choose(env: &Env) -> Result<Place, SecretFault> {
    let mut first = None;
    for base in bases(env) {
        match fit(&base) {
            Ok(disk) => return Ok(Place { keys: base.own.join(KEYS), disk }),
            Err((path, why)) => {
                first.get_or_insert((path, why));
            }
        }
    }
    Err(match first {
        Some((path, why)) => SecretFault::NoPlace { path: Some(path), why },
        None => SecretFault::NoPlace { path: None, why: PlaceFault::None },
    })
}

/// Makes the directory, and looks at it once more.
///
/// # Errors
/// [`SecretFault::NoPlace`], [`SecretFault::Write`].
pub fn make(place: &Place) -> Result<(), SecretFault> {
    for dir in place.keys.parent().into_iter().chain([place.keys.as_path()]) {
        if let Err(error) = private_dir(dir)
            && error.kind() != std::io::ErrorKind::AlreadyExists
        {
            return Err(SecretFault::Write(dir.to_owned(), error.kind()));
        }
        ours(dir).map_err(|why| SecretFault::NoPlace { path: Some(dir.to_owned()), why })?;
    }
    Ok(())
}

/// Makes one directory that is its owner's alone from the first instant.
///
/// # Errors
/// What the system says, also where there is one already.
pub fn private_dir(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Whether keys can stand below this; on a disk or not.
fn fit(base: &Base) -> Result<bool, (PathBuf, PlaceFault)> {
    let fail = |path: &Path, why| (path.to_owned(), why);
    if base.private {
        ours(&base.system).map_err(|why| fail(&base.system, why))?;
    }
    let memory = in_memory(&base.system).ok_or_else(|| fail(&base.system, PlaceFault::Absent))?;
    if !memory && !cfg!(target_os = "macos") {
        return Err(fail(&base.system, PlaceFault::Disk));
    }
    for dir in [base.own.clone(), base.own.join(KEYS)] {
        match ours(&dir) {
            Ok(()) | Err(PlaceFault::Absent) => {}
            Err(why) => return Err((dir, why)),
        }
    }
    Ok(!memory)
}

/// That this is a directory, no link, of this user, and nobody else can reach into it.
#[cfg(unix)]
fn ours(dir: &Path) -> Result<(), PlaceFault> {
    use std::os::unix::fs::MetadataExt as _;
    let meta = std::fs::symlink_metadata(dir).map_err(|_| PlaceFault::Absent)?;
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(PlaceFault::Foreign);
    }
    if !meta.is_dir() {
        return Err(PlaceFault::Absent);
    }
    let mode = meta.mode() & 0o7777;
    if mode & 0o077 != 0 { Err(PlaceFault::Open(mode)) } else { Ok(()) }
}

#[cfg(not(unix))]
fn ours(_: &Path) -> Result<(), PlaceFault> {
    Err(PlaceFault::None)
}

/// Whether a directory is on a file system in memory; `None` where there is none.
#[cfg(target_os = "linux")]
fn in_memory(dir: &Path) -> Option<bool> {
    // TMPFS_MAGIC and RAMFS_MAGIC of statfs(2)
    let kind = u64::try_from(rustix::fs::statfs(dir).ok()?.f_type).ok()?;
    Some(matches!(kind & 0xffff_ffff, 0x0102_1994 | 0x8584_58f6))
}

#[cfg(not(target_os = "linux"))]
fn in_memory(dir: &Path) -> Option<bool> {
    dir.is_dir().then_some(false)
}
