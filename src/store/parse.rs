//! A profile file, read whole: every profile is checked by itself, so that one that is wrong fails
//! closed and the others work.

mod values;

use std::collections::BTreeMap;
use std::path::Path;

use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

pub use self::values::SCOPED;
pub(super) use self::values::SETTINGS;
use self::values::{raw, settings};
use super::place::{BOM, place};
use super::syntax;
use crate::error::{Error, Expected, ProfileFault, Result};
use crate::profile::{Fault, KEYS, Origin, Profile, name};

/// The schema this version writes, and the newest it knows.
pub const SCHEMA: i64 = 1;

/// What a person can set beside profiles, under `[settings]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Refuse keys that others can read, and CAs that others can write.
    pub strict_modes: bool,
    /// Set DOCKER_MACHINE_NAME, which prompts show.
    pub machine_name: bool,
    /// How far a plain `use` reaches, by shell: for every shell (true) or one (false). Where nothing is
    /// said it is what the shell's people expect.
    pub scopes: BTreeMap<String, bool>,
    /// What `use` without a name opens.
    pub picker: Picker,
}

/// What `use` without a name opens on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Picker {
    /// Our own.
    #[default]
    Builtin,
    /// The program of that name.
    Fzf,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            strict_modes: true,
            machine_name: true,
            scopes: BTreeMap::new(),
            picker: Picker::Builtin,
        }
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
    /// What is wrong outside profiles and stops nobody: keys that are not known, settings whose value is not one (the
    /// default is in force), a schema of a newer dctx.
    pub odd: Vec<Error>,
}

/// The text of a file, with what is needed to say where something in it is. Offsets are those of the TOML
/// reader, which does not see a byte order mark.
struct Source<'t> {
    path: &'t Path,
    text: &'t str,
    skipped: usize,
    /// Whether it is one of the read-only layers.
    layer: bool,
    /// Offsets in `text` at which its lines begin.
    lines: Vec<usize>,
}

impl Source<'_> {
    fn place(&self, offset: usize) -> crate::error::Place {
        place(self.path, self.text, offset + self.skipped)
    }

    /// The line of an offset, from 1.
    fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset + self.skipped)
    }

    fn setting(&self, offset: usize, key: &str, expected: Expected) -> Error {
        Error::Setting { place: self.place(offset), key: key.to_owned(), expected }
    }

    /// A key at this offset that is not known.
    fn unknown(&self, offset: usize, key: String, similar: Option<String>) -> Error {
        Error::UnknownKey { place: self.place(offset), key, similar, own_only: false }
    }
}

/// Reads a whole file. `layer` says that it is one of the read-only ones.
///
/// # Errors
/// [`Error::Syntax`] where the file is not TOML; [`Error::Setting`] where `schema` or `profiles` is not what it should be.
pub fn parse(path: &Path, text: &str, layer: bool) -> Result<Parsed> {
    let (skipped, body) = match text.strip_prefix(BOM) {
        Some(body) => (BOM.len_utf8(), body),
        None => (0, text),
    };
    let root = DeTable::parse(body).map_err(|e| {
        let span = e.span().map(|s| s.start + skipped..s.end + skipped);
        syntax::with_profiles(path, text, span, e.message(), layer)
    })?;
    let lines = std::iter::once(0)
        .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1))
        .collect();
    let source = Source { path, text, skipped, layer, lines };
    let mut out = Parsed { schema: SCHEMA, ..Parsed::default() };
    let mut root: Vec<_> = root.into_inner().into_iter().collect();
    // What is odd is told in the order of the file.
    root.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in root {
        let at = value.span().start;
        match key.get_ref().as_ref() {
            "schema" => {
                let found = value.get_ref().as_integer();
                let found = found.and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
                let found = found.filter(|n| *n > 0);
                out.schema = found.ok_or_else(|| source.setting(at, "schema", Expected::Schema))?;
                if out.schema > SCHEMA {
                    let (path, schema) = (path.to_owned(), out.schema);
                    out.odd.push(Error::SchemaAhead { path, schema });
                }
            }
            "profiles" => {
                let DeValue::Table(table) = value.into_inner() else {
                    return Err(source.setting(at, "profiles", Expected::Table));
                };
                out.entries.extend(
                    table.into_iter().map(|(name, value)| {
                        entry(&source, name.span().start, name.get_ref(), value)
                    }),
                );
            }
            "settings" if !layer => {
                out.settings = Some(settings(&source, value, &mut out.odd));
            }
            other if other.starts_with("x-") => {}
            // A key of a profile or of the settings, and no table above it that it would belong to.
            other
                if !layer && value.get_ref().as_table().is_none() && table_of(other).is_some() =>
            {
                let (place, table) = (source.place(key.span().start), table_of(other));
                let (key, table) = (other.to_owned(), table.unwrap_or_default());
                out.odd.push(Error::OutsideTable { place, key, table });
            }
            other => {
                let similar = meant(other, value.get_ref());
                let key_at = key.span().start;
                out.odd.push(Error::UnknownKey {
                    place: source.place(key_at),
                    key: other.to_owned(),
                    similar,
                    own_only: layer && other == "settings",
                });
            }
        }
    }
    out.entries.sort_by_key(|entry| entry.origin.line);
    Ok(out)
}

/// The table that a key belongs to.
fn table_of(key: &str) -> Option<&'static str> {
    match key {
        key if SETTINGS.contains(&key) => Some("[settings]"),
        key if KEYS.contains(&key) => Some("[profiles.NAME]"),
        _ => None,
    }
}

