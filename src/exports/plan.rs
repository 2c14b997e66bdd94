//! From a profile to [`Exports`], and from what was saved back again. Pure: what the file system says
//! comes in as arguments. Which scope has what is in [`super::scopes`].

use std::ffi::{OsStr, OsString};

use super::former::{self, Former, Formers, Kept, Values};
use super::{
    BEFORE, DIR, DirChange, Dropped, ENDPOINT, Exports, OWN, Saved, Scope, Shell, Standing, Var,
    destination_of,
};
use crate::env::Env;
use crate::profile::TlsMode;
use crate::profile::destination::Destination;

/// What `use` needs to know.
#[derive(Debug)]
pub struct UseInput<'a> {
    /// The host to go to.
    pub to: &'a Destination,
    /// The shell as it is.
    pub here: &'a Shell<'a>,
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
pub(super) const NO_PROXY: [Var; 2] = [Var::new("NO_PROXY"), Var::new("no_proxy")];

/// The layer of variables that a change is made in, what it saves, and what it does to the layer above.
struct Layer<'a> {
    here: &'a Shell<'a>,
    scope: Scope,
    /// What was in this layer.
    saved: Saved,
    /// What was in the layer above, which what is set in this one takes the place of: only in fish, for a
    /// choice for every shell.
    above: Formers,
}

impl Layer<'_> {
    /// Notes what `var` was, unless that is known already.
    fn claim(&mut self, var: &Var) {
        let (here, scope) = (self.here, self.scope);
        self.saved.former.entry(var.clone()).or_insert_with(|| here.kept(var, scope));
        if self.is_below()
            && let own @ Kept::Value(_) = here.kept(var, Scope::Session)
        {
            self.above.entry(var.clone()).or_insert(own);
        }
    }

    /// Whether this is the layer of fish's universal variables.
    fn is_below(&self) -> bool {
        self.scope == Scope::Universal && self.here.universal.is_some()
    }

    /// States that `var` is again what it was in this layer.
    fn give_back(&self, out: &mut Exports, var: Var, kept: Option<Kept>) {
        match kept.and_then(Kept::value) {
            Some(value) => out.set(var, value, self.scope),
            None if self.is_below() => out.unset(var, self.scope),
            None => out.uncover(var),
        }
    }
}

/// Everything that `use` states.
#[must_use]
pub fn for_use(input: &UseInput<'_>) -> Exports {
    let UseInput { to, here, scope, .. } = *input;
    let env = here.env;
    let own = here.former();
    let mut out = Exports::new();
    let mut session = None;
    let mut layer = if scope == Scope::Universal && here.universal.is_some() {
        let (own, above) = split(own, to);
        let mut of_session =
            Layer { here, scope: Scope::Session, saved: own, above: Formers::new() };
        no_proxy(&mut out, None, env, &mut of_session);
        session = Some(of_session);
        let saved = here.universal_saved().unwrap_or_else(|| captured(here));
        Layer { here, scope, saved, above }
    } else {
        Layer { here, scope, saved: own, above: Formers::new() }
    };
    layer.saved.scope = scope;
    layer.saved.token = input.token.map(ToOwned::to_owned);
    layer.saved.protected = to.protected;

    endpoint(&mut out, to, scope);
    extra_env(&mut out, to, &mut layer);
    // After what is stated for every shell, which would take it away.
    session.iter_mut().for_each(|session| extra_back(&mut out, session, true));
    no_proxy(&mut out, to.proxy_host.as_deref(), env, &mut layer);
    if layer.is_below() {
        // An exception that nothing is added to any more is this shell's own again.
        for var in NO_PROXY.into_iter().filter(|var| !layer.saved.former.contains_key(var)) {
            if let Some(value) = layer.above.remove(&var).and_then(Kept::value) {
                out.set(var, value, Scope::Session);
            }
        }
    }

    let [own_profile, previous, own_saved, expires] = OWN;
    out.set(own_profile, to.name.as_str(), scope);
    // A directory is no choice that a person would go back to.
    if *input.dir == DirChange::ByHand {
        let is_other = |name: &OsString| *name != OsStr::new(&to.name);
        let left = env.filled("DCTX_PROFILE").filter(is_other);
        match left.or_else(|| env.filled(previous.as_str()).filter(is_other)) {
            Some(before) => out.set(previous, before, scope),
            None => out.unset(previous, scope),
        }
    }
    match to.expires {
        Some(at) => out.set(expires, at.to_string(), scope),
        None => out.unset(expires, scope),
    }
    // Last of what other shells see: by this fish hears of a choice for every shell.
    layer.saved.set = Some(destination_of(&|name| out.value(name).map(ToOwned::to_owned)));
    out.set(own_saved, layer.saved.encode(), scope);
    if !layer.above.is_empty() {
        out.set(BEFORE, former::encode(&layer.above), Scope::Session);
    } else if env.get(BEFORE.as_str()).is_some() {
        out.uncover(BEFORE);
    }
    directory(&mut out, input.dir, env);
    out
}

