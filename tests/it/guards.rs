//! A protected profile asks for its name, on the terminal or by `--confirm`; keys that others can read and
//! CAs that others can replace are refused, by OpenSSH's rule.

use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::path::Path;

use crate::support::profiles::{CONFIG, certs, exports, mode};
use crate::support::require::skip;
use crate::support::{Cmd, Output, Sandbox, require};

fn dctx(sb: &Sandbox, args: &str) -> Cmd {
    sb.dctx(args.split(' '))
}

/// `prod`, protected, and `lab`.
fn sandbox() -> Sandbox {
    let sb = Sandbox::new();
    let text = "[profiles.prod]\nhost = \"tcp://10.0.0.5\"\nprotected = true\n\
                [profiles.lab]\nhost = \"tcp://10.0.0.9\"\n";
    sb.write(CONFIG, text);
    sb
}

/// No terminal, and the line to type in its place.
fn nobody(line: &str) -> String {
    format!(
        "dctx: prod is protected (tcp://10.0.0.5:2375) and there is no terminal to ask on\n\
         hint: if you mean it: {line}\n"
    )
}

/// Another name; what to do about it.
fn unconfirmed(hint: &str) -> String {
    format!("dctx: prod is protected (tcp://10.0.0.5:2375) and was not confirmed\nhint: {hint}\n")
}

/// How the question is answered beforehand.
const BASH: &str = "eval \"$(dctx use prod --confirm prod --shell bash)\"";

#[test]
fn without_a_terminal_only_confirm_goes_on() {
    let sb = sandbox();
    dctx(&sb, "use prod --shell bash").run().is(7, "(exit 7);\n", &nobody(BASH));
    // what is piped in is no answer
    dctx(&sb, "use prod --shell bash").stdin("prod\n").run().is(7, "(exit 7);\n", &nobody(BASH));
    for wrong in ["lab", "PROD", "prod ", "", "prod\n", "*"] {
        let out = sb.dctx(["use", "prod", "--shell", "bash", "--confirm", wrong]).run();
        out.is(7, "(exit 7);\n", &unconfirmed(&format!("if you mean it: {BASH}")));
    }
    dctx(&sb, "use prod --shell json --confirm prod").run().done();
    // it concerns this profile alone
    dctx(&sb, "use lab --shell json --confirm prod").run().done();
    // and of a script that has other words, all are repeated
    let exec = "dctx exec prod --confirm prod -- echo 'a b'";
    let run = |args: &[&str]| sb.dctx([&["exec", "prod"], args, &["--", "echo", "a b"]].concat());
    run(&[]).run().is(125, "", &nobody(exec));
    run(&["--confirm", "lab"]).run().is(125, "", &unconfirmed(&format!("if you mean it: {exec}")));
    dctx(&sb, "use prod --session --check --shell zsh").run().is(
        7,
        "(exit 7);\n",
        &nobody("eval \"$(dctx use prod --confirm prod --session --check --shell zsh)\""),
    );
    dctx(&sb, "exec prod --confirm prod -- echo ran").run().ok("ran\n", "");
    // looking is free
    dctx(&sb, "show prod").run().done();
    dctx(&sb, "ls").run().done();
    dctx(&sb, "reset --shell bash").env("DCTX_PROFILE", "prod").run().done();
}

#[test]
fn a_refusal_stops_the_line_it_stands_in() {
    let Some(bash) = require("bash") else { return };
    let sb = sandbox();
    let line = r#"eval "$(dctx use prod)" && echo ran; echo $? "$DOCKER_HOST""#;
    let out = sb.sh(&bash, ["-c", line]).env("DOCKER_HOST", "tcp://before:1").run();
    let typed = nobody("eval \"$(dctx use prod --confirm prod)\"");
    out.ok(
        "7 tcp://before:1\n",
        &format!("{typed}dctx: this shell still points at tcp://before:1\n"),
    );
}

