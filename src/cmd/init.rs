//! `init`: the script for a shell's start-up file.

use super::{Ctx, complete};
use crate::cli;
use crate::error::{Error, Result};
use crate::shell::{Kind, find};
use crate::tr;

/// A file of `src/shell/init`.
macro_rules! part {
    ($name:literal) => {
        include_str!(concat!("../shell/init/", $name))
    };
}

/// The shells that have such a script. cmd has no words for it: what a macro of doskey runs leaves no status.
pub const SHELLS: &[&str] =
    &["bash", "zsh", "sh", "ksh", "mksh", "yash", "fish", "tcsh", "elvish", "nu", "xonsh", "pwsh"];

/// `dctx init SHELL`.
///
/// # Errors
/// [`Error::NoInit`] for a shell that has no such script.
pub fn run(ctx: &Ctx<'_>, args: &cli::Init) -> Result<()> {
    let shell = find(&args.shell);
    let text = shell.and_then(|shell| script(shell.name(), args.prompt));
    match text {
        Some(text) => {
            // Both show only what PS1 or prompt says, and that is the person's own.
            if let Some(name @ ("sh" | "tcsh")) =
                shell.map(|shell| shell.name()).filter(|_| args.prompt)
            {
                ctx.out.warn(
                    &tr!(
                        ctx.out.lang,
                        "{name} runs nothing before its prompt, so --prompt has no effect; the name is in $DCTX_PROFILE",
                        "{name} 没有提示符钩子，--prompt 在其中不起作用；名称在 $DCTX_PROFILE 中"
                    ),
                    &[],
                );
            }
            ctx.out.data(text.as_bytes())
        }
        None => Err(Error::NoInit {
            name: args.shell.clone(),
            known: SHELLS.to_vec(),
            load: shell.filter(|s| s.kind() == Kind::Shell).map(|s| s.load("dctx use NAME")),
        }),
    }
}

/// What a person puts into the start-up file of that shell; `None` where there is no script for it.
#[must_use]
pub fn line(shell: &str) -> Option<String> {
    let shell = find(shell).filter(|shell| SHELLS.contains(&shell.name()))?;
    Some(match shell.name() {
        // nu reads what it is to know before it runs anything: a file that it reads at each start
        "nu" => {
            "mkdir $nu.user-autoload-dirs.0; dctx init nu | save --force ($nu.user-autoload-dirs.0 | path join dctx.nu)".to_owned()
        }
        // short where nothing hangs on its status
        // an alias that is more than one command breaks pipes, so what it runs has to be a file
        "tcsh" => "dctx init tcsh > ~/.dctx.csh; source ~/.dctx.csh --load".to_owned(),
        // (in xonsh, what $(…) takes is cut short where the machine is busy)
        name => shell.load(&format!("dctx init {name}")),
    })
}

/// The script: the function, what looks at each prompt whether something has changed, and completion
/// where the shell has that. `prompt`: the profile is shown before the prompt.
#[must_use]
pub fn script(shell: &str, prompt: bool) -> Option<String> {
    let fill = |parts: &[&str], subshell: &str, clock: &str| {
        // where each shell has what runs at its prompts, and how the function sees that it still does
        let (name, hooks, now) = match shell {
            "bash" => ("PROMPT_COMMAND", "PROMPT_COMMAND", ""),
            "zsh" => ("precmd_functions", "precmd_functions", ""),
            "ksh" => ("PS1.get", "$(typeset -f PS1.get)", ""),
            "mksh" => ("PS1", "\"${PS1-}\"", "${PS1-}"),
            "yash" => ("PROMPT_COMMAND", "\"${PROMPT_COMMAND-}\"", "${PROMPT_COMMAND-}"),
            _ => ("", "''", ""),
        };
        parts
            .concat()
            .replace("@HOOKS@", hooks)
            .replace("@NAME@", name)
            .replace("@NOW@", now)
            .replace("@SHELL@", shell)
            .replace("@SUBSHELL@", subshell)
            .replace("@CLOCK@", clock)
            .replace("@PREFIX@", if prompt { "yes" } else { "" })
    };
    let posix = [part!("posix.sh"), part!("prompt.sh")];
    Some(match shell {
        "bash" => {
            let prefix = if prompt { part!("prefix-bash.bash") } else { "" };
            let own = [part!("bash.bash"), part!("prompt.bash"), part!("prompt-bash.bash"), prefix];
            fill(&own, "$BASH_SUBSHELL -gt 0", "") + &complete::completions("bash")
        }
        // bash's functions are right in zsh, too
        "zsh" => {
            let prefix = if prompt { part!("prefix-zsh.zsh") } else { "" };
            let own = [
                part!("bash.bash"),
                part!("prompt.bash"),
                part!("zsh.zsh"),
                prefix,
                part!("complete-zsh.zsh"),
            ];
            fill(&own, "$ZSH_SUBSHELL -gt 0", "")
        }
        // a subshell of ksh93 is no process of its own
        "ksh" => fill(
            &[&posix[..], &[part!("prompt-ksh.sh")]].concat(),
            "\"${.sh.subshell}\" -gt 0",
            "$(printf '%(%s)T')",
        ),
        "mksh" => fill(
            &[&posix[..], &[part!("prompt-mksh.sh")]].concat(),
            "\"$BASHPID\" != \"$$\"",
            "${EPOCHREALTIME%%.*}",
        ),
        // $$ is the shell's number in its subshells, too
        "yash" => fill(
            &[&posix[..], &[part!("prompt-yash.sh")]].concat(),
            "\"$(exec sh -c 'echo $PPID')\" != \"$$\"",
            "$(command date +%s)",
        ),
        "sh" => fill(
            &[&posix[..], &[part!("prompt-sh.sh")]].concat(),
            "\"$(exec sh -c 'echo $PPID')\" != \"$$\"",
            "$(command date +%s)",
        ),
        "fish" => {
            fill(&[part!("fish.fish"), part!("prompt.fish")], "", "")
                + &complete::completions("fish")
        }
        "tcsh" => part!("tcsh.csh").to_owned(),
        "elvish" => {
            let prefix = if prompt { part!("prefix.elv") } else { "" };
            fill(&[part!("elvish.elv"), prefix], "", "") + &complete::completions("elvish")
        }
        "nu" => {
            let prefix = if prompt { part!("prefix.nu") } else { "" };
            fill(&[part!("nu.nu"), prefix], "", "") + &complete::completions("nu")
        }
        "xonsh" => fill(&[part!("xonsh.xsh")], "", "") + &complete::completions("xonsh"),
        "pwsh" => fill(&[part!("pwsh.ps1")], "", "") + &complete::completions("pwsh"),
        _ => return None,
    })
}
