//! What docker says of a chain of certificates, with the reason that docker does not give.
//!
//! The rules are those of Go's crypto/x509 (verify.go: Verify, isValid, buildChains; x509.go: CheckSignatureFrom) as
//! docker's client and daemon are built with it, and are deliberately not those of webpki: roots have dates and have
//! to be CAs, a certificate that is trusted itself needs no CA, version 1 is fine, key usage alone is ignored.
//! Nothing is asked of the network; there is no revocation.

use super::host;
use super::signature::{self, Algorithm, Signature};
use super::x509::{Cert, Summary};

/// As many signatures are checked at most, as in Go: a hostile chain may have many paths.
const MAX_CHECKS: usize = 100;

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

/// Judges a chain as it was sent, leaf first, against the CAs that are trusted, at a time in seconds since 1970.
/// `host` is what the leaf has to list, if anything.
///
/// # Errors
/// Everything that is wrong. The first is the one that docker tells; the others would come to light one after the
/// other.
pub fn verify(
    chain: &[Cert],
    roots: &[Cert],
    host: Option<&str>,
    usage: Usage,
    now: i64,
) -> Result<Verified, Vec<Fault>> {
    // What Go cannot read in a CA file it skips; what it cannot read of a server ends the handshake.
    let roots: Vec<&Cert> = roots.iter().filter(|root| root.refused.is_none()).collect();
    let unread = chain.iter().enumerate().find_map(|(at, cert)| {
        let place = if at == 0 { Place::Leaf } else { Place::Intermediate };
        cert.refused.map(|why| Fault::Malformed { place, cert: cert.summary(), why })
    });
    let Some((leaf, sent)) = chain.split_first() else { return Err(vec![Fault::Empty]) };
    let mut faults: Vec<Fault> = unread.into_iter().collect();
    faults.extend(by_itself(leaf, Place::Leaf, now));
    if let Some(host) = host.filter(|host| !host.is_empty()) {
        faults.extend(name(leaf, host));
    }
    let mut walk = Walk { roots, sent, now, checks: 0, found: Vec::new(), seen: Vec::new() };
    if walk.roots.iter().any(|root| root.der == leaf.der) {
        walk.found.push(Path { certs: vec![leaf], unchecked: None });
    } else if let Err(first) = walk.build(&Path { certs: vec![leaf], unchecked: None }) {
        faults.push(first);
    }
    let good: Vec<&Path<'_>> =
        walk.found.iter().filter(|path| unusable(&path.certs, usage).is_none()).collect();
    if let Some(path) = walk.found.first() {
        if good.is_empty() {
            faults.extend(unusable(&path.certs, usage));
        }
    } else {
        faults.extend(unusable(&[leaf], usage));
        faults.append(&mut walk.seen);
    }
    let sure = good.iter().find(|path| path.unchecked.is_none());
    if let (None, Some(path)) = (sure, good.first()) {
        faults.extend(path.unchecked.clone());
    }
    let mut told: Vec<Fault> = Vec::new();
    for fault in faults {
        if !told.contains(&fault) {
            told.push(fault);
        }
    }
    // Docker does not stop at what only we cannot check.
    told.sort_by_key(|fault| !fault.is_certain());
    match (sure, told.is_empty()) {
        (Some(path), true) => {
            Ok(Verified { chain: path.certs.iter().map(|cert| cert.summary()).collect() })
        }
        _ => Err(told),
    }
}

/// Whether `issuer` signed `cert`, for telling which CA a certificate is of. Dates and usage do not count.
#[must_use]
pub fn signed(cert: &Cert, issuer: &Cert) -> Signature {
    if cert.issuer.der != issuer.subject.der {
        return Signature::Bad;
    }
    signature::verify(&issuer.key, &cert.algorithm, &cert.signed, &cert.signature)
}

/// The part of Go's isValid that needs no other certificate.
fn by_itself(cert: &Cert, place: Place, now: i64) -> Option<Fault> {
    if !cert.unhandled.is_empty() {
        let extensions = cert.unhandled.clone();
        return Some(Fault::CriticalExtension { place, cert: cert.summary(), extensions });
    }
    if now < cert.not_before {
        return Some(Fault::NotYetValid { place, cert: cert.summary() });
    }
    (now > cert.not_after).then(|| Fault::Expired { place, cert: cert.summary() })
}

