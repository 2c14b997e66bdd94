//! Putting directories with keys in place: made whole beside their place, with the modes that the files keep, and
//! then renamed. At no moment is there half a set, or a key that others can read.
//!
//! docker opens key.pem three times for one command, so files are not exchanged one by one: a new generation is a new
//! directory, which changes places with the old one in one step (`renameat2`, `RENAME_EXCHANGE`; two renames where
//! the system has no such call). The old one is kept inside, as `previous` or under a dated name.
//!
//! A process may be killed between any two of these steps. Everything happens under one lock, and before a new
//! generation changes places with the old one it holds a copy of it. So whoever has the lock knows that each directory
//! `.NAME.RANDOM` is of a process that is gone, and holds nothing that is needed: the next run removes it.

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
/// How the name of a former generation begins that is kept for good, inside the present one; a date follows.
pub const FORMER: &str = "former-";
/// A file in a directory that stands in its place already, while its profile may not have been written yet.
pub const UNFINISHED: &str = ".unfinished";
/// The end of the name of a set that makes room for another, where the system cannot exchange two in one step.
const ASIDE: &str = "old";
/// How many random digits the name of a draft ends with.
const DIGITS: usize = 12;

fn at(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    move |source| Error::Make(MakeFault::Place { path: path.to_owned(), source })
}

/// The lock of a directory of sets. It is held until what is being made is in place, profile included, so that two
/// never exchange the same directory; it ends with the process, however that ends.
#[derive(Debug)]
pub struct Hold {
    parent: PathBuf,
    _lock: File,
}

impl Hold {
    fn open(parent: &Path) -> Result<(File, PathBuf)> {
        let path = parent.join(".lock");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        mode(&mut options, 0o600);
        let file = options.open(&path).map_err(at(&path))?;
        Ok((file, path))
    }

    /// Waits for the lock of `parent`, which is made with mode 0700 if it is not there, and clears up after processes
    /// that were killed.
    ///
    /// # Errors
    /// The directory or the lock cannot be made.
    pub fn take(parent: &Path) -> Result<Self> {
        private_all(parent).map_err(at(parent))?;
        let (lock, path) = Self::open(parent)?;
        lock.lock().map_err(at(&path))?;
        let hold = Self { parent: parent.to_owned(), _lock: lock };
        hold.clear(&|_| {});
        Ok(hold)
    }

    /// The same without waiting; `None` where another process is at work, or nothing can be written.
    #[must_use]
    pub fn now(parent: &Path) -> Option<Self> {
        let (lock, _) = Self::open(parent).ok()?;
        lock.try_lock().ok()?;
        Some(Self { parent: parent.to_owned(), _lock: lock })
    }

    /// Clears up after processes that were killed: removes what they had begun to make, and brings back a set that was
    /// caught between two renames. `gone` is given each unfinished directory before it is removed. What cannot be
    /// removed stays for the next time.
    pub fn clear(&self, gone: &dyn Fn(&Path)) {
        let leftovers = leftovers(&self.parent);
        for (path, set, _) in leftovers.iter().filter(|(_, _, aside)| *aside) {
            let missing =
                fs::symlink_metadata(set).is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
            let _ = if missing { fs::rename(path, set) } else { remove(path) };
        }
        for (path, _, _) in leftovers.iter().filter(|(_, _, aside)| !*aside) {
            gone(path);
            let _ = remove(path);
        }
    }
}

/// Whether processes that were killed have left something below `parent`; another one may be at work on it.
#[must_use]
pub fn is_left_over(parent: &Path) -> bool {
    !leftovers(parent).is_empty()
}

/// The directories below `parent` that are no sets: each with the set that it was to become, and whether it is one that
/// was put aside for it.
fn leftovers(parent: &Path) -> Vec<(PathBuf, PathBuf, bool)> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let all = names.filter_map(|name| {
        // The name of a set begins with a letter or a digit.
        let (set, end) = name.strip_prefix('.')?.rsplit_once('.')?;
        let draft = end.len() == DIGITS && end.bytes().all(|byte| byte.is_ascii_hexdigit());
        let fits = !set.is_empty() && (draft || end == ASIDE);
        fits.then(|| (parent.join(&name), parent.join(set), !draft))
    });
    all.collect()
}

/// A directory that is being made. Dropped without being put in place, it is gone again.
#[derive(Debug)]
pub struct Draft {
    dir: PathBuf,
    done: bool,
    hold: Option<Hold>,
}

/// A directory that stands in its place and does not belong to a profile yet.
#[derive(Debug)]
pub struct Placed {
    root: PathBuf,
    _hold: Hold,
}

impl Placed {
    /// The profile has been written: from now on it is like any other.
    pub fn settle(self) {
        let _ = fs::remove_file(self.root.join(UNFINISHED));
    }

