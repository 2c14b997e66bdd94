//! A key stands in memory, where nobody else reaches it, as long as a shell uses it and not longer; whatever is killed
//! leaves nothing elsewhere, and the next run takes away what it left.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::keyring::{Keyring, held, keys, sandbox};
use crate::support::profiles::CONFIG;
use crate::support::require::{require, skip};
use crate::support::terminal::Terminal;
use crate::support::{Output, Sandbox};

const PATIENCE: Duration = Duration::from_secs(60);

/// A sandbox whose profile `k` has its key from a program; `k2` is the same host under another name.
#[track_caller]
fn by_command() -> Option<(Sandbox, PathBuf)> {
    let (sb, dir) = sandbox()?;
    // out of the way of those who look for it
    let vault = sb.path("vault");
    fs::create_dir(&vault).unwrap();
    fs::rename(dir.join("key.pem"), vault.join("key.pem")).unwrap();
    let one = |name: &str| {
        format!(
            "[profiles.{name}]\nhost = \"tcp://127.0.0.1:2376\"\ncerts = \"~/c\"\nkey-command = [\"cat\", {:?}]\n",
            vault.join("key.pem").display()
        )
    };
    let text = format!("{}{}[profiles.plain]\nhost = \"tcp://h\"\n", one("k"), one("k2"));
    sb.write(CONFIG, text);
    Some((sb, vault))
}

fn sh(sb: &Sandbox, script: &str) -> Output {
    sb.sh("sh", ["-c", script]).run()
}

/// Waits for what another process does.
#[track_caller]
fn until(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(10));
    }
}

/// Two shells share one key: the first that leaves takes nothing from the second, the second takes it along.
#[test]
fn the_last_one_takes_it_along() {
    let Some((sb, _)) = by_command() else { return };
    let script = r#"
        eval "$(dctx use k)"; d=$DOCKER_CERT_PATH
        sh -c 'eval "$(dctx use k)"; [ "$DOCKER_CERT_PATH" = "$1" ]; ls "$1/refs" | wc -l; eval "$(dctx reset)"; eval "$(dctx reset)"' sh "$d"
        [ -r "$d/key.pem" ] && ls "$d/refs" | wc -l
        sh -c 'eval "$(dctx use k)"; exec 2>&1; ls "$1/refs" | wc -l' sh "$d"
        eval "$(dctx use k)"
        [ -r "$d/key.pem" ] && ls "$d/refs" | wc -l
        eval "$(dctx use plain)"; eval "$(dctx use plain)"
        [ -e "$d" ] || echo gone
        eval "$(dctx use k)"; eval "$(dctx use k2)"; eval "$(dctx use k2)"; ls -d "$XDG_RUNTIME_DIR"/dctx/keys/k* | wc -l
        eval "$(dctx reset)"; eval "$(dctx reset)"; ls "$XDG_RUNTIME_DIR/dctx/keys"
    "#;
    sh(&sb, script).ok("2\n1\n2\n1\ngone\n1\nlock\n", "");
    assert!(held(&sb).is_empty());
}

/// A script that is printed and not evaluated takes no key from the shell that still uses it: a data format, a pipe, a
/// file, a subshell with variables of its own. Once the shell is seen to have left, the key goes.
#[test]
fn what_is_printed_alone_takes_nothing_away() {
    let Some((sb, _)) = by_command() else { return };
    let shells: &[&[&str]] =
        &[&["sh", "-c"], &["bash", "-c"], &["zsh", "-fc"], &["ksh93", "-c"], &["mksh", "-c"]];
    for argv in shells {
        if require(argv[0]).is_none() {
            continue;
        }
        // a subshell of ksh93 is no process of its own: what it sees is taken for what the shell sees
        let subshell = match argv[0] {
            "ksh93" => "",
            _ => {
                r#"(eval "$(dctx use plain)"; eval "$(dctx use k2)"; eval "$(dctx reset)"; eval "$(dctx reset)")"#
            }
        };
        let script = r#"
            eval "$(dctx use k)"; d=$DOCKER_CERT_PATH
            dctx reset >/dev/null; dctx use plain --shell json >/dev/null; dctx use plain --shell sh >file
            dctx use k2 | true; x=$(dctx use plain)
            SUBSHELL
            cmp "$d/key.pem" "$d/key.pem" && echo "still $(($(ls "$d/refs" | wc -l)))"
            eval "$(dctx reset)"; eval "$(dctx reset)"
            [ -e "$d" ] || echo gone
        "#;
        let script = script.replace("SUBSHELL", subshell);
        let out = sb.sh(argv[0], [&argv[1..], &[script.as_str()]].concat()).run();
        out.ok("still 1\ngone\n", "");
        sb.dctx(["reset", "--shell", "sh"]).run().done();
        assert!(held(&sb).is_empty(), "{argv:?}");
    }
}

