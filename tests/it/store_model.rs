//! Any sequence of changes does what it says: the file is compared with a model after each.

use std::fs;
use std::path::Path;

use dctx::error::{Error, Result};
use dctx::store::history::{self, KEPT};
use dctx::store::write::{self, Target};
use dctx::store::{document, parse};
use proptest::prelude::*;
use toml_edit::Value;

use crate::store_write::{listing, loads, target};
use crate::support::Sandbox;

/// What a person does.
#[derive(Debug, Clone)]
enum Op {
    Add(usize, u8),
    Remove(usize),
    Rename(usize, usize),
    Set(usize, usize, u8),
    Unset(usize, usize),
    Undo,
    /// The file in an editor that dctx started.
    Edit(u8),
    /// The file in an editor that dctx knows nothing of.
    Save(u8),
}

const NAMES: [&str; 5] = ["a", "b.1", "c+d", "e-f", "G7"];
const KEYS: [&str; 4] = ["host", "description", "tags", "env"];

fn value(key: usize, n: u8) -> Value {
    match KEYS[key] {
        "host" => format!("tcp://h{n}:2376").into(),
        "tags" => Value::Array((0..n % 4).map(|i| format!("t{i}")).collect()),
        "env" => Value::InlineTable(
            ["BUILDKIT_COLORS", "BUILDKIT_PROGRESS"]
                .iter()
                .take(usize::from(n % 3))
                .map(|name| ((*name).to_owned(), format!("{n}")))
                .collect(),
        ),
        _ => format!("机器 {n} \"quoted\" \\").into(),
    }
}

fn op() -> impl Strategy<Value = Op> {
    let (name, key, n) = (0..NAMES.len(), 0..KEYS.len(), any::<u8>());
    prop_oneof![
        4 => (name.clone(), n).prop_map(|(a, n)| Op::Add(a, n)),
        2 => name.clone().prop_map(Op::Remove),
        2 => (name.clone(), name.clone()).prop_map(|(a, b)| Op::Rename(a, b)),
        4 => (name.clone(), key.clone(), n).prop_map(|(a, k, n)| Op::Set(a, k, n)),
        2 => (name, key).prop_map(|(a, k)| Op::Unset(a, k)),
        3 => Just(Op::Undo),
        1 => n.prop_map(Op::Edit),
        1 => n.prop_map(Op::Save),
    ]
}

/// Name and keys of each profile, in the order of the file.
type Profiles = Vec<(String, toml::Table)>;

/// What should be in the file, in the plainest terms.
#[derive(Debug, Clone, Default)]
struct Model {
    profiles: Profiles,
    /// Text and profiles of each version, oldest first.
    past: Vec<(String, Profiles)>,
    /// Text and profiles that dctx wrote last.
    written: Option<(String, Profiles)>,
}

impl Model {
    fn keep(&mut self, text: String, profiles: Profiles) {
        if self.past.last().is_none_or(|(newest, _)| *newest != text) {
            self.past.push((text, profiles));
        }
        if self.past.len() > KEPT {
            self.past.remove(0);
        }
    }

    fn find(&mut self, name: &str) -> Option<usize> {
        self.profiles.iter().position(|(n, _)| n == name)
    }

    /// Whether the operation can be done; does it.
    fn apply(&mut self, op: &Op) -> bool {
        match op {
            Op::Add(a, n) => {
                if self.find(NAMES[*a]).is_some() {
                    return false;
                }
                let mut table = toml::Table::new();
                table.insert("host".into(), toml_value(&value(0, *n)));
                self.profiles.push((NAMES[*a].into(), table));
            }
            Op::Remove(a) => match self.find(NAMES[*a]) {
                Some(i) => drop(self.profiles.remove(i)),
                None => return false,
            },
            Op::Rename(a, b) => match (self.find(NAMES[*a]), self.find(NAMES[*b])) {
                (Some(i), None) => self.profiles[i].0 = NAMES[*b].into(),
                (Some(_), Some(_)) if a == b => {}
                _ => return false,
            },
            Op::Set(a, key, n) => match self.find(NAMES[*a]) {
                Some(i) => {
                    let value = toml_value(&value(*key, *n));
                    self.profiles[i].1.insert(KEYS[*key].into(), value);
                }
                None => return false,
            },
            Op::Unset(a, key) => match self.find(NAMES[*a]) {
                // A profile that is nothing but its host, written with dots, would be gone.
                Some(i) => drop(self.profiles[i].1.remove(KEYS[*key])),
                None => return false,
            },
            Op::Undo | Op::Edit(_) | Op::Save(_) => {}
        }
        true
    }
}

fn toml_value(value: &Value) -> toml::Value {
    let table: toml::Table = toml::from_str(&format!("x = {value}")).unwrap();
    table["x"].clone()
}

fn profiles(text: &str) -> Profiles {
    let table: toml::Table = toml::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    let empty = toml::Table::new();
    let all = table.get("profiles").map_or(&empty, |p| p.as_table().unwrap());
    let document = document::Document::parse(Path::new(""), text).unwrap();
    let names = document::names(&document).unwrap();
    names.into_iter().map(|n| (n.clone(), all[&n].as_table().unwrap().clone())).collect()
}

