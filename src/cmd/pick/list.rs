//! Which rows there are, in which order, and on which of them the mark stands. Pure.
//!
//! The rule that matters: a protected profile is reached by moving onto it, never because it happens to
//! stand first. The mark begins on a row that is not protected, or on none; and where what was typed fits a
//! protected one best, it begins on none: Enter takes nothing in its place either.

use std::cmp::Reverse;

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::keys::Key;
use crate::output::Style;

/// One profile.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Its place in the store.
    pub at: usize,
    /// Its name.
    pub name: String,
    /// DOCKER_HOST, or nothing for a profile that is not valid.
    pub host: String,
    /// The word that says how the host is reached, as in `ls`.
    pub tls: Tls,
    /// Its tags, a blank between them.
    pub tags: String,
    /// Its description.
    pub about: String,
    /// Whether this shell is on it.
    pub current: bool,
    /// The mark before it, as in `ls`.
    pub mark: &'static str,
    /// Whether it asks for its name.
    pub protected: bool,
    /// Why it cannot be taken.
    pub broken: Option<String>,
}

/// The one word for how a host is reached.
#[derive(Debug, Clone, Copy)]
pub struct Tls(pub Style, pub &'static str);

impl Default for Tls {
    fn default() -> Self {
        Self(Style::Plain, "")
    }
}

impl Row {
    /// Whether Enter may take it though nobody moved onto it.
    const fn is_free(&self) -> bool {
        !self.protected && self.broken.is_none()
    }
}

/// The rows, what has been typed, and what that leaves.
#[derive(Debug)]
pub struct List {
    rows: Vec<Row>,
    query: String,
    shown: Vec<usize>,
    selected: Option<usize>,
    top: usize,
    matcher: Matcher,
}

impl List {
    /// The rows in the order in which they are offered: the profile before this one, which is where most
    /// want to go; the current one beside it; the others as they stand in the file; protected ones; those
    /// that are not valid.
    #[must_use]
    pub fn new(mut rows: Vec<Row>, previous: Option<&str>) -> Self {
        let wanted = |row: &Row| row.is_free() && !row.current;
        let first = rows
            .iter()
            .position(|row| wanted(row) && previous == Some(row.name.as_str()))
            .or_else(|| rows.iter().position(wanted))
            .map(|at| rows.remove(at));
        rows.sort_by_key(|row| (!row.current, row.broken.is_some(), row.protected));
        rows.splice(0..0, first);
        let mut config = Config::DEFAULT;
        config.prefer_prefix = true;
        let matcher = Matcher::new(config);
        let mut list =
            Self { rows, query: String::new(), shown: Vec::new(), selected: None, top: 0, matcher };
        list.search();
        list
    }

    /// What has been typed.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// How many rows there are in all.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows that match, best first.
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &Row> {
        // An index comes from the rows themselves.
        #[expect(clippy::indexing_slicing, reason = "`search` writes only places of rows")]
        self.shown.iter().map(|at| &self.rows[*at])
    }

    /// The row that the mark is on, and which of those shown it is.
    #[must_use]
    pub fn selected(&self) -> Option<(usize, &Row)> {
        let at = self.selected?;
        Some((at, self.rows.get(*self.shown.get(at)?)?))
    }

    /// Changes what is typed, or moves the mark; `page` is how many rows there are on the screen.
    pub fn press(&mut self, key: Key, page: usize) {
        let before = self.query.len();
        match key {
            Key::Char(c) => self.query.push(c),
            Key::Backspace => drop(self.query.pop()),
            Key::Clear => self.query.clear(),
            Key::Word => {
                let rest = self.query.trim_end();
                let keep = rest.rfind(char::is_whitespace).map_or(0, |at| at + 1);
                self.query.truncate(keep);
            }
            key => return self.go(key, page),
        }
        if self.query.len() != before {
            self.search();
        }
    }

    fn go(&mut self, key: Key, page: usize) {
        let Some(last) = self.shown.len().checked_sub(1) else { return };
        let page = page.max(1);
        self.selected = match (key, self.selected) {
            (Key::Home, _) => Some(0),
            (Key::End, _) => Some(last),
            (Key::Up | Key::PageUp | Key::Down | Key::PageDown, None) => Some(0),
            (Key::Up, Some(at)) => Some(at.saturating_sub(1)),
            (Key::PageUp, Some(at)) => Some(at.saturating_sub(page)),
            (Key::Down, Some(at)) => Some((at + 1).min(last)),
            (Key::PageDown, Some(at)) => Some((at + page).min(last)),
            (_, at) => at,
        };
    }

    /// The first row on a screen of `height` rows, moved no further than it takes to show the mark.
    pub fn scroll(&mut self, height: usize) -> usize {
        let height = height.max(1);
        let most = self.shown.len().saturating_sub(height);
        let at = self.selected.unwrap_or(0);
        self.top = self.top.clamp((at + 1).saturating_sub(height), at).min(most);
        self.top
    }

    fn search(&mut self) {
        let words: Vec<Atom> = self.query.split_whitespace().map(atom).collect();
        let all = 0..self.rows.len();
        self.shown = if words.is_empty() {
            all.collect()
        } else {
            let exact = self.query.trim();
            let mut scored: Vec<(bool, u32, bool, usize)> = self
                .rows
                .iter()
                .enumerate()
                .filter_map(|(at, row)| {
                    let score = score(row, &words, &mut self.matcher)?;
                    Some((row.name != exact, score, !row.is_free(), at))
                })
                .collect();
            scored.sort_unstable_by_key(|(other, score, guarded, at)| {
                (*other, Reverse(*score), *guarded, *at)
            });
            scored.into_iter().map(|(.., at)| at).collect()
        };
        self.selected = self.first();
        self.top = 0;
    }

    /// Where the mark begins.
    fn first(&self) -> Option<usize> {
        let exact = self.query.trim();
        let best = self.shown().next()?;
        if !exact.is_empty() && !best.is_free() {
            return None;
        }
        // A name typed whole means that profile, even where one is there already.
        if best.name == exact {
            return Some(0);
        }
        let other = self.shown().position(|row| row.is_free() && !row.current);
        other.or_else(|| self.shown().position(Row::is_free))
    }
}

fn atom(word: &str) -> Atom {
    Atom::new(word, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false)
}

/// The least score of a letter, of the 16 that the matcher gives it, outside names: three letters anywhere
/// in a long host are no match that anybody means.
const LETTER: usize = 12;

/// How well a row matches: every word has to be somewhere in it, and counts where it fits best. A name
/// is more than a tag, a tag more than a host, a host more than a description.
fn score(row: &Row, words: &[Atom], matcher: &mut Matcher) -> Option<u32> {
    // What almost all begin with finds nothing.
    let host = row.host.strip_prefix("tcp://").unwrap_or(&row.host);
    let fields = [(row.name.as_str(), 4), (&row.tags, 3), (host, 2), (&row.about, 1)];
    let mut characters = Vec::new();
    let mut total = 0;
    for word in words {
        let mut best = None;
        let least = word.needle_text().len() * LETTER;
        for (text, weight) in fields {
            let found = word.score(Utf32Str::new(text, &mut characters), matcher);
            let found = found.filter(|score| weight == 4 || usize::from(*score) >= least);
            best = best.max(found.map(|score| u32::from(score) * weight));
        }
        total += best?;
    }
    Some(total)
}
