//! What was probably meant by words that other programs take, or that people guess.

use super::{Line, in_shell, whole};
use crate::cmd::Ctx;
use crate::error::Hint;
use crate::store::{Store, parse};
use crate::tr;

/// Commands that people guess, and ours.
const COMMANDS: &[(&str, &[&str])] = &[
    ("rm", &["delete", "del", "erase", "destroy", "unlink", "drop"]),
    (
        "use",
        &[
            "switch", "set", "select", "activate", "connect", "checkout", "enter", "load", "to",
            "goto", "go", "on", "point", "start", "open",
        ],
    ),
    ("current", &["status", "which", "where", "whoami", "active", "now", "state", "who"]),
    ("check", &["test", "ping", "verify", "diagnose", "debug", "health", "validate", "lint"]),
    ("exec", &["run", "with", "do"]),
    ("show", &["inspect", "info", "get", "describe", "cat", "view"]),
    ("add", &["create", "new", "register"]),
    ("edit", &["update", "change", "modify", "config", "configure", "settings"]),
    ("rename", &["move", "ren"]),
    ("ls", &["profiles", "hosts", "contexts", "all", "ps", "machines", "nodes"]),
    (
        "reset",
        &[
            "unset",
            "unuse",
            "deactivate",
            "disconnect",
            "none",
            "local",
            "default",
            "clear",
            "exit",
        ],
    ),
    ("shell", &["subshell", "sh", "spawn", "bash", "zsh", "ssh", "attach"]),
    ("cert", &["certs", "certificate", "certificates", "tls", "ca", "key", "mkcert", "gen-certs"]),
    ("server", &["setup", "install", "provision", "host", "remote", "daemon"]),
    ("explain", &["why", "error", "what"]),
    ("undo", &["revert", "rollback", "redo"]),
    ("init", &["hook", "integrate", "prompt", "shellenv"]),
    ("completions", &["completion", "complete", "autocomplete"]),
];

/// Commands under which docker and others have theirs: `context use`, `profile list`.
const GROUPS: [&str; 5] = ["context", "ctx", "profile", "machine", "docker-machine"];

/// Commands that take something away: only a slip of the finger leads there, never a likeness.
const TAKING: [&str; 6] = ["rm", "remove", "reset", "off", "undo", "mv"];

/// Whether `word` is `near` with a slip or two of the finger.
fn is_slip(word: &str, near: &str) -> bool {
    let most = if word.len() <= 4 || TAKING.contains(&near) { 1 } else { 2 };
    strsim::osa_distance(word, near) <= most
}

/// Flags of docker and of others, and ours.
const FLAGS: &[(&str, &[&str])] = &[
    ("--ca", &["--tlscacert", "--cacert", "--ca-cert", "--cafile"]),
    ("--cert", &["--tlscert", "--client-cert"]),
    ("--key", &["--tlskey", "--client-key"]),
    (
        "--certs",
        &["--cert-path", "--cert-dir", "--certs-dir", "--certdir", "--tls-dir", "--certificates"],
    ),
    ("--description", &["--desc", "--comment", "--message"]),
    ("--tag", &["--tags", "--label"]),
    ("--dir", &["--dirs", "--directory"]),
    ("--yes", &["--assume-yes"]),
    ("--universal", &["--global", "--permanent"]),
    ("--session", &["--local"]),
    ("--for", &["--duration", "--time", "--ttl"]),
];

