//! The real shells: every build of every shell in `SHELLS`, driven the way a person loads a script.
//!
//! More builds than the installed ones come from the environment variable `DCTX_TEST_SHELLS`, as
//! `name=/path/to/program:name=/path…`, where the name is an emitter's (`bash=/opt/bash-3.2/bin/bash`).

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use dctx::exports::{Exports, Scope, Var};
use dctx::shell::{Emitter, Kind, SHELLS, find};

use super::require::{require, skip};
use super::{Output, Sandbox};

/// Programs and arguments where they are not simply the emitter's name. `sh` is whatever stands
/// behind that name somewhere, so there are several.
const BUILDS: &[(&str, &[&str])] = &[
    ("zsh", &["zsh", "-f"]),
    ("sh", &["dash"]),
    ("sh", &["busybox", "ash"]),
    ("sh", &["posh"]),
    ("sh", &["bash", "--posix"]),
    ("ksh", &["ksh93"]),
    ("tcsh", &["tcsh", "-f"]),
    ("elvish", &["elvish", "-norc"]),
    ("nu", &["nu", "--no-config-file"]),
    ("xonsh", &["xonsh", "--no-rc"]),
];

/// Shells that no test ever runs, and why; every run of the tests says so. What they are given is held against a
/// model of how they read in `models.rs`.
pub(crate) const NEVER_RUN: &[(&str, &str)] = &[
    ("pwsh", "PowerShell is in no package of the systems that the tests run on"),
    ("cmd", "cmd.exe is a part of Windows"),
];

/// The contents of an environment, bytes escaped as in Rust literals, without the variables that shells set as
/// they like: `_`, two of ksh93's own, one of nu's and one of xonsh's.
pub(crate) type Env = BTreeMap<String, String>;

/// One program that is a shell, with the emitter that writes for it.
#[derive(Debug)]
pub(crate) struct Build {
    /// Writes for it.
    pub(crate) emitter: &'static dyn Emitter,
    /// What failures call it.
    pub(crate) label: String,
    argv: Vec<OsString>,
}

/// What a script did to the environment.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// Before anything was loaded.
    pub(crate) before: Env,
    /// After the first text.
    pub(crate) set: Env,
    /// After the second text.
    pub(crate) unset: Env,
}

/// Every build that is there; a missing one is skipped loudly, or fails the test (see [`require`]).
#[track_caller]
pub(crate) fn builds() -> Vec<Build> {
    let mut builds = Vec::new();
    for emitter in shells().filter(|emitter| never_run(*emitter).is_none()) {
        for row in rows(emitter) {
            if let Some(program) = require(row[0].to_str().unwrap()) {
                let mut argv = row.clone();
                argv[0] = program.into();
                builds.push(Build { emitter, label: label(&row), argv });
            }
        }
    }
    for extra in std::env::var("DCTX_TEST_SHELLS").unwrap_or_default().split(':') {
        let Some((name, path)) = extra.split_once('=') else { continue };
        let emitter = find(name).unwrap_or_else(|| panic!("DCTX_TEST_SHELLS: no shell {name}"));
        let mut argv = rows(emitter).remove(0);
        argv[0] = path.into();
        builds.push(Build { emitter, label: label(&argv), argv });
    }
    builds
}

/// Every shell that dctx writes for, without the data formats.
pub(crate) fn shells() -> impl Iterator<Item = &'static dyn Emitter> {
    SHELLS.iter().copied().filter(|emitter| emitter.kind() == Kind::Shell)
}

/// Why no test runs this shell, where none does.
pub(crate) fn never_run(emitter: &dyn Emitter) -> Option<&'static str> {
    NEVER_RUN.iter().find(|(name, _)| *name == emitter.name()).map(|(_, why)| *why)
}

fn rows(emitter: &dyn Emitter) -> Vec<Vec<OsString>> {
    let rows = BUILDS.iter().filter(|(name, _)| *name == emitter.name());
    let rows: Vec<Vec<OsString>> =
        rows.map(|(_, argv)| argv.iter().map(OsString::from).collect()).collect();
    if rows.is_empty() { vec![vec![emitter.name().into()]] } else { rows }
}

fn label(argv: &[OsString]) -> String {
    argv.join(" ".as_ref()).into_string().unwrap()
}

