//! `server`: what the remote host needs so that docker answers there, and nobody else gets in.

mod kit;
mod material;
mod remote;
mod verify;

use std::net::{IpAddr, Ipv4Addr};

use super::{Ctx, guard};
use crate::cli;
use crate::error::{Error, Hint, Result, ServerFault};
use crate::profile::endpoint::{Endpoint, PORT_PLAIN, PORT_TLS, login_host, login_user};
use crate::profile::{Profile, TlsMode};
use crate::server::{Mode, Script, Setup};
use crate::store;
use crate::tr;

/// `dctx server`.
///
/// # Errors
/// When the profile does not lead to a host that could be set up, the certificates are not fit for it, or the host
/// refuses or fails; it is as it was then.
pub fn run(ctx: &Ctx<'_>, args: &cli::Server) -> Result<u8> {
    let (profile, settings) = store::find(ctx.env, &args.name)?;
    let port = match &profile.host {
        Endpoint::Tcp { port, .. } => *port,
        Endpoint::Ssh { .. } => {
            over_ssh(ctx, &profile);
            return Ok(0);
        }
        Endpoint::Unix(_) | Endpoint::Npipe(_) => {
            return Err(Error::Server(ServerFault::Local { name: profile.name }));
        }
    };
    let setup = setup(&profile, port, args)?;
    let asked = remote::Asked {
        profile: &profile,
        yes: args.yes,
        answers: guard::Answers {
            confirm: args.confirm.as_deref(),
            accept: args.accept.as_deref(),
        },
        flags: flags(args),
        command: command(args),
        take_over: args.take_over,
    };
    if let (Some(login), true) = (&args.ssh, args.undo) {
        return remote::undo(ctx, &setup, login, &asked);
    }
    if setup.mode == Mode::Plain {
        warn_plain(ctx, &profile, &setup);
    }
    if args.ssh.is_none() && args.out.is_none() {
        return script(ctx, &setup, &profile, args);
    }
    let material = match setup.mode {
        Mode::Plain => None,
        Mode::Tls => Some(material::read(ctx, &profile, &settings, args)?),
    };
    match (&args.ssh, &args.out) {
        (Some(login), _) => {
            remote::install(ctx, &setup, material.as_ref(), login, &asked)?;
            verify::from_here(ctx, &setup, &profile, &settings)
        }
        (None, Some(dir)) => {
            kit::write(ctx, &setup, material.as_ref(), dir, args, &ssh_host(&profile))
        }
        (None, None) => Ok(0),
    }
}

/// What the profile and the flags ask for.
fn setup(profile: &Profile, port: Option<u16>, args: &cli::Server) -> Result<Setup> {
    let name = profile.name.clone();
    if !args.insecure {
        // To take something back it does not matter.
        if profile.tls == TlsMode::Off && !args.undo {
            return Err(Error::Server(ServerFault::NoTls { name }));
        }
        let port = args.port.or(port).unwrap_or(PORT_TLS);
        return Ok(Setup { name, mode: Mode::Tls, bind: args.bind, port });
    }
    let bind = args.bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    if !bind.is_loopback() && !args.force {
        let address = bind.to_string();
        return Err(Error::Server(ServerFault::Open { name, address }));
    }
    // The port of a profile with TLS is no port for this.
    let own = port.filter(|_| profile.tls == TlsMode::Off);
    let port = args.port.or(own).unwrap_or(PORT_PLAIN);
    Ok(Setup { name, mode: Mode::Plain, bind: Some(bind), port })
}

fn warn_plain(ctx: &Ctx<'_>, profile: &Profile, setup: &Setup) {
    let (lang, address, port) = (ctx.out.lang, setup.address(), setup.port);
    let text = match setup.is_loopback() {
        true => tr!(
            lang,
            "no TLS: anyone who can log in on that host, or reach {address}:{port} there through a tunnel or a container, has root on it",
            "未使用 TLS：任何能登录该主机，或经隧道、容器访问那里 {address}:{port} 的人，都等同于它的 root"
        ),
        false => tr!(
            lang,
            "no TLS: anyone who can reach {address}:{port} has root on that host, and the traffic can be read on its way",
            "未使用 TLS：任何能访问 {address}:{port} 的人都等同于该主机的 root，且通信内容可被窃听"
        ),
    };
    let mut hints = Vec::new();
    if setup.is_loopback() {
        let host = profile.host.proxy_host().unwrap_or("HOST");
        let tunnel = format!("ssh -NL {port}:{address}:{port} root@{host}");
        hints.push(Hint::run(
            tr!(lang, "to reach it from here", "从本机访问"),
            format!("{tunnel} &"),
        ));
    }
    ctx.out.warn(&text, &hints);
}

