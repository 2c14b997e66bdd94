//! Files with PEM blocks (RFC 7468, RFC 1421): opening them without harm, the blocks in them, and what a file is
//! that has none. Blocks are found where Go's encoding/pem finds them, because docker reads with that.

use std::fs;
use std::io;
use std::path::Path;

use memchr::memmem;

use super::base64;
use super::der;
use super::secret::Secret;
use crate::file::{self, MAX_CERTS, Odd};

/// So many blocks that are none are looked behind.
const MAX_BROKEN: usize = 64;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
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
    pub broken: Vec<String>,
    /// The file begins with a byte order mark, behind which docker does not see a block.
    pub bom: bool,
    /// Its lines end as on Windows, which is no fault.
    pub crlf: bool,
}

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it says it is, such as `CERTIFICATE`.
    pub label: String,
    /// `Proc-Type: 4,ENCRYPTED` (RFC 1423): the contents need a passphrase.
    pub encrypted: bool,
    /// The value of `DEK-Info` (RFC 1423): with what it is encrypted. Empty without that line.
    pub dek_info: String,
    /// It has header lines, with which docker takes no CA.
    pub headers: bool,
    /// The contents.
    pub contents: Secret,
}

/// What a file is that holds no block, or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bad {
    /// There is none.
    Missing,
    /// It cannot be opened or read.
    Unreadable(io::ErrorKind),
    /// A directory.
    Directory,
    /// A pipe, a socket or a device.
    NotAFile,
    /// Larger than any certificate file, in bytes.
    TooLarge(u64),
    /// Nothing in it.
    Empty,
    /// DER.
    Der,
    /// A web page.
    Html,
    /// UTF-16, as an editor on Windows writes it.
    Utf16,
    /// Fine, but for the byte order mark before the first block.
    Bom,
    /// A block with this label that does not end.
    Truncated(String),
    /// A block with this label that ends, and is not base64 in between.
    Damaged(String),
    /// None of these.
    Garbage,
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
    if let Some(label) = pem.broken.first().cloned() {
        let ends = memmem::find(bytes, END).is_some();
        return if ends { Bad::Damaged(label) } else { Bad::Truncated(label) };
    }
    if der::Reader::new(bytes).sequence().is_some_and(|inside| inside.len() > 16) {
        return Bad::Der;
    }
    Bad::Garbage
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
                    pem.broken.push(String::from_utf8_lossy(label).into_owned());
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
    let label = String::from_utf8_lossy(label).into_owned();
    Some((Block { label, encrypted, dek_info, headers, contents }, next))
}
