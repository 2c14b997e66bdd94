//! The real docker client agrees with dctx: after `eval "$(dctx use …)"` it reaches the real daemon of the profile in every
//! TLS mode that its environment can express, and refuses where it must.

use crate::support::certs::{Ca, EXPIRED, Leaf};
use crate::support::dockerd::{Dockerd, Tls, told_why};
use crate::support::require::{find, require, skip};
use crate::support::{Output, Sandbox};
use std::fs;
use std::path::{Path, PathBuf};

/// `$1` is the profile, `$2` the docker client. Says which daemon was reached, twice; then that nothing is left.
const THERE_AND_BACK: &str = r#"
set -e
eval "$(dctx use "$1" --shell bash)"
"$2" version -f '{{.Server.Version}}'
"$2" info -f '{{.Labels}}'
eval "$(dctx reset --shell bash)"
dctx exec "$1" -- "$2" info -f '{{.Labels}}'
env | grep ^DOCKER_ || echo local
"#;

/// The environment is set up without complaint; then docker is on its own.
const THERE: &str =
    r#"eval "$(dctx use "$1" --shell bash)" && exec "$2" version -f '{{.Server.Version}}'"#;

/// The docker clients of this machine: whatever is on PATH, and Debian's beside it. Empty after a loud skip.
#[track_caller]
fn clients() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = require("docker").into_iter().collect();
    if require("bash").is_none() || all.is_empty() {
        return Vec::new();
    }
    all.extend(["/usr/bin/docker", "/usr/local/bin/docker"].into_iter().filter_map(find));
    all.sort();
    all.dedup_by_key(|client| fs::canonicalize(client).unwrap());
    all
}

/// A sandbox with one profile `p`.
fn profile(host: &str, flags: &[&str]) -> Sandbox {
    let sb = Sandbox::new();
    add(&sb, host, flags);
    sb
}

fn add(sb: &Sandbox, host: &str, flags: &[&str]) {
    sb.dctx(["add", "p", host]).args(flags).run().done();
}

fn bash(sb: &Sandbox, script: &str, client: &Path) -> Output {
    sb.sh("bash", ["--norc", "-c", script, "bash", "p"]).arg(client).run()
}

/// Every client reaches this daemon and no other, and the shell is local again after `reset`.
#[track_caller]
fn reaches(daemon: &Dockerd, sb: &Sandbox) {
    let (version, label) = (daemon.version(), daemon.label());
    for client in clients() {
        let out = bash(sb, THERE_AND_BACK, &client);
        let says = out.err();
        out.is(0, &format!("{version}\n{label}\n{label}\nlocal\n"), &says);
        // only what is not verified is worth a word
        let unverified = fs::read_to_string(sb.config().join("dctx/config.toml")).unwrap();
        assert_eq!(says.is_empty(), !unverified.contains("insecure"), "{says}");
    }
}

/// dctx sets up what it was told; every client then ends with 1 and one of these on standard error.
#[track_caller]
fn refuses(sb: &Sandbox, because: &[&str]) {
    for client in clients() {
        let out = told_why(|| bash(sb, THERE, &client));
        let says = out.err();
        out.is(1, "\n", &says);
        assert!(because.iter().any(|why| says.contains(why)), "{}: {says}", client.display());
    }
}

fn utf8(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn both_sides_verified() {
    let Some(daemon) = Dockerd::mutual() else { return };
    reaches(daemon, &profile(&daemon.tcp(), &["--certs", utf8(&daemon.certs)]));
}

/// `client.pem` and `client-key.pem`, as some tools write them: docker only knows its own three names.
#[test]
fn both_sides_verified_with_files_of_any_name() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = Sandbox::new();
    let dir = sb.work();
    for (from, to) in [("ca", "lab ca"), ("cert", "client"), ("key", "client-key")] {
        let (from, to) = (format!("{from}.pem"), format!("{to}.pem"));
        fs::copy(daemon.certs.join(from), dir.join(to)).unwrap();
    }
    add(
        &sb,
        &daemon.tcp(),
        &["--ca", "lab ca.pem", "--cert", "client.pem", "--key", "client-key.pem"],
    );
    reaches(daemon, &sb);
}

