//! Distinguished names: their bytes, by which certificates are matched, and a form to read.

use super::strict::{SEQUENCE, SET, Strict};

/// The longest readable form that is kept, in characters: a name may be as long as its certificate.
const MAX_TEXT: usize = 256;

/// A distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Dn {
    /// Its encoding. Two names are the same when these are (Go compares nothing else).
    pub der: Vec<u8>,
    /// The common name, the last one where there are several, as Go has it.
    pub common_name: Option<String>,
    /// The organization, the first one, by which Go names a certificate without a common name.
    pub organization: Option<String>,
    /// All of it, such as `O=Article, CN=docs CA`.
    pub full: String,
}

impl Dn {
    /// Reads a name, all of its encoding; and why Go's parser refuses it, if it does (crypto/x509 parser.go,
    /// `parseName`). What can be read of it is read all the same.
    #[must_use]
    pub fn parse(der: &[u8]) -> (Self, Option<String>) {
        let mut name = Self { der: der.to_vec(), ..Self::default() };
        let refused = name.read(der).err().map(|why| format!("x509: invalid RDNSequence{why}"));
        name.full = cut(std::mem::take(&mut name.full));
        (name, refused)
    }

    fn read(&mut self, der: &[u8]) -> Result<(), String> {
        let mut refused = None;
        let mut all = Strict::new(der).inside(SEQUENCE).ok_or_else(String::new)?;
        while !all.is_empty() {
            let mut set = all.inside(SET).ok_or_else(String::new)?;
            while !set.is_empty() {
                let attribute = set.inside(SEQUENCE).ok_or(": invalid attribute");
                let mut attribute = attribute.map_err(ToOwned::to_owned)?;
                let oid = attribute.oid().ok_or(": invalid attribute type")?;
                let value = attribute.any().ok_or(": invalid attribute value");
                let (tag, value) = value.map_err(ToOwned::to_owned)?;
                let why = string(tag, value).err();
                if let (None, Some(why)) = (&refused, why) {
                    refused = Some(format!(": invalid attribute value: {why}"));
                }
                self.attribute(&oid, &text(tag, value));
            }
        }
        refused.map_or(Ok(()), Err)
    }

    fn attribute(&mut self, oid: &str, value: &str) {
        // the rest of a very long name is never shown
        if self.full.len() <= 4 * MAX_TEXT {
            if !self.full.is_empty() {
                self.full.push_str(", ");
            }
            self.full.push_str(short(oid).unwrap_or(oid));
            self.full.push('=');
            self.full.push_str(value);
        }
        match oid {
            "2.5.4.3" => self.common_name = Some(cut(value.to_owned())),
            "2.5.4.10" if self.organization.is_none() => {
                self.organization = Some(cut(value.to_owned()));
            }
            _ => {}
        }
    }

    /// The common name, or all of it where there is none; empty for the empty name.
    #[must_use]
    pub fn text(&self) -> &str {
        self.common_name.as_deref().filter(|cn| !cn.is_empty()).unwrap_or(&self.full)
    }
}

fn cut(text: String) -> String {
    if text.chars().nth(MAX_TEXT).is_none() {
        return text;
    }
    text.chars().take(MAX_TEXT).chain(['…']).collect()
}

/// The usual abbreviation of an attribute (RFC 4514, and what openssl prints).
fn short(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "2.5.4.3" => "CN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "0.9.2342.19200300.100.1.25" => "DC",
        "0.9.2342.19200300.100.1.1" => "UID",
        "1.2.840.113549.1.9.1" => "emailAddress",
        _ => return None,
    })
}

const NUMERIC: u8 = 0x12;
const PRINTABLE: u8 = 0x13;
const TELETEX: u8 = 0x14;
const IA5: u8 = 0x16;
const UTF8: u8 = 0x0c;
const BMP: u8 = 0x1e;

/// The value as text: UTF-16 for a BMPString, Latin-1 for a TeletexString (as Go reads it), UTF-8 for the rest.
fn text(tag: u8, bytes: &[u8]) -> String {
    match tag {
        TELETEX => bytes.iter().map(|&byte| char::from(byte)).collect(),
        BMP => {
            let units = units(bytes).collect::<Vec<u16>>();
            let units = units.strip_suffix(&[0]).unwrap_or(&units);
            String::from_utf16_lossy(units)
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn units(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).map(|pair| match pair {
        [high, low] => u16::from_be_bytes([*high, *low]),
        _ => 0,
    })
}

/// Whether Go reads it as a text (crypto/x509, `parseASN1String`); its words where it does not.
fn string(tag: u8, bytes: &[u8]) -> Result<(), String> {
    let printable = |byte: &u8| byte.is_ascii_alphanumeric() || b"'()+,-./ :=?*&".contains(byte);
    let (fine, kind) = match tag {
        TELETEX => (true, ""),
        PRINTABLE => (bytes.iter().all(printable), "PrintableString"),
        UTF8 => (std::str::from_utf8(bytes).is_ok(), "UTF-8 string"),
        IA5 => (bytes.is_ascii(), "IA5String"),
        NUMERIC => (bytes.iter().all(|b| b.is_ascii_digit() || *b == b' '), "NumericString"),
        BMP => (is_bmp(bytes), "BMPString"),
        _ => return Err(format!("unsupported string type: {tag}")),
    };
    if fine { Ok(()) } else { Err(format!("invalid {kind}")) }
}

/// Neither surrogates nor what is no character; a zero at the end is passed over.
fn is_bmp(bytes: &[u8]) -> bool {
    let none = |unit| matches!(unit, 0xfffe | 0xffff | 0xfdd0..=0xfdef | 0xd800..=0xdfff);
    bytes.len().is_multiple_of(2) && !units(bytes).any(none)
}
