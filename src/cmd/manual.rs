//! The manual pages.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;

use super::Ctx;
use crate::cli;
use crate::error::{Error, Result};

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
