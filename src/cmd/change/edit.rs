//! `edit` by flags.

use toml_edit::Value;

use super::notes::{next, notes};
use super::{certificates, fields::fields, material, own, secret, settings, update};
use crate::cli;
use crate::cmd::{Ctx, editor};
use crate::error::{Error, Hint, Result};
use crate::in_force;
use crate::profile::endpoint::Endpoint;
use crate::profile::{KeySource, Profile, certs};
use crate::store::{self, document};
use crate::tr;

/// `dctx edit`: by flags where there are any, else in an editor.
///
/// # Errors
/// As [`edit`] and [`editor::run`].
pub fn edit_any(ctx: &Ctx<'_>, args: &cli::Edit) -> Result<()> {
    let flags = args.host.is_some() || !args.unset.is_empty() || !args.fields.is_empty();
    match (&args.name, flags) {
        (Some(name), true) => edit(ctx, args, name),
        (Some(name), false) => own(ctx, name)
            .or_else(|error| match error {
                // A file that is broken is what the editor is for.
                Error::Syntax { .. } | Error::Encoding { .. } | Error::Setting { .. } => Ok(()),
                other => Err(other),
            })
            .and_then(|()| editor::run(ctx, Some(name))),
        (None, false) => editor::run(ctx, None),
        (None, true) => Err(Error::UsageOf {
            message: "edit with flags needs the name of a profile",
            message_zh: "带选项的 edit 需要主机配置名",
            run: "dctx edit NAME --host HOST",
        }),
    }
}

