//! The title of the log pane: following or not, how many lines, what hides them, what is searched for.

use super::voices;
use crate::{
    app::{
        Hit, Model,
        logs::{Chip, LogPane, Place},
        text::{cut, grouped},
    },
    ui::{
        canvas::{Canvas, width},
        theme::Role,
    },
};
use ratatui::{layout::Rect, style::Style};

/// Columns below which a part of the title says nothing.
const PART_MIN: u16 = 6;
/// Columns of a query's text in the title.
const CHIP_MAX: usize = 16;

/// A piece of a part, and what a click on it means.
pub(super) struct Word {
    pub(super) text: String,
    pub(super) style: Style,
    pub(super) hit: Option<Hit>,
}

impl Word {
    pub(super) fn plain(text: &str, style: Style) -> Self {
        Self {
            text: text.to_owned(),
            style,
            hit: None,
        }
    }
}

/// A part of the title: a dot, its words, a blank.
pub(super) struct Part(pub(super) Vec<Word>);

impl Part {
    fn of(word: Word) -> Self {
        Self(vec![word])
    }

    /// Columns that it takes.
    pub(super) fn width(&self) -> u16 {
        let words = self.0.iter().map(|word| width(&word.text));
        words.sum::<u16>() + 3
    }
}

/// `LIVE · 12,340 lines` or `PAUSED +482 new`, what hides lines, whose lines they are, and how they are shown.
pub(in crate::ui) fn draw_status(model: &Model, canvas: &mut Canvas<'_>, area: Rect, x: u16) {
    let logs = &model.logs;
    let (word, role) = match logs.place {
        Place::Live if logs.reach.ends() => (" END ".to_owned(), Role::Warn),
        Place::Live => (" LIVE ".to_owned(), Role::Good),
        Place::Paused { fresh, .. } => (format!(" PAUSED +{} new ", grouped(fresh)), Role::Warn),
    };
    let x = canvas.put(area, x + 1, 0, &word, canvas.style(role));
    let part = |text: &str, role| Part::of(Word::plain(text, canvas.style(role)));
    let mut parts = Vec::new();
    let reach = logs.reach.words(&model.settings.zone);
    parts.extend(reach.map(|words| part(&words, Role::Accent)));
    parts.extend((logs.guard.is_open()).then(|| part("secrets shown", Role::Bad)));
    parts.push(part(&lines(logs), Role::Dim));
    if logs.buffer.is_looking_back() {
        parts.push(part("older lines are on their way", Role::Dim));
    }
    parts.extend(chips(model, canvas));
    let ways: Vec<Part> = ways(model).iter().map(|way| part(way, Role::Dim)).collect();
    let taken: u16 = parts.iter().chain(&ways).map(Part::width).sum();
    let room = area.width.saturating_sub(x + taken);
    parts.push(voices::part(model, canvas, room));
    parts.extend(ways);
    draw_parts(canvas, area, x, &parts);
}

/// How many lines there are, and how many of them are shown where a filter or a muted service hides some.
pub(super) fn lines(logs: &LogPane) -> String {
    let all = grouped(logs.buffer.all_lines() as u64);
    let (filtered, muted) = (!logs.buffer.sieve().shows_all(), logs.muted_count() > 0);
    let shown = grouped(logs.buffer.shown_lines() as u64);
    match (filtered, muted) {
        (false, false) => format!("{all} lines"),
        (true, _) if !logs.is_sifted() => format!("{shown} so far of {all} lines"),
        (true, false) => format!("{shown} of {all} lines match"),
        (_, true) => format!("{shown} of {all} lines"),
    }
}

/// What hides lines, and what is searched for: `≥ warning`, `stderr`, `&!health`, `±3`, `/timeout 3/41`.
fn chips(model: &Model, canvas: &Canvas<'_>) -> impl Iterator<Item = Part> {
    let (sieve, glyphs) = (model.logs.buffer.sieve(), canvas.look.glyphs);
    let (filter, around) = (&sieve.filter, sieve.around());
    let level = filter
        .level
        .map(|l| format!("{} {}", glyphs.at_least(), l.as_str()));
    let text = filter.query.as_ref().map(|query| {
        let not = if filter.inverse { "!" } else { "" };
        format!("&{not}{}", cut(query.text(), CHIP_MAX))
    });
    let search = sieve.query.as_ref().map(|query| {
        let text = cut(query.text(), CHIP_MAX);
        format!("/{text} {}", found(&model.logs))
    });
    let chips = [
        (Chip::Level, level),
        (Chip::Stderr, filter.stderr.then(|| "stderr".to_owned())),
        (Chip::Text, text),
        (
            Chip::Around,
            (around > 0).then(|| format!("{}{around}", glyphs.around())),
        ),
        (Chip::Search, search),
    ];
    let style = canvas.style(Role::Accent);
    chips.into_iter().filter_map(move |(chip, text)| {
        let (text, hit) = (text?, Some(Hit::Chip(chip)));
        Some(Part::of(Word { text, style, hit }))
    })
}

/// `3/41`: the match where the reader stands, and how many there are; `41 so far` while they are counted.
fn found(logs: &LogPane) -> String {
    let all = grouped(logs.buffer.found_len() as u64);
    match logs.match_number() {
        _ if !logs.is_sifted() => format!("{all} so far"),
        Some(number) => format!("{}/{all}", grouped(number as u64)),
        None => all,
    }
}

/// Parts of the title, with dots between them.
fn draw_parts(canvas: &mut Canvas<'_>, area: Rect, x: u16, parts: &[Part]) {
    let dot = format!("{} ", canvas.look.glyphs.dot());
    let mut x = x;
    for part in parts.iter().filter(|part| !part.0.is_empty()) {
        if x + PART_MIN > area.width {
            break;
        }
        x = canvas.put(area, x, 0, &dot, canvas.style(Role::Dim));
        for (n, word) in part.0.iter().enumerate() {
            // A number that is cut would be another one.
            if n > 0 && x + width(&word.text) > area.width {
                break;
            }
            x = draw_word(canvas, area, x, word);
        }
        x = canvas.put(area, x, 0, " ", canvas.style(Role::Dim));
    }
}

fn draw_word(canvas: &mut Canvas<'_>, area: Rect, x: u16, word: &Word) -> u16 {
    let end = canvas.put(area, x, 0, &word.text, word.style);
    if let Some(hit) = &word.hit {
        canvas.hit(area, x, 0, end.saturating_sub(x), hit.clone());
    }
    end
}

/// How lines are shown, where it is not as usual.
fn ways(model: &Model) -> Vec<String> {
    let logs = &model.logs;
    let mut ways = Vec::new();
    ways.extend(logs.has_range().then(|| "range".to_owned()));
    ways.extend(logs.wrap.then(|| "wrap".to_owned()));
    ways.extend(logs.shape.word().map(str::to_owned));
    ways.extend(logs.stamps.word().map(str::to_owned));
    ways.extend((logs.shift > 0).then(|| format!("column {}", logs.shift + 1)));
    ways
}
