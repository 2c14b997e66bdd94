//! Which of docker's clients work with a profile as `dctx use` sets it, and why the others do not. From the address and
//! the files alone; nothing is asked. What each client reads: docker/cli `cli/flags`, moby `client/envvars.go`,
//! docker-py `utils/utils.py`, docker-java `DefaultDockerClientConfig`, docker-modem `modem.js`, bollard `docker.rs`.

use super::target::Target;
use crate::error::Lang;
use crate::profile::TlsMode;
use crate::profile::endpoint::{Endpoint, PORT_TLS};
use crate::tr;

/// A client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// The docker command.
    Cli,
    /// docker compose, version 2.
    Compose,
    /// docker buildx.
    Buildx,
    /// Go programs by `client.FromEnv`.
    GoSdk,
    /// Python.
    DockerPy,
    /// Java, also by Testcontainers.
    DockerJava,
    /// Node.
    Dockerode,
    /// Rust.
    Bollard,
    /// podman's own client.
    Podman,
}

impl Client {
    /// Every one, in the order of the table.
    pub const ALL: [Self; 9] = [
        Self::Cli,
        Self::Compose,
        Self::Buildx,
        Self::GoSdk,
        Self::DockerPy,
        Self::DockerJava,
        Self::Dockerode,
        Self::Bollard,
        Self::Podman,
    ];

    /// Its name, the same in every language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cli => "docker",
            Self::Compose => "docker compose",
            Self::Buildx => "docker buildx",
            Self::GoSdk => "Go SDK",
            Self::DockerPy => "docker-py",
            Self::DockerJava => "docker-java, Testcontainers",
            Self::Dockerode => "dockerode",
            Self::Bollard => "bollard",
            Self::Podman => "podman --remote",
        }
    }
}

/// Whether it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Works,
    /// Yes, and it verifies nobody.
    WorksUnverified,
    /// No.
    Fails,
}

impl Verdict {
    /// The word for it in JSON, never translated.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::WorksUnverified => "works-unverified",
            Self::Fails => "fails",
        }
    }

    /// The word for it.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match self {
            Self::Works => tr!(lang, "works", "可用"),
            Self::WorksUnverified => tr!(lang, "works, server not verified", "可用，服务器未验证"),
            Self::Fails => tr!(lang, "fails", "不可用"),
        }
    }
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It reads what the docker command reads.
    AsDocker,
    /// `docker buildx create` refuses TLS from variables.
    NoCreate,
    /// What it starts gets an empty certificate and key.
    Children,
    /// It does without TLS.
    Plain,
    /// It verifies the server, and shows the certificate.
    Mutual,
    /// It trusts the system's CAs beside the given one.
    SystemToo,
    /// It needs certificate and key.
    NeedsPair,
    /// It opens the local socket.
    Socket,
    /// It starts ssh.
    Ssh,
    /// It has ssh by a library, which has to be installed.
    SshByLibrary,
    /// It has no ssh.
    NoSsh,
    /// It refuses a socket's path behind the host.
    SshPath,
    /// It drops the socket's path behind the host.
    SshPathDropped,
    /// It takes the certificates as a wish for TLS without verification.
    ByCertPath,
    /// It takes TLS only with verification, and speaks plain HTTP here.
    PlainInstead,
    /// By the port it takes TLS, and verifies the server by ca.pem.
    TlsByPort,
    /// By the port it takes TLS, where there is none.
    TlsByPortWrong,
    /// It does not read a zone.
    Zone,
    /// There are no named pipes here.
    NpipeHere,
    /// It reads CONTAINER_HOST.
    OwnVariables,
}

impl Why {
    /// One line, without a full stop.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match self {
            Self::AsDocker => tr!(lang, "reads what docker reads", "读取与 docker 相同的设置"),
            Self::NoCreate => tr!(
                lang,
                "builds work; buildx create refuses TLS from variables and wants a docker context",
                "可以构建；buildx create 不接受来自环境变量的 TLS，需要 docker 上下文"
            ),
            Self::Children => tr!(
                lang,
                "works itself; programs that it starts get an empty client certificate and fail",
                "自身可用；它启动的程序会得到空的客户端证书而失败"
            ),
            Self::Plain => tr!(lang, "plain HTTP", "明文 HTTP"),
            Self::Mutual => tr!(lang, "TLS, both sides verified", "TLS，双向验证"),
            Self::SystemToo => tr!(
                lang,
                "TLS, both sides verified; trusts the system's CAs beside ca.pem",
                "TLS，双向验证；除 ca.pem 外也信任系统 CA"
            ),
            Self::NeedsPair => tr!(
                lang,
                "needs cert.pem and key.pem beside ca.pem, and stops without",
                "除 ca.pem 外还需要 cert.pem 和 key.pem，缺少时报错"
            ),
            Self::Socket => tr!(lang, "opens the socket", "直接打开套接字"),
            Self::Ssh => {
                tr!(lang, "starts ssh, with its keys and settings", "调用 ssh，使用其密钥和设置")
            }
            Self::SshByLibrary => tr!(
                lang,
                "has ssh of its own (Python: with paramiko installed), without ~/.ssh/config in full",
                "自带 ssh 实现（Python 需安装 paramiko），不完全支持 ~/.ssh/config"
            ),
            Self::NoSsh => tr!(lang, "does not read ssh:// addresses", "不支持 ssh:// 地址"),
            Self::SshPath => {
                tr!(lang, "refuses a path behind an ssh host", "不接受 ssh 主机后的路径")
            }
            Self::SshPathDropped => tr!(
                lang,
                "has ssh of its own, and goes to the usual socket there, not to this one",
                "自带 ssh 实现，但连接的是默认套接字，而非指定的套接字"
            ),
            Self::ByCertPath => tr!(
                lang,
                "takes DOCKER_CERT_PATH alone for TLS without verification",
                "把单独的 DOCKER_CERT_PATH 视为不验证的 TLS"
            ),
            Self::PlainInstead => tr!(
                lang,
                "knows TLS only with DOCKER_TLS_VERIFY, and speaks plain HTTP here",
                "只有设置 DOCKER_TLS_VERIFY 才用 TLS，这里会使用明文 HTTP"
            ),
            Self::TlsByPort => tr!(
                lang,
                "takes TLS by the port 2376, and verifies the server by ca.pem all the same",
                "因端口为 2376 而使用 TLS，并且仍按 ca.pem 验证服务器"
            ),
            Self::TlsByPortWrong => tr!(
                lang,
                "takes TLS by the port 2376, and the daemon has none there",
                "因端口为 2376 而使用 TLS，但守护进程在该端口不使用 TLS"
            ),
            Self::Zone => tr!(lang, "does not read the zone in an address", "不支持地址中的 zone"),
            Self::NpipeHere => {
                tr!(lang, "there are named pipes on Windows only", "命名管道仅 Windows 支持")
            }
            Self::OwnVariables => tr!(
                lang,
                "reads CONTAINER_HOST and its own connections, not DOCKER_HOST",
                "读取 CONTAINER_HOST 和自己的连接设置，不读取 DOCKER_HOST"
            ),
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Who.
    pub client: Client,
    /// Whether.
    pub verdict: Verdict,
    /// Why.
    pub why: Why,
}

