//! The whole article on one machine, without openssl: certificates by one command, the host set up by the script that
//! `dctx server` writes, a real dockerd that is told by the generated daemon.json alone where it listens and whom it lets
//! in, an image built there, the three refusals that the article shows, a certificate that is renewed for an address it did
//! not list, and the way back, byte for byte.
//!
//! Client and host are one machine with namespaces of its own (`support/machine.sh`): the article's addresses, an /etc to
//! write to, and dockerd as its service.

use std::path::Path;

use crate::support::require::skip;
use crate::support::{Sandbox, require};

/// daemon.json as it was before anybody came: what is in it stays, and is what comes back.
const BEFORE: &str = "{\n    \"labels\": [\"role=remote\"],\n    \"log-level\":   \"info\"\n}\n";

/// What is typed, step by step. `as NAME COMMAND…` keeps the output and the status of a step for the assertions below.
const STEPS: &str = r##"
set -u
cd "$LAB/work" && mkdir -p "$LAB/out"
as() { local name=$1; shift; "$@" >"$LAB/out/$name" 2>&1; echo "status $?" >>"$LAB/out/$name"; }
local_docker() { docker -H unix:///var/run/docker.sock "$@"; }
state() { (cd /etc && find docker systemd/system -exec stat -c '%n %a %u %g' {} + -type f -exec cksum {} +) 2>/dev/null | sort; }

# ---- the host, as it is before
cp "$LAB/before.json" /etc/docker/daemon.json
/etc/init.d/docker start
for _ in $(seq 300); do local_docker version >/dev/null 2>&1 && break; sleep 0.1; done
state >"$LAB/out/state-before"
as openssl openssl version
as closed docker -H tcp://192.168.57.110:2376 version

# ---- the article's certificates
as certificates dctx cert new coreos --host tcp://192.168.57.110:2376 --no-passphrase
as kit dctx server coreos --out kit
as install sh kit/install.sh
as command-line cat "/proc/$(cat "$LAB/machine/pid")/cmdline"
cp /etc/docker/daemon.json "$LAB/out/installed.json"
as modes stat -c '%a %u %n' /etc/docker/*.pem

# ---- the client
mkdir demo && echo 'hello!' >demo/test.txt
printf 'FROM busybox\n\nCOPY ./test.txt /\n\nCMD cat /test.txt\n' >demo/Dockerfile
as use dctx use coreos --shell bash
eval "$(dctx use coreos)"
as info docker info
mkdir -p root/bin && cp "$(command -v busybox)" root/bin && ln -s busybox root/bin/sh && ln -s busybox root/bin/cat
tar -C root -cf busybox.tar .
as import docker import busybox.tar busybox
as build sh -c 'cd demo && docker build -t khs1994/busybox .'
as there local_docker image ls
as run local_docker run --rm --network none khs1994/busybox

# ---- the article's mistakes
as plain env -u DOCKER_TLS_VERIFY -u DOCKER_CERT_PATH docker -H 192.168.57.110:2376 info
as other-ip docker -H 10.141.20.83:2376 info
as other-name docker -H coreos1:2376 info
as check dctx check coreos

# ---- and how they are mended
as renew dctx cert renew coreos --san 10.141.20.83 --san coreos1
as renewed-here docker -H 10.141.20.83:2376 info
as kit2 dctx server coreos --out kit2
as install2 sh kit2/install.sh
as again sh kit2/install.sh
cp "$LAB/machine/starts" "$LAB/out/starts"
cmp /etc/docker/daemon.json "$LAB/out/installed.json" && echo same >"$LAB/out/same-json"
as mended-ip docker -H 10.141.20.83:2376 info -f '{{.Labels}}'
as mended-name docker -H coreos1:2376 info -f '{{.Labels}}'

# ---- back
as undo sh kit2/install.sh --undo
as other-ip-again docker -H 10.141.20.83:2376 info
as still docker info -f '{{.Labels}}'
as undo2 sh kit2/install.sh --undo
as undo3 sh kit2/install.sh --undo
cp /etc/docker/daemon.json "$LAB/out/after.json"
state >"$LAB/out/state-after"
as closed-again docker info
as local-again local_docker info -f '{{.Labels}}'
eval "$(dctx reset)"
as reset echo "[${DOCKER_HOST-}${DOCKER_TLS_VERIFY-}${DOCKER_CERT_PATH-}]"
as local docker info -f '{{.Labels}}'
/etc/init.d/docker stop
"##;

#[test]
fn the_whole_article_on_one_machine() {
    for program in ["bash", "docker", "dockerd", "busybox", "unshare", "ip", "setsid"] {
        if require(program).is_none() {
            return;
        }
    }
    if !rustix::process::geteuid().is_root() {
        skip("dockerd needs root");
        return;
    }
    let sb = Sandbox::in_memory();
    sb.write("before.json", BEFORE);
    let steps = sb.write("steps.sh", STEPS);
    let machine = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/machine.sh");
    let args = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh"];
    let out = sb
        .sh("unshare", args)
        .arg(machine)
        .arg(sb.path("machine"))
        .arg(steps)
        .env("LAB", sb.dir())
        .env("DOCKER_BUILDKIT", "0")
        .run();
    if out.code() == 77 || out.err().contains("unshare failed") {
        skip(&format!("no machine of its own here:\n{}", out.err()));
        return;
    }
    out.done();

    let read = |name: &str| {
        let bytes = std::fs::read(sb.path("out").join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace(sb.dir().to_str().unwrap(), "[SB]")
    };
    let log = || {
        String::from_utf8_lossy(&std::fs::read(sb.path("machine/log")).unwrap_or_default())
            .into_owned()
    };
    // each with everything that came before it, or nobody would know why it failed
    let says = |name: &str, status: i32, texts: &[&str]| {
        let text = read(name);
        let ends = text.ends_with(&format!("status {status}\n"));
        assert!(ends, "{name} was not to end with {status}:\n{text}\n--- dockerd:\n{}", log());
        for wanted in texts {
            assert!(text.contains(wanted), "{name}: no {wanted:?} in\n{text}");
        }
        text
    };

    says("openssl", 127, &["command not found"]);
    says("closed", 1, &["Cannot connect to the Docker daemon at tcp://192.168.57.110:2376"]);

    says("certificates", 0, &["IP:192.168.57.110 "]);
    says("kit", 0, &[]);
    let install = says("install", 0, &["install.sh: done: docker listens on port 2376"]);
    assert!(install.contains("sysv, "), "{install}");
    // the generated file decides: nothing else says a word about it, and what was in it is in it
    let line = says("command-line", 0, &["dockerd\0--data-root\0"]);
    for flag in ["-H", "host", "tls", "config-file"] {
        assert!(!line.contains(flag), "{flag} in {line:?}");
    }
    assert_eq!(
        read("installed.json"),
        "{\n  \"tlsverify\": true,\n  \"tlscacert\": \"/etc/docker/ca.pem\",\n  \"tlscert\": \"/etc/docker/server-cert.pem\",\n  \
         \"tlskey\": \"/etc/docker/server-key.pem\",\n  \"hosts\": [\"unix:///var/run/docker.sock\", \"tcp://0.0.0.0:2376\"],\n    \
         \"labels\": [\"role=remote\"],\n    \"log-level\":   \"info\"\n}\n"
    );
    says(
        "modes",
        0,
        &[
            "444 0 /etc/docker/ca.pem\n444 0 /etc/docker/server-cert.pem\n400 0 /etc/docker/server-key.pem\n",
        ],
    );

    says(
        "use",
        0,
        &["DOCKER_HOST='tcp://192.168.57.110:2376'", "DOCKER_TLS_VERIFY='1'", "DOCKER_CERT_PATH="],
    );
    says("info", 0, &["  role=remote\n"]);
    says("import", 0, &["sha256:"]);
    says("build", 0, &["Successfully tagged khs1994/busybox:latest"]);
    says("there", 0, &["khs1994/busybox"]);
    says("run", 0, &["hello!\n"]);

    says("plain", 1, &["Client sent an HTTP request to an HTTPS server"]);
    let ip = "x509: certificate is valid for 192.168.57.110, 127.0.0.1, ::1, not 10.141.20.83";
    says("other-ip", 1, &[ip]);
    says("other-name", 1, &["x509: certificate is valid for localhost, not coreos1"]);
    says("check", 0, &[]);

    says("renew", 0, &["10.141.20.83"]);
    says("renewed-here", 1, &[ip]);
    says("kit2", 0, &[]);
    says("install2", 0, &["/etc/docker/server-cert.pem", "install.sh: done"]);
    says("again", 0, &["nothing had to be changed; docker was not restarted"]);
    assert_eq!(read("starts").lines().count(), 3, "started, and by each of two installs again");
    assert_eq!(read("same-json"), "same\n", "the second install has no reason to change it");
    says("mended-ip", 0, &["[role=remote]\n"]);
    says("mended-name", 0, &["[role=remote]\n"]);

    // each undo takes back one install
    says("undo", 0, &["install.sh: done"]);
    says("other-ip-again", 1, &[ip]);
    says("still", 0, &["[role=remote]\n"]);
    says("undo2", 0, &["install.sh: done"]);
    says("undo3", 3, &["there is nothing to take back"]);
    assert_eq!(read("after.json"), BEFORE);
    assert_eq!(read("state-after"), read("state-before"));
    assert!(
        read("state-before").contains("docker/daemon.json 644 0 0\n"),
        "{}",
        read("state-before")
    );
    says("closed-again", 1, &["Cannot connect to the Docker daemon at tcp://192.168.57.110:2376"]);
    says("local-again", 0, &["[role=remote]\n"]);
    says("reset", 0, &["[]\n"]);
    says("local", 0, &["[role=remote]\n"]);
}
