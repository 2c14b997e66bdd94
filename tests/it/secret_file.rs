//! A key file with a passphrase is opened by that, asked for where nobody sees it, and by nothing else; a program that
//! prints a key has ten seconds, and is told what was wrong with what it did.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::Sandbox;
use crate::support::keyring::{held, keys, public, sandbox};
use crate::support::profiles::{CONFIG, mode};
use crate::support::terminal::Terminal;

/// How openssl encrypts a key, from the one in key.pem; the last argument is where to.
const WAYS: &[(&str, &str)] = &[
    ("pbes2", "pkcs8 -topk8 -v2 aes-256-cbc -in key.pem -passout pass:Schlüssel&7 -out"),
    ("scrypt", "pkcs8 -topk8 -scrypt -in key.pem -passout pass:Schlüssel&7 -out"),
    ("traditional", "ec -aes256 -in key.pem -passout pass:Schlüssel&7 -out"),
    (
        "pbes2-des3",
        "pkcs8 -topk8 -v2 des3 -v2prf hmacWithSHA1 -in key.pem -passout pass:Schlüssel&7 -out",
    ),
    ("des3", "ec -des3 -in key.pem -passout pass:Schlüssel&7 -out"),
    ("old", "ec -aes128 -in key.pem -passout pass:Schlüssel&7 -out"),
];

