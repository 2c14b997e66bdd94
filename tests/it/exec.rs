//! `exec` runs a command in exactly the environment that `use` makes, with its own arguments, streams,
//! status and signals; what dctx itself cannot do is 125, 126 or 127, as with env(1).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;

use crate::support::profiles::{CONFIG, certs, files, mode};
use crate::support::shells::escape;
use crate::support::{Cmd, Sandbox, require};

fn dctx(sb: &Sandbox, args: &str) -> Cmd {
    sb.dctx(args.split(' '))
}

/// A sandbox with a profile of every kind.
fn sandbox() -> Sandbox {
    let mut sb = Sandbox::new();
    let c = certs(&sb, "c").display().to_string();
    let d = files(&sb, "d", &["root", "me", "my-key"]).display().to_string();
    sb.set_env("SSL_CERT_FILE", sb.write("bundle", ""));
    let text = format!(
        r#"
[profiles.plain]
host = "tcp://plain"
[profiles.verify]
host = "tcp://verify"
certs = "{c}"
[profiles.linked]
host = "tcp://linked"
ca = "{d}/root"
cert = "{d}/me"
key = "{d}/my-key"
[profiles.system]
host = "tcp://system"
tls = "system"
[profiles.insecure]
host = "tcp://insecure"
tls = "insecure"
[profiles.ssh]
host = "ssh://u@h"
[profiles.unix]
host = "unix:///a b.sock"
[profiles.extra]
host = "tcp://extra"
api-version = "1.41"
env = {{ COMPOSE_PROFILES = "a 'b' \"c\" $d `e`", BUILDX_BUILDER = "中文" }}
"#
    );
    sb.write(CONFIG, text);
    sb
}

fn environment(bytes: &[u8]) -> BTreeMap<String, String> {
    let entries = bytes.split(|b| *b == 0).filter(|entry| !entry.is_empty());
    let pairs = entries.map(|entry| {
        let at = entry.iter().position(|b| *b == b'=').unwrap();
        (escape(&entry[..at]), escape(&entry[at + 1..]))
    });
    pairs.filter(|(name, _)| !["_", "SHLVL", "PWD", "OLDPWD"].contains(&name.as_str())).collect()
}

#[test]
fn the_environment_is_that_of_use() {
    let Some(bash) = require("bash") else { return };
    let sb = sandbox();
    let odd = OsString::from_vec(b"a\nb\xff'\"$(x)".to_vec());
    let former: [&[(&str, &str)]; 4] = [
        &[],
        &[("DOCKER_HOST", "unix:///run/user/1000/docker.sock"), ("DOCKER_TLS_VERIFY", "")],
        &[
            ("DOCKER_HOST", "tcp://far:1"),
            ("DOCKER_TLS", "1"),
            ("DOCKER_CERT_PATH", "/x"),
            ("DOCKER_CONTEXT", "c"),
            ("DOCKER_API_VERSION", "1.50"),
            ("DCTX_PROFILE", "ssh"),
        ],
        &[("HTTPS_PROXY", "http://proxy"), ("no_proxy", "a,b"), ("COMPOSE_PROFILES", "mine")],
    ];
    for name in ["plain", "verify", "linked", "system", "insecure", "ssh", "unix", "extra"] {
        for vars in former {
            let used = format!("eval \"$(dctx use {name} --shell bash 2>&-)\"; exec env -0");
            let ran = format!("exec dctx exec {name} -- env -0");
            let run = |script: &str| {
                let out = sb.sh(&bash, ["-c", script]).envs(vars.iter().copied());
                let out = out.env("ODD", &odd).run();
                assert_eq!(out.code(), 0, "{}", out.err());
                environment(&out.stdout)
            };
            assert_eq!(run(&ran), run(&used), "{name} from {vars:?}");
        }
    }
}

#[test]
fn how_dctx_was_called_is_not_passed_on() {
    let sb = sandbox();
    let vars = [("DCTX_FD", "3"), ("DCTX_SHELL", "fish"), ("DCTX_HOOK", "1"), ("DCTX_LANG", "en")];
    let out = dctx(&sb, "exec plain -- sh -c").arg("env | grep ^DCTX_ | cut -d= -f1 | sort");
    out.envs(vars).run().ok("DCTX_LANG\nDCTX_PROFILE\nDCTX_SAVED\n", "");
}

#[test]
fn the_shell_stays_as_it_is() {
    let Some(bash) = require("bash") else { return };
    let sb = sandbox();
    let script =
        "env -0 >before; dctx exec verify -- true; env -0 >after; cmp before after && echo same";
    sb.sh(bash, ["-c", script]).run().ok("same\n", "");
}

#[test]
fn arguments_arrive_byte_for_byte() {
    let sb = sandbox();
    let args: Vec<OsString> = [
        &b""[..],
        b" ",
        b"a b",
        b"a\nb\n",
        b"'\"`$(x)\\",
        b"--",
        b"-q",
        b"--json",
        b"--help",
        b"*",
        b"~",
        b"\xff\xfe",
        "中文 🐳".as_bytes(),
        b"\x1b[31m",
        b"=x",
    ]
    .iter()
    .map(|bytes| OsString::from_vec(bytes.to_vec()))
    .collect();
    let echo = sb.script("bin/show", "#!/bin/sh\nfor a; do printf '<%s>' \"$a\"; done\n");
    let out = dctx(&sb, "exec plain --").arg(echo).args(&args).run();
    let mut wanted = Vec::new();
    for arg in &args {
        wanted.extend([b"<", arg.as_encoded_bytes(), b">"].concat());
    }
    assert_eq!((out.code(), out.stdout), (0, wanted));
}

