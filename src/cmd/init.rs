//! `init`: the script for a shell's start-up file.

use super::{Ctx, complete};
use crate::cli;
use crate::error::{Error, Result};
use crate::shell::{Kind, find};

const BASH: &str = include_str!("../shell/init/bash.bash");
const POSIX: &str = include_str!("../shell/init/posix.sh");
const ZSH: &str = include_str!("../shell/init/zsh.zsh");
const FISH: &str = include_str!("../shell/init/fish.fish");

/// The shells that have such a script. In tcsh an alias would have to take the place of a function, and
/// one that evaluates something breaks `dctx ls | grep`.
pub const SHELLS: &[&str] = &["bash", "zsh", "sh", "ksh", "mksh", "yash", "fish"];

/// `dctx init SHELL`.
///
/// # Errors
/// [`Error::NoInit`] for a shell that has no such script.
pub fn run(ctx: &Ctx<'_>, args: &cli::Init) -> Result<()> {
    let shell = find(&args.shell);
    let text = shell.and_then(|shell| script(shell.name()));
    match text {
        Some(text) => ctx.out.data(text.as_bytes()),
        None => Err(Error::NoInit {
            name: args.shell.clone(),
            known: SHELLS.to_vec(),
            load: shell.filter(|s| s.kind() == Kind::Shell).map(|s| s.load("dctx use NAME")),
        }),
    }
}

/// The script: the function, and completion where the shell has that.
#[must_use]
pub fn script(shell: &str) -> Option<String> {
    let fill =
        |text: &str, subshell: &str| text.replace("@SHELL@", shell).replace("@SUBSHELL@", subshell);
    Some(match shell {
        "bash" => fill(BASH, "$BASH_SUBSHELL -gt 0") + &complete::completions("bash"),
        // bash's function is right in zsh, too
        "zsh" => fill(BASH, "$ZSH_SUBSHELL -gt 0") + ZSH,
        // a subshell of ksh93 is no process of its own
        "ksh" => fill(POSIX, "\"${.sh.subshell}\" -gt 0"),
        "mksh" => fill(POSIX, "\"$BASHPID\" != \"$$\""),
        // $$ is the shell's number in its subshells, too
        "sh" | "yash" => fill(POSIX, "\"$(exec sh -c 'echo $PPID')\" != \"$$\""),
        "fish" => FISH.to_owned() + &complete::completions("fish"),
        _ => return None,
    })
}
