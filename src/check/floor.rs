//! Whether docker's client and a daemon have an API version in common (docker/cli and moby: `api/common.go`,
//! `client/client.go` of each version).

use super::diagnosis::{Diagnosis, Facts};
use super::finding::Finding;
use super::id::Id;
use super::target::{Server, Target};

/// From a version of the client on, an API version.
type Since = ((u32, u32), (u32, u32));

/// The oldest API version of clients from 29 on: before, there was none that mattered.
const FLOORS: [Since; 2] = [((29, 0), (1, 44)), ((29, 3), (1, 40))];

/// The newest API version of clients up to the next one of the table.
const NEWEST: [Since; 8] = [
    ((18, 9), (1, 39)),
    ((19, 3), (1, 40)),
    ((20, 10), (1, 41)),
    ((23, 0), (1, 42)),
    ((24, 0), (1, 43)),
    ((25, 0), (1, 44)),
    ((26, 0), (1, 45)),
    ((27, 0), (1, 46)),
];

/// What keeps the docker client of version `client`, such as `29.1.3`, from this daemon; nothing where they have a version
/// in common, or that is not known.
#[must_use]
pub fn look(client: &str, target: &Target, server: &Server) -> Option<Finding> {
    let client = numbers(client)?;
    let last =
        |table: &[Since]| table.iter().rev().find(|(from, _)| *from <= client).map(|(_, api)| *api);
    let text = |(major, minor): (u32, u32)| format!("{major}.{minor}");
    let facts = Facts {
        profile: target.profile.clone(),
        layer: target.layer.clone(),
        endpoint: Some(target.endpoint.docker_host(target.tls != crate::profile::TlsMode::Off)),
        ..Facts::default()
    };
    let newest = numbers(&server.api)?;
    if let Some(floor) = last(&FLOORS).filter(|floor| newest < *floor) {
        let api = Some(server.api.clone());
        let api_range = Some((text(floor), String::new()));
        let facts = Facts { api, api_range, ..facts };
        return Some(Finding::diagnosis("api", Diagnosis::with(Id::ApiClientFloor, facts)));
    }
    let oldest = numbers(&server.min_api)?;
    // From 28 on it is newer than every daemon's oldest.
    let asked = last(&NEWEST).filter(|asked| client < (28, 0) && *asked < oldest)?;
    let api_range = Some((server.min_api.clone(), server.api.clone()));
    let facts = Facts { api: Some(text(asked)), api_range, unpinned: true, ..facts };
    Some(Finding::diagnosis("api", Diagnosis::with(Id::ApiTooOld, facts)))
}

/// The first two numbers of a version.
fn numbers(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split(['.', '-', '+']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
