//! The two commands that the README promises find what they need, and count what they did not test.

use std::fs;
use std::path::Path;

use crate::support::{Sandbox, require};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A directory that looks like the project's to `tests/lib.sh`, and a `PATH` whose first programs are `programs`.
fn sourced(sb: &Sandbox, programs: &[(&str, &str)], script: &str) -> crate::support::Output {
    for (name, text) in programs {
        sb.script(format!("programs/{name}"), &format!("#!/bin/sh\n{text}\n"));
    }
    let skips = root().join("tests/skips.txt");
    fs::create_dir_all(sb.work().join("tests")).unwrap();
    fs::copy(skips, sb.work().join("tests/skips.txt")).unwrap();
    let path = format!("{}:{}", sb.path("programs").display(), std::env::var("PATH").unwrap());
    let lib = root().join("tests/lib.sh");
    let script = format!("set -eu\n. {}\n{script}", lib.display());
    sb.sh("sh", ["-c", &script, "two"]).env("PATH", path).run()
}

/// Debian's usual busybox is linked dynamically, and an image from it would not start: a static one is unpacked beside
/// it, and the machine keeps its own.
#[test]
fn a_busybox_that_needs_libraries_is_no_hindrance() {
    for program in ["dpkg-deb", "busybox"] {
        if require(program).is_none() {
            return;
        }
    }
    let sb = Sandbox::new();
    let real = crate::support::require::find("busybox").unwrap();
    let package = sb.path("package");
    sb.write("package/DEBIAN/control", "Package: busybox-static\nVersion: 1\nArchitecture: all\nMaintainer: none <none@example.org>\nDescription: none\n");
    fs::create_dir_all(package.join("bin")).unwrap();
    fs::copy(real, package.join("bin/busybox")).unwrap();
    fs::set_permissions(
        package.join("DEBIAN"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let deb = sb.path("busybox-static_1_all.deb");
    sb.sh("dpkg-deb", ["--build", "--root-owner-group"]).arg(&package).arg(&deb).run().done();
    // the one on PATH is a program that needs libraries
    fs::create_dir_all(sb.path("programs")).unwrap();
    fs::copy("/bin/true", sb.path("programs/busybox")).unwrap();
    let apt = format!(
        "case \"$*\" in *download*) ;; *) exit 1 ;; esac\necho once >>{}/downloads\ncp {} .",
        sb.dir().display(),
        deb.display()
    );
    let script = "static_busybox\ncommand -v busybox\nbusybox echo static\nstatic_busybox";
    let out = sourced(&sb, &[("apt-get", &apt)], script);
    out.ok(
        "two: unpacking busybox-static\n[SB]/work/target/tools/busybox-static/bin/busybox\nstatic\n",
        "",
    );
    // what is there is not fetched again
    sourced(&sb, &[("apt-get", &apt)], "static_busybox").done();
    assert_eq!(fs::read_to_string(sb.path("downloads")).unwrap(), "once\n");
    // without apt it says what to install
    let out = sourced(&sb, &[], "rm -rf target; have() { [ \"$1\" = busybox ]; }\nstatic_busybox");
    out.is(1, "", "two: please install busybox, one that is linked statically\n");
}

/// The closing line counts what was skipped, and what is not in the list with its reason fails the run.
#[test]
fn what_is_skipped_is_counted_and_listed() {
    let sb = Sandbox::new();
    let printed = "\
test store_many::many ... ignored, takes minutes, and 32 x 25 runs each time
test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
test result: FAILED. 7 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
";
    sb.write("work/output", printed);
    let count = "summary skipped output && echo fine";
    sb.write(
        "work/skipped",
        "hook::typed: yash is not installed\nhook::typed: yash is not installed\n",
    );
    sourced(&sb, &[], count).ok(
        "two: skipped: hook::typed: yash is not installed\n\
         two: skipped: store_many::many: takes minutes, and 32 x 25 runs each time\n\
         tests: 12 passed, 2 failed, 2 skipped\nfine\n",
        "",
    );
    sb.write("work/skipped", "docker::real: the moon is full\n");
    let out = sourced(&sb, &[], count);
    assert_eq!(out.code(), 1, "{}", out.out());
    let said =
        "two: skipped: docker::real: the moon is full\ntwo: that is not in tests/skips.txt\n";
    assert!(out.out().starts_with(said), "{}", out.out());
}

/// Every line of the list is about a test that exists, and has its reason above it.
#[test]
fn the_list_of_skips_is_true() {
    let list = fs::read_to_string(root().join("tests/skips.txt")).unwrap();
    let mut reason = false;
    for line in list.lines() {
        match line {
            "" => reason = false,
            _ if line.starts_with('#') => reason = true,
            _ => {
                assert!(reason, "{line} has no reason above it");
                let file = line.split("::").next().unwrap();
                let known =
                    line.starts_with("*: ") || root().join(format!("tests/it/{file}.rs")).exists();
                assert!(known, "{line}: there is no tests/it/{file}.rs");
            }
        }
    }
}
