//! `__hook`: what the init script asks at a prompt when something may have changed. It looks for itself,
//! and prints the script for what there is to do: end a use whose time is over, enter or leave a
//! directory that belongs to a profile, take up what was chosen for every shell.
//!
//! The three come in this order, each with the environment that the one before leaves, and go out as one
//! script. What fails leaves the shell where it was, and says so.

use std::path::PathBuf;

use super::deliver::{deliver, keep_running, shell_for};
use super::{Ctx, current, key, switch};
use crate::cli;
use crate::env::Env;
use crate::error::{Error, Hint, Result};
use crate::exports::{
    Before, DIR, DirChange, DirMark, Exports, Kept, Leaving, ResetInput, Saved, Scope, Shell,
    Standing, UseInput, Values, for_reset, for_use,
};
use crate::in_force::{self, Used};
use crate::interop::docker;
use crate::profile::Profile;
use crate::profile::destination::Destination;
use crate::shell::Emitter;
use crate::store::parse::Settings;
use crate::store::{self, Store, seen, universal};
use crate::text::clean;
use crate::tr;

/// What the steps share: the environment as it will be, and the script so far.
struct Steps<'a> {
    ctx: &'a Ctx<'a>,
    shell: &'static dyn Emitter,
    env: Env,
    universal: Option<Values>,
    out: Exports,
}

