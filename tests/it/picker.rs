//! `use` without a name: on a terminal a profile is picked, with real keys in real shells; afterwards the
//! screen and the terminal are as they were, and nothing has changed but what was picked. Without a terminal
//! the names are listed, and one has to be typed.

use std::fs;
use std::process::Command;

use crate::support::certs::{Ca, Leaf};
use crate::support::profiles::CONFIG;
use crate::support::terminal::Terminal;
use crate::support::{Sandbox, require};

const PROFILES: &str = r#"
[profiles.prod]
host = "tcp://docker.prod.example.com"
protected = true
tags = ["web"]
[profiles.coreos]
host = "tcp://192.168.57.110"
description = "CoreOS in VirtualBox"
tags = ["lab"]
[profiles.pi]
host = "ssh://pi@raspberrypi"
tags = ["home"]
description = "树莓派，客厅电视后面"
[profiles.typo]
hst = "tcp://10.0.0.11"
"#;

fn sandbox() -> Sandbox {
    let sb = Sandbox::new();
    sb.write(CONFIG, PROFILES);
    sb
}

/// A bash of so many columns and rows, with the hook or without.
fn bash(sb: &Sandbox, hook: bool, size: (u16, u16)) -> Option<Terminal<'_>> {
    let load = if hook { "eval \"$(dctx init bash)\"\n" } else { "" };
    let rc = sb.write("bashrc", format!("PS1='$ '\n{load}"));
    let rc = rc.to_str().unwrap().to_owned();
    let terminal = Terminal::sized(sb, size, &["bash", "--noprofile", "--rcfile", &rc, "-i"])?;
    terminal.shows("$");
    Some(terminal)
}

/// Everything the shell hands on; `_` is the last command.
fn environment(terminal: &Terminal<'_>) -> String {
    terminal.ask("env | grep -v ^_= | sort")
}

const OPEN: &str = "Enter: select · Esc: cancel";

#[test]
fn typing_picks_in_a_shell_with_the_hook() {
    let sb = sandbox();
    let Some(terminal) = bash(&sb, true, (100, 20)) else { return };
    terminal.line("dctx use");
    let wanted = "\
profile:   4/4  Enter: select · Esc: cancel
>  coreos  tcp://192.168.57.110:2375         off  lab  CoreOS in VirtualBox
   pi      ssh://pi@raspberrypi              ssh  home  树莓派，客厅电视后面
   prod    tcp://docker.prod.example.com:23  off  protected  web
";
    let wanted = wanted
        .replace("com:23  ", "com:2375  ")
        .replace("110:2375         ", "110:2375           ");
    let wanted = wanted.replace("raspberrypi              ", "raspberrypi                ");
    let wanted = format!("{wanted}   typo    not valid: unknown key hst; did you mean host?\n");
    terminal.until(&wanted, |screen| screen.trim_start_matches('\n') == wanted);
    terminal.write("rasp");
    terminal.shows("1/4");
    terminal.press(&["Enter"]);
    terminal
        .is("$ dctx use\ndctx: pi  ssh://pi@raspberrypi   (back to local docker: dctx reset)\n$\n");
    assert_eq!(terminal.ask("echo $? $DCTX_PROFILE $DOCKER_HOST"), "0 pi ssh://pi@raspberrypi\n");
    // what was typed before the picker was there is meant for it
    terminal.line("clear; dctx use\ncoreos");
    terminal.shows("dctx: coreos");
    assert_eq!(terminal.ask("echo $DCTX_PROFILE"), "coreos\n");
    // the one before is first, the current one beside it
    terminal.line("clear; dctx use");
    terminal.shows_all(&[OPEN, "\n>  pi ", "\n * coreos "]);
    terminal.press(&["Down", "Up", "C-n", "C-p", "Enter"]);
    terminal.shows("dctx: pi");
    assert_eq!(terminal.ask("echo $DCTX_PROFILE"), "pi\n");
}

