//! Profile files and docker context stores of any size.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The profile, and the context, that is asked for. It stands in the middle of the file.
pub(crate) const NAME: &str = "coreos";

/// A home directory with `n` profiles: its path.
pub(crate) fn home(base: &Path, n: usize) -> PathBuf {
    let home = base.join(format!("home-{n}"));
    private(&home.join("certs"));
    for file in ["ca.pem", "cert.pem", "key.pem"] {
        // Nothing here looks inside.
        let path = home.join("certs").join(file);
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
        file.write_all(b"-----BEGIN\n").unwrap();
    }
    private(&home.join(".config/dctx"));
    fs::write(home.join(".config/dctx/config.toml"), profiles(n)).unwrap();
    home
}

/// `n` profiles as people write them: a host, certificates, a description and tags each; some with a
/// mode, a version, a guard, a comment.
pub(crate) fn profiles(n: usize) -> String {
    let mut text = "schema = 1\n".to_owned();
    for i in 0..n {
        let (name, certs) = if i == n / 2 {
            (NAME.to_owned(), "~/certs".to_owned())
        } else {
            (format!("build-{i:05}"), format!("~/.docker/certs/build-{i:05}"))
        };
        let comment = if i % 10 == 3 { "\n# moved from the old rack in spring" } else { "" };
        let (a, b) = (i / 250, i % 250 + 1);
        write!(
            text,
            "{comment}\n[profiles.{name}]\nhost = \"tcp://10.1.{a}.{b}:2376\"\ncerts = \"{certs}\"\n\
             description = \"build machine {i}\"\ntags = [\"lab\", \"eu-west\"]\n"
        )
        .unwrap();
        match i % 10 {
            2 => text.push_str("tls = \"verify\"\n"),
            4 => text.push_str("api-version = \"1.41\"\n"),
            6 => text.push_str("protected = true\n"),
            _ => {}
        }
    }
    text
}

/// Puts `n` contexts into docker's store below `home` (docker/cli `cli/context/store`).
pub(crate) fn contexts(home: &Path, n: usize) {
    let meta = home.join(".docker/contexts/meta");
    fs::write(made(home.join(".docker")).join("config.json"), "{}").unwrap();
    for i in 0..n {
        let name = if i == n / 2 { NAME.to_owned() } else { format!("build-{i:05}") };
        let sum: String = Sha256::digest(&name).iter().map(|byte| format!("{byte:02x}")).collect();
        let (a, b) = (i / 250, i % 250 + 1);
        let text = format!(
            "{{\"Name\":\"{name}\",\"Metadata\":{{\"Description\":\"build machine {i}\"}},\"Endpoints\":\
             {{\"docker\":{{\"Host\":\"tcp://10.1.{a}.{b}:2376\",\"SkipTLSVerify\":false}}}}}}"
        );
        fs::write(made(meta.join(sum)).join("meta.json"), text).unwrap();
    }
}

fn made(dir: PathBuf) -> PathBuf {
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn private(dir: &Path) {
    DirBuilder::new().recursive(true).mode(0o700).create(dir).unwrap();
}
