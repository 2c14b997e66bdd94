//! `cert client` and `cert sign`: certificates for others. The CA's key stays where it is; with a request the client's key
//! does, too.

use std::path::{Path, PathBuf};

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer as _;

use super::hand::Hand;
use super::{
    days, key_type, new, next_on_host, now, passphrase, pem, profile, rotate, set_of, subject,
    until,
};
use crate::cert::der::Reader;
use crate::cert::make::authority::Authority;
use crate::cert::make::issue::{CLIENT_DAYS, Plan, Role};
use crate::cert::make::keys::NewKey;
use crate::cert::make::pins::{self, Pin};
use crate::cert::make::place::{CERT, Draft, write_new};
use crate::cert::make::set::{self, Mode, Set, wrong};
use crate::cert::pem::{blocks, only_certificates};
use crate::cert::secret::Secret;
use crate::cert::signature::{self, Algorithm, PublicKey, Signature};
use crate::cert::x509::Cert;
use crate::cli::cert::{CaKey, Client, Sign};
use crate::cmd::Ctx;
use crate::error::{Error, FileFault, Hint, MakeFault, Result};
use crate::tr;

/// `dctx cert client`.
///
/// # Errors
/// There is no CA to sign with, or the file cannot be written; it is never one that is there.
pub(super) fn client(ctx: &Ctx<'_>, args: &Client) -> Result<()> {
    let set = set_of(ctx, &args.name)?;
    super::there(ctx, &set, &|_| None)?;
    let kind = key_type(&args.key_type);
    let out = out(args.out.as_deref(), &args.who, &args.name)?;
    let now = now(ctx);
    let not_after = until(now, args.days.unwrap_or(CLIENT_DAYS));
    if set.mode()? == Mode::Pin {
        let (key, cert) = new::pinned_client(kind, not_after, now)?;
        let mut list = pins::read(&set::bytes(&set.path(set::SERVER_CA))?);
        list.push(Pin { who: args.who.clone(), cert: cert.clone() });
        let draft = Draft::begin(set.parent(), &set.name)?;
        draft.copy(&set.root)?;
        draft.replace(set::SERVER_CA, CERT, pins::write(&list).as_bytes())?;
        hand_over(ctx, &set, &args.who, &cert, Some(&key.pem()), &out)?;
        draft.exchange(&set.root)?;
        next_on_host(ctx, &set);
        return Ok(());
    }
    let key = NewKey::generate(kind)?;
    let again = format!("dctx cert client {} --for {}", set.name, shell_words::quote(&args.who));
    let for_whom = (args.who.as_str(), again.as_str());
    let cert = signed(ctx, &set, &args.key, for_whom, &key.public, not_after)?;
    hand_over(ctx, &set, &args.who, &cert, Some(&key.pem()), &out)?;
    late(ctx, &set, &again)
}

/// `dctx cert sign`.
///
/// # Errors
/// As [`client`]; the request is none, or not signed by its own key.
pub(super) fn sign(ctx: &Ctx<'_>, args: &Sign) -> Result<()> {
    let set = set_of(ctx, &args.name)?;
    super::there(ctx, &set, &|_| None)?;
    if set.mode()? == Mode::Pin {
        return Err(Error::Make(MakeFault::Pinned(set.name)));
    }
    let public = requested(&args.file)?;
    let out = out(args.out.as_deref(), &args.who, &args.name)?;
    let not_after = until(now(ctx), args.days.unwrap_or(CLIENT_DAYS));
    let file = shell_words::quote(&args.file.to_string_lossy()).into_owned();
    let who = shell_words::quote(&args.who);
    let again = format!("dctx cert sign {} {file} --for {who}", set.name);
    let cert = signed(ctx, &set, &args.key, (&args.who, &again), &public, not_after)?;
    hand_over(ctx, &set, &args.who, &cert, None, &out)?;
    late(ctx, &set, &again)
}

/// Says that a certificate is of the CA that a rotation takes away. `again` is the command that it was made with.
fn late(ctx: &Ctx<'_>, set: &Set, again: &str) -> Result<()> {
    if rotate::is_first(set)? {
        let (lang, name) = (ctx.out.lang, &set.name);
        ctx.out.warn(
            &tr!(
                lang,
                "the CA of {name} is being changed, and this certificate is signed by the old one: it stops working after step 4",
                "{name} 的 CA 正在更换，这个证书由旧 CA 签发：第 4 步之后将无法连接"
            ),
            &[Hint::run(
                tr!(lang, "after step 2, make another for them", "第 2 步之后，再为对方签发一个"),
                format!("{again} --out FILE"),
            )],
        );
    }
    Ok(())
}

