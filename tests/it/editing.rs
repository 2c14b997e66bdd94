//! `edit` opens a private copy in the person's editor, saves it when it is right, and never throws away what
//! was typed.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::profiles::{CONFIG, config, mode};
use crate::support::{Cmd, Output, Sandbox, require};

const FILE: &str = "[SB]/home/.config/dctx/config.toml";
const SAVED: &str = "dctx: saved ~/.config/dctx/config.toml; to take it back: dctx undo\n";
const BEFORE: &str = "# mine\n[profiles.a]\nhost = \"tcp://h\"\n";

fn sandbox(text: &str) -> Sandbox {
    let sb = Sandbox::new();
    sb.write(CONFIG, text);
    sb
}

/// An editor that is this script of sh; `$1` is the file.
fn editor(sb: &Sandbox, script: &str) -> String {
    sb.script("bin/ed", &format!("#!/bin/sh\n{script}\n")).display().to_string()
}

fn edit(sb: &Sandbox, script: &str) -> Cmd {
    let editor = editor(sb, script);
    sb.dctx(["edit"]).env("EDITOR", editor)
}

/// The copies that are there.
fn copies(sb: &Sandbox) -> Vec<String> {
    let state = sb.state().join("dctx");
    let Ok(entries) = fs::read_dir(state) else { return Vec::new() };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("edit")).collect()
}

/// The text that was kept, and where the person was told it is.
fn kept(sb: &Sandbox, out: &Output) -> String {
    let copies = copies(sb);
    assert_eq!(copies.len(), 1, "{}", out.err());
    let told =
        format!("dctx: your text is kept in ~/.local/state/dctx/{}/config.toml\n", copies[0]);
    assert!(out.err().contains(&told), "{}\nhas not\n{told}", out.err());
    let dir = sb.state().join("dctx").join(&copies[0]);
    let text = fs::read_to_string(dir.join("config.toml")).unwrap();
    fs::remove_dir_all(dir).unwrap();
    text
}

#[test]
fn a_right_text_is_saved() {
    let sb = sandbox(BEFORE);
    mode(sb.path(CONFIG), 0o640);
    let out = edit(&sb, "sed -i s,//h,//i, \"$1\"").run();
    out.ok("", SAVED);
    assert_eq!(config(&sb).unwrap(), BEFORE.replace("//h", "//i"));
    let bits = fs::metadata(sb.path(CONFIG)).unwrap().permissions().mode();
    assert_eq!(bits & 0o7777, 0o640);
    assert_eq!(copies(&sb), [] as [&str; 0]);
    sb.dctx(["undo"]).run().done();
    assert_eq!(config(&sb).unwrap(), BEFORE);
    edit(&sb, "true").run().ok("", "dctx: nothing was changed\n");
    edit(&sb, "touch \"$1\"; cp \"$1\" \"$1~\"").run().ok("", "dctx: nothing was changed\n");
    // with a name it is the same file, once there is such a profile
    let out = sb.dctx(["edit", "b"]).env("EDITOR", "touch ran").run();
    out.is(3, "", "dctx: no profile named \"b\"\nhint: all of them: dctx ls\n");
    assert!(!sb.work().join("ran").exists());
    sb.dctx(["edit", "a"])
        .env("EDITOR", editor(&sb, "echo '# more' >> \"$1\""))
        .run()
        .ok("", SAVED);
    assert_eq!(config(&sb).unwrap(), format!("{BEFORE}# more\n"));
    assert_eq!(copies(&sb), [] as [&str; 0]);
}

#[test]
fn the_copy_is_private_and_leaves_nothing_behind() {
    let sb = sandbox(BEFORE);
    mode(sb.path(CONFIG), 0o666);
    let script = "stat -c '%a' \"$1\" \"${1%/*}\" >seen; echo \"${1##*/}\" >>seen\n\
                  echo x >\"$1~\"; mkdir \"${1%/*}/swap\"; echo '# new' >>\"$1\"";
    edit(&sb, script).run().ok("", SAVED);
    assert_eq!(fs::read_to_string(sb.work().join("seen")).unwrap(), "600\n700\nconfig.toml\n");
    assert_eq!(copies(&sb), [] as [&str; 0]);
    // an editor may write another file and rename it
    edit(&sb, "sed s,//h,//i, \"$1\" >\"$1.new\"; mv \"$1.new\" \"$1\"").run().ok("", SAVED);
    assert!(config(&sb).unwrap().contains("//i"));
}