/// Why a profile is gone to without a person naming it.
#[derive(Clone, Copy)]
enum Why<'d> {
    /// This directory of its was entered.
    Entered(&'d str),
    /// It was in force before that directory was.
    Left(&'d str),
}

/// Why it is not.
enum Refusal {
    /// A person has to type its name.
    Protected,
    /// A person has to see what it is.
    Shared,
    /// It cannot be used as it is.
    Fault(Error),
}

/// `dctx __hook`.
///
/// # Errors
/// What keeps it from saying anything at all to the shell.
pub fn run(ctx: &Ctx<'_>, args: &cli::Hook) -> Result<()> {
    let shell = shell_for(ctx, None)?;
    keep_running(ctx);
    let mut steps = Steps {
        ctx,
        shell,
        env: ctx.env.clone(),
        universal: switch::universal_of(ctx, shell),
        out: Exports::new(),
    };
    steps.settle();
    steps.end_expired();
    // A sub-shell is for one profile.
    if ctx.env.filled("DCTX_SUBSHELL").is_none() {
        steps.directory();
    }
    if !shell.has_universal() {
        steps.follow();
    }
    if args.start {
        steps.inherited();
    }
    if steps.out.is_empty() {
        key::leave_unused(ctx, None, true);
        return Ok(());
    }
    let now = steps.env.filled("DOCKER_CERT_PATH").map(PathBuf::from);
    let out = if shell.has_universal() { steps.out } else { steps.out.flat() };
    let script = switch::emit_or_drop(ctx, shell, out, None)?;
    deliver(ctx, shell, &script)?;
    key::leave_unused(ctx, now.as_deref(), true);
    Ok(())
}

impl Steps<'_> {
    /// The shell as it will be after the steps so far.
    fn here(&self) -> Shell<'_> {
        let universal = self.universal.as_ref();
        let choice = || universal::token(&self.env.dirs().ok()?.state);
        let choice = universal.is_none() && choice().is_some();
        Shell { env: &self.env, universal, choice }
    }

    fn take(&mut self, exports: Exports) {
        let (env, universal) = self.here().after(&exports);
        self.env = env;
        self.universal = self.universal.is_some().then_some(universal);
        self.out.extend(exports);
    }

    fn reset(&mut self, scope: Scope, dir: &DirChange) {
        let contexts = docker::Contexts::of(&self.env);
        let plan = for_reset(&ResetInput {
            here: &self.here(),
            scope,
            all: false,
            dir,
            context_is_local: &|name| contexts.is_socket(name),
        });
        switch::not_restored(self.ctx, &plan);
        self.take(plan.exports);
    }

    fn go(&mut self, to: &Destination, scope: Scope, token: Option<&str>, dir: &DirChange) {
        let here = self.here();
        let exports = for_use(&UseInput { to, here: &here, scope, token, dir });
        here.lost_to(to).iter().for_each(|var| switch::lost(self.ctx, var));
        self.take(exports);
    }

    /// Takes away what another shell's choice for every shell has left in this fish.
    fn settle(&mut self) {
        let exports = self.here().settled();
        self.take(exports);
        self.give_back();
    }

    /// Gives this fish back what a choice for every shell took the place of, where that has been revoked.
    fn give_back(&mut self) {
        if self.here().is_bereft() {
            self.reset(Scope::Session, &DirChange::Stay);
        }
    }

    /// Ends a use whose time is over.
    fn end_expired(&mut self) {
        let ctx = self.ctx;
        let over = self.env.text("DCTX_EXPIRES").and_then(|at| at.parse::<u64>().ok());
        let name = self.env.text("DCTX_PROFILE");
        let (Some(name), true) = (name, over.is_some_and(|at| at <= ctx.now())) else { return };
        match self.here().standing() {
            Standing::Follows(Some(Saved { token: Some(token), .. })) => {
                self.revoke(&token);
                self.reset(Scope::Session, &DirChange::ByHand);
            }
            Standing::Follows(_) if self.universal.is_some() => {
                self.reset(Scope::Universal, &DirChange::ByHand);
            }
            _ => self.reset(Scope::Session, &DirChange::ByHand),
        }
        ctx.out.warn(
            &tr!(
                ctx.out.lang,
                "{name} expired: back to local docker",
                "{name} 的使用时间已到：已切回本地 docker"
            ),
            &[],
        );
    }

    /// Takes up what was chosen, or revoked, for every shell since this one last looked.
    fn follow(&mut self) {
        let (ctx, lang) = (self.ctx, self.ctx.out.lang);
        let Ok(dirs) = self.env.dirs() else { return };
        let Standing::Follows(saved) = self.here().standing() else { return };
        let current = saved.and_then(|saved| saved.token);
        let chosen = match universal::read(&dirs.state) {
            Ok(chosen) => chosen,
            Err(error) => {
                let rid = tr!(lang, "to delete it", "删除它");
                ctx.out.warn_error("", &error, &[Hint::run(rid, "dctx reset -U")]);
                return;
            }
        };
        let chosen = match chosen {
            Some(choice) if choice.to.is_over(ctx.now()) => {
                self.revoke(&choice.token);
                None
            }
            chosen => chosen,
        };
        match chosen {
            Some(choice) if Some(&choice.token) == current.as_ref() => {}
            Some(choice) => {
                self.go(&choice.to, Scope::Universal, Some(&choice.token), &DirChange::ByHand);
                let line = switch::headline(ctx, &choice.to);
                ctx.out.say_noted(&line, &tr!(lang, "chosen for every shell", "对所有 shell 生效"));
            }
            // Without a token it is not from that file.
            None if current.is_none() => {}
            None => {
                self.reset(Scope::Session, &DirChange::ByHand);
                ctx.out.say(&tr!(
                    lang,
                    "back to local docker, like every other shell",
                    "与其他 shell 一样，已切回本地 docker"
                ));
            }
        }
    }

    /// Says where docker goes, if this shell inherited a profile whose variables something has changed since: its own
    /// start-up files, or whoever started it.
    fn inherited(&self) {
        let Used::Changed(name) = in_force::used(&self.env) else { return };
        let answer = in_force::judge(&self.env, &docker::Contexts::of(&self.env));
        let (lang, name) = (self.ctx.out.lang, clean(&name).into_owned());
        let place = current::place_of(&answer, lang);
        self.ctx.out.warn(
            &tr!(
                lang,
                "this shell points at {place}: the variables have been changed since dctx use {name}",
                "当前 shell 指向 {place}：变量在 dctx use {name} 之后被改过"
            ),
            &[Hint::run(tr!(lang, "to set them again", "重新设置"), format!("dctx use {name}"))],
        );
    }

    /// Revokes the choice for every shell, if it still is that one.
    fn revoke(&self, token: &str) {
        let revoked = self.env.dirs().and_then(|dirs| universal::revoke_only(&dirs.state, token));
        if let Err(error) = revoked {
            self.ctx.out.warn_error("", &error, &error.hints(self.ctx.out.lang));
        }
    }

    /// Enters or leaves a directory that belongs to a profile.
    fn directory(&mut self) {
        let now = self.env.get("DCTX_DIR").and_then(|text| DirMark::decode(&text));
        let Ok(dirs) = self.env.dirs() else { return };
        let Some(here) = self.env.work_dir() else { return };
        let store = match Store::load(&self.env) {
            Ok(store) => store,
            // It says so whenever profiles are asked for; a prompt is no place to repeat it.
            Err(_) => return,
        };
        store::dirs::note(&self.env, &dirs, &store);
        let home = self.env.home();
        match (store::dirs::owner(&self.env, &store, &here, home.as_deref()), now) {
            (None, None) => {}
            (Some((_, path)), Some(mark)) if mark.is_of(&path) => {}
            (Some((profile, path)), now) => self.enter(profile, path, now, &store),
            (None, Some(mark)) => self.leave(&mark, &store),
        }
    }

    /// Goes to `profile`, whose directory was entered. Where that leads nowhere, the directory before it is
    /// left first, and then it is said why.
    fn enter(&mut self, profile: &Profile, path: PathBuf, now: Option<DirMark>, store: &Store) {
        let (ctx, lang) = (self.ctx, self.ctx.out.lang);
        let dir = ctx.tilde(&path);
        match self.reachable(profile, &store.settings) {
            Ok(to) => {
                let before = now.map_or_else(|| self.here().before(), |mark| mark.before);
                let mark = DirMark { by_hand: false, nowhere: false, before, path };
                self.go(&to, Scope::Session, None, &DirChange::Enter(mark));
                let line = switch::headline(ctx, &to);
                ctx.out.say_noted(&line, &tr!(lang, "for {dir}", "由目录 {dir} 选定"));
            }
            Err(refusal) => {
                if let Some(mark) = now {
                    self.leave(&mark, store);
                }
                self.refused(&profile.name, Why::Entered(&dir), &refusal);
                // A person may choose; nothing is said again until the directory is left.
                let before = self.here().before();
                let mark = DirMark { by_hand: true, nowhere: true, before, path };
                let mut exports = Exports::new();
                exports.set(DIR, mark.encode(), Scope::Session);
                self.take(exports);
            }
        }
    }

    /// Where a profile leads that no person has named now, if it may be gone to.
    fn reachable(&self, profile: &Profile, settings: &Settings) -> Result<Destination, Refusal> {
        let ctx = self.ctx;
        if profile.protected {
            return Err(Refusal::Protected);
        }
        // Who can write a shared profile must not choose this shell's host.
        let home = ctx.env.home();
        let state = ctx.env.dirs().map_err(Refusal::Fault)?.state;
        if profile.origin.layer
            && seen::compare(&state, profile, home.as_deref()) != seen::Seen::Same
        {
            return Err(Refusal::Shared);
        }
        let found = switch::ends(ctx, self.shell, profile, None).and_then(|expires| {
            let to = Destination { expires, ..switch::destination(ctx, profile, settings)? };
            // A change of directory is no moment to be asked for a passphrase.
            key::provide(ctx, profile, settings, &to, key::Holder::Shell, false)?;
            Ok(to)
        });
        found.map_err(Refusal::Fault)
    }

    /// Says why `name` is not gone to.
    fn refused(&self, name: &str, why: Why<'_>, refusal: &Refusal) {
        let (ctx, lang) = (self.ctx, self.ctx.out.lang);
        let words = match (refusal, why) {
            (Refusal::Protected, Why::Entered(dir)) => tr!(
                lang,
                "{dir} belongs to {name}, which is protected: entering a directory never switches to it",
                "{dir} 属于 {name}，它受保护：进入目录不会切换到它"
            ),
            (Refusal::Protected, Why::Left(dir)) => tr!(
                lang,
                "left {dir}: {name}, which was in use before, is protected and must be chosen again",
                "已离开 {dir}：之前使用的 {name} 受保护，需要重新选择"
            ),
            (Refusal::Shared, Why::Entered(dir)) => tr!(
                lang,
                "{dir} belongs to {name}, a shared profile that is new or has changed since it was last used",
                "{dir} 属于 {name}，这个共享主机配置是新的，或在上次使用后有变化"
            ),
            (Refusal::Shared, Why::Left(dir)) => tr!(
                lang,
                "left {dir}: {name}, which was in use before, is a shared profile that has changed since",
                "已离开 {dir}：之前使用的 {name} 是共享主机配置，之后有变化"
            ),
            (Refusal::Fault(error), Why::Entered(dir) | Why::Left(dir)) => {
                return ctx.out.warn_error(&format!("{dir}: "), error, &error.hints(lang));
            }
        };
        let by_hand =
            Hint::run(tr!(lang, "to switch to it", "切换到它"), format!("dctx use {name}"));
        ctx.out.warn(&words, &[by_hand]);
    }

    /// Goes back to what was before.
    fn leave(&mut self, mark: &DirMark, store: &Store) {
        let (ctx, lang) = (self.ctx, self.ctx.out.lang);
        let dir = ctx.tilde(&mark.path);
        match self.here().leaving(mark) {
            Leaving::Profile { name, expires } => {
                let is_over = expires.is_some_and(|at| at <= ctx.now());
                match self.former(store, &name).filter(|_| !is_over) {
                    Some(Ok(to)) => {
                        let to = Destination { expires, ..to };
                        self.go(&to, Scope::Session, None, &DirChange::Leave);
                        let line = switch::headline(ctx, &to);
                        let note = tr!(lang, "left {dir}", "已离开 {dir}");
                        return ctx.out.say_noted(&line, &note);
                    }
                    Some(Err(refusal)) => self.refused(&name, Why::Left(&dir), &refusal),
                    None => {}
                }
                self.reset(Scope::Session, &DirChange::Leave);
            }
            Leaving::Values(exports) => {
                let changes = exports.iter().any(|export| export.var != DIR);
                self.take(exports);
                // The choice for every fish, which took the place of values of its own, may have been revoked meanwhile.
                self.give_back();
                if !changes {
                    return;
                }
                if let Before::Own(values) = &mark.before {
                    let lost = values.iter().filter(|(_, kept)| **kept == Kept::Lost);
                    lost.for_each(|(var, _)| switch::lost(ctx, var));
                }
            }
        }
        // What is chosen for every shell is taken up next, and said.
        if self.here().choice && matches!(self.here().standing(), Standing::Follows(None)) {
            return;
        }
        // The profile's name, where its variables are in force again.
        let used = in_force::used(&self.env);
        let profile = used.in_force().map(std::ffi::OsString::from);
        let place = match profile.or_else(|| self.env.filled("DOCKER_HOST")) {
            Some(place) => place.to_string_lossy().into_owned(),
            None => match self.env.filled("DOCKER_CONTEXT") {
                Some(name) => {
                    let name = name.to_string_lossy();
                    tr!(lang, "the context {name}", "名为 {name} 的 context")
                }
                None => tr!(lang, "local docker", "本地 docker"),
            },
        };
        let place = crate::text::clean(&place);
        ctx.out.say(&tr!(lang, "left {dir}: back to {place}", "已离开 {dir}：回到 {place}"));
    }

    /// Where the profile that was in force before a directory leads now; `None` if there is none of that
    /// name any more.
    fn former(&self, store: &Store, name: &str) -> Option<Result<Destination, Refusal>> {
        let entry = store.entries.iter().find(|entry| entry.name == name)?;
        Some(self.reachable(entry.profile.as_ref().ok()?, &store.settings))
    }
}
