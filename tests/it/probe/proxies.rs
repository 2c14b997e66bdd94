//! Proxies are used where docker uses them, and told by name where they are at fault.

use super::*;
use crate::support::require;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn through(endpoint: &str, vars: &[(&str, &str)]) -> Target {
    Target { env: Env::of(vars.iter().copied()), ..target(endpoint) }
}

/// Never reached but by a proxy: nothing routes there.
const AWAY: &str = "tcp://255.255.255.255:2375";

/// dctx and the real docker client agree on who goes through the proxy.
#[test]
fn as_docker_does() {
    let Some(docker) = require("docker") else { return };
    let hits = Arc::new(AtomicUsize::new(0));
    let seen = hits.clone();
    let proxy = server(move |mut stream| {
        seen.fetch_add(1, Ordering::SeqCst);
        request(&mut stream);
        let _ = stream.write_all(http("502 Bad Gateway", "", "").as_bytes());
    });
    let proxy = format!("http://{proxy}");
    let bare = proxy.trim_start_matches("http://");
    let both = "224.0.0.1:2375";
    let mut used = 0;
    for (host, vars) in [
        (both, vec![("HTTP_PROXY", proxy.as_str())]),
        (both, vec![("http_proxy", bare)]),
        (both, vec![("HTTPS_PROXY", proxy.as_str())]),
        (both, vec![("ALL_PROXY", proxy.as_str())]),
        (both, vec![("HTTP_PROXY", ""), ("http_proxy", proxy.as_str())]),
        (both, vec![("HTTP_PROXY", proxy.as_str()), ("REQUEST_METHOD", "GET")]),
        (both, vec![("HTTP_PROXY", "ftp://127.0.0.1:1")]),
        (both, vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "224.0.0.1")]),
        (both, vec![("HTTP_PROXY", proxy.as_str()), ("no_proxy", "224.0.0.1")]),
        (both, vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", " 10.0.0.0/8 , 224.0.0.0/4 ")]),
        (both, vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "224.0.0.0/31")]),
        (both, vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "224.0.0.2/31")]),
        (both, vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "0.0.0.0/0")]),
        (both, vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "224.0.0.1:2375")]),
        (both, vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "224.0.0.1:2376")]),
        (both, vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "*")]),
        (both, vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "0.0.1")]),
        (both, vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", ".0.0.1")]),
        ("[ff02::1]:2375", vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "ff02::/16")]),
        ("[ff02::1]:2375", vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "ff02::1")]),
        ("[ff02::1]:2375", vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "[ff02::1]:2375")]),
        ("[ff02::1]:2375", vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "[ff02::1]")]),
        ("127.0.0.1:1", vec![("HTTP_PROXY", proxy.as_str())]),
        ("localhost:1", vec![("HTTP_PROXY", proxy.as_str())]),
        ("[::1]:1", vec![("HTTP_PROXY", proxy.as_str())]),
        ("a.b.invalid:1", vec![("HTTP_PROXY", proxy.as_str())]),
        ("a.b.invalid:1", vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "b.invalid")]),
        ("a.b.invalid:1", vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", ".b.invalid")]),
        ("a.b.invalid:1", vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "*.b.invalid")]),
        ("a.b.invalid:1", vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "A.B.Invalid:1")]),
        ("a.b.invalid:1", vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "a.b.invalid:2,")]),
        ("a.b.invalid:1", vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", ".a.b.invalid")]),
        ("a.b.invalid:1", vec![("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "xa.b.invalid,b.inv")]),
    ] {
        let sb = crate::support::Sandbox::new();
        hits.store(0, Ordering::SeqCst);
        let client = sb.sh(&docker, ["-H", &format!("tcp://{host}"), "version"]);
        client.envs(vars.iter().copied()).run();
        let docker_used = hits.swap(0, Ordering::SeqCst) > 0;
        run(&Target { limit: Duration::from_secs(3), ..through(&format!("tcp://{host}"), &vars) });
        let ours = hits.load(Ordering::SeqCst) > 0;
        assert_eq!(ours, docker_used, "{host} {vars:?}: docker used it: {docker_used}");
        used += usize::from(ours);
    }
    assert!(used > 5, "the proxy was hardly used: {used}");
}

#[test]
fn proxies_at_fault() {
    let dead = "http://user:s3cret@127.0.0.1:1";
    let report = run(&through(AWAY, &[("HTTP_PROXY", dead)]));
    let diagnosis = failed(&report);
    assert_eq!(diagnosis.id.as_str(), "proxy");
    assert_eq!(diagnosis.facts.proxy.as_deref(), Some("http://127.0.0.1:1"));
    assert!(!format!("{report:?}").contains("s3cret"));
    let nowhere = "http://no-such-proxy.invalid:3128";
    assert_eq!(id(&through(AWAY, &[("HTTP_PROXY", nowhere)])), "proxy");
    for status in
        ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway", "503 No"]
    {
        let proxy = answering(http(status, "", ""));
        assert_eq!(id(&through(AWAY, &[("HTTP_PROXY", &proxy)])), "proxy", "{status}");
        let secure = Target { tls: TlsMode::Insecure, ..through(AWAY, &[("HTTPS_PROXY", &proxy)]) };
        assert_eq!(id(&secure), "proxy", "{status}");
    }
    for bytes in [&b"SSH-2.0-x\r\n"[..], b""] {
        let proxy = answering(bytes);
        let secure = Target { tls: TlsMode::Insecure, ..through(AWAY, &[("https_proxy", &proxy)]) };
        assert_eq!(id(&secure), "proxy");
    }
    // what the daemon itself says through a proxy is the daemon's
    let denied = answering(http("403 Forbidden", "Api-Version: 1.41\r\n", r#"{"message":"no"}"#));
    assert_eq!(id(&through(AWAY, &[("HTTP_PROXY", &denied)])), "not-docker");
}

/// Plain requests carry the whole address, TLS goes through CONNECT, and both say who asks.
#[test]
fn through_a_proxy() {
    let (tx, heads) = mpsc::channel();
    let tell = tx.clone();
    let plain = server(move |mut stream| {
        tell.send(request(&mut stream)).unwrap();
        let _ = stream.write_all(http("200 OK", "", VERSION).as_bytes());
    });
    let report = good(&through(AWAY, &[("HTTP_PROXY", &format!("http://al:p%40ss@{plain}"))]));
    let via = Said::ViaProxy { proxy: format!("http://{plain}"), var: "HTTP_PROXY".into() };
    assert!(notes(&report).contains(&&via), "{report:#?}");
    let head = heads.recv().unwrap();
    assert!(head.starts_with("GET http://255.255.255.255:2375/version HTTP/1.1\r\n"), "{head}");
    // al:p@ss
    assert!(head.contains("\r\nProxy-Authorization: Basic YWw6cEBzcw==\r\n"), "{head}");

    let Some(mutual) = Dockerd::mutual() else { return };
    let to = mutual.tcp().trim_start_matches("tcp://").to_owned();
    let tunnel = move |mut stream: TcpStream| {
        tx.send(request(&mut stream)).unwrap();
        let far = TcpStream::connect(&to).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        relay(stream, far);
    };
    let proxy = server(tunnel);
    let to = tls("tcp://255.255.255.255:2376", &mutual.certs);
    let env = Env::of([("HTTPS_PROXY", proxy.as_str())]);
    // the certificate is for 127.0.0.1: a name that is not there tells that the daemon was reached
    assert_eq!(id(&Target { env: env.clone(), ..to.clone() }), "name-mismatch");
    good(&Target { env, tls: TlsMode::Insecure, ..to });
    let head = heads.recv().unwrap();
    assert!(head.starts_with("CONNECT 255.255.255.255:2376 HTTP/1.1\r\n"), "{head}");
}

fn relay(near: TcpStream, far: TcpStream) {
    let (mut a, mut b) = (near.try_clone().unwrap(), far.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut a, &mut b);
        let _ = b.shutdown(std::net::Shutdown::Write);
    });
    let (mut near, mut far) = (near, far);
    let _ = std::io::copy(&mut far, &mut near);
    let _ = near.shutdown(std::net::Shutdown::Write);
}

/// SOCKS 5, with the name resolved by the proxy.
#[test]
fn socks() {
    let (tx, asked) = mpsc::channel();
    let proxy = server(move |mut stream| {
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).unwrap();
        stream.write_all(&[5, 0]).unwrap();
        let mut head = [0; 5];
        stream.read_exact(&mut head).unwrap();
        let mut rest = vec![0; usize::from(head[4]) + 2];
        stream.read_exact(&mut rest).unwrap();
        tx.send((head, rest)).unwrap();
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        request(&mut stream);
        let _ = stream.write_all(http("200 OK", "", VERSION).as_bytes());
    });
    good(&through("tcp://deep.inside:2375", &[("HTTP_PROXY", &format!("socks5://{proxy}"))]));
    let (head, rest) = asked.recv().unwrap();
    assert_eq!((head, rest.as_slice()), ([5, 1, 0, 3, 11], &b"deep.inside\x09\x47"[..]));
    let rude = answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    assert_eq!(id(&through(AWAY, &[("HTTP_PROXY", &format!("socks5://{rude}"))])), "proxy");
}