    /// The profile could not be written: takes it away again. Nobody has used it.
    pub fn take_back(self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

impl Draft {
    /// Begins a directory that is to stand below `parent`, which is made with mode 0700 if it is not there.
    ///
    /// # Errors
    /// It cannot be made, or another dctx is at work there and does not end.
    pub fn begin(parent: &Path, name: &str) -> Result<Self> {
        let hold = Hold::take(parent)?;
        let dir = parent.join(format!(".{name}.{}", hex(&random::<{ DIGITS / 2 }>()?)));
        private(&dir).map_err(at(&dir))?;
        Ok(Self { dir, done: false, hold: Some(hold) })
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
        copy(from, &self.dir, &|name| name != PREVIOUS)
    }

    /// Puts it in place where nothing is yet, marked as [`UNFINISHED`] until [`Placed::settle`].
    ///
    /// # Errors
    /// Something is there, or it cannot be renamed.
    pub fn publish(mut self, to: &Path, name: &str) -> Result<Placed> {
        self.file(UNFINISHED, KEY, b"")?;
        sync(&self.dir);
        match rename_new(&self.dir, to) {
            Ok(()) => {
                self.done = true;
                sync_parent(to);
                let hold = self.hold.take().ok_or_else(|| at(to)(io::ErrorKind::Other.into()))?;
                Ok(Placed { root: to.to_owned(), _hold: hold })
            }
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty
                ) =>
            {
                let (name, path) = (name.to_owned(), to.to_owned());
                Err(Error::Make(MakeFault::Exists { name, path, host: None }))
            }
            Err(e) => Err(at(to)(e)),
        }
    }

    /// Puts it in the place of the directory `to`, which goes on as [`PREVIOUS`] inside it.
    ///
    /// # Errors
    /// They cannot be exchanged, and nothing has changed then.
    pub fn exchange(self, to: &Path) -> Result<()> {
        self.exchange_as(to, PREVIOUS)
    }

    /// The same, with another name for the old one. One that begins with [`FORMER`] stays through later exchanges.
    ///
    /// # Errors
    /// As [`Self::exchange`].
    pub fn exchange_as(mut self, to: &Path, kept: &str) -> Result<()> {
        // First a copy: at whatever moment this process is killed, the old one is in its place or inside the new one.
        let copied = self.dir.join(kept);
        private(&copied).map_err(at(&copied))?;
        copy(to, &copied, &|name| name != PREVIOUS && !name.starts_with(FORMER))?;
        sync(&copied);
        sync(&self.dir);
        exchange(&self.dir, to).map_err(at(to))?;
        // From here on the new generation is in place, whatever becomes of the old one.
        self.done = true;
        // Whoever has the old directory open goes on reading it whole: it takes the place of its copy.
        let _ = remove(&self.dir.join(PREVIOUS));
        for former in formers(&self.dir) {
            let _ = remove(&self.dir.join(former));
        }
        let _ = exchange_at_once(&self.dir, &to.join(kept));
        let _ = remove(&self.dir);
        sync_parent(to);
        Ok(())
    }
}

/// The names of the former generations in `dir` that are kept for good, the oldest first.
#[must_use]
pub fn formers(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut all: Vec<String> = names.filter(|name| name.starts_with(FORMER)).collect();
    all.sort();
    all
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

fn copy(from: &Path, to: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<()> {
    for entry in fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        let name = entry.file_name();
        if name == UNFINISHED || !wanted(&name.to_string_lossy()) {
            continue;
        }
        let (source, target) = (entry.path(), to.join(&name));
        let meta = fs::symlink_metadata(&source).map_err(at(&source))?;
        if meta.is_symlink() {
            let behind = fs::read_link(&source).map_err(at(&source))?;
            #[cfg(unix)]
            std::os::unix::fs::symlink(behind, &target).map_err(at(&target))?;
            #[cfg(windows)]
            std::os::windows::fs::symlink_dir(behind, &target).map_err(at(&target))?;
        } else if meta.is_dir() {
            private(&target).map_err(at(&target))?;
            copy(&source, &target, &|_| true)?;
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

fn exchange(new: &Path, to: &Path) -> io::Result<()> {
    match exchange_at_once(new, to) {
        Err(e) if e.kind() == io::ErrorKind::Unsupported => exchange_in_steps(new, to),
        other => other,
    }
}

/// In one step; [`io::ErrorKind::Unsupported`] where the system has no such call.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange_at_once(new: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, new, CWD, to, RenameFlags::EXCHANGE) {
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            Err(io::ErrorKind::Unsupported.into())
        }
        other => Ok(other?),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange_at_once(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// For an instant there is nothing at `to`; a failure brings the old one back.
fn exchange_in_steps(new: &Path, to: &Path) -> io::Result<()> {
    let aside = new.with_extension(ASIDE);
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
