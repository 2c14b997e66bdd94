//! The script speaks the language that dctx had when it wrote it: each line is there in both, with the same values, and the two
//! scripts differ in nothing else.

use super::support::require;
use super::support::world::{Accident, DOCKER_CE, World};
use dctx::error::Lang;
use dctx::server::words::ZH;
use dctx::server::{Mode, Script, Setup};

fn script(lang: Lang) -> String {
    let setup = Setup { name: "coreos".into(), mode: Mode::Tls, bind: None, port: 2376 };
    setup.script(&Script { lang, ..Script::default() })
}

/// The names of what a text expands, in order of the alphabet: `$a`, `${a…}`, `$(a…)`.
fn expansions(text: &str) -> Vec<String> {
    let after = text.split('$').skip(1).map(|rest| {
        let rest = rest.trim_start_matches(['{', '(']);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        rest[..end.max(rest.len().min(1))].to_owned()
    });
    let mut all: Vec<String> = after.collect();
    all.sort();
    all
}

#[test]
fn every_line_says_the_same_values_in_both() {
    let english = script(Lang::En);
    for (en, zh) in ZH {
        assert_eq!(expansions(en), expansions(zh), "{en}");
        assert!(!zh.contains(['\'', '"', '`', '\\']) || zh.contains("'sport = "), "{zh}");
        let there = ['"', '\''].iter().any(|q| english.contains(&format!("{q}{en}{q}")));
        assert!(there, "nothing in the script says {en:?} any more");
        assert_eq!(ZH.iter().filter(|(other, _)| other == en).count(), 1, "{en}");
        // an English word is a name: of a program, a file, a flag or a unit
        let colons = zh.matches('：').count();
        assert!(colons <= 2, "{zh}");
    }
}

/// Word for word the same program: without what stands in quotes there is no difference, and no message stayed English.
#[test]
fn nothing_else_differs() {
    let (english, chinese) = (script(Lang::En), script(Lang::Zh));
    assert_eq!(english.lines().count(), chinese.lines().count());
    // with each Chinese line turned back, it is the English one to the byte
    let back = ZH.iter().fold(chinese.clone(), |script, (en, zh)| {
        ["\"", "'"].iter().fold(script, |script, q| {
            script.replace(&format!("{q}{zh}{q}"), &format!("{q}{en}{q}"))
        })
    });
    let first = back.lines().zip(english.lines()).find(|(back, english)| back != english);
    assert_eq!(first, None);
    let (mut differ, mut kept) = (0, Vec::new());
    for (en, zh) in english.lines().zip(chinese.lines()) {
        if en != zh {
            differ += 1;
            continue;
        }
        let command = en.split_whitespace().find(|word| !matches!(*word, "||" | "&&" | "!" | "{"));
        let speaks = matches!(command, Some("say" | "more" | "step" | "refuse" | "fail"));
        let words = en
            .split_whitespace()
            .filter(|word| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase()));
        if speaks && words.count() > 3 {
            kept.push(en);
        }
    }
    assert!(differ > 100, "{differ}");
    assert_eq!(kept, [""; 0]);
    // one language at a time
    assert!(chinese.len() < english.len() + 4096);
}

/// In Chinese by a Chinese dctx, in every shell that may run it there, with the same outcome.
#[test]
fn a_chinese_dctx_writes_a_chinese_script() {
    let programs = ["openssl", "dash", "busybox", "bash", "shellcheck"];
    if !programs.into_iter().all(|program| require(program).is_some()) {
        return;
    }
    let world = World::new(&DOCKER_CE);
    world.kit(&[]);
    let kit = world.sb.path("chinese");
    let server = world.sb.path("server");
    let args = ["server", "coreos", "--out", kit.to_str().unwrap(), "--certs"];
    world.sb.dctx(args).arg(&server).env("DCTX_LANG", "zh").run().done();
    world.sb.sh("shellcheck", ["-s", "sh"]).arg(kit.join("install.sh")).run().ok("", "");
    world.start_docker();
    for shell in ["sh", "dash", "busybox ash", "bash --posix"] {
        let out = world.run(shell, &kit, &[], Accident::None);
        assert!(
            out.done().err().contains("install.sh: 完成：docker 监听 2376 端口"),
            "{}",
            out.err()
        );
        let again = world.run(shell, &kit, &[], Accident::None);
        assert!(again.done().err().contains("无需修改，docker 没有重启"), "{}", again.err());
        let out = world.run(shell, &kit, &["--undo"], Accident::None);
        assert!(out.done().err().contains("完成：一切已恢复到上次安装之前"), "{}", out.err());
        let none = world.run(shell, &kit, &["--undo"], Accident::None);
        assert_eq!(none.code(), 3);
        assert!(none.err().contains("已拒绝，未做任何修改："), "{}", none.err());
    }
}
