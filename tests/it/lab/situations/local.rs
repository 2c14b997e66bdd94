//! Sockets of this machine, addresses that docker misreads, and what is left over in a shell.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

use dctx::check::id::Id;

use super::{Row, Words, row};
use crate::lab::programs::free_port;
use crate::lab::scene::Scene;
use crate::support::dockerd::Dockerd;

const CANNOT: &[&str] =
    &["Cannot connect to the Docker daemon at unix://", "failed to connect to the docker API"];
const NO_CONTEXT: &[&str] =
    &["context not found", "is not found on the file system", "does not exist"];
const NO_SOCKET: &[Id] = &[Id::UnixMissing, Id::UnixStale];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = sockets();
    rows.extend(addresses());
    rows.extend(leftovers());
    rows
}

fn sockets() -> Vec<Row> {
    vec![
        row("no such socket", Id::UnixMissing, CANNOT, || socket(|_| {})).alone(NO_SOCKET),
        row("a socket that nobody listens on", Id::UnixStale, CANNOT, || {
            socket(|path| drop(UnixListener::bind(path).unwrap()))
        })
        .alone(NO_SOCKET),
        row("a file for a socket", Id::UnixStale, CANNOT, || {
            socket(|path| fs::write(path, "").unwrap())
        })
        .alone(NO_SOCKET),
        row("a socket of somebody else's", Id::UnixPermission, &["permission denied"], || {
            let scene = Scene::host("unix:///");
            let path = scene.sb.path("root-socket");
            let listener = UnixListener::bind(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            scene.at(&format!("unix://{}", path.display())).hold(listener).by_nobody()
        }),
    ]
}

fn addresses() -> Vec<Row> {
    const FORMAT: &[&str] = &["invalid bind address format", "Invalid bind address format"];
    vec![
        row("https:// for tcp://", Id::EndpointInvalid, FORMAT, || {
            Some(Scene::shell(&[("DOCKER_HOST", "https://127.0.0.1:2376")]))
        }),
        row("a port that is no number", Id::EndpointInvalid, &["invalid port"], || {
            Some(Scene::shell(&[("DOCKER_HOST", "tcp://127.0.0.1:docker")]))
        }),
        row("an IPv6 address without its port", Id::EndpointInvalid, FORMAT, || {
            Some(Scene::shell(&[("DOCKER_HOST", "tcp://[::1]")]))
        }),
        row("a pipe of Windows", Id::EndpointInvalid, &[], || {
            Some(Scene::shell(&[("DOCKER_HOST", "npipe:////./pipe/docker_engine")]))
        })
        .words(Words::Crash(&["nil pointer dereference", "protocol not available"])),
        row(
            "ssh with a password",
            Id::EndpointInvalid,
            &["plain-text password is not supported"],
            || Some(Scene::shell(&[("DOCKER_HOST", "ssh://ann:secret@127.0.0.1")])),
        ),
        row(
            "ssh without a host",
            Id::EndpointInvalid,
            &["hostname is empty", "no host specified"],
            || Some(Scene::shell(&[("DOCKER_HOST", "ssh://")])),
        ),
    ]
}

fn leftovers() -> Vec<Row> {
    vec![
        row(
            "TLS is left, and its certificates are not",
            Id::Leftover,
            &["ca.pem: no such file or directory"],
            || Some(Scene::shell(&[("DOCKER_TLS_VERIFY", "1")])),
        )
        .alone(&[Id::Leftover, Id::CertMissing]),
        row("TLS is left without a host", Id::Leftover, &["tcp://localhost:2376"], || {
            let daemon = Dockerd::mutual()?;
            let certs = daemon.certs.to_str().unwrap();
            Some(Scene::shell(&[("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", certs)]))
        })
        .alone(&[Id::Leftover, Id::Refused, Id::Timeout, Id::Proxy]),
        row(
            "no verification, it was meant",
            Id::Leftover,
            &["server gave HTTP response to HTTPS client"],
            || {
                let (plain, mutual) = (Dockerd::plain()?, Dockerd::mutual()?);
                let certs = mutual.certs.to_str().unwrap();
                let vars = [
                    ("DOCKER_HOST", plain.tcp()),
                    ("DOCKER_TLS_VERIFY", "0".into()),
                    ("DOCKER_CERT_PATH", certs.into()),
                ];
                Some(Scene::shell(&vars.each_ref().map(|(name, value)| (*name, value.as_str()))))
            },
        )
        .alone(&[Id::Leftover, Id::PlainExpected]),
        row("a host that hides a context", Id::Leftover, &[], || {
            let plain = Dockerd::plain()?;
            let scene =
                Scene::shell(&[("DOCKER_HOST", &plain.tcp()), ("DOCKER_CONTEXT", "office")]);
            Some(scene)
        })
        .words(Words::Fine),
        row("no such context", Id::ContextMissing, NO_CONTEXT, || {
            Some(Scene::shell(&[("DOCKER_CONTEXT", "office")]))
        }),
        row("no such context, by the configuration", Id::ContextMissing, NO_CONTEXT, || {
            let scene = Scene::shell(&[]);
            scene.sb.write("home/.docker/config.json", r#"{"currentContext":"office"}"#);
            Some(scene)
        }),
        row(
            "a port nobody has, in a shell",
            Id::Refused,
            &["Cannot connect", "failed to connect"],
            || Some(Scene::shell(&[("DOCKER_HOST", &format!("tcp://127.0.0.1:{}", free_port()))])),
        )
        .alone(&[Id::Refused, Id::Timeout, Id::Proxy]),
    ]
}

/// A socket's path, at which this is done.
fn socket(make: impl FnOnce(&std::path::Path)) -> Option<Scene> {
    let scene = Scene::host("unix:///");
    let path = scene.sb.path("docker.sock");
    make(&path);
    Some(scene.at(&format!("unix://{}", path.display())))
}
