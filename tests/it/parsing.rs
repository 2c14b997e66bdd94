//! A profile file that is wrong says where and what; one profile that is wrong fails closed and leaves the
//! others alone; no bytes at all make the reader panic, or name a place outside the file.

use std::path::Path;

use dctx::error::{Error, Lang, Place};
use dctx::store::parse::parse;
use dctx::store::place::decode;
use proptest::prelude::*;

use crate::support::Sandbox;
use crate::support::profiles::{CONFIG, config, export};

const FILE: &str = "[SB]/home/.config/dctx/config.toml";
const MEND: &str = "hint: to fix it: dctx edit\n\
                    hint: or go back to what dctx last wrote, and keep this text: dctx undo\n\
                    hint: to return to local docker without this file: eval \"$(dctx reset)\"\n";

/// Line and column, what is wrong, the excerpt's line.
fn said(place: &str, what: &str, line: &str, hints: &str) -> String {
    let (number, column) = place.split_once(':').unwrap();
    let indent = column.parse::<usize>().unwrap() - 1;
    format!("dctx: {FILE}:{place}: {what}\n{number:>5} | {line}\n      | {:indent$}^\n{hints}", "")
}

/// A wrong profile `a` behind a right one: what is written, where, what is said.
const PROFILES: &[(&str, &str, &str)] = &[
    ("host = 5", "4:8", "host must be a string"),
    ("host = [\"tcp://h\"]", "4:8", "host must be a string"),
    ("host = { x = 1 }", "4:8", "host must be a string"),
    ("host = 1979-05-27", "4:8", "host must be a string"),
    ("host = true", "4:8", "host must be a string"),
    ("certs = 1", "4:9", "certs must be a string"),
    ("ca = 1.5", "4:6", "ca must be a string"),
    ("cert = []", "4:8", "cert must be a string"),
    ("key = {}", "4:7", "key must be a string"),
    ("tls = false", "4:7", "tls must be a string"),
    ("tls = \"on\"", "4:7", "tls must be off, verify, system or insecure"),
    ("protected = \"yes\"", "4:13", "protected must be true or false"),
    ("protected = 1", "4:13", "protected must be true or false"),
    ("description = 1", "4:15", "description must be a string"),
    ("tags = \"lab\"", "4:8", "tags must be a list of strings: [\"a\", \"b\"]"),
    ("tags = [\"lab\", 5]", "4:16", "tags must be a list of strings: [\"a\", \"b\"]"),
    ("tags = [\"\"]", "4:8", "tags must be words that are not empty"),
    ("dirs = {}", "4:8", "dirs must be a list of strings: [\"a\", \"b\"]"),
    ("max-use = 30", "4:11", "max-use must be a string"),
    ("max-use = \"30\"", "4:11", "max-use must be a time such as 30m"),
    ("api-version = 1.41", "4:15", "api-version must be a string"),
    ("api-version = \"latest\"", "4:15", "api-version must be a version such as 1.41"),
    ("env = []", "4:7", "env must be a table of strings: { NAME = \"value\" }"),
    ("env = { COMPOSE_X = 1 }", "4:21", "env must be a table of strings: { NAME = \"value\" }"),
    (
        "key-command = \"pass show x\"",
        "4:15",
        "key-command must be a list of strings: [\"a\", \"b\"]",
    ),
    ("key-command = []", "4:15", "key-command must be a list of strings: [\"a\", \"b\"]"),
    ("certs = \"\"", "4:9", "certs must be a path"),
    ("protcted = true", "4:1", "unknown key protcted; did you mean protected?"),
    ("Host = \"tcp://h\"", "4:1", "unknown key Host; did you mean host?"),
    ("max_use = \"5m\"", "4:1", "unknown key max_use; did you mean max-use?"),
    ("zzz = 1", "4:1", "unknown key zzz (keys of your own begin with x-)"),
    ("\"\" = 1", "4:1", "unknown key \"\" (keys of your own begin with x-)"),
    ("description = \"a\\u202eb\"", "4:15", "description contains U+202E, which is invisible"),
    ("description = \"a\\nb\"", "4:15", "description contains a line end, which is invisible"),
    ("tags = [\"a\\u200bb\"]", "4:8", "tags contains U+200B, which is invisible"),
    ("certs = \"a\\u0000\"", "4:9", "certs contains U+0000, which is invisible"),
    ("env = { COMPOSE_ANSI = \"\\u001b[2J\" }", "4:7", "env contains U+001B, which is invisible"),
    ("ca = \"x\"\ncerts = \"y\"", "4:6", "certs and ca cannot be used together"),
];

