//! Profiles are added as asked, or not at all: names, certificates, paths and modes, what is written and
//! what `use` then sets.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;

use crate::support::profiles::{CONFIG, certs, config, export, exports, files, mode};
use crate::support::require::skip;
use crate::support::{Cmd, Sandbox};

/// A sandbox whose shell is bash, so that what to type next is known.
fn sandbox() -> Sandbox {
    let mut sb = Sandbox::new();
    sb.set_env("DCTX_SHELL", "bash");
    sb
}

/// `dctx ARGS`, the words of `args` split at blanks.
fn dctx(sb: &Sandbox, args: &str) -> Cmd {
    sb.dctx(args.split(' '))
}

fn name_data(list: &str) -> Vec<String> {
    let data: Value = serde_json::from_str(include_str!("../data/values.json")).unwrap();
    let names = data["names"][list].as_array().unwrap().iter();
    names.map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn names_of_the_grammar_are_taken_everywhere() {
    let sb = sandbox();
    let mut names = name_data("names_ok");
    let more = ["a+b", "console", "com", "com10", "nul1", "localhost", "x-y", "NONE1", "0"];
    names.extend(more.map(str::to_owned));
    names.push("x".repeat(63));
    for name in &names {
        let out = sb.dctx(["add", name, "tcp://h"]).run();
        let said = format!(
            "dctx: added {name} (tcp://h:2375, no TLS)\nnext: eval \"$(dctx use {name})\"\n"
        );
        out.ok("", &said);
        assert_eq!(export(&sb, name, "DOCKER_MACHINE_NAME").as_deref(), Some(name.as_str()));
    }
    let listed = sb.dctx(["ls", "-q"]).run();
    listed.ok(&names.iter().map(|name| format!("{name}\n")).collect::<String>(), "");
}

#[test]
fn other_names_are_refused_when_written_and_when_read() {
    let sb = sandbox();
    let mut names = name_data("names_refuse");
    let more = [
        "default", "Default", "LOCAL", "none", "CON", "com1.x", "LPT9", "con.toml", "生产", "a.b.",
        "é",
    ];
    names.extend(more.map(str::to_owned));
    names.push("x".repeat(64));
    for name in &names {
        // no argument holds a NUL
        if !name.contains('\0') {
            let out = sb.dctx(["add", "--", name, "tcp://h"]).run();
            assert_eq!((out.code(), out.data().as_str()), (2, ""), "{name:?}: {}", out.err());
            assert!(out.err().contains(" cannot be a profile name: "), "{}", out.err());
            assert_eq!(out.err().lines().count(), 2, "{name:?}: {}", out.err());
            assert_eq!(config(&sb), None, "{name:?}");
            let out = sb.dctx(["use", "--shell", "bash", "--", name]).run();
            assert_ne!((out.code(), out.data().as_str()), (0, ""), "{name:?}");
        }
        let key = toml_edit::Key::new(name.as_str());
        let text = format!(
            "[profiles.{}]\nhost = \"tcp://h\"\n[profiles.good]\nhost = \"tcp://g\"\n",
            key.display_repr()
        );
        sb.write(CONFIG, &text);
        let out = sb.dctx(["ls", "--json"]).run();
        out.done();
        let list: Value = serde_json::from_str(&out.out()).unwrap();
        assert_eq!(list["profiles"][0]["name"], name.as_str());
        assert_eq!(list["profiles"][0]["host"], Value::Null);
        let error = list["profiles"][0]["error"].as_str().unwrap();
        assert!(error.contains(":1:11: profile "), "{error}");
        assert!(error.contains(": not a profile name: "), "{error}");
        // Nothing that is printed can move a cursor, begin a line, or be pasted and run.
        assert!(out.err().ends_with("\nhint: to fix it: dctx edit\n"), "{}", out.err());
        let hidden = out.err().chars().any(|c| c != '\n' && dctx::text::is_hidden(c));
        assert!(!hidden, "{:?}", out.err());
        assert_eq!(export(&sb, "good", "DOCKER_HOST").as_deref(), Some("tcp://g:2375"));
        fs::remove_file(sb.path(CONFIG)).unwrap();
    }
}

#[test]
fn what_is_wrong_with_a_name_is_said() {
    let sb = sandbox();
    for (name, why) in [
        ("", "it is empty"),
        ("-x", "it must begin with a letter or digit"),
        (".x", "it must begin with a letter or digit"),
        ("a b", "it contains a space"),
        ("a/b", "it contains \"/\""),
        ("生产", "it contains \"生\""),
        ("a\u{202e}b", "it contains U+202E"),
        ("a\nb", "it contains a line end"),
        ("a.", "it ends with a dot"),
        ("NUL", "the word means something else (to docker, dctx or Windows)"),
        (&"x".repeat(64), "it has more than 63 characters"),
    ] {
        let shown = dctx::text::clean(name);
        let said = format!(
            "dctx: \"{shown}\" cannot be a profile name: {why}\n\
             hint: a name is at most 63 letters, digits and . _ + -, and begins with a letter or digit; \
             other scripts go into --description\n"
        );
        sb.dctx(["add", "--", name, "tcp://h"]).run().is(2, "", &said);
        let renamed = sb.dctx(["rename", "--", "a", name]).run();
        renamed.is(2, "", &said);
    }
}

#[test]
fn add_writes_every_flag_as_it_was_given() {
    let sb = sandbox();
    certs(&sb, "home/c");
    let args = [
        "add",
        "a",
        "tcp://h",
        "--certs",
        "~/c",
        "--tls",
        "verify",
        "--protected",
        "--description",
        "生产 \"eu\"",
        "--tag",
        "lab",
        "--tag",
        "实验",
        "--dir",
        "~/work",
        "--dir",
        ".",
        "--api-version",
        "1.41",
        "--env",
        "BUILDX_BUILDER=core",
        "--env",
        "COMPOSE_PROFILES=a=b",
    ];
    let said =
        "dctx: added a (tcp://h:2376, TLS, verified both ways)\nnext: eval \"$(dctx use a)\"\n";
    sb.dctx(args).run().ok("", said);
    let work = sb.work().display().to_string();
    let wanted = format!(
        "schema = 1\n\n[profiles.a]\nhost = \"tcp://h\"\ncerts = \"~/c\"\ntls = \"verify\"\n\
         protected = true\ndescription = '生产 \"eu\"'\ntags = [\"lab\", \"实验\"]\n\
         dirs = [\"~/work\", \"{work}\"]\napi-version = \"1.41\"\n\
         env = {{ BUILDX_BUILDER = \"core\", COMPOSE_PROFILES = \"a=b\" }}\n"
    );
    assert_eq!(config(&sb).unwrap(), wanted);
    let taken = "dctx: there is a profile named a already, in [SB]/home/.config/dctx/config.toml\n\
                 hint: to change it: dctx edit a\n";
    dctx(&sb, "add a tcp://other").run().is(1, "", taken);
    assert_eq!(config(&sb).unwrap(), wanted);
}

#[test]
fn add_refuses_certificates_that_docker_could_not_use() {
    let sb = sandbox();
    files(&sb, "none", &[]);
    files(&sb, "alone", &["ca.pem", "cert.pem"]);
    files(&sb, "key", &["ca.pem", "client-key.pem"]);
    files(&sb, "noca", &["cert.pem", "key.pem"]);
    sb.write("file", "");
    symlink("nowhere", files(&sb, "dangling", &[]).join("ca.pem")).unwrap();
    fs::create_dir(files(&sb, "dir", &["cert.pem", "key.pem"]).join("ca.pem")).unwrap();
    let one_by_one = "hint: docker reads ca.pem, cert.pem and key.pem; other names one by one: \
                      --ca FILE --cert FILE --key FILE\n";
    let silent = "docker would silently send no client certificate";
    let directory = "hint: a directory is named by --certs DIR\n";
    for (flags, why, hint) in [
        ("--certs ../gone", "[SB]/gone does not exist".to_owned(), one_by_one),
        (
            "--certs ../none",
            "no certificates in [SB]/none: no ca.pem, and no cert.pem with key.pem, nor files with similar names"
                .to_owned(),
            one_by_one,
        ),
        (
            "--certs ../alone",
            format!("[SB]/alone/cert.pem is there but [SB]/alone/key.pem is not: {silent}"),
            one_by_one,
        ),
        (
            "--certs ../key",
            format!("[SB]/key/client-key.pem is there but [SB]/key/client.pem is not: {silent}"),
            one_by_one,
        ),
        ("--certs ../noca", "[SB]/noca/ca.pem does not exist".to_owned(), one_by_one),
        ("--certs ../file", "[SB]/file is not a directory".to_owned(), one_by_one),
        ("--certs ../dangling", "[SB]/dangling/ca.pem does not exist".to_owned(), one_by_one),
        ("--certs ../dir", "[SB]/dir/ca.pem is not a file".to_owned(), directory),
        ("--ca ../none", "[SB]/none is not a file".to_owned(), directory),
        ("--ca ../gone", "[SB]/gone does not exist".to_owned(), one_by_one),
    ] {
        // the path is written as `..`, and a link may be before it, so it stays
        let why = why.replace("[SB]/", "[SB]/work/../");
        // where one flag is all that has to change, the whole line is told
        let hint = match flags.split_once(' ') {
            Some(("--certs", _)) if hint == one_by_one => {
                "hint: docker reads ca.pem, cert.pem and key.pem; where they are called otherwise: \
                 dctx add a tcp://h --ca FILE --cert FILE --key FILE\n"
                    .to_owned()
            }
            Some(("--ca", dir)) if hint == directory => {
                format!("hint: for a directory: dctx add a tcp://h --certs {dir}\n")
            }
            _ => hint.to_owned(),
        };
        let said = format!("dctx: {why}\n{hint}");
        dctx(&sb, &format!("add a tcp://h {flags}")).run().is(4, "", &said);
        assert_eq!(config(&sb), None, "{flags}");
    }
    // The same for a profile that is there: an edit that breaks it is refused, others are not.
    dctx(&sb, "add a tcp://h").run().done();
    let before = config(&sb).unwrap();
    let said = "dctx: [SB]/work/../gone does not exist\n\
                hint: docker reads ca.pem, cert.pem and key.pem; where they are called otherwise: \
                dctx edit a --ca FILE --cert FILE --key FILE\n";
    dctx(&sb, "edit a --certs ../gone").run().is(4, "", said);
    assert_eq!(config(&sb).unwrap(), before);
    let text = "[profiles.a]\nhost = \"tcp://h\"\ncerts = \"gone\"\n";
    sb.write(CONFIG, text);
    let said = "dctx: changed a; to take it back: dctx undo\n\
                dctx: a: [SB]/home/.config/dctx/gone does not exist\n\
                hint: name another directory: dctx edit a --certs DIR\n";
    dctx(&sb, "edit a --host tcp://i").run().ok("", said);
    assert_eq!(config(&sb).unwrap(), text.replace("//h", "//i"));
}

#[test]
fn add_tells_of_files_that_are_too_open_and_use_refuses_them() {
    let sb = sandbox();
    let dir = certs(&sb, "c");
    for (file, bits, why, hint) in [
        ("c/key.pem", 0o644, "the key [SB]/c/key.pem is readable by others (mode 0644)", "0400"),
        ("c/key.pem", 0o440, "the key [SB]/c/key.pem is readable by others (mode 0440)", "0400"),
        (
            "c/ca.pem",
            0o664,
            "[SB]/c/ca.pem is writable by others (mode 0664): they could put another CA there",
            "go-w",
        ),
        (
            "c",
            0o777,
            "[SB]/c is writable by others (mode 0777): they could put another CA there",
            "go-w",
        ),
    ] {
        mode(sb.path(file), bits);
        let _ = fs::remove_file(sb.path(CONFIG));
        let loose = "hint: on a file system without modes: strict-modes = false under [settings]\n";
        let loose = if hint == "go-w" { loose } else { "" };
        let told = format!("dctx: a: {why}\nhint: close it: chmod {hint} [SB]/{file}\n{loose}");
        let said = format!(
            "dctx: added a (tcp://h:2376, TLS, verified both ways)\n{told}next: eval \"$(dctx use a)\"\n"
        );
        sb.dctx(["add", "a", "tcp://h", "--certs", dir.to_str().unwrap()]).run().ok("", &said);
        dctx(&sb, "use a --shell bash").run().is(4, "(exit 4);\n", &told);
        dctx(&sb, "exec a -- true").run().is(125, "", &told);
        // what is advised helps
        sb.sh("sh", ["-c", &format!("chmod {hint} '{}'", sb.path(file).display())]).run().done();
        exports(&sb, "a");
        // and so does the setting, which `add` heeds too
        mode(sb.path(file), bits);
        sb.write(CONFIG, "[settings]\nstrict-modes = false\n");
        let out = sb.dctx(["add", "a", "tcp://h", "--certs", dir.to_str().unwrap()]).run();
        out.ok("", &said.replace(&told, ""));
        exports(&sb, "a");
        mode(sb.path("c"), 0o700);
        mode(sb.path("c/ca.pem"), 0o444);
        mode(sb.path("c/key.pem"), 0o400);
    }
}

#[test]
fn paths_are_kept_absolute_and_arrive_whole() {
    let sb = sandbox();
    for (typed, stored) in [
        ("../home/c", "~/c"),
        ("./x/.//y/", "[SB]/work/x/y"),
        ("~/c", "~/c"),
        ("${HOME}/c", "${HOME}/c"),
        ("~nobody/c", "[SB]/work/~nobody/c"),
        ("with space", "[SB]/work/with space"),
        ("quo'te\"s", "[SB]/work/quo'te\"s"),
        ("$HOME`x`$(y)", "[SB]/work/$HOME`x`$(y)"),
        (r"back\slash", r"[SB]/work/back\slash"),
        ("中文:冒号", "[SB]/work/中文:冒号"),
        ("-dash", "[SB]/work/-dash"),
        ("*?[a]", "[SB]/work/*?[a]"),
        ("a=b;c&d|e!f#g%h", "[SB]/work/a=b;c&d|e!f#g%h"),
    ] {
        let here = sb.dir().display().to_string();
        let stored = stored.replace("[SB]", &here);
        // `..` is not resolved on paper: a link may be before it
        let stored = if typed == "../home/c" { format!("{here}/work/../home/c") } else { stored };
        let home = sb.home().display().to_string();
        let full = stored.replace("${HOME}", &home).replacen(
            '~',
            &home,
            usize::from(typed.starts_with("~/")),
        );
        certs(&sb, full.strip_prefix(&here).unwrap().trim_start_matches('/'));
        let _ = fs::remove_file(sb.path(CONFIG));
        sb.dctx(["add", "a", "tcp://h", &format!("--certs={typed}")]).run().done();
        let doc: toml_edit::DocumentMut = config(&sb).unwrap().parse().unwrap();
        assert_eq!(doc["profiles"]["a"]["certs"].as_str(), Some(stored.as_str()), "{typed}");
        assert_eq!(export(&sb, "a", "DOCKER_CERT_PATH"), Some(full.replace(&here, "[SB]")));
    }
    let bad = "dctx: certs contains U+001B, which is invisible\n";
    sb.dctx(["add", "b", "tcp://h", "--certs", "\u{1b}[2J"]).run().is(2, "", bad);
    sb.dctx(["add", "b", "tcp://h", "--certs", ""]).run().is(2, "", "dctx: certs must be a path\n");
}

/// Certificates under other names are linked: never copied, never mixed with others, made again when broken.
#[test]
fn other_names_are_linked_into_a_directory_of_docker_s_names() {
    let sb = sandbox();
    let dir = files(&sb, "c", &["ca.pem", "ca-key.pem", "client.pem", "client-key.pem", "key.pem"]);
    let links = |name: &str| {
        let path = export(&sb, name, "DOCKER_CERT_PATH").unwrap();
        let path = sb.path(path.strip_prefix("[SB]/").unwrap());
        let mut found: Vec<(String, String)> = fs::read_dir(&path)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                let to = fs::read_link(entry.path()).unwrap().display().to_string();
                (
                    entry.file_name().into_string().unwrap(),
                    to.replace(sb.dir().to_str().unwrap(), ""),
                )
            })
            .collect();
        found.sort();
        (path, found)
    };
    let pair = |ca: &str, cert: &str, key: &str| {
        let names = [("ca.pem", ca), ("cert.pem", cert), ("key.pem", key)];
        names.map(|(name, to)| (name.to_owned(), to.to_owned())).to_vec()
    };
    // the pair that is complete, though docker's own name for a key is there too
    sb.dctx(["add", "a", "tcp://h", "--certs", dir.to_str().unwrap()]).run().done();
    let (first, found) = links("a");
    assert_eq!(found, pair("/c/ca.pem", "/c/client.pem", "/c/client-key.pem"));
    assert_eq!(links("a").0, first);
    assert!(first.starts_with(sb.state().join("dctx/certs")));
    // broken in every way, it is made again
    for breakage in 0..4 {
        let ca = first.join("ca.pem");
        match breakage {
            0 => fs::remove_file(ca).unwrap(),
            1 => fs::write(first.join("extra.pem"), "").unwrap(),
            2 => fs::remove_file(&ca).and_then(|()| symlink("/etc/passwd", &ca)).unwrap(),
            _ => fs::remove_dir_all(&first).and_then(|()| fs::write(&first, "")).unwrap(),
        }
        assert_eq!(links("a"), (first.clone(), found.clone()), "breakage {breakage}");
    }
    // one by one, and another profile or another file gets another directory
    let other = files(&sb, "d", &["root", "me", "my-key"]);
    let other = other.display();
    let args = format!("add b tcp://h --ca {other}/root --cert {other}/me --key {other}/my-key");
    dctx(&sb, &args).run().done();
    let (second, found) = links("b");
    assert_eq!(found, pair("/d/root", "/d/me", "/d/my-key"));
    assert_ne!(first, second);
    dctx(&sb, &format!("edit b --ca {}/ca.pem", dir.display())).run().done();
    let (third, found) = links("b");
    assert_eq!(found, pair("/c/ca.pem", "/d/me", "/d/my-key"));
    assert!(third != second && second.exists());
    // a CA alone
    dctx(&sb, &format!("add c tcp://h --ca {other}/root")).run().done();
    assert_eq!(links("c").1, [("ca.pem".to_owned(), "/d/root".to_owned())]);
    // nothing half made is left
    let left = fs::read_dir(sb.state().join("dctx/certs")).unwrap().count();
    assert_eq!(left, 4);
}

