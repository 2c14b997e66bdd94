//! The text itself: what each emitter writes, and that data formats read back as what was meant.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use dctx::error::ValueFault;
use dctx::exports::{Change, Exports, Scope, Var};
use dctx::shell::{Kind, SHELLS, find};

use crate::support::require::require;
use crate::support::sandbox::Sandbox;
use crate::support::shells::{set, text};
use crate::support::values::{Class, Random, collected};

/// What a TLS profile sets and unsets, with one value that needs quoting.
fn coreos(scope: Scope) -> Exports {
    let mut exports = Exports::new();
    set(&mut exports, "DOCKER_HOST", b"tcp://192.168.57.110:2376", scope);
    set(&mut exports, "DOCKER_CERT_PATH", "/家/it's!".as_bytes(), scope);
    exports.unset(Var::new("DOCKER_TLS"), scope);
    set(&mut exports, "EMPTY", b"", scope);
    set(&mut exports, "LINES", b"a\\\n", scope);
    exports.unset(Var::new("DOCKER_CONTEXT"), scope);
    exports
}

const DOLLAR: &str = "export DOCKER_HOST='tcp://192.168.57.110:2376' \
     && export DOCKER_CERT_PATH=$'/\\345\\256\\266/it\\047s\\041' EMPTY='' LINES=$'a\\134\\012' \
     && unset -v DOCKER_TLS DOCKER_CONTEXT;\n";

const PRINTF: &str = "_dctx_0=\"$(command printf '/\\345\\256\\266/it\\047s\\041')\" \
     && _dctx_1=\"$(command printf 'a\\134')\" && _dctx_nl=\"$(command printf '\\012/')\" \
     && _dctx_nl=\"${_dctx_nl%/}\" && export DOCKER_HOST='tcp://192.168.57.110:2376' \
     && export DOCKER_CERT_PATH=\"${_dctx_0}\" EMPTY='' LINES=\"${_dctx_1}${_dctx_nl}\" \
     && unset -v DOCKER_TLS DOCKER_CONTEXT && unset -v _dctx_0 _dctx_1 _dctx_nl;\n";

/// A value that is built in a variable arrives in dctx's own variables as well, which are set last.
#[test]
fn values_that_are_built_arrive_in_the_last_export() {
    for shell in ["sh", "yash"] {
        let Some(program) = require(if shell == "sh" { "dash" } else { shell }) else { continue };
        let mut exports = Exports::new();
        exports.set(Var::new("DOCKER_CERT_PATH"), "/家 x", Scope::Session);
        exports.set(Var::new("DCTX_SAVED"), "s1,/家 x", Scope::Session);
        exports.unset(Var::new("DCTX_PREVIOUS"), Scope::Session);
        let text = String::from_utf8(find(shell).unwrap().emit(&exports).unwrap()).unwrap();
        let sb = crate::support::Sandbox::new();
        let script =
            format!("{text}\necho \"$?|$DOCKER_CERT_PATH|$DCTX_SAVED\"; set | grep -c '^_dctx_'");
        sb.sh(program, ["-c", &script]).run().is(1, "0|/家 x|s1,/家 x\n0\n", "");
    }
}

const YASH: &str = "_dctx_0=\"$(command printf '\\344\\270\\255\\344\\270\\255')\" && test \"${#_dctx_0}\" -eq 2 \
     && _dctx_1=\"$(command printf '/\\345\\256\\266/it\\047s\\041')\" \
     && _dctx_2=\"$(command printf 'a\\134')\" && _dctx_nl=\"$(command printf '\\012/')\" \
     && _dctx_nl=\"${_dctx_nl%/}\" && export DOCKER_HOST='tcp://192.168.57.110:2376' \
     && export DOCKER_CERT_PATH=\"${_dctx_1}\" EMPTY='' LINES=\"${_dctx_2}${_dctx_nl}\" \
     && unset -v DOCKER_TLS DOCKER_CONTEXT && unset -v _dctx_0 _dctx_1 _dctx_2 _dctx_nl;\n";

const FISH: &str = "set -gx --unpath DOCKER_HOST 'tcp://192.168.57.110:2376'; true;\n\
     set -gx --unpath DOCKER_CERT_PATH '/'\\Xe5\\Xae\\Xb6'/it\\'s!'; true;\n\
     set -eg DOCKER_TLS; set -qU DOCKER_TLS; and set -gx DOCKER_TLS ''; true;\n\
     set -gx --unpath EMPTY ''; true;\n\
     set -gx --unpath LINES 'a\\\\'\\X0a; true;\n\
     set -eg DOCKER_CONTEXT; set -qU DOCKER_CONTEXT; and set -gx DOCKER_CONTEXT ''; true;\n";