#[test]
fn a_wrong_profile_says_line_and_column_and_the_others_work() {
    let sb = Sandbox::new();
    for (line, place, what) in PROFILES {
        let host =
            if line.to_lowercase().starts_with("host") { "" } else { "\nhost = \"tcp://h\"" };
        let text = format!("[profiles.good]\nhost = \"tcp://good\"\n[profiles.a]\n{line}{host}\n");
        sb.write(CONFIG, &text);
        let first = line.lines().next().unwrap();
        let what = format!("profile a: {what}");
        let err = said(place, &what, first, "hint: to fix it: dctx edit a\n");
        sb.dctx(["use", "a", "--shell", "bash"]).run().is(4, "(exit 4);\n", &err);
        let out = sb.dctx(["ls"]).run();
        assert_eq!((out.code(), out.err()), (0, err));
        assert!(out.out().ends_with("\na     not valid\n"), "{}", out.out());
        assert_eq!(export(&sb, "good", "DOCKER_HOST").as_deref(), Some("tcp://good:2375"));
    }
    let text = "[profiles.a]\nhost = \"tcp://h\"\nenv = { PATH = \"/tmp\" }\n";
    sb.write(CONFIG, text);
    let names = dctx::profile::ENV_NAMES.join(", ");
    let allowed = format!("hint: allowed: {names}\nhint: to fix it: dctx edit a\n");
    let err =
        said("3:7", "profile a: env may not set \"PATH\"", "env = { PATH = \"/tmp\" }", &allowed);
    sb.dctx(["show", "a"]).run().is(4, "", &err);
    sb.write(CONFIG, "profiles.a = 5\n");
    let err = said(
        "1:14",
        "profile a: it is not a table",
        "profiles.a = 5",
        "hint: to fix it: dctx edit a\n",
    );
    sb.dctx(["show", "a"]).run().is(4, "", &err);
    sb.write(CONFIG, "[profiles.a]\nprotected = true\n");
    let hint = "hint: give it one: dctx edit a --host HOST\n";
    let err = said("1:11", "profile a: it has no host", "[profiles.a]", hint);
    sb.dctx(["show", "a"]).run().is(4, "", &err);
}

/// A file that is wrong as a whole: what is in it, where, what is said, the line that is shown.
const FILES: &[(&str, &str, &str, &str)] = &[
    (
        "[profiles.a]\n[profiles.a]\n",
        "2:11",
        "[profiles.a] is there twice, first on line 1: keep one, or change the name of the other",
        "[profiles.a]",
    ),
    (
        "[profiles.a]\nhost = \"x\"\nhost = \"y\"\n",
        "3:1",
        "host is there twice, first on line 2: keep one, or change the name of the other",
        "host = \"y\"",
    ),
    (
        "<<<<<<< HEAD\n",
        "1:1",
        "this is left from a merge: keep one of the two versions, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>",
        "<<<<<<< HEAD",
    ),
    ("profiles = 5\n", "1:12", "profiles must be a table", "profiles = 5"),
    ("[[profiles]]\n", "1:1", "profiles must be a table", "[[profiles]]"),
    ("schema = \"1\"\n", "1:10", "schema must be a whole number from 1", "schema = \"1\""),
    ("schema = 0\n", "1:10", "schema must be a whole number from 1", "schema = 0"),
    (
        "schema = 99999999999999999999\n",
        "1:10",
        "schema must be a whole number from 1",
        "schema = 99999999999999999999",
    ),
];

