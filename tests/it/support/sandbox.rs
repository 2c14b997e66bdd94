//! A place of its own for every test: home, XDG directories, and a cleared environment.
//!
//! ```ignore
//! let sb = Sandbox::new();
//! sb.dctx(["ls"]).env("NO_COLOR", "1").run().ok("", "");
//! sb.sh("bash", ["-c", "dctx ls; echo $?"]).run().ok("0\n", "");
//! ```

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::run::Cmd;

/// The program under test, as cargo built it for this test run.
pub(crate) fn dctx_bin() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_dctx"))
}

/// This process's `PATH` with the directory of [`dctx_bin`] before everything else, so that scripts can say `dctx`.
pub(crate) fn path_with_dctx() -> OsString {
    let own = dctx_bin().parent().unwrap().to_path_buf();
    let old = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&old))).unwrap()
}

/// Copies an executable file with its mode, in a process of its own: a program that this process had open for writing
/// cannot be run ("Text file busy") as long as a child that another test is just starting holds a copy of the descriptor.
pub(crate) fn copy_program(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-p").arg(from).arg(to).status().unwrap();
    assert!(status.success(), "cp {} {}: {status}", from.display(), to.display());
}

/// A temporary directory with everything a command may look for in a person's home; removed on drop.
pub(crate) struct Sandbox {
    dir: PathBuf,
    env: BTreeMap<OsString, OsString>,
}

impl Sandbox {
    /// Makes the directories (mode 0700, so a umask cannot open them) and the environment that names them.
    pub(crate) fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    /// The same on a file system in memory where there is one: for thousands of synced writes.
    pub(crate) fn in_memory() -> Self {
        let shm = Path::new("/dev/shm");
        if shm.is_dir() { Self::below(shm) } else { Self::new() }
    }

    fn below(base: &Path) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let base = fs::canonicalize(base).unwrap();
        let dir = loop {
            let n = NEXT.fetch_add(1, Ordering::Relaxed);
            let dir = base.join(format!("dctx-{}-{n}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&dir) {
                Ok(()) => break dir,
                // left by a killed test run that had the same process id
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => panic!("{}: {e}", dir.display()),
            }
        };
        let mut sb = Sandbox { dir, env: BTreeMap::new() };
        for (name, path) in [
            ("HOME", sb.home()),
            ("XDG_CONFIG_HOME", sb.config()),
            ("XDG_STATE_HOME", sb.state()),
            ("XDG_DATA_HOME", sb.data()),
            ("XDG_CACHE_HOME", sb.cache()),
            ("XDG_RUNTIME_DIR", sb.runtime()),
            ("TMPDIR", sb.path("tmp")),
            ("", sb.work()),
        ] {
            DirBuilder::new().mode(0o700).recursive(true).create(&path).unwrap();
            if !name.is_empty() {
                sb.set_env(name, path);
            }
        }
        // an interactive fish that misses this directory makes completions of every manual page of the machine: ten seconds
        // of a processor, which outlive the test (fish's share/functions/__fish_config_interactive.fish)
        let generated = sb.data().join("fish/generated_completions");
        DirBuilder::new().mode(0o700).recursive(true).create(generated).unwrap();
        sb.set_env("PATH", std::env::var_os("PATH").unwrap_or_default());
        sb.set_env("LC_ALL", "C.UTF-8");
        sb
    }

