//! Edits of the profile file change what they are about and not one byte else.

use std::path::Path;

use dctx::error::{Error, Place};
use dctx::store::document::{self, Document};
use dctx::store::place;
use proptest::prelude::*;
use toml_edit::Value;

fn parse(text: &str) -> Document {
    Document::parse(Path::new("config.toml"), text).unwrap()
}

fn edited(text: &str, edit: impl FnOnce(&mut Document)) -> String {
    let mut doc = parse(text);
    edit(&mut doc);
    let out = doc.into_text();
    // Both readers take every result.
    toml::from_str::<toml::Table>(&out).unwrap_or_else(|e| panic!("{e}\n{out}"));
    toml_edit::Document::parse(out.as_str()).unwrap_or_else(|e| panic!("{e}\n{out}"));
    out
}

fn insert(text: &str, name: &str) -> String {
    edited(text, |d| document::insert(d, name, &[("host", "tcp://h:1".into())]).unwrap())
}

fn remove(text: &str, name: &str) -> String {
    edited(text, |d| document::remove(d, name).unwrap())
}

fn set(text: &str, name: &str, key: &str, value: impl Into<Value>) -> String {
    edited(text, |d| document::set(d, name, key, Some(value.into())).unwrap())
}

fn unset(text: &str, name: &str, key: &str) -> String {
    edited(text, |d| document::set(d, name, key, None).unwrap())
}

fn rename(text: &str, old: &str, new: &str) -> String {
    edited(text, |d| document::rename(d, old, new).unwrap())
}

/// The values of a profile, however it is written.
fn values(text: &str, name: &str) -> Option<toml::Table> {
    let table: toml::Table = toml::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    table.get("profiles")?.get(name)?.as_table().cloned()
}

/// The profiles `a` and `b`, with `host` and `tags`, in every way that TOML has for them.
const WAYS: &[&str] = &[
    "schema = 1\n\n# first\n[profiles.a]\nhost = \"1\" # one\ntags = [\"x\"]\n\n[profiles.b]\nhost = \"2\"\ntags = []\n",
    "profiles.a.host = \"1\"\nprofiles.a.tags = [\"x\"]\n# b\nprofiles.b.host = \"2\"\nprofiles.b.tags = []\n",
    "profiles.b.host = \"2\"\nprofiles.a.host = \"1\"\nprofiles.b.tags = []\nprofiles.a.tags = [\"x\"]\n",
    "profiles = { a = { host = \"1\", tags = [\"x\"] }, b = { host = \"2\", tags = [] } }\nz = 1\n",
    "profiles = { b.host = \"2\", a.host = \"1\", a.tags = [\"x\"], b.tags = [] } # all\n",
    "profiles.a = { host = \"1\", tags = [\"x\"] }\nprofiles.b = {host=\"2\",tags=[]}\n",
    "[profiles]\na = { host = \"1\", tags = [\"x\"] }\nb = { host = \"2\", tags = [] }\n\n[other]\nz = 1\n",
    "[profiles]\n  a.host = \"1\"\n  a.tags = [\"x\"]\n  b.host = \"2\"\n  b.tags = []\n[other]\nz = 1\n",
    "profiles = {\n  # one\n  a = { host = \"1\", tags = [\"x\"] }, # after\n  # two\n  b = {\n    host = \"2\",\n    tags = [],\n  },\n}\n",
    "[ profiles . \"a\" ]\nhost = '1'\ntags = [\n  'x', # why\n]\n[profiles.'b']\nhost = \"\"\"2\"\"\"\ntags = []",
    "[profiles.a.env]\n\n[profiles.a]\nhost = \"1\"\ntags = [\"x\"]\n\n[profiles.b]\nhost = \"2\"\ntags = []\n",
];

