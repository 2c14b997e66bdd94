//! One test binary; each module below is one promise.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

/// Edits of the profile file change what they are about and not one byte else.
mod store_document;
