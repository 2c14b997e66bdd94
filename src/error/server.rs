//! What can keep a host from being set up (`dctx server`), as data and in words.

use std::path::{Path, PathBuf};

use super::{Hint, Lang, NotPem, Wanted};
use crate::tr;

/// Why a daemon.json is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonFault {
    /// Not JSON, from this line and column on.
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// JSON, but no object.
    NoObject,
    /// A key stands there twice: which one counts is not ours to say.
    Twice(String),
    /// `hosts` is there, and dockerd is started with `-H`: docker does not start with both.
    HostsAndFlag,
    /// `hosts` has another TCP address than the one wanted.
    OtherHosts {
        /// What it has.
        has: String,
        /// What it would have to have.
        wanted: String,
    },
    /// This key makes the port a TLS one, and a plain one was asked for.
    Tls(&'static str),
}

/// Why a host is not set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerFault {
    /// The profile's socket is on this machine.
    Local {
        /// The profile.
        name: String,
    },
    /// The profile has no TLS, and nobody said `--insecure`.
    NoTls {
        /// The profile.
        name: String,
    },
    /// `--insecure` on an address that others reach.
    Open {
        /// The profile.
        name: String,
        /// The address.
        address: String,
    },
    /// There is no such certificate file.
    Missing {
        /// The profile.
        name: String,
        /// The file.
        path: PathBuf,
        /// Whether the profile has no certificates at all, so that `cert new` makes them.
        makes: bool,
    },
    /// The certificate or key is not one that dockerd can use; says why.
    Unfit {
        /// The file.
        path: PathBuf,
        /// What it is.
        why: Unfit,
    },
    /// The server's certificate does not list the profile's address.
    OtherName {
        /// The profile.
        name: String,
        /// The certificate.
        path: PathBuf,
        /// The address.
        host: String,
        /// What it lists.
        names: Vec<String>,
    },
    /// Something stands where `--out` was to write.
    OutExists {
        /// The directory.
        path: PathBuf,
    },
    /// daemon.json is left alone.
    Json {
        /// Where it is: a path, with the host in front of it where that is another.
        at: String,
        /// The command that was typed, without `--take-over`.
        command: String,
        /// Why.
        fault: JsonFault,
    },
    /// Nobody to ask.
    NotAsked {
        /// The profile.
        name: String,
        /// The login.
        login: String,
        /// The other flags, as they were typed, each with a blank before it.
        flags: String,
    },
    /// The answer was no.
    NotWanted,
    /// The login is not root, and sudo asks for a password.
    NoRoot {
        /// The profile.
        name: String,
        /// The login.
        login: String,
        /// The other flags, as they were typed, each with a blank before it.
        flags: String,
    },
    /// The docker there is one user's own: no script of root's sets that up.
    Rootless {
        /// The profile.
        name: String,
        /// The login.
        login: String,
        /// The socket, as the host said.
        socket: String,
    },
    /// ssh ended without having run anything (its status 255).
    Ssh {
        /// The login.
        login: String,
    },
    /// What the host said is nothing that our script says.
    NoReport {
        /// The login.
        login: String,
    },
    /// The script ended with this status; what it said has been printed.
    Script {
        /// The login.
        login: String,
        /// Its status.
        status: i32,
    },
}

/// What a certificate or key file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// No certificate at all.
    NoCertificate,
    /// Expired, so many days ago.
    Expired(u64),
    /// No private key at all.
    NoKey,
    /// A private key with a passphrase, which dockerd cannot read.
    Encrypted,
    /// Larger than any such file.
    TooLarge,
    /// No PEM file.
    NotPem(NotPem),
    /// A certificate that is not for servers: what it is for.
    NotForServers(Vec<String>),
    /// A key that belongs to another certificate than the one in this file.
    OtherKey(PathBuf),
    /// A certificate that the CA in this file did not sign.
    NotSigned {
        /// The file with the CA that docker's client goes by.
        ca: PathBuf,
        /// Who did sign it, as the certificate says.
        issuer: String,
    },
    /// Docker would refuse it, for this reason.
    Refused(String),
}

impl ServerFault {
    /// The exit code, as documented in the README.
    pub(super) const fn code(&self) -> u8 {
        match self {
            Self::Local { .. } | Self::NoTls { .. } => 2,
            Self::Missing { .. }
            | Self::Unfit { .. }
            | Self::OtherName { .. }
            | Self::Json { .. } => 4,
            Self::Ssh { .. } => 5,
            Self::Open { .. } | Self::NotAsked { .. } | Self::NotWanted => 7,
            Self::OutExists { .. }
            | Self::NoRoot { .. }
            | Self::Rootless { .. }
            | Self::NoReport { .. }
            | Self::Script { .. } => 1,
        }
    }

