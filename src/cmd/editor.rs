//! `edit` without flags: a copy of the file in an editor, checked before it is saved, as visudo does.
//!
//! What a person has typed is never thrown away unasked: when it cannot be saved, the copy stays, and
//! they are told where.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{Ctx, change};
use crate::error::{EditorFault, Error, Hint, Lang, Result, reason};
use crate::file::{self, MAX_PROFILES};
use crate::store::write::{self, Target};
use crate::store::{parse, place};
use crate::tr;

mod programs;

/// `$VISUAL`, `$EDITOR`, else what every system has; split as a POSIX shell splits words.
fn editor(ctx: &Ctx<'_>) -> Result<Vec<String>> {
    let set = ["VISUAL", "EDITOR"].into_iter().find_map(|name| ctx.env.text(name));
    let default = if cfg!(windows) { "notepad" } else { "vi" };
    let text = set.unwrap_or_else(|| default.to_owned());
    match shell_words::split(&text) {
        Ok(words) if !words.is_empty() => Ok(words),
        _ => {
            let why = io::Error::new(io::ErrorKind::NotFound, "not a command");
            Err(Error::Editor { program: text, fault: EditorFault::Start(why) })
        }
    }
}

/// The copy that is edited: `STATE/edit-PID/config.toml`, in a directory of its own for whatever an editor
/// puts beside it. Removed with it when this goes out of scope, unless it is kept.
struct Copy {
    dir: PathBuf,
    path: PathBuf,
    kept: bool,
}

