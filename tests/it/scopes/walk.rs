//! The states of two shells, each a few numbers: what a shell has of its own and what is for every shell are kept once, and
//! what a step does to a shell is worked out once for each pair of these.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

use dctx::exports::{BEFORE, DIR, DirMark, OWN, Standing, Var};

use super::rules::{everywhere, is_at, is_local, is_note};
use crate::support::scopes::{LOCAL, One, STEPS, Step, Vars, World, certs_of, is_managed, known};

/// The number of something that is kept in a [`Pool`].
pub(super) type Id = u32;

const NONE: Id = Id::MAX;

/// Each value once, found by its bytes.
#[derive(Debug)]
struct Pool<T> {
    all: Vec<T>,
    ids: HashMap<Vec<u8>, Id>,
}

impl<T> Pool<T> {
    fn id(&mut self, key: Vec<u8>, value: T) -> Id {
        let (all, next) = (&mut self.all, self.ids.len());
        *self.ids.entry(key).or_insert_with(|| {
            all.push(value);
            Id::try_from(next).unwrap()
        })
    }
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self { all: Vec::new(), ids: HashMap::new() }
    }
}

/// The bytes of variables and a word; no value of the model's has a byte that is zero.
fn key(vars: &Vars, word: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    for (var, value) in vars {
        for part in [var.as_str().as_bytes(), value.as_encoded_bytes()] {
            out.extend_from_slice(part);
            out.push(0);
        }
    }
    out.extend_from_slice(word.as_bytes());
    out
}

/// What is for every shell: fish's universal variables, and the file of the others.
type Shared = (Vars, Option<&'static str>, bool);

/// A shell that is typed into, whether it is a sub-shell, and what is for every shell.
type Seat = (Id, bool, Id);

/// A state of everything, and what the invariants have to remember of how it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// The number of the [`Seat`] of both shells.
    pub(super) seats: [Id; 2],
    /// The shell that the first one is a sub-shell of.
    pub(super) outer: Option<Id>,
    /// The first shell's seat when it entered the directory that it is in; `None` outside of one, or where it was
    /// started in it.
    pub(super) entered: Option<Id>,
    /// Whether the first shell had a local DOCKER_HOST of its own before anything was chosen.
    pub(super) own_local: bool,
}

/// Whose choice is in force in a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Nobody,
    Every,
    Session,
    Hidden,
    Stale,
}

/// What the invariants ask of a shell with what is for every shell.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) env: Vars,
    pub(super) host: Option<OsString>,
    /// The profile, all of whose variables are as it has them.
    pub(super) at: Option<&'static str>,
    pub(super) is_local: bool,
    pub(super) mark: Option<DirMark>,
    pub(super) whose: Whose,
    pub(super) own: Vars,
    pub(super) before: bool,
    pub(super) own_endpoint: bool,
    pub(super) inside: bool,
    pub(super) profile: Option<&'static str>,
    pub(super) previous: Option<&'static str>,
    /// What is chosen for every shell.
    pub(super) chosen: Option<&'static str>,
    /// The number of what is for every shell; a second choice of the same profile is another.
    pub(super) shared: Id,
    pub(super) managed: bool,
    pub(super) wrong: Option<&'static str>,
}

/// One kind of shell, with all that has been worked out about it.
#[derive(Default)]
pub(super) struct Walk {
    pub(super) fish: bool,
    shells: Pool<One>,
    shared: Pool<Shared>,
    seats: Vec<Seat>,
    seat_ids: HashMap<Seat, Id>,
    /// By seat.
    facts: Vec<Facts>,
    /// By seat, then by step: the shell after it, and what is for every shell then.
    acts: Vec<[(Id, Id); STEPS.len()]>,
    /// By seat: the one after its prompt.
    settled: Vec<Id>,
    /// By shell and what is for every shell: the same after it has heard of that.
    heard: HashMap<(Id, Id), Id>,
    /// How many steps of one shell were worked out.
    pub(super) worked_out: usize,
}

pub(super) fn home() -> &'static Path {
    Path::new("/home/me")
}

pub(super) fn filled(env: &Vars, name: &'static str) -> Option<OsString> {
    env.get(&Var::new(name)).filter(|value| !value.is_empty()).cloned()
}

