//! The new file beside the old one, until it takes its place.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Warning;
use super::target::{Real, Snapshot};

/// A complete, synced file under a temporary name; removed when dropped before [`Temp::put`].
#[derive(Debug)]
pub(super) struct Temp {
    path: PathBuf,
    file: File,
    done: bool,
}

impl Temp {
    /// Writes `bytes` to `.NAME.dctx~` beside the file: one fixed name, so that however often
    /// a writer is killed at most one is left over. That takes the lock; without it (`alone` is
    /// false) the name is this process's own. The mode is the old file's, or 0600.
    pub(super) fn write(
        real: &Real,
        old: Option<&Metadata>,
        bytes: &[u8],
        alone: bool,
        warnings: &mut Vec<Warning>,
    ) -> io::Result<Self> {
        let mut name = std::ffi::OsString::from(".");
        name.push(real.path.file_name().unwrap_or_default());
        if !alone {
            name.push(format!(".{}", std::process::id()));
        }
        name.push(".dctx~");
        let path = real.dir().join(name);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        let mut temp = Self { path, file, done: false };
        temp.take_after(real, old, warnings)?;
        temp.file.write_all(bytes)?;
        temp.file.sync_all()?;
        Ok(temp)
    }

    /// Owner, group and permission bits of the old file. Root editing a person's file must not make
    /// it root's; where the group cannot be kept, it gets no more than everybody.
    #[cfg(unix)]
    fn take_after(
        &mut self,
        real: &Real,
        old: Option<&Metadata>,
        warnings: &mut Vec<Warning>,
    ) -> io::Result<()> {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
        let mut mode = 0o600;
        if let Some(old) = old {
            mode = old.mode() & 0o777;
            let new = self.file.metadata()?;
            let (owner, group) = (new.uid() != old.uid(), new.gid() != old.gid());
            if (owner || group) && fchown(&self.file, Some(old.uid()), Some(old.gid())).is_err() {
                if group && fchown(&self.file, None, Some(old.gid())).is_err() {
                    mode &= 0o707 | ((mode & 0o007) << 3);
                }
                warnings.push(Warning::Owner { path: real.path.clone() });
            }
            if old.nlink() > 1 {
                warnings.push(Warning::HardLink { path: real.path.clone() });
            }
        }
        // Not left to the umask.
        self.file.set_permissions(fs::Permissions::from_mode(mode))
    }

    #[cfg(not(unix))]
    fn take_after(
        &mut self,
        _: &Real,
        _: Option<&Metadata>,
        _: &mut Vec<Warning>,
    ) -> io::Result<()> {
        Ok(())
    }

    /// Whether the temporary name still leads to this file: a writer that does not share our lock
    /// (another state directory) may have taken it away.
    #[cfg(unix)]
    pub(super) fn is_ours(&self) -> io::Result<bool> {
        use std::os::unix::fs::MetadataExt as _;
        let (file, named) = (self.file.metadata()?, fs::symlink_metadata(&self.path)?);
        Ok((file.dev(), file.ino()) == (named.dev(), named.ino()))
    }

    #[cfg(not(unix))]
    pub(super) fn is_ours(&self) -> io::Result<bool> {
        self.path.try_exists()
    }

    /// Gives the file its real name, at one moment, if the file there still is `old`; false if not.
    ///
    /// Where the system can, the two files are exchanged (or the new one is put where there is
    /// none) and what came back is looked at: a save by an editor in the last microsecond is then
    /// found and put back. Elsewhere `rename(2)` replaces what was the right file a moment ago.
    pub(super) fn put(mut self, to: &Path, old: &Snapshot) -> io::Result<bool> {
        if let Some(done) = self.exchange(to, old) {
            return done;
        }
        rename(&self.path, to)?;
        self.done = true;
        Ok(true)
    }

    /// `None` where files cannot be exchanged.
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    fn exchange(&mut self, to: &Path, old: &Snapshot) -> Option<io::Result<bool>> {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        let flag = match old.meta {
            Some(_) => RenameFlags::EXCHANGE,
            None => RenameFlags::NOREPLACE,
        };
        let swap = || renameat_with(CWD, &self.path, CWD, to, flag);
        match swap() {
            Ok(()) => {}
            // Not known to the file system, the kernel or a sandbox.
            Err(e)
                if [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::PERM]
                    .contains(&e) =>
            {
                return None;
            }
            // The file has come or gone.
            Err(Errno::EXIST | Errno::NOENT) => return Some(Ok(false)),
            Err(e) => return Some(Err(e.into())),
        }
        if old.meta.is_none() {
            self.done = true;
            return Some(Ok(true));
        }
        if old.is_current(&self.path).unwrap_or(false) {
            self.done = true;
            // What has the temporary name now is the old file, which the history keeps.
            let _ = fs::remove_file(&self.path);
            return Some(Ok(true));
        }
        // Somebody saved in between (or it cannot be told): theirs goes back, and ours is made again
        // on top of it. Should another file than ours come back, there was yet another save, the
        // last one, which goes back in its turn.
        if let Err(e) = swap() {
            return Some(Err(e.into()));
        }
        if matches!(self.is_ours(), Ok(false)) {
            let _ = swap();
        }
        Some(Ok(false))
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    fn exchange(&mut self, _: &Path, _: &Snapshot) -> Option<io::Result<bool>> {
        None
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        if !self.done && matches!(self.is_ours(), Ok(true)) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(not(windows))]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Virus scanners and indexers open new files for a moment: access denied (5) and sharing violation
/// (32) are tried again, for about two seconds in all.
#[cfg(windows)]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let mut tries = 0;
    loop {
        match fs::rename(from, to) {
            Err(e) if tries < 20 && matches!(e.raw_os_error(), Some(5 | 32)) => {
                tries += 1;
                std::thread::sleep(std::time::Duration::from_millis(tries * 10));
            }
            other => return other,
        }
    }
}

/// Makes a rename in `dir` last through a power failure.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(dir)?.sync_all()?;
    let _ = dir;
    Ok(())
}
