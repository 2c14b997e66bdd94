//! Certificates with a byte changed, sent by a server that has none of their keys: docker reads and judges them before it
//! looks for that proof, so what it says is its parser's and its verifier's word, and has to be ours.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use dctx::cert::pem::Pem;
use dctx::cert::verify::{Usage, verify};
use dctx::cert::x509::Cert;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::support::zoo::{Spec, Zoo};
use crate::support::{Sandbox, require};

/// Chains that are tried; `DCTX_CHAINS` tries others and more.
const TRIES: u64 = 48;

const HOST: &str = "www.example.com";

/// A generator of numbers that are the same every time (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % end
    }
}

/// One byte is another: a number, a tag, a length, a letter.
fn damage(der: &mut [u8], dice: &mut Dice) {
    const ODD: &[u8] = &[0, 1, 2, 3, 4, 5, 6, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x30, 0x31, 0x7f];
    const MORE: &[u8] =
        &[0x80, 0x81, 0x82, 0x83, 0x86, 0x87, 0xa0, 0xa3, 0xfe, 0xff, b'.', b'@', b'*'];
    // the signature is the last, and says nothing but that it is wrong
    let at = 4 + dice.below(der.len() - 80);
    let odd: Vec<u8> = [ODD, MORE].concat();
    der[at] = match dice.below(4) {
        0 => der[at].wrapping_add(1),
        1 => der[at].wrapping_sub(1),
        2 => der[at] ^ 0x20,
        _ => odd[dice.below(odd.len())],
    };
}

fn der(path: &std::path::Path) -> Vec<u8> {
    let pem = Pem::parse(&std::fs::read(path).unwrap());
    pem.labelled("CERTIFICATE").next().unwrap().contents.to_vec()
}

