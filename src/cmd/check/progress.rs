//! How far a check of many hosts is, on a terminal; gone without a trace when it is over, however it ends.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cmd::Ctx;
use crate::error::Lang;
use crate::tr;

/// What is over sooner needs no progress.
const QUIET: Duration = Duration::from_millis(300);

/// A signal ended the check.
#[derive(Debug)]
pub(super) struct Interrupted(pub(super) i32);

/// The line on standard error.
#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    shown: bool,
    began: Instant,
    count: usize,
    lang: Lang,
    /// The signal that came, or 0.
    signal: Arc<AtomicUsize>,
    #[cfg(unix)]
    handlers: Vec<signal_hook::SigId>,
}

impl Progress {
    /// For so many hosts; silent where nobody watches.
    pub(super) fn new(ctx: &Ctx<'_>, count: usize) -> Self {
        let dumb = ctx.env.get("TERM").is_none_or(|term| term == "dumb");
        let watched = ctx.out.stderr_tty && !ctx.out.quiet && !dumb;
        let bar = watched.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            // What a template holds is ours.
            let style = ProgressStyle::with_template("{msg}");
            style.map_or(bar.clone(), |style| bar.with_style(style))
        });
        let signal = Arc::new(AtomicUsize::new(0));
        Self {
            #[cfg(unix)]
            handlers: if bar.is_some() { handlers(&signal) } else { Vec::new() },
            bar,
            shown: false,
            began: Instant::now(),
            count,
            lang: ctx.out.lang,
            signal,
        }
    }

    /// Draws that so many are done.
    ///
    /// # Errors
    /// A signal came; the line is gone.
    pub(super) fn tick(&mut self, done: usize) -> Result<(), Interrupted> {
        let signal = self.signal.load(std::sync::atomic::Ordering::Relaxed);
        if signal != 0 {
            self.clear();
            return Err(Interrupted(i32::try_from(signal).unwrap_or(0)));
        }
        let Some(bar) = &self.bar else { return Ok(()) };
        if !self.shown {
            if self.began.elapsed() < QUIET {
                return Ok(());
            }
            bar.set_draw_target(ProgressDrawTarget::stderr());
            self.shown = true;
        }
        let (count, seconds) = (self.count, self.began.elapsed().as_secs());
        bar.set_message(tr!(
            self.lang,
            "checked {done} of {count} ({seconds} s)",
            "已检查 {done}/{count}（{seconds} 秒）"
        ));
        bar.tick();
        Ok(())
    }

    fn clear(&mut self) {
        if let Some(bar) = self.bar.take().filter(|_| self.shown) {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
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
