//! Calls the library and maps its result to an exit status; nothing else.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = std::env::args_os().collect();
    ExitCode::from(dctx::run(args, &dctx::env::Env::process()))
}
