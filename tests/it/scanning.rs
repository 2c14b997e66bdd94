//! Finding one profile without reading the others says what reading everything says, or says nothing.

use std::ffi::OsString;
use std::path::Path;

use dctx::env::Env;
use dctx::store::parse::{Parsed, Settings, parse};
use dctx::store::scan::{self, Scan};
use dctx::store::{self, Store};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use crate::support::Sandbox;

const NAMES: [&str; 9] =
    ["coreos", "core", "coreos-2", "x.y", "b", "settings", "profiles", "env", "coreos.env"];

/// What may stand before the first table. `@` is a name, bare where it can be.
const FIRST: [&str; 12] = [
    "",
    "",
    "schema = 1\n",
    "# made by hand\nschema = 1\n\n",
    "settings.strict-modes = false\n",
    "profiles.@.host = \"tcp://dotted:1\"\n",
    "profiles = { @ = { host = \"tcp://inline:1\" } }\n",
    "\"prof\\u0069les\".@.host = \"tcp://escaped:1\"\n",
    "x-a = [\n[\"a\"]\n]\nprofiles.@.host = \"tcp://array:1\"\n",
    "x-a = [\n[1],\n[2]\n]\nsettings.machine-name = false\n",
    "x-note = \"\"\"\n[profiles.@]\nhost = \"tcp://fake:1\"\n\"\"\"\nschema = 1\n",
    "x-note = '''\n[a]\n'''\nprofiles.@.host = \"tcp://after:1\"\n",
];

/// How a table may begin. `@` is the name, `&` the name in quotes, `%` the name with an escape.
const HEADERS: [&str; 24] = [
    "[profiles.@]\n",
    "[profiles.@]\n",
    "[profiles.@]\n",
    "[profiles.@]\n",
    "[profiles.@]   # a comment\n",
    "[profiles.&]\n",
    "[profiles.%]\n",
    "[ profiles . @ ]\n",
    "[\"profiles\".@]\n",
    "['profiles'.&]\n",
    "[\"prof\\u0069les\".@]\n",
    "  [profiles.@]\n",
    "\t[profiles.&]\n",
    "[profiles.@.env]\nBUILDX_BUILDER = \"sub\"\n",
    "[profiles.%.env]\nBUILDX_BUILDER = \"sub\"\n",
    "[profiles.@.x-mine]\nhost = \"tcp://mine:1\"\n",
    "[profiles]\n@.host = \"tcp://below:1\"\n",
    "[profiles]\n@ = { host = \"tcp://below-inline:1\" }\n",
    "[profiles]\n@ = {\n  host = \"tcp://below-lines:1\",\n}\n",
    "[settings]\nstrict-modes = false\n",
    "[\"settings\"]\nmachine-name = false\n",
    " [settings]\nfish-scope = \"session\"\n",
    "[x-mine]\nnote = 1\n",
    "[[x-list]]\n",
];

/// What may stand in it.
const LINES: [&str; 26] = [
    "host = \"tcp://h1:2376\"\n",
    "host = \"tcp://h1:2376\"\n",
    "host = \"tcp://h2:2375\" # a comment\n",
    "host = 'unix:///run/d.sock'\n",
    "host   =   \"ssh://u@h3\"\n",
    "host = \"tcp://\\u0068ost:1\"\n",
    "description = \"[profiles.coreos]\"\n",
    "description = \"a # b \\\" [x]\"\n",
    "description = \"\"\"one line\"\"\"\n",
    "description = ''\n",
    "tags = [\"a\", \"b\"]\n",
    "tags = [\n\"a\",\n\"b\",\n]\n",
    "tags =   [ \"[profiles.b]\" ]\n",
    "x-note = \"\"\"\n[profiles.coreos]\nhost = \"tcp://fake:1\"\n\"\"\"\n",
    "x-note2 = '''\n[profiles.b]\nhost = \"tcp://fake:2\"\n[settings]\nstrict-modes = false\n'''\n",
    "x-deep = [\n[\"profiles\"],\n[\"settings\"]\n]\n",
    "x-deep2 = [\n  [1],\n\t[2],\n[3]\n]\n",
    "x-quotes = 'a \"\"\" b'\n",
    "x-quotes2 = \"it's ''' so\"\n",
    "# [profiles.coreos]\n",
    "#\"\"\"\n",
    "env = { BUILDX_BUILDER = \"inline\" }\n",
    "env.BUILDKIT_PROGRESS = \"plain\"\n",
    "hostname = \"tcp://unknown-key:1\"\n",
    "protected = true\n",
    "\n",
];

