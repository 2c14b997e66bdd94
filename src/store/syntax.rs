//! What is wrong with a text that is no TOML: all of it, each with its line and with what to write.
//!
//! The TOML reader goes on after a fault, but what it says then is often only a consequence of it. So the faults are
//! found in rounds: what the reader says of a line is told once, the line is repaired ([`repair`]) or taken out, and the
//! text is read again, until it is TOML. The text is only ever changed for that; nothing of it is written.

mod lookalike;
mod repair;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use toml::de::DeTable;

use self::repair::{Repair, repair};
use super::place::{BOM, place};
use crate::error::{Broken, Error, Place, TomlFault};

/// How often a text is read anew.
const ROUNDS: usize = 12;

/// How many faults of a file are told.
const MOST: usize = 20;

/// A fault that was found: the line, from 0, the byte in it, what it is, and what to write.
struct Found {
    line: usize,
    at: usize,
    broken: Broken,
}

/// The faults of a text that is not TOML, in the order of its lines, and a text that is TOML, in which each line has its
/// place; `None` there where a line could not be repaired. Nothing is found in a text that is TOML.
pub(super) struct Faults {
    found: Vec<Found>,
    /// The text with every line repaired.
    pub(super) repaired: Option<String>,
}

impl Faults {
    /// The faults as one error: the first, and the others with it.
    pub(super) fn into_error(self, path: &Path, text: &str, more: Vec<Error>) -> Option<Error> {
        let starts: Vec<usize> = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1))
            .collect();
        let mut errors = self.found.into_iter().map(|found| {
            let start = starts.get(found.line).copied().unwrap_or(text.len());
            let mark = if found.line == 0 && text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
            (place(path, text, start + mark + found.at), found.broken)
        });
        let (place, wrong) = errors.next()?;
        let rest = errors.map(|(place, wrong)| Error::Syntax { place, wrong, more: Vec::new() });
        let more = rest.chain(more).collect();
        Some(Error::Syntax { place, wrong, more })
    }
}

/// What is wrong with a text that a TOML reader refuses, for this reason at these bytes.
pub(super) fn error(path: &Path, text: &str, span: Option<Range<usize>>, said: &str) -> Error {
    let reader =
        || super::place::syntax(path, text, span, TomlFault::Reader(said.trim().to_owned()));
    faults(text).into_error(path, text, Vec::new()).unwrap_or_else(reader)
}

/// The same, and what is wrong with its profiles and settings, as far as that can be told.
pub(super) fn with_profiles(
    path: &Path,
    text: &str,
    span: Option<Range<usize>>,
    said: &str,
    layer: bool,
) -> Error {
    let faults = faults(text);
    let repaired = faults.repaired.as_deref().map(|text| super::parse::parse(path, text, layer));
    let mut more: Vec<Error> = match repaired {
        Some(Ok(parsed)) => {
            let wrong = parsed.entries.into_iter().filter_map(|entry| entry.profile.err());
            wrong.chain(parsed.odd).collect()
        }
        Some(Err(error)) => vec![error],
        None => Vec::new(),
    };
    let lines: Vec<&str> = text.split('\n').collect();
    more.iter_mut().for_each(|error| as_it_stands(error, &lines));
    let reader =
        || super::place::syntax(path, text, span, TomlFault::Reader(said.trim().to_owned()));
    faults.into_error(path, text, more).unwrap_or_else(reader)
}

/// Shows the lines as they stand in the file, not as they were repaired.
fn as_it_stands(error: &mut Error, lines: &[&str]) {
    let place = |place: &mut Place| {
        let line = lines.get(place.line - 1).copied().unwrap_or_default();
        place.excerpt = line.trim_start_matches(BOM).trim_end_matches('\r').to_owned();
        place.column = place.column.min(place.excerpt.chars().count() + 1);
    };
    match error {
        Error::Profile { place: first, more, .. } => {
            place(first);
            more.iter_mut().for_each(|(other, _)| place(other));
        }
        Error::Setting { place: first, .. }
        | Error::OutsideTable { place: first, .. }
        | Error::UnknownKey { place: first, .. } => place(first),
        _ => {}
    }
}

