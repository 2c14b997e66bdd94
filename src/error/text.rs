//! What each error says, in English and Chinese.
//!
//! Style: what and where first, in one sentence without a full stop at its end; values in double quotes
//! only where their end would be hard to see.

use std::io;

use super::{
    Change, EditorFault, Error, Guard, Lang, NameFault, Place, ProfileFault, SubshellFault,
    ValueFault, blocked, cert, secret,
};
use crate::file::{Distrust, Odd};
use crate::text::{clean, without_keys};
use crate::tr;

impl Error {
    /// The message: what is wrong and where; with the line of the file below it where there is one.
    /// Nothing in it can move a terminal's cursor or begin a line of its own, and none of it is a private key.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        without_keys(&self.words(lang)).into_owned()
    }

    fn words(&self, lang: Lang) -> String {
        let headline = self.headline(lang);
        match self {
            Self::Layer(error) | Self::Draft(error) => error.message(lang),
            Self::Changed { .. } => headline.split('\n').map(clean).collect::<Vec<_>>().join("\n"),
            Self::Syntax { place, wrong, more } => {
                let mut text = format!("{}\n{}", clean(&headline), excerpt(place));
                text.push_str(&wrong.below(lang));
                for error in more {
                    text.push('\n');
                    text.push_str(&error.words(lang));
                }
                text
            }
            Self::Profile { name, place, more, .. } => {
                let mut text = format!("{}\n{}", clean(&headline), excerpt(place));
                for (place, fault) in more {
                    let headline = profile_fault(name, place, fault, lang);
                    text.push_str(&format!("\n{}\n{}", clean(&headline), excerpt(place)));
                }
                text
            }
            Self::Setting { place, .. } => format!("{}\n{}", clean(&headline), excerpt(place)),
            _ => clean(&headline).into_owned(),
        }
    }

    fn headline(&self, lang: Lang) -> String {
        match self {
            Self::Usage { message, .. } => message.clone(),
            Self::Layer(error) | Self::Draft(error) => error.headline(lang),
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
            Self::OtherShell { said, found } => tr!(
                lang,
                "DCTX_SHELL says {said}, but {found} ran this command",
                "DCTX_SHELL 的值是 {said}，而运行此命令的是 {found}"
            ),
            Self::NoInit { name, .. } => {
                tr!(lang, "no init script for \"{name}\"", "没有 \"{name}\" 的 init 脚本")
            }
            Self::NoUniversal(shell) => tr!(
                lang,
                "{shell} cannot follow a choice for every shell",
                "{shell} 无法跟随用于所有 shell 的选择"
            ),
            Self::NoPromptHook { name, from_profile, length, lost, .. } => {
                let length = super::span(*length, lang);
                let why = match lost {
                    None => tr!(
                        lang,
                        "this shell has no hook to end it",
                        "当前 shell 没有钩子，到时无法自动切回"
                    ),
                    Some(what) => tr!(
                        lang,
                        "the hook that would end it does not run any more, since {what} was assigned after dctx init",
                        "钩子已不再运行，到时无法自动切回：{what} 在 dctx init 之后被重新赋值"
                    ),
                };
                match from_profile {
                    true => tr!(
                        lang,
                        "{name} may be used for {length} at a time (max-use): {why}",
                        "{name} 每次最多使用 {length}（max-use）；{why}"
                    ),
                    false => tr!(lang, "{name} for {length}: {why}", "{name} 限时 {length}：{why}"),
                }
            }
            Self::TooLong { name, asked, most } => {
                let (asked, most) = (super::span(*asked, lang), super::span(*most, lang));
                tr!(
                    lang,
                    "{name} may be used for {most} at a time (max-use), not for {asked}",
                    "{name} 每次最多使用 {most}（max-use），不能使用 {asked}"
                )
            }
            Self::Inexpressible { shell, var, why } => {
                let why = value_fault(*why, lang);
                tr!(
                    lang,
                    "{shell} cannot hold the value of {var}: {why}",
                    "{shell} 无法保存 {var} 的值：{why}"
                )
            }
            Self::NoProfile { name, .. } => {
                tr!(lang, "no profile named \"{name}\"", "没有名为 \"{name}\" 的主机配置")
            }
            Self::NoneActive => {
                tr!(lang, "no profile is active in this shell", "当前 shell 没有使用任何主机配置")
            }
            Self::ChangedSince(name) => tr!(
                lang,
                "no profile is active in this shell: the variables have been changed since dctx use {name}",
                "当前 shell 没有使用任何主机配置：变量在 dctx use {name} 之后被改过"
            ),
            Self::NoMatch(what) => {
                tr!(lang, "no profile matches \"{what}\"", "没有主机配置匹配 \"{what}\"")
            }
            Self::NoPrevious => tr!(
                lang,
                "this shell was on no other profile before",
                "当前 shell 之前没有用过其他主机配置"
            ),
            Self::Name { name, fault } => {
                let why = name_fault(fault, lang);
                tr!(
                    lang,
                    "\"{name}\" cannot be a profile name: {why}",
                    "\"{name}\" 不能用作主机配置名：{why}"
                )
            }
            Self::Value(fault) => fault.message(lang),
            Self::Make(fault) => fault.message(lang),
            Self::Exists { name, path } => {
                let path = path.display();
                tr!(
                    lang,
                    "there is a profile named {name} already, in {path}",
                    "已有名为 {name} 的主机配置，位于 {path}"
                )
            }
            Self::ReadOnlyLayer { name, path } => {
                let path = path.display();
                tr!(
                    lang,
                    "{name} is defined in {path}, which dctx only reads",
                    "{name} 定义在 {path} 中，dctx 只读取该文件"
                )
            }
            Self::Syntax { place, wrong, .. } => {
                let what = wrong.fault.message(lang);
                tr!(lang, "{place}: {what}", "{place}：{what}")
            }
            Self::Encoding { path, offset, line, looks: None } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}:{line}: the file is not UTF-8 (at byte {offset})",
                    "{path}:{line}：该文件不是 UTF-8 编码（第 {offset} 字节处）"
                )
            }
            Self::Encoding { path, line, looks: Some(looks), .. } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path}:{line}: the file is not UTF-8 but {looks}",
                    "{path}:{line}：该文件不是 UTF-8 编码，而是 {looks}"
                )
            }
            Self::Profile { name, place, fault, .. } => profile_fault(name, place, fault, lang),
            Self::Setting { place, key, expected } => {
                let expected = expected.words(lang);
                tr!(lang, "{place}: {key} must be {expected}", "{place}：{key} 的值应为{expected}")
            }
            Self::UnknownKey { place, key, own_only: true, .. } => {
                let key = clean(key);
                tr!(
                    lang,
                    "{place}: {key} only has an effect in your own config.toml",
                    "{place}：{key} 只在你自己的 config.toml 中有效"
                )
            }
            Self::UnknownKey { place, key, similar: Some(similar), .. } => {
                let (key, similar) = (clean(key), clean(similar));
                tr!(
                    lang,
                    "{place}: unknown key {key}, which has no effect; did you mean {similar}?",
                    "{place}：未知的键 {key}，不起作用；是否想写 {similar}？"
                )
            }
            Self::UnknownKey { place, key, similar: None, .. } => {
                let key = clean(key);
                tr!(
                    lang,
                    "{place}: unknown key {key}, which has no effect",
                    "{place}：未知的键 {key}，不起作用"
                )
            }
            Self::OutsideTable { place, key, table } => tr!(
                lang,
                "{place}: {key} is above the first table, where it has no effect; write {table} on the line before it",
                "{place}：{key} 位于第一个表之前，不起作用；请在它的上一行写 {table}"
            ),
            Self::SchemaAhead { path, schema } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path} has schema {schema}, from a newer dctx: this one may misread it",
                    "{path} 的 schema 为 {schema}，来自更新版本的 dctx：本版本可能误读它"
                )
            }
            Self::Cert { profile, path, fault, .. } => {
                let what = cert::message(fault, &path.display().to_string(), lang);
                tr!(lang, "{profile}: {what}", "{profile}：{what}")
            }
            Self::CertValue { path, fault } => {
                cert::message(fault, &path.display().to_string(), lang)
            }
            Self::NewerSchema { path, schema } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path} was written by a newer dctx (schema {schema}); this one will not change it",
                    "{path} 由更新版本的 dctx 写入（schema {schema}），本版本不会修改它"
                )
            }
            Self::Read { path, source } => {
                let why = blocked::why(path, source, false, lang);
                let path = path.display();
                tr!(lang, "cannot read {path}: {why}", "无法读取 {path}：{why}")
            }
            Self::Untrusted { path, why } => {
                let path = path.display();
                match why {
                    Distrust::Owner(uid) => tr!(
                        lang,
                        "{path} belongs to another user (uid {uid}), who could name a command for you to run there",
                        "{path} 属于另一个用户（uid {uid}），该用户可以在其中指定由你运行的命令"
                    ),
                    Distrust::Writable(mode) => tr!(
                        lang,
                        "others can write {path} (mode {mode:04o}): they could name a command for you to run there",
                        "他人可以写入 {path}（权限 {mode:04o}）：可以在其中指定由你运行的命令"
                    ),
                }
            }
            Self::Write { path, source } => {
                let why = blocked::why(path, source, true, lang);
                let path = path.display();
                tr!(
                    lang,
                    "cannot write {path}, which was not changed: {why}",
                    "无法写入 {path}（内容未变）：{why}"
                )
            }
            Self::Locked { path } => {
                let path = path.display();
                tr!(
                    lang,
                    "another dctx has held the lock for 5 seconds: {path}",
                    "另一个 dctx 已占用锁 5 秒：{path}"
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
                    "{path} was changed by something else meanwhile; nothing was written",
                    "{path} 同时被其他程序修改，未写入任何内容"
                )
            }
            Self::NothingToUndo => {
                tr!(lang, "there is no earlier version to go back to", "没有可以恢复的旧版本")
            }
            Self::NoHome => {
                tr!(lang, "no home directory: HOME is not set", "没有主目录：未设置 HOME")
            }
            Self::Protected { name, endpoint, how, .. } => match how {
                Guard::NoTerminal => tr!(
                    lang,
                    "{name} is protected ({endpoint}) and there is no terminal to ask on",
                    "{name} 受保护（{endpoint}），但没有可用于询问的终端"
                ),
                Guard::NoInput => tr!(
                    lang,
                    "{name} is protected ({endpoint}), and --no-input forbids the question",
                    "{name} 受保护（{endpoint}），而 --no-input 禁止询问"
                ),
                Guard::WrongFlag | Guard::WrongAnswer => tr!(
                    lang,
                    "{name} is protected ({endpoint}) and was not confirmed",
                    "{name} 受保护（{endpoint}），未得到确认"
                ),
                Guard::ByDash => tr!(
                    lang,
                    "{name} is protected ({endpoint}); - never leads there",
                    "{name} 受保护（{endpoint}）；不能用 - 切换到它"
                ),
            },
            Self::Changed { name, path, changes, .. } => {
                changed(name, &path.display().to_string(), changes, lang)
            }
            Self::Start { program, source } => {
                let why = reason(source, lang);
                tr!(lang, "cannot run {program}: {why}", "无法运行 {program}：{why}")
            }
            Self::Server(fault) => fault.message(lang),
            Self::Secret { profile, fault } => {
                let what = secret::message(fault, lang);
                tr!(lang, "{profile}: {what}", "{profile}：{what}")
            }
            Self::Subshell(fault) => subshell(fault, lang),
            Self::NotChosen(_) => tr!(lang, "nothing was chosen", "未选择任何主机配置"),
            Self::Picker { program, source } => {
                let why = reason(source, lang);
                tr!(
                    lang,
                    "cannot run {program}, which the settings name as picker: {why}",
                    "无法运行设置中指定的选择器 {program}：{why}"
                )
            }
            Self::CheckFailed { name, id, .. } => match id {
                Some(id) => tr!(
                    lang,
                    "{name} was not used: it failed its check ({id})",
                    "未切换到 {name}：检查未通过（{id}）"
                ),
                None => tr!(
                    lang,
                    "{name} was not used: it failed its check",
                    "未切换到 {name}：检查未通过"
                ),
            },
            Self::EditAborted => tr!(lang, "nothing was changed", "未做任何修改"),
            Self::Editor { program, fault } => match fault {
                EditorFault::Start(source) => {
                    let why = reason(source, lang);
                    tr!(
                        lang,
                        "cannot run the editor {program}: {why}",
                        "无法运行编辑器 {program}：{why}"
                    )
                }
                EditorFault::Status(status) => tr!(
                    lang,
                    "the editor {program} ended with status {status}, so nothing was changed",
                    "编辑器 {program} 以状态 {status} 退出，因此未做任何修改"
                ),
                EditorFault::Signal => tr!(
                    lang,
                    "the editor {program} was ended by a signal, so nothing was changed",
                    "编辑器 {program} 被信号终止，因此未做任何修改"
                ),
            },
            Self::Links { path, source } => {
                let why = blocked::why(path, source, true, lang);
                let path = path.display();
                tr!(
                    lang,
                    "cannot make the directory of links to the certificates, {path}: {why}",
                    "无法创建证书链接目录 {path}：{why}"
                )
            }
            Self::Io { doing, source } => {
                let (doing, why) = (doing_words(doing, lang), reason(source, lang));
                tr!(lang, "{doing}: {why}", "{doing}：{why}")
            }
        }
    }
}

