//! What the commands of `cert` put into the keyring: the client's private key, the passphrase of a CA's. A command that
//! does not come to its end takes both out again, unless the files in place need them.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::cert::key::{Belongs, PrivateKey};
use crate::cert::make::issue::key_id;
use crate::cert::make::keys::NewKey;
use crate::cert::make::place::{Draft, KEY, PREVIOUS};
use crate::cert::make::set::{self, Set};
use crate::cert::secret::Secret;
use crate::cert::signature::PublicKey;
use crate::cert::x509::{Cert, hex};
use crate::cmd::{Ctx, key};
use crate::error::{Error, MakeFault, Result, SecretFault};
use crate::profile::{KeySource, Profile, certs};
use crate::secret::keyring;
use crate::store::Store;
use crate::tr;

/// What `--key` takes, and a profile says.
pub(super) const KEYRING: &str = "keyring";

/// Where the client's private key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// In key.pem, beside its certificate.
    File,
    /// In the keyring, and in no file.
    Keyring,
}

impl Home {
    /// What the command line asks for, or else the profile has.
    ///
    /// # Errors
    /// The profile has its key from a program, where dctx can put none.
    pub(super) fn of(asked: Option<&str>, profile: Option<&Profile>) -> Result<Self> {
        match profile.map(|profile| (&profile.key_source, &profile.name)) {
            Some((Some(KeySource::Command(_)), name)) => {
                Err(Error::Make(MakeFault::KeyCommand(name.clone())))
            }
            Some((Some(KeySource::Keyring), _)) if asked.is_none() => Ok(Self::Keyring),
            _ if asked == Some(KEYRING) => Ok(Self::Keyring),
            _ => Ok(Self::File),
        }
    }

    /// The values of a profile that say so.
    pub(super) const fn setting(self) -> Option<&'static str> {
        match self {
            Self::File => None,
            Self::Keyring => Some(KEYRING),
        }
    }
}

/// What has been put into the keyring so far.
pub(super) struct Ring<'a> {
    ctx: &'a Ctx<'a>,
    /// The directory of the certificates that it is for.
    root: PathBuf,
    /// Under which names; not what was there before.
    users: Vec<String>,
}

impl<'a> Ring<'a> {
    /// For the certificates in `root`, which need not be there yet.
    pub(super) fn new(ctx: &'a Ctx<'a>, root: &Path) -> Self {
        Self { ctx, root: root.to_owned(), users: Vec::new() }
    }

    /// The command has come to its end: what is in the keyring stays there.
    pub(super) fn settle(mut self) {
        self.users.clear();
    }

    /// Puts a client's key where it is to be kept: into this file of `draft`, in place of another one, or into the keyring.
    ///
    /// # Errors
    /// It cannot be written, or why the keyring cannot keep it.
    pub(super) fn key(
        &mut self,
        name: &str,
        home: Home,
        draft: &Draft,
        (file, key): (&str, &NewKey),
    ) -> Result<()> {
        match home {
            Home::File => draft.replace(file, KEY, &key.pem()),
            Home::Keyring => {
                let user = keyring::key_user(&key.public.spki);
                let key = PrivateKey::from_der(&key.der);
                let key = key.ok_or_else(|| fail(name, SecretFault::NotKept))?;
                self.keep(name, user, &key)
            }
        }
    }

    /// The same of a key that was made elsewhere, given as the text of its file; `cert` is the one that it belongs to.
    ///
    /// # Errors
    /// As [`Self::key`].
    pub(super) fn text(
        &mut self,
        name: &str,
        home: Home,
        draft: &Draft,
        (text, cert): (&[u8], &Cert),
    ) -> Result<()> {
        match home {
            Home::File => draft.file(set::KEY, KEY, text),
            Home::Keyring => {
                let key = set::private_key_in(Path::new(set::KEY), text)?;
                self.keep(name, keyring::key_user(&cert.key.spki), &key)
            }
        }
    }