#[test]
fn the_editor_is_found_as_a_shell_would_find_it() {
    let sb = sandbox(BEFORE);
    let log = "for a; do printf '<%s>' \"${a##*/}\"; done >args";
    sb.script("my bin/the editor", &format!("#!/bin/sh\n{log}\n"));
    sb.script("bin/vi", "#!/bin/sh\necho vi >args\n");
    let here = sb.dir().display();
    let path = format!("{}:/usr/bin:/bin", sb.path("bin").display());
    let args = || fs::read_to_string(sb.work().join("args")).unwrap();
    let run = |visual: Option<&str>, editor: Option<&str>| {
        let _ = fs::remove_file(sb.work().join("args"));
        let vars = [("VISUAL", visual), ("EDITOR", editor), ("PATH", Some(path.as_str()))];
        let vars = vars.into_iter().filter_map(|(name, value)| Some((name, value?)));
        sb.dctx(["edit"]).envs(vars).run()
    };
    let quoted = format!("'{here}/my bin/the editor' --wait -c 'set ft=toml' \"a b\" c\\ d $HOME");
    run(Some(&quoted), Some("false")).ok("", "dctx: nothing was changed\n");
    assert_eq!(args(), "<--wait><-c><set ft=toml><a b><c d><$HOME><config.toml>");
    run(Some(""), Some(&quoted)).ok("", "dctx: nothing was changed\n");
    assert!(args().ends_with("<config.toml>"));
    run(None, None).ok("", "dctx: nothing was changed\n");
    assert_eq!(args(), "vi\n");
    for (value, why) in [
        ("nosucheditor -x", "nosucheditor: No such file or directory"),
        ("'unbalanced", "'unbalanced: not a command"),
        (" ", " : not a command"),
    ] {
        let said = format!(
            "dctx: cannot run the editor {why}\nhint: with another editor: env VISUAL=vi dctx edit\n"
        );
        run(Some(value), None).is(1, "", &said);
        assert_eq!(copies(&sb), [] as [&str; 0]);
    }
    assert_eq!(config(&sb).unwrap(), BEFORE);
}

#[test]
fn an_editor_that_fails_changes_nothing() {
    let sb = sandbox(BEFORE);
    let said = |how: &str| format!("dctx: the editor [SB]/bin/ed {how}, so nothing was changed\n");
    edit(&sb, "exit 1").run().is(1, "", &said("ended with status 1"));
    edit(&sb, "kill -9 $$").run().is(1, "", &said("was ended by a signal"));
    assert_eq!(copies(&sb), [] as [&str; 0]);
    // what it wrote before it died is still somebody's text
    let out = edit(&sb, "echo '# typed' >>\"$1\"; kill -9 $$").run();
    assert_eq!((out.code(), kept(&sb, &out)), (1, format!("{BEFORE}# typed\n")));
    assert_eq!(config(&sb).unwrap(), BEFORE);
}

#[test]
fn a_wrong_text_is_not_saved_and_not_lost() {
    let sb = sandbox(BEFORE);
    let typed = format!("{BEFORE}[profiles.b]\nhost = \"h\"\n[profiles.c]\nhst = 1\n");
    let out =
        edit(&sb, "printf '[profiles.b]\\nhost = \"h\"\\n[profiles.c]\\nhst = 1\\n' >>\"$1\"")
            .run();
    let said = format!(
        "dctx: {FILE}:5:8: profile b: host \"h\": it has no scheme, so clients disagree on what it means\n    \
         5 | host = \"h\"\n      |        ^\n"
    );
    assert!(out.err().starts_with(&said), "{}", out.err());
    let said = format!(
        "dctx: {FILE}:7:1: profile c: unknown key hst; did you mean host?\n    7 | hst = 1\n      | ^\n"
    );
    assert!(out.err().ends_with(&said), "{}", out.err());
    assert_eq!((out.code(), kept(&sb, &out)), (4, typed));
    let out = edit(&sb, "printf '[x' >>\"$1\"").run();
    let said = format!("dctx: {FILE}:4:3: the header of a table has no ]\n");
    assert!(out.err().contains(&said), "{}", out.err());
    assert_eq!((out.code(), kept(&sb, &out)), (4, format!("{BEFORE}[x")));
    let out = edit(&sb, "printf '\\377' >>\"$1\"").run();
    assert_eq!(out.code(), 4);
    assert!(out.err().contains("is not UTF-8"), "{}", out.err());
    // the file is as it was: nothing in it is to be undone
    assert!(!out.err().contains("dctx undo"), "{}", out.err());
    assert_eq!(config(&sb).unwrap(), BEFORE);
}

