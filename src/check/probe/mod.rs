//! What a docker daemon's endpoint is, over the wire, and why docker would fail with it: one connection, one request,
//! and never longer than the target's limit.
//!
//! Whatever the other side sends is bounded in size and time. A server that does not verify is shown nothing.

mod client;
mod date;
mod dial;
mod ears;
mod handshake;
mod http;
mod judge;
pub(in crate::check) mod proxy;
pub mod said;
mod ssh;
mod tcp;
mod tls;
mod trust;
mod unix;
mod wire;

pub(in crate::check) use self::trust::kept_and_good;

use std::time::Instant;

use self::wire::Deadline;
use super::diagnosis::{Diagnosis, Facts};
use super::finding::{Finding, Level, What};
use super::id::Id;
use super::note::Note;
use super::target::{Report, Target};
use crate::profile::TlsMode;
use crate::profile::endpoint::{Endpoint, PORT_PLAIN, PORT_TLS};

/// Asks the daemon at `target` what it is, as docker would go there, and says what it found or why it found nothing.
///
/// Takes at most [`Target::limit`] for everything, names and proxies included. Starts nothing but `ssh` for a target
/// that is reached by ssh. Blocks; many hosts are asked from as many threads, for which 256 KiB of stack are enough.
#[must_use]
pub fn probe(target: &Target) -> Report {
    let start = Instant::now();
    let end = Deadline::after(target.limit);
    // a pinned version is held against the daemon's oldest, which /_ping does not tell
    let brief = target.brief && target.api_version.is_none();
    let mut run = ask(Run { target, end, brief, more: false, report: Report::default() });
    if run.more {
        run = ask(Run { brief: false, more: false, report: Report::default(), ..run });
    }
    let mut report = run.report;
    report.micros = wire::micros(start);
    report
}

fn ask(mut run: Run<'_>) -> Run<'_> {
    match &run.target.endpoint {
        Endpoint::Tcp { path, .. } => tcp::probe(&mut run, path),
        Endpoint::Ssh { user, host, port, path } => {
            ssh::probe(&mut run, user.as_deref(), host, *port, path);
        }
        Endpoint::Unix(path) => unix::probe(&mut run, path),
        Endpoint::Npipe(path) => unix::probe_npipe(&mut run, path),
    }
    run
}

/// A probe under way.
struct Run<'t> {
    target: &'t Target,
    end: Deadline,
    /// See [`Target::brief`].
    brief: bool,
    /// Whether the short answer is not enough.
    more: bool,
    report: Report,
}

impl Run<'_> {
    /// What the daemon is asked.
    const fn question(&self) -> &'static str {
        if self.brief { "/_ping" } else { "/version" }
    }

    fn tls(&self) -> bool {
        self.target.tls != TlsMode::Off
    }

    /// What is known of every situation here.
    fn facts(&self) -> Facts {
        let target = self.target;
        let (host, port) = match &target.endpoint {
            Endpoint::Tcp { port, .. } => {
                let default = if self.tls() { PORT_TLS } else { PORT_PLAIN };
                (target.endpoint.proxy_host().map(ToOwned::to_owned), port.or(Some(default)))
            }
            Endpoint::Ssh { host, port, .. } => (Some(host.clone()), *port),
            Endpoint::Unix(_) | Endpoint::Npipe(_) => (None, None),
        };
        Facts {
            profile: target.profile.clone(),
            layer: target.layer.clone(),
            kept: target.kept,
            endpoint: Some(target.endpoint.docker_host(self.tls())),
            host,
            port,
            ..Facts::default()
        }
    }

    fn ok(&mut self, topic: &'static str, note: impl Into<Note>) {
        self.report.findings.push(Finding::ok(topic, note.into()));
    }

    fn warn(&mut self, topic: &'static str, note: impl Into<Note>) {
        self.report.findings.push(Finding::note(topic, note.into()));
    }

    /// A failure that is none of the diagnoses.
    fn fail_note(&mut self, topic: &'static str, note: impl Into<Note>) {
        self.report.findings.push(Finding {
            level: Level::Fail,
            topic,
            what: What::Note(note.into()),
        });
    }

    /// A diagnosis with what is always known, and what `more` adds.
    fn fail(&mut self, topic: &'static str, id: Id, more: impl FnOnce(&mut Facts)) {
        let mut facts = self.facts();
        more(&mut facts);
        self.push(topic, Diagnosis::with(id, facts));
    }

    fn push(&mut self, topic: &'static str, diagnosis: Diagnosis) {
        self.report.findings.push(Finding::diagnosis(topic, diagnosis));
    }

    /// How long a whole probe may take, in milliseconds: what was waited for in vain.
    fn limit_ms(&self) -> Option<u64> {
        u64::try_from(self.target.limit.as_millis()).ok()
    }
}
