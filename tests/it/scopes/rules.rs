//! What has to hold at any time, and after each step.

use std::ffi::OsString;

use dctx::exports::{BEFORE, DIR, OWN, Standing, Var};

use super::walk::{Facts, State, Walk, Whose, filled, home};
use crate::support::scopes::{LOCAL, REMOTE, Step, Vars, World, certs_of, destination, is_managed};

/// Host, TLS and certificates, as docker takes them.
fn place(env: &Vars) -> Vec<Option<OsString>> {
    ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_TLS", "DOCKER_CERT_PATH", "DOCKER_CONTEXT"]
        .into_iter()
        .map(|name| filled(env, name))
        .collect()
}

pub(super) fn is_at(env: &Vars, name: &str) -> bool {
    let to = destination(name, &certs_of(home()));
    let tls = to.cert_dir.is_some().then(|| OsString::from("1"));
    let wanted = [Some(to.host.into()), tls, None, to.cert_dir.map(Into::into), None];
    place(env) == wanted && filled(env, "DCTX_PROFILE").is_some_and(|profile| profile == name)
}

pub(super) fn is_local(env: &Vars) -> bool {
    let [host, verify, tls, _, context] = &place(env)[..] else { unreachable!() };
    host.as_ref().is_none_or(|host| host == LOCAL)
        && [verify, tls, context].iter().all(|value| value.is_none())
        && filled(env, "DCTX_PROFILE").is_none()
}

/// Whether it is a note of dctx's.
pub(super) fn is_note(var: &Var) -> bool {
    let [_, previous, saved, _] = OWN;
    [previous, saved, BEFORE, DIR].contains(var)
}

/// Whether two shells have the same of their own, without dctx's notes and without what only hides.
fn is_same(one: &Facts, other: &Facts) -> bool {
    let essence = |facts: &Facts| -> Vars {
        let plain = facts.own.iter().filter(|(var, value)| !is_note(var) && !value.is_empty());
        plain.map(|(var, value)| (var.clone(), value.clone())).collect()
    };
    one.own == other.own || essence(one) == essence(other)
}