    fn keep(&mut self, name: &str, user: String, key: &PrivateKey) -> Result<()> {
        let (env, waiting) = (self.ctx.env, key::waiting(self.ctx));
        if keyring::key(env, &user, &waiting).is_ok_and(|there| there.pkcs8() == key.pkcs8()) {
            return Ok(());
        }
        let label = key::label(name, &user);
        // Before it is asked for: it may get there although its answer does not get here.
        self.users.push(user.clone());
        let kept = keyring::keep(env, &user, &label, key, &waiting);
        kept.map_err(|fault| Error::Make(MakeFault::Unkept { passphrase: false, fault }))
    }

    /// Keeps the passphrase of the CA with this public key, and makes sure that it comes back.
    ///
    /// # Errors
    /// Why the keyring cannot keep it.
    pub(super) fn passphrase(
        &mut self,
        name: &str,
        public: &PublicKey,
        passphrase: &Secret,
    ) -> Result<(), SecretFault> {
        let (env, waiting) = (self.ctx.env, key::waiting(self.ctx));
        let user = keyring::ca_user(&public.spki);
        if std::str::from_utf8(passphrase).is_err() {
            return Err(SecretFault::NotKept);
        }
        let label = label(name, public);
        self.users.push(user.clone());
        keyring::set(env, &user, &label, Zeroizing::new(passphrase.to_vec()), &waiting)?;
        let back = keyring::get(env, &user, &waiting)?;
        if *back == **passphrase { Ok(()) } else { Err(SecretFault::NotKept) }
    }
}

impl Drop for Ring<'_> {
    fn drop(&mut self) {
        if self.users.is_empty() {
            return;
        }
        // It failed, maybe after the new generation had been put in place.
        let needed = users(&self.root);
        for user in self.users.drain(..).filter(|user| !needed.contains(user)) {
            // Whoever does not answer now is not waited for with a word: the error itself is about to be told.
            let _ = keyring::delete(self.ctx.env, &user, &|| {});
        }
    }
}

/// Takes out of the keyring what a command that was killed had put there for the certificates in `unfinished`, unless
/// another profile or set needs it, too. Best effort.
pub(super) fn forget(ctx: &Ctx<'_>, unfinished: &Path) {
    let mut users = users(unfinished);
    if users.is_empty() {
        return;
    }
    let Ok(store) = Store::load(ctx.env) else { return };
    let entries = unfinished.parent().and_then(|parent| std::fs::read_dir(parent).ok());
    for set in entries.into_iter().flatten().flatten().map(|entry| entry.path()) {
        if set != unfinished {
            let needed = [self::users(&set), self::users(&set.join(PREVIOUS))].concat();
            users.retain(|user| !needed.contains(user));
        }
    }
    let home = ctx.env.home();
    let look = ctx.look(home.as_deref(), &store.settings);
    for profile in store.entries.iter().filter_map(|entry| entry.profile.as_ref().ok()) {
        let [_, cert, _] = certs::paths(profile, &look);
        let cert = cert.filter(|path| !path.starts_with(unfinished));
        let needed = cert.and_then(|path| set::certificate(&path).ok());
        let needed = needed.map(|cert| keyring::key_user(&cert.key.spki));
        users.retain(|user| Some(user) != needed.as_ref());
    }
    for user in users {
        let _ = keyring::delete(ctx.env, &user, &|| {});
    }
}

/// The names under which the keyring has what belongs to the certificates in `dir`, whether it has it or not.
fn users(dir: &Path) -> Vec<String> {
    let cert = |name: &str| set::certificate(&dir.join(name)).ok();
    let mut all: Vec<String> =
        cert(set::CERT).map(|cert| keyring::key_user(&cert.key.spki)).into_iter().collect();
    for authority in [set::AUTHORITY, set::NEXT] {
        // A linked CA belongs to somebody else.
        let linked = dir.join(authority).symlink_metadata().is_ok_and(|meta| meta.is_symlink());
        let ca = cert(&format!("{authority}/ca.pem")).filter(|_| !linked);
        all.extend(ca.map(|ca| keyring::ca_user(&ca.key.spki)));
    }
    all
}

