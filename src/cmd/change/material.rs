//! The certificate files of a profile that is added or changed: found by what they hold where their names say nothing,
//! and looked at, so that what docker would refuse is said now and not at the first use.

use std::path::{Path, PathBuf};

use toml_edit::Value;

use crate::cert::dir::{self, Seen};
use crate::cert::key::{self, Belongs};
use crate::cert::make::set::wrong;
use crate::cert::pem;
use crate::cert::x509::Cert;
use crate::cmd::Ctx;
use crate::error::{CertFault, Error, FileFault, Hint, Result};
use crate::profile::{Profile, TlsMode, certs};
use crate::store::parse::Settings;
use crate::tr;

/// A directory of certificates whose client's files have names that nobody knows: the keys of the profile that name them
/// one by one, in place of the directory. `None` where the names say enough, or the contents do not say more.
pub(super) fn by_contents(
    ctx: &Ctx<'_>,
    profile: &Profile,
    settings: &Settings,
) -> Option<Vec<(&'static str, Value)>> {
    let dir = directory(ctx, profile).filter(|_| profile.key_source.is_none())?;
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), &Settings { strict_modes: false, ..settings.clone() });
    let ca = match certs::locate(profile, &look) {
        Ok(Some(material)) if material.pair.is_none() => Some(material.ca),
        Err(Error::Cert { fault: CertFault::NoCerts | CertFault::Missing, .. }) => None,
        _ => return None,
    };
    let seen = dir::look(&dir);
    let [(cert, key)] = *dir::clients(&seen).as_slice() else { return None };
    let mut found: Vec<(&'static str, &Path)> = Vec::new();
    if profile.tls != TlsMode::System {
        found.push(("ca", ca.as_deref().or_else(|| dir::ca(&seen, Some(cert)))?));
    }
    found.extend([("cert", cert), ("key", key)]);
    let (lang, shown) = (ctx.out.lang, ctx.tilde(&dir));
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let names: Vec<String> =
        found.iter().map(|(key, path)| format!("{key} {}", name(path))).collect();
    let names = names.join(&tr!(lang, ", ", "、"));
    ctx.out.say(&tr!(
        lang,
        "in {shown}, told by their contents: {names}",
        "{shown} 中按内容识别：{names}"
    ));
    let value = |path: &Path| Value::from(crate::env::tilde(path, home.as_deref()));
    Some(found.into_iter().map(|(key, path)| (key, value(path))).collect())
}

/// The profile's directory of certificates, absolute.
fn directory(ctx: &Ctx<'_>, profile: &Profile) -> Option<PathBuf> {
    let home = ctx.env.home();
    let base = profile.origin.path.parent().unwrap_or(Path::new("/"));
    profile.certs.dir.as_ref().map(|dir| certs::expand(dir, base, home.as_deref()))
}

/// Looks into the files of a profile.
///
/// # Errors
/// What docker cannot use as it is: a file of another form that can be made PEM, or a key that belongs to another
/// certificate.
pub(super) fn judge(ctx: &Ctx<'_>, profile: &Profile, settings: &Settings) -> Result<()> {
    let home = ctx.env.home();
    let [ca, cert, key] = certs::paths(profile, &ctx.look(home.as_deref(), settings));
    let ca = ca.filter(|_| profile.tls != TlsMode::System);
    let read = |path: &Option<PathBuf>| {
        let Some(path) = path else { return Ok(None) };
        match pem::open(path).and_then(|file| file.pem()) {
            Ok(pem) => Ok(Some((path.clone(), pem))),
            Err(bad) if bad.is_convertible() => Err(wrong(path, FileFault::NotPem(bad))),
            // It is not there, or the check says more of it.
            Err(_) => Ok(None),
        }
    };
    read(&ca)?;
    let (Some((cert_path, cert)), Some((key_path, key))) = (read(&cert)?, read(&key)?) else {
        return Ok(());
    };
    let leaf = cert.labelled("CERTIFICATE").next().and_then(|b| Cert::from_der(&b.contents).ok());
    match (leaf, key::read(&key)) {
        (Some(leaf), Ok(key)) if key.belongs_to(&leaf.key) == Belongs::No => {
            Err(wrong(&key_path, FileFault::OtherKey(cert_path)))
        }
        _ => Ok(()),
    }
}

