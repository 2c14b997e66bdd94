//! Which shell is spoken to, and how what it has to run gets there.

use std::sync::OnceLock;

use super::{Ctx, shell_names};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::shell::detect::{self, Evidence, Found};
use crate::shell::{Emitter, Kind, find, reader};
use crate::tr;

/// The shell to print for: `--shell`, DCTX_SHELL, the parent processes, `$SHELL` as the last guess. DCTX_SHELL is what the
/// function of the init script sets for one call. Where it was inherited instead, and the shell that called speaks
/// another language, text for either would be wrong somewhere.
///
/// # Errors
/// [`Error::UnknownShell`], also for a data format in DCTX_SHELL; [`Error::OtherShell`], [`Error::NoShell`].
pub fn shell_for(ctx: &Ctx<'_>, named: Option<&str>) -> Result<&'static dyn Emitter> {
    let unknown = |name: &str| Error::UnknownShell { name: name.to_owned(), known: shell_names() };
    if let Some(name) = named {
        return find(name).ok_or_else(|| unknown(name));
    }
    if let Some(name) = ctx.env.text("DCTX_SHELL") {
        let shell = find(&name).filter(|shell| shell.kind() == Kind::Shell);
        let shell = shell.ok_or_else(|| unknown(&name))?;
        if descriptor(ctx, shell).is_none()
            && let Some(found) = calling().filter(|found| family(*found) != family(shell))
        {
            return Err(Error::OtherShell { said: shell.name(), found: found.name() });
        }
        return Ok(shell);
    }
    let lang = ctx.out.lang;
    let shell_variable = ctx.env.get("SHELL");
    let none = || Error::NoShell { known: shell_names() };
    let detected =
        detect::detect(&detect::SystemProcesses, shell_variable.as_deref()).ok_or_else(none)?;
    match (detected.found, &detected.evidence) {
        (Found::Unsupported(name), _) => {
            Err(Error::UnknownShell { name: name.to_owned(), known: shell_names() })
        }
        (Found::Shell(shell), Evidence::ShellVariable(_)) => {
            let name = shell.name();
            ctx.out.say(&tr!(
                lang,
                "guessing {name} from $SHELL; use --shell to be sure",
                "根据 $SHELL 猜测为 {name}；可用 --shell 明确指定"
            ));
            Ok(shell)
        }
        (Found::Shell(shell), Evidence::Process { pid, program, .. }) => {
            let _ = CALLING.set(Some(shell));
            let name = shell.name();
            ctx.out.detail(&tr!(
                lang,
                "shell: {name} (process {pid} is {program})",
                "shell：{name}（进程 {pid} 是 {program}）"
            ));
            Ok(shell)
        }
    }
}

/// The shell that called, if its process tells. Looked up once.
fn calling() -> Option<&'static dyn Emitter> {
    *CALLING.get_or_init(|| match detect::detect(&detect::SystemProcesses, None)?.found {
        Found::Shell(shell) => Some(shell),
        Found::Unsupported(_) => None,
    })
}

/// What [`calling`] found.
static CALLING: OnceLock<Option<&'static dyn Emitter>> = OnceLock::new();

/// Shells that understand one another's text.
fn family(shell: &dyn Emitter) -> &'static str {
    match shell.name() {
        "bash" | "zsh" | "sh" | "ksh" | "mksh" | "yash" => "posix",
        name => name,
    }
}

/// Where the script goes: the descriptor that the shell function opened, or standard output, also where
/// `--shell` asks for another language than the function evaluates, and where DCTX_FD is not that function's.
pub fn descriptor(ctx: &Ctx<'_>, shell: &dyn Emitter) -> Option<u32> {
    let function = ctx.env.text("DCTX_SHELL").and_then(|name| find(&name))?;
    if function.name() != shell.name() {
        return None;
    }
    taken(ctx.env)
}

