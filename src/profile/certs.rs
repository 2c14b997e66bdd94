//! The certificate files of a profile, looked up and checked the way OpenSSH checks keys.
//!
//! docker itself checks no modes and silently sends no client certificate when one of the pair is
//! missing. A profile that names a pair gets the pair, or an error.

mod modes;
pub mod names;

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroize as _;

use self::modes::{not_exposed, not_writable};
use self::names::partner;
use super::{Profile, TlsMode};
use crate::error::{CertFault, Error, Result};
use crate::file::Odd;

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

/// The files docker will be given. All paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    /// docker opens a ca.pem whenever TLS is on, even when it verifies nothing.
    pub ca: PathBuf,
    /// Client certificate and key.
    pub pair: Option<(PathBuf, PathBuf)>,
    /// The client certificate of a profile whose key is in no file ([`Profile::key_source`]); there is no pair then.
    pub lone: Option<PathBuf>,
    /// The beginning of the client certificate's file, which has been opened anyway: nearly all are shorter.
    pub client: Vec<u8>,
    /// Whether the key of the pair has a passphrase: docker has dropped its support for those.
    pub sealed: bool,
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
    let fail = |(path, fault)| Error::Cert {
        profile: profile.name.clone(),
        layer: profile.origin.layer.then(|| profile.origin.path.clone()),
        path,
        fault,
    };
    check(profile, look).map(Some).map_err(fail)
}

/// The paths of the CA, the client certificate and its key as `profile` names them, whether they are there and
/// right or not; for whoever looks at each of them closely. A directory's files are found under any of the names that
/// [`locate`] knows, and under docker's own where there is none. The system's bundle stands for the CA in mode system.
#[must_use]
pub fn paths(profile: &Profile, look: &Look<'_>) -> [Option<PathBuf>; 3] {
    if profile.tls == TlsMode::Off {
        return [None, None, None];
    }
    let (mut ca, cert, key) = match named(profile, look.home) {
        Ok(found) => {
            let path = |file: Option<File>| file.map(|file| file.path);
            let (cert, key) = (path(found.cert), path(found.key));
            // The one that is missing beside the other has to be there for docker to use any.
            let beside = |one: &Option<PathBuf>| {
                let one = one.as_ref()?;
                found.dir.as_ref().map(|dir| dir.join(partner(one)))
            };
            let (more_cert, more_key) = (beside(&key), beside(&cert));
            let own = path(found.ca).or_else(|| found.dir.as_ref().map(|dir| dir.join("ca.pem")));
            let key = key.or(more_key).filter(|_| profile.key_source.is_none());
            (own, cert.or(more_cert), key)
        }
        Err(_) => {
            let base = profile.origin.path.parent().unwrap_or(Path::new("/"));
            let dir = profile.certs.dir.as_ref().map(|dir| expand(dir, base, look.home));
            let at = |name: &str| dir.as_ref().map(|dir| dir.join(name));
            (at("ca.pem"), at("cert.pem"), at("key.pem"))
        }
    };
    if profile.tls == TlsMode::System {
        ca = Some(system_bundle(look).unwrap_or_else(|path| path));
    }
    [ca, cert, key]
}

/// The CA that a profile names, whether it is there or not; `None` where it names none.
#[must_use]
pub fn own_ca(profile: &Profile, home: Option<&Path>) -> Option<PathBuf> {
    if matches!(profile.tls, TlsMode::Off | TlsMode::System) {
        return None;
    }
    Some(named(profile, home).ok()?.ca?.path)
}

/// The mode of a key of one's own that others can read; `None` where it is as it should be. Opens nothing.
#[must_use]
pub fn exposed(key: &fs::Metadata) -> Option<u32> {
    match not_exposed(key) {
        Err(CertFault::Exposed(mode)) => Some(mode),
        _ => None,
    }
}

/// The file or directory through which others can put another CA in place of this one, and its mode; `None` where
/// it is as it should be.
#[must_use]
pub fn replaceable(ca: &Path, meta: &fs::Metadata, home: Option<&Path>) -> Option<(PathBuf, u32)> {
    match not_writable(ca, meta, home) {
        Err((path, CertFault::Writable(mode))) => Some((path, mode)),
        _ => None,
    }
}

/// A file or directory, and what is wrong with it.
type Wrong = (PathBuf, CertFault);

