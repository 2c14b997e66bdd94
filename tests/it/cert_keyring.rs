//! What `cert` puts into the keyring: a client's key that never was in a file, and the passphrase of a CA's key that
//! nobody has to type. openssl and the keyring's own program say whether it is right; a command that fails takes
//! both out again.

use std::fs;
use std::path::Path;

use crate::cert_make::{cert, certs, tree};
use crate::support::dockerd::{Dockerd, free_port};
use crate::support::keyring::{Keyring, held, public};
use crate::support::profiles::config;
use crate::support::terminal::Terminal;
use crate::support::{Output, Sandbox, require};

/// A sandbox in memory and an unlocked keyring.
#[track_caller]
fn unlocked() -> Option<(Sandbox, Keyring)> {
    require("openssl")?;
    require("secret-tool")?;
    let mut sb = Sandbox::in_memory();
    let keyring = Keyring::unlocked(&mut sb)?;
    Some((sb, keyring))
}

/// `dctx cert LINE`; once more where a busy machine was too slow for the keyring's deadline, which changes nothing.
#[track_caller]
fn made(sb: &Sandbox, line: &str) -> Output {
    for _ in 0..9 {
        let out = cert(sb, line).run();
        if !out.err().contains("did not answer within") {
            out.done();
            return out;
        }
    }
    let out = cert(sb, line).run();
    out.done();
    out
}

/// What the keyring's own program says of dctx's entries: their labels, sorted; and the secrets of those that begin so.
fn entries(sb: &Sandbox) -> Vec<(String, String)> {
    let out = sb.sh("secret-tool", ["search", "--all", "service", "dctx"]).run();
    let text = out.out();
    let value = |line: &str, name: &str| line.strip_prefix(name).map(str::to_owned);
    let mut all = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut label = String::new();
    for line in text.lines() {
        if let Some(found) = value(line, "label = ") {
            // what tells one from a former one of that name is another in each
            let (what, id) = found.rsplit_once(" (").unwrap();
            assert_eq!(id.trim_end_matches(')').len(), 8, "{found}");
            assert!(seen.insert(found.clone()), "twice: {found}");
            label = what.to_owned();
        } else if let Some(secret) = value(line, "secret = ") {
            all.push((std::mem::take(&mut label), secret));
        }
    }
    all.sort();
    all
}

fn labels(sb: &Sandbox) -> Vec<String> {
    entries(sb).into_iter().map(|(label, _)| label).collect()
}

/// Whether this passphrase opens the CA's key, in openssl's eyes.
fn opens(sb: &Sandbox, key: &Path, passphrase: &str) -> bool {
    let pass = format!("pass:{passphrase}");
    let args = ["pkey", "-noout", "-in", key.to_str().unwrap(), "-passin", &pass];
    sb.sh("openssl", args).run().status.success()
}

/// The files below a directory that hold a private key that anybody could use.
fn open_keys(dir: &Path) -> Vec<String> {
    let plain = |name: &str| {
        let text = fs::read_to_string(dir.join(name)).unwrap_or_default();
        text.contains("PRIVATE KEY") && !text.contains("ENCRYPTED")
    };
    tree(dir).into_iter().map(|(name, _)| name).filter(|name| plain(name)).collect()
}

const LABEL: &str = "dctx: passphrase of the CA of lab";
const KEY: &str = "dctx: private key of lab";