#[test]
fn links_that_cannot_be_made_are_an_error_and_nothing_is_set() {
    let sb = sandbox();
    let dir = files(&sb, "c", &["ca.pem", "client.pem", "client-key.pem"]);
    sb.dctx(["add", "a", "tcp://h", "--certs", dir.to_str().unwrap()]).run().done();
    let certs = sb.write("home/.local/state/dctx/certs", "not a directory");
    let out = dctx(&sb, "use a --shell bash").run();
    assert_eq!((out.code(), out.out().as_str()), (1, "(exit 1);\n"), "{}", out.err());
    let head = "dctx: cannot make the directory of links to the certificates, \
                [SB]/home/.local/state/dctx/certs/a-";
    assert!(out.err().starts_with(head), "{}", out.err());
    fs::remove_file(certs).unwrap();
    exports(&sb, "a");
}

#[test]
fn the_system_s_certificates_are_linked_as_ca() {
    let mut sb = sandbox();
    let bundle = sb.write("work/bundle.crt", "");
    sb.set_env("SSL_CERT_FILE", "bundle.crt");
    dctx(&sb, "add a tcp://h --tls system").run().done();
    let vars = exports(&sb, "a");
    assert_eq!(vars["DOCKER_TLS_VERIFY"].as_deref(), Some("1"));
    let dir =
        vars["DOCKER_CERT_PATH"].as_deref().unwrap().replace("[SB]", sb.dir().to_str().unwrap());
    // relative to where the person is, not to the link
    assert_eq!(fs::read_link(format!("{dir}/ca.pem")).unwrap(), bundle);
    sb.set_env("SSL_CERT_FILE", "/gone");
    let said = "dctx: a: no file with the system's CA certificates, such as /gone\n\
                hint: install ca-certificates, or set SSL_CERT_FILE\n";
    dctx(&sb, "use a --shell bash").run().is(4, "(exit 4);\n", said);
    // set and empty is not set
    sb.set_env("SSL_CERT_FILE", "");
    match Path::new("/etc/ssl/certs/ca-certificates.crt").exists() {
        true => drop(exports(&sb, "a")),
        false => skip("no ca-certificates"),
    }
}

