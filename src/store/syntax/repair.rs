//! One line that is not TOML, and the line that was probably meant: what repairs it says what is wrong with it.
//!
//! A repair is only told when the TOML reader takes the repaired line.

use toml::de::DeTable;

use super::super::parse::SETTINGS;
use super::lookalike;
use crate::error::TomlFault;
use crate::profile::KEYS;

/// A line, repaired.
pub(super) struct Repair {
    /// What was wrong.
    pub(super) fault: TomlFault,
    /// The byte where it is, where that is known better than the reader says.
    pub(super) at: Option<usize>,
    /// The line as TOML; `None` where only a person can say.
    pub(super) line: Option<String>,
    /// What to write: that line, or an example.
    pub(super) write: Option<String>,
}

/// Keys that take `true` or `false`.
const BOOLS: [&str; 3] = ["protected", "strict-modes", "machine-name"];

/// Keys that take a list.
const LISTS: [&str; 3] = ["tags", "dirs", "key-command"];

/// What a key's value looks like, for a key without one.
const EXAMPLES: [(&str, &str); 16] = [
    ("host", "\"tcp://HOST:2376\""),
    ("certs", "\"~/certs\""),
    ("ca", "\"~/certs/ca.pem\""),
    ("cert", "\"~/certs/cert.pem\""),
    ("key", "\"~/certs/key.pem\""),
    ("tls", "\"verify\""),
    ("protected", "true"),
    ("description", "\"TEXT\""),
    ("tags", "[\"TAG\"]"),
    ("dirs", "[\"~/DIR\"]"),
    ("max-use", "\"30m\""),
    ("api-version", "\"1.41\""),
    ("env", "{ NAME = \"VALUE\" }"),
    ("key-command", "[\"PROGRAM\", \"ARGUMENT\"]"),
    ("strict-modes", "true"),
    ("machine-name", "true"),
];

fn is_toml(line: &str) -> bool {
    DeTable::parse(line).is_ok()
}

/// Repairs a line; `None` where nothing that people usually do wrong is wrong with it.
pub(super) fn repair(line: &str) -> Option<Repair> {
    let line = line.trim_end_matches('\r');
    let (plain, first) = lookalike::replaced(line);
    let told = |new: String| Some(new).filter(|new| new.len() < 400);
    let look = |line: Option<String>| {
        first.map(|(at, found, wanted)| Repair {
            fault: TomlFault::Lookalike { found, wanted },
            at: Some(at),
            write: line.clone().and_then(told),
            line,
        })
    };
    if first.is_some() && is_toml(&plain) {
        return look(Some(plain));
    }
    match structure(&plain) {
        Some((fault, Some(new))) if new != line && is_toml(&new) => {
            let write = told(new.clone());
            look(Some(new.clone())).or(Some(Repair { fault, at: None, line: Some(new), write }))
        }
        Some((fault @ TomlFault::NoValue(_), None)) => {
            let write = example(&plain);
            look(None).or(Some(Repair { fault, at: None, line: None, write }))
        }
        Some((fault, _)) => {
            look(None).or(Some(Repair { fault, at: None, line: None, write: None }))
        }
        None => look(None),
    }
}

/// The line with an example of a value for its key.
fn example(line: &str) -> Option<String> {
    let key = key_of(line);
    let (_, value) = EXAMPLES.iter().find(|(known, _)| *known == key)?;
    let indent = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
    Some(format!("{indent}{key} = {value}"))
}

fn structure(line: &str) -> Option<(TomlFault, Option<String>)> {
    let text = line.trim();
    let indent = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
    for sign in ["//", ";", "--"] {
        if let Some(rest) = text.strip_prefix(sign) {
            return Some((TomlFault::Comment, Some(format!("{indent}# {}", rest.trim_start()))));
        }
    }
    if text.starts_with('[') || text.ends_with(']') && !text.contains(['=', ':']) {
        let (bare, _) = split_comment(text);
        let missing = match (bare.starts_with('['), bare.ends_with(']')) {
            (true, false) => Some(']'),
            (false, true) => Some('['),
            _ => None,
        };
        let new = table_header(text).map(|new| format!("{indent}{new}"));
        return Some((TomlFault::Header(missing), new));
    }
    let (key, rest) = split_key(text)?;
    let known = is_known(&key);
    let (sign, value) = split_sign(&key, rest);
    let (value, comment) = split_comment(value);
    // Of a key that is not known nothing is repeated where it need not be one: it may be prose, or a piece of a secret.
    if value.is_empty() {
        let fault = if rest.is_empty() { TomlFault::NoSign(key) } else { TomlFault::NoValue(key) };
        return known.then_some((fault, None));
    }
    let (fault, new) = match value_of(&key, value) {
        Some((fault, new)) => (sign.or(fault), Some(new)),
        None => (sign.or_else(|| too_much(&key, value)), None),
    };
    let fault = fault?;
    if matches!(fault, TomlFault::NoSign(_)) && !known {
        return None;
    }
    Some((fault, new.map(|new| format!("{indent}{key} = {new}{comment}"))))
}

