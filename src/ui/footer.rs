//! The last rows: operations that run, hints, and short messages above them.

use super::{
    canvas::{Canvas, width},
    limits::draw_text_field,
    theme::Role,
};
use crate::{
    app::{
        Action, Hit, Model,
        field::Field,
        hints::Hint,
        keymap::Mode,
        logs::search::{Asking, Purpose},
        text,
        toasts::{Mood, Toast},
    },
    domain::log::Syntax,
    hub::{Job, JobState},
};
use ratatui::{layout::Rect, style::Style};

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    if let Some(field) = &model.fleet.typing {
        let end = ("Enter keeps it  Esc shows all".to_owned(), Role::Dim);
        draw_typing(canvas, area, "/", field, &end);
        return;
    }
    if let (Mode::Query, Some(asking)) = (model.mode(), &model.logs.asking) {
        draw_asking(model, canvas, area, asking);
        return;
    }
    let (hints, end) = model.hints();
    let size = |hint: &Hint| width(&hint.key) + width(hint.word) + 3;
    let end_at = area.width.saturating_sub(end.iter().map(size).sum::<u16>());
    let mut x = 1;
    for hint in &hints {
        if x + size(hint) > end_at {
            break;
        }
        x = draw_hint(canvas, area, x, hint);
    }
    x = end_at.max(1);
    for hint in &end {
        x = draw_hint(canvas, area, x, hint);
    }
}

/// A text that is typed, and at the right end what can be done with it.
fn draw_typing(
    canvas: &mut Canvas<'_>,
    area: Rect,
    sign: &str,
    field: &Field,
    (end, role): &(String, Role),
) {
    let x = canvas.put(area, 1, 0, sign, canvas.style(Role::Accent));
    let place = Rect {
        x: area.x + x,
        width: area.width.saturating_sub(x + width(end) + 2),
        ..area
    };
    draw_text_field(canvas, field, place, canvas.style(Role::Text), true);
    let right = area.width.saturating_sub(1);
    canvas.put_right(area, right, 0, end, canvas.style(*role));
}

/// What is searched for in a log, or filtered by, while it is typed.
fn draw_asking(model: &Model, canvas: &mut Canvas<'_>, area: Rect, asking: &Asking) {
    let (sign, other_purpose, leave) = match asking.purpose {
        Purpose::Search => ("/", "filter", "Esc ends it"),
        Purpose::Filter => ("&", "search", "Esc shows all"),
        Purpose::Time => return draw_time(canvas, area, asking),
    };
    let next = model.keys.hint(Mode::Query, Action::NextField);
    let next = next.map_or_else(String::new, |key| format!("{key} {other_purpose}  "));
    let key = model
        .keys
        .hint(Mode::Query, Action::Regex)
        .unwrap_or_default();
    let other = match model.logs.syntax {
        Syntax::Plain => format!("{key} regex"),
        Syntax::Regex => format!("regex, {key} plain"),
    };
    let room = usize::from(area.width / 2);
    let end = match &asking.error {
        Some(error) => (text::cut(error, room), Role::Bad),
        None => (format!("{next}{other}  Enter keeps it  {leave}"), Role::Dim),
    };
    draw_typing(canvas, area, sign, &asking.field, &end);
}

/// The time to go to, while it is typed.
fn draw_time(canvas: &mut Canvas<'_>, area: Rect, asking: &Asking) {
    let end = match &asking.error {
        Some(why) => (why.clone(), Role::Bad),
        None => (
            "14:05, 14:05:30, -10m, 2026-11-21 14:05".to_owned(),
            Role::Dim,
        ),
    };
    draw_typing(canvas, area, "to ", &asking.field, &end);
}

fn draw_hint(canvas: &mut Canvas<'_>, area: Rect, x: u16, hint: &Hint) -> u16 {
    let end = canvas.put(area, x, 0, &hint.key, canvas.style(Role::Accent));
    let end = canvas.put(area, end + 1, 0, hint.word, canvas.style(Role::Dim));
    canvas.hit(area, x, 0, end.saturating_sub(x), Hit::Action(hint.action));
    end + 2
}

