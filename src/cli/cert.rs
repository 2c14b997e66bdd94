//! `dctx cert`: names, flags and help. No logic, no input or output.

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args, Subcommand, ValueHint};

/// `cert`.
#[derive(Debug, Clone, Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "dctx cert new coreos                 a CA, the server certificate and yours, in one step\ndctx cert show coreos                what there is, for whom, and for how long\ndctx cert renew coreos --san 10.141.20.83\ndctx cert client coreos --for ana    one file to hand over\n\nkept in ~/.local/share/dctx/certs/NAME: your files, server/ for the host, ca/ for signing\na CA is valid for 3650 days: changing it means changing every machine\na server certificate is valid for 825 days: some verifiers refuse longer ones\na client certificate is valid for 365 days: docker cannot revoke one, so a lost key works until it expires"
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
    /// show the certificates in a file, in a directory, or of a profile
    Show(CertShow),
    /// renew certificates before they expire; same keys, same names
    Renew(Renew),
    /// copy the CA, the certificate and the key from a directory
    Copy(Copy),
    /// make a certificate for somebody else, as one file to hand over
    Client(Client),
    /// import a file that somebody handed over, or its renewal
    Import(Import),
    /// make a key, and a request for the person who has the CA; the key stays here
    Request(Request),
    /// sign a request; the result is one file to hand back
    Sign(Sign),
    /// pinned certificates: let another client in
    Authorize(Authorize),
    /// pinned certificates: no longer let a client in
    Revoke(Revoke),
    /// change the CA in steps, so that nobody is locked out in between
    RotateCa(RotateCa),
}

/// Where the passphrase of a CA's key comes from; without any of these from the keyring, or else from the terminal.
#[derive(Debug, Clone, Default, Args)]
pub struct Passphrase {
    /// a command that prints the passphrase of the CA's key, such as 'pass show docker/ca'; run without a shell
    #[arg(long, value_name = "CMD", conflicts_with_all = ["ask_passphrase", "keep_passphrase"])]
    pub ca_key_command: Option<String>,
    /// ask for the passphrase of the CA's key, even if the keyring has it
    #[arg(long)]
    pub ask_passphrase: bool,
    /// store that passphrase in the keyring
    #[arg(long)]
    pub keep_passphrase: bool,
}

/// How the CA's key is opened.
#[derive(Debug, Clone, Default, Args)]
pub struct CaKey {
    /// Its passphrase.
    #[command(flatten)]
    pub passphrase: Passphrase,
    /// use the CA in this directory (ca.pem, ca-key.pem), or the CA of this profile
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
    after_help = "--pin needs no CA: the server has a list of the clients that it lets in, like authorized_keys;\nto let somebody in: dctx cert authorize; to lock somebody out: dctx cert revoke"
)]
pub struct New {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// also add the profile, with this host
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// another address or name of the host; may be repeated
    #[arg(long = "san", value_name = "NAME|IP", action = ArgAction::Append)]
    pub sans: Vec<String>,
    /// sign with the CA in this directory (ca.pem, ca-key.pem) or of this profile, not with a new one
    #[arg(long, value_name = "DIR", conflicts_with = "pin", value_hint = ValueHint::DirPath)]
    pub ca: Option<String>,
    /// no CA: server and clients know each other's certificates
    #[arg(long)]
    pub pin: bool,
    /// p256, p384 or ed25519
    #[arg(long, value_name = "TYPE", default_value = "p256", hide_possible_values = true, value_parser = key_types())]
    pub key_type: String,
    /// days that the server and client certificates are valid; default: 825 and 365
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36500))]
    pub days: Option<u32>,
    /// where to keep your private key: file or keyring
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
    /// make new keys as well
    #[arg(long)]
    pub rekey: bool,
    /// days that they are valid
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
    /// also add the profile, with this host
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// where to keep your private key: file or keyring
    #[arg(long, value_name = "WHERE", hide_possible_values = true, value_parser = homes())]
    pub key: Option<String>,
}

/// `cert client`.
#[derive(Debug, Clone, Args)]
pub struct Client {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// who the certificate is for
    #[arg(long = "for", value_name = "WHO")]
    pub who: String,
    /// the file to write; default: WHO-NAME.toml here
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<std::path::PathBuf>,
    /// days that it is valid; default: 365
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
    /// the file from dctx cert client, sign or authorize; or a new ca.pem, with --as
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: std::path::PathBuf,
    /// the name of the profile here, if it is another
    #[arg(id = "as", long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// where to keep your private key: file or keyring
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
    /// where to keep a new private key: file or keyring
    #[arg(long, value_name = "WHERE", hide_possible_values = true, value_parser = homes())]
    pub key: Option<String>,
}

/// `cert sign`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "only the public key is taken from the request; you decide the name and the use"
)]
pub struct Sign {
    /// the profile
    #[arg(value_name = "NAME")]
    pub name: String,
    /// the request
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: std::path::PathBuf,
    /// who the certificate is for
    #[arg(long = "for", value_name = "WHO")]
    pub who: String,
    /// the file to write; default: WHO-NAME.toml here
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<std::path::PathBuf>,
    /// days that it is valid; default: 365
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
    /// who the certificate belongs to; default: the file's name
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
    after_help = "1  make a new CA; the old and the new one are both trusted\n2  sign the server certificate with the new CA\n3  sign the client certificates with the new CA\n4  the old CA is no longer trusted\nafter each step, give the new files to the host, and after 1 and 3 to everybody else; each step is one command\ndocker reads no revocation lists: this is the way to lock out a client before its certificate expires"
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
