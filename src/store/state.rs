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
    let write = || -> io::Result<File> {
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
    let file = write().inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })?;
    sweep(dir, path);
    Ok(file)
}

/// Removes what writers of `path` left that were killed a while ago.
fn sweep(dir: &Path, path: &Path) {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return };
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let found = entry.file_name();
        let ours = found
            .to_str()
            .and_then(|found| found.strip_prefix(name)?.strip_prefix('.')?.strip_suffix('~'))
            .is_some_and(|pid| pid.bytes().all(|byte| byte.is_ascii_digit()));
        let old = entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|time| {
            time.elapsed().is_ok_and(|age| age > std::time::Duration::from_secs(60))
        });
        if ours && old {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A name beside `path` that nothing else has: `~` is in no profile's name.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}~", std::process::id()));
    path.with_file_name(name)
}
