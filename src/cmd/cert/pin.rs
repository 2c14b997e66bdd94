//! `cert authorize` and `cert revoke`: the list of clients of a server that has no CA.

use std::path::Path;

use super::{next_on_host, set_of};
use crate::cert::make::pins::{self, Pin};
use crate::cert::make::place::{CERT, Draft};
use crate::cert::make::set::{self, Mode, Set};
use crate::cert::x509::{Cert, hex};
use crate::cli::cert::{Authorize, Revoke};
use crate::cmd::Ctx;
use crate::error::{Error, FileFault, MakeFault, Result};
use crate::tr;

/// The list of a set that has one.
fn list(ctx: &Ctx<'_>, set: &Set) -> Result<Vec<Pin>> {
    super::there(ctx, set, &|_| None)?;
    if set.client_is_pinned() && set.mode()? == Mode::Client {
        return Err(Error::Make(MakeFault::PinnedElsewhere(set.name.clone())));
    }
    if set.mode()? != Mode::Pin {
        return Err(Error::Make(MakeFault::NotPinned(set.name.clone())));
    }
    Ok(pins::read(&set::bytes(&set.path(set::SERVER_CA))?))
}

fn put(set: &Set, list: &[Pin]) -> Result<()> {
    let draft = Draft::begin(set.parent(), &set.name)?;
    draft.copy(&set.root)?;
    draft.replace(set::SERVER_CA, CERT, pins::write(list).as_bytes())?;
    draft.exchange(&set.root)
}

/// `dctx cert authorize`.
///
/// # Errors
/// The certificates are not pinned, or a file holds no certificate.
pub(super) fn authorize(ctx: &Ctx<'_>, args: &Authorize) -> Result<()> {
    let set = set_of(ctx, &args.name)?;
    let mut list = list(ctx, &set)?;
    let (lang, name) = (ctx.out.lang, &set.name);
    let server = set::certificate(&set.path(set::SERVER_CERT))?;
    let (mut added, mut last) = (false, None);
    if let Some(out) = args.out.as_ref().filter(|out| std::fs::symlink_metadata(out).is_ok()) {
        return Err(Error::Make(MakeFault::FileExists(out.clone())));
    }
    for file in &args.files {
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let (whose, certs) = clients(file, &server)?;
        // A label is one line.
        let who: String = args.who.clone().or(whose).or(stem).unwrap_or_default();
        let who: String = who.chars().filter(|c| !crate::text::is_hidden(*c)).take(64).collect();
        for cert in certs {
            let sum = hex(&cert.sha256);
            let sum = sum.get(..16).unwrap_or_default();
            if list.iter().any(|pin| pin.cert.der == cert.der) {
                ctx.out.say(&tr!(
                    lang,
                    "{who} ({sum}…) is authorised already",
                    "{who}（{sum}…）已获授权"
                ));
                last = Some((who.clone(), cert));
                continue;
            }
            // A CA in the list would let in everybody whom it signs for.
            if cert.is_ca() {
                return Err(set::wrong(file, FileFault::IsCa));
            }
            ctx.out.say(&tr!(
                lang,
                "{name} lets {who} in (sha256 {sum}…)",
                "{name} 允许 {who}（sha256 {sum}…）"
            ));
            last = Some((who.clone(), cert.clone()));
            list.push(Pin { who: who.clone(), cert });
            added = true;
        }
    }
    if added {
        put(&set, &list)?;
        next_on_host(ctx, &set);
    }
    // Who is let in already may still need the server's certificate.
    if let (Some(out), Some((who, cert))) = (&args.out, &last) {
        return super::client::hand_over(ctx, &set, who, cert, None, out);
    }
    if added {
        let ca = super::quoted(ctx, &set.path(set::CA));
        ctx.out.raw(&tr!(
            lang,
            "they need {ca} as their ca.pem: it is the server's certificate, which is not secret",
            "对方需要 {ca} 作为 ca.pem：它是服务器证书，不是机密"
        ));
    }
    Ok(())
}

/// The certificates of clients in a file, and whose they are as far as it says so. The server's own, which every client
/// has as its ca.pem and which is in what `cert client` writes, is none of them.
fn clients(file: &Path, server: &Cert) -> Result<(Option<String>, Vec<Cert>)> {
    let (who, certs) = super::hand::clients(file)?;
    let serves = |cert: &Cert| {
        let usages = cert.usages.as_ref();
        cert.der == server.der || usages.is_some_and(|usages| usages.server && !usages.client)
    };
    let certs: Vec<Cert> = certs.into_iter().filter(|cert| !serves(cert)).collect();
    match certs.is_empty() {
        true => Err(set::wrong(file, FileFault::NoClient)),
        false => Ok((who, certs)),
    }
}

/// `dctx cert revoke`.
///
/// # Errors
/// The certificates are not pinned, or it is not clear who is meant.
pub(super) fn revoke(ctx: &Ctx<'_>, args: &Revoke) -> Result<()> {
    let set = set_of(ctx, &args.name)?;
    let mut list = list(ctx, &set)?;
    let found = pins::matching(&list, &args.who);
    let [at] = found.as_slice() else {
        let known = list.iter().map(|pin| {
            let sum = hex(&pin.cert.sha256);
            format!("{} ({}…)", pin.who, sum.get(..16).unwrap_or_default())
        });
        let (known, many) = (known.collect(), !found.is_empty());
        return Err(Error::Make(MakeFault::NoClient { who: args.who.clone(), known, many }));
    };
    let gone = list.remove(*at);
    put(&set, &list)?;
    let (lang, name, who) = (ctx.out.lang, &set.name, &gone.who);
    ctx.out.say(&tr!(
        lang,
        "{who} was removed from the list of {name}, and can still connect until the daemon has the new list and is restarted",
        "{who} 已从 {name} 的名单中移除，在守护进程获得新名单并重启之前仍可连接"
    ));
    next_on_host(ctx, &set);
    if set::certificate(&set.path(set::CERT)).is_ok_and(|own| own.der == gone.cert.der) {
        ctx.out.warn(&tr!(lang, "that was your own certificate", "这是你自己的证书"), &[]);
    }
    Ok(())
}
