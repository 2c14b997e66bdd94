//! `check` says what is wrong with a host and what to type, by the real daemon; what it says to programs is one JSON
//! object; its exit code is that of the worst; and it changes nothing but what `--fix` is asked for.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::certs::{Ca, EXPIRED, Leaf};
use crate::support::dockerd::Dockerd;
use crate::support::profiles::{config, mode};
use crate::support::{Output, Sandbox};

/// A port of 127.0.0.1 where nothing listens: reserved, so nothing that takes a free one gets it.
const NOBODY: &str = "tcp://127.0.0.1:9";

fn utf8(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn add(sb: &Sandbox, name: &str, host: &str, flags: &[&str]) {
    sb.dctx(["add", name, host]).args(flags).run().done();
}

/// Numbers that differ from run to run, as `N`: those before these words.
fn masked(text: &str, daemon: Option<&Dockerd>) -> String {
    let mut text = text.to_owned();
    if let Some(daemon) = daemon {
        text =
            text.replace(&daemon.port().to_string(), "PORT").replace(&daemon.version(), "VERSION");
        text = text.replace(utf8(&daemon.certs), "CERTS").replace(utf8(&daemon.ca_only), "CA");
    }
    for behind in [" ms", " more days"] {
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(behind) {
            let head = rest[..at].trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
            out.push_str(head);
            out.push_str(if head.len() < at { "N" } else { "" });
            out.push_str(behind);
            rest = &rest[at + behind.len()..];
        }
        out.push_str(rest);
        text = out;
    }
    text
}

/// Status and both outputs, masked.
#[track_caller]
fn is(out: &Output, daemon: Option<&Dockerd>, code: i32, text: &str) {
    assert_eq!(out.err(), "");
    assert_eq!(masked(&out.out(), daemon), text);
    assert_eq!(out.code(), code);
}

/// The JSON of a run, which says the same code as its status.
#[track_caller]
fn parsed(out: &Output) -> Value {
    assert_eq!(out.err(), "");
    let json: Value = serde_json::from_str(&out.out()).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["code"], out.code());
    json
}

/// Name, code and id of each profile, in the order of the JSON.
fn results(json: &Value) -> Vec<(String, u64, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let profiles = json["profiles"].as_array().unwrap().iter();
    profiles
        .map(|p| (text(&p["name"]).unwrap(), p["code"].as_u64().unwrap(), text(&p["id"])))
        .collect()
}

#[test]
fn a_host_that_is_well() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = Sandbox::new();
    add(&sb, "p", &daemon.tcp(), &["--certs", utf8(&daemon.certs)]);
    let out = sb.dctx(["check", "p"]).run();
    let text = masked(&out.out(), Some(daemon));
    assert_eq!((out.code(), out.err().as_str()), (0, ""));
    assert!(text.starts_with("ok  p  tcp://127.0.0.1:PORT\n  ok    "), "{text}");
    assert!(text.contains("docker VERSION"), "{text}");
    assert!(text.lines().skip(1).all(|line| line.starts_with("  ok    ")), "{text}");

    let json = parsed(&sb.dctx(["check", "p", "--json"]).run());
    assert_eq!(json["machine"], json!([]));
    let host = &json["profiles"][0];
    assert_eq!(host["server"]["version"], daemon.version());
    assert_eq!((&host["id"], &host["code"]), (&Value::Null, &json!(0)));
    for finding in host["findings"].as_array().unwrap() {
        assert_eq!((&finding["level"], &finding["fix"]), (&json!("ok"), &json!([])), "{finding}");
    }
    // nothing that failed, nothing to say
    sb.dctx(["check", "p", "-q"]).run().ok("", "");
}

