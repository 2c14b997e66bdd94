//! Words for certificate and key files on this machine.

use std::path::Path;

use super::Words;
use super::mend;
use super::with::{With, of_windows, word};
use crate::check::diagnosis::Found;
use crate::error::{Hint, NotPem, Wanted};
use crate::tr;

/// To name another directory, and to copy again.
fn elsewhere(with: &With<'_>) -> Hint {
    let say = tr!(with.lang, "name another directory", "指定其他目录");
    with.change(say, None, &["--certs", "DIR"])
}

fn again(with: &With<'_>) -> Hint {
    let (lang, file) = (with.lang, with.path("the file"));
    Hint::say(match with.facts.path {
        Some(_) => {
            tr!(lang, "copy {file} again from where it was made", "从生成 {file} 的地方重新复制")
        }
        None => {
            tr!(lang, "copy the file again from where it was made", "从生成该文件的地方重新复制")
        }
    })
}

/// What the file is instead, as the end of a sentence.
fn found(with: &With<'_>) -> Option<String> {
    let lang = with.lang;
    let text = match with.facts.found.as_ref()? {
        Found::File(what) => what.text(lang),
        Found::Directory => tr!(lang, "it is a directory", "它是一个目录"),
        Found::Html => tr!(lang, "it is a web page", "它是一个网页"),
        Found::Label(label) => tr!(lang, "it contains {label}", "其中是 {label}"),
        Found::Garbage => NotPem::Garbage.text(lang),
        Found::Ssh(_) | Found::Http { .. } | Found::Closed | Found::Reset => return None,
    };
    Some(text)
}

pub(super) fn key_mismatch(with: &With<'_>) -> Words {
    let (lang, key, cert) = (with.lang, with.path("key.pem"), with.other("cert.pem"));
    let cause =
        tr!(lang, "{key} does not belong to the certificate {cert}", "{key} 不是 {cert} 的私钥");
    let mut fixes = vec![
        with.change(
            tr!(lang, "name the key that belongs to it", "指定与之匹配的私钥"),
            None,
            &["--key", "FILE"],
        ),
        Hint::run(
            tr!(
                lang,
                "its public key; the right one has the same",
                "查看公钥，匹配的私钥应与之相同"
            ),
            format!(
                "openssl x509 -in {} -noout -pubkey",
                word(with.facts.other.as_deref(), "cert.pem")
            ),
        ),
        Hint::run(
            tr!(lang, "that of the key", "查看私钥对应的公钥"),
            format!("openssl pkey -in {} -pubout", word(with.facts.path.as_deref(), "key.pem")),
        ),
    ];
    fixes.extend(mend::client_certificate(with));
    (cause, fixes)
}

pub(super) fn pair_swapped(with: &With<'_>) -> Words {
    let (lang, cert, key) = (with.lang, with.path("cert.pem"), with.other("key.pem"));
    let cause = tr!(
        lang,
        "certificate and key are swapped: {cert} contains the key, {key} the certificate",
        "证书和私钥放反了：{cert} 中是私钥，{key} 中是证书"
    );
    let fix = match (&with.facts.path, &with.facts.other) {
        (Some(cert), Some(key)) => {
            let (cert, key) = (cert.display().to_string(), key.display().to_string());
            let say = tr!(lang, "name each as what it is", "按实际内容指定");
            with.change(say, None, &["--cert", &key, "--key", &cert])
        }
        _ => Hint::say(tr!(
            lang,
            "exchange the names of {cert} and {key}",
            "交换 {cert} 和 {key} 的文件名"
        )),
    };
    (cause, vec![fix])
}

/// Which flag names a file, by what it is called.
fn flag(path: Option<&Path>) -> &'static str {
    let name = path.and_then(Path::file_name).map(|name| name.to_string_lossy().to_lowercase());
    match name {
        Some(name) if name.contains("key") => "--key",
        Some(name) if name.starts_with("ca") => "--ca",
        _ => "--cert",
    }
}

