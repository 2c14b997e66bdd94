//! Bytes that are overwritten when they are no longer needed, and never printed.

use std::fmt;
use std::ops::Deref;

use zeroize::Zeroizing;

/// Private bytes. They are overwritten when dropped; copies that a caller makes are the caller's.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes bytes over. They must not be copied before: a vector that grows leaves its former place as it was.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A copy of some bytes.
    #[must_use]
    pub fn copy(bytes: &[u8]) -> Self {
        Self::new(bytes.to_vec())
    }
}

impl Deref for Secret {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}
