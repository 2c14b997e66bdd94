//! `dctx cert`: names, flags and help. No logic, no input or output.

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args, Subcommand, ValueHint};

/// `cert`.
#[derive(Debug, Clone, Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "dctx cert new coreos                 a CA, the server's and your certificate, in one step\ndctx cert show coreos                what there is, for whom, and for how long\ndctx cert renew coreos --san 10.141.20.83\ndctx cert client coreos --for ana    one file to hand over\n\nkept in ~/.local/share/dctx/certs/NAME: your files, server/ for the host, ca/ for what signs\na CA lasts 3650 days: changing it means to visit every machine\na server's certificate lasts 825 days: some verifiers take no longer one\na client's lasts 365 days: docker cannot revoke, so a lost key works until its certificate ends"
)]
pub struct Cert {
    /// The command.
    #[command(subcommand)]
    pub verb: CertVerb,
}

/// The commands of `cert`.
#[derive(Debug, Clone, Subcommand)]
pub enum CertVerb {
    /// make all certificates of a profile
    New(New),
    /// what is in a certificate file, a directory, or kept for a profile
    Show(CertShow),
    /// make certificates anew before they end; same keys, same names
    Renew(Renew),
    /// take over ca, cert and key from a directory
    Copy(Copy),
    /// a certificate for somebody else, as one file to hand over
    Client(Client),
    /// take in a file that somebody handed over, also in place of what it renews
    Import(Import),
    /// make a key and a request for whoever has the CA; the key stays here
    Request(Request),
    /// sign a request, for a file to hand back
    Sign(Sign),
    /// pinned certificates: let another client in
    Authorize(Authorize),
    /// pinned certificates: let a client in no longer
    Revoke(Revoke),
    /// change the CA in steps, without an hour in which nobody gets in
    RotateCa(RotateCa),
}

/// Where the passphrase of a CA's key comes from; without any of these from the keyring, or else from the terminal.
#[derive(Debug, Clone, Default, Args)]
pub struct Passphrase {
    /// a command that prints the passphrase of the CA's key, such as 'pass show docker/ca'; run without a shell
    #[arg(long, value_name = "CMD", conflicts_with_all = ["ask_passphrase", "keep_passphrase"])]
    pub ca_key_command: Option<String>,
    /// type the passphrase of the CA's key, whatever the keyring has
    #[arg(long)]
    pub ask_passphrase: bool,
    /// keep that passphrase in the keyring
    #[arg(long)]
    pub keep_passphrase: bool,
}

/// How the CA's key is opened.
#[derive(Debug, Clone, Default, Args)]
pub struct CaKey {
    /// Its passphrase.
    #[command(flatten)]
    pub passphrase: Passphrase,
    /// the CA in this directory (ca.pem, ca-key.pem), or of this profile
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub ca_from: Option<String>,
}

/// The kinds of key that are made. RSA keys are not: they are no safer, slow, and every client takes the others.
fn key_types() -> PossibleValuesParser {
    PossibleValuesParser::new(["p256", "p384", "ed25519"])
}

/// Where the client's private key goes.
fn homes() -> PossibleValuesParser {
    PossibleValuesParser::new(["file", "keyring"])
}

/// `cert new`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "--pin needs no CA: the server has a list of the clients that it lets in, like authorized_keys;\nto let somebody in: dctx cert authorize, to shut somebody out: dctx cert revoke"
)]
pub struct New {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// add the profile, too
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// another address or name of the host; may be repeated
    #[arg(long = "san", value_name = "NAME|IP", action = ArgAction::Append)]
    pub sans: Vec<String>,
    /// sign with the CA in this directory (ca.pem, ca-key.pem), or of this profile, instead of a new one
    #[arg(long, value_name = "DIR", conflicts_with = "pin", value_hint = ValueHint::DirPath)]
    pub ca: Option<String>,
    /// no CA: server and clients know each other's certificates
    #[arg(long)]
    pub pin: bool,
    /// p256, p384 or ed25519
    #[arg(long, value_name = "TYPE", default_value = "p256", hide_possible_values = true, value_parser = key_types())]
    pub key_type: String,
    /// how long the server's and the client's certificate last; default: 825 and 365
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36500))]
    pub days: Option<u32>,
    /// where your private key goes: file or keyring
    #[arg(long, value_name = "WHERE", hide_possible_values = true, value_parser = homes())]
    pub key: Option<String>,
    /// The passphrase of the CA's key.
    #[command(flatten)]
    pub passphrase: Passphrase,
    /// leave the new CA's key without a passphrase
    #[arg(long, conflicts_with_all = ["ca", "pin", "ca_key_command", "ask_passphrase", "keep_passphrase"])]
    pub no_passphrase: bool,
}

