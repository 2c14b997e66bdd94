//! `cert request`: asking whoever has the CA, or the list of pinned clients, for a certificate. The key stays here.

use std::path::{Path, PathBuf};

use super::client::requested;
use super::ring::{Home, Mine, Ring};
use super::{key_type, new, now, pem, profile, set_of, subject, until};
use crate::cert::encode;
use crate::cert::key::{Belongs, PrivateKey};
use crate::cert::make::issue::{self, CLIENT_DAYS};
use crate::cert::make::keys::{NewKey, Signer};
use crate::cert::make::place::{CERT, Draft, write_new};
use crate::cert::make::set::{self, Mode, Set};
use crate::cert::signature::PublicKey;
use crate::cli::cert::Request;
use crate::cmd::{Ctx, key};
use crate::error::{Error, MakeFault, Result};
use crate::secret::keyring;
use crate::tr;

/// `dctx cert request`. Who has a certificate already asks for the next one with the same key, which stays in use; who
/// has asked already asks for the same again.
///
/// # Errors
/// This machine signs by itself, or something cannot be written.
pub(super) fn run(ctx: &Ctx<'_>, args: &Request) -> Result<()> {
    let set = set_of(ctx, &args.name)?;
    if set.has(set::AUTHORITY) || set.root.exists() && set.mode()? == Mode::Pin {
        let (name, path) = (set.name, set.root);
        return Err(Error::Make(MakeFault::Exists { name, path, host: None }));
    }
    let pin = args.pin || set.client_is_pinned();
    let ending = if pin { "pem" } else { "csr" };
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.{ending}", args.name)));
    if std::fs::symlink_metadata(&out).is_ok() {
        return Err(Error::Make(MakeFault::FileExists(out)));
    }
    let lang = ctx.out.lang;
    let wants_another = args.key_type.is_some() || args.key.is_some();
    let present = present(ctx, &set, wants_another);
    let where_ = match &present {
        Some((signer, where_)) => {
            let text = text(ctx, pin, signer)?;
            let written = write_new(&out, 0o644, text.as_bytes());
            written
                .map_err(|source| Error::Make(MakeFault::Place { path: out.clone(), source }))?;
            where_.clone()
        }
        None => fresh(ctx, args, &set, (pin, &out))?,
    };
    let (name, shown) = (&set.name, out.display());
    ctx.out.say(&tr!(
        lang,
        "give {shown} to the person who runs {name}; the key stays here, in {where_}",
        "请把 {shown} 交给管理 {name} 的人；私钥留在本机：{where_}"
    ));
    let file = shell_words::quote(&out.to_string_lossy()).into_owned();
    let there = match pin {
        true => format!("dctx cert authorize {name} {file} --for WHO --out WHO.toml"),
        false => format!("dctx cert sign {name} {file} --for WHO"),
    };
    ctx.out.raw(&tr!(
        lang,
        "there: {there}; what comes back: dctx cert import FILE",
        "对方执行：{there}；收到结果后：dctx cert import FILE"
    ));
    Ok(())
}

/// What is handed over: a request, or a certificate that signs itself.
fn text(ctx: &Ctx<'_>, pin: bool, signer: &Signer) -> Result<String> {
    let now = now(ctx);
    match pin {
        true => new::pinned_by(signer, until(now, CLIENT_DAYS), now).map(|cert| pem(&cert)),
        false => {
            let der = issue::request(&subject(&super::who(ctx)), signer)?;
            Ok(encode::pem("CERTIFICATE REQUEST", &der))
        }
    }
}

/// The key of a request that waits, or else the one in use, if it can sign; and its place in words.
fn present(ctx: &Ctx<'_>, set: &Set, wants_another: bool) -> Option<(Signer, String)> {
    let signer = |key: PrivateKey, public: &PublicKey| {
        let fits = key.belongs_to(public) != Belongs::No;
        Signer::new(&key, public).filter(|_| fits)
    };
    if let Some(public) = waiting(set) {
        for name in [set::REQUEST_KEY, set::KEY] {
            let path = set.path(name);
            let key = set::private_key(&path).ok();
            if let Some(signer) = key.and_then(|key| signer(key, &public)) {
                return Some((signer, ctx.tilde(&path)));
            }
        }
        let user = keyring::key_user(&public.spki);
        let key = keyring::key(ctx.env, &user, &key::waiting(ctx)).ok()?;
        let place = tr!(ctx.out.lang, "the keyring", "密钥环");
        return signer(key, &public).map(|signer| (signer, place));
    }
    let cert = set::certificate(&set.path(set::CERT)).ok().filter(|_| !wants_another)?;
    let mine = Mine::of(ctx, set).ok()?;
    let key = mine.private(ctx, set, &cert).ok()?;
    signer(key, &cert.key).map(|signer| (signer, mine.place(ctx, set)))
}

/// Whose certificate is waited for.
fn waiting(set: &Set) -> Option<PublicKey> {
    let path = set.path(set::REQUEST);
    if !path.exists() {
        return None;
    }
    let pinned = set::certificate(&path).map(|cert| cert.key);
    pinned.or_else(|_| requested(&path)).ok()
}

/// A request with a new key. A certificate that is in use stays so until the answer to the request is taken in. The
/// place of the key, in words.
fn fresh(ctx: &Ctx<'_>, args: &Request, set: &Set, (pin, out): (bool, &Path)) -> Result<String> {
    // One that is shared cannot have its key apart, and is no reason to make no request.
    let own = profile(ctx, &args.name).ok().flatten();
    let home = Home::of(args.key.as_deref(), own.as_ref())?;
    let key = NewKey::generate(key_type(args.key_type.as_deref().unwrap_or_default()))?;
    let text = text(ctx, pin, &key.signer()?)?;
    let mut ring = Ring::new(ctx, &set.root);
    let there = set.root.exists();
    let draft = Draft::begin(set.parent(), &set.name)?;
    if there {
        draft.copy(&set.root)?;
    }
    let file = if set.has(set::CERT) { set::REQUEST_KEY } else { set::KEY };
    ring.key(&set.name, home, &draft, (file, &key))?;
    draft.replace(set::REQUEST, CERT, text.as_bytes())?;
    let placed = match there {
        true => draft.exchange(&set.root).map(|()| None)?,
        false => Some(draft.publish(&set.root, &set.name)?),
    };
    if let Err(source) = write_new(out, 0o644, text.as_bytes()) {
        if let Some(placed) = placed {
            placed.take_back();
        }
        return Err(Error::Make(MakeFault::Place { path: out.to_owned(), source }));
    }
    if let Some(placed) = placed {
        placed.settle();
    }
    ring.settle();
    Ok(match home {
        Home::File => ctx.tilde(&set.path(file)),
        Home::Keyring => tr!(ctx.out.lang, "the keyring", "密钥环"),
    })
}