const WRONG_NAME: &str = "\
fail  p  tcp://127.0.0.2:PORT  name-mismatch
  ok    tcp   127.0.0.2:PORT open (N ms)
  fail  name  the server's certificate is for 127.0.0.1, not for 127.0.0.2
  Fix, best first:
    1. use a name that it lists:  dctx edit p --host tcp://127.0.0.1:PORT
    2. have the server's certificate issued again by its CA, with serverAuth and IP:127.0.0.1, IP:127.0.0.2, and put it on the host
";

#[test]
fn a_name_that_the_certificate_does_not_list() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = Sandbox::new();
    add(&sb, "p", &daemon.tcp_wrong_name(), &["--certs", utf8(&daemon.ca_only)]);
    let out = sb.dctx(["check", "p"]).run();
    let text = masked(&out.out(), Some(daemon));
    // findings on files stand between, where there are any
    let without_files: String = text
        .lines()
        .filter(|line| !line.starts_with("  ok    ") || line.contains(" tcp "))
        .map(|line| {
            format!(
                "{}\n",
                line.replace("  tcp     ", "  tcp   ").replace("  name    ", "  name  ")
            )
        })
        .collect();
    assert!(without_files.starts_with(WRONG_NAME), "{text}");
    let last = text.lines().last().unwrap();
    assert_eq!(last, "  docker would say: x509: certificate is valid for 127.0.0.1, not 127.0.0.2");
    assert_eq!(out.code(), 6);

    let json = parsed(&sb.dctx(["check", "p", "--json"]).run());
    assert_eq!(results(&json), [("p".to_owned(), 6, Some("name-mismatch".to_owned()))]);
    let findings = json["profiles"][0]["findings"].as_array().unwrap();
    let failed: Vec<&Value> = findings.iter().filter(|f| f["level"] == "fail").collect();
    assert_eq!(failed.len(), 1, "{json}");
    assert_eq!(failed[0]["topic"], "name");
    let run = format!("dctx edit p --host {}", daemon.tcp());
    assert_eq!(failed[0]["fix"][0]["run"], run);
    // what is advised helps
    sb.sh("sh", ["-c", &run]).run().done();
    let healed = parsed(&sb.dctx(["check", "p", "--json"]).run());
    assert_ne!(results(&healed)[0].2.as_deref(), Some("name-mismatch"));
}

/// The JSON is the same in every language, the text is not; ids and commands stay.
#[test]
fn in_chinese() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let mut sb = Sandbox::new();
    add(&sb, "p", &daemon.tcp_wrong_name(), &["--certs", utf8(&daemon.certs)]);
    let strip = |mut json: Value| {
        for profile in json["profiles"].as_array_mut().unwrap() {
            profile["ms"] = json!(0);
            let findings = profile["findings"].as_array_mut().unwrap();
            for finding in findings {
                finding["text"] = json!(masked(finding["text"].as_str().unwrap(), None));
            }
        }
        json
    };
    let english = strip(parsed(&sb.dctx(["check", "p", "--json"]).run()));
    sb.set_env("DCTX_LANG", "zh");
    assert_eq!(strip(parsed(&sb.dctx(["check", "p", "--json"]).run())), english);
    let out = sb.dctx(["check", "p"]).run();
    let text = masked(&out.out(), Some(daemon));
    assert!(text.starts_with("失败  p  tcp://127.0.0.2:PORT  name-mismatch\n"), "{text}");
    assert!(text.contains("\n  失败  名称"), "{text}");
    assert!(text.contains("dctx edit p --host tcp://127.0.0.1:PORT\n"), "{text}");
    assert!(text.contains("docker 的报错：x509: "), "{text}");
}

#[test]
fn tls_on_one_side_only() {
    let (Some(tls), Some(plain)) = (Dockerd::mutual(), Dockerd::plain()) else { return };
    let sb = Sandbox::new();
    add(&sb, "plain-client", &tls.tcp(), &[]);
    add(&sb, "tls-client", &plain.tcp(), &["--certs", utf8(&tls.certs)]);
    for (name, id) in [("plain-client", "tls-expected"), ("tls-client", "plain-expected")] {
        let json = parsed(&sb.dctx(["check", name, "--json"]).run());
        assert_eq!(results(&json), [(name.to_owned(), 6, Some(id.to_owned()))]);
    }
}

