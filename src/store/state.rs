//! Small files in the state directory: replaced whole, private from the first instant.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Puts `text` into the place of `path`, whose directory is made if it is not there.
///
/// # Errors
/// What the system says; whatever was there is as it was then.
pub fn put(path: &Path, text: &[u8]) -> io::Result<File> {
    let dir = path.parent().unwrap_or(path);
    super::write::private_dir(dir)?;
    let temporary = temporary(path);
    let write = || {
        let _ = fs::remove_file(&temporary);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(text)?;
        // What a restart finds is whole: the old or the new.
        file.sync_data()?;
        fs::rename(&temporary, path)?;
        Ok(file)
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}

/// A name beside `path` that nothing else has: `~` is in no profile's name.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}~", std::process::id()));
    path.with_file_name(name)
}
