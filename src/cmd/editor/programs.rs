//! How the editors that people have are told the line to begin at, and to wait until the text is closed.
//!
//! From the manuals of each: vi(1), vim(1), nano(1), emacs(1), emacsclient(1), kak(1), hx(1), micro(1), joe(1), mg(1);
//! `code --help`, `subl --help`, `zed --help`, `gedit --help`, `kate --help`, "Command line" of JetBrains' manuals,
//! `mate --help` and `bbedit --help` for macOS. An editor that is not known is given the file alone.

use std::ffi::OsString;
use std::path::Path;

/// An editor that is known.
struct Known {
    /// The names of its programs, without `.exe`.
    names: &'static [&'static str],
    /// How it is told the line.
    line: Line,
    /// What makes it wait; `None` for one that runs in the terminal, and waits anyway.
    wait: Option<Wait>,
}

/// How an editor is told the line to begin at.
#[derive(Clone, Copy)]
enum Line {
    /// `+N FILE`.
    Plus,
    /// `--goto FILE:N`.
    Goto,
    /// `FILE:N`.
    Colon,
    /// `-l N FILE`.
    Dash,
    /// `--line N FILE`.
    Long,
    /// Not at all.
    None,
}

/// The option that makes an editor wait, and others that do so, too.
struct Wait {
    give: &'static str,
    same: &'static [&'static str],
}

const fn wait(give: &'static str, same: &'static [&'static str]) -> Option<Wait> {
    Some(Wait { give, same })
}

const KNOWN: [Known; 13] = [
    Known {
        names: &[
            "vi",
            "vim",
            "nvim",
            "view",
            "ex",
            "vis",
            "elvis",
            "nvi",
            "vile",
            "nano",
            "pico",
            "rnano",
            "emacs",
            "emacsclient",
            "kak",
            "hx",
            "helix",
            "micro",
            "joe",
            "jed",
            "ne",
            "mg",
            "zile",
            "jmacs",
            "jstar",
            "jpico",
            "mcedit",
            "jove",
            "tilde",
            "vim.basic",
            "vim.tiny",
            "vim.nox",
            "nvim.appimage",
            "sensible-editor",
            "editor",
        ],
        line: Line::Plus,
        wait: None,
    },
    Known { names: &["ed", "red", "sed", "cp", "tee", "dte"], line: Line::None, wait: None },
    Known {
        names: &["gvim", "vim.gtk3", "mvim", "gview"],
        line: Line::Plus,
        wait: wait("-f", &["--nofork", "-f"]),
    },
    Known { names: &["nvim-qt"], line: Line::None, wait: wait("--nofork", &["--nofork"]) },
    Known {
        names: &[
            "code",
            "code-insiders",
            "code-oss",
            "codium",
            "vscodium",
            "cursor",
            "windsurf",
            "positron",
            "trae",
            "codium-insiders",
            "code-server",
            "kiro",
            "antigravity",
        ],
        line: Line::Goto,
        wait: wait("--wait", &["-w", "--wait"]),
    },
    Known {
        names: &[
            "subl",
            "sublime_text",
            "sublime",
            "zed",
            "zeditor",
            "zedit",
            "atom",
            "pulsar",
            "lapce",
        ],
        line: Line::Colon,
        wait: wait("--wait", &["-w", "--wait"]),
    },
    Known {
        names: &["gedit", "xed", "pluma"],
        line: Line::Plus,
        wait: wait("--wait", &["-w", "--wait", "-s", "--standalone"]),
    },
    Known {
        names: &["gnome-text-editor"],
        line: Line::None,
        wait: wait("--standalone", &["-s", "--standalone"]),
    },
    Known { names: &["kate"], line: Line::Dash, wait: wait("--block", &["-b", "--block"]) },
    Known { names: &["mate"], line: Line::Dash, wait: wait("-w", &["-w", "--wait"]) },
    Known { names: &["bbedit"], line: Line::Plus, wait: wait("-w", &["-w", "--wait"]) },
    Known {
        names: &[
            "idea",
            "pycharm",
            "goland",
            "webstorm",
            "clion",
            "phpstorm",
            "rubymine",
            "rustrover",
            "rider",
        ],
        line: Line::Long,
        wait: wait("--wait", &["--wait", "-w"]),
    },
    // On macOS, of any program.
    Known { names: &["open"], line: Line::None, wait: wait("-W", &["-W", "--wait-apps"]) },
];

fn known(words: &[String]) -> Option<&'static Known> {
    let name = Path::new(words.first()?).file_name()?.to_str()?.to_ascii_lowercase();
    let name = name.strip_suffix(".exe").or_else(|| name.strip_suffix(".cmd")).unwrap_or(&name);
    KNOWN.iter().find(|known| known.names.contains(&name))
}

/// Whether an editor is known to return only when the text is closed, with the arguments that [`arguments`] adds; one that
/// is not known may be told to wait in a way that others are.
pub(super) fn waits(words: &[String]) -> bool {
    let told =
        |word: &String| matches!(word.as_str(), "--wait" | "-w" | "--nofork" | "--foreground");
    known(words).is_some() || words.iter().skip(1).any(told)
}

/// What to give an editor after its own words, to open `path` at this line (from 1).
pub(super) fn arguments(words: &[String], path: &Path, line: Option<usize>) -> Vec<OsString> {
    let file = path.as_os_str().to_owned();
    let Some(known) = known(words) else { return vec![file] };
    let mut out: Vec<OsString> = Vec::new();
    if let Some(wait) = &known.wait {
        let given = words.iter().skip(1).any(|word| wait.same.contains(&word.as_str()));
        if !given {
            out.push(wait.give.into());
        }
    }
    let at = |line: usize| {
        let mut file = file.clone();
        file.push(format!(":{line}"));
        file
    };
    match (line.filter(|line| *line > 1), known.line) {
        (None, _) | (_, Line::None) => out.push(file),
        (Some(line), Line::Plus) => out.extend([format!("+{line}").into(), file]),
        (Some(line), Line::Goto) => {
            // Its own word for that may be there already.
            let given = words.iter().any(|word| matches!(word.as_str(), "-g" | "--goto"));
            out.extend((!given).then(|| "--goto".into()));
            out.push(at(line));
        }
        (Some(line), Line::Colon) => out.push(at(line)),
        (Some(line), Line::Dash) => out.extend(["-l".into(), line.to_string().into(), file]),
        (Some(line), Line::Long) => out.extend(["--line".into(), line.to_string().into(), file]),
    }
    out
}
