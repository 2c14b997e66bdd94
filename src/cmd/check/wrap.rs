//! Text in lines of a width, by the columns that a terminal takes (UAX #11). Commands are never broken: they are to be
//! pasted.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The columns of a text.
pub(in crate::cmd) fn columns(text: &str) -> usize {
    text.width()
}

/// `text`, blanks added up to so many columns.
pub(in crate::cmd) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", blanks(width.saturating_sub(columns(text))))
}

pub(in crate::cmd) fn blanks(count: usize) -> String {
    " ".repeat(count)
}

/// `text` in lines of at most `width` columns where that can be, broken at blanks and beside wide characters; the
/// first begins at column `hang`, and the others are moved there.
pub(in crate::cmd) fn hanging(text: &str, hang: usize, width: Option<usize>) -> String {
    let Some(width) = width.map(|width| width.saturating_sub(hang).max(20)) else {
        return text.to_owned();
    };
    let mut out = String::new();
    let mut used = 0;
    for piece in pieces(text) {
        let size = columns(piece.trim_end());
        if used > 0 && used + size > width {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(&blanks(hang));
            used = 0;
        }
        out.push_str(piece);
        used += columns(piece);
    }
    out.truncate(out.trim_end().len());
    out
}

/// The pieces between which a line may end: words with the blanks behind them, numbers with the word that they count; wide characters one by one, with the
/// punctuation that must not begin a line.
fn pieces(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut from = 0;
    let mut last: Option<char> = None;
    for (at, c) in text.char_indices() {
        let wide = |c: char| c.width() == Some(2);
        let closing = |c: char| "，。；：、）！？》」』”’".contains(c);
        let opening = |c: char| "（《「『“‘".contains(c);
        // A number stays with what it counts.
        let counted = text.get(from..at).is_some_and(|piece| {
            let number = piece.trim_end();
            !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        });
        let may = last.is_some_and(|before| {
            (before == ' ' && c != ' ' && !counted)
                || ((wide(before) || wide(c)) && !closing(c) && !opening(before) && c != ' ')
        });
        if may {
            out.extend(text.get(from..at));
            from = at;
        }
        last = Some(c);
    }
    out.extend(text.get(from..).filter(|rest| !rest.is_empty()));
    out
}
