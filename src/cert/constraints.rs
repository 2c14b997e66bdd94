//! Name constraints of a CA: for which names it may sign (RFC 5280 §4.2.1.10, as Go's crypto/x509 verify.go reads it).

use std::net::IpAddr;

use x509_parser::extensions::{GeneralName, GeneralSubtree, NameConstraints};

use super::x509::Names;

/// More comparisons than this are refused, as Go does.
const MAX_COMPARISONS: usize = 250_000;

/// What a CA may sign for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Constraints {
    permitted: Subtrees,
    excluded: Subtrees,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Subtrees {
    dns: Vec<String>,
    ips: Vec<(IpAddr, IpAddr)>,
    emails: Vec<String>,
    uris: Vec<String>,
}

impl Constraints {
    /// Reads them; and whether all of them are of kinds that Go knows.
    ///
    /// # Errors
    /// Why Go's parser refuses the certificate.
    pub fn new(from: &NameConstraints<'_>) -> Result<(Self, bool), &'static str> {
        let mut known = true;
        let permitted = Subtrees::new(from.permitted_subtrees.as_deref(), &mut known)?;
        let excluded = Subtrees::new(from.excluded_subtrees.as_deref(), &mut known)?;
        if from.permitted_subtrees.is_none() && from.excluded_subtrees.is_none() {
            return Err("x509: empty name constraints extension");
        }
        Ok((Self { permitted, excluded }, known))
    }

    /// The first name that the CA may not sign for, as `DNS:…`, `IP:…`, `email:…` or `URI:…`. Every name of a
    /// certificate has to be allowed, not only the one that is asked for.
    #[must_use]
    pub fn forbidden(&self, names: &Names) -> Option<String> {
        let count = |trees: &Subtrees| {
            names.dns.len().saturating_mul(trees.dns.len())
                + names.ips.len().saturating_mul(trees.ips.len())
                + names.emails.len().saturating_mul(trees.emails.len())
                + names.uris.len().saturating_mul(trees.uris.len())
        };
        if count(&self.permitted).saturating_add(count(&self.excluded)) > MAX_COMPARISONS {
            return Some("…".to_owned());
        }
        let (yes, no) = (&self.permitted, &self.excluded);
        let dns = || refused(&names.dns, &yes.dns, &no.dns, |n, c| in_domain(n, c));
        let ips = || refused(&names.ips, &yes.ips, &no.ips, |ip, net| in_net(*ip, *net));
        let emails = || refused(&names.emails, &yes.emails, &no.emails, |n, c| in_mail(n, c));
        let uris = || refused(&names.uris, &yes.uris, &no.uris, |n, c| in_uri(n, c));
        dns()
            .map(|name| format!("DNS:{name}"))
            .or_else(|| emails().map(|name| format!("email:{name}")))
            .or_else(|| uris().map(|name| format!("URI:{name}")))
            .or_else(|| ips().map(|ip| format!("IP:{ip}")))
    }
}

/// The first of `names` that is excluded, or is not among what is permitted, where anything of its kind is. `None` of
/// `matches` means that the name cannot be compared, which refuses it.
fn refused<'n, N, C>(
    names: &'n [N],
    permitted: &[C],
    excluded: &[C],
    matches: impl Fn(&N, &C) -> Option<bool>,
) -> Option<&'n N> {
    names.iter().find(|name| {
        let out = excluded.iter().any(|c| matches(name, c) != Some(false));
        let within = permitted.is_empty()
            || permitted.iter().map(|c| matches(name, c)).find(|m| *m != Some(false))
                == Some(Some(true));
        out || !within
    })
}

