//! What a check says beside its diagnoses: how things are. Data, and its words in both languages.

use std::path::PathBuf;

use super::id::Id;
use crate::error::{Hint, Lang};
use crate::tr;

/// Something that is so. Texts from outside are kept as they came; whoever prints cleans them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A connection was made.
    Open {
        /// With whom: `10.141.20.83:2376`, or a socket's path.
        address: String,
        /// How long it took, in microseconds.
        micros: u64,
    },
    /// A file is as docker wants it.
    File {
        /// The file.
        path: PathBuf,
    },
    /// Something about this machine or this shell.
    Machine(super::machine::note::Note),
}

impl Note {
    /// The words for it: one line, no full stop.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::Open { address, micros } => {
                let ms = *micros as f64 / 1000.0;
                tr!(lang, "{address} open ({ms:.1} ms)", "{address} 已连通（{ms:.1} 毫秒）")
            }
            Self::File { path } => path.display().to_string(),
            Self::Machine(note) => note.text(lang),
        }
    }
    /// What to do about it, best first; nothing for what is as it should be.
    #[must_use]
    pub fn fixes(&self, lang: Lang) -> Vec<Hint> {
        match self {
            Self::Machine(note) => note.fixes(lang),
            _ => Vec::new(),
        }
    }

    /// The diagnosis that it is a case of, with words of its own.
    #[must_use]
    pub const fn id(&self) -> Option<Id> {
        match self {
            Self::Machine(note) => note.id(),
            _ => None,
        }
    }
}
