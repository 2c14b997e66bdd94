//! A host that is not there: a root directory with stand-ins for systemctl, dockerd, docker and curl, which behave as the
//! real ones do towards an installing script (the real ones have tests of their own). Every program that changes something
//! counts its calls, so that any one of them can be made to fail, or to be the last thing that happens.

use super::certs::{Ca, Leaf};
use super::run::Output;
use super::sandbox::Sandbox;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// Everything a host has: mode and content by path.
pub(crate) type State = BTreeMap<String, (u32, Vec<u8>)>;

/// Both are the same; if not, the paths that differ are named.
#[track_caller]
pub(crate) fn same(wanted: &State, got: &State, what: &str) {
    let names = wanted.keys().chain(got.keys()).filter(|name| wanted.get(*name) != got.get(*name));
    let names: std::collections::BTreeSet<_> = names.collect();
    assert!(names.is_empty(), "{what}\nthese differ: {names:?}");
}

/// How docker is started there.
pub(crate) struct Variant {
    /// What the unit (or the OpenRC configuration) says.
    pub(crate) files: &'static [(&'static str, &'static str)],
    /// What `dockerd --version` says.
    pub(crate) version: &'static str,
}

/// docker-ce.
pub(crate) const DOCKER_CE: Variant = Variant {
    files: &[
        (
            "usr/lib/systemd/system/docker.service",
            "[Service]\nType=notify\nExecStart=/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock\n",
        ),
        ("run/systemd/system/.keep", ""),
    ],
    version: "28.2.2",
};