    pub(super) fn message(&self, lang: Lang) -> String {
        match self {
            Self::Local { name } => tr!(
                lang,
                "{name} is a socket of this machine: nothing has to be set up for it",
                "{name} 是本机的套接字：无需任何设置"
            ),
            Self::NoTls { name } => tr!(
                lang,
                "{name} has no TLS: anyone who can reach its port would have root on that host",
                "{name} 未使用 TLS：任何能访问该端口的人都等同于那台主机的 root"
            ),
            Self::Open { address, .. } => tr!(
                lang,
                "without TLS on {address}, anyone who can reach it has root on that host",
                "在 {address} 上不使用 TLS，任何能访问它的人都等同于那台主机的 root"
            ),
            Self::Missing { path, .. } => {
                let path = path.display();
                tr!(lang, "there is no {path}", "没有 {path}")
            }
            Self::Unfit { path, why } => unfit(&path.display().to_string(), why, lang),
            Self::OtherName { path, host, names, .. } => {
                let names: Vec<&str> =
                    names.iter().map(String::as_str).filter(|name| *name != "DNS:").collect();
                let (path, names) = (path.display(), names.join(", "));
                if names.is_empty() {
                    return tr!(
                        lang,
                        "{path} lists no names, so it is not valid for {host}: docker ignores the common name",
                        "{path} 没有列出名称，因此对 {host} 无效：docker 不看通用名（CN）"
                    );
                }
                tr!(
                    lang,
                    "{path} is valid for \"{names}\", not for {host}, which is the profile's address",
                    "{path} 对 \"{names}\" 有效，但主机配置所指的 {host} 不在其中"
                )
            }
            Self::OutExists { path } => {
                let path = path.display();
                tr!(lang, "{path} exists already", "{path} 已存在")
            }
            Self::Json { at, fault, .. } => json(at, fault, lang),
            Self::NotAsked { login, .. } => tr!(
                lang,
                "docker on {login} would be changed, and there is no terminal to ask on",
                "将修改 {login} 上的 docker，但没有可用于询问的终端"
            ),
            Self::NotWanted => tr!(lang, "nothing was changed", "未做任何修改"),
            Self::NoRoot { login, .. } => tr!(
                lang,
                "{login} is not root, and sudo asks for a password there",
                "{login} 不是 root，且那里的 sudo 需要密码"
            ),
            Self::Rootless { login, socket, .. } => tr!(
                lang,
                "docker on {login} runs rootless ({socket}): a port would be opened by rootlesskit, with flags in that user's own unit",
                "{login} 上的 docker 以 rootless 方式运行（{socket}）：端口须由 rootlesskit 打开，其参数在该用户自己的 unit 中"
            ),
            Self::Ssh { login } => {
                tr!(lang, "ssh could not reach {login}", "ssh 无法连接 {login}")
            }
            Self::NoReport { login } => tr!(
                lang,
                "{login} did not run the script: it needs a POSIX sh there",
                "{login} 没有运行脚本：那里需要 POSIX sh"
            ),
            Self::Script { login, status } => match status {
                3 => tr!(
                    lang,
                    "{login}: refused; nothing was changed there",
                    "{login}：已拒绝，那里未做任何修改"
                ),
                4 => tr!(
                    lang,
                    "{login}: it failed, and not everything could be put back",
                    "{login}：失败，且未能全部恢复"
                ),
                _ => tr!(
                    lang,
                    "{login}: the script failed (status {status}); what it said is above",
                    "{login}：脚本失败（状态 {status}），详见上文"
                ),
            },
        }
    }

