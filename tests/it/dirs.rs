//! A directory leads where a person could have gone without being asked, and nowhere else; it is found however it is
//! reached, and what is not right is said once.

use std::fs;
use std::path::Path;

use dctx::exports::{Before, DirMark, Formers, Kept, Var};

use crate::support::{Output, Sandbox};

fn prepare(profiles: &str) -> Sandbox {
    let sb = Sandbox::new();
    sb.write("home/.config/dctx/config.toml", profiles);
    fs::create_dir_all(sb.path("home/shop/src")).unwrap();
    sb
}

/// What a shell that is in `dir` is told at its prompt.
fn at(sb: &Sandbox, dir: &Path, vars: &[(&str, &str)]) -> Output {
    sb.dctx(["__hook"])
        .env("DCTX_SHELL", "bash")
        .env("DCTX_HOOK", "prompt")
        .env("PWD", dir)
        .envs(vars.iter().copied())
        .cwd(dir)
        .run()
}

/// The value that a variable is given, its `$'…'` undone as far as these tests need it.
fn value(out: &Output, name: &str) -> Option<String> {
    let script = String::from_utf8(out.stdout.clone()).unwrap();
    let rest = script.split(&format!(" {name}=")).nth(1)?;
    let word = rest.split([' ', ';']).next()?;
    let text = word.trim_start_matches('$').trim_matches('\'');
    Some(
        text.replace("\\054", ",")
            .replace("\\041", "!")
            .replace("\\043", "#")
            .replace("\\045", "%"),
    )
}

const LAB: &str = "[profiles.lab]\nhost = \"tcp://192.0.2.2\"\ndirs = [\"~/shop\"]\n";

#[test]
fn it_is_found_however_it_is_reached() {
    let sb = prepare(LAB);
    let shop = sb.path("home/shop");
    let link = sb.path("link");
    std::os::unix::fs::symlink(&shop, &link).unwrap();
    for dir in [shop.clone(), shop.join("src"), link.clone(), link.join("src")] {
        let out = at(&sb, &dir, &[]);
        assert_eq!(value(&out, "DOCKER_HOST").unwrap(), "tcp://192.0.2.2:2375", "{dir:?}");
        let mark = DirMark::decode(value(&out, "DCTX_DIR").unwrap().as_ref()).unwrap();
        assert_eq!(
            mark,
            DirMark { by_hand: false, nowhere: false, before: Before::Follows, path: shop.clone() }
        );
    }
    // a neighbour whose name begins alike is another directory
    fs::create_dir_all(sb.path("home/shopping")).unwrap();
    at(&sb, &sb.path("home/shopping"), &[]).ok("", "");
    // a PWD that lies
    let out = at(&sb, &sb.home(), &[("PWD", shop.to_str().unwrap())]);
    out.ok("", "");
    // relative to the file, and through a link in the profile
    let relative = LAB.replace("~/shop", "../../shop/./src/");
    sb.write("home/.config/dctx/config.toml", relative);
    assert!(value(&at(&sb, &shop.join("src"), &[]), "DOCKER_HOST").is_some());
    at(&sb, &shop, &[]).ok("", "");
    // where that link leads is learnt when it is entered, or asked for
    sb.write("home/.config/dctx/config.toml", LAB.replace("~/shop", link.to_str().unwrap()));
    at(&sb, &shop, &[]).ok("", "");
    sb.dctx(["show", "lab"]).run().done();
    assert!(value(&at(&sb, &shop, &[]), "DOCKER_HOST").is_some());
    // and not taken for granted: elsewhere now
    let (link, other) = (sb.path("link2"), sb.path("home/other"));
    fs::create_dir(&other).unwrap();
    std::os::unix::fs::symlink(&shop, &link).unwrap();
    sb.write("home/.config/dctx/config.toml", LAB.replace("~/shop", link.to_str().unwrap()));
    assert!(value(&at(&sb, &link, &[]), "DOCKER_HOST").is_some());
    assert!(value(&at(&sb, &shop, &[]), "DOCKER_HOST").is_some());
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&other, &link).unwrap();
    at(&sb, &shop, &[]).ok("", "");
    assert!(value(&at(&sb, &link, &[]), "DOCKER_HOST").is_some());
    assert!(value(&at(&sb, &other, &[]), "DOCKER_HOST").is_some());
    // by add, edit and undo as well
    sb.write("home/.config/dctx/config.toml", "");
    let third = sb.path("link3");
    std::os::unix::fs::symlink(&shop, &third).unwrap();
    let third = third.to_str().unwrap();
    sb.dctx(["add", "lab", "tcp://192.0.2.2", "--dir", third]).run().done();
    assert!(value(&at(&sb, &shop, &[]), "DOCKER_HOST").is_some());
}

