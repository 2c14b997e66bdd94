//! `__hook`: what the init script asks at a prompt when something may have changed. It looks for itself,
//! and prints the script for what there is to do: end a use whose time is over, enter or leave a
//! directory that belongs to a profile, take up what was chosen for every shell.
//!
//! The three come in this order, each with the environment that the one before leaves, and go out as one
//! script. What fails leaves the shell where it was, and says so.

use super::deliver::{deliver, shell_for};
use super::{Ctx, current, emit, key, switch};
use crate::cli;
use crate::env::Env;
use crate::error::{Hint, Result};
use crate::exports::{
    Before, Change, DIR, DirChange, DirMark, Exports, ResetInput, Rest, Saved, Scope, UseInput,
    Values, Var, for_reset, for_use,
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
    universal: Values,
    out: Exports,
}

/// `dctx __hook`.
///
/// # Errors
/// What keeps it from saying anything at all to the shell.
pub fn run(ctx: &Ctx<'_>, args: &cli::Hook) -> Result<()> {
    let shell = shell_for(ctx, None)?;
    let mut steps = Steps {
        ctx,
        shell,
        env: ctx.env.clone(),
        universal: switch::universal_of(ctx, shell),
        out: Exports::new(),
    };
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
    let now = steps.env.filled("DOCKER_CERT_PATH").map(std::path::PathBuf::from);
    let out = if shell.has_universal() { steps.out } else { steps.out.flat() };
    let script = emit(shell, &out)?;
    deliver(ctx, shell, &script)?;
    key::leave_unused(ctx, now.as_deref(), true);
    Ok(())
}

/// Whose choice is in force in this shell.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    /// Nobody's, or what was chosen for every shell.
    Nothing,
    /// Local docker, by a `reset` of this session that hides the choice for every shell.
    Hidden,
    /// A person's, for this session.
    Session,
}

