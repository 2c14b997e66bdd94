//! How each shell is started so that the person's own start-up files are read first and the profile's
//! variables are stated again after them.
//!
//! The files for that are the same for every sub-shell of one kind: they stand in `STATE/shell/`, 0600,
//! and are replaced by a rename when another dctx has other ones. What is particular travels in the
//! environment, and is taken out of it again before the first prompt: DCTX_START is the emitter's text,
//! DCTX_FORMER the variable that was needed for the detour (ZDOTDIR, ENV, HOME).

use std::ffi::OsString;
use std::path::Path;

use super::super::init;
use super::STARTING;
use super::program::Program;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::store::state;

/// What a shell is started with.
#[derive(Debug, Default)]
pub(super) struct Start {
    /// Its arguments.
    pub(super) args: Vec<OsString>,
    /// Variables beside those of the profile.
    pub(super) env: Vec<(&'static str, Option<OsString>)>,
}

/// The emitter's text.
pub(super) const TEXT: &str = "DCTX_START";
/// What a variable of the shell's own was before the detour.
const FORMER: &str = "DCTX_FORMER";
/// Our file, for shells that can be given commands to begin with, but no file.
const FILE: &str = "DCTX_START_FILE";

/// The shells that look at each prompt, by the script that our file brings along, whether the time of a
/// profile is over.
pub(super) const LOOKS: &[&str] =
    &["bash", "zsh", "ksh", "mksh", "yash", "fish", "elvish", "nu", "xonsh", "pwsh"];

/// Our file for each shell, as `STATE/shell/NAME`. In them `@INIT@` stands for what `dctx init` prints.
const FILES: &[(&str, &[(&str, &str)])] = &[
    ("bash", &[("bashrc", include_str!("../../shell/sub/bash.bash"))]),
    (
        "zsh",
        &[
            ("zsh/.zshenv", include_str!("../../shell/sub/zshenv.zsh")),
            ("zsh/init.zsh", include_str!("../../shell/sub/init.zsh")),
        ],
    ),
    ("sh", &[("shrc", include_str!("../../shell/sub/posix.sh"))]),
    ("ksh", &[("kshrc", include_str!("../../shell/sub/posix.sh"))]),
    ("mksh", &[("mkshrc", include_str!("../../shell/sub/posix.sh"))]),
    ("yash", &[("yashrc", include_str!("../../shell/sub/yash.sh"))]),
    ("fish", &[("start.fish", include_str!("../../shell/sub/fish.fish"))]),
    (
        "tcsh",
        &[
            ("tcsh/.tcshrc", include_str!("../../shell/sub/tcsh.csh")),
            // csh that is not tcsh reads this one
            ("tcsh/.cshrc", include_str!("../../shell/sub/tcsh.csh")),
        ],
    ),
    ("elvish", &[("rc.elv", include_str!("../../shell/sub/elvish.elv"))]),
    ("nu", &[("start.nu", include_str!("../../shell/sub/nu.nu"))]),
    ("xonsh", &[("rc.xsh", include_str!("../../shell/sub/xonsh.xsh"))]),
    ("pwsh", &[("start.ps1", include_str!("../../shell/sub/pwsh.ps1"))]),
    // Nothing of the person's is read after the environment but the registry's AutoRun.
    ("cmd", &[]),
];

impl Start {
    /// How to start `program`; `script` is the emitter's text for it. Writes our files where they are not
    /// there yet.
    ///
    /// # Errors
    /// [`Error::Write`], [`Error::NoHome`].
    pub(super) fn of(env: &Env, program: &Program, script: Vec<u8>) -> Result<Self> {
        let shell = program.shell.name();
        let files = FILES.iter().find(|(name, _)| *name == shell).map_or(&[][..], |(_, f)| *f);
        // A line end would cut an argument of `eval` in tcsh; every statement has its own end anyway.
        let script = String::from_utf8_lossy(&script).replace('\n', " ");
        let mut start = Self { args: Vec::new(), env: vec![(FORMER, None), (FILE, None)] };
        let Some((first, _)) = files.first() else { return Ok(start) };
        let dir = env.dirs()?.state.join("shell");
        for (name, text) in files {
            write(&dir.join(name), &fill(shell, text))?;
        }
        start.set(TEXT, script);
        start.set(STARTING, super::mark(shell));
        start.detour(env, shell, &dir.join(first));
        Ok(start)
    }