    pub(super) fn hints(&self, lang: Lang) -> Vec<Hint> {
        match self {
            Self::Local { .. } | Self::NotWanted | Self::Script { .. } => Vec::new(),
            Self::NoTls { name } => vec![
                Hint::run(
                    tr!(lang, "make certificates for it", "为它生成证书"),
                    format!("dctx cert new {name}"),
                ),
                Hint::run(
                    tr!(lang, "or, where there are some", "若已有证书"),
                    format!("dctx edit {name} --certs DIR"),
                ),
                Hint::run(
                    tr!(lang, "or, on the host's loopback alone", "或仅限该主机的回环地址"),
                    format!("dctx server {name} --insecure"),
                ),
            ],
            Self::Open { name, address } => vec![Hint::run(
                tr!(lang, "if that is what you want", "如果确实需要"),
                format!("dctx server {name} --insecure --bind {address} --force"),
            )],
            Self::Missing { name, makes, .. } => {
                let directory = Hint::run(
                    tr!(
                        lang,
                        "name the directory that has ca.pem, server-cert.pem and server-key.pem",
                        "请指定 ca.pem、server-cert.pem 和 server-key.pem 所在的目录"
                    ),
                    format!("dctx server {name} --certs DIR"),
                );
                let make = Hint::run(
                    tr!(lang, "make them, and the client's", "生成它们以及客户端证书"),
                    format!("dctx cert new {name}"),
                );
                if *makes { vec![make, directory] } else { vec![directory] }
            }
            Self::Unfit { path, why } => unfit_hints(path, why, lang),
            Self::OtherName { name, .. } => vec![Hint::run(
                tr!(
                    lang,
                    "use a certificate that lists it, or go to an address that is listed",
                    "请使用包含该地址的证书，或改用证书中的地址"
                ),
                format!("dctx edit {name} --host HOST"),
            )],
            Self::OutExists { .. } => {
                vec![Hint::say(tr!(
                    lang,
                    "name a directory that is not there yet",
                    "请指定一个尚不存在的目录"
                ))]
            }
            Self::Json { fault, command, .. } => json_hints(fault, command, lang),
            Self::NotAsked { name, login, flags } => vec![Hint::run(
                tr!(lang, "to say yes beforehand", "事先确认"),
                format!("dctx server {name} --ssh {}{flags} --yes", shell_words::quote(login)),
            )],
            Self::NoRoot { name, flags, .. } => {
                let root = Hint::run(
                    tr!(lang, "as root", "以 root 身份"),
                    format!("dctx server {name} --ssh root@HOST{flags}"),
                );
                let by_hand = match flags.strip_suffix(" --undo") {
                    None => Hint::run(
                        tr!(
                            lang,
                            "or bring it there yourself, and run install.sh with sudo",
                            "或自行复制过去，用 sudo 运行 install.sh"
                        ),
                        format!("dctx server {name} --out DIR{flags}"),
                    ),
                    Some(flags) => Hint::run(
                        tr!(
                            lang,
                            "or bring the script there yourself, and run it with sudo and --undo",
                            "或自行将脚本复制过去，用 sudo 和 --undo 运行"
                        ),
                        format!("dctx server {name}{flags}"),
                    ),
                };
                vec![root, by_hand]
            }
            Self::Rootless { name, socket, .. } => vec![Hint::run(
                tr!(
                    lang,
                    "ssh needs no port, and nothing to be changed there",
                    "ssh 无需端口，也无需修改那里的任何设置"
                ),
                format!(
                    "dctx edit {name} --host {}",
                    shell_words::quote(&format!("ssh://USER@HOST{socket}"))
                ),
            )],
            Self::Ssh { login } => vec![Hint::say(tr!(
                lang,
                "this has to work: ssh {login} true",
                "以下命令必须可用：ssh {login} true"
            ))],
            Self::NoReport { login } => vec![Hint::say(tr!(
                lang,
                "this has to print nothing but yes: ssh {login} sh -c 'echo yes'",
                "以下命令应只输出 yes：ssh {login} sh -c 'echo yes'"
            ))],
        }
    }
}

fn unfit(path: &str, why: &Unfit, lang: Lang) -> String {
    match why {
        Unfit::NoCertificate => {
            tr!(lang, "{path} contains no certificate in PEM form", "{path} 中没有 PEM 格式的证书")
        }
        Unfit::Expired(days) => {
            tr!(lang, "{path} expired {days} days ago", "{path} 已于 {days} 天前过期")
        }
        Unfit::NoKey => {
            tr!(lang, "{path} contains no private key in PEM form", "{path} 中没有 PEM 格式的私钥")
        }
        Unfit::Encrypted => tr!(
            lang,
            "{path} has a passphrase, and dockerd cannot ask for it",
            "{path} 有口令，而 dockerd 无法询问口令"
        ),
        Unfit::NotPem(what) => {
            let what = what.text(lang);
            tr!(lang, "{path} cannot be used: {what}", "{path} 无法使用：{what}")
        }
        Unfit::NotForServers(listed) => {
            let listed = listed.join(", ");
            tr!(
                lang,
                "{path} is not a server certificate: it is for {listed} only",
                "{path} 不是服务器证书：仅用于 {listed}"
            )
        }
        Unfit::OtherKey(cert) => {
            let cert = cert.display();
            tr!(
                lang,
                "the key {path} does not belong to the certificate {cert}: dockerd would not start",
                "私钥 {path} 与证书 {cert} 不匹配：dockerd 将无法启动"
            )
        }
        Unfit::NotSigned { ca, issuer } => {
            let ca = ca.display();
            tr!(
                lang,
                "{path} is not signed by the CA in {ca}, but by {issuer}: docker would not trust the server",
                "{path} 不是由 {ca} 中的 CA 签发，而是由 {issuer} 签发：docker 不会信任该服务器"
            )
        }
        Unfit::Refused(why) => {
            tr!(lang, "docker would refuse {path}: {why}", "docker 会拒绝 {path}：{why}")
        }
        Unfit::TooLarge => {
            tr!(lang, "{path} is too large for such a file", "{path} 过大，不可能是此类文件")
        }
    }
}