/// What both service managers below know of dockerd: where it listens when it is started with these words, and that it does
/// not start when its flags and its daemon.json say the same.
const DAEMON: &str = r#"
f=$DCTX_ROOT/run/fake
relisten() { cat "$f"/listen/* >"$r/proc/net/tcp" 2>/dev/null || : >"$r/proc/net/tcp"; }
line() { printf '   0: 00000000:%04X 00000000:0000 0A 0\n' "$1"; }
# daemon JSON WORD…
daemon() {
    j=$1 ports='' host='' own=''
    shift
    for word; do
        case $host$word in
        -H | --host) host=-H; continue ;;
        -H*) own=yes ports="$ports ${word##*:}" ;;
        --host=*) own=yes ports="$ports ${word##*:}" ;;
        --tls*) ! grep -q '"tls' "$j" 2>/dev/null || { echo 'both as a flag and in the configuration file: tls' >&2; return 1; } ;;
        '') echo '"dockerd" accepts no arguments' >&2; return 1 ;;
        esac
        host=''
    done
    if grep -q '"hosts"' "$j" 2>/dev/null; then
        [ -z "$own" ] || { echo 'both as a flag and in the configuration file: hosts' >&2; return 1; }
        ports=$(grep -o 'tcp:[^"]*:[0-9]*"' "$j" | sed 's/.*:\([0-9]*\)"/\1/')
    fi
    rm -f "$f/listen/docker"
    for port in $ports; do case $port in *[!0-9]*) ;; *) line "$port" >>"$f/listen/docker" ;; esac; done
    relisten
    cp "$j" "$f/running.json" 2>/dev/null || rm -f "$f/running.json"
}
"#;

/// Stands in for systemctl. As systemd does: units take effect when they are loaded; a socket is refused while its service
/// runs; a service brings along what it wants.
const SYSTEMCTL: &str = r##"
umask 022
e=$DCTX_ROOT/etc/systemd/system
mkdir -p "$f/active" "$f/loaded" "$f/listen"
echo "systemctl $*" >>"$r/../called"
verb=$1
shift
[ "${1:-}" != --quiet ] || shift
on_disk() {
    for d in "$e" "$r/usr/lib/systemd/system"; do
        if [ -e "$d/$1" ]; then echo "$d/$1"; return; fi
    done
    return 1
}
text() {
    file=$(on_disk "$1") || { echo "No files found for $1." >&2; return 1; }
    for more in "$file" "$e/$1.d"/*.conf; do
        [ ! -e "$more" ] || { echo "# ${more#"$r"}"; cat "$more"; echo; }
    done
}
# the words that the loaded unit starts docker with
words() {
    sed -e ':more' -e '/\\$/{N;s/\\\n/ /;b more' -e '}' "$f/loaded/.$1" >"$f/unit"
    exec=$(awk '/^ExecStart=/ { exec = substr($0, 11) } END { print exec }' "$f/unit")
    sed -n 's/^Environment=//p' "$f/unit" >"$f/set"
    while IFS= read -r line; do eval "export $line"; done <"$f/set"
    sed -n 's/^EnvironmentFile=-*//p' "$f/unit" >"$f/files"
    while IFS= read -r file; do [ ! -e "$r$file" ] || . "$r$file"; done <"$f/files"
    rm "$f/unit" "$f/set" "$f/files"
    eval "set -- $exec"
    for word; do echo "$word"; done
}
start() {
    case $1 in
    *.socket)
        [ ! -e "$f/active/$1" ] || return 0
        [ ! -e "$f/active/docker.service" ] || { echo "$1: Socket service docker.service already active, refusing." >&2; return 1; }
        [ -e "$f/loaded/$1" ] || { echo "Unit $1 not found." >&2; return 1; }
        p=$(sed -n 's/^ListenStream=\(.*:\)\{0,1\}//p' "$f/loaded/$1")
        for other in "$f"/listen/*; do
            ! grep -q "$(line "$p")" "$other" 2>/dev/null || { echo "$1: address already in use" >&2; return 1; }
        done
        line "$p" >"$f/listen/$1"
        relisten
        : >"$f/active/$1"
        ;;
    docker.service | snap.docker.dockerd.service)
        [ ! -e "$f/active/$1" ] || return 0
        j=$r/etc/docker/daemon.json
        case $1 in snap.*) j=$r/var/snap/docker/current/config/daemon.json ;; esac
        if grep -q '^Wants=docker-tcp.socket' "$f/loaded/.$1" 2>/dev/null; then start docker-tcp.socket; fi
        if [ -e "$r/refuse-to-start" ]; then return 1; fi
        [ -s "$f/loaded/.$1" ] || text "$1" >"$f/loaded/.$1"
        words "$1" >"$f/words"
        set -- "$1" $(cat "$f/words")
        rm "$f/words"
        unit=$1
        shift 2
        daemon "$j" "$@" || return 1
        : >"$f/active/$unit"
        ;;
    esac
}
stop() {
    rm -f "$f/active/$1"
    case $1 in
    *.socket) rm -f "$f/listen/$1" ;;
    *.service) rm -f "$f/running.json" "$f/listen/docker" ;;
    esac
    relisten
}
case $verb in
cat) text "$1" ;;
daemon-reload)
    rm -rf "$f/loaded"
    mkdir "$f/loaded"
    cp "$e"/*.socket "$f/loaded" 2>/dev/null
    for unit in docker.service snap.docker.dockerd.service; do text $unit >"$f/loaded/.$unit" 2>/dev/null; done
    true
    ;;
is-active) [ -e "$f/active/$1" ] ;;
is-enabled) [ -L "$e/sockets.target.wants/$1" ] || [ -e "$f/enabled/$1" ] ;;
enable)
    [ -e "$e/$1" ] || exit 1
    mkdir -p "$e/sockets.target.wants"
    ln -sf "/etc/systemd/system/$1" "$e/sockets.target.wants/$1"
    ;;
disable) rm -f "$e/sockets.target.wants/$1"; rmdir "$e/sockets.target.wants" 2>/dev/null; true ;;
reset-failed) ;;
start) start "$1" ;;
stop) stop "$1" ;;
restart) stop "$1"; start "$1" ;;
*) echo "systemctl $verb?" >&2; exit 1 ;;
esac
"##;

/// OpenRC's, for a docker that reads daemon.json; and what `/etc/init.d/docker` does by itself.
const RC_SERVICE: &str = r#"
[ "$1" = docker ] || exit 1
umask 022
echo "rc-service $*" >>"$DCTX_ROOT/../called"
mkdir -p "$f/active" "$f/listen"
stop() { rm -f "$f/active/docker.service" "$f/running.json" "$f/listen/docker"; relisten; }
case $2 in
status) [ -e "$f/active/docker.service" ] ;;
stop) stop ;;
restart)
    stop
    for file in conf.d default; do [ ! -e "$r/etc/$file/docker" ] || . "$r/etc/$file/docker"; done
    eval "$(sed -n '/^ *DOCKER_OPTS=/p' "$r/etc/init.d/docker")"
    # shellcheck disable=SC2086
    daemon "$r/etc/docker/daemon.json" ${DOCKER_OPTS:-} || exit 1
    : >"$f/active/docker.service"
    ;;
esac
"#;

const DOCKERD: &str = r#"
case $1 in
--version) echo "Docker version $(cat "$DCTX_ROOT/version"), build abc" ;;
--validate)
    echo "$*" >>"$DCTX_ROOT/../validated"
    [ ! -e "$DCTX_ROOT/invalid" ] || { echo 'unable to configure the Docker daemon' >&2; exit 1; }
    ;;
esac
"#;

const DOCKER: &str = r#"
ls "$DCTX_ROOT/run/fake/active" | grep -q 'docker.*[.]service$' || exit 1
case $3 in
info) echo false ;;
ps) echo abc; echo def ;;
esac
"#;

/// A daemon with tlsverify, as curl sees it; `open` makes it one that lets everybody in.
const CURL: &str = r#"
for last; do :; done
[ -s "$DCTX_ROOT/proc/net/tcp" ] || { printf 000; exit 7; }
if [ -e "$DCTX_ROOT/open" ]; then printf 200; exit; fi
case $last in
https:*) printf 000; exit 56 ;;
*) if grep -q tlsverify "$DCTX_ROOT/run/fake/running.json"; then printf 400; else printf 200; fi ;;
esac
"#;

/// The system's programs that the script may use; those that change something are counted.
const READ: &[&str] = &[
    "sh", "cat", "cmp", "find", "grep", "sed", "awk", "cut", "tr", "sort", "date", "cksum",
    "readlink", "id", "sleep", "openssl", "ln", "ls", "touch", "dirname", "true",
];
const CHANGE: &[&str] = &["cp", "mv", "mkdir", "rmdir", "rm", "chmod", "chown", "mktemp"];

/// The host.
pub(crate) struct World {
    pub(crate) sb: Sandbox,
    pub(crate) root: PathBuf,
    bin: PathBuf,
}

/// What happens at the call of this number: it fails, or the script is sent a signal.
#[derive(Clone, Copy)]
pub(crate) enum Accident {
    None,
    Fails(usize),
    Signal(usize, &'static str),
}

impl World {
    pub(crate) fn new(variant: &Variant) -> Self {
        let sb = Sandbox::in_memory();
        let (root, bin) = (sb.path("host"), sb.path("hostbin"));
        fs::create_dir_all(&bin).unwrap();
        for dir in ["etc/systemd/system", "var/lib", "proc/net"] {
            fs::create_dir_all(root.join(dir)).unwrap();
        }
        for dir in ["active", "loaded", "listen"] {
            fs::create_dir_all(root.join("run/fake").join(dir)).unwrap();
        }
        fs::write(root.join("proc/net/tcp"), "").unwrap();
        fs::write(root.join("version"), variant.version).unwrap();
        for (path, text) in variant.files {
            sb.write(Path::new("host").join(path), text);
        }
        let world = World { sb, root, bin };
        for name in READ {
            let real = super::require::find(name).unwrap_or_else(|| panic!("{name}"));
            symlink(real, world.bin.join(name)).unwrap();
        }
        for name in CHANGE {
            let real = super::require::find(name).unwrap_or_else(|| panic!("{name}"));
            world.program(name, &format!("{COUNTED}exec {} \"$@\"\n", real.display()));
        }
        let inner = world.sb.script(
            "inner-systemctl",
            &format!("#!/bin/sh\nPATH=/usr/bin:/bin r=$DCTX_ROOT{DAEMON}{SYSTEMCTL}"),
        );
        if world.root.join("run/systemd/system").exists() {
            world.program("systemctl", &format!("{COUNTED}exec {} \"$@\"\n", inner.display()));
        } else {
            let text = format!("{COUNTED}PATH=/usr/bin:/bin r=$DCTX_ROOT{DAEMON}{RC_SERVICE}");
            world.program("rc-service", &text);
        }
        world.program("dockerd", &format!("{COUNTED}{DOCKERD}"));
        world.program("docker", DOCKER);
        world.program("curl", CURL);
        world
    }

    /// A program of the host.
    pub(crate) fn program(&self, name: &str, text: &str) {
        let path = self.bin.join(name);
        let _ = fs::remove_file(&path);
        self.sb.script(path.strip_prefix(self.sb.dir()).unwrap(), &format!("#!/bin/sh\n{text}"));
    }

    /// Lets the host have one of this machine's programs.
    pub(crate) fn lend(&self, name: &str) {
        symlink(super::require::find(name).unwrap(), self.bin.join(name)).unwrap();
    }

    /// Takes one away.
    pub(crate) fn without(&self, name: &str) {
        fs::remove_file(self.bin.join(name)).unwrap();
    }

    /// A profile `coreos`, certificates, and everything that `dctx server coreos --out` writes, in `kit`.
    pub(crate) fn kit(&self, args: &[&str]) -> PathBuf {
        let ca = Ca::new(self.sb.path("ca"));
        let server =
            ca.server_dir(self.sb.path("server"), &Leaf::server(&["IP:192.0.2.7", "IP:127.0.0.1"]));
        ca.client_dir(self.sb.path("client"), Some(&Leaf::CLIENT));
        let client = self.sb.path("client");
        let add = ["add", "coreos", "tcp://192.0.2.7:2376", "--certs", client.to_str().unwrap()];
        self.sb.dctx(add).run().done();
        let kit = self.sb.path("kit");
        self.out(&kit, server.to_str().unwrap(), args).done();
        kit
    }

    /// `dctx server coreos --out DIR --certs CERTS ARGS…`.
    pub(crate) fn out(&self, dir: &Path, certs: &str, args: &[&str]) -> Output {
        let command = ["server", "coreos", "--out", dir.to_str().unwrap(), "--certs", certs];
        self.sb.dctx(command).args(args).run()
    }

    /// Starts docker as it is configured now.
    pub(crate) fn start_docker(&self) {
        let program = if self.bin.join("systemctl").exists() { "systemctl" } else { "rc-service" };
        let args: &[&[&str]] = match program {
            "systemctl" => &[&["daemon-reload"], &["restart", "docker.service"]],
            _ => &[&["docker", "restart"]],
        };
        for args in args {
            self.sb.sh(self.bin.join(program), *args).env("DCTX_ROOT", &self.root).run().done();
        }
    }

    /// Runs the script of `kit` by `shell` (words), with `args`.
    pub(crate) fn run(&self, shell: &str, kit: &Path, args: &[&str], accident: Accident) -> Output {
        let count = self.sb.write("count", "0");
        let (at, signal) = match accident {
            Accident::None => (0, ""),
            Accident::Fails(at) => (at, ""),
            Accident::Signal(at, signal) => (at, signal),
        };
        let mut words = shell.split(' ');
        let shell = super::require::find(words.next().unwrap()).unwrap();
        self.sb
            .sh(shell, words)
            .arg(kit.join("install.sh"))
            .args(args)
            .env("PATH", &self.bin)
            .env("DCTX_ROOT", &self.root)
            .env("TEST_COUNT", count)
            .env("TEST_AT", at.to_string())
            .env("TEST_SIGNAL", signal)
            .run()
    }

    /// What systemd, OpenRC and SELinux were told since the last time this was asked, in order; questions are left out.
    pub(crate) fn called(&self) -> Vec<String> {
        let path = self.sb.path("called");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        let asks = [" cat ", " is-", " reset-failed", " status"];
        let told = |line: &&str| !asks.iter().any(|ask| line.contains(ask));
        text.lines().filter(told).map(str::to_owned).collect()
    }

    /// A program of the host that writes down what it is told, and then does `text`.
    pub(crate) fn heard(&self, name: &str, text: &str) {
        self.program(name, &format!("echo \"{name} $*\" >>\"$DCTX_ROOT/../called\"\n{text}\n"));
    }

    /// How many calls the last run made.
    pub(crate) fn calls(&self) -> usize {
        fs::read_to_string(self.sb.path("count")).unwrap().trim().parse().unwrap()
    }

    /// Every file of the host with its mode and what is in it, and what runs there.
    pub(crate) fn state(&self) -> State {
        let mut out = BTreeMap::new();
        walk(&self.root, &self.root, &mut out);
        out
    }

    /// The same without the copies of what was there before.
    pub(crate) fn state_but_copies(&self) -> State {
        let mut out = self.state();
        out.retain(|path, _| !path.starts_with("var/lib/dctx"));
        out
    }

    /// Text of a file of the host.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }
}

/// Counts, and is the accident when its turn comes.
const COUNTED: &str = r#"
if [ -n "${TEST_COUNT:-}" ]; then
    IFS= read -r n <"$TEST_COUNT"
    n=$((n + 1))
    echo "$n" >"$TEST_COUNT"
    if [ "$n" = "$TEST_AT" ]; then
        case $TEST_SIGNAL in
        '') exit 1 ;;
        *) kill "-$TEST_SIGNAL" "$PPID"; exit 1 ;;
        esac
    fi
fi
"#;

fn walk(root: &Path, dir: &Path, out: &mut State) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let meta = fs::symlink_metadata(&path).unwrap();
        let mode = meta.permissions().mode();
        if meta.is_symlink() {
            let to = fs::read_link(&path).unwrap();
            out.insert(name, (mode, to.to_str().unwrap().as_bytes().to_vec()));
        } else if meta.is_dir() {
            out.insert(name, (mode, Vec::new()));
            walk(root, &path, out);
        } else if !meta.is_file() {
            // a socket has nothing to be read
            out.insert(name, (mode, Vec::new()));
        } else {
            out.insert(name, (mode, fs::read(&path).unwrap()));
        }
    }
}
