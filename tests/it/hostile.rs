//! The round trip holds in hostile surroundings: multibyte locales, `set -eu`, shell options, aliases, no quotes.

use std::path::Path;

use dctx::exports::{Exports, Scope, Var};

use crate::roundtrip::{there_and_back, there_and_back_by};
use crate::support::require::require;
use crate::support::sandbox::Sandbox;
use crate::support::shells::{
    Build, each_build, env_file, escape, gb18030, same, set, shells, text,
};
use crate::support::values::{Class, Random, collected};

fn in_gb18030(dir: &Path) -> Sandbox {
    let mut sb = Sandbox::new();
    sb.set_env("LOCPATH", dir);
    sb.set_env("LC_ALL", "zh_CN.GB18030");
    let out = sb.sh("locale", ["charmap"]).run();
    assert_eq!(
        (out.out().as_str(), out.err().as_str()),
        ("GB18030\n", ""),
        "locale is not in effect"
    );
    sb
}

/// In GB18030 a character of four bytes may end with a digit and begin with bytes that no valid text
/// has there: after raw `'\x9a0'` bash takes the closing quote for its third byte, and the next value runs.
/// yash cannot hold UTF-8 in that locale: it must change nothing and say so.
#[test]
fn multibyte_locale() {
    let home = Sandbox::new();
    let Some(dir) = gb18030(&home) else { return };
    let exploit: Vec<Vec<u8>> = [
        b"\x9a0".as_slice(),
        b";touch pwned;#",
        b"\x81\x30\x81",
        b";touch pwned;'",
        b"\xe4\xb8\xad0",
        b"$(touch pwned)",
        b"\xfe\\",
        b"`touch pwned`",
        b"\x81",
        b"';touch pwned;'",
        b"\x81\x5c",
        b"\n;touch pwned;",
        "中文/证书 1".as_bytes(),
    ]
    .map(<[u8]>::to_vec)
    .to_vec();
    each_build(|build, _| {
        let sb = in_gb18030(&dir);
        if build.is("yash") {
            return refuses_utf8(build, &sb);
        }
        for pair in exploit.windows(2) {
            there_and_back(build, &sb, "", pair);
            there_and_back(build, &sb, "", &[pair[1].clone(), pair[0].clone()]);
        }
        let values: Vec<_> = collected().into_iter().map(|(_, value)| value).collect();
        there_and_back(build, &sb, "", &values);
        let mut random = Random::seeded(&build.label);
        for class in [Class::Unicode, Class::Bytes, Class::Bytes, Class::Bytes] {
            let values: Vec<_> = (0..250).map(|_| random.value(class)).collect();
            there_and_back(build, &sb, "", &values);
        }
    });
}

fn refuses_utf8(build: &Build, sb: &Sandbox) {
    let mut exports = Exports::new();
    set(&mut exports, "T_HOST", b"tcp://h:1", Scope::Session);
    set(&mut exports, "T_CERTS", "/家/证书".as_bytes(), Scope::Session);
    exports.unset(Var::new("T_OLD"), Scope::Session);
    sb.write("work/set.txt", text(build.emitter, &exports));
    let script =
        format!("env -0 > before.env\n{} && echo on\nenv -0 > after.env", build.load("set.txt"));
    let out = build.run_with(sb, [("T_OLD", "old")], &script);
    assert_eq!(out.out(), "", "{}: {}", build.label, out.err());
    same(&env_file(sb, "after.env"), &env_file(sb, "before.env"), &build.label);
}

