//! The real dockerd, and the real systemd, do with what is installed what is promised.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use dctx::server::{Kind, Mode, Setup, json};

use super::support::certs::{Ca, Leaf};
use super::support::require::skip;
use super::support::{Sandbox, require};

/// What both tests need, and root.
fn can() -> bool {
    let programs =
        ["openssl", "docker", "dockerd", "unshare", "ip", "systemctl", "dbus-run-session"];
    if programs.into_iter().any(|program| require(program).is_none()) {
        return false;
    }
    if !rustix::process::geteuid().is_root() {
        skip("dockerd needs root");
        return false;
    }
    true
}

/// Certificates for 127.0.0.1, and the profile `lab` that goes there.
fn lab(port: u16) -> Sandbox {
    let sb = Sandbox::in_memory();
    let ca = Ca::new(sb.path("ca"));
    ca.server_dir(sb.path("server"), &Leaf::server(&["IP:127.0.0.1"]));
    let client = ca.client_dir(sb.path("client"), Some(&Leaf::CLIENT));
    let host = format!("tcp://127.0.0.1:{port}");
    sb.dctx(["add", "lab", &host, "--certs", client.to_str().unwrap()]).run().done();
    sb
}

/// The shell functions that ask the daemon at `$port`: as a client with a certificate, without one, without TLS, and locally;
/// and one that tells the files of docker and systemd by their sums.
fn asking(sb: &Sandbox, port: u16, local: &str) -> String {
    let client = sb.path("client").display().to_string();
    format!(
        "with() {{ docker -H tcp://127.0.0.1:{port} --tlsverify --tlscacert {client}/ca.pem --tlscert {client}/cert.pem --tlskey {client}/key.pem version -f in; }}\n\
         without() {{ docker -H tcp://127.0.0.1:{port} --tlsverify --tlscacert {client}/ca.pem --tlscert '' --tlskey '' version -f in; }}\n\
         plain() {{ docker -H tcp://127.0.0.1:{port} version -f in; }}\n\
         here() {{ docker -H unix://{local} version -f in; }}\n\
         files() {{ find /etc/docker /etc/systemd/system -type f -exec cksum {{}} + -o -type l -print | sort; }}\n\
         # now and then docker sees that the connection was ended before it reads why\n\
         refused() {{\n\
           for try in 1 2 3 4 5 6 7 8 9 10; do\n\
             if out=$($1 2>&1); then exit $2; fi\n\
             case $out in *\"$3\"*|*\"$4\"*) return ;; esac\n\
             case $out in *'connection reset'*|*'broken pipe'*|*EOF*|*'write: '*) ;; *) break ;; esac\n\
           done\n\
           echo \"$out\"; exit $(($2 + 1))\n\
         }}\n\
         all() {{\n\
           here || exit 11\n\
           with || exit 12\n\
           refused without 13 'tls: bad certificate' 'tls: certificate required'\n\
           refused plain 15 'HTTP request to an HTTPS server' 'HTTP request to an HTTPS server'\n\
         }}\n"
    )
}

/// A script of [`with_systemd`] came to its end.
#[track_caller]
fn ends(out: &super::support::Output, last: &str) {
    let whole = out.code() == 0 && out.out().ends_with(last);
    assert!(whole, "{}\n{}\n{}", out.code(), out.out(), out.err());
}

/// Runs `script` with the real systemd in namespaces of its own.
fn with_systemd(sb: &Sandbox, script: &str) -> Option<super::support::Output> {
    let script = sb.write("scenario.sh", script);
    let runner = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/systemd.sh");
    let args = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh"];
    let out = sb.sh("unshare", args).arg(runner).arg(sb.path("systemd")).arg(script).run();
    if out.code() == 77 || out.err().contains("unshare failed") {
        skip(&format!("systemd does not run as a user manager here:\n{}", out.err()));
        return None;
    }
    Some(out)
}

