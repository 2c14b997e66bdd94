//! What the READMEs say is so: their console session is run, their tables are compared with the code.

use std::fs;
use std::path::Path;

use crate::support::certs::Leaf;
use crate::support::dockerd::{Dockerd, Tls};
use crate::support::profiles::mode;
use crate::support::{Sandbox, require};
use dctx::shell::{Kind, SHELLS};

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The text between the first fence of this kind and the next.
fn block<'t>(text: &'t str, fence: &str) -> &'t str {
    let (_, after) = text.split_once(&format!("\n```{fence}\n")).unwrap();
    after.split_once("\n```").unwrap().0
}

/// Makes `~/test` as the session finds it: a CA, a client certificate that has 364 whole days left.
fn certificates(sb: &Sandbox) {
    let script = "umask 077; mkdir ~/test && cd ~/test &&
        openssl ecparam -name prime256v1 -genkey -noout -out key.pem &&
        openssl req -x509 -new -key key.pem -subj /CN=client -days 365 -out cert.pem &&
        cp cert.pem ca.pem && chmod 0400 key.pem";
    sb.sh("sh", ["-c", script]).run().done();
    // a second later, 364 days and some hours are left
    std::thread::sleep(std::time::Duration::from_millis(1100));
}

#[test]
fn the_console_session_is_as_shown() {
    if require("openssl").is_none() {
        return;
    }
    for name in READMES {
        let text = read(name);
        let session = block(&text, "console");
        let mut sb = Sandbox::new();
        certificates(&sb);
        if name.contains("zh-CN") {
            sb.set_env("DCTX_LANG", "zh_CN");
        }
        let mark = "---next---";
        let script: String = session
            .lines()
            .filter_map(|line| line.strip_prefix("$ "))
            .map(|command| format!("{command}\necho {mark}\n"))
            .collect();
        let script = format!("exec 2>&1\n{script}");
        let out = sb.sh("bash", ["-c", &script]).run();
        let home = sb.home().display().to_string();
        let got = String::from_utf8(out.stdout.clone()).unwrap().replace(&home, "/home/me");
        let end = format!("{mark}\n");
        let mut answers = got.split(&end);
        let mut shown = String::new();
        for line in session.lines().filter(|line| line.starts_with("$ ")) {
            shown.push_str(&format!("{line}\n{}", answers.next().unwrap_or("(nothing)")));
        }
        assert_eq!(session, shown.trim_end(), "{name}: left as shown, right as it is");
    }
}

/// What `check` says of the article's three errors, by a real daemon whose certificate is for `192.168.57.110` and `coreos1`.
/// `DCTX_UPDATE=1` writes it anew.
#[test]
fn the_three_classics_are_as_shown() {
    let names = ["IP:192.168.57.110", "DNS:coreos1"];
    let Some(daemon) = Dockerd::start(Tls::Mutual, &Leaf::server(&names)) else { return };
    let port = daemon.port();
    for name in READMES {
        let mut sb = Sandbox::new();
        sb.set_env("COLUMNS", "92");
        if name.contains("zh-CN") {
            sb.set_env("DCTX_LANG", "zh_CN");
        }
        let certs = sb.home().join("test");
        fs::create_dir(&certs).unwrap();
        mode(&certs, 0o700);
        for file in ["ca.pem", "cert.pem", "key.pem"] {
            fs::copy(daemon.certs.join(file), certs.join(file)).unwrap();
        }
        mode(certs.join("key.pem"), 0o400);
        let certs = certs.to_str().unwrap();
        for (profile, host, flags) in [
            ("lab", "127.0.0.1", &[][..]),
            ("old-ip", "127.0.0.2", &["--certs", certs]),
            ("by-name", "localhost", &["--certs", certs]),
        ] {
            let host = format!("tcp://{host}:{port}");
            sb.dctx(["add", profile, &host]).args(flags).run().done();
        }
        let mut shown = String::new();
        for profile in ["lab", "old-ip", "by-name"] {
            let out = sb.dctx(["check", profile]).run();
            assert_eq!(out.code(), 6, "{}", out.out());
            let text = out.out().replace("[SB]/home", "/home/me");
            let text = text.replace(&port.to_string(), "2376").replace("127.0.0.2", "10.141.20.83");
            let text = text.replace("127.0.0.1", "192.168.57.110");
            // what this machine makes of `localhost` is its own affair
            let lines = text.lines().filter(|line| !line.contains("::1"));
            let lines: String = lines.map(|line| format!("{}\n", line.trim_end())).collect();
            shown.push_str(&format!("$ dctx check {profile}\n{lines}"));
        }
        let text = read(name);
        let there = block(&text, "text");
        if std::env::var_os("DCTX_UPDATE").is_some() {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
            let (head, tail) = text.split_once("\n```text\n").unwrap();
            let (_, tail) = tail.split_once("```\n").unwrap();
            fs::write(path, format!("{head}\n```text\n{shown}```\n{tail}")).unwrap();
            continue;
        }
        assert_eq!(
            steady(there),
            steady(shown.trim_end()),
            "{name}: left as shown, right as it is"
        );
    }
}

/// Without numbers and blanks, which differ from run to run.
fn steady(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit() && !c.is_whitespace() && *c != '.').collect()
}

#[test]
fn the_profile_file_is_valid() {
    for name in READMES {
        let text = read(name);
        let file = block(&text, "toml");
        let parsed = dctx::store::parse::parse(Path::new(name), file, false).unwrap();
        assert_eq!(parsed.entries.len(), 2, "{name}");
        for entry in &parsed.entries {
            assert!(entry.profile.is_ok(), "{name}: {:?}", entry.profile);
        }
        // the settings are shown with the values that they have unsaid
        let mut settings = parsed.settings.unwrap();
        assert_eq!(
            std::mem::take(&mut settings.scopes),
            [("fish".to_owned(), true)].into(),
            "{name}"
        );
        assert_eq!(settings, dctx::store::parse::Settings::default(), "{name}");
        assert!(parsed.odd.is_empty(), "{name}");
    }
}

#[test]
fn every_shell_has_its_row() {
    for name in READMES {
        let text = read(name);
        for shell in SHELLS {
            let row = text.lines().find(|line| {
                line.strip_prefix("| ")
                    .is_some_and(|rest| rest.split([' ', '|']).next() == Some(shell.name()))
            });
            let row = row.unwrap_or_else(|| panic!("{name}: no row for {}", shell.name()));
            let load = match shell.kind() {
                Kind::Shell => shell.load("dctx use NAME").replace('|', "\\|"),
                Kind::Data => format!("--shell {}", shell.name()),
            };
            assert!(row.contains(&load), "{name}: {row} lacks {load}");
        }
    }
}

/// Every `dctx …` in a table is a command that exists.
#[test]
fn every_command_parses() {
    use clap::Parser as _;
    for name in READMES {
        for line in read(name).lines().filter(|line| line.starts_with('|')) {
            for code in line.split('`').skip(1).step_by(2).filter(|code| code.starts_with("dctx "))
            {
                let code = code.replace(['[', ']', '…'], "");
                // what a shell makes of it afterwards is not dctx's
                let own = [" > ", " >> ", " \\| "]
                    .into_iter()
                    .fold(code.as_str(), |code, end| code.split(end).next().unwrap());
                let code = own.replace("SHELL", "bash");
                let words = shell_words::split(&code).unwrap();
                let parsed = dctx::cli::Cli::try_parse_from(&words);
                let wants_command = code == "dctx exec NAME -- CMD";
                assert!(parsed.is_ok() || wants_command, "{name}: {code}: {}", parsed.unwrap_err());
            }
        }
    }
}
