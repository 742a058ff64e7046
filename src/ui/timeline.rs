//! The timeline pane: a row for each entry, a rule where another day begins, the chosen one as a whole.

use super::{
    canvas::{Canvas, width},
    theme::Role,
};
use crate::app::{
    Action, Hit, Model,
    keymap::Mode,
    text,
    timeline::{AGE, Shown, text_at},
};
use ratatui::layout::Rect;

/// Columns of the sign, the time and what stands around them.
const SIGN_AT: u16 = 1;
const TIME_AT: u16 = 3;
const AFTER_TIME: u16 = 13;

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let entries = model.visible_entries();
    if entries.is_empty() {
        return draw_empty(model, canvas, area);
    }
    let mut y = 0;
    for shown in &entries {
        if let Some(day) = &shown.day {
            draw_day(canvas, area, y, day);
            y += 1;
        }
        y = draw_entry(canvas, area, y, shown);
    }
}

fn draw_day(canvas: &mut Canvas<'_>, area: Rect, y: u16, day: &str) {
    if y >= area.height {
        return;
    }
    let faint = canvas.style(Role::Faint);
    let x = canvas.put(area, TIME_AT, y, day, canvas.style(Role::Dim)) + 1;
    let room = area.width.saturating_sub(x + 1);
    let rule = canvas.look.glyphs.rule().repeat(usize::from(room));
    canvas.put(area, x, y, &rule, faint);
}

/// Gives the row after it.
fn draw_entry(canvas: &mut Canvas<'_>, area: Rect, y: u16, shown: &Shown<'_>) -> u16 {
    let (entry, verdict) = (shown.entry, shown.entry.verdict());
    let theme = &canvas.look.theme;
    let (sign, said) = (theme.verdict(verdict), theme.style(Role::Text));
    let dim = theme.style(Role::Dim);
    canvas.put(area, SIGN_AT, y, canvas.look.glyphs.verdict(verdict), sign);
    canvas.put(area, TIME_AT, y, &shown.time, dim);
    let mut x = AFTER_TIME;
    if !shown.age.is_empty() {
        let columns = u16::try_from(AGE).unwrap_or(6);
        canvas.put_right(area, x + columns - 2, y, &shown.age, dim);
        x += columns;
    }
    if let Some(kind) = entry.service {
        let style = canvas.look.theme.service(kind);
        canvas.put(area, x, y, kind.as_str(), style);
    }
    let text_at = u16::try_from(text_at(usize::from(area.width))).unwrap_or(u16::MAX);
    let mut row = y;
    for line in &shown.text {
        if row >= area.height {
            break;
        }
        canvas.put(area, text_at, row, line, said);
        if shown.chosen {
            let style = canvas.style(Role::Selection);
            canvas.restyle(area, 0, row, area.width, style);
        }
        canvas.hit(area, 0, row, area.width, Hit::Entry(entry.clone()));
        row += 1;
    }
    row
}

fn draw_empty(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let key = model
        .keys
        .hint(Mode::Text, Action::Entries)
        .unwrap_or_default();
    let words = match model.timeline.shows.words() {
        Some(words) if model.entries_of_selection().next().is_some() => {
            format!("Shown are {words}, and there are none. {key} shows the next kind.")
        }
        _ => "Nothing has happened yet. What will stand here: changes of health, starts and ends, operations, \
              limits, bursts of errors, and when the engine was out of reach."
            .to_owned(),
    };
    let room = usize::from(area.width.saturating_sub(4));
    for (y, line) in (0..area.height).zip(text::wrap(&words, room)) {
        canvas.put(area, 3, y, &line, canvas.style(Role::Dim));
    }
}

/// Columns of what [`draw_status`] draws.
pub(super) fn status_width(model: &Model) -> u16 {
    let words = model.timeline.shows.words();
    words.map_or(0, |words| width(words) + 2)
}

/// Which entries are shown, after the name in the rule.
pub(super) fn draw_status(model: &Model, canvas: &mut Canvas<'_>, area: Rect, x: u16) {
    if let Some(words) = model.timeline.shows.words() {
        let words = format!(" {words} ");
        canvas.put(area, x, 0, &words, canvas.style(Role::Warn));
    }
}
