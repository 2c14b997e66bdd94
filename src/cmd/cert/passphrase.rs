//! The passphrase of a CA's key: kept in the keyring, typed on the terminal without echo, or printed by a command. It is
//! never an argument or a variable, and it is overwritten after use.

use std::io::{self, Read as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::ring::Ring;
use crate::cert::make::authority::Authority;
use crate::cert::make::issue::Issuer;
use crate::cert::make::keys::random;
use crate::cert::secret::Secret;
use crate::cert::signature::PublicKey;
use crate::cert::x509::hex;
use crate::cli::cert::Passphrase;
use crate::cmd::{Ctx, key};
use crate::error::{Error, MakeFault, Result, SecretFault, reason};
use crate::secret::keyring;
use crate::tr;

/// OpenSSL takes no shorter one.
const SHORTEST: usize = 4;
/// A passphrase is a line.
const LONGEST: usize = 4096;
/// A command may ask the person for something itself.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a wrong one may be typed, as with ssh.
const TRIES: u8 = 3;

/// What closes a new CA's key.
pub(super) enum Closing {
    /// Nothing.
    Open,
    /// What a person or a program knows.
    Known(Secret),
    /// What the keyring keeps.
    Kept(Secret),
}

impl Closing {
    /// The passphrase.
    pub(super) const fn passphrase(&self) -> Option<&Secret> {
        match self {
            Self::Open => None,
            Self::Known(passphrase) | Self::Kept(passphrase) => Some(passphrase),
        }
    }
}

/// The passphrase for a new CA's key, whose public half is `public`. Unless another way is asked for, it is made here
/// and kept in the keyring; where there is none, it is asked for.
///
/// # Errors
/// There is no way to get one, it is too short, or was typed differently the second time.
pub(super) fn create(
    ctx: &Ctx<'_>,
    ring: &mut Ring<'_>,
    (name, public): (&str, &PublicKey),
    how: &Passphrase,
    none: bool,
) -> Result<Closing> {
    if none {
        return Ok(Closing::Open);
    }
    let unkept = |fault| Error::Make(MakeFault::Unkept { passphrase: true, fault });
    if let Some(command) = &how.ca_key_command {
        return long_enough(run(ctx, command)?).map(Closing::Known);
    }
    let mut why = None;
    if !how.ask_passphrase {
        let made = Secret::new(hex(&random::<20>()?).into_bytes());
        match ring.passphrase(name, public, &made) {
            Ok(()) => return Ok(Closing::Kept(made)),
            Err(fault) if how.keep_passphrase => return Err(unkept(fault)),
            Err(fault) => why = Some(fault),
        }
        if let Some(fault) = why.as_ref().filter(|fault| fault.is_odd()) {
            let (lang, why) = (ctx.out.lang, fault.reason(ctx.out.lang));
            ctx.out.say(&tr!(
                lang,
                "the keyring cannot keep the passphrase of the CA's key: {why}",
                "密钥环无法保存 CA 私钥的口令：{why}"
            ));
        }
    }
    let lang = ctx.out.lang;
    let first = tr!(lang, "Passphrase for the new CA's key: ", "新 CA 私钥的口令：");
    let first = long_enough(ask(ctx, &first, why.as_ref())?)?;
    let again = ask(ctx, &tr!(lang, "The same again: ", "请再次输入："), why.as_ref())?;
    if again != first {
        return Err(Error::Make(MakeFault::Mistyped));
    }
    if !how.keep_passphrase {
        return Ok(Closing::Known(first));
    }
    ring.passphrase(name, public, &first).map_err(unkept)?;
    Ok(Closing::Kept(first))
}

fn long_enough(passphrase: Secret) -> Result<Secret> {
    if passphrase.len() < SHORTEST {
        return Err(Error::Make(MakeFault::ShortPassphrase));
    }
    Ok(passphrase)
}

/// A CA, ready to sign. Where its key has a passphrase, that comes from the command, from the keyring, or from the
/// terminal, where it is kept if that is asked for.
///
/// # Errors
/// There is no way to get it, or it is a wrong one.
pub(super) fn open(
    ctx: &Ctx<'_>,
    name: &str,
    authority: &Authority,
    how: &Passphrase,
) -> Result<Issuer> {
    if !authority.is_encrypted()? {
        return authority.open(None);
    }
    if let Some(command) = &how.ca_key_command {
        return authority.open(Some(&run(ctx, command)?));
    }
    let lang = ctx.out.lang;
    let mut why = None;
    if !how.ask_passphrase {
        let user = keyring::ca_user(&authority.cert.key.spki);
        match keyring::get(ctx.env, &user, &key::waiting(ctx)) {
            Ok(kept) => match authority.open(Some(&kept)) {
                Err(Error::Make(MakeFault::WrongPassphrase(path))) => {
                    let path = ctx.tilde(&path);
                    ctx.out.say(&tr!(
                        lang,
                        "what the keyring has does not open {path}",
                        "密钥环中的口令无法解开 {path}"
                    ));
                }
                opened => return opened,
            },
            Err(fault) => why = Some(fault),
        }
    }
    let shown = ctx.tilde(&authority.key_path);
    let question = tr!(lang, "Passphrase of {shown}: ", "{shown} 的口令：");
    let question = crate::text::clean(&question);
    let mut tries = 0;
    let (issuer, passphrase) = loop {
        let typed = ask(ctx, &question, why.as_ref())?;
        tries += 1;
        match authority.open(Some(&typed)) {
            Ok(issuer) => break (issuer, typed),
            Err(Error::Make(MakeFault::WrongPassphrase(_))) if tries < TRIES => {
                ctx.out.say(&tr!(lang, "wrong passphrase", "口令错误"));
            }
            Err(error) => return Err(error),
        }
    };
    if how.keep_passphrase {
        // The CA is in place whatever happens here.
        let mut ring = Ring::new(ctx, &authority.key_path);
        let kept = ring.passphrase(name, &authority.cert.key, &passphrase);
        kept.map_err(|fault| Error::Make(MakeFault::Unkept { passphrase: true, fault }))?;
        ring.settle();
        ctx.out.say(&tr!(
            lang,
            "the keyring has the passphrase of {shown} from now on",
            "从现在起密钥环保存 {shown} 的口令"
        ));
    }
    Ok(issuer)
}

/// The first line that a command prints. It is run as its words say, without a shell, with the terminal to ask on.
fn run(ctx: &Ctx<'_>, command: &str) -> Result<Secret> {
    let fail = |program: &str, why: String| {
        Error::Make(MakeFault::Command { program: program.to_owned(), why })
    };
    let words = shell_words::split(command).map_err(|e| fail(command, e.to_string()))?;
    let Some((program, args)) = words.split_first() else {
        return Err(fail(command, tr!(ctx.out.lang, "it is empty", "命令为空")));
    };
    let lang = ctx.out.lang;
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::inherit())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| fail(program, reason(&e, lang)))?;
    let Some(stdout) = child.stdout.take() else {
        return Err(fail(program, tr!(lang, "no output", "没有输出")));
    };
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::with_capacity(LONGEST);
        let read = stdout.take(LONGEST as u64).read_to_end(&mut bytes);
        let _ = send.send(read.map(|_| Secret::new(bytes)));
    });
    let Ok(read) = receive.recv_timeout(PATIENCE) else {
        let _ = child.kill();
        let _ = child.wait();
        let seconds = PATIENCE.as_secs();
        return Err(fail(
            program,
            tr!(lang, "no answer within {seconds} s", "{seconds} 秒内没有回应"),
        ));
    };
    let status = child.wait().map_err(|e| fail(program, reason(&e, lang)))?;
    if !status.success() {
        return Err(fail(program, status.to_string()));
    }
    let bytes = read.map_err(|e| fail(program, reason(&e, lang)))?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Err(fail(program, tr!(lang, "it printed nothing", "没有输出任何内容")));
    }
    Ok(Secret::copy(line))
}

