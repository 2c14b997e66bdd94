//! A real sshd with configuration, host key and accepted keys of its own. Whoever logs in gets what the key stands for:
//! a docker that works, none on the PATH, a daemon that is down, a socket that is not for them.

use std::fs;
use std::io::Read;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::dockerd::Dockerd;
use crate::support::require;
use crate::support::require::skip;

use super::programs::{Kept, free_port};
use super::scene::{Scene, docker};

/// Keys that are accepted, by what they lead to, and one that is not.
const KEYS: &[&str] =
    &["good", "without", "down", "forbidden", "slow", "csh", "nologin", "stranger"];

/// sshd wants an empty directory of root's for its own separation; where there is none it gets one that only it sees.
const START: &str = "\
[ -d /run/sshd ] || {
    mount -t tmpfs -o mode=755 tmpfs /run && mkdir -m 755 /run/sshd
} || exit
exec \"$@\"
";

/// The server, and the files of its clients.
#[derive(Debug)]
pub(crate) struct Sshd {
    kept: Kept,
    port: u16,
}

impl Sshd {
    /// The shared one; None after a loud skip.
    pub(crate) fn shared() -> Option<&'static Self> {
        static ONE: OnceLock<Option<Sshd>> = OnceLock::new();
        ONE.get_or_init(|| Self::own("MaxStartups 100")).as_ref()
    }

    /// One with these lines in its configuration; None after a loud skip.
    pub(crate) fn own(config: &str) -> Option<Self> {
        for program in ["ssh", "sshd", "unshare", "setpriv"] {
            require(program)?;
        }
        match Self::start(Dockerd::plain()?, config) {
            Ok(sshd) => Some(sshd),
            Err(log) => {
                skip(&format!("sshd does not start here:\n{log}"));
                None
            }
        }
    }

    fn start(daemon: &Dockerd, more: &str) -> Result<Self, String> {
        let (dir, port) = (Kept::dir("sshd"), free_port());
        for key in KEYS.iter().chain(&["host", "other-host"]) {
            keygen(&dir.join(key));
        }
        fs::write(dir.join("remote.sh"), remote(&dir, daemon)).unwrap();
        let accepted: String = KEYS
            .iter()
            .filter(|key| **key != "stranger")
            .map(|key| {
                let public = fs::read_to_string(dir.join(format!("{key}.pub"))).unwrap();
                format!("command=\"sh {}/remote.sh {key}\" {public}", dir.display())
            })
            .collect();
        fs::write(dir.join("authorized_keys"), accepted).unwrap();
        let config = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {0}/host\nPidFile none\nUsePAM no\n\
             PermitRootLogin yes\nStrictModes no\nPasswordAuthentication no\n\
             AuthorizedKeysFile {0}/authorized_keys\n{more}\n",
            dir.display()
        );
        let file = dir.join("sshd_config");
        fs::write(&file, config).unwrap();
        let sshd = require("sshd").unwrap();
        let program = ["unshare", "--mount", "sh", "-c", START, "sh", sshd.to_str().unwrap()];
        let flags = ["-D", "-e", "-f", file.to_str().unwrap()];
        let kept = Kept::start(dir, &[&program[..], &flags].concat(), "Server listening on")?;
        Ok(Sshd { kept, port })
    }

    /// The host as a profile has it.
    pub(crate) fn url(&self) -> String {
        format!("ssh://root@127.0.0.1:{}", self.port)
    }

    /// The host under its own address, without ssh.
    pub(crate) fn tcp(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    /// A login that never goes on.
    pub(crate) fn held(&self) -> TcpStream {
        let mut held = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        // the greeting tells that it counts
        held.read_exact(&mut [0]).unwrap();
        held
    }

    /// A copy of one of its keys, as ssh wants it.
    pub(crate) fn copy_key(&self, scene: &Scene, key: &str) -> PathBuf {
        let name = format!("ssh/{key}-{}", self.port);
        let own = scene.sb.write(name, fs::read(self.kept.dir.join(key)).unwrap());
        fs::set_permissions(&own, fs::Permissions::from_mode(0o600)).unwrap();
        own
    }

    fn public(&self, key: &str) -> String {
        fs::read_to_string(self.kept.dir.join(format!("{key}.pub"))).unwrap()
    }
}

/// What the client knows of the host's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// The right one.
    Right,
    /// Another one.
    Other,
    /// None.
    Nothing,
}

/// A profile whose ssh logs in with this key, and with nothing of the person who runs the tests.
pub(crate) fn scene(url: &str, key: &str, known: Known) -> Option<Scene> {
    scene_of(Sshd::shared()?, url, key, known, "")
}

/// The same at this server, with more lines for the client's configuration.
pub(crate) fn scene_of(
    sshd: &Sshd,
    url: &str,
    key: &str,
    known: Known,
    more: &str,
) -> Option<Scene> {
    let scene = Scene::host(url);
    let known = match known {
        Known::Right => format!("[127.0.0.1]:{} {}", sshd.port, sshd.public("host")),
        Known::Other => format!("[127.0.0.1]:{} {}", sshd.port, sshd.public("other-host")),
        Known::Nothing => String::new(),
    };
    let known = scene.sb.write("ssh/known_hosts", known);
    let own = sshd.copy_key(&scene, key);
    let config = scene.sb.write(
        "ssh/config",
        format!(
            "{more}\nHost *\n IdentityFile {}\n IdentitiesOnly yes\n IdentityAgent none\n\
             UserKnownHostsFile {}\n GlobalKnownHostsFile /dev/null\n",
            own.display(),
            known.display()
        ),
    );
    let ssh = require("ssh")?;
    let wrapper = format!("#!/bin/sh\nexec {} -F {} \"$@\"\n", ssh.display(), config.display());
    let wrapper = scene.sb.script("bin/ssh", &wrapper);
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", wrapper.parent().unwrap().display());
    Some(scene.env("PATH", &path))
}

/// A profile whose way to the host leads through another one.
pub(crate) fn scene_by(jump: &Sshd, sshd: &Sshd) -> Option<Scene> {
    let to = Scene::host(&sshd.url());
    let key = jump.copy_key(&to, "good");
    let more = format!(
        "Host jump\n HostName 127.0.0.1\n Port {}\n IdentityFile {}\n StrictHostKeyChecking no\n\
         ProxyJump none\nHost 127.0.0.1\n ProxyJump root@jump",
        jump.port,
        key.display()
    );
    Some(scene_of(sshd, &sshd.url(), "good", Known::Right, &more)?.hold(to))
}

/// What runs on the host: the command that was asked for, in the place that the key stands for.
fn remote(dir: &Path, daemon: &Dockerd) -> String {
    let client: PathBuf = docker();
    format!(
        r#"
HOME={0}
DOCKER_HOST=unix://{1}
PATH={2}:$PATH
export HOME DOCKER_HOST PATH
case $1 in
without) PATH=/nonexistent ;;
slow) sleep 2.5 ;;
csh) echo 'docker: Command not found.' >&2; exit 1 ;;
nologin) echo 'This account is currently not available.'; exit 1 ;;
down) DOCKER_HOST=unix://{0}/none.sock ;;
forbidden) exec setpriv --reuid 65534 --regid 65534 --clear-groups -- sh -c "$SSH_ORIGINAL_COMMAND" ;;
esac
exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"
"#,
        dir.display(),
        daemon.socket().display(),
        client.parent().unwrap().display(),
    )
}

fn keygen(path: &Path) {
    let mut keygen = Command::new("ssh-keygen");
    let out = keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}
