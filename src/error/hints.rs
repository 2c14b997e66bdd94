//! What each error advises, in English and Chinese. Where there is a command for it, a hint is the whole
//! command; what came from outside is quoted for a POSIX shell.

use std::io;

use super::{EditorFault, Error, Guard, Hint, Lang, SubshellFault, blocked, cert, secret};
use crate::file::{Distrust, Odd};
use crate::tr;

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn hints(&self, lang: Lang) -> Vec<Hint> {
        let all = || Hint::run(tr!(lang, "all of them", "查看全部"), "dctx ls");
        match self {
            Self::Usage { hints, .. } => hints.clone(),
            Self::UsageOf { run, .. } if !run.is_empty() => {
                vec![Hint::run(tr!(lang, "type", "请输入"), *run)]
            }
            Self::UnknownShell { known, .. } | Self::NoShell { known } => {
                let list = known.join(", ");
                vec![
                    Hint::say(tr!(lang, "supported shells: {list}", "支持的 shell：{list}")),
                    Hint::run(tr!(lang, "name it", "请指定"), "dctx use NAME --shell bash"),
                ]
            }
            Self::OtherShell { said, found } => vec![
                Hint::run(
                    tr!(lang, "for {found}", "输出给 {found}"),
                    format!("dctx use NAME --shell {found}"),
                ),
                Hint::run(
                    tr!(lang, "for {said}", "输出给 {said}"),
                    format!("dctx use NAME --shell {said}"),
                ),
            ],
            Self::NoInit { known, load, .. } => {
                let list = known.join(", ");
                let mut hints = vec![Hint::say(tr!(
                    lang,
                    "shells that have one: {list}",
                    "有 init 脚本的 shell：{list}"
                ))];
                let without = || tr!(lang, "without one", "不用 init 脚本");
                hints.extend(load.as_ref().map(|load| Hint::run(without(), load)));
                hints
            }
            Self::NoUniversal(_) => {
                vec![Hint::run(
                    tr!(lang, "for this shell alone", "只用于当前 shell"),
                    "dctx use NAME --session",
                )]
            }
            Self::NoPromptHook { name, init, lost, .. } => {
                let say = match lost {
                    None => tr!(
                        lang,
                        "add this line to the shell's start-up file",
                        "请在 shell 的启动文件中加入这一行"
                    ),
                    Some(what) => tr!(
                        lang,
                        "to install the hook again; in the start-up file that line belongs after every assignment of {what}",
                        "重新安装钩子；在启动文件中这一行要放在所有给 {what} 赋值的语句之后"
                    ),
                };
                let mut hints: Vec<Hint> =
                    init.iter().map(|line| Hint::run(say.clone(), line)).collect();
                let say = tr!(lang, "for one command", "只运行一个命令");
                hints.push(Hint::run(say, format!("dctx exec {name} -- CMD")));
                hints
            }
            Self::TooLong { name, .. } => {
                vec![Hint::run(
                    tr!(lang, "for the longest time allowed", "使用允许的最长时间"),
                    format!("dctx use {name}"),
                )]
            }
            Self::NoProfile { any: false, .. } => vec![first(lang)],
            Self::NoProfile { similar, .. } => match similar.split_last() {
                None => vec![all()],
                Some((last, [])) => {
                    let say =
                        tr!(lang, "did you mean {last}? all of them", "是否想用 {last}？查看全部");
                    vec![Hint::run(say, "dctx ls")]
                }
                Some((last, rest)) => {
                    let rest = rest.join(tr!(lang, ", ", "、").as_str());
                    let say = tr!(
                        lang,
                        "did you mean {rest} or {last}? all of them",
                        "是否想用 {rest} 或 {last}？查看全部"
                    );
                    vec![Hint::run(say, "dctx ls")]
                }
            },
            Self::NoMatch(_) => vec![all()],
            Self::NoneActive => {
                vec![all(), Hint::run(tr!(lang, "choose one", "选择一个"), "dctx use NAME")]
            }
            Self::ChangedSince(name) => vec![
                Hint::run(tr!(lang, "where docker goes", "查看 docker 连接到哪里"), "dctx current"),
                Hint::run(tr!(lang, "to set them again", "重新设置"), format!("dctx use {name}")),
            ],
            Self::NoPrevious => {
                vec![Hint::run(
                    tr!(lang, "return to local docker", "切回本地 docker"),
                    "dctx reset",
                )]
            }
            Self::Value(fault) => fault.advice(lang),
            Self::Exists { name, .. } => {
                vec![Hint::run(tr!(lang, "to change it", "修改它"), format!("dctx edit {name}"))]
            }
            Self::ReadOnlyLayer { name, path } => {
                let path = path.display();
                vec![Hint::say(tr!(
                    lang,
                    "change {path} where it comes from, or add your own {name}: a profile in config.toml comes first",
                    "请在 {path} 的来源处修改，或自行添加 {name}：config.toml 中的主机配置优先"
                ))]
            }
            Self::Encoding { path, looks: Some(looks), .. } => {
                let quoted = shell_words::quote(&path.to_string_lossy()).into_owned();
                let new = format!("{}.utf8", path.to_string_lossy());
                let new = shell_words::quote(&new);
                vec![
                    Hint::run(
                        tr!(lang, "to convert it", "转换编码"),
                        format!("iconv -f {looks} -t UTF-8 {quoted} > {new} && cp {new} {quoted}"),
                    ),
                    Hint::run(tr!(lang, "to fix it", "修正"), "dctx edit"),
                    without_the_file(lang),
                ]
            }
            Self::Syntax { .. } | Self::Encoding { .. } | Self::Setting { .. } => vec![
                Hint::run(tr!(lang, "to fix it", "修正"), "dctx edit"),
                Hint::run(
                    tr!(
                        lang,
                        "or go back to what dctx last wrote, and keep this text",
                        "或恢复为 dctx 上次写入的内容（当前内容会保留）"
                    ),
                    "dctx undo",
                ),
                without_the_file(lang),
            ],
            // What is advised of the file does not fit: it is as it was.
            Self::Draft(error) => {
                let of_file =
                    |hint: &Hint| hint.run.as_ref().is_some_and(|run| run.starts_with("dctx "));
                error.hints(lang).into_iter().filter(|hint| !of_file(hint)).collect()
            }
            Self::UnknownKey { .. } | Self::OutsideTable { .. } => Vec::new(),
            Self::SchemaAhead { .. } => vec![Hint::say(tr!(lang, "update dctx", "请更新 dctx"))],
            Self::Layer(_) => vec![super::fault::elsewhere(lang)],
            Self::Profile { name, layer, fault, more, .. } => {
                let mut hints = fault.hints(name, *layer, lang);
                for hint in more.iter().flat_map(|(_, fault)| fault.hints(name, *layer, lang)) {
                    if !hints.contains(&hint) {
                        hints.push(hint);
                    }
                }
                // The editor, which does for all of them, comes last.
                hints.sort_by_key(|hint| hint.run.as_deref() == Some(&format!("dctx edit {name}")));
                hints
            }
            Self::Cert { profile, layer, path, fault } => {
                cert::hints(profile, layer.as_deref(), &path.display().to_string(), fault, lang)
            }
            Self::CertValue { path, fault } => {
                cert::advice(&path.display().to_string(), fault, lang)
            }
            Self::NewerSchema { .. } => vec![Hint::say(tr!(
                lang,
                "update dctx, or edit the file by hand",
                "请更新 dctx，或手动编辑该文件"
            ))],
            Self::Read { path, source } => {
                let quoted = shell_words::quote(&path.to_string_lossy()).into_owned();
                let look = Odd::of(source).map(|_| {
                    Hint::run(tr!(lang, "look at it", "查看"), format!("ls -lL {quoted}"))
                });
                let mut hints = blocked::hints(path, source, false, lang);
                hints.extend(look);
                hints.push(without_the_file(lang));
                hints
            }
            Self::Untrusted { path, why } => {
                let quoted = shell_words::quote(&path.to_string_lossy()).into_owned();
                match why {
                    Distrust::Owner(_) => vec![
                        Hint::run(
                            tr!(lang, "to make it yours", "使其归你所有"),
                            format!("chown \"$(id -u)\" {quoted}"),
                        ),
                        Hint::run(
                            tr!(
                                lang,
                                "with sudo, by root's own file",
                                "用 sudo 时使用 root 自己的文件"
                            ),
                            "sudo -H dctx ls",
                        ),
                    ],
                    Distrust::Writable(_) => vec![
                        Hint::run(
                            tr!(lang, "close it", "收紧权限"),
                            format!("chmod go-w {quoted}"),
                        ),
                        Hint::say(tr!(
                            lang,
                            "on a file system without modes: strict-modes = false under [settings]",
                            "在没有权限位的文件系统上：在 [settings] 中设置 strict-modes = false"
                        )),
                    ],
                }
            }
            Self::Write { path, source } => {
                let mut hints = blocked::hints(path, source, true, lang);
                if let io::ErrorKind::PermissionDenied
                | io::ErrorKind::ReadOnlyFilesystem
                | io::ErrorKind::ResourceBusy = source.kind()
                {
                    hints.push(Hint::say(tr!(
                        lang,
                        "if another tool manages that file (nix, a dotfile manager, a mount), change it there, or set DCTX_CONFIG_DIR",
                        "如果该文件由其他工具管理（nix、dotfile 管理器、挂载），请在那里修改，或设置 DCTX_CONFIG_DIR"
                    )));
                }
                hints
            }
            Self::Links { path, source } => {
                let mut hints = blocked::hints(path, source, true, lang);
                hints.push(Hint::say(tr!(
                    lang,
                    "docker reads ca.pem, cert.pem and key.pem from one directory, where dctx puts links with these names; to have it elsewhere, set XDG_STATE_HOME",
                    "docker 只从一个目录读取 ca.pem、cert.pem 和 key.pem，dctx 在该处放置这些名称的链接；如需改在别处，请设置 XDG_STATE_HOME"
                )));
                hints
            }
            Self::Protected { name, how: Guard::ByDash, again, .. } => {
                vec![Hint::run(tr!(lang, "by its name", "请用名称"), again.line(name, ""))]
            }
            // The question is the guard: what answers it beforehand is told only to those who cannot be asked.
            Self::Protected { name, how: Guard::WrongAnswer, again, .. } => vec![Hint::run(
                tr!(lang, "to type its name again", "重新输入它的名称"),
                again.line(name, &again.answers),
            )],
            Self::Protected { name, again, .. } => {
                let flags = format!(" --confirm {name}{}", again.answers);
                vec![Hint::run(tr!(lang, "if you mean it", "如果确定"), again.line(name, &flags))]
            }
            Self::Changed { name, sum, protected, how, again, .. } => {
                let look = Hint::run(tr!(lang, "look at it", "查看"), format!("dctx show {name}"));
                let mut flags = String::new();
                if *protected {
                    flags.push_str(&format!(" --confirm {name}"));
                }
                flags.push_str(&format!(" --accept {sum}"));
                let go_on = match how {
                    Guard::WrongAnswer => Hint::run(
                        tr!(lang, "to be asked again", "重新询问"),
                        again.line(name, &again.answers),
                    ),
                    _ => Hint::run(
                        tr!(lang, "if that is right", "如果无误"),
                        again.line(name, &flags),
                    ),
                };
                vec![look, go_on]
            }
            Self::Server(fault) => fault.hints(lang),
            Self::Secret { profile, fault } => secret::hints(profile, fault, lang),
            Self::Make(fault) => fault.hints(lang),
            Self::Subshell(fault) => subshell(fault, lang),
            Self::Picker { program, .. } => vec![
                Hint::run(
                    tr!(
                        lang,
                        "install {program}, or take picker = \"{program}\" out of [settings]",
                        "请安装 {program}，或从 [settings] 中删除 picker = \"{program}\""
                    ),
                    "dctx edit",
                ),
                Hint::run(tr!(lang, "without a picker", "不用选择器"), "dctx use NAME"),
            ],
            Self::Editor { fault: EditorFault::Start(_), .. } => vec![Hint::run(
                tr!(lang, "with another editor", "换一个编辑器"),
                "env VISUAL=vi dctx edit",
            )],
            Self::CheckFailed { name, .. } => vec![Hint::run(
                tr!(lang, "everything that was found", "查看全部检查结果"),
                format!("dctx check {name}"),
            )],
            Self::NoHome => vec![Hint::say(tr!(
                lang,
                "set HOME, or DCTX_CONFIG_DIR and XDG_STATE_HOME",
                "请设置 HOME，或 DCTX_CONFIG_DIR 与 XDG_STATE_HOME"
            ))],
            Self::Name { .. } => vec![Hint::say(tr!(
                lang,
                "a name is at most 63 letters, digits and . _ + -, and begins with a letter or digit; other scripts go into --description",
                "以字母或数字开头，可含字母、数字和 . _ + -，最多 63 个字符；中文请写在 --description 中"
            ))],
            _ => Vec::new(),
        }
    }
}

