//! Words for TLS: who speaks it, and whose certificate is not accepted, and why.

use super::Words;
use super::mend;
use super::with::{With, date, instead, word};
use crate::check::diagnosis::CertFacts;
use crate::error::Hint;
use crate::profile::endpoint::{PORT_PLAIN, PORT_TLS};
use crate::tr;

pub(super) fn tls_expected(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let cause = tr!(
        lang,
        "the daemon at {place} uses TLS, but docker connected without it",
        "{place} 上的守护进程使用 TLS，而 docker 没有使用"
    );
    let fixes = vec![
        with.change(
            tr!(
                lang,
                "name the directory with ca.pem, cert.pem and key.pem",
                "指定存放 ca.pem、cert.pem 和 key.pem 的目录"
            ),
            None,
            &["--certs", "DIR"],
        ),
        Hint::say(tr!(
            lang,
            "ask whoever runs the daemon's CA for a client certificate",
            "没有这些文件时：请向管理该守护进程 CA 的人申请"
        )),
    ];
    (cause, fixes)
}

pub(super) fn plain_expected(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let cause = tr!(
        lang,
        "docker connected with TLS, but {place} speaks plain HTTP",
        "docker 使用 TLS，而 {place} 使用明文 HTTP"
    );
    let mut fixes = Vec::new();
    if with.facts.port.is_none_or(|port| port == PORT_PLAIN) {
        let host = with.tcp(PORT_TLS);
        let say = tr!(lang, "the port with TLS is 2376", "TLS 端口是 2376");
        fixes.push(with.change(say, Some(&host), &[]));
    }
    fixes.push(mend::daemon(with));
    fixes.push(with.change(
        tr!(
            lang,
            "only if no one else can reach that port: anyone who can has root access to the host",
            "仅限他人无法访问该端口时，因为能访问的人就拥有主机的 root 权限"
        ),
        None,
        &["--tls", "off", "--unset", "certs"],
    ));
    (cause, fixes)
}

/// To go by a name that the certificate lists, and to issue it anew.
fn other_name(with: &With<'_>) -> Vec<Hint> {
    let lang = with.lang;
    let say = || tr!(lang, "use a name that it lists", "改用证书列出的地址");
    let names = instead(with.facts);
    let mut fixes: Vec<Hint> =
        names.iter().map(|host| with.change(say(), Some(host), &[])).collect();
    fixes.extend(mend::server_certificate(with));
    fixes
}

pub(super) fn name_mismatch(with: &With<'_>) -> Words {
    let (lang, host) = (with.lang, with.host());
    let cause = match with.listed() {
        Some(listed) => tr!(
            lang,
            "the server's certificate is for {listed}, not for {host}",
            "服务器证书适用于 {listed}，不适用于 {host}"
        ),
        None => {
            tr!(lang, "the server's certificate does not list {host}", "服务器证书没有列出 {host}")
        }
    };
    (cause, other_name(with))
}

pub(super) fn no_san(with: &With<'_>) -> Words {
    let (lang, host) = (with.lang, with.host());
    let as_name = with.facts.host.as_ref().is_some_and(|host| {
        host.parse::<std::net::IpAddr>().is_ok()
            && with.facts.listed.iter().any(|name| *name == format!("DNS:{host}"))
    });
    let cause = match (with.listed(), &with.facts.common_name) {
        (Some(_), _) if as_name => tr!(
            lang,
            "the server's certificate has {host} as a name (DNS:{host}), but docker looks for an address (IP:{host})",
            "服务器证书把 {host} 写成了名称（DNS:{host}），而 docker 查找的是地址（IP:{host}）"
        ),
        (Some(listed), _) => tr!(
            lang,
            "the server's certificate lists {listed}, but nothing of the same kind as {host}: names and addresses are checked separately",
            "服务器证书列出 {listed}，没有与 {host} 同类的条目：名称与 IP 地址分别核对"
        ),
        (None, Some(name)) if !name.is_empty() => tr!(
            lang,
            "the server's certificate has only the common name {name}, but docker looks at subject alternative names: none is for {host}",
            "服务器证书只有通用名 {name}，而 docker 只看 subjectAltName：其中没有 {host}"
        ),
        _ => tr!(
            lang,
            "the server's certificate has no subject alternative name of the same kind as {host}, and docker does not look at the common name",
            "服务器证书没有与 {host} 同类的 subjectAltName，而 docker 不看通用名"
        ),
    };
    (cause, other_name(with))
}

