//! What the picker looks like: a line to type in and the rows below it, none wider than the terminal.
//!
//! The cursor stays in the first line: from there to the end of the screen all is the picker's, and is
//! taken away with one sequence.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::list::{List, Row};
use crate::error::Lang;
use crate::output::Style;
use crate::text::clean;
use crate::tr;

/// The most rows at a time; more of the screen is not needed to see what there is.
pub const MOST: usize = 20;

/// The least columns that say something of a host.
const HOST: usize = 8;

/// The least columns that are worth cutting a text down to.
const LEAST: usize = 6;

/// The columns that a host may always have where everything is shown: enough for an IPv4 address.
const WHOLE: usize = 26;

/// The columns that tags and descriptions have where a host would take them.
const SAID: usize = 18;

/// Fewer days than these are worth a warning.
const SOON: i64 = 15;

/// The columns of the marks: on which row, and which is the current one.
const MARKS: usize = 3;

/// What is known of the certificates of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// So many days are left; fewer than none once one has expired.
    Days(i64),
    /// They cannot be used as they are.
    Unusable,
}

/// A piece of text in one style.
#[derive(Debug, Clone)]
struct Piece {
    style: Style,
    text: String,
}

impl Piece {
    fn new(style: Style, text: impl AsRef<str>) -> Self {
        Self { style, text: clean(text.as_ref()).into_owned() }
    }

    fn width(&self) -> usize {
        self.text.width()
    }
}

/// A whole picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The lines, the one to type in first.
    pub lines: Vec<String>,
    /// The column of the cursor in it, from 0.
    pub cursor: usize,
}

/// What a picture is made with.
pub struct Brush<'a> {
    /// The language.
    pub lang: Lang,
    /// Sets a text off, where there is colour.
    pub paint: &'a dyn Fn(Style, &str) -> String,
    /// The certificates of a row.
    pub life: &'a mut dyn FnMut(&Row) -> Option<Life>,
}

impl std::fmt::Debug for Brush<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Brush").field("lang", &self.lang).finish_non_exhaustive()
    }
}

/// How many rows a terminal of so many has room for.
#[must_use]
pub fn height(rows: usize) -> usize {
    rows.saturating_sub(1).min(MOST)
}

/// The picture of `list` for a terminal of this size; `remark` is what there is to say about the last key.
#[must_use]
pub fn frame(
    list: &mut List,
    (columns, rows): (usize, usize),
    remark: Option<&str>,
    brush: &mut Brush<'_>,
) -> Frame {
    // A line that ends in the last column leaves the cursor where terminals disagree.
    let width = columns.saturating_sub(1);
    let height = height(rows);
    let top = list.scroll(height);
    let (first, cursor) = prompt(list, width, remark, brush);
    let mut lines = vec![first];
    let selected = list.selected().map(|(at, _)| at);
    let seen: Vec<(&Row, Cells)> =
        list.shown().skip(top).take(height).map(|row| (row, Cells::of(row, brush))).collect();
    if seen.is_empty() && height > 0 && !list.is_empty() {
        let none =
            Piece::new(Style::Dim, tr!(brush.lang, "no profile matches", "没有匹配的主机配置"));
        lines.push(line(vec![(MARKS, Piece::new(Style::Plain, "")), (0, none)], width, brush));
    }
    let columns = Columns::of(&seen, width);
    for (at, (row, cells)) in seen.into_iter().enumerate() {
        let pointer = if selected == Some(top + at) { ">" } else { " " };
        let mark = if row.mark.is_empty() { " " } else { row.mark };
        let mut pieces = vec![
            (1, Piece::new(Style::Cyan, pointer)),
            (MARKS - 1, Piece::new(Style::Plain, mark)),
        ];
        pieces.extend(columns.lay(cells, width.saturating_sub(MARKS)));
        lines.push(line(pieces, width, brush));
    }
    Frame { lines, cursor }
}

