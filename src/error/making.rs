//! What can go wrong when certificates are made, renewed or taken over; as data, and in words.

use std::io;
use std::path::PathBuf;

use super::text::reason;
use super::{FileFault, Hint, Lang, SecretFault};
use crate::tr;

/// Why no certificate was made.
#[derive(Debug)]
pub enum MakeFault {
    /// dctx keeps certificates under that name already, and overwrites none.
    Exists {
        /// The profile.
        name: String,
        /// Where they are.
        path: PathBuf,
    },
    /// A file that would be overwritten.
    FileExists(PathBuf),
    /// The profile has certificates from elsewhere.
    HasCerts {
        /// The profile.
        name: String,
        /// Where they are.
        path: String,
    },
    /// Only a tcp host has certificates.
    NotTcp {
        /// The profile.
        name: String,
        /// Its scheme.
        scheme: &'static str,
    },
    /// dctx keeps no certificates under that name.
    NoSet {
        /// The profile.
        name: String,
        /// Where they would be.
        path: PathBuf,
    },
    /// The CA's key is not on this machine.
    NoCaKey(String),
    /// It has none of what a command is about, such as a server's certificate.
    Lacks {
        /// The profile.
        name: String,
        /// The file that is not there.
        path: PathBuf,
    },
    /// A file is not what it should be.
    File {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        fault: FileFault,
    },
    /// The passphrase is another one.
    WrongPassphrase(PathBuf),
    /// A passphrase is needed, the keyring is of no use for this reason, and there is no terminal to ask on.
    NoPassphrase(Option<SecretFault>),
    /// The keyring cannot keep what was to go there.
    Unkept {
        /// The passphrase of a CA's key, and not a client's key.
        passphrase: bool,
        /// Why.
        fault: SecretFault,
    },
    /// This profile has its key from a program, where dctx can put no other one.
    KeyCommand(String),
    /// A passphrase is shorter than openssl would take.
    ShortPassphrase,
    /// Two different ones were typed.
    Mistyped,
    /// The person pressed Ctrl-C.
    Cancelled,
    /// The command that tells the passphrase failed.
    Command {
        /// The program.
        program: String,
        /// Why: its status, or what the system said.
        why: String,
    },
    /// Not a name or an address that a certificate can list.
    San(String),
    /// The certificates are pinned: there is no CA.
    Pinned(String),
    /// They are of a CA: nothing is pinned.
    NotPinned(String),
    /// No client of that name or fingerprint, or more than one.
    NoClient {
        /// What was asked for.
        who: String,
        /// The names that there are.
        known: Vec<String>,
        /// Whether more than one fits.
        many: bool,
    },
    /// That step of a rotation is not the next one.
    Phase {
        /// The profile.
        name: String,
        /// What was asked for.
        asked: u8,
        /// What comes next.
        next: u8,
    },
    /// Docker would refuse what would be signed.
    Refused {
        /// The certificate that would be at fault.
        subject: String,
        /// Why.
        why: String,
    },
    /// Signing failed.
    NotSigned(&'static str),
    /// The system has no random numbers.
    NoRandom,
    /// A directory or file could not be made.
    Place {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl MakeFault {
    /// The exit code.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::NotTcp { .. }
            | Self::San(_)
            | Self::Pinned(_)
            | Self::NotPinned(_)
            | Self::Phase { .. } => 2,
            Self::NoSet { .. }
            | Self::NoCaKey(_)
            | Self::Lacks { .. }
            | Self::File { .. }
            | Self::Unkept { .. }
            | Self::KeyCommand(_)
            | Self::WrongPassphrase(_) => 4,
            Self::NoClient { .. } => 3,
            Self::Refused { .. } => 6,
            Self::NoPassphrase(_) => 7,
            Self::Cancelled => 130,
            Self::Exists { .. }
            | Self::FileExists(_)
            | Self::HasCerts { .. }
            | Self::ShortPassphrase
            | Self::Mistyped
            | Self::Command { .. }
            | Self::NotSigned(_)
            | Self::NoRandom
            | Self::Place { .. } => 1,
        }
    }

    /// One sentence.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match self {
            Self::Exists { name, path } => {
                let path = path.display();
                tr!(
                    lang,
                    "{name} has certificates already, in {path}",
                    "{name} 已有证书，位于 {path}"
                )
            }
            Self::FileExists(path) => {
                let path = path.display();
                tr!(lang, "{path} exists already", "{path} 已存在")
            }
            Self::HasCerts { name, path } => tr!(
                lang,
                "{name} has certificates already, which dctx did not make: {path}",
                "{name} 已有不是由 dctx 生成的证书：{path}"
            ),
            Self::NotTcp { name, scheme } => tr!(
                lang,
                "{name} is reached by {scheme}://, which has no certificates",
                "{name} 通过 {scheme}:// 连接，不使用证书"
            ),
            Self::NoSet { name, path } => {
                let path = path.display();
                tr!(
                    lang,
                    "dctx keeps no certificates for {name} (there is no {path})",
                    "dctx 没有 {name} 的证书（{path} 不存在）"
                )
            }
            Self::NoCaKey(name) => tr!(
                lang,
                "the CA's key of {name} is not on this machine",
                "{name} 的 CA 私钥不在本机"
            ),
            Self::Lacks { name, path } => {
                let path = path.display();
                tr!(lang, "{name} has no {path}", "{name} 没有 {path}")
            }
            Self::File { path, fault } => fault.message(&path.display().to_string(), lang),
            Self::WrongPassphrase(path) => {
                let path = path.display();
                tr!(lang, "that passphrase does not open {path}", "该口令无法解开 {path}")
            }
            Self::NoPassphrase(None) => tr!(
                lang,
                "a passphrase for the CA's key is needed, and there is no terminal to ask on",
                "需要 CA 私钥的口令，但没有可用于询问的终端"
            ),
            Self::NoPassphrase(Some(keyring)) => {
                let why = keyring.reason(lang);
                tr!(
                    lang,
                    "a passphrase for the CA's key is needed, the keyring is of no use ({why}), and there is no terminal to ask on",
                    "需要 CA 私钥的口令，密钥环不可用（{why}），也没有可用于询问的终端"
                )
            }
            Self::Unkept { passphrase, fault } => {
                let why = fault.reason(lang);
                match passphrase {
                    true => tr!(
                        lang,
                        "the keyring cannot keep the passphrase: {why}; nothing was changed",
                        "密钥环无法保存口令：{why}；未作任何更改"
                    ),
                    false => tr!(
                        lang,
                        "the keyring cannot keep the key: {why}; nothing was changed",
                        "密钥环无法保存私钥：{why}；未作任何更改"
                    ),
                }
            }
            Self::KeyCommand(name) => tr!(
                lang,
                "{name} has its key from key-command, where dctx can put no new one",
                "{name} 的私钥来自 key-command，dctx 无法写入新的私钥"
            ),
            Self::ShortPassphrase => {
                tr!(lang, "a passphrase has at least 4 characters", "口令至少 4 个字符")
            }
            Self::Mistyped => {
                tr!(lang, "the two passphrases are not the same", "两次输入的口令不一致")
            }
            Self::Cancelled => tr!(lang, "cancelled; nothing was changed", "已取消，未作任何更改"),
            Self::Command { program, why } => tr!(
                lang,
                "the command for the passphrase, {program}, failed: {why}",
                "获取口令的命令 {program} 失败：{why}"
            ),
            Self::San(text) => tr!(
                lang,
                "\"{text}\" is neither an address nor a name that a certificate can list",
                "\"{text}\" 既不是地址，也不是证书可以列出的名称"
            ),
            Self::Pinned(name) => tr!(
                lang,
                "the certificates of {name} are pinned one by one: there is no CA",
                "{name} 的证书是逐个固定的：没有 CA"
            ),
            Self::NotPinned(name) => tr!(
                lang,
                "{name} has a CA: whoever has a certificate of it is let in, and there is no list",
                "{name} 使用 CA：持有其证书者均可连接，没有名单"
            ),
            Self::NoClient { who, many: false, .. } => tr!(
                lang,
                "no authorised client is called \"{who}\" or has that fingerprint",
                "没有名为 \"{who}\" 或具有该指纹的已授权客户端"
            ),
            Self::NoClient { who, many: true, .. } => tr!(
                lang,
                "more than one authorised client fits \"{who}\"",
                "有多个已授权客户端符合 \"{who}\""
            ),
            Self::Phase { name, asked, next } => tr!(
                lang,
                "phase {asked} of the rotation of {name} is not the next one: that is {next}",
                "{name} 的轮换不应执行第 {asked} 步：下一步是第 {next} 步"
            ),
            Self::Refused { subject, why } => tr!(
                lang,
                "docker would refuse the certificate that this CA signs for {subject}: {why}",
                "docker 会拒绝该 CA 为 {subject} 签发的证书：{why}"
            ),
            Self::NotSigned(why) => tr!(lang, "signing failed: {why}", "签名失败：{why}"),
            Self::NoRandom => {
                tr!(lang, "the system gives no random numbers", "系统无法提供随机数")
            }
            Self::Place { path, source } => {
                let (path, why) = (path.display(), reason(source, lang));
                tr!(lang, "cannot write {path}: {why}", "无法写入 {path}：{why}")
            }
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hints(&self, lang: Lang) -> Vec<Hint> {
        match self {
            Self::Exists { name, .. } => vec![
                Hint::run(tr!(lang, "look at them", "查看"), format!("dctx cert show {name}")),
                Hint::run(tr!(lang, "renew them", "续期"), format!("dctx cert renew {name}")),
            ],
            Self::FileExists(_) => vec![Hint::say(tr!(
                lang,
                "dctx overwrites no key or certificate: move it away, or name another place with --out",
                "dctx 不会覆盖密钥或证书：请移走它，或用 --out 指定其他位置"
            ))],
            Self::HasCerts { name, path } => {
                let quoted = shell_words::quote(path);
                vec![
                    Hint::run(
                        tr!(lang, "take them over", "接管这些证书"),
                        format!("dctx cert copy {name} {quoted}"),
                    ),
                    Hint::run(
                        tr!(lang, "or leave them out, then make new ones", "或先去掉它们再新建"),
                        format!("dctx edit {name} --unset certs --unset tls"),
                    ),
                ]
            }
            Self::NoSet { name, .. } => vec![
                Hint::run(tr!(lang, "make some", "新建"), format!("dctx cert new {name}")),
                Hint::run(
                    tr!(lang, "or take over what you have", "或接管已有的证书"),
                    format!("dctx cert copy {name} DIR"),
                ),
            ],
            Self::NoCaKey(name) => vec![
                Hint::run(
                    tr!(lang, "if it is in another directory", "如果在其他目录"),
                    format!("dctx cert renew {name} --ca-from DIR"),
                ),
                Hint::run(
                    tr!(
                        lang,
                        "if somebody else has it: a request for them",
                        "如果由他人保管：生成请求"
                    ),
                    format!("dctx cert request {name}"),
                ),
            ],
            Self::WrongPassphrase(_) | Self::Mistyped | Self::ShortPassphrase => {
                vec![Hint::say(tr!(lang, "nothing was changed; try again", "未作任何更改，请重试"))]
            }
            Self::NoPassphrase(_) => vec![Hint::say(tr!(
                lang,
                "let a command print it: --ca-key-command 'pass show docker/ca'; a new CA can do without: --no-passphrase",
                "用命令输出口令：--ca-key-command 'pass show docker/ca'；新的 CA 也可以不用口令：--no-passphrase"
            ))],
            Self::Unkept { passphrase: true, .. } => vec![Hint::say(tr!(
                lang,
                "to type it each time, leave out --keep-passphrase",
                "若要每次输入口令，请去掉 --keep-passphrase"
            ))],
            Self::Unkept { passphrase: false, .. } => vec![Hint::say(tr!(
                lang,
                "without --key keyring, or with --key file, it goes into a file that you alone can read",
                "不加 --key keyring，或使用 --key file，私钥会写入仅您可读的文件"
            ))],
            Self::KeyCommand(name) => vec![Hint::run(
                tr!(
                    lang,
                    "take key-command out, or make the certificates of another profile",
                    "请删除 key-command，或为另一个配置生成证书"
                ),
                format!("dctx edit {name}"),
            )],
            Self::San(_) => vec![Hint::say(tr!(
                lang,
                "such as 192.168.57.110, ::1, docker.example.com or *.example.com; an international name in its xn-- form",
                "例如 192.168.57.110、::1、docker.example.com 或 *.example.com；国际化域名请写成 xn-- 形式"
            ))],
            Self::Pinned(name) => vec![Hint::run(
                tr!(lang, "to let another client in", "允许其他客户端"),
                format!("dctx cert authorize {name} FILE"),
            )],
            Self::NotPinned(name) => vec![
                Hint::run(
                    tr!(lang, "a certificate for somebody else", "为他人签发证书"),
                    format!("dctx cert client {name} --for WHO"),
                ),
                Hint::run(
                    tr!(lang, "to shut somebody out, change the CA", "要拒绝某人，请更换 CA"),
                    format!("dctx cert rotate-ca {name}"),
                ),
            ],
            Self::NoClient { known, .. } if known.is_empty() => Vec::new(),
            Self::NoClient { known, .. } => {
                let known = known.join(tr!(lang, ", ", "、").as_str());
                vec![Hint::say(tr!(lang, "authorised: {known}", "已授权：{known}"))]
            }
            Self::Phase { name, .. } => vec![Hint::run(
                tr!(lang, "the next one", "下一步"),
                format!("dctx cert rotate-ca {name}"),
            )],
            _ => Vec::new(),
        }
    }
}