#[test]
fn every_way_of_writing_a_profile_can_be_edited() {
    for way in WAYS {
        for text in [(*way).to_owned(), way.replace('\n', "\r\n"), format!("\u{feff}{way}")] {
            let a = values(&text, "a").unwrap();
            let b = values(&text, "b").unwrap();
            let mut names = document::names(&parse(&text)).unwrap();
            names.sort();
            assert_eq!(names, ["a", "b"], "{text}");

            let out = set(&text, "a", "host", "new");
            assert_eq!(values(&out, "a").unwrap()["host"].as_str(), Some("new"), "{out}");
            assert_eq!(values(&out, "b").unwrap(), b, "{out}");

            let out = set(&text, "a", "certs", "~/c");
            assert_eq!(values(&out, "a").unwrap()["certs"].as_str(), Some("~/c"), "{out}");
            assert_eq!(values(&out, "b").unwrap(), b, "{out}");
            assert_eq!(unset(&out, "a", "certs"), text);

            let out = unset(&text, "a", "tags");
            assert!(!values(&out, "a").unwrap().contains_key("tags"), "{out}");
            assert_eq!(values(&out, "b").unwrap(), b, "{out}");

            let out = rename(&text, "a", "c.d+e");
            assert_eq!(values(&out, "c.d+e").unwrap(), a, "{out}");
            assert_eq!(values(&out, "b").unwrap(), b, "{out}");
            assert_eq!(values(&out, "a"), None, "{out}");

            for (name, other) in [("a", "b"), ("b", "a")] {
                let out = remove(&text, name);
                assert_eq!(values(&out, name), None, "{out}");
                assert_eq!(values(&out, other), values(&text, other), "{out}");
                let out = remove(&out, other);
                assert!(!document::contains(&parse(&out), other).unwrap(), "{out}");
            }

            let out = insert(&text, "n.1");
            assert_eq!(values(&out, "n.1").unwrap()["host"].as_str(), Some("tcp://h:1"), "{out}");
            assert_eq!(values(&out, "a").unwrap(), a, "{out}");
            assert_eq!(remove(&out, "n.1"), text);
        }
    }
}

#[test]
fn a_profile_is_appended_and_taken_away_exactly() {
    let cases = [
        ("", "[profiles.n]\nhost = \"tcp://h:1\"\n"),
        ("schema = 1\n", "schema = 1\n\n[profiles.n]\nhost = \"tcp://h:1\"\n"),
        ("schema = 1\r\n", "schema = 1\r\n\r\n[profiles.n]\r\nhost = \"tcp://h:1\"\r\n"),
        ("schema = 1", "schema = 1\n\n[profiles.n]\nhost = \"tcp://h:1\""),
        ("# only this\n", "# only this\n\n[profiles.n]\nhost = \"tcp://h:1\"\n"),
        ("a = 1\n\n\n", "a = 1\n\n\n\n[profiles.n]\nhost = \"tcp://h:1\"\n"),
        ("profiles = {}\n", "profiles = { n = { host = \"tcp://h:1\" } }\n"),
        ("profiles = { }\n", "profiles = { n = { host = \"tcp://h:1\" }  }\n"),
        ("profiles = {a={}}", "profiles = {a={}, n = { host = \"tcp://h:1\" }}"),
        ("profiles = {a={},}", "profiles = {a={}, n = { host = \"tcp://h:1\" },}"),
    ];
    for (before, after) in cases {
        assert_eq!(insert(before, "n"), after);
        assert_eq!(remove(after, "n"), before);
    }
}

#[test]
fn comments_go_with_what_they_are_about() {
    let text = "# My hosts\n\nschema = 1\n\n# lab\n# second line\n[profiles.a]\nhost = \"1\"\n# inside\n\ntags = []\n# tags = [\"old\"]\n\n# about b\n[profiles.b] # here\nhost = \"2\"\n";
    assert_eq!(
        remove(text, "a"),
        "# My hosts\n\nschema = 1\n\n# about b\n[profiles.b] # here\nhost = \"2\"\n"
    );
    assert_eq!(
        remove(text, "b"),
        "# My hosts\n\nschema = 1\n\n# lab\n# second line\n[profiles.a]\nhost = \"1\"\n# inside\n\ntags = []\n# tags = [\"old\"]\n"
    );
    // What opens the file is about the file; what stands alone between blank lines stays.
    let text = "# My hosts\n[profiles.a]\nhost = \"1\"\n\n# alone\n\n[profiles.b]\nhost = \"2\"\n";
    assert_eq!(remove(text, "a"), "# My hosts\n\n# alone\n\n[profiles.b]\nhost = \"2\"\n");
    // Changed and removed keys leave them.
    let text = "[profiles.a]\n# why\nhost = \"1\"  # one\n# more\ntags = [] # none\n";
    assert_eq!(
        set(text, "a", "host", "2"),
        "[profiles.a]\n# why\nhost = \"2\"  # one\n# more\ntags = [] # none\n"
    );
    assert_eq!(unset(text, "a", "tags"), "[profiles.a]\n# why\nhost = \"1\"  # one\n# more\n");
    assert_eq!(unset(text, "a", "host"), "[profiles.a]\n# why\n# more\ntags = [] # none\n");
}

