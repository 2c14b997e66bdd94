//! Every form of host address is taken as docker reads it, or refused with the form to write, and that
//! form is taken.

use std::fs;

use serde_json::Value;

use crate::support::profiles::{certs, config, export, exports};
use crate::support::{Sandbox, require};

/// Accepted: what is typed, DOCKER_HOST without TLS, DOCKER_HOST with TLS.
const TAKEN: &[(&str, &str, &str)] = &[
    ("tcp://h", "tcp://h:2375", "tcp://h:2376"),
    ("tcp://h:2376", "tcp://h:2376", "tcp://h:2376"),
    ("tcp://h:2375", "tcp://h:2375", "tcp://h:2375"),
    ("tcp://h:1", "tcp://h:1", "tcp://h:1"),
    ("tcp://h:65535", "tcp://h:65535", "tcp://h:65535"),
    ("tcp://h:02376", "tcp://h:2376", "tcp://h:2376"),
    ("tcp://h/", "tcp://h:2375", "tcp://h:2376"),
    ("tcp://h:2376/", "tcp://h:2376", "tcp://h:2376"),
    ("tcp://h:2376/path", "tcp://h:2376/path", "tcp://h:2376/path"),
    ("tcp://h/a/b.c~d", "tcp://h:2375/a/b.c~d", "tcp://h:2376/a/b.c~d"),
    ("tcp://192.168.57.110", "tcp://192.168.57.110:2375", "tcp://192.168.57.110:2376"),
    (
        "tcp://Docker.Example.COM.",
        "tcp://Docker.Example.COM.:2375",
        "tcp://Docker.Example.COM.:2376",
    ),
    ("tcp://my_host-1", "tcp://my_host-1:2375", "tcp://my_host-1:2376"),
    (
        "tcp://xn--fiq228c.example",
        "tcp://xn--fiq228c.example:2375",
        "tcp://xn--fiq228c.example:2376",
    ),
    ("tcp://node.1", "tcp://node.1:2375", "tcp://node.1:2376"),
    ("tcp://[::1]", "tcp://[::1]:2375", "tcp://[::1]:2376"),
    ("tcp://[::1]:2376", "tcp://[::1]:2376", "tcp://[::1]:2376"),
    ("tcp://[2001:db8::7]:1/p", "tcp://[2001:db8::7]:1/p", "tcp://[2001:db8::7]:1/p"),
    ("tcp://[::ffff:192.0.2.1]", "tcp://[::ffff:192.0.2.1]:2375", "tcp://[::ffff:192.0.2.1]:2376"),
];

/// Accepted, without TLS of docker's own: what is typed, DOCKER_HOST.
const SOCKETS: &[(&str, &str)] = &[
    ("ssh://h", "ssh://h"),
    ("ssh://h/", "ssh://h"),
    ("ssh://pi@raspberrypi", "ssh://pi@raspberrypi"),
    ("ssh://pi@raspberrypi:2222", "ssh://pi@raspberrypi:2222"),
    ("ssh://pi@raspberrypi:022", "ssh://pi@raspberrypi:22"),
    ("ssh://u@h/run/user/1000/docker.sock", "ssh://u@h/run/user/1000/docker.sock"),
    ("ssh://u@[2001:db8::7]:22", "ssh://u@[2001:db8::7]:22"),
    ("ssh://[fe80::1%25eth0]", "ssh://[fe80::1%25eth0]"),
    ("ssh://first.last+x@domain@h", "ssh://first.last+x@domain@h"),
    ("ssh://DOMAIN%5Cuser@h", "ssh://DOMAIN%5Cuser@h"),
    ("unix:///var/run/docker.sock", "unix:///var/run/docker.sock"),
    ("unix:///a b/c d.sock", "unix:///a b/c d.sock"),
    ("unix:///a?b#c%d", "unix:///a?b#c%d"),
    ("unix:///中文.sock", "unix:///中文.sock"),
    ("unix://@abstract", "unix://@abstract"),
];

