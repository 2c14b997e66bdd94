//! What the network says: names, addresses, refusals, routes, silence. What needs rules of its own happens in a
//! network namespace that the test makes, and where this very program runs once more.

use super::*;
use crate::support::{Sandbox, require};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

/// A port of loopback on which nobody listens.
fn closed() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn refused_and_unreachable() {
    let report = run(&target(&format!("tcp://127.0.0.1:{}", closed())));
    let diagnosis = failed(&report);
    assert_eq!(diagnosis.id.as_str(), "refused");
    assert!(diagnosis.facts.address.as_ref().unwrap().starts_with("127.0.0.1:"));
    assert_eq!(diagnosis.facts.profile.as_deref(), Some("box"));
    // Linux has no route for TCP to where many listen
    assert_eq!(id(&target("tcp://255.255.255.255:2375")), "no-route");
    assert_eq!(id(&target("tcp://no-such-host.invalid:2375")), "dns");
}

/// The other well-known port is looked at, and only told of when somebody is there.
#[test]
fn the_other_port() {
    let _plain = server_at("127.93.1.1:2375", drop);
    let report = run(&Target { limit: PATIENT, ..target("tcp://127.93.1.1:2376") });
    assert_eq!(failed(&report).id.as_str(), "refused");
    assert!(notes(&report).contains(&&Said::OtherPort { port: 2375 }), "{report:#?}");
    let report = run(&target("tcp://127.93.1.2:2375"));
    assert!(notes(&report).is_empty(), "{report:#?}");
}

#[test]
fn silence() {
    let silent = server(|stream| drop((stream, thread::sleep(HANGS_AFTER))));
    let report = run(&Target { limit: SHORT, ..target(&format!("tcp://{silent}")) });
    let diagnosis = failed(&report);
    assert_eq!((diagnosis.id.as_str(), diagnosis.facts.waited), ("timeout", Some(400)));
    // a limit that is over before it begins
    let none = Target { limit: Duration::ZERO, ..target(&format!("tcp://{silent}")) };
    assert_eq!(id(&none), "timeout");
}

/// In a namespace with a resolver that never answers, names of our own, and rules.
#[test]
fn in_a_network_of_its_own() {
    if require("unshare").is_none() || require("ip").is_none() || require("python3").is_none() {
        return;
    }
    if !rustix::process::geteuid().is_root() {
        crate::support::require::skip("network namespaces need root");
        return;
    }
    let sb = Sandbox::new();
    let hosts = sb.write(
        "hosts",
        "127.0.0.1 localhost\n::1 both\n127.0.0.1 both\n127.0.0.1 far\n10.77.0.9 far\n",
    );
    let resolv = sb.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n");
    let script = format!(
        "set -e; ip link set lo up; ip route add unreachable 10.66.0.0/16; ip route add prohibit 10.67.0.0/16
         ip addr add 10.77.0.9/24 dev lo
         mount --bind {} /etc/hosts; mount --bind {} /etc/resolv.conf; exec \"$0\" \"$@\"",
        hosts.display(),
        resolv.display()
    );
    let exe = std::env::current_exe().unwrap();
    let mut inner = Command::new("unshare");
    inner.args(["--net", "--mount", "sh", "-c", &script]).arg(exe);
    inner.args(["--exact", "probe::network::inner", "--ignored", "--nocapture"]);
    inner.process_group(0);
    let out = inner.output().unwrap();
    let text = [out.stdout, out.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    if text.contains("unshare failed") || text.contains("RTNETLINK") {
        crate::support::require::skip(&format!("no network namespace here: {text}"));
        return;
    }
    assert!(out.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
#[ignore = "run by in_a_network_of_its_own, inside it"]
fn inner() {
    assert_eq!(id(&target("tcp://10.66.0.1:2375")), "no-route");
    assert_eq!(id(&target("tcp://10.67.0.1:2375")), "net-prohibited");
    let _full = full("127.0.0.1:2375");
    assert_eq!(id(&Target { limit: SHORT, ..target("tcp://127.0.0.1:2375") }), "timeout");
    // the resolver takes the question and never answers
    let _resolver = std::net::UdpSocket::bind("127.0.0.1:53").unwrap();
    let report = run(&Target { limit: SHORT, ..target("tcp://who.example:2375") });
    let diagnosis = failed(&report);
    assert_eq!((diagnosis.id.as_str(), diagnosis.facts.waited), ("dns", Some(400)));
    // [::1] comes first, the daemon is on IPv4
    let address = answering(http("200 OK", "", VERSION));
    let port = address.rsplit(':').next().unwrap().to_owned();
    let report = good(&target(&format!("tcp://both:{port}")));
    let passed = |note: &&&Said| matches!(note, Said::Passed { address, .. } if address.starts_with("[::1]"));
    assert!(notes(&report).iter().any(|note| passed(&note)), "{report:#?}");
    // the first address drops everything, the second answers
    let _other = server_at("10.77.0.9:2375", |mut stream| {
        request(&mut stream);
        let _ = stream.write_all(http("200 OK", "", VERSION).as_bytes());
    });
    let report = good(&Target { limit: Duration::from_secs(5), ..target("tcp://far:2375") });
    let passed = |note: &&&Said| matches!(note, Said::Passed { address, id } if address.starts_with("127.") && id.as_str() == "timeout");
    assert!(notes(&report).iter().any(|note| passed(&note)), "{report:#?}");
    // all fail: each kind is told
    let report = run(&target(&format!("tcp://both:{}", closed())));
    assert_eq!(failed(&report).id.as_str(), "refused");
    // plain text on an address that others reach
    let shown = server_at("10.77.0.9:0", |mut stream| {
        request(&mut stream);
        let _ = stream.write_all(http("200 OK", "", VERSION).as_bytes());
    });
    let report = good(&target(&format!("tcp://{shown}")));
    assert!(notes(&report).contains(&&Said::Exposed { address: shown }), "{report:#?}");
}

/// A port that drops every further connection: its queue is full.
struct Full(std::process::Child);

fn full(address: &str) -> Full {
    let (host, port) = address.split_once(':').unwrap();
    let script = format!(
        "import socket,sys\ns=socket.socket()\ns.bind(('{host}',{port}))\ns.listen(0)\nc=[]\nfor i in range(4):\n \
         t=socket.socket()\n t.setblocking(False)\n t.connect_ex(('{host}',{port}))\n c.append(t)\n\
         print('full',flush=True)\nsys.stdin.read()"
    );
    let mut python = Command::new("python3");
    python.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.spawn().unwrap();
    let mut line = [0; 4];
    child.stdout.as_mut().unwrap().read_exact(&mut line).unwrap();
    Full(child)
}

impl Drop for Full {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
