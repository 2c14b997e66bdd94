//! What the look at this machine needs to be told: the store, the shell, where docker goes.

use std::path::PathBuf;

use super::outcome::Said;
use crate::check::finding::Level;
use crate::check::machine::{Lost, Machine, Shell, Store as Profiles, Way};
use crate::cmd::{Ctx, advice, deliver, fish_universal, init};
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
    let set =
        |name: &str, value: &str| advice::set_line(shell.map(|(shell, _)| shell), name, value);
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
            lost: shell.and_then(|(shell, _)| lost(ctx, shell.name())),
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
        set: &set,
    };
    let found = machine.look().into_iter().map(Said::Finding);
    said.extend(found);
    said
}

/// How the hook was lost, if it was.
fn lost(ctx: &Ctx<'_>, shell: &str) -> Option<Lost> {
    let what = deliver::hook_lost(ctx)?;
    let (var, now) = what.split_once('=').unwrap_or((&what, ""));
    let by = start_up_file(ctx, shell).and_then(|path| {
        let line = assigned(&crate::file::text(&path, START_UP).ok()?, shell, var)?;
        Some((PathBuf::from(ctx.tilde(&path)), line))
    });
    Some(Lost { var: var.to_owned(), now: now.to_owned(), by })
}

/// The most that is read of a start-up file, in bytes.
const START_UP: u64 = 1 << 20;

/// The file that a person of that shell has the init line in.
fn start_up_file(ctx: &Ctx<'_>, shell: &str) -> Option<PathBuf> {
    let home = ctx.env.home();
    let name = match shell {
        "bash" => ".bashrc",
        "zsh" => {
            let dir = ctx.env.filled("ZDOTDIR").map(PathBuf::from).or(home)?;
            return Some(dir.join(".zshrc"));
        }
        "mksh" => ".mkshrc",
        "yash" => ".yashrc",
        _ => return None,
    };
    Some(home?.join(name))
}

/// The number of the last line that assigns `var` after the init line.
fn assigned(text: &str, shell: &str, var: &str) -> Option<usize> {
    let init = format!("dctx init {shell}");
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.iter().position(|line| line.contains(&init))?;
    let is = |line: &&str| {
        let line = line.trim_start();
        !line.starts_with('#') && line.contains(&format!("{var}="))
    };
    let last = lines.iter().skip(from + 1).rposition(is)?;
    Some(from + 1 + last + 1)
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
