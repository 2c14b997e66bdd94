//! `use` and `reset`: the shell is told everything in one piece of text, or nothing.

use std::path::PathBuf;

use super::{Ctx, emit, fish_universal, guard, shell_names, tls_words};
use crate::cli;
use crate::env::Env;
use crate::error::{Error, Guard, Hint, Result};
use crate::exports::{Reset, ResetInput, Saved, Scope, UseInput, Values, for_reset, for_use};
use crate::interop::docker;
use crate::profile::endpoint::Endpoint;
use crate::profile::{Profile, TlsMode, certs};
use crate::shell::detect::{self, Evidence, Found};
use crate::shell::{Emitter, Kind, find};
use crate::store::parse::{FishScope, Settings};
use crate::store::{self, links};
use crate::tr;

/// The shell to print for: `--shell`, DCTX_SHELL, the parent processes, `$SHELL` as the last guess.
///
/// # Errors
/// [`Error::UnknownShell`], [`Error::NoShell`].
pub fn shell_for(ctx: &Ctx<'_>, named: Option<&str>) -> Result<&'static dyn Emitter> {
    let from_env = ctx.env.text("DCTX_SHELL");
    if let Some(name) = named.or(from_env.as_deref()) {
        let unknown = || Error::UnknownShell { name: name.to_owned(), known: shell_names() };
        return find(name).ok_or_else(unknown);
    }
    let lang = ctx.out.lang;
    let shell_variable = ctx.env.get("SHELL");
    let none = || Error::NoShell { known: shell_names() };
    let detected =
        detect::detect(&detect::SystemProcesses, shell_variable.as_deref()).ok_or_else(none)?;
    match (detected.found, &detected.evidence) {
        (Found::Unsupported(name), _) => {
            Err(Error::UnknownShell { name: name.to_owned(), known: shell_names() })
        }
        (Found::Shell(shell), Evidence::ShellVariable(_)) => {
            let name = shell.name();
            ctx.out.say(&tr!(
                lang,
                "guessing {name} from $SHELL; --shell says it for sure",
                "根据 $SHELL 猜测为 {name}；可用 --shell 明确指定"
            ));
            Ok(shell)
        }
        (Found::Shell(shell), Evidence::Process { pid, program, .. }) => {
            let name = shell.name();
            ctx.out.detail(&tr!(
                lang,
                "shell: {name} (process {pid} is {program})",
                "shell：{name}（进程 {pid} 是 {program}）"
            ));
            Ok(shell)
        }
    }
}

/// Where the script goes: the descriptor that the shell function opened, or standard output, also where
/// `--shell` asks for another language than the function evaluates.
fn descriptor(ctx: &Ctx<'_>, shell: &dyn Emitter) -> Option<u32> {
    let function = ctx.env.text("DCTX_SHELL").and_then(|name| find(&name))?;
    let fd = ctx.env.text("DCTX_FD")?.parse().ok()?;
    (function.name() == shell.name()).then_some(fd)
}

fn deliver(ctx: &Ctx<'_>, shell: &dyn Emitter, script: &[u8]) -> Result<()> {
    match descriptor(ctx, shell) {
        Some(fd) => ctx.out.script_to_fd(fd, script),
        None => ctx.out.data(script),
    }
}

/// After a failure: a statement that makes `eval "$(dctx …)"` fail, on standard output. A person who
/// reads that on a terminal has no use for it, and the shell function sees the exit status itself.
pub fn deliver_failure(ctx: &Ctx<'_>, named: Option<&str>, code: u8) {
    if ctx.env.stdout_tty {
        return;
    }
    let quiet = crate::output::Output::new(ctx.env, Some(false), true, false);
    let silent = Ctx { out: &quiet, ..*ctx };
    let text = match shell_for(&silent, named) {
        Ok(shell) if descriptor(ctx, shell).is_some() => return,
        Ok(shell) => match shell.fail(code) {
            text if text.is_empty() => text,
            text => format!("{text}\n"),
        },
        // The shell function looks at the status.
        Err(_) if ctx.env.get("DCTX_FD").is_some() => return,
        // Every shell there is fails on this, if only because it knows no such command.
        Err(_) => "false;\n".to_owned(),
    };
    // The error that led here is the one to report.
    let _ = ctx.out.data(text.as_bytes());
}

/// `dctx use`.
///
/// # Errors
/// Whatever keeps the shell from being pointed there; nothing has been printed on standard output then.
pub fn use_profile(ctx: &Ctx<'_>, args: &cli::Use) -> Result<()> {
    let shell = shell_for(ctx, args.target.shell.as_deref())?;
    let asked = args.name.as_deref().ok_or(Error::UsageOf {
        message: "use needs the name of a profile, or - for the one before",
        message_zh: "use 需要配置名，或用 - 表示上一个",
        run: "dctx ls",
    })?;
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
        return Err(Error::Protected { name, endpoint, how: Guard::ByDash, exec: false });
    }
    let scope = scope_of_use(shell, &args.target, &settings)?;
    usable(ctx.env, &profile)?;
    let cert_dir = cert_dir(ctx, &profile, &settings)?;
    guard::pass(ctx, &profile, args.confirm.as_deref(), false)?;
    let universal = universal_of(ctx, shell);
    let exports = for_use(&UseInput {
        profile: &profile,
        cert_dir: cert_dir.as_deref(),
        env: ctx.env,
        universal: &universal,
        scope,
        machine_name: settings.machine_name,
    });
    let script = emit(shell, &exports)?;
    deliver(ctx, shell, &script)?;
    after_use(ctx, shell, &profile);
    Ok(())
}

