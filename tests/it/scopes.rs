//! The scopes by a model: every sequence of steps, in memory, in fish and in a shell of one layer. After each step
//! the invariants below hold. Two sequences that lead to the same state go on as one, so all of them are walked.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::Path;
use std::thread;

use dctx::exports::{BEFORE, DIR, DirMark, ENDPOINT, OWN, Standing, Var};

use crate::support::scopes::{
    LOCAL, REMOTE, STEPS, Step, Vars, World, certs_of, destination, is_managed,
};

/// How many steps.
const LENGTH: usize = 4;

/// A state of everything, and what the invariants have to remember of how it came about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    world: World,
    /// What the first shell had of its own when it entered the directory that it is in, and what was chosen for every
    /// shell then; `None` outside of one, or where it was started in it.
    entered: Option<(Vars, Option<&'static str>)>,
    /// Whether the first shell had a local DOCKER_HOST of its own before anything was chosen.
    own_local: bool,
}

const PREVIOUS: &str = "DCTX_PREVIOUS";

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

fn is_at(env: &Vars, name: &str) -> bool {
    let home = Path::new("/home/me");
    let to = destination(name, &certs_of(home));
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

fn mark(env: &Vars) -> Option<DirMark> {
    env.get(&DIR).and_then(|text| DirMark::decode(text))
}

/// What a shell has of its own, without dctx's notes and without what only hides.
fn essence(own: &Vars) -> Vars {
    let [_, previous, saved, _] = OWN;
    let notes = [previous, saved, BEFORE, DIR];
    let plain = own.iter().filter(|(var, value)| !notes.contains(var) && !value.is_empty());
    plain.map(|(var, value)| (var.clone(), value.clone())).collect()
}

impl State {
    fn next(&self, step: Step) -> Self {
        let home = Path::new("/home/me");
        let mut world = self.world.clone();
        world.step(step, home, &certs_of(home));
        let (was, is) = (mark(&self.world.env(0)).is_some(), mark(&world.env(0)).is_some());
        let started = matches!(step, Step::New | Step::Nested | Step::Stale | Step::In | Step::Out);
        let entered = match (was, is) {
            _ if started => None,
            (false, true) => Some((self.world.top(0).own.clone(), chosen(&self.world))),
            (true, true) => self.entered.clone(),
            (_, false) => None,
        };
        let untouched = self
            .world
            .look(0, |here| here.standing() == Standing::Follows(None) && !here.has_choice());
        let own_local = match step {
            Step::Set(LOCAL) => {
                untouched
                    && !was
                    && self.world.shells[0].len() == 1
                    && !self.world.env(0).contains_key(&BEFORE)
            }
            Step::Set(_) | Step::Erase | Step::New | Step::Stale | Step::In | Step::Out => false,
            _ => self.own_local,
        };
        Self { world, entered, own_local }
    }
}

/// What is chosen for every shell.
fn chosen(world: &World) -> Option<&'static str> {
    if !world.fish {
        return world.file;
    }
    let name = world.universal.get(&Var::new("DCTX_PROFILE"))?;
    crate::support::scopes::PROFILES.into_iter().find(|known| *known == name)
}

