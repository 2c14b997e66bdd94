//! What the picker offers, without a terminal: the order of the rows, where the mark begins, how keys are
//! read, and lines that fit terminals of any size.

use dctx::cmd::pick::draw::{Brush, Life, end, frame, middle, start};
use dctx::cmd::pick::fzf::looks;
use dctx::cmd::pick::keys::{Key, Keys};
use dctx::cmd::pick::list::{List, Row, Tls};
use dctx::error::Lang;
use dctx::output::Style;
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr as _;

/// A row from a few words: `name host`, then `protected`, `current`, `broken`, `#tag`, or a description.
fn row(text: &str) -> Row {
    let mut words = text.split(' ');
    let mut row = Row {
        name: words.next().unwrap().to_owned(),
        host: words.next().unwrap_or_default().to_owned(),
        tls: Tls(Style::Plain, "verify"),
        ..Row::default()
    };
    for word in words {
        match word {
            "protected" => row.protected = true,
            "current" => row.current = true,
            "broken" => row.broken = Some("it has no host".to_owned()),
            tag if tag.starts_with('#') => row.tags = format!("{} {}", row.tags, &tag[1..]),
            about => row.about = format!("{} {about}", row.about),
        }
    }
    row
}

fn list(rows: &[&str], previous: Option<&str>) -> List {
    List::new(rows.iter().map(|text| row(text)).collect(), previous)
}

/// The names shown, the one the mark is on in brackets.
fn names(list: &List) -> String {
    let at = list.selected().map(|(at, _)| at);
    let name = |(i, row): (usize, &Row)| {
        if Some(i) == at { format!("[{}]", row.name) } else { row.name.clone() }
    };
    list.shown().enumerate().map(name).collect::<Vec<_>>().join(" ")
}

fn search(list: &mut List, query: &str) -> String {
    list.press(Key::Clear, 5);
    query.chars().for_each(|c| list.press(Key::Char(c), 5));
    names(list)
}

#[test]
fn the_mark_begins_where_one_most_likely_goes() {
    let case = |rows: &[&str], previous| names(&list(rows, previous));
    assert_eq!(case(&["a h", "b h", "c h"], None), "[a] b c");
    // the one before, and the current one in sight
    assert_eq!(case(&["a h", "b h current", "c h"], Some("c")), "[c] b a");
    assert_eq!(case(&["a h current", "b h", "c h"], None), "[b] a c");
    assert_eq!(case(&["a h current", "b h"], Some("a")), "[b] a");
    assert_eq!(case(&["a h", "b h"], Some("gone")), "[a] b");
    // the current one is there to stay on where there is no other
    assert_eq!(case(&["a h current"], None), "[a]");
    assert_eq!(case(&["p h protected", "a h current"], None), "[a] p");
    // never what is protected or not valid
    assert_eq!(case(&["p h protected", "a h", "x h broken"], None), "[a] p x");
    assert_eq!(case(&["p h protected", "a h"], Some("p")), "[a] p");
    assert_eq!(case(&["x h broken", "a h"], Some("x")), "[a] x");
    assert_eq!(case(&["p h protected", "q h protected"], None), "p q");
    assert_eq!(case(&["p h protected current", "a h"], None), "[a] p");
    assert_eq!(case(&["p h protected current", "q h protected"], None), "p q");
    assert_eq!(case(&["x h broken"], None), "x");
    assert_eq!(case(&[], None), "");
}

#[test]
fn typing_narrows_and_the_best_match_is_first() {
    let mut rows = list(
        &[
            "build tcp://10.0.0.1:2376 #lab the machine beside coreos",
            "core-old tcp://192.168.57.110:2376",
            "coreos tcp://10.0.0.3:2376 #team",
            "team tcp://10.0.0.4:2376 #core",
        ],
        None,
    );
    for (query, wanted) in [
        ("coreos", "[coreos] build"),
        ("COREOS", "[coreos] build"),
        ("co", "[core-old] coreos team build"),
        ("crs", "[coreos] build"),
        ("cro3", ""),
        ("cold", "[core-old]"),
        // a tag is more than what is far behind, and less than a name
        ("team", "[team] coreos"),
        ("lab", "[build]"),
        ("57.110", "[core-old]"),
        // every word has to be somewhere
        ("lab beside", "[build]"),
        ("core team", "[coreos] team"),
        ("core nothing", ""),
        ("  ", "[build] core-old coreos team"),
        // letters anywhere in a host are no match
        ("tp6", ""),
        // what is typed is text
        ("^core", ""),
        ("!core", ""),
        ("'core", ""),
    ] {
        assert_eq!(search(&mut rows, query), wanted, "{query:?}");
    }
    let mut rows = list(&["a h 生产环境", "b h 测试 #café"], None);
    assert_eq!(search(&mut rows, "生环"), "[a]");
    assert_eq!(search(&mut rows, "cafe"), "[b]");
}

