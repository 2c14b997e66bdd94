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
fn reserved(lower: &str) -> bool {
    let stem = lower.split('.').next().unwrap_or_default();
    matches!(lower, "default" | "local" | "none")
        || matches!(stem, "con" | "prn" | "aux" | "nul")
        || stem
            .strip_prefix("com")
            .or_else(|| stem.strip_prefix("lpt"))
            .is_some_and(|n| matches!(n.as_bytes(), [b'0'..=b'9']))
}

/// Checks `name` against `[A-Za-z0-9][A-Za-z0-9._+-]{0,62}`, no dot at the end, none of the reserved words.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check(name: &str) -> Result<(), NameFault> {
    let Some(first) = name.chars().next() else { return Err(NameFault::Empty) };
    if let Some(c) =
        name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-')))
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
    if reserved(&name.to_ascii_lowercase()) {
        return Err(NameFault::Reserved);
    }
    Ok(())
}
