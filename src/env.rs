//! The outside world as dctx sees it: variables, home, terminals, and every path dctx uses.
//!
//! This is the only reader of the process environment. Variables are looked up when asked for, not
//! copied: `use` needs about thirty of them, and an environment may hold hundreds.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::error::{Error, Lang, Result};

/// Variables and terminals.
#[derive(Debug, Clone)]
pub struct Env {
    vars: Option<BTreeMap<OsString, OsString>>,
    /// What [`Self::with`] laid over it; `None` for not set.
    over: BTreeMap<OsString, Option<OsString>>,
    /// Whether standard input is a terminal.
    pub stdin_tty: bool,
    /// Whether standard output is a terminal.
    pub stdout_tty: bool,
    /// Whether standard error is a terminal.
    pub stderr_tty: bool,
    /// What is odd about the files that were read, told once at the end of the run; shared by copies.
    odd: Arc<Mutex<Vec<Error>>>,
}

/// The directories dctx keeps things in; see the README's table of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirs {
    /// `config.toml` and `profiles.d`.
    pub config: PathBuf,
    /// Lock, history, link directories.
    pub state: PathBuf,
    /// Certificates of our own making: no place for a repository of dotfiles.
    pub data: PathBuf,
}

impl Env {
    /// The environment of this process.
    #[must_use]
    pub fn process() -> Self {
        Self {
            vars: None,
            over: BTreeMap::new(),
            stdin_tty: std::io::stdin().is_terminal(),
            stdout_tty: std::io::stdout().is_terminal(),
            stderr_tty: std::io::stderr().is_terminal(),
            odd: Arc::default(),
        }
    }

    /// An environment made up of `vars`, without a terminal.
    pub fn of<K: Into<OsString>, V: Into<OsString>>(
        vars: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let vars = vars.into_iter().map(|(k, v)| (k.into(), v.into())).collect();
        Self {
            vars: Some(vars),
            over: BTreeMap::new(),
            stdin_tty: false,
            stdout_tty: false,
            stderr_tty: false,
            odd: Arc::default(),
        }
    }

