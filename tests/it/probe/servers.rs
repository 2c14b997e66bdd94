//! Every way in which a server's certificate, version or cipher can be wrong; and that such a server is shown nothing.

use super::*;
use crate::support::certs::{Ca, EXPIRED, NOT_YET, VALID};
use crate::support::{Sandbox, require};
use std::process::{Child, Command, Stdio};

/// openssl's server, stopped on drop.
pub(super) struct Openssl {
    child: Child,
    port: u16,
    out: mpsc::Receiver<String>,
}

impl Openssl {
    /// With the server certificate in `dir`, and more flags.
    pub(super) fn start(dir: &Path, flags: &[&str]) -> Self {
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", "127.0.0.1:0", "-cert", "server-cert.pem"]);
        command.args(["-key", "server-key.pem", "-state"]).args(flags).current_dir(dir);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut errors = child.stderr.take().unwrap();
        thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
        let (tx, out) = mpsc::channel();
        let (ready, port) = mpsc::channel();
        thread::spawn(move || {
            let mut all = String::new();
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut piece) {
                all.push_str(&String::from_utf8_lossy(&piece[..count]));
                // ACCEPT 127.0.0.1:40001
                let line = all.lines().find_map(|line| line.strip_prefix("ACCEPT "));
                if let Some(port) = line.and_then(|line| line.rsplit(':').next()?.parse().ok()) {
                    let _ = ready.send(port);
                }
            }
            let _ = tx.send(all);
        });
        let port: u16 = port.recv_timeout(HANGS_AFTER).expect("openssl s_server starts");
        Openssl { child, port, out }
    }

    pub(super) fn tcp(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    /// Ends it; everything that it printed, requests among it.
    pub(super) fn output(mut self) -> String {
        self.child.kill().unwrap();
        self.out.recv_timeout(HANGS_AFTER).unwrap()
    }
}

impl Drop for Openssl {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const RIGHT: &[&str] = &["IP:127.0.0.1"];

#[test]
fn certificates() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let ca = Ca::new(sb.path("ca"));
    let old_ca = Ca::with("old CA", EXPIRED, sb.path("old-ca"));
    let client = ca.client_dir(sb.path("client"), Some(&Leaf::CLIENT));
    let old_client = old_ca.client_dir(sb.path("old-client"), None);
    let right = Leaf::server(RIGHT);
    for (ca, dir, leaf, id) in [
        (&ca, &client, Leaf { dates: EXPIRED, ..right }, "server-expired"),
        (&ca, &client, Leaf { dates: NOT_YET, ..right }, "server-not-yet-valid"),
        (&ca, &client, Leaf { sans: &[], ..right }, "no-san"),
        (&ca, &client, Leaf { sans: &["DNS:localhost"], ..right }, "no-san"),
        (&ca, &client, Leaf { sans: &["IP:10.0.0.1", "DNS:coreos1"], ..right }, "name-mismatch"),
        (&ca, &client, Leaf { eku: Some("clientAuth"), ..right }, "server-usage"),
        (&old_ca, &old_client, right, "ca-expired"),
        (&old_ca, &client, right, "unknown-ca"),
    ] {
        let sb = Sandbox::new();
        let server = Openssl::start(&ca.server_dir(sb.path("s"), &leaf), &["-Verify", "1"]);
        let report = run(&tls(&server.tcp(), dir));
        assert_eq!(failed(&report).id.as_str(), id, "{report:#?}");
        // nothing of ours was shown
        let printed = server.output();
        assert!(!printed.contains("GET "), "{id}: {printed}");
        assert!(!printed.contains("client"), "{id}: {printed}");
    }
    // and a right one is shown both
    let server = Openssl::start(
        &ca.server_dir(sb.path("s"), &right),
        &["-Verify", "1", "-CAfile", "ca.pem"],
    );
    let report = run(&Target { limit: SHORT, ..tls(&server.tcp(), &client) });
    assert_eq!(failed(&report).id.as_str(), "timeout", "{report:#?}");
    let printed = server.output();
    assert!(printed.contains("GET /version HTTP/1.1"), "{printed}");
    assert!(printed.contains("CN = client"), "{printed}");
    let _ = VALID;
}

/// Old versions, foreign ciphers, and keys that cannot be checked here.
#[test]
fn versions_ciphers_and_keys() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let ca = Ca::new(sb.path("ca"));
    let client = ca.client_dir(sb.path("client"), Some(&Leaf::CLIENT));
    let dir = ca.server_dir(sb.path("s"), &Leaf::server(RIGHT));
    for (flags, id) in [
        (&["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"][..], "tls-version"),
        (&["-tls1", "-cipher", "ALL:@SECLEVEL=0"], "tls-version"),
        (&["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA384"], "tls-cipher"),
        (&["-tls1_2", "-cipher", "AES128-SHA"], "tls-cipher"),
    ] {
        let server = Openssl::start(&dir, flags);
        assert_eq!(self::id(&tls(&server.tcp(), &client)), id, "{flags:?}");
    }
    // a P-521 key: its certificate is read, and nothing is sent
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-nodes"])
        .args(["-subj", "/CN=big", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "100"])
        .args(["-keyout", "server-key.pem", "-out", "server-cert.pem"])
        .current_dir(&dir)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let server = Openssl::start(&dir, &[]);
    let mut trusting = tls(&server.tcp(), &client);
    trusting.ca = Some(dir.join("server-cert.pem"));
    let report = run(&trusting);
    told(&report);
    assert_eq!(notes(&report).last(), Some(&&Said::Unproven), "{report:#?}");
    assert!(!server.output().contains("GET "));
    // and where the CA is another one, that is what is told
    let server = Openssl::start(&dir, &[]);
    assert_eq!(id(&tls(&server.tcp(), &client)), "unknown-ca");
}

/// What speaks no TLS at all, and what does and is no docker.
#[test]
fn no_tls_there() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let ca = Ca::new(sb.path("ca"));
    let client = ca.client_dir(sb.path("client"), Some(&Leaf::CLIENT));
    let at = |address: &str| tls(&format!("tcp://{address}"), &client);
    let says = |bytes: &'static [u8]| {
        server(move |mut stream| {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(bytes);
        })
    };
    let plain = says(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    assert_eq!(id(&at(&plain)), "plain-expected");
    for bytes in
        [&b"SSH-2.0-OpenSSH_9.2\r\n"[..], b"220 hello\r\n", b"", b"\x15\x03\x01\x00\x02\x02\x50"]
    {
        assert_eq!(id(&at(&says(bytes))), "not-docker", "{bytes:?}");
    }
    let silent = server(|stream| {
        thread::sleep(HANGS_AFTER);
        drop(stream);
    });
    assert_eq!(id(&Target { limit: SHORT, ..at(&silent) }), "timeout");
    let web = Openssl::start(&ca.server_dir(sb.path("s"), &Leaf::server(RIGHT)), &["-www"]);
    let report = run(&tls(&web.tcp(), &client));
    assert_eq!(failed(&report).id.as_str(), "not-docker", "{report:#?}");
}
