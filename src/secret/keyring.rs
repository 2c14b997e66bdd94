//! The keyring of the operating system: the Secret Service on Linux (gnome-keyring, KWallet, KeePassXC …), the keychain
//! on macOS. Never the kernel's keyutils, which forgets at a reboot and has room for six keys.
//!
//! An entry has the service `dctx`. A key's user is `key:SUM`, over its public key, so that it is found by the
//! certificate alone, whatever the profile is called; its value is PKCS#8 in DER, in base64 where a store may take only
//! text (KWallet). The passphrase of a key file is under `passphrase:PATH`, that of a CA's key under `ca:SUM`, over the
//! CA's public key, because its file changes place when CAs are changed. Everything is done in a thread with a deadline:
//! a service that does not answer must not hold up a shell.

use zeroize::Zeroizing;

use crate::cert::base64;
use crate::cert::key::PrivateKey;
use crate::cert::secret::Secret;
use crate::env::Env;
use crate::error::SecretFault;

/// What every entry is filed under.
pub const SERVICE: &str = "dctx";

/// The user of the key that belongs to this public key (SubjectPublicKeyInfo in DER).
#[must_use]
pub fn key_user(public: &[u8]) -> String {
    format!("key:{}", super::sum(public, 16))
}

/// The user of the passphrase of a key file.
#[must_use]
pub fn passphrase_user(path: &std::path::Path) -> String {
    format!("passphrase:{}", path.display())
}

/// The user of the passphrase of the CA that has this public key (SubjectPublicKeyInfo in DER).
#[must_use]
pub fn ca_user(public: &[u8]) -> String {
    format!("ca:{}", super::sum(public, 16))
}

/// A key.
///
/// # Errors
/// [`SecretFault::NoKey`] where there is none, else why the keyring cannot be asked. `waiting` is called once when the
/// keyring takes its time and there is a terminal, so that a person may be typing a password.
pub fn key(env: &Env, user: &str, waiting: &dyn Fn()) -> Result<PrivateKey, SecretFault> {
    let value = get(env, user, waiting)?;
    let der = if TEXT { base64::decode(&value) } else { Some(Secret::copy(&value)) };
    der.and_then(|der| PrivateKey::from_der(&der))
        .ok_or_else(|| SecretFault::NotAKey("the keyring".to_owned()))
}

/// Keeps a key, and makes sure that it comes back. `label` is what the keyring's own program shows.
///
/// # Errors
/// [`SecretFault::NotKept`], or why the keyring cannot be asked.
pub fn keep(
    env: &Env,
    user: &str,
    label: &str,
    kept: &PrivateKey,
    waiting: &dyn Fn(),
) -> Result<(), SecretFault> {
    let der = kept.pkcs8();
    let value = if TEXT { base64::encode(&der) } else { der };
    let value = Zeroizing::new(value.to_vec());
    set(env, user, label, value, waiting)?;
    match key(env, user, waiting) {
        Ok(back) if back.pkcs8() == kept.pkcs8() => Ok(()),
        Ok(_) | Err(SecretFault::NoKey | SecretFault::NotAKey(_)) => Err(SecretFault::NotKept),
        Err(other) => Err(other),
    }
}

/// Whether the store may take only text.
const TEXT: bool = cfg!(target_os = "linux");