/// What is wrong with a directory in which there is no certificate: a file of another form, or just that.
pub(super) fn instead(path: PathBuf) -> Error {
    let other = dir::look(&path).into_iter().find_map(|seen| Some((seen.path, seen.instead?)));
    match other {
        Some((file, what)) => wrong(&file, FileFault::NotPem(what)),
        None => Error::CertValue { path, fault: CertFault::NoCerts },
    }
}

/// Tells of the files with certificates that others can read and that have a private key in them, and of those in the
/// directory that are not used.
pub(super) fn notes(ctx: &Ctx<'_>, profile: &Profile, settings: &Settings) {
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), settings);
    let [ca, cert, key] = certs::paths(profile, &look);
    for path in [&ca, &cert].into_iter().flatten().filter(|path| key.as_ref() != Some(path)) {
        let Ok(file) = pem::open(path) else { continue };
        if pem::has_key(&file.bytes) {
            let mode = certs::exposed(&file.meta).filter(|_| settings.strict_modes);
            key_inside(ctx, path, mode);
        }
    }
    let Some(dir) = directory(ctx, profile) else { return };
    let seen = dir::look(&dir);
    let used: Vec<&Path> = [&ca, &cert, &key].into_iter().flatten().map(PathBuf::as_path).collect();
    several(ctx, profile, &seen, &used);
    if let Some(rest) = dir::left_out(&seen, &used, ctx.out.lang) {
        let shown = ctx.tilde(&dir);
        ctx.out.raw(&tr!(ctx.out.lang, "not used in {shown}: {rest}", "{shown} 中未使用：{rest}"));
    }
}

/// Several clients, of which none was taken.
fn several(ctx: &Ctx<'_>, profile: &Profile, seen: &[Seen], used: &[&Path]) {
    let clients = dir::clients(seen);
    let [(cert, key), _, ..] = clients.as_slice() else { return };
    if clients.iter().any(|(cert, _)| used.contains(cert)) {
        return;
    }
    let (lang, name) = (ctx.out.lang, &profile.name);
    let count = clients.len();
    let quoted = |path: &Path| shell_words::quote(&path.display().to_string()).into_owned();
    let ca = used.first().map(|ca| format!(" --ca {}", quoted(ca))).unwrap_or_default();
    ctx.out.warn(
        &tr!(
            lang,
            "there are {count} client certificates with their keys, and which one is yours is not clear",
            "有 {count} 个带私钥的客户端证书，无法确定使用哪一个"
        ),
        &[Hint::run(
            tr!(lang, "name it", "请指定"),
            format!(
                "dctx edit {name} --unset certs{ca} --cert {} --key {}",
                quoted(cert),
                quoted(key)
            ),
        )],
    );
}

/// A key in a file that others may read (`mode`), or that is handed on as a certificate is.
fn key_inside(ctx: &Ctx<'_>, path: &Path, mode: Option<u32>) {
    let (lang, shown) = (ctx.out.lang, ctx.tilde(path));
    let quoted = shell_words::quote(&path.display().to_string()).into_owned();
    let text = match mode {
        Some(mode) => tr!(
            lang,
            "{shown} contains a private key, and others can read it (mode {mode:04o})",
            "{shown} 中含有私钥，且可被他人读取（权限 {mode:04o}）"
        ),
        None => tr!(lang, "{shown} contains a private key", "{shown} 中含有私钥"),
    };
    ctx.out.warn(
        &text,
        &[Hint::run(
            tr!(lang, "keep the file to yourself", "请限制该文件的权限"),
            format!("chmod 0400 {quoted}"),
        )],
    );
}
