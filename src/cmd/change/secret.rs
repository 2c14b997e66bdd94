//! What becomes of a private key when a profile is changed: into the keyring and out of it again, and away.
//!
//! A key is in a second place before it is taken from the first one, and what was put into the keyring has been read
//! back and compared with the certificate by then. Nothing but `rm --purge` deletes one from the keyring, so that undo
//! loses none.

use std::fs;
use std::path::{Path, PathBuf};

use toml_edit::Value;

use super::target;
use crate::cert::key::{Belongs, PrivateKey};
use crate::cert::x509::Cert;
use crate::cmd::{Ctx, key};
use crate::error::{Error, Hint, Result, SecretFault, reason};
use crate::profile::{KeySource, Profile, certs};
use crate::secret::{self, keyring};
use crate::store::document::{self, Document};
use crate::store::{Store, parse};
use crate::tr;

/// What was done before the profile file is written, to be finished or taken back after it.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// The key file whose key is in the keyring now.
    from: Option<PathBuf>,
    /// The file that a key of the keyring was written to.
    to: Option<PathBuf>,
}

/// The profile `name` as it will be with these changes; `None` where that is for the writer to judge.
pub(super) fn preview(
    ctx: &Ctx<'_>,
    name: &str,
    changes: &[(&'static str, Option<Value>)],
) -> Option<Profile> {
    let path = target(ctx).ok()?.config;
    let text = crate::file::text(&path, crate::file::MAX_PROFILES).ok()?;
    let mut doc = Document::parse(&path, &text).ok()?;
    for (key, value) in changes {
        document::set(&mut doc, name, key, value.clone()).ok()?;
    }
    let parsed = parse::parse(&path, &doc.into_text(), false).ok()?;
    parsed.entries.into_iter().find(|entry| entry.name == name)?.profile.ok()
}

fn is_keyring(profile: &Profile) -> bool {
    profile.key_source == Some(KeySource::Keyring)
}

/// Does what a change of `before` (none for a new profile) to `after` means for the key.
///
/// # Errors
/// Why it cannot be done; nothing has changed then.
pub(super) fn carry(
    ctx: &Ctx<'_>,
    before: Option<&Profile>,
    after: &Profile,
    settings: &parse::Settings,
) -> Result<Moved> {
    let fail = |fault| Error::Secret { profile: after.name.clone(), fault };
    let was = before.is_some_and(is_keyring);
    match (was, is_keyring(after)) {
        (false, true) => {
            into_keyring(ctx, before, after, settings).map(|from| Moved { from, to: None })
        }
        (true, false) => {
            let Some(path) = key_file(ctx, after).filter(|path| is_absent(path)) else {
                return Ok(Moved::default());
            };
            let cert = read_cert(ctx, after, settings)?;
            let key = key::from_keyring(ctx, &cert.1).map_err(fail)?;
            certain(&key, &cert, "the keyring").map_err(fail)?;
            secret::write_key(&path, &key.pem())
                .map_err(|e| fail(SecretFault::Write(path.clone(), e.kind())))?;
            Ok(Moved { from: None, to: Some(path) })
        }
        _ => Ok(Moved::default()),
    }
}

impl Moved {
    /// The profile file has been written: takes away what is in a second place now, and says so.
    pub(super) fn finish(self, ctx: &Ctx<'_>, name: &str) {
        let lang = ctx.out.lang;
        if let Some(path) = self.to {
            let shown = ctx.tilde(&path);
            ctx.out.say(&tr!(
                lang,
                "the key is in {shown} (mode 0400); the keyring keeps it too",
                "私钥已写入 {shown}（权限 0400）；密钥环中仍保留一份"
            ));
        }
        if let Some(path) = self.from {
            remove(ctx, name, &path);
        }
    }

    /// The profile file has not been written: takes back what can be.
    pub(super) fn take_back(&self) {
        if let Some(path) = &self.to {
            let _ = fs::remove_file(path);
        }
    }

    /// Whether a key has been moved into the keyring, which undo knows nothing of.
    pub(super) const fn is_in_keyring(&self) -> bool {
        self.from.is_some()
    }
}

/// The key that `after` names as being in a file, absolute.
fn key_file(ctx: &Ctx<'_>, after: &Profile) -> Option<PathBuf> {
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), &parse::Settings::default());
    let [_, _, key] = certs::paths(&Profile { key_source: None, ..after.clone() }, &look);
    key
}

fn is_absent(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound)
}

