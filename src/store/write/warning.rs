//! What a person should know about a write that was made.

use std::io;
use std::path::PathBuf;

use crate::error::{Hint, Lang, reason, write_hints, write_refused};
use crate::tr;

/// Something that did not keep the file from being written.
#[derive(Debug)]
pub enum Warning {
    /// The state directory cannot be used: no lock, and no history for `undo`.
    State {
        /// The directory or lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The old version could not be kept for `undo`.
    History {
        /// The directory of old versions.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is written, but it is not certain to outlast a power failure.
    Sync {
        /// The directory that could not be synced.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file belongs to somebody else now, since only root can give files away.
    Owner {
        /// The file.
        path: PathBuf,
    },
    /// The file had another name (a hard link), which still leads to the old text.
    HardLink {
        /// The file.
        path: PathBuf,
    },
}

impl Warning {
    /// What to tell the person.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match self {
            Self::State { path, source } => {
                let (path, why) = (path.display(), write_refused(path, source, lang));
                tr!(
                    lang,
                    "the change was made without a lock, and dctx undo cannot take it back: {path} cannot be written ({why})",
                    "更改已写入，但没有加锁，dctx undo 也无法撤销：{path} 无法写入（{why}）"
                )
            }
            Self::History { path, source } => {
                let (path, why) = (path.display(), write_refused(path, source, lang));
                tr!(
                    lang,
                    "dctx undo cannot take this change back: the old version could not be kept in {path} ({why})",
                    "dctx undo 无法撤销此次更改：旧版本无法存入 {path}（{why}）"
                )
            }
            Self::Sync { path, source } => {
                let (path, why) = (path.display(), reason(source, lang));
                tr!(
                    lang,
                    "the change was written, but a power failure now may undo it: {path} could not be synced ({why})",
                    "更改已写入，但此刻断电可能丢失：{path} 无法同步（{why}）"
                )
            }
            Self::Owner { path } => tr!(
                lang,
                "{} now belongs to you: its former owner or group could not be kept",
                "{} 现在归你所有：无法保留原来的属主或属组",
                path.display()
            ),
            Self::HardLink { path } => tr!(
                lang,
                "{} has a second name (a hard link), which still has the old text",
                "{} 另有一个硬链接，其内容仍是旧的",
                path.display()
            ),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hints(&self, lang: Lang) -> Vec<Hint> {
        match self {
            Self::State { path, source } | Self::History { path, source } => {
                write_hints(path, source, lang)
            }
            Self::Sync { .. } | Self::Owner { .. } | Self::HardLink { .. } => Vec::new(),
        }
    }
}
