//! Bytes that are overwritten when they are no longer needed, and never printed.

use std::fmt;
use std::ops::Deref;

/// Private bytes. They are overwritten when dropped; copies that a caller makes are the caller's.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes bytes over. They must not be copied before: a vector that grows leaves its former place as it was.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// A copy of some bytes.
    #[must_use]
    pub fn copy(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
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

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
        // Without a reader the compiler may leave the writing out.
        std::hint::black_box(&self.0);
    }
}