#[test]
fn nobody_listens() {
    let sb = Sandbox::new();
    add(&sb, "p", NOBODY, &[]);
    let out = sb.dctx(["check", "p"]).run();
    let text = out.out();
    assert!(text.starts_with("fail  p  tcp://127.0.0.1:9  refused\n  fail  tcp  "), "{text}");
    assert!(text.contains("\n  Fix, best first:\n    1. "), "{text}");
    assert_eq!(out.code(), 5);
    let quiet = sb.dctx(["check", "p", "-q"]).run();
    assert_eq!((quiet.code(), quiet.out()), (5, text));
}

/// `--offline` looks at files and connects to nothing.
#[test]
fn offline() {
    let sb = Sandbox::new();
    add(&sb, "p", NOBODY, &[]);
    let out = sb.dctx(["check", "p", "--offline"]).run();
    is(
        &out,
        None,
        0,
        "ok  p  tcp://127.0.0.1:9  (not connected)\n  ok    offline  not connected to (--offline)\n",
    );
    // that was no check of the host
    let json: Value =
        serde_json::from_str(&sb.dctx(["ls", "--check", "--json"]).run().out()).unwrap();
    assert_eq!(json["profiles"][0]["checked"], Value::Null);
}

fn several(sb: &Sandbox, daemon: &Dockerd) {
    let certs = ["--certs", utf8(&daemon.certs)];
    add(sb, "web-1", &daemon.tcp(), &[&certs[..], &["--tag", "eu"]].concat());
    add(sb, "web-2", &daemon.tcp_wrong_name(), &[&certs[..], &["--tag", "eu"]].concat());
    add(sb, "db", NOBODY, &["--tag", "us"]);
    add(sb, "prod", NOBODY, &["--protected"]);
    let mut text = config(sb).unwrap();
    text.push_str("\n[profiles.odd]\nhost = \"tcp://h\"\nhots = 1\n");
    sb.write(crate::support::profiles::CONFIG, text);
}

/// The worst first, then by name; one that is not valid stands among the others, and a protected one is checked
/// unasked: nothing is changed.
#[test]
fn many_at_once() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = Sandbox::new();
    several(&sb, daemon);
    let known = |name: &str, code, id: Option<&str>| (name.to_owned(), code, id.map(str::to_owned));
    let all = [
        known("db", 5, Some("refused")),
        known("odd", 4, None),
        known("prod", 5, Some("refused")),
        known("web-2", 6, Some("name-mismatch")),
        known("web-1", 0, None),
    ];
    let json = parsed(&sb.dctx(["check", "--all", "--json"]).run());
    assert_eq!(results(&json), all);
    assert_eq!(json["code"], 6);
    let odd = &json["profiles"][1];
    assert_eq!((&odd["endpoint"], &odd["findings"][0]["topic"]), (&Value::Null, &json!("profile")));
    assert!(odd["findings"][0]["text"].as_str().unwrap().contains("unknown key hots"), "{odd}");

    let text = sb.dctx(["check", "-a"]).run();
    let lines: Vec<String> = text.out().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 6, "{lines:#?}");
    for (line, (name, _, id)) in lines.iter().zip(&all) {
        let level = if name == "web-1" { "ok  " } else { "fail" };
        assert!(line.starts_with(&format!("{level}  {name} ")), "{line}");
        assert!(id.as_ref().is_none_or(|id| line.contains(&format!("  {id}: "))), "{line}");
    }
    assert_eq!(lines[5], "5 profiles: 1 ok, 0 with warnings, 4 failed");
    // columns stand below each other
    let columns: Vec<_> = lines[..5].iter().filter_map(|line| line.find("tcp://")).collect();
    assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "{lines:#?}");

    let quiet = sb.dctx(["check", "-a", "-q"]).run();
    assert_eq!(quiet.out().lines().count(), 4);
    let verbose = sb.dctx(["check", "-a", "-v"]).run();
    assert!(verbose.out().contains("\n\nok  web-1  tcp://127.0.0.1:"), "{}", verbose.out());

    for (args, names) in [
        (&["web-*"][..], &["web-2", "web-1"][..]),
        (&["--tag", "eu"], &["web-2", "web-1"]),
        (&["--tag", "us"], &["db"]),
        (&["db", "prod", "db"], &["db", "prod"]),
        (&["web-?", "d*"], &["db", "web-2", "web-1"]),
        (&["*", "--tag", "us"], &["db"]),
    ] {
        let json = parsed(&sb.dctx(["check", "--json"]).args(args).run());
        let found: Vec<String> = results(&json).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(found, names, "{args:?}");
    }
}

