//! `server` writes and says what a host needs, refuses what is not fit for it, and lets no key out.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::support::certs::{Ca, EXPIRED, Leaf, VALID};
use super::support::world::{Accident, DOCKER_CE, World, same};
use super::support::{Output, Sandbox, require};

/// A sandbox with the profile `coreos`, its client's certificates, and `server` for the host.
fn ready(host: &str, server: &Leaf<'_>) -> Option<Sandbox> {
    require("openssl")?;
    let sb = Sandbox::new();
    let ca = Ca::new(sb.path("ca"));
    ca.server_dir(sb.path("server"), server);
    let client = ca.client_dir(sb.path("client"), Some(&Leaf::CLIENT));
    let add = ["add", "coreos", host, "--certs", client.to_str().unwrap()];
    sb.dctx(add).run().done();
    Some(sb)
}

const RIGHT: &[&str] = &["IP:192.0.2.7", "DNS:*.example.com"];

fn server(sb: &Sandbox, args: &[&str]) -> Output {
    sb.dctx(["server", "coreos"]).args(args).run()
}

#[test]
fn prints_the_script_and_says_how_to_run_it() {
    let Some(sb) = ready("tcp://192.0.2.7:2376", &Leaf::server(RIGHT)) else { return };
    let out = server(&sb, &[]);
    out.done();
    assert!(out.out().starts_with("#!/bin/sh\n"), "{}", out.out());
    assert!(out.out().contains("\nname='coreos'\nmode='tls'\nbind=''\nport='2376'\njson_for=''\n"));
    assert_eq!(
        out.err(),
        "dctx: this script makes docker on coreos listen on port 2376 of every address, for clients with a certificate only; it contains no secret, and needs ca.pem, server-cert.pem and server-key.pem beside it\n\
         to run it there: dctx server coreos --ssh root@192.0.2.7\n\
         to have everything in a directory: dctx server coreos --out DIR\n"
    );
    let out = sb
        .dctx(["server", "coreos", "--bind", "::1", "--port", "4243"])
        .env("DCTX_LANG", "zh")
        .run();
    assert!(out.done().out().contains("\nbind='[::1]'\nport='4243'\n"));
    assert!(
        out.err().starts_with("dctx: 该脚本使 coreos 上的 docker 监听[::1]的 4243 端口"),
        "{}",
        out.err()
    );
    // what was asked for is in what is hinted at
    assert!(
        out.err().contains("dctx server coreos --ssh root@192.0.2.7 --bind ::1 --port 4243\n"),
        "{}",
        out.err()
    );
}

#[test]
fn writes_everything_with_the_right_modes() {
    let Some(sb) = ready("tcp://192.0.2.7:2376", &Leaf::server(RIGHT)) else { return };
    let server_dir = sb.path("server");
    let certs = ["--certs", server_dir.to_str().unwrap()];
    let kit = sb.path("kit");
    let args = [&["--out", kit.to_str().unwrap()][..], &certs].concat();
    // a wide umask opens nothing
    sb.sh("sh", ["-c", "umask 000; exec dctx server coreos \"$@\"", "sh"]).args(&args).run().done();
    assert_eq!(fs::metadata(&kit).unwrap().permissions().mode() & 0o7777, 0o700);
    let mut has: Vec<(String, u32)> = fs::read_dir(&kit)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o7777;
            (entry.file_name().into_string().unwrap(), mode)
        })
        .collect();
    has.sort();
    let wanted = [
        ("10-dctx.conf", 0o644),
        ("ca.pem", 0o444),
        ("daemon.json", 0o644),
        ("docker-tcp.socket", 0o644),
        ("install.sh", 0o755),
        ("server-cert.pem", 0o444),
        ("server-key.pem", 0o400),
    ];
    assert_eq!(has, wanted.map(|(name, mode)| (name.to_owned(), mode)));
    for name in ["ca.pem", "server-cert.pem", "server-key.pem"] {
        assert_eq!(fs::read(kit.join(name)).unwrap(), fs::read(server_dir.join(name)).unwrap());
    }
    // what is there is not written over
    let again = server(&sb, &args);
    assert_eq!(again.code(), 1);
    assert!(again.err().contains("[SB]/kit exists already"), "{}", again.err());

    // a daemon.json that was fetched gets the keys, and is remembered as it was
    let present = sb.write("fetched.json", "{\"debug\": true}\n");
    let kit = sb.path("kit2");
    let args =
        [&["--out", kit.to_str().unwrap(), "--daemon-json", present.to_str().unwrap()][..], &certs];
    server(&sb, &args.concat()).done();
    let json = fs::read_to_string(kit.join("daemon.json")).unwrap();
    assert!(json.starts_with("{\"debug\": true, \"tlsverify\": true, "), "{json}");
    assert_eq!(fs::read(kit.join("daemon.json.was")).unwrap(), fs::read(&present).unwrap());
    assert!(fs::read_to_string(kit.join("install.sh")).unwrap().contains("\njson_for='socket'\n"));
}