/// `cert show`.
#[derive(Debug, Clone, Args)]
pub struct CertShow {
    /// a file, a directory, or a profile; default: the active profile
    #[arg(value_name = "FILE|DIR|NAME", value_hint = ValueHint::AnyPath)]
    pub what: Option<String>,
    /// one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `cert renew`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "without --server, --client and --ca: the server's and the client's certificate\nthe former ones are kept in previous/ beside the new"
)]
pub struct Renew {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// the server's certificate
    #[arg(long)]
    pub server: bool,
    /// the client's certificate
    #[arg(long)]
    pub client: bool,
    /// the CA's certificate: same key, same name, so that what it signed stays good
    #[arg(long, conflicts_with = "rekey")]
    pub ca: bool,
    /// another address or name of the host; may be repeated
    #[arg(long = "san", value_name = "NAME|IP", action = ArgAction::Append)]
    pub sans: Vec<String>,
    /// with new keys
    #[arg(long)]
    pub rekey: bool,
    /// how long they last
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36500))]
    pub days: Option<u32>,
    /// How the CA's key is opened.
    #[command(flatten)]
    pub key: CaKey,
}

/// `cert copy`.
#[derive(Debug, Clone, Args)]
pub struct Copy {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// a directory with ca.pem, cert.pem and key.pem, or client.pem and client-key.pem, and the like
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: std::path::PathBuf,
    /// add the profile, too
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// where your private key goes: file or keyring
    #[arg(long, value_name = "WHERE", hide_possible_values = true, value_parser = homes())]
    pub key: Option<String>,
}

/// `cert client`.
#[derive(Debug, Clone, Args)]
pub struct Client {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// whose it is to be
    #[arg(long = "for", value_name = "WHO")]
    pub who: String,
    /// the file to write; default: WHO-NAME.toml here
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<std::path::PathBuf>,
    /// how long it lasts; default: 365
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36500))]
    pub days: Option<u32>,
    /// p256, p384 or ed25519
    #[arg(long, value_name = "TYPE", default_value = "p256", hide_possible_values = true, value_parser = key_types())]
    pub key_type: String,
    /// How the CA's key is opened.
    #[command(flatten)]
    pub key: CaKey,
}

/// `cert import`.
#[derive(Debug, Clone, Args)]
pub struct Import {
    /// what was handed over: by dctx cert client, sign or authorize; or a new ca.pem, with --as
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: std::path::PathBuf,
    /// the profile, if it is called otherwise here
    #[arg(id = "as", long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// where your private key goes: file or keyring
    #[arg(long, value_name = "WHERE", hide_possible_values = true, value_parser = homes())]
    pub key: Option<String>,
}

/// `cert request`.
#[derive(Debug, Clone, Args)]
pub struct Request {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// the file to write; default: NAME.csr here, or NAME.pem with --pin
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<std::path::PathBuf>,
    /// a certificate for cert authorize, where there is no CA
    #[arg(long)]
    pub pin: bool,
    /// a new key of this type: p256, p384 or ed25519; default: the present key, or p256
    #[arg(long, value_name = "TYPE", hide_possible_values = true, value_parser = key_types())]
    pub key_type: Option<String>,
    /// where a new private key goes: file or keyring
    #[arg(long, value_name = "WHERE", hide_possible_values = true, value_parser = homes())]
    pub key: Option<String>,
}

/// `cert sign`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "of the request only the key is taken: name and use are yours to say")]
pub struct Sign {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// the request
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: std::path::PathBuf,
    /// whose it is to be
    #[arg(long = "for", value_name = "WHO")]
    pub who: String,
    /// the file to write; default: WHO-NAME.toml here
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<std::path::PathBuf>,
    /// how long it lasts; default: 365
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36500))]
    pub days: Option<u32>,
    /// How the CA's key is opened.
    #[command(flatten)]
    pub key: CaKey,
}

/// `cert authorize`.
#[derive(Debug, Clone, Args)]
pub struct Authorize {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// the client's certificate
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub files: Vec<std::path::PathBuf>,
    /// whose it is; default: the file's name
    #[arg(long = "for", value_name = "WHO")]
    pub who: Option<String>,
    /// write what they need into this file, to hand back for cert import
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<std::path::PathBuf>,
}

/// `cert revoke`.
#[derive(Debug, Clone, Args)]
pub struct Revoke {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// who, by name or by fingerprint
    #[arg(value_name = "WHO")]
    pub who: String,
}

/// `cert rotate-ca`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "1  a new CA; old and new are both trusted\n2  the server's certificate of the new CA\n3  the clients' certificates of the new CA\n4  the old CA is trusted no more\nafter each step the host, and after 1 and 3 the others, have to be given what is new; each is one call\ndocker reads no revocation lists: this is how a client of a CA is shut out before its certificate ends"
)]
pub struct RotateCa {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// only this step, if it is the next
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=4))]
    pub phase: Option<u8>,
    /// leave the new CA's key without a passphrase
    #[arg(long, conflicts_with_all = ["ca_key_command", "ask_passphrase", "keep_passphrase"])]
    pub no_passphrase: bool,
    /// The passphrase of the CA's key.
    #[command(flatten)]
    pub passphrase: Passphrase,
}
