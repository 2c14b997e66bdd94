//! Words for the client's certificate, which the daemon looks at.

use super::Words;
use super::mend;
use super::tls::{clock, named};
use super::with::{With, date};
use crate::error::Hint;
use crate::tr;

/// To name files, and to get some.
fn client_files(with: &With<'_>) -> Vec<Hint> {
    let say = tr!(
        with.lang,
        "name the directory with ca.pem, cert.pem and key.pem",
        "指定存放 ca.pem、cert.pem 和 key.pem 的目录"
    );
    [vec![with.change(say, None, &["--certs", "DIR"])], mend::client_certificate(with)].concat()
}

pub(super) fn required(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let comma = tr!(lang, ", ", "、");
    let of = match with.facts.accepted.join(&comma) {
        names if names.is_empty() => tr!(lang, "", ""),
        names => tr!(lang, " of {names}", "（由 {names} 签发）"),
    };
    let cause = match (&with.facts.path, &with.facts.other) {
        (Some(path), Some(other)) => {
            let (path, other) = (path.display(), other.display());
            tr!(
                lang,
                "the daemon at {place} asks for a client certificate{of}, but docker sends none: {path} is missing beside {other}",
                "{place} 上的守护进程要求客户端证书{of}，而 docker 没有发送：有 {other}，但缺少 {path}"
            )
        }
        _ => tr!(
            lang,
            "the daemon at {place} asks for a client certificate{of}, but docker sends none: there is none, or none from a CA that the daemon accepts",
            "{place} 上的守护进程要求客户端证书{of}，而 docker 没有发送：没有证书，或证书不是守护进程认可的 CA 签发的"
        ),
    };
    (cause, client_files(with))
}

/// The client certificate with its file.
pub(super) fn client(with: &With<'_>) -> String {
    let name = named(with);
    match &with.facts.path {
        Some(path) => {
            let path = path.display();
            tr!(with.lang, "the client certificate{name} ({path})", "客户端证书{name}（{path}）")
        }
        None => tr!(with.lang, "the client certificate{name}", "客户端证书{name}"),
    }
}

pub(super) fn expired(with: &With<'_>) -> Words {
    let (lang, on, client) = (with.lang, with.expired_on(), client(with));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.ok().and_then(|now| i64::try_from(now.as_secs()).ok()).unwrap_or_default();
    let from = with.facts.cert.as_ref().filter(|cert| cert.not_before > now);
    let cause = match from.and_then(|cert| date(cert.not_before)) {
        Some(from) => tr!(
            lang,
            "{client} is not valid before {from}: this machine's clock is behind, or the certificate was made for later",
            "{client}从 {from} 起才有效：本机时钟偏慢，或证书尚未生效"
        ),
        None if on.is_empty() => {
            tr!(lang, "{client} has expired, or is not valid yet", "{client}已过期，或尚未生效")
        }
        None => tr!(lang, "{client} expired{on}", "{client}已{on}过期"),
    };
    (cause, [mend::client_certificate(with), vec![clock(with)]].concat())
}

pub(super) fn unknown_ca(with: &With<'_>) -> Words {
    if with.facts.pinned {
        return super::pinned::not_on_the_list(with);
    }
    let (lang, client) = (with.lang, client(with));
    let comma = tr!(lang, ", ", "、");
    let accepted = with.facts.accepted.join(&comma);
    let cause = match (with.cert(), accepted.is_empty()) {
        (Some(cert), false) => {
            let issuer = &cert.issuer;
            tr!(
                lang,
                "{client} is signed by {issuer}, and the daemon accepts only those of {accepted}",
                "{client}由 {issuer} 签发，而守护进程只接受 {accepted} 签发的证书"
            )
        }
        (Some(cert), true) => {
            let issuer = &cert.issuer;
            tr!(
                lang,
                "{client} is signed by {issuer}, which is not the CA that the daemon accepts",
                "{client}由 {issuer} 签发，守护进程不接受该 CA"
            )
        }
        (None, false) => tr!(
            lang,
            "{client} is signed by another CA than the daemon accepts ({accepted})",
            "{client}不是守护进程接受的 CA（{accepted}）签发的"
        ),
        (None, true) => tr!(
            lang,
            "{client} is signed by another CA than the daemon accepts",
            "{client}不是守护进程接受的 CA 签发的"
        ),
    };
    (cause, client_files(with))
}

pub(super) fn usage(with: &With<'_>) -> Words {
    let (lang, client) = (with.lang, client(with));
    let cause = tr!(
        lang,
        "{client} is not for clients: clientAuth is missing from its extended key usage; is it the server's?",
        "{client}不能用于客户端：extendedKeyUsage 缺少 clientAuth；是否误用了服务器证书"
    );
    (cause, client_files(with))
}

pub(super) fn rejected(with: &With<'_>) -> Words {
    if with.facts.pinned {
        return super::pinned::not_on_the_list(with);
    }
    let (lang, place, said) = (with.lang, with.place(), with.said());
    let cause = tr!(
        lang,
        "the daemon at {place} did not accept the client's certificate, or got none, and does not say which or why{said}",
        "{place} 上的守护进程未接受客户端证书（或没有收到），且未说明原因{said}"
    );
    let log = tr!(lang, "on the host, docker's log says why", "在主机上，docker 的日志会说明原因");
    let mut fixes =
        vec![with.check(), Hint::run(log, "journalctl -u docker -g 'TLS handshake error'")];
    fixes.extend(mend::client_certificate(with));
    (cause, fixes)
}
