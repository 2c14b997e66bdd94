//! What people do to the profile file by hand is told in words of ours: all of it at once, each with its line and what to
//! write there.

use crate::support::Sandbox;
use crate::support::profiles::CONFIG;

const FILE: &str = "[SB]/home/.config/dctx/config.toml";

/// A damaged line (below `[profiles.a]` and a host), what is said of it, and the line to write.
const LINES: &[(&str, &str, &str)] = &[
    ("tls = “off”", "there is “ (U+201C) where TOML takes \"", "tls = \"off\""),
    ("tls = \"off”", "there is ” (U+201D) where TOML takes \"", "tls = \"off\""),
    ("tls = „off“", "there is „ (U+201E) where TOML takes \"", "tls = \"off\""),
    ("tls = ‘off’", "there is ‘ (U+2018) where TOML takes '", "tls = \"off\""),
    ("tls = 「off」", "there is 「 (U+300C) where TOML takes \"", "tls = \"off\""),
    (
        "description = “你好，世界：再见”",
        "there is “ (U+201C) where TOML takes \"",
        "description = \"你好，世界：再见\"",
    ),
    ("tls： \"off\"", "there is ： (U+FF1A) where TOML takes =", "tls= \"off\""),
    ("tls ＝ \"off\"", "there is ＝ (U+FF1D) where TOML takes =", "tls = \"off\""),
    ("tls = off", "the value of tls is a text, which must be in quotes", "tls = \"off\""),
    (
        "description = 你好，世界",
        "the value of description is a text, which must be in quotes",
        "description = \"你好，世界\"",
    ),
    ("tls: \"off\"", "there is a colon after tls, where TOML takes =", "tls = \"off\""),
    ("tls: off # x", "there is a colon after tls, where TOML takes =", "tls = \"off\" # x"),
    ("\"tls\": \"off\",", "there is a colon after tls, where TOML takes =", "tls = \"off\""),
    ("tls \"off\"", "there must be one = between tls and its value", "tls = \"off\""),
    ("tls == \"off\"", "there must be one = between tls and its value", "tls = \"off\""),
    ("tls => \"off\"", "there must be one = between tls and its value", "tls = \"off\""),
    ("tls =", "tls has no value", "tls = \"verify\""),
    ("tls = \"off", "the value of tls must have the same quote at both ends", "tls = \"off\""),
    ("tls = off\"", "the value of tls must have the same quote at both ends", "tls = \"off\""),
    ("tls = 'off\"", "the value of tls must have the same quote at both ends", "tls = \"off\""),
    (
        "tls = \"\"off\"\"",
        "the value of tls must have the same quote at both ends",
        "tls = \"off\"",
    ),
    (
        "tls = \"off\";",
        "nothing but a comment may follow the value of tls on its line",
        "tls = \"off\"",
    ),
    (
        "tls = \"off\",",
        "nothing but a comment may follow the value of tls on its line",
        "tls = \"off\"",
    ),
    (
        "protected = True",
        "protected must be true or false, in lower case and without quotes",
        "protected = true",
    ),
    (
        "protected = no",
        "protected must be true or false, in lower case and without quotes",
        "protected = false",
    ),
    (
        "max-use = 30m",
        "the value of max-use is a text, which must be in quotes",
        "max-use = \"30m\"",
    ),
    (
        "tags = [\"a\", \"b\"",
        "the value of tags is not closed: ] is missing",
        "tags = [\"a\", \"b\"]",
    ),
    (
        "tags = [a, b]",
        "the value of tags is a text, which must be in quotes",
        "tags = [\"a\", \"b\"]",
    ),
    ("tags = [\"a\" \"b\"]", "a comma is missing between two values", "tags = [\"a\", \"b\"]"),
    ("tags = [\"a\"，\"b\"]", "there is ， (U+FF0C) where TOML takes ,", "tags = [\"a\",\"b\"]"),
    ("tags = 【\"a\"】", "there is 【 (U+3010) where TOML takes [", "tags = [\"a\"]"),
    (
        "tags = lab, eu",
        "the value of tags is a text, which must be in quotes",
        "tags = [\"lab\", \"eu\"]",
    ),
    (
        "env = { COMPOSE_ANSI = \"never\"",
        "the value of env is not closed: } is missing",
        "env = { COMPOSE_ANSI = \"never\" }",
    ),
    (
        "env = { COMPOSE_ANSI: \"never\" }",
        "there is a colon after COMPOSE_ANSI, where TOML takes =",
        "env = { COMPOSE_ANSI = \"never\" }",
    ),
    (
        "description = \"C:\\Users\\me\"",
        "the value of description contains \\, which is only plain text in single quotes",
        "description = 'C:\\Users\\me'",
    ),
    ("// note", "a comment must begin with #", "# note"),
    ("; note", "a comment must begin with #", "# note"),
    ("\u{a0}tls = \"off\"", "there is U+00A0 where TOML takes an ordinary space", " tls = \"off\""),
    (
        "\u{3000}tls = \"off\"",
        "there is U+3000 where TOML takes an ordinary space",
        " tls = \"off\"",
    ),
    (
        "\u{200b}tls = \"off\"",
        "there is an invisible character (U+200B) where none may be",
        "tls = \"off\"",
    ),
    ("[profiles.b", "the header of a table has no ]", "[profiles.b]"),
    ("profiles.b]", "the header of a table has no [", "[profiles.b]"),
    ("【profiles.b】", "there is 【 (U+3010) where TOML takes [", "[profiles.b]"),
    (
        "[profiles.my host]",
        "the header of a table must be [profiles.NAME] or [settings], without spaces",
        "[profiles.my-host]",
    ),
];

