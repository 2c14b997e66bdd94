//! daemon.json: the keys that a daemon needs for this, put into a file that somebody else wrote, whose every other
//! byte stays.

use std::ops::Range;

use serde_json::Value;

use super::{Kind, Mode, Setup};
use crate::error::JsonFault as Fault;

/// Where local clients find the daemon.
const LOCAL: &str = "unix:///var/run/docker.sock";

/// The keys and their values, as JSON texts, in order. `dir` is where the certificates lie.
///
/// `tlsverify` is always among them: `tls` alone makes dockerd (20.10 and later) ask for client certificates of the
/// system's CAs.
#[must_use]
pub fn keys(setup: &Setup, kind: Kind, dir: &str) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    if setup.mode == Mode::Tls {
        out.push(("tlsverify", "true".to_owned()));
        for (key, file) in
            [("tlscacert", "ca.pem"), ("tlscert", "server-cert.pem"), ("tlskey", "server-key.pem")]
        {
            out.push((key, Value::from(format!("{dir}/{file}")).to_string()));
        }
    }
    if kind == Kind::Hosts {
        out.push(("hosts", list(&[LOCAL.to_owned(), setup.tcp()])));
    }
    out
}

/// A JSON array of texts on one line, as people write it.
fn list(items: &[String]) -> String {
    let items: Vec<String> =
        items.iter().map(|item| Value::from(item.as_str()).to_string()).collect();
    format!("[{}]", items.join(", "))
}

/// How dockerd listens where it is started with this daemon.json, as far as that can be told: docker does not start with
/// both `hosts` and a `-H` flag, so that a file with `hosts` belongs to a dockerd without one.
#[must_use]
pub fn kind_of(present: &str) -> Kind {
    let object = serde_json::from_str::<Value>(present).unwrap_or_default();
    if object.get("hosts").is_some() { Kind::Hosts } else { Kind::Socket }
}

/// daemon.json as it has to be: `present` with the keys put in, or made from nothing where there is none (or only
/// blanks). `None` where there is neither a file nor a key to write. With `take_over`, `hosts` that stands in the way is
/// replaced, or taken out where systemd listens; sockets of this machine stay in it.
///
/// # Errors
/// [`Fault`]: what stands in the way.
pub fn merged(
    present: Option<&str>,
    setup: &Setup,
    kind: Kind,
    dir: &str,
    take_over: bool,
) -> Result<Option<String>, Fault> {
    let keys = keys(setup, kind, dir);
    let present = present.unwrap_or_default();
    if present.trim().is_empty() {
        let lines: Vec<String> =
            keys.iter().map(|(key, value)| format!("  \"{key}\": {value}")).collect();
        return Ok((!keys.is_empty()).then(|| format!("{{\n{}\n}}\n", lines.join(",\n"))));
    }
    let object = Object::read(present)?;
    if kind == Kind::Socket && object.get("hosts").is_some() {
        if !take_over {
            return Err(Fault::HostsAndFlag);
        }
        return merged(Some(&object.without(present, "hosts")), setup, kind, dir, false);
    }
    if setup.mode == Mode::Plain {
        for key in ["tls", "tlsverify", "tlscacert", "tlscert", "tlskey"] {
            if object.get(key).is_some() {
                return Err(Fault::Tls(key));
            }
        }
    }
    let mut text = present.to_owned();
    let mut new = Vec::new();
    let mut changed: Vec<(Range<usize>, String)> = Vec::new();
    for (key, value) in keys {
        let Some(member) = object.get(key) else {
            new.push(format!("\"{key}\": {value}"));
            continue;
        };
        let is = present.get(member.value.clone()).unwrap_or_default();
        let is: Value = serde_json::from_str(is).unwrap_or_default();
        let value = if key == "hosts" { hosts(&is, setup, take_over)? } else { value };
        if serde_json::from_str::<Value>(&value).ok().as_ref() != Some(&is) {
            changed.push((member.value.clone(), value));
        }
    }
    if !new.is_empty() {
        changed.push((object.end..object.end, object.appended(present, &new)));
    }
    // from the end, so that what comes before stays where it is
    changed.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, value) in changed {
        text.replace_range(range, &value);
    }
    Ok(Some(text))
}

