//! Finds one profile in a large file without parsing the others.
//!
//! Parsing 10,000 profiles takes a hundred times as long as everything else `use` does. The scan looks
//! only at table headers, and answers only where nothing else in the file can mean the same profile:
//! no multi-line strings, every header in its plain form, none indented, none repeated, and nothing
//! about profiles before the first of them. Anything else is [`Scan::Unsure`], and the whole file is
//! parsed. The slice that is found is parsed by the same code as a whole file. What is broken in other
//! profiles is not looked at: it does not change what this one says; `ls` and `show` report it.

use memchr::{memchr_iter, memmem};

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

/// Looks for `[profiles.NAME]` in `text` (TOML, in bytes).
#[must_use]
pub fn find<'t>(text: &'t [u8], name: &str) -> Scan<'t> {
    let name = name.as_bytes();
    if has_multiline(text) {
        return Scan::Unsure;
    }
    let (mut table, mut settings) = (None::<(usize, usize)>, None::<(usize, usize)>);
    // Which of the two is open, so that the next header closes it.
    let (mut in_table, mut in_settings) = (false, false);
    let mut first = None;
    for at in headers(text) {
        let Some(at) = at else { return Scan::Unsure };
        if first.is_none() {
            first = Some(at);
        }
        let Some(header) = header(text, at) else { return Scan::Unsure };
        match header {
            // Its own subtables belong to the slice, where they follow it at once.
            Header::Below(owner) if owner == name => {
                if in_table {
                    continue;
                }
                return Scan::Unsure;
            }
            Header::Profile(found) if found == name => {
                if table.is_some() {
                    return Scan::Unsure;
                }
                close(&mut settings, &mut in_settings, at);
                table = Some((at, text.len()));
                in_table = true;
                continue;
            }
            Header::Settings => {
                if settings.is_some() {
                    return Scan::Unsure;
                }
                close(&mut table, &mut in_table, at);
                settings = Some((at, text.len()));
                in_settings = true;
                continue;
            }
            _ => {}
        }
        close(&mut table, &mut in_table, at);
        close(&mut settings, &mut in_settings, at);
    }
    if !preamble_is_plain(text.get(..first.unwrap_or(text.len())).unwrap_or(text)) {
        return Scan::Unsure;
    }
    let slice = |range: Option<(usize, usize)>| match range {
        Some((from, to)) => text.get(from..to).and_then(|s| std::str::from_utf8(s).ok()),
        None => Some(""),
    };
    match (table.is_some(), slice(table), slice(settings)) {
        (false, ..) => Scan::Absent,
        (true, Some(table), Some(settings)) => Scan::Found { table, settings },
        _ => Scan::Unsure,
    }
}

/// Names and hosts of every profile, for completion; `None` where the file must be parsed. A host is
/// empty where it is not written in the plain way.
#[must_use]
pub fn list(text: &[u8]) -> Option<Vec<(&str, &str)>> {
    if has_multiline(text) {
        return None;
    }
    let mut out: Vec<(&str, &str)> = Vec::new();
    let mut first = None;
    let mut from = 0;
    let mut open = false;
    for at in headers(text) {
        let at = at?;
        first = first.or(Some(at));
        match header(text, at)? {
            Header::Profile(name) => {
                end_of(text, &mut out, open, from..at);
                out.push((std::str::from_utf8(name).ok()?, ""));
                (from, open) = (at, true);
            }
            _ => {
                end_of(text, &mut out, open, from..at);
                open = false;
            }
        }
    }
    end_of(text, &mut out, open, from..text.len());
    preamble_is_plain(text.get(..first.unwrap_or(text.len()))?).then_some(out)
}

/// Reads the host of the profile that ends here.
fn end_of<'t>(
    text: &'t [u8],
    out: &mut [(&'t str, &'t str)],
    open: bool,
    range: std::ops::Range<usize>,
) {
    if let (true, Some(last), Some(body)) = (open, out.last_mut(), text.get(range)) {
        last.1 = host_in(body).unwrap_or_default();
    }
}

/// The value of a line `host = "…"` without escapes.
fn host_in(body: &[u8]) -> Option<&str> {
    let at = memmem::find(body, b"\nhost")?;
    let rest = body.get(at + 5..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"")?;
    let value = rest.get(..memchr::memchr2(b'"', b'\n', rest)?)?;
    (!value.contains(&b'\\')).then(|| std::str::from_utf8(value).ok())?
}

fn has_multiline(text: &[u8]) -> bool {
    memmem::find(text, b"\"\"\"").is_some() || memmem::find(text, b"'''").is_some()
}

/// Before the first table there may be keys, but none that could hold a profile: neither the word nor an
/// escape that could spell it.
fn preamble_is_plain(text: &[u8]) -> bool {
    memmem::find(text, b"profiles").is_none() && memchr::memchr(b'\\', text).is_none()
}

fn close(range: &mut Option<(usize, usize)>, open: &mut bool, at: usize) {
    if *open && let Some((_, to)) = range {
        *to = at;
    }
    *open = false;
}

/// Offsets of the brackets that open a line; `None` for one that is indented, which may be a header or
/// an element of an array.
fn headers(text: &[u8]) -> impl Iterator<Item = Option<usize>> {
    memchr_iter(b'[', text).filter_map(move |at| {
        let before = text.get(..at).unwrap_or_default();
        match before.last() {
            None | Some(b'\n') => Some(Some(at)),
            Some(b' ' | b'\t') => {
                let line = before.trim_ascii_end();
                let gap = before.get(line.len()..).unwrap_or_default();
                (line.is_empty() || gap.contains(&b'\n')).then_some(None)
            }
            // A byte order mark is not in the way of a first header, but too rare to be clever about.
            Some(0xbf) => Some(None),
            Some(_) => None,
        }
    })
}

/// Reads the header at `at`; `None` unless it is in its plain form, up to the end of its line.
fn header(text: &[u8], at: usize) -> Option<Header<'_>> {
    let rest = text.get(at + 1..)?;
    let (header, rest) = match rest.strip_prefix(b"profiles.") {
        Some(rest) => {
            let (name, rest) = key(rest)?;
            match rest.strip_prefix(b".") {
                None => (Header::Profile(name), rest),
                Some(rest) => (Header::Below(name), key(rest)?.1),
            }
        }
        None => {
            let (word, rest) = key(rest)?;
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

/// A bare key, or a quoted one without escapes; never empty.
fn key(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if let Some(quote @ (b'"' | b'\'')) = text.first() {
        let text = text.get(1..)?;
        let end = text.iter().position(|b| matches!(b, b'"' | b'\'' | b'\\' | b'\n'))?;
        return (end > 0 && text.get(end) == Some(quote))
            .then(|| Some((text.get(..end)?, text.get(end + 1..)?)))?;
    }
    let bare = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let end = text.iter().position(|b| !bare(b)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}