/// What is wrong with a profile, and where.
fn profile_fault(name: &str, place: &Place, fault: &ProfileFault, lang: Lang) -> String {
    let what = fault.message(lang);
    tr!(lang, "{place}: profile {name}: {what}", "{place}：主机配置 {name}，{what}")
}

/// What was being done, of [`Error::Io`].
fn doing_words(doing: &str, lang: Lang) -> &str {
    match (lang, doing) {
        (Lang::Zh, "writing to standard output") => "写入标准输出",
        (Lang::Zh, "writing to the descriptor of DCTX_FD") => "写入 DCTX_FD 所指的描述符",
        (Lang::Zh, "asking on the terminal") => "在终端上询问",
        (Lang::Zh, "watching for Ctrl-C") => "监听 Ctrl-C",
        (Lang::Zh, "finding the current directory") => "获取当前目录",
        _ => doing,
    }
}

/// Why the system refused, without the number that Rust adds.
#[must_use]
pub fn reason(source: &io::Error, lang: Lang) -> String {
    use io::ErrorKind as Kind;
    if let Some(odd) = Odd::of(source) {
        return odd_words(odd, lang);
    }
    let text = source.to_string();
    let text = text.split(" (os error ").next().unwrap_or_default().to_owned();
    match (lang, source.kind()) {
        (Lang::En, Kind::StorageFull | Kind::QuotaExceeded) => format!("the disk is full ({text})"),
        (Lang::En, _) => text,
        (Lang::Zh, Kind::NotFound) => "没有那个文件或目录".to_owned(),
        (Lang::Zh, Kind::PermissionDenied) => "权限不够".to_owned(),
        (Lang::Zh, Kind::ReadOnlyFilesystem) => "文件系统只读".to_owned(),
        (Lang::Zh, Kind::StorageFull | Kind::QuotaExceeded) => format!("磁盘已满（{text}）"),
        (Lang::Zh, Kind::IsADirectory) => "是一个目录".to_owned(),
        (Lang::Zh, Kind::NotADirectory) => "不是目录".to_owned(),
        (Lang::Zh, _) => text,
    }
}

