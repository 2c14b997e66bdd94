//! The variables of this shell: what is left over, what means something else than it says, what docker misreads
//! (docker/cli `cli/flags/options.go`, `opts/hosts.go`; other clients' own readings).

use std::path::PathBuf;

use super::note::Note;
use super::{Machine, Out};
use crate::error::EndpointFault;
use crate::exports::ENDPOINT;
use crate::profile::endpoint::Endpoint;

pub(super) fn look(machine: &Machine<'_>, out: &mut Out) {
    hidden(machine, out);
    if let Some(profile) = &machine.way.changed_since {
        out.warn("env", Note::Changed { profile: profile.clone() });
    }
    host(machine, out);
    tls(machine, out);
    rest(machine, out);
}

/// Universal variables that a global one hides, unless `use --session` did it.
fn hidden(machine: &Machine<'_>, out: &mut Out) {
    if machine.shell.name != "fish" || machine.way.session {
        return;
    }
    for var in &ENDPOINT {
        let Some(universal) = machine.universal.get(var) else { continue };
        let name = ENDPOINT.iter().find(|known| *known == var).map_or("", name_of);
        let Some(global) = machine.env.get(var.as_str()).filter(|global| global != universal)
        else {
            continue;
        };
        let text = |value: &std::ffi::OsStr| value.to_string_lossy().into_owned();
        let (universal, global) = (text(universal), text(&global));
        out.warn("shell", Note::Hidden { var: name, universal, global });
    }
}

/// The name of one of [`ENDPOINT`], which lives as long as the program.
fn name_of(var: &crate::exports::Var) -> &'static str {
    const NAMES: [&str; 7] = [
        "DOCKER_HOST",
        "DOCKER_TLS_VERIFY",
        "DOCKER_TLS",
        "DOCKER_CERT_PATH",
        "DOCKER_CONTEXT",
        "DOCKER_API_VERSION",
        "DOCKER_MACHINE_NAME",
    ];
    NAMES.into_iter().find(|name| *name == var.as_str()).unwrap_or("")
}

fn tls_is_on(machine: &Machine<'_>) -> bool {
    ["DOCKER_TLS_VERIFY", "DOCKER_TLS"].iter().any(|name| machine.env.filled(name).is_some())
}

/// What docker makes of DOCKER_HOST.
fn host(machine: &Machine<'_>, out: &mut Out) {
    let Some(value) = machine.filled("DOCKER_HOST") else { return };
    let text = value.trim();
    let tls = tls_is_on(machine);
    let refused = match Endpoint::parse(text) {
        Ok(endpoint) => return port(text, &endpoint, tls, out),
        Err(refused) => refused,
    };
    // Without a scheme it is tcp to docker; a path alone becomes one of localhost.
    let bare = !text.contains("://") && !text.contains('/') && !text.starts_with("unix:");
    match Endpoint::parse(&format!("tcp://{text}")) {
        Ok(endpoint) if bare && tls && has_no_port(&endpoint) => port(text, &endpoint, tls, out),
        Ok(endpoint) if bare => {
            let write = endpoint.docker_host(tls);
            out.warn("env", Note::HostLoose { value: text.to_owned(), write });
        }
        _ => {
            let (fault, write) = (refused.fault, refused.write);
            out.fail("env", Note::HostMisread { value: text.to_owned(), fault, write });
        }
    }
}

const fn has_no_port(endpoint: &Endpoint) -> bool {
    matches!(endpoint, Endpoint::Tcp { port: None, .. })
}

fn port(value: &str, endpoint: &Endpoint, tls: bool, out: &mut Out) {
    if !has_no_port(endpoint) {
        return;
    }
    let (value, write) = (value.to_owned(), endpoint.docker_host(tls));
    // docker fills in no port behind brackets: `invalid bind address format`
    if value.ends_with(']') {
        let (fault, write) = (EndpointFault::Port(String::new()), Some(write));
        return out.fail("env", Note::HostMisread { value, fault, write });
    }
    match tls {
        true => out.fail("env", Note::HostPort { value, write }),
        false => out.warn("env", Note::HostLoose { value, write }),
    }
}

fn tls(machine: &Machine<'_>, out: &mut Out) {
    let unset = |name: &str| (machine.unset)(name);
    let host = machine.filled("DOCKER_HOST");
    let context = machine.filled("DOCKER_CONTEXT").or(machine.contexts.current().map(Into::into));
    let context = context.filter(|name| name != "default");
    let verify = machine.var("DOCKER_TLS_VERIFY");
    let plain = machine.filled("DOCKER_TLS");
    let on = tls_is_on(machine);
    match &verify {
        Some(value) if value != "1" => {
            let (value, unset) = (value.clone(), unset("DOCKER_TLS_VERIFY"));
            out.warn("env", Note::TlsVerify { value, unset });
        }
        _ => {}
    }
    if on && host.is_none() && context.is_none() {
        for var in ["DOCKER_TLS_VERIFY", "DOCKER_TLS"] {
            if let Some(value) = machine.filled(var) {
                out.warn("env", Note::TlsAlone { var, value, unset: unset(var) });
            }
        }
    } else if let Some(value) = plain.filter(|_| verify.is_none_or(|value| value.is_empty()))
        && machine.way.profile.is_none()
    {
        out.warn("env", Note::TlsUnverified { value, unset: unset("DOCKER_TLS") });
    }
    if let Some(value) = machine.filled("DOCKER_CERT_PATH") {
        let path = PathBuf::from(&value);
        if !on {
            let unset = unset("DOCKER_CERT_PATH");
            out.warn("env", Note::CertPathAlone { value, unset });
        } else if host.is_some() && !path.exists() {
            let profile = machine.way.profile.clone();
            out.fail("env", Note::CertDirGone { path, profile });
        }
    } else if machine.var("DOCKER_TLS_VERIFY").as_deref() == Some("1")
        && host.is_some_and(|host| is_tcp(&host))
    {
        let Some(dir) = machine.env.docker_config() else { return };
        let set = dir.to_str().and_then(|dir| (machine.set)("DOCKER_CERT_PATH", dir));
        out.warn("env", Note::CertPathUnset { dir, set });
    }
}

/// Whether an address is a whole one of TCP, which every client reads alike.
fn is_tcp(host: &str) -> bool {
    Endpoint::parse(host.trim()).is_ok_and(|it| matches!(it, Endpoint::Tcp { port: Some(_), .. }))
}

fn rest(machine: &Machine<'_>, out: &mut Out) {
    let unset = |name: &str| (machine.unset)(name);
    // docker takes a leading v.
    if let Some(value) = machine.filled("DOCKER_API_VERSION")
        && !is_version(value.strip_prefix('v').unwrap_or(&value))
    {
        out.warn("env", Note::ApiVersion { value, unset: unset("DOCKER_API_VERSION") });
    }
    if let Some(value) = machine.filled("DOCKER_MACHINE_NAME") {
        let foreign = match &machine.way.profile {
            Some(profile) => *profile != value,
            None => machine.env.filled("DOCKER_HOST").is_none(),
        };
        if foreign {
            out.warn("env", Note::MachineName { value, unset: unset("DOCKER_MACHINE_NAME") });
        } else if machine.way.profile.is_none() && machine.way.changed_since.is_none() {
            super::docker_machine::look(machine, value, out);
        }
    }
}

fn is_version(text: &str) -> bool {
    text.split_once('.').is_some_and(|(major, minor)| {
        let number = |n: &str| (1..=4).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit());
        number(major) && number(minor)
    })
}