/// Path and text of the client certificate.
fn read_cert(
    ctx: &Ctx<'_>,
    profile: &Profile,
    settings: &parse::Settings,
) -> Result<(PathBuf, zeroize::Zeroizing<Vec<u8>>)> {
    let fail = |fault| Error::Secret { profile: profile.name.clone(), fault };
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), settings);
    let [_, cert, _] = certs::paths(profile, &look);
    let path = cert.ok_or_else(|| fail(SecretFault::NoKey))?;
    let text = secret::read_cert(&path).map_err(|e| {
        let why = reason(&e, ctx.out.lang);
        fail(SecretFault::Certificate { path: path.clone(), why })
    })?;
    Ok((path, text))
}

/// That the key belongs to the certificate, beyond doubt.
fn certain(
    key: &PrivateKey,
    (path, text): &(PathBuf, zeroize::Zeroizing<Vec<u8>>),
    from: &str,
) -> Result<(), SecretFault> {
    match Cert::first(text).map(|cert| key.belongs_to(&cert.key)) {
        Ok(Belongs::Yes) => Ok(()),
        Ok(Belongs::No) => Err(SecretFault::Mismatch { from: from.to_owned(), cert: path.clone() }),
        Ok(Belongs::CannotTell) => Err(SecretFault::Uncheckable(from.to_owned())),
        Err(why) => Err(SecretFault::Certificate { path: path.clone(), why }),
    }
}

/// Puts the key into the keyring; without a file it has to be there already. The file that it was in.
fn into_keyring(
    ctx: &Ctx<'_>,
    before: Option<&Profile>,
    after: &Profile,
    settings: &parse::Settings,
) -> Result<Option<PathBuf>> {
    let fail = |fault| Error::Secret { profile: after.name.clone(), fault };
    let cert = read_cert(ctx, after, settings)?;
    // In the directory of certificates, or where the profile had it until now.
    let file = match after.certs.dir {
        Some(_) => key_file(ctx, after),
        None => before.and_then(|before| key_file(ctx, before)),
    };
    let keep = |key: &PrivateKey| {
        let user = key::user(&cert.1).map_err(fail)?;
        let label = key::label(&after.name, &user);
        keyring::keep(ctx.env, &user, &label, key, &key::waiting(ctx)).map_err(fail)
    };
    let Some(path) = file.filter(|path| !is_absent(path)) else {
        if let Some(source @ KeySource::Command(_)) = before.and_then(|p| p.key_source.as_ref()) {
            let (key, from) = key::from_source(ctx, source, &cert.1).map_err(fail)?;
            certain(&key, &cert, &from).map_err(fail)?;
            return keep(&key).map(|()| None);
        }
        let key = key::from_keyring(ctx, &cert.1).map_err(fail)?;
        certain(&key, &cert, "the keyring").map_err(fail)?;
        return Ok(None);
    };
    let key = key::from_file(ctx, &path, true).map_err(fail)?;
    certain(&key, &cert, &path.display().to_string()).map_err(fail)?;
    keep(&key)?;
    Ok(Some(path))
}

/// Removes a key file whose key is in the keyring, unless somebody else may need it.
fn remove(ctx: &Ctx<'_>, name: &str, path: &Path) {
    let (lang, shown) = (ctx.out.lang, ctx.tilde(path));
    let others = others(ctx, name, |other| key_file(ctx, other).is_some_and(|key| key == path));
    if let Some(other) = others.first() {
        ctx.out.warn(
            &tr!(
                lang,
                "the key is in the keyring; its file {shown} stays, because {other} needs it",
                "私钥已存入密钥环；{other} 仍需要文件 {shown}，因此保留"
            ),
            &[],
        );
        return;
    }
    let link = fs::symlink_metadata(path).is_ok_and(|meta| !meta.is_file());
    if link {
        ctx.out.warn(
            &tr!(
                lang,
                "the key is in the keyring; {shown} is a link, and what it leads to stays",
                "私钥已存入密钥环；{shown} 是链接，其指向的文件保留"
            ),
            &[],
        );
        return;
    }
    match fs::remove_file(path) {
        Ok(()) => ctx.out.say(&tr!(
            lang,
            "the key is in the keyring, and was read back from there; removed its file {shown} (backups and old blocks of the disk may still have it)",
            "私钥已存入密钥环并已读回验证；已删除文件 {shown}（备份和磁盘旧数据块中可能仍有）"
        )),
        Err(e) => {
            let why = reason(&e, lang);
            ctx.out.warn(
                &tr!(
                    lang,
                    "the key is in the keyring, and its file {shown} is still there: {why}",
                    "私钥已存入密钥环，但文件 {shown} 仍在：{why}"
                ),
                &[],
            );
        }
    }
}

/// The names of other profiles that are so.
fn others(ctx: &Ctx<'_>, name: &str, so: impl Fn(&Profile) -> bool) -> Vec<String> {
    let Ok(store) = Store::load(ctx.env) else { return Vec::new() };
    let all = store.entries.iter().filter_map(|entry| entry.profile.as_ref().ok());
    all.filter(|other| other.name != name && so(other)).map(|other| other.name.clone()).collect()
}