/// That a shared profile has changed, on one line, and what in it, each on a line of its own. `path` is the file that
/// defines it.
#[must_use]
pub fn changed(name: &str, path: &str, changes: &[Change], lang: Lang) -> String {
    let (name, path) = (clean(name), clean(path));
    let mut text = tr!(
        lang,
        "{name} has changed since it was last used; it is defined in {path}",
        "{name} 自上次使用后有变化；它定义在 {path} 中"
    );
    let none = || tr!(lang, "not set", "未设置");
    for Change { key, was, known, now } in changes {
        // What is in a value must not begin a line of its own.
        let plain = |value: &Option<String>| match value {
            Some(value) => clean(value).into_owned(),
            None => none(),
        };
        let was = if *known { plain(was) } else { tr!(lang, "not remembered", "未记录") };
        let (key, now) = (clean(key), plain(now));
        text.push_str(&format!("\n  {key}: {was} → {now}"));
    }
    text
}

/// What is there in place of a file that can be read.
fn odd_words(odd: Odd, lang: Lang) -> String {
    match odd {
        Odd::Directory => tr!(lang, "it is a directory", "是一个目录"),
        Odd::Pipe => tr!(lang, "it is a named pipe, not a file", "是命名管道，不是文件"),
        Odd::Socket => tr!(lang, "it is a socket, not a file", "是套接字，不是文件"),
        Odd::Device => tr!(lang, "it is a device, not a file", "是设备，不是文件"),
        Odd::TooLarge(most) => {
            let most = crate::file::size(most);
            tr!(lang, "it is larger than {most}", "大于 {most}")
        }
    }
}

