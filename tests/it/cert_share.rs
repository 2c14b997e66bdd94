//! Certificates reach others in one file that nobody else can read, or by a request that leaves the key where it is;
//! what others made is taken over with docker's names and the right modes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::cert_make::{cert, certs, openssl, tree};
use crate::support::{Sandbox, require};
use dctx::cert::make::set;

#[test]
fn one_file_is_handed_over() {
    if require("openssl").is_none() {
        return;
    }
    let owner = Sandbox::new();
    owner
        .dctx([
            "cert",
            "new",
            "lab",
            "--host",
            "tcp://10.0.0.1:2376",
            "--ca-key-command",
            "echo geheim",
        ])
        .run()
        .done();
    let line = [
        "cert",
        "client",
        "lab",
        "--for",
        "ana",
        "--ca-key-command",
        "echo geheim",
        "--days",
        "30",
    ];
    owner.dctx(line).run().done();
    let file = owner.work().join("ana-lab.toml");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o600);
    // never over one that is there
    let again = owner.dctx(line).run();
    assert!(again.code() == 1 && again.err().contains("exists already"), "{}", again.err());
    let text = fs::read_to_string(&file).unwrap();
    let ca_key = fs::read_to_string(certs(&owner, "lab").join("ca/ca-key.pem")).unwrap();
    assert!(!text.contains(ca_key.lines().nth(1).unwrap()), "the CA's key does not leave");

    let other = Sandbox::new();
    other.write("work/ana-lab.toml", &text);
    cert(&other, "import ana-lab.toml").run().done();
    let dir = certs(&other, "lab");
    let modes: Vec<(String, u32)> = tree(&dir).into_iter().collect();
    assert_eq!(
        modes,
        [("ca.pem".into(), 0o444), ("cert.pem".into(), 0o444), ("key.pem".into(), 0o400)]
    );
    assert!(openssl(
        &other,
        &certs(&owner, "lab").join("server/ca.pem"),
        "sslclient",
        &[],
        &dir.join("cert.pem")
    ));
    let json = other.dctx(["use", "lab", "--shell", "json"]).run();
    assert!(json.done().out().contains("tcp://10.0.0.1:2376"), "{}", json.out());
    let cn = set::certificate(&dir.join("cert.pem")).unwrap().subject.common_name;
    assert_eq!(cn.as_deref(), Some("ana"));
    // once more, and under another name as well
    cert(&other, "import ana-lab.toml").run().done();
    cert(&other, "import ana-lab.toml --as second").run().done();
    // who was handed one can sign nothing
    let out = cert(&other, "client lab --for eve").run();
    assert!(
        out.code() == 4 && out.err().contains("CA's key of lab is not on this machine"),
        "{}",
        out.err()
    );
    // files of somebody else's making
    for (name, text) in [
        ("empty", String::new()),
        ("other", "schema = 1\nkind = \"server\"\n".to_owned()),
        ("name", text.replace("name = \"lab\"", "name = \"../../x\"")),
        ("host", text.replace("tcp://10.0.0.1:2376", "ssh://-oProxyCommand=x")),
        ("more", format!("{text}\nhook = \"sh\"\n")),
        ("pem", fs::read_to_string(dir.join("cert.pem")).unwrap()),
    ] {
        let sb = Sandbox::new();
        sb.write("work/f.toml", text);
        let out = cert(&sb, "import f.toml").run();
        assert!(matches!(out.code(), 2 | 4), "{name}: {} {}", out.code(), out.err());
        assert!(
            !sb.data().join("dctx/certs").exists()
                && !sb.config().join("dctx/config.toml").exists(),
            "{name}"
        );
    }
    // a key of another certificate, and a CA that signed something else
    let (mut swapped, mut foreign) = (text.clone(), text.clone());
    cert(&owner, "new else --host tcp://10.0.0.3 --no-passphrase").run().done();
    let part = |text: &str, key: &str| {
        let value: toml::Table = toml::from_str(text).unwrap();
        value[key].as_str().unwrap().to_owned()
    };
    let read = |file: &str| fs::read_to_string(certs(&owner, "else").join(file)).unwrap();
    swapped = swapped.replace(&part(&text, "key"), &read("key.pem"));
    foreign = foreign.replace(&part(&text, "ca"), &read("ca.pem"));
    assert!(swapped != text && foreign != text);
    for (text, code, says) in [(swapped, 4, "does not belong"), (foreign, 6, "not the CA here")] {
        let sb = Sandbox::new();
        sb.write("work/f.toml", text);
        let out = cert(&sb, "import f.toml").run();
        assert!(out.code() == code && out.err().contains(says), "{}", out.err());
        assert!(!certs(&sb, "lab").exists());
    }
}

