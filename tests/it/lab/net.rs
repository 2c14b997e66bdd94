//! Networks of a situation's own: a namespace without a way out, with forbidden ways, with a resolver that fails. It ends
//! with the command that runs in it, and so does everything that was started there.

use crate::support::require;
use crate::support::require::skip;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use super::scene::{Scene, python};

/// Prepares the namespace, then runs what follows. Once `$resolver` is started it says so on its standard output.
const INSIDE: &str = r#"
ip link set lo up
ip route add unreachable 10.10.0.0/16
ip route add prohibit 10.11.0.0/16
if [ -n "$1" ]; then
    mount --make-rprivate / &&
    mount --bind "$1/resolv.conf" /etc/resolv.conf &&
    mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf || exit 99
    ready=$(exec "$2" "$1/resolver.py" "$3" 2>/dev/null &) || exit 98
fi
shift 3
"$@"
"#;

/// Answers every question with this code; `silent` answers none.
const RESOLVER: &str = r"
import os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.53', 53))
print('ready', flush=True)
os.dup2(os.open('/dev/null', os.O_WRONLY), 1)
while True:
    q, who = s.recvfrom(4096)
    if sys.argv[1] != 'silent':
        end = q.index(b'\0', 12) + 5
        s.sendto(q[:2] + bytes([0x81, 0x80 | int(sys.argv[1])]) + q[4:6] + b'\0' * 6 + q[12:end], who)
";

/// Whether namespaces can be made here; says so once where they cannot.
fn possible() -> Option<()> {
    static POSSIBLE: OnceLock<bool> = OnceLock::new();
    require("unshare")?;
    require("ip")?;
    let may = *POSSIBLE.get_or_init(|| {
        let flags = ["--net", "--mount", "--pid", "--fork", "--kill-child", "true"];
        Command::new("unshare").args(flags).status().is_ok_and(|status| status.success())
    });
    if !may {
        skip("no namespaces of network, mounts and processes can be made here");
    }
    may.then_some(())
}

fn unshare(dir: &str, resolver: &str) -> Vec<String> {
    let flags = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
    let script = ["sh", "-c", INSIDE, "sh", dir, python(), resolver];
    flags.into_iter().chain(script).map(str::to_owned).collect()
}

/// In a network in which 10.10.0.0/16 is unreachable and 10.11.0.0/16 forbidden.
pub(crate) fn nowhere(scene: Scene) -> Option<Scene> {
    possible()?;
    Some(scene.under(unshare("", "")))
}

/// In a network whose resolver answers every question with this code of RFC 1035, 4.1.1, or with silence, or that is
/// not there at all.
pub(crate) fn resolver(scene: Scene, answers: &str) -> Option<Scene> {
    possible()?;
    require("python3")?;
    let server = if answers == "absent" { "127.0.0.54" } else { "127.0.0.53" };
    let conf = format!("nameserver {server}\noptions timeout:1 attempts:1\n");
    scene.sb.write("dns/resolv.conf", conf);
    scene.sb.write("dns/nsswitch.conf", "hosts: files dns\n");
    let script = scene.sb.write("dns/resolver.py", RESOLVER);
    let dir = script.parent().and_then(Path::to_str).unwrap().to_owned();
    let answers = if answers == "absent" { "3" } else { answers };
    Some(scene.under(unshare(&dir, answers)))
}
