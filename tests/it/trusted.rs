//! A profile file that somebody else can write, or that is somebody else's, is not followed: it could name a command. And
//! what holds secrets is in no core dump.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};

use crate::support::profiles::{CONFIG, mode};
use crate::support::require::skip;
use crate::support::{Sandbox, require};

const FILE: &str = "[SB]/home/.config/dctx/config.toml";

/// A profile whose key is the output of a program, which leaves a mark.
fn sandbox() -> Sandbox {
    let sb = Sandbox::new();
    sb.write(CONFIG, "[profiles.a]\nhost = \"tcp://127.0.0.1:1\"\n");
    sb
}

#[test]
fn a_profile_file_that_others_can_write_is_refused() {
    let sb = sandbox();
    let root = rustix::process::geteuid().is_root();
    for (bits, group, fine) in [
        (0o644, None, true),
        (0o600, None, true),
        (0o444, None, true),
        // the group that is one's own alone, as many systems have it
        (0o664, None, true),
        (0o664, Some(54321), false),
        (0o646, None, false),
        (0o666, None, false),
        (0o777, None, false),
    ] {
        if group.is_some() && !root {
            skip("not root: no file can be given to another group");
            continue;
        }
        if group.is_none() && bits & 0o020 != 0 && !root {
            continue;
        }
        mode(sb.path(CONFIG), bits);
        chown(
            sb.path(CONFIG),
            None,
            Some(group.unwrap_or_else(|| rustix::process::getegid().as_raw())),
        )
        .unwrap();
        for args in [&["use", "a", "--shell", "json"][..], &["ls"], &["exec", "a", "--", "true"]] {
            let out = sb.dctx(args).run();
            if fine {
                assert_eq!(out.code(), 0, "{bits:o}: {}", out.err());
                continue;
            }
            let said = format!(
                "dctx: others can write {FILE} (mode {bits:04o}): they could name a command for you to run there\n\
                 hint: close it: chmod go-w {FILE}\n\
                 hint: on a file system without modes: strict-modes = false under [settings]\n"
            );
            let code = if args[0] == "exec" { 125 } else { 4 };
            assert_eq!((out.code(), out.err()), (code, said), "{bits:o} {args:?}");
        }
        sb.dctx(["reset", "--shell", "bash"]).run().done();
    }
    // where modes mean nothing
    sb.write(
        CONFIG,
        "[settings]\nstrict-modes = false\n[profiles.a]\nhost = \"tcp://127.0.0.1:1\"\n",
    );
    mode(sb.path(CONFIG), 0o777);
    for args in [&["use", "a", "--shell", "json"][..], &["ls"]] {
        sb.dctx(args).run().done();
    }
}

/// Root with somebody's HOME does not run what that person's file names.
#[test]
fn another_user_s_profile_file_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return skip("not root: no file can be given to another user");
    }
    let sb = Sandbox::new();
    for strict in ["", "[settings]\nstrict-modes = false\n"] {
        sb.write(CONFIG, format!("{strict}[profiles.a]\nhost = \"tcp://127.0.0.1:1\"\n"));
        chown(sb.path(CONFIG), Some(65534), Some(65534)).unwrap();
        let out = sb.dctx(["use", "a", "--shell", "bash"]).run();
        let said = format!(
            "dctx: {FILE} belongs to another user (uid 65534), who could name a command for you to run there\n\
             hint: to make it yours: chown \"$(id -u)\" {FILE}\n\
             hint: with sudo, by root's own file: sudo -H dctx ls\n"
        );
        out.is(4, "(exit 4);\n", &said);
        sb.dctx(["reset", "--shell", "bash"]).run().done();
    }
    chown(sb.path(CONFIG), Some(0), Some(0)).unwrap();
    sb.dctx(["use", "a", "--shell", "json"]).run().done();
}

/// `PR_SET_DUMPABLE` shows in who the files of the process in /proc belong to; the program that dctx starts is as usual.
#[test]
fn nothing_of_it_goes_into_a_core_dump() {
    let Some(strace) = require("strace") else { return };
    let sb = sandbox();
    let out = sb.path("trace");
    let dctx = crate::support::sandbox::dctx_bin().to_str().unwrap();
    let words = ["-f", "-o", out.to_str().unwrap(), dctx, "ls"];
    sb.sh(strace, words).run().done();
    let text = fs::read_to_string(&out).unwrap();
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what}"));
    assert!(at("PR_SET_DUMPABLE, SUID_DUMP_DISABLE") < at("config.toml"), "{text}");
    // a limit on core files would be what the program below gets, too
    let child =
        sb.dctx(["exec", "a", "--", "sh", "-c", "ulimit -c unlimited 2>/dev/null; ulimit -Hc"]);
    let plain = sb.sh("sh", ["-c", "ulimit -c unlimited 2>/dev/null; ulimit -Hc"]).run();
    assert_eq!(child.run().out(), plain.out());
    assert_eq!(fs::metadata(sb.path(CONFIG)).unwrap().permissions().mode() & 0o022, 0);
}