/// Which settings go together: what is typed, then what it says, or what `use` sets.
#[test]
fn every_mode_takes_the_certificates_it_can_use() {
    let mut sb = sandbox();
    certs(&sb, "c");
    sb.set_env("SSL_CERT_FILE", sb.write("bundle", ""));
    let c = sb.path("c").display().to_string();
    let ca = format!("--ca {c}/ca.pem");
    let pair = format!("--cert {c}/cert.pem --key {c}/key.pem");
    let dir = format!("--certs {c}");
    let verify = (Some("1"), None);
    let insecure = (None, Some("1"));
    let off = (None, None);
    let exclude = |a: &str, b: &str| Err(format!("{a} and {b} cannot be used together"));
    let needs = |a: &str, b: &str| Err(format!("{a} needs {b}"));
    for (flags, wanted) in [
        (String::new(), Ok(off)),
        ("--tls off".to_owned(), Ok(off)),
        (dir.clone(), Ok(verify)),
        (ca.clone(), Ok(verify)),
        (format!("{ca} {pair}"), Ok(verify)),
        (format!("{dir} --tls verify"), Ok(verify)),
        ("--tls system".to_owned(), Ok(verify)),
        (format!("{dir} --tls system"), Ok(verify)),
        (format!("{pair} --tls system"), Ok(verify)),
        ("--tls insecure".to_owned(), Ok(insecure)),
        (format!("{dir} --tls insecure"), Ok(insecure)),
        (format!("{pair} --tls insecure"), Ok(insecure)),
        (format!("{ca} {pair} --tls insecure"), Ok(insecure)),
        (format!("{dir} --tls off"), exclude("tls = \"off\"", "certs")),
        (format!("{ca} --tls off"), exclude("tls = \"off\"", "ca")),
        (format!("{pair} --tls off"), exclude("tls = \"off\"", "cert")),
        (format!("{dir} {ca}"), exclude("certs", "ca")),
        (format!("{dir} {pair}"), exclude("certs", "cert")),
        (format!("{ca} --tls system"), exclude("tls = \"system\"", "ca")),
        ("--tls verify".to_owned(), needs("tls = \"verify\"", "certs or ca")),
        (pair.clone(), needs("tls = \"verify\"", "certs or ca")),
        (format!("{ca} --cert {c}/cert.pem"), needs("cert", "key or key-command")),
        (format!("{ca} --key {c}/key.pem"), needs("key", "cert")),
        (format!("{ca} --key keyring"), needs("key = \"keyring\"", "cert")),
    ] {
        let _ = fs::remove_file(sb.path(CONFIG));
        let args = format!("add a tcp://h {flags}");
        let out = dctx(&sb, args.trim()).run();
        match wanted {
            Ok((verify, tls)) => {
                out.done();
                let vars = exports(&sb, "a");
                assert_eq!(vars["DOCKER_TLS_VERIFY"].as_deref(), verify, "{flags}");
                assert_eq!(vars["DOCKER_TLS"].as_deref(), tls, "{flags}");
                let any = verify.or(tls).is_some();
                assert_eq!(vars["DOCKER_CERT_PATH"].is_some(), any, "{flags}");
            }
            Err(why) => {
                out.is(2, "", &format!("dctx: {why}\n"));
                assert_eq!(config(&sb), None, "{flags}");
            }
        }
    }
    for (scheme, host) in
        [("ssh", "ssh://h"), ("unix", "unix:///s"), ("npipe", "npipe:////./pipe/p")]
    {
        let _ = fs::remove_file(sb.path(CONFIG));
        dctx(&sb, &format!("add a {host} --tls off")).run().done();
        for (flags, what) in [(dir.as_str(), "certs"), (&ca, "ca"), ("--tls verify", "tls")] {
            let said = format!("dctx: {what} has no meaning for {scheme}://\n");
            dctx(&sb, &format!("add b {host} {flags}")).run().is(2, "", &said);
        }
    }
    let warned = "dctx: added c (tcp://h:2376, TLS, server NOT verified)\n\
                  dctx: the server tcp://h:2376 is not verified; with its CA it can be: tls = \"verify\"\n\
                  next: eval \"$(dctx use c)\"\n";
    dctx(&sb, "add c tcp://h --tls insecure").run().ok("", warned);
}