impl Copy {
    fn new(state: &Path, name: &std::ffi::OsStr, text: &[u8]) -> Result<Self> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            |source| Error::Write { path, source }
        };
        write::private_dir(state).map_err(failed(state))?;
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // A process of the same number may have left its copy, which is somebody's text.
        let mut number = 0;
        let dir = loop {
            let suffix = if number == 0 { String::new() } else { format!("-{number}") };
            let dir = state.join(format!("edit-{}{suffix}", std::process::id()));
            match builder.create(&dir) {
                Ok(()) => break dir,
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(e) => return Err(failed(&dir)(e)),
            }
        };
        // The name is the real one's, so that editors know what it is.
        let copy = Self { path: dir.join(name), dir, kept: false };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let make = || options.open(&copy.path)?.write_all(text);
        make().map_err(failed(&copy.path))?;
        Ok(copy)
    }

    /// Leaves it there, if there is anything in it that is not in the file, and says so.
    fn keep(&mut self, ctx: &Ctx<'_>, start: &[u8]) {
        if file::read(&self.path, MAX_PROFILES).is_ok_and(|text| text != start) {
            self.kept = true;
            let path = ctx.tilde(&self.path);
            ctx.out.warn(
                &tr!(ctx.out.lang, "your text is kept in {path}", "你的文本保存在 {path}"),
                &[self.again(ctx)],
            );
        }
    }

    /// Leaves it there, as an editor may still have it open.
    fn leave(&mut self, ctx: &Ctx<'_>, program: &str) {
        self.kept = true;
        let path = ctx.tilde(&self.path);
        ctx.out.warn(
            &tr!(
                ctx.out.lang,
                "{program} ended at once; if it still has the file open, what you save there goes to {path}",
                "{program} 立即退出了；如果它仍打开着该文件，你保存的内容会写入 {path}"
            ),
            &[self.again(ctx)],
        );
    }

    /// How to take the text up again: the copy of that time is the editor's whole work, and is checked as any other.
    fn again(&self, ctx: &Ctx<'_>) -> Hint {
        let copy = format!("cp {}", shell_words::quote(&self.path.to_string_lossy()));
        let say = tr!(ctx.out.lang, "to check and save that text", "检查并保存该文本");
        Hint::run(say, format!("env VISUAL={} dctx edit", shell_words::quote(&copy)))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// Ctrl-C in an editor is the editor's business, not ours: we would die and leave it behind, at odds with
/// the shell over the terminal.
struct Patience {
    /// Whether the terminal's signals do what they do by default.
    #[cfg(unix)]
    over: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

#[cfg(unix)]
impl Patience {
    fn new() -> io::Result<Self> {
        use signal_hook::consts::{SIGINT, SIGQUIT};
        let over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
        for signal in [SIGINT, SIGQUIT] {
            let over = std::sync::Arc::clone(&over);
            signal_hook::flag::register_conditional_default(signal, over)?;
        }
        Ok(Self { over })
    }

    fn is_over(&self, yes: bool) {
        self.over.store(yes, std::sync::atomic::Ordering::SeqCst);
    }
}

#[cfg(not(unix))]
impl Patience {
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    fn is_over(&self, _: bool) {}
}

/// How soon an editor that opened a window in the background is back, at most: no person reads and closes a text in this
/// time.
const AT_ONCE: Duration = Duration::from_secs(3);

/// Runs the editor at this line, if it can be told. Whether it was back at once, and may still be open.
///
/// # Errors
/// [`Error::Editor`] where it cannot be run, or says that it failed.
fn open(words: &[String], path: &Path, line: Option<usize>, patience: &Patience) -> Result<bool> {
    let (program, rest) = words.split_first().ok_or(Error::EditAborted)?;
    let failed = |fault| Error::Editor { program: program.clone(), fault };
    let begun = Instant::now();
    patience.is_over(false);
    let mut command = Command::new(program);
    let status = command.args(rest).args(programs::arguments(words, path, line)).status();
    patience.is_over(true);
    let status = status.map_err(|source| failed(EditorFault::Start(source)))?;
    match status.code() {
        Some(0) => Ok(!programs::waits(words) && begun.elapsed() < AT_ONCE),
        Some(status) => Err(failed(EditorFault::Status(status))),
        None => Err(failed(EditorFault::Signal)),
    }
}

/// The line (from 1) on which something is wrong.
fn line_of(error: &Error) -> Option<usize> {
    match error {
        Error::Syntax { place, .. }
        | Error::Profile { place, .. }
        | Error::Setting { place, .. }
        | Error::OutsideTable { place, .. }
        | Error::UnknownKey { place, .. } => Some(place.line),
        Error::Encoding { line, .. } => Some(*line),
        _ => None,
    }
}

/// What is wrong with a text: the file as a whole, or its profiles; and what means nothing in it.
fn faults(path: &Path, text: &[u8]) -> (Vec<Error>, Vec<Error>) {
    match place::decode(path, text).and_then(|text| parse::parse(path, text, false)) {
        Ok(parsed) => {
            let errors = parsed.entries.into_iter().filter_map(|entry| entry.profile.err());
            (errors.collect(), parsed.odd)
        }
        Err(error) => (vec![error], Vec::new()),
    }
}

/// Whether an error says of a profile what one of those before said of it, and nothing else.
fn is_known(error: &Error, before: &[Error]) -> bool {
    let Error::Profile { name, .. } = error else { return false };
    let same =
        |other: &&Error| matches!(other, Error::Profile { name: theirs, .. } if theirs == name);
    let before = before.iter().find(same).map(Error::profile_faults).unwrap_or_default();
    error.profile_faults().iter().all(|fault| before.contains(fault))
}

/// Opens the file in the editor until it is right, or the person gives up; at the profile `name`, or at what is wrong.
///
/// # Errors
/// When the editor cannot be run or fails, what is wrong with the text when nobody is there to ask, or
/// why the file could not be written. The file is as it was then, and what was typed is kept beside it.
pub fn run(ctx: &Ctx<'_>, name: Option<&str>) -> Result<()> {
    let target = change::target(ctx)?;
    let path = &target.config;
    let old = match file::read(path, MAX_PROFILES) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(source) => return Err(Error::Read { path: path.clone(), source }),
    };
    if let Ok(text) = std::str::from_utf8(&old) {
        // Better said before anything is typed.
        write::guard_schema(path, text)?;
    }
    let start: &[u8] = if old.is_empty() { b"schema = 1\n" } else { &old };
    let words = editor(ctx)?;
    let mut copy = Copy::new(&target.state, path.file_name().unwrap_or_default(), start)?;
    let line = first_line(path, &old, name);
    match edit(ctx, &target, &mut copy, &words, line, &old, start) {
        Ok(done) => done,
        Err(error) => {
            copy.keep(ctx, start);
            Err(error)
        }
    }
}

/// The line to begin at: the first fault of the file or of the profile `name`, else the profile's header.
fn first_line(path: &Path, text: &[u8], name: Option<&str>) -> Option<usize> {
    let parsed = match place::decode(path, text).and_then(|text| parse::parse(path, text, false)) {
        Ok(parsed) => parsed,
        Err(error) => return line_of(&error),
    };
    let Some(name) = name else {
        let wrong = parsed.entries.iter().filter_map(|entry| entry.profile.as_ref().err());
        return wrong.chain(&parsed.odd).filter_map(line_of).min();
    };
    let entry = parsed.entries.iter().find(|entry| entry.name == name)?;
    Some(entry.profile.as_ref().err().and_then(line_of).unwrap_or(entry.origin.line))
}

/// The inner result is an end that the person chose.
fn edit(
    ctx: &Ctx<'_>,
    target: &Target,
    draft: &mut Copy,
    words: &[String],
    mut line: Option<usize>,
    old: &[u8],
    start: &[u8],
) -> Result<Result<()>> {
    let lang = ctx.out.lang;
    let path = &target.config;
    let copy = &draft.path.clone();
    let program = words.first().map_or("", String::as_str);
    let (before, _) = faults(path, old);
    let doing = "watching for Ctrl-C";
    let patience = Patience::new().map_err(|source| Error::Io { doing, source })?;
    loop {
        let at_once = open(words, copy, line, &patience)?;
        let read = || {
            let failed = |source| Error::Read { path: copy.to_owned(), source };
            file::read(copy, MAX_PROFILES).map_err(failed)
        };
        let mut new = read()?;
        if new == start && at_once {
            let asked = !ctx.no_input && ctx.env.stdin_tty;
            if !asked || !closed(ctx, program, lang) {
                draft.leave(ctx, program);
            }
            new = read()?;
        }
        if new == start {
            ctx.out.say(&tr!(lang, "nothing was changed", "未做任何修改"));
            return Ok(Ok(()));
        }
        let (mut faults, odd) = faults(path, &new);
        // A profile that was wrong before and fails closed is no reason to lose the rest.
        let (known, last) = match faults.iter().rposition(|error| !is_known(error, &before)) {
            Some(at) => (Vec::new(), Some(faults.remove(at))),
            None => (std::mem::take(&mut faults), None),
        };
        let Some(last) = last else {
            let text = place::decode(path, &new)?;
            let written =
                write::replace(target, old, text, &|_| Ok(()), &mut change::waiting(ctx))?;
            change::warn_written(ctx, &written);
            let shown = ctx.tilde(path);
            ctx.out.say(&tr!(
                lang,
                "saved {shown}; to take it back: dctx undo",
                "已保存 {shown}；撤销：dctx undo"
            ));
            known.iter().for_each(|error| ctx.out.warn_error("", error, &[]));
            // What was odd about the former text is gone with it.
            change::learn(ctx);
            drop(ctx.env.take_odd());
            ctx.env.note_odd(odd);
            return Ok(Ok(()));
        };
        line = faults.iter().chain([&last]).filter_map(line_of).min();
        let of_draft = |fault| Error::Draft(Box::new(fault));
        faults.into_iter().for_each(|fault| ctx.out.warn_error("", &of_draft(fault), &[]));
        let last = of_draft(last);
        if ctx.no_input || !ctx.env.stdin_tty {
            return Err(last);
        }
        ctx.out.warn_error("", &last, &[]);
        match again(ctx, lang) {
            Some(true) => {}
            Some(false) => return Ok(Err(Error::EditAborted)),
            None => return Err(Error::EditAborted),
        }
    }
}

/// Waits for the person to say that an editor which was back at once has been closed; whether an answer came.
fn closed(ctx: &Ctx<'_>, program: &str, lang: Lang) -> bool {
    let program = crate::text::clean(program);
    ctx.out.ask(&tr!(
        lang,
        "{program} ended at once. If the file is still open there, save and close it, then press Enter: ",
        "{program} 立即退出了。如果文件仍在其中打开，请保存并关闭，然后按回车："
    ));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).is_ok_and(|n| n > 0)
}

/// Whether to edit once more; `None` where no answer came.
fn again(ctx: &Ctx<'_>, lang: Lang) -> Option<bool> {
    loop {
        ctx.out.ask(&tr!(lang, "e: edit again, d: discard [e] ", "e：重新编辑，d：放弃 [e] "));
        let mut answer = String::new();
        match io::stdin().lock().read_line(&mut answer) {
            Ok(n) if n > 0 => {}
            Ok(_) => return None,
            Err(e) => {
                ctx.out.detail(&reason(&e, lang));
                return None;
            }
        }
        match answer.trim().to_ascii_lowercase().as_str() {
            "" | "e" => return Some(true),
            "d" => return Some(false),
            _ => {}
        }
    }
}