/// To make PEM of a file, and to name what comes of it.
fn converted(with: &With<'_>, what: &NotPem, path: &Path) -> Vec<Hint> {
    let flag = flag(Some(path));
    let wanted = match flag {
        "--ca" => Wanted::Ca,
        "--key" => Wanted::Key,
        _ => Wanted::Cert,
    };
    let mut fixes = what.fixes(wanted, path, with.lang);
    if fixes.iter().any(|fix| fix.run.is_some()) {
        let made = what.made(wanted, path).display().to_string();
        let say = tr!(with.lang, "and name that file", "然后指定该文件");
        fixes.push(with.change(say, None, &[flag, &made]));
    }
    fixes
}

/// A look at the directory of a file, with the command of the system that the path is of.
fn look_around(with: &With<'_>, path: &Path) -> Option<Hint> {
    let text = path.display().to_string();
    let say = tr!(with.lang, "see what is there", "查看目录内容");
    if of_windows(&text) {
        let (dir, _) = text.rsplit_once(['\\', '/'])?;
        return Some(Hint::run(say, shell_words::join(["Get-ChildItem", dir])));
    }
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty())?;
    Some(Hint::run(say, format!("ls -la {}", word(Some(dir), "."))))
}

/// What is odd about the directory that DOCKER_CERT_PATH must have named, where a path shows it.
fn misplaced(with: &With<'_>, path: &Path) -> Option<String> {
    let (lang, text) = (with.lang, path.display().to_string());
    let first = text.split('/').next().unwrap_or_default();
    if matches!(first, "undefined" | "null" | "None" | "nil") {
        return Some(tr!(
            lang,
            "DOCKER_CERT_PATH is the word {first}, which a program wrote because it had no value",
            "DOCKER_CERT_PATH 的值是 {first}，由某个程序在没有值时写入"
        ));
    }
    if ["tcp:", "http:", "https:", "ssh:", "unix:"].contains(&first) {
        return Some(tr!(
            lang,
            "DOCKER_CERT_PATH has an address in it, and should name a directory",
            "DOCKER_CERT_PATH 的值是一个地址，而它应当是目录"
        ));
    }
    if first.starts_with('~') {
        return Some(tr!(
            lang,
            "docker does not replace ~ by the home directory",
            "docker 不会把 ~ 替换为主目录"
        ));
    }
    let relative = !first.is_empty() && !of_windows(&text) && text.contains('/');
    relative.then(|| {
        tr!(
            lang,
            "that is relative to the directory in which docker runs",
            "这是相对路径，取决于 docker 的当前目录"
        )
    })
}

pub(super) fn cert_missing(with: &With<'_>) -> Words {
    let lang = with.lang;
    let (path, other) = (with.facts.path.as_deref(), with.facts.other.as_deref());
    // The other file is one to take instead, or the one of the pair that is there.
    let fits = other.is_some() && path.is_some() && flag(other) == flag(path);
    let cause = match (path.map(Path::display), other.map(Path::display)) {
        (Some(path), Some(other)) if !fits => tr!(
            lang,
            "{other} is there and {path} is not: docker silently sends no client certificate then",
            "有 {other} 但没有 {path}：此时 docker 会悄悄地不发送客户端证书"
        ),
        (None, Some(other)) => tr!(
            lang,
            "only {other} is named: docker needs both certificate and key, and otherwise silently sends none",
            "只指定了 {other}：docker 需要证书和私钥，否则会悄悄地不发送"
        ),
        (Some(path), _) => tr!(
            lang,
            "docker needs {path}, but there is no such file",
            "docker 需要 {path}，但该文件不存在"
        ),
        (None, None) => tr!(
            lang,
            "a certificate file that docker needs is not there",
            "docker 需要的证书文件不存在"
        ),
    };
    let cause = match with.facts.path.as_deref().and_then(|path| misplaced(with, path)) {
        Some(why) => tr!(lang, "{cause} ({why})", "{cause}（{why}）"),
        None => cause,
    };
    let mut fixes = Vec::new();
    // Where no profile named it, variables of another time did, as a rule.
    if with.facts.profile.is_none() {
        fixes.push(with.reset());
    }
    if let Some(other) = other.filter(|_| fits) {
        let other = other.display().to_string();
        let say = tr!(lang, "this one would fit", "可以使用这个文件");
        fixes.push(with.change(say, None, &[flag(path), &other]));
    }
    fixes.push(elsewhere(with));
    fixes.extend(with.facts.path.as_deref().and_then(|path| look_around(with, path)));
    (cause, fixes)
}

