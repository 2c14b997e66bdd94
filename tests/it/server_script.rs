//! The script installs by what it finds, twice without harm, and takes back all of it, also where anything fails.

use std::fs;
use std::path::Path;

use super::support::require;
use super::support::world::{Accident, DOCKER_CE, Variant, World, same};

/// The shells it has to run in; `sh` is whichever the system has.
const SHELLS: [&str; 4] = ["sh", "dash", "busybox ash", "bash --posix"];

const DAEMON_JSON: &str =
    "{\n  \"data-root\": \"/srv/docker\",\n  \"log-opts\": { \"max-size\": \"10m\" }\n}\n";

const MERGED: &str = "{
  \"tlsverify\": true,
  \"tlscacert\": \"/etc/docker/ca.pem\",
  \"tlscert\": \"/etc/docker/server-cert.pem\",
  \"tlskey\": \"/etc/docker/server-key.pem\",
  \"data-root\": \"/srv/docker\",
  \"log-opts\": { \"max-size\": \"10m\" }
}
";

fn have_all() -> bool {
    ["openssl", "dash", "busybox", "bash"].into_iter().all(|program| require(program).is_some())
}

/// A host with docker-ce and a daemon.json, running.
fn usual() -> (World, std::path::PathBuf) {
    let world = World::new(&DOCKER_CE);
    world.sb.write("host/etc/docker/daemon.json", DAEMON_JSON);
    world.start_docker();
    let kit = world.kit(&[]);
    (world, kit)
}

/// Nothing is left of the script itself.
#[track_caller]
fn tidy(world: &World) {
    let left: Vec<_> = fs::read_dir(world.sb.path("tmp")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!world.state().keys().any(|path| path.contains(".dctx-new")));
}

#[test]
fn installs_twice_without_harm_and_takes_it_all_back() {
    if !have_all() {
        return;
    }
    for shell in SHELLS {
        let (world, kit) = usual();
        let before = world.state();
        let out = world.run(shell, &kit, &[], Accident::None);
        out.done();
        assert_eq!(world.read("etc/docker/daemon.json"), MERGED);
        assert_eq!(world.read("run/fake/running.json"), MERGED, "docker was not restarted");
        let after = world.state();
        for (file, mode) in
            [("ca.pem", 0o444), ("server-cert.pem", 0o444), ("server-key.pem", 0o400)]
        {
            let (has, text) = &after[&format!("etc/docker/{file}")];
            assert_eq!((has & 0o7777, text), (mode, &fs::read(kit.join(file)).unwrap()), "{file}");
        }
        assert!(!after.contains_key("etc/docker/ca-key.pem"));
        assert_eq!(
            world.read("etc/systemd/system/docker-tcp.socket"),
            fs::read_to_string(kit.join("docker-tcp.socket")).unwrap()
        );
        assert!(after.contains_key("run/fake/active/docker-tcp.socket"));
        assert!(after.contains_key("etc/systemd/system/sockets.target.wants/docker-tcp.socket"));
        // the copies are nobody else's to read: an older key may be among them
        assert_eq!(after["var/lib/dctx"].0 & 0o7777, 0o700);
        tidy(&world);

        let again = world.run(shell, &kit, &[], Accident::None);
        again.done();
        assert!(again.err().contains("docker was not restarted"), "{}", again.err());
        same(&after, &world.state(), "");
        tidy(&world);

        world.run(shell, &kit, &["--undo"], Accident::None).done();
        same(&before, &world.state(), shell);
        let none = world.run(shell, &kit, &["--undo"], Accident::None);
        assert_eq!(none.code(), 3, "{}", none.err());
        same(&before, &world.state(), "");
        tidy(&world);
    }
}