const NO_SCHEME: &str = "it has no scheme, so clients disagree on what it means";
const BRACKETS: &str = "an IPv6 address must be in brackets; docker would misread it";
const ZONE: &str = "the zone of an IPv6 address is written %25zone in a URL";
const NO_PORT: &str = "the port is missing after the colon";
const USER_INFO: &str = "docker drops a user or password before a tcp host";
const QUERY: &str = "docker drops or refuses what follows ? or #";
const RELATIVE: &str = "the path is relative: docker would look below the current directory";
const DASH: &str = "a name that begins with a dash would be an option to ssh";
const ESCAPE: &str = "clients disagree on a % in the path, which docker decodes twice";
const NO_SOCKET: &str = "there is no socket path in it";
const DEFAULT_PIPE: &str = "npipe:////./pipe/docker_engine";

/// Refused: what is typed, why, and the form to write; the empty form where there is none.
const REFUSED: &[(&str, &str, &str)] = &[
    // docker takes 2375 for these, with TLS too
    ("h", NO_SCHEME, "tcp://h"),
    ("h:", NO_SCHEME, "tcp://h"),
    ("h:2376", NO_SCHEME, "tcp://h:2376"),
    ("192.168.57.110:2376", NO_SCHEME, "tcp://192.168.57.110:2376"),
    ("localhost", NO_SCHEME, "tcp://localhost"),
    ("tcp://h:", NO_PORT, "tcp://h"),
    ("tcp://[::1]:", NO_PORT, "tcp://[::1]"),
    // docker takes this machine for these
    ("tcp://", "there is no host in it", "tcp://localhost"),
    ("tcp://:2376", "there is no host in it", "tcp://localhost:2376"),
    (":2376", NO_SCHEME, "tcp://localhost:2376"),
    ("", "there is no host in it", ""),
    // IPv6
    ("[::1]:2376", NO_SCHEME, "tcp://[::1]:2376"),
    ("::1", NO_SCHEME, "tcp://[::1]"),
    ("tcp://::1", BRACKETS, "tcp://[::1]"),
    ("tcp://::1:2376", BRACKETS, "tcp://[::1]:2376"),
    ("tcp://2001:db8::7", BRACKETS, "tcp://[2001:db8::7]"),
    ("tcp://[fe80::1%eth0]:2376", ZONE, "tcp://[fe80::1%25eth0]:2376"),
    ("tcp://fe80::1%eth0", BRACKETS, "tcp://[fe80::1%25eth0]"),
    ("tcp://[fe80::1%25]", ZONE, ""),
    ("tcp://[fe80::1%a b]", "it contains a space", ""),
    ("tcp://[::1", "\"[::1\" is neither a host name nor an address", "tcp://[::1]"),
    (
        "tcp://[1.2.3.4]:5",
        "\"[1.2.3.4]:5\" is neither a host name nor an address",
        "tcp://1.2.3.4:5",
    ),
    ("tcp://[::1]x", "\"[::1]x\" is neither a host name nor an address", ""),
    ("tcp://1:2:3", "\"1:2:3\" is neither a host name nor an address", ""),
    // what docker drops
    ("tcp://h:2376/a?x=1", QUERY, "tcp://h:2376/a"),
    ("tcp://h:2376#f", QUERY, "tcp://h:2376"),
    ("tcp://u:pw@h:2376", USER_INFO, "tcp://h:2376"),
    ("tcp://u@h", USER_INFO, "tcp://h"),
    ("tcp://h:2376/a%20b", ESCAPE, ""),
    ("tcp://h:2376/a%3Fb", ESCAPE, ""),
    ("tcp://h/%zz", ESCAPE, ""),
    // ports
    ("tcp://h:0", "port \"0\" is not a number from 1 to 65535", ""),
    ("tcp://h:99999", "port \"99999\" is not a number from 1 to 65535", ""),
    ("tcp://h:65536", "port \"65536\" is not a number from 1 to 65535", ""),
    ("tcp://h:+1", "port \"+1\" is not a number from 1 to 65535", ""),
    ("tcp://h:-1", "port \"-1\" is not a number from 1 to 65535", ""),
    ("tcp://h:abc", "port \"abc\" is not a number from 1 to 65535", ""),
    ("ssh://h:ssh", "port \"ssh\" is not a number from 1 to 65535", ""),
    // names
    ("tcp://256.1.1.1", "\"256.1.1.1\" is neither a host name nor an address", ""),
    ("tcp://10.1", "\"10.1\" is neither a host name nor an address", ""),
    ("tcp://0x7f.1", "\"0x7f.1\" is neither a host name nor an address", ""),
    ("tcp://2130706433", "\"2130706433\" is neither a host name nor an address", ""),
    ("tcp://a..b", "\"a..b\" is neither a host name nor an address", ""),
    ("tcp://.h", "\".h\" is neither a host name nor an address", ""),
    ("tcp://h%20", "\"h%20\" is neither a host name nor an address", ""),
    ("tcp://$(reboot)", "\"$(reboot)\" is neither a host name nor an address", ""),
    (
        "tcp://中文.example",
        "\"中文.example\" is not ASCII; an international name is written in its xn-- form",
        "",
    ),
    ("tcp://-h", DASH, ""),
    // schemes
    ("TCP://h", "docker does not accept TCP://", "tcp://h"),
    ("SSH://u@h", "docker does not accept SSH://", "ssh://u@h"),
    ("http://h:2375", "docker does not accept http://", "tcp://h:2375"),
    ("https://h", "docker does not accept https://", "tcp://h:2376"),
    ("https://h:2376/", "docker does not accept https://", "tcp://h:2376/"),
    ("fd://", "docker does not accept fd://", ""),
    ("fd://3", "docker does not accept fd://", ""),
    ("ftp://h", "docker does not accept ftp://", ""),
    ("://h", NO_SCHEME, "tcp://h"),
    ("tcp:h", NO_SCHEME, "tcp://h"),
    ("tcp:/h", NO_SCHEME, "tcp://h"),
    ("tcp//h:2376", NO_SCHEME, "tcp://h:2376"),
    ("tcp://tcp://h", "\"tcp://h\" is neither a host name nor an address", "tcp://h"),
    // sockets
    ("/var/run/docker.sock", NO_SCHEME, "unix:///var/run/docker.sock"),
    ("unix:/p", NO_SCHEME, "unix:///p"),
    ("unix://", NO_SOCKET, "unix:///var/run/docker.sock"),
    ("unix:///", NO_SOCKET, "unix:///var/run/docker.sock"),
    ("unix://@", NO_SOCKET, "unix:///var/run/docker.sock"),
    ("unix://run/x", RELATIVE, "unix:///run/x"),
    ("unix://~/x.sock", RELATIVE, ""),
    ("unix://../x.sock", RELATIVE, ""),
    ("npipe://", NO_SOCKET, DEFAULT_PIPE),
    ("npipe:////./pipe/", NO_SOCKET, DEFAULT_PIPE),
    (r"npipe://\\.\pipe\x", NO_SOCKET, "npipe:////./pipe/x"),
    (r"\\.\pipe\docker_engine", NO_SCHEME, DEFAULT_PIPE),
    // ssh
    ("pi@h", NO_SCHEME, "ssh://pi@h"),
    ("pi@h:22", NO_SCHEME, "ssh://pi@h:22"),
    ("ssh:pi@h", NO_SCHEME, "ssh://pi@h"),
    ("ssh://", "there is no host in it", ""),
    ("ssh://pi@", "there is no host in it", ""),
    ("ssh://@h", "the user is missing before the @", "ssh://h"),
    ("ssh://pi@h:", NO_PORT, "ssh://pi@h"),
    ("ssh://pi@::1", BRACKETS, "ssh://pi@[::1]"),
    ("ssh://u:pw@h:22/s", "docker does not accept a password for ssh", "ssh://u@h:22/s"),
    ("ssh://u:@h", "docker does not accept a password for ssh", "ssh://u@h"),
    ("ssh://h?x=1", QUERY, "ssh://h"),
    ("ssh://h#f", QUERY, "ssh://h"),
    ("ssh://-oProxyCommand=x", DASH, ""),
    ("ssh://-oProxyCommand=x@h", DASH, ""),
    (
        r"ssh://DOMAIN\user@h",
        "\"DOMAIN\\user\" is not a login name in a URL",
        "ssh://DOMAIN%5Cuser@h",
    ),
    ("ssh://u%0a@h", "\"u%0a\" is not a login name in a URL", ""),
    ("ssh://h/x;reboot", "the remote shell could take \";\" in the socket's path for its own", ""),
    ("ssh://h/$(reboot)", "the remote shell could take \"$\" in the socket's path for its own", ""),
    ("ssh://h/a%20b", "the remote shell could take \"%\" in the socket's path for its own", ""),
    // what nobody sees, and what only looks right
    ("tcp://h h", "it contains a space", ""),
    ("tcp://h: 1", "it contains a space", ""),
    (" tcp://h ", "it contains a space", "tcp://h"),
    ("tcp://h\n", "it contains a line end", "tcp://h"),
    ("tcp://h\t", "it contains a tab", "tcp://h"),
    ("tcp://h\u{a0}", "it contains U+00A0", "tcp://h"),
    ("tcp://h\u{1b}[31m", "it contains U+001B", ""),
    ("tcp://h\u{202e}", "it contains U+202E", ""),
    ("tcp://h\u{200b}", "it contains U+200B", ""),
    ("unix:///a\u{7f}", "it contains U+007F", ""),
    ("unix:///a ", "it contains a space", "unix:///a"),
    ("tcp://192.168.1.1\u{ff1a}2376", "it contains \"\u{ff1a}\"", "tcp://192.168.1.1:2376"),
    ("192。168。1。1", "it contains \"。\"", "tcp://192.168.1.1"),
];

