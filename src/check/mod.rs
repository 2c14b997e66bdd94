//! Finding out what is wrong with a host, and what to type.
//!
//! `files` looks at certificate files, `machine` at this machine and this shell, `probe` at the daemon over
//! the wire, `explain` at docker's own words. All of them speak in [`diagnosis::Diagnosis`], one closed list with
//! one set of words.

pub mod clients;
pub mod diagnosis;
pub mod explain;
pub mod files;
pub mod finding;
pub mod floor;
pub mod id;
pub mod judge;
pub mod machine;
pub mod merge;
pub mod note;
pub mod probe;
pub mod target;
pub mod words;
