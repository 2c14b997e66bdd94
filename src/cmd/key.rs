//! Private keys that are in no plain file: provided when a profile is used, taken away when the last shell has left it.
//!
//! Every other command sees a directory for DOCKER_CERT_PATH, as always. Which one it is can be told without the key
//! ([`place`]); the key is fetched after the guards have let the profile pass, and only if no shell has it already.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Ctx;
#[cfg(unix)]
use super::pick::tty::{Event, Tty};
use crate::cert::encrypt::{Closed, Encrypted};
use crate::cert::key::{self, Belongs, NoKey, PrivateKey};
use crate::cert::pem::Pem;
use crate::cert::x509::Cert;
use crate::cli;
use crate::env::Env;
use crate::error::{Error, Result, SecretFault, reason};
use crate::exports::Scope;
use crate::profile::destination::Destination;
use crate::profile::{KeySource, Profile, certs};
use crate::secret::process::Process;
use crate::secret::{self, command, hold, keyring, place};
use crate::shell::detect::{Evidence, SystemProcesses, detect};
use crate::shell::{Emitter, Kind};
use crate::store::parse::Settings;
use crate::tr;

/// The longest passphrase, in bytes.
#[cfg(unix)]
const MAX_PASSPHRASE: usize = 1024;

/// Whether docker cannot read this profile's key where it is: it is in no file, or has a passphrase.
#[must_use]
pub fn is_apart(profile: &Profile, material: &certs::Material) -> bool {
    profile.key_source.is_some() || material.sealed
}

/// The directory where the key stands while it is used. Nothing is made, and no key is asked for.
///
/// # Errors
/// [`Error::Secret`]: there is no place, or the certificate cannot be read.
pub fn place(ctx: &Ctx<'_>, profile: &Profile, material: &certs::Material) -> Result<PathBuf> {
    let fail = |fault| Error::Secret { profile: profile.name.clone(), fault };
    let chosen = place::choose(ctx.env).map_err(fail)?;
    let cert = certificate(material).ok_or_else(|| fail(SecretFault::NoKey))?;
    let text = read_cert(cert).map_err(fail)?;
    Ok(chosen.keys.join(hold::name(&profile.name, &material.ca, &text)))
}

/// The client certificate of a profile that is apart.
pub(super) fn certificate(material: &certs::Material) -> Option<&Path> {
    material.lone.as_deref().or(material.pair.as_ref().map(|(cert, _)| cert.as_path()))
}

fn read_cert(path: &Path) -> Result<zeroize::Zeroizing<Vec<u8>>, SecretFault> {
    secret::read_cert(path).map_err(|e| SecretFault::Certificate {
        path: path.to_owned(),
        why: reason(&e, crate::error::Lang::En),
    })
}

/// Whether docker is led to one of the directories that hold keys.
fn is_held(env: &Env, to: &Destination) -> bool {
    let parent = to.cert_dir.as_deref().and_then(Path::parent);
    let likely = parent.filter(|parent| parent.ends_with(place::KEYS));
    likely.is_some_and(|parent| place::known(env).iter().any(|keys| keys == parent))
}

/// How far a use may reach whose key goes with its shells: never to every shell, and into no file that stays.
///
/// # Errors
/// [`Error::Secret`] where more was asked for; what is only the default gives way, with a word about it.
pub fn scope(
    ctx: &Ctx<'_>,
    shell: &dyn Emitter,
    to: &Destination,
    scope: Scope,
    asked: bool,
) -> Result<Scope> {
    if !is_held(ctx.env, to) {
        return Ok(scope);
    }
    let fail = |fault| Err(Error::Secret { profile: to.name.clone(), fault });
    if shell.kind() == Kind::Data && shell.name() != "json" {
        return fail(SecretFault::Outlives(shell.name()));
    }
    if asked {
        return fail(SecretFault::Universal);
    }
    if scope == Scope::Universal {
        let (lang, name) = (ctx.out.lang, &to.name);
        ctx.out.say(&tr!(
            lang,
            "{name}: its key is kept only while a shell uses it, so this is for this shell alone",
            "{name}：私钥只在使用它的 shell 存续期间存在，因此只用于当前 shell"
        ));
    }
    Ok(Scope::Session)
}

/// Who holds a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// The shell that this was called from.
    Shell,
    /// This process, whose place a command or a sub-shell is about to take.
    This,
}

impl Holder {
    /// The process; to find the shell, the parents are looked at.
    fn process(self) -> Process {
        match self {
            Self::Shell => shell_process().0,
            Self::This => Process::this(),
        }
    }
}