/// How much of a line is shown before the column and in all, in characters.
const SHOWN: (usize, usize) = (60, 100);

/// The line of a file with a mark below the column; of a long line only what is around it.
fn excerpt(place: &Place) -> String {
    use unicode_width::UnicodeWidthStr as _;
    let tabless = place.excerpt.replace('\t', " ");
    let column = place.column.saturating_sub(1);
    let long = tabless.chars().count() > SHOWN.1;
    let skipped = if long { column.saturating_sub(SHOWN.0) } else { 0 };
    let start = if skipped > 0 { "..." } else { "" };
    let seen: String = tabless.chars().skip(skipped).take(SHOWN.1).collect();
    let end = if skipped + SHOWN.1 < tabless.chars().count() { "..." } else { "" };
    let before: String = seen.chars().take(column - skipped).collect();
    let indent = start.len() + clean(&before).width();
    format!("{:>5} | {start}{}{end}\n      | {:indent$}^", place.line, clean(&seen), "")
}

/// What is wrong with a name.
pub(super) fn name_fault(fault: &NameFault, lang: Lang) -> String {
    match fault {
        NameFault::Empty => tr!(lang, "it is empty", "名称为空"),
        NameFault::TooLong => tr!(lang, "it has more than 63 characters", "超过 63 个字符"),
        NameFault::Start => {
            tr!(lang, "it must begin with a letter or digit", "必须以字母或数字开头")
        }
        NameFault::Char(c) => holds(*c, lang),
        NameFault::EndDot => tr!(lang, "it ends with a dot", "以点结尾"),
        NameFault::Reserved => tr!(
            lang,
            "the word means something else (to docker, dctx or Windows)",
            "该词另有含义（docker、dctx 或 Windows）"
        ),
    }
}

