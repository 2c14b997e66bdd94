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
        limit: Duration::ZERO,
    }
}

fn of(client: Client, target: &Target) -> (Verdict, Why) {
    let rows = table(target);
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
                let rows: Vec<Row> = table(&target(host, tls, pair));
                let clients: Vec<Client> = rows.iter().map(|row| row.client).collect();
                assert_eq!(clients, Client::ALL, "{host}");
                // what has no TLS cannot be unverified, and docker itself works with every profile
                assert_ne!(rows[0].verdict, Verdict::Fails, "{host}");
                for row in rows {
                    let unverified = row.verdict == Verdict::WorksUnverified;
                    assert!(!unverified || tls == TlsMode::Insecure, "{host}: {row:?}");
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
