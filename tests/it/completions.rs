//! Completion in the real shells: what is offered where, that nothing offered is ever run, and that what is
//! checked in is what this version makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clap::CommandFactory as _;

use crate::support::shells::{Build, builds};
use crate::support::terminal::Terminal;
use crate::support::{Sandbox, require};

/// Profiles whose names have every character that a name may have.
const PROFILES: &str = r#"
[profiles.coreos]
host = "tcp://192.168.57.110:2375"
tags = ["lab", "eu:west"]
[profiles."core+x.y_z-1"]
host = "tcp://[fd00::1]:2375"
tags = ["lab", "中文"]
[profiles.pi]
host = "ssh://pi@raspberrypi"
"#;

/// Names, tags and hosts that a shell must never run.
const HOSTILE: &str = r#"
[profiles."$(touch pwned)"]
host = "tcp://h:2375"
[profiles."`touch pwned`"]
host = "tcp://h:2375"
[profiles."';touch pwned;'"]
host = "tcp://h:2375"
[profiles."a[$(touch pwned)]"]
host = "tcp://h:2375"
[profiles.tagged]
host = "tcp://h:2375"
tags = ["$(touch pwned)", "`touch pwned`", "a b", "(touch pwned)"]
[profiles.hosted]
host = "tcp://$(touch pwned)`touch pwned`(touch pwned)'"
"#;

fn sandbox() -> Sandbox {
    let mut sb = Sandbox::new();
    sb.write("home/.config/dctx/config.toml", PROFILES);
    for file in ["file1.pem", "fi le.pem"] {
        sb.write(Path::new("work").join(file), "");
    }
    fs::create_dir(sb.work().join("sub dir")).unwrap();
    // what a terminal of no known kind cannot do is not what is tested
    sb.set_env("TERM", "screen");
    sb
}

/// Every verb that help shows, in its order.
fn verbs() -> Vec<String> {
    let root = dctx::cli::Cli::command();
    let shown = root.get_subcommands().filter(|verb| !verb.is_hide_set());
    shown.map(|verb| verb.get_name().to_owned()).collect()
}

/// The flags of a verb, its own and those of every verb.
fn flags(verb: &str) -> Vec<String> {
    let mut root = dctx::cli::Cli::command();
    root.build();
    let below =
        |command: &clap::Command, name: &str| command.find_subcommand(name).unwrap().clone();
    let verb = verb.split(' ').fold(root, |command, name| below(&command, name));
    let longs = verb.get_arguments().filter_map(|arg| arg.get_long());
    longs.map(|long| format!("--{long}")).collect()
}

/// The files that are checked in, as this version makes them.
fn generated(sb: &Sandbox) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for (shell, file) in [
        ("bash", "dctx.bash"),
        ("zsh", "_dctx"),
        ("fish", "dctx.fish"),
        ("elvish", "dctx.elv"),
        ("nu", "dctx.nu"),
        ("pwsh", "dctx.ps1"),
        ("xonsh", "dctx.xsh"),
    ] {
        let out = sb.dctx(["completions", shell]).run();
        files.insert(format!("completions/{file}"), out.done().stdout.clone());
    }
    let man = sb.path("man");
    sb.dctx(["man".as_ref(), man.as_os_str()]).run().ok("", "");
    for entry in fs::read_dir(&man).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        files.insert(format!("man/{name}"), fs::read(entry.path()).unwrap());
    }
    files
}

#[test]
fn what_is_checked_in_is_what_this_version_makes() {
    let sb = Sandbox::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = generated(&sb);
    let mut kept = BTreeMap::new();
    for dir in ["completions", "man"] {
        for entry in fs::read_dir(root.join(dir)).into_iter().flatten() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            kept.insert(format!("{dir}/{name}"), fs::read(entry.path()).unwrap());
        }
    }
    if std::env::var_os("DCTX_UPDATE").is_some_and(|v| v == "1") {
        for name in kept.keys().filter(|name| !made.contains_key(*name)) {
            fs::remove_file(root.join(name)).unwrap();
        }
        for (name, bytes) in &made {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), bytes).unwrap();
        }
        return;
    }
    let names: std::collections::BTreeSet<_> = made.keys().chain(kept.keys()).collect();
    let stale: Vec<_> = names.into_iter().filter(|n| made.get(*n) != kept.get(*n)).collect();
    assert!(
        stale.is_empty(),
        "not what this version makes: {stale:?}\nto write them anew: DCTX_UPDATE=1 cargo test completions"
    );
}