/// A name as a key: bare where it can be, in quotes, with its first letter escaped.
fn keys(name: &str) -> [String; 3] {
    let quoted = format!("\"{name}\"");
    let bare = if name.contains('.') { quoted.clone() } else { name.to_owned() };
    let escaped = format!("\"\\u00{:02x}{}\"", name.as_bytes()[0], &name[1..]);
    [bare, quoted, escaped]
}

fn fill(text: &str, name: &str) -> String {
    let [bare, quoted, escaped] = keys(name);
    text.replace('@', &bare).replace('&', &quoted).replace('%', &escaped)
}

fn file() -> impl Strategy<Value = String> {
    let table = (0..HEADERS.len(), 0..NAMES.len(), prop::collection::vec(0..LINES.len(), 0..5));
    let tables = prop::collection::vec(table, 0..7);
    (0..FIRST.len(), 0..NAMES.len(), tables, any::<[bool; 4]>()).prop_map(
        |(first, whose, tables, [crlf, bom, cut, distinct])| {
            let mut text = fill(FIRST[first], NAMES[whose]);
            for (at, (header, name, lines)) in tables.into_iter().enumerate() {
                // Each profile once, most of the time: a file with two of a name is none.
                let name = if distinct { (name + at) % NAMES.len() } else { name };
                text += &fill(HEADERS[header], NAMES[name]);
                for line in lines {
                    text += LINES[line];
                }
            }
            if cut {
                text.truncate(text.trim_end().len());
            }
            if crlf {
                text = text.replace('\n', "\r\n");
            }
            if bom { format!("\u{feff}{text}") } else { text }
        },
    )
}

/// The whole file, if it is one.
fn whole(text: &str) -> Option<Parsed> {
    parse(Path::new("/c/config.toml"), text, false).ok()
}

/// Holds one answer of the scan against the whole file. Whether the scan was sure.
fn agrees(text: &str, all: &Parsed, name: &str) -> bool {
    let entry = all.entries.iter().find(|entry| entry.name == name);
    match scan::find(text.as_bytes(), name) {
        Scan::Unsure => false,
        Scan::Absent => {
            assert!(entry.is_none(), "{name} is there:\n{text}");
            true
        }
        Scan::Found { table, settings } => {
            let entry = entry.unwrap_or_else(|| panic!("{name} is not there:\n{text}"));
            // A slice that is broken or not valid sends the caller to the whole file.
            let Some(slice) = whole(table) else { return false };
            let Some(Ok(found)) = slice.entries.into_iter().next().map(|entry| entry.profile)
            else {
                return false;
            };
            let Ok(expected) = &entry.profile else { panic!("{name} is not valid:\n{text}") };
            let mut expected = expected.clone();
            expected.origin = found.origin.clone();
            assert_eq!(found, expected, "{name} in\n{text}");
            let settings = match settings {
                "" => Settings::default(),
                table => match whole(table).and_then(|parsed| parsed.settings) {
                    Some(settings) => settings,
                    None => return false,
                },
            };
            assert_eq!(settings, all.settings.clone().unwrap_or_default(), "{text}");
            true
        }
    }
}

