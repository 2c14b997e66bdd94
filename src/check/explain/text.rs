//! A pasted text, made ready to be read: without escapes, prompts' colours and Windows' line ends.

/// The lines of `text` without escape sequences (ECMA-48: CSI, OSC and the short ones), control characters and
/// quoting of quotes; blank ones left out, blanks within them kept. A carriage return alone ends a line, too.
pub(super) fn lines(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                // up to the final byte
                Some('[') => drop(chars.find(|c| matches!(c, '@'..='~'))),
                // up to BEL, or ESC \
                Some(']' | 'P' | '_' | '^' | 'X') => {
                    while let Some(c) = chars.next() {
                        if c == '\u{7}' {
                            break;
                        }
                        if c == '\u{1b}' {
                            chars.next();
                            break;
                        }
                    }
                }
                Some('(' | ')') => drop(chars.next()),
                _ => {}
            },
            '\n' | '\r' => plain.push('\n'),
            '\t' | '\u{a0}' => plain.push(' '),
            // as in msg="… Get \"https://…\" …"
            '\\' if chars.peek() == Some(&'"') => {}
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    plain.lines().filter(|line| !line.trim().is_empty()).map(ToOwned::to_owned).collect()
}

/// The lines as the one that they were before a terminal broke it: where a line is as long as the longest it was broken
/// between any two characters, else between words.
pub(super) fn unbroken(lines: &[String]) -> String {
    let length = |line: &String| line.chars().count();
    let longest = lines.iter().map(length).max().unwrap_or_default();
    let mut out = String::new();
    for line in lines {
        out.push_str(line);
        if length(line) < longest {
            out.push(' ');
        }
    }
    out
}

/// A line as the rules read it: in lower case, one blank between words, `_` as a blank, quotes plain.
pub(super) fn plain(line: &str) -> String {
    let lower = line.to_lowercase();
    let mut out = String::with_capacity(lower.len());
    for c in lower.chars() {
        let c = match c {
            '_' | ' ' => ' ',
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201c}' | '\u{201d}' => '"',
            c => c,
        };
        if c != ' ' || !out.ends_with(' ') {
            out.push(c);
        }
    }
    out
}
