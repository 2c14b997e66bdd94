//! Words for what dockerd and systemd say on the host: all of it is to be fixed there.

use super::Words;
use super::with::{With, word};
use crate::check::id::Id;
use crate::error::Hint;
use crate::tr;

/// How dockerd is started there, with the files that change it.
fn unit(with: &With<'_>) -> Hint {
    Hint::run(
        tr!(
            with.lang,
            "on the host, see how dockerd is started",
            "在主机上查看 dockerd 的启动方式"
        ),
        "systemctl cat docker",
    )
}

fn restart(with: &With<'_>) -> Hint {
    Hint::run(
        tr!(with.lang, "then, on the host, start it again", "然后在主机上重新启动"),
        "sudo systemctl restart docker",
    )
}

/// Why it did not start.
fn log(with: &With<'_>) -> Hint {
    Hint::run(
        tr!(with.lang, "on the host, read why it did not start", "在主机上查看未能启动的原因"),
        "sudo journalctl -u docker -n 50 --no-pager",
    )
}

pub(super) fn conflict(with: &With<'_>) -> Words {
    let lang = with.lang;
    let what = with.facts.var.as_ref().map(|(name, _)| name.clone());
    let cause = match &what {
        Some(name) => tr!(
            lang,
            "dockerd does not start: {name} is set both by a flag and in /etc/docker/daemon.json, and may be in one of them only",
            "dockerd 无法启动：{name} 既由启动参数指定，又写在 /etc/docker/daemon.json 中，只能二选一"
        ),
        None => tr!(
            lang,
            "dockerd does not start: a setting is given both as a flag and in /etc/docker/daemon.json, and may be in one of them only",
            "dockerd 无法启动：同一设置既由启动参数指定，又写在 /etc/docker/daemon.json 中，只能二选一"
        ),
    };
    let say = match what.as_deref() {
        Some("hosts") => tr!(
            lang,
            "take hosts out of /etc/docker/daemon.json and let a systemd socket listen on the port; or take every -H out of ExecStart, in a drop-in",
            "从 /etc/docker/daemon.json 中删除 hosts，由 systemd 的 socket 监听端口；或用 drop-in 去掉 ExecStart 中的所有 -H"
        ),
        Some(name) => tr!(
            lang,
            "take {name} out of /etc/docker/daemon.json, or its flag out of ExecStart, in a drop-in",
            "从 /etc/docker/daemon.json 中删除 {name}，或用 drop-in 去掉 ExecStart 中的对应参数"
        ),
        None => tr!(
            lang,
            "take it out of /etc/docker/daemon.json, or its flag out of ExecStart, in a drop-in",
            "从 /etc/docker/daemon.json 中删除该设置，或用 drop-in 去掉 ExecStart 中的对应参数"
        ),
    };
    (cause, vec![unit(with), Hint::say(say), restart(with)])
}

pub(super) fn config_invalid(with: &With<'_>) -> Words {
    let (lang, said) = (with.lang, with.said());
    let cause = tr!(
        lang,
        "dockerd does not start: it cannot use /etc/docker/daemon.json{said}",
        "dockerd 无法启动：无法使用 /etc/docker/daemon.json{said}"
    );
    let fixes = vec![
        Hint::run(
            tr!(
                lang,
                "on the host, check the file (docker 23 or later)",
                "在主机上检查该文件（docker 23 或更高版本）"
            ),
            "sudo dockerd --validate --config-file /etc/docker/daemon.json",
        ),
        Hint::say(tr!(
            lang,
            "the settings for TLS are tls and tlsverify (true or false), tlscacert, tlscert and tlskey (paths), hosts (a list)",
            "TLS 相关设置：tls 和 tlsverify（true 或 false），tlscacert、tlscert 和 tlskey（路径），hosts（列表）"
        )),
        restart(with),
    ];
    (cause, fixes)
}

