//! Distinguished names: their bytes, by which certificates are matched, and a form to read.

use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// The longest readable form that is kept, in characters: a name may be as long as its certificate.
const MAX_TEXT: usize = 256;

/// A distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Dn {
    /// Its encoding. Two names are the same when these are (Go compares nothing else).
    pub der: Vec<u8>,
    /// The common name, the last one where there are several, as Go has it.
    pub common_name: Option<String>,
    /// All of it, such as `O=Article, CN=docs CA`.
    pub full: String,
}

impl Dn {
    /// Reads a name.
    #[must_use]
    pub fn new(name: &X509Name<'_>) -> Self {
        let mut full = String::new();
        let mut common_name = None;
        for attribute in name.iter_attributes() {
            let oid = attribute.attr_type().to_id_string();
            let value = value(attribute);
            let short = short(&oid).unwrap_or(&oid);
            if !full.is_empty() {
                full.push_str(", ");
            }
            full.push_str(short);
            full.push('=');
            full.push_str(&value);
            if short == "CN" {
                common_name = Some(cut(value));
            }
        }
        Self { der: name.as_raw().to_vec(), common_name, full: cut(full) }
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

/// The value as text: UTF-16 for a BMPString, Latin-1 for a TeletexString (as Go reads it), UTF-8 for the rest.
fn value(attribute: &AttributeTypeAndValue<'_>) -> String {
    const TELETEX: u32 = 20;
    const BMP: u32 = 30;
    let bytes = attribute.attr_value().data;
    match attribute.attr_value().tag().0 {
        TELETEX => bytes.iter().map(|&byte| char::from(byte)).collect(),
        BMP => {
            let units = bytes.chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0,
            });
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
