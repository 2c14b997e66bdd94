//! What a host is: its name, its address, how TLS is used, which certificates belong to it.
//!
//! A [`Profile`] is checked once, when it is read, and right from then on. Nothing here touches the
//! network; only [`certs`] looks at the file system.

pub mod certs;
pub mod destination;
pub mod endpoint;
mod env_names;
pub mod name;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::{Expected, ProfileFault};
use endpoint::Endpoint;
pub use env_names::{ENV_NAMES, env_allowed, env_restorable};

/// How the connection is secured; the four modes of docker's documents, told truly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsMode {
    /// Plain HTTP.
    Off,
    /// TLS; the server is verified by the given CA.
    Verify,
    /// TLS; the server is verified by the system's CA pool.
    System,
    /// TLS; the server is NOT verified (docker's `--tls`).
    Insecure,
}

impl TlsMode {
    /// Every mode, in the order of the README's table.
    pub const ALL: [Self; 4] = [Self::Off, Self::Verify, Self::System, Self::Insecure];

    /// The word that `tls = "…"` and `--tls` take.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Verify => "verify",
            Self::System => "system",
            Self::Insecure => "insecure",
        }
    }

    /// The mode of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.word() == word)
    }
}

/// Which certificate files a profile names, as written (`~` not yet expanded).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CertNames {
    /// A directory with ca.pem, cert.pem and key.pem.
    pub dir: Option<String>,
    /// The CA that signed the server's certificate.
    pub ca: Option<String>,
    /// The client certificate.
    pub cert: Option<String>,
    /// The client's private key.
    pub key: Option<String>,
}

impl CertNames {
    /// Whether none is named.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.dir.is_none() && self.ca.is_none() && self.cert.is_none() && self.key.is_none()
    }
}

/// A profile, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Where the daemon is.
    pub host: Endpoint,
    /// How TLS is used.
    pub tls: TlsMode,
    /// The certificate files.
    pub certs: CertNames,
    /// Ask for the name before use.
    pub protected: bool,
    /// Free text.
    pub description: Option<String>,
    /// Words to select by.
    pub tags: Vec<String>,
    /// Directories that switch to this profile.
    pub dirs: Vec<String>,
    /// Longest use at a time, in seconds.
    pub max_use: Option<u64>,
    /// A pinned API version such as `1.41`.
    pub api_version: Option<String>,
    /// More variables, from [`env_allowed`].
    pub env: BTreeMap<String, String>,
    /// Where the private key comes from when it is in no file: `keyring`, or a command.
    pub key_source: Option<KeySource>,
    /// The file that defines it, and the line (from 1) of its header.
    pub origin: Origin,
}

/// Where a private key comes from when it is not a plain file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// The keyring of the operating system.
    Keyring,
    /// The standard output of a program.
    Command(Vec<String>),
}

impl KeySource {
    /// The key that says so.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Keyring => "key",
            Self::Command(_) => "key-command",
        }
    }

    /// That key, with its value where it has other values too.
    #[must_use]
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Keyring => "key = \"keyring\"",
            Self::Command(_) => "key-command",
        }
    }
}

/// Where a profile is defined.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The file.
    pub path: PathBuf,
    /// Line of the table's header, from 1; 0 where it was found without counting the lines before it.
    pub line: usize,
    /// Whether it is one of the read-only layers.
    pub layer: bool,
}

/// A profile's table, each value of the right kind and nothing else checked.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the keys of the profile file, described at `Profile`")]
pub struct Raw {
    pub host: Option<String>,
    pub certs: Option<String>,
    pub ca: Option<String>,
    pub cert: Option<String>,
    pub key: Option<String>,
    pub tls: Option<String>,
    pub protected: bool,
    pub description: Option<String>,
    pub tags: Vec<String>,
    pub dirs: Vec<String>,
    pub max_use: Option<String>,
    pub api_version: Option<String>,
    pub env: BTreeMap<String, String>,
    pub key_command: Option<Vec<String>>,
}

/// Every key of a profile, in the order they are written.
pub const KEYS: [&str; 14] = [
    "host",
    "certs",
    "ca",
    "cert",
    "key",
    "tls",
    "protected",
    "description",
    "tags",
    "dirs",
    "max-use",
    "api-version",
    "env",
    "key-command",
];

