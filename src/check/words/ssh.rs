//! Words for docker by way of ssh.

mod login;

use super::Words;
use super::with::With;
use crate::error::Hint;
use crate::tr;

pub(super) use login::auth;

/// `user@host`, or the host, or words for it.
fn who(with: &With<'_>) -> String {
    if let Some(jump) = &with.facts.jump {
        return with.own(tr!(with.lang, "the jump host {jump}", "跳板机 {jump} "));
    }
    match &with.facts.user {
        Some(user) => {
            let host = with.host();
            format!("{user}@{host}")
        }
        None => with.host(),
    }
}

/// `PROGRAM [-p PORT] [USER@]HOST`, quoted, with more words after it.
pub(super) fn command(with: &With<'_>, program: &[&str], more: &[&str]) -> String {
    let (to, port) = match &with.facts.jump {
        Some(jump) => at_port(jump),
        None => {
            let host = with.host_word().trim_start_matches('[').trim_end_matches(']');
            let user = with.facts.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
            (format!("{user}{host}"), with.facts.port.map(|port| port.to_string()))
        }
    };
    let port = port.filter(|port| port != "22");
    let mut words = program.to_vec();
    words.extend(port.iter().flat_map(|port| ["-p", port]));
    // What begins with a dash would be an option.
    words.extend(to.starts_with('-').then_some("--"));
    words.push(&to);
    words.extend(more);
    shell_words::join(words)
}

/// `[USER@]HOST:PORT` in its two parts.
fn at_port(host: &str) -> (String, Option<String>) {
    match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => {
            (host.to_owned(), Some(port.to_owned()))
        }
        _ => (host.to_owned(), None),
    }
}

/// The same connection without docker around it.
fn by_hand(with: &With<'_>) -> Hint {
    let say = tr!(with.lang, "try the connection itself", "单独测试连接");
    Hint::run(say, command(with, &["ssh"], &["docker", "version"]))
}

pub(super) fn host_key(with: &With<'_>) -> Words {
    let (lang, host) = (with.lang, with.host());
    let changed = with.facts.said.as_deref().is_some_and(|said| said.contains("CHANGED"));
    if changed {
        let cause = tr!(
            lang,
            "the SSH host key of {host} is not the one this machine knows: the host was reinstalled, or someone is in between",
            "{host} 的 SSH 主机密钥与本机记录的不同：主机已重装，或有人在中间冒充"
        );
        let name = match with.facts.port.filter(|port| *port != 22) {
            Some(port) => format!("[{}]:{port}", with.host_word()),
            None => with.host_word().to_owned(),
        };
        let fixes = vec![
            Hint::say(tr!(
                lang,
                "ask whoever runs the host for its fingerprint before you go on",
                "继续之前，先向主机管理员核对指纹"
            )),
            Hint::run(
                tr!(lang, "only then forget the old key", "核对无误后再删除旧密钥"),
                shell_words::join(["ssh-keygen", "-R", &name]),
            ),
        ];
        return (cause, fixes);
    }
    let cause = tr!(
        lang,
        "this machine does not know the SSH key of {host} yet, and docker does not ask about it",
        "本机尚未记录 {host} 的 SSH 主机密钥，而通过 docker 连接时无法询问"
    );
    let fixes = vec![Hint::run(
        tr!(lang, "connect once by hand, and compare the fingerprint", "手动连接一次并核对指纹"),
        command(with, &["ssh"], &[]),
    )];
    (cause, fixes)
}

pub(super) fn unreachable(with: &With<'_>) -> Words {
    let (lang, who, said) = (with.lang, who(with), with.said());
    let words = with.facts.said.as_deref().unwrap_or_default();
    let far = Hint::run(
        tr!(lang, "see how far ssh gets", "查看连接过程"),
        command(with, &["ssh", "-v"], &[]),
    );
    // The port answers, and sshd does not let it come to a login.
    if words.contains("losed by remote host") || words.contains("reset by peer") {
        let cause = tr!(
            lang,
            "{who} closes the SSH connection before the login: too many logins at once (MaxStartups), an address that is banned, or no sshd behind that port",
            "{who} 在登录之前就关闭了 SSH 连接：同时登录过多（MaxStartups）、地址被封禁，或该端口后面不是 sshd"
        );
        return (cause, vec![far, share(with), allows(with)]);
    }
    let cause = tr!(lang, "ssh does not reach {who}{said}", "ssh 无法连接 {who}{said}");
    let fixes = vec![
        far,
        Hint::say(tr!(
            lang,
            "look at the name, the port and ~/.ssh/config, and whether sshd runs there",
            "检查主机名、端口和 ~/.ssh/config，以及主机上的 sshd 是否在运行"
        )),
    ];
    (cause, fixes)
}