#[test]
fn docker_agrees_on_damaged_chains() {
    let (Some(_), Some(_)) = (require("docker"), require("openssl")) else { return };
    let sb = Sandbox::new();
    let zoo = Zoo::new(sb.path("zoo"));
    let ca = zoo.make(&Spec {
        subject: "/O=Article/CN=docs CA",
        ext: &[
            "basicConstraints=critical,CA:TRUE,pathlen:3",
            "keyUsage=critical,keyCertSign,cRLSign",
            "subjectKeyIdentifier=hash",
        ],
        ..Spec::default()
    });
    let inter = zoo.make(&Spec {
        subject: "/C=DE/O=Article/OU=between/CN=inter/emailAddress=ca@example.com",
        by: Some(&ca),
        ext: &[
            "basicConstraints=critical,CA:TRUE,pathlen:0",
            "keyUsage=critical,keyCertSign,cRLSign",
            "subjectKeyIdentifier=hash",
            "authorityKeyIdentifier=keyid",
            "nameConstraints=critical,permitted;DNS:example.com,permitted;email:example.com,permitted;IP:10.0.0.0/255.0.0.0,excluded;DNS:evil.example.com,permitted;URI:.example.com",
            "certificatePolicies=1.2.3.4,2.5.29.32.0",
            "policyMappings=1.2.3.4:1.2.3.5",
            "policyConstraints=requireExplicitPolicy:3,inhibitPolicyMapping:2",
            "inhibitAnyPolicy=2",
        ],
        ..Spec::default()
    });
    let leaf = zoo.leaf(
        &inter,
        &[
            "subjectAltName=DNS:www.example.com,DNS:*.example.com,email:me@example.com,IP:10.0.0.1,URI:https://a.example.com:8080/p%20q?x#f",
            "basicConstraints=critical,CA:FALSE",
            "keyUsage=critical,digitalSignature",
            "extendedKeyUsage=serverAuth,clientAuth",
            "subjectKeyIdentifier=hash",
            "authorityKeyIdentifier=keyid",
            "crlDistributionPoints=URI:http://crl.example.com/a.crl",
            "authorityInfoAccess=OCSP;URI:http://ocsp.example.com",
            "certificatePolicies=1.2.3.5",
        ],
    );
    let whole = [der(&leaf.cert), der(&inter.cert)];
    let root = Cert::from_der(&der(&ca.cert)).unwrap();
    sb.write("client/ca.pem", std::fs::read(&ca.cert).unwrap());
    let tries = std::env::var("DCTX_CHAINS").ok().and_then(|count| count.parse().ok());
    let (first, tries) = tries.map_or((0, TRIES), |tries: u64| (TRIES, tries));
    let chains: Vec<[Vec<u8>; 2]> = (first..first + tries)
        .map(|seed| {
            let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
            let mut chain = whole.clone();
            for _ in 0..8 {
                dice.below(2);
            }
            if seed > 0 {
                let which = dice.below(2);
                damage(&mut chain[which], &mut dice);
            }
            chain
        })
        .collect();
    let next = AtomicUsize::new(0);
    let wrong = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(chain) = chains.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let docker = ask(&sb, chain);
                    if let Some(why) = differs(chain, &root, &docker) {
                        wrong.lock().unwrap().push(why);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {tries}:\n{}", wrong.len(), wrong.join("\n"));
}

fn differs(chain: &[Vec<u8>; 2], root: &Cert, docker: &str) -> Option<String> {
    let read = |der: &Vec<u8>| Cert::from_der(der).unwrap_or_else(|why| Cert::unreadable(der, why));
    let certs: Vec<Cert> = chain.iter().map(read).collect();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    let ours = verify(&certs, std::slice::from_ref(root), Some(HOST), Usage::Server, now);
    // the server has none of the keys, which docker finds when nothing else is wrong
    let accepted = docker.contains("tls: invalid signature by the server certificate");
    let words = match &ours {
        Ok(_) if accepted => return None,
        Ok(_) => "ok".to_owned(),
        Err(faults) if !faults[0].is_certain() => return None,
        Err(faults) => faults[0].docker(HOST, now).unwrap(),
    };
    let comparable = words.split("current time").next().unwrap_or_default();
    (accepted || !docker.contains(comparable)).then(|| {
        let hex = |der: &[u8]| dctx::cert::x509::hex(der);
        let (leaf, inter) = (hex(&chain[0]), hex(&chain[1]));
        format!("{words}\n  docker: {docker}  leaf {leaf}\n  intermediate {inter}")
    })
}

/// What docker says to a server with this chain.
fn ask(sb: &Sandbox, chain: &[Vec<u8>; 2]) -> String {
    let port = serve(chain);
    let docker = sb.sh("docker", ["version", "-f", "{{.Server.Version}}"]);
    let docker = docker.env("DOCKER_HOST", format!("tcp://{HOST}:{port}"));
    let docker = docker.env("DOCKER_API_VERSION", "1.41").env("DOCKER_TLS_VERIFY", "1");
    let docker = docker.env("DOCKER_CERT_PATH", sb.path("client"));
    docker.env("HTTPS_PROXY", crate::verify::proxy(port)).run().err()
}

#[derive(Debug)]
struct Fixed(Arc<CertifiedKey>);

impl ResolvesServerCert for Fixed {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// A server for one client, on a free port.
fn serve(chain: &[Vec<u8>; 2]) -> u16 {
    let random = ring::rand::SystemRandom::new();
    let kind = &ring::signature::ECDSA_P256_SHA256_ASN1_SIGNING;
    let key = ring::signature::EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.as_ref().to_vec()));
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let certs = chain.iter().map(|der| CertificateDer::from(der.clone())).collect();
    let fixed = Arc::new(Fixed(Arc::new(CertifiedKey::new(certs, key))));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(fixed);
    let config = Arc::new(config);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().take(4) {
            let mut stream = stream.unwrap();
            let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
            let Ok(mut conn) = rustls::ServerConnection::new(Arc::clone(&config)) else { return };
            while conn.is_handshaking() {
                if conn.complete_io(&mut stream).is_err() {
                    break;
                }
            }
            let _ = stream.write_all(&[]);
            let _ = stream.read(&mut [0; 64]);
        }
    });
    port
}