/// One install, and then the units in any order that a person, or a package's update, may start, stop and restart them in:
/// docker answers each time, at the port and locally. The order trap of a socket without the drop-in is shown to be one.
#[test]
fn systemd_starts_it_in_any_order() {
    if !can() {
        return;
    }
    let sb = lab(2376);
    let (kit, server) = (sb.path("kit"), sb.path("server"));
    let args =
        ["server", "lab", "--out", kit.to_str().unwrap(), "--certs", server.to_str().unwrap()];
    sb.dctx(args).run().done();
    let orders = [
        "restart docker.service",
        "stop docker.service; start docker.service",
        "stop docker.service docker-tcp.socket docker.socket; start docker.service",
        "stop docker.service docker-tcp.socket docker.socket; start docker.socket; start docker.service",
        "stop docker.service docker-tcp.socket docker.socket; start docker-tcp.socket; start docker.socket",
        "stop docker.service docker-tcp.socket; start docker.socket",
        "stop docker-tcp.socket; restart docker.service",
        "restart docker-tcp.socket; restart docker.service",
        "stop docker-tcp.socket; start docker-tcp.socket; restart docker.service",
        "daemon-reload; restart docker.service",
    ];
    let mut script = format!(
        "set -u\nexport PATH\n{asking}\
         do_all() {{ IFS=';'; for one in $1; do IFS=' '; systemctl reset-failed 2>/dev/null; systemctl $one 2>/dev/null; IFS=';'; done; IFS=' '; }}\n\
         files >{dir}/before\n\
         sh {kit}/install.sh || exit 20\n\
         all\n\
         sh {kit}/install.sh 2>&1 | grep -q 'docker was not restarted' || exit 21\n",
        asking = asking(&sb, 2376, "/run/docker.sock"),
        dir = sb.dir().display(),
        kit = kit.display(),
    );
    for order in orders {
        script.push_str(&format!("echo 'order: {order}'\ndo_all '{order}'\nall\n"));
    }
    script.push_str(&format!(
        "# without the drop-in a socket that is started after docker is refused\n\
         mv /etc/systemd/system/docker.service.d/10-dctx.conf {dir}/away\n\
         do_all 'daemon-reload; stop docker.service docker-tcp.socket docker.socket; start docker.service; start docker-tcp.socket'\n\
         if with 2>/dev/null; then exit 22; fi\n\
         mv {dir}/away /etc/systemd/system/docker.service.d/10-dctx.conf\n\
         do_all 'daemon-reload; restart docker.service'\n\
         all\n\
         sh {kit}/install.sh --undo || exit 23\n\
         files >{dir}/after\n\
         cmp {dir}/before {dir}/after || exit 24\n\
         here || exit 25\n\
         if with 2>/dev/null; then exit 26; fi\n\
         echo 'undone'\n",
        dir = sb.dir().display(),
        kit = kit.display(),
    ));
    let Some(out) = with_systemd(&sb, &script) else { return };
    ends(&out, "undone\n");
}

/// The whole way: dctx looks at the host, merges its daemon.json, installs, and gets in from here; then takes it all back.
#[test]
fn dctx_sets_up_a_real_host_and_takes_it_back() {
    if !can() {
        return;
    }
    let sb = lab(2376);
    sb.script(
        "bin/ssh",
        "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\nshift 2\nexec sh -c \"$*\"\n",
    );
    let script = format!(
        "set -u\n{asking}\
         PATH={bin}:$PATH\nexport HOME={home} XDG_CONFIG_HOME={home}/.config XDG_STATE_HOME={home}/.local/state\n\
         mkdir -p /etc/docker\nprintf '{{\\n    \"log-level\": \"info\"\\n}}\\n' >/etc/docker/daemon.json\n\
         cp /etc/docker/daemon.json {dir}/was\n\
         {dctx} server lab --certs {dir}/server --ssh root@127.0.0.1 --yes >/dev/null || exit 20\n\
         all\n\
         [ \"$(head -n 3 /etc/docker/daemon.json | tail -n 1)\" = '    \"tlsverify\": true,' ] || exit 21\n\
         {dctx} server lab --certs {dir}/server --ssh root@127.0.0.1 --yes 2>&1 >/dev/null | grep 'was not restarted' || exit 22\n\
         {dctx} server lab --ssh root@127.0.0.1 --yes --undo || exit 23\n\
         cmp /etc/docker/daemon.json {dir}/was || exit 24\n\
         here || exit 25\n\
         if with 2>/dev/null; then exit 26; fi\n\
         echo 'taken back'\n",
        asking = asking(&sb, 2376, "/run/docker.sock"),
        bin = sb.path("bin").display(),
        home = sb.home().display(),
        dir = sb.dir().display(),
        dctx = super::support::sandbox::dctx_bin().display(),
    );
    let Some(out) = with_systemd(&sb, &script) else { return };
    ends(&out, "taken back\n");
    assert!(
        out.err().contains("dctx: without a client certificate it is refused\n"),
        "{}",
        out.err()
    );
}

