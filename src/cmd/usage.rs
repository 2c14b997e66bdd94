//! Command lines that dctx does not take: what is wrong with them, in our words, and the whole command that was
//! probably meant. clap finds the faults; its own messages are neither translated nor whole commands.

pub mod again;
mod guess;

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Command, CommandFactory as _};

use super::{Ctx, deliver};
use crate::cli::{self, Cli, Verb};
use crate::error::{Error, Hint, Lang};
use crate::tr;

/// The words of a command line, and the command that they name.
struct Line<'a> {
    ctx: &'a Ctx<'a>,
    /// All words but the program's name.
    words: Vec<String>,
    /// The command: `dctx`, or one below it.
    command: Command,
    /// The names on the way there, such as `cert` and `new`.
    path: Vec<String>,
    /// Where its own words begin.
    start: usize,
}

impl<'a> Line<'a> {
    fn read(ctx: &'a Ctx<'a>, args: &[OsString]) -> Self {
        let words: Vec<String> =
            args.iter().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
        let mut command = Cli::command();
        command.build();
        let (mut path, mut start, mut at) = (Vec::new(), 0, 0);
        while let Some(word) = words.get(at) {
            at += 1;
            if word.starts_with('-') {
                // The one option of dctx itself that has a value.
                at += usize::from(word == "--color");
                continue;
            }
            let Some(below) = command.find_subcommand(word).cloned() else { break };
            path.push(below.get_name().to_owned());
            (command, start) = (below, at);
        }
        Self { ctx, words, command, path, start }
    }

    const fn lang(&self) -> Lang {
        self.ctx.out.lang
    }

    /// The command's name, such as `cert new`.
    fn name(&self) -> String {
        if self.path.is_empty() { "dctx".to_owned() } else { self.path.join(" ") }
    }

    /// The words behind the command.
    fn own(&self) -> &[String] {
        self.words.get(self.start..).unwrap_or_default()
    }

    /// The words in front of the first one that names a command, which are flags of dctx itself.
    fn global(&self) -> &[String] {
        let first = self.words.iter().position(|word| !word.starts_with('-'));
        self.words.get(..first.unwrap_or_default()).unwrap_or_default()
    }

    /// A whole command to type: `dctx`, the command, and these words, quoted for a shell.
    fn whole(&self, words: impl IntoIterator<Item = String>) -> String {
        let path = self.path.iter().cloned();
        whole(self.global().iter().cloned().chain(path).chain(words))
    }

    /// Where all of the command is told.
    fn help(&self) -> Hint {
        let say = tr!(self.lang(), "more about it", "详细说明");
        match self.path.first() {
            None => Hint::run(say, "dctx help"),
            Some(_) => Hint::run(say, format!("dctx help {}", self.path.join(" "))),
        }
    }

    fn typed(&self, run: String) -> Hint {
        Hint::run(tr!(self.lang(), "type", "请输入"), run)
    }
}

/// `dctx` and these words, quoted where a shell needs it; what stands for a value (`NAME`) stays bare.
fn whole(words: impl IntoIterator<Item = String>) -> String {
    let mut line = "dctx".to_owned();
    for word in words {
        line.push(' ');
        // A flag with its value is quoted as people do it: --host='a b'
        match word.split_once('=').filter(|(flag, _)| flag.starts_with("--")) {
            Some((flag, value)) if shell_words::quote(flag) == flag => {
                line.push_str(&format!("{flag}={}", shell_words::quote(value)));
            }
            _ => line.push_str(&shell_words::quote(&word)),
        }
    }
    line
}

