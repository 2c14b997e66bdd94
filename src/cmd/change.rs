//! `add`, `edit` by flags, `rename`, `rm`, `undo`: the commands that write the profile file.

use std::path::Path;

use toml_edit::{Array, InlineTable, Value};

use super::{Ctx, tls_words};
use crate::cli;
use crate::error::{CertFault, Error, Hint, ProfileFault, Result};
use crate::profile::endpoint::Endpoint;
use crate::profile::{Origin, Profile, Raw, TlsMode, certs, name};
use crate::store::document::{self, Document};
use crate::store::write::{self, Target, Written};
use crate::store::{self, Store, history, parse};
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
        ctx.out.warn(&warning.message(ctx.out.lang), &[]);
    }
}

/// What the file must be after a change: TOML whose tables are tables. Single profiles may be wrong,
/// since a broken one must not keep the others from being changed.
fn loads(path: &Path) -> impl Fn(&str) -> Result<()> {
    move |text| parse::parse(path, text, false).map(|_| ())
}

/// Edits the file; `verify` names the profile that must be valid afterwards.
fn update(
    ctx: &Ctx<'_>,
    verify: Option<&str>,
    edit: &mut dyn FnMut(&mut Document) -> Result<()>,
) -> Result<Written> {
    let target = target(ctx)?;
    let path = target.config.clone();
    let check = |text: &str| {
        let parsed = parse::parse(&path, text, false)?;
        let wanted = parsed.entries.into_iter().find(|e| Some(e.name.as_str()) == verify);
        wanted.map_or(Ok(()), |entry| match entry.profile {
            Ok(_) => Ok(()),
            // It is about what was just typed, which is not in the file.
            Err(Error::Profile { fault, .. }) => Err(Error::Value(fault)),
            Err(other) => Err(other),
        })
    };
    let ((), written) = write::update(&target, &check, edit, &mut waiting(ctx))?;
    warn_written(ctx, &written);
    Ok(written)
}

/// A path as typed, made absolute (it is relative to where the person is, not to the file) and with the
/// home directory written as `~`, so that the file can be carried to another machine.
fn stored_path(ctx: &Ctx<'_>, typed: &str) -> Result<String> {
    if typed.starts_with("~/") || typed == "~" || typed.starts_with("${HOME}") {
        return Ok(typed.to_owned());
    }
    let doing = "finding the current directory";
    let path = std::path::absolute(typed).map_err(|source| Error::Io { doing, source })?;
    let home = ctx.env.home();
    let base = Path::new("/");
    let tidy = certs::expand(&path.to_string_lossy(), base, home.as_deref());
    Ok(crate::env::tilde(&tidy, home.as_deref()))
}

/// The flags as keys and values, in the order of the file's documentation.
fn fields(ctx: &Ctx<'_>, flags: &cli::Fields) -> Result<Vec<(&'static str, Value)>> {
    let mut out: Vec<(&'static str, Value)> = Vec::new();
    for (key, path) in
        [("certs", &flags.certs), ("ca", &flags.ca), ("cert", &flags.cert), ("key", &flags.key)]
    {
        match path.as_deref() {
            Some("keyring") if key == "key" => out.push((key, "keyring".into())),
            Some(path) if !path.is_empty() => out.push((key, stored_path(ctx, path)?.into())),
            Some(_) => {
                return Err(Error::Value(ProfileFault::Kind {
                    key: key.to_owned(),
                    expected: "a path",
                }));
            }
            None => {}
        }
    }
    if let Some(mode) = &flags.tls {
        out.push(("tls", mode.into()));
    }
    if let Some(protected) = flags.protected {
        out.push(("protected", protected.into()));
    }
    if let Some(text) = &flags.description {
        out.push(("description", text.into()));
    }
    if !flags.tags.is_empty() {
        out.push(("tags", Value::Array(flags.tags.iter().collect::<Array>())));
    }
    if !flags.dirs.is_empty() {
        let dirs: Result<Array> = flags.dirs.iter().map(|dir| stored_path(ctx, dir)).collect();
        out.push(("dirs", Value::Array(dirs?)));
    }
    if let Some(time) = &flags.max_use {
        out.push(("max-use", time.into()));
    }
    if let Some(version) = &flags.api_version {
        out.push(("api-version", version.into()));
    }
    if !flags.env.is_empty() {
        let mut env = InlineTable::new();
        for pair in &flags.env {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                Error::Value(ProfileFault::Kind { key: "env".to_owned(), expected: "NAME=VALUE" })
            })?;
            env.insert(name, value.into());
        }
        out.push(("env", Value::InlineTable(env)));
    }
    Ok(out)
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
    let profile = preview(ctx, &args.name, &all)?;
    let concern = certificates(ctx, &profile)?;
    update(ctx, Some(&args.name), &mut |doc| document::insert(doc, &args.name, &all))?;

    let lang = ctx.out.lang;
    let (name, host, words) = (&profile.name, profile.docker_host(), tls_words(profile.tls, lang));
    let what = match &profile.host {
        Endpoint::Tcp { .. } => format!("{host}, {words}"),
        _ => host.clone(),
    };
    let life = super::show::client_life(ctx, &profile).unwrap_or_default();
    ctx.out.say(&tr!(lang, "added {name} ({what}{life})", "已添加 {name}({what}{life})"));
    if let Some(error) = concern {
        ctx.out.warn(&error.message(lang), &error.hints(lang));
    }
    notes(ctx, &profile);
    if !ctx.out.quiet {
        ctx.out.raw(&Hint::run(tr!(lang, "next", "下一步"), next(ctx, name)).to_string());
    }
    Ok(())
}

