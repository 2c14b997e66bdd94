//! One table: every shell and what has to be right in it, run in the real shell; a cell that is not run is named, with
//! its reason.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use dctx::cmd::init;
use dctx::shell::find;

use crate::support::Sandbox;
use crate::support::require;
use crate::support::shells::shells;
use crate::support::terminal::Terminal;

/// What has to be right.
const CELLS: [&str; 9] = [
    "load",        // the documented line, without anything in a start-up file
    "use",         // plain `dctx use` after `dctx init`
    "use another", // the other host, and nothing left of the first
    "failing use", // nothing has changed
    "reset",       // as before the first use
    "quoting",     // a directory whose name is code in every shell
    "init twice",  // no harm, and nothing doubled
    "init strict", // in a shell that ends at every fault
    "status kept", // of a failing use, and of the command before a prompt
];

/// The cells that are not run, and why.
const NOT_RUN: &[(&str, &[&str], &str)] = &[
    (
        "pwsh",
        &CELLS,
        "no PowerShell that the tests could install; its text is read back by a model (models.rs)",
    ),
    ("cmd", &CELLS, "runs on Windows alone; its text is read back by a model (models.rs)"),
    (
        "elvish",
        &["init strict"],
        "every fault is an exception there, and a line that is typed is a script of its own",
    ),
];

const A: &str = "tcp://192.0.2.1:2375";
const B: &str = "tcp://192.0.2.2:2376";
const DIRECTORY: &str = "ce rts'\"$(touch pwned)`touch pwned`;touch pwned;\\!*%d#~{a,b}";

/// How a shell is started, and how its people write what the cells need.
struct Shell {
    name: &'static str,
    argv: &'static [&'static str],
    /// Loads this that ends at every fault.
    strict: &'static str,
    /// After a command that may fail: writes its status into the file `status`.
    status: &'static str,
}

