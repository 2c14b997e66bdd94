//! Adding and removing one element of an inline table, commas and all.

use std::ops::Range;

use super::Document;
use super::outline::{Kind, Piece, after_comma, line_end, line_start, skip_blank};

/// Puts `element` behind the last element of the inline table `braces`.
pub(super) fn append(doc: &mut Document, pieces: &[Piece], braces: &Range<usize>, element: &str) {
    match siblings(pieces, braces).last() {
        Some(last) => after(doc, last.end(), element),
        None => doc.splice(braces.start + 1..braces.start + 1, &format!(" {element} ")),
    }
}

/// Puts `element` behind the one that ends at `end`. A comma already there serves the new one.
pub(super) fn after(doc: &mut Document, end: usize, element: &str) {
    doc.splice(end..end, &format!(", {element}"));
}

/// Takes out one element and the comma it no longer needs.
pub(super) fn remove(doc: &mut Document, pieces: &[Piece], element: &Piece) {
    let Kind::Element { braces } = &element.kind else { return };
    let all: Vec<&Piece> = siblings(pieces, braces).collect();
    let Some(index) = all.iter().position(|p| p.start == element.start) else { return };
    let before = index.checked_sub(1).and_then(|i| all.get(i));
    let next = all.get(index + 1);
    let end = after_comma(&doc.text, element.end()).unwrap_or(element.end());
    let range = match (before, next) {
        _ if own_lines(doc, element, end, braces) => {
            line_start(&doc.text, element.start)..line_end(&doc.text, end)
        }
        (Some(before), _) => before.end()..element.end(),
        (None, Some(next)) => element.start..next.start,
        (None, None) => {
            // One blank on each side is what `append` put there.
            let blank = |at: usize| doc.get(at..at + 1) == " ";
            let start = element.start - usize::from(blank(element.start - 1));
            start..end + usize::from(blank(end))
        }
    };
    doc.splice(range, "");
}

/// The direct elements of the inline table `braces`, those behind dotted keys included.
fn siblings<'p>(pieces: &'p [Piece], braces: &Range<usize>) -> impl Iterator<Item = &'p Piece> {
    let kind = Kind::Element { braces: braces.clone() };
    pieces.iter().filter(move |p| p.kind == kind)
}

/// Whether the element (up to `end`, its comma included) has its lines to itself, so that they can
/// go as a whole. TOML 1.1 allows line ends inside the braces, and a comma before the closing one.
fn own_lines(doc: &Document, element: &Piece, end: usize, braces: &Range<usize>) -> bool {
    let first = line_start(&doc.text, element.start);
    let last = line_end(&doc.text, end);
    let rest = doc.get(end..last);
    first > braces.start
        && last < braces.end
        && doc.get(first..element.start).trim().is_empty()
        && (rest.trim().is_empty() || skip_blank(&doc.text, end) >= last)
}
