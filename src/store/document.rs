//! Edits of a profile file that change the bytes they are about and no others.
//!
//! The text is parsed by `toml_edit`, which says where each key and value stands, and then edited
//! as text. (Printing `toml_edit`'s own tree would lose CRLF, the byte order mark and a missing last
//! line end, and regroup dotted keys.) A profile may be written in any of TOML's ways:
//! `[profiles.x]`, `profiles.x.host = …`, `profiles = { x = … }`, or `[profiles]` with `x = { … }` or
//! `x.host = …` below it.

mod inline;
mod lines;
mod outline;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use toml_edit::{Key, Value};

use self::outline::{Kind, Piece, outline, segments};
use super::place::{self, BOM};
use crate::error::{Error, Result, TomlFault};

/// The table that holds all profiles.
const PROFILES: &str = "profiles";

/// The text of a profile file, syntactically valid when an edit begins.
#[derive(Debug, Clone)]
pub struct Document {
    path: PathBuf,
    bom: bool,
    text: String,
    /// What the text was parsed to, until it is edited.
    outline: Option<Rc<[Piece]>>,
}

impl Document {
    /// Takes the text of the file `path` (which is only named in errors).
    ///
    /// # Errors
    /// [`Error::Syntax`] if it is not TOML, or if `profiles` is something other than a table.
    pub fn parse(path: &Path, text: &str) -> Result<Self> {
        let (bom, text) = match text.strip_prefix(BOM) {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut document =
            Self { path: path.to_owned(), bom, text: text.to_owned(), outline: None };
        document.outline = Some(document.outline()?);
        Ok(document)
    }

    /// The top-level `schema`, if there is one and it is a number.
    ///
    /// # Errors
    /// [`Error::Syntax`].
    pub fn schema(&self) -> Result<Option<i64>> {
        let pieces = self.outline()?;
        let schema = pieces.iter().find(|p| p.is_at(&["schema"]));
        let value = schema.and_then(|p| self.get(p.value.clone()).parse::<Value>().ok());
        Ok(value.and_then(|v| v.as_integer()))
    }

    /// The text, with the byte order mark if it had one.
    #[must_use]
    pub fn into_text(self) -> String {
        if self.bom { format!("{BOM}{}", self.text) } else { self.text }
    }

    fn outline(&self) -> Result<Rc<[Piece]>> {
        if let Some(pieces) = &self.outline {
            return Ok(Rc::clone(pieces));
        }
        let pieces = outline(&self.path, &self.text)?;
        let odd =
            |p: &&Piece| p.is_at(&[PROFILES]) && (p.array || !p.inline && p.kind != Kind::Header);
        match pieces.iter().find(odd) {
            None => Ok(pieces.into()),
            Some(p) => Err(place::syntax(
                &self.path,
                &self.text,
                Some(p.start..p.end()),
                TomlFault::NoTable(PROFILES.to_owned()),
            )),
        }
    }

    fn get(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or("")
    }

    fn splice(&mut self, range: Range<usize>, new: &str) {
        if self.text.get(range.clone()).is_some() {
            self.text.replace_range(range, new);
            self.outline = None;
        }
    }
}

/// The names of the profiles in the order in which they first appear; not checked against the
/// grammar of names.
///
/// # Errors
/// [`Error::Syntax`].
pub fn names(doc: &Document) -> Result<Vec<String>> {
    let mut seen = std::collections::HashSet::new();
    let pieces = doc.outline()?;
    let second = pieces.iter().filter(|p| p.is_under(&[PROFILES])).filter_map(|p| p.path.get(1));
    Ok(second.filter(|name| seen.insert(*name)).cloned().collect())
}

/// Whether there is a profile of this name.
///
/// # Errors
/// [`Error::Syntax`].
pub fn contains(doc: &Document, name: &str) -> Result<bool> {
    Ok(doc.outline()?.iter().any(|p| p.is_under(&[PROFILES, name])))
}

/// Appends the profile `name` with these keys, in this order: as `[profiles.NAME]` after one blank
/// line, or, where the file keeps all profiles in one inline table, as its last element. [`remove`]
/// of it gives back every byte.
///
/// # Errors
/// [`Error::Exists`], [`Error::Syntax`].
pub fn insert(doc: &mut Document, name: &str, fields: &[(&str, Value)]) -> Result<()> {
    let pieces = doc.outline()?;
    if pieces.iter().any(|p| p.is_under(&[PROFILES, name])) {
        return Err(Error::Exists { name: name.to_owned(), path: doc.path.clone() });
    }
    if let Some(table) = pieces.iter().find(|p| p.is_at(&[PROFILES]) && p.inline) {
        let all: Vec<String> = fields.iter().map(|(k, v)| assignment(&[k], v)).collect();
        let element = match all.is_empty() {
            true => format!("{} = {{}}", key_text(name)),
            false => format!("{} = {{ {} }}", key_text(name), all.join(", ")),
        };
        inline::append(doc, &pieces, &table.value.clone(), &element);
        return Ok(());
    }
    let mut block = vec![format!("[{PROFILES}.{}]", key_text(name))];
    block.extend(fields.iter().map(|(k, v)| assignment(&[k], v)));
    lines::append(doc, &block);
    Ok(())
}

/// Gives the key `key` of the profile `name` this value, where it stands, or removes it. A new key
/// comes after the profile's last one and is written in the same way. Comments stay; only one at
/// the end of a removed line goes with it.
///
/// # Errors
/// [`Error::NoProfile`], [`Error::Syntax`].
pub fn set(doc: &mut Document, name: &str, key: &str, value: Option<Value>) -> Result<()> {
    let profile = [PROFILES, name];
    let at = [PROFILES, name, key];
    let pieces = require(doc, name)?;
    let odd = |p: &&Piece| p.is_at(&profile) && (p.array || !p.inline && p.kind != Kind::Header);
    if let Some(odd) = pieces.iter().find(odd) {
        let span = Some(odd.start..odd.end());
        return Err(place::syntax(&doc.path, &doc.text, span, TomlFault::NoTable(name.to_owned())));
    }
    let Some(value) = value else { return remove_all(doc, &at, lines::Comments::Stay) };
    if let Some(piece) = pieces.iter().find(|p| p.is_at(&at) && p.kind != Kind::Header) {
        doc.splice(piece.value.clone(), &value_text(&value));
        return Ok(());
    }
    // The same key written as a table or with dots.
    remove_all(doc, &at, lines::Comments::Stay)?;
    let pieces = doc.outline()?;
    let line = assignment(&[key], &value);
    // Braces of its own, or those around `x.host = …`.
    if let Some(own) = pieces.iter().find(|p| p.is_at(&profile) && p.inline) {
        inline::append(doc, &pieces, &own.value.clone(), &line);
        return Ok(());
    }
    let under = |p: &&Piece| p.is_under(&profile);
    if let Some(last) = pieces.iter().rev().find(|p| under(p) && !p.is_statement() && p.base < 2) {
        let path: Vec<&str> = profile.iter().skip(last.base).copied().chain([key]).collect();
        inline::after(doc, last.end(), &assignment(&path, &value));
        return Ok(());
    }
    if let Some(header) = pieces.iter().position(|p| p.kind == Kind::Header && p.is_at(&profile)) {
        let body = pieces.iter().skip(header + 1).take_while(|p| p.kind != Kind::Header);
        let last = body.filter(|p| p.is_statement()).last().or(pieces.get(header));
        if let Some(last) = last {
            lines::after(doc, last, &line);
        }
        return Ok(());
    }
    let dotted = |p: &&Piece| under(p) && p.kind == Kind::Line && p.base < 2;
    if let Some(last) = pieces.iter().rev().find(dotted) {
        let path: Vec<&str> = profile.iter().skip(last.base).copied().chain([key]).collect();
        lines::after(doc, last, &assignment(&path, &value));
    } else if let Some(first) = pieces.iter().find(under) {
        // Only `[profiles.x.env]` or the like so far.
        let header = format!("[{PROFILES}.{}]", key_text(name));
        lines::before(doc, &pieces, first, &[header, line]);
    } else {
        // Its only key was the one just removed.
        lines::append(doc, &[format!("[{PROFILES}.{}]", key_text(name)), line]);
    }
    Ok(())
}

/// Removes the profile `name`, with the comment lines that belong to it: those between its keys,
/// those directly above it (unless they open the file) and those directly below its last key,
/// unless something follows them directly, which they then belong to.
///
/// # Errors
/// [`Error::NoProfile`], [`Error::Syntax`].
pub fn remove(doc: &mut Document, name: &str) -> Result<()> {
    require(doc, name)?;
    remove_all(doc, &[PROFILES, name], lines::Comments::Go)
}

/// Gives the profile `old` the name `new`, wherever it is written; everything stays in its place.
///
/// # Errors
/// [`Error::NoProfile`], [`Error::Exists`], [`Error::Syntax`].
pub fn rename(doc: &mut Document, old: &str, new: &str) -> Result<()> {
    let pieces = require(doc, old)?;
    if old == new {
        return Ok(());
    }
    if pieces.iter().any(|p| p.is_under(&[PROFILES, new])) {
        return Err(Error::Exists { name: new.to_owned(), path: doc.path.clone() });
    }
    let key = key_text(new);
    for piece in pieces.iter().rev().filter(|p| p.is_under(&[PROFILES, old]) && p.base < 2) {
        let brackets = match (&piece.kind, piece.array) {
            (Kind::Header, true) => 2,
            (Kind::Header, false) => 1,
            _ => 0,
        };
        let written = segments(&doc.text, piece.start + brackets);
        if let Some(range) = written.get(1 - piece.base.min(1)) {
            doc.splice(range.clone(), &key);
        }
    }
    Ok(())
}

/// The outline, if there is such a profile.
fn require(doc: &Document, name: &str) -> Result<Rc<[Piece]>> {
    let pieces = doc.outline()?;
    if pieces.iter().any(|p| p.is_under(&[PROFILES, name])) {
        return Ok(pieces);
    }
    let any = pieces.iter().any(|p| p.is_under(&[PROFILES]) && p.path.len() > 1);
    Err(Error::NoProfile { name: name.to_owned(), similar: Vec::new(), any })
}

/// Removes everything at and below `path`.
fn remove_all(doc: &mut Document, path: &[&str], comments: lines::Comments) -> Result<()> {
    // Elements of inline tables one by one, since each changes the commas around the next.
    loop {
        let pieces = doc.outline()?;
        let mut under = pieces.iter().filter(|p| p.is_under(path) && p.base < path.len());
        let Some(element) = under.find(|p| !p.is_statement()) else { break };
        inline::remove(doc, &pieces, element);
    }
    let pieces = doc.outline()?;
    lines::remove(doc, &pieces, path, comments);
    Ok(())
}

/// A key as TOML writes it: bare where that is allowed, else quoted.
fn key_text(key: &str) -> String {
    Key::new(key).display_repr().into_owned()
}

fn value_text(value: &Value) -> String {
    value.clone().decorated("", "").to_string()
}

fn assignment(path: &[&str], value: &Value) -> String {
    let keys: Vec<String> = path.iter().map(|k| key_text(k)).collect();
    format!("{} = {}", keys.join("."), value_text(value))
}
