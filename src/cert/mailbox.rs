//! Mail addresses as Go reads them in certificates (crypto/x509: `parseRFC2821Mailbox`), quoted ones included.

use super::constraints::labels;

/// A mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox<'a> {
    /// What stands before the `@`, without quotes and backslashes.
    pub local: Vec<u8>,
    /// The domain.
    pub domain: &'a str,
}

impl<'a> Mailbox<'a> {
    /// Reads one (RFC 2821 §4.1.2); `None` for what is none.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (local, rest) = match text.strip_prefix('"') {
            Some(rest) => quoted(rest)?,
            None => atoms(text)?,
        };
        let domain = rest.strip_prefix('@')?;
        labels(domain).map(|_| Self { local, domain })
    }
}

/// A quoted string behind its first quote, and the rest.
fn quoted(text: &str) -> Option<(Vec<u8>, &str)> {
    let mut local = Vec::new();
    let mut bytes = text.bytes().enumerate();
    loop {
        let (at, byte) = bytes.next()?;
        match byte {
            b'"' => return Some((local, text.get(at + 1..)?)),
            b'\\' => match bytes.next()?.1 {
                byte @ (1..=9 | 11 | 12 | 14..=127) => local.push(byte),
                _ => return None,
            },
            1..=8 | 11 | 12 | 14..=33 | 35..=91 | 93..=127 => local.push(byte),
            _ => return None,
        }
    }
}

/// Words with single dots between them, and the rest.
fn atoms(text: &str) -> Option<(Vec<u8>, &str)> {
    let mut local = Vec::new();
    let mut bytes = text.bytes().enumerate().peekable();
    let mut end = text.len();
    while let Some(&(at, byte)) = bytes.peek() {
        let fine = byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
        if byte == b'\\' {
            bytes.next();
            local.push(bytes.next()?.1);
        } else if fine {
            bytes.next();
            local.push(byte);
        } else {
            end = at;
            break;
        }
    }
    let dotted = local.first() == Some(&b'.') || local.last() == Some(&b'.');
    let twice = local.windows(2).any(|pair| pair == b"..");
    if local.is_empty() || dotted || twice {
        return None;
    }
    Some((local, text.get(end..)?))
}
