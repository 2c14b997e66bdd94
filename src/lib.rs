//! `dctx` points a shell at a remote Docker host and back again.

#![forbid(unsafe_code)]

pub mod cli;
pub mod cmd;
pub mod env;
pub mod error;
pub mod exports;
pub mod interop;
pub mod output;
pub mod profile;
pub mod shell;
pub mod store;
pub mod text;