/// Each call that changes something, or asks systemd or docker, fails once; the others work. Either the script went on and
/// everything is as it should be, or everything is as it was.
#[test]
fn whatever_fails_everything_is_as_it_was() {
    if !have_all() {
        return;
    }
    // busybox has cp, mv and the like within itself: there only systemctl, dockerd and mktemp can be made to fail
    for (shell, least) in [("dash", 40), ("busybox ash", 12)] {
        let (world, kit) = usual();
        let before = world.state();
        world.run(shell, &kit, &[], Accident::None).done();
        let (after, calls) = (world.state_but_copies(), world.calls());
        assert!(calls > least, "{calls}");
        world.run(shell, &kit, &["--undo"], Accident::None).done();
        let mut failed = 0;
        for at in 1..=calls {
            let out = world.run(shell, &kit, &[], Accident::Fails(at));
            match out.code() {
                0 => {
                    same(&after, &world.state_but_copies(), &format!("call {at}:\n{}", out.err()));
                    world.run(shell, &kit, &["--undo"], Accident::None).done();
                }
                code => {
                    assert!(matches!(code, 1 | 3), "call {at}: {code}\n{}", out.err());
                    failed += 1;
                }
            }
            same(
                &before,
                &world.state(),
                &format!("call {at}, status {}:\n{}", out.code(), out.err()),
            );
            tidy(&world);
        }
        assert!(failed > least / 2, "only {failed} of {calls} calls matter?");
    }
}

/// A signal puts everything back; after a kill, or a power cut, the next run does that first.
#[test]
fn whoever_ends_it_half_way_leaves_nothing() {
    if !have_all() {
        return;
    }
    let (world, kit) = usual();
    let before = world.state();
    world.run("dash", &kit, &[], Accident::None).done();
    let (after, calls) = (world.state_but_copies(), world.calls());
    world.run("dash", &kit, &["--undo"], Accident::None).done();
    for at in (1..=calls).step_by(7) {
        let out = world.run("dash", &kit, &[], Accident::Signal(at, "TERM"));
        if out.code() == 0 {
            world.run("dash", &kit, &["--undo"], Accident::None).done();
        }
        same(&before, &world.state(), &format!("TERM at {at}:\n{}", out.err()));
        tidy(&world);
    }
    for at in (2..=calls).step_by(9) {
        world.run("dash", &kit, &[], Accident::Signal(at, "KILL"));
        let out = world.run("dash", &kit, &[], Accident::None);
        out.done();
        same(&after, &world.state_but_copies(), &format!("KILL at {at}:\n{}", out.err()));
        world.run("dash", &kit, &["--undo"], Accident::None).done();
        same(&before, &world.state(), &format!("KILL at {at}, then undo:\n{}", out.err()));
        let _ = fs::remove_dir_all(world.sb.path("tmp"));
        fs::create_dir(world.sb.path("tmp")).unwrap();
    }
}

/// An undo that is killed at any call is brought to its end by the next run, be it an undo or an install; and so is that
/// one, where it is killed as well. Never is half a state taken for what was there before.
#[test]
fn an_undo_that_is_killed_is_brought_to_its_end() {
    if !have_all() {
        return;
    }
    let (world, kit) = usual();
    let before = world.state();
    let run = |args: &[&str], accident| world.run("dash", &kit, args, accident);
    let clear = || {
        let _ = fs::remove_dir_all(world.sb.path("tmp"));
        fs::create_dir(world.sb.path("tmp")).unwrap();
    };
    run(&[], Accident::None).done();
    let after = world.state_but_copies();
    run(&["--undo"], Accident::None).done();
    let calls = world.calls();
    assert!(calls > 20, "{calls}");
    for at in 1..=calls {
        run(&[], Accident::None).done();
        run(&["--undo"], Accident::Signal(at, "KILL"));
        clear();
        let (out, told) = match at % 3 {
            // an undo again; where the first had hardly begun or had ended, it does all, or there is nothing left
            0 => (run(&["--undo"], Accident::None), "undo"),
            // an undo again that is killed as well, and another
            1 => {
                run(&["--undo"], Accident::Signal(calls - at / 2, "KILL"));
                clear();
                (run(&["--undo"], Accident::None), "undo, killed, undo")
            }
            _ => (run(&[], Accident::None), "install"),
        };
        let told = format!("undo killed at call {at}, then {told}:\n{}", out.err());
        if at % 3 == 2 {
            assert_eq!(out.code(), 0, "{told}");
            same(&after, &world.state_but_copies(), &told);
            run(&["--undo"], Accident::None).done();
        } else {
            assert!(matches!(out.code(), 0 | 3), "{told}");
        }
        same(&before, &world.state(), &told);
        clear();
    }
}