/// How to use it, in the words of the shell that is at work.
fn next(ctx: &Ctx<'_>, name: &str) -> String {
    let command = format!("dctx use {name}");
    let quiet = crate::output::Output::new(ctx.env, Some(false), true, false);
    let silent = Ctx { out: &quiet, ..*ctx };
    let hooked = ctx.env.filled("DCTX_FD").is_some();
    match super::switch::shell_for(&silent, None) {
        Ok(shell) if !hooked && shell.kind() == crate::shell::Kind::Shell => shell.load(&command),
        _ => command,
    }
}

/// Things about a profile that are as written and may still surprise.
fn notes(ctx: &Ctx<'_>, profile: &Profile) {
    let lang = ctx.out.lang;
    let host = profile.docker_host();
    if profile.host.is_unspecified() {
        ctx.out.warn(
            &tr!(
                lang,
                "{host} is no address to connect to; Linux takes it for this machine",
                "{host} 不是可连接的地址;Linux 会把它当作本机"
            ),
            &[],
        );
    }
    if matches!(profile.host, Endpoint::Npipe(_)) && cfg!(not(windows)) {
        ctx.out.warn(
            &tr!(
                lang,
                "named pipes are Windows' own: this profile cannot be used here",
                "命名管道只用于 Windows:此处无法使用该配置"
            ),
            &[],
        );
    }
    if profile.tls == TlsMode::Insecure {
        ctx.out.warn(
            &tr!(
                lang,
                "nobody checks that {host} is who it says it is; with its CA: tls = \"verify\"",
                "不会验证 {host} 的身份;有 CA 时请用 tls = \"verify\""
            ),
            &[],
        );
    }
    let alone = profile.tls == TlsMode::Verify && {
        let home = ctx.env.home();
        let look = ctx.look(
            home.as_deref(),
            &parse::Settings { strict_modes: false, ..parse::Settings::default() },
        );
        certs::locate(profile, &look).is_ok_and(|m| m.is_some_and(|m| m.pair.is_none()))
    };
    if alone {
        ctx.out.say(&tr!(lang, "no client certificate: the docker command can do that; docker-py, dockerode and compose's children cannot", "没有客户端证书:docker 命令可以这样用;docker-py、dockerode 和 compose 的子进程不行"));
    }
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
        None => Profile::new(name, Raw::default(), Origin::default())
            .map_err(|(_, fault)| Error::Value(fault)),
    }
}

/// Looks at the certificate files: what is not there is refused, what is too open is told.
fn certificates(ctx: &Ctx<'_>, profile: &Profile) -> Result<Option<Error>> {
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), &parse::Settings::default());
    match certs::locate(profile, &look) {
        Ok(_) => Ok(None),
        Err(error @ Error::Cert { fault: CertFault::Exposed(_) | CertFault::Writable(_), .. }) => {
            Ok(Some(error))
        }
        Err(Error::Cert { path, fault, .. }) if profile.key_source.is_none() => {
            Err(Error::CertValue { path, fault })
        }
        Err(_) => Ok(None),
    }
}

