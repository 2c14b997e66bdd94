//! What an answer says of who answered, and what the lack of one says.

use serde::Deserialize;

use super::Run;
use super::client;
use super::date;
use super::http::{Answer, Trouble};
use super::proxy::Proxy;
use super::said::Said;
use crate::check::diagnosis::Found;
use crate::check::id::Id;
use crate::check::target::Server;

/// Clocks that differ by more are told: certificates begin and end by them.
const SKEW_MAX: i64 = 300;
/// The longest text that is kept of what a server says.
const TEXT_MAX: usize = 256;
/// The oldest API that docker's client 29 speaks, and the newest of 28.
const CLIENT_29_MIN: (u32, u32) = (1, 40);
const CLIENT_28_MAX: (u32, u32) = (1, 50);

/// docker's answer to `GET /version`, as much of it as matters (moby api/types `Version`).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
    #[serde(default)]
    version: String,
    api_version: String,
    #[serde(rename = "MinAPIVersion", default)]
    min_api_version: String,
    #[serde(default)]
    os: String,
    #[serde(default)]
    arch: String,
    #[serde(default)]
    components: Option<Vec<Component>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Component {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
}

/// Judges an answer; whether docker gave it. `proxy` is one that passes requests on, and may answer itself.
pub(super) fn answer(
    run: &mut Run<'_>,
    answer: &Answer,
    proxy: Option<&Proxy>,
    micros: u64,
) -> bool {
    if run.brief && answer.status == 200 && ping(run, answer, micros) {
        return true;
    }
    let version = match answer.status {
        200 => serde_json::from_slice::<Version>(&answer.body).ok(),
        _ => None,
    };
    if let Some(version) = version {
        docker(run, answer, version, micros);
        return true;
    }
    if !run.tls() && wants_tls(answer) {
        run.fail("http", Id::TlsExpected, |facts| facts.said = said(answer));
        return false;
    }
    // every answer of docker's own has one of these headers
    let own = ["api-version", "docker-experimental", "ostype", "libpod-api-version"];
    let own = own.iter().any(|name| answer.header(name).is_some());
    if let (Some(proxy), 403 | 407 | 502..=504, false) = (proxy, answer.status, own) {
        run.fail("proxy", Id::Proxy, |facts| {
            facts.proxy = Some(proxy.shown.clone());
            facts.var = Some((proxy.var.to_owned(), proxy.shown.clone()));
            facts.said = Some(status_text(answer.status));
        });
        return false;
    }
    let text = |name: &str| answer.header(name).map(bounded);
    let found =
        Found::Http { status: answer.status, server: text("server"), location: text("location") };
    run.fail("http", Id::NotDocker, |facts| {
        facts.found = Some(found);
        facts.said = said(answer);
    });
    false
}

/// The headers of docker's answer to `GET /_ping` (moby `api/server/router/system`, `pingHandler`); `false` where these
/// are none. A daemon whose newest API is beyond what a client may speak has to tell its oldest, too.
fn ping(run: &mut Run<'_>, answer: &Answer, micros: u64) -> bool {
    let Some(api) = answer.header("api-version") else { return false };
    run.more = number(api).is_none_or(|api| api > CLIENT_28_MAX);
    // `Docker/20.10.24 (linux)`, or podman's `Libpod/4.3.1 (linux)`
    let agent = answer.header("server").unwrap_or_default();
    let (name, rest) = agent.split_once('/').unwrap_or_default();
    let (version, system) = rest.split_once(" (").unwrap_or((rest, ""));
    let system = system.trim_end_matches(')');
    let server = Server {
        version: bounded(version),
        api: bounded(api),
        min_api: String::new(),
        platform: bounded(answer.header("ostype").unwrap_or(system)),
        skew: skew(answer),
    };
    let podman = (name == "Libpod").then(|| bounded(version));
    tell(run, server, podman, micros);
    true
}

/// How far the daemon's clock is ahead, in seconds.
fn skew(answer: &Answer) -> Option<i64> {
    answer.header("date").and_then(date::seconds).map(|date| date - client::now())
}

fn docker(run: &mut Run<'_>, answer: &Answer, version: Version, micros: u64) {
    let server = Server {
        version: bounded(&version.version),
        api: bounded(&version.api_version),
        min_api: bounded(&version.min_api_version),
        platform: bounded(&format!("{}/{}", version.os, version.arch)),
        skew: skew(answer),
    };
    let components = version.components.unwrap_or_default();
    let podman = components.iter().find(|part| part.name == "Podman Engine");
    let podman = podman.map(|podman| bounded(&podman.version));
    tell(run, server, podman, micros);
}

fn tell(run: &mut Run<'_>, server: Server, podman: Option<String>, micros: u64) {
    run.ok(
        "http",
        Said::Docker {
            version: server.version.clone(),
            platform: server.platform.clone(),
            min_api: server.min_api.clone(),
            api: server.api.clone(),
            micros,
        },
    );
    if let Some(version) = podman {
        run.ok("http", Said::Podman { version });
    }
    api(run, &server);
    if let Some(seconds) = server.skew.filter(|skew| skew.abs() > SKEW_MAX) {
        run.warn("clock", Said::Skew { seconds });
    }
    run.report.server = Some(server);
}

