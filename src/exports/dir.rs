//! The value of DCTX_DIR: inside a directory that belongs to a profile, what was before, so that leaving
//! it goes back there.
//!
//! ASCII: `d,-,/home/me/shop`. First `d` where the directory chose what is in force, `h` where a person has
//! since (or had to, since a directory never leads to a protected profile); then what was before: `-`
//! nothing of this shell's own, `h` local docker by a `reset` of this session that hides a choice for
//! every shell, `s:NAME` or `s:NAME:SECONDS` a profile, with the time (since 1970) at which its use ends.
//! Last the directory, percent-encoded.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::saved::{percent, unpercent};
use crate::profile::name;

/// What was in force before a directory was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// Nothing of this shell's own: local docker, or the choice for every shell.
    Nothing,
    /// Local docker, hiding a choice for every shell.
    Hidden,
    /// A profile, chosen for this shell.
    Profile {
        /// Its name.
        name: String,
        /// When its use ends, in seconds since 1970.
        expires: Option<u64>,
    },
}

/// The directory that this shell is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirMark {
    /// Whether a person chose since, so that the directory's profile is not in force.
    pub by_hand: bool,
    /// What was before.
    pub before: Before,
    /// The directory, as the profile has it.
    pub path: PathBuf,
}

impl DirMark {
    /// The text for the variable.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut out = String::from(if self.by_hand { "h," } else { "d," });
        match &self.before {
            Before::Nothing => out.push('-'),
            Before::Hidden => out.push('h'),
            Before::Profile { name, expires: None } => out.push_str(&format!("s:{name}")),
            Before::Profile { name, expires: Some(at) } => out.push_str(&format!("s:{name}:{at}")),
        }
        out.push(',');
        percent(&mut out, self.path.as_os_str());
        out
    }

    /// Reads the text back; `None` if it is not ours.
    #[must_use]
    pub fn decode(text: &OsStr) -> Option<Self> {
        let mut items = text.to_str()?.splitn(3, ',');
        let by_hand = match items.next()? {
            "d" => false,
            "h" => true,
            _ => return None,
        };
        let before = match items.next()? {
            "-" => Before::Nothing,
            "h" => Before::Hidden,
            other => {
                let rest = other.strip_prefix("s:")?;
                let (profile, expires) = match rest.split_once(':') {
                    Some((profile, at)) => (profile, Some(at.parse().ok()?)),
                    None => (rest, None),
                };
                name::check(profile).ok()?;
                Before::Profile { name: profile.to_owned(), expires }
            }
        };
        let path = PathBuf::from(unpercent(items.next()?)?);
        path.is_absolute().then_some(Self { by_hand, before, path })
    }

    /// Whether it is about that directory.
    #[must_use]
    pub fn is_of(&self, path: &Path) -> bool {
        self.path == path
    }
}

/// What a `use` or `reset` does to DCTX_DIR.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DirChange {
    /// A person chooses: inside a directory that chose before, that is noted.
    #[default]
    ByHand,
    /// The directory chooses, or is left for one that does.
    Enter(DirMark),
    /// The directory is left.
    Leave,
}

impl DirChange {
    /// The new value: `None` to leave the variable alone, `Some(None)` to unset it.
    pub(super) fn value(&self, now: Option<OsString>) -> Option<Option<OsString>> {
        match self {
            Self::Enter(mark) => Some(Some(mark.encode().into())),
            Self::Leave => Some(None),
            Self::ByHand => {
                let now = now.filter(|text| !text.is_empty())?;
                match DirMark::decode(&now) {
                    Some(mark) if mark.by_hand => None,
                    Some(mark) => Some(Some(DirMark { by_hand: true, ..mark }.encode().into())),
                    None => Some(None),
                }
            }
        }
    }
}
