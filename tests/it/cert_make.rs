//! What `cert new` makes is right in the eyes of openssl, Python, Node, Java and ourselves; it is put in place whole,
//! with its modes from the first instant, and overwrites nothing.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::support::terminal::Terminal;
use crate::support::{Cmd, Sandbox, require};
use dctx::cert::encode;
use dctx::cert::make::names::Sans;
use dctx::cert::make::set;
use dctx::cert::verify::{Usage, verify as judge};
use dctx::cert::x509::Cert;

/// The certificates of a profile.
pub(crate) fn certs(sb: &Sandbox, name: &str) -> PathBuf {
    sb.data().join("dctx/certs").join(name)
}

/// `dctx cert …`.
pub(crate) fn cert(sb: &Sandbox, line: &str) -> Cmd {
    sb.dctx(["cert"].into_iter().chain(line.split(' ')))
}

/// Whether openssl, as strict as it can be, takes a certificate for this purpose.
pub(crate) fn openssl(sb: &Sandbox, ca: &Path, purpose: &str, more: &[&str], leaf: &Path) -> bool {
    let args = ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", ca.to_str().unwrap()];
    let all = args.iter().copied().chain(more.iter().copied()).chain([leaf.to_str().unwrap()]);
    sb.sh("openssl", all).run().status.success()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Everything below a directory, with modes.
pub(crate) fn tree(dir: &Path) -> BTreeSet<(String, u32)> {
    let mut out = BTreeSet::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(next) = dirs.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
            out.insert((name, mode(&path)));
            if path.is_dir() && !path.is_symlink() {
                dirs.push(path);
            }
        }
    }
    out
}

fn expected(ca: bool) -> BTreeSet<(String, u32)> {
    let mut all = vec![
        ("ca.pem", 0o444),
        ("cert.pem", 0o444),
        ("key.pem", 0o400),
        ("server", 0o700),
        ("server/ca.pem", 0o444),
        ("server/server-cert.pem", 0o444),
        ("server/server-key.pem", 0o400),
    ];
    if ca {
        all.extend([("ca", 0o700), ("ca/ca.pem", 0o444), ("ca/ca-key.pem", 0o400)]);
    }
    all.into_iter().map(|(name, mode)| (name.to_owned(), mode)).collect()
}

#[test]
fn one_command_makes_all_of_it() {
    if require("openssl").is_none() {
        return;
    }
    for kind in ["p256", "p384", "ed25519"] {
        let sb = Sandbox::new();
        let line = format!(
            "new coreos --host tcp://192.168.57.110:2376 --san coreos1 --no-passphrase --key-type {kind}"
        );
        let out = cert(&sb, &line).run();
        assert!(out.done().err().contains("825 days"), "{}", out.err());
        let dir = certs(&sb, "coreos");
        assert_eq!(mode(&dir), 0o700);
        assert_eq!(tree(&dir), expected(true));
        let (ca, server) = (dir.join("ca.pem"), dir.join("server/server-cert.pem"));
        assert!(openssl(&sb, &ca, "sslserver", &["-verify_ip", "192.168.57.110"], &server));
        assert!(openssl(&sb, &ca, "sslserver", &["-verify_hostname", "coreos1"], &server));
        assert!(openssl(&sb, &ca, "sslclient", &[], &dir.join("cert.pem")));
        // each for one thing
        assert!(!openssl(&sb, &ca, "sslclient", &[], &server));
        assert!(!openssl(&sb, &ca, "sslserver", &[], &dir.join("cert.pem")));
        for (cert, key) in
            [("cert.pem", "key.pem"), ("server/server-cert.pem", "server/server-key.pem")]
        {
            let (cert, key) = (dir.join(cert), dir.join(key));
            set::pair(&cert, &key).unwrap();
            // read by OpenSSL 3.0, which knows PKCS #8 version 1 only
            let public = sb.sh("openssl", ["pkey", "-pubout", "-in", key.to_str().unwrap()]).run();
            let other = sb
                .sh("openssl", ["x509", "-pubkey", "-noout", "-in", cert.to_str().unwrap()])
                .run();
            assert_eq!(public.done().out(), other.done().out());
        }
        let config = fs::read_to_string(sb.config().join("dctx/config.toml")).unwrap();
        assert!(
            config.contains("certs = \"~/.local/share/dctx/certs/coreos\"\ntls = \"verify\"\n"),
            "{config}"
        );
        // and the profile can be used
        let set = sb.dctx(["use", "coreos", "--shell", "json"]).run();
        assert!(set.done().out().contains("\"DOCKER_TLS_VERIFY\":\"1\""), "{}", set.out());
        // undo takes the profile back, not the keys
        sb.dctx(["undo"]).run().done();
        assert!(dir.exists());
    }
}