const GENERAL: &str =
    "a host is tcp://HOST:PORT, ssh://USER@HOST, unix:///PATH or npipe:////./pipe/NAME";

fn add(sb: &Sandbox, host: &str) -> crate::support::Output {
    let _ = fs::remove_dir_all(sb.config());
    sb.dctx(["add", "a", host]).run()
}

#[test]
fn taken_with_the_port_of_its_mode() {
    let sb = Sandbox::new();
    let certs = certs(&sb, "certs");
    for (host, plain, tls) in TAKEN {
        add(&sb, host).done();
        assert_eq!(
            config(&sb).unwrap(),
            format!("schema = 1\n\n[profiles.a]\nhost = \"{host}\"\n")
        );
        let vars = exports(&sb, "a");
        assert_eq!(vars["DOCKER_HOST"].as_deref(), Some(*plain), "{host}");
        assert_eq!(
            (&vars["DOCKER_TLS_VERIFY"], &vars["DOCKER_CERT_PATH"]),
            (&None, &None),
            "{host}"
        );
        let certs = certs.to_str().unwrap();
        for mode in ["verify", "insecure", "system"] {
            sb.dctx(["edit", "a", "--certs", certs, "--tls", mode]).run().done();
            assert_eq!(export(&sb, "a", "DOCKER_HOST").as_deref(), Some(*tls), "{host}, {mode}");
        }
    }
}

