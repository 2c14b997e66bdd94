//! `current`: what docker talks to from here, and which setting decides it. Never reads the profile
//! store: the environment and docker's own configuration say it all.

use serde::Serialize;

use super::Ctx;
use crate::cli;
use crate::env::Env;
use crate::error::{Lang, Result};
use crate::exports::{DirMark, Saved, Scope, fingerprint};
use crate::interop::docker::{Contexts, DEFAULT_HOST};
use crate::output::Style;
use crate::profile::TlsMode;
use crate::profile::endpoint::Endpoint;
use crate::text::duration_words;
use crate::tr;

/// Which setting decides, in docker's order of precedence (docker/cli `cli/command/cli.go`,
/// `resolveContextName`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecidedBy {
    /// DOCKER_HOST.
    DockerHost,
    /// DOCKER_CONTEXT.
    DockerContext,
    /// `currentContext` of docker's `config.json`.
    CurrentContext,
    /// A TLS variable without a host, which makes docker go to `tcp://localhost:2376`.
    TlsVariable,
    /// Nothing: docker's default.
    Default,
}

/// How the environment makes docker use TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// Plain, or a socket.
    Off,
    /// The server is verified.
    Verified,
    /// TLS without verification.
    Unverified,
    /// The context decides.
    Context,
}

/// The answer.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    schema: u8,
    /// The active profile, if what it set is still in force.
    pub profile: Option<String>,
    /// Where docker goes; `None` where a context does not exist.
    pub endpoint: Option<String>,
    /// Which setting decides.
    pub decided_by: DecidedBy,
    /// The context that decides, if one does.
    pub context: Option<String>,
    /// TLS.
    pub tls: Tls,
    /// The directory of the certificates docker reads.
    pub cert_path: Option<String>,
    /// Whether docker stays on this machine.
    pub local: bool,
    /// When the use of the profile ends by itself, in seconds since 1970.
    pub expires: Option<u64>,
    /// Whether the profile was chosen for every shell.
    pub universal: bool,
    /// The directory that this shell is in for the profile's sake.
    pub directory: Option<String>,
    /// The profile that was used and whose variables have been changed since.
    pub changed_since: Option<String>,
}

/// The address that docker makes of DOCKER_HOST (docker/cli `opts.ParseHost`): without blanks around it, tcp
/// where it has no scheme, port 2375 where it has none, even with TLS. What docker would misread or crash on
/// stays as it is.
fn docker_reads(value: &str) -> String {
    let value = value.trim();
    let full = if value.contains("://") { value.to_owned() } else { format!("tcp://{value}") };
    match Endpoint::parse(&full) {
        // A zone has been made ready for docker already.
        Ok(endpoint) if !endpoint.has_zone() => endpoint.docker_host(false),
        _ => value.to_owned(),
    }
}

/// Works out where docker goes.
#[must_use]
pub fn answer(env: &Env, contexts: &Contexts) -> Answer {
    let filled = |name: &str| env.filled(name).map(|value| value.to_string_lossy().into_owned());
    let tls = if env.filled("DOCKER_TLS_VERIFY").is_some() {
        Tls::Verified
    } else if env.filled("DOCKER_TLS").is_some() {
        Tls::Unverified
    } else {
        Tls::Off
    };
    let named = filled("DOCKER_CONTEXT")
        .map(|name| (name, DecidedBy::DockerContext))
        .or_else(|| contexts.current().map(|name| (name.to_owned(), DecidedBy::CurrentContext)))
        .filter(|(name, _)| name != "default");
    let (endpoint, decided_by, context) = match (filled("DOCKER_HOST"), named) {
        (Some(host), _) => (Some(docker_reads(&host)), DecidedBy::DockerHost, None),
        (None, Some((name, by))) => (contexts.host(&name), by, Some(name)),
        (None, None) if tls != Tls::Off => {
            (Some("tcp://localhost:2376".to_owned()), DecidedBy::TlsVariable, None)
        }
        (None, None) => (Some(DEFAULT_HOST.to_owned()), DecidedBy::Default, None),
    };
    let local = endpoint
        .as_ref()
        .is_some_and(|host| host.starts_with("unix://") || host.starts_with("npipe://"));
    // What has no scheme is tcp to docker.
    let socket = local || endpoint.as_ref().is_some_and(|host| host.starts_with("ssh://"));
    let tls = match (&context, socket) {
        (Some(_), false) => Tls::Context,
        (_, true) => Tls::Off,
        _ => tls,
    };
    let cert_path =
        filled("DOCKER_CERT_PATH").filter(|_| matches!(tls, Tls::Verified | Tls::Unverified));
    let used = env.text("DCTX_PROFILE");
    let saved = env.filled("DCTX_SAVED").and_then(|text| Saved::decode(&text));
    let mark = saved.as_ref().map(|saved| saved.mark);
    let in_force = mark == Some(fingerprint(&|name| env.get(name)));
    let of_profile = used.is_some() && in_force;
    let expires = env.text("DCTX_EXPIRES").and_then(|at| at.parse().ok()).filter(|_| of_profile);
    let universal = of_profile && saved.is_some_and(|saved| saved.scope == Scope::Universal);
    let directory = env
        .filled("DCTX_DIR")
        .and_then(|text| DirMark::decode(&text))
        .filter(|mark| of_profile && !mark.by_hand)
        .map(|mark| mark.path.to_string_lossy().into_owned());
    let (profile, changed_since) = if in_force { (used, None) } else { (None, used) };
    Answer {
        schema: 1,
        profile,
        endpoint,
        decided_by,
        context,
        tls,
        cert_path,
        local,
        expires,
        universal,
        directory,
        changed_since,
    }
}

