//! Where each header and each key of a TOML text stands, in bytes, so that an edit can change those
//! bytes and no others.

use std::ops::Range;
use std::path::Path;

use toml_edit::{InlineTable, Item, Table, Value};

use crate::error::Result;
use crate::store::syntax;

/// What a [`Piece`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// `[table]` or `[[table]]`.
    Header,
    /// `key = value` on lines of its own.
    Line,
    /// `key = value` inside the braces of an inline table.
    Element {
        /// The inline table, braces included.
        braces: Range<usize>,
    },
}

/// One header or one `key = value`.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// The keys from the root of the document to here.
    pub(super) path: Vec<String>,
    /// How many of them come from the header or the inline table around it, that is, are not
    /// written in this piece.
    pub(super) base: usize,
    /// What it is.
    pub(super) kind: Kind,
    /// First byte of its key path, or of the `[`.
    pub(super) start: usize,
    /// The value; for a header the brackets and what is between.
    pub(super) value: Range<usize>,
    /// Whether the value is an inline table.
    pub(super) inline: bool,
    /// Whether it is an element of `[[…]]`.
    pub(super) array: bool,
}

impl Piece {
    /// The byte after it, a trailing comment not counted.
    pub(super) fn end(&self) -> usize {
        self.value.end
    }

    /// Whether it stands on lines of its own.
    pub(super) fn is_statement(&self) -> bool {
        !matches!(self.kind, Kind::Element { .. })
    }

    /// Whether it defines `prefix` or something below it.
    pub(super) fn is_under(&self, prefix: &[&str]) -> bool {
        self.path.len() >= prefix.len() && self.path.iter().zip(prefix).all(|(a, b)| a == b)
    }

    /// Whether it defines exactly `path`.
    pub(super) fn is_at(&self, path: &[&str]) -> bool {
        self.path.len() == path.len() && self.is_under(path)
    }
}

/// All pieces of `text` in the order in which they stand; an inline table comes before its elements.
///
/// # Errors
/// [`crate::error::Error::Syntax`] for what is not TOML.
pub(super) fn outline(path: &Path, text: &str) -> Result<Vec<Piece>> {
    let parsed = toml_edit::Document::parse(text)
        .map_err(|e| syntax::error(path, text, e.span(), e.message()))?;
    let mut walk = Walk { text, pieces: Vec::new() };
    walk.table(parsed.as_table(), &mut Vec::new(), 0);
    walk.pieces.sort_by_key(|p| p.start);
    Ok(walk.pieces)
}

struct Walk<'t> {
    text: &'t str,
    pieces: Vec<Piece>,
}

impl Walk<'_> {
    /// `base`: the length of the path of the header above.
    fn table(&mut self, table: &Table, path: &mut Vec<String>, base: usize) {
        for (key, item) in table {
            path.push(key.to_owned());
            match item {
                Item::None => {}
                Item::Value(value) => {
                    let span = value.span().unwrap_or_default();
                    self.value(value, path, base, Kind::Line, self.first_in_line(&span));
                }
                Item::Table(t) => self.header(t, path, base, false),
                Item::ArrayOfTables(tables) => {
                    for t in tables {
                        self.header(t, path, base, true);
                    }
                }
            }
            path.pop();
        }
    }

    fn header(&mut self, table: &Table, path: &mut Vec<String>, base: usize, array: bool) {
        // Tables made by dotted keys or by the header of a table below them have no header.
        if table.is_dotted() || table.is_implicit() {
            return self.table(table, path, base);
        }
        let value = table.span().unwrap_or_default();
        self.pieces.push(Piece {
            path: path.clone(),
            base: 0,
            kind: Kind::Header,
            start: value.start,
            value,
            inline: false,
            array,
        });
        self.table(table, path, path.len());
    }

    fn value(&mut self, value: &Value, path: &[String], base: usize, kind: Kind, start: usize) {
        let span = value.span().unwrap_or_default();
        let table = value.as_inline_table();
        self.pieces.push(Piece {
            path: path.to_vec(),
            base,
            kind,
            start,
            value: span.clone(),
            inline: table.is_some(),
            array: false,
        });
        let Some(table) = table else { return };
        let mut elements = Vec::new();
        collect(table, &mut path.to_vec(), &mut elements);
        elements.sort_by_key(|(_, v)| v.span().unwrap_or_default().start);
        let mut at = span.start + 1;
        for (path_of_element, element) in elements {
            let start = skip_blank(self.text, at);
            let end = element.span().unwrap_or_default().end;
            let kind = Kind::Element { braces: span.clone() };
            self.value(element, &path_of_element, path.len(), kind, start);
            at = after_comma(self.text, end).unwrap_or(end);
        }
    }

    /// The first byte of the line of `value` that is not a blank: a key and the start of its value
    /// share a line.
    fn first_in_line(&self, value: &Range<usize>) -> usize {
        let start = line_start(self.text, value.start);
        let line = self.text.get(start..).unwrap_or("");
        start + (line.len() - line.trim_start_matches([' ', '\t']).len())
    }
}

/// The elements of an inline table, those behind dotted keys included.
fn collect<'v>(
    table: &'v InlineTable,
    path: &mut Vec<String>,
    out: &mut Vec<(Vec<String>, &'v Value)>,
) {
    for (key, value) in table {
        path.push(key.to_owned());
        match value {
            Value::InlineTable(t) if t.is_dotted() => collect(t, path, out),
            other => out.push((path.clone(), other)),
        }
        path.pop();
    }
}

/// The start of the line that holds the byte `at`.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1)
}

/// The start of the line after the one that holds the byte `at`.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|t| t.find('\n')).map_or(text.len(), |i| at + i + 1)
}

/// The first byte from `at` on that is neither white space nor part of a comment.
pub(super) fn skip_blank(text: &str, at: usize) -> usize {
    let mut at = at;
    loop {
        let rest = text.get(at..).unwrap_or("");
        at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        if text.get(at..).is_some_and(|r| r.starts_with('#')) {
            at = line_end(text, at);
        } else {
            return at;
        }
    }
}

/// The byte after the comma that follows `end`, blanks and comments between them allowed.
pub(super) fn after_comma(text: &str, end: usize) -> Option<usize> {
    let at = skip_blank(text, end);
    text.get(at..).is_some_and(|r| r.starts_with(',')).then_some(at + 1)
}

/// The byte ranges of the keys of the dotted key path at `start`.
pub(super) fn segments(text: &str, start: usize) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied();
    let mut out = Vec::new();
    let mut at = start;
    loop {
        while matches!(byte(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        let from = at;
        if let Some(quote @ (b'"' | b'\'')) = byte(at) {
            at += 1;
            while let Some(b) = byte(at) {
                at += 1;
                if b == quote {
                    break;
                }
                if b == b'\\' && quote == b'"' {
                    at += 1;
                }
            }
        } else {
            while byte(at).is_some_and(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
                at += 1;
            }
        }
        out.push(from..at);
        while matches!(byte(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        if byte(at) != Some(b'.') {
            return out;
        }
        at += 1;
    }
}
