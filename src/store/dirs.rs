//! Which directories belong to profiles (`dirs = […]`), and a note of whether any do.
//!
//! The hook of a shell must not start a process at every `cd` of people who have no such directories. So
//! `STATE/dirs` says whether there are any: `some` or `none` on the first line, on the second the variables
//! that say where profiles are, then the files and directories that were read. The shell asks dctx again
//! when that is not `none`, was written for other variables, or is older than one of those files.

mod real;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{CONFIG, LAYERS, Store, config_file, layers};
use crate::env::{Dirs, Env};
use crate::profile::Profile;

pub use self::real::learn;

/// The file.
#[must_use]
pub fn file(state: &Path) -> PathBuf {
    state.join("dirs")
}

/// The variables that decide which profiles there are, as the shell's hook writes them too.
const VARIABLES: [&str; 3] = ["DCTX_CONFIG_DIR", "XDG_CONFIG_HOME", "DCTX_PATH"];

/// A file that was changed less than this ago may change again without a sign: shells that compare times
/// in whole seconds would not see it.
const SETTLED: Duration = Duration::from_secs(2);

/// The profile that `here` belongs to, and which of its directories that is: the innermost. Both as written and with all
/// links resolved, as far as that is remembered ([`learn`]): no path is looked at that does not lead to `here`, because
/// it may be on a file server that does not answer.
#[must_use]
pub fn owner<'s>(
    env: &Env,
    store: &'s Store,
    here: &Path,
    home: Option<&Path>,
) -> Option<(&'s Profile, PathBuf)> {
    let real = here.canonicalize().ok();
    let real_home = home.and_then(|home| home.canonicalize().ok());
    let state = env.dirs().ok().map(|dirs| dirs.state);
    let remembered = state.as_deref().map(real::Real::load).unwrap_or_default();
    let profiles = store.entries.iter().filter_map(|entry| entry.profile.as_ref().ok());
    let mut best: Option<(&Profile, PathBuf)> = None;
    for profile in profiles {
        for written in &profile.dirs {
            let Some(dir) = absolute(written, profile, home) else { continue };
            let real_dir = absolute(written, profile, real_home.as_deref());
            let within = |dir: &Path| {
                here.starts_with(dir) || real.as_ref().is_some_and(|real| real.starts_with(dir))
            };
            let linked = || {
                remembered.of(&dir).is_some_and(|was| {
                    within(was) && dir.canonicalize().is_ok_and(|dir| within(&dir))
                })
            };
            // `..` is the directory above where no link is before it, which is looked at only where that fits.
            let above = || {
                lexical(&dir).is_some_and(|short| {
                    within(&short) && dir.canonicalize().is_ok_and(|dir| within(&dir))
                })
            };
            let inside =
                within(&dir) || real_dir.is_some_and(|dir| within(&dir)) || above() || linked();
            let longer = |(_, other): &(&Profile, PathBuf)| {
                dir.components().count() > other.components().count()
            };
            if inside && best.as_ref().is_none_or(longer) {
                best = Some((profile, dir));
            }
        }
    }
    if let (Some((_, dir)), Some(state)) = (&best, &state)
        && here.starts_with(dir)
    {
        real::entered(state, remembered, dir);
    }
    best
}

/// A directory as a profile writes it: `~` is the home directory, and what is relative stands beside the
/// file that says it.
fn absolute(dir: &str, profile: &Profile, home: Option<&Path>) -> Option<PathBuf> {
    let path = match dir.strip_prefix('~') {
        Some("") => home?.to_path_buf(),
        Some(rest) => home?.join(rest.strip_prefix('/')?),
        None => profile.origin.path.parent()?.join(dir),
    };
    // Without `.` and a slash at the end; `..` stays, for it may lead through a link.
    Some(path.components().collect())
}

/// A path without its `..`, as if no link were in it; `None` where it has none.
fn lexical(path: &Path) -> Option<PathBuf> {
    use std::path::Component;
    let mut out = PathBuf::new();
    let mut any = false;
    for part in path.components() {
        match part {
            Component::ParentDir => {
                any = true;
                out.pop();
            }
            part => out.push(part),
        }
    }
    any.then_some(out)
}

/// Writes the note for `store`, read a moment ago. Not being able to only costs processes.
pub fn note(env: &Env, dirs: &Dirs, store: &Store) {
    let any = store
        .entries
        .iter()
        .any(|entry| entry.profile.as_ref().map_or(true, |profile| !profile.dirs.is_empty()));
    let variables = VARIABLES.map(|name| env.get(name).unwrap_or_default()).join("|".as_ref());
    let sources = sources(env, dirs);
    let lines: Vec<OsString> = [OsString::from(if any { "some" } else { "none" }), variables]
        .into_iter()
        .chain(sources.iter().map(|path| path.clone().into_os_string()))
        .collect();
    let breaks = |line: &OsString| line.as_encoded_bytes().contains(&b'\n');
    if lines.iter().any(breaks) {
        // Lines could not be told apart: without the note, dctx is asked each time.
        let _ = fs::remove_file(file(&dirs.state));
        return;
    }
    let mut text = Vec::new();
    for line in &lines {
        text.extend_from_slice(line.as_encoded_bytes());
        text.push(b'\n');
    }
    let newest = sources.iter().filter_map(|path| fs::metadata(path).ok()?.modified().ok()).max();
    let Some(newest) = newest else { return };
    let settled = SystemTime::now().duration_since(newest).is_ok_and(|age| age > SETTLED);
    // As old as what it was made from, so that whatever changes after that is newer.
    let time = if settled { newest } else { newest - SETTLED };
    if let Ok(note) = super::state::put(&file(&dirs.state), &text) {
        let _ = note.set_modified(time);
    }
}

/// Everything that a profile could be read from, and the directories where such a file could appear.
fn sources(env: &Env, dirs: &Dirs) -> Vec<PathBuf> {
    let mut out = vec![dirs.config.join(CONFIG), dirs.config.clone(), dirs.config.join(LAYERS)];
    // Behind links is where it really changes.
    out.extend(config_file(dirs).canonicalize());
    match env.filled("DCTX_PATH") {
        Some(list) => out
            .extend(std::env::split_paths(&list).filter_map(|path| std::path::absolute(path).ok())),
        None => out.push(PathBuf::from(super::SYSTEM_LAYERS)),
    }
    for path in layers(env, dirs) {
        out.extend(path.parent().map(Path::to_path_buf));
        out.push(path);
    }
    // What is not there yet shows in the directory that it would be made in.
    let there = out
        .into_iter()
        .filter_map(|path| path.ancestors().find(|path| path.exists()).map(Path::to_path_buf));
    let mut out: Vec<PathBuf> = there.collect();
    out.sort();
    out.dedup();
    out
}
