//! Where docker goes is judged once, and the real docker client agrees in every combination of variables and files; only
//! the sockets of a docker of this machine are called local docker.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use dctx::env::Env;
use dctx::in_force::{DecidedBy, LeadsTo, docker_reads, judge};
use dctx::interop::docker::Contexts;
use serde_json::json;

use crate::support::certs::Ca;
use crate::support::{Sandbox, require};

/// How many clients run at once.
const AT_ONCE: usize = 4;

const FAR: &str = "tcp://far.example:2376";
const NEAR: &str = "unix:///run/user/7/docker.sock";

type Vars = Vec<(String, String)>;

/// What the real client says of the endpoint in force; `None` where it fails, or has none to tell.
fn client(sb: &Sandbox, docker: &Path, vars: &Vars) -> Option<String> {
    let args = ["context", "inspect", "--format", "{{json .Endpoints.docker.Host}}"];
    let vars = vars.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let out = sb.sh(docker, args).envs(vars).run();
    if out.code() != 0 {
        return None;
    }
    serde_json::from_str(&out.out()).unwrap()
}

/// The same environment as the judge sees it.
fn env(sb: &Sandbox, vars: &Vars) -> Env {
    let home = ("HOME".to_owned(), sb.path("home").to_str().unwrap().to_owned());
    Env::of(vars.iter().cloned().chain([home]))
}

/// Runs `each` over all of `cases`, several at once; each returns what is wrong, if anything is.
fn all_of<T: Sync>(cases: &[T], each: impl Fn(&T) -> Option<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let mut wrong = Vec::new();
    thread::scope(|scope| {
        let worker = || {
            let mut wrong = Vec::new();
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                wrong.extend(each(case));
            }
            wrong
        };
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().for_each(|one| wrong.extend(one.join().unwrap()));
    });
    wrong
}

/// docker's configuration in `home/DIR`, with contexts `far`, `near`, `bare` (no address) and `hurt`, a ca.pem, and this
/// config.json.
fn configured(sb: &Sandbox, dir: &str, config: Option<&str>, ca: &[u8]) {
    for (name, meta) in [
        ("far", json!({"docker": {"Host": FAR, "SkipTLSVerify": false}}).to_string()),
        // as other tools write them
        ("near", json!({"docker": {"host": NEAR, "unknown": [1]}, "kubernetes": {}}).to_string()),
        ("none", json!({"kubernetes": {}}).to_string()),
    ] {
        let sum = sb.sh("sha256sum", [] as [&str; 0]).stdin(name).run();
        let sum = sum.out().split_whitespace().next().unwrap().to_owned();
        let meta = format!("{{\"Name\": \"{name}\", \"Metadata\": {{}}, \"Endpoints\": {meta}}}");
        sb.write(format!("home/{dir}/contexts/meta/{sum}/meta.json"), meta);
    }
    sb.write(format!("home/{dir}/ca.pem"), ca);
    if let Some(config) = config {
        sb.write(format!("home/{dir}/config.json"), config);
    }
}

