//! What the linker is asked for beyond cargo's own, where that is possible. Everything works without.
//!
//! The unwinder of libgcc in the binary: a start without the shared library `libgcc_s.so.1` takes a tenth less time and
//! ten system calls fewer. And each of several functions with the same instructions once: the release is smaller by a
//! fiftieth.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    // Elsewhere there is another unwinder; and this compiler's library is for this machine.
    let gnu = variable("CARGO_CFG_TARGET_OS") == "linux"
        && variable("CARGO_CFG_TARGET_ENV") == "gnu"
        && variable("HOST") == variable("TARGET")
        && !variable("CARGO_CFG_TARGET_FEATURE").split(',').any(|feature| feature == "crt-static");
    if gnu && compiler_has("libgcc_eh.a") {
        // Not bundled, so that the linker finds it where the compiler keeps it; before `-lgcc_s` on the
        // linker's command line, so that this is asked first.
        println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
    }
    if variable("PROFILE") == "release"
        && variable("CARGO_CFG_TARGET_OS") == "linux"
        && links_with(FOLD)
    {
        println!("cargo:rustc-link-arg-bins={FOLD}");
    }
}

/// Identical code folding, which lld, mold and gold know, and GNU ld does not.
const FOLD: &str = "-Wl,--icf=all";

/// Whether the linker that is used takes this argument: a program that does nothing is linked with it.
fn links_with(argument: &str) -> bool {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let dir = variable("OUT_DIR");
    let source = Path::new(&dir).join("nothing.rs");
    if std::fs::write(&source, "fn main() {}").is_err() {
        return false;
    }
    let mut rustc = Command::new(variable("RUSTC"));
    rustc.arg(&source).args(["--out-dir", &dir, "--target", &variable("TARGET")]);
    if let Ok(linker) = std::env::var("RUSTC_LINKER") {
        rustc.arg(format!("-Clinker={linker}"));
    }
    let flags = variable("CARGO_ENCODED_RUSTFLAGS");
    rustc.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
    rustc.arg(format!("-Clink-arg={argument}"));
    rustc.output().is_ok_and(|output| output.status.success())
}

/// Whether `cc` knows a library of that name: it answers with a path, or with the bare name.
fn compiler_has(library: &str) -> bool {
    let output = Command::new("cc").arg(format!("-print-file-name={library}")).output();
    output.is_ok_and(|output| {
        let path = String::from_utf8_lossy(&output.stdout);
        Path::new(path.trim()).is_absolute() && Path::new(path.trim()).exists()
    })
}
