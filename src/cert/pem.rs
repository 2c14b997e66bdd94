//! Files with PEM blocks (RFC 7468, RFC 1421): opening them without harm, the blocks in them, and what a file is
//! that has none. Blocks are found where Go's encoding/pem finds them, because docker reads with that.

use std::fs;
use std::io;
use std::path::Path;

use memchr::memmem;

use super::base64;
use super::binary;
use super::label;
use super::secret::Secret;
pub use crate::error::NotPem as Bad;
use crate::file::{self, MAX_CERTS, Odd};

/// So many blocks that are none are looked behind.
const MAX_BROKEN: usize = 64;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
const CERTIFICATE: &str = "CERTIFICATE";
const BOM: &[u8] = b"\xef\xbb\xbf";

/// A file that was opened and read.
#[derive(Debug)]
pub struct File {
    /// Whose it is, and who may read it.
    pub meta: fs::Metadata,
    /// The file itself, still open.
    pub file: fs::File,
    /// All of it.
    pub bytes: Secret,
}

/// The blocks of a file, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pem {
    /// Those that docker sees.
    pub blocks: Vec<Block>,
    /// Labels of those that begin and do not end, or hold no base64; docker passes over them.
    pub broken: Vec<&'static str>,
    /// The file begins with a byte order mark, behind which docker does not see a block.
    pub bom: bool,
    /// Its lines end as on Windows, which is no fault.
    pub crlf: bool,
}

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it says it is, such as `CERTIFICATE`: one of those that [`label::known`] knows.
    pub label: &'static str,
    /// `Proc-Type: 4,ENCRYPTED` (RFC 1423): the contents need a passphrase.
    pub encrypted: bool,
    /// The value of `DEK-Info` (RFC 1423): with what it is encrypted. Empty without that line.
    pub dek_info: String,
    /// It has header lines, with which docker takes no CA.
    pub headers: bool,
    /// The contents.
    pub contents: Secret,
}

/// Opens and reads a file. A named pipe does not hold it up.
///
/// # Errors
/// What is there instead of a file.
pub fn open(path: &Path) -> Result<File, Bad> {
    let failed = |error: io::Error, length: u64| match (Odd::of(&error), error.kind()) {
        (Some(Odd::Directory), _) | (None, io::ErrorKind::IsADirectory) => Bad::Directory,
        (Some(Odd::TooLarge(_)), _) => Bad::TooLarge(length),
        (Some(_), _) => Bad::NotAFile,
        (None, io::ErrorKind::NotFound) => Bad::Missing,
        (None, kind) => Bad::Unreadable(kind),
    };
    let (file, meta) = file::open(path).map_err(|error| failed(error, 0))?;
    let bytes = file::rest(&file, &meta, MAX_CERTS).map(Secret::new);
    let bytes = bytes.map_err(|error| failed(error, meta.len().max(MAX_CERTS + 1)))?;
    Ok(File { meta, file, bytes })
}

impl File {
    /// Its blocks, of which there is one at least.
    ///
    /// # Errors
    /// What it is instead.
    pub fn pem(&self) -> Result<Pem, Bad> {
        blocks(&self.bytes)
    }
}

/// The blocks of a PEM file, of which there is one at least.
///
/// # Errors
/// What it is instead.
pub fn blocks(bytes: &[u8]) -> Result<Pem, Bad> {
    let pem = Pem::parse(bytes);
    if pem.blocks.is_empty() { Err(instead(bytes, &pem)) } else { Ok(pem) }
}

fn instead(bytes: &[u8], pem: &Pem) -> Bad {
    if pem.bom {
        let behind = bytes.get(BOM.len()..).unwrap_or_default();
        if !Pem::parse(behind).blocks.is_empty() {
            return Bad::Bom;
        }
    }
    let text = bytes.strip_prefix(BOM).unwrap_or(bytes).trim_ascii();
    if text.is_empty() {
        return Bad::Empty;
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Bad::Utf16;
    }
    if text.starts_with(b"<") {
        return Bad::Html;
    }
    if is_joined(text) {
        return Bad::Joined;
    }
    if let Some(&label) = pem.broken.first() {
        let ends = memmem::find(bytes, END).is_some();
        return if ends { Bad::Damaged(label) } else { Bad::Truncated(label) };
    }
    if is_base64_of_pem(text) {
        return Bad::Base64;
    }
    binary::kind(bytes).unwrap_or(Bad::Garbage)
}

