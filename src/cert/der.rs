//! The little of DER (X.690) that keys need: elements one after the other, never beyond the end.

/// Reads elements from bytes. Every method gives `None` where the next element is another one, or is cut off.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
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

    /// The tag of the next element.
    #[must_use]
    pub fn tag(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element: its tag and its contents.
    pub fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.rest.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            // Four bytes of length are more than any file that is read.
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            if bytes.is_empty() || bytes.len() > 4 {
                return None;
            }
            (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some((tag, contents))
    }

    /// The next element, if it has this tag.
    pub fn tagged(&mut self, tag: u8) -> Option<&'a [u8]> {
        let mut ahead = self.clone();
        let (found, contents) = ahead.any()?;
        (found == tag).then(|| {
            *self = ahead;
            contents
        })
    }

    /// A SEQUENCE.
    pub fn sequence(&mut self) -> Option<&'a [u8]> {
        self.tagged(0x30)
    }

    /// An INTEGER: its bytes.
    pub fn integer(&mut self) -> Option<&'a [u8]> {
        self.tagged(0x02)
    }

    /// An OCTET STRING.
    pub fn octets(&mut self) -> Option<&'a [u8]> {
        self.tagged(0x04)
    }

    /// An OBJECT IDENTIFIER, in the form with dots.
    pub fn oid(&mut self) -> Option<String> {
        oid(self.tagged(0x06)?)
    }

    /// A BIT STRING of whole bytes.
    pub fn bits(&mut self) -> Option<&'a [u8]> {
        let (unused, bytes) = self.tagged(0x03)?.split_first()?;
        (*unused == 0).then_some(bytes)
    }
}

/// How many bits a positive INTEGER has; `None` for zero and for negative ones.
#[must_use]
pub fn bits(integer: &[u8]) -> Option<usize> {
    if integer.first()? & 0x80 != 0 {
        return None;
    }
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    let first = integer.get(zeros)?;
    let bytes = integer.len() - zeros;
    Some(bytes * 8 - usize::try_from(first.leading_zeros()).unwrap_or(0))
}

fn oid(bytes: &[u8]) -> Option<String> {
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc: u64 = 0;
    let mut open = false;
    for byte in bytes {
        arc = arc.checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
        open = byte & 0x80 != 0;
        if !open {
            if arcs.is_empty() {
                let first = (arc / 40).min(2);
                arcs.push(first);
                arc -= first * 40;
            }
            arcs.push(arc);
            arc = 0;
        }
    }
    if open || arcs.is_empty() {
        return None;
    }
    Some(arcs.iter().map(u64::to_string).collect::<Vec<_>>().join("."))
}