/// The line to type in, and where the cursor stands in it. What is typed is shown from its end; to its
/// right, where there is room, how many rows are left and what to press.
fn prompt(list: &List, width: usize, remark: Option<&str>, brush: &Brush<'_>) -> (String, usize) {
    let lang = brush.lang;
    let mut label = tr!(lang, "profile: ", "主机配置：");
    if label.width() * 2 > width {
        label = start("> ", width);
    }
    let room = width.saturating_sub(label.width());
    let query = end(&clean(list.query()), room);
    let cursor = (label.width() + query.width()).min(width);
    let (shown, all) = (list.shown().len(), list.len());
    let count = format!("{shown}/{all}");
    let keys = tr!(lang, "Enter: select · Esc: cancel", "Enter 选定，Esc 取消");
    let offers = match remark {
        Some(remark) => vec![remark.to_owned()],
        None => vec![format!("{count}  {keys}"), count],
    };
    let room = width.saturating_sub(cursor + 2);
    let right = match remark {
        Some(remark) => start(&clean(remark), room),
        None => offers.into_iter().find(|text| text.width() <= room).unwrap_or_default(),
    };
    let style = if remark.is_some() { Style::Yellow } else { Style::Dim };
    let mut text = (brush.paint)(Style::Bold, &label);
    text.push_str(&query);
    if !right.is_empty() {
        text.push_str("  ");
        text.push_str(&(brush.paint)(style, &right));
    }
    (text, cursor)
}

/// What there is to say of a row, not yet cut.
struct Cells {
    name: Piece,
    host: Piece,
    tls: Piece,
    life: Option<Piece>,
    /// The one word that matters most where there is room for one.
    word: Piece,
    /// `protected`, tags, description.
    tail: Vec<Piece>,
    /// Whether that word is a guard's, and is not to be left out.
    guarded: bool,
    /// Whether it is more urgent than the host.
    urgent: bool,
}

impl Cells {
    fn of(row: &Row, brush: &mut Brush<'_>) -> Self {
        let lang = brush.lang;
        if let Some(why) = &row.broken {
            let why = Piece::new(Style::Red, tr!(lang, "not valid: {why}", "无效：{why}"));
            return Self {
                name: Piece::new(Style::Plain, &row.name),
                host: Piece::new(Style::Plain, ""),
                tls: Piece::new(Style::Plain, ""),
                life: None,
                word: Piece::new(Style::Plain, ""),
                tail: vec![why],
                guarded: false,
                urgent: false,
            };
        }
        let known = (brush.life)(row);
        let life = known.map(|life| life_piece(life, lang));
        let tls = Piece::new(row.tls.0, row.tls.1);
        let protected = Piece::new(Style::Red, tr!(lang, "protected", "受保护"));
        let soon = matches!(known, Some(Life::Days(..SOON) | Life::Unusable));
        let word = match &life {
            _ if row.protected => protected.clone(),
            Some(life) if soon => life.clone(),
            _ => tls.clone(),
        };
        let mut tail = Vec::new();
        tail.extend(row.protected.then_some(protected));
        tail.extend(
            (!row.tags.trim().is_empty()).then(|| Piece::new(Style::Plain, row.tags.trim())),
        );
        tail.extend(
            (!row.about.trim().is_empty()).then(|| Piece::new(Style::Dim, row.about.trim())),
        );
        let style = if row.protected { Style::Red } else { Style::Bold };
        Self {
            name: Piece::new(style, &row.name),
            host: Piece::new(Style::Plain, &row.host),
            tls,
            life,
            word,
            tail,
            guarded: row.protected,
            urgent: row.protected || soon,
        }
    }

    /// Whether it is a profile that is not valid: the reason takes the place of everything else.
    fn is_reason(&self) -> bool {
        self.host.text.is_empty()
    }
}