/// Asks on the terminal of this session. Standard input may be something else. `keyring`: why that was no help.
#[cfg(unix)]
fn ask(ctx: &Ctx<'_>, question: &str, keyring: Option<&SecretFault>) -> Result<Secret> {
    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
    let no = || Error::Make(MakeFault::NoPassphrase(keyring.cloned()));
    if ctx.no_input {
        return Err(no());
    }
    let options = &mut std::fs::OpenOptions::new();
    let tty = options.read(true).write(true).open("/dev/tty").map_err(|_| no())?;
    let former = tcgetattr(&tty).map_err(|_| no())?;
    let mut modes = former.clone();
    // Ctrl-C is read like the rest, so that the terminal is always given back with its echo.
    modes.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
    modes.special_codes[SpecialCodeIndex::VMIN] = 1;
    modes.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(&tty, OptionalActions::Flush, &modes).map_err(|_| no())?;
    let asked = io::Write::write_all(&mut &tty, question.as_bytes());
    let read = asked.and_then(|()| line(&mut &tty));
    let _ = io::Write::write_all(&mut &tty, b"\n");
    let _ = tcsetattr(&tty, OptionalActions::Now, &former);
    match read {
        Ok(Some(typed)) => Ok(typed),
        Ok(None) => Err(Error::Make(MakeFault::Cancelled)),
        Err(_) => Err(no()),
    }
}

#[cfg(not(unix))]
fn ask(_: &Ctx<'_>, _: &str, keyring: Option<&SecretFault>) -> Result<Secret> {
    Err(Error::Make(MakeFault::NoPassphrase(keyring.cloned())))
}

/// One line from a terminal that edits nothing itself; `None` for Ctrl-C.
#[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has /dev/tty"))]
fn line(from: &mut impl io::Read) -> io::Result<Option<Secret>> {
    // Never longer than its room, so that it is in one place only.
    let mut typed = Vec::with_capacity(LONGEST);
    let mut byte = [0];
    loop {
        if from.read(&mut byte)? == 0 {
            break;
        }
        match byte[0] {
            b'\r' | b'\n' => break,
            0x03 | 0x1c => {
                let _ = Secret::new(typed);
                return Ok(None);
            }
            0x04 if typed.is_empty() => return Ok(None),
            0x04 => {}
            0x08 | 0x7f => {
                // A character of several bytes goes as one.
                while typed.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
            }
            0x15 => {
                typed.fill(0);
                typed.clear();
            }
            other if typed.len() < LONGEST => typed.push(other),
            _ => {}
        }
    }
    Ok(Some(Secret::new(typed)))
}
