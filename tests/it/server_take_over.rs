//! A host that was set up by hand is refused with all that stands in the way and the command that takes it over; taken over,
//! docker runs without the flags and hosts that were in the way, and undo brings back every byte.

use std::fs;
use std::path::Path;

use super::support::require;
use super::support::world::{Accident, Variant, World, same};

const SHELLS: [&str; 4] = ["sh", "dash", "busybox ash", "bash --posix"];

const SYSTEMD: (&str, &str) = ("run/systemd/system/.keep", "");
const UNIT: &str = "usr/lib/systemd/system/docker.service";
const OVERRIDE: &str = "etc/systemd/system/docker.service.d/override.conf";
const JSON: &str = "etc/docker/daemon.json";
const DOCKER: (&str, &str) = (
    UNIT,
    "[Unit]\nRequires=docker.socket\n[Service]\nType=notify\nExecStart=/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock\n",
);

fn have_all() -> bool {
    let programs = ["openssl", "dash", "busybox", "bash", "jq"];
    programs.into_iter().all(|program| require(program).is_some())
}

/// A set-up that somebody made by hand.
struct Made {
    /// Where it is from.
    what: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// What is said to be in the way.
    says: &'static [&'static str],
    /// What there is afterwards: parts of these files.
    after: &'static [(&'static str, &'static str)],
}

