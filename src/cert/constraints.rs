//! Name constraints of a CA: for which names it may sign (RFC 5280 §4.2.1.10, as Go's crypto/x509 reads and applies it:
//! parser.go `parseNameConstraintsExtension`, verify.go `isValid`, `checkNameConstraints`).

use std::net::IpAddr;

use super::mailbox::Mailbox;
use super::strict::{SEQUENCE, Strict, ia5, quoted};
use super::uri;
use super::x509::{Names, san};

/// More comparisons than this for one CA are refused, as Go does.
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
    ips: Vec<Net>,
    emails: Vec<String>,
    uris: Vec<String>,
}

/// An address and its mask, of the same length.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Net {
    ip: Vec<u8>,
    mask: Vec<u8>,
}

/// A name that a CA may not sign for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    /// What of it is wrong, such as `DNS name "a.test" is not permitted by any constraint`.
    pub what: String,
    /// The whole of what Go says.
    pub words: String,
}

impl Constraints {
    /// Reads the extension's value; and whether all of them are of kinds that Go knows.
    ///
    /// # Errors
    /// Why Go's parser refuses the certificate.
    pub fn parse(value: &[u8]) -> Result<(Self, bool), String> {
        let invalid = || "x509: invalid NameConstraints extension".to_owned();
        let mut outer = Strict::new(value);
        let mut inner = outer.inside(SEQUENCE).filter(|_| outer.is_empty()).ok_or_else(invalid)?;
        let permitted = inner.optional(0xa0).ok_or_else(invalid)?.unwrap_or_default();
        let excluded = inner.optional(0xa1).ok_or_else(invalid)?.unwrap_or_default();
        if !inner.is_empty() {
            return Err(invalid());
        }
        if permitted.is_empty() && excluded.is_empty() {
            return Err("x509: empty name constraints extension".to_owned());
        }
        let mut known = true;
        let permitted = Subtrees::parse(permitted, &mut known)?;
        let excluded = Subtrees::parse(excluded, &mut known)?;
        Ok((Self { permitted, excluded }, known))
    }

    /// The first name of these certificates, in their order, that the CA may not sign for. Every name has to be allowed,
    /// not only the one that is asked for.
    #[must_use]
    pub fn forbidden<'n>(&self, all: impl Iterator<Item = &'n Names>) -> Option<Forbidden> {
        let mut count = 0;
        all.flat_map(|names| san(&names.der)).find_map(|(tag, value)| {
            let text = || String::from_utf8_lossy(value);
            match tag {
                0x81 => self.mail(&text(), &mut count),
                0x82 => self.dns(&text(), &mut count),
                0x86 => self.uri(&text(), &mut count),
                0x87 => self.ip(value, &mut count),
                _ => None,
            }
        })
    }

    fn dns(&self, name: &str, count: &mut usize) -> Option<Forbidden> {
        if labels(name).is_none() {
            return Some(unreadable(&format!("x509: cannot parse dnsName {}", quoted(name))));
        }
        let (no, yes) = (&self.excluded.dns, &self.permitted.dns);
        check(count, "DNS name", name, no, yes, |c| Ok(in_domain(name, c)), |c| quoted(c))
    }

    fn mail(&self, name: &str, count: &mut usize) -> Option<Forbidden> {
        let Some(mailbox) = Mailbox::parse(name) else {
            return Some(unreadable("x509: cannot parse rfc822Name {\"\" \"\"}"));
        };
        let matches = |constraint: &str| match Mailbox::parse(constraint) {
            Some(one) if constraint.contains('@') => {
                mailbox.local == one.local && mailbox.domain.eq_ignore_ascii_case(one.domain)
            }
            _ => in_domain(mailbox.domain, constraint),
        };
        let (no, yes) = (&self.excluded.emails, &self.permitted.emails);
        check(count, "email address", name, no, yes, |c| Ok(matches(c)), |c| quoted(c))
    }

    fn uri(&self, name: &str, count: &mut usize) -> Option<Forbidden> {
        let host = uri::host(name).unwrap_or_default();
        let matches = |constraint: &String| {
            let cannot = |what: &str| {
                Err(format!(
                    "URI with {what} ({}) cannot be matched against constraints",
                    quoted(name)
                ))
            };
            if host.is_empty() {
                return cannot("empty host");
            }
            let bare =
                if host.contains(':') && !host.ends_with(']') { port_cut(&host)? } else { &host };
            if bare.starts_with('[') && bare.ends_with(']') || bare.parse::<IpAddr>().is_ok() {
                return cannot("IP");
            }
            Ok(in_domain(bare, constraint))
        };
        let (no, yes) = (&self.excluded.uris, &self.permitted.uris);
        check(count, "URI", name, no, yes, matches, |c| quoted(c))
    }

    fn ip(&self, ip: &[u8], count: &mut usize) -> Option<Forbidden> {
        let name = shown(ip);
        let matches = |net: &Net| {
            let bits = ip.iter().zip(&net.ip).zip(&net.mask);
            Ok(ip.len() == net.ip.len()
                && bits.into_iter().all(|((a, b), mask)| a & mask == b & mask))
        };
        let (no, yes) = (&self.excluded.ips, &self.permitted.ips);
        check(count, "IP address", &name, no, yes, matches, |net| quoted(&net.text()))
    }
}

