//! `cert new`: all certificates of a profile, by a CA or pinned one by one.

use super::passphrase::{self, Closing};
use super::ring::{Home, Ring};
use super::{
    days, endpoint, is_tcp, key_type, next_on_host, no_certs, now, pem, point, profile, set_of,
    subject, until, who,
};
use crate::cert::encode;
use crate::cert::encrypt;
use crate::cert::make::authority::Authority;
use crate::cert::make::issue::{
    CA_DAYS, CLIENT_DAYS, Issuer, Plan, Role, SERVER_DAYS, key_id, self_signed,
};
use crate::cert::make::keys::{KeyType, NewKey, Signer};
use crate::cert::make::names::Sans;
use crate::cert::make::pins::{self, Pin};
use crate::cert::make::place::{CERT, Draft, KEY};
use crate::cert::make::set::{self, Set};
use crate::cert::signature::PublicKey;
use crate::cert::x509::{Cert, hex};
use crate::cli::cert::{New, Passphrase};
use crate::cmd::Ctx;
use crate::error::{Error, MakeFault, Result};
use crate::profile::endpoint::Endpoint;
use crate::tr;

/// What was made, for the report.
struct Made {
    ca: Option<Cert>,
    server: Cert,
    client: Cert,
    names: Vec<String>,
    home: Home,
    /// Whether the keyring has the passphrase of the CA's key.
    kept: bool,
}

/// Who signs.
enum Signs {
    /// A CA that is to be made.
    New(Fresh),
    /// One that there is, and its directory.
    Given(Box<Issuer>, std::path::PathBuf),
    /// Each certificate itself.
    Each,
}

/// The key of a CA that is to be made, and what closes it.
pub(super) struct Fresh {
    pub(super) key: NewKey,
    pub(super) closing: Closing,
}

/// What the certificates of a profile are made with.
struct Making<'a, 'r> {
    args: &'a New,
    kind: KeyType,
    sans: Sans,
    draft: &'a Draft,
    ring: &'a mut Ring<'r>,
    home: Home,
}

/// `dctx cert new`.
///
/// # Errors
/// There are certificates already, no profile and no host, a CA that cannot be used, or a directory that cannot be
/// written. Nothing is left behind then.
pub(super) fn run(ctx: &Ctx<'_>, args: &New) -> Result<()> {
    let set = set_of(ctx, &args.name)?;
    let kind = key_type(&args.key_type);
    let found = profile(ctx, &args.name)?;
    let host = match (&found, &args.host) {
        (Some(profile), None) => profile.host.clone(),
        (None, Some(host)) => endpoint(host)?,
        (None, None) => return Err(crate::store::Store::load(ctx.env)?.no_profile(&args.name)),
        (Some(profile), Some(host)) if endpoint(host)? == profile.host => profile.host.clone(),
        (Some(profile), Some(_)) => {
            let path = profile.origin.path.clone();
            return Err(Error::Exists { name: args.name.clone(), path });
        }
    };
    is_tcp(&args.name, &host)?;
    if host.has_zone() {
        let (name, host) = (args.name.clone(), host.to_string());
        return Err(Error::Make(MakeFault::Zone { name, host, profile: found.is_some() }));
    }
    if set.root.exists() {
        let host = args.host.clone().filter(|_| found.is_none());
        return Err(Error::Make(MakeFault::Exists {
            name: set.name.clone(),
            path: set.root,
            host,
        }));
    }
    if let Some(profile) = &found {
        no_certs(ctx, profile, &set)?;
    }
    let home = Home::of(args.key.as_deref(), found.as_ref())?;
    let mut sans = Sans::default();
    // The unspecified address is no name of any host.
    if let Some(host) = host.proxy_host().filter(|_| !host.is_unspecified()) {
        sans.add(host)?;
    }
    args.sans.iter().try_for_each(|san| sans.add(san))?;
    sans.add_loopback();

    // Whoever is asked for a passphrase may take their time: nobody is to wait for that.
    let mut ring = Ring::new(ctx, &set.root);
    let signs = signs(ctx, args, kind, &mut ring)?;
    let draft = Draft::begin(set.parent(), &set.name)?;
    draft.directory(set::SERVER)?;
    let with = Making { args, kind, sans, draft: &draft, ring: &mut ring, home };
    let made = match signs {
        Signs::Each => pinned(ctx, with)?,
        signs => by_ca(ctx, signs, with)?,
    };
    let placed = draft.publish(&set.root, &set.name)?;
    if let Err(error) = point(ctx, &set, args.host.as_deref().filter(|_| found.is_none()), home) {
        placed.take_back();
        return Err(error);
    }
    placed.settle();
    ring.settle();
    report(ctx, &set, &made, &host);
    Ok(())
}