#[test]
fn what_is_not_there() {
    let sb = Sandbox::new();
    sb.dctx(["check", "-a"]).run().ok(
        "",
        "dctx: there are no profiles yet\nhint: add one: dctx add NAME tcp://HOST:2376 --certs DIR\n",
    );
    add(&sb, "coreos", NOBODY, &[]);
    sb.dctx(["check", "coreso"]).run().is(
        3,
        "",
        "dctx: no profile named \"coreso\"\nhint: did you mean coreos? all of them: dctx ls\n",
    );
    assert_eq!(sb.dctx(["check", "x*"]).run().code(), 3);
    assert_eq!(sb.dctx(["check", "--tag", "x"]).run().code(), 3);
    let out = sb.dctx(["check", "coreos", "--timeout", "soon"]).run();
    assert_eq!((out.code(), out.data().as_str()), (2, ""));
    assert!(out.err().contains("--timeout must be a time such as 30m"), "{}", out.err());
}

/// What a certificate or a server says never reaches the terminal as it came.
#[test]
fn nothing_raw_is_printed() {
    let sb = Sandbox::new();
    if crate::support::require("openssl").is_none() {
        return;
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(4) {
            use std::io::{Read as _, Write as _};
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 2048]);
            let _ = stream.write_all(
                b"HTTP/1.1 200 OK\r\nServer: \x1b]0;x\x07\xe2\x80\xae\r\nContent-Length: 26\r\n\r\n{\"Version\":\"\x1b[2J\xe2\x80\xae\x07\"}     ",
            );
        }
    });
    add(&sb, "p", &format!("tcp://127.0.0.1:{port}"), &[]);
    for args in [&["check", "p"][..], &["check", "p", "-v"], &["check", "p", "p*"]] {
        let out = sb.dctx(args).run();
        let text = out.out() + &out.err();
        let raw = |c: char| c != '\n' && dctx::text::is_hidden(c);
        assert!(!text.chars().any(raw), "{text:?}");
    }
}

/// The modes of one's own files are mended, what was done is said, and nothing is opened wider or removed.
#[test]
fn modes_are_mended() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = Sandbox::new();
    let certs = sb.path("certs");
    fs::create_dir(&certs).unwrap();
    for name in ["ca.pem", "cert.pem", "key.pem"] {
        fs::copy(daemon.certs.join(name), certs.join(name)).unwrap();
    }
    mode(&certs, 0o700);
    mode(certs.join("key.pem"), 0o400);
    add(&sb, "p", &daemon.tcp(), &["--certs", utf8(&certs)]);
    mode(certs.join("key.pem"), 0o644);
    mode(certs.join("ca.pem"), 0o664);
    mode(&certs, 0o770);
    assert_eq!(sb.dctx(["use", "p", "--shell", "sh"]).run().code(), 4);
    let before = parsed(&sb.dctx(["check", "p", "--json"]).run());
    assert_eq!(results(&before), [("p".to_owned(), 4, Some("key-exposed".to_owned()))]);
    let modes = || {
        let bits = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        (bits(&certs), ["ca.pem", "cert.pem", "key.pem"].map(|name| bits(&certs.join(name))))
    };
    assert_eq!(modes().1[2], 0o644, "looking changes nothing");

    let out = sb.dctx(["check", "p", "--fix"]).run();
    let text = out.out();
    assert_eq!(out.code(), 0, "{text}");
    for line in
        ["[SB]/certs/key.pem: mode 0644, now 0400\n", "[SB]/certs/ca.pem: mode 0664, now 0444\n"]
    {
        assert!(text.contains(line), "{text}");
    }
    let (dir, [ca, _, key]) = modes();
    assert_eq!((dir & 0o022, ca, key), (0, 0o444, 0o400));
    assert_eq!(sb.dctx(["use", "p", "--shell", "sh"]).run().code(), 0);
    // nothing is left to do
    let again = sb.dctx(["check", "p", "--fix"]).run();
    assert!(!again.out().contains(", now "), "{}", again.out());
}