/// RFC 5280, and the rules of certificate linters that have a meaning here.
#[test]
fn every_rule_is_kept() {
    let sb = Sandbox::new();
    let later = || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        i64::try_from(since.unwrap().as_secs()).unwrap()
    };
    let now = later();
    cert(&sb, "new a --host tcp://10.0.0.1 --no-passphrase").run().done();
    cert(&sb, "new b --host tcp://b.example --pin").run().done();
    cert(&sb, "new c --host tcp://[fd00::7]:2376 --no-passphrase --days 9000").run().done();
    let mut serials = BTreeSet::new();
    for (name, pinned) in [("a", false), ("b", true), ("c", false)] {
        let dir = certs(&sb, name);
        let read = |file: &str| set::certificate(&dir.join(file)).unwrap();
        let (server, client) = (read("server/server-cert.pem"), read("cert.pem"));
        let mut all = vec![server.clone(), client.clone()];
        if !pinned {
            let ca = read("ca.pem");
            assert!(ca.is_ca() && ca.basic.unwrap().path_len == Some(0));
            assert_eq!(ca.usages, None);
            assert!(
                ca.subject.full.starts_with(&format!("O=dctx, CN={name} CA ")),
                "{}",
                ca.subject.full
            );
            assert_eq!(ca.not_after - ca.not_before, 3650 * 86_400 + 3600);
            for leaf in [&server, &client] {
                assert_eq!(leaf.issuer.der, ca.subject.der);
                assert_eq!(leaf.authority_key_id, ca.subject_key_id);
                assert!(leaf.not_after <= ca.not_after);
            }
            all.push(ca);
        }
        for cert in &all {
            assert_eq!((cert.version, cert.serial.len()), (3, 16));
            assert!(cert.serial[0] & 0x80 == 0, "positive");
            assert!(serials.insert(cert.serial.clone()), "none twice");
            assert_eq!(cert.subject_key_id.len(), 20);
            assert!(!cert.authority_key_id.is_empty());
            assert!(cert.unhandled.is_empty() && cert.refused.is_none());
            assert!((now - 3600..=later() - 3600).contains(&cert.not_before));
            assert!(cert.subject.common_name.as_ref().unwrap().chars().count() <= 64);
            // basic constraints and key usage critical, the others not: in DER, TRUE after the name of the extension
            for (id, critical) in
                [(19, true), (15, true), (14, false), (35, false), (37, false), (17, false)]
            {
                let id = [0x06, 0x03, 0x55, 0x1d, id];
                if let Some(at) = cert.der.windows(5).position(|window| window == id) {
                    assert_eq!(cert.der[at + 5] == 0x01, critical, "{id:?}");
                }
            }
        }
        assert_eq!(server.usages.as_ref().unwrap().listed, ["serverAuth"]);
        assert_eq!(client.usages.as_ref().unwrap().listed, ["clientAuth"]);
        assert!(client.names.is_none() && !server.listed().is_empty());
        for leaf in [&server, &client] {
            assert_eq!(leaf.basic.map(|basic| basic.ca), Some(false));
            assert!(!leaf.is_ca());
        }
        let roots = set::certificates(&dir.join("ca.pem")).unwrap();
        judge(
            &[server],
            &roots,
            Some(
                ["10.0.0.1", "b.example", "fd00::7"]
                    [usize::from(name > "a") + usize::from(name > "b")],
            ),
            Usage::Server,
            now,
        )
        .unwrap();
        let roots = set::certificates(&dir.join("server/ca.pem")).unwrap();
        judge(&[client], &roots, None, Usage::Client, now).unwrap();
        // nobody else is told who is let in
        if pinned {
            let text = String::from_utf8_lossy(&roots[0].subject.der).into_owned();
            assert!(text.contains("client ") && !text.contains('@'), "{text}");
        }
    }
    // a leaf that is to outlive its CA ends with it
    let dir = certs(&sb, "c");
    let end = |file: &str| set::certificate(&dir.join(file)).unwrap().not_after;
    assert_eq!(end("cert.pem"), end("ca.pem"));
}