#[test]
fn picking_by_eval_in_bash_zsh_and_fish() {
    for (shell, argv, line) in [
        ("bash", &["bash", "--norc", "--noprofile", "-i"][..], "eval \"$(dctx use)\""),
        ("zsh", &["zsh", "-f", "-i"], "eval \"$(dctx use)\""),
        ("fish", &["fish", "--no-config"], "dctx use | source"),
        ("dash", &["dash", "-i"], "eval \"$(dctx use)\""),
    ] {
        if require(shell).is_none() {
            continue;
        }
        let sb = sandbox();
        let Some(terminal) = Terminal::start(&sb, argv) else { return };
        assert_eq!(terminal.ask("echo ready"), "ready\n");
        terminal.line(&format!("clear; {line}"));
        terminal.shows(OPEN);
        terminal.write("pi");
        terminal.shows("profile: pi");
        terminal.press(&["Enter"]);
        terminal.shows("dctx: pi  ssh://pi@raspberrypi");
        assert_eq!(terminal.ask("printenv DOCKER_HOST"), "ssh://pi@raspberrypi\n", "{shell}");
        // leaving fails, and changes nothing
        terminal.line(&format!("clear; {line} && echo went on"));
        terminal.shows(OPEN);
        terminal.press(&["Escape"]);
        terminal.shows_all(&[
            "dctx: nothing was chosen\n",
            "this shell still points at pi (ssh://pi@raspberrypi)",
        ]);
        assert_eq!(terminal.ask("printenv DOCKER_HOST"), "ssh://pi@raspberrypi\n", "{shell}");
        let screen = terminal.screen();
        assert!(!screen.contains("\nwent on"), "{shell}: {screen}");
    }
}

#[test]
fn leaving_changes_nothing() {
    for hook in [true, false] {
        let sb = sandbox();
        let Some(terminal) = bash(&sb, hook, (100, 20)) else { return };
        let line = if hook { "dctx use" } else { "eval \"$(dctx use)\"" };
        let modes = terminal.ask("stty -a");
        let before = environment(&terminal);
        for key in ["Escape", "C-c", "C-d", "C-g"] {
            terminal.line("clear");
            terminal.until("an empty screen", |screen| screen == "$\n");
            terminal.line(&format!("{line}; code=$?"));
            terminal.shows(OPEN);
            terminal.write("cor");
            terminal.shows("profile: cor");
            terminal.press(&[key]);
            terminal.is(&format!("$ {line}; code=$?\ndctx: nothing was chosen\n$\n"));
            assert_eq!(terminal.ask("echo $code"), "130\n", "{key}");
            assert_eq!(environment(&terminal), before, "{key}");
            assert_eq!(terminal.ask("stty -a"), modes, "{key}");
        }
    }
}

#[test]
fn it_fits_a_terminal_of_40_columns_and_one_of_24_by_6() {
    let sb = sandbox();
    let more = "[profiles.\"生产\"]\nhost = \"tcp://h\"\n[profiles.local]\nhost = \"tcp://h\"\n";
    sb.write(CONFIG, format!("{PROFILES}{}", more.replace("local", "local-docker-01")));
    let Some(terminal) = bash(&sb, true, (40, 12)) else { return };
    terminal.line("clear; dctx use");
    let wanted = "\
profile:   6/6
>  coreos           192.168.57.110:2375
   pi               ssh://pi...pberrypi
   local-docker-01  tcp://h:2375
   prod             protected  do...375
   typo             not valid: unkno...
   生产             not valid: not a...
";
    terminal.until(wanted, |screen| screen.trim_start() == wanted);
    terminal.press(&["Escape"]);
    terminal.until("the prompt", |screen| screen.ends_with("chosen\n$\n"));
    let Some(terminal) = bash(&sb, true, (24, 6)) else { return };
    terminal.line("clear; dctx use");
    let wanted = "\
profile:   6/6
>  coreos  192....:2375
   pi  ssh://...berrypi
   local-docker-01
   prod  protected
   typo  not valid: ...
";
    terminal.is(wanted);
    terminal.press(&["End"]);
    terminal.until("the last row", |screen| {
        screen.starts_with("profile:   6/6\n   pi  ") && screen.contains(">  生产  not valid: ...")
    });
    terminal.press(&["Escape"]);
    terminal.until("the prompt", |screen| screen.ends_with("chosen\n$\n"));
}