pub(super) fn socket_unit(with: &With<'_>) -> Words {
    let lang = with.lang;
    let unit = with.facts.unit.as_deref().unwrap_or("docker.socket");
    let said = with.facts.said.as_deref().unwrap_or_default();
    let quoted = shell_words::quote(unit).into_owned();
    let order = || {
        vec![
            Hint::run(
                tr!(lang, "on the host, stop docker first", "在主机上先停止 docker"),
                "sudo systemctl stop docker.service",
            ),
            Hint::run(
                tr!(
                    lang,
                    "then start the socket, and docker after it",
                    "再启动 socket，最后启动 docker"
                ),
                format!("sudo systemctl start {quoted} docker.service"),
            ),
        ]
    };
    if said.contains("parse") || said.contains("Listen setting") {
        let cause = tr!(
            lang,
            "systemd does not take the address in {unit}: ListenStream is a port or ADDRESS:PORT, without tcp://",
            "systemd 不接受 {unit} 中的地址：ListenStream 应为端口号或 ADDRESS:PORT，不带 tcp://"
        );
        let fixes = vec![
            Hint::run(
                tr!(
                    lang,
                    "on the host, write ListenStream=2376 there",
                    "在主机上改写为 ListenStream=2376"
                ),
                format!("sudo systemctl edit --full {quoted}"),
            ),
            Hint::run(
                tr!(lang, "then start both again", "然后重新启动两者"),
                format!("sudo systemctl restart {quoted} docker.service"),
            ),
        ];
        return (cause, fixes);
    }
    if said.contains("activation") {
        let cause = tr!(
            lang,
            "dockerd was started with -H fd://, which takes its sockets from systemd, and systemd gave it none",
            "dockerd 以 -H fd:// 启动，应由 systemd 传入套接字，但 systemd 没有传入"
        );
        let fixes = vec![
            Hint::run(
                tr!(
                    lang,
                    "on the host, start it by systemd, with its socket",
                    "在主机上由 systemd 连同其 socket 一起启动"
                ),
                "sudo systemctl start docker.socket docker.service",
            ),
            Hint::say(tr!(
                lang,
                "or, started by hand, give it addresses without fd://",
                "手动启动时，请指定 fd:// 以外的地址"
            )),
        ];
        return (cause, fixes);
    }
    let cause = tr!(
        lang,
        "systemd cannot start {unit} while docker runs: the socket has to be there before docker starts",
        "docker 运行时 systemd 无法启动 {unit}：socket 必须先于 docker 启动"
    );
    (cause, order())
}

pub(super) fn cert_missing(with: &With<'_>) -> Words {
    let lang = with.lang;
    let cause = match &with.facts.path {
        Some(path) => {
            let path = path.display();
            tr!(
                lang,
                "dockerd does not start: it is told to use TLS, and {path} is not there",
                "dockerd 无法启动：启用了 TLS，但 {path} 不存在"
            )
        }
        None => tr!(
            lang,
            "dockerd does not start: it is told to use TLS, and is given no certificate and key",
            "dockerd 无法启动：启用了 TLS，但没有指定证书和私钥"
        ),
    };
    let fixes = vec![
        match super::mend::profile(with) {
            Some(profile) => Hint::run(
                tr!(lang, "see the script that puts them there", "查看安装这些文件的脚本"),
                shell_words::join(["dctx", "server", profile]),
            ),
            None => Hint::say(tr!(
                lang,
                "on the host, put the CA, the server's certificate and its key into /etc/docker, and name them in /etc/docker/daemon.json as tlscacert, tlscert and tlskey",
                "在主机上把 CA、服务器证书及其私钥放入 /etc/docker，并在 /etc/docker/daemon.json 中用 tlscacert、tlscert 和 tlskey 指定"
            )),
        },
        Hint::run(
            tr!(lang, "on the host, see what is there", "在主机上查看现有文件"),
            "sudo ls -l /etc/docker",
        ),
        restart(with),
    ];
    (cause, fixes)
}

pub(super) fn port_in_use(with: &With<'_>) -> Words {
    let lang = with.lang;
    let address = match (&with.facts.address, with.facts.port) {
        (Some(address), _) => address.clone(),
        (None, Some(port)) => tr!(lang, "port {port}", "端口 {port}"),
        (None, None) => with.own(tr!(lang, "its port", "所需端口")),
    };
    let cause = tr!(
        lang,
        "dockerd cannot listen on {address}: another program has it, perhaps a second dockerd or a socket unit of systemd",
        "dockerd 无法监听 {address}：已被其他程序占用，可能是另一个 dockerd 或 systemd 的 socket"
    );
    let fixes = vec![
        Hint::run(
            tr!(lang, "on the host, see which program has it", "在主机上查看占用端口的程序"),
            "sudo ss -ltnp",
        ),
        Hint::run(
            tr!(
                lang,
                "on the host, see which sockets systemd holds",
                "在主机上查看 systemd 占用的 socket"
            ),
            "systemctl list-sockets --all",
        ),
        Hint::say(tr!(
            lang,
            "end that program, or give dockerd another port; a socket unit and hosts in daemon.json may not name the same one",
            "停止该程序，或为 dockerd 改用其他端口；socket 单元与 daemon.json 中的 hosts 不能使用同一端口"
        )),
    ];
    (cause, fixes)
}