const FISH_UNIVERSAL: &str = "set -eg DOCKER_HOST; set -Ux --unpath DOCKER_HOST 'tcp://192.168.57.110:2376'; true;\n\
     set -eg DOCKER_CERT_PATH; set -Ux --unpath DOCKER_CERT_PATH '/'\\Xe5\\Xae\\Xb6'/it\\'s!'; true;\n\
     set -eg DOCKER_TLS; set -eU DOCKER_TLS; true;\n\
     set -eg EMPTY; set -Ux --unpath EMPTY ''; true;\n\
     set -eg LINES; set -Ux --unpath LINES 'a\\\\'\\X0a; true;\n\
     set -eg DOCKER_CONTEXT; set -eU DOCKER_CONTEXT; true;\n";

const TCSH: &str = "\\printf '' && setenv DOCKER_HOST 'tcp://192.168.57.110:2376' \
     && setenv DOCKER_CERT_PATH \"`\\printf '/\\345\\256\\266/it\\047s\\041'`\" && unsetenv DOCKER_TLS \
     && setenv EMPTY '' && setenv LINES 'a'\\\\$'\\012' && unsetenv DOCKER_CONTEXT;\n";

const ELVISH: &str = "set-env DOCKER_HOST 'tcp://192.168.57.110:2376';\n\
     set-env DOCKER_CERT_PATH \"/\\u5bb6/it's!\";\nunset-env DOCKER_TLS;\nset-env EMPTY '';\n\
     set-env LINES \"a\\\\\\u000a\";\nunset-env DOCKER_CONTEXT;\n";

const NU: &str = "{\"DOCKER_HOST\":\"tcp://192.168.57.110:2376\",\"DOCKER_CERT_PATH\":\"/\\u5bb6/it's!\",\
     \"DOCKER_TLS\":null,\"EMPTY\":\"\",\"LINES\":\"a\\\\\\u000a\",\"DOCKER_CONTEXT\":null}\n";

const XONSH: &str = "$DOCKER_HOST = 'tcp://192.168.57.110:2376';\n\
     ${...}.register('DOCKER_CERT_PATH', type='str');\n\
     $DOCKER_CERT_PATH = __import__('os').fsdecode(b'/\\xe5\\xae\\xb6/it\\'s!');\n\
     ${...}.pop('DOCKER_TLS', None);\n$EMPTY = '';\n\
     $LINES = __import__('os').fsdecode(b'a\\\\\\x0a');\n${...}.pop('DOCKER_CONTEXT', None);\n";

const PWSH: &str = "$Env:DOCKER_HOST = 'tcp://192.168.57.110:2376';\n\
     $Env:DOCKER_CERT_PATH = (''+'/'+[char]23478+'/it''s!');\n$Env:DOCKER_TLS = $null;\n$Env:EMPTY = '';\n\
     $Env:LINES = (''+'a\\'+[char]10);\n$Env:DOCKER_CONTEXT = $null;\n";

const CMD: &str = "SET \"DOCKER_HOST=tcp://192.168.57.110:2376\"\nSET \"DOCKER_TLS=\"\nSET \"EMPTY=\"\n\
     SET \"DOCKER_CONTEXT=\"\n";

const GITHUB: &str = "DOCKER_HOST<<DCTX_END\ntcp://192.168.57.110:2376\nDCTX_END\n\
     DOCKER_CERT_PATH<<DCTX_END\n/家/it's!\nDCTX_END\nDOCKER_TLS<<DCTX_END\nDCTX_END\n\
     EMPTY<<DCTX_END\nDCTX_END\nLINES<<DCTX_END\na\\\n\nDCTX_END\nDOCKER_CONTEXT<<DCTX_END\nDCTX_END\n";

const SYSTEMD: &str = "DOCKER_HOST='tcp://192.168.57.110:2376'\nDOCKER_CERT_PATH=\"/家/it's!\"\n\
     EMPTY=''\nLINES='a\\\n'\n";

const JSON: &str = "{\"schema\":1,\"env\":{\"DOCKER_HOST\":\"tcp://192.168.57.110:2376\",\
     \"DOCKER_CERT_PATH\":\"/\\u5bb6/it's!\",\"DOCKER_TLS\":null,\"EMPTY\":\"\",\
     \"LINES\":\"a\\\\\\u000a\",\"DOCKER_CONTEXT\":null}}\n";

