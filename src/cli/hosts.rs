//! `dctx check`, `explain` and `server`: names, flags and help. No logic, no input or output.

use clap::{Args, ValueHint};

/// `check`.
#[derive(Debug, Clone, Default, Args)]
#[command(
    after_help = "dctx check              this machine, this shell and the active profile\ndctx check coreos       one profile, from its files to the daemon's answer\ndctx check 'web-*' -j 32\n\nthe exit code is that of the first failure of a profile, of several profiles the worst:\n6 TLS or identity, then 5 not reached, then 4 files; 0 if there are only warnings\ndctx ls --check shows the last result of each profile"
)]
pub struct Check {
    /// profiles, by name or with * and ?
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// every profile
    #[arg(short, long, conflicts_with = "names")]
    pub all: bool,
    /// only profiles with this tag
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    /// look only at files and at this machine; connect to nothing
    #[arg(long)]
    pub offline: bool,
    /// show which docker clients work with it, and which do not
    #[arg(long)]
    pub clients: bool,
    /// fix what is safe to fix, such as modes of files, and print what to type for the rest
    #[arg(long)]
    pub fix: bool,
    /// how many hosts at a time; default: 64
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// the longest time to wait for one host
    #[arg(long, value_name = "TIME", default_value = "5s")]
    pub timeout: String,
    /// one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `explain`.
#[derive(Debug, Clone, Default, Args)]
#[command(
    after_help = "docker ps 2>&1 | dctx explain\ndctx explain 'x509: certificate is valid for coreos1, not localhost'"
)]
pub struct Explain {
    /// the error of docker or of another client; without it, standard input is read
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    pub text: Vec<String>,
    /// the profile that the error is about; default: the active one
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    /// one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `server`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "dctx server coreos                      print the script\ndctx server coreos --ssh root@coreos    run it there, after a question\ndctx server coreos --ssh root@coreos --undo    put back what was there before\ndctx server coreos --out kit            everything in a directory, with kit/install.sh"
)]
pub struct Server {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// run it on the host, over your own ssh; shows the script and asks first
    #[arg(long, value_name = "USER@HOST", conflicts_with = "out")]
    pub ssh: Option<String>,
    /// write everything into a new directory instead
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<std::path::PathBuf>,
    /// a copy of the host's daemon.json, to merge the settings into (for --out; --ssh fetches it)
    #[arg(long, value_name = "FILE", requires = "out", value_hint = ValueHint::FilePath)]
    pub daemon_json: Option<std::path::PathBuf>,
    /// directory with ca.pem, server-cert.pem and server-key.pem; default: those that dctx made for NAME
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub certs: Option<String>,
    /// the host's address to listen on; default: all of them
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<std::net::IpAddr>,
    /// the port to listen on; default: the profile's
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// replace what was set up by hand: -H and --tls flags of dockerd, hosts in daemon.json, socket units; --undo puts it back
    #[arg(long, conflicts_with = "undo")]
    pub take_over: bool,
    /// put back what was there before the last install
    #[arg(long, requires = "ssh")]
    pub undo: bool,
    /// do not ask before it runs (with --ssh)
    #[arg(short, long, requires = "ssh")]
    pub yes: bool,
    /// confirm a protected profile where there is no terminal: its name again (with --ssh)
    #[arg(long, value_name = "NAME", requires = "ssh")]
    pub confirm: Option<String>,
    /// accept a shared profile that has changed: the sum that the refusal printed
    #[arg(long, value_name = "SUM", requires = "ssh")]
    pub accept: Option<String>,
    /// without TLS: anybody who can reach the port is root on the host; listens on 127.0.0.1 unless --bind and --force say otherwise
    #[arg(long, conflicts_with = "certs")]
    pub insecure: bool,
    /// confirm that --insecure may listen on more than loopback
    #[arg(long, requires = "insecure")]
    pub force: bool,
}