#[test]
fn mixed_line_ends_stay_where_they_are() {
    let text = "schema = 1\r\n# x\n[profiles.a]\r\nhost = \"1\"\n\n[profiles.b]\nhost = \"2\"\r\n";
    assert_eq!(set(text, "a", "host", "9"), text.replace("\"1\"", "\"9\""));
    assert_eq!(rename(text, "b", "c"), text.replace("profiles.b", "profiles.c"));
    assert_eq!(remove(&insert(text, "n"), "n"), text);
}

#[test]
fn a_key_written_as_a_table_is_replaced_by_one_line() {
    let mut env = toml_edit::InlineTable::new();
    env.insert("B", "2".into());
    let text = "[profiles.a]\nhost = \"1\"\n\n# vars\n[profiles.a.env]\nA = \"1\"\n\n[profiles.b]\nhost = \"2\"\n";
    assert_eq!(
        set(text, "a", "env", Value::from(env.clone())),
        "[profiles.a]\nhost = \"1\"\nenv = { B = \"2\" }\n\n[profiles.b]\nhost = \"2\"\n"
    );
    let text = "[profiles.a]\nenv.A = \"1\"\nhost = \"1\"\nenv.C = \"3\"\n";
    assert_eq!(
        set(text, "a", "env", Value::from(env)),
        "[profiles.a]\nhost = \"1\"\nenv = { B = \"2\" }\n"
    );
    assert_eq!(
        set("[profiles.a.env]\nA = \"1\"\n", "a", "host", "1"),
        "[profiles.a]\nhost = \"1\"\n\n[profiles.a.env]\nA = \"1\"\n"
    );
}