#[test]
fn sockets_and_ssh_have_no_tls_of_their_own() {
    let sb = Sandbox::new();
    for (host, wanted) in SOCKETS {
        add(&sb, host).done();
        let vars = exports(&sb, "a");
        assert_eq!(vars["DOCKER_HOST"].as_deref(), Some(*wanted));
        for var in ["DOCKER_TLS_VERIFY", "DOCKER_TLS", "DOCKER_CERT_PATH"] {
            assert_eq!(vars[var], None, "{host}: {var}");
        }
    }
}

#[test]
fn refused_with_the_form_to_write() {
    let sb = Sandbox::new();
    for (host, why, write) in REFUSED {
        let shown: String = host
            .chars()
            .flat_map(|c| match c {
                '\n' | '\t' | '\u{1b}' | '\u{7f}' | '\u{202e}' | '\u{200b}' => {
                    c.escape_unicode().collect::<Vec<_>>()
                }
                c => vec![c],
            })
            .collect();
        let hint = match *write {
            "" => GENERAL.to_owned(),
            write => format!("type: dctx add a {}", shell_words::quote(write)),
        };
        let out = add(&sb, host);
        out.is(2, "", &format!("dctx: host \"{shown}\": {why}\nhint: {hint}\n"));
        assert_eq!(config(&sb), None, "{host}");
        if !write.is_empty() {
            add(&sb, write).done();
        }
        // The same in a file: that profile is not valid, and the way out is a whole command.
        let text = format!("[profiles.a]\nhost = {}\n", toml_edit::Value::from(*host));
        sb.write("home/.config/dctx/config.toml", &text);
        let out = sb.dctx(["use", "a", "--shell", "bash"]).run();
        assert_eq!((out.code(), out.out().as_str()), (4, "(exit 4);\n"), "{host}");
        let head = format!(
            "dctx: [SB]/{}:2:8: profile a: host \"{shown}\": {why}\n",
            crate::support::profiles::CONFIG
        );
        assert!(out.err().starts_with(&head), "{}\nis not\n{head}", out.err());
        let hint = match *write {
            "" => "hint: to fix it: dctx edit a\n".to_owned(),
            write => format!("hint: write: dctx edit a --host {}\n", shell_words::quote(write)),
        };
        assert!(out.err().ends_with(&hint), "{}\nis not\n{hint}", out.err());
    }
}

