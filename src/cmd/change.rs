//! `add`, `edit` by flags, `rename`, `rm`, `undo`: the commands that write the profile file.

mod edit;
mod fields;
mod material;
mod notes;
mod secret;
mod undo;

use std::path::Path;

use toml_edit::Value;

pub use self::edit::{edit, edit_any};
use self::fields::fields;
use self::notes::{hidden, next, notes, uncovered};
pub(super) use self::undo::learn;
pub use self::undo::undo;
use super::{Ctx, current, has_client, tls_words};
use crate::cli;
use crate::error::{CertFault, Error, Hint, ProfileFault, Result};
use crate::in_force;
use crate::interop::docker::Contexts;
use crate::profile::endpoint::Endpoint;
use crate::profile::{Origin, Profile, Raw, certs, name};
use crate::store::document::{self, Document};
use crate::store::write::{self, Target, Written};
use crate::store::{self, Store, parse};
use crate::tr;

/// The file that is written, and where its lock and history are.
pub(super) fn target(ctx: &Ctx<'_>) -> Result<Target> {
    let dirs = ctx.env.dirs()?;
    Ok(Target { config: store::config_file(&dirs), state: dirs.state })
}

/// Tells of another dctx that is being waited for.
pub(super) fn waiting(ctx: &Ctx<'_>) -> impl FnMut() {
    let text = tr!(ctx.out.lang, "waiting for another dctx to finish", "正在等待另一个 dctx 完成");
    move || ctx.out.say(&text)
}

pub(super) fn warn_written(ctx: &Ctx<'_>, written: &Written) {
    for warning in &written.warnings {
        ctx.out.warn(&warning.message(ctx.out.lang), &warning.hints(ctx.out.lang));
    }
}

/// What the file must be after a change: TOML whose tables are tables. Single profiles may be wrong,
/// since a broken one must not keep the others from being changed.
fn loads(path: &Path) -> impl Fn(&str) -> Result<()> {
    move |text| parse::parse(path, text, false).map(|_| ())
}

/// Edits the file. `judge` gets the profile `name` as it will be, and may still refuse it.
pub(super) fn update(
    ctx: &Ctx<'_>,
    name: &str,
    edit: &mut dyn FnMut(&mut Document) -> Result<()>,
    judge: &dyn Fn(&Profile) -> Result<()>,
) -> Result<Written> {
    let target = target(ctx)?;
    let path = target.config.clone();
    let check = |text: &str| {
        let parsed = parse::parse(&path, text, false)?;
        match parsed.entries.into_iter().find(|entry| entry.name == name).map(|e| e.profile) {
            None => Ok(()),
            Some(Ok(profile)) => judge(&profile),
            Some(Err(error)) => {
                // What was wrong before is in the file, with its line; the rest was just typed.
                let old = Store::load(ctx.env)
                    .ok()
                    .and_then(|store| store.entries.into_iter().find(|e| e.name == name))
                    .and_then(|entry| entry.profile.err());
                let before = old.as_ref().map(Error::profile_faults).unwrap_or_default();
                let typed = error.profile_faults().into_iter().find(|f| !before.contains(f));
                match typed.cloned() {
                    Some(fault) => Err(Error::Value(fault)),
                    None => Err(error),
                }
            }
        }
    };
    let ((), written) = write::update(&target, &check, edit, &mut waiting(ctx))?;
    warn_written(ctx, &written);
    if let Ok((profile, _)) = store::find(ctx.env, name) {
        store::dirs::learn(ctx.env, [&profile]);
    }
    Ok(written)
}

/// An edit of the file as a whole, after which it must load.
fn update_file(
    ctx: &Ctx<'_>,
    edit: &mut dyn FnMut(&mut Document) -> Result<()>,
) -> Result<Written> {
    let target = target(ctx)?;
    let check = loads(&target.config);
    let ((), written) = write::update(&target, &check, edit, &mut waiting(ctx))?;
    warn_written(ctx, &written);
    Ok(written)
}

/// The user's settings; the usual ones where the file cannot be read.
fn settings(ctx: &Ctx<'_>) -> parse::Settings {
    Store::load(ctx.env).map(|store| store.settings).unwrap_or_default()
}

/// `dctx add`.
///
/// # Errors
/// A name or value that is not one, a profile that exists, certificate files that are not there, or why
/// the file could not be written. Nothing is written then.
pub fn add(ctx: &Ctx<'_>, args: &cli::Add) -> Result<()> {
    name::check(&args.name).map_err(|fault| Error::Name { name: args.name.clone(), fault })?;
    // The host first: it is what people get wrong.
    Endpoint::parse(&args.host).map_err(|refused| {
        let crate::profile::endpoint::Refused { fault, write } = refused;
        Error::Value(ProfileFault::Endpoint { input: args.host.clone(), fault, write })
    })?;
    let mut all = vec![("host", Value::from(&args.host))];
    all.extend(fields(ctx, &args.fields)?);
    let mut profile = preview(ctx, &args.name, &all)?;
    let settings = settings(ctx);
    if let Some(found) = material::by_contents(ctx, &profile, &settings) {
        all.retain(|(key, _)| *key != "certs");
        all.extend(found);
        profile = preview(ctx, &args.name, &all)?;
    }
    let concern = certificates(ctx, &profile, &settings)?;
    // Before a key is moved anywhere.
    if let Some(entry) = Store::load(ctx.env)?.entry(&args.name).ok().filter(|e| !e.origin.layer) {
        let (name, path) = (args.name.clone(), entry.origin.path.clone());
        return Err(Error::Exists { name, path });
    }
    let moved = secret::carry(ctx, None, &profile, &settings)?;
    update(ctx, &args.name, &mut |doc| document::insert(doc, &args.name, &all), &|_| Ok(()))?;

    let lang = ctx.out.lang;
    let words = tls_words(profile.tls, has_client(ctx, &profile), lang);
    let (name, host) = (&profile.name, profile.docker_host());
    let what = match &profile.host {
        Endpoint::Tcp { .. } => tr!(lang, "{host}, {words}", "{host}，{words}"),
        _ => host.clone(),
    };
    let life = super::show::client_life(ctx, &profile).unwrap_or_default();
    ctx.out.say(&tr!(lang, "added {name} ({what}{life})", "已添加 {name}（{what}{life}）"));
    moved.finish(ctx, name);
    if let Some(error) = concern {
        ctx.out.warn_error("", &error, &error.hints(lang));
    }
    material::notes(ctx, &profile, &settings);
    hidden(ctx, name);
    let usable = notes(ctx, &profile);
    if usable && !ctx.out.quiet {
        ctx.out.raw(&Hint::run(tr!(lang, "next", "下一步"), next(ctx, name)).line(lang));
    }
    Ok(())
}

