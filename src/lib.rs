//! `dctx` points a shell at a remote Docker host and back again.
//!
//! [`run`] is the program: it parses, dispatches, reports, and is the one place that makes an exit code.

#![forbid(unsafe_code)]

pub mod cert;
pub mod check;
pub mod cli;
pub mod cmd;
pub mod env;
pub mod error;
pub mod exports;
pub mod file;
pub mod in_force;
pub mod interop;
pub mod output;
pub mod profile;
pub mod secret;
pub mod server;
pub mod shell;
pub mod store;
pub mod text;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};

use cli::{Cli, Color, Verb};
use cmd::Ctx;
use env::Env;
use error::Error;
use output::Output;

/// The exit code of `exec` and `shell` when dctx itself fails, as env(1) has it.
const EXEC_FAILED: u8 = 125;

/// Runs dctx. `args` begins with the program's name. Returns the exit code.
///
/// What a shell takes in `$(…)` never evaluates to a success, but for a `use` or `reset` that worked: an error, a panic
/// too, ends with the failing statement on standard output, and a page is kept from being evaluated.
#[must_use]
pub fn run(args: Vec<OsString>, env: &Env) -> u8 {
    if !env.stdout_tty {
        output::fail_on_panic();
    }
    // `dctx help VERB` is `dctx VERB --help`.
    let args = cmd::help::asked(args);
    let cli = match parse(&args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, &args, env),
    };
    let color = match cli.global.color {
        Color::Auto => None,
        Color::Always => Some(true),
        Color::Never => Some(false),
    };
    secret::keep_out_of_dumps();
    let out = Output::new(env, color, cli.global.quiet, cli.global.verbose);
    let ctx = Ctx { env, out: &out, no_input: cli.global.no_input };
    // The hook runs inside the function, where every line is typed plainly.
    if !matches!(cli.verb, Verb::Hook(_)) {
        out.type_with(typing(env, shell_named(&cli.verb)));
    }
    let prints = Prints::of(&cli);
    let done = match prints {
        Prints::Page => cmd::deliver::before_page(&ctx),
        _ => Ok(()),
    };
    let checked = done.and_then(|()| cmd::usage::check(&ctx, &cli, &args));
    let done = checked.and_then(|()| dispatch(&ctx, &cli.verb));
    // A prompt and a completion are no place for it.
    if !matches!(cli.verb, Verb::Hook(_) | Verb::Complete(_) | Verb::Watch(_)) {
        ctx.say_odd(done.as_ref().err());
    }
    match done {
        Ok(code) => {
            // What was found to be wrong is no success either, where there was nothing to print.
            if code != 0 && prints == Prints::Page && !out.wrote() {
                cmd::deliver::deliver_failure(&ctx, None, code);
            }
            if prints == Prints::Nothing {
                cmd::deliver::after_silence(&ctx);
            }
            code
        }
        Err(error) => {
            let code = code(&cli.verb, &error);
            // Where another word on the same line is all that it takes, the hint is that line.
            match cmd::usage::again::hints(&ctx, &args, &error) {
                Some(hints) => out.error_with(&error, &hints),
                None => out.error(&error),
            }
            if matches!(cli.verb, Verb::Use(_) | Verb::Reset(_)) || inside(&ctx, &cli.verb) {
                cmd::current::still(&ctx);
            }
            // What completion asks for is offered as it stands.
            if !matches!(cli.verb, Verb::Complete(_)) {
                cmd::deliver::deliver_failure(&ctx, shell_named(&cli.verb), code);
            }
            code
        }
    }
}

/// What a command that works prints on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prints {
    /// What a shell is to evaluate, or a program to read, byte for byte.
    Data,
    /// A page for people.
    Page,
    /// Nothing.
    Nothing,
}

impl Prints {
    fn of(cli: &Cli) -> Self {
        let page = |json: bool| if json { Self::Data } else { Self::Page };
        match &cli.verb {
            Verb::Current(args) => page(args.json),
            // Names alone are for scripts.
            Verb::Ls(args) => page(args.json || cli.global.quiet),
            Verb::Show(args) => page(args.json),
            Verb::Check(args) => page(args.json),
            Verb::Explain(args) => page(args.json),
            Verb::Cert(args) => match &args.verb {
                cli::cert::CertVerb::Show(args) => page(args.json),
                _ => Self::Nothing,
            },
            // A script that is to be read, and for another machine than this one.
            Verb::Server(args) if args.ssh.is_none() && args.out.is_none() => Self::Page,
            Verb::Add(_)
            | Verb::Edit(_)
            | Verb::Rename(_)
            | Verb::Rm(_)
            | Verb::Undo
            | Verb::Server(_)
            | Verb::Man(_) => Self::Nothing,
            Verb::Use(_)
            | Verb::Reset(_)
            | Verb::Exec(_)
            | Verb::Shell(_)
            | Verb::Init(_)
            | Verb::Completions(_)
            | Verb::Hook(_)
            | Verb::Watch(_)
            | Verb::Complete(_) => Self::Data,
        }
    }
}

/// The plainest command lines are read at once; whatever else there is goes through clap, which knows
/// every flag, alias and help text. Its whole tree costs more than all the rest of a verb whose output a
/// shell evaluates.
fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    match cli::plain::read(args) {
        Some(cli) => Ok(cli),
        None => Cli::from_arg_matches(&Cli::command().try_get_matches_from(args)?),
    }
}

