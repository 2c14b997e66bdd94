//! The one way in which a profile file is written: under a lock, onto a fresh copy, checked, and put
//! in place by a rename, so that at every moment the file has its old bytes or its new ones.
//!
//! 1. Lock ([`super::lock`]).
//! 2. Follow links to the real file.
//! 3. Read it, edit the text, and load the result as any command would; what does not load is not written.
//! 4. Copy the old bytes to the history.
//! 5. Write the new ones beside the real file, with its mode.
//! 6. Look whether the file is still what was read; if somebody saved it meanwhile, begin again at 3.
//! 7. Rename; where the system can exchange two files, what comes out is compared once more.
//! 8. Sync the directory.
//!
//! A failure before 7 leaves the file as it was and nothing beside it. A failure after 7 is a
//! warning, since the change *is* made. A file that cannot be replaced (read-only, a mount point)
//! is never truncated and overwritten instead. Access control lists and extended attributes are
//! not carried over; owner, group and permission bits are.

mod target;
mod temp;
mod warning;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use self::temp::Temp;
use super::document::Document;
use super::history::History;
use super::lock::Lock;
use super::parse::SCHEMA;
use super::place;
use crate::error::{Error, Result};

pub(super) use self::target::{Real, Snapshot, resolve};
pub use self::warning::Warning;

/// How often an edit is made again because the file changed meanwhile.
const TRIES: usize = 5;

/// What to write, and where the lock and the history are kept.
#[derive(Debug, Clone)]
pub struct Target {
    /// The profile file, as configured: it may be a link, and it may be missing.
    pub config: PathBuf,
    /// The state directory; made with mode 0700 if missing.
    pub state: PathBuf,
}

/// How a write went that did not fail.
#[derive(Debug)]
pub struct Written {
    /// The real file, behind all links.
    pub path: PathBuf,
    /// Whether its bytes are new.
    pub changed: bool,
    /// What else should be known.
    pub warnings: Vec<Warning>,
}

/// Edits the file: read, `edit`, `check`, replace; all of it again, at most five times, if the
/// file changed meanwhile, so `edit` may be called more than once, each time on a fresh document.
/// A missing or empty file starts as `schema = 1`. An edit that changes nothing writes nothing.
///
/// `check` gets the whole new text and refuses what would not load; `on_wait` is called once when
/// another dctx has the lock.
///
/// # Errors
/// What `edit` and `check` return; [`Error::Encoding`], [`Error::Syntax`] and [`Error::NewerSchema`]
/// for the file as it is; [`Error::Locked`], [`Error::LinkLoop`], [`Error::Read`], [`Error::Contended`];
/// [`Error::Write`] for the real file, or for the history when the disk is full or broken.
pub fn update<T>(
    target: &Target,
    check: &dyn Fn(&str) -> Result<()>,
    edit: &mut dyn FnMut(&mut Document) -> Result<T>,
    on_wait: &mut dyn FnMut(),
) -> Result<(T, Written)> {
    let mut session = Session::open(target, on_wait)?;
    let mut out = None;
    let done = session.commit(&mut |real, old| {
        let text = place::decode(&real.path, &old.bytes)?;
        let start = match text {
            "" => format!("schema = {SCHEMA}\n"),
            other => other.to_owned(),
        };
        let mut document = Document::parse(&real.path, &start)?;
        is_known(&real.path, &document)?;
        out = Some(edit(&mut document)?);
        let new = document.into_text();
        if new == start {
            return Ok(None);
        }
        checked(&real.path, &new, check)?;
        Ok(Some(new.into_bytes()))
    })?;
    match out {
        Some(out) => Ok((out, session.written(done))),
        // Not reached: a commit without an edit is an error.
        None => Err(Error::Contended(target.config.clone())),
    }
}

/// Replaces the whole text, as an editor does, if the file still has the bytes `old` (none for a
/// missing file). Unlike [`update`] it also mends a file that is not valid.
///
/// # Errors
/// [`Error::Contended`] if the file has other bytes by now; else as [`update`].
pub fn replace(
    target: &Target,
    old: &[u8],
    new: &str,
    check: &dyn Fn(&str) -> Result<()>,
    on_wait: &mut dyn FnMut(),
) -> Result<Written> {
    let mut session = Session::open(target, on_wait)?;
    let done = session.commit(&mut |real, now| {
        if now.bytes != old {
            return Err(Error::Contended(real.path.clone()));
        }
        if let Ok(text) = std::str::from_utf8(old) {
            guard_schema(&real.path, text)?;
        }
        checked(&real.path, new, check)?;
        Ok(Some(new.as_bytes().to_vec()))
    })?;
    Ok(session.written(done))
}

/// Refuses to touch what a newer dctx wrote: it may mean something that would be lost here.
///
/// # Errors
/// [`Error::NewerSchema`] for a text whose top-level `schema` is greater than [`SCHEMA`]. A text
/// that is not TOML passes; it fails elsewhere.
pub fn guard_schema(path: &Path, text: &str) -> Result<()> {
    Document::parse(path, text).map_or(Ok(()), |document| is_known(path, &document))
}

