//! Every value that a shell can hold arrives in it byte for byte, is gone after the unset, and never runs.

use dctx::error::ValueFault;
use dctx::exports::{Exports, Scope, Var};
use dctx::shell::Emitter;

use crate::support::require::say;
use crate::support::sandbox::Sandbox;
use crate::support::shells::{
    Build, NEVER_RUN, each_build, escape, never_run, same, set, shells, text,
};
use crate::support::values::{Class, Random, collected, number};

/// What each shell cannot hold, as the README lists it. Nothing else is refused.
fn refused(emitter: &dyn Emitter, value: &[u8]) -> Option<ValueFault> {
    let utf8 = std::str::from_utf8(value).is_ok();
    match emitter.name() {
        "yash" | "nu" if !utf8 => Some(ValueFault::NotUtf8),
        _ => None,
    }
}

/// A name for the value with this number. fish takes names that end in PATH for lists.
fn name(i: usize) -> String {
    if i.is_multiple_of(5) { format!("T_{i}_PATH") } else { format!("T_{i}") }
}

/// The values that are not refused, and rightly, as exports: to set and to unset.
#[track_caller]
fn exports<'a>(
    build: &Build,
    values: &'a [Vec<u8>],
) -> (Vec<(String, &'a [u8])>, Exports, Exports) {
    let (mut held, mut to_set, mut to_unset) = (Vec::new(), Exports::new(), Exports::new());
    for (i, value) in values.iter().enumerate() {
        let mut one = Exports::new();
        set(&mut one, &name(i), value, Scope::Session);
        let fault = build.emitter.emit(&one).err().map(|e| e.fault);
        assert_eq!(
            fault,
            refused(build.emitter, value),
            "{}: {}",
            build.label,
            value.escape_ascii()
        );
        if fault.is_none() {
            held.push((name(i), value.as_slice()));
            set(&mut to_set, &name(i), value, Scope::Session);
            to_unset.unset(Var::parse(&name(i)).unwrap(), Scope::Session);
        }
    }
    (held, to_set, to_unset)
}

/// Sets and unsets the values in one process of the shell.
#[track_caller]
pub(crate) fn there_and_back(build: &Build, sb: &Sandbox, first: &str, values: &[Vec<u8>]) {
    let load = |file: &str| build.load(file);
    there_and_back_by(build, sb, first, values, &load);
}

/// The same with another way to load a file.
#[track_caller]
pub(crate) fn there_and_back_by(
    build: &Build,
    sb: &Sandbox,
    first: &str,
    values: &[Vec<u8>],
    load: &dyn Fn(&str) -> String,
) {
    let (held, to_set, to_unset) = exports(build, values);
    let (to_set, to_unset) = (text(build.emitter, &to_set), text(build.emitter, &to_unset));
    let loaded = build.load_with(sb, first, &to_set, &to_unset, load);
    let mut wanted = loaded.before.clone();
    wanted.extend(held.into_iter().map(|(name, value)| (name, escape(value))));
    same(&loaded.set, &wanted, &build.label);
    same(&loaded.unset, &loaded.before, &format!("{}: something is left", build.label));
}

/// The collected values, many at a time; those that would run something also alone, so that no other one can hide it.
#[test]
fn collected_values_arrive_in_every_shell() {
    let values: Vec<Vec<u8>> = collected().into_iter().map(|(_, value)| value).collect();
    assert!(values.len() > 400);
    each_build(|build, sb| {
        for some in values.chunks(60) {
            there_and_back(build, sb, "", some);
        }
        for value in values.iter().filter(|v| v.windows(5).any(|w| w == b"pwned")) {
            there_and_back(build, sb, "", std::slice::from_ref(value));
        }
    });
}

/// 10,000 random values per shell, a quarter of each class; `DCTX_FUZZ_COUNT` says another number.
#[test]
fn random_values_arrive_in_every_shell() {
    let count = usize::try_from(number("DCTX_FUZZ_COUNT").unwrap_or(10_000)).unwrap();
    each_build(|build, sb| {
        let mut random = Random::seeded(&build.label);
        for class in Class::ALL {
            let values: Vec<_> = (0..count / 4).map(|_| random.value(class)).collect();
            for some in values.chunks(250) {
                there_and_back(build, sb, "", some);
            }
        }
    });
}

/// What no environment can hold is refused by name, and nothing is emitted: NUL, and an entry that
/// the kernel would not take. One byte less arrives, and the shell can still start programs.
#[test]
fn limits_of_the_environment() {
    let fault = |emitter: &dyn Emitter, value: &[u8]| {
        let mut exports = Exports::new();
        set(&mut exports, "BEFORE", b"1", Scope::Session);
        set(&mut exports, "BIG", value, Scope::Session);
        emitter.emit(&exports).err().map(|e| (e.var.as_str().to_owned(), e.fault))
    };
    let most = dctx::shell::MAX_ENTRY - "BIG=".len();
    assert_eq!(dctx::shell::MAX_ENTRY, 131_071);
    for emitter in dctx::shell::SHELLS {
        assert_eq!(fault(*emitter, b"a\0b"), Some(("BIG".to_owned(), ValueFault::Nul)));
        let big = vec![b'x'; most + 1];
        assert_eq!(fault(*emitter, &big), Some(("BIG".to_owned(), ValueFault::TooLong)));
        // cmd reads shorter lines than that, see `models.rs`
        let wanted =
            (emitter.name() == "cmd").then(|| ("BIG".to_owned(), ValueFault::TooLongForCmd));
        assert_eq!(fault(*emitter, &big[1..]), wanted, "{}", emitter.name());
    }
    let name_len = name(0).len() + 1;
    each_build(|build, sb| {
        for unit in ["x", "'", "\n", "!", "中"] {
            let room = dctx::shell::MAX_ENTRY - name_len;
            let mut value = unit.repeat(room / unit.len()).into_bytes();
            value.resize(room, b'x');
            there_and_back(build, sb, "", &[value]);
        }
    });
}

/// There is a program to test every shell with, but for those that are said to have none.
#[test]
fn every_shell_has_a_build() {
    let builds = crate::support::shells::builds();
    for (name, why) in NEVER_RUN {
        assert!(shells().any(|emitter| emitter.name() == *name), "{name} is no shell");
        assert!(!builds.iter().any(|build| build.is(name)), "{name} runs");
        say(&format!("{name} is never run: {why}"));
    }
    for emitter in shells().filter(|emitter| never_run(*emitter).is_none()) {
        let there = builds.iter().any(|b| b.is(emitter.name()));
        if !there && !crate::support::require::absent(emitter.name()) {
            crate::support::require::skip(&format!("no program is {}", emitter.name()));
        }
    }
}