/// Of what this fish had of its own: what goes back there with the choice of this session that is left, and
/// what a choice for every shell takes the place of.
fn split(own: Saved, to: &Destination) -> (Saved, Formers) {
    let mut session = Saved { former: Formers::new(), ..own.clone() };
    let mut above = Formers::new();
    for (var, kept) in own.former {
        let goes = match () {
            () if is_extra(&var) => !to.env.contains_key(var.as_str()),
            () => NO_PROXY.contains(&var) && own.proxy_host.is_some(),
        };
        if goes { &mut session.former } else { &mut above }.insert(var, kept);
    }
    (session, above)
}

/// What fish's universal variables hold that is not dctx's.
fn captured(here: &Shell<'_>) -> Saved {
    let set = here.universal.into_iter().flatten().filter(|(var, _)| ENDPOINT.contains(var));
    let former = set.map(|(var, value)| (var.clone(), Kept::Value(value.clone()))).collect();
    Saved { former, ..Saved::nothing(Scope::Universal) }
}

/// DCTX_DIR belongs to one shell, whatever else is for every one.
fn directory(out: &mut Exports, change: &DirChange, env: &Env) {
    match change.value(env.get(DIR.as_str())) {
        Some(Some(value)) => out.set(DIR, value, Scope::Session),
        Some(None) => out.unset(DIR, Scope::Session),
        None => {}
    }
}

