//! fish's scopes: whatever a shell held before, the change is true in it at once, in new ones, and nowhere else.

use dctx::error::ValueFault;
use dctx::exports::{Exports, Scope, Var};

use crate::support::sandbox::Sandbox;
use crate::support::shells::{Build, each_build, escape, set, text};
use crate::support::values::{Class, Random, collected};

/// What a variable is in a fish before the change.
#[derive(Debug, Clone, Copy)]
struct Former {
    universal: bool,
    /// Came with the environment (and so became global).
    inherited: bool,
    /// Set in this shell with `set -gx`.
    global: bool,
}

const FORMER: [Former; 6] = [
    Former { universal: false, inherited: false, global: false },
    Former { universal: false, inherited: false, global: true },
    Former { universal: true, inherited: false, global: false },
    Former { universal: true, inherited: false, global: true },
    Former { universal: false, inherited: true, global: false },
    Former { universal: true, inherited: true, global: false },
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Use,
    Reset,
}

/// The value in a child of this shell: none, empty, or something.
fn wanted_here(verb: Verb, scope: Scope, former: Former) -> Option<&'static str> {
    match (verb, scope) {
        (Verb::Use, _) => Some("/new:b"),
        // the universal value must not come to light
        (Verb::Reset, Scope::Session) if former.universal => Some(""),
        (Verb::Reset, _) => None,
    }
}

/// The value in a shell started afterwards with an environment of its own.
fn wanted_anew(verb: Verb, scope: Scope, former: Former) -> Option<&'static str> {
    match (verb, scope) {
        (Verb::Use, Scope::Universal) => Some("/new:b"),
        (Verb::Reset, Scope::Universal) => None,
        (_, Scope::Session) => former.universal.then_some("/uni:v"),
    }
}

/// One change in a fish that held `former`; returns what `printenv` says here, in a fish below, and in a new one.
fn change(build: &Build, verb: Verb, scope: Scope, former: Former, load: &str) -> [String; 3] {
    let sb = Sandbox::new();
    let mut exports = Exports::new();
    let var = Var::new("DOCKER_CERT_PATH");
    match verb {
        Verb::Use => exports.set(var, "/new:b", scope),
        Verb::Reset => exports.unset(var, scope),
    }
    sb.write("work/set.txt", text(build.emitter, &exports));
    if former.universal {
        build.run(&sb, "set -Ux --unpath DOCKER_CERT_PATH /uni:v").ok("", "");
    }
    let tell = "printenv DOCKER_CERT_PATH; or echo none";
    let script = format!(
        "{}\nfalse\n{load}\nor echo status $status\n{tell}\n{}",
        if former.global { "set -gx --unpath DOCKER_CERT_PATH /old:v" } else { "" },
        build.nested(&sb, tell),
    );
    let inherited = former.inherited.then_some(("DOCKER_CERT_PATH", "/inh:v"));
    let here = build.run_with(&sb, inherited, &script);
    here.done();
    let (first, below) = here.out().split_once('\n').map(|(a, b)| (a.into(), b.into())).unwrap();
    assert_eq!(here.err(), "");
    let anew = build.run(&sb, tell);
    [first, below, anew.out()].map(|text: String| text.trim_end_matches('\n').to_owned())
}

/// Every former state, both verbs, both scopes, both ways to load.
#[test]
fn scopes() {
    each_build(|build, _| {
        if !build.emitter.has_universal() {
            return;
        }
        for former in FORMER {
            for verb in [Verb::Use, Verb::Reset] {
                for scope in [Scope::Session, Scope::Universal] {
                    for load in [build.load("set.txt"), "eval (cat set.txt)".to_owned()] {
                        let here = wanted_here(verb, scope, former).unwrap_or("none");
                        let anew = wanted_anew(verb, scope, former).unwrap_or("none");
                        let got = change(build, verb, scope, former, &load);
                        assert_eq!(
                            got,
                            [here, here, anew],
                            "{}: {verb:?} {scope:?} {former:?} by {load}",
                            build.label
                        );
                    }
                }
            }
        }
    });
}

