//! What a check says beside its diagnoses: how things are. Data, and its words in both languages.

use std::path::PathBuf;

use super::id::Id;
use super::probe::said::Said;
use super::target::Apart;
use crate::error::{Hint, Lang};
use crate::tr;

/// Something that is so. Texts from outside are kept as they came; whoever prints cleans them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A connection was made.
    Open {
        /// With whom: `10.141.20.83:2376`, or a socket's path.
        address: String,
        /// How long it took, in microseconds.
        micros: u64,
    },
    /// The daemon behind a socket of this machine is on another machine: the socket is the end of a tunnel.
    Elsewhere {
        /// The socket's path.
        path: String,
        /// What the daemon's machine calls itself.
        there: String,
        /// What this one does.
        here: String,
    },
    /// A file is as docker wants it.
    File {
        /// The file.
        path: PathBuf,
    },
    // what files.rs and judge.rs say
    /// A certificate of a file.
    Cert {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        subject: String,
        /// Who signed it.
        issuer: String,
        /// What its key is, with the size.
        key: String,
        /// Whole days until it expires.
        days: i64,
    },
    /// A file with so many CAs that none is looked at by itself.
    Bundle {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// A certificate that expires soon.
    Expiring {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        subject: String,
        /// Whole days until then.
        days: i64,
    },
    /// A private key that belongs to its certificate.
    Key {
        /// The file.
        path: PathBuf,
        /// What it is, with the size.
        kind: String,
    },
    /// A key of which nobody here can tell whether it belongs to the certificate.
    KeyUntold {
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: String,
    },
    /// A key that docker can use and dctx cannot.
    KeyForDockerOnly {
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: String,
    },
    /// The key is not where docker reads it, and was not fetched.
    KeyNotFetched(Apart),
    /// There is no client certificate, which not every client can do without.
    NoClientCert,
    /// A file under another name than docker's; dctx links it.
    OtherName {
        /// The file.
        path: PathBuf,
        /// Docker's name for it.
        name: String,
    },
    /// A file begins with a byte order mark, behind which docker does not see the first block.
    ByteOrderMark {
        /// The file.
        path: PathBuf,
    },
    /// Lines that end as on Windows, which docker takes.
    Crlf {
        /// The file.
        path: PathBuf,
    },
    /// A block that docker passes over.
    BrokenBlock {
        /// The file.
        path: PathBuf,
        /// What the block says it is.
        label: &'static str,
    },
    /// A certificate of a CA file that docker passes over.
    CaPassedOver {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        subject: String,
        /// Why, in Go's words.
        why: String,
    },
    /// The CA file holds a certificate that is no CA: that one server alone is trusted.
    Pinned {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        subject: String,
    },
    /// The key belongs to a certificate of the file, and not to the first, which is the one that counts.
    LeafNotFirst {
        /// The file.
        path: PathBuf,
        /// Whose that certificate is.
        subject: String,
    },
    /// The private key of a CA, without a passphrase, beside what docker reads.
    CaKeyBeside {
        /// The file.
        path: PathBuf,
    },
    /// The server sends a CA that is trusted, and not the one between it and its own certificate.
    IntermediateMissing {
        /// Whose certificate is missing.
        issuer: String,
    },
    /// A signature that docker can verify and dctx cannot.
    CannotCheck {
        /// Whose certificate it is on.
        subject: String,
        /// The algorithm and the kind of key.
        algorithm: String,
    },
    /// What the wire tells.
    Wire(Said),
    /// Something about this machine or this shell.
    Machine(super::machine::note::Note),
}