/// `sun_path` has 108 bytes with its NUL; the docker client crashes on more.
#[test]
fn a_socket_path_is_as_long_as_the_system_takes() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let sb = Sandbox::new();
    let path = |bytes: usize| format!("unix:///{}", "x".repeat(bytes - 1));
    add(&sb, &path(107)).done();
    let out = add(&sb, &path(108));
    let why = "the socket's path is longer than the system takes; docker would crash";
    out.is(2, "", &format!("dctx: host \"{}\": {why}\nhint: {GENERAL}\n", path(108)));
    // bytes, not characters
    assert_eq!(add(&sb, &format!("unix:///{}", "中".repeat(36))).code(), 2);
    // nor is a host name longer than DNS allows
    assert_eq!(add(&sb, &format!("tcp://{}.example", "x".repeat(64))).code(), 2);
    assert_eq!(add(&sb, &format!("tcp://{}", "x.".repeat(127))).code(), 2);
}

#[test]
fn a_named_pipe_may_be_noted_down_but_not_used_outside_windows() {
    let sb = Sandbox::new();
    let host = DEFAULT_PIPE;
    let why =
        format!("host \"{host}\": named pipes exist only on Windows; docker crashes on them here");
    add(&sb, host)
        .ok("", &format!("dctx: added a ({host})\ndctx: it cannot be used here: {why}\n"));
    let place = format!("dctx: [SB]/home/.config/dctx/config.toml:3:1: profile a: {why}\n");
    let excerpt = "    3 | [profiles.a]\n      | ^\nhint: to fix it: dctx edit a\n";
    let stderr = format!("{place}{excerpt}");
    sb.dctx(["use", "a", "--shell", "bash"]).run().is(4, "(exit 4);\n", &stderr);
    sb.dctx(["exec", "a", "--", "true"]).run().is(125, "", &stderr);
}

#[test]
fn an_address_that_only_listens_is_told_of() {
    let sb = Sandbox::new();
    for (host, full) in [("tcp://0.0.0.0", "tcp://0.0.0.0:2375"), ("tcp://[::]:1", "tcp://[::]:1")]
    {
        let note = format!(
            "dctx: {full} is not an address to connect to; Linux takes it for this machine\n"
        );
        let out = add(&sb, host);
        out.done();
        assert!(out.err().contains(&note), "{}", out.err());
    }
}

