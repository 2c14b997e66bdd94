//! The last twenty versions of the profile file, and `undo`.
//!
//! They are `STATE/history/KEY/000001.toml` and so on, the highest number being the version before
//! the present one. KEY names the real file behind all links, as the lock's name does, so files of
//! several configuration directories do not mix and two ways to one file share one history. A
//! version's time of modification is that of the file when it had these bytes. An empty version
//! stands for the time before there was a file; going back there leaves an empty file, which
//! means the same, "no profiles", and needs no way of writing of its own.
//!
//! `undo` exchanges the file with its newest version, so undo of undo is redo. It never leaves the
//! path of a version that is not yet safely written: first the present bytes become a version, then
//! the old ones are put in place, then their version goes. Killed in between, one version too many
//! is left; if it equals the file, `undo` passes over it.
//!
//! `STATE/written/KEY.toml` holds what dctx wrote last. Where the file is something else, an editor saved it since, and
//! that is the last change: `undo` takes that one back, and keeps what the editor saved as the newest version.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::write::{Real, Session, Snapshot, Target, Written, guard_schema, private_dir, resolve};
use crate::error::{Error, Result};
use crate::file::{self, MAX_PROFILES};

/// How many versions are kept.
pub const KEPT: usize = 20;

/// What [`undo`] did.
#[derive(Debug)]
pub struct Undone {
    /// How the write went.
    pub written: Written,
    /// The bytes that were in the file; none where there was no file.
    pub replaced: Vec<u8>,
    /// The bytes that are in it now.
    pub restored: Vec<u8>,
    /// Where the replaced bytes are kept, if dctx had not written them: somebody's own edit.
    pub kept: Option<PathBuf>,
}

/// Takes back the last change of the file, through the same writer as every change: an edit of somebody's own gives way
/// to what dctx wrote last, a change by dctx to the version before it. Works also where either is not valid, even not
/// UTF-8: whoever takes back the repair of a broken file gets the broken file.
///
/// # Errors
/// [`Error::NothingToUndo`]. [`Error::NewerSchema`] if a newer dctx wrote either. [`Error::Read`] for a version;
/// [`Error::Write`] if the present bytes cannot be kept; else as [`super::write::update`].
pub fn undo(target: &Target, on_wait: &mut dyn FnMut()) -> Result<Undone> {
    let mut session = Session::open(target, on_wait)?;
    session.strict = true;
    let history = session.history();
    let mut picked = None;
    let changed = session.commit(&mut |real, now| {
        let last = history.written().filter(|last| *last != now.bytes);
        let by_hand = last.is_some();
        let version = match last {
            Some(bytes) => Version { path: None, bytes, modified: None },
            None => history.pick(&now.bytes)?.ok_or(Error::NothingToUndo)?,
        };
        for bytes in [&now.bytes, &version.bytes] {
            if let Ok(text) = std::str::from_utf8(bytes) {
                guard_schema(&real.path, text)?;
            }
        }
        let bytes = version.bytes.clone();
        picked = Some((version, now.bytes.clone(), by_hand));
        Ok(Some(bytes))
    })?;
    let (version, replaced, by_hand) = picked.ok_or(Error::NothingToUndo)?;
    if let Some(path) = version.path.filter(|_| changed) {
        // It is the present file now. Left over, it is passed over next time.
        let _ = fs::remove_file(path);
    }
    let kept = match by_hand && !replaced.is_empty() {
        true => history.list().ok().and_then(|mut all| all.pop()).map(|(_, path)| path),
        false => None,
    };
    let restored = version.bytes;
    Ok(Undone { written: session.written(changed), replaced, restored, kept })
}

/// When the version that [`undo`] would restore was last written (for the time before there was a
/// file: when it was made); `None` if there is none.
#[must_use]
pub fn newest(target: &Target) -> Option<SystemTime> {
    let real = resolve(&target.config).ok()?;
    let now = Snapshot::read(&real.path).ok()?;
    History::of(target, &real).pick(&now.bytes).ok()??.modified
}

/// The versions of one file.
#[derive(Debug)]
pub(super) struct History {
    /// Where they are.
    pub(super) dir: PathBuf,
    /// What dctx wrote last.
    last: PathBuf,
}

/// One version.
#[derive(Debug)]
pub(super) struct Version {
    /// Its file among the numbered ones; `None` for what dctx wrote last.
    path: Option<PathBuf>,
    bytes: Vec<u8>,
    modified: Option<SystemTime>,
}

