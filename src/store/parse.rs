//! A profile file, read whole: every profile is checked by itself, so that one that is wrong fails
//! closed and the others work.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use super::place::{BOM, place, syntax};
use crate::error::{Error, ProfileFault, Result};
use crate::profile::{KEYS, Origin, Profile, Raw};

/// The schema this version writes, and the newest it knows.
pub const SCHEMA: i64 = 1;

/// What a person can set beside profiles, under `[settings]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Settings {
    /// Refuse keys that others can read, and CAs that others can write.
    pub strict_modes: bool,
    /// Set DOCKER_MACHINE_NAME, which prompts show.
    pub machine_name: bool,
    /// `universal` or `session`: how far `use` reaches in fish.
    pub fish_scope: FishScope,
}

/// How far `use` reaches in fish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FishScope {
    /// `set -Ux`.
    Universal,
    /// `set -gx`.
    Session,
}

impl Default for Settings {
    fn default() -> Self {
        Self { strict_modes: true, machine_name: true, fish_scope: FishScope::Universal }
    }
}

/// One profile's table: the profile, or why it is not one.
#[derive(Debug)]
pub struct Entry {
    /// The name as it stands in the file.
    pub name: String,
    /// Where.
    pub origin: Origin,
    /// The profile.
    pub profile: Result<Profile>,
}

/// A file, read.
#[derive(Debug, Default)]
pub struct Parsed {
    /// In the order of the file.
    pub entries: Vec<Entry>,
    /// The settings; `None` where the file has none.
    pub settings: Option<Settings>,
    /// Its schema.
    pub schema: i64,
    /// Top-level keys that mean nothing, and what was probably meant.
    pub unknown: Vec<(String, Option<&'static str>)>,
}

/// Reads a whole file. `layer` says that it is one of the read-only ones.
///
/// # Errors
/// [`Error::Syntax`] where the file is not TOML, or `profiles` or `[settings]` is not what it should be.
pub fn parse(path: &Path, text: &str, layer: bool) -> Result<Parsed> {
    let (skipped, body) = match text.strip_prefix(BOM) {
        Some(body) => (BOM.len_utf8(), body),
        None => (0, text),
    };
    let bad = |span: Option<std::ops::Range<usize>>, message: &str| {
        let span = span.map(|s| s.start + skipped..s.end + skipped);
        syntax(path, text, span, message)
    };
    let root = DeTable::parse(body).map_err(|e| bad(e.span(), e.message()))?.into_inner();
    let mut out = Parsed { schema: SCHEMA, ..Parsed::default() };
    for (key, value) in root {
        let span = value.span();
        match key.get_ref().as_ref() {
            "schema" => {
                let found = value.get_ref().as_integer().and_then(|n| n.as_str().parse().ok());
                let found: i64 = found
                    .filter(|n| *n > 0)
                    .ok_or_else(|| bad(Some(span), "schema takes a whole number from 1"))?;
                out.schema = found;
            }
            "profiles" => {
                let DeValue::Table(table) = value.into_inner() else {
                    return Err(bad(Some(span), "profiles is a table: [profiles.NAME]"));
                };
                for (name, value) in table {
                    out.entries.push(entry(path, text, skipped, layer, &name, value));
                }
            }
            "settings" if !layer => {
                let settings = Settings::deserialize(value.into_deserializer())
                    .map_err(|e| bad(e.span().or(Some(span)), e.message()))?;
                out.settings = Some(settings);
            }
            other if other.starts_with("x-") => {}
            other => out
                .unknown
                .push((other.to_owned(), nearest(other, &["profiles", "settings", "schema"]))),
        }
    }
    out.entries.sort_by_key(|entry| entry.origin.line);
    Ok(out)
}

fn entry(
    path: &Path,
    text: &str,
    skipped: usize,
    layer: bool,
    key: &Spanned<toml::de::DeString<'_>>,
    value: Spanned<DeValue<'_>>,
) -> Entry {
    let name = key.get_ref().to_string();
    let at = |offset: usize| place(path, text, offset + skipped);
    let header = key.span().start;
    let line = text.get(..header + skipped).unwrap_or(text).matches('\n').count() + 1;
    let origin = Origin { path: path.to_owned(), line, layer };
    let fail = |offset: usize, fault: ProfileFault| Entry {
        name: name.clone(),
        origin: origin.clone(),
        profile: Err(Error::Profile { name: name.clone(), place: at(offset), fault }),
    };
    let span = value.span();
    let DeValue::Table(mut table) = value.into_inner() else {
        let expected = "a table: [profiles.NAME]";
        return fail(header, ProfileFault::Kind { key: name.clone(), expected });
    };
    // Keys of people's own (Compose's convention) are theirs; any other unknown key may be a guard
    // misspelt, so the profile fails closed.
    table = table.into_iter().filter(|(key, _)| !key.get_ref().starts_with("x-")).collect();
    let known = |key: &str| KEYS.contains(&key);
    if let Some(key) = table.keys().find(|key| !known(key.get_ref())) {
        let similar = nearest(key.get_ref(), &KEYS).map(ToOwned::to_owned);
        let fault = ProfileFault::UnknownKey { key: key.get_ref().to_string(), similar };
        return fail(key.span().start, fault);
    }
    let offsets: BTreeMap<String, usize> =
        table.iter().map(|(key, value)| (key.get_ref().to_string(), value.span().start)).collect();
    let raw = match Raw::deserialize(
        Spanned::new(span.clone(), DeValue::Table(table)).into_deserializer(),
    ) {
        Ok(raw) => raw,
        Err(e) => {
            let offset = e.span().map_or(header, |s| s.start);
            return fail(offset, ProfileFault::Other(e.message().to_owned()));
        }
    };
    match Profile::new(&name, raw, origin.clone()) {
        Ok(profile) => Entry { name, origin, profile: Ok(profile) },
        Err((key, fault)) => {
            let offset = key.and_then(|key| offsets.get(key)).copied().unwrap_or(header);
            fail(offset, fault)
        }
    }
}

/// The word that was probably meant: Jaro similarity above 0.7, as clap has it.
#[must_use]
pub fn nearest<'w>(word: &str, words: &[&'w str]) -> Option<&'w str> {
    let scored = words.iter().map(|w| (strsim::jaro(word, w), *w));
    let best = scored.filter(|(score, _)| *score > 0.7).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, w)| w)
}
