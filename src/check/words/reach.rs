//! Words for what stands between this machine and a daemon over TCP: the network, names, proxies, other servers.

use super::Words;
use super::mend;
use super::with::With;
use crate::check::diagnosis::Found;
use crate::error::Hint;
use crate::profile::endpoint::{PORT_PLAIN, PORT_TLS};
use crate::tr;

/// Nothing listens on this machine's own port: as a rule a setting of another time leads there.
fn refused_here(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let unspecified = with.facts.host.as_deref().is_some_and(|host| {
        matches!(host.trim_start_matches('[').trim_end_matches(']'), "0.0.0.0" | "::")
    });
    let cause = match (unspecified, with.facts.port) {
        (true, _) => tr!(
            lang,
            "nothing listens at {place}: that address is for listening; as a destination it means this machine",
            "{place} 上没有程序在监听：这是用于监听的地址，作为目标时就是本机"
        ),
        (false, Some(PORT_TLS)) => tr!(
            lang,
            "nothing listens at {place}, which is this machine: docker goes there by itself where DOCKER_TLS_VERIFY or DOCKER_TLS is left over without DOCKER_HOST",
            "{place}（即本机）上没有程序在监听：遗留了 DOCKER_TLS_VERIFY 或 DOCKER_TLS 而没有 DOCKER_HOST 时，docker 会自行连接那里"
        ),
        (false, _) => tr!(
            lang,
            "nothing listens at {place}, which is this machine: DOCKER_HOST or a docker context leads there, and local docker listens on its socket",
            "{place}（即本机）上没有程序在监听：由 DOCKER_HOST 或 docker context 指向那里，而本地 docker 监听的是套接字"
        ),
    };
    let fixes = vec![
        with.reset(),
        Hint::run(
            tr!(lang, "see which setting leads there", "查看由哪个设置指向那里"),
            "dctx current",
        ),
        Hint::run(tr!(lang, "see what listens here", "查看本机监听的端口"), "ss -ltn"),
    ];
    (cause, fixes)
}

pub(super) fn refused(with: &With<'_>) -> Words {
    if with.loopback() && with.facts.profile.is_none() && with.facts.proxy.is_none() {
        return refused_here(with);
    }
    let (lang, place) = (with.lang, with.place());
    let cause = match &with.facts.address {
        Some(address) => tr!(
            lang,
            "nothing listens at {place}: {address} refused the connection",
            "{place} 上没有程序在监听：{address} 拒绝连接"
        ),
        // docker's own words are the same for these three.
        None => tr!(
            lang,
            "no connection to {place}: nothing listens there, or a firewall or a dead proxy is in the way",
            "无法连接 {place}：没有程序在监听，或被防火墙、失效的代理挡住"
        ),
    };
    let mut fixes = Vec::new();
    if let Some(proxy) = &with.facts.proxy {
        fixes.push(Hint::say(tr!(
            lang,
            "the connection goes through the proxy {proxy}: check that it is running",
            "连接经过代理 {proxy}：请确认代理可用"
        )));
    }
    if with.facts.profile.is_none() {
        let say = tr!(lang, "see which setting leads there", "查看由哪个设置指向那里");
        fixes.push(Hint::run(say, "dctx current"));
    }
    fixes.push(Hint::run(
        tr!(lang, "on the host, see what listens", "在主机上查看监听的端口"),
        "ss -ltn",
    ));
    if with.facts.port.is_some_and(|port| port != PORT_TLS) {
        let host = with.tcp(PORT_TLS);
        fixes.push(with.change(
            tr!(lang, "a daemon with TLS listens on 2376", "启用 TLS 的守护进程监听 2376"),
            Some(&host),
            &["--certs", "DIR"],
        ));
    }
    fixes.push(mend::daemon(with));
    (cause, fixes)
}