pub(super) fn draw_jobs(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    for (y, job) in (0..area.height).zip(model.known.open_jobs()) {
        draw_job(model, canvas, area, y, job);
    }
}

fn draw_job(model: &Model, canvas: &mut Canvas<'_>, area: Rect, y: u16, job: &Job) {
    let key = model
        .keys
        .hint(Mode::List, Action::Cancel)
        .unwrap_or_default();
    let selected = model.fleet.project.as_ref() == Some(&job.target.project);
    let end = if selected {
        format!("{key} cancel")
    } else {
        String::new()
    };
    let right = canvas.put_right(
        area,
        area.width.saturating_sub(1),
        y,
        &end,
        canvas.style(Role::Dim),
    );
    let area = Rect {
        width: right.saturating_sub(1),
        ..area
    };
    let (sign, text) = progress(model, canvas, job);
    let x = canvas.put(area, 1, y, sign, canvas.style(Role::Wait)) + 1;
    let x = canvas.put(
        area,
        x,
        y,
        &job.target.to_string(),
        canvas.style(Role::Text),
    ) + 2;
    let x = canvas.put(area, x, y, job.verb.as_str(), canvas.style(Role::Accent)) + 2;
    canvas.put(area, x, y, &text, canvas.style(Role::Dim));
}

/// The sign and the words of how far a job is.
pub(super) fn progress(model: &Model, canvas: &Canvas<'_>, job: &Job) -> (&'static str, String) {
    let glyphs = canvas.look.glyphs;
    let steps = match (job.progress.done, job.progress.steps) {
        (_, 0) => String::new(),
        (done, steps) => format!("{done}/{steps}  "),
    };
    match job.state {
        JobState::Waiting => (glyphs.dot(), "waits for the operation before it".to_owned()),
        _ => (
            glyphs.spinner(model.spin()),
            format!("{steps}{}", job.progress.text),
        ),
    }
}

/// Short messages in the lower right corner, the newest at the bottom.
pub(super) fn draw_toasts(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let rows = model.rows();
    let mut bottom = area.height.saturating_sub(rows.footer + rows.jobs);
    for toast in model.toasts.iter().rev() {
        bottom = draw_toast(canvas, area, bottom, toast);
    }
}

fn draw_toast(canvas: &mut Canvas<'_>, area: Rect, bottom: u16, toast: &Toast) -> u16 {
    let (role, sign) = match toast.mood {
        Mood::Good => (Role::Good, "●"),
        Mood::Info => (Role::Accent, "·"),
        Mood::Bad => (Role::Bad, "✖"),
    };
    let sign = match (canvas.look.glyphs.is_ascii(), toast.mood) {
        (false, _) => sign,
        (true, Mood::Good) => "o",
        (true, Mood::Info) => "*",
        (true, Mood::Bad) => "X",
    };
    let most = usize::from(area.width.saturating_sub(8)).clamp(8, 76);
    let lines = text::wrap(&toast.text, most);
    let wide = lines.iter().map(|line| width(line)).max().unwrap_or(0);
    let height = u16::try_from(lines.len()).unwrap_or(1).min(4);
    // Two rows stay for what the messages are about.
    let Some(top) = bottom.checked_sub(height).filter(|top| *top >= 2) else {
        return bottom;
    };
    let place = Rect {
        x: area.x + area.width.saturating_sub(wide + 6),
        y: area.y + top,
        width: wide + 6,
        height,
    };
    canvas.blank(place);
    for (y, line) in (0..height).zip(&lines) {
        let edge: Style = canvas.style(role);
        canvas.put(place, 1, y, canvas.look.glyphs.edge(), edge);
        if y == 0 {
            canvas.put(place, 2, y, sign, edge);
        }
        canvas.put(place, 4, y, line, canvas.style(Role::Text));
    }
    top
}
