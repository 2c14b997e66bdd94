//! What completion scripts ask, and the scripts themselves.
//!
//! A script is what `clap_complete` generates, made to offer what clap cannot know: profile names and
//! tags, which dctx is asked for at each TAB. No candidate is ever evaluated: `compgen -W` and the like
//! run the `$(…)` of what they are given.

mod line;
mod scripts;

use std::collections::BTreeSet;

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, CommandFactory as _, ValueHint};

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
    ("server", "name", Offer::Names),
    ("server", "confirm", Offer::Names),
    ("shell", "confirm", Offer::Names),
    ("check", "names", Offer::More),
    ("check", "tag", Offer::Tags),
    ("explain", "profile", Offer::Names),
    ("cert", "name", Offer::Names),
];

impl Offer {
    fn of(verb: &str, arg: &Arg) -> Option<Self> {
        let id = arg.get_id().as_str();
        // What holds for a verb holds for the verbs below it.
        let verb = verb.split(' ').next().unwrap_or_default();
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

/// `dctx __complete`: candidates, one a line; `…-hosts` adds the host after a tab. `line` is asked with
/// all words of a command line, each with a `=` before it (Windows PowerShell drops an argument that is
/// empty), and answers as [`line::Answer`] has it. Says nothing on a fault: a completion is no place for
/// it.
///
/// # Errors
/// Only writing.
pub fn candidates(ctx: &Ctx<'_>, args: &cli::Complete) -> Result<()> {
    let mut words = args.words.iter().map(|word| word.to_string_lossy());
    if args.what == "line" {
        let words: Vec<String> = words.map(|w| w.strip_prefix('=').unwrap_or(&w).into()).collect();
        let mut tree = super::help::told(tree(), ctx.out.lang);
        tree.build();
        let answer = line::answer(&tree, &words, &|offer| offered(ctx, offer));
        return ctx.out.data(answer.text().as_bytes());
    }
    let prefix = words.next().unwrap_or_default();
    let offer = match args.what.as_str() {
        "names" | "names-hosts" => Offer::Names,
        "use" | "use-hosts" => Offer::Use,
        "tags" => Offer::Tags,
        _ => return Ok(()),
    };
    let mut found = offered(ctx, offer);
    found.retain(|(word, _)| word.starts_with(&*prefix));
    if !args.what.ends_with("hosts") {
        found.iter_mut().for_each(|(_, about)| about.clear());
    }
    ctx.out.data(line::lines(&found).as_bytes())
}

/// What is offered now, and what each is about.
fn offered(ctx: &Ctx<'_>, offer: Offer) -> Vec<(String, String)> {
    if offer == Offer::Tags {
        let loaded = store::Store::load(ctx.env).unwrap_or_default();
        let tags = loaded.entries.iter().filter_map(|entry| entry.profile.as_ref().ok());
        let tags: BTreeSet<&String> = tags.flat_map(|p| &p.tags).collect();
        // A tag is free text; only what completion machinery cannot misread is offered.
        let plain = |c: char| c.is_alphanumeric() || "._+-@:/".contains(c);
        let tags = tags.into_iter().filter(|tag| tag.chars().all(plain));
        return tags.map(|tag| (tag.clone(), String::new())).collect();
    }
    let mut found: Vec<_> = store::names(ctx.env).into_iter().collect();
    let before = ctx.env.text("DCTX_PREVIOUS").filter(|_| offer == Offer::Use);
    found
        .extend(before.map(|before| {
            ("-".to_owned(), tr!(ctx.out.lang, "back to {before}", "回到 {before}"))
        }));
    found
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
        "zsh" => scripts::zsh(tree),
        "fish" => scripts::fish(tree),
        "elvish" => include_str!("../shell/init/complete.elv").to_owned(),
        "nu" | "nushell" => include_str!("../shell/init/complete.nu").to_owned(),
        "pwsh" | "powershell" => include_str!("../shell/init/complete.ps1").to_owned(),
        "xonsh" => include_str!("../shell/init/complete.xsh").to_owned(),
        _ => scripts::bash(tree),
    }
}

/// The command line as completion sees it: without what is hidden, and with every place marked.
fn tree() -> Command {
    let root = cli::Cli::command();
    let verbs = root.get_subcommands().filter(|verb| !verb.is_hide_set()).map(|verb| {
        let name = verb.get_name().to_owned();
        let marked = verb.clone().mut_args(|arg| mark(&name, arg));
        marked.mut_subcommands(|below| below.mut_args(|arg| mark(&name, arg)))
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
