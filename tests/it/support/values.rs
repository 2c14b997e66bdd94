//! Values that are hard on shells: the collected ones of `tests/data/values.json`, and random ones.

use serde_json::Value;

/// The file that a collected value would make if it ran; the tests make it one of their working directory.
const CANARY: &[u8] = b"/tmp/pwned";

/// The collected values: an id and the bytes.
pub(crate) fn collected() -> Vec<(String, Vec<u8>)> {
    let data: Value = serde_json::from_str(include_str!("../../data/values.json")).unwrap();
    let values = data["values"].as_array().unwrap();
    assert_eq!(values.len() as u64, data["count"].as_u64().unwrap());
    values
        .iter()
        .map(|v| (v["id"].as_str().unwrap().to_owned(), local(&unhex(v["hex"].as_str().unwrap()))))
        .collect()
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn local(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = value;
    while let Some(at) = rest.windows(CANARY.len()).position(|w| w == CANARY) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(b"pwned");
        rest = &rest[at + CANARY.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// What random values are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Printable ASCII.
    Ascii,
    /// All of ASCII but NUL, with many newlines.
    Control,
    /// Any characters, many of them Chinese.
    Unicode,
    /// Any bytes but NUL, many of them lead and trail bytes of multibyte encodings.
    Bytes,
}

impl Class {
    pub(crate) const ALL: [Self; 4] = [Self::Ascii, Self::Control, Self::Unicode, Self::Bytes];
}

/// Pieces of code that would run, and characters that shells read as special.
const BITES: &[&str] = &[
    "$(touch pwned)",
    "`touch pwned`",
    "(touch pwned)",
    ";touch pwned;",
    "\ntouch pwned\n",
    "|touch pwned",
    "&touch pwned&",
    "';touch pwned;'",
    "\";touch pwned;\"",
    "{touch,pwned}",
    "a[$(touch pwned)]",
    "*(e:'touch pwned':)",
    "'",
    "''",
    "\"",
    "\\",
    "\\\\",
    "\\'",
    "!",
    "!!",
    "!$",
    "^a^b",
    "%",
    "%s",
    "%d%n",
    "$",
    "${x}",
    "$x",
    "$'",
    "*",
    "?",
    "[a-z]",
    "{a,b}",
    "~",
    "~root",
    "#",
    " #",
    "=ls",
    " ",
    "  ",
    "-n",
    "--",
    "\\n",
    "\\c",
    "\\0",
    "&",
    "|",
    "<",
    ">",
    ";",
    "\t",
];

/// A small generator of random numbers (SplitMix64), the same for the same seed on every machine.
pub(crate) struct Random(u64);

impl Random {
    /// `DCTX_FUZZ_SEED`, or a fixed seed; printed, so that a failure can be had again.
    pub(crate) fn seeded(what: &str) -> Self {
        let seed = number("DCTX_FUZZ_SEED").unwrap_or(20_261_124);
        println!("{what}: DCTX_FUZZ_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    /// A value without NUL; mostly short, now and then some thousand bytes long.
    pub(crate) fn value(&mut self, class: Class) -> Vec<u8> {
        let parts = if self.below(300) == 0 { 2000 } else { self.below(20) };
        let mut value = Vec::new();
        for _ in 0..parts {
            if self.below(8) == 0 {
                let bite = BITES[self.below(BITES.len())];
                if class != Class::Ascii || bite.bytes().all(|b| matches!(b, b' '..=b'~')) {
                    value.extend_from_slice(bite.as_bytes());
                }
            } else {
                self.part(class, &mut value);
            }
        }
        value
    }

    fn part(&mut self, class: Class, value: &mut Vec<u8>) {
        match class {
            Class::Ascii => value.push(u8::try_from(0x20 + self.below(0x5f)).unwrap()),
            Class::Control if self.below(5) == 0 => value.push(b'\n'),
            Class::Control => value.push(u8::try_from(1 + self.below(0x7f)).unwrap()),
            Class::Unicode => {
                let code = match self.below(5) {
                    0 => 1 + self.below(0x7f),
                    1 => 0x80 + self.below(0x2f00),
                    2 => 0x4e00 + self.below(0x51a5),
                    3 => 0xe000 + self.below(0x2000),
                    _ => 0x1_0000 + self.below(0x10_0000),
                };
                let c = char::from_u32(u32::try_from(code).unwrap()).unwrap();
                value.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Class::Bytes => match self.below(3) {
                0 => value.push(u8::try_from(0x81 + self.below(0x7e)).unwrap()),
                1 => value.push(b"0123456789/.\\|'\"\n@A~"[self.below(20)]),
                _ => value.push(u8::try_from(1 + self.below(0xff)).unwrap()),
            },
        }
    }
}

/// A number in an environment variable.
pub(crate) fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|e| panic!("{variable}={text}: {e}")))
}
