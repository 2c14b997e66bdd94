//! Words for docker by way of ssh.

use super::Words;
use super::with::With;
use crate::error::Hint;
use crate::tr;

/// `user@host`, or the host, or words for it.
fn who(with: &With<'_>) -> String {
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
    let port = with.facts.port.filter(|port| *port != 22).map(|port| port.to_string());
    let host = with.host_word().trim_start_matches('[').trim_end_matches(']');
    let to = match &with.facts.user {
        Some(user) => format!("{user}@{host}"),
        None => host.to_owned(),
    };
    let mut words = program.to_vec();
    words.extend(port.iter().flat_map(|port| ["-p", port]));
    // What begins with a dash would be an option.
    words.extend(to.starts_with('-').then_some("--"));
    words.push(&to);
    words.extend(more);
    shell_words::join(words)
}

/// The same connection without docker around it.
fn by_hand(with: &With<'_>) -> Hint {
    let say = tr!(with.lang, "try the connection itself", "单独测试连接");
    Hint::run(say, command(with, &["ssh"], &["docker", "version"]))
}

pub(super) fn auth(with: &With<'_>) -> Words {
    let (lang, who, said) = (with.lang, who(with), with.said());
    let cause = tr!(
        lang,
        "{who} accepted none of your SSH keys (one with a passphrase counts only in an agent){said}",
        "{who} 未接受你的任何 SSH 密钥（带口令的密钥须先加入 agent）{said}"
    );
    let fixes = vec![
        Hint::run(tr!(lang, "give your key to the agent", "把密钥加入 agent"), "ssh-add"),
        Hint::run(
            tr!(lang, "put your key on the host, once", "把公钥放到主机上（一次即可）"),
            command(with, &["ssh-copy-id"], &[]),
        ),
        by_hand(with),
    ];
    (cause, fixes)
}

pub(super) fn host_key(with: &With<'_>) -> Words {
    let (lang, host) = (with.lang, with.host());
    let changed = with.facts.said.as_deref().is_some_and(|said| said.contains("CHANGED"));
    if changed {
        let cause = tr!(
            lang,
            "the SSH key of {host} is another than the one this machine knows: the host was set up anew, or somebody is in between",
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
        tr!(lang, "see how far it gets", "查看连接过程"),
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
    let cause = tr!(
        lang,
        "ssh reaches {who}, but there is no docker on the PATH of a command that ssh runs there",
        "ssh 能连接 {who}，但在其执行命令的 PATH 中找不到 docker"
    );
    let fixes = vec![
        Hint::run(
            tr!(lang, "see that PATH", "查看该 PATH"),
            command(with, &["ssh"], &["printenv", "PATH"]),
        ),
        Hint::say(tr!(
            lang,
            "install docker there, or link it into one of these directories: login files such as ~/.profile are not read",
            "在主机上安装 docker，或在上述目录中建立链接：ssh 执行命令时不读取 ~/.profile 等登录文件"
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
            "ssh reaches {who}, but docker's socket there is not for that user",
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
        "docker needs ssh for this host, and there is none on this machine's PATH",
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
    let sessions = ["ession", "Connect failed"].iter().any(|words| said.contains(words));
    let (cause, raise) = match sessions {
        true => (
            tr!(
                lang,
                "{who} lets no more sessions into one SSH connection (MaxSessions): docker opens one for each request",
                "{who} 不允许同一 SSH 连接再打开会话（MaxSessions）：docker 的每个请求都会打开一个会话"
            ),
            tr!(
                lang,
                "on the host, raise MaxSessions in /etc/ssh/sshd_config, and reload sshd",
                "在主机的 /etc/ssh/sshd_config 中调大 MaxSessions，并重新加载 sshd"
            ),
        ),
        false => (
            tr!(
                lang,
                "{who} takes no more SSH logins at once (MaxStartups): docker logs in for each request",
                "{who} 不再接受更多的同时 SSH 登录（MaxStartups）：docker 的每个请求都会登录一次"
            ),
            tr!(
                lang,
                "or, on the host, raise MaxStartups in /etc/ssh/sshd_config, and reload sshd",
                "或在主机的 /etc/ssh/sshd_config 中调大 MaxStartups，并重新加载 sshd"
            ),
        ),
    };
    let fixes = match sessions {
        true => vec![Hint::say(raise), allows(with)],
        false => vec![share(with), Hint::say(raise), allows(with)],
    };
    (cause, fixes)
}

pub(super) fn slow(with: &With<'_>) -> Words {
    let (lang, who) = (with.lang, who(with));
    let cause = match with.facts.waited {
        Some(ms) => {
            let seconds = ms as f64 / 1000.0;
            tr!(
                lang,
                "logging in to {who} takes {seconds:.1} s, and docker waits 2 s for its first answer: then it speaks its own newest API, which an older daemon refuses",
                "登录 {who} 需要 {seconds:.1} 秒，而 docker 只等待首个应答 2 秒：之后它使用自己最新的 API，较旧的守护进程会拒绝"
            )
        }
        None => tr!(
            lang,
            "logging in to {who} takes longer than the 2 s that docker waits for its first answer: then it speaks its own newest API, which an older daemon refuses",
            "登录 {who} 的时间超过 docker 等待首个应答的 2 秒：之后它使用自己最新的 API，较旧的守护进程会拒绝"
        ),
    };
    let mut fixes = vec![share(with)];
    let newest = with.facts.api_range.as_ref().map(|(_, newest)| newest.as_str());
    if let Some(newest) = newest.filter(|newest| !newest.is_empty()) {
        let say = tr!(lang, "or say which version the daemon speaks", "或指定守护进程使用的版本");
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
    let cause = tr!(
        lang,
        "sshd on {who} does not forward this port or socket: AllowTcpForwarding, AllowStreamLocalForwarding, or what stands before the key in authorized_keys",
        "{who} 上的 sshd 不转发该端口或套接字：受 AllowTcpForwarding、AllowStreamLocalForwarding 或 authorized_keys 中密钥前的选项限制"
    );
    let fixes = vec![
        allows(with),
        Hint::say(tr!(
            lang,
            "on the host, allow it in /etc/ssh/sshd_config (AllowTcpForwarding yes, AllowStreamLocalForwarding yes), and reload sshd",
            "在主机的 /etc/ssh/sshd_config 中允许转发（AllowTcpForwarding yes、AllowStreamLocalForwarding yes），并重新加载 sshd"
        )),
        Hint::say(tr!(
            lang,
            "or go by ssh://USER@HOST, which runs docker there and forwards nothing",
            "或使用 ssh://USER@HOST：它在主机上运行 docker，不需要转发"
        )),
    ];
    (cause, fixes)
}