/// A file server that does not answer must not hold up a change of directory that has nothing to do with it.
#[test]
fn a_path_that_leads_elsewhere_is_not_looked_at() {
    if crate::support::require("strace").is_none() {
        return;
    }
    let dead = |sb: &Sandbox, name: &str| sb.path(format!("dead/{name}")).display().to_string();
    let sb = prepare("");
    let profile = |name: &str, dirs: &str| {
        format!("[profiles.{name}]\nhost = \"tcp://192.0.2.2\"\ndirs = [{dirs}]\n")
    };
    let own = profile("own", &format!("\"{}\", \"~/shop\"", dead(&sb, "src")));
    sb.write("home/.config/dctx/config.toml", own);
    let shared = profile("shared", &format!("\"{}/..\"", dead(&sb, "b/src")));
    sb.write("home/.config/dctx/profiles.d/team.toml", shared);
    // used before, and there: only its path is another one
    fs::create_dir_all(sb.path("dead/b/src")).unwrap();
    sb.dctx(["use", "shared", "--shell", "bash"]).run().done();
    for (dir, found) in [("home", false), ("home/shop/src", true), ("work", false)] {
        let log = sb.path("strace.log");
        let trace = ["-f", "-e", "trace=file", "-o", log.to_str().unwrap()];
        let dir = sb.path(dir);
        let dctx = crate::support::sandbox::dctx_bin();
        let out = sb
            .sh("strace", trace)
            .arg(dctx)
            .arg("__hook")
            .env("DCTX_SHELL", "bash")
            .env("DCTX_HOOK", "prompt")
            .env("PWD", &dir)
            .cwd(&dir)
            .run();
        assert_eq!(value(&out, "DOCKER_HOST").is_some(), found, "{}", out.err());
        let log = fs::read_to_string(&log).unwrap();
        assert!(log.contains("config.toml"), "{log}");
        let touched: Vec<&str> = log.lines().filter(|line| line.contains("/dead")).collect();
        assert!(touched.is_empty(), "{dir:?}: {touched:#?}");
    }
}

/// Protected, shared and new, not usable: the shell stays where it was, and is told so once.
#[test]
fn where_a_person_would_be_asked_no_directory_leads() {
    let shop = |sb: &Sandbox| sb.path("home/shop");
    let stays = |sb: &Sandbox, said: &str| {
        let out = at(sb, &shop(sb), &[]);
        assert!(out.err().starts_with(said), "{}", out.err());
        assert_eq!(value(&out, "DOCKER_HOST"), None, "{}", out.out());
        let mark = value(&out, "DCTX_DIR").unwrap();
        assert!(mark.starts_with("n,-,"), "{mark}");
        at(sb, &shop(sb).join("src"), &[("DCTX_DIR", &mark)]).ok("", "");
        // and leaving takes nothing away
        let out = at(sb, &sb.home(), &[("DCTX_DIR", &mark)]);
        out.ok("unset -v DCTX_DIR;\n", "");
    };
    let sb = prepare(&format!("{LAB}protected = true\n"));
    stays(
        &sb,
        "dctx: ~/shop belongs to lab, which is protected: entering a directory never switches to it\n",
    );

    let sb = prepare("");
    sb.write("home/.config/dctx/profiles.d/team.toml", LAB);
    let new = "dctx: ~/shop belongs to lab, a shared profile that is new or has changed since it was last used\n\
               hint: to switch to it: dctx use lab\n";
    stays(&sb, new);
    sb.dctx(["use", "lab", "--shell", "bash"]).run().done();
    assert!(value(&at(&sb, &shop(&sb), &[]), "DOCKER_HOST").is_some());
    sb.write("home/.config/dctx/profiles.d/team.toml", LAB.replace("192.0.2.2", "192.0.2.66"));
    stays(&sb, new);

    let sb = prepare(&format!("{LAB}certs = \"~/none\"\n"));
    stays(&sb, "dctx: ~/shop: lab: ");
    // a time limit that the shell would not notice
    let sb = prepare(&format!("{LAB}max-use = \"5m\"\n"));
    let out = at(&sb, &shop(&sb), &[("DCTX_HOOK", "1")]);
    assert!(
        out.err().starts_with("dctx: ~/shop: lab may be used for 5m at a time"),
        "{}",
        out.err()
    );
    assert!(value(&at(&sb, &shop(&sb), &[]), "DCTX_EXPIRES").is_some());
}