pub(super) fn cert_unreadable(with: &With<'_>) -> Words {
    let (lang, said) = (with.lang, with.said());
    let cause = match &with.facts.path {
        Some(path) => {
            let path = path.display();
            tr!(
                lang,
                "docker cannot read {path}: this user may not{said}",
                "docker 无法读取 {path}：当前用户没有权限{said}"
            )
        }
        None => tr!(
            lang,
            "docker cannot read a certificate file: this user may not{said}",
            "docker 无法读取证书文件：当前用户没有权限{said}"
        ),
    };
    let file = word(with.facts.path.as_deref(), "FILE");
    let fixes = vec![
        Hint::run(
            tr!(lang, "see whose it is", "查看文件属主"),
            format!("{} {file}", if with.windows() { "Get-Acl" } else { "ls -l" }),
        ),
        match with.windows() {
            true => Hint::say(tr!(
                lang,
                "if it is yours, let this user read it, in its properties",
                "如果文件属于你，请在其属性中允许当前用户读取"
            )),
            false => Hint::run(
                tr!(lang, "if it is your file and you should be able to read it", "如果文件属于你"),
                format!("chmod u+r {file}"),
            ),
        },
        elsewhere(with),
    ];
    (cause, fixes)
}

pub(super) fn cert_invalid(with: &With<'_>) -> Words {
    let (lang, said) = (with.lang, with.said());
    let cause = match (&with.facts.path, found(with)) {
        (Some(path), Some(found)) => {
            let path = path.display();
            tr!(
                lang,
                "{path} is not a certificate that docker can read: {found}",
                "{path} 不是 docker 能读取的证书：{found}"
            )
        }
        (Some(path), None) if with.facts.cert.is_some() => {
            let path = path.display();
            tr!(
                lang,
                "docker cannot read the certificate in {path}{said}",
                "docker 无法读取 {path} 中的证书{said}"
            )
        }
        (Some(path), None) => {
            let path = path.display();
            tr!(
                lang,
                "{path} is not a certificate in PEM format, which docker needs{said}",
                "{path} 不是 docker 所需的 PEM 格式证书{said}"
            )
        }
        (None, _) => tr!(
            lang,
            "a certificate file is empty, cut off, or not in PEM format, which docker needs{said}",
            "证书文件为空、不完整，或不是 docker 所需的 PEM 格式{said}"
        ),
    };
    let mut fixes = Vec::new();
    match (&with.facts.found, &with.facts.path) {
        (Some(Found::File(what)), Some(path)) if what.is_convertible() => {
            fixes.extend(converted(with, what, path));
        }
        (_, path) => {
            fixes.push(again(with));
            let file = word(path.as_deref(), "ca.pem");
            fixes.push(Hint::run(
                tr!(lang, "see what openssl says about it", "用 openssl 查看"),
                format!("openssl x509 -in {file} -noout -subject -dates"),
            ));
            fixes.push(elsewhere(with));
        }
    }
    (cause, fixes)
}

