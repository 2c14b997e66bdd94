//! `key-command`: a program that prints the key, such as `pass show docker/coreos`. An argument list, no shell.

use std::io::Read as _;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::MAX_KEY;
use crate::cert::key::{self, PrivateKey};
use crate::cert::pem::Pem;
use crate::env::Env;
use crate::error::SecretFault;

/// Seconds that it may take: it may ask a person for a password, as kubectl's exec plug-ins do.
const LIMIT: u64 = 10;

/// So much of what it says on standard error is passed on, in bytes.
const MAX_SAID: u64 = 64 << 10;
/// Milliseconds to wait for the end of that after the program ended: an agent that it started may hold the pipe open.
const AFTER: u64 = 250;

/// Runs it, and reads the key from what it prints. Standard error is the user's where it is a terminal, on which it may
/// ask; elsewhere what it said goes to `tell`, which leaves out keys: a log keeps what is written to it. Standard
/// input is the user's too where it is a terminal; elsewhere it could be the script that a shell is reading.
///
/// # Errors
/// What became of the program, or that there is no key in what it printed.
pub fn key(env: &Env, argv: &[String], tell: impl FnOnce(&str)) -> Result<PrivateKey, SecretFault> {
    let (program, args) = argv.split_first().ok_or(SecretFault::NoKey)?;
    let mut command = Command::new(program);
    command.args(args).stdout(Stdio::piped());
    if !env.stderr_tty {
        command.stderr(Stdio::piped());
    }
    command.stdin(if env.stdin_tty { Stdio::inherit() } else { Stdio::null() });
    // How dctx was called is not its business.
    command.env_remove("DCTX_FD").env_remove("DCTX_SHELL").env_remove("DCTX_HOOK");
    let deadline = Instant::now() + Duration::from_secs(LIMIT);
    let mut child =
        command.spawn().map_err(|e| SecretFault::CommandStart(program.clone(), e.kind()))?;
    let said = child.stderr.take().map(listen);
    let output = output(&mut child, deadline);
    let ended = match &output {
        Some(_) => wait(&mut child, deadline),
        None => None,
    };
    if ended.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    if let Some(said) = said.map(heard).filter(|said| !said.is_empty()) {
        tell(&String::from_utf8_lossy(&said));
    }
    let (Some(bytes), Some(status)) = (output, ended) else {
        return Err(SecretFault::CommandSlow(program.clone(), LIMIT));
    };
    // One that printed too much was cut off, and says that it failed.
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_KEY {
        return Err(SecretFault::CommandHuge(program.clone()));
    }
    if !status.success() {
        return Err(SecretFault::CommandFailed(program.clone(), code(status)));
    }
    // One with a passphrase is none either: there is nobody to ask here.
    let key = key::read(&Pem::parse(&bytes));
    key.map_err(|_| SecretFault::NotAKey(format!("what {program} printed")))
}

/// All that it prints, up to one byte more than a key can have; `None` when that takes too long.
fn output(child: &mut Child, deadline: Instant) -> Option<Zeroizing<Vec<u8>>> {
    let pipe = child.stdout.take()?;
    let (tx, rx) = mpsc::channel();
    thread::spawn(move || {
        let room = usize::try_from(MAX_KEY).unwrap_or_default() + 1;
        let mut bytes = Zeroizing::new(Vec::with_capacity(room + 32));
        // A pipe that breaks has printed what it has printed.
        let _ = pipe.take(MAX_KEY + 1).read_to_end(&mut bytes);
        let _ = tx.send(bytes);
    });
    rx.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
}

/// What was said so far, and the thread that listens.
type Listener = (Arc<Mutex<Zeroizing<Vec<u8>>>>, JoinHandle<()>);

/// Listens to `pipe` until its end, and keeps the first part of what it hears.
fn listen(mut pipe: ChildStderr) -> Listener {
    let kept: Arc<Mutex<Zeroizing<Vec<u8>>>> = Arc::default();
    let keep = Arc::clone(&kept);
    let thread = thread::spawn(move || {
        let mut chunk = Zeroizing::new([0; 4096]);
        // Read to its end, so that a program that says much is not held up.
        while let Ok(length @ 1..) = pipe.read(&mut *chunk) {
            if let Ok(mut kept) = keep.lock() {
                let room = usize::try_from(MAX_SAID).unwrap_or_default().saturating_sub(kept.len());
                kept.extend(chunk.iter().take(length.min(room)));
            }
        }
    });
    (kept, thread)
}

/// What a program that has ended said.
fn heard((kept, thread): Listener) -> Zeroizing<Vec<u8>> {
    let until = Instant::now() + Duration::from_millis(AFTER);
    while !thread.is_finished() && Instant::now() < until {
        sleep(Duration::from_millis(1));
    }
    kept.lock().map(|mut kept| std::mem::take(&mut *kept)).unwrap_or_default()
}

fn wait(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => sleep(Duration::from_millis(2)),
            _ => return None,
        }
    }
}

fn code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128 + signal;
    }
    status.code().unwrap_or(1)
}
