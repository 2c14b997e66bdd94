//! `current`: what docker talks to from here, and which setting decides it. Never reads the profile
//! store: the environment and docker's own configuration say it all ([`crate::in_force`]).

use std::path::Path;

use serde::Serialize;

use super::Ctx;
use crate::cli;
use crate::error::{Hint, Lang, Result};
use crate::in_force::{DecidedBy, InForce, LeadsTo, Tls, judge};
use crate::interop::docker::Contexts;
use crate::output::Style;
use crate::profile::TlsMode;
use crate::text::clean;
use crate::tr;

#[derive(Serialize)]
struct Answer<'a> {
    schema: u8,
    #[serde(flatten)]
    answer: &'a InForce,
}

/// `dctx current`.
///
/// # Errors
/// Only writing.
pub fn run(ctx: &Ctx<'_>, args: &cli::Current) -> Result<()> {
    let answer = judge(ctx.env, &Contexts::of(ctx.env));
    if args.json {
        let answer = Answer { schema: 1, answer: &answer };
        return ctx.out.report(&super::json(&answer));
    }
    let lang = ctx.out.lang;
    let name = ctx.out.out_styled(Style::Bold, &clean(&who(&answer, lang)));
    let endpoint = match (&answer.endpoint, &answer.context) {
        (Some(endpoint), _) => clean(endpoint).into_owned(),
        (None, Some(_)) => {
            tr!(lang, "nowhere: there is no such context", "无法连接：没有这个 context")
        }
        (None, None) => {
            let host = ctx.env.get("DOCKER_HOST").unwrap_or_default();
            let host = host.to_string_lossy();
            let host = clean(host.trim());
            tr!(
                lang,
                "nowhere: docker does not accept DOCKER_HOST={host}",
                "无法连接：docker 不接受 DOCKER_HOST={host}"
            )
        }
    };
    let tls = tls_words(ctx, &answer);
    let mut text = format!("{name}  {endpoint}{tls}\n  {}\n", why(ctx, &answer));
    if let Some(path) = &answer.cert_path {
        let missing = match Path::new(path).join("ca.pem").exists() {
            true => String::new(),
            false => tr!(
                lang,
                " (there is no ca.pem there: docker fails)",
                "（其中没有 ca.pem：docker 会报错）"
            ),
        };
        let path = clean(path);
        text.push_str(&tr!(
            lang,
            "  certificates in {path}{missing}\n",
            "  证书位于 {path}{missing}\n"
        ));
    }
    if let Some(dir) = &answer.directory {
        let dir = clean(&ctx.tilde(Path::new(dir))).into_owned();
        text.push_str(&tr!(lang, "  because of the directory {dir}\n", "  由目录 {dir} 选定\n"));
    }
    if answer.universal {
        text.push_str(&tr!(lang, "  chosen for every shell\n", "  对所有 shell 生效\n"));
    }
    if let (Some(at), Some(profile)) = (answer.expires, &answer.profile) {
        text.push_str(&ends(ctx, profile, at));
    }
    if let Some(line) = without_effect(ctx, &answer) {
        text.push_str(&line);
    }
    ctx.out.report(&text)
}

/// Where this shell points, in a sentence: `coreos (tcp://192.168.57.110:2376)`, an address, local docker.
#[must_use]
pub fn place(ctx: &Ctx<'_>) -> String {
    place_of(&judge(ctx.env, &Contexts::of(ctx.env)), ctx.out.lang)
}

/// The same for an answer that is there already.
#[must_use]
pub fn place_of(answer: &InForce, lang: Lang) -> String {
    let endpoint = clean(answer.endpoint.as_deref().unwrap_or_default());
    match (&answer.profile, answer.leads_to) {
        (Some(name), _) => {
            let name = clean(name);
            tr!(lang, "{name} ({endpoint})", "{name}（{endpoint}）")
        }
        (None, LeadsTo::LocalDocker) => tr!(lang, "local docker", "本地 docker"),
        (None, LeadsTo::Socket | LeadsTo::Remote) => endpoint.into_owned(),
        (None, LeadsTo::Nowhere) => {
            tr!(lang, "nothing that docker can reach", "docker 无法连接的地址")
        }
    }
}

/// After a failed `use` or `reset`: where this shell still points, which is what matters next. Nothing where that is
/// the docker of this machine.
pub fn still(ctx: &Ctx<'_>) {
    still_with(ctx, &judge(ctx.env, &Contexts::of(ctx.env)), &[]);
}

/// The same for an answer that is there already, with what to do about it.
pub fn still_with(ctx: &Ctx<'_>, answer: &InForce, hints: &[Hint]) {
    if answer.profile.is_none()
        && matches!(answer.leads_to, LeadsTo::LocalDocker | LeadsTo::Nowhere)
    {
        return;
    }
    let (lang, place) = (ctx.out.lang, place_of(answer, ctx.out.lang));
    let text = tr!(lang, "this shell still points at {place}", "当前 shell 仍指向 {place}");
    ctx.out.warn(&text, hints);
}

/// The profile in force, or what kind of place it is.
fn who(answer: &InForce, lang: Lang) -> String {
    match (&answer.profile, answer.leads_to) {
        (Some(profile), _) => profile.clone(),
        (None, LeadsTo::LocalDocker) => tr!(lang, "local docker", "本地 docker"),
        (None, LeadsTo::Socket) => tr!(lang, "a socket", "套接字"),
        (None, LeadsTo::Remote | LeadsTo::Nowhere) => tr!(lang, "no profile", "非 dctx 配置"),
    }
}