const MADE: &[Made] = &[
    Made {
        what: "docker's documents: systemctl edit docker.service",
        files: &[
            SYSTEMD,
            DOCKER,
            (
                OVERRIDE,
                "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd:// -H tcp://127.0.0.1:2375\n",
            ),
        ],
        says: &[
            "stand in the way: -H tcp://127.0.0.1:2375",
            "they are in /etc/systemd/system/docker.service.d/override.conf\n",
        ],
        after: &[
            (
                "etc/systemd/system/docker.service.d/zz-dctx.conf",
                "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd://\n",
            ),
            ("etc/systemd/system/docker-tcp.socket", "ListenStream=2376"),
        ],
    },
    Made {
        what: "the unit itself was edited, over several lines",
        files: &[
            SYSTEMD,
            (
                UNIT,
                "[Service]\nExecStart=/usr/bin/dockerd -H fd:// \\\n    -H tcp://0.0.0.0:2376 \\\n    --tlsverify --tlscacert /etc/docker/ca.pem --tlscert=/etc/docker/server.pem \\\n    --tlskey \"/etc/docker/server-key.pem\" --label \"a b\"\n",
            ),
            ("etc/docker/ca.pem", "another CA\n"),
        ],
        says: &[
            "-H tcp://0.0.0.0:2376 --tlsverify --tlscacert /etc/docker/ca.pem",
            "they are in /usr/lib/systemd/system/docker.service\n",
        ],
        after: &[(
            "etc/systemd/system/docker.service.d/zz-dctx.conf",
            "\nExecStart=/usr/bin/dockerd -H fd:// --label \"a b\"\n",
        )],
    },
    Made {
        what: "docker-machine",
        files: &[
            SYSTEMD,
            DOCKER,
            (
                "etc/systemd/system/docker.service.d/10-machine.conf",
                "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H tcp://0.0.0.0:2376 -H unix:///var/run/docker.sock --storage-driver overlay2 --tlsverify --tlscacert /etc/docker/ca.pem --tlscert /etc/docker/server.pem --tlskey /etc/docker/server-key.pem --label provider=generic\nEnvironment=\n",
            ),
        ],
        says: &["-H unix:///var/run/docker.sock --tlsverify"],
        after: &[
            (
                "etc/systemd/system/docker.service.d/zz-dctx.conf",
                "\nExecStart=/usr/bin/dockerd --storage-driver overlay2 --label provider=generic\n",
            ),
            (JSON, "\"hosts\": [\"unix:///var/run/docker.sock\", \"tcp://0.0.0.0:2376\"]"),
        ],
    },
    Made {
        what: "Debian and Ubuntu: DOCKER_OPTS in a file that the unit reads",
        files: &[
            SYSTEMD,
            (
                UNIT,
                "[Service]\nEnvironmentFile=-/etc/default/docker\nExecStart=/usr/sbin/dockerd -H fd:// $DOCKER_OPTS\n",
            ),
            (
                "etc/default/docker",
                "# Docker Upstart and SysVinit configuration file\n#DOCKER_OPTS=\"-H unix:///x\"\nDOCKER_OPTS=\"--dns 192.0.2.1 \\\n  -H tcp://0.0.0.0:2375 \\\n  --tls=false\" # for the build server\nexport http_proxy=\"http://127.0.0.1:3128/\"\n",
            ),
        ],
        says: &["-H tcp://0.0.0.0:2375 --tls", "they are in /etc/default/docker\n"],
        after: &[(
            "etc/default/docker",
            "\n#DOCKER_OPTS=\"-H unix:///x\"\nDOCKER_OPTS=\"--dns 192.0.2.1\" # for the build server\nexport http_proxy=\"http://127.0.0.1:3128/\"\n",
        )],
    },
    Made {
        what: "Red Hat: OPTIONS, and nothing in the unit",
        files: &[
            SYSTEMD,
            (
                UNIT,
                "[Service]\nEnvironmentFile=-/etc/sysconfig/docker\nExecStart=/usr/bin/dockerd $OPTIONS\n",
            ),
            (
                "etc/sysconfig/docker",
                "OPTIONS='--selinux-enabled -H tcp://0.0.0.0:2376 -H unix:///var/run/docker.sock -H unix:///run/other/docker.sock --tlsverify'\n",
            ),
        ],
        says: &["they are in /etc/sysconfig/docker\n"],
        after: &[
            ("etc/sysconfig/docker", "OPTIONS='--selinux-enabled'\n"),
            (
                JSON,
                "\"hosts\": [\"unix:///var/run/docker.sock\", \"unix:///run/other/docker.sock\", \"tcp://0.0.0.0:2376\"]",
            ),
        ],
    },
    Made {
        what: "CoreOS's documents: a socket of another name, and the flags in a variable",
        files: &[
            SYSTEMD,
            (
                UNIT,
                "[Service]\nEnvironment=DOCKER_SELINUX=--selinux-enabled=true\nExecStart=/usr/bin/dockerd --host=fd:// $DOCKER_SELINUX $DOCKER_OPTS\n",
            ),
            (
                "etc/systemd/system/docker.service.d/10-tls-verify.conf",
                "[Service]\nEnvironment=\"DOCKER_OPTS=--debug --tlsverify --tlscacert=/etc/docker/ca.pem --tlscert=/etc/docker/server.pem --tlskey=/etc/docker/server-key.pem\"\n",
            ),
            (
                "etc/systemd/system/docker-tls-tcp.socket",
                "[Unit]\nDescription=Docker Secured Socket for the API\n\n[Socket]\nListenStream=2376\nBindIPv6Only=both\nService=docker.service\n\n[Install]\nWantedBy=sockets.target\n",
            ),
        ],
        says: &["stand in the way: --tlsverify", "docker-tls-tcp.socket listens on port 2376"],
        after: &[(
            "etc/systemd/system/docker.service.d/zz-dctx.conf",
            "[Service]\nEnvironment=\"DOCKER_OPTS=--debug\"\n",
        )],
    },
    Made {
        what: "the article: -H taken out of the unit, hosts and TLS in daemon.json",
        files: &[
            SYSTEMD,
            (UNIT, "[Service]\nExecStart=/usr/bin/dockerd\n"),
            (
                JSON,
                "{\n  \"tlsverify\": true,\n  \"tlscert\": \"/etc/docker/server-cert.pem\",\n  \"tlskey\": \"/etc/docker/server-key.pem\",\n  \"tlscacert\": \"/etc/docker/ca.pem\",\n  \"hosts\":[\n    \"unix:///var/run/docker.sock\",\n    \"tcp://192.0.2.7:2376\"\n  ]\n}\n",
            ),
        ],
        says: &["hosts for other addresses (unix:///var/run/docker.sock tcp://192.0.2.7:2376)"],
        after: &[(JSON, "\"tcp://0.0.0.0:2376\"")],
    },
    Made {
        what: "hosts beside -H fd://, with which docker does not start",
        files: &[
            SYSTEMD,
            DOCKER,
            (JSON, "{\"debug\": true, \"hosts\": [\"tcp://0.0.0.0:2375\", \"fd://\"]}\n"),
        ],
        says: &["docker does not start with both"],
        after: &[(JSON, "\"debug\": true")],
    },
    Made {
        what: "SysV: DOCKER_OPTS",
        files: &[
            (
                "etc/init.d/docker",
                "#!/bin/sh\nDOCKER_OPTS=\n[ ! -f /etc/default/docker ] || . /etc/default/docker\n",
            ),
            (
                "etc/default/docker",
                "DOCKER_OPTS=\"-H tcp://0.0.0.0:2376 -H unix:///var/run/docker.sock --debug --tlsverify --tlscacert=/etc/docker/ca.pem\"\n",
            ),
        ],
        says: &["they are in /etc/default/docker\n"],
        after: &[
            ("etc/default/docker", "DOCKER_OPTS=\"--debug\"\n"),
            (JSON, "\"hosts\": [\"unix:///var/run/docker.sock\", \"tcp://0.0.0.0:2376\"]"),
        ],
    },
    Made {
        what: "OpenRC: in conf.d, and in the service itself",
        files: &[
            (
                "etc/init.d/docker",
                "#!/sbin/openrc-run\n# isn't edited\nDOCKER_OPTS=\"$DOCKER_OPTS -H unix:///var/run/docker.sock\"\ncommand=/usr/bin/dockerd\ncommand_args=\"${DOCKER_OPTS}\"\n",
            ),
            ("etc/conf.d/docker", "DOCKER_OPTS=\"-H tcp://0.0.0.0:2375\"\n"),
        ],
        says: &["they are in /etc/conf.d/docker /etc/init.d/docker\n"],
        after: &[
            ("etc/conf.d/docker", "DOCKER_OPTS=\"\"\n"),
            ("etc/init.d/docker", "# isn't edited\nDOCKER_OPTS=\"$DOCKER_OPTS\"\n"),
        ],
    },
];

