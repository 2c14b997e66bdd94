//! The only writer of standard output and standard error.
//!
//! Standard output is data, written once, whole; standard error is talk, each message with `dctx: ` in
//! front. A closed pipe is success: whoever read has what they wanted. Nothing that came from outside
//! reaches a terminal with a control character in it.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::env::Env;
use crate::error::{Error, Hint, Lang, Result};
use crate::text::clean;

/// Where and how to print.
#[derive(Debug)]
pub struct Output {
    /// The language of talk.
    pub lang: Lang,
    /// Whether only errors and warnings are printed.
    pub quiet: bool,
    /// Whether more is printed.
    pub verbose: bool,
    /// Whether standard error is a terminal.
    pub stderr_tty: bool,
    color_out: bool,
    color_err: bool,
    wrote: AtomicBool,
    typed: OnceLock<Typed>,
}

/// How a command whose output a shell evaluates has to be typed in the shell at work.
struct Typed(Box<dyn Fn(&str) -> String + Send + Sync>);

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typed")
    }
}

/// How a piece of text is set off; each also says in words what its colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As it is.
    Plain,
    /// Names.
    Bold,
    /// Headings and what matters less.
    Dim,
    /// What is well.
    Green,
    /// Danger.
    Red,
    /// Warnings.
    Yellow,
    /// Hints.
    Cyan,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "\x1b[1m",
            Self::Dim => "\x1b[2m",
            Self::Green => "\x1b[32m",
            Self::Red => "\x1b[31m",
            Self::Yellow => "\x1b[33m",
            Self::Cyan => "\x1b[36m",
        }
    }
}

/// Whether a stream gets colour: `--color`, then NO_COLOR, CLICOLOR_FORCE and FORCE_COLOR, then whether it
/// is a terminal that can (no-color.org, bixense.com/clicolors).
fn colored(when: Option<bool>, env: &Env, tty: bool) -> bool {
    if let Some(when) = when {
        return when;
    }
    if env.filled("NO_COLOR").is_some() {
        return false;
    }
    let forced = |name| env.filled(name).is_some_and(|value| value != "0");
    if forced("CLICOLOR_FORCE") || forced("FORCE_COLOR") {
        return true;
    }
    let refused = env.get("CLICOLOR").is_some_and(|value| value == "0");
    tty && !refused && env.get("TERM").is_none_or(|term| term != "dumb")
}

/// What is before each message.
const PREFIX: &str = "dctx: ";
/// What is between a message and a note on the same line.
const GAP: &str = "   ";

impl Output {
    /// An output for this environment; `color` is what `--color` says, `None` for auto.
    #[must_use]
    pub fn new(env: &Env, color: Option<bool>, quiet: bool, verbose: bool) -> Self {
        Self {
            lang: env.lang(),
            quiet,
            verbose,
            stderr_tty: env.stderr_tty,
            color_out: colored(color, env, env.stdout_tty),
            color_err: colored(color, env, env.stderr_tty),
            wrote: AtomicBool::new(false),
            typed: OnceLock::new(),
        }
    }

    /// How `dctx use …` and `dctx reset …` have to be typed, for hints. Asked only when one is printed.
    pub fn type_with(&self, typed: impl Fn(&str) -> String + Send + Sync + 'static) {
        let _ = self.typed.set(Typed(Box::new(typed)));
    }