/// What clap generates is changed at certain places; were it to generate something else one day, a place would be
/// left out in silence.
#[test]
fn no_marker_is_left_in_a_script() {
    let sb = Sandbox::new();
    for (name, text) in generated(&sb) {
        let text = String::from_utf8(text).unwrap();
        for marker in ["_hosts'", "_users'", "_urls'", "_email_addresses", "_default'", "@PLACES@"]
        {
            assert!(!text.contains(marker), "{name}: {marker}");
        }
        for marker in
            ["__fish_complete_users", "__fish_print_hostnames", "@VALUED@", "@NESTED@", "@FLAGS@"]
        {
            assert!(!text.contains(marker), "{name}: {marker}");
        }
        // hidden verbs and aliases, and where the program happened to be
        for hidden in [" man ", "'man", "(env)", "__complete:", "doctor", "/target/"] {
            assert!(name.starts_with("man/") || !text.contains(hidden), "{name}: {hidden}");
        }
    }
    let zsh = sb.dctx(["completions", "zsh"]).run().done().out();
    let count = |what: &str| zsh.matches(what).count();
    assert_eq!(
        count(":_dctx_names'"),
        10 + 3 + 9 + 1,
        "use, exec, shell and server --confirm, ls, edit, show, rename, exec, shell; server, explain -p and --profile; all of cert but show and import; beside the paths of show"
    );
    assert_eq!((count(":_dctx_more'"), count(":_dctx_use'"), count(":_dctx_tags'")), (2, 1, 4));
    assert_eq!(count(":_dctx_command'"), 1);
}

#[test]
fn the_scripts_are_clean_in_their_shells_own_eyes() {
    let sb = Sandbox::new();
    for (file, checks) in [
        ("dctx.bash", &[&["bash", "-n"][..], &["shellcheck", "-s", "bash"]][..]),
        ("_dctx", &[&["zsh", "-n"]]),
        ("dctx.fish", &[&["fish", "--no-execute"]]),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(file);
        for check in checks.iter().filter(|check| require(check[0]).is_some()) {
            sb.sh(check[0], &check[1..]).arg(&path).run().ok("", "");
        }
    }
}

/// Every manual page is one that `man` finds nothing wrong with, and its NAME line is what `apropos` needs.
#[test]
fn the_manual_pages_are_well_formed() {
    let sb = Sandbox::new();
    let pages = generated(&sb).into_iter().filter(|(name, _)| name.starts_with("man/"));
    let mut names = Vec::new();
    for (path, text) in pages {
        let text = String::from_utf8(text).unwrap();
        let name = path.strip_prefix("man/").unwrap().strip_suffix(".1").unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| *line == ".SH NAME").unwrap();
        let line = lines[at + 1].replace("\\-", "-");
        assert!(line.starts_with(&format!("{name} - ")), "{path}: {line}");
        let title = format!(".TH {} 1 ", name.to_uppercase());
        assert!(text.contains(&title), "{path} has no {title}");
        names.push(name.to_owned());
        if require("groff").is_some() {
            let out = sb.sh("groff", ["-man", "-Tutf8", "-ww", "-z"]).stdin(text).run();
            out.ok("", "");
        }
    }
    let mut wanted: Vec<String> = verbs().iter().map(|verb| format!("dctx-{verb}")).collect();
    wanted.push("dctx".to_owned());
    wanted.sort();
    names.sort();
    assert_eq!(names, wanted);
}

/// The answers that every shell asks for.
#[test]
fn dctx_answers_with_one_candidate_a_line() {
    let sb = sandbox();
    let ask = |what: &str, prefix: &str| sb.dctx(["__complete", what, "--", prefix]).run();
    ask("names", "").ok("coreos\ncore+x.y_z-1\npi\n", "");
    ask("names", "core+").ok("core+x.y_z-1\n", "");
    ask("names-hosts", "p").ok("pi\tssh://pi@raspberrypi\n", "");
    ask("names", "--help").ok("", "");
    ask("use", "-").ok("", "");
    let before = |what: &str| sb.dctx(["__complete", what, "--", "-"]).env("DCTX_PREVIOUS", "pi");
    before("use").run().ok("-\n", "");
    before("use-hosts").run().ok("-\tback to pi\n", "");
    before("use-hosts").env("DCTX_LANG", "zh").run().ok("-\t回到 pi\n", "");
    before("names").run().ok("", "");
    ask("tags", "").ok("eu:west\nlab\n中文\n", "");
    ask("nonsense", "").ok("", "");
    sb.write("home/.config/dctx/profiles.d/evil.toml", HOSTILE);
    let out = ask("names", "").done().out();
    assert_eq!(out, "coreos\ncore+x.y_z-1\npi\ntagged\nhosted\n");
    ask("tags", "").ok("eu:west\nlab\n中文\n", "");
}

