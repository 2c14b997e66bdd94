//! The lock that one writer of a profile file holds at a time.
//!
//! It lives in the state directory, since the file itself may be in a read-only place or under
//! version control, and is named after the real file behind all links, so that two configuration
//! directories leading to one file share it. The lock file is never deleted: a process that still
//! waits on a deleted one would hold a lock that nobody else sees.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use super::write::{Warning, private_dir};
use crate::error::{Error, Result};

/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(5);

/// The lock, or the knowledge that there is none; let go when dropped or when the process ends in
/// any way.
#[derive(Debug)]
pub(super) struct Lock {
    file: Option<File>,
}

impl Lock {
    /// Waits up to five seconds for the lock `STATE/lock-KEY`; calls `on_wait` once if it has to.
    ///
    /// Where the state directory cannot be written (a read-only home) there is no lock, and a
    /// warning says so; where the file system has no locks (`ENOLCK`, `ENOTSUP`, `ENOSYS`) there is
    /// none either, without a warning, which would come with every write. The comparison just
    /// before the file is replaced still stands.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub(super) fn acquire(
        state: &Path,
        key: &str,
        on_wait: &mut dyn FnMut(),
        warnings: &mut Vec<Warning>,
    ) -> Result<Self> {
        let path = state.join(format!("lock-{key}"));
        let file = match open(state, &path) {
            Ok(file) => file,
            Err(source) => {
                warnings.push(Warning::State { path: state.to_owned(), source });
                return Ok(Self { file: None });
            }
        };
        let begin = Instant::now();
        let mut pause = Duration::from_millis(1);
        let mut waited = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { file: Some(file) }),
                Err(TryLockError::WouldBlock) => {
                    if !std::mem::replace(&mut waited, true) {
                        on_wait();
                    }
                    if begin.elapsed() >= PATIENCE {
                        return Err(Error::Locked { path });
                    }
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(Duration::from_millis(16));
                }
                Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Interrupted => {
                    if begin.elapsed() >= PATIENCE {
                        return Err(Error::Locked { path });
                    }
                }
                Err(TryLockError::Error(e)) => {
                    if !has_no_locks(&e) {
                        warnings.push(Warning::State { path, source: e });
                    }
                    return Ok(Self { file: None });
                }
            }
        }
    }

    /// Whether this is a lock.
    pub(super) fn is_held(&self) -> bool {
        self.file.is_some()
    }
}

fn open(state: &Path, path: &Path) -> io::Result<File> {
    private_dir(state)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn has_no_locks(e: &io::Error) -> bool {
    use rustix::io::Errno;
    let none = [Errno::NOLCK, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOSYS];
    e.raw_os_error().is_some_and(|raw| none.iter().any(|n| n.raw_os_error() == raw))
}

#[cfg(not(unix))]
fn has_no_locks(e: &io::Error) -> bool {
    e.kind() == io::ErrorKind::Unsupported
}
