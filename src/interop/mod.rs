//! Foreign formats: one file each.

pub mod docker;
