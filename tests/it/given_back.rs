//! `reset` leaves the remote host whatever the values from before are: what a shell cannot be given back is said, and keeps
//! nothing where it is.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use crate::support::{Sandbox, require};

const HOST: &str = "tcp://127.0.0.1:2375";

fn prepare() -> Sandbox {
    let sb = Sandbox::new();
    sb.write(
        "home/.config/dctx/config.toml",
        format!("[profiles.a]\nhost = \"{HOST}\"\nenv = {{ COMPOSE_PROJECT_NAME = \"shop\" }}\n"),
    );
    sb
}

/// What the shell sees in the end, and what dctx said.
fn there_and_back(sb: &Sandbox, shell: &str, var: &str, value: &[u8]) -> (Vec<u8>, String) {
    let script = match shell {
        "fish" => format!(
            "dctx use a | source; or exit 9; dctx reset | source; or exit 8; printenv DOCKER_HOST; printenv {var}; true"
        ),
        _ => format!(
            "eval \"$(dctx use a)\" || exit 9; eval \"$(dctx reset)\" || exit 8; printenv DOCKER_HOST; printenv {var}; true"
        ),
    };
    let out = sb.sh(shell, ["-c", &script]).env(var, OsStr::from_bytes(value)).run();
    assert_eq!(out.code(), 0, "{shell}: {}", out.err());
    (out.stdout.clone(), out.err())
}

#[test]
fn a_value_that_is_no_text_comes_back_as_it_was() {
    for shell in ["bash", "fish"] {
        if require(shell).is_none() {
            continue;
        }
        let sb = prepare();
        let (seen, said) = there_and_back(&sb, shell, "COMPOSE_PROJECT_NAME", b"caf\xe9");
        assert_eq!((seen.as_slice(), said.as_str()), (&b"caf\xe9\n"[..], ""), "{shell}");
        let (seen, said) = there_and_back(&sb, shell, "DOCKER_HOST", b"unix:///run/caf\xe9.sock");
        let twice = b"unix:///run/caf\xe9.sock\nunix:///run/caf\xe9.sock\n";
        assert_eq!((seen.as_slice(), said.as_str()), (&twice[..], ""), "{shell}");
    }
}

#[test]
fn what_the_shell_cannot_be_told_is_said_and_the_host_is_left() {
    let sb = prepare();
    let out = sb
        .dctx(["reset", "--shell", "cmd"])
        .env("DOCKER_HOST", "tcp://h:1")
        .env("DCTX_PROFILE", "a")
        .env(
            "DCTX_SAVED",
            "s1,DOCKER_CERT_PATH=C:%5CUsers%5CA%26B,DOCKER_HOST=npipe:////./pipe/d,.=tcp://h:1,,,,",
        )
        .run();
    assert_eq!(out.code(), 0, "{}", out.err());
    let lines = out.out();
    assert!(lines.contains("SET \"DOCKER_HOST=npipe:////./pipe/d\"\n"), "{lines}");
    assert!(
        lines.contains("SET \"DOCKER_CERT_PATH=\"\n") && lines.contains("SET \"DCTX_PROFILE=\"\n"),
        "{lines}"
    );
    assert!(
        out.err()
            .contains("former value not restored: cmd cannot hold the value of DOCKER_CERT_PATH"),
        "{}",
        out.err()
    );
}

#[test]
fn a_value_too_long_to_be_kept_stops_no_use() {
    for shell in ["bash", "fish"] {
        if require(shell).is_none() {
            continue;
        }
        let sb = prepare();
        let (seen, said) = there_and_back(&sb, shell, "COMPOSE_PROJECT_NAME", &[b'"'; 60_000]);
        if shell == "bash" {
            assert_eq!(seen, b"");
            assert_eq!(
                said,
                "dctx: not restored: the former value of COMPOSE_PROJECT_NAME was too long to keep\n"
            );
        }
        // and what is run meanwhile can be started
        let out = sb.dctx(["exec", "a", "--", "printenv", "DOCKER_HOST"]);
        out.env("COMPOSE_PROJECT_NAME", OsStr::from_bytes(&[b'"'; 60_000]))
            .run()
            .ok(&format!("{HOST}\n"), "");
    }
}

/// The same where another profile follows, which is where that value would have come back.
#[test]
fn a_value_too_long_to_be_kept_is_said_by_the_next_use() {
    for shell in ["bash", "fish"] {
        if require(shell).is_none() {
            continue;
        }
        let sb = prepare();
        let config = fs::read_to_string(sb.path("home/.config/dctx/config.toml")).unwrap();
        sb.write(
            "home/.config/dctx/config.toml",
            format!("{config}[profiles.b]\nhost = \"{HOST}\"\n"),
        );
        for scope in ["", " --session"] {
            let script = match shell {
                "fish" => format!(
                    "dctx use a{scope} | source; dctx use b{scope} | source; dctx use b{scope} | source"
                ),
                _ => format!(
                    "eval \"$(dctx use a{scope})\"; eval \"$(dctx use b{scope})\"; eval \"$(dctx use b{scope})\""
                ),
            };
            let value = OsStr::from_bytes(&[b'"'; 60_000]);
            let out = sb.sh(shell, ["-c", &script]).env("COMPOSE_PROJECT_NAME", value).run();
            assert_eq!(
                out.err(),
                "dctx: not restored: the former value of COMPOSE_PROJECT_NAME was too long to keep\n",
                "{shell}{scope}"
            );
        }
    }
}
