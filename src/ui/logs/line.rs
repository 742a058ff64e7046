//! One line of a log on the screen: what stands before it, its text with colours, what matches, how it ends.

use super::sign_of;
use crate::{
    app::{
        Model,
        logs::{Shown, stamp},
        text::{columns, grouped},
    },
    domain::{LogLine, LogStream, log::Part},
    ui::{
        ansi,
        canvas::{Canvas, width},
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    style::{Modifier, Style},
};
use std::ops::Range;

/// A line, and how many of its wrapped rows are above the pane.
pub(super) struct Visible<'a> {
    pub(super) shown: &'a Shown<'a>,
    pub(super) text: &'a LogLine,
    pub(super) skip: usize,
}

/// Where the text of a line is laid out: columns of the screen before it, where it wraps, what of it is visible.
struct Layout {
    at: u16,
    y: u16,
    wrap: usize,
    rows: Range<usize>,
    columns: Range<usize>,
}

impl Layout {
    fn new(model: &Model, area: Rect, y: u16, skip: usize) -> Self {
        let logs = &model.logs;
        let (wide, left) = (logs.text_width(), if logs.wrap { 0 } else { logs.shift });
        Self {
            at: cells(logs.prefix()),
            y,
            wrap: if logs.wrap { wide } else { usize::MAX },
            rows: if logs.wrap {
                skip..skip + usize::from(area.height.saturating_sub(y))
            } else {
                0..1
            },
            columns: left..left + wide,
        }
    }

    /// The cell of the screen for a cell of the text.
    fn cell(&self, row: usize, col: usize) -> (u16, u16) {
        let x = self.at.saturating_add(cells(col - self.columns.start));
        (x, self.y.saturating_add(cells(row - self.rows.start)))
    }
}

fn cells(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, area: Rect, y: u16, line: &Visible<'_>) {
    if line.skip == 0 {
        draw_prefix(model, canvas, area, y, line);
    }
    let layout = Layout::new(model, area, y, line.skip);
    let text = model.logs.text_of(line.text);
    let space = Rect {
        width: area.width.saturating_sub(1),
        ..area
    };
    draw_text(canvas, space, &layout, &text);
    draw_matches(model, canvas, space, &layout, (line, &text));
    draw_end(model, canvas, area, &layout, (line.text, &text));
}

fn draw_text(canvas: &mut Canvas<'_>, space: Rect, layout: &Layout, text: &str) {
    let (base, depth) = (canvas.style(Role::Text), canvas.look.theme.depth());
    let (rows, columns) = (layout.rows.clone(), layout.columns.clone());
    for bit in ansi::lay_out(text, layout.wrap, rows, columns, depth) {
        let (x, y) = layout.cell(bit.row, bit.col);
        canvas.put(space, x, y, &bit.text, base.patch(bit.style));
    }
}

fn draw_matches(
    model: &Model,
    canvas: &mut Canvas<'_>,
    space: Rect,
    layout: &Layout,
    (line, text): (&Visible<'_>, &str),
) {
    let logs = &model.logs;
    let Some(query) = logs.buffer.sieve().highlighted() else {
        return;
    };
    let style = matched(canvas, logs.current == Some(line.shown.row.key));
    let spans = query.spans_in(text);
    let (rows, columns) = (layout.rows.clone(), layout.columns.clone());
    for (row, col, wide) in ansi::cells(text, layout.wrap, rows, columns, &spans) {
        let (x, y) = layout.cell(row, col);
        canvas.restyle(space, x, y, cells(wide), style);
    }
}

/// What is missing of a line stands at its end: cut, not ended yet, or scrolled out.
fn draw_end(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    layout: &Layout,
    (line, text): (&LogLine, &str),
) {
    let ascii = canvas.look.glyphs.is_ascii();
    let beyond = layout.columns.end;
    let mark = match line.cut {
        0 if line.part != Part::Begun => {
            if !model.logs.wrap && columns_beyond(text, beyond) {
                let more = if ascii { ">" } else { "›" };
                let edge = area.width.saturating_sub(1);
                canvas.put(area, edge, layout.y, more, canvas.style(Role::Faint));
            }
            return;
        }
        0 if ascii => " ...".to_owned(),
        0 => " …".to_owned(),
        bytes => format!(" {} bytes cut", grouped(u64::from(bytes))),
    };
    let end = columns(text).saturating_sub(layout.columns.start);
    let edge = area.width.saturating_sub(width(&mark) + 1);
    let x = layout.at.saturating_add(cells(end)).min(edge);
    canvas.put(area, x, layout.y, &mark, canvas.style(Role::Warn));
}

/// What matches is reversed; where the reader stands, it is bold and underlined as well.
fn matched(canvas: &Canvas<'_>, here: bool) -> Style {
    let role = if here { Role::Warn } else { Role::Accent };
    let style = canvas.style(role).add_modifier(Modifier::REVERSED);
    if here {
        style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
    } else {
        style
    }
}

/// True if the text goes on after that many columns; looks no farther than needed for plain text.
fn columns_beyond(text: &str, limit: usize) -> bool {
    text.len() > limit && columns(text) > limit
}

fn draw_prefix(model: &Model, canvas: &mut Canvas<'_>, area: Rect, y: u16, line: &Visible<'_>) {
    let (logs, row) = (&model.logs, line.shown.row);
    if let Some((sign, role)) = row.counts_as().and_then(sign_of) {
        canvas.put(area, 0, y, sign, canvas.style(role));
    }
    if row.late {
        canvas.put(area, 1, y, "~", canvas.style(Role::Warn));
    }
    let mut x = 2;
    if let Some(zone) = logs.zone(&model.settings.zone) {
        let text = format!("{} ", stamp(row.at(), &zone));
        x = canvas.put(area, x, y, &text, canvas.style(Role::Faint));
    }
    if logs.is_merged() {
        let service = &line.shown.lane.service;
        let name = format!("{:1$} ", logs.name_of(service), logs.name_width);
        x = canvas.put(area, x, y, &name, canvas.look.theme.service(service.kind));
    }
    if line.text.stream == LogStream::Err {
        let sign = canvas.look.glyphs.stderr();
        canvas.put(area, x, y, sign, canvas.style(Role::Warn));
    }
}
