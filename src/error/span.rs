//! How long something is, for people.

use super::Lang;

/// A length of time in its two largest units: `1h30m`, as a person types it after `--for`; in Chinese `1 小时 30 分钟`.
#[must_use]
pub fn span(seconds: u64, lang: Lang) -> String {
    let text = crate::text::duration_words(seconds);
    if lang == Lang::En {
        return text;
    }
    let mut out = String::new();
    for c in text.chars() {
        match c {
            'd' => out.push_str(" 天 "),
            'h' => out.push_str(" 小时 "),
            'm' => out.push_str(" 分钟 "),
            's' => out.push_str(" 秒 "),
            digit => out.push(digit),
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_has_its_own_units() {
        for (seconds, en, zh) in [
            (0, "0s", "0 秒"),
            (5, "5s", "5 秒"),
            (5400, "1h30m", "1 小时 30 分钟"),
            (90_000, "1d1h", "1 天 1 小时"),
        ] {
            assert_eq!((span(seconds, Lang::En), span(seconds, Lang::Zh)), (en.into(), zh.into()));
        }
    }
}
