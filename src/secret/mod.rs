//! Private keys outside plain files: where they come from (the keyring, a program, an encrypted file), and the
//! private directory in memory where docker finds them as long as a shell uses them.
//!
//! docker reads key.pem from a directory, several times per command, so a key has to stand in a file for as long
//! as it is used. That file is in memory ([`place`]), in one directory per profile and certificate, shared by all
//! shells; each shell that uses it has a reference there, and the last one that goes takes the key along ([`hold`]).
//! What it holds in its hands meanwhile is wiped.

pub mod command;
pub mod hold;
pub mod keyring;
pub mod place;
pub mod process;

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The largest key that is read, in bytes: an RSA key of 16384 bits is a fifth of that.
pub const MAX_KEY: u64 = 64 << 10;

/// Keeps this process out of core dumps, and its memory from other processes of the same user, from here to its end: a
/// crash, or Ctrl-\ at the question for a passphrase, must not write that to a disk. The programs that it starts are as
/// they would be (`PR_SET_DUMPABLE` ends with execve, which a limit on the size of core files does not).
pub fn keep_out_of_dumps() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Where it is not to be had, everything else is still to be done.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// A file with a key, whole; wiped from memory when it is dropped.
///
/// # Errors
/// What the system says, or that it is no regular file or larger than any key ([`crate::file::Odd`]).
pub fn read_key(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    read(path, MAX_KEY)
}

/// A file with certificates, whole.
///
/// # Errors
/// As [`read_key`].
pub fn read_cert(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    read(path, crate::file::MAX_CERTS)
}

fn read(path: &Path, most: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    crate::file::read(path, most).map(Zeroizing::new)
}

/// Writes a key into a file that is not there yet, readable by its owner alone from the first instant.
///
/// # Errors
/// What the system says; a file that could not be written whole is taken away again.
pub fn write_key(path: &Path, pem: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o400);
    let mut file = options.open(path)?;
    let written = file.write_all(pem).and_then(|()| file.sync_all());
    written.inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

/// The first `bytes` bytes of a SHA-256 sum, in hexadecimal.
#[must_use]
pub fn sum(data: &[u8], bytes: usize) -> String {
    Sha256::digest(data).iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}
