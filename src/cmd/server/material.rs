//! The certificates that go to the host: found, read within bounds, and looked at before anything is changed there.

#[cfg(unix)]
use std::fs;
use std::path::{Path, PathBuf};

use crate::cert::key::{self, Belongs, NoKey, PrivateKey};
use crate::cert::pem;
use crate::cert::verify::{Fault, Place, Usage, verify};
use crate::cert::x509::Cert;
use crate::cli;
use crate::cmd::Ctx;
use crate::error::{CertFault, Error, Lang, NotPem, Result, ServerFault, Unfit};
use crate::file::{self, MAX_CERTS, Odd};
use crate::profile::certs::names;
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

/// Reads the CA, the server's certificate and its key: from `--certs`, else from where dctx puts those that it makes, else
/// from the profile's own directory, where a person who made them by hand may have them all. Of the first two only the
/// certificates go to the host: others can read these files there.
///
/// # Errors
/// What is missing, or not fit for this host: everything is judged here, since the host may have nothing to judge it
/// with.
pub(super) fn read(
    ctx: &Ctx<'_>,
    profile: &Profile,
    settings: &Settings,
    args: &cli::Server,
) -> Result<Material> {
    let dir = directory(ctx, profile, args.certs.as_deref())?;
    let (cert, key) = names::SERVERS
        .into_iter()
        .map(|(cert, key)| (dir.join(cert), dir.join(key)))
        .find(|(cert, key)| cert.exists() && key.exists())
        .unwrap_or_else(|| (dir.join("server-cert.pem"), dir.join("server-key.pem")));
    let named = names::CAS.into_iter().map(|name| dir.join(name)).find(|path| path.exists());
    let ca = named.unwrap_or_else(|| dir.join("ca.pem"));
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
    let (ca_bytes, cert_bytes, key_bytes) = (read(&ca)?, read(&cert)?, read(&key)?);
    let private = judge_key(&key_bytes, &key, settings)?;
    for (path, bytes) in [(&ca, &ca_bytes), (&cert, &cert_bytes)] {
        if pem::has_key(bytes) {
            not_exposed(path, settings)?;
            crate::cmd::key_inside(ctx, path, bytes);
        }
    }
    let trusted = certificates(&ca, &ca_bytes)?;
    let chain = certificates(&cert, &cert_bytes)?;
    judge(ctx, profile, settings, (&cert, &chain), (&ca, &trusted))?;
    if let Some(private) = private
        && chain.first().is_some_and(|own| private.belongs_to(&own.key) == Belongs::No)
    {
        return Err(unfit(&key, Unfit::OtherKey(cert)));
    }
    let only = |bytes: &[u8]| pem::only_certificates(bytes).into_bytes();
    Ok(Material { ca: only(&ca_bytes), cert: only(&cert_bytes), key: key_bytes })
}

/// Whether docker's client takes the server's certificate for what the profile says, and the daemon the profile's own.
/// That everything else is right and the file only soon out of date is said.
fn judge(
    ctx: &Ctx<'_>,
    profile: &Profile,
    settings: &Settings,
    (cert, chain): (&Path, &[Cert]),
    (ca, trusted): (&Path, &[Cert]),
) -> Result<()> {
    let Some(own) = chain.first() else { return Err(unfit(cert, Unfit::NoCertificate)) };
    let lang = ctx.out.lang;
    let now = i64::try_from(ctx.now()).unwrap_or(i64::MAX);
    let home = ctx.env.home();
    let [theirs, client, _] = certs::paths(profile, &ctx.look(home.as_deref(), settings));
    let host = profile.host.proxy_host().unwrap_or_default();
    let verified = profile.tls != TlsMode::Insecure;
    let asked = verified.then_some(host);
    let faults =
        |roots: &[Cert]| verify(chain, roots, asked, Usage::Server, now).err().unwrap_or_default();
    let is_foreign = |faults: &[Fault]| faults.iter().any(is_of_another_ca);
    // Beside a pinned certificate is the list of clients, and its CA is the profile's. The other way round it is fit for
    // other clients, and not for this machine's.
    let by_ca = faults(trusted);
    let theirs = theirs.and_then(|path| {
        let by_theirs = faults(&read_certs(&path)?);
        Some((path, by_theirs))
    });
    let faults = match theirs {
        Some((_, by_theirs)) if is_foreign(&by_ca) => by_theirs,
        Some((path, by_theirs)) if verified && is_foreign(&by_theirs) => {
            let issuer = own.issuer.text().to_owned();
            ctx.out.warn_error("", &unfit(cert, Unfit::NotSigned { ca: path, issuer }), &[]);
            by_ca
        }
        _ => by_ca,
    };
    for fault in faults.iter().filter(|fault| fault.is_certain()) {
        let why = match fault {
            Fault::Expired { place: Place::Leaf, .. } => {
                Unfit::Expired((now - own.not_after).unsigned_abs() / 86_400)
            }
            Fault::Usage { place: Place::Leaf, listed, .. } => Unfit::NotForServers(listed.clone()),
            Fault::NameMismatch { .. }
            | Fault::NoSan { .. }
            | Fault::NoIpSan { .. }
            | Fault::NoDnsSan { .. } => {
                return Err(Error::Server(ServerFault::OtherName {
                    name: profile.name.clone(),
                    path: cert.to_owned(),
                    host: host.to_owned(),
                    names: own.listed(),
                }));
            }
            // Nobody verifies who signed it.
            fault if verified && is_of_another_ca(fault) => {
                let issuer = own.issuer.text().to_owned();
                Unfit::NotSigned { ca: ca.to_owned(), issuer }
            }
            Fault::Malformed { place: Place::Leaf, .. } => {
                Unfit::Refused(fault_words(fault, host, lang))
            }
            fault if verified => Unfit::Refused(fault_words(fault, host, lang)),
            _ => continue,
        };
        // The system's CAs may be others where it is used from.
        if profile.tls == TlsMode::System && matches!(why, Unfit::NotSigned { .. }) {
            ctx.out.warn_error("", &unfit(cert, why), &[]);
            continue;
        }
        return Err(unfit(cert, why));
    }
    let left = (own.not_after - now).div_euclid(86_400);
    if left < 30 {
        let path = ctx.tilde(cert);
        ctx.out.warn(
            &tr!(lang, "{path} is valid for {left} more days only", "{path} 只剩 {left} 天有效"),
            &[],
        );
    }
    let client = client.and_then(|path| Some((read_certs(&path)?, path)));
    if let Some((chain, path)) = client {
        let faults = verify(&chain, trusted, None, Usage::Client, now).err().unwrap_or_default();
        if let Some(fault) = faults.iter().find(|fault| fault.is_certain()) {
            let (ca, path, why) = (ctx.tilde(ca), ctx.tilde(&path), fault_words(fault, "", lang));
            ctx.out.warn(
                &tr!(
                    lang,
                    "with {ca} the daemon would refuse the profile's own certificate {path}: {why}",
                    "使用 {ca} 时，守护进程会拒绝该主机配置的证书 {path}：{why}"
                ),
                &[],
            );
        }
    }
    Ok(())
}

