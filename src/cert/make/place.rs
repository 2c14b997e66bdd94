//! Putting directories with keys in place: made whole beside their place, with the modes that the files keep, and
//! then renamed. At no moment is there half a set, or a key that others can read.
//!
//! docker opens key.pem three times for one command, so files are not exchanged one by one: a new generation is a new
//! directory, which changes places with the old one in one step (`renameat2`, `RENAME_EXCHANGE`; two renames where
//! the system has no such call). The old one is kept inside, as `previous`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::keys::random;
use crate::cert::x509::hex;
use crate::error::{Error, MakeFault, Result};

/// The mode of private keys.
pub const KEY: u32 = 0o400;
/// The mode of certificates.
pub const CERT: u32 = 0o444;
/// The former generation, inside the present one.
pub const PREVIOUS: &str = "previous";

fn at(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    move |source| Error::Make(MakeFault::Place { path: path.to_owned(), source })
}

/// A directory that is being made. Dropped without being put in place, it is gone again.
#[derive(Debug)]
pub struct Draft {
    dir: PathBuf,
    done: bool,
    // Held until the draft is in place, so that two never exchange the same directory.
    _lock: File,
}

impl Draft {
    /// Begins a directory that is to stand below `parent`, which is made with mode 0700 if it is not there.
    ///
    /// # Errors
    /// It cannot be made, or another dctx is at work there and does not end.
    pub fn begin(parent: &Path, name: &str) -> Result<Self> {
        private_all(parent).map_err(at(parent))?;
        let lock_path = parent.join(".lock");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        mode(&mut options, 0o600);
        let lock = options.open(&lock_path).map_err(at(&lock_path))?;
        lock.lock().map_err(at(&lock_path))?;
        let dir = parent.join(format!(".{name}.{}", hex(&random::<6>()?)));
        private(&dir).map_err(at(&dir))?;
        Ok(Self { dir, done: false, _lock: lock })
    }

    /// A directory inside it, with mode 0700.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn directory(&self, name: &str) -> Result<()> {
        let dir = self.dir.join(name);
        match private(&dir) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other.map_err(at(&dir)),
        }
    }

    /// A file inside it. It must not be there yet.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn file(&self, name: &str, mode: u32, bytes: &[u8]) -> Result<()> {
        let path = self.dir.join(name);
        write_new(&path, mode, bytes).map_err(at(&path))
    }

    /// A file inside it in place of the one that is there.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn replace(&self, name: &str, mode: u32, bytes: &[u8]) -> Result<()> {
        self.remove(name)?;
        self.file(name, mode, bytes)
    }

    /// Takes a file, a link or a directory out of it, if there is one.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove(&self, name: &str) -> Result<()> {
        let path = self.dir.join(name);
        remove(&path).map_err(at(&path))
    }

    /// Gives something inside it another name.
    ///
    /// # Errors
    /// It cannot be renamed.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (from, to) = (self.dir.join(from), self.dir.join(to));
        fs::rename(&from, &to).map_err(at(&to))
    }

    /// A link inside it to a directory elsewhere, where a CA is that serves other hosts, too.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn link(&self, name: &str, target: &Path) -> Result<()> {
        let path = self.dir.join(name);
        #[cfg(unix)]
        let made = std::os::unix::fs::symlink(target, &path);
        #[cfg(windows)]
        let made = std::os::windows::fs::symlink_dir(target, &path);
        made.map_err(at(&path))
    }

    /// Fills it with what is in `from`: files with their modes, links, directories, but not the former generation.
    ///
    /// # Errors
    /// Something cannot be read or written.
    pub fn copy(&self, from: &Path) -> Result<()> {
        copy(from, &self.dir, true)
    }

    /// Puts it in place where nothing is yet.
    ///
    /// # Errors
    /// Something is there, or it cannot be renamed.
    pub fn publish(mut self, to: &Path, name: &str) -> Result<()> {
        sync(&self.dir);
        match rename_new(&self.dir, to) {
            Ok(()) => {
                self.done = true;
                sync_parent(to);
                Ok(())
            }
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty
                ) =>
            {
                Err(Error::Make(MakeFault::Exists { name: name.to_owned(), path: to.to_owned() }))
            }
            Err(e) => Err(at(to)(e)),
        }
    }

    /// Puts it in the place of the directory `to`, which goes on as [`PREVIOUS`] inside it.
    ///
    /// # Errors
    /// They cannot be exchanged, and nothing has changed then; or the old one cannot be kept, and the new one is in place.
    pub fn exchange(mut self, to: &Path) -> Result<()> {
        sync(&self.dir);
        exchange(&self.dir, to).map_err(at(to))?;
        // From here on the new generation is in place, whatever becomes of the old one.
        self.done = true;
        let kept = remove(&self.dir.join(PREVIOUS))
            .and_then(|()| fs::rename(&self.dir, to.join(PREVIOUS)));
        sync_parent(to);
        kept.map_err(at(&self.dir))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.done {
            // What is left over has a dot before its name, and holds nothing that is not elsewhere.
            let _ = remove(&self.dir);
        }
    }
}

