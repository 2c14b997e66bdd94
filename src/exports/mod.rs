//! What a command wants to change in the shell: an ordered list of variables to set or unset.
//!
//! This is the heart of dctx, and pure data: no shell syntax, no input or output. A command works out
//! the [`Exports`]; only an emitter of [`crate::shell`] turns them into text.

mod dir;
mod former;
mod plan;
mod saved;
mod scopes;

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};

pub use dir::{Before, DirChange, DirMark};
pub use former::{Dropped, Formers, Kept, Values};
pub use plan::{Plan, ResetInput, UseInput, for_reset, for_use};
pub use saved::{Saved, destination_of};
pub use scopes::{Leaving, Shell, Standing};

/// The name of an environment variable: `[A-Za-z_][A-Za-z0-9_]*`, so it needs no quoting in any shell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Var(Cow<'static, str>);

impl Var {
    /// A name known when dctx is built.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A name that came from outside; `None` unless it is `[A-Za-z_][A-Za-z0-9_]*` (POSIX "Name").
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut bytes = name.bytes();
        let head = bytes.next()?;
        let ok = (head.is_ascii_alphabetic() || head == b'_')
            && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_');
        ok.then(|| Self(Cow::Owned(name.to_owned())))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How far a change reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// This shell and what it starts.
    Session,
    /// Every shell of this user, running or started later (fish's universal variables).
    Universal,
}

/// One change of one variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The variable is exported with exactly this value.
    Set(OsString),
    /// The variable does not exist afterwards.
    Unset,
    /// This shell has no value of its own afterwards: where there is a universal one, it shows. The same
    /// as `Unset` in a shell that has no universal variables.
    Uncover,
}

/// One line of [`Exports`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Which variable.
    pub var: Var,
    /// What becomes of it.
    pub change: Change,
    /// In which scope; shells that know no universal variables take every scope as their session.
    pub scope: Scope,
}

/// An ordered list of changes; each variable occurs at most once in each scope.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exports(Vec<Export>);

impl Exports {
    /// An empty list.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// States that `var` has `value` afterwards; a later statement about a variable replaces an earlier one.
    pub fn set(&mut self, var: Var, value: impl Into<OsString>, scope: Scope) {
        self.put(Export { var, change: Change::Set(value.into()), scope });
    }

    /// States that `var` does not exist afterwards.
    pub fn unset(&mut self, var: Var, scope: Scope) {
        self.put(Export { var, change: Change::Unset, scope });
    }

    /// States that this shell has no value of its own for `var` afterwards.
    pub fn uncover(&mut self, var: Var) {
        self.put(Export { var, change: Change::Uncover, scope: Scope::Session });
    }

    /// States of `var`, which is stated to be set, that it does not exist afterwards.
    pub fn withdraw(&mut self, var: &Var) {
        for export in self.0.iter_mut().filter(|export| export.var == *var) {
            if matches!(export.change, Change::Set(_)) {
                export.change = Change::Unset;
            }
        }
    }

    /// The same for a shell that knows no scopes: of each variable, what is said last.
    #[must_use]
    pub fn flat(self) -> Self {
        let mut out = Self::new();
        for export in self.0 {
            out.0.retain(|earlier| earlier.var != export.var);
            out.0.push(export);
        }
        out
    }

    /// Adds the changes of `later`, which come after these.
    pub fn extend(&mut self, later: Self) {
        later.0.into_iter().for_each(|export| self.put(export));
    }

    fn put(&mut self, export: Export) {
        // What is stated for every shell is stated for this one, too; its own value comes after that.
        let done = |old: &Export| export.scope == Scope::Universal || old.scope == Scope::Session;
        self.0.retain(|old| old.var != export.var || !done(old));
        self.0.push(export);
    }

    /// The changes in order.
    pub fn iter(&self) -> impl Iterator<Item = &Export> {
        self.0.iter()
    }

    /// Whether nothing is to be changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What becomes of `name`, where the list says anything about it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Change> {
        self.0.iter().rev().find(|e| e.var.as_str() == name).map(|e| &e.change)
    }

    /// The value `name` is set to, if it is set.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&OsStr> {
        match self.get(name)? {
            Change::Set(value) => Some(value),
            Change::Unset | Change::Uncover => None,
        }
    }
}

/// The variables that choose docker's endpoint; `use` states every one of them, set or unset, so that
/// nothing of a former host is left (docker/cli `cli/flags/options.go`, moby `client/envvars.go`).
pub const ENDPOINT: [Var; 7] = [
    Var::new("DOCKER_HOST"),
    Var::new("DOCKER_TLS_VERIFY"),
    Var::new("DOCKER_TLS"),
    Var::new("DOCKER_CERT_PATH"),
    Var::new("DOCKER_CONTEXT"),
    Var::new("DOCKER_API_VERSION"),
    Var::new("DOCKER_MACHINE_NAME"),
];

/// dctx's own variables: the active profile, the one before it, what was there before the first `use`,
/// and when a timed use ends.
pub const OWN: [Var; 4] = [
    Var::new("DCTX_PROFILE"),
    Var::new("DCTX_PREVIOUS"),
    Var::new("DCTX_SAVED"),
    Var::new("DCTX_EXPIRES"),
];

/// In fish: what this shell had of its own before a choice for every shell took its place.
pub const BEFORE: Var = Var::new("DCTX_BEFORE");

/// Inside a directory that belongs to a profile: that, and what was before (see [`DirMark`]).
pub const DIR: Var = Var::new("DCTX_DIR");