/// A check asks the daemon with the key, and keeps it no longer than that; one that connects to nothing asks nobody.
#[test]
fn a_check_lets_go_of_it() {
    let Some(daemon) = crate::support::dockerd::Dockerd::mutual() else { return };
    let Some((sb, vault)) = by_command() else { return };
    let certs = sb.write("home/d/x", "").parent().unwrap().to_path_buf();
    let key = vault.join("key.pem");
    fs::remove_file(&key).unwrap();
    for name in ["ca.pem", "cert.pem"] {
        fs::copy(daemon.certs.join(name), certs.join(name)).unwrap();
    }
    fs::copy(daemon.certs.join("key.pem"), &key).unwrap();
    let text = format!(
        "[profiles.real]\nhost = {:?}\ncerts = \"~/d\"\nkey-command = [\"cat\", {:?}]\n",
        daemon.tcp(),
        key.to_str().unwrap()
    );
    sb.write("home/.config/dctx/config.toml", text);
    let out = sb.dctx(["check", "real"]).run();
    assert_eq!((out.code(), out.err()), (0, String::new()), "{}", out.out());
    assert!(out.out().contains("key.pem: P-256, belongs to the certificate"), "{}", out.out());
    assert!(held(&sb).is_empty());
    // without the key nobody is asked, and nothing is said to be missing
    fs::remove_file(&key).unwrap();
    assert_eq!(sb.dctx(["check", "real", "--offline"]).run().code(), 0);
    assert_eq!(sb.dctx(["check", "real"]).run().code(), 4);
    assert_eq!(sb.sh("sh", ["-c", "eval \"$(dctx use real --check)\""]).run().code(), 4);
}

/// Without a word to dctx: a shell that ends lets go, which the next run of dctx notices, whatever it is.
#[test]
fn a_shell_that_is_gone_holds_nothing() {
    let Some((sb, _)) = by_command() else { return };
    for run in ["use plain --shell sh", "reset --shell sh", "exec plain -- true", "__hook"] {
        sh(&sb, "eval \"$(dctx use k)\"").done();
        assert_eq!(held(&sb).len(), 1, "{run}");
        sb.dctx(run.split(' ')).env("DCTX_SHELL", "sh").run().done();
        assert!(held(&sb).is_empty(), "{run}: {:?}", held(&sb));
    }
    // an id that another process has by now is no reason to stay, and neither is a half-made directory
    sh(&sb, "eval \"$(dctx use k)\"").done();
    let [dir] = &held(&sb)[..] else { panic!() };
    let refs = fs::read_dir(dir.join("refs")).unwrap().map(|e| e.unwrap().path());
    refs.for_each(|path| fs::remove_file(path).unwrap());
    let this = std::process::id();
    fs::write(dir.join(format!("refs/{this}-1")), "").unwrap();
    sb.write("run/dctx/keys/.new-999999999-1/key.pem", "half");
    sb.write("run/dctx/keys/.old-999999999-1/key.pem", "half");
    sb.dctx(["reset", "--shell", "sh"]).run().done();
    assert!(held(&sb).is_empty(), "{:?}", held(&sb));
}

/// exec and shell: until the command or the sub-shell ends, however that is, and the command is still this process.
#[test]
fn a_command_holds_it_as_long_as_it_runs() {
    let Some((sb, _)) = by_command() else { return };
    let out = sb.dctx(["exec", "k", "--", "sh", "-c", "test -r $DOCKER_CERT_PATH/key.pem; ls $DOCKER_CERT_PATH/refs; echo $$; ps -o pid= --ppid $$ | wc -l"]).run();
    let text = out.done().out();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    // ps and wc are its children, and nothing else
    assert!(lines[0].starts_with(&format!("{}-", lines[1])) && lines[2] == "2", "{text}");
    until("the key goes with the command", || held(&sb).is_empty());
    let out = sb.dctx(["exec", "k", "--", "sh", "-c", "kill -9 $$"]).run();
    assert_eq!(out.code(), 137);
    until("the key goes with a command that is killed", || held(&sb).is_empty());
    sb.dctx(["exec", "k", "--", "no-such-program"]).run();
    until("a command that cannot be started holds nothing", || held(&sb).is_empty());
    let Some(terminal) = Terminal::start(&sb, &["bash", "--norc"]) else { return };
    terminal.line("PS1='> '; SHELL=bash dctx shell k");
    terminal.shows("(sub-shell");
    let docker = terminal.ask("test -r $DOCKER_CERT_PATH/key.pem && echo there");
    assert_eq!(docker, "there\n");
    terminal.line("exit 3");
    until("the key goes with the sub-shell", || held(&sb).is_empty());
}

