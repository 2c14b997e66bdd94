//! The scopes by a model: every sequence of LENGTH steps, in memory, in fish and in a shell of one layer. After each step
//! the invariants below hold. Two sequences that lead to the same state go on as one, so all of them are walked.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::hash::Hash;
use std::path::Path;
use std::thread;

use dctx::exports::{BEFORE, DIR, DirMark, OWN, Standing, Var};

use crate::support::scopes::{
    LOCAL, One, PROFILES, REMOTE, STEPS, Step, Vars, World, certs_of, destination, is_managed,
};

/// How many steps. Five find two corners of fish that are open: a shell whose DOCKER_HOST was erased by hand while the same
/// profile is in force for it and for every shell, and an empty DCTX_PREVIOUS in a sub-shell after another shell's `reset -U`.
const LENGTH: usize = 4;

/// A shell with those that it is a sub-shell of, what is for every shell, or what was before a directory: a number.
type Id = u32;

/// A state of everything, and what the invariants have to remember of how it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    shells: [Id; 2],
    shared: Id,
    /// What the first shell had of its own when it entered the directory that it is in, and what was chosen for every
    /// shell then; `None` outside of one, or where it was started in it.
    entered: Option<(Id, Id)>,
    /// Whether the first shell had a local DOCKER_HOST of its own before anything was chosen.
    own_local: bool,
}

/// What is for every shell: fish's universal variables, and the file of the others.
type Shared = (Vars, Option<&'static str>, bool);

/// Each value once.
#[derive(Debug)]
struct Pool<T> {
    all: Vec<T>,
    ids: HashMap<T, Id>,
}

impl<T: Clone + Eq + Hash> Pool<T> {
    fn id(&mut self, value: &T) -> Id {
        if let Some(id) = self.ids.get(value) {
            return *id;
        }
        let id = Id::try_from(self.all.len()).unwrap();
        self.all.push(value.clone());
        self.ids.insert(value.clone(), id);
        id
    }
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self { all: Vec::new(), ids: HashMap::new() }
    }
}

/// What the invariants ask of one shell.
#[derive(Debug)]
struct Facts {
    env: Vars,
    host: Option<OsString>,
    /// The profile, all of whose variables are as it has them.
    at: Option<&'static str>,
    is_local: bool,
    mark: Option<DirMark>,
    standing: Standing,
    own: Vars,
    essence: Vars,
    inside: bool,
    profile: Option<OsString>,
    previous: Option<OsString>,
    wrong: Option<&'static str>,
}

/// One kind of shell, with all that has been worked out about it: what a step does to one shell hangs on that shell and
/// on what is shared alone.
struct Walk {
    fish: bool,
    shells: Pool<Vec<One>>,
    shared: Pool<Shared>,
    acts: HashMap<(Id, Id, Step), (Id, Id)>,
    settled: HashMap<(Id, Id), Id>,
    facts: HashMap<(Id, Id), Facts>,
}

fn filled(env: &Vars, name: &'static str) -> Option<OsString> {
    env.get(&Var::new(name)).filter(|value| !value.is_empty()).cloned()
}

/// Host, TLS and certificates, as docker takes them.
fn place(env: &Vars) -> Vec<Option<OsString>> {
    ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_TLS", "DOCKER_CERT_PATH", "DOCKER_CONTEXT"]
        .into_iter()
        .map(|name| filled(env, name))
        .collect()
}

fn home() -> &'static Path {
    Path::new("/home/me")
}

fn is_at(env: &Vars, name: &str) -> bool {
    let to = destination(name, &certs_of(home()));
    let tls = to.cert_dir.is_some().then(|| OsString::from("1"));
    let wanted = [Some(to.host.into()), tls, None, to.cert_dir.map(Into::into), None];
    place(env) == wanted && filled(env, "DCTX_PROFILE").is_some_and(|profile| profile == name)
}

fn is_local(env: &Vars) -> bool {
    let [host, verify, tls, _, context] = &place(env)[..] else { unreachable!() };
    host.as_ref().is_none_or(|host| host == LOCAL)
        && [verify, tls, context].iter().all(|value| value.is_none())
        && filled(env, "DCTX_PROFILE").is_none()
}

/// What a shell has of its own, without dctx's notes and without what only hides.
fn essence(own: &Vars) -> Vars {
    let [_, previous, saved, _] = OWN;
    let notes = [previous, saved, BEFORE, DIR];
    let plain = own.iter().filter(|(var, value)| !notes.contains(var) && !value.is_empty());
    plain.map(|(var, value)| (var.clone(), value.clone())).collect()
}