/// Options, aliases and functions that a person's shell may have, each with every collected value.
#[test]
fn options_aliases_and_functions() {
    let values: Vec<_> = collected().into_iter().map(|(_, value)| value).collect();
    each_build(|build, sb| {
        let firsts: &[&str] = match build.emitter.name() {
            "bash" => &[
                "set -eu",
                "set -o posix",
                "set -o noglob",
                "set -a",
                "IFS=0123456789abc",
                "shopt -s extglob nullglob globstar dotglob xpg_echo 2>/dev/null; shopt -s expand_aliases; alias printf=false",
            ],
            "zsh" => &[
                "setopt rcquotes extendedglob ksharrays shwordsplit globsubst banghist rcexpandparam magicequalsubst \
                 nounset errexit",
                "emulate sh; set -eu",
                "emulate ksh",
                "emulate csh",
                "setopt cshjunkiequotes",
                "setopt nullglob braceccl globassign kshglob octalzeroes posixstrings",
                "setopt noequals noglob allexport; IFS=0123456789abc",
            ],
            "sh" => &[
                "set -eu",
                "set -f",
                "set -a",
                "IFS=0123456789abc",
                "alias printf=false 2>/dev/null || :",
                "printf() { echo no; }",
            ],
            "ksh" => &[
                "set -eu",
                "set -o braceexpand -o globstar",
                "IFS=0123456789abc",
                "alias printf=false",
            ],
            "mksh" => &["set -eu", "set -o posix", "set -o utf8-mode", "IFS=0123456789abc"],
            "yash" => {
                &["set -eu", "set -o posixlycorrect", "set -o braceexpand", "IFS=0123456789abc"]
            }
            "fish" => &["false", "set -g fish_handle_reflow 0; set -gx IFS x"],
            "tcsh" => &[
                "set noglob",
                "set echo_style=both",
                "set backslash_quote",
                "set histchars='@,'",
                "alias printf false",
            ],
            "elvish" => &["var set-env = x; var unset-env = y", "set E:IFS = 012", "fn fail { }"],
            "nu" => &[
                "$env.config.use_ansi_coloring = true; $env.config.float_precision = 1",
                "def load-environment [] { }; $env.IFS = '012'",
            ],
            "xonsh" => &[
                "$RAISE_SUBPROC_ERROR = True",
                "$EXPAND_ENV_VARS = True; $DOTGLOB = True; $EXTENDED_GLOB = 1",
                "import subprocess; subprocess = None; os = None; register = 1; T_0 = T_5_PATH = 'x'",
                "$UPDATE_OS_ENVIRON = True",
                "$THREAD_SUBPROCS = False",
            ],
            _ => &[],
        };
        assert!(!firsts.is_empty(), "{}: say what may stand in its way", build.emitter.name());
        for first in firsts {
            for some in values.chunks(150) {
                there_and_back(build, sb, first, some);
            }
            let mut random = Random::seeded(&build.label);
            let values: Vec<_> = (0..250).map(|_| random.value(Class::Control)).collect();
            there_and_back(build, sb, first, &values);
        }
    });
}

/// `eval $(…)` without its quotes, where every value survives the splitting and globbing; in plain sh and yash,
/// which have no `$'…'`, and in tcsh only what holds no blanks and wildcards does. elvish, nu and xonsh split nothing.
#[test]
fn unquoted() {
    let values: Vec<_> = collected().into_iter().map(|(_, value)| value).collect();
    each_build(|build, sb| {
        if build.raises() {
            return;
        }
        let (load, all): (&dyn Fn(&str) -> String, bool) = match build.emitter.name() {
            "fish" => (&|file: &str| format!("eval (cat {file})"), true),
            "tcsh" => (&|file: &str| format!("eval `cat {file}`"), false),
            "sh" | "yash" => (&|file: &str| format!("eval $(cat {file})"), false),
            _ => (&|file: &str| format!("eval $(cat {file})"), true),
        };
        // a word that looks like a pattern and matches no file would vanish
        let first = match build.emitter.name() {
            "bash" => "shopt -s nullglob extglob",
            "zsh" => "setopt globsubst shwordsplit nullglob extendedglob kshglob",
            _ => "",
        };
        if all {
            for some in values.chunks(100) {
                there_and_back_by(build, sb, first, some, load);
            }
            let mut random = Random::seeded(&build.label);
            for class in Class::ALL {
                let values: Vec<_> = (0..250).map(|_| random.value(class)).collect();
                there_and_back_by(build, sb, first, &values, load);
            }
        } else {
            let plain = ["tcp://192.168.57.110:2376", "1", "/home/u/a b", "h1,.example.org", ""];
            there_and_back_by(build, sb, "", &plain.map(|v| v.as_bytes().to_vec()), load);
        }
    });
}

/// A variable that cannot be changed shows: the status is not 0, or the script ends, whichever of the
/// two statements meets it.
#[test]
fn readonly() {
    each_build(|build, sb| {
        if !build.posix() {
            return; // POSIX alone has readonly environment variables
        }
        for locked in ["T_A", "T_B", "T_C", "T_GONE"] {
            let mut exports = Exports::new();
            for (name, value) in [("T_A", "1"), ("T_B", "中\n"), ("T_C", "3")] {
                set(&mut exports, name, value.as_bytes(), Scope::Session);
            }
            exports.unset(Var::new("T_GONE"), Scope::Session);
            exports.unset(Var::new("T_NONE"), Scope::Session);
            sb.write("work/set.txt", text(build.emitter, &exports));
            let script = format!(
                "{locked}=old; readonly {locked}\n{} && echo went on\n",
                build.load("set.txt")
            );
            let out = build.run(sb, &script);
            assert_eq!(out.out(), "", "{}: {locked}: {}", build.label, out.err());
            assert_ne!(out.err(), "", "{}: {locked}", build.label);
        }
    });
}

