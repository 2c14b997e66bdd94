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
        /// Where the host is, if no profile has them.
        host: Option<String>,
    },
    /// What was handed over would replace a certificate of which this machine has the CA or the list.
    SignsItself {
        /// The profile.
        name: String,
        /// The file.
        file: PathBuf,
    },
    /// What was handed over is for another host than the profile of that name.
    OtherHost {
        /// The profile.
        name: String,
        /// The file.
        file: PathBuf,
        /// Where the profile leads.
        host: String,
        /// Where the file leads.
        theirs: String,
    },
    /// A file of certificates, which does not say for which profile they are.
    WhoseFile(PathBuf),
    /// A CA for a profile that has no client certificate here.
    AuthorityAlone {
        /// The profile.
        name: String,
        /// The file.
        file: PathBuf,
    },
    /// The certificates of the profile are in a directory that dctx only reads.
    Elsewhere {
        /// The profile.
        name: String,
        /// The directory.
        dir: String,
        /// What can be done once they are taken over, if anything.
        then: Option<String>,
    },
    /// The CA that is to sign is another one than the two sides trust.
    OtherAuthority {
        /// The profile.
        name: String,
        /// The file with the CA that is trusted.
        path: PathBuf,
        /// Whether the server's certificate is made here, too.
        server: bool,
    },
    /// A CA is being changed, and cannot be renewed meanwhile.
    Rotating(String),
    /// Whoever runs the daemon has the list of the clients that it lets in.
    PinnedElsewhere(String),
    /// The key is in a file of the user's, where dctx writes none.
    KeyElsewhere {
        /// The profile.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// No certificate can be for an address with a zone.
    Zone {
        /// The profile.
        name: String,
        /// Its address.
        host: String,
        /// Whether there is a profile of that name.
        profile: bool,
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
        /// Whether there is a profile of that name.
        profile: bool,
    },
    /// The CA's key is not on this machine.
    NoCaKey {
        /// The profile.
        name: String,
        /// The command that can be given the CA's directory, without it.
        again: Option<String>,
        /// Whether a request would help.
        request: bool,
    },
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
    /// The same, where it is the CA's fault.
    CannotSign {
        /// The certificate that would be at fault.
        subject: String,
        /// Why.
        why: CaFault,
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

/// Why docker would refuse what a CA signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaFault {
    /// The CA has expired.
    Expired,
    /// The CA is not valid yet.
    NotYetValid,
    /// It may not sign certificates.
    NotCa,
    /// Its path length allows no certificate below it.
    PathLength,
    /// Its name constraints do not allow a name.
    Names(String),
    /// Its extended key usage does not cover this.
    Usage,
    /// Another one signed.
    OtherIssuer,
    /// Anything else, as the judge names it.
    Other(String),
}

impl CaFault {
    fn text(&self, lang: Lang) -> String {
        match self {
            Self::Expired => tr!(lang, "the CA has expired", "该 CA 已过期"),
            Self::NotYetValid => tr!(lang, "the CA is not valid yet", "该 CA 尚未生效"),
            Self::NotCa => tr!(lang, "it is not a CA", "它不是 CA"),
            Self::PathLength => {
                tr!(lang, "the CA's path length does not allow it", "该 CA 的路径长度不允许")
            }
            Self::Names(names) => tr!(
                lang,
                "the CA may not sign for all of its names ({names})",
                "该 CA 无权为它的所有名称签发（{names}）"
            ),
            Self::Usage => tr!(lang, "the CA is for another use", "该 CA 用于其他用途"),
            Self::OtherIssuer => tr!(lang, "its issuer is not this CA", "它的签发者不是该 CA"),
            Self::Other(what) => what.clone(),
        }
    }
}

impl MakeFault {
    /// The exit code.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::NotTcp { .. }
            | Self::Zone { .. }
            | Self::WhoseFile(_)
            | Self::Rotating(_)
            | Self::San(_)
            | Self::Pinned(_)
            | Self::NotPinned(_)
            | Self::Phase { .. } => 2,
            Self::NoSet { .. }
            | Self::NoCaKey { .. }
            | Self::AuthorityAlone { .. }
            | Self::OtherAuthority { .. }
            | Self::Elsewhere { .. }
            | Self::PinnedElsewhere(_)
            | Self::KeyElsewhere { .. }
            | Self::Lacks { .. }
            | Self::File { .. }
            | Self::Unkept { .. }
            | Self::KeyCommand(_)
            | Self::WrongPassphrase(_) => 4,
            Self::NoClient { .. } => 3,
            Self::Refused { .. } | Self::CannotSign { .. } => 6,
            Self::NoPassphrase(_) => 7,
            Self::Cancelled => 130,
            Self::Exists { .. }
            | Self::SignsItself { .. }
            | Self::OtherHost { .. }
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
            Self::SignsItself { name, file } => {
                let file = file.display();
                tr!(
                    lang,
                    "{name} is run from this machine, which signs its certificates: {file} would replace your own",
                    "{name} 由本机管理并签发证书：{file} 会替换你自己的证书"
                )
            }
            Self::OtherHost { name, file, host, theirs } => {
                let file = file.display();
                tr!(
                    lang,
                    "{file} is for {theirs}, and the profile {name} here is {host}, whose CA is another one",
                    "{file} 用于 {theirs}，而本机的主机配置 {name} 是 {host}，两者的 CA 不同"
                )
            }
            Self::WhoseFile(file) => {
                let file = file.display();
                tr!(
                    lang,
                    "{file} contains certificates, and does not say for which profile they are",
                    "{file} 中是证书，但没有说明用于哪个主机配置"
                )
            }
            Self::AuthorityAlone { name, file } => {
                let file = file.display();
                tr!(
                    lang,
                    "{file} contains a CA and no client certificate, and dctx keeps none for {name} that it could go with",
                    "{file} 中只有 CA，没有客户端证书，而 dctx 也没有保存 {name} 的客户端证书"
                )
            }
            Self::Elsewhere { name, dir, .. } => tr!(
                lang,
                "the certificates of {name} are in {dir}, which dctx only reads",
                "{name} 的证书位于 {dir}，dctx 只读取该目录"
            ),
            Self::OtherAuthority { path, .. } => {
                FileFault::OtherCa.message(&path.display().to_string(), lang)
            }
            Self::Rotating(name) => tr!(
                lang,
                "the CA of {name} is being changed: the new one needs no renewal",
                "{name} 的 CA 正在更换：新的 CA 无需续期"
            ),
            Self::PinnedElsewhere(name) => tr!(
                lang,
                "{name} accepts each client by its own certificate: the person who runs it has to authorise a new one",
                "{name} 逐个认可客户端证书：新证书须由管理它的人授权"
            ),
            Self::KeyElsewhere { name, path } => {
                let path = path.display();
                tr!(
                    lang,
                    "the key of {name} is in {path}, where dctx writes no new one",
                    "{name} 的私钥位于 {path}，dctx 不会在那里写入新的私钥"
                )
            }
            Self::Zone { host, .. } => tr!(
                lang,
                "{host} has a zone (the part after %), and docker takes no certificate for such an address",
                "{host} 带有区域（% 之后的部分），docker 不接受用于这种地址的证书"
            ),
            Self::Exists { name, path, .. } => {
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
            Self::NoSet { name, path, .. } => {
                let path = path.display();
                tr!(
                    lang,
                    "dctx keeps no certificates for {name} (there is no {path})",
                    "dctx 没有 {name} 的证书（{path} 不存在）"
                )
            }
            Self::NoCaKey { name, .. } => tr!(
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
                    "a passphrase for the CA's key is needed, the keyring cannot be used ({why}), and there is no terminal to ask on",
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
                "{name} has a CA: everyone with a certificate signed by it can connect, and there is no list",
                "{name} 使用 CA：持有其证书者均可连接，没有名单"
            ),
            Self::NoClient { who, many: false, .. } => tr!(
                lang,
                "no authorised client is called \"{who}\" or has that fingerprint",
                "没有名为 \"{who}\" 或具有该指纹的已授权客户端"
            ),
            Self::NoClient { who, many: true, .. } => tr!(
                lang,
                "more than one authorised client matches \"{who}\"",
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
            Self::CannotSign { subject, why } => {
                let why = why.text(lang);
                tr!(
                    lang,
                    "docker would refuse the certificate that this CA signs for {subject}: {why}",
                    "docker 会拒绝该 CA 为 {subject} 签发的证书：{why}"
                )
            }
            Self::NotSigned(why) => tr!(lang, "signing failed: {why}", "签名失败：{why}"),
            Self::NoRandom => {
                tr!(lang, "the system provides no random numbers", "系统无法提供随机数")
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
            Self::Exists { name, path, host } => {
                let quoted = shell_words::quote(&path.to_string_lossy()).into_owned();
                let mut hints = vec![
                    Hint::run(tr!(lang, "look at them", "查看"), format!("dctx cert show {name}")),
                    Hint::run(tr!(lang, "renew them", "续期"), format!("dctx cert renew {name}")),
                ];
                hints.extend(host.as_ref().map(|host| {
                    Hint::run(
                        tr!(
                            lang,
                            "no profile has them; to use them",
                            "没有主机配置使用它们；如需使用"
                        ),
                        format!("dctx add {name} {} --certs {quoted}", shell_words::quote(host)),
                    )
                }));
                hints.push(Hint::run(
                    tr!(lang, "to start over, move them away first", "如需重新开始，请先移走它们"),
                    format!("mv {quoted} {}", aside(path)),
                ));
                hints
            }
            Self::SignsItself { name, file } | Self::OtherHost { name, file, .. } => {
                let file = shell_words::quote(&file.to_string_lossy()).into_owned();
                vec![Hint::run(
                    tr!(lang, "as a profile of its own", "作为另一个主机配置导入"),
                    format!("dctx cert import {file} --as {name}-2"),
                )]
            }
            Self::WhoseFile(file) => {
                let file = shell_words::quote(&file.to_string_lossy()).into_owned();
                vec![Hint::run(
                    tr!(lang, "name the profile", "请指定主机配置"),
                    format!("dctx cert import {file} --as NAME"),
                )]
            }
            Self::AuthorityAlone { name, file } => {
                let file = shell_words::quote(&file.to_string_lossy()).into_owned();
                vec![Hint::run(
                    tr!(lang, "to use it from where it is", "直接使用该文件"),
                    format!("dctx edit {name} --ca {file}"),
                )]
            }
            Self::Elsewhere { name, dir, then } => {
                let copy = format!("dctx cert copy {name} {}", shell_words::quote(dir));
                let mut hints =
                    vec![Hint::run(tr!(lang, "first take them over", "请先接管这些证书"), copy)];
                let after = |then: &String| Hint::run(tr!(lang, "and then", "然后"), then);
                hints.extend(then.as_ref().map(after));
                hints
            }
            Self::OtherAuthority { name, server, .. } => vec![match server {
                true => Hint::run(
                    tr!(lang, "to change to another CA, in steps", "逐步更换为另一个 CA"),
                    format!("dctx cert rotate-ca {name}"),
                ),
                false => Hint::run(
                    tr!(
                        lang,
                        "a request for the person who has that CA",
                        "生成请求，交给持有该 CA 的人"
                    ),
                    format!("dctx cert request {name}"),
                ),
            }],
            Self::Rotating(name) => vec![Hint::run(
                tr!(lang, "go on with the change", "继续更换"),
                format!("dctx cert rotate-ca {name}"),
            )],
            Self::PinnedElsewhere(name) => vec![Hint::run(
                tr!(lang, "make one to hand over to them", "生成一个交给对方"),
                format!("dctx cert request {name} --pin"),
            )],
            Self::KeyElsewhere { name, .. } => vec![Hint::run(
                tr!(lang, "with the same key", "保留原有私钥"),
                format!("dctx cert renew {name}"),
            )],
            Self::Zone { name, profile, .. } => vec![match profile {
                true => Hint::run(
                    tr!(lang, "use a name or another address", "请改用名称或其他地址"),
                    format!("dctx edit {name} --host tcp://HOST:2376"),
                ),
                false => Hint::run(
                    tr!(lang, "use a name or another address", "请改用名称或其他地址"),
                    format!("dctx cert new {name} --host tcp://HOST:2376"),
                ),
            }],
            Self::FileExists(path) => {
                let quoted = shell_words::quote(&path.to_string_lossy()).into_owned();
                vec![Hint::run(
                    tr!(
                        lang,
                        "dctx overwrites no key or certificate: name another file with --out, or move it away",
                        "dctx 不会覆盖密钥或证书：请用 --out 指定其他文件，或移走它"
                    ),
                    format!("mv {quoted} {}", aside(path)),
                )]
            }
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
            Self::NoSet { name, profile, .. } => {
                let host = if *profile { "" } else { " --host tcp://HOST:2376" };
                vec![
                    Hint::run(
                        tr!(lang, "make some", "新建"),
                        format!("dctx cert new {name}{host}"),
                    ),
                    Hint::run(
                        tr!(lang, "or take over what you have", "或接管已有的证书"),
                        format!("dctx cert copy {name} DIR{host}"),
                    ),
                ]
            }
            Self::NoCaKey { name, again, request } => {
                let mut hints: Vec<Hint> = again
                    .iter()
                    .map(|again| {
                        let say = tr!(lang, "if it is in another directory", "如果在其他目录");
                        Hint::run(say, format!("{again} --ca-from DIR"))
                    })
                    .collect();
                hints.push(match request {
                    true => Hint::run(
                        tr!(
                            lang,
                            "if somebody else has it: a request for them",
                            "如果由他人保管：生成请求"
                        ),
                        format!("dctx cert request {name}"),
                    ),
                    false => Hint::say(tr!(
                        lang,
                        "else it has to be done on the machine that has the CA's key",
                        "否则只能在保存 CA 私钥的机器上执行"
                    )),
                });
                hints
            }
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
                "不加 --key keyring，或使用 --key file，私钥会写入仅你可读的文件"
            ))],
            Self::KeyCommand(name) => vec![Hint::run(
                tr!(
                    lang,
                    "take key-command out, or make the certificates of another profile",
                    "请删除 key-command，或为另一个主机配置生成证书"
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
                    tr!(
                        lang,
                        "to stop a client from connecting, change the CA",
                        "要拒绝某人，请更换 CA"
                    ),
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
            Self::File { path, fault } => fault.hints(path, lang),
            _ => Vec::new(),
        }
    }
}

/// Another name for a file or directory that is in the way, quoted.
fn aside(path: &std::path::Path) -> String {
    let mut name = path.as_os_str().to_owned();
    name.push(".old");
    shell_words::quote(&name.to_string_lossy()).into_owned()
}
