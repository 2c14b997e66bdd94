//! elvish, nu, xonsh and PowerShell complete what bash, zsh and fish do: their scripts ask one question, and dctx answers
//! from its own definition.

use crate::support::Sandbox;
use crate::support::require;
use crate::support::terminal::Terminal;

const PROFILES: &str = "\
[profiles.coreos]
host = \"tcp://192.168.57.110:2376\"
tags = [\"lab\"]

[profiles.pi]
host = \"ssh://pi@raspberrypi\"
";

fn prepare() -> Sandbox {
    let mut sb = Sandbox::new();
    sb.write("home/.config/dctx/config.toml", PROFILES);
    sb.set_env("TERM", "xterm-256color");
    sb
}

/// The answer for the words of a line, the last of them being typed.
fn answer(sb: &Sandbox, words: &[&str]) -> Vec<String> {
    let words = words.iter().map(|word| format!("={word}"));
    let args = ["__complete", "line", "--"].map(str::to_owned).into_iter().chain(words);
    let out = sb.dctx(args).run().done().out();
    out.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn one_question_is_answered_from_the_definition() {
    let sb = prepare();
    let verbs = answer(&sb, &[""]);
    assert_eq!(verbs[0], "words");
    for verb in ["use", "reset", "shell", "exec", "init", "completions"] {
        assert!(verbs.contains(&verb.to_owned()), "{verb} in {verbs:?}");
    }
    for hidden in ["man", "__complete", "__hook", "env", "off"] {
        assert!(!verbs.contains(&hidden.to_owned()), "{hidden} in {verbs:?}");
    }
    let is = |words: &[&str], wanted: &[&str]| {
        assert_eq!(answer(&sb, words), wanted, "{words:?}");
    };
    is(&["use", ""], &["words", "coreos", "pi"]);
    is(&["show", "c"], &["words", "coreos"]);
    is(&["-q", "--color", "never", "show", "p"], &["words", "pi"]);
    is(&["rm", "pi", ""], &["words", "coreos"]);
    is(&["ls", "--tag", ""], &["words", "lab"]);
    is(&["ls", "--tag=l"], &["words", "--tag=lab"]);
    is(&["add", "x", "tcp://h", "--tls", "v"], &["words", "verify"]);
    is(&["use", "coreos", "--shell", "fi"], &["words", "fish"]);
    is(&["init", "el"], &["words", "elvish"]);
    is(&["completions", "x"], &["words", "xonsh"]);
    is(&["add", "x", "tcp://h", "--ca", ""], &["files"]);
    is(&["add", "x", "tcp://h", "--certs", ""], &["dirs"]);
    is(&["cert", "show", ""], &["files"]);
    is(&["cert", "show", "c"], &["words", "coreos"]);
    is(&["cert", "show", "./c"], &["files"]);
    is(&["cert", "import", "c"], &["files"]);
    is(&["cert", "copy", "pi", ""], &["dirs"]);
    is(&["cert", "client", "pi", "-o", ""], &["files"]);
    is(&["cert", "new", "pi", "--no-p"], &["words", "--no-passphrase"]);
    is(&["cert", "renew", "pi", "--pi"], &["words"]);
    is(&["exec", "pi", ""], &["words", "--"]);
    is(&["exec", "pi", "--", "ls", "-"], &["command"]);
    is(&["nonsense", ""], &["words"]);
    let flags = answer(&sb, &["use", "coreos", "--"]);
    for flag in ["--for", "--confirm", "--universal", "--session", "--shell", "--quiet"] {
        assert!(flags.contains(&flag.to_owned()), "{flag} in {flags:?}");
    }
    // what is said of verbs and flags is in the person's language, each in one line
    for words in [&["="][..], &["=use", "=--"], &["=cert", "="], &["=cert", "=new", "=--"]] {
        let all = ["__complete", "line", "--"].iter().chain(words);
        let out = sb.dctx(all).env("DCTX_LANG", "zh").run().done().out();
        for line in out.lines().skip(1) {
            let (word, about) =
                line.split_once('\t').unwrap_or_else(|| panic!("{words:?}: {line}"));
            assert!(word.is_ascii() && !about.is_ascii(), "{words:?}: {line}");
        }
    }
    // a broken file is no noise
    sb.write("home/.config/dctx/config.toml", "not = [TOML");
    is(&["use", ""], &["words"]);
}

/// A shell that shows a plain prompt and has the script, alone or with what `init` prints.
fn shell<'a>(sb: &'a Sandbox, name: &str, init: bool) -> Option<Terminal<'a>> {
    require(name)?;
    let verb = if init { "init" } else { "completions" };
    let script = sb.dctx([verb, name]).run().done().out();
    let end = if name == "xonsh" { "xsh" } else { name };
    let file = sb.write(format!("script.{end}"), script);
    let (path, twice) = (file.display(), 2);
    let argv: Vec<String> = match name {
        "elvish" => {
            let load = format!("eval (slurp < {path})\n").repeat(twice);
            let rc = sb.write(
                "rc.elv",
                format!("set edit:prompt = {{ put '> ' }}\nset edit:rprompt = {{ }}\n{load}"),
            );
            vec!["elvish".into(), "-rc".into(), rc.display().to_string()]
        }
        "nu" => {
            let load = format!("source {path}\n").repeat(twice);
            let config = sb.write(
                "config.nu",
                format!(
                    "$env.config.show_banner = false\n$env.PROMPT_COMMAND = '> '\n$env.PROMPT_INDICATOR = ''\n\
                     $env.PROMPT_COMMAND_RIGHT = ''\n{load}"
                ),
            );
            vec!["nu".into(), "--config".into(), config.display().to_string()]
        }
        _ => {
            let load = format!("source {path}\n").repeat(twice);
            let rc = sb.write("rc.xsh", format!("$PROMPT = '> '\n{load}"));
            vec!["xonsh".into(), "--rc".into(), rc.display().to_string()]
        }
    };
    let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
    let terminal = Terminal::start(sb, &argv)?;
    terminal.until(&format!("a prompt of {name}"), |screen| screen.trim_end().ends_with('>'));
    Some(terminal)
}