/// One row for each client, in the order of [`Client::ALL`].
#[must_use]
pub fn table(target: &Target) -> Vec<Row> {
    let row = |client| {
        let (verdict, why) = judge(client, target);
        Row { client, verdict, why }
    };
    Client::ALL.into_iter().map(row).collect()
}

fn judge(client: Client, target: &Target) -> (Verdict, Why) {
    use Client::{Bollard, Buildx, Cli, Compose, DockerJava, DockerPy, Dockerode, GoSdk, Podman};
    use Verdict::{Fails, Works};
    if client == Podman {
        return (Fails, Why::OwnVariables);
    }
    let docker = matches!(client, Cli | Compose | Buildx);
    match &target.endpoint {
        Endpoint::Unix(_) => (Works, Why::Socket),
        Endpoint::Npipe(_) if cfg!(windows) => (Works, Why::Socket),
        Endpoint::Npipe(_) => (Fails, Why::NpipeHere),
        Endpoint::Ssh { path, .. } => match client {
            Cli | Compose | Buildx => (Works, Why::Ssh),
            DockerPy if !path.is_empty() => (Fails, Why::SshPath),
            Dockerode if !path.is_empty() => (Fails, Why::SshPathDropped),
            DockerPy | Dockerode => (Works, Why::SshByLibrary),
            GoSdk | DockerJava | Bollard | Podman => (Fails, Why::NoSsh),
        },
        Endpoint::Tcp { .. } if target.endpoint.has_zone() && !docker => (Fails, Why::Zone),
        Endpoint::Tcp { port, .. } => tcp(client, target, *port),
    }
}

fn tcp(client: Client, target: &Target, port: Option<u16>) -> (Verdict, Why) {
    use Client::{Bollard, Buildx, Cli, Compose, DockerJava, DockerPy, Dockerode, GoSdk, Podman};
    use Verdict::{Fails, Works, WorksUnverified};
    let pair = target.cert.is_some() && target.key.is_some();
    match (target.tls, client) {
        (_, Podman) => (Fails, Why::OwnVariables),
        (TlsMode::Off, Dockerode) if port == Some(PORT_TLS) => (Fails, Why::TlsByPortWrong),
        (TlsMode::Off, _) => (Works, Why::Plain),
        (TlsMode::Verify | TlsMode::System, Cli) => (Works, Why::AsDocker),
        (TlsMode::Verify | TlsMode::System, Compose) if !pair => (Works, Why::Children),
        (TlsMode::Verify | TlsMode::System, Compose) => (Works, Why::AsDocker),
        (TlsMode::Verify | TlsMode::System, Buildx) => (Works, Why::NoCreate),
        (TlsMode::Insecure, Cli) => (WorksUnverified, Why::AsDocker),
        (TlsMode::Insecure, Compose) if !pair => (WorksUnverified, Why::Children),
        (TlsMode::Insecure, Compose) => (WorksUnverified, Why::AsDocker),
        (TlsMode::Insecure, Buildx) => (WorksUnverified, Why::NoCreate),
        (TlsMode::Insecure, DockerJava | Bollard) => (Fails, Why::PlainInstead),
        (_, GoSdk | DockerPy | DockerJava | Dockerode | Bollard) if !pair => {
            (Fails, Why::NeedsPair)
        }
        (TlsMode::Verify | TlsMode::System, GoSdk) => (Works, Why::SystemToo),
        (TlsMode::Verify | TlsMode::System, _) => (Works, Why::Mutual),
        (TlsMode::Insecure, GoSdk | DockerPy) => (WorksUnverified, Why::ByCertPath),
        (TlsMode::Insecure, Dockerode) if port.is_none_or(|port| port == PORT_TLS) => {
            (Works, Why::TlsByPort)
        }
        (TlsMode::Insecure, Dockerode) => (Fails, Why::PlainInstead),
    }
}
