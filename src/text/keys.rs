//! Private keys in texts that dctx repeats: typed in place of a file's name, pasted for `explain`, in a variable, or in a
//! line of a file that a message quotes.
//!
//! A key is known by what stands before it (RFC 7468's label, PuTTY's and openssl's headings, the members of RFC 7518), or by
//! its look: long runs of base64, in which letters of both cases and digits take turns as they do in no name, or a run
//! of hexadecimal digits longer than any fingerprint. What follows such a beginning is taken for the rest of the key.

use std::borrow::Cow;

/// A run of base64 this long that looks like none of a name is taken for a key.
const RUN: usize = 40;
/// So many runs of half that are one, too: a key that was broken into short lines.
const LINES: usize = 3;
/// A part of a run between slashes, as in a path, has to be this long.
const PART: usize = 20;
/// Digits of a SHA-256 fingerprint are 64; the shortest key in DER (Ed25519, RFC 8410) has 96.
const HEX: usize = 80;
/// Behind a beginning, a run this long is taken for more of the same key.
const REST: usize = 10;
/// How OpenSSH writes the fingerprint of a public key, and how long the digits of one are (ssh-keygen(1), -E).
const FINGERPRINT: (&str, usize) = ("SHA256:", 44);

/// What stands before a key, or behind it, in small letters and without blanks or what stands for one. The first may be
/// a certificate's.
const HEADINGS: [&str; 13] = [
    "-----begin",
    "beginprivatekey",
    "beginrsaprivatekey",
    "beginecprivatekey",
    "beginencryptedprivatekey",
    "beginopensshprivatekey",
    "privatekey--",
    "privatekey\u{2013}",
    "private-lines:",
    "privateexponent:",
    "priv:",
    // base64 of dashes and BEGIN, and base64 of that
    "ls0tls1crudjt",
    "tfmwdextmunsvwrkv",
];

/// Members of a JSON Web Key that are private (RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1).
const MEMBERS: [&str; 7] = ["\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\"", "\"k\""];

/// Whether `text` says of itself that it is a private key: what no name, path or description does.
#[must_use]
pub fn says_private_key(text: &str) -> bool {
    text.len() >= RUN
        && bare(text)
            .is_some_and(|bare| HEADINGS.iter().skip(1).any(|heading| bare.contains(heading)))
}

/// Whether every run in `text` may be of a key: something says that there is one, or it was broken into short lines.
fn is_announced(text: &str) -> bool {
    begins(text) || tokens(text).filter(|token| is_line(token)).count() >= LINES
}

/// `text` without what may be a private key, for which `…` stands. Names, addresses and fingerprints stay.
#[must_use]
pub fn without_keys(text: &str) -> Cow<'_, str> {
    // Almost every message has no run that long, and this is asked of every one.
    if tokens(text).all(|token| token.len() < REST) {
        return Cow::Borrowed(text);
    }
    let mut inside = is_announced(text);
    if !inside && !tokens(text).any(is_key) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_of_a_key(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        inside |= is_key(token);
        out.push_str(if inside && is_more(token) { "…" } else { token });
        let next = after.find(is_of_a_key).unwrap_or(after.len());
        let (between, after) = after.split_at_checked(next).unwrap_or((after, ""));
        out.push_str(between);
        rest = after;
    }
    Cow::Owned(out)
}

/// Characters of base64 and base64url (RFC 4648), of hexadecimal digits with colons, and of either in a URL.
const fn is_of_a_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_' | ':' | '%')
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_of_a_key(c)).filter(|token| !token.is_empty())
}

/// `text` in small letters and without blanks or what stands for one; none where it has no run of a key's.
fn bare(text: &str) -> Option<String> {
    tokens(text).find(|token| token.len() >= PART)?;
    let blank = |c: &char| c.is_whitespace() || matches!(c, '+' | '_' | '\\');
    let bare: String = text.chars().filter(|c| !blank(c)).map(|c| c.to_ascii_lowercase()).collect();
    Some(bare.replace("%20", ""))
}

/// Whether something in `text` says that there is a private key in it.
fn begins(text: &str) -> bool {
    let Some(bare) = bare(text) else { return false };
    HEADINGS.iter().any(|heading| bare.contains(heading))
        || bare.contains("\"kty\"") && MEMBERS.iter().any(|member| bare.contains(member))
}

