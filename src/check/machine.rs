//! This machine and this shell: what is there, what is left over, and what would lead docker astray. No network.
//!
//! What the store, the shell and docker's contexts say is handed in as data. Nothing here fails for what it cannot
//! find: a failure is something that docker itself fails on.

mod advice;
mod docker_machine;
mod environment;
pub mod note;
mod others;
pub mod programs;
pub mod proxy;
mod words;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::finding::{Finding, Level, What};
use super::note::Note as Said;
use crate::env::{Env, tilde};
use crate::exports::Var;
use crate::interop::docker::Contexts;
use note::Note;

/// What is known before this machine is looked at.
pub struct Machine<'a> {
    /// The environment of the shell.
    pub env: &'a Env,
    /// The shell at work.
    pub shell: Shell,
    /// fish's universal variables; empty in other shells.
    pub universal: &'a BTreeMap<Var, OsString>,
    /// Where profiles live.
    pub store: Store,
    /// Where docker goes from here.
    pub way: Way,
    /// docker's contexts.
    pub contexts: &'a Contexts,
    /// The line that takes a variable away in the shell at work.
    pub unset: &'a dyn Fn(&str) -> String,
    /// The line that sets one; `None` where the shell cannot be given that value.
    pub set: &'a dyn Fn(&str, &str) -> Option<String>,
}

/// The shell at work.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    /// Its name; empty where none was found.
    pub name: String,
    /// Whether the hook is there.
    pub hooked: bool,
    /// What to put into its start-up file.
    pub init: Option<String>,
    /// Whether nothing but `$SHELL` tells.
    pub guessed: bool,
    /// What the hook was in, what is there now, and which line of a start-up file did that, where the hook was lost.
    pub lost: Option<Lost>,
}

/// How the hook was lost.
#[derive(Debug, Clone, Default)]
pub struct Lost {
    /// PROMPT_COMMAND, precmd_functions, PS1.
    pub var: String,
    /// What is there now, where the shell tells.
    pub now: String,
    /// The start-up file, and the line that assigned it.
    pub by: Option<(PathBuf, usize)>,
}

/// Where profiles live.
#[derive(Debug, Clone, Default)]
pub struct Store {
    /// The user's own file.
    pub file: PathBuf,
    /// Whether it could be read: only then does the rest mean anything.
    pub read: bool,
    /// How many profiles there are.
    pub profiles: usize,
    /// The names of those that are not valid.
    pub broken: Vec<String>,
    /// How many profiles others of the same name hide.
    pub shadowed: usize,
    /// Whether a profile needs ssh.
    pub ssh: bool,
}

/// Where docker goes from here, and why.
#[derive(Debug, Clone, Default)]
pub struct Way {
    /// The profile whose variables are in force.
    pub profile: Option<String>,
    /// Whether fish's global variables hide universal ones on purpose, by a `use` of this session.
    pub session: bool,
    /// The profile that was used and whose variables have been changed since.
    pub changed_since: Option<String>,
    /// DOCKER_HOST as docker reads it.
    pub endpoint: Option<String>,
}

impl Machine<'_> {
    /// Everything there is to say, in the order in which docker meets it.
    #[must_use]
    pub fn look(&self) -> Vec<Finding> {
        let mut out = Out::default();
        programs::look(self, &mut out);
        self.store(&mut out);
        self.shell(&mut out);
        environment::look(self, &mut out);
        others::look(self, &mut out);
        proxy::look(self, &mut out);
        out.0
    }

    fn store(&self, out: &mut Out) {
        let store = &self.store;
        let file = tilde(&store.file, self.env.home().as_deref());
        let mode = mode(&store.file);
        if store.read && store.profiles == 0 && mode.is_none() {
            out.ok("store", Note::NoProfiles { file: file.clone() });
        } else if store.read {
            let (profiles, shadowed) = (store.profiles, store.shadowed);
            out.ok("store", Note::Store { file: file.clone(), profiles, mode, shadowed });
        }
        // Where it was refused for that, that has been said.
        if let Some(mode) = mode.filter(|mode| store.read && mode & 0o022 != 0) {
            out.warn("store", Note::StoreOpen { path: store.file.clone(), mode });
        }
        if !store.broken.is_empty() {
            out.warn("store", Note::Broken { names: store.broken.clone() });
        }
        if let Some(user) = self.env.text("SUDO_USER").filter(|user| user != "root" && is_root()) {
            out.warn("store", Note::Sudo { user, file });
        }
    }

    fn shell(&self, out: &mut Out) {
        let Shell { name, hooked, init, guessed, lost } = self.shell.clone();
        let again = init.clone();
        match name.is_empty() {
            true => out.warn("shell", Note::NoShell),
            false if lost.is_some() => {}
            false => out.ok("shell", Note::Shell { name, hooked, init, guessed }),
        }
        if let Some(Lost { var, now, by }) = lost {
            out.warn("shell", Note::HookLost { var, now, by, init: again });
        }
    }

    /// A variable as text, whatever bytes it holds; `None` where it is not set.
    fn var(&self, name: &str) -> Option<String> {
        self.env.get(name).map(|value| value.to_string_lossy().into_owned())
    }

    /// The same, where empty counts as not set.
    fn filled(&self, name: &str) -> Option<String> {
        self.var(name).filter(|value| !value.is_empty())
    }
}

/// What has been found so far.
#[derive(Debug, Default)]
struct Out(Vec<Finding>);

impl Out {
    fn ok(&mut self, topic: &'static str, note: Note) {
        self.0.push(Finding::ok(topic, Said::Machine(note)));
    }

    fn warn(&mut self, topic: &'static str, note: Note) {
        self.0.push(Finding::note(topic, Said::Machine(note)));
    }

    fn fail(&mut self, topic: &'static str, note: Note) {
        let what = What::Note(Said::Machine(note));
        self.0.push(Finding { level: Level::Fail, topic, what });
    }

    fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).ok().map(|meta| meta.permissions().mode())
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
