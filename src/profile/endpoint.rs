//! The grammar of host addresses: tcp, ssh, unix and npipe.
//!
//! docker's parser (docker/cli `opts/hosts.go`) accepts much that it then reads as something else:
//! `/var/run/docker.sock` becomes `tcp://localhost:2375/var/run/docker.sock`, `tcp://::1:2376` port 2375,
//! `fd://` a panic. Whatever docker would misread is refused here, with the form to write instead.

use std::fmt;
use std::net::Ipv6Addr;

use crate::error::EndpointFault as Fault;
use crate::text::is_hidden;

/// Port of a daemon without TLS (IANA "docker").
pub const PORT_PLAIN: u16 = 2375;
/// Port of a daemon with TLS (IANA "docker-s").
pub const PORT_TLS: u16 = 2376;

/// The longest path of a Unix socket in bytes: `sun_path` less its NUL (`unix(7)`; 104 on macOS and BSD).
const SOCKET_PATH_MAX: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

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

    fn with(fault: Fault, write: String) -> Self {
        // Advice that would itself be refused is no advice.
        let write = Endpoint::parse(&write).is_ok().then_some(write);
        Self { fault, write }
    }
}

impl Endpoint {
    /// Reads an address.
    ///
    /// # Errors
    /// [`Refused`], with the form to write instead.
    pub fn parse(input: &str) -> Result<Self, Refused> {
        if let Some(c) = input.chars().find(|&c| c == ' ' || is_hidden(c) || c.is_whitespace()) {
            let trimmed = input.trim();
            return Err(if trimmed == input {
                Refused::bare(Fault::Char(c))
            } else {
                Refused::with(Fault::Char(c), trimmed.to_owned())
            });
        }
        let Some((scheme, rest)) = input.split_once("://") else { return Err(no_scheme(input)) };
        match scheme {
            "tcp" => tcp(rest),
            "ssh" => ssh(rest),
            "unix" => unix(rest),
            "npipe" => npipe(rest),
            _ => Err(other_scheme(scheme, rest)),
        }
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
    #[must_use]
    pub fn docker_host(&self, tls: bool) -> String {
        match self {
            Self::Tcp { host, port, path } => {
                let port = port.unwrap_or(if tls { PORT_TLS } else { PORT_PLAIN });
                format!("tcp://{host}:{port}{path}")
            }
            other => other.to_string(),
        }
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

fn no_scheme(input: &str) -> Refused {
    let write = if input.is_empty() {
        return Refused::bare(Fault::NoHost);
    } else if let Some(path) =
        input.strip_prefix("unix:").or(Some(input).filter(|i| i.starts_with('/')))
    {
        format!("unix://{path}")
    } else if input.starts_with(r"\\") {
        format!("npipe://{}", input.replace('\\', "/"))
    } else if input.contains('@') {
        format!("ssh://{input}")
    } else if input.parse::<Ipv6Addr>().is_ok() {
        format!("tcp://[{input}]")
    } else {
        format!("tcp://{input}")
    };
    Refused::with(Fault::NoScheme, write)
}

fn other_scheme(scheme: &str, rest: &str) -> Refused {
    let lower = scheme.to_ascii_lowercase();
    let write = match lower.as_str() {
        "tcp" | "ssh" | "unix" | "npipe" => format!("{lower}://{rest}"),
        "http" | "https" => format!("tcp://{}", rest.trim_end_matches('/')),
        "fd" => return Refused::bare(Fault::Scheme(scheme.to_owned())),
        _ => return Refused::bare(Fault::Scheme(scheme.to_owned())),
    };
    Refused::with(Fault::Scheme(scheme.to_owned()), write)
}

/// Splits `authority[/path]`; a lone `/` is no path.
fn split_path(rest: &str) -> (&str, &str) {
    match rest.find('/').map(|at| rest.split_at(at)) {
        Some((authority, "/")) => (authority, ""),
        Some(parts) => parts,
        None => (rest, ""),
    }
}

/// Splits `host[:port]` and checks both.
fn host_port(scheme: &str, authority: &str, path: &str) -> Result<(String, Option<u16>), Refused> {
    let (host, port) = if authority.starts_with('[') {
        let Some((inside, after)) = authority.trim_start_matches('[').split_once(']') else {
            return Err(Refused::bare(Fault::Host(authority.to_owned())));
        };
        ipv6(scheme, inside, after, path)?;
        match after.strip_prefix(':') {
            Some(port) => (format!("[{inside}]"), Some(port)),
            None if after.is_empty() => (format!("[{inside}]"), None),
            None => return Err(Refused::bare(Fault::Host(authority.to_owned()))),
        }
    } else if authority.matches(':').count() > 1 {
        return Err(unbracketed(scheme, authority, path));
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host.to_owned(), Some(port)),
            None => (authority.to_owned(), None),
        }
    };
    if host.is_empty() {
        return Err(Refused::bare(Fault::NoHost));
    }
    if host.starts_with('-') {
        return Err(Refused::bare(Fault::Dash));
    }
    if !host.starts_with('[') {
        host_name(&host)?;
    }
    let port = match port {
        None => None,
        Some("") => {
            return Err(Refused::with(
                Fault::Port(String::new()),
                format!("{scheme}://{host}{path}"),
            ));
        }
        Some(text) => match text.parse::<u16>() {
            // `parse` takes a leading `+`; docker's does not.
            Ok(port) if port > 0 && text.bytes().all(|b| b.is_ascii_digit()) => Some(port),
            _ => return Err(Refused::bare(Fault::Port(text.to_owned()))),
        },
    };
    Ok((host, port))
}

fn ipv6(scheme: &str, inside: &str, after: &str, path: &str) -> Result<(), Refused> {
    let (address, zone) = match inside.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (inside, None),
    };
    if address.parse::<Ipv6Addr>().is_err() {
        return Err(Refused::bare(Fault::Host(inside.to_owned())));
    }
    // RFC 6874: the percent sign before a zone is itself percent-encoded in a URL.
    match zone {
        None => Ok(()),
        Some(zone) => match zone.strip_prefix("25").filter(|z| !z.is_empty()) {
            Some(zone)
                if zone.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) =>
            {
                Ok(())
            }
            Some(_) => Err(Refused::bare(Fault::Zone)),
            None => Err(Refused::with(
                Fault::Zone,
                format!("{scheme}://[{address}%25{zone}]{after}{path}"),
            )),
        },
    }
}

