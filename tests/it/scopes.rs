//! The scopes by a model: every sequence of six steps, in memory, in fish and in a shell of one layer. After each step
//! the invariants of [`rules`] hold. Two sequences that lead to the same state go on as one, so all of them are walked.

mod rules;
mod walk;

use std::collections::{BTreeSet, HashMap};
use std::thread;

use crate::support::scopes::{STEPS, Step};
use rules::Taken;
use walk::{State, Walk};

/// How many steps.
const LENGTH: usize = 6;

/// States in the order in which they were reached, each with the one before it and the step from there.
struct Reached {
    states: Vec<(State, usize, usize)>,
    ids: HashMap<State, usize>,
}

impl Reached {
    fn path(&self, mut id: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        while id != 0 {
            let (_, before, index) = self.states[id];
            steps.push(STEPS[index]);
            id = before;
        }
        steps.reverse();
        steps
    }

    fn id(&mut self, state: State, before: usize, index: usize) -> usize {
        let (states, next) = (&mut self.states, self.ids.len());
        *self.ids.entry(state).or_insert_with(|| {
            states.push((state, before, index));
            next
        })
    }
}

/// Walks all sequences; what was found, with the steps that lead there, and the counts.
fn walk(fish: bool) -> (Vec<String>, String) {
    let (mut walk, start) = Walk::new(fish);
    let mut reached = Reached { states: Vec::new(), ids: HashMap::new() };
    reached.id(start, 0, 0);
    // where each step leads from each state, as far as that is known
    let mut known: Vec<[usize; STEPS.len()]> = Vec::new();
    // how many sequences lead to each state
    let mut level: HashMap<usize, u64> = HashMap::from([(0, 1)]);
    let (mut found, mut said) = (Vec::new(), BTreeSet::new());
    let (mut transitions, mut sequences) = (0_u64, 0);
    for length in 1..=LENGTH {
        let mut next: HashMap<usize, u64> = HashMap::new();
        let last = length == LENGTH;
        let mut at: Vec<_> = level.into_iter().collect();
        at.sort_unstable();
        let kinds = STEPS.iter().filter(|step| step.is_for(fish)).count() as u64;
        sequences = at.iter().map(|(_, count)| count * kinds).sum();
        for (id, count) in at {
            if id >= known.len() {
                // the states of a level come one after the other
                assert_eq!(id, known.len());
                let state = reached.states[id].0;
                let mut all = [0; STEPS.len()];
                for (index, step) in STEPS.into_iter().enumerate() {
                    all[index] = usize::MAX;
                    if !step.is_for(fish) {
                        continue;
                    }
                    let after = walk.next(state, index);
                    let again = match step {
                        Step::Reset(_) | Step::OtherReset(_) => walk.next(after, index),
                        _ => after,
                    };
                    transitions += 1;
                    let taken = Taken::new(&walk, step, [state, after, again]);
                    if let Err(what) = taken.judge()
                        && said.insert(what)
                    {
                        let mut steps = reached.path(id);
                        steps.push(step);
                        let [from, to] = [walk.world(state), walk.world(after)];
                        found.push(format!(
                            "fish {fish}: {what}:\n  {steps:?}\n  from {from:?}\n  to {to:?}"
                        ));
                    }
                    if !last {
                        all[index] = reached.id(after, id, index);
                    }
                }
                known.push(all);
            }
            if !last {
                for after in known[id].into_iter().filter(|after| *after != usize::MAX) {
                    *next.entry(after).or_insert(0) += count;
                }
            }
        }
        level = next;
    }
    let (states, kind) = (reached.states.len(), if fish { "fish" } else { "one layer" });
    let counts = format!(
        "{kind}: {sequences} sequences of {LENGTH} steps; {states} states, {transitions} transitions checked, {} steps of one \
         shell worked out",
        walk.worked_out
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
