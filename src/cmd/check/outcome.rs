//! What came of one check, as it is shown.

use super::subject::{Subject, Who};
use crate::check::clients::Row;
use crate::check::finding::{Finding, Level, What};
use crate::check::id::Id;
use crate::check::target::Server;
use crate::error::{Error, Hint, Lang};

/// One line of a check: a finding, or one of dctx's own errors.
#[derive(Debug)]
pub(in crate::cmd) enum Said {
    /// What was found.
    Finding(Finding),
    /// What is wrong with the profile or the file that it is in.
    Error { level: Level, topic: &'static str, error: Error },
}

impl Said {
    pub(super) const fn level(&self) -> Level {
        match self {
            Self::Finding(finding) => finding.level,
            Self::Error { level, .. } => *level,
        }
    }

    pub(super) const fn topic(&self) -> &'static str {
        match self {
            Self::Finding(finding) => finding.topic,
            Self::Error { topic, .. } => topic,
        }
    }

    /// The id, for what is one of the diagnoses.
    pub(super) fn id(&self) -> Option<Id> {
        match self {
            Self::Finding(Finding { what: What::Diagnosis(diagnosis), .. }) => Some(diagnosis.id),
            Self::Finding(Finding { what: What::Note(note), .. }) => note.id(),
            Self::Error { .. } => None,
        }
    }

    /// What docker itself would say.
    pub(super) fn docker_says(&self) -> Option<String> {
        match self {
            Self::Finding(Finding { what: What::Diagnosis(diagnosis), .. }) => {
                diagnosis.docker_says()
            }
            _ => None,
        }
    }

    /// The words, as they came: whoever prints cleans them.
    pub(in crate::cmd) fn text(&self, lang: Lang) -> String {
        match self {
            Self::Finding(Finding { what: What::Diagnosis(diagnosis), .. }) => {
                diagnosis.cause(lang)
            }
            Self::Finding(Finding { what: What::Note(note), .. }) => note.text(lang),
            Self::Error { error, .. } => {
                // An excerpt of the file would need lines of its own.
                error.message(lang).lines().next().unwrap_or_default().to_owned()
            }
        }
    }

    pub(in crate::cmd) fn fixes(&self, lang: Lang) -> Vec<Hint> {
        match self {
            Self::Finding(Finding { what: What::Diagnosis(diagnosis), .. }) => {
                diagnosis.fixes(lang)
            }
            Self::Finding(Finding { what: What::Note(note), .. }) => note.fixes(lang),
            Self::Error { error, .. } => error.hints(lang),
        }
    }

    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Finding(finding) => finding.code(),
            Self::Error { level: Level::Fail, error, .. } => error.code(),
            Self::Error { .. } => 0,
        }
    }
}

/// The worst of several exit codes: TLS and identity (6) before not reached (5) before files (4).
pub(super) fn worst(codes: impl IntoIterator<Item = u8>) -> u8 {
    codes.into_iter().max().unwrap_or(0)
}

/// What came of one check.
#[derive(Debug)]
pub(in crate::cmd) struct Outcome {
    pub(super) who: Who,
    pub(super) endpoint: String,
    pub(in crate::cmd) said: Vec<Said>,
    pub(super) server: Option<Server>,
    /// Whether it was connected to, or that was tried.
    pub(super) connected: bool,
    /// How long it took, in microseconds.
    pub(super) micros: u64,
    /// Which clients work with it, where that was asked for.
    pub(super) clients: Vec<Row>,
}

impl Outcome {
    /// Of a subject that could not be asked.
    pub(super) fn unasked(subject: Subject) -> Self {
        let Subject { who, endpoint, target, .. } = subject;
        let error = target.err();
        let said = error.map(|error| Said::Error { level: Level::Fail, topic: "profile", error });
        Self {
            who,
            endpoint,
            said: said.into_iter().collect(),
            server: None,
            connected: false,
            micros: 0,
            clients: Vec::new(),
        }
    }

    /// The line that decides: the first failure, which is the one to mend first.
    pub(in crate::cmd) fn failure(&self) -> Option<&Said> {
        self.said.iter().find(|said| said.level() == Level::Fail)
    }

    /// The exit code.
    pub(in crate::cmd) fn code(&self) -> u8 {
        self.failure().map_or(0, Said::code)
    }

    /// How bad the worst of it is.
    pub(super) fn level(&self) -> Level {
        self.said.iter().map(Said::level).max().unwrap_or(Level::Ok)
    }

    /// The profile's name; nothing for what is none.
    pub(super) fn name(&self) -> &str {
        match &self.who {
            Who::Profile(name) => name,
            _ => "",
        }
    }

    /// The id of the first failure.
    pub(in crate::cmd) fn id(&self) -> Option<Id> {
        self.failure().and_then(Said::id)
    }
}

/// `ok`, `warn` or `fail`; part of the JSON.
pub(super) const fn word(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warn => "warn",
        Level::Fail => "fail",
    }
}
