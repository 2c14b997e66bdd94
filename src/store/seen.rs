//! What a shared profile was when it was last used, in the manner of ssh's `known_hosts`: a profile that
//! somebody else can change must not lead elsewhere, lose a guard or gain a reach without a word.
//!
//! One file per profile, `STATE/seen/NAME`: a JSON object with every field that changes what happens ([`fields`]), so
//! that a change can be told field by field. Losing the file loses one question, so it is not locked; one that is there
//! and cannot be understood asks. An earlier version of dctx wrote two lines, with the endpoint and mode on the first
//! and a sum over these and the CA on the second: what that did not remember is not known, and asks too.

mod fields;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use self::fields::describe;
use crate::file::{self, MAX_STATE};
use crate::profile::Profile;

/// What is known of a shared profile.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// Never used before.
    New,
    /// As it was.
    Same,
    /// Different, in at least one field.
    Changed(Vec<Difference>),
}

/// A field that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its key in the profile file.
    pub key: String,
    /// Its value when the profile was last used.
    pub was: Was,
    /// Its value now; `None` where it has none.
    pub now: Option<String>,
}

/// A value when the profile was last used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Was {
    /// This one, or none.
    Known(Option<String>),
    /// It was not remembered.
    Unknown,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    schema: u8,
    fields: BTreeMap<String, String>,
}

/// The version of [`Remembered`].
const SCHEMA: u8 = 2;

fn file_of(state: &Path, name: &str) -> PathBuf {
    state.join("seen").join(name)
}

/// What says exactly this profile as it is now: 16 hexadecimal digits, the beginning of a SHA-256 over its name and its
/// fields. It is what `--accept` takes.
#[must_use]
pub fn sum(profile: &Profile, home: Option<&Path>) -> String {
    let mut hash = Sha256::new();
    hash.update(&profile.name);
    for (key, value) in fields::of(profile, home) {
        for text in [key, value] {
            hash.update([0]);
            hash.update(text);
        }
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a shared profile of this name was used before.
#[must_use]
pub fn is_known(state: &Path, name: &str) -> bool {
    file_of(state, name).exists()
}

/// Compares `profile` with what was seen before.
#[must_use]
pub fn compare(state: &Path, profile: &Profile, home: Option<&Path>) -> Seen {
    use io::ErrorKind::{NotADirectory, NotFound};
    let now = fields::of(profile, home);
    let differences = match file::text(&file_of(state, &profile.name), MAX_STATE) {
        Err(e) if matches!(e.kind(), NotFound | NotADirectory) => return Seen::New,
        Err(_) => unknown(now),
        Ok(text) => match serde_json::from_str::<Remembered>(&text) {
            Ok(was) if was.schema == SCHEMA => different(was.fields, now),
            _ => match fields::of_two_lines(&text, profile, home) {
                Some(known) => partly(&known, now),
                None => unknown(now),
            },
        },
    };
    if differences.is_empty() { Seen::Same } else { Seen::Changed(differences) }
}

fn different(mut was: BTreeMap<String, String>, now: BTreeMap<String, String>) -> Vec<Difference> {
    let mut out = Vec::new();
    for (key, value) in now {
        let before = was.remove(&key);
        if before.as_ref() != Some(&value) {
            out.push(Difference { key, was: Was::Known(before), now: Some(value) });
        }
    }
    let gone = was.into_iter();
    out.extend(gone.map(|(key, was)| Difference { key, was: Was::Known(Some(was)), now: None }));
    out.sort_by_key(|difference| fields::place(&difference.key));
    out
}

/// Where only `known` was remembered.
fn partly(known: &BTreeMap<String, Was>, now: BTreeMap<String, String>) -> Vec<Difference> {
    let mut out = Vec::new();
    for (key, value) in now {
        let was = known.get(&key).cloned().unwrap_or(Was::Unknown);
        if was != Was::Known(Some(value.clone())) {
            out.push(Difference { key, was, now: Some(value) });
        }
    }
    out.sort_by_key(|difference| fields::place(&difference.key));
    out
}

/// Where nothing is known.
fn unknown(now: BTreeMap<String, String>) -> Vec<Difference> {
    partly(&BTreeMap::new(), now)
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
    let path = file_of(state, &profile.name);
    let all = Remembered { schema: SCHEMA, fields: fields::of(profile, home) };
    let put = serde_json::to_vec(&all)
        .map_err(io::Error::from)
        .and_then(|text| super::state::put(&path, &text).map(drop));
    put.map_err(|why| (path, why))
}
