//! Where the brackets of a file of megabytes are, and whether it has strings of more than one line.
//!
//! A profile has a bracket every hundred bytes or so, and a search that starts anew at each (`memchr`)
//! costs more there than looking at every byte: here 64 of them become the bits of one number.

use memchr::{memchr, memmem};
use wide::u8x16;

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// Tells the offset of every `[` in `text` but those that `skip` takes, in order, until `tell` returns
/// `None`. `skip` is asked in the innermost loop; the last few are told without asking.
#[inline]
pub(super) fn each(
    text: &[u8],
    skip: impl Fn(usize) -> bool,
    mut tell: impl FnMut(usize) -> Option<()>,
) -> Option<()> {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut from = 0;
    for block in blocks {
        let mut bits = bits(block);
        while bits != 0 {
            let at = from + bits.trailing_zeros() as usize;
            if !skip(at) {
                tell(at)?;
            }
            bits &= bits - 1;
        }
        from += BLOCK;
    }
    let mut last = rest.iter().enumerate().filter(|(_, byte)| **byte == b'[');
    last.try_for_each(|(at, _)| tell(from + at))
}

/// A bit for each `[`, the lowest for the first byte.
#[inline]
fn bits(block: &[u8; BLOCK]) -> u64 {
    let (parts, _) = block.as_chunks::<16>();
    parts.iter().rev().fold(0, |bits, part| {
        let equal = u8x16::new(*part).simd_eq(u8x16::splat(b'['));
        bits << 16 | u64::from(equal.to_bitmask())
    })
}

/// Whether `"""` or `'''` is anywhere in `text`.
pub(super) fn has_multiline(text: &[u8]) -> bool {
    has_twins(text, b'"') && memmem::find(text, b"\"\"\"").is_some()
        || memchr(b'\'', text).is_some() && memmem::find(text, b"'''").is_some()
}

/// Whether two bytes `byte` stand at an even offset: wherever three are in a row, two of them do. A
/// plain loop, which the compiler makes one over vectors; `memmem` takes longer.
fn has_twins(text: &[u8], byte: u8) -> bool {
    let twins = u16::from_ne_bytes([byte, byte]);
    let (pairs, _) = text.as_chunks::<2>();
    let (blocks, rest) = pairs.as_chunks::<BLOCK>();
    let any = |pairs: &[[u8; 2]]| {
        pairs.iter().fold(false, |any, pair| any | (u16::from_ne_bytes(*pair) == twins))
    };
    blocks.iter().any(|block| any(block)) || any(rest)
}
