//! Whether the host's sshd forwards docker's socket (sshd_config(5): AllowStreamLocalForwarding, DisableForwarding; or
//! `restrict` before a key). docker does not need that, and what has no `ssh://` of its own does. sshd says the same of a
//! socket that is not there as of one that it does not forward (serverloop.c, `server_request_direct_streamlocal`), so
//! the host is asked, too, whether it is there.

#[cfg(unix)]
pub(super) use self::unix::is_refused;

/// There is no way to ask for it here.
#[cfg(not(unix))]
pub(super) fn is_refused(_: &super::super::Run<'_>, _: &super::To<'_>) -> bool {
    false
}

#[cfg(unix)]
mod unix {
    use std::io::{Read as _, Write as _};
    use std::os::unix::fs::DirBuilderExt as _;
    use std::os::unix::net::UnixStream;
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::time::Duration;

    use super::super::log::Log;
    use super::super::{Run, Session, To, ssh};
    use crate::check::probe::wire::Pipe;

    /// Where docker's socket is on a host, unless the address says so.
    const USUAL: &str = "/var/run/docker.sock";
    /// The longest path of a socket that every system takes is a little longer, in bytes (unix(7)).
    const PATH_MAX: usize = 90;
    /// How often is looked whether ssh is as far.
    const TICK: Duration = Duration::from_millis(10);

    /// What the host says where the socket is there, and may be used.
    const THERE: &str = "dctx: there";

    /// Whether sshd refuses to forward it. `false` where that could not be found out in time.
    pub(in super::super) fn is_refused(run: &Run<'_>, to: &To<'_>) -> bool {
        let Some(dir) = Dir::new(run) else { return false };
        let local = dir.0.join("s");
        let Ok(mut session) = Session::start(command(run, to, &local)) else { return false };
        let pipe = session.pipe();
        if !is_there(run, &pipe) {
            session.stop(Duration::ZERO);
            return false;
        }
        let mut refused = false;
        while !run.end.left().is_zero() && !session.is_over() {
            let Ok(mut stream) = UnixStream::connect(&local) else {
                std::thread::sleep(TICK);
                continue;
            };
            // sshd answers by the channel's end, or by what docker says
            let _ = stream.set_read_timeout(Some(run.end.left().max(TICK)));
            let _ = stream.write_all(b"GET /_ping HTTP/1.0\r\n\r\n");
            let _ = stream.read(&mut [0]);
            refused = session.says_soon(|said| Log::of(said).is_closed());
            break;
        }
        session.stop(Duration::ZERO);
        refused
    }

    /// Waits for what the host says of the socket. The other end of the pipe stays open for as long as ssh has to run.
    fn is_there(run: &Run<'_>, pipe: &Pipe) -> bool {
        let mut said = Vec::new();
        while let Ok(Ok(piece)) = pipe.read.recv_timeout(run.end.left()) {
            if piece.is_empty() {
                break;
            }
            said.extend(piece);
            if String::from_utf8_lossy(&said).contains(THERE) {
                return true;
            }
        }
        false
    }

    /// A login of its own, which a shared connection would outlive.
    fn command(run: &Run<'_>, to: &To<'_>, local: &Path) -> Command {
        let mut command = ssh(run);
        let remote = if to.socket.is_empty() { USUAL } else { to.socket };
        command.args(["-o", "ControlMaster=no", "-o", "ControlPath=none", "-T", "-L"]);
        command.arg(format!("{}:{remote}", local.display()));
        command.args(to.flags()).args(["--", &to.host()]);
        let path = shell_words::quote(remote);
        let look = format!("test -S {path} && test -w {path} && echo '{THERE}' && cat >/dev/null");
        command.arg(shell_words::join(["sh", "-c", &look]));
        command
    }

    /// A directory of our own, gone with it.
    struct Dir(PathBuf);

    impl Dir {
        fn new(run: &Run<'_>) -> Option<Self> {
            let named = run.target.env.filled("TMPDIR").map(PathBuf::from);
            let short = |dir: &PathBuf| dir.is_absolute() && dir.as_os_str().len() < PATH_MAX - 40;
            let base = named.filter(short).unwrap_or_else(|| PathBuf::from("/tmp"));
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
            let name = format!("dctx-{}-{}", std::process::id(), now.subsec_nanos());
            let dir = base.join(name);
            // one that is there already is somebody else's
            std::fs::DirBuilder::new().mode(0o700).create(&dir).ok()?;
            Some(Self(dir))
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}
