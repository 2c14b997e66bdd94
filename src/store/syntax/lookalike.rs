//! Characters that resemble those of TOML: what an input method, a word processor or a web page puts in their place.

/// The first of them in a line: the byte, the character, and what TOML takes there.
pub(super) type First = (usize, char, &'static str);

/// Quotes around a text, as in “text”.
const DOUBLE: &str = "“”„‟＂«»「」『』〝〞";
/// And as in ‘text’.
const SINGLE: &str = "‘’‚‛＇`´";

/// The line with TOML's own characters in their place, outside of what is in quotes; and the first one that was not.
pub(super) fn replaced(line: &str) -> (String, Option<First>) {
    let mut out = String::with_capacity(line.len());
    let mut first: Option<First> = None;
    let mut rest = line;
    // Whether the sign between key and value has been seen, and whether the value has begun.
    let (mut sign, mut value) = (line.trim_start().starts_with(['[', '［', '【', '〔']), false);
    let is_header = sign;
    while let Some(c) = rest.chars().next() {
        let at = line.len() - rest.len();
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        if c == '#' {
            out.push_str(rest);
            break;
        }
        if matches!(c, '"' | '\'') {
            value = true;
            rest = string(c, after, &mut out, &mut |offset, found, wanted| {
                first.get_or_insert((at + 1 + offset, found, wanted));
            });
            continue;
        }
        if let Some(kind) = [DOUBLE, SINGLE].into_iter().find(|kind| kind.contains(c)) {
            value = true;
            first.get_or_insert((at, c, if kind == DOUBLE { "\"" } else { "'" }));
            rest = typographic(kind, after, &mut out);
            continue;
        }
        if !sign && matches!(c, '：' | '︰' | '∶') {
            first.get_or_insert((at, c, "="));
            out.push('=');
            sign = true;
            rest = after;
            continue;
        }
        if let Some(wanted) = wanted(c) {
            first.get_or_insert((at, c, wanted));
            out.push_str(wanted);
            sign |= wanted == "=";
            value |= matches!(wanted, "[" | "{");
            if wanted == "#" {
                out.push_str(after);
                break;
            }
            rest = after;
            continue;
        }
        // Text without quotes is as it is, up to a comment.
        if sign && !value && !is_header && !c.is_whitespace() && !matches!(c, '[' | '{' | '=') {
            let end = rest.find(" #").unwrap_or(rest.len());
            out.push_str(rest.get(..end).unwrap_or(rest));
            rest = rest.get(end..).unwrap_or_default();
            value = true;
            continue;
        }
        sign |= c == '=';
        value |= sign && matches!(c, '[' | '{');
        out.push(c);
        rest = after;
    }
    (out, first)
}

/// What TOML takes for a character that is none of its own.
fn wanted(c: char) -> Option<&'static str> {
    Some(match c {
        '＝' | '﹦' => "=",
        '，' | '、' | '﹐' => ",",
        '；' => ";",
        '：' | '︰' | '∶' => ":",
        '［' | '【' | '〔' => "[",
        '］' | '】' | '〕' => "]",
        '｛' => "{",
        '｝' => "}",
        '．' | '。' => ".",
        '＃' => "#",
        '－' | '‐' | '‑' | '‒' | '–' | '—' | '−' => "-",
        '＿' => "_",
        ' ' | '\t' | '\r' => return None,
        c if c.is_whitespace() => " ",
        c if crate::text::is_hidden(c) => "",
        _ => return None,
    })
}

/// A text after the quote `open`, copied up to its end; what is after it. Where it ends in a typographic quote, that is
/// told.
fn string<'t>(
    open: char,
    text: &'t str,
    out: &mut String,
    tell: &mut dyn FnMut(usize, char, &'static str),
) -> &'t str {
    out.push(open);
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        let ends = c == open && !escaped;
        escaped = open == '"' && c == '\\' && !escaped;
        if ends {
            out.push_str(text.get(..=at).unwrap_or(text));
            return text.get(at + 1..).unwrap_or_default();
        }
    }
    let kind = if open == '"' { DOUBLE } else { SINGLE };
    match text.char_indices().rev().find(|(_, c)| kind.contains(*c)) {
        Some((at, c)) => {
            tell(at, c, if open == '"' { "\"" } else { "'" });
            out.push_str(text.get(..at).unwrap_or(text));
            out.push(open);
            text.get(at + c.len_utf8()..).unwrap_or_default()
        }
        None => {
            out.push_str(text);
            ""
        }
    }
}

/// A text after a typographic quote, put into TOML's; what is after it.
fn typographic<'t>(kind: &str, text: &'t str, out: &mut String) -> &'t str {
    let ascii = if kind == DOUBLE { '"' } else { '\'' };
    let end = text.char_indices().find(|(_, c)| kind.contains(*c) || *c == ascii);
    let (inner, rest) = match end {
        Some((at, c)) => (text.get(..at), text.get(at + c.len_utf8()..)),
        None => {
            let end = text.find(" #").unwrap_or(text.len());
            (text.get(..end).map(str::trim_end), text.get(end..))
        }
    };
    out.push_str(&super::repair::quote(inner.unwrap_or_default()));
    rest.unwrap_or_default()
}