    /// A command as it has to be typed in the shell at work: one that a shell has to evaluate in its own way to do so.
    #[must_use]
    pub fn typed(&self, command: &str) -> String {
        let evaluated = ["use", "reset"].iter().any(|verb| {
            let rest = command.strip_prefix("dctx ").and_then(|rest| rest.strip_prefix(verb));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
        match self.typed.get().filter(|_| evaluated) {
            Some(Typed(typed)) => typed(command),
            None => command.to_owned(),
        }
    }

    /// Whether standard output gets colour.
    #[must_use]
    pub const fn colors_stdout(&self) -> bool {
        self.color_out
    }

    /// Whether standard error gets colour.
    #[must_use]
    pub const fn colors_stderr(&self) -> bool {
        self.color_err
    }

    /// How many columns a line on standard output may have: what COLUMNS says, else the terminal; `None` where it goes
    /// to a file or a pipe.
    #[must_use]
    pub fn columns(&self, env: &Env) -> Option<usize> {
        let said = env.text("COLUMNS").and_then(|text| text.parse().ok());
        let said = said.filter(|columns| *columns > 0);
        #[cfg(unix)]
        let size = || {
            let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
            Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
        };
        #[cfg(not(unix))]
        let size = || None;
        said.or_else(|| env.stdout_tty.then(|| size().unwrap_or(80)))
    }

    /// Whether anything was written to standard output.
    #[must_use]
    pub fn wrote(&self) -> bool {
        self.wrote.load(Ordering::Relaxed)
    }

    /// Writes data to standard output, all at once.
    ///
    /// # Errors
    /// What the system says, but for a closed pipe.
    pub fn data(&self, bytes: &[u8]) -> Result<()> {
        self.wrote.store(true, Ordering::Relaxed);
        let mut out = io::stdout().lock();
        let doing = "writing to standard output";
        finish(out.write_all(bytes).and_then(|()| out.flush()), doing)
    }

    /// Writes a report to standard output, for people or as JSON, all at once. It tells of files, variables and texts of
    /// others, in which there may be a private key by mistake.
    ///
    /// # Errors
    /// As [`Self::data`].
    pub fn report(&self, text: &str) -> Result<()> {
        self.data(crate::text::without_keys(text).as_bytes())
    }

    /// Writes a script to the file descriptor that the shell function opened for it.
    ///
    /// # Errors
    /// As [`Self::data`].
    pub fn script_to_fd(&self, fd: u32, bytes: &[u8]) -> Result<()> {
        let doing = "writing to the descriptor of DCTX_FD";
        // Opened by name: a descriptor cannot be taken from its number without unsafe code.
        let opened = OpenOptions::new().write(true).open(format!("/dev/fd/{fd}"));
        match opened {
            Ok(mut file) => finish(file.write_all(bytes), doing),
            Err(source) => Err(Error::Io { doing, source }),
        }
    }

    /// Text for standard output, styled if that has colour.
    #[must_use]
    pub fn out_styled(&self, style: Style, text: &str) -> String {
        styled(self.color_out, style, text)
    }

    /// Text for standard error, styled if that has colour.
    #[must_use]
    pub fn err_styled(&self, style: Style, text: &str) -> String {
        styled(self.color_err, style, text)
    }

    /// Something a person may want to know; not printed with `--quiet`.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.talk(Style::Plain, &clean(text), &[]);
        }
    }

    /// The same with a note behind it, which has a line of its own where the terminal is too narrow for both: a command in
    /// it is not to be broken.
    pub fn say_noted(&self, text: &str, note: &str) {
        if self.quiet {
            return;
        }
        let note = crate::tr!(self.lang, "({note})", "（{note}）");
        let (text, note) = (clean(text), clean(&note));
        let used = [PREFIX, &text, GAP, &note].iter().map(|part| part.width()).sum::<usize>();
        let gap = match self.stderr_columns().is_none_or(|columns| used <= columns) {
            true => GAP.to_owned(),
            false => format!("\n{}", " ".repeat(PREFIX.len())),
        };
        self.talk(Style::Plain, &format!("{text}{gap}{note}"), &[]);
    }

    /// How many columns a line on standard error may have; `None` where it is no terminal, or does not tell.
    fn stderr_columns(&self) -> Option<usize> {
        #[cfg(unix)]
        if self.stderr_tty {
            let size = rustix::termios::tcgetwinsize(io::stderr()).ok()?;
            return Some(usize::from(size.ws_col)).filter(|columns| *columns > 0);
        }
        None
    }

    /// A line as it is, without the prefix, for what is meant to be pasted.
    pub fn raw(&self, text: &str) {
        if !self.quiet {
            self.write_err(&format!("{text}\n"));
        }
    }

    /// How to go on, as a line of its own: `next: dctx check coreos`.
    pub fn advise(&self, hint: &Hint) {
        self.raw(&clean(&self.as_typed(hint).line(self.lang)));
    }

    /// A hint, its command as it has to be typed in the shell at work.
    fn as_typed(&self, hint: &Hint) -> Hint {
        let run = hint.run.as_deref().map(|run| self.typed(run));
        Hint { say: hint.say.clone(), run }
    }

    /// What another program said, as it is but for private keys.
    pub fn relay(&self, text: &str) {
        self.write_err(text);
    }

    /// Something a person should know, with advice; printed even with `--quiet`.
    pub fn warn(&self, text: &str, hints: &[Hint]) {
        self.talk(Style::Yellow, &clean(text), hints);
    }

    /// An error that stops nobody, as a warning; `before` are words to begin with.
    pub fn warn_error(&self, before: &str, error: &Error, hints: &[Hint]) {
        self.talk(Style::Yellow, &format!("{before}{}", error.message(self.lang)), hints);
    }

