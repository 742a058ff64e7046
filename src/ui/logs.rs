//! The log pane: only the visible rows are laid out.

mod title;

pub(super) use title::draw_status;

use super::{ansi, canvas::Canvas, theme::Role};
use crate::{
    app::{
        Action, Model,
        keymap::Mode,
        logs::{Stamps, padded, stamp},
        ring::{Content, Entry},
        text::{columns, grouped},
    },
    domain::{
        LogLine, LogStream,
        log::{Level, Part},
    },
};
use jiff::tz::TimeZone;
use ratatui::{
    layout::Rect,
    style::{Modifier, Style},
};
use title::lines;

/// The letter and the colour of a level that deserves one.
const fn sign_of(level: Level) -> Option<(&'static str, Role)> {
    match level {
        Level::Error => Some(("E", Role::Bad)),
        Level::Warning => Some(("W", Role::Warn)),
        Level::Info | Level::Debug | Level::Trace => None,
    }
}

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let logs = &model.logs;
    if logs.ring.is_empty() {
        let text = if logs.follow.is_some() {
            "No lines yet."
        } else {
            "Opening the log"
        };
        canvas.put(area, 2, 0, text, canvas.style(Role::Faint));
        return;
    }
    if logs.sieve.shown().is_some() && logs.sieve.shown_lines() == 0 {
        draw_nothing(model, canvas, area);
        return;
    }
    let (mut index, mut skip) = logs.top();
    let mut y = 0;
    if index == 0 && skip == 0 && logs.ring.dropped() > 0 {
        draw_dropped(model, canvas, area);
        y = 1;
    }
    while let Some(entry) = logs.shown(index).filter(|_| y < area.height) {
        let rows = logs.rows_of(entry).saturating_sub(skip);
        match &entry.content {
            Content::Notice(text) => {
                draw_notice(canvas, area, y, &format!("{}: {text}", entry.kind));
            }
            Content::Line(line) => draw_line(model, canvas, area, y, entry, line, skip),
        }
        y = y.saturating_add(u16::try_from(rows).unwrap_or(u16::MAX));
        (index, skip) = (index + 1, 0);
    }
}

/// A filter that hides everything says so, and the way out.
fn draw_nothing(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let key = model
        .keys
        .hint(Mode::Text, Action::Back)
        .unwrap_or_default();
    let text = match model.logs.sieve.is_done() {
        true => format!("{}. {key} shows all.", lines(&model.logs)),
        false => format!("Looking: {}", lines(&model.logs)),
    };
    canvas.put(area, 2, 0, &text, canvas.style(Role::Faint));
}

fn draw_dropped(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let ring = &model.logs.ring;
    let (dot, bytes) = (
        canvas.look.glyphs.dot(),
        crate::domain::Bytes(ring.bytes_max() as u64),
    );
    let lines = grouped(ring.dropped());
    let text = format!("{dot} {lines} lines dropped (buffer {bytes}) {dot}");
    canvas.put(area, 1, 0, &text, canvas.style(Role::Warn));
}

fn draw_notice(canvas: &mut Canvas<'_>, area: Rect, y: u16, text: &str) {
    canvas.rule(area, y);
    canvas.put(area, 2, y, &format!(" {text} "), canvas.style(Role::Accent));
}

fn draw_line(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    entry: &Entry,
    line: &LogLine,
    skip: usize,
) {
    let logs = &model.logs;
    if skip == 0 {
        draw_prefix(model, canvas, area, y, entry, line.stream);
    }
    let at = u16::try_from(logs.prefix()).unwrap_or(u16::MAX);
    let space = Rect {
        width: area.width.saturating_sub(1),
        ..area
    };
    let (wide, left) = (logs.text_width(), if logs.wrap { 0 } else { logs.shift });
    let rows = if logs.wrap {
        skip..skip + usize::from(area.height - y)
    } else {
        0..1
    };
    let wrap = if logs.wrap { wide } else { usize::MAX };
    let base = canvas.style(Role::Text);
    let depth = canvas.look.theme.depth();
    let text = line.text.as_str();
    for bit in ansi::lay_out(text, wrap, rows.clone(), left..left + wide, depth) {
        let x = at.saturating_add(u16::try_from(bit.col - left).unwrap_or(u16::MAX));
        let row = y.saturating_add(u16::try_from(bit.row - skip).unwrap_or(u16::MAX));
        canvas.put(space, x, row, &bit.text, base.patch(bit.style));
    }
    if let Some(query) = logs.sieve.highlighted() {
        let style = matched(canvas, logs.current == Some(entry.key));
        let spans = query.spans(&line.text);
        for (row, col, columns) in ansi::cells(text, wrap, rows, left..left + wide, &spans) {
            let x = at.saturating_add(u16::try_from(col - left).unwrap_or(u16::MAX));
            let row = y.saturating_add(u16::try_from(row - skip).unwrap_or(u16::MAX));
            let columns = u16::try_from(columns).unwrap_or(u16::MAX);
            canvas.restyle(space, x, row, columns, style);
        }
    }
    if line.cut > 0 || line.part == Part::Begun {
        let end_mark = match line.cut {
            0 if canvas.look.glyphs.is_ascii() => " ...".to_owned(),
            0 => " …".to_owned(),
            bytes => format!(" {} bytes cut", grouped(u64::from(bytes))),
        };
        let end = at
            .saturating_add(u16::try_from(columns(text).saturating_sub(left)).unwrap_or(u16::MAX));
        let edge = area
            .width
            .saturating_sub(super::canvas::width(&end_mark) + 1);
        canvas.put(area, end.min(edge), y, &end_mark, canvas.style(Role::Warn));
    } else if !logs.wrap && columns_beyond(text, left + wide) {
        let more = if canvas.look.glyphs.is_ascii() {
            ">"
        } else {
            "›"
        };
        canvas.put(
            area,
            area.width.saturating_sub(1),
            y,
            more,
            canvas.style(Role::Faint),
        );
    }
}

/// What matches is reversed; where the reader stands, it is bold and underlined as well.
fn matched(canvas: &Canvas<'_>, here: bool) -> Style {
    let role = if here { Role::Warn } else { Role::Accent };
    let style = canvas.style(role).add_modifier(Modifier::REVERSED);
    if here {
        style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
    } else {
        style
    }
}

/// True if the text goes on after that many columns; looks no farther than needed for plain text.
fn columns_beyond(text: &str, limit: usize) -> bool {
    text.len() > limit && columns(text) > limit
}

fn draw_prefix(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    entry: &Entry,
    stream: LogStream,
) {
    let logs = &model.logs;
    let zone = match logs.stamps {
        Stamps::Local => Some(model.settings.zone.clone()),
        Stamps::Utc => Some(TimeZone::UTC),
        Stamps::Off => None,
    };
    let belongs = entry.belongs;
    if let Some((sign, role)) = belongs.level.filter(|_| belongs.first).and_then(sign_of) {
        canvas.put(area, 0, y, sign, canvas.style(role));
    }
    let mut x = 2;
    if let Some(zone) = zone {
        let text = format!("{} ", stamp(entry.at, &zone));
        x = canvas.put(area, x, y, &text, canvas.style(Role::Faint));
    }
    if logs.is_merged() {
        let style = canvas.look.theme.service(entry.kind);
        x = canvas.put(area, x, y, &padded(entry.kind), style);
    }
    let (sign, style): (&str, Style) = match stream {
        LogStream::Out => (" ", Style::new()),
        LogStream::Err => (canvas.look.glyphs.stderr(), canvas.style(Role::Warn)),
    };
    canvas.put(area, x, y, sign, style);
}
