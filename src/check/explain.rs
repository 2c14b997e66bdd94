//! What docker's own words mean: from a text, or a whole pasted terminal, to a diagnosis.
//!
//! Each line is held against one list of phrases ([`rules`]), of docker's command line of many years, of dockerd, of
//! the clients for Go, Python, Node, Java and Rust, of ssh and of curl. What a line says of another connection than
//! docker's own ([`foreign`]) does not count. An answer is given only where the lines agree; where an outer message
//! wraps another the inner one counts. Where the words are the same for different causes, this shell's variables
//! ([`here`]) and the profile's files ([`refine`]) may tell.

mod facts;
mod foreign;
mod here;
mod refine;

mod rules;
mod text;

use super::diagnosis::Diagnosis;
use super::id::Id;
pub use here::here;
pub use refine::{refine, renewed};

use rules::Weight;

/// What `text` means; `None` where it is not known, means nothing, or means two things at once. Everything in the
/// facts is as it stands in the text, and whoever prints it cleans it.
#[must_use]
pub fn explain(text: &str) -> Option<Diagnosis> {
    of_lines(&whole_lines(text))
}

/// The lines as they were written: broken ones may hide what shows that they are not about docker.
fn whole_lines(text: &str) -> Vec<String> {
    let joined = text::rejoined(&text::lines(text));
    joined.iter().map(|line| text::unquoted(line)).collect()
}

/// What the lines mean.
fn of_lines(lines: &[String]) -> Option<Diagnosis> {
    let mut found = matches(lines);
    let inner = |found: &&Match| found.weight == Weight::Inner;
    if lines.len() > 1 && !found.iter().any(|found| inner(&found)) {
        // A terminal may have broken a long line.
        let whole = matches(&[text::unbroken(lines)]);
        if found.is_empty() || whole.iter().any(|found| inner(&found)) {
            found = whole;
        }
    }
    let strongest: Vec<&Match> = match found.iter().any(|found| inner(&found)) {
        true => found.iter().filter(inner).collect(),
        false => found.iter().collect(),
    };
    // What Go says in parentheses is why it says what stands before them.
    let why = |id: Id| matches!(id, Id::WeakSignature | Id::IssuerNotCa);
    let told = strongest.iter().any(|found| why(found.id));
    let strongest: Vec<&Match> =
        strongest.into_iter().filter(|found| !(told && found.id == Id::UnknownCa)).collect();
    let strongest = decided(&without_echo(&strongest));
    let first = strongest.first()?;
    if strongest.iter().any(|other| other.id != first.id) {
        return None;
    }
    // The line that tells most is told from.
    let all = strongest.iter().map(|found| facts::of(found.id, &found.line, lines));
    let best = all.max_by_key(facts::known)?;
    Some(Diagnosis::with(first.id, best))
}

/// Whether `text` has an error in it that is a registry's or another server's, and none of docker's own connection.
#[must_use]
pub fn is_of_another(text: &str) -> bool {
    let lines = whole_lines(text);
    lines.iter().any(|line| {
        let plain = text::plain(line);
        (foreign::is(line, &plain) || foreign::is_all(&lines)) && rules::of(&plain).is_some()
    })
}

/// A line with a meaning.
struct Match {
    id: Id,
    weight: Weight,
    line: String,
}

/// What ssh says of the way there, without what it says of the connection that came to nothing for it: behind a jump host
/// that refuses, or a proxy command that fails, the other end is closed before it says a word.
fn without_echo<'m>(found: &[&'m Match]) -> Vec<&'m Match> {
    let echo = |found: &Match| {
        let plain = text::plain(&found.line);
        found.id == Id::SshUnreachable && plain.contains("kex exchange identification: ")
    };
    match found.iter().all(|found| echo(found)) {
        true => found.to_vec(),
        false => found.iter().copied().filter(|found| !echo(found)).collect(),
    }
}

/// Where lines differ, those that count: Java tells the root cause last, behind `Caused by:`, and Testcontainers tries
/// DOCKER_HOST beside the places where docker is as a rule.
fn decided<'m>(found: &[&'m Match]) -> Vec<&'m Match> {
    let differ = found.iter().any(|other| found.first().is_some_and(|first| first.id != other.id));
    if !differ {
        return found.to_vec();
    }
    let by_environment =
        |found: &&&Match| found.line.contains("EnvironmentAndSystemPropertyClientProviderStrategy");
    let causes = |found: &&&Match| found.line.trim_start().starts_with("Caused by:");
    if let Some(chosen) = found.iter().find(by_environment) {
        return vec![chosen];
    }
    if let Some(root) = found.iter().rfind(causes) {
        return vec![root];
    }
    found.to_vec()
}

fn matches(lines: &[String]) -> Vec<Match> {
    if foreign::is_all(lines) {
        return Vec::new();
    }
    let one = |line: &String| {
        let line = line.trim();
        let plain = text::plain(line);
        if foreign::is(line, &plain) {
            return None;
        }
        let (id, weight) = rules::of(&plain)?;
        Some(Match { id, weight, line: line.to_owned() })
    };
    lines.iter().filter_map(one).collect()
}
