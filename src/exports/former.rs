//! What was there before: found in the environment, or read back from DCTX_SAVED; and which of it may
//! come back, because it is local.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use super::{ENDPOINT, Var};

/// The variables that choose an endpoint, as they were in one scope. What is not listed was not set.
pub type Values = BTreeMap<Var, OsString>;

/// What was there in both scopes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Former {
    /// In this shell alone.
    pub session: Values,
    /// In fish's universal variables.
    pub universal: Values,
}

/// A value that is not brought back, since it would send docker to another machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The variable.
    pub var: Var,
    /// Its former value.
    pub value: OsString,
}

impl Former {
    /// Finds the variables in the environment. A value that equals the universal variable's is that one:
    /// fish does not import an inherited variable that equals a universal one (fish-shell PR 6218).
    #[must_use]
    pub fn capture(get: &dyn Fn(&str) -> Option<OsString>, universal: &Values) -> Self {
        let universal: Values = universal
            .iter()
            .filter(|(var, _)| ENDPOINT.contains(var))
            .map(|(var, value)| (var.clone(), value.clone()))
            .collect();
        let session = ENDPOINT
            .into_iter()
            .filter_map(|var| {
                let value = get(var.as_str())?;
                (universal.get(&var) != Some(&value)).then_some((var, value))
            })
            .collect();
        Self { session, universal }
    }

    /// What a program started from that shell saw.
    #[must_use]
    pub fn effective(&self) -> Values {
        let mut all = self.universal.clone();
        all.extend(self.session.iter().map(|(var, value)| (var.clone(), value.clone())));
        all
    }

    /// The part that keeps docker on this machine, and what is left out.
    pub fn local(&self, context_is_local: &dyn Fn(&str) -> bool) -> (Self, Vec<Dropped>) {
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

/// Whether a DOCKER_HOST stays on this machine. docker trims blanks (docker/cli `opts.ParseHost`).
fn is_local_host(host: &OsStr) -> bool {
    host.to_str().is_some_and(|host| {
        let host = host.trim();
        host.starts_with("unix://") || host.starts_with("npipe://")
    })
}
