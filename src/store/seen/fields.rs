//! The fields of a profile that change what happens, as texts by the keys of the profile file.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::Was;
use crate::file::{self, MAX_CERTS};
use crate::profile::certs::{self, Look};
use crate::profile::{KeySource, Profile, TlsMode};

/// Where a profile leads and how, on one line.
#[must_use]
pub fn describe(profile: &Profile) -> String {
    match profile.tls {
        TlsMode::Off => profile.docker_host(),
        mode => format!("{}, tls {}", profile.docker_host(), mode.word()),
    }
}

/// Every field but those that are only shown or searched (description, tags) and those that say where it is written.
/// Of the CA and the client certificate it is the file and what is in it; of the key the file alone, for it has to
/// belong to the certificate.
pub(super) fn of(profile: &Profile, home: Option<&Path>) -> BTreeMap<String, String> {
    // A field that is new has to be put here, or among those that are not.
    let Profile {
        name: _,
        host: _,
        tls,
        certs: _,
        protected,
        description: _,
        tags: _,
        dirs,
        max_use,
        api_version,
        env,
        key_source,
        origin: _,
    } = profile;
    let mut out = BTreeMap::new();
    let mut put = |key: &str, value: String| drop(out.insert(key.to_owned(), value));
    put("host", profile.docker_host());
    put("tls", tls.word().to_owned());
    put("protected", protected.to_string());
    if *tls != TlsMode::Off {
        // The system's bundle is not what the profile says.
        let look = Look { home, strict: false, bundle: None };
        let [ca, cert, key] = certs::paths(profile, &look);
        let own = ca.filter(|_| *tls != TlsMode::System);
        for (key, path) in [("ca", own), ("cert", cert)] {
            if let Some(path) = path {
                put(key, with_contents(&path));
            }
        }
        if let Some(path) = key {
            put("key", path.display().to_string());
        }
    }
    if let Some(source) = key_source {
        let value = match source {
            KeySource::Keyring => "keyring".to_owned(),
            KeySource::Command(words) => format!("{words:?}"),
        };
        put(source.key(), value);
    }
    if !dirs.is_empty() {
        put("dirs", dirs.join(", "));
    }
    if let Some(seconds) = max_use {
        put("max-use", crate::text::duration_words(*seconds));
    }
    if let Some(version) = api_version {
        put("api-version", version.clone());
    }
    for (name, value) in env {
        put(&format!("env.{name}"), value.clone());
    }
    out
}

/// A file, with a sum of what is in it. What cannot be read is never what it was.
fn with_contents(path: &Path) -> String {
    let shown = path.display();
    match file::read(path, MAX_CERTS) {
        Ok(bytes) => {
            let sum: String =
                Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{shown} (SHA-256 {sum})")
        }
        Err(why) => format!("{shown} ({why})"),
    }
}

/// Where a field stands in a list of several: what leads elsewhere first.
pub(super) fn place(key: &str) -> (usize, String) {
    const ORDER: [&str; 8] = ["host", "tls", "ca", "cert", "key", "protected", "dirs", "max-use"];
    (ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len()), key.to_owned())
}

/// What the two lines of an earlier version say of these fields; `None` where they are not such lines.
pub(super) fn of_two_lines(
    text: &str,
    profile: &Profile,
    home: Option<&Path>,
) -> Option<BTreeMap<String, Was>> {
    let (was, sum) = text.split_once('\n')?;
    let sum = sum.trim_end();
    if sum.len() != 64 || !sum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let (host, tls) = was.split_once(", tls ").unwrap_or((was, TlsMode::Off.word()));
    let known = |text: &str| Was::Known(Some(text.to_owned()));
    let mut out = BTreeMap::new();
    out.insert("host".to_owned(), known(host));
    out.insert("tls".to_owned(), known(tls));
    // The same sum is the same CA.
    let mut hash = Sha256::new();
    hash.update(describe(profile));
    if let Some(bytes) =
        certs::own_ca(profile, home).and_then(|path| file::read(&path, MAX_CERTS).ok())
    {
        hash.update([0]);
        hash.update(bytes);
    }
    let now: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if now == sum
        && let Some(ca) = of(profile, home).remove("ca")
    {
        out.insert("ca".to_owned(), Was::Known(Some(ca)));
    }
    Some(out)
}
