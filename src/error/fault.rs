//! What is wrong with a profile's settings, and what to write instead, in words.

use super::text::{holds, name_fault, show};
use super::{EndpointFault, Expected, Hint, Lang, ProfileFault};
use crate::tr;

impl Expected {
    /// What a key takes, as the end of a sentence.
    #[must_use]
    pub fn words(self, lang: Lang) -> String {
        match self {
            Self::Text => tr!(lang, "a string", "字符串"),
            Self::Bool => tr!(lang, "true or false", " true 或 false"),
            Self::Texts => {
                tr!(lang, "a list of strings: [\"a\", \"b\"]", "字符串列表：[\"a\", \"b\"]")
            }
            Self::Table => tr!(lang, "a table", "表"),
            Self::TextTable => {
                tr!(
                    lang,
                    "a table of strings: {{ NAME = \"value\" }}",
                    "字符串的表：{{ NAME = \"value\" }}"
                )
            }
            Self::Path => tr!(lang, "a path", "路径"),
            Self::Utf8Path => tr!(lang, "a path in UTF-8", " UTF-8 编码的路径"),
            Self::TlsMode => {
                tr!(lang, "off, verify, system or insecure", " off、verify、system 或 insecure")
            }
            Self::Version => tr!(lang, "a version such as 1.41", "版本号，例如 1.41"),
            Self::Duration => tr!(lang, "a time such as 30m", "时长，例如 30m"),
            Self::Assignment => tr!(lang, "NAME=VALUE", " NAME=VALUE"),
            Self::Words => tr!(lang, "words that are not empty", "非空的词"),
            Self::Schema => tr!(lang, "a whole number from 1", "从 1 开始的整数"),
            Self::Scope => tr!(lang, "universal or session", " universal 或 session"),
            Self::Picker => tr!(lang, "builtin or fzf", " builtin 或 fzf"),
        }
    }
}

impl ProfileFault {
    /// One sentence.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match self {
            Self::Endpoint { input, fault, .. } => {
                let why = endpoint_fault(fault, lang);
                tr!(lang, "host \"{input}\": {why}", "host \"{input}\"：{why}")
            }
            Self::Name(fault) => {
                let why = name_fault(fault, lang);
                tr!(lang, "not a profile name: {why}", "不是合法的主机配置名：{why}")
            }
            Self::UnknownKey { key, similar: Some(similar) } => {
                let key = key_text(key);
                tr!(
                    lang,
                    "unknown key {key}; did you mean {similar}?",
                    "未知的键 {key}；是否想写 {similar}？"
                )
            }
            Self::UnknownKey { key, similar: None } => {
                let key = key_text(key);
                tr!(
                    lang,
                    "unknown key {key} (keys of your own begin with x-)",
                    "未知的键 {key}（自定义键须以 x- 开头）"
                )
            }
            Self::NoHost => tr!(lang, "it has no host", "没有 host"),
            Self::NoTable => tr!(lang, "it is not a table", "不是表"),
            Self::Kind { key, expected } => {
                let expected = expected.words(lang);
                tr!(lang, "{key} must be {expected}", "{key} 的值应为{expected}")
            }
            Self::PrivateKey(key) => tr!(
                lang,
                "{key} contains a private key; a profile holds the path of the key's file",
                "{key} 中含有私钥；主机配置中只写私钥文件的路径"
            ),
            Self::Char { key, found } => {
                let found = show(*found, lang);
                tr!(lang, "{key} contains {found}, which is invisible", "{key} 含有不可见的{found}")
            }
            Self::EnvName { name, .. } => {
                tr!(lang, "env may not set \"{name}\"", "env 不允许设置 \"{name}\"")
            }
            Self::Conflict(a, b) => {
                tr!(lang, "{a} and {b} cannot be used together", "{a} 与 {b} 不能同时使用")
            }
            Self::Needs { what, needs } => {
                let needs = needs.join(tr!(lang, " or ", " 或 ").as_str());
                tr!(lang, "{what} needs {needs}", "{what} 需要 {needs}")
            }
            Self::NotFor { what, scheme } => {
                tr!(lang, "{what} has no meaning for {scheme}://", "{what} 对 {scheme}:// 没有意义")
            }
            Self::NotInLayer(what) => tr!(
                lang,
                "{what} only has an effect in your own config.toml",
                "{what} 只在你自己的 config.toml 中有效"
            ),
            Self::Unsupported(what) => tr!(
                lang,
                "this version of dctx does not support {what} yet",
                "本版本的 dctx 尚不支持 {what}"
            ),
        }
    }

    /// What to write instead, for a value on the command line.
    #[must_use]
    pub fn advice(&self, lang: Lang) -> Vec<Hint> {
        match self {
            Self::Endpoint { write: Some(write), .. } => {
                // Brackets and blanks mean something to a shell.
                let write = shell_words::quote(write);
                vec![Hint::say(tr!(lang, "write {write}", "请写成 {write}"))]
            }
            Self::Endpoint { .. } => vec![Hint::say(tr!(
                lang,
                "a host is tcp://HOST:PORT, ssh://USER@HOST, unix:///PATH or npipe:////./pipe/NAME",
                "主机的写法：tcp://HOST:PORT、ssh://USER@HOST、unix:///PATH 或 npipe:////./pipe/NAME"
            ))],
            Self::EnvName { allowed, .. } => {
                let names = allowed.join(&tr!(lang, ", ", "、"));
                vec![Hint::say(tr!(lang, "allowed: {names}", "允许：{names}"))]
            }
            _ => Vec::new(),
        }
    }

    /// What to do about it, for the profile `name` in a file. In a layer, which dctx only reads, no command
    /// of ours helps.
    #[must_use]
    pub fn hints(&self, name: &str, layer: bool, lang: Lang) -> Vec<Hint> {
        let mut hints = match self {
            Self::EnvName { .. } => self.advice(lang),
            _ => Vec::new(),
        };
        hints.push(match self {
            _ if layer => elsewhere(lang),
            Self::Endpoint { write: Some(write), .. } => {
                let write = shell_words::quote(write);
                Hint::run(tr!(lang, "write", "请写成"), format!("dctx edit {name} --host {write}"))
            }
            Self::NoHost => Hint::run(
                tr!(lang, "give it one", "请补上"),
                format!("dctx edit {name} --host HOST"),
            ),
            Self::Unsupported(key) => {
                let key = key.split(' ').next().unwrap_or_default();
                Hint::run(
                    tr!(lang, "without it", "去掉它"),
                    format!("dctx edit {name} --unset {key}"),
                )
            }
            // Such a name is fit for no command line.
            Self::Name(_) => Hint::run(tr!(lang, "to fix it", "修正"), "dctx edit"),
            _ => Hint::run(tr!(lang, "to fix it", "修正"), format!("dctx edit {name}")),
        });
        hints
    }
}

