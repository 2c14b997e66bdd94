//! The values of a profile and of `[settings]`, each of the kind that its key takes.

use std::collections::BTreeMap;

use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Picker, Settings, Source, nearest};
use crate::error::{Error, Expected, ProfileFault, Result};
use crate::profile::Raw;

/// The names of the settings.
pub(in crate::store) const SETTINGS: [&str; 6] =
    ["strict-modes", "machine-name", "fish-scope", "bash-scope", "zsh-scope", "picker"];

/// The shells that have a setting `NAME-scope`: every shell that dctx writes for, by the names that `--shell` takes first.
/// A test compares them with the list of shells.
pub const SCOPED: [&str; 13] = [
    "bash", "zsh", "sh", "ksh", "mksh", "yash", "fish", "tcsh", "elvish", "nu", "xonsh", "pwsh",
    "cmd",
];

/// A value of the wrong kind: where it begins, and what its key takes.
type Wrong = (usize, Expected);

fn text(value: &Spanned<DeValue<'_>>) -> Result<String, Wrong> {
    let text = value.get_ref().as_str().map(ToOwned::to_owned);
    text.ok_or((value.span().start, Expected::Text))
}

fn truth(value: &Spanned<DeValue<'_>>) -> Result<bool, Wrong> {
    value.get_ref().as_bool().ok_or((value.span().start, Expected::Bool))
}

fn texts(value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, Wrong> {
    let list = value.get_ref().as_array().ok_or((value.span().start, Expected::Texts))?;
    list.iter().map(|item| text(item).map_err(|(at, _)| (at, Expected::Texts))).collect()
}

fn text_table(value: &Spanned<DeValue<'_>>) -> Result<BTreeMap<String, String>, Wrong> {
    let DeValue::Table(table) = value.get_ref() else {
        return Err((value.span().start, Expected::TextTable));
    };
    let pair = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let value = text(value).map_err(|(at, _)| (at, Expected::TextTable))?;
        Ok((AsRef::<str>::as_ref(key.get_ref()).to_owned(), value))
    };
    table.iter().map(pair).collect()
}

/// The keys of a profile, all of which are known by now; and those whose value is of the wrong kind, with where it is.
pub(super) fn raw(table: &DeTable<'_>) -> (Raw, Vec<(usize, ProfileFault)>) {
    let mut raw = Raw::default();
    let mut wrong = Vec::new();
    for (key, value) in table {
        let key: &str = key.get_ref();
        let one = |slot: &mut Option<String>| {
            *slot = Some(text(value)?);
            Ok(())
        };
        let read: Result<(), Wrong> = match key {
            "host" => one(&mut raw.host),
            "certs" => one(&mut raw.certs),
            "ca" => one(&mut raw.ca),
            "cert" => one(&mut raw.cert),
            "key" => one(&mut raw.key),
            "tls" => one(&mut raw.tls),
            "description" => one(&mut raw.description),
            "max-use" => one(&mut raw.max_use),
            "api-version" => one(&mut raw.api_version),
            "protected" => truth(value).map(|yes| raw.protected = yes),
            "tags" => texts(value).map(|list| raw.tags = list),
            "dirs" => texts(value).map(|list| raw.dirs = list),
            "key-command" => texts(value).map(|list| raw.key_command = Some(list)),
            "env" => text_table(value).map(|table| raw.env = table),
            // A key that `KEYS` has and this list has not is a mistake of ours; the profile fails closed.
            _ => {
                let fault = ProfileFault::UnknownKey { key: key.to_owned(), similar: None };
                wrong.push((value.span().start, fault));
                Ok(())
            }
        };
        let kind = |(at, expected)| (at, ProfileFault::Kind { key: key.to_owned(), expected });
        wrong.extend(read.err().map(kind));
    }
    (raw, wrong)
}

/// `[settings]`. A key that is not known, or whose value is not one, is put with `odd`, and the default is in force: each
/// of them only loosens something or changes what is convenient.
pub(super) fn settings(
    source: &Source<'_>,
    value: Spanned<DeValue<'_>>,
    odd: &mut Vec<Error>,
) -> Settings {
    let mut settings = Settings::default();
    let at = value.span().start;
    let DeValue::Table(table) = value.into_inner() else {
        odd.push(source.setting(at, "settings", Expected::Table));
        return settings;
    };
    let mut table: Vec<_> = table.iter().collect();
    table.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in table {
        let (key, key_at): (&str, usize) = (key.get_ref(), key.span().start);
        let read: Result<(), Wrong> = match key {
            "strict-modes" => truth(value).map(|yes| settings.strict_modes = yes),
            "machine-name" => truth(value).map(|yes| settings.machine_name = yes),
            "picker" => match value.get_ref().as_str() {
                Some("builtin") => {
                    settings.picker = Picker::Builtin;
                    Ok(())
                }
                Some("fzf") => {
                    settings.picker = Picker::Fzf;
                    Ok(())
                }
                _ => Err((value.span().start, Expected::Picker)),
            },
            other => match (other.strip_suffix("-scope"), value.get_ref().as_str()) {
                (Some(shell), Some(word @ ("universal" | "session"))) if is_shell(shell) => {
                    settings.scopes.insert(shell.to_owned(), word == "universal");
                    Ok(())
                }
                (Some(shell), _) if is_shell(shell) => Err((value.span().start, Expected::Scope)),
                _ if other.starts_with("x-") => Ok(()),
                _ => {
                    let similar = nearest(other, &SETTINGS).map(ToOwned::to_owned);
                    odd.push(source.unknown(key_at, format!("settings.{other}"), similar));
                    Ok(())
                }
            },
        };
        if let Err((at, expected)) = read {
            odd.push(source.setting(at, key, expected));
        }
    }
    settings
}

/// Whether a default scope can be set for a shell of this name.
fn is_shell(name: &str) -> bool {
    SCOPED.contains(&name)
}
