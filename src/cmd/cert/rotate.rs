//! `cert rotate-ca`: another CA without an hour in which nobody gets in. How far a rotation is stands in a file beside
//! the next CA, because certificates are renewed meanwhile, too: whose they are says nothing of the others'.

use super::passphrase::{self, Closing};
use super::renew::{client, report, server};
use super::ring::{Mine, Ring};
use super::{new, next_on_host, now, pem, set_of, until};
use crate::cert::make::authority::Authority;
use crate::cert::make::issue::{CLIENT_DAYS, SERVER_DAYS};
use crate::cert::make::keys::KeyType;
use crate::cert::make::names::Sans;
use crate::cert::make::place::{CERT, Draft};
use crate::cert::make::set::{self, Mode, Set};
use crate::cli::cert::RotateCa;
use crate::cmd::Ctx;
use crate::error::{Error, MakeFault, Result};
use crate::tr;

/// Whether a certificate of the set is of the CA that takes over.
fn is_next(set: &Set, file: &str) -> Result<bool> {
    let next = set::certificate(&set.path(&format!("{}/ca.pem", set::NEXT)))?;
    Ok(set::certificate(&set.path(file))?.issuer.der == next.subject.der)
}

/// The step that was done last; 0 where no rotation is under way.
fn done(set: &Set) -> Result<u8> {
    if !set.has(set::NEXT) {
        return Ok(0);
    }
    let written = crate::file::text(&set.path(set::PHASE), crate::file::MAX_STATE).ok();
    match written.and_then(|text| text.trim().parse().ok()) {
        Some(phase @ 1..=3) => Ok(phase),
        // Begun by a dctx that kept no such file: none of what the others have to do is taken for done.
        _ => Ok(if is_next(set, set::SERVER_CERT)? { 2 } else { 1 }),
    }
}

/// Whether the next CA signs already what is made meanwhile: from the second step on.
pub(super) fn reissues(set: &Set) -> Result<bool> {
    Ok(done(set)? >= 2)
}

/// Whether what is made now is of the CA that goes: after the first step.
pub(super) fn is_first(set: &Set) -> Result<bool> {
    Ok(done(set)? == 1)
}

/// The kind of the present CA's key, where dctx makes such: the next one is to be of the same.
fn kind_of(set: &Set) -> Result<KeyType> {
    set::certificate(&set.path(set::CA)).map(|ca| KeyType::like(&ca.key.kind))
}