/// `dctx edit`: by flags where there are any, else in an editor.
///
/// # Errors
/// As [`edit`] and [`super::editor::run`].
pub fn edit_any(ctx: &Ctx<'_>, args: &cli::Edit) -> Result<()> {
    let flags = args.host.is_some() || !args.unset.is_empty() || !args.fields.is_empty();
    match (&args.name, flags) {
        (Some(name), true) => edit(ctx, args, name),
        (Some(name), false) => own(ctx, name)
            .or_else(|error| match error {
                // A file that is broken is what the editor is for.
                Error::Syntax { .. } | Error::Encoding { .. } => Ok(()),
                other => Err(other),
            })
            .and_then(|()| super::editor::run(ctx)),
        (None, false) => super::editor::run(ctx),
        (None, true) => Err(Error::UsageOf {
            message: "edit with flags needs the name of a profile",
            message_zh: "带选项的 edit 需要配置名",
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
    for key in &args.unset {
        if let Some(key) = crate::profile::KEYS.iter().find(|k| *k == key) {
            changes.push((key, None));
        }
    }
    let written = update(ctx, Some(name), &mut |doc| {
        changes.iter().try_for_each(|(key, value)| document::set(doc, name, key, value.clone()))
    })?;
    let lang = ctx.out.lang;
    if written.changed {
        ctx.out.say(&tr!(
            lang,
            "changed {name}; to take it back: dctx undo",
            "已修改 {name};撤销:dctx undo"
        ));
    } else {
        ctx.out.say(&tr!(lang, "{name} was like that already", "{name} 原本就是这样"));
    }
    if let Ok((profile, _)) = store::find(ctx.env, name) {
        let home = ctx.env.home();
        let look = ctx.look(home.as_deref(), &parse::Settings::default());
        if let Err(error) = certs::locate(&profile, &look) {
            ctx.out.warn(&error.message(lang), &error.hints(lang));
        }
        if written.changed && ctx.env.text("DCTX_PROFILE").as_deref() == Some(name) {
            let command = next(ctx, name);
            ctx.out.say(&tr!(
                lang,
                "this shell still has the former values; to take the new ones: {command}",
                "当前 shell 仍是旧值;应用新值:{command}"
            ));
        }
    }
    Ok(())
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
    update(ctx, None, &mut |doc| document::rename(doc, old, new))?;
    let lang = ctx.out.lang;
    ctx.out.say(&tr!(
        lang,
        "{old} is now {new}; to take it back: dctx undo",
        "{old} 已改名为 {new};撤销:dctx undo"
    ));
    if ctx.env.text("DCTX_PROFILE").as_deref() == Some(old.as_str()) {
        let command = next(ctx, new);
        ctx.out.say(&tr!(
            lang,
            "this shell still says {old}; to take the new name: {command}",
            "当前 shell 仍为 {old};应用新名称:{command}"
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
    update(ctx, None, &mut |doc| {
        let mut done = std::collections::BTreeSet::new();
        args.names
            .iter()
            .filter(|name| done.insert(*name))
            .try_for_each(|name| document::remove(doc, name))
    })?;
    let lang = ctx.out.lang;
    let names = args.names.join(", ");
    ctx.out.say(&tr!(
        lang,
        "removed {names}; to take it back: dctx undo",
        "已删除 {names};撤销:dctx undo"
    ));
    if let Some(active) = ctx.env.text("DCTX_PROFILE").filter(|active| args.names.contains(active))
    {
        let host = ctx.env.text("DOCKER_HOST").unwrap_or_default();
        ctx.out.warn(
            &tr!(
                lang,
                "this shell still points at {active} ({host})",
                "当前 shell 仍指向 {active}({host})"
            ),
            &[Hint::run(tr!(lang, "back to local docker", "回到本地 docker"), "dctx reset")],
        );
    }
    Ok(())
}

/// `dctx undo`.
///
/// # Errors
/// When there is nothing to go back to, or the file cannot be written.
pub fn undo(ctx: &Ctx<'_>) -> Result<()> {
    let target = target(ctx)?;
    let path = target.config.clone();
    let undone = history::undo(&target, &loads(&path), &mut waiting(ctx))?;
    warn_written(ctx, &undone.written);
    let lang = ctx.out.lang;
    let shown = ctx.tilde(&path);
    match undone.restored.and_then(|time| time.elapsed().ok()) {
        Some(age) => {
            let age = super::show::age(age.as_secs(), lang);
            ctx.out.say(&tr!(
                lang,
                "{shown} is as it was {age} ago; to redo: dctx undo",
                "{shown} 已恢复为 {age}前的内容;重做:dctx undo"
            ));
        }
        None => ctx.out.say(&tr!(
            lang,
            "{shown} is empty, as before the first profile; to redo: dctx undo",
            "{shown} 已清空,回到首个配置之前;重做:dctx undo"
        )),
    }
    Ok(())
}
