//! One line of a log on the screen: what stands before it, its text with colours, what matches, how it ends.

use super::sign_of;
use crate::{
    app::{Model, logs::Shown, text::grouped},
    domain::{LogLine, LogStream, log::Part},
    ui::{
        ansi::{self, Laid, View},
        canvas::{Canvas, width},
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    style::{Modifier, Style},
};

/// A line, and how many of its wrapped rows are above the pane.
pub(super) struct Visible<'a> {
    pub(super) shown: &'a Shown<'a>,
    pub(super) text: &'a LogLine,
    pub(super) skip: usize,
}

/// Where the text of a line is laid out: columns of the screen before it, and what of it is visible.
struct Layout {
    at: u16,
    y: u16,
    view: View,
}

impl Layout {
    fn new(model: &Model, area: Rect, y: u16, skip: usize) -> Self {
        let logs = &model.logs;
        let left = if logs.wrap { 0 } else { logs.shift };
        let rows = usize::from(area.height.saturating_sub(y));
        Self {
            at: cells(logs.prefix()),
            y,
            view: View {
                wrap: logs.wrap_width(),
                rows: if logs.has_tall_lines() {
                    skip..skip + rows
                } else {
                    0..1
                },
                columns: left..left + logs.text_width(),
            },
        }
    }

    /// The cell of the screen for a cell of the text.
    fn cell(&self, row: usize, col: usize) -> (u16, u16) {
        let x = cells(col.saturating_sub(self.view.columns.start));
        let y = cells(row.saturating_sub(self.view.rows.start));
        (self.at.saturating_add(x), self.y.saturating_add(y))
    }
}

fn cells(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// Draws a line; gives the rows of the screen that it takes.
pub(super) fn draw(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    line: &Visible<'_>,
) -> u16 {
    if line.skip == 0 {
        draw_prefix(model, canvas, area, y, line);
    }
    let layout = Layout::new(model, area, y, line.skip);
    let text = model.logs.text_of(line.text);
    let space = Rect {
        width: area.width.saturating_sub(1),
        ..area
    };
    let laid = ansi::lay_out(&text, &layout.view, canvas.look.theme.depth());
    draw_text(canvas, space, &layout, &laid);
    draw_matches(model, canvas, space, &layout, (line, &text, &laid));
    draw_end(canvas, area, &layout, (line.text, &laid));
    cells(laid.end.0 + 1).saturating_sub(cells(line.skip))
}

fn draw_text(canvas: &mut Canvas<'_>, space: Rect, layout: &Layout, laid: &Laid<'_>) {
    let base = canvas.style(Role::Text);
    for bit in &laid.bits {
        let (x, y) = layout.cell(bit.row, bit.col);
        canvas.put(space, x, y, bit.text, base.patch(bit.style));
    }
}

fn draw_matches(
    model: &Model,
    canvas: &mut Canvas<'_>,
    space: Rect,
    layout: &Layout,
    (line, text, laid): (&Visible<'_>, &str, &Laid<'_>),
) {
    let logs = &model.logs;
    let Some(query) = logs.buffer.sieve().highlighted() else {
        return;
    };
    let style = matched(canvas, logs.current == Some(line.shown.row.key));
    let spans = query.spans_until(text, laid.bytes);
    for (row, col, wide) in ansi::cells(text, &layout.view, &spans) {
        let (x, y) = layout.cell(row, col);
        canvas.restyle(space, x, y, cells(wide), style);
    }
}

/// What is missing of a line stands at its end: cut, not ended yet, or scrolled out.
fn draw_end(
    canvas: &mut Canvas<'_>,
    area: Rect,
    layout: &Layout,
    (line, laid): (&LogLine, &Laid<'_>),
) {
    let ascii = canvas.look.glyphs.is_ascii();
    let mark = match line.cut {
        0 if line.part != Part::Begun => return draw_beyond(canvas, area, layout, &laid.beyond),
        0 if ascii => " ...".to_owned(),
        0 => " …".to_owned(),
        bytes => format!(" {} bytes cut", grouped(u64::from(bytes))),
    };
    if !layout.view.rows.contains(&laid.end.0) {
        return;
    }
    let (x, y) = layout.cell(laid.end.0, laid.end.1);
    let edge = area.width.saturating_sub(width(&mark) + 1);
    canvas.put(area, x.min(edge), y, &mark, canvas.style(Role::Warn));
}

fn draw_beyond(canvas: &mut Canvas<'_>, area: Rect, layout: &Layout, rows: &[usize]) {
    let more = if canvas.look.glyphs.is_ascii() {
        ">"
    } else {
        "›"
    };
    let edge = area.width.saturating_sub(1);
    for row in rows {
        let (_, y) = layout.cell(*row, 0);
        canvas.put(area, edge, y, more, canvas.style(Role::Faint));
    }
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

fn draw_prefix(model: &Model, canvas: &mut Canvas<'_>, area: Rect, y: u16, line: &Visible<'_>) {
    let (logs, row) = (&model.logs, line.shown.row);
    if let Some((sign, role)) = row.counts_as().and_then(sign_of) {
        canvas.put(area, 0, y, sign, canvas.style(role));
    }
    if row.late {
        canvas.put(area, 1, y, "~", canvas.style(Role::Warn));
    }
    let mut x = 2;
    if let Some(text) = logs.moment(row.at(), model.now, &model.settings.zone) {
        let text = format!("{text} ");
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
