//! A CA that somebody else made signs here, whatever form its key is in and whatever its name is made of; what cannot
//! sign says why, before anything is made.

use std::fs;
use std::path::Path;

use crate::cert_make::{cert, certs, openssl};
use crate::support::certs::{Ca, EXPIRED};
use crate::support::{Sandbox, require};

fn sh(sb: &Sandbox, script: &str) {
    sb.sh("sh", ["-ec", script]).run().done();
}

/// Signs with the CA in `dir`; openssl agrees that it did.
#[track_caller]
fn signs(sb: &Sandbox, dir: &str, passphrase: Option<&str>) {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let name = format!("p{}", NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    let mut args = vec!["cert", "new", &name, "--host", "tcp://127.0.0.1", "--ca", dir];
    let command = passphrase.map(|pass| format!("echo {pass}"));
    if let Some(command) = &command {
        args.extend(["--ca-key-command", command]);
    }
    let out = sb.dctx(&args).run();
    assert_eq!(out.code(), 0, "{dir}: {}", out.err());
    let set = certs(sb, &name);
    let ca = set.join("ca.pem");
    assert!(openssl_plain(sb, &ca, "sslserver", &set.join("server/server-cert.pem")), "{dir}");
    assert!(openssl_plain(sb, &ca, "sslclient", &set.join("cert.pem")), "{dir}");
    // the CA's key stays where it is
    assert_eq!(fs::read_link(set.join("ca")).unwrap(), sb.work().join(dir));
    let renewed = sb
        .dctx(
            ["cert", "renew", &name]
                .into_iter()
                .chain(command.iter().flat_map(|c| ["--ca-key-command", c])),
        )
        .run();
    assert_eq!(renewed.code(), 0, "{dir}: {}", renewed.err());
}

/// Old CAs lack what the strict rules want of them.
fn openssl_plain(sb: &Sandbox, ca: &Path, purpose: &str, leaf: &Path) -> bool {
    let args =
        ["verify", "-purpose", purpose, "-CAfile", ca.to_str().unwrap(), leaf.to_str().unwrap()];
    sb.sh("openssl", args).run().status.success()
}

#[track_caller]
fn refuses(sb: &Sandbox, dir: &str, code: i32, says: &str) {
    let out = sb
        .dctx([
            "cert",
            "new",
            "no",
            "--host",
            "tcp://127.0.0.1",
            "--ca",
            dir,
            "--ca-key-command",
            "echo geheim",
        ])
        .run();
    assert_eq!(out.code(), code, "{dir}: {}", out.err());
    assert!(out.err().contains(says), "{dir}: {}", out.err());
    assert!(!certs(sb, "no").exists());
}

#[test]
fn every_form_of_key_signs() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    sh(
        &sb,
        "openssl genrsa -out rsa.pem 2048 2>/dev/null
        openssl ecparam -genkey -name prime256v1 -noout -out sec1.pem
        openssl ecparam -genkey -name secp384r1 -out params.pem
        openssl genpkey -algorithm ed25519 -out ed.pem
        ca() { mkdir $1; cp $2 $1/ca-key.pem; openssl req -x509 -new -key $1/ca-key.pem -passin pass:geheim -days 99 -subj \"/CN=$1\" -out $1/ca.pem; }
        ca pkcs8 rsa.pem
        openssl rsa -in rsa.pem -traditional -out k 2>/dev/null; ca pkcs1 k
        ca sec1 sec1.pem; ca params params.pem; ca ed25519 ed.pem
        # cfssl's label
        mkdir cfssl; cp ed25519/ca.pem cfssl; sed 's/PRIVATE KEY/Ed25519 PRIVATE KEY/' ed.pem > cfssl/ca-key.pem
        # openssl genrsa -aes256 since 3.0, and before
        openssl rsa -in rsa.pem -aes256 -passout pass:geheim -out k 2>/dev/null; ca aes256 k
        for c in aes128 aes192 aes256 des3; do
            openssl rsa -in rsa.pem -traditional -$c -passout pass:geheim -out k 2>/dev/null; ca old-$c k
        done
        openssl ec -in sec1.pem -aes128 -passout pass:geheim -out k 2>/dev/null; ca ec-aes128 k
        for v2 in aes-128-cbc aes-192-cbc aes-256-cbc des3; do
            openssl pkcs8 -topk8 -in sec1.pem -v2 $v2 -passout pass:geheim -out k; ca v2-$v2 k
        done
        for prf in hmacWithSHA1 hmacWithSHA384 hmacWithSHA512; do
            openssl pkcs8 -topk8 -in ed.pem -v2 aes-256-cbc -v2prf $prf -passout pass:geheim -out k; ca $prf k
        done
        openssl pkcs8 -topk8 -in ed.pem -scrypt -passout pass:geheim -out k; ca scrypt k
        # other names
        mkdir mkcert; cp sec1/ca.pem mkcert/rootCA.pem; cp sec1/ca-key.pem mkcert/rootCA-key.pem
        mkdir crt; cp sec1/ca.pem crt/ca.crt; cp sec1/ca-key.pem crt/ca.key",
    );
    for dir in ["pkcs8", "pkcs1", "sec1", "params", "ed25519", "cfssl", "mkcert", "crt"] {
        signs(&sb, dir, None);
    }
    for dir in [
        "aes256",
        "old-aes128",
        "old-aes192",
        "old-aes256",
        "old-des3",
        "ec-aes128",
        "v2-aes-128-cbc",
        "v2-aes-192-cbc",
        "v2-aes-256-cbc",
        "v2-des3",
        "hmacWithSHA1",
        "hmacWithSHA384",
        "hmacWithSHA512",
        "scrypt",
    ] {
        let text = fs::read_to_string(sb.work().join(dir).join("ca-key.pem")).unwrap();
        assert!(text.contains("ENCRYPTED"), "{dir}");
        signs(&sb, dir, Some("geheim"));
        let out = sb
            .dctx([
                "cert",
                "new",
                "no",
                "--host",
                "tcp://h",
                "--ca",
                dir,
                "--ca-key-command",
                "echo falsch",
            ])
            .run();
        assert!(out.code() == 4 && out.err().contains("does not open"), "{dir}: {}", out.err());
    }
}

/// A name is more than its last attributes: Active Directory's have many DC, and others have two OU.
#[test]
fn every_name_is_kept_to_the_byte() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    sh(
        &sb,
        "ca() { mkdir $1; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 99 -keyout $1/ca-key.pem -out $1/ca.pem \"$2\" -subj \"$3\" 2>/dev/null; }
        ca twice -utf8 /OU=a/OU=b/CN=x
        ca domain -utf8 /DC=com/DC=example/DC=lab/CN=x
        ca several -multivalue-rdn /O=o+OU=p/CN=x+L=y
        ca chinese -utf8 '/C=CN/O=实验室/CN=根证书'
        ca mail -utf8 /CN=x/emailAddress=a@b.example
        ca long -utf8 /serialNumber=1/ST=s/L=l/street=st/title=t/GN=g/SN=n/CN=x",
    );
    for dir in ["twice", "domain", "several", "chinese", "mail", "long"] {
        signs(&sb, dir, None);
    }
    // no key identifiers at all, as old scripts made them
    sh(
        &sb,
        "mkdir bare; openssl ecparam -genkey -name prime256v1 -noout -out bare/ca-key.pem
        printf '[req]\\ndistinguished_name=d\\nx509_extensions=e\\n[d]\\n[e]\\nbasicConstraints=CA:TRUE\\nsubjectKeyIdentifier=none\\nauthorityKeyIdentifier=none\\n' > cnf
        openssl req -config cnf -x509 -new -key bare/ca-key.pem -days 99 -subj /CN=bare -out bare/ca.pem",
    );
    signs(&sb, "bare", None);
}

