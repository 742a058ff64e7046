//! The limits pane: the editor of what is selected or marked, or a project's limits at a glance.

mod editor;
mod field;
mod many;

pub(super) use field::draw_text_field;

use super::{canvas::Canvas, theme::Role};
use crate::{
    app::{Action, Model, keymap::Mode, known::Row, limits::Limit, text},
    domain::ServiceKind,
};
use ratatui::layout::Rect;

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    match &model.limits {
        Some(limits) => editor::draw(model, limits, canvas, area),
        None if !model.fleet.marks.is_empty() => {
            let text = "Too much is marked: limits are changed for at most 64 services at once.";
            canvas.put(area, 3, 0, text, canvas.style(Role::Warn));
        }
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
        draw_service(row, kind, canvas, area, y);
    }
    let key = |action| model.keys.hint(Mode::List, action).unwrap_or_default();
    let right = key(Action::Right);
    let text = format!("{right} selects a service to change its limits.");
    canvas.put(area, 3, 6, &text, canvas.style(Role::Dim));
    if ServiceKind::ALL
        .iter()
        .any(|kind| row.drift(*kind).is_some())
    {
        let sign = canvas.look.glyphs.drift();
        let reapply = key(Action::ReapplyLimits);
        let text =
            format!("{sign} Somebody else changed limits: {reapply} applies the hub file's again.");
        canvas.put(area, 3, 7, &text, canvas.style(Role::Warn));
    }
}

fn draw_service(row: &Row, kind: ServiceKind, canvas: &mut Canvas<'_>, area: Rect, y: u16) {
    let (limits, usage) = (row.limits_of(kind), row.usage[kind]);
    let none = || canvas.look.glyphs.none().to_owned();
    let used = |limit: Limit| limit.used(usage).unwrap_or_else(none);
    let [cpus, memory, pids] = Limit::ALL.map(used);
    let [most_cpus, most_memory, most_pids] = Limit::ALL.map(|limit| limit.shown(limits));
    let text =
        format!("{most_cpus:>8}{cpus:>10}{most_memory:>10}{memory:>10}{most_pids:>8}{pids:>8}");
    let name = format!("{kind:11}");
    let x = canvas.put(area, 3, y, &name, canvas.look.theme.service(kind));
    let x = canvas.put(area, x, y, &text, canvas.style(Role::Text));
    if let Some((now, wished)) = row.drift(kind) {
        let sign = canvas.look.glyphs.drift();
        let room = usize::from(area.width.saturating_sub(x + 3));
        let text = format!("{sign} {}", now.difference(wished));
        let text = if room < 12 {
            sign.to_owned()
        } else {
            text::cut(&text, room)
        };
        canvas.put(area, x + 1, y, &text, canvas.style(Role::Warn));
    }
}
