//! The facts of a diagnosis as its words need them: a place, a name, a date, a command, each good to read also where
//! nothing is known.

use std::path::Path;

use crate::check::diagnosis::{CertFacts, Facts};
use crate::error::{Hint, Lang};
use crate::profile::endpoint::{Endpoint, PORT_TLS};
use crate::tr;

/// Marks a place next to which there is no blank; it is of the private use area, and goes with [`tighten`].
const TIGHT: char = '\u{e000}';

/// As many names of a certificate are told.
const NAMES_MAX: usize = 12;

/// Takes the marks out, and the blanks beside them.
pub(super) fn tighten(text: &str) -> String {
    let tight = TIGHT.to_string();
    let text = text.replace(&format!(" {TIGHT}"), &tight).replace(&format!("{TIGHT} "), &tight);
    text.replace(TIGHT, "")
}

/// The facts, and the language to tell them in.
pub(super) struct With<'a> {
    pub(super) facts: &'a Facts,
    pub(super) lang: Lang,
}

impl With<'_> {
    /// Words of ours where a value of others may stand: in Chinese no blank is around them.
    pub(super) fn own(&self, words: String) -> String {
        match self.lang {
            Lang::En => words,
            Lang::Zh => format!("{TIGHT}{words}{TIGHT}"),
        }
    }

    /// Where docker goes: the endpoint, host and port, or the host; else words for it.
    pub(super) fn place(&self) -> String {
        let Facts { endpoint, host, port, .. } = self.facts;
        match (endpoint, host, port) {
            (Some(endpoint), ..) => endpoint.clone(),
            (None, Some(host), Some(port)) => format!("{}:{port}", bracketed(host)),
            (None, Some(host), None) => host.clone(),
            (None, None, _) => self.own(tr!(self.lang, "the host", "该主机")),
        }
    }

    /// The host alone, or words for it.
    pub(super) fn host(&self) -> String {
        let host = self.facts.host.clone();
        host.unwrap_or_else(|| self.own(tr!(self.lang, "this address", "该地址")))
    }

    /// The host as a word of a command.
    pub(super) fn host_word(&self) -> &str {
        self.facts.host.as_deref().unwrap_or("HOST")
    }

    /// The port as part of a sentence, `2376` where none is known.
    pub(super) fn port(&self) -> u16 {
        self.facts.port.unwrap_or(PORT_TLS)
    }

    /// The file at fault, or `else_` for it.
    pub(super) fn path(&self, else_: &str) -> String {
        shown(self.facts.path.as_deref(), else_)
    }

    /// The other file of a pair, or `else_` for it.
    pub(super) fn other(&self, else_: &str) -> String {
        shown(self.facts.other.as_deref(), else_)
    }

    /// What was said, in parentheses with what stands before it; nothing where nothing was said.
    pub(super) fn said(&self) -> String {
        match self.facts.said.as_deref().map(str::trim).filter(|said| !said.is_empty()) {
            None => String::new(),
            Some(said) => self.own(tr!(self.lang, " ({said})", "（{said}）")),
        }
    }

    /// A tcp address with another port.
    pub(super) fn tcp(&self, port: u16) -> String {
        format!("tcp://{}:{port}", bracketed(self.host_word()))
    }

    /// Advice to change the profile: its host, and flags. A profile in a file that dctx does not write is changed
    /// there; where there is none yet, one is added.
    pub(super) fn change(&self, say: String, host: Option<&str>, flags: &[&str]) -> Hint {
        if let Some(layer) = self.facts.layer.as_deref().map(Path::display) {
            let lang = self.lang;
            let to = host.map(|host| format!(" (host = \"{host}\")")).unwrap_or_default();
            return Hint::say(tr!(
                lang,
                "{say}{to}: in {layer}, which dctx only reads",
                "{say}{to}：请在 {layer} 的来源处修改，dctx 只读取该文件"
            ));
        }
        let mut words = vec!["dctx"];
        let known = host.or(self.facts.endpoint.as_deref());
        match (&self.facts.profile, known) {
            (Some(profile), _) => {
                words.extend(["edit", profile]);
                words.extend(host.iter().flat_map(|host| ["--host", host]));
            }
            (None, Some(host)) if !host.starts_with('-') => words.extend(["add", "NAME", host]),
            (None, _) => words.extend(["edit", "NAME"]),
        }
        // What is not there yet has nothing to take out.
        let fresh = self.facts.profile.is_none() && words.contains(&"add");
        let mut flags = flags.iter();
        while let Some(flag) = flags.next() {
            match *flag {
                "--unset" if fresh => drop(flags.next()),
                flag => words.push(flag),
            }
        }
        if fresh {
            complete(&mut words);
        }
        Hint::run(say, shell_words::join(words))
    }

    /// Whether it is about a Windows machine: a named pipe, a drive.
    pub(super) fn windows(&self) -> bool {
        let text = |path: &std::path::PathBuf| path.to_string_lossy().into_owned();
        let path = self.facts.path.as_ref().map(text).unwrap_or_default();
        let pipe = |host: &str| host.starts_with("npipe:");
        self.facts.endpoint.as_deref().is_some_and(pipe) || of_windows(&path)
    }

    /// Whether it is about this machine's own loopback, or the address that stands for all of them.
    pub(super) fn loopback(&self) -> bool {
        self.facts.host.as_deref().is_some_and(loopback)
    }

    /// Advice to look at the profile closely.
    pub(super) fn check(&self) -> Hint {
        let say = tr!(self.lang, "look at it step by step", "逐步检查");
        match &self.facts.profile {
            Some(profile) => Hint::run(say, shell_words::join(["dctx", "check", profile])),
            None => Hint::run(say, "dctx check"),
        }
    }

    /// Advice to return to local docker.
    pub(super) fn reset(&self) -> Hint {
        let say = tr!(self.lang, "return to local docker", "切回本地 docker");
        Hint::run(say, "dctx reset")
    }

    /// The certificate at fault, if anything is known of it.
    pub(super) fn cert(&self) -> Option<&CertFacts> {
        self.facts.cert.as_ref().filter(|cert| !cert.subject.is_empty())
    }

    /// ` on 2021-01-01` for the end of the certificate at fault.
    pub(super) fn expired_on(&self) -> String {
        let date = self.facts.cert.as_ref().and_then(|cert| date(cert.not_after));
        match date {
            Some(date) => tr!(self.lang, " on {date}", "于 {date} "),
            None => tr!(self.lang, "", ""),
        }
    }

    /// The names of the server's certificate without their kind, `otherwise` where it lists none.
    pub(super) fn listed(&self) -> Option<String> {
        let names: Vec<&str> = self.facts.listed.iter().map(|name| bare(name)).collect();
        if names.is_empty() { None } else { Some(self.some(&names)) }
    }

    /// These names in a row, the first of very many.
    pub(super) fn some(&self, names: &[impl AsRef<str>]) -> String {
        let comma = tr!(self.lang, ", ", "、");
        let first = names.iter().take(NAMES_MAX).map(|name| shorter(name.as_ref()));
        let first = first.collect::<Vec<_>>().join(&comma);
        match names.len().saturating_sub(NAMES_MAX) {
            0 => first,
            more => tr!(self.lang, "{first} and {more} more", "{first} 等（另有 {more} 个）"),
        }
    }

    /// The host as a certificate has to list it: `IP:…` or `DNS:…`.
    pub(super) fn san(&self) -> Option<String> {
        let host = self.facts.host.as_deref()?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let bare = bare.split_once('%').map_or(bare, |(address, _)| address);
        let ip = bare.parse::<std::net::IpAddr>().is_ok();
        Some(format!("{}:{bare}", if ip { "IP" } else { "DNS" }))
    }
}

