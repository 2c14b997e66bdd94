//! What keeps a private key from where it is wanted, each in a sentence of its own, and the way without it.

use std::io;
use std::path::PathBuf;

use super::text::reason;
use super::{Hint, Lang};
use crate::tr;

/// Why a private key that is in no plain file cannot be had, or cannot be put anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretFault {
    /// No session bus, and so no keyring.
    NoBus,
    /// There is a bus, and no keyring answers on it.
    NoService,
    /// The keyring stayed locked.
    Locked,
    /// The keyring did not answer within so many seconds.
    Slow(u64),
    /// The keyring has no key for this certificate.
    NoKey,
    /// Whatever else the keyring says.
    Refused(String),
    /// This system's keyring is not one that dctx knows.
    NoKeyring,
    /// What was put into the keyring did not come back as it was.
    NotKept,
    /// The program of key-command could not be started.
    CommandStart(String, io::ErrorKind),
    /// It ended with this status; as a shell counts signals.
    CommandFailed(String, i32),
    /// It did not end within so many seconds.
    CommandSlow(String, u64),
    /// It printed more than a key can be.
    CommandHuge(String),
    /// There is no private key in what came from there.
    NotAKey(String),
    /// The key file is encrypted in a way that dctx does not read.
    Cipher {
        /// The file.
        path: String,
        /// The way.
        cipher: String,
    },
    /// The passphrase is not that of the file.
    WrongPassphrase(String),
    /// A passphrase is needed and there is no terminal to ask on.
    NobodyToAsk(String),
    /// The same, and the one that the keyring has is another.
    KeptWrong(String),
    /// The person gave up; the exit code says how.
    Aborted(u8),
    /// The key belongs to another certificate.
    Mismatch {
        /// Where the key is from.
        from: String,
        /// The certificate.
        cert: PathBuf,
    },
    /// A kind of key whose certificate cannot be told.
    Uncheckable(String),
    /// The certificate cannot be read.
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// No directory where a key could stand.
    NoPlace {
        /// The directory that was looked at first, if there was one.
        path: Option<PathBuf>,
        /// What is wrong with it.
        why: PlaceFault,
    },
    /// The key could not be written.
    Write(PathBuf, io::ErrorKind),
    /// Wanted for every shell.
    Universal,
    /// Wanted in a file, which stays when the shell ends.
    Outlives(&'static str),
}

/// Why a directory is not one where a key may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceFault {
    /// None is named, and none is known.
    None,
    /// It is not there, or no directory.
    Absent,
    /// It belongs to somebody else.
    Foreign,
    /// Others can reach into it (mode).
    Open(u32),
    /// It is on a disk.
    Disk,
}

impl SecretFault {
    /// Whether there is a keyring, which fails, where others have none at all.
    #[must_use]
    pub const fn is_odd(&self) -> bool {
        !matches!(self, Self::NoBus | Self::NoService | Self::NoKeyring | Self::NoKey)
    }

    /// Why the keyring is of no use: one clause about it, not about a profile.
    #[must_use]
    pub fn reason(&self, lang: Lang) -> String {
        match self {
            Self::NoBus => tr!(lang, "no session bus here", "当前会话没有 D-Bus 总线可用"),
            Self::NoService => tr!(lang, "no keyring is running", "没有密钥环服务在运行"),
            Self::Locked => tr!(lang, "it is locked", "密钥环已锁定"),
            Self::Slow(seconds) => {
                tr!(lang, "it did not answer within {seconds} s", "密钥环在 {seconds} 秒内没有回应")
            }
            Self::NoKey => tr!(lang, "it has none", "密钥环中没有"),
            Self::NotKept => tr!(
                lang,
                "it does not give back what was put into it",
                "密钥环返回的内容与存入的不同"
            ),
            other => message(other, lang),
        }
    }
}

/// The exit code of it.
pub(super) const fn code(fault: &SecretFault) -> u8 {
    match fault {
        SecretFault::Universal | SecretFault::Outlives(_) => 2,
        SecretFault::Aborted(code) => *code,
        _ => 4,
    }
}