/// A key as TOML writes it: bare where that is allowed, else in quotes.
fn key_text(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { format!("\"{key}\"") }
}

/// Advice about a file that dctx does not write.
pub(super) fn elsewhere(lang: Lang) -> Hint {
    Hint::say(tr!(
        lang,
        "that file is read-only to dctx: fix it where it comes from",
        "该文件对 dctx 是只读的：请在其来源处修正"
    ))
}

fn endpoint_fault(fault: &EndpointFault, lang: Lang) -> String {
    match fault {
        EndpointFault::NoScheme => tr!(
            lang,
            "it has no scheme, so clients disagree on what it means",
            "缺少协议前缀，各客户端的理解不一致"
        ),
        EndpointFault::Scheme(scheme) => {
            tr!(lang, "docker does not accept {scheme}://", "docker 不接受 {scheme}://")
        }
        EndpointFault::NoHost => tr!(lang, "there is no host in it", "没有主机名"),
        EndpointFault::Brackets => tr!(
            lang,
            "an IPv6 address must be in brackets; docker would misread it",
            "IPv6 地址要写在方括号里，否则 docker 会误读"
        ),
        EndpointFault::Zone => tr!(
            lang,
            "the zone of an IPv6 address is written %25zone in a URL",
            "URL 中 IPv6 的区域要写成 %25zone"
        ),
        EndpointFault::Host(host) if !host.is_ascii() => tr!(
            lang,
            "\"{host}\" is not ASCII; an international name is written in its xn-- form",
            "\"{host}\" 不是 ASCII；国际化域名要写成 xn-- 形式"
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
        EndpointFault::UserInfo => tr!(
            lang,
            "docker drops a user or password before a tcp host",
            "docker 会丢弃 tcp 主机前的用户名和密码"
        ),
        EndpointFault::Password => {
            tr!(lang, "docker does not accept a password for ssh", "docker 不接受 ssh 密码")
        }
        EndpointFault::User(user) if user.is_empty() => {
            tr!(lang, "the user is missing before the @", "@ 之前缺少用户名")
        }
        EndpointFault::User(user) => {
            tr!(lang, "\"{user}\" is not a login name in a URL", "\"{user}\" 不是 URL 中的登录名")
        }
        EndpointFault::Query => tr!(
            lang,
            "docker drops or refuses what follows ? or #",
            "docker 会丢弃或拒绝 ? 或 # 之后的内容"
        ),
        EndpointFault::Escape => tr!(
            lang,
            "clients disagree on a % in the path, which docker decodes twice",
            "各客户端对路径中的 % 理解不一致，docker 会解码两次"
        ),
        EndpointFault::SocketChar(c) => {
            let c = show(*c, lang);
            tr!(
                lang,
                "the remote shell could take {c} in the socket's path for its own",
                "远端 shell 可能会解释套接字路径中的{c}"
            )
        }
        EndpointFault::RelativePath => tr!(
            lang,
            "the path is relative: docker would look below the current directory",
            "路径是相对的：docker 会在当前目录下查找"
        ),
        EndpointFault::PathTooLong => tr!(
            lang,
            "the socket's path is longer than the system takes; docker would crash",
            "套接字路径超过系统上限，docker 会崩溃"
        ),
        EndpointFault::NoPath => tr!(lang, "there is no socket path in it", "没有写套接字路径"),
        EndpointFault::Char(c) => holds(*c, lang),
        EndpointFault::NpipeHere => tr!(
            lang,
            "named pipes exist only on Windows; docker crashes on them here",
            "命名管道只用于 Windows；在此处 docker 会崩溃"
        ),
    }
}
