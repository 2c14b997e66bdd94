//! Each kind of host gets what it needs where it needs it: a snap, Flatcar, Fedora CoreOS, OpenRC, rootless, NixOS. What is
//! written, and what is called, in every shell that may be there; and where it cannot be done rightly, that is said
//! before anything is changed.
//!
//! The hosts are stand-ins (`support/world.rs`); their units and files are those that these systems ship.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use super::support::require::skip;
use super::support::world::{Accident, DOCKER_CE, State, Variant, World, same};
use super::support::{Output, require};

/// The shells it has to run in; `sh` is whichever the system has.
const SHELLS: [&str; 4] = ["sh", "dash", "busybox ash", "bash --posix"];

const SYSTEMD: (&str, &str) = ("run/systemd/system/.keep", "");

fn have_all() -> bool {
    ["openssl", "dash", "busybox", "bash"].into_iter().all(|program| require(program).is_some())
}

/// What differs between two states of a host, but for what is at work and the copies for the way back: by path, the mode
/// of what there is now.
fn written(before: &State, after: &State) -> BTreeMap<String, u32> {
    let inside =
        |path: &str| ["run/fake", "proc", "var/lib/dctx"].iter().any(|d| path.starts_with(d));
    after
        .iter()
        .filter(|(path, now)| before.get(*path) != Some(now) && !inside(path))
        .map(|(path, (mode, _))| (path.clone(), mode & 0o7777))
        .collect()
}

/// What is written below /etc/docker where that is the place.
const ETC_DOCKER: [(&str, u32); 5] = [
    ("etc/docker", 0o755),
    ("etc/docker/ca.pem", 0o444),
    ("etc/docker/daemon.json", 0o644),
    ("etc/docker/server-cert.pem", 0o444),
    ("etc/docker/server-key.pem", 0o400),
];

#[track_caller]
fn wrote(before: &State, after: &State, wanted: &[(&str, u32)]) {
    let wanted: BTreeMap<_, _> =
        wanted.iter().map(|(path, mode)| ((*path).to_owned(), *mode)).collect();
    assert_eq!(written(before, after), wanted);
}

/// Nothing was changed and nothing was told; says these words.
#[track_caller]
fn refused(world: &World, kit: &Path, shell: &str, says: &[&str]) -> Output {
    let before = world.state();
    world.called();
    let out = world.run(shell, kit, &[], Accident::None);
    assert_eq!(out.code(), 3, "{shell}\n{}", out.err());
    for text in says {
        assert!(out.err().contains(text), "{shell}: {text:?} in\n{}", out.err());
    }
    same(&before, &world.state(), shell);
    assert_eq!(world.called(), [""; 0], "{shell}");
    out
}

// ------------------------------------------------------------------------------------------------------------------ snap

/// The unit that snapd makes; what the daemon is given, its wrapper within the snap knows alone.
const SNAP_UNIT: (&str, &str) = (
    "etc/systemd/system/snap.docker.dockerd.service",
    "[Unit]\nDescription=Service for snap application docker.dockerd\nWants=network.target\nAfter=snap-docker-2893.mount network.target\n\
     [Service]\nEnvironmentFile=-/etc/environment\nExecStart=/usr/bin/snap run docker.dockerd\nSyslogIdentifier=docker.dockerd\nRestart=on-failure\nWorkingDirectory=/var/snap/docker/2893\nTimeoutStopSec=30\nType=simple\n",
);
const SNAP_JSON: &str = "{\n    \"log-level\":        \"error\"\n}\n";
const SNAP: Variant = Variant {
    files: &[SYSTEMD, SNAP_UNIT, ("var/snap/docker/2893/config/daemon.json", SNAP_JSON)],
    version: "28.2.2",
};

fn tell(world: &World, args: &[&str]) {
    let systemctl = world.sb.path("hostbin/systemctl");
    world.sb.sh(systemctl, args).env("DCTX_ROOT", &world.root).run().done();
}

fn snap() -> World {
    let world = World::new(&SNAP);
    symlink("2893", world.root.join("var/snap/docker/current")).unwrap();
    tell(&world, &["daemon-reload"]);
    tell(&world, &["restart", "snap.docker.dockerd.service"]);
    world.called();
    world
}