#[test]
fn a_file_that_is_wrong_says_line_and_column_and_the_way_out() {
    let sb = Sandbox::new();
    for (text, place, what, line) in FILES {
        sb.write(CONFIG, text);
        let err = said(place, what, line, MEND);
        sb.dctx(["ls"]).run().is(4, "", &err);
        // for the shell that was named
        let named = err.replace("$(dctx reset)", "$(dctx reset --shell bash)");
        sb.dctx(["use", "a", "--shell", "bash"]).run().is(4, "(exit 4);\n", &named);
        sb.dctx(["exec", "a", "--", "true"]).run().is(125, "", &err);
        assert_eq!(sb.dctx(["add", "b", "tcp://h"]).run().code(), 4, "{text}");
        assert_eq!(config(&sb).unwrap(), *text);
        // what does not need the file does not read it
        for args in ["reset --shell bash", "current", "--version", "completions bash", "init bash"]
        {
            assert_eq!(sb.dctx(args.split(' ')).run().code(), 0, "{args}: {text}");
        }
    }
    sb.write(CONFIG, b"[profiles.a]\nhost = \"tcp://h\"\n# \xff\n");
    let said = format!("dctx: {FILE}:3: the file is not UTF-8 (at byte 32)\n{MEND}");
    sb.dctx(["ls"]).run().is(4, "", &said);
    // columns are characters, the mark stands below them, a tab is one blank, an escape is shown
    sb.write(CONFIG, "\u{feff}# 中\r\n[profiles.a]\r\n\tdescription = \"中文\" x\r\n");
    let said = format!(
        "dctx: {FILE}:3:21: nothing but a comment may follow the value of description on its line\n    \
         3 |  description = \"中文\" x\n      | {:22}^\n{MEND}",
        ""
    );
    sb.dctx(["ls"]).run().is(4, "", &said);
    // the mark of a second file behind the first is shown, not hidden
    sb.write(CONFIG, "\u{feff}x-a = 1\n\u{feff}x-b = 2\n");
    let said = format!("dctx: {FILE}:2:1: ");
    let out = sb.dctx(["ls"]).run();
    assert!(
        out.err().starts_with(&said) && out.err().contains("| \\u{feff}x-b = 2\n"),
        "{}",
        out.err()
    );
    sb.write(CONFIG, "a = \"\u{1b}[2J\n");
    let out = sb.dctx(["ls"]).run();
    assert!(out.err().contains("| a = \"\\u{1b}[2J\n"), "{}", out.err());
    // of a long line only what is around the place
    sb.write(CONFIG, format!("a = \"{}\" x\n", "y".repeat(5000)));
    let out = sb.dctx(["ls"]).run();
    let lines: Vec<String> = out.err().lines().map(str::to_owned).collect();
    assert!(lines.iter().all(|line| line.len() < 130), "{lines:?}");
    let at = lines[2].find('^').unwrap();
    assert_eq!(lines[1].as_bytes()[at], b'x', "{lines:?}");
}

#[test]
fn what_means_nothing_outside_profiles_is_told_and_stops_nobody() {
    let sb = Sandbox::new();
    let text = "schema = 1\nx-mine = 5\nprofles = 1\nother = 2\n[settings]\nstrct-modes = false\nx-y = 1\n\
                [profiles.a]\nhost = \"tcp://h\"\nx-note = [1, { y = 2 }]\nx-.z = 1\n";
    let text = text.replace("x-.z", "x-z.a");
    sb.write(CONFIG, &text);
    let told = format!(
        "dctx: {FILE}:3:1: unknown key profles, which has no effect; did you mean profiles?\n\
         dctx: {FILE}:4:1: unknown key other, which has no effect\n\
         dctx: {FILE}:6:1: unknown key settings.strct-modes, which has no effect; did you mean strict-modes?\n"
    );
    // once in a run, by every verb that reads the file
    sb.dctx(["ls", "-q"]).run().ok("a\n", &told);
    for args in [
        "use a --shell json",
        "show a",
        "exec a -- true",
        "check a --offline",
        "edit a --host tcp://i",
    ] {
        let out = sb.dctx(args.split(' ')).run();
        assert!(out.code() == 0 && out.err().ends_with(&told), "{args}: {}", out.err());
    }
    assert_eq!(sb.dctx(["check", "--offline"]).run().out().matches("has no effect").count(), 3);
    assert_eq!(config(&sb).unwrap(), text.replace("//h", "//i"));
}

