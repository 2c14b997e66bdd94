//! What the article takes sixty lines of openssl for is one command. From there its whole way: the daemon with its
//! three files, the client, an image built there, an address that is not listed and the refusal it shows, the
//! certificate made anew with that address, and back to the local docker. There is no openssl on dctx's PATH.

use std::fs;
use std::os::unix::fs::symlink;

use crate::cert_make::certs;
use crate::support::dockerd::{Dockerd, free_port};
use crate::support::sandbox::dctx_bin;
use crate::support::{Output, Sandbox, require};

/// A sandbox in which these programs are all there is.
fn without_openssl() -> Option<Sandbox> {
    let mut sb = Sandbox::new();
    let bin = sb.path("bin");
    fs::create_dir(&bin).unwrap();
    symlink(dctx_bin(), bin.join("dctx")).unwrap();
    for program in ["docker", "bash", "cat"] {
        symlink(require(program)?, bin.join(program)).unwrap();
    }
    sb.set_env("PATH", &bin);
    sb.set_env("DOCKER_BUILDKIT", "0");
    Some(sb)
}

#[test]
fn from_no_certificate_to_an_image_built_there() {
    let Some(sb) = without_openssl() else { return };
    if require("dockerd").is_none() {
        return;
    }
    // in a shell as a person has it; what it prints, and that it failed at nothing
    let bash = |script: &str| -> Output {
        sb.sh("bash", ["-c", script]).env("PATH", sb.path("bin")).run()
    };
    assert_ne!(bash("command -v openssl").code(), 0, "no openssl here");
    let port = free_port();

    bash(&format!("dctx cert new coreos --host tcp://127.0.0.1:{port} --no-passphrase")).done();
    let server = certs(&sb, "coreos").join("server");
    let Some(daemon) = Dockerd::serve(&server, port) else { return };
    let out = bash("eval \"$(dctx use coreos)\" && docker info -f '{{.Labels}}'");
    assert_eq!(out.done().out().trim_end(), daemon.label());

    // the article's build, without a registry
    sb.write("work/demo/test.txt", "hello!\n");
    sb.write("work/demo/Dockerfile", "FROM scratch\nCOPY ./test.txt /\nCMD cat /test.txt\n");
    let out = bash(
        "eval \"$(dctx use coreos)\" && cd demo && docker build -q -t khs1994/busybox . && docker image ls --format '{{.Repository}}' && docker create --name test khs1994/busybox x && docker cp test:/test.txt - | cat",
    );
    assert!(
        out.done().out().contains("khs1994/busybox\n") && out.out().contains("hello!\n"),
        "{}",
        out.out()
    );

    // the article's three mistakes
    let plain = bash(&format!("docker -H 127.0.0.1:{port} info"));
    assert!(plain.err().contains("HTTP request to an HTTPS server"), "{}", plain.err());
    let wrong = format!("eval \"$(dctx use coreos)\" && docker -H tcp://127.0.0.2:{port} info");
    let other = bash(&wrong);
    assert!(
        other.err().contains("x509: certificate is valid for 127.0.0.1, ::1, not 127.0.0.2"),
        "{}",
        other.err()
    );

    // the certificate is made anew with that address; the daemon has to be started again
    bash("dctx cert renew coreos --san 127.0.0.2").done();
    assert!(
        bash(&wrong).err().contains("not 127.0.0.2"),
        "dockerd does not read certificates anew"
    );
    drop(daemon);
    let Some(daemon) = Dockerd::serve(&server, port) else { return };
    let out = bash(&format!(
        "eval \"$(dctx use coreos)\" && docker -H tcp://127.0.0.2:{port} info -f '{{{{.Labels}}}}'"
    ));
    assert_eq!(out.done().out().trim_end(), daemon.label());

    // and back
    let out = bash(
        "eval \"$(dctx use coreos)\" && eval \"$(dctx reset)\" && echo \"[$DOCKER_HOST$DOCKER_TLS_VERIFY$DOCKER_CERT_PATH]\"",
    );
    assert_eq!(out.done().out(), "[]\n");
}
