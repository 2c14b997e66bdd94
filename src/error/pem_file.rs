//! What is wrong with a file that certificates or keys are taken from; as data, and in words.

use std::path::{Path, PathBuf};

use super::text::reason;
use super::{Hint, Lang, NotPem, Wanted};
use crate::tr;

/// What is wrong with a file that certificates or keys are taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    /// It is not there.
    Missing,
    /// There is no certificate in it.
    NoCertificate,
    /// A directory with several client certificates, which are these.
    Several(Vec<PathBuf>),
    /// There is no private key in it.
    NoKey,
    /// There is no request in it.
    NoRequest,
    /// The request is not signed by the key that is in it.
    BadRequest,
    /// A request of which dctx cannot tell whether its own key signed it.
    Uncheckable {
        /// The kind of its key.
        kind: String,
        /// How it is signed.
        algorithm: String,
    },
    /// It is something else than a PEM file.
    NotPem(NotPem),
    /// A certificate or a request in it cannot be read, as a parser says it.
    Malformed(String),
    /// It says that it is a private key, and cannot be read as one.
    BadKey,
    /// The key is encrypted, which docker cannot use.
    Encrypted,
    /// The key is encrypted in a way that is not known here.
    Cipher(String),
    /// The key does not belong to the certificate in this file.
    OtherKey(PathBuf),
    /// A kind of key that cannot sign here.
    KeyKind(String),
    /// The certificate may not sign others.
    NotCa,
    /// The certificate may sign others, and is to be let in alone.
    IsCa,
    /// The certificate is over, by so many days.
    Expired(i64),
    /// It is another CA than the one that is to sign.
    OtherCa,
    /// A CA that is kept elsewhere, and renewed there.
    ForeignCa,
    /// It was handed over for nobody: what `dctx cert client` writes has other keys.
    NotHandedOver,
    /// It is a client's certificate that signs itself, which is for the other side.
    ForAuthorize,
    /// It holds a server's certificate, and no client's.
    NoClient,
    /// No key here belongs to the certificate that was handed back.
    NoKeyHere(PathBuf),
}