/// What cannot be gone back to without asking is left for local docker, and that is said.
#[test]
fn back_from_a_directory_is_never_to_a_protected_profile() {
    let sb =
        prepare(&format!("{LAB}[profiles.prod]\nhost = \"tcp://192.0.2.9\"\nprotected = true\n"));
    let dir = format!("d,s:prod,{}", sb.path("home/shop").display());
    let saved = "s1,@=0000000000000000";
    let vars = [
        ("DCTX_DIR", dir.as_str()),
        ("DCTX_SAVED", saved),
        ("DCTX_PROFILE", "lab"),
        ("DOCKER_HOST", "tcp://192.0.2.2:2375"),
    ];
    let out = at(&sb, &sb.home(), &vars);
    assert_eq!(
        out.err(),
        "dctx: left ~/shop: prod, which was in use before, is protected and must be chosen again\n\
         hint: to switch to it: dctx use prod\n\
         dctx: left ~/shop: back to local docker\n"
    );
    assert!(out.out().starts_with("unset -v DOCKER_HOST"), "{}", out.out());
    // one whose time is over meanwhile, or that is gone, is not gone back to either
    for before in ["s:lab:1000000000", "s:gone"] {
        let dir = dir.replace("s:prod", before);
        let vars = [
            ("DCTX_DIR", dir.as_str()),
            ("DCTX_SAVED", saved),
            ("DCTX_PROFILE", "lab"),
            ("DOCKER_HOST", "tcp://192.0.2.2:2375"),
        ];
        let out = at(&sb, &sb.home(), &vars);
        assert_eq!(out.err(), "dctx: left ~/shop: back to local docker\n", "{before}");
    }
}

/// The variable comes from the environment: what is not ours means nothing.
#[test]
fn the_mark_is_read_back_as_it_was_written() {
    let profile = |expires| Before::Profile { name: "a.b-c+d_1".to_owned(), expires };
    let own = Formers::from([
        (Var::new("DOCKER_HOST"), Kept::Value("tcp://192.0.2.7:2375, 中\u{1f40b}%".into())),
        (Var::new("DOCKER_CONTEXT"), Kept::Value("".into())),
        (Var::new("BUILDX_BUILDER"), Kept::Unset),
        (Var::new("COMPOSE_PROJECT_NAME"), Kept::Lost),
    ]);
    for before in [Before::Follows, Before::Own(own), profile(None), profile(Some(1_800_000_000))] {
        for path in ["/", "/a b,c%", "/中文/\u{1f40b}", "/home/me/shop"] {
            for (by_hand, nowhere) in [(false, false), (true, false), (true, true)] {
                let (before, path) = (before.clone(), path.into());
                let mark = DirMark { by_hand, nowhere, before, path };
                let text = mark.encode();
                assert!(text.is_ascii() && !text.contains(' '), "{text}");
                assert_eq!(DirMark::decode(text.as_ref()), Some(mark));
            }
        }
    }
    for text in [
        "",
        "d",
        "d,-",
        "d,-,relative",
        "x,-,/a",
        "d,s:,/a",
        "d,s:$(id),/a",
        "d,s:a:x,/a",
        "d,z,/a",
        "d,-,/%0",
        "d,-,/%00",
        "d,o,/a,LD_PRELOAD=x",
        "d,o,/a,PATH",
    ] {
        assert_eq!(DirMark::decode(text.as_ref()), None, "{text}");
    }
    let sb = prepare(LAB);
    let out = at(&sb, &sb.path("home/shop"), &[("DCTX_DIR", "nonsense")]);
    assert!(value(&out, "DOCKER_HOST").is_some());
}
