//! Reads fish's file of universal variables, to tell a universal value from a global one: a program
//! started from fish sees only the innermost.
//!
//! The format is fish's own (fish-shell `src/env_universal_common.rs`): lines
//! `SETUVAR --export NAME:VALUE`, where every byte of VALUE that is not a letter, a digit, `/` or `_` is
//! written `\xHH`, `\uHHHH` or `\UHHHHHHHH`, and `\x1e` separates the elements of a list.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::exports::Var;

/// Every exported variable with the value that programs see. Lines that cannot be read are passed over.
#[must_use]
pub fn exported(text: &[u8]) -> BTreeMap<Var, OsString> {
    let text = String::from_utf8_lossy(text);
    text.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<(Var, OsString)> {
    let mut rest = line.strip_prefix("SETUVAR ")?;
    let (mut export, mut path) = (false, false);
    while let Some((flag, after)) = rest.strip_prefix("--").and_then(|r| r.split_once(' ')) {
        export |= flag == "export";
        path |= flag == "path";
        rest = after;
    }
    let (name, value) = rest.split_once(':')?;
    let var = Var::parse(name).filter(|_| export)?;
    let separator = if path { ':' } else { ' ' };
    let value = unescape(value)?;
    // A value that is only the separator stands for an empty list (`ENV_NULL` in fish's source).
    let value = if value == "\u{1d}" {
        String::new()
    } else {
        value.replace('\u{1e}', separator.encode_utf8(&mut [0; 4]))
    };
    Some((var, value.into()))
}

fn unescape(text: &str) -> Option<String> {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(rest.get(..at)?.as_bytes());
        let kind = rest.get(at + 1..at + 2)?;
        let digits = match kind {
            "x" | "X" => 2,
            "u" => 4,
            "U" => 8,
            _ => return None,
        };
        let number = u32::from_str_radix(rest.get(at + 2..at + 2 + digits)?, 16).ok()?;
        match kind {
            // `\XHH` is a byte, `\xHH` a code point below 0x80.
            "x" | "X" => out.push(u8::try_from(number).ok()?),
            _ => out.extend_from_slice(char::from_u32(number)?.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = rest.get(at + 2 + digits..)?;
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8(out).ok()
}
