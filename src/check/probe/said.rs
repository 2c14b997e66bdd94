//! What the wire tells beside the diagnoses: data, and its words in both languages.

use std::path::PathBuf;

use crate::check::id::Id;
use crate::check::note::Note;
use crate::error::Lang;
use crate::tr;

/// Something that is so. Texts from outside are kept as they came; whoever prints cleans them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
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
    /// The server's certificates are larger than what is read here.
    TooLarge,
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
        /// The oldest API version that it speaks; empty where it was not asked.
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

impl From<Said> for Note {
    fn from(said: Said) -> Self {
        Self::Wire(said)
    }
}

impl Said {
    /// The words for it: one line, no full stop.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
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
                "through the proxy {proxy} ({var}); docker exec, attach and run -it bypass it",
                "经由代理 {proxy}（{var}）；docker exec、attach 和 run -it 不走代理"
            ),
            Self::ProxyKind { proxy } => tr!(
                lang,
                "docker goes through {proxy}, a kind of proxy that dctx cannot use, so the daemon was not asked",
                "docker 经由 {proxy} 连接，dctx 无法使用该类代理，因此未询问守护进程"
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
                "encrypted, but the server's identity is not checked (tls = \"insecure\")",
                "连接已加密，但不验证服务器的身份（tls = \"insecure\"）"
            ),
            Self::Unproven => tr!(
                lang,
                "dctx cannot check this kind of server key, so it sent nothing; docker may accept it: docker version",
                "这里无法校验服务器的密钥类型，因此没有发送任何内容；docker 可能接受它：docker version"
            ),
            Self::TooLarge => tr!(
                lang,
                "the server's certificates are larger than dctx reads (64 KiB), so nothing was sent; docker reads up to 256 KiB: docker version",
                "服务器的证书超过 dctx 能读取的大小（64 KiB），因此没有发送任何内容；docker 最多读取 256 KiB：docker version"
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
                    "{path}: this kind of key cannot be used by dctx; docker may be able to: docker version",
                    "{path}：这里无法使用该类密钥，docker 或许可以：docker version"
                )
            }
            Self::NoClientAuth => tr!(
                lang,
                "the daemon asks for no client certificate: anyone who can reach it has root access to that host",
                "守护进程不要求客户端证书：能连上它的人就是那台机器的 root"
            ),
            Self::Exposed { address } => tr!(
                lang,
                "{address} is not encrypted and asks for no credentials: anyone who can reach it has root access to that host",
                "{address} 是明文且不要求任何凭据：能连上它的人就是那台机器的 root"
            ),
            Self::Docker { version, platform, min_api, api, micros } => {
                let ms = ms(*micros);
                let range = match min_api.as_str() {
                    "" => api.clone(),
                    min_api => tr!(lang, "{min_api} to {api}", "{min_api} 至 {api}"),
                };
                tr!(
                    lang,
                    "docker {version}, {platform}, API {range} ({ms} ms)",
                    "docker {version}，{platform}，API {range}（{ms} 毫秒）"
                )
            }
            Self::Podman { version } => tr!(
                lang,
                "it is podman {version}, which speaks most of docker's API",
                "这是 podman {version}，支持 docker API 的大部分"
            ),
            Self::ApiFloor { min_api } => tr!(
                lang,
                "the daemon refuses docker clients that do not support API {min_api}",
                "守护进程拒绝不支持 API {min_api} 的 docker 客户端"
            ),
            Self::ApiCeiling { api } => tr!(
                lang,
                "docker clients from 29 on need API 1.40, and the daemon speaks up to {api}",
                "docker 29 及以上的客户端需要 API 1.40，而守护进程最高支持 {api}"
            ),
            Self::Skew { seconds } => {
                let apart = crate::error::span(seconds.unsigned_abs(), lang);
                if *seconds > 0 {
                    tr!(lang, "its clock is {apart} ahead of ours", "它的时钟比本机快 {apart}")
                } else {
                    tr!(lang, "its clock is {apart} behind ours", "它的时钟比本机慢 {apart}")
                }
            }
            Self::Local { said } => {
                tr!(
                    lang,
                    "this machine could not start the connection: {said}",
                    "本机无法发起连接：{said}"
                )
            }
        }
    }
}

/// Microseconds as milliseconds.
fn ms(micros: u64) -> String {
    format!("{:.1}", micros as f64 / 1000.0)
}