/// The shell that a person sees as one holds it: not the copy of it that `$(…)` is, with and without the hook.
#[test]
fn the_shell_itself_holds_it() {
    let Some((sb, _)) = by_command() else { return };
    let shells: &[(&str, &[&str], &str, &str, &str)] = &[
        ("bash", &["bash", "--norc"], "eval \"$(dctx use k)\"", "eval \"$(dctx init bash)\"", "$$"),
        ("zsh", &["zsh", "-f"], "eval \"$(dctx use k)\"", "eval \"$(dctx init zsh)\"", "$$"),
        ("dash", &["dash"], "eval \"$(dctx use k)\"", "eval \"$(dctx init sh)\"", "$$"),
        ("fish", &["fish", "-N"], "dctx use k | source", "dctx init fish | source", "$fish_pid"),
    ];
    for (name, argv, by_hand, init, pid) in shells {
        if require(name).is_none() {
            continue;
        }
        let Some(terminal) = Terminal::start(&sb, argv) else { return };
        let pid = terminal.ask(&format!("echo {pid}"));
        let holder = || {
            let [dir] = &held(&sb)[..] else { panic!("{name}: {:?}", held(&sb)) };
            let refs = fs::read_dir(dir.join("refs")).unwrap().map(|e| e.unwrap().file_name());
            refs.map(|name| name.into_string().unwrap()).collect::<Vec<_>>()
        };
        let is_it = |holders: &[String]| {
            let [one] = holders else { return false };
            one.starts_with(&format!("{}-", pid.trim()))
        };
        terminal.line(by_hand);
        terminal.ask("true");
        assert!(is_it(&holder()), "{name}: {pid}, {:?}", holder());
        terminal.line(init);
        terminal.line("dctx reset");
        if *name == "dash" {
            // nothing looks at its prompts: the next one sees it
            terminal.line("dctx reset");
        }
        terminal.ask("true");
        assert!(held(&sb).is_empty(), "{name}: {:?}\n{}", held(&sb), terminal.screen());
        terminal.line("dctx use k --for 1s");
        terminal.ask("true");
        if !matches!(*name, "dash") {
            // its time is over: the prompt gives the key back
            until("the prompt ends it", || {
                terminal.press(&["Enter"]);
                sleep(Duration::from_millis(200));
                held(&sb).is_empty()
            });
        }
        terminal.line("dctx use k");
        terminal.ask("true");
        assert!(is_it(&holder()), "{name}: {pid}, {:?}", holder());
        drop(terminal);
        until("the shell ends", || {
            sb.dctx(["reset", "--shell", "sh"]).run().done();
            held(&sb).is_empty()
        });
    }
}

/// Never for every shell, never in a file that stays; fish's default gives way, with a word.
#[test]
fn not_for_longer_than_a_shell() {
    let Some((sb, _)) = by_command() else { return };
    let why = "dctx: k: its key is kept only while a shell uses it";
    for (args, says) in [
        ("use k -U --shell bash", ", so it cannot be for every shell"),
        ("use k -U --shell fish", ", so it cannot be for every shell"),
        ("use k --shell systemd", ", and what is printed for systemd is used longer than that"),
        ("use k --shell dotenv", ", and what is printed for dotenv is used longer than that"),
        (
            "use k --shell github-actions",
            ", and what is printed for github-actions is used longer than that",
        ),
    ] {
        let out = sb.dctx(args.split(' ')).run();
        assert_eq!(out.code(), 2, "{args}: {}", out.err());
        assert!(out.err().starts_with(&format!("{why}{says}\n")), "{args}: {}", out.err());
        assert!(held(&sb).is_empty(), "{args}");
    }
    let out = sb.dctx(["use", "k", "--shell", "fish"]).run();
    assert_eq!(out.err(), format!("{why}, so this is for this shell alone\n"));
    assert!(
        out.out().contains("set -gx --unpath DOCKER_HOST") && !out.out().contains("set -Ux"),
        "{}",
        out.out()
    );
    sb.dctx(["use", "k", "--shell", "json"]).run().done();
    sb.dctx(["reset", "--shell", "sh"]).run().done();
}