/// A certificate that has expired is told by its file.
#[test]
fn a_client_certificate_that_has_expired() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = Sandbox::new();
    let late = Leaf { dates: EXPIRED, ..Leaf::CLIENT };
    let certs = daemon.ca.client_dir(sb.path("late"), Some(&late));
    mode(certs.join("key.pem"), 0o400);
    add(&sb, "p", &daemon.tcp(), &["--certs", utf8(&certs)]);
    let json = parsed(&sb.dctx(["check", "p", "--json"]).run());
    assert_eq!(results(&json), [("p".to_owned(), 6, Some("client-expired".to_owned()))]);
    // another CA's
    let other = Ca::with("another CA", EXPIRED, sb.path("other"));
    assert!(other.pem().exists());
}

/// `ls --check` shows the last result of each profile, and none that is of another host than the profile's now.
#[test]
fn the_last_result() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = Sandbox::new();
    add(&sb, "good", &daemon.tcp(), &["--certs", utf8(&daemon.certs)]);
    add(&sb, "dead", NOBODY, &[]);
    add(&sb, "new", NOBODY, &[]);
    assert_eq!(sb.dctx(["check", "good", "dead"]).run().code(), 5);
    let file = sb.cache().join("dctx/checks.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = sb.dctx(["ls", "--check"]).run().done().out();
    let line = |name: &str| text.lines().find(|line| line.contains(name)).unwrap().to_owned();
    assert!(text.lines().next().unwrap().contains("  CHECKED"), "{text}");
    assert!(line("good").contains("  ok just now"), "{text}");
    assert!(line("dead").contains("  fail: refused, just now"), "{text}");
    assert!(line("new").ends_with("  never"), "{text}");
    let checked = |name: &str| {
        let out = sb.dctx(["ls", name, "--check", "--json"]).run().done().out();
        let json: Value = serde_json::from_str(&out).unwrap();
        json["profiles"][0]["checked"].clone()
    };
    assert_eq!((&checked("dead")["id"], &checked("dead")["code"]), (&json!("refused"), &json!(5)));
    assert_eq!(checked("good")["level"], "ok");
    assert_eq!(checked("new"), Value::Null);

    // hours later
    let old = fs::read_to_string(&file).unwrap();
    let mut json: Value = serde_json::from_str(&old).unwrap();
    let at = json["profiles"]["dead"]["at"].as_u64().unwrap();
    json["profiles"]["dead"]["at"] = json!(at - 7300);
    fs::write(&file, json.to_string()).unwrap();
    assert!(sb.dctx(["ls", "--check"]).run().out().contains("fail: refused, 2 h ago"));

    // another host: not its result
    sb.dctx(["edit", "dead", "--host", "tcp://127.0.0.1:7"]).run().done();
    assert_eq!(checked("dead"), Value::Null);
    // a file that is not ours to trust stops nobody
    for damaged in ["", "{", "[]", "{\"schema\":9,\"profiles\":{}}", "\u{0}"] {
        fs::write(&file, damaged).unwrap();
        assert_eq!(checked("good"), Value::Null, "{damaged:?}");
    }
    let hostile = old.replace("\"refused\"", "\"\\u001b[2J\"").replace("\"ok\"", "\"\\u001b[2J\"");
    fs::write(&file, hostile).unwrap();
    assert!(!sb.dctx(["ls", "--check"]).run().out().contains('\u{1b}'));
    assert_eq!(sb.dctx(["check", "good"]).run().code(), 0);
    assert_eq!(checked("good")["level"], "ok");
    // and no place for it stops nobody either
    fs::remove_dir_all(sb.cache()).unwrap();
    fs::write(sb.cache(), "").unwrap();
    assert_eq!(sb.dctx(["check", "good"]).run().code(), 0);
    sb.dctx(["ls", "--check"]).run().done();
}

