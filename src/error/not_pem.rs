//! What a file is that certificates or keys were to be read from, and that is no PEM file with any: as data, in words,
//! and with the command that makes PEM of it. Nothing here can hold a byte of the file: it may be a private key.

use std::io;
use std::path::{Path, PathBuf};

use super::text::reason;
use super::{Hint, Lang};
use crate::tr;

/// What a file is that holds no PEM block, or cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotPem {
    /// There is none.
    Missing,
    /// It cannot be opened or read.
    Unreadable(io::ErrorKind),
    /// A directory.
    Directory,
    /// A pipe, a socket or a device.
    NotAFile,
    /// Larger than any certificate file, in bytes.
    TooLarge(u64),
    /// Nothing in it.
    Empty,
    /// DER, of this kind.
    Der(Der),
    /// PKCS #12 (RFC 7292): `.p12` or `.pfx`.
    Pkcs12,
    /// A web page.
    Html,
    /// UTF-16, as an editor on Windows writes it.
    Utf16,
    /// Fine, but for the byte order mark before the first block.
    Bom,
    /// Blocks that have lost their line breaks, as a variable loses them that was printed without quotes.
    Joined,
    /// Base64 of a PEM file, as secrets are kept in Kubernetes and CI systems.
    Base64,
    /// A block with this label that does not end.
    Truncated(&'static str),
    /// A block with this label that ends, and is not base64 in between.
    Damaged(&'static str),
    /// A block with this label whose contents are not what it says.
    Malformed(&'static str),
    /// A key on an elliptic curve that is written out and not named (RFC 3279, 2.3.5), which Go does not read.
    Explicit,
    /// None of these.
    Garbage,
}

/// What DER holds, as far as its first elements tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Der {
    /// An X.509 certificate (RFC 5280).
    Certificate,
    /// A certificate request (RFC 2986).
    Request,
    /// A private key (RFC 8017, 5915 or 5958).
    Key,
    /// A private key with a passphrase (RFC 5958, section 3).
    ClosedKey,
    /// PKCS #7 (RFC 2315), such as a `.p7b`.
    Pkcs7,
    /// Something else.
    Other,
}

/// What a file was to be read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The certificates of CAs.
    Ca,
    /// A certificate.
    Cert,
    /// A private key.
    Key,
}

