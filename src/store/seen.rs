//! What a shared profile was when it was last used, in the manner of ssh's `known_hosts`: a profile that
//! somebody else can change must not lead elsewhere without a word.
//!
//! One file per profile, `STATE/seen/NAME`: the endpoint and mode on the first line, a SHA-256 over
//! these and the CA's bytes on the second. Losing it loses one question, so it is not locked.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::profile::{Profile, TlsMode, certs};

/// What is known of a shared profile.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// Never used before.
    New,
    /// As it was.
    Same,
    /// Different.
    Changed {
        /// What it was, as [`describe`] has it; the same as now when only the CA is another.
        was: String,
    },
}

fn file(state: &Path, name: &str) -> PathBuf {
    state.join("seen").join(name)
}

/// Where a profile leads and how, on one line.
#[must_use]
pub fn describe(profile: &Profile) -> String {
    match profile.tls {
        TlsMode::Off => profile.docker_host(),
        mode => format!("{}, tls {}", profile.docker_host(), mode.word()),
    }
}

fn sum(profile: &Profile, home: Option<&Path>) -> String {
    let mut hash = Sha256::new();
    hash.update(describe(profile));
    if let Some(bytes) = certs::own_ca(profile, home).and_then(|path| fs::read(path).ok()) {
        hash.update([0]);
        hash.update(bytes);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares `profile` with what was seen before.
#[must_use]
pub fn compare(state: &Path, profile: &Profile, home: Option<&Path>) -> Seen {
    let Ok(text) = fs::read_to_string(file(state, &profile.name)) else { return Seen::New };
    // Half a file, as a full disk leaves it, says nothing.
    let Some((was, old)) = text.split_once('\n') else { return Seen::New };
    if old.trim_end() == sum(profile, home) {
        Seen::Same
    } else {
        Seen::Changed { was: was.to_owned() }
    }
}

/// Remembers `profile` as it is.
///
/// # Errors
/// The file that could not be written, and why: a change of the profile would go unnoticed.
pub fn remember(
    state: &Path,
    profile: &Profile,
    home: Option<&Path>,
) -> Result<(), (PathBuf, io::Error)> {
    let path = file(state, &profile.name);
    let text = format!("{}\n{}\n", describe(profile), sum(profile, home));
    super::state::put(&path, text.as_bytes()).map(drop).map_err(|why| (path, why))
}
