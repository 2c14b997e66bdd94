//! `cert show`: what a person needs to know of certificates, keys and requests, wherever they are.

mod words;

use std::path::{Path, PathBuf};

use serde::Serialize;

pub(in crate::cmd) use self::words::fault;
pub(super) use self::words::oddities;
use super::{days, set_of};
use crate::cert::key::{self, Belongs, PrivateKey};
use crate::cert::make::set::{self, Mode};
use crate::cert::pem::{self, Bad, Pem};
use crate::cert::signature::Signature;
use crate::cert::verify;
use crate::cert::x509::{Cert, hex};
use crate::cli::cert::CertShow;
use crate::cmd::{Ctx, json};
use crate::error::{Der, Error, Hint, Lang, Result};
use crate::in_force;
use crate::output::{Cell, Style, table};
use crate::profile::{KeySource, certs};
use crate::store::Store;
use crate::tr;

/// More certificates in one file than this are a bundle, of which only the number is told.
const MANY: usize = 20;

/// A file, read.
struct File {
    path: PathBuf,
    certs: Vec<Cert>,
    key: Option<Found>,
    requests: usize,
    error: Option<String>,
    /// What makes a PEM file of it.
    fixes: Vec<Hint>,
}

/// A private key.
enum Found {
    Open(PrivateKey),
    Closed,
}

#[derive(Serialize)]
struct Shown {
    schema: u8,
    files: Vec<ShownFile>,
}

#[derive(Serialize)]
struct ShownFile {
    path: String,
    certificates: Vec<ShownCert>,
    key: Option<ShownKey>,
    requests: usize,
    error: Option<String>,
}

#[derive(Serialize)]
struct ShownCert {
    subject: String,
    issuer: String,
    serial: String,
    not_before: i64,
    not_after: i64,
    days_left: i64,
    names: Vec<String>,
    ca: bool,
    usages: Vec<String>,
    key: String,
    sha256: String,
    /// The file with the CA that signed it, among those at hand.
    signed_by: Option<String>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct ShownKey {
    kind: Option<String>,
    encrypted: bool,
    /// The file with the certificate that it belongs to.
    belongs_to: Option<String>,
}

/// `dctx cert show`.
///
/// # Errors
/// There is nothing of that name.
pub(super) fn run(ctx: &Ctx<'_>, args: &CertShow) -> Result<()> {
    let (paths, around, apart) = subject(ctx, args)?;
    let lang = if args.json { Lang::En } else { ctx.out.lang };
    let files: Vec<File> = paths.iter().map(|path| read(path, lang)).collect();
    let around: Vec<File> =
        around.iter().filter(|path| !paths.contains(path)).map(|path| read(path, lang)).collect();
    let all: Vec<&File> = files.iter().chain(&around).collect();
    if args.json {
        let files = files.iter().map(|file| shown(ctx, file, &all)).collect();
        return ctx.out.report(&json(&Shown { schema: 1, files }));
    }
    let pages: Vec<String> = files.iter().map(|file| page(ctx, file, &all)).collect();
    ctx.out.report(&pages.join("\n"))?;
    match apart {
        None => {}
        Some(KeySource::Keyring) => {
            ctx.out.raw(&tr!(lang, "your private key is in the keyring", "你的私钥在密钥环中"));
        }
        Some(KeySource::Command(_)) => {
            ctx.out.raw(&tr!(
                lang,
                "your private key is from key-command",
                "你的私钥来自 key-command"
            ));
        }
    }
    match files.as_slice() {
        // Of one file that cannot be read there is nothing to show.
        [File { error: Some(_), certs, key: None, requests: 0, path, .. }] if certs.is_empty() => {
            set::certificates(path).map(|_| ())
        }
        _ => Ok(()),
    }
}

/// The files that are meant, those beside them that may explain them, and where a profile has its key that is in none.
fn subject(
    ctx: &Ctx<'_>,
    args: &CertShow,
) -> Result<(Vec<PathBuf>, Vec<PathBuf>, Option<KeySource>)> {
    let what = match &args.what {
        Some(what) => what.clone(),
        None => crate::cmd::show::active(&in_force::used(ctx.env))?,
    };
    let path = Path::new(&what);
    let plain = !what.contains(['/', '\\']) && crate::profile::name::check(&what).is_ok();
    if plain {
        let set = set_of(ctx, &what)?;
        if set.root.is_dir() {
            let store = Store::load(ctx.env).ok();
            let profile =
                store.as_ref().and_then(|store| store.entry(&what).ok()?.profile.as_ref().ok());
            let apart = profile.and_then(|profile| profile.key_source.clone());
            return Ok((of_set(&set)?, Vec::new(), apart));
        }
        let mut store = Store::load(ctx.env)?;
        if let Some(at) = store.entries.iter().position(|entry| entry.name == what) {
            let profile = store.entries.swap_remove(at).profile?;
            let home = ctx.env.home();
            let found = certs::paths(&profile, &ctx.look(home.as_deref(), &store.settings));
            let found: Vec<PathBuf> = found.into_iter().flatten().collect();
            if found.is_empty() {
                set.there()?;
            }
            return Ok((found, Vec::new(), profile.key_source));
        }
        if !path.exists() {
            return Err(store.no_profile(&what));
        }
    }
    if path.is_dir() {
        return Ok((directory(path)?, Vec::new(), None));
    }
    let beside = path
        .parent()
        .map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
    let around = beside.and_then(|dir| directory(dir).ok()).unwrap_or_default();
    Ok((vec![path.to_owned()], around, None))
}

fn of_set(set: &set::Set) -> Result<Vec<PathBuf>> {
    let mut names = vec![set::CA, set::CERT, set::KEY, set::REQUEST];
    if set.mode()? != Mode::Client {
        names.extend([set::SERVER_CERT, set::SERVER_KEY, set::SERVER_CA]);
    }
    names.extend(["ca/ca-key.pem", "ca-next/ca.pem", "ca-next/ca-key.pem"]);
    Ok(names.into_iter().filter(|name| set.has(name)).map(|name| set.path(name)).collect())
}

/// The files of a directory that look like certificates or keys by their names.
fn directory(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir);
    let entries = entries.map_err(|source| Error::Read { path: dir.to_owned(), source })?;
    let known = ["pem", "crt", "cer", "cert", "der", "key", "csr", "p12", "pfx", "p7b"];
    let fits = |path: &PathBuf| {
        path.extension().is_some_and(|ext| known.iter().any(|known| ext == *known))
            && path.is_file()
    };
    let mut all: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(fits).collect();
    all.sort();
    Ok(all)
}