/// One sentence.
pub(super) fn message(fault: &SecretFault, lang: Lang) -> String {
    match fault {
        SecretFault::NoBus => tr!(
            lang,
            "its key is in the keyring, and there is no session bus here to ask one",
            "私钥在密钥环中，但当前会话没有 D-Bus 总线可用"
        ),
        SecretFault::NoService => tr!(
            lang,
            "its key is in the keyring, and no keyring is running",
            "私钥在密钥环中，但没有密钥环服务在运行"
        ),
        SecretFault::Locked => tr!(
            lang,
            "its key is in the keyring, which is locked",
            "私钥在密钥环中，但密钥环已锁定"
        ),
        SecretFault::Slow(seconds) => tr!(
            lang,
            "its key is in the keyring, which did not answer within {seconds} s",
            "私钥在密钥环中，但密钥环在 {seconds} 秒内没有回应"
        ),
        SecretFault::NoKey => tr!(
            lang,
            "the keyring has no key for its certificate",
            "密钥环中没有与其证书对应的私钥"
        ),
        SecretFault::Refused(why) => {
            tr!(lang, "the keyring refuses: {why}", "密钥环拒绝了请求：{why}")
        }
        SecretFault::NoKeyring => {
            tr!(lang, "dctx knows no keyring on this system", "dctx 不支持此系统的密钥环")
        }
        SecretFault::NotKept => tr!(
            lang,
            "the keyring does not give back what was put into it; the key file stays",
            "密钥环返回的内容与存入的不同；密钥文件保持不变"
        ),
        SecretFault::CommandStart(program, io::ErrorKind::NotFound) => tr!(
            lang,
            "key-command {program}: there is no such program",
            "key-command {program}：没有这个程序"
        ),
        SecretFault::CommandStart(program, why) => {
            let why = kind(*why, lang);
            tr!(
                lang,
                "key-command {program} cannot be run: {why}",
                "无法运行 key-command {program}：{why}"
            )
        }
        SecretFault::CommandFailed(program, status) => tr!(
            lang,
            "key-command {program} failed with status {status}",
            "key-command {program} 失败，状态码 {status}"
        ),
        SecretFault::CommandSlow(program, seconds) => tr!(
            lang,
            "key-command {program} did not end within {seconds} s",
            "key-command {program} 在 {seconds} 秒内没有结束"
        ),
        SecretFault::CommandHuge(program) => tr!(
            lang,
            "key-command {program} printed more than 64 KiB, which is not a key",
            "key-command {program} 的输出超过 64 KiB，不是私钥"
        ),
        SecretFault::NotAKey(from) => tr!(
            lang,
            "there is no private key in PEM form in {from}",
            "{from} 中没有 PEM 格式的私钥"
        ),
        SecretFault::Cipher { path, cipher } => tr!(
            lang,
            "the key {path} is encrypted with {cipher}, which dctx does not read",
            "私钥 {path} 使用 {cipher} 加密，dctx 无法读取"
        ),
        SecretFault::WrongPassphrase(path) => {
            tr!(lang, "that is not the passphrase of {path}", "这不是 {path} 的口令")
        }
        SecretFault::NobodyToAsk(path) => tr!(
            lang,
            "the key {path} has a passphrase, and there is no terminal to ask on",
            "私钥 {path} 有口令，但没有可用于询问的终端"
        ),
        SecretFault::KeptWrong(path) => tr!(
            lang,
            "the passphrase that the keyring has does not open the key {path}, and there is no terminal to ask on",
            "密钥环中的口令无法解开私钥 {path}，也没有可用于询问的终端"
        ),
        SecretFault::Aborted(_) => {
            tr!(lang, "no passphrase was given", "没有输入口令")
        }
        SecretFault::Mismatch { from, cert } => {
            let cert = cert.display();
            tr!(
                lang,
                "the key in {from} does not belong to the certificate {cert}",
                "{from} 中的私钥与证书 {cert} 不匹配"
            )
        }
        SecretFault::Uncheckable(from) => tr!(
            lang,
            "dctx cannot tell whether the key in {from} belongs to its certificate, so it stays where it is",
            "dctx 无法判断 {from} 中的私钥是否与证书匹配，因此不会移动它"
        ),
        SecretFault::Certificate { path, why } => {
            let path = path.display();
            tr!(lang, "the certificate {path}: {why}", "证书 {path}：{why}")
        }
        SecretFault::NoPlace { path, why } => {
            let path = path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
            place(&path, *why, lang)
        }
        SecretFault::Write(path, why) => {
            let (path, why) = (path.display(), kind(*why, lang));
            tr!(lang, "cannot put the key into {path}: {why}", "无法将私钥写入 {path}：{why}")
        }
        SecretFault::Universal => tr!(
            lang,
            "its key is kept only while a shell uses it, so it cannot be for every shell",
            "它的私钥只在使用它的 shell 存续期间存在，因此不能用于所有 shell"
        ),
        SecretFault::Outlives(format) => tr!(
            lang,
            "its key is kept only while a shell uses it, and what is printed for {format} is used longer than that",
            "它的私钥只在使用它的 shell 存续期间存在，而 {format} 的用途超出这一期限"
        ),
    }
}

/// Why the system refused, where only the kind is known; Rust's own words for these are no system's.
fn kind(why: io::ErrorKind, lang: Lang) -> String {
    use io::ErrorKind as Kind;
    match (lang, why) {
        (Lang::En, Kind::NotFound) => "no such file or directory".to_owned(),
        (Lang::En, Kind::StorageFull | Kind::QuotaExceeded) => "no room is left there".to_owned(),
        _ => reason(&why.into(), lang),
    }
}

