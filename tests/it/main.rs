//! One test binary; each module below is one promise.
