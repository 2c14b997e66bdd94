//! `use` A, `use` B, `reset`: for every pair of profiles and every former state the environment is exactly
//! what it should be after each step, and in the end what it was before, less what leads elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

use crate::support::{Sandbox, require};

type Vars = BTreeMap<String, String>;

/// What a profile makes of the variables that choose an endpoint; a path stands for itself, `@` for a
/// directory of links.
const KINDS: &[(&str, &[(&str, &str)])] = &[
    ("plain", &[("DOCKER_HOST", "tcp://plain.example:2375")]),
    (
        "verify",
        &[
            ("DOCKER_HOST", "tcp://192.0.2.7:2376"),
            ("DOCKER_TLS_VERIFY", "1"),
            ("DOCKER_CERT_PATH", "[SB]/certs"),
        ],
    ),
    (
        "caonly",
        &[
            ("DOCKER_HOST", "tcp://[2001:db8::1]:2376"),
            ("DOCKER_TLS_VERIFY", "1"),
            ("DOCKER_CERT_PATH", "@ca.pem"),
        ],
    ),
    (
        "system",
        &[
            ("DOCKER_HOST", "tcp://system.example:443"),
            ("DOCKER_TLS_VERIFY", "1"),
            ("DOCKER_CERT_PATH", "@ca.pem cert.pem key.pem"),
        ],
    ),
    (
        "insecure",
        &[
            ("DOCKER_HOST", "tcp://insecure.example:2376"),
            ("DOCKER_TLS", "1"),
            ("DOCKER_CERT_PATH", "[SB]/certs"),
        ],
    ),
    (
        "nocert",
        &[
            ("DOCKER_HOST", "tcp://nocert.example:2376"),
            ("DOCKER_TLS", "1"),
            ("DOCKER_CERT_PATH", "@ca.pem"),
        ],
    ),
    ("ssh", &[("DOCKER_HOST", "ssh://pi@raspberrypi:22")]),
    ("unix", &[("DOCKER_HOST", "unix:///run/other/docker.sock")]),
    (
        "extra",
        &[
            ("DOCKER_HOST", "tcp://extra.example:2375"),
            ("DOCKER_API_VERSION", "1.41"),
            ("BUILDX_BUILDER", "core"),
            ("COMPOSE_PARALLEL_LIMIT", "2"),
        ],
    ),
];

/// The host that goes into the proxy exceptions.
fn proxy_host(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "plain" => "plain.example",
        "verify" => "192.0.2.7",
        "caonly" => "2001:db8::1",
        "system" => "system.example",
        "insecure" => "insecure.example",
        "nocert" => "nocert.example",
        "extra" => "extra.example",
        _ => return None,
    })
}

/// A state of the shell before the first `use`: what is set, and which of it is not brought back.
struct Former {
    name: &'static str,
    set: &'static [(&'static str, &'static str)],
    gone: &'static [&'static str],
}