/// `[profiles.NAME]` of what was meant to be that.
fn table_header(text: &str) -> Option<String> {
    let (text, comment) = split_comment(text);
    let name = text.trim_matches(['[', ']', ' ', '\t', ',', ';']);
    let name = match name
        .strip_prefix("profiles")
        .and_then(|rest| rest.strip_prefix([':', '/', ' ', '-']))
    {
        Some(rest) => format!("profiles.{}", rest.trim_start()),
        None => name.to_owned(),
    };
    if name.is_empty() || name.contains(['=', '[', ']']) {
        return None;
    }
    let parts: Vec<String> = name
        .split('.')
        .map(|part| {
            part.trim().trim_matches(['"', '\'']).split_whitespace().collect::<Vec<_>>().join("-")
        })
        .collect();
    Some(format!("[{}]{comment}", parts.join(".")))
}

/// The key at the beginning of a line, unquoted where it can be, and what follows it.
fn split_key(text: &str) -> Option<(String, &str)> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let rest = text.get(1..)?;
        let end = rest.find(quote)?;
        let (key, rest) = (rest.get(..end)?, rest.get(end + 1..)?);
        let bare = !key.is_empty() && key.bytes().all(is_bare);
        return Some((
            if bare { key.to_owned() } else { format!("{quote}{key}{quote}") },
            rest.trim_start(),
        ));
    }
    let end =
        text.find(|c: char| !(c.is_ascii() && is_bare(c as u8) || c == '.')).unwrap_or(text.len());
    let key = text.get(..end)?.trim_end_matches('.');
    (!key.is_empty())
        .then(|| (key.to_owned(), text.get(key.len()..).unwrap_or_default().trim_start()))
}

const fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// What is wrong with the sign between a key and its value, and the value.
fn split_sign<'t>(key: &str, rest: &'t str) -> (Option<TomlFault>, &'t str) {
    let signs = ["==", "=>", ":=", "->", "=:", "="];
    for sign in signs {
        if let Some(value) = rest.strip_prefix(sign) {
            let fault = (sign != "=").then(|| TomlFault::NoSign(key.to_owned()));
            return (fault, value.trim_start());
        }
    }
    match rest.strip_prefix(':') {
        Some(value) => (Some(TomlFault::Colon(key.to_owned())), value.trim_start()),
        None => (Some(TomlFault::NoSign(key.to_owned())), rest),
    }
}

/// A value, and the comment after it with the blanks before that.
fn split_comment(text: &str) -> (&str, &str) {
    let (mut quote, mut escaped, mut before) = (None, false, ' ');
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c == '#' && before.is_whitespace() => return cut(text, at),
            None => {}
        }
        before = c;
    }
    // A quote that is not closed may be followed by a comment all the same.
    match text.find(" #").filter(|_| quote.is_some()) {
        Some(at) => cut(text, at),
        None => (text.trim_end(), ""),
    }
}

fn cut(text: &str, at: usize) -> (&str, &str) {
    let value = text.get(..at).unwrap_or(text).trim_end();
    (value, text.get(value.len()..).unwrap_or_default().trim_end())
}

/// The value as TOML writes it, and what was wrong with it; `None` where that is not clear.
fn value_of(key: &str, value: &str) -> Option<(Option<TomlFault>, String)> {
    let own = || key.to_owned();
    let name = key.rsplit('.').next().unwrap_or(key);
    if is_toml(&format!("x = {value}")) {
        return Some((None, value.to_owned()));
    }
    // A comma or semicolon after it, as other formats have it.
    let short = value.trim_end_matches([',', ';', ' ']);
    if short.len() < value.len() && is_toml(&format!("x = {short}")) {
        return Some((Some(TomlFault::After(own())), short.to_owned()));
    }
    if value.starts_with("\"\"\"") || value.starts_with("'''") {
        return None;
    }
    if BOOLS.contains(&name)
        && let Some(word) = boolean(short.trim_matches(['"', '\'']))
    {
        return Some((Some(TomlFault::Bool(own())), word.to_owned()));
    }
    match value.chars().next()? {
        '[' => list(key, value),
        '{' => table(key, value),
        '"' | '\'' => quoted(key, value, short),
        _ if LISTS.contains(&name) => {
            let words = tokens(short).0.into_iter().map(|token| quote(&token));
            let list = words.collect::<Vec<_>>().join(", ");
            Some((Some(TomlFault::NoQuotes(own())), format!("[{list}]")))
        }
        _ => {
            let bare = short.trim_end_matches(['"', '\'']);
            let fault = if bare.len() < short.len() {
                TomlFault::OneQuote(own())
            } else {
                TomlFault::NoQuotes(own())
            };
            Some((Some(fault), quote(bare)))
        }
    }
}

