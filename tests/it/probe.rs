//! `probe` finds out what an endpoint is, in bounded time and memory, and shows nothing to a server that it does not
//! know: one test per situation, against the real dockerd, openssl's server, and small servers that do one thing wrong.

mod answers;
mod clients;
mod hostile;
mod network;
mod proxies;
mod servers;
mod ssh;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use dctx::check::diagnosis::Diagnosis;
use dctx::check::finding::{Level, What};
use dctx::check::note::Note;
use dctx::check::probe::probe;
use dctx::check::probe::said::Said;
use dctx::check::target::{Report, Target};
use dctx::env::Env;
use dctx::error::Lang;
use dctx::profile::TlsMode;
use dctx::profile::endpoint::Endpoint;

use crate::support::certs::Leaf;
use crate::support::dockerd::Dockerd;

/// Long enough that only what is really silent runs into it.
const PATIENT: Duration = Duration::from_secs(30);
/// For what never answers.
const SHORT: Duration = Duration::from_millis(400);
/// A probe that is still there then does not keep its limit. Not a measurement of speed.
const HANGS_AFTER: Duration = Duration::from_secs(60);

/// A target without TLS and without any environment.
fn target(endpoint: &str) -> Target {
    Target {
        profile: Some("box".to_owned()),
        layer: None,
        endpoint: Endpoint::parse(endpoint).unwrap(),
        tls: TlsMode::Off,
        ca: None,
        cert: None,
        key: None,
        apart: None,
        kept_server: None,
        kept: false,
        api_version: None,
        env: Env::of([("PATH", "/usr/bin:/bin")]),
        brief: false,
        forwarding: false,
        limit: PATIENT,
    }
}

/// The same with TLS and the files of a directory under docker's names.
fn tls(endpoint: &str, dir: &Path) -> Target {
    let at = |name: &str| Some(dir.join(name));
    Target {
        tls: TlsMode::Verify,
        ca: at("ca.pem"),
        cert: at("cert.pem"),
        key: at("key.pem"),
        ..target(endpoint)
    }
}

/// Probes in a thread with the stack that many probes have, and fails when it hangs.
#[track_caller]
fn run(target: &Target) -> Report {
    let (tx, rx) = mpsc::channel();
    let asked = target.clone();
    let stack = thread::Builder::new().stack_size(256 * 1024);
    stack.spawn(move || tx.send(probe(&asked))).unwrap();
    rx.recv_timeout(HANGS_AFTER).expect("the probe hangs, or panicked")
}

/// The diagnosis that failed first; every finding can be told in both languages.
#[track_caller]
fn failed(report: &Report) -> &Diagnosis {
    told(report);
    let fails = report.findings.iter().filter(|finding| finding.level == Level::Fail);
    let first = fails.map(|finding| &finding.what).next();
    match first {
        Some(What::Diagnosis(diagnosis)) => diagnosis,
        other => panic!("{other:?} in {report:#?}"),
    }
}

/// Probes, and says the id of what failed first.
#[track_caller]
fn id(target: &Target) -> &'static str {
    failed(&run(target)).id.as_str()
}

/// Nothing failed, and a docker daemon answered.
#[track_caller]
fn good(target: &Target) -> Report {
    let report = run(target);
    told(&report);
    assert_eq!(report.code(), 0, "{report:#?}");
    assert!(report.server.is_some(), "{report:#?}");
    report
}

#[track_caller]
fn told(report: &Report) {
    for finding in &report.findings {
        if let What::Note(note) = &finding.what {
            for lang in [Lang::En, Lang::Zh] {
                assert!(!note.text(lang).is_empty(), "{note:?}");
            }
        }
    }
}

fn notes(report: &Report) -> Vec<&Said> {
    let all = report.findings.iter().map(|finding| &finding.what);
    all.filter_map(|what| if let What::Note(Note::Wire(said)) = what { Some(said) } else { None })
        .collect()
}

/// A server on loopback that does `work` with every connection; its `127.0.0.1:PORT`.
fn server(work: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    server_at("127.0.0.1:0", work)
}

fn server_at(address: &str, work: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind(address).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let work = std::sync::Arc::new(work);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let work = work.clone();
            thread::spawn(move || work(stream));
        }
    });
    address
}

