//! The judge of certificates is held to the real docker client: a server with each certificate of a zoo, the same
//! files given to both, and both have to agree on yes or no, and on the reason.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use dctx::cert::pem;
use dctx::cert::verify::{Fault, Place, Usage, verify};
use dctx::cert::x509::Cert;

use crate::support::certs::{EXPIRED, NOT_YET};
use crate::support::dockerd::Dockerd;
use crate::support::zoo::{CA, Made, Spec, Zoo};
use crate::support::{Sandbox, require};

/// What the server answers to `GET /v1.41/version`, so that reaching it is seen.
const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\
    Content-Length: 37\r\n\r\n{\"Version\":\"zoo\",\"ApiVersion\":\"1.41\"}";

const IP: &str = "subjectAltName=IP:127.0.0.1";

/// A server, and what the client trusts.
struct Row {
    name: &'static str,
    /// The chain in one file, and the key of its first certificate.
    chain: PathBuf,
    key: PathBuf,
    ca: PathBuf,
    host: &'static str,
    /// What we have to say: nothing, or the name of the first fault and where it is.
    want: &'static str,
}

#[test]
fn docker_agrees_on_every_server_certificate() {
    let (Some(_), Some(_)) = (require("docker"), require("openssl")) else { return };
    let sb = Sandbox::new();
    let zoo = Zoo::new(sb.path("zoo"));
    let rows = rows(&zoo);
    sb.write("www/v1.41/version", ANSWER);
    let mut wrong = Vec::new();
    let mut table = String::new();
    for (row, docker) in rows.iter().zip(ask_all(&sb, &rows)) {
        let ours =
            verify(&certs(&row.chain), &certs(&row.ca), Some(row.host), Usage::Server, now());
        let reached = docker == "zoo";
        let first = ours.as_ref().err().map(|faults| &faults[0]);
        let agreed = match first {
            None => reached,
            // we do not know, and do not say that we do
            Some(fault) if !fault.is_certain() => true,
            Some(fault) => !reached && docker.contains(&go_text(fault, row.host)),
        };
        let said = first.map_or_else(|| "ok".to_owned(), short);
        let told = docker.replace("tls: failed to verify certificate: ", "");
        let told = told.rsplit("\": ").next().unwrap_or_default().trim();
        table.push_str(&format!("{:<44} {:<32} {told}\n", row.name, said));
        if !agreed {
            wrong.push(format!("{}: we say {ours:?}, docker says {docker}", row.name));
        }
        if said != row.want {
            wrong.push(format!("{}: we say {said}, wanted {}: {ours:?}", row.name, row.want));
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{}\n{table}", wrong.join("\n"));
}

/// What docker says of every row. Most of the time it waits, so a few are asked at once.
fn ask_all(sb: &Sandbox, rows: &[Row]) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let said = Mutex::new(vec![String::new(); rows.len()]);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((at, row)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    rows.get(at).map(|row| (at, row))
                } {
                    let docker = ask_docker(sb, at, row);
                    said.lock().unwrap()[at] = docker;
                }
            });
        }
    });
    said.into_inner().unwrap()
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

/// As docker reads a file: what is no certificate is passed over.
fn certs(path: &Path) -> Vec<Cert> {
    let pem = pem::open(path).unwrap().pem().unwrap();
    pem.labelled("CERTIFICATE").map(|block| Cert::from_der(&block.contents).unwrap()).collect()
}

/// `name` or `name(place)` of a fault.
fn short(fault: &Fault) -> String {
    let debug = format!("{fault:?}");
    let name = debug.split([' ', '{']).next().unwrap().to_owned();
    let at = |place: &Place| format!("{name}({place:?})");
    match fault {
        Fault::Malformed { place, .. }
        | Fault::CriticalExtension { place, .. }
        | Fault::Expired { place, .. }
        | Fault::NotYetValid { place, .. }
        | Fault::UnknownAuthority { place, .. }
        | Fault::SelfSigned { place, .. }
        | Fault::IssuerNotCa { place, .. }
        | Fault::PathLength { place, .. }
        | Fault::NameConstraint { place, .. }
        | Fault::Usage { place, .. } => at(place),
        _ => name,
    }
}

/// What docker says for a fault, up to the second in which it says so.
fn go_text(fault: &Fault, host: &str) -> String {
    let words = fault.docker(host, now()).unwrap_or_default();
    match words.split_once("current time ") {
        Some((head, _)) => format!("{head}current time "),
        None => words,
    }
}