const FORMER: &[Former] = &[
    Former { name: "nothing", set: &[], gone: &[] },
    Former {
        name: "a local socket",
        set: &[("DOCKER_HOST", "unix:///run/user/1000/docker.sock")],
        gone: &[],
    },
    Former {
        name: "a remote host",
        set: &[
            ("DOCKER_HOST", "tcp://prod.example:2376"),
            ("DOCKER_TLS_VERIFY", "1"),
            ("DOCKER_CERT_PATH", "/prod"),
            ("DOCKER_API_VERSION", "1.40"),
            ("DOCKER_MACHINE_NAME", "prod"),
            ("BUILDX_BUILDER", "mine"),
        ],
        gone: &[
            "DOCKER_HOST",
            "DOCKER_TLS_VERIFY",
            "DOCKER_CERT_PATH",
            "DOCKER_API_VERSION",
            "DOCKER_MACHINE_NAME",
        ],
    },
    Former {
        name: "leftover TLS variables",
        set: &[("DOCKER_TLS_VERIFY", "0"), ("DOCKER_TLS", "1"), ("DOCKER_CERT_PATH", "/left")],
        gone: &["DOCKER_TLS_VERIFY", "DOCKER_TLS", "DOCKER_CERT_PATH"],
    },
    Former {
        name: "a certificate path alone",
        set: &[("DOCKER_CERT_PATH", "/left over/a'b")],
        gone: &[],
    },
    Former {
        name: "empty values",
        set: &[
            ("DOCKER_HOST", ""),
            ("DOCKER_TLS_VERIFY", ""),
            ("DOCKER_CERT_PATH", ""),
            ("DOCKER_CONTEXT", ""),
        ],
        gone: &[],
    },
    Former { name: "a local context", set: &[("DOCKER_CONTEXT", "rootless")], gone: &[] },
    Former {
        name: "a remote context",
        set: &[("DOCKER_CONTEXT", "far")],
        gone: &["DOCKER_CONTEXT"],
    },
    Former {
        name: "a context that does not exist",
        set: &[("DOCKER_CONTEXT", "nope")],
        gone: &["DOCKER_CONTEXT"],
    },
    Former {
        name: "a local socket with TLS variables",
        set: &[
            ("DOCKER_HOST", "unix:///var/run/docker.sock"),
            ("DOCKER_TLS_VERIFY", "1"),
            ("DOCKER_CERT_PATH", "/c"),
            ("DOCKER_API_VERSION", "1.43"),
        ],
        gone: &[],
    },
    Former {
        name: "proxies",
        set: &[
            ("HTTPS_PROXY", "http://proxy.example:3128"),
            ("NO_PROXY", "corp.example,.lan"),
            ("BUILDX_BUILDER", ""),
        ],
        gone: &[],
    },
    Former {
        name: "a proxy and no exceptions",
        set: &[("http_proxy", "http://proxy.example:3128")],
        gone: &[],
    },
];

/// A sandbox with a profile of each kind, two docker contexts and a CA bundle.
fn sandbox() -> Sandbox {
    let mut sb = Sandbox::new();
    for file in ["ca.pem", "cert.pem", "key.pem"] {
        sb.write(format!("certs/{file}"), "");
    }
    let key = sb.path("certs/key.pem");
    fs::set_permissions(key, fs::Permissions::from_mode(0o400)).unwrap();
    fs::set_permissions(sb.path("certs"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(sb.path("certs/ca.pem"), fs::Permissions::from_mode(0o444)).unwrap();
    let bundle = sb.write("bundle.crt", "");
    sb.set_env("SSL_CERT_FILE", bundle);
    let certs = sb.path("certs").display().to_string();
    let config = format!(
        r#"schema = 1
[profiles.plain]
host = "tcp://plain.example"
[profiles.verify]
host = "tcp://192.0.2.7"
certs = "{certs}"
[profiles.caonly]
host = "tcp://[2001:db8::1]:2376"
ca = "{certs}/ca.pem"
[profiles.system]
host = "tcp://system.example:443"
tls = "system"
certs = "{certs}"
[profiles.insecure]
host = "tcp://insecure.example"
tls = "insecure"
certs = "{certs}"
[profiles.nocert]
host = "tcp://nocert.example"
tls = "insecure"
[profiles.ssh]
host = "ssh://pi@raspberrypi:22"
[profiles.unix]
host = "unix:///run/other/docker.sock"
[profiles.extra]
host = "tcp://extra.example"
api-version = "1.41"
env = {{ BUILDX_BUILDER = "core", COMPOSE_PARALLEL_LIMIT = "2" }}
"#
    );
    sb.write("home/.config/dctx/config.toml", config);
    for (name, host) in
        [("rootless", "unix:///run/user/1000/docker.sock"), ("far", "tcp://far.example:2375")]
    {
        let sum = sha256(&sb, name);
        let meta = format!(
            r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":false}}}}}}"#
        );
        sb.write(format!("home/.docker/contexts/meta/{sum}/meta.json"), meta);
    }
    sb
}

/// By coreutils, so that it is not our own sum that ours is compared with.
fn sha256(sb: &Sandbox, text: &str) -> String {
    let out = sb.sh("sha256sum", [] as [&str; 0]).stdin(text).run();
    out.out().split_whitespace().next().unwrap().to_owned()
}

/// One dump of an environment, less what shells keep for themselves.
fn parse(sb: &Sandbox, bytes: &[u8]) -> Vars {
    const SHELLS_OWN: [&str; 12] = [
        "_", "SHLVL", "PWD", "OLDPWD", "HOST", "HOSTTYPE", "MACHTYPE", "OSTYPE", "VENDOR", "GROUP",
        "LOGNAME", "USER",
    ];
    let here = sb.dir().to_str().unwrap();
    bytes
        .split(|b| *b == 0)
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            let text = String::from_utf8(entry.to_vec()).unwrap().replace(here, "[SB]");
            let (name, value) = text.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        })
        .filter(|(name, _)| !SHELLS_OWN.contains(&name.as_str()))
        .collect()
}

