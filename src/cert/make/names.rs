//! The names and addresses that a server's certificate lists.

use std::net::IpAddr;

use crate::cert::encode;
use crate::cert::x509::Names;
use crate::error::{Error, MakeFault, Result};

/// Names and addresses, in order, none twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sans {
    dns: Vec<String>,
    ips: Vec<IpAddr>,
}

impl Sans {
    /// What every server is called from where it runs: `localhost`, 127.0.0.1 and ::1. Last in the list, so that
    /// docker's message about a name that is missing begins with those that matter.
    pub fn add_loopback(&mut self) {
        self.push_dns("localhost");
        self.push_ip(IpAddr::from([127, 0, 0, 1]));
        self.push_ip(IpAddr::from(std::net::Ipv6Addr::LOCALHOST));
    }

    /// Adds a name or an address as a person writes it: with or without `IP:` or `DNS:`, IPv6 with or without
    /// brackets. An address is never listed as a name, where no client would look for it.
    ///
    /// # Errors
    /// [`MakeFault::San`].
    pub fn add(&mut self, written: &str) -> Result<()> {
        let no = || Error::Make(MakeFault::San(written.to_owned()));
        let (kind, text) = match written.split_once(':') {
            Some((kind @ ("IP" | "ip" | "DNS" | "dns"), rest)) => (Some(kind), rest),
            _ => (None, written),
        };
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        // A zone means something on one machine only.
        let bare = bare.split_once('%').map_or(bare, |(address, _)| address);
        if let Ok(address) = bare.parse::<IpAddr>() {
            self.push_ip(address);
            return Ok(());
        }
        if matches!(kind, Some("IP" | "ip")) || !is_name(text) {
            return Err(no());
        }
        self.push_dns(&text.trim_end_matches('.').to_ascii_lowercase());
        Ok(())
    }

    /// Those of a certificate that is made anew.
    #[must_use]
    pub fn of(names: Option<&Names>) -> Self {
        let names = names.cloned().unwrap_or_default();
        let mut sans = Self::default();
        names.dns.iter().for_each(|name| sans.push_dns(name));
        names.ips.iter().for_each(|ip| sans.push_ip(*ip));
        sans
    }

    fn push_dns(&mut self, name: &str) {
        if !self.dns.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            self.dns.push(name.to_owned());
        }
    }

    fn push_ip(&mut self, address: IpAddr) {
        let address = address.to_canonical();
        if !self.ips.contains(&address) {
            self.ips.push(address);
        }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.dns.is_empty() && self.ips.is_empty()
    }

    /// As `DNS:…` and `IP:…`, addresses first, as docker's messages have them.
    #[must_use]
    pub fn listed(&self) -> Vec<String> {
        let ips = self.ips.iter().map(|ip| format!("IP:{ip}"));
        ips.chain(self.dns.iter().map(|name| format!("DNS:{name}"))).collect()
    }

    /// The value of the extension (RFC 5280, 4.2.1.6).
    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        let dns = self.dns.iter().map(|name| encode::dns(name));
        let all: Vec<Vec<u8>> = dns.chain(self.ips.iter().map(|ip| encode::ip(*ip))).collect();
        let parts: Vec<&[u8]> = all.iter().map(Vec::as_slice).collect();
        encode::sequence(&parts)
    }
}

/// A name as RFC 1123 has it, with `_`, which docker's own networks have; the first label may be `*`. Something that
/// looks like an IPv4 address and is none is no name either.
fn is_name(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let label = |(at, label): (usize, &str)| {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        at == 0 && label == "*" && name.contains('.')
            || (1..=63).contains(&label.len())
                && label.bytes().all(fine)
                && !label.starts_with('-')
                && !label.ends_with('-')
    };
    let numeric =
        name.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    (1..=253).contains(&name.len()) && !numeric && name.split('.').enumerate().all(label)
}
