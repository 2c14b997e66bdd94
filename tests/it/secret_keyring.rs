//! A key in the keyring is the key that was in its file, and comes back as that; a keyring that cannot be asked is one
//! clear sentence in bounded time; nothing but `--purge` loses one.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::dockerd::Dockerd;
use crate::support::keyring::{Keyring, held, keys, public, sandbox};
use crate::support::profiles::{CONFIG, config};
use crate::support::{Output, Sandbox, require};

/// The advice that every failure of the keyring ends with.
const WITHOUT: &str = "\
hint: with the key in a file instead: dctx edit k --key FILE
hint: or let a program print it, with key-command = [\"pass\", \"show\", \"NAME\"]: dctx edit k
";

/// `dctx LINE`; once more where a busy machine was too slow for the keyring's deadline, which changes nothing.
fn dctx(sb: &Sandbox, line: &str) -> Output {
    for _ in 0..9 {
        let out = sb.dctx(line.split(' ')).run();
        if !out.err().contains("which did not answer within") {
            return out;
        }
    }
    sb.dctx(line.split(' ')).run()
}

/// A sandbox whose profile `k` has its key in the keyring.
#[track_caller]
fn moved() -> Option<(Sandbox, Keyring)> {
    let (mut sb, dir) = sandbox()?;
    let keyring = Keyring::unlocked(&mut sb)?;
    let args = ["add", "k", "tcp://127.0.0.1:2376", "--key", "keyring", "--certs"];
    sb.dctx(args).arg(dir).run().done();
    Some((sb, keyring))
}

#[test]
fn there_and_back() {
    let Some((mut sb, dir)) = sandbox() else { return };
    let Some(_keyring) = Keyring::unlocked(&mut sb) else { return };
    let key = dir.join("key.pem");
    let was = public(&["pkey", "-pubout"], &key);
    sb.dctx(["add", "k", "tcp://127.0.0.1:2376", "--certs"]).arg(&dir).run().done();
    let out = dctx(&sb, "edit k --key keyring");
    let said = "dctx: changed k\n\
        dctx: the key is in the keyring, and was read back from there; removed its file ~/c/key.pem \
        (backups and old blocks of the disk may still have it)\n";
    out.ok("", said);
    assert!(!key.exists());
    let text = config(&sb).unwrap();
    assert!(text.contains("certs = \"~/c\"\nkey = \"keyring\"\n"), "{text}");
    let shown = dctx(&sb, "show k").out();
    assert!(shown.contains("key         in the keyring\n"), "{shown}");
    let json: serde_json::Value = serde_json::from_str(&dctx(&sb, "show k --json").out()).unwrap();
    assert_eq!(
        json["certificates"][2],
        serde_json::json!({"role": "key", "path": "keyring", "error": null})
    );
    assert_eq!(held(&sb), [] as [std::path::PathBuf; 0], "show makes nothing");

    // what stands there while it is used, whose it is and who can read it
    let script = r#"eval "$(dctx use k --shell sh)" && stat -c '%a %u %F %n' "$DOCKER_CERT_PATH" "$DOCKER_CERT_PATH"/*"#;
    let out = sb.sh("sh", ["-c", script]).run();
    let dir_in_memory = held(&sb);
    let [there] = dir_in_memory.as_slice() else { panic!("{dir_in_memory:?}") };
    let name = there.file_name().unwrap().to_str().unwrap();
    let at = format!("[SB]/run/dctx/keys/{name}");
    let uid = fs::metadata(sb.dir()).unwrap().uid();
    out.ok(
        &format!(
            "700 {uid} directory {at}\n777 {uid} symbolic link {at}/ca.pem\n\
             444 {uid} regular file {at}/cert.pem\n400 {uid} regular file {at}/key.pem\n\
             700 {uid} directory {at}/refs\n"
        ),
        "",
    );
    assert_eq!(public(&["pkey", "-pubout"], &there.join("key.pem")), was);
    for dir in [keys(&sb), keys(&sb).parent().unwrap().to_owned()] {
        assert_eq!(fs::metadata(dir).unwrap().permissions().mode() & 0o7777, 0o700);
    }

    // and back into the file that the directory of certificates has it in
    let out = sb.dctx(["edit", "k", "--key"]).arg(&key).run();
    let said = "dctx: changed k; to take it back: dctx undo\n\
        dctx: the key is in ~/c/key.pem (mode 0400); the keyring keeps it too\n";
    out.ok("", said);
    assert_eq!(public(&["pkey", "-pubout"], &key), was);
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o7777, 0o400);
    assert!(!config(&sb).unwrap().contains("key ="), "{:?}", config(&sb));
    let out = dctx(&sb, "use k --shell sh").done().out();
    assert!(out.contains("DOCKER_CERT_PATH='[SB]/home/c'"), "{out}");
    // that undo is undone as any other
    dctx(&sb, "undo").done();
    dctx(&sb, "exec k -- true").done();
}