impl NotPem {
    /// What it is, as the end of a sentence about the file.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::Missing => tr!(lang, "it does not exist", "文件不存在"),
            Self::Unreadable(kind) => {
                let why = reason(&(*kind).into(), lang);
                tr!(lang, "it cannot be read: {why}", "无法读取：{why}")
            }
            Self::Directory => tr!(lang, "it is a directory", "它是一个目录"),
            Self::NotAFile => tr!(lang, "it is not a regular file", "它不是普通文件"),
            Self::TooLarge(size) => tr!(
                lang,
                "it has {size} bytes, too many for a certificate or key",
                "文件有 {size} 字节，证书或私钥没有这么大"
            ),
            Self::Empty => tr!(lang, "it is empty", "文件为空"),
            Self::Der(Der::Certificate) => tr!(
                lang,
                "it is a certificate in DER, and docker reads PEM",
                "它是 DER 格式的证书，docker 只读 PEM"
            ),
            Self::Der(Der::Request) => tr!(
                lang,
                "it is a certificate request in DER, and docker reads PEM",
                "它是 DER 格式的证书请求，docker 只读 PEM"
            ),
            Self::Der(Der::Key | Der::ClosedKey) => tr!(
                lang,
                "it is a private key in DER, and docker reads PEM",
                "它是 DER 格式的私钥，docker 只读 PEM"
            ),
            Self::Der(Der::Pkcs7) => tr!(
                lang,
                "it is PKCS#7 (.p7b), and docker reads PEM",
                "它是 PKCS#7（.p7b），docker 只读 PEM"
            ),
            Self::Der(Der::Other) => {
                tr!(lang, "it is DER, and docker reads PEM", "它是 DER 格式，docker 只读 PEM")
            }
            Self::Pkcs12 => tr!(
                lang,
                "it is PKCS#12 (.p12 or .pfx), and docker reads PEM",
                "它是 PKCS#12（.p12 或 .pfx），docker 只读 PEM"
            ),
            Self::Html => tr!(lang, "it is a web page", "它是一个网页"),
            Self::Utf16 => tr!(lang, "it is in UTF-16", "它的编码是 UTF-16"),
            Self::Bom => tr!(
                lang,
                "it begins with a byte order mark, so docker does not see the block",
                "它以字节顺序标记（BOM）开头，docker 因此看不到 PEM 块"
            ),
            Self::Joined => {
                tr!(lang, "it has lost its line breaks", "它的换行丢失了")
            }
            Self::Base64 => tr!(
                lang,
                "it is base64 of a PEM file, and docker reads the PEM file itself",
                "它是 PEM 文件的 base64，docker 只读 PEM 文件本身"
            ),
            Self::Truncated(label) => {
                tr!(lang, "the end of its {label} is missing", "其中的 {label} 不完整，缺少结尾")
            }
            Self::Damaged(label) => {
                tr!(lang, "its {label} is not valid base64", "其中的 {label} 不是有效的 base64")
            }
            Self::Malformed(label) => {
                tr!(lang, "its {label} cannot be read", "无法读取其中的 {label}")
            }
            Self::Explicit => tr!(
                lang,
                "its key writes out the parameters of its curve, and docker reads curves by name only",
                "其中的密钥写出了曲线参数，docker 只识别曲线名称"
            ),
            Self::Garbage => tr!(lang, "it is not a PEM file", "它不是 PEM 文件"),
        }
    }

    /// The commands that make PEM of the file `from`, which is quoted for the shell; nothing where none does. `to` is
    /// the file to write, quoted too. Each of openssl's asks for a passphrase by itself where it needs one, and writes
    /// a private key for its owner alone.
    #[must_use]
    pub fn conversions(&self, wanted: Wanted, from: &str, to: &str, lang: Lang) -> Vec<Hint> {
        let make = |run: String| Hint::run(tr!(lang, "make PEM of it", "转换为 PEM"), run);
        match self {
            Self::Der(Der::Certificate) => {
                vec![make(format!("openssl x509 -inform DER -in {from} -out {to}"))]
            }
            Self::Der(Der::Request) => {
                vec![make(format!("openssl req -inform DER -in {from} -out {to}"))]
            }
            Self::Der(Der::Key) => {
                vec![make(format!("openssl pkey -inform DER -in {from} -out {to}"))]
            }
            Self::Der(Der::ClosedKey) => {
                vec![make(format!("openssl pkcs8 -inform DER -in {from} -out {to}"))]
            }
            Self::Der(Der::Pkcs7) => {
                vec![make(format!("openssl pkcs7 -inform DER -in {from} -print_certs -out {to}"))]
            }
            Self::Pkcs12 => {
                let which = match wanted {
                    Wanted::Ca => "-cacerts -nokeys",
                    Wanted::Cert => "-clcerts -nokeys",
                    Wanted::Key => "-nocerts -nodes",
                };
                let legacy = format!("openssl pkcs12 -legacy -in {from} {which} -out {to}");
                vec![
                    make(format!("openssl pkcs12 -in {from} {which} -out {to}")),
                    Hint::run(
                        tr!(
                            lang,
                            "if openssl 3 says \"unsupported\" (old ciphers)",
                            "如果 openssl 3 报 unsupported（旧算法）"
                        ),
                        legacy,
                    ),
                ]
            }
            Self::Base64 => {
                vec![Hint::run(
                    tr!(lang, "decode it, for yourself alone to read", "解码为仅自己可读的文件"),
                    format!(
                        "sh -c 'umask 077; openssl base64 -d -A -in \"$1\" -out \"$2\"' - {from} {to}"
                    ),
                )]
            }
            Self::Explicit => vec![Hint::run(
                tr!(lang, "name the curve", "改用曲线名称"),
                format!("openssl ec -in {from} -param_enc named_curve -out {to}"),
            )],
            Self::Joined => vec![Hint::say(tr!(
                lang,
                "copy it again; from a variable, with quotes around it: printf '%s\\n' \"$VARIABLE\"",
                "请重新复制；如来自变量，须加引号：printf '%s\\n' \"$VARIABLE\""
            ))],
            Self::Bom | Self::Utf16 => vec![Hint::say(tr!(
                lang,
                "save it again as UTF-8 without a byte order mark",
                "请另存为不带 BOM 的 UTF-8"
            ))],
            _ => Vec::new(),
        }
    }

    /// [`Self::conversions`] for the file `path`, into [`Self::made`].
    #[must_use]
    pub fn fixes(&self, wanted: Wanted, path: &Path, lang: Lang) -> Vec<Hint> {
        let (from, to) =
            (path.display().to_string(), self.made(wanted, path).display().to_string());
        self.conversions(wanted, &shell_words::quote(&from), &shell_words::quote(&to), lang)
    }

    /// What a conversion of the file `path` is called: beside it, and saying what is in it.
    #[must_use]
    pub fn made(&self, wanted: Wanted, path: &Path) -> PathBuf {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let what = match (self, wanted) {
            (Self::Pkcs12, Wanted::Key) => "key",
            (Self::Pkcs12, Wanted::Ca) => "ca",
            (Self::Pkcs12, Wanted::Cert) => "cert",
            _ => "converted",
        };
        path.with_file_name(format!("{stem}-{what}.pem"))
    }

    /// Whether there is a way to make a PEM file of it.
    #[must_use]
    pub const fn is_convertible(&self) -> bool {
        use Der::{Certificate, ClosedKey, Key, Pkcs7, Request};
        matches!(
            self,
            Self::Pkcs12
                | Self::Base64
                | Self::Joined
                | Self::Bom
                | Self::Utf16
                | Self::Explicit
                | Self::Der(Certificate | ClosedKey | Key | Pkcs7 | Request)
        )
    }

    /// Whether it is a private key as it stands, whatever else is wrong with it.
    #[must_use]
    pub fn is_key(&self) -> bool {
        match self {
            Self::Der(Der::Key | Der::ClosedKey) | Self::Pkcs12 => true,
            Self::Truncated(label) | Self::Damaged(label) => label.ends_with("PRIVATE KEY"),
            _ => false,
        }
    }
}
