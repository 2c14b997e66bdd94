//! What `install.sh --look` says of a host. It comes from there, so nothing in it is trusted: what is not understood
//! is not known, and texts are cleaned where they are printed.

use super::{ETC_DOCKER, Kind};

/// The largest daemon.json that is merged, in bytes, and with it the largest report.
pub const MOST: u64 = 1 << 20;

/// The daemon.json of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// There is none.
    Absent,
    /// There is one, and it could not be read.
    Unreadable,
    /// Its text.
    Here(String),
}

/// What there is on a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Whether the login is root's.
    pub root: bool,
    /// Whether sudo works without a question.
    pub sudo: bool,
    /// systemd, openrc, sysv or none.
    pub init: String,
    /// How its dockerd is to listen; `None` where its own flags are in the way, which the script tells.
    pub kind: Option<Kind>,
    /// dockerd's version; empty where it is not known.
    pub version: String,
    /// The path of daemon.json.
    pub config: String,
    /// The directory that the certificates go to.
    pub dir: String,
    /// The socket of a docker that belongs to one user, where that is the only one that runs; empty otherwise.
    pub rootless: String,
    /// The flags of dockerd that were given by hand and stand in the way, as it was told them.
    pub flags: String,
    /// How many containers a restart stops.
    pub containers: u32,
    /// daemon.json.
    pub json: Json,
}

impl Look {
    /// Reads the report; `None` if it is none.
    #[must_use]
    pub fn read(report: &str) -> Option<Self> {
        let mut look = Self {
            root: false,
            sudo: false,
            init: String::new(),
            kind: None,
            version: String::new(),
            config: String::new(),
            dir: String::new(),
            rootless: String::new(),
            flags: String::new(),
            containers: 0,
            json: Json::Absent,
        };
        let mut rest = report;
        loop {
            let (line, after) = rest.split_once('\n')?;
            rest = after;
            let (key, value) = line.split_once('=')?;
            match key {
                "uid" => look.root = value == "0",
                "sudo" => look.sudo = value == "yes",
                "init" => value.clone_into(&mut look.init),
                "kind" => {
                    let known = [Kind::Socket, Kind::Hosts];
                    look.kind = known.into_iter().find(|kind| kind.word() == value);
                }
                "version" => value.clone_into(&mut look.version),
                "config" => value.clone_into(&mut look.config),
                "dir" => value.clone_into(&mut look.dir),
                "rootless" => value.clone_into(&mut look.rootless),
                "flags" => value.clone_into(&mut look.flags),
                "containers" => look.containers = value.parse().unwrap_or(0),
                // the last one
                "json" => {
                    look.json = match value {
                        "absent" => Json::Absent,
                        "here" => Json::Here(rest.to_owned()),
                        _ => Json::Unreadable,
                    };
                    return Some(look);
                }
                _ => {}
            }
        }
    }

    /// The directory of daemon.json, if it is the usual one: the only place for which anything is worked out here.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        self.config == format!("{ETC_DOCKER}/daemon.json")
    }
}
