//! Finds one profile in a large file without parsing the others.
//!
//! Parsing 10,000 profiles takes a hundred times as long as everything else `use` does. The scan looks
//! only at table headers, and answers only where nothing else in the file can mean the same profile:
//! every header that may concern it in its plain form, none indented, none repeated, nothing about
//! profiles or settings before the first of them, and none of those that count inside a string of
//! several lines. Anything else is [`Scan::Unsure`], and the whole file is parsed. The slice that is
//! found is parsed by the same code as a whole file. What is broken in other profiles is not looked at:
//! it does not change what this one says; `ls` and `show` report it.
//!
//! What begins a line with `[` is a header, unless it is in a string of several lines or an element of
//! an array. An element is never `[profiles.…` or `[settings`: a value is no bare word. A slice that one
//! of these cuts short ends inside a string or an array, and does not parse.

use memchr::memmem;

use super::brackets::{self, has_multiline};

/// What the scan found.
#[derive(Debug, PartialEq, Eq)]
pub enum Scan<'t> {
    /// The profile's table, header included, and that of `[settings]` (empty if there is none).
    Found {
        /// `[profiles.NAME]` and what follows up to the next table.
        table: &'t str,
        /// `[settings]` likewise.
        settings: &'t str,
    },
    /// There is no such profile in this file.
    Absent,
    /// The file must be parsed to know.
    Unsure,
}

/// A header in its plain form.
enum Header<'t> {
    /// `[profiles.NAME]`.
    Profile(&'t [u8]),
    /// `[profiles.NAME.…]`.
    Below(&'t [u8]),
    Settings,
    Other,
}

/// From a header up to the next.
#[derive(Clone, Copy)]
struct Range {
    from: usize,
    to: usize,
}

/// How almost every header begins.
const PREFIX: &[u8; 10] = b"[profiles.";

/// Looks for `[profiles.NAME]` in `text` (TOML, in bytes).
#[must_use]
pub fn find<'t>(text: &'t [u8], name: &str) -> Scan<'t> {
    match search(text, name.as_bytes()) {
        None => Scan::Unsure,
        Some((None, _)) => Scan::Absent,
        Some((Some(table), settings)) => match (slice(text, table), settings) {
            (Some(table), None) => Scan::Found { table, settings: "" },
            (Some(table), Some(settings)) => match slice(text, settings) {
                Some(settings) => Scan::Found { table, settings },
                None => Scan::Unsure,
            },
            (None, _) => Scan::Unsure,
        },
    }
}

/// Where the profile and the settings are; `None` for unsure.
#[inline(never)]
fn search(text: &[u8], name: &[u8]) -> Option<(Option<Range>, Option<Range>)> {
    let (mut table, mut settings) = (None, None);
    // The same as `tell` would say, of almost every bracket, and in no more than two dozen instructions.
    let skip = |at: usize| match text.get(at.wrapping_sub(1)) {
        Some(b'\n') => text.get(at..).is_some_and(|rest| is_another(rest, name)),
        Some(b' ') => text.get(at.wrapping_sub(2)).is_some_and(|byte| *byte > b' '),
        Some(b'\t') | None => false,
        Some(_) => true,
    };
    brackets::each(text, skip, |at| tell(text, at, name, &mut table, &mut settings))?;
    preamble_is_plain(text).then_some((table, settings))
}

/// Takes in the bracket at `at`; `None` for unsure.
#[cold]
#[inline(never)]
fn tell(
    text: &[u8],
    at: usize,
    name: &[u8],
    table: &mut Option<Range>,
    settings: &mut Option<Range>,
) -> Option<()> {
    let (before, rest) = text.split_at_checked(at)?;
    if !begins_line(before)? || is_another(rest, name) {
        return Some(());
    }
    let once = |known: &mut Option<Range>, name| {
        known.replace(Range { from: at, to: end(text, at, name) }).is_none().then_some(())
    };
    match header(rest)? {
        Header::Profile(found) if found == name => once(table, Some(name)),
        // Its own subtables belong to the slice, where they follow it at once.
        Header::Below(owner) if owner == name => {
            table.is_some_and(|table| at < table.to).then_some(())
        }
        Header::Settings => once(settings, None),
        _ => Some(()),
    }
}