fn place(path: &str, why: PlaceFault, lang: Lang) -> String {
    match why {
        PlaceFault::None => tr!(
            lang,
            "there is no private directory in memory for its key",
            "没有可存放其私钥的内存私有目录"
        ),
        PlaceFault::Absent => tr!(
            lang,
            "its key cannot be kept in {path}: there is no such directory",
            "私钥不能存放在 {path}：没有该目录"
        ),
        PlaceFault::Foreign => tr!(
            lang,
            "its key cannot be kept in {path}, which belongs to somebody else",
            "私钥不能存放在 {path}：它属于其他用户"
        ),
        PlaceFault::Open(mode) => tr!(
            lang,
            "its key cannot be kept in {path}, which others can reach into (mode {mode:04o})",
            "私钥不能存放在 {path}：他人可以访问（权限 {mode:04o}）"
        ),
        PlaceFault::Disk => tr!(
            lang,
            "its key cannot be kept in {path}, which is on a disk and not in memory",
            "私钥不能存放在 {path}：它在磁盘上而不在内存中"
        ),
    }
}

/// For the profile `name`.
pub(super) fn hints(name: &str, fault: &SecretFault, lang: Lang) -> Vec<Hint> {
    let file = || {
        Hint::run(
            tr!(lang, "with the key in a file instead", "改用私钥文件"),
            format!("dctx edit {name} --key FILE"),
        )
    };
    let command = || {
        Hint::run(
            tr!(
                lang,
                "or let a program print it, with key-command = [\"pass\", \"show\", \"NAME\"]",
                "或由程序输出，写 key-command = [\"pass\", \"show\", \"NAME\"]"
            ),
            format!("dctx edit {name}"),
        )
    };
    match fault {
        SecretFault::NoBus
        | SecretFault::NoService
        | SecretFault::Slow(_)
        | SecretFault::Refused(_)
        | SecretFault::NoKeyring
        | SecretFault::NoKey => vec![file(), command()],
        SecretFault::Locked => vec![
            Hint::say(tr!(
                lang,
                "unlock it: log in to the desktop, or let gnome-keyring-daemon --unlock read its password",
                "请解锁：登录桌面，或让 gnome-keyring-daemon --unlock 读取其口令"
            )),
            file(),
            command(),
        ],
        SecretFault::CommandStart(..)
        | SecretFault::CommandFailed(..)
        | SecretFault::CommandSlow(..)
        | SecretFault::CommandHuge(_) => {
            vec![Hint::run(tr!(lang, "to fix it", "修正"), format!("dctx edit {name}")), file()]
        }
        SecretFault::NotAKey(_) => vec![Hint::say(tr!(
            lang,
            "a key begins with a line such as -----BEGIN PRIVATE KEY-----",
            "私钥以 -----BEGIN PRIVATE KEY----- 之类的行开头"
        ))],
        SecretFault::Cipher { .. } => vec![Hint::say(tr!(
            lang,
            "openssl pkcs8 -topk8 converts it to a form that dctx reads",
            "可用 openssl pkcs8 -topk8 将其重写为 dctx 能读取的格式"
        ))],
        SecretFault::NobodyToAsk(_) | SecretFault::KeptWrong(_) => vec![Hint::run(
            tr!(
                lang,
                "once, at a terminal, move it into the keyring",
                "可在终端中一次性将其移入密钥环"
            ),
            format!("dctx edit {name} --key keyring"),
        )],
        SecretFault::Mismatch { .. } => vec![Hint::run(
            tr!(lang, "see which certificate it is", "查看证书"),
            format!("dctx show {name}"),
        )],
        SecretFault::NoPlace { .. } | SecretFault::Write(..) => vec![
            Hint::say(tr!(
                lang,
                "XDG_RUNTIME_DIR has to name a directory of yours alone (mode 0700) in memory, as a login makes it",
                "XDG_RUNTIME_DIR 应是仅属于你（权限 0700）且位于内存中的目录，登录时会自动创建"
            )),
            file(),
        ],
        // The line would be repeated with its format, which is what does not fit.
        SecretFault::Outlives(_) => vec![file()],
        SecretFault::Universal => vec![
            Hint::run(
                tr!(lang, "for this shell alone", "只用于当前 shell"),
                format!("dctx use {name} --session"),
            ),
            file(),
        ],
        SecretFault::NotKept
        | SecretFault::WrongPassphrase(_)
        | SecretFault::Aborted(_)
        | SecretFault::Uncheckable(_)
        | SecretFault::Certificate { .. } => Vec::new(),
    }
}
