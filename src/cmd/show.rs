//! `show`: a profile, its certificates, and what `use` would set.

use std::path::Path;

use serde::Serialize;

use super::{Ctx, switch};
use crate::cert::read::{Certificate, certificates};
use crate::cli;
use crate::error::{Error, Lang, Result};
use crate::exports::{Change, DIR, DirChange, Exports, OWN, Scope, Shell, UseInput, for_use};
use crate::in_force::{self, Used};
use crate::output::{Cell, Style, table};
use crate::profile::destination::Destination;
use crate::profile::endpoint::Endpoint;
use crate::profile::{KeySource, Profile, TlsMode, certs};
use crate::store::{Store, dirs, parse::Settings};
use crate::tr;

#[derive(Serialize)]
struct Shown<'a> {
    schema: u8,
    name: &'a str,
    active: bool,
    host: String,
    endpoint: String,
    tls: TlsMode,
    protected: bool,
    description: Option<&'a str>,
    tags: &'a [String],
    dirs: &'a [String],
    file: String,
    line: usize,
    read_only: bool,
    certificates: Vec<File>,
    /// What `use` sets, and `null` for what it unsets.
    env: serde_json::Map<String, serde_json::Value>,
    /// Why it cannot be used as it is.
    error: Option<String>,
}

/// A file of the profile.
#[derive(Serialize)]
struct File {
    role: &'static str,
    path: String,
    #[serde(flatten)]
    certificate: Option<Certificate>,
    error: Option<String>,
    /// Where a key is that is in no file, or what keeps docker from reading the one in its file; for a person.
    #[serde(skip)]
    note: Option<Note>,
}

#[derive(Clone, Copy)]
enum Note {
    Keyring,
    Command,
    Passphrase,
}

impl Note {
    fn words(self, lang: Lang) -> String {
        match self {
            Self::Keyring => tr!(lang, "in the keyring", "在密钥环中"),
            Self::Command => tr!(lang, "from key-command", "由 key-command 提供"),
            Self::Passphrase => tr!(lang, "has a passphrase", "有口令"),
        }
    }
}

/// `dctx show`.
///
/// # Errors
/// When there is no such profile or it is not valid.
pub fn run(ctx: &Ctx<'_>, args: &cli::Show) -> Result<()> {
    let used = in_force::used(ctx.env);
    let name = match &args.name {
        Some(name) => name.clone(),
        None => active(&used)?,
    };
    let mut store = Store::load(ctx.env)?;
    let at = store.entries.iter().position(|entry| entry.name == name);
    let Some(at) = at else { return Err(store.no_profile(&name)) };
    let profile = store.entries.swap_remove(at).profile?;
    dirs::learn(ctx.env, [&profile]);
    let lang = if args.json { Lang::En } else { ctx.out.lang };
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), &store.settings);
    let material = certs::locate(&profile, &look);
    let files = material
        .as_ref()
        .ok()
        .and_then(Option::as_ref)
        .map(|material| files(&profile, material, lang))
        .unwrap_or_default();
    let exports = switch::destination(ctx, &profile, &store.settings).map(|to| exports(ctx, &to));
    let is_active = used.in_force() == Some(name.as_str());
    let redefined = is_active && used.beside(ctx.env, Some(&profile)).in_force().is_none();
    let is_active = is_active && !redefined;
    if args.json {
        let env = exports.as_ref().map(as_json).unwrap_or_default();
        let error = exports.as_ref().err().map(|error| error.message(Lang::En));
        let shown = Shown {
            schema: 1,
            name: &profile.name,
            active: is_active,
            host: profile.host.to_string(),
            endpoint: profile.docker_host(),
            tls: profile.tls,
            protected: profile.protected,
            description: profile.description.as_deref(),
            tags: &profile.tags,
            dirs: &profile.dirs,
            file: profile.origin.path.display().to_string(),
            line: profile.origin.line,
            read_only: profile.origin.layer,
            certificates: files,
            env,
            error,
        };
        return ctx.out.report(&super::json(&shown));
    }
    ctx.out.report(&page(ctx, &profile, &files, exports.as_ref().ok(), is_active))?;
    if redefined {
        super::ls::redefined(ctx, &name);
    }
    if let Err(error) = &exports {
        ctx.out.warn_error("", error, &error.hints(ctx.out.lang));
    }
    Ok(())
}

/// The profile that is meant where none is named.
///
/// # Errors
/// [`Error::NoneActive`], and [`Error::ChangedSince`] where one was used and its variables have been changed.
pub(super) fn active(used: &Used) -> Result<String> {
    match used {
        Used::InForce(name) | Used::Redefined(name) => Ok(name.clone()),
        Used::Changed(name) => Err(Error::ChangedSince(name.clone())),
        Used::Nothing => Err(Error::NoneActive),
    }
}