/// A text in quotes with something after it.
fn too_much(key: &str, value: &str) -> Option<TomlFault> {
    let open = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = value.get(1..)?;
    let rest = inner.get(closing(inner, open)? + 1..)?;
    (!rest.trim().is_empty()).then(|| TomlFault::After(key.to_owned()))
}

/// A text that begins with a quote and is none that TOML takes.
fn quoted(key: &str, value: &str, short: &str) -> Option<(Option<TomlFault>, String)> {
    let own = || key.to_owned();
    let open = value.chars().next()?;
    let inner = value.get(1..)?;
    let end = closing(inner, open);
    let Some(end) = end else {
        let text = short.trim_matches(['"', '\'']);
        return Some((Some(TomlFault::OneQuote(own())), quote(text)));
    };
    let (inner, rest) = (inner.get(..end)?, inner.get(end + 1..)?.trim());
    if rest.is_empty() || matches!(rest, "," | ";") {
        // What is between the quotes is not right.
        return (open == '"' && inner.contains('\\') && !inner.contains('\''))
            .then(|| (Some(TomlFault::Backslash(own())), format!("'{inner}'")));
    }
    if LISTS.contains(&key.rsplit('.').next().unwrap_or(key)) {
        let words: Vec<String> = tokens(value).0.iter().map(|token| quote(token)).collect();
        return Some((Some(TomlFault::After(own())), format!("[{}]", words.join(", "))));
    }
    let text = short.trim_matches(open);
    let doubled = inner.is_empty() && !text.contains(open);
    doubled.then(|| (Some(TomlFault::OneQuote(own())), quote(text)))
}

/// Where a text ends that begins with `open`.
fn closing(text: &str, open: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        if escaped {
            escaped = false;
            return None;
        }
        escaped = open == '"' && c == '\\';
        (c == open).then_some(at)
    })
}

/// What stands between the first character and `close`, or the end of the line where that is missing; and whether it is there.
fn inside(value: &str, close: char) -> Option<(&str, bool)> {
    let inner = value.get(1..)?;
    let ends = |rest: &str| rest.trim_matches([',', ';', ' ']).is_empty();
    match inner.rsplit_once(close) {
        Some((inner, rest)) if ends(rest) => Some((inner, true)),
        _ => Some((inner, false)),
    }
}

/// A list on one line.
fn list(key: &str, value: &str) -> Option<(Option<TomlFault>, String)> {
    let own = || key.to_owned();
    let (inner, closed) = inside(value, ']')?;
    if inner.contains(['[', '{']) || !closed && inner.trim().is_empty() {
        return None;
    }
    let (words, comma) = tokens(inner);
    let bare = inner
        .split(',')
        .any(|word| !word.trim().is_empty() && !word.trim().starts_with(['"', '\'']));
    let fault = match (closed, bare, comma) {
        (false, ..) => TomlFault::NotClosed { key: own(), with: ']', before: None },
        (true, true, _) => TomlFault::NoQuotes(own()),
        (true, false, false) => TomlFault::NoComma,
        (true, false, true) => TomlFault::OneQuote(own()),
    };
    let words: Vec<String> = words.iter().map(|word| quote(word)).collect();
    Some((Some(fault), format!("[{}]", words.join(", "))))
}

/// The texts of a list without its brackets, each without quotes; and whether there is a comma between any two.
fn tokens(text: &str) -> (Vec<String>, bool) {
    let (mut out, mut commas) = (Vec::new(), true);
    let mut rest = text.trim_start_matches([' ', '\t', ',', ';']);
    while let Some(c) = rest.chars().next() {
        let inner = rest.get(1..).unwrap_or_default();
        let end = match c {
            '"' | '\'' => closing(inner, c).map(|end| (1, end + 1, end + 2)),
            _ => None,
        };
        let (from, to, next) = end.unwrap_or_else(|| {
            let end = rest.find([',', ';']).unwrap_or(rest.len());
            (0, end, end)
        });
        let token = rest.get(from..to).unwrap_or_default().trim();
        let token = if from == 0 { token.trim_matches(['"', '\'']) } else { token };
        if !token.is_empty() {
            out.push(token.to_owned());
        }
        let after = rest.get(next..).unwrap_or_default().trim_start();
        let next = after.trim_start_matches([',', ';', ' ', '\t']);
        commas &= after.is_empty() || next.len() < after.len();
        rest = next;
    }
    (out, commas)
}