/// A key that is another certificate's, or of a kind that cannot be told, stays in its file; so does one that two
/// profiles need.
#[test]
fn what_is_not_sure_stays() {
    let Some((mut sb, dir)) = sandbox() else { return };
    let Some(_keyring) = Keyring::unlocked(&mut sb) else { return };
    let openssl = |line: &str| {
        let out = sb.sh("openssl", line.split(' ')).cwd(&dir).run();
        out.done();
    };
    openssl("ecparam -name prime256v1 -genkey -noout -out other.pem");
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-521 -nodes -subj /CN=x -keyout whole.pem -out p521-cert.pem",
    );
    // without its public half, which nobody here computes
    openssl("ec -in whole.pem -no_public -out p521.pem");
    for file in ["other.pem", "p521.pem"] {
        crate::support::profiles::mode(dir.join(file), 0o400);
    }
    let add = |name: &str, cert: &str, key: &str| {
        let line = format!("add {name} tcp://h --ca ca.pem --cert {cert} --key {key}");
        sb.dctx(line.split(' ')).cwd(&dir).run().done();
    };
    // `add` refuses a key of another certificate
    add("mixed", "cert.pem", "key.pem");
    let text = config(&sb).unwrap();
    assert_eq!(text.matches("key.pem").count(), 1, "{text}");
    sb.write(CONFIG, text.replace("key.pem", "other.pem"));
    add("large", "p521-cert.pem", "p521.pem");
    add("one", "cert.pem", "key.pem");
    add("two", "cert.pem", "key.pem");
    let before = config(&sb);
    let mixed = dctx(&sb, "edit mixed --key keyring");
    mixed.is(
        4,
        "",
        "dctx: mixed: the key in [SB]/home/c/other.pem does not belong to the certificate [SB]/home/c/cert.pem\n\
         hint: see which certificate it is: dctx show mixed\n",
    );
    let large = dctx(&sb, "edit large --key keyring");
    large.is(
        4,
        "",
        "dctx: large: dctx cannot tell whether the key in [SB]/home/c/p521.pem belongs to its certificate, \
         so it stays where it is\n",
    );
    assert_eq!(config(&sb), before);
    assert!(dir.join("other.pem").exists() && dir.join("p521.pem").exists());
    let one = dctx(&sb, "edit one --key keyring");
    one.ok(
        "",
        "dctx: changed one\n\
         dctx: the key is in the keyring; its file ~/c/key.pem stays, because two needs it\n",
    );
    // without a file the keyring has to have it
    let line = "add three tcp://h --ca ca.pem --cert p521-cert.pem --key keyring";
    let out = sb.dctx(line.split(' ')).cwd(&dir).run();
    assert_eq!((out.code(), config(&sb).unwrap().contains("three")), (4, false), "{}", out.err());
    assert!(out.err().starts_with("dctx: three: the keyring has no key for its certificate\n"));
    let line = "add four tcp://h --ca ca.pem --cert cert.pem --key keyring";
    sb.dctx(line.split(' ')).cwd(&dir).run().done();
}

#[test]
fn nothing_but_purge_loses_a_key() {
    let Some((mut sb, dir)) = sandbox() else { return };
    let Some(_keyring) = Keyring::unlocked(&mut sb) else { return };
    sb.dctx(["add", "k", "tcp://h", "--certs"]).arg(&dir).run().done();
    dctx(&sb, "edit k --key keyring").done();
    // the line comes back, the file does not, and that is said with the way to it
    let out = dctx(&sb, "undo");
    let err = out.err();
    let (first, rest) = err.split_once('\n').unwrap();
    assert_eq!(first, "dctx: k is as before; to redo: dctx undo");
    assert_eq!(
        rest,
        "dctx: k: the key is in the keyring, and not in ~/c/key.pem\n\
         hint: to use it from there: dctx edit k --key keyring\n\
         hint: to have the file back: dctx edit k --key keyring && dctx edit k --key [SB]/home/c/key.pem\n"
    );
    dctx(&sb, "edit k --key keyring").done();
    let out = dctx(&sb, "rm k");
    out.ok(
        "",
        "dctx: removed k; to take it back: dctx undo\n\
         dctx: the private key of k stays in the keyring, so that undo loses nothing\n\
         hint: to delete both for ever: dctx undo && dctx rm k --purge\n",
    );
    dctx(&sb, "undo").done();
    dctx(&sb, "rename k kk").done();
    dctx(&sb, "exec kk -- true").done();
    // another profile with the same certificate needs it
    sb.dctx(["add", "k2", "tcp://h2", "--key", "keyring", "--certs"]).arg(&dir).run().done();
    let out = dctx(&sb, "rm kk --purge");
    assert!(out.err().contains("stays in the keyring, because k2 needs it"), "{}", out.err());
    dctx(&sb, "exec k2 -- true").done();
    dctx(&sb, "rm k2 --purge").ok(
        "",
        "dctx: removed k2; to take it back: dctx undo\n\
         dctx: deleted the private key of k2 from the keyring; undo brings the profile back, and not the key\n",
    );
    dctx(&sb, "undo").done();
    let out = dctx(&sb, "use k2 --shell sh");
    out.is(
        4,
        "(exit 4);\n",
        &format!(
            "dctx: k2: the keyring has no key for its certificate\n{}",
            WITHOUT.replace("edit k", "edit k2")
        ),
    );
}

