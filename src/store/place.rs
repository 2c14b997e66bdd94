//! Bytes to text, and byte offsets to line and column, for everything that reads a profile file.

use std::ops::Range;
use std::path::Path;

use crate::error::{Broken, Error, Place, Result, TomlFault};

/// The byte order mark that some editors put before UTF-8; kept on every write, never counted as a column.
pub const BOM: char = '\u{feff}';

/// The bytes of `path` as text, byte order mark included.
///
/// # Errors
/// [`Error::Encoding`] with the offset of the first byte that is not UTF-8, and for UTF-16, whose ASCII is UTF-8 with a
/// NUL at every other byte.
pub fn decode<'b>(path: &Path, bytes: &'b [u8]) -> Result<&'b str> {
    let wrong = |offset: usize, looks| {
        let before = bytes.get(..offset).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        Error::Encoding { path: path.to_owned(), offset, line, looks }
    };
    match std::str::from_utf8(bytes) {
        Err(e) => Err(wrong(e.valid_up_to(), encoding(bytes))),
        Ok(_) if has_nuls(bytes).is_some() => Err(wrong(0, has_nuls(bytes))),
        Ok(text) => Ok(text),
    }
}

/// Which UTF-16 it is whose first two characters are of ASCII: every other byte is NUL.
fn has_nuls(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some("UTF-16BE"),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some("UTF-16LE"),
        _ => None,
    }
}

/// What a text that is not UTF-8 looks like: UTF-16 by its byte order mark, or by its NULs where it has none; GB18030, which
/// holds GBK, where all of it is pairs of that (GB 18030-2005: a lead byte 81–FE before 40–FE but 7F, or four bytes with
/// digits in second and fourth place), with the usual 2-byte ideographs only, so that Latin-1 is not taken for it.
fn encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Some("UTF-16"),
        _ if has_nuls(bytes).is_some() => return has_nuls(bytes),
        _ => {}
    }
    // Where there is a character of several bytes before the fault, the file is UTF-8 and damaged.
    let sound = std::str::from_utf8(bytes).map_or_else(|e| e.valid_up_to(), str::len);
    let mut rest =
        bytes.get(sound..).filter(|_| bytes.get(..sound).is_some_and(<[u8]>::is_ascii))?;
    loop {
        rest = match rest {
            [] => return Some("GB18030"),
            [0..=0x7f, rest @ ..] => rest,
            [0xa1..=0xfe, 0xa1..=0xfe, rest @ ..] => rest,
            _ => return None,
        };
    }
}

/// Where the byte `offset` of `text` lies: line and column from 1, columns counted in characters
/// (a byte order mark is none), with that line as the excerpt. An offset beyond the end, or inside
/// a character, is moved back to the nearest place that exists.
#[must_use]
pub fn place(path: &Path, text: &str, offset: usize) -> Place {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    // The mark at the start of the file is none of its text; one in its middle is what is wrong there.
    let marked = start == 0 && text.starts_with(BOM);
    let skipped = usize::from(marked && end > 0);
    let column = before.get(start..).unwrap_or("").chars().count() - skipped + 1;
    let line = text.get(start..).unwrap_or("");
    let line = if marked { line.strip_prefix(BOM).unwrap_or(line) } else { line };
    let excerpt = line.split('\n').next().unwrap_or("");
    Place {
        path: path.to_owned(),
        line: before.bytes().filter(|b| *b == b'\n').count() + 1,
        column,
        excerpt: excerpt.trim_end_matches('\r').to_owned(),
    }
}

/// One fault of a text at these bytes of it. Without a span the place is the start of the file.
#[must_use]
pub fn syntax(path: &Path, text: &str, span: Option<Range<usize>>, fault: TomlFault) -> Error {
    let offset = span.map_or(0, |s| s.start);
    let wrong = Broken { fault, write: None };
    Error::Syntax { place: place(path, text, offset), wrong, more: Vec::new() }
}
