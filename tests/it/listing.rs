//! `ls` and `show` say everything there is to know, aligned in any script, as text and as JSON; what is
//! broken shows and stops nobody; output that cannot be written is an error, and a closed pipe none.

use std::fs::OpenOptions;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use crate::support::certs::{Ca, Leaf};
use crate::support::profiles::{CONFIG, config, in_force};
use crate::support::{Cmd, Sandbox, require};

const MIXED: &str = r#"schema = 1

[profiles.coreos]
host = "tcp://192.168.57.110"
description = "虚拟机里的 CoreOS"
tags = ["lab", "实验"]

[profiles.pi]
host = "ssh://pi@raspberrypi"
description = "🐳 whale, é and e\u0301"
tags = ["家"]

[profiles.prod]
host = "unix:///run/prod.sock"
protected = true

[profiles.lax]
host = "tcp://[2001:db8::7]"
tls = "insecure"
"#;

const BROKEN: &str = "\n[profiles.broken]\nhst = \"tcp://h\"\n";

fn sandbox(text: &str) -> Sandbox {
    let mut sb = Sandbox::new();
    sb.write(CONFIG, text);
    sb.set_env("DCTX_SHELL", "bash");
    sb
}

fn dctx(sb: &Sandbox, args: &str) -> Cmd {
    sb.dctx(args.split(' '))
}

/// The fault of [`BROKEN`] behind [`MIXED`].
const FAULT: &str = "dctx: [SB]/home/.config/dctx/config.toml:22:1: profile broken: unknown key hst; \
                     did you mean host?\n   22 | hst = \"tcp://h\"\n      | ^\n\
                     hint: to fix it: dctx edit broken\n";

#[test]
fn columns_stand_below_each_other_in_any_script() {
    let sb = sandbox(MIXED);
    dctx(&sb, "ls").run().ok(
        "\
NAME    HOST                       TLS        TAGS
coreos  tcp://192.168.57.110:2375  off        lab 实验
pi      ssh://pi@raspberrypi       ssh        家
prod    unix:///run/prod.sock      local      protected
lax     tcp://[2001:db8::7]:2376   insecure!
",
        "",
    );
    let long = dctx(&sb, "ls -l").run();
    let long = long.ok(
        "\
NAME    HOST                       TLS        TAGS       DESCRIPTION        DEFINED IN
coreos  tcp://192.168.57.110:2375  off        lab 实验   虚拟机里的 CoreOS  ~/.config/dctx/config.toml:3
pi      ssh://pi@raspberrypi       ssh        家         🐳 whale, é and e\u{301}  ~/.config/dctx/config.toml:8
prod    unix:///run/prod.sock      local      protected                     ~/.config/dctx/config.toml:13
lax     tcp://[2001:db8::7]:2376   insecure!                                ~/.config/dctx/config.toml:17
",
        "",
    );
    // as wide as a terminal shows them, not as many bytes or characters
    let table = long.out();
    let columns = table.lines().skip(1).map(|line| line.split("~/").next().unwrap().width());
    assert_eq!(columns.collect::<Vec<_>>(), [76; 4]);
    let chinese = dctx(&sb, "ls").env("DCTX_LANG", "zh").run();
    chinese.ok(
        "\
名称    主机                       TLS        标签
coreos  tcp://192.168.57.110:2375  off        lab 实验
pi      ssh://pi@raspberrypi       ssh        家
prod    unix:///run/prod.sock      local      受保护
lax     tcp://[2001:db8::7]:2376   insecure!
",
        "",
    );
}

