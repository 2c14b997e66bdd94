//! `use` and `reset`: the shell is told everything in one piece of text, or nothing.

mod words;

use std::path::PathBuf;

use super::deliver::{deliver, hook_lost, hooked, is_only_text, keep_running, prompts, shell_for};
use super::{Ctx, check, fish_universal, guard, key, pick, subshell};
use crate::cert::x509::Cert;
use crate::cli;
use crate::env::Env;
use crate::error::{Again, Error, Expected, Guard, Hint, ProfileFault, Result};
use crate::exports::{
    Change, DirChange, ENDPOINT, Exports, ResetInput, Scope, Shell, UseInput, Values, Var,
    for_reset, for_use,
};
use crate::interop::docker;
use crate::profile::destination::Destination;
use crate::profile::endpoint::Endpoint;
use crate::profile::{Profile, TlsMode, certs, duration};
use crate::shell::{EmitError, Emitter, Kind};
use crate::store::parse::Settings;
use crate::store::{self, links, universal};
use crate::tr;

use words::after_reset;
pub use words::{after_use, concerns, headline, lost, not_restored};

/// `dctx use`.
///
/// # Errors
/// Whatever keeps the shell from being pointed there; nothing has been printed on standard output then.
pub fn use_profile(ctx: &Ctx<'_>, args: &cli::Use) -> Result<()> {
    let shell = shell_for(ctx, args.target.shell.as_deref())?;
    keep_running(ctx);
    let limit = args.limit.as_deref().map(seconds).transpose()?;
    let picked = args.name.is_none().then(|| pick::name(ctx)).transpose()?;
    let asked = args.name.as_deref().or(picked.as_deref()).unwrap_or_default();
    let name = match asked {
        "-" => ctx.env.text("DCTX_PREVIOUS").ok_or(Error::NoPrevious)?,
        name => {
            crate::profile::name::check(name)
                .map_err(|fault| Error::Name { name: name.to_owned(), fault })?;
            name.to_owned()
        }
    };
    let (profile, settings) = store::find(ctx.env, &name)?;
    if asked == "-" && profile.protected {
        let endpoint = profile.docker_host();
        let again = Again { verb: "use", rest: rest(args), answers: String::new() };
        return Err(Error::Protected { name, endpoint, how: Guard::ByDash, again });
    }
    let scope = scope_of_use(ctx, shell, &args.target, &settings, &profile)?;
    let expires = ends(ctx, shell, &profile, limit)?;
    let (to, client) = located(ctx, &profile, &settings)?;
    let to = Destination { expires, ..to };
    let scope = key::scope(ctx, shell, &to, scope, args.target.universal)?;
    let answers =
        guard::Answers { confirm: args.confirm.as_deref(), accept: args.accept.as_deref() };
    // Before a connection that it may be about.
    guard::pass(ctx, &profile, answers, "use", || rest(args))?;
    if args.check {
        check::before_use(ctx, &profile, &settings)?;
    }
    key::provide(ctx, &profile, &settings, &to, key::Holder::Shell, true)?;
    let universal = universal_of(ctx, shell);
    // fish keeps what is universal itself.
    let token = (scope == Scope::Universal && !shell.has_universal()).then(universal::new_token);
    let here = Shell { env: ctx.env, universal: universal.as_ref(), choice: false };
    let mut exports = for_use(&UseInput {
        to: &to,
        here: &here,
        scope,
        token: token.as_deref(),
        dir: &DirChange::ByHand,
    });
    words_go(ctx, shell, &mut exports);
    // Text that a person reads is evaluated by nothing, also where the start of this sub-shell was interrupted.
    let starting = !is_only_text(ctx, shell) && subshell::starting(ctx.env, shell);
    if starting {
        subshell::until_started(ctx, shell, &mut exports)?;
    }
    let script = emit_or_drop(ctx, shell, exports, Some(&to))?;
    if let Some(token) = &token {
        universal::choose(&ctx.env.dirs()?.state, token, &to)?;
    }
    deliver(ctx, shell, &script)?;
    ended(ctx, &to.name, &client);
    if starting {
        // It is in force until the start-up files are read; the sub-shell's own key is needed after them.
        concerns(ctx, &profile, &to);
        return Ok(());
    }
    key::leave_unused(ctx, to.cert_dir.as_deref(), false);
    here.lost_to(&to).iter().for_each(|var| lost(ctx, var));
    after_use(ctx, shell, &profile, &to, scope);
    Ok(())
}

