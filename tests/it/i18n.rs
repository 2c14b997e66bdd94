//! The language of talk follows the environment; data, JSON, names and codes are the same in every language,
//! and no locale, nor bytes that are no text, bring anything down.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use serde_json::Value;

use crate::support::profiles::CONFIG;
use crate::support::{Cmd, Sandbox, require};

const TEXT: &str = "[profiles.prod]\nhost = \"tcp://10.0.0.5\"\nprotected = true\n\
                    [profiles.lab]\nhost = \"tcp://h\"\ndescription = \"实验室 🐳\"\ntags = [\"家\"]\n";

fn sandbox() -> Sandbox {
    let mut sb = Sandbox::new();
    sb.write(CONFIG, TEXT);
    sb.set_env("DCTX_SHELL", "bash");
    sb
}

fn dctx(sb: &Sandbox, args: &str) -> Cmd {
    sb.dctx(args.split(' ')).env_remove("LC_ALL")
}

const ENGLISH: &str =
    "dctx: no profile named \"lba\"\nhint: did you mean lab? all of them: dctx ls\n";
const CHINESE: &str =
    "dctx: 没有名为 \"lba\" 的主机配置\n提示（是否想用 lab？查看全部）：dctx ls\n";

#[test]
fn the_first_variable_that_is_set_decides() {
    let sb = sandbox();
    for (vars, chinese) in [
        (&[][..], false),
        (&[("LANG", "zh_CN.UTF-8")], true),
        (&[("LANG", "zh_CN")], true),
        (&[("LANG", "zh")], true),
        (&[("LANG", "ZH_cn.utf8")], true),
        (&[("LANG", "zh_TW.UTF-8")], true),
        (&[("LANG", "zh_CN.UTF8@stroke")], true),
        // messages are UTF-8, which is unreadable there; English is ASCII
        (&[("LANG", "zh_CN.GB18030")], false),
        (&[("LANG", "zh_CN.GBK")], false),
        (&[("LC_ALL", "zh_TW.Big5")], false),
        (&[("LC_CTYPE", "zh_CN.gb2312"), ("LANG", "zh_CN.UTF-8")], false),
        (&[("LC_CTYPE", "C.UTF-8"), ("LANG", "zh_CN.GBK")], true),
        (&[("LC_CTYPE", "UTF-8"), ("LANG", "zh_CN")], true),
        (&[("DCTX_LANG", "zh"), ("LANG", "zh_CN.GB18030")], true),
        (&[("LANG", "de_DE.UTF-8")], false),
        (&[("LANG", "C")], false),
        (&[("LC_MESSAGES", "zh_CN.UTF-8"), ("LANG", "en_US.UTF-8")], true),
        (&[("LC_MESSAGES", "en_US.UTF-8"), ("LANG", "zh_CN.UTF-8")], false),
        (&[("LC_ALL", "C.UTF-8"), ("LC_MESSAGES", "zh_CN.UTF-8")], false),
        (&[("LC_ALL", "zh_CN.UTF-8"), ("LC_MESSAGES", "C"), ("LANG", "C")], true),
        (&[("LC_ALL", ""), ("LC_MESSAGES", ""), ("LANG", "zh_CN.UTF-8")], true),
        (&[("LC_CTYPE", "zh_CN.UTF-8")], false),
        (&[("DCTX_LANG", "zh"), ("LC_ALL", "C")], true),
        (&[("DCTX_LANG", "en"), ("LC_ALL", "zh_CN.UTF-8"), ("LANG", "zh_CN.UTF-8")], false),
        (&[("DCTX_LANG", ""), ("LC_ALL", "zh_CN.UTF-8")], true),
    ] {
        let out = dctx(&sb, "show lba").envs(vars.iter().copied()).run();
        out.is(3, "", if chinese { CHINESE } else { ENGLISH });
    }
}

#[test]
fn people_are_spoken_to_in_their_language() {
    let sb = sandbox();
    for (args, code, said) in [
        (
            "add x tcp://h",
            0,
            "dctx: 已添加 x（tcp://h:2375，无 TLS）\n下一步：eval \"$(dctx use x)\"\n",
        ),
        ("edit x --tag y", 0, "dctx: 已修改 x；撤销：dctx undo\n"),
        ("rename x y", 0, "dctx: x 已改名为 y；撤销：dctx undo\n"),
        ("rm y", 0, "dctx: 已删除 y；撤销：dctx undo\n"),
        (
            "add 生产 tcp://h",
            2,
            "dctx: \"生产\" 不能用作主机配置名：含有字符 \"生\"\n提示：以字母或数字开头，可含字母、数字和 . _ + -，\
             最多 63 个字符；中文请写在 --description 中\n",
        ),
        (
            "add x h",
            2,
            "dctx: host \"h\"：缺少协议前缀，各客户端的理解不一致\n提示（请输入）：dctx add x tcp://h\n",
        ),
        (
            "add x tcp://h --certs /gone",
            4,
            "dctx: /gone 不存在\n提示（docker 读取 ca.pem、cert.pem 和 key.pem；\
             文件名不同时）：dctx add x tcp://h --ca FILE --cert FILE --key FILE\n",
        ),
        (
            "use prod --shell json",
            7,
            "dctx: prod 受保护（tcp://10.0.0.5:2375），但没有可用于询问的终端\n\
             提示（如果确定）：dctx use prod --confirm prod --shell json\n",
        ),
        ("exec lab -- nosuchprogram", 127, "dctx: 无法运行 nosuchprogram：没有那个文件或目录\n"),
        (
            "use - --shell json",
            3,
            "dctx: 当前 shell 之前没有用过其他主机配置\n提示（切回本地 docker）：dctx reset --shell json\n",
        ),
    ] {
        dctx(&sb, args).env("LANG", "zh_CN.UTF-8").run().is(code, "", said);
    }
    let table = "名称  主机                 TLS  标签\n\
                 prod  tcp://10.0.0.5:2375  off  受保护\n\
                 lab   tcp://h:2375         off  家\n";
    dctx(&sb, "ls").env("LANG", "zh_CN.UTF-8").run().ok(table, "");
}

