//! Characters that nobody sees: refused in everything stored, cleaned from everything printed. And dates.

pub mod date;
mod keys;

pub use keys::{says_private_key, without_keys};

/// Whether `c` is a control, bidirectional or zero-width character: C0, DEL, C1, the bidirectional
/// controls of UAX #9, zero-width characters, line and paragraph separators, the byte order mark.
/// U+200D (zero-width joiner) is among them: it hides as well as it joins.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

/// The first character of `text` that may not be stored.
#[must_use]
pub fn hidden_in(text: &str) -> Option<char> {
    // Almost every text is printable ASCII: one pass over bytes answers for those.
    if text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return None;
    }
    text.chars().find(|&c| is_hidden(c))
}

/// `text` fit for a terminal: every hidden character written out as `\u{…}`.
#[must_use]
pub fn clean(text: &str) -> std::borrow::Cow<'_, str> {
    if hidden_in(text).is_none() {
        return std::borrow::Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_hidden(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    std::borrow::Cow::Owned(out)
}

/// A number of seconds in at most two units, as `max-use` takes it: `1h30m`.
#[must_use]
pub fn duration_words(seconds: u64) -> String {
    let units = [(86400, 'd'), (3600, 'h'), (60, 'm'), (1, 's')];
    let mut rest = seconds;
    let mut out = String::new();
    let mut parts = 0;
    for (unit, letter) in units {
        if rest >= unit && parts < 2 {
            out.push_str(&format!("{}{letter}", rest / unit));
            rest %= unit;
            parts += 1;
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}