#[test]
fn with_a_request_no_key_travels() {
    if require("openssl").is_none() {
        return;
    }
    let (owner, bob) = (Sandbox::new(), Sandbox::new());
    cert(&owner, "new lab --host tcp://10.0.0.1 --no-passphrase").run().done();
    cert(&bob, "request lab").run().done();
    let csr = bob.work().join("lab.csr");
    bob.sh("openssl", ["req", "-verify", "-noout", "-in", csr.to_str().unwrap()]).run().done();
    // until it is signed there is nothing to use, and a second request is for the same key
    let key = fs::read(certs(&bob, "lab").join("key.pem")).unwrap();
    cert(&bob, "request lab --out two.csr").run().done();
    assert_eq!(fs::read(certs(&bob, "lab").join("key.pem")).unwrap(), key);
    cert(&owner, &format!("sign lab {} --for bob --out bob.toml", csr.display())).run().done();
    let text = fs::read_to_string(owner.work().join("bob.toml")).unwrap();
    assert!(!text.contains("PRIVATE KEY"));
    bob.write("work/bob.toml", &text);
    cert(&bob, "import bob.toml").run().done();
    let dir = certs(&bob, "lab");
    let (leaf, _) = set::pair(&dir.join("cert.pem"), &dir.join("key.pem")).unwrap();
    assert_eq!(leaf.subject.full, "O=dctx, CN=bob", "not what the request says");
    assert!(!dir.join("request.pem").exists());
    // an answer to a request with the present key leaves one for another key waiting
    cert(&bob, "request lab --out same.csr").run().done();
    cert(&bob, "request lab --key-type p384 --out other.csr").run().done();
    for (csr, bundle) in [("same.csr", "same.toml"), ("other.csr", "other.toml")] {
        let csr = bob.work().join(csr);
        cert(&owner, &format!("sign lab {} --for bob --out {bundle}", csr.display())).run().done();
        bob.write(format!("work/{bundle}"), fs::read(owner.work().join(bundle)).unwrap());
        cert(&bob, &format!("import {bundle}")).run().done();
    }
    let (leaf, _) = set::pair(&dir.join("cert.pem"), &dir.join("key.pem")).unwrap();
    assert_eq!(leaf.key.kind.to_string(), "P-384");
    assert!(!dir.join("request-key.pem").exists());
    // without the key that it belongs to it is worth nothing
    let eve = Sandbox::new();
    eve.write("work/bob.toml", &text);
    let out = cert(&eve, "import bob.toml").run();
    assert!(out.code() == 4 && out.err().contains("contains no key"), "{}", out.err());
    // openssl's requests are taken, and what they ask for is not: neither a CA nor a server comes of it
    let script = "openssl req -newkey rsa:2048 -nodes -keyout k.pem -out r.csr -subj /CN=eve/O=admins \
        -addext basicConstraints=critical,CA:TRUE -addext subjectAltName=DNS:10.0.0.1 -addext extendedKeyUsage=serverAuth 2>/dev/null
        openssl req -in r.csr -outform DER | python3 -c 'import sys,base64; b=bytearray(sys.stdin.buffer.read()); b[-1]^=1; print(\"-----BEGIN CERTIFICATE REQUEST-----\"); print(base64.b64encode(b).decode()); print(\"-----END CERTIFICATE REQUEST-----\")' > forged.csr";
    owner.sh("sh", ["-ec", script]).run().done();
    cert(&owner, "sign lab r.csr --for carl --out carl.toml").run().done();
    let table: toml::Table =
        toml::from_str(&fs::read_to_string(owner.work().join("carl.toml")).unwrap()).unwrap();
    owner.write("work/carl.pem", table["cert"].as_str().unwrap());
    let carl = set::certificate(&owner.work().join("carl.pem")).unwrap();
    assert_eq!(
        (carl.subject.full.as_str(), carl.is_ca(), carl.listed()),
        ("O=dctx, CN=carl", false, vec![])
    );
    assert_eq!(carl.usages.unwrap().listed, ["clientAuth"]);
    let out = cert(&owner, "sign lab forged.csr --for eve --out eve.toml").run();
    assert!(out.code() == 4 && out.err().contains("not signed by its own key"), "{}", out.err());
    let out = cert(&owner, "sign lab carl.pem --for eve --out eve.toml").run();
    assert!(out.code() == 4 && out.err().contains("no certificate request"), "{}", out.err());
    assert!(!owner.work().join("eve.toml").exists());
}