/// `$1` is a directory on a disk. Other users of this machine's memory see nothing: the namespace is the test's own.
const PLACES: &str = r#"
    u=$(id -u) r=$1/r
    mount -t tmpfs -o mode=1777 tmpfs /dev/shm && mkdir "$r" && mkdir -m 700 "$1/disk" || exit 99
    mount -t tmpfs -o mode=700 tmpfs "$r" || exit 99
    try() {
        echo "== $1"
        sh -c 'out=$(dctx use k --shell sh 2>&1) && eval "$out" && echo "${DOCKER_CERT_PATH%-*}" && stat -c "%a %n" "${DOCKER_CERT_PATH%/*}" || printf "%s\n" "$out" | grep ^dctx'
        dctx reset --shell sh >/dev/null
    }
    export XDG_RUNTIME_DIR="$r"; try private
    export XDG_RUNTIME_DIR="$1/disk"; try disk
    rm -rf "/dev/shm/dctx-$u"; mkdir -m 755 "/dev/shm/dctx-$u"; try 'disk, and the other one is open'
    export XDG_RUNTIME_DIR="$r"; chmod 755 "$r"; try open
    chmod 700 "$r"; chown 65534 "$r"; try foreign
    chown "$u" "$r"; rm -rf "$r/dctx"; mkdir -m 700 "$1/disk/elsewhere"; ln -s "$1/disk/elsewhere" "$r/dctx"; try link
    rm "$r/dctx"; mkdir -m 775 "$r/dctx"; try 'ours is open'
    unset XDG_RUNTIME_DIR; try none
    rm -rf "/dev/shm/dctx-$u"; try 'none, and memory for all'
    find "$1/disk" -name '*.pem'
    # what somebody else planted is left alone, and so is what it leads to
    rm -rf "/dev/shm/dctx-$u"; mkdir -m 700 "$1/mine"; echo key >"$1/mine/key.pem"
    mkdir -p "/dev/shm/dctx-$u/keys"; ln -s "$1/mine" "/dev/shm/dctx-$u/keys/x"; ln -s "$1/made" "/dev/shm/dctx-$u/keys/lock"
    chmod 777 "/dev/shm/dctx-$u/keys"; chown -R -h 65534 "/dev/shm/dctx-$u"
    dctx reset --shell sh >/dev/null; cat "$1/mine/key.pem"; ls "$1"
"#;

#[test]
fn only_in_private_memory() {
    if require("unshare").is_none() || require("openssl").is_none() {
        return;
    }
    if !rustix::process::geteuid().is_root() {
        skip("only root can mount");
        return;
    }
    let sb = Sandbox::new();
    let ca = crate::support::certs::Ca::new(sb.path("ca"));
    let dir = ca.client_dir(sb.path("home/c"), Some(&crate::support::certs::Leaf::CLIENT));
    let key = dir.join("key.pem");
    sb.write(
        CONFIG,
        format!(
            "[profiles.k]\nhost = \"tcp://h\"\ncerts = \"~/c\"\nkey-command = [\"cat\", {:?}]\n",
            key.display()
        ),
    );
    let args = ["-m", "--propagation", "private", "sh", "-c", PLACES, "sh"];
    let out = sb.sh("unshare", args).arg(sb.work()).run();
    let w = "[SB]/work";
    let no = "dctx: k: its key cannot be kept in";
    let wanted = format!(
        "== private\n{w}/r/dctx/keys/k\n700 {w}/r/dctx/keys\n\
         == disk\n/dev/shm/dctx-0/keys/k\n700 /dev/shm/dctx-0/keys\n\
         == disk, and the other one is open\n{no} {w}/disk, which is on a disk and not in memory\n\
         == open\n{no} {w}/r, which others can reach into (mode 0755)\n\
         == foreign\n{no} {w}/r, which belongs to somebody else\n\
         == link\n{no} {w}/r/dctx: there is no such directory\n\
         == ours is open\n{no} {w}/r/dctx, which others can reach into (mode 0775)\n\
         == none\n{no} /dev/shm/dctx-0, which others can reach into (mode 0755)\n\
         == none, and memory for all\n/dev/shm/dctx-0/keys/k\n700 /dev/shm/dctx-0/keys\n\
         key\ndisk\nmine\nr\n"
    );
    assert_eq!(out.out(), wanted, "{}", out.err());
}

/// The bytes that give a key away: the lines of its PEM, and the secret number as it is, in hexadecimal and in base64.
fn needles(key: &Path) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(key).unwrap();
    let mut out: Vec<Vec<u8>> = text
        .lines()
        .filter(|line| !line.starts_with('-'))
        .map(|line| line.as_bytes().to_vec())
        .collect();
    let der = std::process::Command::new("openssl")
        .args(["pkey", "-outform", "DER", "-in"])
        .arg(key)
        .output()
        .unwrap()
        .stdout;
    // PrivateKeyInfo of a P-256 key by openssl: 36 bytes before the secret (RFC 5958, RFC 5915)
    let secret = &der[36..68];
    out.push(secret.to_vec());
    out.push(secret.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes());
    out
}