/// An install that is killed can be taken back by --undo as well, and what is said is so.
#[test]
fn an_install_that_is_killed_is_taken_back_by_undo() {
    if !have_all() {
        return;
    }
    let (world, kit) = usual();
    let before = world.state();
    world.run("dash", &kit, &[], Accident::None).done();
    let calls = world.calls();
    world.run("dash", &kit, &["--undo"], Accident::None).done();
    for at in (1..=calls).step_by(2) {
        world.run("dash", &kit, &[], Accident::Signal(at, "KILL"));
        // the one that takes it back is killed as well
        world.run("dash", &kit, &["--undo"], Accident::Signal(3 + at % 8, "KILL"));
        let out = world.run("dash", &kit, &["--undo"], Accident::None);
        let told = format!("install killed at call {at}:\n{}", out.err());
        assert!(matches!(out.code(), 0 | 3), "{told}");
        same(&before, &world.state(), &told);
        let _ = fs::remove_dir_all(world.sb.path("tmp"));
        fs::create_dir(world.sb.path("tmp")).unwrap();
    }
    // refused after something was put back: that is not "nothing was changed"
    world.run("dash", &kit, &[], Accident::Signal(calls / 2, "KILL"));
    fs::remove_file(kit.join("ca.pem")).unwrap();
    let out = world.run("dash", &kit, &[], Accident::None);
    assert_eq!(out.code(), 3, "{}", out.err());
    assert!(out.err().contains("an install was cut short"), "{}", out.err());
    assert!(!out.err().contains("refused, nothing was changed"), "{}", out.err());
    assert!(!out.err().contains("/proc/"), "{}", out.err());
}

/// A link that somebody has put where the new file is made is not followed, neither by an install nor by an undo.
#[test]
fn a_planted_link_is_not_followed() {
    if !have_all() {
        return;
    }
    let (world, kit) = usual();
    let victim = world.sb.write("victim", "as it was\n");
    let plant = || {
        for name in ["daemon.json.dctx-new", "ca.pem.dctx-new", ".dctx-new"] {
            let link = world.root.join("etc/docker").join(name);
            let _ = fs::remove_file(&link);
            std::os::unix::fs::symlink(&victim, link).unwrap();
        }
    };
    plant();
    world.run("sh", &kit, &[], Accident::None).done();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "as it was\n");
    plant();
    world.run("sh", &kit, &["--undo"], Accident::None).done();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "as it was\n");
    assert_eq!(world.read("etc/docker/daemon.json"), DAEMON_JSON);
}

/// The daemon does not come up, lets anybody in, or finds the file not valid: what there was comes back, and runs.
#[test]
fn a_daemon_that_does_not_do_as_it_should_is_as_it_was() {
    if !have_all() {
        return;
    }
    for (sign, says) in
        [("open", "answers without TLS"), ("invalid", "unable to configure the Docker daemon")]
    {
        let (world, kit) = usual();
        world.sb.write(Path::new("host").join(sign), "");
        let before = world.state();
        let out = world.run("sh", &kit, &[], Accident::None);
        assert_eq!(out.code(), 1, "{}", out.err());
        assert!(
            out.err().contains(says) && out.err().contains("everything is as it was"),
            "{}",
            out.err()
        );
        same(&before, &world.state(), "");
        tidy(&world);
    }
    // one that does not start at all, now or as before, cannot be put back wholly, and that is said
    let (world, kit) = usual();
    world.sb.write("host/refuse-to-start", "");
    let out = world.run("sh", &kit, &[], Accident::None);
    assert_eq!(out.code(), 4, "{}", out.err());
    assert_eq!(world.read("etc/docker/daemon.json"), DAEMON_JSON);
}

/// The article's own socket, plain on 2375, without what makes docker start after it: closed by the new one, open after undo.
#[test]
fn the_articles_socket_is_replaced_and_comes_back() {
    if !have_all() {
        return;
    }
    let (world, kit) = usual();
    let socket = "[Unit]\nDescription=Docker Socket for the API\n\n[Socket]\nListenStream=2375\nBindIPv6Only=both\nService=docker.service\n\n[Install]\nWantedBy=sockets.target\n";
    world.sb.write("host/etc/systemd/system/docker-tcp.socket", socket);
    let systemctl = |args: &[&str]| {
        world
            .sb
            .sh(world.sb.path("hostbin/systemctl"), args)
            .env("DCTX_ROOT", &world.root)
            .run()
            .done();
    };
    systemctl(&["daemon-reload"]);
    systemctl(&["enable", "docker-tcp.socket"]);
    systemctl(&["stop", "docker.service"]);
    systemctl(&["start", "docker-tcp.socket"]);
    systemctl(&["start", "docker.service"]);
    assert!(world.read("proc/net/tcp").contains(":0947 "));
    let before = world.state();
    world.run("sh", &kit, &[], Accident::None).done();
    assert!(world.read("proc/net/tcp").contains(":0948 "), "{}", world.read("proc/net/tcp"));
    world.run("sh", &kit, &["--undo"], Accident::None).done();
    same(&before, &world.state(), "");
    // and where the new one fails
    world.sb.write("host/open", "");
    let before = world.state();
    let out = world.run("sh", &kit, &[], Accident::None);
    assert_eq!(out.code(), 1, "{}", out.err());
    same(&before, &world.state(), "");
}

