//! What the last check of each profile said: `CACHE/checks.json`. It may be gone at any time, and nothing fails for it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::file::MAX_STATE;
use crate::profile::Profile;

/// The most results that are kept; of more, the newest.
const KEPT: usize = 10_000;

/// What a check said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    /// When, in seconds since 1970.
    pub at: u64,
    /// `ok`, `warn` or `fail`.
    pub level: String,
    /// The id of the diagnosis, for what failed.
    pub id: Option<String>,
    /// The exit code.
    pub code: u8,
    /// [`sum`] of the profile as it was.
    pub sum: String,
}

#[derive(Default, Serialize, Deserialize)]
struct All {
    schema: u8,
    profiles: BTreeMap<String, Last>,
}

fn file(cache: &Path) -> PathBuf {
    cache.join("checks.json")
}

/// What of a profile a result belongs to: where it leads, how, and by which files.
#[must_use]
pub fn sum(profile: &Profile) -> String {
    let certs = &profile.certs;
    let mut hash = Sha256::new();
    hash.update(super::seen::describe(profile));
    for text in [&certs.dir, &certs.ca, &certs.cert, &certs.key, &profile.api_version] {
        hash.update([0]);
        hash.update(text.as_deref().unwrap_or_default());
    }
    hash.update(profile.origin.path.as_os_str().as_encoded_bytes());
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The last results, by the name of the profile; nothing where there are none that can be read.
#[must_use]
pub fn load(cache: &Path) -> BTreeMap<String, Last> {
    let read = || -> io::Result<All> {
        Ok(serde_json::from_slice(&crate::file::read(&file(cache), MAX_STATE)?)?)
    };
    let all = read().unwrap_or_default();
    if all.schema == 1 { all.profiles } else { BTreeMap::new() }
}

/// Adds results to those that are kept. Of two checks that end at the same time one may go unrecorded.
///
/// # Errors
/// What the system says; nothing hangs on it.
pub fn record(cache: &Path, new: impl IntoIterator<Item = (String, Last)>) -> io::Result<()> {
    let mut profiles = load(cache);
    profiles.extend(new);
    if profiles.len() > KEPT {
        let mut times: Vec<u64> = profiles.values().map(|last| last.at).collect();
        times.sort_unstable_by(|a, b| b.cmp(a));
        let oldest = times.get(KEPT - 1).copied().unwrap_or(0);
        profiles.retain(|_, last| last.at >= oldest);
    }
    let text = serde_json::to_vec(&All { schema: 1, profiles })?;
    super::state::put(&file(cache), &text).map(drop)
}