/// One sentence each, exit 4, a statement that fails, no key anywhere; and no waiting for ever.
#[test]
fn a_keyring_that_cannot_be_asked() {
    let Some((mut sb, mut keyring)) = moved() else { return };
    let sure = |what: &str, says: &str, out: &Output, began: Instant| {
        let took = began.elapsed();
        println!("{what}: {took:?}");
        assert!(took < Duration::from_secs(30), "{what}: {took:?}");
        let err = out.err();
        assert_eq!((out.code(), out.out().as_str()), (4, "(exit 4);\n"), "{what}: {err}");
        let (first, rest) = err.split_once('\n').unwrap();
        assert!(
            first.starts_with(&format!("dctx: k: its key is in the keyring{says}")),
            "{what}: {err}"
        );
        assert!(rest.ends_with(WITHOUT), "{what}: {err}");
    };
    let ask = |sb: &Sandbox| (Instant::now(), sb.dctx(["use", "k", "--shell", "sh"]).run());
    // a shell that has it made ready, and does not go there
    let script = "dctx use k --shell sh >used && dctx reset --shell sh >left && dctx reset --shell sh >left; exit $?";
    sb.sh("sh", ["-c", script]).run().done();
    assert_eq!(held(&sb), [] as [std::path::PathBuf; 0]);

    keyring.signal(Signal::STOP);
    let (began, out) = ask(&sb);
    keyring.signal(Signal::CONT);
    sure("frozen", ", which did not answer within ", &out, began);

    keyring.stop();
    let (began, out) = ask(&sb);
    sure("no service", ", and no keyring is running", &out, began);

    keyring.start(&sb, false);
    let (began, out) = ask(&sb);
    sure("locked", ", which is locked", &out, began);
    assert!(out.err().contains("hint: unlock it: "), "{}", out.err());
    keyring.stop();

    drop(keyring);
    let (began, out) = ask(&sb);
    sure("bus gone", ", and there is no session bus here to ask one", &out, began);
    sb.set_env("DBUS_SESSION_BUS_ADDRESS", "");
    let (began, out) = ask(&sb);
    sure("no bus", ", and there is no session bus here to ask one", &out, began);
    let zh = sb.dctx(["use", "k", "--shell", "sh"]).env("LC_ALL", "zh_CN.UTF-8").run().err();
    assert!(zh.starts_with("dctx: k：私钥在密钥环中，但当前会话没有 D-Bus 总线可用\n"), "{zh}");
    assert_eq!(held(&sb), [] as [std::path::PathBuf; 0]);
}

/// What is asked of the keyring once is not asked again by any other shell.
#[test]
fn the_second_shell_asks_nobody() {
    let Some((sb, mut keyring)) = moved() else { return };
    let strace = require("strace");
    let script = "eval \"$(dctx use k --shell sh)\" && echo ready && read -r _";
    let mut first = sb.sh("sh", ["-c", script]).into_command();
    let mut first = first
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = first.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    assert_eq!(line, "ready\n");
    keyring.stop();
    let began = Instant::now();
    dctx(&sb, "use k --shell sh").done();
    println!("second use: {:?}", began.elapsed());
    if let Some(strace) = strace {
        let trace = sb.path("trace");
        let dctx = crate::support::sandbox::dctx_bin().to_str().unwrap();
        let args = ["-f", "-e", "trace=clone,clone3,socket,connect", "-o"];
        let words =
            args.into_iter().chain([trace.to_str().unwrap(), dctx, "use", "k", "--shell", "sh"]);
        sb.sh(strace, words).run().done();
        let text = fs::read_to_string(trace).unwrap();
        let calls: Vec<&str> = text.lines().filter(|line| line.contains('(')).collect();
        assert_eq!(calls, [] as [&str; 0], "no thread, no socket");
    }
    drop(first.stdin.take());
    first.wait().unwrap();
}

