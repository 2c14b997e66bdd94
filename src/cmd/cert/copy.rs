//! `cert copy`: taking over what others made, with docker's names and the right modes.

use std::path::{Path, PathBuf};

use super::ring::{Home, Ring};
use super::{days, endpoint, is_tcp, now, point, profile, set_of};
use crate::cert::make::place::{CERT, Draft, KEY};
use crate::cert::make::set::{self, wrong};
use crate::cert::verify::{self, Usage};
use crate::cert::x509::Cert;
use crate::cli::cert::Copy;
use crate::cmd::Ctx;
use crate::error::{Error, FileFault, Hint, Result};
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
        (Some(profile), Some(host)) if endpoint(host)? == profile.host => profile.host.clone(),
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
