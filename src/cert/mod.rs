//! Certificates.

pub mod read;
