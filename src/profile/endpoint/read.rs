//! Reading an address, and finding the one that was probably meant.

use std::net::Ipv6Addr;

use super::{Endpoint, PORT_TLS, Refused};
use crate::error::EndpointFault as Fault;
use crate::text::is_hidden;

/// The longest path of a Unix socket in bytes: `sun_path` less its NUL (`unix(7)`; 104 on macOS and BSD).
const SOCKET_PATH_MAX: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// See [`Endpoint::parse`].
pub(super) fn endpoint(input: &str) -> Result<Endpoint, Refused> {
    unseen(input)?;
    let Some((scheme, rest)) = input.split_once("://") else { return Err(no_scheme(input)) };
    match scheme {
        "tcp" => tcp(rest),
        "ssh" => ssh(rest),
        "unix" => unix(rest),
        "npipe" => npipe(rest),
        _ => Err(other_scheme(scheme, rest)),
    }
}

/// Characters that nobody sees, blanks, and the full-width forms that a Chinese or Japanese keyboard
/// gives for `:` and `.`. A blank may stand inside the path of a socket.
fn unseen(input: &str) -> Result<(), Refused> {
    // Almost every address is printable ASCII, and `ls` reads thousands.
    if input.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    let trimmed = input.trim();
    let inside = input.starts_with("unix://") && trimmed == input;
    let wrong =
        |c: char| is_hidden(c) || c.is_whitespace() && !(c == ' ' && inside) || narrow(c) != c;
    let Some(c) = input.chars().find(|&c| wrong(c)) else { return Ok(()) };
    let write: String = trimmed.chars().map(narrow).collect();
    Err(if write == input {
        Refused::bare(Fault::Char(c))
    } else {
        Refused::with(Fault::Char(c), write)
    })
}

/// The ASCII form of a full-width character (U+FF01 to U+FF5E) or of the ideographic full stop.
fn narrow(c: char) -> char {
    match u32::from(c) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
        0x3002 => '.',
        _ => c,
    }
}

fn no_scheme(input: &str) -> Refused {
    // A scheme with a stroke or the colon missing.
    let meant = ["tcp", "ssh", "unix", "npipe"].into_iter().find_map(|scheme| {
        let rest = input.strip_prefix(scheme)?;
        let rest = rest.strip_prefix(':').or_else(|| rest.starts_with("//").then_some(rest))?;
        let port = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
        let rest = match scheme {
            "tcp" | "ssh" => rest.trim_start_matches('/'),
            "unix" => rest,
            _ => rest.trim_start_matches("//").trim_start_matches(':'),
        };
        // `tcp:2376` may also be port 2376 of a machine named tcp.
        (!port).then(|| format!("{scheme}://{rest}"))
    });
    let write = if let Some(meant) = meant {
        meant
    } else if let Some(rest) = input.strip_prefix("://") {
        format!("tcp://{rest}")
    } else if input.starts_with(':') && !input.starts_with("::") {
        format!("tcp://localhost{input}")
    } else if let Some(rest) = input.strip_prefix("//").filter(|rest| !rest.contains('/')) {
        format!("tcp://{rest}")
    } else if input.starts_with('/') {
        format!("unix:///{}", input.trim_start_matches('/'))
    } else if input.starts_with(r"\\") {
        format!("npipe://{}", input.replace('\\', "/"))
    } else if input.contains('@') {
        format!("ssh://{input}")
    } else if input.is_empty() {
        return Refused::bare(Fault::NoHost);
    } else {
        format!("tcp://{input}")
    };
    Refused::with(Fault::NoScheme, write)
}

fn other_scheme(scheme: &str, rest: &str) -> Refused {
    let fault = Fault::Scheme(scheme.to_owned());
    let lower = scheme.to_ascii_lowercase();
    match lower.as_str() {
        "" => Refused::with(Fault::NoScheme, format!("tcp://{rest}")),
        "tcp" | "ssh" | "unix" | "npipe" => Refused::with(fault, format!("{lower}://{rest}")),
        "http" => Refused::with(fault, format!("tcp://{rest}")),
        // Without a port the profile's own TLS mode would choose it, and there may be none yet.
        "https" => match Endpoint::parse(&format!("tcp://{rest}")) {
            Ok(Endpoint::Tcp { host, port: None, path }) => {
                Refused::with(fault, format!("tcp://{host}:{PORT_TLS}{path}"))
            }
            _ => Refused::with(fault, format!("tcp://{rest}")),
        },
        _ => Refused::bare(fault),
    }
}

