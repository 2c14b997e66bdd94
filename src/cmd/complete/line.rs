//! What fits at one place of a command line, found by walking its words through the definition.
//!
//! For shells that hand over the words as they stand (elvish, nushell, PowerShell, xonsh): their scripts
//! know nothing about verbs and flags, and show what is answered here. A verb or a flag that is added to
//! the definition is offered by scripts that were installed long before.

use std::collections::BTreeSet;

use clap::{Arg, ArgAction, Command, ValueHint};

use super::{Offer, flags, many, values};
use crate::text::clean;

/// What fits.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Whole words, each with a line about it, which may be empty.
    Words(Vec<(String, String)>),
    /// Files; the text is what stands before the path in its word, such as `--ca=`.
    Files(String),
    /// Directories, likewise.
    Dirs(String),
    /// What the shell completes on a line of its own that begins with this word of the line, counted
    /// without dctx's own name.
    Command(usize),
}

impl Answer {
    /// The answer as scripts read it: a line that says which it is, then the words.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Words(words) => format!("words\n{}", lines(words)),
            Self::Files(lead) => format!("files\t{lead}\n"),
            Self::Dirs(lead) => format!("dirs\t{lead}\n"),
            Self::Command(at) => format!("command\t{at}\n"),
        }
    }
}

/// A line for each word, with what it is about after a tab.
pub(super) fn lines(words: &[(String, String)]) -> String {
    let mut text = String::new();
    for (word, about) in words {
        text.push_str(word);
        if !about.is_empty() {
            text.push('\t');
            text.push_str(&clean(about));
        }
        text.push('\n');
    }
    text
}

/// What has been read of the line.
struct Line<'a> {
    /// The verb, or dctx itself.
    verb: &'a Command,
    /// Its name as the list of offers has it; a verb of a verb has both names.
    name: String,
    /// The option whose value comes next.
    option: Option<&'a Arg>,
    /// What stands where no flag is asked for.
    given: Vec<&'a str>,
    /// The flags that stand there.
    flags: BTreeSet<&'a str>,
    /// Whether a `--` stands there, behind which nothing is a flag.
    plain: bool,
}

/// What fits as the last of `words`, which are those of the line up to the cursor without dctx's own name.
/// `tree` is the definition, already built; `offered` says what an offer is now.
pub(super) fn answer(
    tree: &Command,
    words: &[String],
    offered: &dyn Fn(Offer) -> Vec<(String, String)>,
) -> Answer {
    let Some((word, before)) = words.split_last() else {
        return Answer::Words(Vec::new());
    };
    let mut line = Line::new(tree);
    for (at, word) in before.iter().enumerate() {
        line.take(word);
        if line.plain && line.verb.get_positionals().any(is_command) {
            return Answer::Command(at + 1);
        }
    }
    line.at(word, offered)
}

impl<'a> Line<'a> {
    fn new(tree: &'a Command) -> Self {
        let (name, given) = (String::new(), Vec::new());
        Line { verb: tree, name, option: None, given, flags: BTreeSet::new(), plain: false }
    }

    /// Takes one whole word of the line.
    fn take(&mut self, word: &'a str) {
        if self.option.take().is_some() {
            return;
        }
        if self.plain || word == "-" || !word.starts_with('-') {
            match self.verb.find_subcommand(word).filter(|_| self.given.is_empty() && !self.plain) {
                Some(verb) => {
                    let gap = if self.name.is_empty() { "" } else { " " };
                    self.name = format!("{}{gap}{}", self.name, verb.get_name());
                    self.verb = verb;
                }
                None => self.given.push(word),
            }
        } else if word == "--" {
            self.plain = true;
        } else if let Some(long) = word.strip_prefix("--") {
            let name = long.split('=').next().unwrap_or_default();
            let arg = self.long(name);
            self.flags.extend(arg.map(id));
            self.option = arg.filter(|arg| takes_next(arg) && !long.contains('='));
        } else {
            // -qU; the first that takes a value takes the rest of the word, or the next one
            let mut letters = word.chars().skip(1);
            while let Some(letter) = letters.next() {
                let arg = self.verb.get_arguments().find(|arg| arg.get_short() == Some(letter));
                self.flags.extend(arg.map(id));
                if arg.is_some_and(|arg| arg.get_action().takes_values()) {
                    self.option = arg.filter(|arg| takes_next(arg) && letters.next().is_none());
                    return;
                }
            }
        }
    }

