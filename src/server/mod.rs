//! What the remote host needs, as texts: daemon.json, two systemd units, and the script that installs, verifies and
//! takes back. Pure: nothing here reads, writes or runs.
//!
//! dockerd that is started with `-H fd://` (docker-ce, Debian, Fedora, Flatcar) refuses `hosts` in daemon.json; there
//! systemd listens on the port, by a socket unit beside docker's own, and docker is told to start after it. Elsewhere
//! `hosts` is right. Which it is, the script finds out where it runs.

pub mod json;
pub mod look;
pub mod tar;
pub mod words;

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use crate::error::Lang;

/// The script, with settings that stand for nothing, and without what [`TAKE_OVER`] holds.
const SCRIPT: &str = include_str!("install.sh");
/// The functions that take over a set-up that was made by hand.
const TAKE_OVER: &str = include_str!("take_over.sh");
/// The line of [`SCRIPT`] that [`TAKE_OVER`] stands for.
const TAKE_OVER_HERE: &str = "# >>> take_over.sh";
/// Between these lines of [`SCRIPT`] are its settings.
const BEGIN: &str = "# >>> settings";
/// The line after them.
const END: &str = "# <<<";

/// The directory of dockerd's own files, unless it is told otherwise.
pub const ETC_DOCKER: &str = "/etc/docker";

/// Who is let in at the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Clients with a certificate (`tlsverify`).
    Tls,
    /// Whoever reaches it.
    Plain,
}

/// How the daemon comes to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// systemd listens for it: dockerd runs with `-H fd://`.
    Socket,
    /// It listens by itself: `hosts` in daemon.json.
    Hosts,
}

impl Kind {
    /// The word for it in the script.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::Hosts => "hosts",
        }
    }
}

/// What is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// The profile's name: letters, digits and `._+-`.
    pub name: String,
    /// Who is let in.
    pub mode: Mode,
    /// The address to listen on; `None` for all.
    pub bind: Option<IpAddr>,
    /// The port.
    pub port: u16,
}

impl Setup {
    /// The address as dockerd and systemd write it: IPv6 in brackets; empty for all.
    #[must_use]
    pub fn address(&self) -> String {
        match self.bind {
            None => String::new(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => format!("[{address}]"),
        }
    }

    /// The entry of `hosts` in daemon.json. All addresses are `0.0.0.0` there, as in docker's own documents.
    #[must_use]
    pub fn tcp(&self) -> String {
        let address = match self.bind {
            None => Ipv4Addr::UNSPECIFIED.to_string(),
            Some(_) => self.address(),
        };
        format!("tcp://{address}:{}", self.port)
    }

    /// Whether only this very host reaches the port.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.bind.is_some_and(|address| address.is_loopback())
    }

    /// `docker-tcp.socket` (systemd.socket(5)): systemd listens, and starts docker for whoever connects. Takes effect
    /// only where docker.service runs dockerd with `-H fd://`.
    #[must_use]
    pub fn socket_unit(&self) -> String {
        let listen = match self.bind {
            None => self.port.to_string(),
            Some(_) => format!("{}:{}", self.address(), self.port),
        };
        let what = match self.mode {
            Mode::Tls => "Docker API over TLS",
            Mode::Plain => "Docker API WITHOUT TLS",
        };
        format!(
            "# Written by dctx.\n[Unit]\nDescription={what}\n\n[Socket]\nListenStream={listen}\nBindIPv6Only=both\n\
             Service=docker.service\n\n[Install]\nWantedBy=sockets.target\n"
        )
    }

    /// The drop-in for docker.service: with it, whatever starts docker starts the socket first. Without it, a socket
    /// that is started after docker fails ("already active, refusing").
    #[must_use]
    pub fn drop_in(&self) -> String {
        "# Written by dctx: docker cannot take over a socket that is started after it.\n[Unit]\nWants=docker-tcp.socket\n\
         After=docker-tcp.socket\n"
            .to_owned()
    }

    /// The script, made for one way of running it.
    ///
    /// It holds no secret, and nothing that came from outside but the profile's name, numbers, and the command in `via`.
    #[must_use]
    pub fn script(&self, how: &Script<'_>) -> String {
        let mode = match self.mode {
            Mode::Tls => "tls",
            Mode::Plain => "plain",
        };
        let mut settings = String::new();
        for (name, value) in [
            ("name", self.name.as_str()),
            ("mode", mode),
            ("bind", &self.address()),
            ("port", &self.port.to_string()),
            ("json_for", how.json_for.map_or("", Kind::word)),
            ("take_over", if how.take_over { "yes" } else { "" }),
            ("via", how.via),
        ] {
            // In single quotes a shell takes every character for itself, but that quote.
            let value = value.replace('\'', "'\\''");
            let _ = writeln!(settings, "{name}='{value}'");
        }
        let mut out = String::new();
        let mut inside = false;
        for line in SCRIPT.lines() {
            if line.starts_with(END) {
                inside = false;
            }
            if line == TAKE_OVER_HERE {
                out.push_str(TAKE_OVER);
                continue;
            }
            if !inside && line != END {
                out.push_str(line);
                out.push('\n');
            }
            if line.starts_with(BEGIN) {
                out.push_str(&settings);
                inside = true;
            }
        }
        match how.lang {
            Lang::En => out,
            Lang::Zh => words::ZH.iter().fold(out, |script, (english, chinese)| {
                ['"', '\''].into_iter().fold(script, |script, quote| {
                    script.replace(
                        &format!("{quote}{english}{quote}"),
                        &format!("{quote}{chinese}{quote}"),
                    )
                })
            }),
        }
    }
}

/// How a script is going to be run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Script<'a> {
    /// For which kind a merged daemon.json lies beside it, if one does.
    pub json_for: Option<Kind>,
    /// Whether it takes over what was made by hand without being told so again.
    pub take_over: bool,
    /// The command that runs it from elsewhere, as a person types it, to which flags can be added; empty where it is run by
    /// hand.
    pub via: &'a str,
    /// The language of the lines that it prints.
    pub lang: Lang,
}
