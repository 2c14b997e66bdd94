//! The scopes as one state machine: what is this shell's own, what is chosen for every shell, and what
//! was there before either.
//!
//! | standing | this shell's own variables | `use` | `use -U` | `reset` | `reset -U` |
//! |---|---|---|---|---|---|
//! | follows | what a person set; in fish, where a choice for every shell is in force, DCTX_BEFORE has what that took the place of | session | follows | hidden where there is a choice for every shell, else follows | follows |
//! | session | a profile's; DCTX_SAVED (`s1…`) has what was before | session | follows | as above | follows |
//! | hidden | DCTX_SAVED is empty: local docker, whatever is chosen for every shell | session | follows | hidden | follows |
//!
//! fish keeps the choice for every shell in universal variables, which a variable of the shell's own hides,
//! one by one. The other shells have one layer: there the choice for every shell is in a file, and a shell
//! that follows it has that choice's values as its own, with its token in DCTX_SAVED (`u1,#=…`).
//!
//! Beside that, DCTX_DIR says that this shell is in a directory that belongs to a profile, and what its own
//! variables were before ([`Before`]). A sub-shell is a session with an environment of its own.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use super::former::{self, Formers, Kept, is_managed};
use super::plan::NO_PROXY;
use super::{
    BEFORE, Before, Change, DIR, DirMark, ENDPOINT, Exports, OWN, Saved, Scope, Values, Var,
};
use crate::env::Env;
use crate::profile::ENV_NAMES;
use crate::profile::destination::Destination;

/// A shell, as far as it matters to where docker goes from it.
#[derive(Debug, Clone)]
pub struct Shell<'a> {
    /// What a program started from it sees.
    pub env: &'a Env,
    /// fish's universal variables; `None` for a shell that has none.
    pub universal: Option<&'a Values>,
    /// Whether there is a choice for every shell that this one would follow, where that is kept in a file.
    pub choice: bool,
}

/// Whose choice is in force in this shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nobody's, or what was chosen for every shell; with what that one saved, where the shell has one
    /// layer of variables.
    Follows(Option<Saved>),
    /// Local docker, by a `reset` of this session that hides the choice for every shell.
    Hidden,
    /// A person's or a directory's, for this session; `None` if DCTX_SAVED cannot be read.
    Session(Option<Saved>),
    /// In fish: nobody's, behind copies of an earlier choice for every shell, which came with the
    /// environment.
    Stale(Saved),
}

/// What becomes of a shell that leaves a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaving {
    /// Its variables are these again.
    Values(Exports),
    /// It goes to a profile again, until then; or to local docker, if that may not be gone to any more.
    Profile {
        /// The profile's name.
        name: String,
        /// When its use ends, in seconds since 1970.
        expires: Option<u64>,
    },
}

const SAVED: &str = "DCTX_SAVED";

const MACHINE_NAME: Var = Var::new("DOCKER_MACHINE_NAME");

/// The hook puts a question mark behind that name where what `use` set is no longer in force.
fn as_it_was_set(value: OsString) -> OsString {
    match value.to_str().and_then(|text| text.strip_suffix('?')) {
        Some(name) => name.into(),
        None => value,
    }
}

/// Whether it is one of the variables that every choice states, and that a choice for a session hides in fish.
/// The same list stands in `prompt.fish`.
fn is_of_choice(var: &Var) -> bool {
    let [profile, _, _, expires] = OWN;
    ENDPOINT.contains(var) || *var == profile || *var == expires
}

/// Whether that text of DCTX_SAVED is of a choice for one session.
fn says_session(text: &OsStr) -> bool {
    text.as_encoded_bytes().starts_with(b"s1,")
}

impl<'a> Shell<'a> {
    /// A shell of one layer, with no choice for every shell.
    #[must_use]
    pub const fn plain(env: &'a Env) -> Self {
        Self { env, universal: None, choice: false }
    }

    /// The value of this shell's own. fish does not import a variable that equals a universal one
    /// (fish-shell PR 6218), so that one is not the shell's own; but what is chosen for a session hides every
    /// universal variable of a choice, an equal one as well.
    #[must_use]
    pub fn own(&self, var: &Var) -> Option<OsString> {
        let value = self.env.get(var.as_str())?;
        let value = if *var == MACHINE_NAME { as_it_was_set(value) } else { value };
        let universal = self.universal.and_then(|universal| universal.get(var));
        (universal != Some(&value) || (is_of_choice(var) && self.is_session())).then_some(value)
    }

