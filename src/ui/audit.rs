//! Draws the dialog with what the selection's containers lack in hardening: a row each, and the chosen one in full below.

use super::{
    canvas::Canvas,
    lists::{finish_item, first_visible},
    theme::Role,
};
use crate::app::{
    Action, Model,
    fleet::Verdict,
    keymap::Mode,
    overlay::audit::{Audit, Item},
    text,
};
use ratatui::layout::Rect;

/// Columns of a service's name and a gap.
const SERVICE: u16 = 10;
/// Rows of the chosen one in full, at most.
const WHOLE_MAX: usize = 6;

pub(super) fn draw(model: &Model, audit: &Audit, canvas: &mut Canvas<'_>, area: Rect) {
    let wide = area.width.saturating_sub(4).min(110);
    let whole = WHOLE_MAX + 4;
    let height = u16::try_from(audit.items.len() + whole)
        .unwrap_or(u16::MAX)
        .min(area.height.saturating_sub(2));
    let place = canvas.dialog(area, wide, height, &audit.title);
    let keys_at = place.height.saturating_sub(1);
    let lines = audit.chosen().map(|item| in_full(item, place.width));
    let lines = lines.unwrap_or_default();
    let rows = keys_at.saturating_sub(u16::try_from(WHOLE_MAX + 1).unwrap_or(0));
    let first = first_visible(audit.index, rows);
    for (y, (n, item)) in (0..rows).zip(audit.items.iter().enumerate().skip(first)) {
        draw_item(canvas, place, y, item);
        finish_item(canvas, place, y, n, n == audit.index);
    }
    for (y, (line, role)) in (rows + 1..keys_at).zip(&lines) {
        canvas.put(place, 1, y, line, canvas.style(*role));
    }
    let key = |action| model.keys.hint(Mode::Menu, action).unwrap_or_default();
    let (copy, back) = (key(Action::Copy), key(Action::Back));
    let keys = format!("{copy} copy the mend   {back} close");
    canvas.put(place, 1, keys_at, &keys, canvas.style(Role::Dim));
}

fn draw_item(canvas: &mut Canvas<'_>, place: Rect, y: u16, item: &Item) {
    let verdict = match item.is_grave {
        true => Verdict::Down,
        false => Verdict::Slow,
    };
    let style = canvas.look.theme.verdict(verdict);
    canvas.put(place, 2, y, canvas.look.glyphs.verdict(verdict), style);
    let service = text::cut(&item.service, usize::from(SERVICE - 1));
    canvas.put(place, 4, y, &service, canvas.style(Role::Dim));
    let room = usize::from(place.width.saturating_sub(5 + SERVICE));
    let what = text::cut(&item.what, room);
    canvas.put(place, 4 + SERVICE, y, &what, canvas.style(Role::Text));
}

/// The chosen one: what it is where the list cuts it, why it matters, and the mend as it is copied.
fn in_full(item: &Item, wide: u16) -> Vec<(String, Role)> {
    let room = usize::from(wide.saturating_sub(2));
    let wrapped = |text: &str, role: Role| {
        let lines = text::wrap(text, room).into_iter();
        lines.map(move |line| (line, role)).collect::<Vec<_>>()
    };
    let grave = match item.is_grave {
        true => "Serious: ",
        false => "",
    };
    let is_cut = text::columns(&item.what) > usize::from(wide.saturating_sub(5 + SERVICE));
    let what = match is_cut {
        true => wrapped(&item.what, Role::Text),
        false => Vec::new(),
    };
    let mend = wrapped(&item.mend, Role::Accent);
    let mut lines = [what, wrapped(&format!("{grave}{}", item.why), Role::Text)].concat();
    // The mend is never what there is no room for.
    lines.truncate(WHOLE_MAX.saturating_sub(mend.len().min(WHOLE_MAX)));
    [lines, mend].concat()
}
