//! What is said of certificates: why docker refuses one, and what is odd about one that works.

use crate::cert::signature::Algorithm;
use crate::cert::verify::Fault;
use crate::cert::x509::Cert;
use crate::error::Lang;
use crate::tr;

/// Things about a certificate that are not as they should be, whoever signed it.
pub(in crate::cmd::cert) fn oddities(cert: &Cert, lang: Lang) -> Vec<String> {
    let mut out = Vec::new();
    let usages = cert.usages.as_ref();
    let (server, client) = usages.map_or((false, false), |usages| (usages.server, usages.client));
    // cfssl writes an empty name for "hosts": [""]
    let names = cert.listed().iter().any(|name| name != "DNS:");
    if let Some(why) = &cert.refused {
        out.push(tr!(lang, "docker cannot read it: {why}", "docker 无法读取它：{why}"));
    }
    if let Algorithm::Weak(name) = &cert.algorithm {
        out.push(tr!(
            lang,
            "signed with {name}, which docker refuses",
            "使用 {name} 签名，docker 会拒绝"
        ));
    }
    if client && !server && names {
        out.push(tr!(
            lang,
            "a client's certificate with a server's names: both were written into one extfile",
            "客户端证书却带有服务器的名称：两者写进了同一个 extfile"
        ));
    }
    if client && server {
        out.push(tr!(
            lang,
            "for servers and for clients: anyone who gets the server's key can connect as a client, too",
            "同时用于服务器和客户端：拿到服务器私钥的人也能以客户端身份连接"
        ));
    }
    if server && !names && !cert.is_ca() {
        out.push(tr!(
            lang,
            "a server certificate without names: docker ignores the common name",
            "服务器证书没有名称：docker 不看通用名（CN）"
        ));
    }
    if let Some(names) = &cert.names {
        for name in names.dns.iter().filter(|name| name.parse::<std::net::IpAddr>().is_ok()) {
            out.push(tr!(
                lang,
                "the address {name} is listed as a DNS name, where docker does not look for it",
                "地址 {name} 被写成了 DNS 名称，不会被查找"
            ));
        }
    }
    if cert.serial.first().is_some_and(|byte| byte & 0x80 != 0) {
        out.push(tr!(
            lang,
            "its serial number is negative: a new dockerd does not load it",
            "序列号为负数：新版 dockerd 无法加载"
        ));
    }
    if cert.serial.len() > 20 {
        out.push(tr!(lang, "its serial number has more than 20 octets", "序列号超过 20 个字节"));
    }
    out
}

/// Why docker refuses a certificate, in few words. `host` is what was asked for, if anything.
pub(in crate::cmd) fn fault(fault: &Fault, host: Option<&str>, lang: Lang) -> String {
    let host = host.unwrap_or_default();
    match fault {
        Fault::Empty => tr!(lang, "there is no certificate", "没有证书"),
        Fault::Malformed { why, .. } => {
            tr!(lang, "docker cannot read it: {why}", "docker 无法读取它：{why}")
        }
        Fault::CriticalExtension { .. } => tr!(
            lang,
            "it has a critical extension that docker does not know",
            "含有 docker 不认识的关键扩展"
        ),
        Fault::Expired { cert, .. } => {
            let (subject, end) = (&cert.subject, super::super::date(cert.not_after));
            tr!(lang, "{subject} has expired on {end}", "{subject} 已于 {end} 过期")
        }
        Fault::NotYetValid { cert, .. } => {
            let (subject, begin) = (&cert.subject, super::super::date(cert.not_before));
            tr!(lang, "{subject} is not valid before {begin}", "{subject} 在 {begin} 之前无效")
        }
        Fault::NameMismatch { listed, .. }
        | Fault::NoIpSan { listed, .. }
        | Fault::NoDnsSan { listed, .. } => {
            let listed: Vec<&str> =
                listed.iter().map(String::as_str).filter(|name| *name != "DNS:").collect();
            let listed = listed.join(" ");
            if listed.is_empty() {
                return tr!(
                    lang,
                    "it lists no names, and docker ignores the common name",
                    "没有列出名称，docker 不看通用名（CN）"
                );
            }
            tr!(lang, "it is for {listed}, not for {host}", "它用于 {listed}，而不是 {host}")
        }
        Fault::NoSan { .. } => tr!(
            lang,
            "it lists no names, and docker ignores the common name",
            "没有列出名称，docker 不看通用名（CN）"
        ),
        Fault::UnknownAuthority { cert, .. } => {
            let issuer = &cert.issuer;
            tr!(
                lang,
                "it is signed by {issuer}, which is not the CA here",
                "由 {issuer} 签发，不是这里的 CA"
            )
        }
        Fault::MissingIntermediate { .. } => {
            tr!(lang, "a CA between it and the one here is missing", "缺少中间 CA")
        }
        Fault::SelfSigned { .. } => {
            tr!(lang, "it is self-signed, and is not the CA here", "自签名，不是这里的 CA")
        }
        Fault::SameNameOtherKey { ca, .. } => {
            let ca = &ca.subject;
            tr!(
                lang,
                "it is signed by another CA of the same name: {ca} has been made again",
                "由另一个同名的 CA 签发：{ca} 被重新生成过"
            )
        }
        Fault::IssuerNotCa { .. } => {
            tr!(lang, "the certificate that signed it is not a CA", "签发它的证书不是 CA")
        }
        Fault::WeakSignature { algorithm, .. } => {
            tr!(
                lang,
                "signed with {algorithm}, which docker refuses",
                "使用 {algorithm} 签名，docker 会拒绝"
            )
        }
        Fault::UnknownAlgorithm { algorithm, .. } => {
            tr!(
                lang,
                "signed with {algorithm}, which docker does not know",
                "使用 {algorithm} 签名，docker 不支持"
            )
        }
        Fault::PathLength { .. } => {
            tr!(lang, "its CA allows no other below it", "其 CA 不允许下级 CA")
        }
        Fault::NameConstraint { forbidden, .. } => {
            let what = &forbidden.what;
            tr!(lang, "its CA may not sign for it: {what}", "其 CA 无权为它签发：{what}")
        }
        Fault::Policy { .. } => tr!(
            lang,
            "a CA requires a certificate policy that it does not have",
            "CA 要求证书策略，而它没有"
        ),
        Fault::NothingTrusted { .. } => {
            tr!(lang, "there is no CA that docker can read", "没有 docker 能读取的 CA")
        }
        Fault::Usage { listed, .. } => {
            let listed = listed.join(" ");
            tr!(lang, "it is for {listed} only", "仅用于 {listed}")
        }
        Fault::TooManyChecks => {
            tr!(lang, "more signatures than docker checks", "签名数量超过 docker 的检查上限")
        }
        Fault::CannotCheck { algorithm, .. } => {
            tr!(
                lang,
                "{algorithm}: only docker itself can tell",
                "{algorithm}：只有 docker 自身能判断"
            )
        }
    }
}
