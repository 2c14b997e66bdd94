//! What keeps a line of a profile file from being TOML, in words of ours.
//!
//! The damage that people do (typographic quotes, a colon for the equals sign, text without quotes) has a word of its own,
//! found by what would repair the line ([`crate::store`]). The rest is what the TOML reader says: its messages are a
//! finite set (the crates toml_parser 1.1, toml 1.2 and toml_edit 0.25), and `reader` has each of them. One that is not
//! known is shown as the reader's own.

mod reader;

use super::Lang;
use super::text::show;
use crate::tr;

/// What is wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// What it is.
    pub fault: TomlFault,
    /// The whole line as it should be, where that is clear. Several lines where one has to become several.
    pub write: Option<String>,
}

/// Why a line is not TOML. A key is as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TomlFault {
    /// A character that resembles one of TOML's, such as a typographic quote or a full-width colon.
    Lookalike {
        /// The character.
        found: char,
        /// What TOML takes in its place.
        wanted: &'static str,
    },
    /// `key: value`.
    Colon(String),
    /// `key value`, or another sign than one `=`.
    NoSign(String),
    /// `key =` and nothing after it.
    NoValue(String),
    /// `key = text`.
    NoQuotes(String),
    /// A quote before or after a text, and not both, or two that differ.
    OneQuote(String),
    /// `\` in double quotes, as in a path of Windows.
    Backslash(String),
    /// `True`, `yes`, `off` and so on where `true` or `false` belongs.
    Bool(String),
    /// The header of a table without this bracket, or with a name that is none.
    Header(Option<char>),
    /// A list (`[`) or a table (`{`) that is not closed.
    NotClosed {
        /// Its key.
        key: String,
        /// What closes it.
        with: char,
        /// The line, from 1, before which it has to be closed, if there is one.
        before: Option<usize>,
    },
    /// A text in three quotes that is not closed.
    LongText(String),
    /// No comma between two values of a list or table.
    NoComma,
    /// Something after the value, on its line.
    After(String),
    /// A comment that begins with another sign than `#`.
    Comment,
    /// The marks of a merge that somebody has to finish.
    Conflict,
    /// Lines of a certificate or key.
    Pem,
    /// The file looks like JSON or YAML.
    OtherFormat(&'static str),
    /// The same key or table twice.
    Twice {
        /// Which, as it is written.
        what: String,
        /// The line of the first, from 1, if it was found.
        first: Option<usize>,
    },
    /// Something other than a table where one belongs: `profiles`, or a profile.
    NoTable(String),
    /// What the TOML reader says, in its own words.
    Reader(String),
}

