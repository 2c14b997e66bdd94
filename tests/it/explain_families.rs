//! Whole families of error texts, of public reports and of each client's own words: what is told is right, what is not
//! known is said to be so, and what is not docker's is not taken for it.

use std::collections::BTreeSet;

use dctx::check::diagnosis::Diagnosis;
use dctx::check::explain::{explain, here};
use dctx::check::id::Id;
use serde_json::Value;

use crate::lab::OF_OTHER_PROGRAMS;

/// Pasted in public reports, with the ids that are right.
const REPORTS: &str = include_str!("../data/client-errors.json");
/// In the words of each client's source, with the ids that are right.
const WORDS: &str = include_str!("../data/client-words.json");

/// One text.
struct Case {
    ids: Vec<String>,
    text: String,
    variables: Vec<(String, String)>,
}

fn cases(json: &str) -> Vec<Case> {
    let all: Value = serde_json::from_str(json).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let case = |case: &Value| Case {
        ids: case["ids"].as_array().unwrap().iter().map(text).collect(),
        text: text(&case["text"]),
        variables: case["variables"]
            .as_object()
            .map(|map| map.iter().map(|(name, value)| (name.clone(), text(value))).collect())
            .unwrap_or_default(),
    };
    all["texts"].as_array().unwrap().iter().map(case).collect()
}

/// What is said of a text, in a shell with the case's variables.
fn said(case: &Case, text: &str) -> Option<Diagnosis> {
    let variable = |name: &str| {
        case.variables.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone())
    };
    explain(text).map(|said| here(said, text, &variable))
}

fn id(case: &Case, text: &str) -> &'static str {
    said(case, text).map_or("unknown", |said| said.id.as_str())
}

fn short(text: &str) -> String {
    text.chars().take(160).collect::<String>().replace('\n', "⏎")
}

/// How many are right, unknown though an id fits, and wrong; the wrong and unknown ones with their texts.
fn counted(what: &str, cases: &[Case]) -> (usize, Vec<String>, Vec<String>) {
    let (mut right, mut unknown, mut wrong) = (0, Vec::new(), Vec::new());
    for case in cases {
        let id = id(case, &case.text);
        let line = format!("{id}, not {:?}: {}", case.ids, short(&case.text));
        match () {
            () if case.ids.iter().any(|it| it == id) => right += 1,
            () if id == "unknown" => unknown.push(line),
            () => wrong.push(line),
        }
    }
    let (all, missed, bad) = (cases.len(), unknown.len(), wrong.len());
    println!("{what}: {all} texts, {right} right, {missed} unknown, {bad} wrong");
    (right, unknown, wrong)
}

/// A wrong answer is worse than none.
#[test]
fn reports_are_told_right_or_not_at_all() {
    let cases = cases(REPORTS);
    let (right, unknown, wrong) = counted("public reports", &cases);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(right * 100 >= cases.len() * 95, "{}", unknown.join("\n"));
}

#[test]
fn the_words_of_each_client_are_known() {
    let cases = cases(WORDS);
    let (_, unknown, wrong) = counted("clients' words", &cases);
    assert!(wrong.is_empty() && unknown.is_empty(), "{}\n{}", wrong.join("\n"), unknown.join("\n"));
}

/// A text that the shared list of reports has, and this one has not yet, is told right or not at all, too.
#[test]
fn the_shared_reports_are_told_right_too() {
    let Ok(json) = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/client-errors.json"),
    ) else {
        return;
    };
    let shared: Value = serde_json::from_str(&json).unwrap();
    let own = cases(REPORTS);
    // The order is the same; hosts' and people's names are not.
    let texts: Vec<&str> =
        shared["texts"].as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap()).collect();
    let wrong: Vec<String> = own
        .iter()
        .zip(texts)
        .map(|(case, text)| (case, text, id(case, text)))
        .filter(|(case, _, id)| *id != "unknown" && !case.ids.iter().any(|it| it == id))
        .map(|(case, text, id)| format!("{id}, not {:?}: {}", case.ids, short(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each diagnosis that no situation of the laboratory brings about has a text here; those without words of any program
/// have none.
#[test]
fn every_diagnosis_of_other_programs_has_its_words() {
    const WORDLESS: [Id; 3] = [Id::SshSlow, Id::HookLost, Id::SocketElsewhere];
    let all = [cases(REPORTS), cases(WORDS)];
    let said: BTreeSet<&str> = all.iter().flatten().map(|case| id(case, &case.text)).collect();
    let missing: Vec<&Id> = OF_OTHER_PROGRAMS
        .iter()
        .filter(|id| !WORDLESS.contains(id) && !said.contains(id.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// As logs, JSON and terminals hand it on, these breaking it in the middle of a word.
#[test]
fn noise_makes_no_text_another() {
    let wrapped = |text: &str, width: usize| -> String {
        let lines = text.lines().map(|line| {
            let chars: Vec<char> = line.chars().collect();
            chars
                .chunks(width)
                .map(|part| part.iter().collect::<String>())
                .collect::<Vec<_>>()
                .join("\n")
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let prefixed = |text: &str, prefix: &str| {
        text.lines().map(|line| format!("{prefix}{line}")).collect::<Vec<_>>().join("\r\n")
    };
    let mut wrong = Vec::new();
    for case in [cases(REPORTS), cases(WORDS)].iter().flatten() {
        let before = id(case, &case.text);
        for noisy in [
            format!("\u{1b}[31m{}\u{1b}[0m\u{1b}[K", case.text),
            prefixed(&case.text, "web-1  | 2026-11-25T22:01:02.123Z "),
            format!("{{\"level\":\"error\",\"msg\":{}}}", Value::from(case.text.clone())),
            format!("me@box:~$ \r\n{}\r\nme@box:~$ ", case.text.replace('\n', "\r\n")),
        ] {
            let id = id(case, &noisy);
            if id != before && !case.ids.iter().any(|it| it == id) {
                wrong.push(format!("{id}, not {before}: {}", short(&noisy)));
            }
        }
        for width in [60, 72, 80, 100, 120] {
            let broken = wrapped(&case.text, width);
            let id = id(case, &broken);
            if id != before && !case.ids.iter().any(|it| it == id) {
                wrong.push(format!("{id}, not {before}, at {width}: {}", short(&broken)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
