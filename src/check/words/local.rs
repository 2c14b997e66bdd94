//! Words for this machine and its docker: sockets, addresses, API versions, variables and contexts.

use super::Words;
use super::with::{With, word};
use crate::error::{Error, Hint, ProfileFault};
use crate::profile::endpoint::{Endpoint, Refused};
use crate::tr;

/// Where docker could be instead.
fn contexts(with: &With<'_>) -> Hint {
    Hint::run(
        tr!(with.lang, "see where else docker may be", "查看其他 docker context"),
        "docker context ls",
    )
}

/// The path of the socket, or words for it.
fn socket(with: &With<'_>) -> String {
    let from = with.facts.endpoint.as_deref().and_then(|host| host.strip_prefix("unix://"));
    match (&with.facts.path, from) {
        (Some(path), _) => path.display().to_string(),
        (None, Some(path)) => path.to_owned(),
        (None, None) if with.windows() => match with.facts.endpoint.as_deref() {
            Some(host) if host.starts_with("npipe://") => host.to_owned(),
            _ => "npipe:////./pipe/docker_engine".to_owned(),
        },
        (None, None) => "/var/run/docker.sock".to_owned(),
    }
}

/// What starts the daemon that a socket belongs to, by where the socket is: docker.com's, podman.io's, colima's and
/// OrbStack's own documents say where each puts its own.
fn start(with: &With<'_>, socket: &str) -> Hint {
    let lang = with.lang;
    let start = || tr!(lang, "start docker", "启动 docker");
    if with.windows() {
        let say = tr!(
            lang,
            "start Docker Desktop, or docker's service in an elevated PowerShell",
            "启动 Docker Desktop，或在管理员 PowerShell 中启动 docker 服务"
        );
        return Hint::run(say, "Start-Service docker");
    }
    let has = |part: &str| socket.contains(part);
    if has("/.colima/") {
        return Hint::run(tr!(lang, "start colima", "启动 colima"), "colima start");
    }
    if has("/.orbstack/") {
        return Hint::run(tr!(lang, "start OrbStack", "启动 OrbStack"), "orb start");
    }
    if has("/.rd/") {
        return Hint::run(
            tr!(lang, "start Rancher Desktop", "启动 Rancher Desktop"),
            "rdctl start",
        );
    }
    if has("/podman/machine/") {
        let say = tr!(lang, "start podman's machine", "启动 podman 虚拟机");
        return Hint::run(say, "podman machine start");
    }
    if has("/.docker/run/") {
        return Hint::run(
            tr!(lang, "start Docker Desktop", "启动 Docker Desktop"),
            "open -a Docker",
        );
    }
    if has("/.docker/desktop/") {
        let say = tr!(lang, "start Docker Desktop", "启动 Docker Desktop");
        return Hint::run(say, "systemctl --user start docker-desktop");
    }
    let user = has("/run/user/");
    if has("podman") {
        let say = tr!(lang, "start podman's socket", "启动 podman 的 socket");
        return Hint::run(
            say,
            if user {
                "systemctl --user start podman.socket"
            } else {
                "sudo systemctl start podman.socket"
            },
        );
    }
    if user {
        let say = tr!(lang, "start this user's own docker", "启动当前用户的 rootless docker");
        return Hint::run(say, "systemctl --user start docker");
    }
    Hint::run(start(), "sudo systemctl start docker")
}

pub(super) fn unix_missing(with: &With<'_>) -> Words {
    let (lang, socket) = (with.lang, socket(with));
    let cause = match with.facts.found {
        _ if with.windows() => tr!(
            lang,
            "there is no pipe {socket}: docker is not running here, or listens elsewhere",
            "没有管道 {socket}：docker 未在本机运行，或监听在别处"
        ),
        // docker 28 says the same of a socket that is not there and of one that nobody listens on.
        None if with.facts.said.is_some() && with.facts.path.is_none() => tr!(
            lang,
            "docker does not answer at {socket}: it is not running, or listens elsewhere",
            "{socket} 上没有 docker 应答：未运行，或监听在别处"
        ),
        _ => tr!(
            lang,
            "there is no socket {socket}: docker is not running here, or listens elsewhere",
            "没有套接字 {socket}：docker 未在本机运行，或监听在别处"
        ),
    };
    let fixes = vec![
        start(with, &socket),
        contexts(with),
        Hint::run(tr!(lang, "go to a remote host", "改用远程主机"), "dctx ls"),
    ];
    (cause, fixes)
}