/// Runs the real docker client against a real TLS server with the row's certificate; `zoo` where it got through.
fn ask_docker(sb: &Sandbox, at: usize, row: &Row) -> String {
    let dir = sb.path(format!("client-{at}"));
    fs::create_dir(&dir).unwrap();
    fs::copy(&row.ca, dir.join("ca.pem")).unwrap();
    let server = Server::start(sb, row);
    let direct = matches!(row.host, "127.0.0.1" | "localhost");
    let port = server.port;
    let host = if row.host.contains(':') { format!("[{}]", row.host) } else { row.host.to_owned() };
    let mut docker = sb.sh("docker", ["version", "-f", "{{.Server.Version}}"]);
    docker = docker.env("DOCKER_HOST", format!("tcp://{host}:{port}"));
    docker = docker.env("DOCKER_API_VERSION", "1.41").env("DOCKER_TLS_VERIFY", "1");
    docker = docker.env("DOCKER_CERT_PATH", &dir);
    if !direct {
        docker = docker.env("HTTPS_PROXY", proxy(port));
    }
    let out = docker.run();
    if out.code() == 0 { out.out().trim().to_owned() } else { out.err() }
}

/// `openssl s_server` with one certificate.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(sb: &Sandbox, row: &Row) -> Self {
        let mut openssl = Command::new("openssl");
        openssl.args(["s_server", "-accept", "127.0.0.1:0", "-HTTP", "-cipher"]);
        openssl
            .arg("ALL:@SECLEVEL=0")
            .arg("-cert")
            .arg(&row.chain)
            .arg("-cert_chain")
            .arg(&row.chain);
        openssl.arg("-key").arg(&row.key).current_dir(sb.path("www"));
        openssl.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = openssl.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let mut lines = lines.lines().map_while(Result::ok);
        let accept = lines.find(|line| line.starts_with("ACCEPT "));
        let accept = accept.unwrap_or_else(|| panic!("{}: openssl s_server ends", row.name));
        let port = accept.trim().rsplit(':').next().unwrap().parse().unwrap();
        // its output has to go somewhere, or it waits
        thread::spawn(move || lines.for_each(drop));
        Server { child, port }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An HTTP proxy for one connection, which leads every name to this port: no test needs a resolver.
pub(crate) fn proxy(port: u16) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming().take(4) {
            let mut client = client.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).unwrap_or(0) == 1 {
                head.extend(byte);
            }
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { return };
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            pump(client.try_clone().unwrap(), server.try_clone().unwrap());
            pump(server, client);
        }
    });
    format!("http://{address}")
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}

/// Everything that is wrong is told at once, in the order in which docker would come to it.
#[test]
fn all_faults_are_told() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let zoo = Zoo::new(sb.path("zoo"));
    let (ca, other) = (zoo.ca("/CN=docs CA"), zoo.ca("/CN=other CA"));
    let ext = [IP, "extendedKeyUsage=clientAuth"];
    let leaf = zoo.make(&Spec { by: Some(&ca), ext: &ext, dates: EXPIRED, ..Spec::default() });
    let told = |root: &Made, host: &str| {
        let faults =
            verify(&certs(&leaf.cert), &certs(&root.cert), Some(host), Usage::Server, now());
        faults.unwrap_err().iter().map(short).collect::<Vec<_>>()
    };
    let all = ["Expired(Leaf)", "NameMismatch", "UnknownAuthority(Leaf)", "Usage(Leaf)"];
    assert_eq!(told(&other, "10.1.2.3"), all);
    assert_eq!(told(&ca, "127.0.0.1"), ["Expired(Leaf)", "Usage(Leaf)"]);
    let again = zoo.ca("/CN=docs CA");
    assert_eq!(told(&again, "127.0.0.1"), ["Expired(Leaf)", "SameNameOtherKey", "Usage(Leaf)"]);
    let none = verify(&[], &certs(&ca.cert), None, Usage::Server, now());
    assert_eq!(none, Err(vec![Fault::Empty]));
    let nobody = verify(&certs(&leaf.cert), &[], None, Usage::Client, now());
    let nobody: Vec<String> = nobody.unwrap_err().iter().map(short).collect();
    assert_eq!(nobody, ["Expired(Leaf)", "UnknownAuthority(Leaf)"]);
}