/// A table in braces on one line.
fn table(key: &str, value: &str) -> Option<(Option<TomlFault>, String)> {
    let own = || key.to_owned();
    let (inner, closed) = inside(value, '}')?;
    if inner.contains(['[', '{']) || inner.trim().is_empty() {
        return None;
    }
    let mut fault = (!closed).then(|| TomlFault::NotClosed { key: own(), with: '}', before: None });
    let mut pairs = Vec::new();
    let mut rest = inner.trim();
    while !rest.is_empty() {
        let (name, after) = split_key(rest)?;
        let (sign, after) = split_sign(&name, after);
        let end = match after.chars().next()? {
            c @ ('"' | '\'') => closing(after.get(1..)?, c).map(|end| end + 2),
            _ => None,
        };
        let end = end.unwrap_or_else(|| after.find([',', ';']).unwrap_or(after.len()));
        let (value, next) = (after.get(..end)?.trim(), after.get(end..)?.trim_start());
        let (wrong, value) = value_of(&name, value)?;
        let next_one = next.trim_start_matches([',', ';', ' ', '\t']);
        let comma =
            (!next.is_empty() && next_one.len() == next.len()).then_some(TomlFault::NoComma);
        fault = fault.or(sign).or(wrong).or(comma);
        pairs.push(format!("{name} = {value}"));
        rest = next_one;
    }
    Some((fault.or(Some(TomlFault::NoComma)), format!("{{ {} }}", pairs.join(", "))))
}

fn boolean(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some("true"),
        "false" | "no" | "off" | "0" => Some("false"),
        _ => None,
    }
}

/// A text in quotes: single ones where double ones would need escapes.
pub(super) fn quote(text: &str) -> String {
    match (text.contains(['"', '\\']), text.contains('\'')) {
        (false, _) => format!("\"{text}\""),
        (true, false) => format!("'{text}'"),
        (true, true) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// Whether a key is one of a profile's or of the settings.
fn is_known(key: &str) -> bool {
    let key = key.rsplit('.').next().unwrap_or(key);
    key == "schema" || KEYS.contains(&key) || SETTINGS.contains(&key)
}

/// The key of a line; the line itself where it has none.
pub(super) fn key_of(line: &str) -> String {
    split_key(line.trim()).map_or_else(|| line.trim().to_owned(), |(key, _)| key)
}

/// What is defined at the byte `at` of a line: its header, or its key.
pub(super) fn name_at(line: &str, at: usize) -> String {
    match header(line) {
        Some(header) => header,
        None if line.trim_start().starts_with('[') => line.trim().to_owned(),
        None => {
            let inner = line.get(at..).and_then(|rest| split_key(rest.trim_start()));
            inner.map_or_else(|| key_of(line), |(key, _)| key)
        }
    }
}

/// Where three quotes stand in a line.
pub(super) fn long_quote(line: &str) -> Option<usize> {
    line.find("\"\"\"").or_else(|| line.find("'''"))
}

/// The header of a table, without blanks and comment.
pub(super) fn header(line: &str) -> Option<String> {
    let (text, _) = split_comment(line.trim());
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let inner: String =
        inner.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'')).collect();
    (!inner.is_empty()).then(|| format!("[{inner}]"))
}

/// Whether a line begins something new: the header of a table, or `key =`.
pub(super) fn is_statement(line: &str) -> bool {
    let text = line.trim();
    if text.starts_with('[') {
        return !text.get(1..).is_some_and(|rest| rest.starts_with(['"', '\'']))
            && header(text).is_some();
    }
    split_key(text).is_some_and(|(_, rest)| rest.starts_with('='))
}

/// Whether a line gives a value to a key of a profile or of the settings.
pub(super) fn is_known_statement(line: &str) -> bool {
    split_key(line.trim()).is_some_and(|(key, rest)| rest.starts_with('=') && is_known(&key))
}

/// Whether a line can be a value of a list that is written on several lines.
pub(super) fn is_element(line: &str) -> bool {
    let text = line.trim();
    !text.is_empty() && !is_statement(line) && text.starts_with(['"', '\'', ']', '}', '#'])
}

/// Whether a list or table begins on this line; `itself`: also one that ends on it.
pub(super) fn opens(line: &str, itself: bool) -> bool {
    let Some((_, rest)) = split_key(line.trim()) else { return false };
    let Some(value) = rest.strip_prefix('=').map(str::trim_start) else { return false };
    let (value, _) = split_comment(value);
    let (mut depth, mut quote) = (0_i32, None);
    for c in value.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            _ => {}
        }
    }
    value.starts_with(['[', '{']) && (itself || depth > 0)
}