/// `dctx cert rotate-ca`.
///
/// # Errors
/// There is no CA to change, the step is not the next one, or something cannot be written. Each step is made whole
/// or not at all.
pub(super) fn run(ctx: &Ctx<'_>, args: &RotateCa) -> Result<()> {
    let set = set_of(ctx, &args.name)?;
    super::there(ctx, &set, &|_| None)?;
    if !set.has(set::SERVER_CERT) {
        // The rest is somebody else's.
        let name = set.name.clone();
        return Err(match set.client_is_pinned() {
            true => Error::Make(MakeFault::PinnedElsewhere(name)),
            false => Error::Make(MakeFault::NoCaKey { name, again: None, request: false }),
        });
    }
    if set.mode()? == Mode::Pin {
        return Err(Error::Make(MakeFault::Pinned(set.name)));
    }
    let phase = done(&set)? + 1;
    if let Some(asked) = args.phase.filter(|asked| *asked != phase) {
        return Err(Error::Make(MakeFault::Phase { name: set.name, asked, next: phase }));
    }
    let (how, now) = (&args.passphrase, now(ctx));
    let mut ring = Ring::new(ctx, &set.root);
    // Whoever is asked for a passphrase may take their time: nobody is to wait for that.
    let fresh = match phase {
        1 => Some(new::fresh(ctx, &mut ring, &set.name, kind_of(&set)?, how, args.no_passphrase)?),
        _ => None,
    };
    let issuer = match phase {
        2 | 3 => {
            let next = Authority::find(&set.path(set::NEXT), now)?;
            Some(passphrase::open(ctx, &set.name, &next, how)?)
        }
        _ => None,
    };
    let draft = Draft::begin(set.parent(), &set.name)?;
    draft.copy(&set.root)?;
    if phase < 4 && phase > 1 {
        draft.replace(set::PHASE, CERT, format!("{phase}\n").as_bytes())?;
    }
    let lang = ctx.out.lang;
    let (head, then) = match (phase, &issuer, &fresh) {
        (_, _, Some(fresh)) => {
            let old = set::certificates(&set.path(set::CA))?;
            let issuer = new::authority(&draft, set::NEXT, &set.name, fresh, now)?;
            draft.file(set::PHASE, CERT, b"1\n")?;
            let both: String = old.iter().chain([&issuer.cert]).map(pem).collect();
            draft.replace(set::CA, CERT, both.as_bytes())?;
            draft.replace(set::SERVER_CA, CERT, both.as_bytes())?;
            draft.exchange(&set.root)?;
            let (subject, ca) =
                (issuer.cert.subject.text().to_owned(), super::quoted(ctx, &set.path(set::CA)));
            (
                tr!(
                    lang,
                    "1 of 4: there is a new CA, {subject}; both are trusted",
                    "第 1 步（共 4 步）：已有新的 CA {subject}；新旧 CA 均受信任"
                ),
                tr!(
                    lang,
                    "give everyone who has a certificate the new {ca}, which contains both CAs",
                    "每个持有证书的人都需要新的 {ca}，其中包含两个 CA"
                ),
            )
        }
        (2, Some(issuer), _) => {
            let old = set::certificate(&set.path(set::SERVER_CERT))?;
            let sans = Sans::of(old.names.as_ref());
            let cert = server(&set, &draft, issuer, (sans, false, until(now, SERVER_DAYS), now))?;
            draft.exchange(&set.root)?;
            report(ctx, &set, &[("server", cert)]);
            (
                tr!(
                    lang,
                    "2 of 4: the server has a certificate of the new CA",
                    "第 2 步（共 4 步）：服务器已有新 CA 签发的证书"
                ),
                tr!(
                    lang,
                    "once the host has it, clients whose ca.pem lacks the new CA can no longer connect",
                    "主机更新后，ca.pem 中没有新 CA 的客户端将无法连接"
                ),
            )
        }
        (3, Some(issuer), _) => {
            let mine = Mine::of(ctx, &set)?;
            let plan = (false, until(now, CLIENT_DAYS), now);
            let mut renewed = Vec::new();
            if set.has(set::CERT) {
                renewed.push(("client", client(&set, &draft, issuer, (&mut ring, &mine), plan)?));
            }
            draft.exchange(&set.root)?;
            report(ctx, &set, &renewed);
            let name = &set.name;
            (
                tr!(
                    lang,
                    "3 of 4: you have a certificate of the new CA",
                    "第 3 步（共 4 步）：你已有新 CA 签发的证书"
                ),
                tr!(
                    lang,
                    "everyone else who keeps access needs one, too: dctx cert client {name} --for WHO; for those who sent a request: dctx cert sign {name} FILE --for WHO",
                    "其他需要保留的人也要换发：dctx cert client {name} --for WHO；提交过请求的人：dctx cert sign {name} FILE --for WHO"
                ),
            )
        }
        _ => {
            let ca = set::certificate(&set.path(&format!("{}/ca.pem", set::NEXT)))?;
            draft.remove(set::AUTHORITY)?;
            draft.remove(set::PHASE)?;
            draft.rename(set::NEXT, set::AUTHORITY)?;
            draft.replace(set::CA, CERT, pem(&ca).as_bytes())?;
            draft.replace(set::SERVER_CA, CERT, pem(&ca).as_bytes())?;
            draft.exchange(&set.root)?;
            (
                tr!(
                    lang,
                    "4 of 4: the old CA is no longer trusted",
                    "第 4 步（共 4 步）：旧 CA 不再受信任"
                ),
                tr!(
                    lang,
                    "once the host has it, clients with a certificate of the old CA can no longer connect",
                    "主机更新后，仍持有旧 CA 证书的人将无法连接"
                ),
            )
        }
    };
    ring.settle();
    let name = &set.name;
    ctx.out.say(&format!("{name}: {head}"));
    if let Some(fresh) = fresh.filter(|fresh| matches!(fresh.closing, Closing::Kept(_))) {
        super::kept(ctx, name, &fresh.key.public);
    }
    if phase != 3 {
        next_on_host(ctx, &set);
    }
    match phase {
        1 => super::hand_on(ctx, &set, &then),
        _ => ctx.out.raw(&crate::output::clean_lines(&then)),
    }
    if phase == 4 {
        let ca = super::quoted(ctx, &set.path(set::CA));
        let say = tr!(
            lang,
            "the other clients trust the old CA until they have the new {ca}",
            "其他人在换用新的 {ca} 之前仍信任旧 CA"
        );
        super::hand_on(ctx, &set, &say);
    }
    if phase < 4 {
        ctx.out.raw(&tr!(
            lang,
            "when that is done everywhere: dctx cert rotate-ca {name}",
            "全部完成之后：dctx cert rotate-ca {name}"
        ));
    }
    Ok(())
}
