//! Where profiles live: the file, its lock, its history and the edits that leave everything else alone.

pub mod document;
pub mod history;
mod lock;
pub mod place;
pub mod write;