pub(super) fn no_docker(with: &With<'_>) -> Words {
    let (lang, who) = (with.lang, who(with));
    let said = with.facts.said.as_deref().unwrap_or_default();
    if said.contains("account is currently not available") {
        let cause = tr!(
            lang,
            "ssh logs in to {who}, but that account may not run commands there: its login shell is nologin",
            "ssh 能登录 {who}，但该账户的登录 shell 是 nologin，不能在那里执行命令"
        );
        let user = with.facts.user.as_deref().filter(|user| !user.starts_with('-'));
        let fixes = vec![
            Hint::run(
                tr!(
                    lang,
                    "on the host, give the account a shell",
                    "在主机上为该账户设置登录 shell"
                ),
                shell_words::join(["sudo", "chsh", "-s", "/bin/sh", user.unwrap_or("USER")]),
            ),
            Hint::say(tr!(lang, "or log in as another user", "或使用其他用户登录")),
        ];
        return (cause, fixes);
    }
    if said.contains("is not a docker command") || said.contains("nknown docker command") {
        let cause = tr!(
            lang,
            "docker on {who} is older than 18.09 and does not know \"docker system dial-stdio\", which docker runs there over ssh",
            "{who} 上的 docker 早于 18.09，没有通过 ssh 连接时要执行的“docker system dial-stdio”命令"
        );
        let fixes = vec![
            Hint::run(
                tr!(lang, "see its version", "查看其版本"),
                command(with, &["ssh"], &["docker", "--version"]),
            ),
            Hint::say(tr!(
                lang,
                "on the host, update docker to 18.09 or later",
                "在主机上把 docker 升级到 18.09 或更高版本"
            )),
        ];
        return (cause, fixes);
    }
    let cause = tr!(
        lang,
        "ssh reaches {who}, but docker is not on the PATH of commands that ssh runs there",
        "ssh 能连接 {who}，但 ssh 在那里执行命令时的 PATH 中没有 docker"
    );
    let fixes = vec![
        Hint::run(
            tr!(lang, "see that PATH", "查看该 PATH"),
            command(with, &["ssh"], &["printenv", "PATH"]),
        ),
        Hint::run(
            tr!(
                lang,
                "where docker is there, as a login shell finds it",
                "查看登录 shell 在那里找到的 docker"
            ),
            command(with, &["ssh"], &["sh -lc \"command -v docker\""]),
        ),
        Hint::say(tr!(
            lang,
            "on the host, install docker, or link it into a directory of that PATH: ~/.profile and other login files are not read for these commands",
            "在主机上安装 docker，或把它链接到该 PATH 的某个目录中：执行这类命令时不读取 ~/.profile 等登录文件"
        )),
    ];
    (cause, fixes)
}

pub(super) fn no_daemon(with: &With<'_>) -> Words {
    let (lang, who, said) = (with.lang, who(with), with.said());
    let words = with.facts.said.as_deref().unwrap_or_default();
    let version = Hint::run(
        tr!(lang, "that says which", "用它查看原因"),
        command(with, &["ssh"], &["docker", "version"]),
    );
    let start = Hint::run(
        tr!(lang, "on the host, start it", "在主机上启动"),
        "sudo systemctl start docker",
    );
    if words.contains("ermission denied") {
        let cause = tr!(
            lang,
            "ssh reaches {who}, but that user may not use docker's socket there",
            "ssh 能连接 {who}，但该用户无权访问那里的 docker 套接字"
        );
        let user = with.facts.user.as_deref().unwrap_or("USER");
        let user = if user.starts_with('-') { "USER" } else { user };
        let group = Hint::run(
            tr!(
                lang,
                "on the host, let that user use docker, which makes them root there",
                "在主机上允许该用户使用 docker，这等于授予 root 权限"
            ),
            shell_words::join(["sudo", "usermod", "-aG", "docker", user]),
        );
        let again = Hint::run(
            tr!(lang, "then try it in a new login", "然后重新登录再试"),
            command(with, &["ssh"], &["docker", "version"]),
        );
        return (cause, vec![group, again]);
    }
    let cause = tr!(
        lang,
        "ssh reaches {who}, but docker there has no daemon: it is down, its socket is elsewhere, or not for that user{said}",
        "ssh 能连接 {who}，但那里的 docker 连不上守护进程：未运行、套接字在别处，或该用户没有权限{said}"
    );
    let fixes = vec![
        version,
        start,
        Hint::say(tr!(
            lang,
            "or, on the host, put that user into the group docker, which makes them root there",
            "或在主机上把该用户加入 docker 组，这等于授予 root 权限"
        )),
    ];
    (cause, fixes)
}

