//! Whom ssh was to reach.

use super::{after, number, word};
use crate::check::diagnosis::Facts;

/// User, host and port, from the command that docker ran or from ssh's own words.
pub(super) fn of(line: &str, facts: &mut Facts) {
    if let Some(command) = after(line, "command [ssh ") {
        // [ssh -o ConnectTimeout=30 -T -l USER -p PORT -- HOST docker …], in 20.10 [ssh -l USER -- HOST …]
        let mut words = command.split([' ', ']']);
        while let Some(word) = words.next() {
            match word {
                "-l" => facts.user = words.next().map(ToOwned::to_owned),
                "-p" => facts.port = words.next().and_then(|port| port.parse().ok()),
                "-o" => drop(words.next()),
                "--" | "" => {}
                flag if flag.starts_with('-') => {}
                host => {
                    facts.host = Some(host.to_owned());
                    break;
                }
            }
        }
    }
    let said = after(line, "stderr=").unwrap_or(line);
    if let Some(rest) = after(said, "connect to host ") {
        facts.host = Some(word(rest));
        facts.port = after(rest, " port ").and_then(number);
        facts.said = rest.split_once(": ").map(|(_, why)| why.trim().to_owned());
    }
    if let Some(rest) = after(said, "resolve hostname ") {
        let host = rest.split(':').next().unwrap_or_default();
        facts.host = Some(word(host));
        facts.said = rest.split_once(": ").map(|(_, why)| why.trim().to_owned());
    }
    if let Some((who, _)) = said.split_once(": Permission denied (") {
        let who = who.rsplit(' ').next().unwrap_or_default();
        if let Some((user, host)) = who.split_once('@') {
            (facts.user, facts.host) = (Some(user.to_owned()), Some(host.to_owned()));
        }
    }
    if line.contains("IDENTIFICATION HAS CHANGED") {
        facts.said = Some("REMOTE HOST IDENTIFICATION HAS CHANGED".to_owned());
    }
    // kex_exchange_identification: …⏎Connection closed by 10.0.0.5 port 22
    for marker in ["onnection closed by ", "onnection reset by ", "nable to negotiate with "] {
        if let Some(rest) = after(said, marker).filter(|rest| rest.contains(" port ")) {
            facts.host = facts.host.take().or_else(|| Some(word(rest)));
        }
    }
    // sshd's own log
    if let Some(rest) = after(line, " on [").filter(|_| line.contains("MaxStartups")) {
        let (host, rest) = rest.split_once("]:").unwrap_or((rest, ""));
        (facts.host, facts.port) = (Some(host.to_owned()), number(rest));
    }
    // paramiko
    for marker in ["Server '", "for server '"] {
        if let Some(rest) = after(line, marker) {
            facts.host = rest.split('\'').next().map(ToOwned::to_owned);
        }
    }
    if let Some(rest) = after(line, "to connect to port ") {
        facts.port = number(rest);
        facts.host = after(rest, " on ").map(word);
    }
    if line.contains("has exited with signal: ") && facts.said.is_none() {
        let signal = after(line, "has exited with ").and_then(|rest| rest.split(',').next());
        facts.said =
            signal.map(|signal| format!("ssh was ended by the program that started it, {signal}"));
    }
    facts.endpoint = None;
    if let Some(host) = &facts.host {
        let at = facts.user.as_deref().map(|user| format!("{user}@")).unwrap_or_default();
        let port = facts.port.map(|port| format!(":{port}")).unwrap_or_default();
        facts.endpoint = Some(format!("ssh://{at}{host}{port}"));
    }
}

/// What a program without `ssh://` took for a host: `user@host`, or the whole address.
pub(super) fn without(line: &str, facts: &mut Facts) {
    (facts.host, facts.port, facts.endpoint) = (None, None, None);
    if line.contains("paramiko") || line.contains("SSHAdapter") {
        facts.said = Some("paramiko".to_owned());
        return;
    }
    let asked = after(line, "lookup ").map(word).filter(|name| name.contains('@'));
    let given = || {
        let rest = after(line, "ssh://")?;
        let end = |c: char| c.is_whitespace() || "\"'`/,;)".contains(c);
        rest.split(end).next().map(ToOwned::to_owned)
    };
    let Some(address) = asked.or_else(given).filter(|address| !address.is_empty()) else { return };
    let (user, host) = match address.split_once('@') {
        Some((user, host)) => (Some(user.to_owned()), host),
        None => (None, &*address),
    };
    let (host, port) = super::host_port(host.trim_end_matches([':', '.']));
    if host.is_empty() {
        return;
    }
    let at = user.as_deref().map(|user| format!("{user}@")).unwrap_or_default();
    let to = port.map(|port| format!(":{port}")).unwrap_or_default();
    facts.endpoint = Some(format!("ssh://{at}{host}{to}"));
    (facts.user, facts.host, facts.port) = (user, Some(host), port);
}
