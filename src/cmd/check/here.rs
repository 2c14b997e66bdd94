//! What the look at this machine needs to be told: the store, the shell, where docker goes.

use super::outcome::Said;
use crate::check::finding::Level;
use crate::check::machine::{Machine, Shell, Store as Profiles, Way};
use crate::cmd::{Ctx, advice, fish_universal, init};
use crate::env::Env;
use crate::error::Result;
use crate::exports::{Saved, Scope};
use crate::in_force::InForce;
use crate::interop::docker::Contexts;
use crate::profile::endpoint::Endpoint;
use crate::shell::{Emitter, detect};
use crate::store::{Store, Warning, config_file};

/// Looks at this machine and this shell.
pub(super) fn look(
    ctx: &Ctx<'_>,
    store: Result<Store>,
    answer: &InForce,
    contexts: &Contexts,
) -> Vec<Said> {
    let shell = shell_at_work(ctx);
    let universal = match shell {
        Some((shell, _)) if shell.has_universal() => fish_universal(ctx.env),
        _ => std::collections::BTreeMap::new(),
    };
    let unset = |name: &str| advice::unset_line(shell.map(|(shell, _)| shell), name);
    let file = ctx.env.dirs().map(|dirs| config_file(&dirs)).unwrap_or_default();
    let mut said = Vec::new();
    let profiles = match store {
        Ok(store) => profiles(&store),
        Err(error) => {
            said.push(Said::Error { level: Level::Fail, topic: "store", error });
            Profiles::default()
        }
    };
    let session = ctx.env.get("DCTX_SAVED").is_some_and(|text| {
        text.is_empty() || Saved::decode(&text).is_some_and(|saved| saved.scope == Scope::Session)
    });
    let machine = Machine {
        env: ctx.env,
        shell: Shell {
            name: shell.map(|(shell, _)| shell.name().to_owned()).unwrap_or_default(),
            hooked: ctx.env.filled("DCTX_HOOK").is_some(),
            init: shell.and_then(|(shell, _)| init::line(shell.name())),
            guessed: shell.is_some_and(|(_, guessed)| guessed),
        },
        universal: &universal,
        store: Profiles { file, ..profiles },
        way: Way {
            profile: answer.profile.clone(),
            session,
            changed_since: answer.changed_since.clone(),
            endpoint: answer.endpoint.clone(),
        },
        contexts,
        unset: &unset,
    };
    let found = machine.look().into_iter().map(Said::Finding);
    said.extend(found);
    said
}

fn profiles(store: &Store) -> Profiles {
    let valid = store.entries.iter().filter_map(|entry| entry.profile.as_ref().ok());
    Profiles {
        file: std::path::PathBuf::new(),
        read: true,
        profiles: store.entries.len(),
        broken: store
            .entries
            .iter()
            .filter(|entry| entry.profile.is_err())
            .map(|entry| entry.name.clone())
            .collect(),
        shadowed: store.shadowed.len(),
        ssh: valid.into_iter().any(|profile| matches!(profile.host, Endpoint::Ssh { .. })),
    }
}

/// What is odd about the user's file, and what is wrong with layers, as lines of their own.
pub(super) fn skipped(env: &Env, store: &mut Store) -> Vec<Said> {
    let layers = std::mem::take(&mut store.warnings).into_iter().map(|warning| match warning {
        Warning::Layer(error) | Warning::Odd(error) => error,
    });
    let all = env.take_odd().into_iter().chain(layers);
    all.map(|error| Said::Error { level: Level::Warn, topic: "store", error }).collect()
}

/// The shell, and whether it is a guess.
fn shell_at_work(ctx: &Ctx<'_>) -> Option<(&'static dyn Emitter, bool)> {
    let shell = advice::shell_at_work(ctx)?;
    let variable = ctx.env.get("SHELL");
    let guessed = ctx.env.text("DCTX_SHELL").is_none()
        && detect::detect(&detect::SystemProcesses, variable.as_deref())
            .is_some_and(|found| found.guessed());
    Some((shell, guessed))
}