/// The answer to a word where a command stands.
pub(super) fn command(line: &Line<'_>, word: &str) -> (String, Vec<Hint>) {
    let lang = line.lang();
    let at = line.words.iter().position(|one| one == word).unwrap_or_default();
    let rest = || line.words.get(at + 1..).unwrap_or_default().iter().cloned();
    let with = |verb: &str| line.whole(std::iter::once(verb.to_owned()).chain(rest()));
    let visible: Vec<&str> = line
        .command
        .get_subcommands()
        .filter(|verb| !verb.is_hide_set())
        .flat_map(|verb| std::iter::once(verb.get_name()).chain(verb.get_all_aliases()))
        .collect();
    let root = line.path.is_empty();
    let mut hints = Vec::new();
    let first = line.words.get(at + 1).map(String::as_str);
    if root && word == "docker" {
        let run = whole(
            ["exec", "NAME", "--"]
                .map(ToOwned::to_owned)
                .into_iter()
                .chain([word.to_owned()])
                .chain(rest()),
        );
        hints.push(Hint::run(
            tr!(lang, "docker, once on a profile", "在某个主机配置上运行 docker"),
            run,
        ));
    } else if root && GROUPS.contains(&word) && first.is_some_and(|first| visible.contains(&first))
    {
        let run = line.whole(rest());
        hints.push(line.typed(match first {
            Some("use" | "reset") => in_shell(line.ctx, &run),
            _ => run,
        }));
    } else if root && word == "version" {
        hints.push(line.typed("dctx --version".to_owned()));
    } else if root
        && let Some((ours, _)) = COMMANDS.iter().find(|(_, theirs)| theirs.contains(&word))
    {
        let run = match *ours {
            "exec" => command_of_exec(line, rest().collect()),
            ours @ ("init" | "completions") if rest().next().is_none() => {
                format!("{} SHELL", with(ours))
            }
            ours => with(ours),
        };
        hints.push(line.typed(match *ours {
            "use" | "reset" => in_shell(line.ctx, &run),
            _ => run,
        }));
    }
    // Names are what people type first; only a command is missing.
    if root && is_profile(line.ctx, word) {
        let run = whole(
            line.global().iter().cloned().chain(["use".to_owned(), word.to_owned()]).chain(rest()),
        );
        let say = tr!(lang, "{word} is a profile; to use it", "{word} 是主机配置；使用它");
        hints.push(Hint::run(say, in_shell(line.ctx, &run)));
    }
    // A command of cert, without cert.
    if root
        && hints.is_empty()
        // who copies a profile means no certificates
        && word != "copy"
        && line
            .command
            .find_subcommand("cert")
            .is_some_and(|cert| cert.find_subcommand(word).is_some())
    {
        hints.push(
            line.typed(
                with(&format!("cert {word}"))
                    .replace(&format!("'cert {word}'"), &format!("cert {word}")),
            ),
        );
    }
    if hints.is_empty()
        && let Some(near) = parse::nearest(word, &visible).filter(|near| is_slip(word, near))
    {
        let run = with(near);
        hints.push(line.typed(match near {
            "use" | "reset" if root => in_shell(line.ctx, &run),
            _ => run,
        }));
    }
    let all = tr!(lang, "all commands", "全部命令");
    hints.push(Hint::run(
        all,
        if root { "dctx help".to_owned() } else { format!("dctx help {}", line.name()) },
    ));
    let message = match root {
        true => tr!(lang, "there is no command \"{word}\"", "没有 \"{word}\" 命令"),
        false => {
            let name = line.name();
            tr!(lang, "{name} has no command \"{word}\"", "{name} 没有 \"{word}\" 命令")
        }
    };
    (message, hints)
}

/// `exec NAME -- COMMAND`, from words without the dashes.
fn command_of_exec(line: &Line<'_>, words: Vec<String>) -> String {
    let has = words.iter().any(|word| word == "--");
    let at = words.iter().position(|word| !word.starts_with('-')).map_or(words.len(), |at| at + 1);
    let mut words = words;
    if !has && at < words.len() {
        words.insert(at, "--".to_owned());
    }
    line.whole(std::iter::once("exec".to_owned()).chain(words))
}

/// What stands for the value of this flag in the help, for one that needs a value.
fn value_name(line: &Line<'_>, flag: &str) -> Option<String> {
    let long = flag.strip_prefix("--")?;
    let arg = line.command.get_arguments().find(|arg| arg.get_long() == Some(long))?;
    let needs =
        arg.get_action().takes_values() && arg.get_num_args().is_none_or(|n| n.min_values() > 0);
    needs.then(|| arg.get_value_names()?.first().map(ToString::to_string)).flatten()
}

/// The answer to a flag, or to one word too many.
pub(super) fn argument(line: &Line<'_>, flag: &str) -> (String, Vec<Hint>) {
    let (lang, name) = (line.lang(), line.name());
    // The word behind a flag that use takes for a name.
    let unknown = |word: &&String| word.len() > 1 && word.starts_with('-') && !is_flag(line, word);
    if name == "use"
        && !flag.starts_with('-')
        && let Some(first) = line.own().iter().find(unknown)
    {
        return argument(line, first.split('=').next().unwrap_or_default());
    }
    if !flag.starts_with('-') {
        // Everything that exec is to run stands behind a --.
        if name == "exec" && !line.words.iter().any(|word| word == "--") {
            let own = line.own();
            let at = own.iter().position(|word| word == flag).unwrap_or_default();
            let words = own
                .iter()
                .take(at)
                .cloned()
                .chain(["--".to_owned()])
                .chain(own.iter().skip(at).cloned());
            return (
                tr!(lang, "the command to run goes after a --", "exec 要运行的命令写在 -- 之后"),
                vec![line.typed(line.whole(words))],
            );
        }
        return (
            tr!(lang, "{name} does not take \"{flag}\"", "{name} 不接受 \"{flag}\""),
            vec![line.help()],
        );
    }
    let message = tr!(lang, "{name} has no flag {flag}", "{name} 没有 {flag} 选项");
    let flags: Vec<String> = line
        .command
        .get_arguments()
        .filter_map(|arg| arg.get_long().map(|long| format!("--{long}")))
        .collect();
    let hints = host_flag(line, flag).or_else(|| {
        let known: Vec<&str> = flags.iter().map(String::as_str).collect();
        let ours =
            FLAGS.iter().find(|(ours, theirs)| theirs.contains(&flag) && known.contains(ours));
        // A short flag is like any other.
        let near = ours.map(|(ours, _)| *ours).or_else(|| {
            let likeness = |near: &&str| {
                parse::likeness(flag.trim_start_matches('-'), near.trim_start_matches('-'))
            };
            parse::nearest(flag, &known).filter(|near| flag.len() > 2 && likeness(near) > 0.85)
        })?;
        let mut words: Vec<String> = line
            .own()
            .iter()
            .map(|word| match word.strip_prefix(flag) {
                Some("") => near.to_owned(),
                Some(rest) if rest.starts_with('=') => format!("{near}{rest}"),
                _ => word.clone(),
            })
            .collect();
        // A flag that needs a value, and stands last, gets what stands for one.
        if words.last().is_some_and(|last| last == near) {
            words.extend(value_name(line, near));
        }
        Some(vec![line.typed(line.whole(words))])
    });
    let mut hints = hints.unwrap_or_default();
    hints.push(line.help());
    (message, hints)
}

