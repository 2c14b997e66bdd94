//! What takes more than one command: certificates that are made anew, and a daemon that is set up. One function a
//! kind, so that each is said the same everywhere and changed in one place.

use super::with::With;
use crate::error::Hint;
use crate::tr;

/// The server's certificate is issued anew, for every name that is in use.
pub(super) fn server_certificate(with: &With<'_>) -> Hint {
    let lang = with.lang;
    let mut names = with.facts.listed.clone();
    names.extend(with.san().filter(|san| !with.facts.listed.contains(san)));
    let names = if names.is_empty() { "IP:ADDRESS,DNS:NAME".to_owned() } else { names.join(",") };
    Hint::say(tr!(
        lang,
        "where the CA is kept, issue the server's certificate anew (openssl x509 -req -extfile FILE, with subjectAltName = {names} and extendedKeyUsage = serverAuth in FILE), put it on the host and restart dockerd",
        "在保存 CA 的机器上重新签发服务器证书（openssl x509 -req -extfile FILE，FILE 中写 subjectAltName = {names} 和 extendedKeyUsage = serverAuth），放到主机上并重启 dockerd"
    ))
}

/// The client's certificate is issued anew.
pub(super) fn client_certificate(with: &With<'_>) -> Hint {
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
    Hint::say(tr!(
        lang,
        "get a client certificate from {by} (openssl x509 -req -extfile FILE, with extendedKeyUsage = clientAuth in FILE), and put it beside its key as cert.pem and key.pem",
        "向 {by} 申请客户端证书（openssl x509 -req -extfile FILE，FILE 中写 extendedKeyUsage = clientAuth），与私钥一起存为 cert.pem 和 key.pem"
    ))
}

/// The CA is made anew, and with it all that it signed.
pub(super) fn authority(with: &With<'_>) -> Hint {
    let lang = with.lang;
    Hint::say(tr!(
        lang,
        "make the CA anew where its key is kept (openssl req -x509 -key ca-key.pem -out ca.pem, with basicConstraints = CA:TRUE): with the same key and name the certificates that it signed stay good; then copy ca.pem to the host and to every client",
        "在保存 CA 私钥的机器上重新生成 CA（openssl req -x509 -key ca-key.pem -out ca.pem，含 basicConstraints = CA:TRUE）：私钥和名称不变时，已签发的证书仍然有效；然后把 ca.pem 复制到主机和每个客户端"
    ))
}

/// dockerd is made to listen on TCP, with TLS.
pub(super) fn daemon(with: &With<'_>) -> Hint {
    let (lang, port) = (with.lang, with.facts.port.filter(|port| *port != 2375).unwrap_or(2376));
    Hint::say(tr!(
        lang,
        "on the host, let dockerd listen on port {port} with tlsverify, tlscacert, tlscert and tlskey in /etc/docker/daemon.json, and restart it",
        "在主机上让 dockerd 监听 {port} 端口，在 /etc/docker/daemon.json 中设置 tlsverify、tlscacert、tlscert 和 tlskey，然后重启"
    ))
}
