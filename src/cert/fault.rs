//! What can be wrong with a chain of certificates, as data: which certificate, where in the chain, and what it says.

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
    /// Go's parser refuses it, in its words.
    Malformed {
        /// Where it stands.
        place: Place,
        /// Which one.
        cert: Summary,
        /// Why.
        why: &'static str,
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
    /// A CA has the name of its issuer, and another key: one of the two was made anew.
    SameNameOtherKey {
        /// Which one it is that the CA did not sign.
        cert: Summary,
        /// That CA.
        ca: Summary,
        /// The CA's key identifier, in hexadecimal; empty where it has none.
        ca_key: String,
        /// The key identifier that the certificate names, in hexadecimal; empty where there is none.
        wanted_key: String,
    },
    /// Its issuer may not sign certificates.
    IssuerNotCa {
        /// Where the issuer stands.
        place: Place,
        /// What was signed.
        cert: Summary,
        /// By whom.
        issuer: Summary,
    },
    /// Signed with an algorithm that Go refuses, such as SHA-1.
    WeakSignature {
        /// Which one.
        cert: Summary,
        /// Go's name for the algorithm.
        algorithm: String,
    },
    /// Signed with an algorithm that Go does not know.
    UnknownAlgorithm {
        /// Which one.
        cert: Summary,
        /// Its number.
        algorithm: String,
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
        /// The name.
        name: String,
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
}
