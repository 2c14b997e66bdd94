//! What a check says beside its diagnoses: how things are. Data, and its words in both languages.

use std::path::PathBuf;

use super::id::Id;
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
    /// A file in UTF-16.
    Utf16 {
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
        label: String,
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
    /// Something about this machine or this shell.
    Machine(super::machine::note::Note),
    // What a probe of a daemon says: `probe/`.
    /// A name was looked up.
    Resolved {
        /// The name.
        host: String,
        /// Its addresses, in the order in which they are tried.
        addresses: Vec<String>,
        /// How long it took, in microseconds.
        micros: u64,
    },
    /// An address that does not answer, where another one does.
    Passed {
        /// The address.
        address: String,
        /// Why.
        id: Id,
    },
    /// Another port than the one asked for is open.
    OtherPort {
        /// That port.
        port: u16,
    },
    /// The address is the unspecified one.
    Unspecified,
    /// docker goes through a proxy, and not with everything.
    ViaProxy {
        /// The proxy without a password.
        proxy: String,
        /// The variable that names it.
        var: String,
    },
    /// A proxy of a kind that a probe does not speak to.
    ProxyKind {
        /// The proxy without a password.
        proxy: String,
    },
    /// TLS is up.
    Tls {
        /// The version, such as `TLS 1.3`.
        version: String,
        /// The cipher suite.
        cipher: String,
        /// How long it took, in microseconds.
        micros: u64,
    },
    /// The server's certificate is right, and ends then.
    Trusted {
        /// Its subject.
        subject: String,
        /// The end of its validity, in seconds since 1970.
        not_after: i64,
        /// Whole days until then.
        days: i64,
    },
    /// Nobody looks who the server is.
    NotVerified,
    /// The server's key or signature is of a kind that cannot be checked here.
    Unproven,
    /// The server shows a certificate whose key it does not have.
    NotItsKey,
    /// The client's key is of a kind that cannot be used here.
    KeyKind {
        /// The key's file.
        path: PathBuf,
    },
    /// The daemon takes whoever reaches it over TLS.
    NoClientAuth,
    /// The daemon takes whoever reaches it, in plain text.
    Exposed {
        /// Where.
        address: String,
    },
    /// A docker daemon answered.
    Docker {
        /// Its version.
        version: String,
        /// Its operating system and architecture.
        platform: String,
        /// The oldest API version that it speaks.
        min_api: String,
        /// The newest.
        api: String,
        /// How long it took, in microseconds.
        micros: u64,
    },
    /// It is podman.
    Podman {
        /// Its version.
        version: String,
    },
    /// The daemon refuses older clients.
    ApiFloor {
        /// The oldest API version that it speaks.
        min_api: String,
    },
    /// Newer clients refuse the daemon.
    ApiCeiling {
        /// The newest API version that it speaks.
        api: String,
    },
    /// The clocks differ.
    Skew {
        /// Seconds by which the server's is ahead.
        seconds: i64,
    },
    /// This machine could not even try.
    Local {
        /// What it says.
        said: String,
    },
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
            Self::File { path } => path.display().to_string(),
            Self::Machine(note) => note.text(lang),
            Self::Cert { path, subject, issuer, key, days } => {
                let path = path.display();
                let by = if subject == issuer {
                    String::new()
                } else {
                    tr!(lang, ", signed by {issuer}", "，由 {issuer} 签发")
                };
                tr!(
                    lang,
                    "{path}: {subject}{by}, {key}, {days} days left",
                    "{path}：{subject}{by}，{key}，还有 {days} 天"
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
                    "{path}: dctx cannot use a {kind} key, so it connects without; docker can",
                    "{path}：dctx 不支持 {kind} 私钥，因此探测时不使用它；docker 可以使用"
                )
            }
            Self::NoClientCert => tr!(
                lang,
                "no client certificate: enough only where the daemon asks for none",
                "没有客户端证书：只适用于不要求客户端证书的 daemon"
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
                    "{path} begins with a byte order mark, behind which docker does not see the first block; save it as plain UTF-8",
                    "{path} 以字节顺序标记（BOM）开头，docker 因此看不到第一个 PEM 块；请存为不带 BOM 的 UTF-8"
                )
            }
            Self::Utf16 { path } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path} is in UTF-16; save it as plain UTF-8",
                    "{path} 的编码是 UTF-16；请存为不带 BOM 的 UTF-8"
                )
            }
            Self::Crlf { path } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path} has the line ends of Windows, which docker does not mind",
                    "{path} 使用 Windows 换行符，不影响 docker"
                )
            }
            Self::BrokenBlock { path, label } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}: a {label} in it is damaged, and docker passes over it",
                    "{path}：其中一个 {label} 已损坏，docker 会跳过它"
                )
            }
            Self::CaPassedOver { path, subject, why } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}: docker passes over {subject} ({why})",
                    "{path}：docker 会跳过 {subject}（{why}）"
                )
            }
            Self::Pinned { path, subject } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}: {subject} is no CA; trusted is only a server that has exactly this certificate",
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
                    "{path} is the key of a CA, without a passphrase: whoever reads it can make certificates; keep it elsewhere",
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
                "{subject}: dctx cannot verify its signature ({algorithm}), docker can",
                "{subject}：dctx 无法验证其签名（{algorithm}），docker 可以"
            ),
            other => other.of_probe(lang),
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
            _ => None,
        }
    }

    /// The words for what a probe says.
    fn of_probe(&self, lang: Lang) -> String {
        match self {
            Self::Resolved { host, addresses, micros } => {
                let (list, ms) = (addresses.join(", "), ms(*micros));
                tr!(lang, "{host} is {list} ({ms} ms)", "{host} 解析为 {list}（{ms} 毫秒）")
            }
            Self::Passed { address, id } => {
                let id = id.as_str();
                tr!(
                    lang,
                    "{address} does not answer ({id}); docker goes on to the next address",
                    "{address} 没有应答（{id}），docker 会改用下一个地址"
                )
            }
            Self::OtherPort { port } => {
                tr!(lang, "port {port} is open there", "那里的 {port} 端口是开放的")
            }
            Self::Unspecified => tr!(
                lang,
                "the unspecified address means this machine on Linux, and nothing elsewhere",
                "未指定地址在 Linux 上指本机，在其他系统上没有意义"
            ),
            Self::ViaProxy { proxy, var } => tr!(
                lang,
                "through the proxy {proxy} ({var}); docker exec, attach and run -it go past it",
                "经由代理 {proxy}（{var}）；docker exec、attach 和 run -it 不走代理"
            ),
            Self::ProxyKind { proxy } => tr!(
                lang,
                "docker goes through {proxy}, which cannot be probed from here",
                "docker 经由 {proxy} 连接，这里无法探测该类代理"
            ),
            Self::Tls { version, cipher, micros } => {
                let ms = ms(*micros);
                tr!(lang, "{version}, {cipher} ({ms} ms)", "{version}，{cipher}（{ms} 毫秒）")
            }
            Self::Trusted { subject, days, .. } => tr!(
                lang,
                "the server is {subject}; its certificate is valid {days} more days",
                "服务器是 {subject}，其证书还有 {days} 天有效"
            ),
            Self::NotVerified => tr!(
                lang,
                "encrypted, but nobody looks who the server is (tls = \"insecure\")",
                "连接已加密，但不验证服务器的身份（tls = \"insecure\"）"
            ),
            Self::Unproven => tr!(
                lang,
                "the server's kind of key cannot be checked from here, so nothing was sent; docker may accept it: docker version",
                "这里无法校验服务器的密钥类型，因此没有发送任何内容；docker 可能接受它：docker version"
            ),
            Self::NotItsKey => tr!(
                lang,
                "the server shows a certificate and signs with another key: somebody may be in between",
                "服务器出示的证书与其签名所用的密钥不符：中间可能有人"
            ),
            Self::KeyKind { path } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}: a kind of key that cannot be used from here; docker may: docker version",
                    "{path}：这里无法使用该类密钥，docker 或许可以：docker version"
                )
            }
            Self::NoClientAuth => tr!(
                lang,
                "the daemon asks for no client certificate: whoever reaches it is root there",
                "守护进程不要求客户端证书：能连上它的人就是那台机器的 root"
            ),
            Self::Exposed { address } => tr!(
                lang,
                "{address} is in plain text and asks for nothing: whoever reaches it is root there",
                "{address} 是明文且不要求任何凭据：能连上它的人就是那台机器的 root"
            ),
            Self::Docker { version, platform, min_api, api, micros } => {
                let ms = ms(*micros);
                tr!(
                    lang,
                    "docker {version}, {platform}, API {min_api} to {api} ({ms} ms)",
                    "docker {version}，{platform}，API {min_api} 至 {api}（{ms} 毫秒）"
                )
            }
            Self::Podman { version } => tr!(
                lang,
                "it is podman {version}, which speaks most of docker's API",
                "这是 podman {version}，支持 docker API 的大部分"
            ),
            Self::ApiFloor { min_api } => tr!(
                lang,
                "the daemon refuses docker clients that speak no API {min_api}",
                "守护进程拒绝不支持 API {min_api} 的 docker 客户端"
            ),
            Self::ApiCeiling { api } => tr!(
                lang,
                "docker clients from 29 on need API 1.40, and the daemon speaks up to {api}",
                "docker 29 及以上的客户端需要 API 1.40，而守护进程最高支持 {api}"
            ),
            Self::Skew { seconds } => {
                let apart = crate::text::duration_words(seconds.unsigned_abs());
                if *seconds > 0 {
                    tr!(lang, "its clock is {apart} ahead of ours", "它的时钟比本机快 {apart}")
                } else {
                    tr!(lang, "its clock is {apart} behind ours", "它的时钟比本机慢 {apart}")
                }
            }
            Self::Local { said } => {
                tr!(lang, "this machine could not even try: {said}", "本机无法发起连接：{said}")
            }
            // what text() has words for
            _ => String::new(),
        }
    }
}

/// Microseconds as milliseconds.
fn ms(micros: u64) -> String {
    format!("{:.1}", micros as f64 / 1000.0)
}
