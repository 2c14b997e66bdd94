//! `dctx init`, `completions` and what scripts call: names, flags and help. No logic, no input or output.

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueHint};

/// `init`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "~/.bashrc:                   eval \"$(dctx init bash)\"\n~/.zshrc, after compinit:    eval \"$(dctx init zsh)\"\n~/.config/fish/config.fish:  dctx init fish | source\nother shells:                eval \"$(dctx init sh)\""
)]
pub struct Init {
    /// the shell
    #[arg(value_name = "SHELL")]
    pub shell: String,
    /// also show the profile before the prompt
    #[arg(long)]
    pub prompt: bool,
}

/// `completions`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "dctx init includes completion; this is for packages, and for use without init:\nbash:  dctx completions bash > ~/.local/share/bash-completion/completions/dctx\nzsh:   dctx completions zsh > DIR/_dctx, where DIR is one of $fpath\nfish:  dctx completions fish > ~/.config/fish/completions/dctx.fish"
)]
pub struct Completions {
    /// bash, zsh, fish, elvish, nu, pwsh or xonsh
    #[arg(value_name = "SHELL", value_parser = PossibleValuesParser::new([
        PossibleValue::new("bash"),
        PossibleValue::new("zsh"),
        PossibleValue::new("fish"),
        PossibleValue::new("elvish"),
        PossibleValue::new("nu").alias("nushell"),
        PossibleValue::new("pwsh").alias("powershell"),
        PossibleValue::new("xonsh"),
    ]))]
    pub shell: String,
}

/// `man`.
#[derive(Debug, Clone, Args)]
pub struct Man {
    /// where to
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: std::path::PathBuf,
}

/// `__watch`.
#[derive(Debug, Clone, Args)]
pub struct Watch {
    /// the process, by its id and the time of its start
    #[arg(value_name = "PID-START")]
    pub process: String,
    /// as nobody's child
    #[arg(long)]
    pub again: bool,
}

/// `__hook`.
#[derive(Debug, Args)]
pub struct Hook {
    /// a shell has started, and what it inherited is not in force
    #[arg(long)]
    pub start: bool,
}

/// `__complete`.
#[derive(Debug, Clone, Args)]
pub struct Complete {
    /// names, names-hosts, use, use-hosts, tags or line
    #[arg(value_name = "WHAT")]
    pub what: String,
    /// what has been typed of the word; for line: all words of the line, each with a = before it
    #[arg(value_name = "WORD", allow_hyphen_values = true)]
    pub words: Vec<std::ffi::OsString>,
}