impl Steps<'_> {
    fn take(&mut self, exports: Exports) {
        let changes = exports.iter().map(|export| {
            let value = match &export.change {
                Change::Set(value) => Some(value.clone()),
                Change::Unset | Change::Uncover => None,
            };
            (export.var.as_str(), value)
        });
        self.env = self.env.with(changes);
        self.out.extend(exports);
    }

    fn saved(&self) -> Option<Saved> {
        self.env.filled("DCTX_SAVED").and_then(|text| Saved::decode(&text))
    }

    fn standing(&self) -> Standing {
        match (self.env.get("DCTX_SAVED"), self.saved()) {
            (Some(text), _) if text.is_empty() => Standing::Hidden,
            (Some(_), Some(saved)) if saved.scope == Scope::Session => Standing::Session,
            // What fish has for every shell of its kind is one session's in another shell.
            (Some(_), Some(saved)) if saved.token.is_none() && !self.shell.has_universal() => {
                Standing::Session
            }
            _ => Standing::Nothing,
        }
    }

    fn reset(&mut self, scope: Scope, rest: Rest, dir: &DirChange) {
        let contexts = docker::Contexts::of(&self.env);
        let plan = for_reset(&ResetInput {
            env: &self.env,
            universal: &self.universal,
            scope,
            all: false,
            rest,
            dir,
            context_is_local: &|name| contexts.is_socket(name),
        });
        switch::not_restored(self.ctx, &plan);
        self.take(plan.exports);
    }

    fn go(&mut self, to: &Destination, scope: Scope, token: Option<&str>, dir: &DirChange) {
        let exports = for_use(&UseInput {
            to,
            env: &self.env,
            universal: &self.universal,
            scope,
            token,
            dir,
        });
        self.take(exports);
    }

    /// Ends a use whose time is over.
    fn end_expired(&mut self) {
        let ctx = self.ctx;
        let over = self.env.text("DCTX_EXPIRES").and_then(|at| at.parse::<u64>().ok());
        let name = self.env.text("DCTX_PROFILE");
        let (Some(name), true) = (name, over.is_some_and(|at| at <= ctx.now())) else { return };
        let saved = self.saved();
        let scope = saved.as_ref().map_or(Scope::Session, |saved| saved.scope);
        match saved.and_then(|saved| saved.token) {
            Some(token) => {
                self.revoke(&token);
                self.reset(scope, Rest::Plain, &DirChange::ByHand);
            }
            None => self.reset(scope, self.hide(), &DirChange::ByHand),
        }
        ctx.out.warn(
            &tr!(
                ctx.out.lang,
                "the time for {name} is over: back to local docker",
                "{name} 的使用时间已到：已回到本地 docker"
            ),
            &[],
        );
    }

    /// What a `reset` of this session does about the choice for every shell.
    fn hide(&self) -> Rest {
        let followed = || universal::token(&self.env.dirs().ok()?.state);
        if self.shell.has_universal() || followed().is_none() { Rest::Plain } else { Rest::Hide }
    }

    /// Takes up what was chosen, or revoked, for every shell since this one last looked.
    fn follow(&mut self) {
        let (ctx, lang) = (self.ctx, self.ctx.out.lang);
        let Ok(dirs) = self.env.dirs() else { return };
        if self.standing() != Standing::Nothing {
            return;
        }
        let current = self.saved().and_then(|saved| saved.token);
        let chosen = match universal::read(&dirs.state) {
            Ok(chosen) => chosen,
            Err(error) => {
                let rid = tr!(lang, "to be rid of it", "删除它");
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
                ctx.out.say(&tr!(
                    lang,
                    "{line}   (chosen for every shell)",
                    "{line}   （用于所有 shell 的选择）"
                ));
            }
            // Without a token it is not from that file.
            None if current.is_none() => {}
            None => {
                self.reset(Scope::Session, Rest::Plain, &DirChange::ByHand);
                ctx.out.say(&tr!(
                    lang,
                    "back to local docker, as every shell",
                    "与所有 shell 一样，已回到本地 docker"
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
        match (store::dirs::owner(&store, &here, home.as_deref()), now) {
            (None, None) => {}
            (Some((_, path)), Some(mark)) if mark.is_of(&path) => {}
            (Some((profile, path)), now) => {
                let before = match now {
                    Some(mark) => mark.before,
                    None => self.before(),
                };
                self.enter(profile, &store.settings, DirMark { by_hand: false, before, path });
            }
            (None, Some(mark)) => self.leave(&mark, &store),
        }
    }

    /// What is in force, to come back to.
    fn before(&self) -> Before {
        let profile = self.env.text("DCTX_PROFILE");
        match (self.standing(), profile) {
            (Standing::Session, Some(name)) => {
                let expires = self.env.text("DCTX_EXPIRES").and_then(|at| at.parse().ok());
                Before::Profile { name, expires }
            }
            (Standing::Hidden, _) => Before::Hidden,
            _ => Before::Nothing,
        }
    }

    /// Goes to `profile`, whose directory was entered; or stays, and says why.
    fn enter(&mut self, profile: &Profile, settings: &Settings, mark: DirMark) {
        let (ctx, lang) = (self.ctx, self.ctx.out.lang);
        let dir = ctx.tilde(&mark.path);
        let to = match self.reachable(profile, settings, &dir) {
            Some(to) => to,
            // A person may choose; nothing is said again until the directory is left.
            None => {
                let stays = DirMark { by_hand: true, ..mark };
                let mut exports = Exports::new();
                exports.set(DIR, stays.encode(), Scope::Session);
                self.take(exports);
                return;
            }
        };
        self.go(&to, Scope::Session, None, &DirChange::Enter(mark));
        let line = switch::headline(ctx, &to);
        ctx.out.say(&tr!(lang, "{line}   (for {dir})", "{line}   （{dir} 所属）"));
    }

    /// Where the profile of a directory leads, if a directory may lead there.
    fn reachable(&self, profile: &Profile, settings: &Settings, dir: &str) -> Option<Destination> {
        let (ctx, lang, name) = (self.ctx, self.ctx.out.lang, &profile.name);
        let by_hand =
            || Hint::run(tr!(lang, "by its name", "请用名称"), format!("dctx use {name}"));
        if profile.protected {
            ctx.out.warn(
                &tr!(
                    lang,
                    "{dir} belongs to {name}, which is protected: no directory leads there",
                    "{dir} 属于 {name}，它受保护：不会因目录而切换"
                ),
                &[by_hand()],
            );
            return None;
        }
        // Who can write a shared profile must not choose this shell's host.
        let home = ctx.env.home();
        let state = ctx.env.dirs().ok()?.state;
        if profile.origin.layer
            && seen::compare(&state, profile, home.as_deref()) != seen::Seen::Same
        {
            ctx.out.warn(
                &tr!(
                    lang,
                    "{dir} belongs to {name}, a shared profile that is new or has changed since it was last used",
                    "{dir} 属于 {name}，这个共享配置是新的，或在上次使用后有变化"
                ),
                &[by_hand()],
            );
            return None;
        }
        let found = switch::ends(ctx, self.shell, profile, None).and_then(|expires| {
            let to = Destination { expires, ..switch::destination(ctx, profile, settings)? };
            // A change of directory is no moment to be asked for a passphrase.
            key::provide(ctx, profile, settings, &to, key::Holder::Shell, false)?;
            Ok(to)
        });
        match found {
            Ok(to) => Some(to),
            Err(error) => {
                ctx.out.warn_error(&format!("{dir}: "), &error, &error.hints(lang));
                None
            }
        }
    }

    /// Goes back to what was before.
    fn leave(&mut self, mark: &DirMark, store: &Store) {
        let (ctx, lang) = (self.ctx, self.ctx.out.lang);
        let dir = ctx.tilde(&mark.path);
        if self.before() == mark.before {
            // It is in force already; with `-`, that is whatever is chosen for every shell.
            let mut exports = Exports::new();
            exports.unset(DIR, Scope::Session);
            return self.take(exports);
        }
        if let Before::Profile { name, expires } = &mark.before
            && expires.is_none_or(|at| at > ctx.now())
            && let Some(to) = self.former(store, name, &dir)
        {
            let to = Destination { expires: *expires, ..to };
            self.go(&to, Scope::Session, None, &DirChange::Leave);
            let line = switch::headline(ctx, &to);
            return ctx.out.say(&tr!(lang, "{line}   (left {dir})", "{line}   （已离开 {dir}）"));
        }
        let hide = self.hide();
        let rest = if mark.before == Before::Nothing { Rest::Uncover } else { hide };
        self.reset(Scope::Session, rest, &DirChange::Leave);
        let fish = self.universal.get(&Var::new("DCTX_PROFILE")).filter(|_| rest == Rest::Uncover);
        match (fish, self.env.filled("DOCKER_HOST")) {
            // What is chosen for every shell is taken up next, and said.
            _ if rest == Rest::Uncover && hide == Rest::Hide => {}
            (Some(name), _) => {
                let name = name.to_string_lossy();
                ctx.out.say(&tr!(lang, "left {dir}: back to {name}", "已离开 {dir}：回到 {name}"));
            }
            (None, Some(host)) => {
                let host = host.to_string_lossy();
                ctx.out.say(&tr!(lang, "left {dir}: back to {host}", "已离开 {dir}：回到 {host}"));
            }
            (None, None) => ctx.out.say(&tr!(
                lang,
                "left {dir}: back to local docker",
                "已离开 {dir}：回到本地 docker"
            )),
        }
    }

    /// Where the profile that was in force before a directory leads now.
    fn former(&self, store: &Store, name: &str, dir: &str) -> Option<Destination> {
        let entry = store.entries.iter().find(|entry| entry.name == name)?;
        self.reachable(entry.profile.as_ref().ok()?, &store.settings, dir)
    }
}