/// More than one colon and no brackets: an IPv6 address, perhaps with a port behind it.
fn unbracketed(scheme: &str, authority: &str, path: &str) -> Refused {
    // `::1:2376` is a valid address by itself, but whoever writes that means port 2376 of ::1.
    if let Some((address, port)) = authority.rsplit_once(':') {
        let long = port.len() >= 4 && port.parse::<u16>().is_ok();
        if long && address.parse::<Ipv6Addr>().is_ok() {
            let write = format!("{scheme}://[{address}]:{port}{path}");
            return Refused::with(Fault::Brackets, write);
        }
    }
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Refused::with(Fault::Brackets, format!("{scheme}://[{authority}]{path}"));
    }
    Refused::bare(Fault::Host(authority.to_owned()))
}

/// Letters, digits, dots, dashes and underscores (as container and compose names have them); a name made
/// of digits and dots alone must be an IPv4 address.
fn host_name(host: &str) -> Result<(), Refused> {
    let fault = || Refused::bare(Fault::Host(host.to_owned()));
    if host.len() > 253 || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
        return Err(fault());
    }
    if host.trim_end_matches('.').split('.').any(|label| label.is_empty() || label.len() > 63) {
        return Err(fault());
    }
    let numeric = host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if numeric && host.parse::<std::net::Ipv4Addr>().is_err() {
        return Err(fault());
    }
    Ok(())
}

/// The parts of a URL that docker drops without a word (tcp) or refuses (ssh).
fn no_query(scheme: &str, rest: &str) -> Result<(), Refused> {
    match rest.find(['?', '#']).and_then(|at| rest.get(..at)) {
        Some(before) => Err(Refused::with(Fault::Query, format!("{scheme}://{before}"))),
        None => Ok(()),
    }
}

fn tcp(rest: &str) -> Result<Endpoint, Refused> {
    no_query("tcp", rest)?;
    let (authority, path) = split_path(rest);
    if let Some((_, host)) = authority.rsplit_once('@') {
        return Err(Refused::with(Fault::UserInfo, format!("tcp://{host}{path}")));
    }
    let (host, port) = host_port("tcp", authority, path)?;
    if !escapes_are_whole(path) {
        return Err(Refused::bare(Fault::Char('%')));
    }
    Ok(Endpoint::Tcp { host, port, path: path.to_owned() })
}

fn ssh(rest: &str) -> Result<Endpoint, Refused> {
    no_query("ssh", rest)?;
    let (authority, path) = split_path(rest);
    let (user, address) = match authority.rsplit_once('@') {
        Some((user, address)) => (Some(user), address),
        None => (None, authority),
    };
    let user = match user {
        None => None,
        Some("") => {
            return Err(Refused::with(Fault::UserInfo, format!("ssh://{address}{path}")));
        }
        Some(user) if user.starts_with('-') => return Err(Refused::bare(Fault::Dash)),
        Some(user) => {
            if let Some((name, _)) = user.split_once(':') {
                let write = format!("ssh://{name}@{address}{path}");
                return Err(Refused::with(Fault::UserInfo, write));
            }
            if !user.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+\\@".contains(&b)) {
                return Err(Refused::bare(Fault::UserInfo));
            }
            Some(user.to_owned())
        }
    };
    let (host, port) = host_port("ssh", address, path)?;
    Ok(Endpoint::Ssh { user, host, port, path: path.to_owned() })
}

fn unix(path: &str) -> Result<Endpoint, Refused> {
    if path.is_empty() {
        return Err(Refused::with(Fault::NoPath, "unix:///var/run/docker.sock".to_owned()));
    }
    if !(path.starts_with('/') || path.starts_with('@') && path.len() > 1) {
        return Err(Refused::with(Fault::RelativePath, format!("unix:///{path}")));
    }
    if path.len() > SOCKET_PATH_MAX {
        return Err(Refused::bare(Fault::PathTooLong));
    }
    Ok(Endpoint::Unix(path.to_owned()))
}

fn npipe(path: &str) -> Result<Endpoint, Refused> {
    let default = "npipe:////./pipe/docker_engine";
    match path.strip_prefix("//./pipe/") {
        Some(name) if !name.is_empty() && !name.contains(['/', '\\']) => {
            Ok(Endpoint::Npipe(path.to_owned()))
        }
        _ if path.contains('\\') => {
            Err(Refused::with(Fault::NoPath, format!("npipe://{}", path.replace('\\', "/"))))
        }
        _ => Err(Refused::with(Fault::NoPath, default.to_owned())),
    }
}

/// Whether every `%` begins a `%XX` (RFC 3986 section 2.1); Go's URL parser refuses others at dial time.
fn escapes_are_whole(path: &str) -> bool {
    path.split('%').skip(1).all(|after| {
        let mut hex = after.bytes().take(2);
        hex.len() == 2 && hex.all(|b| b.is_ascii_hexdigit())
    })
}
