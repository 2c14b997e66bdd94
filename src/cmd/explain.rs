//! `explain`: what docker's own words mean, and what to type.

use std::io::{self, Read as _};
use std::time::Duration;

use serde::Serialize;

use super::Ctx;
use super::check::wrap::{blanks, columns, hanging};
use crate::check::diagnosis::{Diagnosis, Facts};
use crate::check::id::Id;
use crate::check::target::Target;
use crate::check::{explain, files};
use crate::cli;
use crate::error::{Error, Hint, Lang, Result};
use crate::in_force;
use crate::output::Style;
use crate::profile::endpoint::{Endpoint, PORT_PLAIN, PORT_TLS};
use crate::profile::{Profile, TlsMode};
use crate::store::{Store, parse::Settings};
use crate::text::clean;
use crate::tr;

/// The most that is read, in bytes: an error is a line, a terminal's whole history some hundred kilobytes.
const MAX_TEXT: u64 = 1 << 20;

#[derive(Serialize)]
struct Explained<'a> {
    schema: u8,
    /// One of the closed list, or `unknown`.
    id: &'a str,
    /// The exit code.
    code: u8,
    cause: Option<String>,
    /// Best first.
    fix: Vec<Fix>,
    profile: Option<&'a str>,
    /// Where docker went, as far as it is known.
    endpoint: Option<&'a str>,
}

#[derive(Serialize)]
struct Fix {
    say: String,
    /// The command, if there is one.
    run: Option<String>,
}

/// `dctx explain`. Returns the exit code of the diagnosis; 1 where there is none.
///
/// # Errors
/// When there is nothing to explain, the profile that is named does not exist, or nothing can be printed.
pub fn run(ctx: &Ctx<'_>, args: &cli::Explain) -> Result<u8> {
    let profile = profile(ctx, args)?;
    let text = if args.text.is_empty() { read(ctx)? } else { args.text.join(" ") };
    if text.trim().is_empty() {
        return Err(nothing());
    }
    let Some(said) = explain::explain(&text) else { return unknown(ctx, args, &text) };
    let meant = profile.filter(|(to, _)| args.profile.is_some() || meant(&said, to));
    let variable = |name: &str| ctx.env.text(name);
    let said = match &meant {
        // Variables that the profile sets are no leftovers.
        Some(_) if said.id == Id::Refused => said,
        _ => explain::here(said, &text, &variable),
    };
    let (diagnosis, profile) = match meant {
        Some((profile, settings)) => {
            let target = target(ctx, &profile, &settings);
            let findings = files::check(&target, settings.strict_modes);
            let said = placed(ctx, explain::refine(said, &findings), &profile);
            (explain::renewed(said, &target), Some(profile.name))
        }
        None => (explain::refine(said, &[]), None),
    };
    let lang = ctx.out.lang;
    let id = diagnosis.id;
    if args.json {
        let fix = |hint: Hint| Fix { say: hint.say, run: hint.run };
        let explained = Explained {
            schema: 1,
            id: id.as_str(),
            code: id.code(),
            cause: Some(diagnosis.cause(Lang::En)),
            fix: super::advice::spoken(ctx, diagnosis.fixes(Lang::En))
                .into_iter()
                .map(fix)
                .collect(),
            profile: profile.as_deref(),
            endpoint: diagnosis.facts.endpoint.as_deref(),
        };
        ctx.out.report(&super::json(&explained))?;
        return Ok(id.code());
    }
    let width = ctx.out.columns(ctx.env);
    let mut page = ctx.out.out_styled(Style::Bold, id.as_str());
    let cause = hanging(&diagnosis.cause(lang), columns(id.as_str()) + 2, width);
    page.push_str(&format!("  {cause}\n"));
    for hint in super::advice::spoken(ctx, diagnosis.fixes(lang)) {
        let (label, rest) = hint.labelled(lang);
        page.push_str(&ctx.out.out_styled(Style::Cyan, label));
        page.push_str(&format!("{}\n", advice(&hint, &clean(&rest), columns(label), width, lang)));
    }
    ctx.out.report(&page)?;
    Ok(id.code())
}

/// One piece of advice behind its label, which has `label` columns: on one line where it fits; a command is never broken.
fn advice(hint: &Hint, line: &str, label: usize, width: Option<usize>, lang: Lang) -> String {
    // behind the label and its space
    let hang = columns(&tr!(lang, "hint: ", "提示："));
    match &hint.run {
        Some(run) if width.is_some_and(|width| label + columns(line) > width) => {
            let say = clean(&hint.say).into_owned();
            let say = hanging(&tr!(lang, " {say}:", "（{say}）："), hang, width);
            format!("{say}\n{}{}", blanks(hang), clean(run))
        }
        Some(_) => line.to_owned(),
        None => hanging(line, hang, width),
    }
}

/// There is nothing to explain.
const fn nothing() -> Error {
    Error::UsageOf {
        message: "there is nothing to explain: no text, and nothing to read",
        message_zh: "没有要解释的内容：没有给出文字，也没有可读的输入",
        run: "docker ps 2>&1 | dctx explain",
    }
}