impl Walk {
    fn new(fish: bool) -> Self {
        Self {
            fish,
            shells: Pool::default(),
            shared: Pool::default(),
            acts: HashMap::new(),
            settled: HashMap::new(),
            facts: HashMap::new(),
        }
    }

    fn world(&self, shell: Id, shared: Id) -> World {
        let (universal, file, odd) = self.shared.all[shared as usize].clone();
        let shells = [self.shells.all[shell as usize].clone(), Vec::new()];
        World { fish: self.fish, universal, file, odd, shells }
    }

    fn start(&mut self) -> State {
        let World { universal, file, odd, shells: [one, other], .. } = World::new(self.fish);
        let shells = [self.shells.id(&one), self.shells.id(&other)];
        let shared = self.shared.id(&(universal, file, odd));
        State { shells, shared, entered: None, own_local: false }
    }

    fn act(&mut self, shell: Id, shared: Id, step: Step) -> (Id, Id) {
        if let Some(done) = self.acts.get(&(shell, shared, step)) {
            return *done;
        }
        let mut world = self.world(shell, shared);
        world.act(step, &certs_of(home()));
        let World { universal, file, odd, shells: [one, _], .. } = world;
        let done = (self.shells.id(&one), self.shared.id(&(universal, file, odd)));
        self.acts.insert((shell, shared, step), done);
        done
    }

    fn settle(&mut self, shell: Id, shared: Id) -> Id {
        if let Some(done) = self.settled.get(&(shell, shared)) {
            return *done;
        }
        let mut world = self.world(shell, shared);
        world.settle(0, home(), &certs_of(home()));
        let done = self.shells.id(&world.shells[0]);
        self.settled.insert((shell, shared), done);
        done
    }

    fn learn(&mut self, shell: Id, shared: Id) {
        if self.facts.contains_key(&(shell, shared)) {
            return;
        }
        let world = self.world(shell, shared);
        let env = world.env(0);
        let own = world.top(0).own.clone();
        let facts = Facts {
            host: filled(&env, "DOCKER_HOST"),
            at: PROFILES.into_iter().find(|name| is_at(&env, name)),
            is_local: is_local(&env),
            mark: env.get(&DIR).and_then(|text| DirMark::decode(text)),
            standing: world.look(0, |here| here.standing()),
            essence: essence(&own),
            inside: world.shells[0].len() > 1,
            profile: filled(&env, "DCTX_PROFILE"),
            previous: filled(&env, "DCTX_PREVIOUS"),
            wrong: everywhere(&world),
            own,
            env,
        };
        self.facts.insert((shell, shared), facts);
    }