fn has(hay: &[u8], needles: &[Vec<u8>]) -> bool {
    needles.iter().any(|needle| hay.windows(needle.len()).any(|window| window == needle.as_slice()))
}

/// Every file below `dir`, but those below `but`, that holds any of it; links are not followed.
fn leaks(dir: &Path, but: &[&Path], needles: &[Vec<u8>]) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let kind = entry.file_type().unwrap();
        if but.contains(&path.as_path()) {
            continue;
        }
        if kind.is_dir() {
            out.extend(leaks(&path, but, needles));
        } else if kind.is_file() && has(&fs::read(&path).unwrap_or_default(), needles) {
            out.push(path);
        }
    }
    out
}

/// Killed at any moment of `use`, a hundred times: no key outside its place and none that others can read; the next run
/// takes away what is left.
#[test]
fn killed_at_any_moment() {
    let Some((sb, vault)) = by_command() else { return };
    let needles = needles(&vault.join("key.pem"));
    let began = Instant::now();
    sh(&sb, "dctx use k --shell sh >/dev/null").done();
    let whole = began.elapsed().as_millis().max(5);
    let mut seed = 88_172_645_463_325_252_u64;
    let mut left = 0;
    for round in 0..100 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let after = u128::from(seed) % (whole + whole / 4);
        let script = format!(
            "dctx use k --shell sh >/dev/null 2>&1 & p=$!; sleep 0.{after:03}; kill -9 $p 2>/dev/null; wait"
        );
        sh(&sb, &script);
        let found = leaks(sb.dir(), &[&vault, &keys(&sb)], &needles);
        assert!(found.is_empty(), "round {round}: {found:?}");
        for dir in held(&sb) {
            use std::os::unix::fs::PermissionsExt as _;
            left += 1;
            let mode = |path: &Path| fs::metadata(path).map(|m| m.permissions().mode() & 0o777);
            assert_eq!(mode(&dir).unwrap(), 0o700);
            assert!(mode(&dir.join("key.pem")).unwrap_or(0o400) & 0o077 == 0);
        }
        sb.dctx(["reset", "--shell", "sh"]).run().done();
        assert!(held(&sb).is_empty(), "round {round}: {:?}", held(&sb));
    }
    println!(
        "100 kills within {whole} ms each left something {left} times, and the next run nothing"
    );
}

/// Searched for in everything that dctx prints, starts, writes and keeps: arguments, environment, standard output and
/// error, JSON, history, disk. Zero hits.
#[test]
fn it_is_nowhere_else() {
    let Some((mut sb, dir)) = sandbox() else { return };
    let (Some(_keyring), Some(strace)) = (Keyring::unlocked(&mut sb), require("strace")) else {
        return;
    };
    let needles = needles(&dir.join("key.pem"));
    assert_eq!(leaks(sb.dir(), &[], &needles), [dir.join("key.pem")], "it can be found at all");
    let trace = sb.path("trace");
    let before =
        ["-f", "-s", "1000000", "-v", "-e", "trace=execve", "-A", "-o", trace.to_str().unwrap()];
    let mut said = Vec::new();
    sb.dctx(["add", "k", "tcp://127.0.0.1:2376", "--certs"]).arg(&dir).run().done();
    for line in [
        "-v edit k --key keyring",
        "undo",
        "edit k --key keyring",
        "-v use k --shell bash",
        "-v use k --shell json",
        "-v use k --shell fish",
        "show k --json",
        "show k",
        "ls --json",
        "current --json",
        "exec k -- env",
        "exec k -- sh -c set",
        "rename k k2",
        "edit k2 --host tcp://127.0.0.2:2376",
        "-v reset --shell bash",
        "rm k2",
        "undo",
    ] {
        let dctx = crate::support::sandbox::dctx_bin().to_str().unwrap();
        let words = before.iter().copied().chain([dctx]).chain(line.split(' '));
        let out = sb.sh(&strace, words).run();
        said.extend_from_slice(&out.stdout);
        said.extend_from_slice(&out.stderr);
        let found = leaks(sb.dir(), &[&keys(&sb)], &needles);
        assert!(found.is_empty(), "{line}: {found:?}");
    }
    assert!(!has(&said, &needles));
    let traced = fs::read(&trace).unwrap();
    assert!(
        traced.windows(6).filter(|window| window == b"execve").count() > 17,
        "arguments were seen"
    );
    sb.dctx(["reset", "--shell", "sh"]).run().done();
}
