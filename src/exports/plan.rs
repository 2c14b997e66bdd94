//! From a profile to [`Exports`], and from what was saved back again. Pure: what the file system says
//! comes in as arguments.

use std::ffi::OsString;
use std::path::Path;

use super::former::Values;
use super::{Dropped, ENDPOINT, Exports, Former, OWN, Saved, Scope, Var, fingerprint};
use crate::env::Env;
use crate::profile::{Profile, TlsMode};

/// What `use` needs to know.
#[derive(Debug)]
pub struct UseInput<'a> {
    /// The host to go to.
    pub profile: &'a Profile,
    /// The directory for DOCKER_CERT_PATH; `None` exactly when the mode is off.
    pub cert_dir: Option<&'a Path>,
    /// The environment as it is.
    pub env: &'a Env,
    /// fish's universal variables, empty for other shells.
    pub universal: &'a Values,
    /// How far the change reaches.
    pub scope: Scope,
    /// Whether DOCKER_MACHINE_NAME is set for prompts.
    pub machine_name: bool,
}

/// The variables that say there is a proxy; docker's Go reads all but ALL_PROXY, others read that too.
const PROXIES: [&str; 6] =
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];
const NO_PROXY: [Var; 2] = [Var::new("NO_PROXY"), Var::new("no_proxy")];

/// Everything that `use` states.
#[must_use]
pub fn for_use(input: &UseInput<'_>) -> Exports {
    let UseInput { profile, env, scope, .. } = *input;
    let get = |name: &str| env.get(name);
    let mut saved = match env.filled("DCTX_SAVED") {
        // What cannot be read is not ours to give back; the values in force are a former `use`'s.
        Some(text) => Saved::decode(&text).unwrap_or(Saved::nothing(scope)),
        None => {
            let former = Former::capture(&get, input.universal);
            let session = former.session.into_iter().map(|(var, value)| (var, Some(value)));
            Saved {
                session: session.collect(),
                universal: former.universal,
                ..Saved::nothing(scope)
            }
        }
    };
    saved.scope = scope;

    let mut out = Exports::new();
    endpoint(&mut out, input);
    extra_env(&mut out, profile, env, scope, &mut saved);
    no_proxy(&mut out, profile.host.proxy_host(), env, scope, &mut saved);

    let [own_profile, previous, own_saved, expires] = OWN;
    let active = env.filled("DCTX_PROFILE");
    let before = match active {
        Some(active) if active != profile.name.as_str() => Some(active),
        _ => env.filled("DCTX_PREVIOUS"),
    };
    out.set(own_profile, profile.name.as_str(), scope);
    match before {
        Some(before) => out.set(previous, before, scope),
        None => out.unset(previous, scope),
    }
    saved.mark = fingerprint(&|name| out.value(name).map(ToOwned::to_owned));
    out.set(own_saved, saved.encode(), scope);
    out.unset(expires, scope);
    out
}

/// The seven variables that choose the endpoint, each set or unset.
fn endpoint(out: &mut Exports, input: &UseInput<'_>) {
    let UseInput { profile, scope, .. } = *input;
    let [host, verify, tls, certs, context, version, machine] = ENDPOINT;
    let mut put = |var: Var, value: Option<OsString>| match value {
        Some(value) => out.set(var, value, scope),
        None => out.unset(var, scope),
    };
    put(host, Some(profile.docker_host().into()));
    // `1` is the only value that every client takes for yes, and unset the only one for no: docker turns
    // TLS on for `0`, bollard for an empty value.
    let on = |yes: bool| yes.then(|| OsString::from("1"));
    put(verify, on(matches!(profile.tls, TlsMode::Verify | TlsMode::System)));
    put(tls, on(profile.tls == TlsMode::Insecure));
    put(certs, input.cert_dir.map(|dir| dir.as_os_str().to_owned()));
    put(context, None);
    put(version, profile.api_version.as_ref().map(OsString::from));
    put(machine, input.machine_name.then(|| OsString::from(&profile.name)));
}

/// The profile's own variables; those that an earlier profile set go back to what they were.
fn extra_env(out: &mut Exports, profile: &Profile, env: &Env, scope: Scope, saved: &mut Saved) {
    for (name, value) in &profile.env {
        let Some(var) = Var::parse(name) else { continue };
        saved.session.entry(var.clone()).or_insert_with(|| env.get(name));
        out.set(var, value.as_str(), scope);
    }
    let gone: Vec<Var> = saved.session.keys().filter(|var| is_extra(var)).cloned().collect();
    for var in gone.into_iter().filter(|var| !profile.env.contains_key(var.as_str())) {
        restore(out, saved.session.remove(&var).flatten(), var, scope);
    }
}

/// Whether a saved variable came from a profile's `env`.
fn is_extra(var: &Var) -> bool {
    !ENDPOINT.contains(var) && !NO_PROXY.contains(var)
}

fn restore(out: &mut Exports, value: Option<OsString>, var: Var, scope: Scope) {
    match value {
        Some(value) => out.set(var, value, scope),
        None => out.unset(var, scope),
    }
}

