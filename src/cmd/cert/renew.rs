//! `cert renew`: certificates anew, with the keys and names they had.

use std::path::Path;

use super::ring::{Mine, Ring};
use super::{days, next_on_host, now, passphrase, pem, set_of, until};
use crate::cert::key::PrivateKey;
use crate::cert::make::authority::Authority;
use crate::cert::make::issue::{
    CA_DAYS, CLIENT_DAYS, Issuer, Plan, Role, SERVER_DAYS, self_signed,
};
use crate::cert::make::keys::{KeyType, NewKey, Signer};
use crate::cert::make::names::Sans;
use crate::cert::make::pins::{self, Pin};
use crate::cert::make::place::{CERT, Draft, KEY};
use crate::cert::make::set::{self, Mode, Set, wrong};
use crate::cert::signature::PublicKey;
use crate::cert::x509::{Cert, hex};
use crate::cli::cert::Renew;
use crate::cmd::Ctx;
use crate::error::{Error, FileFault, MakeFault, Result};
use crate::tr;

/// `dctx cert renew`.
///
/// # Errors
/// There is nothing to renew, or nothing to sign with. What there is stays as it is then.
pub(super) fn run(ctx: &Ctx<'_>, args: &Renew) -> Result<()> {
    let set = set_of(ctx, &args.name)?;
    let then = |dir: &str| {
        let signs = Authority::find(Path::new(dir), i64::MIN).is_ok();
        let dir = shell_words::quote(dir);
        Some(match signs {
            true => format!("dctx cert renew {} --ca-from {dir}", args.name),
            false => format!("dctx cert request {}", args.name),
        })
    };
    super::there(ctx, &set, &then)?;
    match set.mode()? {
        Mode::Pin if args.ca => Err(Error::Make(MakeFault::Pinned(set.name))),
        Mode::Pin => pinned(ctx, args, &set),
        Mode::Client if set.client_is_pinned() => {
            Err(Error::Make(MakeFault::PinnedElsewhere(set.name)))
        }
        Mode::Client if args.ca => {
            let name = set.name;
            Err(Error::Make(MakeFault::NoCaKey { name, again: None, request: false }))
        }
        Mode::Ca if args.ca && set.has(set::NEXT) => {
            Err(Error::Make(MakeFault::Rotating(set.name)))
        }
        Mode::Ca | Mode::Client if args.ca => authority(ctx, args, &set),
        Mode::Ca | Mode::Client => by_ca(ctx, args, &set),
    }
}

/// What is to be renewed: what was asked for, or whatever there is.
fn parts(args: &Renew, set: &Set) -> Result<(bool, bool)> {
    let (server, client) = match (args.server, args.client) {
        (false, false) => (set.has(set::SERVER_CERT), set.has(set::CERT)),
        asked => asked,
    };
    // Names are the server's.
    let server = server || !args.sans.is_empty();
    if server {
        set.with(set::SERVER_CERT)?;
    }
    if client {
        set.with(set::CERT)?;
    }
    Ok((server, client))
}

/// The key that a certificate goes on with: its own, or one of the same kind.
pub(super) fn next_key(cert: &Cert, rekey: bool) -> Result<Option<NewKey>> {
    if !rekey {
        return Ok(None);
    }
    NewKey::generate(KeyType::like(&cert.key.kind)).map(Some)
}

/// A certificate like `old`, but for its dates and what `role` says.
pub(super) fn again<'a>(old: &Cert, public: &'a PublicKey, role: Role, not_after: i64) -> Plan<'a> {
    let same = *public == old.key;
    let key_id = (same && !old.subject_key_id.is_empty()).then(|| old.subject_key_id.clone());
    Plan { subject: old.subject.der.clone(), public, role, not_after, key_id }
}

fn sans(args: &Renew, old: &Cert) -> Result<Sans> {
    let mut sans = Sans::of(old.names.as_ref());
    args.sans.iter().try_for_each(|san| sans.add(san))?;
    if sans.is_empty() {
        // What no client since Go 1.15 takes is not made anew.
        sans.add_loopback();
    }
    Ok(sans)
}

/// Signs the server's certificate anew and puts it, and its key where that is new, into the draft.
pub(super) fn server(
    set: &Set,
    draft: &Draft,
    issuer: &Issuer,
    (sans, rekey, not_after, now): (Sans, bool, i64, i64),
) -> Result<Cert> {
    let (old, _) = set::pair(&set.path(set::SERVER_CERT), &set.path(set::SERVER_KEY))?;
    let key = next_key(&old, rekey)?;
    let public = key.as_ref().map_or(&old.key, |key| &key.public);
    let cert = issuer.issue(&again(&old, public, Role::Server(sans), not_after), now)?;
    draft.replace(set::SERVER_CERT, CERT, pem(&cert).as_bytes())?;
    if let Some(key) = &key {
        draft.replace(set::SERVER_KEY, KEY, &key.pem())?;
    }
    Ok(cert)
}