    fn long(&self, name: &str) -> Option<&'a Arg> {
        self.verb.get_arguments().find(|arg| {
            let others = arg.get_all_aliases().unwrap_or_default();
            arg.get_long() == Some(name) || others.contains(&name)
        })
    }

    /// What fits where `word` has been typed so far.
    fn at(&self, word: &str, offered: &dyn Fn(Offer) -> Vec<(String, String)>) -> Answer {
        if let Some(arg) = self.option {
            return self.value(arg, word, "", offered);
        }
        if !self.plain && word.starts_with("--") && word.contains('=') {
            let (name, _) = word.split_once('=').unwrap_or_default();
            let arg = self.long(name.trim_start_matches('-'));
            let arg = arg.filter(|arg| arg.get_action().takes_values());
            return match arg {
                Some(arg) => self.value(arg, word, &format!("{name}="), offered),
                None => Answer::Words(Vec::new()),
            };
        }
        let mut found = Vec::new();
        let place = self.place();
        let verbs = self.verb.get_subcommands().filter(|verb| !verb.is_hide_set());
        if self.given.is_empty() && !self.plain {
            found.extend(
                verbs.map(|verb| (verb.get_name().to_owned(), first_line(verb.get_about()))),
            );
        } else if self.verb.has_subcommands() && place.is_none() {
            // a word that is no verb
            return Answer::Words(found);
        }
        if let Some(arg) = place {
            match self.value(arg, word, "", offered) {
                Answer::Words(words) => found.extend(words),
                // a path that begins with a dash is written ./-
                other if !word.starts_with('-') => return other,
                _ => {}
            }
        }
        if !self.plain && (word.starts_with('-') || (place.is_none() && found.is_empty())) {
            found.extend(self.own_flags());
        }
        found.retain(|(text, _)| text.starts_with(word));
        Answer::Words(found)
    }

    /// The argument that stands here without a flag.
    fn place(&self) -> Option<&'a Arg> {
        let last = self.verb.get_positionals().last().filter(|arg| many(arg));
        let mut free = self.verb.get_positionals().filter(|arg| self.plain || !is_command(arg));
        let place = free.nth(self.given.len()).or(last);
        // the -- itself is what stands before a command
        place.or_else(|| self.verb.get_positionals().find(|arg| is_command(arg) && !self.plain))
    }

    fn value(
        &self,
        arg: &Arg,
        word: &str,
        lead: &str,
        offered: &dyn Fn(Offer) -> Vec<(String, String)>,
    ) -> Answer {
        let values = values(arg);
        let mut found: Vec<(String, String)> =
            match (Offer::of(&self.name, arg), arg.get_value_hint()) {
                _ if !values.is_empty() => values.into_iter().map(|v| (v, String::new())).collect(),
                (Some(offer), _) => offered(offer),
                // a path, or a profile: what has been typed so far tells
                (None, ValueHint::AnyPath) => {
                    let names = offered(Offer::Names);
                    let begun = |(name, _): &(String, String)| name.starts_with(word);
                    match !word.is_empty() && names.iter().any(begun) {
                        true => names,
                        false => return Answer::Files(lead.to_owned()),
                    }
                }
                (None, ValueHint::FilePath) => return Answer::Files(lead.to_owned()),
                (None, ValueHint::DirPath) => return Answer::Dirs(lead.to_owned()),
                (None, ValueHint::CommandWithArguments) => vec![("--".to_owned(), String::new())],
                _ => Vec::new(),
            };
        if Offer::of(&self.name, arg) == Some(Offer::More) {
            found.retain(|(name, _)| !self.given.contains(&name.as_str()));
        }
        for (text, _) in &mut found {
            text.insert_str(0, lead);
        }
        found.retain(|(text, _)| text.starts_with(word));
        Answer::Words(found)
    }

    /// The flags of the verb, but for those that stand there already and may stand there once.
    fn own_flags(&self) -> impl Iterator<Item = (String, String)> {
        let again = |arg: &&Arg| {
            matches!(arg.get_action(), ArgAction::Append | ArgAction::Count)
                || !self.flags.contains(id(arg))
        };
        let own = self.verb.get_arguments().filter(|arg| !arg.is_hide_set()).filter(again);
        own.flat_map(|arg| flags(arg).map(|flag| (flag, first_line(arg.get_help()))))
    }
}

fn id(arg: &Arg) -> &str {
    arg.get_id().as_str()
}

/// Whether the value of an option may be the next word.
fn takes_next(arg: &Arg) -> bool {
    arg.get_action().takes_values() && !arg.is_require_equals_set()
}

/// Whether an argument is a command line, behind a `--`.
fn is_command(arg: &Arg) -> bool {
    arg.get_value_hint() == ValueHint::CommandWithArguments
}

fn first_line(text: Option<&clap::builder::StyledStr>) -> String {
    let text = text.map(ToString::to_string).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}
