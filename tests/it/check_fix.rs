//! `check --fix` changes the modes of one's own keys and certificates, and of nothing else: not of a file that a
//! profile merely names, and of none that a shared layer names.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::support::certs::{Ca, Leaf};
use crate::support::profiles::{CONFIG, mode};
use crate::support::{Sandbox, require};

const LAYER: &str = "home/.config/dctx/profiles.d/team.toml";

fn bits(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// A directory of its own CA with ca.pem, cert.pem and key.pem, as docker names them.
fn pair(sb: &Sandbox) -> Option<std::path::PathBuf> {
    require("openssl")?;
    let ca = Ca::new(sb.path("ca"));
    Some(ca.client_dir(sb.path("certs"), Some(&Leaf::CLIENT)))
}

/// Files that are neither: a text like /etc/passwd, a program with the setuid bit, and links to both.
fn others(sb: &Sandbox) -> Vec<(std::path::PathBuf, u32)> {
    let passwd = sb.write("home/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    mode(&passwd, 0o664);
    let program = sb.write("home/program", b"\x7fELF\x02\x01\x01".as_slice());
    mode(&program, 0o4775);
    symlink(&passwd, sb.path("home/link")).unwrap();
    vec![(passwd, 0o664), (program, 0o4775)]
}

/// One's own profile may name a file that is no key: it is left, and that is said.
#[test]
fn a_file_that_is_no_key_is_left_alone() {
    let sb = Sandbox::new();
    let Some(certs) = pair(&sb) else { return };
    let others = others(&sb);
    mode(&certs, 0o700);
    let cert = certs.join("cert.pem");
    let cert = cert.display();
    for (ca, key) in [
        ("~/passwd", "~/program"),
        ("~/program", "~/passwd"),
        ("~/link", "~/link"),
        // one that is a certificate is no key, and the other way round
        ("/nowhere/ca.pem", &*certs.join("ca.pem").display().to_string()),
    ] {
        mode(certs.join("ca.pem"), 0o664);
        let text = format!(
            "[profiles.a]\nhost = \"tcp://127.0.0.1:1\"\nca = \"{ca}\"\ncert = \"{cert}\"\nkey = \"{key}\"\n"
        );
        sb.write(CONFIG, text);
        let out = sb.dctx(["check", "a", "--fix", "--offline"]).run();
        assert_eq!(bits(&certs.join("ca.pem")), 0o664, "{}", out.out());
        for (path, before) in &others {
            assert_eq!(bits(path), *before, "{ca} {key}: {}", out.out());
        }
        assert!(!out.out().contains(", now "), "{}", out.out());
        assert!(out.out().contains("neither a key nor a certificate"), "{}", out.out());
    }
}

/// Whatever a layer names is left, keys too; also with `-a`, where nobody named the profile.
#[test]
fn what_a_shared_layer_names_is_left_alone() {
    let sb = Sandbox::new();
    let Some(certs) = pair(&sb) else { return };
    let others = others(&sb);
    mode(certs.join("key.pem"), 0o644);
    mode(certs.join("ca.pem"), 0o666);
    let certs_text = certs.display();
    sb.write(
        LAYER,
        format!(
            "[profiles.keys]\nhost = \"tcp://127.0.0.1:1\"\ncerts = \"{certs_text}\"\n\
             [profiles.passwd]\nhost = \"tcp://127.0.0.1:1\"\nca = \"~/passwd\"\n\
             cert = \"{certs_text}/cert.pem\"\nkey = \"~/program\"\n"
        ),
    );
    for args in [&["keys", "passwd"][..], &["-a"]] {
        let out = sb.dctx(["check", "--fix", "--offline", "-v"]).args(args).run();
        assert_eq!((bits(&certs.join("key.pem")), bits(&certs.join("ca.pem"))), (0o644, 0o666));
        for (path, before) in &others {
            assert_eq!(bits(path), *before, "{}", out.out());
        }
        assert!(out.out().contains("--fix changes nothing that a shared file"), "{}", out.out());
    }
    // the same files, named by a profile of one's own
    let text = format!("[profiles.mine]\nhost = \"tcp://127.0.0.1:1\"\ncerts = \"{certs_text}\"\n");
    sb.write(CONFIG, text);
    let out = sb.dctx(["check", "mine", "--fix", "--offline"]).run();
    assert!(out.out().contains("key.pem: mode 0644, now 0400\n"), "{}", out.out());
    assert!(out.out().contains("ca.pem: mode 0666, now 0444\n"), "{}", out.out());
    assert_eq!((bits(&certs.join("key.pem")), bits(&certs.join("ca.pem"))), (0o400, 0o444));
}

/// A directory of nothing but certificates is closed; one with anything else in it is not.
#[test]
fn a_directory_with_more_in_it_is_left_alone() {
    let sb = Sandbox::new();
    let Some(certs) = pair(&sb) else { return };
    let text =
        format!("[profiles.a]\nhost = \"tcp://127.0.0.1:1\"\ncerts = \"{}\"\n", certs.display());
    sb.write(CONFIG, text);
    mode(certs.join("key.pem"), 0o400);
    fs::write(certs.join("notes"), "shared with the group\n").unwrap();
    mode(&certs, 0o770);
    let out = sb.dctx(["check", "a", "--fix", "--offline"]).run();
    assert_eq!(bits(&certs), 0o770, "{}", out.out());
    assert!(out.out().contains("more in it than keys and certificates"), "{}", out.out());
    fs::remove_file(certs.join("notes")).unwrap();
    // nothing is opened wider: who could not read the CA cannot now
    mode(certs.join("ca.pem"), 0o660);
    let out = sb.dctx(["check", "a", "--fix", "--offline"]).run();
    assert_eq!((bits(&certs), bits(&certs.join("ca.pem"))), (0o750, 0o440), "{}", out.out());
}
