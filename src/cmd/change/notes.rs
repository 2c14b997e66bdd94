//! What a change of the profile file should be accompanied by: how to go on, and what may surprise.

use crate::cmd::{Ctx, deliver, switch};
use crate::error::{Error, Hint};
use crate::profile::endpoint::{Endpoint, PORT_TLS};
use crate::profile::{Profile, TlsMode, certs};
use crate::store::{Store, parse};
use crate::tr;

/// How to use it, in the words of the shell that is at work.
pub(super) fn next(ctx: &Ctx<'_>, name: &str) -> String {
    let command = format!("dctx use {name}");
    let quiet = crate::output::Output::new(ctx.env, Some(false), true, false);
    let silent = Ctx { out: &quiet, ..*ctx };
    let hooked = ctx.env.filled("DCTX_HOOK").is_some();
    match deliver::shell_for(&silent, None) {
        Ok(shell) if !hooked && shell.kind() == crate::shell::Kind::Shell => shell.load(&command),
        _ => command,
    }
}

/// Things about a profile that are as written and may still surprise; whether it can be used here.
pub(super) fn notes(ctx: &Ctx<'_>, profile: &Profile) -> bool {
    let lang = ctx.out.lang;
    let host = profile.docker_host();
    if profile.host.is_unspecified() {
        ctx.out.warn(
            &tr!(
                lang,
                "{host} is not an address to connect to; Linux takes it for this machine",
                "{host} 不是可连接的地址；Linux 会把它当作本机"
            ),
            &[],
        );
    }
    if profile.host.has_zone() {
        ctx.out.warn(
            &tr!(
                lang,
                "{host}: only the docker command understands a zone, other clients do not",
                "{host}：只有 docker 命令能理解区域（zone），其他客户端不能"
            ),
            &[],
        );
    }
    if matches!(profile.host, Endpoint::Tcp { port: Some(PORT_TLS), .. })
        && profile.tls == TlsMode::Off
    {
        let name = &profile.name;
        ctx.out.warn(
            &tr!(
                lang,
                "2376 is the TLS port, and {name} uses it without TLS: the daemon will refuse docker",
                "2376 是 TLS 端口，而 {name} 不使用 TLS：守护进程会拒绝 docker"
            ),
            &[Hint::run(
                tr!(
                    lang,
                    "name the directory with ca.pem, cert.pem and key.pem",
                    "指定存放 ca.pem、cert.pem 和 key.pem 的目录"
                ),
                format!("dctx edit {name} --certs DIR"),
            )],
        );
    }
    let unusable = match switch::usable(ctx.env, profile) {
        Err(Error::Profile { fault, .. }) => Some(fault.message(lang)),
        _ => None,
    };
    if let Some(why) = &unusable {
        ctx.out.warn(&tr!(lang, "it cannot be used here: {why}", "在此处无法使用：{why}"), &[]);
    }
    if profile.tls == TlsMode::Insecure {
        ctx.out.warn(
            &tr!(
                lang,
                "the server {host} is not verified; with its CA it can be: tls = \"verify\"",
                "不会验证 {host} 的身份；有 CA 时请用 tls = \"verify\""
            ),
            &[],
        );
    }
    let alone = profile.tls == TlsMode::Verify && {
        let home = ctx.env.home();
        let look = ctx.look(
            home.as_deref(),
            &parse::Settings { strict_modes: false, ..parse::Settings::default() },
        );
        certs::locate(profile, &look)
            .is_ok_and(|m| m.is_some_and(|m| m.pair.is_none() && m.lone.is_none()))
    };
    if alone {
        ctx.out.say(&tr!(lang, "no client certificate: the docker command can do that; docker-py, dockerode and compose's children cannot", "没有客户端证书：docker 命令可以这样用；docker-py、dockerode 和 compose 的子进程不行"));
    }
    unusable.is_none()
}

/// Tells of a layer's profile of the same name, which the one just written hides.
pub(super) fn hidden(ctx: &Ctx<'_>, name: &str) {
    let Ok(store) = Store::load(ctx.env) else { return };
    if let Some(entry) = store.shadowed.iter().find(|entry| entry.name == name) {
        let path = ctx.tilde(&entry.origin.path);
        ctx.out.warn(
            &tr!(
                ctx.out.lang,
                "the {name} in {path} is shadowed by it",
                "它遮蔽了 {path} 中的 {name}"
            ),
            &[],
        );
    }
}

/// Tells of a layer's profile of a name that has just been given up: it means another host from now on.
pub(super) fn uncovered(ctx: &Ctx<'_>, name: &str) {
    let Ok(store) = Store::load(ctx.env) else { return };
    if let Ok(entry) = store.entry(name) {
        let path = ctx.tilde(&entry.origin.path);
        ctx.out.warn(
            &tr!(ctx.out.lang, "{name} now comes from {path}", "{name} 现在是 {path} 中的那一个"),
            &[],
        );
    }
}
