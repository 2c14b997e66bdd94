//! Daemons behind ssh, by programs that stand in for it and say what OpenSSH says.

use super::*;
use crate::support::Sandbox;
use std::fs;

/// A target whose `ssh` is this script; what it was called with is in `argv`.
fn with(sb: &Sandbox, script: &str, endpoint: &str) -> Target {
    let text =
        format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > {}/argv\n{script}\n", sb.dir().display());
    sb.script("bin/ssh", &text);
    let path = format!("{}:/usr/bin:/bin", sb.path("bin").display());
    Target { env: Env::of([("PATH", path)]), ..target(endpoint) }
}

/// A daemon at the other end: reads the request, and answers.
fn answers() -> String {
    let answer =
        http("200 OK", "", VERSION).replace('\r', "\\r").replace('\n', "\\n").replace('"', "\\\"");
    format!(
        "while IFS= read -r line; do [ \"$line\" = \"$(printf '\\r')\" ] && break; done\nprintf \"{answer}\"\ncat >/dev/null"
    )
}

#[test]
fn as_docker_calls_it() {
    let sb = Sandbox::new();
    let report = good(&with(&sb, &answers(), "ssh://core@box:2222/run/user/1000/docker.sock"));
    assert_eq!(report.server.unwrap().version, "20.10.24");
    let argv = fs::read_to_string(sb.path("argv")).unwrap();
    let wanted = "-v\n-o\nBatchMode=yes\n-o\nConnectTimeout=29\n-T\n-l\ncore\n-p\n2222\n--\nbox\ndocker\n\
                  --host=unix:///run/user/1000/docker.sock\nsystem\ndial-stdio\n";
    assert_eq!(argv, wanted);
    good(&with(&sb, &answers(), "ssh://box"));
    let argv = fs::read_to_string(sb.path("argv")).unwrap();
    assert!(argv.ends_with("-T\n--\nbox\ndocker\nsystem\ndial-stdio\n"), "{argv}");
    good(&with(&sb, &answers(), "ssh://DOM%5Cme@[fe80::1%25eth0]"));
    let argv = fs::read_to_string(sb.path("argv")).unwrap();
    assert!(argv.contains("-l\nDOM\\me\n--\nfe80::1%eth0\n"), "{argv}");
}

#[test]
fn in_its_own_words() {
    let sb = Sandbox::new();
    for (said, code, id) in [
        ("core@box: Permission denied (publickey,password).", 255, "ssh-auth"),
        (
            "Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures",
            255,
            "ssh-auth",
        ),
        ("Host key verification failed.", 255, "ssh-host-key"),
        (
            "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.",
            255,
            "ssh-host-key",
        ),
        ("ssh: connect to host box port 22: Connection refused", 255, "ssh-unreachable"),
        ("ssh: connect to host box port 22: Connection timed out", 255, "ssh-unreachable"),
        ("ssh: connect to host box port 22: No route to host", 255, "ssh-unreachable"),
        ("ssh: Could not resolve hostname box: Name or service not known", 255, "ssh-unreachable"),
        ("kex_exchange_identification: Connection closed by remote host", 255, "ssh-unreachable"),
        ("something that OpenSSH has not said before", 255, "ssh-unreachable"),
        ("sh: 1: docker: not found", 127, "ssh-no-docker"),
        ("bash：docker：未找到命令", 127, "ssh-no-docker"),
        ("bash: /usr/bin/docker: Permission denied", 126, "ssh-no-docker"),
        ("docker: 'system dial-stdio' is not a docker command.", 1, "ssh-no-docker"),
        ("docker: Command not found.", 1, "ssh-no-docker"),
        ("'docker' is not recognized as an internal or external command,", 1, "ssh-no-docker"),
        ("channel 0: open failed: connect failed: open failed", 255, "ssh-too-many"),
        (
            "channel 0: open failed: administratively prohibited: open failed",
            255,
            "ssh-forward-refused",
        ),
        ("Error: remote port forwarding failed for listen port 8080", 255, "ssh-forward-refused"),
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            1,
            "ssh-no-daemon",
        ),
        (
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
            1,
            "ssh-no-daemon",
        ),
        ("failed to connect to the docker API at unix:///var/run/docker.sock", 1, "ssh-no-daemon"),
        ("", 0, "ssh-no-daemon"),
    ] {
        let file = sb.write("said", format!("Welcome to box\n{said}\n"));
        let script = format!("cat {} >&2; exit {code}", file.display());
        let report = run(&with(&sb, &script, "ssh://core@box"));
        let diagnosis = failed(&report);
        assert_eq!(diagnosis.id.as_str(), id, "{said}");
        assert_eq!(diagnosis.facts.user.as_deref(), Some("core"));
        let told = diagnosis.facts.said.clone().unwrap();
        assert!(said.is_empty() || said.contains(told.trim()), "{said}: {told}");
    }
}

#[test]
fn no_ssh_at_all() {
    let sb = Sandbox::new();
    let env = Env::of([("PATH", sb.path("bin"))]);
    assert_eq!(id(&Target { env, ..target("ssh://box") }), "ssh-missing");
}

/// A shell's start-up file that prints is a fault that docker tells as garbage.
#[test]
fn a_talking_shell() {
    let sb = Sandbox::new();
    let report = run(&with(&sb, &format!("echo Hello there\n{}", answers()), "ssh://box"));
    let diagnosis = failed(&report);
    assert_eq!(diagnosis.id.as_str(), "not-docker");
    assert_eq!(diagnosis.facts.said.as_deref(), Some("Hello there"));
}

/// Nothing that was started is left, whether ssh says nothing, too much, or leaves somebody behind.
#[test]
fn nothing_is_left_behind() {
    let sb = Sandbox::new();
    let pids = sb.path("pids");
    let started = format!("sleep 1000 & echo $$ $! > {}", pids.display());
    for (script, ids) in [
        (format!("{started}; wait"), &["timeout"][..]),
        (format!("{started}; yes >&2"), &["timeout"]),
        (format!("{started}; yes"), &["not-docker", "timeout"]),
        (
            format!("trap '' TERM INT HUP; {started}; exec 1>&-; wait"),
            &["ssh-no-daemon", "timeout"],
        ),
    ] {
        let report =
            run(&Target { limit: Duration::from_secs(3), ..with(&sb, &script, "ssh://box") });
        let id = failed(&report).id.as_str();
        assert!(ids.contains(&id), "{script}: {id}");
        for pid in fs::read_to_string(&pids).unwrap().split_whitespace() {
            let end = Instant::now() + HANGS_AFTER;
            // an orphan is for init to reap
            while alive(pid) {
                assert!(Instant::now() < end, "{script}: {pid} is still there");
                thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

/// Neither gone nor a zombie of somebody else's.
fn alive(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let ours = stat.contains(&format!(" {} ", std::process::id()));
    !stat.is_empty() && (ours || !stat.contains(") Z "))
}
