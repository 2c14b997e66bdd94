//! Through ssh, by a real sshd.

use dctx::check::id::Id;

use super::{Row, Words, row};
use crate::lab::programs::free_port;
use crate::lab::scene::{Scene, docker};
use crate::lab::servers::silent;
use crate::lab::ssh::{Known, Sshd, scene, scene_by, scene_of};
use crate::support::dockerd::Dockerd;

pub(super) fn rows() -> Vec<Row> {
    // what docker's remote end says never reaches the user
    const HIDDEN: &[&str] = &[
        "Cannot connect to the Docker daemon at http://docker.example.com",
        "failed to connect to the docker API at http://docker.example.com",
        // docker 20.10 takes no path
        "extra path after the host",
    ];
    vec![
        row("ssh: nobody answers", Id::Timeout, &[], || {
            let server = silent();
            let host = server.tcp().replace("tcp://", "ssh://root@");
            Some(scene(&host, "good", Known::Right)?.hold(server))
        })
        .words(Words::Hangs),
        row("ssh: no key that is accepted", Id::SshAuth, &["Permission denied"], || {
            scene(&Sshd::shared()?.url(), "stranger", Known::Right)
        }),
        row("ssh: no such user", Id::SshAuth, &["Permission denied"], || {
            scene(&Sshd::shared()?.url().replace("root@", "nosuchuser@"), "good", Known::Right)
        }),
        row(
            "ssh: a host key that is not known",
            Id::SshHostKey,
            &["Host key verification failed"],
            || scene(&Sshd::shared()?.url(), "good", Known::Nothing),
        ),
        row(
            "ssh: another host key",
            Id::SshHostKey,
            &["REMOTE HOST IDENTIFICATION HAS CHANGED"],
            || scene(&Sshd::shared()?.url(), "good", Known::Other),
        ),
        row("ssh: nobody listens", Id::SshUnreachable, &["Connection refused"], || {
            scene(&format!("ssh://root@127.0.0.1:{}", free_port()), "good", Known::Right)
        }),
        row("ssh: no such host", Id::SshUnreachable, &["Could not resolve hostname"], || {
            scene("ssh://root@nosuch.invalid", "good", Known::Right)
        }),
        row(
            "ssh: no docker over there",
            Id::SshNoDocker,
            &["docker: not found", "command not found"],
            || scene(&Sshd::shared()?.url(), "without", Known::Right),
        ),
        row("ssh: no docker for csh", Id::SshNoDocker, &["Command not found"], || {
            scene(&Sshd::shared()?.url(), "csh", Known::Right)
        })
        .alone(&[Id::SshNoDocker, Id::SshNoDaemon])
        .untold(),
        // docker says no more than that the connection was closed
        row("ssh: too many logins", Id::SshTooMany, &["kex_exchange_identification"], || {
            let sshd = Sshd::own("MaxStartups 1")?;
            let scene = scene_of(&sshd, &sshd.url(), "good", Known::Right, "")?;
            Some(scene.hold(sshd.held()).hold(sshd))
        })
        .alone(&[Id::SshUnreachable])
        .untold(),
        row("ssh: no more sessions", Id::SshTooMany, &["open failed: connect failed"], || {
            let sshd = Sshd::own("MaxSessions 0")?;
            Some(scene_of(&sshd, &sshd.url(), "good", Known::Right, "")?.hold(sshd))
        }),
        // docker 28.2.2 asks for the version once more
        row("ssh: a slow login", Id::SshSlow, &[], || {
            scene(&Sshd::shared()?.url(), "slow", Known::Right)
        })
        .words(Words::Fine),
        row(
            "ssh: a jump host that does not forward",
            Id::SshForwardRefused,
            &["administratively prohibited"],
            || {
                let (jump, sshd) = (Sshd::own("AllowTcpForwarding no")?, Sshd::shared()?);
                Some(scene_by(&jump, sshd)?.hold(jump))
            },
        ),
        row("ssh: no sockets are forwarded", Id::SshForwardRefused, &[], || {
            let sshd = Sshd::own("AllowStreamLocalForwarding no")?;
            let url = format!("{}{}", sshd.url(), Dockerd::plain()?.socket().display());
            Some(scene_of(&sshd, &url, "good", Known::Right, "")?.hold(sshd))
        })
        .words(Words::Fine)
        .warned(),
        row("ssh: the daemon is down", Id::SshNoDaemon, HIDDEN, || {
            scene(&Sshd::shared()?.url(), "down", Known::Right)
        }),
        row("ssh: a socket that is not there", Id::SshNoDaemon, HIDDEN, || {
            scene(
                &format!("{}/nonexistent/docker.sock", Sshd::shared()?.url()),
                "good",
                Known::Right,
            )
        })
        // to docker 20.10, which takes no path, the address is wrong
        .alone(&[Id::SshNoDaemon, Id::EndpointInvalid])
        .untold(),
        row("ssh: a socket that is not theirs", Id::SshNoDaemon, HIDDEN, || {
            scene(&Sshd::shared()?.url(), "forbidden", Known::Right)
        }),
        row(
            "ssh: no ssh here",
            Id::SshMissing,
            &[
                "executable file not found in $PATH",
                "ssh resolves to executable in current directory",
            ],
            || {
                let scene = Scene::host("ssh://root@127.0.0.1");
                let bin = scene.sb.path("bin");
                std::fs::create_dir(&bin).unwrap();
                std::os::unix::fs::symlink(docker(), bin.join("docker")).unwrap();
                let path = bin.to_str().unwrap().to_owned();
                Some(scene.env("PATH", &path))
            },
        ),
    ]
}