/// Does one operation to the file; what it says, and whether the file changed.
fn run(t: &Target, op: &Op) -> Result<bool> {
    let edit = |edit: &mut dyn FnMut(&mut document::Document) -> Result<()>| {
        write::update(t, &loads, edit, &mut || ()).map(|((), written)| written.changed)
    };
    match op {
        Op::Add(a, n) => {
            edit(&mut |doc| document::insert(doc, NAMES[*a], &[("host", value(0, *n))]))
        }
        Op::Remove(a) => edit(&mut |doc| document::remove(doc, NAMES[*a])),
        Op::Rename(a, b) => edit(&mut |doc| document::rename(doc, NAMES[*a], NAMES[*b])),
        Op::Set(a, key, n) => {
            edit(&mut |doc| document::set(doc, NAMES[*a], KEYS[*key], Some(value(*key, *n))))
        }
        Op::Unset(a, key) => edit(&mut |doc| document::set(doc, NAMES[*a], KEYS[*key], None)),
        Op::Undo => history::undo(t, &mut || ()).map(|undone| undone.written.changed),
        Op::Edit(n) => {
            let old = fs::read(&t.config).unwrap_or_default();
            let new = format!("# edited {n}\n{}", String::from_utf8_lossy(&old));
            write::replace(t, &old, &new, &loads, &mut || ()).map(|written| written.changed)
        }
        Op::Save(n) => {
            let old = fs::read_to_string(&t.config).unwrap_or_default();
            fs::create_dir_all(t.config.parent().unwrap()).unwrap();
            fs::write(&t.config, format!("{old}\n# saved {n}\n")).unwrap();
            Ok(true)
        }
    }
}

/// How the file may look before dctx sees it; `None` for no file.
fn start() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![
        None,
        Some(""),
        Some(
            "schema = 1\r\n\r\n# about a\r\n[profiles.a]\r\nhost = \"tcp://x\" # here\r\ntags = [\r\n  \"t\", # why\r\n]\r\n",
        ),
        Some(
            "# all in one line\nprofiles = { a = { host = \"tcp://x\" }, \"b.1\".host = \"tcp://y\" }\nx-mine = 1\n",
        ),
        Some(
            "profiles.a.host = \"tcp://x\"\nprofiles.a.description = '''\n[no]\n# no'''\n# b\nprofiles.\"b.1\" = { host = \"tcp://y\", env = { BUILDKIT_COLORS = \"1\" } }\n",
        ),
        Some(
            "[settings]\nmachine-name = false\n[profiles]\na.host = \"tcp://x\"\na.env.BUILDKIT_COLORS = \"0\"\n[profiles.e-f]\nhost = \"tcp://z\"\n[profiles.e-f.env]\nBUILDKIT_PROGRESS = \"1\"\n# end",
        ),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_changes_does_what_it_says(start in start(), ops in prop::collection::vec(op(), 20)) {
        let sb = Sandbox::in_memory();
        let t = target(&sb);
        if let Some(start) = start {
            sb.write("home/.config/dctx/config.toml", start);
        }
        let now = |t: &Target| fs::read_to_string(&t.config).unwrap_or_default();
        let mut model = Model { profiles: profiles(&now(&t)), ..Model::default() };
        for op in &ops {
            let before = now(&t);
            let was = model.clone();
            let possible = model.apply(op);
            let result = run(&t, op);
            let after = now(&t);
            if let Op::Undo = op {
                // an edit by hand is the last change
                if let Some((text, profiles)) = model.written.clone().filter(|(text, _)| *text != before) {
                    result.unwrap();
                    prop_assert_eq!(&after, &text);
                    model.keep(before, was.profiles);
                    model.profiles = profiles;
                    continue;
                }
                let at = model.past.iter().rposition(|(text, _)| *text != before);
                match at {
                    None => {
                        prop_assert!(matches!(result, Err(Error::NothingToUndo)), "{result:?}");
                        prop_assert_eq!(&after, &before);
                    }
                    Some(at) => {
                        result.unwrap();
                        let (text, profiles) = model.past[at].clone();
                        prop_assert_eq!(&after, &text);
                        model.keep(before, was.profiles);
                        // The list may have lost its oldest when it grew.
                        let at = model.past.iter().rposition(|(t, _)| *t == text).unwrap();
                        model.past.remove(at);
                        model.written = Some((text, profiles.clone()));
                        model.profiles = profiles;
                    }
                }
                continue;
            }
            match result {
                Ok(changed) => {
                    prop_assert!(possible, "{op:?} should fail on\n{before}");
                    prop_assert_eq!(changed, before != after);
                    if changed && !matches!(op, Op::Save(_)) {
                        model.keep(before.clone(), was.profiles);
                        model.written = Some((after.clone(), model.profiles.clone()));
                    }
                }
                Err(Error::Exists { .. } | Error::NoProfile { .. }) => {
                    prop_assert!(!possible, "{op:?} should work on\n{before}");
                    prop_assert_eq!(&after, &before);
                }
                Err(other) => panic!("{op:?}: {other:?} on\n{before}"),
            }
            // A profile without a key is none in the dotted way of writing; which may be either.
            let found = profiles(&after);
            model.profiles.retain(|(name, keys)| !keys.is_empty() || found.iter().any(|(n, _)| n == name));
            let sorted = |p: &Profiles| { let mut p = p.clone(); p.sort_by(|a, b| a.0.cmp(&b.0)); p };
            prop_assert_eq!(sorted(&found), sorted(&model.profiles), "{:?} on\n{}\nmade\n{}", op, before, after);
            // Comments and the keys of others stay, whatever is done.
            for line in before.lines().filter(|l| l.contains("x-mine") || l.contains("all in one") || l.contains("machine-name")) {
                prop_assert!(after.contains(line));
            }
            prop_assert!(loads(&after).is_ok());
            prop_assert!(parse::parse(Path::new(""), &after, false).is_ok());
        }
        let files = if t.config.parent().unwrap().exists() { listing(t.config.parent().unwrap()) } else { Vec::new() };
        prop_assert!(files.iter().all(|f| f == "config.toml"), "{files:?}");
    }
}