fn life_piece(life: Life, lang: Lang) -> Piece {
    match life {
        Life::Unusable => Piece::new(Style::Red, tr!(lang, "unusable", "不可用")),
        Life::Days(..0) => Piece::new(Style::Red, tr!(lang, "expired", "已过期")),
        Life::Days(0) => Piece::new(Style::Yellow, tr!(lang, "< 1 day", "不足 1 天")),
        Life::Days(1) => Piece::new(Style::Yellow, tr!(lang, "1 day", "1 天")),
        Life::Days(days) => {
            let style = if days < SOON { Style::Yellow } else { Style::Plain };
            Piece::new(style, tr!(lang, "{days} days", "{days} 天"))
        }
    }
}

/// How wide each column is; chosen for the rows on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    /// Everything.
    Wide { name: usize, host: usize, tls: usize, life: usize },
    /// The name, the host, and one word.
    Narrow { name: usize, host: usize },
    /// The name, and what fits beside it.
    Pair { name: usize },
    /// The same, each row by itself.
    Tiny,
}

impl Columns {
    fn of(seen: &[(&Row, Cells)], width: usize) -> Self {
        let most = |of: &dyn Fn(&Cells) -> usize| {
            seen.iter().map(|(_, cells)| of(cells)).max().unwrap_or(0)
        };
        let room = width.saturating_sub(MARKS);
        let gap = |width: usize| if width > 0 { width + 2 } else { 0 };
        let name = most(&|c| c.name.width());
        let host = most(&|c| c.host.width());
        let tls = most(&|c| c.tls.width());
        let life = most(&|c| c.life.as_ref().map_or(0, Piece::width));
        // The guard's word must never be cut away.
        let guard = most(&|c| if c.guarded { c.word.width() } else { 0 });
        let left = room.saturating_sub(gap(name) + gap(tls) + gap(life) + guard + 2);
        if left >= host.min(WHOLE) {
            // One long host leaves some room for what is said behind it.
            let said = most(&|c| c.tail.iter().map(|piece| gap(piece.width())).sum());
            let share = (left + guard).saturating_sub(said.min(SAID).max(guard));
            let host = host.min(left).min(share.max(WHOLE));
            let host = most(&|c| fit(&c.host.text, host).width());
            return Self::Wide { name, host, tls, life };
        }
        let host = most(&|c| short(&c.host.text).width());
        let word = most(&|c| c.word.width());
        let left = room.saturating_sub(gap(name) + gap(word));
        if left >= host.min(WHOLE - SCHEME.len()) {
            return Self::Narrow { name, host: host.min(left) };
        }
        if room >= gap(name) + guard.max(HOST) { Self::Pair { name } } else { Self::Tiny }
    }

    /// The cells of a row, each cut and with the width of its column; 0 for the last.
    fn lay(self, cells: Cells, room: usize) -> Vec<(usize, Piece)> {
        let cut = |piece: Piece, width| Piece { text: fit(&piece.text, width), ..piece };
        match self {
            Self::Wide { name, .. } | Self::Narrow { name, .. } | Self::Pair { name }
                if cells.is_reason() =>
            {
                let mut out = vec![(name + 2, cells.name)];
                out.extend(cells.tail.into_iter().map(|why| (0, why)));
                out
            }
            Self::Wide { name, host, tls, life } => {
                let mut out = vec![
                    (name + 2, cells.name),
                    (host + 2, cut(cells.host, host)),
                    (if tls > 0 { tls + 2 } else { 0 }, cells.tls),
                ];
                if life > 0 {
                    let piece = cells.life.unwrap_or_else(|| Piece::new(Style::Plain, ""));
                    out.push((life + 2, piece));
                }
                out.extend(cells.tail.into_iter().map(|piece| (piece.width() + 2, piece)));
                out
            }
            Self::Narrow { name, host } => {
                let shown = Piece::new(Style::Plain, short(&cells.host.text));
                vec![(name + 2, cells.name), (host + 2, cut(shown, host)), (0, cells.word)]
            }
            Self::Pair { name } => {
                let left = room.saturating_sub(name + 2);
                let mut out = vec![(name + 2, cells.name)];
                out.extend(beside(cells.urgent.then_some(cells.word), cells.host, left, &cut));
                out
            }
            Self::Tiny => {
                // The guard's word before the end of a long name, else the name before all.
                let guard = if cells.guarded { cells.word.width() + 2 } else { 0 };
                let why = cells.is_reason().then(|| cells.tail.first().cloned()).flatten();
                let name = cut(cells.name, room.saturating_sub(guard));
                let left = room.saturating_sub(name.width() + 2);
                let word = why.or(cells.urgent.then_some(cells.word));
                let mut out = vec![(name.width() + 2, name)];
                out.extend(beside(word, cells.host, left, &cut));
                out
            }
        }
    }
}

