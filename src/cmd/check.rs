//! `check`: what is wrong with a host, this machine or this shell, and what to type.

mod fix;
mod here;
mod json;
mod outcome;
mod page;
mod pool;
mod progress;
pub(super) mod results;
pub(super) mod subject;
pub(in crate::cmd) mod wrap;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use self::json::{Checked, Host, Item};
use self::outcome::{Outcome, Said, worst};
use self::page::Page;
use self::pool::{How, Job};
use self::progress::{Interrupted, Progress};
use self::subject::{Keys, Subject, Who};
use super::{Ctx, advice, key, ls};
use crate::check::clients;
use crate::check::finding::Finding;
use crate::check::floor;
use crate::check::machine::programs::docker_version;
use crate::check::target::{Report, Target};
use crate::cli;
use crate::error::{Error, Expected, Hint, ProfileFault, Result};
use crate::in_force::{self, Used};
use crate::interop::docker::Contexts;
use crate::profile::{Profile, duration};
use crate::store::parse::{Entry, Settings};
use crate::store::{Store, Warning};
use crate::tr;

/// The longest that one host may take where nothing else is said, in seconds.
const LIMIT: u64 = 5;

/// `dctx check`. Returns the worst exit code of what was found: 6 (TLS or identity) before 5 (not reached) before 4
/// (files), and 0 where nothing failed.
///
/// # Errors
/// When a profile that is named does not exist, or nothing can be printed.
pub fn run(ctx: &Ctx<'_>, args: &cli::Check) -> Result<u8> {
    let limit = limit(&args.timeout)?;
    match args.names.is_empty() && !args.all && args.tag.is_none() {
        true => here(ctx, args, limit),
        false => hosts(ctx, args, limit),
    }
}

/// A length of time from the command line.
fn limit(text: &str) -> Result<Duration> {
    let seconds = duration(text).ok_or_else(|| {
        let expected = Expected::Duration;
        Error::Value(ProfileFault::Kind { key: "--timeout".to_owned(), expected })
    })?;
    Ok(Duration::from_secs(seconds))
}

/// What may be done about keys; of many hosts none asks a person.
fn keys(args: &cli::Check, one: bool) -> Keys {
    match (args.offline, one) {
        (true, _) => Keys::Leave,
        (false, true) => Keys::Ask,
        (false, false) => Keys::Fetch,
    }
}

/// Without a name: this machine, this shell, and what docker goes to from here.
fn here(ctx: &Ctx<'_>, args: &cli::Check, limit: Duration) -> Result<u8> {
    let contexts = Contexts::of(ctx.env);
    let answer = in_force::judge(ctx.env, &contexts);
    let mut store = Store::load(ctx.env);
    let skipped = store.as_mut().map(|store| here::skipped(ctx.env, store)).unwrap_or_default();
    let settings = store.as_ref().map(|store| store.settings.clone()).unwrap_or_default();
    let active = match (&answer.profile, &store) {
        // It leads elsewhere by now; what is looked at is where docker goes.
        (Some(name), Ok(store)) if matches!(ls::used(ctx, store), Used::Redefined(_)) => {
            ls::redefined(ctx, name);
            None
        }
        (Some(name), Ok(store)) => {
            let entry = store.entry(name).ok().and_then(|entry| entry.profile.as_ref().ok());
            entry.map(|profile| {
                Subject::of_profile(ctx, profile, &settings, limit, keys(args, true))
            })
        }
        _ => None,
    };
    let subject = active.or_else(|| Subject::of_here(ctx, &answer, &contexts, &settings, limit));
    let mut machine = here::look(ctx, store, &answer, &contexts);
    machine.extend(skipped);
    let outcomes = match check(ctx, args, subject.into_iter().collect(), Depth::All) {
        Ok(outcomes) => outcomes,
        Err(signal) => return Ok(progress::end_by(&signal)),
    };
    tell(ctx, args, &machine, &outcomes, true)
}

