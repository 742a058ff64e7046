//! The Stats pane: what a service uses, beside its limits and over time; or the four of a project side by side.

mod project;

use super::{canvas::Canvas, gauge, theme::Role};
use crate::{
    app::{
        Model,
        known::Row,
        stats::{self, Gauge},
        text,
    },
    domain::{ServiceKind, Share, units::long_age, usage::TIGHT},
};
use ratatui::layout::Rect;

/// Where figures begin, and how wide a row of them is.
const LEFT: u16 = 1;
const FIGURES: u16 = 50;
/// A chart narrower than this says nothing.
const CHART_MIN: u16 = 8;
/// Rows of one chart at most.
const CHART_ROWS: u16 = 6;

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let row = model.fleet.project.as_ref();
    let Some(row) = row.and_then(|name| model.known.rows.get(name)) else {
        return;
    };
    match model.fleet.column {
        Some(kind) => draw_service(model, row, kind, canvas, area),
        None => project::draw(model, row, canvas, area),
    }
}

fn draw_service(model: &Model, row: &Row, kind: ServiceKind, canvas: &mut Canvas<'_>, area: Rect) {
    let top = match row.usage[kind] {
        Some(_) => draw_findings(canvas, area, 0, &stats::findings(row, kind)),
        None => draw_unknown(row, kind, canvas, area),
    };
    if top + 1 >= area.height {
        return;
    }
    draw_heads(model, row, kind, canvas, area, top);
    let room = area.height - top - 1;
    let each = (room / 5).clamp(1, CHART_ROWS);
    for (n, gauge) in (0..).zip(Gauge::ALL) {
        let y = top + 1 + n * each;
        if y < area.height {
            draw_gauge(
                row,
                kind,
                gauge,
                canvas,
                area,
                (y, each.min(area.height - y)),
            );
        }
    }
}

/// What the figures mean, each in a row; gives the row after them.
fn draw_findings(canvas: &mut Canvas<'_>, area: Rect, y: u16, findings: &[String]) -> u16 {
    let sign = canvas.look.glyphs.verdict(crate::app::fleet::Verdict::Slow);
    let mut y = y;
    for words in findings {
        let text = format!("{sign} {words}");
        let text = text::cut(&text, usize::from(area.width.saturating_sub(LEFT)));
        canvas.put(area, LEFT, y, &text, canvas.style(Role::Warn));
        y += 1;
    }
    y
}

fn draw_unknown(row: &Row, kind: ServiceKind, canvas: &mut Canvas<'_>, area: Rect) -> u16 {
    let text = match row.health[kind].state.is_up() {
        true => "What it uses is not known yet: the first figures take a few seconds.",
        false => "It does not run, so it uses nothing.",
    };
    canvas.put(area, LEFT, 0, text, canvas.style(Role::Dim));
    1
}

fn draw_heads(
    model: &Model,
    row: &Row,
    kind: ServiceKind,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
) {
    let head = format!(
        "{:10}{:>11}{:>10}{:>7}{:>11}",
        "", "now", "limit", "used", "peak"
    );
    let style = canvas.style(Role::Faint);
    canvas.put(area, LEFT, y, &head, style);
    if let Some((begins, chart)) = row.used[kind].begins().zip(chart_beside(area)) {
        let text = format!("last {}", long_age(begins, model.now));
        canvas.put_right(chart, chart.width, y, &text, style);
    }
}

/// Where charts are, if there is room for them.
fn chart_beside(area: Rect) -> Option<Rect> {
    let left = LEFT + FIGURES + 1;
    let chart = Rect {
        x: area.x + left,
        width: area.width.saturating_sub(left + 1),
        ..area
    };
    (chart.width >= CHART_MIN).then_some(chart)
}

fn draw_gauge(
    row: &Row,
    kind: ServiceKind,
    gauge: Gauge,
    canvas: &mut Canvas<'_>,
    area: Rect,
    (y, rows): (u16, u16),
) {
    let usage = row.usage[kind];
    let none = || canvas.look.glyphs.none().to_owned();
    let (now, limit, peak) = (
        gauge.now(usage),
        gauge.limit(row, kind),
        gauge.peak(row, kind),
    );
    let words = |value: Option<u64>| value.map_or_else(none, |value| gauge.words(value));
    let share = now.zip(limit).map(|(now, limit)| Share::of(now, limit));
    let figures = match gauge.both_ways(usage) {
        Some(ways) => format!("{ways:>28}"),
        None => {
            let used = share.map_or_else(String::new, |share| share.to_string());
            format!("{:>11}{:>10}{used:>7}", words(now), words(limit))
        }
    };
    let is_tight = share.is_some_and(|share| share >= TIGHT);
    let role = if is_tight { Role::Warn } else { Role::Text };
    let title = format!("{:10}", gauge.title());
    let x = canvas.put(area, LEFT, y, &title, canvas.style(Role::Dim));
    let x = canvas.put(area, x, y, &figures, canvas.style(role));
    let peak_text = format!("{:>11}", words(peak));
    canvas.put(area, x, y, &peak_text, canvas.style(Role::Text));
    if let Some(chart) = chart_beside(area) {
        let points = row.used[kind].last(usize::from(chart.width));
        let values = points.map(|point| gauge.of(point));
        // What is drawn full is the limit, or the highest where there is none; of a limit that is far away nothing could be seen.
        let top = limit.unwrap_or_default().max(peak.unwrap_or_default());
        let top = if limit.is_some_and(|limit| peak.unwrap_or(0) < limit / 8) {
            peak.unwrap_or_default().saturating_mul(2)
        } else {
            top
        };
        // A blank row keeps high charts apart.
        let high = if rows > 2 { rows - 1 } else { rows };
        gauge::chart(canvas, chart, (y, high), values, top, Role::Accent);
    }
}