#[test]
fn chinese_is_as_wide_as_it_is() {
    let sb = sandbox();
    let Some(terminal) = bash(&sb, true, (70, 12)) else { return };
    terminal.line("export DCTX_LANG=zh_CN; clear; dctx use");
    let wanted = "\
主机配置：  4/4  Enter 选定，Esc 取消
>  coreos  tcp://192.168.57.110:2375     off  lab  CoreOS in Virtu...
   pi      ssh://pi@raspberrypi          ssh  home  树莓派，客厅电...
   prod    docker.prod.example.com:2375  off  受保护  web
   typo    无效：未知的键 hst；是否想写 host？
";
    terminal.until(wanted, |screen| screen.trim_start() == wanted);
    terminal.write("客厅");
    terminal.shows("主机配置：客厅  1/4");
    terminal.press(&["Enter"]);
    terminal.shows("dctx: pi");
    assert_eq!(terminal.ask("echo $DCTX_PROFILE"), "pi\n");
}

#[test]
fn what_is_protected_is_moved_onto_and_asks_for_its_name() {
    let sb = sandbox();
    let Some(terminal) = bash(&sb, true, (100, 20)) else { return };
    terminal.line("clear; dctx use; echo =$?");
    terminal.shows(OPEN);
    terminal.write("prod");
    terminal.shows("profile: prod  1/4");
    terminal.press(&["Enter"]);
    terminal.until("no row is selected", |screen| {
        screen.contains("protected: select it with the arrow keys first") && !screen.contains('>')
    });
    let colored = terminal.colored();
    assert!(
        colored.contains("\x1b[31mprod") && colored.contains("\x1b[31mprotected"),
        "{colored:?}"
    );
    terminal.press(&["Down"]);
    terminal.shows(">  prod");
    terminal.press(&["Enter"]);
    terminal.shows("Type its name to go on:");
    terminal.line("no");
    terminal.shows("=7");
    assert_eq!(terminal.ask("echo \"<$DOCKER_HOST>\""), "<>\n");
    terminal.line("clear; dctx use; echo =$?");
    terminal.shows(OPEN);
    terminal.write("prod");
    terminal.shows("profile: prod  1/4");
    terminal.press(&["Down", "Enter"]);
    terminal.shows("Type its name to go on:");
    terminal.line("prod");
    terminal.shows("=0");
    assert_eq!(terminal.ask("echo $DOCKER_HOST"), "tcp://docker.prod.example.com:2375\n");
    // neither is what is not valid taken
    terminal.line("clear; dctx use; echo =$?");
    terminal.shows(OPEN);
    terminal.press(&["End", "Enter"]);
    terminal.shows("not valid: dctx edit");
    terminal.press(&["C-c"]);
    terminal.shows("=130");
    // nor is colour where none is wanted
    terminal.line("clear; NO_COLOR=1 dctx use; echo =$?");
    terminal.shows(OPEN);
    let colored = terminal.colored();
    assert!(colored.contains("protected") && !colored.contains("\x1b[3"), "{colored:?}");
    terminal.press(&["C-c"]);
    terminal.shows("=130");
}

