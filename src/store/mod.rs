//! Where profiles live: the user's `config.toml`, which dctx writes, and read-only layers beside it.

mod brackets;
pub mod checked;
pub mod dirs;
pub mod document;
pub mod history;
pub mod links;
mod lock;
pub mod parse;
pub mod place;
pub mod scan;
pub mod seen;
pub mod state;
mod syntax;
pub mod universal;
pub mod write;

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::env::{Dirs, Env};
use crate::error::{Error, Result};
use crate::file;
use crate::profile::Profile;
use parse::{Entry, Parsed, Settings};

/// The name of the one file that dctx writes.
pub const CONFIG: &str = "config.toml";
/// The directory of layers beside it.
pub const LAYERS: &str = "profiles.d";
/// The system's layers.
const SYSTEM_LAYERS: &str = "/etc/dctx/profiles.d";

/// Everything there is, read whole.
#[derive(Debug, Default)]
pub struct Store {
    /// First definition first; those that an earlier one hides are in `shadowed`.
    pub entries: Vec<Entry>,
    /// Profiles of the same name further down.
    pub shadowed: Vec<Entry>,
    /// The settings.
    pub settings: Settings,
    /// What is wrong with layers. (What is odd about the user's own file goes to [`Env::note_odd`]: every verb says it.)
    pub warnings: Vec<Warning>,
}

/// Something that is not right and stops nobody.
#[derive(Debug)]
pub enum Warning {
    /// A layer that is skipped.
    Layer(Error),
    /// What is odd about a layer that is read.
    Odd(Error),
}

/// The user's own file.
#[must_use]
pub fn config_file(dirs: &Dirs) -> PathBuf {
    dirs.config.join(CONFIG)
}

/// The bytes of a file, empty if it does not exist.
fn read(path: &Path) -> Result<Vec<u8>> {
    match file::read(path, file::MAX_PROFILES) {
        Ok(bytes) => Ok(bytes),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(Error::Read { path: path.to_owned(), source }),
    }
}

/// The user's own file, and whether somebody else can say what is in it; empty if it does not exist.
///
/// # Errors
/// [`Error::Untrusted`] where it is another user's; and as [`read`].
fn read_own(path: &Path) -> Result<(Vec<u8>, Option<file::Distrust>)> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let (open, meta) = match file::open(path) {
        Ok(opened) => opened,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), None)),
        Err(source) => return Err(failed(source)),
    };
    let why = file::distrust(&meta);
    if let Some(why @ file::Distrust::Owner(_)) = why {
        return Err(Error::Untrusted { path: path.to_owned(), why });
    }
    Ok((file::rest(&open, &meta, file::MAX_PROFILES).map_err(failed)?, why))
}

/// Refuses a file that others can write, unless its settings say that modes mean nothing where it lies.
fn trusted(path: &Path, why: Option<file::Distrust>, settings: &Settings) -> Result<()> {
    match why.filter(|_| settings.strict_modes) {
        Some(why) => Err(Error::Untrusted { path: path.to_owned(), why }),
        None => Ok(()),
    }
}

fn parse_file(path: &Path, bytes: &[u8], layer: bool) -> Result<Parsed> {
    parse::parse(path, place::decode(path, bytes)?, layer)
}

impl Store {
    /// Reads the user's file and all layers.
    ///
    /// # Errors
    /// When the user's own file cannot be read or is not TOML. A layer that cannot is skipped, with a
    /// warning.
    pub fn load(env: &Env) -> Result<Self> {
        let dirs = env.dirs()?;
        let mut store = Self::default();
        let path = config_file(&dirs);
        let (bytes, distrust) = read_own(&path)?;
        let parsed = parse_file(&path, &bytes, false)?;
        store.settings = parsed.settings.clone().unwrap_or_default();
        trusted(&path, distrust, &store.settings)?;
        env.note_odd(store.take(parsed));
        for path in layers(env, &dirs) {
            // A layer that is named and not there is missing, as the user's own file is not.
            let bytes = file::read(&path, file::MAX_PROFILES)
                .map_err(|source| Error::Read { path: path.clone(), source });
            match bytes.and_then(|bytes| parse_file(&path, &bytes, true)) {
                Ok(parsed) => {
                    let odd = store.take(parsed);
                    store.warnings.extend(odd.into_iter().map(Warning::Odd));
                }
                Err(error) => {
                    store.warnings.push(Warning::Layer(Error::Layer(Box::new(error))));
                }
            }
        }
        Ok(store)
    }