pub(super) fn missing(with: &With<'_>) -> Words {
    let lang = with.lang;
    let cause = tr!(
        lang,
        "docker needs ssh for this host, and ssh is not on this machine's PATH",
        "docker 连接该主机需要 ssh，但本机 PATH 中没有"
    );
    let fixes = vec![Hint::run(
        tr!(lang, "install it (Debian, Ubuntu)", "安装（Debian、Ubuntu）"),
        "sudo apt-get install openssh-client",
    )];
    (cause, fixes)
}

/// One connection for all, as docker's own documents advise.
pub(super) fn share(with: &With<'_>) -> Hint {
    let (lang, host) = (with.lang, with.host_word());
    Hint::say(tr!(
        lang,
        "let ssh keep one connection: below \"Host {host}\" in ~/.ssh/config write ControlMaster auto, ControlPath ~/.ssh/cm-%C and ControlPersist 10m",
        "让 ssh 复用一个连接：在 ~/.ssh/config 的 \"Host {host}\" 下写入 ControlMaster auto、ControlPath ~/.ssh/cm-%C 和 ControlPersist 10m"
    ))
}

/// What sshd on the host allows.
fn allows(with: &With<'_>) -> Hint {
    Hint::run(
        tr!(with.lang, "on the host, see what sshd allows", "在主机上查看 sshd 的限制"),
        "sudo sshd -T",
    )
}

pub(super) fn too_many(with: &With<'_>) -> Words {
    let (lang, who) = (with.lang, who(with));
    let said = with.facts.said.as_deref().unwrap_or_default();
    if said.contains("Not allowed at this time") {
        let cause = tr!(
            lang,
            "sshd on {who} refuses this address for a while, after too many failed or unfinished logins (PerSourcePenalties)",
            "{who} 上的 sshd 暂时拒绝本机地址：之前失败或未完成的登录过多（PerSourcePenalties）"
        );
        let fixes = vec![
            Hint::run(
                tr!(lang, "wait some minutes, then log in by hand", "等待几分钟，再手动登录一次"),
                command(with, &["ssh"], &["true"]),
            ),
            share(with),
            Hint::say(tr!(
                lang,
                "or, on the host, add this address to PerSourcePenaltyExemptList in /etc/ssh/sshd_config and reload sshd",
                "或在主机的 /etc/ssh/sshd_config 中把本机地址加入 PerSourcePenaltyExemptList，并重新加载 sshd"
            )),
        ];
        return (cause, fixes);
    }
    let sessions = ["ession", "onnect failed"].iter().any(|words| said.contains(words));
    if sessions {
        let cause = match with.facts.works {
            true => tr!(
                lang,
                "the shared SSH connection to {who} has as many sessions as sshd allows (MaxSessions), so ssh logs in again for each request",
                "到 {who} 的共享 SSH 连接已达到 sshd 允许的会话数（MaxSessions），因此每个请求都要重新登录"
            ),
            false => tr!(
                lang,
                "sshd on {who} allows no more sessions in one connection (MaxSessions), and docker opens one for each request",
                "{who} 上的 sshd 不允许同一连接再打开会话（MaxSessions），而 docker 的每个请求都会打开一个会话"
            ),
        };
        let raise = Hint::say(tr!(
            lang,
            "on the host, raise MaxSessions in /etc/ssh/sshd_config and reload sshd",
            "在主机的 /etc/ssh/sshd_config 中调大 MaxSessions，并重新加载 sshd"
        ));
        return (cause, vec![raise, allows(with)]);
    }
    let cause = match with.facts.works {
        true => tr!(
            lang,
            "sshd on {who} refused one of two logins because too many were under way (MaxStartups): docker logs in for each request, and some will fail",
            "{who} 上的 sshd 因同时登录过多（MaxStartups）拒绝了两次登录中的一次：docker 的每个请求都会登录一次，其中一些会失败"
        ),
        false => tr!(
            lang,
            "sshd on {who} takes no more logins at once (MaxStartups): docker logs in for each request",
            "{who} 上的 sshd 不再接受更多的同时登录（MaxStartups）：docker 的每个请求都会登录一次"
        ),
    };
    let raise = Hint::say(tr!(
        lang,
        "or, on the host, raise MaxStartups in /etc/ssh/sshd_config and reload sshd",
        "或在主机的 /etc/ssh/sshd_config 中调大 MaxStartups，并重新加载 sshd"
    ));
    (cause, vec![share(with), raise, allows(with)])
}