/// Go's VerifyHostname, and the reasons that its HostnameError tells apart.
fn name(leaf: &Cert, host: &str) -> Option<Fault> {
    if host::covers(leaf, host) {
        return None;
    }
    let cert = leaf.summary();
    let Some(names) = &leaf.names else {
        let common_name = leaf.subject.common_name.clone();
        return Some(Fault::NoSan { cert, common_name });
    };
    let listed = names.listed();
    Some(match host::address(host) {
        Some(ip) if names.ips.is_empty() => {
            let as_dns = names.dns.iter().any(|name| host::address(name) == Some(ip));
            Fault::NoIpSan { cert, listed, as_dns }
        }
        None if names.dns.is_empty() => Fault::NoDnsSan { cert, listed },
        _ => Fault::NameMismatch { cert, listed },
    })
}

/// Go's checkChainForKeyUsage: from the root down, every certificate that lists usages has to list this one.
fn unusable(chain: &[&Cert], usage: Usage) -> Option<Fault> {
    chain.iter().enumerate().rev().find_map(|(at, cert)| {
        let usages = cert.usages.as_ref()?;
        let fits = match usage {
            Usage::Server => usages.server,
            Usage::Client => usages.client,
        };
        let place = match at {
            0 => Place::Leaf,
            _ if at + 1 == chain.len() => Place::Root,
            _ => Place::Intermediate,
        };
        let listed = usages.listed.clone();
        (!fits && !usages.any).then(|| Fault::Usage { place, cert: cert.summary(), listed })
    })
}

/// A way up from the leaf.
#[derive(Debug, Clone)]
struct Path<'a> {
    certs: Vec<&'a Cert>,
    /// The first signature of it that could not be checked.
    unchecked: Option<Fault>,
}

/// The search for chains: Go's buildChains.
struct Walk<'a> {
    roots: Vec<&'a Cert>,
    sent: &'a [Cert],
    now: i64,
    checks: usize,
    /// The chains that end in a root.
    found: Vec<Path<'a>>,
    /// What was wrong on the ways that led nowhere.
    seen: Vec<Fault>,
}