#[test]
fn another_size_is_drawn_anew_and_leaves_nothing_behind() {
    let sb = sandbox();
    let Some(terminal) = bash(&sb, true, (100, 16)) else { return };
    terminal.line("clear; seq 3; dctx use");
    terminal.shows(OPEN);
    terminal.write("o");
    terminal.shows("profile: o");
    for (columns, rows) in [(40, 8), (120, 30), (24, 6), (70, 12), (30, 3), (100, 16)] {
        terminal.resize(columns, rows);
        let wide = |line: &str| unicode_width::UnicodeWidthStr::width(line);
        terminal.until("the picture of this size", |screen| {
            let keys = screen.contains(OPEN);
            let host = screen.contains("192.168.57.110");
            let lines = screen.trim_start().lines().count();
            screen.matches("profile: o").count() == 1
                && lines == usize::from(rows).min(5)
                && keys == (columns >= 70)
                && (host || columns < 70)
                && screen.lines().all(|line| wide(line) < usize::from(columns))
        });
    }
    terminal.press(&["Escape"]);
    let screen = terminal.until("the prompt", |screen| screen.ends_with("chosen\n$\n"));
    assert!(!screen.contains("profile:") && !screen.contains("coreos"), "{screen}");
    let history = terminal.history();
    assert!(!history.contains("profile:") && !history.contains("coreos"), "{history}");
}

#[test]
fn a_thousand_profiles_scroll() {
    let sb = Sandbox::new();
    let profile = |n: u32| format!("[profiles.host-{n:04}]\nhost = \"ssh://h\"\n");
    sb.write(CONFIG, (1..=1000).map(profile).collect::<String>());
    let Some(terminal) = bash(&sb, true, (80, 12)) else { return };
    terminal.line("clear; dctx use");
    let screen = terminal.shows_all(&["1000/1000", ">  host-0001", "   host-0011"]);
    assert!(!screen.contains("host-0012"), "{screen}");
    terminal.press(&["NPage", "NPage"]);
    terminal.until("the second page", |screen| {
        screen.contains(">  host-0023")
            && screen.contains("   host-0013")
            && !screen.contains("host-0024")
    });
    terminal.press(&["End"]);
    terminal.shows(">  host-1000");
    terminal.press(&["PPage"]);
    terminal.shows(">  host-0989");
    terminal.press(&["Home", "Up"]);
    terminal.shows(">  host-0001");
    terminal.write("0777");
    terminal.shows_all(&["1/1000", ">  host-0777"]);
    terminal.press(&["C-u"]);
    terminal.shows("1000/1000");
    terminal.write("0778");
    terminal.shows(">  host-0778");
    terminal.press(&["BSpace"]);
    terminal.shows("profile: 077 ");
    terminal.write("9");
    terminal.shows(">  host-0779");
    terminal.press(&["Enter"]);
    terminal.shows("dctx: host-0779");
    assert_eq!(terminal.ask("echo $DCTX_PROFILE"), "host-0779\n");
}

#[test]
fn certificates_say_how_long_they_last() {
    if require("openssl").is_none() {
        return;
    }
    let sb = Sandbox::new();
    let ca = Ca::new(sb.path("ca"));
    ca.client_dir(sb.path("good"), Some(&Leaf::CLIENT));
    let late = Leaf { dates: ("20200101000000Z", "20200201000000Z"), ..Leaf::CLIENT };
    ca.client_dir(sb.path("late"), Some(&late));
    let profile = |name: &str| {
        let dir = sb.path(name);
        format!("[profiles.{name}]\nhost = \"tcp://{name}\"\ncerts = \"{}\"\n", dir.display())
    };
    sb.write(CONFIG, ["good", "late", "gone"].map(profile).concat());
    let Some(terminal) = bash(&sb, true, (80, 12)) else { return };
    terminal.line("clear; dctx use");
    let screen =
        terminal.shows_all(&[OPEN, " good ", " late ", " gone  tcp://gone:2376  verify  unusable"]);
    let line = |name: &str| {
        let line = screen.lines().find(|line| line.get(3..).is_some_and(|l| l.starts_with(name)));
        line.unwrap_or_else(|| panic!("no {name} in\n{screen}")).to_owned()
    };
    let days = line("good ").strip_prefix(">  good  tcp://good:2376  verify  ").map(str::to_owned);
    let days = days.and_then(|days| days.strip_suffix(" days")?.parse::<u32>().ok());
    assert!(days.is_some_and(|days| days > 0), "{screen}");
    assert_eq!(line("late "), "   late  tcp://late:2376  verify  expired");
    assert_eq!(line("gone "), "   gone  tcp://gone:2376  verify  unusable");
    terminal.write("gone");
    terminal.shows("1/3");
    terminal.press(&["Enter"]);
    terminal.shows("does not exist");
}