fn read(path: &Path, lang: Lang) -> File {
    let mut file = File {
        path: path.to_owned(),
        certs: Vec::new(),
        key: None,
        requests: 0,
        error: None,
        fixes: Vec::new(),
    };
    let opened = match pem::open(path) {
        Ok(opened) => opened,
        Err(why) => {
            file.error = Some(set::bad(path, &why).message(lang));
            return file;
        }
    };
    let pem: Pem = match opened.pem() {
        Ok(pem) => pem,
        Err(why) => {
            // What it holds is shown all the same where it can be read.
            match why {
                Bad::Der(Der::Certificate) => file.certs.extend(Cert::from_der(&opened.bytes).ok()),
                Bad::Der(Der::Key) => {
                    file.key = PrivateKey::from_der(&opened.bytes).map(Found::Open);
                }
                Bad::Der(Der::ClosedKey) => file.key = Some(Found::Closed),
                Bad::Der(Der::Request) => file.requests = 1,
                _ => {}
            }
            let error = set::bad(path, &why);
            file.error = Some(error.message(lang));
            file.fixes = error.hints(lang);
            return file;
        }
    };
    for block in &pem.blocks {
        match block.label {
            "CERTIFICATE" => match Cert::from_der(&block.contents) {
                Ok(cert) => file.certs.push(cert),
                Err(why) => file.error = Some(why),
            },
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => file.requests += 1,
            _ => {}
        }
    }
    file.key = match key::read(&pem) {
        Ok(key) => Some(Found::Open(key)),
        Err(key::NoKey::Encrypted) => Some(Found::Closed),
        Err(_) => None,
    };
    file
}

/// The file with the CA that signed a certificate.
fn signer<'f>(cert: &Cert, all: &[&'f File]) -> Option<&'f File> {
    let signed = |ca: &&Cert| ca.is_ca() && verify::signed(cert, ca) == Signature::Good;
    all.iter().find(|file| file.certs.iter().any(|ca| signed(&ca))).copied()
}

/// The file with the certificate that a key belongs to.
fn owner<'f>(key: &PrivateKey, all: &[&'f File]) -> Option<&'f File> {
    let fits = |cert: &Cert| key.belongs_to(&cert.key) == Belongs::Yes;
    all.iter().find(|file| file.certs.iter().any(fits)).copied()
}

fn usages(cert: &Cert) -> Vec<String> {
    cert.usages.as_ref().map(|usages| usages.listed.clone()).unwrap_or_default()
}