/// The descriptor in DCTX_FD, where a shell above reads what is written into it. Looked up once.
fn taken(env: &Env) -> Option<u32> {
    static ANSWER: OnceLock<(u32, bool)> = OnceLock::new();
    let fd = env.text("DCTX_FD")?.parse().ok()?;
    let (asked, answer) = *ANSWER.get_or_init(|| (fd, reader::is_taken(fd)));
    let answer = if asked == fd { answer } else { reader::is_taken(fd) };
    answer.then_some(fd)
}

/// Whether a shell function takes what is printed: by its descriptor, or, where it knows no spare one, from standard
/// output. What DCTX_HOOK says is believed only where something could take the text.
#[must_use]
pub fn captured(ctx: &Ctx<'_>) -> bool {
    let by_stdout = ctx.env.get("DCTX_HOOK").is_some()
        && ctx.env.filled("DCTX_FD").is_none()
        && !ctx.env.stdout_tty;
    taken(ctx.env).is_some() || by_stdout
}

/// Whether the function of the init script is what called, and evaluates for `shell`.
#[must_use]
pub fn hooked(ctx: &Ctx<'_>, shell: &dyn Emitter) -> bool {
    let function = ctx.env.text("DCTX_SHELL").and_then(|name| find(&name));
    function.is_some_and(|function| function.name() == shell.name()) && captured(ctx)
}

/// Whether what was printed stands on a terminal or in a file, where no shell evaluates it by itself.
#[must_use]
pub fn is_only_text(ctx: &Ctx<'_>, shell: &dyn Emitter) -> bool {
    let in_a_file = || ctx.out.stderr_tty && !reader::is_output_piped();
    shell.kind() == Kind::Shell && !hooked(ctx, shell) && (ctx.env.stdout_tty || in_a_file())
}

/// Keeps Ctrl-Z from stopping this process where a shell waits for what it writes: while fish reads a pipe into `source`, or
/// xonsh waits for a program, nothing reads the terminal any more, and a stopped writer would keep it so. Ctrl-C ends this
/// process as ever.
pub fn keep_running(ctx: &Ctx<'_>) {
    #[cfg(unix)]
    if ctx.env.stdin_tty && (captured(ctx) || reader::is_output_piped()) {
        // Where it cannot be done, a stop is what it was.
        let _ =
            signal_hook::flag::register(signal_hook::consts::SIGTSTP, std::sync::Arc::default());
    }
}

/// Whether that shell looks at each prompt whether something has changed.
#[must_use]
pub fn prompts(ctx: &Ctx<'_>, shell: &dyn Emitter) -> bool {
    hooked(ctx, shell) && ctx.env.get("DCTX_HOOK").is_some_and(|hook| hook == "prompt")
}

/// What stands where the hook was, as `NAME=VALUE`, if something has been assigned there since the init script put the
/// hook in: `PROMPT_COMMAND=history -a`. `None` where the hook is in place, and where there is none.
#[must_use]
pub fn hook_lost(ctx: &Ctx<'_>) -> Option<String> {
    let hook = ctx.env.filled("DCTX_HOOK")?.to_string_lossy().into_owned();
    hook.strip_prefix("lost ").map(ToOwned::to_owned)
}

/// `command`, a `dctx use …` or `dctx reset …`, as a person has to type it in the shell at work for it to act there.
/// `named` is what `--shell` says on the line that the hint is about: it was said for a reason, so the hint says it too,
/// and is written for that shell; so is a hint that names a shell itself.
#[must_use]
pub fn typed(env: &Env, command: &str, named: Option<&str>) -> String {
    let function = env.text("DCTX_SHELL").and_then(|name| find(&name));
    let hooked = env.filled("DCTX_HOOK").is_some();
    let flag = command.split_once(" --shell ").or_else(|| command.split_once(" --shell="));
    let own = flag.and_then(|(_, rest)| rest.split(' ').next());
    if let Some(shell) = own.or(named).and_then(find) {
        // The function acts by itself where it speaks that language.
        if hooked && own.is_none() && function.is_some_and(|one| one.name() == shell.name()) {
            return command.to_owned();
        }
        let command = match own {
            Some(_) => command.to_owned(),
            None => format!("{command} --shell {}", shell.name()),
        };
        return match shell.kind() {
            Kind::Shell => shell.load(&command),
            Kind::Data => command,
        };
    }
    if hooked {
        return command.to_owned();
    }
    match calling().or(function).filter(|shell| shell.kind() == Kind::Shell) {
        Some(shell) => shell.load(command),
        None => command.to_owned(),
    }
}