/// The real daemon takes exactly the client certificates that we find nothing wrong with.
#[test]
fn dockerd_agrees_on_every_client_certificate() {
    let (Some(_), Some(daemon)) = (require("docker"), Dockerd::mutual()) else { return };
    let sb = Sandbox::new();
    let zoo = Zoo::new(sb.path("zoo"));
    let cert = daemon.ca.pem();
    let ca = Made { key: cert.with_file_name("ca-key.pem"), cert: cert.clone() };
    let own = [Cert::from_der(&pem_of(&cert)).unwrap()];
    let name = format!("/{}", own[0].subject.full);
    let other = zoo.ca("/CN=other CA");
    let again = zoo.ca(&name);
    let inter = zoo.make(&Spec { subject: "/CN=inter", by: Some(&ca), ext: CA, ..Spec::default() });
    let leaf = |by: &Made, ext: &[&str]| zoo.leaf(by, ext);
    let client = "extendedKeyUsage=clientAuth";
    let dated = |dates| zoo.make(&Spec { by: Some(&ca), ext: &[client], dates, ..Spec::default() });
    let below = leaf(&inter, &[client]);
    let sha1 = zoo.make(&Spec { by: Some(&ca), ext: &[client], digest: "sha1", ..Spec::default() });
    let rows: Vec<(&str, Vec<Made>, &str)> = vec![
        ("as it should be", vec![leaf(&ca, &[client])], "ok"),
        ("no extended key usage", vec![leaf(&ca, &["basicConstraints=CA:FALSE"])], "ok"),
        ("v1", vec![leaf(&ca, &[])], "ok"),
        ("both usages", vec![leaf(&ca, &["extendedKeyUsage=serverAuth,clientAuth"])], "ok"),
        ("any usage", vec![leaf(&ca, &["extendedKeyUsage=anyExtendedKeyUsage"])], "ok"),
        ("with names", vec![leaf(&ca, &[client, IP])], "ok"),
        ("intermediate sent", vec![below.clone(), inter], "ok"),
        ("intermediate missing", vec![below], "UnknownAuthority(Leaf)"),
        ("for servers only", vec![leaf(&ca, &["extendedKeyUsage=serverAuth"])], "Usage(Leaf)"),
        ("expired", vec![dated(EXPIRED)], "Expired(Leaf)"),
        ("not yet valid", vec![dated(NOT_YET)], "NotYetValid(Leaf)"),
        ("SHA-1", vec![sha1], "WeakSignature"),
        ("of another CA", vec![leaf(&other, &[client])], "UnknownAuthority(Leaf)"),
        ("of a CA of the same name", vec![leaf(&again, &[client])], "SameNameOtherKey"),
        (
            "self-signed",
            vec![zoo.make(&Spec { ext: &[client], ..Spec::default() })],
            "SelfSigned(Leaf)",
        ),
    ];
    for (at, (what, chain, want)) in rows.iter().enumerate() {
        let certs_of: Vec<&Path> = chain.iter().map(|made| made.cert.as_path()).collect();
        let bundle = zoo.bundle(&certs_of);
        let ours = verify(&certs(&bundle), &own, None, Usage::Client, now());
        let said = ours.as_ref().err().map_or_else(|| "ok".to_owned(), |f| short(&f[0]));
        let dir = sb.path(format!("c{at}"));
        fs::create_dir(&dir).unwrap();
        fs::copy(&cert, dir.join("ca.pem")).unwrap();
        fs::copy(&bundle, dir.join("cert.pem")).unwrap();
        fs::copy(&chain[0].key, dir.join("key.pem")).unwrap();
        let docker = sb.sh("docker", ["version", "-f", "{{.Server.Version}}"]);
        let docker = docker.env("DOCKER_HOST", daemon.tcp()).env("DOCKER_TLS_VERIFY", "1");
        let out = docker.env("DOCKER_CERT_PATH", &dir).run();
        println!("{what:<28} {said:<24} {}", out.err().trim());
        assert_eq!(said, *want, "{what}: {ours:?}");
        assert_eq!(out.code() == 0, said == "ok", "{what}: {}", out.err());
    }
}

fn pem_of(path: &Path) -> Vec<u8> {
    pem::open(path).unwrap().pem().unwrap().blocks[0].contents.to_vec()
}

