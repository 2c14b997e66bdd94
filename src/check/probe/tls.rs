//! The TLS handshake: everything is recorded and judged by others. A server that does not verify is shown no client
//! certificate and gets no request, unless the profile itself says that the server is not to be verified.

use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Error};

use super::client::Ready;
use super::ears::{Ears, Judge, Offer, Seen, Verifier, provider};
use super::http::Trouble;
use super::wire::Wire;

/// Everything over TLS.
#[derive(Debug)]
pub(super) struct TlsStream {
    conn: ClientConnection,
    wire: Wire,
}

/// Shakes hands with the server on `wire`, which is meant to be `host`.
///
/// Returns what was seen, and the stream or why there is none; the wire's first bytes in either case.
pub(super) fn handshake(
    wire: Wire,
    host: &str,
    strict: bool,
    judge: Judge,
    client: Option<Arc<Ready>>,
) -> (Seen, Result<TlsStream, (Trouble, Vec<u8>)>) {
    let ears = Ears::default();
    let conn = connection(host, &ears, strict, judge, client);
    let result = match conn {
        Ok(conn) => {
            let mut stream = TlsStream { conn, wire };
            match stream.shake() {
                Ok(()) => Ok(stream),
                Err(trouble) => Err((trouble, stream.wire.first().to_vec())),
            }
        }
        Err(error) => Err((Trouble::Tls(error), Vec::new())),
    };
    let seen = std::mem::take(&mut *ears.lock());
    (seen, result)
}

fn connection(
    host: &str,
    ears: &Ears,
    strict: bool,
    judge: Judge,
    client: Option<Arc<Ready>>,
) -> Result<ClientConnection, Error> {
    let verifier = Verifier { ears: ears.clone(), judge, strict };
    let mut config = ClientConfig::builder_with_provider(Arc::clone(provider()))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(Arc::new(Offer { ears: ears.clone(), client }));
    config.resumption = Resumption::disabled();
    ClientConnection::new(Arc::new(config), server_name(host))
}

/// What is asked for by SNI: names, and never addresses (RFC 6066 §3). A name that is none is not asked for.
fn server_name(host: &str) -> ServerName<'static> {
    let bare = host.trim_end_matches('.');
    let none = || ServerName::from(IpAddr::from([0, 0, 0, 0]));
    ServerName::try_from(bare.to_owned()).unwrap_or_else(|_| none())
}

impl TlsStream {
    fn shake(&mut self) -> Result<(), Trouble> {
        while self.conn.is_handshaking() {
            let sent = self.send();
            if !self.conn.is_handshaking() {
                break;
            }
            // where writing fails, what the server said last tells why
            match (self.conn.read_tls(&mut self.wire), sent) {
                (Ok(0), Err(error)) => return Err(error.into()),
                (Ok(0), Ok(())) => return Err(Trouble::Closed(self.wire.first().len())),
                (Ok(_), _) => {}
                (Err(error), _) => return Err(error.into()),
            }
            if let Err(error) = self.conn.process_new_packets() {
                // the server's log should say why, too
                let _ = self.send();
                return Err(Trouble::Tls(error));
            }
        }
        let _ = self.send();
        Ok(())
    }

    fn send(&mut self) -> io::Result<()> {
        while self.conn.wants_write() {
            if self.conn.write_tls(&mut self.wire)? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    /// The version, as people write it.
    pub(super) fn version(&self) -> &'static str {
        match self.conn.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
            _ => "TLS 1.3",
        }
    }

    /// The cipher suite, by its registered name.
    pub(super) fn cipher(&self) -> String {
        let suite = self.conn.negotiated_cipher_suite().map(|suite| suite.suite());
        let name = suite.and_then(|suite| suite.as_str()).unwrap_or("?");
        // rustls' names of TLS 1.3's suites say so once more
        name.replace("TLS13_", "TLS_")
    }
}

impl Read for TlsStream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.conn.reader().read(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
            let _ = self.send();
            self.conn.read_tls(&mut self.wire)?;
            self.conn
                .process_new_packets()
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
    }
}

impl Write for TlsStream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let count = self.conn.writer().write(buf)?;
        self.send()?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}