/// A pinned version is sent as it is (docker up to 28: no negotiation); without one docker takes the newest that both
/// speak, as long as there is one.
fn api(run: &mut Run<'_>, server: &Server) {
    let (min, max) = (number(&server.min_api), number(&server.api));
    let pinned = run.target.api_version.clone();
    let asked = pinned.as_deref().and_then(|text| number(text.trim_start_matches('v')));
    let range = Some((server.min_api.clone(), server.api.clone()));
    if let Some(asked) = asked {
        let id = match (min, max) {
            (Some(min), _) if asked < min => Id::ApiTooOld,
            (_, Some(max)) if asked > max => Id::ApiTooNew,
            _ => return,
        };
        run.fail("api", id, |facts| {
            facts.api = pinned;
            facts.api_range = range;
        });
        return;
    }
    if min.is_some_and(|min| min > CLIENT_28_MAX) {
        run.warn("api", Said::ApiFloor { min_api: server.min_api.clone() });
    }
    if max.is_some_and(|max| max < CLIENT_29_MIN) {
        run.warn("api", Said::ApiCeiling { api: server.api.clone() });
    }
}

fn number(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// What servers with TLS say to plain HTTP: Go's, nginx' and Apache's.
fn wants_tls(answer: &Answer) -> bool {
    let body = String::from_utf8_lossy(&answer.body);
    answer.status == 400
        && [
            "Client sent an HTTP request to an HTTPS server",
            "plain HTTP request was sent to HTTPS port",
            "speaking plain HTTP to an SSL-enabled server port",
        ]
        .iter()
        .any(|words| body.contains(words))
}

/// The message of docker's JSON, a page's title, or the first words.
fn said(answer: &Answer) -> Option<String> {
    #[derive(Deserialize)]
    struct Message {
        message: String,
    }
    if let Ok(message) = serde_json::from_slice::<Message>(&answer.body) {
        return Some(bounded(&message.message));
    }
    let text = String::from_utf8_lossy(answer.body.get(..answer.body.len().min(4096))?);
    let title = text.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    words(title.map_or(text.as_ref(), |(title, _)| title))
}

/// The first line that is not blank, bounded.
fn words(text: &str) -> Option<String> {
    text.lines().map(str::trim).find(|line| !line.is_empty()).map(bounded)
}

fn bounded(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}

/// A status with its name (RFC 9110 §15), where it is one that proxies use.
pub(super) fn status_text(status: u16) -> String {
    let name = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => return status.to_string(),
    };
    format!("{status} {name}")
}

/// What a failure says, for a proxy.
pub(super) fn trouble_text(trouble: &Trouble) -> Option<String> {
    match trouble {
        Trouble::Timeout => Some("no answer in time".to_owned()),
        Trouble::Closed(_) => Some("connection closed".to_owned()),
        Trouble::Reset => Some("connection reset".to_owned()),
        Trouble::Garbage(bytes) => greeting(bytes),
        Trouble::TooLong(_) => None,
        Trouble::Tls(error) => Some(error.to_string()),
        Trouble::Io(error) => Some(error.to_string()),
    }
}

/// Judges a failure to get an answer. `first` is what came first on the wire.
pub(super) fn trouble(
    run: &mut Run<'_>,
    topic: &'static str,
    trouble: Trouble,
    first: &[u8],
    proxy: Option<&Proxy>,
) {
    if let Some(proxy) = proxy {
        run.fail("proxy", Id::Proxy, |facts| {
            facts.proxy = Some(proxy.shown.clone());
            facts.var = Some((proxy.var.to_owned(), proxy.shown.clone()));
            facts.said = trouble_text(&trouble);
        });
        return;
    }
    let bytes = match &trouble {
        Trouble::Garbage(bytes) => bytes.as_slice(),
        _ => first,
    };
    if !run.tls() && is_tls(bytes) {
        run.fail(topic, Id::TlsExpected, |_| {});
        return;
    }
    let (found, said) = match trouble {
        Trouble::Timeout => {
            let waited = run.limit_ms();
            run.fail(topic, Id::Timeout, |facts| facts.waited = waited);
            return;
        }
        Trouble::Closed(_) => (Found::Closed, None),
        Trouble::Reset => (Found::Reset, None),
        Trouble::Garbage(bytes) => foreign(&bytes),
        Trouble::TooLong(status) => (Found::Http { status, server: None, location: None }, None),
        Trouble::Tls(error) => (Found::Garbage, Some(error.to_string())),
        Trouble::Io(error) => (Found::Garbage, Some(error.to_string())),
    };
    run.fail(topic, Id::NotDocker, |facts| {
        facts.found = Some(found);
        facts.said = said;
    });
}

/// A TLS alert or handshake record (RFC 8446 §5.1; version 3.0 to 3.4).
pub(super) fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x15 | 0x16, 3, 0..=4, ..])
}

/// Who says what is neither TLS nor HTTP.
pub(super) fn foreign(bytes: &[u8]) -> (Found, Option<String>) {
    let said = greeting(bytes);
    match &said {
        Some(line) if line.starts_with("SSH-") => (Found::Ssh(line.clone()), None),
        _ => (Found::Garbage, said),
    }
}

/// The first line, where it is text.
fn greeting(bytes: &[u8]) -> Option<String> {
    let start = bytes.get(..bytes.len().min(TEXT_MAX))?;
    let line = start.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let text = std::str::from_utf8(line).ok()?;
    let shown = text.chars().filter(|c| !crate::text::is_hidden(*c)).count();
    (shown > 0 && shown * 2 > text.chars().count()).then(|| text.to_owned())
}
