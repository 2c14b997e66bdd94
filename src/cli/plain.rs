//! The plainest command lines of the verbs that a shell evaluates, read without clap.
//!
//! Building clap's definition of even one verb costs more instructions than everything else `use` does.
//! What is read here means to clap exactly the same, which a test holds on thousands of command lines;
//! everything else (any other flag, a flag twice, a word that is not UTF-8) is `None`, and clap's.

use std::ffi::OsString;

use super::{Cli, Complete, Current, Global, Reset, Target, Use, Verb};

/// `use NAME`, `reset`, `current`, `__complete WHAT [PREFIX]`; the first two under their other names too,
/// and with `--shell S`, `--session` or `-U` anywhere after the verb. `args` begins with the program's
/// name.
#[must_use]
pub fn read(args: &[OsString]) -> Option<Cli> {
    let mut args = args.iter().skip(1).map(|arg| arg.to_str());
    let verb = args.next()??;
    let is_use = matches!(verb, "use" | "env");
    let evaluated = is_use || matches!(verb, "reset" | "off");
    let mut target = Target::default();
    let (mut first, mut second) = (None, None);
    while let Some(arg) = args.next() {
        match arg? {
            "--shell" if evaluated && target.shell.is_none() => {
                target.shell = Some(value(args.next()??)?);
            }
            // Not both, and neither twice.
            "--session" if evaluated && !target.session && !target.universal => {
                target.session = true;
            }
            "-U" | "--universal" if evaluated && !target.session && !target.universal => {
                target.universal = true;
            }
            // The name of the profile before this one.
            "-" if is_use && first.is_none() => first = Some("-".to_owned()),
            word if first.is_none() => first = Some(value(word)?),
            // Nothing has been typed yet of the word to complete.
            "" if second.is_none() => second = Some(String::new()),
            word if second.is_none() => second = Some(value(word)?),
            _ => return None,
        }
    }
    let verb = match (verb, first, second) {
        ("use" | "env", name, None) => {
            Verb::Use(Use { name, target, confirm: None, accept: None, limit: None, check: false })
        }
        ("reset" | "off", None, None) => Verb::Reset(Reset { all: false, target }),
        ("__hook", None, None) => Verb::Hook(super::Hook { start: false }),
        ("current", None, None) => Verb::Current(Current { json: false }),
        ("__complete", Some(what), word) => {
            Verb::Complete(Complete { what, words: word.into_iter().map(OsString::from).collect() })
        }
        _ => return None,
    };
    Some(Cli { global: Global::default(), verb })
}

/// A word that cannot be a flag.
fn value(word: &str) -> Option<String> {
    (!word.is_empty() && !word.starts_with('-')).then(|| word.to_owned())
}