impl TomlFault {
    /// One sentence.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match self {
            Self::Lookalike { found, wanted } => lookalike(*found, wanted, lang),
            Self::Colon(key) => tr!(
                lang,
                "there is a colon after {key}, where TOML takes =",
                "{key} 后面是冒号，TOML 要用 ="
            ),
            Self::NoSign(key) => tr!(
                lang,
                "there must be one = between {key} and its value",
                "{key} 和它的值之间要有一个 ="
            ),
            Self::NoValue(key) => tr!(lang, "{key} has no value", "{key} 没有值"),
            Self::NoQuotes(key) => tr!(
                lang,
                "the value of {key} is a text, which must be in quotes",
                "{key} 的值是文本，必须加引号"
            ),
            Self::OneQuote(key) => tr!(
                lang,
                "the value of {key} must have the same quote at both ends",
                "{key} 的值两端必须是同一种引号"
            ),
            Self::Backslash(key) => tr!(
                lang,
                "the value of {key} contains \\, which is only plain text in single quotes",
                "{key} 的值含有 \\，只有在单引号中它才是普通字符"
            ),
            Self::Bool(key) => tr!(
                lang,
                "{key} must be true or false, in lower case and without quotes",
                "{key} 的值应为 true 或 false，小写，不加引号"
            ),
            Self::Header(Some(bracket)) => {
                tr!(lang, "the header of a table has no {bracket}", "表头缺少 {bracket}")
            }
            Self::Header(None) => tr!(
                lang,
                "the header of a table must be [profiles.NAME] or [settings], without spaces",
                "表头应为 [profiles.NAME] 或 [settings]，不含空格"
            ),
            Self::NotClosed { key, with, before: Some(before) } => tr!(
                lang,
                "the value of {key} is not closed: {with} is missing before line {before}",
                "{key} 的值没有结束：第 {before} 行之前缺少 {with}"
            ),
            Self::NotClosed { key, with, before: None } => tr!(
                lang,
                "the value of {key} is not closed: {with} is missing",
                "{key} 的值没有结束：缺少 {with}"
            ),
            Self::LongText(key) => tr!(
                lang,
                "the text of {key} begins with three quotes and must end with three",
                "{key} 的文本以三个引号开始，也必须以三个引号结束"
            ),
            Self::NoComma => {
                tr!(lang, "a comma is missing between two values", "两个值之间缺少逗号")
            }
            Self::After(key) => tr!(
                lang,
                "nothing but a comment may follow the value of {key} on its line",
                "{key} 的值之后，同一行只能有注释"
            ),
            Self::Comment => tr!(lang, "a comment must begin with #", "注释必须以 # 开头"),
            Self::Conflict => tr!(
                lang,
                "this is left from a merge: keep one of the two versions, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>",
                "这是合并冲突留下的标记：请保留其中一个版本，并删除以 <<<<<<<、======= 和 >>>>>>> 开头的行"
            ),
            Self::Pem => tr!(
                lang,
                "a certificate or key in PEM was pasted here; write the name of its file instead, as in key = \"~/certs/key.pem\"",
                "这里粘贴了 PEM 格式的证书或私钥；请改写为它所在的文件，例如 key = \"~/certs/key.pem\""
            ),
            Self::OtherFormat(format) => tr!(
                lang,
                "this looks like {format}, and the profile file is TOML",
                "这看起来是 {format}，而配置文件的格式是 TOML"
            ),
            Self::Twice { what, first: Some(first) } => tr!(
                lang,
                "{what} is there twice, first on line {first}: keep one, or change the name of the other",
                "{what} 出现了两次，第一次在第 {first} 行；请只保留一个，或给另一个改名"
            ),
            Self::Twice { what, first: None } => tr!(
                lang,
                "{what} is there twice: keep one, or change the name of the other",
                "{what} 出现了两次；请只保留一个，或给另一个改名"
            ),
            Self::NoTable(what) => tr!(
                lang,
                "{what} must be a table, with a header [profiles.NAME] for each profile",
                "{what} 必须是表，每个主机配置用表头 [profiles.NAME]"
            ),
            Self::Reader(said) => reader(said, lang),
        }
    }
}

/// What the TOML reader says, in the language of the time; as it says it where the words are not known.
fn reader(said: &str, lang: Lang) -> String {
    let said = said.replace('\n', ", ");
    match known(&said) {
        Some((_, english, chinese)) => match lang {
            Lang::En => (*english).to_owned(),
            Lang::Zh => (*chinese).to_owned(),
        },
        None => tr!(lang, "the TOML reader says: {said}", "TOML 解析器的报错：{said}"),
    }
}

fn known(said: &str) -> Option<&'static reader::Row> {
    let what = said.split(", expected ").next().unwrap_or(said);
    let fits = |theirs: &&str| match theirs.strip_suffix('*') {
        Some(start) => said.starts_with(start),
        None => what == *theirs,
    };
    reader::READER.iter().find(|(theirs, ..)| theirs.iter().any(fits))
}

fn lookalike(found: char, wanted: &str, lang: Lang) -> String {
    let code = u32::from(found);
    let blank = found.is_whitespace() || crate::text::is_hidden(found);
    if blank {
        let shown = show(found, lang);
        return match wanted {
            "" => tr!(
                lang,
                "there is an invisible character ({shown}) where none may be",
                "这里有不可见的{shown}，必须删除"
            ),
            _ => tr!(
                lang,
                "there is {shown} where TOML takes an ordinary space",
                "这里是{shown}，TOML 要用普通空格"
            ),
        };
    }
    tr!(
        lang,
        "there is {found} (U+{code:04X}) where TOML takes {wanted}",
        "这里是 {found} (U+{code:04X})，TOML 要用 {wanted}"
    )
}

impl Broken {
    /// The line as it should be, to be shown below the line as it is; nothing where that is not known.
    #[must_use]
    pub(super) fn below(&self, lang: Lang) -> String {
        let Some(write) = &self.write else { return String::new() };
        let head = tr!(lang, "write", " 改为");
        let lines = write.lines().enumerate().map(|(at, line)| {
            let head = if at == 0 { head.as_str() } else { "     " };
            format!("\n{head} | {}", crate::text::clean(line))
        });
        lines.collect()
    }
}