/// The profiles that are named.
fn hosts(ctx: &Ctx<'_>, args: &cli::Check, limit: Duration) -> Result<u8> {
    let mut store = Store::load(ctx.env)?;
    for warning in std::mem::take(&mut store.warnings) {
        match warning {
            Warning::Layer(error) => {
                ctx.out.warn_error(&tr!(ctx.out.lang, "skipped: ", "已跳过："), &error, &[]);
            }
            Warning::Odd(error) => ctx.out.warn_error("", &error, &[]),
        }
    }
    let settings = store.settings.clone();
    let entries = wanted(args, store)?;
    if entries.is_empty() {
        let lang = ctx.out.lang;
        let hint =
            Hint::run(tr!(lang, "add one", "请添加"), "dctx add NAME tcp://HOST:2376 --certs DIR");
        ctx.out.warn(&tr!(lang, "there are no profiles yet", "还没有主机配置"), &[hint]);
    }
    let keys = keys(args, entries.len() == 1);
    let subject = |entry| Subject::of_entry(ctx, entry, &settings, limit, keys);
    let subjects = entries.into_iter().map(subject).collect();
    match check(ctx, args, subjects, Depth::All) {
        Ok(outcomes) => tell(ctx, args, &[], &outcomes, false),
        Err(signal) => Ok(progress::end_by(&signal)),
    }
}

/// The entries that the command line names, each once, in the order of the store.
fn wanted(args: &cli::Check, store: Store) -> Result<Vec<Entry>> {
    let mut names: HashSet<String> = HashSet::new();
    for asked in &args.names {
        if asked.contains(['*', '?']) {
            let found = store.entries.iter().filter(|entry| ls::glob(asked, &entry.name));
            let before = names.len();
            names.extend(found.map(|entry| entry.name.clone()));
            if names.len() == before && !names.iter().any(|name| ls::glob(asked, name)) {
                return Err(Error::NoMatch(asked.clone()));
            }
        } else {
            names.insert(store.entry(asked)?.name.clone());
        }
    }
    let tagged = |entry: &Entry| match &args.tag {
        None => true,
        Some(tag) => entry.profile.as_ref().is_ok_and(|profile| profile.tags.contains(tag)),
    };
    let any = !store.entries.is_empty();
    let mut entries = store.entries;
    entries.retain(|entry| (args.names.is_empty() || names.contains(&entry.name)) && tagged(entry));
    match (&args.tag, entries.is_empty()) {
        (Some(tag), true) if any => Err(Error::NoMatch(tag.clone())),
        _ => Ok(entries),
    }
}

/// How much of a host is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// What stops docker.
    Docker,
    /// Also what stops programs beside it, which may take another login.
    All,
}

/// Mends if that was asked for, looks, asks, and keeps what came of it.
fn check(
    ctx: &Ctx<'_>,
    args: &cli::Check,
    subjects: Vec<Subject>,
    depth: Depth,
) -> Result<Vec<Outcome>, Interrupted> {
    let mended: Vec<Vec<Finding>> = subjects
        .iter()
        .map(|subject| match (&subject.target, args.fix && subject.strict) {
            (Ok(target), true) => fix::mend(target),
            _ => Vec::new(),
        })
        .collect();
    let how = How { jobs: args.jobs.map_or(pool::JOBS, usize::from), offline: args.offline };
    // of many it is enough to know whether docker answers
    let brief = subjects.len() > 1;
    let forwarding = !brief && depth == Depth::All;
    let jobs = subjects.iter().map(|subject| {
        let target = Target { brief, forwarding, ..subject.target.as_ref().ok()?.clone() };
        Some(Job { target, strict: subject.strict })
    });
    let jobs = Arc::new(jobs.collect::<Vec<_>>());
    let mut progress = Progress::new(ctx, subjects.len());
    let reports = pool::run(&jobs, how, &mut progress);
    drop(progress);
    // those that were fetched for it
    key::leave(ctx, Some(key::Holder::This), &[]);
    let reports = reports?;
    let mut outcomes = Vec::new();
    let mut kept = Vec::new();
    let is_asked = |report: &Option<Report>| report.as_ref().is_some_and(|it| it.server.is_some());
    let client = reports.iter().any(is_asked).then(|| docker_version(ctx.env)).flatten();
    for ((subject, mut report), mended) in subjects.into_iter().zip(reports).zip(mended) {
        let sum = subject.sum.clone();
        if let (Some(client), Some(report), Ok(target)) = (&client, &mut report, &subject.target) {
            let server = report.server.as_ref();
            report.findings.extend(server.and_then(|it| floor::look(client, target, it)));
        }
        let outcome = outcome(args, subject, report, mended);
        if let Some(sum) = sum.filter(|_| !args.offline) {
            kept.extend(results::last(ctx, &outcome, sum));
        }
        outcomes.push(outcome);
    }
    results::keep(ctx, kept);
    Ok(outcomes)
}

