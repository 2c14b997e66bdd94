//! The lock that one writer of a profile file holds at a time.
//!
//! It lives in the state directory, since the file itself may be in a read-only place or under
//! version control, and is named after the real file behind all links, so that two configuration
//! directories leading to one file share it. The lock file is never deleted: a process that still
//! waits on a deleted one would hold a lock that nobody else sees.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

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
        let result = match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                on_wait();
                wait(file)
            }
            Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Interrupted => wait(file),
            Err(TryLockError::Error(e)) => Some(Err(e)),
            Ok(()) => Some(Ok(file)),
        };
        match result {
            None => Err(Error::Locked { path }),
            Some(Ok(file)) => Ok(Self { file: Some(file) }),
            Some(Err(e)) => {
                if !has_no_locks(&e) {
                    warnings.push(Warning::State { path, source: e });
                }
                Ok(Self { file: None })
            }
        }
    }

    /// Whether this is a lock.
    pub(super) fn is_held(&self) -> bool {
        self.file.is_some()
    }
}

impl Drop for Lock {
    /// Closing the file would not do where another thread is starting a program at this moment:
    /// its child has the file too until it executes.
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            let _ = file.unlock();
        }
    }
}

/// Queues for the lock in a thread of its own, since waiting in the kernel knows no time limit and
/// looking again and again loses against every newcomer when many wait. `None` after five seconds;
/// the thread then ends with the process, or lets go of the lock as soon as it gets it.
fn wait(file: File) -> Option<io::Result<File>> {
    let (send, receive) = mpsc::channel();
    let queue = move || {
        let result = loop {
            match file.lock() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        // Nobody listens any more: the file is dropped, and with it the lock.
        let _ = send.send(result.map(|()| file));
    };
    std::thread::Builder::new().spawn(queue).ok()?;
    receive.recv_timeout(PATIENCE).ok()
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