#[test]
fn what_is_protected_is_never_taken_because_it_matches() {
    let mut rows = list(
        &["prod h protected", "prod-copy h", "lab h", "prof h broken", "lab-2 h protected"],
        None,
    );
    for (query, wanted) in [
        // it fits best, or as well as anything: nothing is taken in its place
        ("prod", "prod prod-copy"),
        ("prod-", "[prod-copy]"),
        ("prof", "prof"),
        // of two that fit as well the free one is first
        ("la", "[lab] lab-2"),
        ("lab-", "lab-2"),
        ("2", "lab-2"),
        ("", "[lab] prod-copy"),
    ] {
        let shown = search(&mut rows, query);
        assert!(shown.starts_with(wanted) || query.is_empty(), "{query:?}: {shown}");
        if query.is_empty() {
            assert_eq!(shown, "[prod-copy] lab prod lab-2 prof");
        }
    }
    // moving onto it is the way, and typing on leaves it again
    search(&mut rows, "prod");
    rows.press(Key::Down, 5);
    assert_eq!(names(&rows), "[prod] prod-copy");
    rows.press(Key::Char(' '), 5);
    assert_eq!(names(&rows), "prod prod-copy");
    rows.press(Key::Backspace, 5);
    rows.press(Key::Backspace, 5);
    assert!(!names(&rows).contains("[prod]"), "{}", names(&rows));
}

#[test]
fn a_name_typed_whole_is_that_profile() {
    let mut rows = list(&["a-b h", "a h current", "ab h", "b h a"], None);
    assert_eq!(search(&mut rows, "a").split(' ').next(), Some("[a]"));
    assert_eq!(search(&mut rows, "b").split(' ').next(), Some("[b]"));
    assert_eq!(search(&mut rows, "ab").split(' ').next(), Some("[ab]"));
}

#[test]
fn keys_move_the_mark_and_the_window_follows() {
    let names: Vec<String> = (0..100).map(|n| format!("p{n:02} h")).collect();
    let rows: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut list = list(&rows, None);
    let mut at = |keys: &[Key]| {
        keys.iter().for_each(|key| list.press(*key, 10));
        (list.selected().unwrap().0, list.scroll(10))
    };
    assert_eq!(at(&[]), (0, 0));
    assert_eq!(at(&[Key::Up]), (0, 0));
    assert_eq!(at(&[Key::Down; 9]), (9, 0));
    assert_eq!(at(&[Key::Down]), (10, 1));
    assert_eq!(at(&[Key::Up; 9]), (1, 1));
    assert_eq!(at(&[Key::Up]), (0, 0));
    assert_eq!(at(&[Key::PageDown; 3]), (30, 21));
    assert_eq!(at(&[Key::PageUp]), (20, 20));
    assert_eq!(at(&[Key::End]), (99, 90));
    assert_eq!(at(&[Key::Down]), (99, 90));
    assert_eq!(at(&[Key::Home]), (0, 0));
    let clear = "one two  three";
    clear.chars().for_each(|c| list.press(Key::Char(c), 10));
    list.press(Key::Word, 10);
    assert_eq!(list.query(), "one two  ");
    list.press(Key::Word, 10);
    assert_eq!(list.query(), "one ");
    assert!(list.selected().is_none());
    list.press(Key::Down, 10);
    assert!(list.selected().is_none());
    list.press(Key::Clear, 10);
    assert_eq!((list.query(), list.selected().unwrap().0), ("", 0));
}

fn keys(parts: &[&[u8]]) -> (Vec<Key>, Option<Key>) {
    let mut keys = Keys::default();
    let mut out = Vec::new();
    for part in parts {
        keys.feed(part);
        out.extend(std::iter::from_fn(|| keys.take()));
    }
    let last = if keys.pending() { keys.give_up() } else { None };
    (out, last)
}

#[test]
fn keys_are_read_as_terminals_send_them() {
    for (bytes, wanted) in [
        (&b"\x1b[A\x1bOA\x10\x1b[1;5A\x1b[Z"[..], &[Key::Up; 5][..]),
        (b"\x1b[B\x1bOB\x0e\t", &[Key::Down; 4]),
        (b"\x1b[5~\x1b[6~", &[Key::PageUp, Key::PageDown]),
        (b"\x1b[H\x1bOH\x1b[1~\x1b[7~", &[Key::Home; 4]),
        (b"\x1b[F\x1bOF\x1b[4~\x1b[8;2~", &[Key::End; 4]),
        (b"\r\n\x1bOM", &[Key::Enter; 3]),
        (b"\x03", &[Key::Interrupt]),
        (b"\x7f\x08\x15\x17", &[Key::Backspace, Key::Backspace, Key::Clear, Key::Word]),
        (b"a\xe4\xb8\xad~", &[Key::Char('a'), Key::Char('中'), Key::Char('~')]),
        // what means nothing is nothing: function keys, the mouse, Alt with a letter, pasting
        (b"\x1b[15~\x1b[[A\x1b[<0;1;1Mx\x1ba\x1b[200~y", &[Key::Char('x'), Key::Char('y')]),
        // what nobody sees, and what is no character
        ("\u{202e}\u{200b}\u{85}".as_bytes(), &[]),
        (b"\xff\xc0\x80\xe4a", &[Key::Char('a')]),
        (b"\x1b\x1b[A", &[Key::Escape, Key::Up]),
    ] {
        assert_eq!(keys(&[bytes]), (wanted.to_vec(), None), "{bytes:?}");
        // however it is cut
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(keys(&single), (wanted.to_vec(), None), "{bytes:?} byte by byte");
    }
    assert_eq!(keys(&[b"\x1b"]), (vec![], Some(Key::Escape)));
    assert_eq!(keys(&[b"a\x1b["]), (vec![Key::Char('a')], None));
}