/// UTCTime through 2049, GeneralizedTime from 2050 on; days as the calendar has them.
#[test]
fn times_are_written_as_rfc_5280_says() {
    for (seconds, der) in [
        (0, &b"\x17\x0d700101000000Z"[..]),
        (1_795_644_063, b"\x17\x0d261125220103Z"),
        (951_782_400, b"\x17\x0d000229000000Z"),
        (2_524_607_999, b"\x17\x0d491231235959Z"),
        (2_524_608_000, b"\x18\x0f20500101000000Z"),
        (4_107_542_400, b"\x18\x0f21000301000000Z"),
    ] {
        assert_eq!(encode::time(seconds), der, "{seconds}");
    }
    assert_eq!(encode::integer(&[0, 0x80]), [2, 2, 0, 0x80]);
    assert_eq!(encode::integer(&[0, 0]), [2, 1, 0]);
    assert_eq!(encode::tlv(4, &[&[7; 300]])[..4], [4, 0x82, 1, 44]);
    assert_eq!(encode::tlv(4, &[&[7; 200]])[..3], [4, 0x81, 200]);
    assert_eq!(encode::pem("X", &[0, 255]), "-----BEGIN X-----\nAP8=\n-----END X-----\n");
}

#[test]
fn addresses_are_addresses_and_names_are_names() {
    let mut sans = Sans::default();
    for written in [
        "192.168.57.110",
        "DNS:WWW.Example.com",
        "IP:10.0.0.1",
        "[fd00::7]",
        "fe80::1%eth0",
        "*.lab.example",
        "10.0.0.1",
        "www.example.COM.",
        "xn--fiq228c.example",
        "::ffff:10.0.0.1",
        "my_host",
    ] {
        sans.add(written).unwrap();
    }
    sans.add_loopback();
    sans.add_loopback();
    assert_eq!(
        sans.listed(),
        [
            "IP:192.168.57.110",
            "IP:10.0.0.1",
            "IP:fd00::7",
            "IP:fe80::1",
            "IP:127.0.0.1",
            "IP:::1",
            "DNS:www.example.com",
            "DNS:*.lab.example",
            "DNS:xn--fiq228c.example",
            "DNS:my_host",
            "DNS:localhost",
        ]
    );
    for wrong in [
        "",
        "中文.example",
        "1.2.3",
        "10.0.0.256",
        "IP:name",
        "a b",
        "a..b",
        "*",
        "a.*.b",
        "-a",
        "tcp://h",
        "h:2376",
        &"a".repeat(64),
    ] {
        assert!(Sans::default().add(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn nothing_is_overwritten_and_a_failure_leaves_nothing() {
    let sb = Sandbox::new();
    cert(&sb, "new lab --host tcp://10.0.0.1 --no-passphrase").run().done();
    let (dir, before) = (certs(&sb, "lab"), fs::read(certs(&sb, "lab").join("key.pem")).unwrap());
    let out = cert(&sb, "new lab --no-passphrase").run();
    out.is(
        1,
        "",
        "dctx: lab has certificates already, in [SB]/home/.local/share/dctx/certs/lab\nhint: look at them: dctx cert show lab\nhint: renew them: dctx cert renew lab\nhint: to start over, move them away first: mv [SB]/home/.local/share/dctx/certs/lab [SB]/home/.local/share/dctx/certs/lab.old\n",
    );
    assert_eq!(fs::read(dir.join("key.pem")).unwrap(), before);
    // no terminal to ask on, a command that fails, one that says nothing, a wrong name
    for (line, code) in [
        (&["cert", "new", "x", "--host", "tcp://h"][..], 7),
        (&["cert", "new", "x", "--host", "tcp://h", "--ca-key-command", "false"], 1),
        (&["cert", "new", "x", "--host", "tcp://h", "--ca-key-command", "true"], 1),
        (
            &[
                "cert",
                "new",
                "x",
                "--host",
                "tcp://h",
                "--ca-key-command",
                "no-such-program-anywhere",
            ],
            1,
        ),
        (&["cert", "new", "x", "--host", "tcp://h", "--ca-key-command", "echo abc"], 1),
        (&["cert", "new", "x", "--host", "ssh://h", "--no-passphrase"], 2),
        (&["cert", "new", "x", "--host", "tcp://h", "--san", "1.2.3", "--no-passphrase"], 2),
        (&["cert", "new", "x", "--no-passphrase"], 3),
        (&["cert", "new", "x", "--host", "tcp://h", "--key-type", "rsa4096", "--no-passphrase"], 2),
    ] {
        let out = sb.dctx(line).run();
        assert_eq!(out.code(), code, "{line:?}: {}", out.err());
        let left: Vec<_> = fs::read_dir(sb.data().join("dctx/certs"))
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert!(left.iter().all(|name| name == "lab" || name == ".lock"), "{line:?}: {left:?}");
    }
    let config = fs::read_to_string(sb.config().join("dctx/config.toml")).unwrap();
    assert!(!config.contains("profiles.x"));
    // certificates of others are not silently left out
    let theirs = sb.path("theirs");
    sb.sh("cp", ["-r", dir.to_str().unwrap(), theirs.to_str().unwrap()]).run().done();
    sb.dctx(["add", "old", "tcp://10.0.0.9", "--certs", theirs.to_str().unwrap()]).run().done();
    let out = cert(&sb, "new old --no-passphrase").run();
    assert!(out.code() == 1 && out.err().contains("dctx cert copy old"), "{}", out.err());
}

/// The umask can neither open a key nor close a certificate, and no file had another mode before.
#[test]
fn modes_are_right_from_the_first_instant() {
    if require("strace").is_none() {
        return;
    }
    let sb = Sandbox::new();
    for umask in ["000", "077"] {
        let script = format!(
            "umask {umask}; strace -f -qq -e trace=openat,open,creat,chmod,fchmod,mkdir,mkdirat -o trace dctx cert new m{umask} --host tcp://h --no-passphrase"
        );
        sb.sh("sh", ["-c", &script]).run().done();
        let dir = certs(&sb, &format!("m{umask}"));
        assert_eq!(mode(&dir), 0o700);
        assert_eq!(tree(&dir), expected(true), "umask {umask}");
        let trace = fs::read_to_string(sb.work().join("trace")).unwrap();
        let keys: Vec<&str> = trace.lines().filter(|line| line.contains("key.pem")).collect();
        assert!(keys.len() >= 3, "{trace}");
        for line in keys {
            assert!(line.contains("O_CREAT|O_EXCL") && line.contains(", 0400)"), "{line}");
        }
        for line in
            trace.lines().filter(|line| line.contains("dctx/certs") && line.contains("mkdir"))
        {
            assert!(line.contains("0700"), "{line}");
        }
    }
}

/// What the CA's key is closed with is typed twice, seen by nobody, and opens it in openssl.
#[test]
fn a_passphrase_is_typed_unseen() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let Some(term) = Terminal::start(&sb, &["sh"]) else { return };
    let dctx = crate::support::sandbox::dctx_bin().display().to_string();
    term.line(&format!("{dctx} cert new lab --host tcp://10.0.0.1; echo status $?"));
    term.shows("Passphrase for the new CA's key:");
    term.write("geheim w");
    term.press(&["BSpace"]);
    term.write("ort");
    term.press(&["Enter"]);
    term.shows("The same again:");
    term.line("geheim ort");
    let screen = term.shows("status 0");
    assert!(!screen.contains("geheim"), "{screen}");
    let key = certs(&sb, "lab").join("ca/ca-key.pem");
    let key = key.to_str().unwrap();
    assert!(
        fs::read_to_string(key).unwrap().starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    );
    let opens =
        |pass: &str| sb.sh("openssl", ["pkey", "-noout", "-in", key, "-passin", pass]).run();
    opens("pass:geheim ort").done();
    assert_ne!(opens("pass:geheim").code(), 0);
    // typed differently, and given up: nothing is made, and the terminal has its echo again
    term.line(&format!("{dctx} cert new two --host tcp://10.0.0.1; echo status $?"));
    term.shows("Passphrase for the new CA's key:");
    term.line("eins zwei");
    term.shows("The same again:");
    term.line("eins drei");
    term.shows("status 1");
    term.line(&format!("clear; {dctx} cert new two --host tcp://10.0.0.1; echo now $?"));
    term.shows("Passphrase for the new CA's key:");
    term.press(&["C-c"]);
    term.shows("now 130");
    term.line("echo so klingt das Echo");
    term.shows("\nso klingt das Echo");
    assert!(term.history().contains("echo so klingt das Echo"));
    assert!(!certs(&sb, "two").exists());
}

/// Python, Node and Java take them, both sides at once.
#[test]
fn other_clients_take_them() {
    let sb = Sandbox::new();
    cert(&sb, "new ca --host tcp://127.0.0.1:2376 --no-passphrase").run().done();
    cert(&sb, "new pin --host tcp://127.0.0.1:2376 --pin --key-type ed25519").run().done();
    const PYTHON: &str = r#"
import socket, ssl, sys, threading
d = sys.argv[1]
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(d + "/server/server-cert.pem", d + "/server/server-key.pem")
server.load_verify_locations(d + "/server/ca.pem")
server.verify_mode = ssl.CERT_REQUIRED
# what Python 3.13 does unasked
strict = ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
server.verify_flags |= strict
client = ssl.create_default_context(cafile=d + "/ca.pem")
client.verify_flags |= strict
client.load_cert_chain(d + "/cert.pem", d + "/key.pem")
listener = socket.create_server(("127.0.0.1", 0))
def serve():
    with server.wrap_socket(listener.accept()[0], server_side=True) as s:
        s.sendall(s.getpeercert()["subject"][-1][0][1].encode())
threading.Thread(target=serve, daemon=True).start()
with client.wrap_socket(socket.create_connection(listener.getsockname()), server_hostname="127.0.0.1") as s:
    print(s.recv(100).decode())
"#;
    const NODE: &str = r#"
const fs = require('fs'), tls = require('tls'), d = process.argv[1];
const read = (name) => fs.readFileSync(d + "/" + name);
const server = tls.createServer({ cert: read("server/server-cert.pem"), key: read("server/server-key.pem"),
    ca: read("server/ca.pem"), requestCert: true, rejectUnauthorized: true },
    (s) => s.end(s.getPeerCertificate().subject.CN));
server.listen(0, "127.0.0.1", () => {
    const s = tls.connect({ host: "127.0.0.1", port: server.address().port, ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") });
    s.on("data", (b) => console.log(b.toString()));
    s.on("close", () => server.close());
});
"#;
    for name in ["ca", "pin"] {
        let dir = certs(&sb, name);
        let dir = dir.to_str().unwrap();
        let client = set::certificate(&Path::new(dir).join("cert.pem")).unwrap();
        let cn = format!("{}\n", client.subject.common_name.unwrap());
        if require("python3").is_some() {
            assert_eq!(sb.sh("python3", ["-c", PYTHON, dir]).run().done().out(), cn, "{name}");
        }
        if require("node").is_some() {
            assert_eq!(sb.sh("node", ["-e", NODE, dir]).run().done().out(), cn, "{name}");
        }
        if let Some(keytool) = require("keytool") {
            let file = format!("{dir}/server/server-cert.pem");
            let out = sb.sh(keytool, ["-J-Xshare:auto", "-printcert", "-file", &file]).run();
            assert!(out.done().out().contains("serverAuth"), "{}", out.out());
        }
    }
}

/// What the article's recipe makes is told: the second certificate signed with one extfile has the names of the first.
#[test]
fn show_tells_what_is_odd() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let script = "
        openssl ecparam -genkey -name prime256v1 -noout -out ca-key.pem
        openssl req -new -x509 -days 30 -key ca-key.pem -sha256 -subj '/CN=docs CA' -out ca.pem
        openssl ecparam -genkey -name prime256v1 -noout -out key.pem
        openssl req -subj /CN=client -new -key key.pem -out client.csr
        echo subjectAltName = DNS:localhost,DNS:10.0.0.1,IP:127.0.0.1 >> extfile.cnf
        echo extendedKeyUsage = serverAuth >> extfile.cnf
        echo extendedKeyUsage = clientAuth >> extfile.cnf
        openssl x509 -req -days 20 -sha256 -in client.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -out cert.pem -extfile extfile.cnf";
    sb.sh("sh", ["-ec", script]).run().done();
    let out = sb.dctx(["cert", "show", "cert.pem"]).run();
    let text = out.done().out();
    for part in [
        "subject     CN=client",
        "signed by   CN=docs CA (./ca.pem)",
        "20 days left, until ",
        "clientAuth",
        "a client's certificate with a server's names",
        "the address 10.0.0.1 is listed as a DNS name",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&sb.dctx(["cert", "show", ".", "--json"]).run().done().out()).unwrap();
    let files = json["files"].as_array().unwrap();
    assert_eq!(files.len(), 5, "{json}");
    let key = files.iter().find(|file| file["path"] == "./key.pem").unwrap();
    assert_eq!(key["key"]["belongs_to"], "./cert.pem");
    let zh = sb.dctx(["cert", "show", "cert.pem"]).env("DCTX_LANG", "zh").run();
    assert!(zh.done().out().contains("同一个 extfile"));
    assert_eq!(sb.dctx(["cert", "show", "nothing-here"]).run().code(), 3);
    assert_eq!(sb.dctx(["cert", "show", "./nothing.pem"]).run().code(), 4);
    assert_eq!(sb.dctx(["cert", "show"]).run().code(), 3);
    // no file is so damaged that it is not told
    sb.write(
        "work/junk.pem",
        "-----BEGIN CERTIFICATE-----\n\u{1b}[2J\n-----END CERTIFICATE-----\n",
    );
    let out = sb.dctx(["cert", "show", "./junk.pem"]).run();
    assert!(out.code() == 4 && !out.out().contains('\u{1b}') && !out.err().contains('\u{1b}'));
}

/// Reading back what was written gives what was meant.
#[test]
fn a_certificate_reads_as_it_was_written() {
    let sb = Sandbox::new();
    let out = sb.dctx(["cert", "new", "lab", "--host", "tcp://10.0.0.1", "--no-passphrase"]);
    let out = out.env("USER", "张三\u{202e}\u{7}".repeat(40)).run();
    out.done();
    let cert: Cert = set::certificate(&certs(&sb, "lab").join("cert.pem")).unwrap();
    let name = cert.subject.common_name.unwrap();
    assert!(name.starts_with("张三张三") && name.chars().count() == 64, "{name}");
    assert!(!name.chars().any(dctx::text::is_hidden));
}

/// docker compares an address with a zone as text, and no certificate lists it so.
#[test]
fn no_certificate_is_made_for_a_zone() {
    let sb = Sandbox::new();
    let out = sb.dctx(["cert", "new", "lab", "--host", "tcp://[fe80::5%25lo]:2376"]).run();
    assert_eq!(out.code(), 2, "{}", out.err());
    assert!(out.err().contains("dctx cert new lab --host tcp://HOST:2376"), "{}", out.err());
    assert!(!certs(&sb, "lab").exists());
}
