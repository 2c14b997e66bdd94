//! `--fix`: what can be mended without a risk, which is the modes of one's own keys and certificates. Nothing is removed,
//! nothing is opened wider, and whatever is done is said.
//!
//! A profile may name any file at all, and one of a shared layer is written by somebody else. So a layer's files are
//! left alone, and of the others only those are touched that are seen to be keys or certificates, through the
//! descriptor by which they were read; and a directory only where there is nothing but such files in it.

use std::path::Path;

use crate::cert::key::{self, NoKey};
use crate::cert::pem::{self, Pem};
use crate::cert::x509::Cert;
use crate::check::diagnosis::Diagnosis;
use crate::check::files;
use crate::check::finding::{Finding, Level, What};
use crate::check::id::Id;
use crate::check::machine::note::{Left, Note};
use crate::check::note::Note as Said;
use crate::check::target::Target;

/// How often files are looked at again: behind one that is mended another may come to light.
const ROUNDS: usize = 8;

/// So many files may be in a directory of certificates.
const MAX_FILES: usize = 64;

/// Mends what the look at the files of `target` finds. What was done, and what was left alone, one finding each.
pub(super) fn mend(target: &Target) -> Vec<Finding> {
    let mut done: Vec<Finding> = Vec::new();
    for _ in 0..ROUNDS {
        let before = done.len();
        for finding in files::check(target, true) {
            let What::Diagnosis(Diagnosis { id: Id::KeyExposed, facts }) = finding.what else {
                continue;
            };
            let Some(path) = &facts.path else { continue };
            let note = match &target.layer {
                Some(layer) => Some(left(path, Left::Layer(layer.clone()))),
                None => close(path, target.key.as_ref() == Some(path)),
            };
            if let Some(note) = note.filter(|note| !said(&done, note)) {
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

fn left(path: &Path, why: Left) -> Note {
    Note::LeftAlone { path: path.to_path_buf(), why }
}

fn said(done: &[Finding], note: &Note) -> bool {
    done.iter().any(|finding| finding.what == What::Note(Said::Machine(note.clone())))
}

/// Takes from others what they have no business with: a key is its owner's to read, a certificate nobody's to write,
/// a directory of these nobody else's to write. `None` for what belongs to somebody else, or is right already.
#[cfg(unix)]
fn close(path: &Path, is_key: bool) -> Option<Note> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let (file, is_fit) = if path.is_dir() {
        (std::fs::File::open(path).ok()?, holds_only_pem(path))
    } else {
        let opened = pem::open(path).ok()?;
        let pem = opened.pem().unwrap_or_default();
        (opened.file, if is_key { has_key(&pem) } else { has_certificate(&pem) })
    };
    let meta = file.metadata().ok()?;
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return None;
    }
    let was = meta.mode() & 0o7777;
    let now = match (meta.is_dir(), is_key) {
        (true, _) => was & !0o022,
        (false, true) => 0o400,
        (false, false) => was & 0o444 | 0o400,
    };
    if was == now {
        return None;
    }
    if !is_fit {
        return Some(left(path, if meta.is_dir() { Left::MixedDirectory } else { Left::NoPem }));
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

/// Whether a private key is in it that can be read, or one with a passphrase.
fn has_key(pem: &Pem) -> bool {
    matches!(key::read(pem), Ok(_) | Err(NoKey::Encrypted))
}

fn has_certificate(pem: &Pem) -> bool {
    pem.labelled("CERTIFICATE").any(|block| Cert::from_der(&block.contents).is_ok())
}

/// Whether all that is in the directory, of which there is something, is a key or a certificate.
fn holds_only_pem(dir: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(dir) else { return false };
    let mut count = 0;
    for entry in entries {
        let Ok(entry) = entry else { return false };
        let pem = pem::open(&entry.path()).and_then(|file| file.pem());
        count += 1;
        if count > MAX_FILES || !pem.is_ok_and(|pem| has_key(&pem) || has_certificate(&pem)) {
            return false;
        }
    }
    count > 0
}
