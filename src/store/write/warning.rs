//! What a person should know about a write that was made.

use std::io;
use std::path::PathBuf;

use crate::error::Lang;
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
            Self::State { path, source } => tr!(
                lang,
                "{} cannot be used ({source}): written without a lock, and dctx undo will not know this change",
                "{} 不可用（{source}）：未加锁写入，dctx undo 无法撤销此次更改",
                path.display()
            ),
            Self::History { path, source } => tr!(
                lang,
                "the old version could not be kept in {} ({source}): dctx undo will not know this change",
                "旧版本无法存入 {}（{source}）：dctx undo 无法撤销此次更改",
                path.display()
            ),
            Self::Sync { path, source } => tr!(
                lang,
                "written, but {} could not be synced ({source}): a power failure now may undo it",
                "已写入，但 {} 无法同步（{source}）：此刻断电可能丢失更改",
                path.display()
            ),
            Self::Owner { path } => tr!(
                lang,
                "{} now belongs to you: its former owner or group could not be kept",
                "{} 现在归你所有：无法保留原来的属主或属组",
                path.display()
            ),
            Self::HardLink { path } => tr!(
                lang,
                "{} had a second name (hard link), which still has the old text",
                "{} 另有一个硬链接名，其内容仍是旧的",
                path.display()
            ),
        }
    }
}
