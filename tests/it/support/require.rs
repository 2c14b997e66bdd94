//! Programs that a test needs: missing is a loud skip for a person at home, a failure where `DCTX_REQUIRE=all`.
//! `DCTX_ABSENT` lists what `tests/run.sh` found no package for on this system; that stays a loud skip.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The full path of `program` on `PATH` (or of a path given whole), or None after saying `SKIPPED: …` on standard error.
/// Panics instead of skipping when the environment variable `DCTX_REQUIRE` is `all`.
#[track_caller]
pub(crate) fn require(program: &str) -> Option<PathBuf> {
    let found = find(program);
    if found.is_none() {
        let why = format!("{program} is not installed");
        if absent(program) { say(&why) } else { skip(&why) }
    }
    found
}

/// Whether `tests/run.sh` found no package for `program` on this system.
pub(crate) fn absent(program: &str) -> bool {
    std::env::var("DCTX_ABSENT").is_ok_and(|names| names.split(' ').any(|name| name == program))
}

/// Says that the calling test does not run, and why; panics when the environment variable `DCTX_REQUIRE` is `all`.
#[track_caller]
pub(crate) fn skip(why: &str) {
    assert!(
        std::env::var_os("DCTX_REQUIRE").is_none_or(|v| v != "all"),
        "{why}, and DCTX_REQUIRE=all"
    );
    say(why);
}

/// Says that something is not tested, whether the test passes or not; one line of it goes to the file that the
/// environment variable `DCTX_SKIPPED` names, where it names one.
#[track_caller]
pub(crate) fn say(why: &str) {
    let at = std::panic::Location::caller();
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("?");
    // not eprintln!, which the harness keeps to itself as long as the test passes
    let _ = writeln!(std::io::stderr(), "SKIPPED: {name}: {why} ({}:{})", at.file(), at.line());
    // counted by tests/run.sh; appended in one call, so that lines of tests side by side stay whole
    if let Some(path) = std::env::var_os("DCTX_SKIPPED") {
        let mut list = std::fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
        let why = why.lines().next().unwrap_or_default();
        list.write_all(format!("{name}: {why}\n").as_bytes()).unwrap();
    }
}

/// Where `program` is on `PATH`, silently; for tests that take one of several programs.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return runs(Path::new(program)).then(|| program.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|p| runs(p))
}

fn runs(path: &Path) -> bool {
    path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

/// A program is found where the shell finds it, and one that is not there is not.
#[test]
fn finds_what_a_shell_finds() {
    let sh = find("sh").unwrap();
    assert!(sh.is_absolute());
    assert_eq!(find(sh.to_str().unwrap()), Some(sh));
    assert_eq!(find("no-such-program-anywhere"), None);
    assert_eq!(find("/dev/null"), None);
}

/// `tests/run.sh` installs whatever the tests ask for by name, so that nobody meets a failure it could have prevented.
#[test]
fn run_sh_installs_it_all() {
    let installed = include_str!("../../run.sh");
    let mut asked = 0;
    let mut dirs = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it")];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for call in text.split("require(\"").skip(1) {
                let program = call.split('"').next().unwrap();
                // the pieces of this test itself
                if program.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
                    let listed =
                        [' ', '\t'].iter().any(|s| installed.contains(&format!("{s}{program}:")));
                    assert!(listed, "{}: tests/run.sh does not install {program}", path.display());
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 2, "only {asked} programs found: does this test still read the right files?");
}
