//! Why a file cannot be read or written, with who has it and what to type.

use std::io;
use std::path::Path;

use super::text::reason;
use super::{Hint, Lang};
use crate::file::blocked::{Blocker, blocker};
use crate::tr;

/// Why `path` could not be written, for a warning.
#[must_use]
pub fn write_refused(path: &Path, source: &io::Error, lang: Lang) -> String {
    why(path, source, true, lang)
}

/// What to do where `path` could not be written.
#[must_use]
pub fn write_hints(path: &Path, source: &io::Error, lang: Lang) -> Vec<Hint> {
    hints(path, source, true, lang)
}

/// What the system says, and where permission is missing, whose the file or directory is.
pub(super) fn why(path: &Path, source: &io::Error, write: bool, lang: Lang) -> String {
    let said = reason(source, lang);
    let Some(found) = found(path, source, write) else { return said };
    let Blocker { path: place, is_dir, owner, name, mode, me } = &found;
    let place = place.display();
    let what = match (place.to_string() == path.display().to_string(), is_dir) {
        (true, _) => tr!(lang, "it", "它"),
        (false, true) => tr!(lang, "the directory {place}", "目录 {place} "),
        (false, false) => tr!(lang, "{place}", "{place} "),
    };
    if owner == me {
        return tr!(
            lang,
            "{said}: {what} is yours, but has mode {mode:04o}",
            "{said}，{what}属于你，但权限为 {mode:04o}"
        );
    }
    let name = name.clone().unwrap_or_else(|| tr!(lang, "uid {owner}", "uid {owner}"));
    tr!(
        lang,
        "{said}: {what} belongs to {name} and has mode {mode:04o}",
        "{said}，{what}属于 {name}，权限为 {mode:04o}"
    )
}

/// What to do about it.
pub(super) fn hints(path: &Path, source: &io::Error, write: bool, lang: Lang) -> Vec<Hint> {
    let quoted = |path: &Path| shell_words::quote(&path.to_string_lossy()).into_owned();
    if let Some(found) = found(path, source, write) {
        let (place, me) = (quoted(&found.path), found.me);
        if found.owner != me {
            return vec![Hint::run(
                tr!(lang, "to make it yours", "改为归你所有"),
                format!("sudo chown {me} {place}"),
            )];
        }
        let bits = match (found.is_dir, write) {
            (true, _) => "u+rwx",
            (false, true) => "u+rw",
            (false, false) => "u+r",
        };
        return vec![Hint::run(
            tr!(lang, "to allow it to yourself", "给自己加上权限"),
            format!("chmod {bits} {place}"),
        )];
    }
    let near = || path.ancestors().find(|path| path.is_dir()).map(quoted);
    match (source.kind(), near()) {
        (io::ErrorKind::StorageFull, Some(dir)) => {
            vec![Hint::run(
                tr!(lang, "how full the disk is", "查看磁盘用量"),
                format!("df -h {dir}"),
            )]
        }
        _ => Vec::new(),
    }
}

fn found(path: &Path, source: &io::Error, write: bool) -> Option<Blocker> {
    match source.kind() {
        io::ErrorKind::PermissionDenied => blocker(path, write),
        _ => None,
    }
}