#[test]
fn what_cannot_be_done_is_an_error() {
    let mut doc = parse("[profiles.a]\nhost = \"1\"\n[profiles.b]\n");
    let none = |e: Error| matches!(e, Error::NoProfile { any: true, .. });
    assert!(none(document::remove(&mut doc, "c").unwrap_err()));
    assert!(none(document::set(&mut doc, "c", "host", None).unwrap_err()));
    assert!(none(document::rename(&mut doc, "c", "d").unwrap_err()));
    let exists = |e: Error| matches!(e, Error::Exists { .. });
    assert!(exists(document::insert(&mut doc, "a", &[]).unwrap_err()));
    assert!(exists(document::rename(&mut doc, "a", "b").unwrap_err()));
    assert!(document::rename(&mut doc, "a", "a").is_ok());
    assert_eq!(doc.into_text(), "[profiles.a]\nhost = \"1\"\n[profiles.b]\n");
    for (text, line, column) in [
        ("schema = 1\nprofiles = 3\n", 2, 1),
        ("\n[[profiles]]\n", 2, 1),
        ("\u{feff}描述 = 1\n", 1, 1),
        ("a = \"中文\" b\n", 1, 10),
        ("[profiles.a]\n[profiles.a]\n", 2, 11),
    ] {
        match Document::parse(Path::new("f"), text).unwrap_err() {
            Error::Syntax { place, .. } => {
                assert_eq!((place.line, place.column), (line, column), "{text}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn places_count_characters() {
    let at = |text: &str, offset| {
        let Place { line, column, excerpt, .. } = place::place(Path::new("f"), text, offset);
        (line, column, excerpt)
    };
    assert_eq!(at("ab\r\nc中d\r\n", 4 + 4), (2, 3, "c中d".to_owned()));
    assert_eq!(at("ab\r\nc中d\r\n", 4 + 2), (2, 2, "c中d".to_owned()));
    assert_eq!(at("\u{feff}ab", 4), (1, 2, "ab".to_owned()));
    assert_eq!(at("a\n", 99), (2, 1, String::new()));
    let wrong = place::decode(Path::new("f"), b"ab\xff");
    assert!(matches!(wrong, Err(Error::Encoding { offset: 2, .. })));
}

/// A line of any file that people write: blanks, comments, keys, tables.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("  ".to_owned()),
        "# [ -~中文é]{0,12}",
        Just("[profiles.KEY]".to_owned()),
        Just("[ profiles . 'KEY' ] # c".to_owned()),
        Just("[other.KEY]".to_owned()),
        Just("[profiles.KEY.env]".to_owned()),
        Just("KEY = \"v\"".to_owned()),
        Just("  KEY.sub = [ 1, # one\n  2,\n]".to_owned()),
        Just("KEY = { a = 1, \"b c\".d = '''\nx''' } # c".to_owned()),
        Just("\"KEY 中\" = \"\"\"\n[profiles.no]\n# no\n\"\"\"".to_owned()),
    ]
}

/// A file of such lines, with every name in it its own, so that it is always valid.
fn file() -> impl Strategy<Value = String> {
    let lines = prop::collection::vec(line(), 0..14);
    (lines, 0..3, any::<bool>(), any::<bool>()).prop_map(|(lines, ends, bom, last)| {
        let mut text = String::new();
        let count = lines.len();
        for (i, line) in lines.into_iter().enumerate() {
            text.push_str(&line.replace("KEY", &format!("k{i}")));
            if i + 1 < count || last {
                text.push('\n');
            }
        }
        let text = match ends {
            0 => text,
            1 => text.replace('\n', "\r\n"),
            _ => text.split_inclusive('\n').enumerate().fold(String::new(), |all, (i, l)| {
                all + &if i % 3 == 0 { l.replace('\n', "\r\n") } else { l.to_owned() }
            }),
        };
        if bom { format!("\u{feff}{text}") } else { text }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adding_and_removing_gives_back_every_byte(text in file()) {
        prop_assume!(toml::from_str::<toml::Table>(&text).is_ok());
        let added = insert(&text, "new");
        prop_assert!(added.starts_with(&text));
        prop_assert_eq!(remove(&added, "new"), text);
    }

    #[test]
    fn every_edit_keeps_the_comments_and_lines_of_the_others(text in file(), pick in any::<prop::sample::Index>()) {
        prop_assume!(toml::from_str::<toml::Table>(&text).is_ok());
        let names = document::names(&parse(&text)).unwrap();
        prop_assume!(!names.is_empty());
        let name = &names[pick.index(names.len())];

        // A new name: the same lines but for the keys.
        let renamed = rename(&text, name, "other.name");
        prop_assert_eq!(text.matches('#').count(), renamed.matches('#').count());
        prop_assert_eq!(text.lines().count(), renamed.lines().count());
        prop_assert_eq!(rename(&renamed, "other.name", name).matches(name.as_str()).count(), text.matches(name.as_str()).count());

        // A key set: all old lines are still there in their order; and it can be taken back.
        let with = set(&text, name, "host", "中");
        let mut rest = with.trim_start_matches('\u{feff}').lines();
        for old in text.trim_start_matches('\u{feff}').lines() {
            prop_assert!(rest.any(|l| l == old), "{:?} of\n{}\nnot in\n{}", old, text, with);
        }

        // Removed: the other profiles and top-level keys are as they were.
        let without = remove(&text, name);
        let all: toml::Table = toml::from_str(text.trim_start_matches('\u{feff}')).unwrap();
        let left: toml::Table = toml::from_str(without.trim_start_matches('\u{feff}')).unwrap();
        for (key, value) in &all {
            if key != "profiles" {
                prop_assert_eq!(left.get(key), Some(value));
            }
        }
        for other in names.iter().filter(|n| *n != name) {
            prop_assert_eq!(values(&without, other), values(&text, other));
        }
    }
}