/// ` (SHA-256 1A2B…)`, the beginning of a fingerprint, which is enough to compare two by eye.
fn print(cert: &CertFacts, with: &With<'_>) -> String {
    let short: String = cert.sha256.chars().filter(char::is_ascii_hexdigit).take(16).collect();
    match short.is_empty() {
        true => String::new(),
        false => with.own(tr!(
            with.lang,
            " (SHA-256 fingerprint {short}...)",
            "（SHA-256 指纹 {short}...）"
        )),
    }
}

pub(super) fn unknown_ca(with: &With<'_>) -> Words {
    if with.facts.pinned {
        return super::pinned::server_renewed(with);
    }
    let (lang, place) = (with.lang, with.place());
    let file = with.path("ca.pem");
    let given = with.facts.given.as_ref().filter(|given| !given.subject.is_empty());
    let cause = match (with.cert(), given) {
        (Some(cert), _) if cert.subject == cert.issuer => {
            let (name, print) = (&cert.subject, print(cert, with));
            tr!(
                lang,
                "the certificate of {place}, {name}{print}, is signed by itself, and is not in {file}",
                "{place} 的证书 {name}{print} 是自签名证书，不在 {file} 中"
            )
        }
        (Some(cert), Some(given)) if cert.issuer == given.subject => {
            let (name, print) = (&given.subject, print(given, with));
            tr!(
                lang,
                "the certificate of {place} is signed by a CA named {name}; the one in {file}{print} has the same name and another key: the CA was created again",
                "{place} 的证书由名为 {name} 的 CA 签发，{file} 中的 CA{print} 同名但密钥不同：CA 已重新生成"
            )
        }
        (Some(cert), Some(given)) => {
            let (issuer, name, print) = (&cert.issuer, &given.subject, print(given, with));
            tr!(
                lang,
                "the certificate of {place} is signed by {issuer}, and {file} holds {name}{print}",
                "{place} 的证书由 {issuer} 签发，而 {file} 中是 {name}{print}"
            )
        }
        (Some(cert), None) => {
            let issuer = &cert.issuer;
            tr!(
                lang,
                "the certificate of {place} is signed by {issuer}, which is not in {file}",
                "{place} 的证书由 {issuer} 签发，{file} 中没有它"
            )
        }
        (None, _) => tr!(
            lang,
            "no CA in {file} signed the certificate of {place}: the file is for another host or an older CA, or something in between answers",
            "{place} 的证书不是 {file} 中的 CA 签发的：该文件属于其他主机或旧的 CA，或中间有其他程序应答"
        ),
    };
    let fixes = vec![
        with.change(
            tr!(
                lang,
                "use the CA that signed the daemon's certificate: it is on the host, where tlscacert in /etc/docker/daemon.json says",
                "使用签发守护进程证书的 CA：位于主机 /etc/docker/daemon.json 的 tlscacert 所指位置"
            ),
            None,
            &["--ca", "FILE"],
        ),
        Hint::run(
            tr!(lang, "see which CA is given now", "查看当前的 CA"),
            format!(
                "openssl x509 -in {} -noout -subject -dates -fingerprint -sha256",
                word(with.facts.path.as_deref(), "ca.pem")
            ),
        ),
        Hint::run(
            tr!(lang, "see what the server shows", "查看服务器出示的证书"),
            shell_words::join([
                "openssl",
                "s_client",
                "-showcerts",
                "-connect",
                &format!("{}:{}", super::with::bracketed(with.host_word()), with.port()),
            ]),
        ),
    ];
    (cause, fixes)
}

/// ` coreos1` for the certificate at fault, if its name is known.
pub(super) fn named(with: &With<'_>) -> String {
    let name = with.cert().map(|cert| format!(" {}", cert.subject));
    name.unwrap_or_else(|| with.own(String::new()))
}

pub(super) fn server_expired(with: &With<'_>) -> Words {
    let (lang, place, on, name) = (with.lang, with.place(), with.expired_on(), named(with));
    let cause = match with.cert() {
        Some(_) => tr!(
            lang,
            "the certificate{name} of {place} expired{on}",
            "{place} 的证书{name} 已{on}过期"
        ),
        // docker's words are the same for both, and have no name in them; before Go 1.15 not even a date.
        None if on.is_empty() => tr!(
            lang,
            "the certificate of {place}, or the CA that signed it, has expired or is not valid yet",
            "{place} 的证书或签发它的 CA 已过期或尚未生效"
        ),
        None => tr!(
            lang,
            "the certificate of {place}, or the CA that signed it, expired{on}",
            "{place} 的证书或签发它的 CA 已{on}过期"
        ),
    };
    let mut fixes = mend::server_certificate(with);
    if with.cert().is_none() {
        fixes.push(Hint::run(
            tr!(lang, "see whether it is the CA", "查看是否是 CA 过期"),
            format!(
                "openssl x509 -in {} -noout -dates",
                word(with.facts.path.as_deref(), "ca.pem")
            ),
        ));
    }
    fixes.push(clock(with));
    (cause, fixes)
}

