//! `check` of an ssh profile tells why a login failed and what else is in the way, with a real sshd and a real agent; what
//! docker itself says of each is in `lab`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::lab::scene::Scene;
use crate::lab::ssh::{Known, Sshd, scene, scene_by, scene_of};
use crate::support::dockerd::Dockerd;
use crate::support::require;

/// The findings that are not as they should be: id, text, and the commands and advice.
fn odd(scene: &Scene) -> Vec<(String, String, Vec<String>)> {
    let out = scene.check(false);
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let fix =
        |fix: &Value| if fix["run"].is_null() { text(&fix["say"]) } else { text(&fix["run"]) };
    let all = json["profiles"][0]["findings"].as_array().unwrap();
    all.iter()
        .filter(|finding| finding["level"] != "ok" && finding["id"] != "ssh-slow")
        .map(|it| {
            let fixes = it["fix"].as_array().unwrap().iter().map(fix).collect();
            (text(&it["id"]), text(&it["text"]), fixes)
        })
        .collect()
}

/// The one thing that is odd.
#[track_caller]
fn one(scene: &Scene, id: &str, words: &[&str]) -> Vec<String> {
    scene.ready();
    let found = odd(scene);
    let [(got, text, fixes)] = &found[..] else { panic!("{found:#?}") };
    assert_eq!(got, id, "{text}");
    for words in words {
        assert!(text.contains(words), "{words}: {text}");
    }
    fixes.clone()
}

/// A real agent, which ends with it.
struct Agent {
    socket: PathBuf,
    pid: String,
}

impl Agent {
    fn start(scene: &Scene) -> Option<Self> {
        require("ssh-agent")?;
        let socket = scene.sb.path("a");
        let out = Command::new("ssh-agent").arg("-s").arg("-a").arg(&socket).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        let pid = text.split("SSH_AGENT_PID=").nth(1)?.split(';').next()?.to_owned();
        Some(Self { socket, pid })
    }

    /// `ssh-add` with these arguments; whatever it asks is answered `secret`.
    fn add(&self, scene: &Scene, args: &[&str]) {
        let answer = scene.sb.script("answer", "#!/bin/sh\necho secret\n");
        let mut add = Command::new("ssh-add");
        add.args(args).env("SSH_AUTH_SOCK", &self.socket);
        add.env("SSH_ASKPASS", answer).env("SSH_ASKPASS_REQUIRE", "force");
        let out = add.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }

    fn path(&self) -> &str {
        self.socket.to_str().unwrap()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(&self.pid).status();
    }
}

/// The key gets a passphrase.
fn seal(key: &Path) {
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-p", "-P", "", "-N", "secret", "-f"]).arg(key);
    assert!(keygen.status().unwrap().success());
}

/// A profile whose key has a passphrase, and the file of the key. Its ssh asks the agent of `SSH_AUTH_SOCK`.
fn sealed(agent: &str) -> Option<(Scene, String)> {
    let sshd = Sshd::shared()?;
    let more = format!("IdentityAgent {agent}");
    let scene = scene_of(sshd, &sshd.url(), "good", Known::Right, &more)?;
    let key = sshd.copy_key(&scene, "good");
    seal(&key);
    let key = key.to_str().unwrap().to_owned();
    Some((scene, key))
}

#[test]
fn a_passphrase_and_no_agent() {
    let Some((scene, key)) = sealed("none") else { return };
    let fixes = one(&scene, "ssh-auth", &["accepts your key", &key, "passphrase", "no SSH agent"]);
    assert_eq!(fixes, ["eval \"$(ssh-agent -s)\"".to_owned(), format!("ssh-add {key}")]);
    let Some((scene, _)) = sealed("SSH_AUTH_SOCK") else { return };
    let gone = scene.sb.path("gone").to_str().unwrap().to_owned();
    let scene = scene.env("SSH_AUTH_SOCK", &gone);
    one(&scene, "ssh-auth", &["passphrase", "no SSH agent answers at SSH_AUTH_SOCK"]);
}