pub(super) fn unix_permission(with: &With<'_>) -> Words {
    let (lang, socket) = (with.lang, socket(with));
    if with.windows() {
        let cause = tr!(
            lang,
            "this user may not use docker's pipe {socket}",
            "当前用户无权访问 docker 的管道 {socket}"
        );
        let say = tr!(
            lang,
            "join the group docker-users and log in again, or run it as administrator",
            "加入 docker-users 组并重新登录，或以管理员身份运行"
        );
        return (cause, vec![Hint::say(say), contexts(with)]);
    }
    let cause = tr!(
        lang,
        "this user may not use docker's socket {socket}",
        "当前用户无权访问 docker 的套接字 {socket}"
    );
    let quoted = word(Some(std::path::Path::new(&socket)), "");
    let look = Hint::run(tr!(lang, "see whose it is", "查看属主"), format!("ls -l {quoted}"));
    // The sockets below a home or a runtime directory are one user's.
    let own =
        ["/run/user/", "/home/", "/Users/", "/podman/"].iter().any(|dir| socket.contains(dir));
    let fixes = match own {
        true => {
            let say = tr!(
                lang,
                "that socket is one user's own: be that user, or go to another daemon",
                "该套接字属于某个用户：请用该用户身份运行，或改用其他守护进程"
            );
            vec![look, Hint::say(say), contexts(with)]
        }
        false => vec![
            Hint::run(
                tr!(
                    lang,
                    "join the group docker, which makes you root here, and log in again",
                    "加入 docker 组（等于拥有本机 root 权限），然后重新登录"
                ),
                "sudo usermod -aG docker \"$USER\"",
            ),
            look,
            contexts(with),
        ],
    };
    (cause, fixes)
}

pub(super) fn unix_stale(with: &With<'_>) -> Words {
    let (lang, socket) = (with.lang, socket(with));
    let cause = tr!(
        lang,
        "{socket} exists, but no program listens on it: docker has stopped, or it is not a socket",
        "{socket} 存在，但没有程序监听：docker 已停止，或它不是套接字"
    );
    let mut fix = start(with, &socket);
    if fix.run.as_deref() == Some("sudo systemctl start docker") {
        fix = Hint::run(
            tr!(lang, "restart docker", "重新启动 docker"),
            "sudo systemctl restart docker",
        );
    }
    (cause, vec![fix, contexts(with)])
}

/// To take a variable away in this shell; `None` for what is no name of one.
pub(super) fn unset(with: &With<'_>, name: &str) -> Option<Hint> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let say = tr!(with.lang, "unset {name} in this shell", "在当前 shell 中取消 {name}");
    name.chars().all(plain).then(|| Hint::run(say, format!("unset {name}")))
}

pub(super) fn tls_env_with_socket(with: &With<'_>) -> Words {
    let (lang, socket) = (with.lang, socket(with));
    let cause = tr!(
        lang,
        "DOCKER_TLS_VERIFY or DOCKER_CERT_PATH is set although docker is the local socket {socket}: this program then speaks TLS to it, and the daemon does not",
        "连接的是本机套接字 {socket}，却设置了 DOCKER_TLS_VERIFY 或 DOCKER_CERT_PATH：该程序因此使用 TLS，而守护进程不使用"
    );
    let names = ["DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"];
    let unset = names.iter().filter_map(|name| unset(with, name));
    (cause, [with.reset()].into_iter().chain(unset).collect())
}

