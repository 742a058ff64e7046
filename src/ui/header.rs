//! The first row: where, how the engine is, how many services are in which state, the time; and what is wrong below it.

use super::{
    canvas::{Canvas, width},
    theme::Role,
};
use crate::{
    app::{
        Model,
        fleet::{Sort, Verdict, totals},
        text,
    },
    hub::EngineState,
};
use ratatui::layout::Rect;

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let clock = canvas.put_right(
        area,
        area.width.saturating_sub(1),
        0,
        &model.clock(),
        canvas.style(Role::Dim),
    );
    let area = Rect {
        width: clock.saturating_sub(1),
        ..area
    };
    let x = canvas.put(area, 1, 0, "cchub", canvas.style(Role::Accent));
    let x = draw_engine(model, canvas, area, x + 2);
    let x = draw_count(model, canvas, area, x);
    draw_totals(model, canvas, area, x);
}

fn draw_engine(model: &Model, canvas: &mut Canvas<'_>, area: Rect, x: u16) -> u16 {
    let host = match model.settings.demo {
        true => "DEMO".to_owned(),
        false => model.known.host(),
    };
    let host = text::cut(&host, usize::from(area.width / 3).max(8));
    let x = canvas.put(area, x, 0, &host, canvas.style(Role::Text)) + 1;
    let (verdict, word) = match model.known.engine.as_ref().map(|(state, _)| state) {
        None | Some(EngineState::Connecting { .. }) => (Verdict::Starting, "connecting".to_owned()),
        Some(EngineState::Lost { .. }) => (Verdict::Down, "no engine".to_owned()),
        Some(EngineState::Live { .. }) => (
            Verdict::Ok,
            format!("{}ms", model.known.rtt.as_millis().max(1)),
        ),
    };
    let theme = &canvas.look.theme;
    let (sign, said) = (theme.verdict(verdict), theme.verdict_word(verdict));
    let x = canvas.put(area, x, 0, canvas.look.glyphs.verdict(verdict), sign) + 1;
    // As wide as four digits: the rest of the row does not move with every ping.
    canvas.put(area, x, 0, &format!("{word:6}"), said) + 2
}

fn draw_count(model: &Model, canvas: &mut Canvas<'_>, area: Rect, x: u16) -> u16 {
    let all = model.known.rows.len();
    let (shown, fleet) = (model.fleet.shown.len(), &model.fleet);
    let noun = if area.width < 90 { "proj" } else { "projects" };
    let count = match all {
        0 if model.known.projects_read => "no projects yet".to_owned(),
        0 => return x,
        1 if !fleet.is_filtered() => "1 project".to_owned(),
        _ if fleet.is_filtered() => format!("{shown} of {all} {noun}"),
        _ => format!("{all} {noun}"),
    };
    let mut x = canvas.put(area, x, 0, &count, canvas.style(Role::Text));
    let mut marks = Vec::new();
    marks.extend((!fleet.filter.is_empty()).then(|| format!("/{}", fleet.filter)));
    marks.extend(fleet.problems.then(|| "!".to_owned()));
    let by_state = fleet.sort == Sort::State && !fleet.problems && all > 0;
    let word = if fleet.reversed {
        "worst last"
    } else {
        "worst first"
    };
    marks.extend(by_state.then(|| word.to_owned()));
    marks.extend(marked(model, canvas, area.width));
    marks.extend(model.settings.read_only.then(|| "read-only".to_owned()));
    for mark in marks {
        x = canvas.put(area, x + 1, 0, &mark, canvas.style(Role::Accent));
    }
    x + 2
}

/// `◆ 5 marked`, or the sign and the number where there is little room.
fn marked(model: &Model, canvas: &Canvas<'_>, room: u16) -> Option<String> {
    let (count, sign) = (model.fleet.marks.len(), canvas.look.glyphs.mark());
    let text = match room {
        0..90 => format!("{sign}{count}"),
        _ => format!("{sign} {count} marked"),
    };
    (count > 0).then_some(text)
}

/// Healthy first, then the worst: with words where they all fit, else with signs alone.
fn draw_totals(model: &Model, canvas: &mut Canvas<'_>, area: Rect, x: u16) {
    let mut totals = totals(&model.known);
    totals.sort_by_key(|(verdict, _)| (*verdict != Verdict::Ok, *verdict));
    let sign = |verdict| canvas.look.glyphs.verdict(verdict);
    let long: Vec<String> = totals
        .iter()
        .map(|(verdict, n)| format!("{} {n} {}  ", sign(*verdict), verdict.word()))
        .collect();
    let short: Vec<String> = totals
        .iter()
        .map(|(verdict, n)| format!("{} {n}  ", sign(*verdict)))
        .collect();
    let fits = x + long.iter().map(|word| width(word)).sum::<u16>() <= area.width + 2;
    let mut x = x;
    for ((verdict, _), word) in totals.iter().zip(if fits { long } else { short }) {
        if x + width(word.trim_end()) > area.width {
            break;
        }
        x = canvas.put(area, x, 0, &word, canvas.look.theme.verdict(*verdict));
    }
}

/// What is wrong with the engine or the hub file: the fact first, then the mend.
pub(super) fn draw_banner(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    for (y, line) in (0..area.height).zip(model.banner()) {
        let role = if y == 0 { Role::Bad } else { Role::Text };
        canvas.put(area, 1, y, &line, canvas.style(role));
    }
}
