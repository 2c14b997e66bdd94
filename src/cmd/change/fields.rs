//! The flags of `add` and `edit` as keys and values of the profile file.

use std::path::Path;

use toml_edit::{Array, InlineTable, Value};

use crate::cli;
use crate::cmd::Ctx;
use crate::error::{Error, Expected, ProfileFault, Result};
use crate::profile::certs;

fn kind(key: &str, expected: Expected) -> Error {
    Error::Value(ProfileFault::Kind { key: key.to_owned(), expected })
}

/// A path as typed, made absolute (it is relative to where the person is, not to the file) and with the
/// home directory written as `~`, so that the file can be carried to another machine.
fn stored_path(ctx: &Ctx<'_>, key: &str, typed: &str) -> Result<String> {
    if typed.is_empty() {
        return Err(kind(key, Expected::Path));
    }
    let rest = typed.strip_prefix("${HOME}").or_else(|| typed.strip_prefix('~'));
    if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Ok(typed.to_owned());
    }
    let doing = "finding the current directory";
    let path = std::path::absolute(typed).map_err(|source| Error::Io { doing, source })?;
    let text = path.to_str().ok_or_else(|| kind(key, Expected::Utf8Path))?;
    let home = ctx.env.home();
    let tidy = certs::expand(text, Path::new("/"), home.as_deref());
    Ok(crate::env::tilde(&tidy, home.as_deref()))
}

/// The flags as keys and values, in the order of the file's documentation.
pub(super) fn fields(ctx: &Ctx<'_>, flags: &cli::Fields) -> Result<Vec<(&'static str, Value)>> {
    let mut out: Vec<(&'static str, Value)> = Vec::new();
    for (key, path) in
        [("certs", &flags.certs), ("ca", &flags.ca), ("cert", &flags.cert), ("key", &flags.key)]
    {
        match path.as_deref() {
            Some("keyring") if key == "key" => out.push((key, "keyring".into())),
            Some(path) => out.push((key, stored_path(ctx, key, path)?.into())),
            None => {}
        }
    }
    if let Some(mode) = &flags.tls {
        out.push(("tls", mode.into()));
    }
    if let Some(protected) = flags.protected {
        out.push(("protected", protected.into()));
    }
    if let Some(text) = &flags.description {
        out.push(("description", text.into()));
    }
    if !flags.tags.is_empty() {
        out.push(("tags", Value::Array(flags.tags.iter().collect::<Array>())));
    }
    if !flags.dirs.is_empty() {
        let dirs = flags.dirs.iter().map(|dir| stored_path(ctx, "dirs", dir));
        out.push(("dirs", Value::Array(dirs.collect::<Result<Array>>()?)));
    }
    if let Some(time) = &flags.max_use {
        out.push(("max-use", time.into()));
    }
    if let Some(version) = &flags.api_version {
        out.push(("api-version", version.into()));
    }
    if !flags.env.is_empty() {
        let mut env = InlineTable::new();
        for pair in &flags.env {
            let (name, value) =
                pair.split_once('=').ok_or_else(|| kind("env", Expected::Assignment))?;
            env.insert(name, value.into());
        }
        out.push(("env", Value::InlineTable(env)));
    }
    Ok(out)
}