fn outcome(
    args: &cli::Check,
    subject: Subject,
    report: Option<Report>,
    mended: Vec<Finding>,
) -> Outcome {
    let Some(report) = report else { return Outcome::unasked(subject) };
    let said = mended.into_iter().chain(report.findings).map(Said::Finding).collect();
    let Subject { who, endpoint, target, .. } = subject;
    let clients = match target {
        Ok(target) if args.clients => {
            clients::table(&target, matches!(who, Who::Context(_)), report.server.as_ref())
        }
        _ => Vec::new(),
    };
    let (server, micros) = (report.server, report.micros);
    Outcome { who, endpoint, said, server, connected: !args.offline, micros, clients }
}

/// Says it all: the worst first.
fn tell(
    ctx: &Ctx<'_>,
    args: &cli::Check,
    machine: &[Said],
    outcomes: &[Outcome],
    doctor: bool,
) -> Result<u8> {
    let codes = machine.iter().map(Said::code).chain(outcomes.iter().map(Outcome::code));
    let code = worst(codes);
    let mut sorted: Vec<&Outcome> = outcomes.iter().collect();
    sorted.sort_by(|a, b| b.level().cmp(&a.level()).then_with(|| a.name().cmp(b.name())));
    if args.json {
        let machine = machine.iter().map(|said| Item::of(ctx, said)).collect();
        let profiles = sorted.into_iter().map(|outcome| Host::of(ctx, outcome)).collect();
        let checked = Checked { schema: 1, code, machine, profiles };
        return ctx.out.report(&super::json(&checked)).map(|()| code);
    }
    let page = Page::new(ctx);
    let mut text = String::new();
    if doctor {
        let shown: Vec<&Said> = machine.iter().filter(|said| page.shows(said)).collect();
        text.push_str(&page.rows(&shown, 0, &|_| true));
    }
    let one_each = outcomes.len() > 1 && !ctx.out.verbose && !args.clients;
    if one_each {
        text.push_str(&page.fleet(&sorted));
    } else {
        for outcome in sorted.iter().filter(|outcome| page.tells(outcome)) {
            text.push_str(if text.is_empty() { "" } else { "\n" });
            text.push_str(&page.host(outcome));
        }
        if outcomes.len() > 1 && !ctx.out.quiet {
            text.push_str(&format!("\n{}", page.totals(&sorted)));
        }
    }
    if doctor && !ctx.out.quiet {
        let all: Vec<&Said> =
            machine.iter().chain(outcomes.iter().flat_map(|outcome| &outcome.said)).collect();
        text.push_str(&format!("\n{}", page.total(&all, args.offline)));
    }
    ctx.out.report(&text).map(|()| code)
}

/// For `use --check`: connects, and says what is wrong.
///
/// # Errors
/// [`Error::CheckFailed`], after the cause and what to do have been said.
pub fn before_use(ctx: &Ctx<'_>, profile: &Profile, settings: &Settings) -> Result<()> {
    let limit = Duration::from_secs(LIMIT);
    let subject = Subject::of_profile(ctx, profile, settings, limit, Keys::Ask);
    let args = cli::Check::default();
    let outcomes = match check(ctx, &args, vec![subject], Depth::Docker) {
        Ok(outcomes) => outcomes,
        Err(signal) => return Err(Error::NotChosen(progress::end_by(&signal))),
    };
    let lang = ctx.out.lang;
    for outcome in &outcomes {
        if let Some(failure) = outcome.failure() {
            let fixes = advice::spoken(ctx, failure.fixes(lang));
            ctx.out.warn(&failure.text(lang), &fixes);
            let id = outcome.id().map(|id| id.as_str());
            let (name, code) = (profile.name.clone(), outcome.code());
            return Err(Error::CheckFailed { name, id, code });
        }
    }
    Ok(())
}