#[test]
fn dash_never_leads_to_a_protected_profile() {
    let sb = sandbox();
    let said = "dctx: prod is protected (tcp://10.0.0.5:2375); - never leads there\n\
                hint: by its name: eval \"$(dctx use prod --shell bash)\"\n";
    for confirm in [&[][..], &["--confirm", "prod"]] {
        let out = sb.dctx(["use", "-", "--shell", "bash"]).args(confirm);
        out.env("DCTX_PREVIOUS", "prod").run().is(7, "(exit 7);\n", said);
    }
    dctx(&sb, "use - --shell json").env("DCTX_PREVIOUS", "lab").run().done();
    let out = dctx(&sb, "use - --shell bash").run();
    let said = "dctx: this shell was on no other profile before\n\
                hint: return to local docker: eval \"$(dctx reset --shell bash)\"\n";
    out.is(3, "(exit 3);\n", said);
}

/// Runs a line of sh on a terminal of its own, with this typed; what the terminal showed.
fn on_a_terminal(sb: &Sandbox, line: &str, typed: &str) -> Option<Output> {
    let script = require("script")?;
    Some(sb.sh(script, ["-qec", line, "/dev/null"]).stdin(typed).run())
}

const QUESTION: &str = "prod is protected (tcp://10.0.0.5:2375).\r\nType its name to go on: ";

#[test]
fn on_a_terminal_the_name_is_typed() {
    let sb = sandbox();
    for (typed, code) in [
        ("prod\n", 0),
        ("  prod \n", 0),
        ("lab\n", 7),
        ("y\n", 7),
        ("yes\n", 7),
        ("\n", 7),
        ("PROD\n", 7),
        ("prod prod\n", 7),
        ("\u{4}", 7),
    ] {
        // the question is on the terminal, though both streams are elsewhere and the script is what is read
        let line = "out=$(dctx use prod --shell sh 2>err); echo \"=$?\"; eval \"$out\"; echo \"<$DOCKER_HOST>\"";
        let Some(out) = on_a_terminal(&sb, line, typed) else { return };
        assert!(out.out().contains(QUESTION), "{typed:?}: {}", out.out());
        assert!(out.out().contains(&format!("={code}\r\n")), "{typed:?}: {}", out.out());
        let err = fs::read_to_string(sb.work().join("err")).unwrap();
        if code == 0 {
            assert!(out.out().ends_with("<tcp://10.0.0.5:2375>\r\n"), "{typed:?}: {}", out.out());
        } else {
            assert!(out.out().ends_with("<>\r\n"), "{typed:?}: {}", out.out());
            // who has just answered the question wrongly is not told how to get around it
            let again = "to type its name again: eval \"$(dctx use prod --shell sh)\"";
            assert_eq!(err, unconfirmed(again));
        }
    }
    let exec = "dctx exec prod -- sh -c 'echo on $DOCKER_HOST'; echo \"=$?\"";
    let Some(out) = on_a_terminal(&sb, exec, "prod\n") else { return };
    assert!(out.out().ends_with("on tcp://10.0.0.5:2375\r\n=0\r\n"), "{}", out.out());
    let Some(out) = on_a_terminal(&sb, exec, "nope\n") else { return };
    assert!(out.out().ends_with("=125\r\n") && !out.out().contains("on tcp"), "{}", out.out());
}

#[test]
fn no_input_asks_nobody_even_on_a_terminal() {
    let sb = sandbox();
    let line = "dctx use prod --shell sh --no-input 2>err; echo \"=$?\"";
    let Some(out) = on_a_terminal(&sb, line, "prod\n") else { return };
    assert!(!out.out().contains("Type its name"), "{}", out.out());
    // what was typed and nobody read is echoed before or after it
    assert!(out.out().contains("=7\r\n"), "{}", out.out());
    assert_eq!(
        fs::read_to_string(sb.work().join("err")).unwrap(),
        nobody("eval \"$(dctx use prod --confirm prod --shell sh)\"").replace(
            " and there is no terminal to ask on",
            ", and --no-input forbids the question"
        )
    );
    let line = "dctx --no-input use prod --shell sh --confirm prod >/dev/null; echo \"=$?\"";
    let Some(out) = on_a_terminal(&sb, line, "") else { return };
    assert!(out.out().contains("=0\r\n"), "{}", out.out());
}

