//! The manual pages: what clap knows, and what has to be written.

use std::fs;
use std::path::Path;

use clap::{ArgAction, Command, CommandFactory as _};
use clap_mangen::Man;

use super::Ctx;
use crate::cli;
use crate::error::{Error, Result};

/// What is said of dctx as a whole, behind the list of its options.
const SECTIONS: &str = include_str!("manual.roff");

/// `dctx man DIR`: `dctx.1` and a page for each command.
///
/// # Errors
/// When a page cannot be written.
pub fn man(_: &Ctx<'_>, args: &cli::Man) -> Result<()> {
    let write = |path: &Path, text: &str| {
        fs::write(path, text).map_err(|source| Error::Write { path: path.to_owned(), source })
    };
    fs::create_dir_all(&args.dir)
        .map_err(|source| Error::Write { path: args.dir.clone(), source })?;
    for (name, text) in manual() {
        write(&args.dir.join(name), &text)?;
    }
    Ok(())
}

/// The manual pages: file name and text (roff).
#[must_use]
pub fn manual() -> Vec<(String, String)> {
    let mut root = cli::Cli::command();
    root.build();
    let mut out = vec![("dctx.1".to_owned(), first_page(&root))];
    for verb in root.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        out.push((format!("dctx-{}.1", verb.get_name()), page(verb)));
    }
    out
}

/// The page of dctx itself.
fn first_page(root: &Command) -> String {
    let command = as_usage(root.clone()).subcommand_help_heading("COMMANDS");
    let man = titled(command, "DCTX");
    let mut page = Vec::new();
    // Writing into memory does not fail.
    let _ = man.render_title(&mut page);
    let _ = man.render_name_section(&mut page);
    let _ = man.render_synopsis_section(&mut page);
    let mut commands = Vec::new();
    let _ = man.render_subcommands_section(&mut commands);
    let _ = man.render_options_section(&mut commands);
    text(page) + &SECTIONS.replace(".\\\" commands and options\n", &text(commands))
}

/// The page of one command. What every command takes is told in dctx(1).
fn page(verb: &Command) -> String {
    let notes = verb.get_after_help().map(ToString::to_string);
    let command = as_usage(verb.clone()).mut_args(|arg| {
        let everywhere = arg.is_global_set()
            || matches!(arg.get_action(), ArgAction::Help | ArgAction::HelpShort);
        arg.hide(everywhere)
    });
    let name = format!("dctx-{}", verb.get_name());
    let options = command.get_arguments().any(|arg| !arg.is_hide_set());
    let man = titled(command, &name.to_uppercase());
    let mut page = Vec::new();
    let _ = man.render_title(&mut page);
    let _ = man.render_name_section(&mut page);
    let _ = man.render_synopsis_section(&mut page);
    if options {
        let _ = man.render_options_section(&mut page);
    }
    let mut page = text(page);
    let below: String = command_pages(verb);
    if !below.is_empty() {
        page.push_str(&format!(".SH COMMANDS\n{below}"));
    }
    if let Some(notes) = notes {
        page.push_str(".SH NOTES\n.nf\n");
        notes.lines().for_each(|line| page.push_str(&format!("{}\n", roff(line))));
        page.push_str(".fi\n");
    }
    page + ".SH SEE ALSO\n.BR dctx (1),\nalso for the options of every command\n"
}

/// The verbs below a verb, one after the other: usage, what each does, its options and notes.
fn command_pages(verb: &Command) -> String {
    let mut out = String::new();
    for below in verb.get_subcommands().filter(|below| !below.is_hide_set()) {
        let command = as_usage(below.clone()).mut_args(|arg| {
            let everywhere = arg.is_global_set()
                || matches!(arg.get_action(), ArgAction::Help | ArgAction::HelpShort);
            arg.hide(everywhere)
        });
        let usage = below.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage:").trim().to_owned();
        let about = below.get_about().map(ToString::to_string).unwrap_or_default();
        out.push_str(&format!(".SS {}\n{}\n", roff(&usage), roff(&about)));
        let mut options = Vec::new();
        let _ = titled(command, "").render_options_section(&mut options);
        let options = text(options);
        let options = options.lines().filter(|line| !line.starts_with(".SH "));
        options.for_each(|line| out.push_str(&format!("{line}\n")));
        if let Some(notes) = below.get_after_help() {
            out.push_str(".PP\n.nf\n");
            notes.to_string().lines().for_each(|line| out.push_str(&format!("{}\n", roff(line))));
            out.push_str(".fi\n");
        }
    }
    out
}

fn titled(command: Command, title: &str) -> Man {
    let source = concat!("dctx ", env!("CARGO_PKG_VERSION"));
    Man::new(command).title(title).source(source).manual("Manual of dctx")
}

/// The synopsis as `--help` has it, and no list of values that the text before it names already.
fn as_usage(mut command: Command) -> Command {
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().to_owned();
    command.override_usage(usage).mut_args(|arg| arg.hide_possible_values(true))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

/// A line of text as roff takes it: `\` and `-` as themselves, and no line that begins with a control
/// character (groff(7)).
fn roff(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-").replace('`', "\\`");
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
}
