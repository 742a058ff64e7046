//! Lines that hold a JSON object, shaped for reading: in one row as logfmt would say it, or with a key in each row.

mod json;
mod said;
#[cfg(test)]
mod tests;

use crate::domain::{LogLine, log::LINE_MAX, safe::without_colours};
use json::{Members, Value};
use said::Said;
use std::borrow::Cow;

/// Bytes of a shaped text at most; more is cut.
pub const SHAPED_MAX: usize = 2 * LINE_MAX;
/// Levels of nested objects that are taken apart; what is deeper stays as it was printed.
const DEPTH_MAX: usize = 12;
/// Places of a line where an object may begin that are looked at.
const STARTS_MAX: usize = 4;
/// What stands before every row of an entry but the first, once for each level.
const INDENT: &str = "  ";
/// Keys of what an entry says in words.
const MESSAGES: [&str; 3] = ["message", "msg", "event"];

/// How lines that hold a JSON object are shown. Others stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// As they were printed.
    #[default]
    AsPrinted,
    /// `message key=value other.key=value` in one row.
    Flat,
    /// The message, and a row for each key.
    Pretty,
}

impl Shape {
    /// The next one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::AsPrinted => Self::Flat,
            Self::Flat => Self::Pretty,
            Self::Pretty => Self::AsPrinted,
        }
    }

    /// The word for it where it is not as usual.
    #[must_use]
    pub const fn word(self) -> Option<&'static str> {
        match self {
            Self::AsPrinted => None,
            Self::Flat => Some("JSON flat"),
            Self::Pretty => Some("JSON pretty"),
        }
    }

    /// What a line says in this shape. `stamped` lines have their time before them: it is not said again.
    #[must_use]
    pub fn text_of(self, line: &LogLine, stamped: bool) -> Cow<'_, str> {
        let text = line.text.as_str();
        let shaped = match self {
            Self::AsPrinted => None,
            Self::Flat => {
                let said = Said::of(line, stamped);
                shaped(text, |before, members| flat(before, members, &said))
            }
            Self::Pretty => shaped(text, pretty),
        };
        shaped.map_or(Cow::Borrowed(text), Cow::Owned)
    }
}

/// Shapes a text that ends with a JSON object; none if it does not, or if there is nothing in there.
fn shaped(text: &str, write: impl Fn(&str, &Members<'_>) -> String) -> Option<String> {
    let is_start = |at: &usize| {
        let after = text.as_bytes().iter().skip(at + 1);
        after.copied().find(|b| *b != b' ') == Some(b'"')
    };
    let starts = text.match_indices('{').map(|(at, _)| at).filter(is_start);
    starts.take(STARTS_MAX).find_map(|at| {
        let (before, object) = text.split_at_checked(at)?;
        let object = plain(object);
        let members = json::members(object.trim_end())?;
        Some(write(before.trim_end(), &members))
    })
}

fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\x1b') {
        Cow::Owned(without_colours(text))
    } else {
        Cow::Borrowed(text)
    }
}

/// A text that is put together, up to its bound.
#[derive(Default)]
struct Draft {
    text: String,
    full: bool,
}

impl Draft {
    /// What stood before the object keeps its colours to itself.
    fn after(before: &str) -> Self {
        let end = if before.contains('\x1b') {
            "\x1b[0m"
        } else {
            ""
        };
        Self {
            text: format!("{before}{end}"),
            full: false,
        }
    }

    /// Adds parts after a gap, all or none; false if there is no room any more.
    fn add(&mut self, gap: &str, parts: &[&str]) -> bool {
        let gap = if self.text.is_empty() { "" } else { gap };
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if self.full {
            return false;
        }
        self.full = self.text.len() + gap.len() + length > SHAPED_MAX;
        let parts = if self.full { &["…"] } else { parts };
        self.text.push_str(gap);
        parts.iter().for_each(|part| self.text.push_str(part));
        !self.full
    }
}

/// The first member that says something in words, and its place.
fn message<'a>(members: &Members<'a>) -> Option<(usize, Vec<String>)> {
    let of = |name: &&str| {
        let place = members.iter().position(|(key, _)| key == name)?;
        let words = members.get(place)?.1.words()?;
        Some((place, words))
    };
    MESSAGES.iter().find_map(of)
}

fn flat(before: &str, members: &Members<'_>, said: &Said) -> String {
    let mut draft = Draft::after(before);
    let message = message(members);
    if let Some((_, lines)) = &message {
        draft.add(" ", &[&lines.join("\\n")]);
    }
    let place = message.map(|(place, _)| place);
    for (at, (key, value)) in members.iter().enumerate() {
        if Some(at) != place && !said.says(key, *value) {
            add_flat(&mut draft, &json::key(key), *value, DEPTH_MAX);
        }
    }
    draft.text
}

fn add_flat(draft: &mut Draft, path: &str, value: Value<'_>, depth: usize) -> bool {
    let Some(children) = value.children().filter(|_| depth > 0) else {
        return draft.add(" ", &[path, "=", &value.word()]);
    };
    let mut children = children.iter();
    children.all(|(key, value)| {
        let path = format!("{path}.{}", json::key(key));
        path.len() <= SHAPED_MAX && add_flat(draft, &path, *value, depth - 1)
    })
}

fn pretty(before: &str, members: &Members<'_>) -> String {
    let mut draft = Draft::after(before);
    let message = message(members);
    if let Some((_, lines)) = &message {
        add_rows(&mut draft, " ", lines, 1);
    }
    let place = message.map(|(place, _)| place);
    for (at, (key, value)) in members.iter().enumerate() {
        if Some(at) != place {
            add_pretty(&mut draft, key, *value, 1);
        }
    }
    draft.text
}

/// Adds rows, the first one after `gap`, the others below it.
fn add_rows(draft: &mut Draft, gap: &str, rows: &[String], level: usize) -> bool {
    let below = format!("\n{}", INDENT.repeat(level));
    let gaps = std::iter::once(gap).chain(std::iter::repeat(below.as_str()));
    gaps.zip(rows).all(|(gap, row)| draft.add(gap, &[row]))
}

fn add_pretty(draft: &mut Draft, key: &str, value: Value<'_>, level: usize) -> bool {
    let (gap, key) = (format!("\n{}", INDENT.repeat(level)), json::key(key));
    if let Some(children) = value.children().filter(|_| level <= DEPTH_MAX) {
        let mut children = children.iter();
        return draft.add(&gap, &[&key, ":"])
            && children.all(|(key, value)| add_pretty(draft, key, *value, level + 1));
    }
    match value.words().filter(|rows| rows.len() > 1) {
        Some(rows) => {
            let below = format!("\n{}", INDENT.repeat(level + 1));
            draft.add(&gap, &[&key, ":"]) && add_rows(draft, &below, &rows, level + 1)
        }
        None => draft.add(&gap, &[&key, ": ", &value.phrase()]),
    }
}