/// The text from standard input, a terminal's or a pipe's.
fn read(ctx: &Ctx<'_>) -> Result<String> {
    if ctx.env.stdin_tty {
        if ctx.no_input {
            return Err(nothing());
        }
        let end = if cfg!(windows) { "Ctrl-Z, Enter" } else { "Ctrl-D" };
        ctx.out.say(&tr!(
            ctx.out.lang,
            "paste what docker said, press Enter, then {end}",
            "粘贴 docker 的报错，按回车，再按 {end}"
        ));
    }
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(MAX_TEXT).read_to_end(&mut bytes);
    read.map_err(|source| Error::Io { doing: "reading standard input", source })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The profile that is named, or the active one where that can be had.
fn profile(ctx: &Ctx<'_>, args: &cli::Explain) -> Result<Option<(Profile, Settings)>> {
    let find = |name: &str| {
        let mut store = Store::load(ctx.env)?;
        match store.entries.iter().position(|entry| entry.name == name) {
            None => Err(store.no_profile(name)),
            Some(at) => {
                let profile = store.entries.swap_remove(at).profile?;
                Ok((profile, store.settings))
            }
        }
    };
    match (&args.profile, in_force::used(ctx.env).in_force()) {
        (Some(name), _) => find(name).map(Some),
        // Words can be explained without it.
        (None, Some(name)) => Ok(find(name).ok()),
        (None, None) => Ok(None),
    }
}

/// Whether the words can be about the active profile: they name its host, or none.
fn meant(said: &Diagnosis, profile: &Profile) -> bool {
    let bare = |host: &str| host.trim_matches(['[', ']']).to_ascii_lowercase();
    let facts = &said.facts;
    match (&profile.host, &facts.host) {
        (Endpoint::Unix(path), _) => {
            facts.path.as_ref().is_none_or(|p| p.as_os_str() == path.as_str())
        }
        (_, None) => facts.path.is_none() || facts.endpoint.is_none(),
        (Endpoint::Tcp { host, port, .. }, Some(said)) => {
            let default = if profile.tls == TlsMode::Off { PORT_PLAIN } else { PORT_TLS };
            bare(host) == bare(said)
                && facts.port.is_none_or(|said| said == port.unwrap_or(default))
        }
        (Endpoint::Ssh { host, .. }, Some(said)) => bare(host) == bare(said),
        (Endpoint::Npipe(_), Some(_)) => false,
    }
}

/// What the profile tells beside the words.
fn placed(ctx: &Ctx<'_>, mut diagnosis: Diagnosis, profile: &Profile) -> Diagnosis {
    let facts: &mut Facts = &mut diagnosis.facts;
    facts.profile = Some(profile.name.clone());
    facts.kept = super::check::subject::kept(ctx, profile).0;
    facts.layer = profile.origin.layer.then(|| profile.origin.path.clone());
    let bare = |host: &str| host.trim_matches(['[', ']']).to_owned();
    if facts.host.is_none() {
        match &profile.host {
            Endpoint::Tcp { host, port, .. } => {
                let default = if profile.tls == TlsMode::Off { PORT_PLAIN } else { PORT_TLS };
                facts.host = Some(bare(host));
                facts.port = Some(port.unwrap_or(default));
            }
            Endpoint::Ssh { user, host, port, .. } => {
                facts.host = Some(bare(host));
                facts.user = facts.user.take().or_else(|| user.clone());
                facts.port = *port;
            }
            Endpoint::Unix(_) | Endpoint::Npipe(_) => {}
        }
    }
    if facts.endpoint.is_none() && diagnosis.id != Id::EndpointInvalid {
        facts.endpoint = Some(profile.docker_host());
    }
    diagnosis
}

fn target(ctx: &Ctx<'_>, profile: &Profile, settings: &Settings) -> Target {
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), settings);
    let target = Target::of(profile, &look, ctx.env.clone(), Duration::ZERO);
    let (kept, kept_server) = super::check::subject::kept(ctx, profile);
    let target = Target { kept, kept_server, ..target };
    match profile.key_source {
        // a key that is in no file is missing in none
        Some(_) => Target { cert: None, key: None, ..target },
        None => target,
    }
}

/// Words that are not known are said to be so, with a way to find out.
fn unknown(ctx: &Ctx<'_>, args: &cli::Explain, text: &str) -> Result<u8> {
    let lang = ctx.out.lang;
    if args.json {
        let explained = Explained {
            schema: 1,
            id: "unknown",
            code: 1,
            cause: None,
            fix: Vec::new(),
            profile: None,
            endpoint: None,
        };
        ctx.out.report(&super::json(&explained))?;
    }
    let message = if explain::is_of_another(text) {
        tr!(
            lang,
            "this is about a registry or another server that docker asked, not about the connection to docker",
            "这是 docker 所访问的镜像仓库或其他服务器的错误，与连接 docker 无关"
        )
    } else {
        tr!(
            lang,
            "dctx does not know these words, or they mean more than one thing",
            "dctx 不认识这段报错，或其中不止一个原因"
        )
    };
    let used = in_force::used(ctx.env);
    let check = match args.profile.as_deref().or(used.in_force()) {
        Some(name) => shell_words::join(["dctx", "check", name]),
        None => "dctx check".to_owned(),
    };
    let say = tr!(lang, "look at the connection itself", "检查连接本身");
    ctx.out.warn(&message, &[Hint::run(say, check)]);
    Ok(1)
}
