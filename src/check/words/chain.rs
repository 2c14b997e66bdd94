//! Words for the chain of certificates between the one at fault and the CA that is trusted: who may not sign, for what,
//! and what docker cannot read. The chain is the server's, or the client's where the facts say so.

use super::Words;
use super::mend;
use super::tls::named;
use super::with::{With, word};
use crate::error::Hint;
use crate::tr;

/// `the certificate of tcp://…`, or `the client certificate`.
fn certificate(with: &With<'_>) -> String {
    let place = with.place();
    match (with.facts.client, &with.facts.path) {
        (true, Some(path)) => {
            let path = path.display();
            with.own(tr!(with.lang, "the client certificate ({path})", "客户端证书（{path}）"))
        }
        (true, None) => with.own(tr!(with.lang, "the client certificate", "客户端证书")),
        (false, _) => tr!(with.lang, "the certificate of {place}", "{place} 的证书"),
    }
}

/// The certificate is reissued, the server's or the client's.
fn anew(with: &With<'_>) -> Vec<Hint> {
    if with.facts.client { mend::client_certificate(with) } else { mend::server_certificate(with) }
}

/// What shows the chain: the server is asked for it, the client's is in its file.
fn look(with: &With<'_>) -> Hint {
    let lang = with.lang;
    if with.facts.client {
        let file = word(with.facts.path.as_deref(), "cert.pem");
        return Hint::run(
            tr!(lang, "see what is in that file", "查看该文件中的证书"),
            format!("dctx cert show {file}"),
        );
    }
    Hint::run(
        tr!(lang, "see what the server sends", "查看服务器发送的证书"),
        shell_words::join([
            "openssl",
            "s_client",
            "-showcerts",
            "-connect",
            &format!("{}:{}", super::with::bracketed(with.host_word()), with.port()),
        ]),
    )
}

/// The name of the CA at fault, or words for it.
fn authority(with: &With<'_>) -> String {
    match with.cert() {
        Some(cert) => {
            let name = &cert.subject;
            tr!(with.lang, "the CA {name}", "CA 证书 {name}")
        }
        None => tr!(with.lang, "a CA of the chain", "证书链中的某个 CA"),
    }
}

pub(super) fn issuer_not_ca(with: &With<'_>) -> Words {
    let lang = with.lang;
    let given = with.facts.given.as_ref().map(|given| given.subject.as_str());
    let name = given.filter(|name| !name.is_empty());
    let name = name.or_else(|| with.cert().map(|cert| cert.issuer.as_str()));
    let signed = certificate(with);
    // of a client's chain the path is the client's own file
    let path = with.facts.path.as_deref().filter(|_| !with.facts.client);
    let file = path.map_or_else(|| "ca.pem".to_owned(), |path| path.display().to_string());
    let cause = match name {
        Some(name) => tr!(
            lang,
            "{name} in {file} signed {signed}, but it is not a CA (basicConstraints CA:TRUE is missing)",
            "{file} 中的 {name} 签发了 {signed}，但它不是 CA（缺少 basicConstraints CA:TRUE）"
        ),
        None => tr!(
            lang,
            "a certificate in {file} signed {signed}, but it is not a CA (basicConstraints CA:TRUE is missing)",
            "{file} 中的一张证书签发了 {signed}，但它不是 CA（缺少 basicConstraints CA:TRUE）"
        ),
    };
    let mut fixes = vec![Hint::run(
        tr!(
            lang,
            "see whether another certificate was copied as ca.pem",
            "检查是否误把其他证书存为 ca.pem"
        ),
        format!("openssl x509 -in {} -noout -subject -ext basicConstraints", word(path, "ca.pem")),
    )];
    fixes.extend(mend::authority(with));
    (cause, fixes)
}

pub(super) fn intermediate_not_ca(with: &With<'_>) -> Words {
    let lang = with.lang;
    let (signed, name) = (certificate(with), with.cert().map(|cert| cert.subject.as_str()));
    let cause = match name {
        Some(name) => tr!(
            lang,
            "{name}, sent along with {signed}, signed it, but {name} is not a CA (basicConstraints CA:TRUE is missing)",
            "{name} 随 {signed}一起发送并签发了它，但 {name} 不是 CA（缺少 basicConstraints CA:TRUE）"
        ),
        None => tr!(
            lang,
            "an intermediate certificate sent along with {signed} is not a CA (basicConstraints CA:TRUE is missing)",
            "随 {signed}一起发送的中间证书不是 CA（缺少 basicConstraints CA:TRUE）"
        ),
    };
    let mut fixes = vec![Hint::say(tr!(
        lang,
        "have that intermediate certificate issued again by its CA, with basicConstraints CA:TRUE, and put it where the old one is",
        "由其上级 CA 重新签发该中间证书（含 basicConstraints CA:TRUE），替换原来的那张"
    ))];
    fixes.push(look(with));
    fixes.extend(anew(with));
    (cause, fixes)
}

pub(super) fn name_constraint(with: &With<'_>) -> Words {
    let lang = with.lang;
    let (ca, signed, said) = (authority(with), certificate(with), with.said());
    let cause = tr!(
        lang,
        "{ca} may sign for certain names only, and {signed} has a name outside them{said}",
        "{ca} 只能为特定名称签发证书，而 {signed}含有范围之外的名称{said}"
    );
    let mut fixes = vec![Hint::say(tr!(
        lang,
        "have the certificate issued again without that name, or by a CA whose name constraints allow it",
        "重新签发证书时去掉该名称，或改由名称约束（nameConstraints）允许该名称的 CA 签发"
    ))];
    fixes.push(look(with));
    (cause, fixes)
}

pub(super) fn path_length(with: &With<'_>) -> Words {
    let lang = with.lang;
    let (ca, signed) = (authority(with), certificate(with));
    let cause = tr!(
        lang,
        "{ca} allows fewer CAs below it (pathlen of its basicConstraints) than the chain of {signed} has",
        "{ca} 允许的下级 CA 层数（basicConstraints 的 pathlen）少于 {signed}的证书链"
    );
    let mut fixes = vec![Hint::say(tr!(
        lang,
        "have the certificate issued by that CA directly, or that CA issued again without pathlen or with a larger one",
        "由该 CA 直接签发证书，或重新生成该 CA（去掉 pathlen 或改大）"
    ))];
    fixes.push(look(with));
    (cause, fixes)
}

pub(super) fn unparsable(with: &With<'_>) -> Words {
    let (lang, place, name, said) = (with.lang, with.place(), named(with), with.said());
    let cause = tr!(
        lang,
        "docker cannot process the certificate{name} that {place} sends{said}",
        "docker 无法处理 {place} 发送的证书{name}{said}"
    );
    let mut fixes = mend::server_certificate(with);
    fixes.push(look(with));
    (cause, fixes)
}

pub(super) fn weak_signature(with: &With<'_>) -> Words {
    let (lang, signed) = (with.lang, certificate(with));
    let cause = match &with.facts.algorithm {
        Some(algorithm) => tr!(
            lang,
            "{signed} is signed with {algorithm}, which docker does not accept",
            "{signed}使用 {algorithm} 签名，docker 不接受"
        ),
        None => tr!(
            lang,
            "{signed} is signed with an algorithm that docker does not accept, such as SHA-1",
            "{signed}的签名算法 docker 不接受，例如 SHA-1"
        ),
    };
    (cause, anew(with))
}