/// Every combination of what docker looks at.
#[test]
fn the_real_client_goes_where_the_judge_says() {
    let (Some(docker), Some(_)) = (require("docker"), require("openssl")) else { return };
    if Sandbox::new().sh(&docker, ["--version"]).run().out().starts_with("Docker version 20.") {
        println!("docker 20 takes an empty DOCKER_CONTEXT for a name; not compared");
        return;
    }
    let sb = Sandbox::new();
    let ca = fs::read(Ca::new(sb.path("ca")).pem()).unwrap();
    let configs = [
        None,
        Some("{}"),
        Some("{\"currentContext\": \"far\"}"),
        Some("{\"currentContext\": \"near\", \"auths\": 5}"),
        Some("{\"currentContext\": \"gone\"}"),
        Some("{\"currentContext\": \"default\"}"),
        Some("{\"CURRENTCONTEXT\": \"far\", \"currentContext\": \"near\"} {\"x\": 1}"),
        Some("{\"currentContext\": \"far\""),
        Some("{\"currentContext\": 7}"),
        Some("{\"currentContext\": \"none\"}"),
    ];
    for (index, config) in configs.iter().enumerate() {
        configured(&sb, &format!("docker-{index}"), *config, &ca);
    }
    let certs = sb.path("certs").to_str().unwrap().to_owned();
    sb.write("certs/ca.pem", &ca);
    let hosts = [
        None,
        Some(""),
        Some(" "),
        Some("tcp://h.example:1"),
        Some("h.example"),
        Some(NEAR),
        Some("http://h.example"),
    ];
    let contexts = [None, Some(""), Some("far"), Some("near"), Some("gone"), Some("default")];
    let tls: [&[(&str, &str)]; 4] = [
        &[],
        &[("DOCKER_TLS_VERIFY", ""), ("DOCKER_CERT_PATH", &certs)],
        &[("DOCKER_TLS_VERIFY", "0")],
        &[("DOCKER_TLS", "1"), ("DOCKER_CERT_PATH", &certs)],
    ];
    let mut cases: Vec<Vars> = Vec::new();
    for host in hosts {
        for context in contexts {
            for index in 0..configs.len() {
                for tls in tls {
                    let dir = sb.path(format!("home/docker-{index}"));
                    let dir = dir.to_str().unwrap();
                    let set = [("DOCKER_HOST", host), ("DOCKER_CONTEXT", context)];
                    let set = set.into_iter().filter_map(|(name, value)| Some((name, value?)));
                    let all = set.chain([("DOCKER_CONFIG", dir)]).chain(tls.iter().copied());
                    cases.push(all.map(|(n, v)| (n.to_owned(), v.to_owned())).collect());
                }
            }
        }
    }
    let wrong = all_of(&cases, |vars| {
        let env = env(&sb, vars);
        let answer = judge(&env, &Contexts::of(&env));
        let said = client(&sb, &docker, vars);
        (answer.endpoint != said).then(|| format!("{vars:?}: {answer:?}, and docker says {said:?}"))
    });
    println!("compared with the real client: {} environments", cases.len());
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Addresses as people get them wrong, each also cut and with a byte of these in each place.
#[test]
fn docker_host_is_read_as_docker_reads_it() {
    let Some(docker) = require("docker") else { return };
    let whole = [
        "tcp://h:2376",
        "h",
        "h:",
        "h:1",
        "tcp://",
        "tcp://h",
        "tcp://h:",
        ":2376",
        "tcp://:2376",
        "tcp://[::1]:2376",
        "[::1]:2376",
        "tcp://[::1]:",
        "tcp://[::1]",
        "tcp://::1:2376",
        "::1",
        "tcp://[fe80::1%25lo]:2376",
        "tcp://[fe80::1%2525lo]:2376",
        "tcp://[fe80::1%lo]:2376",
        "tcp://h:2376/path/a%20b",
        "tcp://h:1/p?q=1#f",
        "tcp://u:p@h:1",
        "tcp://u%zz@h:1",
        "tcp://h:99999",
        "tcp://h:0",
        "tcp://h:abc",
        "tcp://h:-1",
        "tcp://a b:1",
        "tcp://h_x:1",
        "tcp://h{:1",
        "tcp://h%41:1",
        "tcp://h%c3%a9:1",
        "tcp://主机:1",
        "tcp://tcp://h:1",
        "tcp://http://h",
        "unix://",
        "unix:///run/x y",
        "unix://run/x",
        "unix://@abstract",
        "unix://unix:///x",
        "/var/run/docker.sock",
        "unix:/p",
        "npipe://",
        "npipe:////./pipe/x",
        "fd://",
        "fd://3",
        "ssh://u@h:22/sock",
        "ssh://",
        "http://h",
        "https://h:1",
        "TCP://h:1",
        " tcp://h:1 \n",
        "\u{a0}tcp://h:1",
        "tcp:h:1",
        "h://x",
        "tcp:///p",
        "tcp://[h:1",
        "tcp://h]:1",
        "tcp://h[:1",
        "tcp://[a]b:1",
        "tcp://[]:1",
        "tcp://[",
        "tcp://]:1",
        "tcp://[[a]]:1",
        "tcp://a:b@c:1",
        "tcp://@:1",
        "tcp://h:1:2",
        "tcp://%25:1",
        "tcp://%:1",
        "tcp://h:1/%",
        "tcp://h:1/%zz",
    ];
    let mut values: Vec<String> = whole.iter().map(|value| (*value).to_owned()).collect();
    for (index, base) in ["tcp://[fe80::1%25lo]:23/p", "tcp://u@h:2376"].iter().enumerate() {
        let marks = if index == 0 { [":", "]", "[", "%"] } else { ["@", "?", " ", "#"] };
        for at in 0..=base.len() {
            values.push(base[..at].to_owned());
            values.extend(marks.iter().map(|mark| format!("{}{mark}{}", &base[..at], &base[at..])));
        }
    }
    values.retain(|value| !value.is_empty());
    let sb = Sandbox::new();
    let wrong = all_of(&values, |value| {
        let reads = docker_reads(value, false);
        let said = client(&sb, &docker, &vec![("DOCKER_HOST".to_owned(), value.clone())]);
        (reads != said).then(|| format!("{value:?}: {reads:?}, and docker says {said:?}"))
    });
    println!("addresses compared with the real client: {}", values.len());
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), values.len(), wrong.join("\n"));
}