/// What a diagnosis of a client's words says where they are dockerd's: `None` where that makes no difference.
pub(super) fn of_host(id: Id, with: &With<'_>) -> Option<Words> {
    if let Some(peer) = with.facts.peer.as_deref() {
        return of_client(id, with, peer);
    }
    let lang = with.lang;
    let file = with.path(&with.own(tr!(lang, "a certificate file", "证书文件")));
    let quoted = word(with.facts.path.as_deref(), "/etc/docker");
    let look = Hint::run(
        tr!(lang, "on the host, look at it", "在主机上查看"),
        format!("sudo ls -l {quoted}"),
    );
    let (cause, fix) = match id {
        Id::CertUnreadable => (
            tr!(lang, "dockerd may not read {file}", "dockerd 无权读取 {file}"),
            Hint::say(tr!(
                lang,
                "on the host, make it root's, and let no security module (SELinux, AppArmor, snap) keep dockerd from it",
                "在主机上把属主设为 root，并确认安全模块（SELinux、AppArmor、snap）允许 dockerd 读取"
            )),
        ),
        Id::CertInvalid | Id::KeyInvalid => (
            tr!(
                lang,
                "dockerd cannot use {file}: it is not what dockerd needs, or not PEM",
                "dockerd 无法使用 {file}：内容不符，或不是 PEM"
            ),
            Hint::say(tr!(
                lang,
                "on the host, copy it there again, as PEM",
                "在主机上重新复制该文件，须为 PEM 格式"
            )),
        ),
        Id::KeyEncrypted => (
            tr!(
                lang,
                "dockerd's key has a passphrase, and there is no terminal to ask on",
                "dockerd 的私钥带有口令，而 dockerd 无处询问"
            ),
            Hint::run(
                tr!(lang, "on the host, write it without one", "在主机上写成不带口令的私钥"),
                "sudo openssl pkey -in /etc/docker/server-key.pem -out /etc/docker/server-key.new.pem",
            ),
        ),
        Id::KeyMismatch => (
            tr!(
                lang,
                "dockerd does not start: its key belongs to another certificate than its tlscert",
                "dockerd 无法启动：其私钥与 tlscert 不匹配"
            ),
            Hint::say(tr!(
                lang,
                "on the host, give tlscert and tlskey in /etc/docker/daemon.json files that belong together",
                "在主机上让 /etc/docker/daemon.json 中的 tlscert 和 tlskey 指向匹配的文件"
            )),
        ),
        Id::PairSwapped => (
            tr!(
                lang,
                "dockerd does not start: its certificate and key are swapped",
                "dockerd 无法启动：证书和私钥放反了"
            ),
            Hint::say(tr!(
                lang,
                "on the host, exchange tlscert and tlskey in /etc/docker/daemon.json",
                "在主机上交换 /etc/docker/daemon.json 中的 tlscert 和 tlskey"
            )),
        ),
        _ => return None,
    };
    let log = log(with);
    Some((cause, vec![fix, look, log, restart(with)]))
}

/// What dockerd's log says of a client at `peer`.
fn of_client(id: Id, with: &With<'_>, peer: &str) -> Option<Words> {
    let lang = with.lang;
    let renew = || {
        Hint::say(tr!(
            lang,
            "give that client a certificate for clients, signed by the CA in this daemon's tlscacert",
            "为该客户端签发客户端证书，须由此守护进程 tlscacert 中的 CA 签发"
        ))
    };
    let there = |flags: &[&str]| {
        Hint::run(
            tr!(lang, "on the client, name its files", "在客户端上指定其文件"),
            shell_words::join(["dctx", "edit", "NAME"].iter().chain(flags)),
        )
    };
    let (cause, fixes) = match id {
        Id::ClientCertRequired => (
            tr!(
                lang,
                "the client at {peer} sent no certificate, and this daemon asks for one",
                "来自 {peer} 的客户端没有发送证书，而此守护进程要求客户端证书"
            ),
            vec![there(&["--certs", "DIR"]), renew()],
        ),
        Id::ClientUsage => (
            tr!(
                lang,
                "the certificate of the client at {peer} is not for clients: clientAuth is missing from its extended key usage",
                "来自 {peer} 的客户端所用证书不能用于客户端：extendedKeyUsage 缺少 clientAuth"
            ),
            vec![renew()],
        ),
        Id::ClientExpired => (
            tr!(
                lang,
                "the certificate of the client at {peer} has expired, or is not valid yet",
                "来自 {peer} 的客户端证书已过期，或尚未生效"
            ),
            vec![
                renew(),
                Hint::run(tr!(lang, "on the host, see its clock", "在主机上查看时钟"), "date"),
            ],
        ),
        Id::ClientUnknownCa => (
            tr!(
                lang,
                "the certificate of the client at {peer} is not signed by the CA in this daemon's tlscacert",
                "来自 {peer} 的客户端证书不是由此守护进程 tlscacert 中的 CA 签发的"
            ),
            vec![renew(), there(&["--certs", "DIR"])],
        ),
        Id::TlsExpected => (
            tr!(
                lang,
                "the client at {peer} spoke without TLS to this daemon, which expects TLS",
                "来自 {peer} 的客户端未使用 TLS，而此守护进程要求 TLS"
            ),
            vec![there(&["--certs", "DIR"])],
        ),
        Id::UnknownCa => (
            tr!(
                lang,
                "the client at {peer} does not trust the CA of this daemon's certificate",
                "来自 {peer} 的客户端不信任此守护进程证书的 CA"
            ),
            vec![there(&["--ca", "FILE"])],
        ),
        Id::TlsVersion | Id::TlsCipher => (
            tr!(
                lang,
                "the client at {peer} offers no version of TLS, or no cipher, that this daemon takes: it needs TLS 1.2 or later",
                "来自 {peer} 的客户端提供的 TLS 版本或加密套件均不被此守护进程接受：需要 TLS 1.2 或更高版本"
            ),
            vec![Hint::say(tr!(lang, "update that client", "请升级该客户端"))],
        ),
        _ => return None,
    };
    Some((cause, fixes))
}