/// The whole text of every emitter, byte for byte.
#[test]
fn golden() {
    for emitter in SHELLS {
        let (mut exports, wanted) = (coreos(Scope::Session), emitter.name());
        let wanted = match wanted {
            "bash" | "zsh" | "ksh" | "mksh" => DOLLAR,
            "sh" => PRINTF,
            "yash" => YASH,
            "fish" => FISH,
            "tcsh" => TCSH,
            "elvish" => ELVISH,
            "nu" => NU,
            "xonsh" => XONSH,
            "pwsh" => PWSH,
            "cmd" => {
                let (mut plain, refused) = (Exports::new(), ["DOCKER_CERT_PATH", "LINES"]);
                for export in exports.iter().filter(|e| !refused.contains(&e.var.as_str())) {
                    match &export.change {
                        Change::Set(v) => plain.set(export.var.clone(), v, Scope::Session),
                        Change::Unset | Change::Uncover => {
                            plain.unset(export.var.clone(), Scope::Session)
                        }
                    }
                }
                exports = plain;
                CMD
            }
            "github-actions" => GITHUB,
            "systemd" => SYSTEMD,
            "json" => JSON,
            "dotenv" => {
                exports.unset(Var::new("LINES"), Scope::Session);
                "DOCKER_HOST='tcp://192.168.57.110:2376'\nDOCKER_CERT_PATH=\"/家/it's!\"\nEMPTY=''\n"
            }
            other => panic!("write down what {other} prints"),
        };
        let got = String::from_utf8(emitter.emit(&exports).unwrap()).unwrap();
        assert_eq!(got, wanted, "{}", emitter.name());
        if emitter.kind() == Kind::Shell {
            assert_eq!(text(*emitter, &exports), wanted.as_bytes());
        }
        if !emitter.has_universal() {
            let universal = emitter.emit(&exports_in(&exports, Scope::Universal)).unwrap();
            assert_eq!(got.as_bytes(), universal, "{} knows no scope", emitter.name());
        }
    }
    let fish = find("fish").unwrap();
    let universal = text(fish, &coreos(Scope::Universal));
    assert_eq!(String::from_utf8(universal).unwrap(), FISH_UNIVERSAL);
}

fn exports_in(exports: &Exports, scope: Scope) -> Exports {
    let mut out = Exports::new();
    for export in exports.iter() {
        match &export.change {
            Change::Set(value) => out.set(export.var.clone(), value, scope),
            Change::Unset | Change::Uncover => out.unset(export.var.clone(), scope),
        }
    }
    out
}

/// What an ordinary profile prints stays readable: only apostrophes, one line for all (or one each).
#[test]
fn ordinary_values_stay_readable() {
    let mut exports = Exports::new();
    set(&mut exports, "DOCKER_HOST", b"tcp://[::1]:2376", Scope::Session);
    set(&mut exports, "DOCKER_CERT_PATH", b"/home/u/My Certs", Scope::Session);
    exports.unset(Var::new("DOCKER_TLS"), Scope::Session);
    let got = |name: &str| String::from_utf8(text(find(name).unwrap(), &exports)).unwrap();
    assert_eq!(
        got("sh"),
        "export DOCKER_HOST='tcp://[::1]:2376' && export DOCKER_CERT_PATH='/home/u/My Certs' && unset -v DOCKER_TLS;\n"
    );
    assert_eq!(
        got("tcsh"),
        "setenv DOCKER_HOST 'tcp://'\\['::1'\\]':2376';\n\
         setenv DOCKER_CERT_PATH '/home/u/My Certs';\nunsetenv DOCKER_TLS;\n"
    );
    for emitter in SHELLS.iter().filter(|e| e.kind() == Kind::Shell) {
        // nu's `load-env` wants a record
        let nothing: &[u8] = if emitter.name() == "nu" { b"{}\n" } else { b"" };
        assert_eq!(emitter.emit(&Exports::new()).unwrap(), nothing, "{}", emitter.name());
    }
}