/// What the words tell of an address that they do not quote, with the address to take instead.
fn unquoted(with: &With<'_>) -> Option<(String, Option<String>)> {
    let (lang, said) = (with.lang, with.facts.said.as_deref()?);
    let has = |words: &str| said.contains(words);
    let cause = if has("protocol not available") {
        tr!(
            lang,
            "docker cannot use the host it was given: npipe:// is for Windows, and docker runs on another system here",
            "docker 无法使用给定的主机地址：npipe:// 只用于 Windows，而这里的 docker 运行在其他系统上"
        )
    } else if has("no Host in request URL") {
        tr!(
            lang,
            "the address that docker was given has no host in it",
            "给 docker 的地址中没有主机"
        )
    } else if has("not valid in its context") {
        let address = with.facts.address.as_deref().unwrap_or("0.0.0.0:2375");
        let port = address.rsplit_once(':').map_or("2375", |(_, port)| port);
        let port = if port.chars().all(|c| c.is_ascii_digit()) { port } else { "2375" };
        let cause = tr!(
            lang,
            "{address} is an address to listen on: Windows does not connect to it",
            "{address} 是用于监听的地址：Windows 不能连接它"
        );
        return Some((cause, Some(format!("tcp://127.0.0.1:{port}"))));
    } else if has("https protocol is not supported") {
        tr!(
            lang,
            "this client has no certificates, and its address is https://: docker's addresses are tcp://, and certificates turn TLS on",
            "该客户端没有证书，而地址是 https://：docker 的地址使用 tcp://，有证书时才启用 TLS"
        )
    } else if has("too long") {
        tr!(
            lang,
            "the path of docker's socket is too long: the system allows 107 bytes",
            "docker 套接字的路径过长：系统最多允许 107 字节"
        )
    } else {
        return None;
    };
    Some((cause, None))
}

pub(super) fn endpoint_invalid(with: &With<'_>) -> Words {
    let (lang, said) = (with.lang, with.said());
    let parsed = with.facts.endpoint.as_deref().map(Endpoint::parse);
    let known = with.facts.endpoint.as_deref().unwrap_or_default();
    let (cause, write) = match (unquoted(with), parsed) {
        (Some(told), _) => told,
        (None, Some(Err(Refused { fault, write }))) => {
            let instead = write.clone();
            let fault = ProfileFault::Endpoint { input: known.to_owned(), fault, write };
            (Error::Value(fault).message(lang), instead)
        }
        (None, Some(Ok(Endpoint::Tcp { host, port: None, .. }))) => {
            let cause = tr!(
                lang,
                "this client wants a port in {known}{said}",
                "该客户端要求 {known} 带上端口{said}"
            );
            let host = host.trim_matches(['[', ']']).to_owned();
            (cause, Some(format!("tcp://{}:2376", super::with::bracketed(&host))))
        }
        (None, Some(Ok(_))) => {
            let cause = tr!(
                lang,
                "docker cannot use {known} as a host{said}",
                "docker 无法使用 {known} 作为主机地址{said}"
            );
            (cause, None)
        }
        (None, None) => {
            let cause = tr!(
                lang,
                "docker cannot use the host it was given{said}",
                "docker 无法使用给定的主机地址{said}"
            );
            (cause, None)
        }
    };
    let host = write.as_deref().unwrap_or("tcp://HOST:2376");
    let say = match write {
        Some(_) => tr!(lang, "write it as", "应写作"),
        None => tr!(
            lang,
            "tcp://HOST:PORT, ssh://USER@HOST, unix:///PATH and npipe:////./pipe/NAME are valid",
            "可用的形式：tcp://HOST:PORT、ssh://USER@HOST、unix:///PATH、npipe:////./pipe/NAME"
        ),
    };
    let mut fixes = vec![with.change(say, Some(host), &[])];
    if with.facts.profile.is_none() {
        fixes.push(with.reset());
    }
    (cause, fixes)
}