pub(super) fn slow(with: &With<'_>) -> Words {
    let (lang, who) = (with.lang, who(with));
    let cause = match with.facts.waited {
        Some(ms) => {
            let seconds = ms as f64 / 1000.0;
            tr!(
                lang,
                "logging in to {who} takes {seconds:.1} s, longer than the 2 s that docker waits for its first answer: every docker command is slow, and some versions of docker then ask for an API version that an older daemon refuses",
                "登录 {who} 需要 {seconds:.1} 秒，超过 docker 等待首个应答的 2 秒：每个 docker 命令都会很慢，有些版本的 docker 随后还会使用较旧的守护进程不支持的 API 版本"
            )
        }
        None => tr!(
            lang,
            "logging in to {who} takes longer than the 2 s that docker waits for its first answer: some versions of docker then ask for an API version that an older daemon refuses",
            "登录 {who} 的时间超过 docker 等待首个应答的 2 秒：有些版本的 docker 随后会使用较旧的守护进程不支持的 API 版本"
        ),
    };
    let mut fixes = vec![share(with)];
    let newest = with.facts.api_range.as_ref().map(|(_, newest)| newest.as_str());
    if let Some(newest) = newest.filter(|newest| !newest.is_empty()) {
        let say = tr!(
            lang,
            "or tell docker which version the daemon speaks",
            "或为 docker 指定守护进程支持的版本"
        );
        fixes.push(with.change(say, None, &["--api-version", newest]));
    }
    fixes.push(Hint::run(
        tr!(lang, "see where the time goes", "查看时间花在哪里"),
        command(with, &["ssh", "-v"], &["true"]),
    ));
    (cause, fixes)
}

pub(super) fn forward_refused(with: &With<'_>) -> Words {
    let (lang, who) = (with.lang, who(with));
    let allow = |say: String| vec![allows(with), Hint::say(say)];
    if with.facts.works {
        let cause = tr!(
            lang,
            "sshd on {who} does not forward docker's socket (AllowStreamLocalForwarding, AllowTcpForwarding, DisableForwarding, or the options before your key in authorized_keys): docker works without it, but programs that do not support ssh:// cannot reach this host through ssh -L",
            "{who} 上的 sshd 不转发 docker 的套接字（AllowStreamLocalForwarding、AllowTcpForwarding、DisableForwarding，或 authorized_keys 中密钥前的选项）：docker 不受影响，但不支持 ssh:// 的程序无法通过 ssh -L 连接该主机"
        );
        let fixes = allow(tr!(
            lang,
            "if you need such programs, write AllowStreamLocalForwarding yes and AllowTcpForwarding yes into /etc/ssh/sshd_config on the host, and reload sshd",
            "如果需要使用这类程序，在主机的 /etc/ssh/sshd_config 中写入 AllowStreamLocalForwarding yes 和 AllowTcpForwarding yes，并重新加载 sshd"
        ));
        return (cause, fixes);
    }
    if with.facts.jump.is_some() {
        let cause = tr!(
            lang,
            "sshd on {who} does not forward connections to other hosts (AllowTcpForwarding, DisableForwarding, PermitOpen), so ssh cannot pass through it",
            "{who} 上的 sshd 不允许转发到其他主机的连接（AllowTcpForwarding、DisableForwarding、PermitOpen），因此 ssh 无法经过它"
        );
        let mut fixes = allow(tr!(
            lang,
            "on the jump host, write AllowTcpForwarding yes into /etc/ssh/sshd_config and reload sshd",
            "在跳板机的 /etc/ssh/sshd_config 中写入 AllowTcpForwarding yes，并重新加载 sshd"
        ));
        fixes.push(Hint::say(tr!(
            lang,
            "or reach the host another way: see ProxyJump in ~/.ssh/config",
            "或改用其他路径：查看 ~/.ssh/config 中的 ProxyJump"
        )));
        return (cause, fixes);
    }
    let cause = tr!(
        lang,
        "sshd on {who} does not forward this port or socket (AllowTcpForwarding, AllowStreamLocalForwarding, DisableForwarding, or the options before your key in authorized_keys)",
        "{who} 上的 sshd 不转发该端口或套接字（AllowTcpForwarding、AllowStreamLocalForwarding、DisableForwarding，或 authorized_keys 中密钥前的选项）"
    );
    let mut fixes = allow(tr!(
        lang,
        "on the host, write AllowTcpForwarding yes and AllowStreamLocalForwarding yes into /etc/ssh/sshd_config and reload sshd",
        "在主机的 /etc/ssh/sshd_config 中写入 AllowTcpForwarding yes 和 AllowStreamLocalForwarding yes，并重新加载 sshd"
    ));
    fixes.push(Hint::say(tr!(
        lang,
        "or use ssh://USER@HOST, which runs docker on the host and forwards nothing",
        "或使用 ssh://USER@HOST：它在主机上运行 docker，不需要转发"
    )));
    (cause, fixes)
}
