//! A pasted text, made ready to be read: without escapes, prompts' colours and Windows' line ends.

/// The lines of `text` without escape sequences (ECMA-48: CSI, OSC and the short ones) and control characters; blank ones left out, blanks within them kept. A carriage return alone ends a line, too.
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

/// A line without the quoting of a log or of JSON: as in `msg="… Get \\"https://…\\" …"`, and `\\\\x15` for `\\x15`, also
/// where it was quoted more than once.
pub(super) fn unquoted(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('\\') {
        let (before, from) = rest.split_at(at);
        let after = from.trim_start_matches('\\');
        let count = from.len() - after.len();
        out.push_str(before);
        let kept = match after.chars().next() {
            Some('"') => 0,
            Some('x' | 'u') => 1,
            _ => count,
        };
        out.extend(std::iter::repeat_n('\\', kept));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// No terminal is narrower, in columns.
const NARROWEST: usize = 40;

/// The lines with those put together again that a terminal or a mail broke at its width: all of them are as long as the
/// longest then.
pub(super) fn rejoined(lines: &[String]) -> Vec<String> {
    let length = |line: &String| line.chars().count();
    let longest = lines.iter().map(length).max().unwrap_or_default();
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    let mut open = false;
    for line in lines {
        match out.last_mut().filter(|last| open && continues(last, line)) {
            Some(last) => last.push_str(line),
            None => out.push(line.clone()),
        }
        open = longest >= NARROWEST && length(line) == longest;
    }
    out
}

/// Whether `next` can be the rest of `line`: not where it is a prompt, an entry of a log or of a trace of its own.
fn continues(line: &str, next: &str) -> bool {
    const STARTS: [&str; 21] = [
        "$ ",
        "% ",
        "# ",
        "> ",
        "PS ",
        "* ",
        "at ",
        "  ",
        "}",
        "│",
        "See '",
        "Run '",
        "Caused by",
        "C:\\",
        // messages of their own
        "An error occurred trying",
        "Cannot connect to the",
        "Error response from",
        "ERROR: ",
        "error during connect",
        "Build step '",
        "Finished: ",
    ];
    let prompt = |word: &str| {
        word == "$"
            || word == "%"
            || (word.contains(['@', '~']) && word.ends_with(['$', '#', '%', '>']))
    };
    let mut words = next.split_whitespace();
    let start = |count: usize, text: &str| text.chars().take(count).collect::<String>();
    !STARTS.iter().any(|start| next.starts_with(start))
        && !words.next().is_some_and(prompt)
        // entries of one log begin alike
        && start(6, line) != start(6, next)
}