/// `dctx current`.
///
/// # Errors
/// Only writing.
pub fn run(ctx: &Ctx<'_>, args: &cli::Current) -> Result<()> {
    let answer = answer(ctx.env, &Contexts::of(ctx.env));
    if args.json {
        return ctx.out.data(super::json(&answer).as_bytes());
    }
    let lang = ctx.out.lang;
    let who = match (&answer.profile, answer.local) {
        (Some(profile), _) => profile.clone(),
        (None, true) => tr!(lang, "local docker", "本地 docker"),
        (None, false) => tr!(lang, "no profile", "无配置"),
    };
    let endpoint = match &answer.endpoint {
        Some(endpoint) => crate::text::clean(endpoint).into_owned(),
        None => tr!(lang, "nowhere: there is no such context", "无处可去：没有这个上下文"),
    };
    let name = ctx.out.out_styled(Style::Bold, &crate::text::clean(&who));
    let tls = match answer.tls {
        Tls::Off if answer.local => String::new(),
        Tls::Off if endpoint.starts_with("ssh://") => String::new(),
        Tls::Off => tr!(lang, "  no TLS", "  无 TLS"),
        Tls::Verified | Tls::Unverified => {
            let mode =
                if answer.tls == Tls::Verified { TlsMode::Verify } else { TlsMode::Insecure };
            let dir = answer.cert_path.as_deref().map(std::path::Path::new);
            let words = super::tls_words(mode, dir.is_some_and(super::is_with_client), lang);
            tr!(lang, "  {words}", "  {words}")
        }
        Tls::Context => tr!(lang, "  TLS as the context has it", "  TLS 由上下文决定"),
    };
    let mut text = format!("{name}  {endpoint}{tls}\n  {}\n", why(&answer, lang));
    if let Some(path) = &answer.cert_path {
        let path = crate::text::clean(path);
        text.push_str(&tr!(lang, "  certificates in {path}\n", "  证书位于 {path}\n"));
    }
    if let Some(dir) = &answer.directory {
        let dir = crate::text::clean(&ctx.tilde(std::path::Path::new(dir))).into_owned();
        text.push_str(&tr!(lang, "  because of the directory {dir}\n", "  因为目录 {dir}\n"));
    }
    if answer.universal {
        text.push_str(&tr!(lang, "  chosen for every shell\n", "  用于所有 shell 的选择\n"));
    }
    if let Some(at) = answer.expires {
        let left = duration_words(at.saturating_sub(ctx.now()));
        text.push_str(&tr!(lang, "  ends by itself in {left}\n", "  {left} 后自动结束\n"));
    }
    ctx.out.data(text.as_bytes())
}

fn why(answer: &Answer, lang: Lang) -> String {
    let context = crate::text::clean(answer.context.as_deref().unwrap_or_default());
    match (answer.decided_by, &answer.profile, &answer.changed_since) {
        (DecidedBy::DockerHost, Some(profile), _) => tr!(
            lang,
            "decided by DOCKER_HOST, set by dctx use {profile}",
            "由 DOCKER_HOST 决定，来自 dctx use {profile}"
        ),
        (DecidedBy::DockerHost, None, Some(used)) => {
            let used = crate::text::clean(used);
            tr!(
                lang,
                "decided by DOCKER_HOST; the variables have been changed since dctx use {used}",
                "由 DOCKER_HOST 决定；变量在 dctx use {used} 之后被改过"
            )
        }
        (DecidedBy::DockerHost, None, None) => tr!(
            lang,
            "decided by DOCKER_HOST, not set by dctx",
            "由 DOCKER_HOST 决定，不是 dctx 设置的"
        ),
        (DecidedBy::DockerContext, ..) => {
            tr!(lang, "decided by DOCKER_CONTEXT={context}", "由 DOCKER_CONTEXT={context} 决定")
        }
        (DecidedBy::CurrentContext, ..) => tr!(
            lang,
            "decided by docker's current context, {context}",
            "由 docker 的当前上下文 {context} 决定"
        ),
        (DecidedBy::TlsVariable, ..) => tr!(
            lang,
            "decided by DOCKER_TLS_VERIFY or DOCKER_TLS: with no host, they send docker to port 2376 (to end that: dctx reset)",
            "由 DOCKER_TLS_VERIFY 或 DOCKER_TLS 决定：没有主机时它们会让 docker 连接 2376 端口（解除：dctx reset）"
        ),
        (DecidedBy::Default, ..) => {
            tr!(lang, "docker's default; nothing is set", "docker 的默认值，没有任何设置")
        }
    }
}