/// In bash, the words as readline breaks them: the line, the word before the cursor, the words up to it.
const IN_BASH: &[(&str, &str, &str, &str)] = &[
    ("dctx use ", "", "dctx use ''", "coreos core+x.y_z-1 pi"),
    ("dctx use c", "c", "dctx use c", "coreos core+x.y_z-1"),
    ("dctx use core+", "core+", "dctx use core+", "core+x.y_z-1"),
    ("dctx use zz", "zz", "dctx use zz", ""),
    ("dctx use \"co", "co", "dctx use '\"co'", "coreos core+x.y_z-1"),
    ("dctx use pi ", "", "dctx use pi ''", "FLAGS use"),
    ("dctx use --", "--", "dctx use --", "FLAGS use"),
    ("dctx -q use p", "p", "dctx -q use p", "pi"),
    ("dctx --color never use p", "p", "dctx --color never use p", "pi"),
    ("dctx --color=never use p", "p", "dctx --color = never use p", "pi"),
    ("dctx use pi --confirm ", "", "dctx use pi --confirm ''", "coreos core+x.y_z-1 pi"),
    ("dctx use pi --confirm=p", "p", "dctx use pi --confirm = p", "pi"),
    ("dctx use --shell f", "f", "dctx use --shell f", "fish"),
    ("dctx use --shell=", "", "dctx use --shell =", "SHELLS"),
    ("dctx use --shell=f", "f", "dctx use --shell = f", "fish"),
    ("dctx use --shell fish ", "", "dctx use --shell fish ''", "coreos core+x.y_z-1 pi"),
    ("dctx reset --shell ", "", "dctx reset --shell ''", "SHELLS"),
    ("dctx show p", "p", "dctx show p", "pi"),
    ("dctx edit p", "p", "dctx edit p", "pi"),
    ("dctx edit pi --tls ", "", "dctx edit pi --tls ''", "off verify system insecure"),
    ("dctx edit pi --protected=t", "t", "dctx edit pi --protected = t", "true"),
    ("dctx rename p", "p", "dctx rename p", "pi"),
    ("dctx rename pi ", "", "dctx rename pi ''", ""),
    ("dctx rm ", "", "dctx rm ''", "coreos core+x.y_z-1 pi"),
    ("dctx rm pi coreos ", "", "dctx rm pi coreos ''", "core+x.y_z-1"),
    ("dctx rm pi p", "p", "dctx rm pi p", ""),
    ("dctx ls c", "c", "dctx ls c", "coreos core+x.y_z-1"),
    ("dctx ls --tag ", "", "dctx ls --tag ''", "eu:west lab 中文"),
    ("dctx ls --tag=l", "l", "dctx ls --tag = l", "lab"),
    // what stands before the colon stays where it is
    ("dctx ls --tag eu:", "", "dctx ls --tag eu :", "west"),
    ("dctx ls --tag eu:w", "w", "dctx ls --tag eu : w", "west"),
    ("dctx ls --tag=eu:w", "w", "dctx ls --tag = eu : w", "west"),
    ("dctx add n tcp://h --tag l", "l", "dctx add n tcp : //h --tag l", "lab"),
    ("dctx add ", "", "dctx add ''", ""),
    ("dctx add n ", "", "dctx add n ''", ""),
    ("dctx add n h --certs ", "", "dctx add n h --certs ''", "[-o dirnames]"),
    ("dctx add n h --ca=f", "f", "dctx add n h --ca = f", "[-o bashdefault -o default]"),
    ("dctx exec p", "p", "dctx exec p", "pi"),
    ("dctx exec pi ", "", "dctx exec pi ''", "--"),
    ("dctx exec pi -- dctx-t", "dctx-t", "dctx exec pi -- dctx-t", "dctx-test-program"),
    ("dctx exec pi -- ls f", "f", "dctx exec pi -- ls f", "[-o bashdefault -o default]"),
    ("dctx exec pi -- ./f", "./f", "dctx exec pi -- ./f", "[-o bashdefault -o default]"),
    ("dctx init ", "", "dctx init ''", "bash zsh sh ksh mksh yash fish tcsh elvish nu xonsh pwsh"),
    ("dctx completions f", "f", "dctx completions f", "fish"),
    ("dctx --color ", "", "dctx --color ''", "auto always never"),
    ("dctx rese", "rese", "dctx rese", "reset"),
    ("dctx ", "", "dctx ''", "VERBS"),
    ("dctx __", "__", "dctx __", ""),
    ("dctx nonsense ", "", "dctx nonsense ''", ""),
    // verbs below a verb have flags, places and files of their own
    ("dctx cert show p", "p", "dctx cert show p", "pi [-o filenames]"),
    ("dctx cert show file", "file", "dctx cert show file", "file1.pem [-o filenames]"),
    ("dctx cert show ~/x", "~/x", "dctx cert show '~/x'", "[-o bashdefault -o default]"),
    ("dctx cert import f", "f", "dctx cert import f", "[-o bashdefault -o default]"),
    ("dctx cert copy p", "p", "dctx cert copy p", "pi"),
    ("dctx cert copy pi s", "s", "dctx cert copy pi s", "[-o dirnames]"),
    ("dctx cert sign pi f", "f", "dctx cert sign pi f", "[-o bashdefault -o default]"),
    (
        "dctx cert authorize pi f g",
        "g",
        "dctx cert authorize pi f g",
        "[-o bashdefault -o default]",
    ),
    (
        "dctx cert client pi --for a -o f",
        "f",
        "dctx cert client pi --for a -o f",
        "[-o bashdefault -o default]",
    ),
    ("dctx cert new --ca ", "", "dctx cert new --ca ''", "[-o dirnames]"),
    ("dctx cert renew --ca p", "p", "dctx cert renew --ca p", "pi"),
    ("dctx cert new pi --key ", "", "dctx cert new pi --key ''", "file keyring"),
    ("dctx cert new --", "--", "dctx cert new --", "FLAGS cert new"),
    ("dctx cert renew new --", "--", "dctx cert renew new --", "FLAGS cert renew"),
    ("dctx cert new pi ", "", "dctx cert new pi ''", "FLAGS cert new"),
    (
        "dctx server pi --daemon-json f",
        "f",
        "dctx server pi --daemon-json f",
        "[-o bashdefault -o default]",
    ),
    ("dctx server pi --out s", "s", "dctx server pi --out s", "[-o dirnames]"),
];