/// What `use KIND` makes of `base`; `previous` is the profile before it.
fn after_use(base: &Vars, kind: &str, previous: Option<&str>) -> Vars {
    let mut vars = base.clone();
    for name in [
        "DOCKER_HOST",
        "DOCKER_TLS_VERIFY",
        "DOCKER_TLS",
        "DOCKER_CERT_PATH",
        "DOCKER_CONTEXT",
        "DOCKER_API_VERSION",
        "DOCKER_MACHINE_NAME",
    ] {
        vars.remove(name);
    }
    let (_, set) = KINDS.iter().find(|(name, _)| *name == kind).unwrap();
    vars.extend(set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    vars.insert("DOCKER_MACHINE_NAME".into(), kind.into());
    vars.insert("DCTX_PROFILE".into(), kind.into());
    if let Some(previous) = previous {
        vars.insert("DCTX_PREVIOUS".into(), previous.into());
    }
    let proxy = base.contains_key("HTTPS_PROXY") || base.contains_key("http_proxy");
    if let Some(host) = proxy_host(kind).filter(|_| proxy) {
        let list = base.get("NO_PROXY").map_or(host.to_owned(), |list| format!("{list},{host}"));
        vars.insert("NO_PROXY".into(), list);
    }
    vars
}

/// Directories of links are compared by what is in them.
fn normal(sb: &Sandbox, mut vars: Vars) -> Vars {
    if let Some(path) =
        vars.get("DOCKER_CERT_PATH").filter(|path| path.contains("/state/dctx/certs/"))
    {
        let dir = path.replace("[SB]", sb.dir().to_str().unwrap());
        let mut names: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        vars.insert("DOCKER_CERT_PATH".into(), format!("@{}", names.join(" ")));
    }
    // what these hold is for `reset`, which is what the last dump proves
    for name in ["DCTX_SAVED", "DCTX_BEFORE"] {
        if let Some(saved) = vars.remove(name) {
            assert!(saved.is_ascii() && !saved.is_empty());
        }
    }
    vars
}

fn compare(what: &str, got: &Vars, wanted: &Vars) {
    if got != wanted {
        let only = |a: &Vars, b: &Vars| -> Vars {
            a.iter()
                .filter(|(k, v)| b.get(*k) != Some(v))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect()
        };
        panic!("{what}\ngot:    {:?}\nwanted: {:?}", only(got, wanted), only(wanted, got));
    }
}

/// How a shell loads the output of a command.
fn load(shell: &str, command: &str) -> String {
    match shell {
        "fish" => format!("{command} | source"),
        "tcsh" => format!("eval \"`{command}`\""),
        _ => format!("eval \"$({command})\""),
    }
}

fn arguments<'a>(shell: &str, script: &'a str) -> Vec<&'a str> {
    match shell {
        "zsh" | "tcsh" => vec!["-f", "-c", script],
        "busybox" => vec!["ash", "-c", script],
        _ => vec!["-c", script],
    }
}

