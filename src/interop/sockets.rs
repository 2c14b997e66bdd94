//! The sockets of this machine's own docker: where dockerd, rootless docker, Docker Desktop, colima, OrbStack, Rancher
//! Desktop and podman put theirs. Any other socket may be the end of a tunnel (`ssh -L`), so it is only a socket.

use std::path::{Path, PathBuf};

use crate::env::Env;

/// The named pipes of Docker Desktop and of docker on Windows.
const PIPES: [&str; 2] = ["//./pipe/docker_engine", "//./pipe/dockerdesktoplinuxengine"];

/// Whether an endpoint, as docker reads it, is one of the sockets where a docker of this machine listens. By its name
/// alone: nothing is opened, and no link is followed.
#[must_use]
pub fn is_local_docker(env: &Env, endpoint: &str) -> bool {
    if let Some(pipe) = endpoint.strip_prefix("npipe://") {
        let pipe = pipe.replace('\\', "/").to_ascii_lowercase();
        return PIPES.contains(&pipe.as_str());
    }
    let Some(path) = endpoint.strip_prefix("unix://").map(Path::new) else { return false };
    if !path.is_absolute() || path.components().any(|part| part.as_os_str() == "..") {
        return false;
    }
    // /var/run is /run on every system that has both
    let run = |path: &Path| match path.strip_prefix("/var/run") {
        Ok(rest) => Path::new("/run").join(rest),
        // without double slashes and dots
        Err(_) => path.components().collect(),
    };
    let path = run(path);
    let is = |known: PathBuf| run(&known) == path;
    let in_run = |dir: PathBuf| is(dir.join("docker.sock")) || is(dir.join("podman/podman.sock"));
    let of_home = |home: PathBuf| {
        HOME_SOCKETS.iter().any(|known| is(home.join(known)))
            || of_colima(&home.join(".colima"), &path)
            || of_colima(&home.join(".config/colima"), &path)
    };
    let colima = [env.filled("COLIMA_HOME").map(PathBuf::from)]
        .into_iter()
        .chain([env.filled("XDG_CONFIG_HOME").map(|dir| PathBuf::from(dir).join("colima"))])
        .flatten();
    in_run("/run".into())
        || env.runtime_dir().is_some_and(in_run)
        || user_run().is_some_and(in_run)
        || env.home().is_some_and(of_home)
        || colima.into_iter().any(|dir| of_colima(&dir, &path))
}

/// The sockets below the home directory: Docker Desktop (macOS, Linux), OrbStack, Rancher Desktop, podman on macOS.
const HOME_SOCKETS: [&str; 5] = [
    ".docker/run/docker.sock",
    ".docker/desktop/docker.sock",
    ".orbstack/run/docker.sock",
    ".rd/docker.sock",
    ".local/share/containers/podman/machine/podman.sock",
];

/// colima has one for each of its profiles: `DIR/PROFILE/docker.sock`.
fn of_colima(dir: &Path, path: &Path) -> bool {
    let rest = path.strip_prefix(dir).ok().filter(|_| dir.is_absolute());
    rest.is_some_and(|rest| rest.components().count() == 2 && rest.ends_with("docker.sock"))
}

/// `/run/user/UID`, where a login has its sockets also if XDG_RUNTIME_DIR is not set.
fn user_run() -> Option<PathBuf> {
    #[cfg(unix)]
    return Some(format!("/run/user/{}", rustix::process::getuid().as_raw()).into());
    #[cfg(not(unix))]
    return None;
}
