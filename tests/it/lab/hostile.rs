//! Servers that mean harm, from one end to the other: a check ends, keeps to a little memory, and lets nothing through
//! to the terminal but text.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread::sleep;
use std::time::Duration;

use super::scene::{Scene, python};
use super::servers::{Server, page};
use super::tls::{long_chain, web_tls};
use crate::support::certs::{Ca, Leaf, VALID};
use crate::support::require;

/// A check that is told to wait two seconds, and has not ended by now, hangs.
const WATCHDOG: &str = "30";
/// What a check may use at most, in KiB; a debug build and a slow machine are allowed for.
const MEMORY: u64 = 64 << 10;

/// What a terminal would obey: title, colours, cursor, an 8-bit control, a change of direction, a bell.
const ESCAPES: &str = "\x1b]0;pwned\x07\x1b[31m\x1b[2J\r\u{9b}1m\u{202e}gone\x08";

/// Runs what follows, and writes the most memory it used, in KiB, into the file.
const MEASURED: &str = "\
import resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
with open(sys.argv[1], 'w') as f:
    f.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code if code >= 0 else 128 - code)
";

/// Servers over plain TCP.
fn plain() -> Vec<(&'static str, Server)> {
    let json = |body: &str| page("200 OK", "Api-Version: 1.50\r\n", "application/json", body);
    let version = format!(
        "{{\"Version\":{0},\"ApiVersion\":{0},\"MinAPIVersion\":{0},\"Os\":{0},\"Arch\":{0}}}",
        serde_json::to_string(ESCAPES).unwrap()
    );
    let header = ESCAPES.replace('\r', "");
    vec![
        (
            "headers without end",
            Server::start(|mut peer| {
                peer.request();
                peer.send(b"HTTP/1.1 200 OK\r\n");
                while peer.send(&[b"X-A: ", &[b'a'; 8000][..], b"\r\n"].concat()) {}
            }),
        ),
        (
            "one header without end",
            Server::start(|mut peer| {
                peer.request();
                peer.send(b"HTTP/1.1 200 OK\r\nX-A: ");
                while peer.send(&[b'a'; 8192]) {}
            }),
        ),
        (
            "a body without end",
            Server::start(|mut peer| {
                peer.request();
                peer.send(b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\n\r\n{\"Version\":\"");
                while peer.send(&[b'a'; 8192]) {}
            }),
        ),
        (
            "chunks without end",
            Server::start(|mut peer| {
                peer.request();
                peer.send(
                    b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nTransfer-Encoding: chunked\r\n\r\n",
                );
                while peer.send(b"5\r\naaaaa\r\n") {}
            }),
        ),
        (
            "a chunk of an impossible size",
            Server::http(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
            ),
        ),
        (
            "a body of an impossible size",
            Server::http("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n{}"),
        ),
        (
            "a body that is announced and never comes",
            Server::http("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"),
        ),
        ("brackets without end", Server::http(json(&"[".repeat(200_000)))),
        (
            "garbage",
            Server::start(|mut peer| {
                let noise: Vec<u8> =
                    (0..65536_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
                while peer.send(&noise) {}
            }),
        ),
        (
            "informational answers without end",
            Server::start(|mut peer| {
                peer.request();
                while peer.send(b"HTTP/1.1 100 Continue\r\n\r\n") {}
            }),
        ),
        (
            "one byte at a time",
            Server::start(|mut peer| {
                peer.request();
                drip(&mut peer, b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nOstype: linux\r\nX-A: ");
            }),
        ),
        ("escapes in the version", Server::http(json(&version))),
        (
            "escapes in the headers",
            Server::http(page(
                "404 Not Found",
                &format!("Server: {header}\r\nApi-Version: {header}\r\n"),
                "text/html",
                ESCAPES,
            )),
        ),
        ("escapes in the status", Server::http(format!("HTTP/1.1 500 {header}\r\n\r\n{ESCAPES}"))),
        (
            "escapes in a redirect",
            Server::http(page(
                "302 Found",
                &format!("Location: http://{header}/\r\n"),
                "text/html",
                "",
            )),
        ),
        (
            "escapes in the daemon's message",
            Server::http(page(
                "400 Bad Request",
                "Api-Version: 1.41\r\n",
                "application/json",
                &format!("{{\"message\":{}}}", serde_json::to_string(ESCAPES).unwrap()),
            )),
        ),
        (
            "escapes in a greeting",
            Server::start(move |mut peer| {
                peer.send(format!("SSH-2.0-{header}\r\n").as_bytes());
                peer.listen();
            }),
        ),
    ]
}

fn drip(peer: &mut super::servers::Peer, first: &[u8]) {
    let bytes = first.iter().chain(std::iter::repeat(&b'a'));
    for byte in bytes {
        if !peer.send(&[*byte]) {
            return;
        }
        sleep(Duration::from_millis(300));
    }
}

#[test]
fn a_check_survives_any_server() {
    if ["setsid", "timeout", "python3", "openssl"].iter().any(|p| require(p).is_none()) {
        return;
    }
    let mut scenes: Vec<(&str, Scene)> = plain()
        .into_iter()
        .map(|(name, server)| (name, Scene::host(&server.tcp()).hold(server)))
        .collect();
    scenes.extend(tls());
    scenes.push(("escapes in what ssh says", ssh()));
    let faults: Vec<String> = std::thread::scope(|scope| {
        // one thread each: they wait for the most part
        let all: Vec<_> = scenes
            .into_iter()
            .map(|(name, scene)| scope.spawn(move || survives(name, scene)))
            .collect();
        all.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn survives(name: &str, scene: Scene) -> Vec<String> {
    scene.ready();
    let mut faults = Vec::new();
    for json in [false, true] {
        let file = scene.sb.path("memory");
        let wrap = [python(), "-c", MEASURED, file.to_str().unwrap()];
        let out = scene.check_under(&wrap, WATCHDOG, json);
        let used: u64 = fs::read_to_string(&file).unwrap().trim().parse().unwrap();
        println!("{name}: status {}, {used} KiB", out.code());
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr)
        );
        if !(1..=6).contains(&out.code()) && out.code() != 0 {
            faults.push(format!("{name}: status {}: {text}", out.code()));
        }
        // what is larger than dctx reads, docker may still read: that is said, and not judged
        let too_large = text.contains("larger than dctx reads");
        if out.code() == 0 && !name.starts_with("escapes") && !too_large {
            faults.push(format!("{name}: nothing was found: {text}"));
        }
        if used > MEMORY {
            faults.push(format!("{name}: {used} KiB"));
        }
        let obeyed = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        if text.contains(obeyed) || text.is_empty() {
            faults.push(format!("{name}: {text:?}"));
        }
    }
    faults
}

fn tls() -> Vec<(&'static str, Scene)> {
    let mut scenes = Vec::new();
    // names that a terminal would obey, in the certificate and in that of its CA
    let scene = Scene::tls("tcp://127.0.0.1:1", |sb| {
        Ca::new(sb.path("ca")).client_dir(sb.path("certs"), Some(&Leaf::CLIENT))
    });
    let name = ESCAPES.replace(['\r', '/'], "");
    let ca = Ca::with(&name, VALID, scene.sb.path("hostile"));
    let san = format!("DNS:{}", name.replace(['\u{9b}', '\u{202e}', ',', ';'], ""));
    let sans = [san.as_str()];
    let leaf = Leaf { cn: &name, ..Leaf::server(&sans) };
    let dir = ca.server_dir(scene.sb.path("server"), &leaf);
    let server = web_tls(&dir, Vec::new());
    scenes.push(("escapes in names of another CA", scene.tls_at(&server.tcp()).hold(server)));

    let mut given = Scene::tls("tcp://127.0.0.1:1", |sb| {
        let ca = Ca::with(&name, VALID, sb.path("ca"));
        let leaf = Leaf { cn: &name, ..Leaf::server(&sans) };
        ca.server_dir(sb.path("server"), &leaf);
        ca.client_dir(sb.path("certs"), Some(&Leaf::CLIENT))
    });
    let server = web_tls(&given.sb.path("server"), Vec::new());
    given = given.tls_at(&server.tcp()).hold(server);
    scenes.push(("escapes in the names that a certificate lists", given));

    let scene = Scene::tls("tcp://127.0.0.1:1", |sb| {
        let ca = Ca::new(sb.path("ca"));
        ca.server_dir(sb.path("server"), &Leaf::server(&["IP:127.0.0.1"]));
        ca.client_dir(sb.path("certs"), Some(&Leaf::CLIENT))
    });
    let dir = scene.sb.path("server");
    // some 400 bytes each
    let size = fs::metadata(dir.join("server-cert.pem")).unwrap().len() * 3 / 4;
    let copies = usize::try_from((10 << 20) / size).unwrap();
    let server = long_chain(&dir, copies, Vec::new());
    let host = server.tcp();
    scenes.push(("a chain of ten megabytes", scene.tls_at(&host).hold(server)));

    for (name, first) in [
        ("TLS, one byte at a time", &b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03"[..]),
        ("TLS that is none", b"\x16\x03\x03\xff\xff\xff\xff\xff\xff"),
    ] {
        let server = Server::start(move |mut peer| {
            if peer.spoken_to() {
                drip(&mut peer, first);
            }
        });
        let scene = Scene::tls(&server.tcp(), |sb| {
            Ca::new(sb.path("ca")).client_dir(sb.path("certs"), Some(&Leaf::CLIENT))
        });
        scenes.push((name, scene.hold(server)));
    }
    let server = Server::start(|mut peer| {
        if peer.spoken_to() {
            while peer.send(&[&b"\x16\x03\x03\x40\x00"[..], &[0x0b; 0x4000]].concat()) {}
        }
    });
    let scene = Scene::tls(&server.tcp(), |sb| {
        Ca::new(sb.path("ca")).client_dir(sb.path("certs"), Some(&Leaf::CLIENT))
    });
    scenes.push(("TLS records without end", scene.hold(server)));
    scenes
}

/// An ssh that says what a terminal would obey, and does not stop.
fn ssh() -> Scene {
    let scene = Scene::host("ssh://ann@box.example.net");
    let said = scene.sb.write("said", format!("{ESCAPES}\n"));
    let text = format!(
        "#!/bin/sh\ncat '{0}' >&2\nwhile cat '{0}' '{0}' '{0}' >&2; do :; done\n",
        said.display()
    );
    let ssh = scene.sb.script("bin/ssh", &text);
    fs::set_permissions(&ssh, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", ssh.parent().unwrap().display());
    scene.env("PATH", &path)
}