fn bashes() -> Vec<Build> {
    builds().into_iter().filter(|build| build.is("bash")).collect()
}

#[test]
fn bash_offers_what_fits_the_place() {
    let all = |text: &str| {
        let shells = dctx::shell::SHELLS.iter().map(|shell| shell.name()).collect::<Vec<_>>();
        text.replace("VERBS", &verbs().join(" ")).replace("SHELLS", &shells.join(" "))
    };
    for build in bashes() {
        let sb = sandbox();
        let program = sb.script("bin/dctx-test-program", "#!/bin/sh\n");
        let mut script = format!(
            "set -u; echo $BASH_VERSINFO; PATH=$PATH:{}\neval \"$(dctx completions bash)\"\n\
             compopt() {{ COMPREPLY+=(\"[$*]\"); }}\n\
             ask() {{ COMP_LINE=$1 COMP_POINT=${{#1}}; local cur=$2; shift 2; COMP_WORDS=(\"$@\");\n\
             COMP_CWORD=$(($# - 1)); _dctx_complete dctx \"$cur\" x; echo \"${{COMPREPLY[*]-}}\"; }}\n",
            program.parent().unwrap().display()
        );
        for (line, cur, words, _) in IN_BASH {
            script.push_str(&format!("ask '{line}' '{cur}' {words}\n"));
        }
        let out = build.run(&sb, &script);
        assert_eq!((out.code(), out.err().as_str()), (0, ""), "{}", build.label);
        let text = out.out();
        let (version, text) = text.split_once('\n').unwrap();
        let old = version.parse::<u8>().unwrap() < 4;
        let got: Vec<&str> = text.lines().collect();
        assert_eq!(got.len(), IN_BASH.len());
        for ((line, _, _, wanted), got) in IN_BASH.iter().zip(got) {
            if let Some(verb) = wanted.strip_prefix("FLAGS ") {
                let offered: Vec<&str> = got.split(' ').filter(|f| f.starts_with("--")).collect();
                assert_eq!(sorted(&offered), sorted(&flags(verb)), "{}: {line}", build.label);
            } else if old && wanted.starts_with('[') {
                // its readline takes over where nothing is offered
                assert_eq!(got, "", "{}: {line}", build.label);
            } else {
                assert_eq!(got, all(wanted), "{}: {line}", build.label);
            }
        }
    }
}

