//! The failing statement: `$?` tells, `&&` and `set -e` stop, and nothing else changes.

use dctx::shell::{Kind, SHELLS, find};

use crate::support::sandbox::Sandbox;
use crate::support::shells::{Build, each_build, env_file, same};

/// What each shell is given; data formats fail by saying nothing.
#[test]
fn golden() {
    for emitter in SHELLS {
        let wanted = match (emitter.kind(), emitter.name()) {
            (Kind::Data, _) => "",
            (Kind::Shell, "fish") => "false;",
            (Kind::Shell, "elvish") => "fail 'dctx failed with status 3';",
            (Kind::Shell, "nu") => "\"dctx failed with status 3\"",
            (Kind::Shell, "xonsh") => "raise RuntimeError('dctx failed with status 3');",
            (Kind::Shell, "pwsh") => "throw 'dctx failed with status 3';",
            (Kind::Shell, "cmd") => "cmd /d /c exit 3",
            (Kind::Shell, _) => "(exit 3);",
        };
        assert_eq!(emitter.fail(3), wanted, "{}", emitter.name());
    }
    assert_eq!(find("bash").unwrap().fail(255), "(exit 255);");
    assert_eq!(find("tcsh").unwrap().fail(0), "(exit 1);", "a failure never has status 0");
}

/// Loaded as documented, with the newline after it and without, in every shell.
#[test]
fn stops_what_follows() {
    each_build(|build, sb| {
        let code = if build.is("fish") { 1 } else { 7 };
        for end in ["", "\n"] {
            sb.write("work/fail.txt", build.emitter.fail(7) + end);
            let load = build.load("fail.txt");
            if build.raises() {
                raises(build, sb, &load);
                continue;
            }
            let script = format!(
                "env -0 > before.env\n{load}\necho \"{status}\" > fail.status\n\
                 {load} && echo went on\nenv -0 > after.env\n",
                status = build.status(),
            );
            let out = build.run_with(sb, [("DOCKER_HOST", "tcp://old:2376")], &script);
            out.ok("", "");
            let status = std::fs::read_to_string(sb.work().join("fail.status")).unwrap();
            assert_eq!(status, format!("{code}\n"), "{}", build.label);
            same(&env_file(sb, "after.env"), &env_file(sb, "before.env"), &build.label);
            build.no_stray_file(sb);

            if build.is("fish") {
                let script = format!("{load}\nand echo went on\nor echo stopped\n");
                build.run(sb, &script).ok("stopped\n", "");
                continue; // fish has no `set -e`
            }
            // tcsh's `-e` is an option of the command line, and `set -e` is for the others
            let strict = if build.posix() { "set -e\n" } else { "#" };
            let out =
                build.run_strict(sb, &format!("{strict}\necho before\n{load}\necho went on\n"));
            assert_eq!((out.code(), out.out().as_str()), (code, "before\n"), "{}", build.label);
        }
    });
}

/// Where a failure is an exception it ends the script, and can be caught.
fn raises(build: &Build, sb: &Sandbox, load: &str) {
    let caught = match build.emitter.name() {
        "elvish" => format!("try {{ {load} }} catch e {{ echo caught }}"),
        "nu" => format!("try {{ {load} }} catch {{ print caught }}"),
        _ => format!("try:\n    {load}\nexcept RuntimeError:\n    echo caught"),
    };
    let (before, after) = (build.env_to("before.env"), build.env_to("after.env"));
    let script = format!("{before}\n{caught}\n{after}\n{load}\necho went on\n");
    let out = build.run_with(sb, [("DOCKER_HOST", "tcp://old:2376")], &script);
    assert_eq!(out.out(), "caught\n", "{}", build.label);
    assert_ne!(out.code(), 0, "{}", build.label);
    // nu says what it cannot load
    let said = if build.is("nu") { "record" } else { "dctx failed with status 7" };
    assert!(out.err().contains(said), "{}: {}", build.label, out.err());
    same(&env_file(sb, "after.env"), &env_file(sb, "before.env"), &build.label);
    build.no_stray_file(sb);
}

/// Without quotes too: the statement has no blank that splitting could change, and no wildcard.
#[test]
fn unquoted() {
    each_build(|build, sb| {
        if build.raises() {
            return; // nothing is split there, so there is nothing to quote
        }
        sb.write("work/fail.txt", build.emitter.fail(7) + "\n");
        let load = match build.emitter.name() {
            "fish" => "eval (cat fail.txt)",
            "tcsh" => "eval `cat fail.txt`",
            _ => "eval $(cat fail.txt)",
        };
        let script = format!("{load} && echo went on\n{load}\necho \"{}\"\n", build.status());
        let code = if build.is("fish") { 1 } else { 7 };
        build.run(sb, &script).ok(&format!("{code}\n"), "");
    });
}

/// The reason for all this: a text of nothing at all is a success to `eval`, so the wrong host would be used.
#[test]
fn nothing_would_not_stop() {
    each_build(|build, sb| {
        if build.posix() {
            sb.write("work/nothing.txt", "");
            let script = format!("{} && echo went on", build.load("nothing.txt"));
            build.run(sb, &script).ok("went on\n", "");
        }
    });
}
