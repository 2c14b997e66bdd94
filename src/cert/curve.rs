//! Whether a point is on its curve: Go refuses a certificate with one that is not, and ring tells of two curves only,
//! and only together with a signature.

use num_bigint::BigUint;

use super::signature::Kind;

/// A curve of FIPS 186: `y² = x³ - 3x + b`, all modulo `p`. In hexadecimal.
struct Curve {
    p: &'static str,
    b: &'static str,
    /// Bytes of a coordinate.
    size: usize,
}

const P224: Curve = Curve {
    p: "ffffffffffffffffffffffffffffffff000000000000000000000001",
    b: "b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4",
    size: 28,
};
const P256: Curve = Curve {
    p: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    b: "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
    size: 32,
};
const P384: Curve = Curve {
    p: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
    b: "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
    size: 48,
};
const P521: Curve = Curve {
    p: "1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    b: "51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
    size: 66,
};

/// Whether `point`, uncompressed as in SEC 1 §2.3.3, is on the curve; `None` for a curve that Go does not know.
#[must_use]
pub fn on(kind: &Kind, point: &[u8]) -> Option<bool> {
    let curve = match kind {
        Kind::Curve(name) if name == "P-224" => P224,
        Kind::P256 => P256,
        Kind::P384 => P384,
        Kind::P521 => P521,
        _ => return None,
    };
    let number = |hex: &str| BigUint::parse_bytes(hex.as_bytes(), 16);
    let (p, b) = (number(curve.p)?, number(curve.b)?);
    let coordinates = match point.split_first() {
        Some((4, rest)) if rest.len() == 2 * curve.size => rest.split_at_checked(curve.size),
        _ => None,
    };
    let Some((x, y)) = coordinates else { return Some(false) };
    let (x, y) = (BigUint::from_bytes_be(x), BigUint::from_bytes_be(y));
    if x >= p || y >= p {
        return Some(false);
    }
    // + 3p, so that nothing becomes negative
    let right = &x * &x * &x + (&p - &x) * 3_u8 + b;
    Some((&y * &y) % &p == right % &p)
}