#[test]
fn a_tab_completes_in_elvish_nu_and_xonsh() {
    for name in ["elvish", "nu", "xonsh"] {
        for init in [false, true] {
            let sb = prepare();
            sb.write("work/cafile.pem", "");
            let Some(terminal) = shell(&sb, name, init) else { continue };
            for (typed, completed) in [
                ("dctx sho", "dctx show"),
                ("dctx show cor", "dctx show coreos"),
                ("dctx edit --tl", "dctx edit --tls"),
                ("dctx add x tcp://h --tls ver", "dctx add x tcp://h --tls verify"),
                ("dctx use coreos --shell fi", "dctx use coreos --shell fish"),
                ("dctx add x tcp://h --ca caf", "dctx add x tcp://h --ca cafile.pem"),
                ("dctx exec coreos -- printe", "dctx exec coreos -- printenv"),
            ] {
                terminal.write(typed);
                terminal.until(&format!("{name}: {typed}"), |screen| {
                    screen.trim_end().ends_with(typed)
                });
                terminal.press(&["Tab"]);
                terminal.until(&format!("{name}, init {init}: {completed}"), |screen| {
                    screen.lines().any(|line| line.trim_end().ends_with(completed))
                });
                terminal.press(&["C-c"]);
                terminal.until("a new prompt", |screen| screen.trim_end().ends_with('>'));
            }
        }
    }
}

/// PowerShell cannot be run here: its script says what it has to, in a form that every version reads.
#[test]
fn the_script_for_powershell_is_sound() {
    let sb = prepare();
    let text = sb.dctx(["completions", "pwsh"]).run().done().out();
    assert_eq!(text, sb.dctx(["completions", "powershell"]).run().done().out());
    assert!(text.is_ascii(), "Windows PowerShell reads files in the code page of the system");
    assert!(text.contains("Register-ArgumentCompleter -Native -CommandName @('dctx', 'dctx.exe')"));
    assert!(text.contains("'__complete' 'line' '--' $words"), "the words travel as data");
    assert!(
        !text.contains("Invoke-Expression") && !text.contains("iex "),
        "nothing offered is run"
    );
    for script in [text, sb.dctx(["init", "pwsh"]).run().done().out()] {
        let mut open = Vec::new();
        let mut quote = None;
        for line in script.lines().filter(|line| !line.trim_start().starts_with('#')) {
            for c in line.chars() {
                match (quote, c) {
                    (Some(q), c) if q == c => quote = None,
                    (Some(_), _) => {}
                    (None, '\'' | '"') => quote = Some(c),
                    (None, '(' | '{' | '[') => open.push(c),
                    (None, ')' | '}' | ']') => {
                        let wanted = match c {
                            ')' => '(',
                            '}' => '{',
                            _ => '[',
                        };
                        assert_eq!(open.pop(), Some(wanted), "{line}");
                    }
                    _ => {}
                }
            }
            assert_eq!(quote, None, "a quote is left open: {line}");
        }
        assert!(open.is_empty(), "{open:?}");
    }
}
