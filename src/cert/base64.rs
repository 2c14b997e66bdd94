//! Base64 (RFC 4648, section 4), written and read. What goes through here may be a private key, so that no buffer
//! grows and leaves a copy behind.

use super::secret::Secret;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes as base64, on one line.
#[must_use]
pub fn encode(bytes: &[u8]) -> Secret {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    push(&mut text, bytes);
    Secret::new(text.into_bytes())
}

/// Writes base64 at the end of `text`, which has room for it: four characters for each three bytes.
pub(super) fn push(text: &mut String, bytes: &[u8]) {
    let letter = |bits: u32| {
        let at = usize::try_from(bits & 63).unwrap_or(0);
        char::from(ALPHABET.get(at).copied().unwrap_or(b'A'))
    };
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        text.push(letter(bits >> 18));
        text.push(letter(bits >> 12));
        text.push(if three.len() > 1 { letter(bits >> 6) } else { '=' });
        text.push(if three.len() > 2 { letter(bits) } else { '=' });
    }
}

/// The bytes of base64 with its padding; white space is passed over. `None` where it is something else.
#[must_use]
pub fn decode(text: &[u8]) -> Option<Secret> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count, mut padding) = (0_u32, 0_usize, 0_usize);
    let mut whole = true;
    for &byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            b'\n' | b'\r' | b' ' | b'\t' => continue,
            _ => {
                whole = false;
                break;
            }
        };
        if padding > 0 {
            whole = false;
            break;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count.is_multiple_of(4) {
            let [_, a, b, c] = bits.to_be_bytes();
            out.extend([a, b, c]);
            bits = 0;
        }
    }
    let [_, a, b, _] = (bits << (6 * (4 - count % 4))).to_be_bytes();
    match (count % 4, padding) {
        (0, 0) => {}
        (2, 2) => out.push(a),
        (3, 1) => out.extend([a, b]),
        _ => whole = false,
    }
    let out = Secret::new(out);
    whole.then_some(out)
}
