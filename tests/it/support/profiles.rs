//! Profile files and certificate files for tests that are about profiles, not about TLS.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Output, Sandbox};

/// The user's profile file, inside a sandbox.
pub(crate) const CONFIG: &str = "home/.config/dctx/config.toml";

/// What `use` of a profile without TLS leaves in a shell's environment, as far as it tells that the profile is in force.
pub(crate) fn in_force(name: &str, host: &str) -> [(String, String); 3] {
    [
        ("DCTX_PROFILE", name.to_owned()),
        ("DCTX_SAVED", format!("s1,.={host},,,,")),
        ("DOCKER_HOST", host.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
}

/// What is in the user's profile file; `None` where there is none.
pub(crate) fn config(sb: &Sandbox) -> Option<String> {
    fs::read(sb.path(CONFIG)).ok().map(|bytes| String::from_utf8(bytes).unwrap())
}

/// A directory of mode 0700 with these files: keys 0400, others 0444. Nothing is in them: dctx passes
/// paths on, docker reads.
pub(crate) fn files(sb: &Sandbox, dir: &str, names: &[&str]) -> PathBuf {
    let dir = sb.path(dir);
    DirBuilder::new().mode(0o700).recursive(true).create(&dir).unwrap();
    for name in names {
        let path = dir.join(name);
        fs::write(&path, "").unwrap();
        mode(&path, if name.contains("key") { 0o400 } else { 0o444 });
    }
    dir
}

/// ca.pem, cert.pem and key.pem.
pub(crate) fn certs(sb: &Sandbox, dir: &str) -> PathBuf {
    files(sb, dir, &["ca.pem", "cert.pem", "key.pem"])
}

/// Sets the permission bits of a file or directory.
pub(crate) fn mode(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// What `use NAME` sets, by `--shell json`, without dctx's own variables; the sandbox's path replaced.
#[track_caller]
pub(crate) fn exports(sb: &Sandbox, name: &str) -> BTreeMap<String, Option<String>> {
    env(&sb.dctx(["use", name, "--shell", "json"]).run())
}

/// The same, of a finished `use … --shell json`.
#[track_caller]
pub(crate) fn env(out: &Output) -> BTreeMap<String, Option<String>> {
    out.done();
    let json: Value = serde_json::from_str(&out.out()).unwrap();
    assert_eq!(json["schema"], 1);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let all = json["env"].as_object().unwrap().iter().map(|(k, v)| (k.clone(), text(v)));
    all.filter(|(name, _)| !name.starts_with("DCTX_")).collect()
}

/// The value of one variable after `use NAME`; `None` where it is unset.
#[track_caller]
pub(crate) fn export(sb: &Sandbox, name: &str, var: &str) -> Option<String> {
    exports(sb, name).remove(var).unwrap_or_else(|| panic!("`use` says nothing of {var}"))
}
