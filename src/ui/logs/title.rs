//! The title of the log pane: following or not, how many lines, what hides them, what is searched for.

use super::sign_of;
use crate::{
    app::{
        Model,
        logs::{LogPane, Place, rows::Rows},
        text::{cut, grouped},
    },
    domain::log::Level,
    ui::{canvas::Canvas, theme::Role},
};
use ratatui::layout::Rect;

/// Columns below which a part of the title says nothing.
const PART_MIN: u16 = 6;
/// Columns of a query's text in the title.
const CHIP_MAX: usize = 16;

/// `LIVE ● 12,340 lines` or `PAUSED +482 new`, and how lines are shown.
pub(in crate::ui) fn draw_status(model: &Model, canvas: &mut Canvas<'_>, area: Rect, x: u16) {
    let logs = &model.logs;
    let (word, role) = match logs.place {
        Place::Live => (" LIVE ".to_owned(), Role::Good),
        Place::Paused { fresh, .. } => (format!(" PAUSED +{} new ", grouped(fresh)), Role::Warn),
    };
    let x = canvas.put(area, x + 1, 0, &word, canvas.style(role));
    let mut parts = vec![(lines(logs), Role::Dim)];
    parts.extend(
        chips(model, canvas)
            .into_iter()
            .map(|chip| (chip, Role::Accent)),
    );
    parts.extend(counts(model));
    parts.extend(ways(model).into_iter().map(|way| (way, Role::Dim)));
    draw_parts(canvas, area, x, &parts);
}

/// How many lines there are, or how many of them the filter shows.
pub(super) fn lines(logs: &LogPane) -> String {
    let all = grouped(logs.buffer.lines() as u64);
    if logs.buffer.sieve().shows_all() {
        return format!("{all} lines");
    }
    let shown = grouped(logs.buffer.shown_lines() as u64);
    if logs.is_sifted() {
        format!("{shown} of {all} lines match")
    } else {
        format!("{shown} so far of {all} lines")
    }
}

/// What hides lines, and what is searched for: `≥ warning`, `stderr`, `&!health`, `/timeout 3/41`.
fn chips(model: &Model, canvas: &Canvas<'_>) -> Vec<String> {
    let sieve = model.logs.buffer.sieve();
    let (filter, at_least) = (&sieve.filter, canvas.look.glyphs.at_least());
    let mut chips = Vec::new();
    chips.extend(
        filter
            .level
            .map(|level| format!("{at_least} {}", level.as_str())),
    );
    chips.extend(filter.stderr.then(|| "stderr".to_owned()));
    if let Some(query) = &filter.query {
        let not = if filter.inverse { "!" } else { "" };
        chips.push(format!("&{not}{}", cut(query.text(), CHIP_MAX)));
    }
    if let Some(query) = &sieve.query {
        let text = cut(query.text(), CHIP_MAX);
        chips.push(format!("/{text} {}", found(&model.logs)));
    }
    chips
}

/// `3/41`: the match where the reader stands, and how many there are; `41 so far` while they are counted.
fn found(logs: &LogPane) -> String {
    let all = grouped(logs.buffer.found_len() as u64);
    match logs.match_number() {
        _ if !logs.is_sifted() => format!("{all} so far"),
        Some(number) => format!("{}/{all}", grouped(number as u64)),
        None => all,
    }
}

/// Parts of the title, with dots between them.
fn draw_parts(canvas: &mut Canvas<'_>, area: Rect, x: u16, parts: &[(String, Role)]) {
    let dot = format!("{} ", canvas.look.glyphs.dot());
    let mut x = x;
    for (text, role) in parts {
        if x + PART_MIN > area.width {
            break;
        }
        x = canvas.put(area, x, 0, &dot, canvas.style(Role::Dim));
        x = canvas.put(area, x, 0, &format!("{text} "), canvas.style(*role));
    }
}

/// `E 3`, `W 12`: errors and warnings among the lines that are there.
fn counts(model: &Model) -> impl Iterator<Item = (String, Role)> {
    let sum = |count: fn(&Rows) -> usize| {
        let heard = model.logs.buffer.heard();
        heard.map(|lane| count(lane.rows())).sum::<usize>()
    };
    let counts = [
        (Level::Error, sum(Rows::errors)),
        (Level::Warning, sum(Rows::warnings)),
    ];
    let some = counts.into_iter().filter(|(_, count)| *count > 0);
    some.filter_map(|(level, count)| {
        let (sign, role) = sign_of(level)?;
        Some((format!("{sign} {}", grouped(count as u64)), role))
    })
}

/// How lines are shown, where it is not as usual.
fn ways(model: &Model) -> Vec<String> {
    let logs = &model.logs;
    let mut ways = Vec::new();
    ways.extend(logs.wrap.then(|| "wrap".to_owned()));
    ways.extend(logs.shape.word().map(str::to_owned));
    ways.extend(logs.stamps.word().map(str::to_owned));
    ways.extend((logs.shift > 0).then(|| format!("column {}", logs.shift + 1)));
    ways
}