/// Two ways in which people opened the port by hand, as docker's documents and docker-machine have it: the real systemd and
/// dockerd run with what the take-over makes of them, and as before after its undo.
#[test]
fn what_was_made_by_hand_is_taken_over_and_comes_back() {
    if !can() {
        return;
    }
    let sb = lab(2376);
    let (kit, server) = (sb.path("kit"), sb.path("server"));
    let args =
        ["server", "lab", "--out", kit.to_str().unwrap(), "--certs", server.to_str().unwrap()];
    sb.dctx(args).run().done();
    let script = format!(
        "set -u\n{asking}\
         flags() {{ tr '\\0' ' ' <\"/proc/$(systemctl show -p MainPID --value docker.service)/cmdline\"; }}\n\
         d=/etc/systemd/system/docker.service.d\n\
         rest=$(sed -n 's/^ExecStart=[^ ]* -H fd:\\/\\/ //p' /etc/systemd/system/docker.service)\n\
         mkdir -p $d\n\
         try() {{\n\
           printf '[Service]\\nExecStart=\\nExecStart=%s %s %s\\n' \"$(command -v dockerd)\" \"$1\" \"$rest\" >$d/override.conf\n\
           systemctl daemon-reload; systemctl reset-failed; systemctl restart docker.service || exit 20\n\
           here || exit 21\n\
           files >{dir}/before; flags >{dir}/flags\n\
           sh {kit}/install.sh; [ $? = 3 ] || exit 22\n\
           sh {kit}/install.sh --take-over || exit 23\n\
           all\n\
           case $(flags) in *tcp:*|*--tls*) exit 24 ;; esac\n\
           sh {kit}/install.sh 2>&1 | grep -q 'docker was not restarted' || exit 25\n\
           systemctl restart docker.service; all\n\
           systemctl stop docker.service docker.socket; systemctl start docker.service; all\n\
           sh {kit}/install.sh --undo || exit 26\n\
           files >{dir}/after; cmp {dir}/before {dir}/after || exit 27\n\
           here || exit 28\n\
           [ \"$(cat {dir}/flags)\" = \"$(flags)\" ] || exit 29\n\
         }}\n\
         try '-H fd:// -H tcp://127.0.0.1:2375'\n\
         try '-H tcp://127.0.0.1:2376 -H unix:///var/run/docker.sock --tlsverify --tlscacert {server}/ca.pem --tlscert {server}/server-cert.pem --tlskey={server}/server-key.pem'\n\
         echo 'as before'\n",
        asking = asking(&sb, 2376, "/run/docker.sock"),
        dir = sb.dir().display(),
        kit = kit.display(),
        server = server.display(),
    );
    let Some(out) = with_systemd(&sb, &script) else { return };
    ends(&out, "as before\n");
}

/// The port is somebody else's, or the key is no key that dockerd takes: the real systemd and dockerd fail, and run as before.
#[test]
fn what_the_real_ones_refuse_is_put_back() {
    if !can() {
        return;
    }
    let sb = lab(2376);
    let (kit, bound, server) = (sb.path("kit"), sb.path("bound"), sb.path("server"));
    for (dir, more) in [(&kit, &[][..]), (&bound, &["--bind", "127.0.0.1"])] {
        let certs = server.to_str().unwrap();
        let args = ["server", "lab", "--out", dir.to_str().unwrap(), "--certs", certs];
        sb.dctx(args).args(more).run().done();
    }
    let script = format!(
        "set -u\n{asking}\
         files >{dir}/before\n\
         # a certificate that PEM readers take and dockerd does not\n\
         printf -- '-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n' >{dir}/bad\n\
         cp -p {kit}/ca.pem {dir}/good; rm {kit}/ca.pem; cp {dir}/bad {kit}/ca.pem\n\
         sh {kit}/install.sh; [ $? = 1 ] || exit 20\n\
         here || exit 21\n\
         files >{dir}/after; cmp {dir}/before {dir}/after || exit 22\n\
         [ ! -e /var/lib/dctx ] || exit 23\n\
         cp {dir}/good {kit}/ca.pem\n\
         # somebody else has the port: at every address that is seen, at one it is found out\n\
         printf '[Socket]\\nListenStream=127.0.0.1:2376\\nService=other.service\\n' >/etc/systemd/system/other.socket\n\
         printf '[Service]\\nExecStart=/bin/sleep 600\\n' >/etc/systemd/system/other.service\n\
         systemctl daemon-reload; systemctl start other.socket || exit 30\n\
         files >{dir}/before\n\
         was=$(systemctl show -p MainPID docker.service)\n\
         sh {kit}/install.sh; [ $? = 3 ] || exit 36\n\
         [ \"$was\" = \"$(systemctl show -p MainPID docker.service)\" ] || exit 37\n\
         sh {bound}/install.sh; [ $? = 1 ] || exit 31\n\
         here || exit 32\n\
         files >{dir}/after; cmp {dir}/before {dir}/after || exit 33\n\
         systemctl is-active --quiet docker.service || exit 34\n\
         systemctl stop other.socket; rm /etc/systemd/system/other.*\n\
         sh {kit}/install.sh || exit 35\n\
         all\n\
         echo 'as before'\n",
        asking = asking(&sb, 2376, "/run/docker.sock"),
        dir = sb.dir().display(),
        kit = kit.display(),
        bound = bound.display(),
    );
    let Some(out) = with_systemd(&sb, &script) else { return };
    ends(&out, "as before\n");
    assert!(out.err().contains("everything is as it was"), "{}", out.err());
}