/// A name that Go refuses without looking at any constraint.
fn unreadable(words: &str) -> Forbidden {
    let what = words.strip_prefix("x509: ").unwrap_or(words).to_owned();
    Forbidden { what, words: words.to_owned() }
}

/// Go's checkNameConstraints: nothing that excludes the name, and something that permits it where anything of its kind is
/// permitted at all.
fn check<C>(
    count: &mut usize,
    kind: &str,
    name: &str,
    excluded: &[C],
    permitted: &[C],
    matches: impl Fn(&C) -> Result<bool, String>,
    text: impl Fn(&C) -> String,
) -> Option<Forbidden> {
    let forbidden = |what: String| {
        let ca = "x509: a root or intermediate certificate is not authorized to sign for this name";
        Some(Forbidden { words: format!("{ca}: {what}"), what })
    };
    let too_many = || {
        let what = "more comparisons with constraints than docker makes".to_owned();
        Some(Forbidden { what, words: "x509: unknown error".to_owned() })
    };
    *count += excluded.len();
    if *count > MAX_COMPARISONS {
        return too_many();
    }
    for constraint in excluded {
        match matches(constraint) {
            Err(why) => return forbidden(why),
            Ok(true) => {
                let (name, by) = (quoted(name), text(constraint));
                return forbidden(format!("{kind} {name} is excluded by constraint {by}"));
            }
            Ok(false) => {}
        }
    }
    *count += permitted.len();
    if *count > MAX_COMPARISONS {
        return too_many();
    }
    for constraint in permitted {
        match matches(constraint) {
            Err(why) => return forbidden(why),
            Ok(true) => return None,
            Ok(false) => {}
        }
    }
    if permitted.is_empty() {
        return None;
    }
    forbidden(format!("{kind} {} is not permitted by any constraint", quoted(name)))
}

impl Subtrees {
    fn parse(value: &[u8], known: &mut bool) -> Result<Self, String> {
        let mut trees = Self::default();
        let mut all = Strict::new(value);
        while !all.is_empty() {
            let base = all.inside(SEQUENCE).and_then(|mut tree| tree.any());
            let Some((tag, value)) = base else {
                return Err("x509: invalid NameConstraints extension".to_owned());
            };
            let text =
                || ia5(value).map_err(|why| format!("x509: invalid constraint value: {why}"));
            match tag {
                0x82 => trees.dns.push(domain(text()?, "dnsName")?),
                0x81 => trees.emails.push(mailbox(text()?)?),
                0x86 => trees.uris.push(authority(text()?)?),
                0x87 => trees.ips.push(network(value)?),
                _ => *known = false,
            }
        }
        Ok(trees)
    }
}