    /// Takes a file's profiles in; returns what is odd about it.
    fn take(&mut self, parsed: Parsed) -> Vec<Error> {
        // Within one file names are unique; only an earlier file can hide one.
        let earlier: HashSet<String> = self.entries.iter().map(|e| e.name.clone()).collect();
        for entry in parsed.entries {
            if earlier.contains(&entry.name) {
                self.shadowed.push(entry);
            } else {
                self.entries.push(entry);
            }
        }
        parsed.odd
    }

    /// The entry of that name.
    ///
    /// # Errors
    /// [`Error::NoProfile`], with similar names.
    pub fn entry(&self, name: &str) -> Result<&Entry> {
        let found = self.entries.iter().find(|entry| entry.name == name);
        found.ok_or_else(|| self.no_profile(name))
    }

    /// That there is no such profile.
    #[must_use]
    pub fn no_profile(&self, name: &str) -> Error {
        let mut scored: Vec<(f64, &str)> = self
            .entries
            .iter()
            .map(|entry| (parse::likeness(name, &entry.name), entry.name.as_str()))
            .filter(|(score, name)| *score > 0.75 && crate::profile::name::check(name).is_ok())
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        let similar = scored.into_iter().take(3).map(|(_, name)| name.to_owned()).collect();
        Error::NoProfile { name: name.to_owned(), similar, any: !self.entries.is_empty() }
    }
}

/// One profile and the settings, reading no more than is needed.
///
/// # Errors
/// As [`Store::load`]; [`Error::NoProfile`] when there is none of that name; what is wrong with it
/// when it is not valid.
pub fn find(env: &Env, name: &str) -> Result<(Profile, Settings)> {
    let dirs = env.dirs()?;
    let path = config_file(&dirs);
    let (bytes, distrust) = read_own(&path)?;
    if let scan::Scan::Found { table, settings } = scan::find(&bytes, name) {
        let parsed = parse::parse(&path, table, false).ok();
        let profile =
            parsed.and_then(|p| p.entries.into_iter().next()).and_then(|e| e.profile.ok());
        // Any fault of the profile is told by the whole parse, which knows the line.
        if let Some(mut profile) = profile {
            note_preamble(env, &path, &bytes);
            let settings = settings_of(env, &path, &bytes, settings);
            // It was counted in the slice. Few need it, and counting takes as long as a tenth of the scan.
            profile.origin.line = 0;
            trusted(&path, distrust, &settings)?;
            return Ok((profile, settings));
        }
    }
    drop(bytes);
    let mut store = Store::load(env)?;
    match store.entries.iter().position(|entry| entry.name == name) {
        Some(at) => Ok((store.entries.swap_remove(at).profile?, store.settings)),
        None => {
            // A layer that could not be read may be where it is.
            let broken = store.warnings.iter().position(|w| matches!(w, Warning::Layer(_)));
            let error = store.no_profile(name);
            match (broken, &error) {
                (Some(at), Error::NoProfile { similar, .. }) if similar.is_empty() => {
                    match store.warnings.swap_remove(at) {
                        Warning::Layer(layer) => Err(layer),
                        Warning::Odd(_) => Err(error),
                    }
                }
                _ => Err(error),
            }
        }
    }
}

