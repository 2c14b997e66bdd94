//! Types every hint that a test sees, in the state in which it was printed: on a copy of the sandbox that is mounted at
//! the same place, in a network of its own where nothing can be reached. A hint has to be taken, and to lead on: what it
//! leads to is typed as well, until something works or only the world outside is missing.
//!
//! `tests/run.sh` asks for it by the environment variable `DCTX_HINTS`, the file in which each hint that was typed is
//! noted; without it nothing is done, since every hint costs some processes.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use super::run::Output;
use super::sandbox::dctx_bin;

/// The longest chain of hints that is followed. A person gives up sooner.
const STEPS: usize = 5;

/// Sandboxes with more than this many bytes are not copied.
const LARGEST: u64 = 4 << 20;

/// The commands that hints on these lines advise, without what is said of them: `hint: to change it: dctx edit a`.
pub(crate) fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim_start();
        let marks = ["hint: ", "next: ", "fix: "];
        let (rest, whole) = match marks.iter().find_map(|mark| line.strip_prefix(mark)) {
            Some(rest) => (rest, true),
            // `dctx: removed a; to take it back: dctx undo`, but not `dctx: dctx cannot …`
            None if line.starts_with("dctx: ") => (line, false),
            None => continue,
        };
        let starts = ["dctx ", "eval \"$(dctx "];
        let at = starts.iter().filter_map(|start| match rest.starts_with(start) {
            true if whole => Some(0),
            _ => {
                let inside = rest.find(&format!(": {start}"))?;
                (whole || inside > "dctx".len()).then_some(inside + 2)
            }
        });
        let Some(at) = at.min() else { continue };
        // `fix: dctx …   (what it is for)`
        let command = rest[at..].split("   (").next().unwrap().trim();
        // not prose about dctx
        let verb = command.split("dctx ").nth(1).unwrap_or_default();
        let verb = verb.split([' ', ')', '"']).next().unwrap_or_default();
        if is_verb(verb) {
            found.push(command.to_owned());
        }
    }
    found
}

/// Whether there is a command of this name.
fn is_verb(word: &str) -> bool {
    use clap::CommandFactory as _;
    let command = dctx::cli::Cli::command();
    command.get_subcommands().any(|verb| verb.get_name() == word)
}

/// The words of the command line of dctx in it, with placeholders filled in; None for what only a person can fill in.
fn words(command: &str, profiles: &[String], here: &Path) -> Option<Vec<String>> {
    let inner = match command.strip_prefix("eval \"$(") {
        Some(rest) => rest.split(")\"").next()?,
        None => command.split(" | source").next()?,
    };
    let words = shell_words::split(inner).ok()?;
    // more than one command, or something for the shell
    if words.iter().any(|word| ["&&", "|", ";", ">"].contains(&word.as_str())) {
        return None;
    }
    let adds = words.get(1).is_some_and(|verb| verb == "add");
    let fill = |word: &String| -> Option<String> {
        let name = || match adds {
            true => Some("filled-in".to_owned()),
            false => profiles.first().cloned(),
        };
        Some(match word.as_str() {
            "NAME" | "OLD" => name()?,
            "NEW" => "filled-in".to_owned(),
            "HOST" => "tcp://127.0.0.1:2376".to_owned(),
            "DIR" => certificates(here, 4)?,
            "FILE" => format!("{}/ca.pem", certificates(here, 4)?),
            "TEXT" | "CMD" => return None,
            other => other.replace("//HOST", "//127.0.0.1").replace("USER@", "me@"),
        })
    };
    words.iter().map(fill).collect()
}

/// A directory with certificates in or below `dir`, no more than `depth` levels down.
fn certificates(dir: &Path, depth: usize) -> Option<String> {
    if dir.join("ca.pem").is_file() {
        return dir.to_str().map(str::to_owned);
    }
    let below = fs::read_dir(dir).ok().filter(|_| depth > 0)?.flatten();
    let mut dirs: Vec<_> = below.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    dirs.sort();
    dirs.iter().find_map(|dir| certificates(dir, depth - 1))
}

/// Types this command line of dctx where `like` ran, on a copy of its sandbox `here`.
fn typed(like: &Command, here: &Path, copy: &Path, words: &[String]) -> Option<(i32, String)> {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--net", "--propagation", "private", "sh", "-c"]);
    command
        .arg(
            "mount --bind \"$1\" \"$2\" && shift 2 && cd \"$1\" && shift && exec timeout 60 \"$@\"",
        )
        .arg("sh");
    command.arg(copy).arg(here).arg(like.get_current_dir()?).arg(dctx_bin()).args(&words[1..]);
    command.env_clear();
    for (name, value) in like.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    // an editor that changes nothing, and a shell that is named
    command.env("EDITOR", "true").env("VISUAL", "true");
    if !words.iter().any(|word| word == "--shell") {
        command.env("DCTX_SHELL", "bash");
    }
    command.env_remove("DCTX_FD").stdin(Stdio::null());
    let out = command.output().ok()?;
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    Some((out.status.code().unwrap_or(-1), said))
}