fn sorted<T: AsRef<str>>(words: &[T]) -> Vec<&str> {
    let mut words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    words.sort_unstable();
    words
}

/// In fish: the line, and the candidates; with a description where it is ours.
const IN_FISH: &[(&str, &[&str])] = &[
    (
        "dctx use ",
        &[
            "core+x.y_z-1\ttcp://[fd00::1]:2375",
            "coreos\ttcp://192.168.57.110:2375",
            "pi\tssh://pi@raspberrypi",
        ],
    ),
    ("dctx use oreo", &["coreos\ttcp://192.168.57.110:2375"]),
    ("dctx use p", &["pi\tssh://pi@raspberrypi"]),
    ("dctx use zz", &[]),
    ("dctx use pi ", &[]),
    ("dctx -q --color never use p", &["pi\tssh://pi@raspberrypi"]),
    ("dctx use pi --confirm p", &["pi\tssh://pi@raspberrypi"]),
    ("dctx use --shell fish p", &["pi\tssh://pi@raspberrypi"]),
    ("dctx use --shell=fi", &["--shell=fish"]),
    ("dctx use --shell fi", &["fish"]),
    ("dctx --color a", &["always", "auto"]),
    ("dctx --color always re", &["rename", "reset"]),
    ("dctx show p", &["pi\tssh://pi@raspberrypi"]),
    ("dctx edit p", &["pi\tssh://pi@raspberrypi"]),
    ("dctx edit pi --tls v", &["verify"]),
    ("dctx rename p", &["pi\tssh://pi@raspberrypi"]),
    ("dctx rename pi ", &[]),
    ("dctx rm p", &["pi\tssh://pi@raspberrypi"]),
    ("dctx rm pi coreos ", &["core+x.y_z-1\ttcp://[fd00::1]:2375"]),
    ("dctx ls p", &["pi\tssh://pi@raspberrypi"]),
    ("dctx ls --tag ", &["eu:west", "lab", "中文"]),
    ("dctx ls --tag=eu", &["--tag=eu:west"]),
    ("dctx add ", &[]),
    ("dctx add n h --tag l", &["lab"]),
    ("dctx add n h --certs ", &["sub dir/"]),
    ("dctx add n h --ca ", &["fi le.pem", "file1.pem", "sub dir/"]),
    ("dctx exec p", &["pi\tssh://pi@raspberrypi"]),
    ("dctx exec pi ", &["--"]),
    ("dctx exec pi -- ls fi", &["fi le.pem", "file1.pem"]),
    ("dctx exec pi -- dctx-test-pro", &["dctx-test-program"]),
    ("dctx init b", &["bash"]),
    ("dctx completions f", &["fish"]),
    ("dctx __", &[]),
    ("dctx cert show pi", &["pi\tssh://pi@raspberrypi"]),
    ("dctx cert show fi", &["fi le.pem", "file1.pem"]),
    ("dctx cert import fi", &["fi le.pem", "file1.pem"]),
    ("dctx cert copy p", &["pi\tssh://pi@raspberrypi"]),
    ("dctx cert copy pi s", &["sub dir/"]),
    ("dctx cert sign pi fi", &["fi le.pem", "file1.pem"]),
    ("dctx cert authorize pi x fi", &["fi le.pem", "file1.pem"]),
    ("dctx cert client pi -o fi", &["fi le.pem", "file1.pem"]),
    ("dctx cert new pi --key ", &["file", "keyring"]),
    ("dctx cert renew --ca p", &["pi\tssh://pi@raspberrypi"]),
    ("dctx cert renew new --se", &["--server"]),
    ("dctx cert renew new --pi", &[]),
    ("dctx cert new new --pi", &["--pin"]),
];