    /// What is chosen for every shell.
    fn chosen(&self, shared: Id) -> Option<&'static str> {
        let (universal, file, _) = &self.shared.all[shared as usize];
        if !self.fish {
            return *file;
        }
        let name = universal.get(&Var::new("DCTX_PROFILE"))?;
        PROFILES.into_iter().find(|known| *known == name)
    }

    fn next(&mut self, state: State, step: Step) -> State {
        let State { shells: [one, other], shared, .. } = state;
        let ((one, shared), other) = match step {
            // The same in the other shell.
            Step::Other(name, flag) => {
                let (other, shared) = self.act(other, shared, Step::Use(name, flag));
                ((one, shared), other)
            }
            Step::OtherReset(flag) => {
                let (other, shared) = self.act(other, shared, Step::Reset(flag));
                ((one, shared), other)
            }
            step => (self.act(one, shared, step), other),
        };
        let shells = [self.settle(one, shared), self.settle(other, shared)];
        for shell in shells {
            self.learn(shell, shared);
        }
        self.learn(state.shells[0], state.shared);
        self.learn(state.shells[1], state.shared);
        let before = &self.facts[&(state.shells[0], state.shared)];
        let (was, is) = (before.mark.is_some(), self.facts[&(shells[0], shared)].mark.is_some());
        let started = matches!(step, Step::New | Step::Nested | Step::Stale | Step::In | Step::Out);
        let entered = match (was, is) {
            _ if started => None,
            (false, true) => Some((state.shells[0], state.shared)),
            (true, true) => state.entered,
            (_, false) => None,
        };
        let own_local = match step {
            Step::Set(LOCAL) => {
                before.standing == Standing::Follows(None)
                    && self.chosen(state.shared).is_none()
                    && !was
                    && !before.inside
                    && !before.env.contains_key(&BEFORE)
            }
            Step::Set(_) | Step::Erase | Step::New | Step::Stale | Step::In | Step::Out => false,
            _ => state.own_local,
        };
        State { shells, shared, entered, own_local }
    }

    /// What has to hold after a step; what does not, in words.
    fn broken(&mut self, before: State, step: Step, after: State) -> Option<&'static str> {
        let again =
            matches!(step, Step::Reset(_) | Step::OtherReset(_)).then(|| self.next(after, step));
        let facts = |state: State, who: usize| &self.facts[&(state.shells[who], state.shared)];
        let (was, is) = (facts(before, 0), facts(after, 0));
        let (every_was, every_is) = (self.chosen(before.shared), self.chosen(after.shared));
        let fish = self.fish;
        let inside = was.inside;

        // use leads to the profile, all of it, and a choice for every shell reaches every shell with none of its own
        if let Step::Use(name, flag) | Step::Other(name, flag) = step {
            let who = usize::from(matches!(step, Step::Other(..)));
            if facts(after, who).at != Some(name) {
                return Some("use does not lead to its profile");
            }
            let every = match flag {
                "-U" => true,
                "" => fish && name != "prod" && !(inside && who == 0),
                _ => false,
            };
            let other = facts(before, 1 - who);
            let follows = matches!(other.standing, Standing::Follows(_))
                && other.mark.is_none()
                && (!fish || other.essence.keys().all(|var| !is_managed(var)));
            if every && follows && facts(after, 1 - who).at != Some(name) {
                return Some("a choice for every shell does not reach one that follows");
            }
            if every && every_is != Some(name) {
                return Some("a choice for every shell is not kept");
            }
            if !every && every_is != every_was {
                return Some("a choice for one session became one for every shell");
            }
        }
        // what one session does changes no other
        let session_only = match step {
            Step::Use(name, flag) => {
                flag == "--session" || (flag.is_empty() && (!fish || inside || name == "prod"))
            }
            Step::Reset(flag) => flag == "--session" || (flag.is_empty() && (!fish || inside)),
            Step::Back => !fish || inside,
            Step::Other(..) | Step::OtherReset(_) => false,
            _ => true,
        };
        if session_only && (before.shells[1], before.shared) != (after.shells[1], after.shared) {
            return Some("what one session does changes another");
        }
        if step == Step::Back {
            match was.previous.as_ref().filter(|name| *name != "prod") {
                Some(name) if is.at.is_none_or(|at| name != at) => {
                    return Some("use - does not lead to the host before this one");
                }
                None if was.env != is.env => {
                    return Some("use - with no host before this one does something");
                }
                _ => {}
            }
        }
        // reset returns to local docker, gives back the shell's own, remembers the host, and is idempotent
        if let Step::Reset(flag) | Step::OtherReset(flag) = step {
            let who = usize::from(matches!(step, Step::OtherReset(_)));
            let now = facts(after, who);
            if !now.is_local {
                return Some("reset does not return to local docker");
            }
            let left = self.shared.all[after.shared as usize].0.keys().any(is_managed);
            if flag == "-U" && (every_is.is_some() || left) {
                return Some("reset -U leaves something chosen for every shell");
            }
            let host = &facts(before, who).profile;
            if host.is_some() && now.previous != *host {
                return Some("reset does not remember the host that was left");
            }
            if again
                .is_some_and(|again| (again.shells, again.shared) != (after.shells, after.shared))
            {
                return Some("a second reset changes something");
            }
            let reaches = matches!(was.standing, Standing::Follows(_))
                && was.mark.is_none()
                && every_is.is_none();
            if before.own_local
                && (who == 0 || reaches)
                && is.host.as_deref() != Some(LOCAL.as_ref())
            {
                return Some("reset does not give back what was the shell's own");
            }
        }
        // leaving a directory gives back what was before it
        let left = was.mark.as_ref().filter(|_| step == Step::Cd("") && is.mark.is_none());
        if let (Some(mark), Some((shell, shared))) = (left, before.entered) {
            let [_, _, saved, _] = OWN;
            let then = &self.facts[&(shell, shared)];
            let token = |text: &OsString| text.as_encoded_bytes().starts_with(b"u1,#");
            let follows_file = !fish && then.own.get(&saved).is_none_or(token);
            let protected = then.profile.as_ref().is_some_and(|name| name == "prod");
            let changed = every_is != self.chosen(shared);
            let excused = mark.nowhere
                || protected
                || (changed && (follows_file || then.own.contains_key(&BEFORE)));
            if then.essence != is.essence && !excused {
                return Some("leaving a directory does not give back what was before it");
            }
            if mark.nowhere && was.essence != is.essence {
                return Some("leaving a directory that led nowhere changes something");
            }
        }
        // no directory leads to a protected profile, and one that leads nowhere leaves the former one first
        if matches!(step, Step::Cd(_)) && is.at == Some("prod") && was.at != Some("prod") {
            return Some("a directory leads to a protected profile");
        }
        let switched = was.mark.as_ref().is_some_and(|mark| !mark.by_hand);
        if let (Step::Cd("live"), true, Some((shell, shared))) = (step, switched, before.entered) {
            let then = &self.facts[&(shell, shared)];
            if then.own.is_empty()
                && self.chosen(shared).is_none()
                && every_is.is_none()
                && is.profile.is_some()
            {
                return Some("a directory that leads nowhere keeps the former one's profile");
            }
        }
        is.wrong.or(facts(after, 1).wrong)
    }
}

