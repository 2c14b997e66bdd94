//! `cert …`: making, renewing, handing over and looking at certificates.

mod client;
mod copy;
mod hand;
mod import;
mod new;
mod passphrase;
mod pin;
mod renew;
mod request;
mod ring;
mod rotate;
mod show;

pub(super) use self::show::fault;

use std::path::{Path, PathBuf};

use toml_edit::Value;

use self::ring::Home;
use super::{Ctx, change};
use crate::cert::encode;
use crate::cert::make::keys::KeyType;
use crate::cert::make::place;
use crate::cert::make::set::{self, Set};
use crate::cert::signature::PublicKey;
use crate::cert::x509::Cert;
use crate::cli::cert::{Cert as Args, CertVerb};
use crate::error::{Error, Lang, MakeFault, Result};
use crate::profile::Profile;
use crate::profile::endpoint::Endpoint;
use crate::store::{Store, document};
use crate::tr;

/// The organization of every subject that dctx makes.
const ORGANIZATION: &str = "dctx";
/// The longest common name (RFC 5280, ub-common-name).
const MAX_COMMON_NAME: usize = 64;

/// `dctx cert`.
///
/// # Errors
/// Whatever keeps the command from being done; nothing has changed then.
pub fn run(ctx: &Ctx<'_>, args: &Args) -> Result<()> {
    match &args.verb {
        CertVerb::New(args) => new::run(ctx, args),
        CertVerb::Show(args) => show::run(ctx, args),
        CertVerb::Renew(args) => renew::run(ctx, args),
        CertVerb::Copy(args) => copy::run(ctx, args),
        CertVerb::Client(args) => client::client(ctx, args),
        CertVerb::Import(args) => import::run(ctx, args),
        CertVerb::Request(args) => request::run(ctx, args),
        CertVerb::Sign(args) => client::sign(ctx, args),
        CertVerb::Authorize(args) => pin::authorize(ctx, args),
        CertVerb::Revoke(args) => pin::revoke(ctx, args),
        CertVerb::RotateCa(args) => rotate::run(ctx, args),
    }
}

/// The certificates that dctx keeps for a profile of this name.
fn set_of(ctx: &Ctx<'_>, name: &str) -> Result<Set> {
    crate::profile::name::check(name)
        .map_err(|fault| Error::Name { name: name.to_owned(), fault })?;
    let set = Set::of(&ctx.env.dirs()?.data, name);
    recover(ctx, &set);
    if set.root.exists() {
        return Ok(set);
    }
    // A profile that was given another name still has its certificates where they were.
    let named = Store::load(ctx.env)
        .ok()
        .and_then(|store| elsewhere(ctx, store.entry(name).ok()?.profile.as_ref().ok()?));
    let ours = |root: &PathBuf| root.parent() == Some(set.parent()) && root.is_dir();
    match named.filter(|root| ours(root)) {
        Some(root) => Ok(Set { name: set.name, root }),
        None => Ok(set),
    }
}

/// Clears up after a `cert …` that was killed, unless another one is at work: what it had begun to make, keys in the
/// keyring included, and certificates whose profile it did not come to write. Best effort.
fn recover(ctx: &Ctx<'_>, set: &Set) {
    let parent = set.parent();
    if !place::is_left_over(parent) && !set.has(place::UNFINISHED) {
        return;
    }
    let Some(hold) = place::Hold::now(parent) else { return };
    hold.clear(&|draft| ring::forget(ctx, draft));
    if !set.has(place::UNFINISHED) {
        return;
    }
    let Ok(store) = Store::load(ctx.env) else { return };
    let profiles = store.entries.iter().filter_map(|entry| entry.profile.as_ref().ok());
    let mut dirs = profiles.filter_map(|profile| elsewhere(ctx, profile));
    if dirs.any(|dir| dir == set.root) {
        let _ = std::fs::remove_file(set.path(place::UNFINISHED));
    } else {
        ring::forget(ctx, &set.root);
        let _ = std::fs::remove_dir_all(&set.root);
    }
}

/// The directory of certificates that a profile names, absolute.
fn certs_dir(ctx: &Ctx<'_>, profile: &Profile) -> Option<PathBuf> {
    let base = profile.origin.path.parent().unwrap_or(Path::new("/"));
    let home = ctx.env.home();
    profile.certs.dir.as_ref().map(|dir| crate::profile::certs::expand(dir, base, home.as_deref()))
}

/// The time, in seconds since 1970.
fn now(ctx: &Ctx<'_>) -> i64 {
    i64::try_from(ctx.now()).unwrap_or(i64::MAX)
}

/// Days from now, in seconds since 1970.
fn until(now: i64, days: u32) -> i64 {
    now + i64::from(days) * crate::cert::make::issue::DAY
}

/// The command line takes no other words.
fn key_type(written: &str) -> KeyType {
    match written {
        "p384" => KeyType::P384,
        "ed25519" => KeyType::Ed25519,
        _ => KeyType::P256,
    }
}

