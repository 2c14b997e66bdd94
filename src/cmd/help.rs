//! The pages of `--help` and `dctx help`, in English and Chinese. clap lays them out; dctx's own page lists the commands
//! by what they are for.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory as _};

use crate::cli::{Cli, SECTIONS, zh};
use crate::error::Lang;
use crate::tr;

/// The command line with `help VERB…` written as `VERB… --help`; any other as it is.
#[must_use]
pub fn asked(mut args: Vec<OsString>) -> Vec<OsString> {
    let flag = |arg: &&OsString| arg.as_encoded_bytes().starts_with(b"-");
    let at = 1 + args.iter().skip(1).take_while(flag).count();
    if args.get(at).is_some_and(|word| word == "help") {
        args.remove(at);
        // `help help` and `help --help` are this page, too.
        args.retain(|word| word != "help" && word != "--help" && word != "-h");
        args.push("--help".into());
    }
    args
}

/// The page that a command line asks for; `color`: with colour.
#[must_use]
pub fn page(args: &[OsString], lang: Lang, color: bool) -> String {
    let page = match tree(lang).try_get_matches_from(args) {
        Ok(_) => String::new(),
        Err(error) if color => error.render().ansi().to_string(),
        Err(error) => error.render().to_string(),
    };
    // clap ends every heading with its own colon.
    match lang {
        Lang::En => page,
        Lang::Zh => HEADINGS.iter().fold(page, |page, heading| {
            page.replace(&format!("{heading}:"), &format!("{heading}："))
        }),
    }
}

/// The headings of the Chinese pages.
const HEADINGS: [&str; 4] = ["命令", "参数", "通用选项", "选项"];

/// The definition of the command line as its pages show it.
#[must_use]
pub fn tree(lang: Lang) -> Command {
    let mut root = Cli::command();
    root.build();
    let sections = sections(&root, lang);
    let root = words(root, "", lang);
    let about = tr!(
        lang,
        "point this shell at a remote Docker host, and back",
        "让当前 shell 指向远程 Docker 主机，并能切回本地"
    );
    let usage = tr!(lang, "Usage: {{usage}}", "用法：{{usage}}");
    let (examples, options) = (examples(lang), tr!(lang, "Options:", "选项："));
    root.help_template(format!(
        "dctx {}: {about}\n\n{usage}\n\n{sections}{options}\n{{options}}\n\n{examples}",
        env!("CARGO_PKG_VERSION")
    ))
}

/// The commands by what they are for.
fn sections(root: &Command, lang: Lang) -> String {
    let width = root.get_subcommands().map(|verb| verb.get_name().len()).max().unwrap_or_default();
    let mut out = String::new();
    for (title, title_zh, verbs) in SECTIONS {
        out.push_str(match lang {
            Lang::En => title,
            Lang::Zh => title_zh,
        });
        out.push_str(match lang {
            Lang::En => ":\n",
            Lang::Zh => "：\n",
        });
        for name in *verbs {
            let about = match root.find_subcommand(name) {
                Some(verb) => short(&about(verb, name, lang)),
                None => {
                    tr!(lang, "show this page, or that of a command", "显示本页，或某个命令的帮助")
                }
            };
            out.push_str(&format!("  {name:width$}  {about}\n"));
        }
        out.push('\n');
    }
    out
}

/// The first part of a line about a command: its own page has all of it.
fn short(about: &str) -> String {
    let first = about.split([';', '；']).next().unwrap_or_default();
    match first.split_once([':', '：']) {
        Some((head, _)) if first.len() > 60 => head.to_owned(),
        _ => first.to_owned(),
    }
}

fn about(verb: &Command, path: &str, lang: Lang) -> String {
    let english = || verb.get_about().map(ToString::to_string).unwrap_or_default();
    match lang {
        Lang::En => english(),
        Lang::Zh => zh::about(path).map_or_else(english, ToOwned::to_owned),
    }
}

fn examples(lang: Lang) -> String {
    tr!(
        lang,
        "Examples:\n  dctx add coreos tcp://192.168.57.110:2376 --certs ~/test\n  eval \"$(dctx use coreos)\"      fish: dctx use coreos | source\n  docker info\n  eval \"$(dctx reset)\"           back to local docker\n\nExit codes:\n  0 done, 1 other, 2 usage, 3 no such profile,\n  4 profile, file or certificate not valid, 5 not reached,\n  6 TLS or identity, 7 refused by a guard; exec and shell:\n  the child's own, 125 dctx itself, 126 and 127 as env(1)\n\nMore about a command: dctx help use\n",
        "示例：\n  dctx add coreos tcp://192.168.57.110:2376 --certs ~/test\n  eval \"$(dctx use coreos)\"      fish：dctx use coreos | source\n  docker info\n  eval \"$(dctx reset)\"           切回本地 docker\n\n退出码：\n  0 完成，1 其他，2 用法错误，3 没有该主机配置，\n  4 主机配置、文件或证书无效，5 无法连接，6 TLS 或身份，\n  7 被保护机制拒绝；exec 和 shell：子进程的退出码，\n  125 表示 dctx 自身失败，126 和 127 与 env(1) 相同\n\n某个命令的详细说明：dctx help use\n"
    )
}

/// A definition of the command line, or a part of one that begins at its root, with the words of `lang`: what completion
/// says of verbs and flags.
#[must_use]
pub fn told(mut root: Command, lang: Lang) -> Command {
    // clap adds its own flags, which are told like ours
    root.build();
    words(root, "", lang)
}

/// The command at `path` and all below it with the words of `lang`.
fn words(command: Command, path: &str, lang: Lang) -> Command {
    let below: Vec<String> =
        command.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    let mut command = command;
    for name in below {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command = command.mut_subcommand(&name, |verb| words(verb, &path, lang));
    }
    if lang == Lang::En {
        return command;
    }
    if let Some(text) = zh::about(path) {
        command = command.about(text);
    }
    if let Some(text) = zh::text(path, "after") {
        command = command.after_help(text);
    }
    let own = path.to_owned();
    command
        .mut_args(move |arg| argument(arg, &own))
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .help_template("{about}\n\n用法：{usage}\n\n{all-args}{after-help}")
}

/// An argument with its Chinese text, under the heading of its kind.
fn argument(arg: Arg, path: &str) -> Arg {
    let id = arg.get_id().to_string();
    let heading = match arg.get_help_heading() {
        Some(_) => "通用选项",
        None if arg.is_positional() => "参数",
        None => "选项",
    };
    let default = arg.get_default_values().first().and_then(|value| value.to_str());
    let text = zh::text(path, &id).map(|text| match default {
        Some(value) if arg.get_action().takes_values() => format!("{text} [默认：{value}]"),
        _ => text.to_owned(),
    });
    let arg = arg.help_heading(heading).hide_default_value(true).hide_possible_values(true);
    match text {
        Some(text) => arg.help(StyledStr::from(text)),
        None => arg,
    }
}