#[test]
fn a_broken_file_can_be_mended() {
    for broken in [&b"[profiles.a\n"[..], b"\xff\xfe", b"profiles = 1\n", b"schema = 0\n"] {
        let sb = Sandbox::new();
        sb.write(CONFIG, broken);
        let out = edit(&sb, "printf '[profiles.a]\\nhost = \"tcp://h\"\\n' >\"$1\"").run();
        out.ok("", SAVED);
        assert_eq!(config(&sb).unwrap(), "[profiles.a]\nhost = \"tcp://h\"\n");
        sb.dctx(["undo"]).run();
        // with the name of a profile that nobody can look for
        sb.write(CONFIG, broken);
        sb.dctx(["edit", "a"]).env("EDITOR", editor(&sb, "printf '' >\"$1\"")).run().ok("", SAVED);
    }
    // without a file there is a beginning
    let sb = Sandbox::new();
    edit(&sb, "cat \"$1\" >seen").run().ok("", "dctx: nothing was changed\n");
    assert_eq!(fs::read_to_string(sb.work().join("seen")).unwrap(), "schema = 1\n");
    assert_eq!(config(&sb), None);
    edit(&sb, "echo '[profiles.a]\nhost = \"tcp://h\"' >>\"$1\"").run().ok("", SAVED);
    assert_eq!(config(&sb).unwrap(), "schema = 1\n[profiles.a]\nhost = \"tcp://h\"\n");
}

/// A profile that was wrong before fails closed as before; it is no reason to lose the rest.
#[test]
fn former_faults_do_not_keep_a_text_from_being_saved() {
    let text = format!("{BEFORE}[profiles.old]\nhst = 1\n");
    let sb = sandbox(&text);
    let fault = |line: u32| {
        format!(
            "{FILE}:{line}:1: profile old: unknown key hst; did you mean host?\n    {line} | hst = 1\n      | ^\n"
        )
    };
    let out = edit(&sb, "sed -i 's,//h,//i,; 1i# moved' \"$1\"").run();
    out.ok("", &format!("{SAVED}dctx: {}", fault(6)));
    let out = edit(&sb, "sed -i 's,tcp://i,i,' \"$1\"").run();
    assert_eq!(out.code(), 4);
    assert!(kept(&sb, &out).contains("host = \"i\""));
    let out = edit(&sb, "echo 'hst = 2' >>\"$1\"").run();
    assert_eq!(out.code(), 4, "a second time the same key: {}", out.err());
    kept(&sb, &out);
    let out = edit(&sb, "sed -i '1iprofles = 1' \"$1\"").run();
    let unknown = format!(
        "dctx: {FILE}:1:1: unknown key profles, which has no effect; did you mean profiles?\n"
    );
    out.ok("", &format!("{SAVED}dctx: {}{unknown}", fault(7)));
}

