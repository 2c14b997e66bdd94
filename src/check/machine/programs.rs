//! The docker client and ssh, as a shell would find them.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::note::Note;
use super::{Machine, Out};

/// The longest that the client may take to tell its version.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most of its answer that is read, in bytes.
const ANSWER: u64 = 512;

pub(super) fn look(machine: &Machine<'_>, out: &mut Out) {
    let path = machine.env.get("PATH").unwrap_or_default();
    match on_path(&path, "docker").split_first() {
        None => out.warn("docker", Note::NoDocker),
        Some((first, others)) => match version(first, &path) {
            Some(version) => {
                let (path, others) = (first.clone(), others.to_vec());
                out.ok("docker", Note::Docker { path, version, others });
            }
            None => out.warn("docker", Note::DockerSilent { path: first.clone() }),
        },
    }
    match on_path(&path, "ssh").into_iter().next() {
        Some(path) if machine.store.ssh => out.ok("ssh", Note::Ssh { path }),
        None if machine.store.ssh => out.warn("ssh", Note::NoSsh),
        _ => {}
    }
}

/// The version of the docker client that a shell would start; `None` where there is none, or it does not tell.
#[must_use]
pub fn docker_version(env: &crate::env::Env) -> Option<String> {
    let path = env.get("PATH").unwrap_or_default();
    version(on_path(&path, "docker").first()?, &path)
}

/// Every executable of that name on `path`, each file once, in the order in which a shell looks.
fn on_path(path: &OsStr, name: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut found = Vec::new();
    for dir in std::env::split_paths(path).filter(|dir| dir.is_absolute()) {
        let program = dir.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        let Ok(real) = program.canonicalize() else { continue };
        if is_program(&real) && !files.contains(&real) {
            files.push(real);
            found.push(program);
        }
    }
    found
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// What `docker --version` says: `Docker version 28.2.2, build e6534b4`. Its environment is empty, so that nothing
/// in ours makes it fail.
fn version(docker: &Path, path: &OsStr) -> Option<String> {
    let mut command = Command::new(docker);
    command.arg("--version").env_clear().env("PATH", path);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(2));
            }
            _ => break None,
        }
    };
    if !status.is_some_and(|status| status.success()) {
        let _ = child.kill();
        let _ = child.wait();
        return None;
    }
    let mut answer = Vec::new();
    child.stdout.take()?.take(ANSWER).read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer);
    let line = answer.lines().next()?;
    let word =
        line.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(word.trim_end_matches(',').to_owned())
}