/// What was changed by hand after the install is not lost by undo.
#[test]
fn undo_loses_nobodys_changes() {
    if !have_all() {
        return;
    }
    let (world, kit) = usual();
    world.run("sh", &kit, &[], Accident::None).done();
    let json = MERGED.replace("10m", "20m");
    world.sb.write("host/etc/docker/daemon.json", &json);
    let before = world.state();
    let out = world.run("sh", &kit, &["--undo"], Accident::None);
    assert_eq!(out.code(), 3, "{}", out.err());
    assert!(out.err().contains("daemon.json has been changed since"), "{}", out.err());
    same(&before, &world.state(), "");
}

const UNIT: &str = "usr/lib/systemd/system/docker.service";
const DOCKER: (&str, &str) = DOCKER_CE.files[0];
const SYSTEMD: (&str, &str) = ("run/systemd/system/.keep", "");

/// The files of a host, the status of the script there, and what it says or where the port comes from.
type Case = (&'static [(&'static str, &'static str)], i32, &'static str);

/// Where dockerd is started in another way, or told otherwise.
#[test]
fn each_way_of_starting_docker_is_told_apart() {
    if !have_all() {
        return;
    }
    let cases: &[Case] = &[
        (
            &[
                SYSTEMD,
                (
                    UNIT,
                    "[Service]\nExecStart=/usr/sbin/dockerd -H fd:// \\\n  $DOCKER_OPTS\nEnvironmentFile=-/etc/default/docker\n",
                ),
            ],
            0,
            "socket",
        ),
        (
            &[
                SYSTEMD,
                (
                    UNIT,
                    "[Service]\nExecStart=/usr/bin/dockerd --host=fd:// $DOCKER_OPTS\nEnvironment=DOCKER_OPTS=--debug\n",
                ),
            ],
            0,
            "socket",
        ),
        (&[SYSTEMD, (UNIT, "[Service]\nExecStart=/usr/bin/dockerd\n")], 0, "hosts"),
        // a drop-in that starts over
        (
            &[
                SYSTEMD,
                (UNIT, "[Service]\nExecStart=/usr/bin/dockerd -H unix:///var/run/docker.sock\n"),
                (
                    "etc/systemd/system/docker.service.d/own.conf",
                    "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd\n",
                ),
            ],
            0,
            "hosts",
        ),
        (
            &[
                SYSTEMD,
                (
                    UNIT,
                    "[Service]\n# ExecStart=/usr/bin/dockerd -H unix:///x\nExecStart=/usr/bin/dockerd -H unix:///var/run/docker.sock\n",
                ),
            ],
            3,
            "stand in the way: -H unix:///var/run/docker.sock",
        ),
        (
            &[
                SYSTEMD,
                (UNIT, "[Service]\nExecStart=/usr/bin/dockerd -H fd:// -H tcp://0.0.0.0:2375\n"),
            ],
            3,
            "stand in the way: -H tcp://0.0.0.0:2375",
        ),
        (
            &[
                SYSTEMD,
                (
                    UNIT,
                    "[Service]\nEnvironmentFile=-/etc/sysconfig/docker\nExecStart=/usr/bin/dockerd -H fd:// $OPTIONS\n",
                ),
                (
                    "etc/sysconfig/docker",
                    "# --tlsverify\nOPTIONS=\"--selinux-enabled --tlsverify\"\n",
                ),
            ],
            3,
            "stand in the way: --tlsverify",
        ),
        // where logs go is not where it listens
        (
            &[
                SYSTEMD,
                (
                    UNIT,
                    "[Service]\nExecStart=/usr/bin/dockerd -H  fd:// --log-opt syslog-address=tcp://192.0.2.1:514\n",
                ),
            ],
            0,
            "socket",
        ),
        // a file that the unit does not read does not count
        (
            &[
                SYSTEMD,
                (UNIT, "[Service]\nExecStart=/usr/bin/dockerd -H fd://\n"),
                ("etc/default/docker", "DOCKER_OPTS=--tlsverify\n"),
            ],
            0,
            "socket",
        ),
        (&[SYSTEMD], 3, "no docker.service"),
        (&[SYSTEMD, (UNIT, "[Service]\nExecStart=/usr/bin/dockerd-rootless.sh\n")], 3, "rootless"),
        (
            &[
                ("etc/init.d/docker", "#!/sbin/openrc-run\n"),
                ("etc/conf.d/docker", "# DOCKER_OPTS=\"-H x\"\nDOCKER_OPTS=\"\"\n"),
            ],
            0,
            "hosts",
        ),
        (
            &[
                ("etc/init.d/docker", "#!/sbin/openrc-run\n"),
                ("etc/conf.d/docker", "DOCKER_OPTS=\"-H tcp://0.0.0.0:2375\"\n"),
            ],
            3,
            "stand in the way: -H tcp://0.0.0.0:2375",
        ),
        (&[], 3, "is docker installed?"),
        // no other key may be there twice, hosts least of all
        (
            &[
                SYSTEMD,
                DOCKER,
                ("etc/docker/daemon.json", "{\"hosts\": [\"unix:///var/run/docker.sock\"]}"),
            ],
            3,
            "docker does not start with both",
        ),
        (
            &[
                SYSTEMD,
                (UNIT, "[Service]\nExecStart=/usr/bin/dockerd\n"),
                ("etc/docker/daemon.json", "{\"hosts\": [\"tcp://0.0.0.0:2375\"]}"),
            ],
            3,
            "hosts for other addresses",
        ),
        (&[SYSTEMD, DOCKER, ("etc/docker/daemon.json", "[]")], 3, "not a JSON object"),
        (&[SYSTEMD, DOCKER, ("etc/systemd/system/docker-tcp.socket/x", "")], 3, "is a directory"),
    ];
    for (files, code, says) in cases {
        let world = World::new(&Variant { files, version: "20.10.24+dfsg1" });
        let kit = world.kit(&[]);
        let before = world.state();
        let out = world.run("sh", &kit, &[], Accident::None);
        assert_eq!(out.code(), *code, "{files:?}\n{}", out.err());
        if *code != 0 {
            assert!(out.err().contains(says), "{says:?} in\n{}", out.err());
            same(&before, &world.state(), &format!("{files:?}"));
            continue;
        }
        let hosts = world
            .read("etc/docker/daemon.json")
            .contains("\"hosts\": [\"unix:///var/run/docker.sock\", \"tcp://0.0.0.0:2376\"]");
        let socket = world.root.join("etc/systemd/system/docker-tcp.socket").exists();
        assert_eq!((hosts, socket), (*says == "hosts", *says == "socket"), "{files:?}");
        let after = world.state();
        world.run("busybox ash", &kit, &[], Accident::None).done();
        same(&after, &world.state(), "");
        // docker was not running, and is not running again
        world.run("sh", &kit, &["--undo"], Accident::None);
        world.run("sh", &kit, &["--look"], Accident::None).done();
        for path in [
            "etc/docker/server-key.pem",
            "etc/docker/daemon.json",
            "etc/systemd/system/docker-tcp.socket",
        ] {
            assert!(!world.root.join(path).exists(), "{path}");
        }
    }
}

