//! PowerShell and cmd run nowhere in these tests. What they are given is read back by models of how they read, written
//! from their documents and sources; a model refuses what it does not know, so that no text is taken for right by chance.

use std::collections::BTreeMap;

use dctx::error::ValueFault;
use dctx::exports::{Exports, Scope, Var};
use dctx::shell::find;

use crate::support::shells::{NEVER_RUN, set, text};
use crate::support::values::{Class, Random, collected};

/// The environment that a text makes; None for what it takes away.
type Made = BTreeMap<String, Option<String>>;

/// A model of a shell: what the text does, or where the shell would read something else than was meant.
type Model = fn(&str) -> Result<Made, String>;

const MODELS: &[(&str, Model)] = &[("pwsh", powershell), ("cmd", cmd)];

/// The collected values and random ones, in one text, and each in a text of its own.
#[test]
fn every_value_is_read_back() {
    for (name, model) in MODELS {
        let emitter = find(name).unwrap();
        let mut random = Random::seeded(name);
        let mut values: Vec<Vec<u8>> = collected().into_iter().map(|(_, value)| value).collect();
        for class in Class::ALL {
            values.extend((0..2500).map(|_| random.value(class)));
        }
        let (mut all, mut wanted) = (Exports::new(), Made::new());
        for (i, value) in values.iter().enumerate() {
            let (var, mut one) = (format!("T_{i}"), Exports::new());
            set(&mut one, &var, value, Scope::Session);
            match emitter.emit(&one) {
                Ok(_) => {
                    let held = String::from_utf8(value.clone()).unwrap();
                    // cmd has no empty variables
                    let held = (*name != "cmd" || !held.is_empty()).then_some(held);
                    let made = Made::from([(var.clone(), held)]);
                    let text = String::from_utf8(text(emitter, &one)).unwrap();
                    assert_eq!(model(&text), Ok(made.clone()), "{name}: {text}");
                    set(&mut all, &var, value, Scope::Session);
                    wanted.extend(made);
                }
                Err(e) => assert_eq!(
                    Some(e.fault),
                    refused(name, value),
                    "{name}: {}",
                    value.escape_ascii()
                ),
            }
        }
        all.unset(Var::new("GONE"), Scope::Session);
        wanted.insert("GONE".to_owned(), None);
        let text = String::from_utf8(text(emitter, &all)).unwrap();
        assert_eq!(model(&text).unwrap(), wanted, "{name}");
        println!("{name}: {} of {} values held", wanted.len() - 1, values.len());
        assert!(wanted.len() > 800, "{name}: {}", wanted.len());
    }
}

/// What these shells cannot hold. Nothing else is refused.
fn refused(name: &str, value: &[u8]) -> Option<ValueFault> {
    let Ok(value) = std::str::from_utf8(value) else { return Some(ValueFault::NotUtf8) };
    let bad = |c: &char| !matches!(c, ' '..='~') || "\"%!^&|<>".contains(*c);
    match value.chars().find(bad) {
        Some(c) if name == "cmd" => Some(ValueFault::Char(c)),
        _ if name == "cmd" && value.len() > 8000 => Some(ValueFault::TooLongForCmd),
        _ => None,
    }
}

/// Whoever is never run has a model, and what fails there fails by the rules of that shell.
#[test]
fn everyone_who_is_never_run_has_a_model() {
    let modelled: Vec<&str> = MODELS.iter().map(|(name, _)| *name).collect();
    let never: Vec<&str> = NEVER_RUN.iter().map(|(name, _)| *name).collect();
    assert_eq!(modelled, never);
    let fail = |name: &str| find(name).unwrap().fail(7);
    assert_eq!(powershell(&fail("pwsh")), Err("thrown: dctx failed with status 7".to_owned()));
    assert_eq!(cmd(&fail("cmd")), Err("status 7".to_owned()));
}

/// The models can say no: what other programs print for PowerShell and cmd does not pass.
#[test]
fn the_models_see_what_is_wrong() {
    let thrown = |text: &str, why: &str| {
        let found = powershell(text).unwrap_err();
        assert!(found.contains(why), "{text}: {found}");
    };
    // a typographic apostrophe ends the string, whichever one began it
    thrown("$Env:A = 'x\u{2019}; touch pwned; \u{2018}';\n", "touch");
    thrown("$Env:A = 'it's';\n", "s");
    thrown("$Env:A = \"$(touch pwned)\";\n", "\"");
    thrown("$Env:A = 'x", "no end");
    thrown("$Env:A = ([char]10+'a');\n", "begins with a character");
    assert_eq!(
        powershell("$Env:A = 'it\u{2019}\u{2019}s';\n"),
        Ok(Made::from([("A".into(), Some("it\u{2019}s".into()))])),
        "two of them are one, which is not the ASCII one"
    );
    for text in [
        "SET \"A=%PATH%\"\n",
        "SET \"A=\"&touch pwned\"\"\n",
        "SET \"A=!B!\"\n",
        "SET \"A=a^b\"\n",
        "SET A=b \n",
        "SET \"A=中\"\n",
    ] {
        assert!(cmd(text).is_err(), "{text}");
    }
    let long = |n: usize| cmd(&format!("SET \"A={}\"\n", "x".repeat(n)));
    assert!(long(8191 - 8).is_ok() && long(8192 - 8).is_err());
}