/// The same of the client's, whose key may be in the keyring.
pub(super) fn client(
    set: &Set,
    draft: &Draft,
    issuer: &Issuer,
    (ring, mine): (&mut Ring<'_>, &Mine),
    (rekey, not_after, now): (bool, i64, i64),
) -> Result<Cert> {
    let old = match mine.is_apart() {
        // Its old key is not needed: the certificate says what its public half is.
        true => set::certificate(&set.path(set::CERT))?,
        false => set::pair(&set.path(set::CERT), &set.path(set::KEY))?.0,
    };
    let key = next_key(&old, rekey)?;
    let public = key.as_ref().map_or(&old.key, |key| &key.public);
    let cert = issuer.issue(&again(&old, public, Role::Client, not_after), now)?;
    draft.replace(set::CERT, CERT, pem(&cert).as_bytes())?;
    if let Some(key) = &key {
        ring.key(&set.name, mine.home()?, draft, (set::KEY, key))?;
    }
    Ok(cert)
}

fn by_ca(ctx: &Ctx<'_>, args: &Renew, set: &Set) -> Result<()> {
    let (with_server, with_client) = parts(args, set)?;
    let now = now(ctx);
    let again = Some(format!("dctx cert renew {}", set.name));
    let dir = super::authority_dir(ctx, set, args.key.ca_from.as_deref(), (again, true))?;
    let authority = Authority::find(&dir, now)?;
    trusted(set, &authority, with_server, with_client)?;
    let mine = Mine::of(ctx, set)?;
    if args.rekey && with_client {
        mine.home()?;
    }
    let issuer = passphrase::open(ctx, &set.name, &authority, &args.key.passphrase)?;
    let mut ring = Ring::new(ctx, &set.root);
    let draft = Draft::begin(set.parent(), &set.name)?;
    draft.copy(&set.root)?;
    let mut done = Vec::new();
    if with_server {
        let sans = sans(args, &set::certificate(&set.path(set::SERVER_CERT))?)?;
        let not_after = until(now, args.days.unwrap_or(SERVER_DAYS));
        done.push(("server", server(set, &draft, &issuer, (sans, args.rekey, not_after, now))?));
    }
    if with_client {
        let not_after = until(now, args.days.unwrap_or(CLIENT_DAYS));
        let plan = (args.rekey, not_after, now);
        done.push(("client", client(set, &draft, &issuer, (&mut ring, &mine), plan)?));
    }
    draft.exchange(&set.root)?;
    ring.settle();
    report(ctx, set, &done);
    if with_server {
        next_on_host(ctx, set);
    }
    Ok(())
}

/// That whoever is on the other side trusts this CA: what it signs would be worthless else.
fn trusted(set: &Set, authority: &Authority, server: bool, client: bool) -> Result<()> {
    for (needed, file) in
        [(server, set::CA), (client && set.has(set::SERVER_CA), set::SERVER_CA), (true, set::CA)]
    {
        if needed && set.has(file) {
            let all = set::certificates(&set.path(file))?;
            let known = |ca: &Cert| {
                ca.key == authority.cert.key && ca.subject.der == authority.cert.subject.der
            };
            if !all.iter().any(known) {
                let (name, path, server) =
                    (set.name.clone(), set.path(file), set.has(set::SERVER_CERT));
                return Err(Error::Make(MakeFault::OtherAuthority { name, path, server }));
            }
        }
    }
    Ok(())
}

/// The CA's own certificate, with its key and name: what it signed stays good.
fn authority(ctx: &Ctx<'_>, args: &Renew, set: &Set) -> Result<()> {
    let now = now(ctx);
    let dir = super::authority_dir(ctx, set, args.key.ca_from.as_deref(), (None, false))?;
    let authority = Authority::find_expired(&dir)?;
    // A link leads to a CA of other hosts, too: who looks after those has to renew it there.
    let linked =
        std::fs::symlink_metadata(set.path(set::AUTHORITY)).is_ok_and(|meta| meta.is_symlink());
    if args.key.ca_from.is_some() || linked || !authority.cert.is_self_issued() {
        return Err(wrong(&authority.cert_path, FileFault::ForeignCa));
    }
    let issuer = passphrase::open(ctx, &set.name, &authority, &args.key.passphrase)?;
    let old = &authority.cert;
    let not_after = until(now, args.days.unwrap_or(CA_DAYS));
    let cert = self_signed(&again(old, &old.key, Role::Ca, not_after), &issuer.signer, now)?;
    let draft = Draft::begin(set.parent(), &set.name)?;
    draft.copy(&set.root)?;
    draft.replace(&format!("{}/ca.pem", set::AUTHORITY), CERT, pem(&cert).as_bytes())?;
    for file in [set::CA, set::SERVER_CA] {
        if set.has(file) {
            let all = set::certificates(&set.path(file))?;
            let all: String =
                all.iter().map(|ca| if ca.key == old.key { pem(&cert) } else { pem(ca) }).collect();
            draft.replace(file, CERT, all.as_bytes())?;
        }
    }
    draft.exchange(&set.root)?;
    report(ctx, set, &[("CA", cert)]);
    next_on_host(ctx, set);
    let (lang, ca) = (ctx.out.lang, super::quoted(ctx, &set.path(set::CA)));
    let say = tr!(
        lang,
        "give the new {ca} to everyone who has a certificate signed by this CA; their own certificates and keys stay",
        "持有其证书的每个人都需要新的 {ca}；他们自己的证书和私钥保持不变"
    );
    super::hand_on(ctx, set, &say);
    Ok(())
}

fn pinned(ctx: &Ctx<'_>, args: &Renew, set: &Set) -> Result<()> {
    let (with_server, with_client) = parts(args, set)?;
    let now = now(ctx);
    let mine = Mine::of(ctx, set)?;
    let mut ring = Ring::new(ctx, &set.root);
    let draft = Draft::begin(set.parent(), &set.name)?;
    draft.copy(&set.root)?;
    let mut done = Vec::new();
    if with_server {
        let role = |old: &Cert| sans(args, old).map(Role::Server);
        let not_after = until(now, args.days.unwrap_or(SERVER_DAYS));
        let path = set.path(set::SERVER_KEY);
        let (old, private) = set::pair(&set.path(set::SERVER_CERT), &path)?;
        let (cert, key) =
            alone(&old, (&private, &path), args.rekey, role(&old)?, (not_after, now))?;
        draft.replace(set::SERVER_CERT, CERT, pem(&cert).as_bytes())?;
        if let Some(key) = &key {
            draft.replace(set::SERVER_KEY, KEY, &key.pem())?;
        }
        draft.replace(set::CA, CERT, pem(&cert).as_bytes())?;
        done.push(("server", cert));
    }
    if with_client {
        let not_after = until(now, args.days.unwrap_or(CLIENT_DAYS));
        let old = set::certificate(&set.path(set::CERT))?;
        let private = mine.private(ctx, set, &old)?;
        let path = set.path(set::KEY);
        let (cert, key) =
            alone(&old, (&private, &path), args.rekey, Role::Client, (not_after, now))?;
        draft.replace(set::CERT, CERT, pem(&cert).as_bytes())?;
        if let Some(key) = &key {
            ring.key(&set.name, mine.home()?, &draft, (set::KEY, key))?;
        }
        let mut list = pins::read(&set::bytes(&set.path(set::SERVER_CA))?);
        match list.iter_mut().find(|pin| pin.cert.der == old.der) {
            Some(pin) => pin.cert = cert.clone(),
            None => list.push(Pin { who: super::who(ctx), cert: cert.clone() }),
        }
        draft.replace(set::SERVER_CA, CERT, pins::write(&list).as_bytes())?;
        done.push(("client", cert));
    }
    draft.exchange(&set.root)?;
    ring.settle();
    report(ctx, set, &done);
    next_on_host(ctx, set);
    if with_server {
        let (lang, ca) = (ctx.out.lang, super::quoted(ctx, &set.path(set::CA)));
        let say = tr!(
            lang,
            "the other clients know the server by its certificate: give them the new {ca}",
            "其他客户端都通过证书识别服务器，需要新的 {ca}"
        );
        super::hand_on(ctx, set, &say);
    }
    Ok(())
}

/// A certificate that signs itself, anew; and its key where that is new.
fn alone(
    old: &Cert,
    (private, path): (&PrivateKey, &Path),
    rekey: bool,
    role: Role,
    (not_after, now): (i64, i64),
) -> Result<(Cert, Option<NewKey>)> {
    let key = next_key(old, rekey)?;
    let signer = match &key {
        Some(key) => key.signer()?,
        None => {
            let kind = || wrong(path, FileFault::KeyKind(private.kind.to_string()));
            Signer::new(private, &old.key).ok_or_else(kind)?
        }
    };
    let public = key.as_ref().map_or(&old.key, |key| &key.public);
    let cert = self_signed(&again(old, public, role, not_after), &signer, now)?;
    Ok((cert, key))
}

pub(super) fn report(ctx: &Ctx<'_>, set: &Set, done: &[(&str, Cert)]) {
    let (lang, name, now) = (ctx.out.lang, &set.name, now(ctx));
    for (what, cert) in done {
        let (life, names) = (days(cert, now, lang), cert.listed().join(" "));
        let names = if names.is_empty() {
            String::new()
        } else {
            tr!(lang, ", for {names}", "，用于 {names}")
        };
        let sum = hex(&cert.sha256);
        let sum = sum.get(..16).unwrap_or_default();
        let what = match (*what, lang) {
            ("server", crate::error::Lang::Zh) => "服务器",
            ("client", crate::error::Lang::Zh) => "客户端",
            (other, _) => other,
        };
        ctx.out.say(&tr!(
            lang,
            "{name}: {what} certificate renewed: {life}{names} (sha256 {sum}…)",
            "{name}：{what}证书已续期：{life}{names}（sha256 {sum}…）"
        ));
    }
}