/// Whether a path is one of Windows: of a drive, or a pipe.
pub(super) fn of_windows(path: &str) -> bool {
    let mut chars = path.chars();
    let drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':');
    let pipe = path.starts_with("//./pipe/") || path.starts_with("\\\\.\\pipe\\");
    pipe || (drive && matches!(chars.next(), Some('\\' | '/')))
}

/// Whether a host is this machine by its loopback, or 0.0.0.0 or `::`, which lead there, too.
pub(super) fn loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|at| at.is_loopback() || at.is_unspecified())
}

/// Completes `dctx add NAME HOST …`: certificates are named together, and where TLS is meant there are some. Port 2375 is
/// the one without (IANA: docker, docker-s).
fn complete(words: &mut Vec<&str>) {
    let plain = words.iter().any(|word| word.starts_with("tcp://") && word.ends_with(":2375"));
    let tcp = words.iter().any(|word| word.starts_with("tcp://"));
    let given = |flag: &str, words: &[&str]| words.contains(&flag);
    if given("--cert", words) || given("--key", words) {
        for flag in ["--ca", "--cert", "--key"] {
            if !given(flag, words) {
                words.extend([flag, "FILE"]);
            }
        }
    } else if tcp && !plain && !["--certs", "--ca", "--tls"].iter().any(|flag| given(flag, words)) {
        words.extend(["--certs", "DIR"]);
    }
}

/// A name, cut where no host has one so long.
fn shorter(name: &str) -> String {
    match name.char_indices().nth(260) {
        Some((at, _)) => format!("{}…", name.get(..at).unwrap_or_default()),
        None => name.to_owned(),
    }
}

/// A name of a certificate without `DNS:` or `IP:`.
pub(super) fn bare(name: &str) -> &str {
    name.strip_prefix("DNS:").or_else(|| name.strip_prefix("IP:")).unwrap_or(name)
}

/// An IPv6 address as it stands in a URL.
pub(super) fn bracketed(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() }
}

pub(super) fn shown(path: Option<&Path>, else_: &str) -> String {
    path.map_or_else(|| else_.to_owned(), |path| path.display().to_string())
}

/// A path as one word of a command, `else_` where it is not known.
pub(super) fn word(path: Option<&Path>, else_: &str) -> String {
    shell_words::quote(&shown(path, else_)).into_owned()
}

/// The day of a time in seconds since 1970, as `YYYY-MM-DD` in UTC; `None` for 0, which stands for unknown, and for
/// what no calendar has.
pub(super) fn date(seconds: i64) -> Option<String> {
    crate::text::date::day(seconds).filter(|_| seconds != 0)
}

/// The listed names that docker could go to instead, best first, as addresses: what is neither a pattern nor this
/// machine, unless this machine is meant.
pub(super) fn instead(facts: &Facts) -> Vec<String> {
    let local = |host: &str| {
        let address =
            host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    };
    let here = facts.host.as_deref().is_some_and(local);
    let port = facts.port.unwrap_or(PORT_TLS);
    let fit = |name: &&str| !name.contains('*') && local(name) == here;
    let names = facts.listed.iter().map(|name| bare(name)).filter(fit);
    let all = names.map(|name| format!("tcp://{}:{port}", bracketed(name)));
    all.filter(|host| Endpoint::parse(host).is_ok()).take(2).collect()
}
