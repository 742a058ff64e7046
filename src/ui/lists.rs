//! Lists over the screen: help, palette, menu, operations.

use super::{
    canvas::{Canvas, width},
    fleet::sign_of,
    footer::progress,
    limits::draw_text_field,
    theme::Role,
};
use crate::{
    app::{
        Action, Hit, Model,
        fleet::Verdict,
        keymap::Mode,
        overlay::{again::Ways, menu::Menu, palette::Palette},
        text,
    },
    domain::ServiceKind,
    hub::{Job, JobState},
};
use ratatui::layout::Rect;
use std::collections::BTreeSet;

/// Where a list begins so that `index` is among its `rows` visible ones.
pub(super) fn first_visible(index: usize, rows: u16) -> usize {
    (index + 1).saturating_sub(usize::from(rows))
}

pub(super) fn draw_help(
    model: &Model,
    mode: Mode,
    top: usize,
    canvas: &mut Canvas<'_>,
    area: Rect,
) {
    let rows = model.help(mode);
    let what = match mode {
        Mode::List => "Keys in the list",
        Mode::Text => "Keys in a pane",
        Mode::Pick => "Keys with a line of the log chosen",
        Mode::Log => "Keys in the log",
        Mode::Limits => "Keys in the limits editor",
        Mode::Menu | Mode::Field | Mode::Query | Mode::Dialog => "Keys",
    };
    let height = u16::try_from(rows.len() + 3)
        .unwrap_or(u16::MAX)
        .min(area.height.saturating_sub(2));
    let place = canvas.dialog(area, area.width.saturating_sub(4).min(84), height, what);
    let widest = rows.iter().map(|(keys, _)| width(keys)).max().unwrap_or(0);
    let column = (widest + 3).min(place.width / 2);
    let room = place.height.saturating_sub(1);
    let top = top.min(rows.len().saturating_sub(usize::from(room)));
    for (y, (keys, help)) in (0..room).zip(rows.iter().skip(top)) {
        canvas.put(place, 1, y, keys, canvas.style(Role::Accent));
        canvas.put(place, column, y, help, canvas.style(Role::Text));
    }
    let last = (top + usize::from(room)).min(rows.len());
    let more = if usize::from(room) < rows.len() {
        format!("{}–{last} of {}, more with j and k.  ", top + 1, rows.len())
    } else {
        String::new()
    };
    let end = format!("{more}Everything else is in the palette ( : ).  Esc closes.");
    canvas.put(place, 1, room, &end, canvas.style(Role::Dim));
}

pub(super) fn draw_palette(palette: &Palette, canvas: &mut Canvas<'_>, area: Rect) {
    let height = area.height.saturating_sub(4).clamp(4, 20);
    let place = canvas.dialog(
        area,
        area.width.saturating_sub(4).min(84),
        height,
        "Command",
    );
    let x = canvas.put(place, 1, 0, ":", canvas.style(Role::Accent));
    let spot = Rect {
        x: place.x + x,
        width: place.width.saturating_sub(x + 1),
        height: place.height.min(1),
        ..place
    };
    draw_text_field(canvas, &palette.field, spot, canvas.style(Role::Text), true);
    if palette.found.is_empty() {
        canvas.put(
            place,
            1,
            1,
            "Nothing has these letters.",
            canvas.style(Role::Faint),
        );
    }
    let rows = place.height.saturating_sub(1);
    let first = first_visible(palette.index, rows);
    let longest = palette.found.iter().map(|entry| width(&entry.name)).max();
    let column = longest.unwrap_or(0).clamp(12, 30) + 3;
    for (y, (n, entry)) in (1..=rows).zip(palette.found.iter().enumerate().skip(first)) {
        let name = text::cut(&entry.name, usize::from(column.saturating_sub(2)));
        canvas.put(place, 1, y, &name, canvas.style(Role::Text));
        let edge = canvas.put_right(
            place,
            place.width.saturating_sub(1),
            y,
            &entry.key,
            canvas.style(Role::Accent),
        );
        let about = text::cut(&entry.about, usize::from(edge.saturating_sub(column + 1)));
        canvas.put(place, column, y, &about, canvas.style(Role::Dim));
        finish_item(canvas, place, y, n, n == palette.index);
    }
}

/// Marks the selected item, and remembers where it is.
pub(super) fn finish_item(canvas: &mut Canvas<'_>, place: Rect, y: u16, n: usize, selected: bool) {
    if selected {
        canvas.put(
            place,
            0,
            y,
            canvas.look.glyphs.marker(),
            canvas.style(Role::Accent),
        );
        canvas.restyle(place, 0, y, place.width, canvas.style(Role::Selection));
    }
    canvas.hit(place, 0, y, place.width, Hit::Item(n));
}

pub(super) fn draw_menu(model: &Model, menu: &Menu, canvas: &mut Canvas<'_>, area: Rect) {
    let height = u16::try_from(menu.actions.len() + 2).unwrap_or(12);
    let height = height.min(area.height.saturating_sub(2));
    let sign = canvas.look.glyphs.verdict(sign_of(model, &menu.target));
    let title = format!("{sign} {}", menu.target);
    let place = canvas.dialog(area, area.width.saturating_sub(4).min(68), height, &title);
    let first = first_visible(menu.index, place.height);
    for (y, (n, action)) in (0..place.height).zip(menu.actions.iter().enumerate().skip(first)) {
        let key = model.keys.hint(Mode::List, *action).unwrap_or_default();
        canvas.put(place, 2, y, &key, canvas.style(Role::Accent));
        canvas.put(place, 6, y, action.spec().help, canvas.style(Role::Text));
        finish_item(canvas, place, y, n, n == menu.index);
    }
}