fn openssl(dir: &Path, line: &str) {
    let out = std::process::Command::new("openssl").args(line.split(' ')).current_dir(dir).output();
    let out = out.unwrap();
    assert!(out.status.success(), "{line}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A profile whose key is this file.
fn add(sb: &Sandbox, dir: &Path, name: &str, key: &str) {
    mode(dir.join(key), 0o400);
    let line = format!("add {name} tcp://127.0.0.1:2376 --ca ca.pem --cert cert.pem --key {key}");
    sb.dctx(line.split(' ')).cwd(dir).run().done();
}

#[test]
fn the_right_passphrase_opens_it() {
    let Some((sb, dir)) = sandbox() else { return };
    for (name, way) in WAYS {
        openssl(&dir, &format!("{way} {name}.pem"));
        add(&sb, &dir, name, &format!("{name}.pem"));
    }
    // RSA as it was written for twenty years
    openssl(&dir, "genrsa -traditional -aes256 -passout pass:Schlüssel&7 -out rsa.pem 2048");
    openssl(
        &dir,
        "req -x509 -new -key rsa.pem -passin pass:Schlüssel&7 -subj /CN=rsa -out rsa-cert.pem",
    );
    mode(dir.join("rsa.pem"), 0o400);
    let line = "add rsa tcp://h --ca ca.pem --cert rsa-cert.pem --key rsa.pem";
    sb.dctx(line.split(' ')).cwd(&dir).run().done();
    let Some(terminal) = Terminal::start(&sb, &["bash", "--norc"]) else { return };
    terminal.line("PS1='> '");
    for name in WAYS.iter().map(|(name, _)| *name).chain(["rsa"]) {
        terminal.line(&format!("clear; eval \"$(dctx use {name})\" && echo in $?"));
        terminal.shows(&format!("Passphrase of ~/c/{name}.pem:"));
        terminal.line("Schlüssel&7");
        let screen = terminal.shows("in 0\n");
        assert!(!screen.contains("Schl"), "{screen}");
        // without the hook the next use lets go of the former one, which this shell has left by then
        terminal.line(&format!("clear; eval \"$(dctx use {name})\" && echo again $?"));
        terminal.shows("again 0\n");
        let all = held(&sb);
        let [one] = all.as_slice() else { panic!("the former one goes: {all:?}") };
        let cert = if name == "rsa" { "rsa-cert.pem" } else { "cert.pem" };
        assert_eq!(
            public(&["pkey", "-pubout"], &one.join("key.pem")),
            public(&["x509", "-noout", "-pubkey"], &dir.join(cert)),
            "{name}"
        );
    }
    // typed wrong, mended with the erase key, given up
    terminal.line("clear; eval \"$(dctx reset)\"; eval \"$(dctx reset)\"; eval \"$(dctx use old)\"; echo out $?");
    terminal.shows("Passphrase of ");
    terminal.line("wrong");
    terminal.shows("wrong passphrase\n");
    terminal.write("Schlüssel&77");
    terminal.press(&["BSpace", "Enter"]);
    terminal.shows("out 0\n");
    terminal.line("clear; eval \"$(dctx reset)\"; eval \"$(dctx reset)\"; eval \"$(dctx use old)\"; echo out $?");
    terminal.shows("Passphrase of ");
    terminal.press(&["C-c"]);
    terminal.shows("out 130\n");
    terminal.line("clear; stty -a | grep -c ' echo '");
    terminal.shows("1\n");
    assert_eq!(held(&sb), [] as [std::path::PathBuf; 0]);
}

#[test]
fn without_it_there_is_no_key() {
    let Some((sb, dir)) = sandbox() else { return };
    openssl(&dir, &format!("{} enc.pem", WAYS[0].1));
    openssl(&dir, "ec -camellia256 -in key.pem -passout pass:x -out camellia.pem");
    add(&sb, &dir, "e", "enc.pem");
    add(&sb, &dir, "d", "camellia.pem");
    let none = sb.dctx(["use", "e", "--shell", "sh"]).run();
    none.is(
        4,
        "(exit 4);\n",
        "dctx: e: the key [SB]/home/c/enc.pem has a passphrase, and there is no terminal to ask on\n\
         hint: once, at a terminal, move it into the keyring: dctx edit e --key keyring\n",
    );
    sb.dctx(["use", "d", "--shell", "sh"]).run().is(
        4,
        "(exit 4);\n",
        "dctx: d: the key [SB]/home/c/camellia.pem is encrypted with CAMELLIA-256-CBC, which dctx does not read\n\
         hint: openssl pkcs8 -topk8 converts it to a form that dctx reads\n",
    );
    let shown = sb.dctx(["show", "e"]).run().out();
    assert!(shown.contains("~/c/enc.pem  has a passphrase\n"), "{shown}");
    assert!(!keys(&sb).exists(), "nothing is made");
    // three wrong ones are enough
    let Some(terminal) = Terminal::start(&sb, &["sh"]) else { return };
    terminal.line("PS1='> '; clear; eval \"$(dctx use e)\"; echo out $?");
    for time in 1..=3 {
        terminal.until("asked", |s| s.matches("Passphrase of ").count() == time);
        terminal.line("no");
    }
    let screen = terminal.shows("out 4\n");
    assert!(screen.contains("that is not the passphrase of "), "{screen}");
}

/// A file may say how much work its passphrase is to be; a file that says too much is left alone.
#[test]
fn nobody_is_kept_busy() {
    use dctx::cert::encode::{integer, octets, oid, pem, sequence};
    use dctx::cert::encrypt::{Closed, Encrypted};
    use dctx::cert::pem::Pem;
    let closed = |kdf: &[u8], parameters: &[&[u8]]| {
        let kdf = sequence(&[&oid(kdf), &sequence(parameters)]);
        let cipher = oid(b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a");
        let cipher = sequence(&[&cipher, &octets(&[0; 16])]);
        let pbes2 = oid(b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d");
        let scheme = sequence(&[&pbes2, &sequence(&[&kdf, &cipher])]);
        let der = sequence(&[&scheme, &octets(&[0; 48])]);
        let pem = Pem::parse(pem("ENCRYPTED PRIVATE KEY", &der).as_bytes());
        Encrypted::read(&pem).and_then(|key| key.open(b"x")).map(|_| ())
    };
    let number = |n: u32| integer(&n.to_be_bytes());
    let pbkdf2 = |rounds: u32| {
        closed(b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c", &[&octets(&[1; 8]), &number(rounds)])
    };
    let scrypt = |n: u32, r: u32, p: u32| {
        let numbers = [n, r, p].map(number);
        let salt = octets(&[1; 8]);
        let parameters: [&[u8]; 4] = [&salt, &numbers[0], &numbers[1], &numbers[2]];
        closed(b"\x2b\x06\x01\x04\x01\xda\x47\x04\x0b", &parameters)
    };
    let unknown = |text: &str| Err(Closed::Unknown(text.to_owned()));
    assert_eq!(pbkdf2(2048), Err(Closed::Wrong));
    assert_eq!(pbkdf2(10_000_001), unknown("10000001 rounds of PBKDF2"));
    assert_eq!(pbkdf2(u32::MAX), unknown("4294967295 rounds of PBKDF2"));
    assert_eq!(pbkdf2(0), Err(Closed::Malformed));
    assert_eq!(scrypt(1 << 14, 8, 1), Err(Closed::Wrong));
    assert_eq!(scrypt(1 << 30, 8, 1), unknown("scrypt (N=1073741824, r=8, p=1)"));
    assert_eq!(scrypt(2, u32::MAX, 1), unknown("scrypt (N=2, r=4294967295, p=1)"));
    assert_eq!(scrypt(1 << 14, 8, 1 << 20), unknown("scrypt (N=16384, r=8, p=1048576)"));
    for (n, r, p) in [(0, 8, 1), (1, 8, 1), (1000, 8, 1), (1 << 14, 0, 1), (1 << 14, 8, 0)] {
        assert_eq!(scrypt(n, r, p), Err(Closed::Malformed), "{n} {r} {p}");
    }
}

/// What key-command prints, and what is said of it. `KEY` is the file with the key.
const COMMANDS: &[(&str, &str, &str)] = &[
    (
        "fails",
        r#"["sh", "-c", "echo no such entry >&2; exit 3"]"#,
        "no such entry\ndctx: p: key-command sh failed with status 3\n",
    ),
    ("killed", r#"["sh", "-c", "kill -9 $$"]"#, "dctx: p: key-command sh failed with status 137\n"),
    (
        "absent",
        r#"["no-such-program"]"#,
        "dctx: p: key-command no-such-program: there is no such program\n",
    ),
    ("slow", r#"["sleep", "1000"]"#, "dctx: p: key-command sleep did not end within 10 s\n"),
    (
        "huge",
        r#"["yes"]"#,
        "dctx: p: key-command yes printed more than 64 KiB, which is not a key\n",
    ),
    ("empty", r#"["true"]"#, "dctx: p: there is no private key in PEM form in what true printed\n"),
    (
        "garbage",
        r#"["printf", "-----BEGIN PRIVATE KEY-----\\nMIGH\\n-----END PRIVATE KEY-----\\n"]"#,
        "dctx: p: there is no private key in PEM form in what printf printed\n",
    ),
    (
        "another",
        r#"["openssl", "genpkey", "-algorithm", "ed25519"]"#,
        "dctx: p: the key in key-command does not belong to the certificate [SB]/home/c/cert.pem\n",
    ),
];

fn profile(command: &str) -> String {
    format!(
        "[profiles.p]\nhost = \"tcp://h\"\nca = \"~/c/ca.pem\"\ncert = \"~/c/cert.pem\"\nkey-command = {command}\n"
    )
}

#[test]
fn a_program_that_prints_the_key() {
    let Some((sb, dir)) = sandbox() else { return };
    let key = dir.join("key.pem");
    // as pass does it: the key in a store of its own, words on standard error, arguments as they are
    sb.script("bin/pass", "#!/bin/sh\necho opening >&2\n[ \"$1 $2\" = 'show docker/core os;$(x)' ] && cat \"$HOME/c/key.pem\"\n");
    let pass = sb.path("bin/pass");
    sb.write(
        CONFIG,
        profile(&format!("[{:?}, \"show\", \"docker/core os;$(x)\"]", pass.display())),
    );
    let out =
        sb.sh("sh", ["-c", "eval \"$(dctx use p)\" && cat \"$DOCKER_CERT_PATH/key.pem\""]).run();
    assert_eq!(out.err(), "opening\n");
    assert_eq!(out.stdout, fs::read(&key).unwrap());
    // the three forms of a key that is not encrypted
    for line in [
        "ec -in key.pem -out form.pem",
        "ec -no_public -in key.pem -out form.pem",
        "pkcs8 -topk8 -nocrypt -in key.pem -out form.pem",
    ] {
        openssl(&dir, line);
        sb.write(CONFIG, profile(&format!("[\"cat\", {:?}]", dir.join("form.pem").display())));
        let script =
            "eval \"$(dctx use p)\" && openssl pkey -in \"$DOCKER_CERT_PATH/key.pem\" -pubout";
        let out = sb.sh("sh", ["-c", script]).run();
        assert_eq!(out.out(), public(&["pkey", "-pubout"], &key), "{line}: {}", out.err());
    }
}

#[test]
fn a_program_that_does_not() {
    let Some((sb, _)) = sandbox() else { return };
    for (what, command, says) in COMMANDS {
        sb.write(CONFIG, profile(command));
        let began = Instant::now();
        let out = sb.dctx(["use", "p", "--shell", "sh"]).run();
        let took = began.elapsed();
        let err = out.err();
        assert_eq!((out.code(), out.out().as_str()), (4, "(exit 4);\n"), "{what}: {err}");
        let before_hints = err.split("hint: ").next().unwrap();
        assert_eq!(before_hints, *says, "{what}");
        assert!(took < Duration::from_secs(60), "{what}: {took:?}");
        println!("{what}: {took:?}");
        assert!(held(&sb).is_empty(), "{what}");
    }
    // a shared profile runs nothing
    sb.write(CONFIG, "");
    sb.write("home/.config/dctx/profiles.d/team.toml", profile("[\"touch\", \"ran\"]"));
    let out = sb.dctx(["use", "p", "--shell", "sh"]).run();
    assert_eq!(out.code(), 4);
    assert!(!sb.work().join("ran").exists());
}
