//! Bytes to text, and byte offsets to line and column, for everything that reads a profile file.

use std::ops::Range;
use std::path::Path;

use crate::error::{Error, Place, Result};

/// The byte order mark that some editors put before UTF-8; kept on every write, never counted as a column.
pub const BOM: char = '\u{feff}';

/// The bytes of `path` as text, byte order mark included.
///
/// # Errors
/// [`Error::Encoding`] with the offset of the first byte that is not UTF-8.
pub fn decode<'b>(path: &Path, bytes: &'b [u8]) -> Result<&'b str> {
    std::str::from_utf8(bytes)
        .map_err(|e| Error::Encoding { path: path.to_owned(), offset: e.valid_up_to() })
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

/// A syntax error of either TOML reader as our own: `span` is what its `span()` says (bytes of
/// `text`), `message` what its `message()` says. Without a span the place is the start of the file.
#[must_use]
pub fn syntax(path: &Path, text: &str, span: Option<Range<usize>>, message: &str) -> Error {
    let offset = span.map_or(0, |s| s.start);
    Error::Syntax { place: place(path, text, offset), message: message.trim().to_owned() }
}
