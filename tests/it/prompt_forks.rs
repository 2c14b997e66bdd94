//! The hook starts no process at a prompt, and one at a change of directory only where profiles have directories.

use std::fs;

use crate::support::{Sandbox, require};

const PLAIN: &str = "[profiles.coreos]\nhost = \"tcp://192.0.2.1\"\n";
const WITH_DIRS: &str = "[profiles.coreos]\nhost = \"tcp://192.0.2.1\"\ndirs = [\"~/shop\"]\n";

/// How often processes are started by a shell that runs these lines at its prompts, and whether one of them is dctx.
fn started(sb: &Sandbox, shell: &str, first: &str, lines: &[&str]) -> (usize, usize) {
    let init = match shell {
        "fish" => "dctx init fish | source".to_owned(),
        _ => format!("eval \"$(dctx init {shell})\""),
    };
    let rc = sb.write("rc", format!("{init}\n{first}\n"));
    sb.write("home/.zshrc", fs::read(&rc).unwrap());
    let log = sb.path("strace.log");
    let trace =
        ["-f", "-qq", "-e", "trace=clone,clone3,fork,vfork,execve", "-e", "signal=none", "-o"];
    let mut command = sb.sh("strace", trace).arg(&log);
    command = match shell {
        "bash" => command.args(["bash", "--noprofile", "--rcfile"]).arg(&rc).arg("-i"),
        "zsh" => command.args(["zsh", "-d", "-i"]),
        // fish shows no prompt without a terminal, and says that it would by this event
        _ => {
            let lines: Vec<String> =
                lines.iter().map(|line| format!("{line}; emit fish_prompt")).collect();
            let script = format!("source {}; emit fish_prompt; {}", rc.display(), lines.join("; "));
            command.args(["fish", "-i", "-c", &script])
        }
    };
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    command
        .env("TERM", "dumb")
        .stdin(if shell == "fish" { String::new() } else { input })
        .run()
        .done();
    let text = fs::read_to_string(log).unwrap();
    let forks = text.lines().filter(|line| {
        ["clone(", "clone3(", "fork(", "vfork("].iter().any(|call| line.contains(call))
            && !line.contains("CLONE_THREAD")
            && !line.contains("resumed>")
    });
    let dctx = text.lines().filter(|line| {
        line.contains("execve(") && line.contains("/dctx\"") && !line.contains("= -1")
    });
    (forks.count(), dctx.count())
}

/// What the lines add to what the start of the shell costs: processes, and calls of dctx.
#[track_caller]
fn added(sb: &Sandbox, shell: &str, first: &str, lines: &[&str]) -> (usize, usize) {
    // the first shell after a change notes whether there are directories
    started(sb, shell, first, &lines[..1]);
    let (forks, dctx) = started(sb, shell, first, lines);
    // one line, so that what happens at the first prompt alone is in both
    let (base_forks, base_dctx) = started(sb, shell, first, &lines[..1]);
    (forks - base_forks, dctx - base_dctx)
}

#[test]
fn no_process_at_a_prompt_where_nothing_has_changed() {
    if require("strace").is_none() {
        return;
    }
    for shell in ["bash", "zsh", "fish"] {
        if require(shell).is_none() {
            continue;
        }
        let session = if shell == "fish" { " --session" } else { "" };
        for (profiles, first, lines) in [
            (PLAIN, String::new(), [":"; 9]),
            (WITH_DIRS, format!("dctx use coreos{session} 2>/dev/null"), [":"; 9]),
            (WITH_DIRS, "dctx use -U coreos 2>/dev/null".to_owned(), [":"; 9]),
            // a use that has an end looks at the clock each time
            (PLAIN, format!("dctx use coreos{session} --for 1h 2>/dev/null"), [":"; 9]),
            // without directories in any profile, going about starts nothing either
            (
                PLAIN,
                String::new(),
                [":", "cd /", "cd /tmp", "cd /usr", "cd /", "cd /etc", "cd /", "cd /usr", "cd /"],
            ),
        ] {
            let sb = Sandbox::new();
            let file = sb.write("home/.config/dctx/config.toml", profiles);
            settle(&sb, &file);
            let lines: Vec<&str> = lines
                .iter()
                .map(|line| if shell == "fish" && *line == ":" { "true" } else { *line })
                .collect();
            assert_eq!(added(&sb, shell, &first, &lines), (0, 0), "{shell}: {first} {lines:?}");
        }
    }
}

/// With them, dctx is asked once for each change of directory, and a changed file is noticed.
#[test]
fn one_process_at_a_change_of_directory_where_profiles_have_some() {
    if require("strace").is_none() {
        return;
    }
    for shell in ["bash", "zsh", "fish"] {
        if require(shell).is_none() {
            continue;
        }
        let sb = Sandbox::new();
        let file = sb.write("home/.config/dctx/config.toml", WITH_DIRS);
        settle(&sb, &file);
        let (_, dctx) = added(&sb, shell, "", &["cd /", "cd /tmp", "true", "true", "cd /usr"]);
        assert_eq!(dctx, 2, "{shell}");
        fs::write(&file, PLAIN).unwrap();
        settle(&sb, &file);
        let (_, dctx) = added(&sb, shell, "", &["cd /", "cd /tmp", "true", "cd /usr"]);
        assert_eq!(dctx, 0, "{shell}");
        fs::write(&file, WITH_DIRS).unwrap();
        let (_, dctx) = added(&sb, shell, "", &["cd /", "cd /tmp", "true", "cd /usr"]);
        assert_eq!(dctx, 2, "{shell}");
    }
}

/// Makes the files look as if nobody had touched them for a while.
fn settle(sb: &Sandbox, file: &std::path::Path) {
    let args = ["-d", "1 hour ago"];
    let dirs = [file.parent().unwrap().to_path_buf(), sb.config(), file.to_path_buf()];
    sb.sh("touch", args).args(dirs).run().done();
}