/// Writes the script, all at once.
///
/// # Errors
/// What the system says.
pub fn deliver(ctx: &Ctx<'_>, shell: &dyn Emitter, script: &[u8]) -> Result<()> {
    match descriptor(ctx, shell) {
        Some(fd) => ctx.out.script_to_fd(fd, script),
        None if crate::output::is_closed() => {
            let source = std::io::Error::other("standard output is closed");
            Err(Error::Io { doing: "writing to standard output", source })
        }
        None => ctx.out.data(script),
    }
}

/// After a failure: a statement that makes `eval "$(dctx …)"` fail, on standard output. A person who
/// reads that on a terminal has no use for it, and the shell function sees the exit status itself.
pub fn deliver_failure(ctx: &Ctx<'_>, named: Option<&str>, code: u8) {
    if ctx.env.stdout_tty || taken(ctx.env).is_some() {
        return;
    }
    // The error that led here is the one to report.
    let _ = ctx.out.data(failing(ctx.env, named, code).as_bytes());
}

/// The failing statement for the shell that is named, else for the one that called. Every shell there is fails on
/// `false;`, if only because it knows no such command.
fn failing(env: &Env, named: Option<&str>, code: u8) -> String {
    let said = env.text("DCTX_SHELL");
    let known = |name: &str| find(name).filter(|shell| shell.kind() == Kind::Shell);
    let shell = named.and_then(known).or_else(calling).or_else(|| said.as_deref().and_then(known));
    shell.map_or_else(|| "false;\n".to_owned(), |shell| format!("{}\n", shell.fail(code)))
}

/// What a page begins with that a shell would evaluate: no shell reads past an unopened parenthesis, and each shows the
/// line. The pages hold words of people and of servers, which are not to be run.
const FOR_READING: &str = "dctx) this is to be read, not evaluated: none of it was run\n";

/// The shells that read on where a line fails, or ahead of it. (The others end at the first line.)
const READ_ON: [&str; 9] = ["bash", "zsh", "sh", "ksh", "mksh", "yash", "fish", "tcsh", "xonsh"];

/// Before a page for people: where the calling shell takes it in `$(…)`, a line that keeps it from being evaluated. What
/// goes to a file or a program stays as it is.
///
/// # Errors
/// What the system says.
pub fn before_page(ctx: &Ctx<'_>) -> Result<()> {
    if ctx.env.stdout_tty {
        return Ok(());
    }
    match evaluating() {
        Some((shell, pid)) if READ_ON.contains(&shell.name()) => {
            let shell = crate::secret::process::Process::shell(pid).pid;
            match reader::waits_for_output(pid) || reader::waits_for_output(shell) {
                true => ctx.out.data(FOR_READING.as_bytes()),
                false => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// After a verb that did its work and had nothing to print: inside `$(…)` that would be a success to `eval`, and what
/// follows would run on the host of before. In a script or a pipe nothing is said.
pub fn after_silence(ctx: &Ctx<'_>) {
    if ctx.env.stdout_tty || ctx.out.wrote() {
        return;
    }
    // A copy of the shell runs more than this command, and its output is more than this silence.
    let alone = |pid| crate::secret::process::Process::shell(pid).pid == pid;
    if evaluating().is_some_and(|(_, pid)| alone(pid) && reader::waits_for_output(pid)) {
        let _ = ctx.out.data(failing(ctx.env, None, 1).as_bytes());
    }
}

/// The shell that started this process, where nothing stands between.
fn evaluating() -> Option<(&'static dyn Emitter, u32)> {
    let detected = detect::detect(&detect::SystemProcesses, None)?;
    match (detected.found, detected.evidence) {
        (Found::Shell(shell), Evidence::Process { pid, passed: 0, .. }) => Some((shell, pid)),
        _ => None,
    }
}
