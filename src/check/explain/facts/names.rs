//! Which names a certificate lists, and which was asked for.

use super::{after, word};
use crate::check::diagnosis::Facts;

/// The names that the server's certificate lists, and the one that it does not.
pub(super) fn of(line: &str, lines: &[String], facts: &mut Facts) {
    let kind = |name: &str| match name.parse::<std::net::IpAddr>() {
        Ok(_) => format!("IP:{name}"),
        Err(_) => format!("DNS:{name}"),
    };
    let mut wanted = None;
    // Go: valid for A, B, not C
    if let Some((listed, not)) =
        after(line, "ertificate is valid for ").and_then(|rest| rest.split_once(", not "))
    {
        facts.listed = listed.split(", ").map(|name| kind(name.trim())).collect();
        wanted = Some(word(not));
    }
    // Node: Host: H. is not in the cert's altnames: DNS:A, IP Address:B
    if let Some(rest) = after(line, "cert's altnames: ").or_else(|| after(line, "cert's list: ")) {
        let names = rest.split(", ").map(|name| name.trim().trim_end_matches(['\'', '"']));
        let typed = |name: &str| match name.strip_prefix("IP Address:") {
            Some(address) => format!("IP:{address}"),
            None if name.starts_with("DNS:") => name.to_owned(),
            None => kind(name),
        };
        facts.listed = names.filter(|name| !name.is_empty()).map(typed).collect();
    }
    // urllib3: hostname 'A' doesn't match 'B', or: either of 'B', 'C'
    if let Some((asked, rest)) =
        line.split_once(" doesn't match ").filter(|(asked, _)| asked.contains("ostname '"))
    {
        wanted = after(asked, "ostname '").map(|name| name.trim_end_matches('\'').to_owned());
        let rest = rest.trim_start_matches("either of ");
        let names = rest.split(", ").map(|name| name.split('\'').nth(1).unwrap_or_default());
        facts.listed = names.filter(|name| !name.is_empty()).map(kind).collect();
    }
    // Apache's client: Certificate for <A> doesn't match any of the subject alternative names: [B, C]
    if let Some((asked, rest)) =
        after(line, "ertificate for <").and_then(|rest| rest.split_once('>'))
    {
        wanted = Some(asked.to_owned());
        if let Some(list) =
            after(rest, "alternative names: [").and_then(|rest| rest.split(']').next())
        {
            facts.listed = list.split(", ").filter(|name| !name.is_empty()).map(kind).collect();
        }
    }
    // okhttp tells them on lines of their own
    if let Some(asked) =
        after(line, "xception: Hostname ").filter(|rest| rest.contains(" not verified"))
    {
        wanted = Some(word(asked));
        let list = lines.iter().find_map(|line| after(line, "subjectAltNames: ["));
        let list = list.and_then(|rest| rest.split(']').next()).unwrap_or_default();
        facts.listed = list.split(", ").filter(|name| !name.is_empty()).map(kind).collect();
    }
    let one =
        |marker: &str| after(line, marker).map(|rest| word(rest.trim_start_matches(['\'', '"'])));
    let wanted = wanted
        .or_else(|| one("cannot validate certificate for "))
        .or_else(|| one("wanted to match "))
        .or_else(|| one("altnames: IP: "))
        .or_else(|| one("altnames: Host: "))
        .or_else(|| one("certificate is not valid for "))
        .or_else(|| one("match target host name "))
        .or_else(|| one("matches target host name "))
        .or_else(|| one("matching IP address "))
        .or_else(|| one("DNS name matching "))
        .or_else(|| one("not valid for name "));
    if let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) {
        facts.host = Some(wanted);
    }
    let name = after(line, "is not cert's CN: ").map(word);
    facts.common_name = name.filter(|name| !name.is_empty());
}
