//! What can be wrong with a chain of certificates, as data: which certificate, where in the chain, and what it says.

use super::constraints::Forbidden;
use super::host::{address, matches};
use super::moment::rfc3339;
use super::strict::quoted;
use super::x509::Summary;

/// What the first certificate of the chain is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// It is a server's.
    Server,
    /// It is a client's.
    Client,
}

/// Where in its chain a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The first: the server's or the client's own.
    Leaf,
    /// A CA that was sent along.
    Intermediate,
    /// A CA that is trusted.
    Root,
}

/// A chain that docker accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// From the leaf to the root that is trusted; the leaf alone where it is trusted itself.
    pub chain: Vec<Summary>,
}

/// What is wrong with which certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is no certificate.
    Empty,
    /// Go's parser refuses it, or TLS does not take its key; in Go's words.
    Malformed {
        /// Where it stands.
        place: Place,
        /// Which one.
        cert: Summary,
        /// Why.
        why: String,
    },
    /// There is no CA that docker could read: it does not even connect.
    NothingTrusted {
        /// What the server shows.
        cert: Summary,
    },
    /// A critical extension that Go does not know.
    CriticalExtension {
        /// Where it stands.
        place: Place,
        /// Which one.
        cert: Summary,
        /// The numbers of the extensions.
        extensions: Vec<String>,
    },
    /// It is over.
    Expired {
        /// Where it stands. Docker's text is the same everywhere.
        place: Place,
        /// Which one.
        cert: Summary,
    },
    /// It has not begun.
    NotYetValid {
        /// Where it stands.
        place: Place,
        /// Which one.
        cert: Summary,
    },
    /// The host is not among the names, of which there are some of its kind.
    NameMismatch {
        /// Which one.
        cert: Summary,
        /// All that it lists, as `DNS:…` and `IP:…`.
        listed: Vec<String>,
    },
    /// No alternative names at all.
    NoSan {
        /// Which one.
        cert: Summary,
        /// The common name, which counts for nothing.
        common_name: Option<String>,
    },
    /// An address is asked for, and names alone are listed.
    NoIpSan {
        /// Which one.
        cert: Summary,
        /// All that it lists.
        listed: Vec<String>,
        /// The very address is listed as a DNS name.
        as_dns: bool,
    },
    /// A name is asked for, and addresses alone are listed.
    NoDnsSan {
        /// Which one.
        cert: Summary,
        /// All that it lists.
        listed: Vec<String>,
    },
    /// Nobody who is trusted has the name of its issuer.
    UnknownAuthority {
        /// Where the chain breaks off.
        place: Place,
        /// The last certificate of the chain.
        cert: Summary,
        /// Who is trusted.
        trusted: Vec<Summary>,
    },
    /// The same; and a trusted CA, or one signed by it, was sent along, so that only one between is missing.
    MissingIntermediate {
        /// The last certificate of the chain.
        cert: Summary,
        /// Who is trusted.
        trusted: Vec<Summary>,
    },
    /// It signed itself, and is not trusted.
    SelfSigned {
        /// Where it stands.
        place: Place,
        /// Which one.
        cert: Summary,
        /// Who is trusted.
        trusted: Vec<Summary>,
    },
    /// A CA has the name of its issuer, and another key: one of the two was created again.
    SameNameOtherKey {
        /// Which one it is that the CA did not sign.
        cert: Summary,
        /// That CA.
        ca: Summary,
        /// The CA's key identifier, in hexadecimal; empty where it has none.
        ca_key: String,
        /// The key identifier that the certificate names, in hexadecimal; empty where there is none.
        wanted_key: String,
        /// Go's words for the signature that is not of this key.
        why: String,
    },
    /// Its issuer may not sign certificates.
    IssuerNotCa {
        /// Where the issuer stands.
        place: Place,
        /// What was signed.
        cert: Summary,
        /// By whom.
        issuer: Summary,
        /// Whether Go finds it when it is about to check the signature, and tells it as a possible cause.
        before: bool,
    },
    /// Signed with an algorithm that Go refuses, such as SHA-1.
    WeakSignature {
        /// Which one.
        cert: Summary,
        /// Go's name for the algorithm.
        algorithm: String,
        /// Who may have signed it.
        ca: Summary,
    },
    /// Signed with an algorithm that Go does not know.
    UnknownAlgorithm {
        /// Which one.
        cert: Summary,
        /// Its number.
        algorithm: String,
        /// Who may have signed it.
        ca: Summary,
    },
    /// A CA allows fewer CAs below it than there are.
    PathLength {
        /// Where it stands.
        place: Place,
        /// Which one.
        cert: Summary,
    },
    /// A CA may not sign for a name that the leaf has.
    NameConstraint {
        /// Where the CA stands.
        place: Place,
        /// Which one.
        cert: Summary,
        /// The name, and what forbids it.
        forbidden: Forbidden,
    },
    /// A CA requires a certificate policy that the chain does not have.
    Policy {
        /// The first certificate of the chain.
        cert: Summary,
        /// How many chains fail by it.
        chains: usize,
        /// How many others are not for this use.
        unusable: usize,
    },
    /// It is not for this use.
    Usage {
        /// Where it stands.
        place: Place,
        /// Which one.
        cert: Summary,
        /// What it is for.
        listed: Vec<String>,
    },
    /// More signatures than Go checks.
    TooManyChecks,
    /// Everything else is right, and this signature can only be checked by others: docker may well accept it.
    CannotCheck {
        /// Which one.
        cert: Summary,
        /// The algorithm and the kind of key.
        algorithm: String,
    },
}