/// A dockerd that can validate does, with what its unit says; an older one is not asked.
#[test]
fn validates_where_dockerd_can() {
    if !have_all() {
        return;
    }
    for (version, validates) in
        [("28.2.2", true), ("23.0.1-rc.1", true), ("20.10.24+dfsg1", false), ("", false)]
    {
        let world = World::new(&Variant { version, ..DOCKER_CE });
        let kit = world.kit(&[]);
        world.run("sh", &kit, &[], Accident::None).done();
        let asked = fs::read_to_string(world.sb.path("validated")).unwrap_or_default();
        let root = world.root.display();
        let wanted = format!("--validate --config-file {root}/etc/docker/daemon.json -H fd://\n");
        assert_eq!(asked, if validates { wanted } else { String::new() }, "{version}");
    }
}

/// Keys of ours with other values: python3 or jq change them, and where neither is, it is said what to write.
#[test]
fn keys_that_are_there_are_changed_by_who_reads_json() {
    if !have_all() || require("python3").is_none() || require("jq").is_none() {
        return;
    }
    let present = "{\"z\": 1, \"tlsverify\": false, \"a\": {\"tls\": [1.50, \"\\u4e2d\"]}}";
    // what is first on PATH may be a script that needs more than this host has
    let which = ["-c", "import sys; print(sys.executable)"];
    let found = std::process::Command::new("python3").args(which).output().unwrap();
    let python = std::path::PathBuf::from(String::from_utf8(found.stdout).unwrap().trim());
    for program in ["python3", "jq", ""] {
        let world = World::new(&DOCKER_CE);
        world.sb.write("host/etc/docker/daemon.json", present);
        world.start_docker();
        match program {
            "" => {}
            "python3" => world.program("python3", &format!("exec {} \"$@\"\n", python.display())),
            other => world.lend(other),
        }
        let kit = world.kit(&[]);
        let before = world.state();
        let out = world.run("sh", &kit, &[], Accident::None);
        if program.is_empty() {
            assert_eq!(out.code(), 3, "{}", out.err());
            assert!(out.err().contains("neither python3 nor jq"), "{}", out.err());
            assert!(out.err().contains("\"tlscacert\": \"/etc/docker/ca.pem\""), "{}", out.err());
            same(&before, &world.state(), "");
            continue;
        }
        out.done();
        let json: serde_json::Value =
            serde_json::from_str(&world.read("etc/docker/daemon.json")).unwrap();
        assert_eq!(json["a"], serde_json::json!({"tls": [1.5, "中"]}), "{program}");
        assert_eq!((&json["z"], &json["tlsverify"]), (&1.into(), &true.into()));
        assert_eq!(json["tlskey"], "/etc/docker/server-key.pem");
        let text = world.read("etc/docker/daemon.json");
        let at = |key: &str| text.find(key).unwrap();
        assert!(at("\"z\"") < at("\"tlsverify\"") && at("\"tlsverify\"") < at("\"a\""), "{text}");
        let after = world.state();
        world.run("dash", &kit, &[], Accident::None).done();
        same(&after, &world.state(), "");
        world.run("sh", &kit, &["--undo"], Accident::None).done();
        same(&before, &world.state(), "");
    }
}

