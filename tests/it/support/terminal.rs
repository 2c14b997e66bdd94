//! A terminal with a shell in it, typed into as a person does: a tmux server of its own, ended on drop.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::require::require;
use super::sandbox::Sandbox;

/// What has not come up by now will not; generous, because builders are slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running shell.
pub(crate) struct Terminal<'a> {
    sb: &'a Sandbox,
    socket: PathBuf,
}

impl<'a> Terminal<'a> {
    /// Starts a program in a terminal of 100 columns and 50 rows, in [`Sandbox::work`]; None after a loud skip.
    #[track_caller]
    pub(crate) fn start(sb: &'a Sandbox, argv: &[&str]) -> Option<Self> {
        Self::sized(sb, (100, 50), argv)
    }

    /// The same with so many columns and rows.
    #[track_caller]
    pub(crate) fn sized(
        sb: &'a Sandbox,
        (columns, rows): (u16, u16),
        argv: &[&str],
    ) -> Option<Self> {
        require("tmux")?;
        require(argv[0])?;
        // a server that was told to end may still hold its socket
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let socket = sb.path(format!("tmux{}", NEXT.fetch_add(1, Ordering::Relaxed)));
        let terminal = Terminal { sb, socket };
        let (columns, rows) = (columns.to_string(), rows.to_string());
        let size = ["new-session", "-d", "-x", &columns, "-y", &rows];
        terminal.tmux(&[&size[..], argv].concat());
        Some(terminal)
    }

    #[track_caller]
    fn tmux(&self, args: &[&str]) -> String {
        let all = ["-S", self.socket.to_str().unwrap(), "-f", "/dev/null"];
        self.sb.sh("tmux", all.iter().chain(args)).run().done().out()
    }

    /// Types text.
    #[track_caller]
    pub(crate) fn write(&self, text: &str) {
        self.tmux(&["send-keys", "-l", text]);
    }

    /// Presses keys, by tmux's names: `Tab`, `Enter`, `C-c`.
    #[track_caller]
    pub(crate) fn press(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// Types a line and ends it.
    #[track_caller]
    pub(crate) fn line(&self, text: &str) {
        self.write(text);
        self.press(&["Enter"]);
    }

    /// Gives the terminal another size.
    #[track_caller]
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let (columns, rows) = (columns.to_string(), rows.to_string());
        self.tmux(&["resize-window", "-x", &columns, "-y", &rows]);
    }

    /// The screen with its colours, as escape sequences.
    #[track_caller]
    pub(crate) fn colored(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-e"])
    }

    /// What is on the screen and what has gone out of it at the top.
    #[track_caller]
    pub(crate) fn history(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-S", "-"])
    }

    /// What is on the screen, without blanks at the end.
    #[track_caller]
    pub(crate) fn screen(&self) -> String {
        let text = self.tmux(&["capture-pane", "-p"]);
        text.trim_end().lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    /// Waits until the screen is as wanted, and returns it; panics with what is there if that never happens.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if wanted(&screen) {
                return screen;
            }
            assert!(Instant::now() < deadline, "never came up: {what}\non the screen:\n{screen}");
            sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the screen shows this text.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) -> String {
        self.until(text, |screen| screen.contains(text))
    }

    /// Waits until the screen shows all of these texts, in any order; a screen that is being drawn shows them one by one.
    #[track_caller]
    pub(crate) fn shows_all(&self, texts: &[&str]) -> String {
        self.until(&format!("all of {texts:#?}"), |screen| {
            texts.iter().all(|text| screen.contains(text))
        })
    }

    /// Waits until the screen is exactly this, without blanks at the ends of lines.
    #[track_caller]
    pub(crate) fn is(&self, wanted: &str) {
        self.until(&format!("this screen:\n{wanted}"), |screen| screen == wanted);
    }

    /// Types a command that prints, and returns what it printed, once it is all there.
    #[track_caller]
    pub(crate) fn ask(&self, command: &str) -> String {
        let answer = self.sb.path("answer");
        let part = self.sb.path("answer.part");
        let (shown, renamed) = (part.display(), answer.display());
        self.line(&format!("{command} > {shown} 2>&1; mv {shown} {renamed}"));
        let deadline = Instant::now() + PATIENCE;
        while !answer.exists() {
            assert!(Instant::now() < deadline, "no answer to {command}:\n{}", self.screen());
            sleep(Duration::from_millis(20));
        }
        let text = std::fs::read_to_string(&answer).unwrap();
        std::fs::remove_file(&answer).unwrap();
        text
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        let all = ["-S", self.socket.to_str().unwrap(), "kill-server"];
        self.sb.sh("tmux", all).run();
    }
}