    /// `relative` inside the sandbox (nothing is created).
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.dir.join(relative)
    }

    /// The sandbox's own directory.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// `$HOME`.
    pub(crate) fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// `$XDG_CONFIG_HOME`.
    pub(crate) fn config(&self) -> PathBuf {
        self.path("home/.config")
    }

    /// `$XDG_STATE_HOME`.
    pub(crate) fn state(&self) -> PathBuf {
        self.path("home/.local/state")
    }

    /// `$XDG_DATA_HOME`.
    pub(crate) fn data(&self) -> PathBuf {
        self.path("home/.local/share")
    }

    /// `$XDG_CACHE_HOME`.
    pub(crate) fn cache(&self) -> PathBuf {
        self.path("home/.cache")
    }

    /// `$XDG_RUNTIME_DIR`.
    pub(crate) fn runtime(&self) -> PathBuf {
        self.path("run")
    }

    /// The working directory of the commands that are not told another one.
    pub(crate) fn work(&self) -> PathBuf {
        self.path("work")
    }

    /// Writes a file inside the sandbox with its parent directories, and returns its path.
    pub(crate) fn write(&self, relative: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Writes an executable file (mode 0755), for programs that stand in for a shell, an editor or docker.
    pub(crate) fn script(&self, relative: impl AsRef<Path>, text: &str) -> PathBuf {
        let path = self.path(relative);
        let draft = self.write(path.with_extension("draft"), text);
        fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).unwrap();
        copy_program(&draft, &path);
        fs::remove_file(draft).unwrap();
        path
    }

    /// Sets a variable for every later command of this sandbox.
    pub(crate) fn set_env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
        self.env.insert(name.as_ref().into(), value.as_ref().into());
    }

    /// `dctx ARGS…` in this sandbox.
    pub(crate) fn dctx<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Cmd {
        self.cmd(dctx_bin(), args)
    }

    /// The same, called by a shell of this name: who calls is told by the name of the program, so one that runs the
    /// command and waits for it is enough.
    pub(crate) fn dctx_from<A: AsRef<OsStr>>(
        &self,
        shell: Option<&str>,
        args: impl IntoIterator<Item = A>,
    ) -> Cmd {
        let Some(shell) = shell else { return self.dctx(args) };
        let caller = self.path("callers").join(shell);
        if !caller.exists() {
            fs::create_dir_all(self.path("callers")).unwrap();
            copy_program(&fs::canonicalize("/bin/sh").unwrap(), &caller);
        }
        let line = ["-c", "\"$@\"; exit $?", "sh"];
        self.cmd(caller, line).arg(dctx_bin()).args(args).env("DCTX_SHELL", shell)
    }

    /// Any program in this sandbox, with `dctx` first on its `PATH`.
    pub(crate) fn sh<A: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        args: impl IntoIterator<Item = A>,
    ) -> Cmd {
        self.cmd(program, args).env("PATH", path_with_dctx())
    }

    fn cmd<A: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        args: impl IntoIterator<Item = A>,
    ) -> Cmd {
        let mut command = Command::new(program);
        command.args(args).env_clear().envs(&self.env).current_dir(self.work());
        Cmd::new(command, &self.dir)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if std::env::var_os("DCTX_KEEP").is_some() {
            eprintln!("kept: {}", self.dir.display());
            return;
        }
        if fs::remove_dir_all(&self.dir).is_ok() {
            return;
        }
        // a test took the write permission from a directory: root does not notice, others have to give it back
        let _ = Command::new("chmod").arg("-R").arg("u+rwX").arg(&self.dir).status();
        if let Err(e) = fs::remove_dir_all(&self.dir)
            && !thread::panicking()
        {
            eprintln!("left behind: {}: {e}", self.dir.display());
        }
    }
}

/// What runs in a sandbox sees nothing of the person who runs the tests.
#[test]
fn environment_is_the_sandbox_alone() {
    let sb = Sandbox::new();
    let out = sb.sh("env", [] as [&str; 0]).env_remove("PATH").run();
    let mut lines: Vec<_> = out.out().lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "HOME=[SB]/home",
            "LC_ALL=C.UTF-8",
            "TMPDIR=[SB]/tmp",
            "XDG_CACHE_HOME=[SB]/home/.cache",
            "XDG_CONFIG_HOME=[SB]/home/.config",
            "XDG_DATA_HOME=[SB]/home/.local/share",
            "XDG_RUNTIME_DIR=[SB]/run",
            "XDG_STATE_HOME=[SB]/home/.local/state",
        ]
    );
    let dir = sb.dir().to_path_buf();
    let mode = fs::metadata(sb.runtime()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    drop(sb);
    assert!(!dir.exists());
}

/// Scripts say `dctx` and get the program under test; statuses and signals are told as a shell tells them.
#[test]
fn scripts_find_the_program_under_test() {
    let sb = Sandbox::new();
    let found = sb.sh("sh", ["-c", "command -v dctx"]).run();
    found.ok(&format!("{}\n", dctx_bin().display()), "");
    sb.sh("sh", ["-c", "cat; echo no >&2; exit 3"]).stdin("in").run().is(3, "in", "no\n");
    sb.sh("sh", ["-c", "kill -9 $$"]).run().is(137, "", "");
}
