//! `cert copy`: taking over what others made, with docker's names and the right modes.

use std::path::{Path, PathBuf};

use super::ring::{Home, Ring};
use super::{days, endpoint, is_tcp, now, point, profile, set_of};
use crate::cert::dir::{self, Seen};
use crate::cert::make::place::{CERT, Draft, KEY};
use crate::cert::make::set::{self, wrong};
use crate::cert::pem;
use crate::cert::verify::{self, Usage};
use crate::cert::x509::Cert;
use crate::cli::cert::Copy;
use crate::cmd::Ctx;
use crate::error::{Error, FileFault, Hint, Result};
use crate::profile::certs::names;
use crate::tr;

/// `dctx cert copy`.
///
/// # Errors
/// A file is missing or wrong, the key belongs to another certificate, or there are certificates already.
pub(super) fn run(ctx: &Ctx<'_>, args: &Copy) -> Result<()> {
    let set = set_of(ctx, &args.name)?;
    let found = profile(ctx, &args.name)?;
    let host = match (&found, &args.host) {
        (Some(profile), None) => profile.host.clone(),
        (None, Some(host)) => endpoint(host)?,
        (None, None) => return Err(crate::store::Store::load(ctx.env)?.no_profile(&args.name)),
        (Some(profile), Some(host)) if endpoint(host)? == profile.host => profile.host.clone(),
        (Some(profile), Some(_)) => {
            let (name, path) = (args.name.clone(), profile.origin.path.clone());
            return Err(Error::Exists { name, path });
        }
    };
    is_tcp(&args.name, &host)?;
    let seen = dir::look(&args.dir);
    let (cert, key) = client_pair(&args.dir, &seen)?;
    let ca = ca(&args.dir, &seen, &cert)?;
    let home = Home::of(args.key.as_deref(), found.as_ref())?;
    let mut ring = Ring::new(ctx, &set.root);
    let draft = Draft::begin(set.parent(), &set.name)?;
    let (roots, bytes) = (set::certificates(&ca)?, public(ctx, &ca)?);
    draft.file(set::CA, CERT, bytes.as_bytes())?;
    let (leaf, _) = set::pair(&cert, &key)?;
    draft.file(set::CERT, CERT, public(ctx, &cert)?.as_bytes())?;
    ring.text(&set.name, home, &draft, (&set::bytes(&key)?, &leaf))?;
    let mut server = None;
    let mut used = vec![ca.clone(), cert.clone(), key.clone()];
    if let Some((cert, key)) = server_pair(&args.dir, &seen, &cert) {
        draft.directory(set::SERVER)?;
        draft.file(set::SERVER_CA, CERT, bytes.as_bytes())?;
        let (leaf, _) = set::pair(&cert, &key)?;
        draft.file(set::SERVER_CERT, CERT, public(ctx, &cert)?.as_bytes())?;
        draft.file(set::SERVER_KEY, KEY, &set::bytes(&key)?)?;
        used.extend([cert, key]);
        server = Some(leaf);
    }
    let placed = draft.publish(&set.root, &set.name)?;
    if let Err(error) = point(ctx, &set, args.host.as_deref().filter(|_| found.is_none()), home) {
        placed.take_back();
        return Err(error);
    }
    placed.settle();
    ring.settle();
    let (lang, name, now) = (ctx.out.lang, &set.name, now(ctx));
    let (dir, subject, life) = (ctx.tilde(&set.root), leaf.subject.text(), days(&leaf, now, lang));
    ctx.out.say(&tr!(
        lang,
        "copied to {dir}: the client certificate of {subject}, {life}",
        "已复制到 {dir}：{subject} 的客户端证书，{life}"
    ));
    judge(ctx, &leaf, &roots, None, Usage::Client, now);
    if let Some(server) = &server {
        let host = host.proxy_host();
        judge(ctx, server, &roots, host, Usage::Server, now);
    }
    still_there(ctx, home, &key);
    let used: Vec<&Path> = used.iter().map(PathBuf::as_path).collect();
    if let Some(rest) = dir::left_out(&seen, &used, lang) {
        let from = ctx.tilde(&args.dir);
        ctx.out.raw(&tr!(lang, "left in {from}: {rest}", "留在 {from} 中：{rest}"));
    }
    if names::AUTHORITIES.iter().any(|(_, key)| args.dir.join(key).exists()) {
        let from = super::quoted(ctx, &args.dir);
        ctx.out.raw(&tr!(
            lang,
            "the CA's key stays where it is; to renew: dctx cert renew {name} --ca-from {from}",
            "CA 私钥留在原处；续期：dctx cert renew {name} --ca-from {from}"
        ));
    }
    let then = tr!(lang, "then", "然后");
    ctx.out.advise(&crate::error::Hint::run(then, format!("dctx use {name}")));
    Ok(())
}