fn domain(text: &str, kind: &str) -> Result<String, String> {
    match labels(text.strip_prefix('.').unwrap_or(text)) {
        Some(_) => Ok(text.to_owned()),
        None => Err(format!("x509: failed to parse {kind} constraint {}", quoted(text))),
    }
}

fn mailbox(text: &str) -> Result<String, String> {
    if text.contains('@') && Mailbox::parse(text).is_none() {
        return Err(format!("x509: failed to parse rfc822Name constraint {}", quoted(text)));
    }
    if text.contains('@') { Ok(text.to_owned()) } else { domain(text, "rfc822Name") }
}

fn authority(text: &str) -> Result<String, String> {
    if text.parse::<IpAddr>().is_ok() {
        let text = quoted(text);
        return Err(format!("x509: failed to parse URI constraint {text}: cannot be IP address"));
    }
    domain(text, "URI")
}

fn network(value: &[u8]) -> Result<Net, String> {
    if !matches!(value.len(), 8 | 32) {
        return Err(format!("x509: IP constraint contained value of length {}", value.len()));
    }
    let (ip, mask) = value.split_at_checked(value.len() / 2).unwrap_or_default();
    let net = Net { ip: ip.to_vec(), mask: mask.to_vec() };
    match net.ones() {
        Some(_) => Ok(net),
        None => {
            let mask = super::x509::hex(mask);
            Err(format!("x509: IP constraint contained invalid mask {mask}"))
        }
    }
}

impl Net {
    /// How many bits of the mask are set; `None` where one is set behind one that is not.
    fn ones(&self) -> Option<usize> {
        let bits =
            || self.mask.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
        let ones = bits().take_while(|bit| *bit == 1).count();
        bits().skip(ones).all(|bit| bit == 0).then_some(ones)
    }

    /// `10.0.0.0/8`, as Go's net.IPNet has it.
    fn text(&self) -> String {
        format!("{}/{}", shown(&self.ip), self.ones().unwrap_or_default())
    }
}

/// An address as Go prints it: one of IPv6 that stands for one of IPv4 as the latter.
fn shown(ip: &[u8]) -> String {
    let v4 = <[u8; 4]>::try_from(ip).map(IpAddr::from);
    let v6 = <[u8; 16]>::try_from(ip).map(IpAddr::from);
    v4.or(v6).map(|ip| ip.to_canonical().to_string()).unwrap_or_default()
}

/// The labels from the last to the first; `None` for what is no domain name (Go's domainToReverseLabels).
#[must_use]
pub fn labels(domain: &str) -> Option<impl Iterator<Item = &str> + Clone> {
    let all = domain.rsplit('.').filter(move |_| !domain.is_empty());
    let fine = |label: &str| !label.is_empty() && label.bytes().all(|b| (33..=126).contains(&b));
    all.clone().all(fine).then_some(all)
}

/// Go's matchDomainConstraint: the domain itself or any below it; with a leading dot only those below. Both have been
/// found to be domains.
fn in_domain(name: &str, constraint: &str) -> bool {
    if constraint.is_empty() {
        return true;
    }
    let (below, constraint) = match constraint.strip_prefix('.') {
        Some(rest) => (true, rest),
        None => (false, constraint),
    };
    let (Some(mut name), Some(mut constraint)) = (labels(name), labels(constraint)) else {
        return false;
    };
    constraint.all(|c| name.next().is_some_and(|n| n.eq_ignore_ascii_case(c)))
        && (!below || name.next().is_some())
}

/// The host without its port (Go's net.SplitHostPort).
fn port_cut(host: &str) -> Result<&str, String> {
    let wrong = |why: &str| format!("address {host}: {why}");
    if let Some(rest) = host.strip_prefix('[') {
        return match rest.split_once("]:") {
            Some((inside, _)) => Ok(inside),
            None => Err(wrong("missing port in address")),
        };
    }
    match host.rsplit_once(':') {
        Some((bare, _)) if bare.contains(':') => Err(wrong("too many colons in address")),
        Some((bare, _)) => Ok(bare),
        None => Ok(host),
    }
}