/// Runs use A, use B, reset in a shell with a dump before and after each, and compares.
fn round(sb: &Sandbox, shell: &str, flags: &str, former: &Former, a: &str, b: &str) {
    let dir = sb.path(format!("dump-{shell}"));
    fs::create_dir_all(&dir).unwrap();
    let dump = |n: u8| format!("env -0 > {}/{n}", dir.display());
    let steps = [
        dump(0),
        load(shell, &format!("dctx use {a}{flags}")),
        dump(1),
        load(shell, &format!("dctx use {b}{flags}")),
        dump(2),
        load(shell, &format!("dctx reset{flags}")),
        dump(3),
        load(shell, &format!("dctx reset{flags}")),
        dump(4),
    ];
    let script = steps.join("\n");
    let out = sb.sh(shell, arguments(shell, &script)).envs(former.set.iter().copied()).run();
    let what = format!("{shell}{flags}: {a}, {b}, from {}", former.name);
    assert_eq!((out.code(), out.out().as_str()), (0, ""), "{what}\n{}", out.err());
    let dumps: Vec<Vars> =
        (0..5).map(|n| parse(sb, &fs::read(dir.join(n.to_string())).unwrap())).collect();
    let base = &dumps[0];
    compare(
        &format!("{what}: after use {a}"),
        &normal(sb, dumps[1].clone()),
        &after_use(base, a, None),
    );
    let previous = (a != b).then_some(a);
    compare(
        &format!("{what}: after use {b}"),
        &normal(sb, dumps[2].clone()),
        &after_use(base, b, previous),
    );
    let mut wanted = base.clone();
    wanted.retain(|name, _| !former.gone.contains(&name.as_str()));
    // for `use -`
    wanted.insert("DCTX_PREVIOUS".into(), b.into());
    compare(&format!("{what}: after reset"), &dumps[3], &wanted);
    compare(&format!("{what}: after another reset"), &dumps[4], &wanted);
    for name in former.gone.iter().filter(|name| matches!(**name, "DOCKER_HOST" | "DOCKER_CONTEXT"))
    {
        assert!(out.err().contains(&format!("not restored: {name}=")), "{what}\n{}", out.err());
    }
}

/// Every pair from every former state in one shell, on two threads.
fn matrix(shell: &str, flags: &str, pairs: impl Fn(usize, usize) -> bool + Sync) {
    let Some(_) = require(shell) else { return };
    thread::scope(|scope| {
        for part in 0..2 {
            let pairs = &pairs;
            scope.spawn(move || {
                let sb = sandbox();
                for former in FORMER.iter().skip(part).step_by(2) {
                    for (i, (a, _)) in KINDS.iter().enumerate() {
                        for (_, (b, _)) in KINDS.iter().enumerate().filter(|(j, _)| pairs(i, *j)) {
                            round(&sb, shell, flags, former, a, b);
                        }
                    }
                }
            });
        }
    });
}

/// Each kind with the next one, so that each is left and entered once.
fn ring(i: usize, j: usize) -> bool {
    (i + 1) % KINDS.len() == j
}

#[test]
fn every_pair_from_every_state_in_bash() {
    matrix("bash", "", |_, _| true);
}

#[test]
fn every_kind_from_every_state_in_the_other_posix_shells() {
    for shell in ["zsh", "dash", "ksh", "mksh", "yash", "busybox"] {
        matrix(shell, "", ring);
    }
}

#[test]
fn every_kind_from_every_state_in_tcsh() {
    matrix("tcsh", "", ring);
}

#[test]
fn every_pair_from_every_state_in_fish_for_the_session() {
    matrix("fish", " --session", |i, j| ring(i, j) || i == j || ring(j, i));
}

#[test]
fn every_kind_from_every_state_in_fish_universally() {
    matrix("fish", "", ring);
}