#[test]
fn a_passphrase_and_an_agent() {
    let Some((scene, key)) = sealed("SSH_AUTH_SOCK") else { return };
    let Some(agent) = Agent::start(&scene) else { return };
    let scene = scene.env("SSH_AUTH_SOCK", agent.path());
    let fixes = one(&scene, "ssh-auth", &["passphrase", "holds no keys"]);
    assert_eq!(fixes, [format!("ssh-add {key}")]);
    // as it is advised
    agent.add(&scene, &[&key]);
    assert_eq!(odd(&scene), []);
    agent.add(&scene, &["-x"]);
    one(&scene, "ssh-auth", &["passphrase", "is locked"]);
    agent.add(&scene, &["-X"]);
    agent.add(&scene, &["-D"]);
    // the answer `secret` is no yes
    agent.add(&scene, &["-c", &key]);
    one(&scene, "ssh-auth", &["the agent refused to use it"]);
}

#[test]
fn keys_that_do_not_fit() {
    let Some(sshd) = Sshd::shared() else { return };
    let Some(stranger) = scene(&sshd.url(), "stranger", Known::Right) else { return };
    let fixes = one(&stranger, "ssh-auth", &["does not accept the SSH key that was offered"]);
    assert!(fixes[0].starts_with("ssh-copy-id -p "), "{fixes:?}");
    let none = "IdentityFile none\nIdentityAgent none";
    let Some(nothing) = scene_of(sshd, &sshd.url(), "good", Known::Right, none) else { return };
    std::fs::remove_file(sshd.copy_key(&nothing, "good")).unwrap();
    let fixes = one(&nothing, "ssh-auth", &["there is no SSH key to log in"]);
    assert_eq!(fixes[0], "ssh-keygen -t ed25519");
    let Some(open) = scene(&sshd.url(), "good", Known::Right) else { return };
    let key = sshd.copy_key(&open, "good");
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let fixes = one(&open, "ssh-auth", &["others can read your key"]);
    assert_eq!(fixes, [format!("chmod 600 {}", key.display())]);
    let Some(sshd) = Sshd::own("PubkeyAuthentication no\nKbdInteractiveAuthentication yes") else {
        return;
    };
    let Some(by_word) = scene_of(&sshd, &sshd.url(), "good", Known::Right, "") else { return };
    one(&by_word, "ssh-auth", &["asks for keyboard-interactive", "only log in by key"]);
    let Some(sshd) = Sshd::own("MaxAuthTries 1") else { return };
    let Some(many) = scene_of(&sshd, &sshd.url(), "good", Known::Right, "") else { return };
    let other = sshd.copy_key(&many, "stranger");
    let more = format!("IdentityFile {}", other.display());
    let Some(many) = scene_of(&sshd, &sshd.url(), "good", Known::Right, &more) else { return };
    one(&many, "ssh-auth", &["gave up before the right one"]);
}

/// sshd says the same of too many logins as of much else; what it says before its greeting tells.
#[test]
fn too_many_logins_and_sessions() {
    let Some(sshd) = Sshd::own("MaxStartups 1") else { return };
    let Some(busy) = scene_of(&sshd, &sshd.url(), "good", Known::Right, "") else { return };
    let held = sshd.held();
    let fixes = one(&busy, "ssh-too-many", &["takes no more logins at once (MaxStartups)"]);
    assert!(fixes[0].contains("ControlMaster auto"), "{fixes:?}");
    drop(held);
    let Some(sshd) = Sshd::own("MaxSessions 0") else { return };
    let Some(none) = scene_of(&sshd, &sshd.url(), "good", Known::Right, "") else { return };
    one(&none, "ssh-too-many", &["MaxSessions"]);
    // a shared connection without room: ssh logs in anew, and says so
    let Some(sshd) = Sshd::own("MaxSessions 1") else { return };
    let Some(shared) = scene_of(&sshd, &sshd.url(), "good", Known::Right, "") else { return };
    let at = shared.sb.path("cm").to_str().unwrap().to_owned();
    let more = format!("ControlMaster auto\nControlPath {at}");
    let Some(shared) = scene_of(&sshd, &sshd.url(), "good", Known::Right, &more) else { return };
    let wrapper = shared.sb.path("bin/ssh");
    let mut first = Command::new(&wrapper);
    first.args(["-p", sshd.url().rsplit(':').next().unwrap(), "root@127.0.0.1", "sleep 60"]);
    let mut first = first.stdin(std::process::Stdio::null()).spawn().unwrap();
    while !Path::new(&at).exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    one(&shared, "ssh-too-many", &["as many sessions as sshd allows (MaxSessions)"]);
    let _ = first.kill();
    let _ = first.wait();
}