#[test]
fn fish_offers_what_fits_the_place() {
    if require("fish").is_none() {
        return;
    }
    let sb = sandbox();
    let program = sb.script("bin/dctx-test-program", "#!/bin/sh\n");
    let mut script = format!(
        "set PATH $PATH {}\ndctx completions fish | source\n",
        program.parent().unwrap().display()
    );
    let lines = IN_FISH.iter().map(|(line, _)| *line);
    for line in lines.chain(["dctx ", "dctx use --", "dctx cert new --"]) {
        script.push_str(&format!("complete -C'{line}'; echo =\n"));
    }
    let out = sb.sh("fish", ["-c", &script]).run();
    assert_eq!((out.code(), out.err().as_str()), (0, ""));
    let text = out.out();
    let mut answers = text.split("=\n").map(|a| a.lines().collect::<Vec<_>>());
    for (line, wanted) in IN_FISH {
        let got = answers.next().unwrap();
        let mut got: Vec<String> = got
            .iter()
            // ours has the host; for the others fish shows the help text of the flag, or its own words
            .map(|c| if c.contains("://") { c } else { c.split('\t').next().unwrap() })
            .map(ToOwned::to_owned)
            .collect();
        got.sort();
        assert_eq!(got, *wanted, "{line}");
    }
    let words = |answer: Vec<&str>| -> Vec<String> {
        answer.iter().map(|c| c.split('\t').next().unwrap().to_owned()).collect()
    };
    let offered = words(answers.next().unwrap());
    assert_eq!(sorted(&offered), sorted(&verbs()));
    let offered = words(answers.next().unwrap());
    assert_eq!(sorted(&offered), sorted(&flags("use")));
    let offered = words(answers.next().unwrap());
    assert_eq!(sorted(&offered), sorted(&flags("cert new")));
}

/// In zsh, typed: the line, what it becomes after a TAB, and what is listed below it.
const IN_ZSH: &[(&str, &str, &[&str])] = &[
    (
        "dctx use core",
        "dctx use core",
        &["coreos        -- tcp://192.168.57.110:2375", "core+x.y_z-1  -- tcp://[fd00::1]:2375"],
    ),
    ("dctx use c", "dctx use core", &[]),
    ("dctx use p", "dctx use pi", &[]),
    ("dctx use zz", "dctx use zz", &[]),
    ("dctx -q use p", "dctx -q use pi", &[]),
    ("dctx use pi --confirm p", "dctx use pi --confirm pi", &[]),
    ("dctx use --shell=f", "dctx use --shell=fish", &[]),
    ("dctx show p", "dctx show pi", &[]),
    ("dctx edit p", "dctx edit pi", &[]),
    ("dctx edit pi --tls=v", "dctx edit pi --tls=verify", &[]),
    ("dctx rename p", "dctx rename pi", &[]),
    ("dctx rename pi ", "dctx rename pi", &[]),
    ("dctx rm pi coreos ", "dctx rm pi coreos core+x.y_z-1", &[]),
    ("dctx ls --tag e", "dctx ls --tag eu:west", &[]),
    ("dctx ls --tag=eu:", "dctx ls --tag=eu:west", &[]),
    ("dctx add n h --certs s", "dctx add n h --certs sub\\ dir/", &[]),
    ("dctx add n h --ca fi\\ ", "dctx add n h --ca fi\\ le.pem", &[]),
    ("dctx add ", "dctx add", &[]),
    ("dctx exec p", "dctx exec pi", &[]),
    ("dctx exec pi ", "dctx exec pi --", &[]),
    ("dctx exec pi -- dctx-test-p", "dctx exec pi -- dctx-test-program", &[]),
    ("dctx exec pi -- cat fi\\ ", "dctx exec pi -- cat fi\\ le.pem", &[]),
    ("dctx init f", "dctx init fish", &[]),
    ("dctx __", "dctx __", &[]),
    ("dctx cert show fi\\ ", "dctx cert show fi\\ le.pem", &[]),
    ("dctx cert import file", "dctx cert import file1.pem", &[]),
    ("dctx cert copy p", "dctx cert copy pi", &[]),
    ("dctx cert copy pi s", "dctx cert copy pi sub\\ dir/", &[]),
    ("dctx cert client pi -o file", "dctx cert client pi -o file1.pem", &[]),
    ("dctx cert new --no-p", "dctx cert new --no-passphrase", &[]),
    ("dctx cert renew new --p", "dctx cert renew new --p", &[]),
    ("dctx use --ses", "dctx use --session", &[]),
    ("eval \"$(dctx use p", "eval \"$(dctx use pi", &[]),
    ("dctx ", "dctx", &["exec         -- run a command on a profile; this shell stays as it is"]),
];

