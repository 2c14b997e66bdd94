//! Every diagnosis has a cause and at least one way out, in English and Chinese, with everything known and with
//! nothing known; every command is one that dctx takes, or one of a few others; nothing from outside runs or hides.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Parser as _;
use dctx::check::diagnosis::{Agent, CertFacts, Diagnosis, Facts, Found, Login};
use dctx::check::id::Id;
use dctx::cli::Cli;
use dctx::error::{Der, Hint, Lang, NotPem};
use dctx::text::is_hidden;

/// What comes from outside and wants to be more than text.
const HOSTILE: &str = "a b'c\"$(reboot)`reboot`;\u{1b}[2J\u{202e}\ndctx: all is well";

fn s(text: &str) -> String {
    text.to_owned()
}

fn cert(subject: &str, issuer: &str) -> CertFacts {
    CertFacts {
        subject: s(subject),
        issuer: s(issuer),
        sha256: s("0123456789abcdef0123456789abcdef"),
        not_before: 1_577_836_800,
        not_after: 1_609_459_200,
    }
}

/// A host as there are many.
fn full() -> Facts {
    Facts {
        profile: Some(s("coreos")),
        endpoint: Some(s("tcp://10.141.20.83:2376")),
        host: Some(s("10.141.20.83")),
        port: Some(2376),
        address: Some(s("10.141.20.83:2376")),
        user: Some(s("core")),
        path: Some(PathBuf::from("/home/me/my certs/key.pem")),
        other: Some(PathBuf::from("/home/me/my certs/cert.pem")),
        mode: Some(0o100_644),
        found: Some(Found::File(NotPem::Empty)),
        listed: vec![s("DNS:coreos1"), s("IP:192.168.57.110"), s("IP:127.0.0.1"), s("DNS:*.lab")],
        common_name: Some(s("coreos")),
        cert: Some(cert("coreos server", "lab CA")),
        client: false,
        given: Some(cert("old CA", "old CA")),
        accepted: vec![s("lab CA")],
        pinned: false,
        kept: true,
        algorithm: Some(s("SHA1-RSA")),
        waited: Some(5000),
        skew: Some(-7200),
        api: Some(s("1.24")),
        api_range: Some((s("1.40"), s("1.54"))),
        unpinned: false,
        proxy: Some(s("http://proxy:3128")),
        var: Some((s("DOCKER_TLS_VERIFY"), s("0"))),
        context: Some(s("lab")),
        unit: Some(s("docker-tcp.socket")),
        daemon: false,
        peer: None,
        login: None,
        jump: None,
        works: false,
        said: Some(s("no such host")),
        words: None,
        layer: None,
    }
}

/// The same, of somebody who means no good.
fn hostile() -> Facts {
    let path = || Some(PathBuf::from(format!("/tmp/{HOSTILE}")));
    let bad = || Some(s(HOSTILE));
    Facts {
        profile: bad(),
        endpoint: Some(format!("tcp://{HOSTILE}")),
        host: bad(),
        user: bad(),
        address: bad(),
        path: path(),
        other: path(),
        listed: vec![format!("DNS:{HOSTILE}"), format!("IP:{HOSTILE}")],
        common_name: bad(),
        cert: Some(cert(HOSTILE, HOSTILE)),
        given: Some(cert(HOSTILE, HOSTILE)),
        accepted: vec![s(HOSTILE)],
        algorithm: bad(),
        api: bad(),
        api_range: Some((s(HOSTILE), s(HOSTILE))),
        proxy: bad(),
        var: Some((s(HOSTILE), s(HOSTILE))),
        context: bad(),
        unit: bad(),
        peer: bad(),
        jump: bad(),
        login: Some(Login::Passphrase(PathBuf::from(HOSTILE), Agent::No)),
        said: bad(),
        found: Some(Found::Ssh(s(HOSTILE))),
        ..full()
    }
}