/// That there is a character which may not be there.
pub(super) fn holds(c: char, lang: Lang) -> String {
    let shown = show(c, lang);
    tr!(lang, "it contains {shown}", "含有{shown}")
}

/// A character as a person can read it.
pub(super) fn show(c: char, lang: Lang) -> String {
    match c {
        ' ' => tr!(lang, "a space", "空格"),
        '\t' => tr!(lang, "a tab", "制表符"),
        '\n' | '\r' => tr!(lang, "a line end", "换行符"),
        c if crate::text::is_hidden(c) || c.is_whitespace() => {
            let code = u32::from(c);
            tr!(lang, "U+{code:04X}", "字符 U+{code:04X}")
        }
        c => tr!(lang, "\"{c}\"", "字符 \"{c}\""),
    }
}

fn value_fault(fault: ValueFault, lang: Lang) -> String {
    match fault {
        ValueFault::Nul => tr!(lang, "it has a NUL byte", "含有 NUL 字节"),
        ValueFault::NotUtf8 => tr!(lang, "it is not UTF-8", "不是 UTF-8"),
        ValueFault::TooLong => tr!(lang, "it is longer than 128 KiB", "超过 128 KiB"),
        ValueFault::TooLongForCmd => {
            tr!(lang, "cmd reads at most 8191 characters a line", "cmd 每行最多读取 8191 个字符")
        }
        ValueFault::Char(c) => holds(c, lang),
    }
}

fn subshell(fault: &SubshellFault, lang: Lang) -> String {
    match fault {
        SubshellFault::NoTerminal { .. } => tr!(
            lang,
            "a sub-shell needs a terminal for its input, output and errors",
            "子 shell 的输入、输出和错误输出都需要终端"
        ),
        SubshellFault::Inside { outer, .. } => tr!(
            lang,
            "this is a sub-shell already (dctx shell {outer}), and none is started within another",
            "当前已是子 shell（dctx shell {outer}），不会再嵌套启动"
        ),
        SubshellFault::OtherShell { outer, shell } => tr!(
            lang,
            "this is a sub-shell already (dctx shell {outer}), and it cannot become {shell}",
            "当前已是子 shell（dctx shell {outer}），无法变为 {shell}"
        ),
    }
}