/// What was probably meant by a key at the top of a file: `[profiles.NAME]` where a table has a profile's keys.
fn meant(key: &str, value: &DeValue<'_>) -> Option<String> {
    let profile = |value: &DeValue<'_>| {
        value
            .as_table()
            .is_some_and(|table| table.keys().any(|key| KEYS.contains(&key.get_ref().as_ref())))
    };
    let header = |name: &str| {
        let bare = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        match bare {
            true => format!("[profiles.{name}]"),
            false => format!("[profiles.\"{name}\"]"),
        }
    };
    if profile(value) && name::check(key).is_ok() {
        return Some(header(key));
    }
    // `[profile.NAME]`, `[hosts.NAME]`
    if let Some(table) = value.as_table()
        && let Some((name, _)) = table
            .iter()
            .find(|(name, value)| name::check(name.get_ref()).is_ok() && profile(value.get_ref()))
    {
        return Some(header(name.get_ref()));
    }
    nearest(key, &["profiles", "settings", "schema"]).map(ToOwned::to_owned)
}

/// Reads `[profiles.NAME]`, whose name begins at `header`.
fn entry(source: &Source<'_>, header: usize, name: &str, value: Spanned<DeValue<'_>>) -> Entry {
    let line = source.line(header);
    let origin = Origin { path: source.path.to_owned(), line, layer: source.layer };
    let profile = profile(header, name, value, &origin).map_err(|faults| {
        let mut faults = faults.into_iter().map(|(offset, fault)| (source.place(offset), fault));
        // There is one at least.
        let (place, fault) =
            faults.next().unwrap_or_else(|| (source.place(header), ProfileFault::NoTable));
        let (name, more) = (name.to_owned(), faults.collect());
        Error::Profile { name, place, layer: source.layer, fault, more }
    });
    Entry { name: name.to_owned(), origin, profile }
}

fn profile(
    header: usize,
    name: &str,
    value: Spanned<DeValue<'_>>,
    origin: &Origin,
) -> Result<Profile, Vec<(usize, ProfileFault)>> {
    let at = value.span().start;
    let DeValue::Table(mut table) = value.into_inner() else {
        return Err(vec![(at, ProfileFault::NoTable)]);
    };
    // Keys of people's own (Compose's convention) are theirs; any other unknown key may be a guard
    // misspelt, so the profile fails closed.
    table = table.into_iter().filter(|(key, _)| !key.get_ref().starts_with("x-")).collect();
    let is_known = |key: &Spanned<_>| KEYS.contains(&AsRef::<str>::as_ref(key.get_ref()));
    let unknown: Vec<_> = table
        .keys()
        .filter(|key| !is_known(key))
        .map(|key| {
            let similar = nearest(key.get_ref(), &KEYS).map(ToOwned::to_owned);
            let fault = ProfileFault::UnknownKey { key: key.get_ref().to_string(), similar };
            (key.span().start, fault)
        })
        .collect();
    let offset = |key: Option<&str>| {
        let found = key.and_then(|key| table.iter().find(|(k, _)| k.get_ref() == key));
        found.map_or(header, |(_, value)| value.span().start)
    };
    if unknown.is_empty() {
        let (raw, wrong) = raw(&table);
        return match (wrong.is_empty(), Profile::new(name, raw, origin.clone())) {
            (true, Ok(profile)) => Ok(profile),
            (_, Ok(_)) => Err(wrong),
            (_, Err(more)) => Err(together(wrong, more, offset)),
        };
    }
    let known = table.iter().filter(|(key, _)| is_known(key));
    let known = known.map(|(key, value)| (key.clone(), value.clone())).collect();
    let (raw, wrong) = raw(&known);
    let faults = unknown.into_iter().chain(wrong).collect();
    let more = Profile::new(name, raw, origin.clone()).err().unwrap_or_default();
    Err(together(faults, more, offset))
}

/// All that is wrong with a profile, in the order of the file: what is wrong with its keys, and what that leaves to be said of
/// the whole. That something is missing is not said where it is there, and wrong itself or under a misspelt name.
fn together(
    mut faults: Vec<(usize, ProfileFault)>,
    more: Vec<Fault>,
    offset: impl Fn(Option<&str>) -> usize,
) -> Vec<(usize, ProfileFault)> {
    let meant: Vec<String> = faults
        .iter()
        .filter_map(|(_, fault)| match fault {
            ProfileFault::Kind { key, .. } => Some(key.clone()),
            ProfileFault::UnknownKey { similar, .. } => similar.clone(),
            _ => None,
        })
        .collect();
    let any = |keys: &[&str]| meant.iter().any(|meant| keys.contains(&meant.as_str()));
    let follows = |fault: &ProfileFault| match fault {
        ProfileFault::NoHost => any(&["host"]),
        ProfileFault::Needs { .. } => any(&["certs", "ca", "cert", "key", "key-command"]),
        _ => false,
    };
    let rest = more.into_iter().filter(|(_, fault)| !follows(fault));
    faults.extend(rest.map(|(key, fault)| (offset(key), fault)));
    faults.sort_by_key(|(at, _)| *at);
    faults
}

/// How much one word is like another, from 0 to 1, whatever their case: by Jaro-Winkler, or by one slip of
/// the fingers, which that measure does not see in words of three or four letters.
#[must_use]
pub fn likeness(typed: &str, word: &str) -> f64 {
    let (typed, word) = (typed.to_lowercase(), word.to_lowercase());
    let long = typed.chars().count().max(word.chars().count()) > 2;
    let slip = if long && strsim::osa_distance(&typed, &word) == 1 { 0.9 } else { 0.0 };
    strsim::jaro_winkler(&typed, &word).max(slip)
}

/// The word that was probably meant.
#[must_use]
pub fn nearest<'w>(word: &str, words: &[&'w str]) -> Option<&'w str> {
    let scored = words.iter().map(|w| (likeness(word, w), *w));
    let best = scored.filter(|(score, _)| *score > 0.75).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, w)| w)
}
