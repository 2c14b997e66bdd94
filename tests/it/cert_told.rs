//! Certificate files are taken for what they are: found under the names that programs give them or by what they hold,
//! told by their form, and refused where docker would refuse them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::certs::{Ca, EXPIRED, Leaf};
use crate::support::{Sandbox, require};

/// A client's files with docker's names in the directory `c`, a server's in `s`, and another CA's in `other`.
fn ready() -> Option<(Sandbox, Ca)> {
    require("openssl")?;
    let sb = Sandbox::new();
    let ca = Ca::new(sb.path("ca"));
    ca.client_dir(sb.path("c"), Some(&Leaf::CLIENT));
    ca.server_dir(sb.path("s"), &Leaf::server(&["IP:127.0.0.1"]));
    Some((sb, ca))
}

fn sh(sb: &Sandbox, script: &str) {
    sb.sh("sh", ["-ec", script]).cwd(sb.dir()).run().done();
}

/// Names of a CA, a client's certificate and its key.
const NAMES: [[&str; 3]; 12] = [
    ["ca.pem", "cert.pem", "key.pem"],
    ["ca.pem", "client.pem", "client-key.pem"],
    ["ca-cert.pem", "client-cert.pem", "client-key.pem"],
    ["ca.crt", "client.crt", "client.key"],
    ["rootCA.pem", "docs-client.pem", "docs-client-key.pem"],
    ["ca.pem", "client-ana-cert.pem", "client-ana-key.pem"],
    ["chain.pem", "fullchain.pem", "privkey.pem"],
    ["ca.crt", "tls.crt", "tls.key"],
    ["cacert.pem", "cert.crt", "cert.key"],
    // by what they hold
    ["our-root.txt", "ana.pem", "ana.private"],
    ["ca.pem", "ana.crt", "ana.key"],
    ["ca.crt", "zertifikat.pem", "schluessel.pem"],
];

#[test]
fn every_command_finds_the_same_files() {
    let Some((sb, _)) = ready() else { return };
    for (at, names) in NAMES.iter().enumerate() {
        let dir = sb.path(format!("d{at}"));
        fs::create_dir(&dir).unwrap();
        for (from, to) in ["ca.pem", "cert.pem", "key.pem"].iter().zip(names) {
            fs::copy(sb.path("c").join(from), dir.join(to)).unwrap();
        }
        let at_dir = dir.to_str().unwrap();
        let out = sb.dctx(["add", &format!("a{at}"), "tcp://127.0.0.1:1", "--certs", at_dir]).run();
        assert!(out.done().err().contains("TLS, verified both ways"), "{names:?}: {}", out.err());
        let out = sb.dctx(["use", &format!("a{at}"), "--shell", "json"]).run();
        let json: serde_json::Value = serde_json::from_slice(&out.done().stdout).unwrap();
        let certs =
            json["env"]["DOCKER_CERT_PATH"].as_str().unwrap_or_else(|| panic!("{names:?}: {json}"));
        for name in ["ca.pem", "cert.pem", "key.pem"] {
            let (ours, theirs) = (Path::new(certs).join(name), sb.path("c").join(name));
            assert_eq!(fs::read(ours).unwrap(), fs::read(theirs).unwrap(), "{names:?}");
        }
        let copied = format!("b{at}");
        sb.dctx(["cert", "copy", &copied, at_dir, "--host", "tcp://127.0.0.1:1"]).run().done();
    }
}

#[test]
fn what_is_left_out_or_not_clear_is_said() {
    let Some((sb, ca)) = ready() else { return };
    let dir = sb.path("team");
    ca.client_dir(&dir, None);
    for who in ["ana", "bob"] {
        let leaf = Leaf { cn: who, ..Leaf::CLIENT };
        ca.issue(&leaf, &dir.join(format!("{who}.pem")), &dir.join(format!("{who}.key")));
    }
    let at = dir.to_str().unwrap();
    let out = sb.dctx(["add", "team", "tcp://127.0.0.1:1", "--certs", at]).run();
    assert!(out.done().err().contains("there are 2 client certificates"), "{}", out.err());
    let hint =
        out.err().lines().find_map(|l| l.split_once(": dctx edit team").map(|h| h.1.to_owned()));
    let line = format!("dctx edit team{}", hint.unwrap())
        .replace(crate::support::run::HERE, sb.dir().to_str().unwrap());
    let path = crate::support::sandbox::path_with_dctx();
    sb.sh("sh", ["-c", &line]).env("PATH", path).run().done();
    assert!(sb.dctx(["show", "team"]).run().done().out().contains("ana.key"));
    let out = sb.dctx(["cert", "copy", "c", at, "--host", "tcp://127.0.0.1:1"]).run();
    assert_eq!(out.code(), 4, "{}", out.err());
    assert!(
        out.err().contains("several client certificates with their keys: ana.pem, bob.pem"),
        "{}",
        out.err()
    );
    fs::copy(sb.path("s/server-cert.pem"), sb.path("c/web.pem")).unwrap();
    let at = sb.path("c");
    let out = sb.dctx(["add", "one", "tcp://127.0.0.1:1", "--certs", at.to_str().unwrap()]).run();
    assert!(
        out.done().err().contains("not used in [SB]/c: web.pem (a server certificate)"),
        "{}",
        out.err()
    );
}