/// What docker does not need, and programs without `ssh://` do; and a jump host, which docker needs.
#[test]
fn forwarding_that_is_forbidden() {
    let Some(daemon) = Dockerd::plain() else { return };
    // the last one forbids both, too (session.c, `do_authenticated`)
    for config in
        ["AllowStreamLocalForwarding no", "DisableForwarding yes", "AllowTcpForwarding no"]
    {
        let Some(sshd) = Sshd::own(config) else { return };
        let url = format!("{}{}", sshd.url(), daemon.socket().display());
        let Some(closed) = scene_of(&sshd, &url, "good", Known::Right, "") else { return };
        one(&closed, "ssh-forward-refused", &["does not forward docker's socket"]);
        assert_eq!(closed.check(false).code(), 0);
    }
    // one that is not there is no fault of sshd's
    let Some(sshd) = Sshd::own("AllowTcpForwarding no") else { return };
    let Some(target) = Sshd::shared() else { return };
    let url = format!("{}{}", target.url(), daemon.socket().display());
    for (sshd, url) in [(target, url), (&sshd, sshd.url())] {
        let Some(fine) = scene_of(sshd, &url, "good", Known::Right, "") else { return };
        fine.ready();
        assert_eq!(odd(&fine), [], "{url}");
    }
    let Some(by) = scene_by(&sshd, target) else { return };
    let words = ["the jump host jump does not forward", "AllowTcpForwarding"];
    let words = words.map(|words| words.replace("jump host jump", "jump host root@jump"));
    one(&by, "ssh-forward-refused", &[&words[0], &words[1]]);
    // a jump host that does not know the key is the one to put it on
    let Some(by) = scene_by(target, &sshd) else { return };
    let key = target.copy_key(&by, "stranger");
    let config = by.sb.path("ssh/config");
    let text = std::fs::read_to_string(&config).unwrap();
    let (head, tail) = text.split_once("\nHost 127.0.0.1").unwrap();
    let head: Vec<&str> = head.lines().filter(|line| !line.contains("IdentityFile")).collect();
    let head = format!("{}\n IdentityFile {}\n IdentitiesOnly yes", head.join("\n"), key.display());
    let tail = tail.replace("Host *\n", "Host * !jump\n");
    let known = " UserKnownHostsFile /dev/null\n IdentityAgent none";
    std::fs::write(&config, format!("{head}\n{known}\nHost 127.0.0.1{tail}")).unwrap();
    let fixes = one(&by, "ssh-auth", &["the jump host root@jump does not accept"]);
    assert_eq!(fixes[0], "ssh-copy-id root@jump");
}

/// Accounts that may log in and run nothing.
#[test]
fn an_account_without_a_shell() {
    let Some(sshd) = Sshd::shared() else { return };
    let Some(scene) = scene(&sshd.url(), "nologin", Known::Right) else { return };
    let fixes = one(&scene, "ssh-no-docker", &["its login shell is nologin"]);
    assert_eq!(fixes[0], "sudo chsh -s /bin/sh root");
}
