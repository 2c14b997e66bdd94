//! Which of docker's clients work with a profile as `dctx use` sets it, and why the others do not. From the address and
//! the files alone; nothing is asked. What each client reads: docker/cli `cli/flags`, moby `client/envvars.go`,
//! docker-py `utils/utils.py`, docker-java `DefaultDockerClientConfig`, docker-modem `modem.js`, bollard `docker.rs`.

use super::files::openssl;
use super::id::Id;
use super::target::{Server, Target};
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
    /// Java.
    DockerJava,
    /// Node.
    Dockerode,
    /// Rust.
    Bollard,
    /// Testcontainers for Go, which has Go's own client.
    TestcontainersGo,
    /// Testcontainers for Java, by docker-java.
    TestcontainersJava,
    /// Testcontainers for Node, by dockerode.
    TestcontainersNode,
    /// Testcontainers for Python, by docker-py.
    TestcontainersPython,
    /// podman's own client.
    Podman,
}

impl Client {
    /// Every one, in the order of the table.
    pub const ALL: [Self; 13] = [
        Self::Cli,
        Self::Compose,
        Self::Buildx,
        Self::GoSdk,
        Self::DockerPy,
        Self::DockerJava,
        Self::Dockerode,
        Self::Bollard,
        Self::TestcontainersGo,
        Self::TestcontainersJava,
        Self::TestcontainersNode,
        Self::TestcontainersPython,
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
            Self::DockerJava => "docker-java",
            Self::Dockerode => "dockerode",
            Self::Bollard => "bollard",
            Self::TestcontainersGo => "Testcontainers (Go)",
            Self::TestcontainersJava => "Testcontainers (Java)",
            Self::TestcontainersNode => "Testcontainers (Node)",
            Self::TestcontainersPython => "Testcontainers (Python)",
            Self::Podman => "podman --remote",
        }
    }

    /// The client whose connections it has: Testcontainers use those of their languages.
    const fn connects_as(self) -> Self {
        match self {
            Self::TestcontainersGo => Self::GoSdk,
            Self::TestcontainersJava => Self::DockerJava,
            Self::TestcontainersNode => Self::Dockerode,
            Self::TestcontainersPython => Self::DockerPy,
            other => other,
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
    /// It goes to the docker of this machine instead, and says nothing of it.
    Elsewhere,
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
            Self::Elsewhere => "elsewhere",
            Self::Fails => "fails",
        }
    }

    /// The word for it.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match self {
            Self::Works => tr!(lang, "works", "可用"),
            Self::WorksUnverified => tr!(lang, "works, server not verified", "可用，服务器未验证"),
            Self::Elsewhere => tr!(lang, "goes elsewhere", "连接到别处"),
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
    /// It starts ssh from a version on, with a feature of its own.
    SshFeature,
    /// It has ssh by a library from a version on, which has to be installed.
    SshByLibraryNew,
    /// It has ssh of its own, which verifies no host key.
    SshNoHostKey,
    /// It has no ssh.
    NoSsh,
    /// It reads no docker contexts.
    NoContexts,
    /// It reads docker contexts from a version on.
    ContextsNew,
    /// It reads docker contexts.
    Contexts,
    /// It reads the address of a context, and not its certificates.
    ContextWithoutTls,
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
    /// REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE gives it another CA.
    OtherBundle,
    /// It wants the root, and ca.pem has an intermediate alone.
    WantsRoot,
    /// It wants the root before Python 3.13.
    WantsRootPython,
    /// From Python 3.13 on it refuses this CA.
    StrictPython,
    /// Its own API version, unless a newer one is installed or told, is refused.
    ApiDefault,
}

