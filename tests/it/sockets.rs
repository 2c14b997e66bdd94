//! A socket that is not docker's own is called a socket, and `check` names the machine behind it.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixListener;
use std::thread;

use serde_json::Value;

use crate::support::{Sandbox, require};

/// A daemon that says these things of its machine, behind a socket; it ends with the test's process.
fn daemon(sb: &Sandbox, name: &str, info: &str) -> String {
    let path = sb.path(name);
    let listener = UnixListener::bind(&path).unwrap();
    let info = info.to_owned();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let count = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..count]).into_owned();
            let body = match request.split(' ').nth(1) {
                Some("/version") => {
                    r#"{"Version":"28.2.2","ApiVersion":"1.50","MinAPIVersion":"1.24","Os":"linux","Arch":"amd64"}"#
                }
                Some("/info") => &info,
                _ => "",
            };
            let head = format!(
                "HTTP/1.1 200 OK\r\nApi-Version: 1.50\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
        }
    });
    path.to_str().unwrap().to_owned()
}

#[test]
fn check_names_the_machine_behind_a_socket() {
    let Some(uname) = require("uname") else { return };
    let sb = Sandbox::new();
    let of = |flag: &str| sb.sh(&uname, [flag]).run().done().out().trim().to_owned();
    let (here, kernel) = (of("-n"), of("-r"));
    let info = |name: &str, kernel: &str| {
        format!(r#"{{"ID":"A:{name}","Name":"{name}","KernelVersion":"{kernel}"}}"#)
    };
    let far = daemon(&sb, "far.sock", &info("build-7", "6.1.0"));
    let near = daemon(&sb, "near.sock", &info(&here, &kernel));
    let twin = daemon(&sb, "twin.sock", &info(&here, "3.2.1-other"));
    let silent = daemon(&sb, "silent.sock", "no json");
    let check = |path: &str, lang: &str| {
        let host = format!("unix://{path}");
        let out =
            sb.dctx(["check", "--json"]).env("DOCKER_HOST", &host).env("DCTX_LANG", lang).run();
        let json: Value = serde_json::from_str(&out.out()).unwrap();
        let rows = json["profiles"][0]["findings"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["id"] == "socket-elsewhere")
    };
    let row = check(&far, "en").unwrap();
    let text = format!(
        "the daemon behind [SB]/far.sock is on another machine: build-7, and this one is {here}"
    );
    assert_eq!((row["level"].as_str(), row["text"].as_str()), (Some("warn"), Some(text.as_str())));
    let row = check(&twin, "en").unwrap();
    let text = format!("{here} (3.2.1-other), and this one is {here} ({kernel})");
    assert!(row["text"].as_str().unwrap().ends_with(&text), "{row}");
    assert_eq!(check(&near, "en"), None);
    assert_eq!(check(&silent, "en"), None);
    // and nothing but a socket is said of any of them
    let current = |path: &str| {
        sb.dctx(["current"]).env("DOCKER_HOST", format!("unix://{path}")).run().done().out()
    };
    for path in [&far, &near] {
        let name = path.rsplit('/').next().unwrap();
        let wanted =
            format!("a socket  unix://[SB]/{name}\n  decided by DOCKER_HOST, not set by dctx\n");
        assert_eq!(current(path), wanted);
    }
    let local = current("/var/run/docker.sock");
    assert!(local.starts_with("local docker  unix:///var/run/docker.sock\n"), "{local}");
    // a profile is checked in the same way
    sb.write("home/.config/dctx/config.toml", format!("[profiles.t]\nhost = \"unix://{far}\"\n"));
    let out = sb.dctx(["check", "t"]).run();
    assert_eq!(out.code(), 0, "{}", out.err());
    assert!(out.out().contains("is on another machine: build-7"), "{}", out.out());
}