#[test]
fn a_file_changed_meanwhile_is_not_overwritten_and_the_text_not_lost() {
    let sb = sandbox(BEFORE);
    let out = edit(&sb, "echo '# typed' >>\"$1\"; dctx add b tcp://b")
        .env("PATH", crate::support::sandbox::path_with_dctx())
        .run();
    let both = format!("{BEFORE}\n[profiles.b]\nhost = \"tcp://b\"\n");
    assert_eq!(config(&sb).unwrap(), both);
    let said =
        format!("dctx: {FILE} was changed by something else meanwhile; nothing was written\n");
    assert!(out.err().ends_with(&said), "{}", out.err());
    assert_eq!((out.code(), kept(&sb, &out)), (1, format!("{BEFORE}# typed\n")));
    // removed meanwhile is changed, too
    let out =
        edit(&sb, &format!("echo '# typed' >>\"$1\"; rm '{}'", sb.path(CONFIG).display())).run();
    assert_eq!((out.code(), kept(&sb, &out)), (1, format!("{both}# typed\n")));
    assert_eq!(config(&sb), None);
}

#[test]
fn a_text_that_cannot_be_written_is_kept() {
    let sb = sandbox(BEFORE);
    // the directory of the file is gone: what stands there is a file
    let script = "echo '# typed' >>\"$1\"; mv ~/.config/dctx ~/.config/old; echo >~/.config/dctx";
    let out = edit(&sb, script).run();
    assert_ne!(out.code(), 0);
    assert_eq!(kept(&sb, &out), format!("{BEFORE}# typed\n"));
}

#[test]
fn a_newer_schema_is_told_before_anything_is_typed() {
    let sb = sandbox("schema = 2\n");
    let said = format!(
        "dctx: {FILE} was written by a newer dctx (schema 2); this one will not change it\n\
         hint: update dctx, or edit the file by hand\n"
    );
    edit(&sb, "touch ran").run().is(4, "", &said);
    assert!(!sb.work().join("ran").exists());
    // and a person who makes it newer is not left with nothing
    sb.write(CONFIG, BEFORE);
    let out = edit(&sb, "sed -i '1ischema = 2' \"$1\"").run();
    assert_eq!((out.code(), kept(&sb, &out)), (4, format!("schema = 2\n{BEFORE}")));
}

#[test]
fn a_link_stays_a_link() {
    let sb = Sandbox::new();
    sb.write("dotfiles/dctx.toml", BEFORE);
    fs::create_dir_all(sb.path("home/.config/dctx")).unwrap();
    symlink("../../../dotfiles/dctx.toml", sb.path(CONFIG)).unwrap();
    edit(&sb, "echo '# new' >>\"$1\"").run().ok("", SAVED);
    assert_eq!(
        fs::read_to_string(sb.path("dotfiles/dctx.toml")).unwrap(),
        format!("{BEFORE}# new\n")
    );
    assert!(fs::symlink_metadata(sb.path(CONFIG)).unwrap().is_symlink());
}

/// Answers at the question: the keys, the exit code, and whether the second round was saved.
#[test]
fn on_a_terminal_one_may_edit_again_or_give_up() {
    let Some(script) = require("script") else { return };
    for (typed, code, saved) in [
        ("\n", 0, true),
        ("e\n", 0, true),
        ("what\ne\n", 0, true),
        ("d\n", 1, false),
        ("D\n", 1, false),
        ("\u{4}", 1, false),
    ] {
        let sb = sandbox(BEFORE);
        // wrong the first time, right the second
        let ed = editor(
            &sb,
            "if [ -e once ]; then sed -i 's/^hst/x-hst/' \"$1\"; else touch once; echo 'hst = 1' >>\"$1\"; fi",
        );
        let out =
            sb.sh(&script, ["-qec", "dctx edit", "/dev/null"]).env("EDITOR", ed).stdin(typed).run();
        assert!(out.out().contains("unknown key hst; did you mean host?"), "{}", out.out());
        assert!(out.out().contains("e: edit again, d: discard [e] "), "{}", out.out());
        assert_eq!(out.code(), code, "{typed:?}: {}", out.out());
        let wanted = if saved { format!("{BEFORE}x-hst = 1\n") } else { BEFORE.to_owned() };
        assert_eq!(config(&sb).unwrap(), wanted, "{typed:?}");
        // what is discarded is gone; no answer is no wish to discard
        assert_eq!(copies(&sb).len(), usize::from(typed == "\u{4}"), "{typed:?}: {}", out.out());
    }
}