/// The host as somebody left it, with docker running where it does with that.
fn made(made: &Made) -> (World, std::path::PathBuf) {
    let world = World::new(&Variant { files: &[SYSTEMD, DOCKER], version: "20.10.24" });
    // which manager there is, is settled when the host is made
    let world = match made.files.iter().any(|file| file.0 == SYSTEMD.0) {
        true => world,
        false => World::new(&Variant { files: &[], version: "20.10.24" }),
    };
    for (path, text) in made.files {
        world.sb.write(Path::new("host").join(path), text);
    }
    let init = world.root.join("etc/init.d/docker");
    if init.exists() && made.what.starts_with("SysV") {
        // no rc-service: the service is its script
        let text = fs::read_to_string(&init).unwrap();
        let manager = world.sb.path("hostbin/rc-service");
        let moved = world.sb.path("service");
        fs::rename(manager, &moved).unwrap();
        world.sb.write(
            "host/etc/init.d/docker",
            format!("{text}exec {} docker \"$1\"\n", moved.display()),
        );
    }
    if init.exists() {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&init, mode).unwrap();
    }
    if world.sb.path("hostbin/systemctl").exists() {
        let tell = |args: &[&str]| {
            let systemctl = world.sb.path("hostbin/systemctl");
            world.sb.sh(systemctl, args).env("DCTX_ROOT", &world.root).run()
        };
        tell(&["daemon-reload"]).done();
        if world.root.join("etc/systemd/system/docker-tls-tcp.socket").exists() {
            tell(&["enable", "docker-tls-tcp.socket"]).done();
            tell(&["start", "docker-tls-tcp.socket"]).done();
        }
        tell(&["restart", "docker.service"]);
    } else if world.sb.path("hostbin/rc-service").exists() {
        world.start_docker();
    } else {
        world.sb.sh(&init, ["restart"]).env("DCTX_ROOT", &world.root).run().done();
    }
    let kit = world.kit(&[]);
    world.lend("jq");
    (world, kit)
}