/// Profiles whose key is in the keyring, with the name it has there; to be asked before they are removed.
pub(super) fn kept(ctx: &Ctx<'_>, names: &[&str]) -> Vec<(String, Option<String>)> {
    let Ok(store) = Store::load(ctx.env) else { return Vec::new() };
    let mut out = Vec::new();
    for name in names {
        let Ok(Ok(profile)) = store.entry(name).map(|entry| entry.profile.as_ref()) else {
            continue;
        };
        if is_keyring(profile) {
            let user = read_cert(ctx, profile, &store.settings).ok();
            let user = user.and_then(|(_, cert)| key::user(&cert).ok());
            out.push(((*name).to_owned(), user));
        }
    }
    out
}

/// After profiles have been removed: deletes their keys, or says how.
pub(super) fn removed(ctx: &Ctx<'_>, kept: Vec<(String, Option<String>)>, purge: bool) {
    let lang = ctx.out.lang;
    for (name, user) in kept {
        if !purge {
            let hint = Hint::run(
                tr!(lang, "to delete both for ever", "如要彻底删除两者"),
                format!("dctx undo && dctx rm {name} --purge"),
            );
            ctx.out.warn(
                &tr!(
                    lang,
                    "the private key of {name} stays in the keyring, so that undo loses nothing",
                    "{name} 的私钥保留在密钥环中，以便 undo 不丢失任何内容"
                ),
                &[hint],
            );
            continue;
        }
        let Some(user) = user else { continue };
        let same = |other: &Profile| {
            is_keyring(other)
                && read_cert(ctx, other, &parse::Settings::default())
                    .is_ok_and(|(_, cert)| key::user(&cert).is_ok_and(|theirs| theirs == user))
        };
        if let Some(other) = others(ctx, &name, same).first() {
            ctx.out.warn(
                &tr!(
                    lang,
                    "the private key of {name} stays in the keyring, because {other} needs it",
                    "{other} 仍需要 {name} 的私钥，因此保留在密钥环中"
                ),
                &[],
            );
            continue;
        }
        match keyring::delete(ctx.env, &user, &key::waiting(ctx)) {
            Ok(true) => ctx.out.say(&tr!(
                lang,
                "deleted the private key of {name} from the keyring; undo brings the profile back, and not the key",
                "已从密钥环删除 {name} 的私钥；undo 可恢复主机配置，但不能恢复私钥"
            )),
            Ok(false) => {}
            Err(fault) => {
                let error = Error::Secret { profile: name, fault };
                ctx.out.warn_error("", &error, &[]);
            }
        }
    }
}

/// After undo: profiles that name a key file again whose key is in the keyring.
pub(super) fn undone(ctx: &Ctx<'_>, before: &[String]) {
    let lang = ctx.out.lang;
    let Ok(store) = Store::load(ctx.env) else { return };
    for profile in store.entries.iter().filter_map(|entry| entry.profile.as_ref().ok()) {
        let name = &profile.name;
        if !before.contains(name) || is_keyring(profile) {
            continue;
        }
        let Some(path) = key_file(ctx, profile).filter(|path| is_absent(path)) else { continue };
        let shown = ctx.tilde(&path);
        let file = shell_words::quote(&path.display().to_string()).into_owned();
        ctx.out.warn(
            &tr!(
                lang,
                "{name}: the key is in the keyring, and not in {shown}",
                "{name}：私钥在密钥环中，不在 {shown}"
            ),
            &[
                Hint::run(
                    tr!(lang, "to use it from there", "从密钥环使用"),
                    format!("dctx edit {name} --key keyring"),
                ),
                Hint::run(
                    tr!(lang, "to have the file back", "恢复该文件"),
                    format!("dctx edit {name} --key keyring && dctx edit {name} --key {file}"),
                ),
            ],
        );
    }
}

/// The names of the profiles whose key is in the keyring.
pub(super) fn names(ctx: &Ctx<'_>) -> Vec<String> {
    let Ok(store) = Store::load(ctx.env) else { return Vec::new() };
    let all = store.entries.into_iter().filter_map(|entry| entry.profile.ok());
    all.filter(is_keyring).map(|profile| profile.name).collect()
}

/// `--key PATH` of a profile with a directory of certificates, where PATH is the key in that very directory: then the
/// directory says it already.
pub(super) fn is_of_directory(ctx: &Ctx<'_>, before: &Profile, typed: &str) -> bool {
    let home = ctx.env.home();
    let base = before.origin.path.parent().unwrap_or(Path::new("/"));
    let named = certs::expand(typed, base, home.as_deref());
    before.certs.dir.is_some() && key_file(ctx, before).is_some_and(|key| key == named)
}
