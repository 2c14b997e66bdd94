//! What completion scripts ask, and the scripts themselves; manual pages.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Ctx, shell_names};
use crate::cli;
use crate::error::{Error, Result};
use crate::store;

/// `dctx __complete`: candidates, one a line; `names-hosts` adds the host after a tab. Says nothing on a
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
        "names" => store::names(ctx.env).iter().for_each(|(name, _)| line(name, "")),
        "names-hosts" => store::names(ctx.env).iter().for_each(|(name, host)| line(name, host)),
        "tags" => {
            let loaded = store::Store::load(ctx.env).unwrap_or_default();
            let tags = loaded.entries.iter().filter_map(|entry| entry.profile.as_ref().ok());
            let tags: std::collections::BTreeSet<&String> = tags.flat_map(|p| &p.tags).collect();
            // A tag is free text; only what completion machinery cannot misread is offered.
            let plain = |c: char| c.is_alphanumeric() || "._+-@:/".contains(c);
            tags.into_iter().filter(|tag| tag.chars().all(plain)).for_each(|tag| line(tag, ""));
        }
        "shells" => shell_names().iter().for_each(|name| line(name, "")),
        _ => {}
    }
    ctx.out.data(text.as_bytes())
}

/// `dctx completions SHELL`.
///
/// # Errors
/// Only writing.
pub fn script(ctx: &Ctx<'_>, args: &cli::Completions) -> Result<()> {
    ctx.out.data(&completions(&args.shell))
}

/// The completion script of a shell.
#[must_use]
pub fn completions(shell: &str) -> Vec<u8> {
    let shell = match shell {
        "zsh" => Shell::Zsh,
        "fish" => Shell::Fish,
        "elvish" => Shell::Elvish,
        "powershell" => Shell::PowerShell,
        _ => Shell::Bash,
    };
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut cli::Cli::command(), "dctx", &mut out);
    out
}

/// `dctx man DIR`: `dctx.1` and a page for each command.
///
/// # Errors
/// When a page cannot be written.
pub fn man(_: &Ctx<'_>, args: &cli::Man) -> Result<()> {
    let write = |path: &Path, text: &[u8]| {
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
pub fn manual() -> Vec<(String, Vec<u8>)> {
    let mut root = cli::Cli::command();
    root.build();
    let page = |command: clap::Command, name: String| {
        let mut text = Vec::new();
        // Writing into memory does not fail.
        let _ = clap_mangen::Man::new(command).title(name.to_uppercase()).render(&mut text);
        (format!("{name}.1"), text)
    };
    let mut out = vec![page(root.clone(), "dctx".to_owned())];
    for verb in
        root.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help")
    {
        let name = format!("dctx-{}", verb.get_name());
        out.push(page(verb.clone(), name));
    }
    out
}
