//! A check as one JSON object. Its words are English whatever the language.

use serde::Serialize;

use super::outcome::{Outcome, Said, word};
use super::subject::Who;
use crate::check::clients::Row;
use crate::check::id::Id;
use crate::cmd::{Ctx, advice};
use crate::error::{Hint, Lang};

/// All of it.
#[derive(Serialize)]
pub(super) struct Checked<'a> {
    pub(super) schema: u8,
    /// The exit code.
    pub(super) code: u8,
    pub(super) machine: Vec<Item>,
    pub(super) profiles: Vec<Host<'a>>,
}

/// One host.
#[derive(Serialize)]
pub(super) struct Host<'a> {
    /// The profile; null for what docker goes to without one.
    name: Option<&'a str>,
    endpoint: Option<&'a str>,
    code: u8,
    /// Of the first failure.
    id: Option<Id>,
    /// Whether it was connected to; without that a code of 0 is about the files alone.
    connected: bool,
    findings: Vec<Item>,
    server: Option<Server<'a>>,
    ms: u64,
    /// With `--clients`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clients: Vec<Client>,
}

/// One finding.
#[derive(Serialize)]
pub(super) struct Item {
    level: &'static str,
    topic: &'static str,
    id: Option<Id>,
    text: String,
    fix: Vec<Fix>,
}

#[derive(Serialize)]
struct Fix {
    say: String,
    run: Option<String>,
}

/// Whether a client works with the host.
#[derive(Serialize)]
struct Client {
    client: &'static str,
    verdict: &'static str,
    why: String,
    /// The diagnosis that it is a case of.
    id: Option<Id>,
}

#[derive(Serialize)]
struct Server<'a> {
    version: &'a str,
    api: &'a str,
    min_api: Option<&'a str>,
    platform: &'a str,
    /// How far its clock is ahead of ours, in seconds.
    skew: Option<i64>,
}

impl Client {
    fn of(row: &Row) -> Self {
        let (client, verdict) = (row.client.name(), row.verdict.as_str());
        Self { client, verdict, why: row.why.text(Lang::En), id: row.id() }
    }
}

impl Item {
    pub(super) fn of(ctx: &Ctx<'_>, said: &Said) -> Self {
        let fix = |hint: Hint| Fix { say: hint.say, run: hint.run };
        Self {
            level: word(said.level()),
            topic: said.topic(),
            id: said.id(),
            text: said.text(Lang::En),
            fix: advice::spoken(ctx, said.fixes(Lang::En)).into_iter().map(fix).collect(),
        }
    }
}

impl<'a> Host<'a> {
    pub(super) fn of(ctx: &Ctx<'_>, outcome: &'a Outcome) -> Self {
        Self {
            name: match &outcome.who {
                Who::Profile(name) => Some(name),
                _ => None,
            },
            endpoint: Some(outcome.endpoint.as_str()).filter(|endpoint| !endpoint.is_empty()),
            code: outcome.code(),
            id: outcome.id(),
            connected: outcome.connected,
            findings: outcome.said.iter().map(|said| Item::of(ctx, said)).collect(),
            server: outcome.server.as_ref().map(|server| Server {
                version: &server.version,
                api: &server.api,
                min_api: Some(server.min_api.as_str()).filter(|text| !text.is_empty()),
                platform: &server.platform,
                skew: server.skew,
            }),
            ms: outcome.micros / 1000,
            clients: outcome.clients.iter().map(Client::of).collect(),
        }
    }
}