/// The picture as it is, without colours.
fn drawn(list: &mut List, size: (usize, usize), lang: Lang) -> (Vec<String>, usize) {
    let mut life = |row: &Row| match row.name.len() % 4 {
        0 => None,
        1 => Some(Life::Days(364)),
        2 => Some(Life::Days(-3)),
        _ => Some(Life::Unusable),
    };
    let paint = |_: Style, text: &str| text.to_owned();
    let mut brush = Brush { lang, paint: &paint, life: &mut life };
    let frame = frame(list, size, None, &mut brush);
    (frame.lines, frame.cursor)
}

fn any_row() -> impl Strategy<Value = Row> {
    let text = "[a-z0-9 .\u{4e00}-\u{4e20}é🐳]{0,30}";
    ("[a-zA-Z0-9][a-z0-9._+-]{0,40}", "(tcp|ssh)://[a-z0-9.]{1,60}:2376", text, text, 0..16_u8)
        .prop_map(|(name, host, tags, about, bits)| Row {
            at: 0,
            name,
            host: if bits == 8 { String::new() } else { host },
            tls: Tls(Style::Plain, "insecure!"),
            tags,
            about,
            current: bits & 1 > 0,
            mark: ["", "*", "?"][usize::from(bits) % 3],
            protected: bits & 2 > 0,
            broken: (bits == 8).then(|| "unknown key 生产".to_owned()),
        })
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_terminal(
        rows in proptest::collection::vec(any_row(), 0..30),
        columns in 1..140_usize,
        height in 1..30_usize,
        query in "[a-z生 ]{0,3}",
        zh in any::<bool>(),
    ) {
        let lang = if zh { Lang::Zh } else { Lang::En };
        let mut list = List::new(rows, None);
        query.chars().for_each(|c| list.press(Key::Char(c), 5));
        let (lines, cursor) = drawn(&mut list, (columns, height), lang);
        prop_assert!(lines.len() <= height);
        prop_assert!(cursor < columns);
        for line in &lines {
            prop_assert!(line.width() < columns, "{columns} columns: {line:?}");
        }
        // nothing trails but the blank behind what is asked
        prop_assert!(lines.iter().skip(1).all(|line| line.trim_end() == line), "{lines:?}");
        // the guard's word is there, however narrow it is
        if columns >= 24 {
            let word = if zh { "受保护" } else { "protected" };
            let marked = lines.iter().skip(1).filter(|line| line.contains(word)).count();
            let shown = list.shown().take(lines.len() - 1);
            let names: Vec<&Row> = shown.collect();
            if names.len() == list.shown().len() {
                let wanted = names.iter().filter(|row| row.protected).count();
                prop_assert!(marked >= wanted, "{marked} of {wanted} in\n{}", lines.join("\n"));
            }
        }
    }

    #[test]
    fn what_is_cut_is_as_wide_as_it_may_be(text in "[a-z生产🐳]{0,30}", width in 0..40_usize) {
        for cut in [start(&text, width), middle(&text, width), end(&text, width)] {
            prop_assert!(cut.width() <= width);
            if text.width() <= width {
                prop_assert_eq!(&cut, &text);
            } else {
                prop_assert!(cut.width() + 2 >= width && cut.contains(&"..."[..width.min(3)]));
            }
        }
    }
}

/// Only what changes the looks of fzf is taken from a person's options.
#[test]
fn only_looks_are_taken_from_the_options_of_fzf() {
    for (options, wanted) in [
        ("--height 40% --reverse --border", &["--height=40%", "--reverse", "--border"][..]),
        ("--color=dark --color 'bg+:1'", &["--color=dark", "--color=bg+:1"]),
        (
            "--preview 'touch pwned' --bind 'start:execute(touch pwned)' --layout=default",
            &["--layout=default"],
        ),
        ("-1 --select-1 -q x --query=x -f x --filter x -m --print0 --tac +s -e --expect=a", &[]),
        ("--border sharp --preview-window=up", &["--border=sharp"]),
        ("--bind=enter:become(touch pwned)", &[]),
        ("--prompt --reverse", &["--reverse"]),
        ("--height '40%", &[]),
        ("", &[]),
    ] {
        assert_eq!(looks(options), wanted, "{options}");
    }
}