impl History {
    /// Those of the file that `target` leads to.
    pub(super) fn of(target: &Target, real: &Real) -> Self {
        let key = real.key();
        Self {
            dir: target.state.join("history").join(&key),
            last: target.state.join("written").join(format!("{key}.toml")),
        }
    }

    /// The bytes that dctx wrote last; `None` where that is not known.
    fn written(&self) -> Option<Vec<u8>> {
        file::read(&self.last, MAX_PROFILES).ok()
    }

    /// Takes the note of what dctx wrote last away, before something else is written: a killed writer leaves no wrong
    /// answer. Returns it, for a write that fails.
    pub(super) fn take_written(&self) -> Option<Vec<u8>> {
        let last = self.written();
        let _ = fs::remove_file(&self.last);
        last
    }

    /// Notes what dctx has just written. Without this note `undo` goes to the newest version, so a failure is none.
    pub(super) fn note_written(&self, bytes: &[u8]) {
        let note = || {
            private_dir(self.last.parent().unwrap_or(&self.dir))?;
            let temp = self.last.with_extension("dctx~");
            write_version(&temp, bytes, None)?;
            fs::rename(&temp, &self.last)
        };
        if note().is_err() {
            let _ = fs::remove_file(&self.last);
        }
    }

    /// All versions, oldest first: number and path.
    fn list(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let mut found = Vec::new();
        let entries = match fs::read_dir(&self.dir) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(found),
            other => other?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let number = name.to_str().and_then(|n| n.strip_suffix(".toml"));
            if let Some(number) = number.and_then(|n| n.parse().ok()) {
                found.push((number, entry.path()));
            }
        }
        found.sort();
        Ok(found)
    }

    /// The newest version that differs from `now`.
    fn pick(&self, now: &[u8]) -> Result<Option<Version>> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            |source| Error::Read { path, source }
        };
        for (_, path) in self.list().map_err(failed(&self.dir))?.into_iter().rev() {
            let bytes = file::read(&path, MAX_PROFILES).map_err(failed(&path))?;
            if bytes != now {
                let modified = fs::metadata(&path).and_then(|m| m.modified()).ok();
                return Ok(Some(Version { path: Some(path), bytes, modified }));
            }
        }
        Ok(None)
    }

    /// Keeps `bytes` as the newest version, synced, unless the newest one has these bytes already.
    /// `alone`: whether the lock is held, so that the version being written needs no name of its own.
    pub(super) fn push(
        &self,
        bytes: &[u8],
        modified: Option<SystemTime>,
        alone: bool,
    ) -> io::Result<Kept<'_>> {
        private_dir(&self.dir)?;
        let newest = self.list()?.pop();
        if let Some((_, path)) = &newest
            && file::read(path, MAX_PROFILES)? == bytes
        {
            return Ok(Kept { history: self, path: None });
        }
        let number = newest.map_or(1, |(n, _)| n.saturating_add(1));
        let path = self.dir.join(format!("{number:06}.toml"));
        let temp = self.dir.join(match alone {
            true => ".new.dctx~".to_owned(),
            false => format!(".new.{}.dctx~", std::process::id()),
        });
        write_version(&temp, bytes, modified).and_then(|()| fs::rename(&temp, &path)).inspect_err(
            |_| {
                let _ = fs::remove_file(&temp);
            },
        )?;
        Ok(Kept { history: self, path: Some(path) })
    }

    /// Forgets all but the newest twenty. A version that cannot be removed does no harm.
    fn prune(&self) {
        let Ok(versions) = self.list() else { return };
        let surplus = versions.len().saturating_sub(KEPT);
        for (_, path) in versions.into_iter().take(surplus) {
            let _ = fs::remove_file(path);
        }
    }
}

fn write_version(temp: &Path, bytes: &[u8], modified: Option<SystemTime>) -> io::Result<()> {
    match fs::remove_file(temp) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(temp)?;
    file.write_all(bytes)?;
    if let Some(modified) = modified {
        // Only told to people; no reason to fail.
        let _ = file.set_modified(modified);
    }
    file.sync_all()
}

/// A new version, taken back when dropped unless the change it precedes was made.
#[derive(Debug)]
pub(super) struct Kept<'h> {
    history: &'h History,
    path: Option<PathBuf>,
}

impl Kept<'_> {
    /// The change was made.
    pub(super) fn keep(mut self) {
        self.path = None;
        self.history.prune();
    }
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}
