//! `cert copy` and `cert import`: taking over what others made, with docker's names and the right modes.

use std::path::{Path, PathBuf};

use super::hand::Hand;
use super::ring::{Home, Ring};
use super::{days, endpoint, is_tcp, now, point, profile, set_of};
use crate::cert::key::Belongs;
use crate::cert::make::place::{CERT, Draft, KEY};
use crate::cert::make::set::{self, Set, wrong};
use crate::cert::secret::Secret;
use crate::cert::verify::{self, Usage};
use crate::cert::x509::Cert;
use crate::cli::cert::{Copy, Import};
use crate::cmd::{Ctx, key};
use crate::error::{Error, FileFault, Hint, MakeFault, Result};
use crate::tr;

/// Names of a CA, docker's first.
const CAS: [&str; 4] = ["ca.pem", "ca-cert.pem", "ca.crt", "rootCA.pem"];
/// Names of a client's certificate and key: docker; cfssl; openssl habits.
const PAIRS: [(&str, &str); 5] = [
    ("cert.pem", "key.pem"),
    ("client.pem", "client-key.pem"),
    ("client-cert.pem", "client-key.pem"),
    ("client.crt", "client.key"),
    ("cert.crt", "cert.key"),
];
/// Names of a server's.
const SERVERS: [(&str, &str); 2] =
    [("server-cert.pem", "server-key.pem"), ("server.pem", "server-key.pem")];

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
        (Some(profile), Some(_)) => {
            let (name, path) = (args.name.clone(), profile.origin.path.clone());
            return Err(Error::Exists { name, path });
        }
    };
    is_tcp(&args.name, &host)?;
    let there = |name: &str| Some(args.dir.join(name)).filter(|path| path.exists());
    let ca = CAS.into_iter().find_map(there);
    let ca = ca.ok_or_else(|| wrong(&args.dir.join("ca.pem"), FileFault::Missing))?;
    let (cert, key) = client_pair(&args.dir)?;
    let home = Home::of(args.key.as_deref(), found.as_ref())?;
    let mut ring = Ring::new(ctx, &set.root);
    let draft = Draft::begin(set.parent(), &set.name)?;
    let (roots, bytes) = (set::certificates(&ca)?, set::bytes(&ca)?);
    draft.file(set::CA, CERT, &bytes)?;
    let (leaf, _) = set::pair(&cert, &key)?;
    draft.file(set::CERT, CERT, &set::bytes(&cert)?)?;
    ring.text(&set.name, home, &draft, (&set::bytes(&key)?, &leaf))?;
    let mut server = None;
    for (cert, key) in SERVERS {
        if let (Some(cert), Some(key), None) = (there(cert), there(key), &server) {
            draft.directory(set::SERVER)?;
            draft.file(set::SERVER_CA, CERT, &bytes)?;
            let (leaf, _) = set::pair(&cert, &key)?;
            draft.file(set::SERVER_CERT, CERT, &set::bytes(&cert)?)?;
            draft.file(set::SERVER_KEY, KEY, &set::bytes(&key)?)?;
            server = Some(leaf);
        }
    }
    draft.publish(&set.root, &set.name)?;
    if let Err(error) = point(ctx, &set, args.host.as_deref(), home) {
        let _ = std::fs::remove_dir_all(&set.root);
        return Err(error);
    }
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
    if args.dir.join("ca-key.pem").exists() {
        let from = super::quoted(ctx, &args.dir);
        ctx.out.raw(&tr!(
            lang,
            "the CA's key stays where it is; to renew: dctx cert renew {name} --ca-from {from}",
            "CA 私钥留在原处；续期：dctx cert renew {name} --ca-from {from}"
        ));
    }
    ctx.out.raw(&tr!(lang, "then: dctx use {name}", "然后：dctx use {name}"));
    Ok(())
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
                tr!(lang, "once it is needed there no more", "不再需要时"),
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

fn client_pair(dir: &Path) -> Result<(PathBuf, PathBuf)> {
    let there = |(cert, key): (&str, &str)| {
        let (cert, key) = (dir.join(cert), dir.join(key));
        (cert.exists() && key.exists()).then_some((cert, key))
    };
    if let Some(pair) = PAIRS.into_iter().find_map(there) {
        return Ok(pair);
    }
    // Half a pair says which file it lacks.
    if let Some((_, key)) = PAIRS.into_iter().find(|(cert, _)| dir.join(cert).exists()) {
        return Err(wrong(&dir.join(key), FileFault::Missing));
    }
    // client-ana-cert.pem beside client-ana-key.pem.
    let entries = std::fs::read_dir(dir);
    let entries = entries.map_err(|source| Error::Read { path: dir.to_owned(), source })?;
    let mut named: Vec<(PathBuf, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter_map(|name| {
            let stem = name.strip_suffix("-cert.pem").filter(|stem| stem.starts_with("client"))?;
            there((&name, &format!("{stem}-key.pem")))
        })
        .collect();
    named.sort();
    match named.as_slice() {
        [one] => Ok(one.clone()),
        _ => Err(wrong(&dir.join("cert.pem"), FileFault::Missing)),
    }
}

/// `dctx cert import`.
///
/// # Errors
/// The file is something else, its certificate is not of its CA, its key is not there, or there are certificates
/// already.
pub(super) fn import(ctx: &Ctx<'_>, args: &Import) -> Result<()> {
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
    match waiting {
        true => draft.exchange(&set.root)?,
        false => draft.publish(&set.root, &set.name)?,
    }
    let add = found.is_none().then_some(hand.host.as_str());
    if let Err(error) = point(ctx, &set, add, home) {
        if !waiting {
            let _ = std::fs::remove_dir_all(&set.root);
        }
        return Err(error);
    }
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