/// Splits `authority[/path]`; a lone `/` is no path.
fn split_path(rest: &str) -> (&str, &str) {
    match rest.find('/').map(|at| rest.split_at(at)) {
        Some((authority, "/")) => (authority, ""),
        Some(parts) => parts,
        None => (rest, ""),
    }
}

/// Splits `host[:port]` and checks both. `before` and `path` are what stands around them, for advice.
fn host_port(before: &str, authority: &str, path: &str) -> Result<(String, Option<u16>), Refused> {
    let (host, port) = if authority.contains(['[', ']']) {
        bracketed(before, authority, path)?
    } else if authority.matches(':').count() > 1 {
        return Err(unbracketed(before, authority, path));
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host.to_owned(), Some(port)),
            None => (authority.to_owned(), None),
        }
    };
    if host.is_empty() {
        // docker takes that for this machine with tcp, and refuses it with ssh.
        return Err(match before {
            "tcp://" => Refused::with(Fault::NoHost, format!("tcp://localhost{authority}{path}")),
            _ => Refused::bare(Fault::NoHost),
        });
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
            return Err(Refused::with(Fault::Port(String::new()), format!("{before}{host}{path}")));
        }
        Some(text) => match text.parse::<u16>() {
            // `parse` takes a leading `+`; docker's does not.
            Ok(port) if port > 0 && text.bytes().all(|b| b.is_ascii_digit()) => Some(port),
            _ => return Err(Refused::bare(Fault::Port(text.to_owned()))),
        },
    };
    Ok((host, port))
}

/// `[IPV6]` or `[IPV6]:PORT`.
fn bracketed<'a>(
    before: &str,
    authority: &'a str,
    path: &str,
) -> Result<(String, Option<&'a str>), Refused> {
    let other = || {
        // Brackets that are not closed, not opened, or around what is no IPv6 address.
        let bare = authority.replace(['[', ']'], "");
        Refused::with(Fault::Host(authority.to_owned()), format!("{before}{bare}{path}"))
    };
    let Some((inside, after)) = authority.strip_prefix('[').and_then(|a| a.split_once(']')) else {
        return Err(other());
    };
    if !after.is_empty() && !after.starts_with(':') || after.contains(['[', ']']) {
        return Err(other());
    }
    let (address, zone) = match inside.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (inside, None),
    };
    if address.parse::<Ipv6Addr>().is_err() {
        return Err(other());
    }
    // RFC 6874: the percent sign before a zone is itself percent-encoded in a URL.
    if let Some(zone) = zone {
        let name = zone.strip_prefix("25").unwrap_or(zone);
        if name.is_empty()
            || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        {
            return Err(Refused::bare(Fault::Zone));
        }
        if name == zone {
            let write = format!("{before}[{address}%25{zone}]{after}{path}");
            return Err(Refused::with(Fault::Zone, write));
        }
    }
    Ok((format!("[{inside}]"), after.strip_prefix(':')))
}

/// More than one colon and no brackets: an IPv6 address, perhaps with a zone, perhaps with a port.
fn unbracketed(before: &str, authority: &str, path: &str) -> Refused {
    let valid = |text: &str| {
        text.split('%').next().is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
    };
    // `::1:2376` is a valid address by itself, but whoever writes that means port 2376 of ::1.
    if let Some((address, port)) = authority.rsplit_once(':') {
        let long = (port.len() >= 4 || address.contains('%')) && port.parse::<u16>().is_ok();
        if long && valid(address) {
            return Refused::with(Fault::Brackets, format!("{before}[{address}]:{port}{path}"));
        }
    }
    if valid(authority) {
        return Refused::with(Fault::Brackets, format!("{before}[{authority}]{path}"));
    }
    Refused::bare(Fault::Host(authority.to_owned()))
}