/// Every kind of knowledge: nothing, everything, a shared file, a profile's file that others wrote, hostile values.
fn facts() -> Vec<(&'static str, Facts)> {
    let founds = [
        Found::Directory,
        Found::File(NotPem::Der(Der::Certificate)),
        Found::File(NotPem::Der(Der::ClosedKey)),
        Found::File(NotPem::Pkcs12),
        Found::File(NotPem::Base64),
        Found::File(NotPem::Joined),
        Found::File(NotPem::Truncated("PRIVATE KEY")),
        Found::Html,
        Found::Label("PRIVATE KEY"),
        Found::Garbage,
        Found::Ssh(s("SSH-2.0-OpenSSH_9.2")),
        Found::Http { status: 401, server: None, location: None },
        Found::Http { status: 404, server: Some(s("nginx")), location: None },
        Found::Http { status: 301, server: None, location: Some(s("https://h/")) },
        Found::Closed,
        Found::Reset,
    ];
    let mut all = vec![
        ("nothing", Facts::default()),
        ("everything", full()),
        ("no profile", Facts { profile: None, ..full() }),
        (
            "a layer",
            Facts { layer: Some(PathBuf::from("/etc/dctx/profiles.d/team.toml")), ..full() },
        ),
        ("a name", Facts { host: Some(s("localhost")), port: Some(2375), ..full() }),
        ("the same CA", Facts { given: Some(cert("lab CA", "lab CA")), ..full() }),
        ("self-signed", Facts { cert: Some(cert("me", "me")), ..full() }),
        ("no names", Facts { listed: Vec::new(), ..full() }),
        (
            "changed key",
            Facts { said: Some(s("REMOTE HOST IDENTIFICATION HAS CHANGED!")), ..full() },
        ),
        ("a dash", Facts { host: Some(s("-oProxyCommand=x")), user: None, ..full() }),
        ("hidden context", Facts { var: Some((s("DOCKER_HOST"), s("tcp://h:1"))), ..full() }),
        ("left over", Facts { var: Some((s("DOCKER_TLS"), s("1"))), context: None, ..full() }),
        (
            "cert path",
            Facts { var: Some((s("DOCKER_CERT_PATH"), s("/c"))), context: None, ..full() },
        ),
        ("dockerd's words", Facts { daemon: true, ..full() }),
        ("dockerd's words, no files", Facts { daemon: true, ..Facts::default() }),
        ("of a client", Facts { daemon: true, peer: Some(s("10.0.0.9")), ..full() }),
        ("a pipe", Facts { endpoint: Some(s("npipe:////./pipe/docker_engine")), ..full() }),
        ("a drive", Facts { path: Some(PathBuf::from(r"C:\Users\me\.docker\ca.pem")), ..full() }),
        ("unpinned", Facts { unpinned: true, ..full() }),
        ("unpinned, by ssh", Facts { unpinned: true, endpoint: Some(s("ssh://box")), ..full() }),
        ("sessions", Facts { said: Some(s("Session open refused by peer")), ..full() }),
        ("a socket unit", Facts { said: Some(s("lacks Listen setting")), ..full() }),
        ("fd://", Facts { said: Some(s("no sockets found via socket activation")), ..full() }),
        ("paramiko", Facts { said: Some(s("Install paramiko package")), ..full() }),
        ("a bundle", Facts { var: Some((s("CURL_CA_BUNDLE"), s("/b.pem"))), ..full() }),
        ("denied", Facts { said: Some(s("permission denied")), ..full() }),
        ("closed", Facts { said: Some(s("Connection closed by remote host")), ..full() }),
        ("npipe", Facts { said: Some(s("protocol not available")), ..full() }),
        ("no host", Facts { said: Some(s("no Host in request URL")), ..full() }),
        ("0.0.0.0", Facts { said: Some(s("not valid in its context")), ..full() }),
        ("https", Facts { said: Some(s("https protocol is not supported")), ..full() }),
        ("long", Facts { said: Some(s("path too long")), ..full() }),
        ("no port", Facts { endpoint: Some(s("tcp://box")), said: None, ..full() }),
        ("undefined", Facts { path: Some("undefined/ca.pem".into()), other: None, ..full() }),
        ("an address", Facts { path: Some("tcp:/h:1/ca.pem".into()), other: None, ..full() }),
        ("a tilde", Facts { path: Some("~/.docker/ca.pem".into()), other: None, ..full() }),
        ("relative", Facts { path: Some("certs/ca.pem".into()), other: None, ..full() }),
        ("rootless", socket("/run/user/1000/docker.sock")),
        ("podman", socket("/run/user/1000/podman/podman.sock")),
        ("podman, root", socket("/run/podman/podman.sock")),
        ("Docker Desktop", socket("/Users/me/.docker/run/docker.sock")),
        ("colima", socket("/Users/me/.colima/default/docker.sock")),
        ("OrbStack", socket("/Users/me/.orbstack/run/docker.sock")),
        ("hostile", hostile()),
        ("hostile, alone", Facts { profile: None, ..hostile() }),
    ];
    let agents = [Agent::No, Agent::Gone, Agent::Empty, Agent::Keys];
    let mut logins = vec![
        Login::AgentRefused,
        Login::KeyOpen(PathBuf::from("/home/me/.ssh/id_rsa")),
        Login::TooManyKeys(6),
        Login::NoKeysTaken(s("password,keyboard-interactive")),
    ];
    for agent in agents {
        logins.push(Login::Passphrase(PathBuf::from("/home/me/.ssh/id_ed25519"), agent));
        logins.push(Login::NoKey(agent));
        logins.extend([1, 3].map(|count| Login::NotAccepted(count, agent)));
    }
    all.extend(logins.into_iter().map(|login| ("login", Facts { login: Some(login), ..full() })));
    let said = |words: &str| Some(s(words));
    all.extend([
        ("a jump host", Facts { jump: said("root@jump:2222"), ..full() }),
        ("it works", Facts { works: true, ..full() }),
        ("sessions, works", Facts { works: true, said: said("Session open refused"), ..full() }),
        ("penalties", Facts { said: said("Not allowed at this time"), ..full() }),
        ("nologin", Facts { said: said("This account is currently not available."), ..full() }),
        ("an old docker", Facts { said: said("'system' is not a docker command"), ..full() }),
    ]);
    all.extend(founds.map(|found| ("found", Facts { found: Some(found), ..full() })));
    all
}