/// Every part of these files is there.
#[track_caller]
fn has(world: &World, parts: &[(&str, &str)], what: &str) {
    for (path, part) in parts {
        let text = world.read(path);
        assert!(text.contains(part), "{what}: {path}:\n{text}");
    }
}

#[test]
fn what_was_made_by_hand_is_taken_over_and_comes_back() {
    if !have_all() {
        return;
    }
    for (n, one) in MADE.iter().enumerate() {
        // every set-up, and every shell; not each with each
        for shell in [SHELLS[n % 4]] {
            let (world, kit) = made(one);
            let before = world.state();
            let told = format!("{}, {shell}", one.what);
            let out = world.run(shell, &kit, &[], Accident::None);
            assert_eq!(out.code(), 3, "{told}\n{}", out.err());
            for says in one.says {
                assert!(out.err().contains(says), "{told}: {says:?} in\n{}", out.err());
            }
            let hint = "for --undo: sh [SB]/kit/install.sh --take-over\n";
            assert!(out.err().contains(hint), "{told}\n{}", out.err());
            same(&before, &world.state(), &told);

            let out = world.run(shell, &kit, &["--take-over"], Accident::None);
            assert_eq!(out.code(), 0, "{told}\n{}", out.err());
            has(&world, one.after, &told);
            // the daemon starts with it: no flag says what the file says, and the port is open
            assert!(world.read("proc/net/tcp").contains(":0948 "), "{told}\n{}", out.err());
            assert!(world.read("run/fake/running.json").contains("tlscacert"), "{told}");
            assert!(!world.read("proc/net/tcp").contains(":0947 "), "{told}");
            let after = world.state();
            for args in [&["--take-over"][..], &[]] {
                let again = world.run(shell, &kit, args, Accident::None);
                assert_eq!(again.code(), 0, "{told}\n{}", again.err());
                assert!(
                    again.err().contains("docker was not restarted"),
                    "{told}\n{}",
                    again.err()
                );
                same(&after, &world.state(), &told);
            }
            let out = world.run(shell, &kit, &["--undo"], Accident::None);
            if one.what.starts_with("hosts beside") {
                // docker did not run with that, and does not now
                assert!(matches!(out.code(), 0 | 4), "{told}\n{}", out.err());
                assert_eq!(world.read(JSON), one.files[2].1);
                continue;
            }
            assert_eq!(out.code(), 0, "{told}\n{}", out.err());
            same(&before, &world.state(), &told);
        }
    }
}

/// What docker no longer does is said before anything is changed.
#[test]
fn what_ends_with_it_is_said() {
    if !have_all() {
        return;
    }
    let (world, kit) = made(&MADE[0]);
    let out = world.run("sh", &kit, &["--take-over"], Accident::None);
    assert!(
        out.done().err().contains("docker does not listen on tcp://127.0.0.1:2375 any more"),
        "{}",
        out.err()
    );
    assert!(!out.err().contains("the CA in"), "{}", out.err());
    let (world, kit) = made(&MADE[1]);
    let out = world.run("sh", &kit, &["--take-over"], Accident::None);
    let said = out.done().err();
    assert!(said.contains("the CA in /etc/docker/ca.pem is replaced"), "{said}");
    assert!(said.find("is replaced").unwrap() < said.find("copying what will be changed").unwrap());
    assert!(said.contains("ExecStart=/usr/bin/dockerd -H fd:// --label \"a b\"\n"), "{said}");
    let (world, kit) = made(&MADE[6]);
    let out = world.run("sh", &kit, &["--take-over"], Accident::None);
    assert!(
        out.done().err().contains("does not listen on tcp://192.0.2.7:2376")
            || out.err().contains("2376"),
        "{}",
        out.err()
    );
}