/// Its own daemon.json; the certificates where the snap may read and others may not; its service; and what was installed is
/// taken back in whichever revision is there by then.
#[test]
fn a_snap_has_everything_where_it_may_read() {
    if !have_all() {
        return;
    }
    for shell in SHELLS {
        let world = snap();
        // a dockerd beside it, of whatever version, has no say
        world.heard("dockerd", "exit 1");
        let kit = world.kit(&[]);
        let before = world.state();
        world.run(shell, &kit, &[], Accident::None).done();
        let etc = "var/snap/docker/2893/etc";
        wrote(
            &before,
            &world.state(),
            &[
                ("var/snap/docker/2893/config/daemon.json", 0o644),
                (etc, 0o755),
                (&format!("{etc}/docker"), 0o755),
                (&format!("{etc}/docker/ca.pem"), 0o444),
                (&format!("{etc}/docker/server-cert.pem"), 0o444),
                (&format!("{etc}/docker/server-key.pem"), 0o400),
            ],
        );
        assert_eq!(
            world.read("var/snap/docker/current/config/daemon.json"),
            "{\n  \"tlsverify\": true,\n  \
             \"tlscacert\": \"/var/snap/docker/current/etc/docker/ca.pem\",\n  \
             \"tlscert\": \"/var/snap/docker/current/etc/docker/server-cert.pem\",\n  \
             \"tlskey\": \"/var/snap/docker/current/etc/docker/server-key.pem\",\n  \
             \"hosts\": [\"unix:///var/run/docker.sock\", \"tcp://0.0.0.0:2376\"],\n    \
             \"log-level\":        \"error\"\n}\n"
        );
        assert_eq!(
            world.called(),
            ["systemctl daemon-reload", "systemctl restart snap.docker.dockerd.service"]
        );
        let after = world.state();
        let again = world.run(shell, &kit, &[], Accident::None);
        assert!(again.done().err().contains("docker was not restarted"), "{}", again.err());
        same(&after, &world.state(), shell);

        // snapd brings the next revision, with a copy of the data; later the old one goes
        let snaps = world.root.join("var/snap/docker");
        let copied =
            world.sb.sh("cp", ["-a"]).arg(snaps.join("2893")).arg(snaps.join("2932")).run();
        copied.done();
        fs::remove_file(snaps.join("current")).unwrap();
        symlink("2932", snaps.join("current")).unwrap();
        fs::remove_dir_all(snaps.join("2893")).unwrap();
        world.run(shell, &kit, &[], Accident::None).done();
        world.run(shell, &kit, &["--undo"], Accident::None).done();
        assert_eq!(world.read("var/snap/docker/2932/config/daemon.json"), SNAP_JSON, "{shell}");
        assert!(!snaps.join("2932/etc").exists());
    }
}

/// Where the machine has docker.service too, the one that runs is meant.
#[test]
fn of_a_snap_and_a_package_the_one_that_runs_is_meant() {
    if !have_all() {
        return;
    }
    let world = World::new(&DOCKER_CE);
    world.sb.write(Path::new("host").join(SNAP_UNIT.0), SNAP_UNIT.1);
    world.sb.write("host/var/snap/docker/2893/config/daemon.json", SNAP_JSON);
    symlink("2893", world.root.join("var/snap/docker/current")).unwrap();
    let is = |config: &str, unit: &str| {
        let kit = world.sb.path("kit");
        let report = world.run("dash", &kit, &["--look"], Accident::None).done().out();
        assert!(report.contains(&format!("\nunit={unit}\n")), "{report}");
        assert!(report.contains(&format!("\nconfig={config}\n")), "{report}");
    };
    world.kit(&[]);
    is("/etc/docker/daemon.json", "docker.service");
    tell(&world, &["restart", "snap.docker.dockerd.service"]);
    is("/var/snap/docker/current/config/daemon.json", "snap.docker.dockerd.service");
    tell(&world, &["restart", "docker.service"]);
    is("/etc/docker/daemon.json", "docker.service");
}

/// A snap that has been removed, and whose unit is still there.
#[test]
fn a_snap_without_its_data_is_told_of() {
    if !have_all() {
        return;
    }
    let world = World::new(&Variant { files: &[SYSTEMD, SNAP_UNIT], version: "" });
    let kit = world.kit(&[]);
    refused(&world, &kit, "dash", &["there is no /var/snap/docker/current/config"]);
}

// -------------------------------------------------------------------------------------------------------------- rootless

/// A user's own docker is running there.
fn own_socket(world: &World) -> UnixListener {
    let dir = world.root.join("run/user/1000");
    fs::create_dir_all(&dir).unwrap();
    UnixListener::bind(dir.join("docker.sock")).unwrap()
}