#[test]
fn streams_directory_and_descriptors_are_the_command_s() {
    let Some(bash) = require("bash") else { return };
    let sb = sandbox();
    let bytes = b"in\0put\xff\n".repeat(30_000);
    let out = dctx(&sb, "exec plain -- cat").stdin(bytes.clone()).run();
    assert_eq!((out.code(), out.stdout), (0, bytes));
    dctx(&sb, "exec plain -- sh -c")
        .arg("echo out; echo err >&2; pwd")
        .run()
        .ok("out\n[SB]/work\n", "err\n");
    let script = "dctx exec plain -- sh -c 'echo five >&5' 5>five; cat five";
    sb.sh(&bash, ["-c", script]).run().ok("five\n", "");
    let script = "dctx exec plain -- cat <&-; echo $?";
    assert_eq!(sb.sh(&bash, ["-c", script]).run().out(), "0\n");
}

#[test]
fn the_status_is_the_command_s() {
    let sb = sandbox();
    for status in [0, 1, 2, 3, 4, 7, 124, 125, 126, 127, 128, 255] {
        let script = format!("exit {status}");
        dctx(&sb, "exec plain -- sh -c").arg(script).run().is(status, "", "");
    }
    // 128 + n, as a shell tells it
    for (signal, number) in
        [("HUP", 1), ("INT", 2), ("QUIT", 3), ("ABRT", 6), ("KILL", 9), ("PIPE", 13), ("TERM", 15)]
    {
        let script = format!("ulimit -c 0; kill -{signal} $$");
        dctx(&sb, "exec plain -- sh -c").arg(script).run().is(128 + number, "", "");
    }
}

/// Rust programs ignore SIGPIPE; the command must not.
#[test]
fn signals_are_as_they_were() {
    let Some(bash) = require("bash") else { return };
    let sb = sandbox();
    let script = "dctx exec plain -- yes | head -1; echo ${PIPESTATUS[0]}";
    sb.sh(&bash, ["-c", script]).run().ok("y\n141\n", "");
    let script = "trap '' HUP; dctx exec plain -- sh -c 'kill -HUP $$; echo alive'";
    sb.sh(&bash, ["-c", script]).run().ok("alive\n", "");
    // one process, not two: the command has the number that the shell knows
    let script =
        "dctx exec plain -- sh -c 'echo $$' >pid & echo $! >shell; wait; cmp pid shell && echo one";
    sb.sh(&bash, ["-c", script]).run().ok("one\n", "");
}

#[test]
fn what_cannot_be_run_is_126_or_127() {
    let sb = sandbox();
    let plain = sb.write("work/plain", "#!/bin/sh\n");
    mode(&plain, 0o644);
    sb.write("work/dangling", "#!/no/such/interpreter\n");
    mode(sb.path("work/dangling"), 0o755);
    for (program, code, why) in [
        ("nosuchprogram", 127, "No such file or directory"),
        ("./nosuchfile", 127, "No such file or directory"),
        ("./dangling", 127, "No such file or directory"),
        ("./plain", 126, "Permission denied"),
        ("./plain/x", 126, "Not a directory"),
        (".", 126, "Permission denied"),
    ] {
        let said = format!("dctx: cannot run {program}: {why}\n");
        sb.dctx(["exec", "plain", "--", program, "arg"]).run().is(code, "", &said);
    }
    let out = sb.dctx(["exec", "plain", "--", ""]).run();
    assert_eq!(out.code(), 127, "{}", out.err());
    // a script without a first line runs, as from a shell
    sb.script("work/bare", "echo bare \"$1\"\n");
    dctx(&sb, "exec plain -- ./bare x").run().ok("bare x\n", "");
    // PATH is the environment's
    sb.script("bin/mine", "#!/bin/sh\necho mine\n");
    let path = format!("{}:/usr/bin:/bin", sb.path("bin").display());
    dctx(&sb, "exec plain -- mine").env("PATH", path).run().ok("mine\n", "");
}

#[test]
fn what_dctx_cannot_do_is_125() {
    let sb = sandbox();
    let said = "dctx: no profile named \"plian\"\nhint: did you mean plain? all of them: dctx ls\n";
    dctx(&sb, "exec plian -- touch ran").run().is(125, "", said);
    for args in [
        "exec plain",
        "exec plain true",
        "exec plain --",
        "exec",
        "exec -- plain true",
        "exec plain --nope -- true",
        "--color never exec plain",
        "-q exec plain true",
        "--color=never exec plain true",
    ] {
        let out = dctx(&sb, args).run();
        assert_eq!((out.code(), out.data().as_str()), (125, ""), "{args}: {}", out.err());
        assert!(out.err().starts_with("dctx: "), "{args}: {}", out.err());
        assert!(
            out.err().contains("dctx help exec") || out.err().contains(" -- true"),
            "{args}: {}",
            out.err()
        );
    }
    fs::remove_file(sb.path("c/key.pem")).unwrap();
    let said = "dctx: verify: [SB]/c/cert.pem is there but [SB]/c/key.pem is not: \
                docker would silently send no client certificate\n\
                hint: name another directory: dctx edit verify --certs DIR\n";
    dctx(&sb, "exec verify -- touch ran").run().is(125, "", said);
    sb.write(CONFIG, "[profiles.plain\n");
    assert_eq!(dctx(&sb, "exec plain -- touch ran").run().code(), 125);
    assert!(!sb.work().join("ran").exists());
}