/// What is wrong with a command line that clap refuses.
#[must_use]
pub fn refused(ctx: &Ctx<'_>, args: &[OsString], error: &clap::Error) -> Error {
    let line = Line::read(ctx, args);
    let lang = line.lang();
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    };
    let (arg, value) = (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue));
    let flag = arg.split([' ', '=']).next().map(bare).unwrap_or_default();
    let name = line.name();
    let (message, hints) = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            guess::command(&line, &text(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => guess::argument(&line, &flag),
        ErrorKind::MissingRequiredArgument => missing(&line, &arg),
        ErrorKind::InvalidValue if value.is_empty() => {
            let takes = values(&line, &flag);
            (
                tr!(lang, "{flag} needs a value{takes}", "{flag} 需要一个值{takes}"),
                vec![line.help()],
            )
        }
        ErrorKind::InvalidValue => {
            let takes = values(&line, &flag);
            let hints = match error.get(ContextKind::SuggestedValue) {
                Some(ContextValue::String(near)) => {
                    vec![line.typed(whole(replaced(&line.words, &value, near)))]
                }
                _ => vec![line.help()],
            };
            (
                tr!(
                    lang,
                    "{flag} does not take \"{value}\"{takes}",
                    "{flag} 不接受 \"{value}\"{takes}"
                ),
                hints,
            )
        }
        ErrorKind::ValueValidation => {
            let why = invalid(error, lang);
            (tr!(lang, "{flag} {value}: {why}", "{flag} {value}：{why}"), vec![line.help()])
        }
        ErrorKind::ArgumentConflict => {
            let prior = text(ContextKind::PriorArg);
            let other = prior.split([' ', '=']).next().map(bare).unwrap_or_default();
            let both = match other == flag || other.is_empty() {
                true => tr!(lang, "{flag} may be given only once", "{flag} 只能出现一次"),
                false => tr!(
                    lang,
                    "{flag} and {other} cannot be used together",
                    "{flag} 与 {other} 不能同时使用"
                ),
            };
            (both, vec![line.help()])
        }
        ErrorKind::NoEquals => (
            tr!(
                lang,
                "{flag} takes its value after a =, such as {flag}=false",
                "{flag} 的值写在 = 之后，例如 {flag}=false"
            ),
            vec![line.help()],
        ),
        ErrorKind::InvalidUtf8 => {
            (tr!(lang, "an argument is not UTF-8", "有参数不是 UTF-8 编码"), vec![line.help()])
        }
        ErrorKind::MissingSubcommand => {
            (tr!(lang, "{name} needs a command", "{name} 需要一个命令"), vec![line.help()])
        }
        _ => (
            tr!(lang, "{name}: the arguments are not valid", "{name}：参数不正确"),
            vec![line.help()],
        ),
    };
    Error::Usage { message, hints }
}

