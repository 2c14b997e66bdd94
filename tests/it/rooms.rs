//! The rooms of the house import only what they may: data flows one way, shells never see a profile,
//! profiles never see a shell.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms it may import from. `cmd` and `lib.rs` may import all.
const TABLE: &[(&str, &[&str])] = &[
    ("text", &[]),
    // what is read of the file system is bounded in one place
    ("file", &[]),
    ("error", &["file", "text"]),
    ("env", &["error"]),
    ("profile", &["file", "error", "text"]),
    ("exports", &["profile", "env", "error"]),
    ("shell", &["exports", "error"]),
    ("store", &["file", "profile", "env", "error", "text"]),
    // the one reader of private keys is in cert
    ("secret", &["file", "cert", "profile", "env", "error"]),
    ("cert", &["file", "profile", "env", "error", "text"]),
    // cert and check share one reader of certificates; which variables dctx manages is in exports
    ("check", &["file", "cert", "profile", "env", "error", "exports", "interop", "text"]),
    ("server", &["profile", "env", "error"]),
    // where docker goes: what the environment, docker's files and the last `use` say
    ("in_force", &["profile", "env", "exports", "interop"]),
    ("interop", &["file", "profile", "env", "error", "text"]),
    ("output", &["error", "env", "text"]),
    ("cli", &[]),
    ("main", &[]),
];

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            out.push(path);
        }
    }
}

/// The rooms that a source file names after `crate::`, also inside braces: `use crate::{a, b::c}`.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|l| format!("{l}\n"))
        .collect();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let word = |s: &str| -> String {
            s.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
        };
        match rest.strip_prefix('{') {
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (i, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && depth == 0 && !c.is_whitespace() => {
                            found.insert(word(&list[i..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
            None => {
                found.insert(word(rest));
            }
        }
    }
    found.remove("tr"); // the macro of `error`
    found
}

#[test]
fn every_room_imports_only_what_it_may() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&src, &mut all);
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for path in &all {
        let relative = path.strip_prefix(&src).unwrap();
        let room = relative.components().next().unwrap().as_os_str().to_str().unwrap();
        let room = room.strip_suffix(".rs").unwrap_or(room);
        if matches!(room, "cmd" | "lib") {
            continue;
        }
        seen.insert(room.to_owned());
        let Some((_, may)) = TABLE.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: a room that is not in the table", relative.display()));
            continue;
        };
        for import in imports(&fs::read_to_string(path).unwrap()) {
            if import != room && !may.contains(&import.as_str()) {
                wrong.push(format!("{}: imports {import}", relative.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let table: BTreeSet<String> = TABLE.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(seen, table, "left: rooms in src, right: rooms in the table");
}

/// The environment of the process is read in one place, and standard output and error are written in one.
#[test]
fn one_reader_and_one_writer() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&src, &mut all);
    let mut wrong = Vec::new();
    for path in &all {
        let relative = path.strip_prefix(&src).unwrap().display().to_string();
        let text = fs::read_to_string(path).unwrap();
        let mut check = |needle: &str, owners: &[&str]| {
            let owned = owners.contains(&relative.as_str());
            if !owned && text.contains(needle) {
                wrong.push(format!("{relative}: {needle}"));
            }
        };
        check("std::env::var", &["env.rs"]);
        check("env::vars", &["env.rs"]);
        check("env::args", &["main.rs"]);
        check("io::stdout", &["output.rs", "env.rs"]);
        check("io::stderr", &["output.rs", "env.rs"]);
        // a path may lead to a pipe or an endless device; what the kernel tells of processes is neither
        check("fs::read(", &["shell/detect.rs", "shell/reader.rs", "secret/process.rs"]);
        check("fs::read_to_string(", &["shell/reader.rs"]);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
