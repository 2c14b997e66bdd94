//! How far a check of many hosts is, on a terminal; gone without a trace when it is over, however it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::cmd::Ctx;
use crate::output::Output;
use crate::tr;

/// What is over sooner needs no progress.
const QUIET: Duration = Duration::from_millis(300);

/// A signal ended the check.
#[derive(Debug)]
pub(super) struct Interrupted(pub(super) i32);

/// The line on standard error. It ends where its text does: what a terminal shows of Ctrl-C stands behind it, and goes
/// with it. A line as wide as the terminal would push that onto the next, where it would stay.
#[derive(Debug)]
pub(super) struct Progress<'a> {
    out: Option<&'a Output>,
    shown: String,
    began: Instant,
    count: usize,
    /// The signal that came, or 0.
    signal: Arc<AtomicUsize>,
    #[cfg(unix)]
    handlers: Vec<signal_hook::SigId>,
}

impl<'a> Progress<'a> {
    /// For so many hosts; silent where nobody watches.
    pub(super) fn new(ctx: &Ctx<'a>, count: usize) -> Self {
        let dumb = ctx.env.get("TERM").is_none_or(|term| term == "dumb");
        let watched = ctx.out.stderr_tty && !ctx.out.quiet && !dumb;
        let signal = Arc::new(AtomicUsize::new(0));
        Self {
            #[cfg(unix)]
            handlers: if watched { handlers(&signal) } else { Vec::new() },
            out: watched.then_some(ctx.out),
            shown: String::new(),
            began: Instant::now(),
            count,
            signal,
        }
    }

    /// Draws that so many are done.
    ///
    /// # Errors
    /// A signal came; the line is gone.
    pub(super) fn tick(&mut self, done: usize) -> Result<(), Interrupted> {
        let signal = self.signal.load(Ordering::Relaxed);
        if signal != 0 {
            self.clear();
            return Err(Interrupted(i32::try_from(signal).unwrap_or(0)));
        }
        let Some(out) = self.out.filter(|_| self.began.elapsed() >= QUIET) else { return Ok(()) };
        let (count, seconds) = (self.count, self.began.elapsed().as_secs());
        let text = tr!(
            out.lang,
            "checked {done} of {count} ({seconds} s)",
            "已检查 {done}/{count}（{seconds} 秒）"
        );
        if text != self.shown {
            out.ask(&format!("\r{text}\x1b[K"));
            self.shown = text;
        }
        Ok(())
    }

    fn clear(&mut self) {
        if let Some(out) = self.out.take().filter(|_| !self.shown.is_empty()) {
            out.ask("\r\x1b[K");
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.clear();
        #[cfg(unix)]
        for handler in self.handlers.drain(..) {
            signal_hook::low_level::unregister(handler);
        }
    }
}

#[cfg(unix)]
fn handlers(signal: &Arc<AtomicUsize>) -> Vec<signal_hook::SigId> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let register = |number: i32| {
        let value = usize::try_from(number).unwrap_or(0);
        signal_hook::flag::register_usize(number, Arc::clone(signal), value).ok()
    };
    [SIGINT, SIGTERM, SIGHUP].into_iter().filter_map(register).collect()
}

/// Ends this process by the signal that came, as if nobody had caught it, so that a script that started it stops
/// too; where that cannot be, the exit code that a shell would make of it.
pub(super) fn end_by(signal: &Interrupted) -> u8 {
    #[cfg(unix)]
    let _ = signal_hook::low_level::emulate_default_handler(signal.0);
    u8::try_from(128 + signal.0).unwrap_or(130)
}
