//! Words for this machine and its docker: sockets, addresses, API versions, variables and contexts.

use super::Words;
use super::with::{With, word};
use crate::error::{Error, Hint, ProfileFault};
use crate::profile::endpoint::{Endpoint, Refused};
use crate::tr;

/// Where docker could be instead.
fn contexts(with: &With<'_>) -> Hint {
    Hint::run(
        tr!(with.lang, "see where else docker may be", "查看其他 docker 上下文"),
        "docker context ls",
    )
}

/// The path of the socket, or words for it.
fn socket(with: &With<'_>) -> String {
    let from = with.facts.endpoint.as_deref().and_then(|host| host.strip_prefix("unix://"));
    match (&with.facts.path, from) {
        (Some(path), _) => path.display().to_string(),
        (None, Some(path)) => path.to_owned(),
        (None, None) => "/var/run/docker.sock".to_owned(),
    }
}

pub(super) fn unix_missing(with: &With<'_>) -> Words {
    let (lang, socket) = (with.lang, socket(with));
    let cause = match with.facts.found {
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
        Hint::run(tr!(lang, "start docker", "启动 docker"), "sudo systemctl start docker"),
        contexts(with),
        Hint::run(tr!(lang, "go to a remote host", "改用远程主机"), "dctx ls"),
    ];
    (cause, fixes)
}

pub(super) fn unix_permission(with: &With<'_>) -> Words {
    let (lang, socket) = (with.lang, socket(with));
    let cause = tr!(
        lang,
        "docker's socket {socket} is not for this user",
        "当前用户无权访问 docker 的套接字 {socket}"
    );
    let quoted = word(Some(std::path::Path::new(&socket)), "");
    let fixes = vec![
        Hint::run(
            tr!(
                lang,
                "join the group docker, which makes you root here, and log in again",
                "加入 docker 组（等于拥有本机 root 权限），然后重新登录"
            ),
            "sudo usermod -aG docker \"$USER\"",
        ),
        Hint::run(tr!(lang, "see whose it is", "查看属主"), format!("ls -l {quoted}")),
        contexts(with),
    ];
    (cause, fixes)
}

pub(super) fn unix_stale(with: &With<'_>) -> Words {
    let (lang, socket) = (with.lang, socket(with));
    let cause = tr!(
        lang,
        "{socket} is there, but nobody listens on it: docker has stopped, or it is no socket",
        "{socket} 存在，但没有程序监听：docker 已停止，或它不是套接字"
    );
    let fixes = vec![
        Hint::run(
            tr!(lang, "start docker anew", "重新启动 docker"),
            "sudo systemctl restart docker",
        ),
        contexts(with),
    ];
    (cause, fixes)
}

pub(super) fn endpoint_invalid(with: &With<'_>) -> Words {
    let (lang, said) = (with.lang, with.said());
    let refused = with.facts.endpoint.as_deref().and_then(|host| Endpoint::parse(host).err());
    let write = refused.as_ref().and_then(|refused| refused.write.clone());
    let cause = match (&with.facts.endpoint, refused) {
        (Some(input), Some(Refused { fault, write })) => {
            let fault = ProfileFault::Endpoint { input: input.clone(), fault, write };
            Error::Value(fault).message(lang)
        }
        (Some(host), None) => tr!(
            lang,
            "docker cannot use {host} as a host{said}",
            "docker 无法使用 {host} 作为主机地址{said}"
        ),
        (None, _) => tr!(
            lang,
            "docker cannot use the host it was given{said}",
            "docker 无法使用给定的主机地址{said}"
        ),
    };
    let host = write.as_deref().unwrap_or("tcp://HOST:2376");
    let say = match write {
        Some(_) => tr!(lang, "write it so", "应写作"),
        None => tr!(
            lang,
            "tcp://HOST:PORT, ssh://USER@HOST, unix:///PATH or npipe:////./pipe/NAME are good",
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
        let say = tr!(lang, "if the profile pins a version", "如果配置固定了版本");
        fixes.push(with.change(say, None, &["--unset", "api-version"]));
    }
    fixes.push(Hint::run(
        tr!(lang, "if the shell pins a version", "如果 shell 固定了版本"),
        "unset DOCKER_API_VERSION",
    ));
    fixes
}

pub(super) fn api_too_old(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let cause = match (&with.facts.api, &with.facts.api_range) {
        (Some(api), Some((oldest, _))) if !oldest.is_empty() => tr!(
            lang,
            "docker speaks API {api} here, and the daemon at {place} none below {oldest}",
            "这里的 docker 使用 API {api}，而 {place} 上的守护进程最低支持 {oldest}"
        ),
        _ => tr!(
            lang,
            "docker speaks an older API than the daemon at {place} still does",
            "docker 使用的 API 版本低于 {place} 上守护进程的最低要求"
        ),
    };
    let mut fixes = unpin(with);
    fixes.push(Hint::say(tr!(
        lang,
        "else update docker on this machine, or set min-api-version in /etc/docker/daemon.json on the host",
        "否则请升级本机的 docker，或在主机的 /etc/docker/daemon.json 中设置 min-api-version"
    )));
    (cause, fixes)
}

pub(super) fn api_too_new(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let cause = match (&with.facts.api, &with.facts.api_range) {
        (Some(api), Some((_, newest))) if !newest.is_empty() => tr!(
            lang,
            "API {api} is asked for, and the daemon at {place} speaks none above {newest}",
            "请求的是 API {api}，而 {place} 上的守护进程最高支持 {newest}"
        ),
        _ => tr!(
            lang,
            "a newer API is asked for than the daemon at {place} speaks",
            "请求的 API 版本高于 {place} 上守护进程所支持的"
        ),
    };
    let mut fixes = unpin(with);
    fixes.push(Hint::say(tr!(
        lang,
        "unpinned, docker and the daemon agree on a version by themselves",
        "不固定版本时，docker 会自动与守护进程协商"
    )));
    (cause, fixes)
}

pub(super) fn leftover(with: &With<'_>) -> Words {
    let lang = with.lang;
    let var = with.facts.var.as_ref().map(|(name, value)| (name.as_str(), value.as_str()));
    let cause = match (var, &with.facts.context) {
        (Some(("DOCKER_HOST", value)), Some(context)) => tr!(
            lang,
            "DOCKER_HOST={value} is set, so docker does not go to its context {context}",
            "设置了 DOCKER_HOST={value}，因此 docker 不会使用上下文 {context}"
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
            "{name}={value} 是遗留的值，或遮住了另一个值"
        ),
        (None, _) => tr!(
            lang,
            "variables of a former host are left over in this shell",
            "当前 shell 中遗留了先前主机的变量"
        ),
    };
    let mut fixes = vec![with.reset()];
    let plain = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if let Some(name) = var.map(|(name, _)| name).filter(plain) {
        fixes.push(Hint::run(
            tr!(lang, "or this variable alone", "或只取消这个变量"),
            format!("unset {name}"),
        ));
    }
    (cause, fixes)
}

pub(super) fn context_missing(with: &With<'_>) -> Words {
    let lang = with.lang;
    let cause = match &with.facts.context {
        Some(context) => tr!(
            lang,
            "there is no docker context named {context}",
            "没有名为 {context} 的 docker 上下文"
        ),
        None => tr!(
            lang,
            "the docker context that is asked for does not exist",
            "所请求的 docker 上下文不存在"
        ),
    };
    let fixes = vec![
        Hint::run(tr!(lang, "see which there are", "查看现有的上下文"), "docker context ls"),
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
