//! One cell of the matrix: a sign, a word or a latency, and the last checks where there is room.

use super::Columns;
use crate::{
    app::{
        Hit, Model,
        fleet::{Verdict, verdict},
        known::Row,
        text,
    },
    domain::{Health, ServiceId, ServiceKind, cause, health::State},
    ui::{
        canvas::{Canvas, width},
        theme::Role,
    },
};
use ratatui::layout::Rect;

/// Columns of a cell's word.
pub(super) const WORD: u16 = 8;
/// Columns of a latency: four digits and the unit.
const LATENCY: u16 = 6;
pub(super) fn draw(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    columns: &Columns,
    row: &Row,
    kind: ServiceKind,
) {
    let (health, at) = (&row.health[kind], columns.cell_at(kind));
    let verdict = verdict(kind, row);
    let cell = Rect {
        width: (at + columns.cell.saturating_sub(1)).min(area.width),
        ..area
    };
    let theme = &canvas.look.theme;
    let is_marked = model
        .fleet
        .marks
        .contains(&ServiceId::new(&row.project.name, kind));
    if is_marked {
        let sign = canvas.look.glyphs.mark();
        canvas.put(
            cell,
            at.saturating_sub(1),
            y,
            sign,
            canvas.style(Role::Accent),
        );
    }
    let (sign, said) = (theme.verdict(verdict), theme.verdict_word(verdict));
    canvas.put(cell, at, y, canvas.look.glyphs.verdict(verdict), sign);
    if health.drift || row.drift(kind).is_some() {
        let style = canvas.style(Role::Warn);
        canvas.put(cell, at + 1, y, canvas.look.glyphs.drift(), style);
    }
    let room = columns.cell.saturating_sub(3);
    let (text, is_number) = word(row, kind, verdict);
    let text = text::cut(&text, usize::from(room));
    if is_number {
        canvas.put_right(cell, at + 2 + room.min(LATENCY), y, &text, said);
    } else {
        canvas.put(cell, at + 2, y, &text, said);
    }
    let long = width(&text) > WORD;
    if columns.strip > 0 && !long && verdict != Verdict::Stopped {
        draw_strip(canvas, cell, at + 2 + WORD + 1, y, columns.strip, health);
    }
    canvas.hit(
        area,
        at,
        y,
        columns.cell,
        Hit::Cell(row.project.name.clone(), Some(kind)),
    );
}

/// The word of a cell, and whether it is a number.
fn word(row: &Row, kind: ServiceKind, verdict: Verdict) -> (String, bool) {
    let health = &row.health[kind];
    let latency = health
        .latency
        .map(|took| format!("{}ms", took.as_millis().min(9999)));
    match verdict {
        Verdict::Ok => latency.map_or_else(|| ("ok".to_owned(), false), |text| (text, true)),
        Verdict::Slow if health.failures > 0 => (format!("{} missed", health.failures), false),
        Verdict::Slow => latency.map_or_else(|| ("slow".to_owned(), false), |text| (text, true)),
        Verdict::Starting if health.state == State::Starting => ("starting".to_owned(), false),
        Verdict::Starting => ("waits".to_owned(), false),
        Verdict::Down => (down_word(health), false),
        Verdict::Loop if health.oom_killed => ("oom loop".to_owned(), false),
        Verdict::Loop if health.state == State::Restarting => ("restarts".to_owned(), false),
        Verdict::Loop => (format!("loop {}x", health.restarts), false),
        Verdict::Blocked => {
            let cause = cause::blocked_by(kind, &row.health);
            (
                cause.map_or("blocked", ServiceKind::as_str).to_owned(),
                false,
            )
        }
        Verdict::Stale if health.since.is_none() => ("unknown".to_owned(), false),
        Verdict::Stale => ("stale".to_owned(), false),
        Verdict::Stopped => ("stopped".to_owned(), false),
        Verdict::Unchecked => (Verdict::Unchecked.word().to_owned(), false),
        Verdict::Absent => (Verdict::Absent.word().to_owned(), false),
        Verdict::Unseen => (String::new(), false),
    }
}

fn down_word(health: &Health) -> String {
    match (health.state, health.exit_code) {
        _ if health.oom_killed => "oom".to_owned(),
        (State::Missing, _) => "missing".to_owned(),
        (State::Stopped, Some(0) | None) => "stopped".to_owned(),
        (State::Stopped, Some(code)) => format!("exit {code}"),
        _ => "down".to_owned(),
    }
}

/// The last checks, the newest on the right.
fn draw_strip(canvas: &mut Canvas<'_>, area: Rect, x: u16, y: u16, wide: u16, health: &Health) {
    use crate::domain::health::Tick;
    let skip = health.history.len().saturating_sub(usize::from(wide));
    let shown = u16::try_from(health.history.len() - skip).unwrap_or(wide);
    let mut x = x + wide.saturating_sub(shown);
    for tick in health.history.iter().skip(skip) {
        let role = match tick {
            Tick::Ok(_) => Role::Faint,
            Tick::Slow(_) => Role::Warn,
            Tick::Failed => Role::Bad,
        };
        let sign = canvas.look.glyphs.tick(*tick);
        x = canvas.put(area, x, y, sign, canvas.style(role));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_well_is_stopped_and_what_did_not_tells_its_code() {
        for (code, word) in [(None, "stopped"), (Some(0), "stopped"), (Some(3), "exit 3")] {
            let health = Health {
                state: State::Stopped,
                exit_code: code,
                ..Health::default()
            };
            assert_eq!(down_word(&health), word);
        }
    }
}
