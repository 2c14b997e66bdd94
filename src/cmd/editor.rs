//! `edit` without flags: a copy of the file in an editor, checked before it is saved, as visudo does.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Ctx, change};
use crate::error::{Error, Result};
use crate::store::{parse, place, write};
use crate::tr;

/// `$VISUAL`, `$EDITOR`, else what every system has; split as a POSIX shell splits words.
fn editor(ctx: &Ctx<'_>) -> Result<Vec<String>> {
    let set = ["VISUAL", "EDITOR"].into_iter().find_map(|name| ctx.env.text(name));
    let default = if cfg!(windows) { "notepad" } else { "vi" };
    let text = set.unwrap_or_else(|| default.to_owned());
    match shell_words::split(&text) {
        Ok(words) if !words.is_empty() => Ok(words),
        _ => Err(Error::Start {
            program: text,
            source: io::Error::new(io::ErrorKind::NotFound, "not a command"),
        }),
    }
}

/// The copy that is edited; removed when this goes out of scope.
struct Copy {
    path: PathBuf,
}

impl Copy {
    fn new(state: &Path, text: &[u8]) -> Result<Self> {
        // The name ends as the real one's does, so that editors know what it is.
        let path = state.join(format!("edit-{}.toml", std::process::id()));
        let make = || {
            write::private_dir(state)?;
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(&path)?.write_all(text)
        };
        make().map_err(|source| Error::Write { path: path.clone(), source })?;
        Ok(Self { path })
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Everything that is wrong with a text: the file as a whole, and each of its profiles.
fn faults(path: &Path, text: &[u8]) -> Vec<Error> {
    match place::decode(path, text).and_then(|text| parse::parse(path, text, false)) {
        Ok(parsed) => parsed.entries.into_iter().filter_map(|entry| entry.profile.err()).collect(),
        Err(error) => vec![error],
    }
}

/// Opens the file in the editor until it is right, or the person gives up.
///
/// # Errors
/// When the editor cannot be run or fails, what is wrong with the text when nobody is there to ask, or
/// why the file could not be written. Nothing is changed then.
pub fn run(ctx: &Ctx<'_>) -> Result<()> {
    let target = change::target(ctx)?;
    let path = target.config.clone();
    let lang = ctx.out.lang;
    let old = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(source) => return Err(Error::Read { path, source }),
    };
    let start: &[u8] = if old.is_empty() { b"schema = 1\n" } else { &old };
    let copy = Copy::new(&target.state, start)?;
    loop {
        let words = editor(ctx)?;
        let (program, rest) = words.split_first().ok_or(Error::EditAborted)?;
        let status = Command::new(program)
            .args(rest)
            .arg(&copy.path)
            .status()
            .map_err(|source| Error::Start { program: program.clone(), source })?;
        if !status.success() {
            return Err(Error::EditAborted);
        }
        let new = fs::read(&copy.path)
            .map_err(|source| Error::Read { path: copy.path.clone(), source })?;
        if new == start {
            ctx.out.say(&tr!(lang, "nothing was changed", "未做任何修改"));
            return Ok(());
        }
        let mut faults = faults(&path, &new);
        let Some(last) = faults.pop() else {
            let text = place::decode(&path, &new)?;
            let written =
                write::replace(&target, &old, text, &|_| Ok(()), &mut change::waiting(ctx))?;
            change::warn_written(ctx, &written);
            let shown = ctx.tilde(&path);
            ctx.out.say(&tr!(
                lang,
                "saved {shown}; to take it back: dctx undo",
                "已保存 {shown};撤销:dctx undo"
            ));
            return Ok(());
        };
        for fault in &faults {
            ctx.out.warn(&fault.message(lang), &[]);
        }
        if ctx.no_input || !ctx.env.stdin_tty {
            return Err(last);
        }
        ctx.out.warn(&last.message(lang), &[]);
        ctx.out.ask(&tr!(lang, "e: edit again, d: discard [e] ", "e:重新编辑,d:放弃 [e] "));
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        if !matches!(read, Ok(n) if n > 0) || answer.trim().eq_ignore_ascii_case("d") {
            return Err(Error::EditAborted);
        }
    }
}