#[test]
fn server_verified_by_its_ca_alone() {
    let Some(daemon) = Dockerd::server_only() else { return };
    let ca = daemon.ca_only.join("ca.pem");
    reaches(daemon, &profile(&daemon.tcp(), &["--ca", utf8(&ca)]));
    reaches(daemon, &profile(&daemon.tcp(), &["--certs", utf8(&daemon.ca_only)]));
}

/// Insecure means it: neither the name nor the CA is looked at, as docker's own `--tls` does it.
#[test]
fn not_verified() {
    let Some(daemon) = Dockerd::server_only() else { return };
    let flags = ["--tls", "insecure"];
    reaches(daemon, &profile(&daemon.tcp(), &flags));
    reaches(daemon, &profile(&daemon.tcp_wrong_name(), &flags));
}

#[test]
fn not_verified_with_a_client_certificate() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let flags = ["--tls", "insecure", "--certs", utf8(&daemon.certs)];
    reaches(daemon, &profile(&daemon.tcp_wrong_name(), &flags));
    refuses(&profile(&daemon.tcp(), &flags[..2]), NO_CLIENT_CERTIFICATE);
}

/// The system's bundle is where Go and OpenSSL look: here a file that `SSL_CERT_FILE` names.
#[test]
fn verified_by_the_systems_cas() {
    let Some(daemon) = Dockerd::server_only() else { return };
    let mut sb = profile(&daemon.tcp(), &["--tls", "system"]);
    let bundle = Path::new("/etc/ssl/certs/ca-certificates.crt");
    match fs::read(bundle) {
        Ok(system) => {
            // nobody in there signed this server
            refuses(&sb, UNKNOWN_AUTHORITY);
            let both = [system, fs::read(daemon.ca.pem()).unwrap()].concat();
            let both = sb.write("bundle.crt", both);
            sb.set_env("SSL_CERT_FILE", both);
        }
        Err(_) => {
            skip("no CA bundle of the system");
            sb.set_env("SSL_CERT_FILE", daemon.ca.pem());
        }
    }
    reaches(daemon, &sb);
}

/// The same against a daemon that wants a client certificate too.
#[test]
fn verified_by_the_systems_cas_with_a_client_certificate() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let (cert, key) = (daemon.certs.join("cert.pem"), daemon.certs.join("key.pem"));
    let mut sb = Sandbox::new();
    sb.set_env("SSL_CERT_FILE", daemon.ca.pem());
    add(&sb, &daemon.tcp(), &["--tls", "system", "--cert", utf8(&cert), "--key", utf8(&key)]);
    reaches(daemon, &sb);
}

#[test]
fn plain() {
    let Some(daemon) = Dockerd::plain() else { return };
    reaches(daemon, &profile(&daemon.tcp(), &[]));
    reaches(daemon, &profile(&daemon.tcp(), &["--tls", "off"]));
}

#[test]
fn unix_socket() {
    let Some(daemon) = Dockerd::plain() else { return };
    reaches(daemon, &profile(&format!("unix://{}", daemon.socket().display()), &[]));
}