/// Whether a word is a flag of the command, with or without a value.
fn is_flag(line: &Line<'_>, word: &str) -> bool {
    let flag = word.split('=').next().unwrap_or_default();
    line.command.get_arguments().any(|arg| {
        arg.get_long().is_some_and(|long| flag == format!("--{long}"))
            || arg.get_short().is_some_and(|short| flag.starts_with(&format!("-{short}")))
    })
}

/// `-H tcp://…` and `--host tcp://…`, as docker has them: a host gets a name first.
fn host_flag(line: &Line<'_>, flag: &str) -> Option<Vec<Hint>> {
    let verb = line.path.first().map(String::as_str);
    if !["-H", "--host", "--url", "--address", "--endpoint"].contains(&flag)
        || !matches!(verb, None | Some("use" | "add" | "exec" | "shell" | "check"))
    {
        return None;
    }
    let (mut host, mut rest) = (None, Vec::new());
    let mut words =
        line.own().iter().chain(line.path.is_empty().then_some(&line.words).into_iter().flatten());
    while let Some(word) = words.next() {
        match word.strip_prefix(flag) {
            Some("") => host = host.or_else(|| words.next().cloned()),
            Some(value) => host = host.or_else(|| Some(value.trim_start_matches('=').to_owned())),
            None if !word.starts_with('-') => rest.push(word.clone()),
            None => {}
        }
    }
    // Without a command the other words are docker's.
    let name = rest
        .into_iter()
        .find(|word| verb.is_some() && !is_host(word))
        .unwrap_or_else(|| "NAME".to_owned());
    let host = host.unwrap_or_else(|| "HOST".to_owned());
    let run = whole(["add".to_owned(), name, host]);
    let say = match verb {
        Some("add") => tr!(line.lang(), "type", "请输入"),
        _ => tr!(line.lang(), "give it a name first", "请先为它命名"),
    };
    Some(vec![Hint::run(say, run)])
}

/// `add HOST NAME`.
pub(super) fn swapped(line: &Line<'_>, host: &str, name: &str) -> (String, Vec<Hint>) {
    let words = line.own().iter().map(|word| match word {
        word if word == host => name.to_owned(),
        word if word == name => host.to_owned(),
        word => word.clone(),
    });
    let message =
        tr!(line.lang(), "add takes the name first, then the host", "add 先写名称，再写主机地址");
    (message, vec![line.typed(line.whole(words))])
}

/// `--cert DIR`.
pub(super) fn cert_is_a_directory(line: &Line<'_>, dir: &str) -> (String, Vec<Hint>) {
    let words = line.own().iter().map(|word| match word.as_str() {
        "--cert" => "--certs".to_owned(),
        word => word
            .strip_prefix("--cert=")
            .map_or_else(|| word.to_owned(), |dir| format!("--certs={dir}")),
    });
    let message = tr!(
        line.lang(),
        "{dir} is a directory, and --cert takes one file",
        "{dir} 是目录，而 --cert 需要单个文件"
    );
    (message, vec![line.typed(line.whole(words))])
}

/// Whether a word is a host and cannot be a name.
pub(super) fn is_host(word: &str) -> bool {
    word.contains("://") || word.contains(':') || word.contains('@') || word.contains('/')
}

/// Whether a path is a directory; `~` stands for home.
pub(super) fn is_dir(ctx: &Ctx<'_>, path: &str) -> bool {
    let expanded = match (path.strip_prefix("~/"), ctx.env.home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => path.into(),
    };
    expanded.is_dir()
}

/// Whether there is a profile of that name, as far as the file can be read.
fn is_profile(ctx: &Ctx<'_>, name: &str) -> bool {
    Store::load(ctx.env).is_ok_and(|store| store.entry(name).is_ok())
}
