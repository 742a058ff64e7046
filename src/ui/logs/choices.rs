//! Which parts of a log can be asked for: the labels at the right end of its title.

use crate::{
    app::{
        Action, Hit, Model,
        keymap::Mode,
        logs::{Reach, reach::CHOICES},
    },
    ui::{
        canvas::{Canvas, width},
        theme::Role,
    },
};
use ratatui::layout::Rect;

/// Columns from which all choices stand in the title, whatever else does.
const WIDE: u16 = 100;

/// `[0 tail]1 head 2 1m …`: the parts of a log that can be asked for; gives the column where they begin. Where the title
/// needs the room, only the one that is shown.
pub(in crate::ui) fn draw_choices(model: &Model, canvas: &mut Canvas<'_>, area: Rect) -> u16 {
    let word = |action: Action| {
        let key = model.keys.hint(Mode::Log, action).unwrap_or_default();
        format!("{key} {}", action.spec().hint)
    };
    let sieve = model.logs.buffer.sieve();
    // Whose lines they are, and how bad, is worth more than what else could be asked for.
    let busy = model.logs.is_merged() || sieve.query.is_some() || !sieve.shows_all();
    let is_on = |reach: Reach| reach == model.logs.reach;
    let choices = CHOICES
        .into_iter()
        .filter(|(_, reach)| area.width >= WIDE || !busy || is_on(*reach));
    let words: Vec<_> = choices
        .map(|(action, reach)| (word(action), action, is_on(reach)))
        .collect();
    let total: u16 = words.iter().map(|(word, ..)| width(word) + 1).sum();
    let begin = area.width.saturating_sub(total + 2);
    let (mut x, mut was_on) = (begin, false);
    for (word, action, on) in &words {
        let role = if *on { Role::Accent } else { Role::Faint };
        x = canvas.put(area, x, 0, bracket(*on, was_on), canvas.style(role));
        canvas.hit(area, x, 0, width(word), Hit::Action(*action));
        x = canvas.put(area, x, 0, word, canvas.style(role));
        was_on = *on;
    }
    canvas.put(
        area,
        x,
        0,
        bracket(false, was_on),
        canvas.style(Role::Accent),
    );
    begin
}

/// What stands between two choices, one of which may be on.
const fn bracket(is_on: bool, was_on: bool) -> &'static str {
    match (is_on, was_on) {
        (true, _) => "[",
        (false, true) => "]",
        (false, false) => " ",
    }
}