#[test]
fn what_is_active_protected_or_in_danger_is_marked_with_more_than_colour() {
    let sb = sandbox(MIXED);
    let out = dctx(&sb, "ls --color always").envs(in_force("pi", "ssh://pi@raspberrypi")).run();
    let lines = [
        "   \u{1b}[2mNAME\u{1b}[0m    \u{1b}[2mHOST\u{1b}[0m                       \u{1b}[2mTLS\u{1b}[0m        \u{1b}[2mTAGS\u{1b}[0m",
        "   \u{1b}[1mcoreos\u{1b}[0m  tcp://192.168.57.110:2375  \u{1b}[33moff\u{1b}[0m        lab 实验",
        "*  \u{1b}[1mpi\u{1b}[0m      ssh://pi@raspberrypi       ssh        家",
        "   \u{1b}[31mprod\u{1b}[0m    unix:///run/prod.sock      local      protected",
        "   \u{1b}[1mlax\u{1b}[0m     tcp://[2001:db8::7]:2376   \u{1b}[33minsecure!\u{1b}[0m",
    ];
    out.ok(&lines.map(|line| format!("{line}\n")).concat(), "");
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
        let plain = dctx(&sb, "ls").env(name, value).run();
        assert!(!plain.out().contains('\u{1b}'), "{name}");
    }
    let forced = dctx(&sb, "ls").env("CLICOLOR_FORCE", "1").run();
    assert!(forced.out().contains("\u{1b}[31mprod"));
    let refused = dctx(&sb, "ls").envs([("FORCE_COLOR", "1"), ("NO_COLOR", "1")]).run();
    assert!(!refused.out().contains('\u{1b}'));
}

#[test]
fn only_what_is_asked_for_is_listed() {
    let sb = sandbox(MIXED);
    for (args, wanted) in [
        ("ls -q", "coreos\npi\nprod\nlax\n"),
        ("ls -q p*", "pi\nprod\n"),
        ("ls -q p?", "pi\n"),
        ("ls -q *", "coreos\npi\nprod\nlax\n"),
        ("ls -q *o*", "coreos\nprod\n"),
        ("ls -q coreos", "coreos\n"),
        ("ls -q --tag 实验", "coreos\n"),
        ("ls -q c* --tag lab", "coreos\n"),
        ("list -q --tag 家", "pi\n"),
    ] {
        dctx(&sb, args).run().ok(wanted, "");
    }
    for (args, what) in [("ls x*", "x*"), ("ls -q core", "core"), ("ls --tag la", "la")] {
        let said = format!("dctx: no profile matches \"{what}\"\nhint: all of them: dctx ls\n");
        dctx(&sb, args).run().is(3, "", &said);
    }
    let none = json!({"schema": 1, "profiles": []});
    let out = dctx(&sb, "ls --json x*").run();
    out.done();
    assert_eq!(serde_json::from_str::<Value>(&out.out()).unwrap(), none);
}

#[test]
fn no_profiles_yet_is_no_error() {
    let sb = Sandbox::new();
    let said = "dctx: there are no profiles yet\n\
                hint: add one: dctx add NAME tcp://HOST:2376 --certs DIR\n";
    dctx(&sb, "ls").run().ok("", said);
    dctx(&sb, "ls x*").run().ok("", said);
    dctx(&sb, "ls -q").run().ok("", "");
    let out = dctx(&sb, "ls --json").run();
    out.ok("{\n  \"schema\": 1,\n  \"profiles\": []\n}\n", "");
    let said = "dctx: no profile named \"a\"\nhint: there are no profiles yet; add one: \
                dctx add NAME tcp://HOST:2376 --certs DIR\n";
    dctx(&sb, "show a").run().is(3, "", said);
    let said = "dctx: no profile is active in this shell\nhint: all of them: dctx ls\n\
                hint: choose one: eval \"$(dctx use NAME)\"\n";
    dctx(&sb, "show").run().is(3, "", said);
}

#[test]
fn a_broken_profile_shows_and_the_others_work() {
    let sb = sandbox(&format!("{MIXED}{BROKEN}"));
    let out = dctx(&sb, "ls -q").run();
    out.ok("coreos\npi\nprod\nlax\nbroken\n", FAULT);
    let out = dctx(&sb, "ls").run();
    assert!(out.out().ends_with("\nbroken  not valid\n"), "{}", out.out());
    assert_eq!((out.code(), out.err().as_str()), (0, FAULT));
    let out = dctx(&sb, "ls -l b*").run();
    let table = "NAME    HOST       TLS  TAGS  DESCRIPTION  DEFINED IN\n\
                 broken  not valid                          ~/.config/dctx/config.toml:21\n";
    out.ok(table, FAULT);
    dctx(&sb, "ls -q coreos").run().ok("coreos\n", "");
    dctx(&sb, "show broken").run().is(4, "", FAULT);
    dctx(&sb, "use broken --shell bash").run().is(4, "(exit 4);\n", FAULT);
    dctx(&sb, "use coreos --shell bash").run().done();
    dctx(&sb, "exec pi -- true").run().ok("", "");
}

