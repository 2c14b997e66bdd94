//! What a shared profile was when it was last used, in the manner of ssh's `known_hosts`: a profile that
//! somebody else can change must not lead elsewhere without a word.
//!
//! One file per profile, `STATE/seen/NAME`: the endpoint and mode on the first line, a SHA-256 over
//! these and the CA's bytes on the second. Losing it costs one question, so it is not locked.

use std::fs;
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
        /// What it was, in words.
        was: String,
    },
}

fn file(state: &Path, name: &str) -> PathBuf {
    state.join("seen").join(name)
}

fn describe(profile: &Profile) -> String {
    match profile.tls {
        TlsMode::Off => profile.docker_host(),
        mode => format!("{} tls {}", profile.docker_host(), mode.word()),
    }
}

fn sum(profile: &Profile, home: Option<&Path>) -> String {
    let mut hash = Sha256::new();
    hash.update(describe(profile));
    let base = profile.origin.path.parent().unwrap_or(Path::new("/"));
    let ca = match (&profile.certs.ca, &profile.certs.dir) {
        (Some(ca), _) => Some(certs::expand(ca, base, home)),
        (None, Some(dir)) => Some(certs::expand(dir, base, home).join("ca.pem")),
        (None, None) => None,
    };
    if let Some(bytes) = ca.and_then(|path| fs::read(path).ok()) {
        hash.update([0]);
        hash.update(bytes);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares `profile` with what was seen before.
#[must_use]
pub fn compare(state: &Path, profile: &Profile, home: Option<&Path>) -> Seen {
    let Ok(text) = fs::read_to_string(file(state, &profile.name)) else { return Seen::New };
    let (was, old) = text.split_once('\n').unwrap_or((text.as_str(), ""));
    if old.trim() == sum(profile, home) {
        Seen::Same
    } else {
        Seen::Changed { was: was.to_owned() }
    }
}

/// Remembers `profile` as it is. A state directory that cannot be written only means a question more.
pub fn remember(state: &Path, profile: &Profile, home: Option<&Path>) {
    let path = file(state, &profile.name);
    let text = format!("{}\n{}\n", describe(profile), sum(profile, home));
    let Some(dir) = path.parent() else { return };
    let _ = super::write::private_dir(dir);
    let temporary = path.with_extension(format!("{}~", std::process::id()));
    if fs::write(&temporary, text).is_ok() && fs::rename(&temporary, &path).is_err() {
        let _ = fs::remove_file(&temporary);
    }
}
