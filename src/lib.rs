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
#[must_use]
pub fn run(args: Vec<OsString>, env: &Env) -> u8 {
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
    let done = dispatch(&ctx, &cli.verb);
    // A prompt and a completion are no place for it.
    if !matches!(cli.verb, Verb::Hook(_) | Verb::Complete(_) | Verb::Watch(_)) {
        ctx.say_odd(done.as_ref().err());
    }
    match done {
        Ok(code) => code,
        Err(error) => {
            let code = code(&cli.verb, &error);
            out.error(&error);
            if let Some(named) = evaluated(env, &cli.verb) {
                cmd::current::still(&ctx);
                cmd::deliver::deliver_failure(&ctx, named, code);
            }
            code
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

/// For a verb whose output is evaluated: the shell that was named, if one was.
fn evaluated<'v>(env: &Env, verb: &'v Verb) -> Option<Option<&'v str>> {
    match verb {
        Verb::Use(args) => Some(args.target.shell.as_deref()),
        Verb::Reset(args) => Some(args.target.shell.as_deref()),
        Verb::Shell(args) if cmd::subshell::captured(env) => Some(args.shell.as_deref()),
        _ => None,
    }
}

/// Help, version, and errors in the command line.
fn usage(error: &clap::Error, args: &[OsString], env: &Env) -> u8 {
    let out = Output::new(env, None, false, false);
    let ctx = Ctx { env, out: &out, no_input: true };
    let rendered = error.render();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = if out.colors_stdout() {
                rendered.ansi().to_string()
            } else {
                rendered.to_string()
            };
            match out.data(text.as_bytes()) {
                Ok(()) => 0,
                Err(error) => {
                    out.error(&error);
                    error.code()
                }
            }
        }
        _ => {
            // What was typed stands in it, and may hold what nobody sees.
            let plain = rendered.to_string();
            let clean = output::clean_lines(&plain);
            let text = if out.colors_stderr() && clean == plain {
                rendered.ansi().to_string()
            } else {
                clean
            };
            let error = Error::Usage(text);
            out.error(&error);
            let verb = verb(args);
            if matches!(verb, Some("use" | "env" | "reset" | "off")) {
                cmd::deliver::deliver_failure(&ctx, shell_flag(args).as_deref(), error.code());
            }
            match verb {
                Some("exec" | "shell") => EXEC_FAILED,
                _ => error.code(),
            }
        }
    }
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