/// What the keyring's own program shows for the passphrase of a CA, with the id that is in the CA's name: after a
/// rotation there are two.
pub(super) fn label(name: &str, ca: &PublicKey) -> String {
    let id = hex(&key_id(ca));
    format!("dctx: passphrase of the CA of {name} ({})", id.get(..8).unwrap_or_default())
}

fn fail(name: &str, fault: SecretFault) -> Error {
    Error::Secret { profile: name.to_owned(), fault }
}

/// Where a set that there is has the client's key.
pub(super) struct Mine {
    /// None where it is in a file.
    source: Option<KeySource>,
    /// Where the profile has it in a file of the user's.
    file: Option<PathBuf>,
    profile: Option<Profile>,
}

impl Mine {
    /// Looks at the files, and at the profile where there is none.
    ///
    /// # Errors
    /// The profile cannot be read.
    pub(super) fn of(ctx: &Ctx<'_>, set: &Set) -> Result<Self> {
        // be it a link that leads nowhere
        if set.path(set::KEY).symlink_metadata().is_ok() {
            return Ok(Self { source: None, file: None, profile: None });
        }
        let profile = super::profile(ctx, &set.name)?;
        let file = profile.as_ref().and_then(|profile| {
            let base = profile.origin.path.parent().unwrap_or(Path::new("/"));
            let home = ctx.env.home();
            Some(certs::expand(profile.certs.key.as_ref()?, base, home.as_deref()))
        });
        let source = profile.as_ref().and_then(|profile| profile.key_source.clone());
        Ok(Self { source, file: file.filter(|path| *path != set.path(set::KEY)), profile })
    }

    /// Whether it is in no file of the set.
    pub(super) const fn is_apart(&self) -> bool {
        self.source.is_some() || self.file.is_some()
    }

    /// Where another one goes in its place.
    ///
    /// # Errors
    /// It is from a program, or in a file of the user's.
    pub(super) fn home(&self) -> Result<Home> {
        if let (Some(path), Some(profile)) = (&self.file, &self.profile) {
            let (name, path) = (profile.name.clone(), path.clone());
            return Err(Error::Make(MakeFault::KeyElsewhere { name, path }));
        }
        Home::of(None, self.profile.as_ref())
    }

    /// Where it is, in words.
    pub(super) fn place(&self, ctx: &Ctx<'_>, set: &Set) -> String {
        match &self.source {
            Some(KeySource::Keyring) => tr!(ctx.out.lang, "the keyring", "密钥环"),
            Some(KeySource::Command(_)) => "key-command".to_owned(),
            None => ctx.tilde(&self.file.clone().unwrap_or_else(|| set.path(set::KEY))),
        }
    }

    /// The key, from wherever it is, which belongs to `cert`.
    ///
    /// # Errors
    /// Why it cannot be had, or that it belongs to another certificate.
    pub(super) fn private(&self, ctx: &Ctx<'_>, set: &Set, cert: &Cert) -> Result<PrivateKey> {
        let path = self.file.clone().unwrap_or_else(|| set.path(set::KEY));
        let Some(source) = &self.source else {
            return set::pair(&set.path(set::CERT), &path).map(|(_, key)| key);
        };
        let cert_path = set.path(set::CERT);
        let found = key::from_source(ctx, source, &set::bytes(&cert_path)?);
        let (key, from) = found.map_err(|fault| fail(&set.name, fault))?;
        let fits = key.belongs_to(&cert.key) != Belongs::No;
        let mismatch = || fail(&set.name, SecretFault::Mismatch { from, cert: cert_path });
        Some(key).filter(|_| fits).ok_or_else(mismatch)
    }
}
