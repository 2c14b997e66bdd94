//! Stands in for what is being written elsewhere.
use crate::check::diagnosis::{Diagnosis, Facts};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::note::Note;
use crate::check::target::{Report, Target};

pub(super) fn look(_target: &Target) -> Vec<Finding> {
    Vec::new()
}

pub(super) fn probe(target: &Target) -> Report {
    let host = target.endpoint.docker_host(false);
    let address = host.trim_start_matches("tcp://").to_owned();
    let finding = match std::net::TcpStream::connect(&address) {
        Ok(_) => Finding::ok("tcp", Note::Open { address, micros: 100 }),
        Err(_) => Finding::diagnosis(
            "tcp",
            Diagnosis::with(Id::Refused, Facts { endpoint: Some(host), ..Facts::default() }),
        ),
    };
    Report { findings: vec![finding], server: None, micros: 1000 }
}
