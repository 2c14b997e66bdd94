//! Whom a check is about: a profile, or whatever docker goes to from here.

use std::path::PathBuf;
use std::time::Duration;

use crate::cert::make::set;
use crate::check::target::{Apart, Target};
use crate::cmd::{Ctx, key, switch};
use crate::error::{Error, Lang, SecretFault};
use crate::exports::{Change, DirChange, Scope, Shell, UseInput, for_use};
use crate::in_force::{DecidedBy, InForce, LeadsTo, Tls};
use crate::interop::docker::Contexts;
use crate::profile::destination::Destination;
use crate::profile::endpoint::Endpoint;
use crate::profile::{KeySource, Profile, TlsMode, certs};
use crate::store::checked;
use crate::store::parse::{Entry, Settings};
use crate::tr;

/// What it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cmd) enum Who {
    /// A profile.
    Profile(String),
    /// What DOCKER_HOST says, which no profile set.
    Variable,
    /// What TLS variables without a host make docker do.
    Variables,
    /// A docker context.
    Context(String),
    /// The daemon of this machine.
    Local,
}

impl Who {
    /// Its name in a line for people.
    pub(super) fn title(&self, lang: Lang) -> String {
        match self {
            Self::Profile(name) => name.clone(),
            Self::Variable => "DOCKER_HOST".to_owned(),
            Self::Variables => "DOCKER_TLS_VERIFY, DOCKER_TLS".to_owned(),
            Self::Context(name) => tr!(lang, "context {name}", "context {name}"),
            Self::Local => tr!(lang, "local docker", "本地 docker"),
        }
    }
}

/// What is done about keys that are in no plain file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cmd) enum Keys {
    /// They are left where they are, and no daemon is asked.
    Leave,
    /// They are fetched, where that needs nobody.
    Fetch,
    /// They are fetched, and a person may be asked for a passphrase.
    Ask,
}

/// One daemon to check.
#[derive(Debug)]
pub(in crate::cmd) struct Subject {
    pub(super) who: Who,
    /// Where it is, as in DOCKER_HOST; empty for a profile that is not valid.
    pub(super) endpoint: String,
    /// What is to be asked, or why nothing can be.
    pub(super) target: Result<Target, Error>,
    /// Whether modes of files are judged.
    pub(super) strict: bool,
    /// What of the profile a result belongs to.
    pub(super) sum: Option<String>,
}

impl Subject {
    /// An entry of the store.
    pub(super) fn of_entry(
        ctx: &Ctx<'_>,
        entry: Entry,
        settings: &Settings,
        limit: Duration,
        keys: Keys,
    ) -> Self {
        match entry.profile {
            Ok(profile) => Self::of_profile(ctx, &profile, settings, limit, keys),
            Err(error) => Self {
                who: Who::Profile(entry.name),
                endpoint: String::new(),
                target: Err(error),
                strict: settings.strict_modes,
                sum: None,
            },
        }
    }

    /// A profile.
    pub(in crate::cmd) fn of_profile(
        ctx: &Ctx<'_>,
        profile: &Profile,
        settings: &Settings,
        limit: Duration,
        keys: Keys,
    ) -> Self {
        let target = switch::usable(ctx.env, profile).and_then(|()| {
            let mut target = target(ctx, profile, settings, limit);
            apart(ctx, profile, settings, keys, &mut target)?;
            Ok(target)
        });
        Self {
            who: Who::Profile(profile.name.clone()),
            endpoint: profile.docker_host(),
            target,
            strict: settings.strict_modes,
            sum: Some(checked::sum(profile)),
        }
    }

    /// Where docker goes from here without a profile; `None` where it goes nowhere, which the look at this machine
    /// tells.
    pub(super) fn of_here(
        ctx: &Ctx<'_>,
        answer: &InForce,
        contexts: &Contexts,
        settings: &Settings,
        limit: Duration,
    ) -> Option<Self> {
        let endpoint = answer.endpoint.clone()?;
        let parsed = Endpoint::parse(&endpoint).ok()?;
        let who = match (answer.decided_by, &answer.context) {
            (_, Some(name)) => Who::Context(name.clone()),
            (DecidedBy::DockerHost, None) => Who::Variable,
            // TLS variables alone lead to port 2376
            _ if answer.leads_to != LeadsTo::LocalDocker => Who::Variables,
            _ => Who::Local,
        };
        let (dir, tls) = material(ctx, answer, contexts);
        let dir = dir.filter(|_| tls != TlsMode::Off);
        let file = |name: &str| dir.as_ref().map(|dir| dir.join(name));
        // docker leaves out what is not there, and says nothing; with neither, none is meant.
        let pair = ["cert.pem", "key.pem"].map(file);
        let any = pair.iter().flatten().any(|path| path.exists());
        let [cert, key] = pair.map(|path| path.filter(|_| any));
        let target = Target {
            profile: None,
            layer: None,
            endpoint: parsed,
            tls,
            ca: file("ca.pem"),
            cert,
            key,
            apart: None,
            kept_server: None,
            kept: false,
            api_version: ctx.env.text("DOCKER_API_VERSION"),
            env: ctx.env.clone(),
            brief: false,
            forwarding: false,
            limit,
        };
        let strict = settings.strict_modes;
        Some(Self { who, endpoint, target: Ok(target), strict, sum: None })
    }
}

