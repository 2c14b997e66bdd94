//! Adding and removing whole lines: headers, keys, the comments that belong to them and the blank
//! lines between them.

use super::Document;
use super::outline::{Kind, Piece, line_end, line_start};

/// What becomes of the comment lines around something that is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comments {
    /// They belong to it and go.
    Go,
    /// They stay where they are.
    Stay,
}

/// Adds `block` at the end, after one blank line. A text without a last line end keeps none.
pub(super) fn append(doc: &mut Document, block: &[String]) {
    let nl = line_ending(&doc.text, doc.text.len());
    let block = block.join(nl);
    let end = doc.text.len();
    let text = if doc.text.is_empty() {
        format!("{block}{nl}")
    } else if doc.text.ends_with('\n') {
        format!("{nl}{block}{nl}")
    } else {
        format!("{nl}{nl}{block}")
    };
    doc.splice(end..end, &text);
}

/// Adds `line` below a header or key, indented as that one is.
pub(super) fn after(doc: &mut Document, piece: &Piece, line: &str) {
    let start = line_start(&doc.text, piece.start);
    let indent = doc.get(start..piece.start).to_owned();
    let end = line_end(&doc.text, piece.end());
    let nl = line_ending(&doc.text, end);
    let text = if doc.get(start..end).ends_with('\n') {
        format!("{indent}{line}{nl}")
    } else {
        format!("{nl}{indent}{line}")
    };
    doc.splice(end..end, &text);
}

/// Adds `block` and a blank line above a header, over the comments that belong to that.
pub(super) fn before(doc: &mut Document, pieces: &[Piece], piece: &Piece, block: &[String]) {
    let above = pieces.iter().filter(|p| p.is_statement() && p.start < piece.start);
    let floor = above.map(|p| line_end(&doc.text, p.end())).max().unwrap_or(0);
    let at = comments_above(&doc.text, line_start(&doc.text, piece.start), floor);
    let nl = line_ending(&doc.text, at);
    doc.splice(at..at, &format!("{}{nl}{nl}", block.join(nl)));
}

/// Removes all statements at and below `path`. With [`Comments::Go`], and always where tables with
/// headers are among them, neighbours go as one with what is between them.
pub(super) fn remove(doc: &mut Document, pieces: &[Piece], path: &[&str], comments: Comments) {
    let statements: Vec<&Piece> = pieces.iter().filter(|p| p.is_statement()).collect();
    let has_header = statements.iter().any(|p| p.is_under(path) && p.kind == Kind::Header);
    let comments = if has_header { Comments::Go } else { comments };
    let mut stop = statements.len();
    while let Some(last) = statements.iter().take(stop).rposition(|p| p.is_under(path)) {
        let first = statements
            .iter()
            .take(last)
            .rposition(|p| !p.is_under(path) || comments == Comments::Stay)
            .map_or(0, |i| i + 1);
        let floor = first.checked_sub(1).and_then(|i| statements.get(i));
        let floor = floor.map_or(0, |p| line_end(&doc.text, p.end()));
        let ceiling = statements.get(last + 1).map(|p| line_start(&doc.text, p.start));
        if let (Some(a), Some(b)) = (statements.get(first), statements.get(last)) {
            let start = line_start(&doc.text, a.start);
            let end = line_end(&doc.text, b.end());
            remove_lines(doc, start, end, floor, ceiling, comments);
        }
        stop = first;
    }
}

/// Removes the lines `start..end`. `floor` is where the statement before ends, `ceiling` where the
/// next one begins.
fn remove_lines(
    doc: &mut Document,
    mut start: usize,
    mut end: usize,
    floor: usize,
    ceiling: Option<usize>,
    comments: Comments,
) {
    let text = doc.text.as_str();
    if comments == Comments::Go {
        let above = comments_above(text, start, floor);
        // What opens the file is about the file.
        if above > 0 {
            start = above;
        }
        let below = comments_below(text, end);
        if ceiling.is_none_or(|next| below < next) {
            end = below;
        }
        let before = line_start(text, start.saturating_sub(1));
        let blank_before = before < start && before >= floor && is_blank(text, before);
        let blank_after = end >= text.len() || is_blank(text, end);
        if blank_before && blank_after {
            start = before;
        } else if start == 0 && end < text.len() && blank_after {
            end = line_end(text, end);
        }
    }
    // Where the last line had no end, the new last line has none.
    let removed = text.get(start..end).unwrap_or("");
    if end == text.len() && !removed.ends_with('\n') {
        let kept = text.get(..start).unwrap_or("");
        start = kept.strip_suffix('\n').map_or(kept, |t| t.strip_suffix('\r').unwrap_or(t)).len();
    }
    doc.splice(start..end, "");
}

/// Where the comment lines directly above the line `start` begin, not below `floor`.
fn comments_above(text: &str, start: usize, floor: usize) -> usize {
    let mut at = start;
    while at > floor {
        let line = line_start(text, at - 1);
        if line < floor || !is_comment(text, line) {
            break;
        }
        at = line;
    }
    at
}

/// Where the comment lines that begin at `end` are over.
fn comments_below(text: &str, end: usize) -> usize {
    let mut at = end;
    while at < text.len() && is_comment(text, at) {
        at = line_end(text, at);
    }
    at
}

fn is_comment(text: &str, line: usize) -> bool {
    text.get(line..).is_some_and(|t| t.trim_start_matches([' ', '\t']).starts_with('#'))
}

fn is_blank(text: &str, line: usize) -> bool {
    text.get(line..line_end(text, line)).is_some_and(|t| t.trim().is_empty())
}

/// How lines end above the byte `at`, or if there are none, in the whole text.
fn line_ending(text: &str, at: usize) -> &'static str {
    let above = text.get(..at).and_then(|t| t.rfind('\n'));
    match above.or_else(|| text.find('\n')) {
        Some(i) if text.get(..i).is_some_and(|t| t.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}