/// `dctx edit NAME` with flags.
///
/// # Errors
/// As [`add`], and when there is no such profile or another file owns it.
pub fn edit(ctx: &Ctx<'_>, args: &cli::Edit, name: &str) -> Result<()> {
    own(ctx, name)?;
    let mut changes: Vec<(&'static str, Option<Value>)> = Vec::new();
    if let Some(host) = &args.host {
        changes.push(("host", Some(host.into())));
    }
    changes.extend(fields(ctx, &args.fields)?.into_iter().map(|(key, value)| (key, Some(value))));
    let one_by_one = ["ca", "cert", "key"];
    let given = |key: &str| changes.iter().any(|(given, _)| *given == key);
    let (directory, single) = (given("certs"), one_by_one.into_iter().any(given));
    if directory && !single {
        // The directory takes the place of files named one by one.
        changes.extend(one_by_one.map(|key| (key, None)));
    }
    for key in &args.unset {
        if let Some(key) = crate::profile::KEYS.iter().find(|k| *k == key) {
            changes.push((key, None));
        }
    }
    let before = store::find(ctx.env, name).ok().map(|(profile, _)| profile);
    if let Some(before) = before.as_ref().filter(|_| single && !directory) {
        one_by_one_from(ctx, before, &mut changes);
    }
    let left_out = match (&before, &args.host) {
        (Some(before), Some(host)) => without_tls(before, host, &mut changes),
        _ => Vec::new(),
    };
    let about_certs =
        changes.iter().any(|(key, _)| ["certs", "ca", "cert", "key", "tls"].contains(key));
    let settings = settings(ctx);
    if let Some(found) = secret::preview(ctx, name, &changes)
        .filter(|_| directory)
        .and_then(|after| material::by_contents(ctx, &after, &settings))
    {
        changes.retain(|(key, _)| !["certs", "ca", "cert", "key"].contains(key));
        changes.push(("certs", None));
        changes.extend(found.into_iter().map(|(key, value)| (key, Some(value))));
    }
    let moved = match secret::preview(ctx, name, &changes) {
        Some(after) => secret::carry(ctx, before.as_ref(), &after, &settings)?,
        None => secret::Moved::default(),
    };
    let written = update(
        ctx,
        name,
        &mut |doc| {
            changes.iter().try_for_each(|(key, value)| document::set(doc, name, key, value.clone()))
        },
        // Files that are missing for a reason of their own are no reason to refuse another host.
        &|profile| match about_certs {
            true => certificates(ctx, profile, &settings).map(|_| ()),
            false => Ok(()),
        },
    )
    .inspect_err(|_| moved.take_back())?;
    let lang = ctx.out.lang;
    if !written.changed {
        ctx.out.say(&tr!(lang, "{name} already has these values", "{name} 原本就是这样"));
        return Ok(());
    }
    if moved.is_in_keyring() {
        // undo would bring back the line and not the file
        ctx.out.say(&tr!(lang, "changed {name}", "已修改 {name}"));
    } else {
        ctx.out.say(&tr!(
            lang,
            "changed {name}; to take it back: dctx undo",
            "已修改 {name}；撤销：dctx undo"
        ));
    }
    if !left_out.is_empty() {
        let keys = left_out.join(tr!(lang, ", ", "、").as_str());
        ctx.out.say(&tr!(
            lang,
            "certificates are for tcp:// only, so these keys were removed from {name}: {keys}",
            "证书只用于 tcp://，因此已从 {name} 删除这些键：{keys}"
        ));
    }
    moved.finish(ctx, name);
    let (profile, settings) = store::find(ctx.env, name)?;
    if let Some(before) = &before {
        lost(ctx, before, &profile);
    }
    let home = ctx.env.home();
    if let Err(error) = certs::locate(&profile, &ctx.look(home.as_deref(), &settings)) {
        ctx.out.warn_error("", &error, &error.hints(lang));
    }
    if about_certs {
        material::notes(ctx, &profile, &settings);
    }
    notes(ctx, &profile);
    if in_force::used(ctx.env).in_force() == Some(name) {
        let command = next(ctx, name);
        ctx.out.say(&tr!(
            lang,
            "this shell still has the former values; to take the new ones: {command}",
            "当前 shell 仍是旧值；应用新值：{command}"
        ));
    }
    Ok(())
}

/// Says what a list was before, where something that was in it is gone: a flag gives the whole list, and does not add to it.
fn lost(ctx: &Ctx<'_>, before: &Profile, after: &Profile) {
    let pairs = |profile: &Profile| -> Vec<String> {
        profile.env.iter().map(|(name, value)| format!("{name}={value}")).collect()
    };
    let command = |profile: &Profile| match &profile.key_source {
        Some(KeySource::Command(words)) => words.clone(),
        _ => Vec::new(),
    };
    let lang = ctx.out.lang;
    for (key, flag, was, now) in [
        ("tags", "--tag", before.tags.clone(), after.tags.clone()),
        ("dirs", "--dir", before.dirs.clone(), after.dirs.clone()),
        ("env", "--env", pairs(before), pairs(after)),
        ("key-command", "", command(before), command(after)),
    ] {
        let gone: Vec<&String> = was.iter().filter(|item| !now.contains(item)).collect();
        if gone.is_empty() || now.is_empty() {
            continue;
        }
        let list = |items: &[String]| items.join(&tr!(lang, ", ", "、"));
        let (old, new) = (list(&was), list(&now));
        let all = was.iter().chain(now.iter().filter(|item| !was.contains(item)));
        let all: Vec<String> =
            all.map(|item| format!(" {flag} {}", shell_words::quote(item))).collect();
        let name = &after.name;
        let hint = Hint::run(
            tr!(lang, "to have all of them", "如需全部保留"),
            format!("dctx edit {name}{}", all.concat()),
        );
        let hints: &[Hint] = if flag.is_empty() || key == "env" { &[] } else { &[hint] };
        ctx.out.warn(&tr!(lang, "{key}: {old} → {new}", "{key}：{old} → {new}"), hints);
    }
}

/// Certificates mean nothing for an address that is not tcp://: keys of a profile that are about them, and that nothing was
/// said of, go with the former address. Returns those keys. A key that is kept in the keyring or comes from a program is
/// left: taking that away is for its owner to say.
fn without_tls(
    before: &Profile,
    host: &str,
    changes: &mut Vec<(&'static str, Option<Value>)>,
) -> Vec<&'static str> {
    let tcp = |host: &Endpoint| matches!(host, Endpoint::Tcp { .. });
    let leaves_tcp = Endpoint::parse(host).is_ok_and(|host| !tcp(&host)) && tcp(&before.host);
    if !leaves_tcp || before.key_source.is_some() {
        return Vec::new();
    }
    let certs = &before.certs;
    let has = [
        ("certs", certs.dir.is_some()),
        ("ca", certs.ca.is_some()),
        ("cert", certs.cert.is_some()),
        ("key", certs.key.is_some()),
    ];
    let gone: Vec<&str> = has
        .into_iter()
        .filter(|(key, has)| *has && changes.iter().all(|(given, _)| given != key))
        .map(|(key, _)| key)
        .collect();
    changes.extend(gone.iter().map(|key| (*key, None)));
    if changes.iter().all(|(key, _)| *key != "tls") {
        changes.push(("tls", None));
    }
    gone
}

/// What else has to change where files are named one by one: a profile with a directory gets the others that it has there
/// one by one, too, and a key that is in a file comes from no program any more.
fn one_by_one_from(
    ctx: &Ctx<'_>,
    before: &Profile,
    changes: &mut Vec<(&'static str, Option<Value>)>,
) {
    let given = |changes: &[(&str, Option<Value>)], key: &str| -> Option<String> {
        let typed = changes.iter().rev().find(|(given, _)| *given == key)?.1.as_ref()?;
        typed.as_str().map(ToOwned::to_owned)
    };
    let key = given(changes, "key");
    if key.is_some() && matches!(before.key_source, Some(KeySource::Command(_))) {
        changes.push(("key-command", None));
    }
    let taken_out = changes.iter().any(|(key, value)| *key == "certs" && value.is_none());
    if before.certs.dir.is_none() || taken_out {
        return;
    }
    if let Some(typed) = key.as_deref().filter(|typed| *typed != "keyring")
        && secret::is_of_directory(ctx, before, typed)
    {
        // The directory says it already.
        changes.retain(|(key, _)| *key != "key");
        changes.push(("key", None));
    }
    let names_a_file = |key: &str| given(changes, key).is_some_and(|typed| typed != "keyring");
    if !["ca", "cert", "key"].into_iter().any(names_a_file) {
        return;
    }
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), &crate::store::parse::Settings::default());
    let there = certs::paths(&Profile { key_source: None, ..before.clone() }, &look);
    let apart = before.key_source.is_some() && key.is_none();
    for (name, path) in ["ca", "cert", "key"].into_iter().zip(there) {
        let path = path.filter(|path| path.exists() && given(changes, name).is_none());
        if let Some(path) = path.filter(|_| name != "key" || !apart) {
            let path = crate::env::tilde(&path, home.as_deref());
            changes.push((name, Some(path.into())));
        }
    }
    changes.push(("certs", None));
}
