//! The completion scripts of bash, zsh and fish, made from the definition of the command line.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;

use super::{Offer, flags, many, values};

fn generate(shell: Shell, mut tree: Command) -> String {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut tree, "dctx", &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Our own script throughout: what clap generates for bash breaks `--tls=verify` and words with a colon,
/// offers flags where a name stands, and evaluates its word lists.
pub(super) fn bash(mut tree: Command) -> String {
    tree.build();
    let mut valued = BTreeSet::new();
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut all_flags = Vec::new();
    let mut verbs = Vec::new();
    for verb in std::iter::once(&tree).chain(tree.get_subcommands()) {
        let root = verb.get_name() == tree.get_name();
        let name = if root { "''" } else { verb.get_name() };
        verbs.extend((!root).then_some(name));
        let own: Vec<String> = arguments(verb).into_iter().flat_map(flags).collect();
        all_flags.push(format!("    {name}) _dctx_words {} ;;", own.join(" ")));
        for arg in arguments(verb).into_iter().filter(|arg| arg.get_action().takes_values()) {
            for flag in flags(arg) {
                let name = if arg.is_global_set() { "*" } else { name };
                places.entry(in_bash(name, arg)).or_default().insert(format!("{name},{flag}"));
                valued.extend((!arg.is_require_equals_set()).then_some(flag));
            }
        }
        if let (Some(below), false) = (below(verb), root) {
            let [ask, _, _] = Offer::Names.ask();
            places.entry(format!("_dctx_words {below}")).or_default().insert(format!("{name},0"));
            places.entry(ask.to_owned()).or_default().insert(format!("{name},1"));
        }
        for (at, arg) in verb.get_positionals().enumerate() {
            let at = if many(arg) { "[0-9]*".to_owned() } else { at.to_string() };
            places.entry(in_bash(name, arg)).or_default().insert(format!("{name},{at}"));
        }
    }
    places.insert(format!("_dctx_words {}", verbs.join(" ")), BTreeSet::from(["'',0".to_owned()]));
    let places: Vec<String> =
        places.into_iter().map(|(action, at)| format!("    {}) {action} ;;", join(&at))).collect();
    include_str!("../../shell/init/complete.bash")
        .replace("    @PLACES@", &places.join("\n"))
        .replace("    @FLAGS@", &all_flags.join("\n"))
        .replace("@VALUED@", &join(&valued))
}

/// The arguments of a verb with the flags of the verbs below it, each once.
fn arguments(verb: &Command) -> Vec<&Arg> {
    let mut all: Vec<&Arg> = verb.get_arguments().collect();
    if verb.get_name() == "dctx" {
        return all;
    }
    for arg in verb.get_subcommands().flat_map(Command::get_arguments) {
        if !arg.is_positional() && !all.iter().any(|known| known.get_id() == arg.get_id()) {
            all.push(arg);
        }
    }
    all
}

/// The names of the verbs below a verb, if there are any.
fn below(verb: &Command) -> Option<String> {
    let below = verb.get_subcommands().filter(|verb| !verb.is_hide_set());
    let below: Vec<&str> = below.map(Command::get_name).collect();
    (!below.is_empty()).then(|| below.join(" "))
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
pub(super) fn zsh(tree: Command) -> String {
    let mut text = generate(Shell::Zsh, tree);
    for offer in [Offer::Names, Offer::More, Offer::Use, Offer::Tags] {
        let (_, marker, _) = offer.marker();
        let [_, ask, _] = offer.ask();
        text = text.replace(&format!(":{marker}'"), &format!(":{ask}'"));
    }
    text = text.replace(":_cmdambivalent'", ":_dctx_command'");
    let body = text.split("\nif [ \"$funcstack[1]\"").next().unwrap_or_default();
    format!("{body}\n{}", include_str!("../../shell/init/complete.zsh"))
}

/// The lines that clap generates complete verbs and flags; lines of our own say what stands where a verb
/// takes arguments without a flag. The functions that tell the place are ours: clap's fail in fish 3.1, and
/// know no place behind an option whose value is still to come.
pub(super) fn fish(mut tree: Command) -> String {
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
        for arg in arguments(verb).into_iter().filter(|arg| arg.get_action().takes_values()) {
            valued.extend(flags(arg).filter(|_| !arg.is_require_equals_set()));
        }
        let name = verb.get_name();
        if let (Some(below), false) = (below(verb), name == "dctx") {
            let [_, _, ask] = Offer::Names.ask();
            places.push_str(&format!(
                "complete -c dctx -n \"__dctx_at {name} 0\" -f -a \"{below}\"\ncomplete -c dctx -n \"__dctx_at {name} 1\" -f -a \"({ask})\"\n"
            ));
        }
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
    let own = include_str!("../../shell/init/complete.fish").replace("@VALUED@", &valued.join(" "));
    format!("{own}\n{text}{places}")
}
