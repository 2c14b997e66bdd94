//! What was there before: found in the environment, or read back from one of dctx's own variables; and
//! which of it may come back, because it is local.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use super::saved::{percent, unpercent};
use super::{BEFORE, ENDPOINT, OWN, Var};
use crate::profile::env_restorable;

/// Variables that are set, with their values.
pub type Values = BTreeMap<Var, OsString>;

/// What a variable was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It was not set.
    Unset,
    /// It had this value, which may be empty.
    Value(OsString),
    /// It had a value that is too long to be kept in a variable of dctx's.
    Lost,
}

impl Kept {
    /// The value, where there is one.
    #[must_use]
    pub fn value(self) -> Option<OsString> {
        match self {
            Self::Value(value) => Some(value),
            Self::Unset | Self::Lost => None,
        }
    }
}

impl From<Option<OsString>> for Kept {
    fn from(value: Option<OsString>) -> Self {
        value.map_or(Self::Unset, Self::Value)
    }
}

/// What several variables were. What is not listed was not set.
pub type Formers = BTreeMap<Var, Kept>;

/// How many bytes of values one of dctx's variables keeps, percent-encoded. Linux takes 128 KiB for one
/// string of an environment (`MAX_ARG_STRLEN`, execve(2)), and a variable with what was before a
/// directory may hold another one of dctx's variables, encoded once more.
const ROOM: usize = 24 * 1024;

/// Appends `,NAME=value`, `,NAME` (not set) or `,NAME!` (too long to be kept) for each, values
/// percent-encoded.
pub(super) fn write(out: &mut String, formers: &Formers) {
    let mut room = ROOM;
    for (var, kept) in formers {
        out.push(',');
        out.push_str(var.as_str());
        match kept {
            Kept::Unset => {}
            Kept::Lost => out.push('!'),
            Kept::Value(value) => {
                let start = out.len();
                out.push('=');
                percent(out, value);
                match room.checked_sub(out.len() - start) {
                    Some(rest) => room = rest,
                    None => {
                        out.truncate(start);
                        out.push('!');
                    }
                }
            }
        }
    }
}

/// Reads one item back. Only variables that dctx manages are taken, whatever the text says: it comes from
/// the environment, and must not be a way to set PATH or LD_PRELOAD.
pub(super) fn read(item: &str) -> Option<(Var, Kept)> {
    let (name, kept) = match item.split_once('=') {
        Some((name, value)) => (name, Kept::Value(unpercent(value)?)),
        None => match item.strip_suffix('!') {
            Some(name) => (name, Kept::Lost),
            None => (item, Kept::Unset),
        },
    };
    Some((Var::parse(name).filter(may_restore)?, kept))
}

/// Whether one of dctx's variables may bring this one back.
fn may_restore(var: &Var) -> bool {
    is_managed(var)
        || matches!(var.as_str(), "NO_PROXY" | "no_proxy")
        || env_restorable(var.as_str())
}

/// Whether it chooses the endpoint, or is dctx's own note about that.
pub(super) fn is_managed(var: &Var) -> bool {
    ENDPOINT.contains(var) || OWN.contains(var) || *var == BEFORE
}

/// The text for DCTX_BEFORE: `b1,NAME=value,…`.
#[must_use]
pub(super) fn encode(formers: &Formers) -> String {
    let mut out = String::from("b1");
    write(&mut out, formers);
    out
}

/// Reads DCTX_BEFORE back; nothing if it is not ours.
#[must_use]
pub(super) fn decode(text: &OsStr) -> Formers {
    let items = text.to_str().and_then(|text| text.strip_prefix("b1,"));
    let items = items.into_iter().flat_map(|items| items.split(','));
    items.filter_map(read).filter(|(var, _)| !OWN.contains(var) && *var != BEFORE).collect()
}

/// A value that is not brought back, since it would send docker to another machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The variable.
    pub var: Var,
    /// Its former value.
    pub value: OsString,
}

/// What was there in both scopes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Former {
    /// In this shell alone.
    pub(super) session: Values,
    /// In fish's universal variables.
    pub(super) universal: Values,
}

impl Former {
    /// What a program started from that shell saw.
    #[must_use]
    pub(super) fn effective(&self) -> Values {
        let mut all = self.universal.clone();
        all.extend(self.session.iter().map(|(var, value)| (var.clone(), value.clone())));
        all
    }

    /// The part that keeps docker on this machine, and what is left out.
    pub(super) fn local(&self, context_is_local: &dyn Fn(&str) -> bool) -> (Self, Vec<Dropped>) {
        let (effective, dropped) = local(&self.effective(), context_is_local);
        let (universal, dropped_universal) = local(&self.universal, context_is_local);
        let session = self
            .session
            .iter()
            .filter(|(var, _)| effective.contains_key(*var))
            .map(|(var, value)| (var.clone(), value.clone()))
            .collect();
        let mut all = dropped;
        for one in dropped_universal {
            if !all.contains(&one) {
                all.push(one);
            }
        }
        (Self { session, universal }, all)
    }
}

/// Splits values into those that may come back and those that may not.
///
/// Local is `unix://`, `npipe://`, or a context whose endpoint is one of these. A TCP address is not,
/// even 127.0.0.1: what listens there is often a tunnel. TLS variables without a host send docker to
/// `tcp://localhost:2376`, so they come back only together with something that is local.
fn local(all: &Values, context_is_local: &dyn Fn(&str) -> bool) -> (Values, Vec<Dropped>) {
    let filled =
        |name: &'static str| all.get(&Var::new(name)).filter(|value| !value.as_os_str().is_empty());
    let host = filled("DOCKER_HOST");
    let host_local = host.is_some_and(|host| is_local_host(host));
    let context = filled("DOCKER_CONTEXT");
    let context_local = context.is_some_and(|name| name.to_str().is_some_and(context_is_local));
    let host_gone = host.is_some() && !host_local;
    let context_gone = context.is_some() && !context_local;
    let named_context =
        context_local && !host_gone && context.is_some_and(|name| name.as_os_str() != "default");
    let tls_on = filled("DOCKER_TLS_VERIFY").is_some() || filled("DOCKER_TLS").is_some();
    let tls_gone = host_gone || (tls_on && !host_local && !named_context);

    let mut kept = Values::new();
    let mut dropped = Vec::new();
    for (var, value) in all {
        let (keep, say) = match var.as_str() {
            "DOCKER_HOST" => (!host_gone, true),
            "DOCKER_CONTEXT" => (!context_gone, true),
            "DOCKER_TLS_VERIFY" | "DOCKER_TLS" => (!tls_gone, !host_gone && !value.is_empty()),
            "DOCKER_CERT_PATH" => (!tls_gone, false),
            // A version or a machine's name belongs to the host it was set for.
            _ => (!host_gone, false),
        };
        if keep {
            kept.insert(var.clone(), value.clone());
        } else if say {
            dropped.push(Dropped { var: var.clone(), value: value.clone() });
        }
    }
    (kept, dropped)
}

/// Whether a DOCKER_HOST is a socket of this machine's. docker trims blanks (docker/cli `opts.ParseHost`);
/// the path of a socket need not be UTF-8.
fn is_local_host(host: &OsStr) -> bool {
    let host = host.as_encoded_bytes().trim_ascii_start();
    host.starts_with(b"unix://") || host.starts_with(b"npipe://")
}
