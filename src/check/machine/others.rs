//! docker's own configuration, and the files by which some libraries go elsewhere than the environment says.

use std::path::Path;

use super::note::Note;
use super::{Machine, Out};
use crate::check::diagnosis::{Diagnosis, Facts};
use crate::check::finding::Finding;
use crate::check::id::Id;

/// The most of such a file that is read, in bytes.
const MOST: u64 = 1 << 20;

/// Files of libraries, each with the keys that choose a host (testcontainers-java and -go, docker-java).
const FILES: [(&str, &[&str]); 2] = [
    (".testcontainers.properties", &["tc.host", "docker.host"]),
    (".docker-java.properties", &["DOCKER_HOST", "docker.host"]),
];

pub(super) fn look(machine: &Machine<'_>, out: &mut Out) {
    let config = machine.env.docker_config().map(|dir| dir.join("config.json"));
    if let Some(path) = config
        && let Some(text) = read(&path)
        && serde_json::from_str::<serde::de::IgnoredAny>(&text).is_err()
    {
        out.warn("context", Note::ConfigBroken { path });
    }
    contexts(machine, out);
    let Some(home) = machine.env.home() else { return };
    for (file, keys) in FILES {
        let path = home.join(file);
        let Some(text) = read(&path) else { continue };
        for (key, value) in properties(&text).filter(|(key, _)| keys.contains(key)) {
            let (path, key, value) = (path.clone(), key.to_owned(), value.to_owned());
            out.warn("clients", Note::Overrides { path, key, value });
        }
    }
}

fn contexts(machine: &Machine<'_>, out: &mut Out) {
    let named = machine.filled("DOCKER_CONTEXT");
    let by_variable = named.is_some();
    let current = machine.contexts.current().map(ToOwned::to_owned);
    let Some(name) = named.or(current).filter(|name| name != "default") else { return };
    if machine.filled("DOCKER_HOST").is_some() {
        let ours = machine.way.profile.is_some();
        let note = Note::ContextHidden { name, by_variable, ours };
        return if ours { out.ok("context", note) } else { out.warn("context", note) };
    }
    match machine.contexts.host(&name) {
        None => {
            let var = by_variable.then(|| ("DOCKER_CONTEXT".to_owned(), name.clone()));
            let facts = Facts { context: Some(name), var, ..Facts::default() };
            out.push(Finding::diagnosis("context", Diagnosis::with(Id::ContextMissing, facts)));
        }
        Some(endpoint) if !by_variable && !machine.contexts.is_local_docker(&name) => {
            out.warn("context", Note::ContextRemote { name, endpoint });
        }
        Some(_) => {}
    }
}

/// The text of a small file; `None` where there is none that can be read.
fn read(path: &Path) -> Option<String> {
    crate::file::text(path, MOST).ok()
}

/// Keys and values as java.util.Properties has them, as far as people write them.
fn properties(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '!']));
    let pairs = lines.filter_map(|line| line.split_once(['=', ':']));
    // What is written as a URL has its colons escaped.
    pairs.map(|(key, value)| (key.trim(), value.trim())).filter(|(_, value)| !value.is_empty())
}
