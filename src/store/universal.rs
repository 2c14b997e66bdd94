//! The choice for every shell: what fish keeps in universal variables, for the shells that have none.
//!
//! One file, `STATE/universal`. Its first line is a token, another one for every choice, which the hooks
//! of running shells read at each prompt to see whether they are up to date; the second is where docker
//! goes, as it was found and confirmed when it was chosen. The file is replaced whole, so of two who
//! choose at the same time one is last, and every shell follows that one. Revoking removes it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::file::MAX_STATE;
use crate::profile::destination::Destination;

/// What is in force for every shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Another one for every choice.
    pub token: String,
    /// Where docker goes.
    pub to: Destination,
}

#[derive(Serialize, Deserialize)]
struct Line {
    schema: u8,
    #[serde(flatten)]
    to: serde_json::Value,
}

/// The file.
#[must_use]
pub fn file(state: &Path) -> PathBuf {
    state.join("universal")
}

/// The choice, if there is one.
///
/// # Errors
/// [`Error::Read`] when the file cannot be read, is not what dctx wrote, or is one that others can write.
pub fn read(state: &Path) -> Result<Option<Choice>> {
    let path = file(state);
    let text = match crate::file::text(&path, MAX_STATE) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Error::Read { path, source }),
        Ok(text) => text,
    };
    let invalid = |what: &str| Error::Read {
        path: path.clone(),
        source: io::Error::new(io::ErrorKind::InvalidData, what.to_owned()),
    };
    if !is_private(&path) {
        return Err(invalid("others can write it"));
    }
    let choice = text.split_once('\n').and_then(|(token, line)| {
        let line: Line = serde_json::from_str(line).ok().filter(|line: &Line| line.schema == 1)?;
        let to: Destination = serde_json::from_value(line.to).ok()?;
        let plain = !token.is_empty() && token.bytes().all(|b| b.is_ascii_alphanumeric());
        (plain && to.is_sound()).then(|| Choice { token: token.to_owned(), to })
    });
    choice.map(Some).ok_or_else(|| invalid("not what dctx use -U writes"))
}

/// The token alone; `None` without a choice, or where it cannot be read.
#[must_use]
pub fn token(state: &Path) -> Option<String> {
    let text = crate::file::text(&file(state), MAX_STATE).ok()?;
    text.lines().next().filter(|token| !token.is_empty()).map(ToOwned::to_owned)
}

/// A token that no other choice has.
#[must_use]
pub fn new_token() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}p{:x}", since.as_nanos(), std::process::id())
}

/// Makes `to` the choice for every shell, under a [`new_token`].
///
/// # Errors
/// [`Error::Write`]; the former choice stands then.
pub fn choose(state: &Path, token: &str, to: &Destination) -> Result<()> {
    let path = file(state);
    let fail = |source| Error::Write { path: path.clone(), source };
    let to = serde_json::to_value(to).map_err(|e| fail(e.into()))?;
    let line = serde_json::to_string(&Line { schema: 1, to }).map_err(|e| fail(e.into()))?;
    super::state::put(&path, format!("{token}\n{line}\n").as_bytes()).map(drop).map_err(fail)
}

/// Revokes the choice; whether there was one.
///
/// # Errors
/// [`Error::Write`]; the choice stands then.
pub fn revoke(state: &Path) -> Result<bool> {
    let path = file(state);
    match fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(Error::Write { path, source }),
    }
}

/// Revokes the choice with that token, and no other that somebody makes meanwhile.
///
/// # Errors
/// [`Error::Write`]; the choice stands then.
pub fn revoke_only(state: &Path, wanted: &str) -> Result<()> {
    if token(state).as_deref() != Some(wanted) {
        return Ok(());
    }
    let path = file(state);
    let aside = path.with_file_name(format!("universal.{}~", std::process::id()));
    let done = || -> io::Result<()> {
        fs::rename(&path, &aside)?;
        let text = crate::file::text(&aside, MAX_STATE)?;
        if text.lines().next() != Some(wanted) {
            // A newer one got in between; it goes back, unless there is a still newer one.
            let _ = fs::hard_link(&aside, &path);
        }
        fs::remove_file(&aside)
    };
    match done() {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::Write { path, source: e }),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn is_private(_path: &Path) -> bool {
    true
}