/// Ctrl-C goes to every process of the terminal; the editor knows what to do with it, and dctx waits.
#[test]
fn ctrl_c_is_the_editor_s() {
    let Some(script) = require("script") else { return };
    let sb = sandbox(BEFORE);
    let ed = editor(
        &sb,
        "trap 'echo \"# caught\" >>\"$1\"; exit 0' INT\ntouch ready\ni=0; while [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done; exit 1",
    );
    let command = sb.sh(&script, ["-qec", "trap : INT; dctx edit; echo \"=$?\"", "/dev/null"]);
    let mut command = command.env("EDITOR", ed).into_command();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while !sb.work().join("ready").exists() && begun.elapsed() < Duration::from_secs(60) {
        sleep(Duration::from_millis(10));
    }
    let mut keys = child.stdin.take().unwrap();
    keys.write_all(b"\x03").unwrap();
    let out = child.wait_with_output().unwrap();
    drop(keys);
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(text.contains("=0\r\n"), "{text}");
    assert_eq!(config(&sb).unwrap(), format!("{BEFORE}# caught\n"));
    assert_eq!(copies(&sb), [] as [&str; 0]);
}

/// An editor of this name, which logs its arguments, and what it does.
fn named(sb: &Sandbox, name: &str, script: &str) -> String {
    let log = "for a; do printf '<%s>' \"${a##*/}\"; done >args\nfor f; do :; done\n";
    let path = format!("ed/{name}");
    sb.script(&path, &format!("#!/bin/sh\n{log}{script}\n")).display().to_string()
}

/// The editors that are told a line, with what they are given for line 4 of config.toml, and for no line.
const EDITORS: &[(&str, &str, &str)] = &[
    ("vi", "<+4><config.toml>", "<config.toml>"),
    ("nvim", "<+4><config.toml>", "<config.toml>"),
    ("nano", "<+4><config.toml>", "<config.toml>"),
    ("emacs", "<+4><config.toml>", "<config.toml>"),
    ("hx", "<+4><config.toml>", "<config.toml>"),
    ("kak", "<+4><config.toml>", "<config.toml>"),
    ("micro", "<+4><config.toml>", "<config.toml>"),
    ("ed", "<config.toml>", "<config.toml>"),
    ("gvim", "<-f><+4><config.toml>", "<-f><config.toml>"),
    ("gvim --nofork", "<--nofork><+4><config.toml>", "<--nofork><config.toml>"),
    ("code", "<--wait><--goto><config.toml:4>", "<--wait><config.toml>"),
    ("code -w", "<-w><--goto><config.toml:4>", "<-w><config.toml>"),
    ("code --wait -g", "<--wait><-g><config.toml:4>", "<--wait><-g><config.toml>"),
    ("codium -n", "<-n><--wait><--goto><config.toml:4>", "<-n><--wait><config.toml>"),
    ("cursor", "<--wait><--goto><config.toml:4>", "<--wait><config.toml>"),
    ("subl", "<--wait><config.toml:4>", "<--wait><config.toml>"),
    ("zed", "<--wait><config.toml:4>", "<--wait><config.toml>"),
    ("atom", "<--wait><config.toml:4>", "<--wait><config.toml>"),
    ("gedit", "<--wait><+4><config.toml>", "<--wait><config.toml>"),
    ("kate", "<--block><-l><4><config.toml>", "<--block><config.toml>"),
    ("mine", "<config.toml>", "<config.toml>"),
];

#[test]
fn an_editor_begins_at_the_line_and_waits() {
    let sb = sandbox("# one\n[profiles.a]\nhost = \"tcp://h\"\n[profiles.b]\nhost = \"tcp://h\"\n");
    let args = || fs::read_to_string(sb.work().join("args")).unwrap();
    for (editor, at, plain) in EDITORS {
        let (name, options) = editor.split_once(' ').unwrap_or((editor, ""));
        let run = |args: &[&str]| {
            let program = named(&sb, name, "");
            sb.dctx(args).env("VISUAL", format!("{program} {options}")).run()
        };
        assert_eq!(run(&["edit", "b"]).code(), 0, "{editor}");
        assert_eq!(args(), *at, "{editor}");
        assert_eq!(run(&["edit"]).code(), 0, "{editor}");
        assert_eq!(args(), *plain, "{editor}");
        let copies = copies(&sb);
        // one that is not known, and is back at once, may still have it open
        assert_eq!(copies.len(), if *editor == "mine" { 2 } else { 0 }, "{editor}: {copies:?}");
    }
}

