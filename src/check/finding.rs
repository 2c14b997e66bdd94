//! What a check has to say: one finding a line, in the order in which things were looked at.

use super::diagnosis::Diagnosis;
use super::note::Note;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, and is worth a look.
    Warn,
    /// Does not work.
    Fail,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// What was looked at: one short word such as `tcp`, `chain`, `name`, `key`, `api`; part of the JSON, never
    /// translated.
    pub topic: &'static str,
    /// What is said of it.
    pub what: What,
}

/// What a finding says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Something that is so, good or odd, and is none of the diagnoses.
    Note(Note),
    /// One of the diagnoses.
    Diagnosis(Diagnosis),
}

impl Finding {
    /// Something that is as it should be.
    #[must_use]
    pub const fn ok(topic: &'static str, note: Note) -> Self {
        Self { level: Level::Ok, topic, what: What::Note(note) }
    }

    /// Something that works and is worth a look.
    #[must_use]
    pub const fn note(topic: &'static str, note: Note) -> Self {
        Self { level: Level::Warn, topic, what: What::Note(note) }
    }

    /// A diagnosis: a failure, unless its exit code says that it is a warning.
    #[must_use]
    pub const fn diagnosis(topic: &'static str, diagnosis: Diagnosis) -> Self {
        let level = if diagnosis.id.code() == 0 { Level::Warn } else { Level::Fail };
        Self { level, topic, what: What::Diagnosis(diagnosis) }
    }

    /// A diagnosis that stops nobody here.
    #[must_use]
    pub const fn warning(topic: &'static str, diagnosis: Diagnosis) -> Self {
        Self { level: Level::Warn, topic, what: What::Diagnosis(diagnosis) }
    }

    /// The exit code that it asks for.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match (&self.what, self.level) {
            (What::Diagnosis(diagnosis), Level::Fail) => diagnosis.id.code(),
            (What::Note(note), Level::Fail) => match note.id() {
                Some(id) => id.code(),
                None => 1,
            },
            _ => 0,
        }
    }
}
