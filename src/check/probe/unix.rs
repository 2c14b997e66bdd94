//! A daemon behind a local socket, or behind a named pipe on Windows.

use std::io;
use std::time::Instant;

use super::wire::{self, Socket, Wire};
use super::{Run, dial, http, judge};
use crate::check::id::Id;
use crate::check::note::Note;
#[cfg(unix)]
use crate::interop::sockets;

/// What docker's client calls every local daemon (docker/cli, `client.DummyHost`).
const HOST: &str = "api.moby.localhost";

/// Where docker looks for the daemon of this machine.
#[cfg(unix)]
const USUAL: &str = "/var/run/docker.sock";

/// The longest text that is kept of what a daemon says of its machine, in characters.
#[cfg(unix)]
const LONGEST: usize = 100;

/// See [`super::probe`]. A path that begins with `@` is an abstract one (unix(7)).
#[cfg(unix)]
pub(super) fn probe(run: &mut Run<'_>, path: &str) {
    let start = Instant::now();
    let wanted = path.to_owned();
    // connecting waits for ever where the other side's queue is full
    let stream = match dial::apart(run.end, move || connect(&wanted)) {
        Ok(stream) => stream,
        Err(error) => return failed(run, path, &error),
    };
    run.ok("unix", Note::Open { address: path.to_owned(), micros: wire::micros(start) });
    if ask(run, Socket::Unix(stream)) && !run.brief {
        machine(run, path);
    }
}

/// What a daemon says of the machine that it is on (`GET /info`, moby api/types/system `Info`).
#[cfg(unix)]
#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    #[serde(default, rename = "ID")]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    kernel_version: String,
}

/// Says so where the daemon behind a socket that is not known for a docker of this machine is on another one. It is on
/// this one if it has this machine's name and kernel, or is the daemon behind docker's usual socket, which a container
/// may be given.
#[cfg(unix)]
fn machine(run: &mut Run<'_>, path: &str) {
    let endpoint = format!("unix://{path}");
    if sockets::is_local_docker(&run.target.env, &endpoint) {
        return;
    }
    let Some(info) = info(run, path) else { return };
    let system = rustix::system::uname();
    let here = system.nodename().to_string_lossy();
    let kernel = system.release().to_string_lossy();
    if info.name.is_empty() || (info.name == here && info.kernel_version == kernel) {
        return;
    }
    let usual = self::info(run, USUAL).filter(|usual| !usual.id.is_empty());
    if usual.is_some_and(|usual| usual.id == info.id) {
        return;
    }
    let (there, here) = match info.name == here {
        // two machines of one name
        true => (format!("{} ({})", info.name, info.kernel_version), format!("{here} ({kernel})")),
        false => (info.name, here.into_owned()),
    };
    run.warn("unix", Note::Elsewhere { path: path.to_owned(), there, here });
}

#[cfg(unix)]
fn info(run: &Run<'_>, path: &str) -> Option<Info> {
    let wanted = path.to_owned();
    let stream = dial::apart(run.end, move || connect(&wanted)).ok()?;
    let mut wire = Wire::new(Socket::Unix(stream), run.end);
    let answer = http::exchange(&mut wire, &http::request("/info", HOST, "")).ok()?;
    let info: Info = serde_json::from_slice(&answer.body).ok().filter(|_| answer.status == 200)?;
    let clean = |text: String| text.chars().take(LONGEST).collect();
    Some(Info {
        id: clean(info.id),
        name: clean(info.name),
        kernel_version: clean(info.kernel_version),
    })
}

#[cfg(unix)]
fn connect(path: &str) -> io::Result<std::os::unix::net::UnixStream> {
    use std::os::unix::net::UnixStream;
    #[cfg(target_os = "linux")]
    if let Some(name) = path.strip_prefix('@') {
        use std::os::linux::net::SocketAddrExt as _;
        let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
        return UnixStream::connect_addr(&address);
    }
    UnixStream::connect(path)
}