/// What signs the certificates that are to be made.
fn signs(ctx: &Ctx<'_>, args: &New, kind: KeyType, ring: &mut Ring<'_>) -> Result<Signs> {
    match &args.ca {
        _ if args.pin => Ok(Signs::Each),
        Some(written) => {
            let dir = super::ca_dir(ctx, written)?;
            let authority = Authority::find(&dir, now(ctx))?;
            let issuer = passphrase::open(ctx, &args.name, &authority, &args.passphrase)?;
            Ok(Signs::Given(Box::new(issuer), dir))
        }
        None => {
            let (how, none) = (&args.passphrase, args.no_passphrase);
            fresh(ctx, ring, &args.name, kind, how, none).map(Signs::New)
        }
    }
}

/// A key for a new CA, and the passphrase that it is to be closed with.
///
/// # Errors
/// There is no way to get a passphrase, or it is no fit one.
pub(super) fn fresh(
    ctx: &Ctx<'_>,
    ring: &mut Ring<'_>,
    name: &str,
    kind: KeyType,
    how: &Passphrase,
    none: bool,
) -> Result<Fresh> {
    let key = NewKey::generate(kind)?;
    let closing = passphrase::create(ctx, ring, (name, &key.public), how, none)?;
    Ok(Fresh { key, closing })
}

fn by_ca(ctx: &Ctx<'_>, signs: Signs, with: Making<'_, '_>) -> Result<Made> {
    let Making { args, kind, sans, draft, ring, home } = with;
    let now = now(ctx);
    let mut kept = false;
    let (issuer, own) = match signs {
        Signs::Given(issuer, dir) => {
            draft.link(set::AUTHORITY, &dir)?;
            (*issuer, false)
        }
        Signs::New(fresh) => {
            kept = matches!(fresh.closing, Closing::Kept(_));
            (authority(draft, set::AUTHORITY, &args.name, &fresh, now)?, true)
        }
        Signs::Each => return Err(Error::Make(MakeFault::Pinned(args.name.clone()))),
    };
    let ca = pem(&issuer.cert);
    draft.file(set::CA, CERT, ca.as_bytes())?;
    draft.file(set::SERVER_CA, CERT, ca.as_bytes())?;

    let server_key = NewKey::generate(kind)?;
    let names = sans.listed();
    let server = issuer.issue(
        &Plan {
            subject: subject(&args.name),
            public: &server_key.public,
            role: Role::Server(sans),
            not_after: until(now, args.days.unwrap_or(SERVER_DAYS)),
            key_id: None,
        },
        now,
    )?;
    draft.file(set::SERVER_CERT, CERT, pem(&server).as_bytes())?;
    draft.file(set::SERVER_KEY, KEY, &server_key.pem())?;

    let client_key = NewKey::generate(kind)?;
    let client = issuer.issue(
        &Plan {
            subject: subject(&who(ctx)),
            public: &client_key.public,
            role: Role::Client,
            not_after: until(now, args.days.unwrap_or(CLIENT_DAYS)),
            key_id: None,
        },
        now,
    )?;
    draft.file(set::CERT, CERT, pem(&client).as_bytes())?;
    ring.key(&args.name, home, draft, (set::KEY, &client_key))?;
    Ok(Made { ca: own.then_some(issuer.cert), server, client, names, home, kept })
}

/// Makes a CA in the directory `dir` of a draft. Its name is like no other CA's: two with one name and two keys are
/// what clients complain of in riddles.
pub(super) fn authority(
    draft: &Draft,
    dir: &str,
    name: &str,
    fresh: &Fresh,
    now: i64,
) -> Result<Issuer> {
    let key = &fresh.key;
    let signer = key.signer()?;
    let id = hex(&key_id(&key.public));
    let id = id.get(..8).unwrap_or_default();
    let short: String = name.chars().take(50).collect();
    let plan = Plan {
        subject: subject(&format!("{short} CA {id}")),
        public: &key.public,
        role: Role::Ca,
        not_after: until(now, CA_DAYS),
        key_id: None,
    };
    let cert = self_signed(&plan, &signer, now)?;
    draft.directory(dir)?;
    draft.file(&format!("{dir}/ca.pem"), CERT, pem(&cert).as_bytes())?;
    let key_file = format!("{dir}/ca-key.pem");
    match fresh.closing.passphrase() {
        Some(passphrase) => {
            let closed = encrypt::encrypt(&key.der, passphrase)?;
            draft.file(&key_file, KEY, encode::pem("ENCRYPTED PRIVATE KEY", &closed).as_bytes())?;
        }
        None => draft.file(&key_file, KEY, &key.pem())?,
    }
    Ok(Issuer { cert, signer })
}