/// Two commands, nothing typed, and no key of the client's or the CA's in a file that anybody could use.
#[test]
fn nothing_is_typed_and_no_key_lies_around() {
    let Some((sb, mut keyring)) = unlocked() else { return };
    let out = made(&sb, "new lab --host tcp://10.0.0.1 --key keyring");
    let err = out.err();
    assert!(err.contains("; its key is in the keyring, and in no file\n"), "{err}");
    assert!(err.contains(&format!("is in the keyring, as \"{LABEL} (")), "{err}");
    let dir = certs(&sb, "lab");
    assert_eq!(open_keys(&dir), ["server/server-key.pem"]);
    assert!(config(&sb).unwrap().contains("\nkey = \"keyring\"\n"));
    let all = entries(&sb);
    let [(first, passphrase), (second, key)] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((first.as_str(), second.as_str()), (LABEL, KEY));
    let ca_key = dir.join("ca/ca-key.pem");
    assert!(opens(&sb, &ca_key, passphrase) && !opens(&sb, &ca_key, "another"));
    assert!(!out.err().contains(passphrase.as_str()) && !out.err().contains(key.as_str()));
    // what it is, on disk nowhere else
    for (what, secret) in &all {
        let there = sb.sh("grep", ["-rlF", secret]).arg(sb.path("home")).run().out();
        assert_eq!(there, "", "{what}");
    }
    // the key is the certificate's
    sb.dctx(["exec", "lab", "--", "sh", "-c", "cp $DOCKER_CERT_PATH/key.pem copy.pem"])
        .run()
        .done();
    let mine = public(&["x509", "-noout", "-pubkey"], &dir.join("cert.pem"));
    assert_eq!(public(&["pkey", "-pubout"], &sb.work().join("copy.pem")), mine);
    let shown = cert(&sb, "show lab").run();
    assert!(shown.done().err().contains("your private key is in the keyring\n"), "{}", shown.err());

    // renewed with the same key: none is needed, and none appears
    made(&sb, "renew lab --san 10.0.0.2");
    assert_eq!(public(&["x509", "-noout", "-pubkey"], &dir.join("cert.pem")), mine);
    // and with another: both are kept, so that the former generation still works
    made(&sb, "renew lab --client --rekey");
    assert_ne!(public(&["x509", "-noout", "-pubkey"], &dir.join("cert.pem")), mine);
    assert_eq!(labels(&sb), [LABEL, KEY, KEY]);
    assert_eq!(open_keys(&dir), ["previous/server/server-key.pem", "server/server-key.pem"]);
    sb.dctx(["exec", "lab", "--", "true"]).run().done();

    // a CA that takes over has a passphrase of its own, which goes with the file that it closes
    for _ in 0..4 {
        made(&sb, "rotate-ca lab");
    }
    assert_eq!(labels(&sb), [LABEL, LABEL, KEY, KEY]);
    made(&sb, "client lab --for ana --out ana.toml");

    // another host of the same CA
    made(&sb, "new two --host tcp://10.0.0.2 --ca lab --key keyring");
    // without the keyring it is asked for, and there is no terminal to ask on; with the plain way, too
    keyring.stop();
    let out = cert(&sb, "client lab --for bob --out bob.toml").run();
    out.is(
        7,
        "",
        "dctx: a passphrase for the CA's key is needed, the keyring cannot be used (no keyring is running), \
         and there is no terminal to ask on\n\
         hint: to let a command print it: dctx cert client lab --for bob --out bob.toml \
         --ca-key-command 'pass show docker/ca'\n",
    );
    let out = cert(&sb, "new three --host tcp://10.0.0.3 --no-passphrase --key keyring").run();
    out.is(
        4,
        "",
        "dctx: the keyring cannot keep the key: no keyring is running; nothing was changed\n\
         hint: to keep the key in a file that you alone can read: dctx cert new three --host tcp://10.0.0.3 --no-passphrase --key file\n",
    );
    let out = cert(&sb, "new three --host tcp://10.0.0.3 --keep-passphrase").run();
    out.is(
        4,
        "",
        "dctx: the keyring cannot keep the passphrase: no keyring is running; nothing was changed\n\
         hint: to type it each time: dctx cert new three --host tcp://10.0.0.3\n",
    );
    assert!(!certs(&sb, "three").exists() && !config(&sb).unwrap().contains("three"));
}