#[test]
fn every_damage_has_its_words_and_the_line_to_write() {
    let sb = Sandbox::new();
    for end in ["\n", "\r\n", ""] {
        for (line, what, write) in LINES {
            let text = format!("\u{feff}[profiles.a]\nhost = \"tcp://a:2375\"\n{line}{end}");
            sb.write(CONFIG, &text);
            let out = sb.dctx(["ls"]).run();
            assert_eq!(out.code(), 4, "{line}");
            let err = out.err();
            let said: Vec<&str> = err.lines().collect();
            let first = format!("dctx: {FILE}:3:");
            let head =
                said[0].strip_prefix(&first).unwrap_or_else(|| panic!("{line}: {}", out.err()));
            assert_eq!(head.split_once(": ").unwrap().1, *what, "{line}");
            assert_eq!(said[3], format!("write | {write}"), "{line}");
            // what is to be written is right
            sb.write(CONFIG, text.replace(line, write));
            let out = sb.dctx(["ls"]).run();
            assert_eq!(out.code(), 0, "{line}: {}", out.err());
            assert!(!out.err().contains("TOML"), "{line}: {}", out.err());
        }
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let sb = Sandbox::new();
    let text = "[profiles.a]\nhost = “tcp://a:2376”\ntls = verify\ncets = \"x\"\n\n\
                [profiles.b\nhost: \"tcp://b\"\ntags = [\"a\",\n  \"b\"\nprotected = yes\n\
                [profiles.c]\nhost = \"tcp://c\"\nhost = \"tcp://d\"\n[settings]\npicker = fzf\n";
    sb.write(CONFIG, text);
    let places = |text: &str| -> Vec<usize> {
        let lines = text.lines().map(|line| line.trim_start_matches("dctx: "));
        let places = lines.filter_map(|line| line.strip_prefix(FILE)?.strip_prefix(':'));
        places.map(|place| place.split(':').next().unwrap().parse().unwrap()).collect()
    };
    let out = sb.dctx(["ls"]).run();
    assert_eq!(places(&out.err()), [2, 3, 6, 7, 8, 10, 13, 15], "{}", out.err());
    // of a profile too, and the others work
    let text = "[profiles.a]\nhost = \"http://a\"\ntls = \"on\"\ncets = \"x\"\ntags = \"t\"\nmax-use = \"soon\"\n\
                env = { PATH = \"x\", HOME = \"y\" }\n[profiles.b]\nhost = \"tcp://b\"\n";
    sb.write(CONFIG, text);
    for verb in ["use", "show"] {
        let out = sb.dctx([verb, "a"]).run();
        assert_eq!(places(&out.err()), [2, 3, 4, 5, 6, 7, 7], "{}", out.err());
    }
    assert_eq!(sb.dctx(["use", "b", "--shell", "bash"]).run().code(), 0);
    // what follows from another fault is none: the host is there, and the certificates are
    sb.write(CONFIG, "[profiles.a]\nhots = \"tcp://a\"\ntls = \"verify\"\ncets = \"/c\"\n");
    let out = sb.dctx(["use", "a"]).run();
    assert_eq!(places(&out.err()), [2, 4], "{}", out.err());
}

#[test]
fn a_list_that_is_not_closed_is_told_where_it_begins() {
    let sb = Sandbox::new();
    sb.write(CONFIG, "[profiles.a]\ntags = [\n  \"a\",\n  \"b\"\nhost = \"tcp://a\"\n[profiles.b]\nhost = \"tcp://b\"\n");
    let out = sb.dctx(["ls"]).run();
    let said =
        format!("dctx: {FILE}:2:8: the value of tags is not closed: ] is missing before line 5\n");
    assert!(out.err().starts_with(&said), "{}", out.err());
    sb.write(CONFIG, "[profiles.a]\ntags = [\n  \"a\"\n  \"b\",\n]\nhost = \"tcp://a\"\n");
    let out = sb.dctx(["ls"]).run();
    assert!(out.err().starts_with(&format!("dctx: {FILE}:4:")), "{}", out.err());
    assert!(out.err().contains(": a comma is missing between two values\n"), "{}", out.err());
    sb.write(CONFIG, "[profiles.a]\ndescription = \"\"\"x\nhost = \"tcp://a\"\n");
    let out = sb.dctx(["ls"]).run();
    let said = "the text of description begins with three quotes and must end with three\n";
    assert!(out.err().starts_with(&format!("dctx: {FILE}:2:15: {said}")), "{}", out.err());
}

#[test]
fn other_formats_and_encodings_are_named() {
    let sb = Sandbox::new();
    let said = |bytes: &[u8], what: &str| {
        sb.write(CONFIG, bytes);
        let out = sb.dctx(["ls"]).run();
        assert_eq!(out.code(), 4);
        assert!(out.err().starts_with(&format!("dctx: {FILE}{what}\n")), "{}", out.err());
        out
    };
    said(b"{\n  \"profiles\": {}\n}\n", ":1:1: this looks like JSON, and the profile file is TOML");
    said(b"profiles:\n  a:\n", ":1:1: this looks like YAML, and the profile file is TOML");
    let text = "[profiles.a]\nhost = \"tcp://a:2375\"\ndescription = \"x\"\n";
    let wide = |mark: bool, big: bool| -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let gbk = [text.as_bytes(), b"# \xd6\xd0\xb9\xfa\n"].concat();
    for (bytes, name) in [
        (wide(true, true), "UTF-16"),
        (wide(true, false), "UTF-16"),
        (wide(false, true), "UTF-16BE"),
        (wide(false, false), "UTF-16LE"),
        (gbk, "GB18030"),
    ] {
        let line = if name == "GB18030" { 4 } else { 1 };
        let out = said(&bytes, &format!(":{line}: the file is not UTF-8 but {name}"));
        // the command that is advised makes it whole
        let err = out.err();
        let command = err.lines().find_map(|line| line.strip_prefix("hint: to convert it: "));
        let command = command.unwrap().replace("[SB]", &sb.dir().display().to_string());
        assert!(sb.sh("sh", ["-c", &command]).run().code() == 0, "{command}");
        assert_eq!(sb.dctx(["ls"]).run().code(), 0, "{name}");
    }
    // Latin-1 is no GB18030, and a damaged UTF-8 neither
    said(b"# caf\xe9 x\n", ":1: the file is not UTF-8 (at byte 5)");
    said(
        "# 中国\n# \u{a1}".as_bytes().split_last().unwrap().1,
        ":2: the file is not UTF-8 (at byte 11)",
    );
}

#[test]
fn all_of_it_is_said_in_chinese() {
    let sb = Sandbox::new();
    for (line, ..) in LINES {
        sb.write(CONFIG, format!("[profiles.a]\nhost = \"tcp://a:2375\"\n{line}\n"));
        let out = sb.dctx(["ls"]).env("DCTX_LANG", "zh").run();
        let err = out.err();
        let head = err.lines().next().unwrap();
        let said = head.rsplit_once(['：', ':']).map_or(head, |(_, said)| said);
        assert!(said.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{line}: {head}");
        assert!(out.err().contains("\n 改为 | "), "{line}: {}", out.err());
    }
}

/// A key that was pasted is one fault, and no piece of it is repeated, in whatever piece of the file it is.
#[test]
fn a_key_that_was_pasted_is_not_repeated() {
    let Some(openssl) = crate::support::require("openssl") else { return };
    let sb = Sandbox::new();
    let args = ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let key = sb.sh(&openssl, args).run().out();
    let body: Vec<&str> = key.lines().filter(|line| !line.starts_with('-')).collect();
    let above = "[profiles.a]\nhost = \"tcp://a:2375\"\n";
    let below = "\n[profiles.b]\nhost: \"tcp://b:2375\"\n";
    for pasted in [
        format!("key = \"{key}\""),
        format!("key = {key}"),
        format!("key = \'\'\'{key}"),
        format!("key:\n{key}"),
        key.clone(),
        key.replace("-----", ""),
        body.join("\n"),
        body.join("\r\n"),
        body.iter().map(|line| format!("  \"{line}\",\n")).collect(),
        body.iter().map(|line| format!("  {line}\\\n")).collect(),
        body.concat(),
        format!("key = {}", body.concat()),
        format!("key = \"{}", body.concat()),
        format!("{} = 1", body.concat()),
    ] {
        sb.write(CONFIG, format!("{above}{pasted}{below}"));
        for (verb, lang) in [("ls", "en"), ("ls", "zh"), ("show a", "en"), ("use a", "en")] {
            let out = sb.dctx(verb.split(' ')).env("DCTX_LANG", lang).run();
            let text = format!("{}{}", out.out(), out.err());
            for line in &body {
                // eight letters of base64 that are next to each other are a piece
                for piece in line.as_bytes().windows(8) {
                    let piece = std::str::from_utf8(piece).unwrap();
                    assert!(!text.contains(piece), "{verb}: {piece} of\n{pasted}\n{text}");
                }
            }
        }
    }
}
