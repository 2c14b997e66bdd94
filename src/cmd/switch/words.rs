//! What is said of a `use` or a `reset` on standard error.

use super::super::deliver::{hooked, is_only_text};
use super::super::{Ctx, init, is_with_client, tls_words};
use crate::error::Hint;
use crate::exports::{Plan, Scope, Var};
use crate::interop::{docker, sockets};
use crate::profile::destination::Destination;
use crate::profile::{Profile, TlsMode};
use crate::shell::{Emitter, Kind};
use crate::tr;

/// Says that a former value was too long to be kept.
pub fn lost(ctx: &Ctx<'_>, var: &Var) {
    let (lang, name) = (ctx.out.lang, var.as_str());
    ctx.out.warn(
        &tr!(
            lang,
            "not restored: the former value of {name} was too long to keep",
            "未恢复 {name} 之前的值：它太长，没有保存"
        ),
        &[],
    );
}

/// What a person should know of a host each time.
pub fn concerns(ctx: &Ctx<'_>, profile: &Profile, to: &Destination) {
    let lang = ctx.out.lang;
    let (name, host) = (&to.name, &to.host);
    if to.tls == TlsMode::Insecure {
        ctx.out.warn(&tr!(lang, "{name}: the connection is encrypted, but nothing verifies that {host} is who it claims to be", "{name}：连接已加密，但不会验证 {host} 的身份"), &[]);
    }
    if profile.host.is_unspecified() {
        ctx.out.warn(
            &tr!(
                lang,
                "{name}: {host} is not an address to connect to; Linux takes it for this machine",
                "{name}：{host} 不是可连接的地址；Linux 会把它当作本机"
            ),
            &[],
        );
    }
}

/// Says what is now in force; of a warning, even with `--quiet`.
pub fn after_use(
    ctx: &Ctx<'_>,
    shell: &dyn Emitter,
    profile: &Profile,
    to: &Destination,
    scope: Scope,
) {
    let lang = ctx.out.lang;
    let name = &to.name;
    concerns(ctx, profile, to);
    if scope == Scope::Universal && !shell.has_universal() && !hooked(ctx, shell) {
        let init = init::line(shell.name()).unwrap_or_default();
        ctx.out.warn(
            &tr!(
                lang,
                "only shells that have this in their start-up file follow a choice for every shell: {init}",
                "只有启动文件中有下面这行的 shell 才会跟随通用选择：{init}"
            ),
            &[],
        );
    }
    if is_only_text(ctx, shell) {
        unchanged(ctx, shell, &format!("dctx use {name}"));
    } else if ctx.out.stderr_tty && shell.kind() == Kind::Shell {
        let line = headline(ctx, to);
        let back = match (scope, shell.has_universal()) {
            (Scope::Universal, false) => "dctx reset -U",
            _ => "dctx reset",
        };
        let back = ctx.out.typed(back);
        let back = tr!(lang, "back to local docker: {back}", "切回本地 docker：{back}");
        let reach = match scope {
            Scope::Universal => tr!(lang, "for every shell; {back}", "对所有 shell 生效；{back}"),
            Scope::Session => back,
        };
        let limit =
            match to.expires.map(|at| crate::error::span(at.saturating_sub(ctx.now()), lang)) {
                Some(left) => tr!(lang, "for {left}; ", "限时 {left}；"),
                None => String::new(),
            };
        ctx.out.say_noted(&line, &format!("{limit}{reach}"));
    }
}

/// Says that nothing has changed yet, and what to type.
fn unchanged(ctx: &Ctx<'_>, shell: &dyn Emitter, command: &str) {
    let (lang, load) = (ctx.out.lang, shell.load(command));
    ctx.out.raw(&tr!(
        lang,
        "# This shell is unchanged. Run this command to configure it:\n# {load}",
        "# 当前 shell 未改变。请运行以下命令：\n# {load}"
    ));
    if let Some(init) = init::line(shell.name()) {
        ctx.out.raw(&tr!(
            lang,
            "# For plain dctx use and dctx reset, add this to the shell's start-up file:\n# {init}",
            "# 若要直接使用 dctx use 和 dctx reset，请在 shell 的启动文件中加入：\n# {init}"
        ));
    }
}

/// `coreos  tcp://192.168.57.110:2376  TLS, verified both ways`
pub fn headline(ctx: &Ctx<'_>, to: &Destination) -> String {
    let (name, host) = (&to.name, &to.host);
    // Over ssh and on this machine TLS is no question.
    match to.host.starts_with("tcp://") {
        true => {
            let client = to.cert_dir.as_deref().is_some_and(is_with_client);
            format!("{name}  {host}  {}", tls_words(to.tls, client, ctx.out.lang))
        }
        false => format!("{name}  {host}"),
    }
}

/// Says what `reset` did not bring back, and why.
pub fn not_restored(ctx: &Ctx<'_>, plan: &Plan) {
    let lang = ctx.out.lang;
    if plan.unreadable {
        ctx.out.warn(
            &tr!(
                lang,
                "DCTX_SAVED cannot be read, so the values from before the first use are unknown",
                "无法读取 DCTX_SAVED，因此不知道首次 use 之前的值"
            ),
            &[],
        );
    }
    plan.lost.iter().for_each(|var| lost(ctx, var));
    for gone in &plan.dropped {
        let (var, value) = (gone.var.as_str(), gone.value.to_string_lossy());
        ctx.out.warn(
            &tr!(
                lang,
                "not restored: {var}={value} points at another machine",
                "未恢复：{var}={value}，它指向另一台机器"
            ),
            &[],
        );
    }
}

/// Says what is now in force.
pub(super) fn after_reset(
    ctx: &Ctx<'_>,
    shell: &dyn Emitter,
    plan: &Plan,
    contexts: &docker::Contexts,
) {
    let lang = ctx.out.lang;
    let filled =
        |name: &'static str| plan.restored.get(&Var::new(name)).filter(|value| !value.is_empty());
    let host = filled("DOCKER_HOST").map(|host| host.to_string_lossy().into_owned());
    let context = filled("DOCKER_CONTEXT").map(|name| name.to_string_lossy().into_owned());
    if host.is_none()
        && context.is_none()
        && let Some((name, endpoint)) = contexts.current_elsewhere()
    {
        ctx.out.warn(
            &tr!(
                lang,
                "docker itself still goes to {endpoint}: its current context is {name}",
                "docker 仍会连接 {endpoint}：它的当前 context 是 {name}"
            ),
            &[Hint::run(tr!(lang, "to change that", "修改方法"), "docker context use default")],
        );
        return;
    }
    if is_only_text(ctx, shell) {
        unchanged(ctx, shell, "dctx reset");
    } else if ctx.out.stderr_tty && shell.kind() == Kind::Shell {
        // What was there before is given back, also a socket at whose other end may be anything.
        let local = match (&host, &context) {
            (Some(host), _) => sockets::is_local_docker(ctx.env, host.trim()),
            (None, Some(name)) => contexts.is_local_docker(name),
            (None, None) => true,
        };
        match (host.or(context), local) {
            (Some(where_to), true) => ctx.out.say(&tr!(
                lang,
                "back to local docker ({where_to}, as before dctx)",
                "已切回本地 docker（{where_to}，与使用 dctx 之前相同）"
            )),
            (Some(where_to), false) => ctx.out.say(&tr!(
                lang,
                "back to {where_to}, as before dctx",
                "已切回 {where_to}，与使用 dctx 之前相同"
            )),
            (None, _) => ctx.out.say(&tr!(lang, "back to local docker", "已切回本地 docker")),
        }
    }
}