#[test]
fn what_cannot_sign_says_why() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    sh(
        &sb,
        "ca() { mkdir $1; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:$2 -nodes -days 99 -keyout $1/ca-key.pem -out $1/ca.pem -subj /CN=$1 $3 $4 2>/dev/null; }
        ca good P-256; ca big P-521; ca koblitz secp256k1
        ca leaf P-256 -addext basicConstraints=critical,CA:FALSE
        ca narrow P-256 -addext nameConstraints=critical,permitted\\;DNS:lab.example
        mkdir mixed nokey empty camellia camellia-v2
        cp good/ca.pem mixed; cp leaf/ca-key.pem mixed
        cp good/ca.pem nokey
        for c in camellia camellia-v2; do cp good/ca.pem $c; done
        openssl ec -in good/ca-key.pem -camellia256 -passout pass:geheim -out camellia/ca-key.pem 2>/dev/null
        openssl pkcs8 -topk8 -in good/ca-key.pem -v2 camellia-128-cbc -passout pass:geheim -out camellia-v2/ca-key.pem
        mkdir small; openssl req -x509 -newkey rsa:1024 -nodes -days 9 -keyout small/ca-key.pem -out small/ca.pem -subj /CN=small 2>/dev/null",
    );
    refuses(&sb, "big", 4, "cannot sign with the P-521 key");
    refuses(&sb, "koblitz", 4, "cannot sign with the secp256k1 key");
    refuses(&sb, "small", 4, "cannot sign with the RSA-1024 key");
    refuses(&sb, "leaf", 4, "is not a CA");
    refuses(&sb, "mixed", 4, "does not belong to the certificate");
    refuses(&sb, "nokey", 4, "nokey/ca-key.pem does not exist");
    refuses(&sb, "empty", 4, "empty/ca.pem does not exist");
    refuses(&sb, "absent", 4, "absent/ca.pem does not exist");
    refuses(&sb, "camellia", 4, "encrypted with CAMELLIA-256-CBC");
    refuses(&sb, "camellia-v2", 4, "encrypted with 1.2.392.200011.61.1.1.1.2");
    refuses(&sb, "narrow", 6, "may not sign for");
    Ca::with("old", EXPIRED, sb.work().join("old"));
    refuses(&sb, "old", 4, "expired");
    // a constraint that allows what is asked for is no hindrance to the client's
    assert!(openssl(
        &sb,
        &sb.work().join("good/ca.pem"),
        "any",
        &[],
        &sb.work().join("good/ca.pem")
    ));
    // a CA of another profile, by its name
    cert(&sb, "new one --host tcp://10.0.0.1 --no-passphrase").run().done();
    cert(&sb, "new two --host tcp://10.0.0.2 --ca one").run().done();
    assert_eq!(
        fs::read(certs(&sb, "one").join("ca.pem")).unwrap(),
        fs::read(certs(&sb, "two").join("ca.pem")).unwrap()
    );
    assert_eq!(fs::read_link(certs(&sb, "two").join("ca")).unwrap(), certs(&sb, "one").join("ca"));
}
