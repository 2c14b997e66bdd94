//! Certificates: the reader of PEM, X.509 and private keys, and the judge of chains.
//!
//! [`pem`] opens files and takes blocks out of them, [`x509`] makes a [`x509::Cert`] of one, [`key`] says what a
//! private key is, [`encrypt`] opens and closes one with a passphrase, and [`verify`] says of a chain what docker says of it. What is read may come from anybody.

pub mod base64;
pub mod binary;
pub mod constraints;
pub mod curve;
pub mod der;
pub mod dir;
pub mod dn;
pub mod encode;
pub mod encrypt;
pub mod fault;
pub mod host;
pub mod key;
pub mod label;
pub mod mailbox;
pub mod make;
pub mod moment;
pub mod pem;
pub mod policy;
pub mod read;
pub mod secret;
pub mod signature;
pub mod strict;
pub mod uri;
pub mod verify;
pub mod x509;