impl<'a> Walk<'a> {
    /// Goes on from the end of `path`. The error is the one that Go returns.
    fn build(&mut self, path: &Path<'a>) -> Result<(), Fault> {
        let Some(&child) = path.certs.last() else { return Err(Fault::Empty) };
        let before = self.found.len();
        let (mut error, mut hint) = (None, None);
        let roots = parents(child, self.roots.iter().copied()).into_iter();
        let sent = parents(child, self.sent.iter()).into_iter();
        let candidates: Vec<(Place, &'a Cert)> = roots
            .map(|cert| (Place::Root, cert))
            .chain(sent.map(|cert| (Place::Intermediate, cert)))
            .collect();
        for (place, candidate) in candidates {
            if path.certs.iter().any(|cert| same(cert, candidate)) {
                continue;
            }
            self.checks += 1;
            if self.checks > MAX_CHECKS {
                error = Some(Fault::TooManyChecks);
                continue;
            }
            let unchecked = match signed_by(child, candidate, place) {
                Ok(unchecked) => unchecked,
                Err(fault) => {
                    self.seen.push(fault.clone());
                    hint.get_or_insert(fault);
                    continue;
                }
            };
            error = self.may_follow(place, candidate, path);
            if let Some(fault) = &error {
                self.seen.push(fault.clone());
                continue;
            }
            let mut longer = path.clone();
            longer.certs.push(candidate);
            longer.unchecked = longer.unchecked.or(unchecked);
            match place {
                Place::Root => self.found.push(longer),
                _ => error = self.build(&longer).err(),
            }
        }
        if self.found.len() > before {
            return Ok(());
        }
        Err(error.or(hint).unwrap_or_else(|| self.unknown(child, path)))
    }

    /// Go's isValid for a CA that has signed the end of `path`.
    fn may_follow(&self, place: Place, ca: &Cert, path: &Path<'_>) -> Option<Fault> {
        let fault = by_itself(ca, place, self.now);
        if fault.is_some() {
            return fault;
        }
        if let Some(constraints) = &ca.constraints {
            let mut names = path.certs.iter().filter_map(|cert| cert.names.as_ref());
            if let Some(name) = names.find_map(|names| constraints.forbidden(names)) {
                return Some(Fault::NameConstraint { place, cert: ca.summary(), name });
            }
        }
        let basic = ca.basic;
        if place == Place::Intermediate && !basic.is_some_and(|basic| basic.ca) {
            let cert = path.certs.last().map(|cert| cert.summary()).unwrap_or_default();
            return Some(Fault::IssuerNotCa { place, cert, issuer: ca.summary() });
        }
        let below = path.certs.len().saturating_sub(1);
        let allowed = basic.and_then(|basic| basic.path_len).and_then(|n| usize::try_from(n).ok());
        let too_long = allowed.is_some_and(|allowed| below > allowed);
        too_long.then(|| Fault::PathLength { place, cert: ca.summary() })
    }

    /// Nobody has the name of the issuer of `last`.
    fn unknown(&self, last: &Cert, path: &Path<'_>) -> Fault {
        let trusted = self.roots.iter().map(|root| root.summary()).collect();
        let place = if path.certs.len() == 1 { Place::Leaf } else { Place::Intermediate };
        let cert = last.summary();
        if last.is_self_issued() && signed(last, last) != Signature::Bad {
            return Fault::SelfSigned { place, cert, trusted };
        }
        // One that was sent and is of a trusted CA, or is one, and is on no way from the leaf.
        let gap = self.sent.iter().any(|sent| {
            !path.certs.iter().any(|cert| cert.der == sent.der)
                && self
                    .roots
                    .iter()
                    .any(|root| root.der == sent.der || signed(sent, root) == Signature::Good)
        });
        if gap {
            Fault::MissingIntermediate { cert, trusted }
        } else {
            Fault::UnknownAuthority { place, cert, trusted }
        }
    }
}

/// Go's alreadyInChain: the same subject, key and names.
fn same(a: &Cert, b: &Cert) -> bool {
    let names = |cert: &Cert| cert.names.as_ref().map(|names| names.der.clone());
    a.subject.der == b.subject.der && a.key.spki == b.key.spki && names(a) == names(b)
}

/// Go's findPotentialParents: those of the issuer's name, in the order of how well the key identifiers fit.
fn parents<'a>(child: &Cert, all: impl Iterator<Item = &'a Cert>) -> Vec<&'a Cert> {
    let mut found: Vec<&Cert> = Vec::new();
    for cert in all.filter(|cert| cert.subject.der == child.issuer.der) {
        if !found.iter().any(|other| other.der == cert.der) {
            found.push(cert);
        }
    }
    found.sort_by_key(|cert| {
        let (has, wants) = (&cert.subject_key_id, &child.authority_key_id);
        if has == wants { 0 } else { 1 + u8::from(!has.is_empty() && !wants.is_empty()) }
    });
    found
}

/// Go's CheckSignatureFrom. The inner value is what could not be checked.
fn signed_by(cert: &Cert, ca: &Cert, place: Place) -> Result<Option<Fault>, Fault> {
    if !ca.is_ca() {
        let (cert, issuer) = (cert.summary(), ca.summary());
        return Err(Fault::IssuerNotCa { place, cert, issuer });
    }
    let algorithm = cert.algorithm.name();
    match &cert.algorithm {
        Algorithm::Weak(_) => {
            return Err(Fault::WeakSignature { cert: cert.summary(), algorithm });
        }
        Algorithm::Unknown(_) => {
            return Err(Fault::UnknownAlgorithm { cert: cert.summary(), algorithm });
        }
        _ => {}
    }
    match signed(cert, ca) {
        Signature::Good => Ok(None),
        Signature::CannotTell => {
            let algorithm = format!("{algorithm}, {}", ca.key.kind);
            Ok(Some(Fault::CannotCheck { cert: cert.summary(), algorithm }))
        }
        Signature::Bad | Signature::WrongKind => Err(Fault::SameNameOtherKey {
            cert: cert.summary(),
            ca: ca.summary(),
            ca_key: super::x509::hex(&ca.subject_key_id),
            wanted_key: super::x509::hex(&cert.authority_key_id),
        }),
    }
}