/// The real systemd reads the units without a complaint, whatever the address.
#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    if require("systemd-analyze").is_none() {
        return;
    }
    let sb = Sandbox::new();
    for (bind, mode) in [
        (None, Mode::Tls),
        (Some("192.0.2.7"), Mode::Tls),
        (Some("::1"), Mode::Tls),
        (Some("127.0.0.1"), Mode::Plain),
    ] {
        let bind = bind.map(|bind| bind.parse().unwrap());
        let setup = Setup { name: "coreos".into(), mode, bind, port: 2376 };
        let unit = sb.write("units/docker-tcp.socket", setup.socket_unit());
        sb.write("units/docker.service", "[Service]\nExecStart=/bin/true\n");
        sb.write("units/docker.service.d/10-dctx.conf", setup.drop_in());
        let path = sb.path("units");
        let verify = |unit: &Path| {
            let path = format!("{}:", path.display());
            sb.sh("systemd-analyze", ["verify", "--man=no"])
                .arg(unit)
                .env("SYSTEMD_UNIT_PATH", path)
                .run()
        };
        verify(&unit).ok("", "");
        verify(&sb.path("units/docker.service")).ok("", "");
        // it would say so
        let wrong = setup.socket_unit().replace("ListenStream=", "ListenStream=tcp://");
        sb.write("units/docker-tcp.socket", wrong);
        assert!(verify(&unit).err().contains("ListenStream"), "systemd-analyze takes anything");
    }
}

/// Without `-H fd://`: hosts in daemon.json, put into what is there, and started by nothing but the real dockerd.
#[test]
fn dockerd_starts_from_the_merged_file() {
    if !can() {
        return;
    }
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let sb = lab(port);
    let at = |name: &str| sb.path(name).display().to_string();
    let present = serde_json::json!({
        "iptables": false, "ip6tables": false, "ip-forward": false, "bridge": "none",
        "data-root": at("data"), "exec-root": at("exec"), "pidfile": at("pid"),
        "hosts": [format!("unix://{}", at("docker.sock"))],
    });
    let present = serde_json::to_string_pretty(&present).unwrap();
    let bind = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let setup = Setup { name: "lab".into(), mode: Mode::Tls, bind, port };
    let merged =
        json::merged(Some(&present), &setup, Kind::Hosts, &at("server"), false).unwrap().unwrap();
    let config = sb.write("daemon.json", merged);
    let mut daemon = Daemon::start(&sb, &config);
    daemon.wait(&sb.path("docker.sock"));
    let script = format!("{}all\necho 'let in'\n", asking(&sb, port, &at("docker.sock")));
    let out = sb.sh("sh", ["-c", &script]).run();
    ends(&out, "let in\n");
}

struct Daemon {
    child: std::process::Child,
    log: PathBuf,
}

impl Daemon {
    fn start(sb: &Sandbox, config: &Path) -> Self {
        let log = sb.path("dockerd.log");
        let mut command: Command = sb.sh("dockerd", ["--config-file"]).arg(config).into_command();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(&log).unwrap());
        Daemon { child: command.spawn().unwrap(), log }
    }

    fn wait(&mut self, socket: &Path) {
        for _ in 0..900 {
            if std::os::unix::net::UnixStream::connect(socket).is_ok() {
                return;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{}", fs::read_to_string(&self.log).unwrap());
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("dockerd does not come up:\n{}", fs::read_to_string(&self.log).unwrap());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}