/// The certificates of a file for a copy that others may read. A private key beside them stays where it is, and that
/// is said.
fn public(ctx: &Ctx<'_>, path: &Path) -> Result<String> {
    let bytes = set::bytes(path)?;
    super::super::key_inside(ctx, path, &bytes);
    Ok(pem::only_certificates(&bytes))
}

/// A key that is in the keyring now is where it came from, too.
fn still_there(ctx: &Ctx<'_>, home: Home, path: &Path) {
    if home == Home::Keyring {
        let (lang, file) = (ctx.out.lang, super::quoted(ctx, path));
        ctx.out.warn(
            &tr!(
                lang,
                "the key is in the keyring, and still in the file that it came from",
                "私钥已存入密钥环，但来源文件中仍有一份"
            ),
            &[Hint::run(
                tr!(lang, "once it is no longer needed there", "不再需要时"),
                format!("rm {file}"),
            )],
        );
    }
}

/// Says what docker will say of a certificate, if that is no praise. What was copied stays: it is theirs.
fn judge(ctx: &Ctx<'_>, leaf: &Cert, roots: &[Cert], host: Option<&str>, usage: Usage, now: i64) {
    let lang = ctx.out.lang;
    if let Err(faults) = verify::verify(std::slice::from_ref(leaf), roots, host, usage, now) {
        for fault in faults.iter().filter(|fault| fault.is_certain()) {
            let (subject, why) = (leaf.subject.text(), super::show::fault(fault, host, lang));
            ctx.out.warn(&tr!(lang, "{subject}: {why}", "{subject}：{why}"), &[]);
        }
    }
    for odd in super::show::oddities(leaf, lang) {
        ctx.out.warn(&odd, &[]);
    }
}

/// The client's certificate and key: by the names that are known, then by what the files hold.
fn client_pair(dir: &Path, seen: &[Seen]) -> Result<(PathBuf, PathBuf)> {
    if let Some(pair) = names::CLIENTS.into_iter().find_map(|pair| there(dir, pair)) {
        return Ok(pair);
    }
    let listed = names::listed(dir).unwrap_or_default();
    if let [(cert, key)] = names::client_pairs(&listed).as_slice() {
        return Ok((dir.join(cert), dir.join(key)));
    }
    match dir::clients(seen).as_slice() {
        [(cert, key)] => return Ok(((*cert).to_owned(), (*key).to_owned())),
        [] => {}
        several => {
            let all = several.iter().map(|(cert, _)| cert.to_path_buf()).collect();
            return Err(wrong(dir, FileFault::Several(all)));
        }
    }
    // Half a pair says which file it lacks.
    let known = names::CLIENTS.into_iter().take(names::CERTAIN);
    if let Some((_, key)) = known.into_iter().find(|(cert, _)| dir.join(cert).exists()) {
        return Err(wrong(&dir.join(key), FileFault::Missing));
    }
    match seen.iter().find_map(|seen| Some((&seen.path, seen.instead?))) {
        Some((path, what)) => Err(wrong(path, FileFault::NotPem(what))),
        None => Err(wrong(&dir.join("cert.pem"), FileFault::Missing)),
    }
}

/// The CA: by the names that are known, then the one that signed the client's certificate.
fn ca(dir: &Path, seen: &[Seen], cert: &Path) -> Result<PathBuf> {
    let named = names::CAS.into_iter().map(|name| dir.join(name)).find(|path| path.exists());
    let found = named.or_else(|| dir::ca(seen, Some(cert)).map(Path::to_owned));
    found.ok_or_else(|| wrong(&dir.join("ca.pem"), FileFault::Missing))
}

/// A server's certificate and key, where they are there as well; not the client's once more.
fn server_pair(dir: &Path, seen: &[Seen], client: &Path) -> Option<(PathBuf, PathBuf)> {
    let other = |pair: &(PathBuf, PathBuf)| pair.0 != client;
    let named = names::SERVERS.into_iter().filter_map(|pair| there(dir, pair)).find(other);
    named.or_else(|| {
        let says = |cert: &Path| {
            let usages = set::certificate(cert).ok()?.usages?;
            Some(usages.server && !usages.client)
        };
        let mut held = dir::servers(seen).into_iter().filter(|(cert, _)| says(cert) == Some(true));
        match (held.next(), held.next()) {
            (Some((cert, key)), None) => Some((cert.to_owned(), key.to_owned())),
            _ => None,
        }
    })
}

fn there(dir: &Path, (cert, key): names::Pair) -> Option<(PathBuf, PathBuf)> {
    let (cert, key) = (dir.join(cert), dir.join(key));
    (cert.exists() && key.exists()).then_some((cert, key))
}