impl Subtrees {
    fn new(from: Option<&[GeneralSubtree<'_>]>, known: &mut bool) -> Result<Self, &'static str> {
        let mut trees = Self::default();
        for tree in from.unwrap_or_default() {
            match &tree.base {
                GeneralName::DNSName(name) => trees.dns.push(domain(name)?),
                GeneralName::RFC822Name(name) if name.contains('@') => {
                    trees.emails.push((*name).to_owned());
                }
                GeneralName::RFC822Name(name) => trees.emails.push(domain(name)?),
                GeneralName::URI(name) => trees.uris.push(domain(name)?),
                GeneralName::IPAddress(bytes) => trees.ips.push(network(bytes)?),
                _ => *known = false,
            }
        }
        Ok(trees)
    }
}

fn domain(name: &str) -> Result<String, &'static str> {
    let bare = name.strip_prefix('.').unwrap_or(name);
    if name.is_ascii() && labels(bare).is_some() {
        Ok(name.to_owned())
    } else {
        Err("x509: failed to parse name constraint")
    }
}

fn network(bytes: &[u8]) -> Result<(IpAddr, IpAddr), &'static str> {
    let half = bytes.len() / 2;
    let (ip, mask) = bytes.split_at_checked(half).unwrap_or_default();
    let read = |part: &[u8]| -> Option<IpAddr> {
        let v4 = <[u8; 4]>::try_from(part).map(IpAddr::from);
        v4.or_else(|_| <[u8; 16]>::try_from(part).map(IpAddr::from)).ok()
    };
    let bits: Vec<u8> =
        mask.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect();
    let ones = bits.iter().take_while(|bit| **bit == 1).count();
    if bits.iter().skip(ones).any(|bit| *bit == 1) {
        return Err("x509: IP constraint contained invalid mask");
    }
    read(ip).zip(read(mask)).ok_or("x509: IP constraint contained value of odd length")
}

fn in_net(ip: IpAddr, (net, mask): (IpAddr, IpAddr)) -> Option<bool> {
    Some(match (ip, net, mask) {
        (IpAddr::V4(ip), IpAddr::V4(net), IpAddr::V4(mask)) => {
            ip.to_bits() & mask.to_bits() == net.to_bits() & mask.to_bits()
        }
        (IpAddr::V6(ip), IpAddr::V6(net), IpAddr::V6(mask)) => {
            ip.to_bits() & mask.to_bits() == net.to_bits() & mask.to_bits()
        }
        _ => false,
    })
}

/// The labels from the last to the first; `None` for what is no domain name (Go's domainToReverseLabels).
fn labels(domain: &str) -> Option<Vec<&str>> {
    if domain.is_empty() {
        return Some(Vec::new());
    }
    let labels: Vec<&str> = domain.rsplit('.').collect();
    let fine = |label: &&str| !label.is_empty() && label.bytes().all(|b| (33..=126).contains(&b));
    labels.iter().all(fine).then_some(labels)
}

/// Go's matchDomainConstraint: the domain itself or any below it; with a leading dot only those below.
fn in_domain(name: &str, constraint: &str) -> Option<bool> {
    if constraint.is_empty() {
        return Some(true);
    }
    let name = labels(name)?;
    let (below, constraint) = match constraint.strip_prefix('.') {
        Some(rest) => (true, rest),
        None => (false, constraint),
    };
    let constraint = labels(constraint)?;
    if name.len() < constraint.len() || below && name.len() == constraint.len() {
        return Some(false);
    }
    Some(constraint.iter().zip(&name).all(|(c, n)| c.eq_ignore_ascii_case(n)))
}

fn in_mail(name: &str, constraint: &str) -> Option<bool> {
    let (local, domain) = name.rsplit_once('@')?;
    match constraint.rsplit_once('@') {
        Some((l, d)) => Some(local == l && domain.eq_ignore_ascii_case(d)),
        None => in_domain(domain, constraint),
    }
}

fn in_uri(name: &str, constraint: &str) -> Option<bool> {
    let (_, rest) = name.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    if host.starts_with('[') {
        return None;
    }
    let host = host.split(':').next()?;
    if host.is_empty() || host.parse::<IpAddr>().is_ok() {
        return None;
    }
    in_domain(host, constraint)
}