/// Without `--certs` those that dctx made for this profile are taken, else those beside the client's.
#[test]
fn finds_the_certificates_it_made() {
    let Some(sb) = ready("tcp://192.0.2.7:2376", &Leaf::server(RIGHT)) else { return };
    let out = server(&sb, &["--out", "kit"]);
    assert_eq!(out.code(), 4);
    assert!(
        out.err().contains("dctx: there is no [SB]/home/.local/share/dctx/certs/coreos/server/"),
        "{}",
        out.err()
    );
    // the profile has certificates: new ones would be another CA's
    assert!(
        out.err().ends_with("server-key.pem: dctx server coreos --certs DIR\n"),
        "{}",
        out.err()
    );
    assert!(!out.err().contains("cert new"), "{}", out.err());
    assert!(!sb.work().join("kit").exists());
    for file in ["server-cert.pem", "server-key.pem"] {
        fs::copy(sb.path("server").join(file), sb.path("client").join(file)).unwrap();
    }
    server(&sb, &["--out", "kit"]).done();
    let own = sb.data().join("dctx/certs/coreos/server");
    let other = Ca::with("another", VALID, sb.path("other"));
    other.server_dir(&own, &Leaf::server(RIGHT));
    server(&sb, &["--out", "kit2"]).done();
    assert_eq!(fs::read(sb.work().join("kit2/ca.pem")).unwrap(), fs::read(other.pem()).unwrap());
}

