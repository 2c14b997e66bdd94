//! What each error says and advises, in English and Chinese.
//!
//! Style: what and where first, in one sentence without a full stop at its end; values in double quotes
//! only where their end would be hard to see; a hint is a whole command.

use super::{CertFault, Error, Guard, Hint, Lang, NameFault, Place, ValueFault};
use crate::tr;

impl Error {
    /// The message: what is wrong and where; several lines where there is a file to show.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match self {
            Self::Usage(text) => text.clone(),
            Self::UsageOf { message, message_zh, .. } => match lang {
                Lang::En => (*message).to_owned(),
                Lang::Zh => (*message_zh).to_owned(),
            },
            Self::UnknownShell { name, .. } => {
                tr!(lang, "no shell named \"{name}\"", "没有名为 \"{name}\" 的 shell")
            }
            Self::NoShell { .. } => {
                tr!(lang, "cannot tell which shell this is", "无法判断当前是哪种 shell")
            }
            Self::NoInit { name, .. } => {
                tr!(lang, "no init script for \"{name}\"", "没有 \"{name}\" 的 init 脚本")
            }
            Self::NoUniversal(shell) => tr!(
                lang,
                "{shell} has no universal variables; only fish does",
                "{shell} 没有通用(universal)变量,只有 fish 有"
            ),
            Self::Inexpressible { shell, var, why } => {
                let why = value_fault(*why, lang);
                tr!(
                    lang,
                    "{shell} cannot hold the value of {var}: {why}",
                    "{shell} 无法保存 {var} 的值:{why}"
                )
            }
            Self::NoProfile { name, .. } => {
                tr!(lang, "no profile named \"{name}\"", "没有名为 \"{name}\" 的配置")
            }
            Self::NoneActive => {
                tr!(lang, "no profile is active in this shell", "当前 shell 没有使用任何配置")
            }
            Self::NoMatch(what) => tr!(lang, "no profile matches {what}", "没有配置匹配 {what}"),
            Self::NoPrevious => tr!(
                lang,
                "this shell was on no other profile before",
                "当前 shell 之前没有用过其他配置"
            ),
            Self::Name { name, fault } => {
                let why = name_fault(fault, lang);
                tr!(
                    lang,
                    "\"{name}\" cannot be a profile name: {why}",
                    "\"{name}\" 不能用作配置名:{why}"
                )
            }
            Self::Value(fault) => fault.message(lang),
            Self::Exists { name, path } => {
                let path = path.display();
                tr!(
                    lang,
                    "there is a profile named {name} already, in {path}",
                    "已有名为 {name} 的配置,位于 {path}"
                )
            }
            Self::ReadOnlyLayer { name, path } => {
                let path = path.display();
                tr!(
                    lang,
                    "{name} is defined in {path}, which dctx only reads",
                    "{name} 定义在 {path} 中,dctx 只读取该文件"
                )
            }
            Self::Syntax { place, message } => {
                let shown = excerpt(place);
                format!("{place}: {message}\n{shown}")
            }
            Self::Encoding { path, offset } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path} is not UTF-8: the byte at offset {offset}",
                    "{path} 不是 UTF-8:偏移 {offset} 处的字节"
                )
            }
            Self::Profile { name, place, fault } => {
                let (what, shown) = (fault.message(lang), excerpt(place));
                tr!(
                    lang,
                    "{place}: profile {name}: {what}\n{shown}",
                    "{place}:配置 {name}:{what}\n{shown}"
                )
            }
            Self::Cert { profile, path, fault } => {
                let what = cert_fault(fault, &path.display().to_string(), lang);
                format!("{profile}: {what}")
            }
            Self::CertValue { path, fault } => cert_fault(fault, &path.display().to_string(), lang),
            Self::NewerSchema { path, schema } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path} was written by a newer dctx (schema {schema}); this one will not change it",
                    "{path} 由更新版本的 dctx 写入(schema {schema}),本版本不会修改它"
                )
            }
            Self::Read { path, source } => {
                let path = path.display();
                tr!(lang, "cannot read {path}: {source}", "无法读取 {path}:{source}")
            }
            Self::Write { path, source } => {
                let path = path.display();
                let why = match source.kind() {
                    std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                        tr!(lang, "the disk is full ({source})", "磁盘已满({source})")
                    }
                    _ => source.to_string(),
                };
                tr!(
                    lang,
                    "cannot write {path}, which is unchanged: {why}",
                    "无法写入 {path}(内容未变):{why}"
                )
            }
            Self::Locked { path } => {
                let path = path.display();
                tr!(
                    lang,
                    "another dctx has held the lock for 5 seconds: {path}",
                    "另一个 dctx 已占用锁 5 秒:{path}"
                )
            }
            Self::LinkLoop(path) => {
                let path = path.display();
                tr!(lang, "too many symbolic links at {path}", "{path} 的符号链接层数过多")
            }
            Self::Contended(path) => {
                let path = path.display();
                tr!(
                    lang,
                    "{path} keeps being changed by something else; nothing was written",
                    "{path} 不断被其他程序修改,未写入任何内容"
                )
            }
            Self::NothingToUndo => {
                tr!(lang, "there is no earlier version to go back to", "没有可以恢复的旧版本")
            }
            Self::NoHome => {
                tr!(lang, "no home directory: HOME is not set", "没有主目录:未设置 HOME")
            }
            Self::Protected { name, endpoint, how } => match how {
                Guard::NoTerminal => tr!(
                    lang,
                    "{name} is protected ({endpoint}) and there is no terminal to ask",
                    "{name} 受保护({endpoint}),且没有终端可供确认"
                ),
                Guard::WrongName => tr!(
                    lang,
                    "{name} is protected ({endpoint}) and was not confirmed",
                    "{name} 受保护({endpoint}),未得到确认"
                ),
                Guard::ByDash => tr!(
                    lang,
                    "{name} is protected ({endpoint}); - never leads there",
                    "{name} 受保护({endpoint});不能用 - 切换到它"
                ),
            },
            Self::Changed { name, was, now, path } => {
                let path = path.display();
                tr!(
                    lang,
                    "{name} now points to {now} (was {was}), says {path}",
                    "{name} 现指向 {now}(原为 {was}),见 {path}"
                )
            }
            Self::Start { program, source } => {
                tr!(lang, "cannot run {program}: {source}", "无法运行 {program}:{source}")
            }
            Self::EditAborted => tr!(lang, "nothing was changed", "未做任何修改"),
            Self::Io { doing, source } => format!("{doing}: {source}"),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hints(&self, lang: Lang) -> Vec<Hint> {
        let all = || Hint::run(tr!(lang, "all of them", "查看全部"), "dctx ls");
        match self {
            Self::UsageOf { run, .. } if !run.is_empty() => {
                vec![Hint::run(tr!(lang, "try", "试试"), *run)]
            }
            Self::UnknownShell { known, .. } | Self::NoShell { known } => {
                let list = known.join(", ");
                vec![
                    Hint::say(tr!(lang, "supported shells: {list}", "支持的 shell:{list}")),
                    Hint::run(tr!(lang, "name it", "请指定"), "dctx use NAME --shell bash"),
                ]
            }
            Self::NoInit { known, load, .. } => {
                let list = known.join(", ");
                let mut hints = vec![Hint::say(tr!(
                    lang,
                    "shells that have one: {list}",
                    "有 init 脚本的 shell:{list}"
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
            Self::NoProfile { similar, any, .. } => {
                let mut hints: Vec<Hint> = similar
                    .iter()
                    .map(|name| {
                        Hint::run(
                            tr!(lang, "did you mean {name}", "是否想用 {name}"),
                            format!("dctx use {name}"),
                        )
                    })
                    .collect();
                hints.push(if *any { all() } else { first(lang) });
                hints
            }
            Self::NoMatch(_) => vec![all()],
            Self::NoneActive => {
                vec![all(), Hint::run(tr!(lang, "choose one", "选择一个"), "dctx use NAME")]
            }
            Self::NoPrevious => {
                vec![Hint::run(tr!(lang, "back to local docker", "回到本地 docker"), "dctx reset")]
            }
            Self::Value(fault) => fault.hints(None, lang),
            Self::Exists { name, .. } => {
                vec![Hint::run(tr!(lang, "to change it", "修改它"), format!("dctx edit {name}"))]
            }
            Self::ReadOnlyLayer { name, path } => {
                let path = path.display();
                vec![Hint::say(tr!(
                    lang,
                    "change {path} where it comes from, or add your own {name}: a profile in config.toml comes first",
                    "请在 {path} 的来源处修改,或自行添加 {name}:config.toml 中的配置优先"
                ))]
            }
            Self::Syntax { .. } | Self::Encoding { .. } => vec![
                Hint::run(tr!(lang, "mend the line", "修正该行"), "dctx edit"),
                Hint::run(
                    tr!(
                        lang,
                        "or go back to the version before the last change",
                        "或恢复到上次修改前的版本"
                    ),
                    "dctx undo",
                ),
                Hint::run(tr!(lang, "works without this file", "不依赖该文件也可用"), "dctx reset"),
            ],
            Self::Profile { name, fault, .. } => fault.hints(Some(name), lang),
            Self::Cert { profile, path, fault } => {
                cert_hints(profile, &path.display().to_string(), fault, lang)
            }
            Self::CertValue { fault: CertFault::Missing | CertFault::Alone { .. }, .. } => {
                vec![Hint::say(tr!(
                    lang,
                    "docker reads ca.pem, cert.pem and key.pem; other names one by one: --ca FILE --cert FILE --key FILE",
                    "docker 读取 ca.pem、cert.pem 和 key.pem;其他文件名请逐个指定:--ca FILE --cert FILE --key FILE"
                ))]
            }
            Self::NewerSchema { .. } => vec![Hint::say(tr!(
                lang,
                "update dctx, or edit the file by hand",
                "请更新 dctx,或手动编辑该文件"
            ))],
            Self::Read { .. } => vec![Hint::run(
                tr!(lang, "works without this file", "不依赖该文件也可用"),
                "dctx reset",
            )],
            Self::Write { source, .. } => match source.kind() {
                std::io::ErrorKind::PermissionDenied
                | std::io::ErrorKind::ReadOnlyFilesystem
                | std::io::ErrorKind::ResourceBusy => vec![Hint::say(tr!(
                    lang,
                    "something else manages that file (nix, a dotfile manager, a mount): change it there, or set DCTX_CONFIG_DIR",
                    "该文件由其他工具管理(nix、dotfile 管理器、挂载):请在那里修改,或设置 DCTX_CONFIG_DIR"
                ))],
                _ => Vec::new(),
            },
            Self::Protected { name, how, .. } => match how {
                Guard::ByDash => vec![Hint::run(
                    tr!(lang, "by its name", "请用名称"),
                    format!("dctx use {name}"),
                )],
                _ => vec![Hint::run(
                    tr!(lang, "if you mean it", "如果确定"),
                    format!("dctx use {name} --confirm {name}"),
                )],
            },
            Self::Changed { name, .. } => vec![
                Hint::run(tr!(lang, "look at it", "查看"), format!("dctx show {name}")),
                Hint::run(
                    tr!(lang, "if that is right", "如果无误"),
                    format!("dctx use {name} --confirm {name}"),
                ),
            ],
            Self::NoHome => vec![Hint::say(tr!(
                lang,
                "set HOME, or DCTX_CONFIG_DIR and XDG_STATE_HOME",
                "请设置 HOME,或 DCTX_CONFIG_DIR 与 XDG_STATE_HOME"
            ))],
            Self::Name { .. } => vec![Hint::say(tr!(
                lang,
                "letters, digits and . _ + - after a letter or digit, at most 63",
                "以字母或数字开头,可含字母、数字和 . _ + -,最多 63 个字符"
            ))],
            _ => Vec::new(),
        }
    }
}

fn first(lang: Lang) -> Hint {
    Hint::run(
        tr!(lang, "there are no profiles yet; add one", "还没有配置,请添加"),
        "dctx add NAME tcp://HOST:2376 --certs DIR",
    )
}

/// The line of a file with a mark below the column.
fn excerpt(place: &Place) -> String {
    use unicode_width::UnicodeWidthStr as _;
    let line = crate::text::clean(&place.excerpt);
    let before: String = place.excerpt.chars().take(place.column.saturating_sub(1)).collect();
    let indent = crate::text::clean(&before).width();
    format!("{:>5} | {line}\n      | {:indent$}^", place.line, "")
}

/// What is wrong with a name.
pub(super) fn name_fault(fault: &NameFault, lang: Lang) -> String {
    match fault {
        NameFault::Empty => tr!(lang, "it is empty", "名称为空"),
        NameFault::TooLong => tr!(lang, "it has more than 63 characters", "超过 63 个字符"),
        NameFault::Start => {
            tr!(lang, "it must begin with a letter or digit", "必须以字母或数字开头")
        }
        NameFault::Char(c) => {
            let c = show(*c);
            tr!(lang, "it holds {c}", "含有 {c}")
        }
        NameFault::EndDot => tr!(lang, "it ends with a dot", "以点结尾"),
        NameFault::Reserved => tr!(
            lang,
            "the word means something else (docker, dctx or Windows)",
            "该词另有含义(docker、dctx 或 Windows)"
        ),
    }
}

/// A character as a person can read it.
pub(super) fn show(c: char) -> String {
    if crate::text::is_hidden(c) || c == ' ' {
        format!("U+{:04X}", u32::from(c))
    } else {
        format!("\"{c}\"")
    }
}

fn value_fault(fault: ValueFault, lang: Lang) -> String {
    match fault {
        ValueFault::Nul => tr!(lang, "it has a NUL byte", "含有 NUL 字节"),
        ValueFault::NotUtf8 => tr!(lang, "it is not UTF-8", "不是 UTF-8"),
        ValueFault::TooLong => tr!(lang, "it is longer than 128 KiB", "超过 128 KiB"),
        ValueFault::Char(c) => {
            let c = show(c);
            tr!(lang, "it holds {c}", "含有 {c}")
        }
    }
}

fn cert_fault(fault: &CertFault, path: &str, lang: Lang) -> String {
    match fault {
        CertFault::Missing => tr!(lang, "{path} does not exist", "{path} 不存在"),
        CertFault::Unreadable(why) => {
            tr!(lang, "cannot read {path}: {why}", "无法读取 {path}:{why}")
        }
        CertFault::Exposed(mode) => tr!(
            lang,
            "the key {path} is readable by others (mode {mode:04o})",
            "私钥 {path} 可被他人读取(权限 {mode:04o})"
        ),
        CertFault::Writable(mode) => tr!(
            lang,
            "{path} is writable by others (mode {mode:04o}): they could put another CA there",
            "{path} 可被他人写入(权限 {mode:04o}):他人可以替换 CA"
        ),
        CertFault::Alone { missing } => {
            let missing = missing.display();
            tr!(
                lang,
                "{path} is there but {missing} is not: docker would silently send no client certificate",
                "有 {path} 但没有 {missing}:docker 会悄悄地不发送客户端证书"
            )
        }
        CertFault::NoSystemBundle => tr!(
            lang,
            "no file with the system's CA certificates, such as {path}",
            "找不到系统 CA 证书文件,例如 {path}"
        ),
    }
}

fn cert_hints(profile: &str, path: &str, fault: &CertFault, lang: Lang) -> Vec<Hint> {
    let quoted = shell_words::quote(path);
    let other = || {
        Hint::run(
            tr!(lang, "name another directory", "指定其他目录"),
            format!("dctx edit {profile} --certs DIR"),
        )
    };
    match fault {
        CertFault::Missing | CertFault::Alone { .. } => vec![other()],
        CertFault::Unreadable(_) => {
            vec![Hint::run(tr!(lang, "look at it", "查看"), format!("ls -l {quoted}")), other()]
        }
        CertFault::Exposed(_) => {
            vec![Hint::run(tr!(lang, "close it", "收紧权限"), format!("chmod 0400 {quoted}"))]
        }
        CertFault::Writable(_) => vec![
            Hint::run(tr!(lang, "close it", "收紧权限"), format!("chmod go-w {quoted}")),
            Hint::say(tr!(
                lang,
                "on a file system without modes: strict-modes = false under [settings]",
                "文件系统没有权限位时:在 [settings] 下写 strict-modes = false"
            )),
        ],
        CertFault::NoSystemBundle => vec![Hint::say(tr!(
            lang,
            "install ca-certificates, or set SSL_CERT_FILE",
            "安装 ca-certificates,或设置 SSL_CERT_FILE"
        ))],
    }
}
