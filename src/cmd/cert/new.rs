//! `cert new`: all certificates of a profile, by a CA or pinned one by one.

use super::{
    days, endpoint, is_tcp, key_type, next_on_host, no_certs, now, pem, point, profile, set_of,
    subject, until, who,
};
use crate::cert::make::authority::Authority;
use crate::cert::make::encode;
use crate::cert::make::encrypt;
use crate::cert::make::issue::{
    CA_DAYS, CLIENT_DAYS, Issuer, Plan, Role, SERVER_DAYS, key_id, self_signed,
};
use crate::cert::make::keys::{KeyType, NewKey};
use crate::cert::make::names::Sans;
use crate::cert::make::pins::{self, Pin};
use crate::cert::make::place::{CERT, Draft, KEY};
use crate::cert::make::set::{self, Set};
use crate::cert::secret::Secret;
use crate::cert::x509::{Cert, hex};
use crate::cli::cert::New;
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
}

/// Who signs.
enum Signs {
    /// A CA that is to be made, with this passphrase.
    New(Option<Secret>),
    /// One that there is, and its directory.
    Given(Box<Issuer>, std::path::PathBuf),
    /// Each certificate itself.
    Each,
}

/// `dctx cert new`.
///
/// # Errors
/// There are certificates already, no profile and no host, a CA that cannot be used, or a directory that cannot be
/// written. Nothing is left behind then.
pub(super) fn run(ctx: &Ctx<'_>, args: &New) -> Result<()> {
    let set = set_of(ctx, &args.name)?;
    let kind = key_type(&args.key_type)?;
    let found = profile(ctx, &args.name)?;
    let host = match (&found, &args.host) {
        (Some(profile), None) => profile.host.clone(),
        (None, Some(host)) => endpoint(host)?,
        (None, None) => return Err(crate::store::Store::load(ctx.env)?.no_profile(&args.name)),
        (Some(profile), Some(_)) => {
            let path = profile.origin.path.clone();
            return Err(Error::Exists { name: args.name.clone(), path });
        }
    };
    is_tcp(&args.name, &host)?;
    if set.root.exists() {
        return Err(Error::Make(MakeFault::Exists { name: set.name.clone(), path: set.root }));
    }
    if let Some(profile) = &found {
        no_certs(ctx, profile, &set)?;
    }
    let mut sans = Sans::default();
    // The unspecified address is no name of any host.
    if let Some(host) = host.proxy_host().filter(|_| !host.is_unspecified()) {
        sans.add(host)?;
    }
    args.sans.iter().try_for_each(|san| sans.add(san))?;
    sans.add_loopback();

    // Whoever is asked for a passphrase may take their time: nobody is to wait for that.
    let signs = signs(ctx, args)?;
    let draft = Draft::begin(set.parent(), &set.name)?;
    draft.directory(set::SERVER)?;
    let made = match signs {
        Signs::Each => pinned(ctx, args, kind, sans, &draft)?,
        signs => by_ca(ctx, args, kind, sans, (signs, &draft))?,
    };
    draft.publish(&set.root, &set.name)?;
    if let Err(error) = point(ctx, &set, args.host.as_deref()) {
        // Nobody has seen them, and the next try is to find the place empty.
        let _ = std::fs::remove_dir_all(&set.root);
        return Err(error);
    }
    report(ctx, &set, &made, &host);
    Ok(())
}

/// What signs the certificates that are to be made.
fn signs(ctx: &Ctx<'_>, args: &New) -> Result<Signs> {
    let command = args.ca_key_command.as_deref();
    match &args.ca {
        _ if args.pin => Ok(Signs::Each),
        Some(written) => {
            let dir = super::ca_dir(ctx, written)?;
            let authority = Authority::find(&dir, now(ctx))?;
            Ok(Signs::Given(Box::new(super::open(ctx, &authority, command)?), dir))
        }
        None => super::passphrase::create(ctx, command, args.no_passphrase).map(Signs::New),
    }
}

fn by_ca(
    ctx: &Ctx<'_>,
    args: &New,
    kind: KeyType,
    sans: Sans,
    (signs, draft): (Signs, &Draft),
) -> Result<Made> {
    let now = now(ctx);
    let (issuer, own) = match signs {
        Signs::Given(issuer, dir) => {
            draft.link(set::AUTHORITY, &dir)?;
            (*issuer, false)
        }
        Signs::New(passphrase) => {
            (authority(draft, set::AUTHORITY, &args.name, kind, passphrase.as_ref(), now)?, true)
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
    draft.file(set::KEY, KEY, &client_key.pem())?;
    Ok(Made { ca: own.then_some(issuer.cert), server, client, names })
}

/// Makes a CA in the directory `dir` of a draft. Its name is like no other CA's: two with one name and two keys are
/// what clients complain of in riddles.
pub(super) fn authority(
    draft: &Draft,
    dir: &str,
    name: &str,
    kind: KeyType,
    passphrase: Option<&Secret>,
    now: i64,
) -> Result<Issuer> {
    let key = NewKey::generate(kind)?;
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
    match passphrase {
        Some(passphrase) => {
            let closed = encrypt::encrypt(&key.der, passphrase)?;
            draft.file(&key_file, KEY, encode::pem("ENCRYPTED PRIVATE KEY", &closed).as_bytes())?;
        }
        None => draft.file(&key_file, KEY, &key.pem())?,
    }
    Ok(Issuer { cert, signer })
}

/// A name that says nothing: the server tells everybody who connects whom it lets in.
fn neutral(role: &str, key: &NewKey) -> Vec<u8> {
    let id = hex(&key_id(&key.public));
    let id = id.get(..12).unwrap_or_default();
    subject(&format!("{role} {id}"))
}

/// A client's key and certificate of its own, for a server that pins them.
pub(super) fn pinned_client(kind: KeyType, not_after: i64, now: i64) -> Result<(NewKey, Cert)> {
    let key = NewKey::generate(kind)?;
    let plan = Plan {
        subject: neutral("client", &key),
        public: &key.public,
        role: Role::Client,
        not_after,
        key_id: None,
    };
    let cert = self_signed(&plan, &key.signer()?, now)?;
    Ok((key, cert))
}

fn pinned(ctx: &Ctx<'_>, args: &New, kind: KeyType, sans: Sans, draft: &Draft) -> Result<Made> {
    let now = now(ctx);
    let key = NewKey::generate(kind)?;
    let names = sans.listed();
    let plan = Plan {
        subject: neutral("server", &key),
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
    draft.file(set::KEY, KEY, &key.pem())?;
    let list = pins::write(&[Pin { who: who(ctx), cert: client.clone() }]);
    draft.file(set::SERVER_CA, CERT, list.as_bytes())?;
    Ok(Made { ca: None, server, client, names })
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
        lines.push(tr!(lang, "  CA      {subject}, {days}", "  CA      {subject}，有效期 {days}"));
    }
    let (server, names) = (days(&made.server, now, lang), made.names.join(" "));
    lines.push(tr!(lang, "  server  {server}, for {names}", "  服务端  {server}，用于 {names}"));
    let (subject, client) = (made.client.subject.text(), days(&made.client, now, lang));
    lines.push(tr!(lang, "  client  {subject}, {client}", "  客户端  {subject}，{client}"));
    ctx.out.raw(&crate::output::clean_lines(&lines.join("\n")));
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
    ctx.out.raw(&tr!(lang, "then: dctx use {name}", "然后：dctx use {name}"));
}