/// A wrong value of a setting leaves its default in force, and the profiles usable; it is said with its line, also where the
/// profile was found without reading the rest.
#[test]
fn a_wrong_setting_is_told_and_stops_nobody() {
    let many: String = (0..300).map(|n| format!("[profiles.p{n}]\nhost = \"tcp://h\"\n")).collect();
    for (setting, what) in [
        ("picker = \"skim\"", "picker must be builtin or fzf"),
        ("picker = 3", "picker must be builtin or fzf"),
        ("strict-modes = \"no\"", "strict-modes must be true or false"),
        ("fish-scope = \"all\"", "fish-scope must be universal or session"),
        (
            "fish-scop = \"session\"",
            "unknown key settings.fish-scop, which has no effect; did you mean fish-scope?",
        ),
        (
            "bsh-scope = \"session\"",
            "unknown key settings.bsh-scope, which has no effect; did you mean bash-scope?",
        ),
    ] {
        for others in ["", many.as_str()] {
            let sb = Sandbox::new();
            let text = format!("{others}[profiles.a]\nhost = \"tcp://a\"\n[settings]\n{setting}\n");
            sb.write(CONFIG, &text);
            let line = text.lines().count();
            for verb in ["use a --shell json", "exec a -- true", "show a", "ls a"] {
                let out = sb.dctx(verb.split(' ')).run();
                let said = format!("{FILE}:{line}:");
                assert_eq!(out.code(), 0, "{verb}: {}", out.err());
                assert!(
                    out.err().contains(&said) && out.err().contains(what),
                    "{verb}: {}",
                    out.err()
                );
            }
        }
    }
}

/// Every shell has its setting, and no setting is about a shell that is not.
#[test]
fn scopes_can_be_set_for_the_shells_there_are() {
    let shells: Vec<&str> = crate::support::shells::shells().map(|shell| shell.name()).collect();
    assert_eq!(dctx::store::parse::SCOPED.to_vec(), shells);
}

/// A profile whose header lacks `profiles.` is named by what it should be.
#[test]
fn a_table_with_a_profiles_keys_is_told_its_header() {
    let sb = Sandbox::new();
    sb.write(
        CONFIG,
        "[a]\nhost = \"tcp://h\"\n[\"b.c\"]\ncerts = \"~/x\"\n[profiles.d]\nhost = \"tcp://d\"\n",
    );
    let told = format!(
        "dctx: {FILE}:1:2: unknown key a, which has no effect; did you mean [profiles.a]?\n\
         dctx: {FILE}:3:2: unknown key b.c, which has no effect; did you mean [profiles.\"b.c\"]?\n"
    );
    sb.dctx(["ls", "-q"]).run().ok("d\n", &told);
    let out = sb.dctx(["use", "a", "--shell", "bash"]).run();
    assert_eq!((out.code(), out.out().as_str()), (3, "(exit 3);\n"));
    assert!(out.err().contains("did you mean [profiles.a]?\n"), "{}", out.err());
}

#[test]
fn a_newer_schema_is_read_and_not_written() {
    let sb = Sandbox::new();
    let text = "schema = 2\n[profiles.a]\nhost = \"tcp://h\"\n";
    sb.write(CONFIG, text);
    assert_eq!(export(&sb, "a", "DOCKER_HOST").as_deref(), Some("tcp://h:2375"));
    let ahead = format!(
        "dctx: {FILE} has schema 2, from a newer dctx: this one may misread it\nhint: update dctx\n"
    );
    sb.dctx(["ls", "-q"]).run().ok("a\n", &ahead);
    assert!(sb.dctx(["use", "a", "--shell", "json"]).run().err().ends_with(&ahead));
    let said = format!(
        "dctx: {FILE} was written by a newer dctx (schema 2); this one will not change it\n\
         hint: update dctx, or edit the file by hand\n"
    );
    for args in ["add b tcp://h", "edit a --host tcp://i", "rename a b", "rm a", "edit"] {
        let out = sb.dctx(args.split(' ')).env("EDITOR", "false").run();
        out.is(4, "", &said);
        assert_eq!(config(&sb).unwrap(), text, "{args}");
    }
    for schema in ["1", "0x1", "0b1"] {
        sb.write(CONFIG, text.replace("schema = 2", &format!("schema = {schema}")));
        sb.dctx(["rm", "a"]).run().done();
    }
    sb.write(CONFIG, text.replace("schema = 2", "schema = 0x10"));
    let out = sb.dctx(["rm", "a"]).run();
    assert!(out.err().contains("(schema 16)"), "{}", out.err());
}

/// A place is one of the file's own.
fn inside(place: &Place, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<&str> = text.split('\n').collect();
    assert!(place.line >= 1 && place.line <= lines.len(), "{place} of {} lines", lines.len());
    let line = lines[place.line - 1].trim_end_matches('\r');
    assert_eq!(place.excerpt, line, "{place}");
    assert!(
        place.column >= 1 && place.column <= lines[place.line - 1].chars().count() + 1,
        "{place}"
    );
}

