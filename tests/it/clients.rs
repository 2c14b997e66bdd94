//! Which of docker's clients work with a profile: every client has its row for every kind of host, in both languages;
//! what the table says of the docker command is so with the real one.

use std::path::PathBuf;
use std::time::Duration;

use dctx::check::clients::{Client, Row, Verdict, Why, table};
use dctx::check::target::Target;
use dctx::env::Env;
use dctx::error::Lang;
use dctx::profile::TlsMode;
use dctx::profile::endpoint::Endpoint;

use crate::support::dockerd::Dockerd;
use crate::support::{Sandbox, require};

fn target(host: &str, tls: TlsMode, pair: bool) -> Target {
    let file = |name: &str| Some(PathBuf::from(format!("/certs/{name}")));
    Target {
        profile: None,
        layer: None,
        endpoint: Endpoint::parse(host).unwrap(),
        tls,
        ca: file("ca.pem"),
        cert: file("cert.pem").filter(|_| pair),
        key: file("key.pem").filter(|_| pair),
        apart: None,
        kept_server: None,
        kept: false,
        api_version: None,
        env: Env::of([] as [(&str, &str); 0]),
        brief: false,
        forwarding: false,
        limit: Duration::ZERO,
    }
}

fn of(client: Client, target: &Target) -> (Verdict, Why) {
    let rows = table(target, false, None);
    let row = rows.iter().find(|row| row.client == client).unwrap();
    (row.verdict, row.why)
}

const HOSTS: [&str; 8] = [
    "tcp://10.0.0.5:2375",
    "tcp://10.0.0.5:2376",
    "tcp://10.0.0.5:4243",
    "tcp://[fe80::1%25eth0]:2376",
    "ssh://me@box",
    "ssh://me@box/run/user/1000/docker.sock",
    "unix:///run/docker.sock",
    "tcp://10.0.0.5",
];

#[test]
fn every_client_has_its_row_in_both_languages() {
    for host in HOSTS {
        for tls in TlsMode::ALL {
            for pair in [true, false] {
                let rows: Vec<Row> = table(&target(host, tls, pair), false, None);
                let clients: Vec<Client> = rows.iter().map(|row| row.client).collect();
                assert_eq!(clients, Client::ALL, "{host}");
                // what has no TLS cannot be unverified, and docker itself works with every profile
                assert_ne!(rows[0].verdict, Verdict::Fails, "{host}");
                for row in rows {
                    let unverified = row.verdict == Verdict::WorksUnverified;
                    let keyless = host.starts_with("ssh") && row.client == Client::Dockerode;
                    assert!(!unverified || tls == TlsMode::Insecure || keyless, "{host}: {row:?}");
                    for lang in [Lang::En, Lang::Zh] {
                        let (word, why) = (row.verdict.text(lang), row.why.text(lang));
                        for text in [&word, &why] {
                            let chinese =
                                text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                            assert_eq!(chinese, lang == Lang::Zh, "{text}");
                            assert!(!text.ends_with(['.', '。']), "{text}");
                        }
                    }
                }
            }
        }
    }
}