/// Without `--check` the list is as it was.
#[test]
fn ls_alone_says_nothing_of_checks() {
    let sb = Sandbox::new();
    add(&sb, "p", NOBODY, &[]);
    sb.dctx(["check", "p"]).run();
    assert!(!sb.dctx(["ls"]).run().out().contains("refused"));
    assert!(!sb.dctx(["ls", "--json"]).run().out().contains("checked"));
}

/// `use --check` connects first: what fails changes nothing, and what is evaluated fails.
#[test]
fn use_only_what_answers() {
    let Some(daemon) = Dockerd::mutual() else { return };
    let sb = Sandbox::new();
    add(&sb, "good", &daemon.tcp(), &["--certs", utf8(&daemon.certs)]);
    add(&sb, "wrong", &daemon.tcp_wrong_name(), &["--certs", utf8(&daemon.certs)]);
    let script = "eval \"$(dctx use $1 --check)\"; echo \"$? ${DOCKER_HOST-local}\"";
    let run = |name: &str, script: &str| sb.sh("bash", ["-c", script, "bash", name]).run();
    run("good", script).ok(&format!("0 {}\n", daemon.tcp()), "");
    let out = run("wrong", script);
    assert_eq!(out.out(), "6 local\n");
    let says = out.err();
    assert!(
        says.starts_with(
            "dctx: the server's certificate is for 127.0.0.1, not for 127.0.0.2\nhint: "
        ),
        "{says}"
    );
    let end = "dctx: wrong was not used: it failed its check (name-mismatch)\nhint: everything that was found: dctx check wrong\n";
    assert!(says.ends_with(end), "{says}");
    // the same through the hook, from the host that is in use
    let hooked = "eval \"$(dctx init bash)\"; dctx use good --check; echo \"$? $DOCKER_HOST\"; dctx use wrong --check 2>/dev/null; echo \"$? $DOCKER_HOST\"";
    let tcp = daemon.tcp();
    run("", hooked).ok(&format!("0 {tcp}\n6 {tcp}\n"), "");
    // a stop for those who chain
    run("wrong", "eval \"$(dctx use $1 --check 2>/dev/null)\" && echo on").is(6, "", "");
}

/// `--clients` says which clients can work with it.
#[test]
fn clients() {
    let sb = Sandbox::new();
    add(&sb, "p", NOBODY, &[]);
    let text = sb.dctx(["check", "p", "--offline", "--clients"]).run().done().out();
    assert!(text.contains("\n  Clients:\n"), "{text}");
    let json = parsed(&sb.dctx(["check", "p", "--offline", "--clients", "--json"]).run());
    let rows = json["profiles"][0]["clients"].as_array().unwrap();
    assert_eq!((&rows[0]["client"], &rows[0]["verdict"]), (&json!("docker"), &json!("works")));
    for row in rows {
        assert!(text.contains(row["client"].as_str().unwrap()), "{text}");
        assert!(text.contains(row["why"].as_str().unwrap()), "{text}");
    }
}