const BY_SSH: &str = "dctx edit coreos --host ssh://USER@HOST/run/user/1000/docker.sock";

/// Rootless docker is not set up by a script of root's: it is told what to do instead. docker-ce brings `dockerd-rootless.sh`
/// along, so that it is there says nothing; and where the machine's own docker runs, or is started on demand, that is meant.
#[test]
fn rootless_is_told_of_and_the_machines_own_is_not_woken() {
    if !have_all() {
        return;
    }
    for shell in SHELLS {
        // no docker of the machine's own at all
        let world = World::new(&Variant { files: &[SYSTEMD], version: "28.2.2" });
        let kit = world.kit(&[]);
        refused(&world, &kit, shell, &["systemd knows no docker.service"]);
        world.program("dockerd-rootless.sh", "");
        refused(
            &world,
            &kit,
            shell,
            &["docker runs rootless here", "ssh://USER@HOST/run/user/UID/docker.sock"],
        );
        let _socket = own_socket(&world);
        let out = refused(
            &world,
            &kit,
            shell,
            &["docker runs rootless here (/run/user/1000/docker.sock)", BY_SSH],
        );
        assert!(!out.err().contains("sudo"), "{}", out.err());

        // docker-ce is installed, and was turned off, as the documents of rootless docker say
        let world = World::new(&DOCKER_CE);
        world.program("dockerd-rootless.sh", "");
        let kit = world.kit(&[]);
        let socket = own_socket(&world);
        refused(
            &world,
            &kit,
            shell,
            &["docker runs rootless here (/run/user/1000/docker.sock)", BY_SSH],
        );
        let report = world.run(shell, &kit, &["--look"], Accident::None).done().out();
        assert!(report.contains("\nrootless=/run/user/1000/docker.sock\n"), "{report}");
        // both run; or the machine's is started by who connects
        for sign in [
            "run/fake/active/docker.socket",
            "run/fake/enabled/docker.service",
            "run/fake/enabled/docker.socket",
        ] {
            world.sb.write(Path::new("host").join(sign), "");
            let report = world.run(shell, &kit, &["--look"], Accident::None).done().out();
            assert!(report.contains("\nrootless=\n"), "{sign}\n{report}");
            fs::remove_file(world.root.join(sign)).unwrap();
        }
        world.start_docker();
        world.run(shell, &kit, &[], Accident::None).done();
        drop(socket);
    }
    let world = World::new(&Variant { files: &[("run/user/.keep", "")], version: "28.2.2" });
    let kit = world.kit(&[]);
    let _socket = own_socket(&world);
    refused(&world, &kit, "dash", &["docker runs rootless here", BY_SSH]);
}

/// The user of a rootless docker is not sent for root first.
#[test]
fn who_is_not_root_is_not_sent_for_sudo_in_vain() {
    if !have_all() {
        return;
    }
    let world = World::new(&DOCKER_CE);
    let kit = world.kit(&[]);
    // on this machine, as somebody else than root: it ends before it does anything
    world.program("id", "echo 1000");
    let run = |args: &[&str]| {
        let out = world
            .sb
            .sh(super::support::require::find("dash").unwrap(), [kit.join("install.sh")])
            .args(args)
            .env("PATH", world.sb.path("hostbin"))
            .run();
        assert_eq!(out.code(), 3, "{}", out.err());
        out.err()
    };
    if Path::new("/run/systemd/system").exists() {
        skip("this machine's systemd would answer");
        return;
    }
    assert!(
        run(&[]).contains("this needs root\n            sudo sh [SB]/kit/install.sh\n"),
        "{}",
        run(&[])
    );
    assert!(run(&["--undo"]).contains("sudo sh [SB]/kit/install.sh --undo\n"));
    let _socket = UnixListener::bind(world.sb.runtime().join("docker.sock")).unwrap();
    let said = run(&[]);
    assert!(said.contains("docker runs rootless here") && !said.contains("sudo"), "{said}");
}

// --------------------------------------------------------------------------------------------------------------- Flatcar

const FLATCAR_UNIT: &str = "[Unit]\nRequires=containerd.service docker.socket\n[Service]\nType=notify\n\
    EnvironmentFile=-/run/flannel/flannel_docker_opts.env\nEnvironment=DOCKER_SELINUX=--selinux-enabled=true\n\
    ExecStart=/usr/bin/dockerd --host=fd:// --containerd=/run/containerd/containerd.sock $DOCKER_SELINUX $DOCKER_OPTS $DOCKER_CGROUPS $DOCKER_OPT_BIP $DOCKER_OPT_MTU $DOCKER_OPT_IPMASQ\n";
