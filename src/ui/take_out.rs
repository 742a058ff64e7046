//! What lies over the screen to take text out of a log: a line as a whole, and the form that saves lines.

use super::{
    ansi::{self, View},
    canvas::Canvas,
    limits::draw_text_field,
    theme::Role,
};
use crate::app::{
    Action, Model,
    keymap::Mode,
    overlay::{
        line::WholeLine,
        save::{Of, SaveForm, Which},
    },
    text::{self, grouped},
    timeline::counted,
};
use ratatui::layout::Rect;

/// Rows of the form around its choices: the field, a blank, a blank, two of what went wrong, the keys, the border.
const FORM_ROWS: usize = 8;

pub(super) fn draw_line(model: &Model, line: &WholeLine, canvas: &mut Canvas<'_>, area: Rect) {
    let screen = (area.width, area.height);
    let (columns, room) = WholeLine::room(screen);
    let (rows, top) = (line.rows(screen), line.top.min(line.last_top(screen)));
    let height = u16::try_from(rows.min(room) + 5).unwrap_or(u16::MAX);
    let place = canvas.dialog(area, area.width.saturating_sub(4), height, &line.title);
    let facts = text::cut(&line.facts, columns);
    canvas.put(place, 1, 0, &facts, canvas.style(Role::Dim));
    let (base, depth) = (canvas.style(Role::Text), canvas.look.theme.depth());
    let view = View {
        wrap: columns,
        rows: top..top + room,
        columns: 0..columns,
    };
    for bit in ansi::lay_out(&line.text, &view, depth).bits {
        let (x, y) = (cells(bit.col) + 1, cells(bit.row - top) + 1);
        canvas.put(place, x, y, bit.text, base.patch(bit.style));
    }
    let last = (top + room).min(rows);
    let more = match rows {
        rows if rows > room => format!(
            "{}-{last} of {}, more with j and k   ",
            top + 1,
            grouped(rows as u64)
        ),
        _ => String::new(),
    };
    let copy = model
        .keys
        .hint(Mode::Menu, Action::Copy)
        .unwrap_or_default();
    let keys = format!("{more}{copy} copy   Esc close");
    canvas.put(
        place,
        1,
        place.height.saturating_sub(1),
        &keys,
        canvas.style(Role::Dim),
    );
}

fn cells(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

pub(super) fn draw_save(model: &Model, form: &SaveForm, canvas: &mut Canvas<'_>, area: Rect) {
    let height = cells(FORM_ROWS + form.choices.len());
    let wide = area.width.saturating_sub(4).min(76);
    let place = canvas.dialog(area, wide, height, title(form.of));
    let label = "file";
    canvas.put(place, 1, 0, label, canvas.style(Role::Accent));
    let spot = Rect {
        x: place.x.saturating_add(7),
        width: place.width.saturating_sub(8),
        height: place.height.min(1),
        ..place
    };
    draw_text_field(
        canvas,
        &form.field,
        spot,
        canvas.style(Role::Text),
        !form.sent,
    );
    for (y, (n, which)) in (2..place.height).zip(form.choices.iter().enumerate()) {
        let chosen = n == form.choice;
        let (sign, role) = if chosen {
            ("(*)", Role::Text)
        } else {
            ("( )", Role::Dim)
        };
        let text = format!("{sign} {}", words(model, form.of, *which));
        canvas.put(place, 1, y, &text, canvas.style(role));
    }
    draw_end(form, canvas, place);
}

const fn title(of: Of) -> &'static str {
    match of {
        Of::Log => "Save lines",
        Of::Timeline => "Save the timeline as Markdown",
    }
}

fn words(model: &Model, of: Of, which: Which) -> String {
    match of {
        Of::Log => words_of_log(model, which),
        Of::Timeline => words_of_timeline(model, which),
    }
}

fn words_of_timeline(model: &Model, which: Which) -> String {
    match which {
        Which::All => format!(
            "everything that is there, {}",
            counted(model.entries_of_selection().count())
        ),
        Which::Chosen | Which::Shown => {
            format!("what is shown, {}", counted(model.entries().count()))
        }
    }
}

fn words_of_log(model: &Model, which: Which) -> String {
    let buffer = &model.logs.buffer;
    let all: usize = buffer.lanes().iter().map(|lane| lane.rows().lines()).sum();
    match which {
        Which::Chosen => "the chosen lines".to_owned(),
        Which::Shown => format!(
            "what is shown, {} lines",
            grouped(buffer.shown_lines() as u64)
        ),
        Which::All => format!("everything that is there, {} lines", grouped(all as u64)),
    }
}

fn draw_end(form: &SaveForm, canvas: &mut Canvas<'_>, place: Rect) {
    let keys_at = place.height.saturating_sub(1);
    let (text, role) = match &form.error {
        Some(error) => (error.as_str(), Role::Bad),
        None if form.sent => ("making the file", Role::Wait),
        None => ("", Role::Dim),
    };
    let lines = text::wrap(text, usize::from(place.width.saturating_sub(2)));
    for (y, line) in (keys_at.saturating_sub(2)..keys_at).zip(&lines) {
        canvas.put(place, 1, y, line, canvas.style(role));
    }
    let keys = match form.choices.len() {
        1 => "Enter save   Esc leave",
        _ => "Enter save   Tab the other   Esc leave",
    };
    canvas.put(place, 1, keys_at, keys, canvas.style(Role::Dim));
}