/// The list is sound: names and aliases are unique and found, programs belong to one shell, data has none.
#[test]
fn the_list() {
    let mut names = BTreeMap::new();
    let mut programs = BTreeMap::new();
    for emitter in SHELLS {
        for name in emitter.aliases().iter().chain([&emitter.name()]) {
            assert_eq!(names.insert(*name, emitter.name()), None, "{name} twice");
            assert_eq!(find(name).map(|e| e.name()), Some(emitter.name()));
        }
        for program in emitter.programs() {
            assert_eq!(programs.insert(*program, emitter.name()), None, "{program} twice");
        }
        assert_eq!(emitter.programs().is_empty(), emitter.kind() == Kind::Data);
        assert_eq!(emitter.has_universal(), emitter.name() == "fish");
    }
    for (alias, name) in [
        ("dash", "sh"),
        ("ash", "sh"),
        ("posix", "sh"),
        ("ksh93", "ksh"),
        ("csh", "tcsh"),
        ("nushell", "nu"),
        ("powershell", "pwsh"),
    ] {
        assert_eq!(find(alias).map(|e| e.name()), Some(name));
    }
    for unknown in ["", "Bash", "bash ", "busybox", "rc", "fishes"] {
        assert!(find(unknown).is_none(), "{unknown}");
    }
    let load = |name: &str| find(name).unwrap().load("dctx use coreos");
    assert_eq!(load("bash"), "eval \"$(dctx use coreos)\"");
    assert_eq!(load("sh"), "eval \"$(dctx use coreos)\"");
    assert_eq!(load("fish"), "dctx use coreos | source");
    assert_eq!(load("tcsh"), "eval \"`dctx use coreos`\"");
    assert_eq!(load("elvish"), "eval (dctx use coreos | slurp)");
    assert_eq!(load("nu"), "dctx use coreos | from json | load-env");
    assert_eq!(
        load("xonsh"),
        "execx(__import__('subprocess').check_output('dctx use coreos'.split(), text=True, env=${...}.detype()))"
    );
    assert_eq!(load("pwsh"), "dctx use coreos | Out-String | Invoke-Expression");
    assert_eq!(load("cmd"), "@FOR /f \"tokens=*\" %i IN ('dctx use coreos') DO @%i");
    assert_eq!(load("github-actions"), "dctx use coreos >> \"$GITHUB_ENV\"");
    assert_eq!(load("systemd"), "dctx use coreos > docker.env");
}

/// JSON reads back as the values that went in, and what is not text is refused.
#[test]
fn json_reads_back() {
    let json = find("json").unwrap();
    let mut random = Random::seeded("json");
    let mut values: Vec<Vec<u8>> = collected().into_iter().map(|(_, value)| value).collect();
    for class in Class::ALL {
        values.extend((0..2500).map(|_| random.value(class)));
    }
    let mut refused = 0;
    for value in values {
        let mut exports = Exports::new();
        set(&mut exports, "A", &value, Scope::Session);
        exports.unset(Var::new("B"), Scope::Session);
        let wanted = match String::from_utf8(value) {
            Ok(value) => serde_json::json!({"schema": 1, "env": {"A": value, "B": null}}),
            Err(_) => {
                refused += 1;
                assert_eq!(json.emit(&exports).unwrap_err().fault, ValueFault::NotUtf8);
                continue;
            }
        };
        let out = json.emit(&exports).unwrap();
        assert!(out.is_ascii() && out.ends_with(b"\n"));
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&out).unwrap(), wanted);
    }
    assert!(refused > 1000, "{refused}");
}