/// As it was with torcx.
const TORCX_UNIT: &str = "[Service]\nType=notify\nEnvironment=TORCX_IMAGEDIR=/docker\n\
    ExecStart=/usr/bin/env PATH=${TORCX_BINDIR}:${PATH} ${TORCX_BINDIR}/dockerd --host=fd:// --containerd=/var/run/docker/libcontainerd/docker-containerd.sock $DOCKER_SELINUX $DOCKER_OPTS\n";
const FLATCAR: &str = "usr/lib/systemd/system/docker.service";

fn flatcar(unit: &'static str) -> World {
    let world = World::new(&Variant { files: &[SYSTEMD], version: "28.0.4" });
    world.sb.write(Path::new("host").join(FLATCAR), unit);
    tell(&world, &["daemon-reload"]);
    world
}

/// /usr is not written to: the units are in /etc, beside a drop-in and not instead of a unit.
#[test]
fn flatcar_gets_units_in_etc_alone() {
    if !have_all() {
        return;
    }
    for (shell, unit) in SHELLS.into_iter().zip([FLATCAR_UNIT, TORCX_UNIT].into_iter().cycle()) {
        let world = flatcar(unit);
        let kit = world.kit(&[]);
        world.called();
        let before = world.state();
        world.run(shell, &kit, &[], Accident::None).done();
        wrote(
            &before,
            &world.state(),
            &[
                &ETC_DOCKER[..],
                &[
                    ("etc/systemd/system/docker-tcp.socket", 0o644),
                    ("etc/systemd/system/docker.service.d", 0o755),
                    ("etc/systemd/system/docker.service.d/10-dctx.conf", 0o644),
                    ("etc/systemd/system/sockets.target.wants", 0o755),
                    ("etc/systemd/system/sockets.target.wants/docker-tcp.socket", 0o777),
                ],
            ]
            .concat(),
        );
        assert!(!world.read("etc/docker/daemon.json").contains("hosts"));
        assert_eq!(
            world.called(),
            [
                "systemctl daemon-reload",
                "systemctl enable --quiet docker-tcp.socket",
                "systemctl restart docker.service"
            ]
        );
        world.run(shell, &kit, &["--undo"], Accident::None).done();
        let told = [
            "systemctl disable docker-tcp.socket",
            "systemctl stop docker-tcp.socket",
            "systemctl daemon-reload",
            "systemctl restart docker.service",
        ];
        assert_eq!(world.called(), told);
    }
}

/// Who followed Flatcar's own documents has the flags in a drop-in and another socket on the port: both are told, and no
/// running container is stopped to find that out.
#[test]
fn flatcars_own_way_is_told_of_before_anything_stops() {
    if !have_all() {
        return;
    }
    let world = flatcar(FLATCAR_UNIT);
    let kit = world.kit(&[]);
    world.sb.write(
        "host/etc/systemd/system/docker.service.d/10-tls-verify.conf",
        "[Service]\nEnvironment=\"DOCKER_OPTS=--tlsverify --tlscacert=/etc/docker/ca.pem --tlscert=/etc/docker/server.pem --tlskey=/etc/docker/server-key.pem\"\n",
    );
    for shell in SHELLS {
        refused(
            &world,
            &kit,
            shell,
            &[
                "stand in the way: --tlsverify --tlscacert /etc/docker/ca.pem",
                "they are in /etc/systemd/system/docker.service.d/10-tls-verify.conf\n",
            ],
        );
    }
    fs::remove_dir_all(world.root.join("etc/systemd/system/docker.service.d")).unwrap();
    let taken = "   0: 00000000:0948 00000000:0000 0A 0\n";
    world.sb.write("host/proc/net/tcp6", taken);
    for shell in SHELLS {
        refused(&world, &kit, shell, &["port 2376 is taken", "ss -ltnp 'sport = :2376'"]);
    }
    // on another port, or at an address of its own, it may go beside it
    let other = world.sb.path("other");
    let certs = world.sb.path("server");
    world.out(&other, certs.to_str().unwrap(), &["--port", "2377"]).done();
    world.run("dash", &other, &[], Accident::None).done();
    // an own port that is moved onto one that is taken
    refused(&world, &kit, "dash", &["port 2376 is taken"]);
    world.run("dash", &other, &["--undo"], Accident::None).done();
    let bound = world.sb.path("bound");
    world.out(&bound, certs.to_str().unwrap(), &["--bind", "192.0.2.7"]).done();
    world.run("dash", &bound, &[], Accident::None).done();
}

