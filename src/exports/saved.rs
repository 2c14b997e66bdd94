//! The value of DCTX_SAVED: what `use` found, so that `reset` can give it back.
//!
//! `s1,DOCKER_HOST=unix:///run/user/1000/docker.sock,NO_PROXY,.=tcp://192.168.57.110:2376,1,,/home/me/test,`. The first
//! item is the scope (`s` or `u`) and the version of this format; `#` the token of a choice for every shell that is
//! kept in a file (it comes next, so that a shell can compare it); `!` a protected profile; `~` the host added to
//! NO_PROXY; `NAME=value` what was set, `NAME` alone what was not, `NAME!` what was too long to be kept: all of it as it
//! was in that scope, so that of a choice that fish keeps in universal variables it is what those were, and what a fish
//! had of its own stands in its DCTX_BEFORE. Values are percent-encoded (RFC 3986 section 2.1), and ASCII, with no character that any shell treats specially beyond what
//! its emitter quotes anyway.
//!
//! Last comes `.`, what `use` set ([`destination_of`]), as it is: so a shell's prompt can tell whether it is still in
//! force by comparing the end of this text with the variables, and starts nothing for it.

use std::ffi::{OsStr, OsString};

use super::former::{self, Formers};
use super::{ENDPOINT, Scope};

/// What stands before [`Saved::set`]; none of the items before it begins with a dot.
const SET: &str = ",.=";

/// What was there before the first `use`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The scope in which `use` worked.
    pub scope: Scope,
    /// Which choice for every shell this is, where that is kept in a file.
    pub token: Option<String>,
    /// Whether the profile is protected.
    pub protected: bool,
    /// [`destination_of`] what it set; `None` where the text is of an earlier version, which noted a sum.
    pub set: Option<OsString>,
    /// What the variables were in that scope.
    pub former: Formers,
    /// The host that was added to NO_PROXY.
    pub proxy_host: Option<String>,
}

impl Saved {
    /// Nothing was there.
    #[must_use]
    pub const fn nothing(scope: Scope) -> Self {
        Self {
            scope,
            token: None,
            protected: false,
            set: None,
            former: Formers::new(),
            proxy_host: None,
        }
    }

    /// Whether what `use` set is what `get` finds.
    #[must_use]
    pub fn is_in_force(&self, get: &dyn Fn(&str) -> Option<OsString>) -> bool {
        self.set.as_ref() == Some(&destination_of(get))
    }

    /// Whether every value that `get` finds is what `use` set. A value that it does not find may have been one
    /// that fish did not import.
    #[must_use]
    pub(super) fn is_copied(&self, get: &dyn Fn(&'static str) -> Option<OsString>) -> bool {
        let Some(set) = self.set.as_ref().and_then(|set| set.to_str()) else { return false };
        let set: Vec<&str> = set.split(',').collect();
        // A comma in a path: nothing can be told.
        let names = [
            "DOCKER_HOST",
            "DOCKER_TLS_VERIFY",
            "DOCKER_TLS",
            "DOCKER_CERT_PATH",
            "DOCKER_CONTEXT",
        ];
        set.len() == names.len()
            && names.into_iter().zip(set).all(|(name, was)| get(name).is_none_or(|now| now == was))
    }

    /// The text for the variable.
    #[must_use]
    pub fn encode(&self) -> OsString {
        let scope = match self.scope {
            Scope::Session => "s1",
            Scope::Universal => "u1",
        };
        let mut out = String::from(scope);
        if let Some(token) = &self.token {
            out.push_str(",#=");
            percent(&mut out, OsStr::new(token));
        }
        if self.protected {
            out.push_str(",!");
        }
        former::write(&mut out, &self.former);
        if let Some(host) = &self.proxy_host {
            out.push_str(",~=");
            percent(&mut out, OsStr::new(host));
        }
        let mut out = OsString::from(out);
        if let Some(set) = &self.set {
            out.push(SET);
            out.push(set);
        }
        out
    }

    /// Reads the text back. `None` if it is not ours; then nothing is known of what was before. Only
    /// variables that dctx manages are taken, whatever the text says.
    #[must_use]
    pub fn decode(text: &OsStr) -> Option<Self> {
        let bytes = text.as_encoded_bytes();
        let end = bytes.windows(SET.len()).position(|part| part == SET.as_bytes());
        let (items, set) = bytes.split_at(end.unwrap_or(bytes.len()));
        let set = set.get(SET.len()..).map(|set| os_string(set.to_vec()));
        let mut items = std::str::from_utf8(items).ok()?.split(',');
        let scope = match items.next()? {
            "s1" => Scope::Session,
            "u1" => Scope::Universal,
            _ => return None,
        };
        let mut saved = Self { set: set.flatten(), ..Self::nothing(scope) };
        for item in items {
            match item.split_once('=') {
                Some(("#", value)) => saved.token = Some(unpercent(value)?.into_string().ok()?),
                // the sum that an earlier version noted
                Some(("@", _)) => {}
                Some(("~", value)) => {
                    saved.proxy_host = Some(unpercent(value)?.into_string().ok()?);
                }
                None if item == "!" => saved.protected = true,
                // An earlier version marked with `+` what universal variables were.
                _ => {
                    let (var, kept) = former::read(item.strip_prefix('+').unwrap_or(item))?;
                    saved.former.insert(var, kept);
                }
            }
        }
        Some(saved)
    }
}

pub(super) fn percent(out: &mut String, value: &OsStr) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| HEX.get(usize::from(n & 15)).copied().map_or('0', char::from);
    for &byte in value.as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"_.:/-".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(digit(byte >> 4));
            out.push(digit(byte));
        }
    }
}

pub(super) fn unpercent(text: &str) -> Option<OsString> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    if bytes.contains(&0) {
        return None;
    }
    os_string(bytes)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems cannot hold every byte string")]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    use std::os::unix::ffi::OsStringExt as _;
    Some(OsString::from_vec(bytes))
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}

/// The five variables that decide where docker goes and how, in the order of [`ENDPOINT`] and joined by commas; docker
/// takes empty for unset in all of them, and fish can hide a universal variable by an empty one only. The hook scripts
/// join the same five. Not a defence against anyone: the user's own environment is the user's.
#[must_use]
pub fn destination_of(get: &dyn Fn(&str) -> Option<OsString>) -> OsString {
    let mut out = OsString::new();
    for (index, var) in ENDPOINT.iter().take(5).enumerate() {
        if index > 0 {
            out.push(",");
        }
        out.push(get(var.as_str()).unwrap_or_default());
    }
    out
}