impl Fault {
    /// Whether docker refuses it; if not, nobody here can tell.
    #[must_use]
    pub const fn is_certain(&self) -> bool {
        !matches!(self, Self::CannotCheck { .. })
    }

    /// What docker's client says of a server's chain that has this fault and none before it, in the words of Go 1.24
    /// (crypto/x509: `CertificateInvalidError`, `HostnameError`, `UnknownAuthorityError`; crypto/tls
    /// handshake_client.go), from `x509:` or `tls:` on. `host` is what the server was asked for, `now` is in seconds
    /// since 1970. `None` where docker may well accept it.
    #[must_use]
    pub fn docker(&self, host: &str, now: i64) -> Option<String> {
        let unknown = "x509: certificate signed by unknown authority";
        let because = |why: &str, ca: &Summary| {
            let (why, ca) = (quoted(why), quoted(&ca.called));
            Some(format!(
                "{unknown} (possibly because of {why} while trying to verify candidate authority certificate {ca})"
            ))
        };
        let dates = |word: &str, then: i64| {
            let (now, then) = (rfc3339(now), rfc3339(then));
            Some(format!(
                "x509: certificate has expired or is not yet valid: current time {now} is {word} {then}"
            ))
        };
        let said = |text: &str| Some(text.to_owned());
        match self {
            Self::Empty => said("tls: received empty certificates message"),
            Self::NothingTrusted { .. } => {
                said("failed to retrieve context tls info: ca.pem seems invalid")
            }
            Self::Malformed { why, .. } if why.starts_with("tls: ") => Some(why.clone()),
            Self::Malformed { why, .. } => {
                Some(format!("tls: failed to parse certificate from server: {why}"))
            }
            Self::CriticalExtension { .. } => said("x509: unhandled critical extension"),
            Self::Expired { cert, .. } => dates("after", cert.not_after),
            Self::NotYetValid { cert, .. } => dates("before", cert.not_before),
            Self::NoSan { common_name: Some(name), .. } if matches(name, host) => {
                said("x509: certificate relies on legacy Common Name field, use SANs instead")
            }
            Self::NoSan { .. } => Some(not_for(host, &[])),
            Self::NameMismatch { listed, .. }
            | Self::NoIpSan { listed, .. }
            | Self::NoDnsSan { listed, .. } => Some(not_for(host, listed)),
            Self::UnknownAuthority { .. }
            | Self::MissingIntermediate { .. }
            | Self::SelfSigned { .. } => said(unknown),
            Self::SameNameOtherKey { ca, why, .. } => because(why, ca),
            Self::IssuerNotCa { issuer, before: true, .. } => because(
                "x509: invalid signature: parent certificate cannot sign this kind of certificate",
                issuer,
            ),
            Self::IssuerNotCa { .. } => {
                said("x509: certificate is not authorized to sign other certificates")
            }
            Self::WeakSignature { algorithm, ca, .. } => because(
                &format!("x509: cannot verify signature: insecure algorithm {algorithm}"),
                ca,
            ),
            Self::UnknownAlgorithm { ca, .. } => {
                because("x509: cannot verify signature: algorithm unimplemented", ca)
            }
            Self::PathLength { .. } => {
                said("x509: too many intermediates for path length constraint")
            }
            Self::NameConstraint { forbidden, .. } => Some(forbidden.words.clone()),
            Self::Policy { chains, unusable, .. } => {
                let usage = match unusable {
                    0 => String::new(),
                    count => format!("{count} chains with incompatible key usage, "),
                };
                Some(format!(
                    "x509: no valid chains built: {usage}{chains} chains with invalid policies"
                ))
            }
            Self::Usage { .. } => said("x509: certificate specifies an incompatible key usage"),
            Self::TooManyChecks => said(
                "x509: signature check attempts limit reached while verifying certificate chain",
            ),
            Self::CannotCheck { .. } => None,
        }
    }
}

/// Go lists what is of the kind that was asked for, and of addresses says more where there is none.
fn not_for(host: &str, listed: &[String]) -> String {
    let ip = address(host).is_some();
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).filter(|_| ip);
    let host = bare.unwrap_or(host);
    let kind = if ip { "IP:" } else { "DNS:" };
    let names: Vec<&str> = listed.iter().filter_map(|name| name.strip_prefix(kind)).collect();
    if ip && names.is_empty() {
        return format!(
            "x509: cannot validate certificate for {host} because it doesn't contain any IP SANs"
        );
    }
    match names.join(", ") {
        names if names.is_empty() => {
            format!("x509: certificate is not valid for any names, but wanted to match {host}")
        }
        names => format!("x509: certificate is valid for {names}, not {host}"),
    }
}