#[test]
fn without_a_terminal_the_names_are_listed() {
    let sb = sandbox();
    let list = |hint: &str| {
        format!(
            "\
prod    tcp://docker.prod.example.com:2375  protected
coreos  tcp://192.168.57.110:2375
pi      ssh://pi@raspberrypi
typo    not valid
dctx: use needs the name of a profile, or - for the one before
hint: type: {hint}
"
        )
    };
    let (bash, sh) = (
        list("eval \"$(dctx use NAME --shell bash)\""),
        list("eval \"$(dctx use NAME --shell sh)\""),
    );
    sb.dctx(["use", "--shell", "bash"]).run().is(2, "(exit 2);\n", &bash);
    sb.dctx(["use", "--shell", "fish"]).run().is(
        2,
        "false;\n",
        &list("dctx use NAME --shell fish | source"),
    );
    let zh = "dctx: use 需要主机配置名，或用 - 表示上一个\n提示（请输入）：eval \"$(dctx use NAME --shell bash)\"\n";
    let out = sb.dctx(["use", "--shell", "bash", "-q"]).env("DCTX_LANG", "zh").run();
    out.is(2, "(exit 2);\n", zh);
    // on a terminal that can draw nothing, and where nobody is to be asked
    let Some(script) = require("script") else { return };
    for line in ["TERM=dumb dctx use --shell sh", "dctx use --no-input --shell sh"] {
        let line = format!("out=$({line}); echo \"=$?\"; eval \"$out\"; echo \"=$?\"");
        let out =
            sb.sh(&script, ["-qec", &line, "/dev/null"]).env("NO_COLOR", "1").stdin("\n").run();
        // the terminal echoes the line that nobody reads when it likes
        let out = out.out();
        let lines = out.lines().filter(|line| !line.is_empty());
        let text: String = lines.map(|line| format!("{line}\n")).collect();
        assert!(text.contains(&sh), "{text}");
        assert!(text.ends_with("=2\n=2\n"), "{text}");
        assert!(!text.contains('\x1b'), "{text:?}");
    }
    // a terminal, but standard error is elsewhere
    let line = "dctx use --shell sh 2>err; echo \"=$?\"";
    let out = sb.sh(&script, ["-qec", line, "/dev/null"]).stdin("\n").run();
    assert!(out.out().contains("=2\r\n") && !out.out().contains("profile:"), "{}", out.out());
    assert_eq!(fs::read_to_string(sb.work().join("err")).unwrap(), sh);
    // a log is not filled with thousands
    let many = (0..150).map(|n| format!("[profiles.h{n}]\nhost = \"tcp://h{n}\"\n"));
    sb.write(CONFIG, many.collect::<String>());
    let out = sb.dctx(["use", "--shell", "bash"]).run();
    assert_eq!(out.err().lines().count(), 103, "{}", out.err());
    assert!(out.err().contains("\nand 50 more: dctx ls\n"), "{}", out.err());
    sb.write(CONFIG, "");
    let none = "dctx: use needs the name of a profile, and there are none yet\n\
                hint: type: dctx add NAME tcp://HOST:2376 --certs DIR\n";
    sb.dctx(["use", "--shell", "bash"]).run().is(2, "(exit 2);\n", none);
}