/// The zoo.
fn rows(zoo: &Zoo) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut row = |name, chain: &[&Made], ca: &[&Made], host, want| {
        let certs: Vec<&Path> = chain.iter().map(|made| made.cert.as_path()).collect();
        let roots: Vec<&Path> = ca.iter().map(|made| made.cert.as_path()).collect();
        let key = chain[0].key.clone();
        let (chain, ca) = (zoo.bundle(&certs), zoo.bundle(&roots));
        rows.push(Row { name, chain, key, ca, host, want });
    };
    let lo = "127.0.0.1";
    let ca = zoo.ca("/O=Article/CN=docs CA");
    let other = zoo.ca("/O=Other/CN=other CA");
    let good = zoo.leaf(&ca, &[IP, "extendedKeyUsage=serverAuth"]);
    let plain = zoo.leaf(&ca, &[IP]);

    // as it should be, and what docker takes although others do not
    row("as it should be", &[&good], &[&ca], lo, "ok");
    row("no extended key usage", &[&plain], &[&ca], lo, "ok");
    row("root sent along", &[&good, &ca], &[&ca], lo, "ok");
    row("two CAs in ca.pem", &[&good], &[&other, &ca], lo, "ok");
    let long = Spec {
        by: Some(&ca),
        ext: &[IP],
        dates: ("20200101000000Z", "20991231235959Z"),
        ..Spec::default()
    };
    row("valid for 80 years", &[&zoo.make(&long)], &[&ca], lo, "ok");
    let v1_ca = zoo.make(&Spec { subject: "/CN=v1 CA", ..Spec::default() });
    row("v1 root", &[&zoo.leaf(&v1_ca, &[IP])], &[&v1_ca], lo, "ok");
    let own = zoo.make(&Spec { ext: &[IP, CA[0]], ..Spec::default() });
    row("self-signed CA:TRUE, is ca.pem itself", &[&own], &[&own], lo, "ok");
    let pin =
        zoo.make(&Spec { ext: &[IP, "basicConstraints=critical,CA:FALSE"], ..Spec::default() });
    row("self-signed CA:FALSE, is ca.pem itself", &[&pin], &[&pin], lo, "ok");
    row("signed by another, is ca.pem itself", &[&good], &[&good], lo, "ok");
    let any = zoo.leaf(&ca, &[IP, "extendedKeyUsage=anyExtendedKeyUsage"]);
    row("extended key usage any", &[&any], &[&ca], lo, "ok");
    let both = zoo.leaf(&ca, &[IP, "extendedKeyUsage=clientAuth,serverAuth"]);
    row("both extended key usages", &[&both], &[&ca], lo, "ok");
    let encipher = zoo.leaf(&ca, &[IP, "keyUsage=critical,keyEncipherment"]);
    row("key usage that does not fit", &[&encipher], &[&ca], lo, "ok");
    let utf8 = zoo.ca("/O=示例/CN=文档 CA");
    row("CA with a Chinese name", &[&zoo.leaf(&utf8, &[IP])], &[&utf8], lo, "ok");
    let serial = Spec { by: Some(&ca), ext: &[IP], ..Spec::default() };
    let negative = negative_serial(zoo, &zoo.make(&serial), &ca);
    row("negative serial", &[&negative], &[&ca], lo, "ok");

    // keys and algorithms
    let rsa =
        zoo.make(&Spec { key: "RSA:2048", subject: "/CN=rsa CA", ext: CA, ..Spec::default() });
    row("RSA-2048 CA", &[&zoo.leaf(&rsa, &[IP])], &[&rsa], lo, "ok");
    let small =
        zoo.make(&Spec { key: "RSA:1024", subject: "/CN=small CA", ext: CA, ..Spec::default() });
    row("RSA-1024 CA", &[&zoo.leaf(&small, &[IP])], &[&small], lo, "ok");
    let small2 =
        zoo.make(&Spec { key: "RSA:1024", subject: "/CN=small CA", ext: CA, ..Spec::default() });
    row(
        "RSA-1024 CA, same name, other key",
        &[&zoo.leaf(&small, &[IP])],
        &[&small2],
        lo,
        "SameNameOtherKey",
    );
    for (name, digest) in [("RSA, SHA-384", "sha384"), ("RSA, SHA-512", "sha512")] {
        let leaf = zoo.make(&Spec { by: Some(&rsa), ext: &[IP], digest, ..Spec::default() });
        row(name, &[&leaf], &[&rsa], lo, "ok");
    }
    let pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"];
    let leaf = zoo.make(&Spec {
        by: Some(&rsa),
        ext: &[IP],
        digest: "sha256",
        args: &pss,
        ..Spec::default()
    });
    row("RSA-PSS", &[&leaf], &[&rsa], lo, "ok");
    let pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:20"];
    let leaf = zoo.make(&Spec {
        by: Some(&rsa),
        ext: &[IP],
        digest: "sha256",
        args: &pss,
        ..Spec::default()
    });
    row("RSA-PSS with a short salt", &[&leaf], &[&rsa], lo, "UnknownAlgorithm");
    let p384 =
        zoo.make(&Spec { key: "P-384", subject: "/CN=P-384 CA", ext: CA, ..Spec::default() });
    row("P-384 CA", &[&zoo.leaf(&p384, &[IP])], &[&p384], lo, "ok");
    let p521 =
        zoo.make(&Spec { key: "P-521", subject: "/CN=P-521 CA", ext: CA, ..Spec::default() });
    row("P-521 CA", &[&zoo.leaf(&p521, &[IP])], &[&p521], lo, "CannotCheck");
    let late = zoo.make(&Spec { by: Some(&p521), ext: &[IP], dates: EXPIRED, ..Spec::default() });
    row("P-521 CA, expired leaf", &[&late], &[&p521], lo, "Expired(Leaf)");
    let leaf = zoo.make(&Spec { key: "P-521", by: Some(&ca), ext: &[IP], ..Spec::default() });
    row("P-521 leaf", &[&leaf], &[&ca], lo, "ok");
    let leaf = zoo.make(&Spec { by: Some(&ca), ext: &[IP], digest: "sha512", ..Spec::default() });
    row("P-256 CA, SHA-512", &[&leaf], &[&ca], lo, "CannotCheck");
    let leaf = zoo.make(&Spec { key: "RSA:4096", by: Some(&ca), ext: &[IP], ..Spec::default() });
    row("RSA-4096 leaf", &[&leaf], &[&ca], lo, "ok");
    let ed = zoo.make(&Spec { key: "ED25519", subject: "/CN=ed CA", ext: CA, ..Spec::default() });
    let leaf = zoo.make(&Spec { key: "ED25519", by: Some(&ed), ext: &[IP], ..Spec::default() });
    row("Ed25519 throughout", &[&leaf], &[&ed], lo, "ok");
    let koblitz =
        zoo.make(&Spec { key: "secp256k1", subject: "/CN=k1", ext: CA, ..Spec::default() });
    row("secp256k1 CA sent along", &[&good, &koblitz], &[&ca], lo, "Malformed(Intermediate)");
    row("secp256k1 CA beside the right one", &[&good], &[&koblitz, &ca], lo, "ok");
    let twin =
        zoo.make(&Spec { key: "P-521", subject: "/CN=P-521 CA", ext: CA, ..Spec::default() });
    row("P-521 CA of the same name", &[&zoo.leaf(&p521, &[IP])], &[&twin], lo, "CannotCheck");
    for (name, by, digest) in
        [("SHA-1, RSA", &rsa, "sha1"), ("SHA-1, ECDSA", &ca, "sha1"), ("MD5, RSA", &rsa, "md5")]
    {
        let leaf = zoo.make(&Spec { by: Some(by), ext: &[IP], digest, ..Spec::default() });
        row(name, &[&leaf], &[by], lo, "WeakSignature");
    }
    let old = zoo.make(&Spec {
        key: "RSA:2048",
        subject: "/CN=old CA",
        ext: CA,
        digest: "sha1",
        ..Spec::default()
    });
    row("SHA-1 on the root itself", &[&zoo.leaf(&old, &[IP])], &[&old], lo, "ok");

    // names
    let cn = zoo.make(&Spec {
        by: Some(&ca),
        subject: "/CN=localhost",
        ext: &[CA[1]],
        ..Spec::default()
    });
    row("common name alone, address", &[&cn], &[&ca], lo, "NoSan");
    row("common name alone, the name", &[&cn], &[&ca], "localhost", "NoSan");
    row("common name alone, another name", &[&cn], &[&ca], "docker.test", "NoSan");
    let v1 = zoo.make(&Spec { by: Some(&ca), ..Spec::default() });
    row("v1 leaf, address", &[&v1], &[&ca], lo, "NoSan");
    let named = |san: &str| zoo.leaf(&ca, &[&format!("subjectAltName={san}")]);
    let as_dns = named("DNS:127.0.0.1");
    row("address as DNS name", &[&as_dns], &[&ca], lo, "NoIpSan");
    row(
        "other addresses",
        &[&named("IP:192.168.57.110,IP:10.0.0.1,DNS:a")],
        &[&ca],
        lo,
        "NameMismatch",
    );
    row("names only, address", &[&named("DNS:coreos1")], &[&ca], lo, "NoIpSan");
    row(
        "other names",
        &[&named("DNS:coreos1,DNS:coreos2,IP:127.0.0.1")],
        &[&ca],
        "localhost",
        "NameMismatch",
    );
    row("addresses only, name", &[&plain], &[&ca], "localhost", "NoDnsSan");
    row("mail address only, address", &[&named("email:a@b.test")], &[&ca], lo, "NoIpSan");
    row("mail address only, name", &[&named("email:a@b.test")], &[&ca], "localhost", "NoDnsSan");
    let wild = named("DNS:*.example.test");
    row("wildcard, one label", &[&wild], &[&ca], "a.example.test", "ok");
    row("wildcard, two labels", &[&wild], &[&ca], "b.a.example.test", "NameMismatch");
    row("wildcard, no label", &[&wild], &[&ca], "example.test", "NameMismatch");
    row(
        "wildcard inside a label",
        &[&named("DNS:a*.example.test")],
        &[&ca],
        "ab.example.test",
        "NameMismatch",
    );
    row("wildcard not first", &[&named("DNS:a.*.test")], &[&ca], "a.example.test", "NameMismatch");
    row("bare wildcard", &[&named("DNS:*")], &[&ca], "localhost", "NameMismatch");
    row("upper case", &[&named("DNS:LocalHost")], &[&ca], "localhost", "ok");
    row("underscore", &[&named("DNS:my_host.test")], &[&ca], "my_host.test", "ok");
    row(
        "dot at the end of the certificate's name",
        &[&named("DNS:a.test.")],
        &[&ca],
        "a.test",
        "NameMismatch",
    );
    row("IPv6", &[&named("IP:fd00::1")], &[&ca], "fd00::1", "ok");
    row("IPv6, another", &[&named("IP:fd00::1")], &[&ca], "fd00::2", "NameMismatch");

    // whose it is
    row("other CA", &[&good], &[&other], lo, "UnknownAuthority(Leaf)");
    row("self-signed, unknown", &[&own], &[&ca], lo, "SelfSigned(Leaf)");
    let again = zoo.ca("/O=Article/CN=docs CA");
    row("CA of the same name, another key", &[&good], &[&again], lo, "SameNameOtherKey");
    row("old and new CA of one name", &[&good], &[&again, &ca], lo, "ok");
    let renewed = zoo.make(&Spec {
        subject: "/O=Article/CN=docs CA",
        ext: CA,
        reuse: Some(&ca),
        ..Spec::default()
    });
    row("CA renewed with the same key", &[&good], &[&renewed], lo, "ok");
    let no_ca = zoo.make(&Spec {
        subject: "/CN=no CA",
        ext: &["basicConstraints=CA:FALSE"],
        ..Spec::default()
    });
    row("root with CA:FALSE", &[&zoo.leaf(&no_ca, &[IP])], &[&no_ca], lo, "IssuerNotCa(Root)");
    let bare = zoo.make(&Spec {
        subject: "/CN=bare CA",
        ext: &["subjectKeyIdentifier=hash"],
        ..Spec::default()
    });
    row(
        "v3 root without basic constraints",
        &[&zoo.leaf(&bare, &[IP])],
        &[&bare],
        lo,
        "IssuerNotCa(Root)",
    );
    let no_sign = zoo.make(&Spec {
        subject: "/CN=no sign",
        ext: &[CA[0], "keyUsage=digitalSignature"],
        ..Spec::default()
    });
    row(
        "root that may not sign",
        &[&zoo.leaf(&no_sign, &[IP])],
        &[&no_sign],
        lo,
        "IssuerNotCa(Root)",
    );
    let ids = ["subjectKeyIdentifier=hash", CA[0]];
    let first = zoo.make(&Spec { subject: "/CN=ids", ext: &ids, ..Spec::default() });
    let second = zoo.make(&Spec { subject: "/CN=ids", ext: &ids, ..Spec::default() });
    let leaf = zoo.leaf(&first, &[IP, "authorityKeyIdentifier=keyid"]);
    row("same name, key identifiers tell", &[&leaf], &[&second, &first], lo, "ok");
    row("same name, key identifiers differ", &[&leaf], &[&second], lo, "SameNameOtherKey");
    let leaf = zoo.leaf(&good, &[IP]);
    row("signed by a server certificate", &[&leaf, &good], &[&ca], lo, "IssuerNotCa(Intermediate)");

    // intermediates
    let inter = zoo.make(&Spec { subject: "/CN=inter", by: Some(&ca), ext: CA, ..Spec::default() });
    let below = zoo.leaf(&inter, &[IP]);
    row("intermediate sent", &[&below, &inter], &[&ca], lo, "ok");
    row("intermediate sent after another", &[&below, &other, &inter], &[&ca], lo, "ok");
    row("intermediate missing", &[&below], &[&ca], lo, "UnknownAuthority(Leaf)");
    row("intermediate missing, root sent", &[&below, &ca], &[&ca], lo, "MissingIntermediate");
    row("intermediate as ca.pem", &[&below], &[&inter], lo, "ok");
    row(
        "intermediate of another CA",
        &[&below, &inter],
        &[&other],
        lo,
        "UnknownAuthority(Intermediate)",
    );
    let late = zoo.make(&Spec {
        subject: "/CN=inter",
        by: Some(&ca),
        ext: CA,
        reuse: Some(&inter),
        dates: EXPIRED,
        ..Spec::default()
    });
    row("intermediate expired", &[&below, &late], &[&ca], lo, "Expired(Intermediate)");
    row("intermediate expired and renewed", &[&below, &late, &inter], &[&ca], lo, "ok");
    let short_ca = zoo.make(&Spec {
        subject: "/CN=short",
        ext: &["basicConstraints=critical,CA:TRUE,pathlen:0"],
        ..Spec::default()
    });
    let inter =
        zoo.make(&Spec { subject: "/CN=inter", by: Some(&short_ca), ext: CA, ..Spec::default() });
    row(
        "path length 0 and an intermediate",
        &[&zoo.leaf(&inter, &[IP]), &inter],
        &[&short_ca],
        lo,
        "PathLength(Root)",
    );
    row("path length 0 and none", &[&zoo.leaf(&short_ca, &[IP])], &[&short_ca], lo, "ok");

    // dates
    let late = zoo.make(&Spec { by: Some(&ca), ext: &[IP], dates: EXPIRED, ..Spec::default() });
    row("leaf expired", &[&late], &[&ca], lo, "Expired(Leaf)");
    row("leaf expired, and of another CA", &[&late], &[&other], lo, "Expired(Leaf)");
    row("leaf expired, and for another address", &[&late], &[&ca], "10.1.2.3", "Expired(Leaf)");
    row("leaf expired, is ca.pem itself", &[&late], &[&late], lo, "Expired(Leaf)");
    let early = zoo.make(&Spec { by: Some(&ca), ext: &[IP], dates: NOT_YET, ..Spec::default() });
    row("leaf not yet valid", &[&early], &[&ca], lo, "NotYetValid(Leaf)");
    let old_ca = zoo.make(&Spec { subject: "/CN=old", ext: CA, dates: EXPIRED, ..Spec::default() });
    let leaf = zoo.leaf(&old_ca, &[IP]);
    row("root expired", &[&leaf], &[&old_ca], lo, "Expired(Root)");
    let new_ca =
        zoo.make(&Spec { subject: "/CN=old", ext: CA, reuse: Some(&old_ca), ..Spec::default() });
    row("root expired, and renewed", &[&leaf], &[&old_ca, &new_ca], lo, "ok");
    let foreign = zoo.ca("/CN=old");
    row("root expired, and one of its name", &[&leaf], &[&old_ca, &foreign], lo, "Expired(Root)");
    row("one of its name, and root expired", &[&leaf], &[&foreign, &old_ca], lo, "Expired(Root)");
    let soon = zoo.make(&Spec { subject: "/CN=soon", ext: CA, dates: NOT_YET, ..Spec::default() });
    row("root not yet valid", &[&zoo.leaf(&soon, &[IP])], &[&soon], lo, "NotYetValid(Root)");

    // what it is for
    let client = zoo.leaf(&ca, &[IP, "extendedKeyUsage=clientAuth"]);
    row("for clients only", &[&client], &[&ca], lo, "Usage(Leaf)");
    row("for clients only, other CA", &[&client], &[&other], lo, "UnknownAuthority(Leaf)");
    row("for clients only, other address", &[&client], &[&ca], "10.1.2.3", "NameMismatch");
    row("for clients only, is ca.pem itself", &[&client], &[&client], lo, "Usage(Leaf)");
    let odd = zoo.leaf(&ca, &[IP, "extendedKeyUsage=1.2.3.4"]);
    row("for something unknown only", &[&odd], &[&ca], lo, "Usage(Leaf)");
    let clients = zoo.make(&Spec {
        subject: "/CN=clients",
        ext: &[CA[0], "extendedKeyUsage=clientAuth"],
        ..Spec::default()
    });
    row("root for clients only", &[&zoo.leaf(&clients, &[IP])], &[&clients], lo, "Usage(Root)");
    let inter = zoo.make(&Spec {
        subject: "/CN=inter",
        by: Some(&ca),
        ext: &[CA[0], "extendedKeyUsage=clientAuth"],
        ..Spec::default()
    });
    row(
        "intermediate for clients only",
        &[&zoo.leaf(&inter, &[IP]), &inter],
        &[&ca],
        lo,
        "Usage(Intermediate)",
    );
    let critical = zoo.leaf(&ca, &[IP, "1.2.3.4=critical,DER:05:00"]);
    row("unknown critical extension", &[&critical], &[&ca], lo, "CriticalExtension(Leaf)");
    let odd = zoo.leaf(&ca, &[IP, "1.2.3.4=DER:05:00"]);
    row("unknown extension", &[&odd], &[&ca], lo, "ok");
    let odd_ca = zoo.make(&Spec {
        subject: "/CN=odd",
        ext: &[CA[0], "1.2.3.4=critical,DER:05:00"],
        ..Spec::default()
    });
    row(
        "unknown critical extension of the root",
        &[&zoo.leaf(&odd_ca, &[IP])],
        &[&odd_ca],
        lo,
        "CriticalExtension(Root)",
    );

    // name constraints
    let within = |constraints: &str| {
        let line = format!("nameConstraints=critical,{constraints}");
        zoo.make(&Spec { subject: "/CN=within", ext: &[CA[0], &line], ..Spec::default() })
    };
    let c = within("permitted;DNS:example.test");
    let san = |ca: &Made, names: &str| zoo.leaf(ca, &[&format!("subjectAltName={names}")]);
    row("permitted name", &[&san(&c, "DNS:a.example.test")], &[&c], "a.example.test", "ok");
    row("permitted name itself", &[&san(&c, "DNS:example.test")], &[&c], "example.test", "ok");
    row("name not permitted", &[&san(&c, "DNS:a.test")], &[&c], "a.test", "NameConstraint(Root)");
    row(
        "one name of two not permitted",
        &[&san(&c, "DNS:a.example.test,DNS:a.test")],
        &[&c],
        "a.example.test",
        "NameConstraint(Root)",
    );
    row("address under name constraints", &[&san(&c, "IP:127.0.0.1")], &[&c], lo, "ok");
    let c = within("permitted;DNS:.example.test");
    row("leading dot, below", &[&san(&c, "DNS:a.example.test")], &[&c], "a.example.test", "ok");
    row(
        "leading dot, the domain itself",
        &[&san(&c, "DNS:example.test")],
        &[&c],
        "example.test",
        "NameConstraint(Root)",
    );
    let c = within("excluded;IP:127.0.0.0/255.0.0.0");
    row("excluded address", &[&san(&c, "IP:127.0.0.1")], &[&c], lo, "NameConstraint(Root)");
    let c = within("permitted;IP:127.0.0.0/255.0.0.0");
    row("permitted address", &[&san(&c, "IP:127.0.0.1")], &[&c], lo, "ok");
    row(
        "address not permitted",
        &[&san(&c, "IP:10.1.2.3")],
        &[&c],
        "10.1.2.3",
        "NameConstraint(Root)",
    );
    row("IPv6 not permitted", &[&san(&c, "IP:fd00::1")], &[&c], "fd00::1", "NameConstraint(Root)");
    let c = within("permitted;email:example.test");
    row(
        "mail not permitted",
        &[&san(&c, "IP:127.0.0.1,email:a@b.test")],
        &[&c],
        lo,
        "NameConstraint(Root)",
    );
    let c = within("permitted;URI:example.test");
    row(
        "URI not permitted",
        &[&san(&c, "IP:127.0.0.1,URI:https://b.test/")],
        &[&c],
        lo,
        "NameConstraint(Root)",
    );
    row(
        "URI permitted",
        &[&san(&c, "IP:127.0.0.1,URI:https://a.example.test:1/")],
        &[&c],
        lo,
        "ok",
    );
    let c = within("permitted;dirName:d\n[d]\nO=Article");
    row(
        "constraint of an unknown kind",
        &[&san(&c, "IP:127.0.0.1")],
        &[&c],
        lo,
        "CriticalExtension(Root)",
    );
    rows
}

/// The same certificate with a serial number below zero, which `openssl ca` does not make.
fn negative_serial(zoo: &Zoo, made: &Made, ca: &Made) -> Made {
    let beside = |name: &str| {
        let own = made.cert.file_name().unwrap().to_str().unwrap();
        made.cert.with_file_name(own.replace("cert.pem", name))
    };
    let cert = beside("negative.pem");
    let mut openssl = zoo.openssl("x509");
    openssl.arg("-req").arg("-in").arg(beside("request")).arg("-CA").arg(&ca.cert);
    openssl.arg("-CAkey").arg(&ca.key).args(["-set_serial", "-5", "-days", "365", "-extfile"]);
    crate::support::zoo::finish(openssl.arg(beside("ext")).arg("-out").arg(&cert));
    Made { cert, key: made.key.clone() }
}
