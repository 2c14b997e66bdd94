//! What to do about what is said of this machine and this shell, best first; a command where there is one.

use super::note::Note;
use crate::error::{Hint, Lang};
use crate::tr;

impl Note {
    /// What to do about it.
    #[must_use]
    pub fn fixes(&self, lang: Lang) -> Vec<Hint> {
        let unset =
            |line: &String| vec![Hint::run(tr!(lang, "unset it", "取消设置"), line.clone())];
        let write = |text: &str| {
            let text = shell_words::quote(text).into_owned();
            vec![Hint::say(tr!(lang, "write it as {text}", "请写成 {text}"))]
        };
        match self {
            Self::NoDocker | Self::NoSsh => Vec::new(),
            Self::NoProfiles { .. } => vec![Hint::run(
                tr!(lang, "add one", "请添加"),
                "dctx add NAME tcp://HOST:2376 --certs DIR",
            )],
            Self::StoreOpen { path, .. } => {
                let path = path.display().to_string();
                let run = format!("chmod go-w {}", shell_words::quote(&path));
                vec![Hint::run(tr!(lang, "close it", "收紧权限"), run)]
            }
            Self::Broken { names } => match names.iter().find(|name| plain(name)) {
                Some(name) => {
                    vec![Hint::run(
                        tr!(lang, "see what is wrong", "查看原因"),
                        format!("dctx check {name}"),
                    )]
                }
                None => vec![Hint::run(tr!(lang, "see what is wrong", "查看原因"), "dctx ls")],
            },
            Self::Sudo { .. } => vec![Hint::say(tr!(
                lang,
                "run dctx without sudo, and sudo what needs it with the variables: sudo --preserve-env=DOCKER_HOST,DOCKER_TLS_VERIFY,DOCKER_CERT_PATH docker ps",
                "请不要用 sudo 运行 dctx；需要时把变量带给 sudo 运行的命令：sudo --preserve-env=DOCKER_HOST,DOCKER_TLS_VERIFY,DOCKER_CERT_PATH docker ps"
            ))],
            Self::Shell { hooked: false, init: Some(line), .. } => vec![Hint::run(
                tr!(
                    lang,
                    "for plain dctx use, in its start-up file",
                    "要直接使用 dctx use，请写入启动文件"
                ),
                line.clone(),
            )],
            Self::HookLost { var, init, .. } => {
                let say = tr!(
                    lang,
                    "install it again; in the start-up file that line belongs after every assignment of {var}",
                    "重新安装；在启动文件中这一行要放在所有给 {var} 赋值的语句之后"
                );
                init.iter().map(|line| Hint::run(say.clone(), line.clone())).collect()
            }
            Self::Hidden { var, .. } => vec![
                Hint::run(
                    tr!(lang, "use the universal one", "让通用变量生效"),
                    format!("set -eg {var}"),
                ),
                Hint::run(tr!(lang, "or remove it", "或删除它"), format!("set -Ue {var}")),
            ],
            Self::TlsAlone { unset: line, .. }
            | Self::TlsUnverified { unset: line, .. }
            | Self::CertPathAlone { unset: line, .. }
            | Self::ApiVersion { unset: line, .. }
            | Self::MachineName { unset: line, .. }
            | Self::TlsVerify { unset: line, .. } => unset(line),
            Self::CertPathUnset { set: Some(line), .. } => {
                vec![Hint::run(
                    tr!(lang, "name it for all of them", "为所有程序指定"),
                    line.clone(),
                )]
            }
            Self::MachineGone { unset: line, .. } | Self::MachineOther { unset: line, .. } => vec![
                Hint::run(
                    tr!(lang, "return to local docker", "切回本地 docker"),
                    "dctx reset --all",
                ),
                Hint::run(tr!(lang, "or unset the name only", "或只取消该名称"), line.clone()),
            ],
            Self::Changed { profile } if plain(profile) => vec![
                Hint::run(tr!(lang, "to restore it", "恢复"), format!("dctx use {profile}")),
                Hint::run(
                    tr!(lang, "or return to local docker", "或切回本地 docker"),
                    "dctx reset",
                ),
            ],
            Self::Changed { .. } => {
                vec![Hint::run(
                    tr!(lang, "return to local docker", "切回本地 docker"),
                    "dctx reset",
                )]
            }
            Self::CertDirGone { profile: Some(name), .. } if plain(name) => {
                vec![Hint::run(
                    tr!(lang, "create it again", "重新生成"),
                    format!("dctx use {name}"),
                )]
            }
            Self::CertDirGone { .. } => {
                vec![Hint::run(
                    tr!(lang, "return to local docker", "切回本地 docker"),
                    "dctx reset",
                )]
            }
            Self::HostMisread { write: Some(text), .. }
            | Self::HostPort { write: text, .. }
            | Self::HostLoose { write: text, .. } => write(text),
            Self::HostMisread { .. } => vec![Hint::say(tr!(
                lang,
                "a host is tcp://HOST:PORT, ssh://USER@HOST, unix:///PATH or npipe:////./pipe/NAME",
                "主机的写法：tcp://HOST:PORT、ssh://USER@HOST、unix:///PATH 或 npipe:////./pipe/NAME"
            ))],
            Self::ContextRemote { .. } => vec![Hint::run(
                tr!(lang, "to stay on this machine", "留在本机"),
                "docker context use default",
            )],
            Self::ContextHidden { ours: false, .. } => {
                vec![Hint::run(
                    tr!(lang, "let the context decide", "让 context 决定"),
                    "dctx reset",
                )]
            }
            Self::Overrides { path, .. } => {
                let path = path.display();
                vec![Hint::say(tr!(lang, "remove the line from {path}", "从 {path} 中删除这一行"))]
            }
            Self::Proxied { host, .. } => vec![Hint::say(tr!(
                lang,
                "add {host} to NO_PROXY; dctx use does that by itself",
                "把 {host} 加入 NO_PROXY；dctx use 会自动这样做"
            ))],
            Self::Docker { .. }
            | Self::DockerSilent { .. }
            | Self::Ssh { .. }
            | Self::Store { .. }
            | Self::Shell { .. }
            | Self::NoShell
            | Self::ContextHidden { .. }
            | Self::CertPathUnset { set: None, .. }
            | Self::ConfigBroken { .. }
            | Self::AllProxy { .. }
            | Self::Offline
            | Self::Mended { .. }
            | Self::LeftAlone { .. }
            | Self::NotMended { .. } => Vec::new(),
        }
    }
}

/// Whether a name that comes from outside may stand in a command to paste.
fn plain(name: &str) -> bool {
    crate::profile::name::check(name).is_ok()
}
