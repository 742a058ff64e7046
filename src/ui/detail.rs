//! The Why pane: the sentence that answers the question, then the facts in two columns.

use super::{canvas::Canvas, theme::Role};
use crate::app::{
    Model,
    detail::{Line, Tone},
    hints::{LABEL, wrapped},
};
use ratatui::{layout::Rect, style::Style};

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let lines = model.detail();
    let rows = lines.iter().flat_map(|line| {
        wrapped(line, usize::from(area.width))
            .into_iter()
            .enumerate()
            .map(move |(n, text)| (line, n, text))
    });
    for (y, (line, n, text)) in (0..area.height).zip(rows.skip(model.detail_top)) {
        draw_line(canvas, area, y, line, n, &text);
    }
}

fn draw_line(canvas: &mut Canvas<'_>, area: Rect, y: u16, line: &Line, n: usize, text: &str) {
    if line.label.is_empty() {
        canvas.put(area, 1, y, text, style(canvas, line.tone));
        return;
    }
    if n == 0 {
        canvas.put(area, 3, y, &line.label, canvas.style(Role::Faint));
    }
    let label = u16::try_from(LABEL).unwrap_or(13);
    canvas.put(area, label, y, text, style(canvas, line.tone));
}

fn style(canvas: &Canvas<'_>, tone: Tone) -> Style {
    match tone {
        Tone::Lead(verdict) => canvas.look.theme.verdict(verdict),
        Tone::Plain => canvas.style(Role::Text),
        Tone::Warn => canvas.style(Role::Warn),
        Tone::Bad => canvas.style(Role::Bad),
        Tone::Dim | Tone::Log => canvas.style(Role::Dim),
    }
}