/// What this system and this version cannot do, said before anything is done.
///
/// # Errors
/// [`Error::Profile`] with the reason.
pub fn usable(env: &Env, profile: &Profile) -> Result<()> {
    use crate::error::{EndpointFault, Place, ProfileFault};
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
        Err(Error::Profile { name, place, layer, fault })
    };
    if cfg!(not(windows)) && matches!(profile.host, Endpoint::Npipe(_)) {
        let input = profile.host.to_string();
        return fail(ProfileFault::Endpoint {
            input,
            fault: EndpointFault::NpipeHere,
            write: None,
        });
    }
    if let Some(source) = &profile.key_source {
        return fail(ProfileFault::Unsupported(source.words()));
    }
    if profile.max_use.is_some() {
        return fail(ProfileFault::Unsupported("max-use"));
    }
    Ok(())
}

/// The directory for DOCKER_CERT_PATH: the profile's own, or one of links that dctx keeps.
///
/// # Errors
/// [`Error::Cert`], or why the links could not be made.
pub fn cert_dir(ctx: &Ctx<'_>, profile: &Profile, settings: &Settings) -> Result<Option<PathBuf>> {
    if profile.tls == TlsMode::Off {
        return Ok(None);
    }
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), settings);
    match certs::locate(profile, &look)? {
        None => Ok(None),
        Some(certs::Material { dir: Some(dir), .. }) => Ok(Some(dir)),
        Some(material) => links::ensure(&ctx.env.dirs()?.state, &profile.name, &material).map(Some),
    }
}

fn scope_of_use(shell: &dyn Emitter, target: &cli::Target, settings: &Settings) -> Result<Scope> {
    match (target.session, target.universal, shell.has_universal()) {
        (true, ..) => Ok(Scope::Session),
        (false, true, false) => Err(Error::NoUniversal(shell.name())),
        (false, true, true) => Ok(Scope::Universal),
        (false, false, true) if settings.fish_scope == FishScope::Universal => Ok(Scope::Universal),
        _ => Ok(Scope::Session),
    }
}

/// fish's universal variables, for the shell that has them.
fn universal_of(ctx: &Ctx<'_>, shell: &dyn Emitter) -> Values {
    if shell.has_universal() { fish_universal(ctx.env) } else { Values::new() }
}

fn after_use(ctx: &Ctx<'_>, shell: &dyn Emitter, profile: &Profile) {
    let lang = ctx.out.lang;
    let (name, host) = (&profile.name, profile.docker_host());
    // Over ssh and on this machine TLS is no question.
    let words = match profile.host {
        Endpoint::Tcp { .. } => format!("  {}", tls_words(profile.tls, lang)),
        _ => String::new(),
    };
    let hooked = descriptor(ctx, shell).is_some();
    if profile.tls == TlsMode::Insecure {
        ctx.out.warn(&tr!(lang, "{name}: the connection is encrypted, but nobody checks that {host} is who it says it is", "{name}：连接已加密，但不会验证 {host} 的身份"), &[]);
    }
    if profile.host.is_unspecified() {
        ctx.out.warn(
            &tr!(
                lang,
                "{name}: {host} is no address to connect to; Linux takes it for this machine",
                "{name}：{host} 不是可连接的地址；Linux 会把它当作本机"
            ),
            &[],
        );
    }
    if ctx.env.stdout_tty && !hooked && shell.kind() == Kind::Shell {
        let load = shell.load(&format!("dctx use {name}"));
        ctx.out.raw(&tr!(
            lang,
            "# This shell is unchanged. Run this command to configure it:\n# {load}",
            "# 当前 shell 未改变。请运行以下命令：\n# {load}"
        ));
    } else if ctx.out.stderr_tty && shell.kind() == Kind::Shell {
        ctx.out.say(&tr!(
            lang,
            "{name}  {host}{words}   (dctx reset returns to local docker)",
            "{name}  {host}{words}   （dctx reset 回到本地 docker）"
        ));
    }
}