/// The ways of a restart: a word for each, and what it means.
pub(super) fn draw_ways(ways: &Ways, canvas: &mut Canvas<'_>, area: Rect) {
    let height = u16::try_from(ways.choices.len() + 3).unwrap_or(u16::MAX);
    let title = match ways.targets.as_slice() {
        [one] => format!("Restart {one}: how?"),
        all => format!("Restart {} marked: how?", all.len()),
    };
    let place = canvas.dialog(area, area.width.saturating_sub(4).min(76), height, &title);
    let rows = place.height.saturating_sub(1);
    let first = first_visible(ways.index, rows);
    for (y, (n, (_, word, help))) in (0..rows).zip(ways.choices.iter().enumerate().skip(first)) {
        canvas.put(place, 2, y, word, canvas.style(Role::Text));
        canvas.put(place, 22, y, help, canvas.style(Role::Dim));
        finish_item(canvas, place, y, n, n == ways.index);
    }
    let end = "Enter asks first, nothing is done yet   Esc close";
    canvas.put(place, 1, rows, end, canvas.style(Role::Dim));
}

/// The presets for the limits editor: what each says for the first service that is edited.
pub(super) fn draw_presets(model: &Model, index: usize, canvas: &mut Canvas<'_>, area: Rect) {
    let presets = model.presets();
    let edited = model.limits.iter().flat_map(|editor| &editor.services);
    let kinds: BTreeSet<ServiceKind> = edited.map(|id| id.kind).collect();
    let height = u16::try_from(presets.len() + 3).unwrap_or(u16::MAX);
    let height = height.min(area.height.saturating_sub(2));
    let wide = area.width.saturating_sub(4).min(76);
    let place = canvas.dialog(area, wide, height, "Limits: presets");
    let rows = place.height.saturating_sub(1);
    let first = first_visible(index, rows);
    for (y, (n, preset)) in (0..rows).zip(presets.iter().enumerate().skip(first)) {
        canvas.put(place, 2, y, &preset.name, canvas.style(Role::Text));
        let words = match kinds.first() {
            Some(kind) if kinds.len() == 1 => preset.words(*kind),
            _ => "each service its own".to_owned(),
        };
        canvas.put(place, 20, y, &words, canvas.style(Role::Dim));
        finish_item(canvas, place, y, n, n == index);
    }
    let end = "Enter puts it into the fields, nothing is sent yet   Esc close";
    canvas.put(place, 1, rows, end, canvas.style(Role::Dim));
}

pub(super) fn draw_jobs(model: &Model, index: usize, canvas: &mut Canvas<'_>, area: Rect) {
    let jobs: Vec<&Job> = model.known.jobs.values().rev().collect();
    let height = u16::try_from(jobs.len().max(1) + 3).unwrap_or(u16::MAX);
    let height = height.min(area.height.saturating_sub(4));
    let place = canvas.dialog(area, area.width.saturating_sub(4), height, "Operations");
    if jobs.is_empty() {
        canvas.put(
            place,
            1,
            0,
            "Nothing was done yet.",
            canvas.style(Role::Dim),
        );
    }
    let rows = place.height.saturating_sub(1);
    let first = first_visible(index, rows);
    for (y, (n, job)) in (0..rows).zip(jobs.iter().enumerate().skip(first)) {
        draw_job(model, canvas, place, y, job);
        finish_item(canvas, place, y, n, n == index);
    }
    let key = model
        .keys
        .hint(Mode::Menu, Action::Cancel)
        .unwrap_or_default();
    let end = format!("{key} cancel   Enter go there   Esc close");
    canvas.put(place, 1, rows, &end, canvas.style(Role::Dim));
}

fn draw_job(model: &Model, canvas: &mut Canvas<'_>, place: Rect, y: u16, job: &Job) {
    let glyphs = canvas.look.glyphs;
    let (sign, text, role) = match &job.state {
        JobState::Waiting | JobState::Running => {
            let (sign, text) = progress(model, canvas, job);
            (sign, text, Role::Wait)
        }
        JobState::Done(text) => (glyphs.verdict(Verdict::Ok), text.to_string(), Role::Good),
        JobState::Failed(failure) => (
            glyphs.verdict(Verdict::Down),
            failure.message.to_string(),
            Role::Bad,
        ),
        JobState::Cancelled => (
            glyphs.verdict(Verdict::Stopped),
            match job.progress.text.as_str() {
                "" => "cancelled".to_owned(),
                why => why.to_owned(),
            },
            Role::Faint,
        ),
    };
    let time = job
        .asked
        .to_zoned(model.settings.zone.clone())
        .strftime("%H:%M:%S")
        .to_string();
    let x = canvas.put(place, 2, y, &time, canvas.style(Role::Faint)) + 1;
    let x = canvas.put(place, x, y, sign, canvas.style(role)) + 1;
    let what = format!("{} {}", job.did, job.target);
    let x = canvas.put(place, x, y, &format!("{what:24}"), canvas.style(Role::Text)) + 1;
    let room = usize::from(place.width.saturating_sub(x + 1));
    canvas.put(place, x, y, &text::cut(&text, room), canvas.style(role));
}