/// A profile with certificates in `home/c`.
fn with_certs() -> Sandbox {
    let sb = Sandbox::new();
    certs(&sb, "home/c");
    sb.write(CONFIG, "[profiles.a]\nhost = \"tcp://h\"\ncerts = \"~/c\"\n");
    sb
}

fn refused(sb: &Sandbox, what: &str) {
    let out = dctx(sb, "use a --shell bash").run();
    assert_eq!((out.code(), out.out().as_str()), (4, "(exit 4);\n"), "{}", out.err());
    assert!(out.err().starts_with(&format!("dctx: a: {what}")), "{}\nis not\n{what}", out.err());
    loose(sb);
    dctx(sb, "use a --shell json").run().done();
    strict(sb);
}

fn loose(sb: &Sandbox) {
    let text = fs::read_to_string(sb.path(CONFIG)).unwrap();
    sb.write(CONFIG, format!("[settings]\nstrict-modes = false\n{text}"));
}

fn strict(sb: &Sandbox) {
    let text = fs::read_to_string(sb.path(CONFIG)).unwrap();
    sb.write(CONFIG, text.strip_prefix("[settings]\nstrict-modes = false\n").unwrap());
}

#[test]
fn a_key_of_one_s_own_is_for_nobody_else() {
    let sb = with_certs();
    for (bits, fine) in [
        (0o400, true),
        (0o600, true),
        (0o700, true),
        (0o640, false),
        (0o604, false),
        (0o644, false),
        (0o660, false),
        (0o610, false),
        (0o601, false),
        (0o777, false),
    ] {
        mode(sb.path("home/c/key.pem"), bits);
        match fine {
            true => drop(exports(&sb, "a")),
            false => refused(
                &sb,
                &format!("the key [SB]/home/c/key.pem is readable by others (mode {bits:04o})\n"),
            ),
        }
    }
    // behind a link too
    fs::rename(sb.path("home/c/key.pem"), sb.path("home/real")).unwrap();
    symlink("../real", sb.path("home/c/key.pem")).unwrap();
    refused(&sb, "the key [SB]/home/c/key.pem is readable by others (mode 0777)\n");
    mode(sb.path("home/real"), 0o400);
    exports(&sb, "a");
    // somebody else's is theirs to guard
    if chown(sb.path("home/real"), Some(65534), None).is_err() {
        return skip("not root: nothing can be given to another user");
    }
    mode(sb.path("home/real"), 0o644);
    exports(&sb, "a");
}