/// What a former host left in the environment does not survive `use`: a stale TLS setting would break all of these.
#[test]
fn nothing_of_a_former_host_is_left() {
    let (Some(mutual), Some(plain)) = (Dockerd::mutual(), Dockerd::plain()) else { return };
    let sb = Sandbox::new();
    sb.dctx(["add", "a", &mutual.tcp(), "--certs", utf8(&mutual.certs)]).run().done();
    sb.dctx(["add", "b", &plain.tcp()]).run().done();
    let socket = format!("unix://{}", plain.socket().display());
    sb.dctx(["add", "c", &socket]).run().done();
    let script = r#"
set -e
for name in a b a c b c a; do
    eval "$(dctx use $name --shell bash)"
    "$1" info -f '{{.Labels}}'
    echo "${DOCKER_CONTEXT-} ${DOCKER_API_VERSION-} ${DOCKER_TLS-}"
done
"#;
    let (a, b) = (mutual.label(), plain.label());
    let wanted = [&a, &b, &a, &b, &b, &b, &a].map(|label| format!("{label}\n  \n")).concat();
    for client in clients() {
        let stale = [
            ("DOCKER_HOST", "tcp://127.0.0.1:1"),
            ("DOCKER_TLS_VERIFY", "0"),
            ("DOCKER_TLS", "0"),
            ("DOCKER_CERT_PATH", "/nowhere"),
            ("DOCKER_CONTEXT", "nowhere"),
            ("DOCKER_API_VERSION", "1.99"),
        ];
        let out = sb.sh("bash", ["--norc", "-c", script, "bash"]).arg(&client).envs(stale).run();
        out.ok(&wanted, "");
    }
}

const UNKNOWN_AUTHORITY: &[&str] = &["x509: certificate signed by unknown authority"];
/// 20.10 and newer daemons; older TLS libraries on the way may only say that the connection ended.
const NO_CLIENT_CERTIFICATE: &[&str] =
    &["remote error: tls: bad certificate", "remote error: tls: certificate required"];

#[test]
fn wrong_ca_is_refused() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = Sandbox::new();
    let other = Ca::with("another CA", crate::support::certs::VALID, sb.path("other"));
    let certs = other.client_dir(sb.path("certs"), Some(&Leaf::CLIENT));
    add(&sb, &daemon.tcp(), &["--certs", utf8(&certs)]);
    refuses(&sb, UNKNOWN_AUTHORITY);
}

#[test]
fn wrong_name_is_refused() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = profile(&daemon.tcp_wrong_name(), &["--certs", utf8(&daemon.certs)]);
    refuses(&sb, &["x509: certificate is valid for 127.0.0.1, not 127.0.0.2"]);
}

#[test]
fn missing_client_certificate_is_refused() {
    let Some(daemon) = Dockerd::mutual() else { return };
    refuses(&profile(&daemon.tcp(), &["--certs", utf8(&daemon.ca_only)]), NO_CLIENT_CERTIFICATE);
}

/// The server is right, and the client's certificate is of somebody else's CA.
#[test]
fn foreign_client_certificate_is_refused() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = Sandbox::new();
    let other = Ca::with("another CA", crate::support::certs::VALID, sb.path("other"));
    let certs = other.client_dir(sb.path("certs"), Some(&Leaf::CLIENT));
    fs::copy(daemon.ca.pem(), certs.join("ca.pem")).unwrap();
    add(&sb, &daemon.tcp(), &["--certs", utf8(&certs)]);
    refuses(&sb, NO_CLIENT_CERTIFICATE);
}

#[test]
fn expired_server_is_refused() {
    let late = Leaf { dates: EXPIRED, ..Leaf::server(&["IP:127.0.0.1"]) };
    let Some(daemon) = Dockerd::start(Tls::Mutual, &late) else { return };
    let sb = profile(&daemon.tcp(), &["--certs", utf8(&daemon.certs)]);
    refuses(&sb, &["x509: certificate has expired or is not yet valid"]);
}

#[test]
fn plain_client_at_a_tls_port_is_refused() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = profile(&daemon.tcp(), &["--tls", "off"]);
    refuses(&sb, &["Client sent an HTTP request to an HTTPS server."]);
}

#[test]
fn tls_client_at_a_plain_port_is_refused() {
    let Some(daemon) = Dockerd::plain() else { return };
    let sb = profile(&daemon.tcp(), &["--certs", utf8(&daemon.certs)]);
    refuses(&sb, &["http: server gave HTTP response to HTTPS client"]);
}