#[test]
fn a_pinned_client_is_let_in_and_out() {
    let (owner, bob) = (Sandbox::new(), Sandbox::new());
    cert(&owner, "new lab --host tcp://10.0.0.1 --pin").run().done();
    cert(&bob, "request lab --pin").run().done();
    let pem = bob.work().join("lab.pem");
    cert(&owner, &format!("authorize lab {} --for bob --out bob.toml", pem.display())).run().done();
    let list = certs(&owner, "lab").join("server/ca.pem");
    assert_eq!(set::certificates(&list).unwrap().len(), 2);
    // twice is once
    cert(&owner, &format!("authorize lab {} --for bob", pem.display())).run().done();
    assert_eq!(set::certificates(&list).unwrap().len(), 2);
    bob.write("work/bob.toml", fs::read(owner.work().join("bob.toml")).unwrap());
    cert(&bob, "import bob.toml").run().done();
    let dir = certs(&bob, "lab");
    set::pair(&dir.join("cert.pem"), &dir.join("key.pem")).unwrap();
    assert_eq!(
        fs::read(dir.join("ca.pem")).unwrap(),
        fs::read(certs(&owner, "lab").join("server/server-cert.pem")).unwrap()
    );
    // by hand, with a key that travels
    cert(&owner, "client lab --for ana").run().done();
    assert_eq!(set::certificates(&list).unwrap().len(), 3);
    let none = cert(&owner, "revoke lab nobody").run();
    assert!(
        none.code() == 3 && none.err().contains("bob (") && none.err().contains("ana ("),
        "{}",
        none.err()
    );
    let sum = dctx::cert::x509::hex(&set::certificate(&pem).unwrap().sha256);
    cert(&owner, &format!("revoke lab {}", &sum[..10].to_uppercase())).run().done();
    let left = fs::read_to_string(&list).unwrap();
    assert!(!left.contains("# bob") && left.contains("# ana"), "{left}");
    cert(&owner, "revoke lab ana").run().done();
    // a CA would let in whoever it signs for
    cert(&owner, "new other --host tcp://10.0.0.2 --no-passphrase").run().done();
    let ca = certs(&owner, "other").join("ca.pem");
    let out = cert(&owner, &format!("authorize lab {}", ca.display())).run();
    assert!(out.code() == 4 && out.err().contains("is a CA"), "{}", out.err());
    assert_eq!(set::certificates(&list).unwrap().len(), 1);
}

#[test]
fn what_others_made_is_taken_over() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    cert(&sb, "new src --host tcp://10.0.0.1 --no-passphrase").run().done();
    let src = certs(&sb, "src");
    let from = |dir: &str, names: &[(&str, &str)]| {
        for (name, file) in names {
            let bytes = fs::read(src.join(file)).unwrap();
            fs::set_permissions(
                sb.write(format!("work/{dir}/{name}"), bytes),
                fs::Permissions::from_mode(0o666),
            )
            .unwrap();
        }
    };
    from("docker", &[("ca.pem", "ca.pem"), ("cert.pem", "cert.pem"), ("key.pem", "key.pem")]);
    from(
        "cfssl",
        &[
            ("ca.pem", "ca.pem"),
            ("client.pem", "cert.pem"),
            ("client-key.pem", "key.pem"),
            ("ca-key.pem", "ca/ca-key.pem"),
        ],
    );
    from(
        "names",
        &[
            ("ca.crt", "ca.pem"),
            ("client-ana-cert.pem", "cert.pem"),
            ("client-ana-key.pem", "key.pem"),
        ],
    );
    from(
        "all",
        &[
            ("ca-cert.pem", "ca.pem"),
            ("cert.pem", "cert.pem"),
            ("key.pem", "key.pem"),
            ("server-cert.pem", "server/server-cert.pem"),
            ("server-key.pem", "server/server-key.pem"),
        ],
    );
    for dir in ["docker", "cfssl", "names", "all"] {
        sb.dctx(["add", dir, "tcp://10.0.0.1", "--tls", "insecure"]).run().done();
        let out = cert(&sb, &format!("copy {dir} {dir}")).run();
        assert_eq!(out.code(), 0, "{}", out.err());
        let to = certs(&sb, dir);
        let modes = tree(&to);
        for (name, mode) in [("ca.pem", 0o444), ("cert.pem", 0o444), ("key.pem", 0o400)] {
            assert!(modes.contains(&(name.to_owned(), mode)), "{modes:?}");
            assert_eq!(fs::read(to.join(name)).unwrap(), fs::read(src.join(name)).unwrap());
        }
        assert_eq!(to.join("server/server-key.pem").exists(), dir == "all");
        assert!(!to.join("ca").exists(), "a CA's key is not copied");
        let json = sb.dctx(["use", dir, "--shell", "json"]).run();
        assert!(json.done().out().contains("\"DOCKER_TLS_VERIFY\":\"1\""));
        // never over what is there
        assert_eq!(cert(&sb, &format!("copy {dir} {dir}")).run().code(), 1);
    }
    // with the CA beside it, it is renewed
    let out = cert(&sb, "renew cfssl --ca-from cfssl").run();
    assert_eq!(out.code(), 0, "{}", out.err());
    let out = cert(&sb, "renew docker").run();
    assert!(out.code() == 4 && out.err().contains("dctx cert request docker"), "{}", out.err());
    // what does not belong together is refused, and what is merely odd is told
    sb.sh("cp", ["-r", "docker", "mixed"]).run().done();
    fs::copy(src.join("server/server-key.pem"), sb.work().join("mixed/key2")).unwrap();
    fs::rename(sb.work().join("mixed/key2"), sb.work().join("mixed/key.pem")).unwrap();
    let out = cert(&sb, "copy mixed mixed --host tcp://10.0.0.1").run();
    assert!(out.code() == 4 && out.err().contains("does not belong"), "{}", out.err());
    from(
        "server",
        &[
            ("ca.pem", "ca.pem"),
            ("cert.pem", "server/server-cert.pem"),
            ("key.pem", "server/server-key.pem"),
        ],
    );
    let out = cert(&sb, "copy server server --host tcp://10.0.0.1").run();
    assert!(out.code() == 0 && out.err().contains("for serverAuth only"), "{}", out.err());
}
