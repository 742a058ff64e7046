//! The rule between list and pane: what the pane is about, how it stands, and which panes there are.

use super::{
    canvas::{Canvas, width},
    logs,
    theme::Role,
    timeline,
};
use crate::app::{
    Hit, Model,
    pane::{Focus, Tab},
    text,
};
use ratatui::layout::Rect;

/// Columns that the state of a log needs beside its name.
const STATUS: u16 = 24;
/// Columns around the name: a piece of the rule and a blank on each side.
const AROUND: u16 = 4;

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    canvas.rule(area, 0);
    let focused = model.focus == Focus::Pane;
    let subject = model.subject();
    // Where the log has the keys, numbers choose a part of it.
    let tabs_at = if focused && model.tab == Tab::Logs {
        logs::draw_choices(model, canvas, area)
    } else {
        draw_tabs(model, canvas, area, width(&subject))
    };
    let left = Rect {
        width: tabs_at.saturating_sub(1),
        ..area
    };
    let style = canvas.style(if focused { Role::Accent } else { Role::Text });
    let room = usize::from(left.width.saturating_sub(AROUND - 1));
    let name = format!(" {} ", text::cut(&subject, room));
    let x = canvas.put(left, 1, 0, &name, style);
    if model.tab == Tab::Logs {
        logs::draw_status(model, canvas, left, x);
    } else if model.tab == Tab::Timeline {
        timeline::draw_status(model, canvas, left, x);
    }
}

/// The names of the panes at the right end; gives the column where they begin. Where the name of what the pane is about
/// needs the room, the others have their numbers only.
fn draw_tabs(model: &Model, canvas: &mut Canvas<'_>, area: Rect, subject: u16) -> u16 {
    let status = match model.tab {
        Tab::Logs => STATUS,
        Tab::Timeline => timeline::status_width(model),
        _ => 0,
    };
    let room = area.width.saturating_sub(subject + status + AROUND);
    let mut words = words(|_| true);
    if total(&words) + 1 > room {
        words = self::words(|tab| tab == model.tab);
    }
    let begin = area.width.saturating_sub(total(&words) + 1);
    let mut x = begin;
    for (tab, word) in Tab::ALL.into_iter().zip(&words) {
        let role = if tab == model.tab {
            Role::Accent
        } else {
            Role::Faint
        };
        canvas.hit(area, x, 0, width(word), Hit::Tab(tab));
        x = canvas.put(area, x, 0, word, canvas.style(role));
    }
    begin
}

/// The tabs in words: with their names where `is_long` says so, else their numbers only.
fn words(is_long: impl Fn(Tab) -> bool) -> Vec<String> {
    let word = |tab: Tab| match is_long(tab) {
        true => format!(" {} {} ", tab.number(), tab.title()),
        false => format!(" {} ", tab.number()),
    };
    Tab::ALL.into_iter().map(word).collect()
}

fn total(words: &[String]) -> u16 {
    words.iter().map(|word| width(word)).sum()
}