#[cfg(unix)]
fn failed(run: &mut Run<'_>, path: &str, error: &io::Error) {
    use crate::check::diagnosis::Found;
    use std::os::unix::fs::MetadataExt as _;
    let meta = std::fs::metadata(path);
    let id = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Id::UnixMissing,
        io::ErrorKind::PermissionDenied => Id::UnixPermission,
        io::ErrorKind::TimedOut => Id::Timeout,
        _ if path.starts_with('@') => Id::UnixMissing,
        _ => Id::UnixStale,
    };
    let waited = if id == Id::Timeout { run.limit_ms() } else { None };
    run.fail("unix", id, |facts| {
        facts.path = Some(path.into());
        facts.said = Some(error.to_string());
        facts.waited = waited;
        if let Ok(meta) = meta {
            facts.mode = Some(meta.mode() & 0o7777);
            facts.found = meta.is_dir().then_some(Found::Directory);
        }
    });
}

/// There are no such sockets for docker here.
#[cfg(not(unix))]
pub(super) fn probe(run: &mut Run<'_>, path: &str) {
    run.fail("unix", Id::EndpointInvalid, |facts| facts.path = Some(path.into()));
}

/// Whether docker answered.
fn ask(run: &mut Run<'_>, socket: Socket) -> bool {
    let mut wire = Wire::new(socket, run.end);
    let start = Instant::now();
    match http::exchange(&mut wire, &http::request(run.question(), HOST, "")) {
        Ok(answer) => judge::answer(run, &answer, None, wire::micros(start)),
        Err(trouble) => {
            judge::trouble(run, "http", trouble, wire.first(), None);
            false
        }
    }
}

/// docker's client crashes on a named pipe anywhere but on Windows.
#[cfg(not(windows))]
pub(super) fn probe_npipe(run: &mut Run<'_>, path: &str) {
    run.fail("npipe", Id::EndpointInvalid, |facts| facts.path = Some(path.into()));
}

/// See [`super::probe`]. A pipe is a file there, and reading it cannot be interrupted: a thread does it.
#[cfg(windows)]
pub(super) fn probe_npipe(run: &mut Run<'_>, path: &str) {
    use std::io::{Read as _, Write as _};
    let start = Instant::now();
    let name = path.replace('/', "\\");
    let opened = dial::apart(run.end, move || {
        std::fs::OpenOptions::new().read(true).write(true).open(&name)
    });
    let mut file = match opened {
        Ok(file) => file,
        Err(error) => {
            let id = match error.kind() {
                io::ErrorKind::NotFound => Id::UnixMissing,
                io::ErrorKind::PermissionDenied => Id::UnixPermission,
                io::ErrorKind::TimedOut => Id::Timeout,
                _ => Id::UnixStale,
            };
            let waited = if id == Id::Timeout { run.limit_ms() } else { None };
            return run.fail("npipe", id, |facts| {
                facts.path = Some(path.into());
                facts.said = Some(error.to_string());
                facts.waited = waited;
            });
        }
    };
    run.ok("npipe", Note::Open { address: path.to_owned(), micros: wire::micros(start) });
    let (write, requests) = std::sync::mpsc::channel::<Vec<u8>>();
    let (answers, read) = std::sync::mpsc::sync_channel(4);
    let started = dial::spawn(move || {
        // one request, then only answers: a pipe that is read cannot be written at the same time
        if let Ok(request) = requests.recv()
            && let Err(error) = file.write_all(&request)
        {
            drop(answers.send(Err(error)));
            return;
        }
        let mut piece = vec![0; 8192];
        loop {
            let result =
                file.read(&mut piece).map(|count| piece.iter().take(count).copied().collect());
            let end = !matches!(&result, Ok(bytes) if !Vec::is_empty(bytes));
            if answers.send(result).is_err() || end {
                return;
            }
        }
    });
    match started {
        Ok(()) => drop(ask(run, Socket::Pipe(wire::Pipe { write, read, rest: Vec::new() }))),
        Err(error) => run.fail_note("npipe", super::said::Said::Local { said: error.to_string() }),
    }
}