#[cfg(any(target_os = "linux", target_os = "macos"))]
pub use real::{delete, get, set};

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod real {
    use std::collections::HashMap;
    use std::sync::Arc;
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::thread;
    use std::time::{Duration, Instant};

    use keyring_core::api::CredentialStoreApi as _;
    use keyring_core::{Entry, Error};
    use zeroize::Zeroizing;

    use super::SERVICE;
    use crate::env::Env;
    use crate::error::SecretFault;

    #[cfg(target_os = "linux")]
    type Store = dbus_secret_service_keyring_store::Store;
    #[cfg(target_os = "macos")]
    type Store = apple_native_keyring_store::keychain::Store;

    /// Seconds before a person at a terminal is told what is being waited for.
    const TELL: u64 = 1;
    /// Seconds that are waited for without a terminal: nobody would type a password.
    const ALONE: u64 = 3;
    /// Seconds that are waited for a person.
    const PERSON: u64 = 30;

    /// A value.
    ///
    /// # Errors
    /// [`SecretFault::NoKey`] where there is none, else why the keyring cannot be asked.
    pub fn get(
        env: &Env,
        user: &str,
        waiting: &dyn Fn(),
    ) -> Result<Zeroizing<Vec<u8>>, SecretFault> {
        let user = user.to_owned();
        ask(env, waiting, move |store| {
            store.build(SERVICE, &user, None)?.get_secret().map(Zeroizing::new)
        })
    }

    /// Puts a value there, in place of a former one.
    ///
    /// # Errors
    /// Why the keyring cannot be asked.
    pub fn set(
        env: &Env,
        user: &str,
        label: &str,
        value: Zeroizing<Vec<u8>>,
        waiting: &dyn Fn(),
    ) -> Result<(), SecretFault> {
        let (user, label) = (user.to_owned(), label.to_owned());
        ask(env, waiting, move |store| entry(store, &user, &label)?.set_secret(&value))
    }

    /// Takes a value away for ever; `false` where there is none.
    ///
    /// # Errors
    /// Why the keyring cannot be asked.
    pub fn delete(env: &Env, user: &str, waiting: &dyn Fn()) -> Result<bool, SecretFault> {
        let user = user.to_owned();
        match ask(env, waiting, move |store| store.build(SERVICE, &user, None)?.delete_credential())
        {
            Ok(()) => Ok(true),
            Err(SecretFault::NoKey) => Ok(false),
            Err(other) => Err(other),
        }
    }

    #[cfg(target_os = "linux")]
    fn entry(store: &Arc<Store>, user: &str, label: &str) -> Result<Entry, Error> {
        store.build(SERVICE, user, Some(&HashMap::from([("label", label)])))
    }

    /// The keychain's entries have no label of our choice.
    #[cfg(target_os = "macos")]
    fn entry(store: &Arc<Store>, user: &str, _: &str) -> Result<Entry, Error> {
        let none: Option<&HashMap<&str, &str>> = None;
        store.build(SERVICE, user, none)
    }

    fn ask<T: Send + 'static>(
        env: &Env,
        waiting: &dyn Fn(),
        job: impl FnOnce(&Arc<Store>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, SecretFault> {
        // Without a bus the library would look for a program to start one.
        #[cfg(target_os = "linux")]
        if env.filled("DBUS_SESSION_BUS_ADDRESS").is_none()
            && !env.runtime_dir().is_some_and(|dir| dir.join("bus").exists())
        {
            return Err(SecretFault::NoBus);
        }
        let started = Instant::now();
        let (tx, rx) = mpsc::channel();
        // It may never come back; the process does not wait for it then.
        let asked = thread::Builder::new().spawn(move || {
            let answer = Store::new().and_then(|store| job(&store));
            let _ = tx.send(answer);
        });
        if let Err(e) = asked {
            return Err(SecretFault::Refused(e.to_string()));
        }
        let person = env.stderr_tty && (env.stdin_tty || env.stdout_tty);
        let mut answer = rx.recv_timeout(Duration::from_secs(TELL));
        let most = if person { PERSON } else { ALONE };
        if matches!(answer, Err(RecvTimeoutError::Timeout)) {
            if person {
                waiting();
            }
            answer = rx.recv_timeout(Duration::from_secs(most - TELL));
        }
        let waited = started.elapsed().as_secs().max(1);
        match answer {
            Ok(answer) => answer.map_err(|error| fault(&error, waited)),
            Err(_) => Err(SecretFault::Slow(waited)),
        }
    }

    /// What the store says, in our words. It tells by text alone which D-Bus error there was.
    fn fault(error: &Error, waited: u64) -> SecretFault {
        match error {
            Error::NoEntry => SecretFault::NoKey,
            Error::NoStorageAccess(_) => SecretFault::Locked,
            Error::PlatformFailure(inner) => {
                let text = inner.to_string();
                let says = |what: &str| text.contains(what);
                if says("was not provided by any") || says("ServiceUnknown") || says("has no owner")
                {
                    SecretFault::NoService
                } else if says("Failed to connect to socket") || says("Unable to autolaunch") {
                    SecretFault::NoBus
                } else if says("Did not receive a reply") || says("NoReply") || says("imed out") {
                    SecretFault::Slow(waited)
                } else if says("locked") || says("IsLocked") {
                    SecretFault::Locked
                } else {
                    SecretFault::Refused(text)
                }
            }
            other => SecretFault::Refused(other.to_string()),
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
#[expect(missing_docs, reason = "as in the module above")]
mod none {
    use zeroize::Zeroizing;

    use crate::env::Env;
    use crate::error::SecretFault;

    pub fn get(_: &Env, _: &str, _: &dyn Fn()) -> Result<Zeroizing<Vec<u8>>, SecretFault> {
        Err(SecretFault::NoKeyring)
    }

    pub fn set(
        _: &Env,
        _: &str,
        _: &str,
        _: Zeroizing<Vec<u8>>,
        _: &dyn Fn(),
    ) -> Result<(), SecretFault> {
        Err(SecretFault::NoKeyring)
    }

    pub fn delete(_: &Env, _: &str, _: &dyn Fn()) -> Result<bool, SecretFault> {
        Err(SecretFault::NoKeyring)
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub use none::{delete, get, set};