    /// More than most want to know; printed with `--verbose`.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            self.talk(Style::Dim, &clean(text), &[]);
        }
    }

    /// An error with its hints.
    pub fn error(&self, error: &Error) {
        self.talk(Style::Red, &error.message(self.lang), &error.hints(self.lang));
    }

    /// An error with other hints than its own.
    pub fn error_with(&self, error: &Error, hints: &[Hint]) {
        self.talk(Style::Red, &error.message(self.lang), hints);
    }

    /// Asks on standard error, without a line end; also what a picker draws there.
    pub fn ask(&self, text: &str) {
        self.write_err(text);
    }

    /// `text` is clean but for the line ends that are ours.
    fn talk(&self, style: Style, text: &str, hints: &[Hint]) {
        let mut out = styled(self.color_err, style, PREFIX.trim_end());
        out.push(' ');
        out.push_str(&clean_lines(text));
        out.push('\n');
        for hint in hints {
            let (label, rest) = self.as_typed(hint).labelled(self.lang);
            out.push_str(&styled(self.color_err, Style::Cyan, label));
            out.push_str(&clean(&rest));
            out.push('\n');
        }
        self.write_err(&out);
    }

    fn write_err(&self, text: &str) {
        // What was typed may be in it, and a key may have been typed.
        let text = &*crate::text::without_keys(text);
        // Nobody is left to tell when standard error is gone.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// Whether standard output was closed when this process began. Rust's runtime then puts `/dev/null` (device 1:3, null(4))
/// there, open for both directions, where a shell's `>/dev/null` is open for writing alone; what is written would be lost
/// without a word.
#[must_use]
pub fn is_closed() -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{OFlags, fcntl_getfl, fstat, makedev};
        let out = io::stdout();
        let null = fstat(&out).is_ok_and(|found| found.st_rdev == makedev(1, 3));
        null && fcntl_getfl(&out).is_ok_and(|flags| flags.contains(OFlags::RDWR))
    }
    #[cfg(not(target_os = "linux"))]
    false
}

/// After a panic, which ends the program, what stands on standard output fails where it is evaluated.
pub fn fail_on_panic() {
    let say = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        say(panic);
        let _ = io::stdout().write_all(b"\nfalse;\n");
    }));
}

fn styled(on: bool, style: Style, text: &str) -> String {
    if on && style != Style::Plain && !text.is_empty() {
        format!("{}{text}\x1b[0m", style.code())
    } else {
        text.to_owned()
    }
}

fn finish(result: io::Result<()>, doing: &'static str) -> Result<()> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(source) => Err(Error::Io { doing, source }),
        Ok(()) => Ok(()),
    }
}

/// Cleans each line by itself: line ends are ours.
#[must_use]
pub fn clean_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(clean).collect();
    lines.join("\n")
}

/// One cell of a table.
#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A cell; control characters are written out.
    #[must_use]
    pub fn new(style: Style, text: &str) -> Self {
        Self { text: clean(text).into_owned(), style }
    }

    /// The same, cut to so many columns, with dots for what is left out.
    #[must_use]
    pub fn cut(mut self, columns: usize) -> Self {
        if self.width() > columns {
            let mut room = columns.saturating_sub(3);
            let mut fits = |c: &char| {
                let width = c.width().unwrap_or(0);
                let fits = width <= room;
                room = if fits { room - width } else { 0 };
                fits
            };
            let text = std::mem::take(&mut self.text);
            self.text = text.chars().take_while(|c| fits(c)).collect();
            self.text.push_str("...");
        }
        self
    }

    /// The same, with dots in place of what is in its middle: of a path or an address both ends tell most.
    #[must_use]
    pub fn cut_middle(mut self, columns: usize) -> Self {
        if self.width() <= columns || columns < 5 {
            return self.cut(columns);
        }
        let chars: Vec<char> = self.text.chars().collect();
        let fit = |chars: &mut dyn Iterator<Item = &char>, mut room: usize| -> Vec<char> {
            let mut out = Vec::new();
            for c in chars {
                let width = c.width().unwrap_or(0);
                if width > room {
                    break;
                }
                room -= width;
                out.push(*c);
            }
            out
        };
        let head = fit(&mut chars.iter(), (columns - 3) / 2);
        let taken = head.iter().map(|c| c.width().unwrap_or(0)).sum::<usize>();
        let tail = fit(&mut chars.iter().rev(), columns - 3 - taken);
        self.text = head.into_iter().chain("...".chars()).chain(tail.into_iter().rev()).collect();
        self
    }

    /// In columns. A cell holds no control character, so ASCII is one column a byte.
    #[must_use]
    pub fn width(&self) -> usize {
        if self.text.is_ascii() { self.text.len() } else { self.text.width() }
    }

    /// A plain cell.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        Self::new(Style::Plain, text)
    }
}

/// Rows in columns two blanks apart, as wide as a terminal shows them (UAX #11); nothing trails.
#[must_use]
pub fn table(output: &Output, rows: &[Vec<Cell>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(Cell::width).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let used = row.iter().rposition(|cell| !cell.text.is_empty()).map_or(0, |last| last + 1);
        for (at, (cell, width)) in row.iter().zip(&widths).take(used).enumerate() {
            out.push_str(&output.out_styled(cell.style, &cell.text));
            if at + 1 < used {
                let gap = width.saturating_sub(cell.width()) + if *width > 0 { 2 } else { 0 };
                out.extend(std::iter::repeat_n(' ', gap));
            }
        }
        out.push('\n');
    }
    out
}
