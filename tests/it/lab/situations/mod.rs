//! The table: each situation with the diagnosis that is right for it, and what docker says at that moment.

mod clients;
mod files;
mod local;
mod reach;
mod remote;
mod servers;

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use dctx::check::id::Id;

use super::scene::Scene;

/// What docker says.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Words {
    /// It fails, and one of these is in its words: each client, and each daemon, has its own. The oldest clients have not
    /// failed yet when packets are dropped.
    Any(&'static [&'static str]),
    /// It crashes, or should, with one of these.
    Crash(&'static [&'static str]),
    /// It does not end by itself, or only after the patience of most people.
    Hangs,
    /// It succeeds: what is wrong does not stop docker.
    Fine,
}

/// One situation.
#[derive(Debug)]
pub(crate) struct Row {
    /// What it is, in a few words.
    pub(crate) name: &'static str,
    /// What is wrong.
    pub(crate) id: Id,
    /// What docker says.
    pub(crate) words: Words,
    /// What `explain` may say who has these words and no profile, where they are those of several faults.
    pub(crate) alone: &'static [Id],
    /// Neither docker's words nor the files tell it, and `explain`, which asks nobody, does not either with the profile.
    pub(crate) untold: bool,
    /// docker's words are anybody's, so that `explain` does not know them.
    pub(crate) mute: bool,
    /// `check`, which asks no client, can only warn of it.
    pub(crate) warned: bool,
    /// Sets it up; None after a loud skip.
    pub(crate) scene: fn() -> Option<Scene>,
}

fn row(
    name: &'static str,
    id: Id,
    says: &'static [&'static str],
    scene: fn() -> Option<Scene>,
) -> Row {
    Row {
        name,
        id,
        words: Words::Any(says),
        alone: &[],
        untold: false,
        mute: false,
        warned: false,
        scene,
    }
}

impl Row {
    fn alone(mut self, ids: &'static [Id]) -> Self {
        self.alone = ids;
        self
    }

    fn untold(mut self) -> Self {
        self.untold = true;
        self
    }

    fn mute(mut self) -> Self {
        self.mute = true;
        self
    }

    fn warned(mut self) -> Self {
        self.warned = true;
        self
    }

    fn words(mut self, words: Words) -> Self {
        self.words = words;
        self
    }
}

/// All of them, those first that take longest.
pub(crate) fn all() -> Vec<Row> {
    let mut rows = reach::rows();
    rows.extend(remote::rows());
    rows.extend(servers::rows());
    rows.extend(clients::rows());
    rows.extend(files::rows());
    rows.extend(local::rows());
    rows
}

/// A directory of its own with another's certificates.
fn copy(from: &Path, to: PathBuf) -> PathBuf {
    DirBuilder::new().mode(0o700).create(&to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        // with its mode
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
    to
}