#[test]
fn an_editor_begins_at_what_is_wrong() {
    let args = |sb: &Sandbox| fs::read_to_string(sb.work().join("args")).unwrap();
    let right = "[profiles.a]\nhost = \"tcp://h\"\n[profiles.b]\nhost = \"tcp://h\"\n";
    for (text, name, line) in [
        (format!("{right}tls = verify\n"), None, "<+5>"),
        (format!("{right}tls = verify\n"), Some("a"), "<+5>"),
        (format!("{right}tls = \"on\"\n"), None, "<+5>"),
        (format!("{right}x-a = 1\ntls = \"on\"\n"), Some("b"), "<+6>"),
        (format!("{right}tls = \"on\"\n"), Some("a"), ""),
        (format!("{right}[setings]\n"), None, "<+5>"),
        (format!("{right}# \u{e9}"), None, ""),
    ] {
        let sb = sandbox(&text);
        let vi = named(&sb, "vi", "");
        let args_of = ["edit"].into_iter().chain(name);
        sb.dctx(args_of).env("VISUAL", vi).run().done();
        assert_eq!(args(&sb), format!("{line}<config.toml>"), "{text} {name:?}");
    }
    // and when it is asked again, at what was typed
    let Some(script) = require("script") else { return };
    let sb = sandbox(right);
    let vi = named(
        &sb,
        "vi",
        "printf '%s ' \"$1\" >>all; [ -e once ] || echo 'hst = 1' >>\"$f\"; touch once",
    );
    sb.sh(&script, ["-qec", "dctx edit", "/dev/null"]).env("EDITOR", vi).stdin("e\nd\n").run();
    let all = fs::read_to_string(sb.work().join("all")).unwrap();
    assert!(all.ends_with(" +5 "), "{all}");
}

/// An editor that opens a window and is back before anything was typed there: nothing of that is lost.
#[test]
fn an_editor_in_the_background_loses_nothing() {
    let sb = sandbox(BEFORE);
    let mine = named(&sb, "mine", "");
    let out = sb.dctx(["edit"]).env("VISUAL", &mine).run();
    assert_eq!((out.code(), copies(&sb).len()), (0, 1), "{}", out.err());
    assert!(out.err().contains("ended at once; if it still has the file open"), "{}", out.err());
    // what is saved there now is taken up by the command that was said
    let copy = sb.state().join("dctx").join(&copies(&sb)[0]).join("config.toml");
    fs::write(&copy, BEFORE.replace("//h", "//i")).unwrap();
    let err = out.err();
    let hint =
        err.lines().find_map(|l| l.strip_prefix("hint: to check and save that text: ")).unwrap();
    let command = hint.replace("[SB]", &sb.dir().display().to_string());
    sb.sh("sh", ["-c", &command]).run().ok("", SAVED);
    assert_eq!(config(&sb).unwrap(), BEFORE.replace("//h", "//i"));
    // on a terminal it is asked, and what was saved meanwhile is taken
    let Some(script) = require("script") else { return };
    let sb = sandbox(BEFORE);
    let mine = named(
        &sb,
        "mine",
        "(sleep 0.5; echo '# late' >>\"$f\"; touch late) >/dev/null 2>&1 </dev/null &",
    );
    let command = sb.sh(&script, ["-qec", "dctx edit", "/dev/null"]).env("EDITOR", mine);
    let mut child =
        command.into_command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while !sb.work().join("late").exists() && begun.elapsed() < Duration::from_secs(60) {
        sleep(Duration::from_millis(10));
    }
    let mut keys = child.stdin.take().unwrap();
    keys.write_all(b"\n").unwrap();
    let out = child.wait_with_output().unwrap();
    drop(keys);
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(text.contains("save and close it, then press Enter"), "{text}");
    assert_eq!(config(&sb).unwrap(), format!("{BEFORE}# late\n"), "{text}");
}