/// A client's certificate by the CA of a set, for a name; `again` is the command that asks for it.
fn signed(
    ctx: &Ctx<'_>,
    set: &Set,
    ca: &CaKey,
    (who, again): (&str, &str),
    public: &PublicKey,
    not_after: i64,
) -> Result<Cert> {
    let now = now(ctx);
    if set.client_is_pinned() {
        return Err(Error::Make(MakeFault::PinnedElsewhere(set.name.clone())));
    }
    let ask = (Some(again.to_owned()), false);
    let dir = super::authority_dir(ctx, set, ca.ca_from.as_deref(), ask)?;
    let authority = Authority::find(&dir, now)?;
    let issuer = passphrase::open(ctx, &set.name, &authority, &ca.passphrase)?;
    let plan = Plan { subject: subject(who), public, role: Role::Client, not_after, key_id: None };
    issuer.issue(&plan, now)
}

/// The file to write, which must not be there yet: better to know before anybody types a passphrase.
fn out(given: Option<&Path>, who: &str, name: &str) -> Result<PathBuf> {
    let fine = |c: char| if c.is_alphanumeric() || "._-+".contains(c) { c } else { '_' };
    let who: String = who.chars().map(fine).take(40).collect();
    let path = given.map_or_else(|| PathBuf::from(format!("{who}-{name}.toml")), Path::to_owned);
    if std::fs::symlink_metadata(&path).is_ok() {
        return Err(Error::Make(MakeFault::FileExists(path)));
    }
    Ok(path)
}

pub(super) fn hand_over(
    ctx: &Ctx<'_>,
    set: &Set,
    who: &str,
    cert: &Cert,
    key: Option<&Secret>,
    out: &Path,
) -> Result<()> {
    let host = match profile(ctx, &set.name) {
        Ok(Some(profile)) => profile.docker_host(),
        _ => return Err(crate::store::Store::load(ctx.env)?.no_profile(&set.name)),
    };
    let ca = set::bytes(&set.path(set::CA))?;
    let hand = Hand {
        schema: 1,
        kind: "client".to_owned(),
        name: set.name.clone(),
        host,
        who: who.to_owned(),
        ca: only_certificates(&ca),
        cert: Some(pem(cert)),
        key: key.map(|key| String::from_utf8_lossy(key).into_owned()),
    };
    let written = write_new(out, 0o600, &hand.text());
    written.map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => Error::Make(MakeFault::FileExists(out.to_owned())),
        _ => Error::Make(MakeFault::Place { path: out.to_owned(), source }),
    })?;
    let (lang, life) = (ctx.out.lang, days(cert, now(ctx), ctx.out.lang));
    let (name, shown, file) =
        (&set.name, out.display(), shell_words::quote(&out.to_string_lossy()).into_owned());
    ctx.out.say(&tr!(
        lang,
        "{shown}: a client certificate of {name} for {who}, {life}",
        "{shown}：{name} 为 {who} 签发的客户端证书，{life}"
    ));
    match key {
        Some(_) => ctx.out.raw(&tr!(
            lang,
            "it contains the private key: send it over a private channel, then delete it; on their machine: dctx cert import {file}",
            "文件含有私钥：请通过私密渠道交付，之后删除；对方执行：dctx cert import {file}"
        )),
        None => ctx.out.raw(&tr!(
            lang,
            "it contains no secret; on their machine: dctx cert import {file}",
            "文件不含机密；对方执行：dctx cert import {file}"
        )),
    }
    Ok(())
}

/// The key of a request, which has shown that it has the private half. Nothing else of it is believed.
pub(super) fn requested(path: &Path) -> Result<PublicKey> {
    let bytes = set::bytes(path)?;
    let pem = blocks(&bytes).map_err(|why| set::bad(path, &why))?;
    let is_request =
        |label: &str| matches!(label, "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST");
    let block = pem.blocks.iter().find(|block| is_request(block.label));
    let block = block.ok_or_else(|| wrong(path, FileFault::NoRequest))?;
    let parsed = X509CertificationRequest::from_der(&block.contents);
    let (rest, request) = parsed.map_err(|e| wrong(path, FileFault::Malformed(e.to_string())))?;
    let info = &request.certification_request_info;
    let (public, refused) = PublicKey::new(&info.subject_pki);
    if let Some(why) = refused {
        return Err(wrong(path, FileFault::Malformed(why.to_owned())));
    }
    let mut outer = Reader::new(Reader::new(&block.contents).sequence().unwrap_or_default());
    outer.sequence();
    let algorithm = Algorithm::parse(outer.sequence().unwrap_or_default());
    let made = &request.signature_value.data;
    let uncheckable = || {
        let kind = public.kind.to_string();
        wrong(path, FileFault::Uncheckable { kind, algorithm: algorithm.name() })
    };
    match signature::verify(&public, &algorithm, info.raw, made) {
        _ if !rest.is_empty() => Err(wrong(path, FileFault::BadRequest)),
        Signature::Good => Ok(public),
        Signature::CannotTell => Err(uncheckable()),
        // Bad is what is said of an algorithm that is not verified at all.
        Signature::Bad if matches!(algorithm, Algorithm::Weak(_) | Algorithm::Unknown(_)) => {
            Err(uncheckable())
        }
        Signature::Bad | Signature::WrongKind => Err(wrong(path, FileFault::BadRequest)),
    }
}
