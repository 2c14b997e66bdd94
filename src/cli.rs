//! The command line: names, flags and help. No logic, no input or output.

pub mod cert;
mod hosts;
pub mod plain;
mod scripts;
pub mod zh;

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};

pub use self::hosts::{Check, Explain, Server};
pub use self::scripts::{Complete, Completions, Hook, Init, Man, Watch};

/// Point this shell at a remote Docker host, and back.
#[derive(Debug, Parser)]
#[command(
    name = "dctx",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    about = "point this shell at a remote Docker host, and back"
)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The commands by what they are for: the title in English and Chinese, and their names. `help` is no command of its own.
pub const SECTIONS: &[(&str, &str, &[&str])] = &[
    ("Point a shell at a host", "让 shell 指向主机", &["use", "reset", "current", "exec", "shell"]),
    ("Profiles", "主机配置", &["ls", "add", "edit", "show", "rename", "rm", "undo"]),
    ("Find out what is wrong", "查找问题", &["check", "explain"]),
    ("Certificates and the host", "证书与主机", &["cert", "server"]),
    ("Set up dctx", "安装与帮助", &["init", "completions", "help"]),
];

/// The heading of these flags; below a command's own.
const GLOBAL: &str = "Everywhere";

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// print only errors and warnings
    #[arg(short, long, global = true, display_order = 900, help_heading = GLOBAL)]
    pub quiet: bool,
    /// print more, such as how the shell was detected
    #[arg(short, long, global = true, display_order = 901, help_heading = GLOBAL)]
    pub verbose: bool,
    /// colour: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t, hide_possible_values = true, display_order = 902, help_heading = GLOBAL)]
    pub color: Color,
    /// never ask a question; fail instead
    #[arg(long, global = true, display_order = 903, help_heading = GLOBAL)]
    pub no_input: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// point this shell at a profile
    #[command(alias = "env")]
    Use(Use),
    /// return this shell to local docker
    #[command(alias = "off")]
    Reset(Reset),
    /// show what docker talks to from here, and which setting decides it
    Current(Current),
    /// list profiles
    #[command(alias = "list")]
    Ls(Ls),
    /// add a profile
    Add(Add),
    /// change a profile by flags, or the file in $VISUAL or $EDITOR
    Edit(Edit),
    /// show a profile, its certificates, and what `use` would set
    Show(Show),
    /// give a profile another name
    #[command(alias = "mv")]
    Rename(Rename),
    /// remove profiles
    #[command(alias = "remove")]
    Rm(Rm),
    /// undo the last change of the profile file; run it again to redo
    Undo,
    /// run a command on a profile; this shell stays as it is
    Exec(Exec),
    /// start a sub-shell on a profile; exit returns to this shell as it was
    Shell(Shell),
    /// find out what is wrong and how to fix it; with no name: this machine, this shell, the active profile
    #[command(alias = "doctor")]
    Check(Check),
    /// explain an error of docker and how to fix it: paste it, or pipe it in
    Explain(Explain),
    /// print what the remote host needs: certificates, daemon.json, systemd units, and a script that installs them
    Server(Server),
    /// make, renew and look at certificates: CA, server, client
    Cert(cert::Cert),
    /// print the script that makes plain `dctx use` act on this shell
    Init(Init),
    /// print the completion script of a shell
    Completions(Completions),
    /// write the manual pages into a directory
    #[command(hide = true)]
    Man(Man),
    /// what the hook of a shell asks when something may have changed
    #[command(hide = true, name = "__hook")]
    Hook(Hook),
    /// waits for a process that holds a key, and takes the key away after it
    #[command(hide = true, name = "__watch")]
    Watch(Watch),
    /// what completion scripts ask
    #[command(hide = true, name = "__complete")]
    Complete(Complete),
}

/// `use`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "without NAME a picker opens on a terminal: type to filter, Enter: select, Esc: cancel\n\nwithout the hook of dctx init:\n  bash, zsh, sh, ksh:  eval \"$(dctx use coreos)\"\n  fish:                dctx use coreos | source\n  tcsh:                eval \"`dctx use coreos`\"\n  elvish:              eval (dctx use coreos | slurp)\n  PowerShell:\n    dctx use coreos | Out-String | Invoke-Expression\n\n--shell takes bash, zsh, sh, ksh, mksh, yash, fish, tcsh, elvish, nu, xonsh, pwsh, cmd;\ndata formats: json, dotenv, github-actions, systemd"
)]
pub struct Use {
    /// the profile; - for the one before; without it: pick one
    #[arg(value_name = "NAME", allow_hyphen_values = true)]
    pub name: Option<String>,
    /// Which shell, how far.
    #[command(flatten)]
    pub target: Target,
    /// confirm a protected profile where there is no terminal: its name again
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
    /// accept a shared profile that has changed: the sum that the refusal printed
    #[arg(long, value_name = "SUM")]
    pub accept: Option<String>,
    /// return to local docker after this time, such as 30m or 8h (needs the hook of dctx init)
    #[arg(long = "for", value_name = "TIME")]
    pub limit: Option<String>,
    /// connect first, and change nothing unless the daemon answers
    #[arg(long)]
    pub check: bool,
}

/// Which shell to speak to, and how far the change reaches.
#[derive(Debug, Clone, Default, Args)]
pub struct Target {
    /// the shell or data format to print for
    #[arg(long, value_name = "SHELL")]
    pub shell: Option<String>,
    /// for this shell only (fish: set -gx)
    #[arg(long, conflicts_with = "universal")]
    pub session: bool,
    /// for every shell, running or new (fish: set -Ux, the default there)
    #[arg(short = 'U', long)]
    pub universal: bool,
}

