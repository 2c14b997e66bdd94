//! Advice as it is typed in the shell that asks: `dctx use` and `dctx reset` change that shell only by what it
//! evaluates, and each shell has its own way to take a variable away.

use super::{Ctx, deliver, emit};
use crate::error::Hint;
use crate::exports::{Exports, Scope, Var};
use crate::output::Output;
use crate::shell::{Emitter, Kind, find};

/// The hints, their commands written for the shell at work: `dctx reset` as `dctx reset | source` in a fish without the
/// hook, `unset X` as `hide-env X` in nu. Words of one hint's own are left as they are. Where no shell is found they are
/// those of POSIX.
pub fn spoken(ctx: &Ctx<'_>, hints: Vec<Hint>) -> Vec<Hint> {
    let mine = |run: &String| changes(run) || variable(run).is_some() || run == AGENT;
    if !hints.iter().filter_map(|hint| hint.run.as_ref()).any(mine) {
        return hints;
    }
    let shell = shell_at_work(ctx);
    let hooked = shell.is_some_and(|shell| deliver::hooked(ctx, shell));
    let speak = |hint: Hint| {
        let run = hint.run.map(|run| match variable(&run) {
            Some(name) => unset_line(shell, name),
            None if run == AGENT => agent_line(shell),
            None if changes(&run) && !hooked => match shell.or_else(|| find("sh")) {
                Some(shell) => shell.load(&run),
                None => run,
            },
            None => run,
        });
        Hint { run, ..hint }
    };
    hints.into_iter().map(speak).collect()
}

/// What starts an SSH agent for a POSIX shell (ssh-agent(1)).
const AGENT: &str = "eval \"$(ssh-agent -s)\"";

/// The same in another shell; where that cannot evaluate what ssh-agent prints, a sub-shell with an agent.
fn agent_line(shell: Option<&dyn Emitter>) -> String {
    match shell.map(Emitter::name) {
        Some("fish") => "eval (ssh-agent -c)".to_owned(),
        Some("tcsh") => "eval `ssh-agent -c`".to_owned(),
        Some(name @ ("nu" | "elvish" | "xonsh" | "pwsh")) => format!("ssh-agent {name}"),
        Some("cmd") => "sc start ssh-agent".to_owned(),
        _ => AGENT.to_owned(),
    }
}

/// Whether a command is one whose output the shell has to evaluate.
fn changes(run: &str) -> bool {
    ["dctx use", "dctx reset"].iter().any(|verb| {
        run.strip_prefix(verb).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

/// The variable of `unset NAME`.
fn variable(run: &str) -> Option<&str> {
    let name = run.strip_prefix("unset ")?;
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_').then_some(name)
}

/// The shell that dctx runs in, found without a word.
pub fn shell_at_work(ctx: &Ctx<'_>) -> Option<&'static dyn Emitter> {
    let quiet = Output::new(ctx.env, Some(false), true, false);
    let silent = Ctx { out: &quiet, ..*ctx };
    deliver::shell_for(&silent, None).ok().filter(|shell| shell.kind() == Kind::Shell)
}

/// What a person types to take a variable away.
pub fn unset_line(shell: Option<&dyn Emitter>, name: &str) -> String {
    let plain = format!("unset {name}");
    let Some(shell) = shell else { return plain };
    match shell.name() {
        // What is emitted for these is for a program to read, or says more than is needed here.
        "fish" => format!("set -e {name}"),
        "nu" => format!("hide-env {name}"),
        _ => {
            let Some(var) = Var::parse(name) else { return plain };
            let mut exports = Exports::new();
            exports.unset(var, Scope::Session);
            let text = emit(shell, &exports).ok().and_then(|text| String::from_utf8(text).ok());
            let text = text.unwrap_or(plain);
            text.trim().trim_end_matches(';').to_owned()
        }
    }
}

/// What a person types to set a variable in this shell; `None` where the shell cannot be given that value.
pub fn set_line(shell: Option<&dyn Emitter>, name: &str, value: &str) -> Option<String> {
    let shell = shell.or_else(|| find("sh"))?;
    // What is emitted for fish says more than is needed here.
    let plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    if shell.name() == "fish" && value.chars().all(plain) {
        return Some(format!("set -gx {name} {value}"));
    }
    let mut exports = Exports::new();
    exports.set(Var::parse(name)?, value, Scope::Session);
    let text = String::from_utf8(emit(shell, &exports).ok()?).ok()?;
    Some(text.trim().trim_end_matches(';').to_owned())
}
