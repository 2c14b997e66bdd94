//! The grammar of profile names.
//!
//! Names reach completion scripts, prompts and docker's context store, all of which do things with what
//! they are given, so the alphabet is docker's own for context names (docker/cli
//! `cli/context/store/store.go`, `restrictedNamePattern`), with an upper length and without the names
//! that mean something else somewhere.

use crate::error::NameFault;

/// The longest name, in bytes (all ASCII).
pub const MAX: usize = 63;

/// Words that are not profile names: docker's `default`, our own words for "no profile", and Windows
/// device names, which no file system there can hold.
fn reserved(name: &str) -> bool {
    let is = |text: &[u8], words: &[&str]| {
        words.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
    };
    let stem = name.as_bytes().split(|byte| *byte == b'.').next().unwrap_or_default();
    is(name.as_bytes(), &["default", "local", "none"])
        || match stem {
            [_, _, _] => is(stem, &["con", "prn", "aux", "nul"]),
            [device @ .., b'0'..=b'9'] => is(device, &["com", "lpt"]),
            _ => false,
        }
}

/// Checks `name` against `[A-Za-z0-9][A-Za-z0-9._+-]{0,62}`, no dot at the end, none of the reserved words.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check(name: &str) -> Result<(), NameFault> {
    let Some(first) = name.bytes().next() else { return Err(NameFault::Empty) };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
    // Bytes are enough to see that all is well, and completion asks for every name there is.
    if !name.bytes().all(allowed)
        && let Some(c) = name.chars().find(|c| !u8::try_from(*c).is_ok_and(allowed))
    {
        return Err(NameFault::Char(c));
    }
    if !first.is_ascii_alphanumeric() {
        return Err(NameFault::Start);
    }
    if name.len() > MAX {
        return Err(NameFault::TooLong);
    }
    if name.ends_with('.') {
        return Err(NameFault::EndDot);
    }
    if reserved(name) {
        return Err(NameFault::Reserved);
    }
    Ok(())
}