/// A shell at its prompt, which is a `%`, after these lines of its start-up file.
fn at_prompt<'a>(sb: &'a Sandbox, shell: &str, first: &str) -> Option<Terminal<'a>> {
    require(shell)?;
    let terminal = match shell {
        "bash" => {
            let rc = sb.write("bashrc", format!("PS1='% '\nbind 'set bell-style none'\n{first}\n"));
            Terminal::start(sb, &["bash", "--noprofile", "--rcfile", rc.to_str().unwrap(), "-i"])
        }
        "zsh" => {
            let rc = format!("PROMPT='%% '\nautoload -Uz compinit\n{first}\n");
            sb.write("zdotdir/.zshrc", rc);
            let zdotdir = format!("ZDOTDIR={}", sb.path("zdotdir").display());
            Terminal::start(sb, &["env", &zdotdir, "zsh", "-i"])
        }
        _ => {
            let prompt = "function fish_prompt; echo -n '% '; end\nset fish_greeting\nset fish_autosuggestion_enabled 0";
            sb.write("home/.config/fish/config.fish", format!("{prompt}\n{first}\n"));
            Terminal::start(sb, &["fish"])
        }
    }?;
    terminal.until("a prompt", |screen| screen.trim_end() == "%");
    Some(terminal)
}

/// Takes away what has been typed, and all that is on the screen.
#[track_caller]
fn clear(terminal: &Terminal<'_>) {
    // the end of the line first: C-u takes only what is before the cursor
    terminal.press(&["C-e", "C-u", "C-l"]);
    terminal.until("an empty line", |screen| screen.trim_end() == "%");
}

/// Types a line on an empty screen and presses TAB; returns the screen when `listed` has come up, or where that
/// is none when the shell takes further keys.
#[track_caller]
fn tab(terminal: &Terminal<'_>, line: &str, listed: Option<&str>) -> String {
    clear(terminal);
    terminal.write(line);
    terminal.press(&["Tab"]);
    if let Some(text) = listed {
        return terminal.shows(text);
    }
    // typed behind what the TAB has made
    terminal.write("#");
    terminal.shows("#").replace('#', "")
}

#[test]
fn zsh_offers_what_fits_the_place() {
    if require("zsh").is_none() || require("tmux").is_none() {
        return;
    }
    let sb = sandbox();
    let program = sb.script("bin/dctx-test-program", "#!/bin/sh\n");
    let bin = program.parent().unwrap().display();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    // as a package installs it, and as a person loads it
    for load in [
        format!("fpath=('{}' $fpath); compinit -D", dir.display()),
        "compinit -D; setopt nounset; eval \"$(dctx completions zsh)\"".to_owned(),
        "compinit -D; setopt nounset ksharrays; eval \"$(dctx init zsh)\"".to_owned(),
    ] {
        let zsh = at_prompt(&sb, "zsh", &format!("path+=({bin})\n{load}")).unwrap();
        for (line, becomes, listed) in IN_ZSH {
            let screen = tab(&zsh, line, listed.first().copied());
            let first = screen.lines().next().unwrap();
            assert_eq!(first.trim_end(), format!("% {becomes}"), "{load}: {line}\n{screen}");
            for wanted in *listed {
                assert!(screen.contains(wanted), "{load}: {line}: {wanted}\n{screen}");
            }
        }
    }
}

/// How each shell gets its completion: from the script of its own, and with the function.
const LOADS: &[(&str, [&str; 2])] = &[
    ("bash", ["set -u; eval \"$(dctx completions bash)\"", "eval \"$(dctx init bash)\""]),
    (
        "zsh",
        [
            "compinit -D; setopt nounset; eval \"$(dctx completions zsh)\"",
            "compinit -D; eval \"$(dctx init zsh)\"",
        ],
    ),
    ("fish", ["dctx completions fish | source", "dctx init fish | source"]),
];

