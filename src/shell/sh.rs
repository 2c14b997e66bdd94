//! Plain POSIX `sh` (dash, busybox ash, posh and whatever else is called sh), and yash: no `$'…'`.
//!
//! `'…'` holds printable ASCII. Any other value is written by `printf`, so that the text stays 7-bit:
//! raw bytes in quotes can swallow the closing quote where the shell reads in a multibyte locale
//! (`sh` may be bash). `$(…)` drops newlines at the end, so those come from a variable of their own;
//! cutting off a guard character with `${A%/}` instead goes wrong in bash where an invalid byte
//! stands before a backslash. Every `printf` is an assignment in an and-list before the `export`:
//! should there be no `printf`, nothing is exported and the status says so.

use super::posix::{AndList, fail, load};
use super::{EmitError, Emitter, Exports, held, held_text};

pub(super) static SH: Sh = Sh {
    name: "sh",
    aliases: &["dash", "ash", "posix"],
    programs: &["sh", "dash", "ash", "busybox", "posh"],
    text_only: false,
};
pub(super) static YASH: Sh =
    Sh { name: "yash", aliases: &[], programs: &["yash"], text_only: true };

/// A POSIX shell without `$'…'`.
#[derive(Debug)]
pub(super) struct Sh {
    name: &'static str,
    aliases: &'static [&'static str],
    programs: &'static [&'static str],
    /// Whether the shell holds values as characters of the locale and so drops what is none (yash).
    text_only: bool,
}

impl Emitter for Sh {
    fn name(&self) -> &'static str {
        self.name
    }

    fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    fn programs(&self) -> &'static [&'static str] {
        self.programs
    }

    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError> {
        let mut list = AndList::default();
        let mut scratch = Scratch { text_only: self.text_only, ..Scratch::default() };
        for export in exports.iter() {
            let name = export.var.as_str();
            if self.text_only {
                held_text(export)?;
            }
            match held(export)? {
                Some(value) => {
                    let word = scratch.quote(&mut list, value);
                    list.export(name, &word);
                }
                None => list.unset(name),
            }
        }
        for name in scratch.names {
            list.unset(&name);
        }
        Ok(list.finish())
    }

    fn fail(&self, status: u8) -> String {
        fail(status)
    }

    fn load(&self, command: &str) -> String {
        load(command)
    }
}

/// The most bytes one `printf` writes: posh starts the program, and four characters for each byte
/// must not make an argument of 128 KiB.
const PIECE: usize = 16 * 1024;

/// Holds one newline.
const NEWLINE: &str = "_dctx_nl";

/// The variables that values are built in; they are unset again, and were never exported.
#[derive(Default)]
struct Scratch {
    names: Vec<String>,
    text_only: bool,
    checked: bool,
    newline: bool,
}

impl Scratch {
    /// The value as one word; what has to be run before that goes to `list`.
    fn quote(&mut self, list: &mut AndList, value: &[u8]) -> String {
        if value.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            return apostrophes(value);
        }
        if self.text_only && !value.is_ascii() && !self.checked {
            self.checked = true;
            // two times U+4E2D are two characters in UTF-8 and some other number in any other encoding
            let probe = self.printf(list, "中中".as_bytes());
            list.before(format!("test \"${{#{probe}}}\" -eq 2"));
        }
        let mut word = String::from("\"");
        let mut rest = value;
        while !rest.is_empty() {
            let piece = head(rest);
            let newlines = piece.iter().rev().take_while(|byte| **byte == b'\n').count();
            let text = piece.get(..piece.len() - newlines).unwrap_or_default();
            let name = if text.is_empty() { self.newline(list) } else { self.printf(list, text) };
            let times = if text.is_empty() { newlines } else { 1 };
            for _ in 0..times {
                word.push_str(&format!("${{{name}}}"));
            }
            rest = rest.get(text.len().max(times)..).unwrap_or_default();
        }
        word.push('"');
        word
    }

    /// A variable with `text`, which does not end with a newline.
    fn printf(&mut self, list: &mut AndList, text: &[u8]) -> String {
        let name = format!("_dctx_{}", self.names.len());
        let mut format = String::new();
        for byte in text {
            if byte.is_ascii_alphanumeric() || b"+,./:=@_".contains(byte) {
                format.push(char::from(*byte));
            } else {
                // also `-`, which would begin an option, and the blank, which may be split at
                format.push_str(&format!("\\{byte:03o}"));
            }
        }
        list.before(format!("{name}=\"$(command printf '{format}')\""));
        self.names.push(name.clone());
        name
    }

    /// The variable with the newline.
    fn newline(&mut self, list: &mut AndList) -> String {
        if !self.newline {
            self.newline = true;
            list.before(format!("{NEWLINE}=\"$(command printf '\\012/')\""));
            list.before(format!("{NEWLINE}=\"${{{NEWLINE}%/}}\""));
            self.names.push(NEWLINE.to_owned());
        }
        NEWLINE.to_owned()
    }
}

/// As much of `bytes` as goes into one piece, not cut within a UTF-8 character: yash would drop its parts.
fn head(bytes: &[u8]) -> &[u8] {
    let fits = |end: &usize| bytes.get(*end).is_none_or(|next| next & 0xc0 != 0x80);
    let end = (PIECE.saturating_sub(3)..=PIECE).rev().find(fits).unwrap_or(PIECE);
    bytes.get(..end).unwrap_or(bytes)
}

/// Printable ASCII in apostrophes; an apostrophe itself goes into `"'"`, which needs no backslash: in
/// some encodings (Shift JIS) that byte is a yen sign, and yash then does not take it for a backslash.
fn apostrophes(value: &[u8]) -> String {
    let mut word = String::with_capacity(value.len() + 2);
    word.push('\'');
    for byte in value {
        match byte {
            b'\'' => word.push_str("'\"'\"'"),
            _ => word.push(char::from(*byte)),
        }
    }
    word.push('\'');
    word
}
