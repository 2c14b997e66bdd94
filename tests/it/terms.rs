//! Messages use the terms of CONTRIBUTING, and plain words: what was once decoded by a reader does not come back.

use std::fs;
use std::path::Path;

use crate::hints::{literals, sources};

/// What no English message says, and what to say in its place. A word stands for itself and no longer one.
const ENGLISH: [(&str, &str); 20] = [
    ("whoever", "anyone who, or: whoever runs the daemon"),
    ("nobody", "no one, or say what does not happen"),
    ("mend", "fix"),
    ("anew", "again, or a new one"),
    ("is no", "is not a"),
    ("goes before", "takes precedence over"),
    ("passes over", "skips"),
    ("take it away", "unset it, or remove it"),
    ("leave it away", "without it"),
    ("to be rid of", "to remove"),
    ("came with", "connected with"),
    ("came without", "connected without"),
    ("is of the", "is signed by the, or belongs to the"),
    ("is of another", "is signed by another, or belongs to another"),
    ("it holds", "it contains"),
    ("holds a", "contains a"),
    ("shut somebody out", "stop a client from connecting"),
    ("is yours to", "say what the person has to do"),
    ("a blank", "a space"),
    ("TLS verified", "TLS, verified both ways"),
];

/// The same for Chinese.
const CHINESE: [(&str, &str); 11] = [
    ("您", "你"),
    ("服务端", "服务器"),
    ("上下文", "context"),
    ("复位", "切回本地 docker"),
    ("回到本\u{5730}", "切回本地 docker"),
    ("被覆盖", "被遮蔽"),
    ("遮\u{4f4f}", "遮蔽"),
    ("剩余", "还剩"),
    ("会说：", "的报错："),
    ("TLS 已验证", "TLS（双向验证）"),
    ("无处可去", "无法连接"),
];

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric());
        !letter(text[..at].chars().next_back()) && !letter(text[at + word.len()..].chars().next())
    })
}

/// What is wrong with a text of either language, in words.
fn wrong(english: &str, chinese: &str) -> Vec<String> {
    let mut out = Vec::new();
    let kept = ["is no longer", "there is no", "There is no", "whoever runs"];
    let plain = kept.iter().fold(english.to_owned(), |text, kept| text.replace(kept, ""));
    for (word, instead) in ENGLISH {
        if has_word(&plain, word) {
            out.push(format!("{english:?} says \"{word}\": {instead}"));
        }
    }
    for (word, instead) in CHINESE {
        if chinese.contains(word) {
            out.push(format!("{chinese:?} says {word}: {instead}"));
        }
    }
    for (at, word) in chinese.match_indices("配置") {
        let (before, after) = (&chinese[..at], &chinese[at + word.len()..]);
        let named =
            before.ends_with("主机") || before.ends_with("dctx ") || after.starts_with("文件");
        if !named {
            out.push(format!("{chinese:?} says 配置 alone: 主机配置, 配置文件"));
        }
    }
    out
}

#[test]
fn messages_are_in_plain_words() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let (mut faults, mut pairs) = (Vec::new(), 0);
    for (path, text) in files {
        for (at, _) in text.match_indices("tr!(") {
            let found = literals(&text[at + 3..]);
            let [english, chinese, ..] = found.as_slice() else { continue };
            pairs += 1;
            let line = text[..at].lines().count();
            let place = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(&path);
            let place = format!("{}:{line}: ", place.display());
            faults.extend(wrong(english, chinese).into_iter().map(|fault| place.clone() + &fault));
        }
    }
    for (key, text) in dctx::cli::zh::TEXTS {
        faults.extend(wrong("", text).into_iter().map(|fault| format!("{key}: {fault}")));
    }
    assert!(pairs > 700, "only {pairs}: does this test still read the right files?");
    assert!(faults.is_empty(), "{} of {pairs}:\n{}", faults.len(), faults.join("\n"));
}

/// The README of each language, without its examples.
#[test]
fn the_readme_is_in_plain_words() {
    for name in ["README.md", "README.zh-CN.md"] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
        let prose: Vec<&str> = text.split("```").step_by(2).collect();
        let prose = prose.concat();
        let faults = if name == "README.md" { wrong(&prose, "") } else { wrong("", &prose) };
        let first = faults.iter().map(|fault| fault.rsplit(" says ").next().unwrap());
        assert!(faults.is_empty(), "{name}: {:?}", first.collect::<Vec<_>>());
    }
}