#[test]
fn keys_come_from_the_terminal_whatever_standard_input_is() {
    let sb = sandbox();
    let Some(terminal) = bash(&sb, true, (100, 20)) else { return };
    for from in ["</dev/null", "<<<'coreos'"] {
        terminal.line(&format!("clear; dctx use {from}; echo =$?"));
        terminal.shows(OPEN);
        terminal.write("pi");
        terminal.shows("profile: pi");
        terminal.press(&["Enter"]);
        terminal.shows("=0");
        assert_eq!(terminal.ask("echo $DCTX_PROFILE"), "pi\n");
        terminal.line("dctx reset");
        terminal.shows("back to local docker");
    }
}

/// Runs this in a terminal with its process id in `pid` and standard output in `out`, ends it by `signal`
/// once the picker is open, and returns what the shell says of it.
#[test]
fn a_signal_gives_the_terminal_back() {
    let sb = sandbox();
    let Some(terminal) = bash(&sb, false, (100, 20)) else { return };
    let modes = terminal.ask("stty -a");
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130), ("QUIT", 131)] {
        let _ = fs::remove_file(sb.work().join("pid"));
        terminal.line("clear");
        terminal.until("an empty screen", |screen| screen == "$\n");
        terminal.line("sh -c 'echo $$ > pid; exec dctx use --shell sh > out'; code=$?");
        terminal.shows(OPEN);
        let pid = fs::read_to_string(sb.work().join("pid")).unwrap();
        assert!(Command::new("kill").args(["-s", signal, pid.trim()]).status().unwrap().success());
        terminal.is("$ sh -c 'echo $$ > pid; exec dctx use --shell sh > out'; code=$?\n\
             dctx: nothing was chosen\n$\n");
        assert_eq!(terminal.ask("echo $code"), format!("{code}\n"), "{signal}");
        assert_eq!(terminal.ask("stty -a"), modes, "{signal}");
        let out = fs::read_to_string(sb.work().join("out")).unwrap();
        assert_eq!(out, format!("(exit {code});\n"), "{signal}");
    }
    // stopped and continued, it is drawn again
    terminal.line("clear; dctx use --shell sh > out");
    terminal.shows(OPEN);
    terminal.write("pi");
    terminal.shows("profile: pi");
    terminal.press(&["Escape"]);
    terminal.shows("nothing was chosen");
}

/// A panic while the terminal is raw. Run by the test below, on a terminal; by itself it does nothing.
#[test]
#[ignore = "panics; run by the test below"]
fn panics_on_a_terminal() {
    let env = dctx::env::Env::process();
    if !env.stdin_tty {
        return;
    }
    let _tty = dctx::cmd::pick::tty::Tty::open(&env).unwrap();
    panic!("on purpose");
}

#[test]
fn a_panic_gives_the_terminal_back() {
    let sb = sandbox();
    let Some(terminal) = bash(&sb, false, (100, 20)) else { return };
    let modes = terminal.ask("stty -a");
    let own = std::env::current_exe().unwrap();
    let line = format!(
        "{} --ignored --exact picker::panics_on_a_terminal --nocapture --test-threads=1; echo =$?",
        own.display()
    );
    terminal.line(&line);
    let screen = terminal.shows("=101");
    assert!(screen.contains("on purpose"), "{screen}");
    assert_eq!(terminal.ask("stty -a"), modes);
}