pub(super) fn key_encrypted(with: &With<'_>) -> Words {
    let (lang, key) = (with.lang, with.path("key.pem"));
    let cause = tr!(
        lang,
        "the key {key} has a passphrase, and docker cannot ask for one",
        "私钥 {key} 有口令，而 docker 无法询问口令"
    );
    let path = with.facts.path.clone().unwrap_or_else(|| "key.pem".into());
    let plain = path.with_file_name("key-plain.pem");
    let (from, to) = (word(Some(&path), ""), word(Some(&plain), ""));
    let name = plain.display().to_string();
    let mut fixes = Vec::new();
    if mend::profile(with).is_some() {
        // dctx asks for the passphrase itself, and docker is given the key for as long as it is in use.
        let say = tr!(
            lang,
            "once, at a terminal, move it into the keyring, from which dctx takes it",
            "在终端中执行一次，将其移入密钥环，dctx 会从中读取"
        );
        fixes.push(with.change(say, None, &["--key", "keyring"]));
    }
    fixes.extend([
        Hint::run(
            tr!(lang, "make one without (it asks for the passphrase)", "去除口令（会询问口令）"),
            format!("openssl pkey -in {from} -out {to}"),
        ),
        with.change(tr!(lang, "and name that file", "然后指定该文件"), None, &["--key", &name]),
    ]);
    (cause, fixes)
}

pub(super) fn key_invalid(with: &With<'_>) -> Words {
    let (lang, key, said) = (with.lang, with.path("key.pem"), with.said());
    let cause = match found(with) {
        Some(found) => tr!(
            lang,
            "{key} does not contain a private key that docker can read: {found}",
            "{key} 中没有 docker 能读取的私钥：{found}"
        ),
        None => tr!(
            lang,
            "{key} does not contain a private key that docker can read, or one with a passphrase{said}",
            "{key} 中没有 docker 能读取的私钥，或私钥有口令{said}"
        ),
    };
    let mut fixes = match (&with.facts.found, &with.facts.path) {
        (Some(Found::File(what)), Some(path)) if what.is_convertible() => {
            converted(with, what, path)
        }
        _ => vec![
            again(with),
            Hint::run(
                tr!(lang, "see what openssl says about it", "用 openssl 查看"),
                format!("openssl pkey -in {} -noout", word(with.facts.path.as_deref(), "key.pem")),
            ),
        ],
    };
    if with.facts.said.as_deref().is_some_and(|said| said.contains("parse private key")) {
        fixes.push(Hint::say(tr!(
            lang,
            "a key with a passphrase works through a profile, for which dctx asks for the passphrase or takes it from the keyring",
            "带口令的私钥可以通过主机配置使用：dctx 会询问口令，或从密钥环中读取"
        )));
    }
    fixes.extend(mend::client_certificate(with));
    (cause, fixes)
}

pub(super) fn key_exposed(with: &With<'_>) -> Words {
    let lang = with.lang;
    let mode = match with.facts.mode {
        Some(mode) => {
            let mode = mode & 0o7777;
            tr!(lang, " (mode {mode:04o})", "（权限 {mode:04o}）")
        }
        None => String::new(),
    };
    let key = with.facts.path.is_none() || flag(with.facts.path.as_deref()) == "--key";
    let file = with.path("key.pem");
    let quoted = word(with.facts.path.as_deref(), "key.pem");
    // Where a shared file names it, somebody else has said which file it is.
    let say = match with.facts.layer {
        None => tr!(lang, "close it", "收紧权限"),
        Some(_) => {
            tr!(lang, "if the file is yours and meant for this", "如果它是你的，且确为此用途")
        }
    };
    let close = |mode: &str| Hint::run(say, format!("chmod {mode} {quoted}"));
    if key {
        let cause = tr!(
            lang,
            "others on this machine can read the key {file}{mode} and use it to connect to the host as you",
            "本机其他用户可以读取私钥 {file}{mode}，并以你的身份连接主机"
        );
        return (cause, vec![close("0400")]);
    }
    let cause = tr!(
        lang,
        "others on this machine can write {file}{mode} and put a CA of their own there",
        "本机其他用户可以写入 {file}{mode}，从而替换其中的 CA"
    );
    (cause, vec![close("go-w")])
}