/// The shell that this was called from, and whether by a copy of it: a subshell, whose variables are its own.
fn shell_process() -> (Process, bool) {
    let found = detect(&SystemProcesses, None);
    let pid = match found.map(|found| found.evidence) {
        Some(Evidence::Process { pid, .. }) => pid,
        _ => parent(),
    };
    let shell = Process::shell(pid);
    (shell, shell.pid != pid)
}

#[cfg(unix)]
fn parent() -> u32 {
    std::os::unix::process::parent_id()
}

#[cfg(not(unix))]
fn parent() -> u32 {
    0
}

/// Makes the key of `profile` stand where `to` leads, held by `holder`. Does nothing for a profile whose key is in a
/// plain file. `ask`: whether a person may be asked for a passphrase.
///
/// # Errors
/// [`Error::Secret`] says why it cannot be had.
pub fn provide(
    ctx: &Ctx<'_>,
    profile: &Profile,
    settings: &Settings,
    to: &Destination,
    holder: Holder,
    ask: bool,
) -> Result<()> {
    if !is_held(ctx.env, to) {
        return Ok(());
    }
    let fail = |fault| Error::Secret { profile: profile.name.clone(), fault };
    let home = ctx.env.home();
    let Some(material) = certs::locate(profile, &ctx.look(home.as_deref(), settings))? else {
        return Ok(());
    };
    let chosen = place::choose(ctx.env).map_err(fail)?;
    let Some(name) = to.cert_dir.as_deref().and_then(Path::file_name).and_then(|n| n.to_str())
    else {
        return Ok(());
    };
    let holder = holder.process();
    let write = |e: std::io::Error| fail(SecretFault::Write(chosen.keys.clone(), e.kind()));
    if hold::join(&chosen.keys, name, holder).map_err(write)? {
        return Ok(());
    }
    let cert_path = certificate(&material).ok_or_else(|| fail(SecretFault::NoKey))?;
    let cert = read_cert(cert_path).map_err(fail)?;
    let (key, from) = fetch(ctx, profile, &material, &cert, ask).map_err(fail)?;
    let cert_path = cert_path.to_owned();
    match Cert::first(&cert).map(|cert| key.belongs_to(&cert.key)) {
        Ok(Belongs::No) => return Err(fail(SecretFault::Mismatch { from, cert: cert_path })),
        // docker will see for itself.
        Ok(Belongs::Yes | Belongs::CannotTell) => {}
        Err(why) => return Err(fail(SecretFault::Certificate { path: cert_path, why })),
    }
    place::make(&chosen).map_err(fail)?;
    if chosen.disk {
        let dir = ctx.tilde(&chosen.keys);
        ctx.out.warn(
            &tr!(
                ctx.out.lang,
                "this system has no file system in memory: until it is no longer used, the key stands on disk, in {dir}",
                "此系统没有内存文件系统：使用期间私钥位于磁盘上的 {dir}"
            ),
            &[],
        );
    }
    let material = hold::Material { ca: &material.ca, cert: &cert, key: &key };
    hold::put(&chosen.keys, name, &material, holder).map_err(write)
}

/// The same for the command or sub-shell that takes this process's place; a watcher takes the key away after it.
///
/// # Errors
/// As [`provide`].
pub fn provide_for_this(
    ctx: &Ctx<'_>,
    profile: &Profile,
    settings: &Settings,
    to: &Destination,
) -> Result<()> {
    leave(ctx, None, &[]);
    if !is_held(ctx.env, to) {
        return Ok(());
    }
    provide(ctx, profile, settings, to, Holder::This, true)?;
    // Without one, the next run of dctx does it.
    let Some(program) = Env::program() else { return Ok(()) };
    let mut command = Command::new(program);
    command.arg("__watch").arg(Process::this().name());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // The first one ends at once: what is left is nobody's child, and surprises no program that waits for its own.
    let _ = command.status();
    Ok(())
}

/// `dctx __watch`.
///
/// # Errors
/// None that anybody would read.
pub fn watch(ctx: &Ctx<'_>, args: &cli::Watch) -> Result<()> {
    let Some(process) = Process::parse(&args.process) else { return Ok(()) };
    if !args.again {
        let Some(program) = Env::program() else { return Ok(()) };
        let mut command = Command::new(program);
        command.arg("__watch").arg("--again").arg(process.name()).current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Ctrl-C in the terminal is not for it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        drop(command.spawn());
        return Ok(());
    }
    process.wait_until_gone();
    leave(ctx, None, &[]);
    Ok(())
}