/// Finds the faults of a text.
pub(super) fn faults(text: &str) -> Faults {
    let body = text.strip_prefix(BOM).unwrap_or(text);
    let original: Vec<&str> = body.split('\n').collect();
    let mut lines: Vec<Cow<'_, str>> = original.iter().map(|line| Cow::Borrowed(*line)).collect();
    let mut found: BTreeMap<usize, Found> = BTreeMap::new();
    let mut whole = true;
    if let Some(format) = other_format(body) {
        let broken = Broken { fault: TomlFault::OtherFormat(format), write: None };
        let at = original.first().map_or(0, |line| line.len() - line.trim_start().len());
        return Faults { found: vec![Found { line: 0, at, broken }], repaired: None };
    }
    for run in pem(&original) {
        // Nothing of it is repeated, and no more is said of it.
        let broken = Broken { fault: TomlFault::Pem, write: None };
        found.insert(run.start, Found { line: run.start, at: 0, broken });
        whole = false;
        run.for_each(|at| put(&mut lines, at, String::new()));
    }
    for _ in 0..ROUNDS {
        let now = lines.join("\n");
        let (_, errors) = DeTable::parse_recoverable(&now);
        if errors.is_empty() {
            return Faults { found: found.into_values().collect(), repaired: whole.then_some(now) };
        }
        let mut told: Vec<Said> = errors.iter().map(|error| Said::new(&now, error)).collect();
        told.sort_by_key(|said| (said.line, said.at));
        let before = found.len();
        let on = round(&told, &original, &mut lines, &mut found, &mut whole);
        if !on || found.len() == before || found.len() >= MOST {
            break;
        }
    }
    Faults { found: found.into_values().collect(), repaired: None }
}

/// The lines of certificates and keys in PEM (RFC 7468), or of pieces of them: from a line of dashes or of base64 to the next
/// empty line, header or key that is known.
fn pem(lines: &[&str]) -> Vec<Range<usize>> {
    let is_body = |line: &&str| {
        let text = line.trim().trim_matches(['"', '\'', ',', '\\']);
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        let word = text.split(' ').find(|word| word.len() >= 40);
        word.map(|word| word.trim_matches(['"', '\'']).as_bytes()).is_some_and(|word| {
            let any = |kind: fn(&u8) -> bool| word.iter().any(kind);
            let mixed = any(u8::is_ascii_uppercase)
                && any(u8::is_ascii_lowercase)
                && any(u8::is_ascii_digit);
            mixed && word.iter().all(|byte| letters(*byte))
        })
    };
    let mut runs = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let start = at;
        at += 1;
        if line.contains("-----BEGIN") || line.contains("-----END") || is_body(line) {
            let ends = |line: &str| {
                line.trim().is_empty()
                    || line.trim_start().starts_with('[')
                    || repair::is_known_statement(line)
            };
            let end = (at..lines.len()).find(|at| lines.get(*at).is_some_and(|line| ends(line)));
            at = end.unwrap_or(lines.len());
            runs.push(start..at);
        }
    }
    runs
}

/// What the reader says: where, as line and byte in it (both from 0), and what.
struct Said {
    line: usize,
    at: usize,
    message: String,
}

impl Said {
    fn new(text: &str, error: &toml::de::Error) -> Self {
        let mut offset = error.span().map_or(0, |span| span.start).min(text.len());
        let message = error.message().trim().to_owned();
        // What is missing at the end of a line is told of the next one, where that is empty.
        let closing = message.starts_with("unclosed");
        while closing && offset > 0 && text.as_bytes().get(offset - 1) == Some(&b'\n') {
            offset -= 1;
        }
        let before = text.as_bytes().get(..offset).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let line = memchr::memchr_iter(b'\n', before).count();
        Self { line, at: offset - start, message }
    }

    fn has(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.message.contains(word))
    }
}