/// Where the table whose header is at `from` ends: at the next header that is not one of a subtable of
/// the profile `name`.
fn end(text: &[u8], from: usize, name: Option<&[u8]>) -> usize {
    let mut at = from;
    while let Some(rest) = text.get(at..)
        && let Some(next) = memmem::find(rest, b"\n[")
    {
        at += next + 1;
        let key = text.get(at..).and_then(|rest| rest.strip_prefix(PREFIX));
        if !name.zip(key).is_some_and(|(name, key)| has_key(key, name)) {
            return at;
        }
    }
    text.len()
}

/// The text of a range whose header is not inside a string of several lines: none is open there where
/// none begins before, or none ends after.
fn slice(text: &[u8], range: Range) -> Option<&str> {
    let (before, after) = text.split_at_checked(range.from)?;
    let (short, long) = if before.len() < after.len() { (before, after) } else { (after, before) };
    if has_multiline(short) && has_multiline(long) {
        return None;
    }
    std::str::from_utf8(text.get(range.from..range.to)?).ok()
}

/// Names and hosts of every profile, for completion; `None` where the file must be parsed. A host is
/// empty where it is not written in the plain way.
#[must_use]
pub fn list(text: &[u8]) -> Option<Vec<(&str, &str)>> {
    if has_multiline(text) {
        return None;
    }
    let host = memmem::Finder::new(b"\nhost");
    let mut out: Vec<(&str, &str)> = Vec::new();
    // Where the table of the last of them begins, until it ends.
    let mut open = None;
    let skip = |at| text.get(..at).and_then(begins_line) == Some(false);
    brackets::each(text, skip, |at| {
        let (before, rest) = text.split_at_checked(at)?;
        if !begins_line(before)? {
            return Some(());
        }
        end_of(text, &mut out, open.map(|from| from..at), &host);
        open = None;
        match header(rest)? {
            Header::Profile(name) => {
                out.push((std::str::from_utf8(name).ok()?, ""));
                open = Some(at);
            }
            // A subtable alone makes a profile too.
            Header::Below(owner) if out.last().is_none_or(|last| last.0.as_bytes() != owner) => {
                return None;
            }
            _ => {}
        }
        Some(())
    })?;
    end_of(text, &mut out, open.map(|from| from..text.len()), &host);
    preamble_is_plain(text).then_some(out)
}

/// Reads the host of the profile that ends here.
fn end_of<'t>(
    text: &'t [u8],
    out: &mut [(&'t str, &'t str)],
    range: Option<std::ops::Range<usize>>,
    host: &memmem::Finder<'_>,
) {
    if let (Some(last), Some(body)) = (out.last_mut(), range.and_then(|range| text.get(range))) {
        last.1 = host_in(body, host).unwrap_or_default();
    }
}

/// The value of a line `host = "…"` without escapes.
fn host_in<'t>(body: &'t [u8], host: &memmem::Finder<'_>) -> Option<&'t str> {
    let rest = body.get(host.find(body)? + host.needle().len()..)?;
    let rest = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"")?;
    let value = rest.get(..memchr::memchr2(b'"', b'\n', rest)?)?;
    (!value.contains(&b'\\')).then(|| std::str::from_utf8(value).ok())?
}