fn exports(ctx: &Ctx<'_>, to: &Destination) -> Exports {
    for_use(&UseInput {
        to,
        here: &Shell::plain(ctx.env),
        scope: Scope::Session,
        token: None,
        dir: &DirChange::ByHand,
    })
}

/// The exports without dctx's own bookkeeping.
fn visible(exports: &Exports) -> impl Iterator<Item = (&str, Option<String>)> {
    exports.iter().filter(|export| !OWN.contains(&export.var) && export.var != DIR).map(|export| {
        let value = match &export.change {
            Change::Set(value) => Some(value.to_string_lossy().into_owned()),
            Change::Unset | Change::Uncover => None,
        };
        (export.var.as_str(), value)
    })
}

fn as_json(exports: &Exports) -> serde_json::Map<String, serde_json::Value> {
    visible(exports).map(|(name, value)| (name.to_owned(), value.into())).collect()
}

fn files(profile: &Profile, material: &certs::Material, lang: Lang) -> Vec<File> {
    let mut out = vec![file("ca", &material.ca, lang)];
    if let Some((cert, key)) = &material.pair {
        out.push(file("cert", cert, lang));
        // The key itself is nobody's to look into.
        let path = key.display().to_string();
        let note = material.sealed.then_some(Note::Passphrase);
        out.push(File { role: "key", path, certificate: None, error: None, note });
    }
    if let Some(cert) = &material.lone {
        out.push(file("cert", cert, lang));
        let (path, note) = match profile.key_source {
            Some(KeySource::Command(_)) => ("key-command", Note::Command),
            _ => ("keyring", Note::Keyring),
        };
        let path = path.to_owned();
        out.push(File { role: "key", path, certificate: None, error: None, note: Some(note) });
    }
    out
}

fn file(role: &'static str, path: &Path, lang: Lang) -> File {
    let (certificate, error) = match certificates(path, lang) {
        // Of a bundle of many CAs the first says nothing about the others.
        Ok(all) if all.len() > 8 => (None, None),
        Ok(all) => (all.into_iter().next(), None),
        Err(error) => (None, Some(error)),
    };
    File { role, path: path.display().to_string(), certificate, error, note: None }
}

/// `, client certificate valid 364 more days` for a profile that has one.
#[must_use]
pub fn client_life(ctx: &Ctx<'_>, profile: &Profile) -> Option<String> {
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), &Settings { strict_modes: false, ..Settings::default() });
    let material = certs::locate(profile, &look).ok()??;
    let cert = super::key::certificate(&material)?.to_owned();
    let certificate = certificates(&cert, ctx.out.lang).ok()?.into_iter().next()?;
    let life = life(&certificate, ctx.out.lang);
    Some(tr!(ctx.out.lang, ", client certificate {life}", "，客户端证书{life}"))
}

/// How long a certificate is still good.
fn life(certificate: &Certificate, lang: Lang) -> String {
    match certificate.days_left() {
        left @ 1.. => tr!(lang, "valid {left} more days", "还有 {left} 天有效"),
        0 => tr!(lang, "expires within a day", "一天内过期"),
        left => {
            let past = left.unsigned_abs();
            tr!(lang, "EXPIRED {past} days ago", "已过期 {past} 天")
        }
    }
}

/// A span of time in its largest unit.
#[must_use]
pub fn age(seconds: u64, lang: Lang) -> String {
    match seconds {
        0..60 => tr!(lang, "{seconds} s", "{seconds} 秒"),
        60..3600 => {
            let n = seconds / 60;
            tr!(lang, "{n} min", "{n} 分钟")
        }
        3600..86_400 => {
            let n = seconds / 3600;
            tr!(lang, "{n} h", "{n} 小时")
        }
        86_400..172_800 => tr!(lang, "1 day", "1 天"),
        _ => {
            let n = seconds / 86_400;
            tr!(lang, "{n} days", "{n} 天")
        }
    }
}

