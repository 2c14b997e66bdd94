//! A server that means harm costs the limit and little memory, and puts nothing on the terminal.

use super::*;
use crate::support::Sandbox;
use crate::support::certs::{Ca, VALID};

/// For what is to be cut off by time.
const LIMIT: Duration = Duration::from_millis(1500);

/// Probes `work`, over whatever it speaks, and fails when the limit is not kept.
#[track_caller]
fn survive(work: impl Fn(TcpStream) + Send + Sync + 'static) -> &'static str {
    within(PATIENT, work)
}

#[track_caller]
fn within(limit: Duration, work: impl Fn(TcpStream) + Send + Sync + 'static) -> &'static str {
    let address = server(work);
    id(&Target { limit, ..target(&format!("tcp://{address}")) })
}

/// Writes for as long as somebody reads.
fn for_ever(stream: &mut TcpStream, piece: &[u8]) {
    while stream.write_all(piece).is_ok() {}
}

fn after(head: &'static str, piece: &'static [u8]) -> impl Fn(TcpStream) + Send + Sync {
    move |mut stream| {
        request(&mut stream);
        let _ = stream.write_all(head.as_bytes());
        for_ever(&mut stream, piece);
    }
}

const HEADERS: &[[u8; 16]] = &[*b"X: yyyyyyyyyyy\r\n"; 512];

#[test]
fn endless_answers_end() {
    let piece: &[u8] = &[b'a'; 65536];
    assert_eq!(survive(after("HTTP/1.1 200 OK\r\nX: ", piece)), "not-docker");
    assert_eq!(survive(after("HTTP/1.1 200 OK\r\n", HEADERS.as_flattened())), "not-docker");
    assert_eq!(survive(after("HTTP/1.1 200 OK\r\n\r\n", piece)), "not-docker");
    assert_eq!(
        survive(after("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", piece)),
        "not-docker"
    );
    assert_eq!(
        survive(after("HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n", piece)),
        "not-docker"
    );
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    // so many small pieces may take longer than there is
    let small = survive(after(chunked, b"10\r\naaaaaaaaaaaaaaaa\r\n"));
    assert!(["not-docker", "timeout"].contains(&small), "{small}");
    assert_eq!(survive(after(chunked, b"ffffffffffffffff\r\n")), "not-docker");
    assert_eq!(survive(after(chunked, b"fffffffffffffffffffff\r\n")), "not-docker");
    assert_eq!(survive(after(chunked, piece)), "not-docker");
    assert_eq!(survive(after("", b"HTTP/1.1 100 Continue\r\n\r\n")), "not-docker");
    assert_eq!(survive(after("", b"\0\xff\x1b]0;x\x07")), "not-docker");
}

/// A byte at a time is no way to hold a probe up.
#[test]
fn slow_bytes_end() {
    let slow = |text: &'static [u8]| {
        move |mut stream: TcpStream| {
            request(&mut stream);
            for byte in text.iter().cycle() {
                if stream.write_all(&[*byte]).is_err() {
                    return;
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
    };
    assert_eq!(within(LIMIT, slow(b"HTTP/1.1 200 OK and so on ")), "timeout");
    // a request that is never read, by a server that keeps the connection
    assert_eq!(within(LIMIT, |stream| drop((stream, thread::sleep(HANGS_AFTER)))), "timeout");
}

/// JSON that is deep, or many, or docker's with everything in it that a terminal obeys.
#[test]
fn hostile_json() {
    let deep = format!("{{\"ApiVersion\":{}1{}}}", "[".repeat(400_000), "]".repeat(400_000));
    let many = format!(
        "{{\"Version\":\"1\",\"ApiVersion\":\"1.41\",\"Components\":[{}{{}}]}}",
        "{},".repeat(300_000)
    );
    let at = |body: &str| target(&format!("tcp://{}", answering(http("200 OK", "", body))));
    assert_eq!(id(&at(&deep)), "not-docker");
    good(&at(&many));
    let long = format!("{{\"Version\":\"{}\",\"ApiVersion\":\"1.41\"}}", "v".repeat(900_000));
    assert!(good(&at(&long)).server.unwrap().version.len() < 1000);
    let bad = r#"{"Version":"\u001b[2J","ApiVersion":"\u202e1.41","MinAPIVersion":"99999999999999999.1","Os":"\u0007"}"#;
    let report = good(&Target { api_version: Some("1.40".into()), ..at(bad) });
    assert_eq!(report.server.unwrap().version, "\u{1b}[2J", "data stays as it came");
}

/// Ten megabytes of certificates, certificates that are none, and records that are none.
#[test]
fn hostile_tls() {
    let sb = Sandbox::new();
    if crate::support::require("openssl").is_none() {
        return;
    }
    let ca = Ca::with("CA", VALID, sb.path("ca"));
    let client = ca.client_dir(sb.path("client"), Some(&Leaf::CLIENT));
    let at = |address: String| Target { limit: LIMIT, ..tls(&format!("tcp://{address}"), &client) };
    // a TLS 1.2 ServerHello (ECDHE-ECDSA-AES128-GCM-SHA256), and then a Certificate of any length
    let hello = {
        let mut hello = vec![0x02, 0, 0, 38, 3, 3];
        hello.extend([7; 32]);
        hello.extend([0, 0xc0, 0x2b, 0]);
        record(&hello)
    };
    let with = |piece: Vec<u8>, times: usize| {
        let hello = hello.clone();
        server(move |mut stream| {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&hello);
            for _ in 0..times {
                if stream.write_all(&piece).is_err() {
                    return;
                }
            }
            thread::sleep(HANGS_AFTER);
        })
    };
    // says ten megabytes, and sends them
    let huge =
        with(record(&[&[0x0b, 0x98, 0x96, 0x80, 0x98, 0x96, 0x7d][..], &[0; 16000]].concat()), 1);
    let endless = with(record(&[0x0b; 16000]), usize::MAX);
    // docker reads more than dctx does, so that this is said, and nothing sent
    for address in [huge, endless] {
        let report = run(&at(address));
        let too_large = What::Note(Note::Wire(Said::TooLarge));
        assert!(report.findings.iter().any(|it| it.what == too_large), "{report:?}");
        assert!(report.server.is_none());
    }
    // one certificate of garbage
    let garbage = with(record(&[0x0b, 0, 0, 13, 0, 0, 10, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7]), 1);
    assert!(["not-docker", "timeout", "cert-unparsable"].contains(&id(&at(garbage))));
    for piece in [
        &b"\x16\x03\x03\xff\xff"[..],
        b"\x16\x03\x03\0\0",
        b"\x17\x03\x03\0\x01\0",
        b"\x14\x03\x03\0\x01\x01",
        b"\x80\x2e\x01\x03",
    ] {
        let address = server(move |mut stream| {
            let _ = stream.read(&mut [0; 4096]);
            for_ever(&mut stream, piece);
        });
        assert!(["not-docker", "timeout"].contains(&id(&at(address))), "{piece:?}");
    }
}

fn record(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).unwrap().to_be_bytes();
    [&[0x16, 3, 3], &length[..], message].concat()
}

/// A subject that a terminal would obey comes through as data, and is cleaned by whoever prints.
#[test]
fn hostile_names() {
    if crate::support::require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let ca = Ca::with("CA\u{1b}[31m", VALID, sb.path("ca"));
    let other = Ca::with("other", VALID, sb.path("other"));
    let client = other.client_dir(sb.path("client"), None);
    let dir = ca.server_dir(sb.path("s"), &Leaf::server(&["IP:127.0.0.1"]));
    let server = super::servers::Openssl::start(&dir, &[]);
    let report = run(&tls(&server.tcp(), &client));
    assert!(failed(&report).facts.cert.as_ref().unwrap().issuer.starts_with("CA"));
}

/// All of the above in one process of its own takes less memory than a browser's tab.
#[test]
fn little_memory() {
    let exe = std::env::current_exe().unwrap();
    let mut inner = std::process::Command::new(exe);
    inner.args(["--exact", "probe::hostile::inner_memory", "--ignored", "--nocapture"]);
    let out = inner.output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{text}{}", String::from_utf8_lossy(&out.stderr));
    println!("{}", text.lines().find(|line| line.contains("kB")).unwrap_or_default());
}

#[test]
#[ignore = "run by little_memory, in a process of its own"]
fn inner_memory() {
    let before = peak();
    let piece: &[u8] = &[b'a'; 65536];
    for _ in 0..3 {
        survive(after("HTTP/1.1 200 OK\r\n\r\n", piece));
        survive(after("HTTP/1.1 200 OK\r\nX: ", piece));
        survive(after("", piece));
    }
    let more = peak().saturating_sub(before);
    println!("endless answers: {more} kB more at the peak");
    assert!(more < 32 * 1024, "{more} kB");
}

/// VmHWM of this process, in kB (proc(5)).
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
