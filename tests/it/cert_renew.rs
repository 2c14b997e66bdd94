//! Certificates are renewed whole, with the keys and names they had; the CA with its key, or changed in steps in which
//! nobody who keeps up is shut out.

use std::fs;
use std::path::Path;

use crate::cert_make::{cert, certs, openssl, tree};
use crate::support::{Sandbox, require};
use dctx::cert::make::set;
use dctx::cert::x509::Cert;

fn read(dir: &Path, file: &str) -> Cert {
    set::certificate(&dir.join(file)).unwrap()
}

const SERVER: &str = "server/server-cert.pem";

#[test]
fn keys_and_names_stay() {
    let sb = Sandbox::new();
    cert(&sb, "new lab --host tcp://10.0.0.1 --san lab.example --no-passphrase").run().done();
    let dir = certs(&sb, "lab");
    let (server, client, before) = (read(&dir, SERVER), read(&dir, "cert.pem"), tree(&dir));
    let keys = |dir: &Path| {
        ["key.pem", "server/server-key.pem"].map(|key| fs::read(dir.join(key)).unwrap())
    };
    let old_keys = keys(&dir);
    cert(&sb, "renew lab --san 10.0.0.2 --san DNS:LAB.example").run().done();
    let (server2, client2) = (read(&dir, SERVER), read(&dir, "cert.pem"));
    for (old, new) in [(&server, &server2), (&client, &client2)] {
        assert_eq!((&old.key, &old.subject, &old.issuer), (&new.key, &new.subject, &new.issuer));
        assert_eq!(old.subject_key_id, new.subject_key_id);
        assert_ne!(old.serial, new.serial, "a new certificate, although the key is the same");
    }
    assert_eq!(keys(&dir), old_keys);
    assert_eq!(
        server2.listed(),
        [
            "DNS:lab.example",
            "DNS:localhost",
            "IP:10.0.0.1",
            "IP:127.0.0.1",
            "IP:::1",
            "IP:10.0.0.2"
        ]
    );
    // the former generation is whole, with its modes, and holds no former one itself
    assert_eq!(tree(&dir.join("previous")), before);
    assert_eq!(read(&dir.join("previous"), SERVER), server);
    cert(&sb, "renew lab --client --rekey --days 5").run().done();
    let client3 = read(&dir, "cert.pem");
    assert_ne!(client3.key, client2.key);
    assert_eq!(client3.not_after - client3.not_before, 5 * 86_400 + 3600);
    set::pair(&dir.join("cert.pem"), &dir.join("key.pem")).unwrap();
    assert_eq!(read(&dir, SERVER), server2, "not asked for");
    assert!(!dir.join("previous/previous").exists());
    let rest: Vec<_> =
        fs::read_dir(dir.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(rest.len(), 2, "nothing is left beside it but the lock: {rest:?}");
    // a profile that is called otherwise meanwhile keeps them
    sb.dctx(["rename", "lab", "house"]).run().done();
    cert(&sb, "renew house --client").run().done();
    assert_ne!(read(&dir, "cert.pem"), client3);
    sb.dctx(["undo"]).run().done();
    // the profile points where it did
    let set = sb.dctx(["use", "lab", "--shell", "json"]).run();
    assert!(set.done().out().contains("dctx/certs/lab\""));
}

/// Whoever opens the three files while they are renewed gets a pair that belongs together: one directory or the other.
#[test]
fn no_reader_sees_half_a_set() {
    let sb = Sandbox::in_memory();
    cert(&sb, "new lab --host tcp://10.0.0.1 --no-passphrase").run().done();
    let dir = certs(&sb, "lab");
    let done = std::sync::atomic::AtomicBool::new(false);
    let (mut reads, mut missing) = (0_u32, 0_u32);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..12 {
                cert(&sb, "renew lab --client --rekey").run().done();
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        while !done.load(std::sync::atomic::Ordering::Relaxed) {
            // the directory itself is held, as one that was opened before
            #[cfg(target_os = "linux")]
            {
                use std::os::fd::AsRawFd as _;
                let Ok(held) = fs::File::open(&dir) else {
                    missing += 1;
                    continue;
                };
                let here = std::path::PathBuf::from(format!("/proc/self/fd/{}", held.as_raw_fd()));
                if let (Ok(_), Ok(_)) =
                    (fs::metadata(here.join("cert.pem")), fs::metadata(here.join("key.pem")))
                {
                    let pair = set::pair(&here.join("cert.pem"), &here.join("key.pem"));
                    if here.join("key.pem").exists() {
                        pair.unwrap();
                        reads += 1;
                    }
                }
            }
        }
    });
    assert!(reads > 20, "{reads}");
    assert_eq!(missing, 0, "at every moment there is one");
}

