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

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::place;
use super::write::{
    Real, Session, Snapshot, Target, Written, checked, guard_schema, private_dir, resolve,
};
use crate::error::{Error, Result};
use crate::file::{self, MAX_PROFILES};

/// How many versions are kept.
pub const KEPT: usize = 20;

/// What [`undo`] did.
#[derive(Debug)]
pub struct Undone {
    /// How the write went.
    pub written: Written,
    /// When the version now restored was last written; `None` for the time before there was a file.
    pub restored: Option<SystemTime>,
    /// When the version now replaced was last written; `None` if there was no file.
    pub replaced: Option<SystemTime>,
}

/// Exchanges the file with its newest earlier version that differs from it, through the same
/// writer as every change. Works also when the file is not valid, even not UTF-8.
///
/// # Errors
/// [`Error::NothingToUndo`]. If the earlier version would not load (broken by hand and since
/// mended), [`Error::Encoding`], [`Error::Syntax`] or what `check` returns, the first two naming the
/// version's file, where it can still be had. [`Error::NewerSchema`] if a newer dctx wrote either.
/// [`Error::Write`] if the present version cannot be kept; else as [`super::write::update`].
pub fn undo(
    target: &Target,
    check: &dyn Fn(&str) -> Result<()>,
    on_wait: &mut dyn FnMut(),
) -> Result<Undone> {
    let mut session = Session::open(target, on_wait)?;
    session.strict = true;
    let history = session.history();
    let mut picked = None;
    let mut replaced = None;
    let changed = session.commit(&mut |real, now| {
        let version = history.pick(&now.bytes)?.ok_or(Error::NothingToUndo)?;
        if let Ok(text) = std::str::from_utf8(&now.bytes) {
            guard_schema(&real.path, text)?;
        }
        let text = place::decode(&version.path, &version.bytes)?;
        checked(&version.path, text, check)?;
        replaced = now.modified();
        let bytes = version.bytes.clone();
        picked = Some(version);
        Ok(Some(bytes))
    })?;
    let version = picked.ok_or(Error::NothingToUndo)?;
    if changed {
        // It is the present file now. Left over, it is passed over next time.
        let _ = fs::remove_file(&version.path);
    }
    let restored = (!version.bytes.is_empty()).then_some(version.modified).flatten();
    Ok(Undone { written: session.written(changed), restored, replaced })
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
}

/// One version.
#[derive(Debug)]
pub(super) struct Version {
    path: PathBuf,
    bytes: Vec<u8>,
    modified: Option<SystemTime>,
}

impl History {
    /// Those of the file that `target` leads to.
    pub(super) fn of(target: &Target, real: &Real) -> Self {
        Self { dir: target.state.join("history").join(real.key()) }
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
                return Ok(Some(Version { path, bytes, modified }));
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
