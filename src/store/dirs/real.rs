//! Where the directories of profiles really are, remembered: `STATE/dirs-real`.
//!
//! A directory can be written through a link, and be entered by its real path. To see that, the written path has to be
//! resolved; but where it is on a file server that does not answer, the look at it never returns, and a change of
//! directory must not wait for a path that has nothing to do with it. So the hook never resolves a path that is not being
//! entered. What the written paths lead to is learnt where a person asks for something about profiles ([`learn`]), with a
//! limit of time, and when a directory is entered as it is written ([`entered`]).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::absolute;
use crate::env::Env;
use crate::file::{self, MAX_STATE};
use crate::profile::Profile;

/// How long all paths together may take to be resolved.
const PATIENCE: Duration = Duration::from_millis(500);

/// What is remembered, by the path as it is written, made absolute.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Real {
    schema: u8,
    dirs: BTreeMap<String, String>,
}

/// The version of [`Real`].
const SCHEMA: u8 = 1;

fn file_of(state: &Path) -> PathBuf {
    state.join("dirs-real")
}

impl Real {
    /// What is remembered; nothing where the file is not there or cannot be understood.
    pub(super) fn load(state: &Path) -> Self {
        let text = file::text(&file_of(state), MAX_STATE).unwrap_or_default();
        let found = serde_json::from_str::<Self>(&text).ok();
        let empty = || Self { schema: SCHEMA, dirs: BTreeMap::new() };
        found.filter(|found| found.schema == SCHEMA).unwrap_or_else(empty)
    }

    /// Where the written path led when it was last looked at.
    pub(super) fn of(&self, written: &Path) -> Option<&Path> {
        self.dirs.get(written.to_str()?).map(Path::new)
    }

    /// Remembers more. Not being able to only means that a link is not seen.
    fn add(mut self, state: &Path, found: impl IntoIterator<Item = (PathBuf, PathBuf)>) {
        let mut any = false;
        for (written, real) in found {
            if let (Some(written), Some(real)) = (written.to_str(), real.to_str()) {
                any |=
                    self.dirs.insert(written.to_owned(), real.to_owned()).as_deref() != Some(real);
            }
        }
        if any && let Ok(text) = serde_json::to_vec(&self) {
            let _ = super::super::state::put(&file_of(state), &text);
        }
    }
}

/// Resolves the directories of these profiles that are not remembered, and remembers them. What does not answer within
/// half a second is left.
pub fn learn<'p>(env: &Env, profiles: impl IntoIterator<Item = &'p Profile>) {
    let Ok(dirs) = env.dirs() else { return };
    let home = env.home();
    let written = profiles.into_iter().flat_map(|profile| {
        profile.dirs.iter().filter_map(|dir| absolute(dir, profile, home.as_deref()))
    });
    let mut written = written.peekable();
    if written.peek().is_none() {
        return;
    }
    let real = Real::load(&dirs.state);
    let unknown: Vec<PathBuf> = written.filter(|dir| real.of(dir).is_none()).collect();
    if !unknown.is_empty() {
        real.add(&dirs.state, resolve(unknown));
    }
}

/// Remembers where a directory leads that is being entered as it is written: it answers.
pub(super) fn entered(state: &Path, real: Real, written: &Path) {
    let led = real.of(written);
    if let Ok(now) = written.canonicalize()
        && led != Some(&now)
    {
        real.add(state, [(written.to_owned(), now)]);
    }
}

/// Each in a thread of its own, which ends with the process where the file server never answers.
fn resolve(paths: Vec<PathBuf>) -> Vec<(PathBuf, PathBuf)> {
    let (send, receive) = mpsc::channel();
    for path in paths {
        let send = send.clone();
        let look = move || {
            if let Ok(real) = path.canonicalize() {
                let _ = send.send((path, real));
            }
        };
        if std::thread::Builder::new().spawn(look).is_err() {
            break;
        }
    }
    drop(send);
    let begun = std::time::Instant::now();
    let mut found = Vec::new();
    while let Some(left) = PATIENCE.checked_sub(begun.elapsed())
        && let Ok(one) = receive.recv_timeout(left)
    {
        found.push(one);
    }
    found
}
