//! The limits editor: what is in force, what is used, what it becomes, and what the host has left.

use super::{canvas::Canvas, theme::Role};
use crate::{
    app::{
        Action, Model,
        detail::failure_text,
        keymap::Mode,
        limits::{Limit, LimitsEditor, Outcome, promised},
        text,
    },
    domain::{Limits, ServiceKind, limits::Capacity},
};
use ratatui::{
    layout::Rect,
    style::{Modifier, Style},
    widgets::Widget,
};

/// Where the columns begin: now, in use, peak, new, default, errors.
const COLUMNS: [u16; 6] = [11, 21, 31, 41, 55, 66];
/// Columns of a field with its brackets.
const FIELD: u16 = 12;
const HEADS: [&str; 5] = ["now", "in use", "peak", "new", "default"];

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    match &model.limits {
        Some(editor) => draw_editor(model, editor, canvas, area),
        None => draw_overview(model, canvas, area),
    }
}

/// A project is selected: the limits of its services, to be read only.
fn draw_overview(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let row = model
        .fleet
        .project
        .as_ref()
        .and_then(|name| model.known.rows.get(name));
    let Some(row) = row else {
        return;
    };
    let head = format!(
        "{:11}{:>8}{:>10}{:>10}{:>10}{:>8}{:>8}",
        "", "CPUs", "in use", "memory", "in use", "pids", "in use"
    );
    canvas.put(area, 3, 0, &head, canvas.style(Role::Faint));
    for (y, kind) in (1..area.height).zip(ServiceKind::ALL) {
        let (limits, usage) = (row.limits_of(kind), row.usage[kind]);
        let none = || canvas.look.glyphs.none().to_owned();
        let used = |limit: Limit| limit.used(usage).unwrap_or_else(none);
        let [cpus, memory, pids] = Limit::ALL.map(used);
        let text = format!(
            "{:>8}{cpus:>10}{:>10}{memory:>10}{:>8}{pids:>8}",
            limits.cpus, limits.memory, limits.pids
        );
        let x = canvas.put(
            area,
            3,
            y,
            &format!("{kind:11}"),
            canvas.look.theme.service(kind),
        );
        canvas.put(area, x, y, &text, canvas.style(Role::Text));
    }
    let key = model
        .keys
        .hint(Mode::List, Action::Right)
        .unwrap_or_default();
    canvas.put(
        area,
        3,
        6,
        &format!("{key} selects a service to change its limits."),
        canvas.style(Role::Dim),
    );
}

fn draw_editor(model: &Model, editor: &LimitsEditor, canvas: &mut Canvas<'_>, area: Rect) {
    let id = &editor.service;
    let Some(row) = model.known.rows.get(&id.project) else {
        return;
    };
    let (now, usage) = (row.limits_of(id.kind), row.usage[id.kind]);
    let default = Limits::default_of(id.kind);
    let host = model.known.capacity();
    for (head, x) in HEADS.into_iter().zip(COLUMNS) {
        canvas.put(area, x, 0, head, canvas.style(Role::Faint));
    }
    let mut y = 1;
    for (n, (limit, error)) in Limit::ALL.into_iter().zip(editor.errors(host)).enumerate() {
        let none = || canvas.look.glyphs.none().to_owned();
        canvas.put(area, 3, y, limit.word(), canvas.style(Role::Text));
        canvas.put(
            area,
            COLUMNS[0],
            y,
            &limit.shown(now),
            canvas.style(Role::Text),
        );
        let used = limit.used(usage).unwrap_or_else(none);
        canvas.put(area, COLUMNS[1], y, &used, canvas.style(Role::Dim));
        let peak = limit.peak(usage).unwrap_or_else(none);
        canvas.put(area, COLUMNS[2], y, &peak, canvas.style(Role::Dim));
        canvas.put(
            area,
            COLUMNS[4],
            y,
            &limit.shown(default),
            canvas.style(Role::Faint),
        );
        draw_field(model, editor, n, error.is_some(), canvas, area, y);
        y = draw_error(canvas, area, y, error.as_deref());
    }
    y += u16::from(y + 4 < area.height);
    y = draw_promise(model, editor, host, canvas, area, y);
    y = draw_outcome(editor, canvas, area, y);
    draw_keys(model, canvas, area, y);
}