/// What dctx would take, and is not what was meant: a host where the name stands, a flag where a name stands.
///
/// # Errors
/// [`Error::Usage`] with the whole command that was probably meant.
pub fn check(ctx: &Ctx<'_>, cli: &Cli, args: &[OsString]) -> Result<(), Error> {
    let fault = |make: &dyn Fn(&Line<'_>) -> (String, Vec<Hint>)| {
        let (message, hints) = make(&Line::read(ctx, args));
        Err(Error::Usage { message, hints })
    };
    match &cli.verb {
        Verb::Use(found)
            if found.name.as_ref().is_some_and(|n| n.len() > 1 && n.starts_with('-'))
                // behind `--` it is meant as a name
                && args.iter().all(|arg| arg != "--") =>
        {
            let flag = found.name.clone().unwrap_or_default();
            fault(&|line| guess::argument(line, flag.split('=').next().unwrap_or_default()))
        }
        Verb::Add(found) if guess::is_host(&found.name) && !guess::is_host(&found.host) => {
            fault(&|line| guess::swapped(line, &found.name, &found.host))
        }
        Verb::Add(cli::Add { fields, .. }) | Verb::Edit(cli::Edit { fields, .. }) => {
            match fields.cert.as_deref().filter(|path| guess::is_dir(ctx, path)) {
                Some(dir) => fault(&|line| guess::cert_is_a_directory(line, dir)),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// An argument as clap names it, without its brackets and dots.
fn bare(arg: &str) -> String {
    let text: String = arg.chars().filter(|c| !matches!(c, '<' | '>' | '[' | ']')).collect();
    text.trim_end_matches("...").trim().to_owned()
}

/// What is still to be typed, behind what has been.
fn missing(line: &Line<'_>, args: &str) -> (String, Vec<Hint>) {
    let (lang, name) = (line.lang(), line.name());
    let wanted: Vec<String> = args.split(", ").map(bare).collect();
    let list = wanted.join(tr!(lang, " and ", " 和 ").as_str());
    // what no name can hold is not repeated as one
    let typed = line.own().iter().map(|word| match crate::text::hidden_in(word) {
        Some(_) => "NAME".to_owned(),
        None => word.clone(),
    });
    let mut words: Vec<String> = typed.collect();
    for arg in &wanted {
        if arg == "CMD" && !words.iter().any(|word| word == "--") {
            words.push("--".to_owned());
        }
        words.extend(arg.split(' ').map(ToOwned::to_owned));
    }
    let run = line.whole(words);
    (tr!(lang, "{name} needs {list}", "{name} 需要 {list}"), vec![line.typed(run), line.help()])
}

/// What an option may be, as the end of a sentence; empty where anything may stand.
fn values(line: &Line<'_>, flag: &str) -> String {
    let lang = line.lang();
    let is_it = |arg: &&clap::Arg| {
        arg.get_long().is_some_and(|long| flag == format!("--{long}"))
            || arg.get_short().is_some_and(|short| flag == format!("-{short}"))
            || (arg.is_positional()
                && arg
                    .get_value_names()
                    .is_some_and(|names| names.iter().any(|name| flag == name.as_str())))
    };
    let found = line.command.get_arguments().find(is_it);
    let known = found.filter(|arg| !matches!(arg.get_action(), ArgAction::SetTrue));
    let values: Vec<String> = known
        .map(|arg| {
            let values = arg.get_possible_values();
            values.iter().filter(|v| !v.is_hide_set()).map(|v| v.get_name().to_owned()).collect()
        })
        .unwrap_or_default();
    if values.is_empty() {
        return String::new();
    }
    let list = values.join(tr!(lang, ", ", "、").as_str());
    tr!(lang, "; use one of {list}", "；可取 {list}")
}

/// Why a value is none, from what clap's parsers of numbers and the standard library say.
fn invalid(error: &clap::Error, lang: Lang) -> String {
    use std::error::Error as _;
    let said = error.source().map(ToString::to_string).unwrap_or_default();
    if let Some((_, range)) = said.split_once(" is not in ")
        && let Some((low, high)) = range.split_once("..")
    {
        let high = high.trim_start_matches('=');
        return match high {
            "" => tr!(lang, "must be at least {low}", "最小为 {low}"),
            high => tr!(lang, "must be from {low} to {high}", "须在 {low} 到 {high} 之间"),
        };
    }
    if said.contains("IP address") {
        return tr!(lang, "must be an IP address", "须为 IP 地址");
    }
    if said.contains("digit") || said.contains("number") {
        return tr!(lang, "must be a whole number", "须为整数");
    }
    tr!(lang, "not a valid value", "不是合法的值")
}

/// The words with one of them, or what stands behind its `=`, replaced.
fn replaced<'w>(
    words: &'w [String],
    old: &'w str,
    new: &'w str,
) -> impl Iterator<Item = String> + use<'w> {
    words.iter().map(move |word| match word.split_once('=') {
        _ if word == old => new.to_owned(),
        Some((flag, value)) if value == old => format!("{flag}={new}"),
        _ => word.clone(),
    })
}

/// `dctx use NAME` as it has to be typed in the shell at work.
fn in_shell(ctx: &Ctx<'_>, command: &str) -> String {
    deliver::typed(ctx.env, command, None)
}