#[test]
fn json_is_whole_and_never_translated() {
    let sb = sandbox(&format!("{MIXED}{BROKEN}"));
    sb.write("home/.config/dctx/profiles.d/t.toml", "[profiles.pi]\nhost = \"tcp://team\"\n");
    for lang in ["en", "zh_CN"] {
        let shell = dctx(&sb, "ls --json").envs(in_force("pi", "ssh://pi@raspberrypi"));
        let out = shell.env("DCTX_LANG", lang).run();
        let got: Value = serde_json::from_str(&out.out()).unwrap();
        let file = "[SB]/home/.config/dctx/config.toml";
        let item = |name: &str, host: &str, tls: &str, line: u32| {
            json!({
                "name": name, "active": name == "pi", "host": host, "tls": tls,
                "protected": name == "prod", "description": null, "tags": [], "file": file,
                "line": line, "read_only": false, "shadowed": false, "error": null,
            })
        };
        let mut wanted = [
            item("coreos", "tcp://192.168.57.110:2375", "off", 3),
            item("pi", "ssh://pi@raspberrypi", "off", 8),
            item("prod", "unix:///run/prod.sock", "off", 13),
            item("lax", "tcp://[2001:db8::7]:2376", "insecure", 17),
            item("broken", "", "", 21),
            item("pi", "tcp://team:2375", "off", 1),
        ];
        wanted[0]["description"] = "虚拟机里的 CoreOS".into();
        wanted[0]["tags"] = json!(["lab", "实验"]);
        wanted[1]["description"] = "🐳 whale, é and e\u{301}".into();
        wanted[1]["tags"] = json!(["家"]);
        for key in ["host", "tls", "protected"] {
            wanted[4][key] = Value::Null;
        }
        let fault = FAULT.strip_prefix("dctx: ").unwrap().split("\nhint").next().unwrap();
        wanted[4]["error"] = fault.into();
        wanted[5]["active"] = false.into();
        wanted[5]["read_only"] = true.into();
        wanted[5]["shadowed"] = true.into();
        wanted[5]["file"] = "[SB]/home/.config/dctx/profiles.d/t.toml".into();
        assert_eq!(got, json!({"schema": 1, "profiles": wanted}));
    }
}

#[test]
fn show_says_what_use_would_do() {
    if require("openssl").is_none() {
        return;
    }
    let sb = sandbox("");
    let ca = Ca::with("the lab", crate::support::certs::VALID, sb.path("ca"));
    ca.client_dir(sb.path("home/c"), Some(&Leaf { cn: "ann", ..Leaf::CLIENT }));
    let args = "add a tcp://h --certs ~/c --protected --tag lab --tag 实验 --description 生产";
    dctx(&sb, args).run().done();
    let out = dctx(&sb, "show a").run();
    let text = out.out();
    let days = |what: &str| {
        let rest = text.split(what).nth(1).unwrap_or_else(|| panic!("no {what} in {text}"));
        rest.split(' ').next().unwrap().to_owned()
    };
    let (ca, client) = (days("the lab, valid "), days("signed by the lab, valid "));
    assert!(ca.parse::<u32>().unwrap() > 365, "{ca}");
    let wanted = format!(
        "a  protected
  host         tcp://h:2376
  TLS          TLS, verified both ways
  ca           ~/c/ca.pem  the lab, valid {ca} more days
  cert         ~/c/cert.pem  ann, signed by the lab, valid {client} more days
  key          ~/c/key.pem
  description  生产
  tags         lab 实验
  defined in   ~/.config/dctx/config.toml:3
dctx use sets
  DOCKER_HOST=tcp://h:2376
  DOCKER_TLS_VERIFY=1
  DOCKER_CERT_PATH=[SB]/home/c
  DOCKER_MACHINE_NAME=a
and unsets
  DOCKER_TLS DOCKER_CONTEXT DOCKER_API_VERSION
"
    );
    out.ok(&wanted, "");
    let active = dctx(&sb, "show")
        .envs(in_force("a", "tcp://h:2376"))
        .env("DOCKER_TLS_VERIFY", "1")
        .env("DCTX_SAVED", "s1,.=tcp://h:2376,1,,,")
        .run();
    active.ok(&wanted.replacen("a  ", "a  (active in this shell)  ", 1), "");
    let json: Value = serde_json::from_str(&dctx(&sb, "show a --json").run().out()).unwrap();
    assert_eq!((&json["schema"], &json["error"]), (&json!(1), &Value::Null));
    assert_eq!((&json["host"], &json["endpoint"]), (&json!("tcp://h"), &json!("tcp://h:2376")));
    assert_eq!(json["env"]["DOCKER_CERT_PATH"], "[SB]/home/c");
    assert_eq!(json["env"]["DOCKER_TLS"], Value::Null);
    let roles: Vec<&Value> =
        json["certificates"].as_array().unwrap().iter().map(|file| &file["role"]).collect();
    assert_eq!(roles, ["ca", "cert", "key"]);
    assert_eq!(json["certificates"][1]["subject"], "ann");
    // A key that is in no file says where it is, and where it will stand while it is used.
    dctx(&sb, "edit a --unset protected --unset tags").run().done();
    let file = sb.config().join("dctx/config.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("[profiles.a]\n", "[profiles.a]\nkey = \"keyring\"\n"))
        .unwrap();
    let shown = dctx(&sb, "show a").run().out();
    assert!(shown.contains("  key          in the keyring\n"), "{shown}");
}

