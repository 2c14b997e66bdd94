//! `dctx` points a shell at a remote Docker host and back again.

#![forbid(unsafe_code)]

pub mod error;
pub mod exports;
pub mod shell;
pub mod store;