/// To take a pinned version away, in the profile and in the shell.
fn unpin(with: &With<'_>) -> Vec<Hint> {
    let lang = with.lang;
    let mut fixes = Vec::new();
    if with.facts.profile.is_some() {
        let say = tr!(lang, "if the profile pins a version", "如果主机配置固定了版本");
        fixes.push(with.change(say, None, &["--unset", "api-version"]));
    }
    if !with.facts.unpinned {
        fixes.push(Hint::run(
            tr!(lang, "if the shell pins a version", "如果 shell 固定了版本"),
            "unset DOCKER_API_VERSION",
        ));
    }
    fixes
}

pub(super) fn api_too_old(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let cause = match (&with.facts.api, &with.facts.api_range) {
        (Some(api), Some((oldest, _))) if !oldest.is_empty() => tr!(
            lang,
            "the client uses API {api}, but the daemon at {place} accepts nothing below {oldest}",
            "客户端使用 API {api}，而 {place} 上的守护进程最低支持 {oldest}"
        ),
        _ => tr!(
            lang,
            "the client uses an older API than the daemon at {place} accepts",
            "客户端所用的 API 版本低于 {place} 上守护进程的最低要求"
        ),
    };
    let mut fixes = unpin(with);
    fixes.push(Hint::say(tr!(
        lang,
        "update the client: docker on this machine, or the container or library that asks",
        "请升级客户端：本机的 docker，或发起请求的容器、库"
    )));
    fixes.push(Hint::say(tr!(
        lang,
        "or, on the host, set min-api-version in /etc/docker/daemon.json and restart docker",
        "或在主机的 /etc/docker/daemon.json 中设置 min-api-version，并重启 docker"
    )));
    (cause, fixes)
}

pub(super) fn api_too_new(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let asked = match (&with.facts.api, &with.facts.api_range) {
        (Some(api), Some((_, newest))) if !newest.is_empty() => tr!(
            lang,
            "API {api} is requested, but the daemon at {place} speaks nothing above {newest}",
            "请求的是 API {api}，而 {place} 上的守护进程最高支持 {newest}"
        ),
        _ => tr!(
            lang,
            "a newer API is requested than the daemon at {place} speaks",
            "请求的 API 版本高于 {place} 上守护进程所支持的"
        ),
    };
    // docker negotiates, unless its first question, for which it waits 2 s, is not answered in time.
    let cause = match with.facts.unpinned {
        true => tr!(
            lang,
            "{asked}; DOCKER_API_VERSION is not set here, so either the daemon took longer than 2 s to answer docker's first question (slow ssh), or the program does not negotiate",
            "{asked}；这里没有设置 DOCKER_API_VERSION，因此要么守护进程对首个请求的应答超过 2 秒（ssh 较慢），要么该程序不协商版本"
        ),
        false => asked,
    };
    let mut fixes = unpin(with);
    if with.facts.unpinned {
        let by_ssh = with.facts.endpoint.as_deref().is_some_and(|host| host.starts_with("ssh://"));
        if by_ssh {
            fixes.push(super::ssh::share(with));
        }
        let newest = with.facts.api_range.as_ref().map(|(_, newest)| newest.as_str());
        if let Some(newest) = newest.filter(|newest| !newest.is_empty()) {
            let say = tr!(
                lang,
                "until it is faster, or the program negotiates, pin what the daemon speaks",
                "在连接变快或程序支持协商之前，固定为守护进程支持的版本"
            );
            fixes.push(with.change(say, None, &["--api-version", newest]));
        }
        fixes.push(Hint::run(tr!(lang, "see both versions", "查看双方版本"), "docker version"));
    } else {
        fixes.push(Hint::say(tr!(
            lang,
            "unpinned, docker and the daemon agree on a version by themselves",
            "不固定版本时，docker 会自动与守护进程协商"
        )));
    }
    (cause, fixes)
}

