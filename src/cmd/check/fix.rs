//! `--fix`: what can be mended without a risk, which is the modes of one's own files. Nothing is removed, nothing is
//! opened wider, and whatever is done is said.

use std::path::Path;

use crate::check::diagnosis::Diagnosis;
use crate::check::files;
use crate::check::finding::{Finding, Level, What};
use crate::check::id::Id;
use crate::check::machine::note::Note;
use crate::check::note::Note as Said;
use crate::check::target::Target;

/// How often files are looked at again: behind one that is mended another may come to light.
const ROUNDS: usize = 8;

/// Mends what the look at the files of `target` finds. What was done, one finding each.
pub(super) fn mend(target: &Target) -> Vec<Finding> {
    let mut done: Vec<Finding> = Vec::new();
    for _ in 0..ROUNDS {
        let before = done.len();
        for finding in files::check(target, true) {
            let What::Diagnosis(Diagnosis { id: Id::KeyExposed, facts }) = finding.what else {
                continue;
            };
            let Some(path) = &facts.path else { continue };
            let is_key = target.key.as_ref() == Some(path);
            if let Some(note) = close(path, is_key).filter(|note| !said(&done, note)) {
                let level =
                    if matches!(note, Note::Mended { .. }) { Level::Ok } else { Level::Warn };
                done.push(Finding { level, topic: "fix", what: What::Note(Said::Machine(note)) });
            }
        }
        if done.len() == before {
            break;
        }
    }
    done
}

fn said(done: &[Finding], note: &Note) -> bool {
    done.iter().any(|finding| finding.what == What::Note(Said::Machine(note.clone())))
}

/// Takes from others what they have no business with: a key is its owner's to read, a certificate everybody's to read
/// and nobody's to write, a directory nobody else's to write. Only files of one's own are touched, through the
/// descriptor by which they were looked at.
#[cfg(unix)]
fn close(path: &Path, is_key: bool) -> Option<Note> {
    use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
    let nonblock = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = std::fs::OpenOptions::new().read(true).custom_flags(nonblock).open(path).ok()?;
    let meta = file.metadata().ok()?;
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return None;
    }
    let was = meta.mode() & 0o7777;
    let now = match (meta.is_dir(), is_key) {
        (true, _) => was & !0o022,
        (false, true) => 0o400,
        (false, false) => 0o444,
    };
    if was == now || (!meta.is_dir() && !meta.is_file()) {
        return None;
    }
    let path = path.to_path_buf();
    Some(match file.set_permissions(std::fs::Permissions::from_mode(now)) {
        Ok(()) => Note::Mended { path, was, now },
        Err(why) => Note::NotMended { path, why: why.kind() },
    })
}

#[cfg(not(unix))]
fn close(_: &Path, _: bool) -> Option<Note> {
    None
}