/// What cannot be told apart stays refused, with and without the flag, and nothing is changed.
#[test]
fn what_cannot_be_taken_over_is_left_alone() {
    if !have_all() {
        return;
    }
    let units: [&'static str; 4] = [
        "[Service]\nType=oneshot\nExecStart=/usr/bin/dockerd -H tcp://0.0.0.0:2375\nExecStart=/usr/bin/true\n",
        "[Service]\nExecStart=/bin/sh -c 'exec /usr/bin/dockerd -H fd:// -H tcp://0.0.0.0:2375'\n",
        "[Service]\nExecStart=/usr/bin/dockerd -H \"tcp://0.0.0.0:2375\n",
        "[Service]\nExecStart=/usr/local/bin/start -H tcp://0.0.0.0:2375\n",
    ];
    for unit in units {
        let world = World::new(&Variant { files: &[SYSTEMD], version: "28.2.2" });
        world.sb.write(Path::new("host").join(UNIT), unit);
        let kit = world.kit(&[]);
        let before = world.state();
        for shell in SHELLS {
            let out = world.run(shell, &kit, &["--take-over"], Accident::None);
            assert_eq!(out.code(), 3, "{unit}\n{}", out.err());
            for says in [
                "cannot take over these flags",
                "-H tcp://0.0.0.0:2375",
                "out of /usr/lib/systemd/system/docker.service by hand",
            ] {
                assert!(out.err().contains(says), "{unit}: {says:?} in\n{}", out.err());
            }
            same(&before, &world.state(), unit);
        }
    }
    // hosts in daemon.json, and nothing that reads JSON: the lines to write are said
    let (world, kit) = made(&MADE[7]);
    world.without("jq");
    let before = world.state();
    let out = world.run("dash", &kit, &["--take-over"], Accident::None);
    assert_eq!(out.code(), 3, "{}", out.err());
    assert!(
        out.err().contains("\"tlscacert\": \"/etc/docker/ca.pem\"")
            && out.err().contains("take hosts out"),
        "{}",
        out.err()
    );
    same(&before, &world.state(), "");
}

/// Killed at any call, a take-over is taken back by the next run, be it an undo or an install that is refused; and its undo
/// is brought to its end.
#[test]
fn a_take_over_that_is_killed_is_taken_up_again() {
    if !have_all() {
        return;
    }
    // a drop-in; a file of variables; a socket of another name; a service of OpenRC
    for (n, case) in [0, 3, 5, 9].into_iter().enumerate() {
        let (world, kit) = made(&MADE[case]);
        let before = world.state();
        let run = |args: &[&str], accident| world.run("dash", &kit, args, accident);
        let clear = || {
            let _ = fs::remove_dir_all(world.sb.path("tmp"));
            fs::create_dir(world.sb.path("tmp")).unwrap();
        };
        run(&["--take-over"], Accident::None).done();
        let (after, calls) = (world.state_but_copies(), world.calls());
        run(&["--undo"], Accident::None).done();
        let undo_calls = world.calls();
        same(&before, &world.state(), MADE[case].what);
        for at in (1 + n..=calls).step_by(5) {
            run(&["--take-over"], Accident::Signal(at, "KILL"));
            clear();
            let told = format!("{}: killed at call {at}", MADE[case].what);
            match at % 3 {
                0 => assert!(matches!(run(&["--undo"], Accident::None).code(), 0 | 3), "{told}"),
                // nobody said --take-over again: what was begun is taken back, and then it is refused as before
                1 => {
                    let out = run(&[], Accident::None);
                    let done = out.code() == 0;
                    assert!(done || out.code() == 3, "{told}\n{}", out.err());
                    if done {
                        run(&["--undo"], Accident::None).done();
                    }
                }
                _ => {
                    let out = run(&["--take-over"], Accident::None);
                    assert_eq!(out.code(), 0, "{told}\n{}", out.err());
                    same(&after, &world.state_but_copies(), &told);
                    run(&["--undo"], Accident::None).done();
                }
            }
            same(&before, &world.state(), &told);
            clear();
        }
        for at in (1 + n..=undo_calls).step_by(5) {
            run(&["--take-over"], Accident::None).done();
            run(&["--undo"], Accident::Signal(at, "KILL"));
            clear();
            let out = run(&["--undo"], Accident::None);
            let told = format!("{}: undo killed at call {at}\n{}", MADE[case].what, out.err());
            assert!(matches!(out.code(), 0 | 3), "{told}");
            same(&before, &world.state(), &told);
            clear();
        }
    }
}