/// docker decodes the zone of a tcp address twice: what it is given has to be encoded twice.
#[test]
fn a_zone_arrives_at_docker() {
    let sb = Sandbox::new();
    let out = add(&sb, "tcp://[fe80::1%25lo]:1");
    out.done();
    let emitted = "tcp://[fe80::1%2525lo]:1";
    let note = format!(
        "dctx: {emitted}: only the docker command understands a zone, other clients do not\n"
    );
    assert!(out.err().contains(&note), "{}", out.err());
    assert_eq!(export(&sb, "a", "DOCKER_HOST").as_deref(), Some(emitted));
    let Some(docker) = require("docker") else { return };
    let out = sb.sh(docker, ["version"]).env("DOCKER_HOST", emitted).run();
    assert!(out.err().contains("dial tcp [fe80::1%lo]:1"), "{}", out.err());
}

/// The real client reads what dctx accepts and emits as the same address.
#[test]
fn docker_reads_the_same_address() {
    let Some(docker) = require("docker") else { return };
    let sb = Sandbox::new();
    // clients before 23.0 connect even to tell what they were told
    sb.script("bin/ssh", "#!/bin/sh\nexit 255\n");
    let path = format!("{}:/usr/bin:/bin", sb.path("bin").display());
    let emitted = TAKEN.iter().flat_map(|(_, plain, tls)| [*plain, *tls]);
    for host in emitted.chain(SOCKETS.iter().map(|(_, host)| *host)) {
        let format = "{{json .Endpoints.docker.Host}}";
        let out = sb.sh(&docker, ["context", "inspect", "default", "--format", format]);
        let out = out.env("DOCKER_HOST", host).env("PATH", &path).run();
        // clients before 24.0 cannot be told the socket behind ssh, nor a % in the path of one here; they say so
        let too_old = ["extra path after the host", "invalid URL escape"];
        if out.code() == 1 && too_old.iter().any(|says| out.err().contains(says)) {
            assert!(!host.starts_with("tcp://"), "{host}: {}", out.err());
            continue;
        }
        out.done();
        let read: Value = serde_json::from_str(&out.out()).unwrap();
        assert_eq!(read, host, "docker reads it otherwise");
    }
}

/// The arguments with which the real client calls ssh: user, port, host and socket are those of the address.
#[test]
fn docker_calls_ssh_with_the_same_parts() {
    let Some(docker) = require("docker") else { return };
    let sb = Sandbox::new();
    let log = sb.path("ssh.log");
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" >'{}'\nexit 255\n", log.display());
    sb.script("bin/ssh", &script);
    let path = format!("{}:/usr/bin:/bin", sb.path("bin").display());
    // host, then what must be among the arguments, in this order
    for (host, wanted) in [
        ("ssh://h", &["--", "h", "docker", "system"][..]),
        ("ssh://pi@raspberrypi:2222", &["-l", "pi", "-p", "2222", "--", "raspberrypi"]),
        ("ssh://u@[2001:db8::7]:22", &["-l", "u", "-p", "22", "--", "2001:db8::7"]),
        ("ssh://[fe80::1%25eth0]", &["--", "fe80::1%eth0"]),
        ("ssh://DOMAIN%5Cuser@h", &["-l", r"DOMAIN\user", "--", "h"]),
        ("ssh://first.last+x@domain@h", &["-l", "first.last+x@domain", "--", "h"]),
    ] {
        add(&sb, host).done();
        let host = export(&sb, "a", "DOCKER_HOST").unwrap();
        let out = sb.sh(&docker, ["version"]).env("PATH", &path).env("DOCKER_HOST", &host).run();
        assert_ne!(out.code(), 0);
        let log = fs::read_to_string(&log).unwrap();
        let args: Vec<&str> = log.lines().collect();
        let found = args.windows(wanted.len()).any(|window| window == wanted);
        assert!(found, "{host}: {args:?} has no {wanted:?}");
    }
}