#[test]
fn data_is_the_same_in_every_language() {
    let sb = sandbox();
    for args in [
        "ls --json",
        "show lab --json",
        "current --json",
        "use lab --shell bash",
        "use lab --shell json",
        "use nope --shell bash",
        "reset --shell bash",
        "ls -q",
        "completions bash",
        "init bash",
        "exec lab -- sh -c env|grep.DOCKER",
    ] {
        let run = |lang: &str| {
            let out = dctx(&sb, args).env("DCTX_LANG", lang).run();
            (out.code(), out.out().replace("DCTX_LANG=zh", "DCTX_LANG=en"))
        };
        assert_eq!(run("en"), run("zh"), "{args}");
    }
    sb.write(CONFIG, format!("{TEXT}[profiles.x]\nhst = 1\n"));
    let out = dctx(&sb, "ls --json").env("DCTX_LANG", "zh").run();
    let json: Value = serde_json::from_str(&out.out()).unwrap();
    let error = json["profiles"][2]["error"].as_str().unwrap();
    assert!(error.contains("unknown key hst; did you mean host?"), "{error}");
    assert!(out.err().contains("未知的键 hst；是否想写 host？"), "{}", out.err());
}

#[test]
fn the_question_on_the_terminal_is_in_that_language() {
    let Some(script) = require("script") else { return };
    let sb = sandbox();
    let line = "dctx use prod --shell sh >/dev/null; echo \"=$?\"";
    let out =
        sb.sh(script, ["-qec", line, "/dev/null"]).env("DCTX_LANG", "zh").stdin("prod\n").run();
    assert!(
        out.out().contains("prod 受保护（tcp://10.0.0.5:2375）。\r\n请输入它的名称以继续："),
        "{}",
        out.out()
    );
    assert!(out.out().contains("=0\r\n"), "{}", out.out());
}

/// Whatever the locale, Chinese is written as it is; terminals of other encodings are not guessed at.
#[test]
fn any_locale_will_do() {
    let sb = sandbox();
    let table = dctx(&sb, "ls -l").run().out();
    assert!(table.contains("实验室 🐳"), "{table}");
    for locale in ["C", "POSIX", "en_US.ISO-8859-1", "zh_CN.GB18030", "nonsense", "zh", "=/\\"] {
        for vars in [&["LC_ALL"][..], &["LANG"], &["LC_CTYPE", "LANG"]] {
            let envs = vars.iter().map(|name| (*name, locale));
            let out = dctx(&sb, "ls -l").env("DCTX_LANG", "en").envs(envs.clone()).run();
            out.ok(&table, "");
            let out = dctx(&sb, "show lba").env("DCTX_LANG", "zh").envs(envs).run();
            out.is(3, "", CHINESE);
        }
    }
}

#[test]
fn bytes_that_are_no_text_bring_nothing_down() {
    let sb = sandbox();
    let odd = OsString::from_vec(b"zh\xff\x1b[2J\n$(x)".to_vec());
    for name in [
        "DCTX_LANG",
        "LC_ALL",
        "LC_MESSAGES",
        "LANG",
        "DCTX_PROFILE",
        "DCTX_PREVIOUS",
        "DCTX_SAVED",
        "DCTX_SHELL",
        "DCTX_FD",
        "DCTX_PATH",
        "DOCKER_HOST",
        "DOCKER_CONTEXT",
        "DOCKER_CERT_PATH",
        "DOCKER_TLS_VERIFY",
        "DOCKER_CONFIG",
        "NO_PROXY",
        "HTTPS_PROXY",
        "SSL_CERT_FILE",
        "TERM",
        "NO_COLOR",
        "COLUMNS",
        "SHELL",
    ] {
        for args in [
            "ls",
            "ls --json",
            "show lab",
            "show",
            "current",
            "current --json",
            "use lab --shell bash",
            "use -",
            "reset --shell bash",
            "rename lab lab",
            "edit lab --host tcp://h",
            "exec lab -- true",
            "nope",
        ] {
            let out = sb.dctx(args.split(' ')).env(name, &odd).run();
            let code = out.code();
            assert!(
                (0..=4).contains(&code) || code == 125,
                "{name}, {args}: {code}\n{}",
                out.err()
            );
            assert!(!out.err().contains("panicked"), "{name}, {args}: {}", out.err());
            let data = args.contains("use") || args.contains("reset");
            for text in [out.err(), if data { String::new() } else { out.out() }] {
                assert!(
                    !text.chars().any(|c| c != '\n' && dctx::text::is_hidden(c)),
                    "{name}, {args}: {text:?}"
                );
            }
        }
    }
    for args in [&b"\xff"[..], b"\x1b[2J", "\u{202e}".as_bytes()] {
        for verb in
            ["use", "show", "rm", "edit", "exec", "add", "\u{1b}[31m", "--color", "--\u{1b}[2J"]
        {
            let out = sb.dctx([verb]).arg(OsString::from_vec(args.to_vec())).run();
            assert_ne!(out.code(), 0, "{verb}");
            let text = out.err();
            assert!(
                !text.chars().any(|c| c != '\n' && dctx::text::is_hidden(c)),
                "{verb}: {text:?}"
            );
        }
    }
}