impl Walk {
    pub(super) fn new(fish: bool) -> (Self, State) {
        let mut walk = Self { fish, ..Self::default() };
        let World { universal, file, odd, .. } = World::new(fish);
        let shared = walk.share((universal, file, odd));
        let shell = walk.shell(One::default());
        let seats = [walk.seat((shell, false, shared)); 2];
        (walk, State { seats, outer: None, entered: None, own_local: false })
    }

    fn shell(&mut self, one: One) -> Id {
        self.shells.id(key(&one.own, one.cwd), one)
    }

    fn share(&mut self, shared: Shared) -> Id {
        let word = format!("{:?}{}", shared.1, shared.2);
        self.shared.id(key(&shared.0, &word), shared)
    }

    fn seat(&mut self, seat: Seat) -> Id {
        if let Some(id) = self.seat_ids.get(&seat) {
            return *id;
        }
        let id = Id::try_from(self.seats.len()).unwrap();
        self.seat_ids.insert(seat, id);
        self.seats.push(seat);
        let facts = self.learn(seat);
        self.facts.push(facts);
        self.acts.push([(NONE, NONE); STEPS.len()]);
        self.settled.push(NONE);
        id
    }

    fn learn(&mut self, seat: Seat) -> Facts {
        let world = self.world_of(seat);
        let env = world.env(0);
        let own = world.top(0).own.clone();
        let name = |name| filled(&env, name).and_then(|name| known(&name));
        let standing = world.look(0, |here| here.standing());
        let is_managed_own =
            |(var, value): (&Var, &OsString)| is_managed(var) && !value.is_empty() && !is_note(var);
        let chosen = match world.fish {
            true => world.universal.get(&Var::new("DCTX_PROFILE")).and_then(|name| known(name)),
            false => world.file,
        };
        Facts {
            host: filled(&env, "DOCKER_HOST"),
            at: name("DCTX_PROFILE").filter(|name| is_at(&env, name)),
            is_local: is_local(&env),
            mark: env.get(&DIR).and_then(|text| DirMark::decode(text)),
            whose: match &standing {
                Standing::Follows(None) => Whose::Nobody,
                Standing::Follows(Some(_)) => Whose::Every,
                Standing::Session(_) => Whose::Session,
                Standing::Hidden => Whose::Hidden,
                Standing::Stale(_) => Whose::Stale,
            },
            own_endpoint: own.iter().any(is_managed_own),
            before: own.contains_key(&BEFORE),
            inside: seat.1,
            profile: name("DCTX_PROFILE"),
            previous: name("DCTX_PREVIOUS"),
            chosen,
            shared: seat.2,
            managed: world.universal.keys().any(is_managed),
            wrong: everywhere(&world, &env, &standing),
            own,
            env,
        }
    }

    fn world_of(&self, (shell, inside, shared): Seat) -> World {
        let (universal, file, odd) = self.shared.all[shared as usize].clone();
        let shell = self.shells.all[shell as usize].clone();
        // What waits for a sub-shell has no part in what that does.
        let shells = if inside { vec![One::default(), shell] } else { vec![shell] };
        World { fish: self.fish, universal, file, odd, shells: [shells, Vec::new()] }
    }

    /// The first shell of a state, in words.
    pub(super) fn world(&self, state: State) -> World {
        self.world_of(self.seats[state.seats[0] as usize])
    }

    /// What is known of one of the two shells.
    pub(super) fn facts(&self, state: State, who: usize) -> &Facts {
        self.at(state.seats[who])
    }

    pub(super) fn at(&self, seat: Id) -> &Facts {
        &self.facts[seat as usize]
    }

    fn act(&mut self, seat: Id, index: usize, step: Step) -> (Id, Id) {
        let done = self.acts[seat as usize][index];
        if done.0 != NONE {
            return done;
        }
        self.worked_out += 1;
        let at = self.seats[seat as usize];
        let (shell, shared) = match step {
            // These are about this shell alone, and need nothing of the others.
            Step::Cd(_) | Step::Set(_) | Step::Erase => {
                let one = self.shells.all[at.0 as usize].clone();
                let mut world = World { shells: [vec![one], Vec::new()], ..World::new(self.fish) };
                world.act(step, &certs_of(home()));
                (world.shells[0].pop().unwrap(), None)
            }
            _ => {
                let mut world = self.world_of(at);
                world.act(step, &certs_of(home()));
                let World { universal, file, odd, shells: [mut one, _], .. } = world;
                (one.pop().unwrap(), Some((universal, file, odd)))
            }
        };
        let done = (self.shell(shell), shared.map_or(at.2, |shared| self.share(shared)));
        self.acts[seat as usize][index] = done;
        done
    }

