//! tcsh (and csh where that is tcsh): `setenv A '…';`.
//!
//! History substitution runs in scripts and in `eval` too, even inside apostrophes, so only letters,
//! digits and the punctuation of addresses stand in quotes. Control characters are written in `$'…'`
//! (tcsh 6.23.01 on; an older one refuses the line with an error): a newline can be had in no other
//! way, for `` "`…`" `` cuts words at newlines. Bytes from 0x80 on come from `printf`: `$'\345'` would be
//! the character U+00E5, and raw bytes in a long text make tcsh drop or repeat parts of it.

use super::{EmitError, Emitter, Exports, held};

/// The C shell with file name completion.
#[derive(Debug)]
pub(super) struct Tcsh;

impl Emitter for Tcsh {
    fn name(&self) -> &'static str {
        "tcsh"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["csh"]
    }

    fn programs(&self) -> &'static [&'static str] {
        &["tcsh", "csh"]
    }

    fn emit(&self, exports: &Exports) -> Result<Vec<u8>, EmitError> {
        let mut commands = Vec::new();
        let mut printf = false;
        for export in exports.iter() {
            let name = export.var.as_str();
            commands.push(match held(export)? {
                Some(value) => {
                    printf |= !value.is_ascii();
                    format!("setenv {name} {}", quote(value))
                }
                None => format!("unsetenv {name}"),
            });
        }
        if printf {
            // chained behind a try, so that nothing is changed and the status says so if there is no printf
            commands.insert(0, r"\printf ''".to_owned());
            commands = vec![commands.join(" && ")];
        }
        Ok(commands.iter().map(|c| format!("{c};\n")).collect::<String>().into_bytes())
    }

    fn fail(&self, status: u8) -> String {
        format!("(exit {});", status.max(1))
    }

    fn load(&self, command: &str) -> String {
        format!("eval \"`{command}`\"")
    }
}

/// The most bytes one `printf` writes: four characters for each must not make an argument of 128 KiB.
const PIECE: usize = 16 * 1024;

/// The value as one word. `\printf` is never an alias.
fn quote(value: &[u8]) -> String {
    let mut word = String::with_capacity(value.len() + 2);
    for (i, line) in value.split(|byte| *byte == b'\n').enumerate() {
        if i > 0 {
            word.push_str(r"$'\012'");
        }
        if line.is_ascii() {
            ascii(&mut word, line);
            continue;
        }
        for piece in line.chunks(PIECE) {
            word.push_str(r#""`\printf '"#);
            for byte in piece {
                if byte.is_ascii_alphanumeric() || b"+,./:=@_".contains(byte) {
                    word.push(char::from(*byte));
                } else {
                    word.push_str(&format!("\\{byte:03o}"));
                }
            }
            word.push_str(r#"'`""#);
        }
    }
    if word.is_empty() {
        word.push_str("''");
    }
    word
}

/// A line without bytes from 0x80 on: control characters in `$'…'`, harmless ones in `'…'`, and all
/// others each behind a backslash outside of quotes, which means the character itself in every tcsh.
/// Inside apostrophes a backslash escapes what follows for people who `set backslash_quote`, and `\!`
/// keeps its backslash for those whose `histchars` begin with another character, which then needs one.
fn ascii(word: &mut String, line: &[u8]) {
    for run in line.chunk_by(|a, b| Kind::of(*a) == Kind::of(*b)) {
        let text = run.iter().copied().map(char::from);
        match run.first().map_or(Kind::Plain, |byte| Kind::of(*byte)) {
            Kind::Plain => word.extend(std::iter::once('\'').chain(text).chain(['\''])),
            Kind::Special => word.extend(text.flat_map(|c| ['\\', c])),
            Kind::Control => {
                word.push_str("$'");
                for byte in run {
                    word.push_str(&format!("\\{byte:03o}"));
                }
                word.push('\'');
            }
        }
    }
}

/// How a character is written.
#[derive(PartialEq, Eq)]
enum Kind {
    Plain,
    Special,
    Control,
}

impl Kind {
    fn of(byte: u8) -> Self {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'/'
            | b':'
            | b'.'
            | b'-'
            | b'_'
            | b'='
            | b' ' => Self::Plain,
            _ if byte.is_ascii_control() => Self::Control,
            _ => Self::Special,
        }
    }
}