/// When the terminal goes away the picker does too.
#[test]
fn a_lost_terminal_ends_it() {
    let sb = sandbox();
    let Some(terminal) = bash(&sb, false, (100, 20)) else { return };
    terminal.line("(trap '' HUP; sh -c 'echo $$ > pid; exec dctx use --shell sh > out')");
    terminal.shows(OPEN);
    drop(terminal);
    let out = sb.work().join("out");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while fs::read_to_string(&out).is_ok_and(|text| text.is_empty()) {
        assert!(std::time::Instant::now() < deadline, "it is still there");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(fs::read_to_string(&out).unwrap(), "(exit 129);\n");
}

#[test]
fn fzf_is_asked_where_it_is_set() {
    if require("fzf").is_none() {
        return;
    }
    let mut sb = sandbox();
    sb.write(CONFIG, format!("[settings]\npicker = \"fzf\"\n{PROFILES}"));
    // what a person's own options run or choose has no part in it
    let options = "--preview 'touch pwned' --bind 'start:execute(touch pwned),load:accept' -1 -q prod \
                   --print-query --height 50% --no-unicode";
    sb.set_env("FZF_DEFAULT_OPTS", options);
    let Some(terminal) = bash(&sb, true, (100, 20)) else { return };
    terminal.line("clear; dctx use; echo =$?");
    let screen = terminal.shows_all(&[
        "not valid: unknown key hst",
        "> ",
        "coreos",
        "raspberrypi",
        "树莓派，客厅电视后面",
        "tcp://docker.prod",
    ]);
    let first =
        screen.lines().find(|line| line.starts_with("> ")).unwrap_or_else(|| panic!("{screen}"));
    assert!(first.contains("coreos") && first.contains("tcp://192.168.57.110:2375"), "{screen}");
    let column = |name: &str, word: &str| {
        let line = screen.lines().find(|line| line.contains(name)).unwrap();
        line.find(word).unwrap_or_else(|| panic!("no {word} in {line}"))
    };
    assert_eq!(column("coreos", "off"), column("raspberrypi", "ssh  "));
    assert!(screen.contains("树莓派，客厅电视后面"), "{screen}");
    assert!(screen.contains("prod    protected  tcp://docker.prod"), "{screen}");
    terminal.write("raspi");
    terminal.shows("1/4");
    terminal.press(&["Enter"]);
    terminal.shows("=0");
    assert_eq!(terminal.ask("echo $DCTX_PROFILE $DOCKER_HOST"), "pi ssh://pi@raspberrypi\n");
    for key in ["Escape", "C-c"] {
        terminal.line("clear; dctx use; echo =$?");
        terminal.shows("4/4");
        terminal.press(&[key]);
        terminal.shows_all(&["dctx: nothing was chosen\n", "=130"]);
        assert_eq!(terminal.ask("echo $DCTX_PROFILE"), "pi\n");
    }
    // its name is asked for as always
    terminal.line("clear; dctx use; echo =$?");
    terminal.shows("4/4");
    terminal.write("prod");
    terminal.shows("1/4");
    terminal.press(&["Enter"]);
    terminal.shows("Type its name to go on:");
    terminal.line("no");
    terminal.shows("=7");
    assert!(!sb.work().join("pwned").exists() && !sb.home().join("pwned").exists());
}

#[test]
fn without_fzf_the_error_names_the_way_out() {
    let sb = sandbox();
    sb.write(CONFIG, format!("[settings]\npicker = \"fzf\"\n{PROFILES}"));
    let Some(terminal) = bash(&sb, false, (100, 20)) else { return };
    let dctx = crate::support::sandbox::dctx_bin().display();
    terminal.line(&format!("clear; PATH=/nonexistent {dctx} use --shell sh; echo =$?"));
    let screen = terminal.shows("=1");
    let said = "\
dctx: cannot run fzf, which the settings name as picker: No such file or directory
hint: install fzf, or take picker = \"fzf\" out of [settings]: dctx edit
hint: without a picker: eval \"$(dctx use NAME --shell sh)\"
";
    assert!(screen.contains(said), "{screen}");
    // any other value is told, with the line, and ours is opened
    sb.write(CONFIG, format!("[settings]\npicker = \"skim\"\n{PROFILES}"));
    let out = sb.dctx(["use", "pi", "--shell", "sh"]).run();
    assert_eq!(out.code(), 0);
    assert!(
        out.err().contains("config.toml:2:10: picker must be builtin or fzf\n"),
        "{}",
        out.err()
    );
}
