//! The values of a profile and of `[settings]`, each of the kind that its key takes.

use std::collections::BTreeMap;

use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Picker, Settings, Source, Unknown, nearest};
use crate::error::{Expected, ProfileFault, Result};
use crate::profile::Raw;

/// The names of the settings.
const SETTINGS: [&str; 4] = ["strict-modes", "machine-name", "fish-scope", "picker"];

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

/// The keys of a profile, all of which are known by now.
pub(super) fn raw(table: &DeTable<'_>) -> Result<Raw, (usize, ProfileFault)> {
    let mut raw = Raw::default();
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
                return Err((value.span().start, fault));
            }
        };
        read.map_err(|(at, expected)| (at, ProfileFault::Kind { key: key.to_owned(), expected }))?;
    }
    Ok(raw)
}

/// `[settings]`. A key that is not known is put with `unknown`: each of them only loosens something.
pub(super) fn settings(
    source: &Source<'_>,
    value: Spanned<DeValue<'_>>,
    unknown: &mut Vec<Unknown>,
) -> Result<Settings> {
    let at = value.span().start;
    let DeValue::Table(table) = value.into_inner() else {
        return Err(source.setting(at, "settings", Expected::Table));
    };
    let mut settings = Settings::default();
    for (key, value) in &table {
        let wrong = |key: &'static str| move |(at, expected)| source.setting(at, key, expected);
        match key.get_ref().as_ref() {
            "strict-modes" => {
                settings.strict_modes = truth(value).map_err(wrong("strict-modes"))?;
            }
            "machine-name" => {
                settings.machine_name = truth(value).map_err(wrong("machine-name"))?;
            }
            scope if scope.ends_with("-scope") => {
                let shell = scope.strip_suffix("-scope").unwrap_or_default();
                let universal = match value.get_ref().as_str() {
                    Some("universal") => true,
                    Some("session") => false,
                    _ => {
                        let at = value.span().start;
                        return Err(source.setting(at, scope, Expected::Scope));
                    }
                };
                settings.scopes.insert(shell.to_owned(), universal);
            }
            "picker" => {
                settings.picker = match value.get_ref().as_str() {
                    Some("builtin") => Picker::Builtin,
                    Some("fzf") => Picker::Fzf,
                    _ => return Err(wrong("picker")((value.span().start, Expected::Picker))),
                };
            }
            other if other.starts_with("x-") => {}
            other => unknown.push(Unknown {
                key: format!("settings.{other}"),
                similar: nearest(other, &SETTINGS),
                own_only: false,
            }),
        }
    }
    Ok(settings)
}