/// Types what `out` advises, and what that leads to. `like` is the command that printed it, `here` its sandbox.
#[track_caller]
pub(crate) fn follow(like: &Command, here: &Path, out: &Output) {
    static SEEN: Mutex<Option<HashSet<String>>> = Mutex::new(None);
    let Some(report) = std::env::var_os("DCTX_HINTS").filter(|path| !path.is_empty()) else {
        return;
    };
    if like.get_program() != dctx_bin().as_os_str() {
        return;
    }
    let mut text = String::from_utf8_lossy(&out.stderr).into_owned();
    text.push_str(&String::from_utf8_lossy(&out.stdout));
    let test = std::thread::current().name().unwrap_or("?").to_owned();
    for hint in commands(&text) {
        let key = format!("{test} {hint}");
        if !SEEN.lock().unwrap().get_or_insert_default().insert(key) {
            continue;
        }
        let fault = chain(like, here, &hint);
        let verdict = if fault.is_none() { "ok" } else { "FAULT" };
        let line = format!("{verdict} {test}: {hint}\n");
        let mut file = OpenOptions::new().append(true).create(true).open(&report).unwrap();
        file.write_all(line.as_bytes()).unwrap();
        if let Some(fault) = fault {
            panic!("a hint that does not work, printed by {:?}\n{fault}", like.get_args());
        }
    }
}

/// Why the hint, or one that it leads to, does not work.
fn chain(like: &Command, here: &Path, hint: &str) -> Option<String> {
    if size(here) > LARGEST {
        return None;
    }
    let copy = here.with_extension("hint");
    let _ = fs::remove_dir_all(&copy);
    let made =
        Command::new("cp").arg("-a").arg(here).arg(&copy).stderr(Stdio::null()).status().unwrap();
    if !made.success() {
        let _ = fs::remove_dir_all(&copy);
        return None;
    }
    let fault = steps(like, here, &copy, hint);
    let _ = fs::remove_dir_all(&copy);
    fault
}

fn steps(like: &Command, here: &Path, copy: &Path, hint: &str) -> Option<String> {
    let mut next = hint.to_owned();
    let mut log = String::new();
    let mut before: Vec<String> = Vec::new();
    for _ in 0..STEPS {
        let names = ["dctx", "ls", "-q"].map(str::to_owned);
        let profiles = listed(like, here, copy, &names);
        let words = words(&next, &profiles, here)?;
        let (code, said) = typed(like, here, copy, &words)?;
        log.push_str(&format!("$ {next}\n[{code}] {said}"));
        match code {
            0 => return None,
            // a command line that is none; what is wrong with a value is said otherwise
            2 if said.contains(": dctx help") => return Some(format!("{log}is refused as typed")),
            // the world outside: a host, a person at a terminal, a program that is not there
            5..=7 | 125..=130 => return None,
            _ => {}
        }
        // a person at a terminal is asked, and there is none
        if said.contains("no terminal") {
            return None;
        }
        if before.contains(&next) {
            return Some(format!("{log}goes round in a circle"));
        }
        before.push(next);
        match commands(&said).first() {
            Some(more) => next = more.clone(),
            // it says what is wrong without a command; that is an end
            None => return None,
        }
    }
    Some(format!("{log}leads nowhere in {STEPS} steps"))
}

fn listed(like: &Command, here: &Path, copy: &Path, words: &[String]) -> Vec<String> {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c"]);
    command.arg("mount --bind \"$1\" \"$2\" && shift 2 && exec \"$@\"").arg("sh");
    command.arg(copy).arg(here).arg(dctx_bin()).args(&words[1..]).env_clear().stdin(Stdio::null());
    for (name, value) in like.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let out = command.output().map(|out| out.stdout).unwrap_or_default();
    String::from_utf8_lossy(&out).lines().map(str::to_owned).collect()
}

/// The bytes of all files below.
fn size(dir: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(dir) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => size(&entry.path()),
            _ => entry.metadata().map_or(0, |meta| meta.len()),
        })
        .sum()
}

/// A command is read out of each kind of line, and prose is none.
#[test]
fn commands_are_read_out_of_hints() {
    let text = "\
dctx: no profile named \"b\"
hint: did you mean a? all of them: dctx ls
hint: there are no profiles yet; add one: dctx add NAME tcp://HOST:2376 --certs DIR
next: eval \"$(dctx use a)\"
  fix: dctx cert renew a   (signs it anew)
hint: update dctx, or edit the file by hand
";
    let all = commands(text);
    assert_eq!(
        all,
        [
            "dctx ls",
            "dctx add NAME tcp://HOST:2376 --certs DIR",
            "eval \"$(dctx use a)\"",
            "dctx cert renew a"
        ]
    );
    let profiles = ["x".to_owned()];
    let nowhere = Path::new("/nonexistent");
    assert_eq!(words(&all[1], &profiles, nowhere), None);
    assert_eq!(words(&all[2], &profiles, nowhere).unwrap(), ["dctx", "use", "a"]);
    assert_eq!(words("dctx use NAME | source", &profiles, nowhere).unwrap(), ["dctx", "use", "x"]);
}
