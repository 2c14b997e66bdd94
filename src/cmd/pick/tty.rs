//! The terminal while keys are read from it: raw, and given back however the picker ends.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH};
use signal_hook::{SigId, flag, low_level};

use crate::env::Env;

/// Signals that end the picker.
const ENDS: [i32; 4] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];

/// The size of a terminal that does not tell it.
const SIZE: (usize, usize) = (80, 24);

/// Takes away what the picker drew: the cursor stands in its first line. Then back from the alternate screen,
/// if this terminal has one.
pub const ERASE: &str = "\r\x1b[J\x1b[?7h\x1b[?25h\x1b[?1049l";

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// So many bytes were typed.
    Typed(usize),
    /// Nothing, for as long as it was waited.
    Nothing,
    /// The terminal has another size, or this process goes on after it was stopped.
    Changed,
    /// A signal, or the terminal is gone; as a shell counts signals.
    Ended(u8),
}

/// What is given back, and to which terminal.
#[derive(Debug)]
struct Former {
    terminal: OwnedFd,
    modes: Termios,
}

impl Former {
    fn restore(&self) {
        // The terminal may be gone.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.modes);
    }
}

/// A terminal in raw mode; on drop it is as it was.
pub struct Tty {
    former: Arc<Former>,
    wake: UnixStream,
    ended: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
    /// What is done at a signal as long as the terminal is raw.
    signals: Vec<SigId>,
    hook: Arc<dyn Fn(&panic::PanicHookInfo<'_>) + Send + Sync>,
}

impl std::fmt::Debug for Tty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tty").field("former", &self.former).finish_non_exhaustive()
    }
}

impl Tty {
    /// Makes the terminal that a person types on raw: standard input where it is one, else the terminal
    /// of the session.
    ///
    /// # Errors
    /// There is no terminal.
    pub fn open(env: &Env) -> io::Result<Self> {
        let terminal =
            if env.stdin_tty { io::stdin().as_fd().try_clone_to_owned()? } else { own()? };
        let modes = tcgetattr(&terminal)?;
        let former = Arc::new(Former { terminal, modes });
        let (wake, waker) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        let (shared, hook) = (Arc::clone(&former), Arc::from(panic::take_hook()));
        let next: Arc<dyn Fn(&panic::PanicHookInfo<'_>) + Send + Sync> = Arc::clone(&hook);
        panic::set_hook(Box::new(move |info| {
            shared.restore();
            let _ = rustix::io::write(&shared.terminal, ERASE.as_bytes());
            next(info);
        }));
        let mut tty = Self {
            former,
            wake,
            ended: Arc::default(),
            over: Arc::default(),
            signals: Vec::new(),
            hook,
        };
        tty.listen(&waker)?;
        tty.raw()?;
        Ok(tty)
    }

    fn listen(&mut self, waker: &UnixStream) -> io::Result<()> {
        for signal in ENDS {
            // Once the picker is gone each does what it always did.
            flag::register_conditional_default(signal, Arc::clone(&self.over))?;
            let number = usize::try_from(signal).unwrap_or_default();
            self.signals.push(flag::register_usize(signal, Arc::clone(&self.ended), number)?);
        }
        for signal in ENDS.into_iter().chain([SIGWINCH, SIGCONT]) {
            self.signals.push(low_level::pipe::register(signal, waker.try_clone()?)?);
        }
        Ok(())
    }

    fn raw(&self) -> io::Result<()> {
        let mut modes = self.former.modes.clone();
        modes.make_raw();
        // What others print meanwhile still begins at the left.
        modes.output_modes = self.former.modes.output_modes;
        // Not flushed: what was typed before the picker was there is meant for it.
        Ok(tcsetattr(&self.former.terminal, OptionalActions::Now, &modes)?)
    }

    /// The terminal is gone: the signal that says so comes too, now or later.
    fn lost(&self) -> Event {
        self.ended.store(usize::try_from(SIGHUP).unwrap_or_default(), Ordering::Relaxed);
        Event::Ended(ended_by(SIGHUP))
    }

    /// Columns and rows.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        match tcgetwinsize(&self.former.terminal) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => {
                (usize::from(size.ws_col), usize::from(size.ws_row))
            }
            _ => SIZE,
        }
    }

    /// Waits until something happens, no longer than `patience`. What was typed is put into `bytes`.
    pub fn wait(&mut self, bytes: &mut [u8], patience: Option<Duration>) -> Event {
        let patience = patience.map(|time| Timespec {
            tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: time.subsec_nanos().into(),
        });
        loop {
            let terminal = &self.former.terminal;
            let mut both =
                [PollFd::new(terminal, PollFlags::IN), PollFd::new(&self.wake, PollFlags::IN)];
            match poll(&mut both, patience.as_ref()) {
                Ok(0) => return Event::Nothing,
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return self.lost(),
            }
            let [typed, woken] = both.map(|fd| !fd.revents().is_empty());
            if woken {
                let _ = self.wake.read(&mut [0; 64]);
                if let Ok(signal @ 1..) = i32::try_from(self.ended.load(Ordering::Relaxed)) {
                    return Event::Ended(ended_by(signal));
                }
                // A shell that stopped this process had the terminal to itself meanwhile.
                return if self.raw().is_ok() { Event::Changed } else { self.lost() };
            }
            if typed {
                match rustix::io::read(terminal, &mut *bytes) {
                    Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                    Ok(0) | Err(_) => return self.lost(),
                    Ok(count) => return Event::Typed(count),
                }
            }
        }
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        self.former.restore();
        // Whoever ended the picker by a signal may send another; what is left to say is said first.
        self.over.store(self.ended.load(Ordering::Relaxed) == 0, Ordering::Relaxed);
        for id in self.signals.drain(..) {
            low_level::unregister(id);
        }
        if !std::thread::panicking() {
            let hook = Arc::clone(&self.hook);
            panic::set_hook(Box::new(move |info| hook(info)));
        }
    }
}

/// The exit status of a program that a signal ended, as a shell has it.
fn ended_by(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}

/// The terminal of this session.
fn own() -> io::Result<OwnedFd> {
    let open = |path| OpenOptions::new().read(true).write(true).open(path).map(File::into);
    // On macOS poll(2) does not take /dev/tty, but the device behind it.
    if cfg!(target_os = "macos") {
        let device = OpenOptions::new().read(true).open("/dev/fd/2").map(OwnedFd::from)?;
        if tcgetattr(&device).is_ok() {
            return Ok(device);
        }
    }
    open("/dev/tty")
}