/// `reset`.
#[derive(Debug, Clone, Args)]
pub struct Reset {
    /// unset every variable, also those that were set before the first use
    #[arg(long)]
    pub all: bool,
    /// Which shell, how far.
    #[command(flatten)]
    pub target: Target,
}

/// `current`.
#[derive(Debug, Clone, Args)]
pub struct Current {
    /// one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `ls`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "-q prints only the names, one per line")]
pub struct Ls {
    /// only names that match, with * and ?
    #[arg(value_name = "GLOB")]
    pub glob: Option<String>,
    /// also show descriptions, files and shadowed profiles
    #[arg(short, long)]
    pub long: bool,
    /// only profiles with this tag
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    /// also show the result of the last check of each, and when it was
    #[arg(long)]
    pub check: bool,
    /// one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What a profile consists of, as flags.
#[derive(Debug, Clone, Default, Args)]
pub struct Fields {
    /// directory with ca.pem, cert.pem and key.pem
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub certs: Option<String>,
    /// the CA that signed the server's certificate
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ca: Option<String>,
    /// the client certificate
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub cert: Option<String>,
    /// the client's private key; keyring moves it from its file into the keyring
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<String>,
    /// off, verify, system or insecure; default: verify with certificates, off without
    #[arg(long, value_name = "MODE", value_parser = PossibleValuesParser::new(["off", "verify", "system", "insecure"]))]
    pub tls: Option<String>,
    /// ask for its name before use
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub protected: Option<bool>,
    /// free text
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// a tag to filter by; may be repeated
    #[arg(long = "tag", value_name = "TAG", action = ArgAction::Append)]
    pub tags: Vec<String>,
    /// a directory in which the hook switches to it; may be repeated
    #[arg(long = "dir", value_name = "DIR", action = ArgAction::Append, value_hint = ValueHint::DirPath)]
    pub dirs: Vec<String>,
    /// longest use at a time, such as 30m
    #[arg(long, value_name = "TIME")]
    pub max_use: Option<String>,
    /// pin the API version, such as 1.41
    #[arg(long, value_name = "VERSION")]
    pub api_version: Option<String>,
    /// a variable to set along with it; may be repeated
    #[arg(long = "env", value_name = "NAME=VALUE", action = ArgAction::Append)]
    pub env: Vec<String>,
}

impl Fields {
    /// Whether no flag was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let paths = [&self.certs, &self.ca, &self.cert, &self.key];
        let texts = [&self.tls, &self.description, &self.max_use, &self.api_version];
        let lists = [&self.tags, &self.dirs, &self.env];
        paths.iter().chain(&texts).all(|text| text.is_none())
            && lists.iter().all(|list| list.is_empty())
            && self.protected.is_none()
    }
}

/// `add`.
#[derive(Debug, Clone, Args)]
pub struct Add {
    /// what to call it
    #[arg(value_name = "NAME")]
    pub name: String,
    /// tcp://HOST:PORT, ssh://USER@HOST, unix:///PATH or npipe:////./pipe/NAME
    #[arg(value_name = "HOST")]
    pub host: String,
    /// The rest.
    #[command(flatten)]
    pub fields: Fields,
}

/// `edit`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "without flags the whole file opens in $VISUAL or $EDITOR; it is checked before it is saved"
)]
pub struct Edit {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// another host
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// The rest.
    #[command(flatten)]
    pub fields: Fields,
    /// remove a setting; may be repeated
    #[arg(long, value_name = "KEY", action = ArgAction::Append, value_parser = PossibleValuesParser::new(["certs", "ca", "cert", "key", "tls", "protected", "description", "tags", "dirs", "max-use", "api-version", "env", "key-command"]))]
    pub unset: Vec<String>,
}

/// `show`.
#[derive(Debug, Clone, Args)]
pub struct Show {
    /// the profile; default: the active one
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `rename`.
#[derive(Debug, Clone, Args)]
pub struct Rename {
    /// its name now
    #[arg(value_name = "OLD")]
    pub old: String,
    /// its name from now on
    #[arg(value_name = "NEW")]
    pub new: String,
}

/// `rm`.
#[derive(Debug, Clone, Args)]
pub struct Rm {
    /// the profiles
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// also delete their keys in the keyring; undo cannot bring those back
    #[arg(long)]
    pub purge: bool,
}

/// `exec`.
#[derive(Debug, Clone, Args)]
pub struct Exec {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// confirm a protected profile where there is no terminal: its name again
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
    /// accept a shared profile that has changed: the sum that the refusal printed
    #[arg(long, value_name = "SUM")]
    pub accept: Option<String>,
    /// the command and its arguments
    #[arg(value_name = "CMD", required = true, last = true, value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<std::ffi::OsString>,
}

/// `shell`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "your rc files, history and prompt are kept; the profile's variables win over what those files set\ninside a sub-shell, that sub-shell switches to NAME; no second one is started"
)]
pub struct Shell {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// the shell to start; default: the one that you are in
    #[arg(long, value_name = "SHELL")]
    pub shell: Option<String>,
    /// return it to local docker after that time, such as 30m
    #[arg(long = "for", value_name = "TIME")]
    pub limit: Option<String>,
    /// confirm a protected profile where there is no terminal: its name again
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
    /// accept a shared profile that has changed: the sum that the refusal printed
    #[arg(long, value_name = "SUM")]
    pub accept: Option<String>,
}