/// The profile that these keys make, before anything is written.
fn preview(ctx: &Ctx<'_>, name: &str, fields: &[(&'static str, Value)]) -> Result<Profile> {
    let mut doc = Document::parse(Path::new(""), "")?;
    document::insert(&mut doc, name, fields)?;
    let path = target(ctx)?.config;
    let parsed = parse::parse(&path, &doc.into_text(), false)?;
    match parsed.entries.into_iter().next().map(|entry| entry.profile) {
        Some(Ok(profile)) => Ok(profile),
        Some(Err(Error::Profile { fault, .. })) => Err(Error::Value(fault)),
        Some(Err(other)) => Err(other),
        None => Profile::new(name, Raw::default(), Origin::default()).map_err(|faults| {
            let fault = faults.into_iter().next().map_or(ProfileFault::NoHost, |(_, fault)| fault);
            Error::Value(fault)
        }),
    }
}

/// Looks at the certificate files: what is not there is refused, what is too open is told.
fn certificates(
    ctx: &Ctx<'_>,
    profile: &Profile,
    settings: &parse::Settings,
) -> Result<Option<Error>> {
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), settings);
    let concern = match certs::locate(profile, &look) {
        Ok(_) => None,
        Err(error @ Error::Cert { fault: CertFault::Exposed(_) | CertFault::Writable(_), .. }) => {
            Some(error)
        }
        Err(Error::Cert { path, fault: CertFault::NoCerts, .. }) => {
            return Err(material::instead(path));
        }
        Err(Error::Cert { path, fault, .. }) => return Err(Error::CertValue { path, fault }),
        Err(_) => None,
    };
    material::judge(ctx, profile, settings).map(|()| concern)
}

/// That `name` is in the user's own file.
fn own(ctx: &Ctx<'_>, name: &str) -> Result<()> {
    let store = Store::load(ctx.env)?;
    let entry = store.entry(name)?;
    if entry.origin.layer {
        let (name, path) = (name.to_owned(), entry.origin.path.clone());
        return Err(Error::ReadOnlyLayer { name, path });
    }
    Ok(())
}

/// `dctx rename`.
///
/// # Errors
/// When there is no such profile, the new name is taken or not a name, or the file cannot be written.
pub fn rename(ctx: &Ctx<'_>, args: &cli::Rename) -> Result<()> {
    let (old, new) = (&args.old, &args.new);
    name::check(new).map_err(|fault| Error::Name { name: new.clone(), fault })?;
    own(ctx, old)?;
    let written = update_file(ctx, &mut |doc| document::rename(doc, old, new))?;
    let lang = ctx.out.lang;
    if !written.changed {
        ctx.out.say(&tr!(lang, "{old} already has that name", "{old} 原本就叫这个名称"));
        return Ok(());
    }
    ctx.out.say(&tr!(
        lang,
        "{old} is now {new}; to take it back: dctx undo",
        "{old} 已改名为 {new}；撤销：dctx undo"
    ));
    hidden(ctx, new);
    uncovered(ctx, old);
    if in_force::used(ctx.env).in_force() == Some(old.as_str()) {
        let command = next(ctx, new);
        ctx.out.say(&tr!(
            lang,
            "this shell still says {old}; to take the new name: {command}",
            "当前 shell 仍为 {old}；应用新名称：{command}"
        ));
    }
    Ok(())
}

/// `dctx rm`: all of them, or none.
///
/// # Errors
/// When there is no such profile, another file owns it, or the file cannot be written.
pub fn rm(ctx: &Ctx<'_>, args: &cli::Rm) -> Result<()> {
    for name in &args.names {
        own(ctx, name)?;
    }
    let mut names: Vec<&str> = Vec::new();
    for name in &args.names {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let kept = secret::kept(ctx, &names);
    update_file(ctx, &mut |doc| names.iter().try_for_each(|name| document::remove(doc, name)))?;
    let lang = ctx.out.lang;
    let joined = names.join(tr!(lang, ", ", "、").as_str());
    ctx.out.say(&tr!(
        lang,
        "removed {joined}; to take it back: dctx undo",
        "已删除 {joined}；撤销：dctx undo"
    ));
    secret::removed(ctx, kept, args.purge);
    names.iter().for_each(|name| uncovered(ctx, name));
    let here = in_force::judge(ctx.env, &Contexts::of(ctx.env));
    if here.profile.as_deref().is_some_and(|active| names.contains(&active)) {
        // what was chosen for every shell is taken back for every shell
        let reset = if here.universal { "dctx reset -U" } else { "dctx reset" };
        let hint = Hint::run(tr!(lang, "back to local docker", "切回本地 docker"), reset);
        current::still_with(ctx, &here, &[hint]);
    }
    Ok(())
}