#[test]
fn a_failure_changes_nothing() {
    let sb = Sandbox::new();
    sb.dctx(["cert", "new", "lab", "--host", "tcp://10.0.0.1", "--ca-key-command", "echo geheim"])
        .run()
        .done();
    let dir = certs(&sb, "lab");
    let all = || -> Vec<Vec<u8>> {
        tree(&dir).iter().filter_map(|(name, _)| fs::read(dir.join(name)).ok()).collect()
    };
    let before = (tree(&dir), all());
    for (line, code) in [
        (&["cert", "renew", "lab"][..], 7),
        (&["cert", "renew", "lab", "--ca-key-command", "echo falsch"], 4),
        (&["cert", "renew", "lab", "--san", "1.2.3", "--ca-key-command", "echo geheim"], 2),
        (&["cert", "renew", "other"], 4),
        (&["cert", "rotate-ca", "lab"], 7),
        (&["cert", "rotate-ca", "lab", "--phase", "2", "--no-passphrase"], 2),
        (&["cert", "authorize", "lab", "x.pem"], 2),
        (&["cert", "revoke", "lab", "x"], 2),
    ] {
        let out = sb.dctx(line).run();
        assert_eq!(out.code(), code, "{line:?}: {}", out.err());
        assert_eq!((tree(&dir), all()), before, "{line:?}");
    }
    // the key of another certificate is noticed before anything is signed
    fs::remove_file(dir.join("key.pem")).unwrap();
    fs::copy(dir.join("server/server-key.pem"), dir.join("key.pem")).unwrap();
    let out = sb.dctx(["cert", "renew", "lab", "--ca-key-command", "echo geheim"]).run();
    assert!(out.code() == 4 && out.err().contains("does not belong"), "{}", out.err());
}

#[test]
fn a_ca_is_renewed_and_what_it_signed_stays_good() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    cert(&sb, "new lab --host tcp://10.0.0.1 --no-passphrase").run().done();
    let dir = certs(&sb, "lab");
    let (old, client) = (read(&dir, "ca.pem"), fs::read(dir.join("cert.pem")).unwrap());
    cert(&sb, "renew lab --ca --days 4000").run().done();
    let new = read(&dir, "ca.pem");
    assert!(new.not_after > old.not_after && new.serial != old.serial);
    assert_eq!(
        (&old.key, &old.subject, &old.subject_key_id),
        (&new.key, &new.subject, &new.subject_key_id)
    );
    for file in ["ca/ca.pem", "server/ca.pem"] {
        assert_eq!(read(&dir, file), new, "{file}");
    }
    assert_eq!(fs::read(dir.join("cert.pem")).unwrap(), client);
    assert!(openssl(&sb, &dir.join("ca.pem"), "sslclient", &[], &dir.join("cert.pem")));
    assert!(openssl(&sb, &dir.join("server/ca.pem"), "sslclient", &[], &dir.join("cert.pem")));
    assert!(openssl(&sb, &dir.join("previous/ca.pem"), "sslclient", &[], &dir.join("cert.pem")));
    // one that others use too is theirs to renew
    cert(&sb, "new two --host tcp://10.0.0.2 --ca lab").run().done();
    let out = cert(&sb, "renew two --ca").run();
    assert!(out.code() == 4 && out.err().contains("kept elsewhere"), "{}", out.err());
}