/// What is wrong with a field: beside it where there is room, else below it. Gives the next row.
fn draw_error(canvas: &mut Canvas<'_>, area: Rect, y: u16, error: Option<&str>) -> u16 {
    let Some(error) = error else {
        return y + 1;
    };
    let style = canvas.style(Role::Bad);
    let room = usize::from(area.width.saturating_sub(COLUMNS[5] + 1));
    if text::columns(error) <= room {
        canvas.put(area, COLUMNS[5], y, error, style);
        return y + 1;
    }
    let error = text::cut(error, usize::from(area.width.saturating_sub(4)));
    canvas.put(area, 3, y + 1, &error, style);
    y + 2
}

fn draw_field(
    model: &Model,
    editor: &LimitsEditor,
    n: usize,
    is_bad: bool,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
) {
    let focused = model.mode() == Mode::Limits && editor.focus == n;
    let Some(field) = editor.fields.get(n) else {
        return;
    };
    let bracket = canvas.style(if focused { Role::Accent } else { Role::Rule });
    canvas.put(area, COLUMNS[3], y, "[", bracket);
    canvas.put(area, COLUMNS[3] + FIELD - 1, y, "]", bracket);
    let role = if is_bad { Role::Bad } else { Role::Text };
    let place = Rect::new(area.x + COLUMNS[3] + 1, area.y + y, FIELD - 2, 1);
    if y < area.height {
        draw_text_field(canvas, field, place, canvas.style(role), focused);
    }
}

/// A field's text, with the cursor where it has the keys.
pub(super) fn draw_text_field(
    canvas: &mut Canvas<'_>,
    field: &crate::app::field::Field,
    place: Rect,
    style: Style,
    focused: bool,
) {
    let place = place.intersection(canvas.buf.area);
    if place.is_empty() {
        return;
    }
    let mut area = field.area().clone();
    area.set_style(style);
    area.set_cursor_line_style(style);
    let cursor = if focused {
        style.add_modifier(Modifier::REVERSED)
    } else {
        style
    };
    area.set_cursor_style(cursor);
    (&area).render(place, canvas.buf);
}

/// What all projects together may use, against what the host has.
fn draw_promise(
    model: &Model,
    editor: &LimitsEditor,
    host: Capacity,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
) -> u16 {
    let (cpus, memory) = promised(&model.known, &editor.service, editor.wished(host));
    if host.is_unknown() {
        let text = format!("All projects may use {cpus} CPUs and {memory} together.");
        canvas.put(area, 3, y, &text, canvas.style(Role::Dim));
        return y + 1;
    }
    let over = cpus > host.cpus || memory > host.memory;
    let role = if over { Role::Warn } else { Role::Dim };
    let sign = canvas.look.glyphs.verdict(crate::app::fleet::Verdict::Slow);
    let begin = if over {
        format!("{sign} Over the host: all projects")
    } else {
        "All projects".to_owned()
    };
    let text = format!(
        "{begin} may use {cpus} of {} CPUs, {memory} of {}.",
        host.cpus, host.memory
    );
    let text = text::cut(&text, usize::from(area.width.saturating_sub(4)));
    canvas.put(area, 3, y, &text, canvas.style(role));
    y + 1
}

fn draw_outcome(editor: &LimitsEditor, canvas: &mut Canvas<'_>, area: Rect, y: u16) -> u16 {
    let (text, role) = match &editor.outcome {
        Outcome::None => return y,
        Outcome::Sent(_) => ("Applying …".to_owned(), Role::Wait),
        Outcome::Done(text) if text.is_empty() => ("Applied.".to_owned(), Role::Good),
        Outcome::Done(text) => (text.clone(), Role::Good),
        Outcome::Failed(failure) => {
            let text = failure_text(failure);
            (
                format!("Not applied, the old values stand: {text}"),
                Role::Bad,
            )
        }
    };
    let lines = text::wrap(&text, usize::from(area.width.saturating_sub(5)));
    let mut y = y;
    for line in lines.iter().take(3) {
        canvas.put(area, 3, y, line, canvas.style(role));
        y += 1;
    }
    y
}

fn draw_keys(model: &Model, canvas: &mut Canvas<'_>, area: Rect, y: u16) {
    let key = |mode, action| model.keys.hint(mode, action).unwrap_or_default();
    let text = if model.mode() == Mode::Limits {
        "Applied live, without a restart.".to_owned()
    } else {
        format!(
            "{} edits these values.",
            key(Mode::List, Action::ShowLimits)
        )
    };
    canvas.put(area, 3, y, &text, canvas.style(Role::Faint));
}