    /// Whether DCTX_SAVED says that something is chosen for this session alone.
    fn is_session(&self) -> bool {
        self.own(&Var::new(SAVED)).is_some_and(|text| says_session(&text))
    }

    /// Whose choice is in force.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let Some(text) = self.own(&Var::new(SAVED)) else { return Standing::Follows(None) };
        if text.is_empty() {
            return Standing::Hidden;
        }
        match Saved::decode(&text) {
            Some(saved) if saved.scope == Scope::Session => Standing::Session(Some(saved)),
            // Copies of universal variables, in the shell that has these, are old. What another kind of
            // shell has for every one of its kind is one session's here.
            Some(saved) if self.universal.is_some() && saved.token.is_none() => {
                Standing::Stale(saved)
            }
            Some(saved) if self.universal.is_none() && saved.token.is_some() => {
                Standing::Follows(Some(saved))
            }
            saved => Standing::Session(saved),
        }
    }

    /// What the choice for every shell saved, where fish has one.
    #[must_use]
    pub fn universal_saved(&self) -> Option<Saved> {
        let text = self.universal?.get(&Var::new(SAVED)).filter(|text| !text.is_empty())?;
        Some(Saved::decode(text).unwrap_or(Saved::nothing(Scope::Universal)))
    }

    /// Whether something is chosen for every shell, which a `reset` of this session has to hide.
    #[must_use]
    pub fn has_choice(&self) -> bool {
        self.choice || self.universal_saved().is_some()
    }

    /// What the variables in `names` are in the layer of `scope`.
    fn layer(&self, var: &Var, scope: Scope) -> Option<OsString> {
        match (scope, self.universal) {
            (Scope::Universal, Some(universal)) => universal.get(var).cloned(),
            _ => self.own(var),
        }
    }

    /// The same, to be kept. An empty one in fish that hides a universal one is none.
    pub(super) fn kept(&self, var: &Var, scope: Scope) -> Kept {
        let hides = |value: &OsString| {
            scope == Scope::Session && value.is_empty() && self.is_universal(var)
        };
        self.layer(var, scope).filter(|value| !hides(value)).into()
    }

    fn is_universal(&self, var: &Var) -> bool {
        self.universal.is_some_and(|universal| universal.contains_key(var))
    }

    /// What this shell had of its own before anything was chosen.
    pub(super) fn former(&self) -> Saved {
        let mut out = Saved::nothing(Scope::Session);
        match self.standing() {
            Standing::Session(Some(saved)) | Standing::Follows(Some(saved)) => {
                out.proxy_host.clone_from(&saved.proxy_host);
                out.former = saved.former;
                // A choice for every fish, in another shell: what that fish had of its own.
                if saved.scope == Scope::Universal {
                    out.former.extend(self.replaced());
                }
            }
            Standing::Session(None) => {}
            // What that profile brought along is a copy, too.
            Standing::Stale(saved) => {
                let extra = saved.former.into_keys().filter(|var| !is_managed(var));
                out.former = extra.map(|var| (var, Kept::Unset)).collect();
            }
            Standing::Hidden => {
                let hides = |value: &OsString| self.universal.is_some() && value.is_empty();
                out.former = self.set(&ENDPOINT, |value| !hides(value));
            }
            Standing::Follows(None) => {
                out.former = self.replaced();
                out.former.extend(self.set(&ENDPOINT, |_| true));
            }
        }
        out
    }

    /// What a `use` of `to` leaves unset, of what the profile before had taken the place of: values that were too long to
    /// be kept.
    #[must_use]
    pub fn lost_to(&self, to: &Destination) -> Vec<Var> {
        let universal = self.universal_saved().map(|saved| saved.former).unwrap_or_default();
        let stays = |var: &Var| {
            ENDPOINT.contains(var) || NO_PROXY.contains(var) || to.env.contains_key(var.as_str())
        };
        let former = self.former().former.into_iter().chain(universal);
        let lost = former.filter(|(var, kept)| *kept == Kept::Lost && !stays(var));
        lost.map(|(var, _)| var).collect::<BTreeSet<Var>>().into_iter().collect()
    }

    /// What a choice for every shell took the place of, in fish.
    pub(super) fn replaced(&self) -> Formers {
        self.env.filled(BEFORE.as_str()).map(|text| former::decode(&text)).unwrap_or_default()
    }

    /// Those of this shell's own that are set.
    fn set<'v>(
        &self,
        vars: impl IntoIterator<Item = &'v Var>,
        which: impl Fn(&OsString) -> bool,
    ) -> Formers {
        let found = vars.into_iter().filter_map(|var| {
            let value = self.own(var).filter(&which)?;
            Some((var.clone(), Kept::Value(value)))
        });
        found.collect()
    }

    /// What is in force in this shell, to come back to when a directory is left.
    #[must_use]
    pub fn before(&self) -> Before {
        let as_chosen = |saved: &Saved| saved.is_in_force(&|name| self.env.get(name));
        let (standing, profile) = (self.standing(), self.env.text("DCTX_PROFILE"));
        match (&standing, profile) {
            (Standing::Session(Some(saved)), Some(name)) if as_chosen(saved) => {
                let expires = self.env.text("DCTX_EXPIRES").and_then(|at| at.parse().ok());
                return Before::Profile { name, expires };
            }
            // What it follows then is taken up again; its own values are those from before.
            (Standing::Follows(Some(saved)), _) if as_chosen(saved) => {
                let own = saved.former.iter().filter(|(var, _)| ENDPOINT.contains(var));
                let own: Formers = own.map(|(var, kept)| (var.clone(), kept.clone())).collect();
                return if own.is_empty() { Before::Follows } else { Before::Own(own) };
            }
            _ => {}
        }
        let [_, previous, ..] = OWN;
        let mut vars: BTreeSet<Var> = ENDPOINT.into_iter().chain(OWN).chain([BEFORE]).collect();
        if let Standing::Session(Some(saved)) | Standing::Follows(Some(saved)) = &standing {
            vars.extend(saved.former.keys().cloned());
        }
        // The host before this one stays what it is.
        vars.remove(&previous);
        match self.set(&vars, |_| true) {
            own if own.is_empty() => Before::Follows,
            own => Before::Own(own),
        }
    }

    /// Makes this shell's own variables what they were before a directory was entered; a variable that
    /// the choice for every shell has come to since shows, or is hidden where this session has its own.
    #[must_use]
    pub fn back_to(&self, before: &Formers) -> Exports {
        let [_, previous, saved_var, _] = OWN;
        let was_saved = match before.get(&saved_var) {
            Some(Kept::Value(text)) => Some(text),
            _ => None,
        };
        // Local docker by a reset of the session, with nothing more to hide, is local docker by itself.
        let is_over = was_saved.is_some_and(|text| text.is_empty()) && !self.has_to_hide();
        let hides = was_saved.is_some_and(|text| text.is_empty() || says_session(text)) && !is_over;
        let mut out = Exports::new();
        let mut vars: BTreeSet<Var> = ENDPOINT.into_iter().chain(OWN).chain([BEFORE]).collect();
        vars.remove(&previous);
        let former = self.former().former;
        vars.extend(before.keys().cloned());
        vars.extend(former.keys().cloned());
        if let Standing::Stale(saved) = self.standing() {
            vars.extend(saved.former.into_keys());
        }
        // What the profile that is chosen for every fish brings along.
        let extra: Formers = self.universal_saved().map(|saved| saved.former).unwrap_or_default();
        let extra: BTreeSet<Var> = extra.into_keys().filter(|var| !is_managed(var)).collect();
        vars.extend(extra.iter().cloned());
        // Empty ones of such a session have nothing to hide, either.
        let is_left = |var: &Var, value: &OsString| {
            (is_over || hides) && value.is_empty() && is_of_choice(var) && !self.is_universal(var)
        };
        for var in vars {
            let was = match before.get(&var) {
                Some(_) if is_over && var == saved_var => None,
                Some(Kept::Value(value)) if is_left(&var, value) => None,
                None if !is_managed(&var) => former.get(&var),
                was => was,
            };
            match was {
                Some(Kept::Value(value)) => out.set(var, value.clone(), Scope::Session),
                // A person's own.
                None if !is_managed(&var) && self.own(&var).is_some_and(|own| !own.is_empty()) => {}
                _ if hides && (is_managed(&var) || extra.contains(&var)) => {
                    out.unset(var, Scope::Session);
                }
                _ => out.uncover(var),
            }
        }
        out
    }

    /// Whether a `reset` of this session hides something: a choice for every shell, or in fish any universal
    /// variable that chooses the endpoint.
    fn has_to_hide(&self) -> bool {
        match self.universal {
            Some(universal) => universal.keys().any(is_managed),
            None => self.choice,
        }
    }

    /// How far a `use` reaches of which nothing is said: as this kind of shell has it (`default`), but a
    /// protected profile reaches no other shell, and what is chosen in a sub-shell (`inside`) stays there.
    #[must_use]
    pub const fn scope_of_use(default: Scope, protected: bool, inside: bool) -> Scope {
        if protected || inside { Scope::Session } else { default }
    }

    /// How far a `reset` reaches of which nothing is said: in fish it revokes what is in force, for every shell
    /// unless this session has its own. Elsewhere the choice for every shell is revoked only by name: a person
    /// who types `reset` in one of many terminals means that one. What is done in a sub-shell stays there.
    #[must_use]
    pub fn scope_of_reset(&self, inside: bool) -> Scope {
        if self.universal.is_none() || inside {
            return Scope::Session;
        }
        match self.standing() {
            Standing::Session(Some(_)) | Standing::Hidden => Scope::Session,
            Standing::Session(None) | Standing::Follows(_) | Standing::Stale(_) => Scope::Universal,
        }
    }

    /// What becomes of this shell when it leaves the directory of `mark`.
    #[must_use]
    pub fn leaving(&self, mark: &DirMark) -> Leaving {
        let mut out = Exports::new();
        out.unset(DIR, Scope::Session);
        match &mark.before {
            // Of a directory that led nowhere, whatever a person has set since stays.
            _ if mark.nowhere => {}
            before if self.before() == *before => {}
            Before::Profile { name, expires } => {
                return Leaving::Profile { name: name.clone(), expires: *expires };
            }
            Before::Own(values) => out.extend(self.back_to(values)),
            Before::Follows => out.extend(self.back_to(&Formers::new())),
        }
        Leaving::Values(out)
    }

    /// What ends by itself when another shell has revoked the choice for every shell: that a session hides it,
    /// and in fish copies of it that came with the environment, unless a person changed them.
    #[must_use]
    pub fn settled(&self) -> Exports {
        match self.standing() {
            Standing::Stale(saved) if saved.is_copied(&|name| self.own(&Var::new(name))) => {
                self.back_to(&Formers::new())
            }
            Standing::Hidden if self.universal.is_none() && !self.has_to_hide() => {
                let mut out = Exports::new();
                out.uncover(Var::new(SAVED));
                out
            }
            Standing::Hidden if !self.has_to_hide() => {
                let own = self.set(&ENDPOINT, |value| !value.is_empty());
                let mut out = self.back_to(&own);
                for name in ENV_NAMES {
                    if self.env.get(name).is_some_and(|value| value.is_empty()) {
                        out.uncover(Var::new(name));
                    }
                }
                out
            }
            _ => Exports::new(),
        }
    }

    /// Whether this fish has values of its own to come back, since another shell has revoked the choice that
    /// took their place.
    #[must_use]
    pub fn is_bereft(&self) -> bool {
        self.universal.is_some()
            && self.standing() == Standing::Follows(None)
            && self.universal_saved().is_none()
            && self.env.filled(BEFORE.as_str()).is_some()
    }

    /// What programs will see after `exports`, and fish's universal variables then.
    #[must_use]
    pub fn after(&self, exports: &Exports) -> (Env, Values) {
        let mut universal = self.universal.cloned().unwrap_or_default();
        let mut env = self.env.clone();
        for export in exports.iter() {
            let var = &export.var;
            let value = match (&export.change, export.scope, self.universal) {
                (Change::Set(value), Scope::Universal, Some(_)) => {
                    universal.insert(var.clone(), value.clone());
                    Some(value.clone())
                }
                (Change::Unset | Change::Uncover, Scope::Universal, Some(_)) => {
                    universal.remove(var);
                    None
                }
                (Change::Set(value), ..) => Some(value.clone()),
                (Change::Unset, ..) => universal.get(var).map(|_| OsString::new()),
                (Change::Uncover, ..) => universal.get(var).cloned(),
            };
            env = env.with([(var.as_str(), value)]);
        }
        (env, universal)
    }
}