/// The directory of the files that docker reads, and how it uses them.
fn material(ctx: &Ctx<'_>, answer: &InForce, contexts: &Contexts) -> (Option<PathBuf>, TlsMode) {
    match (&answer.context, answer.tls) {
        (Some(name), Tls::Context) => {
            let Some((dir, unverified)) = contexts.tls(name) else { return (None, TlsMode::Off) };
            let ca = dir.join("ca.pem").exists();
            // A context without any of them is plain, whatever its address says.
            let any = ca || dir.join("cert.pem").exists();
            match (unverified, any) {
                (true, _) => (Some(dir), TlsMode::Insecure),
                (false, true) => (Some(dir), TlsMode::Verify),
                (false, false) => (None, TlsMode::Off),
            }
        }
        (_, tls @ (Tls::Verified | Tls::Unverified)) => {
            let named = ctx.env.filled("DOCKER_CERT_PATH").map(PathBuf::from);
            let dir = named.or_else(|| ctx.env.docker_config());
            let verified = tls == Tls::Verified;
            (dir, if verified { TlsMode::Verify } else { TlsMode::Insecure })
        }
        _ => (None, TlsMode::Off),
    }
}

/// A key that is in no plain file stands where docker would find it for as long as the check takes; whoever checks lets
/// go of it ([`key::leave`]). Files that are not right are left to the look at them.
fn apart(
    ctx: &Ctx<'_>,
    profile: &Profile,
    settings: &Settings,
    keys: Keys,
    target: &mut Target,
) -> Result<(), Error> {
    let home = ctx.env.home();
    let Ok(Some(material)) = certs::locate(profile, &ctx.look(home.as_deref(), settings)) else {
        return Ok(());
    };
    if !key::is_apart(profile, &material) {
        return Ok(());
    }
    if keys == Keys::Leave {
        target.cert = key::certificate(&material).map(ToOwned::to_owned);
        target.apart = match (&profile.key_source, target.key.take()) {
            (Some(KeySource::Keyring), _) => Some(Apart::Keyring),
            (Some(KeySource::Command(_)), _) => Some(Apart::Command),
            (None, path) => path.map(Apart::Passphrase),
        };
        return Ok(());
    }
    let files = (target.cert.take(), target.key.take());
    let to = switch::destination(ctx, profile, settings)?;
    let ask = keys == Keys::Ask;
    match key::provide(ctx, profile, settings, &to, key::Holder::This, ask) {
        Ok(()) => {}
        // without its passphrase a key file is to us what it is to docker
        Err(Error::Secret { fault: SecretFault::NobodyToAsk(_), .. }) if material.sealed => {
            (target.cert, target.key) = files;
            return Ok(());
        }
        Err(error) => return Err(error),
    }
    if let Some(dir) = to.cert_dir {
        target.cert = Some(dir.join("cert.pem"));
        target.key = Some(dir.join("key.pem"));
    }
    Ok(())
}

fn target(ctx: &Ctx<'_>, profile: &Profile, settings: &Settings, limit: Duration) -> Target {
    let home = ctx.env.home();
    let target = Target::of(profile, &ctx.look(home.as_deref(), settings), ctx.env.clone(), limit);
    let dir = target.ca.as_ref().and_then(|ca| ca.parent()).map(ToOwned::to_owned);
    let to = Destination::of(profile, dir, settings.machine_name);
    let exports = for_use(&UseInput {
        to: &to,
        here: &Shell::plain(ctx.env),
        scope: Scope::Session,
        token: None,
        dir: &DirChange::ByHand,
    });
    let changes = exports.iter().map(|export| {
        let value = match &export.change {
            Change::Set(value) => Some(value.clone()),
            Change::Unset | Change::Uncover => None,
        };
        (export.var.as_str(), value)
    });
    let (kept, kept_server) = kept(ctx, profile);
    Target { env: ctx.env.with(changes), kept, kept_server, ..target }
}

/// Whether dctx keeps the certificates of a profile, and the server's among them, if they are made here.
pub(in crate::cmd) fn kept(ctx: &Ctx<'_>, profile: &Profile) -> (bool, Option<PathBuf>) {
    let Ok(dirs) = ctx.env.dirs() else { return (false, None) };
    let home = ctx.env.home();
    let base = profile.origin.path.parent().unwrap_or(std::path::Path::new("/"));
    let at = |path: &String| certs::expand(path, base, home.as_deref());
    let one = || at(profile.certs.cert.as_ref()?).parent().map(ToOwned::to_owned);
    let dir = profile.certs.dir.as_ref().map(at).or_else(one);
    let ours = |dir: &PathBuf| dir.parent() == Some(dirs.data.join("certs").as_path());
    let Some(dir) = dir.filter(ours) else { return (false, None) };
    let server = dir.join(set::SERVER_CERT);
    (true, Some(server).filter(|path| path.exists()))
}
