//! The log pane: only the visible rows are laid out.

mod choices;
mod line;
mod title;
mod voices;

pub(super) use choices::draw_choices;
pub(super) use title::draw_status;
pub(super) use voices::draw_services;

use super::{canvas::Canvas, theme::Role};
use crate::{
    app::{
        Action, Hit, Model,
        keymap::Mode,
        logs::{Content, Mark, Place, SERVICES_MAX, Shown, Stamps, Top},
        text::{grouped, wrap},
    },
    domain::{Bytes, Timestamp, log::Level},
};
use jiff::tz::TimeZone;
use ratatui::layout::Rect;
use std::ops::Range;
use title::lines;

/// The letter and the colour of a level that deserves one.
const fn sign_of(level: Level) -> Option<(&'static str, Role)> {
    match level {
        Level::Error => Some(("E", Role::Bad)),
        Level::Warning => Some(("W", Role::Warn)),
        Level::Info | Level::Debug | Level::Trace => None,
    }
}

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let logs = &model.logs;
    if model.is_too_much_marked() {
        return draw_too_much(model, canvas, area);
    }
    if logs.buffer.is_empty() {
        let text = if logs.follow.is_some() {
            "No lines yet."
        } else {
            "Opening the log"
        };
        canvas.put(area, 2, 0, text, canvas.style(Role::Faint));
        return;
    }
    let hides = !logs.buffer.sieve().shows_all() || logs.muted_count() > 0;
    if hides && logs.buffer.shown_lines() == 0 {
        draw_nothing(model, canvas, area);
        return;
    }
    draw_rows(model, canvas, area);
}

fn draw_rows(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let Top { key, mut skip } = model.logs.top();
    let chosen = model.logs.chosen();
    let cursor = model.logs.cursor().map(|shown| shown.row.key);
    let mut y = 0;
    for shown in model.logs.buffer.walk(key) {
        if y >= area.height {
            break;
        }
        let rows = draw_row(model, canvas, area, y, &shown, skip);
        let rows = rows.min(area.height - y);
        for y in y..y + rows {
            canvas.hit(area, 0, y, area.width, Hit::Line(shown.row.key));
        }
        if chosen
            .as_ref()
            .is_some_and(|rows| rows.contains(&shown.row.key))
        {
            draw_chosen(canvas, area, y..y + rows, cursor == Some(shown.row.key));
        }
        y += rows;
        skip = 0;
    }
}

/// A chosen row stands out, by a sign as well: the cursor's own begins with another one.
fn draw_chosen(canvas: &mut Canvas<'_>, area: Rect, rows: Range<u16>, is_cursor: bool) {
    let glyphs = canvas.look.glyphs;
    for y in rows.clone() {
        canvas.restyle(area, 0, y, area.width, canvas.style(Role::Selection));
        let sign = if is_cursor && y == rows.start {
            glyphs.marker()
        } else {
            glyphs.edge()
        };
        canvas.put(area, 1, y, sign, canvas.style(Role::Accent));
    }
}

/// Draws a row; gives the rows of the screen that it takes.
fn draw_row(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    shown: &Shown<'_>,
    skip: usize,
) -> u16 {
    match &shown.row.content {
        Content::Line(text) => {
            let line = line::Visible { shown, text, skip };
            return line::draw(model, canvas, area, y, &line);
        }
        Content::Notice(_, text) => draw_notice(model, canvas, area, y, (shown, text)),
        Content::Dropped(_, count) => draw_dropped(model, canvas, area, y, (shown, *count)),
        Content::Mark(at, mark) => draw_mark(model, canvas, area, y, (*at, *mark)),
    }
    1
}

fn draw_notice(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    (shown, text): (&Shown<'_>, &str),
) {
    let name = model.logs.name_of(&shown.lane.service);
    canvas.rule(area, y);
    let text = format!(" {name}: {text} ");
    canvas.put(area, 2, y, &text, canvas.style(Role::Accent));
}

fn draw_dropped(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    (shown, count): (&Shown<'_>, u64),
) {
    let name = model.logs.name_of(&shown.lane.service);
    let (dot, bytes) = (canvas.look.glyphs.dot(), model.logs.buffer.bytes_max());
    let (lines, bytes) = (grouped(count), Bytes(bytes as u64));
    let text = format!("{dot} {name}: {lines} lines dropped (buffer {bytes}) {dot}");
    canvas.put(area, 2, y, &text, canvas.style(Role::Warn));
}

/// The operator's own mark with the time when it was put, or what is new below.
fn draw_mark(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    (at, mark): (Timestamp, Mark),
) {
    let text = match (mark, model.logs.place) {
        (Mark::Own(number), _) => {
            let zone = match model.logs.stamps {
                Stamps::Utc => TimeZone::UTC,
                _ => model.settings.zone.clone(),
            };
            let time = at.to_zoned(zone).strftime("%H:%M:%S");
            format!(" mark {number} {} {time} ", canvas.look.glyphs.dot())
        }
        (Mark::New, Place::Paused { fresh, .. }) => format!(" {} new below ", grouped(fresh)),
        (Mark::New, Place::Live) => " new below ".to_owned(),
    };
    canvas.rule(area, y);
    canvas.put(area, 2, y, &text, canvas.style(Role::Warn));
}

/// More is marked than can be followed: how many can, and the way out.
fn draw_too_much(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let key = |action| model.keys.hint(Mode::List, action).unwrap_or_default();
    let (mark, clear) = (key(Action::Mark), key(Action::ClearMarks));
    let text = format!(
        "{} services are marked; a log shows {SERVICES_MAX} at most. {mark} in the list unmarks one, {clear} all.",
        model.fleet.marks.len()
    );
    for (y, line) in (0..area.height).zip(wrap(&text, usize::from(area.width.saturating_sub(4)))) {
        canvas.put(area, 2, y, &line, canvas.style(Role::Warn));
    }
}

/// What hides everything says so, and the way out.
fn draw_nothing(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let key = |action| model.keys.hint(Mode::Log, action).unwrap_or_default();
    let (logs, lines) = (&model.logs, lines(&model.logs));
    let text = match (logs.is_sifted(), logs.muted_count()) {
        (false, _) => format!("Looking: {lines}"),
        (true, _) if !logs.buffer.sieve().shows_all() => {
            format!("{lines}. {} shows all.", key(Action::Back))
        }
        (true, muted) => format!(
            "{lines}: {muted} muted, {} lists them.",
            key(Action::Services)
        ),
    };
    canvas.put(area, 2, 0, &text, canvas.style(Role::Faint));
}
