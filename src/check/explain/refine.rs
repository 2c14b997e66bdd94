//! What the files of a profile, and a socket, say beside docker's words, which are often the same for different causes.

use crate::check::diagnosis::{Diagnosis, Facts};
use crate::check::finding::{Finding, Level, What};
use crate::check::id::Id;
use crate::check::note::Note;
use crate::check::target::Target;

/// The diagnosis that the profile's files give for the same words; `findings` are of [`crate::check::files::check`].
/// Where they give none, what docker said stands as it is.
#[must_use]
pub fn refine(said: Diagnosis, findings: &[Finding]) -> Diagnosis {
    let none = Finding::ok("cert", Note::NoClientCert);
    let said = match said.id {
        // A daemon that gets none says the same as one that does not like it.
        Id::ClientRejected if findings.iter().any(|it| it.what == none.what) => {
            Diagnosis { id: Id::ClientCertRequired, ..said }
        }
        _ => said,
    };
    let failures = || findings.iter().filter_map(failure);
    let Some(better) = causes(said.id).iter().find_map(|id| failures().find(|it| it.id == *id))
    else {
        return local(said);
    };
    let mut facts = (*better.facts).clone();
    // Where docker went is as docker says.
    let Diagnosis { facts: told, .. } = said;
    facts.endpoint = told.endpoint.or(facts.endpoint);
    facts.host = told.host.or(facts.host);
    facts.port = told.port.or(facts.port);
    Diagnosis::with(better.id, facts)
}

const fn failure(finding: &Finding) -> Option<&Diagnosis> {
    match (&finding.what, finding.level) {
        (What::Diagnosis(diagnosis), Level::Fail) => Some(diagnosis),
        // A daemon may have another CA for its clients; this one has refused, so it is more than a warning.
        (What::Diagnosis(diagnosis), Level::Warn)
            if matches!(diagnosis.id, Id::ClientUnknownCa) =>
        {
            Some(diagnosis)
        }
        _ => None,
    }
}

/// What of the files alone makes docker, or the daemon, say what has this id: most exact first.
const fn causes(id: Id) -> &'static [Id] {
    match id {
        Id::ClientRejected => {
            &[Id::CertMissing, Id::ClientExpired, Id::ClientUsage, Id::ClientUnknownCa]
        }
        Id::ClientCertRequired => &[Id::CertMissing, Id::ClientUnknownCa],
        Id::ClientExpired => &[Id::ClientExpired],
        Id::ServerExpired => &[Id::CaExpired],
        Id::KeyMismatch => &[Id::KeyMismatch],
        Id::PairSwapped => &[Id::PairSwapped],
        Id::CertMissing => &[Id::CertMissing],
        Id::CertUnreadable => &[Id::CertUnreadable],
        Id::CertInvalid => &[Id::CertInvalid],
        Id::KeyEncrypted => &[Id::KeyEncrypted],
        Id::KeyInvalid => &[Id::KeyEncrypted, Id::KeyInvalid],
        _ => &[],
    }
}

/// What the server's certificate that is kept here says beside docker's words about the one that the daemon shows: where
/// the kept one has no such fault, the daemon still shows a former one.
#[must_use]
pub fn renewed(said: Diagnosis, target: &Target) -> Diagnosis {
    let of_server = matches!(
        said.id,
        Id::NameMismatch
            | Id::NoSan
            | Id::ServerExpired
            | Id::ServerUsage
            | Id::UnknownCa
            | Id::WeakSignature
            | Id::CertUnparsable
    );
    let host = said.facts.host.clone().filter(|_| of_server && !said.facts.client);
    let host = host.map(|host| host.trim_matches(['[', ']']).to_owned());
    match host.and_then(|host| crate::check::probe::kept_and_good(target, &host)) {
        Some(kept) => {
            let facts = Facts { given: Some(kept), cert: None, ..*said.facts };
            Diagnosis::with(Id::ServerRestartNeeded, facts)
        }
        None => said,
    }
}

/// docker 28 says the same of a socket that is not there and of one that nobody listens on.
fn local(mut said: Diagnosis) -> Diagnosis {
    if said.id == Id::UnixMissing
        && said.facts.path.as_deref().is_some_and(|path| path.is_absolute() && path.exists())
    {
        said.id = Id::UnixStale;
    }
    said
}