/// A profile that goes through ssh needs no daemon of another kind than there is.
fn over_ssh(ctx: &Ctx<'_>, profile: &Profile) {
    let (lang, name) = (ctx.out.lang, &profile.name);
    let Endpoint::Ssh { user, host, port, .. } = &profile.host else { return };
    let (user, host) = (user.as_deref().map(login_user), login_host(host));
    let login = user.as_ref().map_or_else(|| host.clone(), |user| format!("{user}@{host}"));
    let login = shell_words::quote(&login).into_owned();
    let ssh = port.map_or_else(|| "ssh".to_owned(), |port| format!("ssh -p {port}"));
    let user = user.as_deref().unwrap_or("USER");
    ctx.out.say(&tr!(
        lang,
        "{name} goes through ssh: the daemon there needs no change, and no port is opened",
        "{name} 通过 ssh 连接：那里的守护进程无需修改，也不开放端口"
    ));
    let group = tr!(
        lang,
        "the user has to be in the group docker there, which amounts to root",
        "该用户须属于那里的 docker 组（等同于 root）"
    );
    let hints = [
        Hint::run(group, format!("sudo usermod -aG docker {}", shell_words::quote(user))),
        Hint::run(
            tr!(lang, "whether it works", "检查是否可用"),
            format!("{ssh} {login} docker version"),
        ),
    ];
    for hint in hints {
        ctx.out.advise(&hint);
    }
}

/// The script itself, to be read.
fn script(ctx: &Ctx<'_>, setup: &Setup, profile: &Profile, args: &cli::Server) -> Result<u8> {
    let (lang, name, port) = (ctx.out.lang, &setup.name, setup.port);
    let how = Script { take_over: args.take_over, lang: ctx.out.lang, ..Script::default() };
    ctx.out.data(setup.script(&how).as_bytes())?;
    let address = match setup.bind {
        None => tr!(lang, "every address", "所有地址"),
        Some(_) => setup.address(),
    };
    ctx.out.say(&match setup.mode {
        Mode::Tls => tr!(
            lang,
            "this script makes docker on {name} listen on port {port} of {address}, for clients with a certificate only; it contains no secret, and needs ca.pem, server-cert.pem and server-key.pem beside it",
            "该脚本使 {name} 上的 docker 监听{address}的 {port} 端口，只接受持有证书的客户端；脚本不含机密，需与 ca.pem、server-cert.pem 和 server-key.pem 放在一起"
        ),
        Mode::Plain => tr!(
            lang,
            "this script makes docker on {name} listen on port {port} of {address}, for everyone",
            "该脚本使 {name} 上的 docker 监听{address}的 {port} 端口，任何人都可连接"
        ),
    });
    let more = flags(args);
    for hint in [
        Hint::run(
            tr!(lang, "to run it there", "在那里运行"),
            format!("dctx server {name} --ssh root@{}{more}", ssh_host(profile)),
        ),
        Hint::run(
            tr!(lang, "to have everything in a directory", "将全部文件写入一个目录"),
            format!("dctx server {name} --out DIR{more}"),
        ),
    ] {
        ctx.out.advise(&hint);
    }
    Ok(0)
}

/// The host as ssh takes it, for hints: where docker is. `HOST` where that is this machine's end of a tunnel, or an address
/// that ssh and `--ssh` write differently (IPv6).
fn ssh_host(profile: &Profile) -> String {
    let host = profile.host.proxy_host().unwrap_or_default();
    let is_plain = !host.is_empty() && !host.contains(':') && !verify::goes_to_loopback(profile);
    if is_plain { shell_words::quote(host).into_owned() } else { "HOST".to_owned() }
}

/// The flags as they were typed, for a hint that is the whole command: all but where it goes (`--ssh`, `--out` with
/// `--daemon-json`) and the answers (`--yes`, `--confirm`).
fn flags(args: &cli::Server) -> String {
    let mut out = String::new();
    if let Some(dir) = &args.certs {
        out.push_str(&format!(" --certs {}", shell_words::quote(dir)));
    }
    if args.insecure {
        out.push_str(" --insecure");
    }
    if let Some(address) = args.bind {
        out.push_str(&format!(" --bind {address}"));
    }
    if let Some(port) = args.port {
        out.push_str(&format!(" --port {port}"));
    }
    let more = [(" --force", args.force), (" --take-over", args.take_over), (" --undo", args.undo)];
    for (flag, is) in more {
        if is {
            out.push_str(flag);
        }
    }
    out
}

/// The whole command as it was typed, but for `--take-over`, `--undo` and the answers: what a hint adds one of them to.
fn command(args: &cli::Server) -> String {
    let mut out = format!("dctx server {}", args.name);
    if let Some(login) = &args.ssh {
        out.push_str(&format!(" --ssh {}", shell_words::quote(login)));
    }
    for (flag, path) in [("--out", &args.out), ("--daemon-json", &args.daemon_json)] {
        if let Some(path) = path {
            out.push_str(&format!(" {flag} {}", shell_words::quote(&path.display().to_string())));
        }
    }
    let flags = flags(args);
    let flags = flags.strip_suffix(" --undo").unwrap_or(&flags);
    out.push_str(flags.strip_suffix(" --take-over").unwrap_or(flags));
    out
}