/// `dctx reset`. Never reads the profile store: it must work when that is broken or gone.
///
/// # Errors
/// Only what concerns the shell itself.
pub fn reset(ctx: &Ctx<'_>, args: &cli::Reset) -> Result<()> {
    let shell = shell_for(ctx, args.target.shell.as_deref())?;
    let scope = scope_of_reset(ctx, shell, &args.target)?;
    let universal = universal_of(ctx, shell);
    let contexts = docker::Contexts::of(ctx.env);
    let plan = for_reset(&ResetInput {
        env: ctx.env,
        universal: &universal,
        scope,
        all: args.all,
        context_is_local: &|name| contexts.is_local(name),
    });
    let script = emit(shell, &plan.exports)?;
    deliver(ctx, shell, &script)?;
    after_reset(ctx, shell, &plan, &contexts);
    Ok(())
}

/// The scope that `use` worked in; in fish without a `use`, universal. An empty DCTX_SAVED is what a
/// reset of one session leaves to hide universal variables.
fn scope_of_reset(ctx: &Ctx<'_>, shell: &dyn Emitter, target: &cli::Target) -> Result<Scope> {
    if target.universal && !shell.has_universal() {
        return Err(Error::NoUniversal(shell.name()));
    }
    if target.session || !shell.has_universal() {
        return Ok(Scope::Session);
    }
    if target.universal {
        return Ok(Scope::Universal);
    }
    Ok(match ctx.env.get("DCTX_SAVED") {
        Some(text) if text.is_empty() => Scope::Session,
        Some(text) => Saved::decode(&text).map_or(Scope::Universal, |saved| saved.scope),
        None => Scope::Universal,
    })
}

fn after_reset(ctx: &Ctx<'_>, shell: &dyn Emitter, plan: &Reset, contexts: &docker::Contexts) {
    let lang = ctx.out.lang;
    if plan.unreadable {
        ctx.out.warn(
            &tr!(
                lang,
                "DCTX_SAVED cannot be read, so what was there before the first use is not known",
                "无法读取 DCTX_SAVED，因此不知道首次 use 之前的值"
            ),
            &[],
        );
    }
    for gone in &plan.dropped {
        let (var, value) = (gone.var.as_str(), gone.value.to_string_lossy());
        ctx.out.warn(
            &tr!(
                lang,
                "not brought back: {var}={value}, which leads to another machine",
                "未恢复：{var}={value}，它指向另一台机器"
            ),
            &[],
        );
    }
    let filled = |name: &'static str| {
        plan.restored.get(&crate::exports::Var::new(name)).filter(|value| !value.is_empty())
    };
    let host = filled("DOCKER_HOST").map(|host| host.to_string_lossy().into_owned());
    let context = filled("DOCKER_CONTEXT").map(|name| name.to_string_lossy().into_owned());
    if host.is_none()
        && context.is_none()
        && let Some((name, endpoint)) = contexts.remote_current()
    {
        ctx.out.warn(
            &tr!(
                lang,
                "docker itself still goes to {endpoint}: its current context is {name}",
                "docker 仍会连接 {endpoint}：它的当前上下文是 {name}"
            ),
            &[Hint::run(tr!(lang, "to change that", "修改方法"), "docker context use default")],
        );
        return;
    }
    if ctx.env.stdout_tty && descriptor(ctx, shell).is_none() && shell.kind() == Kind::Shell {
        let load = shell.load("dctx reset");
        ctx.out.raw(&tr!(
            lang,
            "# This shell is unchanged. Run this command to configure it:\n# {load}",
            "# 当前 shell 未改变。请运行以下命令：\n# {load}"
        ));
    } else if ctx.out.stderr_tty && shell.kind() == Kind::Shell {
        match host.or(context) {
            Some(where_to) => ctx.out.say(&tr!(
                lang,
                "back to local docker ({where_to}, as before dctx)",
                "已回到本地 docker（{where_to}，与使用 dctx 之前相同）"
            )),
            None => ctx.out.say(&tr!(lang, "back to local docker", "已回到本地 docker")),
        }
    }
}