/// The settings in `slice`, which the scan found in `bytes`. What is wrong there is noted, with its line in the whole file,
/// and leaves the defaults in force: a profile whose own table is whole can be used.
fn settings_of(env: &Env, path: &Path, bytes: &[u8], slice: &str) -> Settings {
    if slice.is_empty() {
        return Settings::default();
    }
    match parse::parse(path, slice, false) {
        Ok(parsed) if parsed.odd.is_empty() => parsed.settings.unwrap_or_default(),
        _ => {
            // The slice begins a line; as many line ends before it give every place its number.
            let offset = (slice.as_ptr() as usize).saturating_sub(bytes.as_ptr() as usize);
            let before = bytes.get(..offset).unwrap_or_default();
            let lines = memchr::memchr_iter(b'\n', before).count();
            match parse::parse(path, &format!("{}{slice}", "\n".repeat(lines)), false) {
                Ok(parsed) => {
                    env.note_odd(parsed.odd);
                    parsed.settings.unwrap_or_default()
                }
                Err(error) => {
                    env.note_odd([error]);
                    Settings::default()
                }
            }
        }
    }
}

/// Notes what is odd before the first table of a file: a schema of a newer dctx, keys that are not known.
fn note_preamble(env: &Env, path: &Path, bytes: &[u8]) {
    let end = match bytes.first() {
        Some(b'[') => 0,
        _ => memchr::memmem::find(bytes, b"\n[").unwrap_or(bytes.len()),
    };
    let preamble = bytes.get(..end).unwrap_or_default();
    let usual = |line: &[u8]| matches!(line.trim_ascii(), b"" | b"schema = 1" | [b'#', ..]);
    if preamble.split(|byte| *byte == b'\n').all(usual) {
        return;
    }
    if let Ok(parsed) = parse_file(path, preamble, false) {
        env.note_odd(parsed.odd);
    }
}

/// Names and hosts of all profiles, for completion. What is broken is left out.
#[must_use]
pub fn names(env: &Env) -> Vec<(String, String)> {
    let Ok(dirs) = env.dirs() else { return Vec::new() };
    let mut out: Vec<(String, String)> = Vec::new();
    let own = config_file(&dirs);
    let files =
        std::iter::once((own, false)).chain(layers(env, &dirs).into_iter().map(|p| (p, true)));
    for (path, layer) in files {
        let Ok(bytes) = read(&path) else { continue };
        let earlier: HashSet<String> = out.iter().map(|(name, _)| name.clone()).collect();
        let mut add = |name: &str, host: &str| {
            // Within one file names are unique; only an earlier file can hide one.
            if !earlier.contains(name) && crate::profile::name::check(name).is_ok() {
                out.push((name.to_owned(), host.to_owned()));
            }
        };
        if let Some(list) = scan::list(&bytes) {
            list.into_iter().for_each(|(name, host)| add(name, host));
        } else if let Ok(parsed) = parse_file(&path, &bytes, layer) {
            for entry in parsed.entries {
                let host = entry.profile.map(|p| p.host.to_string()).unwrap_or_default();
                add(&entry.name, &host);
            }
        }
    }
    out
}

/// The files of the read-only layers, in order: `$DCTX_PATH` (files and directories, separated as PATH
/// is) if it is set; else `profiles.d` beside the user's file, then the system's. A directory's `*.toml`
/// in the order of their names, then those of its subdirectories, one level deep, so that a clone of a
/// team's repository can be put there.
#[must_use]
pub fn layers(env: &Env, dirs: &Dirs) -> Vec<PathBuf> {
    let mut out = Vec::new();
    match env.filled("DCTX_PATH") {
        Some(list) => {
            for path in std::env::split_paths(&list).filter(|p| !p.as_os_str().is_empty()) {
                // Certificates are relative to the file, and have to be absolute.
                let path = std::path::absolute(&path).unwrap_or(path);
                if path.is_dir() {
                    directory(&path, 1, &mut out);
                } else if path.extension().is_some_and(|ext| ext == "toml") || path.exists() {
                    out.push(path);
                }
            }
        }
        None => {
            directory(&dirs.config.join(LAYERS), 1, &mut out);
            directory(Path::new(SYSTEM_LAYERS), 1, &mut out);
        }
    }
    out
}

fn directory(dir: &Path, depth: usize, out: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| !path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b".")));
    paths.sort();
    out.extend(
        paths.iter().filter(|p| p.extension().is_some_and(|e| e == "toml") && !p.is_dir()).cloned(),
    );
    if depth > 0 {
        paths.iter().filter(|path| path.is_dir()).for_each(|sub| directory(sub, depth - 1, out));
    }
}