/// `O=dctx, CN=…`: what nobody sees is left out, and what is too long is cut.
fn subject(common_name: &str) -> Vec<u8> {
    let fine = common_name.chars().filter(|c| !crate::text::is_hidden(*c));
    let cut: String = fine.take(MAX_COMMON_NAME).collect();
    encode::name(ORGANIZATION, cut.trim())
}

/// A certificate as a PEM block.
fn pem(cert: &Cert) -> String {
    encode::pem("CERTIFICATE", &cert.der)
}

/// `user@host`, as far as this machine tells.
fn who(ctx: &Ctx<'_>) -> String {
    let user = ctx
        .env
        .text("USER")
        .or_else(|| ctx.env.text("LOGNAME"))
        .or_else(|| ctx.env.text("USERNAME"));
    let user = user.unwrap_or_else(|| "client".to_owned());
    #[cfg(unix)]
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let host = ctx.env.text("COMPUTERNAME").unwrap_or_default();
    let host = host.split('.').next().unwrap_or_default();
    if host.is_empty() { user } else { format!("{user}@{host}") }
}

/// The profile, if there is one of that name; where it is not dctx's to change, the reason.
fn profile(ctx: &Ctx<'_>, name: &str) -> Result<Option<Profile>> {
    let mut store = Store::load(ctx.env)?;
    let Some(at) = store.entries.iter().position(|entry| entry.name == name) else {
        return Ok(None);
    };
    let profile = store.entries.swap_remove(at).profile?;
    if profile.origin.layer {
        let path = profile.origin.path;
        return Err(Error::ReadOnlyLayer { name: name.to_owned(), path });
    }
    Ok(Some(profile))
}

/// That certificates mean something to this address.
fn is_tcp(name: &str, endpoint: &Endpoint) -> Result<()> {
    match endpoint {
        Endpoint::Tcp { .. } => Ok(()),
        other => {
            let (name, scheme) = (name.to_owned(), other.scheme());
            Err(Error::Make(MakeFault::NotTcp { name, scheme }))
        }
    }
}

/// An address from the command line.
fn endpoint(written: &str) -> Result<Endpoint> {
    Endpoint::parse(written).map_err(|refused| {
        let crate::profile::endpoint::Refused { fault, write } = refused;
        let input = written.to_owned();
        Error::Value(crate::error::ProfileFault::Endpoint { input, fault, write })
    })
}

/// That dctx keeps certificates for the profile. `then` is what may be typed once those from elsewhere are taken over,
/// given the directory that they are in.
fn there(ctx: &Ctx<'_>, set: &Set, then: &dyn Fn(&str) -> Option<String>) -> Result<()> {
    if set.root.is_dir() {
        return Ok(());
    }
    let store = Store::load(ctx.env)?;
    let found = store.entry(&set.name).ok().and_then(|entry| entry.profile.as_ref().ok());
    let (name, path) = (set.name.clone(), set.root.clone());
    let Some(profile) = found else {
        return Err(Error::Make(MakeFault::NoSet { name, path, profile: false }));
    };
    match elsewhere(ctx, profile) {
        Some(dir) => {
            let dir = dir.display().to_string();
            let then = then(&dir);
            Err(Error::Make(MakeFault::Elsewhere { name, dir, then }))
        }
        None => Err(Error::Make(MakeFault::NoSet { name, path, profile: true })),
    }
}

/// The directory of the certificates that a profile names, be it one by one.
fn elsewhere(ctx: &Ctx<'_>, profile: &Profile) -> Option<PathBuf> {
    let certs = &profile.certs;
    if certs.dir.is_some() {
        return certs_dir(ctx, profile);
    }
    let base = profile.origin.path.parent().unwrap_or(Path::new("/"));
    let home = ctx.env.home();
    let file = certs.cert.as_ref().or(certs.ca.as_ref())?;
    let file = crate::profile::certs::expand(file, base, home.as_deref());
    file.parent().map(ToOwned::to_owned)
}

/// That the profile has no certificates from elsewhere, which would be left out silently.
fn no_certs(ctx: &Ctx<'_>, profile: &Profile, set: &Set) -> Result<()> {
    match elsewhere(ctx, profile) {
        Some(dir) if dir != set.root => {
            let (name, path) = (profile.name.clone(), dir.display().to_string());
            Err(Error::Make(MakeFault::HasCerts { name, path }))
        }
        _ => Ok(()),
    }
}

/// Points the profile at its certificates, or adds it with this address.
fn point(ctx: &Ctx<'_>, set: &Set, add: Option<&str>, home: Home) -> Result<()> {
    let name = set.name.as_str();
    let certs = crate::env::tilde(&set.root, ctx.env.home().as_deref());
    let certs = || Value::from(certs.as_str());
    let fine = |_: &Profile| Ok(());
    let written = match add {
        Some(host) => {
            let mut all =
                vec![("host", Value::from(host)), ("certs", certs()), ("tls", "verify".into())];
            all.extend(home.setting().map(|key| ("key", Value::from(key))));
            change::update(ctx, name, &mut |doc| document::insert(doc, name, &all), &fine)
        }
        None => change::update(
            ctx,
            name,
            &mut |doc| {
                for key in ["ca", "cert"] {
                    document::set(doc, name, key, None)?;
                }
                document::set(doc, name, "key", home.setting().map(Value::from))?;
                document::set(doc, name, "certs", Some(certs()))?;
                document::set(doc, name, "tls", Some("verify".into()))
            },
            &fine,
        ),
    };
    written.map(|_| ())
}