/// Every way in: copied, handed over, asked for; and the real daemon lets them in.
#[test]
fn keys_from_elsewhere_go_there_too() {
    if require("docker").is_none() || require("dockerd").is_none() {
        return;
    }
    let Some((sb, _keyring)) = unlocked() else { return };
    let port = free_port();
    made(&sb, &format!("new lab --host tcp://127.0.0.1:{port} --no-passphrase"));
    made(&sb, "client lab --for ana --out ana.toml");
    let out = made(&sb, "import ana.toml --as ana --key keyring");
    assert!(out.err().contains("still in the file that it came from\nhint: "), "{}", out.err());
    assert!(out.err().contains(": rm ana.toml\n"), "{}", out.err());
    made(&sb, "request bob --key keyring --out bob.csr");
    assert_eq!(open_keys(&certs(&sb, "bob")), [] as [&str; 0]);
    made(&sb, "sign lab bob.csr --for bob --out bob.toml");
    // a certificate of somebody else's is none for the key that waits
    made(&sb, "request eve --out eve.csr");
    made(&sb, "sign lab eve.csr --for eve --out eve.toml");
    let out = cert(&sb, "import eve.toml --as bob").run();
    assert_eq!(out.code(), 4, "{}", out.err());
    made(&sb, "import bob.toml --as bob");
    let from = certs(&sb, "lab");
    let copied = sb.dctx(["cert", "copy", "carl"]).arg(&from).args(["--host"]);
    copied.arg(format!("tcp://127.0.0.1:{port}")).args(["--key", "keyring"]).run().done();
    for name in ["ana", "bob", "carl"] {
        let open = open_keys(&certs(&sb, name));
        assert!(open.iter().all(|file| file.starts_with("server/")), "{name}: {open:?}");
    }
    let Some(daemon) = Dockerd::serve(&from.join("server"), port) else { return };
    let reaches = |name: &str, daemon: &Dockerd| {
        let out = sb.dctx(["exec", name, "--", "docker", "info", "-f", "{{.Labels}}"]).run();
        assert_eq!(out.done().out().trim_end(), daemon.label(), "{name}");
    };
    ["ana", "bob", "carl"].iter().for_each(|name| reaches(name, &daemon));
    drop(daemon);

    // pinned: the key that signs itself is fetched for that, and stays where it is
    let port = free_port();
    made(&sb, &format!("new pin --host tcp://127.0.0.1:{port} --pin --key keyring"));
    made(&sb, "renew pin");
    made(&sb, "renew pin --client --rekey");
    let Some(daemon) = Dockerd::serve(&certs(&sb, "pin").join("server"), port) else { return };
    reaches("pin", &daemon);
}

/// A command that fails after the keyring has been given something takes it out again.
#[test]
fn what_fails_leaves_nothing_in_the_keyring() {
    let Some((sb, _keyring)) = unlocked() else { return };
    let Some(strace) = require("strace") else { return };
    let dctx = crate::support::sandbox::dctx_bin().to_str().unwrap();
    let failing = |line: &str| {
        let calls = "rename,renameat,renameat2";
        let strace_args =
            format!("-f -qq -o /dev/null -e trace={calls} -e inject={calls}:error=EROFS");
        let args = strace_args.split(' ').chain([dctx, "cert"]).chain(line.split(' '));
        let out = sb.sh(&strace, args).run();
        assert!(
            out.code() != 0 && out.err().contains("Read-only file system"),
            "{line}: {}",
            out.err()
        );
    };
    failing("new lab --host tcp://10.0.0.1 --key keyring");
    assert_eq!(labels(&sb), [] as [&str; 0]);
    made(&sb, "new lab --host tcp://10.0.0.1 --key keyring");
    let before = entries(&sb);
    failing("renew lab --rekey");
    failing("rotate-ca lab");
    failing("request bob --key keyring --out bob.csr");
    assert_eq!(entries(&sb), before);
    made(&sb, "renew lab --client --rekey");
    assert_ne!(entries(&sb), before);
    sb.dctx(["exec", "lab", "--", "true"]).run().done();
    // what was there before is not taken along: the same key, once more
    made(&sb, "request eve --key keyring --out eve.csr");
    made(&sb, "sign lab eve.csr --for eve --out eve.toml");
    let before = entries(&sb);
    failing("import eve.toml --as eve");
    assert_eq!(entries(&sb), before);
    made(&sb, "import eve.toml --as eve");
}

/// A program's key cannot be made anew, and that is said before anything is made.
#[test]
fn a_key_of_a_program_stays_its_own() {
    let Some((sb, _keyring)) = unlocked() else { return };
    made(&sb, "new lab --host tcp://10.0.0.1 --no-passphrase");
    let dir = certs(&sb, "lab");
    let program = sb.path("home/my-key.pem");
    fs::rename(dir.join("key.pem"), &program).unwrap();
    let text = config(&sb).unwrap();
    sb.write(
        "home/.config/dctx/config.toml",
        format!("{text}key-command = [\"cat\", \"{}\"]\n", program.display()),
    );
    sb.dctx(["exec", "lab", "--", "true"]).run().done();
    made(&sb, "renew lab --client");
    sb.dctx(["exec", "lab", "--", "true"]).run().done();
    let before = tree(&dir);
    let out = cert(&sb, "renew lab --client --rekey").run();
    out.is(
        4,
        "",
        "dctx: lab has its key from key-command, where dctx can put no new one\n\
         hint: take key-command out, or make the certificates of another profile: dctx edit lab\n",
    );
    assert_eq!(tree(&dir), before);
    assert_eq!(held(&sb), [] as [std::path::PathBuf; 0]);
}