fn check(profile: &Profile, look: &Look<'_>) -> Result<Material, Wrong> {
    let mut found = named(profile, look.home)?;
    let elsewhere = profile.key_source.is_some();
    if elsewhere {
        // One that is in the directory all the same is not the one to use.
        found.key = None;
    }
    if let Some(dir) = &found.dir {
        if elsewhere && found.cert.is_none() {
            return Err((dir.join("cert.pem"), CertFault::Missing));
        }
        match (&found.cert, &found.key) {
            (Some(_), None) if elsewhere => {}
            (Some(one), None) | (None, Some(one)) => {
                let missing = dir.join(partner(&one.path));
                return Err((one.path.clone(), CertFault::Alone { missing }));
            }
            _ => {}
        }
        if profile.tls == TlsMode::Verify && found.ca.is_none() {
            return Err((dir.join("ca.pem"), CertFault::Missing));
        }
    }
    let own = found.ca.filter(|_| profile.tls != TlsMode::System);
    // docker can be pointed at the directory itself only where its names are docker's and nothing in it
    // is to be left out.
    let dir = found.dir.filter(|_| found.docker_names && own.is_some() && !elsewhere);
    let ca = match own {
        Some(ca) => {
            let (path, meta) = ca.readable()?;
            if look.strict {
                not_writable(&path, &meta, look.home)?;
            }
            path
        }
        None => system_bundle(look).map_err(|path| (path, CertFault::NoSystemBundle))?,
    };
    let (mut lone, mut sealed, mut client) = (None, false, Vec::new());
    let pair = match (found.cert, found.key) {
        (Some(cert), None) if elsewhere => {
            let (path, file, _) = cert.open_file()?;
            client = head(file);
            lone = Some(path);
            None
        }
        (Some(cert), Some(key)) => {
            let (cert, file, _) = cert.open_file()?;
            client = head(file);
            let (key, file, meta) = key.open_file()?;
            sealed = has_passphrase(file);
            if look.strict {
                not_exposed(&meta).map_err(|fault| (key.clone(), fault))?;
            }
            Some((cert, key))
        }
        _ => None,
    };
    Ok(Material { ca, pair, lone, client, sealed, dir })
}

/// A file, and what came of opening it for reading. Opening is the only honest answer to "readable":
/// root, ACLs and network file systems make mode bits lie.
struct File {
    path: PathBuf,
    opened: io::Result<(fs::File, fs::Metadata)>,
}

impl File {
    fn open(path: PathBuf) -> Self {
        let opened = crate::file::open(&path);
        Self { path, opened }
    }

    /// Whether there is nothing of that name, not even a link that leads nowhere.
    fn is_absent(&self) -> bool {
        let gone = |e: &io::Error| e.kind() == io::ErrorKind::NotFound;
        self.opened.as_ref().is_err_and(gone) && fs::symlink_metadata(&self.path).is_err()
    }

    fn readable(self) -> Result<(PathBuf, fs::Metadata), Wrong> {
        self.open_file().map(|(path, _, meta)| (path, meta))
    }

    fn open_file(self) -> Result<(PathBuf, fs::File, fs::Metadata), Wrong> {
        let fault = match self.opened {
            Ok((file, meta)) => return Ok((self.path, file, meta)),
            Err(e) if Odd::of(&e).is_some() => CertFault::NotAFile,
            Err(e) if e.kind() == io::ErrorKind::NotFound => CertFault::Missing,
            Err(e) => CertFault::Unreadable(e.kind()),
        };
        Err((self.path, fault))
    }
}

/// The beginning of a file of certificates, as much as one read gives.
fn head(mut file: fs::File) -> Vec<u8> {
    let mut bytes = vec![0; 8192];
    let read = file.read(&mut bytes).unwrap_or(0);
    bytes.truncate(read);
    bytes
}

/// Whether a private key in PEM has a passphrase (`ENCRYPTED PRIVATE KEY` of RFC 7468 §11, or the header of RFC 1421
/// §4.6.1.1), as the beginning of its file says.
fn has_passphrase(mut file: fs::File) -> bool {
    let mut bytes = [0_u8; 4096];
    let read = file.read(&mut bytes).unwrap_or(0);
    // No more than what was read has to be wiped, which is done byte by byte.
    let head = bytes.get_mut(..read).unwrap_or_default();
    let marks = ["-----BEGIN ENCRYPTED PRIVATE KEY-----", "\nProc-Type: 4,ENCRYPTED"];
    let marked = marks.iter().any(|mark| memchr::memmem::find(head, mark.as_bytes()).is_some());
    head.zeroize();
    marked
}

