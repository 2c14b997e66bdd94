//! What is wrong with a certificate file, and what to do about it, in words.

use std::path::Path;

use super::text::reason;
use super::{CertFault, Hint, Lang};
use crate::tr;

/// One sentence about `path`.
pub(super) fn message(fault: &CertFault, path: &str, lang: Lang) -> String {
    match fault {
        CertFault::Missing => tr!(lang, "{path} does not exist", "{path} 不存在"),
        CertFault::NoCerts => tr!(
            lang,
            "no certificates in {path}: no ca.pem, and no cert.pem with key.pem, nor files with similar names",
            "{path} 中没有证书：既没有 ca.pem，也没有 cert.pem 和 key.pem 之类的文件"
        ),
        CertFault::NotADirectory => tr!(lang, "{path} is not a directory", "{path} 不是目录"),
        CertFault::NotAFile => tr!(lang, "{path} is not a file", "{path} 不是文件"),
        CertFault::Unreadable(why) => {
            let why = reason(&(*why).into(), lang);
            tr!(lang, "cannot read {path}: {why}", "无法读取 {path}：{why}")
        }
        CertFault::Exposed(mode) => tr!(
            lang,
            "the key {path} is readable by others (mode {mode:04o})",
            "私钥 {path} 可被他人读取（权限 {mode:04o}）"
        ),
        CertFault::Writable(mode) => tr!(
            lang,
            "{path} is writable by others (mode {mode:04o}): they could put another CA there",
            "{path} 可被他人写入（权限 {mode:04o}）：他人可以替换 CA"
        ),
        CertFault::Alone { missing } => {
            let missing = missing.display();
            tr!(
                lang,
                "{path} is there but {missing} is not: docker would silently send no client certificate",
                "有 {path} 但没有 {missing}：docker 会悄悄地不发送客户端证书"
            )
        }
        CertFault::NoSystemBundle => tr!(
            lang,
            "no file with the system's CA certificates, such as {path}",
            "找不到系统 CA 证书文件，例如 {path}"
        ),
    }
}

/// For a file of the profile `profile`; `layer` is the read-only file that defines it, if one does.
pub(super) fn hints(
    profile: &str,
    layer: Option<&Path>,
    path: &str,
    fault: &CertFault,
    lang: Lang,
) -> Vec<Hint> {
    let quoted = shell_words::quote(path);
    let other = || match layer.map(Path::display) {
        None => Hint::run(
            tr!(lang, "name another directory", "指定其他目录"),
            format!("dctx edit {profile} --certs DIR"),
        ),
        Some(file) => Hint::say(tr!(
            lang,
            "put it there, or name another one in {file} where that comes from",
            "请补上该文件，或在 {file} 的来源处改用其他证书"
        )),
    };
    match fault {
        CertFault::Missing
        | CertFault::NoCerts
        | CertFault::NotADirectory
        | CertFault::NotAFile
        | CertFault::Alone { .. } => vec![other()],
        CertFault::Unreadable(_) => {
            vec![Hint::run(tr!(lang, "look at it", "查看"), format!("ls -l {quoted}")), other()]
        }
        // Somebody else says which file it is: what it is comes before a change of its mode.
        CertFault::Exposed(_) | CertFault::Writable(_) if layer.is_some() => {
            let mode = if matches!(fault, CertFault::Exposed(_)) { "0400" } else { "go-w" };
            vec![
                Hint::run(tr!(lang, "look at it", "查看"), format!("ls -ld {quoted}")),
                Hint::run(
                    tr!(
                        lang,
                        "if the file is yours and meant for this",
                        "如果它是你的，且确为此用途"
                    ),
                    format!("chmod {mode} {quoted}"),
                ),
            ]
        }
        CertFault::Exposed(_) | CertFault::Writable(_) | CertFault::NoSystemBundle => {
            advice(path, fault, lang)
        }
    }
}

/// For a file named on the command line.
pub(super) fn advice(path: &str, fault: &CertFault, lang: Lang) -> Vec<Hint> {
    let quoted = shell_words::quote(path);
    match fault {
        CertFault::Missing
        | CertFault::NoCerts
        | CertFault::NotADirectory
        | CertFault::Alone { .. } => {
            vec![Hint::say(tr!(
                lang,
                "docker reads ca.pem, cert.pem and key.pem; other names one by one: --ca FILE --cert FILE --key FILE",
                "docker 读取 ca.pem、cert.pem 和 key.pem；其他文件名请逐个指定：--ca FILE --cert FILE --key FILE"
            ))]
        }
        CertFault::NotAFile => vec![Hint::say(tr!(
            lang,
            "a directory is named by --certs DIR",
            "目录请用 --certs DIR 指定"
        ))],
        CertFault::Unreadable(_) => {
            vec![Hint::run(tr!(lang, "look at it", "查看"), format!("ls -l {quoted}"))]
        }
        CertFault::Exposed(_) => {
            vec![Hint::run(tr!(lang, "close it", "收紧权限"), format!("chmod 0400 {quoted}"))]
        }
        CertFault::Writable(_) => vec![
            Hint::run(tr!(lang, "close it", "收紧权限"), format!("chmod go-w {quoted}")),
            Hint::say(tr!(
                lang,
                "on a file system without modes: strict-modes = false under [settings]",
                "文件系统没有权限位时：在 [settings] 下写 strict-modes = false"
            )),
        ],
        CertFault::NoSystemBundle => vec![Hint::say(tr!(
            lang,
            "install ca-certificates, or set SSL_CERT_FILE",
            "请安装 ca-certificates，或设置 SSL_CERT_FILE"
        ))],
    }
}