/// A step, and both shells before and after it.
pub(super) struct Taken<'w> {
    fish: bool,
    step: Step,
    before: [&'w Facts; 2],
    after: [&'w Facts; 2],
    /// Whether both shells, and what is for every shell, are the same after the same step once more.
    again: bool,
    /// Whether nothing has changed for the other shell.
    other_same: bool,
    /// The first shell when it entered the directory that it is in before the step.
    then: Option<&'w Facts>,
    own_local: bool,
}

type Verdict = Result<(), &'static str>;

fn hold(holds: bool, otherwise: &'static str) -> Verdict {
    if holds { Ok(()) } else { Err(otherwise) }
}

impl<'w> Taken<'w> {
    /// `again`: the state after the same step once more.
    pub(super) fn new(walk: &'w Walk, step: Step, [before, after, again]: [State; 3]) -> Self {
        Self {
            fish: walk.fish,
            step,
            before: [walk.facts(before, 0), walk.facts(before, 1)],
            after: [walk.facts(after, 0), walk.facts(after, 1)],
            again: (again.seats, again.outer) == (after.seats, after.outer),
            other_same: before.seats[1] == after.seats[1],
            then: before.entered.map(|seat| walk.at(seat)),
            own_local: before.own_local,
        }
    }

    /// What has to hold after a step; what does not, in words.
    pub(super) fn judge(&self) -> Verdict {
        match self.step {
            Step::Use(name, flag) => self.used(0, name, flag)?,
            Step::Other(name, flag) => self.used(1, name, flag)?,
            Step::Back => self.back()?,
            Step::Reset(flag) => self.reset(0, flag)?,
            Step::OtherReset(flag) => self.reset(1, flag)?,
            Step::Cd(to) => self.moved(to)?,
            _ => {}
        }
        if self.is_of_one_session() {
            hold(self.other_same, "what one session does changes another")?;
        }
        self.after.iter().find_map(|facts| facts.wrong).map_or(Ok(()), Err)
    }

    /// `use` leads to the profile, all of it, and a choice for every shell reaches every shell with none of its own.
    fn used(&self, who: usize, name: &str, flag: &str) -> Verdict {
        let is_at = |facts: &Facts| facts.at == Some(name);
        hold(is_at(self.after[who]), "use does not lead to its profile")?;
        let every = match flag {
            "-U" => true,
            "" => self.fish && name != "prod" && !self.before[who].inside,
            _ => false,
        };
        let (was, is) = (self.before[who].chosen, self.after[who].chosen);
        if !every {
            return hold(was == is, "a choice for one session became one for every shell");
        }
        let other = self.before[1 - who];
        let follows = matches!(other.whose, Whose::Nobody | Whose::Every)
            && other.mark.is_none()
            && !(self.fish && other.own_endpoint);
        hold(
            !follows || is_at(self.after[1 - who]),
            "a choice for every shell does not reach one that follows",
        )?;
        hold(is == Some(name), "a choice for every shell is not kept")
    }

    /// Whether what is done is for this session alone.
    fn is_of_one_session(&self) -> bool {
        let one = !self.fish || self.before[0].inside;
        match self.step {
            Step::Use(name, flag) => {
                flag == "--session" || (flag.is_empty() && (one || name == "prod"))
            }
            Step::Reset(flag) => flag == "--session" || (flag.is_empty() && one),
            Step::Back => one,
            Step::Other(..) | Step::OtherReset(_) => false,
            _ => true,
        }
    }

    fn back(&self) -> Verdict {
        let (was, is) = (self.before[0], self.after[0]);
        match was.previous.filter(|name| *name != "prod") {
            Some(name) => {
                hold(is.at == Some(name), "use - does not lead to the host before this one")
            }
            None => hold(was.env == is.env, "use - with no host before this one does something"),
        }
    }

    /// `reset` returns to local docker, gives back the shell's own, remembers the host, and is idempotent.
    fn reset(&self, who: usize, flag: &str) -> Verdict {
        let (was, is) = (self.before[who], self.after[who]);
        hold(is.is_local, "reset does not return to local docker")?;
        hold(
            flag != "-U" || (is.chosen.is_none() && !is.managed),
            "reset -U leaves something chosen for every shell",
        )?;
        hold(
            was.profile.is_none() || is.previous == was.profile,
            "reset does not remember the host that was left",
        )?;
        hold(self.again, "a second reset changes something")?;
        let [first, now] = [self.before[0], self.after[0]];
        let reaches = matches!(first.whose, Whose::Nobody | Whose::Every)
            && first.mark.is_none()
            && is.chosen.is_none();
        hold(
            !(self.own_local && (who == 0 || reaches))
                || now.host.as_deref() == Some(LOCAL.as_ref()),
            "reset does not give back what was the shell's own",
        )
    }

    /// Leaving a directory gives back what was before it; none leads to a protected profile, and one that leads nowhere
    /// leaves the former one first.
    fn moved(&self, to: &str) -> Verdict {
        let (was, is) = (self.before[0], self.after[0]);
        hold(
            is.at != Some("prod") || was.at == Some("prod"),
            "a directory leads to a protected profile",
        )?;
        let (Some(mark), Some(then)) = (&was.mark, self.then) else { return Ok(()) };
        if to.is_empty() && is.mark.is_none() {
            let [_, _, saved, _] = OWN;
            let token = |text: &OsString| text.as_encoded_bytes().starts_with(b"u1,#");
            let follows_file = !self.fish && then.own.get(&saved).is_none_or(token);
            let changed = is.shared != then.shared;
            let excused = mark.nowhere
                || then.profile == Some("prod")
                || (changed && (follows_file || then.before));
            hold(
                excused || is_same(then, is),
                "leaving a directory does not give back what was before it",
            )?;
            hold(
                !mark.nowhere || is_same(was, is),
                "leaving a directory that led nowhere changes something",
            )?;
        }
        let followed = then.own.is_empty() && then.chosen.is_none() && is.chosen.is_none();
        hold(
            !(to == "live" && !mark.by_hand && followed && is.profile.is_some()),
            "a directory that leads nowhere keeps the former one's profile",
        )
    }
}

/// What holds at any time.
pub(super) fn everywhere(world: &World, env: &Vars, standing: &Standing) -> Option<&'static str> {
    let [profile, _, saved, _] = OWN;
    for (var, value) in &world.top(0).own {
        let hides = match (*var == saved, world.fish) {
            (true, true) => world.universal.keys().any(is_managed),
            (true, false) => world.file.is_some(),
            (false, _) => world.universal.contains_key(var),
        };
        if value.is_empty() && is_managed(var) && !hides {
            return Some("an empty variable hides nothing");
        }
    }
    if matches!(standing, Standing::Stale(_)) {
        return None;
    }
    let lab = env.get(&profile).is_some_and(|name| name == "lab");
    if lab != filled(env, "BUILDX_BUILDER").is_some() {
        return Some("what a profile brings along does not come and go with it");
    }
    // by hand or by a profile: nothing else sends docker anywhere
    let host = filled(env, "DOCKER_HOST");
    let known = [REMOTE, LOCAL].iter().any(|value| host.as_deref() == Some(value.as_ref()));
    let of_profile = filled(env, "DCTX_PROFILE").is_some();
    if host.is_some() && !known && !of_profile {
        return Some("docker goes to a profile's host and nothing says so");
    }
    let tls = ["DOCKER_TLS_VERIFY", "DOCKER_TLS", "DOCKER_CERT_PATH"];
    if !of_profile && tls.into_iter().any(|name| filled(env, name).is_some()) {
        return Some("TLS variables are left over");
    }
    None
}
