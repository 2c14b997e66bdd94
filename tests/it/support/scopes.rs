//! Shells as far as the scopes are concerned: what each has of its own, what is for every shell, and what a step does
//! to them. What dctx says is worked out by the library; how a shell takes it is written down here: fish with a
//! universal variable below each of its own, the others with one layer and a file.

mod prompt;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use dctx::env::Env;
use dctx::exports::{
    BEFORE, Change, DIR, DirChange, ENDPOINT, Exports, OWN, ResetInput, Saved, Scope, Shell,
    UseInput, Values, Var, for_reset, for_use,
};
use dctx::profile::TlsMode;
use dctx::profile::destination::Destination;

/// Variables and their values.
pub(crate) type Vars = BTreeMap<Var, OsString>;

/// Where the profiles lead; `plain` has no TLS, `tls` has, `lab` brings a variable along, `prod` is protected.
pub(crate) const PROFILES: [&str; 4] = ["plain", "tls", "lab", "prod"];

/// The directories: of `lab`, of `tls`, and of `prod`, which leads nowhere.
pub(crate) const DIRS: [(&str, &str); 3] = [("one", "lab"), ("two", "tls"), ("live", "prod")];

/// What a person sets by hand.
pub(crate) const REMOTE: &str = "tcp://127.0.0.9:2375";
/// The same, on this machine.
pub(crate) const LOCAL: &str = "unix:///run/user/1000/docker.sock";

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// `dctx use NAME`, with its flag.
    Use(&'static str, &'static str),
    /// `dctx use -`.
    Back,
    /// `dctx reset`, with its flag.
    Reset(&'static str),
    /// `cd` into a directory of [`DIRS`], or home.
    Cd(&'static str),
    /// This shell ends, and one is started that inherits nothing.
    New,
    /// This shell ends, and one is started from it.
    Nested,
    /// This shell ends, and one is started by a program (such as tmux) that was started while `lab` was chosen for
    /// every shell (`every`), or in a shell that had chosen `plain` for itself (`session`).
    Stale(&'static str),
    /// `dctx use NAME` in the other shell, with its flag.
    Other(&'static str, &'static str),
    /// `dctx reset` in the other shell, with its flag.
    OtherReset(&'static str),
    /// DOCKER_HOST is set by hand.
    Set(&'static str),
    /// DOCKER_HOST is erased by hand, in fish the one of this shell's own.
    Erase,
    /// `dctx shell tls`.
    In,
    /// `exit`, in a sub-shell.
    Out,
}

/// Every step.
pub(crate) const STEPS: [Step; 24] = [
    Step::Use("plain", ""),
    Step::Use("tls", ""),
    Step::Use("plain", "--session"),
    Step::Use("tls", "-U"),
    Step::Use("prod", ""),
    Step::Back,
    Step::Reset(""),
    Step::Reset("-U"),
    Step::Reset("--session"),
    Step::Cd("one"),
    Step::Cd("two"),
    Step::Cd("live"),
    Step::Cd(""),
    Step::New,
    Step::Nested,
    Step::Stale("every"),
    Step::Stale("session"),
    Step::Other("lab", "-U"),
    Step::OtherReset("-U"),
    Step::Set(REMOTE),
    Step::Set(LOCAL),
    Step::Erase,
    Step::In,
    Step::Out,
];

impl Step {
    /// Whether a shell of this kind can do it, otherwise than another step already does.
    pub(crate) const fn is_for(self, fish: bool) -> bool {
        match self {
            // Without a flag, that is what `reset` and `use` do.
            Self::Reset(flag) | Self::Use(_, flag) => fish || !is_session_flag(flag),
            _ => true,
        }
    }
}

const fn is_session_flag(flag: &str) -> bool {
    matches!(flag.as_bytes(), b"--session")
}

/// A shell at its prompt.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct One {
    /// What it has of its own.
    pub(crate) own: Vars,
    /// Where it is.
    pub(crate) cwd: &'static str,
}

/// All of them, and what they share.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    /// Whether they are fish.
    pub(crate) fish: bool,
    /// fish's universal variables.
    pub(crate) universal: Vars,
    /// The profile that is chosen for every other shell, in a file.
    pub(crate) file: Option<&'static str>,
    /// Whether that was chosen anew an odd number of times: each choice has a token of its own.
    pub(crate) odd: bool,
    /// This shell, below it the shells that it is a sub-shell of; then the other.
    pub(crate) shells: [Vec<One>; 2],
}

/// The profile, as the library has it.
pub(crate) fn destination(name: &str, certs: &Path) -> Destination {
    let tls = name == "tls";
    let host = match name {
        "plain" => "tcp://127.0.0.2:2375",
        "tls" => "tcp://127.0.0.3:2376",
        "lab" => "tcp://127.0.0.4:2375",
        _ => "tcp://127.0.0.5:2375",
    };
    let env = match name {
        "lab" => BTreeMap::from([("BUILDX_BUILDER".to_owned(), "lab".to_owned())]),
        _ => BTreeMap::new(),
    };
    Destination {
        name: name.to_owned(),
        host: host.to_owned(),
        tls: if tls { TlsMode::Verify } else { TlsMode::Off },
        cert_dir: tls.then(|| certs.to_owned()),
        api_version: None,
        env,
        proxy_host: None,
        machine_name: true,
        protected: name == "prod",
        expires: None,
    }
}

pub(crate) fn known(name: &OsStr) -> Option<&'static str> {
    PROFILES.into_iter().find(|known| *known == name)
}

const INSIDE: Var = Var::new("DCTX_SUBSHELL");
const BUILDER: Var = Var::new("BUILDX_BUILDER");
const HOST: Var = Var::new("DOCKER_HOST");
const SAVED: Var = Var::new("DCTX_SAVED");

impl World {
    /// Two new shells.
    pub(crate) fn new(fish: bool) -> Self {
        let shells = [vec![One::default()], vec![One::default()]];
        Self { fish, universal: Vars::new(), file: None, odd: false, shells }
    }

    /// The one that is typed into.
    pub(crate) fn top(&self, who: usize) -> &One {
        self.shells[who].last().unwrap()
    }

    fn top_mut(&mut self, who: usize) -> &mut One {
        self.shells[who].last_mut().unwrap()
    }

    /// What a program that is started there sees.
    pub(crate) fn env(&self, who: usize) -> Vars {
        let mut all = if self.fish { self.universal.clone() } else { Vars::new() };
        all.extend(self.top(who).own.clone());
        all
    }

    fn token(&self) -> Option<String> {
        self.file.map(|name| format!("t{name}{}", u8::from(self.odd)))
    }

    /// Lets the library look at it.
    pub(crate) fn look<T>(&self, who: usize, ask: impl FnOnce(&Shell<'_>) -> T) -> T {
        let env =
            Env::of(self.env(who).into_iter().map(|(var, value)| (var.as_str().to_owned(), value)));
        let universal: Option<Values> = self.fish.then(|| self.universal.clone());
        ask(&Shell { env: &env, universal: universal.as_ref(), choice: self.file.is_some() })
    }

    /// Evaluates a script in a shell.
    fn evaluate(&mut self, who: usize, exports: &Exports) {
        let every = self.universal.get(&SAVED).cloned();
        for export in exports.iter() {
            let var = export.var.clone();
            let has_universal = self.fish && self.universal.contains_key(&var);
            match (&export.change, export.scope) {
                (Change::Set(value), Scope::Universal) if self.fish => {
                    self.top_mut(who).own.remove(&var);
                    self.universal.insert(var, value.clone());
                }
                (Change::Unset | Change::Uncover, Scope::Universal) if self.fish => {
                    self.top_mut(who).own.remove(&var);
                    self.universal.remove(&var);
                }
                (Change::Set(value), _) => drop(self.top_mut(who).own.insert(var, value.clone())),
                (Change::Unset, _) if has_universal => {
                    drop(self.top_mut(who).own.insert(var, OsString::new()));
                }
                (Change::Unset | Change::Uncover, _) => drop(self.top_mut(who).own.remove(&var)),
            }
        }
        // fish tells of a variable that was set, and every fish of a universal one that has changed
        if self.fish && exports.get(SAVED.as_str()).is_some() {
            hide(self.shells[who].last_mut().unwrap(), &self.universal);
        }
        if self.universal.get(&SAVED) != every.as_ref() {
            self.tell();
        }
    }

    /// Every fish hears that the choice for every shell has changed.
    pub(crate) fn tell(&mut self) {
        self.shells.iter_mut().flatten().for_each(|one| hide(one, &self.universal));
    }

    fn is_inside(&self, who: usize) -> bool {
        self.shells[who].len() > 1
    }

    /// `dctx use`.
    fn use_profile(&mut self, who: usize, name: &'static str, flag: &str, certs: &Path) {
        let to = destination(name, certs);
        let default = if self.fish { Scope::Universal } else { Scope::Session };
        let scope = match flag {
            "-U" => Scope::Universal,
            "--session" => Scope::Session,
            _ => Shell::scope_of_use(default, to.protected, self.is_inside(who)),
        };
        if scope == Scope::Universal && !self.fish {
            self.file = Some(name);
            self.odd = !self.odd;
        }
        let token = self.token().filter(|_| scope == Scope::Universal);
        let dir = &DirChange::ByHand;
        let exports = self.look(who, |here| {
            for_use(&UseInput { to: &to, here, scope, token: token.as_deref(), dir })
        });
        self.evaluate(who, &exports);
    }

    fn reset(&mut self, who: usize, scope: Option<Scope>, dir: &DirChange) {
        let inside = self.is_inside(who);
        let exports = self.look(who, |here| {
            let scope = scope.unwrap_or_else(|| here.scope_of_reset(inside));
            let choice = here.choice && scope == Scope::Session;
            let here = &Shell { choice, ..here.clone() };
            let context_is_local: &dyn Fn(&str) -> bool = &|_| false;
            for_reset(&ResetInput { here, scope, all: false, dir, context_is_local }).exports
        });
        if scope == Some(Scope::Universal) {
            self.file = None;
        }
        self.evaluate(who, &exports);
    }

    /// Does it; then both shells show their prompts.
    pub(crate) fn step(&mut self, step: Step, home: &Path, certs: &Path) {
        self.act(step, certs);
        for who in [0, 1] {
            self.prompt(who, home, certs);
        }
    }

    /// Does it, and nothing else.
    pub(crate) fn act(&mut self, step: Step, certs: &Path) {
        match step {
            Step::Use(name, flag) => self.use_profile(0, name, flag, certs),
            Step::Other(name, flag) => self.use_profile(1, name, flag, certs),
            Step::Back => {
                let env = self.env(0);
                let before = env.get(&Var::new("DCTX_PREVIOUS")).and_then(|name| known(name));
                if let Some(name) = before.filter(|name| *name != "prod") {
                    self.use_profile(0, name, "", certs);
                }
            }
            Step::Reset(flag) | Step::OtherReset(flag) => {
                let who = usize::from(matches!(step, Step::OtherReset(_)));
                let scope = match flag {
                    "-U" => Some(Scope::Universal),
                    "--session" => Some(Scope::Session),
                    _ => None,
                };
                self.reset(who, scope, &DirChange::ByHand);
            }
            Step::Cd(dir) => self.top_mut(0).cwd = dir,
            Step::New => self.shells[0] = vec![One::default()],
            Step::Nested => {
                *self.top_mut(0) = self.started(self.env(0), self.top(0).cwd);
            }
            Step::Stale(kind) => {
                self.shells[0] = vec![self.started(Self::older(self.fish, kind, certs), "")];
            }
            Step::Set(value) => drop(self.top_mut(0).own.insert(HOST, value.into())),
            Step::Erase => drop(self.top_mut(0).own.remove(&HOST)),
            Step::In if !self.is_inside(0) => {
                let to = destination("tls", certs);
                let dir = &DirChange::ByHand;
                let exports = self.look(0, |here| {
                    let here = &Shell { choice: false, ..here.clone() };
                    for_use(&UseInput { to: &to, here, scope: Scope::Session, token: None, dir })
                });
                let env = self.env(0);
                let cwd = self.top(0).cwd;
                let mut made =
                    World { shells: [vec![One { own: env, cwd }], vec![]], ..World::new(false) };
                made.evaluate(0, &exports);
                let mut own = made.shells[0].remove(0).own;
                own.insert(INSIDE, "tls".into());
                own.remove(&DIR);
                self.shells[0].push(self.started(own, cwd));
                // once more after its start-up files
                let mut exports = exports;
                exports.set(INSIDE, "tls", Scope::Session);
                exports.unset(DIR, Scope::Session);
                self.evaluate(0, &exports);
            }
            Step::Out if self.is_inside(0) => drop(self.shells[0].pop()),
            Step::In | Step::Out => {}
        }
    }

    /// What a shell had that followed an earlier choice for every shell, or that had a choice of its own.
    pub(crate) fn older(fish: bool, kind: &str, certs: &Path) -> Vars {
        let mut world = Self::new(fish);
        let (name, flag) = if kind == "every" { ("lab", "-U") } else { ("plain", "--session") };
        world.use_profile(0, name, flag, certs);
        world.env(0)
    }

    /// A shell that is started with that environment. fish does not import what equals a universal variable; its hook
    /// does, for what is chosen for a session, and hides the rest.
    fn started(&self, env: Vars, cwd: &'static str) -> One {
        let mut one = One { own: env, cwd };
        if self.fish {
            let is_universal = |var: &Var, value: &OsString| self.universal.get(var) == Some(value);
            if !one.own.get(&SAVED).is_some_and(|text| is_session(text) && !text.is_empty()) {
                one.own.retain(|var, value| !is_universal(var, value));
            }
            hide(&mut one, &self.universal);
        }
        one
    }
}

fn is_session(text: &OsStr) -> bool {
    text.is_empty() || text.as_encoded_bytes().starts_with(b"s1,")
}

/// What is chosen for this fish alone, or that nothing is, hides what is universal of a choice for every shell.
fn hide(one: &mut One, universal: &Vars) {
    let [profile, previous, _, expires] = OWN;
    let is_left = |one: &One, var: &Var| {
        !universal.contains_key(var) && one.own.get(var).is_some_and(|value| value.is_empty())
    };
    if is_left(one, &previous) {
        one.own.remove(&previous);
    }
    let Some(text) = one.own.get(&SAVED).filter(|text| is_session(text)) else { return };
    let extra = |text: &OsString| {
        let saved = Saved::decode(text).map(|saved| saved.former).unwrap_or_default();
        saved.into_keys().filter(|var| !is_managed(var))
    };
    let mut vars: BTreeSet<Var> = ENDPOINT.into_iter().chain([profile, expires]).collect();
    vars.extend(universal.get(&SAVED).into_iter().flat_map(extra));
    let noted: Vec<Var> = extra(text).chain([BUILDER]).collect();
    for var in &vars {
        if universal.contains_key(var) {
            one.own.entry(var.clone()).or_default();
        }
    }
    for var in vars.into_iter().chain(noted) {
        if is_left(one, &var) {
            one.own.remove(&var);
        }
    }
}

/// dctx's own variables and those that choose the endpoint.
pub(crate) fn is_managed(var: &Var) -> bool {
    ENDPOINT.contains(var) || OWN.contains(var) || *var == BEFORE || *var == DIR
}

/// A path that the model and real shells share.
pub(crate) fn certs_of(home: &Path) -> PathBuf {
    home.join("certs")
}

/// The value of a variable, as the model and a real shell can be compared: each choice for every shell has a token of its
/// own, in whichever variable it is kept, and the hook puts a question mark behind the name of a machine.
pub(crate) fn without_token(name: &str, value: &str) -> String {
    if name == "DOCKER_MACHINE_NAME" {
        return value.trim_end_matches('?').to_owned();
    }
    let (mut out, mut rest) = (String::new(), value);
    while let Some((at, mark)) =
        ["#=", "%23%3d"].into_iter().filter_map(|mark| Some((rest.find(mark)?, mark))).min()
    {
        out.push_str(&rest[..at + mark.len()]);
        rest = rest[at + mark.len()..].trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    }
    out + rest
}