/// Whether a line goes on behind the dashes of `-----BEGIN …-----`: what was on the next lines follows on the same.
fn is_joined(text: &[u8]) -> bool {
    memmem::find_iter(text, BEGIN).any(|at| {
        let (line, _) = line(text.get(at + BEGIN.len()..).unwrap_or_default());
        memmem::find(line, DASHES).is_some_and(|end| end + DASHES.len() < line.len())
    })
}

/// Whether it is base64 of something that begins as a PEM block does, once or more than once.
fn is_base64_of_pem(text: &[u8]) -> bool {
    let mut inside = base64::decode(text);
    // A secret of Kubernetes that was encoded by hand before has it twice.
    for _ in 0..3 {
        let Some(bytes) = inside else { return false };
        if bytes.trim_ascii_start().starts_with(BEGIN) {
            return true;
        }
        inside = base64::decode(&bytes);
    }
    false
}

/// Whether there is a private key in a file, be it damaged: everything that is copied to where others read it, and
/// every file that others can read, is asked this.
#[must_use]
pub fn has_key(bytes: &[u8]) -> bool {
    if memmem::find(bytes, b"PRIVATE KEY-----").is_some() {
        return true;
    }
    let text = bytes.trim_ascii();
    match base64::decode(text).filter(|inside| !inside.is_empty()) {
        Some(inside) => has_key(&inside),
        None => binary::kind(bytes).is_some_and(|kind| kind.is_key()),
    }
}

/// The certificates in `bytes` and nothing else, as PEM: what may stand where everybody can read it.
#[must_use]
pub fn only_certificates(bytes: &[u8]) -> String {
    let pem = Pem::parse(bytes);
    let certs = pem.labelled(CERTIFICATE);
    certs.map(|block| super::encode::pem(CERTIFICATE, &block.contents)).collect()
}

impl Pem {
    /// Every block that Go's pem.Decode finds in `bytes`, which may be anything.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let crlf = memmem::find(bytes, b"\r\n").is_some();
        let mut pem = Self { bom: bytes.starts_with(BOM), crlf, ..Self::default() };
        let mut rest = bytes;
        while let Some(after) = begin(rest) {
            let (line, behind) = line(after);
            rest = behind;
            let Some(label) = line.strip_suffix(DASHES) else { continue };
            match body(label, behind) {
                Some((block, next)) => {
                    pem.blocks.push(block);
                    rest = next;
                }
                None => {
                    pem.broken.push(label::known(label));
                    if pem.broken.len() >= MAX_BROKEN {
                        break;
                    }
                }
            }
        }
        pem
    }

    /// The contents of the blocks with this label.
    pub fn labelled<'p>(&'p self, label: &'p str) -> impl Iterator<Item = &'p Block> {
        self.blocks.iter().filter(move |block| block.label == label)
    }
}

/// What stands after the next BEGIN, which is at the start of a line, as `rest` is.
fn begin(rest: &[u8]) -> Option<&[u8]> {
    if let Some(after) = rest.strip_prefix(BEGIN) {
        return Some(after);
    }
    let at = memmem::find(rest, b"\n-----BEGIN ")?;
    rest.get(at + 1 + BEGIN.len()..)
}

/// The first line without its end and without white space before that, and what follows.
fn line(rest: &[u8]) -> (&[u8], &[u8]) {
    let (line, next) = match memchr::memchr(b'\n', rest) {
        Some(at) => (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default()),
        None => (rest, &[][..]),
    };
    (line.trim_ascii_end(), next)
}

/// Headers, base64 and the END line of a block; the block, and what follows it.
fn body<'b>(label: &[u8], mut rest: &'b [u8]) -> Option<(Block, &'b [u8])> {
    let (mut headers, mut encrypted, mut dek_info) = (false, false, String::new());
    loop {
        let (line, next) = line(rest);
        let Some(colon) = memchr::memchr(b':', line) else { break };
        let (name, value) = (line.get(..colon)?, line.get(colon + 1..)?);
        headers = true;
        match name.trim_ascii() {
            b"Proc-Type" => encrypted |= memmem::find(value, b"ENCRYPTED").is_some(),
            b"DEK-Info" => dek_info = String::from_utf8_lossy(value.trim_ascii()).into_owned(),
            _ => {}
        }
        rest = next;
    }
    let end =
        if !headers && rest.starts_with(END) { 0 } else { memmem::find(rest, b"\n-----END ")? + 1 };
    let (base64, trailer) = rest.split_at_checked(end)?;
    let trailer = trailer.strip_prefix(END)?.strip_prefix(label)?.strip_prefix(DASHES)?;
    let (after, next) = line(trailer);
    if !after.is_empty() {
        return None;
    }
    let contents = base64::decode(base64)?;
    let label = label::known(label);
    Some((Block { label, encrypted, dek_info, headers, contents }, next))
}