    fn set(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.env.push((name, Some(value.into())));
    }

    fn arg(&mut self, arg: impl Into<OsString>) {
        self.args.push(arg.into());
    }

    /// Says in the shell's own way that `file` is to be read.
    fn detour(&mut self, env: &Env, shell: &str, file: &Path) {
        // A variable of the shell's own that has to say something else until our file is read.
        let mut borrow = |name, value: OsString| {
            self.env.push((FORMER, env.get(name)));
            self.env.push((name, Some(value)));
        };
        let directory = || file.parent().unwrap_or(file).as_os_str().to_owned();
        match shell {
            // bash(1): --rcfile in place of ~/.bashrc
            "bash" => {
                self.arg("--rcfile");
                self.arg(file);
            }
            // zsh(1), STARTUP/SHUTDOWN FILES: $ZDOTDIR/.zshenv is the first that is a person's
            "zsh" => borrow("ZDOTDIR", directory()),
            // POSIX sh, ENV: a path after parameter expansion
            "sh" | "ksh" | "mksh" => borrow("ENV", unexpanded(file)),
            // tcsh(1): ~/.tcshrc, and no option to say otherwise
            "tcsh" => borrow("HOME", directory()),
            "yash" => {
                let mut arg = OsString::from("--rcfile=");
                arg.push(file);
                self.arg(arg);
            }
            "fish" => {
                self.set(FILE, file);
                self.arg("--init-command");
                self.arg("source $DCTX_START_FILE");
            }
            "elvish" => {
                self.arg("-rc");
                self.arg(file);
            }
            "xonsh" => {
                self.arg("--rc");
                self.arg(file);
            }
            "nu" => {
                self.arg("--execute");
                // JSON's strings are nu's, too
                let path = serde_json::Value::from(file.to_string_lossy());
                self.arg(format!("source {path}"));
            }
            "pwsh" => {
                self.set(FILE, file);
                self.arg("-NoExit");
                self.arg("-Command");
                // as text: where scripts may not be run, a file may still be read
                self.arg("Invoke-Expression (Get-Content -Raw -LiteralPath $Env:DCTX_START_FILE)");
            }
            _ => {}
        }
    }
}

/// Our file, with the script of `dctx init` in it.
fn fill(shell: &str, text: &str) -> String {
    let default = match shell {
        "ksh" => "$HOME/.kshrc",
        "mksh" => "$HOME/.mkshrc",
        _ => "",
    };
    // that of tcsh is a file which the person's own .tcshrc reads
    if shell == "tcsh" {
        return text.replace("@INIT@\n", "");
    }
    // sh has words of its own before its prompt
    let init = init::script(shell, true).unwrap_or_default();
    // Nothing of a plain sh runs at its prompts but what PS1 says.
    let after = if shell == "sh" { include_str!("../../shell/sub/prefix.sh") } else { "" };
    // What lists the traps; in `$(…)` those of dash are gone, so there ours is always taken for the one in place.
    let traps = match shell {
        "ksh" => "$(trap)",
        "mksh" => "\"${ trap; }\"",
        _ => "__dctx_start",
    };
    text.replace("@DEFAULT@", default)
        .replace("@TRAPS@", traps)
        .replace("@INIT@\n", &init)
        .replace("@AFTER@\n", after)
}

/// A path that is expanded to itself, as between double quotes.
fn unexpanded(path: &Path) -> OsString {
    let Some(text) = path.to_str() else { return path.as_os_str().to_owned() };
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '$' | '`' | '\\' | '"') {
            out.push('\\');
        }
        out.push(c);
    }
    out.into()
}

/// Puts `text` there, unless it is there. A shell that reads it at this moment reads one or the other.
fn write(path: &Path, text: &str) -> Result<()> {
    if crate::file::read(path, crate::file::MAX_STATE).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    match state::put(path, text.as_bytes()) {
        Ok(_) => Ok(()),
        Err(source) => Err(Error::Write { path: path.to_owned(), source }),
    }
}
