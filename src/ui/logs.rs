//! The log pane: only the visible rows are laid out.

mod line;
mod title;
mod voices;

pub(super) use title::draw_status;
pub(super) use voices::draw_services;

use super::{canvas::Canvas, theme::Role};
use crate::{
    app::{
        Action, Model,
        keymap::Mode,
        logs::{Content, SERVICES_MAX, Shown, Top},
        text::{grouped, wrap},
    },
    domain::{Bytes, log::Level},
};
use ratatui::layout::Rect;
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
    let mut y = 0;
    for shown in model.logs.buffer.walk(key) {
        if y >= area.height {
            break;
        }
        draw_row(model, canvas, area, y, &shown, skip);
        let rows = model.logs.rows_of(shown.row).saturating_sub(skip);
        y = y.saturating_add(u16::try_from(rows).unwrap_or(u16::MAX));
        skip = 0;
    }
}

fn draw_row(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    shown: &Shown<'_>,
    skip: usize,
) {
    let name = || model.logs.name_of(&shown.lane.service);
    match &shown.row.content {
        Content::Line(text) => {
            line::draw(model, canvas, area, y, &line::Visible { shown, text, skip })
        }
        Content::Notice(_, text) => {
            canvas.rule(area, y);
            let text = format!(" {}: {text} ", name());
            canvas.put(area, 2, y, &text, canvas.style(Role::Accent));
        }
        Content::Dropped(_, count) => {
            let (dot, bytes) = (canvas.look.glyphs.dot(), model.logs.buffer.bytes_max());
            let (lines, bytes) = (grouped(*count), Bytes(bytes as u64));
            let text = format!(
                "{dot} {}: {lines} lines dropped (buffer {bytes}) {dot}",
                name()
            );
            canvas.put(area, 2, y, &text, canvas.style(Role::Warn));
        }
    }
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