fn judge(bytes: &[u8]) {
    let path = Path::new("f.toml");
    for layer in [false, true] {
        let read = decode(path, bytes).and_then(|text| parse(path, text, layer));
        let errors: Vec<Error> = match read {
            Ok(parsed) => {
                let lines = bytes.split(|b| *b == b'\n').count();
                for entry in &parsed.entries {
                    assert!(entry.origin.line >= 1 && entry.origin.line <= lines);
                }
                parsed.entries.into_iter().filter_map(|entry| entry.profile.err()).collect()
            }
            Err(error) => vec![error],
        };
        for error in errors {
            for lang in [Lang::En, Lang::Zh] {
                let message = error.message(lang);
                assert!(
                    !message.chars().any(|c| c != '\n' && dctx::text::is_hidden(c)),
                    "{message:?}"
                );
                let _ = error.hints(lang);
            }
            match &error {
                Error::Syntax { place, .. }
                | Error::Setting { place, .. }
                | Error::Profile { place, .. } => inside(place, bytes),
                Error::Encoding { offset, .. } => assert!(*offset < bytes.len()),
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Pieces from which something like a profile file is put together.
fn piece() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> = vec![
        "[profiles.a]\n",
        "[profiles.\"b c\"]\n",
        "[profiles.生]\n",
        "[[profiles.a]]\n",
        "[settings]\n",
        "[profiles]\n",
        "profiles.x.host = \"tcp://h\"\n",
        "profiles = { y = { host = \"ssh://h\" } }\n",
        "schema = 1\n",
        "schema = 2\n",
        "host = \"tcp://h\"\n",
        "host = \"h\"\n",
        "host = 5\n",
        "tls = \"verify\"\n",
        "certs = \"~/x\"\n",
        "tags = [\"a\", 1]\n",
        "env = { COMPOSE_ANSI = \"b\" }\n",
        "env.PATH = \"x\"\n",
        "key = \"keyring\"\n",
        "key-command = [\"x\"]\n",
        "protected = true\n",
        "description = '''a\nb'''\n",
        "description = \"\\u202e\"\n",
        "strict-modes = 1\n",
        "x-a = 1\n",
        "# 中文\r\n",
        "\u{feff}",
        "\r\n",
        "\t",
        " ",
        "\"",
        "'",
        "]",
        "}",
        "=",
        ".",
        "\u{0}",
        "\u{1b}",
        "\u{2028}",
        "é",
    ];
    prop_oneof![4 => proptest::sample::select(words).prop_map(str::to_owned), 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        judge(&bytes);
    }

    #[test]
    fn random_pieces_of_a_file_never_panic_the_reader(pieces in proptest::collection::vec(piece(), 0..14)) {
        judge(pieces.concat().as_bytes());
    }

    #[test]
    fn a_file_with_one_wrong_byte_never_panics_the_reader(at in 0..400usize, byte in any::<u8>()) {
        let mut bytes = b"\xef\xbb\xbfschema = 1\r\n# \xe4\xb8\xad\n[settings]\nstrict-modes = true\n[profiles.a]\nhost = \"tcp://[::1]:2376\"\n\
            certs = \"~/c\"\ntls = \"verify\"\ntags = [\"x\", \"\xe5\xae\xb6\"]\nenv = { COMPOSE_PROFILES = \"y\" }\nx-a = 1\n\
            [profiles.\"b\"]\nhost = \"ssh://u@h/s\"\nprotected = true\nmax-use = \"1h\"\napi-version = \"1.41\"\n".to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        judge(&bytes);
        bytes.truncate(at);
        judge(&bytes);
    }

    #[test]
    fn no_text_panics_the_reader_of_addresses(text in "\\PC{0,30}|(tcp|ssh|unix|npipe|TCP|http|https)?:?/{0,3}[a-z0-9@:.%\\[\\]/?#\\\\ -]{0,30}") {
        if let Err(refused) = dctx::profile::endpoint::Endpoint::parse(&text)
            && let Some(write) = refused.write
        {
            // advice is taken, and says the same the next time
            let read = dctx::profile::endpoint::Endpoint::parse(&write).unwrap();
            prop_assert_eq!(dctx::profile::endpoint::Endpoint::parse(&read.to_string()).unwrap(), read);
        }
    }
}