/// Whether a token is a key by its look.
fn is_key(token: &str) -> bool {
    let (name, longest) = FINGERPRINT;
    if token.strip_prefix(name).is_some_and(|digits| digits.len() <= longest) {
        return false;
    }
    let digits = token.bytes().filter(u8::is_ascii_hexdigit).count();
    let hex = digits >= HEX && token.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
    let mut runs = token.split([':', '%']).filter(|run| run.len() >= RUN);
    hex || runs.any(|run| run.split('/').any(|part| part.len() >= PART && is_mixed(part)))
}

/// Whether a token may be one line of a key that was broken into short ones.
fn is_line(token: &str) -> bool {
    token.len() >= PART && token.split('/').any(|part| part.len() >= PART / 2 && is_mixed(part))
}

/// Whether capital letters, small letters and digits take turns as in base64, where fewer than two small letters follow
/// each other on average (in no part of a key that was measured more than three), and four or more in a name that is
/// written like this: `MyProductionServer2024`.
fn is_mixed(part: &str) -> bool {
    let share = |of: fn(&u8) -> bool| part.bytes().filter(of).count().saturating_mul(100);
    let small = part.split(|c: char| !c.is_ascii_lowercase()).filter(|run| !run.is_empty());
    let (runs, letters) = small.fold((0_usize, 0_usize), |(runs, letters), run| {
        (runs.saturating_add(1), letters.saturating_add(run.len()))
    });
    letters <= runs.saturating_mul(3)
        && share(u8::is_ascii_lowercase) >= part.len().saturating_mul(8)
        && share(u8::is_ascii_uppercase) >= part.len().saturating_mul(15)
        && (share(u8::is_ascii_digit) > 0 || part.len() > RUN)
}

/// Whether a token behind the beginning of a key is more of it: not a plain word, a path or a label between dashes.
fn is_more(token: &str) -> bool {
    let bare = token.trim_matches(['-', ':']);
    let small = bare.bytes().all(|b| !b.is_ascii_uppercase() && !matches!(b, b'+' | b'='));
    let word = small && !bare.bytes().any(|b| b.is_ascii_digit());
    let path = small && bare.contains('/') && bare.len() < RUN;
    let shout = bare.bytes().all(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b'_'));
    let label = shout && bare.len() < PART;
    bare.len() >= REST && !(word || path || label)
}

#[cfg(test)]
mod tests {
    use super::without_keys;

    #[test]
    fn what_looks_like_a_key_is_left_out() {
        let (first, second) = ("mZ8Qe2-kT4vX", "_b7NcW1yRf5JdP0sLhU3gA9oIuEqKtM");
        for text in [
            format!("{{\"kty\":\"EC\",\"d\":\"{first}{second}\"}}"),
            format!("d = \"{first}{second}\""),
            format!("-----BEGIN+PRIVATE+KEY-----%0A{first}{second}%2B%0A"),
            format!("begin private key\n{first}b7NcW1yRf5Jd\n"),
            "ab:0f:".repeat(50),
            "30820122a1".repeat(20),
        ] {
            assert!(without_keys(&text).contains('…'), "{text}");
            assert!(!without_keys(&text).contains(first), "{text}");
        }
    }

    #[test]
    fn names_paths_and_fingerprints_stay() {
        for text in [
            "/home/Ana/My-Production_Servers-2024-Europe-West-2-Docker/certs/ca.pem",
            "/tmp/Build-d41d8cd98f00b204e9800998ecf8427e-2024-Docker/client-key.pem",
            "the private key in /tmp/.tmpAbC123x/key.pem has mode 0644",
            "C:\\Users\\AnaMaria\\AppData\\Local\\Temp2024\\CertificatesOfTheDockerHost\\key.pem",
            "SHA256:mZ8Qe2kT4vXb7NcW1yRf5JdP0sLhU3gA9oIuEqKtMxY",
            "2f:9a:".repeat(16).trim_end_matches(':'),
            "tcp://ec2-203-0-113-25.Compute-1.AmazonAWS.com:2376",
            "dctx cert copy coreos ~/Certificates/CoreOS-VirtualBox-2024 --host tcp://192.168.57.110:2376",
        ] {
            assert_eq!(without_keys(text), text);
        }
    }
}
