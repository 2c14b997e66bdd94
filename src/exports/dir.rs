//! The value of DCTX_DIR: inside a directory that belongs to a profile, what was before, so that leaving
//! it goes back there.
//!
//! ASCII: `d,-,/home/me/shop`. First `d` where the directory chose what is in force, `n` where it leads
//! nowhere (its profile is protected, or its certificates are missing), `h` where a person has chosen
//! since; then what was before: `-` nothing of this shell's own, `s:NAME` or `s:NAME:SECONDS` a profile,
//! with the time (since 1970) at which its use ends, `o` values of this shell's own. Third the directory,
//! percent-encoded; after `o` come the values, as in DCTX_SAVED.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::OWN;
use super::former::{self, Formers, Kept};
use super::saved::{percent, unpercent};
use crate::profile::name;

/// What was in force before a directory was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// Nothing of this shell's own: local docker, or the choice for every shell.
    Follows,
    /// A profile, chosen for this shell, with no value changed since.
    Profile {
        /// Its name.
        name: String,
        /// When its use ends, in seconds since 1970.
        expires: Option<u64>,
    },
    /// Variables of this shell's own: as a person set them, or as a `reset` of this session left them.
    Own(Formers),
}

/// The directory that this shell is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirMark {
    /// Whether something else than the directory's profile is in force: a person chose since, or the
    /// directory leads nowhere.
    pub by_hand: bool,
    /// Whether nothing has been chosen in it: it leads nowhere, and no person has chosen since.
    pub nowhere: bool,
    /// What was before.
    pub before: Before,
    /// The directory, as the profile has it.
    pub path: PathBuf,
}

impl DirMark {
    /// The text for the variable.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut out = String::from(match (self.by_hand, self.nowhere) {
            (false, _) => "d,",
            (true, true) => "n,",
            (true, false) => "h,",
        });
        match &self.before {
            Before::Follows => out.push('-'),
            Before::Profile { name, expires: None } => out.push_str(&format!("s:{name}")),
            Before::Profile { name, expires: Some(at) } => out.push_str(&format!("s:{name}:{at}")),
            Before::Own(_) => out.push('o'),
        }
        out.push(',');
        percent(&mut out, self.path.as_os_str());
        if let Before::Own(values) = &self.before {
            former::write(&mut out, values);
        }
        out
    }

    /// Reads the text back; `None` if it is not ours.
    #[must_use]
    pub fn decode(text: &OsStr) -> Option<Self> {
        let mut items = text.to_str()?.split(',');
        let (by_hand, nowhere) = match items.next()? {
            "d" => (false, false),
            "h" => (true, false),
            "n" => (true, true),
            _ => return None,
        };
        let kind = items.next()?;
        let path = PathBuf::from(unpercent(items.next()?)?);
        let before = match kind {
            "-" => Before::Follows,
            "o" => Before::Own(items.map(former::read).collect::<Option<_>>()?),
            // An earlier version's local docker, by a reset of the session.
            "h" => {
                let [_, _, saved, _] = OWN;
                Before::Own(Formers::from([(saved, Kept::Value(OsString::new()))]))
            }
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
        path.is_absolute().then_some(Self { by_hand, nowhere, before, path })
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
    /// Nobody chooses: this shell takes up what was chosen elsewhere.
    Stay,
}

impl DirChange {
    /// The new value: `None` to leave the variable alone, `Some(None)` to unset it.
    pub(super) fn value(&self, now: Option<OsString>) -> Option<Option<OsString>> {
        match self {
            Self::Enter(mark) => Some(Some(mark.encode().into())),
            Self::Leave => Some(None),
            Self::Stay => None,
            Self::ByHand => {
                let now = now.filter(|text| !text.is_empty())?;
                match DirMark::decode(&now) {
                    Some(mark) if mark.by_hand && !mark.nowhere => None,
                    Some(mark) => {
                        let mark = DirMark { by_hand: true, nowhere: false, ..mark };
                        Some(Some(mark.encode().into()))
                    }
                    None => Some(None),
                }
            }
        }
    }
}
