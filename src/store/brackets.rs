//! Where the brackets of a file of megabytes are, and whether it has strings of more than one line.
//!
//! A profile has a bracket every hundred bytes or so, and a search that starts anew at each (`memchr`)
//! costs more there than looking at every byte: here 64 of them become the bits of one number. The vectors are
//! written out, because the release is optimised for size, and would make loops of plain bytes.

use memchr::{memchr, memmem};
use wide::{bytemuck, u8x32, u16x16};

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
    let [low, high]: [u8x32; 2] = bytemuck::cast(*block);
    let bits = |part: u8x32| u64::from(part.simd_eq(u8x32::splat(b'[')).to_bitmask());
    bits(high) << 32 | bits(low)
}

/// Whether `"""` or `'''` is anywhere in `text`.
pub(super) fn has_multiline(text: &[u8]) -> bool {
    has_twins(text, b'"') && memmem::find(text, b"\"\"\"").is_some()
        || memchr(b'\'', text).is_some() && memmem::find(text, b"'''").is_some()
}

/// Whether two bytes `byte` stand at an even offset: wherever three are in a row, two of them do. `memmem`
/// takes longer.
fn has_twins(text: &[u8], byte: u8) -> bool {
    let twins = u16x16::splat(u16::from_ne_bytes([byte, byte]));
    let (blocks, rest) = text.as_chunks::<{ 2 * BLOCK }>();
    let any = |block: &[u8; 2 * BLOCK]| {
        let [a, b, c, d]: [u16x16; 4] = bytemuck::cast(*block);
        let (a, b) = (a.simd_eq(twins), b.simd_eq(twins));
        (a | b | c.simd_eq(twins) | d.simd_eq(twins)).any()
    };
    blocks.iter().any(any) || rest.as_chunks::<2>().0.contains(&[byte; 2])
}
