//! Every change can be taken back, once and exactly, and any sequence of changes does what it says.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use dctx::error::{Error, Result};
use dctx::store::history::{self, KEPT, Undone};
use dctx::store::write::{self, Target};
use dctx::store::{document, parse};
use proptest::prelude::*;
use toml_edit::Value;

use crate::store_write::{add, listing, loads, names, target};
use crate::support::Sandbox;

fn undo(t: &Target) -> Result<Undone> {
    history::undo(t, &loads, &mut || ())
}

fn text(t: &Target) -> String {
    fs::read_to_string(&t.config).unwrap()
}

/// Where the versions of the one file of this sandbox are.
fn versions(t: &Target) -> PathBuf {
    let dir = t.state.join("history");
    dir.join(&listing(&dir)[0])
}

#[test]
fn undo_of_undo_is_redo() {
    let sb = Sandbox::new();
    let t = target(&sb);
    assert!(matches!(undo(&t).unwrap_err(), Error::NothingToUndo));
    assert_eq!(history::newest(&t), None);
    let original = "# mine\nschema = 1\n";
    sb.write("home/.config/dctx/config.toml", original);
    assert!(matches!(undo(&t).unwrap_err(), Error::NothingToUndo));
    let time = |t: &Target| fs::metadata(&t.config).unwrap().modified().unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    fs::File::options().write(true).open(&t.config).unwrap().set_modified(long_ago).unwrap();

    add(&t, "a").unwrap();
    let (changed, at) = (text(&t), time(&t));
    assert_eq!(history::newest(&t), Some(long_ago));
    for _ in 0..3 {
        let undone = undo(&t).unwrap();
        assert_eq!(text(&t), original);
        assert!(undone.written.changed && undone.written.warnings.is_empty());
        assert!(undone.restored.is_some() && undone.replaced.is_some());
        undo(&t).unwrap();
        assert_eq!(text(&t), changed);
        assert_eq!(listing(&versions(&t)).len(), 1);
    }
    // Who asks is told which version it is: first by the time when it was the file.
    add(&t, "b").unwrap();
    let last = time(&t);
    let undone = undo(&t).unwrap();
    assert!(undone.restored > Some(at) && undone.replaced == Some(last));
    assert_eq!(listing(t.config.parent().unwrap()), ["config.toml"]);
}

#[test]
fn the_first_profile_can_be_taken_back() {
    let sb = Sandbox::new();
    let t = target(&sb);
    add(&t, "a").unwrap();
    let with = text(&t);
    assert!(history::newest(&t).is_some());
    let undone = undo(&t).unwrap();
    assert_eq!((text(&t).as_str(), undone.restored), ("", None));
    assert!(loads("").is_ok() && names("").is_empty());
    undo(&t).unwrap();
    assert_eq!(text(&t), with);
    undo(&t).unwrap();
    add(&t, "a").unwrap();
    assert_eq!(text(&t), with, "an empty file starts like a missing one");
}

#[test]
fn twenty_versions_are_kept() {
    let sb = Sandbox::in_memory();
    let t = target(&sb);
    let mut texts = Vec::new();
    for i in 0..27 {
        add(&t, &format!("p{i}")).unwrap();
        texts.push(text(&t));
    }
    let kept = listing(&versions(&t));
    assert_eq!(kept.len(), KEPT);
    for (name, wanted) in kept.iter().zip(&texts[26 - KEPT..]) {
        assert_eq!(&fs::read_to_string(versions(&t).join(name)).unwrap(), wanted);
    }
}

#[test]
fn a_broken_file_is_exchanged_for_the_last_good_one() {
    for broken in [&b"[profiles.a\nhost = "[..], b"\xff\xfe", b"<<<<<<< HEAD\n", b""] {
        let sb = Sandbox::new();
        let t = target(&sb);
        add(&t, "a").unwrap();
        add(&t, "b").unwrap();
        let good = text(&t);
        add(&t, "c").unwrap();
        fs::write(&t.config, broken).unwrap();
        undo(&t).unwrap();
        assert_eq!(text(&t), good);
        // The broken one is kept. It can be had by hand, if it is not what it was before the first
        // profile, which loads.
        let newest = versions(&t).join(listing(&versions(&t)).pop().unwrap());
        assert_eq!(fs::read(&newest).unwrap(), broken);
        match (undo(&t), broken.is_empty()) {
            (Ok(_), true) => assert_eq!(text(&t), ""),
            (Err(Error::Encoding { path, .. }), false) => assert_eq!(path, newest),
            (Err(Error::Syntax { place, .. }), false) => assert_eq!(place.path, newest),
            (other, _) => panic!("{other:?}"),
        }
        if !broken.is_empty() {
            assert_eq!(text(&t), good);
        }
    }
}

#[test]
fn a_version_too_many_is_passed_over() {
    let sb = Sandbox::new();
    let t = target(&sb);
    add(&t, "a").unwrap();
    let one = text(&t);
    add(&t, "b").unwrap();
    let two = text(&t);
    // As a writer leaves it that is killed just before its rename,
    let dir = versions(&t);
    fs::write(dir.join("000009.toml"), &two).unwrap();
    // or while it writes a version; and what else people leave lying about.
    fs::write(dir.join(".new.dctx~"), "half").unwrap();
    fs::write(dir.join("notes.toml"), "x").unwrap();
    fs::write(dir.join("000011.toml~"), "x").unwrap();
    undo(&t).unwrap();
    assert_eq!(text(&t), one);
    undo(&t).unwrap();
    assert_eq!(text(&t), two);
    add(&t, "c").unwrap();
    undo(&t).unwrap();
    assert_eq!(text(&t), two);
}

#[test]
fn a_newer_version_is_left_to_the_newer_dctx() {
    let sb = Sandbox::new();
    let t = target(&sb);
    add(&t, "a").unwrap();
    fs::write(&t.config, "schema = 2\n").unwrap();
    assert!(matches!(undo(&t).unwrap_err(), Error::NewerSchema { schema: 2, .. }));
    assert_eq!(text(&t), "schema = 2\n");
}

#[test]
fn without_a_place_for_the_present_version_there_is_no_undo() {
    let sb = Sandbox::new();
    let t = target(&sb);
    add(&t, "a").unwrap();
    let before = text(&t);
    // Something is in the way of the next version.
    fs::create_dir(versions(&t).join(".new.dctx~")).unwrap();
    assert!(matches!(undo(&t).unwrap_err(), Error::Write { .. }));
    assert_eq!(text(&t), before);
    assert_eq!(listing(t.config.parent().unwrap()), ["config.toml"]);
}

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
            (0..n % 3).map(|i| (format!("BUILDKIT_{i}"), format!("{n}"))).collect(),
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
        Op::Undo => undo(t).map(|undone| undone.written.changed),
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
            "profiles.a.host = \"tcp://x\"\nprofiles.a.description = '''\n[no]\n# no'''\n# b\nprofiles.\"b.1\" = { host = \"tcp://y\", env = { BUILDKIT_0 = \"1\" } }\n",
        ),
        Some(
            "[settings]\nmachine-name = false\n[profiles]\na.host = \"tcp://x\"\na.env.BUILDKIT_0 = \"0\"\n[profiles.e-f]\nhost = \"tcp://z\"\n[profiles.e-f.env]\nBUILDKIT_1 = \"1\"\n# end",
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
        let mut model = Model { profiles: profiles(&now(&t)), past: Vec::new() };
        for op in &ops {
            let before = now(&t);
            let was = model.clone();
            let possible = model.apply(op);
            let result = run(&t, op);
            let after = now(&t);
            if let Op::Undo = op {
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