/// The files that a profile names, in its directory or one by one.
fn named(profile: &Profile, home: Option<&Path>) -> Result<Found, Wrong> {
    let base = profile.origin.path.parent().unwrap_or(Path::new("/"));
    let at = |written: &String| expand(written, base, home);
    let one = |written: &Option<String>| written.as_ref().map(at).map(File::open);
    let certs = &profile.certs;
    match certs.dir.as_ref().map(at) {
        Some(dir) => Found::in_dir(dir),
        None => Ok(Found {
            ca: one(&certs.ca),
            cert: one(&certs.cert),
            key: one(&certs.key),
            ..Found::default()
        }),
    }
}

#[derive(Default)]
struct Found {
    ca: Option<File>,
    cert: Option<File>,
    key: Option<File>,
    dir: Option<PathBuf>,
    docker_names: bool,
}

impl Found {
    /// What of the known names is in `dir`. Where docker's own are all there nothing more is looked for; a pair that is
    /// complete goes before one that is not, and one of several clients is nobody's to choose here.
    fn in_dir(dir: PathBuf) -> Result<Self, Wrong> {
        let there = |name: &str| Some(File::open(dir.join(name))).filter(|file| !file.is_absent());
        let (mut ca, mut cert, mut key) = (there("ca.pem"), there("cert.pem"), there("key.pem"));
        if ca.is_none() || cert.is_none() || key.is_none() {
            let listed = names::listed(&dir);
            let open = |name: &str| {
                let is_listed = |all: &Vec<String>| all.iter().any(|other| other == name);
                if listed.as_ref().is_none_or(is_listed) { there(name) } else { None }
            };
            ca = ca.or_else(|| names::CAS.into_iter().find_map(open));
            if cert.is_none() || key.is_none() {
                let both = |(cert, key): (&str, &str)| Some((open(cert)?, open(key)?));
                let pair =
                    names::CLIENTS.into_iter().find_map(both).or_else(
                        || match names::client_pairs(listed.as_deref()?).as_slice() {
                            [(cert, key)] => both((cert, key)),
                            _ => None,
                        },
                    );
                if let Some((one, other)) = pair {
                    (cert, key) = (Some(one), Some(other));
                } else if cert.is_none() && key.is_none() {
                    let half = |(cert, key): (&str, &str)| Some((open(cert), open(key)));
                    let any =
                        |half: &(Option<File>, Option<File>)| half.0.is_some() || half.1.is_some();
                    let known = names::CLIENTS.into_iter().take(names::CERTAIN);
                    let half = known.filter_map(half).find(any);
                    (cert, key) = half.unwrap_or_default();
                }
            }
        }
        let Some(any) = ca.as_ref().or(cert.as_ref()).or(key.as_ref()) else {
            let fault = if dir.is_dir() { CertFault::NoCerts } else { CertFault::Missing };
            return Err((dir, fault));
        };
        if any.opened.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::NotADirectory) {
            return Err((dir, CertFault::NotADirectory));
        }
        let named = |file: &Option<File>, name: &str| {
            file.as_ref().is_none_or(|file| file.path.file_name().is_some_and(|n| n == name))
        };
        let docker_names =
            named(&ca, "ca.pem") && named(&cert, "cert.pem") && named(&key, "key.pem");
        Ok(Self { ca, cert, key, dir: Some(dir), docker_names })
    }
}

/// `SSL_CERT_FILE`, as Go and OpenSSL read it, else the first of the usual places.
fn system_bundle(look: &Look<'_>) -> Result<PathBuf, PathBuf> {
    let readable = |path: PathBuf| File::open(path).readable().map(|(path, _)| path);
    if let Some(path) = &look.bundle {
        return readable(path.clone()).map_err(|(path, _)| path);
    }
    let found = SYSTEM_BUNDLES.iter().find_map(|path| readable(PathBuf::from(path)).ok());
    found.ok_or_else(|| PathBuf::from(SYSTEM_BUNDLES[0]))
}