#[test]
fn what_is_not_fit_for_the_host_is_refused() {
    let late = Leaf { dates: EXPIRED, ..Leaf::server(RIGHT) };
    let Some(sb) = ready("tcp://192.0.2.7:2376", &late) else { return };
    let ca = Ca::with("again", VALID, sb.path("again"));
    ca.server_dir(sb.path("named"), &Leaf::server(&["DNS:coreos1", "IP:192.0.2.8"]));
    ca.server_dir(sb.path("good"), &Leaf::server(RIGHT));
    let refused = |dir: &str, code: i32, says: &str| {
        let dir = sb.path(dir);
        let out = server(&sb, &["--out", "kit", "--certs", dir.to_str().unwrap()]);
        assert_eq!(out.code(), code, "{}", out.err());
        assert!(out.err().contains(says), "{says:?} in {}", out.err());
        assert!(!sb.work().join("kit").exists());
    };
    refused("server", 4, "server/server-cert.pem expired ");
    refused(
        "named",
        4,
        "is valid for \"DNS:coreos1, IP:192.0.2.8\", not for 192.0.2.7, which is the profile's address",
    );
    let key = sb.path("good/server-key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    refused("good", 4, "chmod 0400 [SB]/good/server-key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let encrypted = sb.path("good/encrypted");
    sb.sh("openssl", ["pkcs8", "-topk8", "-passout", "pass:secret", "-in"])
        .arg(&key)
        .arg("-out")
        .arg(&encrypted)
        .run()
        .done();
    fs::rename(&encrypted, &key).unwrap();
    refused("good", 4, "has a passphrase, and dockerd cannot ask for it");
    fs::write(&key, "").unwrap();
    refused("good", 4, "contains no private key");
    fs::write(sb.path("good/ca.pem"), "nothing").unwrap();
    fs::copy(sb.path("again/ca-key.pem"), &key).unwrap();
    refused("good", 4, "ca.pem contains no certificate");

    sb.dctx(["edit", "coreos", "--host", "tcp://a.b.example.com"]).run().done();
    ca.server_dir(sb.path("wild"), &Leaf::server(RIGHT));
    refused("wild", 4, "not for a.b.example.com");
    sb.dctx(["edit", "coreos", "--host", "tcp://A.example.com"]).run().done();
    let out = server(&sb, &["--out", "kit", "--certs", sb.path("wild").to_str().unwrap()]);
    out.done();
}

/// The command that is hinted at for want of certificates is typed, and then everything is there.
#[test]
fn what_is_hinted_at_for_want_of_certificates_makes_them() {
    let sb = Sandbox::new();
    for (name, more) in [("plain", &[][..]), ("system", &["--tls", "system"])] {
        sb.dctx(["add", name, "tcp://192.0.2.7:2376"]).args(more).run().done();
        let kit = ["server", name, "--out", name];
        let out = sb.dctx(kit).run();
        assert!(matches!(out.code(), 2 | 4), "{}", out.err());
        let hint = format!("dctx cert new {name}");
        let line = out.err().lines().find(|line| line.ends_with(&hint)).map(str::to_owned);
        assert!(line.is_some_and(|line| line.starts_with("hint: make ")), "{}", out.err());
        // the passphrase is asked for on a terminal, which is not here
        sb.sh("sh", ["-c", &format!("{hint} --no-passphrase")]).run().done();
        sb.dctx(kit).run().done();
    }
    // once they are there and have lost the server's, it is no use any more
    fs::remove_dir_all(sb.data().join("dctx/certs/plain/server")).unwrap();
    let out = sb.dctx(["server", "plain", "--out", "again"]).run();
    assert_eq!(out.code(), 4);
    assert!(!out.err().contains("cert new"), "{}", out.err());
}

#[test]
fn profiles_that_need_nothing_or_have_no_tls() {
    let sb = Sandbox::new();
    for (name, host) in [
        ("pi", "ssh://pi@raspberrypi:2222"),
        ("here", "unix:///var/run/docker.sock"),
        ("old", "tcp://192.0.2.9"),
    ] {
        sb.dctx(["add", name, host]).run().done();
    }
    sb.dctx(["server", "pi"]).run().ok(
        "",
        "dctx: pi goes through ssh: the daemon there needs no change, and no port is opened\n\
         the user has to be in the group docker there, which amounts to root: sudo usermod -aG docker pi\n\
         whether it works: ssh -p 2222 pi@raspberrypi docker version\n",
    );
    let out = sb.dctx(["server", "here"]).run();
    out.is(2, "", "dctx: here is a socket of this machine: nothing has to be set up for it\n");
    let out = sb.dctx(["server", "old"]).run();
    out.is(
        2,
        "",
        "dctx: old has no TLS: anyone who can reach its port would have root on that host\n\
         hint: make certificates for it: dctx cert new old\n\
         hint: or, where there are some: dctx edit old --certs DIR\n\
         hint: or, on the host's loopback alone: dctx server old --insecure\n",
    );
    // plain stays on loopback unless somebody means it, and is warned of each time
    let out = sb.dctx(["server", "old", "--insecure"]).run();
    assert!(out.done().out().contains("\nmode='plain'\nbind='127.0.0.1'\nport='2375'\n"));
    assert!(
        out.err().starts_with("dctx: no TLS: anyone who can log in on that host"),
        "{}",
        out.err()
    );
    assert!(out.err().contains("ssh -NL 2375:127.0.0.1:2375 root@192.0.2.9 &"), "{}", out.err());
    let out = sb.dctx(["server", "old", "--insecure", "--bind", "0.0.0.0"]).run();
    assert_eq!((out.code(), out.data().as_str()), (7, ""), "{}", out.err());
    let out = sb.dctx(["-q", "server", "old", "--insecure", "--bind", "0.0.0.0", "--force"]).run();
    assert!(out.done().out().contains("\nbind='0.0.0.0'\n"));
    assert!(
        out.err().starts_with("dctx: no TLS: anyone who can reach 0.0.0.0:2375 has root"),
        "{}",
        out.err()
    );
}

/// Stands in for ssh and the way to the host: what comes after `--` and the host's name is run by a shell there, as sshd
/// does. Looks at every process's arguments and environment, as anybody on either machine may.
fn ssh(world: &World) {
    let (root, bin, seen) = (world.root.display(), world.sb.path("hostbin"), world.sb.path("seen"));
    world.sb.script(
        "bin/ssh",
        &format!(
            "#!/bin/sh\necho \"ssh $*\" >>{seen}\nwhile [ \"$1\" != -- ]; do shift; done\nshift\n[ \"$1\" != nowhere ] || {{ echo 'ssh: connect to host nowhere port 22: No route to host' >&2; exit 255; }}\nshift\n\
             {look}\nDCTX_ROOT={root} PATH={bin} sh -c \"$*\"\n",
            look = look(world),
            bin = bin.display(),
            seen = seen.display(),
        ),
    );
}

/// A piece of shell that writes down what all processes show.
fn look(world: &World) -> String {
    let seen = world.sb.path("seen").display().to_string();
    format!(
        "for p in /proc/[0-9]*; do /usr/bin/tr '\\0' '\\n' <$p/cmdline; /usr/bin/tr '\\0' '\\n' <$p/environ; done >>{seen} 2>/dev/null"
    )
}

fn over_ssh(world: &World, args: &[&str]) -> Output {
    let path = std::env::join_paths([
        world.sb.path("bin").as_path(),
        Path::new("/usr/bin"),
        Path::new("/bin"),
    ])
    .unwrap();
    world.sb.dctx(["server", "coreos"]).args(args).env("PATH", path).run()
}

/// The whole way over ssh, with a daemon.json of the host's own; the key is seen nowhere.
#[test]
fn over_ssh_it_installs_and_takes_back_and_no_key_shows() {
    if require("openssl").is_none() {
        return;
    }
    let world = World::new(&DOCKER_CE);
    let present = "{\"z\": 1, \"tlsverify\": false, \"a\": 2}\n";
    world.sb.write("host/etc/docker/daemon.json", present);
    world.lend("tar");
    world.start_docker();
    world.kit(&[]);
    // nothing listens there: what is looked at here is the way to the host
    world.sb.dctx(["edit", "coreos", "--host", "tcp://127.0.0.1:1"]).run().done();
    ssh(&world);
    // late in the script, when all of it is there
    let watched = world.sb.path("modes");
    let curl =
        fs::read_to_string(world.sb.path("hostbin/curl")).unwrap().replace("#!/bin/sh\n", "");
    world.program(
        "curl",
        &format!(
            "{look}\n/usr/bin/find {tmp} -printf '%m %f\\n' >{watched}\n{curl}",
            look = look(&world),
            tmp = world.sb.path("tmp").display(),
            watched = watched.display(),
        ),
    );
    let server = world.sb.path("server");
    let certs = ["--certs", server.to_str().unwrap()];
    let before = world.state();

    // nobody to ask: nothing is even connected to
    let out = over_ssh(&world, &[&certs[..], &["--ssh", "root@h"]].concat());
    assert_eq!((out.code(), out.data().as_str()), (7, ""), "{}", out.err());
    let hint = "dctx server coreos --ssh root@h --certs [SB]/server --yes\n";
    assert!(out.err().ends_with(hint), "{}", out.err());
    assert!(!world.sb.path("seen").exists());
    let undo = over_ssh(&world, &["--ssh", "root@h", "--undo"]);
    assert!(undo.err().contains("dctx server coreos --ssh root@h --undo --yes"), "{}", undo.err());

    let out = over_ssh(&world, &[&certs[..], &["--ssh", "root@h", "--yes"]].concat());
    assert_eq!(out.code(), 5, "{}", out.err());
    assert!(
        out.err().contains("the host is set up, but coreos does not answer from here"),
        "{}",
        out.err()
    );
    // the script is shown, and what it says comes through
    assert!(out.out().starts_with("#!/bin/sh\n"));
    assert!(out.err().contains("root@h: dockerd 28.2.2, started by systemd"), "{}", out.err());
    assert!(out.err().contains("the 2 running containers stop"), "{}", out.err());
    assert!(out.err().contains("install.sh: done: docker listens on port 1;"), "{}", out.err());
    let json = world.read("etc/docker/daemon.json");
    assert_eq!(
        json,
        "{\"z\": 1, \"tlsverify\": true, \"a\": 2, \"tlscacert\": \"/etc/docker/ca.pem\", \"tlscert\": \"/etc/docker/server-cert.pem\", \"tlskey\": \"/etc/docker/server-key.pem\"}\n"
    );
    // nothing is left but what was installed
    assert_eq!(fs::read_dir(world.sb.path("tmp")).unwrap().count(), 0);

    let key = fs::read_to_string(server.join("server-key.pem")).unwrap();
    let secret = key.lines().nth(1).unwrap();
    let seen = String::from_utf8_lossy(&fs::read(world.sb.path("seen")).unwrap()).into_owned();
    assert!(seen.contains("ssh -T") && seen.contains("install.sh") && seen.contains("DCTX_ROOT="));
    // the key itself: other people's processes may speak of private keys as they like
    assert!(secret.len() > 40, "{secret}");
    assert!(!seen.contains(secret), "the key shows:\n{seen}");
    for text in [out.out(), out.err()] {
        assert!(!text.contains(secret) && !text.contains("PRIVATE KEY"), "{text}");
    }
    let modes = fs::read_to_string(watched).unwrap();
    assert!(modes.contains("400 server-key.pem\n"), "{modes}");
    assert!(
        modes.lines().filter(|line| line.contains(" tmp.")).all(|line| line.starts_with("700 ")),
        "{modes}"
    );

    let after = world.state();
    over_ssh(&world, &[&certs[..], &["--ssh", "root@h", "--yes"]].concat());
    same(&after, &world.state(), "");
    over_ssh(&world, &["--ssh", "root@h", "--yes", "--undo"]).done();
    same(&before, &world.state(), "");
    let out = over_ssh(&world, &["--ssh", "root@h", "--yes", "--undo"]);
    assert_eq!(out.code(), 1, "{}", out.err());
    assert!(
        out.err().contains("dctx: root@h: refused; nothing was changed there"),
        "{}",
        out.err()
    );
}

#[test]
fn over_ssh_what_goes_wrong_is_told() {
    if require("openssl").is_none() {
        return;
    }
    let world = World::new(&DOCKER_CE);
    world.lend("tar");
    world.kit(&[]);
    // nothing listens there: what is looked at here is the way to the host
    world.sb.dctx(["edit", "coreos", "--host", "tcp://127.0.0.1:1"]).run().done();
    ssh(&world);
    let server = world.sb.path("server");
    world.start_docker();
    let before = world.state();
    let run = |login: &str, code: i32, says: &str| {
        let login = format!("--ssh={login}");
        let out = over_ssh(&world, &["--certs", server.to_str().unwrap(), "--yes", &login]);
        assert_eq!(out.code(), code, "{}", out.err());
        assert!(out.err().contains(says), "{says:?} in {}", out.err());
        if code < 5 || login.contains("nowhere") {
            same(&before, &world.state(), "");
        }
    };
    // a docker of that user's own
    let look = "#!/bin/sh\ncat >/dev/null\nprintf 'uid=1000\\nsudo=no\\ninit=systemd\\nrootless=/run/user/1000/docker.sock\\njson=absent\\n'\n";
    let real = world.sb.path("bin/ssh");
    let kept = fs::read_to_string(&real).unwrap();
    world.sb.script("bin/ssh", look);
    run("me@h", 1, "docker on me@h runs rootless (/run/user/1000/docker.sock)");
    run("me@h", 1, "dctx edit coreos --host ssh://USER@HOST/run/user/1000/docker.sock\n");
    world.sb.script("bin/ssh", &kept);
    run("root@nowhere", 5, "No route to host\ndctx: ssh could not reach root@nowhere");
    run("-oProxyCommand=reboot", 2, "dctx: ");
    run("root@h/run/docker.sock", 2, "dctx: ");
    // hosts in the way: told before anything is sent
    world.sb.write("host/etc/docker/daemon.json", "{\"hosts\": []}");
    let out = over_ssh(&world, &["--certs", server.to_str().unwrap(), "--yes", "--ssh", "root@h"]);
    assert_eq!((out.code(), out.data().as_str()), (4, ""), "{}", out.err());
    assert!(out.err().contains("dctx: root@h:/etc/docker/daemon.json has hosts"), "{}", out.err());
    fs::remove_dir_all(world.root.join("etc/docker")).unwrap();
    // a login that is not root
    world.program("id", "echo 1000");
    run("me@h", 1, "me@h is not root, and sudo asks for a password there");
    world.program(
        "sudo",
        "[ \"$1\" = -n ] || exit 1\nshift\necho \"$*\" >>\"$DCTX_ROOT/../sudo\"\nexec \"$@\"",
    );
    run("me@h", 5, "install.sh: done");
    assert!(fs::read_to_string(world.sb.path("sudo")).unwrap().contains("install.sh"));
    over_ssh(&world, &["--ssh", "me@h", "--yes", "--undo"]).done();
    same(&before, &world.state(), "");
    // a host that says something else, such as a banner of its rc file
    world.sb.script(
        "bin/ssh",
        "#!/bin/sh\ncat >/dev/null\nprintf 'Welcome!\\n'\nprintf 'evil \\033[2J\\n' >&2\n",
    );
    run("root@h", 1, "root@h did not run the script");
    let out = over_ssh(&world, &["--certs", server.to_str().unwrap(), "--yes", "--ssh", "root@h"]);
    assert!(!out.err().contains('\u{1b}'), "{:?}", out.err());
}

/// Production is not changed by a slip: a protected profile asks for its name first, whatever `--yes` says, before anything
/// is connected to; to look at the script, or to write it out, is free.
#[test]
fn a_protected_profile_asks_for_its_name() {
    if require("openssl").is_none() || require("script").is_none() {
        return;
    }
    let world = World::new(&DOCKER_CE);
    world.lend("tar");
    world.start_docker();
    world.kit(&[]);
    // nothing listens there: what is looked at here is the way to the host
    world.sb.dctx(["edit", "coreos", "--host", "tcp://127.0.0.1:1", "--protected"]).run().done();
    ssh(&world);
    let server = world.sb.path("server");
    let certs = ["--certs", server.to_str().unwrap()];
    server_free(&world, server.to_str().unwrap());

    let before = world.state();
    let refused = |args: &[&str], says: &str| {
        let out = over_ssh(&world, &[&["--ssh", "root@h"], args].concat());
        assert_eq!((out.code(), out.data().as_str()), (7, ""), "{args:?}\n{}", out.err());
        assert!(out.err().ends_with(says), "{args:?}\n{}", out.err());
        assert!(!world.sb.path("seen").exists(), "{args:?}: it was connected to");
        same(&before, &world.state(), "");
    };
    let install = "hint: if you mean it: dctx server coreos --confirm coreos --ssh root@h --certs [SB]/server --yes\n";
    let undo =
        "hint: if you mean it: dctx server coreos --confirm coreos --ssh root@h --undo --yes\n";
    refused(&[&certs[..], &["--yes"]].concat(), install);
    refused(&[&certs[..], &["--yes", "--confirm", "core"]].concat(), install);
    refused(&["--undo", "--yes"], undo);
    refused(&["--undo", "--yes", "--confirm", ""], undo);
    // the name is no yes
    refused(
        &["--undo", "--confirm", "coreos"],
        "hint: to say yes beforehand: dctx server coreos --ssh root@h --undo --confirm coreos --yes\n",
    );
    let both = ["--ssh", "root@h", "--yes", "--confirm", "coreos"];
    let out = over_ssh(&world, &[&certs[..], &both].concat());
    assert!(out.err().contains("install.sh: done"), "{}", out.err());
    over_ssh(&world, &[&["--undo"], &both[..]].concat()).done();
    same(&before, &world.state(), "");

    // on a terminal the name is typed, and only then is there anything to say yes to
    for (typed, code, connects) in
        [("y\n", 7, false), ("coreos\nn\n", 7, true), ("coreos\ny\n", 5, true)]
    {
        let _ = fs::remove_file(world.sb.path("seen"));
        let line = format!(
            "PATH={}:$PATH exec {} server coreos --certs {} --ssh root@h",
            world.sb.path("bin").display(),
            super::support::sandbox::dctx_bin().display(),
            server.display(),
        );
        let out = world.sb.sh("script", ["-qefc", &line, "/dev/null"]).stdin(typed).run();
        let text = out.out();
        assert!(text.contains("coreos is protected (tcp://127.0.0.1:1)."), "{text}");
        assert!(text.contains("Type its name to go on: "), "{text}");
        assert_eq!(out.code(), code, "{text}");
        assert_eq!(world.sb.path("seen").exists(), connects, "{text}");
        assert_eq!(world.state() != before, code == 5, "{text}");
    }
}

/// Nothing is asked where nothing is changed.
fn server_free(world: &World, certs: &str) {
    let dir = world.sb.path("free");
    server(&world.sb, &[]).done();
    server(&world.sb, &["--certs", certs, "--out", dir.to_str().unwrap()]).done();
}

/// On a terminal it is asked; anything but yes changes nothing.
#[test]
fn asks_on_the_terminal() {
    if require("openssl").is_none() || require("script").is_none() {
        return;
    }
    let world = World::new(&DOCKER_CE);
    world.lend("tar");
    world.kit(&[]);
    // nothing listens there: what is looked at here is the way to the host
    world.sb.dctx(["edit", "coreos", "--host", "tcp://127.0.0.1:1"]).run().done();
    ssh(&world);
    let before = world.state();
    for (answer, changes) in [("\n", false), ("n\n", false), ("y\n", true)] {
        let line = format!(
            "PATH={}:$PATH exec {} server coreos --certs {} --ssh root@h",
            world.sb.path("bin").display(),
            super::support::sandbox::dctx_bin().display(),
            world.sb.path("server").display(),
        );
        let out = world.sb.sh("script", ["-qefc", &line, "/dev/null"]).stdin(answer).run();
        let text = out.out();
        assert!(text.contains("Run this script there? [y/N]"), "{text}");
        assert_eq!(world.state() != before, changes, "{text}");
        assert_eq!(out.code(), if changes { 5 } else { 7 }, "{text}");
    }
    world.run("sh", &world.sb.path("kit"), &["--undo"], Accident::None).done();
}

/// After the install it is tried from here: with the certificate, and as a stranger.
#[test]
fn is_tried_from_here() {
    use super::support::dockerd::Dockerd;
    let Some(daemons) = Dockerd::mutual().zip(Dockerd::server_only()) else { return };
    for (daemon, code, says) in [
        (
            daemons.0,
            0,
            "dctx: without a client certificate it is refused\nnext: eval \"$(dctx use coreos)\"\n",
        ),
        (
            daemons.1,
            6,
            "dctx: it answers without a client certificate, too: anyone who can reach coreos has root there\n",
        ),
    ] {
        let world = World::new(&DOCKER_CE);
        world.lend("tar");
        ssh(&world);
        let server =
            daemon.ca.server_dir(world.sb.path("server"), &Leaf::server(&["IP:127.0.0.1"]));
        let add = ["add", "coreos", &daemon.tcp(), "--certs", daemon.certs.to_str().unwrap()];
        world.sb.dctx(add).run().done();
        let out =
            over_ssh(&world, &["--certs", server.to_str().unwrap(), "--ssh", "root@h", "--yes"]);
        assert_eq!(out.code(), code, "{}", out.err());
        let version = daemon.version();
        let answers =
            format!("from here, with the profile's certificate: docker {version} answers\n");
        assert!(out.err().contains(&answers) && out.err().ends_with(says), "{}", out.err());
    }
}