impl FileFault {
    /// One sentence about the file `path`.
    pub(super) fn message(&self, path: &str, lang: Lang) -> String {
        match self {
            Self::Missing => tr!(lang, "{path} does not exist", "{path} 不存在"),
            Self::NoCertificate => {
                tr!(lang, "there is no certificate in {path}", "{path} 中没有证书")
            }
            Self::Several(all) => {
                let names = all.iter().map(|path| path.file_name().unwrap_or_default());
                let names: Vec<_> = names.map(|name| name.to_string_lossy()).collect();
                let names = names.join(&tr!(lang, ", ", "、"));
                tr!(
                    lang,
                    "{path} has several client certificates with their keys: {names}",
                    "{path} 中有多个带私钥的客户端证书：{names}"
                )
            }
            Self::NoKey => tr!(lang, "there is no private key in {path}", "{path} 中没有私钥"),
            Self::NoRequest => {
                tr!(lang, "there is no certificate request in {path}", "{path} 中没有证书请求")
            }
            Self::BadRequest => tr!(
                lang,
                "the request in {path} is not signed by its own key",
                "{path} 中的请求不是由其自身的密钥签名"
            ),
            Self::Uncheckable { kind, algorithm } => tr!(
                lang,
                "dctx cannot verify the signature of the request in {path} ({algorithm}, {kind} key)",
                "dctx 无法验证 {path} 中请求的签名（{algorithm}，{kind} 密钥）"
            ),
            Self::NotPem(NotPem::Missing) => Self::Missing.message(path, lang),
            Self::NotPem(NotPem::Unreadable(kind)) => {
                let why = reason(&(*kind).into(), lang);
                tr!(lang, "cannot read {path}: {why}", "无法读取 {path}：{why}")
            }
            Self::NotPem(what) => {
                let what = what.text(lang);
                tr!(lang, "{path} cannot be used: {what}", "{path} 无法使用：{what}")
            }
            Self::Malformed(why) => tr!(
                lang,
                "a certificate in {path} cannot be read: {why}",
                "无法读取 {path} 中的证书：{why}"
            ),
            Self::BadKey => {
                tr!(lang, "the private key in {path} is damaged", "{path} 中的私钥已损坏")
            }
            Self::Encrypted => tr!(
                lang,
                "the key {path} has a passphrase, which docker cannot ask for",
                "私钥 {path} 有口令，而 docker 无法询问口令"
            ),
            Self::Cipher(name) => tr!(
                lang,
                "the key {path} is encrypted with {name}, which dctx does not know",
                "私钥 {path} 使用 {name} 加密，dctx 不支持"
            ),
            Self::OtherKey(cert) => {
                let cert = cert.display();
                tr!(
                    lang,
                    "the key {path} does not belong to the certificate {cert}",
                    "私钥 {path} 与证书 {cert} 不匹配"
                )
            }
            Self::KeyKind(kind) => {
                tr!(
                    lang,
                    "dctx cannot sign with the {kind} key {path}",
                    "dctx 无法用 {kind} 私钥 {path} 签名"
                )
            }
            Self::NotCa => tr!(
                lang,
                "{path} is not a CA: it may not sign certificates",
                "{path} 不是 CA：不能签发证书"
            ),
            Self::IsCa => tr!(
                lang,
                "{path} is a CA: every client that it signs for would be let in",
                "{path} 是 CA：它签发的所有客户端都会被允许"
            ),
            Self::Expired(days) => {
                tr!(lang, "{path} expired {days} days ago", "{path} 已过期 {days} 天")
            }
            Self::OtherCa => tr!(
                lang,
                "{path} does not hold the CA that is to sign: what it signs would not be taken",
                "{path} 中没有将要签发的 CA：它签发的证书不会被接受"
            ),
            Self::ForeignCa => tr!(
                lang,
                "the CA {path} is kept elsewhere: renew it where it was made",
                "CA {path} 保存在其他地方：请在生成它的地方续期"
            ),
            Self::NotHandedOver => tr!(
                lang,
                "{path} is not what dctx cert client or dctx cert sign writes",
                "{path} 不是 dctx cert client 或 dctx cert sign 写出的文件"
            ),
            Self::ForAuthorize => tr!(
                lang,
                "{path} is what a client asks to be let in with: it is for dctx cert authorize, where the daemon's list is kept",
                "{path} 是客户端申请授权用的证书：请在保存守护进程名单的机器上用 dctx cert authorize 导入"
            ),
            Self::NoClient => {
                tr!(lang, "there is no client's certificate in {path}", "{path} 中没有客户端证书")
            }
            Self::NoKeyHere(key) => {
                let key = key.display();
                tr!(
                    lang,
                    "{path} contains no key, and {key} does not belong to it",
                    "{path} 不含私钥，而 {key} 与它不匹配"
                )
            }
        }
    }

    /// What to do about the file `path`.
    pub(super) fn hints(&self, path: &Path, lang: Lang) -> Vec<Hint> {
        match self {
            // What is in it is everything that is needed.
            Self::NotPem(what @ NotPem::Pkcs12) if wanted(path) == Wanted::Cert => {
                let all = [Wanted::Ca, Wanted::Cert, Wanted::Key].into_iter();
                all.flat_map(|part| what.fixes(part, path, lang).into_iter().take(1)).collect()
            }
            Self::NotPem(what) => what.fixes(wanted(path), path, lang),
            Self::Uncheckable { .. } => vec![Hint::say(tr!(
                lang,
                "ask for a request with a P-256, P-384, Ed25519 or RSA key of 2048 bits or more, signed with SHA-256 or longer",
                "请对方改用 P-256、P-384、Ed25519 或 2048 位以上 RSA 密钥，并用 SHA-256 或更长的摘要签名"
            ))],
            Self::Several(_) => vec![Hint::say(tr!(
                lang,
                "name one of them: --ca FILE --cert FILE --key FILE, or copy its files into a directory of their own",
                "请指定其中一个：--ca FILE --cert FILE --key FILE，或将其文件复制到单独的目录"
            ))],
            _ => Vec::new(),
        }
    }
}

/// What a file is probably for, by its name.
fn wanted(path: &Path) -> Wanted {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    match name {
        name if name.contains("key") => Wanted::Key,
        name if name.starts_with("ca") || name.contains("root") => Wanted::Ca,
        _ => Wanted::Cert,
    }
}