/// Runs `test` for every build, several at a time, each in a sandbox of its own; fails if it failed for any.
#[track_caller]
pub(crate) fn each_build(test: impl Fn(&Build, &Sandbox) + Sync) {
    let queue = Mutex::new(builds());
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, Into::into) {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().pop();
                    let Some(build) = next else { break };
                    let one = AssertUnwindSafe(|| test(&build, &Sandbox::new()));
                    if catch_unwind(one).is_err() {
                        failed.lock().unwrap().push(build.label);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "failed in {failed:?}, see above");
}

impl Build {
    /// Whether the emitter is the one of this name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.emitter.name() == name
    }

    /// Whether it speaks the POSIX language.
    pub(crate) fn posix(&self) -> bool {
        !self.is("fish") && !self.is("tcsh") && !self.raises()
    }

    /// Whether a failure is an exception, which ends a script unless something catches it, and not a status that
    /// the next line can look at.
    pub(crate) fn raises(&self) -> bool {
        ["elvish", "nu", "xonsh"].contains(&self.emitter.name())
    }

    /// What expands to the status of the last command.
    pub(crate) fn status(&self) -> &'static str {
        assert!(!self.raises(), "{} has no status", self.label);
        if self.posix() { "$?" } else { "$status" }
    }

    /// A line that writes the status of the line before into a file. Where a failure is an exception, to get there is 0.
    pub(crate) fn status_to(&self, file: &str) -> String {
        match self.emitter.name() {
            "nu" => format!("\"0\\n\" | save --force {file}"),
            _ if self.raises() => format!("echo 0 > {file}"),
            _ => format!("echo \"{}\" > {file}", self.status()),
        }
    }

    /// A line that writes the environment that programs see into a file.
    pub(crate) fn env_to(&self, file: &str) -> String {
        match self.emitter.name() {
            "nu" => format!("^env -0 | save --raw --force {file}"),
            _ => format!("env -0 > {file}"),
        }
    }

    /// The documented line that loads the text in the file `name` of the working directory.
    pub(crate) fn load(&self, name: &str) -> String {
        self.emitter.load(&format!("cat {name}"))
    }

    /// Runs a script file in the sandbox's working directory.
    #[track_caller]
    pub(crate) fn run(&self, sb: &Sandbox, script: &str) -> Output {
        self.run_with(sb, [] as [(&str, &str); 0], script)
    }

    /// The same with more variables in the environment.
    #[track_caller]
    pub(crate) fn run_with<V: AsRef<OsStr>>(
        &self,
        sb: &Sandbox,
        env: impl IntoIterator<Item = (&'static str, V)>,
        script: &str,
    ) -> Output {
        let file = sb.write("script", script);
        sb.sh(&self.argv[0], &self.argv[1..]).arg(file).envs(env).run()
    }

    /// A line of a script that runs another script in the same build, below this one.
    pub(crate) fn nested(&self, sb: &Sandbox, script: &str) -> String {
        let file = sb.write("nested", script);
        let words: Vec<&str> = self.argv.iter().map(|a| a.to_str().unwrap()).collect();
        format!("{} {}", words.join(" "), file.display())
    }

    /// The same in a shell that ends at the first failure, where that is said on the command line (csh's `-e`).
    #[track_caller]
    pub(crate) fn run_strict(&self, sb: &Sandbox, script: &str) -> Output {
        let file = sb.write("script", script);
        let strict: &[&str] = if self.posix() { &[] } else { &["-e"] };
        let args = self.argv[1..].iter().map(AsRef::as_ref).chain(strict.iter().map(AsRef::as_ref));
        sb.sh(&self.argv[0], args.collect::<Vec<&OsStr>>()).arg(file).run()
    }

    /// Loads `set`, then `unset`, as documented, after the lines of `first`; with the environment in between.
    #[track_caller]
    pub(crate) fn load_both(&self, sb: &Sandbox, first: &str, set: &[u8], unset: &[u8]) -> Loaded {
        self.load_with(sb, first, set, unset, &|file| self.load(file))
    }

    /// The same with another way to load a file.
    #[track_caller]
    pub(crate) fn load_with(
        &self,
        sb: &Sandbox,
        first: &str,
        set: &[u8],
        unset: &[u8],
        load: &dyn Fn(&str) -> String,
    ) -> Loaded {
        sb.write("work/set.txt", set);
        sb.write("work/unset.txt", unset);
        let lines = [
            first.to_owned(),
            self.env_to("before.env"),
            load("set.txt"),
            self.status_to("set.status"),
            self.env_to("set.env"),
            load("unset.txt"),
            self.status_to("unset.status"),
            self.env_to("unset.env"),
            String::new(),
        ];
        let script = lines.join("\n");
        let out = self.run(sb, &script);
        assert_eq!((out.code(), out.err().as_str()), (0, ""), "{}: {script}", self.label);
        for file in ["set.status", "unset.status"] {
            assert_eq!(read(sb, file), b"0\n", "{}: {file} after {script}", self.label);
        }
        let env = |file| parse(&read(sb, file));
        let loaded =
            Loaded { before: env("before.env"), set: env("set.env"), unset: env("unset.env") };
        self.no_stray_file(sb);
        loaded
    }

    /// Nothing that a value says has been run: the working directory holds only our own files.
    #[track_caller]
    pub(crate) fn no_stray_file(&self, sb: &Sandbox) {
        let entries = std::fs::read_dir(sb.work()).unwrap();
        let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
        let stray: Vec<_> = names
            .filter(|name| {
                !["txt", "env", "status"].contains(&name.rsplit('.').next().unwrap_or_default())
            })
            .collect();
        assert!(stray.is_empty(), "{} made {stray:?}", self.label);
    }
}

