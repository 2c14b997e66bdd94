//! `undo`: takes the last change of the profile file back, and says what that did.

use std::collections::BTreeMap;

use super::{Ctx, secret, target, waiting, warn_written};
use crate::error::{Lang, Result};
use crate::store::history::{self, Undone};
use crate::store::{Store, dirs, parse, place};
use crate::tr;

/// `dctx undo`.
///
/// # Errors
/// When there is nothing to go back to, or the file cannot be written.
pub fn undo(ctx: &Ctx<'_>) -> Result<()> {
    let target = target(ctx)?;
    let kept = secret::names(ctx);
    let undone = history::undo(&target, &mut waiting(ctx))?;
    warn_written(ctx, &undone.written);
    let (lang, shown) = (ctx.out.lang, ctx.tilde(&target.config));
    let did = what_it_did(&undone, &shown, lang);
    ctx.out.say(&tr!(lang, "{did}; to redo: dctx undo", "{did}；重做：dctx undo"));
    if let Some(path) = &undone.kept {
        let path = ctx.tilde(path);
        ctx.out.say(&tr!(
            lang,
            "the text that was in it is kept in {path}",
            "原先的内容保存在 {path}"
        ));
    }
    let restored = place::decode(&target.config, &undone.restored);
    if let Err(error) =
        restored.and_then(|text| parse::parse(&target.config, text, false).map(|_| ()))
    {
        ctx.out.warn_error("", &error, &[]);
    }
    secret::undone(ctx, &kept);
    learn(ctx);
    Ok(())
}

/// Remembers where the directories of profiles lead, which may be others now.
pub(in crate::cmd) fn learn(ctx: &Ctx<'_>) {
    let odd = ctx.env.take_odd();
    let store = Store::load(ctx.env);
    // What is odd about the file is noted already.
    drop(ctx.env.take_odd());
    ctx.env.note_odd(odd);
    let Ok(store) = store else { return };
    dirs::learn(ctx.env, store.entries.iter().filter_map(|entry| entry.profile.as_ref().ok()));
}

/// The tables of a profile file, as TOML has them.
#[derive(Default)]
struct Tables {
    profiles: BTreeMap<String, toml::Value>,
    others: BTreeMap<String, toml::Value>,
}

/// `None` for what is no TOML, or has no table where one belongs.
fn tables(bytes: &[u8]) -> Option<Tables> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut root: toml::Table = text.trim_start_matches(place::BOM).parse().ok()?;
    let profiles = match root.remove("profiles") {
        Some(toml::Value::Table(table)) => table.into_iter().collect(),
        Some(_) => return None,
        None => BTreeMap::new(),
    };
    root.remove("schema");
    Some(Tables { profiles, others: root.into_iter().collect() })
}

/// One sentence: which profiles came back, went, or are as they were.
fn what_it_did(undone: &Undone, file: &str, lang: Lang) -> String {
    let (before, after) = match (tables(&undone.replaced), tables(&undone.restored)) {
        (Some(before), Some(after)) => (before, after),
        (None, Some(after)) => {
            let names: Vec<String> = after.profiles.into_keys().collect();
            let names = list(&names, lang);
            return tr!(
                lang,
                "{file} is as dctx last wrote it (profiles: {names})",
                "{file} 已恢复为 dctx 上次写入的内容（主机配置：{names}）"
            );
        }
        (_, None) => return tr!(lang, "{file} is as you saved it", "{file} 已恢复为你保存的内容"),
    };
    let missing = |from: &Tables, other: &Tables| -> Vec<String> {
        let names = from.profiles.keys().filter(|name| !other.profiles.contains_key(*name));
        names.cloned().collect()
    };
    let (gone, back) = (missing(&before, &after), missing(&after, &before));
    let changed = before.profiles.iter().filter(|(name, table)| {
        after.profiles.get(*name).is_some_and(|restored| restored != *table)
    });
    let changed: Vec<String> = changed.map(|(name, _)| name.clone()).collect();
    let mut said = Vec::new();
    match (gone.as_slice(), back.as_slice()) {
        ([new], [old]) if before.profiles.get(new) == after.profiles.get(old) => {
            said.push(tr!(lang, "{new} is called {old} again", "{new} 已改回 {old}"));
        }
        _ => {
            if !back.is_empty() {
                let names = list(&back, lang);
                said.push(match back.len() {
                    1 => tr!(lang, "{names} is back", "{names} 已恢复"),
                    _ => tr!(lang, "{names} are back", "{names} 已恢复"),
                });
            }
            if !gone.is_empty() {
                let names = list(&gone, lang);
                said.push(match gone.len() {
                    1 => tr!(lang, "{names} is removed", "{names} 已移除"),
                    _ => tr!(lang, "{names} are removed", "{names} 已移除"),
                });
            }
        }
    }
    if !changed.is_empty() {
        let names = list(&changed, lang);
        said.push(match changed.len() {
            1 => tr!(lang, "{names} is as before", "{names} 已恢复原样"),
            _ => tr!(lang, "{names} are as before", "{names} 已恢复原样"),
        });
    }
    if before.others != after.others {
        said.push(tr!(lang, "the settings are as before", "设置已恢复原样"));
    }
    if said.is_empty() {
        return tr!(lang, "{file} is as before", "{file} 已恢复原样");
    }
    said.join(tr!(lang, "; ", "；").as_str())
}

/// Names in a row, cleaned; a dash where there are none.
fn list(names: &[String], lang: Lang) -> String {
    let clean: Vec<_> = names.iter().map(|name| crate::text::clean(name).into_owned()).collect();
    match clean.as_slice() {
        [] => tr!(lang, "none", "无"),
        some => some.join(tr!(lang, ", ", "、").as_str()),
    }
}
