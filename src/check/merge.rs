//! What the files tell and what the wire tells, as one list in docker's order.
//!
//! docker reads its own files, then judges the server's certificate, and only then the daemon judges the client's. What
//! the files let expect of the daemon is therefore told after what is wrong with the server, and stops nobody where
//! the daemon has taken the client.

use super::diagnosis::Diagnosis;
use super::finding::{Finding, Level, What};
use super::id::Id;

/// The findings of the files, then those of the wire, in the order in which docker would fail with them.
#[must_use]
pub fn merged(files: Vec<Finding>, mut wire: Vec<Finding>) -> Vec<Finding> {
    let failed = |findings: &[Finding]| findings.iter().any(|it| it.level == Level::Fail);
    // docker does not get as far as to the server with a CA's file that has nothing in it.
    if files.iter().any(|it| it.topic == "ca" && is(it, Id::CertInvalid)) {
        wire.retain(|it| !is(it, Id::UnknownCa));
    }
    // The wire has told of the same CA, at its place.
    let ca_told = wire.iter().any(|it| is(it, Id::CaExpired));
    // What the daemon has really said is known better than what one says as a rule.
    let heard = wire
        .iter()
        .filter(|it| it.topic == "client")
        .find_map(|it| diagnosis(it)?.facts.words.clone());
    let (mut expected, mut all): (Vec<Finding>, Vec<Finding>) =
        files.into_iter().partition(is_of_the_daemon);
    all.retain(|it| !(ca_told && is(it, Id::CaExpired)));
    for finding in &mut expected {
        if let (What::Diagnosis(diagnosis), Some(heard)) = (&mut finding.what, &heard) {
            diagnosis.facts.words = Some(heard.clone());
        }
    }
    let server = wire.iter().any(|it| it.level == Level::Fail && is_of_the_server(it));
    let reached = !wire.is_empty() && !failed(&wire);
    if server {
        all.extend(wire);
        all.extend(expected);
        return all;
    }
    let stops = !reached || failed(&all);
    let expected = expected
        .into_iter()
        .map(|it| if stops { it } else { Finding { level: Level::Warn, ..it } });
    // Certificates are told before the key, as they were.
    let at = all.iter().position(|it| it.topic == "key").unwrap_or(all.len());
    let rest = all.split_off(at);
    all.extend(expected);
    all.extend(rest);
    all.extend(wire);
    all
}

const fn diagnosis(finding: &Finding) -> Option<&Diagnosis> {
    match &finding.what {
        What::Diagnosis(diagnosis) => Some(diagnosis),
        What::Note(_) => None,
    }
}

fn is(finding: &Finding, id: Id) -> bool {
    diagnosis(finding).is_some_and(|it| it.id == id)
}

/// Whether a failure is one that the daemon finds in the client's certificate.
fn is_of_the_daemon(finding: &Finding) -> bool {
    let of_client = |it: &Diagnosis| {
        let above = matches!(
            it.id,
            Id::IssuerNotCa
                | Id::IntermediateNotCa
                | Id::NameConstraint
                | Id::PathLength
                | Id::WeakSignature
        );
        above && it.facts.client
            || matches!(
                it.id,
                Id::ClientUsage | Id::ClientExpired | Id::ClientRejected | Id::ClientUnknownCa
            )
    };
    finding.level == Level::Fail && diagnosis(finding).is_some_and(of_client)
}

/// Whether a failure is one that docker finds in the server's certificate.
fn is_of_the_server(finding: &Finding) -> bool {
    matches!(finding.topic, "chain" | "dates" | "usage" | "name")
        && diagnosis(finding).is_some_and(|it| !it.facts.client)
}

#[cfg(test)]
mod tests {
    use super::super::diagnosis::Facts;
    use super::super::note::Note;
    use super::*;

    fn told(topic: &'static str, id: Id, facts: Facts) -> Finding {
        Finding::diagnosis(topic, Diagnosis::with(id, facts))
    }

    fn of_client() -> Vec<Finding> {
        let client = Facts { client: true, ..Facts::default() };
        vec![told("cert", Id::ClientUsage, client.clone()), told("cert", Id::IssuerNotCa, client)]
    }

    fn first(findings: &[Finding]) -> Option<Id> {
        let failed = findings.iter().find(|it| it.level == Level::Fail)?;
        diagnosis(failed).map(|it| it.id)
    }

    #[test]
    fn docker_judges_the_server_before_the_daemon_judges_the_client() {
        for (topic, id) in
            [("usage", Id::ServerUsage), ("chain", Id::IssuerNotCa), ("dates", Id::ServerExpired)]
        {
            let all = merged(of_client(), vec![told(topic, id, Facts::default())]);
            assert_eq!((first(&all), all.len()), (Some(id), 3));
        }
        let expired = vec![told("ca", Id::CaExpired, Facts::default())];
        let wire = ["dates"; 2].map(|topic| told(topic, Id::ServerExpired, Facts::default()));
        let wire = [wire.to_vec(), vec![told("dates", Id::CaExpired, Facts::default())]].concat();
        let all = merged(expired, wire);
        assert_eq!((first(&all), all.len()), (Some(Id::ServerExpired), 3));
    }

    #[test]
    fn a_client_that_was_taken_is_no_failure() {
        let fine = Finding::ok("tcp", Note::NoClientCert);
        let all = merged(of_client(), vec![fine]);
        assert_eq!((first(&all), all.len()), (None, 3));
        assert!(all.iter().any(|it| it.level == Level::Warn && is(it, Id::ClientUsage)));
        // nothing was asked
        assert_eq!(first(&merged(of_client(), Vec::new())), Some(Id::ClientUsage));
    }

    #[test]
    fn the_daemons_own_words_are_told() {
        let words = Some("remote error: tls: bad certificate".to_owned());
        let refused = Facts { words: words.clone(), ..Facts::default() };
        let all = merged(
            vec![told("cert", Id::ClientExpired, Facts { client: true, ..Facts::default() })],
            vec![told("client", Id::ClientExpired, refused)],
        );
        assert_eq!(all.first().and_then(|it| diagnosis(it)?.facts.words.clone()), words);
    }

    #[test]
    fn no_ca_is_missing_in_a_file_that_docker_cannot_read() {
        let files = vec![told("ca", Id::CertInvalid, Facts::default())];
        let all = merged(files, vec![told("chain", Id::UnknownCa, Facts::default())]);
        assert_eq!((first(&all), all.len()), (Some(Id::CertInvalid), 1));
    }
}