/// docker 28.2.2, docker-py 7.1 and dockerode 4 were run for these against servers that ask for a client certificate,
/// do not, or speak no TLS.
#[test]
fn what_the_clients_did_when_they_were_run() {
    use Client::{Bollard, Cli, Compose, DockerJava, DockerPy, Dockerode, GoSdk, Podman};
    use Verdict::{Fails, Works, WorksUnverified};
    let mutual = target("tcp://127.0.0.1:24105", TlsMode::Verify, true);
    for client in [Cli, DockerPy, Dockerode] {
        assert_eq!(of(client, &mutual).0, Works, "{client:?}");
    }
    let ca_only = target("tcp://127.0.0.1:24107", TlsMode::Verify, false);
    assert_eq!(of(Cli, &ca_only).0, Works);
    for client in [GoSdk, DockerPy, Dockerode, DockerJava, Bollard] {
        assert_eq!(of(client, &ca_only), (Fails, Why::NeedsPair), "{client:?}");
    }
    assert_eq!(of(Compose, &ca_only), (Works, Why::Children));
    let insecure = target("tcp://127.0.0.1:24105", TlsMode::Insecure, true);
    assert_eq!(of(Cli, &insecure).0, WorksUnverified);
    assert_eq!(of(DockerPy, &insecure), (WorksUnverified, Why::ByCertPath));
    assert_eq!(of(Dockerode, &insecure), (Fails, Why::PlainInstead));
    let insecure = target("tcp://127.0.0.1:2376", TlsMode::Insecure, true);
    assert_eq!(of(Dockerode, &insecure), (Works, Why::TlsByPort));
    let insecure = target("tcp://127.0.0.1:24107", TlsMode::Insecure, false);
    assert_eq!(of(DockerPy, &insecure), (Fails, Why::NeedsPair));
    let plain = target("tcp://127.0.0.1:24106", TlsMode::Off, false);
    for client in [Cli, DockerPy, Dockerode] {
        assert_eq!(of(client, &plain), (Works, Why::Plain), "{client:?}");
    }
    let plain = target("tcp://127.0.0.1:2376", TlsMode::Off, false);
    assert_eq!(of(Dockerode, &plain), (Fails, Why::TlsByPortWrong));
    assert_eq!(of(DockerPy, &plain).0, Works);
    let zone = target("tcp://[fe80::1%25eth0]:2376", TlsMode::Off, false);
    assert_eq!(of(Cli, &zone).0, Works);
    for client in [DockerPy, Dockerode] {
        assert_eq!(of(client, &zone), (Fails, Why::Zone), "{client:?}");
    }
    let path = target("ssh://me@box/run/docker.sock", TlsMode::Off, false);
    assert_eq!(of(DockerPy, &path), (Fails, Why::SshPath));
    assert_eq!(of(Podman, &path), (Fails, Why::OwnVariables));
}

/// A docker context leads docker, compose and buildx; what reads none acts on the docker of this machine, which nobody
/// would notice.
#[test]
fn a_context_leads_only_those_that_read_contexts() {
    let of = |client, target: &Target| {
        let rows = table(target, true, None);
        let row = rows.iter().find(|row| row.client == client).unwrap();
        (row.verdict, row.why)
    };
    let tls = target("tcp://127.0.0.7:2376", TlsMode::Verify, true);
    let plain = target("tcp://127.0.0.7:2375", TlsMode::Off, false);
    let ssh = target("ssh://me@box", TlsMode::Off, false);
    let desktop = target("unix:///home/me/.docker/desktop/docker.sock", TlsMode::Off, false);
    for target in [&tls, &plain, &ssh, &desktop] {
        for client in [Client::Cli, Client::Compose, Client::Buildx] {
            assert_eq!(of(client, target), (Verdict::Works, Why::AsDocker), "{client:?}");
        }
        let none = [
            Client::GoSdk,
            Client::Dockerode,
            Client::TestcontainersGo,
            Client::TestcontainersNode,
        ];
        for client in none {
            assert_eq!(of(client, target), (Verdict::Elsewhere, Why::NoContexts), "{client:?}");
        }
        assert_eq!(of(Client::DockerPy, target), (Verdict::Works, Why::ContextsNew));
        assert_eq!(of(Client::Podman, target), (Verdict::Fails, Why::OwnVariables));
    }
    for client in [Client::DockerJava, Client::TestcontainersJava] {
        assert_eq!(of(client, &tls), (Verdict::Works, Why::Contexts), "{client:?}");
        assert_eq!(of(client, &ssh), (Verdict::Fails, Why::NoSsh), "{client:?}");
    }
    assert_eq!(of(Client::Bollard, &tls), (Verdict::Fails, Why::ContextWithoutTls));
    assert_eq!(of(Client::Bollard, &plain), (Verdict::Works, Why::Contexts));
    let unverified = target("tcp://127.0.0.7:2376", TlsMode::Insecure, true);
    let bare = Target { ca: None, ..unverified };
    assert_eq!(of(Client::DockerPy, &bare), (Verdict::Fails, Why::PlainInstead));
    // where the context leads to docker's usual socket, all of them are there
    let usual = target("unix:///var/run/docker.sock", TlsMode::Off, false);
    for client in Client::ALL.into_iter().filter(|client| *client != Client::Podman) {
        assert_eq!(of(client, &usual).0, Verdict::Works, "{client:?}");
    }
}