fn read(sb: &Sandbox, file: &str) -> Vec<u8> {
    std::fs::read(sb.work().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// The environment in the file `name` of the working directory, as `env -0` wrote it.
#[track_caller]
pub(crate) fn env_file(sb: &Sandbox, name: &str) -> Env {
    parse(&read(sb, name))
}

/// See [`Env`].
const OWN: [&str; 5] = ["_", "A__z", "_AST_FEATURES", "LAST_EXIT_CODE", "XONSH_CAPTURE_ALWAYS"];

fn parse(bytes: &[u8]) -> Env {
    let entries = bytes.split(|b| *b == 0).filter(|entry| !entry.is_empty());
    let pairs = entries.map(|entry| {
        let at = entry.iter().position(|b| *b == b'=').unwrap();
        (escape(&entry[..at]), escape(&entry[at + 1..]))
    });
    pairs.filter(|(name, _)| !OWN.contains(&name.as_str())).collect()
}

/// As in [`Env`].
pub(crate) fn escape(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// Two environments are the same; else tells where they differ.
#[track_caller]
pub(crate) fn same(left: &Env, right: &Env, what: &str) {
    if left == right {
        return;
    }
    let names: BTreeSet<_> = left.keys().chain(right.keys()).collect();
    let lines = names.into_iter().filter(|name| left.get(*name) != right.get(*name)).map(|name| {
        let short =
            |env: &Env| format!("{:?}", env.get(name)).chars().take(300).collect::<String>();
        format!("{name}: is {}, should be {}", short(left), short(right))
    });
    panic!("{what}\n{}", lines.take(20).collect::<Vec<_>>().join("\n"));
}

/// One variable to set.
pub(crate) fn set(exports: &mut Exports, name: &str, value: &[u8], scope: Scope) {
    let value = OsString::from_vec(value.to_vec());
    exports.set(Var::parse(name).unwrap(), value, scope);
}

/// The text for `exports`, which must be emitted, and be what all shells' texts are.
#[track_caller]
pub(crate) fn text(emitter: &dyn Emitter, exports: &Exports) -> Vec<u8> {
    let text = emitter.emit(exports).unwrap_or_else(|e| panic!("{}: {e:?}", emitter.name()));
    let ascii = text.iter().all(|b| matches!(b, b' '..=b'~' | b'\n'));
    assert!(ascii, "{} is not 7-bit: {}", emitter.name(), text.escape_ascii());
    // JSON and cmd have no such end
    let end: &[u8] = if ["nu", "cmd"].contains(&emitter.name()) { b"\n" } else { b";\n" };
    for line in text.split_inclusive(|b| *b == b'\n') {
        assert!(line.ends_with(end), "{}: {}", emitter.name(), line.escape_ascii());
    }
    text
}

/// A directory for `LOCPATH` with the locale `zh_CN.GB18030`, whose characters may end with an ASCII digit or
/// letter; None (said loudly) where it cannot be made.
#[track_caller]
pub(crate) fn gb18030(sb: &Sandbox) -> Option<std::path::PathBuf> {
    let localedef = require("localedef")?;
    let dir = sb.path("locale");
    std::fs::create_dir_all(&dir).unwrap();
    let args = ["-i", "zh_CN", "-f", "GB18030"].map(OsString::from);
    let name = dir.join("zh_CN.GB18030");
    let out = sb.sh(localedef, args).arg(&name).run();
    if !name.is_dir() {
        skip(&format!("localedef made no GB18030 locale: {}", out.err()));
        return None;
    }
    Some(dir)
}