/// Whether it is a matter of who signed it.
const fn is_of_another_ca(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::UnknownAuthority { .. }
            | Fault::SelfSigned { .. }
            | Fault::MissingIntermediate { .. }
            | Fault::SameNameOtherKey { .. }
    )
}

fn fault_words(fault: &Fault, host: &str, lang: Lang) -> String {
    crate::cmd::cert::fault(fault, Some(host).filter(|host| !host.is_empty()), lang)
}

/// The certificates of a file, those that can be read; `None` where there is none.
fn read_certs(path: &Path) -> Option<Vec<Cert>> {
    let pem = pem::open(path).and_then(|file| file.pem()).ok()?;
    let certs = pem.labelled("CERTIFICATE").filter_map(|b| Cert::from_der(&b.contents).ok());
    Some(certs.collect::<Vec<Cert>>()).filter(|certs| !certs.is_empty())
}

/// The certificates in `bytes`, which are those of the file `path`.
fn certificates(path: &Path, bytes: &[u8]) -> Result<Vec<Cert>> {
    let pem = match pem::blocks(bytes) {
        Ok(pem) => pem,
        Err(NotPem::Garbage | NotPem::Empty) => return Err(unfit(path, Unfit::NoCertificate)),
        Err(what) => return Err(unfit(path, Unfit::NotPem(what))),
    };
    let certs = pem.labelled("CERTIFICATE").map(|block| Cert::from_der(&block.contents));
    match certs.collect::<Result<Vec<Cert>, String>>() {
        Ok(certs) if certs.is_empty() => Err(unfit(path, Unfit::NoCertificate)),
        Ok(certs) => Ok(certs),
        Err(why) => Err(unfit(path, Unfit::Refused(why))),
    }
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
    let both =
        |dir: &Path, (cert, key): names::Pair| dir.join(cert).exists() && dir.join(key).exists();
    let is_there = |dir: &PathBuf| names::SERVERS.into_iter().any(|pair| both(dir, pair));
    Ok(dir.filter(is_there).unwrap_or(own))
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

/// The key, where it can be read here; `None` for one that docker alone may be able to use.
fn judge_key(bytes: &[u8], path: &Path, settings: &Settings) -> Result<Option<PrivateKey>> {
    let pem = pem::blocks(bytes).map_err(|what| match what {
        NotPem::Truncated(_) | NotPem::Damaged(_) if pem::has_key(bytes) => {
            unfit(path, Unfit::NotPem(what))
        }
        NotPem::Garbage | NotPem::Empty => unfit(path, Unfit::NoKey),
        what => unfit(path, Unfit::NotPem(what)),
    })?;
    let key = match key::read(&pem) {
        Ok(key) => Some(key),
        Err(NoKey::Encrypted) => return Err(unfit(path, Unfit::Encrypted)),
        Err(NoKey::Label(_)) => return Err(unfit(path, Unfit::NoKey)),
        Err(NoKey::Explicit) => return Err(unfit(path, Unfit::NotPem(NotPem::Explicit))),
        Err(NoKey::Malformed(_)) => None,
    };
    not_exposed(path, settings).map(|()| key)
}

/// That a file with a private key is its owner's alone.
fn not_exposed(path: &Path, settings: &Settings) -> Result<()> {
    #[cfg(unix)]
    if settings.strict_modes {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).map_or(0, |meta| meta.permissions().mode() & 0o777);
        if mode & 0o077 != 0 {
            let fault = CertFault::Exposed(mode);
            return Err(Error::CertValue { path: path.to_owned(), fault });
        }
    }
    let _ = (path, settings);
    Ok(())
}