/// What else was asked for, for a hint that repeats the line; the shell is named where hints are typed.
fn rest(args: &cli::Use) -> String {
    let mut out = match &args.limit {
        Some(limit) => format!(" --for {}", shell_words::quote(limit)),
        None => String::new(),
    };
    let target = &args.target;
    for (flag, is) in
        [(" --session", target.session), (" -U", target.universal), (" --check", args.check)]
    {
        out.push_str(if is { flag } else { "" });
    }
    out
}

/// Where `profile` leads from here: every file found, every guess made.
///
/// # Errors
/// What this system and this version cannot do, and what is wrong with its certificates.
pub fn destination(ctx: &Ctx<'_>, profile: &Profile, settings: &Settings) -> Result<Destination> {
    located(ctx, profile, settings).map(|(to, _)| to)
}

/// The same, with the beginning of the client certificate's file.
fn located(
    ctx: &Ctx<'_>,
    profile: &Profile,
    settings: &Settings,
) -> Result<(Destination, Vec<u8>)> {
    usable(ctx.env, profile)?;
    let (cert_dir, client) = files(ctx, profile, settings)?;
    Ok((Destination::of(profile, cert_dir, settings.machine_name), client))
}

/// A length of time from the command line, in seconds.
pub fn seconds(text: &str) -> Result<u64> {
    duration(text).ok_or_else(|| {
        Error::Value(ProfileFault::Kind { key: "--for".to_owned(), expected: Expected::Duration })
    })
}

/// When a use that begins now ends, in seconds since 1970: after `limit`, or the profile's `max-use`.
///
/// # Errors
/// [`Error::NoPromptHook`] in a shell that would not notice; [`Error::TooLong`].
pub fn ends(
    ctx: &Ctx<'_>,
    shell: &dyn Emitter,
    profile: &Profile,
    limit: Option<u64>,
) -> Result<Option<u64>> {
    ends_where(ctx, shell, profile, limit, prompts(ctx, shell))
}

/// As [`ends`], for a shell that looks at each prompt (`hook`), or does not.
///
/// # Errors
/// As [`ends`].
pub fn ends_where(
    ctx: &Ctx<'_>,
    shell: &dyn Emitter,
    profile: &Profile,
    limit: Option<u64>,
    hook: bool,
) -> Result<Option<u64>> {
    let name = &profile.name;
    let length = match (limit, profile.max_use) {
        (Some(asked), Some(most)) if asked > most => {
            return Err(Error::TooLong { name: name.clone(), asked, most });
        }
        (Some(asked), _) => asked,
        (None, Some(most)) => most,
        (None, None) => return Ok(None),
    };
    if !hook {
        let lost = hook_lost(ctx).map(|what| split(&what).0.to_owned());
        let init =
            super::init::line(shell.name()).filter(|_| lost.is_some() || !hooked(ctx, shell));
        let (name, from_profile) = (name.clone(), limit.is_none());
        return Err(Error::NoPromptHook { name, from_profile, length, init, lost });
    }
    Ok(Some(ctx.now().saturating_add(length)))
}

/// `NAME=VALUE` in two.
fn split(what: &str) -> (&str, &str) {
    what.split_once('=').unwrap_or((what, ""))
}

/// What this system and this version cannot do, said before anything is done.
///
/// # Errors
/// [`Error::Profile`] with the reason.
pub fn usable(env: &Env, profile: &Profile) -> Result<()> {
    use crate::error::{EndpointFault, Place};
    let fail = |fault| {
        // Where one profile was found without reading the others, its line is not known.
        let store = store::Store::load(env).unwrap_or_default();
        let line = store.entry(&profile.name).map_or(profile.origin.line, |e| e.origin.line);
        let place = Place {
            path: profile.origin.path.clone(),
            line,
            column: 1,
            excerpt: format!("[profiles.{}]", profile.name),
        };
        let (name, layer) = (profile.name.clone(), profile.origin.layer);
        Err(Error::Profile { name, place, layer, fault, more: Vec::new() })
    };
    if cfg!(not(windows)) && matches!(profile.host, Endpoint::Npipe(_)) {
        let input = profile.host.to_string();
        return fail(ProfileFault::Endpoint {
            input,
            fault: EndpointFault::NpipeHere,
            write: None,
        });
    }
    // There is no place for a key there that goes with the shell.
    if let Some(source) = profile.key_source.as_ref().filter(|_| cfg!(windows)) {
        return fail(ProfileFault::Unsupported(source.words()));
    }
    Ok(())
}