/// The key itself, in each shell, with the function and without.
#[test]
fn a_tab_completes_names_flags_and_files() {
    for (shell, loads) in LOADS {
        for load in loads {
            let sb = sandbox();
            let Some(terminal) = at_prompt(&sb, shell, load) else { continue };
            for (line, becomes) in [
                ("dctx use core+", "dctx use core+x.y_z-1 "),
                ("dctx use core", "dctx use core"),
                ("dctx use --sess", "dctx use --session "),
                ("dctx edit --cert", "dctx edit --cert"),
                ("dctx edit pi --ca fi\\ ", "dctx edit pi --ca fi\\ le.pem "),
                ("dctx edit pi --certs s", "dctx edit pi --certs sub\\ dir/"),
                ("dctx ls --tag eu:", "dctx ls --tag eu:west "),
                ("dctx use --shell fi", "dctx use --shell fish "),
                ("dctx rena", "dctx rename "),
            ] {
                let screen = tab(&terminal, line, None);
                let first = screen.lines().next().unwrap();
                assert_eq!(first, format!("% {becomes}"), "{shell}, {load}\n{screen}");
            }
            // in bash the function sees the words as the shell breaks them; none of it is left behind
            if *shell != "fish" {
                clear(&terminal);
                let set = terminal.ask("set | grep -c '^COMPREPLY\\|^given=\\|^lead=\\|^verb='");
                assert_eq!(set, "0\n", "{shell}, {load}");
            }
        }
    }
}

/// With a store that cannot be read, and with none, a TAB offers nothing and says nothing.
#[test]
fn nothing_to_offer_is_no_noise() {
    for (shell, loads) in LOADS {
        let sb = sandbox();
        let Some(terminal) = at_prompt(&sb, shell, loads[0]) else { continue };
        for store in [Some("[profiles.good\nhost ="), Some("profiles = 3\n"), None] {
            let file = sb.path("home/.config/dctx/config.toml");
            match store {
                Some(text) => fs::write(&file, text).unwrap(),
                None => fs::remove_file(&file).unwrap(),
            }
            for line in ["dctx use g", "dctx show ", "dctx ls --tag ", "dctx rm z"] {
                let screen = tab(&terminal, line, None);
                assert_eq!(screen, format!("% {line}\n"), "{shell} {store:?}");
            }
        }
    }
}

/// What a shell would run if it evaluated its candidates: as profiles of a layer that somebody else wrote, and
/// as the answers of a `dctx` that passes everything on.
#[test]
fn nothing_that_is_offered_is_ever_run() {
    let evil = r#"$(touch pwned)
`touch pwned`
(touch pwned)
a$(touch pwned)
a`touch pwned`
x[$(touch pwned)]
;touch pwned;
$'\x24(touch pwned)'
$(touch pwned)	$(touch pwned)
name	`touch pwned` (touch pwned) %{$(touch pwned)%}
*
"#;
    for (shell, loads) in LOADS {
        let sb = sandbox();
        sb.write("home/.config/dctx/profiles.d/evil.toml", HOSTILE);
        sb.write("answers", evil);
        let real = crate::support::sandbox::dctx_bin().display();
        sb.script(
            "evil/dctx",
            &format!(
                "#!/bin/sh\n[ \"$1\" = __complete ] && exec cat {}\nexec {real} \"$@\"\n",
                sb.path("answers").display()
            ),
        );
        let path = match *shell {
            "fish" => format!("set PATH {} $PATH", sb.path("evil").display()),
            _ => format!("PATH={}:$PATH", sb.path("evil").display()),
        };
        for load in [loads[0].to_owned(), format!("{}\n{path}", loads[0])] {
            let Some(terminal) = at_prompt(&sb, shell, &load) else { continue };
            for line in [
                "dctx use ",
                "dctx use x",
                "dctx use a",
                "dctx rm ",
                "dctx ls --tag ",
                "dctx show n",
            ] {
                clear(&terminal);
                terminal.write(line);
                terminal.press(&["Tab", "Tab"]);
                terminal.write("#");
                terminal.shows("#");
            }
            clear(&terminal);
            let names = terminal.ask("ls -1");
            assert_eq!(names, "fi le.pem\nfile1.pem\nsub dir\n", "{shell}: {load}");
        }
    }
}