pub(super) fn leftover(with: &With<'_>) -> Words {
    let lang = with.lang;
    let var = with.facts.var.as_ref().map(|(name, value)| (name.as_str(), value.as_str()));
    let cause = match (var, &with.facts.context) {
        (Some(("DOCKER_HOST", value)), Some(context)) => tr!(
            lang,
            "DOCKER_HOST={value} is set, so docker does not go to its context {context}",
            "设置了 DOCKER_HOST={value}，因此 docker 不会使用 context {context}"
        ),
        (
            Some((name @ ("DOCKER_TLS_VERIFY" | "DOCKER_TLS"), value @ ("0" | "false" | "no"))),
            _,
        ) => {
            tr!(
                lang,
                "{name}={value} turns TLS on, as any value does: docker looks only whether there is one",
                "{name}={value} 会启用 TLS，任何值都一样：docker 只看是否有值"
            )
        }
        (Some((name @ ("DOCKER_TLS_VERIFY" | "DOCKER_TLS"), value)), _) => tr!(
            lang,
            "{name}={value} is left over: without DOCKER_HOST it sends docker to tcp://localhost:2376",
            "遗留的 {name}={value}：没有 DOCKER_HOST 时它会让 docker 连接 tcp://localhost:2376"
        ),
        (Some(("DOCKER_CERT_PATH", value)), _) => tr!(
            lang,
            "DOCKER_CERT_PATH={value} alone does nothing to docker, and makes Go and Python clients speak TLS without verifying",
            "单独的 DOCKER_CERT_PATH={value} 对 docker 无效，却会让 Go 和 Python 客户端使用未验证的 TLS"
        ),
        (Some((name, value)), _) => tr!(
            lang,
            "{name}={value} is left over, or hides another value",
            "{name}={value} 是遗留的值，或遮蔽了另一个值"
        ),
        (None, _) => tr!(
            lang,
            "variables of a former host are left over in this shell",
            "当前 shell 中遗留了先前主机的变量"
        ),
    };
    let mut fixes = vec![with.reset()];
    match var {
        Some((name, _)) => fixes.extend(unset(with, name)),
        None => fixes.push(Hint::run(
            tr!(lang, "see which setting decides", "查看由哪个设置决定"),
            "dctx current",
        )),
    }
    (cause, fixes)
}

pub(super) fn hook_lost(with: &With<'_>) -> Words {
    let lang = with.lang;
    let cause = tr!(
        lang,
        "the hook does not run at this shell's prompts any more: the variable that held it was assigned after dctx init",
        "钩子在当前 shell 的提示符处不再运行：它所在的变量在 dctx init 之后被重新赋值"
    );
    let say = tr!(lang, "see what assigned it", "查看是什么给它赋了值");
    (cause, vec![Hint::run(say, "dctx check")])
}

pub(super) fn socket_elsewhere(with: &With<'_>) -> Words {
    let lang = with.lang;
    let cause = tr!(
        lang,
        "the daemon behind this socket is on another machine: the socket is the end of a tunnel",
        "此套接字后面的守护进程在另一台机器上：它是隧道的一端"
    );
    (cause, vec![with.reset()])
}

pub(super) fn context_missing(with: &With<'_>) -> Words {
    let lang = with.lang;
    let cause = match &with.facts.context {
        Some(context) => tr!(
            lang,
            "there is no docker context named {context}",
            "没有名为 {context} 的 docker context"
        ),
        None => tr!(
            lang,
            "the docker context that is asked for does not exist",
            "所请求的 docker context 不存在"
        ),
    };
    let fixes = vec![
        Hint::run(tr!(lang, "see which there are", "查看现有的 context"), "docker context ls"),
        Hint::run(
            tr!(lang, "if the shell names it", "如果是 shell 指定的"),
            "unset DOCKER_CONTEXT",
        ),
        Hint::run(
            tr!(lang, "if docker's own settings name it", "如果是 docker 的设置指定的"),
            "docker context use default",
        ),
    ];
    (cause, fixes)
}