/// ssh, as each client has it.
#[test]
fn ssh_is_as_each_client_has_it() {
    let ssh = target("ssh://me@box", TlsMode::Off, false);
    for (client, wanted) in [
        (Client::Cli, (Verdict::Works, Why::Ssh)),
        (Client::Bollard, (Verdict::Works, Why::SshFeature)),
        (Client::DockerPy, (Verdict::Works, Why::SshByLibrary)),
        (Client::Dockerode, (Verdict::WorksUnverified, Why::SshNoHostKey)),
        (Client::GoSdk, (Verdict::Fails, Why::NoSsh)),
        (Client::DockerJava, (Verdict::Fails, Why::NoSsh)),
        (Client::TestcontainersPython, (Verdict::Works, Why::SshByLibraryNew)),
        (Client::TestcontainersGo, (Verdict::Fails, Why::NoSsh)),
        (Client::TestcontainersNode, (Verdict::Fails, Why::NoSsh)),
        (Client::TestcontainersJava, (Verdict::Fails, Why::NoSsh)),
    ] {
        assert_eq!(of(client, &ssh), wanted, "{client:?}");
    }
}

/// With `DOCKER_CONTEXT` or a current context `check --clients` says who does not follow; with DOCKER_HOST all of them do.
#[test]
fn check_says_who_does_not_follow_a_context() {
    let sb = Sandbox::new();
    let sum = sb.sh("sha256sum", [] as [&str; 0]).stdin("far").run().done().out();
    let sum = sum.split_whitespace().next().unwrap();
    let meta =
        r#"{"Name":"far","Metadata":{},"Endpoints":{"docker":{"Host":"tcp://127.0.0.7:2375"}}}"#;
    sb.write(format!("home/.docker/contexts/meta/{sum}/meta.json"), meta);
    let verdict = |name: &str, value: &str, client: &str| {
        let out = sb.dctx(["check", "--offline", "--clients", "--json"]).env(name, value).run();
        let json: serde_json::Value = serde_json::from_str(&out.out()).unwrap();
        let rows = json["profiles"][0]["clients"].as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| row["client"] == client).unwrap();
        row["verdict"].as_str().unwrap().to_owned()
    };
    for client in ["Go SDK", "dockerode", "Testcontainers (Go)", "Testcontainers (Node)"] {
        assert_eq!(verdict("DOCKER_CONTEXT", "far", client), "elsewhere", "{client}");
        assert_eq!(verdict("DOCKER_HOST", "tcp://127.0.0.7:2375", client), "works", "{client}");
    }
    for client in ["docker", "docker compose", "docker-py", "docker-java"] {
        assert_eq!(verdict("DOCKER_CONTEXT", "far", client), "works", "{client}");
    }
}

/// With certificate and without, verified and not, the real client does what its row says.
#[test]
fn the_real_docker_command_agrees() {
    if require("docker").is_none() {
        return;
    }
    let (Some(mutual), Some(anyone)) = (Dockerd::mutual(), Dockerd::server_only()) else { return };
    let sb = Sandbox::new();
    let cases = [
        (mutual.port(), TlsMode::Verify, true, &mutual.certs),
        (anyone.port(), TlsMode::Verify, false, &anyone.ca_only),
        (mutual.port(), TlsMode::Insecure, true, &mutual.certs),
        (anyone.port(), TlsMode::Insecure, false, &mutual.ca_only),
    ];
    for (port, tls, pair, certs) in cases {
        let host = format!("tcp://127.0.0.1:{port}");
        let variable = if tls == TlsMode::Insecure { "DOCKER_TLS" } else { "DOCKER_TLS_VERIFY" };
        let verdict = of(Client::Cli, &target(&host, tls, pair)).0;
        let docker = sb.sh("docker", ["version", "--format", "{{.Server.Os}}"]);
        let docker = docker.env("DOCKER_HOST", &host).env(variable, "1");
        let out = docker.env("DOCKER_CERT_PATH", certs).run();
        assert_eq!(verdict != Verdict::Fails, out.out().trim() == "linux", "{host} {tls:?} {pair}");
    }
}
