//! The rows of an editor of many services: what each becomes, what speaks against it, and what became of it.

use crate::{
    app::{
        Model,
        fleet::Verdict,
        limits::{ItemState, words::Line},
        text,
    },
    ui::{canvas::Canvas, theme::Role},
};
use ratatui::layout::Rect;

/// Columns of a name at most.
const NAME_MAX: usize = 30;

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, area: Rect, top: u16) {
    let lines = model.limits_lines();
    let room = usize::from(area.height.saturating_sub(top));
    let shown = if lines.len() > room {
        room.saturating_sub(1)
    } else {
        lines.len()
    };
    let names = lines.iter().map(|line| text::columns(&line.name));
    let widest = names.max().unwrap_or(0).min(NAME_MAX);
    let mut y = top;
    for line in lines.iter().take(shown) {
        draw_line(line, widest, canvas, area, y);
        y += 1;
    }
    if shown < lines.len() {
        let text = format!("and {} more", lines.len() - shown);
        canvas.put(area, 5, y, &text, canvas.style(Role::Faint));
    }
}

fn draw_line(line: &Line, widest: usize, canvas: &mut Canvas<'_>, area: Rect, y: u16) {
    let glyphs = canvas.look.glyphs;
    let (sign, role) = match &line.state {
        Some(ItemState::Failed(_)) => (glyphs.verdict(Verdict::Down), Role::Bad),
        Some(ItemState::Waiting | ItemState::Sent) => {
            (glyphs.verdict(Verdict::Starting), Role::Wait)
        }
        Some(ItemState::Done(_)) => (glyphs.verdict(Verdict::Ok), Role::Good),
        Some(ItemState::Cancelled) => (glyphs.verdict(Verdict::Stopped), Role::Faint),
        None => (" ", Role::Text),
    };
    canvas.put(area, 3, y, sign, canvas.style(role));
    let name = text::cut(&line.name, widest);
    canvas.put(area, 5, y, &name, canvas.style(Role::Text));
    let x = 5 + u16::try_from(widest).unwrap_or(0) + 2;
    let room = usize::from(area.width.saturating_sub(x + 1));
    let words = if line.state.is_some() {
        role
    } else {
        Role::Dim
    };
    let x = canvas.put(
        area,
        x,
        y,
        &text::cut(&line.text, room),
        canvas.style(words),
    );
    if let Some(risk) = &line.risk {
        let verdict = if risk.is_grave {
            Verdict::Down
        } else {
            Verdict::Slow
        };
        let role = if risk.is_grave { Role::Bad } else { Role::Warn };
        let text = format!("{} {}", glyphs.verdict(verdict), risk.text);
        let room = usize::from(area.width.saturating_sub(x + 3));
        canvas.put(area, x + 2, y, &text::cut(&text, room), canvas.style(role));
    }
}