const fn posix(name: &'static str, argv: &'static [&'static str]) -> Shell {
    Shell { name, argv, strict: "set -eu", status: "@ || echo $? > status" }
}

const SHELLS: [Shell; 11] = [
    posix("bash", &["bash"]),
    posix("zsh", &["zsh", "-f"]),
    posix("sh", &["dash"]),
    posix("ksh", &["ksh93"]),
    posix("mksh", &["mksh"]),
    posix("yash", &["yash"]),
    Shell { name: "fish", argv: &["fish"], strict: "true", status: "@\necho $status > status" },
    Shell { name: "tcsh", argv: &["tcsh", "-f"], strict: "-e", status: "@\necho $status > status" },
    // its init needs the editor, so it is typed into
    Shell {
        name: "elvish",
        argv: &["elvish", "-norc"],
        strict: "",
        status: "try { @ } catch e { echo $e[reason][exit-status] > status }",
    },
    Shell {
        name: "nu",
        argv: &["nu", "-n"],
        // it always does
        strict: "",
        status: "try { @ } catch {|e| $e.exit_code | save status }",
    },
    Shell {
        name: "xonsh",
        argv: &["xonsh", "--no-rc"],
        strict: "$RAISE_SUBPROC_ERROR = True",
        status: "__p = !(@)\n__p.end()\nopen('status', 'w').write(str(__p.returncode) + '\\n')",
    },
];

impl Shell {
    fn load(&self, command: &str) -> String {
        find(self.name).unwrap().load(command)
    }

    /// The line for the start-up file; nu reads a file that was made before.
    fn init(&self, sb: &Sandbox) -> String {
        if self.name == "nu" {
            let file = sb.write("dctx.nu", init::script("nu", false).unwrap());
            return format!("source {}", file.display());
        }
        if self.name == "tcsh" {
            sb.write("home/.dctx.csh", init::script("tcsh", false).unwrap());
            return "source ~/.dctx.csh --load".to_owned();
        }
        init::line(self.name).unwrap_or_default()
    }

    /// `dctx ARGS` as typed with the init script, or as documented without one.
    fn plain(&self, args: &str) -> String {
        if init::SHELLS.contains(&self.name) {
            format!("dctx {args}")
        } else {
            self.load(&format!("dctx {args} --shell {}", self.name))
        }
    }

    /// Runs lines, as a script, or typed.
    #[track_caller]
    fn run(&self, sb: &Sandbox, lines: &[String]) {
        let _ = fs::remove_file(sb.work().join("end"));
        if self.name != "elvish" {
            // tcsh takes it on its command line
            let (strict, lines) = match lines.split_first() {
                Some((first, rest)) if first == "-e" => (Some(first), rest),
                _ => (None, lines),
            };
            let file = sb.write("script", lines.join("\n") + "\n");
            sb.sh(self.argv[0], &self.argv[1..]).args(strict).arg(file).run();
            return;
        }
        let Some(terminal) = Terminal::start(sb, self.argv) else { return };
        for line in lines {
            terminal.line(line);
            std::thread::sleep(Duration::from_millis(150));
        }
        terminal.line("touch end");
        let deadline = Instant::now() + Duration::from_secs(60);
        while !sb.work().join("end").exists() {
            assert!(Instant::now() < deadline, "{}: {}", self.name, terminal.screen());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A line that writes what docker would see into a file.
fn look(file: &str) -> String {
    format!("sh -c 'echo \"${{DOCKER_HOST-gone}} ${{DOCKER_CERT_PATH-none}}\" > {file}'")
}

fn prepare() -> Sandbox {
    let mut sb = Sandbox::new();
    sb.set_env("TERM", "xterm-256color");
    let certs = sb.path(DIRECTORY);
    for file in ["ca.pem", "cert.pem", "key.pem"] {
        let path = sb.write(certs.join(file), "");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    }
    fs::set_permissions(&certs, fs::Permissions::from_mode(0o700)).unwrap();
    sb.write(
        "home/.config/dctx/config.toml",
        format!(
            "[profiles.a]\nhost = \"{A}\"\n[profiles.b]\nhost = \"{B}\"\ncerts = '''{}'''\n",
            certs.display()
        ),
    );
    sb
}

/// Runs one cell; what is wrong with it, if something is.
fn cell(shell: &Shell, cell: &str) -> Result<(), String> {
    let sb = prepare();
    let certs = sb.path(DIRECTORY);
    let read = |file: &str| {
        let text =
            fs::read_to_string(sb.work().join(file)).unwrap_or_else(|_| "(nothing)".to_owned());
        text.trim_end().to_owned()
    };
    let wants = |file: &str, wanted: &str| match read(file) {
        found if found == wanted => Ok(()),
        found => Err(format!("{file}: {found}, not {wanted}")),
    };
    let at_a = format!("{A} none");
    let at_b = format!("{B} {}", certs.display());
    let (init, a, b) = (shell.init(&sb), shell.plain("use a"), shell.plain("use b"));
    let typo = shell.plain("use typo");
    match cell {
        "load" => {
            shell.run(
                &sb,
                &[shell.load(&format!("dctx use a --shell {}", shell.name)), look("one")],
            );
            wants("one", &at_a)?;
        }
        "use" => {
            shell.run(&sb, &[init, a, look("one")]);
            wants("one", &at_a)?;
        }
        "use another" => {
            shell.run(&sb, &[init, b, look("one"), a, look("two")]);
            wants("one", &at_b)?;
            wants("two", &at_a)?;
        }
        "failing use" => {
            let failing = shell.status.replace('@', &typo);
            shell.run(&sb, &[init, a, failing, look("one")]);
            wants("one", &at_a)?;
        }
        "reset" => {
            shell.run(&sb, &[init, b, look("one"), shell.plain("reset"), look("two")]);
            wants("one", &at_b)?;
            wants("two", "gone none")?;
        }
        "quoting" => {
            let line = shell.load(&format!("dctx use b --shell {}", shell.name));
            shell.run(&sb, &[line, look("one")]);
            wants("one", &at_b)?;
        }
        "init twice" => {
            shell.run(&sb, &[init.clone(), init, a, look("one"), b, look("two")]);
            wants("one", &at_a)?;
            wants("two", &at_b)?;
        }
        "init strict" => {
            let strict = shell.strict.to_owned();
            let lines = [
                strict,
                init.clone(),
                init,
                b,
                look("one"),
                shell.plain("reset"),
                look("two"),
                typo,
                look("three"),
            ];
            shell.run(&sb, &lines);
            wants("one", &at_b)?;
            wants("two", "gone none")?;
            // fish has no such mode: there the script goes on
            wants("three", if shell.name == "fish" { "gone none" } else { "(nothing)" })?;
        }
        _ => {
            shell.run(&sb, &[init, shell.status.replace('@', &typo)]);
            wants("status", "3")?;
        }
    }
    match sb.work().join("pwned").exists() {
        true => Err("what a name says was run".to_owned()),
        false => Ok(()),
    }
}

#[test]
fn every_shell_is_right_in_every_way() {
    let mut table: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for emitter in shells() {
        let name = emitter.name();
        let shell = SHELLS.iter().find(|shell| shell.name == name);
        let here = shell.map(|shell| require(shell.argv[0]).is_some());
        let row = CELLS.map(|what| {
            let listed =
                NOT_RUN.iter().any(|(shell, cells, _)| *shell == name && cells.contains(&what));
            match (shell, listed) {
                (_, true) => "-".to_owned(),
                (None, false) => {
                    wrong.push(format!("{name}: {what} is neither run nor listed"));
                    "?".to_owned()
                }
                // said loudly already
                (Some(_), false) if here == Some(false) => "absent".to_owned(),
                (Some(shell), false) => match cell(shell, what) {
                    Ok(()) => "ok".to_owned(),
                    Err(why) => {
                        wrong.push(format!("{name}: {what}: {why}"));
                        "WRONG".to_owned()
                    }
                },
            }
        });
        table.insert(name, row.into());
    }
    println!("{:8}{}", "", CELLS.map(|cell| format!("{cell:>12}")).concat());
    for (name, row) in &table {
        println!("{name:8}{}", row.iter().map(|cell| format!("{cell:>12}")).collect::<String>());
    }
    for (name, cells, why) in NOT_RUN {
        println!("- {name}, {} cells: {why}", cells.len());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