/// What universal storage cannot keep.
fn lost(value: &[u8]) -> Option<ValueFault> {
    let Ok(text) = std::str::from_utf8(value) else { return Some(ValueFault::NotUtf8) };
    let bad = |c: &char| {
        *c == '\u{1e}'
            || ('\u{f600}'..='\u{f6ff}').contains(c)
            || ('\u{fdd0}'..='\u{fdef}').contains(c)
    };
    match text.chars().find(bad) {
        Some(c) => Some(ValueFault::Char(c)),
        None => (text == "\u{1d}").then_some(ValueFault::Char('\u{1d}')),
    }
}

/// Universal values arrive byte for byte in a fish that is started afterwards; what storage would lose is refused.
#[test]
fn universal_values_arrive_in_a_new_shell() {
    each_build(|build, sb| {
        if !build.emitter.has_universal() {
            return;
        }
        let mut values: Vec<_> = collected().into_iter().map(|(_, value)| value).collect();
        let mut random = Random::seeded(&build.label);
        for class in Class::ALL {
            values.extend((0..500).map(|_| random.value(class)));
        }
        values.extend(
            [
                "\u{1d}",
                "\u{1d}a",
                "\u{1e}",
                "\u{f5ff}",
                "\u{f600}",
                "\u{f6ff}",
                "\u{f700}",
                "\u{fdcf}",
                "\u{fdd0}",
                "\u{fdef}",
                "\u{fdf0}",
                "\u{fffe}",
                "\u{ffff}",
                "\u{10ffff}",
            ]
            .map(|v| v.as_bytes().to_vec()),
        );
        let mut refused = 0;
        for some in values.chunks(300) {
            let (mut to_set, mut to_unset) = (Exports::new(), Exports::new());
            let mut wanted = Vec::new();
            for (i, value) in some.iter().enumerate() {
                let name =
                    if i.is_multiple_of(5) { format!("U_{i}_PATH") } else { format!("U_{i}") };
                let mut one = Exports::new();
                set(&mut one, &name, value, Scope::Universal);
                let fault = build.emitter.emit(&one).err().map(|e| e.fault);
                assert_eq!(fault, lost(value), "{}", value.escape_ascii());
                if fault.is_some() {
                    refused += 1;
                    continue;
                }
                set(&mut to_set, &name, value, Scope::Universal);
                to_unset.unset(Var::parse(&name).unwrap(), Scope::Universal);
                wanted.push((name, escape(value)));
            }
            sb.write("work/set.txt", text(build.emitter, &to_set));
            sb.write("work/unset.txt", text(build.emitter, &to_unset));
            build.run(sb, &build.load("set.txt")).ok("", "");
            build.run(sb, "env -0 > new.env").ok("", "");
            let new = crate::support::shells::env_file(sb, "new.env");
            for (name, value) in &wanted {
                assert_eq!(new.get(name), Some(value), "{}: {name}", build.label);
            }
            build.run(sb, &build.load("unset.txt")).ok("", "");
            build.run(sb, "env -0 > last.env").ok("", "");
            let last = crate::support::shells::env_file(sb, "last.env");
            assert!(!last.keys().any(|name| name.starts_with("U_")), "{}: {last:?}", build.label);
            build.no_stray_file(sb);
        }
        assert!(refused > 300, "{refused}");
    });
}

/// A variable that fish would take for a list stays one string, in the shell itself too.
#[test]
fn a_path_stays_whole() {
    each_build(|build, sb| {
        if !build.emitter.has_universal() {
            return;
        }
        for scope in [Scope::Session, Scope::Universal] {
            let mut exports = Exports::new();
            set(&mut exports, "DOCKER_CERT_PATH", b"/a b:/c", scope);
            sb.write("work/set.txt", text(build.emitter, &exports));
            let script = format!(
                "{}\ncount $DOCKER_CERT_PATH\necho $DOCKER_CERT_PATH",
                build.load("set.txt")
            );
            build.run(sb, &script).ok("1\n/a b:/c\n", "");
        }
    });
}