impl Note {
    /// The words for it: one line, no full stop.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::Open { address, micros } => {
                let ms = *micros as f64 / 1000.0;
                tr!(lang, "{address} open ({ms:.1} ms)", "{address} 已连通（{ms:.1} 毫秒）")
            }
            Self::Elsewhere { path, there, here } => tr!(
                lang,
                "the daemon behind {path} is on another machine: {there}, and this one is {here}",
                "{path} 后面的守护进程在另一台机器上：{there}，而本机是 {here}"
            ),
            Self::File { path } => path.display().to_string(),
            Self::Cert { path, subject, issuer, key, days } => {
                let path = path.display();
                let by = if subject == issuer {
                    String::new()
                } else {
                    tr!(lang, ", signed by {issuer}", "，由 {issuer} 签发")
                };
                let left = match days {
                    0 => tr!(lang, "less than a day left", "还剩不到一天"),
                    1 => tr!(lang, "1 day left", "还剩 1 天"),
                    _ => tr!(lang, "{days} days left", "还剩 {days} 天"),
                };
                tr!(
                    lang,
                    "{path}: {subject}{by}, {key}, {left}",
                    "{path}：{subject}{by}，{key}，{left}"
                )
            }
            Self::Bundle { path, count } => {
                let path = path.display();
                tr!(lang, "{path}: {count} CAs", "{path}：{count} 个 CA")
            }
            Self::Expiring { path, subject, days } => {
                let path = path.display();
                match days {
                    0 => tr!(
                        lang,
                        "{path}: {subject} expires within a day",
                        "{path}：{subject} 将在一天内过期"
                    ),
                    1 => tr!(
                        lang,
                        "{path}: {subject} expires tomorrow",
                        "{path}：{subject} 明天过期"
                    ),
                    _ => tr!(
                        lang,
                        "{path}: {subject} expires in {days} days",
                        "{path}：{subject} 将在 {days} 天后过期"
                    ),
                }
            }
            Self::Key { path, kind } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}: {kind}, belongs to the certificate",
                    "{path}：{kind}，与证书匹配"
                )
            }
            Self::KeyUntold { path, kind } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}: {kind}; dctx cannot tell whether it belongs to the certificate, docker can",
                    "{path}：{kind}；dctx 无法判断它是否与证书匹配，docker 可以"
                )
            }
            Self::KeyForDockerOnly { path, kind } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}: docker can use this {kind} key; check does not support it and connects without the client certificate",
                    "{path}：dctx 不支持 {kind} 私钥，因此连接时不使用客户端证书；docker 可以使用它"
                )
            }
            Self::NoClientCert => tr!(
                lang,
                "no client certificate: this works only with a daemon that does not ask for one",
                "没有客户端证书：只适用于不要求客户端证书的守护进程"
            ),
            Self::OtherName { path, name } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}: docker reads {name}; dctx gives it a link of that name",
                    "{path}：docker 只读取 {name}；dctx 会用这个名字建立链接"
                )
            }
            Self::ByteOrderMark { path } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path} begins with a byte order mark, so docker does not see the first block; save it as plain UTF-8",
                    "{path} 以字节顺序标记（BOM）开头，docker 因此看不到第一个 PEM 块；请存为不带 BOM 的 UTF-8"
                )
            }
            Self::Crlf { path } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path} has Windows line endings, which docker accepts",
                    "{path} 使用 Windows 换行符，不影响 docker"
                )
            }
            Self::BrokenBlock { path, label } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}: a {label} in it is damaged, and docker skips it",
                    "{path}：其中一个 {label} 已损坏，docker 会跳过它"
                )
            }
            Self::CaPassedOver { path, subject, why } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}: docker skips {subject} ({why})",
                    "{path}：docker 会跳过 {subject}（{why}）"
                )
            }
            Self::KeyNotFetched(Apart::Keyring) => {
                tr!(
                    lang,
                    "the key is in the keyring, and was not fetched",
                    "私钥在密钥环中，未读取"
                )
            }
            Self::KeyNotFetched(Apart::Command) => {
                tr!(
                    lang,
                    "key-command prints the key, and was not run",
                    "私钥由 key-command 输出，未运行该命令"
                )
            }
            Self::KeyNotFetched(Apart::Passphrase(path)) => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}: the key has a passphrase, which was not asked for",
                    "{path}：私钥有口令，未询问"
                )
            }
            Self::Pinned { path, subject } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}: {subject} is not a CA; only a server with exactly this certificate is trusted",
                    "{path}：{subject} 不是 CA；只信任使用这张证书本身的服务器"
                )
            }
            Self::LeafNotFirst { path, subject } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}: the key belongs to {subject}, which has to stand first in this file",
                    "{path}：私钥属于 {subject}，它必须是该文件中的第一张证书"
                )
            }
            Self::CaKeyBeside { path } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path} is the key of a CA, without a passphrase: anyone who can read it can issue certificates; keep it elsewhere",
                    "{path} 是没有口令的 CA 私钥：读到它的人可以签发证书；请另行保管"
                )
            }
            Self::IntermediateMissing { issuer } => tr!(
                lang,
                "the server does not send the certificate of {issuer}; append it to the server's certificate file",
                "服务器没有发送 {issuer} 的证书；请将它追加到服务器的证书文件中"
            ),
            Self::CannotCheck { subject, algorithm } => tr!(
                lang,
                "{subject}: its signature ({algorithm}) cannot be verified here, docker can",
                "{subject}：dctx 无法验证其签名（{algorithm}），docker 可以"
            ),
            Self::Wire(said) => said.text(lang),
            Self::Machine(note) => note.text(lang),
        }
    }
    /// What to do about it, best first; nothing for what is as it should be.
    #[must_use]
    pub fn fixes(&self, lang: Lang) -> Vec<Hint> {
        match self {
            Self::Machine(note) => note.fixes(lang),
            _ => Vec::new(),
        }
    }

    /// The diagnosis that it is a case of, with words of its own.
    #[must_use]
    pub const fn id(&self) -> Option<Id> {
        match self {
            Self::Machine(note) => note.id(),
            Self::Elsewhere { .. } => Some(Id::SocketElsewhere),
            _ => None,
        }
    }
}