fn shown(ctx: &Ctx<'_>, file: &File, all: &[&File]) -> ShownFile {
    let now = super::now(ctx);
    let text = |path: &Path| path.display().to_string();
    let certificates = file.certs.iter().map(|cert| ShownCert {
        subject: cert.subject.full.clone(),
        issuer: cert.issuer.full.clone(),
        serial: hex(&cert.serial),
        not_before: cert.not_before,
        not_after: cert.not_after,
        days_left: (cert.not_after - now).div_euclid(crate::cert::make::issue::DAY),
        names: cert.listed(),
        ca: cert.basic.is_some_and(|basic| basic.ca),
        usages: usages(cert),
        key: cert.key.kind.to_string(),
        sha256: hex(&cert.sha256),
        signed_by: signer(cert, all).map(|file| text(&file.path)),
        warnings: oddities(cert, Lang::En),
    });
    let key = file.key.as_ref().map(|found| match found {
        Found::Open(key) => ShownKey {
            kind: Some(key.kind.to_string()),
            encrypted: false,
            belongs_to: owner(key, all).map(|file| text(&file.path)),
        },
        Found::Closed => ShownKey { kind: None, encrypted: true, belongs_to: None },
    });
    ShownFile {
        path: text(&file.path),
        certificates: certificates.collect(),
        key,
        requests: file.requests,
        error: file.error.clone(),
    }
}

fn page(ctx: &Ctx<'_>, file: &File, all: &[&File]) -> String {
    let lang = ctx.out.lang;
    let mut out = ctx.out.out_styled(Style::Bold, &crate::text::clean(&ctx.tilde(&file.path)));
    out.push('\n');
    let mut rows: Vec<(String, String)> = Vec::new();
    if file.certs.len() > MANY {
        let count = file.certs.len();
        rows.push((
            tr!(lang, "bundle", "证书包"),
            tr!(lang, "{count} certificates", "{count} 个证书"),
        ));
    } else {
        for cert in &file.certs {
            certificate(ctx, cert, all, &mut rows);
        }
    }
    match &file.key {
        Some(Found::Open(key)) => {
            let kind = &key.kind;
            let belongs = match owner(key, all) {
                Some(file) => {
                    let file = ctx.tilde(&file.path);
                    tr!(lang, "{kind}, belongs to {file}", "{kind}，属于 {file}")
                }
                None => tr!(lang, "{kind}, of no certificate here", "{kind}，此处没有对应的证书"),
            };
            rows.push((tr!(lang, "key", "私钥"), belongs));
        }
        Some(Found::Closed) => {
            rows.push((tr!(lang, "key", "私钥"), tr!(lang, "has a passphrase", "有口令")));
        }
        None => {}
    }
    if file.requests > 0 {
        rows.push((
            tr!(lang, "request", "请求"),
            tr!(lang, "waits for its certificate", "等待签发证书"),
        ));
    }
    if let Some(error) = &file.error {
        rows.push((tr!(lang, "error", "错误"), error.clone()));
    }
    for fix in &file.fixes {
        rows.push((tr!(lang, "fix", "修正"), fix.line(lang)));
    }
    let cells = |(key, value): &(String, String)| {
        vec![Cell::new(Style::Dim, &format!("  {key}")), Cell::plain(value)]
    };
    out.push_str(&table(ctx.out, &rows.iter().map(cells).collect::<Vec<_>>()));
    out
}

fn certificate(ctx: &Ctx<'_>, cert: &Cert, all: &[&File], rows: &mut Vec<(String, String)>) {
    let (lang, now) = (ctx.out.lang, super::now(ctx));
    rows.push((tr!(lang, "subject", "主体"), cert.subject.full.clone()));
    let issuer = &cert.issuer.full;
    let own = cert.is_self_issued() && verify::signed(cert, cert) != Signature::Bad;
    let by = match signer(cert, all) {
        _ if own => tr!(lang, "itself", "自身"),
        Some(file) => {
            let file = ctx.tilde(&file.path);
            format!("{issuer} ({file})")
        }
        None => tr!(lang, "{issuer} (not among these)", "{issuer}（不在其中）"),
    };
    rows.push((tr!(lang, "signed by", "签发者"), by));
    rows.push((tr!(lang, "valid", "有效期"), days(cert, now, lang)));
    if cert.names.is_some() {
        rows.push((tr!(lang, "names", "名称"), cert.listed().join(" ")));
    }
    let what = match usages(cert) {
        _ if cert.basic.is_some_and(|basic| basic.ca) => tr!(lang, "CA", "CA"),
        _ if cert.version < 3 => {
            let version = cert.version;
            tr!(
                lang,
                "anything: X.509 version {version} cannot say",
                "任何用途：X.509 第 {version} 版无法限定"
            )
        }
        listed if listed.is_empty() => tr!(lang, "anything", "任何用途"),
        listed => listed.join(" "),
    };
    rows.push((tr!(lang, "for", "用途"), what));
    rows.push((tr!(lang, "public key", "公钥"), cert.key.kind.to_string()));
    rows.push(("sha256".to_owned(), hex(&cert.sha256)));
    for odd in oddities(cert, lang) {
        rows.push((tr!(lang, "note", "注意"), odd));
    }
}
