//! A text field, as the editor of limits, dialogs and the footer draw it.

use crate::{app::field::Field, ui::canvas::Canvas};
use ratatui::{
    layout::Rect,
    style::{Modifier, Style},
    widgets::Widget,
};

/// A field's text, with the cursor where it has the keys.
pub(in crate::ui) fn draw_text_field(
    canvas: &mut Canvas<'_>,
    field: &Field,
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