/// A name that says nothing: the server tells everybody who connects whom it lets in.
fn neutral(role: &str, key: &PublicKey) -> Vec<u8> {
    let id = hex(&key_id(key));
    let id = id.get(..12).unwrap_or_default();
    subject(&format!("{role} {id}"))
}

/// A client's key and certificate of its own, for a server that pins them.
pub(super) fn pinned_client(kind: KeyType, not_after: i64, now: i64) -> Result<(NewKey, Cert)> {
    let key = NewKey::generate(kind)?;
    let cert = pinned_by(&key.signer()?, not_after, now)?;
    Ok((key, cert))
}

/// The same with a key that there is.
pub(super) fn pinned_by(signer: &Signer, not_after: i64, now: i64) -> Result<Cert> {
    let public = &signer.public;
    let subject = neutral("client", public);
    let plan = Plan { subject, public, role: Role::Client, not_after, key_id: None };
    self_signed(&plan, signer, now)
}

fn pinned(ctx: &Ctx<'_>, with: Making<'_, '_>) -> Result<Made> {
    let Making { args, kind, sans, draft, ring, home } = with;
    let now = now(ctx);
    let key = NewKey::generate(kind)?;
    let names = sans.listed();
    let plan = Plan {
        subject: neutral("server", &key.public),
        public: &key.public,
        role: Role::Server(sans),
        not_after: until(now, args.days.unwrap_or(SERVER_DAYS)),
        key_id: None,
    };
    let server = self_signed(&plan, &key.signer()?, now)?;
    draft.file(set::SERVER_CERT, CERT, pem(&server).as_bytes())?;
    draft.file(set::SERVER_KEY, KEY, &key.pem())?;
    draft.file(set::CA, CERT, pem(&server).as_bytes())?;
    let (key, client) = pinned_client(kind, until(now, args.days.unwrap_or(CLIENT_DAYS)), now)?;
    draft.file(set::CERT, CERT, pem(&client).as_bytes())?;
    ring.key(&args.name, home, draft, (set::KEY, &key))?;
    let list = pins::write(&[Pin { who: who(ctx), cert: client.clone() }]);
    draft.file(set::SERVER_CA, CERT, list.as_bytes())?;
    Ok(Made { ca: None, server, client, names, home, kept: false })
}

fn report(ctx: &Ctx<'_>, set: &Set, made: &Made, host: &Endpoint) {
    let (lang, name, now) = (ctx.out.lang, &set.name, now(ctx));
    let dir = ctx.tilde(&set.root);
    ctx.out.say(&tr!(
        lang,
        "{name} has its certificates, in {dir}",
        "{name} 的证书已生成，位于 {dir}"
    ));
    let mut lines: Vec<String> = Vec::new();
    if let Some(ca) = &made.ca {
        let (subject, days) = (ca.subject.text(), days(ca, now, lang));
        lines.push(tr!(lang, "  CA      {subject}, {days}", "  CA      {subject}，有效期{days}"));
    }
    let (server, names) = (days(&made.server, now, lang), made.names.join(" "));
    lines.push(tr!(lang, "  server  {server}, for {names}", "  服务器  {server}，用于 {names}"));
    let (subject, client) = (made.client.subject.text(), days(&made.client, now, lang));
    lines.push(match made.home {
        Home::File => tr!(lang, "  client  {subject}, {client}", "  客户端  {subject}，{client}"),
        Home::Keyring => tr!(
            lang,
            "  client  {subject}, {client}; its key is in the keyring, and in no file",
            "  客户端  {subject}，{client}；私钥在密钥环中，不在任何文件中"
        ),
    });
    ctx.out.raw(&crate::output::clean_lines(&lines.join("\n")));
    if let Some(ca) = made.ca.as_ref().filter(|_| made.kept) {
        super::kept(ctx, name, &ca.key);
    }
    if matches!(host, Endpoint::Tcp { port: Some(2375), .. }) {
        let written = host.to_string().replace(":2375", ":2376");
        ctx.out.warn(
            &tr!(lang, "2375 is the port without TLS", "2375 是不使用 TLS 的端口"),
            &[crate::error::Hint::run(
                tr!(
                    lang,
                    "if the daemon is to listen on the usual one",
                    "如果守护进程使用常规的 TLS 端口"
                ),
                format!("dctx edit {name} --host {}", shell_words::quote(&written)),
            )],
        );
    }
    next_on_host(ctx, set);
    let then = tr!(lang, "then", "然后");
    ctx.out.advise(&crate::error::Hint::run(then, format!("dctx use {name}")));
}