/// A `.env` file says the same to a shell and to python-dotenv; what they would read differently is refused.
#[test]
fn dotenv_reads_back() {
    let dotenv = find("dotenv").unwrap();
    let mut random = Random::seeded("dotenv");
    let mut values: Vec<Vec<u8>> = collected().into_iter().map(|(_, value)| value).collect();
    for class in [Class::Ascii, Class::Unicode] {
        values.extend((0..500).map(|_| random.value(class)));
    }
    let (mut file, mut wanted) = (Exports::new(), BTreeMap::new());
    for (i, value) in values.into_iter().enumerate() {
        let (name, mut one) = (format!("T_{i}"), Exports::new());
        set(&mut one, &name, &value, Scope::Session);
        match dotenv.emit(&one).map_err(|e| e.fault) {
            Ok(_) => {
                set(&mut file, &name, &value, Scope::Session);
                wanted.insert(name, String::from_utf8(value).unwrap());
            }
            Err(ValueFault::NotUtf8) => assert!(std::str::from_utf8(&value).is_err()),
            Err(ValueFault::Char(c)) => assert!("'\\".contains(c) || c.is_control(), "{c:?}"),
            Err(other) => panic!("{other:?}: {}", value.escape_ascii()),
        }
    }
    file.unset(Var::new("GONE"), Scope::Session);
    assert!(wanted.len() > 500, "{}", wanted.len());
    let sb = Sandbox::new();
    sb.write("work/.env", dotenv.emit(&file).unwrap());
    let shell = "set -a; . ./.env; exec env -0";
    let python = "import sys, dotenv\n\
        for k, v in dotenv.dotenv_values('.env', interpolate=False).items(): sys.stdout.buffer.write(f'{k}={v}\\0'.encode())";
    let mut readers = vec![sb.sh("dash", ["-c", shell]), sb.sh("bash", ["-c", shell])];
    // no package of the system, so nothing that a test could insist on
    let has = |p: &std::path::PathBuf| sb.sh(p, ["-c", "import dotenv"]).run().code() == 0;
    if let Some(python3) = require("python3").filter(has) {
        readers.push(sb.sh(python3, ["-c", python]));
    }
    for reader in readers {
        let out = reader.run();
        out.done();
        let entries = out.stdout.split(|b| *b == 0).filter_map(|e| std::str::from_utf8(e).ok());
        let got: BTreeMap<String, String> = entries
            .filter_map(|e| e.split_once('='))
            .filter(|(k, _)| k.starts_with("T_") || *k == "GONE")
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect();
        assert_eq!(got, wanted);
    }
}

/// What cannot be written is told with the variable and the character, and nothing is emitted.
#[test]
fn dotenv_refuses() {
    let dotenv = find("dotenv").unwrap();
    for (value, c) in [
        ("it's $5", '\''),
        ("'\"", '\''),
        ("'\\", '\''),
        ("a\nb", '\n'),
        ("a\rb", '\r'),
        ("\u{85}", '\u{85}'),
        ("\\\\server", '\\'),
        ("C:\\", '\\'),
    ] {
        let mut exports = Exports::new();
        set(&mut exports, "FIRST", b"1", Scope::Session);
        set(&mut exports, "A", value.as_bytes(), Scope::Session);
        let e = dotenv.emit(&exports).unwrap_err();
        assert_eq!((e.var.as_str(), e.fault), ("A", ValueFault::Char(c)), "{value:?}");
    }
    for (value, word) in
        [("C:\\x $y `z` \"", "'C:\\x $y `z` \"'"), ("it's", "\"it's\""), ("#", "'#'")]
    {
        let mut exports = Exports::new();
        exports.set(Var::new("A"), OsString::from_vec(value.into()), Scope::Session);
        assert_eq!(dotenv.emit(&exports).unwrap(), format!("A={word}\n").into_bytes());
    }
}

/// The values that a format takes, with names, as exports; the rest is refused for the reason that `why` allows.
fn taken(
    format: &str,
    why: impl Fn(&str, ValueFault) -> bool,
) -> (BTreeMap<String, String>, Exports) {
    let emitter = find(format).unwrap();
    let mut random = Random::seeded(format);
    let mut values: Vec<Vec<u8>> = collected().into_iter().map(|(_, value)| value).collect();
    for class in Class::ALL {
        values.extend((0..250).map(|_| random.value(class)));
    }
    let (mut wanted, mut file) = (BTreeMap::new(), Exports::new());
    for (i, value) in values.iter().enumerate() {
        let (name, mut one) = (format!("T_{i}"), Exports::new());
        set(&mut one, &name, value, Scope::Session);
        match (emitter.emit(&one), std::str::from_utf8(value)) {
            (Ok(_), Ok(text)) => {
                set(&mut file, &name, value, Scope::Session);
                wanted.insert(name, text.to_owned());
            }
            (Err(e), Ok(text)) => assert!(why(text, e.fault), "{:?}: {text:?}", e.fault),
            (Err(e), Err(_)) => assert_eq!(e.fault, ValueFault::NotUtf8),
            (Ok(_), Err(_)) => panic!("{format} takes {}", value.escape_ascii()),
        }
    }
    assert!(wanted.len() > 700, "{}", wanted.len());
    for gone in ["GONE", "ALSO_GONE"] {
        file.unset(Var::new(gone), Scope::Session);
        wanted.insert(gone.to_owned(), String::new());
    }
    (wanted, file)
}

