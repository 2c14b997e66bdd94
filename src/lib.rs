//! `dctx` points a shell at a remote Docker host and back again.

#![forbid(unsafe_code)]

pub mod env;
pub mod error;
pub mod exports;
pub mod profile;
pub mod shell;
pub mod store;
pub mod text;