/// Writes a new file with its final mode from the first instant; never one that is there.
///
/// # Errors
/// What the system says.
pub fn write_new(path: &Path, bits: u32, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    mode(&mut options, bits);
    let mut file = options.open(path)?;
    let written =
        file.write_all(bytes).and_then(|()| exactly(&file, bits)).and_then(|()| file.sync_all());
    if written.is_err() {
        drop(file);
        // A key that is half written helps nobody.
        let _ = fs::remove_file(path);
    }
    written
}

fn copy(from: &Path, to: &Path, top: bool) -> Result<()> {
    for entry in fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let meta = fs::symlink_metadata(&source).map_err(at(&source))?;
        if meta.is_symlink() {
            let behind = fs::read_link(&source).map_err(at(&source))?;
            #[cfg(unix)]
            std::os::unix::fs::symlink(behind, &target).map_err(at(&target))?;
            #[cfg(windows)]
            std::os::windows::fs::symlink_dir(behind, &target).map_err(at(&target))?;
        } else if meta.is_dir() {
            if !(top && entry.file_name() == PREVIOUS) {
                private(&target).map_err(at(&target))?;
                copy(&source, &target, false)?;
            }
        } else {
            let file = crate::cert::pem::open(&source);
            let file = file.map_err(|bad| super::set::bad(&source, &bad))?;
            write_new(&target, bits(&file.meta), &file.bytes).map_err(at(&target))?;
        }
    }
    Ok(())
}

/// Removes whatever has that name.
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

/// Makes a directory and those above it that are not there, for its owner alone.
fn private_all(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn private(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

#[cfg(unix)]
fn mode(options: &mut OpenOptions, bits: u32) {
    std::os::unix::fs::OpenOptionsExt::mode(options, bits);
}

#[cfg(not(unix))]
fn mode(_: &mut OpenOptions, _: u32) {}

/// A umask may have taken bits away that others are to have; it never added any.
#[cfg(unix)]
fn exactly(file: &File, bits: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if file.metadata()?.permissions().mode() & 0o7777 == bits {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(bits))
}

#[cfg(not(unix))]
fn exactly(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn bits(meta: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    meta.permissions().mode() & 0o777
}

#[cfg(not(unix))]
fn bits(_: &fs::Metadata) -> u32 {
    CERT
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => rename_checked(from, to),
        other => Ok(other?),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    rename_checked(from, to)
}

/// Where the system cannot refuse by itself; the lock keeps another dctx away.
fn rename_checked(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(new: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, new, CWD, to, RenameFlags::EXCHANGE) {
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => exchange_in_steps(new, to),
        other => Ok(other?),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(new: &Path, to: &Path) -> io::Result<()> {
    exchange_in_steps(new, to)
}

/// For an instant there is nothing at `to`; a failure brings the old one back.
fn exchange_in_steps(new: &Path, to: &Path) -> io::Result<()> {
    let aside = new.with_extension("old");
    fs::rename(to, &aside)?;
    if let Err(e) = fs::rename(new, to) {
        let _ = fs::rename(&aside, to);
        return Err(e);
    }
    fs::rename(&aside, new)
}

/// Best effort: a directory that cannot be synced is as good as most are.
fn sync(dir: &Path) {
    if let Ok(dir) = File::open(dir) {
        let _ = dir.sync_all();
    }
}

fn sync_parent(path: &Path) {
    if let Some(parent) = path.parent() {
        sync(parent);
    }
}