fn unfit_hints(path: &Path, why: &Unfit, lang: Lang) -> Vec<Hint> {
    let show = |path: &Path| {
        let quoted = shell_words::quote(&path.display().to_string()).into_owned();
        Hint::run(tr!(lang, "look at it", "查看"), format!("dctx cert show {quoted}"))
    };
    match why {
        Unfit::NotPem(what) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let wanted = match name {
                name if name.contains("key") => Wanted::Key,
                name if name.starts_with("ca") => Wanted::Ca,
                _ => Wanted::Cert,
            };
            what.fixes(wanted, path, lang)
        }
        Unfit::NotForServers(_) => vec![
            show(path),
            Hint::say(tr!(
                lang,
                "sign it again with extendedKeyUsage = serverAuth in a file of its own (>> adds to what is there)",
                "请重新签发：extendedKeyUsage = serverAuth 须写入单独的文件（>> 会追加到已有内容之后）"
            )),
        ],
        Unfit::OtherKey(cert) => vec![show(cert)],
        Unfit::NotSigned { .. } | Unfit::Refused(_) | Unfit::Expired(_) => vec![show(path)],
        Unfit::Encrypted => {
            let from = shell_words::quote(&path.display().to_string()).into_owned();
            let plain = path.with_file_name("server-key-plain.pem").display().to_string();
            let to = shell_words::quote(&plain).into_owned();
            vec![Hint::run(
                tr!(
                    lang,
                    "make one without (it asks for the passphrase)",
                    "去除口令（会询问口令）"
                ),
                format!("openssl pkey -in {from} -out {to}"),
            )]
        }
        Unfit::NoCertificate | Unfit::NoKey | Unfit::TooLarge => Vec::new(),
    }
}

fn json(at: &str, fault: &JsonFault, lang: Lang) -> String {
    match fault {
        JsonFault::Syntax { line, column } => tr!(
            lang,
            "{at} is not JSON (line {line}, column {column})",
            "{at} 不是 JSON（第 {line} 行，第 {column} 列）"
        ),
        JsonFault::NoObject => tr!(lang, "{at} is not a JSON object", "{at} 不是 JSON 对象"),
        JsonFault::Twice(key) => {
            tr!(lang, "{at} has the key \"{key}\" twice", "{at} 中的键 \"{key}\" 出现了两次")
        }
        JsonFault::HostsAndFlag => tr!(
            lang,
            "{at} has hosts, and dockerd is started with -H fd://: docker does not start with both",
            "{at} 中有 hosts，而 dockerd 以 -H fd:// 启动：两者并存时 docker 无法启动"
        ),
        JsonFault::OtherHosts { has, wanted } => tr!(
            lang,
            "{at} has hosts for other addresses: {has}; they would have to be {wanted}",
            "{at} 的 hosts 是其他地址 {has}，而这里需要 {wanted}"
        ),
        JsonFault::Tls(key) => tr!(
            lang,
            "{at} has {key}, so its port would not be a plain one",
            "{at} 中有 {key}，该端口不会是明文的"
        ),
    }
}

fn json_hints(fault: &JsonFault, command: &str, lang: Lang) -> Vec<Hint> {
    match fault {
        JsonFault::Syntax { .. } | JsonFault::NoObject | JsonFault::Twice(_) => {
            vec![Hint::say(tr!(lang, "fix it there first", "请先在那里修正"))]
        }
        JsonFault::HostsAndFlag | JsonFault::OtherHosts { .. } => vec![Hint::run(
            tr!(
                lang,
                "to replace them, with a copy of everything for --undo",
                "替换它们（会留下副本，可用 --undo 恢复）"
            ),
            format!("{command} --take-over"),
        )],
        JsonFault::Tls(_) => vec![Hint::say(tr!(lang, "without --insecure", "请去掉 --insecure"))],
    }
}
