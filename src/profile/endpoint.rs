//! The grammar of host addresses: tcp, ssh, unix and npipe.
//!
//! docker's parser (docker/cli `opts/hosts.go`) accepts much that it then reads as something else:
//! `/var/run/docker.sock` becomes `tcp://localhost:2375/var/run/docker.sock`, `tcp://::1:2376` port 2375,
//! `fd://` a panic. Whatever docker would misread is refused here, with the form to write instead.

mod read;

use std::fmt;

use crate::error::EndpointFault as Fault;

/// Port of a daemon without TLS (IANA "docker").
pub const PORT_PLAIN: u16 = 2375;
/// Port of a daemon with TLS (IANA "docker-s").
pub const PORT_TLS: u16 = 2376;

/// A checked host address, as written, without a default port filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// `tcp://HOST[:PORT][/PATH]`, plain or TLS.
    Tcp {
        /// Host name, IPv4 address, or IPv6 address in brackets (with `%25zone`).
        host: String,
        /// Port, if one is written.
        port: Option<u16>,
        /// Base path, empty or beginning with `/`.
        path: String,
    },
    /// `ssh://[USER@]HOST[:PORT][/SOCKET]`.
    Ssh {
        /// Login name.
        user: Option<String>,
        /// Host, as ssh takes it; IPv6 in brackets.
        host: String,
        /// Port.
        port: Option<u16>,
        /// Path of the remote socket, empty or beginning with `/` (docker 24 and later).
        path: String,
    },
    /// `unix:///PATH`.
    Unix(String),
    /// `npipe:////./pipe/NAME`.
    Npipe(String),
}

/// Why a text is not a host address, and what to write instead where that is plain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong.
    pub fault: Fault,
    /// A complete address that was probably meant.
    pub write: Option<String>,
}

impl Refused {
    fn bare(fault: Fault) -> Self {
        Self { fault, write: None }
    }

    /// With the form to write. Advice that would itself be refused is no advice, but what that refusal
    /// advises may be: `h:` lacks a scheme and a port, and `tcp://h` is meant.
    fn with(fault: Fault, write: String) -> Self {
        let write = match Endpoint::parse(&write) {
            Ok(_) => Some(write),
            Err(again) => again.write,
        };
        Self { fault, write }
    }
}

/// A user as ssh takes it: in a URL `\` and `@` are percent-encoded (`DOM%5Cuser`), and docker decodes them too.
#[must_use]
pub fn login_user(user: &str) -> String {
    user.replace("%5C", "\\").replace("%40", "@")
}

/// A host as ssh takes it: without brackets, and its zone after a plain `%` (RFC 6874 is about URLs).
#[must_use]
pub fn login_host(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').replacen("%25", "%", 1)
}

impl Endpoint {
    /// Reads an address.
    ///
    /// # Errors
    /// [`Refused`], with the form to write instead.
    pub fn parse(input: &str) -> Result<Self, Refused> {
        read::endpoint(input)
    }

    /// The scheme without `://`.
    #[must_use]
    pub const fn scheme(&self) -> &'static str {
        match self {
            Self::Tcp { .. } => "tcp",
            Self::Ssh { .. } => "ssh",
            Self::Unix(_) => "unix",
            Self::Npipe(_) => "npipe",
        }
    }

    /// Whether this machine is meant: a Unix socket or a named pipe.
    #[must_use]
    pub const fn is_local(&self) -> bool {
        matches!(self, Self::Unix(_) | Self::Npipe(_))
    }

    /// The value of DOCKER_HOST: the same address with the port always written, because docker takes 2375
    /// for a missing one even with TLS on, and Go, Python and Node clients take 80 or 443.
    ///
    /// docker decodes the zone of a tcp address twice (`opts.ParseTCPAddr`, then `client.ParseHostURL`;
    /// 20.10 to 28), so its percent sign is encoded twice; `%25` alone fails with `invalid URL escape`.
    #[must_use]
    pub fn docker_host(&self, tls: bool) -> String {
        match self {
            Self::Tcp { host, port, path } => {
                let port = port.unwrap_or(if tls { PORT_TLS } else { PORT_PLAIN });
                let host = host.replace("%25", "%2525");
                format!("tcp://{host}:{port}{path}")
            }
            other => other.to_string(),
        }
    }

    /// Whether the address has a zone, which of all clients the docker command alone understands.
    #[must_use]
    pub fn has_zone(&self) -> bool {
        matches!(self, Self::Tcp { host, .. } if host.contains('%'))
    }

    /// What a NO_PROXY entry for this host looks like: no port, no brackets, no zone; `None` unless tcp.
    #[must_use]
    pub fn proxy_host(&self) -> Option<&str> {
        let Self::Tcp { host, .. } = self else { return None };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        Some(bare.split_once("%25").map_or(bare, |(address, _)| address))
    }

    /// Whether the address is the unspecified one (`0.0.0.0`, `::`), which as a destination means this
    /// machine on Linux and nothing elsewhere.
    #[must_use]
    pub fn is_unspecified(&self) -> bool {
        self.proxy_host()
            .and_then(|h| h.parse::<std::net::IpAddr>().ok())
            .is_some_and(|a| a.is_unspecified())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port, path } => {
                write!(f, "tcp://{host}")?;
                port.map_or(Ok(()), |p| write!(f, ":{p}"))?;
                f.write_str(path)
            }
            Self::Ssh { user, host, port, path } => {
                f.write_str("ssh://")?;
                user.as_ref().map_or(Ok(()), |u| write!(f, "{u}@"))?;
                f.write_str(host)?;
                port.map_or(Ok(()), |p| write!(f, ":{p}"))?;
                f.write_str(path)
            }
            Self::Unix(path) => write!(f, "unix://{path}"),
            Self::Npipe(path) => write!(f, "npipe://{path}"),
        }
    }
}
