//! Making certificates: a CA, a server's and a client's, or certificates that are pinned one by one.
//!
//! [`keys`] makes keys and signs, [`issue`] writes certificates, [`names`] is what a server is called, [`authority`]
//! takes up a CA of any origin, [`place`] puts whole directories in place, and [`set`] knows which file is where.
//! Nothing here asks anybody or prints.

pub mod authority;
pub mod issue;
pub mod keys;
pub mod names;
pub mod pins;
pub mod place;
pub mod set;
