//! The one way in which dctx reads files: regular ones, of bounded size, opened without blocking.
//!
//! A path that dctx reads may lead anywhere: a shared layer can be a link to `/dev/zero`, and a profile can name a
//! named pipe. So what a path leads to is looked at before it is opened (opening a device can have an effect of
//! its own), opened without waiting for a writer, looked at once more by its descriptor, and read no further than
//! a limit. What is not read says what it is, in [`Odd`].

pub mod blocked;

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

use zeroize::Zeroize as _;

/// The largest profile file or layer, in bytes: some hundred thousand profiles.
pub const MAX_PROFILES: u64 = 16 << 20;

/// The largest file with certificates, in bytes: a bundle of every public CA is a fifth of that.
pub const MAX_CERTS: u64 = 1 << 20;

/// The largest of the small files that dctx or docker keeps its state in, in bytes.
pub const MAX_STATE: u64 = 4 << 20;

/// What is there in place of a file that can be read. Carried by an [`io::Error`]; see [`Odd::of`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// A directory.
    Directory,
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// A device.
    Device,
    /// A file of more bytes than this.
    TooLarge(u64),
}

impl Odd {
    /// What `error` says of the file, if it is one of these.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref::<Self>().copied()
    }

    /// What a file of this kind is; `None` for a regular one.
    fn kind(meta: &Metadata) -> Option<Self> {
        let kind = meta.file_type();
        if kind.is_file() {
            return None;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::FileTypeExt as _;
            if kind.is_fifo() {
                return Some(Self::Pipe);
            }
            if kind.is_socket() {
                return Some(Self::Socket);
            }
        }
        Some(if kind.is_dir() { Self::Directory } else { Self::Device })
    }
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory => f.write_str("is a directory"),
            Self::Pipe => f.write_str("it is a named pipe, not a file"),
            Self::Socket => f.write_str("it is a socket, not a file"),
            Self::Device => f.write_str("it is a device, not a file"),
            Self::TooLarge(most) => write!(f, "it is larger than {}", size(*most)),
        }
    }
}

impl std::error::Error for Odd {}

impl From<Odd> for io::Error {
    fn from(odd: Odd) -> Self {
        let kind = match odd {
            Odd::Directory => io::ErrorKind::IsADirectory,
            Odd::TooLarge(_) => io::ErrorKind::FileTooLarge,
            Odd::Pipe | Odd::Socket | Odd::Device => io::ErrorKind::InvalidInput,
        };
        Self::new(kind, odd)
    }
}

/// A number of bytes in KiB or MiB, rounded up.
#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..0x10_0000 => format!("{} KiB", bytes.div_ceil(1 << 10)),
        _ => format!("{} MiB", bytes.div_ceil(1 << 20)),
    }
}

/// Opens a regular file for reading, links followed.
///
/// # Errors
/// What the system says, or [`Odd`].
pub fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let regular = |meta: Metadata| match Odd::kind(&meta) {
        None => Ok(meta),
        Some(odd) => Err(io::Error::from(odd)),
    };
    regular(fs::metadata(path)?)?;
    let mut options = OpenOptions::new();
    options.read(true);
    // It may be another by now. A pipe must not hold us up, and a terminal not become ours.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        i32::try_from((rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY).bits())
            .unwrap_or(0),
    );
    let file = options.open(path)?;
    let meta = regular(file.metadata()?)?;
    Ok((file, meta))
}

/// All of an open file, which has no more than `most` bytes.
///
/// # Errors
/// What the system says, or [`Odd::TooLarge`]; what was read by then is overwritten, for it may be part of a key.
pub fn rest(file: &File, meta: &Metadata, most: u64) -> io::Result<Vec<u8>> {
    if meta.len() > most {
        return Err(Odd::TooLarge(most).into());
    }
    // Room for all of it and for the end, so that the vector never grows and leaves a copy of a key behind. Of a file
    // that grows meanwhile, or does not tell its size (procfs), no more than the limit is read.
    let room = usize::try_from(meta.len()).unwrap_or(0).saturating_add(64);
    let mut bytes = Vec::with_capacity(room);
    let read = file.take(most.saturating_add(1)).read_to_end(&mut bytes);
    let large = u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most;
    let failed = read.err().or_else(|| large.then(|| Odd::TooLarge(most).into()));
    match failed {
        None => Ok(bytes),
        Some(error) => {
            bytes.zeroize();
            Err(error)
        }
    }
}

/// Why a file of settings is not to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// It belongs to this user, who is neither root nor oneself.
    Owner(u32),
    /// Others can write it: its mode.
    Writable(u32),
}

/// Whether somebody else can say what is in a file: OpenSSH's rule for `~/.ssh/config` (readconf.c), by which a file is
/// one's own or root's, and nobody else's to write. Where one's group has one's own number it is one's own alone, as
/// Debian has it for OpenSSH: many systems make every file writable by that.
#[cfg(unix)]
#[must_use]
pub fn distrust(meta: &Metadata) -> Option<Distrust> {
    use std::os::unix::fs::MetadataExt as _;
    let me = rustix::process::geteuid().as_raw();
    let bits = meta.mode();
    if meta.uid() != me && meta.uid() != 0 {
        return Some(Distrust::Owner(meta.uid()));
    }
    let open = bits & 0o002 != 0 || bits & 0o020 != 0 && meta.gid() != me;
    open.then_some(Distrust::Writable(bits & 0o7777))
}

/// Modes say nothing there.
#[cfg(not(unix))]
#[must_use]
pub fn distrust(_: &Metadata) -> Option<Distrust> {
    None
}

/// The bytes of a regular file of no more than `most` bytes, links followed.
///
/// # Errors
/// What the system says, or [`Odd`].
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let (file, meta) = open(path)?;
    rest(&file, &meta, most)
}

/// The same, as text.
///
/// # Errors
/// As [`read`]; [`io::ErrorKind::InvalidData`] where it is not UTF-8.
pub fn text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}