/// A clock that is wrong makes good certificates bad.
pub(super) fn clock(with: &With<'_>) -> Hint {
    Hint::run(
        tr!(with.lang, "see whether this machine's clock is right", "检查本机时钟"),
        "date -u",
    )
}

pub(super) fn server_not_yet_valid(with: &With<'_>) -> Words {
    let (lang, place, name) = (with.lang, with.place(), named(with));
    let from = with.facts.cert.as_ref().and_then(|cert| date(cert.not_before));
    let mut cause = match from {
        Some(from) => tr!(
            lang,
            "the certificate{name} of {place} is not valid before {from}: this machine's clock is behind, or the certificate was made for later",
            "{place} 的证书{name} 从 {from} 起才有效：本机时钟偏慢，或证书尚未生效"
        ),
        None => tr!(
            lang,
            "the certificate{name} of {place} is not valid yet: this machine's clock is behind, or the certificate was made for later",
            "{place} 的证书{name} 尚未生效：本机时钟偏慢，或证书为将来签发"
        ),
    };
    if let Some(skew) = with.facts.skew.filter(|skew| skew.unsigned_abs() > 60) {
        let span = crate::error::span(skew.unsigned_abs(), lang);
        cause.push_str(&match skew > 0 {
            true => tr!(lang, " (the host's clock is {span} ahead)", "（主机时钟快 {span}）"),
            false => tr!(lang, " (the host's clock is {span} behind)", "（主机时钟慢 {span}）"),
        });
    }
    (cause, [vec![clock(with)], mend::server_certificate(with)].concat())
}

pub(super) fn ca_expired(with: &With<'_>) -> Words {
    let (lang, on, name, file) = (with.lang, with.expired_on(), named(with), with.path("ca.pem"));
    let cause = tr!(
        lang,
        "the CA{name} in {file} expired{on}, and with it everything that it signed",
        "{file} 中的 CA 证书{name} 已{on}过期，它签发的证书随之失效"
    );
    (cause, [mend::authority(with), vec![clock(with)]].concat())
}

pub(super) fn server_usage(with: &With<'_>) -> Words {
    let (lang, place, name) = (with.lang, with.place(), named(with));
    let cause = match &with.facts.said {
        // Go looks at policies and usages together
        Some(said) => tr!(
            lang,
            "a CA requires a certificate policy that the certificate{name} of {place} does not have ({said})",
            "CA 要求证书策略，而 {place} 的证书{name} 不含该策略（{said}）"
        ),
        None => tr!(
            lang,
            "the certificate{name} of {place} is not for servers: serverAuth is missing from its extended key usage",
            "{place} 的证书{name} 不能用于服务器：extendedKeyUsage 缺少 serverAuth"
        ),
    };
    (cause, mend::server_certificate(with))
}

pub(super) fn tls_version(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let cause = tr!(
        lang,
        "{place} has no version of TLS that docker speaks: docker needs 1.2 or 1.3",
        "{place} 没有 docker 支持的 TLS 版本：docker 需要 1.2 或 1.3"
    );
    (cause, upgrade(with))
}

pub(super) fn tls_cipher(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    // A daemon that speaks TLS 1.2 alone says the same where it gets no client certificate (Go 1.20 and later).
    let cause = match with.facts.said {
        Some(_) => tr!(
            lang,
            "{place} broke off the handshake: it has no cipher in common with docker, or got no client certificate that it accepts",
            "{place} 中断了握手：与 docker 没有共同的加密套件，或没有收到它认可的客户端证书"
        ),
        None => tr!(
            lang,
            "{place} and docker have no cipher in common: docker needs ECDHE with AES-GCM or ChaCha20",
            "{place} 与 docker 没有共同的加密套件：docker 需要 ECDHE 加 AES-GCM 或 ChaCha20"
        ),
    };
    (cause, upgrade(with))
}

/// What a daemon of these years does by itself.
fn upgrade(with: &With<'_>) -> Vec<Hint> {
    let lang = with.lang;
    vec![
        Hint::say(tr!(
            lang,
            "update docker on the host, or the TLS settings of the proxy that stands before it",
            "升级主机上的 docker，或修改其前置代理的 TLS 设置"
        )),
        Hint::run(
            tr!(lang, "see what it offers", "查看服务器支持的选项"),
            shell_words::join([
                "openssl",
                "s_client",
                "-connect",
                &format!("{}:{}", super::with::bracketed(with.host_word()), with.port()),
            ]),
        ),
    ]
}
