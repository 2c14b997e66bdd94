//! TLS servers of this process, by rustls: with the certificates of a directory that dockerd would take.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::servers::{Peer, Server, daemon_says, without_body};

/// A client that says nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// A TLS server that tells a client whose certificate it refuses why, as daemons built with a newer Go do, where the
/// real one of these tests says `bad certificate` to all. `dir` is one that dockerd would take.
pub(crate) fn telling(dir: &Path) -> Server {
    let config = Arc::new(tls(dir, true, 1));
    Server::start(move |peer| {
        serve_tls(&config, peer, |line| daemon_says(line, "1.24", "1.50"));
    })
}

/// A TLS server that lets everybody in, and answers each request with these bytes.
pub(crate) fn web_tls(dir: &Path, answer: Vec<u8>) -> Server {
    long_chain(dir, 1, answer)
}

/// The same, whose certificate comes so many times.
pub(crate) fn long_chain(dir: &Path, copies: usize, answer: Vec<u8>) -> Server {
    let config = Arc::new(tls(dir, false, copies));
    Server::start(move |peer| serve_tls(&config, peer, |line| without_body(line, &answer).to_vec()))
}

fn serve_tls(config: &Arc<ServerConfig>, peer: Peer, answer: impl Fn(&str) -> Vec<u8>) {
    // rustls reads whole records: no ticks, or it would give up
    peer.stream.set_read_timeout(Some(PATIENCE)).unwrap();
    peer.stream.set_write_timeout(Some(PATIENCE)).unwrap();
    let session = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut tls = BufReader::new(StreamOwned::new(session, peer.stream));
    let mut line = String::new();
    while tls.read_line(&mut line).is_ok_and(|n| n > 0) {
        let mut header = String::new();
        while tls.read_line(&mut header).is_ok_and(|n| n > 2) {
            header.clear();
        }
        if tls.get_mut().write_all(&answer(&line)).is_err() {
            return;
        }
        line.clear();
    }
}

fn tls(dir: &Path, wants_clients: bool, copies: usize) -> ServerConfig {
    let certs = |name: &str| -> Vec<CertificateDer<'static>> {
        let all = CertificateDer::pem_file_iter(dir.join(name)).unwrap();
        all.map(Result::unwrap).collect()
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = if wants_clients {
        let mut roots = RootCertStore::empty();
        for ca in certs("ca.pem") {
            roots.add(ca).unwrap();
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        builder.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    let key = PrivateKeyDer::from_pem_file(dir.join("server-key.pem")).unwrap();
    let chain = certs("server-cert.pem");
    let length = chain.len() * copies;
    let chain = chain.into_iter().cycle().take(length).collect();
    builder.with_single_cert(chain, key).unwrap()
}