#[test]
fn a_key_of_another_certificate_is_refused_when_the_profile_is_made() {
    let Some((sb, ca)) = ready() else { return };
    ca.issue(&Leaf::CLIENT, &sb.path("x.pem"), &sb.path("c/key.pem"));
    let at = sb.path("c");
    let out = sb.dctx(["add", "a", "tcp://127.0.0.1:1", "--certs", at.to_str().unwrap()]).run();
    assert_eq!(out.code(), 4, "{}", out.err());
    assert!(out.err().contains("key.pem does not belong to the certificate"), "{}", out.err());
    assert!(!sb.config().join("dctx/config.toml").exists());
}

#[test]
fn other_forms_are_named_with_the_command_that_makes_pem_of_them() {
    let Some((sb, _)) = ready() else { return };
    sh(&sb, "mkdir f; cp c/ca.pem f; cd c
        openssl pkcs12 -export -inkey key.pem -in cert.pem -certfile ca.pem -passout pass:x -out ../f/ana.p12
        openssl x509 -in cert.pem -outform DER -out ../f/cert.der
        openssl pkey -in key.pem -outform DER -out ../f/key.der
        openssl pkcs8 -topk8 -in key.pem -passout pass:x -outform DER -out ../f/closed-key.der
        openssl base64 -in key.pem -out ../f/key.b64
        openssl ecparam -name prime256v1 -genkey -param_enc explicit -noout -out ../f/explicit-key.pem");
    for (file, what, zh) in [
        ("ana.p12", "it is PKCS#12", "PKCS#12"),
        ("cert.der", "it is a certificate in DER", "DER 格式的证书"),
        ("key.der", "it is a private key in DER", "DER 格式的私钥"),
        ("closed-key.der", "it is a private key in DER", "DER 格式的私钥"),
        ("key.b64", "it is base64 of a PEM file", "base64"),
        ("explicit-key.pem", "writes out the parameters of its curve", "曲线参数"),
    ] {
        let path = sb.path("f").join(file);
        let named = path.to_str().unwrap();
        let ca = sb.path("f/ca.pem");
        let add = [
            "add",
            "a",
            "tcp://127.0.0.1:1",
            "--ca",
            ca.to_str().unwrap(),
            "--cert",
            named,
            "--key",
            named,
        ];
        let out = sb.dctx(add).run();
        if file != "explicit-key.pem" {
            assert_eq!(out.code(), 4, "{file}: {}", out.err());
            assert!(out.err().contains(what), "{file}: {}", out.err());
            let out = sb.dctx(add).env("DCTX_LANG", "zh").run();
            assert!(out.err().contains(zh), "{file}: {}", out.err());
        }
        sb.write("home/.config/dctx/config.toml", format!(
            "[profiles.k]\nhost = \"tcp://127.0.0.1:1\"\nca = \"{0}/ca.pem\"\ncert = \"{0}/../c/cert.pem\"\nkey = \"{named}\"\n",
            sb.path("f").display()
        ));
        let out = sb.dctx(["check", "k", "--offline"]).run();
        if file != "cert.der" {
            assert!(out.out().contains(what), "{file}: {}", out.out());
        }
        fs::remove_file(sb.config().join("dctx/config.toml")).unwrap();
    }
    // the commands do what they say
    let out = sb.dctx(["add", "a", "tcp://127.0.0.1:1", "--certs"]).arg(sb.path("p12")).run();
    assert_eq!(out.code(), 4);
    fs::create_dir(sb.path("p12")).unwrap();
    fs::copy(sb.path("f/ana.p12"), sb.path("p12/ana.p12")).unwrap();
    let out = sb.dctx(["add", "a", "tcp://127.0.0.1:1", "--certs"]).arg(sb.path("p12")).run();
    assert_eq!(out.code(), 4, "{}", out.err());
    let err = out.err().replace(crate::support::run::HERE, sb.dir().to_str().unwrap());
    let lines: Vec<&str> =
        err.lines().filter_map(|line| line.split_once("openssl ").map(|l| l.1)).collect();
    assert_eq!(lines.len(), 3, "{err}");
    for line in lines {
        sh(&sb, &format!("openssl {line} -passin pass:x"));
    }
    fs::remove_file(sb.path("p12/ana.p12")).unwrap();
    let out = sb.dctx(["add", "a", "tcp://127.0.0.1:1", "--certs"]).arg(sb.path("p12")).run();
    assert!(out.done().err().contains("TLS, verified both ways"), "{}", out.err());
    // DER is shown
    let out = sb.dctx(["cert", "show"]).arg(sb.path("f/cert.der")).run();
    assert!(
        out.done().out().contains("CN=client") && out.out().contains("openssl x509 -inform DER"),
        "{}",
        out.out()
    );
}

#[test]
fn a_server_gets_only_what_docker_takes_and_no_key_with_it() {
    let Some((sb, ca)) = ready() else { return };
    let client = sb.path("c");
    sb.dctx(["add", "coreos", "tcp://127.0.0.1:1", "--certs", client.to_str().unwrap()])
        .run()
        .done();
    let other = Ca::with("another CA", crate::support::certs::VALID, sb.path("other-ca"));
    let right = &["IP:127.0.0.1"];
    ca.server_dir(sb.path("old"), &Leaf { dates: EXPIRED, ..Leaf::server(right) });
    ca.server_dir(sb.path("trap"), &Leaf { eku: Some("clientAuth"), ..Leaf::server(right) });
    other.server_dir(sb.path("foreign"), &Leaf::server(right));
    fs::copy(ca.pem(), sb.path("foreign/ca.pem")).unwrap();
    ca.server_dir(sb.path("mixed"), &Leaf::server(right));
    fs::copy(sb.path("s/server-key.pem"), sb.path("mixed/server-key.pem")).unwrap();
    for (dir, says) in [
        ("old", "expired "),
        ("trap", "is not a server certificate: it is for clientAuth only"),
        ("foreign", "is not signed by the CA in [SB]/foreign/ca.pem"),
        ("mixed", "does not belong to the certificate [SB]/mixed/server-cert.pem"),
    ] {
        let out = sb.dctx(["server", "coreos", "--out", "kit", "--certs"]).arg(sb.path(dir)).run();
        assert_eq!(out.code(), 4, "{dir}: {}", out.err());
        assert!(out.err().contains(says), "{dir}: {}", out.err());
        assert!(!sb.work().join("kit").exists());
    }
    for name in ["ca.pem", "server-cert.pem"] {
        let path = sb.path("s").join(name);
        let both =
            [fs::read(&path).unwrap(), fs::read(sb.path("s/server-key.pem")).unwrap()].concat();
        fs::write(&path, both).unwrap();
    }
    let out = sb.dctx(["server", "coreos", "--out", "kit", "--certs"]).arg(sb.path("s")).run();
    assert!(out.code() == 4 && out.err().contains("is readable by others"), "{}", out.err());
    for name in ["ca.pem", "server-cert.pem"] {
        fs::set_permissions(sb.path("s").join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let out = sb.dctx(["server", "coreos", "--out", "kit", "--certs"]).arg(sb.path("s")).run();
    assert!(out.done().err().contains("ca.pem contains a private key"), "{}", out.err());
    for name in ["ca.pem", "server-cert.pem"] {
        let text = fs::read_to_string(sb.work().join("kit").join(name)).unwrap();
        assert!(text.contains("CERTIFICATE") && !text.contains("PRIVATE"), "{name}");
    }
}

#[test]
fn nothing_false_is_said_of_unusual_certificates() {
    let Some((sb, _)) = ready() else { return };
    sh(
        &sb,
        r#"umask 077; mkdir t; cd t
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca-key.pem -out ca.pem -days 9 -subj /CN=same 2>/dev/null
        openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf-key.pem -out leaf.csr -subj /CN=same 2>/dev/null
        openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 9 -out v1.pem 2>/dev/null
        printf 'extendedKeyUsage=clientAuth\n' > ext
        openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 9 -extfile ext -out same.pem 2>/dev/null
        printf 'extendedKeyUsage=clientAuth\nsubjectAltName=DER:3002:8200\n' | sed 's/DER:3002:8200/DER:30:02:82:00/' > ext
        openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 9 -extfile ext -out cfssl.pem 2>/dev/null
        for curve in secp521r1; do
            openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:$curve -nodes -keyout k -out p521.csr -subj /CN=x 2>/dev/null
        done
        openssl req -new -newkey rsa:1024 -nodes -keyout k -out rsa1024.csr -subj /CN=x 2>/dev/null
        openssl req -new -newkey rsa:2048 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -nodes -keyout k -out pss.csr -subj /CN=x 2>/dev/null
    "#,
    );
    let show =
        |file: &str| sb.dctx(["cert", "show"]).arg(sb.path("t").join(file)).run().done().out();
    let same = show("same.pem");
    assert!(!same.contains("itself") && same.contains("ca.pem"), "{same}");
    assert!(show("ca.pem").contains("itself"));
    let v1 = show("v1.pem");
    assert!(
        !v1.lines().any(|line| line.trim().starts_with("for") && line.trim().ends_with("CA")),
        "{v1}"
    );
    assert!(!show("cfssl.pem").contains("extfile"), "{}", show("cfssl.pem"));
    sb.dctx(["cert", "new", "own", "--host", "tcp://127.0.0.1:1", "--no-passphrase"]).run().done();
    for file in ["p521.csr", "rsa1024.csr", "pss.csr"] {
        let out =
            sb.dctx(["cert", "sign", "own", "--for", file]).arg(sb.path("t").join(file)).run();
        assert!(!out.err().contains("not signed by its own key"), "{file}: {}", out.err());
        if file != "p521.csr" {
            out.done();
        }
    }
}