#[test]
fn a_ca_that_others_can_replace_is_refused() {
    let sb = with_certs();
    let told = |path: &str, bits: u32| {
        format!(
            "[SB]/{path} is writable by others (mode {bits:04o}): they could put another CA there\n"
        )
    };
    // the path, its mode, whether that is fine, its mode afterwards
    for (path, bits, fine, after) in [
        ("home/c/ca.pem", 0o644, true, 0o444),
        ("home/c/ca.pem", 0o664, false, 0o444),
        ("home/c/ca.pem", 0o446, false, 0o444),
        ("home/c/ca.pem", 0o1666, false, 0o444),
        ("home/c", 0o755, true, 0o700),
        ("home/c", 0o770, false, 0o700),
        ("home/c", 0o707, false, 0o700),
        // in a sticky directory nobody else can rename it
        ("home/c", 0o1777, true, 0o700),
        // up to the home directory, and no further
        ("home", 0o775, false, 0o700),
        ("home", 0o1777, true, 0o700),
        ("", 0o777, true, 0o700),
    ] {
        mode(sb.path(path), bits);
        match fine {
            true => drop(exports(&sb, "a")),
            false => refused(&sb, &told(path, bits)),
        }
        mode(sb.path(path), after);
    }
    // elsewhere, up to the root
    fs::create_dir_all(sb.path("srv/team")).unwrap();
    fs::rename(sb.path("home/c"), sb.path("srv/team/c")).unwrap();
    let text = format!(
        "[profiles.a]\nhost = \"tcp://h\"\ncerts = \"{}\"\n",
        sb.path("srv/team/c").display()
    );
    sb.write(CONFIG, text);
    mode(sb.path("srv"), 0o777);
    refused(&sb, &told("srv", 0o777));
    mode(sb.path("srv"), 0o755);
    exports(&sb, "a");
    // whoever the directory belongs to
    if chown(sb.path("srv/team"), Some(65534), None).is_err() {
        return skip("not root: nothing can be given to another user");
    }
    exports(&sb, "a");
    mode(sb.path("srv/team"), 0o777);
    refused(&sb, &told("srv/team", 0o777));
}

#[test]
fn links_do_not_hide_a_directory_that_others_can_write() {
    let sb = with_certs();
    fs::create_dir_all(sb.path("open/deep")).unwrap();
    fs::copy(sb.path("home/c/ca.pem"), sb.path("open/deep/ca.pem")).unwrap();
    mode(sb.path("open/deep"), 0o755);
    let told = "is writable by others (mode 0777): they could put another CA there\n";
    let again = |link: &Path, target: &str, shown: &str| {
        let _ = fs::remove_file(link);
        symlink(target, link).unwrap();
        mode(sb.path("open"), 0o777);
        refused(&sb, &format!("[SB]/{shown} {told}"));
        mode(sb.path("open"), 0o755);
        exports(&sb, "a");
    };
    // a link to the file, relative and absolute; then a link to its directory
    let ca = sb.path("home/c/ca.pem");
    fs::remove_file(&ca).unwrap();
    again(&ca, "../../open/deep/ca.pem", "open");
    again(&ca, sb.path("open/deep/ca.pem").to_str().unwrap(), "open");
    sb.write(CONFIG, "[profiles.a]\nhost = \"tcp://h\"\nca = \"~/link/ca.pem\"\n");
    again(&sb.path("home/link"), "../open/deep", "open");
    // and `..` behind a link
    sb.write(CONFIG, "[profiles.a]\nhost = \"tcp://h\"\nca = \"~/link/../deep/ca.pem\"\n");
    again(&sb.path("home/link"), "../open/deep", "home/link/..");
}

/// The system's own bundle is the system's to guard, and a file without TLS nobody's.
#[test]
fn only_what_is_used_is_judged() {
    let mut sb = with_certs();
    let bundle = sb.write("bundle", "");
    mode(&bundle, 0o666);
    sb.set_env("SSL_CERT_FILE", &bundle);
    mode(sb.path("home/c/ca.pem"), 0o666);
    sb.write(CONFIG, "[profiles.a]\nhost = \"tcp://h\"\ncerts = \"~/c\"\ntls = \"system\"\n");
    exports(&sb, "a");
    sb.write(CONFIG, "[profiles.a]\nhost = \"tcp://h\"\n");
    exports(&sb, "a");
}

/// A pipe in the place of a certificate is no file, and does not hold anybody up.
#[test]
fn a_named_pipe_is_no_certificate() {
    let sb = with_certs();
    fs::remove_file(sb.path("home/c/ca.pem")).unwrap();
    sb.sh("mkfifo", [sb.path("home/c/ca.pem")]).run().done();
    let said = "dctx: a: [SB]/home/c/ca.pem is not a file\n\
                hint: name another directory: dctx edit a --certs DIR\n";
    dctx(&sb, "use a --shell bash").run().is(4, "(exit 4);\n", said);
}