/// Holds the list against the whole file. Whether there was one.
fn lists(text: &str, all: &Parsed) -> bool {
    let Some(list) = scan::list(text.as_bytes()) else { return false };
    let names: Vec<&str> = list.iter().map(|(name, _)| *name).collect();
    let expected: Vec<&str> = all.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, expected, "{text}");
    for ((name, host), entry) in list.iter().zip(&all.entries) {
        if let (false, Ok(profile)) = (host.is_empty(), &entry.profile) {
            assert_eq!(*host, profile.host.to_string(), "{name} in\n{text}");
        }
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Never a wrong profile, never a wrong absence, never wrong settings, in any file that is one.
    #[test]
    fn a_scan_is_right_or_unsure(text in file()) {
        if let Some(all) = whole(&text) {
            for name in NAMES {
                agrees(&text, &all, name);
            }
            lists(&text, &all);
        }
    }

    /// Whatever the bytes are, the scan returns.
    #[test]
    fn a_scan_survives_any_bytes(text in file(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = text.into_bytes();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for name in NAMES {
            let _ = scan::find(&bytes, name);
        }
        let _ = scan::list(&bytes);
    }
}

/// In a file as `dctx add` and people write it, the scan knows, wherever the profile stands and however
/// large the file is: a check that is always unsure would be right too.
#[test]
fn a_scan_is_sure_of_plain_files() {
    for count in [1, 2, 3, 10, 500] {
        for end in ["\n", "\r\n"] {
            let mut text = "schema = 1\n\n[settings]\nmachine-name = false\n".to_owned();
            for i in 0..count {
                text += &format!(
                    "\n[profiles.p{i}]\nhost = \"tcp://h{i}:2376\"\ntags = [\"a\", \"b\"]\n\
                     description = \"\"\n[profiles.p{i}.env]\nBUILDX_BUILDER = \"b{i}\"\n"
                );
            }
            let text = text.replace('\n', end);
            let all = whole(&text).unwrap();
            assert_eq!(all.entries.len(), count);
            for name in
                (0..count).map(|i| format!("p{i}")).chain(["none".to_owned(), "p".to_owned()])
            {
                assert!(agrees(&text, &all, &name), "unsure of {name} in\n{text}");
            }
            assert!(lists(&text, &all));
        }
    }
}

/// A header that is text in somebody's note is no profile, on either side of the real ones.
#[test]
fn a_note_is_no_profile() {
    let fake = "x-note = \"\"\"\n[profiles.coreos]\nhost = \"tcp://fake:1\"\n\"\"\"\n";
    let real = "[profiles.coreos]\nhost = \"tcp://real:1\"\n";
    let other = format!("[profiles.a]\nhost = \"tcp://a:1\"\n{fake}");
    let end = "[profiles.z]\nhost = \"tcp://z:1\"\n";
    for text in [&other, &format!("{other}{end}"), &format!("{end}{other}")] {
        let all = whole(text).unwrap();
        agrees(text, &all, "coreos");
        assert!(!matches!(scan::find(text.as_bytes(), "coreos"), Scan::Found { .. }), "{text}");
    }
    for text in
        [format!("{other}{real}{end}"), format!("{real}{other}"), format!("{end}{real}{other}")]
    {
        let all = whole(&text).unwrap();
        agrees(&text, &all, "coreos");
    }
}

/// The same through the doors that commands use, on files on disk.
#[test]
fn what_commands_find_is_what_the_store_holds() {
    let sb = Sandbox::new();
    let env = Env::of([(OsString::from("HOME"), sb.home().into_os_string())]);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..300 {
        let text = file().new_tree(&mut runner).unwrap().current();
        sb.write("home/.config/dctx/config.toml", &text);
        let loaded = Store::load(&env);
        for name in NAMES {
            let found = store::find(&env, name);
            let expected = loaded.as_ref().map_err(|e| format!("{e:?}")).and_then(|store| {
                let entry = store.entry(name).map_err(|e| format!("{e:?}"))?;
                let profile = entry.profile.as_ref().map_err(|e| format!("{e:?}"))?;
                Ok((profile.clone(), store.settings.clone()))
            });
            match (found, expected) {
                (Ok((mut found, settings)), Ok((expected, all))) => {
                    assert!(found.origin.line == 0 || found.origin == expected.origin, "{text}");
                    found.origin = expected.origin.clone();
                    assert_eq!((found, settings), (expected, all), "{name} in\n{text}");
                }
                (Err(found), Err(expected)) => assert_eq!(format!("{found:?}"), expected, "{text}"),
                // A file that is broken elsewhere: what one profile says is not changed by that.
                (Ok(_), Err(_)) if loaded.is_err() => {}
                (found, expected) => panic!("{name}: {found:?} and {expected:?} in\n{text}"),
            }
        }
        if let Ok(loaded) = loaded {
            let names: Vec<String> = store::names(&env).into_iter().map(|(name, _)| name).collect();
            let expected: Vec<String> = loaded.entries.iter().map(|e| e.name.clone()).collect();
            assert_eq!(names, expected, "{text}");
        }
    }
}

/// One name, two tables: the file is wrong, and neither is taken, however the second is written.
#[test]
fn a_name_that_is_there_twice_is_not_found() {
    let sb = Sandbox::new();
    let env = Env::of([(OsString::from("HOME"), sb.home().into_os_string())]);
    let one = "[profiles.coreos]\nhost = \"tcp://one:1\"\n".to_owned();
    let between = "[profiles.b]\nhost = \"tcp://b:1\"\ntags = [\"a\"]\n";
    let seconds =
        HEADERS.iter().filter(|header| header.contains("profiles") && !header.contains(".env"));
    for header in seconds.filter(|header| !header.contains("x-mine")) {
        let two = fill(header, "coreos") + "host = \"tcp://two:2\"\n";
        for text in
            [format!("{one}{between}{two}"), format!("{two}{between}{one}"), format!("{one}{two}")]
        {
            assert!(whole(&text).is_none(), "no fault in\n{text}");
            assert!(!matches!(scan::find(text.as_bytes(), "coreos"), Scan::Found { .. }), "{text}");
            sb.write("home/.config/dctx/config.toml", &text);
            assert!(store::find(&env, "coreos").is_err(), "{text}");
        }
    }
    let settings = "[settings]\nstrict-modes = false\n[settings]\nstrict-modes = true\n";
    let text = format!("{one}{settings}");
    assert!(!matches!(scan::find(text.as_bytes(), "coreos"), Scan::Found { .. }));
}