/// What has to hold after a step; what does not, in words.
fn broken(before: &State, step: Step, after: &State) -> Option<&'static str> {
    let (old, new) = (&before.world, &after.world);
    let (was, is) = (old.env(0), new.env(0));
    let fish = new.fish;
    let inside = old.shells[0].len() > 1;
    let standing = |world: &World, who| world.look(who, |here| here.standing());

    // use leads to the profile, all of it, and a choice for every shell reaches every shell that has none of its own
    if let Step::Use(name, flag) | Step::Other(name, flag) = step {
        let who = usize::from(matches!(step, Step::Other(..)));
        if !is_at(&new.env(who), name) {
            return Some("use does not lead to its profile");
        }
        let every = match flag {
            "-U" => true,
            "" => fish && name != "prod" && !(inside && who == 0),
            _ => false,
        };
        if every {
            let own = |world: &World| essence(&world.top(1 - who).own);
            let follows = matches!(standing(old, 1 - who), Standing::Follows(_))
                && mark(&old.env(1 - who)).is_none()
                && (!fish || own(old).keys().all(|var| !is_managed(var)));
            if follows && !is_at(&new.env(1 - who), name) {
                return Some("a choice for every shell does not reach one that follows");
            }
            if chosen(new) != Some(name) {
                return Some("a choice for every shell is not kept");
            }
        } else if chosen(new) != chosen(old) {
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
        Step::Cd(_)
        | Step::Set(_)
        | Step::Erase
        | Step::In
        | Step::Out
        | Step::New
        | Step::Nested
        | Step::Stale => true,
        Step::Other(..) | Step::OtherReset(_) => false,
    };
    if session_only
        && (&old.universal, &old.shells[1], old.file) != (&new.universal, &new.shells[1], new.file)
    {
        return Some("what one session does changes another");
    }
    if let Step::Back = step {
        let previous = filled(&was, PREVIOUS).filter(|name| name != "prod");
        match previous {
            Some(name) if !is_at(&is, name.to_str().unwrap()) => {
                return Some("use - does not lead to the host before this one");
            }
            None if was != is => return Some("use - with no host before this one does something"),
            _ => {}
        }
    }
    // reset returns to local docker, gives back what was the shell's own, remembers the host, and is idempotent
    if let Step::Reset(flag) | Step::OtherReset(flag) = step {
        let who = usize::from(matches!(step, Step::OtherReset(_)));
        let env = new.env(who);
        if !is_local(&env) {
            return Some("reset does not return to local docker");
        }
        if flag == "-U" && (chosen(new).is_some() || new.universal.keys().any(is_managed)) {
            return Some("reset -U leaves something chosen for every shell");
        }
        if filled(&old.env(who), "DCTX_PROFILE")
            .is_some_and(|left| filled(&env, PREVIOUS) != Some(left))
        {
            return Some("reset does not remember the host that was left");
        }
        let mut again = after.next(step).world;
        again.odd = new.odd;
        if again != *new {
            return Some("a second reset changes something");
        }
        let reaches = who == 0 || matches!(standing(old, 0), Standing::Follows(_));
        let revokes = chosen(new).is_none() && mark(&was).is_none();
        if before.own_local
            && (who == 0 || (reaches && revokes))
            && place(&is)[0].as_deref() != Some(LOCAL.as_ref())
        {
            return Some("reset does not give back what was the shell's own");
        }
    }
    // leaving a directory gives back what was before it
    let left = mark(&was).filter(|_| step == Step::Cd("") && mark(&is).is_none());
    if let (Some(mark), Some((own, every))) = (left, &before.entered) {
        let [profile, _, saved, _] = OWN;
        let now = &new.top(0).own;
        let same = essence(own) == essence(now);
        let follows_file = !fish
            && own.get(&saved).is_none_or(|text| text.as_encoded_bytes().starts_with(b"u1,#"));
        let protected = own.get(&profile).is_some_and(|name| name == "prod");
        let changed = chosen(new) != *every;
        let excused =
            mark.nowhere || protected || (changed && (follows_file || own.contains_key(&BEFORE)));
        if !same && !excused {
            return Some("leaving a directory does not give back what was before it");
        }
        if mark.nowhere && essence(&old.top(0).own) != essence(now) {
            return Some("leaving a directory that led nowhere changes something");
        }
    }
    // no directory leads to a protected profile
    if matches!(step, Step::Cd(_)) && is_at(&is, "prod") && !is_at(&was, "prod") {
        return Some("a directory leads to a protected profile");
    }
    if let Step::Cd("live") = step {
        let switched = mark(&was).is_some_and(|mark| !mark.by_hand);
        if switched
            && (is_at(&is, "lab") || is_at(&is, "tls"))
            && before.entered.as_ref().is_some_and(|(own, every)| {
                own.is_empty() && every.is_none() && chosen(new).is_none()
            })
        {
            return Some("a directory that leads nowhere keeps the former one's profile");
        }
    }
    everywhere(new)
}

/// What holds at any time.
fn everywhere(world: &World) -> Option<&'static str> {
    let [profile, _, saved, _] = OWN;
    for one in world.shells.iter().filter_map(|shells| shells.last()) {
        for (var, value) in &one.own {
            let hides = world.universal.contains_key(var)
                || (!world.fish && *var == saved && world.file.is_some());
            if value.is_empty() && is_managed(var) && !hides {
                return Some("an empty variable hides nothing");
            }
        }
    }
    for who in [0, 1] {
        let env = world.env(who);
        if matches!(world.look(who, |here| here.standing()), Standing::Stale(_)) {
            continue;
        }
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
        if !of_profile
            && ENDPOINT[1..4].iter().any(|var| env.get(var).is_some_and(|value| !value.is_empty()))
        {
            return Some("TLS variables are left over");
        }
    }
    None
}

/// Walks all sequences; what was found, with the steps that lead there.
fn walk(fish: bool) -> (Vec<String>, String) {
    let start = State { world: World::new(fish), entered: None, own_local: false };
    let mut level: HashMap<State, (u64, Vec<u8>)> = HashMap::from([(start, (1, Vec::new()))]);
    let (mut found, mut said) = (Vec::new(), HashSet::new());
    let mut seen: HashSet<State> = HashSet::new();
    let (mut sequences, mut transitions, mut states) = (0_u64, 0_u64, 1_usize);
    let mut cache: HashMap<State, Vec<State>> = HashMap::new();
    for depth in 1..=LENGTH {
        let mut next: HashMap<State, (u64, Vec<u8>)> = HashMap::new();
        for (state, (count, path)) in level {
            if !cache.contains_key(&state) {
                let mut to = Vec::new();
                for (index, step) in STEPS.into_iter().enumerate() {
                    let after = state.next(step);
                    transitions += 1;
                    if let Some(what) = broken(&state, step, &after)
                        && said.insert(what)
                    {
                        let steps =
                            path.iter().map(|i| STEPS[usize::from(*i)]).chain([STEPS[index]]);
                        let steps: Vec<String> = steps.map(|step| format!("{step:?}")).collect();
                        found.push(format!(
                            "fish {fish}: {what}:\n  {}\n  from {:?}\n  to {:?}",
                            steps.join(", "),
                            state.world,
                            after.world
                        ));
                    }
                    to.push(after);
                }
                cache.insert(state.clone(), to);
            }
            for (index, after) in cache[&state].iter().enumerate() {
                sequences += u64::from(depth == LENGTH) * count;
                let entry = next.entry(after.clone()).or_insert_with(|| {
                    let mut path = path.clone();
                    path.push(u8::try_from(index).unwrap());
                    (0, path)
                });
                entry.0 += count;
            }
            seen.insert(state);
        }
        states = seen.len() + next.keys().filter(|state| !seen.contains(*state)).count();
        level = next;
    }
    let kind = if fish { "fish" } else { "one layer" };
    (
        found,
        format!(
            "{kind}: {sequences} sequences of {LENGTH} steps, {states} states, {transitions} transitions"
        ),
    )
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