fn dispatch(ctx: &Ctx<'_>, verb: &Verb) -> error::Result<u8> {
    match verb {
        Verb::Use(args) => cmd::switch::use_profile(ctx, args)?,
        Verb::Reset(args) => cmd::switch::reset(ctx, args)?,
        Verb::Current(args) => cmd::current::run(ctx, args)?,
        Verb::Ls(args) => cmd::ls::run(ctx, args)?,
        Verb::Add(args) => cmd::change::add(ctx, args)?,
        Verb::Edit(args) => cmd::change::edit_any(ctx, args)?,
        Verb::Show(args) => cmd::show::run(ctx, args)?,
        Verb::Rename(args) => cmd::change::rename(ctx, args)?,
        Verb::Rm(args) => cmd::change::rm(ctx, args)?,
        Verb::Undo => cmd::change::undo(ctx)?,
        Verb::Exec(args) => return cmd::exec::run(ctx, args),
        Verb::Shell(args) => return cmd::subshell::run(ctx, args),
        Verb::Check(args) => return cmd::check::run(ctx, args),
        Verb::Explain(args) => return cmd::explain::run(ctx, args),
        Verb::Server(args) => return cmd::server::run(ctx, args),
        Verb::Cert(args) => cmd::cert::run(ctx, args)?,
        Verb::Init(args) => cmd::init::run(ctx, args)?,
        Verb::Completions(args) => cmd::complete::script(ctx, args)?,
        Verb::Man(args) => cmd::manual::man(ctx, args)?,
        Verb::Hook(args) => cmd::hook::run(ctx, args)?,
        Verb::Watch(args) => cmd::key::watch(ctx, args)?,
        Verb::Complete(args) => cmd::complete::candidates(ctx, args)?,
    }
    Ok(0)
}

/// The exit code of a failure. `exec` and `shell` keep every number below 125 for what they run.
fn code(verb: &Verb, error: &Error) -> u8 {
    match (verb, error) {
        (Verb::Exec(_) | Verb::Shell(_), Error::Start { .. }) => error.code(),
        (Verb::Exec(_) | Verb::Shell(_), _) => EXEC_FAILED,
        // An editor that cannot be run is no command of the user's.
        (_, Error::Start { .. }) => 1,
        _ => error.code(),
    }
}

/// Whether this is `shell` inside a sub-shell, where a shell function takes what is printed.
fn inside(ctx: &Ctx<'_>, verb: &Verb) -> bool {
    matches!(verb, Verb::Shell(_)) && cmd::subshell::captured(ctx)
}

/// The shell that was named, if one was.
fn shell_named(verb: &Verb) -> Option<&str> {
    match verb {
        Verb::Use(args) => args.target.shell.as_deref(),
        Verb::Reset(args) => args.target.shell.as_deref(),
        _ => None,
    }
}

/// How a command has to be typed in the shell at work, for hints.
fn typing(env: &Env, named: Option<&str>) -> impl Fn(&str) -> String + Send + Sync + use<> {
    let (env, named) = (env.clone(), named.map(ToOwned::to_owned));
    move |command| cmd::deliver::typed(&env, command, named.as_deref())
}

/// Help, version, and errors in the command line.
fn usage(error: &clap::Error, args: &[OsString], env: &Env) -> u8 {
    let out = Output::new(env, None, false, false);
    let named = shell_flag(args);
    let ctx = Ctx { env, out: &out, no_input: true };
    let printed = match error.kind() {
        // One line, which scripts read; evaluated, it is a command that fails.
        ErrorKind::DisplayVersion => out.data(error.render().to_string().as_bytes()),
        ErrorKind::DisplayHelp => cmd::deliver::before_page(&ctx).and_then(|()| {
            out.data(cmd::help::page(args, out.lang, out.colors_stdout()).as_bytes())
        }),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            out.ask(&cmd::help::page(args, out.lang, out.colors_stderr()));
            cmd::deliver::deliver_failure(&ctx, named.as_deref(), 2);
            return 2;
        }
        _ => Err(cmd::usage::refused(&ctx, args, error)),
    };
    let Err(error) = printed else { return 0 };
    out.error(&error);
    let code = match verb(args) {
        Some("exec" | "shell") => EXEC_FAILED,
        _ => error.code(),
    };
    cmd::deliver::deliver_failure(&ctx, named.as_deref(), code);
    code
}

/// The verb of a command line that cannot be parsed: its first word that is no flag, nor a flag's value.
fn verb(args: &[OsString]) -> Option<&str> {
    let mut words = args.iter().skip(1).map(|arg| arg.to_str().unwrap_or_default());
    loop {
        match words.next()? {
            "--color" => drop(words.next()),
            word if !word.starts_with('-') => return Some(word),
            _ => {}
        }
    }
}

/// What `--shell` says on a command line that cannot be parsed.
fn shell_flag(args: &[OsString]) -> Option<String> {
    let mut words = args.iter().filter_map(|arg| arg.to_str());
    while let Some(word) = words.next() {
        if word == "--shell" {
            return words.next().map(ToOwned::to_owned);
        }
        if let Some(name) = word.strip_prefix("--shell=") {
            return Some(name.to_owned());
        }
    }
    None
}