/// How docker uses TLS, with two spaces before it; nothing where TLS is no question.
fn tls_words(ctx: &Ctx<'_>, answer: &InForce) -> String {
    let lang = ctx.out.lang;
    match answer.tls {
        Tls::Off if answer.endpoint.as_ref().is_some_and(|host| host.starts_with("tcp://")) => {
            tr!(lang, "  no TLS", "  无 TLS")
        }
        Tls::Off => String::new(),
        Tls::Verified | Tls::Unverified => {
            let mode = match answer.tls {
                Tls::Verified => TlsMode::Verify,
                _ => TlsMode::Insecure,
            };
            let named = answer.cert_path.as_ref().map(Into::into);
            let dir = named.or_else(|| ctx.env.docker_config());
            let client = dir.is_some_and(|dir| super::is_with_client(&dir));
            format!("  {}", super::tls_words(mode, client, lang))
        }
        Tls::Context => tr!(lang, "  TLS as the context has it", "  TLS 由 context 决定"),
    }
}

/// When a use ends, or that its time is over: what ends it is the prompt.
fn ends(ctx: &Ctx<'_>, profile: &str, at: u64) -> String {
    let (lang, now) = (ctx.out.lang, ctx.now());
    if at > now {
        let left = crate::error::span(at - now, lang);
        return tr!(
            lang,
            "  returns to local docker by itself in {left}\n",
            "  {left}后自动切回本地 docker\n"
        );
    }
    let (profile, ago) = (clean(profile), crate::error::span(now - at, lang));
    let reset = ctx.out.typed("dctx reset");
    tr!(
        lang,
        "  {profile} expired {ago} ago (to return to local docker: {reset})\n",
        "  {profile} 已在 {ago}前到期（切回本地 docker：{reset}）\n"
    )
}

/// What is set and does nothing, and how to clear it.
fn without_effect(ctx: &Ctx<'_>, answer: &InForce) -> Option<String> {
    let lang = ctx.out.lang;
    if answer.without_effect.is_empty() {
        return None;
    }
    let names = answer.without_effect.join(&tr!(lang, ", ", "、"));
    let reset = match (&answer.changed_since, answer.decided_by) {
        (Some(_), _) => "dctx reset",
        // Without a `use` before, a plain reset leaves what is local alone.
        (None, DecidedBy::Default) => "dctx reset --all",
        // What a person has set, and what that hides, are theirs.
        (None, _) => {
            return Some(tr!(
                lang,
                "  set without effect: {names}\n",
                "  已设置但不起作用：{names}\n"
            ));
        }
    };
    let reset = ctx.out.typed(reset);
    Some(tr!(
        lang,
        "  set without effect: {names} (to clear: {reset})\n",
        "  已设置但不起作用：{names}（清除：{reset}）\n"
    ))
}

fn why(ctx: &Ctx<'_>, answer: &InForce) -> String {
    let lang = ctx.out.lang;
    let context = clean(answer.context.as_deref().unwrap_or_default());
    let mut line = match (answer.decided_by, &answer.profile) {
        (DecidedBy::DockerHost, Some(profile)) => {
            return tr!(
                lang,
                "decided by DOCKER_HOST, set by dctx use {profile}",
                "由 DOCKER_HOST 决定，来自 dctx use {profile}"
            );
        }
        (DecidedBy::DockerHost, None) if answer.changed_since.is_some() => {
            tr!(lang, "decided by DOCKER_HOST", "由 DOCKER_HOST 决定")
        }
        (DecidedBy::DockerHost, None) => tr!(
            lang,
            "decided by DOCKER_HOST, not set by dctx",
            "由 DOCKER_HOST 决定，不是 dctx 设置的"
        ),
        (DecidedBy::DockerContext, _) => {
            tr!(lang, "decided by DOCKER_CONTEXT={context}", "由 DOCKER_CONTEXT={context} 决定")
        }
        (DecidedBy::CurrentContext, _) => tr!(
            lang,
            "decided by docker's current context, {context}",
            "由 docker 的当前 context {context} 决定"
        ),
        (DecidedBy::TlsVariable, _) => {
            let reset = ctx.out.typed("dctx reset");
            tr!(
                lang,
                "decided by DOCKER_TLS_VERIFY or DOCKER_TLS: with no host, they send docker to port 2376 (to end that: {reset})",
                "由 DOCKER_TLS_VERIFY 或 DOCKER_TLS 决定：没有主机时它们会让 docker 连接 2376 端口（解除：{reset}）"
            )
        }
        (DecidedBy::Default, _) if answer.without_effect.is_empty() => {
            tr!(lang, "docker's default; nothing is set", "docker 的默认值，没有任何设置")
        }
        (DecidedBy::Default, _) => tr!(
            lang,
            "docker's default: neither DOCKER_HOST nor a context is set",
            "docker 的默认值：没有设置 DOCKER_HOST，也没有选择 context"
        ),
    };
    if let Some(used) = &answer.changed_since {
        let used = clean(used);
        line.push_str(&tr!(
            lang,
            "; the variables have been changed since dctx use {used}",
            "；变量在 dctx use {used} 之后被改过"
        ));
    }
    line
}