/// Whatever call fails, the take-over is there as a whole or not at all.
#[test]
fn a_take_over_that_fails_is_put_back() {
    if !have_all() {
        return;
    }
    for case in [2, 4] {
        let (world, kit) = made(&MADE[case]);
        let before = world.state();
        world.run("dash", &kit, &["--take-over"], Accident::None).done();
        let calls = world.calls();
        world.run("dash", &kit, &["--undo"], Accident::None).done();
        for at in (case..=calls).step_by(7) {
            let out = world.run("dash", &kit, &["--take-over"], Accident::Fails(at));
            if out.code() == 0 {
                world.run("dash", &kit, &["--undo"], Accident::None).done();
            }
            same(&before, &world.state(), &format!("call {at}\n{}", out.err()));
        }
    }
}

/// `--take-over` of dctx is that of the script; and what is to be replaced in a daemon.json that was fetched is replaced here.
#[test]
fn dctx_hands_it_on() {
    if !have_all() {
        return;
    }
    let (world, _) = made(&MADE[0]);
    let certs = world.sb.path("server").display().to_string();
    let fetched = world.sb.write("fetched.json", "{\n  \"hosts\": [\"tcp://0.0.0.0:2375\", \"unix:///run/o/x.sock\"],\n  \"debug\": true\n}\n");
    let args = ["--daemon-json", fetched.to_str().unwrap()];
    // what is not known is not said: the file alone says that dockerd is started without -H
    let out = world.out(&world.sb.path("none"), &certs, &args);
    assert_eq!(out.code(), 4, "{}", out.err());
    assert!(!out.err().contains("fd://"), "{}", out.err());
    assert!(out.err().contains("has hosts for other addresses"), "{}", out.err());
    let hint = format!(
        "dctx server coreos --out {} --daemon-json {} --certs {certs} --take-over",
        world.sb.path("none").display(),
        fetched.display()
    );
    let hint = hint.replace(world.sb.dir().to_str().unwrap(), "[SB]");
    assert!(out.err().contains(&hint), "{hint}\n{}", out.err());
    let kit = world.sb.path("taken");
    world.out(&kit, &certs, &[&args[..], &["--take-over"]].concat()).done();
    let json = fs::read_to_string(kit.join("daemon.json")).unwrap();
    assert!(
        json.contains("\"hosts\": [\"unix:///run/o/x.sock\", \"tcp://0.0.0.0:2376\"]"),
        "{json}"
    );
    assert!(json.contains("\n  \"debug\": true,\n"), "{json}");
    let script = fs::read_to_string(kit.join("install.sh")).unwrap();
    assert!(script.contains("\njson_for='hosts'\ntake_over='yes'\n"), "{script}");
    // so that it needs no flag there
    world.run("dash", &kit, &[], Accident::None).done();
    assert!(world.root.join("etc/systemd/system/docker.service.d/zz-dctx.conf").exists());
}