/// As the runner reads the file (`EnvFileKeyValuePairs` in actions/runner): names before `<<`, and all
/// lines until the one that is the delimiter.
fn read_by_runner(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.trim_end_matches('\n').split_once("<<").unwrap();
        assert!(!name.is_empty() && !name.contains('=') && !delimiter.is_empty(), "{line:?}");
        let mut value = String::new();
        loop {
            let line = lines.next().unwrap_or_else(|| panic!("{name}: no {delimiter}"));
            if line.strip_suffix('\n') == Some(delimiter) {
                break;
            }
            value.push_str(line);
        }
        value.pop();
        assert_eq!(found.insert(name.to_owned(), value), None, "{name} twice");
    }
    found
}

/// The runner gets each value whole, whatever it holds: other delimiters, names, commands. CR is refused.
#[test]
fn github_actions_reads_back() {
    let github = find("github-actions").unwrap();
    let (wanted, file) = taken("github-actions", |text, fault| {
        fault == ValueFault::Char('\r') && text.contains('\r')
    });
    let text = String::from_utf8(github.emit(&file).unwrap()).unwrap();
    assert_eq!(read_by_runner(&text), wanted);
    // values that end themselves, if they could
    let hostile =
        ["DCTX_END", "x\nDCTX_END\nPATH=/evil", "DCTX_END_\nDCTX_END", "\n", "\n\n", "A<<B\nc\nB"];
    let (mut exports, mut wanted) = (Exports::new(), BTreeMap::new());
    for (i, value) in hostile.iter().enumerate() {
        set(&mut exports, &format!("T_{i}"), value.as_bytes(), Scope::Session);
        wanted.insert(format!("T_{i}"), (*value).to_owned());
    }
    let text = String::from_utf8(github.emit(&exports).unwrap()).unwrap();
    assert_eq!(read_by_runner(&text), wanted);
}

/// The whole file, one value for each name of `os-release` that `systemd-tmpfiles` will write out as it is: that file
/// is read with the parser of EnvironmentFile= (`parse_env_file`).
#[test]
fn systemd_reads_back() {
    let systemd = find("systemd").unwrap();
    let noncharacter =
        |c: char| (0xfdd0..=0xfdef).contains(&u32::from(c)) || u32::from(c) & 0xfffe == 0xfffe;
    let (wanted, _) = taken("systemd", |text, fault| {
        text.chars().any(|c| (c == '\u{feff}' || noncharacter(c)) && fault == ValueFault::Char(c))
    });
    let Some(tmpfiles) = require("systemd-tmpfiles") else { return };
    let names = [("ID", "%o"), ("VERSION_ID", "%w"), ("VARIANT_ID", "%W"), ("BUILD_ID", "%B")];
    let sb = Sandbox::new();
    let lines: Vec<String> =
        names.iter().map(|(name, mark)| format!("f /{name} - - - - {mark}\n")).collect();
    // what tmpfiles writes out has the length of a path at most
    let short = |value: &&String| !value.is_empty() && value.len() < 4000;
    let values: Vec<&String> = wanted.values().filter(short).collect();
    for some in values.chunks(names.len()) {
        let mut exports = Exports::new();
        for ((name, _), value) in names.iter().zip(some) {
            set(&mut exports, name, value.as_bytes(), Scope::Session);
        }
        exports.unset(Var::new("GONE"), Scope::Session);
        let root = sb.path("root");
        let _ = std::fs::remove_dir_all(&root);
        sb.write("root/etc/os-release", systemd.emit(&exports).unwrap());
        let conf = sb.write("root/t.conf", lines[..some.len()].concat());
        let flag = format!("--root={}", root.display());
        sb.sh(&tmpfiles, ["--create", &flag]).arg(conf).run().ok("", "");
        for ((name, _), value) in names.iter().zip(some) {
            let got = std::fs::read(root.join(name)).unwrap_or_default();
            assert_eq!(got.escape_ascii().to_string(), value.as_bytes().escape_ascii().to_string());
        }
    }
}

/// What systemd drops is refused, with the character.
#[test]
fn systemd_refuses() {
    let systemd = find("systemd").unwrap();
    for c in ['\u{feff}', '\u{fdd0}', '\u{fdef}', '\u{fffe}', '\u{ffff}', '\u{1fffe}', '\u{10ffff}']
    {
        let mut exports = Exports::new();
        set(&mut exports, "A", format!("a{c}").as_bytes(), Scope::Session);
        assert_eq!(systemd.emit(&exports).unwrap_err().fault, ValueFault::Char(c));
    }
}