/// A fault, with the key it is about (for the line and column), if there is one.
pub type Fault = (Option<&'static str>, ProfileFault);

impl Profile {
    /// Checks a table that was read.
    ///
    /// # Errors
    /// Everything that is wrong, each with the key that it is about, and of each key no more than one thing.
    pub fn new(name: &str, raw: Raw, origin: Origin) -> Result<Self, Vec<Fault>> {
        let mut faults: Vec<Fault> = Vec::new();
        faults.extend(name::check(name).err().map(|fault| (None, ProfileFault::Name(fault))));
        hidden(&raw, &mut faults);
        let host = match raw.host.as_deref().map(Endpoint::parse) {
            Some(Ok(host)) => Some(host),
            Some(Err(endpoint::Refused { fault, write })) => {
                let input = raw.host.clone().unwrap_or_default();
                faults.push((Some("host"), ProfileFault::Endpoint { input, fault, write }));
                None
            }
            None => {
                faults.push((None, ProfileFault::NoHost));
                None
            }
        };
        let (key, key_source) = key_source(raw.key, raw.key_command).unwrap_or_else(|fault| {
            faults.push(fault);
            (None, None)
        });
        let certs = CertNames { dir: raw.certs, ca: raw.ca, cert: raw.cert, key };
        let tls =
            tls_mode(host.as_ref(), raw.tls.as_deref(), &certs, key_source.as_ref(), &mut faults);
        for name in raw.env.keys().filter(|name| !env_allowed(name)) {
            let (name, allowed) = (name.clone(), ENV_NAMES.as_slice());
            faults.push((Some("env"), ProfileFault::EnvName { name, allowed }));
        }
        faults
            .extend(raw.api_version.as_ref().and_then(|version| check_api_version(version).err()));
        let max_use = raw.max_use.as_deref().map(parse_duration).transpose();
        let max_use = max_use.unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
        if let Some(source) = key_source.as_ref().filter(|_| origin.layer) {
            faults.push((Some(source.key()), ProfileFault::NotInLayer(source.words())));
        }
        let Some(host) = host.filter(|_| faults.is_empty()) else {
            let mut seen: Vec<&str> = Vec::new();
            faults.retain(|(key, fault)| match key {
                // Each variable that may not be set is said.
                Some("env") if matches!(fault, ProfileFault::EnvName { .. }) => true,
                Some(key) if seen.contains(key) => false,
                Some(key) => {
                    seen.push(key);
                    true
                }
                None => true,
            });
            return Err(faults);
        };
        Ok(Self {
            name: name.to_owned(),
            host,
            tls,
            certs,
            protected: raw.protected,
            description: raw.description,
            tags: raw.tags,
            dirs: raw.dirs,
            max_use,
            api_version: raw.api_version,
            env: raw.env,
            key_source,
            origin,
        })
    }

    /// The value of DOCKER_HOST, port included.
    #[must_use]
    pub fn docker_host(&self) -> String {
        self.host.docker_host(self.tls != TlsMode::Off)
    }
}

/// Adds what is wrong with the texts themselves: characters that nobody sees, and empty ones.
fn hidden(raw: &Raw, faults: &mut Vec<Fault>) {
    let texts = [
        ("host", &raw.host),
        ("certs", &raw.certs),
        ("ca", &raw.ca),
        ("cert", &raw.cert),
        ("key", &raw.key),
        ("description", &raw.description),
        ("api-version", &raw.api_version),
    ];
    let single = texts.iter().filter_map(|(key, text)| text.as_ref().map(|t| (*key, t)));
    let command = raw.key_command.as_deref().unwrap_or_default();
    let lists = [("tags", &*raw.tags), ("dirs", &*raw.dirs), ("key-command", command)];
    let many = lists.iter().flat_map(|(key, list)| list.iter().map(move |t| (*key, t)));
    let env = raw.env.values().map(|value| ("env", value));
    for (key, text) in single.chain(many).chain(env) {
        if crate::text::says_private_key(text) {
            faults.push((Some(key), ProfileFault::PrivateKey(key.to_owned())));
        }
        // The host's own grammar has a better word for a blank at its end.
        if let Some(found) = crate::text::hidden_in(text).filter(|_| key != "host") {
            faults.push((Some(key), ProfileFault::Char { key: key.to_owned(), found }));
        }
    }
    let lists = [("tags", &raw.tags, Expected::Words), ("dirs", &raw.dirs, Expected::Path)];
    for (key, list, expected) in lists {
        if list.iter().any(|text| text.trim().is_empty()) {
            faults.push((Some(key), kind(key, expected)));
        }
    }
    for (key, text) in
        [("certs", &raw.certs), ("ca", &raw.ca), ("cert", &raw.cert), ("key", &raw.key)]
    {
        if text.as_ref().is_some_and(String::is_empty) {
            faults.push((Some(key), kind(key, Expected::Path)));
        }
    }
}

fn key_source(
    key: Option<String>,
    command: Option<Vec<String>>,
) -> Result<(Option<String>, Option<KeySource>), Fault> {
    match (key, command) {
        (Some(_), Some(_)) => {
            Err((Some("key-command"), ProfileFault::Conflict("key", "key-command")))
        }
        (Some(key), None) if key == "keyring" => Ok((None, Some(KeySource::Keyring))),
        (key, None) => Ok((key, None)),
        (None, Some(command)) if command.first().is_none_or(String::is_empty) => {
            Err((Some("key-command"), kind("key-command", Expected::Texts)))
        }
        (None, Some(command)) => Ok((None, Some(KeySource::Command(command)))),
    }
}

/// The TLS mode; adds what is wrong with it and with the keys that are about certificates. Without a host that is one,
/// nothing is said of what fits its scheme.
fn tls_mode(
    host: Option<&Endpoint>,
    word: Option<&str>,
    certs: &CertNames,
    source: Option<&KeySource>,
    faults: &mut Vec<Fault>,
) -> TlsMode {
    let named = [
        ("certs", certs.dir.is_some()),
        ("ca", certs.ca.is_some()),
        ("cert", certs.cert.is_some()),
        ("key", certs.key.is_some()),
    ];
    // The first key that is about certificates, if there is one.
    let first = named.iter().find(|(_, named)| *named).map(|(key, _)| *key);
    let first = first.or(source.map(KeySource::key));
    let mode = match word {
        None if first.is_some() => Some(TlsMode::Verify),
        None => Some(TlsMode::Off),
        Some(word) => TlsMode::parse(word),
    };
    if mode.is_none() {
        faults.push((Some("tls"), kind("tls", Expected::TlsMode)));
    }
    if let Some(host) = host.filter(|host| !matches!(host, Endpoint::Tcp { .. })) {
        let scheme = host.scheme();
        let all = named.iter().filter(|(_, named)| *named).map(|(key, _)| *key);
        let tls = word.filter(|_| mode != Some(TlsMode::Off)).map(|_| "tls");
        let before = faults.len();
        let not_for = |what| (Some(what), ProfileFault::NotFor { what, scheme });
        faults.extend(all.chain(source.map(KeySource::key)).chain(tls).map(not_for));
        if faults.len() > before {
            return TlsMode::Off;
        }
    }
    let one = named.iter().skip(1).filter(|(_, named)| *named).map(|(key, _)| *key);
    if certs.dir.is_some() {
        faults.extend(one.map(|one| (Some(one), ProfileFault::Conflict("certs", one))));
    }
    match (mode, first) {
        (Some(TlsMode::Off), Some(first)) => {
            faults.push((Some("tls"), ProfileFault::Conflict("tls = \"off\"", first)));
        }
        (Some(TlsMode::System), _) if certs.ca.is_some() => {
            faults.push((Some("ca"), ProfileFault::Conflict("tls = \"system\"", "ca")));
        }
        _ => {}
    }
    if certs.dir.is_none() {
        let needs = |what, needs| ProfileFault::Needs { what, needs };
        match (&certs.cert, certs.key.is_some(), source) {
            (Some(_), false, None) => {
                faults.push((Some("cert"), needs("cert", &["key", "key-command"])));
            }
            (None, true, _) => faults.push((Some("key"), needs("key", &["cert"]))),
            (None, _, Some(source)) => {
                faults.push((Some(source.key()), needs(source.words(), &["cert"])));
            }
            _ => {}
        }
        if mode == Some(TlsMode::Verify) && certs.ca.is_none() {
            let key = if word.is_some() { "tls" } else { first.unwrap_or("tls") };
            faults.push((Some(key), needs("tls = \"verify\"", &["certs", "ca"])));
        }
    }
    mode.unwrap_or(TlsMode::Verify)
}

/// A value of the wrong kind.
fn kind(key: &str, expected: Expected) -> ProfileFault {
    ProfileFault::Kind { key: key.to_owned(), expected }
}

/// docker's client versions are `MAJOR.MINOR`; a client of 29 panics on anything else.
fn check_api_version(version: &str) -> Result<(), Fault> {
    let fine = version.split_once('.').is_some_and(|(major, minor)| {
        [major, minor]
            .iter()
            .all(|n| (1..=4).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()))
    });
    fine.then_some(()).ok_or_else(|| (Some("api-version"), kind("api-version", Expected::Version)))
}

/// A duration such as `90s`, `30m`, `8h`, `1h30m`, in seconds.
fn parse_duration(text: &str) -> Result<u64, Fault> {
    duration(text).ok_or_else(|| (Some("max-use"), kind("max-use", Expected::Duration)))
}

/// Seconds of a length of time such as `30m`, `8h` or `1h30m` (units: s, m, h, d); `None` if it is not
/// one, or nothing at all.
#[must_use]
pub fn duration(text: &str) -> Option<u64> {
    let (mut total, mut number) = (0_u64, None::<u64>);
    for c in text.chars() {
        match (c.to_digit(10), number) {
            (Some(digit), n) => {
                number = Some(n.unwrap_or(0).checked_mul(10)?.checked_add(digit.into())?);
            }
            (None, Some(n)) => {
                let unit = match c {
                    's' => 1,
                    'm' => 60,
                    'h' => 3600,
                    'd' => 86400,
                    _ => return None,
                };
                total = total.checked_add(n.checked_mul(unit)?)?;
                number = None;
            }
            (None, None) => return None,
        }
    }
    (number.is_none() && total > 0).then_some(total)
}