/// Lets this shell go of every key but the one that it is seen to use, by the DOCKER_CERT_PATH that it has exported, and
/// the one of `next`, which it is told to use. What is printed may never be evaluated: on a terminal without the hook,
/// for a program that reads it, in a subshell. So a key is let go of by the next `use`, `reset` or hook, which sees that
/// the shell has left it, or when the shell ends. What a copy of the shell sees may be the copy's own, unless it is the
/// hook that asks (`at_prompt`).
pub fn leave_unused(ctx: &Ctx<'_>, next: Option<&Path>, at_prompt: bool) {
    // Almost always there is none, and nobody has to be looked for.
    if !place::own(ctx.env).iter().any(|keys| hold::any(keys)) {
        return;
    }
    if !at_prompt && shell_process().1 {
        return leave(ctx, None, &[]);
    }
    let seen = ctx.env.filled("DOCKER_CERT_PATH").map(PathBuf::from);
    let kept: Vec<PathBuf> = seen.into_iter().chain(next.map(ToOwned::to_owned)).collect();
    leave(ctx, Some(Holder::Shell), &kept);
}

/// Lets `holder` go of every key but those in `except`, and takes away what nobody holds any more.
pub fn leave(ctx: &Ctx<'_>, holder: Option<Holder>, except: &[PathBuf]) {
    // Almost always there is none, and nobody has to be looked for.
    for keys in place::own(ctx.env).into_iter().filter(|keys| hold::any(keys)) {
        let holder = holder.map(Holder::process);
        if let Err(error) = hold::release(&keys, holder, except) {
            let (dir, why) = (ctx.tilde(&keys), reason(&error, ctx.out.lang));
            ctx.out.warn(
                &tr!(
                    ctx.out.lang,
                    "a key that is no longer used is still in {dir}: {why}",
                    "{dir} 中仍有无人使用的私钥：{why}"
                ),
                &[],
            );
        }
    }
}

/// The key from wherever the profile has it, and that place in words.
fn fetch(
    ctx: &Ctx<'_>,
    profile: &Profile,
    material: &certs::Material,
    cert: &[u8],
    ask: bool,
) -> Result<(PrivateKey, String), SecretFault> {
    match (&profile.key_source, &material.pair) {
        (Some(source), _) => from_source(ctx, source, cert),
        (None, Some((_, path))) => {
            from_file(ctx, path, ask).map(|key| (key, path.display().to_string()))
        }
        (None, None) => Err(SecretFault::NoKey),
    }
}

/// The key of a certificate that is in no file, and its place in words.
///
/// # Errors
/// Why it cannot be had.
pub(super) fn from_source(
    ctx: &Ctx<'_>,
    source: &KeySource,
    cert: &[u8],
) -> Result<(PrivateKey, String), SecretFault> {
    match source {
        KeySource::Keyring => {
            let from = tr!(ctx.out.lang, "the keyring", "密钥环");
            from_keyring(ctx, cert).map(|key| (key, from))
        }
        KeySource::Command(argv) => command::key(ctx.env, argv, |said| ctx.out.relay(said))
            .map(|key| (key, "key-command".to_owned())),
    }
}

/// What the keyring's own program shows for the key of a profile.
///
/// `user` is what it is filed under ([`user`]), the beginning of which tells it from a former one of that profile.
pub(super) fn label(name: &str, user: &str) -> String {
    let sum = user.split_once(':').map_or(user, |(_, sum)| sum);
    format!("dctx: private key of {name} ({})", sum.get(..8).unwrap_or(sum))
}

/// The key of a certificate, from the keyring.
///
/// # Errors
/// Why it cannot be had.
pub(super) fn from_keyring(ctx: &Ctx<'_>, cert: &[u8]) -> Result<PrivateKey, SecretFault> {
    let user = user(cert)?;
    keyring::key(ctx.env, &user, &waiting(ctx))
}

/// Under what name the keyring has the key of a certificate.
pub(super) fn user(cert: &[u8]) -> Result<String, SecretFault> {
    match Cert::first(cert) {
        Ok(cert) => Ok(keyring::key_user(&cert.key.spki)),
        Err(why) => Err(SecretFault::Certificate { path: PathBuf::new(), why }),
    }
}

/// Tells what takes so long.
pub(super) fn waiting(ctx: &Ctx<'_>) -> impl Fn() {
    let text = tr!(ctx.out.lang, "waiting for your keyring to be unlocked…", "正在等待密钥环解锁…");
    move || ctx.out.say(&text)
}