/// The real client and the real daemon: in after `use`, out after `reset`.
#[test]
fn docker_works_with_it() {
    let Some(daemon) = Dockerd::mutual() else { return };
    if require("docker").is_none() || require("bash").is_none() {
        return;
    }
    let mut sb = Sandbox::in_memory();
    let Some(_keyring) = Keyring::unlocked(&mut sb) else { return };
    let dir = sb.path("home/c");
    sb.sh("cp", ["-r"]).arg(&daemon.certs).arg(&dir).run().done();
    sb.dctx(["add", "k", &daemon.tcp(), "--key", "keyring", "--certs"]).arg(&dir).run().done();
    assert!(!dir.join("key.pem").exists());
    let script = r#"
        eval "$(dctx use k)" || exit 9
        docker info -f '{{.Labels}}' || exit 8
        path=$DOCKER_CERT_PATH host=$DOCKER_HOST
        eval "$(dctx reset)"
        # without the hook it is seen by the next one that this shell has left it
        eval "$(dctx reset)"
        ls "$path" 2>/dev/null && exit 7
        DOCKER_CERT_PATH=$path DOCKER_HOST=$host DOCKER_TLS_VERIFY=1 docker version && exit 6
        dctx exec k -- docker info -f '{{.Labels}}' || exit 5
        exit 0"#;
    let out = sb.sh("bash", ["--norc", "-c", script]).run();
    let label = daemon.label();
    let all = out.out();
    assert_eq!(out.code(), 0, "{all}\n{}", out.err());
    assert_eq!(all.matches(&label).count(), 2, "{all}\n{}", out.err());
}

/// The time of `use` with a key in a file, and in the keyring for the first and for the second shell. Printed, not judged.
#[test]
fn what_it_costs() {
    let Some((mut sb, dir)) = sandbox() else { return };
    let Some(_keyring) = Keyring::unlocked(&mut sb) else { return };
    let plain = sb.path("home/plain");
    sb.sh("cp", ["-rp"]).arg(&dir).arg(&plain).run().done();
    sb.dctx(["add", "p", "tcp://h", "--certs"]).arg(&plain).run().done();
    sb.dctx(["add", "k", "tcp://h", "--key", "keyring", "--certs"]).arg(&dir).run().done();
    for (what, script) in [
        ("in a file", "dctx use p --shell sh"),
        ("in the keyring", "dctx use k --shell sh"),
        ("in the keyring, again", "dctx use k --shell sh; dctx use k --shell sh"),
    ] {
        let began = Instant::now();
        sb.sh("sh", ["-c", script]).run().done();
        println!("use with the key {what}: {:?}", began.elapsed());
    }
}

/// The passphrase of a key file, put there as the README says: nobody is asked, and a wrong one opens nothing.
#[test]
fn the_passphrase_of_a_key_file_is_found_there() {
    let Some((mut sb, dir)) = sandbox() else { return };
    let Some(_keyring) = Keyring::unlocked(&mut sb) else { return };
    if require("secret-tool").is_none() {
        return;
    }
    let close = "openssl pkcs8 -topk8 -v2 aes-256-cbc -in key.pem -passout pass:'open it' -out closed.pem \
        && chmod 400 closed.pem";
    sb.sh("sh", ["-c", close]).cwd(&dir).run().done();
    let line = "add k tcp://127.0.0.1:2376 --ca ca.pem --cert cert.pem --key closed.pem";
    sb.dctx(line.split(' ')).cwd(&dir).run().done();
    let store = |passphrase: &str| {
        let user = format!("passphrase:{}", dir.join("closed.pem").display());
        let script = format!(
            "printf %s '{passphrase}' | secret-tool store --label 'docker key' service dctx username '{user}'"
        );
        sb.sh("sh", ["-c", &script]).run().done();
    };
    store("another");
    let out = dctx(&sb, "use k --shell sh");
    assert_eq!(out.code(), 4, "{}", out.err());
    assert!(
        out.err().contains("the passphrase that the keyring has does not open the key"),
        "{}",
        out.err()
    );
    store("open it");
    let out = sb.dctx(["exec", "k", "--", "sh", "-c", "cat \"$DOCKER_CERT_PATH/key.pem\""]).run();
    let copy = sb.write("copy.pem", out.done().out());
    let mine = public(&["x509", "-noout", "-pubkey"], &dir.join("cert.pem"));
    assert_eq!(public(&["pkey", "-pubout"], &copy), mine);
}
