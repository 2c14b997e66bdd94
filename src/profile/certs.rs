//! The certificate files of a profile, looked up and checked the way OpenSSH checks keys.
//!
//! docker itself checks no modes and silently sends no client certificate when one of the pair is
//! missing. A profile that names a pair gets the pair, or an error.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Profile, TlsMode};
use crate::error::{CertFault, Error, Result};

/// Places of the system's CA bundle, in the order Go looks (crypto/x509 `root_linux.go`, `root_bsd.go`).
const SYSTEM_BUNDLES: [&str; 7] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/etc/ssl/cert.pem",
];

/// Names under which the files of a certificate directory are found; docker's own name first, then those
/// of cfssl (the CoreOS guide), docker-machine and mkcert.
const CA_NAMES: [&str; 3] = ["ca.pem", "ca-cert.pem", "ca.crt"];
const CERT_NAMES: [&str; 3] = ["cert.pem", "client.pem", "client-cert.pem"];
const KEY_NAMES: [&str; 2] = ["key.pem", "client-key.pem"];

/// The files docker will be given. All paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    /// docker opens a ca.pem whenever TLS is on, even when it verifies nothing.
    pub ca: PathBuf,
    /// Client certificate and key.
    pub pair: Option<(PathBuf, PathBuf)>,
    /// The directory that already holds exactly these under docker's names, if there is one.
    pub dir: Option<PathBuf>,
}

/// What is needed to look at files: the home directory, whether modes are judged, an override for the
/// system's bundle (`SSL_CERT_FILE`, as Go and OpenSSL read it).
#[derive(Debug, Clone)]
pub struct Look<'a> {
    /// Home directory, if it is known.
    pub home: Option<&'a Path>,
    /// `strict-modes`.
    pub strict: bool,
    /// Value of SSL_CERT_FILE, if set and not empty.
    pub bundle: Option<PathBuf>,
}

/// Makes a path as written in a profile absolute: `~/` and `${HOME}` are expanded, anything relative is
/// below the directory of the file that says it.
#[must_use]
pub fn expand(written: &str, base: &Path, home: Option<&Path>) -> PathBuf {
    let rest = written
        .strip_prefix("${HOME}")
        .or_else(|| written.strip_prefix('~'))
        .filter(|rest| rest.is_empty() || rest.starts_with('/'));
    match (rest, home) {
        (Some(rest), Some(home)) if rest.trim_matches('/').is_empty() => home.to_path_buf(),
        (Some(rest), Some(home)) => tidy(&home.join(rest.trim_start_matches('/'))),
        _ => tidy(&base.join(written)),
    }
}

/// Drops `.` components and repeated or trailing separators; `..` stays, because a link may be before it.
fn tidy(path: &Path) -> PathBuf {
    path.components().filter(|c| !matches!(c, std::path::Component::CurDir)).collect()
}

/// Finds and checks the files of `profile`; `None` where its mode needs none.
///
/// # Errors
/// [`Error::Cert`] names the file, what is wrong and, through its hint, what to type.
pub fn locate(profile: &Profile, look: &Look<'_>) -> Result<Option<Material>> {
    if profile.tls == TlsMode::Off {
        return Ok(None);
    }
    let base = profile.origin.path.parent().unwrap_or(Path::new("/"));
    let at = |written: &String| expand(written, base, look.home);
    let fail = |path: &Path, fault| Error::Cert {
        profile: profile.name.clone(),
        path: path.to_path_buf(),
        fault,
    };
    let mut found = Found::default();
    if let Some(dir) = profile.certs.dir.as_ref().map(at) {
        found = Found::in_dir(&dir);
        if found.ca.is_none() && found.cert.is_none() && found.key.is_none() {
            let missing = if dir.is_dir() { dir.join("ca.pem") } else { dir };
            return Err(fail(&missing, CertFault::Missing));
        }
        match (&found.cert, &found.key) {
            (Some(cert), None) => {
                return Err(fail(cert, CertFault::Alone { missing: dir.join("key.pem") }));
            }
            (None, Some(key)) => {
                return Err(fail(key, CertFault::Alone { missing: dir.join("cert.pem") }));
            }
            _ => {}
        }
        if profile.tls == TlsMode::Verify && found.ca.is_none() {
            return Err(fail(&dir.join("ca.pem"), CertFault::Missing));
        }
    } else {
        found.ca = profile.certs.ca.as_ref().map(at);
        found.cert = profile.certs.cert.as_ref().map(at);
        found.key = profile.certs.key.as_ref().map(at);
    }
    let own_ca = found.ca.is_some() && profile.tls != TlsMode::System;
    let ca = match found.ca.filter(|_| own_ca) {
        Some(ca) => ca,
        None => system_bundle(look).map_err(|path| fail(&path, CertFault::NoSystemBundle))?,
    };
    readable(&ca).map_err(|fault| fail(&ca, fault))?;
    if look.strict && own_ca {
        not_writable(&ca, look.home).map_err(|(path, fault)| fail(&path, fault))?;
    }
    let pair = match (found.cert, found.key) {
        (Some(cert), Some(key)) => {
            readable(&cert).map_err(|fault| fail(&cert, fault))?;
            readable(&key).map_err(|fault| fail(&key, fault))?;
            if look.strict {
                not_exposed(&key).map_err(|fault| fail(&key, fault))?;
            }
            Some((cert, key))
        }
        _ => None,
    };
    // docker can be pointed at the directory itself only where its names are docker's and nothing in it
    // is to be left out.
    let dir = found.dir.filter(|_| found.docker_names && own_ca);
    Ok(Some(Material { ca, pair, dir }))
}