    /// The seat after the prompt.
    fn settle(&mut self, seat: Seat) -> Id {
        let id = self.seat(seat);
        let done = self.settled[id as usize];
        if done != NONE {
            return done;
        }
        let mut world = self.world_of(seat);
        world.prompt(0, home(), &certs_of(home()));
        let shell = self.shell(world.top(0).clone());
        let done = self.seat((shell, seat.1, seat.2));
        self.settled[id as usize] = done;
        done
    }

    /// What becomes of a shell that hears of what is for every shell now.
    fn hear(&mut self, shell: Id, shared: Id) -> Id {
        if let Some(done) = self.heard.get(&(shell, shared)) {
            return *done;
        }
        let mut world = self.world_of((shell, false, shared));
        world.tell();
        let done = self.shell(world.top(0).clone());
        self.heard.insert((shell, shared), done);
        done
    }

    /// Whether the choice for every fish is another one.
    fn is_told(&self, [before, after]: [Id; 2]) -> bool {
        let [_, _, saved, _] = OWN;
        let [before, after] = [before, after].map(|id| self.shared.all[id as usize].0.get(&saved));
        self.fish && before != after
    }

    /// The state after a step, the one of this index in [`STEPS`].
    pub(super) fn next(&mut self, state: State, index: usize) -> State {
        let step = STEPS[index];
        // The same in the other shell.
        let (who, same) = match step {
            Step::Other(name, flag) => (1, Step::Use(name, flag)),
            Step::OtherReset(flag) => (1, Step::Reset(flag)),
            step => (0, step),
        };
        let seats = state.seats.map(|seat| self.seats[seat as usize]);
        let (shell, inside, shared_before) = seats[who];
        let mut outer = state.outer;
        let (moved, inside, shared) = match (step, outer) {
            (Step::Out, Some(waits)) => {
                outer = None;
                (waits, false, shared_before)
            }
            _ => {
                let (moved, shared) = self.act(state.seats[who], index, same);
                let inside = match step {
                    Step::In => {
                        outer = outer.or(Some(shell));
                        true
                    }
                    Step::New | Step::Stale(_) => {
                        outer = None;
                        false
                    }
                    _ => inside,
                };
                (moved, inside, shared)
            }
        };
        let mut still = seats[1 - who].0;
        if self.is_told([shared_before, shared]) {
            still = self.hear(still, shared);
            outer = outer.map(|outer| self.hear(outer, shared));
        }
        let still = (still, seats[1 - who].1, shared);
        let moved = (moved, inside, shared);
        let all = if who == 0 { [moved, still] } else { [still, moved] };
        let seats = all.map(|seat| self.settle(seat));
        let (before, after) = (self.facts(state, 0), self.at(seats[0]));
        let (was, is) = (before.mark.is_some(), after.mark.is_some());
        let started =
            matches!(step, Step::New | Step::Nested | Step::Stale(_) | Step::In | Step::Out);
        let entered = match (was, is) {
            _ if started => None,
            (false, true) => Some(state.seats[0]),
            (true, true) => state.entered,
            (_, false) => None,
        };
        let own_local = match step {
            Step::Set(LOCAL) => before.own_is_first(),
            Step::Set(_) | Step::Erase | Step::New | Step::Stale(_) | Step::In | Step::Out => false,
            _ => state.own_local,
        };
        State { seats, outer, entered, own_local }
    }
}

impl Facts {
    /// Whether a value that is set by hand now is this shell's own from before anything was chosen.
    fn own_is_first(&self) -> bool {
        let nothing = self.whose == Whose::Nobody && self.chosen.is_none();
        nothing && self.mark.is_none() && !self.inside && !self.before
    }
}
