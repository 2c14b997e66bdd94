//! DER as Go reads certificates (golang.org/x/crypto/cryptobyte, asn1.go): lengths in the fewest bytes, tags of one
//! byte, whole numbers in the fewest bytes. What is read differently here is judged differently from docker, so nothing
//! is more lenient or more strict than there. [`super::der`] is the lenient reader, for keys.

/// BOOLEAN.
pub const BOOLEAN: u8 = 0x01;
/// INTEGER.
pub const INTEGER: u8 = 0x02;
/// BIT STRING.
pub const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
pub const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub const OID: u8 = 0x06;
/// SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// SET.
pub const SET: u8 = 0x31;

/// Elements one after the other. Every method gives `None` where the next element is another one, is cut off, or is not
/// encoded as DER has it.
#[derive(Debug, Clone, Copy)]
pub struct Strict<'a> {
    rest: &'a [u8],
}

impl<'a> Strict<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything is read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether the next byte is this tag.
    #[must_use]
    pub fn is(&self, tag: u8) -> bool {
        self.rest.first() == Some(&tag)
    }

    /// The next element: its tag, all of it, and its contents.
    pub fn element(&mut self) -> Option<(u8, &'a [u8], &'a [u8])> {
        let (&[tag, first], after) = self.rest.split_first_chunk::<2>()?;
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (length, header) = if first & 0x80 == 0 {
            (usize::from(first), 2)
        } else {
            let count = usize::from(first & 0x7f);
            let bytes = after.get(..count).filter(|_| (1..=4).contains(&count))?;
            let length = bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
            // the short form, and a leading zero, are shorter
            if length < 0x80 || bytes.first() == Some(&0) {
                return None;
            }
            (usize::try_from(length).ok()?, 2 + count)
        };
        let (all, rest) = self.rest.split_at_checked(header.checked_add(length)?)?;
        self.rest = rest;
        Some((tag, all, all.get(header..)?))
    }

    /// The next element: its tag and its contents.
    pub fn any(&mut self) -> Option<(u8, &'a [u8])> {
        self.element().map(|(tag, _, contents)| (tag, contents))
    }

    /// The contents of the next element, which has to have this tag.
    pub fn tagged(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.any().filter(|(found, _)| *found == tag).map(|(_, contents)| contents)
    }

    /// The same as a reader of its own.
    pub fn inside(&mut self, tag: u8) -> Option<Self> {
        self.tagged(tag).map(Self::new)
    }

    /// All of the next element, which has to have this tag.
    pub fn whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.element().filter(|(found, ..)| *found == tag).map(|(_, all, _)| all)
    }

    /// The contents of the next element if it has this tag; the outer `None` where it has, and cannot be read.
    pub fn optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.is(tag) { self.tagged(tag).map(Some) } else { Some(None) }
    }

    /// A whole number in two's complement, in the fewest bytes.
    pub fn integer(&mut self) -> Option<&'a [u8]> {
        self.tagged(INTEGER).filter(|bytes| is_minimal(bytes))
    }

    /// A whole number of at most 64 bits.
    pub fn int64(&mut self, tag: u8) -> Option<i64> {
        let bytes = self.tagged(tag).filter(|bytes| is_minimal(bytes) && bytes.len() <= 8)?;
        let negative = bytes.first()? & 0x80 != 0;
        let start = if negative { -1 } else { 0 };
        Some(bytes.iter().fold(start, |sum: i64, byte| sum << 8 | i64::from(*byte)))
    }

    /// A BOOLEAN: 0 or 255.
    pub fn boolean(&mut self) -> Option<bool> {
        match self.tagged(BOOLEAN)? {
            [0] => Some(false),
            [0xff] => Some(true),
            _ => None,
        }
    }

    /// A BIT STRING, as bytes with the unused bits shifted out at the right, and how many bits it has.
    pub fn bits(&mut self) -> Option<(Vec<u8>, usize)> {
        let (&unused, bytes) = self.tagged(BIT_STRING)?.split_first()?;
        let odd = bytes.last().map_or(unused != 0, |last| unused <= 7 && last & low(unused) != 0);
        if unused > 7 || odd {
            return None;
        }
        let mut carry = 0_u8;
        let shift = |byte: &u8| {
            let out = if unused == 0 { *byte } else { carry | byte >> unused };
            carry = if unused == 0 { 0 } else { byte << (8 - unused) };
            out
        };
        Some((bytes.iter().map(shift).collect(), bytes.len() * 8 - usize::from(unused)))
    }

    /// An OBJECT IDENTIFIER whose parts all fit into 31 bits, in the form with dots.
    pub fn oid(&mut self) -> Option<String> {
        let bytes = self.tagged(OID).filter(|bytes| !bytes.is_empty())?;
        let mut text = String::new();
        let (mut arc, mut fresh) = (0_u32, true);
        for &byte in bytes {
            if arc >= 1 << 24 || fresh && byte == 0x80 {
                return None;
            }
            arc = arc << 7 | u32::from(byte & 0x7f);
            fresh = byte & 0x80 == 0;
            if !fresh {
                continue;
            }
            if text.is_empty() {
                let first = (arc / 40).min(2);
                text = format!("{first}.{}", arc - first * 40);
            } else {
                text.push_str(&format!(".{arc}"));
            }
            arc = 0;
        }
        fresh.then_some(text)
    }
}

/// The lowest bits.
const fn low(count: u8) -> u8 {
    (1_u16 << count).wrapping_sub(1) as u8
}

fn is_minimal(bytes: &[u8]) -> bool {
    match bytes {
        [] => false,
        [_] => true,
        [first, second, ..] => !matches!((first, second & 0x80), (0, 0) | (0xff, 0x80)),
    }
}

/// Whether `contents` are those of an OBJECT IDENTIFIER of any size (Go: crypto/x509, `newOIDFromDER`).
#[must_use]
pub fn is_oid(contents: &[u8]) -> bool {
    let mut fresh = true;
    for byte in contents {
        if fresh && *byte == 0x80 {
            return false;
        }
        fresh = byte & 0x80 == 0;
    }
    fresh && !contents.is_empty()
}

/// A text as Go's `%q` writes it.
#[must_use]
pub fn quoted(text: &str) -> String {
    quoted_bytes(text.as_bytes())
}

/// The same of bytes that need not be UTF-8.
fn quoted_bytes(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        characters(chunk.valid(), &mut out);
        out.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    out.push('"');
    out
}

fn characters(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c if u32::from(c) < 0x20 || c == '\u{7f}' => {
                out.push_str(&format!("\\x{:02x}", u32::from(c)));
            }
            c if c.is_control() || crate::text::is_hidden(c) => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
}

/// The first character beyond ASCII makes a text none of IA5 (Go: crypto/x509, `isIA5String`); why Go refuses it then.
///
/// # Errors
/// Go's words.
pub fn ia5(bytes: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.is_ascii());
    text.ok_or_else(|| format!("x509: {} cannot be encoded as an IA5String", quoted_bytes(bytes)))
}