pub(super) fn timeout(with: &With<'_>) -> Words {
    let (lang, place, port) = (with.lang, with.place(), with.port());
    let cause = match with.facts.waited {
        Some(ms) => {
            let seconds = ms as f64 / 1000.0;
            tr!(
                lang,
                "{place} did not answer within {seconds:.1} s: packets are dropped on the way, or the program there never answers",
                "{place} 在 {seconds:.1} 秒内没有应答：数据包在途中被丢弃，或监听的程序一直不响应"
            )
        }
        None => tr!(
            lang,
            "{place} does not answer: packets are dropped on the way, or the program there never answers",
            "{place} 没有应答：数据包在途中被丢弃，或监听的程序一直不响应"
        ),
    };
    let mut slow = vec!["dctx", "check"];
    slow.extend(with.facts.profile.as_deref());
    slow.extend(["--timeout", "30s"]);
    let fixes = vec![
        Hint::say(tr!(
            lang,
            "let port {port} through: the firewall of the host, the security group of its network, the VPN of this machine",
            "放行 {port} 端口：主机的防火墙、所在网络的安全组、本机的 VPN"
        )),
        Hint::run(
            tr!(lang, "on the host, see whether docker is stuck", "在主机上查看 docker 是否卡住"),
            "systemctl status docker",
        ),
        Hint::run(tr!(lang, "for a slow network", "网络较慢时"), shell_words::join(slow)),
    ];
    (cause, fixes)
}

pub(super) fn no_route(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let to = with.facts.address.as_deref().map(without_port);
    let to = to.unwrap_or_else(|| with.host_word());
    let cause = tr!(
        lang,
        "there is no route to {place}: the host is down, or in a network that this machine does not reach now",
        "没有到 {place} 的路由：主机已关机，或当前网络无法到达"
    );
    let fixes = vec![
        Hint::say(tr!(
            lang,
            "start the host, or connect the VPN that leads to it",
            "启动该主机，或连接通往它的 VPN"
        )),
        Hint::run(
            tr!(lang, "see which way packets take", "查看路由"),
            shell_words::join(["ip", "route", "get", to]),
        ),
    ];
    (cause, fixes)
}

/// The address before a port, brackets taken off.
fn without_port(address: &str) -> &str {
    match address.parse::<std::net::SocketAddr>() {
        Ok(_) => {
            let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
            host.trim_start_matches('[').trim_end_matches(']')
        }
        Err(_) => address,
    }
}

pub(super) fn net_prohibited(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let cause = tr!(
        lang,
        "this machine's own rules forbid the connection to {place}: a firewall, a sandbox or a policy, not the group docker",
        "本机规则禁止连接 {place}：是防火墙、沙箱或安全策略所致，与 docker 用户组无关"
    );
    let fixes = vec![
        Hint::run(tr!(lang, "see the rules", "查看规则"), "sudo nft list ruleset"),
        Hint::say(tr!(
            lang,
            "try it outside of the container, sandbox or VPN client that this shell runs in",
            "在当前容器、沙箱或 VPN 客户端之外再试一次"
        )),
    ];
    (cause, fixes)
}

pub(super) fn dns(with: &With<'_>) -> Words {
    let (lang, said) = (with.lang, with.said());
    let cause = match &with.facts.host {
        Some(host) => tr!(
            lang,
            "the name {host} does not resolve on this machine{said}",
            "本机无法解析名称 {host}{said}"
        ),
        None => tr!(
            lang,
            "the host's name does not resolve on this machine{said}",
            "本机无法解析主机名{said}"
        ),
    };
    let port = with.port();
    let fixes = vec![
        Hint::run(
            tr!(lang, "ask the resolver", "查询解析结果"),
            shell_words::join(["getent", "hosts", with.host_word()]),
        ),
        with.change(
            tr!(lang, "go there by its address", "改用 IP 地址"),
            Some(&format!("tcp://ADDRESS:{port}")),
            &[],
        ),
        Hint::say(tr!(
            lang,
            "or give the name an address in /etc/hosts: a certificate for the name stays good",
            "或在 /etc/hosts 中为该名称指定地址：按名称签发的证书仍然有效"
        )),
    ];
    (cause, fixes)
}