/// `reset` reads no profile file.
fn without_the_file(lang: Lang) -> Hint {
    let say =
        tr!(lang, "to return to local docker without this file", "不读取该文件，切回本地 docker");
    Hint::run(say, "dctx reset")
}

/// Ways to what `shell` was asked for.
fn subshell(fault: &SubshellFault, lang: Lang) -> Vec<Hint> {
    let leave = || tr!(lang, "leave it first", "先退出");
    match fault {
        SubshellFault::NoTerminal { name } => vec![Hint::run(
            tr!(lang, "to run commands without one", "无终端时运行命令"),
            format!("dctx exec {name} -- sh"),
        )],
        SubshellFault::OtherShell { .. } => vec![Hint::run(leave(), "exit")],
        SubshellFault::Inside { name, init, .. } => {
            let mut hints = vec![Hint::run(leave(), "exit")];
            if let Some(init) = init {
                let say = tr!(
                    lang,
                    "or load the function, and dctx shell {name} changes this shell",
                    "或加载函数，之后 dctx shell {name} 会改变当前 shell"
                );
                hints.push(Hint::run(say, init));
            }
            hints
        }
    }
}

fn first(lang: Lang) -> Hint {
    Hint::run(
        tr!(lang, "there are no profiles yet; add one", "还没有主机配置，请添加"),
        "dctx add NAME tcp://HOST:2376 --certs DIR",
    )
}
