//! The whole command to type after an error that is about one word of the line: the same line, with that word put right.

use std::ffi::OsString;

use super::{Line, replaced, whole};
use crate::cmd::Ctx;
use crate::error::{CertFault, Error, Hint, MakeFault, ProfileFault};
use crate::store::parse;
use crate::tr;

/// The advice for `error` on this command line; `None` where the error's own is better.
#[must_use]
pub fn hints(ctx: &Ctx<'_>, args: &[OsString], error: &Error) -> Option<Vec<Hint>> {
    let lang = ctx.out.lang;
    let line = || Line::read(ctx, args);
    match error {
        Error::UnknownShell { name, known } => Some(shell(&line(), Some(name), known)),
        Error::NoShell { known } => Some(shell(&line(), None, known)),
        Error::OtherShell { said, found } => {
            let one = |name: &str, say| Hint::run(say, with(&line(), &["--shell", name]));
            Some(vec![
                one(found, tr!(lang, "for {found}", "输出给 {found}")),
                one(said, tr!(lang, "for {said}", "输出给 {said}")),
            ])
        }
        Error::NoUniversal(_) => {
            let line = line();
            let kept = line.words.iter().map(|word| match word.as_str() {
                "-U" | "--universal" => "--session".to_owned(),
                _ => word.clone(),
            });
            let say = tr!(lang, "for this shell alone", "只用于当前 shell");
            Some(vec![Hint::run(say, whole(kept))])
        }
        Error::Value(ProfileFault::Endpoint { input, write: Some(write), .. }) => {
            let line = line();
            let words = replaced(&line.words, input, write);
            // Only where it stands on the line as it is quoted in the message.
            line.words
                .iter()
                .any(|word| word.ends_with(input.as_str()))
                .then(|| vec![line.typed(whole(words))])
        }
        Error::CertValue { fault, .. } => files(&line(), fault),
        Error::Make(MakeFault::NoPassphrase(_)) => {
            let line = line();
            let mut hints = vec![Hint::run(
                tr!(lang, "to let a command print it", "用命令输出口令"),
                with(&line, &["--ca-key-command", "pass show docker/ca"]),
            )];
            if line.command.get_arguments().any(|arg| arg.get_id() == "no_passphrase") {
                let say = tr!(lang, "or, for a new CA, without one", "新的 CA 也可以不用口令");
                hints.push(Hint::run(say, with(&line, &["--no-passphrase"])));
            }
            Some(hints)
        }
        Error::Make(MakeFault::Unkept { passphrase, .. }) => {
            let line = line();
            let (words, say) = match passphrase {
                true => (
                    line.words
                        .iter()
                        .filter(|word| *word != "--keep-passphrase")
                        .cloned()
                        .collect(),
                    tr!(lang, "to type it each time", "每次输入口令"),
                ),
                false => (
                    replaced(&line.words, "keyring", "file").collect::<Vec<_>>(),
                    tr!(
                        lang,
                        "to keep the key in a file that you alone can read",
                        "把私钥写入仅你可读的文件"
                    ),
                ),
            };
            Some(vec![Hint::run(say, whole(words))])
        }
        _ => None,
    }
}

/// The line with more words: in front of a `--`, else at its end.
fn with(line: &Line<'_>, more: &[&str]) -> String {
    let at = line.words.iter().position(|word| word == "--").unwrap_or(line.words.len());
    let (before, after) = line.words.split_at(at);
    let more = more.iter().map(|word| (*word).to_owned());
    whole(before.iter().cloned().chain(more).chain(after.iter().cloned()))
}

/// The shells that there are, and the line with one of them.
fn shell(line: &Line<'_>, wrong: Option<&str>, known: &[&'static str]) -> Vec<Hint> {
    let lang = line.lang();
    let list = known.join(&tr!(lang, ", ", "、"));
    let near = wrong.and_then(|wrong| parse::nearest(wrong, known)).unwrap_or("bash");
    let named = |wrong: &&str| {
        line.words.iter().any(|word| word == wrong || word.strip_prefix("--shell=") == Some(*wrong))
    };
    let run = match wrong.filter(named) {
        Some(wrong) => whole(replaced(&line.words, wrong, near)),
        None => with(line, &["--shell", near]),
    };
    vec![
        Hint::say(tr!(lang, "supported shells: {list}", "支持的 shell：{list}")),
        Hint::run(tr!(lang, "name it", "请指定"), run),
    ]
}

/// Where a file of certificates is wanted and a directory stands, or the other way round. Only one of the flags is on the
/// line, or it is not known which is meant.
fn files(line: &Line<'_>, fault: &CertFault) -> Option<Vec<Hint>> {
    let lang = line.lang();
    let is = |word: &str, flag: &str| word == flag || word.starts_with(&format!("{flag}="));
    let flags = ["--certs", "--ca", "--cert", "--key"];
    let mut at = (0..line.words.len()).filter(|at| {
        line.words.get(*at).is_some_and(|word| flags.iter().any(|flag| is(word, flag)))
    });
    let (Some(at), None) = (at.next(), at.next()) else { return None };
    let flag = line.words.get(at)?;
    let (name, value) = match flag.split_once('=') {
        Some((name, value)) => (name, value.to_owned()),
        None => (flag.as_str(), line.words.get(at + 1)?.clone()),
    };
    let after = at + if flag.contains('=') { 1 } else { 2 };
    let (say, new) = match (name, fault) {
        (
            "--certs",
            CertFault::Missing
            | CertFault::NoCerts
            | CertFault::NotADirectory
            | CertFault::Alone { .. },
        ) => (
            tr!(
                lang,
                "docker reads ca.pem, cert.pem and key.pem; where they are called otherwise",
                "docker 读取 ca.pem、cert.pem 和 key.pem；文件名不同时"
            ),
            ["--ca", "FILE", "--cert", "FILE", "--key", "FILE"].map(str::to_owned).to_vec(),
        ),
        ("--ca" | "--cert" | "--key", CertFault::NotAFile) => {
            (tr!(lang, "for a directory", "如果是目录"), vec!["--certs".to_owned(), value])
        }
        _ => return None,
    };
    let before = line.words.iter().take(at).cloned();
    let run = whole(before.chain(new).chain(line.words.iter().skip(after).cloned()));
    Some(vec![Hint::run(say, run)])
}