pub(super) fn not_docker(with: &With<'_>) -> Words {
    let (lang, place, said) = (with.lang, with.place(), with.said());
    let cause = match &with.facts.found {
        Some(Found::Ssh(greeting)) if !greeting.is_empty() => tr!(
            lang,
            "an SSH server answers at {place} ({greeting}), not docker",
            "{place} 上应答的是 SSH 服务器（{greeting}），不是 docker"
        ),
        Some(Found::Ssh(_)) => tr!(
            lang,
            "an SSH server answers at {place}, not docker",
            "{place} 上应答的是 SSH 服务器，不是 docker"
        ),
        Some(Found::Http { status, location: Some(location), .. }) => tr!(
            lang,
            "a web server answers at {place}, not docker: status {status}, and it leads to {location}",
            "{place} 上应答的是 Web 服务器，不是 docker：状态码 {status}，并跳转到 {location}"
        ),
        Some(Found::Http { status: status @ (401 | 403), .. }) => tr!(
            lang,
            "what answers at {place} asks for a login (status {status}): a reverse proxy or an authorization plugin, before docker or instead of it",
            "{place} 要求登录（状态码 {status}）：docker 前面有反向代理或授权插件，或者那里根本不是 docker"
        ),
        Some(Found::Http { status, server, .. }) => {
            let server = server.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
            tr!(
                lang,
                "a web server{server} answers at {place}, not docker: status {status}",
                "{place} 上应答的是 Web 服务器{server}，不是 docker：状态码 {status}"
            )
        }
        Some(Found::Html) => tr!(
            lang,
            "a web page comes from {place}, not docker's answer",
            "{place} 返回的是网页，不是 docker 的应答"
        ),
        Some(Found::Closed) => tr!(
            lang,
            "{place} accepts the connection and closes it without an answer: another server, a proxy, or a daemon that wants TLS",
            "{place} 接受连接后不作应答就关闭：可能是其他服务、代理，或要求 TLS 的守护进程"
        ),
        Some(Found::Reset) => tr!(
            lang,
            "{place} accepts the connection and resets it: another server, a proxy, or a daemon that wants TLS",
            "{place} 接受连接后将其重置：可能是其他服务、代理，或要求 TLS 的守护进程"
        ),
        _ => tr!(
            lang,
            "what answers at {place} is not docker{said}",
            "{place} 上应答的不是 docker{said}"
        ),
    };
    let mut fixes = Vec::new();
    if matches!(with.facts.found, Some(Found::Ssh(_))) {
        let host = super::with::bracketed(with.host_word());
        let at = with.facts.user.as_deref().map(|user| format!("{user}@")).unwrap_or_default();
        let port = with.facts.port.filter(|port| *port != 22);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        fixes.push(with.change(
            tr!(lang, "go to docker by ssh", "通过 ssh 连接 docker"),
            Some(&format!("ssh://{at}{host}{port}")),
            &["--tls", "off"],
        ));
    }
    let other = if with.facts.port == Some(PORT_TLS) { PORT_PLAIN } else { PORT_TLS };
    if other == PORT_TLS {
        let host = with.tcp(PORT_TLS);
        fixes.push(with.change(
            tr!(lang, "docker's port with TLS is 2376", "docker 的 TLS 端口是 2376"),
            Some(&host),
            &["--certs", "DIR"],
        ));
    }
    fixes.push(Hint::run(
        tr!(lang, "on the host, see which program has the port", "在主机上查看占用端口的程序"),
        "sudo ss -ltnp",
    ));
    (cause, fixes)
}

pub(super) fn proxy(with: &With<'_>) -> Words {
    let (lang, place, said) = (with.lang, with.place(), with.said());
    let cause = match &with.facts.proxy {
        Some(proxy) => tr!(
            lang,
            "docker reaches {place} through the proxy {proxy}, which does not let it through{said}",
            "docker 经代理 {proxy} 连接 {place}，代理未放行{said}"
        ),
        None => tr!(
            lang,
            "an HTTP proxy in front of {place} does not let docker through{said}",
            "{place} 之前有 HTTP 代理，代理未放行{said}"
        ),
    };
    let name = with.facts.profile.as_deref().unwrap_or("NAME");
    let name = shell_words::quote(name);
    let host = with.host_word();
    let fixes = vec![
        Hint::run(
            tr!(
                lang,
                "use the profile again, which adds its host to NO_PROXY",
                "重新使用该主机配置，其主机会加入 NO_PROXY"
            ),
            format!("dctx use {name}"),
        ),
        Hint::say(tr!(
            lang,
            "or add {host} to NO_PROXY by hand, and check HTTP_PROXY and HTTPS_PROXY",
            "或手动把 {host} 加入 NO_PROXY，并查看 HTTP_PROXY 和 HTTPS_PROXY"
        )),
    ];
    (cause, fixes)
}