/// A socket is local docker by its name: where dockerd, rootless docker, Docker Desktop and the like put theirs.
#[test]
fn only_the_sockets_of_this_machine_are_local_docker() {
    let uid =
        fs::metadata("/proc/self").map_or(0, |meta| std::os::unix::fs::MetadataExt::uid(&meta));
    let own = format!("unix:///run/user/{uid}/docker.sock");
    let env = Env::of([
        ("HOME", "/home/me"),
        ("XDG_RUNTIME_DIR", "/run/mine"),
        ("COLIMA_HOME", "/home/me/vm"),
    ]);
    let of = |host: &str| {
        let env = env.with([("DOCKER_HOST", Some(host.into()))]);
        let answer = judge(&env, &Contexts::of(&env));
        assert_eq!(answer.decided_by, DecidedBy::DockerHost, "{host}");
        assert_eq!(answer.local, answer.leads_to == LeadsTo::LocalDocker, "{host}");
        answer.leads_to
    };
    for local in [
        "unix:///var/run/docker.sock",
        "unix:///run/docker.sock",
        "unix:///var//run/./docker.sock",
        "unix://",
        "unix:///run/mine/docker.sock",
        "unix:///run/mine/podman/podman.sock",
        "unix:///run/podman/podman.sock",
        "unix:///home/me/.docker/run/docker.sock",
        "unix:///home/me/.docker/desktop/docker.sock",
        "unix:///home/me/.colima/default/docker.sock",
        "unix:///home/me/.colima/work/docker.sock",
        "unix:///home/me/vm/default/docker.sock",
        "unix:///home/me/.orbstack/run/docker.sock",
        "unix:///home/me/.rd/docker.sock",
        "unix:///home/me/.local/share/containers/podman/machine/podman.sock",
        "npipe:////./pipe/docker_engine",
        "npipe:////./pipe/dockerDesktopLinuxEngine",
        &own,
    ] {
        assert_eq!(of(local), LeadsTo::LocalDocker, "{local}");
    }
    for socket in [
        "unix:///tmp/t.sock",
        "unix:///home/me/t.sock",
        "unix:///home/me/.docker/run/other.sock",
        "unix:///home/other/.docker/run/docker.sock",
        "unix:///run/user/4294967294/docker.sock",
        "unix:///home/me/.colima/docker.sock",
        "unix:///home/me/.colima/a/b/docker.sock",
        "unix:///run/../tmp/docker.sock",
        "unix://var/run/docker.sock",
        "unix://docker.sock",
        "unix://@docker",
        "npipe:////./pipe/other",
        "npipe:////server/pipe/docker_engine",
    ] {
        assert_eq!(of(socket), LeadsTo::Socket, "{socket}");
    }
    for remote in ["tcp://127.0.0.1:2375", "ssh://localhost", "tcp://h"] {
        assert_eq!(of(remote), LeadsTo::Remote, "{remote}");
    }
    assert_eq!(of("http://h"), LeadsTo::Nowhere);
}