/// A socket of this machine.
fn socket(path: &str) -> Facts {
    Facts {
        endpoint: Some(format!("unix://{path}")),
        path: Some(PathBuf::from(path)),
        profile: None,
        host: None,
        port: None,
        ..full()
    }
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

/// One line a person reads, in one language.
fn tidy(text: &str, lang: Lang) {
    assert!(!text.trim().is_empty() && text.trim() == text, "{text:?}");
    assert!(!text.chars().any(is_hidden), "{text:?}");
    let ours = text.replace(&*dctx::text::clean(HOSTILE), "X");
    assert!(!ours.ends_with(['.', '。', '!', '！', ',', '，']), "{text:?} ends with a stop");
    assert!(!ours.contains("  ") && !ours.contains("()"), "{text:?}");
    assert!(!ours.contains("{") && !ours.contains("Some("), "{text:?}");
    match lang {
        Lang::En => assert!(!ours.chars().any(is_chinese), "{text:?}"),
        Lang::Zh => {
            assert!(ours.chars().any(is_chinese), "{text:?} is not Chinese");
            let chars: Vec<char> = ours.chars().collect();
            let wide =
                |c: char| is_chinese(c) || matches!(c, '，' | '：' | '；' | '（' | '）' | '、');
            for three in chars.windows(3) {
                let torn = wide(three[0]) && three[1] == ' ' && wide(three[2]);
                assert!(!torn, "a blank between Chinese in {text:?}");
            }
            for pair in chars.windows(2) {
                let half = matches!(pair[1], ',' | ';' | ':' | '(' | ')' | '?');
                assert!(!(half && is_chinese(pair[0])), "half-width punctuation in {text:?}");
                let glued = is_chinese(pair[0]) && pair[1].is_ascii_alphanumeric();
                assert!(!glued, "no blank before {:?} in {text:?}", pair[1]);
            }
        }
    }
}

#[test]
fn every_cause_speaks_both_languages() {
    for (kind, facts) in facts() {
        for &id in Id::ALL {
            let diagnosis = Diagnosis::with(id, facts.clone());
            for lang in [Lang::En, Lang::Zh] {
                let cause = diagnosis.cause(lang);
                tidy(&cause, lang);
                assert!(cause.chars().count() < 1500, "{id:?}, {kind}: {cause}");
            }
            if let Some(docker) = diagnosis.docker_says() {
                assert!(docker.is_ascii() && !docker.chars().any(is_hidden), "{docker:?}");
            }
        }
    }
}

/// Two diagnoses that read alike would be one.
#[test]
fn no_two_causes_are_alike() {
    for lang in [Lang::En, Lang::Zh] {
        for facts in [Facts::default(), full()] {
            let mut seen: BTreeMap<String, Id> = BTreeMap::new();
            for &id in Id::ALL {
                let cause = Diagnosis::with(id, facts.clone()).cause(lang);
                if let Some(other) = seen.insert(cause.clone(), id) {
                    panic!("{id:?} and {other:?}: {cause}");
                }
            }
        }
    }
}

/// What is known is told.
#[test]
fn causes_name_what_is_known() {
    let says = |id, parts: &[&str]| {
        for lang in [Lang::En, Lang::Zh] {
            let cause = Diagnosis::with(id, full()).cause(lang);
            // units are in the language of the text
            let cause = cause.replace("2 小时", "2h");
            for part in parts {
                assert!(cause.contains(part), "{id:?}: no {part} in {cause}");
            }
        }
    };
    says(Id::NameMismatch, &["coreos1", "192.168.57.110", "10.141.20.83"]);
    says(Id::UnknownCa, &["lab CA", "old CA", "0123456789abcdef"]);
    says(Id::ServerExpired, &["coreos server", "2021-01-01", "tcp://10.141.20.83:2376"]);
    says(Id::ClientExpired, &["2021-01-01", "/home/me/my certs/key.pem"]);
    says(Id::ServerNotYetValid, &["2020-01-01", "2h"]);
    says(Id::CertMissing, &["/home/me/my certs/key.pem"]);
    says(Id::KeyExposed, &["0644", "/home/me/my certs/key.pem"]);
    says(Id::ApiTooOld, &["1.24", "1.40"]);
    says(Id::ApiTooNew, &["1.54"]);
    says(Id::Timeout, &["5.0"]);
    says(Id::Proxy, &["http://proxy:3128"]);
    says(Id::SshAuth, &["core@10.141.20.83"]);
    says(Id::ContextMissing, &["lab"]);
    says(Id::Leftover, &["DOCKER_TLS_VERIFY=0"]);
    says(Id::WeakSignature, &["SHA1-RSA"]);
}

/// Commands of others that are advised.
const OTHERS: [&str; 25] = [
    "Get-Acl",
    "Get-ChildItem",
    "Start-Service",
    "chmod",
    "colima",
    "date",
    "docker",
    "getent",
    "ip",
    "journalctl",
    "ls",
    "open",
    "openssl",
    "orb",
    "pip",
    "sh",
    "ss",
    "ssh",
    "ssh-add",
    "ssh-agent",
    "ssh-copy-id",
    "ssh-keygen",
    "sudo",
    "systemctl",
    "unset",
];

#[test]
fn every_command_that_is_advised_is_one_that_is_taken() {
    let mut used = BTreeSet::new();
    for (kind, facts) in facts() {
        for &id in Id::ALL {
            let diagnosis = Diagnosis::with(id, facts.clone());
            let (english, chinese) = (diagnosis.fixes(Lang::En), diagnosis.fixes(Lang::Zh));
            assert!(!english.is_empty(), "{id:?}, {kind}: no way out");
            let runs = |hints: &[Hint]| -> Vec<Option<String>> {
                hints.iter().map(|hint| hint.run.clone()).collect()
            };
            assert_eq!(runs(&english), runs(&chinese), "{id:?}, {kind}");
            english.iter().for_each(|hint| tidy(&hint.say, Lang::En));
            chinese.iter().for_each(|hint| tidy(&hint.say, Lang::Zh));
            let commands: BTreeSet<String> = runs(&english).into_iter().flatten().collect();
            let all = runs(&english).into_iter().flatten().count();
            assert_eq!(commands.len(), all, "{id:?}, {kind}: the same command twice");
            for run in commands {
                used.extend(command(&run));
            }
        }
    }
    let others: BTreeSet<&str> = OTHERS.into_iter().collect();
    let used: BTreeSet<&str> = used.iter().map(String::as_str).collect();
    assert_eq!(used, others, "left: used, right: listed");
}

/// Reads one command as a shell would. Returns its program, unless that is dctx.
fn command(run: &str) -> Option<String> {
    // One form is the shell's own.
    if run == "sudo usermod -aG docker \"$USER\"" {
        return Some(s("sudo"));
    }
    if run == "eval \"$(ssh-agent -s)\"" {
        return Some(s("ssh-agent"));
    }
    let words = shell_words::split(run).unwrap_or_else(|e| panic!("{run}: {e}"));
    // nothing hostile outside quotes
    let strip = |text: &str| text.replace(['\'', '\\', '"'], "");
    let again = shell_words::join(&words);
    assert_eq!(strip(run), strip(&again), "{run}");
    assert_eq!(shell_words::split(&again).unwrap(), words);
    if !run.contains("'TLS handshake error'") {
        assert_eq!(run, again);
    }
    if words[0] == "dctx" {
        Cli::try_parse_from(&words).unwrap_or_else(|e| panic!("{run}\n{e}"));
        return None;
    }
    Some(words[0].clone())
}

/// The certificate lists an address: the advice is to go there, with the same port.
#[test]
fn a_listed_address_is_the_first_advice() {
    let first =
        |facts: Facts, id| Diagnosis::with(id, facts).fixes(Lang::En)[0].run.clone().unwrap();
    assert_eq!(first(full(), Id::NameMismatch), "dctx edit coreos --host tcp://coreos1:2376");
    let listed = vec![s("IP:192.168.57.110"), s("IP:192.168.199.100"), s("IP:127.0.0.1")];
    let article = Facts { listed, ..full() };
    let host = "dctx edit coreos --host tcp://192.168.57.110:2376";
    assert_eq!(first(article.clone(), Id::NameMismatch), host);
    let unnamed = Facts { profile: None, ..article.clone() };
    let host = "dctx add NAME tcp://192.168.57.110:2376 --certs DIR";
    assert_eq!(first(unnamed, Id::NameMismatch), host);
    // what is this machine to the host is this machine to us, too
    let here = Facts { host: Some(s("localhost")), ..article.clone() };
    let host = "dctx edit coreos --host tcp://127.0.0.1:2376";
    assert_eq!(first(here, Id::NameMismatch), host);
    let six = Facts { listed: vec![s("IP:2001:db8::7")], ..article };
    assert_eq!(first(six, Id::NoSan), "dctx edit coreos --host 'tcp://[2001:db8::7]:2376'");
    // a name that is no host is none to go to
    let run = Diagnosis::with(Id::NameMismatch, hostile()).fixes(Lang::En).swap_remove(0).run;
    assert_eq!(run, None);
}

/// A profile of a shared file is changed there.
#[test]
fn a_read_only_profile_is_not_edited() {
    let layer = PathBuf::from("/etc/dctx/profiles.d/team.toml");
    let facts = Facts { layer: Some(layer), ..full() };
    for &id in Id::ALL {
        for hint in Diagnosis::with(id, facts.clone()).fixes(Lang::En) {
            assert!(hint.run.is_none_or(|run| !run.starts_with("dctx edit")), "{id:?}");
        }
    }
    let hint = Diagnosis::with(Id::NameMismatch, facts).fixes(Lang::En).swap_remove(0);
    assert!(hint.say.contains("team.toml") && hint.say.contains("tcp://coreos1:2376"), "{hint:?}");
}