/// The key in a file, by its passphrase where it has one: from the keyring, if that has it, else by asking.
///
/// # Errors
/// Why it cannot be had.
pub(super) fn from_file(ctx: &Ctx<'_>, path: &Path, ask: bool) -> Result<PrivateKey, SecretFault> {
    let shown = path.display().to_string();
    let text = secret::read_key(path).map_err(|e| SecretFault::Write(path.to_owned(), e.kind()))?;
    let pem = Pem::parse(&text);
    match key::read(&pem) {
        Ok(key) => return Ok(key),
        Err(NoKey::Encrypted) => {}
        Err(NoKey::Label(_) | NoKey::Explicit | NoKey::Malformed(_)) => {
            return Err(SecretFault::NotAKey(shown));
        }
    }
    let closed = Encrypted::read(&pem).map_err(|why| closed_for_ever(path, why))?;
    let user = keyring::passphrase_user(path);
    let kept = keyring::get(ctx.env, &user, &waiting(ctx)).ok().map(|kept| closed.open(&kept));
    let wrong = match kept {
        Some(Ok(key)) => return Ok(key),
        Some(Err(Closed::Wrong)) => true,
        Some(Err(why)) => return Err(closed_for_ever(path, why)),
        None => false,
    };
    if ctx.no_input || !ask || !(ctx.env.stdin_tty || ctx.env.stderr_tty) {
        return Err(match wrong {
            true => SecretFault::KeptWrong(shown),
            false => SecretFault::NobodyToAsk(shown),
        });
    }
    if wrong {
        let (lang, path) = (ctx.out.lang, ctx.tilde(path));
        ctx.out.say(&tr!(
            lang,
            "what the keyring has does not open {path}",
            "密钥环中的口令无法解开 {path}"
        ));
    }
    ask_for(ctx, path, &closed)
}

/// Asks three times at most, as ssh does.
fn ask_for(ctx: &Ctx<'_>, path: &Path, closed: &Encrypted) -> Result<PrivateKey, SecretFault> {
    let (lang, shown) = (ctx.out.lang, ctx.tilde(path));
    let question = tr!(lang, "Passphrase of {shown}: ", "{shown} 的口令：");
    for _ in 0..3 {
        let typed = passphrase(ctx, path, &crate::text::clean(&question))?;
        match closed.open(&typed) {
            Ok(key) => return Ok(key),
            Err(Closed::Wrong) => ctx.out.say(&tr!(lang, "wrong passphrase", "口令错误")),
            Err(why) => return Err(closed_for_ever(path, why)),
        }
    }
    Err(SecretFault::WrongPassphrase(path.display().to_string()))
}

/// Why a key is not opened, however often somebody types.
fn closed_for_ever(path: &Path, why: Closed) -> SecretFault {
    let path = path.display().to_string();
    match why {
        Closed::Unknown(cipher) => SecretFault::Cipher { path, cipher },
        Closed::Malformed => SecretFault::NotAKey(path),
        Closed::Wrong => SecretFault::WrongPassphrase(path),
    }
}

/// There is no terminal that dctx could ask on.
#[cfg(not(unix))]
fn passphrase(
    _: &Ctx<'_>,
    path: &Path,
    _: &str,
) -> Result<zeroize::Zeroizing<Vec<u8>>, SecretFault> {
    Err(SecretFault::NobodyToAsk(path.display().to_string()))
}

/// One line from the terminal that nobody sees.
#[cfg(unix)]
fn passphrase(
    ctx: &Ctx<'_>,
    path: &Path,
    question: &str,
) -> Result<zeroize::Zeroizing<Vec<u8>>, SecretFault> {
    use std::io::Write as _;
    let nobody = |_| SecretFault::NobodyToAsk(path.display().to_string());
    // Standard output goes to the shell.
    let mut shown = std::fs::OpenOptions::new().write(true).open("/dev/tty").map_err(nobody)?;
    let mut tty = Tty::open(ctx.env).map_err(nobody)?;
    shown.write_all(question.as_bytes()).map_err(nobody)?;
    let mut line = zeroize::Zeroizing::new(Vec::with_capacity(MAX_PASSPHRASE));
    let mut bytes = zeroize::Zeroizing::new([0_u8; 64]);
    let ended = 'typing: loop {
        let count = match tty.wait(&mut *bytes, None) {
            Event::Typed(count) => count,
            Event::Ended(code) => break Err(SecretFault::Aborted(code)),
            Event::Nothing | Event::Changed => continue,
        };
        for byte in bytes.get(..count).unwrap_or_default() {
            match *byte {
                b'\r' | b'\n' => break 'typing Ok(()),
                // Ctrl-C and Ctrl-D
                3 | 4 => break 'typing Err(SecretFault::Aborted(130)),
                // Ctrl-U
                21 => line.clear(),
                8 | 127 => {
                    // one character, which may be of several bytes
                    while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
                }
                byte if line.len() < MAX_PASSPHRASE => line.push(byte),
                _ => {}
            }
        }
    };
    drop(tty);
    let _ = shown.write_all(b"\n");
    ended.map(|()| line)
}