/// The directory for DOCKER_CERT_PATH: the profile's own, one of links that dctx keeps, or where its key will stand
/// once it is provided ([`key::provide`]).
///
/// # Errors
/// [`Error::Cert`], or why the links could not be made.
pub fn cert_dir(ctx: &Ctx<'_>, profile: &Profile, settings: &Settings) -> Result<Option<PathBuf>> {
    files(ctx, profile, settings).map(|(dir, _)| dir)
}

fn files(
    ctx: &Ctx<'_>,
    profile: &Profile,
    settings: &Settings,
) -> Result<(Option<PathBuf>, Vec<u8>)> {
    if profile.tls == TlsMode::Off {
        return Ok((None, Vec::new()));
    }
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), settings);
    let Some(material) = certs::locate(profile, &look)? else { return Ok((None, Vec::new())) };
    let dir = if key::is_apart(profile, &material) {
        key::place(ctx, profile, &material)?
    } else if let Some(dir) = &material.dir {
        dir.clone()
    } else {
        links::ensure(&ctx.env.dirs()?.state, &profile.name, &material)?
    };
    Ok((Some(dir), material.client))
}

/// Warns of a client certificate that no daemon takes today: its end is in the file, and docker tells it only when it is
/// refused. Nothing is said of one that cannot be read; `check` does that.
fn ended(ctx: &Ctx<'_>, name: &str, client: &[u8]) {
    if client.is_empty() {
        return;
    }
    let Ok(cert) = Cert::first(client) else { return };
    let now = i64::try_from(ctx.now()).unwrap_or(i64::MAX);
    let lang = ctx.out.lang;
    let day = |seconds| crate::text::date::day(seconds).unwrap_or_default();
    let (from, to) = (day(cert.not_before), day(cert.not_after));
    let text = if cert.not_after < now {
        tr!(
            lang,
            "{name}: the client certificate expired on {to}, so the daemon will refuse it",
            "{name}：客户端证书已于 {to} 过期，守护进程会拒绝它"
        )
    } else if cert.not_before > now {
        tr!(
            lang,
            "{name}: the client certificate is not valid before {from}, so the daemon will refuse it",
            "{name}：客户端证书在 {from} 之前无效，守护进程会拒绝它"
        )
    } else {
        return;
    };
    let say = tr!(lang, "see what to do", "查看解决办法");
    ctx.out.warn(&text, &[Hint::run(say, shell_words::join(["dctx", "check", name]))]);
}

/// How far a `use` reaches: as it is said, else as the settings say for this shell, else every shell in
/// fish and this one elsewhere. A protected profile reaches no other shell unless that is said, and what is
/// chosen in a sub-shell stays there.
fn scope_of_use(
    ctx: &Ctx<'_>,
    shell: &dyn Emitter,
    target: &cli::Target,
    settings: &Settings,
    profile: &Profile,
) -> Result<Scope> {
    let every = settings.scopes.get(shell.name()).copied().unwrap_or(shell.has_universal())
        && can_follow(shell).is_ok();
    let default = if every { Scope::Universal } else { Scope::Session };
    match (target.session, target.universal) {
        (true, _) => Ok(Scope::Session),
        (false, true) => can_follow(shell).map(|()| Scope::Universal),
        (false, false) => {
            let inside = subshell::is_inside(ctx.env);
            Ok(Shell::scope_of_use(default, profile.protected, inside))
        }
    }
}

/// Whether shells of this kind can start with a choice made for every shell.
fn can_follow(shell: &dyn Emitter) -> Result<()> {
    if shell.has_universal() || super::init::SHELLS.contains(&shell.name()) {
        Ok(())
    } else {
        Err(Error::NoUniversal(shell.name()))
    }
}

/// fish's universal variables, for the shell that has them.
pub fn universal_of(ctx: &Ctx<'_>, shell: &dyn Emitter) -> Option<Values> {
    shell.has_universal().then(|| fish_universal(ctx.env))
}

/// The script for `exports`. A former value that this shell cannot be given back, such as one that is not
/// UTF-8, must not keep it where it is: that variable is unset, and it is said. `to`: the profile whose own
/// values these are, which do have to be given.
///
/// # Errors
/// [`Error::Inexpressible`].
pub fn emit_or_drop(
    ctx: &Ctx<'_>,
    shell: &dyn Emitter,
    mut exports: Exports,
    to: Option<&Destination>,
) -> Result<Vec<u8>> {
    let is_former = |var: &Var| match to {
        None => true,
        Some(to) => !ENDPOINT.contains(var) && !to.env.contains_key(var.as_str()),
    };
    loop {
        let EmitError { var, fault } = match shell.emit(&exports) {
            Ok(script) => return Ok(script),
            Err(error) => error,
        };
        let former = is_former(&var) && matches!(exports.get(var.as_str()), Some(Change::Set(_)));
        let (name, lang) = (var.as_str().to_owned(), ctx.out.lang);
        let error = Error::Inexpressible { shell: shell.name(), var: name, why: fault };
        if !former {
            return Err(error);
        }
        exports.withdraw(&var);
        let why = error.message(lang);
        ctx.out.warn(&tr!(lang, "former value not restored: {why}", "未恢复之前的值：{why}"), &[]);
    }
}