/// Takes in what one reading of the text says, one fault a line, and repairs these lines; whether anything can be said of
/// the rest.
fn round<'t>(
    told: &[Said],
    original: &[&'t str],
    lines: &mut [Cow<'t, str>],
    found: &mut BTreeMap<usize, Found>,
    whole: &mut bool,
) -> bool {
    let text =
        |lines: &[Cow<'_, str>], at: usize| lines.get(at).map(|line| line.clone().into_owned());
    let mut seen = None;
    // Of a table that is there twice, every key is.
    let mut twice = None;
    for said in told {
        if seen == Some(said.line) || found.contains_key(&said.line) {
            continue;
        }
        if twice.is_some_and(|until| said.line < until) {
            continue;
        }
        seen = Some(said.line);
        let Some(line) = text(lines, said.line) else { continue };
        let mut add = |at: usize, offset: usize, fault: TomlFault, write: Option<String>| {
            let broken = Broken { fault, write };
            found.entry(at).or_insert(Found { line: at, at: offset, broken });
        };
        if let Some(fault) = conflict(&line) {
            add(said.line, 0, fault, None);
            // What is in both versions is there twice.
            *whole = false;
            return false;
        }
        if said.message.contains("multi-line") {
            let open = (0..=said.line)
                .rev()
                .find(|at| lines.get(*at).is_some_and(|line| repair::long_quote(line).is_some()));
            let open = open.unwrap_or(said.line);
            let line = text(lines, open).unwrap_or_default();
            let offset = repair::long_quote(&line).unwrap_or(0);
            add(open, offset, TomlFault::LongText(repair::key_of(&line)), None);
            // Where it was to end, and so what the rest is, is not known.
            *whole = false;
            return false;
        }
        if said.message.starts_with("duplicate key") {
            let what = repair::name_at(&line, said.at);
            let first = first(lines, said.line, &line);
            let header = line.trim_start().starts_with('[');
            add(said.line, said.at, TomlFault::Twice { what, first: first.map(|at| at + 1) }, None);
            *whole = false;
            let until = if header { next_header(lines, said.line + 1) } else { said.line + 1 };
            for at in said.line..until {
                if let Some(line) = lines.get_mut(at) {
                    *line = Cow::Borrowed("");
                }
            }
            twice = Some(until);
            continue;
        }
        let several = said.has(&[
            "array elements",
            "in array",
            "unclosed array",
            "inline table",
            "key-value pairs",
        ]);
        if several && let Some(open) = opening(lines, said.line) {
            if !found.contains_key(&open) {
                list(said, open, original, lines, found, whole);
            }
            return true;
        }
        match repair(&line) {
            Some(Repair { fault, at, line: new, write }) => {
                add(said.line, at.unwrap_or(said.at), fault, write);
                match new {
                    Some(new) => put(lines, said.line, new),
                    None => {
                        *whole = false;
                        leave_out(lines, said.line);
                    }
                }
            }
            None => {
                add(said.line, said.at, TomlFault::Reader(said.message.clone()), None);
                *whole = false;
                leave_out(lines, said.line);
            }
        }
        if repair::long_quote(&line).is_some() {
            return true;
        }
    }
    true
}

/// A list or table that goes wrong on a line, and begins on the line `open`.
fn list<'t>(
    said: &Said,
    open: usize,
    original: &[&'t str],
    lines: &mut [Cow<'t, str>],
    found: &mut BTreeMap<usize, Found>,
    whole: &mut bool,
) {
    let line = lines.get(open).map(|line| line.clone().into_owned()).unwrap_or_default();
    let here = lines.get(said.line).map(|line| line.clone().into_owned()).unwrap_or_default();
    let mut add = |at: usize, offset: usize, fault: TomlFault, write: Option<String>| {
        let broken = Broken { fault, write };
        found.entry(at).or_insert(Found { line: at, at: offset, broken });
    };
    let single =
        open == said.line || repair::is_statement(&here) || said.message.starts_with("unclosed");
    let within = |at: usize| lines.get(at).is_some_and(|line| repair::is_element(line));
    let spread = single && open + 1 < lines.len() && within(open + 1);
    if single
        && !spread
        && let Some(Repair { fault, at, line: Some(new), write }) = repair(&line)
    {
        add(open, at.unwrap_or(0), fault, write);
        put(lines, open, new);
        return;
    }
    let key = repair::key_of(&line);
    if single && open != said.line {
        let with = if line
            .split(['=', '#'])
            .nth(1)
            .is_some_and(|value| value.trim_start().starts_with('{'))
        {
            '}'
        } else {
            ']'
        };
        let at = line.find(if with == '}' { '{' } else { '[' }).unwrap_or(0);
        let end = if said.message.starts_with("unclosed") { original.len() } else { said.line };
        let before = (end < original.len()).then_some(end + 1);
        add(open, at, TomlFault::NotClosed { key, with, before }, None);
        // Closed where the next statement begins, the rest of the file can be read.
        if let Some(last) = lines.get_mut(end.saturating_sub(1)) {
            let cr = last.ends_with('\r');
            let mut closed = last.trim_end().to_owned();
            closed.push('\n');
            closed.pop();
            closed.push(with);
            if cr {
                closed.push('\r');
            }
            *last = Cow::Owned(closed);
        }
        return;
    }
    let fault = match said.has(&["missing comma"]) && open != said.line {
        true => TomlFault::NoComma,
        false => TomlFault::Reader(said.message.clone()),
    };
    add(said.line, said.at, fault, None);
    *whole = false;
    let until = (open..lines.len())
        .skip(1)
        .find(|at| lines.get(*at).is_some_and(|line| repair::is_statement(line)))
        .unwrap_or(lines.len());
    for at in open..until {
        put(lines, at, String::new());
    }
}

/// Takes a line out; with a header all that is below it, which would belong to another table.
fn leave_out(lines: &mut [Cow<'_, str>], at: usize) {
    let header = lines.get(at).is_some_and(|line| line.trim_start().starts_with('['));
    let until = if header { next_header(lines, at + 1) } else { at + 1 };
    for at in at..until {
        put(lines, at, String::new());
    }
}

/// Puts another line in the place of one; a CR before the line's end stays.
fn put(lines: &mut [Cow<'_, str>], at: usize, mut new: String) {
    if let Some(line) = lines.get_mut(at) {
        if line.ends_with('\r') && !new.ends_with('\r') {
            new.push('\r');
        }
        *line = Cow::Owned(new);
    }
}

/// The line on which the list or table begins that the line `at` is in.
fn opening(lines: &[Cow<'_, str>], at: usize) -> Option<usize> {
    (0..=at)
        .rev()
        .find(|line_at| lines.get(*line_at).is_some_and(|line| repair::opens(line, *line_at == at)))
}

/// The line of the next header from `at` on, or the end.
fn next_header(lines: &[Cow<'_, str>], at: usize) -> usize {
    (at..lines.len())
        .find(|at| lines.get(*at).is_some_and(|line| line.trim_start().starts_with('[')))
        .unwrap_or(lines.len())
}

/// The first line that says the same as `line`, which is number `at`: the same header, or the same key below the same
/// header.
fn first(lines: &[Cow<'_, str>], at: usize, line: &str) -> Option<usize> {
    if line.trim_start().starts_with('[') {
        let same = repair::header(line)?;
        return (0..at).find(|at| {
            lines.get(*at).and_then(|line| repair::header(line)).as_ref() == Some(&same)
        });
    }
    let key = repair::key_of(line);
    let top = (0..at)
        .rev()
        .find(|at| lines.get(*at).is_some_and(|line| line.trim_start().starts_with('[')))
        .unwrap_or(0);
    (top..at).find(|at| {
        lines.get(*at).is_some_and(|line| repair::is_statement(line) && repair::key_of(line) == key)
    })
}

/// The marks of git and others around what a merge could not decide.
fn conflict(line: &str) -> Option<TomlFault> {
    let marks = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
    marks.iter().any(|mark| line.starts_with(mark)).then_some(TomlFault::Conflict)
}

/// The format of a text that is none of TOML's from its first sign on.
fn other_format(text: &str) -> Option<&'static str> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match lines.next()? {
        first if first.starts_with('{') => Some("JSON"),
        "---" | "profiles:" => Some("YAML"),
        _ => None,
    }
}
