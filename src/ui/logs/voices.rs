//! The services of a merged log with their counts: in the title, as long as there is room, and as a list.

use super::{
    sign_of,
    title::{Part, Word},
};
use crate::{
    app::{
        Action, Hit, Model,
        keymap::Mode,
        logs::{Lane, rows::Rows},
        text::grouped,
    },
    domain::{ServiceId, log::Level},
    ui::{
        canvas::{Canvas, width},
        lists::{finish_item, first_visible},
        theme::Role,
    },
};
use ratatui::layout::Rect;

/// Columns of a name in the list.
const NAME_MAX: u16 = 26;

/// The services as one part of the title: with their names, with letters, or only the sums, whatever fits into `room`.
pub(super) fn part(model: &Model, canvas: &Canvas<'_>, room: u16) -> Part {
    let logs = &model.logs;
    let mut forms: Vec<fn(&Model, &ServiceId) -> String> = vec![|model, id| model.logs.name_of(id)];
    if logs.is_of_one_project() {
        forms.push(|_, id| id.kind.as_str().chars().take(1).collect());
    }
    let parts = forms.into_iter().filter(|_| logs.is_merged());
    let mut parts = parts.map(|form| voices(model, canvas, form));
    let fitting = parts.find(|part| part.width() <= room);
    fitting.unwrap_or_else(|| sums(model, canvas))
}

/// `postgres  (redis)  backend E3 W12  frontend`.
fn voices(model: &Model, canvas: &Canvas<'_>, form: fn(&Model, &ServiceId) -> String) -> Part {
    let mut words = Vec::new();
    for lane in model.logs.buffer.lanes() {
        if !words.is_empty() {
            words.push(Word::plain("  ", canvas.style(Role::Dim)));
        }
        let name = form(model, &lane.service);
        words.push(Word {
            text: named(&name, lane.muted),
            style: style_of(canvas, lane),
            hit: Some(Hit::Solo(lane.service.clone())),
        });
        let counts = counts(lane.rows().errors(), lane.rows().warnings());
        words.extend(counts.map(|(text, role)| Word {
            text: format!(" {text}"),
            style: canvas.style(if lane.muted { Role::Faint } else { role }),
            hit: Some(Hit::Mute(lane.service.clone())),
        }));
    }
    Part(words)
}

/// A muted service stands in brackets.
fn named(name: &str, muted: bool) -> String {
    match muted {
        true => format!("({name})"),
        false => name.to_owned(),
    }
}

fn style_of(canvas: &Canvas<'_>, lane: &Lane) -> ratatui::style::Style {
    match lane.muted {
        true => canvas.style(Role::Faint),
        false => canvas.look.theme.service(lane.service.kind),
    }
}

/// `E3 W12` of all that is heard, and how many are not.
fn sums(model: &Model, canvas: &Canvas<'_>) -> Part {
    let logs = &model.logs;
    let sum = |count: fn(&Rows) -> usize| logs.buffer.heard().map(|l| count(l.rows())).sum();
    let hit = logs.is_merged().then_some(Hit::Action(Action::Services));
    let muted = logs.muted_count();
    let muted = (muted > 0).then(|| (format!("{muted} muted"), Role::Dim));
    let mut words = Vec::new();
    for (text, role) in counts(sum(Rows::errors), sum(Rows::warnings)).chain(muted) {
        let gap = if words.is_empty() { "" } else { " " };
        words.push(Word {
            text: format!("{gap}{text}"),
            style: canvas.style(role),
            hit: hit.clone(),
        });
    }
    Part(words)
}

/// `E3`, `W12`: what is not zero.
fn counts(errors: usize, warnings: usize) -> impl Iterator<Item = (String, Role)> {
    let counts = [(Level::Error, errors), (Level::Warning, warnings)];
    let some = counts.into_iter().filter(|(_, count)| *count > 0);
    some.filter_map(|(level, count)| {
        let (sign, role) = sign_of(level)?;
        Some((format!("{sign}{}", grouped(count as u64)), role))
    })
}

/// The list where services are muted and seen alone.
pub(in crate::ui) fn draw_services(
    model: &Model,
    index: usize,
    canvas: &mut Canvas<'_>,
    area: Rect,
) {
    let lanes = model.logs.buffer.lanes();
    let height = u16::try_from(lanes.len() + 3).unwrap_or(u16::MAX);
    let height = height.min(area.height.saturating_sub(4));
    let wide = area.width.saturating_sub(4).min(64);
    let place = canvas.dialog(area, wide, height, "Services of this log");
    let rows = place.height.saturating_sub(1);
    let first = first_visible(index, rows);
    for (y, (n, lane)) in (0..rows).zip(lanes.iter().enumerate().skip(first)) {
        draw_service(model, canvas, place, y, lane);
        finish_item(canvas, place, y, n, n == index);
    }
    let key = |action| model.keys.hint(Mode::Menu, action).unwrap_or_default();
    let (mute, solo, back) = (key(Action::Mute), key(Action::Open), key(Action::Back));
    let end = format!("{mute} mutes   {solo} this one alone, or all   {back} closes");
    canvas.put(place, 1, rows, &end, canvas.style(Role::Dim));
}

fn draw_service(model: &Model, canvas: &mut Canvas<'_>, place: Rect, y: u16, lane: &Lane) {
    let name = named(&model.logs.name_of(&lane.service), lane.muted);
    canvas.put(place, 2, y, &name, style_of(canvas, lane));
    let mut x = 2 + width(&name).max(NAME_MAX.min(place.width / 2)) + 1;
    for (text, role) in counts(lane.rows().errors(), lane.rows().warnings()) {
        x = canvas.put(place, x, y, &text, canvas.style(role)) + 1;
    }
    let lines = grouped(lane.rows().lines() as u64);
    let word = if lane.muted { ", muted" } else { "" };
    let right = place.width.saturating_sub(1);
    let end = format!("{lines} lines{word:7}");
    canvas.put_right(place, right, y, &end, canvas.style(Role::Dim));
}
