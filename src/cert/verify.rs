//! What docker says of a chain of certificates, with the reason that docker does not give.
//!
//! The rules are those of Go's crypto/x509 (verify.go: Verify, isValid, buildChains; x509.go: CheckSignatureFrom) as
//! docker's client and daemon are built with it, and are deliberately not those of webpki: roots have dates and have
//! to be CAs, a certificate that is trusted itself needs no CA, version 1 is fine, key usage alone is ignored.
//! Nothing is asked of the network; there is no revocation.

pub use super::fault::{Fault, Place, Usage, Verified};
use super::host;
use super::policy;
use super::signature::{self, Algorithm, Kind, Signature};
use super::x509::Cert;

/// As many signatures are checked at most, as in Go: a hostile chain may have many paths.
const MAX_CHECKS: usize = 100;
/// A hostile chain may have as many faults as ways.
const MAX_TOLD: usize = 16;
/// The largest RSA key that TLS takes in a certificate (crypto/tls handshake_client.go), in bits.
const MAX_RSA: usize = 8192;

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
    let Some((leaf, sent)) = chain.split_first() else { return Err(vec![Fault::Empty]) };
    let unread = chain.iter().enumerate().find_map(|(at, cert)| unreadable(at, cert, usage));
    let mut faults: Vec<Fault> = Vec::new();
    let blind = usage == Usage::Server && roots.is_empty();
    if blind {
        // docker does not even connect
        faults.push(Fault::NothingTrusted { cert: leaf.summary() });
    }
    let ends = unread.is_some();
    faults.extend(unread);
    faults.extend(by_itself(leaf, Place::Leaf, now));
    if let Some(host) = host.filter(|host| !host.is_empty()) {
        faults.extend(name(leaf, host));
    }
    if ends || blind {
        // Who signed what nobody can read is no question.
        return Err(faults);
    }
    let mut walk = Walk { roots, sent, now, checks: 0, found: Vec::new(), seen: Vec::new() };
    if walk.roots.iter().any(|root| root.der == leaf.der) {
        walk.found.push(Path { certs: vec![leaf], unchecked: None });
    } else if let Err(first) = walk.build(&Path { certs: vec![leaf], unchecked: None }) {
        faults.push(first);
    }
    let mut good: Vec<&Path<'_>> = Vec::new();
    let (mut bad_policies, mut bad_usages) = (0, Vec::new());
    for path in &walk.found {
        if !policy::valid(&path.certs) {
            bad_policies += 1;
        } else if let Some(fault) = unusable(&path.certs, usage) {
            bad_usages.push(fault);
        } else {
            good.push(path);
        }
    }
    if walk.found.is_empty() {
        faults.extend(unusable(&[leaf], usage));
        faults.append(&mut walk.seen);
    } else if good.is_empty() {
        if bad_policies > 0 {
            let unusable = bad_usages.len();
            let cert = leaf.summary();
            faults.push(Fault::Policy { cert, chains: bad_policies, unusable });
        }
        faults.extend(bad_usages.into_iter().next());
    }
    if let Some(kind) = leaf.key.unsupported() {
        let whose = match usage {
            Usage::Server => "server's certificate contains an unsupported type of",
            Usage::Client => "client certificate contains an unsupported",
        };
        let why = match usage {
            Usage::Server => format!("tls: {whose} public key: {kind}"),
            Usage::Client => format!("tls: {whose} public key of type {kind}"),
        };
        faults.push(Fault::Malformed { place: Place::Leaf, cert: leaf.summary(), why });
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
    told.truncate(MAX_TOLD);
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

/// Why the handshake ends at this certificate before the chain is looked at.
fn unreadable(at: usize, cert: &Cert, usage: Usage) -> Option<Fault> {
    let place = if at == 0 { Place::Leaf } else { Place::Intermediate };
    let large = matches!(cert.key.kind, Kind::Rsa(bits) if bits > MAX_RSA);
    let whose = if usage == Usage::Server { "server" } else { "client" };
    let large = large.then(|| {
        format!("tls: {whose} sent certificate containing RSA key larger than {MAX_RSA} bits")
    });
    let why = cert.refused.clone().or(large)?;
    Some(Fault::Malformed { place, cert: cert.summary(), why })
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
            // what signed with a key of a kind that Go does not know, it passes over
            let unknown = candidate.key.unsupported() == Some("<nil>");
            if unknown || path.certs.iter().any(|cert| same(cert, candidate)) {
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
            let names = path.certs.iter().filter_map(|cert| cert.names.as_ref());
            if let Some(forbidden) = constraints.forbidden(names) {
                return Some(Fault::NameConstraint { place, cert: ca.summary(), forbidden });
            }
        }
        let basic = ca.basic;
        if place == Place::Intermediate && !basic.is_some_and(|basic| basic.ca) {
            let cert = path.certs.last().map(|cert| cert.summary()).unwrap_or_default();
            let issuer = ca.summary();
            return Some(Fault::IssuerNotCa { place, cert, issuer, before: false });
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
        return Err(Fault::IssuerNotCa { place, cert, issuer, before: true });
    }
    let algorithm = cert.algorithm.name();
    let unknown = matches!(cert.algorithm, Algorithm::Unknown(_)) || ca.key.unsupported().is_some();
    if matches!(cert.algorithm, Algorithm::Weak(_)) {
        let (cert, ca) = (cert.summary(), ca.summary());
        return Err(Fault::WeakSignature { cert, algorithm, ca });
    } else if unknown {
        let (cert, ca) = (cert.summary(), ca.summary());
        return Err(Fault::UnknownAlgorithm { cert, algorithm, ca });
    }
    let why = match signed(cert, ca) {
        Signature::Good => return Ok(None),
        Signature::CannotTell => {
            let algorithm = format!("{algorithm}, {}", ca.key.kind);
            return Ok(Some(Fault::CannotCheck { cert: cert.summary(), algorithm }));
        }
        Signature::Bad => match ca.key.kind {
            Kind::Rsa(_) => "crypto/rsa: verification error".to_owned(),
            Kind::Ed25519 => "x509: Ed25519 verification failure".to_owned(),
            _ => "x509: ECDSA verification failure".to_owned(),
        },
        Signature::WrongKind => {
            let wants = match cert.algorithm {
                Algorithm::Rsa(_) | Algorithm::RsaPss(_) => "RSA",
                Algorithm::Ed25519 => "Ed25519",
                _ => "ECDSA",
            };
            let has = match ca.key.kind {
                Kind::Rsa(_) => "*rsa.PublicKey",
                Kind::Ed25519 => "ed25519.PublicKey",
                _ => "*ecdsa.PublicKey",
            };
            format!(
                "x509: signature algorithm specifies an {wants} public key, but have public key of type {has}"
            )
        }
    };
    Err(Fault::SameNameOtherKey {
        cert: cert.summary(),
        ca: ca.summary(),
        ca_key: super::x509::hex(&ca.subject_key_id),
        wanted_key: super::x509::hex(&cert.authority_key_id),
        why,
    })
}
