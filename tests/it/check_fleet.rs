//! Many hosts at once: every result is there, hosts that hang hold up nobody, the worst decides; on a terminal it shows
//! how far it is, and leaves nothing behind, also when it is stopped.

use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use serde_json::Value;

use crate::support::dockerd::Dockerd;
use crate::support::profiles::CONFIG;
use crate::support::terminal::Terminal;
use crate::support::{Sandbox, require};

/// A host that takes connections and never says a word.
struct Silent {
    port: u16,
    held: mpsc::Receiver<TcpStream>,
}

impl Silent {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tx, held) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if tx.send(stream).is_err() {
                    return;
                }
            }
        });
        Self { port, held }
    }
}

fn profile(name: &str, host: &str) -> String {
    format!("[profiles.{name}]\nhost = \"{host}\"\n")
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn those_that_hang_hold_up_nobody() {
    let Some(daemon) = Dockerd::plain() else { return };
    let silent = Silent::start();
    let sb = Sandbox::new();
    let mut text = String::new();
    for n in 0..20 {
        text.push_str(&profile(&format!("good-{n:02}"), &daemon.tcp()));
    }
    for n in 0..6 {
        text.push_str(&profile(
            &format!("hangs-{n:02}"),
            &format!("tcp://127.0.0.1:{}", silent.port),
        ));
    }
    for n in 0..20 {
        text.push_str(&profile(&format!("dead-{n:02}"), "tcp://127.0.0.1:9"));
    }
    sb.write(CONFIG, text);
    // fewer threads than there are hosts that hang, too
    for jobs in [&[][..], &["-j", "4"], &["-j", "1000"]] {
        let out = sb.dctx(["check", "--all", "--json", "--timeout", "6s"]).args(jobs).run();
        assert_eq!((out.code(), out.err().as_str()), (5, ""));
        let json = parsed(&out.out());
        let found: Vec<(&str, Option<&str>)> = json["profiles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| (p["name"].as_str().unwrap(), p["id"].as_str()))
            .collect();
        let names = |what: &'static str, count, id| {
            (0..count).map(move |n| (format!("{what}-{n:02}"), Some(id)))
        };
        let failed: Vec<(String, Option<&str>)> =
            names("dead", 20, "refused").chain(names("hangs", 6, "timeout")).collect();
        let (bad, good) = found.split_at(26);
        let bad: Vec<(String, Option<&str>)> =
            bad.iter().map(|(name, id)| ((*name).to_owned(), *id)).collect();
        assert_eq!(bad, failed, "the worst first, then by name");
        assert_eq!(good.len(), 20);
        assert!(
            good.iter().all(|(name, id)| name.starts_with("good-") && id.is_none()),
            "{good:?}"
        );
    }
    let total = sb.dctx(["check", "good-*", "dead-*", "--timeout", "30s"]).run();
    let last = total.out().lines().last().unwrap().to_owned();
    assert!(last.starts_with("40 profiles: ") && last.ends_with(", 20 failed"), "{last}");
    let listed = sb.dctx(["ls", "--check"]).run().done().out();
    assert_eq!(listed.matches("fail: refused, ").count(), 20, "{listed}");
    assert!(!silent.held.try_iter().collect::<Vec<_>>().is_empty());
}

/// Standard error stays empty where nobody watches.
#[test]
fn no_progress_without_a_terminal() {
    let silent = Silent::start();
    let sb = Sandbox::new();
    sb.write(CONFIG, profile("hangs", &format!("tcp://127.0.0.1:{}", silent.port)));
    let out = sb.dctx(["check", "hangs", "--timeout", "1s"]).env("TERM", "xterm").run();
    assert_eq!((out.code(), out.err().as_str()), (5, ""));
}

#[test]
fn the_terminal_is_left_clean() {
    if require("tmux").is_none() {
        return;
    }
    let silent = Silent::start();
    let sb = Sandbox::new();
    let host = format!("tcp://127.0.0.1:{}", silent.port);
    sb.write(CONFIG, format!("{}{}", profile("a", &host), profile("b", &host)));
    let Some(terminal) = Terminal::start(&sb, &["bash", "--norc"]) else { return };
    terminal.line("PS1='> '; clear");
    terminal.until("a prompt alone", |screen| screen.trim() == ">");

    // stopped by Ctrl-C
    terminal.line("dctx check --all --timeout 60s");
    terminal.shows("checked 0 of 2");
    terminal.press(&["C-c"]);
    // what is typed sooner than that ends the line before it is taken away
    terminal.until("no progress", |screen| !screen.contains("checked"));
    terminal.line("echo \"status $?\"");
    let screen = terminal.shows("status 130");
    assert!(!screen.contains("checked"), "{screen}");
    // what is typed is still seen
    terminal.line("stty -a | grep -o ' echo '; echo done");
    let screen = terminal.shows("\ndone");
    assert!(screen.contains("\n echo\n"), "{screen}");

    // and at its end
    terminal.line("clear; dctx check --all --timeout 10s; echo \"status $?\"");
    terminal.shows("checked 0 of 2");
    let screen = terminal.shows("status 5");
    assert!(!screen.contains("checked"), "{screen}");
    assert!(screen.contains("2 profiles: 0 ok, 0 with warnings, 2 failed"), "{screen}");

    // a script that is stopped there does not go on
    terminal.line("clear; bash -c 'dctx check --all --timeout 60s; echo went on'");
    terminal.shows("checked 0 of 2");
    terminal.press(&["C-c"]);
    terminal.until("no progress", |screen| !screen.contains("checked"));
    terminal.line("echo \"status $?\"");
    let screen = terminal.shows("status 130");
    assert!(!screen.contains("went on\n"), "{screen}");

    // signs only here, and words beside them in every list
    terminal.line("clear; dctx check a b --offline; dctx check a --offline");
    terminal.shows_all(&["✓ a  tcp://", "✓ ok  a "]);
}