/// Running containers that a restart stops are told of before it.
#[test]
fn running_containers_are_told_of() {
    if !have_all() {
        return;
    }
    let (world, kit) = usual();
    let out = world.run("sh", &kit, &[], Accident::None);
    assert!(out.done().err().contains("stops the 2 running containers"), "{}", out.err());
    // by undo as well, which says what it means to do
    let out = world.run("sh", &kit, &["--undo"], Accident::None);
    let said = out.done().err();
    let restart = said.find("stops the 2 running containers").unwrap();
    assert!(restart < said.find("putting it back from ").unwrap(), "{said}");
    assert!(said.contains("            [SB]/host/etc/docker/daemon.json (as it was)\n"), "{said}");
    let removed = "            [SB]/host/etc/docker/server-key.pem (was not there: is removed)\n";
    assert!(said.contains(removed), "{said}");
}

/// What it takes is said to who asks, and to who got it wrong.
#[test]
fn says_how_it_is_run() {
    if !have_all() {
        return;
    }
    let (world, kit) = usual();
    let before = world.state();
    for (args, code) in
        [(&["--help"][..], 0), (&["-h"], 0), (&["--all"], 2), (&["--undo", "now"], 2)]
    {
        let out = world.run("dash", &kit, args, Accident::None);
        assert_eq!((out.code(), out.data().as_str()), (code, ""), "{args:?}");
        assert!(
            out.err()
                .starts_with("install.sh: usage: sh install.sh [--take-over | --undo | --look]\n")
        );
    }
    same(&before, &world.state(), "");
}

/// Without curl openssl is asked, and without both it is said that nobody tried.
#[test]
fn says_what_it_could_not_try() {
    if !have_all() {
        return;
    }
    let (world, kit) = usual();
    world.without("curl");
    world.without("openssl");
    let out = world.run("sh", &kit, &[], Accident::None);
    assert!(out.done().err().contains("so it was not tried"), "{}", out.err());
}

