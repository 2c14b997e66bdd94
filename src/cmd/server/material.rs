//! The certificates that go to the host: found, read within bounds, and looked at before anything is changed there.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::cert::read::certificates;
use crate::cli;
use crate::cmd::Ctx;
use crate::error::{CertFault, Error, Result, ServerFault, Unfit};
use crate::file::{self, MAX_CERTS, Odd};
use crate::profile::{Profile, TlsMode, certs};
use crate::store::parse::Settings;
use crate::tr;

/// What goes to the host. No `Debug`: it holds the server's private key.
pub(super) struct Material {
    /// Whose certificates the daemon accepts (`tlscacert`).
    pub(super) ca: Vec<u8>,
    /// The server's certificate, with what it was signed by where that follows.
    pub(super) cert: Vec<u8>,
    /// Its key.
    pub(super) key: Vec<u8>,
}

/// Reads `ca.pem`, `server-cert.pem` and `server-key.pem`: from `--certs`, else from where dctx puts those that it
/// makes, else from the profile's own directory, where a person who made them by hand may have them all.
///
/// # Errors
/// What is missing, or not fit for this host.
pub(super) fn read(
    ctx: &Ctx<'_>,
    profile: &Profile,
    settings: &Settings,
    args: &cli::Server,
) -> Result<Material> {
    let dir = directory(ctx, profile, args.certs.as_deref())?;
    let at = |name: &str| dir.join(name);
    let (ca, cert, key) = (at("ca.pem"), at("server-cert.pem"), at("server-key.pem"));
    let read = |path: &PathBuf| match file(path) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Error::Server(ServerFault::Missing {
            name: profile.name.clone(),
            path: path.clone(),
            // `cert new` leaves alone what is there already
            makes: args.certs.is_none() && !has_certificates(ctx, profile)?,
        })),
        Err(error) => Err(error),
    };
    let material = Material { ca: read(&ca)?, cert: read(&cert)?, key: read(&key)? };
    judge_key(&material.key, &key, settings)?;
    certificates(&ca).map_err(|_| unfit(&ca, Unfit::NoCertificate))?;
    let all = certificates(&cert).map_err(|_| unfit(&cert, Unfit::NoCertificate))?;
    let Some(own) = all.first() else { return Err(unfit(&cert, Unfit::NoCertificate)) };
    let left = own.days_left();
    if left < 0 {
        return Err(unfit(&cert, Unfit::Expired(left.unsigned_abs())));
    }
    if left < 30 {
        let path = ctx.tilde(&cert);
        ctx.out.warn(
            &tr!(
                ctx.out.lang,
                "{path} is valid for {left} more days only",
                "{path} 只剩 {left} 天有效"
            ),
            &[],
        );
    }
    let host = profile.host.proxy_host().unwrap_or_default();
    if profile.tls != TlsMode::Insecure && !lists(&own.names, host) {
        return Err(Error::Server(ServerFault::OtherName {
            name: profile.name.clone(),
            path: cert,
            host: host.to_owned(),
            names: own.names.clone(),
        }));
    }
    Ok(material)
}

fn directory(ctx: &Ctx<'_>, profile: &Profile, named: Option<&str>) -> Result<PathBuf> {
    let home = ctx.env.home();
    if let Some(dir) = named {
        let here = ctx.env.work_dir().unwrap_or_default();
        return Ok(certs::expand(dir, &here, home.as_deref()));
    }
    let own = ctx.env.dirs()?.data.join("certs").join(&profile.name).join("server");
    if own.join("server-cert.pem").exists() {
        return Ok(own);
    }
    let base = profile.origin.path.parent().unwrap_or(Path::new("/"));
    let dir = profile.certs.dir.as_ref().map(|dir| certs::expand(dir, base, home.as_deref()));
    Ok(dir.filter(|dir| dir.join("server-cert.pem").exists()).unwrap_or(own))
}

/// Whether the profile has certificates already, dctx's own or others.
fn has_certificates(ctx: &Ctx<'_>, profile: &Profile) -> Result<bool> {
    let named = &profile.certs;
    let own = ctx.env.dirs()?.data.join("certs").join(&profile.name);
    Ok(named.dir.is_some() || named.ca.is_some() || named.cert.is_some() || own.exists())
}

/// What is in it; `None` where there is no such file.
fn file(path: &Path) -> Result<Option<Vec<u8>>> {
    let refused = |fault| Err(Error::CertValue { path: path.to_owned(), fault });
    match file::read(path, MAX_CERTS) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => match Odd::of(&e) {
            Some(Odd::TooLarge(_)) => Err(unfit(path, Unfit::TooLarge)),
            Some(_) => refused(CertFault::NotAFile),
            None => refused(CertFault::Unreadable(e.kind())),
        },
    }
}

fn unfit(path: &Path, why: Unfit) -> Error {
    Error::Server(ServerFault::Unfit { path: path.to_owned(), why })
}

fn judge_key(bytes: &[u8], path: &Path, settings: &Settings) -> Result<()> {
    let has = |needle: &[u8]| memchr::memmem::find(bytes, needle).is_some();
    if !has(b"PRIVATE KEY-----") {
        return Err(unfit(path, Unfit::NoKey));
    }
    // PKCS#8, and what `openssl genrsa -aes256` wrote before it (RFC 1421)
    if has(b"BEGIN ENCRYPTED PRIVATE KEY") || has(b"Proc-Type: 4,ENCRYPTED") {
        return Err(unfit(path, Unfit::Encrypted));
    }
    #[cfg(unix)]
    if settings.strict_modes {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).map_or(0, |meta| meta.permissions().mode() & 0o777);
        if mode & 0o077 != 0 {
            let fault = CertFault::Exposed(mode);
            return Err(Error::CertValue { path: path.to_owned(), fault });
        }
    }
    let _ = settings;
    Ok(())
}

/// Whether a certificate is for `host`: an address exactly, a name without regard to case, and a wildcard for one label
/// (RFC 9525 §6.3).
fn lists(names: &[String], host: &str) -> bool {
    let address = host.parse::<IpAddr>().ok();
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    names.iter().any(|name| match (name.split_once(':'), address) {
        (Some(("IP", listed)), Some(address)) => listed.parse::<IpAddr>() == Ok(address),
        (Some(("DNS", listed)), None) => {
            let listed = listed.trim_end_matches('.').to_ascii_lowercase();
            let below = |rest: &str| host.split_once('.').is_some_and(|(_, parent)| parent == rest);
            listed == host || listed.strip_prefix("*.").is_some_and(below)
        }
        _ => false,
    })
}