/// Adds `host` to the proxy exceptions, and takes away the one an earlier `use` added.
fn no_proxy(out: &mut Exports, host: Option<&str>, env: &Env, scope: Scope, saved: &mut Saved) {
    let behind_proxy = PROXIES.iter().any(|name| env.filled(name).is_some());
    let added = saved.proxy_host.take();
    let wanted = host.filter(|_| behind_proxy);
    let mut lists: Vec<(Var, Option<OsString>, bool)> = Vec::new();
    for var in NO_PROXY {
        let current = env.get(var.as_str());
        match (saved.session.remove(&var), &added) {
            (Some(former), Some(added)) => {
                lists.push((var, without(current, former, added), true));
            }
            _ => lists.push((var, current, false)),
        }
    }
    // The one that exists is extended; where neither does, the upper-case one is made.
    let is_set = |value: &Option<OsString>| value.as_ref().is_some_and(|v| !v.is_empty());
    let none = !lists.iter().any(|(_, value, _)| is_set(value));
    for (index, (var, base, was_ours)) in lists.into_iter().enumerate() {
        let extend = is_set(&base) || (none && index == 0);
        let longer = wanted.filter(|_| extend).and_then(|host| with(base.as_ref(), host));
        match longer {
            Some(longer) => {
                saved.session.insert(var.clone(), base);
                saved.proxy_host = wanted.map(ToOwned::to_owned);
                out.set(var, longer, scope);
            }
            None if was_ours => restore(out, base, var, scope),
            None => {}
        }
    }
}

/// The list with `host` at its end; `None` if it is covered already, or not text.
fn with(list: Option<&OsString>, host: &str) -> Option<OsString> {
    let Some(list) = list.filter(|list| !list.is_empty()) else { return Some(host.into()) };
    let list = list.to_str()?;
    let covered = list.split([',', ' ']).any(|entry| entry == host || entry == "*");
    (!covered).then(|| format!("{list},{host}").into())
}

/// What the list was before `added` was put at its end; if somebody changed it since, their list without
/// `added`.
fn without(current: Option<OsString>, former: Option<OsString>, added: &str) -> Option<OsString> {
    if with(former.as_ref(), added) == current {
        return former;
    }
    let Some(text) = current.as_ref().and_then(|list| list.to_str()) else { return current };
    let rest: Vec<&str> = text.split(',').filter(|entry| *entry != added).collect();
    Some(rest.join(",").into())
}

/// What `reset` needs to know.
pub struct ResetInput<'a> {
    /// The environment as it is.
    pub env: &'a Env,
    /// fish's universal variables, empty for other shells.
    pub universal: &'a Values,
    /// How far the change reaches.
    pub scope: Scope,
    /// Revoke everything, whatever was there before.
    pub all: bool,
    /// Whether a docker context of that name leads to this machine.
    pub context_is_local: &'a dyn Fn(&str) -> bool,
}

/// What `reset` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    /// The changes.
    pub exports: Exports,
    /// What was there before and is local, as it will be in this shell.
    pub restored: Values,
    /// What was there before and is not brought back.
    pub dropped: Vec<Dropped>,
    /// Whether DCTX_SAVED was there but could not be read.
    pub unreadable: bool,
}

/// Everything that `reset` states.
#[must_use]
pub fn for_reset(input: &ResetInput<'_>) -> Reset {
    let ResetInput { env, scope, .. } = *input;
    let get = |name: &str| env.get(name);
    let text = env.filled("DCTX_SAVED");
    let saved = text.as_ref().and_then(|text| Saved::decode(text));
    let unreadable = text.is_some() && saved.is_none();
    let former = match &saved {
        Some(saved) => Former {
            session: ENDPOINT
                .into_iter()
                .filter_map(|var| Some((var.clone(), saved.session.get(&var)?.clone()?)))
                .collect(),
            universal: saved.universal.clone(),
        },
        None => Former::capture(&get, input.universal),
    };
    let (kept, dropped) = match (input.all, unreadable) {
        (true, _) => (Former::default(), Vec::new()),
        // Nothing is known of what was before: what is local may stay, and nothing is announced.
        (false, _) => former.local(input.context_is_local),
    };
    // Without a `use` before, what stays is there already, and not a line is needed to keep it.
    let untouched = saved.is_none() && kept == former;

    let mut out = Exports::new();
    for var in ENDPOINT {
        let session = kept.session.get(&var);
        let universal = kept.universal.get(&var);
        if untouched && (session.is_some() || universal.is_some()) {
            continue;
        }
        match scope {
            Scope::Session => restore(&mut out, session.or(universal).cloned(), var, scope),
            Scope::Universal => {
                restore(&mut out, universal.cloned(), var.clone(), scope);
                if let Some(value) = session {
                    out.set(var, value, Scope::Session);
                }
            }
        }
    }
    if let Some(mut saved) = saved {
        let extra: Vec<Var> = saved.session.keys().filter(|var| is_extra(var)).cloned().collect();
        for var in extra {
            let value = saved.session.remove(&var).flatten();
            restore(&mut out, value.filter(|_| !input.all), var, scope);
        }
        no_proxy(&mut out, None, env, scope, &mut saved);
    }
    for var in OWN {
        out.unset(var, scope);
    }
    Reset { exports: out, restored: kept.effective(), dropped, unreadable }
}