// ----------------------------------------------------------------------------------------------- Fedora CoreOS, and SELinux

/// moby-engine: flags in /etc/sysconfig/docker, started by who connects.
const FCOS: Variant = Variant {
    files: &[
        SYSTEMD,
        (
            "usr/lib/systemd/system/docker.service",
            "[Unit]\nRequires=docker.socket containerd.service\n[Service]\nType=notify\nEnvironmentFile=-/etc/sysconfig/docker\nEnvironmentFile=-/etc/sysconfig/docker-storage\nExecStart=/usr/bin/dockerd --host=fd:// --exec-opt native.cgroupdriver=systemd $OPTIONS\n",
        ),
        (
            "etc/sysconfig/docker",
            "# Modify these options if you want to change the way the docker daemon runs\nOPTIONS=\"--selinux-enabled \\\n  --log-driver=journald \\\n  --live-restore \\\n  --default-ulimit nofile=1024:1024 \\\n  --init-path /usr/libexec/docker/docker-init \\\n  --userland-proxy-path /usr/libexec/docker/docker-proxy\"\n",
        ),
        // what others have there keeps its labels
        ("etc/docker/key.json", "{}"),
    ],
    version: "27.3.1",
};

fn selinux(world: &World, enforcing: bool) {
    world.program("selinuxenabled", "exit 0");
    world.program("getenforce", if enforcing { "echo Enforcing" } else { "echo Permissive" });
}

/// What is written gets its label before docker is started again, each file by its name; what lies beside it is left alone.
#[test]
fn selinux_labels_what_is_written_and_nothing_else() {
    if !have_all() {
        return;
    }
    for shell in SHELLS {
        let world = World::new(&FCOS);
        let kit = world.kit(&[]);
        selinux(&world, true);
        refused(&world, &kit, shell, &["SELinux is enforcing here", "policycoreutils"]);
        world.heard("restorecon", "");
        let root = world.root.display().to_string();
        let label = |path: &str| format!("restorecon {root}/{path}");
        let unit = "etc/systemd/system/docker.service.d";
        let all = [
            "etc/docker/ca.pem",
            "etc/docker/server-cert.pem",
            "etc/docker/server-key.pem",
            "etc/docker/daemon.json",
            "etc/systemd/system/docker-tcp.socket",
            &format!("{unit}/10-dctx.conf"),
            unit,
        ]
        .map(label);
        world.run(shell, &kit, &[], Accident::None).done();
        let told = world.called();
        assert_eq!(told[..7], all, "{shell}");
        assert_eq!(told[7], "systemctl daemon-reload");
        assert_eq!(told.last().unwrap(), "systemctl restart docker.service");
        world.run(shell, &kit, &["--undo"], Accident::None).done();
        assert!(world.read("etc/docker/key.json") == "{}");

        // labels that cannot be set are no reason to go on without them
        world.heard("restorecon", "exit 1");
        world.called();
        let before = world.state();
        let out = world.run(shell, &kit, &[], Accident::None);
        assert_eq!(out.code(), 1, "{}", out.err());
        assert!(
            !world.called().iter().any(|line| line.contains("restart docker")),
            "{}",
            out.err()
        );
        same(&before, &world.state(), shell);
    }
    // where it only watches, as on Flatcar, nothing is missing
    let world = World::new(&FCOS);
    let kit = world.kit(&[]);
    selinux(&world, false);
    world.run("dash", &kit, &[], Accident::None).done();
}

// ---------------------------------------------------------------------------------------------------------------- OpenRC

const OPENRC: Variant = Variant {
    files: &[
        (
            "etc/init.d/docker",
            "#!/sbin/openrc-run\nsupervisor=supervise-daemon\nname=\"Docker Daemon\"\ncommand=\"${DOCKERD_BINARY:-/usr/bin/dockerd}\"\ncommand_args=\"${DOCKER_OPTS}\"\n",
        ),
        (
            "etc/conf.d/docker",
            "# /etc/conf.d/docker: config file for /etc/init.d/docker\n#DOCKER_LOGFILE=\"/var/log/docker.log\"\n# any other random options you want to pass to docker\nDOCKER_OPTS=\"\"\n",
        ),
    ],
    version: "28.2.2",
};

