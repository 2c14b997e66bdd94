//! The passphrase of a CA's key: typed on the terminal without echo, or printed by a command. It is never an argument
//! or a variable, and it is overwritten after use.

use std::io::{self, Read as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::cert::secret::Secret;
use crate::cmd::Ctx;
use crate::error::{Error, MakeFault, Result, reason};
use crate::tr;

/// OpenSSL takes no shorter one.
const SHORTEST: usize = 4;
/// A passphrase is a line.
const LONGEST: usize = 4096;
/// A command may ask the person for something itself.
const PATIENCE: Duration = Duration::from_secs(120);

/// The passphrase for a new CA's key; `None` where it is to have none.
///
/// # Errors
/// There is no way to get one, it is too short, or was typed differently the second time.
pub(super) fn create(ctx: &Ctx<'_>, command: Option<&str>, none: bool) -> Result<Option<Secret>> {
    if none {
        return Ok(None);
    }
    let lang = ctx.out.lang;
    let first = match command {
        Some(command) => run(ctx, command)?,
        None => {
            let first =
                ask(ctx, &tr!(lang, "Passphrase for the new CA's key: ", "新 CA 私钥的口令："))?;
            if first.len() >= SHORTEST {
                let again = ask(ctx, &tr!(lang, "The same again: ", "请再次输入："))?;
                if again != first {
                    return Err(Error::Make(MakeFault::Mistyped));
                }
            }
            first
        }
    };
    if first.len() < SHORTEST {
        return Err(Error::Make(MakeFault::ShortPassphrase));
    }
    Ok(Some(first))
}

/// The passphrase of a key that has one.
///
/// # Errors
/// There is no way to get it.
pub(super) fn recall(
    ctx: &Ctx<'_>,
    command: Option<&str>,
    path: &std::path::Path,
) -> Result<Secret> {
    if let Some(kept) = kept(path) {
        return Ok(kept);
    }
    if let Some(command) = command {
        return run(ctx, command);
    }
    let shown = ctx.tilde(path);
    let shown = crate::text::clean(&shown);
    ask(ctx, &tr!(ctx.out.lang, "Passphrase of {shown}: ", "{shown} 的口令："))
}

/// Where a passphrase that was kept for this key would come from: the seam to a keyring. None is kept yet.
const fn kept(_key: &std::path::Path) -> Option<Secret> {
    None
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

/// Asks on the terminal of this session. Standard input may be something else.
#[cfg(unix)]
fn ask(ctx: &Ctx<'_>, question: &str) -> Result<Secret> {
    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
    let no = || Error::Make(MakeFault::NoPassphrase);
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
fn ask(_: &Ctx<'_>, _: &str) -> Result<Secret> {
    Err(Error::Make(MakeFault::NoPassphrase))
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