/// Where DOCKER_HOST cannot be changed, no prompt names a profile that docker does not go to.
#[test]
fn readonly_docker_host_leaves_the_name_unset() {
    each_build(|build, sb| {
        if !build.posix() {
            return;
        }
        let mut exports = Exports::new();
        for (name, value) in [
            ("DCTX_PROFILE", "a"),
            ("DOCKER_CERT_PATH", "/new"),
            ("DOCKER_HOST", "tcp://h"),
            ("DCTX_SAVED", "s1"),
        ] {
            set(&mut exports, name, value.as_bytes(), Scope::Session);
        }
        exports.unset(Var::new("DOCKER_TLS_VERIFY"), Scope::Session);
        let mut reset = Exports::new();
        for name in ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DCTX_PROFILE"] {
            reset.unset(Var::new(name), Scope::Session);
        }
        sb.write("work/set.txt", text(build.emitter, &exports));
        sb.write("work/reset.txt", text(build.emitter, &reset));
        // nor are its certificates changed, or taken from it
        for file in ["set.txt", "reset.txt"] {
            let script = format!(
                "trap 'echo \"=$DOCKER_HOST,$DOCKER_TLS_VERIFY,$DOCKER_CERT_PATH\"' EXIT\n\
                 DOCKER_HOST=old DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH=/old; readonly DOCKER_HOST\n{}\n(exit $?)\n",
                build.load(file)
            );
            let out = build.run(sb, &script);
            let kept = out.out() == "=old,1,/old\n" || out.out().is_empty();
            assert!(kept, "{}: {file}: {}", build.label, out.out());
        }
        // some shells end there, and say so
        let script = format!(
            "trap 'echo \"=$? <$DCTX_PROFILE>\"' EXIT\nDOCKER_HOST=old; readonly DOCKER_HOST\n{}\n(exit $?)\n",
            build.load("set.txt")
        );
        let out = build.run(sb, &script);
        assert!(
            out.out().ends_with(" <>\n") || out.out().is_empty(),
            "{}: {}",
            build.label,
            out.out()
        );
        assert!(!out.out().contains("=0"), "{}: {}", build.label, out.out());
    });
}

/// Where a value needs printf and there is none (posh and tcsh start the program), nothing is changed
/// and the status says so.
#[test]
fn no_printf() {
    each_build(|build, sb| {
        let fails = match build.label.as_str() {
            "posh" => {
                "text=$(cat set.txt); old=$PATH; PATH=/nowhere\neval \"$text\" && echo went on >&2\nPATH=$old"
            }
            "tcsh -f" => {
                "set text = \"`cat set.txt`\"\nset old = \"$PATH\"; setenv PATH /nowhere\n\
                 eval \"$text\" && echo went on > went.txt\nsetenv PATH \"$old\""
            }
            _ => return,
        };
        let mut exports = Exports::new();
        set(&mut exports, "T_A", b"new", Scope::Session);
        set(&mut exports, "T_B", "中".as_bytes(), Scope::Session);
        exports.unset(Var::new("T_C"), Scope::Session);
        sb.write("work/set.txt", text(build.emitter, &exports));
        let script = format!("env -0 > before.env\n{fails}\nenv -0 > after.env\n");
        let out = build.run_with(sb, [("T_A", "old"), ("T_C", "old")], &script);
        let after = env_file(sb, "after.env");
        assert!(
            !out.err().contains("went on") && !sb.work().join("went.txt").exists(),
            "{}",
            build.label
        );
        assert!(
            out.err().contains("printf") || out.out().contains("printf"),
            "{}: {out:?}",
            build.label
        );
        same(&after, &env_file(sb, "before.env"), &build.label);
        assert_eq!(after.get("T_A"), Some(&escape(b"old")));
    });
}

/// What shellcheck, where it is there, says of a POSIX text: nothing.
#[test]
fn shellcheck_has_nothing_to_say() {
    let Some(shellcheck) = require("shellcheck") else { return };
    let sb = Sandbox::new();
    let mut exports = Exports::new();
    for (name, value) in [("A", "tcp://h:1"), ("B", "it's"), ("C", "中\n"), ("D", "")] {
        set(&mut exports, name, value.as_bytes(), Scope::Session);
    }
    exports.unset(Var::new("E"), Scope::Session);
    for emitter in shells() {
        let dialect = match emitter.name() {
            "bash" => "bash",
            "ksh" => "ksh",
            "sh" => "sh",
            _ => continue,
        };
        let file = sb.write("text", text(emitter, &exports));
        let out = sb.sh(&shellcheck, ["-s", dialect]).arg(file).run();
        assert_eq!((out.code(), out.out().as_str()), (0, ""), "{dialect}: {}", out.err());
    }
}