#[test]
fn ssh_and_sockets_are_not_said_to_lack_tls() {
    let sb = sandbox(MIXED);
    for name in ["pi", "prod"] {
        let out = dctx(&sb, &format!("show {name}")).run();
        assert!(!out.out().contains("TLS  "), "{}", out.out());
    }
}

#[test]
fn a_closed_pipe_is_success_without_a_word() {
    let Some(bash) = require("bash") else { return };
    // more than a pipe holds
    let many: String =
        (0..9000).map(|n| format!("[profiles.profile-{n}]\nhost = \"tcp://h\"\n")).collect();
    let sb = sandbox(&many);
    for verb in ["ls -q", "ls", "ls --json"] {
        let script = format!("dctx {verb} | head -1; echo ${{PIPESTATUS[@]}}");
        let out = sb.sh(&bash, ["-c", &script]).run();
        assert_eq!((out.code(), out.err().as_str()), (0, ""), "{verb}");
        assert!(out.out().ends_with("\n0 0\n"), "{verb}: {}", out.out());
    }
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let sb = sandbox(MIXED);
    let said = "dctx: writing to standard output: the disk is full (No space left on device)\n";
    for args in [
        "ls",
        "ls -q",
        "ls --json",
        "show coreos",
        "show coreos --json",
        "current",
        "--help",
        "--version",
        "completions bash",
        "init bash",
        "use coreos --shell bash",
        "reset --shell bash",
    ] {
        let mut command = dctx(&sb, args).into_command();
        command.stdout(OpenOptions::new().write(true).open("/dev/full").unwrap());
        let out = command.output().unwrap();
        let err = String::from_utf8(out.stderr).unwrap();
        assert_eq!((out.status.code(), err.as_str()), (Some(1), said), "{args}");
    }
}

/// With standard output and error closed, a file that is opened must not take their place.
#[test]
fn closed_streams_damage_nothing() {
    let Some(bash) = require("bash") else { return };
    let sb = sandbox("");
    for (closed, verb) in [(">&-", "a"), (">&- 2>&-", "b"), ("<&- >&- 2>&-", "c")] {
        let script = format!("dctx add {verb} tcp://h {closed}; dctx ls {closed}");
        sb.sh(&bash, ["-c", &script]).run();
    }
    let wanted =
        ["a", "b", "c"].map(|n| format!("\n[profiles.{n}]\nhost = \"tcp://h\"\n")).concat();
    assert_eq!(config(&sb).unwrap(), format!("schema = 1\n{wanted}"));
}

