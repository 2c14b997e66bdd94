//! What completion scripts ask, and the scripts themselves.
//!
//! A script is what `clap_complete` generates, made to offer what clap cannot know: profile names and
//! tags, which dctx is asked for at each TAB. No candidate is ever evaluated: `compgen -W` and the like
//! run the `$(…)` of what they are given.

use std::collections::{BTreeMap, BTreeSet};

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, CommandFactory as _, ValueHint};
use clap_complete::Shell;

use super::{Ctx, init, shell_names};
use crate::cli;
use crate::error::Result;
use crate::store;
use crate::tr;

/// What is asked of dctx at one place of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offer {
    /// The names of profiles.
    Names,
    /// The same, but for those that are on the line already.
    More,
    /// The names, and `-` for the one before.
    Use,
    /// The tags of profiles.
    Tags,
}

/// Which argument (by its id in the definition of the command line) of which verb gets what. Every
/// script is made from this one list.
const OFFERS: &[(&str, &str, Offer)] = &[
    ("use", "name", Offer::Use),
    ("use", "confirm", Offer::Names),
    ("ls", "glob", Offer::Names),
    ("ls", "tag", Offer::Tags),
    ("add", "tags", Offer::Tags),
    ("edit", "name", Offer::Names),
    ("edit", "tags", Offer::Tags),
    ("show", "name", Offer::Names),
    ("rename", "old", Offer::Names),
    ("rm", "names", Offer::More),
    ("exec", "name", Offer::Names),
    ("exec", "confirm", Offer::Names),
    ("shell", "name", Offer::Names),
    ("shell", "confirm", Offer::Names),
];

impl Offer {
    fn of(verb: &str, arg: &Arg) -> Option<Self> {
        let id = arg.get_id().as_str();
        OFFERS.iter().find(|(v, a, _)| (*v, *a) == (verb, id)).map(|(_, _, offer)| *offer)
    }

    /// What asks for it in bash, zsh and fish.
    const fn ask(self) -> [&'static str; 3] {
        match self {
            Self::Names => {
                ["_dctx_ask names", "_dctx_names", "command dctx __complete names-hosts"]
            }
            Self::More => [
                "_dctx_ask names new",
                "_dctx_more",
                "command dctx __complete names-hosts | __dctx_new",
            ],
            Self::Use => ["_dctx_ask use", "_dctx_use", "command dctx __complete use-hosts"],
            Self::Tags => ["_dctx_ask tags", "_dctx_tags", "command dctx __complete tags"],
        }
    }

    /// A hint that no argument of ours has, by which the place is found again in what clap generates:
    /// the hint, and what clap makes of it in zsh and, for options, in fish.
    const fn marker(self) -> (ValueHint, &'static str, &'static str) {
        match self {
            Self::Names => (ValueHint::Hostname, "_hosts", "__fish_print_hostnames"),
            Self::Tags => (ValueHint::Username, "_users", "__fish_complete_users"),
            Self::More => (ValueHint::EmailAddress, "_email_addresses", ""),
            Self::Use => (ValueHint::Url, "_urls", ""),
        }
    }
}

/// `dctx __complete`: candidates, one a line; `…-hosts` adds the host after a tab. Says nothing on a
/// fault: a completion is no place for it.
///
/// # Errors
/// Only writing.
pub fn candidates(ctx: &Ctx<'_>, args: &cli::Complete) -> Result<()> {
    let prefix = args.prefix.as_deref().unwrap_or_default();
    let mut text = String::new();
    let mut line = |word: &str, about: &str| {
        if word.starts_with(prefix) {
            text.push_str(word);
            if !about.is_empty() {
                text.push('\t');
                text.push_str(&crate::text::clean(about));
            }
            text.push('\n');
        }
    };
    match args.what.as_str() {
        what @ ("names" | "names-hosts" | "use" | "use-hosts") => {
            let hosts = what.ends_with("hosts");
            for (name, host) in store::names(ctx.env) {
                line(&name, if hosts { &host } else { "" });
            }
            let before = ctx.env.text("DCTX_PREVIOUS").filter(|_| what.starts_with("use"));
            if let Some(before) = before {
                let about = tr!(ctx.out.lang, "back to {before}", "回到 {before}");
                line("-", if hosts { &about } else { "" });
            }
        }
        "tags" => {
            let loaded = store::Store::load(ctx.env).unwrap_or_default();
            let tags = loaded.entries.iter().filter_map(|entry| entry.profile.as_ref().ok());
            let tags: BTreeSet<&String> = tags.flat_map(|p| &p.tags).collect();
            // A tag is free text; only what completion machinery cannot misread is offered.
            let plain = |c: char| c.is_alphanumeric() || "._+-@:/".contains(c);
            tags.into_iter().filter(|tag| tag.chars().all(plain)).for_each(|tag| line(tag, ""));
        }
        _ => {}
    }
    ctx.out.data(text.as_bytes())
}