/// Typed once, kept, and never again; a kept one that does not fit is told, and asked for.
#[test]
fn what_is_typed_can_be_kept() {
    let Some((sb, _keyring)) = unlocked() else { return };
    sb.sh("mkdir", ["-m", "700", "theirs"]).run().done();
    let theirs = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 100 -subj /CN=theirs \
        -addext keyUsage=critical,keyCertSign,cRLSign -passout pass:their-own -keyout theirs/ca-key.pem -out theirs/ca.pem";
    sb.sh("sh", ["-c", theirs]).run().done();
    sb.sh("chmod", ["400", "theirs/ca-key.pem"]).run().done();
    let Some(term) = Terminal::start(&sb, &["sh"]) else { return };
    let dctx = crate::support::sandbox::dctx_bin().display().to_string();
    let run = |line: &str| {
        term.line("clear");
        term.until("a clear screen", |screen| !screen.contains("status"));
        term.line(&format!("clear; {dctx} cert {line}; echo status $?"));
    };
    let asked = |question: &str, times: usize| {
        term.until(question, |screen| screen.matches(question).count() == times)
    };
    let theirs = "theirs/ca-key.pem:";
    // wrong twice, then right, and kept
    run("new lab --host tcp://10.0.0.1 --ca theirs --keep-passphrase");
    asked(theirs, 1);
    term.line("wrong");
    asked(theirs, 2);
    term.line("wrong again");
    asked(theirs, 3);
    term.line("their-own");
    let screen = term.shows("status 0");
    assert_eq!(screen.matches("dctx: wrong passphrase").count(), 2, "{screen}");
    assert!(screen.contains("theirs/ca-key.pem from now on"));
    assert!(!screen.contains("their-own"), "{screen}");
    assert_eq!(entries(&sb), [(LABEL.to_owned(), "their-own".to_owned())]);
    // from now on nobody is asked, whichever profile it is for; unless that is asked for
    made(&sb, "client lab --for ana --out ana.toml");
    made(&sb, "new two --host tcp://10.0.0.2 --ca theirs");
    run("client lab --for bob --out bob.toml --ask-passphrase");
    for times in 1..=3 {
        asked("/ca-key.pem:", times);
        term.line("wrong");
    }
    term.shows("status 4");
    assert!(!sb.work().join("bob.toml").exists());
    // the key's passphrase has been changed since: that is told, and asked for
    let change = "openssl pkcs8 -topk8 -in theirs/ca-key.pem -passin pass:their-own -out new.pem -passout pass:another \
        && mv -f new.pem theirs/ca-key.pem && chmod 400 theirs/ca-key.pem";
    sb.sh("sh", ["-c", change]).run().done();
    run("client lab --for bob --out bob.toml --keep-passphrase");
    asked("Passphrase of ", 1);
    term.line("another");
    let screen = term.shows("status 0");
    assert!(screen.contains("dctx: what the keyring has does not open "), "{screen}");
    assert_eq!(entries(&sb), [(LABEL.to_owned(), "another".to_owned())]);
    // a new CA's, typed and kept: it can be known without the keyring, too
    run("new own --host tcp://10.0.0.3 --ask-passphrase --keep-passphrase");
    term.shows("Passphrase for the new CA's key:");
    term.line("mine alone");
    term.shows("The same again:");
    term.line("mine alone");
    let screen = term.shows("status 0");
    assert!(screen.contains("as \"dctx: passphrase of the CA of own ("), "{screen}");
    assert!(opens(&sb, &certs(&sb, "own").join("ca/ca-key.pem"), "mine alone"));
    made(&sb, "client own --for ana --out own.toml");
    // typed and not kept: as long as there is somebody who knows it
    run("new typed --host tcp://10.0.0.4 --ask-passphrase");
    term.shows("Passphrase for the new CA's key:");
    term.line("in my head");
    term.shows("The same again:");
    term.line("in my head");
    let screen = term.shows("status 0");
    assert!(!screen.contains("keyring"), "{screen}");
    assert_eq!(labels(&sb).len(), 2);
    let out = cert(&sb, "client typed --for ana --out typed.toml").run();
    assert!(out.err().contains("the keyring cannot be used (it has none)"), "{}", out.err());
}

