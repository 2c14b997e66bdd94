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

/// A command with the words that lead to it: `cert new`; none for dctx itself.
type Named<'a> = (String, &'a Command);

/// dctx, its verbs, and the verbs below those.
fn commands(tree: &Command) -> Vec<Named<'_>> {
    let mut all = vec![(String::new(), tree)];
    for verb in visible(tree) {
        let name = verb.get_name();
        all.push((name.to_owned(), verb));
        all.extend(visible(verb).map(|below| (format!("{name} {}", below.get_name()), below)));
    }
    all
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|verb| !verb.is_hide_set())
}

/// The names of the verbs below a verb, if there are any.
fn below(verb: &Command) -> Option<String> {
    let below: Vec<&str> = visible(verb).map(Command::get_name).collect();
    (!below.is_empty()).then(|| below.join(" "))
}

/// Our own script throughout: what clap generates for bash breaks `--tls=verify` and words with a colon,
/// offers flags where a name stands, and evaluates its word lists.
pub(super) fn bash(mut tree: Command) -> String {
    tree.build();
    let mut valued = BTreeSet::new();
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut all_flags = Vec::new();
    let mut nested = BTreeSet::new();
    for (path, verb) in commands(&tree) {
        // a pattern of its own words
        let name =
            if path.is_empty() || path.contains(' ') { format!("'{path}'") } else { path.clone() };
        let own: Vec<String> = verb.get_arguments().flat_map(flags).collect();
        all_flags.push(format!("    {name}) _dctx_words {} ;;", own.join(" ")));
        for arg in verb.get_arguments().filter(|arg| arg.get_action().takes_values()) {
            for flag in flags(arg) {
                let name = if arg.is_global_set() { "*" } else { &name };
                places.entry(in_bash(&path, arg)).or_default().insert(format!("{name},{flag}"));
                valued.extend((!arg.is_require_equals_set()).then(|| format!("{name},{flag}")));
            }
        }
        if let Some(below) = below(verb) {
            places.entry(format!("_dctx_words {below}")).or_default().insert(format!("{name},0"));
            nested.extend((!path.is_empty()).then(|| name.clone()));
        }
        for (at, arg) in verb.get_positionals().enumerate() {
            let at = if many(arg) { "[0-9]*".to_owned() } else { at.to_string() };
            places.entry(in_bash(&path, arg)).or_default().insert(format!("{name},{at}"));
        }
    }
    let places: Vec<String> =
        places.into_iter().map(|(action, at)| format!("    {}) {action} ;;", join(&at))).collect();
    include_str!("../../shell/init/complete.bash")
        .replace("    @PLACES@", &places.join("\n"))
        .replace("    @FLAGS@", &all_flags.join("\n"))
        .replace("@NESTED@", &join(&nested))
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
        // a file, a directory, or a profile
        (None, ValueHint::AnyPath) => "_dctx_any".to_owned(),
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
    // a path, or a profile
    let any = |line: &str| match line.strip_suffix(":_files' \\") {
        Some(place) if line.starts_with("'::what -- ") => format!("{place}:_dctx_any' \\"),
        _ => line.to_owned(),
    };
    text = text.lines().map(any).collect::<Vec<_>>().join("\n");
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
    let mut nested = Vec::new();
    let mut places = String::new();
    for (path, verb) in commands(&tree) {
        let quoted = if path.contains(' ') { format!("'{path}'") } else { path.clone() };
        for arg in verb.get_arguments().filter(|arg| arg.get_action().takes_values()) {
            let name = if arg.is_global_set() { "" } else { &path };
            let flags = flags(arg).filter(|_| !arg.is_require_equals_set());
            valued.extend(flags.map(|flag| format!("'{name} {flag}'")));
        }
        if below(verb).is_some() && !path.is_empty() {
            nested.push(quoted.clone());
            // clap's own look at every word of the line, and a profile may be called like a verb
            let using = format!("__fish_dctx_using_subcommand {path}; and ");
            let all = below(verb).unwrap_or_default();
            text = text.replace(
                &format!("{using}not __fish_seen_subcommand_from {all}\""),
                &format!("__dctx_at {quoted}\""),
            );
            for one in visible(verb).map(Command::get_name) {
                text = text.replace(
                    &format!("{using}__fish_seen_subcommand_from {one}\""),
                    &format!("__dctx_at '{path} {one}'\""),
                );
            }
        }
        for (at, arg) in verb.get_positionals().enumerate() {
            let values = values(arg);
            let offer = match (Offer::of(&path, arg), arg.get_value_hint()) {
                (Some(offer), _) => {
                    let [_, _, ask] = offer.ask();
                    format!("-f -a \"({ask})\"")
                }
                (None, ValueHint::CommandWithArguments) => "-f -a \"--\"".to_owned(),
                (None, ValueHint::FilePath) => "-F".to_owned(),
                (None, ValueHint::AnyPath) => {
                    let [_, _, ask] = Offer::Names.ask();
                    format!("-F -a \"({ask})\"")
                }
                (None, ValueHint::DirPath) => "-f -a \"(__fish_complete_directories)\"".to_owned(),
                _ if !values.is_empty() => format!("-f -a \"{}\"", values.join(" ")),
                _ => continue,
            };
            let at = if many(arg) { String::new() } else { format!(" {at}") };
            places.push_str(&format!("complete -c dctx -n \"__dctx_at {quoted}{at}\" {offer}\n"));
        }
    }
    let valued: Vec<String> = valued.into_iter().collect();
    let own = include_str!("../../shell/init/complete.fish")
        .replace("@VALUED@", &valued.join(" "))
        .replace("@NESTED@", &nested.join(" "));
    format!("{own}\n{text}{places}")
}