/// `dctx completions SHELL`.
///
/// # Errors
/// Only writing.
pub fn script(ctx: &Ctx<'_>, args: &cli::Completions) -> Result<()> {
    ctx.out.data(completions(&args.shell).as_bytes())
}

/// The completion script of a shell; bash's where there is none of that name.
#[must_use]
pub fn completions(shell: &str) -> String {
    let tree = tree();
    match shell {
        "zsh" => zsh(tree),
        "fish" => fish(tree),
        "elvish" => generate(Shell::Elvish, tree),
        "powershell" => generate(Shell::PowerShell, tree),
        _ => bash(tree),
    }
}

fn generate(shell: Shell, mut tree: Command) -> String {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut tree, "dctx", &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// The command line as completion sees it: without what is hidden, and with every place marked.
fn tree() -> Command {
    let root = cli::Cli::command();
    let verbs = root.get_subcommands().filter(|verb| !verb.is_hide_set()).map(|verb| {
        let name = verb.get_name().to_owned();
        verb.clone().mut_args(|arg| mark(&name, arg))
    });
    Command::new("dctx")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .args(root.get_arguments().cloned())
        .subcommands(verbs)
}

fn mark(verb: &str, arg: Arg) -> Arg {
    match (verb, arg.get_id().as_str()) {
        (_, "shell") if verb == "init" => arg.value_parser(PossibleValuesParser::new(init::SHELLS)),
        (_, "shell") if verb != "completions" => {
            arg.value_parser(PossibleValuesParser::new(shell_names()))
        }
        _ => match Offer::of(verb, &arg) {
            Some(offer) => arg.value_hint(offer.marker().0),
            // Free text: the files of this directory are no help there.
            None if arg.get_value_hint() == ValueHint::Unknown
                && arg.get_action().takes_values() =>
            {
                arg.value_hint(ValueHint::Other)
            }
            None => arg,
        },
    }
}

/// Our own script throughout: what clap generates for bash breaks `--tls=verify` and words with a colon,
/// offers flags where a name stands, and evaluates its word lists.
fn bash(mut tree: Command) -> String {
    tree.build();
    let mut valued = BTreeSet::new();
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut all_flags = Vec::new();
    let mut verbs = Vec::new();
    for verb in std::iter::once(&tree).chain(tree.get_subcommands()) {
        let root = verb.get_name() == tree.get_name();
        let name = if root { "''" } else { verb.get_name() };
        verbs.extend((!root).then_some(name));
        let own: Vec<String> = verb.get_arguments().flat_map(flags).collect();
        all_flags.push(format!("    {name}) _dctx_words {} ;;", own.join(" ")));
        for arg in verb.get_arguments().filter(|arg| arg.get_action().takes_values()) {
            for flag in flags(arg) {
                let name = if arg.is_global_set() { "*" } else { name };
                places.entry(in_bash(name, arg)).or_default().insert(format!("{name},{flag}"));
                valued.extend((!arg.is_require_equals_set()).then_some(flag));
            }
        }
        for (at, arg) in verb.get_positionals().enumerate() {
            let at = if many(arg) { "[0-9]*".to_owned() } else { at.to_string() };
            places.entry(in_bash(name, arg)).or_default().insert(format!("{name},{at}"));
        }
    }
    places.insert(format!("_dctx_words {}", verbs.join(" ")), BTreeSet::from(["'',0".to_owned()]));
    let places: Vec<String> =
        places.into_iter().map(|(action, at)| format!("    {}) {action} ;;", join(&at))).collect();
    include_str!("../shell/init/complete.bash")
        .replace("    @PLACES@", &places.join("\n"))
        .replace("    @FLAGS@", &all_flags.join("\n"))
        .replace("@VALUED@", &join(&valued))
}

/// The alternatives of a pattern.
fn join(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(" | ")
}

fn in_bash(verb: &str, arg: &Arg) -> String {
    let values = values(arg);
    if !values.is_empty() {
        return format!("_dctx_words {}", values.join(" "));
    }
    match (Offer::of(verb, arg), arg.get_value_hint()) {
        (Some(offer), _) => {
            let [ask, _, _] = offer.ask();
            ask.to_owned()
        }
        (None, ValueHint::FilePath) => "_dctx_files".to_owned(),
        (None, ValueHint::DirPath) => "_dctx_dirs".to_owned(),
        (None, ValueHint::CommandWithArguments) => "_dctx_words --".to_owned(),
        _ => ":".to_owned(),
    }
}

/// What clap generates, with our functions at the marked places.
fn zsh(tree: Command) -> String {
    let mut text = generate(Shell::Zsh, tree);
    for offer in [Offer::Names, Offer::More, Offer::Use, Offer::Tags] {
        let (_, marker, _) = offer.marker();
        let [_, ask, _] = offer.ask();
        text = text.replace(&format!(":{marker}'"), &format!(":{ask}'"));
    }
    text = text.replace(":_cmdambivalent'", ":_dctx_command'");
    let body = text.split("\nif [ \"$funcstack[1]\"").next().unwrap_or_default();
    format!("{body}\n{}", include_str!("../shell/init/complete.zsh"))
}

/// The lines that clap generates complete verbs and flags; lines of our own say what stands where a verb
/// takes arguments without a flag. The functions that tell the place are ours: clap's fail in fish 3.1, and
/// know no place behind an option whose value is still to come.
fn fish(mut tree: Command) -> String {
    let generated = generate(Shell::Fish, tree.clone());
    let lines = generated.find("complete -c dctx").and_then(|at| generated.get(at..));
    let mut text = lines.unwrap_or_default().to_owned();
    for offer in [Offer::Names, Offer::Tags] {
        let (_, _, marker) = offer.marker();
        let [_, _, ask] = offer.ask();
        text = text.replace(&format!("\"({marker})\""), &format!("\"({ask})\""));
    }
    tree.build();
    let mut valued = BTreeSet::new();
    let mut places = String::new();
    for verb in std::iter::once(&tree).chain(tree.get_subcommands()) {
        for arg in verb.get_arguments().filter(|arg| arg.get_action().takes_values()) {
            valued.extend(flags(arg).filter(|_| !arg.is_require_equals_set()));
        }
        let name = verb.get_name();
        for (at, arg) in verb.get_positionals().enumerate() {
            let values = values(arg);
            let offer = match (Offer::of(name, arg), arg.get_value_hint()) {
                (Some(offer), _) => {
                    let [_, _, ask] = offer.ask();
                    format!("({ask})")
                }
                (None, ValueHint::CommandWithArguments) => "--".to_owned(),
                _ if !values.is_empty() => values.join(" "),
                _ => continue,
            };
            let at = if many(arg) { String::new() } else { format!(" {at}") };
            places.push_str(&format!(
                "complete -c dctx -n \"__dctx_at {name}{at}\" -f -a \"{offer}\"\n"
            ));
        }
    }
    let valued: Vec<String> = valued.into_iter().collect();
    let own = include_str!("../shell/init/complete.fish").replace("@VALUED@", &valued.join(" "));
    format!("{own}\n{text}{places}")
}

/// The spellings of a flag; none for an argument that has none.
fn flags(arg: &Arg) -> impl Iterator<Item = String> + '_ {
    let short = arg.get_short().filter(|_| !arg.is_positional()).map(|short| format!("-{short}"));
    short.into_iter().chain(arg.get_long().map(|long| format!("--{long}")))
}

/// Whether an argument may stand there more than once.
fn many(arg: &Arg) -> bool {
    !arg.is_last_set() && arg.get_num_args().is_some_and(|count| count.max_values() > 1)
}

/// The words that an argument takes; empty where it takes any.
fn values(arg: &Arg) -> Vec<String> {
    let values = arg.get_possible_values();
    values.iter().filter(|v| !v.is_hide_set()).map(|v| v.get_name().to_owned()).collect()
}