/// What `cert new` makes is taken by a host that has openssl to look at it with, whatever the keys are.
#[test]
fn certificates_that_dctx_made_are_taken() {
    if !have_all() {
        return;
    }
    for kind in ["--key-type=p256", "--key-type=p384", "--key-type=ed25519", "--pin"] {
        let world = World::new(&DOCKER_CE);
        let kit = world.sb.path("made");
        let mut new = vec!["cert", "new", "coreos", "--host", "tcp://192.0.2.7:2376", kind];
        if kind != "--pin" {
            new.push("--no-passphrase");
        }
        world.sb.dctx(new).run().done();
        world.sb.dctx(["server", "coreos", "--out", kit.to_str().unwrap()]).run().done();
        let out = world.run("sh", &kit, &[], Accident::None);
        assert_eq!(out.code(), 0, "{kind}\n{}", out.err());
        // and by what it is looked at, one that is not right is found out
        let key = kit.join("server-key.pem");
        fs::remove_file(&key).unwrap();
        let other = world.sb.sh("openssl", ["genpkey", "-algorithm", "ed25519", "-out"]).arg(&key);
        other.run().done();
        let out = world.run("sh", &kit, &[], Accident::None);
        assert!(out.err().contains("not the key of server-cert.pem"), "{kind}\n{}", out.err());
    }
}

/// What lies beside the script is looked at before anything is changed.
#[test]
fn material_that_is_not_right_is_refused_there_too() {
    if !have_all() {
        return;
    }
    let (world, kit) = usual();
    let before = world.state();
    let refused = |says: &str| {
        let out = world.run("sh", &kit, &[], Accident::None);
        assert_eq!(out.code(), 3, "{}", out.err());
        assert!(out.err().contains(says), "{says:?} in {}", out.err());
        same(&before, &world.state(), "");
    };
    fs::write(kit.join("ca-key.pem"), "").unwrap();
    refused("never belongs on a server");
    fs::remove_file(kit.join("ca-key.pem")).unwrap();
    let key = fs::read(kit.join("server-key.pem")).unwrap();
    fs::remove_file(kit.join("server-key.pem")).unwrap();
    refused("no server-key.pem");
    fs::copy(world.sb.path("client/key.pem"), kit.join("server-key.pem")).unwrap();
    refused("not the key of server-cert.pem");
    fs::remove_file(kit.join("server-key.pem")).unwrap();
    fs::write(kit.join("server-key.pem"), key).unwrap();
    fs::remove_file(kit.join("server-cert.pem")).unwrap();
    fs::copy(world.sb.path("client/cert.pem"), kit.join("server-cert.pem")).unwrap();
    refused("server-key.pem is not the key");
    fs::remove_file(kit.join("server-key.pem")).unwrap();
    fs::copy(world.sb.path("client/key.pem"), kit.join("server-key.pem")).unwrap();
    refused("not for servers");
}

#[test]
fn shellcheck_finds_nothing() {
    if !have_all() || require("shellcheck").is_none() {
        return;
    }
    let world = World::new(&DOCKER_CE);
    let kit = world.kit(&["--bind", "::1"]);
    let check = |path: &Path| {
        world.sb.sh("shellcheck", ["-s", "sh"]).arg(path).run().ok("", "");
    };
    check(&kit.join("install.sh"));
}

/// `--insecure`: the article's first way, on the host's loopback; daemon.json is not touched where systemd listens.
#[test]
fn the_plain_way_opens_the_port_it_was_told_and_no_other() {
    if !have_all() {
        return;
    }
    let (world, _) = usual();
    let plain = world.sb.path("plain");
    world
        .sb
        .dctx(["server", "coreos", "--insecure", "--out", plain.to_str().unwrap()])
        .run()
        .done();
    assert!(!plain.join("server-key.pem").exists());
    let before = world.state();
    let out = world.run("sh", &plain, &[], Accident::None);
    assert!(
        out.done()
            .err()
            .contains("WARNING: no TLS: anyone who can reach port 2375 of 127.0.0.1 has root"),
        "{}",
        out.err()
    );
    assert_eq!(world.read("etc/docker/daemon.json"), DAEMON_JSON);
    assert!(
        world
            .read("etc/systemd/system/docker-tcp.socket")
            .contains("\nListenStream=127.0.0.1:2375\n")
    );
    world.run("dash", &plain, &["--undo"], Accident::None).done();
    same(&before, &world.state(), "");
    // where daemon.json has TLS, the port would not be plain
    world.sb.write("host/etc/docker/daemon.json", MERGED);
    let before = world.state();
    let out = world.run("sh", &plain, &[], Accident::None);
    assert_eq!(out.code(), 3, "{}", out.err());
    same(&before, &world.state(), "");
}
