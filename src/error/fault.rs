//! What is wrong with a profile's settings, in words.

use super::text::{name_fault, show};
use super::{EndpointFault, Hint, Lang, ProfileFault};
use crate::tr;

impl ProfileFault {
    /// One sentence.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match self {
            Self::Endpoint { input, fault, .. } => {
                let why = endpoint_fault(fault, lang);
                tr!(lang, "host \"{input}\": {why}", "host \"{input}\":{why}")
            }
            Self::Name(fault) => {
                let why = name_fault(fault, lang);
                tr!(lang, "not a profile name: {why}", "不是合法的配置名:{why}")
            }
            Self::UnknownKey { key, similar } => match similar {
                Some(similar) => tr!(
                    lang,
                    "unknown key {key}; did you mean {similar}?",
                    "未知的键 {key};是否想写 {similar}?"
                ),
                None => tr!(
                    lang,
                    "unknown key {key} (keys of your own begin with x-)",
                    "未知的键 {key}(自定义键须以 x- 开头)"
                ),
            },
            Self::NoHost => tr!(lang, "it has no host", "没有 host"),
            Self::Kind { key, expected } => {
                tr!(lang, "{key} takes {expected}", "{key} 的值应为 {expected}")
            }
            Self::Char { key, found } => {
                let found = show(*found);
                tr!(
                    lang,
                    "{key} holds {found}, which nobody can see",
                    "{key} 含有不可见字符 {found}"
                )
            }
            Self::EnvName(name) => tr!(lang, "env may not set {name}", "env 不允许设置 {name}"),
            Self::Conflict(a, b) => {
                tr!(lang, "{a} and {b} exclude each other", "{a} 与 {b} 不能同时使用")
            }
            Self::Needs { what, needs } => tr!(lang, "{what} needs {needs}", "{what} 需要 {needs}"),
            Self::NotFor { what, scheme } => {
                tr!(lang, "{what} has no meaning for {scheme}://", "{what} 对 {scheme}:// 没有意义")
            }
            Self::NotInLayer(what) => tr!(
                lang,
                "{what} is honoured only in your own config.toml",
                "{what} 只在您自己的 config.toml 中有效"
            ),
            Self::Unsupported(what) => tr!(
                lang,
                "this version of dctx cannot do {what} yet, and will not pretend to",
                "本版本的 dctx 尚不支持 {what}"
            ),
            Self::Other(text) => text.clone(),
        }
    }

    /// What to write instead. `profile` is its name where the fault is in a file.
    #[must_use]
    pub fn hints(&self, profile: Option<&str>, lang: Lang) -> Vec<Hint> {
        match (self, profile) {
            (Self::Endpoint { write: Some(write), .. }, Some(name)) => {
                vec![Hint::run(
                    tr!(lang, "write", "请写成"),
                    format!("dctx edit {name} --host {write}"),
                )]
            }
            (Self::Endpoint { write: Some(write), .. }, None) => {
                vec![Hint::say(tr!(lang, "write {write}", "请写成 {write}"))]
            }
            (Self::Endpoint { .. }, None) => vec![Hint::say(tr!(
                lang,
                "a host is tcp://HOST:PORT, ssh://USER@HOST, unix:///PATH or npipe:////./pipe/NAME",
                "主机的写法:tcp://HOST:PORT、ssh://USER@HOST、unix:///PATH 或 npipe:////./pipe/NAME"
            ))],
            (Self::EnvName(_), _) => vec![Hint::say(tr!(
                lang,
                "allowed: DOCKER_DEFAULT_PLATFORM, DOCKER_BUILDKIT, BUILDX_BUILDER, BUILDKIT_*, COMPOSE_* (not COMPOSE_FILE), TESTCONTAINERS_*",
                "允许:DOCKER_DEFAULT_PLATFORM、DOCKER_BUILDKIT、BUILDX_BUILDER、BUILDKIT_*、COMPOSE_*(COMPOSE_FILE 除外)、TESTCONTAINERS_*"
            ))],
            (_, Some(name)) => {
                vec![Hint::run(tr!(lang, "mend it", "修正"), format!("dctx edit {name}"))]
            }
            (_, None) => Vec::new(),
        }
    }
}

fn endpoint_fault(fault: &EndpointFault, lang: Lang) -> String {
    match fault {
        EndpointFault::NoScheme => tr!(
            lang,
            "it has no scheme, so clients disagree on what it means",
            "缺少协议前缀,各客户端的理解不一致"
        ),
        EndpointFault::Scheme(scheme) => {
            tr!(lang, "docker takes no {scheme}://", "docker 不接受 {scheme}://")
        }
        EndpointFault::NoHost => tr!(lang, "it names no host", "没有主机名"),
        EndpointFault::Brackets => tr!(
            lang,
            "an IPv6 address stands in brackets; docker would misread it",
            "IPv6 地址要写在方括号里,否则 docker 会误读"
        ),
        EndpointFault::Zone => tr!(
            lang,
            "the zone of an IPv6 address is written %25zone in a URL",
            "URL 中 IPv6 的区域要写成 %25zone"
        ),
        EndpointFault::Host(host) => tr!(
            lang,
            "\"{host}\" is neither a host name nor an address",
            "\"{host}\" 既不是主机名也不是地址"
        ),
        EndpointFault::Dash => tr!(
            lang,
            "a name that begins with a dash would be an option to ssh",
            "以短横线开头的名称会被 ssh 当作选项"
        ),
        EndpointFault::Port(port) if port.is_empty() => {
            tr!(lang, "the port is missing after the colon", "冒号后缺少端口")
        }
        EndpointFault::Port(port) => tr!(
            lang,
            "port \"{port}\" is not a number from 1 to 65535",
            "端口 \"{port}\" 不是 1 到 65535 的数字"
        ),
        EndpointFault::UserInfo => {
            tr!(lang, "docker takes no password or user here", "docker 在此处不接受用户名或密码")
        }
        EndpointFault::Query => {
            tr!(lang, "docker drops what follows ? or #", "docker 会丢弃 ? 或 # 之后的内容")
        }
        EndpointFault::RelativePath => tr!(
            lang,
            "the path is relative: docker would look below the current directory",
            "路径是相对的:docker 会在当前目录下查找"
        ),
        EndpointFault::PathTooLong => tr!(
            lang,
            "the socket's path is longer than the system takes; docker would crash",
            "套接字路径超过系统上限,docker 会崩溃"
        ),
        EndpointFault::NoPath => tr!(lang, "it names no socket", "没有写套接字路径"),
        EndpointFault::Char(c) => {
            let c = show(*c);
            tr!(lang, "it holds {c}", "含有 {c}")
        }
        EndpointFault::NpipeHere => tr!(
            lang,
            "named pipes are Windows' own; docker crashes on them here",
            "命名管道只用于 Windows;在此处 docker 会崩溃"
        ),
    }
}