/// A star stands beside an address that docker goes to. Where the profile leads elsewhere by now, whoever changed it, the
/// row has none, and where this shell points is said.
#[test]
fn a_profile_that_was_changed_since_has_no_star() {
    let Some(bash) = require("bash") else { return };
    let file = "home/.config/dctx/config.toml";
    let here = "[profiles.a]\nhost = \"tcp://127.0.0.7:2375\"\n";
    for now in [
        "[profiles.a]\nhost = \"tcp://127.0.0.8:2375\"\n",
        "[profiles.a]\nhost = \"tcp://127.0.0.7:2375\"\ntls = \"insecure\"\n",
        "[profiles.a]\nhost = \"unix:///run/a.sock\"\n",
    ] {
        let sb = Sandbox::new();
        sb.write(file, here);
        sb.write("new.toml", now);
        let new = sb.path("new.toml");
        let script = format!(
            "eval \"$(dctx use a)\"; dctx ls --color never | grep -c '^\\*  a '; cat '{}' > ~/.config/dctx/config.toml; \
             dctx ls --color never; dctx ls --json | grep active; dctx show a | head -1; \
             dctx check --offline --color never | grep -c '^ok  DOCKER_HOST  tcp://127.0.0.7:2375'; \
             cp ~/.config/dctx/config.toml ~/x; eval \"$(dctx use a)\"; dctx ls | grep -c '^\\*  a '",
            new.display()
        );
        let out = sb.sh(&bash, ["-c", &script]).env("DCTX_LANG", "en").run();
        let all = out.out();
        let said = "dctx: a has been changed since dctx use a: this shell still points at tcp://127.0.0.7:2375\n\
                    hint: to follow: eval \"$(dctx use a)\"\n";
        assert!(all.starts_with("1\n") && all.ends_with("\na\n1\n1\n"), "{now}: {all}");
        assert!(all.contains("\n?  a ") && all.contains("\"active\": false"), "{now}: {all}");
        assert_eq!(out.err().matches(said).count(), 3, "{now}: {}", out.err());
    }
}

/// On a terminal nothing is wider than it, but for what is to be copied; into a file it is whole.
#[test]
fn ls_and_show_fit_a_narrow_terminal() {
    let Some(script) = crate::support::require("script") else { return };
    let long = "[profiles.lab]\nhost = \"tcp://docker-build-host.eu-west.prod.example.com:2375\"\ntags = [\"build\", \"europe\", \"nightly\"]\n\
                description = \"the machine under the desk that builds everything at night\"\n\
                dirs = [\"~/work/one\", \"~/work/two\", \"~/work/three\", \"~/work/four\", \"~/work/five\"]\n\
                [profiles.生产]\nhost = \"tcp://x\"\n[profiles.c]\nhost = \"tcp://[2001:db8::7]:2376\"\ntls = \"insecure\"\nprotected = true\n";
    let sb = sandbox(&long.replace("生产", "cc"));
    let lines = |command: &str, columns: usize, lang: &str| -> Vec<String> {
        let run = format!("stty cols {columns}; dctx {command} 2>/dev/null");
        let out = sb
            .sh(&script, ["-qec", &run, "/dev/null"])
            .env("DCTX_LANG", lang)
            .env("NO_COLOR", "1")
            .run();
        assert_eq!(out.code(), 0, "{}", out.out());
        out.out().lines().map(|line| line.trim_end_matches('\r').to_owned()).collect()
    };
    for lang in ["en", "zh"] {
        for columns in [40, 60, 80] {
            for command in ["ls", "ls -l", "ls --check", "show lab"] {
                let shown = lines(command, columns, lang);
                for line in &shown {
                    // an address, or a variable that can be pasted, is never cut
                    let whole = command == "show lab"
                        && (line.contains("docker-build-host") || line.contains("config.toml:1"));
                    assert!(line.width() <= columns || whole, "{command} {columns}: {shown:#?}");
                }
                let text = shown.join(" ");
                assert!(
                    text.contains("lab") && (command == "show lab" || text.contains("cc")),
                    "{text}"
                );
            }
        }
        // words are whole
        let shown = lines("show lab", 40, lang).join(" ");
        for word in ["under", "everything", "~/work/three", "DOCKER_API_VERSION"] {
            assert!(shown.contains(word), "{word}: {shown}");
        }
        let narrow = lines("ls -l", 60, lang);
        assert!(narrow.iter().any(|line| line.starts_with("    the machine under")), "{narrow:#?}");
        assert!(
            narrow.iter().any(|line| line.starts_with("    ~/.config/dctx/config.toml:1")),
            "{narrow:#?}"
        );
    }
    let whole = dctx(&sb, "ls").env("COLUMNS", "40").run().out();
    assert!(whole.contains("tcp://docker-build-host.eu-west.prod.example.com:2375"), "{whole}");
}
