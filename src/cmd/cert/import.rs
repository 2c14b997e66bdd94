//! `cert import`: taking in what was handed over.

use super::copy::still_there;
use super::hand::Hand;
use super::ring::{Home, Ring};
use super::{days, endpoint, is_tcp, now, point, profile, set_of};
use crate::cert::key::Belongs;
use crate::cert::make::place::{CERT, Draft};
use crate::cert::make::set::{self, Set, wrong};
use crate::cert::secret::Secret;
use crate::cert::verify::{self, Usage};
use crate::cert::x509::Cert;
use crate::cli::cert::Import;
use crate::cmd::{Ctx, key};
use crate::error::{Error, FileFault, MakeFault, Result};
use crate::tr;
use std::path::Path;

/// `dctx cert import`.
///
/// # Errors
/// The file is something else, its certificate is not of its CA, its key is not there, or there are certificates
/// already.
pub(super) fn run(ctx: &Ctx<'_>, args: &Import) -> Result<()> {
    let hand = Hand::read(&args.file)?;
    let set = set_of(ctx, args.name.as_deref().unwrap_or(&hand.name))?;
    let host = endpoint(&hand.host)?;
    is_tcp(&set.name, &host)?;
    let found = profile(ctx, &set.name)?;
    let (file, now) = (&args.file, now(ctx));
    let roots = set::certificates_in(file, hand.ca.as_bytes())?;
    let leaf = set::certificates_in(file, hand.cert.as_bytes())?.into_iter().next();
    let leaf = leaf.ok_or_else(|| wrong(file, FileFault::NoCertificate))?;
    let lang = ctx.out.lang;
    let pinned = leaf.is_self_issued();
    let judged = verify::verify(std::slice::from_ref(&leaf), &roots, None, Usage::Client, now);
    if let (Err(faults), false) = (&judged, pinned)
        && let Some(fault) = faults.iter().find(|fault| fault.is_certain())
    {
        let why = super::show::fault(fault, None, lang);
        return Err(Error::Make(MakeFault::Refused {
            subject: leaf.subject.text().to_owned(),
            why,
        }));
    }
    let waiting = waits(&set);
    let home = Home::of(args.key.as_deref(), found.as_ref())?;
    let mut ring = Ring::new(ctx, &set.root);
    let key = key_of(ctx, &hand, &leaf, &set, file)?;
    if !waiting && set.root.exists() {
        return Err(Error::Make(MakeFault::Exists { name: set.name.clone(), path: set.root }));
    }
    if let Some(profile) = &found {
        super::no_certs(ctx, profile, &set)?;
    }
    let draft = Draft::begin(set.parent(), &set.name)?;
    draft.file(set::CA, CERT, hand.ca.as_bytes())?;
    draft.file(set::CERT, CERT, hand.cert.as_bytes())?;
    let home = match &key {
        Incoming::Text(text) => {
            ring.text(&set.name, home, &draft, (text, &leaf))?;
            home
        }
        Incoming::Kept => Home::Keyring,
    };
    let placed = match waiting {
        true => draft.exchange(&set.root).map(|()| None)?,
        false => draft.publish(&set.root, &set.name).map(Some)?,
    };
    let add = found.is_none().then_some(hand.host.as_str());
    let pointed = point(ctx, &set, add, home);
    match (placed, &pointed) {
        (Some(placed), Err(_)) => placed.take_back(),
        (Some(placed), Ok(())) => placed.settle(),
        (None, _) => {}
    }
    pointed?;
    ring.settle();
    let (name, dir) = (&set.name, ctx.tilde(&set.root));
    let (subject, life) = (leaf.subject.text(), days(&leaf, now, lang));
    ctx.out.say(&tr!(
        lang,
        "{name} ({host}): your certificate {subject} is in {dir}, {life}",
        "{name}（{host}）：您的证书 {subject} 位于 {dir}，{life}"
    ));
    if found.is_some_and(|profile| profile.host != host) {
        ctx.out.warn(
            &tr!(
                lang,
                "the profile {name} has another address than the file ({host}); it keeps its own",
                "配置 {name} 的地址与文件中的（{host}）不同，保持不变"
            ),
            &[],
        );
    }
    if hand.key.is_some() {
        still_there(ctx, home, file);
    }
    ctx.out.raw(&tr!(lang, "then: dctx use {name}", "然后：dctx use {name}"));
    Ok(())
}

/// Whether there is a request that waits for its certificate, and nothing else; its key is beside it or in the keyring.
fn waits(set: &Set) -> bool {
    set.has(set::REQUEST) && !set.has(set::CERT)
}

/// The key of a certificate that comes in.
enum Incoming {
    /// Handed over with it, or waiting here in a file.
    Text(Secret),
    /// Waiting in the keyring.
    Kept,
}

/// The key that belongs to the certificate: the one in the file, or the one that waits here.
fn key_of(ctx: &Ctx<'_>, hand: &Hand, leaf: &Cert, set: &Set, file: &Path) -> Result<Incoming> {
    let (path, bytes) = match &hand.key {
        Some(key) => (file.to_owned(), Secret::copy(key.as_bytes())),
        None => {
            let path = set.path(set::KEY);
            if !path.exists() && waits(set) {
                // It is found by its public half: it can be no other one's.
                let key = key::from_keyring(ctx, hand.cert.as_bytes());
                let name = set.name.clone();
                return key
                    .map(|_| Incoming::Kept)
                    .map_err(|fault| Error::Secret { profile: name, fault });
            }
            if !path.exists() {
                return Err(wrong(file, FileFault::NoKeyHere(path)));
            }
            (path.clone(), set::bytes(&path)?)
        }
    };
    let key = set::private_key_in(&path, &bytes)?;
    if key.belongs_to(&leaf.key) == Belongs::No {
        let fault = match hand.key {
            Some(_) => FileFault::OtherKey(file.to_owned()),
            None => FileFault::NoKeyHere(path),
        };
        return Err(wrong(file, fault));
    }
    Ok(Incoming::Text(bytes))
}
