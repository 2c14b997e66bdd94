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
fn command(with: &With<'_>, program: &[&str], more: &[&str]) -> String {
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
                "ask whoever keeps the host for its fingerprint before you go on",
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
        "this machine does not know the SSH key of {host} yet, and docker leaves nobody to ask",
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
    let cause = tr!(lang, "ssh does not reach {who}{said}", "ssh 无法连接 {who}{said}");
    let fixes = vec![
        Hint::run(
            tr!(lang, "see how far it gets", "查看连接过程"),
            command(with, &["ssh", "-v"], &[]),
        ),
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
    let cause = tr!(
        lang,
        "ssh reaches {who}, but docker there has no daemon: it is down, its socket is elsewhere, or not for that user{said}",
        "ssh 能连接 {who}，但那里的 docker 连不上守护进程：未运行、套接字在别处，或该用户没有权限{said}"
    );
    let fixes = vec![
        Hint::run(
            tr!(lang, "that says which", "用它查看原因"),
            command(with, &["ssh"], &["docker", "version"]),
        ),
        Hint::run(
            tr!(lang, "on the host, start it", "在主机上启动"),
            "sudo systemctl start docker",
        ),
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
