//! Words for certificates that are known one by one, and for a daemon that still shows a former one.

use super::Words;
use super::client::client;
use super::mend;
use super::with::{With, word};
use crate::check::diagnosis::CertFacts;
use crate::error::Hint;
use crate::tr;

fn short(cert: &CertFacts) -> String {
    cert.sha256.chars().filter(char::is_ascii_hexdigit).take(16).collect()
}

/// The daemon has been given another certificate, and the client knows the former one.
pub(super) fn server_renewed(with: &With<'_>) -> Words {
    let (lang, place, file) = (with.lang, with.place(), with.path("ca.pem"));
    let new = with.cert().map(short).unwrap_or_default();
    let old = with.facts.given.as_ref().map(short).unwrap_or_default();
    let cause = tr!(
        lang,
        "the certificate of {place} has been renewed (SHA-256 fingerprint {new}...), and {file} holds the former one ({old}...), which is the only thing that identifies this server",
        "{place} 的证书已续期（SHA-256 指纹 {new}...），而 {file} 中是原来的证书（{old}...）；服务器只凭该证书识别"
    );
    let take = match mend::profile(with).filter(|_| with.facts.kept && with.facts.layer.is_none()) {
        Some(profile) => Hint::run(
            tr!(
                lang,
                "get the new ca.pem from whoever runs the daemon, and take it in",
                "向管理该守护进程的人索取新的 ca.pem，然后导入"
            ),
            shell_words::join(["dctx", "cert", "import", "ca.pem", "--as", profile]),
        ),
        None => with.change(
            tr!(
                lang,
                "get the server's new certificate from whoever runs the daemon, and name it",
                "向管理该守护进程的人索取服务器的新证书，然后指定它"
            ),
            None,
            &["--ca", "FILE"],
        ),
    };
    (cause, vec![take])
}

/// The daemon's list does not hold the client's certificate.
pub(super) fn not_on_the_list(with: &With<'_>) -> Words {
    let (lang, place, client) = (with.lang, with.place(), client(with));
    let cause = tr!(
        lang,
        "the daemon at {place} does not let {client} in: it is not on its list of clients; it was revoked, renewed, or never authorised",
        "{place} 上的守护进程不接受{client}：它不在客户端名单中；已被撤销、已更换，或从未授权"
    );
    let file = word(with.facts.path.as_deref(), "cert.pem");
    let name = mend::profile(with).unwrap_or("NAME");
    let fixes = vec![
        Hint::say(tr!(
            lang,
            "hand {file} to whoever runs the daemon: it is not secret",
            "把 {file} 交给管理该守护进程的人：它不是机密"
        )),
        Hint::run(
            tr!(lang, "on that machine, to authorise it", "在对方机器上授权"),
            shell_words::join(["dctx", "cert", "authorize", name, "cert.pem"]),
        ),
    ];
    (cause, fixes)
}

/// The certificate that is kept here is newer than the one that the daemon shows.
pub(super) fn restart_needed(with: &With<'_>) -> Words {
    let (lang, place) = (with.lang, with.place());
    let of = |cert: Option<&CertFacts>| match cert.map(short) {
        Some(short) if !short.is_empty() => {
            with.own(tr!(lang, " (SHA-256 fingerprint {short}...)", "（SHA-256 指纹 {short}...）"))
        }
        _ => String::new(),
    };
    let (old, new) = (of(with.cert()), of(with.facts.given.as_ref()));
    let cause = tr!(
        lang,
        "the daemon at {place} still shows the former certificate{old}; the new one{new} is kept here and not in use there",
        "{place} 上的守护进程仍在使用原来的证书{old}；新证书{new}保存在本机，尚未生效"
    );
    let mut fixes = Vec::new();
    if let Some(profile) = mend::profile(with) {
        fixes.push(Hint::run(
            tr!(
                lang,
                "put the new one on the host and restart the daemon, which this script does",
                "把新证书放到主机上并重启守护进程，这个脚本会完成"
            ),
            shell_words::join(["dctx", "server", profile]),
        ));
    }
    fixes.push(Hint::run(
        tr!(
            lang,
            "if it is on the host already, restart the daemon there: it reads certificates only when it starts",
            "如果新证书已在主机上，请在主机上重启守护进程：它只在启动时读取证书"
        ),
        "sudo systemctl restart docker",
    ));
    (cause, fixes)
}