/// Takes away the words that the hook of a shell above has left in DCTX_PROMPT, where nothing keeps them right: a prompt that
/// shows them would name the former host.
fn words_go(ctx: &Ctx<'_>, shell: &dyn Emitter, exports: &mut Exports) {
    let inherited = shell.kind() == Kind::Shell && ctx.env.get(PROMPT.as_str()).is_some();
    if inherited && !prompts(ctx, shell) {
        exports.uncover(PROMPT);
    }
}

/// What the hook exports for prompts of other makes.
const PROMPT: Var = Var::new("DCTX_PROMPT");

/// `dctx reset`. Never reads the profile store: it must work when that is broken or gone.
///
/// # Errors
/// Only what concerns the shell itself.
pub fn reset(ctx: &Ctx<'_>, args: &cli::Reset) -> Result<()> {
    let shell = shell_for(ctx, args.target.shell.as_deref())?;
    // Text that a person reads is evaluated by nothing, also where the start of this sub-shell was interrupted.
    let starting = !is_only_text(ctx, shell) && subshell::starting(ctx.env, shell);
    let scope = scope_of_reset(ctx, shell, &args.target)?;
    let universal = universal_of(ctx, shell);
    let contexts = docker::Contexts::of(ctx.env);
    let own_state = ctx.env.dirs().ok().map(|dirs| dirs.state).filter(|_| !shell.has_universal());
    let followed = own_state.as_deref().and_then(universal::token);
    // Only the hook of a shell follows that choice.
    let choice = followed.is_some() && hooked(ctx, shell);
    let hide = scope == Scope::Session && choice;
    let plan = for_reset(&ResetInput {
        here: &Shell { env: ctx.env, universal: universal.as_ref(), choice },
        scope,
        all: args.all,
        dir: &DirChange::ByHand,
        context_is_local: &|name| contexts.is_socket(name),
    });
    let mut exports = plan.exports.clone();
    words_go(ctx, shell, &mut exports);
    let script = emit_or_drop(ctx, shell, exports, None)?;
    if scope == Scope::Universal
        && let Some(state) = &own_state
    {
        universal::revoke(state)?;
    }
    deliver(ctx, shell, &script)?;
    if starting {
        return Ok(());
    }
    key::leave_unused(ctx, None, false);
    not_restored(ctx, &plan);
    after_reset(ctx, shell, &plan, &contexts);
    let hidden = match &universal {
        // A choice of dctx's, not what a person has set universally.
        Some(universal) if scope == Scope::Session => {
            let saved = universal.get(&Var::new("DCTX_SAVED"));
            let name = universal.get(&Var::new("DCTX_PROFILE")).filter(|_| saved.is_some());
            name.map(|name| name.to_string_lossy().into_owned())
        }
        Some(_) => None,
        None => own_state
            .filter(|_| hide)
            .and_then(|state| universal::read(&state).ok().flatten())
            .map(|choice| choice.to.name),
    };
    if let Some(name) = hidden.filter(|_| ctx.out.stderr_tty) {
        let (lang, every) = (ctx.out.lang, ctx.out.typed("dctx reset -U"));
        ctx.out.say(&tr!(
            lang,
            "only in this shell; every other shell stays on {name} (to reset those too: {every})",
            "仅限当前 shell；其他 shell 仍使用 {name}（让它们也切回：{every}）"
        ));
    }
    Ok(())
}

/// How far a `reset` reaches.
fn scope_of_reset(ctx: &Ctx<'_>, shell: &dyn Emitter, target: &cli::Target) -> Result<Scope> {
    match (target.session, target.universal) {
        (true, _) => Ok(Scope::Session),
        (false, true) => can_follow(shell).map(|()| Scope::Universal),
        (false, false) => {
            let universal = universal_of(ctx, shell);
            let here = Shell { env: ctx.env, universal: universal.as_ref(), choice: false };
            Ok(here.scope_of_reset(subshell::is_inside(ctx.env)))
        }
    }
}