/// Alpine: `hosts` in daemon.json, one restart of the service, no unit of systemd's anywhere, and the service's own files
/// as they were.
#[test]
fn openrc_gets_hosts_and_one_restart() {
    if !have_all() {
        return;
    }
    for shell in SHELLS {
        let world = World::new(&OPENRC);
        fs::remove_dir_all(world.root.join("etc/systemd")).unwrap();
        let kit = world.kit(&["--bind", "192.0.2.7"]);
        world.start_docker();
        world.called();
        let before = world.state();
        world.run(shell, &kit, &[], Accident::None).done();
        wrote(&before, &world.state(), &ETC_DOCKER);
        assert!(world.read("etc/docker/daemon.json").contains(
            "  \"hosts\": [\"unix:///var/run/docker.sock\", \"tcp://192.0.2.7:2376\"]\n"
        ));
        assert_eq!(world.called(), ["rc-service docker restart"]);
        let again = world.run(shell, &kit, &[], Accident::None);
        assert!(again.done().err().contains("docker was not restarted"));
        assert_eq!(world.called(), [""; 0]);
        world.run(shell, &kit, &["--undo"], Accident::None).done();
        assert_eq!(world.called(), ["rc-service docker restart"]);
        same(&before, &world.state(), shell);
        // flags that somebody wrote into the service itself, as many a recipe says
        world.sb.write(
            "host/etc/init.d/docker",
            "#!/sbin/openrc-run\nDOCKER_OPTS=\"-H unix:///var/run/docker.sock -H tcp://0.0.0.0:2375\"\ncommand=\"${DOCKERD_BINARY:-/usr/bin/dockerd}\"\n",
        );
        refused(
            &world,
            &kit,
            shell,
            &["stand in the way: -H unix:///var/run/docker.sock -H tcp://0.0.0.0:2375"],
        );
    }
}

/// `hosts` on a port that somebody else has.
#[test]
fn a_taken_port_is_told_of_where_dockerd_listens_itself() {
    if !have_all() {
        return;
    }
    let world = World::new(&OPENRC);
    let kit = world.kit(&[]);
    world.start_docker();
    world.sb.write("host/proc/net/tcp6", "   0: 00000000:0948 00000000:0000 0A 0\n");
    for shell in SHELLS {
        refused(&world, &kit, shell, &["port 2376 is taken"]);
    }
    fs::remove_file(world.root.join("proc/net/tcp6")).unwrap();
    world.run("dash", &kit, &[], Accident::None).done();
    // its own port is not
    fs::remove_file(world.root.join("etc/docker/ca.pem")).unwrap();
    world.run("dash", &kit, &[], Accident::None).done();
}

// ----------------------------------------------------------------------------------------------------------------- NixOS

/// daemon.json and the units are made from a configuration, on a file system that is read-only.
#[test]
fn a_read_only_place_is_told_of_before_anything_is_changed() {
    if !have_all() || require("unshare").is_none() || require("mount").is_none() {
        return;
    }
    let world = World::new(&Variant {
        files: &[
            SYSTEMD,
            (
                "usr/lib/systemd/system/docker.service",
                "[Service]\nExecStart=/nix/store/abc-docker/bin/dockerd --config-file=/nix/store/def-daemon.json -H fd://\n",
            ),
            ("nix/store/def-daemon.json", "{\"live-restore\": true}\n"),
        ],
        version: "28.2.2",
    });
    let kit = world.kit(&[]);
    let before = world.state();
    let read_only: PathBuf = world.root.join("nix/store");
    for shell in SHELLS {
        let line = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" || exit 77\nshift\nexec \"$@\"";
        let store = read_only.to_str().unwrap();
        let out = world
            .sb
            .sh("unshare", ["--mount", "sh", "-c", line, "sh", store, "env"])
            .arg(format!("PATH={}", world.sb.path("hostbin").display()))
            .arg(format!("DCTX_ROOT={}", world.root.display()))
            .args(shell.split(' ').enumerate().map(|(n, word)| match n {
                0 => super::support::require::find(word).unwrap().display().to_string(),
                _ => word.to_owned(),
            }))
            .arg(kit.join("install.sh"))
            .run();
        if out.code() == 77 || out.err().contains("unshare failed") {
            skip(&format!("no mount of its own here:\n{}", out.err()));
            return;
        }
        assert_eq!(out.code(), 3, "{shell}\n{}", out.err());
        assert!(
            out.err().contains("/nix/store, where /nix/store/ca.pem has to be"),
            "{shell}\n{}",
            out.err()
        );
        same(&before, &world.state(), shell);
    }
}