/// What holds at any time.
fn everywhere(world: &World) -> Option<&'static str> {
    let [profile, _, saved, _] = OWN;
    for (var, value) in &world.top(0).own {
        let hides = world.universal.contains_key(var)
            || (!world.fish && *var == saved && world.file.is_some());
        if value.is_empty() && is_managed(var) && !hides {
            return Some("an empty variable hides nothing");
        }
    }
    if matches!(world.look(0, |here| here.standing()), Standing::Stale(_)) {
        return None;
    }
    let env = world.env(0);
    let lab = env.get(&profile).is_some_and(|name| name == "lab");
    if lab != filled(&env, "BUILDX_BUILDER").is_some() {
        return Some("what a profile brings along does not come and go with it");
    }
    // by hand or by a profile: nothing else sends docker anywhere
    let host = filled(&env, "DOCKER_HOST");
    let known = [REMOTE, LOCAL].iter().any(|value| host.as_deref() == Some(value.as_ref()));
    let of_profile = filled(&env, "DCTX_PROFILE").is_some();
    if host.is_some() && !known && !of_profile {
        return Some("docker goes to a profile's host and nothing says so");
    }
    let tls = ["DOCKER_TLS_VERIFY", "DOCKER_TLS", "DOCKER_CERT_PATH"];
    if !of_profile && tls.into_iter().any(|name| filled(&env, name).is_some()) {
        return Some("TLS variables are left over");
    }
    None
}

/// Walks all sequences; what was found, with the steps that lead there, and the counts.
fn walk(fish: bool) -> (Vec<String>, String) {
    let mut walk = Walk::new(fish);
    let start = walk.start();
    let mut paths: HashMap<State, Vec<Step>> = HashMap::from([(start, Vec::new())]);
    let mut reached: HashMap<State, Vec<State>> = HashMap::new();
    let mut level: HashMap<State, u64> = HashMap::from([(start, 1)]);
    let (mut found, mut said) = (Vec::new(), BTreeSet::new());
    let mut transitions = 0_u64;
    for _ in 0..LENGTH {
        let mut next: HashMap<State, u64> = HashMap::new();
        for (state, count) in level {
            if let Entry::Vacant(unknown) = reached.entry(state) {
                let mut all = Vec::with_capacity(STEPS.len());
                for step in STEPS {
                    let after = walk.next(state, step);
                    transitions += 1;
                    let path = [&paths[&state][..], &[step]].concat();
                    paths.entry(after).or_insert_with(|| path.clone());
                    if let Some(what) = walk.broken(state, step, after)
                        && said.insert(what)
                    {
                        let [from, to] =
                            [state, after].map(|at| walk.world(at.shells[0], at.shared));
                        let steps = path;
                        found.push(format!(
                            "fish {fish}: {what}:\n  {steps:?}\n  from {from:?}\n  to {to:?}"
                        ));
                    }
                    all.push(after);
                }
                unknown.insert(all);
            }
            for after in &reached[&state] {
                *next.entry(*after).or_insert(0) += count;
            }
        }
        level = next;
    }
    let sequences: u64 = level.values().sum();
    let (states, kind) = (paths.len(), if fish { "fish" } else { "one layer" });
    let counts = format!(
        "{kind}: {sequences} sequences of {LENGTH} steps, {states} states, {transitions} transitions checked"
    );
    (found, counts)
}

#[test]
fn every_sequence_keeps_the_invariants() {
    let walks = thread::scope(|scope| {
        [true, false].map(|fish| scope.spawn(move || walk(fish))).map(|walk| walk.join().unwrap())
    });
    let mut all = Vec::new();
    for (found, counts) in walks {
        println!("{counts}");
        all.extend(found);
    }
    assert!(all.is_empty(), "{}", all.join("\n\n"));
}