/// After every step each side takes the other, whether it has done the step or not yet.
#[test]
fn a_ca_is_changed_in_steps() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    cert(&sb, "new lab --host tcp://10.0.0.1 --no-passphrase").run().done();
    let dir = certs(&sb, "lab");
    let keep = |step: usize| {
        sb.sh(
            "cp",
            ["-a", dir.to_str().unwrap(), sb.path(format!("step{step}")).to_str().unwrap()],
        )
        .run()
        .done();
        sb.path(format!("step{step}"))
    };
    let takes = |client: &Path, host: &Path| {
        openssl(&sb, &client.join("ca.pem"), "sslserver", &[], &host.join(SERVER))
            && openssl(&sb, &host.join("server/ca.pem"), "sslclient", &[], &client.join("cert.pem"))
    };
    let mut before = keep(0);
    let old = read(&dir, "ca.pem");
    for step in 1..=4 {
        let wrong = sb
            .dctx(["cert", "rotate-ca", "lab", "--phase", if step == 1 { "4" } else { "1" }])
            .run();
        assert_eq!(wrong.code(), 2, "{}", wrong.err());
        let out = cert(&sb, &format!("rotate-ca lab --phase {step} --no-passphrase")).run();
        assert!(out.done().err().contains(&format!("{step} of 4")), "{}", out.err());
        let now = keep(step);
        assert!(takes(&now, &now) && takes(&before, &now) && takes(&now, &before), "step {step}");
        if step == 3 {
            cert(&sb, "client lab --for ana --out ana.toml").run().done();
        }
        before = now;
    }
    // the CA is another one, in every place, and the old one's clients are out
    let new = read(&dir, "ca.pem");
    assert!(new.key != old.key && new.subject != old.subject);
    for file in ["ca.pem", "server/ca.pem", "ca/ca.pem"] {
        let all = set::certificates(&dir.join(file)).unwrap();
        assert_eq!(all, std::slice::from_ref(&new), "{file}");
    }
    assert!(!dir.join("ca-next").exists());
    assert!(!openssl(
        &sb,
        &dir.join("server/ca.pem"),
        "sslclient",
        &[],
        &sb.path("step0/cert.pem")
    ));
    // whoever got one meanwhile has one of the new CA
    cert(&sb, "import ana.toml --as ana").run().done();
    assert!(openssl(
        &sb,
        &dir.join("server/ca.pem"),
        "sslclient",
        &[],
        &certs(&sb, "ana").join("cert.pem")
    ));
    // and it can be done again
    cert(&sb, "rotate-ca lab --phase 1 --no-passphrase").run().done();
}

#[test]
fn pinned_certificates_are_renewed_on_both_sides() {
    let sb = Sandbox::new();
    cert(&sb, "new lab --host tcp://10.0.0.1 --pin").run().done();
    let dir = certs(&sb, "lab");
    let (server, client) = (read(&dir, SERVER), read(&dir, "cert.pem"));
    cert(&sb, "renew lab --rekey --san 10.0.0.2").run().done();
    let (server2, client2) = (read(&dir, SERVER), read(&dir, "cert.pem"));
    assert!(server2.key != server.key && client2.key != client.key);
    assert_eq!(read(&dir, "ca.pem"), server2);
    assert_eq!(set::certificates(&dir.join("server/ca.pem")).unwrap(), [client2]);
    assert!(server2.listed().contains(&"IP:10.0.0.2".to_owned()));
    let out = cert(&sb, "renew lab --ca").run();
    assert!(out.code() == 2 && out.err().contains("there is no CA"), "{}", out.err());
}

/// Another host of a CA that was changed where it is kept has a way on, too.
#[test]
fn who_uses_a_ca_that_was_changed_changes_it_as_well() {
    let sb = Sandbox::new();
    cert(&sb, "new lab --host tcp://10.0.0.1 --no-passphrase").run().done();
    cert(&sb, "new two --host tcp://10.0.0.2 --ca lab").run().done();
    for _ in 0..4 {
        cert(&sb, "rotate-ca lab --no-passphrase").run().done();
    }
    let out = cert(&sb, "renew two").run();
    assert!(out.code() == 4 && out.err().contains(": dctx cert rotate-ca two\n"), "{}", out.err());
    for _ in 0..4 {
        cert(&sb, "rotate-ca two --no-passphrase").run().done();
    }
    cert(&sb, "renew two").run().done();
    let dir = certs(&sb, "two");
    let (ca, leaf) = (read(&dir, "ca.pem"), read(&dir, "cert.pem"));
    assert_eq!((&leaf.issuer, read(&dir, "ca/ca.pem")), (&ca.subject, ca.clone()));
}