/// Letters, digits, dots, dashes and underscores (as container and compose names have them). A name made
/// of numbers alone must be an IPv4 address: `10.1`, `0x7f.1` and `2130706433` are addresses to
/// some resolvers (`inet_aton(3)`) and names to others.
fn host_name(host: &str) -> Result<(), Refused> {
    let fault = || Refused::bare(Fault::Host(host.to_owned()));
    if host.len() > 253 || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
        return Err(fault());
    }
    let labels = || host.strip_suffix('.').unwrap_or(host).split('.');
    if labels().any(|label| label.is_empty() || label.len() > 63) {
        return Err(fault());
    }
    let number = |label: &str| match label.strip_prefix("0x").or_else(|| label.strip_prefix("0X")) {
        Some(hex) => hex.bytes().all(|b| b.is_ascii_hexdigit()),
        None => label.bytes().all(|b| b.is_ascii_digit()),
    };
    if labels().all(number) && host.parse::<std::net::Ipv4Addr>().is_err() {
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
    if let Some(meant) = doubled(rest) {
        return Err(Refused::with(Fault::Host(rest.to_owned()), meant));
    }
    let (authority, path) = split_path(rest);
    if let Some((_, host)) = authority.rsplit_once('@') {
        return Err(Refused::with(Fault::UserInfo, format!("tcp://{host}{path}")));
    }
    let (host, port) = host_port("tcp://", authority, path)?;
    // docker decodes a path twice, so that `%25` fails and `%3F` cuts it off; others decode once or never.
    if path.contains('%') {
        return Err(Refused::bare(Fault::Escape));
    }
    Ok(Endpoint::Tcp { host, port, path: path.to_owned() })
}

/// `tcp://` in front of an address that had its scheme already.
fn doubled(rest: &str) -> Option<String> {
    rest.contains("://").then(|| rest.to_owned())
}

fn ssh(rest: &str) -> Result<Endpoint, Refused> {
    no_query("ssh", rest)?;
    if let Some(meant) = doubled(rest) {
        return Err(Refused::with(Fault::Host(rest.to_owned()), meant));
    }
    let (authority, path) = split_path(rest);
    let (user, address) = match authority.rsplit_once('@') {
        Some((user, address)) => (Some(user), address),
        None => (None, authority),
    };
    if let Some(user) = user {
        login(user, address, path)?;
    }
    let before = user.map_or_else(|| "ssh://".to_owned(), |user| format!("ssh://{user}@"));
    let (host, port) = host_port(&before, address, path)?;
    // docker before 28.3 gives the path to the remote shell as it is, so `;` would end the command there.
    let plain = |c: &char| c.is_alphanumeric() || "/._-+@:,=".contains(*c);
    if let Some(c) = path.chars().find(|c| !plain(c)) {
        return Err(Refused::bare(Fault::SocketChar(c)));
    }
    Ok(Endpoint::Ssh { user: user.map(ToOwned::to_owned), host, port, path: path.to_owned() })
}

/// A login name: what Go's URL parser takes (`net/url`, `validUserinfo`) less what would be a password or
/// an option. docker decodes it, so a Windows domain's `\` is written `%5C`.
fn login(user: &str, address: &str, path: &str) -> Result<(), Refused> {
    if user.is_empty() {
        return Err(Refused::with(Fault::User(String::new()), format!("ssh://{address}{path}")));
    }
    if let Some((name, _)) = user.split_once(':') {
        return Err(Refused::with(Fault::Password, format!("ssh://{name}@{address}{path}")));
    }
    if user.starts_with('-') {
        return Err(Refused::bare(Fault::Dash));
    }
    let fault = || Fault::User(user.to_owned());
    if user.contains('\\') {
        let user = user.replace('\\', "%5C");
        return Err(Refused::with(fault(), format!("ssh://{user}@{address}{path}")));
    }
    let plain = user.replace("%5C", "").replace("%40", "");
    if !plain.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+@".contains(&b)) {
        return Err(Refused::bare(fault()));
    }
    Ok(())
}

fn unix(path: &str) -> Result<Endpoint, Refused> {
    if path.is_empty() || path == "@" || path.ends_with('/') {
        return Err(Refused::with(Fault::NoPath, "unix:///var/run/docker.sock".to_owned()));
    }
    if !path.starts_with(['/', '@']) {
        // Where `~` or `..` leads is not known here.
        return Err(match path.starts_with(['~', '.', '$']) {
            true => Refused::bare(Fault::RelativePath),
            false => Refused::with(Fault::RelativePath, format!("unix:///{path}")),
        });
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
