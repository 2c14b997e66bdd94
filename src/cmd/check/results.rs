//! The last result of each profile: kept after a check, shown by `ls --check`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::outcome::{Outcome, word};
use super::subject::Who;
use crate::check::finding::Level;
use crate::check::id::Id;
use crate::cmd::Ctx;
use crate::output::{Cell, Style};
use crate::profile::Profile;
use crate::store::checked::{self, Last};
use crate::tr;

/// What is to be kept of an outcome; nothing for what is no profile.
pub(super) fn last(ctx: &Ctx<'_>, outcome: &Outcome, sum: String) -> Option<(String, Last)> {
    let Who::Profile(name) = &outcome.who else { return None };
    let id = outcome.id().map(|id| id.as_str().to_owned());
    let level = word(outcome.level()).to_owned();
    Some((name.clone(), Last { at: ctx.now(), level, id, code: outcome.code(), sum }))
}

/// Keeps them, if that can be.
pub(super) fn keep(ctx: &Ctx<'_>, results: Vec<(String, Last)>) {
    if results.is_empty() {
        return;
    }
    let kept = ctx.env.cache().map(|cache| checked::record(&cache, results));
    if let Some(Err(why)) = kept {
        let why = crate::error::reason(&why, ctx.out.lang);
        ctx.out.detail(&tr!(
            ctx.out.lang,
            "the results could not be kept for dctx ls --check: {why}",
            "无法为 dctx ls --check 保存结果：{why}"
        ));
    }
}

/// The results that there are.
#[derive(Debug)]
pub(in crate::cmd) struct Results(BTreeMap<String, Last>);

/// A result as `ls --json --check` shows it.
#[derive(Debug, Serialize)]
pub(in crate::cmd) struct Shown {
    level: &'static str,
    id: Option<&'static str>,
    code: u8,
    /// When, in seconds since 1970.
    at: u64,
}

impl Results {
    pub(in crate::cmd) fn load(ctx: &Ctx<'_>) -> Self {
        Self(ctx.env.cache().map(|cache| checked::load(&cache)).unwrap_or_default())
    }

    /// The last result of `profile`, unless it has changed since. Only words of ours are taken from the file.
    pub(in crate::cmd) fn of(&self, profile: &Profile) -> Option<Shown> {
        let last = self.0.get(&profile.name)?;
        if last.sum != checked::sum(profile) {
            return None;
        }
        let levels = [Level::Ok, Level::Warn, Level::Fail].map(word);
        let level = levels.into_iter().find(|level| *level == last.level)?;
        let known = |id: &&Id| Some(id.as_str()) == last.id.as_deref();
        let id = Id::ALL.iter().find(known).map(|id| id.as_str());
        Some(Shown { level, id, code: last.code, at: last.at })
    }

    /// `ok 3 min ago`, `fail: refused, 2 h ago`, `never`.
    pub(in crate::cmd) fn cell(&self, ctx: &Ctx<'_>, profile: &Profile) -> Cell {
        let lang = ctx.out.lang;
        let Some(shown) = self.of(profile) else {
            return Cell::new(Style::Dim, &tr!(lang, "never", "从未"));
        };
        let age = age(ctx, shown.at);
        match (shown.level, shown.id) {
            ("fail", Some(id)) => {
                Cell::new(Style::Red, &tr!(lang, "fail: {id}, {age}", "失败：{id}，{age}"))
            }
            ("fail", None) => Cell::new(Style::Red, &tr!(lang, "fail, {age}", "失败，{age}")),
            ("warn", _) => Cell::new(
                Style::Yellow,
                &tr!(lang, "ok with warnings, {age}", "正常但有警告，{age}"),
            ),
            _ => Cell::new(Style::Green, &tr!(lang, "ok {age}", "正常，{age}")),
        }
    }
}

/// How long ago that was, in one unit.
fn age(ctx: &Ctx<'_>, at: u64) -> String {
    let (lang, seconds) = (ctx.out.lang, ctx.now().saturating_sub(at));
    let units = [
        (86_400, tr!(lang, "d", "天")),
        (3_600, tr!(lang, "h", "小时")),
        (60, tr!(lang, "min", "分钟")),
    ];
    for (length, unit) in units {
        if seconds >= length {
            let n = seconds / length;
            return tr!(lang, "{n} {unit} ago", "{n} {unit}前");
        }
    }
    tr!(lang, "just now", "刚刚")
}