/// Before the first table there may be keys, but none that could hold a profile or a setting: neither of
/// the words, nor an escape that could spell one; and no array, whose elements could look like a header.
fn preamble_is_plain(text: &[u8]) -> bool {
    if text.first() == Some(&b'[') {
        return true;
    }
    let first = memmem::find(text, b"\n[").unwrap_or(text.len());
    let text = text.get(..first).unwrap_or(text);
    let word = |word: &[u8]| memmem::find(text, word).is_some();
    !(text.iter().any(|byte| matches!(byte, b'[' | b'\\'))
        || word(b"profiles")
        || word(b"settings")
        || has_multiline(text))
}

/// Whether the bracket after `before` is the first thing on its line; `None` where it is indented: too
/// rare to be clever about. (One after a byte order mark is told by [`preamble_is_plain`].)
#[inline]
fn begins_line(before: &[u8]) -> Option<bool> {
    match before.last() {
        None | Some(b'\n') => Some(true),
        Some(b' ' | b'\t') => match before {
            [.., byte, _] if *byte > b' ' => Some(false),
            _ => blanks(before),
        },
        Some(_) => Some(false),
    }
}

/// The same where the line up to here may be blank.
#[cold]
fn blanks(before: &[u8]) -> Option<bool> {
    match before.trim_ascii_end() {
        [] => None,
        text => {
            let gap = before.get(text.len()..)?;
            (!gap.contains(&b'\n')).then_some(false)
        }
    }
}

/// Whether `rest` begins with the header of a profile, or of a subtable of one, whose bare name is not
/// `name`, whatever follows it.
#[inline]
fn is_another(rest: &[u8], name: &[u8]) -> bool {
    let Some(rest) = rest.strip_prefix(PREFIX) else { return false };
    // Neither a blank nor a quote, which are all that can stand there but a bare key.
    let bare = rest.first().is_some_and(|byte| *byte >= b'-');
    // One look at a byte almost always tells.
    bare && (rest.get(name.len().wrapping_sub(1)) != name.last() || !has_key(rest, name))
}

/// Whether `rest` begins with the bare key `name`.
#[cold]
fn has_key(rest: &[u8], name: &[u8]) -> bool {
    name.iter().all(|byte| is_bare(*byte))
        && rest
            .strip_prefix(name)
            .is_some_and(|rest| !rest.first().is_some_and(|byte| is_bare(*byte)))
}

/// Reads the header that `rest` begins with; `None` unless it is in its plain form, up to the end of its
/// line.
fn header(rest: &[u8]) -> Option<Header<'_>> {
    let (header, rest) = match rest.strip_prefix(PREFIX) {
        Some(rest) => {
            let (name, rest) = key(rest)?;
            match rest.strip_prefix(b".") {
                None => (Header::Profile(name), rest),
                Some(rest) => (Header::Below(name), skip_dotted(key(rest)?.1)?),
            }
        }
        None => {
            let (word, rest) = key(rest.get(1..)?)?;
            match word {
                b"profiles" => return None,
                b"settings" => (Header::Settings, rest),
                _ => (Header::Other, skip_dotted(rest)?),
            }
        }
    };
    let rest = rest.strip_prefix(b"]")?;
    let rest = match rest.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r')) {
        Some(at) => rest.get(at..)?,
        None => &[],
    };
    matches!(rest.first(), None | Some(b'\n' | b'#')).then_some(header)
}

fn skip_dotted(mut rest: &[u8]) -> Option<&[u8]> {
    while let Some(after) = rest.strip_prefix(b".") {
        rest = key(after)?.1;
    }
    Some(rest)
}

/// What a bare key is made of.
#[inline]
const fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// A bare key, or a quoted one without escapes; never empty.
fn key(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if let Some(quote @ (b'"' | b'\'')) = text.first() {
        let text = text.get(1..)?;
        let end = text.iter().position(|b| matches!(b, b'"' | b'\'' | b'\\' | b'\n'))?;
        return (end > 0 && text.get(end) == Some(quote))
            .then(|| Some((text.get(..end)?, text.get(end + 1..)?)))?;
    }
    let end = text.iter().position(|b| !is_bare(*b)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}
