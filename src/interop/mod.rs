//! Foreign formats: one file each.

pub mod docker;
pub mod sockets;