#[derive(Default)]
struct Found {
    ca: Option<PathBuf>,
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
    dir: Option<PathBuf>,
    docker_names: bool,
}

impl Found {
    fn in_dir(dir: &Path) -> Self {
        let first = |names: &[&str]| {
            names.iter().map(|name| dir.join(name)).find(|path| fs::symlink_metadata(path).is_ok())
        };
        let (ca, cert, key) = (first(&CA_NAMES), first(&CERT_NAMES), first(&KEY_NAMES));
        let named = |path: &Option<PathBuf>, name: &str| {
            path.as_ref().is_none_or(|path| path.file_name().is_some_and(|n| n == name))
        };
        let docker_names =
            named(&ca, "ca.pem") && named(&cert, "cert.pem") && named(&key, "key.pem");
        Self { ca, cert, key, dir: Some(dir.to_path_buf()), docker_names }
    }
}

fn system_bundle(look: &Look<'_>) -> Result<PathBuf, PathBuf> {
    if let Some(path) = &look.bundle {
        return Ok(path.clone());
    }
    let found = SYSTEM_BUNDLES.iter().map(PathBuf::from).find(|path| path.is_file());
    found.ok_or_else(|| PathBuf::from(SYSTEM_BUNDLES[0]))
}

/// A file that can be opened for reading. Opening is the only honest answer to "readable": root, ACLs and
/// network file systems make mode bits lie.
fn readable(path: &Path) -> Result<(), CertFault> {
    match fs::File::open(path).and_then(|file| file.metadata()) {
        Ok(meta) if meta.is_file() => Ok(()),
        Ok(_) => Err(CertFault::Unreadable("not a file".to_owned())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(CertFault::Missing),
        Err(e) => Err(CertFault::Unreadable(e.to_string())),
    }
}

/// OpenSSH's `sshkey_perm_ok` (authfile.c): a key of one's own that group or others can read is refused;
/// a key of somebody else's is theirs to guard.
#[cfg(unix)]
fn not_exposed(key: &Path) -> Result<(), CertFault> {
    use std::os::unix::fs::MetadataExt as _;
    match fs::metadata(key) {
        Ok(meta) if meta.uid() == uid() && meta.mode() & 0o077 != 0 => {
            Err(CertFault::Exposed(meta.mode() & 0o7777))
        }
        _ => Ok(()),
    }
}

/// OpenSSH's `safe_path` (misc.c), for the CA: whoever can write it, or a directory above it, can put
/// another one there. Directories are looked at up to the home directory, or the root when the file is
/// elsewhere. A sticky directory such as /tmp is safe: nobody else can rename what is in it.
#[cfg(unix)]
fn not_writable(ca: &Path, home: Option<&Path>) -> Result<(), (PathBuf, CertFault)> {
    use std::os::unix::fs::MetadataExt as _;
    for (depth, path) in ca.ancestors().enumerate() {
        if depth > 0 && home == Some(path) {
            break;
        }
        let Ok(meta) = fs::metadata(path) else { break };
        let mode = meta.mode() & 0o7777;
        let sticky = meta.is_dir() && mode & 0o1000 != 0;
        let ours = meta.uid() == uid() || meta.uid() == 0;
        if ours && mode & 0o022 != 0 && !sticky {
            return Err((path.to_path_buf(), CertFault::Writable(mode)));
        }
    }
    Ok(())
}

#[cfg(unix)]
fn uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn not_exposed(_: &Path) -> Result<(), CertFault> {
    Ok(())
}

#[cfg(not(unix))]
fn not_writable(_: &Path, _: Option<&Path>) -> Result<(), (PathBuf, CertFault)> {
    Ok(())
}