fn page(
    ctx: &Ctx<'_>,
    profile: &Profile,
    files: &[File],
    exports: Option<&Exports>,
    active: bool,
) -> String {
    let lang = ctx.out.lang;
    let mut out = ctx.out.out_styled(Style::Bold, &profile.name);
    if active {
        out.push_str(&tr!(lang, "  (active in this shell)", "  （当前 shell 正在使用）"));
    }
    if profile.protected {
        let word = tr!(lang, "protected", "受保护");
        out.push_str("  ");
        out.push_str(&ctx.out.out_styled(Style::Red, &word));
    }
    out.push('\n');
    let mut rows: Vec<(String, String)> = vec![(tr!(lang, "host", "主机"), profile.docker_host())];
    // ssh has its own ways, and a socket needs none.
    if matches!(profile.host, Endpoint::Tcp { .. }) {
        rows.push((
            "TLS".to_owned(),
            super::tls_words(profile.tls, super::has_client(ctx, profile), lang),
        ));
    }
    for file in files {
        let path = match file.note {
            Some(note @ (Note::Keyring | Note::Command)) => note.words(lang),
            Some(note) => format!("{}  {}", ctx.tilde(Path::new(&file.path)), note.words(lang)),
            None => ctx.tilde(Path::new(&file.path)),
        };
        let about = match (&file.certificate, &file.error) {
            (Some(certificate), _) => about(certificate, lang),
            (None, Some(error)) => format!("({error})"),
            (None, None) => String::new(),
        };
        rows.push((file.role.to_owned(), format!("{path}  {about}").trim_end().to_owned()));
    }
    let list = |items: &[String]| items.join(" ");
    let optional = [
        (tr!(lang, "description", "说明"), profile.description.clone().unwrap_or_default()),
        (tr!(lang, "tags", "标签"), list(&profile.tags)),
        (tr!(lang, "dirs", "目录"), list(&profile.dirs)),
    ];
    rows.extend(optional.into_iter().filter(|(_, text)| !text.is_empty()));
    let origin = format!("{}:{}", ctx.tilde(&profile.origin.path), profile.origin.line);
    let read_only = if profile.origin.layer {
        tr!(lang, "  (read-only)", "  （只读）")
    } else {
        String::new()
    };
    rows.push((tr!(lang, "defined in", "定义于"), format!("{origin}{read_only}")));
    let columns = ctx.env.stdout_tty.then(|| ctx.out.columns(ctx.env)).flatten();
    let keys = rows.iter().map(|(key, _)| Cell::plain(key).width()).max().unwrap_or(0);
    // Two blanks before the key and two after it.
    let room = columns.map(|columns| columns.saturating_sub(keys + 4));
    let cells = |(key, value): &(String, String)| {
        wrapped(value, room)
            .into_iter()
            .enumerate()
            .map(|(at, line)| {
                let key = if at == 0 { format!("  {key}") } else { String::new() };
                vec![Cell::plain(""), Cell::new(Style::Dim, &key), Cell::plain(&line)]
            })
            .collect::<Vec<_>>()
    };
    out.push_str(&table(ctx.out, &rows.iter().flat_map(cells).collect::<Vec<_>>()));
    if let Some(exports) = exports {
        out.push_str(&tr!(lang, "dctx use sets\n", "dctx use 会设置\n"));
        let (set, unset): (Vec<_>, Vec<_>) =
            visible(exports).partition(|(_, value)| value.is_some());
        for (name, value) in set {
            let value = value.unwrap_or_default();
            out.push_str(&format!("  {name}={}\n", crate::text::clean(&value)));
        }
        let names: Vec<&str> = unset.iter().map(|(name, _)| *name).collect();
        let names = wrapped(&names.join(" "), columns.map(|columns| columns.saturating_sub(2)));
        let names = names.join("\n  ");
        out.push_str(&tr!(lang, "and unsets\n  {names}\n", "并取消设置\n  {names}\n"));
    }
    out
}

/// A text in lines of at most so many columns, broken at blanks and after the commas of Chinese; a word that is longer, such
/// as a path, is on a line of its own, whole, for copying.
fn wrapped(text: &str, room: Option<usize>) -> Vec<String> {
    let fits = |text: &str, room: usize| Cell::plain(text).width() <= room;
    let Some(room) = room.filter(|room| !fits(text, *room)) else { return vec![text.to_owned()] };
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for piece in text.split_inclusive([' ', '，', '、']) {
        if !line.is_empty() && !fits((line.clone() + piece).trim_end(), room) {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        // Blanks between two parts of a line are none at its beginning.
        if !line.is_empty() || !piece.trim().is_empty() {
            line.push_str(piece);
        }
    }
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// One line about a certificate.
fn about(certificate: &Certificate, lang: Lang) -> String {
    let Certificate { subject, issuer, .. } = certificate;
    let life = life(certificate, lang);
    if subject == issuer {
        tr!(lang, "{subject}, {life}", "{subject}，{life}")
    } else {
        tr!(lang, "{subject}, signed by {issuer}, {life}", "{subject}，由 {issuer} 签发，{life}")
    }
}
