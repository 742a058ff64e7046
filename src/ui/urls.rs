//! Draws the dialog with the URLs, ports and ssh line of a project.

use super::{
    canvas::{Canvas, width},
    lists::{finish_item, first_visible},
    theme::Role,
};
use crate::{
    app::{Action, Model, keymap::Mode, overlay::urls::Urls, text},
    stack::reach::{Line, Use},
};
use ratatui::layout::Rect;

/// Columns of the labels: the longest one and a gap.
const LABEL: u16 = 12;
/// Rows beside the lines: the border, the chosen line as a whole, the keys.
const AROUND: usize = 7;
/// Rows that a line takes as a whole, at most.
const WHOLE_MAX: usize = 3;

pub(super) fn draw(model: &Model, urls: &Urls, canvas: &mut Canvas<'_>, area: Rect) {
    let wide = area.width.saturating_sub(4).min(110);
    let height = u16::try_from(urls.lines.len() + AROUND).unwrap_or(u16::MAX);
    let place = canvas.dialog(area, wide, height, &urls.title);
    let keys_at = place.height.saturating_sub(1);
    let whole = whole(urls, place.width);
    let rows = keys_at.saturating_sub(u16::try_from(whole.len() + 1).unwrap_or(0));
    let first = first_visible(urls.index, rows);
    for (y, (n, line)) in (0..rows).zip(urls.lines.iter().enumerate().skip(first)) {
        draw_line(canvas, place, y, line);
        finish_item(canvas, place, y, n, n == urls.index);
    }
    for (y, line) in (rows + 1..keys_at).zip(&whole) {
        canvas.put(place, 1, y, line, canvas.style(Role::Accent));
    }
    let keys = keys(model, urls);
    canvas.put(place, 1, keys_at, &keys, canvas.style(Role::Dim));
}

fn draw_line(canvas: &mut Canvas<'_>, place: Rect, y: u16, line: &Line) {
    canvas.put(place, 2, y, line.label, canvas.style(Role::Dim));
    let port = line.port.map_or_else(String::new, |port| port.to_string());
    let x = canvas.put(
        place,
        LABEL + 2,
        y,
        &format!("{port:5}"),
        canvas.style(Role::Text),
    );
    let room = usize::from(place.width.saturating_sub(x + 3));
    let text = text::cut(&line.text, room);
    canvas.put(place, x + 2, y, &text, canvas.style(Role::Text));
}

/// The chosen line, where the list cuts it: what is copied can be read before.
fn whole(urls: &Urls, wide: u16) -> Vec<String> {
    let room = wide.saturating_sub(LABEL + 10);
    let cut = urls.chosen().filter(|line| width(&line.text) > room);
    cut.map_or_else(Vec::new, |line| {
        let mut lines = text::wrap(&line.text, usize::from(wide.saturating_sub(2)));
        lines.truncate(WHOLE_MAX);
        lines
    })
}

fn keys(model: &Model, urls: &Urls) -> String {
    let key = |action| model.keys.hint(Mode::Menu, action).unwrap_or_default();
    let (copy, open, back) = (key(Action::Copy), key(Action::Open), key(Action::Back));
    let is_url = urls.chosen().is_some_and(|line| line.usage == Use::Url);
    match urls.browsable() {
        Some(_) => format!("{copy} copy   {open} open in the browser   {back} close"),
        None if is_url => {
            format!("{copy} copy   {back} close   (no browser here: use the ssh line)")
        }
        None => format!("{copy} copy   {back} close"),
    }
}