/// Reads a request's head.
fn request(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// A server that answers every request with these bytes, and closes.
fn answering(answer: impl Into<Vec<u8>>) -> String {
    let answer = answer.into();
    server(move |mut stream| {
        request(&mut stream);
        let _ = stream.write_all(&answer);
    })
}

/// An answer with this status line, header lines and body.
fn http(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// What docker 20.10 answers, in short.
const VERSION: &str = r#"{"Platform":{"Name":""},"Components":[{"Name":"Engine","Version":"20.10.24"}],
"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12","Os":"linux","Arch":"amd64"}"#;

/// The real daemon in its three ways, and its socket.
#[test]
fn real_daemons_answer() {
    let Some(mutual) = Dockerd::mutual() else { return };
    let report = good(&tls(&mutual.tcp(), &mutual.certs));
    let server = report.server.as_ref().unwrap();
    assert_eq!(server.version, mutual.version());
    assert_eq!(server.platform, "linux/amd64");
    assert_eq!((server.api.as_str(), server.min_api.as_str()), ("1.41", "1.12"));
    assert!(server.skew.unwrap().abs() < 60, "{server:?}");
    let is_tls = |note: &&Said| matches!(note, Said::Tls { version, .. } if version == "TLS 1.3");
    assert!(notes(&report).iter().any(is_tls), "{report:#?}");
    assert!(report.findings.iter().all(|finding| finding.level == Level::Ok), "{report:#?}");

    let open = Dockerd::server_only().unwrap();
    for dir in [&open.certs, &open.ca_only] {
        let report = good(&tls(&open.tcp(), dir));
        assert!(notes(&report).contains(&&Said::NoClientAuth), "{report:#?}");
    }
    let insecure =
        Target { tls: TlsMode::Insecure, ..tls(&mutual.tcp_wrong_name(), &mutual.certs) };
    assert!(notes(&good(&insecure)).contains(&&Said::NotVerified));

    let plain = Dockerd::plain().unwrap();
    let report = good(&target(&plain.tcp()));
    assert!(report.findings.iter().all(|finding| finding.level == Level::Ok), "{report:#?}");
    good(&target(&format!("unix://{}", plain.socket().display())));

    let unspecified = plain.tcp().replace("127.0.0.1", "0.0.0.0");
    assert!(notes(&good(&target(&unspecified))).contains(&&Said::Unspecified));
}

/// What the daemons' own texts call by one name is told apart by looking.
#[test]
fn mixed_up_ends() {
    let (Some(mutual), Some(plain)) = (Dockerd::mutual(), Dockerd::plain()) else { return };
    assert_eq!(id(&target(&mutual.tcp())), "tls-expected");
    assert_eq!(id(&tls(&plain.tcp(), &plain.certs)), "plain-expected");
    assert_eq!(id(&tls(&mutual.tcp_wrong_name(), &mutual.certs)), "name-mismatch");
    let report = run(&tls(&mutual.tcp_wrong_name(), &mutual.certs));
    assert_eq!(failed(&report).facts.listed, ["IP:127.0.0.1"]);
    // one CA for the server, another one here
    let sb = crate::support::Sandbox::new();
    let other =
        crate::support::certs::Ca::with("other CA", crate::support::certs::VALID, sb.path("ca"));
    let dir = other.client_dir(sb.path("dir"), Some(&Leaf::CLIENT));
    let report = run(&tls(&mutual.tcp(), &dir));
    let diagnosis = failed(&report);
    assert_eq!(diagnosis.id.as_str(), "unknown-ca");
    assert_eq!(diagnosis.facts.given.as_ref().unwrap().subject, "other CA");
    assert_eq!(diagnosis.facts.cert.as_ref().unwrap().issuer, "dctx test CA");
}

/// A pinned API version outside of what the daemon speaks.
#[test]
fn pinned_versions() {
    let Some(plain) = Dockerd::plain() else { return };
    for (pinned, id) in [
        ("1.41", None),
        ("1.12", None),
        ("1.50", Some("api-too-new")),
        ("1.11", Some("api-too-old")),
    ] {
        let report = run(&Target { api_version: Some(pinned.into()), ..target(&plain.tcp()) });
        match id {
            None => assert_eq!(report.code(), 0, "{pinned}: {report:#?}"),
            Some(id) => {
                let diagnosis = failed(&report);
                assert_eq!(diagnosis.id.as_str(), id, "{pinned}");
                let range = ("1.12".to_owned(), "1.41".to_owned());
                assert_eq!(diagnosis.facts.api_range, Some(range));
            }
        }
    }
}

/// Many at once, each on its small stack, find what one finds.
#[test]
fn many_at_once() {
    let Some(mutual) = Dockerd::mutual() else { return };
    let (right, wrong) =
        (tls(&mutual.tcp(), &mutual.certs), tls(&mutual.tcp_wrong_name(), &mutual.certs));
    let all: Vec<_> = (0..100)
        .map(|n| {
            let target = if n % 2 == 0 { right.clone() } else { wrong.clone() };
            let stack = thread::Builder::new().stack_size(256 * 1024);
            stack.spawn(move || probe(&target)).unwrap()
        })
        .collect();
    for (n, probed) in all.into_iter().enumerate() {
        let code = if n % 2 == 0 { 0 } else { 6 };
        assert_eq!(probed.join().unwrap().code(), code);
    }
}

/// A figure for whoever reads the log; nothing depends on it.
#[test]
fn how_long_one_takes() {
    let Some(mutual) = Dockerd::mutual() else { return };
    let target = tls(&mutual.tcp(), &mutual.certs);
    let mut times: Vec<u128> = (0..21)
        .map(|_| {
            let start = Instant::now();
            assert_eq!(run(&target).code(), 0);
            start.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    println!("one probe of dockerd over TLS: median {:.1} ms", times[10] as f64 / 1000.0);
}
