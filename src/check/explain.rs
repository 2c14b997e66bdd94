//! What docker's own words mean: from a text, or a whole pasted terminal, to a diagnosis.
//!
//! Each line is held against one list of phrases ([`rules`]), of docker's command line of many years, of the clients
//! for Go, Python, Node, Java and Rust, of ssh and of curl. What a line says of another connection than docker's own
//! ([`foreign`]) does not count. An answer is given only where the lines agree; where an outer message wraps another
//! the inner one counts.

mod facts;
mod foreign;
mod refine;
mod rules;
mod text;

use super::diagnosis::Diagnosis;
use super::id::Id;
pub use refine::refine;
use rules::Weight;

/// What `text` means; `None` where it is not known, means nothing, or means two things at once. Everything in the
/// facts is as it stands in the text, and whoever prints it cleans it.
#[must_use]
pub fn explain(text: &str) -> Option<Diagnosis> {
    let lines = text::lines(text);
    let mut found = matches(&lines);
    let inner = |found: &&Match| found.weight == Weight::Inner;
    if lines.len() > 1 && !found.iter().any(|found| inner(&found)) {
        // A terminal may have broken a long line.
        let whole = matches(&[text::unbroken(&lines)]);
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
    let first = strongest.first()?;
    if strongest.iter().any(|other| other.id != first.id) {
        return None;
    }
    // The line that tells most is told from.
    let all = strongest.iter().map(|found| facts::of(found.id, &found.line, &lines));
    let best = all.max_by_key(facts::known)?;
    Some(Diagnosis::with(first.id, best))
}

/// Whether `text` has an error in it that is a registry's or another server's, and none of docker's own connection.
#[must_use]
pub fn is_of_another(text: &str) -> bool {
    let lines = text::lines(text);
    lines.iter().any(|line| {
        foreign::is(line, &text::plain(line)) && rules::of(&text::plain(line)).is_some()
    })
}

/// A line with a meaning.
struct Match {
    id: Id,
    weight: Weight,
    line: String,
}

fn matches(lines: &[String]) -> Vec<Match> {
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