/// Where the CA of a set is, or the one that was named instead: a directory, or a profile that has one. `again` is the
/// command that can be given another one, and `request` whether asking somebody else for a certificate would do.
fn authority_dir(
    ctx: &Ctx<'_>,
    set: &Set,
    named: Option<&str>,
    (again, request): (Option<String>, bool),
) -> Result<PathBuf> {
    if let Some(named) = named {
        return ca_dir(ctx, named);
    }
    if rotate::reissues(set)? {
        return Ok(set.path(set::NEXT));
    }
    if set.has(set::AUTHORITY) {
        return Ok(set.path(set::AUTHORITY));
    }
    Err(Error::Make(MakeFault::NoCaKey { name: set.name.clone(), again, request }))
}

/// A CA's directory from the command line: a directory, or the name of a profile whose CA dctx keeps.
fn ca_dir(ctx: &Ctx<'_>, written: &str) -> Result<PathBuf> {
    let home = ctx.env.home();
    let doing = "finding the current directory";
    let here = std::path::absolute(".").map_err(|source| Error::Io { doing, source })?;
    let path = crate::profile::certs::expand(written, &here, home.as_deref());
    if !path.is_dir() && crate::profile::name::check(written).is_ok() {
        let of = set_of(ctx, written)?.path(set::AUTHORITY);
        if of.is_dir() {
            return std::fs::canonicalize(&of).map_err(|source| Error::Read { path: of, source });
        }
    }
    Ok(path)
}

/// Says that the keyring has the passphrase of a CA's key, and where to see it.
fn kept(ctx: &Ctx<'_>, name: &str, ca: &PublicKey) {
    let label = ring::label(name, ca);
    ctx.out.raw(&tr!(
        ctx.out.lang,
        "the passphrase of the CA's key is in the keyring, as \"{label}\"",
        "CA 私钥的口令在密钥环中，条目为“{label}”"
    ));
}

/// A date as `2027-11-25`.
fn date(seconds: i64) -> String {
    crate::text::date::day(seconds).unwrap_or_else(|| "?".to_owned())
}

/// How long something lasts.
fn days(cert: &Cert, now: i64, lang: Lang) -> String {
    // A certificate of 825 days has 825 a second later, too.
    let day = crate::cert::make::issue::DAY;
    let left = match cert.not_after - now {
        rest @ 0.. => (rest + day - 1) / day,
        past => past.div_euclid(day),
    };
    let end = date(cert.not_after);
    match left {
        0.. => tr!(lang, "{left} days left, until {end}", "还剩 {left} 天，至 {end}"),
        _ => {
            let past = left.unsigned_abs();
            tr!(lang, "EXPIRED {past} days ago, on {end}", "已过期 {past} 天，止于 {end}")
        }
    }
}

/// A path for a command to paste.
fn quoted(ctx: &Ctx<'_>, path: &Path) -> String {
    let shown = ctx.tilde(path);
    match shown.strip_prefix("~/") {
        // A quoted tilde is no home directory.
        Some(rest) => format!("~/{}", shell_words::quote(rest)),
        None => shell_words::quote(&shown).into_owned(),
    }
}

/// Tells that the others need a new ca.pem, and how they take it in.
fn hand_on(ctx: &Ctx<'_>, set: &Set, say: &str) {
    let (lang, name) = (ctx.out.lang, &set.name);
    ctx.out.raw(&crate::output::clean_lines(say));
    ctx.out.raw(&tr!(
        lang,
        "it is not secret; on their machine: dctx cert import ca.pem --as {name}",
        "它不是机密；对方执行：dctx cert import ca.pem --as {name}"
    ));
}

/// Tells what is to be done on the host, and how.
fn next_on_host(ctx: &Ctx<'_>, set: &Set) {
    use clap::CommandFactory as _;
    let lang = ctx.out.lang;
    let server = ctx.tilde(&set.path(set::SERVER));
    // A build that cannot set up hosts advises no command for it.
    let tree = crate::cli::Cli::command();
    let command = format!("dctx server {}", set.name);
    let how = match tree.find_subcommand("server") {
        Some(_) => tr!(lang, ": {command}", "：{command}"),
        None => String::new(),
    };
    ctx.out.raw(&tr!(
        lang,
        "next, copy {server}/ to the host and restart dockerd, which reads certificates only when it starts{how}",
        "接着将 {server}/ 复制到主机上并重启 dockerd，它只在启动时读取证书{how}"
    ));
}