/// A word that warns, and the host, as far as there is room for them.
fn beside(
    word: Option<Piece>,
    host: Piece,
    left: usize,
    cut: &dyn Fn(Piece, usize) -> Piece,
) -> Vec<(usize, Piece)> {
    let column = word.as_ref().map_or(0, |word| word.width() + 2);
    let mut out: Vec<_> = word.into_iter().map(|word| (column, word)).collect();
    if left >= column + HOST {
        out.push((0, cut(host, left - column)));
    }
    out
}

/// What almost every host begins with; the word beside it says the rest.
const SCHEME: &str = "tcp://";

/// A host in so many columns.
fn fit(host: &str, width: usize) -> String {
    if host.width() <= width { host.to_owned() } else { middle(short(host), width) }
}

fn short(host: &str) -> &str {
    host.strip_prefix(SCHEME).unwrap_or(host)
}

/// One line of pieces, each with the width of its column (0: its own), cut at `width`; nothing trails.
fn line(pieces: Vec<(usize, Piece)>, width: usize, brush: &Brush<'_>) -> String {
    let mut out = String::new();
    // Blanks are only written once something follows them.
    let (mut used, mut gap) = (0, 0);
    for (column, piece) in pieces {
        let left = width.saturating_sub(used + gap);
        // A letter and dots say nothing.
        if left < LEAST.min(piece.width()) {
            break;
        }
        let text = start(&piece.text, left);
        let taken = text.width();
        if !text.trim().is_empty() {
            out.extend(std::iter::repeat_n(' ', gap));
            out.push_str(&(brush.paint)(piece.style, &text));
            (used, gap) = (used + gap + taken, column.saturating_sub(taken));
        } else {
            gap += column;
        }
    }
    out
}

const DOTS: &str = "...";

/// The beginning of `text` in so many columns, with dots where something is missing.
#[must_use]
pub fn start(text: &str, width: usize) -> String {
    match text.width() <= width {
        true => text.to_owned(),
        false if width < DOTS.len() => ".".repeat(width),
        false => format!("{}{DOTS}", head(text, width - DOTS.len())),
    }
}

/// The end of `text`, likewise.
#[must_use]
pub fn end(text: &str, width: usize) -> String {
    match text.width() <= width {
        true => text.to_owned(),
        false if width < DOTS.len() => ".".repeat(width),
        false => format!("{DOTS}{}", tail(text, width - DOTS.len())),
    }
}

/// Both ends of `text`, likewise.
#[must_use]
pub fn middle(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let Some(room) = width.checked_sub(DOTS.len()) else { return ".".repeat(width) };
    format!("{}{DOTS}{}", head(text, room / 2), tail(text, room - room / 2))
}

fn head(text: &str, width: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += c.width().unwrap_or(0);
        used > width
    });
    text.get(..end.map_or(text.len(), |(at, _)| at)).unwrap_or_default()
}

fn tail(text: &str, width: usize) -> &str {
    let mut used = 0;
    let before = text.char_indices().rev().find(|(_, c)| {
        used += c.width().unwrap_or(0);
        used > width
    });
    let at = before.map_or(0, |(at, c)| at + c.len_utf8());
    text.get(at..).unwrap_or_default()
}