fn is_known(path: &Path, document: &Document) -> Result<()> {
    match document.schema()? {
        Some(schema) if schema > SCHEMA => {
            Err(Error::NewerSchema { path: path.to_owned(), schema })
        }
        _ => Ok(()),
    }
}

/// Both readers agree that the text is fit to be written: `toml_edit`, and `check`; and this version
/// would change it again.
fn checked(path: &Path, text: &str, check: &dyn Fn(&str) -> Result<()>) -> Result<()> {
    is_known(path, &Document::parse(path, text)?)?;
    check(text)
}

/// Makes a directory, and those above it, for nobody but its owner.
pub fn private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// What to write in place of a snapshot; `None` for nothing.
type Plan<'p> = dyn FnMut(&Real, &Snapshot) -> Result<Option<Vec<u8>>> + 'p;

/// One writer at work, from the lock to its release.
pub(super) struct Session<'t> {
    target: &'t Target,
    real: Real,
    lock: Lock,
    /// Whether a change without a way back is refused rather than warned of.
    pub(super) strict: bool,
    warnings: Vec<Warning>,
}

impl<'t> Session<'t> {
    /// Takes the lock of the file that `target` leads to.
    pub(super) fn open(target: &'t Target, on_wait: &mut dyn FnMut()) -> Result<Self> {
        for _ in 0..TRIES {
            let mut warnings = Vec::new();
            let real = resolve(&target.config)?;
            let lock = Lock::acquire(&target.state, &real.key(), on_wait, &mut warnings)?;
            // A link may have been turned elsewhere while we waited.
            if resolve(&target.config)? == real {
                return Ok(Self { target, real, lock, strict: false, warnings });
            }
        }
        Err(Error::Contended(target.config.clone()))
    }

    /// The old versions of the file.
    pub(super) fn history(&self) -> History {
        History::of(self.target, &self.real)
    }

    /// Replaces the file by what `plan` makes of it; whether its bytes are new. A plan is asked
    /// again when the file changed meanwhile.
    pub(super) fn commit(&mut self, plan: &mut Plan<'_>) -> Result<bool> {
        for _ in 0..TRIES {
            let old = Snapshot::read(&self.real.path)?;
            let Some(new) = plan(&self.real, &old)? else { return Ok(false) };
            if new == old.bytes {
                return Ok(false);
            }
            if self.replace(&old, &new)? {
                return Ok(true);
            }
        }
        Err(Error::Contended(self.real.path.clone()))
    }

    /// Steps 4 to 8; false if the file is no longer `old`.
    fn replace(&mut self, old: &Snapshot, new: &[u8]) -> Result<bool> {
        let real = &self.real;
        let failed = |source| Error::Write { path: real.path.clone(), source };
        // A missing directory behind a link is something that is not mounted, not ours to make.
        if !real.linked {
            private_dir(real.dir()).map_err(failed)?;
        }
        let alone = self.lock.is_held();
        let history = self.history();
        let kept = match history.push(&old.bytes, old.modified(), alone) {
            Ok(kept) => Some(kept),
            Err(e) if self.strict || !is_refusal(&e) => {
                return Err(Error::Write { path: history.dir.clone(), source: e });
            }
            Err(source) => {
                // Without a usable state directory there is a warning already.
                if alone {
                    self.warnings.push(Warning::History { path: history.dir.clone(), source });
                }
                None
            }
        };
        let mut warnings = Vec::new();
        let temp =
            Temp::write(real, old.meta.as_ref(), new, alone, &mut warnings).map_err(failed)?;
        let unmoved = resolve(&self.target.config)? == *real && matches!(temp.is_ours(), Ok(true));
        if !unmoved || !old.is_current(&real.path)? {
            return Ok(false);
        }
        let last = history.take_written();
        let put = temp.put(&real.path, old).map_err(failed);
        if !matches!(put, Ok(true)) {
            if let Some(last) = last {
                history.note_written(&last);
            }
            return put;
        }
        if let Some(kept) = kept {
            kept.keep();
            if alone {
                history.note_written(new);
            }
        }
        if let Err(source) = temp::sync_dir(real.dir()) {
            warnings.push(Warning::Sync { path: real.dir().to_owned(), source });
        }
        self.warnings.append(&mut warnings);
        Ok(true)
    }

    /// The result, and the end of the lock.
    pub(super) fn written(self, changed: bool) -> Written {
        Written { path: self.real.path, changed, warnings: self.warnings }
    }
}

/// Whether the system refuses for good, as a read-only home does, rather than being in trouble
/// (full or broken disk), when a change without a way back would be worse than none.
fn is_refusal(e: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem};
    matches!(e.kind(), PermissionDenied | ReadOnlyFilesystem | NotADirectory | NotFound)
}
