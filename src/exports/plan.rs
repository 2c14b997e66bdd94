//! From a profile to [`Exports`], and from what was saved back again. Pure: what the file system says
//! comes in as arguments.

use std::ffi::OsString;

use super::former::Values;
use super::{
    DIR, DirChange, Dropped, ENDPOINT, Exports, Former, OWN, Saved, Scope, Var, destination_of,
};
use crate::env::Env;
use crate::profile::TlsMode;
use crate::profile::destination::Destination;

/// What `use` needs to know.
#[derive(Debug)]
pub struct UseInput<'a> {
    /// The host to go to.
    pub to: &'a Destination,
    /// The environment as it is.
    pub env: &'a Env,
    /// fish's universal variables, empty for other shells.
    pub universal: &'a Values,
    /// How far the change reaches.
    pub scope: Scope,
    /// Which choice for every shell this is, where that is kept in a file.
    pub token: Option<&'a str>,
    /// What becomes of DCTX_DIR.
    pub dir: &'a DirChange,
}

/// The variables that say there is a proxy; docker's Go reads all but ALL_PROXY, others read that too.
const PROXIES: [&str; 6] =
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];
const NO_PROXY: [Var; 2] = [Var::new("NO_PROXY"), Var::new("no_proxy")];

/// Everything that `use` states.
#[must_use]
pub fn for_use(input: &UseInput<'_>) -> Exports {
    let UseInput { to, env, scope, .. } = *input;
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
    saved.token = input.token.map(ToOwned::to_owned);
    saved.protected = to.protected;

    let mut out = Exports::new();
    endpoint(&mut out, input);
    extra_env(&mut out, to, env, scope, &mut saved);
    no_proxy(&mut out, to.proxy_host.as_deref(), env, scope, &mut saved);

    let [own_profile, previous, own_saved, expires] = OWN;
    let active = env.filled("DCTX_PROFILE");
    let before = match active {
        // A directory is no choice that a person would go back to.
        Some(active) if active != to.name.as_str() && *input.dir == DirChange::ByHand => {
            Some(active)
        }
        _ => env.filled("DCTX_PREVIOUS"),
    };
    out.set(own_profile, to.name.as_str(), scope);
    match before {
        Some(before) => out.set(previous, before, scope),
        None => out.unset(previous, scope),
    }
    saved.set = Some(destination_of(&|name| out.value(name).map(ToOwned::to_owned)));
    out.set(own_saved, saved.encode(), scope);
    match to.expires {
        Some(at) => out.set(expires, at.to_string(), scope),
        None => out.unset(expires, scope),
    }
    directory(&mut out, input.dir, env);
    out
}

/// DCTX_DIR belongs to one shell, whatever else is for every one.
fn directory(out: &mut Exports, change: &DirChange, env: &Env) {
    if let Some(value) = change.value(env.get(DIR.as_str())) {
        restore(out, value, DIR, Scope::Session);
    }
}

/// The seven variables that choose the endpoint, each set or unset.
fn endpoint(out: &mut Exports, input: &UseInput<'_>) {
    let UseInput { to, scope, .. } = *input;
    let [host, verify, tls, certs, context, version, machine] = ENDPOINT;
    let mut put = |var: Var, value: Option<OsString>| match value {
        Some(value) => out.set(var, value, scope),
        None => out.unset(var, scope),
    };
    put(host, Some(to.host.clone().into()));
    // `1` is the only value that every client takes for yes, and unset the only one for no: docker turns
    // TLS on for `0`, bollard for an empty value.
    let on = |yes: bool| yes.then(|| OsString::from("1"));
    put(verify, on(matches!(to.tls, TlsMode::Verify | TlsMode::System)));
    put(tls, on(to.tls == TlsMode::Insecure));
    put(certs, to.cert_dir.clone().map(Into::into));
    put(context, None);
    put(version, to.api_version.as_ref().map(OsString::from));
    put(machine, to.machine_name.then(|| OsString::from(&to.name)));
}

/// The profile's own variables; those that an earlier profile set go back to what they were.
fn extra_env(out: &mut Exports, to: &Destination, env: &Env, scope: Scope, saved: &mut Saved) {
    for (name, value) in &to.env {
        let Some(var) = Var::parse(name) else { continue };
        saved.session.entry(var.clone()).or_insert_with(|| env.get(name));
        out.set(var, value.as_str(), scope);
    }
    let gone: Vec<Var> = saved.session.keys().filter(|var| is_extra(var)).cloned().collect();
    for var in gone.into_iter().filter(|var| !to.env.contains_key(var.as_str())) {
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
    /// What becomes of the session when the choice for every shell, kept in a file, is another.
    pub rest: Rest,
    /// What becomes of DCTX_DIR.
    pub dir: &'a DirChange,
    /// Whether a docker context of that name leads to this machine.
    pub context_is_local: &'a dyn Fn(&str) -> bool,
}

/// What a `reset` of one session does about the choice for every shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rest {
    /// There is none, or it is fish's own, which its emitter hides.
    #[default]
    Plain,
    /// It is hidden from this session: an empty DCTX_SAVED says so.
    Hide,
    /// It comes to light again.
    Uncover,
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
    let [own_profile, previous, own_saved, expires] = OWN;
    out.unset(own_profile, scope);
    match env.filled(previous.as_str()).filter(|_| *input.dir != DirChange::ByHand) {
        // What a directory switched, a person did not.
        Some(before) => out.set(previous, before, scope),
        None => out.unset(previous, scope),
    }
    match input.rest {
        Rest::Hide => out.set(own_saved, "", scope),
        Rest::Plain | Rest::Uncover => out.unset(own_saved, scope),
    }
    out.unset(expires, scope);
    directory(&mut out, input.dir, env);
    if input.rest == Rest::Uncover {
        out.uncover();
    }
    Reset { exports: out, restored: kept.effective(), dropped, unreadable }
}