/// `hosts` with ours in it, and with `take_over` without what others have put there for the network.
fn hosts(is: &Value, setup: &Setup, take_over: bool) -> Result<String, Fault> {
    let wanted = || list(&[LOCAL.to_owned(), setup.tcp()]);
    let other = || Fault::OtherHosts { has: is.to_string(), wanted: wanted() };
    let tcp = setup.tcp();
    let is_local = |entry: &String| entry.starts_with("unix://") || entry.starts_with("fd://");
    let mut out = Vec::new();
    match is.as_array() {
        None if take_over => {}
        None => return Err(other()),
        Some(entries) => {
            for entry in entries {
                match entry.as_str().map(str::to_owned) {
                    Some(entry) if is_local(&entry) || entry == tcp => out.push(entry),
                    _ if take_over => {}
                    _ => return Err(other()),
                }
            }
        }
    }
    if !out.iter().any(is_local) {
        out.insert(0, LOCAL.to_owned());
    }
    if !out.contains(&tcp) {
        out.push(tcp);
    }
    Ok(list(&out))
}

/// One `"key": value` of the outermost object.
#[derive(Debug)]
struct Member {
    key: String,
    /// Where the quote before the key is.
    start: usize,
    value: Range<usize>,
}

/// Where everything is in the text of an object.
#[derive(Debug)]
struct Object {
    members: Vec<Member>,
    /// Just after the last value, or after the brace where there is none: where more goes.
    end: usize,
    /// What stands between the brace and the first key.
    lead: String,
}

impl Object {
    fn read(text: &str) -> Result<Self, Fault> {
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(_)) => {}
            Ok(_) => return Err(Fault::NoObject),
            Err(e) => return Err(Fault::Syntax { line: e.line(), column: e.column() }),
        }
        // It is JSON: what follows only has to find the places.
        let scan = Scan { text: text.as_bytes() };
        let open = scan.blanks(0) + 1;
        let mut at = scan.blanks(open);
        let lead = text.get(open..at).unwrap_or_default().to_owned();
        let (mut members, mut end) = (Vec::<Member>::new(), open);
        while scan.byte(at) == Some(b'"') {
            let key = scan.string(at);
            let name: String =
                serde_json::from_str(text.get(at..key).unwrap_or_default()).unwrap_or_default();
            if members.iter().any(|member| member.key == name) {
                return Err(Fault::Twice(name));
            }
            // the colon, and blanks around it
            let value = scan.blanks(scan.blanks(key) + 1);
            end = scan.value(value);
            members.push(Member { key: name, start: at, value: value..end });
            at = scan.blanks(end);
            if scan.byte(at) == Some(b',') {
                at = scan.blanks(at + 1);
            }
        }
        Ok(Self { members, end, lead })
    }

    fn get(&self, key: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.key == key)
    }

    /// The text without `key`, and without the comma before it, or after it where it is the first.
    fn without(&self, text: &str, key: &str) -> String {
        let mut out = text.to_owned();
        let Some(at) = self.members.iter().position(|member| member.key == key) else { return out };
        let end_of = |member: &Member| member.value.end;
        let before = at.checked_sub(1).and_then(|at| self.members.get(at)).map(end_of);
        let after = self.members.get(at + 1).map(|member| member.start);
        if let Some(member) = self.members.get(at) {
            let range = match (before, after) {
                (Some(before), _) => before..member.value.end,
                (None, after) => member.start..after.unwrap_or(member.value.end),
            };
            out.replace_range(range, "");
        }
        out
    }

    /// What to put at [`Self::end`], in the manner of what is there.
    fn appended(&self, text: &str, new: &[String]) -> String {
        let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        if self.members.is_empty() {
            let between = format!(",{line_end}  ");
            return format!("{line_end}  {}{line_end}", new.join(&between));
        }
        let lead = if self.lead.contains('\n') { self.lead.as_str() } else { " " };
        new.iter().map(|pair| format!(",{lead}{pair}")).collect()
    }
}

/// Finds the ends of things in JSON that is known to be right.
struct Scan<'t> {
    text: &'t [u8],
}

impl Scan<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    /// The first place from `at` on that is no blank.
    fn blanks(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            at += 1;
        }
        at
    }

    /// The place after the text that begins at `at`.
    fn string(&self, mut at: usize) -> usize {
        at += 1;
        loop {
            match self.byte(at) {
                Some(b'\\') => at += 2,
                Some(b'"') => return at + 1,
                Some(_) => at += 1,
                None => return self.text.len(),
            }
        }
    }

    /// The place after the value that begins at `at`.
    fn value(&self, mut at: usize) -> usize {
        let mut depth = 0_usize;
        loop {
            match self.byte(at) {
                None => return self.text.len(),
                Some(b'"') => {
                    at = self.string(at);
                    if depth == 0 {
                        return at;
                    }
                    continue;
                }
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') if depth <= 1 => return if depth == 1 { at + 1 } else { at },
                Some(b'}' | b']') => depth -= 1,
                Some(b',' | b' ' | b'\t' | b'\r' | b'\n') if depth == 0 => return at,
                Some(_) => {}
            }
            at += 1;
        }
    }
}
