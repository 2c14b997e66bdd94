//! Whether it works from here: with the profile's certificate docker answers, without one nobody gets in. What the script
//! tried on the host says nothing of the way there.

use std::time::Duration;

use crate::check::finding::{Level, What};
use crate::check::probe::probe;
use crate::check::target::{Report, Target};
use crate::cmd::{Ctx, advice};
use crate::error::{Hint, Result};
use crate::profile::endpoint::Endpoint;
use crate::profile::{Profile, TlsMode};
use crate::server::{Mode, Setup};
use crate::store::parse::Settings;
use crate::tr;

/// The longest that one try may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Tries it, and says what came of it and what to type next. Returns the exit code: 0, or why it does not work from here
/// (5 not reached, 6 TLS); the host stays as it has been set up.
///
/// # Errors
/// None now: what is wrong is printed.
pub(super) fn from_here(
    ctx: &Ctx<'_>,
    setup: &Setup,
    profile: &Profile,
    settings: &Settings,
) -> Result<u8> {
    let (lang, name) = (ctx.out.lang, &profile.name);
    if setup.is_loopback() && !goes_to_loopback(profile) {
        ctx.out.say(&tr!(
            lang,
            "it listens only on that host's loopback, so it was not tried from here",
            "仅监听该主机的回环地址，未从本机尝试"
        ));
        return Ok(0);
    }
    let target = target(ctx, setup, profile, settings);
    let report = probe(&target);
    let code = report.code();
    if code != 0 || report.server.is_none() {
        ctx.out.warn(
            &tr!(
                lang,
                "the host is set up, but {name} does not answer from here",
                "主机已设置完成，但从本机无法连接 {name}"
            ),
            &[],
        );
        failures(ctx, &report);
        firewall(ctx, setup);
        return Ok(if code == 0 { 5 } else { code });
    }
    let version = report.server.map(|server| server.version).unwrap_or_default();
    ctx.out.say(&tr!(
        lang,
        "from here, with the profile's certificate: docker {version} answers",
        "从本机使用主机配置的证书：docker {version} 有响应"
    ));
    if setup.mode == Mode::Tls {
        let stranger = Target { cert: None, key: None, ..target };
        if probe(&stranger).server.is_some() {
            ctx.out.warn(
                &tr!(
                    lang,
                    "it answers without a client certificate, too: anyone who can reach {name} has root there",
                    "没有客户端证书也能得到响应：任何能访问 {name} 的人都等同于那里的 root"
                ),
                &[],
            );
            return Ok(6);
        }
        ctx.out.say(&tr!(
            lang,
            "without a client certificate it is refused",
            "没有客户端证书则被拒绝"
        ));
    }
    let next = format!("dctx use {name}");
    ctx.out.advise(&Hint::run(tr!(lang, "next", "下一步"), next));
    Ok(0)
}

/// Whether the profile itself leads to a loopback address: a tunnel, or this machine.
pub(super) fn goes_to_loopback(profile: &Profile) -> bool {
    let host = profile.host.proxy_host().unwrap_or_default();
    host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// The daemon as the profile reaches it, at the port that has been set up.
fn target(ctx: &Ctx<'_>, setup: &Setup, profile: &Profile, settings: &Settings) -> Target {
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), settings);
    let endpoint = match &profile.host {
        Endpoint::Tcp { host, path, .. } => {
            let (host, path) = (host.clone(), path.clone());
            Endpoint::Tcp { host, port: Some(setup.port), path }
        }
        other => other.clone(),
    };
    let tls = if setup.mode == Mode::Plain { TlsMode::Off } else { profile.tls };
    Target { endpoint, tls, ..Target::of(profile, &look, ctx.env.clone(), LIMIT) }
}

/// What is wrong, and what to type.
fn failures(ctx: &Ctx<'_>, report: &Report) {
    let lang = ctx.out.lang;
    for finding in report.findings.iter().filter(|finding| finding.level == Level::Fail) {
        match &finding.what {
            What::Diagnosis(diagnosis) => {
                let fixes = advice::spoken(ctx, diagnosis.fixes(lang));
                ctx.out.warn(&diagnosis.cause(lang), &fixes)
            }
            What::Note(note) => ctx.out.warn(&note.text(lang), &[]),
        }
    }
}

/// What most often stands between.
fn firewall(ctx: &Ctx<'_>, setup: &Setup) {
    let (lang, port) = (ctx.out.lang, setup.port);
    let hints = [
        Hint::run(
            tr!(lang, "if a firewall is in between, with ufw there", "若有防火墙（ufw），在那里"),
            format!("ufw allow from ADDRESS to any port {port} proto tcp"),
        ),
        Hint::run(
            tr!(lang, "with firewalld there", "若为 firewalld，在那里"),
            format!("firewall-cmd --permanent --add-port={port}/tcp && firewall-cmd --reload"),
        ),
    ];
    for hint in hints {
        ctx.out.advise(&hint);
    }
}