/// The seven variables that choose the endpoint, each set or unset.
fn endpoint(out: &mut Exports, to: &Destination, scope: Scope) {
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

/// The profile's own variables; those that an earlier profile set go back to what they were, and those that
/// the choice for every shell brought along are hidden from this session.
fn extra_env(out: &mut Exports, to: &Destination, layer: &mut Layer<'_>) {
    for (name, value) in &to.env {
        let Some(var) = Var::parse(name) else { continue };
        layer.claim(&var);
        out.set(var, value.as_str(), layer.scope);
    }
    let hidden = hidden_extra(layer);
    let gone: Vec<Var> = layer.saved.former.keys().filter(|var| is_extra(var)).cloned().collect();
    for var in gone {
        if !to.env.contains_key(var.as_str()) && !hidden.contains_key(&var) {
            let kept = layer.saved.former.remove(&var);
            layer.give_back(out, var, kept);
        }
    }
    for var in hidden.into_keys().filter(|var| !to.env.contains_key(var.as_str())) {
        layer.claim(&var);
        out.unset(var, layer.scope);
    }
}

/// The same where no profile follows. Unless `keep`, what there was before is taken away, too.
fn extra_back(out: &mut Exports, layer: &mut Layer<'_>, keep: bool) {
    let extra: Vec<Var> = layer.saved.former.keys().filter(|var| is_extra(var)).cloned().collect();
    for var in extra {
        let kept = layer.saved.former.remove(&var).filter(|_| keep);
        layer.give_back(out, var, kept);
    }
}

/// The variables of a profile's `env` that fish's choice for every shell set, where a session has its own.
fn hidden_extra(layer: &Layer<'_>) -> Formers {
    let saved = layer.here.universal_saved().filter(|_| layer.scope == Scope::Session);
    let former = saved.map(|saved| saved.former).unwrap_or_default();
    former.into_iter().filter(|(var, _)| is_extra(var)).collect()
}

/// Whether a saved variable came from a profile's `env`.
fn is_extra(var: &Var) -> bool {
    !ENDPOINT.contains(var) && !NO_PROXY.contains(var)
}

/// Adds `host` to the proxy exceptions, and takes away the one an earlier `use` added.
fn no_proxy(out: &mut Exports, host: Option<&str>, env: &Env, layer: &mut Layer<'_>) {
    let behind_proxy = PROXIES.iter().any(|name| env.filled(name).is_some());
    let added = layer.saved.proxy_host.take();
    let wanted = host.filter(|_| behind_proxy);
    let mut lists: Vec<(Var, Option<OsString>, Option<Kept>)> = Vec::new();
    for var in NO_PROXY {
        let current = env.get(var.as_str());
        match (layer.saved.former.remove(&var), &added) {
            (Some(former), Some(added)) => {
                let seen = layer.above.get(&var).unwrap_or(&former).clone().value();
                let list = without(current, seen, added);
                lists.push((var, list, Some(former)));
            }
            _ => lists.push((var, current, None)),
        }
    }
    // The one that exists is extended; where neither does, the upper-case one is made.
    let is_set = |value: &Option<OsString>| value.as_ref().is_some_and(|v| !v.is_empty());
    let none = !lists.iter().any(|(_, value, _)| is_set(value));
    for (index, (var, list, ours)) in lists.into_iter().enumerate() {
        let extend = is_set(&list) || (none && index == 0);
        let longer = wanted.filter(|_| extend).and_then(|host| with(list.as_ref(), host));
        match (longer, ours) {
            (Some(longer), ours) => {
                match ours {
                    Some(kept) => drop(layer.saved.former.insert(var.clone(), kept)),
                    None => layer.claim(&var),
                }
                layer.saved.proxy_host = wanted.map(ToOwned::to_owned);
                out.set(var, longer, layer.scope);
            }
            (None, Some(kept)) => {
                let seen = layer.above.get(&var).unwrap_or(&kept).clone().value();
                let edited = list.is_some() && list != seen;
                layer.give_back(out, var, if edited { Some(list.into()) } else { Some(kept) });
            }
            (None, None) => {}
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
    /// The shell as it is.
    pub here: &'a Shell<'a>,
    /// How far the change reaches.
    pub scope: Scope,
    /// Revoke everything, whatever was there before.
    pub all: bool,
    /// What becomes of DCTX_DIR.
    pub dir: &'a DirChange,
    /// Whether a docker context of that name leads to this machine.
    pub context_is_local: &'a dyn Fn(&str) -> bool,
}

/// What `reset` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The changes.
    pub exports: Exports,
    /// What was there before and is local, as it will be in this shell.
    pub restored: Values,
    /// What was there before and is not brought back.
    pub dropped: Vec<Dropped>,
    /// What was there before and was too long to be kept.
    pub lost: Vec<Var>,
    /// Whether DCTX_SAVED was there but could not be read.
    pub unreadable: bool,
}

/// Everything that `reset` states.
#[must_use]
pub fn for_reset(input: &ResetInput<'_>) -> Plan {
    let ResetInput { here, scope, .. } = *input;
    let env = here.env;
    let below = scope == Scope::Universal && here.universal.is_some();
    let standing = here.standing();
    let unreadable = standing == Standing::Session(None);
    let own = here.former();
    // For every fish: what the universal variables were before; for this one alone, what they are now,
    // unless a choice of dctx's has to be hidden.
    let of_choice = here.universal_saved();
    let universal = match &of_choice {
        Some(saved) if below => saved.clone(),
        Some(_) => Saved::nothing(Scope::Universal),
        None => captured(here),
    };
    let values = |formers: &Formers| -> Values {
        let endpoint = formers.iter().filter(|(var, _)| ENDPOINT.contains(var));
        endpoint.filter_map(|(var, kept)| Some((var.clone(), kept.clone().value()?))).collect()
    };
    let before = Former { session: values(&own.former), universal: values(&universal.former) };
    let (kept, dropped) = if input.all {
        (Former::default(), Vec::new())
    } else {
        before.local(input.context_is_local)
    };
    let lost = |formers: &Formers| -> Vec<Var> {
        let lost = formers.iter().filter(|(_, kept)| **kept == Kept::Lost);
        lost.map(|(var, _)| var.clone()).collect()
    };
    let mut all_lost = lost(&own.former);
    if below {
        all_lost.extend(lost(&universal.former));
    }

    // What is not brought back of fish's own universal variables is hidden from one session, too.
    let has_choice = here.choice || of_choice.is_some();
    let hides = |var: &Var| {
        of_choice.is_some()
            || (before.universal.contains_key(var) && !kept.universal.contains_key(var))
    };
    let hidden = !below
        && scope == Scope::Session
        && (has_choice || before.universal.keys().any(|var| !kept.universal.contains_key(var)));
    let mut out = Exports::new();
    for var in ENDPOINT {
        let session = kept.session.get(&var);
        let universal = kept.universal.get(&var);
        if below {
            // What stays as it is needs no line, and a line would take the shell's own value away.
            let now = here.universal.and_then(|universal| universal.get(&var));
            let own = here.own(&var);
            if universal == now && session == own.as_ref() && (now.is_some() || own.is_some()) {
                continue;
            }
            match universal {
                Some(value) => out.set(var.clone(), value.clone(), Scope::Universal),
                None => out.unset(var.clone(), Scope::Universal),
            }
            if let Some(value) = session {
                out.set(var, value.clone(), Scope::Session);
            }
            continue;
        }
        match session {
            Some(value) if here.own(&var).as_ref() == Some(value) => {}
            Some(value) => out.set(var, value.clone(), Scope::Session),
            None if hides(&var) || universal.is_none() => out.unset(var, Scope::Session),
            None => out.uncover(var),
        }
    }
    if below {
        let mut layer = Layer { here, scope, saved: universal, above: own.former.clone() };
        extra_back(&mut out, &mut layer, !input.all);
        no_proxy(&mut out, None, env, &mut layer);
    }
    let mut layer = Layer { here, scope: Scope::Session, saved: own, above: Formers::new() };
    let hidden_names = if hidden { hidden_extra(&layer) } else { Formers::new() };
    extra_back(&mut out, &mut layer, !input.all);
    for var in hidden_names.into_keys() {
        // A value of this shell's own hides that one, too.
        if out.value(var.as_str()).is_none() {
            out.unset(var, Scope::Session);
        }
    }
    if below && layer.saved.proxy_host.is_none() {
        // What the choice for every shell took the place of comes back as it was.
        for var in NO_PROXY {
            if let Some(Kept::Value(value)) = layer.saved.former.remove(&var) {
                out.set(var, value, Scope::Session);
            }
        }
    }
    no_proxy(&mut out, None, env, &mut layer);
    finish(&mut out, input, hidden);
    Plan { exports: out, restored: kept.effective(), dropped, lost: all_lost, unreadable }
}

/// dctx's own variables after a reset.
fn finish(out: &mut Exports, input: &ResetInput<'_>, hidden: bool) {
    let ResetInput { here, scope, dir, .. } = *input;
    let [own_profile, previous, own_saved, expires] = OWN;
    out.unset(own_profile.clone(), scope);
    out.unset(expires, scope);
    // The host that was left is the one before, for this shell. What a directory switched, a person did not.
    if *dir == DirChange::ByHand {
        let left = here.env.filled(own_profile.as_str());
        let left = left.or_else(|| here.env.filled(previous.as_str())).filter(|_| !input.all);
        if left.is_none() || (scope == Scope::Universal && here.universal.is_some()) {
            out.unset(previous.clone(), scope);
        }
        if let Some(left) = left {
            out.set(previous, left, Scope::Session);
        }
    }
    if hidden {
        out.set(own_saved, "", Scope::Session);
    } else {
        out.unset(own_saved, scope);
    }
    if here.env.get(BEFORE.as_str()).is_some() {
        out.uncover(BEFORE);
    }
    directory(out, dir, here.env);
}