/// The longest value that cmd takes, and one more.
#[test]
fn cmd_reads_lines_of_8191_characters() {
    let emit = |n: usize| {
        let mut exports = Exports::new();
        set(&mut exports, "A", "x".repeat(n).as_bytes(), Scope::Session);
        find("cmd").unwrap().emit(&exports).map_err(|e| e.fault)
    };
    let text = String::from_utf8(emit(8191 - 8).unwrap()).unwrap();
    assert_eq!(text.trim_end().len(), 8191);
    assert!(cmd(&text).is_ok());
    assert_eq!(emit(8191 - 7), Err(ValueFault::TooLongForCmd));
}

/// PowerShell's statements `$Env:NAME = EXPRESSION;` and `throw STRING;`, in expression mode (about_Parsing): a verbatim
/// string begins and ends with any of five characters (`IsSingleQuote` in CharTraits.cs), two of which are the
/// second one (`ScanStringLiteral` in tokenizer.cs); `[char]N` is a UTF-16 unit; `+` joins to a string on its left.
fn powershell(text: &str) -> Result<Made, String> {
    let mut made = Made::new();
    let mut rest = text;
    while !rest.trim_start().is_empty() {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("throw ") {
            let (what, _) = expression(after)?;
            return Err(format!("thrown: {}", what.unwrap_or_default()));
        }
        let after = rest.strip_prefix("$Env:").ok_or_else(|| format!("runs {rest}"))?;
        let end = after
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .ok_or("a name and no end")?;
        let (name, after) = after.split_at(end);
        let after = after.strip_prefix(" = ").ok_or_else(|| format!("no assignment: {after}"))?;
        let (value, after) = match after.strip_prefix('(') {
            Some(after) => {
                let (value, after) = expression(after)?;
                (value, after.strip_prefix(')').ok_or_else(|| format!("no end: {after}"))?)
            }
            None => expression(after)?,
        };
        rest = after.strip_prefix(';').ok_or_else(|| format!("runs {after}"))?;
        made.insert(name.to_owned(), value);
    }
    Ok(made)
}

/// A sum of strings and characters, or `$null`; with what stands behind it.
fn expression(text: &str) -> Result<(Option<String>, &str), String> {
    if let Some(rest) = text.strip_prefix("$null") {
        return Ok((None, rest));
    }
    if text.starts_with('[') {
        return Err("begins with a character, so + would add numbers".to_owned());
    }
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    loop {
        let first = rest.chars().next().ok_or("no end")?;
        if is_single_quote(first) {
            let (value, after) = verbatim(&rest[first.len_utf8()..])?;
            units.extend(value.encode_utf16());
            rest = after;
        } else if let Some(after) = rest.strip_prefix("[char]") {
            let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            units.push(after[..end].parse().map_err(|e| format!("[char]{}: {e}", &after[..end]))?);
            rest = &after[end..];
        } else {
            return Err(format!("not a string: {rest}"));
        }
        match rest.strip_prefix('+') {
            Some(after) => rest = after,
            None => break,
        }
    }
    let value = String::from_utf16(&units).map_err(|_| "half a character")?;
    Ok((Some(value), rest))
}

fn is_single_quote(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}')
}

/// The rest of a verbatim string behind the character that began it.
fn verbatim(text: &str) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if !is_single_quote(c) {
            value.push(c);
            continue;
        }
        match chars.peek() {
            Some((_, next)) if is_single_quote(*next) => {
                value.push(c);
                chars.next();
            }
            _ => return Ok((value, &text[at + c.len_utf8()..])),
        }
    }
    Err("no end of a string".to_owned())
}

/// cmd's lines as `FOR /f "tokens=*"` hands them on: at most 8191 characters, no blank in front, in the console's code
/// page (so ASCII alone is safe). `SET "NAME=VALUE"` takes what stands between the first and the last quote. What cmd
/// might replace or split (`help set`, `help cmd`) is refused wherever it stands.
fn cmd(text: &str) -> Result<Made, String> {
    let mut made = Made::new();
    for line in text.split_terminator('\n') {
        if line.len() > 8191 {
            return Err("a line too long".to_owned());
        }
        if let Some(status) = line.strip_prefix("cmd /d /c exit ") {
            return Err(format!("status {status}"));
        }
        if let Some(c) = line.chars().find(|c| "%!^&|<>".contains(*c) || !matches!(c, ' '..='~')) {
            return Err(format!("{c:?} is not what it seems"));
        }
        let inner = line.strip_prefix("SET \"").ok_or_else(|| format!("runs {line}"))?;
        let inner =
            inner.strip_suffix('"').ok_or_else(|| format!("no quote at the end: {line}"))?;
        let (name, value) = inner.split_once('=').ok_or("shows variables")?;
        if inner.contains('"') || name.is_empty() || name.starts_with('/') {
            return Err(format!("not one assignment: {line}"));
        }
        made.insert(name.to_owned(), (!value.is_empty()).then(|| value.to_owned()));
    }
    Ok(made)
}