/// The way back into a file is taken as it is advised, also where a directory of certificates is named, and everything
/// goes on from there.
#[test]
fn a_key_comes_out_of_the_keyring_into_any_file() {
    let Some((sb, _keyring)) = unlocked() else { return };
    made(&sb, "new lab --host tcp://10.0.0.1 --key keyring");
    let dir = certs(&sb, "lab");
    let file = sb.path("home/lab-key.pem");
    let edit = |args: &[&str]| sb.dctx(["edit", "lab"].iter().chain(args)).run().done().err();
    edit(&["--key", file.to_str().unwrap()]);
    let mine = public(&["x509", "-noout", "-pubkey"], &dir.join("cert.pem"));
    assert_eq!(public(&["pkey", "-pubout"], &file), mine);
    let copied = ["exec", "lab", "--", "sh", "-c", "cp $DOCKER_CERT_PATH/key.pem copy.pem"];
    sb.dctx(copied).run().done();
    assert_eq!(public(&["pkey", "-pubout"], &sb.work().join("copy.pem")), mine);
    // renewed with the key that is there; a new one would have no place
    made(&sb, "renew lab");
    let out = cert(&sb, "renew lab --rekey").run();
    assert!(out.code() == 4 && out.err().contains("writes no new one"), "{}", out.err());
    sb.dctx(["use", "lab", "--shell", "json"]).run().done();
    // a program prints it, and then a file has it again
    let text = config(&sb).unwrap();
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with("key = "))
        .fold(String::new(), |text, line| text + line + "\n");
    let command = format!("{text}key-command = [\"cat\", \"{}\"]\n", file.display());
    sb.write("home/.config/dctx/config.toml", &command);
    sb.dctx(["exec", "lab", "--", "true"]).run().done();
    edit(&["--key", file.to_str().unwrap()]);
    assert!(!config(&sb).unwrap().contains("key-command"));
    sb.write("home/.config/dctx/config.toml", &command);
    edit(&["--key", "keyring"]);
    assert!(!config(&sb).unwrap().contains("key-command"));
    sb.dctx(["exec", "lab", "--", "true"]).run().done();
}

/// A key that is not fetched is no key that is missing.
#[test]
fn offline_a_key_elsewhere_is_said_to_be_there() {
    let Some((sb, _keyring)) = unlocked() else { return };
    made(&sb, "new lab --host tcp://10.0.0.1 --key keyring");
    let offline = || sb.dctx(["check", "lab", "--offline"]).run();
    let out = offline();
    assert!(
        out.done().out().contains("the key is in the keyring, and was not fetched"),
        "{}",
        out.out()
    );
    assert!(!out.out().contains("no client certificate"), "{}", out.out());
    let text = config(&sb).unwrap().replace("key = \"keyring\"", "key-command = [\"false\"]");
    sb.write("home/.config/dctx/config.toml", text);
    let out = offline();
    assert!(out.done().out().contains("was not run"), "{}", out.out());
    // with a passphrase
    made(&sb, "new two --host tcp://10.0.0.1 --no-passphrase");
    let dir = certs(&sb, "two");
    let script = "openssl pkcs8 -topk8 -in key.pem -passout pass:geheim -out k && chmod 400 k && mv -f k key.pem";
    sb.sh("sh", ["-ec", script]).cwd(&dir).run().done();
    let out = sb.dctx(["check", "two", "--offline"]).run();
    assert!(
        out.done().out().contains("has a passphrase, which was not asked for"),
        "{}",
        out.out()
    );
    assert!(out.out().contains("days left"), "the certificate is looked at: {}", out.out());
    // without a terminal there is a better way than a key without a passphrase
    let out = sb.dctx(["check", "two", "--no-input"]).run();
    assert_eq!(out.code(), 4, "{}", out.out());
    let (keyring, strip) = (out.out().find("--key keyring"), out.out().find("openssl pkey"));
    assert!(keyring.is_some() && keyring < strip, "{}", out.out());
}
