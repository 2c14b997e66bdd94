//! Bytes from a terminal, as keys (ECMA-48 control sequences, as xterm and all its kind send them).

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A character that can be seen.
    Char(char),
    /// Enter, also as a line end that was typed before the picker was there.
    Enter,
    /// Esc, Ctrl-G, Ctrl-D.
    Escape,
    /// Ctrl-C.
    Interrupt,
    /// The last character goes.
    Backspace,
    /// Ctrl-W: the last word goes.
    Word,
    /// Ctrl-U: everything goes.
    Clear,
    /// Up, Ctrl-P, Shift-Tab.
    Up,
    /// Down, Ctrl-N, Tab.
    Down,
    /// One screen up.
    PageUp,
    /// One screen down.
    PageDown,
    /// To the first row.
    Home,
    /// To the last row.
    End,
}

/// The longest sequence there is any sense in.
const LONGEST: usize = 32;

/// Bytes that have come and are not all read yet.
#[derive(Debug, Default)]
pub struct Keys {
    bytes: Vec<u8>,
}

/// The bytes of one key, and the key if it means something here.
type Read = (usize, Option<Key>);

impl Keys {
    /// Takes bytes in.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next key; `None` where there is none, or none that is whole.
    pub fn take(&mut self) -> Option<Key> {
        loop {
            let (length, key) = read(&self.bytes)?;
            self.bytes.drain(..length.min(self.bytes.len()));
            if key.is_some() {
                return key;
            }
        }
    }

    /// Whether something has begun that may go on.
    #[must_use]
    pub fn pending(&self) -> bool {
        !self.bytes.is_empty()
    }

    /// Nothing more came: an escape character by itself is the key, half a sequence is nothing.
    pub fn give_up(&mut self) -> Option<Key> {
        let alone = self.bytes == [0x1b];
        self.bytes.clear();
        alone.then_some(Key::Escape)
    }
}

/// Reads one key from the front of `bytes`; `None` where more has to come.
fn read(bytes: &[u8]) -> Option<Read> {
    let (first, rest) = bytes.split_first()?;
    match first {
        0x1b => escape(rest).map(|(length, key)| (length + 1, key)),
        b' '..=b'~' => Some((1, Some(Key::Char(char::from(*first))))),
        0x80.. => character(bytes),
        control => Some((
            1,
            match control {
                0x03 => Some(Key::Interrupt),
                0x04 | 0x07 => Some(Key::Escape),
                0x08 | 0x7f => Some(Key::Backspace),
                b'\t' | 0x0e => Some(Key::Down),
                b'\n' | b'\r' => Some(Key::Enter),
                0x10 => Some(Key::Up),
                0x15 => Some(Key::Clear),
                0x17 => Some(Key::Word),
                _ => None,
            },
        )),
    }
}

/// What follows an escape character.
fn escape(rest: &[u8]) -> Option<Read> {
    match rest {
        [] => None,
        // The first of two is a key of its own.
        [0x1b, ..] => Some((0, Some(Key::Escape))),
        [b'O', last, ..] => Some((2, named(*last, &[]))),
        // Function keys of Linux' own console.
        [b'[', b'[', _, ..] => Some((3, None)),
        [b'[', b'['] | [b'O'] => None,
        [b'[', sequence @ ..] => {
            let end = sequence.iter().position(|byte| !matches!(byte, 0x20..=0x3f));
            match end.and_then(|end| Some((end, sequence.get(end)?, sequence.get(..end)?))) {
                Some((end, last, parameters)) => Some((end + 2, named(*last, parameters))),
                None if sequence.len() > LONGEST => Some((rest.len(), None)),
                None => None,
            }
        }
        // Alt with something.
        _ => read(rest).map(|(length, _)| (length, None)),
    }
}

/// The key of a control sequence, whatever was held down with it.
fn named(last: u8, parameters: &[u8]) -> Option<Key> {
    let number = parameters.split(|byte| *byte == b';').next().unwrap_or_default();
    match (last, number) {
        (b'A', _) | (b'Z', _) => Some(Key::Up),
        (b'B', _) => Some(Key::Down),
        (b'H', _) | (b'~', b"1" | b"7") => Some(Key::Home),
        (b'F', _) | (b'~', b"4" | b"8") => Some(Key::End),
        (b'~', b"5") => Some(Key::PageUp),
        (b'~', b"6") => Some(Key::PageDown),
        (b'M', []) => Some(Key::Enter),
        _ => None,
    }
}

/// One character in UTF-8. What is none, or cannot be seen, is nothing.
fn character(bytes: &[u8]) -> Option<Read> {
    let length = match bytes.first()? {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let Some(whole) = bytes.get(..length) else {
        let rest = bytes.get(1..).unwrap_or_default();
        return rest.iter().any(|byte| !matches!(byte, 0x80..=0xbf)).then_some((1, None));
    };
    match std::str::from_utf8(whole).ok().and_then(|text| text.chars().next()) {
        Some(c) => Some((length, Some(c).filter(|c| !crate::text::is_hidden(*c)).map(Key::Char))),
        None => Some((1, None)),
    }
}
