//! What takes more than one step: certificates that are made anew, and a daemon that is set up. One function a kind, so
//! that each is said the same everywhere. The commands are for certificates that dctx keeps; whoever made others makes
//! them anew, with what is said here.

use super::with::With;
use crate::error::Hint;
use crate::profile::name;
use crate::tr;

/// The server's certificate is reissued, for every name that is in use.
pub(super) fn server_certificate(with: &With<'_>) -> Vec<Hint> {
    let lang = with.lang;
    let new = with.san().filter(|san| !with.facts.listed.contains(san));
    let mut names = with.facts.listed.clone();
    names.extend(new.clone());
    let say = match names.as_slice() {
        [] => tr!(
            lang,
            "have the server's certificate issued again by its CA, with serverAuth and the names in use, and put it on the host",
            "由其 CA 重新签发服务器证书（含 serverAuth 和所用的名称），并放到主机上"
        ),
        names => {
            let names = with.some(names);
            tr!(
                lang,
                "have the server's certificate issued again by its CA, with serverAuth and {names}, and put it on the host",
                "由其 CA 重新签发服务器证书（含 serverAuth 和 {names}），并放到主机上"
            )
        }
    };
    let mut words = vec!["--server"];
    // what comes from outside may be no name at all
    let plain = |name: &&str| {
        let first = name.chars().next().is_some_and(|c| c.is_ascii_alphanumeric() || c == ':');
        first && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._:".contains(c))
    };
    let new = new.as_deref().and_then(|san| san.split_once(':')).map(|(_, name)| name);
    if let Some(new) = new.filter(plain) {
        words.extend(["--san", new]);
    }
    renew(with, say, &words)
}

/// The client's certificate is reissued.
pub(super) fn client_certificate(with: &With<'_>) -> Vec<Hint> {
    let lang = with.lang;
    let by = match with.facts.accepted.as_slice() {
        [] => with.own(tr!(
            lang,
            "the CA that the daemon trusts (its tlscacert)",
            "守护进程信任的 CA（tlscacert）"
        )),
        names => {
            let comma = tr!(lang, " or ", " 或 ");
            names.join(&comma)
        }
    };
    let say = tr!(
        lang,
        "get a client certificate, with clientAuth, from {by}, and put it beside its key as cert.pem and key.pem",
        "向 {by} 申请客户端证书（含 clientAuth），与私钥一起存为 cert.pem 和 key.pem"
    );
    renew(with, say, &["--client"])
}

/// The CA is made anew, and with it all that it signed.
pub(super) fn authority(with: &With<'_>) -> Vec<Hint> {
    let lang = with.lang;
    let say = tr!(
        lang,
        "issue the CA again where its key is kept: with the same key and name, the certificates that it signed stay valid; then copy ca.pem to the host and to every client",
        "在保存 CA 私钥的机器上重新生成 CA：私钥和名称不变时，已签发的证书仍然有效；然后把 ca.pem 复制到主机和每个客户端"
    );
    renew(with, say, &["--ca"])
}

/// dockerd is made to listen on TCP, with TLS.
pub(super) fn daemon(with: &With<'_>) -> Hint {
    let lang = with.lang;
    let port = with.facts.port.filter(|port| *port != 2375).unwrap_or(2376);
    match profile(with) {
        Some(profile) => Hint::run(
            tr!(
                lang,
                "see what makes dockerd listen there, with TLS",
                "查看让 dockerd 在该主机上以 TLS 监听的脚本"
            ),
            shell_words::join(["dctx", "server", profile]),
        ),
        None => Hint::say(tr!(
            lang,
            "on the host, let dockerd listen on port {port} with tlsverify, tlscacert, tlscert and tlskey in /etc/docker/daemon.json, and restart it",
            "在主机上让 dockerd 监听 {port} 端口，在 /etc/docker/daemon.json 中设置 tlsverify、tlscacert、tlscert 和 tlskey，然后重启"
        )),
    }
}

/// The profile, where it is one that could be: an active one is what a variable says.
pub(super) fn profile<'f>(with: &With<'f>) -> Option<&'f str> {
    with.facts.profile.as_deref().filter(|name| name::check(name).is_ok())
}

/// The command for a profile whose certificates dctx keeps, and what to do about others.
fn renew(with: &With<'_>, others: String, flags: &[&str]) -> Vec<Hint> {
    let lang = with.lang;
    let own =
        profile(with).filter(|_| with.facts.layer.is_none() && with.facts.kept).map(|profile| {
            let words = ["dctx", "cert", "renew", profile].into_iter().chain(flags.iter().copied());
            Hint::run(
                tr!(lang, "dctx keeps these certificates; to renew", "dctx 保存着这些证书；续期"),
                shell_words::join(words),
            )
        });
    own.into_iter().chain([Hint::say(others)]).collect()
}