impl Why {
    /// One line, without a full stop.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match self {
            Self::AsDocker => tr!(lang, "reads what docker reads", "读取与 docker 相同的设置"),
            Self::NoCreate => tr!(
                lang,
                "builds work; buildx create refuses TLS from variables and needs a docker context",
                "可以构建；buildx create 不接受来自环境变量的 TLS，需要 docker context"
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
                "needs cert.pem and key.pem beside ca.pem, and fails without them",
                "除 ca.pem 外还需要 cert.pem 和 key.pem，缺少时报错"
            ),
            Self::Socket => tr!(lang, "opens the socket", "直接打开套接字"),
            Self::Ssh => {
                tr!(lang, "starts ssh, with its keys and settings", "调用 ssh，使用其密钥和设置")
            }
            Self::SshByLibrary => tr!(
                lang,
                "has ssh of its own, with paramiko installed, without ~/.ssh/config in full",
                "自带 ssh 实现（需安装 paramiko），不完全支持 ~/.ssh/config"
            ),
            Self::SshByLibraryNew => tr!(
                lang,
                "from 4.15 on, has ssh of its own, with paramiko installed, without ~/.ssh/config in full",
                "从 4.15 起自带 ssh 实现（需安装 paramiko），不完全支持 ~/.ssh/config"
            ),
            Self::SshFeature => tr!(
                lang,
                "from 0.19.1 on, built with its feature ssh, starts ssh",
                "从 0.19.1 起，启用 ssh 特性编译时会调用 ssh"
            ),
            Self::SshNoHostKey => tr!(
                lang,
                "has ssh of its own, which verifies no host key and does not read ~/.ssh/config",
                "自带 ssh 实现，不验证主机密钥，也不读取 ~/.ssh/config"
            ),
            Self::NoContexts => tr!(
                lang,
                "reads no docker contexts: without DOCKER_HOST it acts on the docker of this machine",
                "不读取 docker context：没有 DOCKER_HOST 时操作的是本机的 docker"
            ),
            Self::ContextsNew => tr!(
                lang,
                "follows the docker context from docker-py 7.2 on; before, it acts on the docker of this machine",
                "从 docker-py 7.2 起跟随 docker context；之前的版本操作的是本机的 docker"
            ),
            Self::Contexts => tr!(lang, "follows the docker context", "跟随 docker context"),
            Self::ContextWithoutTls => tr!(
                lang,
                "takes the address of the docker context without its certificates",
                "只使用 docker context 的地址，不使用其证书"
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
            Self::OtherBundle => tr!(
                lang,
                "takes its CA from REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, not from ca.pem",
                "从 REQUESTS_CA_BUNDLE 或 CURL_CA_BUNDLE 读取 CA，而不是 ca.pem"
            ),
            Self::WantsRoot => tr!(
                lang,
                "needs the root CA in ca.pem, which has an intermediate CA only",
                "需要 ca.pem 中有根 CA，而其中只有中间 CA"
            ),
            Self::WantsRootPython => tr!(
                lang,
                "before Python 3.13, needs the root CA in ca.pem, which has an intermediate CA only",
                "Python 3.13 之前的版本需要 ca.pem 中有根 CA，而其中只有中间 CA"
            ),
            Self::StrictPython => tr!(
                lang,
                "TLS, both sides verified; from Python 3.13 on it refuses this CA (keyUsage)",
                "TLS，双向验证；从 Python 3.13 起会拒绝该 CA（keyUsage）"
            ),
            Self::ApiDefault => tr!(
                lang,
                "only if new enough (Testcontainers 1.21.4 or 2.0.2): older ones ask for API 1.32, which the daemon refuses",
                "版本须足够新（Testcontainers 1.21.4 或 2.0.2）：旧版本使用 API 1.32，守护进程会拒绝"
            ),
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

impl Row {
    /// The diagnosis that it is a case of.
    #[must_use]
    pub const fn id(&self) -> Option<Id> {
        match self.why {
            Why::OtherBundle => Some(Id::CaBundleEnv),
            Why::WantsRoot | Why::WantsRootPython => Some(Id::CaIntermediate),
            Why::StrictPython => Some(Id::CaKeyUsage),
            Why::ApiDefault => Some(Id::ApiSdkDefault),
            Why::NoSsh => Some(Id::SshClientMissingInSdk),
            Why::NoCreate => Some(Id::BuildxEnvTls),
            _ => None,
        }
    }
}

/// The API version that docker-java asks for unless it is told otherwise.
const DOCKER_JAVA: (u32, u32) = (1, 32);

/// One row for each client, in the order of [`Client::ALL`]. `by_context`: docker is led there by one of its contexts,
/// not by DOCKER_HOST. `server`: the daemon, if it was asked. Reads the CA's file.
#[must_use]
pub fn table(target: &Target, by_context: bool, server: Option<&Server>) -> Vec<Row> {
    let tcp = matches!(target.endpoint, Endpoint::Tcp { .. }) && target.tls != TlsMode::Off;
    let files = if tcp { openssl::of(target) } else { Vec::new() };
    let row = |client| {
        let (verdict, why) = match by_context {
            true => judge_context(client, target),
            false => judge(client, target),
        };
        let works = matches!(verdict, Verdict::Works | Verdict::WorksUnverified);
        match files_of(client, &files).or_else(|| api_of(client, server)).filter(|_| works) {
            Some((verdict, why)) => Row { client, verdict, why },
            None => Row { client, verdict, why },
        }
    };
    Client::ALL.into_iter().map(row).collect()
}

/// What programs by OpenSSL do not take of the files that docker takes, the first that they meet.
fn files_of(client: Client, ids: &[Id]) -> Option<(Verdict, Why)> {
    let has = |id: Id| ids.contains(&id);
    match client {
        Client::DockerPy | Client::TestcontainersPython if has(Id::CaBundleEnv) => {
            Some((Verdict::Fails, Why::OtherBundle))
        }
        Client::DockerPy | Client::TestcontainersPython if has(Id::CaIntermediate) => {
            Some((Verdict::Fails, Why::WantsRootPython))
        }
        Client::DockerPy | Client::TestcontainersPython if has(Id::CaKeyUsage) => {
            Some((Verdict::Works, Why::StrictPython))
        }
        Client::Dockerode | Client::TestcontainersNode if has(Id::CaIntermediate) => {
            Some((Verdict::Fails, Why::WantsRoot))
        }
        _ => None,
    }
}

/// What asks for an API version of its own that the daemon does not speak any more.
fn api_of(client: Client, server: Option<&Server>) -> Option<(Verdict, Why)> {
    let java = matches!(client, Client::DockerJava | Client::TestcontainersJava);
    let (major, minor) = server?.min_api.split_once('.')?;
    let oldest: (u32, u32) = (major.parse().ok()?, minor.parse().ok()?);
    (java && oldest > DOCKER_JAVA).then_some((Verdict::Works, Why::ApiDefault))
}

/// What each client makes of docker's context (docker-py `docker_client_from_env`, docker-java
/// `DefaultDockerClientConfig`, bollard `docker_host_from_context`); those that read none go to docker's usual socket.
fn judge_context(client: Client, target: &Target) -> (Verdict, Why) {
    use Client::{
        Bollard, Buildx, Cli, Compose, DockerJava, DockerPy, Dockerode, GoSdk, Podman,
        TestcontainersGo, TestcontainersJava, TestcontainersNode, TestcontainersPython,
    };
    use Verdict::{Elsewhere, Fails, Works};
    let alone = judge(client, target);
    let usual = target.endpoint.to_string() == crate::interop::docker::DEFAULT_HOST;
    match client {
        Podman => alone,
        Cli | Compose => (alone.0, Why::AsDocker),
        // a context is what it asks for
        Buildx => (alone.0, Why::AsDocker),
        _ if usual => alone,
        GoSdk | Dockerode | TestcontainersGo | TestcontainersNode => (Elsewhere, Why::NoContexts),
        _ if alone.0 == Fails => alone,
        // without a CA it takes such a context for one without TLS
        DockerPy | TestcontainersPython
            if target.tls == TlsMode::Insecure
                && target.ca.as_ref().is_none_or(|ca| !ca.exists()) =>
        {
            (Fails, Why::PlainInstead)
        }
        DockerPy | TestcontainersPython => (alone.0, Why::ContextsNew),
        DockerJava | TestcontainersJava => (alone.0, Why::Contexts),
        Bollard if target.tls != TlsMode::Off => (Fails, Why::ContextWithoutTls),
        Bollard => (Works, Why::Contexts),
    }
}

fn judge(client: Client, target: &Target) -> (Verdict, Why) {
    use Client::{Bollard, Buildx, Cli, Compose, DockerPy, Dockerode, Podman};
    use Verdict::{Fails, Works};
    if client == Podman {
        return (Fails, Why::OwnVariables);
    }
    let (asked, client) = (client, client.connects_as());
    let docker = matches!(client, Cli | Compose | Buildx);
    match &target.endpoint {
        Endpoint::Unix(_) => (Works, Why::Socket),
        Endpoint::Npipe(_) if cfg!(windows) => (Works, Why::Socket),
        Endpoint::Npipe(_) => (Fails, Why::NpipeHere),
        Endpoint::Ssh { path, .. } => match client {
            Cli | Compose | Buildx => (Works, Why::Ssh),
            DockerPy if !path.is_empty() => (Fails, Why::SshPath),
            _ if asked == Client::TestcontainersNode => (Fails, Why::NoSsh),
            _ if asked == Client::TestcontainersPython => (Works, Why::SshByLibraryNew),
            Dockerode if !path.is_empty() => (Fails, Why::SshPathDropped),
            DockerPy => (Works, Why::SshByLibrary),
            Dockerode => (Verdict::WorksUnverified, Why::SshNoHostKey),
            Bollard => (Works, Why::SshFeature),
            _ => (Fails, Why::NoSsh),
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
        // Testcontainers have been taken for the client that they connect by
        (TlsMode::Insecure, _) => (Fails, Why::PlainInstead),
    }
}