    /// The value of a variable; `None` if it is not set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<OsString> {
        if let Some(value) = self.over.get(OsStr::new(name)) {
            return value.clone();
        }
        match &self.vars {
            None => std::env::var_os(name),
            Some(vars) => vars.get(OsStr::new(name)).cloned(),
        }
    }

    /// The same environment with these variables set (or not, for `None`).
    #[must_use]
    pub fn with<'n>(&self, changes: impl IntoIterator<Item = (&'n str, Option<OsString>)>) -> Self {
        let mut env = self.clone();
        env.over.extend(changes.into_iter().map(|(name, value)| (name.into(), value)));
        env
    }

    /// Notes what is odd about the user's own file and stops nobody; the same only once, however often the file is read.
    pub fn note_odd(&self, found: impl IntoIterator<Item = Error>) {
        let Ok(mut odd) = self.odd.lock() else { return };
        for error in found {
            let said = error.message(Lang::En);
            if odd.iter().all(|known| known.message(Lang::En) != said) {
                odd.push(error);
            }
        }
    }

    /// What was noted, and has not been taken yet.
    #[must_use]
    pub fn take_odd(&self) -> Vec<Error> {
        self.odd.lock().map(|mut odd| std::mem::take(&mut *odd)).unwrap_or_default()
    }

    /// The directory that the shell is in, as it names it: `$PWD` where that is absolute and true, else
    /// what the system says.
    #[must_use]
    pub fn work_dir(&self) -> Option<PathBuf> {
        let real = std::env::current_dir().ok()?;
        let named = self.absolute("PWD");
        let same = |path: &PathBuf| {
            path.canonicalize().is_ok_and(|path| real.canonicalize().is_ok_and(|r| r == path))
        };
        Some(named.filter(same).unwrap_or(real))
    }

    /// The value of a variable, where docker and most others take empty for unset.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<OsString> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// The value as text; a value that is not UTF-8 counts as not set.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.filled(name).and_then(|value| value.into_string().ok())
    }

    /// An absolute path from a variable; the XDG Base Directory Specification says to ignore others.
    fn absolute(&self, name: &str) -> Option<PathBuf> {
        self.filled(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    /// The home directory: HOME, else what the system says (the password database, or Windows' profile).
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        match self.absolute("HOME") {
            Some(home) => Some(home),
            None if self.vars.is_some() => None,
            None => directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_path_buf()),
        }
    }

    /// Where configuration and state are kept: `$DCTX_CONFIG_DIR`, XDG on every Unix (also macOS),
    /// Windows' own places there.
    ///
    /// # Errors
    /// [`Error::NoHome`] when neither variables nor the system tell.
    pub fn dirs(&self) -> Result<Dirs> {
        let own = self.filled("DCTX_CONFIG_DIR").map(|dir| {
            std::path::absolute(PathBuf::from(&dir)).unwrap_or_else(|_| PathBuf::from(&dir))
        });
        if cfg!(windows) {
            let dirs = directories::ProjectDirs::from("", "", "dctx").ok_or(Error::NoHome)?;
            let config = own.unwrap_or_else(|| dirs.config_dir().to_path_buf());
            let data = dirs.data_local_dir().to_path_buf();
            return Ok(Dirs { config, state: data.clone(), data });
        }
        let home = || self.home().ok_or(Error::NoHome);
        let config = match own.or_else(|| self.absolute("XDG_CONFIG_HOME").map(|d| d.join("dctx")))
        {
            Some(dir) => dir,
            None => home()?.join(".config/dctx"),
        };
        let state = match self.absolute("XDG_STATE_HOME") {
            Some(dir) => dir.join("dctx"),
            None => home()?.join(".local/state/dctx"),
        };
        let data = match self.absolute("XDG_DATA_HOME") {
            Some(dir) => dir.join("dctx"),
            None => home()?.join(".local/share/dctx"),
        };
        Ok(Dirs { config, state, data })
    }

    /// Where what may be gone at any time is kept; `None` where nothing tells. Not one of [`Dirs`], so that those who
    /// need none of it do not fail for it.
    #[must_use]
    pub fn cache(&self) -> Option<PathBuf> {
        if cfg!(windows) {
            let dirs = directories::ProjectDirs::from("", "", "dctx")?;
            return Some(dirs.cache_dir().to_path_buf());
        }
        match self.absolute("XDG_CACHE_HOME") {
            Some(dir) => Some(dir.join("dctx")),
            None => Some(self.home()?.join(".cache/dctx")),
        }
    }

    /// The file of this program, to run it again.
    #[must_use]
    pub fn program() -> Option<PathBuf> {
        std::env::current_exe().ok()
    }

    /// `$XDG_RUNTIME_DIR`, where a login has its sockets and what has to go with it.
    #[must_use]
    pub fn runtime_dir(&self) -> Option<PathBuf> {
        self.absolute("XDG_RUNTIME_DIR")
    }

    /// docker's configuration directory: `$DOCKER_CONFIG`, else `~/.docker` (docker/cli `cli/config`).
    #[must_use]
    pub fn docker_config(&self) -> Option<PathBuf> {
        match self.filled("DOCKER_CONFIG") {
            Some(dir) => Some(PathBuf::from(dir)),
            None => self.home().map(|home| home.join(".docker")),
        }
    }

    /// The language of messages: DCTX_LANG; else LC_ALL, LC_MESSAGES, LANG, the first that is set. Messages are
    /// written in UTF-8, so a locale of another character set gets English, which is ASCII, unless DCTX_LANG asks.
    #[must_use]
    pub fn lang(&self) -> Lang {
        let first = |names: &[&str]| names.iter().find_map(|name| self.filled(name));
        let is_chinese =
            |value: OsString| value.as_encoded_bytes().to_ascii_lowercase().starts_with(b"zh");
        let chinese = match self.filled("DCTX_LANG") {
            Some(asked) => is_chinese(asked),
            None => {
                // The character set is LC_CTYPE's (POSIX, Base Definitions 8.2).
                let charset = first(&["LC_ALL", "LC_CTYPE", "LANG"]);
                first(&["LC_ALL", "LC_MESSAGES", "LANG"]).is_some_and(is_chinese)
                    && charset.is_none_or(|locale| !is_other_charset(&locale))
            }
        };
        if chinese { Lang::Zh } else { Lang::En }
    }
}

/// Whether a locale's name (`zh_CN.GB18030@modifier`) has a character set that is not UTF-8.
fn is_other_charset(locale: &OsStr) -> bool {
    let mut parts = locale.as_encoded_bytes().splitn(2, |byte| *byte == b'.');
    let Some(charset) = parts.nth(1) else { return false };
    let charset = charset.iter().take_while(|byte| **byte != b'@');
    let letters = charset.filter(|byte| byte.is_ascii_alphanumeric());
    !letters.map(u8::to_ascii_lowercase).eq(*b"utf8")
}

/// `path` with the home directory written as `~`, as people write it; for messages only.
#[must_use]
pub fn tilde(path: &Path, home: Option<&Path>) -> String {
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}
