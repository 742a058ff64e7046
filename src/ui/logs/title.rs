//! The title of the log pane: following or not, how many lines, what hides them, what is searched for.

use super::sign_of;
use crate::{
    app::{
        Action, Hit, Model,
        keymap::Mode,
        logs::{LogPane, Place, Reach, reach::CHOICES, rows::Rows},
        text::{cut, grouped},
    },
    domain::log::Level,
    ui::{
        canvas::{Canvas, width},
        theme::Role,
    },
};
use ratatui::layout::Rect;

/// Columns below which a part of the title says nothing.
const PART_MIN: u16 = 6;
/// Columns from which all choices stand in the title, whatever else does.
const WIDE: u16 = 100;
/// Columns of a query's text in the title.
const CHIP_MAX: usize = 16;

/// `LIVE ● 12,340 lines` or `PAUSED +482 new`, and how lines are shown.
pub(in crate::ui) fn draw_status(model: &Model, canvas: &mut Canvas<'_>, area: Rect, x: u16) {
    let logs = &model.logs;
    let (word, role) = match logs.place {
        Place::Live if logs.reach.ends() => (" END ".to_owned(), Role::Warn),
        Place::Live => (" LIVE ".to_owned(), Role::Good),
        Place::Paused { fresh, .. } => (format!(" PAUSED +{} new ", grouped(fresh)), Role::Warn),
    };
    let x = canvas.put(area, x + 1, 0, &word, canvas.style(role));
    let reach = logs.reach.words(&model.settings.zone);
    let mut parts: Vec<_> = reach
        .map(|words| (words, Role::Accent))
        .into_iter()
        .collect();
    parts.extend((logs.guard.is_open()).then(|| ("secrets shown".to_owned(), Role::Bad)));
    parts.push((lines(logs), Role::Dim));
    if logs.buffer.is_looking_back() {
        parts.push(("older lines are on their way".to_owned(), Role::Dim));
    }
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

/// `[0 tail]1 head 2 1m …`: the parts of a log that can be asked for; gives the column where they begin. Where the title
/// needs the room, only the one that is shown.
pub(in crate::ui) fn draw_choices(model: &Model, canvas: &mut Canvas<'_>, area: Rect) -> u16 {
    let word = |action: Action| {
        let key = model.keys.hint(Mode::Log, action).unwrap_or_default();
        format!("{key} {}", action.spec().hint)
    };
    let sieve = model.logs.buffer.sieve();
    let busy = sieve.query.is_some() || !sieve.shows_all();
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
    ways.extend(logs.has_range().then(|| "range".to_owned()));
    ways.extend(logs.wrap.then(|| "wrap".to_owned()));
    ways.extend(logs.shape.word().map(str::to_owned));
    ways.extend(logs.stamps.word().map(str::to_owned));
    ways.extend((logs.shift > 0).then(|| format!("column {}", logs.shift + 1)));
    ways
}
